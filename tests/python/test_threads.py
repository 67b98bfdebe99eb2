"""Loops on several cores: the same bits whatever the number of threads, and nothing else changes either.

`parallel="tested"` launches every loop that can be, however small it is.
"""

import os
import subprocess
import sys
import textwrap
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor

import numlift
import numpy as np
import pytest
from numlift import _native

COUNTS = (1, 2, 3, 4, 7)


def launched(function):
    """The function, with every loop launched that can be."""
    return _native.jit(function, {"parallel": "tested"})


def same_for_all_counts(function, make, repeats=5, plainly=True):
    """Whether any number of threads gives the bits of plain Python, or of one thread; results and arguments."""
    kernel = launched(function)
    expected_arguments = make()
    expected = (function if plainly else numlift.jit(function, parallel=False))(*expected_arguments)
    for count in COUNTS:
        for _ in range(repeats):
            arguments = make()
            with numlift.threads(count):
                result = kernel(*arguments)
            assert bits(result) == bits(expected), count
            assert bits(arguments) == bits(expected_arguments), count
    return kernel.explain()


def bits(value):
    if isinstance(value, tuple | list):
        return [bits(item) for item in value]
    array = np.asarray(value)
    return (str(array.dtype), array.shape, array.tobytes())


def random(*shape):
    return np.random.default_rng(1).random(shape)


PARALLEL = "on several cores, where the work repays it"


def ticks_during(compute):
    """How often another thread was allowed to run while one computes."""
    ticks, done = 0, threading.Event()

    def computing():
        compute()
        done.set()

    thread = threading.Thread(target=computing)
    thread.start()
    while not done.wait(0.001):
        ticks += 1
    thread.join()
    return ticks


