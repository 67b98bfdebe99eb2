"""Parts of arrays that were not computed yet lie in memory as NumPy's do, wherever that decides about the last bits."""

import linecache

import numpy as np
import pytest
from numlift import _native

# Parts of arguments and of what is computed of them; the extents are such that a part is no run of memory.
PARTS = [
    "x[:, 1:]",
    "x.T[1:]",
    "x[:, ::2]",
    "(x + 1.0)[:, 1:]",
    "(x + 1.0)[::-1]",
    "(x * 2.0).T[1:]",
    "(x * 2.0)[:, ::-1]",
    "(x + 1.0)[:, ::2][1:]",
    "(x + 1.0)[k:]",
    "(x - x.mean(axis=0))[:, 1:]",
    "np.sqrt(np.abs(x))[:, :2]",
    "(x * 1j).imag",
    "np.outer(x[0], x[1])[1:, 1:]",
]
OPERATIONS = [
    "np.sum({})",
    "np.mean({})",
    "{}.sum(axis=0)",
    "{}.mean(axis=-1)",
    "{}.std()",
    "np.prod({})",
    "np.nansum({})",
    "np.linalg.norm({})",
    "{0} @ {0}.T",
    "{0} @ np.ones({0}.shape[-1])",
    "{0}[:, 0] @ {0}[:, -1]",
    "np.dot({0}[0], {0}[1])",
    "np.inner({0}, {0})",
    "np.convolve({0}[0], {0}[1])",
    "np.correlate({0}[:, 0], {0}[:, 1])",
    "np.cumsum({})",
    "{}.ravel()",
    "np.dot({0}.ravel(), {0}.ravel())",
]
SHAPES = [(3, 4), (9, 5), (60, 200)]


def function_of(expression):
    name = f"<{expression}>"
    text = f"def f(x, k):\n    return {expression}\n"
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    names = {"np": np}
    exec(compile(text, name, "exec"), names)
    return names["f"]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_bits_are_those_of_numpy(operation):
    numbers = np.random.default_rng(3)
    for part in PARTS:
        function = function_of(operation.format(part))
        for shape in SHAPES:
            x = numbers.standard_normal(shape)
            for argument in (x, np.asfortranarray(x)):
                kernel = _native.jit(function, {"always": True})
                expected, actual = function(argument, 1), kernel(argument, 1)
                assert np.asarray(expected).tobytes() == np.asarray(actual).tobytes(), (part, shape, argument.strides)
                assert kernel.specializations[0]["compiled"], (part, shape)


PARTS_RETURNED = ["(x + 1.0)[:, 1:]", "(x + 1.0).T[1:]", "(x * 2.0)[::2]", "(x * 1j).real"]


@pytest.mark.parametrize("part", PARTS_RETURNED)
def test_results_lie_as_they_do_for_numpy(part):
    x = np.arange(12.0).reshape(3, 4)
    function = function_of(part)
    kernel = _native.jit(function, {"always": True})
    assert function(x, 1).strides == kernel(x, 1).strides


# More axes than the array has, be they of length one, NumPy refuses in place.
IN_PLACE = [
    "x[0] += x[::-1]",
    "w = x[0]; w += x",
    "w = x[0] * 2.0; w += x",
    "x[:, 1] += x[:, 2:3]",
    "x[0] *= x[:, None]",
    "x[0][:1] -= x[:, :1][None]",
    "x[0, 0] += x[0, 2:3]",
    "x[0] = x[::-1]",
    "x[[0]] += x[None]",
    "w = x[0]; np.add(w, x, out=w)",
]


@pytest.mark.parametrize("statement", IN_PLACE)
@pytest.mark.parametrize("shape", [(1, 5), (2, 5), (1, 1), (3, 1)])
def test_in_place(statement, shape):
    name = f"<{statement}>"
    text = f"def f(x):\n    {statement}\n    return x\n"
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    names = {"np": np}
    exec(compile(text, name, "exec"), names)

    def ended(function):
        x = np.arange(1.0, 1.0 + shape[0] * shape[1]).reshape(shape)
        try:
            return repr(function(x))
        except (ValueError, TypeError, IndexError) as error:
            return repr((error, x))

    assert ended(_native.jit(names["f"], {"always": True})) == ended(names["f"])


# What a mask picks is stored to in the order of memory, and what stands there is read on the way.
MASKED = [
    "x[x > k] = x[::-1][:3]",
    "x[x > k] = x[:3]",
    "x[x > k] = x[::-1][:3] * 1.0",
    "x[x > k] += x[::-1][:3]",
    "v = x.ravel(); v[v > k] = x[1:4]",
    "v = x[::-1]; v[v > k] = x[:3]",
    "x[np.array([4, 0, 2])] = x[:3]",
]


@pytest.mark.parametrize("statement", MASKED)
@pytest.mark.parametrize("numbers", [[0.0, 1.0, 2.0, 3.0, 4.0], [4.0, 3.0, 2.0, 1.0, 0.0], [2.0, 5.0, 0.0, 3.0, 1.0]])
def test_masked_stores_of_the_memory_that_is_stored_to(statement, numbers):
    name = f"<{statement}>"
    text = f"def f(x, k):\n    {statement}\n    return x\n"
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    names = {"np": np}
    exec(compile(text, name, "exec"), names)
    kernel = _native.jit(names["f"], {"always": True})
    assert kernel(np.array(numbers), 1).tolist() == names["f"](np.array(numbers), 1).tolist()
