"""Inputs from a header, ordinary ones and hostile ones.

The language of headers is that of the fixtures:

    a=f64[n, m], x=list[f64][m], idx=i64[n] -8..7, k=int 1..9, w=float, n=0..64, m=0..64

Sizes are shared by the arguments; the range after a type is that of the values.

Hostile inputs are mutations of ordinary ones, so that each breaks one thing: one value (NaN, infinity, a signed zero,
an extreme integer), one layout (strided, reversed, read-only, Fortran order), one length, one type, one identity
(two arguments that are one array, or overlap in it).
"""

from __future__ import annotations

import itertools
import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

Arguments = dict[str, Any]

RANGE = r"(?P<low>-?\d+)\.\.(?P<high>-?\d+)"
ARGUMENT = re.compile(
    rf"(?P<name>\w+)=(?:(?P<size>{RANGE.replace('low', 'least').replace('high', 'most')})|"
    rf"(?P<type>list\[\w+\]|\w+)(?:\[(?P<dims>[\w, ]+)\])?(?: {RANGE})?)(?:, |$)"
)
DTYPES = {"b1": "bool", "u8": "uint8", "u16": "uint16", "u64": "uint64", "c128": "complex128"}
DTYPES |= {f"i{8 * k}": f"int{8 * k}" for k in (1, 2, 4, 8)} | {"f32": "float32", "f64": "float64"}


@dataclass
class Spec:
    """One argument."""

    name: str
    kind: str
    dims: tuple[str, ...]
    bounds: tuple[int, int] | None


@dataclass
class Header:
    """The arguments of a function and the sizes that they share."""

    specs: list[Spec]
    sizes: dict[str, tuple[int, int]]

    @staticmethod
    def read(text: str) -> Header:
        found = list(ARGUMENT.finditer(text))
        if "".join(match[0] for match in found) != text:
            raise ValueError(f"cannot read the inputs {text!r}")
        header = Header([], {})
        for match in found:
            if match["size"]:
                header.sizes[match["name"]] = (int(match["least"]), int(match["most"]))
                continue
            dims = tuple(match["dims"].split(", ")) if match["dims"] else ()
            bounds = (int(match["low"]), int(match["high"])) if match["low"] else None
            header.specs.append(Spec(match["name"], match["type"], dims, bounds))
        return header

    def make(self, rng: np.random.Generator, sizes: dict[str, int] | None = None) -> Arguments:
        """An ordinary input; `sizes` replaces those that are drawn."""
        drawn = {name: int(rng.integers(least, most + 1)) for name, (least, most) in self.sizes.items()}
        drawn |= sizes or {}
        return {spec.name: make_value(spec, drawn, rng) for spec in self.specs}

    def least(self, rng: np.random.Generator) -> Arguments:
        """The smallest input: sizes and ints are the least that the header allows."""
        made = self.make(rng, {name: least for name, (least, _) in self.sizes.items()})
        ints = {spec.name: spec.bounds[0] for spec in self.specs if spec.kind == "int" and spec.bounds}
        return made | ints

    def example(self, rng: np.random.Generator) -> Arguments:
        """An input as a program would have it: not empty, of moderate size, all sizes different."""
        sizes = {}
        for at, (name, (least, most)) in enumerate(self.sizes.items()):
            sizes[name] = min(max(least, 5 + 2 * at), most)
        return self.make(rng, sizes)


def make_value(spec: Spec, sizes: dict[str, int], rng: np.random.Generator) -> Any:
    if spec.kind == "int":
        low, high = spec.bounds or (-5, 10)
        return int(rng.integers(low, high + 1))
    if spec.kind == "float":
        return float(np.round(rng.normal(0.0, 2.0), int(rng.integers(1, 6))))
    if spec.kind == "bool":
        return bool(rng.random() < 0.5)
    shape = tuple(sizes[dim] if dim in sizes else int(dim) for dim in spec.dims)
    is_list = spec.kind.startswith("list")
    values = make_array(spec.kind.removeprefix("list[").removesuffix("]"), shape, spec.bounds, rng)
    return values.tolist() if is_list else values


