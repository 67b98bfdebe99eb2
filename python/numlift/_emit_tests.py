"""Writes a pytest file that holds old against new text of regions on their captured inputs.

    python -m numlift._emit_tests JOB.json          the job as `crates/numlift/src/emit_tests.rs` writes it

The file stands by itself: it needs NumPy and the program's own modules where a region calls into them, and the compiler
where a cure compiles: there the new side is the old text with the decorator. Arrays and long lists lie in an `.npz`
beside it, everything else is written out. What a region reads that is neither (an open file, an object that is more
than its attributes) can't be written down, so such an input is left out; a region without any is reported with why.
Every test is run once before it is kept.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import math
import os
import sys
import tokenize
import types
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from numlift import _snapshot, _world

Json = dict[str, Any]

# Longer lists go into the `.npz`.
WRITTEN_OUT = 40
# Longer texts of one value are not written out.
MAX_TEXT = 20_000

HEADER = '''\
"""Old against new, on inputs that numlift captured from `{program}`.

Each test runs statements of the program as they were and as numlift rewrote them, on the same inputs, and compares
what they return, raise, bind and change. The inputs are data of that program{where}.
"""

import copy
import math
import pathlib
import random
import sys

import numpy as np

'''

SUPPORT = '''

class _Bound(dict):
    """Names that were bound when the statements ended."""


def _run(function, inputs, into):
    inputs = copy.deepcopy(inputs)
    if into is not None:
        into.update(copy.deepcopy(inputs.pop("<globals>")))
    random.seed(0)
    np.random.seed(0)
    try:
        result = function(**inputs)
    except Exception as error:
        result = type(error)
    return result, inputs


def _made(cls, attributes):
    made = cls.__new__(cls)
    for name, value in attributes.items():
        setattr(made, name, value)
    return made


def _check(old, new, inputs, rel=0.0, loose=(), into=None):
    with np.errstate(all="ignore"):
        (result, left), (new_result, new_left) = _run(old, inputs, into), _run(new, inputs, into)
    if isinstance(result, _Bound) and isinstance(new_result, _Bound):
        assert result.keys() == new_result.keys()
        for name in result:
            _same(result[name], new_result[name], rel, name, name in loose)
    else:
        _same(result, new_result, rel, "the result")
    for name in left:
        _same(left[name], new_left[name], rel, name)


def _same(old, new, rel, where, loose=False):
    if loose:
        old, new = np.asarray(old), np.asarray(new)
        new = new.astype(old.dtype) if new.size == old.size == 0 else new
    assert type(old) is type(new), f"{where}: {type(old)} became {type(new)}"
    if isinstance(old, (np.ndarray, np.generic)):
        assert old.shape == new.shape, f"{where}: shape {old.shape} became {new.shape}"
        assert loose or old.dtype == new.dtype, f"{where}: {old.dtype} became {new.dtype}"
        if old.dtype == object:
            _same(old.tolist(), new.tolist(), rel, where)
        elif rel and old.dtype.kind in "fc":
            size = np.max(np.abs(old), initial=0.0, where=np.isfinite(old))
            np.testing.assert_allclose(new, old, rtol=rel, atol=rel * size, err_msg=where)
        else:
            np.testing.assert_array_equal(new, old, err_msg=where, strict=not loose)
    elif isinstance(old, (list, tuple)):
        assert len(old) == len(new), f"{where}: length {len(old)} became {len(new)}"
        types = set(map(type, old))
        if len(types) == 1 and types <= {bool, float, np.float64, np.int64, np.bool_}:
            assert set(map(type, new)) == types, f"{where}: the types of elements differ"
            return _same(np.array(old), np.array(new), rel, where)
        for number, (one, other) in enumerate(zip(old, new)):
            _same(one, other, rel, f"{where}[{number}]")
    elif isinstance(old, dict):
        assert list(old) == list(new), f"{where}: the keys differ"
        for key in old:
            _same(old[key], new[key], rel, f"{where}[{key!r}]")
    elif isinstance(old, float):
        both_nan = math.isnan(old) and math.isnan(new)
        assert both_nan or math.isclose(old, new, rel_tol=rel), f"{where}: {old} became {new}"
    elif isinstance(old, complex):
        assert repr(old) == repr(new) or abs(old - new) <= rel * abs(old), f"{where}: {old} became {new}"
    elif type(old).__eq__ is object.__eq__ and hasattr(old, "__dict__"):
        _same(vars(old), vars(new), rel, where)
    elif not isinstance(old, np.random.Generator):
        assert old == new, f"{where}: {old!r} became {new!r}"
'''


class NotWritten(Exception):
    """A value that can't be written down, and why."""


