"""NumPy's functions on arrays under CPython and compiled: one function of each line, alone.

What it returns has to be the same in every bit, with dtype, shape, order in memory and the memory that it shares with
the arguments; so do the arguments behind it and the warnings. And none of it may run in Python.
"""

import importlib.util
import re
import warnings

import numlift
import numpy as np
import pytest

CASES = {
    "views": """
        A.reshape(5, 4) | A.reshape(-1) | A.reshape((2, -1)) | x.reshape(-1, 1) | (A + 1).reshape(2, 10) | A.ravel()
        np.reshape(A, (10, 2)) | A.flatten() | A.T.flatten() | A[1:].ravel() | A.T.reshape(-1).sum()
        A.reshape(n - 1, -1)
        T.transpose(2, 0, 1) | T.swapaxes(0, 2) | np.moveaxis(T, 0, -1) | np.expand_dims(A, -1)
        x[:, None].squeeze(1)[1:]
        np.flip(T, (0, 2)) | np.rot90(A) | np.rot90(A, -1) | np.atleast_2d(x) | np.atleast_3d(A)
        A.diagonal(1).sum()
        r = A.reshape(-1); r[0] = 5.0; return A, r
        r = A.T + 1; q = r.reshape(-1) * 2; return q, r
        r = np.reshape(A.T, (20,)); q = r * 2; A[:] = 0; return q
    """,
    "order": """
        A.T + B.T | A.T * 2 + B.T | A.T + C[:, :4] | T.transpose(2, 0, 1) * 2 | np.where(A.T > 0, A.T, 0)
        np.copy(A.T)
        A.T.copy() | A.T.astype(np.float32) | np.zeros_like(A.T) | np.full_like(A.T, 3) | A[:, i] | A[i][:, i]
        np.sum(A.T, axis=0) | np.sum(A.T + B.T) | np.mean(T.transpose(2, 0, 1), axis=(0, 2))
        np.cumsum(A.T, axis=0)
    """,
    "scans": """
        np.cumsum(x) | np.cumsum(A) | np.cumsum(A, axis=0) | A.cumsum(axis=1) | np.cumprod(x) | np.cumsum(k)
        np.cumsum(b)
        np.cumsum(f) | np.cumsum(z) | np.cumsum(u) | np.cumsum(T, axis=1) | np.cumsum(x, dtype=np.float32)
        np.cumsum(x[:0])
        np.maximum.accumulate(N) | np.minimum.accumulate(A, axis=1) | np.multiply.accumulate(k)
        np.cumsum(x * 2 + 1)
        np.logical_or.accumulate(b) | np.cumsum(A[:, :0], axis=1)
    """,
    "places": """
        np.argmin(x) | np.argmax(A) | np.argmax(A, axis=1) | A.argmin(axis=0) | np.argmax(b) | np.argmin(k)
        np.argmax(N)
        np.argmax(A, axis=0, keepdims=True) | np.argmax(A.T) | np.argmax(np.abs(x - s)) | np.argmax(x[:0])
        np.argmax(T, axis=1)
        np.where(x > 0) | np.where(x > 0)[0] | np.flatnonzero(A > 0) | x.nonzero() | x[np.where(x > 0)]
        np.where(x > 100)
        x[np.flatnonzero(x > 0)] | A[np.nonzero(A > 0)]
    """,
    "progressions": """
        np.linspace(0, 1, n) | np.linspace(s, 2, n + 4, endpoint=False) | np.linspace(0, 10) | np.linspace(0, 1, 1)
        np.linspace(-s, s, 101) | np.linspace(s, s, n) | np.linspace(0, 1, n - 3) | np.arange(1, n + 5)
        np.arange(10, 0, -3)
        np.arange(0, 10, n) | np.arange(n, -20, -n) | np.arange(0.0, 1.0, 0.1) | np.arange(s, 50, s)
        np.arange(-0.0, 3, 1)
        np.arange(1.5, -2, -s) | np.arange(n, dtype=np.float64) | np.arange(n, dtype=np.int32)
        np.arange(0, 3, n - 3)
        np.indices((n, 4)) | np.mgrid[0:n, 0:4] | np.zeros(2 ** n)
    """,
    "ends": """
        np.roll(x, 2) | np.roll(x, -n) | np.roll(x, 100) | np.roll(x[:0], n) | np.roll(A, 1, axis=0)
        np.roll(A, -1, axis=1)
        np.roll(A, (1, 2), axis=(0, 1)) | np.roll(A.T, 1, axis=0) | np.roll(A, 1, 0) + np.roll(A, -1, 0) - 2 * A
        np.pad(x, 1) | np.pad(A, ((1, 0), (0, 2))) | np.pad(x, 2, mode='edge') | np.pad(x, 7, mode='wrap')
        np.pad(x, 6, mode='reflect') | np.pad(x, 7, mode='symmetric') | np.pad(A, 1, mode='wrap')
        np.pad(x, 7, mode='reflect')
        A[:] = np.roll(A, 1, axis=1); return A
    """,
    "repeated": """
        np.repeat(x, n) | np.repeat(A, 2, axis=0) | np.repeat(A, 2, axis=1) | np.repeat(A.T, 2)
        np.repeat(x[None, :], n, axis=0)
        np.tile(x, 2) | np.tile(x, (2, 3)) | np.tile(A, (n, 2)) | np.tile(A, (2, 1, 1)) | np.tile(x, 0)
        np.repeat(x, -n)
    """,
    "joined": """
        np.concatenate((A.T, B), axis=None) | np.concatenate((x, k)) | np.vstack((x, y)) | np.dstack((x, y))
        np.hstack((A.T, B.T))
        np.column_stack((A, A[:, 0])) | np.append(x, 3.0) | np.append(A, x) | np.append(k, 2.5)
        np.stack((A, B), axis=-1)
        np.array([1.0, s, n]) | np.array([[s, 1.0], [2.0, 3.0]]) | np.array([x, y]) | np.array([1, 2, n])
        np.array([x, y[:3]])
        np.array([[1, 2], [3, n]], dtype=np.float32) | np.array([x[0] * 2, x[1] + 1j])
        np.asarray(k, dtype=np.float64)
    """,
    "picks": """
        A[[0, 2]] | A[[0, n], [1, 3]] | x[[0, 1, -1]] | T[:, [0, 1], :] | A[[0, 7]] | np.take(x, i)
        np.take(A, i, axis=1)
        A[M[:, 0]] | A[:, M[0]] | A[M[:, 0], 1] | A[M[:, 0], M[0, :4]] | A[x > 0] | np.take(A, i[:, None], axis=1)
        A[M[:, 0]] = 0; return A
        A[:, M[0]] += 3; return A
        A[[0, 1]] = A[[1, 0]]; return A
        np.add.at(x, i, 1); return x
        np.add.at(x, i, x[:4]); return x
        np.maximum.at(x, i, s); return x
        np.add.at(A, (i, i), 1.0); return A
        np.add.at(i, k % 4, 1); return i
    """,
    "outputs": """
        np.add(x, y, out=y) | np.add(x, y, x) | np.divide(x, y, out=np.zeros_like(x), where=y != 0)
        np.add(x, y, dtype=np.float32)
        np.sqrt(x, out=np.zeros_like(x), where=x > 0) | np.maximum(x, y, out=x, where=b)
        np.multiply(k, k, dtype=np.float64)
        np.matmul(S, S, out=S) | np.add(x, y, out=None) | np.cumsum(x, out=x) | np.add(A, x, out=B)
        np.add(x[1:], x[:-1], out=x[1:]); return x
        np.add(x, y, out=f); return f
        np.add(A[:1], x[:5], out=B); return B
        np.subtract(A, A.T[:1, :4].T, out=A); return A
        np.sum(A, axis=0, out=x[:5]); return x
        np.sum(A, axis=0, out=x[:4]); return x
        np.clip(x, 0, 1, out=x); return x
        np.copyto(x, y, where=b); return x
        x.fill(s); return x
    """,
    "sums": """
        np.mean(k) | np.mean(b) | np.mean(A > 0, axis=0) | np.mean(T > 0, axis=(1, 2)) | np.var(k)
        np.std(A > 0, axis=0)
        np.mean(np.arange(n * 10000) % 7) | np.sum(f, dtype=np.float64) | np.sum(x, dtype=np.float32)
        np.sum(z * z) | np.mean(z)
        np.sum(np.arange(n * 10000) * (1 + 2j) * s) | np.mean(z.astype(np.complex64))
        np.mean(np.arange(n * 9000).reshape(n, 9000), axis=1)
        np.add.reduce(A) | np.add.reduce(A, axis=None) | np.maximum.reduce(A, axis=1) | np.logical_and.reduce(b)
        np.mean(k[:0])
        np.sum(np.arange(n * 100).reshape(n, 100) * 1j, axis=0)
    """,
    "composed": """
        np.trace(S) | np.ptp(A, axis=0) | np.average(A, axis=0) | np.inner(x, y) | np.linalg.norm(x)
        np.linalg.norm(A, axis=1)
        np.linalg.norm(x, 1) | np.linalg.norm(x, np.inf) | np.trapezoid(x, dx=s) | np.trapezoid(x, y)
        np.isclose(N, N)
        np.allclose(x, x) | np.array_equal(x, y) | np.array_equal(x, y[:3]) | np.nan_to_num(N)
        np.cross(A[0, :3], B[0, :3])
        np.dot(A, A.T) | np.dot(S, x[:4]) | A.dot(C) | np.clip(x, 0, 1) | np.clip(x, y, 5)
        z.real ** 2 + z.imag ** 2 | z.conj()
        np.float64(s) + n | np.float32(s) | np.int64(n) | np.uint8(n) | np.float32(n)
    """,
    "folds": """
        np.max(np.sin(np.arange(n * 9000))) | np.min(np.arange(n * 20000) % 977 - s) | np.sum(np.arange(n * 9000) * n)
        np.any(np.arange(n * 9000) == 777) | np.argmax(np.arange(n * 9000) % 8999) | np.prod(np.arange(n * 9000) + 1)
        np.sum(x, initial=3.0) | np.sum(A, axis=0, initial=s) | np.max(x, initial=0.0)
        np.min(A, axis=1, initial=9) | np.max(k, initial=7) | np.prod(k, initial=2) | x.max(initial=s)
        np.sum(k, where=b) | np.sum(x, where=b) | np.max(x, where=b, initial=-1) | np.any(b, where=b)
        np.all(x > 0, where=b) | np.mean(h) | np.sum(h, dtype=np.float32) | h.max() | np.cumsum(h) | np.any(h)
        np.add.reduce(x) | np.multiply.reduce(k) | np.bitwise_or.reduce(k) | np.bitwise_xor.reduce(k)
        np.logical_xor.reduce(b) | np.minimum.reduce(A) | np.add.reduce(A, axis=1, keepdims=True) | np.nansum(N)
        np.nanmean(N) | np.nanstd(N) | np.nanprod(N) | np.nansum(A, axis=0) | np.nanmean(A, axis=1)
        np.nancumsum(N) | np.nanargmax(N) | np.nanvar(A, axis=0) | np.nan_to_num(N, nan=1.0) | np.nanmax(N)
        np.nanmin(A, axis=0) | np.nanmax(f) | np.nanmin(A, axis=1, keepdims=True)
        np.sum(h) | h[::2].sum()
    """,
    "counting": """
        np.bincount(u) | np.bincount(u, minlength=300) | np.bincount(c, weights=x)
        np.histogram(x, bins=4, range=(-1.0, 3.0))[0] | np.histogram(x, 4)[0] | np.histogram(x, bins=4)
        np.histogram(x, bins=4, weights=y) | np.histogram(x, 3, (-1.0, 3.0), weights=y)
        np.searchsorted(t, s) | np.interp(s, t, t) | np.select([x > 1, x < 0], [x, -x])
        np.select([x > 1, x < 0], [x, y], default=s) | np.count_nonzero(A, axis=0) | np.argwhere(x > 0)
        np.extract(x > 0, x) | np.compress(b, x) | np.unravel_index(7, A.shape)
        np.unravel_index(np.argmax(A), A.shape) | np.average(x, weights=y) | np.interp(x, t, t * s) | np.interp(N, t, t)
        np.searchsorted(t, x) | np.searchsorted(t, N, side='right') | t.searchsorted(y)
        np.digitize(x, t) | np.digitize(t, t, right=True) | np.digitize(N, t)
    """,
    "windows": """
        np.convolve(x, y) | np.convolve(x, t[:2], mode='same') | np.convolve(x, y, 'valid') | np.convolve(t[:2], x)
        np.convolve(f, f[:3]) | np.correlate(x, y[:2]) | np.correlate(x, t[:3], mode='full')
        np.correlate(f, f[:2], 'same') | np.convolve(np.linspace(0, 1, 90) / 7, np.linspace(1, 3, 40) / 9)
    """,
    "columns": """
        np.zeros((n, 4), order='F') | np.ones((4, n), order='F') * s | np.zeros(n, order='F')
        np.ones((n, 2), np.float32, order='F') | np.zeros((2, 3, n), dtype=np.int64, order='F')
        F = np.zeros((n, 4), order='F'); F[:, 1] = s; F[2, 3] = 1.0; return F, (F + 0.1).sum(axis=0), F.T
    """,
    "grids": """
        np.meshgrid(x, y)[0] | np.meshgrid(x, i, indexing='ij')[1] | np.diff(x, n=2) | np.diff(A, n=2, axis=0)
        np.diff(x, prepend=0) | np.diff(x, append=s) | np.diff(b) | np.ediff1d(A) | np.gradient(x)
        np.gradient(x, s) | np.gradient(A)[0] | np.gradient(A, axis=1) | np.eye(n) | np.eye(4, 5, 1)
        np.eye(4, k=-1) | np.diag(x) | np.diag(x, 1) | np.diagflat(x) | np.tri(4, 5, 1) | np.tril(A)
        np.triu(A, 1) | np.tril(A, k=-1) | np.tri(n) | np.tril_indices(4)[0] | np.diag_indices(n)[0]
        np.triu_indices(4, 1) | np.convolve(k, k[:3]) | np.cross(A[:, :3], B[:, :3]) | np.cross(x[:3], y[:3])
        np.cross(x[:2], y[:2]) | np.kron(x, y[:2]) | np.kron(S, A) | np.add.outer(x, y) | np.subtract.outer(x, i)
        np.maximum.outer(x, y) | np.delete(x, 2) | np.insert(x, 2, s) | np.delete(A, 1, axis=0) | np.outer(x, y)
        np.roll(A, 3) | np.atleast_1d(x) | np.triu(S) + np.tril(S, -1)
    """,
    "subscripts": """
        x[b] | A[M] | A[M[:, 0], 1:3] | A[M[:, 0], :][:, M[0]] | A[i[:, None], i] | A[i, 1:3] | A[1:3, i]
        T[:, i[:1], 0] | A[..., 0] | T[..., 1:] | T[0, ..., 0] | x[np.newaxis, :] | A[:, np.newaxis, :] | A[-1]
        A[[0, 2], :][:, [1, 3]] | A[~M] | x[(x > 0) & (x < 2)] | x[i] | x[i.reshape(2, 2)] | A[A > 0].sum()
        A[i, i] | x[-3:][::-1] | x[::-2] | T[:, ::-1, ::2] | A[n - 1] | x[n:] | x[:-n] | x[n::2] | A[::n]
        x[::n] | x[n::n] | x[n:0:-1] | x[5:n:-1]
    """,
    "stores": """
        x[b] = 0; return x
        x[b] = y[b]; return x
        x[b] += 1; return x
        x[~b] *= y[~b]; return x
        A[M] = 0; return A
        A[M] = B[M]; return A
        A[M] += 1; return A
        A[A > 0] = s; return A
        A[M[:, 0]] = x[:5]; return A
        A[:, M[0]] = 1; return A
        A[i] = 7; return A
        A[i, i] = x[:4]; return A
        A[i, 1:3] = s; return A
        A[:, i] = 2; return A
        x[::n] = 0; return x
        x[n::n] = 5; return x
        x[n * n - 8::n] = False; return x
        x[1::n] += 1; return x
        b[n::2] = False; return b
        x[::-n] = 2; return x
        T[..., 0] = 1; return T
        T[:, 1] = T[:, 0]; return T
        A[:] = x[:5]; return A
        A.T[:] = x[:4]; return A
        x[1:], x[:-1] = y[:-1], y[1:]; return x
        k[:] = x; return k
        x[:] = z.real; return x
        k[0] = 2.7; return k
        np.putmask(x, b, y); return x
        np.subtract.at(x, i, 1); return x
        np.multiply.at(x, i, 2.0); return x
        np.logical_or.at(b, i, True); return b
    """,
    "elements": """
        np.identity(n) | np.trace(A) | np.trace(S, 1) | A.trace() | np.empty_like(A) * 0 | np.add.accumulate(x)
        np.ndim(A) | np.size(A) | np.shape(A) | A.size | A.ndim | len(A) | np.fix(x) | np.isneginf(N)
        np.isposinf(N) | np.iscomplex(z) | np.isreal(z) | np.modf(x) | np.heaviside(x, 0.5)
        np.float_power(x, 2) | np.signbit(x) | np.copysign(x, y) | np.conj(z) | np.deg2rad(x) | np.rad2deg(x)
        np.degrees(x) | np.square(x) | np.reciprocal(x + 3) | k ** 2 | k ** 3 | np.power(k, 2) | np.polyval(x, s)
        np.polyval(x[:3], y) | np.abs(z) | abs(z) | z / (z + 2) | z * 2 | z + x | np.round(x, 1)
        np.around(x, 2) | x.round(1) | np.clip(x, None, 1) | np.clip(x, 0, None) | np.clip(x, min=0, max=1)
        x.clip(0) | np.positive(x) | np.rint(x) | x.astype(int) | x.astype('f4') | x.astype(np.complex128)
        x.astype(bool) | k.astype(np.uint8) | x.item(2) | A.item(1, 2) | x.dot(y) | x @ y | A @ C | np.vdot(x, y)
        np.linalg.norm(A) | np.matmul(A, C) | np.multiply(x, y) | np.var(x, ddof=1) | np.std(A, axis=0, ddof=1)
        np.mean(A, axis=(0, 1)) | np.ptp(x) | np.cumprod(A, axis=1) | np.sum(A, axis=-1)
        np.sum(A, keepdims=True) | np.min(T, axis=(0, 2)) | np.all(A > 0, axis=1) | np.argmax(A, axis=-1)
        np.max(A) - np.min(A) | np.maximum(x, 0) | np.where(b, x, 0) | np.fliplr(A) | np.flipud(A)
        np.rot90(A, 2) | np.array(x) | np.array([x, y]).T | np.asarray(A) | np.zeros(3)
        np.zeros((n, n), dtype=np.int32) | np.zeros(A.shape) | np.ones(A.shape, dtype=A.dtype) | np.empty(0)
        np.full(3, s) | np.full((2, n), n) | np.arange(n) | np.arange(n, dtype=float) | np.copy(A) | A.copy()
        np.swapaxes(A, 0, 1) | np.transpose(T) | np.moveaxis(T, 1, 0) | np.hstack([x, y]) | np.stack([x, y])
        np.concatenate([A, B], axis=1) | np.dstack([A, B]) | np.isfinite(N).all() | (x > 0).any() | x.mean()
        x.std() | A.sum(0) | A.min(1) | A.T.dot(A) | x.argmax() | A.argmin(0) | x.prod() | x.var()
        A.ravel()[::2] | np.logical_and(b, x > 0) | b & (x > 0) | ~b | x == y | np.array_equal(A, B)
        np.allclose(A, B) | np.all(np.isclose(x, y))
    """,
}
# What compiled code leaves to Python, in a call that raises or by choice.
IN_PYTHON = {"r = A.T + 1; q = r.reshape(-1) * 2; return q, r"}


