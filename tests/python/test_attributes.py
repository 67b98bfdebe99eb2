"""Compiled methods that change the attributes of `self`: what anybody sees of the object is what Python would leave."""

import copy
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numlift import _native

sys.path.insert(0, str(Path(__file__).parents[1] / "generator"))

import compiling_objects


def jit(function):
    """Compile what it says, whether it pays or not."""
    return _native.jit(function, {"always": True})


class Grid:
    """State that methods change: an array that is replaced, one that is written to, numbers, something else."""

    def __init__(self, n=6):
        self.cells = np.arange(float(n * n)).reshape(n, n) % 5
        self.n = n
        self.time = 0.0
        self.steps = 0
        self.limit = 2**62
        self.name = "grid"
        self.log = []

    @jit
    def replace(self):
        new = np.empty_like(self.cells)
        for i in range(self.n):
            for j in range(self.n):
                s = 0.0
                for di, dj in ((-1, 0), (1, 0), (0, -1), (0, 1)):
                    s += self.cells[(i + di) % self.n, (j + dj) % self.n]
                new[i, j] = s / 4
        self.cells = new

    @jit
    def run(self, count, dt):
        for _ in range(count):
            self.time += dt
            self.steps += 1
        return self.time

    @jit
    def until(self, end, dt):
        while True:
            self.time += dt
            self.steps += 1
            if self.time >= end:
                return self.steps
            if self.steps > 1000:
                break
        self.steps = -1
        return None

    @jit
    def grows(self, factor, count):
        for k in range(count):
            self.time += 1.0
            self.limit = self.limit * factor
            self.steps = k
        return self.limit

    @jit
    def fails(self, x, at):
        for i in range(len(x)):
            self.time += x[i]
            self.steps += 1
            x[i] = self.time
        return x[at]

    @jit
    def raises(self, count):
        for k in range(count):
            self.steps += 1
            if self.steps == 4:
                raise ValueError(f"{self.steps} {k}")
        return self.steps

    @jit
    def caught(self, x):
        for i in range(12):
            try:
                self.time += x[i]
                self.steps += 1
            except IndexError:
                self.steps += 100
        return self.steps

    @jit
    def prints(self, count):
        for _ in range(count):
            self.time += 0.5
            print("at", self.time, self.steps)
            self.steps += 2
        return self.time

    @jit
    def one(self, dt):
        self.time += dt
        self.steps = self.steps + 1

    @jit
    def calls(self, count):
        for k in range(count):
            self.one(0.25 * k)
            if self.steps % 3 == 0:
                self.one(1.0)
        return self.time

    @jit
    def swaps(self, other, count):
        for _ in range(count):
            self.cells, other = other, self.cells
            self.cells[0, 0] += 1.0
        return other

    @jit
    def widens(self, count):
        for _ in range(count):
            self.steps += 0.5
        return self.steps

    @jit
    def meets(self, other, count):
        for _ in range(count):
            self.time += 1.0
            other.time += 10.0
        return self.time

    @jit
    def logs(self, count):
        total = 0.0
        for k in range(count):
            self.time += k
            total += self.time
            if k % 4 == 3:
                self.log.append(self.time)
                self.time = len(self.log) * 1.0
        return total

    @jit
    def sometimes(self, on):
        s = 0
        for k in range(3):
            s += k
            if on:
                self.steps = s
        return s

    @jit
    def rebinds(self, other):
        for _ in range(2):
            self.time += 1.0
        self = other
        for _ in range(2):
            self.time += 5.0
        return self.time


def state(grid):
    return {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in vars(grid).items()}


def outcome(call, *arguments):
    try:
        value = call(*arguments)
    except Exception as error:
        return type(error), str(error)
    return value.tolist() if isinstance(value, np.ndarray) else value