@dataclass
class Data:
    """The arrays that go into the `.npz`."""

    arrays: dict[str, np.ndarray] = field(default_factory=dict)

    def keep(self, array: np.ndarray) -> str:
        for name, known in self.arrays.items():
            same = known.dtype == array.dtype and known.shape == array.shape and known.tobytes() == array.tobytes()
            if same:
                return f'_DATA["{name}"]'
        name = f"a{len(self.arrays)}"
        self.arrays[name] = array
        return f'_DATA["{name}"]'


@dataclass
class Case:
    """One region's test."""

    name: str
    title: str
    parameters: list[str]
    old: str
    new: str
    inputs: list[str]
    rel: float
    loose: list[str]
    outputs: list[str]
    prelude: dict[str, str]
    # The text is a function's body, compiled by this decorator.
    decorator: str | None = None

    def text(self) -> str:
        lines = [*self.function("old", self.old), "", "", *self.function("new", self.new), "", ""]
        lines += [f"def test_{self.name}():", f'    """{self.title}"""']
        options = f", rel={self.rel!r}" if self.rel else ""
        options += f", loose={self.loose!r}" if self.loose else ""
        for inputs in self.inputs:
            # A module that reaches its names by `globals` has none that a compiler may rely on.
            into = ", into=globals()" if '"<globals>"' in inputs else ""
            lines.append(f"    _check(_old_{self.name}, _new_{self.name}, {inputs}{options}{into})")
        return "\n".join(lines) + "\n"

    def function(self, side: str, text: str) -> Iterator[str]:
        if self.decorator is not None and side == "new":
            yield f"@{self.decorator}"
        yield f"def _{side}_{self.name}({', '.join(self.parameters)}):"
        for line in text.rstrip("\n").split("\n"):
            yield f"    {line}".rstrip()
        if self.decorator is not None:
            return
        names = "{" + ", ".join(repr(name) for name in self.outputs) + "}" if self.outputs else "()"
        yield f"    return _Bound((name, value) for name, value in locals().copy().items() if name in {names})"


def main(path: str) -> None:
    """Writes the files of a job and says what was written."""
    with open(path, encoding="utf-8") as file:
        job = json.load(file)
    world = _world.World()
    data = Data()
    cases: list[Case] = []
    skipped: list[str] = []
    for region in job["regions"]:
        try:
            cases.append(make_case(region, world, data))
        except NotWritten as reason:
            skipped.append(f"{region['name']}: {reason}")
    cases, clashing = without_clashes(cases)
    skipped += clashing
    output = job["output"]
    files, failing = write_files(output, job["program"], cases, data)
    while failing:
        skipped += [f"{case.title}: {reason}" for case, reason in failing]
        cases = [case for case in cases if all(case is not bad for bad, _ in failing)]
        files, failing = write_files(output, job["program"], cases, data)
    print(json.dumps({"files": files, "tests": len(cases), "skipped": skipped}))


