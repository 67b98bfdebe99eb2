"""Random numbers in compiled code: the same stream as Python's, bit for bit, and the same state afterwards."""

# ruff: noqa: NPY002

import linecache
import random
import threading
import traceback

import numpy as np
import pytest
from numlift import _native

FLOATS = """
random() uniform() uniform(-1.0,h) uniform(low=0,high=b) standard_normal() normal() normal(m,h)
normal(scale=h) standard_exponential() exponential() exponential(h) lognormal() lognormal(m,sigma=h)
""".split()
GENERATOR = """
standard_gamma(h) gamma(h) gamma(h,scale=b) beta(h,b) laplace() laplace(m,h) poisson() poisson(h)
poisson(60.0) geometric(0.3) binomial(b,0.3) binomial(400,0.6) integers(b) integers(0,b) integers(-b,high=b)
integers(5,endpoint=True) integers(1099511627776) integers(-9223372036854775807,9223372036854775807)
integers(4294967296) integers(8589934592) integers(1) choice(b) integers(k) integers(s,b)
""".split()
LEGACY = """
rand() randn() random_sample() randint(b) randint(0,b) randint(-b,high=b) randint(1099511627776)
randint(4294967296) choice(b)
""".split()
ARRAYS = """
normal(m,h,b) uniform(size=(2,b)) standard_normal(3) normal(size=(k,2)) exponential(h,4) random(b)
random((2,3)) random(0)
""".split()
PYTHON = """
random() uniform(a,h) uniform(-3,4) gauss() gauss(m,h) normalvariate() normalvariate(m,sigma=h) expovariate(h)
randint(1,6) randint(-b,b) randint(0,1099511627776) randrange(b) randrange(-5,b) randrange(2147483648)
randrange(4294967296) getrandbits(1) getrandbits(32) getrandbits(33) getrandbits(53)
""".split()
NUMBERS = {"m": 0.5, "h": 1.75, "a": -2.5, "b": 17, "k": np.int32(5), "s": np.int64(-3)}


def function_of(calls: list[str], prefix: str, rounds: int = 40):
    """Return a function whose loop makes these calls, and gives all that they give."""
    lines = [f"        out.append({prefix}{call})" for call in calls]
    text = "\n".join(["def drawn(out, n, g, m, h, a, b, k, s):", "    for i in range(n):", *lines])
    return define(text), rounds


def define(text: str, name: str = "drawn", **known):
    """Return the function that a text defines, which can be looked up in a traceback."""
    file = f"<random {hash(text)}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    namespace = {"np": np, "random": random, **known}
    exec(compile(text, file, "exec"), namespace)
    return namespace[name]


def states(generator) -> str:
    """Return what every stream says of itself."""
    own = generator.bit_generator.state if isinstance(generator, np.random.Generator) else None
    older = generator.get_state() if isinstance(generator, np.random.RandomState) else None
    return repr((own, older, np.random.get_state(), random.getstate()))


def seeded(make):
    """Return a generator, with all streams at their beginnings."""
    np.random.seed(11)
    random.seed(13)
    return make()


def same(text_or_function, make=lambda: None, rounds: int = 40, in_python: bool = False) -> None:
    """Check one function of `(out, n, g, …)` against Python, with the streams behind it."""
    plain = text_or_function if callable(text_or_function) else define(text_or_function)
    kernel = _native.jit(plain, {"always": True})
    found = []
    for function in (plain, kernel, kernel):
        generator, out = seeded(make), []
        function(out, rounds, generator, **NUMBERS)
        found.append((repr(out), [type(x) for x in out], states(generator)))
    assert found[0] == found[1] == found[2]
    (one,) = kernel.specializations
    # A piece that Python ran, or an exit, would be slow but right; here neither may be.
    assert in_python or all(times == 0 or "object" in why for _, _, why, times in one["islands"])
    assert in_python or not any(times for *_, times in one["exits"])


BITS = ["PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"]


@pytest.mark.parametrize("bits", BITS)
@pytest.mark.parametrize(
    "calls", [FLOATS, GENERATOR, ARRAYS + ["integers(b,size=5)", "integers(1099511627776,size=(2,2))"]]
)
def test_generators(bits: str, calls: list[str]) -> None:
    function, rounds = function_of(calls, "g.", 25)
    same(function, lambda: np.random.Generator(getattr(np.random, bits)(5)), rounds)


