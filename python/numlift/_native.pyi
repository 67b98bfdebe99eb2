"""The native module, as `crates/numlift_py` defines it."""

from collections.abc import Sequence

__all__ = ["__version__", "lift", "main", "verify"]

__version__: str

def lift(
    source: str,
    function: str | None,
    captures: str,
    exact: bool = False,
    is_main: bool = False,
    forms: bool = False,
) -> str:
    """What can be done about the loops of one source text, or of one function of it, by qualified name.

    `captures` is JSON: number of a region to a list of its executions, each the live-ins as `_seen` describes them.
    Regions without any are named only. With `is_main` the text is the whole program. The answer is JSON: `regions`,
    and `source`, the text with the cures applied.
    """

def main(argv: Sequence[str]) -> int:
    """Run the command line on `argv`, program name included, and return the exit code."""

def verify(job: str, engine: object) -> str:
    """Run one verification job (JSON) with the engine that runs either side, and return the verdict (JSON)."""