def make_case(region: Json, world: _world.World, data: Data) -> Case:
    """The test of one region: its texts, what they need of their module, its inputs."""
    inputs: list[str] = []
    parameters: list[str] | None = None
    reason = "nothing was captured"
    for capture in region["captures"]:
        try:
            snapshot = _snapshot.load(capture["path"], world)
            names = {name: value for name, value in snapshot.names.items() if is_data(value)}
            text = write_inputs(names, snapshot, data)
        except NotWritten as error:
            reason = str(error)
            continue
        if parameters is None:
            parameters = list(names)
        if list(names) == parameters and text not in inputs:
            inputs.append(text)
    if parameters is None:
        raise NotWritten(reason)
    module = region["module"]
    kernel = region.get("kernel") or {}
    outlined = kernel.get("outlined")
    decorator, imported = compiler(kernel) if kernel else (None, None)
    texts = [*inputs, *([outlined["definition"]] if outlined else [])]
    prelude = needed_of_module(region, parameters, texts)
    if imported is not None:
        prelude = {"_jit": imported, **prelude}
    if outlined:
        prelude[outlined["name"]] = f"@{decorator}\n{outlined['definition']}"
    policy = region["policy"]
    loose = [allow["name"] for allow in policy["allow"] if allow["t"] in ("container", "scalar_type")]
    left_out = {allow["name"] for allow in policy["allow"] if allow["t"] == "name"}
    line = module.get("line", 1)
    stem = os.path.splitext(os.path.basename(module["file"]))[0]
    return Case(
        name=f"{identifier(stem)}_{line}",
        title=region["name"],
        parameters=parameters,
        old=region["old"],
        new=region["new"] if outlined or not kernel else region["old"],
        inputs=inputs,
        rel=policy["rel"] if policy["strength"] == "rounding" else 0.0,
        loose=loose,
        outputs=[name for name in region["live_out"] if name not in left_out],
        prelude=prelude,
        decorator=None if outlined else decorator,
    )


def compiler(kernel: Json) -> tuple[str, str]:
    """The decorator of a cure that compiles, and where it comes from."""
    if kernel["compiler"] == "numba":
        return "_jit", "from numba import njit as _jit"
    return '_jit(math="numpy")' if kernel.get("exact") else "_jit", "from numlift import jit as _jit"


def write_inputs(names: dict[str, Any], snapshot: _snapshot.Snapshot, data: Data) -> str:
    """The live-ins as a dict display; globals of called functions as one more entry."""
    arrays = [value for value in names.values() if isinstance(value, np.ndarray)]
    for number, one in enumerate(arrays):
        if any(one is not other and np.may_share_memory(one, other) for other in arrays[number + 1 :]):
            raise NotWritten("its arrays share memory")
    entries = [f'"{name}": {write_value(value, data)}' for name, value in names.items()]
    own = snapshot.info["module"]
    found = {}
    for (module, name), value in snapshot.globals.items():
        if not is_data(value) or (module == own and name in names):
            continue
        if module != own:
            raise NotWritten(f"it reads the global `{name}` of the module `{module}`")
        found[name] = value
    if found:
        inner = ", ".join(f'"{name}": {write_value(value, data)}' for name, value in found.items())
        entries.append(f'"<globals>": {{{inner}}}')
    return "{" + ", ".join(entries) + "}"


def is_data(value: Any) -> bool:
    """Not a module, function or class: those are found by their names."""
    code = (types.ModuleType, types.FunctionType, types.BuiltinFunctionType, np.ufunc, type)
    return not isinstance(value, code)


def write_value(value: Any, data: Data) -> str:
    """An expression that makes the value again."""
    match value:
        case None | bool() | int() | str() | bytes() if type(value) in (type(None), bool, int, str, bytes):
            text = repr(value)
        case float() if type(value) is float:
            text = repr(value) if math.isfinite(value) else f'float("{value}")'
        case complex() if type(value) is complex:
            text = f"complex({write_value(value.real, data)}, {write_value(value.imag, data)})"
        case np.generic():
            text = f"{data.keep(np.asarray(value))}[()]"
        case np.ndarray() if type(value) is np.ndarray and not value.dtype.hasobject:
            text = f"{data.keep(value)}.copy()"
        case list() if type(value) is list:
            text = write_list(value, data)
        case tuple() if type(value) is tuple:
            text = "(" + "".join(f"{write_value(item, data)}, " for item in value).rstrip(" ") + ")"
        case dict() if type(value) is dict:
            pairs = (f"{write_value(key, data)}: {write_value(item, data)}" for key, item in value.items())
            text = "{" + ", ".join(pairs) + "}"
        case set() if type(value) is set:
            text = f"set([{', '.join(write_value(item, data) for item in sorted(value, key=repr))}])"
        case range() | slice():
            text = repr(value)
        case np.dtype():
            text = f"np.dtype({value.str!r})"
        case np.random.Generator():
            text = "np.random.default_rng(0)"
        case _ if is_plain_object(value):
            text = f"_made({type(value).__name__}, {write_value(vars(value), data)})"
        case _:
            raise NotWritten(f"an input is a `{type(value).__name__}`, which cannot be written down")
    if len(text) > MAX_TEXT:
        raise NotWritten("an input is too large to be written down")
    return text


