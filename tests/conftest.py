"""What holds for all tests."""

from __future__ import annotations

import os
import signal
from collections.abc import Generator

import pytest
from hypothesis import settings

# Shells start what runs in the background with Ctrl-C ignored, nohup with SIGHUP ignored, and every
# program that the tests start would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP"):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

# The same examples each time, so that a change is blamed for what it did; VOICEGUIDE_FUZZ looks
# for new ones.
settings.register_profile("same", derandomize=True, database=None)
if "VOICEGUIDE_FUZZ" not in os.environ:
    settings.load_profile("same")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where everything is there, as on the machine of the checks, a skipped test has failed."""
    report = yield
    if report.skipped and os.environ.get("CI") == "true":
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI=true forbids: {report.longrepr[2]}"
    return report
