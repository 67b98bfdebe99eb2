"""numlift makes NumPy programs fast and checks that they still compute the same.

The work is done by the native module `numlift._native`; this package holds the command's entry point and the worker
in which the user's program runs. Importing it is cheap, because the worker does so before every program it runs.

    python -m numlift optimize script.py
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    __version__: str

__all__ = ["__version__"]


def __getattr__(name: str) -> object:
    """Load the native module only when its version is asked for."""
    if name == "__version__":
        from numlift import _native

        return _native.__version__
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