def is_plain_object(value: Any) -> bool:
    """Whether an object is its attributes: of a class of the program's main module that makes nothing else of them."""
    kind = type(value)
    bases = [base for base in kind.__mro__ if base is not object]
    makes = (
        "__new__",
        "__slots__",
        "__deepcopy__",
        "__copy__",
        "__reduce__",
        "__reduce_ex__",
        "__getattr__",
        "__setattr__",
    )
    is_plain = all(name not in vars(base) for base in bases for name in (*makes, "__getattribute__"))
    return is_plain and isinstance(kind, type) and hasattr(value, "__dict__") and kind.__qualname__.isidentifier()


def write_list(value: list[Any], data: Data) -> str:
    """Long regular lists of floats, ints or bools go by way of an array, which keeps them exactly."""
    if len(value) > WRITTEN_OUT or (value and isinstance(value[0], list) and len(value) * len(value[0]) > WRITTEN_OUT):
        try:
            array = np.array(value)
        except (ValueError, OverflowError):
            array = np.array(None)
        plain = array.dtype.kind in "fib" and array.dtype.itemsize in (1, 8)
        if plain and exactly(array.tolist(), value):
            return f"{data.keep(array)}.tolist()"
    if len(value) > MAX_TEXT // 4:
        raise NotWritten("an input is too large to be written down")
    return "[" + ", ".join(write_value(item, data) for item in value) + "]"


def exactly(one: Any, other: Any) -> bool:
    if isinstance(one, list):
        same_length = isinstance(other, list) and len(one) == len(other)
        return same_length and all(exactly(a, b) for a, b in zip(one, other, strict=True))
    return type(one) is type(other) and (one == other or one != one)


def needed_of_module(region: Json, parameters: list[str], texts: list[str]) -> dict[str, str]:
    """The imports, functions and constants of the module that a region and other texts need, by name."""
    module = region["module"]
    with open(module["file"], "rb") as file:
        source = file.read()
    tree = ast.parse(source)
    text = source.decode(encoding_of(source)).replace("\r\n", "\n")
    tree = ast.parse(text)
    defined: dict[str, ast.stmt] = {}
    for statement in tree.body:
        defined.update(dict.fromkeys(bound_by(statement), statement))
    needed: dict[str, str] = {}
    for line in region["imports"]:
        for imported in ast.parse(line).body:
            needed.update(dict.fromkeys(bound_by(imported), line))
    waiting = [name for one in (region["old"], region["new"], *texts) for name in names_in(one)]
    while waiting:
        name = waiting.pop()
        definition = defined.get(name)
        if definition is None or name in needed or name in parameters:
            continue
        written = source_of(definition, text, module)
        needed[name] = written
        if not isinstance(definition, (ast.Import, ast.ImportFrom)):
            waiting += names_in(written)
    return needed


def bound_by(statement: ast.stmt) -> list[str]:
    match statement:
        case ast.Import(names=names):
            return [alias.asname or alias.name.split(".")[0] for alias in names]
        case ast.ImportFrom(names=names):
            return [alias.asname or alias.name for alias in names]
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.AsyncFunctionDef(name=name):
            return [name]
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if _world.is_plain(value):
            return [name]
        case _:
            return []


