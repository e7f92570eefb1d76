"""What holds for all tests: how they are spread over processes, and what a skip means."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

# Shells start what runs in the background with Ctrl-C ignored, nohup with SIGHUP ignored, and every
# program that the tests start would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP"):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

# The tests start the program hundreds of times: it is compiled once, whatever this machine's habit.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# The same examples each time, so that a change is blamed for what it did; VOICEGUIDE_FUZZ looks
# for new ones.
settings.register_profile("same", derandomize=True, database=None)
if "VOICEGUIDE_FUZZ" not in os.environ:
    settings.load_profile("same")

REAL_TIME = (
    ("test_player_sound",),
    ("test_screen_terminal", "test_mpris", "test_clock", "test_player_command"),
)
"""Files whose tests mostly wait for sound that is played: each row is run by one process."""
LONG = """
    test_cli test_export test_faults test_bad_input test_player_transport test_script_hostile test_mp3
    test_data_files test_sinks_atomic test_api test_cli_library test_player_early test_sounds
    test_hostile_files test_wheel test_cover test_speech_natural test_audio_files test_network
    test_publish test_page test_web test_browser test_fuzz test_player_events
"""
"""Files that take long: they start early, lest one be left over at the end."""


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Two processes more than there are cores, since those that play sound mostly wait.

    Files that are named are few, and sooner done in this process than others are started.
    """
    named = all(".py" in word for word in config.args)
    return 0 if named else (os.cpu_count() or 1) + len(REAL_TIME)


class ByFile(LoadScopeScheduling):
    """Gives each process whole files; those of a row of `REAL_TIME` to one of them."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.split("::")[0]
        return next((row[0] for row in REAL_TIME if Path(path).stem in row), path)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByFile:
    """See `ByFile`."""
    return ByFile(config, log)


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first; all others are quick."""
    order = [*(name for row in REAL_TIME for name in row), *LONG.split()]
    for item in items:
        if item.path.stem not in order:
            item.add_marker("quick")
    items.sort(key=lambda item: order.index(item.path.stem) if item.path.stem in order else 99)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where everything is there, as on the machine of the checks, a skipped test has failed."""
    report = yield
    if report.skipped and os.environ.get("CI") == "true":
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI=true forbids: {report.longrepr[2]}"
    return report
