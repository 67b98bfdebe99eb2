"""One side of a kernel of NPBench, in a process of its own: `npbench.py` asks, this answers.

    python _npbench_side.py REPOSITORY KERNEL PRESET SIDE

Asked, a line each: `first` calls the kernel for the first time and keeps what it gave, `again N` calls it N times,
`outputs FILE` writes what was kept, `about` tells how it was compiled. Answers are lines of JSON. The kernel's file is
taken as it is; every function in it gets the side's decorator, with nothing changed in its text.
"""

from __future__ import annotations

import copy
import importlib.util
import json
import os
import pickle
import sys
import time
import types
import warnings
from pathlib import Path

import numpy as np

# What a side does to every function of the unedited file; the edited files of others carry their own decorators.
UNEDITED = ("numpy", "numlift", "fastmath", "numba")


def main() -> None:
    repository, kernel, preset, side = Path(sys.argv[1]), *sys.argv[2:5]
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    # What kernels and compilers print is nobody's answer.
    os.dup2(2, 1)
    warnings.simplefilter("ignore")
    asked = Side(repository, kernel, preset, side)
    for line in sys.stdin:
        word, *rest = line.split()
        try:
            answer = {"fine": getattr(asked, word)(*rest)}
        except BaseException as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")


class Side:
    def __init__(self, repository: Path, kernel: str, preset: str, side: str):
        self.repository, self.side = repository, side
        self.info = json.loads((repository / "bench_info" / f"{kernel}.json").read_text())["benchmark"]
        self.folder = repository / "npbench" / "benchmarks" / self.info["relative_path"]
        self.data = self.inputs(preset)
        self.function: object = None
        self.functions: list[object] = []
        self.kept: object = None

    def inputs(self, preset: str) -> dict[str, object]:
        data = dict(self.info["parameters"][preset])
        # Most kernels seed their own generator; one draws from NumPy's global one.
        np.random.seed(42)  # noqa: NPY002
        init = self.info.get("init")
        if init:
            module = self.module("")
            given = getattr(module, init["func_name"])(*(data[name] for name in init["input_args"]))
            names = init["output_args"]
            data.update(zip(names, given if isinstance(given, tuple) else (given,)))
        return {name: placed(value) for name, value in data.items()}

    def module(self, ending: str) -> types.ModuleType:
        path = self.folder / f"{self.info['module_name']}{ending}.py"
        spec = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[path.stem] = module
        spec.loader.exec_module(module)
        return module

    def load(self) -> float:
        """Imports and decorates; seconds."""
        start = time.perf_counter()
        edited = self.side not in UNEDITED
        module = self.module(f"_{self.side}" if edited else "_numpy")
        decorate = None if edited else decorator(self.side)
        if decorate is not None:
            for name, value in list(vars(module).items()):
                if isinstance(value, types.FunctionType) and value.__module__ == module.__name__:
                    setattr(module, name, decorate(value))
                    self.functions.append(getattr(module, name))
        self.function = getattr(module, self.info["func_name"])
        return time.perf_counter() - start

    def call(self) -> tuple[float, object, list[object]]:
        arguments = [
            placed(copy.deepcopy(self.data[name])) if name in self.info["array_args"] else self.data[name]
            for name in self.info["input_args"]
        ]
        start = time.perf_counter()
        result = self.function(*arguments)
        seconds = time.perf_counter() - start
        changed = [one for name, one in zip(self.info["input_args"], arguments) if name in self.info["array_args"]]
        return seconds, result, changed

    def first(self) -> float:
        seconds, result, changed = self.call()
        result = list(result) if isinstance(result, tuple | list) else [result]
        self.kept = [np.asarray(one) for one in result if one is not None] + [np.asarray(one) for one in changed]
        return seconds

    def again(self, times: str) -> list[float]:
        return [self.call()[0] for _ in range(int(times))]

    def outputs(self, path: str) -> None:
        with open(path, "wb") as file:
            pickle.dump(self.kept, file)
        self.kept = None

    def about(self) -> dict[str, object]:
        """How numlift compiled the functions that were called; nothing for the others."""
        specializations = [
            (function.py_func.__name__, one)
            for function in self.functions
            for one in getattr(function, "specializations", ())
            if self.side in ("numlift", "fastmath")
        ]
        return {
            "islands": sum(len(one.get("islands", ())) for _, one in specializations),
            "left": sum(count for _, one in specializations for *_, count in one.get("exits", ())),
            "in python": [f"{name}: {one['reason']}" for name, one in specializations if not one["compiled"]],
        }


def placed(value: object) -> object:
    """Return an array at a multiple of 64 bytes, as it lay otherwise; anything else as it is.

    Where malloc puts an argument of BLAS moves its time by a tenth, and is another place in each side's process.
    """
    if (
        not isinstance(value, np.ndarray)
        or value.dtype.hasobject
        or not (value.flags.c_contiguous or value.flags.f_contiguous)
    ):
        return value
    room = np.empty(value.nbytes + 64, np.uint8)
    start = -room.ctypes.data % 64
    order = "C" if value.flags.c_contiguous else "F"
    made = room[start : start + value.nbytes].view(value.dtype).reshape(value.shape, order=order)
    made[...] = value
    return made


def decorator(side: str):
    if side == "numba":
        import numba

        return numba.njit
    if side in ("numlift", "fastmath"):
        import numlift

        return numlift.jit(fastmath=True) if side == "fastmath" else numlift.jit
    return None


if __name__ == "__main__":
    main()
