"""What is proven of lengths holds where it is used, and is forgotten elsewhere."""

import numpy as np
from numlift import _native


def after_a_loop(x, y, m):
    last = 0.5
    for v in m[0]:
        last = v
    return np.where(m[0, : len(x)] > y[: len(x)], m[0, : len(x)], last)


def first_after_a_loop(m):
    total = 0.0
    for i in range(len(m)):
        total += m[i]
    return m[:1] + total


def test_what_a_loop_knows_of_its_range_is_forgotten_behind_it():
    """That it goes round at all is true inside of it only: an empty array has no first element."""
    for function, args in [
        (after_a_loop, (np.array([0.7]), np.array([-1, 0, 5]), np.zeros((3, 0)))),
        (after_a_loop, (np.array([0.7]), np.array([-1, 0, 5]), np.ones((3, 2)))),
        (first_after_a_loop, (np.zeros(0),)),
        (first_after_a_loop, (np.ones(3),)),
    ]:
        kernel = _native.jit(function, {"always": True})
        assert np.array_equal(kernel(*args), function(*args)), args
