"""A watched program behaves as it does by itself, and what is said of its regions is true."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import worker

FIDELITY = {
    "names_and_paths": """
        import sys, os
        print(__name__, __file__, sys.argv, sys.path[0], __spec__, __package__, __builtins__)
        print(sys.modules["__main__"].__dict__ is globals(), sorted(k for k in globals() if k != "__annotations__"))
        for i in range(3):
            print(sorted(locals()) == sorted(globals()), i)
    """,
    "traceback": """
        import numpy as np
        def outer(x):
            for i in range(3):
                for j in range(3):
                    inner(x, i)
        def inner(x, i):
            return x[i + 5]
        try:
            for k in range(2):
                raise KeyError("first")
        except KeyError:
            for k in range(2):
                outer([1])
    """,
    "exit_message": """
        import sys, atexit, threading, time
        atexit.register(print, "at exit")
        def late():
            time.sleep(0.05); print("thread")
        threading.Thread(target=late).start()
        for i in range(2):
            if i: sys.exit("no luck")
    """,
    "exit_code": """
        def f():
            for i in range(10):
                try:
                    if i == 3: raise SystemExit(7)
                finally:
                    print("finally", i)
        f()
    """,
    "introspection": """
        import inspect, pickle, warnings
        class A:
            "doc"
            def method(self):
                "docs"
                for i in range(2): pass
                return sorted(locals())
        def f():
            for i in range(2):
                warnings.warn("careful")
            return i
        def g(n):
            while n:
                n -= 1
                if n == 2: return "early"
        print(inspect.getsource(A), inspect.getsource(f), A().method(), A.method.__doc__)
        print(type(pickle.loads(pickle.dumps(A()))) is A, f(), g(5), g.__code__.co_firstlineno)
    """,
    "unbound_and_deleted": """
        def f(flag):
            for i in []:
                x = 1
            try:
                for j in range(2):
                    if flag: del flag
                    else: print(x)
            except UnboundLocalError as e:
                return str(e)
        print(f(True), f(False))
        import numpy as np
        a = np.zeros(3)
        def g():
            b = np.zeros(3)
            for i in range(2):
                b.resize(i + 5)
            return b.shape
        print(g())
        def counter():
            n = 0
            def add():
                nonlocal n
                for i in range(3): n += i
                return n
            return add
        c = counter(); c(); print(c())
        for i in range(3):
            global_name = i
        del i
    """,
    "generators_and_classes": """
        class Meta(type):
            pass
        class B(metaclass=Meta):
            table = []
            for i in range(3):
                table.append(i)
            __private = 4
            def m(self):
                for i in range(2): self.__x = self.__private + i
                return self.__x
        def gen():
            for i in range(3):
                yield i
        print(B.table, B().m(), list(gen()), [k for k in vars(B) if "nl" in k])
    """,
    "warnings_filter": """
        import numpy as np
        x = np.array([1.0, 0.0])
        for i in range(2):
            y = np.float64(1) / x[i]
        print(y)
    """,
    "multiprocessing_fork": """
        import multiprocessing as mp, os
        def work(k):
            t = 0
            for i in range(k): t += i
            return t, len(os.urandom(4))
        if __name__ == "__main__":
            with mp.get_context("fork").Pool(2) as pool:
                print(pool.map(work, [10, 20, 30]))
    """,
    "multiprocessing_spawn": """
        import multiprocessing as mp
        class Task:
            def __init__(self, k): self.k = k
        def work(task):
            t = 0
            for i in range(task.k): t += i
            return t
        if __name__ == "__main__":
            with mp.get_context("spawn").Pool(1) as pool:
                print(pool.map(work, [Task(10), Task(20)]))
    """,
    "standard_input": """
        import sys
        name = input("name? ")
        for line in sys.stdin:
            print(name, line.strip(), sys.stdin.isatty())
    """,
    "chained_and_groups": """
        def f():
            for i in range(1):
                try:
                    1 / 0
                except ZeroDivisionError as error:
                    raise RuntimeError("worse") from error
        def g():
            for i in range(1):
                try:
                    f()
                except RuntimeError as error:
                    raise ExceptionGroup("many", [error, ValueError(1)])
        g()
    """,
    "syntax_error": "x = (1,\nprint(2\n",
    "recursion": """
        def f(n):
            for i in range(1):
                return n if n == 0 else f(n - 1)
        print(f(300))
        def fib(n):
            t = 0
            for k in (1, 2):
                if n < 2: return n
                t += fib(n - k)
            return t
        print(fib(16))
    """,
    "returns": """
        import sys
        def early(x):
            for v in x:
                if v > 2:
                    return (v,
                            1 / (v - 3))
            return
        def taken_back(x):
            for v in x:
                try:
                    return v
                finally:
                    if v < 3: continue
        def looked_at(x):
            for v in x:
                return sorted(locals()), sorted(vars())
        def generated(x):
            for v in x:
                yield v
                if v == 2: return "done"
        def outer(x):
            for v in x:
                def inner(w):
                    for u in w:
                        return u
                return [inner(x), (lambda: v)()]
        def resized():
            import numpy as np
            for i in range(2):
                a = np.zeros(2)
                return a
        resized().resize(5)
        print(early([1, 4]), early([]), taken_back([1, 2, 3, 4]), looked_at([1]), outer([7]))
        def drained(g):
            while True:
                try: next(g)
                except StopIteration as stop: return stop.value
        print(drained(generated([1, 2, 3])))
        early([3])
    """,
    "attributes_stay_inside": """
        import gc
        class P:
            label = "p"
            def __init__(self, x): self.x, self.v, self.label = x, 1.0, P.label
            def step(self):
                for k in range(2): self.x += self.v
        class Q: pass
        ps = [P(k) for k in range(20)]
        q = Q(); q.late = 1
        for k in range(200):
            for p in ps: p.step()
            q.late += 1
        print(ps[0].x, [[type(r).__name__ for r in gc.get_referents(o)] for o in (*ps, q)])
    """,
    "own_module_named_like_a_library": """
        import json, calendar
        print(json.mine, calendar.mine)
    """,
}


ENDINGS = """
import time
class Strange(ValueError):
    pass
