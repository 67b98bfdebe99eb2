"""A cheaper compiler for random programs: LLVM without its optimizer takes a tenth of the time.

    quick.use()         from here on modules are compiled so
    quick.use(False)    as for everybody

What numlift writes is the same either way. That LLVM makes what was meant of it, under what is promised to it, one
program in a few shows that is compiled as for everybody.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from numlift import _engine

everybodys = _engine.compile


def use(wanted: bool = True) -> None:
    _engine.compile = compile if wanted else everybodys


def compile(text: str) -> bytes:
    """An object of a module's text; comparisons are those of which NaN is no event, as elsewhere."""
    from llvmlite.binding import newpassmanagers

    llvm = _engine._llvm()
    machine, builder = made()
    context = llvm.create_context()
    quiet = _engine._COMPARISON.search(text) and _engine._notes_events(text, machine)
    source = _with_quiet_comparisons(text) if quiet else text
    try:
        with llvm.parse_assembly(source, context) as module:
            module.triple = machine.triple
            module.data_layout = str(machine.target_data)
            module.verify()
            inlining = newpassmanagers.create_new_module_pass_manager()
            inlining.add_always_inliner_pass()
            _engine._run(inlining, module, builder)
            return bytes(machine.emit_object(module))
    except RuntimeError as error:
        raise _engine.EngineError(str(error).strip()) from None
    finally:
        context.close()


def _with_quiet_comparisons(text: str) -> str:
    branches, _engine._with_branches = _engine._with_branches, lambda text: text
    try:
        return _engine._with_quiet_comparisons(text) or text
    finally:
        _engine._with_branches = branches


@cache
def made() -> tuple[Any, Any]:
    llvm = _engine._llvm()
    usual = _engine._machine()
    machine = llvm.Target.from_triple(usual.triple).create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=llvm.get_host_cpu_features().flatten(),
        opt=0,
        reloc="pic",
        codemodel="small",
    )
    return machine, llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options(speed_level=0))
