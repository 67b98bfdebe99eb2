"""numlift makes NumPy programs fast and checks that they still compute the same.

The work is done by the native module `numlift._native`; this package holds the command's entry point, the worker
in which the user's program runs, and the decorator `numlift.jit`. Importing it is cheap, because the worker does so
before every program it runs.

    python -m numlift optimize script.py
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numlift._jit import jit
    from numlift._refusals import CompileError, NumliftWarning, StrictError
    from numlift._threads import get_num_threads, threads

    __version__: str

__all__ = [
    "CompileError",
    "NumliftWarning",
    "StrictError",
    "__version__",
    "get_num_threads",
    "jit",
    "threads",
]


def __getattr__(name: str) -> object:
    """Load what is asked for, only then."""
    if name == "__version__":
        from numlift import _native

        return _native.__version__
    if name == "jit":
        from numlift._jit import jit

        return jit
    if name in ("CompileError", "NumliftWarning", "StrictError"):
        from numlift import _refusals

        return getattr(_refusals, name)
    if name in ("get_num_threads", "threads"):
        from numlift import _threads

        return getattr(_threads, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
