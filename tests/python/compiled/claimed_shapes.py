"""Array functions whose shape, layout or events are easily taken for others: `(function, arguments, …)`."""

import numpy as np


def close_to_infinities(x, y):
    both = np.isfinite(x) & np.isfinite(y)
    apart = np.where(both, x, 0.0) - np.where(both, y, 0.0)
    return np.isclose(x, y), np.allclose(x, y), np.abs(apart) <= 1e-8


def rest_of_nothing(x):
    return x.reshape(-1, x.shape[1])


def two_rests(x):
    return x.reshape(-1, -1)


def axes_that_are_variables(x, axes):
    return x.transpose(axes).copy(), np.transpose(x, axes) + 1, x.transpose(*axes) * 2


def outer_of_columns(x):
    return np.add.outer(x, x) + 1, np.outer(x, x) + 1


def indices_of_nothing(x):
    s = 0
    for index in np.ndindex(()):
        s += len(index) + 1
    for index in np.ndindex(x.shape):
        s += len(index) * x[index]
    return s


def another_shape(x):
    return np.full_like(x, 3, shape=(2, 2)) + 1, np.zeros_like(x, shape=3) + 1, np.array(x, ndmin=3) + 1


CLAIMED = [
    (another_shape, (np.asfortranarray(np.arange(12.0).reshape(3, 4)),)),
    (
        axes_that_are_variables,
        (np.arange(24).reshape(2, 3, 4), (1, 0, 2)),
        (np.arange(24).reshape(2, 3, 4), (2, -3, 1)),
        (np.arange(24).reshape(2, 3, 4), (0, 0, 1)),
    ),
    (outer_of_columns, (np.asfortranarray(np.arange(12.0).reshape(3, 4)),), (np.arange(6.0).reshape(2, 3)[::-1],)),
    (indices_of_nothing, (np.ones(()),), (np.ones((2, 3)),), (np.ones((2, 0)),)),
    (
        close_to_infinities,
        (np.array([0.0, np.inf, -np.inf, 1.0, np.nan]), np.array([0.0, np.inf, -np.inf, np.inf, np.nan])),
    ),
    (rest_of_nothing, (np.ones((2, 3)),), (np.ones((2, 0)),), (np.ones((0, 2)),), (np.ones((0, 0)),)),
    (two_rests, (np.ones((2, 3)),)),
]
