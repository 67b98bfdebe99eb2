"""Functions of NumPy as loops and as other functions; see `forms.rs`."""

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
        out[x[i]] += np.float64(weights[i])
    return out


def _counted(a, bins, first, last):
    if bins < 1 or not (np.isfinite(first) and np.isfinite(last)) or first > last:
        raise ValueError
    if first == last:
        first = first - 0.5
        last = last + 0.5
    edges = np.linspace(first, last, bins + 1)
    for j in range(bins):
        if edges[j] >= edges[j + 1]:
            raise ValueError
    out = np.zeros(bins, np.int64)
    width = last - first
    if not np.isfinite(width):
        raise ValueError
    for i in range(len(a)):
        value = float(a[i])
        if value >= first and value <= last:
            j = int((value - first) / width * bins)
            if j == bins:
                j -= 1
            if value < edges[j]:
                j -= 1
            if value >= edges[j + 1] and j != bins - 1:
                j += 1
            out[j] += 1
    return out, edges


def numpy_histogram(a: "d 1", bins: "int" = 10, range: "none" = None):
    if len(a) == 0:
        raise ValueError
    return _counted(a, bins, float(np.min(a)), float(np.max(a)))


def numpy_histogram__between(a: "d 1", range: "pair", bins: "int" = 10):
    return _counted(a, bins, float(range[0]), float(range[1]))


def numpy_searchsorted(a: "fd 1", v: "=a 1", side: "'left'" = "left"):
    lo, hi = 0, len(a)
    out = np.empty(len(v), np.int64)
    if len(v) == 0:
        return out
    last = v[0]
    for i in range(len(v)):
        key = v[i]
        if last < key or (key != key and last == last):
            hi = len(a)
        else:
            lo = 0
            hi = hi + 1 if hi < len(a) else len(a)
        last = key
        while lo < hi:
            middle = lo + ((hi - lo) >> 1)
            if a[middle] < key or (key != key and a[middle] == a[middle]):
                lo = middle + 1
            else:
                hi = middle
        out[i] = lo
    return out


def numpy_searchsorted__right(a: "fd 1", v: "=a 1", side: "'right'"):
    lo, hi = 0, len(a)
    out = np.empty(len(v), np.int64)
    if len(v) == 0:
        return out
    last = v[0]
    for i in range(len(v)):
        key = v[i]
        if not (key < last or (last != last and key == key)):
            hi = len(a)
        else:
            lo = 0
            hi = hi + 1 if hi < len(a) else len(a)
        last = key
        while lo < hi:
            middle = lo + ((hi - lo) >> 1)
            if not (key < a[middle] or (a[middle] != a[middle] and key == key)):
                lo = middle + 1
            else:
                hi = middle
        out[i] = lo
    return out


def numpy_searchsorted__ints(a: "iu 1", v: "=a 1", side: "'left'" = "left"):
    lo, hi = 0, len(a)
    out = np.empty(len(v), np.int64)
    if len(v) == 0:
        return out
    last = v[0]
    for i in range(len(v)):
        key = v[i]
        if last < key:
            hi = len(a)
        else:
            lo = 0
            hi = hi + 1 if hi < len(a) else len(a)
        last = key
        while lo < hi:
            middle = lo + ((hi - lo) >> 1)
            if a[middle] < key:
                lo = middle + 1
            else:
                hi = middle
        out[i] = lo
    return out


def numpy_searchsorted__one(a: "d 1", v: "number", side: "'left'" = "left"):
    lo, hi = 0, len(a)
    key = float(v)
    while lo < hi:
        middle = lo + ((hi - lo) >> 1)
        if a[middle] < key or (key != key and a[middle] == a[middle]):
            lo = middle + 1
        else:
            hi = middle
    return np.int64(lo)


def numpy_searchsorted__one_right(a: "d 1", v: "number", side: "'right'"):
    lo, hi = 0, len(a)
    key = float(v)
    while lo < hi:
        middle = lo + ((hi - lo) >> 1)
        if not (key < a[middle] or (a[middle] != a[middle] and key == key)):
            lo = middle + 1
        else:
            hi = middle
    return np.int64(lo)