@pytest.mark.parametrize("calls", [FLOATS, LEGACY, ARRAYS + ["randint(b,size=5)", "rand(2,b)", "randn(b)"]])
def test_older_generators(calls: list[str]) -> None:
    function, rounds = function_of(calls, "g.", 25)
    same(function, lambda: np.random.RandomState(5), rounds)
    function, rounds = function_of(calls, "np.random.", 25)
    same(function, rounds=rounds)


def test_pythons_own() -> None:
    function, _ = function_of(PYTHON, "random.")
    same(function, rounds=200)


DRAWING = "def drawn(n, g):\n    t = 0.0\n    for i in range(n):\n        t += g.random()\n    return t"
HEAD = "def drawn(out, n, g, m, h, a, b, k, s):\n"
PROGRAMS = {
    "a conditional expression": """
    p = 0
    for i in range(n):
        p += 1 if g.integers(2) else -1
    out.append(p)""",
    "two in one statement": """
    for i in range(n):
        out.append(g.normal(0, h) + g.uniform(-h, h) * g.random())""",
    "both sides of `and`": """
    c = 0
    for i in range(n):
        if g.random() < 0.7 and g.random() < 0.5:
            c += 1
        elif g.integers(3) == 1:
            c += 10
    out.append(c)""",
    "the test of a `while`": """
    for i in range(n):
        c = 0
        while g.random() < 0.8:
            c += 1
        out.append(c)""",
    "rejection": """
    for i in range(n):
        while True:
            x, y = g.uniform(-1, 1), g.uniform(-1, 1)
            if x * x + y * y < 1:
                break
        out.append(x)""",
    "indices": """
    grid = np.zeros((6, 6))
    for i in range(n):
        grid[g.integers(6), g.integers(0, 6)] += g.random()
    out.append(grid.sum())""",
    "a comprehension": "    out.append(sum([g.random() for i in range(n)]))",
    "a generator made here": """
    own = np.random.default_rng(b)
    for i in range(n):
        out.append(own.standard_normal())
    older = np.random.RandomState(b)
    for i in range(n):
        out.append(older.randn())""",
    "seeds": """
    np.random.seed(b)
    random.seed(b)
    for i in range(n):
        out.append(np.random.normal() + random.gauss(0.0, 1.0))""",
    "a choice of an array's elements": """
    x = np.arange(7) * h
    for i in range(n):
        out.append(x[g.choice(7)])""",
    "choices": """
    coins, x = [-1, 1], np.arange(5) * h
    c = 0
    for i in range(n):
        c += random.choice(coins) + random.choice([k, 2, b])
        out.append(c + g.choice(x) * np.random.choice(x) + random.choice(x))""",
    "Python in between": """
    for i in range(n):
        out.append(g.random())
        if i == n // 2:
            shuffled = g.permutation(5)
        out.append(g.random())""",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs(name: str) -> None:
    in_python = name in ("a generator made here", "seeds", "Python in between", "a comprehension")
    same(HEAD + PROGRAMS[name], lambda: np.random.default_rng(3), in_python=in_python)


def test_a_draw_is_not_repeated_where_code_is_left_behind_it() -> None:
    text = """def drawn(out, n, g):
    t = 2**63 - 40
    for i in range(n):
        t += np.random.randint(6) + random.randint(0, 3)
        out.append(t)"""
    plain = define(text)
    kernel = _native.jit(plain, {"always": True})
    found = []
    for function in (plain, kernel):
        generator, out = seeded(lambda: np.random.default_rng(3)), []
        function(out, 40, generator)
        found.append((out, states(generator)))
    assert found[0] == found[1]
    assert found[0][0][-1] > 2**63


@pytest.mark.parametrize("where", ["x[int(g.random() * 9)] + g.random()", "g.random() + x[int(g.random() * 9)]"])
def test_an_index_out_of_range_behind_a_draw(where: str) -> None:
    plain = define(f"def drawn(x, n, g):\n    t = 0.0\n    for i in range(n):\n        t += {where}\n    return t")
    kernel = _native.jit(plain, {"always": True})
    found = []
    for function in (plain, kernel):
        generator = seeded(lambda: np.random.default_rng(3))
        with pytest.raises(IndexError) as raised:
            function(np.ones(4), 100, generator)
        lines = [frame.lineno for frame in traceback.extract_tb(raised.value.__traceback__) if frame.name == "drawn"]
        found.append((str(raised.value), lines, states(generator)))
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("call", "bad"),
    [
        ("g.normal(0.0, v)", -1.0),
        ("g.uniform(0.0, v)", float("inf")),
        ("g.uniform(0.0, v)", -1.0),
        ("np.random.uniform(0.0, v)", -1.0),
        ("random.uniform(0.0, v)", -1.0),
        ("g.integers(0, v)", 0),
        ("random.choice([1] * v)", 0),
        ("g.choice(np.zeros(v))", 0),
        ("g.integers(v)", -1),
        ("g.exponential(v)", -0.0),
        ("g.poisson(v)", float("nan")),
        ("g.binomial(3, v)", 1.5),
        ("g.random(v)", -1),
        ("np.random.randint(v)", 0),
        ("np.random.normal(1.0, v)", -2.0),
        ("random.randint(3, v)", 2),
        ("random.expovariate(v)", 0.0),
    ],
)
def test_wrong_parameters_raise_as_in_python(call: str, bad: float) -> None:
    """The exception, its line, and what was drawn before it."""
    good = 5 if isinstance(bad, int) else 0.5
    plain = define(
        f"def drawn(n, g, good, bad):\n    for i in range(n):\n        v = bad if i == 3 else good\n        {call}"
    )
    kernel = _native.jit(plain, {"always": True})
    found = []
    for function in (plain, kernel):
        generator = seeded(lambda: np.random.default_rng(3))
        try:
            raised = (None, None, function(5, generator, good, bad))
        except Exception as error:
            frames = traceback.extract_tb(error.__traceback__)
            raised = (type(error), str(error), [frame.lineno for frame in frames if frame.name == "drawn"])
        found.append((raised, states(generator)))
    assert found[0] == found[1]


