"""What `numlift explain` and `numlift show` say of a file's functions, after a run of the file.

explain   the kinds of arguments that each met, what was compiled for them, and what runs in Python and why
read, raised, selected, loops, llvm, asm
          one form of a function, for each kind of arguments
"""

from __future__ import annotations

import gc
import os
from typing import Any

from numlift import _engine, _hot, _native

# Forms in the compiler's own language.
FORMS = ("read", "raised", "selected", "loops")


def prepare(stage: str) -> None:
    """See to it that a stage will be there to be shown."""
    if stage in FORMS:
        _native.jit_keep_forms()


def text(stage: str, file: str, function: str | None) -> str:
    """What there is to say; of all functions, or of the one that is named."""
    found = [kernel for kernel in kernels_of(file) if function in (None, kernel.__qualname__)]
    if not found:
        return nothing(file, function)
    return "\n".join(explained(kernel) if stage == "explain" else stages(stage, kernel) for kernel in found)


def kernels_of(file: str) -> list[Any]:
    """The kernels whose functions stand in a file, in the order of the file."""
    real = os.path.realpath(file)
    found = [one for one in gc.get_objects() if type(one) is _native.Kernel]
    found = [one for one in found if os.path.realpath(one.__code__.co_filename) == real]
    return sorted(found, key=lambda kernel: (kernel.__code__.co_firstlineno, kernel.__qualname__))


def nothing(file: str, function: str | None) -> str:
    for left in _hot.left:
        if function == left.name and os.path.realpath(left.file) == os.path.realpath(file):
            return f"`{function}` runs in Python: {left.reason}\n"
    if function:
        return f"`{function}` is no function of {file} or of its classes\n"
    return f"there is no function of {file} that has loops or computes with NumPy\n"


def explained(kernel: Any) -> str:
    return str(kernel.explain()) + "\n"


def stages(stage: str, kernel: Any) -> str:
    """The text of one stage for every kind of arguments that was compiled."""
    texts = []
    for one in kernel.specializations:
        types = ", ".join(f"{name}: {said}" for name, said in one["types"].items())
        if stage in FORMS:
            shown = one.get("forms", {}).get(stage, "it was not read")
        elif not one["compiled"]:
            shown = f"runs in Python: {one['reason']}"
        else:
            shown = _engine.assembly(one["llvm"]) if stage == "asm" else one["llvm"]
        texts.append(f"; {kernel.__qualname__}({types})\n{shown}\n")
    return "\n".join(texts) or f"; {kernel.__qualname__} was not called\n"
