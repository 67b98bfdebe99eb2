"""Compiled methods that change the attributes of `self`: what anybody sees of the object is what Python would leave."""

import copy

import numpy as np
import pytest
from numlift import _native


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
