"""How many threads compiled loops use.

    with numlift.threads(2):
        kernel(x)                    # at most two, in this thread

Where nobody says so it is `NUMLIFT_NUM_THREADS`, else what Dask or Ray allotted to this worker, else `OMP_NUM_THREADS`,
else the processors that this process may use. Results do not depend on it.
"""

from __future__ import annotations

import sys
from typing import Any


class threads:
    """Limit the threads of compiled loops that this thread of the program runs, inside of a `with`; -1 for all."""

    def __init__(self, count: int) -> None:
        if count == 0 or count < -1:
            raise ValueError(f"`count` is a number of threads, or -1 for all processors, not {count}")
        self.count = count
        self._before: list[int] = []

    def __enter__(self) -> threads:
        from numlift import _native

        self._before.append(_native.set_num_threads(self.count))
        return self

    def __exit__(self, *_: object) -> None:
        from numlift import _native

        _native.set_num_threads(self._before.pop())


def get_num_threads() -> int:
    """Return how many threads a compiled loop may use that this thread runs."""
    from numlift import _native

    return int(_native.get_num_threads())


def allotted() -> int | None:
    """Return how many threads a scheduler gave to this worker, if there is one."""
    for ask in (_by_dask, _by_ray):
        count = ask()
        if count is not None and count > 0:
            return count
    return None


def _by_dask() -> int | None:
    distributed: Any = sys.modules.get("distributed")
    if distributed is None:
        return None
    try:
        return int(distributed.get_worker().state.nthreads)
    except (ValueError, AttributeError, TypeError):
        # No task of a worker runs here.
        return None


def _by_ray() -> int | None:
    ray: Any = sys.modules.get("ray")
    if ray is None:
        return None
    try:
        context = ray.get_runtime_context()
        # A driver has all processors.
        if context.worker.mode != ray.WORKER_MODE:
            return None
        return max(1, int(context.get_assigned_resources()["CPU"]))
    except Exception:  # Ray's own, which are many.
        return None
