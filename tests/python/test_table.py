"""The table of functions, held against NumPy and CPython: names, signatures, types, memory and effects.

Calls are written as Python and run over arrays of every dtype and several ranks, lists and scalars; the table is asked
for each what it would be. `unknown` is always an answer, but every function that has a rule must be known in some call,
and what is said must be true.
"""

from __future__ import annotations

import ast
import builtins
import copy
import importlib
import inspect
import itertools
import math
import pickle
import random
import subprocess
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ir_tables import ROOT

DTYPES = "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 complex64 complex128".split()

# No rule, or nothing that could be called here: only their names and signatures are checked.
NO_RULE = set(
    """
    builtins.callable builtins.dict builtins.filter builtins.input builtins.issubclass builtins.map builtins.next
    builtins.open builtins.set builtins.slice builtins.type builtins.print
    datetime.date.today datetime.datetime.now datetime.datetime.today datetime.datetime.utcnow
    math.prod math.sumprod ndarray.base ndarray.setflags ndarray.tobytes ndarray.view
    numpy.angle numpy.block numpy.broadcast_arrays numpy.choose numpy.corrcoef numpy.cov numpy.cross
    numpy.cumulative_sum numpy.diag_indices numpy.extract numpy.fft.fft numpy.fft.fft2 numpy.fft.fftfreq
    numpy.fft.fftshift numpy.fft.ifft numpy.fft.irfft numpy.fft.rfft numpy.fix numpy.frexp numpy.frombuffer
    numpy.gradient numpy.histogram2d numpy.intersect1d numpy.ldexp numpy.lexsort
    numpy.lib.stride_tricks.as_strided numpy.lib.stride_tricks.sliding_window_view numpy.linalg.cond
    numpy.linalg.eig numpy.linalg.eigh numpy.linalg.eigvals numpy.linalg.eigvalsh numpy.linalg.lstsq
    numpy.linalg.matrix_power numpy.linalg.matrix_rank numpy.linalg.multi_dot numpy.linalg.pinv numpy.linalg.qr
    numpy.linalg.svd numpy.matrix_transpose numpy.modf numpy.nan_to_num numpy.piecewise numpy.polyfit numpy.polyval
    numpy.random.get_state numpy.random.multivariate_normal numpy.random.set_state numpy.ravel_multi_index
    numpy.real_if_close numpy.resize numpy.select numpy.setdiff1d numpy.setxor1d numpy.sinc numpy.take_along_axis
    numpy.trapezoid numpy.unravel_index numpy.vander numpy.vecdot random.choices random.sample
    numpy.nditer numpy.finfo numpy.iinfo numpy.load numpy.save numpy.loadtxt numpy.genfromtxt numpy.savetxt
    numpy.seterr numpy.set_printoptions
    time.gmtime time.localtime time.sleep
    """.split()
)

# Not in every version of Python and NumPy.
VERSIONED = {"math.sumprod", "numpy.in1d", "numpy.trapz", "numpy.row_stack", "numpy.cumulative_sum", "numpy.vecdot"}


@dataclass
class Case:
    """One call, and the line that asks the table about it."""

    source: str
    line: str
    name: str
    function: Any
    args: list[Any]
    keywords: dict[str, Any]


def arrays() -> Iterator[Any]:
    """Arrays of every dtype, lists, and scalars."""
    for dtype, shape in itertools.product(DTYPES, [(), (2,), (2, 2), (1, 2, 2)]):
        yield np.ones(shape, dtype) + (np.eye(2, dtype=dtype) if len(shape) == 2 and dtype != "bool" else 0)
    for kind in (bool, int, float, complex):
        yield kind(1)
        yield [kind(1), kind(0)]
        yield [[kind(1), kind(0)], [kind(0), kind(1)]]
        yield (kind(1), kind(2))
    for dtype in DTYPES:
        yield np.dtype(dtype).type(1)
        yield [np.dtype(dtype).type(1), np.dtype(dtype).type(0)]


def pairs() -> Iterator[tuple[Any, Any]]:
    """Operands of every pair of dtypes, of equal and of different rank, and beside Python's numbers."""
    for a, b in itertools.product(DTYPES, repeat=2):
        for first, second in [((2,), (2,)), ((2, 2), (2,)), ((2,), (2, 2)), ((2, 2), ()), ((), (2,))]:
            yield np.ones(first, a), np.ones(second, b)
        yield np.dtype(a).type(1), np.dtype(b).type(2)
    for dtype, kind in itertools.product(DTYPES, (bool, int, float, complex)):
        for value in (np.ones(2, dtype), np.ones((2, 2), dtype), np.dtype(dtype).type(1)):
            yield value, kind(2)
            yield kind(2), value
    for a, b in itertools.product((bool, int, float, complex), repeat=2):
        yield a(2), b(1)
        yield [a(1), a(1)], b(1)
        yield [a(1), a(1)], [b(1), b(1)]


