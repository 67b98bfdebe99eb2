"""Reductions: those that pass over NaN, of some elements, of half floats, of bits. See `forms.rs`."""

import numpy as np


def numpy_nansum(a: "fd 123", axis: "int | none" = None, keepdims: "True | False" = False):
    return np.sum(np.where(np.isnan(a), 0.0, a), axis=axis, keepdims=keepdims)


def numpy_nanprod(a: "fd 123", axis: "int | none" = None, keepdims: "True | False" = False):
    return np.prod(np.where(np.isnan(a), 1.0, a), axis=axis, keepdims=keepdims)


def numpy_nancumsum(a: "fd 123", axis: "int | none" = None):
    return np.cumsum(np.where(np.isnan(a), 0.0, a), axis=axis)


def _some(a, axis):
    if axis is None:
        if np.all(np.isnan(a)):
            raise ValueError
    elif np.any(np.all(np.isnan(a), axis=axis)):
        raise ValueError


def numpy_nanargmax(a: "fd 123", axis: "int | none" = None):
    _some(a, axis)
    return np.argmax(np.where(np.isnan(a), -np.inf, a), axis=axis)


def numpy_nanargmin(a: "fd 123", axis: "int | none" = None):
    _some(a, axis)
    return np.argmin(np.where(np.isnan(a), np.inf, a), axis=axis)


def numpy_nanmax(a: "fd 123", axis: "int | none" = None, keepdims: "True | False" = False):
    _some(a, axis)
    return np.max(np.where(np.isnan(a), -np.inf, a), axis=axis, keepdims=keepdims)


def numpy_nanmin(a: "fd 123", axis: "int | none" = None, keepdims: "True | False" = False):
    _some(a, axis)
    return np.min(np.where(np.isnan(a), np.inf, a), axis=axis, keepdims=keepdims)


def numpy_nanmean(a: "d 123", axis: "int | none" = None, keepdims: "True | False" = False):
    _some(a, axis)
    is_nan = np.isnan(a)
    count = np.sum(~is_nan, axis=axis, keepdims=keepdims)
    return np.sum(np.where(is_nan, 0.0, a), axis=axis, keepdims=keepdims) / count


def numpy_nanvar(a: "d 123", axis: "int | none" = None, ddof: "int" = 0):
    is_nan = np.isnan(a)
    count = np.sum(~is_nan, axis=axis, keepdims=True)
    if np.min(count) <= max(ddof, 0):
        raise ValueError
    mean = np.sum(np.where(is_nan, 0.0, a), axis=axis, keepdims=True) / count
    if not np.all(np.isfinite(mean)):
        raise ValueError
    distance = np.where(is_nan, 0.0, a - mean)
    return np.sum(distance * distance, axis=axis) / (np.sum(~is_nan, axis=axis) - ddof)


def numpy_nanstd(a: "d 123", axis: "int | none" = None, ddof: "int" = 0):
    return np.sqrt(np.nanvar(a, axis=axis, ddof=ddof))


def _alike(a, b):
    if len(a) != len(b) or a.shape[-1] != b.shape[-1] or a.size != b.size:
        raise ValueError


def numpy_sum__where(a: "iub 123", where: "b 123", axis: "int | none" = None):
    _alike(a, where)
    return np.sum(np.where(where, a, np.zeros(1, a.dtype)), axis=axis)


def numpy_sum__of_some(a: "fd 1", where: "b 1"):
    if len(a) != len(where):
        raise ValueError
    total = np.sum(a[:0])
    first = 0
    while first < len(a):
        if not where[first]:
            first += 1
            continue
        end = first
        while end < len(a) and where[end]:
            end += 1
        if end - first < 8:
            part = a[first]
            for i in range(first + 1, end):
                part = part + a[i]
            total = total + part
        else:
            total = total + np.sum(a[first:end])
        first = end
    return total


def numpy_max__where(a: "ifd 123", where: "b 123", initial: "number", axis: "int | none" = None):
    _alike(a, where)
    # As a number of the array's dtype, as NumPy makes it.
    first = np.max(a[:0], initial=initial)
    return np.max(np.where(where, a, first), axis=axis, initial=initial)


def numpy_min__where(a: "ifd 123", where: "b 123", initial: "number", axis: "int | none" = None):
    _alike(a, where)
    # As a number of the array's dtype, as NumPy makes it.
    first = np.min(a[:0], initial=initial)
    return np.min(np.where(where, a, first), axis=axis, initial=initial)


def numpy_any__where(a: "b 123", where: "b 123", axis: "int | none" = None):
    _alike(a, where)
    return np.any(a & where, axis=axis)


def numpy_all__where(a: "b 123", where: "b 123", axis: "int | none" = None):
    _alike(a, where)
    return np.all(a | ~where, axis=axis)


def numpy_sum__halves(a: "e 1"):
    total = np.sum(a.astype(np.float32))
    if not abs(total) < 65504.0:
        raise ValueError
    return np.float16(total)


def ndarray_sum__halves(self: "e 1"):
    return np.sum(self)


def numpy_mean(a: "e 1"):
    if len(a) == 0:
        raise ValueError
    total = np.float64(np.sum(a, dtype=np.float32))
    return np.float16(np.float32(total / np.float64(len(a))))


def ndarray_mean(self: "e 1"):
    return np.mean(self)


def numpy_max(a: "e 1"):
    most = a[0]
    for i in range(1, len(a)):
        if not (most >= a[i] or most != most):
            most = a[i]
    return most


def numpy_min(a: "e 1"):
    least = a[0]
    for i in range(1, len(a)):
        if not (least <= a[i] or least != least):
            least = a[i]
    return least


def ndarray_max(self: "e 1"):
    return np.max(self)


def ndarray_min(self: "e 1"):
    return np.min(self)


def numpy_any(a: "e 123"):
    return np.any(a != 0)


def numpy_all(a: "e 123"):
    return np.all(a != 0)


def numpy_bitwise_or_reduce(array: "iub 1"):
    found = array[0]
    for i in range(1, len(array)):
        found = found | array[i]
    return found


def numpy_bitwise_and_reduce(array: "iub 1"):
    found = array[0]
    for i in range(1, len(array)):
        found = found & array[i]
    return found


def numpy_bitwise_xor_reduce(array: "iub 1"):
    found = array[0]
    for i in range(1, len(array)):
        found = found ^ array[i]
    return found


def numpy_logical_xor_reduce(array: "b 1"):
    found = array[0]
    for i in range(1, len(array)):
        found = found ^ array[i]
    return found