def numpy_searchsorted__one_int(a: "i 1", v: "int", side: "'left'" = "left"):
    lo, hi = 0, len(a)
    while lo < hi:
        middle = lo + ((hi - lo) >> 1)
        if int(a[middle]) < v:
            lo = middle + 1
        else:
            hi = middle
    return np.int64(lo)


def ndarray_searchsorted(self: "fdiu 1", v: "=self 1", side: "'left' | 'right'" = "left"):
    return np.searchsorted(self, v, side=side)


def ndarray_searchsorted__one(self: "d 1", v: "number", side: "'left' | 'right'" = "left"):
    return np.searchsorted(self, v, side=side)


def numpy_digitize(x: "d 1", bins: "d 1", right: "False" = False):
    for i in range(len(bins) - 1):
        if not bins[i] <= bins[i + 1]:
            raise ValueError
    return np.searchsorted(bins, x, side="right")


def numpy_digitize__right(x: "d 1", bins: "d 1", right: "True"):
    for i in range(len(bins) - 1):
        if not bins[i] <= bins[i + 1]:
            raise ValueError
    return np.searchsorted(bins, x, side="left")


def _between(value, xp, fp, guess):
    n = len(xp)
    if value != value:
        return value
    if value > xp[n - 1]:
        return float(fp[n - 1])
    if value < xp[0]:
        return float(fp[0])
    lo, hi = 0, n
    if xp[guess] <= value:
        lo = guess + 1
        if lo < n and value < xp[lo]:
            hi = lo
    while lo < hi:
        middle = lo + ((hi - lo) >> 1)
        if xp[middle] <= value:
            lo = middle + 1
        else:
            hi = middle
    j = lo - 1
    if j == n - 1 or float(xp[j]) == value:
        return float(fp[j])
    left, right = float(xp[j]), float(xp[j + 1])
    low, high = float(fp[j]), float(fp[j + 1])
    slope = (high - low) / (right - left)
    result = slope * (value - left) + low
    if result != result:
        result = slope * (value - right) + high
        if result != result and low == high:
            result = low
    return result


def _ascends(xp, fp):
    if len(xp) != len(fp) or len(xp) < 2:
        raise ValueError
    for i in range(len(xp) - 1):
        if not xp[i] <= xp[i + 1]:
            raise ValueError


def numpy_interp(x: "d 1", xp: "d 1", fp: "d 1"):
    _ascends(xp, fp)
    out = np.empty(len(x))
    for i in range(len(x)):
        out[i] = _between(float(x[i]), xp, fp, 0)
    return out


def numpy_interp__one(x: "number", xp: "d 1", fp: "d 1"):
    _ascends(xp, fp)
    return np.float64(_between(float(x), xp, fp, 0))


def numpy_convolve(a: "i 1", v: "=a 1", mode: "'full'" = "full"):
    if len(a) == 0 or len(v) == 0:
        raise ValueError
    out = np.zeros(len(a) + len(v) - 1, a.dtype)
    for j in range(len(v)):
        out[j : j + len(a)] += a * v[j]
    return out


def numpy_kron(a: "biufdFD 1", b: "biufdFD 1"):
    return np.reshape(np.outer(a, b), (-1,))


def numpy_kron__matrices(a: "biufdFD 2", b: "biufdFD 2"):
    rows, columns = a.shape[0] * b.shape[0], a.shape[1] * b.shape[1]
    return (a[:, None, :, None] * b[None, :, None, :]).reshape(rows, columns)


def numpy_cross(a: "ifd 2", b: "=a 2"):
    if a.shape[1] != 3 or b.shape[1] != 3 or a.shape[0] != b.shape[0]:
        raise ValueError
    out = np.empty(a.shape, a.dtype)
    out[:, 0] = a[:, 1] * b[:, 2] - a[:, 2] * b[:, 1]
    out[:, 1] = a[:, 2] * b[:, 0] - a[:, 0] * b[:, 2]
    out[:, 2] = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
    return out