def source_of(statement: ast.stmt, text: str, module: Json) -> str:
    decorators = getattr(statement, "decorator_list", [])
    first = min([statement.lineno, *(decorator.lineno for decorator in decorators)])
    lines = text.split("\n")[first - 1 : statement.end_lineno]
    root = module.get("project_root", "")
    name = None
    match statement:
        case ast.Import(names=[alias, *_]):
            name = alias.name
        case ast.ImportFrom(level=level, module=source):
            if level:
                package = module["name"].split(".")[:-level]
                name = ".".join([*package, *([source] if source else [])])
                parts = ", ".join(f"{a.name} as {a.asname}" if a.asname else a.name for a in statement.names)
                lines = [f"from {name} import {parts}"]
            else:
                name = source
    if name is not None:
        top = os.path.join(root, name.split(".")[0])
        if os.path.isdir(top) or os.path.isfile(f"{top}.py"):
            return f"sys.path.insert(0, {root!r})\n" + "\n".join(lines)
    return "\n".join(lines)


def names_in(text: str) -> list[str]:
    return [node.id for node in ast.walk(ast.parse(text_alone(text))) if isinstance(node, ast.Name)]


def text_alone(text: str) -> str:
    """A `return` needs a function around it."""
    return "def f():\n" + "\n".join(f"    {line}" for line in (text or "pass").split("\n"))


def encoding_of(source: bytes) -> str:
    return tokenize.detect_encoding(io.BytesIO(source).readline)[0]


def identifier(text: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in text)


def without_clashes(cases: list[Case]) -> tuple[list[Case], list[str]]:
    """Regions of two modules that mean different things by one name cannot be in one file."""
    meant: dict[str, str] = {}
    kept, skipped = [], []
    for case in cases:
        clash = next((name for name, text in case.prelude.items() if meant.get(name, text) != text), None)
        if clash is None:
            meant.update(case.prelude)
            kept.append(case)
        else:
            skipped.append(f"{case.title}: `{clash}` is something else in another module")
    return kept, skipped


def write_files(output: str, program: str, cases: list[Case], data: Data) -> tuple[list[str], list[tuple[Case, str]]]:
    """Writes the test file and its data; the cases whose test fails when it is run."""
    beside = os.path.splitext(output)[0] + ".npz"
    inputs = "".join(text for case in cases for text in case.inputs)
    used = {name: array for name, array in data.arrays.items() if f'"{name}"' in inputs}
    where = f"; arrays lie in `{os.path.basename(beside)}`" if used else ""
    text = HEADER.format(program=program, where=where)
    prelude: dict[str, str] = {}
    for case in cases:
        prelude.update(case.prelude)
    plain = {"import copy", "import math", "import pathlib", "import random", "import sys", "import numpy as np"}
    for written in dict.fromkeys(prelude.values()):
        if written not in plain:
            text += ("\n\n" if written.startswith(("def ", "class ", "@")) else "") + written + "\n"
    if used:
        text += '\n_DATA = np.load(pathlib.Path(__file__).with_suffix(".npz"))\n'
        with open(beside, "wb") as file:
            np.savez_compressed(file, allow_pickle=False, **used)
    text += SUPPORT
    for case in cases:
        text += "\n\n" + case.text()
    with open(output, "w", encoding="utf-8") as file:
        file.write(text)
    files = [output, *([beside] if used else [])]
    return files, failing_cases(output, text, cases)


def failing_cases(output: str, text: str, cases: list[Case]) -> list[tuple[Case, str]]:
    namespace: Json = {"__name__": "numlift_emitted", "__file__": output}
    failing = []
    with open(os.devnull, "w", encoding="utf-8") as nowhere, contextlib.redirect_stdout(nowhere):
        try:
            exec(compile(text, output, "exec", dont_inherit=True), namespace)
        except Exception as error:
            return [(case, f"{type(error).__name__}: {error}") for case in cases]
        for case in cases:
            try:
                namespace[f"test_{case.name}"]()
            except Exception as error:
                reason = str(error).strip().split("\n")[0]
                failing.append((case, f"the test would fail ({type(error).__name__}: {reason})"))
    return failing


if __name__ == "__main__":
    main(sys.argv[1])
