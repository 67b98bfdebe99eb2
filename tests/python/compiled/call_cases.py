"""Functions that change something and may be left in the middle, called from the middle of statements."""

from __future__ import annotations

import numpy as np
from cases import case

GRID = np.linspace(0.0, 1.0, 40)


def store_callee(out, i, v):
    out[i] = v
    return v + out[i + 1]


@case((GRID, 39), (GRID, 40))
def effects_callee(x, n):
    out = np.zeros(len(x))
    s = 0.0
    for i in range(n):
        s += store_callee(out, i, x[i])
    return s, out


def laplace(u, out, k):
    n = len(u)
    for i in range(1, n - 1):
        out[i] = u[i] + k * (u[i + 1] - 2 * u[i] + u[i - 1])
    out[0] = out[n - k2(n)]
    return out[1] / (n - 5)


def k2(n):
    return 1 if n < 10000 else 2


@case((np.arange(6.0), 3), (np.arange(0.0), 3), (np.arange(200.0), 30))
def heat(u, steps):
    v = u.copy()
    s = 0
    for t in range(steps):
        s += laplace(u, v, 0.1) * t
        u, v = v, u
    return u, v, s


def bump(a, i):
    a[i] += 1
    if a[i] > 3:
        raise ValueError(f"too many at {i}")
    a[i + 1] += 10
    return a[i]


@case((np.zeros(5), [0, 1, 1, 2]), (np.zeros(5), [0, 1, 4, 2]), (np.zeros(5), [0, 0, 0, 0, 0]))
def caught(a, idx):
    log = 0
    for j in range(len(idx)):
        try:
            log = log * 2 + bump(a, idx[j])
        except IndexError:
            log += 1000
        except ValueError:
            log = -log
    return log, a


@case((np.zeros(5), [0, 1, 1, 2]), (np.zeros(5), [0, 1, 4, 2]), (np.zeros(5), [0, 0, 0, 0, 0]))
def uncaught(a, idx):
    log = 0
    for j in range(len(idx)):
        log = a[j] * 100 + log * 2 + bump(a, idx[j]) + a[j]
    return log, a


def outer(a, i):
    a[0] -= 1
    r = bump(a, i) * 2 + a[0]
    a[i + 2] = r
    return r


@case((np.zeros(8), [0, 1, 1, 2]), (np.zeros(8), [0, 1, 6, 2]), (np.zeros(8), [0, 7]), (np.zeros(8), [0, 0, 0, 0, 0]))
def two_deep(a, idx):
    s = 0.0
    b = np.zeros(4)
    for j in range(len(idx)):
        b[j] = (outer(a, idx[j]) + b[j - 1] if idx[j] < 7 else outer(a, 1) + a[idx[j]]) + outer(a, 0)
        s = s + b[j]
    return s, a, b


def tried(a, i):
    try:
        a[i] = 1
        a[i + 1] = 2
        return 10
    except IndexError:
        a[0] += 5
        return 20
    finally:
        a[1] += 1


@case((np.zeros(4), 2), (np.zeros(4), 6))
def try_in_callee(a, n):
    s = 0
    for i in range(n):
        s += tried(a, i)
    return s, a


class P:
    def __init__(self):
        self.x, self.n, self.a = 0.0, 0, np.zeros(6)

    def push(self, v):
        self.x += v
        self.a[self.n] = self.x
        self.n += 1
        return self.a[self.n - 2] + self.x

    def run(self, k):
        s = 0
        for i in range(k):
            s += self.push(i)
        return s

    def __eq__(self, o):
        return type(o) is P and o.x == self.x and o.n == self.n and (o.a == self.a).all()

    __hash__ = None


def runs(p, k):
    return p.run(k)


@case((P(), 3), (P(), 9))
def method_state(p, k):
    s = 0
    for i in range(k):
        s += p.push(i)
    return s


@case((3,), (50,))
def rng_index(n):
    rng = np.random.default_rng(5)
    x = np.arange(20.0)
    s = 0
    for i in range(n):
        s += x[int(rng.random() * (i + 1))] + x[int(rng.random() * 20)]
    return s, rng.random()


def find(a, v):
    for i in range(len(a) + 1):
        a[i] += 0.5
        if a[i] == v:
            return i
    return -1


@case((np.zeros(4), 0.5), (np.arange(4.0), 3.5), (np.arange(4.0), 77.0))
def search_in_callee(a, v):
    x = find(a, v)
    y = a[0] * 2 + find(a, v + 0.5)
    return x, y


def loud(a, i):
    print("loud", i)
    a[i] = i
    print("done", i)
    return i


@case((np.zeros(3), 3), (np.zeros(3), 5))
def prints_in_callee(a, n):
    s = 0
    for i in range(n):
        s += loud(a, i) * 2
    return s
