"""The native module, as `crates/numlift_py` defines it."""

from collections.abc import Callable, Sequence
from inspect import Signature
from types import CellType, CodeType
from typing import Any, Literal, final

__all__ = [
    "Kernel",
    "MachineCode",
    "__version__",
    "force_exit",
    "get_num_threads",
    "jit",
    "jit_from_text",
    "jit_keep_forms",
    "jit_native",
    "jit_stages",
    "jit_watched",
    "lift",
    "machine_code",
    "main",
    "run_backwards",
    "set_num_threads",
    "verify",
]

__version__: str

def force_exit(number: int) -> int:
    """Leave compiled code at the place that this thread comes to as the `number`th: for tests; return what was left."""

def get_num_threads() -> int:
    """Return how many threads a compiled loop may use that this thread runs."""

def run_backwards(backwards: bool) -> None:
    """Make launched loops of this thread run one iteration after the other, the last one first: for tests."""

def set_num_threads(count: int) -> int:
    """Set that number for this thread, 0 for the default and -1 for all processors; return what was set."""

@final
class Kernel:
    """A function that is compiled for the types it is called with."""

    @property
    def py_func(self) -> Callable[..., Any]:
        """The Python function."""

    @property
    def options(self) -> dict[str, Any]:
        """What `numlift.jit` was told."""

    @property
    def specializations(self) -> list[dict[str, Any]]:
        """What it was compiled for; the kind that was called last is first."""

    @property
    def scipy(self) -> Any:
        """The kernel as a `scipy.LowLevelCallable`."""

    @property
    def watched(self) -> dict[str, Any] | None:
        """For `numlift run`: calls and seconds in Python, compiled, and compiling; None for other kernels."""

    @property
    def __signature__(self) -> Signature: ...
    @property
    def __globals__(self) -> dict[str, Any]: ...
    @property
    def __closure__(self) -> tuple[CellType, ...] | None: ...
    @property
    def __builtins__(self) -> dict[str, Any]: ...
    __code__: CodeType
    __defaults__: tuple[Any, ...] | None
    __kwdefaults__: dict[str, Any] | None
    def __call__(self, /, *args: Any, **kwargs: Any) -> Any: ...
    def __get__(self, instance: Any, owner: Any = None, /) -> Any: ...
    def __copy__(self) -> Kernel: ...
    def __deepcopy__(self, memo: Any, /) -> Kernel: ...
    def explain(self) -> str:
        """Say, line by line, what was compiled and what was not, and why."""

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

def jit(py_func: Callable[..., Any], options: dict[str, Any]) -> Kernel:
    """A kernel for a Python function, with the options of `numlift.jit`."""

def jit_watched(
    py_func: Callable[..., Any],
    options: dict[str, Any],
    when: Literal["hot", "suspected", "recursive", "at once", "piece", "piece at once"],
) -> Kernel:
    """A kernel that stands for its function, and is compiled when that is likely to pay."""

def jit_stages(made: Kernel, arguments: Sequence[Any]) -> tuple[str, str, str]:
    """Return a function as it is read, as loops, and as LLVM IR, for these arguments."""

def jit_keep_forms() -> None:
    """Keep the forms of functions that are compiled from here on: `specializations` has them as `forms`."""

def jit_native(made: Kernel, kind: Literal["numbers", "filter", "line", "transform"]) -> Any:
    """A capsule with a C function that calls a kernel, named by its signature; its context is its last argument."""

def jit_from_text(py_func: Callable[..., Any], llvm_text: str, spec_json: str) -> Kernel:
    """A kernel with code that is given: LLVM text and its spec (`numlift_abi::Spec`) as JSON."""

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
