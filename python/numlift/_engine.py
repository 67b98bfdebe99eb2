"""LLVM: text in, a relocatable object out.

    compile("define i32 @entry(ptr %ctx, ptr %args, ptr %rets) { ret i32 0 }")  ─►  b"\\x7fELF…"

Everything is llvmlite's: parsing, checking, optimizing, generating. It is imported at the first compilation, since that
costs more than a start from a warm cache; `identity` names it without. The functions carry their attributes and the
loops their metadata, so nothing here knows what they compute. The object is mapped by `numlift_runtime`.

Each module lives in a context of its own that is closed afterwards, so that memory stays flat however much is compiled.
"""

from __future__ import annotations

import ctypes
import os
import re
import threading
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")

# What the object depends on besides its text, the processor and llvmlite. Count up when `_optimize` changes.
SETTINGS = "O2 7"

# Stands in the text of a module with sums that stand side by side (`numlift_llvm::emit`).
SUPERWORDS = "!numlift.superwords = "


class EngineError(Exception):
    """LLVM refused the text; the message is LLVM's own."""


@cache
def identity() -> str:
    """Which LLVM would compile, without importing it: the version and the library's size, builds differ."""
    import llvmlite

    folder = os.path.join(os.path.dirname(llvmlite.__file__), "binding")
    libraries = sorted(name for name in os.listdir(folder) if name.endswith((".so", ".dylib", ".dll")))
    sizes = [str(os.path.getsize(os.path.join(folder, name))) for name in libraries]
    return f"llvmlite {llvmlite.__version__} {' '.join(sizes)}"


def compile(text: str) -> bytes:
    """The relocatable object of a module's text, optimized for this machine."""
    return _generate(text, lambda machine, module: bytes(machine.emit_object(module)))


def assembly(text: str) -> str:
    """The same module as assembly, to be read by people."""
    return _generate(text, lambda machine, module: str(machine.emit_assembly(module)))


def optimized(text: str) -> str:
    """The same module as LLVM makes it before it becomes machine code."""
    return _generate(text, lambda machine, module: str(module))


def _generate(text: str, emit: Callable[[Any, Any], T]) -> T:
    llvm = _llvm()
    # One target machine and one pass builder serve all, one thread at a time.
    with _lock:
        machine = _machine()
        context = llvm.create_context()
        try:
            with llvm.parse_assembly(text, context) as module:
                module.triple = machine.triple
                module.data_layout = str(machine.target_data)
                module.verify()
                _optimize(module, SUPERWORDS in text)
                quiet = _with_quiet_comparisons(str(module)) if _notes_events(text, machine) else None
                if quiet is None:
                    return emit(machine, module)
            with llvm.parse_assembly(quiet, context) as module:
                module.verify()
                return emit(machine, module)
        except RuntimeError as error:
            raise EngineError(str(error).strip()) from None
        finally:
            context.close()


_lock = threading.Lock()


def _renew() -> None:
    """Have a lock that nobody holds. Who forks waits until nobody compiles; should that take too long, somebody did."""
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew)


@cache
def _llvm() -> Any:
    import llvmlite.binding as llvm

    # For the whole process, since LLVM knows no other way: half the time of generating code goes into this pass, and
    # kernels are as fast without it (see `_tuning`).
    llvm.set_option("", "-disable-lsr")
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm


@cache
def _machine() -> Any:
    """The machine that this runs on, whose objects are ELF wherever the calling convention is that of ELF systems."""
    llvm = _llvm()
    triple = llvm.get_default_triple()
    if os.name == "posix":
        architecture = os.uname().machine.replace("arm64", "aarch64")
        triple = f"{architecture}-unknown-linux-gnu"
    return llvm.Target.from_triple(triple).create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=llvm.get_host_cpu_features().flatten(),
        opt=3,
        reloc="pic",
        codemodel="small",
    )


@cache
def _tuning(superwords: bool) -> Any:
    """The pipeline, as cheap as it can be for the same code; `superwords`: sums side by side are to become vectors.

    Processor time for the modules of NPBench's kernels, all of them and the median (AMD EPYC, LLVM 22.1):

        O3 with everything                  6.1 s   52 ms
        O2                                  5.4 s   47 ms
        O2, no superword parallelism        4.8 s   43 ms
        the same, no strength reduction     3.5 s   33 ms   (-disable-lsr), what is used
        the same, no unrolling              3.0 s   30 ms   but crc16 and go_fast take twice as long

    No kernel was measurably slower in the rows above the last; a loop over three arrays with strides known only
    when it runs, which should suffer most without strength reduction, took 3.5 ns an element instead of 3.4.
    """
    llvm = _llvm()
    tuning = _immortal(llvm.create_pipeline_tuning_options(speed_level=2))
    tuning.loop_vectorization = True
    tuning.loop_interleaving = True
    tuning.slp_vectorization = superwords
    return tuning


# A builder grows and slows down with each use (llvmlite 0.50), and a new one takes memory that never comes back. Used
# this often, 10,000 modules take 0.5 MB and none is slower than the first.
_USES = 32
# By whether superwords are looked for: the builder and how often it was used.
_builders: dict[bool, tuple[Any, int]] = {}


