"""Dicts whose items are asked for by names that are written out: as arguments and as globals."""

import sys
from pathlib import Path

import numpy as np
import pytest
from numlift import _engine, _native

sys.path.insert(0, str(Path(__file__).parents[1] / "generator"))

import leaving
import outcomes

SETTINGS = {"mass": 2.0, "k": 3, "x": np.arange(3.0), "mode": "fast"}
FULL = np.array([0.5, 1.5, 2.5, 3.5])


def reads(x, p):
    s = 0.0
    for i in range(len(x)):
        s += x[i] * p["mass"] + p["k"]
    return s


def reads_global(x):
    s = 0.0
    for i in range(len(x)):
        s += x[i] * SETTINGS["mass"] + SETTINGS["k"] + SETTINGS["x"][i % 3]
    if SETTINGS["mode"] == "fast":
        s += 1
    return s


def stores(x, p):
    for i in range(len(x)):
        p["mass"] += x[i]
        p["k"] -= 1
        if x[i] > 3:
            raise ValueError(i)
    return p["mass"] / p["k"]


def stores_in_two(x, p, q):
    s = 0.0
    for i in range(len(x)):
        p["mass"] += x[i]
        s += q["mass"]
    return s


def adds_one(x, p):
    p["fresh"] = 1
    for v in x:
        p["mass"] += v
    return p["mass"], p["fresh"], p.get("none"), len(p)


def misses(x, p):
    s = 0.0
    for v in x:
        s += p["nothing"] * v
    return s


def grows(x, p):
    for _ in x:
        p["k"] *= 2**40
    return p["k"]


def weight(p, v):
    return p["mass"] * v


def hands_on(x, p):
    s = 0.0
    for v in x:
        s += weight(p, v)
    return s


def prints(x, p):
    for v in x:
        p["mass"] += v
        print(p["mass"], p)
    return p["mass"]


def odd_keys(x, p):
    for v in x:
        p["a 'b' \\ ü"] += v
        p[""] -= v
        if v > 3:
            raise ValueError
    return p[""]


class Sevens(dict):
    def __getitem__(self, key):
        return 7.0


def made():
    return {"mass": 1.5, "k": 4}


def twice():
    one = made()
    return [FULL, one, one]


CASES = {
    "reads": (reads, lambda: [FULL, made()]),
    "ints for floats": (reads, lambda: [FULL, {"mass": 1, "k": 2.5}]),
    "a key is missing": (reads, lambda: [FULL, {"mass": 1}]),
    "another class": (reads, lambda: [FULL, Sevens(mass=1.0, k=2)]),
    "stores": (stores, lambda: [FULL[:3], made()]),
    "raises": (stores, lambda: [FULL, made()]),
    "divides by zero": (stores, lambda: [FULL[:3], {"mass": 1.0, "k": 3}]),
    "two": (stores_in_two, lambda: [FULL, made(), made()]),
    "one twice": (stores_in_two, twice),
    "new item": (adds_one, lambda: [FULL, made()]),
    "no such key": (misses, lambda: [FULL, made()]),
    "beyond 64 bits": (grows, lambda: [FULL, made()]),
    "hands on": (hands_on, lambda: [FULL, made()]),
    "prints": (prints, lambda: [FULL, made()]),
    "odd keys": (odd_keys, lambda: [FULL, {"a 'b' \\ ü": 0.5, "": 2.0}]),
}


def plain(value):
    return [(key, outcomes.plain(item)) for key, item in value.items()] if isinstance(value, dict) else value


def ended(function, given):
    arguments = given()
    outcome = outcomes.ended(function, arguments)
    outcome["arguments"] = [plain(value) for value in arguments[1:]]
    return outcome


@pytest.mark.parametrize("name", CASES)
def test_items_of_dicts(name):
    function, given = CASES[name]
    kernel = _native.jit(function, {"always": True})
    expected = ended(function, given)
    for _ in range(2):
        assert ended(kernel, given) == expected


@pytest.mark.parametrize("name", CASES)
def test_python_goes_on_with_what_was_stored(name, monkeypatch):
    function, given = CASES[name]
    compiled = _engine.compile
    monkeypatch.setattr(_engine, "compile", lambda text: compiled(leaving.asking(text)))
    kernel = _native.jit(function, {"always": True})
    expected = ended(function, given)
    _native.force_exit(leaving.FAR)
    assert ended(kernel, given) == expected
    places = leaving.FAR - _native.force_exit(0)
    for place in range(1, min(places, 20) + 1):
        _native.force_exit(place)
        actual = ended(kernel, given)
        _native.force_exit(0)
        assert actual == expected, place