def arguments():
    random = np.random.default_rng(3)
    return {
        "x": np.array([1.5, -2.25, 0.0, 3.5, -0.0, 2.0, 0.75]),
        "y": np.array([0.5, 1.25, -1.0, 3.5, 2.0, -0.0, 1e-9]),
        "A": random.normal(size=(4, 5)),
        "B": random.normal(size=(4, 5)),
        "C": random.normal(size=(5, 5)),
        "S": random.normal(size=(4, 4)),
        "T": random.normal(size=(2, 3, 4)),
        "i": np.array([2, 0, -1, 2]),
        "k": np.array([3, -1, 2, 2, 0, 5, 1], dtype=np.int32),
        "b": np.array([True, False, True, True, False, False, True]),
        "M": random.random((4, 5)) > 0.5,
        "z": np.array([1 + 2j, -1.5j, 0.5, 2 - 1j, -1, 3 + 0.25j, 1j]),
        "f": np.array([1.5, 0.25, -3, 7, 0.1, 2, 4], dtype=np.float32),
        "u": np.array([200, 100, 3, 4, 5, 255, 0], dtype=np.uint8),
        "h": np.array([1.5, -2, 0.25, 7, 0.1, 2, 4], dtype=np.float16),
        "t": np.array([-2.0, -0.5, 0.0, 1.0, 2.5]),
        "c": np.array([3, 1, 2, 2, 0, 5, 1]),
        "N": np.array([1.0, np.nan, 3.0, -1.0, np.inf, 2.0, np.nan]),
        "n": 3,
        "s": 0.3,
    }