def returned(x):
    out = [0.0] * len(x)
    for i in range(len(x)):
        time.sleep(0.01)
        out[i] = x[i] + 1
        if i == 2:
            return out, x
def raised(x):
    for i in range(4):
        time.sleep(0.01)
        x[i] = i
        if i == 2:
            raise Strange("that is two")
def fell_through(x):
    for v in x:
        time.sleep(0.01)
        if v > 9:
            return v
    return "nothing"
def taken_back(x):
    for v in x:
        time.sleep(0.01)
        try:
            return v
        finally:
            break
data = [1.0, 2.0, 3.0, 4.0]
returned(data), fell_through(data), taken_back(data)
try:
    raised(data)
except Strange:
    pass
"""


def test_how_it_ended_is_kept(tmp_path: Path) -> None:
    """What a long execution returned or raised is in its second snapshot, shared as it was."""
    script = worker.write(tmp_path, "script.py", ENDINGS)
    found = worker.loops(script)
    seen = worker.watch(tmp_path, worker.program(script), found)
    files = {}
    for spec, region in zip(found, seen["regions"]):
        files[spec["function"]] = str(tmp_path / "job/captures" / region["captures"][0]["file"]) + ".after"
    assert not Path(files.pop("taken_back")).exists()
    check = f"""
    from numlift import _snapshot, _world
    world, files = _world.World(), {files!r}
    left = {{name: _snapshot.load(file, world) for name, file in files.items()}}
    info = {{name: (one.info["returned"], one.info["raised"]) for name, one in left.items()}}
    names = left["returned"].names
    out, x = names["__nl_r__"]
    assert info["returned"] == (True, None) and out == [2.0, 3.0, 4.0, 0.0], info
    assert out is names["out"] and x is names["x"]
    assert info["fell_through"] == (False, None) and "__nl_r__" not in left["fell_through"].names, info
    assert info["raised"] == (False, {{"class": "Strange", "message": "that is two", "by_user": True}}), info
    assert left["raised"].names["x"] == [0, 1, 2, 4.0]
    """
    checked = worker.plainly(worker.write(tmp_path, "check.py", check))
    assert checked.returncode == 0, checked.stderr.decode()


@pytest.mark.parametrize("name", sorted(FIDELITY))
def test_behaves_as_by_itself(tmp_path: Path, name: str) -> None:
    """Output, errors (line numbers, carets and all) and exit code are those of `python script.py`."""
    script = worker.write(tmp_path, "script.py", FIDELITY[name])
    if name.startswith("own_module"):
        worker.write(tmp_path, "json.py", "mine = 1")
        worker.write(tmp_path, "calendar.py", "mine = 2")
    stdin = b"ann\none\ntwo\n" if name == "standard_input" else b""
    alone = worker.plainly(script, stdin=stdin)
    found = [] if name == "syntax_error" else worker.loops(script)
    seen = worker.watch(tmp_path, worker.program(script), found, stdin)
    assert seen["printed"].replace("'script.py'", repr(str(script))) == alone.stdout.decode()
    assert seen["errors"] == alone.stderr.decode()
    assert seen["outcome"]["exit_code"] == alone.returncode
    assert seen["outcome"]["read_stdin"] == (name == "standard_input")
    failed = (alone.returncode == 1 and "Traceback" in seen["errors"]) or name == "syntax_error"
    assert seen["outcome"]["ended"] == ("failed" if failed else "finished")
    if failed:
        assert seen["outcome"]["traceback"] == seen["errors"]


def test_argv_is_as_given(tmp_path: Path) -> None:
    worker.write(tmp_path, "sub/script.py", "import sys, os\nprint(sys.argv, __file__, os.getcwd(), sys.path[0])")
    seen = worker.watch(tmp_path, worker.program("sub/script.py", "-x", "a b", cwd=tmp_path), [])
    sub = tmp_path / "sub"
    assert seen["printed"] == f"['sub/script.py', '-x', 'a b'] {sub}/script.py {tmp_path} {sub}\n"


def test_module_of_a_package(tmp_path: Path) -> None:
    """`-m package`: its `__main__` with package-relative imports; regions of imported modules are watched."""
    worker.write(tmp_path, "pkg/__init__.py", "")
    worker.write(tmp_path, "pkg/work.py", "def f(n):\n    t = 0\n    for i in range(n):\n        t += i\n    return t")
    main = "from .work import f\nimport sys\nprint(__name__, __package__, __spec__.name, sys.argv, f(10))"
    file = worker.write(tmp_path, "pkg/__main__.py", main)
    found = worker.loops(tmp_path / "pkg/work.py")
    seen = worker.watch(tmp_path, worker.program("pkg", "arg", kind="module", cwd=tmp_path), found)
    assert seen["printed"] == f"__main__ pkg pkg.__main__ ['{file}', 'arg'] 45\n"
    assert seen["regions"][0]["entries"] == 1
    assert seen["regions"][0]["captures"][0]["live_out"]["t"] == {"t": "int", "value": "45"}
    assert seen["modules"]["pkg.work"] == str(tmp_path / "pkg/work.py")


def test_pytest_is_a_program(tmp_path: Path) -> None:
    worker.write(tmp_path, "lib.py", "def f(n):\n    t = 0\n    for i in range(n):\n        t += i\n    return t")
    worker.write(tmp_path, "tests/test_it.py", "import lib\ndef test_it(tmp_path):\n    assert lib.f(4) == 6")
    arguments = ("tests", "-q", "-p", "no:cacheprovider")
    found = worker.loops(tmp_path / "lib.py")
    seen = worker.watch(tmp_path, worker.program("pytest", *arguments, kind="module", cwd=tmp_path), found)
    assert "1 passed" in seen["printed"], seen["printed"] + seen["errors"]
    assert seen["regions"][0]["entries"] == 1 and len(seen["regions"][0]["captures"]) == 1


def test_times_and_entries(tmp_path: Path) -> None:
    source = """
    import time
    def nap(k):
        for i in range(k):
            time.sleep(0.01)
    for j in range(5):
        nap(2)
    if __name__ == "__main__":
        for k in range(3):
            nap(1)
    """
    script = worker.write(tmp_path, "script.py", source)
    seen = worker.watch(tmp_path, worker.program(script), worker.loops(script))
    inner, outer, last = seen["regions"]
    assert (inner["entries"], outer["entries"], last["entries"]) == (8, 1, 1)
    assert all(region["exact"] for region in seen["regions"])
    assert inner["seconds"] > 0.13 and outer["seconds"] > 0.1 and last["seconds"] > 0.03
    assert inner["seconds"] < outer["seconds"] + last["seconds"] < seen["outcome"]["seconds"] + 0.001
    # Its locals are those from before the loop: `i` of the last entry is not live.
    assert inner["captures"][0]["live_in"].keys() == {"k", "time"}


def test_short_regions_are_sampled(tmp_path: Path) -> None:
    """A million entries are counted exactly and their time extrapolated."""
    source = """
    import time
    def tiny(a):
        for i in (1, 2):
            a += i
        return a
    t0 = time.perf_counter()
    for k in range(1_000_000):
        tiny(k)
    print(time.perf_counter() - t0)
    """
    script = worker.write(tmp_path, "script.py", source)
    found = worker.loops(script)
    alone = min(float(worker.plainly(script).stdout) for _ in range(3))
    seen = worker.watch(tmp_path, worker.program(script), found)
    tiny, outer = seen["regions"]
    assert tiny["entries"] == 1_000_000 and not tiny["exact"]
    assert 0.2 * alone < tiny["seconds"] < 2 * outer["seconds"]
    assert float(seen["printed"]) < 1.6 * alone + 0.5
    entries = sorted(capture["entry"] for capture in tiny["captures"])
    assert len(entries) == 2


def test_recursion_is_counted_and_timed(tmp_path: Path) -> None:
    """Outermost calls only, though nearly all entries are inner ones."""
    source = """
    import time
    def fib(n):
        t = 0
        for k in (1, 2):
            if n < 2:
                return n
            t += fib(n - k)
        return t
    began = time.perf_counter()
    for _ in range(3):
        fib(20)
    print(time.perf_counter() - began)
    time.sleep(0.3)
    """
    script = worker.write(tmp_path, "script.py", source)
    seen = worker.watch(tmp_path, worker.program(script), worker.loops(script))
    inner, outer = seen["regions"]
    assert inner["entries"] == 3 * 21_891
    assert 0.2 * outer["seconds"] < inner["seconds"] < 2.0 * outer["seconds"]
    capture = inner["captures"][0]
    assert capture["live_in"]["n"] == {"t": "int", "value": "20"} and capture["live_out"] == {}
    assert 0.05 * outer["seconds"] < capture["seconds"] < 1.0 * outer["seconds"]


def test_captures_at_later_entries_too(tmp_path: Path) -> None:
    """What is kept is a random choice of the entries, for each signature."""
    source = """
    import numpy as np, time
    def f(x):
        for i in range(len(x)):
            x[i] += 1
        time.sleep(0.002)
    data = [np.zeros(k % 7 + 1, dtype=["f8", "i4"][k // 60 % 2]) for k in range(240)]
    for x in data:
        f(x)
    """
    script = worker.write(tmp_path, "script.py", source)
    seen = worker.watch(tmp_path, worker.program(script), worker.loops(script))
    captures = seen["regions"][0]["captures"]
    dtypes = [capture["live_in"]["x"]["dtype"] for capture in captures]
    assert sorted(dtypes) == ["<f8", "<f8", "<i4", "<i4"]
    assert max(capture["entry"] for capture in captures) > 20
    files = {path.name for path in (tmp_path / "job/captures").iterdir()}
    assert {capture["file"] for capture in captures} <= files and len(files) <= 8


def test_snapshot_and_what_came_after(tmp_path: Path) -> None:
    """A long execution has both sides in its snapshots, with the sharing between results and arguments."""
    source = """
    import numpy as np, time
    SCALE = 2.0
    def scaled(v):
        return v * SCALE
    x = np.arange(5.0)
    alias = x[1:3]
    for i in range(5):
        x[i] = scaled(x[i])
        row = x[i:]
        print("step", i)
        time.sleep(0.01)
    """
    script = worker.write(tmp_path, "script.py", source)
    found = worker.loops(script)
    found[0]["live_in"].append("alias")
    seen = worker.watch(tmp_path, worker.program(script), found)
    capture = seen["regions"][0]["captures"][0]
    assert capture["globals"]["__main__.SCALE"] == {"t": "float"}
    check = f"""
    import numpy as np
    from numlift import _snapshot, _world
    world = _world.World()
    path = {str(tmp_path / "job/captures" / capture["file"])!r}
    before, after = _snapshot.load(path, world), _snapshot.load(path + ".after", world)
    before.install(world)
    assert before.names["x"].tolist() == [0, 1, 2, 3, 4] and after.names["x"].tolist() == [0, 2, 4, 6, 8]
    assert np.shares_memory(before.names["alias"], before.names["x"])
    assert np.shares_memory(after.names["row"], after.names["x"]) and after.names["i"] == 4
    assert after.info["printed"] == "step 0\\nstep 1\\nstep 2\\nstep 3\\nstep 4\\n" and after.info["raised"] is None
    assert before.names["scaled"](3) == 6.0
    """
    file = worker.write(tmp_path, "check.py", check)
    checked = worker.plainly(file)
    assert checked.returncode == 0, checked.stderr.decode()


def test_effects_and_their_regions(tmp_path: Path) -> None:
    source = """
    import os, subprocess, tempfile, sys
    def save(k):
        for i in range(1):
            with open("out.txt", "a") as f: f.write("x")
    for k in range(3):
        save(k)
    with tempfile.TemporaryDirectory() as d:
        open(os.path.join(d, "t"), "w").close()
    open(__file__).read()
    subprocess.run([sys.executable, "-c", "pass"])
    os.remove("out.txt")
    """
    script = worker.write(tmp_path, "script.py", source)
    seen = worker.watch(tmp_path, worker.program(script), worker.loops(script))
    effects = seen["effects"]
    assert effects[0] == {
        "kind": "write",
        "what": f"{tmp_path}/out.txt",
        "temporary": False,
        "region": 0,
        "within": [1],
    }
    kinds = [(effect["kind"], effect["temporary"]) for effect in effects[1:]]
    assert ("subprocess", False) in kinds and ("delete", False) in kinds and ("write", True) in kinds
    assert not any("__pycache__" in effect["what"] or "job" in effect["what"] for effect in effects)


def test_capture_is_refused_in_words(tmp_path: Path) -> None:
    source = """
    import numpy as np
    f = open(__file__)
    big = np.zeros(100_000)
    for line in f:
        pass
    for i in range(3):
        big[i] = 1
    """
    script = worker.write(tmp_path, "script.py", source)
    seen = worker.watch(tmp_path, worker.program(script), worker.loops(script), max_capture_bytes=50_000)
    too_large = "larger than 50 kB, as much as --max-memory allows"
    assert [region["refused"] for region in seen["regions"]] == ["`f` is an open file", too_large]
    assert not list((tmp_path / "job/captures").iterdir())


def test_region_that_is_not_there(tmp_path: Path) -> None:
    script = worker.write(tmp_path, "script.py", "for i in range(3):\n    pass\n")
    found = worker.loops(script)
    found[0]["end"]["line"] = 9
    seen = worker.watch(tmp_path, worker.program(script), found)
    assert seen["regions"][0]["refused"] == "its statements were not found in the file"


def test_runs_of_statements_and_nesting(tmp_path: Path) -> None:
    """A region may be several statements, start with a docstring, or hold another one of the same block."""
    source = '''
    def f(n):
        """Doc."""
        total = 0
        for i in range(n):
            total += i
        mean = total / n
        return mean
    print(f(4), f.__doc__)
    '''
    script = worker.write(tmp_path, "script.py", source)
    found = worker.loops(script)
    wide = dict(found[0], id=5, start={"line": 2, "column": 4}, end={"line": 7, "column": 15})
    wide["binds"] = ["total", "i", "mean"]
    some = dict(wide, id=6, start={"line": 3, "column": 4}, end={"line": 5, "column": 18})
    seen = worker.watch(tmp_path, worker.program(script), [found[0], wide, some])
    assert seen["printed"] == "1.5 Doc.\n"
    assert [region["entries"] for region in seen["regions"]] == [1, 1, 1]
    assert seen["regions"][1]["captures"][0]["live_out"].keys() == {"total", "i", "mean"}
    assert seen["regions"][2]["captures"][0]["live_out"].keys() == {"total", "i"}


LONG = """
    import time, sys
    try:
        for i in range(1000):
            time.sleep(0.01)
            if i == 20: print("going", flush=True)
    finally:
        print("cleaned up")
"""


def test_time_limit(tmp_path: Path) -> None:
    script = worker.write(tmp_path, "script.py", LONG)
    began = time.perf_counter()
    seen = worker.watch(tmp_path, worker.program(script), worker.loops(script), for_seconds=0.6)
    assert time.perf_counter() - began < 6
    assert seen["outcome"]["ended"] == "timelimit"
    region = seen["regions"][0]
    assert 0.3 < region["captures"][0]["seconds"] <= region["seconds"] + 0.01 < 2.0
    assert region["captures"][0]["live_out"] == {}
    assert seen["printed"] == "going\ncleaned up\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals(tmp_path: Path, number: signal.Signals) -> None:
    script = worker.write(tmp_path, "script.py", LONG)
    job = tmp_path / "job"
    worker.plan(job, worker.program(script), worker.loops(script), echo=True)
    process = worker.start("watch", job)
    assert process.stdout is not None
    assert process.stdout.readline() == b"going\n"
    os.kill(process.pid, number)
    assert process.wait(10) is not None
    seen = worker.report(job, "watch.json")
    assert seen["outcome"]["ended"] == "interrupted" and len(seen["regions"][0]["captures"]) == 1


def test_hard_exit_writes_the_report(tmp_path: Path) -> None:
    script = worker.write(tmp_path, "script.py", "import os\nfor i in range(3):\n    print(i)\nos._exit(3)")
    seen = worker.watch(tmp_path, worker.program(script), worker.loops(script))
    assert seen["outcome"]["exit_code"] == 3 and seen["regions"][0]["entries"] == 1


def test_echo_and_standard_input_file(tmp_path: Path) -> None:
    script = worker.write(tmp_path, "script.py", "import sys\nprint(input())\nprint('err', file=sys.stderr)")
    (tmp_path / "in.txt").write_text("hello\n")
    job = tmp_path / "job"
    worker.plan(job, worker.program(script), [], echo=True, stdin=str(tmp_path / "in.txt"))
    out, err, _ = worker.worker("watch", job)
    seen = worker.report(job, "watch.json")
    assert (out, err) == (b"hello\n", b"err\n") and (seen["printed"], seen["errors"]) == ("hello\n", "err\n")
    assert seen["outcome"]["read_stdin"]


def test_unseeded_generators_are_entropy(tmp_path: Path) -> None:
    """NumPy's import draws entropy too; it counts when the generator is used."""
    for use, read in (("", False), ("np.random.rand()", True), ("np.random.seed(1); np.random.rand()", False)):
        script = worker.write(tmp_path, "script.py", f"import numpy as np\nfor i in (1,): np.random\n{use}\n")
        seen = worker.watch(tmp_path, worker.program(script), worker.loops(script))
        assert seen["outcome"]["read_entropy"] == read, use


def test_clock_reads_are_placed(tmp_path: Path) -> None:
    source = """
    from time import perf_counter as clock
    import datetime
    print("no clock yet")
    t = clock()
    print("took", clock() - t)
    print(datetime.datetime.now().year > 2000)
    """
    script = worker.write(tmp_path, "script.py", source)
    found = [dict(region, id=9) for region in worker.regions(script, lambda node: True)][-1:]
    seen = worker.watch(tmp_path, worker.program(script), found)
    record = json.loads(Path(seen["outcome"]["entropy"]).read_text())
    lines = seen["printed"].splitlines(keepends=True)
    assert seen["outcome"]["read_clock"] and record["clock_reads"] == 3
    assert record["clock"] == [len(lines[0]), len(lines[0]) + len(lines[1])]


def test_threads_do_not_disturb(tmp_path: Path) -> None:
    source = """
    import threading
    def work(out, n):
        for k in range(n):
            t = 0
            for i in range(3):
                t += i
        out.append(t)
    out = []
    threads = [threading.Thread(target=work, args=(out, 60_000)) for _ in range(4)]
    for t in threads: t.start()
    for t in threads: t.join()
    print(out)
    """
    script = worker.write(tmp_path, "script.py", source)
    seen = worker.watch(tmp_path, worker.program(script), worker.loops(script))
    assert seen["printed"] == "[3, 3, 3, 3]\n" and seen["errors"] == ""
    assert abs(seen["regions"][1]["entries"] - 240_000) < 25_000


def test_other_pythons(tmp_path: Path) -> None:
    """The worker also runs under the other interpreters that are here."""
    script = worker.write(tmp_path, "script.py", FIDELITY["introspection"] + FIDELITY["recursion"])
    alone = worker.plainly(script)
    for version in ("3.12", "3.13", "3.14"):
        for python in sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python")):
            job = tmp_path / f"job{version}"
            worker.plan(job, worker.program(script), worker.loops(script))
            command = [str(python), "-m", "numlift._worker", "watch", str(job)]
            done = subprocess.run(command, env=worker.environment(), capture_output=True, text=True, check=False)
            assert (job / "watch.json").exists(), done.stderr
            seen = worker.report(job, "watch.json")
            assert seen["printed"] == alone.stdout.decode() and seen["python"].startswith(version)
            assert all(region["captures"] for region in seen["regions"]), seen["regions"]


if __name__ == "__main__":
    sys.exit(pytest.main([__file__]))