def numpy_diag(v: "biufdFD 1", k: "int" = 0):
    n = len(v) + abs(k)
    out = np.zeros((n, n), v.dtype)
    for i in range(len(v)):
        out[i + max(0, -k), i + max(0, k)] = v[i]
    return out


def numpy_diagflat(v: "biufdFD 1", k: "int" = 0):
    return np.diag(v, k)


def numpy_eye(N: "int", M: "int | none" = None, k: "int" = 0):
    columns = N if M is None else M
    out = np.zeros((N, columns))
    for i in range(max(0, -k), min(N, columns - k)):
        out[i, i + k] = 1.0
    return out


def numpy_tri(N: "int", M: "int | none" = None, k: "int" = 0):
    columns = N if M is None else M
    out = np.zeros((N, columns))
    for i in range(N):
        out[i, : max(0, min(columns, i + k + 1))] = 1.0
    return out


def numpy_tril_indices(n: "int", k: "int" = 0):
    count = 0
    for i in range(n):
        count += max(0, min(n, i + k + 1))
    rows, columns = np.empty(count, np.int64), np.empty(count, np.int64)
    at = 0
    for i in range(n):
        for j in range(max(0, min(n, i + k + 1))):
            rows[at] = i
            columns[at] = j
            at += 1
    return rows, columns


def numpy_triu_indices(n: "int", k: "int" = 0):
    count = 0
    for i in range(n):
        count += max(0, n - max(0, i + k))
    rows, columns = np.empty(count, np.int64), np.empty(count, np.int64)
    at = 0
    for i in range(n):
        for j in range(max(0, i + k), n):
            rows[at] = i
            columns[at] = j
            at += 1
    return rows, columns


def numpy_diag_indices(n: "int", ndim: "2" = 2):
    each = np.arange(n)
    return each, each


def numpy_meshgrid(x0: "biufdFD 1", x1: "biufdFD 1", indexing: "'xy'" = "xy"):
    first = np.empty((len(x1), len(x0)), x0.dtype)
    second = np.empty((len(x1), len(x0)), x1.dtype)
    first[:] = x0
    second[:] = x1[:, None]
    return first, second


def numpy_meshgrid__ij(x0: "biufdFD 1", x1: "biufdFD 1", indexing: "'ij'"):
    first = np.empty((len(x0), len(x1)), x0.dtype)
    second = np.empty((len(x0), len(x1)), x1.dtype)
    first[:] = x0[:, None]
    second[:] = x1
    return first, second


def numpy_meshgrid__space(x0: "biufdFD 1", x1: "biufdFD 1", x2: "biufdFD 1", indexing: "'ij'"):
    shape = (len(x0), len(x1), len(x2))
    first, second, third = np.empty(shape, x0.dtype), np.empty(shape, x1.dtype), np.empty(shape, x2.dtype)
    first[:] = x0[:, None, None]
    second[:] = x1[:, None]
    third[:] = x2
    return first, second, third


def numpy_diff__twice(a: "iufdFD 123", n: "2", axis: "int" = -1):
    return np.diff(np.diff(a, axis=axis), axis=axis)


def numpy_diff__thrice(a: "iufdFD 123", n: "3", axis: "int" = -1):
    return np.diff(np.diff(np.diff(a, axis=axis), axis=axis), axis=axis)


def numpy_diff__bools(a: "b 1"):
    return a[1:] != a[:-1]


def numpy_diff__prepended(a: "d 1", prepend: "number"):
    return np.diff(np.concatenate((np.full(1, float(prepend)), a)))


def numpy_diff__appended(a: "d 1", append: "number"):
    return np.diff(np.concatenate((a, np.full(1, float(append)))))


def numpy_ediff1d(ary: "iufdFD 23"):
    return np.diff(np.ravel(ary))


def numpy_gradient(f: "d 1", x0: "number" = 1.0):
    if len(f) < 2:
        raise ValueError
    out = np.empty(len(f))
    out[1:-1] = (f[2:] - f[:-2]) / (2.0 * x0)
    out[0:1] = (f[1:2] - f[0:1]) / x0
    out[-1:] = (f[-1:] - f[-2:-1]) / x0
    return out


