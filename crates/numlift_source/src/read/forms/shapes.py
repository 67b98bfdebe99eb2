"""Arrays of other shapes: diagonals, triangles, grids, differences. See `forms.rs`."""

import numpy as np


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


def numpy_ndim(a: "biufdFDe 1234"):
    return a.ndim


def numpy_size(a: "biufdFDe 1234", axis: "none" = None):
    return a.size


def numpy_shape(a: "biufdFDe 1234"):
    return a.shape


def numpy_roll(a: "biufdFD 23", shift: "int"):
    return np.reshape(np.roll(np.ravel(a), shift), a.shape)


def numpy_atleast_1d(x0: "biufdFDe 123"):
    return x0
