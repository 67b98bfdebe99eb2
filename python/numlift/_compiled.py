"""The new side of a region that is compiled: for the verifier.

    the body of a function     the function of the program, decorated and put in its place; it is called with its
                               parameters, as the program calls it
    statements                 the function that was made of them, decorated; the new text calls it by its name

The cache of compiled code is an empty one of this process's own, so what compiling takes is what a user waits for at
the first run. A function that stays in Python for a captured input is no cure, and the reason is the verdict.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import linecache
import os
import time
import tokenize
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from numlift import _outline, _stays, _world
from numlift._causes import all_told

Json = dict[str, Any]

# The folder of compiled code in that of the job.
COLD = "compiled"


class Stays(Exception):
    """What is to be compiled runs in Python; with the reason."""


class Compiled:
    """The compiled function of one job, and what is told of it."""

    def __init__(self, job: Json, world: _world.World, module: str) -> None:
        self.job, self.spec = job, job["kernel"]
        self.namespace = world.namespace(module)
        # Variables of functions around it, for one that is made in another.
        self.cells: dict[str, types.CellType] | None = None
        self.function, self.owner, self.name, self.wrap = self.find(world, module)
        self.compiler: Numlift | Numba = Numba() if self.spec["compiler"] == "numba" else Numlift(self.spec)
        self.kernel = self.compiler.kernel(self.function)
        # Seconds and types of what was compiled for captured inputs.
        self.first = 0.0
        self.again = 0.0
        self.types: list[str] = []
        self.in_python: list[tuple[int, str, int]] = []
        self.why: str | None = None
        # The input that is run was captured, and is run for the first time.
        self.captured = False
        self.asked: set[int] = set()
        # The old side raised on the last input that it was run on.
        self.raised = False

    def find(self, world: _world.World, module: str) -> tuple[types.FunctionType, Any, str, Callable[[Any], Any]]:
        """The function, where it is bound and under which name, and what its class wraps it in."""
        file = self.job["module"]["file"]
        outlined = self.spec.get("outlined")
        if outlined is not None:
            made = defined(outlined["definition"], os.path.realpath(file), self.namespace)
            return made, None, outlined["name"], _same
        qualname = self.job["module"]["function"]
        outer, _, name = qualname.rpartition(".")
        if outer.endswith("<locals>"):
            return self.made(world, qualname, name), None, name, _same
        owner = world.resolve(module, outer) if outer else None
        held = vars(owner)[name] if owner is not None else self.namespace[name]
        wrap = type(held) if isinstance(held, staticmethod | classmethod) else _same
        function = held if wrap is _same else held.__func__
        code = _outline.enclosing_code(world.compiled(file), qualname, self.job["module"].get("line", 1))
        if not isinstance(function, types.FunctionType) or code is None:
            raise LookupError(f"`{qualname}` is not the function of the file")
        if function.__code__.co_firstlineno != code.co_firstlineno:
            raise LookupError(f"`{qualname}` is defined more than once")
        # A call of an imported name has other bytecode where the compiler sees the import.
        function.__code__ = code
        return function, owner, name, wrap

    def made(self, world: _world.World, qualname: str, name: str) -> types.FunctionType:
        """A function that another one makes, with variables of its own for those around it."""
        code = _outline.enclosing_code(world.compiled(self.job["module"]["file"]), qualname, self.job["module"]["line"])
        if code is None:
            raise LookupError(f"`{qualname}` is not in the file")
        self.cells = {free: types.CellType() for free in code.co_freevars}
        function = types.FunctionType(code, self.namespace, name, None, tuple(self.cells.values()))
        function.__qualname__, function.__module__ = qualname, self.namespace["__name__"]
        return function

    def bind(self, kernel: Any) -> None:
        """Puts something in the function's place; nothing but its calls reaches one that another makes."""
        if self.cells is not None:
            return
        if self.owner is None:
            self.namespace[self.name] = kernel
        else:
            setattr(self.owner, self.name, self.wrap(kernel))

    def unbind(self) -> None:
        """The namespace is put back with all others; a class is not."""
        if self.owner is not None:
            self.bind(self.function)

    def in_place(self, capture: int | None) -> Any:
        """What is bound to the function's name while the new side runs, on a captured input of this number or another.

        That it is not to run in Python is asked once for each, since asking takes longer than many a call.
        """
        self.captured = capture is not None and capture not in self.asked
        if capture is not None:
            self.asked.add(capture)
        return self.checked if self.captured and self.spec.get("outlined") else self.kernel

    def checked(self, *arguments: Any) -> Any:
        """A call on a captured input: what would run in Python is told, and not run."""
        self.require(arguments)
        return self.kernel(*arguments)

    def require(self, arguments: Sequence[Any]) -> None:
        why = self.compiler.obstacle(self.kernel, arguments) if self.captured else None
        if why is not None:
            raise self.stays(why)

    def call(self, live: Mapping[str, Any]) -> Any:
        """Calls it as the region's inputs say."""
        parameters = self.spec["parameters"]
        for name, cell in (self.cells or {}).items():
            with contextlib.suppress(ValueError):
                del cell.cell_contents
            if name in live:
                cell.cell_contents = live[name]
            elif name == self.name:
                cell.cell_contents = self.kernel
        self.require([live[name] for name, _ in parameters])
        by_place = [live[name] for name, by_name in parameters if not by_name]
        by_name = {name: live[name] for name, by_name in parameters if by_name}
        return self.kernel(*by_place, **by_name)

    def notes(self) -> Callable[[], float]:
        """Begins a run on a captured input; what is returned ends it, and says what compiling took in it."""
        before = self.compiler.seconds(self.kernel) if self.first else 0.0

        def end() -> float:
            took = self.compiler.seconds(self.kernel) - before
            self.first += took
            why = self.compiler.refusal(self.kernel)
            if why is not None:
                raise self.stays(why)
            self.types = self.compiler.types(self.kernel)
            self.in_python = self.compiler.in_python(self.kernel)
            return took

        return end

    def afresh(self) -> None:
        """As in a new process that finds what was compiled in the cache."""
        self.kernel = None
        gc.collect()
        self.kernel = self.compiler.kernel(self.function)

    def stays(self, why: str) -> Stays:
        """What to raise where a captured input would run in Python."""
        self.why = _stays.sentence(why, *self.lines())
        return Stays(self.why)

    def lines(self) -> tuple[list[str], int]:
        """The lines that the compiler saw, and how many of them are the file's own."""
        file = os.path.realpath(self.job["module"]["file"])
        with open(file, "rb") as opened:
            own = decoded(opened.read()).splitlines()
        kept = linecache.cache.get(file)
        return (own if kept is None or len(kept) == 1 else kept[2]), len(own)

    def leaves_out(self) -> str | None:
        """Why the input that the old side was run on is not one for the new side."""
        if self.raised and isinstance(self.compiler, Numba):
            return "what raises in Python is not run with Numba"
        return None

    def verdict(self) -> Json:
        return {
            "types": self.types,
            "first": self.first,
            "again": self.again,
            "in_python": self.in_python,
            "native": self.compiler.native(self.kernel) if self.types else None,
            "refusal": self.why,
        }


