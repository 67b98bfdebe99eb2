"""Searches for an extremum and what is kept with it: from many starts, under conditions, in every row, among ties."""

from __future__ import annotations

from random import Random

from shapes import LIFTABLE, OPEN, dtype, expression, kind, number

# Starts that all ordinary numbers beat, by the sign of the comparison, and some that they may not.
BEATEN = {"<": ['float("inf")', "np.inf", "1e300"], ">": ['float("-inf")', "-np.inf", "-1e300"]}
NEAR = ["0.0", "1.0", "-2.5", "0"]


def start(rng: Random, sign: str, element: str) -> str:
    return rng.choice([*BEATEN[sign], *rng.sample(NEAR, 1), element])


@kind(LIFTABLE)
def nearest(rng: Random) -> tuple[str, str]:
    sign = rng.choice(["<", ">"])
    kept = rng.choice(["i", "i", "i + 1", "x[i]", "y[i]"])
    returned = rng.choice(["best, at", "at", "at, best", "best"])
    text = f"""
def kernel(x, y):
    best = {rng.choice(BEATEN[sign])}
    at = {rng.choice(["-1", "None", "0"])}
    for i in range(len(x)):
        v = {expression(rng, ["x[i]"], rng.randint(0, 2))}
        if v {sign} best:
            best = v
            at = {kept}
    return {returned}
"""
    return f"x={dtype(rng)}[n], y=f64[n], n=1..40", text


@kind(OPEN)
def search_under_a_condition(rng: Random) -> tuple[str, str]:
    sign = rng.choice(["<", ">", "<=", ">="])
    plain = sign.rstrip("=")
    test = rng.choice(["y[i] > 0", "i != j", "x[i] == x[i]", "y[i] < x[i]", "i % 2 == 0 and y[i] > -1"])
    inside = f"if {test} and x[i] {sign} best:" if rng.random() < 0.5 else f"if x[i] {sign} best and {test}:"
    body = f"""        {inside}
            best = x[i]
            at = i"""
    if rng.random() < 0.4:
        body = f"""        if {test}:
            if x[i] {sign} best:
                best = x[i]
                at = i"""
    if rng.random() < 0.2:
        body += (
            "\n        else:\n            at = i"
            if rng.random() < 0.5
            else f"\n            best = best + {number(rng)}"
        )
    text = f"""
def kernel(x, y, j):
    best = {start(rng, plain, "x[0]")}
    at = {rng.choice(["-1", "0"])}
    for i in range({rng.choice(["0", "0", "1"])}, len(x)):
{body}
    return best, at
"""
    return f"x={dtype(rng)}[n], y=f64[n], j=int 0..5, n=1..40", text


@kind(OPEN)
def search_in_rows(rng: Random) -> tuple[str, str]:
    sign = rng.choice(["<", ">", "<="])
    plain = sign.rstrip("=")
    test = rng.choice(["", "", "i != j and ", "a[i, j] > 0 and "])
    element, first = rng.choice([("a[i, j]", "a[i, 0]"), ("a[j, i]", "a[0, i]"), ("abs(a[i, j])", "abs(a[i, 0])")])
    rows, columns = ("n", "m") if element != "a[j, i]" else ("m", "n")
    begins = start(rng, plain, first)
    at = rng.choice(["0", "0", "-1"])
    kept = rng.choice(["at", "at", "best"])
    text = f"""
def kernel(a):
    n, m = a.shape
    out = np.zeros({rows}, dtype={rng.choice(["int", "np.int64", "float"])})
    for i in range({rows}):
        best = {begins}
        at = {at}
        for j in range({rng.choice(["0", "1"]) if begins == first else "0"}, {columns}):
            if {test}{element} {sign} best:
                best = {element}
                at = j
        out[i] = {kept}
    return out
"""
    return f"a={dtype(rng)}[n, m], n=1..9, m=1..9", text