def cases(topic):
    lines = [line.strip() for line in CASES[topic].strip().splitlines()]
    return [case for line in lines for case in ([line] if "return" in line else line.split(" | "))]


def names_of(case):
    plain = re.sub(r"'[^']*'", "", case)
    return [name for name in arguments() if re.search(rf"(?<![\w.]){name}(?!\w|=[^=]|\()", plain)]


def source_of(topic):
    text = "import numpy as np\n"
    for number, case in enumerate(cases(topic)):
        body = case if "return" in case else f"return {case}"
        text += f"\n\ndef f{number}({', '.join(names_of(case))}):\n    " + body.replace("; ", "\n    ") + "\n"
    return text


def described(value, given):
    """What can be told of a value; one NaN is like another."""
    if isinstance(value, (tuple, list)):
        return [described(item, given) for item in value]
    if not isinstance(value, np.ndarray):
        return type(value).__name__, repr(value)
    bits = np.where(np.isnan(value), np.nan, value) if value.dtype.kind in "fc" else value
    flags = value.flags.c_contiguous, value.flags.f_contiguous, value.flags.writeable
    shared = [name for name, one in given.items() if isinstance(one, np.ndarray) and np.shares_memory(one, value)]
    # The arrays of indices of several axes lie side by side here, not interleaved.
    return str(value.dtype), value.shape, flags if value.dtype != np.int64 else flags[2], shared, bits.tobytes()


def outcome(function, names):
    given = {name: arguments()[name] for name in names}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            end = described(function(*given.values()), given)
        except Exception as error:
            end = type(error).__name__, str(error)
    told = sorted({(one.category.__name__, str(one.message)) for one in caught})
    return end, [described(value, {}) for value in given.values()], told


@pytest.mark.parametrize("topic", CASES)
def test_functions_give_what_numpy_gives_without_python(topic, tmp_path):
    path = tmp_path / f"{topic}.py"
    path.write_text(source_of(topic))
    spec = importlib.util.spec_from_file_location(topic, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    wrong = []
    for number, case in enumerate(cases(topic)):
        function, names = getattr(module, f"f{number}"), names_of(case)
        kernel = numlift.jit(function)
        expected = outcome(function, names)
        # Twice: the second call finds the memory of the first.
        for _ in range(2):
            actual = outcome(kernel, names)
            if actual != expected:
                wrong.append((case, expected, actual))
        [made] = kernel.specializations
        if case not in IN_PYTHON and not (made["compiled"] and not made["islands"]):
            wrong.append((case, "runs Python", made.get("reason"), made.get("islands")))
    assert not wrong
