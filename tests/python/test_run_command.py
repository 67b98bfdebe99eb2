"""`numlift run`: the program's own output, exit code and tracebacks, its hot functions compiled meanwhile."""

import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from numlift import _hot, _module_loops

sys.path.insert(0, str(Path(__file__).parents[1] / "generator"))

import compiling_modules

EXAMPLES = Path(__file__).parents[2] / "examples"

# What a program may ask of its functions and of the process; printed alike by Python and by `numlift run`.
CURIOUS = '''\
from __future__ import annotations

import atexit
import copy
import functools
import inspect
import pickle
import sys
import traceback
import types

import numpy as np

from beside import doubled

atexit.register(print, "at exit")


def total(x, *, start: float = 0.0) -> float:
    """Adds up."""
    for v in x:
        start += v
    return start


class Sums:
    def __init__(self, x):
        for one in x:
            pass
        self.x = x

    def all(self, factor=2):
        s = 0
        for v in self.x:
            s += v * factor
        return s

    @staticmethod
    def one(n):
        return sum([i for i in range(n)])

    @classmethod
    def made(cls, n):
        return cls([float(i) for i in range(n)])

    @property
    def count(self):
        n = 0
        for _ in self.x:
            n += 1
        return n


def squares(n):
    for i in range(n):
        yield i * i


@functools.lru_cache
def fib(n):
    return n if n < 2 else sum([fib(n - i) for i in (1, 2)])


def fails(x):
    s = 0
    for i in range(len(x) + 1):
        s += x[i]
    return s


def caller(n):
    out = []
    for i in range(n):
        out.append(sys._getframe().f_code.co_name)
    return out


def power(n):
    p = 1
    for _ in range(n):
        p *= 3
    return p


x = np.arange(2000.0)
print(total(x), total(x, start=1.0), total([1, 2, 3]), doubled(x)[:3])
print(type(total([1, 2])), power(5), power(50), power(10))
print(Sums(x).all(), Sums(x).all(factor=3), Sums.one(10), Sums.made(4).count, list(squares(4)), fib(20), caller(2))
for f in (total, Sums.all, Sums.made, Sums.one, doubled):
    print(f.__name__, f.__qualname__, f.__module__, f.__doc__, inspect.signature(f), inspect.isfunction(f))
    print(inspect.getsource(f).splitlines()[-1], inspect.getsourcelines(f)[1], f.__code__.co_firstlineno)
print(isinstance(total, types.FunctionType), total.__defaults__, total.__kwdefaults__, total.__annotations__)
print(hasattr(total, "__wrapped__"), pickle.loads(pickle.dumps(total)) is total, copy.deepcopy(total) is total)
print(repr(total).partition(" at ")[0], total.__globals__ is globals(), total.__get__(3).__self__)
total.__kwdefaults__ = {"start": 100.0}
print(total(x))
total.calls = 3
print(total.calls, vars(total)["calls"])
try:
    pickle.dumps(lambda: 0)
except (pickle.PicklingError, AttributeError) as error:
    print(type(error).__name__)
for wrong in (lambda: fails(x), lambda: fails([1]), lambda: total(), lambda: total(3), lambda: total(x, 1)):
    try:
        wrong()
    except Exception:
        print(traceback.format_exc())


def replaced(x):
    n = 0
    for _ in x:
        n += 1
    return n


print(replaced(x))
replaced.__code__ = (lambda x: "replaced").__code__
print(replaced(x), replaced([]))


def original(x):
    return replaced(x)


replaced = len
print(original(x))
print(sys.argv, __name__, __file__.rpartition("/")[2], sys.modules["__main__"].__dict__ is globals())
print("to stderr", file=sys.stderr)
if "fail" in sys.argv:
    fails(np.ones(3))
if "exit" in sys.argv:
    sys.exit(7)
if "words" in sys.argv:
    sys.exit("last words")
'''

BESIDE = """\
def doubled(x):
    out = x.copy()
    for i in range(len(x)):
        out[i] = 2 * x[i]
    return out
"""

