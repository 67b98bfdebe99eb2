"""The native module, as `crates/numlift_py` defines it."""

from collections.abc import Sequence
from typing import Literal, final

__all__ = ["MachineCode", "__version__", "lift", "machine_code", "main", "verify"]

__version__: str

@final
class MachineCode:
    """Loaded machine code; it is unmapped when the last object for it goes."""

    @property
    def key(self) -> str:
        """The name of its object."""

    @property
    def origin(self) -> Literal["compiled", "disk"]:
        """Whether this process compiled it or read it from the cache."""

    @property
    def size(self) -> int:
        """Bytes of memory."""

    def address(self, name: str) -> int:
        """Where a function of the text starts. Valid as long as this object lives."""

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

def machine_code(text: str, label: str) -> MachineCode:
    """Compile a text of LLVM's, or find it compiled. It may call the C library's mathematics and nothing else."""

def main(argv: Sequence[str]) -> int:
    """Run the command line on `argv`, program name included, and return the exit code."""

def verify(job: str, engine: object) -> str:
    """Run one verification job (JSON) with the engine that runs either side, and return the verdict (JSON)."""