def _down(f, dx):
    if f.shape[0] < 2:
        raise ValueError
    out = np.empty(f.shape)
    out[1:-1] = (f[2:] - f[:-2]) / (2.0 * dx)
    out[0] = (f[1] - f[0]) / dx
    out[-1] = (f[-1] - f[-2]) / dx
    return out


def _across(f, dx):
    if f.shape[1] < 2:
        raise ValueError
    out = np.empty(f.shape)
    out[:, 1:-1] = (f[:, 2:] - f[:, :-2]) / (2.0 * dx)
    out[:, 0] = (f[:, 1] - f[:, 0]) / dx
    out[:, -1] = (f[:, -1] - f[:, -2]) / dx
    return out


def numpy_gradient__matrix(f: "d 2", x0: "number" = 1.0):
    return _down(f, x0), _across(f, x0)


def numpy_gradient__both(f: "d 2", x0: "number", x1: "number"):
    return _down(f, x0), _across(f, x1)


def numpy_gradient__down(f: "d 2", axis: "0", x0: "number" = 1.0):
    return _down(f, x0)


def numpy_gradient__across(f: "d 2", axis: "1 | -1", x0: "number" = 1.0):
    return _across(f, x0)


def numpy_polyval(p: "d 1", x: "d 12"):
    y = np.zeros(x.shape)
    for i in range(len(p)):
        y = y * x + p[i]
    return y


def numpy_polyval__one(p: "d 1", x: "number"):
    value = np.float64(x)
    y = np.float64(0.0)
    for i in range(len(p)):
        y = y * value + p[i]
    return y


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


def numpy_nanmax(a: "fd 123", axis: "int | none" = None, keepdims: "True | False" = False):
    _some(a, axis)
    return np.max(np.where(np.isnan(a), -np.inf, a), axis=axis, keepdims=keepdims)


def numpy_nanmin(a: "fd 123", axis: "int | none" = None, keepdims: "True | False" = False):
    _some(a, axis)
    return np.min(np.where(np.isnan(a), np.inf, a), axis=axis, keepdims=keepdims)


def numpy_nanargmax(a: "fd 123", axis: "int | none" = None):
    _some(a, axis)
    return np.argmax(np.where(np.isnan(a), -np.inf, a), axis=axis)


def numpy_nanargmin(a: "fd 123", axis: "int | none" = None):
    _some(a, axis)
    return np.argmin(np.where(np.isnan(a), np.inf, a), axis=axis)


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


def numpy_delete(arr: "biufdFD 1", obj: "int", axis: "none | 0" = None):
    if obj < -len(arr) or obj >= len(arr):
        raise IndexError
    at = obj + len(arr) if obj < 0 else obj
    out = np.empty(len(arr) - 1, arr.dtype)
    out[:at] = arr[:at]
    out[at:] = arr[at + 1 :]
    return out


def numpy_delete__row(arr: "biufdFD 2", obj: "int", axis: "0"):
    if obj < -len(arr) or obj >= len(arr):
        raise IndexError
    at = obj + len(arr) if obj < 0 else obj
    out = np.empty((arr.shape[0] - 1, arr.shape[1]), arr.dtype)
    out[:at] = arr[:at]
    out[at:] = arr[at + 1 :]
    return out


def numpy_insert(arr: "d 1", obj: "int", values: "number", axis: "none | 0" = None):
    if obj < -len(arr) or obj > len(arr):
        raise IndexError
    at = obj + len(arr) if obj < 0 else obj
    out = np.empty(len(arr) + 1, arr.dtype)
    out[:at] = arr[:at]
    out[at] = values
    out[at + 1 :] = arr[at:]
    return out