HOT = """\
import sys


def escape(re, im):
    zr = zi = 0.0
    n = 0
    while zr * zr + zi * zi < 4.0 and n < 500:
        zr, zi = zr * zr - zi * zi + re, 2 * zr * zi + im
        n += 1
    return n


def picture(size):
    total = 0
    for i in range(size):
        for j in range(size):
            total += escape(-2.0 + 3.0 * i / size, -1.5 + 3.0 * j / size)
    return total


print(picture(int(sys.argv[1])))
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NUMLIFT_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "curious.py").write_text(CURIOUS)
    (tmp_path / "beside.py").write_text(BESIDE)
    (tmp_path / "hot.py").write_text(HOT)
    return tmp_path


def plain(*words):
    return subprocess.run([sys.executable, *words], capture_output=True, text=True, timeout=120)


def run(*words):
    return plain("-m", "numlift", "run", *words)


def same(one, other):
    assert one.stdout == other.stdout
    assert one.stderr == other.stderr
    assert one.returncode == other.returncode


@pytest.mark.parametrize("ending", ["", "fail", "exit", "words"])
def test_a_program_sees_itself_as_it_does_in_python(folder, ending):
    same(run("curious.py", "a", "--b", ending), plain("curious.py", "a", "--b", ending))


def test_hot_functions_are_compiled_and_that_is_told(folder):
    start = time.perf_counter()
    before = plain("hot.py", "300")
    middle = time.perf_counter()
    after = run("--report", "hot.py", "300")
    end = time.perf_counter()
    assert after.stdout == before.stdout
    assert "picture" in after.stderr and "compiled" in after.stderr
    assert end - middle < middle - start


def test_loops_of_a_module_do_what_they_did(folder):
    (folder / "loops.py").write_text((Path(__file__).parent / "compiled" / "module_loops.txt").read_text())
    same(run("loops.py", "a", "b"), plain("loops.py", "a", "b"))
    told = run("--report", "loops.py").stderr
    assert "of modules compiled" in told and "functions that may run meanwhile look at `state`" in told
    assert "IndexError" not in told


# What a loop of a module has bound when something in it raises; and what it has not.
BOUND_UNTIL_THEN = [
    """
    for s in [1.0, 2.5]:
        x = np.flip(x)
        t = m[q, i + 1]
    """,
    """
    for s in [1.0, 2.5]:
        x = x[1:]
        t = {}[x[0]]
    """,
    """
    del i
    for j in range(4, -1, -1):
        try:
            t = b.pop()
        except (ValueError, OverflowError):
            i = i
        c[-1] *= sum(c)
    """,
]


@pytest.mark.parametrize("loop", BOUND_UNTIL_THEN)
def test_what_a_loop_of_a_module_has_bound_when_it_raises(tmp_path, monkeypatch, loop):
    head = "import numpy as np\nx, m = np.arange(5.0) - 1.0, np.ones((3, 4))\ni, t, b, c = 9, 0.0, [1, 0, -2, 7], []\n"
    text, path = head + textwrap.dedent(loop), tmp_path / "module.py"
    path.write_text(text)
    monkeypatch.setattr(_hot, "at_once", True)
    expected = compiling_modules.ended(compile(text, str(path), "exec"))
    assert compiling_modules.ended(_hot.compile_hot(text, str(path))) == expected


@pytest.mark.parametrize("seed", range(0, 24, 4))
def test_random_loops_of_modules(tmp_path, monkeypatch, seed):
    monkeypatch.setattr(_module_loops.Gate, "is_long", lambda self, namespace: True)
    monkeypatch.setattr(_hot, "at_once", False)
    for number in range(seed, seed + 4):
        assert compiling_modules.difference(number, tmp_path)[0] is None


def test_modules_run_as_with_m(folder):
    same(run("-m", "hot", "20"), plain("-m", "hot", "20"))


def test_what_python_says_of_a_broken_file_is_said(folder):
    (folder / "broken.py").write_text("x = (1,\n")
    (folder / "imports.py").write_text("import broken\n")
    same(run("broken.py"), plain("broken.py"))
    same(run("imports.py"), plain("imports.py"))
    assert run("missing.py").returncode != 0


@pytest.mark.skipif(os.name != "posix", reason="processes end by signals")
def test_an_interrupt_ends_the_process_by_the_signal(folder):
    (folder / "interrupted.py").write_text(
        "import atexit, os, signal\natexit.register(print, 'last')\nos.kill(os.getpid(), signal.SIGINT)\n"
    )
    same(run("interrupted.py"), plain("interrupted.py"))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_children_neither_report_nor_differ(folder):
    (folder / "forking.py").write_text(
        "import multiprocessing\nfrom beside import doubled\nimport numpy as np\n\n\n"
        "def work(n):\n    s = 0\n    for i in range(n):\n        s += i\n    return s\n\n\n"
        "if __name__ == '__main__':\n"
        "    for method in ('fork', 'spawn'):\n"
        "        with multiprocessing.get_context(method).Pool(2) as pool:\n"
        "            print(pool.map(work, [10, 100000, 5]))\n"
        "            print(pool.map(doubled, [np.ones(3)]))\n"
    )
    got = run("--report", "forking.py")
    assert got.stdout == plain("forking.py").stdout
    assert got.stderr.count("numlift run:") == 1


# These take three seconds each in Python, which is what they are there for.
@pytest.mark.parametrize("name", ["heat", "particles", "trap"])
def test_examples_are_faster_with_no_edit(folder, name):
    script = str(EXAMPLES / f"{name}.py")
    start = time.perf_counter()
    before = plain(script)
    middle = time.perf_counter()
    after = run(script)
    end = time.perf_counter()
    same(after, before)
    assert end - middle < middle - start


def test_what_is_compiled_can_be_looked_at(folder):
    def look(*words):
        return plain("-m", "numlift", *words)

    told = look("explain", "hot.py::picture", "30").stdout
    assert "picture in hot.py" in told and "machine code" in told and "for size: int: 1 call" in told
    assert "escape" in look("explain", "hot.py", "30").stdout
    assert "define" in look("show", "--stage", "llvm", "hot.py::picture", "30").stdout
    # From the cache by now, so that LLVM is first needed when the program has ended.
    assembly = look("show", "--stage", "asm", "hot.py::picture", "30")
    assert "ret" in assembly.stdout and not assembly.stderr
    for stage, shown in {"read": "frame", "raised": "func", "selected": "", "loops": "for %"}.items():
        text = look("show", "--stage", stage, "hot.py::picture", "30").stdout
        assert text.startswith("; picture(size: int)\n") and shown in text
    assert "is no function" in look("explain", "hot.py::nobody", "30").stdout
    missing = look("explain", "missing.py")
    assert missing.returncode == 2 and "there is no file" in missing.stderr


DEEP = """
import sys, threading
sys.setrecursionlimit(10**6)
def visit(graph, node, seen, order):
    seen[node] = True
    for other in graph[node]:
        if not seen[other]:
            visit(graph, other, seen, order)
    order.append(node)
