"""Snapshots keep values, what they share, and what functions reached through them read."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path

PYTHON = Path(__file__).resolve().parents[2] / "python"
SAVE = """
import sys
from numlift import _snapshot
_files = {"__main__": __file__, **PROJECT}
_scope = _snapshot.Scope(__file__, "__main__", "<module>", frozenset(NAMES), _files, tuple(sys.path))
try:
    print(_snapshot.save(SNAP, {n: globals()[n] for n in NAMES}, _scope, _snapshot.Limits(MAX))["missing"])
except _snapshot.Refused as refused:
    print("refused:", refused)
"""
LOAD = """
import sys, numpy as np
from numlift import _snapshot, _world
world = _world.World()
loaded = _snapshot.load(SNAP, world)
loaded.install(world)
globals().update(loaded.names)
"""


def python(source: str, cwd: Path, file: str) -> str:
    path = cwd / file
    path.write_text(source)
    done = subprocess.run(
        [sys.executable, file], cwd=cwd, capture_output=True, text=True, env={"PYTHONPATH": str(PYTHON), "PATH": ""}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def there_and_back(
    tmp_path: Path, program: str, names: list[str], check: str, max_bytes: int = 1 << 30, **project: str
) -> str:
    """Runs a program, saves some of its names, and runs `check` on them in another process."""
    head = f"SNAP = {str(tmp_path / 'x.snap')!r}\nNAMES = {names!r}\nMAX = {max_bytes}\n"
    modules = {}
    for name, text in project.items():
        (tmp_path / f"{name}.py").write_text(textwrap.dedent(text))
        modules[name] = str(tmp_path / f"{name}.py")
    tail = f"\n{head}PROJECT = {modules!r}\n{SAVE}"
    said = python(textwrap.dedent(program) + tail, tmp_path, "program.py")
    if said.startswith("refused"):
        return said.strip()
    (tmp_path / "elsewhere").mkdir(exist_ok=True)
    return python(f"{head}{LOAD}\n{textwrap.dedent(check)}", tmp_path / "elsewhere", "check.py").strip()


def test_views_share_memory_again(tmp_path: Path) -> None:
    program = """
    import numpy as np
    a = np.arange(10.0)
    b = a[2:6]
    c = a[::-2]
    d = np.arange(3)
    e = a
    m = np.asfortranarray(np.arange(12).reshape(3, 4))
    r = np.broadcast_to(d, (2, 3))
    z = np.zeros((0, 3))
    """
    check = """
    assert e is a and a.base is None and b.base is not None
    a[:] = -1
    assert (b == -1).all() and (c == -1).all()
    assert (d == [0, 1, 2]).all()
    assert m.flags.f_contiguous and m.flags.owndata and m[2, 3] == 11
    assert not r.flags.writeable and r.strides == (0, 8) and np.shares_memory(r, d)
    assert z.shape == (0, 3)
    a.resize(20, refcheck=False)
    again = _snapshot.load(SNAP, world)
    assert again.names["a"][3] == 3.0
    print("ok")
    """
    assert there_and_back(tmp_path, program, list("abcdemrz"), check) == "ok"


def test_objects_of_main_and_their_arrays(tmp_path: Path) -> None:
    program = """
    import numpy as np
    from dataclasses import dataclass
    COUNT = 3
    class P:
        total = 0
        def __init__(self, x): self.x = x; P.total += 1
        def twice(self): return self.x * FACTOR
    @dataclass
    class Q:
        v: float = 1.0
    FACTOR = int("2")
    x = np.ones(4)
    ps = [P(x), P(x[1:])]
    q = Q(5.0)
    print("never printed again")
    """
    check = """
    assert type(q).__name__ == "Q" and q.v == 5.0
    x[1] = 7
    assert ps[0].x is x and ps[1].x[0] == 7
    assert type(ps[0]).total == 2
    assert (ps[1].twice() == [14, 2, 2]).all()
    assert sys.modules["__main__"].P is type(ps[0])
    print("ok")
    """
    assert there_and_back(tmp_path, program, ["x", "ps", "q"], check).endswith("ok")


def test_globals_of_called_functions_come_along(tmp_path: Path) -> None:
    program = """
    import numpy as np
    import physics
    table = np.arange(5.0)
    table[2] = 99
    def f(i): return g(i) + physics.step(i)
    def g(i): return table[i]
    physics.scale = 10.0
    """
    physics = """
    import random
    scale = random.random()
    other = open(__file__)
    def step(x): return inner(x)
    def inner(x): return x * scale
    """
    check = "print(f(2))"
    assert there_and_back(tmp_path, program, ["f"], check, physics=physics) == "119.0"


def test_closures_and_lambdas(tmp_path: Path) -> None:
    program = """
    def make(k):
        n = 0
        def add(x):
            nonlocal n
            n += x
            return n * k
        def read(): return n
        def fact(i): return 1 if i < 2 else i * fact(i - 1)
        return add, read, fact
    add, read, fact = make(10)
    add(2)
    one, two = (lambda x: x + 1), (lambda x, y=5: x + y)
    """
    check = """
    assert add(1) == 30 and read() == 3
    assert fact(5) == 120
    assert one(1) == 2 and two(1) == 6
    print("ok")
    """
    assert there_and_back(tmp_path, program, ["add", "read", "fact", "one", "two"], check) == "ok"


def test_random_generators(tmp_path: Path) -> None:
    program = """
    import random, numpy as np
    from numpy.random import rand
    random.seed(1); np.random.seed(2)
    rng = np.random.default_rng(3)
    class M: pass
    m = M(); m.rng = rng
    r = random.Random(4)
    """
    check = """
    import random
    got = [random.random(), rand(), m.rng.random(), r.random()]
    random.seed(1); np.random.seed(2)
    assert got == [random.random(), np.random.rand(), np.random.default_rng(3).random(), random.Random(4).random()]
    assert m.rng is rng and rand.__self__ is np.random.mtrand._rand
    print("ok")
    """
    assert there_and_back(tmp_path, program, ["rng", "m", "r", "rand"], check) == "ok"


def test_classes_of_many_kinds(tmp_path: Path) -> None:
    program = """
    import enum, functools, collections, numpy as np
    from dataclasses import dataclass, field
    from typing import NamedTuple
    class Colour(enum.Enum):
        RED = 1
    class Slotted:
        __slots__ = ("a", "b")
        def __init__(self): self.a = np.ones(2)
    class Stateful:
        def __getstate__(self): return {"n": self.n + 1}
        def __setstate__(self, state): self.n = state["n"] * 10
    @dataclass(frozen=True)
    class Point:
        x: float
        tags: list = field(default_factory=list)
    class Pair(NamedTuple):
        a: int
        b: int
    Named = collections.namedtuple("Named", "u v")
    class Base:
        def __init__(self, n): self.n = n
        def get(self): return self.n + OFFSET
    class Derived(Base):
        @functools.cached_property
        def big(self): return self.n * 100
        def __call__(self): return self.get()
    OFFSET = int("5")
    @functools.lru_cache
    def cached(n): return n + OFFSET
    colour, slotted, stateful, point = Colour.RED, Slotted(), Stateful(), Point(2.0)
    pair, named = Pair(1, 2), Named(3, 4)
    stateful.n = 1
    derived = Derived(7)
    derived.me, derived.big = derived, derived.big
    bound = derived.get
    part = functools.partial(cached, 3)
    vectorized = np.vectorize(lambda v: v + OFFSET)
    """
    check = """
    main = sys.modules["__main__"]
    assert colour is main.Colour.RED and slotted.a.tolist() == [1, 1] and not hasattr(slotted, "b")
    assert stateful.n == 20 and point == main.Point(2.0) and pair == (1, 2) and named.v == 4
    assert derived.me is derived and derived() == 12 and derived.big == 700 and type(derived) is main.Derived
    assert bound.__self__ is derived and bound() == 12 and part() == 8 and vectorized([1.0]).tolist() == [6.0]
    print("ok")
    """
    names = "colour slotted stateful point pair named derived bound part vectorized".split()
    assert there_and_back(tmp_path, program, names, check) == "ok"


def test_project_modules_before_installed_ones(tmp_path: Path) -> None:
    """A module of the project wins over one of the same name, as it did for the program."""
    program = "import calendar\nimport pkg.inner as inner\nf = calendar.f\ng = inner.g"
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg/__init__.py").write_text("from . import inner\nprint('imported')\n")
    (tmp_path / "pkg/inner.py").write_text("K = 2\ndef g(): return K\n")
    check = "print(f(), g())"
    said = there_and_back(tmp_path, program, ["f", "g"], check, calendar="def f(): return 'mine'\n")
    assert said.splitlines()[-1] == "mine 2"


def test_what_cannot_be_saved_is_said(tmp_path: Path) -> None:
    program = """
    import threading
    f = open(__file__)
    g = (i for i in range(3))
    class A: pass
    a = A(); a.lock = threading.Lock(); a.x = 3
    """
    assert there_and_back(tmp_path, program, ["f"], "") == "refused: `f` is an open file"
    assert there_and_back(tmp_path, program, ["g"], "") == "refused: `g` is a generator"
    check = """
    assert a.x == 3
    try:
        a.lock.acquire()
    except _snapshot.NotSaved as error:
        print(error, loaded.info["missing"])
    """
    assert there_and_back(tmp_path, program, ["a"], check) == "a lock ['a lock']"


def test_too_large_is_refused(tmp_path: Path) -> None:
    program = "import numpy as np\na = np.zeros(100000)\nb = [0.5] * 100000"
    for name in ("a", "b"):
        refused = there_and_back(tmp_path, program, [name], "", 1000)
        assert refused == "refused: larger than 1 kB, as much as --max-memory allows"
    assert not (tmp_path / "x.snap").exists()


def test_unusual_arrays(tmp_path: Path) -> None:
    program = """
    import numpy as np
    s = np.zeros(3, dtype=[("a", "i4"), ("b", "f8")]); s["b"] = 2
    o = np.array([1, "x", None], dtype=object)
    m = np.ma.array([1.0, 2.0], mask=[0, 1])
    t = np.array(["2020-01-01"], dtype="M8[D]")
    q = np.matrix([[1, 2]])
    w = np.float32(1.5)
    u = np.array(["ab", "c"])
    big = np.arange(3, dtype=">f8")
    l = [np.float64(1.5)] * 3
    d = np.dtype("f4")
    """
    check = """
    assert s["b"].tolist() == [2, 2, 2] and o.tolist() == [1, "x", None] and m.mask.tolist() == [False, True]
    assert str(t[0]) == "2020-01-01" and type(q) is np.matrix and type(w) is np.float32 and u.tolist() == ["ab", "c"]
    assert big.dtype.str == ">f8" and type(l[0]) is np.float64 and d == np.float32
    print("ok")
    """
    assert there_and_back(tmp_path, program, "s o m t q w u big l d".split(), check) == "ok"


def test_without_numpy(tmp_path: Path) -> None:
    program = "x = [1, 2]\ny = {'a': x}"
    check = "assert y['a'] is x\nprint('ok')"
    assert there_and_back(tmp_path, program, ["x", "y"], check) == "ok"


def test_describe(tmp_path: Path) -> None:
    check = "import json; print(json.dumps(_snapshot.describe(SNAP)))"
    info = json.loads(there_and_back(tmp_path, "import numpy as np\na = np.zeros(5)", ["a"], check))
    assert info["names"] == ["a"] and info["module"] == "__main__" and info["buffers"][0][1] == 40
