"""Makes the objects that the loader's tests load, one a machine, from every_kind.ll.

.venv/bin/python crates/numlift_runtime/tests/objects/make.py
"""

from pathlib import Path

import llvmlite.binding as llvm

FOLDER = Path(__file__).parent
MACHINES = {
    "x86_64": ("x86_64-unknown-linux-gnu", "x86-64"),
    "aarch64": ("aarch64-unknown-linux-gnu", "generic"),
}

llvm.initialize_all_targets()
llvm.initialize_all_asmprinters()
for name, (triple, cpu) in MACHINES.items():
    machine = llvm.Target.from_triple(triple).create_target_machine(
        cpu=cpu, opt=2, reloc="pic", codemodel="small", jit=False
    )
    module = llvm.parse_assembly((FOLDER / "every_kind.ll").read_text())
    module.triple = triple
    module.data_layout = str(machine.target_data)
    (FOLDER / f"every_kind.{name}.o").write_bytes(machine.emit_object(module))