def numpy_unravel_index(indices: "number", shape: "ints2"):
    at = int(indices)
    if at < 0 or shape[0] < 0 or shape[1] <= 0 or at >= shape[0] * shape[1]:
        raise ValueError
    return np.int64(at // shape[1]), np.int64(at % shape[1])


def numpy_unravel_index__space(indices: "number", shape: "ints3"):
    at = int(indices)
    if at < 0 or shape[0] < 0 or shape[1] <= 0 or shape[2] <= 0 or at >= shape[0] * shape[1] * shape[2]:
        raise ValueError
    rest = at // shape[2]
    return np.int64(rest // shape[1]), np.int64(rest % shape[1]), np.int64(at % shape[2])


def numpy_ndim(a: "biufdFDe 1234"):
    return a.ndim


def numpy_size(a: "biufdFDe 1234", axis: "none" = None):
    return a.size


def numpy_shape(a: "biufdFDe 1234"):
    return a.shape


def numpy_angle(z: "FD 123", deg: "False" = False):
    return np.arctan2(np.imag(z), np.real(z))


def numpy_fix(x: "fd 123"):
    return np.trunc(x)


def numpy_isneginf(x: "fd 123"):
    return x == -np.inf


def numpy_isposinf(x: "fd 123"):
    return x == np.inf


def numpy_iscomplex(x: "FD 123"):
    return np.imag(x) != 0


def numpy_isreal(x: "FD 123"):
    return np.imag(x) == 0


def numpy_modf(x: "fd 123"):
    finite = np.where(np.isinf(x), 0.0, x)
    return np.copysign(finite - np.trunc(finite), x), np.trunc(x)


def numpy_divmod(x1: "iu 123", x2: "=x1 123"):
    if np.any(x2 == 0):
        raise ValueError
    return x1 // x2, x1 % x2


def numpy_round(a: "fd 123", decimals: "int" = 0):
    if decimals < -8 or decimals > 8:
        raise ValueError
    factor = 1.0
    for _ in range(abs(decimals)):
        factor = factor * 10.0
    if decimals < 0:
        return np.rint(a / factor) * factor
    return np.rint(a * factor) / factor


def numpy_around(a: "fd 123", decimals: "int" = 0):
    return np.round(a, decimals)


def ndarray_round(self: "fd 123", decimals: "int" = 0):
    return np.round(self, decimals)


def ndarray_item(self: "fd 1", x0: "int"):
    return float(self[x0])


def ndarray_item__int(self: "iu 1", x0: "int"):
    return int(self[x0])


def ndarray_item__matrix(self: "fd 2", x0: "int", x1: "int"):
    return float(self[x0, x1])


def numpy_average(a: "d 1", weights: "d 1"):
    total = np.sum(weights)
    if total == 0.0 or len(a) != len(weights):
        raise ValueError
    return np.sum(a * weights) / total


def numpy_repeat(a: "biufdFD 1", repeats: "i 1", axis: "none | 0" = None):
    if len(a) != len(repeats):
        raise ValueError
    total = 0
    for i in range(len(repeats)):
        if repeats[i] < 0:
            raise ValueError
        total += int(repeats[i])
    out = np.empty(total, a.dtype)
    at = 0
    for i in range(len(a)):
        for _ in range(int(repeats[i])):
            out[at] = a[i]
            at += 1
    return out


def numpy_roll(a: "biufdFD 23", shift: "int"):
    return np.reshape(np.roll(np.ravel(a), shift), a.shape)


def numpy_atleast_1d(x0: "biufdFDe 123"):
    return x0


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
        total = total + np.sum(a[first:end])
        first = end
    return total


def numpy_max__where(a: "ifd 123", where: "b 123", initial: "number", axis: "int | none" = None):
    _alike(a, where)
    return np.max(np.where(where, a, initial), axis=axis, initial=initial)


def numpy_min__where(a: "ifd 123", where: "b 123", initial: "number", axis: "int | none" = None):
    _alike(a, where)
    return np.min(np.where(where, a, initial), axis=axis, initial=initial)


def numpy_any__where(a: "b 123", where: "b 123", axis: "int | none" = None):
    _alike(a, where)
    return np.any(a & where, axis=axis)


def numpy_all__where(a: "b 123", where: "b 123", axis: "int | none" = None):
    _alike(a, where)
    return np.all(a | ~where, axis=axis)


def numpy_sum(a: "e 1"):
    return np.float16(np.sum(a.astype(np.float32)))


def ndarray_sum(self: "e 1"):
    return np.float16(np.sum(self.astype(np.float32)))


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
