"""Counting, searching and picking. See `forms.rs`."""

import numpy as np


def numpy_bincount(x: "iu 1", minlength: "int" = 0):
    if minlength < 0:
        raise ValueError
    if len(x) == 0:
        return np.zeros(minlength, np.int64)
    if int(np.min(x)) < 0:
        raise ValueError
    out = np.zeros(max(int(np.max(x)) + 1, minlength), np.int64)
    for i in range(len(x)):
        out[x[i]] += 1
    return out


def numpy_bincount__weighted(x: "iu 1", weights: "biufd 1", minlength: "int" = 0):
    if minlength < 0 or len(x) != len(weights):
        raise ValueError
    if len(x) == 0:
        return np.zeros(minlength, np.int64)
    if int(np.min(x)) < 0:
        raise ValueError
    out = np.zeros(max(int(np.max(x)) + 1, minlength), np.float64)
    for i in range(len(x)):
        place = x[i]
        out[place] = float(out[place]) + float(weights[i])
    return out


def _bin_edges(bins, first, last):
    if bins < 1 or not (np.isfinite(first) and np.isfinite(last)) or first > last:
        raise ValueError
    if first == last:
        first = first - 0.5
        last = last + 0.5
    edges = np.linspace(first, last, bins + 1)
    for j in range(bins):
        if edges[j] >= edges[j + 1]:
            raise ValueError
    if not np.isfinite(last - first):
        raise ValueError
    return edges


def _nearly(values, first, last, bins):
    """The bin of each value, or the one beside it; behind the last where it is in none."""
    inside = (values >= first) & (values <= last)
    known = np.where(inside, values, first)
    found = ((known - first) / (last - first) * bins).astype(np.int64)
    return np.where(inside, np.minimum(found, bins - 1), bins)


def _bin_of(value, nearly, edges, bins):
    if value < edges[nearly]:
        return nearly - 1
    if value >= edges[nearly + 1] and nearly != bins - 1:
        return nearly + 1
    return nearly


def _counted(a, bins, low, high):
    """In blocks that stay in the processor's caches."""
    block = 1024
    edges = _bin_edges(bins, low, high)
    first, last = float(edges[0]), float(edges[bins])
    out = np.zeros(bins, np.int64)
    for begin in range(0, len(a), block):
        values = a[begin : begin + block]
        nearly = _nearly(values, first, last, bins)
        for i in range(len(values)):
            if nearly[i] < bins:
                out[_bin_of(values[i], nearly[i], edges, bins)] += 1
    return out, edges


def _weighed(a, weights, bins, low, high):
    """NumPy adds up blocks of 65536 one by one."""
    block, blocks = 1024, 64
    if len(weights) != len(a):
        raise ValueError
    edges = _bin_edges(bins, low, high)
    first, last = float(edges[0]), float(edges[bins])
    out = np.zeros(bins, np.float64)
    part = np.zeros(bins, np.float64)
    number = 0
    for begin in range(0, len(a), block):
        values = a[begin : begin + block]
        nearly = _nearly(values, first, last, bins)
        for i in range(len(values)):
            if nearly[i] < bins:
                part[_bin_of(values[i], nearly[i], edges, bins)] += float(weights[begin + i])
        number += 1
        if number == blocks:
            out += part
            part[:] = 0.0
            number = 0
    return out + part, edges


def numpy_histogram(a: "d 1", bins: "int" = 10, range: "none" = None):
    if len(a) == 0:
        raise ValueError
    return _counted(a, bins, float(np.min(a)), float(np.max(a)))


def numpy_histogram__between(a: "d 1", range: "pair", bins: "int" = 10):
    return _counted(a, bins, float(range[0]), float(range[1]))


def numpy_histogram__weighted(a: "d 1", weights: "d 1", bins: "int" = 10, range: "none" = None):
    if len(a) == 0:
        raise ValueError
    return _weighed(a, weights, bins, float(np.min(a)), float(np.max(a)))


def numpy_histogram__weighted_between(a: "d 1", range: "pair", weights: "d 1", bins: "int" = 10):
    return _weighed(a, weights, bins, float(range[0]), float(range[1]))


def numpy_searchsorted(a: "d 1", v: "number", side: "'left'" = "left"):
    lo, hi = 0, len(a)
    key = float(v)
    while lo < hi:
        middle = lo + ((hi - lo) >> 1)
        if a[middle] < key or (key != key and a[middle] == a[middle]):
            lo = middle + 1
        else:
            hi = middle
    return np.int64(lo)


def numpy_searchsorted__right(a: "d 1", v: "number", side: "'right'"):
    lo, hi = 0, len(a)
    key = float(v)
    while lo < hi:
        middle = lo + ((hi - lo) >> 1)
        if not (key < a[middle] or (a[middle] != a[middle] and key == key)):
            lo = middle + 1
        else:
            hi = middle
    return np.int64(lo)