CALLS = [
    ("replace", ()),
    ("run", (7, 0.1)),
    ("run", (0, 0.1)),
    ("until", (2.0, 0.25)),
    ("until", (1e9, 0.25)),
    ("grows", (1, 3)),
    ("grows", (3, 3)),
    ("fails", (np.arange(4.0), 2)),
    ("fails", (np.arange(4.0), 9)),
    ("raises", (3,)),
    ("raises", (9,)),
    ("caught", (np.arange(5.0),)),
    ("prints", (3,)),
    ("calls", (8,)),
    ("swaps", (np.zeros((6, 6)), 3)),
    ("swaps", (np.zeros((6, 6)), 4)),
    ("widens", (3,)),
    ("widens", (0,)),
    ("logs", (9,)),
    ("sometimes", (True,)),
    ("sometimes", (False,)),
]


@pytest.mark.filterwarnings("ignore::numlift.NumliftWarning")
@pytest.mark.parametrize(("name", "arguments"), CALLS, ids=lambda value: value if isinstance(value, str) else "")
def test_state_is_what_python_leaves(name, arguments, capsys):
    compiled, plain = Grid(), Grid()
    # Several calls: types change between them, and what was compiled first meets them.
    for _ in range(3):
        ours, theirs = copy.deepcopy(arguments), copy.deepcopy(arguments)
        kernel = getattr(Grid, name)
        got = outcome(kernel, compiled, *ours)
        printed = capsys.readouterr().out
        assert got == outcome(kernel.py_func, plain, *theirs)
        assert printed == capsys.readouterr().out
        assert state(compiled) == state(plain)
        assert repr(ours) == repr(theirs)


@pytest.mark.filterwarnings("ignore::numlift.NumliftWarning")
@pytest.mark.parametrize("name", ["meets", "rebinds"])
@pytest.mark.parametrize("same", [False, True])
def test_two_objects_of_a_class(name, same):
    extra = (2,) if name == "meets" else ()
    seen = []
    for call in (getattr(Grid, name), getattr(Grid, name).py_func):
        grid = Grid()
        other = grid if same else Grid()
        seen.append((call(grid, other, *extra), state(grid), state(other)))
    assert seen[0] == seen[1]


class Watched:
    """A class that hears of what is stored."""

    def __init__(self):
        object.__setattr__(self, "heard", [])
        self.value = 0.0

    def __setattr__(self, name, value):
        self.heard.append((name, value))
        object.__setattr__(self, name, value)

    @jit
    def run(self, count):
        for _ in range(count):
            self.value += 1.5
        return self.value


@pytest.mark.filterwarnings("ignore::numlift.NumliftWarning")
def test_a_class_with_setattr_hears_of_every_store():
    compiled, plain = Watched(), Watched()
    assert Watched.run(compiled, 3) == Watched.run.py_func(plain, 3)
    assert compiled.heard == plain.heard


def test_a_method_that_changes_state_runs_as_machine_code():
    grid = Grid()
    Grid.replace(grid)
    Grid.run(grid, 3, 0.5)
    for kernel in (Grid.replace, Grid.run):
        text = kernel.explain()
        assert "machine code" in text
        assert "[…]" not in text


@dataclass(slots=True)
class Body:
    """Attributes in slots, and methods that call others."""

    x: np.ndarray
    v: np.ndarray
    time: float = 0.0

    def acceleration(self):
        return -SPRING * self.x

    def step(self, dt):
        self.v += dt * self.acceleration()
        self.x += dt * self.v
        self.time += dt

    @jit
    def run(self, count, dt):
        for _ in range(count):
            self.step(dt)
        return self.time


SPRING = 0.5


class Counter:
    """A value of the class that an instance may hide, a property, and a method that stores."""

    scale = 3.0
    count = 0

    def __init__(self):
        self.total = 0.0

    @property
    def doubled(self):
        return 2 * self.total

    @jit
    def add(self, x):
        for i in range(len(x)):
            self.total += self.scale * x[i]
        return self.total

    @jit
    def counts(self, n):
        for _ in range(n):
            self.count += 1
        return self.count

    def once(self):
        self.total += 1.0

    @jit
    def twice(self):
        for _ in range(2):
            self.once()
        return self.total

    @jit
    def through_property(self, n):
        s = 0.0
        for i in range(n):
            s += self.doubled + i
        return s