def calls() -> list[list[str]]:
    """The calls of each section of the file: over `A`, over `A` and `B`, as they are."""
    sections: list[list[str]] = []
    for line in Path(__file__).with_name("table_calls.txt").read_text().splitlines():
        if line.startswith("== "):
            sections.append([])
        elif line and not line.startswith("#"):
            sections[-1].append(line)
    return sections


def methods_of_ufuncs(rows: dict[str, list[str]]) -> list[str]:
    """The methods are made for every binary ufunc of the table, so they are not in the file."""
    found = []
    for name in sorted(rows):
        if name.count(".") == 2 and isinstance(getattr(np, name.split(".")[1], None), np.ufunc):
            operands = {"reduceat": "A, [0]", "outer": "A, A", "at": "A, [0], 1"}.get(name.split(".")[2], "A")
            found.append(f"{name.replace('numpy', 'np')}({operands})")
    return found


def cases(rows: dict[str, list[str]]) -> Iterator[Case]:
    sections = calls()
    sections[0] += methods_of_ufuncs(rows)
    bindings = [
        [{"A": a} for a in arrays()],
        [{"A": a, "B": b} for a, b in pairs()],
        [{}],
    ]
    for sources, variables in zip(sections, bindings, strict=True):
        for source in sources:
            tree = ast.parse(source, mode="eval").body
            for binding in variables:
                case = build(source, tree, copy.deepcopy(binding))
                if case:
                    yield case


def build(source: str, tree: ast.expr, variables: dict[str, Any]) -> Case | None:
    scope = {
        "np": np,
        "math": math,
        "random": random,
        "time": time,
        "timeit": importlib.import_module("timeit"),
        "G": np.random.default_rng(1),
        "R": np.random.RandomState(1),
        **variables,
    }

    def value(node: ast.expr) -> Any:
        return eval(compile(ast.Expression(node), source, "eval"), scope)

    call = tree if isinstance(tree, ast.Call) else None
    target = call.func if call else tree
    try:
        args = [value(argument) for argument in call.args] if call else []
        keywords = {keyword.arg or "": value(keyword.value) for keyword in call.keywords} if call else {}
        receiver = value(target.value) if isinstance(target, ast.Attribute) else None
        function = value(target) if call else None
    except (AttributeError, TypeError, ValueError):
        return None
    if isinstance(target, ast.Name):
        name = f"builtins.{target.id}"
    elif inspect.ismodule(receiver) or isinstance(receiver, np.ufunc):
        name = ast.unparse(target).replace("np.", "numpy.", 1)
    else:
        classes = {np.ndarray: "ndarray", list: "list", np.random.Generator: "Generator"}
        class_name = classes.get(type(receiver), "RandomState" if isinstance(receiver, np.random.RandomState) else "")
        if not hasattr(receiver, target.attr) or not class_name:  # type: ignore[attr-defined]
            return None
        name = f"{class_name}.{target.attr}"  # type: ignore[attr-defined]
        args = [receiver, *args]
        attribute = target.attr  # type: ignore[attr-defined]
        function = (
            (lambda x, *rest, **kw: getattr(x, attribute)(*rest, **kw)) if call else lambda x: getattr(x, attribute)
        )
    fields = [encode(argument) for argument in args] + [f"{key}={encode(item)}" for key, item in keywords.items()]
    return Case(source, "\t".join([name, *fields]), name, function, args, keywords)


def encode(value: Any) -> str:
    """A value's type, as the table's text form has it."""
    match value:
        case bool():
            return f"bool:{int(value)}"
        case np.ndarray():
            return f"array({value.dtype.name},{value.ndim})"
        case np.generic():
            return f"np.{value.dtype.name}"
        case int():
            return f"int:{value}"
        case float() | complex():
            return type(value).__name__
        case list():
            items = {general(item) for item in value}
            return f"list({items.pop() if len(items) == 1 else 'unknown'},{len(value)})"
        case tuple():
            return f"tuple({','.join(encode(item) for item in value)})"
        case str():
            return f"str:{value}" if value.isprintable() and not set(value) & set(",()\t=") else "str"
        case None:
            return "none"
        case np.dtype():
            return f"dtype({value.name})"
        case range():
            return "range"
        case np.random.Generator():
            return "object(Generator)"
        case np.random.RandomState():
            return "object(RandomState)"
        case type() if value in (float, int, bool, complex) or issubclass(value, np.generic):
            return f"dtype({np.dtype(value).name})"
    if hasattr(value, "__next__") or isinstance(value, enumerate | zip | np.flatiter):
        items = {general(item) for item in itertools.islice(value, 3)}
        return f"iter({items.pop() if len(items) == 1 else 'unknown'})"
    return "unknown"


