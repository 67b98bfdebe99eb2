"""Array programs under CPython against the loops that they are lowered to: bit for bit.

Each program puts a few statements one after the other, drawn by a seed from tables of statements about one topic, so
that they are fused, share memory and overwrite what the others read. Arithmetic, comparisons, sums in NumPy's order and
products by BLAS are exact; nothing here calls an elementary function.
"""

import copy
import importlib.util
import random
import warnings

import numlift
import numpy as np
import pytest

VIEWS = [
    "{a}[1:-1] = {b}[:-2] * 2 + {c}[2:]",
    "{a}[:-1] = {a}[1:] - {b}[:-1]",
    "{a}[::2] = {b}[::2] + 1",
    "{a}[1:] += {b}[:-1]",
    "{a}[k:] *= {c}[k:]",
    "{a}[::-1] = {b} + {a}",
    "{a}[0] = {b}[-1]",
    "{a}[k] = {b}[k - 1]",
    "{t} = {a} + {b} * {c}",
    "{t} = np.where({a} > {b}, {c}, 2)",
    "{t} = np.minimum({a}, {b}) - np.abs({c})",
    "{t} = np.clip({a}, -1, 2)",
    "{t} = {a}.copy()",
    "{t} = {a} ** 2 - {b}",
    "{t} = np.diff({a}, axis=0)",
    "{t} = np.concatenate(({a}, {b}))",
    "{t} = np.flip({a})",
    "{t} = {a}[1:]\n    {t}[0] = 7",
    "for i in range(1, 3):\n        {a}[i] = {a}[i - 1] + {b}[i]",
]
MATRICES = [
    "{a}[0, :] = {b}[1, :]",
    "{a}[:, 0] = {b}[:, 1] + {c}[0, 0]",
    "{a} += {b}[0, :]",
    "{a}[:] = {b}[:, :1] * {c}[:1, :]",
    "{a}[:] = {b}.T + {a}",
    "{a}[1:-1, 1:-1] = {b}[:-2, 1:-1] + {b}[2:, 1:-1] + {a}[1:-1, 1:-1]",
    "{a}[:] = np.outer({b}[:, 0], {c}[0, :])",
    "{t} = np.triu({a}, k) + np.eye({a}.shape[0])",
    "{t} = {a}[:, None, 1] - {b}[None, :, 0]",
]
SUMS = [
    "{t} = np.sum({a} * {b})",
    "{t} = np.sum({a}, axis=0)",
    "{t} = np.sum({a} + {b}, axis=-1, keepdims=True)",
    "{t} = {a} - np.mean({a}, axis=0)",
    "{t} = np.max({a}, axis=-1)",
    "{t} = {a}.min()",
    "{t} = np.prod({a} / 4, axis=0)",
    "{t} = np.std({a}, axis=0)",
    "{t} = np.any({a} > 3, axis=0)",
    "{t} = np.all({a} > -30)",
    "{t} = np.sum({a}[1:] - {a}[:-1], axis=0)",
]
MASKS = [
    "{a}[{m}] = 3",
    "{a}[{m}] = {a}[{m}] ** 2 + {b}[{m}]",
    "{a}[{m}] += 1",
    "{a}[{a} > 1] = 0",
    "{a}[{a} < {b}] = 2",
    "{a}[{m}] = {a}[::-1][{m}]",
    "{t} = {a}[{m}] * 2 + {b}[{m}]",
    "{t} = np.sum({a}[{m}])",
    "{a}[~m & (b > 0)] -= 1",
    "m[:] = {b} > 0",
]
PICKS = [
    "{t} = {a}[{i}] * 2 + {b}[{i}]",
    "{a}[{i}] = {b}[{j}] + 1",
    "{a}[{i}] += 1",
    "{a}[{i}] += {b}[{i}]",
    "{t} = {a}[{i}[:, None], 0] if {a}.ndim > 1 else {a}[{i}[:, None]]",
    "{i}[0] = 1",
    "{a}[{i}] = {a}[::-1][{i}]",
    "{t} = np.sum({a}[{i}], axis=0)",
]
PRODUCTS = [
    "{t} = {a} @ {b}",
    "{t} = {a}.T @ {b}[:, 0]",
    "{t} = {a}[0] @ {b}",
    "{t} = {a}[k, :k] @ {b}[:k, k]",
    "{t} = np.dot(np.flip({a}[0]), {b}[0])",
    "{a}[:] = {a} @ {b}",
    "{a} -= 2.0 * {b} @ {c}",
    "{a}[k, 0] -= np.dot({a}[k, :k], {b}[:k, 0])",
]
SHAPES = [
    "{t} = np.cumsum({a}, axis=0)",
    "{t} = np.cumsum({a}) - {b}.ravel()",
    "{t} = np.roll({a}, k, axis=0) - {b}",
    "{a}[:] = np.roll({a}, -1, axis=-1)",
    "{t} = {a}.reshape(-1) + {b}.flatten()",
    "{t} = {a}.T + {b}.T",
    "{t} = ({a}.T * 2).sum(axis=0)",
    "{t} = {a}[np.argmax({b}, axis=0)]",
    "{t} = np.argmin({a}, axis=-1)",
    "{t} = {a}[{a}[:, 0] > 0] if {a}.ndim > 1 else {a}[{a} > 0]",
    "{t} = np.repeat({a}, 2, axis=0)[::2] + {b}",
    "{t} = np.tile({a}[0], (k, 2)) if {a}.ndim > 1 else np.tile({a}, 2)",
    "{t} = np.pad({a}, k) * 2",
    "{t} = np.pad({a}, 1, mode='edge')",
    "{t} = np.stack(({a}, {b}), axis=-1)",
    "{t} = np.append({a}, {b})",
    "np.add.at({a}, {i}, 1)",
    "np.add({a}, {b}, out={a})",
    "np.subtract({a}, {b}, out={c}, where={m})",
    "{t} = np.where({a} > {b})[0]",
    "{t} = np.mean({a} > {b})",
    "{t} = np.linspace(0, 1, k + 3)",
    "{t} = np.ptp({a}, axis=0)",
    "{a}[{j}] = np.flip({b})[{j}]",
    "{t} = np.maximum.accumulate({a}, axis=-1)",
]
TOPICS = {
    "views": (VIEWS, (1, 2)),
    "matrices": (VIEWS + MATRICES, (2,)),
    "sums": (VIEWS + SUMS, (1, 2)),
    "masks": (VIEWS + MASKS, (1, 2)),
    "picks": (VIEWS + PICKS, (1, 2)),
    "products": (VIEWS + PRODUCTS, (2,)),
    "shapes": (VIEWS + SHAPES, (1, 2)),
}