class TestTheSameBits:
    def test_rows(self):
        def kernel(a, b, out):
            for i in range(a.shape[0]):
                for j in range(a.shape[1]):
                    s = 0.0
                    for k in range(b.shape[0]):
                        s += a[i, k] * b[k, j]
                    out[i, j] = s

        told = same_for_all_counts(kernel, lambda: [random(20, 20), random(20, 20), np.zeros((20, 20))])
        assert PARALLEL in told

    def test_array_expressions(self):
        def kernel(x, y):
            return np.sqrt(x * x + y * y) + np.sin(x) * np.exp(-y), np.where(x > 0.5, x, -y), x[::-1] - y

        # NumPy's elementary functions differ in the last bit.
        assert PARALLEL in same_for_all_counts(kernel, lambda: [random(1001), random(1001)], plainly=False)

    def test_steps_and_backwards(self):
        def kernel(x, n):
            for i in range(n - 1, -1, -1):
                x[i] = x[i] * 2.0 + i
            for i in range(1, n, 3):
                x[i] = -x[i]
            for i in range(n - 2, 0, -5):
                x[i] += 0.5
            return x

        assert PARALLEL in same_for_all_counts(kernel, lambda: [random(100), 100])

    def test_a_store_beside_the_index(self):
        def kernel(x, out):
            for i in range(len(x)):
                out[2 * i] = x[i]
                out[2 * i + 1] = -x[i]

        assert PARALLEL in same_for_all_counts(kernel, lambda: [random(50), np.zeros(100)])

    def test_uneven_rows(self):
        def kernel(out):
            for i in range(out.shape[0]):
                for j in range(i):
                    out[i, j] = i * 2.0 + j * out[i, j]

        assert PARALLEL in same_for_all_counts(kernel, lambda: [random(40, 40)])

    def test_a_loop_inside_of_a_serial_one(self):
        def kernel(u, steps):
            v = u.copy()
            for _ in range(steps):
                v[1:-1, 1:-1] = 0.25 * (u[:-2, 1:-1] + u[2:, 1:-1] + u[1:-1, :-2] + u[1:-1, 2:])
                u, v = v, u
            return u

        same_for_all_counts(kernel, lambda: [random(30, 30), 5])

    def test_empty_and_short(self):
        def kernel(x):
            return x * 2.0 + 1.0

        for count in (0, 1, 2, 3):
            same_for_all_counts(kernel, lambda count=count: [random(count)])

    @pytest.mark.parametrize("count", [0, 1, 129, 16383, 16384, 50_001, 2_500_003])
    def test_sums_of_numpy(self, count):
        def kernel(x, a, c):
            return x.sum(), np.sum(x * x), a.sum(), a.sum(axis=0), a.mean(axis=1), c.sum()

        def make():
            x = random(count)
            return [x, random(max(count // 7, 1), 7).astype(np.float32), x + 1j * x[::-1]]

        assert PARALLEL in same_for_all_counts(kernel, make, repeats=2)

    @pytest.mark.parametrize(
        "dtype", ["bool", "int8", "uint16", "int64", "float16", "float32", "complex64", "complex128"]
    )
    def test_dtypes(self, dtype):
        def kernel(x, out):
            for i in range(len(x)):
                out[i] = x[i]
            return x + x

        same_for_all_counts(kernel, lambda: [(random(100) * 9).astype(dtype), np.zeros(100, dtype)])

    def test_layouts(self):
        def kernel(x, out):
            for i in range(x.shape[0]):
                for j in range(x.shape[1]):
                    out[i, j] = x[i, j] * 2.0

        def make(change):
            return lambda: [change(random(20, 30)), change(np.zeros((20, 30)))]

        changes = [lambda a: a, lambda a: np.asfortranarray(a), lambda a: a[::-1, ::2], lambda a: a.T]
        for change in changes:
            same_for_all_counts(kernel, make(change))


class TestFoldsInParts:
    @pytest.mark.parametrize("count", [1, 8193, 100_003])
    def test_folds_of_integers_and_truth(self, count):
        def kernel(i, b):
            return np.sum(i), np.min(i), np.max(i), np.prod(i), np.any(b), np.all(b), np.sum(b), np.argmax(i)

        def make():
            chance = np.random.default_rng(count)
            return chance.integers(-(2**62), 2**62, count), chance.random(count) < 1e-4

        explained = same_for_all_counts(kernel, make, repeats=2)
        assert count == 1 or PARALLEL in explained

    @pytest.mark.parametrize("number", [0.5, np.nan])
    def test_extrema_of_floats(self, number):
        def kernel(x):
            return np.min(x), np.max(x), np.max(np.abs(x - 0.25))

        def make():
            x = random(3, 20_000)
            x[1, 17] = number
            return (x,)

        assert PARALLEL in same_for_all_counts(kernel, make, repeats=2, plainly=False)
        for threads in (1, 3):
            with numlift.threads(threads):
                np.testing.assert_array_equal(launched(kernel)(*make()), kernel(*make()))

    def test_zeros_of_either_sign_do_not_depend_on_who_takes_a_part(self):
        def kernel(x):
            return np.min(x), np.max(x)

        def make():
            return (np.copysign(0.0, random(50_000) - 0.5),)

        same_for_all_counts(kernel, make, repeats=3, plainly=False)

    def test_few_long_iterations_at_the_first_run(self):
        def kernel(x):
            for i in range(x.shape[0]):
                for j in range(x.shape[1]):
                    x[i, j] = np.sin(x[i, j])
            return x

        for count in range(1, 8):
            with numlift.threads(3):
                result = numlift.jit(kernel, parallel=True)(np.ones((count, 30_000)))
            np.testing.assert_allclose(result, np.sin(1.0), rtol=1e-15)


class TestWhatIsNotIndependent:
    def reason(self, function, *arguments):
        kernel = launched(function)
        expected = [np.copy(argument) if isinstance(argument, np.ndarray) else argument for argument in arguments]
        result, wanted = None, function(*expected)
        with numlift.threads(3):
            result = kernel(*arguments)
        assert bits(arguments) == bits(expected)
        if wanted is not None:
            assert bits(result) == bits(wanted)
        return kernel.explain()

    def test_a_carried_sum(self):
        def kernel(x):
            s = 0.0
            for i in range(len(x)):
                s += x[i]
            return s

        assert "`s` is carried" in self.reason(kernel, random(100))

    def test_an_element_of_another_iteration(self):
        def kernel(x):
            for i in range(1, len(x)):
                x[i] = x[i - 1] + x[i]

        assert "one may read what another stores to `x`" in self.reason(kernel, random(100))

    def test_one_element_for_all(self):
        def kernel(x, out):
            for i in range(len(x)):
                out[0] = x[i]

        assert "two may store to the same element of `out`" in self.reason(kernel, random(100), np.zeros(2))

    def test_both_triangles(self):
        def kernel(x):
            for i in range(len(x)):
                for j in range(i):
                    x[i, j] = x[j, i] + 1.0

        assert "another stores to `x`" in self.reason(kernel, random(20, 20))

    def test_an_early_end(self):
        def kernel(x, out):
            for i in range(len(x)):
                if x[i] > 0.9:
                    break
                out[i] = x[i]

        assert "end before its time" in self.reason(kernel, random(100), np.zeros(100))

    def test_a_name_that_is_read_behind_the_loop(self):
        def kernel(x, out):
            d = 0.0
            for i in range(len(x)):
                d = x[i] * 2.0
                out[i] = d
            return d

        assert "`d` is carried" in self.reason(kernel, random(100), np.zeros(100))

    def test_arguments_that_overlap(self):
        def kernel(x, out):
            for i in range(len(x)):
                out[i] = x[i] + 1.0

        compiled = launched(kernel)
        for _ in range(20):
            plain, fast = random(101), random(101)
            kernel(plain[:-1], plain[1:])
            with numlift.threads(4):
                compiled(fast[:-1], fast[1:])
            assert bits(plain) == bits(fast)

    def test_elements_that_are_one(self):
        def kernel(x, out):
            for i in range(len(x)):
                out[i] = x[i]

        compiled = launched(kernel)
        for _ in range(20):
            memory = np.zeros(1)
            out = np.lib.stride_tricks.as_strided(memory, (1000,), (0,))
            with numlift.threads(4):
                compiled(np.arange(1000.0), out)
            assert memory[0] == 999.0


class TestNamesBehindALoop:
    def test_what_python_finds_when_it_goes_on(self):
        def kernel(x, out, k):
            total = 0
            for i in range(len(x)):
                d = x[i] * 2.0
                out[i] = d
            d = 1.5
            total += out[k]
            return total, d

        compiled = launched(kernel)
        with numlift.threads(2):
            assert compiled(np.ones(10), np.zeros(10), 3) == (2.0, 1.5)
            with pytest.raises(IndexError):
                compiled(np.ones(10), np.zeros(10), 10)


class TestEvents:
    def test_warnings_are_given_once(self):
        def kernel(x):
            return 1.0 / x

        x = np.ones(1000)
        x[900] = 0.0
        compiled = launched(kernel)
        for count in COUNTS:
            with numlift.threads(count), warnings.catch_warnings(record=True) as seen:
                warnings.simplefilter("always")
                compiled(x)
            assert [str(one.message) for one in seen] == ["divide by zero encountered in divide"], count
            with numlift.threads(count), warnings.catch_warnings():
                warnings.simplefilter("error")
                compiled(np.ones(1000))

    def test_errstate(self):
        def kernel(x):
            return np.sqrt(x)

        x = np.ones(1000)
        x[7] = -1.0
        compiled = launched(kernel)
        for count in COUNTS:
            with numlift.threads(count), np.errstate(all="raise"), pytest.raises(FloatingPointError):
                compiled(x)
            with numlift.threads(count), np.errstate(all="ignore"):
                assert np.isnan(compiled(x)[7])

    def test_events_under_a_condition(self):
        def kernel(x, out):
            for i in range(len(x)):
                if x[i] != 0.0:
                    out[i] = 1.0 / x[i]
            return out

        compiled = launched(kernel)
        x = np.ones(1000)
        x[3] = 0.0
        for count in COUNTS:
            with numlift.threads(count), warnings.catch_warnings():
                warnings.simplefilter("error")
                compiled(x, np.zeros(1000))


class TestOthersRunMeanwhile:
    """Loops that call nothing of Python's let the interpreter's lock go, and take it again on every way out."""

    def test_ways_out(self):
        def kernel(x, y, k):
            s = 0.0
            for i in range(len(x)):
                s = s * 0.5 + x[i]
                if s > 3.0:
                    break
                if i == k:
                    return i, s, y
                y[i] = s
            z = np.empty(3)
            for i in range(len(x)):
                for j in range(i):
                    if x[j] < 0.0:
                        return z, s
                    s += x[j]
                if s > 1e9:
                    break
            return s, y[k]

        compiled = launched(kernel)
        for x in (random(50), -random(50), random(50) * 100):
            for k in (0, 20, 49, 60):
                ends = []
                for function in (kernel, compiled):
                    y = np.zeros(50)
                    try:
                        result = function(x.copy(), y, k)
                        ends.append(bits(result) if not isinstance(result[0], np.ndarray) else result[0].shape)
                    except IndexError as error:
                        ends.append(str(error))
                    ends.append(bits(y))
                assert ends[:2] == ends[2:]

    def test_python_goes_on(self):
        def kernel(x, where):
            s = 0.0
            n = 1
            for i in range(len(where)):
                n = n * 3
                s += x[where[i]]
            return s, n

        compiled = launched(kernel)
        x = random(50)
        where = np.arange(50)
        assert compiled(x, where) == kernel(x, where)
        where[30] = 99
        with pytest.raises(IndexError, match="99"):
            compiled(x, where)

    def test_a_serial_loop(self):
        @numlift.jit
        def serial(x, steps):
            last = 0.0
            for _ in range(steps):
                for i in range(len(x)):
                    last = last * 0.5 + x[i]
            return last

        x = random(100_000)
        serial(x, 1)
        assert ticks_during(lambda: serial(x, 500)) > 3

    def test_events_of_both_kinds(self):
        def kernel(x, out):
            for i in range(x.shape[0]):
                s = 0.0
                for j in range(x.shape[1]):
                    s += x[i, j] * x[i, j]
                if s > 0.0:
                    out[i] = 1.0 / np.sqrt(s)
            return out

        compiled = launched(kernel)
        x = random(60, 30)
        x[7] = 0.0
        for count in COUNTS:
            with numlift.threads(count), warnings.catch_warnings():
                warnings.simplefilter("error")
                assert bits(compiled(x, np.zeros(60))) == bits(kernel(x, np.zeros(60)))
        assert PARALLEL in compiled.explain()
        x[9, 3] = 1e200
        for count in COUNTS:
            with numlift.threads(count), warnings.catch_warnings(record=True) as seen:
                warnings.simplefilter("always")
                compiled(x, np.zeros(60))
            assert ["overflow" in str(one.message) for one in seen] == [True], count


class TestCount:
    def count(self, **environment):
        clean = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
        code = "import numlift; print(numlift.get_num_threads())"
        environment = {**clean, **environment}
        done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
        return int(done.stdout)

    def test_by_environment(self):
        assert self.count() == len(os.sched_getaffinity(0))
        assert self.count(OMP_NUM_THREADS="3") == 3
        assert self.count(OMP_NUM_THREADS="3", NUMLIFT_NUM_THREADS="5") == 5

    def test_by_context(self):
        before = numlift.get_num_threads()
        with numlift.threads(3):
            assert numlift.get_num_threads() == 3
            with numlift.threads(5):
                assert numlift.get_num_threads() == 5
            with numlift.threads(-1):
                assert numlift.get_num_threads() == len(os.sched_getaffinity(0))
            assert numlift.get_num_threads() == 3
            with ThreadPoolExecutor(1) as pool:
                assert pool.submit(numlift.get_num_threads).result() == before
        assert numlift.get_num_threads() == before

    @pytest.mark.parametrize("count", [0, -2])
    def test_what_is_no_number_of_threads(self, count):
        with pytest.raises(ValueError, match="number of threads"):
            numlift.threads(count)

    def test_a_worker_of_dask(self, monkeypatch):
        from types import SimpleNamespace

        from numlift import _threads

        worker = SimpleNamespace(state=SimpleNamespace(nthreads=6))
        monkeypatch.setitem(sys.modules, "distributed", SimpleNamespace(get_worker=lambda: worker))
        assert _threads.allotted() == 6

        def no_worker():
            raise ValueError("no worker found")

        monkeypatch.setitem(sys.modules, "distributed", SimpleNamespace(get_worker=no_worker))
        assert _threads.allotted() is None


def scaled(x, factor):
    out = np.empty_like(x)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            out[i, j] = x[i, j] * factor
    return out


class TestManyThreads:
    def test_one_kernel_from_many(self):
        kernel = launched(scaled)
        x = random(50, 40)

        def work(number):
            numlift.threads(2 + number % 3).__enter__()
            return all(bits(kernel(x, float(n))) == bits(x * float(n)) for n in range(number, number + 60))

        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(work, range(8)))

    def test_others_run_meanwhile(self):
        @numlift.jit
        def busy(x, steps):
            for _ in range(steps):
                for i in range(x.shape[0]):
                    for j in range(x.shape[1]):
                        x[i, j] = np.sin(x[i, j]) + 1.0
            return x

        x = random(1000, 1000)
        busy(x, 1)
        assert ticks_during(lambda: busy(x, 20)) > 3

    def test_a_kernel_that_goes_away(self):
        x = random(200, 200)

        def work(number):
            for n in range(6):
                kernel = launched(scaled)
                assert bits(kernel(x, float(n))) == bits(x * float(n))
                del kernel

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(work, range(4)))


def run(code, **environment):
    """Runs a program of its own; its output."""
    text = textwrap.dedent(code)
    path = os.path.join(os.environ.get("TMPDIR", "/tmp"), f"numlift_threads_{os.getpid()}_{abs(hash(text))}.py")
    with open(path, "w") as file:
        file.write(text)
    try:
        done = subprocess.run(
            [sys.executable, path],
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=120,
        )
    finally:
        os.unlink(path)
    assert done.returncode == 0, done.stderr
    return done.stdout


PROGRAM = """
import os, sys, threading
import numpy as np
import numlift
from numlift import _native

def kernel(x):
    out = np.empty_like(x)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            out[i, j] = x[i, j] * 2.0
    return out

fast = _native.jit(kernel, {"parallel": "tested"})
x = np.ones((200, 200))
numlift.threads(3).__enter__()

def works():
    return bool((fast(x) == 2.0).all())
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
class TestFork:
    def test_a_child_has_a_pool_of_its_own(self):
        code = """
        assert works()
        for _ in range(10):
            child = os.fork()
            if child == 0:
                grandchild = os.fork()
                if grandchild == 0:
                    os._exit(0 if works() else 1)
                _, status = os.waitpid(grandchild, 0)
                os._exit(0 if works() and status == 0 else 1)
            assert works()
            assert os.waitpid(child, 0)[1] == 0
        print("fine")
        """
        assert run(PROGRAM + textwrap.dedent(code)) == "fine\n"

    def test_a_fork_while_a_loop_runs(self):
        code = """
        big = np.ones((2000, 500))
        fast(big)
        stop = False

        def compute():
            while not stop:
                fast(big)

        thread = threading.Thread(target=compute)
        thread.start()
        for _ in range(20):
            child = os.fork()
            if child == 0:
                os._exit(0 if works() and works() else 1)
            assert os.waitpid(child, 0)[1] == 0
        stop = True
        thread.join()
        print("fine")
        """
        assert run(PROGRAM + textwrap.dedent(code)) == "fine\n"

    def test_multiprocessing(self):
        code = """
        import multiprocessing, warnings
        warnings.simplefilter("ignore")

        def work(_):
            return works()

        assert works()
        with multiprocessing.get_context("fork").Pool(3) as pool:
            assert all(pool.map(work, range(12)))
        assert works()
        print("fine")
        """
        assert run(PROGRAM + textwrap.dedent(code)) == "fine\n"


class TestTheEnd:
    def test_a_process_ends_with_a_pool(self):
        assert run(PROGRAM + "assert works()\nprint('fine')\n") == "fine\n"

    def test_a_process_ends_while_a_daemon_computes(self):
        code = """
        big = np.ones((3000, 1000))
        fast(big)

        def compute():
            while True:
                fast(big)

        for _ in range(3):
            threading.Thread(target=compute, daemon=True).start()
        import time
        time.sleep(0.2)
        print("fine", flush=True)
        """
        for _ in range(5):
            assert run(PROGRAM + textwrap.dedent(code)) == "fine\n"

    def test_ctrl_c(self):
        code = """
        import signal, time
        big = np.ones((3000, 1000))
        fast(big)
        main = threading.main_thread().ident
        threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
        try:
            while True:
                fast(big)
        except KeyboardInterrupt:
            assert threading.get_ident() == main
        assert works()
        print("fine")
        """
        assert run(PROGRAM + textwrap.dedent(code)) == "fine\n"

    def test_ctrl_c_in_one_long_loop(self):
        code = """
        import time

        @numlift.jit
        def long(x, n):
            for i in range(x.shape[0]):
                s = 0.0
                for k in range(n):
                    s = s * 0.5 + x[i]
                x[i] = s
            return x

        values = np.ones(1000)
        long(values, 1)
        threading.Timer(0.4, lambda: os.kill(os.getpid(), __import__("signal").SIGINT)).start()
        start = time.perf_counter()
        for count in (1, 3):
            try:
                with numlift.threads(count):
                    long(values, 10**7)
                print("not interrupted")
            except KeyboardInterrupt:
                assert time.perf_counter() - start < 10.0, time.perf_counter() - start
            if count == 1:
                threading.Timer(0.4, lambda: os.kill(os.getpid(), __import__("signal").SIGINT)).start()
        assert works()
        print("fine")
        """
        assert run(PROGRAM + textwrap.dedent(code)) == "fine\n"

    def test_signals_find_the_main_thread(self):
        code = """
        import signal
        count = 0

        def seen(*_):
            global count
            count += 1

        signal.signal(signal.SIGALRM, seen)
        signal.setitimer(signal.ITIMER_REAL, 0.002, 0.002)
        for _ in range(300):
            assert works()
        signal.setitimer(signal.ITIMER_REAL, 0)
        assert count > 0
        print("fine")
        """
        assert run(PROGRAM + textwrap.dedent(code)) == "fine\n"


def test_options():
    def kernel(x):
        return x * 2.0

    x = random(10)
    never = numlift.jit(kernel, parallel=False)
    assert bits(never(x)) == bits(x * 2.0)
    assert PARALLEL not in never.explain()
    always = numlift.jit(kernel, parallel=True)
    assert bits(always(x)) == bits(x * 2.0)
    assert PARALLEL in always.explain()


def nearby(points):
    n = points.shape[0]
    out = np.zeros((n, 3))
    for i in range(n):
        apart = np.zeros(3)
        near = np.empty(4)
        for k in range(4):
            near[k] = np.inf
        for j in range(n):
            size = 0.0
            for k in range(3):
                apart[k] += points[j, k] - points[i, k]
                size += apart[k] * apart[k]
            if j != i and size < near[3]:
                near[3] = size
                for k in range(3, 0, -1):
                    if near[k] < near[k - 1]:
                        near[k], near[k - 1] = near[k - 1], near[k]
        for k in range(3):
            out[i, k] = near[k] + apart[k]
    return out


def kept(points):
    out = []
    last = np.zeros(3)
    for i in range(points.shape[0]):
        now = np.zeros(3)
        for k in range(3):
            now[k] = last[k] + points[i, k]
        last = now
        out.append(now)
    return last, out[0], out[-1]


def row_sums(a):
    return a.sum(axis=1), (a * a).sum(axis=2), np.exp(-a).mean(axis=(1, 2)), a.var(axis=1)


def test_each_iteration_has_small_arrays_of_its_own():
    assert PARALLEL in same_for_all_counts(nearby, lambda: (random(40, 3),))


def test_small_arrays_that_stay_are_not_shared():
    # Each of them outlives its iteration.
    for n in (1, 2, 7):
        same_for_all_counts(kept, lambda n=n: (random(n, 3),))


def test_sums_along_an_axis_run_on_several_cores():
    said = same_for_all_counts(row_sums, lambda: (random(9, 300, 11),))
    assert PARALLEL in said and "it makes arrays" not in said


def whole_sums(a, b, v):
    return (
        (a.sum(), (a * b).mean(), (a - v).sum(), np.exp(a).sum(), a.std()),
        ((a * b).sum(axis=(1, 2)), a.mean(axis=(1, 2), keepdims=True), (a * v).max(axis=(1, 2)), a.sum(keepdims=True)),
        (a[1:].sum(), a[:, 1:].sum(axis=(1, 2)), (a * a.mean(axis=2, keepdims=True)).sum(axis=(1, 2))),
    )


@pytest.mark.parametrize("shape", [(5, 20, 30), (3, 1, 40), (4, 6, 1), (0, 3, 4), (3, 200, 17)])
def test_sums_over_several_axes_are_one_run(shape):
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        same_for_all_counts(whole_sums, lambda: (random(*shape), random(*shape) - 0.5, random(*shape[2:])), repeats=1)