def make_array(
    dtype: str, shape: tuple[int, ...], bounds: tuple[int, int] | None, rng: np.random.Generator
) -> np.ndarray:
    kind = np.dtype(DTYPES[dtype]).kind
    if kind == "b":
        return rng.random(shape) < 0.5
    if kind in "iu":
        info = np.iinfo(DTYPES[dtype])
        low, high = bounds or (max(info.min, -1000), min(info.max, 1000))
        return rng.integers(low, high + 1, shape).astype(DTYPES[dtype])
    values = rng.uniform(*bounds, shape) if bounds else np.round(rng.normal(0.0, 2.0, shape), rng.integers(0, 7))
    if kind == "c":
        values = values + 1j * rng.normal(size=shape)
    return values.astype(DTYPES[dtype])


def ordinary(header: Header, rng: np.random.Generator, count: int) -> Iterator[tuple[str, Arguments]]:
    for number in range(count):
        yield f"ordinary {number}", header.make(rng)


SPECIAL = [np.nan, np.inf, -np.inf, -0.0, 0.0, 5e-324, 1e200, -1e200]


def hostile(header: Header, rng: np.random.Generator) -> Iterator[tuple[str, Arguments]]:
    """Every mutation that applies, in a fixed order."""
    for size in (0, 1, 2):
        yield f"all sizes {size}", header.make(rng, dict.fromkeys(header.sizes, size))
    for name in header.sizes:
        yield f"{name} is 0", header.make(rng, {name: 0})
        yield f"{name} is 1", header.make(rng, {name: 1})
    for spec in header.specs:
        value = header.example(rng)[spec.name]
        for words, mutate in mutations(value, rng):
            arguments = header.example(rng)
            changed = applied(mutate, arguments[spec.name])
            if changed is not None:
                yield f"{spec.name} {words}", {**arguments, spec.name: changed}
    yield from out_of_reach(header, rng)
    yield from identities(header, rng)


def out_of_reach(header: Header, rng: np.random.Generator) -> Iterator[tuple[str, Arguments]]:
    """Numbers that raise or warn where no iteration, or none of a branch, comes to them."""
    numbers = [spec.name for spec in header.specs if spec.kind in ("int", "float")]
    arrays = [spec for spec in header.specs if spec.dims]
    if not numbers or not arrays:
        return
    for value in (0.0, -1.0, np.inf):
        whole = {spec.name for spec in header.specs if spec.kind == "int"}
        if value == np.inf and len(whole) == len(numbers):
            continue
        changed = {
            name: int(value) if name in whole else value for name in numbers if name not in whole or np.isfinite(value)
        }
        none = header.make(rng, dict.fromkeys(header.sizes, 0))
        yield f"no elements and numbers of {value}", {**none, **changed}
        for element in (-100.0, 0.0, 100.0):
            arguments = header.example(rng)
            for spec in arrays:
                made = arguments[spec.name]
                if isinstance(made, np.ndarray) and made.dtype.kind == "f":
                    arguments[spec.name] = np.full_like(made, element)
            yield f"elements of {element} and numbers of {value}", {**arguments, **changed}


def hostile_to(arguments: Arguments, rng: np.random.Generator) -> Iterator[tuple[str, Arguments]]:
    """The mutations of one input whose header is not known."""
    for name, value in arguments.items():
        for words, mutate in mutations(value, rng):
            changed = applied(mutate, value)
            if changed is not None:
                yield f"{name} {words}", {**arguments, name: changed}
    arrays = [name for name, value in arguments.items() if isinstance(value, np.ndarray) and value.ndim]
    for one, other in itertools.combinations(arrays, 2):
        yield f"{other} is {one}", {**arguments, other: arguments[one]}
        yield f"{other} is {one} reversed", {**arguments, other: arguments[one][::-1]}
        memory = np.concatenate([arguments[one], arguments[one][:1]])
        yield f"{other} overlaps {one}, one ahead", {**arguments, one: memory[:-1], other: memory[1:]}
        yield f"{other} overlaps {one}, one behind", {**arguments, one: memory[1:], other: memory[:-1]}


