"""Many jobs at once: processes of this machine, or a Dask cluster."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from importlib import import_module
from typing import Any

from voiceguide.catalogue.editions import Edition
from voiceguide.catalogue.work import Made, alone, make, versions
from voiceguide.errors import MissingError, UsageError, VoiceguideError

_AHEAD = 4
"""Jobs a worker that are given out at once; more would only fill the memory with results."""
_RETRIES = 3
_LOCAL = {
    "distributed.worker.profile.enabled": False,
    "distributed.comm.compression": None,
    "distributed.nanny.pre-spawn-environ": {
        "OMP_NUM_THREADS": 1,
        "OPENBLAS_NUM_THREADS": 1,
        "MALLOC_TRIM_THRESHOLD_": 128 << 20,
    },
}
"""Of a cluster on this machine. Dask looks at its workers' stacks, presses results that are pressed already
and gives memory back in small pieces, which together take a tenth of the time."""


def in_processes(editions: Sequence[Edition], count: int) -> Iterator[Made]:
    """Jobs by so many processes, as they are done.

    Raises:
        VoiceguideError: one can't be made, or a process died.
    """
    if len(editions) < 2:
        yield from map(make, editions)
        return
    from concurrent.futures.process import BrokenProcessPool

    context = multiprocessing.get_context("spawn")
    waiting = iter(editions)
    with ProcessPoolExecutor(min(count, len(editions)), context, alone) as pool:
        try:
            running: set[Future[Made]] = set()
            for edition in waiting:
                running.add(pool.submit(make, edition))
                if len(running) >= count * _AHEAD:
                    done, running = wait(running, return_when=FIRST_COMPLETED)
                    yield from (each.result() for each in done)
            while running:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                yield from (each.result() for each in done)
        except BrokenProcessPool as error:
            raise VoiceguideError(
                "a process that rendered sessions died; the same command continues"
            ) from error
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def on_cluster(editions: Sequence[Edition], address: str, count: int) -> Iterator[Made]:
    """Jobs by a Dask cluster, as they are done; what a lost worker had is done again by others.

    Args:
        address: of the scheduler, such as `tcp://10.0.0.5:8786`, or `local` for one of this machine.
        count: workers of a local one.

    Raises:
        MissingError: Dask is not installed.
        UsageError: nobody answers at the address, or the machines have other versions.
        VoiceguideError: a job can't be made.
    """
    try:
        dask: Any = import_module("distributed")
    except ImportError as error:
        raise MissingError(
            'a cluster needs Dask: pip install "voiceguide[cluster]"', settings=("scheduler",)
        ) from error
    local = None
    if address == "local":
        with import_module("dask").config.set(_LOCAL):
            local = dask.LocalCluster(
                n_workers=count,
                threads_per_worker=1,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",  # a free port, where a second cluster has its own
            )
    try:
        client = dask.Client(local or address, timeout="10s")
    except (OSError, ValueError, TimeoutError) as error:
        raise UsageError(f"no Dask scheduler answers at {address}") from error
    try:
        _check_versions(client)
        jobs = client.map(make, editions, key=[each.id for each in editions], retries=_RETRIES)
        for job in dask.as_completed(jobs):
            made: Made = job.result()
            job.release()
            yield made
    finally:
        client.close()
        if local is not None:
            local.close()


def _check_versions(client: Any) -> None:
    """Raises UsageError: a worker has not what this machine has."""
    mine = versions()
    for worker, theirs in client.run(versions).items():
        for name, version in mine.items():
            if theirs.get(name) != version:
                raise UsageError(
                    f"the worker {worker} has {name} {theirs.get(name)}, and this machine {version}:"
                    " install the same, or the sessions would differ"
                )
