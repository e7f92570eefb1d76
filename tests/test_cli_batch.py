"""Several exports side by side."""

from __future__ import annotations

import threading
import time

import pytest

from voiceguide.cli.batch import batch
from voiceguide.errors import UsageError


def test_results_come_in_the_order_asked_for():
    """A later call that ends sooner does not get ahead."""
    gate = threading.Event()

    def first(_):
        gate.wait(10)
        return "first"

    def second(_):
        gate.set()
        return "second"

    with batch([first, second]) as running:
        assert [running.result(0, None), running.result(1, None)] == ["first", "second"]


def test_an_error_is_raised_where_its_result_is_asked_for():
    """The others go on."""

    def bad(_):
        raise UsageError("no")

    with batch([bad, lambda _: 2]) as running:
        with pytest.raises(UsageError, match="no"):
            running.result(0, None)
        assert running.result(1, None) == 2


def test_progress_of_the_one_waited_for_is_told():
    """What is told meanwhile arrives, in the thread that waits."""
    told, heard = threading.Event(), []

    def call(tell):
        tell("writing", 1, 2)
        told.wait(10)

    def progress(*news):
        heard.append((threading.current_thread(), *news))
        told.set()

    with batch([call]) as running:
        running.result(0, progress)
    assert heard[0] == (threading.main_thread(), "writing", 1, 2)


def test_an_interrupt_ends_what_is_on_its_way_and_begins_nothing_more():
    """Each ends where it tells its progress next, with its own tidying up done."""
    started, tidied, begun = threading.Event(), [], []

    def endless(tell):
        try:
            while True:
                started.set()
                tell("writing", 0, 1)
                time.sleep(0.001)
        finally:
            tidied.append(True)

    with (
        pytest.raises(KeyboardInterrupt),
        batch([endless, endless, lambda _: begun.append(True)]),
    ):
        started.wait(10)
        raise KeyboardInterrupt
    assert tidied and not begun


def test_two_run_at_once():
    """Each waits for the other, which only ends if both are on their way."""
    meet = threading.Barrier(2, timeout=10)
    with batch([lambda _: meet.wait(), lambda tell: meet.wait()]) as running:
        assert {running.result(0, None), running.result(1, None)} == {0, 1}


def test_waiting_costs_nothing():
    """The cores belong to those that work."""
    with batch([lambda _: time.sleep(1)]) as running:
        before = time.process_time()
        running.result(0, None)
        assert time.process_time() - before < 0.1