def applied(mutate: Callable[[Any], Any], value: Any) -> Any:
    """The mutated value; `None` where it cannot be (a ragged list is no array)."""
    with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"):
        try:
            return mutate(value)
        except (ValueError, TypeError, OverflowError, IndexError):
            return None


def mutations(value: Any, rng: np.random.Generator) -> list[tuple[str, Callable[[Any], Any]]]:
    if isinstance(value, np.ndarray):
        return array_mutations(value, rng)
    if isinstance(value, list):
        return list_mutations(value, rng)
    if isinstance(value, bool):
        return [("flipped", lambda old: not old), ("an int", int), ("np.bool_", np.bool_)]
    if isinstance(value, int):
        changed: list[tuple[str, Callable[[Any], Any]]] = [
            (f"is {number}", lambda old, number=number: number) for number in (0, 1, -1, 2, 7, 8, 64)
        ]
        return [*changed, ("np.int64", np.int64), ("a float", float), ("True", lambda old: True)]
    if isinstance(value, float):
        changed = [(f"is {number}", lambda old, number=number: number) for number in SPECIAL]
        return [*changed, ("np.float64", np.float64), ("np.float32", np.float32), ("an int", lambda old: 3)]
    return []


def array_mutations(value: np.ndarray, rng: np.random.Generator) -> list[tuple[str, Callable[[Any], Any]]]:
    found: list[tuple[str, Callable[[Any], Any]]] = [
        ("strided", strided),
        ("reversed", lambda old: old[::-1].copy()[::-1]),
        ("in Fortran order", np.asfortranarray) if value.ndim > 1 else ("big-endian", big_endian),
        ("read-only", read_only),
        ("all equal", lambda old: np.full_like(old, old.flat[0]) if old.size else None),
        ("all zero", np.zeros_like),
        ("one shorter", lambda old: old[:-1].copy()),
        ("one longer", lambda old: np.concatenate([old, old[:1]])),
        ("a list", lambda old: old.tolist()),
        ("a column", lambda old: np.ascontiguousarray(np.stack([old, old], axis=-1))[..., 0]),
        ("of one more dimension", lambda old: old[..., None].copy()),
        ("of objects", lambda old: old.astype(object)),
    ]
    if value.dtype.kind == "f":
        found += [(f"has {special}", lambda old, special=special: sprinkled(old, special, rng)) for special in SPECIAL]
        found += [
            ("has all specials", lambda old: specials(old, rng)),
            ("all nan", lambda old: np.full_like(old, np.nan)),
            ("all -0.0", lambda old: np.full_like(old, -0.0)),
            ("has ties", lambda old: np.round(old)),
            ("float32", lambda old: old.astype(np.float32)),
            ("int64", lambda old: old.astype(np.int64)),
            ("complex", lambda old: old.astype(complex)),
        ]
    elif value.dtype.kind in "iu":
        info = np.iinfo(value.dtype)
        found += [
            ("has the largest", lambda old: sprinkled(old, info.max, rng)),
            ("has the smallest", lambda old: sprinkled(old, info.min, rng)),
            ("negative", lambda old: -old if info.min < 0 else None),
            ("float64", lambda old: old.astype(np.float64)),
            ("uint8", lambda old: old.astype(np.uint8)),
            ("bool", lambda old: old.astype(bool)),
        ]
    elif value.dtype.kind == "b":
        found += [("all true", np.ones_like), ("int64", lambda old: old.astype(np.int64))]
    return found


def strided(old: np.ndarray) -> np.ndarray:
    wide = np.repeat(old, 2, axis=0)
    wide[1::2] = 77
    return wide[::2]