def _immortal(thing: T) -> T:
    """The same, which outlives the interpreter's modules: without them llvmlite cannot give it back, and says so."""
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(thing))
    return thing


def _builder(superwords: bool) -> Any:
    """The pass builder; it is renewed now and then."""
    builder, uses = _builders.get(superwords, (None, _USES))
    if uses == _USES:
        if builder is not None:
            builder.close()
        builder, uses = _immortal(_llvm().create_pass_builder(_machine(), _tuning(superwords))), 0
    _builders[superwords] = (builder, uses + 1)
    return builder


def _optimize(module: Any, superwords: bool) -> None:
    from llvmlite.binding import newpassmanagers

    builder = _builder(superwords)
    _run(builder.getModulePassManager(), module, builder)
    # The vectorizer calls variants for several lanes, of which a test of the lanes is meant to stay in the loop.
    inlining = newpassmanagers.create_new_module_pass_manager()
    inlining.add_always_inliner_pass()
    _run(inlining, module, builder)


# A comparison in optimized text: its order, its type, and its operands, which are vectors written out or have no comma.
# The elementary functions mark those that never see NaN (`contract`, which says nothing of a comparison).
_COMPARISON = re.compile(
    r"= fcmp (?!contract )(?:[a-z]+ )*?([ou][lg][te]) (<(\d+) x (?:float|double)>|float|double) "
    r"(<[^>\n]*>|[^,<\n]+), (<[^>\n]*>|[^,<\n]+)"
)


def _notes_events(text: str, machine: Any) -> bool:
    """Whether it is asked behind the function, or where it is left, which events the processor noted."""
    asks = "call i32 @nl_fp_end(" in text or "call void @nl_fp_begin(" in text
    return asks and machine.triple.startswith("x86_64")


def _with_quiet_comparisons(text: str) -> str | None:
    """The module with comparisons of which NaN is no event, as NumPy's; `None` where it has no others.

    LLVM takes comparisons that note NaN as invalid, unless they are constrained. Constrained ones cannot be vectorized,
    so they come in when everything is optimized.
    """
    declarations = set()

    def quiet(found: re.Match[str]) -> str:
        order, operand, lanes, one, other = found.groups()
        suffix = "f32" if "float" in operand else "f64"
        name = f"llvm.experimental.constrained.fcmp.{f'v{lanes}' if lanes else ''}{suffix}"
        result = f"<{lanes} x i1>" if lanes else "i1"
        declarations.add(f"declare {result} @{name}({operand}, {operand}, metadata, metadata)")
        return (
            f"= call {result} @{name}({operand} {one}, {operand} {other}, "
            f'metadata !"{order}", metadata !"fpexcept.strict")'
        )

    changed = _COMPARISON.sub(quiet, text)
    return "\n".join([_with_branches(changed), *sorted(declarations)]) if declarations else None


_FUNCTION = re.compile(r"^define .*?^}", re.M | re.S)
_DEFINITION = re.compile(r"^  (%[\w.-]+) = (.*)$", re.M)
_SELECT = re.compile(r"select (?:[a-z]+ )*i1 (%[\w.-]+), (?:double|float) ")
_NAME = re.compile(r"%[\w.-]+")


def _with_branches(text: str) -> str:
    """The module with choices between floats that wait for themselves marked as predictable, so that they are branches.

        now = select(now' > limit, limit, now')         now' is computed from now of the iteration before

    A quiet comparison whose result is selected by goes through the integer registers, which takes longer than the
    arithmetic of many a recurrence; a branch is predicted, and nothing waits.
    """
    number = 1 + max((int(found) for found in re.findall(r"^!(\d+) =", text, re.M)), default=-1)
    marked = _FUNCTION.sub(lambda found: _branches_in(found[0], number), text)
    return marked if marked == text else f'{marked}\n!{number} = !{{!"branch_weights", i32 1, i32 100000}}'


def _branches_in(function: str, number: int) -> str:
    operands = {name: set(_NAME.findall(rest)) for name, rest in _DEFINITION.findall(function)}

    def marked(found: re.Match[str]) -> str:
        name, rest = found.groups()
        choice = _SELECT.match(rest)
        if choice is None or "!prof" in rest or name not in _behind(choice[1], operands):
            return found[0]
        return f"{found[0]}, !prof !{number}"

    return _DEFINITION.sub(marked, function)


def _behind(name: str, operands: dict[str, set[str]]) -> set[str]:
    """The values that a value is computed from, in this iteration or an earlier one."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        following = operands.get(waiting.pop(), set()) - seen
        seen |= following
        waiting.extend(following)
    return seen


def _run(passes: Any, module: Any, builder: Any) -> None:
    from llvmlite.binding import newpassmanagers

    try:
        passes.run(module, builder)
    finally:
        # llvmlite 0.50 has the class's own way to dispose of it behind an empty one of its base.
        if type(passes)._dispose is not newpassmanagers.NewPassManager._dispose:
            newpassmanagers.NewPassManager._dispose(passes)
            passes.detach()
        passes.close()