@pytest.mark.parametrize("function", [reads, stores, hands_on])
def test_no_python_inside(function):
    kernel = _native.jit(function, {"strict": True})
    assert ended(kernel, lambda: [FULL[:3], made()]) == ended(function, lambda: [FULL[:3], made()])


def test_a_global_is_looked_at_at_each_call(monkeypatch):
    kernel = _native.jit(reads_global, {"strict": True})
    assert kernel(FULL) == reads_global(FULL)
    for key, value in [("mass", 5.0), ("mass", 5), ("mode", "slow"), ("k", 2.5), ("x", np.arange(4.0) + 1)]:
        monkeypatch.setitem(SETTINGS, key, value)
        assert kernel(FULL) == reads_global(FULL)
    monkeypatch.setitem(globals(), "SETTINGS", {**SETTINGS, "mass": -1.0})
    assert kernel(FULL) == reads_global(FULL)
    kernel = _native.jit(reads_global, {"always": True})
    assert kernel(FULL) == reads_global(FULL)
    monkeypatch.delitem(SETTINGS, "k")
    with pytest.raises(KeyError, match="k"):
        kernel(FULL)


def only_read(x, n):
    p = {"mass": 1.5, "k": 2}
    s = 0.0
    for i in range(n):
        s += x[i] * p["mass"] + p["k"]
    return s


def sums(x, n):
    p = {"a": 0.0, "n": 0}
    for i in range(n):
        p["a"] += x[i]
        p["n"] += 1
    return p["a"] / p["n"]


def returned(x, n):
    t = 1.0
    p = {"a": t, "n": 0, "none": None}
    for i in range(n):
        if p["none"] is None or x[i] > p["none"]:
            p["none"] = x[i]
        p["a"] *= x[i]
        p["n"] += 2**61
    return p


def printed(x, n):
    p = {"a": 0.0}
    for i in range(n):
        p["a"] += x[i]
        print(p["a"])
    print(p)
    return len(p)


def under_two_names(x, n):
    p = {"a": 0.0}
    q = p if n > 2 else {"a": 5.0}
    for i in range(n):
        q["a"] += x[i]
    return p["a"], q["a"], p is q


def bump(p, v):
    p["a"] += v


def handed_on(x, n):
    p = {"a": 0.0}
    for i in range(n):
        bump(p, x[i])
    return p


def made_in_a_loop(x, n):
    s = 0.0
    for i in range(n):
        p = {"a": i, "b": x[i]}
        p["a"] += 1
        s += p["a"] * p["b"]
    return s, p


def in_a_list(x, n):
    p = {"a": 0.0}
    kept = [p]
    for i in range(n):
        kept[0]["a"] += x[i]
    return p["a"]


def in_branches(x, n):
    p = {"a": 0.0, "b": 1}
    if n > 2:
        p["a"] = 3
    else:
        p["b"] = x
    return p


def with_a_key_that_varies(x, n):
    p = {"a": 0.0, "b": 1}
    for k in ("a", "b"):
        p[k] += n
    return p["a"], p["b"]


def left_early(x, n):
    p = {"a": 0.0}
    for i in range(n):
        p["a"] += x[i]
        if p["a"] > 3:
            return p
    raise ValueError(p["a"])


OWN = [
    only_read,
    sums,
    returned,
    printed,
    under_two_names,
    handed_on,
    made_in_a_loop,
    in_a_list,
    in_branches,
    with_a_key_that_varies,
    left_early,
]


@pytest.mark.parametrize("function", OWN, ids=lambda function: function.__name__)
@pytest.mark.parametrize("n", [0, 2, 4, 5])
def test_dicts_that_the_function_makes(function, n, monkeypatch):
    expected = outcomes.ended(function, [FULL, n])
    kernel = _native.jit(function, {"always": True})
    assert not outcomes.apart(expected, outcomes.ended(kernel, [FULL, n]))
    compiled = _engine.compile
    monkeypatch.setattr(_engine, "compile", lambda text: compiled(leaving.asking(text)))
    kernel = _native.jit(function, {"always": True})
    assert not list(leaving.differences(kernel, expected, lambda: [FULL, n], 1))


@pytest.mark.parametrize("function", [only_read, sums, returned, handed_on, left_early])
def test_only_the_dict_is_made_in_python(function):
    kernel = _native.jit(function, {"always": True})
    outcomes.ended(kernel, [FULL, 4])
    reasons = {island[2] for island in kernel.specializations[0]["islands"]}
    assert reasons <= {"a dict is made"}