def general(value: Any) -> str:
    """As `encode`, of numbers only the type."""
    if isinstance(value, bool | int | float | complex) and not isinstance(value, np.generic):
        return type(value).__name__
    if isinstance(value, tuple):
        return f"tuple({','.join(general(item) for item in value)})"
    return encode(value)


def agrees(said: str, seen: Any) -> bool:
    """Whether what the table says is true of a value."""
    if said == "unknown":
        return True
    if said.startswith("tuple(") and isinstance(seen, tuple):
        parts = split(said[len("tuple(") : -1])
        return len(parts) == len(seen) and all(map(agrees, parts, seen))
    if said.startswith("tuple_of(") and isinstance(seen, tuple):
        return all(agrees(said[len("tuple_of(") : -1], item) for item in seen)
    if said.startswith("list(") and isinstance(seen, list):
        item, length = split(said[len("list(") : -1])
        return length in {"?", str(len(seen))} and all(agrees(item, element) for element in seen)
    if said.startswith("array(") and isinstance(seen, np.ndarray):
        dtype, ndim = split(said[len("array(") : -1])
        return dtype == seen.dtype.name and ndim in {"?", str(seen.ndim)}
    if said == "str":
        return isinstance(seen, str)
    exact = encode(seen)
    return said in {exact, general(seen), exact.split(":")[0]}


def split(text: str) -> list[str]:
    parts, depth = [""], 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part for part in parts if part]


def ask(lines: list[str]) -> list[list[str]]:
    command = ["cargo", "run", "--quiet", "--package", "numlift_ir", "--example", "call_types"]
    text = "".join(f"{line}\n" for line in lines)
    answer = subprocess.run(command, cwd=ROOT, check=True, text=True, input=text, stdout=subprocess.PIPE).stdout
    return [line.split("\t") for line in answer.splitlines()]


@pytest.fixture(scope="module")
def rows() -> dict[str, list[str]]:
    """The table itself."""
    return {name: fields for name, *fields in ask([])}


@pytest.fixture(scope="module")
def known(rows: dict[str, list[str]]) -> list[tuple[Case, str, str]]:
    """All cases with the table's answers."""
    found = list(cases(rows))
    answers = ask([case.line for case in found])
    assert len(answers) == len(found)
    missing = {case.name for case, answer in zip(found, answers, strict=True) if answer == ["missing"]}
    assert not missing
    return [(case, *answer) for case, answer in zip(found, answers, strict=True)]  # type: ignore[misc]


def resolve(name: str) -> Any:
    """The object of a qualified name."""
    first, *rest = name.split(".")
    classes = {"ndarray": np.ndarray, "list": list, "Generator": np.random.Generator}
    if first == "RandomState":
        target: Any = np.random.RandomState
    else:
        target = classes.get(first) or importlib.import_module(first)
    for part in rest:
        target = getattr(target, part)
    return target


def test_every_name_exists(rows: dict[str, list[str]]) -> None:
    importlib.import_module("numpy.lib.stride_tricks")
    for name in rows:
        if name not in VERSIONED:
            resolve(name)


# Where Python shows another signature than a call may use, or versions differ.
OTHER_SIGNATURES = set(
    """
    builtins.bool builtins.complex builtins.enumerate builtins.float builtins.int builtins.list builtins.reversed
    builtins.tuple builtins.round numpy.random.ranf numpy.random.sample
    """.split()
)


def test_signatures(rows: dict[str, list[str]]) -> None:
    wrong = {}
    for name, (_, _, _, parameters) in rows.items():
        if name in VERSIONED | OTHER_SIGNATURES or parameters == "args kwargs":
            continue
        try:
            seen = inspect.signature(resolve(name)).parameters.values()
        except (TypeError, ValueError):
            continue  # compiled code that does not tell
        by_position = [k for k, parameter in enumerate(seen) if parameter.kind is parameter.POSITIONAL_ONLY]
        said = ["_" if k in by_position else word for k, word in enumerate(parameters.split())]
        expected = ["_" if k in by_position else parameter.name for k, parameter in enumerate(seen)]
        if expected[-1:] == ["kwargs"] and said[-1:] != ["kwargs"]:
            said = [*said[: len(expected) - 1], "kwargs"]
        if said != expected:
            wrong[name] = (said, expected)
    assert not wrong, f"{len(wrong)} wrong: {wrong}"