class Call:
    """The side that calls a compiled function with the region's live-ins."""

    def __init__(self, compiled: Compiled, old: _outline.Outline) -> None:
        self.compiled = compiled
        self.namespace = old.namespace
        self.is_local = old.is_local
        self.assigned = old.assigned

    def run(self, live: Mapping[str, Any], hook: _outline.Hook) -> Any:
        return self.compiled.call(live)


class Numlift:
    """`numlift.jit`."""

    def __init__(self, spec: Json) -> None:
        own_cache()
        self.options: Json = {"quiet": True, **({"math": "numpy"} if spec.get("exact") else {})}

    def kernel(self, function: types.FunctionType) -> Any:
        from numlift import _native

        return _native.jit(function, dict(self.options))

    def obstacle(self, kernel: Any, arguments: Sequence[Any]) -> str | None:
        """Why a call with these arguments would run in Python."""
        from numlift import _native

        try:
            _native.jit_stages(kernel, list(arguments))
        except RuntimeError as error:
            return str(error)
        return None

    def native(self, kernel: Any) -> str | None:
        """As what C calls it, if it can."""
        from numlift import _scipy

        try:
            return str(_scipy.kind_of(kernel))
        except TypeError:
            return None

    def seconds(self, kernel: Any) -> float:
        return float(sum(one["seconds"] for one in kernel.specializations))

    def refusal(self, kernel: Any) -> str | None:
        """Why it runs in Python, if it does for some kind of arguments."""
        for one in kernel.specializations:
            if not one["compiled"]:
                return str(one["reason"])
        if not kernel.specializations:
            return "its arguments are of kinds that are not compiled"
        return None

    def types(self, kernel: Any) -> list[str]:
        kinds = [", ".join(f"{name}: {said}" for name, said in one["types"].items()) for one in kernel.specializations]
        return list(dict.fromkeys(reversed(kinds)))

    def in_python(self, kernel: Any) -> list[tuple[int, str, int]]:
        found: dict[tuple[int, str], int] = {}
        for one in kernel.specializations:
            left = [(line, all_told(reason), times) for line, reason, times in one.get("exits", [])]
            ran = [
                (line, why if "__nl" in text else f"`{first_line(text)}`: {why}", times)
                for line, text, why, times in one.get("islands", [])
            ]
            for line, reason, times in [*left, *ran]:
                if times:
                    found[line, reason] = found.get((line, reason), 0) + times
        return [(line, reason, times) for (line, reason), times in sorted(found.items())]


