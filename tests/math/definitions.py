"""Compiles the vector math of `numlift_llvm`: its text, in a loop over arrays, through llvmlite.

exp = Compiled("exp", "f64")
exp(np.linspace(-1, 1, 100))       the loop, vectorized
exp.one(0.5)                       one number
"""

from __future__ import annotations

import ctypes
import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm
import numpy as np
from llvmlite.binding import newpassmanagers

ROOT = Path(__file__).resolve().parents[2]

# The functions and how many arguments they take.
ARITY = dict.fromkeys(
    "exp exp2 expm1 log log2 log10 log1p sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh cbrt "
    "pow_m5_2 pow_m2 pow_m3_2 pow_m1_2 pow_3_2 pow_5_2 pow_4".split(),
    1,
) | dict.fromkeys(["atan2", "pow", "hypot"], 2)
PRECISIONS = ("f64", "f32")
TYPES: dict[str, tuple[str, Any, Any]] = {
    "f64": ("double", ctypes.c_double, np.float64),
    "f32": ("float", ctypes.c_float, np.float32),
}


@cache
def example() -> Path:
    """The command that prints the text, built."""
    command = ["cargo", "build", "--quiet", "-p", "numlift_llvm", "--example", "math", "--message-format=json"]
    built = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    messages = [json.loads(line) for line in built.splitlines()]
    return Path(next(message["executable"] for message in messages if message.get("executable")))


def printed(*arguments: str) -> str:
    return subprocess.run([example(), *arguments], check=True, capture_output=True, text=True).stdout


@cache
def definitions(function: str, precision: str, fma: bool) -> str:
    """The text."""
    return printed(function, precision, *([] if fma else ["--without-fma"]))


@cache
def bounds() -> dict[tuple[str, str], float]:
    """What is announced of the error, in ulp."""
    rows = [line.split() for line in printed("bounds").splitlines()]
    return {(function, precision): float(bound) for function, precision, bound in rows}


def around(function: str, precision: str, width: int) -> str:
    """A loop over arrays that calls the function, and a function that calls it once."""
    ty = TYPES[precision][0]
    places = range(ARITY[function])
    pointers = "".join(f"ptr noalias %a{k}, " for k in places)
    loads = "".join(
        f"  %p{k} = getelementptr {ty}, ptr %a{k}, i64 %i\n  %x{k} = load {ty}, ptr %p{k}\n" for k in places
    )
    values = ", ".join(f"{ty} %x{k}" for k in places)
    return f"""
define void @loop({pointers}ptr noalias %c, i64 %n) "prefer-vector-width"="{width}" {{
entry:
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %next, %loop ]
{loads}  %e = call {ty} @nl.{function}.{precision}({values})
  %pc = getelementptr {ty}, ptr %c, i64 %i
  store {ty} %e, ptr %pc
  %next = add nuw nsw i64 %i, 1
  %more = icmp slt i64 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret void
}}

define {ty} @one({values}) {{
  %e = call {ty} @nl.{function}.{precision}({values})
  ret {ty} %e
}}
"""


def machine() -> Any:
    """The machine that this runs on. An engine that is given one keeps it, so each gets its own."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=llvm.get_host_cpu_features().flatten(),
        opt=3,
        codemodel="jitdefault",
    )


def has_fma() -> bool:
    """Whether this machine has a fused multiply-add."""
    features = llvm.get_host_cpu_features()
    return bool(features.get("fma", "fma" not in features))


class Compiled:
    """A function as machine code."""

    def __init__(self, function: str, precision: str, fma: bool = True, width: int = 512) -> None:
        text = definitions(function, precision, fma) + around(function, precision, width)
        _, c_type, self.dtype = TYPES[precision]
        module = llvm.parse_assembly(text)
        module.verify()
        tuning = llvm.create_pipeline_tuning_options(speed_level=3)
        tuning.loop_vectorization = True
        target = machine()
        builder = llvm.create_pass_builder(target, tuning)
        builder.getModulePassManager().run(module, builder)
        inlining = newpassmanagers.create_new_module_pass_manager()
        inlining.add_always_inliner_pass()
        inlining.run(module, builder)
        # What the vectorizer has made of the loop.
        self.text = str(module)
        self.engine = llvm.create_mcjit_compiler(module, target)
        self.engine.finalize_object()
        arity = ARITY[function]
        pointers = [ctypes.c_void_p] * (arity + 1)
        self.loop = ctypes.CFUNCTYPE(None, *pointers, ctypes.c_int64)(self.engine.get_function_address("loop"))
        self.one = ctypes.CFUNCTYPE(c_type, *[c_type] * arity)(self.engine.get_function_address("one"))

    def __call__(self, *arguments: Any) -> Any:
        arrays = [np.ascontiguousarray(argument, self.dtype) for argument in arguments]
        out = np.empty_like(arrays[0])
        if out.size:
            self.loop(*[array.ctypes.data for array in arrays], out.ctypes.data, out.size)
        return out

    def lanes(self) -> int:
        """How many numbers the loop takes at once."""
        ty = {np.float64: "double", np.float32: "float"}[self.dtype]
        loop = self.text[self.text.index("@loop(") :]
        return max((n for n in (2, 4, 8, 16) if f"store <{n} x {ty}>" in loop), default=1)
