"""Products of a vector with windows of another. See `forms.rs`.

NumPy turns the shorter one around once, adds up windows of at most eleven elements one after the other, and gives longer
ones, and those that hang over an end, to BLAS.
"""

import numpy as np


def _slid(a, v, left, right):
    # NumPy says nothing of overflow here; what cannot overflow has nothing to say.
    if not (np.max(np.abs(a)) < 1e15 and np.max(np.abs(v)) < 1e15):
        raise ValueError
    # NumPy hands over to BLAS what lies in one run.
    a = np.ascontiguousarray(a)
    v = np.ascontiguousarray(v)
    length = len(v)
    middle = len(a) - length + 1
    out = np.empty(left + middle + right, a.dtype)
    for i in range(left):
        count = length - left + i
        out[i] = np.dot(a[:count], v[length - count :])
    if length <= 11:
        # What is added to stays in the nearest cache.
        for i in range(0, middle, 1024):
            end = min(i + 1024, middle)
            out[left + i : left + end] = 0.0
            for j in range(length):
                out[left + i : left + end] += a[i + j : end + j] * v[j]
    else:
        for i in range(middle):
            out[left + i] = np.dot(a[i : i + length], v)
    for i in range(right):
        count = length - 1 - i
        out[left + middle + i] = np.dot(a[middle + i :], v[:count])
    return out


def numpy_convolve(a: "fd 1", v: "=a 1", mode: "'full'" = "full"):
    if len(a) == 0 or len(v) == 0:
        raise ValueError
    if len(v) > len(a):
        return _slid(v, a[::-1].copy(), len(a) - 1, len(a) - 1)
    return _slid(a, v[::-1].copy(), len(v) - 1, len(v) - 1)


def numpy_convolve__same(a: "fd 1", v: "=a 1", mode: "'same'"):
    if len(a) == 0 or len(v) == 0:
        raise ValueError
    if len(v) > len(a):
        return _slid(v, a[::-1].copy(), len(a) // 2, len(a) - len(a) // 2 - 1)
    return _slid(a, v[::-1].copy(), len(v) // 2, len(v) - len(v) // 2 - 1)


def numpy_convolve__valid(a: "fd 1", v: "=a 1", mode: "'valid'"):
    if len(a) == 0 or len(v) == 0:
        raise ValueError
    if len(v) > len(a):
        return _slid(v, a[::-1].copy(), 0, 0)
    return _slid(a, v[::-1].copy(), 0, 0)


def numpy_correlate(a: "fd 1", v: "=a 1", mode: "'valid'" = "valid"):
    if len(v) == 0 or len(v) > len(a):
        raise ValueError
    return _slid(a, v, 0, 0)


def numpy_correlate__same(a: "fd 1", v: "=a 1", mode: "'same'"):
    if len(v) == 0 or len(v) > len(a):
        raise ValueError
    return _slid(a, v, len(v) // 2, len(v) - len(v) // 2 - 1)


def numpy_correlate__full(a: "fd 1", v: "=a 1", mode: "'full'"):
    if len(v) == 0 or len(v) > len(a):
        raise ValueError
    return _slid(a, v, len(v) - 1, len(v) - 1)