def big_endian(old: np.ndarray) -> np.ndarray:
    return old.astype(old.dtype.newbyteorder(">"))


def read_only(old: np.ndarray) -> np.ndarray:
    twin = old.copy()
    twin.flags.writeable = False
    return twin


def sprinkled(old: np.ndarray, special: float, rng: np.random.Generator) -> np.ndarray | None:
    if not old.size:
        return None
    twin = old.copy()
    where = rng.random(old.shape) < 0.3
    where.flat[int(rng.integers(old.size))] = True
    with np.errstate(all="ignore"):
        twin[where] = special
    return twin


def specials(old: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    twin = old.copy()
    with np.errstate(all="ignore"):
        twin[...] = rng.choice([*SPECIAL, 1.0, 2.5], old.shape)
    return twin


def list_mutations(value: list[Any], rng: np.random.Generator) -> list[tuple[str, Callable[[Any], Any]]]:
    found: list[tuple[str, Callable[[Any], Any]]] = [
        ("empty", lambda old: []),
        ("one shorter", lambda old: old[:-1]),
        ("one longer", lambda old: [*old, *old[:1]]),
        ("an array", np.array),
        ("a tuple", tuple),
        ("has None", lambda old: [*old[:1], None, *old[1:]]),
    ]
    first = value[0] if value else None
    if isinstance(first, list):
        found += [
            ("ragged", lambda old: [*old[:-1], old[-1][:-1]]),
            ("ragged at the front", lambda old: [old[0][:-1], *old[1:]]),
            ("has one row many times", lambda old: [old[0]] * len(old)),
            ("has rows of arrays", lambda old: [np.array(row) for row in old]),
            ("has empty rows", lambda old: [[] for _ in old]),
            ("has a tuple for a row", lambda old: [tuple(old[0]), *old[1:]]),
        ]
        if first and isinstance(first[0], float):
            found += [("has ints in it", lambda old: [[1, *row[1:]] for row in old])]
            found += [("has nan", lambda old: [[np.nan, *row[1:]] for row in old])]
    elif isinstance(first, float):
        found += [(f"has {special}", lambda old, special=special: [*old[:1], special, *old[2:]]) for special in SPECIAL]
        found += [
            ("of np.float64", lambda old: [np.float64(item) for item in old]),
            ("has an int", lambda old: [*old[:2], 3, *old[3:]]),
            ("has a bool", lambda old: [True, *old[1:]]),
            ("all -0.0", lambda old: [-0.0] * len(old)),
        ]
    elif isinstance(first, int):
        found += [
            (f"has {special}", lambda old, special=special: [*old[:1], special, *old[2:]])
            for special in (0, -1, 2**31, 2**63, -(2**63), 10**30, True, 2.5)
        ]
    return found


def identities(header: Header, rng: np.random.Generator) -> Iterator[tuple[str, Arguments]]:
    """Pairs of arguments that are one, or overlap."""
    for at, one in enumerate(header.specs):
        for other in header.specs[at + 1 :]:
            if (one.kind, len(one.dims)) != (other.kind, len(other.dims)) or not one.dims:
                continue
            arguments = header.example(rng)
            arguments[other.name] = arguments[one.name]
            yield f"{other.name} is {one.name}", arguments
            if one.kind.startswith("list"):
                continue
            for words, low in (("one ahead", 1), ("two ahead", 2), ("one behind", -1)):
                arguments = header.example(rng)
                memory = np.concatenate([arguments[one.name], arguments[one.name][:2]])
                n = len(memory) - 2
                start = (low, 0) if low > 0 else (0, -low)
                arguments[other.name] = memory[start[0] : start[0] + n]
                arguments[one.name] = memory[start[1] : start[1] + n]
                yield f"{other.name} overlaps {one.name}, {words}", arguments
            arguments = header.example(rng)
            arguments[other.name] = arguments[one.name][::-1]
            yield f"{other.name} is {one.name} reversed", arguments