class Tree:
    def __init__(self, n):
        self.n, self.kids = n, []
    def total(self):
        s = self.n
        for kid in self.kids:
            s += kid.total()
        return s
def halves(n, k):
    for _ in range(k):
        if n == 0:
            return 0
        return 1 + halves(n - 1, k)
n = 40000
order = []
visit([[i + 1] for i in range(n - 1)] + [[]], 0, [False] * n, order)
root = last = Tree(1)
for i in range(n):
    last.kids.append(Tree(i))
    last = last.kids[0]
print(order[:3], len(order), root.total(), root.total(), halves(100000, 3), halves(10, 3))
threading.stack_size(256 * 1024)
thread = threading.Thread(target=lambda: print(root.total(), halves(20000, 2)))
thread.start()
thread.join()
"""


def test_a_recursion_that_is_deeper_than_the_stack(tmp_path: Path) -> None:
    """Python's own calls need no stack, so a raised limit may be used up."""
    script = tmp_path / "deep.py"
    script.write_text(DEEP)
    plain, run = (
        subprocess.run([sys.executable, *arguments, str(script)], capture_output=True, text=True, check=False)
        for arguments in ([], ["-m", "numlift", "run"])
    )
    assert (plain.returncode, plain.stdout, plain.stderr) == (run.returncode, run.stdout, run.stderr)
    assert plain.returncode == 0


RECURSIONS = """
import sys
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
def collatz(n, seen):
    return 0 if n == 1 else 1 + collatz(n // 2 if n % 2 == 0 else 3 * n + 1, seen)
def endless(n):
    return n if n < 0 else 1 + endless(n + 1)
print(fib(24), sum(collatz(n, {}) for n in range(1, 900)), fib.__name__)
try:
    endless(0)
except RecursionError as error:
    print(type(error).__name__)
print(fib(70 - 50), fib(5.0))
"""


def test_plain_recursion(tmp_path: Path) -> None:
    """Without loops: compiled when it was called often, and Python's own again where that is not possible."""
    script = tmp_path / "recursions.py"
    script.write_text(RECURSIONS)
    plain, run, told = (
        subprocess.run([sys.executable, *arguments, str(script)], capture_output=True, text=True, check=False)
        for arguments in ([], ["-m", "numlift", "run"], ["-m", "numlift", "run", "--report"])
    )
    assert (plain.returncode, plain.stdout, plain.stderr) == (run.returncode, run.stdout, run.stderr)
    assert plain.returncode == 0
    assert "fib" in told.stderr + told.stdout