def test_inside_of_try() -> None:
    plain = define(
        "def drawn(n, g, bad):\n    c = 0\n    for i in range(n):\n        try:\n            c += g.normal(0.0, bad)\n"
        "        except ValueError:\n            c -= 100\n    return c"
    )
    kernel = _native.jit(plain, {"always": True})
    for bad in (1.0, -1.0):
        one, other = (f(5, np.random.default_rng(1), bad) for f in (plain, kernel))
        assert one == other


def test_another_thread_that_draws_is_waited_for() -> None:
    """A generator whose lock is taken is drawn from by NumPy, which waits."""
    kernel = _native.jit(define(DRAWING), {"always": True})
    generator = np.random.default_rng(1)
    expected = kernel(100, np.random.default_rng(1))
    taken, given_back, found = threading.Event(), threading.Event(), []

    def hold() -> None:
        with generator.bit_generator.lock:
            taken.set()
            given_back.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    taken.wait(10)
    drawer = threading.Thread(target=lambda: found.append(kernel(100, generator)))
    drawer.start()
    drawer.join(0.2)
    assert drawer.is_alive()
    given_back.set()
    drawer.join(10)
    holder.join(10)
    assert found == [expected]


def test_another_stream_under_the_same_name() -> None:
    """`random.random` may be the method of another object, or any function."""
    text = "def drawn(n):\n    t = 0.0\n    for i in range(n):\n        t += rand()\n    return t"
    for rand in (random.Random(7).random, np.random.RandomState(7).rand, lambda: 0.25):
        plain = define(text, rand=rand)
        kernel = _native.jit(plain, {"always": True})
        state = rand.__self__.__class__(7) if hasattr(rand, "__self__") else None
        expected = sum((getattr(state, rand.__name__)() if state else 0.25) for _ in range(5))
        assert kernel(5) == pytest.approx(expected, abs=0)


def test_a_method_of_ones_own_in_the_place_of_the_librarys(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = define(
        "def drawn(n):\n    return [random.random() for i in range(n)], [np.random.rand() for i in range(n)]"
    )
    for first in (True, False):
        kernel = _native.jit(plain, {"always": True})
        if not first:
            kernel(3)
        with monkeypatch.context() as patched:
            patched.setattr(random, "random", random.Random(5).random)
            patched.setattr(np.random, "rand", np.random.RandomState(5).rand)
            found = kernel(3)
        own, older = random.Random(5), np.random.RandomState(5)
        assert found == ([own.random() for _ in range(3)], [older.rand() for _ in range(3)])
