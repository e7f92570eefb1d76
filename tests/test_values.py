"""Values never change: all dataclasses are frozen and slotted."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import is_dataclass

import voiceguide


def test_values_stay_as_they_are_made() -> None:
    """Every dataclass has slots and is frozen, but for three that are filled step by step."""
    modules = [
        importlib.import_module(found.name)
        for found in pkgutil.walk_packages(voiceguide.__path__, "voiceguide.")
        if not found.name.endswith("__main__")
    ]
    values = {
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type) and is_dataclass(value) and value.__module__ == module.__name__
    }
    assert len(values) > 50
    for value in values:
        assert "__slots__" in vars(value), value
        growing = value.__name__ in ("_Breath", "_Known", "_Stretch")
        assert value.__dataclass_params__.frozen is not growing, value