def test_slots_and_methods_that_are_called():
    ours, theirs = (Body(np.arange(3.0), np.zeros(3)) for _ in range(2))
    for _ in range(2):
        assert Body.run(ours, 5, 0.1) == Body.run.py_func(theirs, 5, 0.1)
    assert ours.x.tolist() == theirs.x.tolist()
    assert (ours.v.tolist(), ours.time) == (theirs.v.tolist(), theirs.time)


@pytest.mark.filterwarnings("ignore::numlift.NumliftWarning")
def test_values_of_a_class():
    ours, theirs = Counter(), Counter()
    x = np.arange(4.0)
    for change in (lambda one: None, lambda one: setattr(one, "scale", 5.0), lambda one: setattr(Counter, "scale", 2)):
        change(ours)
        change(theirs)
        assert Counter.add(ours, x) == Counter.add.py_func(theirs, x)
        assert Counter.counts(ours, 0) == Counter.counts.py_func(theirs, 0)
        assert vars(ours) == vars(theirs)
        assert Counter.counts(ours, 3) == Counter.counts.py_func(theirs, 3)
        assert Counter.through_property(ours, 3) == Counter.through_property.py_func(theirs, 3)
        assert vars(ours) == vars(theirs)


def test_methods_that_store_are_seen_through():
    body = Body(np.arange(3.0), np.zeros(3))
    Body.run(body, 5, 0.1)
    assert "step" not in Body.run.explain()


@pytest.mark.filterwarnings("ignore::numlift.NumliftWarning")
@pytest.mark.parametrize("where", ["class", "instance"])
def test_a_method_that_is_replaced_is_noticed(where, monkeypatch):
    body = Counter()
    assert Counter.twice(body) == 2.0

    def other(self):
        self.total += 100.0

    if where == "class":
        monkeypatch.setattr(Counter, "once", other)
    else:
        body.once = other.__get__(body)
    assert Counter.twice(body) == 202.0
    assert Counter.twice.py_func(body) == 402.0


@pytest.mark.filterwarnings("ignore::numlift.NumliftWarning", "ignore::RuntimeWarning")
@pytest.mark.parametrize("seed", [3, 7, 1003, 1042, 1145, 1200, 1300, 1400])
def test_random_methods(seed, tmp_path):
    """A few of them; `cargo xtask fuzz compile --class objects` has more."""
    assert compiling_objects.difference(seed, tmp_path)[0] is None


class Relaxed:
    def __init__(self):
        self.level, self.steps = 0.0, 0

    @jit
    def settle(self, samples):
        for sample in samples:
            self.level += 0.5 * (sample - self.level)
            self.steps += 1


def test_stored_attributes_are_no_work_of_pythons():
    """They are machine code under `strict`, too, and neither `explain` nor a report calls them slow."""
    relaxed = Relaxed()
    strict = _native.jit(Relaxed.settle.py_func, {"strict": True})
    strict(relaxed, np.arange(5.0))
    assert (relaxed.level, relaxed.steps) == (3.0625, 5)
    assert strict.specializations[0]["islands"] == []
    assert "Python" not in strict.explain()


def test_an_explanation_is_shown_as_it_reads():
    assert repr(Relaxed.settle.explain()) == Relaxed.settle.explain()


class Number:
    def __init__(self, x):
        self.x = x


def under_another_name(number, n):
    kept = [number]
    for _ in range(n):
        kept[0].x += 1.0
        number.x *= 2.0
    return number.x


def test_an_object_that_comes_out_of_a_list_is_the_same():
    kernel = jit(under_another_name)
    one, other = Number(1.0), Number(1.0)
    assert kernel(one, 3) == under_another_name(other, 3)
    assert one.x == other.x