class Numba:
    """`numba.njit`."""

    def __init__(self) -> None:
        began = time.perf_counter()
        self.numba: Any = importlib.import_module("numba")
        # Whoever runs the program waits for that, too.
        _importing.append(time.perf_counter() - began)
        self.took = _importing[0]

    def kernel(self, function: types.FunctionType) -> Any:
        return Timed(self, self.numba.njit(function))

    def obstacle(self, kernel: Any, arguments: Sequence[Any]) -> str | None:
        """Compiles it, on the clock; an error of Numba's is the obstacle."""
        return str(kernel.why) if not kernel.prepared(arguments) else None

    def native(self, kernel: Any) -> str | None:
        return None

    def seconds(self, kernel: Any) -> float:
        return self.took

    def refusal(self, kernel: Any) -> str | None:
        return str(kernel.why) if kernel.why is not None else None

    def types(self, kernel: Any) -> list[str]:
        return [", ".join(map(str, signature)) for signature in kernel.compiled.signatures]

    def in_python(self, kernel: Any) -> list[tuple[int, str, int]]:
        return []


_importing: list[float] = []


class Timed:
    """A function of Numba's that is compiled before it is called, on the clock."""

    def __init__(self, numba: Numba, compiled: Any) -> None:
        self.numba, self.compiled = numba, compiled
        self.why: str | None = None

    def prepared(self, arguments: Sequence[Any]) -> bool:
        """Whether it is compiled for these arguments, from now on."""
        errors = self.numba.numba.core.errors
        began = time.perf_counter()
        try:
            kinds = tuple(self.numba.numba.typeof(argument) for argument in arguments)
            if kinds not in self.compiled.overloads:
                self.compiled.compile(kinds)
                self.numba.took += time.perf_counter() - began
        except (errors.NumbaError, ValueError) as error:
            self.why = f"Numba does not compile it: {first_line(str(error))}"
        return self.why is None

    def __call__(self, *arguments: Any) -> Any:
        if not self.prepared(arguments):
            raise Stays(self.why)
        return self.compiled(*arguments)


def defined(definition: str, file: str, namespace: dict[str, Any]) -> types.FunctionType:
    """The function that a definition makes in a module, as if it stood at the end of the module's file."""
    with open(file, "rb") as opened:
        source = opened.read()
    text = decoded(source) + "\n\n\n" + definition + "\n"
    whole = compile(text, file, "exec", dont_inherit=True)
    code = [one for one in whole.co_consts if isinstance(one, types.CodeType)][-1]
    # Without a time of change the text is taken as it stands here.
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    return types.FunctionType(code, namespace)


def decoded(source: bytes) -> str:
    """A file's text, with `\\n` line ends."""
    encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
    return source.decode(encoding).replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")


def own_cache() -> None:
    """A cache of this process's own, and nothing in it; nor is code of earlier jobs alive."""
    gc.collect()
    folder = os.environ["NUMLIFT_CACHE_DIR"]
    for kept in os.listdir(folder) if os.path.isdir(folder) else []:
        if kept.endswith(".nlo"):
            os.remove(os.path.join(folder, kept))


def keep_in(directory: str) -> None:
    """Has this process keep compiled code in a folder of the job's, which goes with it."""
    os.environ["NUMLIFT_CACHE_DIR"] = os.path.join(os.path.abspath(directory), COLD)
    for other in ("NUMLIFT_CACHE", "NUMLIFT_CACHE_SIZE"):
        os.environ.pop(other, None)


def first_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[0] if lines else ""


def _same(value: Any) -> Any:
    return value