def numpy_searchsorted__int(a: "i 1", v: "int", side: "'left'" = "left"):
    lo, hi = 0, len(a)
    while lo < hi:
        middle = lo + ((hi - lo) >> 1)
        if int(a[middle]) < v:
            lo = middle + 1
        else:
            hi = middle
    return np.int64(lo)


def ndarray_searchsorted(self: "d 1", v: "number", side: "'left' | 'right'" = "left"):
    return np.searchsorted(self, v, side=side)


def _interval(key, xp):
    """Where NumPy looks first, and then by halves: the same also where `xp` does not ascend."""
    n = len(xp)
    if n <= 4:
        i = 1
        while i < n and key >= xp[i]:
            i += 1
        return i - 1
    if key < xp[1]:
        return 0
    if key < xp[2]:
        return 1
    if key < xp[3]:
        return 2
    lo, hi = 3, n
    if n > 10 and key < xp[9]:
        hi = 9
    while lo < hi:
        middle = lo + ((hi - lo) >> 1)
        if key >= xp[middle]:
            lo = middle + 1
        else:
            hi = middle
    return lo - 1


def numpy_interp(x: "number", xp: "d 1", fp: "d 1"):
    n = len(xp)
    if n < 2 or len(fp) != n:
        raise ValueError
    key = float(x)
    if key != key:
        return np.float64(key)
    if key > xp[n - 1]:
        return fp[n - 1]
    if key < xp[0]:
        return fp[0]
    j = _interval(key, xp)
    if j == n - 1 or float(xp[j]) == key:
        return fp[j]
    slope = (float(fp[j + 1]) - float(fp[j])) / (float(xp[j + 1]) - float(xp[j]))
    result = slope * (key - float(xp[j])) + float(fp[j])
    if result != result:
        result = slope * (key - float(xp[j + 1])) + float(fp[j + 1])
        if result != result and fp[j] == fp[j + 1]:
            result = float(fp[j])
    return np.float64(result)


def _ascends(a):
    for i in range(1, len(a)):
        if not a[i - 1] <= a[i]:
            raise ValueError


def numpy_interp__each(x: "d 1", xp: "d 1", fp: "d 1"):
    _ascends(xp)
    out = np.empty(len(x))
    for i in range(len(x)):
        out[i] = np.interp(x[i], xp, fp)
    return out


def numpy_searchsorted__each(a: "d 1", v: "d 1", side: "'left'" = "left"):
    _ascends(a)
    out = np.empty(len(v), np.int64)
    for i in range(len(v)):
        out[i] = np.searchsorted(a, v[i])
    return out


def numpy_searchsorted__each_right(a: "d 1", v: "d 1", side: "'right'"):
    _ascends(a)
    out = np.empty(len(v), np.int64)
    for i in range(len(v)):
        out[i] = np.searchsorted(a, v[i], side="right")
    return out


def ndarray_searchsorted__each(self: "d 1", v: "d 1", side: "'left' | 'right'" = "left"):
    return np.searchsorted(self, v, side=side)


def numpy_digitize(x: "d 1", bins: "d 1", right: "False" = False):
    _ascends(bins)
    return np.searchsorted(bins, x, side="right")


def numpy_digitize__right(x: "d 1", bins: "d 1", right: "True"):
    _ascends(bins)
    return np.searchsorted(bins, x)


def numpy_convolve__ints(a: "i 1", v: "=a 1", mode: "'full'" = "full"):
    if len(a) == 0 or len(v) == 0:
        raise ValueError
    out = np.zeros(len(a) + len(v) - 1, a.dtype)
    for j in range(len(v)):
        out[j : j + len(a)] += a * v[j]
    return out


def numpy_count_nonzero(a: "biufd 123", axis: "int", keepdims: "True | False" = False):
    return np.sum(a != 0, axis=axis, keepdims=keepdims)


def numpy_argwhere(a: "biufd 1"):
    return np.flatnonzero(a)[:, None]


def numpy_extract(condition: "b 123", arr: "biufdFD 123"):
    if condition.size != arr.size:
        raise ValueError
    return np.ravel(arr)[np.ravel(condition)]


def numpy_compress(condition: "b 1", a: "biufdFD 1", axis: "none | 0" = None):
    if len(condition) != len(a):
        raise ValueError
    return a[condition]


def numpy_unravel_index(indices: "whole", shape: "ints2"):
    at = int(indices)
    if at < 0 or shape[0] < 0 or shape[1] <= 0 or at >= shape[0] * shape[1]:
        raise ValueError
    return np.int64(at // shape[1]), np.int64(at % shape[1])


def numpy_unravel_index__space(indices: "whole", shape: "ints3"):
    at = int(indices)
    if at < 0 or shape[0] < 0 or shape[1] <= 0 or shape[2] <= 0 or at >= shape[0] * shape[1] * shape[2]:
        raise ValueError
    rest = at // shape[2]
    return np.int64(rest // shape[1]), np.int64(rest % shape[1]), np.int64(at % shape[2])


def numpy_average(a: "d 1", weights: "d 1"):
    total = np.sum(weights)
    if total == 0.0 or len(a) != len(weights):
        raise ValueError
    return np.sum(a * weights) / total