def program(rng, statements):
    """A function of three arrays, a mask, two arrays of indices and an int."""
    lines, made = [], []
    for number in range(rng.randint(2, 6)):
        statement = rng.choice(statements)
        drawn = {name: rng.choice("abc") for name in "abc"}
        name = f"t{number}"
        lines.append(statement.format(t=name, m="m", i="i1", j="j1", **drawn))
        if "{t}" in statement:
            made.append(name)
    body = "\n    ".join(lines)
    results = ", ".join([*made, "k"])
    return f"import numpy as np\n\n\ndef f(a, b, c, m, i1, j1, k):\n    {body}\n    return ({results})\n"


def arguments(rng, rank):
    """Arrays of one dtype, perhaps not contiguous, with what stands among the elements that is special."""
    values = np.random.default_rng(rng.randrange(1 << 30))
    extent = rng.choice([5, 6, 9, 130 if rank == 1 else 17])
    dtype = rng.choice(["f8", "f8", "f4", "i8", "i4"])

    def array():
        whole = values.normal(size=[2 * extent] * rank) * 4
        made = whole.astype(dtype)[tuple(slice(0, 2 * extent, 2) for _ in range(rank))]
        if dtype[0] == "f" and rng.random() < 0.2:
            made.flat[rng.randrange(made.size)] = rng.choice([np.nan, np.inf, -0.0])
        return made if rng.random() < 0.2 else made.copy()

    mask = values.random([extent] * rank) < rng.choice([0.0, 0.5, 1.0])
    indices = [values.integers(low, extent, 4) for low in (-extent, 0)]
    return [array(), array(), array(), mask, *indices, rng.choice([1, 2])]


def bits(value):
    """What can be told of a value; one NaN is like another."""
    if isinstance(value, (tuple, list)):
        return [bits(item) for item in value]
    if isinstance(value, (np.ndarray, np.generic)):
        array = np.asarray(value)
        if array.dtype.kind in "fc":
            array = np.where(np.isnan(array), np.nan, array)
        return type(value).__name__, str(np.asarray(value).dtype), array.shape, array.tobytes()
    return type(value).__name__, repr(value)


def outcome(function, values):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return bits(function(*values)), bits(values)
    except (ValueError, IndexError, TypeError, OverflowError) as error:
        return type(error).__name__, str(error), bits(values)


def copies(values):
    """Copies that lie in memory as the values do."""
    return [copy_of(value) if isinstance(value, np.ndarray) else copy.deepcopy(value) for value in values]


def copy_of(array):
    if array.flags.c_contiguous:
        return array.copy()
    base = array.base.copy()
    return base[tuple(slice(0, extent, 2) for extent in base.shape)]


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("topic", TOPICS)
def test_loops_give_the_bits_that_numpy_gives(topic, seed, tmp_path):
    statements, ranks = TOPICS[topic]
    rng = random.Random(f"{topic} {seed}")
    source = program(rng, statements)
    path = tmp_path / f"{topic}_{seed}.py"
    path.write_text(source)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    kernel = numlift.jit(module.f)
    for rank in ranks:
        values = arguments(rng, rank)
        expected = outcome(module.f, copies(values))
        assert outcome(kernel, copies(values)) == expected, source
    assert "machine code" in str(kernel.explain()), source
