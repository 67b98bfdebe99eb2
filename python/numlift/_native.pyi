"""The native module, as `crates/numlift_py` defines it."""

from collections.abc import Sequence

__all__ = ["__version__", "main", "verify"]

__version__: str

def main(argv: Sequence[str]) -> int:
    """Run the command line on `argv`, program name included, and return the exit code."""

def verify(job: str, engine: object) -> str:
    """Run one verification job (JSON) with the engine that runs either side, and return the verdict (JSON)."""