@dataclass
class Outcome:
    """What a call did."""

    result: Any
    changed: list[int]
    drew: bool


def global_state() -> bytes:
    return pickle.dumps((np.random.get_state(), random.getstate()))  # noqa: NPY002


def run(case: Case) -> Outcome | None:
    """Runs a case; `None` where it is an error."""
    before, state = copy.deepcopy(case.args), global_state()
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            result = case.function(*case.args, **case.keywords)
        except (ArithmeticError, LookupError, TypeError, ValueError, AttributeError, RuntimeError):
            return None
    changed = [k for k, (old, new) in enumerate(zip(before, case.args, strict=True)) if not unchanged(old, new)]
    return Outcome(result, changed, global_state() != state)


def unchanged(old: Any, new: Any) -> bool:
    if isinstance(old, np.random.Generator):
        return bool(old.bit_generator.state == new.bit_generator.state)
    if isinstance(old, np.random.RandomState):
        return pickle.dumps(old.get_state()) == pickle.dumps(new.get_state())
    return pickle.dumps(old) == pickle.dumps(new)


def test_types_memory_and_effects(rows: dict[str, list[str]], known: list[tuple[Case, str, str]]) -> None:
    random.seed(5)
    np.random.seed(5)  # noqa: NPY002
    wrong: dict[str, str] = {}
    told, ran = set(), 0
    for case, said, memory in known:
        outcome = run(case)
        if outcome is None:
            continue
        ran += 1
        if said != "unknown":
            told.add(case.name)
        kind, does, _, _ = rows[case.name]
        label = f"{case.source} of {case.line}"
        if not agrees(said, outcome.result):
            wrong[label] = f"{said}, seen {encode(outcome.result)}"
        elif not memory_agrees(memory, case, outcome.result):
            wrong[label] = f"memory {memory}"
        elif kind != "Attribute" and not effect_agrees(does, case, outcome):
            wrong[label] = f"does {does}, changed {outcome.changed}, drew {outcome.drew}"
    assert not wrong, f"{len(wrong)} of {ran} wrong, such as {list(wrong.items())[:20]}"
    assert ran > 20_000
    never = sorted(set(rows) - told - NO_RULE - VERSIONED - {name for name, row in rows.items() if is_scalar(row)})
    assert not never, f"never known: {never}"


def is_scalar(row: list[str]) -> bool:
    """Scalar functions are tested one by one in test_promotion.py."""
    return row[0].startswith("Elementwise")


def shares(a: Any, b: Any) -> bool:
    return isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and bool(np.shares_memory(a, b))


def memory_agrees(memory: str, case: Case, result: Any) -> bool:
    operands = [*case.args, *case.keywords.values()]
    kind, _, number = memory.rstrip(")").partition("(")
    match kind:
        case "Fresh":
            results = result if isinstance(result, tuple | list) else [result]
            return not any(shares(part, operand) for part in results for operand in operands)
        case "Plain":
            return not isinstance(result, np.ndarray | list)
        case "View":
            operand = operands[int(number)]
            return not isinstance(operand, np.ndarray) or not isinstance(result, np.ndarray) or shares(result, operand)
        case "MayView" | "Holds":
            others = [
                other for k, other in enumerate(operands) if k != int(number) and other is not operands[int(number)]
            ]
            return not any(shares(result, other) for other in others)
    return memory == "MayViewAny" or memory == "refused"


def effect_agrees(does: str, case: Case, outcome: Outcome) -> bool:
    allowed = set()
    out = case.keywords.get("out")
    if out is not None:
        allowed = {k for k, argument in enumerate(case.args) if argument is out}
    kind, _, number = does.rstrip(")").partition("(")
    match kind:
        case "DrawsGlobal":
            return not outcome.changed
        case "DrawsFrom":
            return set(outcome.changed) <= {0} and not outcome.drew
        case "Changes":
            return set(outcome.changed) <= {int(number)} and not outcome.drew
        case "DrawsAndChanges":
            return set(outcome.changed) <= {0, int(number)}
    return set(outcome.changed) <= allowed and not outcome.drew


def test_builtins_are_the_builtins(rows: dict[str, list[str]]) -> None:
    assert {name.split(".")[1] for name in rows if name.startswith("builtins.")} <= set(dir(builtins))
