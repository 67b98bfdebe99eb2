"""NL401 to NL406: products in another order, on matrices that are no trap."""

import numpy as np


# unsafe
def solved(A, b):
    return np.linalg.inv(A) @ b, np.dot(np.linalg.inv(A), b), np.linalg.inv(A).dot(A + 1)


# unsafe
def diagonal(A, B):
    return np.diag(A @ B.T), np.diagonal(np.dot(A, B.T)), (A.T @ B).diagonal()


# unsafe
def trace(A, B):
    return np.trace(A @ B), (A @ B.T).trace()


# unsafe
def chain(A, b):
    A = np.asarray(A, dtype=float).reshape(len(b), -1)
    b = np.asarray(b, dtype=float).ravel()
    return A @ A.T @ b


# unsafe
def norm(b):
    return np.sqrt(np.sum(b**2)), np.sqrt((b * b).sum()), np.sqrt(np.sum(np.square(b)))


# unsafe
def dot(b):
    a = np.asarray(b, dtype=float).ravel()
    c = np.linspace(0, 1, a.size)
    return np.sum(a * c), (a * c).sum()


# none
def not_these(A, b):
    return (
        A @ np.linalg.inv(A),
        np.linalg.inv(A),
        np.diag(A @ b),
        np.trace(A),
        A @ A @ b,
        np.sqrt(np.sum(A**2, axis=1)),
        np.sqrt(np.sum(A**3)),
        np.sum(A * b),
        np.linalg.inv(A) @ b @ np.linalg.inv(A),
    )
