"""The number to call in an emergency, for a country that the listener chose.

Nothing is guessed from a language or a clock: without a country there is no number.
"""

from __future__ import annotations

_EU = """AT Austria, BE Belgium, BG Bulgaria, CY Cyprus, CZ Czechia, DE Germany, DK Denmark, EE Estonia,
ES Spain, FI Finland, FR France, GR Greece, HR Croatia, HU Hungary, IE Ireland, IS Iceland, IT Italy,
LI Liechtenstein, LT Lithuania, LU Luxembourg, LV Latvia, MT Malta, NL Netherlands, PL Poland, PT Portugal,
RO Romania, SE Sweden, SI Slovenia, SK Slovakia"""
"""One number for all emergencies: directive (EU) 2018/1972, article 109, and the EEA."""

_OTHERS = """AR Argentina 107, AU Australia 000, BR Brazil 192, CA Canada 911, CH Switzerland 144,
CL Chile 131, CO Colombia 123, GB United Kingdom 999, HK Hong Kong 999, IL Israel 101, IN India 112,
JP Japan 119, KR South Korea 119, MX Mexico 911, NO Norway 113, NZ New Zealand 111, SG Singapore 995,
TR Turkey 112, TW Taiwan 119, US United States 911"""
"""An ambulance's, where a country has one of its own; as the health service of each names it."""


def _read() -> dict[str, tuple[str, str]]:
    found = {}
    for row in _EU.replace("\n", " ").split(", "):
        code, _, name = row.strip().partition(" ")
        found[code] = (name, "112")
    for row in _OTHERS.replace("\n", " ").split(", "):
        code, _, rest = row.strip().partition(" ")
        name, _, number = rest.rpartition(" ")
        found[code] = (name, number)
    return dict(sorted(found.items(), key=lambda entry: entry[1]))


NUMBERS: dict[str, tuple[str, str]] = _read()
"""Of each country, by its two letters of ISO 3166: its name, and the number to call."""


def number(country: str | None) -> str | None:
    """The number of a country, or None where none was chosen."""
    return NUMBERS[country][1] if country in NUMBERS else None
