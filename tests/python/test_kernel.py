"""Calls of compiled functions: what they take, what they give, what they refuse and cost, and that nothing leaks.

Functions whose text has to be understood stand in `kernels.py`: this module changes its globals by name.
"""

import copy
import gc
import inspect
import linecache
import os
import pickle
import re
import signal
import subprocess
import sys
import threading
import time
import warnings
import weakref

import numlift
import numpy as np
import pytest
from kernels import (
    DTYPES,
    FIRST,
    SCALARS,
    allocating,
    array,
    array_repr,
    copied,
    defined,
    entry,
    identity,
    island,
    leaving,
    place,
    prints,
    retained,
    same,
    slots_of,
    spec,
    statement,
    value,
    without_source,
)
from numlift import _native


def first(x):
    return float(x[0])


def numbers(dtype):
    """Numbers of a dtype, its extremes among them."""
    kind = np.dtype(dtype).kind
    if kind == "b":
        return [np.False_, np.True_]
    if kind in "iu":
        about = np.iinfo(dtype)
        return [np.dtype(dtype).type(number) for number in (about.min, about.max, 0, 1, about.max // 3)]
    floats = [0.0, -0.0, 1.5, np.inf, -np.inf, np.nan, np.finfo(dtype).max, np.finfo(dtype).tiny]
    real = [np.dtype(dtype).type(number) for number in floats]
    if kind == "c":
        return [np.dtype(dtype).type(complex(a, b)) for a in floats for b in (-0.0, 2.5)]
    return real


def bits(number):
    return (type(number), np.asarray(number).tobytes())


class TestValues:
    @pytest.mark.parametrize(("scalar", "dtype"), list(zip(SCALARS, DTYPES)))
    def test_numpy_scalars_come_back_with_all_their_bits(self, scalar, dtype):
        kernel = identity(same, {"Np": scalar})
        with np.errstate(all="ignore"):
            for number in numbers(dtype):
                assert bits(kernel(number)) == bits(number)
        assert kernel.specializations[0]["calls"] == len(numbers(dtype))

    @pytest.mark.parametrize(
        ("repr_", "numbers"),
        [
            ("None", [None]),
            ("Bool", [True, False]),
            ("Int", [0, -1, 2**63 - 1, -(2**63), 12345]),
            ("Float", [0.0, -0.0, float("nan"), float("inf"), 1e-320, 0.1]),
            ("Complex", [1 + 2j, complex(-0.0, float("inf"))]),
        ],
    )
    def test_python_numbers_come_back(self, repr_, numbers):
        kernel = identity(same, repr_)
        for number in numbers:
            assert bits(kernel(number)) == bits(number)

    def test_only_the_exact_type_fits(self):
        """What does not fit runs in Python and comes back as it is."""

        class Mine(float):
            pass

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", numlift.NumliftWarning)
            for repr_, others in {
                "Int": [True, 1.0, np.int64(1), 2**63, -(2**63) - 1, "1"],
                "Bool": [1, np.True_],
                "Float": [1, np.float64(1), Mine(1)],
                "Complex": [1.0, np.complex128(1)],
                "None": [0, False],
            }.items():
                kernel = identity(without_source(same), repr_)
                for other in others:
                    assert kernel(other) is other
                assert all(one["calls"] == 0 for one in kernel.specializations if one["compiled"])

    def test_tuples_come_back(self):
        repr_ = {"Tuple": ["Int", {"Tuple": ["Float", array_repr()]}, {"Tuple": []}, {"Np": "C128"}, "None"]}
        kernel = identity(same, repr_)
        x = np.arange(3.0)
        given = (1, (2.5, x), (), np.complex128(1 + 2j), None)
        back = kernel(given)
        assert back == given
        assert back is not given
        assert back[1][1] is x
        assert kernel.specializations[0]["calls"] == 1

    def test_one_of_several_types(self):
        repr_ = {"OneOf": ["Int", {"Np": "F64"}, {"Tuple": ["Float", "Complex"]}, "None", "Object"]}
        kernel = identity(same, repr_, value(repr_))
        for given in (3, np.float64(2.5), (1.0, 2j), None):
            assert bits(kernel(given)) == bits(given) if not isinstance(given, tuple) else kernel(given) == given

    def test_objects_come_back_as_they_are(self):
        kernel = identity(same, "Object")
        for given in ([1], {}, "x", object(), same):
            assert kernel(given) is given


class TestArrays:
    @pytest.mark.parametrize(("scalar", "dtype"), list(zip(SCALARS, DTYPES)))
    def test_an_array_that_is_what_it_was_is_the_object_itself(self, scalar, dtype):
        kernel = identity(same, array_repr(scalar, 2), array(scalar, 2))
        x = np.zeros((3, 4), dtype)
        assert kernel(x) is x
        assert kernel.specializations[0]["calls"] == 1

    def test_other_arrays_do_not_fit(self):
        kernel = identity(without_source(same), array_repr(), array())

        class Mine(np.ndarray):
            pass

        def unaligned():
            return np.frombuffer(b"x" * 17, np.uint8)[1:].view(np.float64)

        others = [
            np.zeros(3, np.float32),
            np.zeros((3, 3)),
            np.zeros(6)[::2],
            np.zeros(3, ">f8"),
            np.zeros(3).view(Mine),
            np.zeros(1),
            unaligned(),
            np.ma.zeros(3),
            [1.0, 2.0],
            np.zeros(3, np.longdouble),
            np.zeros(3, object),
            np.zeros(3, "M8[s]"),
        ]
        readonly = np.zeros(3)
        readonly.flags.writeable = False
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", numlift.NumliftWarning)
            for other in [*others, readonly]:
                assert kernel(other) is other
        assert [one["calls"] for one in kernel.specializations if one["compiled"]] == [0]

    def test_dtypes_that_are_equal_but_another_object_fit(self):
        kernel = identity(same, array_repr(), array())
        x = np.zeros(3, pickle.loads(pickle.dumps(np.dtype("f8"))))
        assert kernel(x) is x
        y = np.zeros(3, np.dtype("f8", metadata={"unit": "m"}))
        assert kernel(y) is y
        assert kernel.specializations[0]["calls"] == 2

    def test_a_memmap_is_read_as_an_array(self, tmp_path):
        np.arange(4.0).tofile(tmp_path / "x")
        x = np.memmap(tmp_path / "x", dtype="f8", mode="r+")
        kernel = identity(same, array_repr(), array())
        assert kernel(x) is x
        assert kernel.specializations[0]["calls"] == 1

    def test_layouts_and_extents_are_told_apart(self):
        x = np.zeros((4, 6))
        as_in_c, turned = 0x10, 0x01
        apart = {"axes": as_in_c, "still": 0, "rows": True}
        rows = identity(without_source(same), array_repr("F64", 2), array("F64", 2, {"Apart": apart}))
        other = identity(
            without_source(same), array_repr("F64", 2), array("F64", 2, {"Apart": apart | {"rows": False}})
        )
        columns = identity(without_source(same), array_repr("F64", 2), array("F64", 2, {"Turned": turned}))
        equal = identity(
            without_source(same), array_repr("F64", 2), array("F64", 2, extents=[{"Same": 0}, {"Same": 0}])
        )
        column = identity(without_source(same), array_repr("F64", 2), array("F64", 2, extents=[{"Same": 0}, "One"]))
        cases = [
            (rows, x[:, 1:4], True),
            (rows, x, False),
            (rows, x[:, ::2], False),
            (other, x[:, ::2], True),
            (other, x.T, False),
            (columns, x.T, True),
            (columns, x, False),
            (columns, x.T[:3], False),
            (equal, np.zeros((5, 5)), True),
            (equal, np.zeros((0, 0)), True),
            (equal, x, False),
            (equal, np.zeros((1, 1)), False),
            (column, np.zeros((5, 1)), True),
            (column, np.zeros((1, 1)), False),
            (column, x, False),
        ]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", numlift.NumliftWarning)
            for kernel, given, fits in cases:
                before = kernel.specializations
                assert kernel(given) is given
                calls = sum(one["calls"] for one in kernel.specializations if one["compiled"])
                assert calls - sum(one["calls"] for one in before if one["compiled"]) == fits, (
                    given.shape,
                    given.strides,
                )

    def test_memory_in_common_is_seen(self):
        def two(x, y):
            return 0.0

        text = entry("store double 1.0, ptr %rets\nret i32 0")
        kernel = _native.jit_from_text(
            without_source(two), text, spec([array(), array(extents=[{"Same": 1}])], "Float", disjoint=True)
        )
        x = np.zeros(10)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", numlift.NumliftWarning)
            assert kernel(x, np.zeros(3)) == 1.0
            assert kernel(x, x[0:0]) == 1.0
            assert kernel(x[:5], x[5:]) == 1.0
            assert kernel(x, x) == 0.0
            assert kernel(x[:6], x[5:]) == 0.0

    def view(self, scalar, rank, lines, result=None):
        """A kernel that gives a view: `lines` change the slots of the result."""
        result = result or array_repr(scalar, rank)
        body = "\n".join([retained(array_repr(scalar, rank)), copied(slots_of(result)), *lines, "ret i32 0"])
        return _native.jit_from_text(same, entry(body), spec([array(scalar, rank)], result))

    def test_a_part_of_an_array_is_a_view_of_it(self):
        shift = [
            "%w = getelementptr i64, ptr %rets, i64 1",
            "%a = load i64, ptr %w",
            "%b = add i64 %a, 16",
            "store i64 %b, ptr %w",
            "%n = getelementptr i64, ptr %rets, i64 2",
            "store i64 3, ptr %n",
        ]
        kernel = self.view("F64", 1, shift)
        x = np.arange(10.0)
        count = sys.getrefcount(x)
        y = kernel(x)
        assert type(y) is np.ndarray
        assert y.tolist() == [2.0, 3.0, 4.0]
        assert y.base is x
        assert (y.flags.writeable, y.flags.owndata, y.flags.c_contiguous) == (True, False, True)
        y[0] = 7.0
        assert x[2] == 7.0
        del y
        assert sys.getrefcount(x) == count

    def test_a_view_of_a_view_has_the_owner_as_its_base(self):
        strided = ["%s = getelementptr i64, ptr %rets, i64 3", "store i64 16, ptr %s"]
        strided += ["%n = getelementptr i64, ptr %rets, i64 2", "store i64 2, ptr %n"]
        kernel = self.view("F64", 1, strided)
        x = np.arange(10.0)
        y = kernel(x[2:6])
        assert y.tolist() == [2.0, 4.0]
        assert y.base is x

    def test_a_view_of_a_memmap_is_one(self, tmp_path):
        np.arange(4.0).tofile(tmp_path / "x")
        x = np.memmap(tmp_path / "x", dtype="f8", mode="r+")
        kernel = self.view("F64", 1, ["%n = getelementptr i64, ptr %rets, i64 2", "store i64 2, ptr %n"])
        y = kernel(x)
        assert type(y) is np.memmap
        assert y.tolist() == [0.0, 1.0]
        assert y._mmap is x._mmap


class TestBinding:
    def kernel(self, function, count):
        """A kernel that gives its arguments as a tuple."""
        repr_ = {"Tuple": ["Int"] * count}
        return _native.jit_from_text(
            function, entry(copied(count) + "\nret i32 0"), spec([value("Int")] * count, repr_)
        )

    def test_arguments_by_place_and_by_name_and_defaults(self):
        def many(a, b, /, c, d=4, *, e, f=6):
            return (a, b, c, d, e, f)

        kernel = self.kernel(many, 6)
        calls = [
            ((1, 2, 3), {"e": 5}),
            ((1, 2), {"c": 3, "e": 5}),
            ((1, 2, 3, 9), {"e": 5, "f": 8}),
            ((1, 2), {"d": 7, "f": 1, "e": 0, "c": 2}),
        ]
        for arguments, by_name in calls:
            assert kernel(*arguments, **by_name) == many(*arguments, **by_name)
        assert kernel.specializations[0]["calls"] == len(calls)
        many.__defaults__ = (40,)
        many.__kwdefaults__ = {"f": 60}
        assert kernel(1, 2, 3, e=5) == (1, 2, 3, 40, 5, 60)

    def test_wrong_calls_raise_what_python_raises(self):
        def few(a, b=2, *, c=3):
            return a

        kernel = self.kernel(few, 3)
        for arguments, by_name in [((), {}), ((1, 2, 3), {}), ((1,), {"a": 2}), ((1,), {"d": 2}), ((), {"b": 2})]:
            with pytest.raises(TypeError) as expected:
                few(*arguments, **by_name)
            with pytest.raises(TypeError, match=re.escape(str(expected.value))):
                kernel(*arguments, **by_name)

    def test_any_keywords_run_in_python(self):
        def any_number(*xs, **more):
            return xs, more

        kernel = numlift.jit(any_number)
        with pytest.warns(numlift.NumliftWarning, match="it takes any keywords"):
            assert kernel(1, 2, a=3) == ((1, 2), {"a": 3})
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert kernel(1, 2, a=3) == ((1, 2), {"a": 3})
        with pytest.raises(numlift.CompileError, match="any keywords"):
            numlift.jit(any_number, strict=True)(1)

    def test_generators_and_coroutines_run_in_python(self):
        def squares(n):
            for i in range(n):
                yield i * i

        async def later():
            return 1

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", numlift.NumliftWarning)
            assert list(numlift.jit(squares)(4)) == [0, 1, 4, 9]
            coroutine = numlift.jit(later)()
        with pytest.raises(StopIteration):
            coroutine.send(None)

    def test_methods(self):
        text = entry(
            "%p = getelementptr i64, ptr %args, i64 1\n%v = load i64, ptr %p\nstore i64 %v, ptr %rets\nret i32 0"
        )

        def method(self, x):
            return x

        class Owner:
            plain = _native.jit_from_text(method, text, spec([value("Object"), value("Int")], "Int"))
            of_class = classmethod(_native.jit_from_text(method, text, spec([value("Object"), value("Int")], "Int")))
            static = staticmethod(identity(same, "Int"))

        owner = Owner()
        assert (owner.plain(3), Owner.plain(owner, 4), owner.of_class(5), Owner.of_class(6), owner.static(7)) == (
            3,
            4,
            5,
            6,
            7,
        )
        bound = owner.plain
        assert bound.__self__ is owner
        assert bound(8) == 8
        assert Owner.plain.specializations[0]["calls"] == 3
        assert list(map(Owner().plain, [1, 2])) == [1, 2]


def module_level(x):
    return x


module_level = identity(module_level, "Int")


class TestObject:
    def test_it_looks_like_its_function(self):
        kernel = identity(same, "Int")
        assert (kernel.__name__, kernel.__qualname__, kernel.__module__) == ("same", "same", same.__module__)
        assert kernel.__doc__ == "Gives it back."
        assert kernel.__wrapped__ is same
        assert kernel.py_func is same
        assert inspect.signature(kernel) == inspect.signature(same)
        assert kernel.__signature__ == inspect.signature(same)
        assert inspect.getsource(kernel) == inspect.getsource(same)
        assert callable(kernel)
        assert "same" in repr(kernel)
        kernel.note = 1
        assert kernel.note == 1
        with pytest.raises(AttributeError):
            kernel.py_func = None

    def test_it_is_made_of_functions_only(self):
        for other in (1, int, len, object()):
            with pytest.raises(TypeError):
                numlift.jit(other)
        with pytest.raises(TypeError):
            _native.Kernel(same)

    def test_it_is_pickled_by_name(self):
        assert pickle.loads(pickle.dumps(module_level)) is module_level
        local = identity(same, "Int")
        with pytest.raises(Exception, match=r"[Cc]an't pickle .*<lambda>"):
            pickle.dumps(identity(lambda same: same, "Int"))
        # What stands in its module under that name is the plain function, which pickles; so does the kernel of it.
        again = pickle.loads(pickle.dumps(local))
        assert again.py_func is same

    def test_copies_are_the_kernel_itself(self):
        kernel = identity(same, "Int")
        assert copy.copy(kernel) is kernel
        assert copy.deepcopy([kernel])[0] is kernel

    def test_it_goes_with_its_last_reference(self):
        def make():
            def local(x):
                return kernel

            kernel = identity(local, "Int")
            return weakref.ref(kernel), weakref.ref(local)

        gc.collect()
        kernel, function = make()
        gc.collect()
        assert kernel() is None
        assert function() is None

    def test_a_kernel_that_called_continuations_goes_too(self):
        def make():
            def local(x):
                y = kernel
                return y is kernel

            code = local.__code__
            at = place(code.co_firstlineno + 1, 16)
            kernel = leaving(local, [value("Int")], {"statement": at, "names": [["x", "Int"]]})
            assert kernel(1) is True
            return weakref.ref(kernel)

        kernel = make()
        gc.collect()
        assert kernel() is None

    def test_the_spec_must_be_one_of_the_function(self):
        with pytest.raises(ValueError, match="number of parameters"):
            _native.jit_from_text(same, FIRST, spec([array(), array()], "Float"))
        with pytest.raises(ValueError, match="no `entry`"):
            _native.jit_from_text(same, "define i32 @other() { ret i32 0 }", spec([array()], "Float"))
        with pytest.raises(ValueError, match="not a spec"):
            _native.jit_from_text(same, FIRST, "{}")


def plus_one(x):
    return x + 1


class TestRefusals:
    def test_what_is_not_compiled_runs_in_python_and_is_reported_once(self):
        source = "def odd(x):\n    return x.thing\n"
        odd = numlift.jit(defined(source, "<made up>", "odd"))
        with pytest.warns(numlift.NumliftWarning, match="source of <made up> is not there"):
            assert odd(type("T", (), {"thing": 4})()) == 4
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert odd(type("T", (), {"thing": 5})()) == 5
        assert "runs in Python" in odd.explain()

    def test_strict_makes_it_an_error(self):
        source = "def strange(x):\n    return x\n"
        strange = numlift.jit(defined(source, "<made up too>", "strange"), strict=True)
        with pytest.raises(numlift.CompileError, match=r"strange.*<made up too>:1.*cannot be compiled"):
            strange(1)

    def test_strict_lets_no_part_run_in_python(self):
        with pytest.raises(numlift.CompileError, match=r"(?s)a part of it would run in Python.*print"):
            numlift.jit(prints, strict=True)(1)
        with pytest.raises(numlift.CompileError, match="beyond 64 bits"):
            numlift.jit(plus_one, strict=True)(2**64)
        assert numlift.jit(plus_one, strict=True)(1) == 2
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", numlift.NumliftWarning)
            assert numlift.jit(plus_one)(2**64) == 2**64 + 1

    def test_a_file_that_changed_is_not_compiled(self, tmp_path):
        path = tmp_path / "changed.py"
        path.write_text("def f(x):\n    return x + 1\n")
        kernel = numlift.jit(defined(path.read_text(), str(path), "f"))
        path.write_text("def f(x):\n    return x + 2\n")
        with pytest.warns(numlift.NumliftWarning, match="has changed since"):
            assert kernel(1) == 2

    def test_a_file_may_change_between_compiling_and_leaving(self, tmp_path):
        path = tmp_path / "edited.py"
        path.write_text("def f(x, n):\n    s = 0\n    for i in range(n):\n        s += x[i]\n    return s\n")
        kernel = numlift.jit(defined(path.read_text(), str(path), "f"))
        x = np.arange(4.0)
        assert kernel(x, 3) == 3.0
        path.write_text("# nothing of it is there any more\n")
        linecache.checkcache(str(path))
        with pytest.raises(IndexError, match="index 4 is out of bounds"):
            kernel(x, 5)

    def test_options_are_checked(self):
        with pytest.raises(TypeError, match="no option `fast`"):
            numlift.jit(fast=True)
        with pytest.raises(ValueError, match="`math` is one of"):
            numlift.jit(math="libm")
        with pytest.raises(ValueError, match="`parallel` is one of"):
            numlift.jit(parallel=1)
        assert numlift.jit(parallel=True)(same).options == {"parallel": True}

    def test_decorators_around_and_inside(self):
        class Owner:
            @numlift.jit
            @staticmethod
            def inner(x):
                return x

            @classmethod
            @numlift.jit
            def outer(cls, x):
                return x

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", numlift.NumliftWarning)
            assert (Owner.inner(3), Owner.outer(4)) == (3, 4)


class TestCost:
    def test_recursion_ends_before_the_stack_does(self):
        def deeper(n):
            return 0 if n == 0 else 1 + deeper(n - 1)

        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(10**7)
        try:
            deeper = numlift.jit(deeper)
            assert deeper(500) == 500
            with pytest.raises(RecursionError):
                deeper(10**6)
            assert deeper(500) == 500
        finally:
            sys.setrecursionlimit(limit)

    def test_recursion_has_its_limit(self):
        def deeper(x):
            return kernel(x)

        piece = {"text": "kernel(x)", "reads": [["x", "Int"]], "binds": [["", "Int"]]}
        kernel = island(deeper, [value("Int")], piece, "Int")
        with pytest.raises(RecursionError):
            kernel(1)

    def test_calls_leak_nothing(self):
        """RSS over 100,000 calls of each kind."""
        first_, pair = _native.jit_from_text(first, FIRST, spec([array()], "Float")), identity(same, {"Tuple": ["Int"]})
        making = allocating("F64", 1, 0, 3)
        piece = {"text": "x + 1", "reads": [["x", "Float"]], "binds": [["", "Float"]]}
        through_python = island(same, [value("Float")], piece, "Float")

        def leaves(x):
            y = x
            return y

        left = leaving(leaves, [array()], {"statement": statement(leaves, "y = x"), "names": [["x", array_repr()]]})
        x = np.zeros(1000)

        def rounds(count):
            for _ in range(count):
                first_(x)
                pair((1,))
                making((5000,))
                through_python(1.0)
                left(x)

        rounds(2000)
        counts, before = sys.getrefcount(x), resident()
        rounds(100_000)
        assert sys.getrefcount(x) == counts
        assert resident() - before < 2_000_000

    def test_code_goes_with_its_kernel(self):
        """RSS over many functions that are compiled and dropped; `benches` has more of them."""
        number = 0

        def compiled(count):
            nonlocal number
            for _ in range(count):
                number += 1
                text = FIRST.replace("ret i32 0", f"%n = add i64 0, {number}\nret i32 0")
                kernel = _native.jit_from_text(lambda x: x, text, spec([array()], "Float"))
                assert kernel(np.ones(2)) == 1.0

        compiled(30)
        gc.collect()
        before = resident()
        compiled(100)
        gc.collect()
        assert resident() - before < 4_000_000

    def test_ctrl_c_is_seen_after_a_call(self):
        spin = entry(
            """
            br label %loop
          loop:
            %i = phi i64 [ 0, %0 ], [ %j, %loop ]
            store volatile i64 %i, ptr %rets
            %j = add i64 %i, 1
            %more = icmp slt i64 %j, 200000000
            br i1 %more, label %loop, label %done
          done:
            ret i32 0
            """
        )
        kernel = _native.jit_from_text(lambda: 0, spin, spec([], "Int"))

        def interrupt(number, frame):
            raise KeyboardInterrupt

        before = signal.signal(signal.SIGALRM, interrupt)
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.01)
            with pytest.raises(KeyboardInterrupt):
                kernel()
                time.sleep(0)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    def test_threads_call_one_kernel(self):
        kernel = identity(same, array_repr("F64", 2), array("F64", 2))
        wrong = []

        def work(number):
            for size in range(2, 200):
                x = np.full((size, number + 2), float(size))
                if kernel(x) is not x:
                    wrong.append(size)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not wrong

    def test_importing_the_decorator_is_cheap(self):
        program = (
            "import numpy, time, sys; start = time.perf_counter(); import numlift; numlift.jit;"
            "numlift.jit(lambda x: x); print(time.perf_counter() - start, 'llvmlite' in sys.modules)"
        )
        times = []
        for _ in range(5):
            done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
            seconds, has_llvm = done.stdout.split()
            assert has_llvm == "False"
            times.append(float(seconds))
        assert min(times) < 0.03

    def test_a_call_is_cheap(self):
        """Generous, since the tests may run a debug build on a busy machine; `benches` has the figures."""
        kernel = _native.jit_from_text(first, FIRST, spec([array()], "Float"))
        x = np.zeros(3)
        best = 1.0
        for _ in range(5):
            start = time.perf_counter()
            for _ in range(20_000):
                kernel(x)
            best = min(best, (time.perf_counter() - start) / 20_000)
        assert best < 2e-6


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
