"""Calls of compiled functions: what they take, what they give, how they are left, and that nothing leaks.

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
    SCALARS,
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
    product_of_30,
    retained,
    slots_of,
    spec,
    value,
    without_source,
)
from numlift import _native


def same(x):
    """Gives it back."""
    return x


FIRST = entry(
    """
    %p = getelementptr i64, ptr %args, i64 1
    %d = load ptr, ptr %p
    %v = load double, ptr %d
    store double %v, ptr %rets
    ret i32 0
    """
)


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
        assert (kernel.__name__, kernel.__qualname__, kernel.__module__) == ("same", "same", __name__)
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


def statement(function, text):
    lines, start = inspect.getsourcelines(function)
    number = next(number for number, line in enumerate(lines) if text in line)
    return place(start + number, len(lines[number]) - len(lines[number].lstrip()))


class TestExits:
    def test_a_place_that_is_not_there_is_an_error(self):
        names = [["x", "Int"]]
        kernel = leaving(same, [value("Int")], {"statement": place(1, 0), "names": names})
        with pytest.raises(Exception, match="no statement in line 1"):
            kernel(1)

    def loop(self, function, names, reprs):
        at = {"statement": statement(function, "s += x[i]"), "names": names, "iterators": ["range(i + 1, k)"]}
        return leaving(function, reprs, at)

    def test_a_loop_goes_on(self):
        def going(x, s, i, k):
            for i in range(k):
                s += x[i]
            return s, i

        names = [["x", array_repr()], ["s", "Int"], ["i", "Int"], ["k", "Int"]]
        kernel = self.loop(going, names, [array(), *[value("Int")] * 3])
        assert kernel(np.arange(5.0), 100, 2, 4) == (105.0, 3)
        [exit_] = kernel.specializations[0]["exits"]
        assert exit_[2] == 1
        assert "left for Python once" in kernel.explain()

    def test_exceptions_show_the_line_of_the_function(self):
        def failing(x, s, i, k):
            for i in range(k):
                s += x[i]
            return s

        names = [["x", array_repr()], ["s", "Int"], ["i", "Int"], ["k", "Int"]]
        kernel = self.loop(failing, names, [array(), *[value("Int")] * 3])
        with pytest.raises(IndexError) as raised:
            kernel(np.arange(5.0), 0, 7, 9)
        with pytest.raises(IndexError) as expected:
            failing(np.arange(5.0), 0, 0, 9)
        assert str(raised.value) == str(expected.value).replace("index 5", "index 7")
        last = raised.traceback[-1]
        assert (last.name, last.lineno) == ("failing", expected.traceback[-1].lineno)
        assert [one.name for one in raised.traceback][1:] == ["failing"]

    def test_names_that_are_not_bound(self):
        def unbound(x, flag):
            if flag:
                y = x
            return y

        maybe = {"OneOf": ["Unbound", "Int"]}
        frame = {"statement": statement(unbound, "return y"), "names": [["x", "Int"], ["flag", "Bool"], ["y", maybe]]}
        body = f"""
        %slots = alloca [4 x i64]
        {copied(2, "slots")}
        %tag = getelementptr i64, ptr %slots, i64 2
        %f = load i64, ptr %vp
        store i64 %f, ptr %tag
        %y = getelementptr i64, ptr %slots, i64 3
        store i64 77, ptr %y
        %left = call ptr @nl_exit(ptr %ctx, i32 0, ptr %slots)
        store ptr %left, ptr %rets
        ret i32 1
        """.replace("%vp", "%fslots1")
        frames = [frame | {"iterators": [], "computed": [], "reason": "always"}]
        kernel = _native.jit_from_text(unbound, entry(body), spec([value("Int"), value("Bool")], "None", frames=frames))
        assert kernel(1, True) == 77
        with pytest.raises(UnboundLocalError):
            kernel(1, False)

    def test_nothing_leaks(self):
        def going(x, y):
            z = x
            return z

        names = [["x", array_repr()], ["y", {"Tuple": ["Object", "Float"]}]]
        kernel = leaving(
            going,
            [array(), value({"Tuple": ["Object", "Float"]})],
            {"statement": statement(going, "return z"), "names": [*names, ["z", array_repr()]][:2]},
        )
        x, thing = np.zeros(3), object()
        given = (thing, 2.5)
        with pytest.raises(UnboundLocalError):
            kernel(x, given)
        counts = sys.getrefcount(x), sys.getrefcount(thing)
        # Code that every call leaves is given up after a while.
        for _ in range(60):
            with pytest.raises(UnboundLocalError):
                kernel(x, given)
        assert (sys.getrefcount(x), sys.getrefcount(thing)) == counts

    def test_what_every_call_leaves_is_given_up(self):
        kernel = numlift.jit(product_of_30)
        assert {kernel(10) for _ in range(200)} == {10**30}
        [one] = kernel.specializations
        assert one["given_up"]
        assert "nearly every call left" in kernel.explain()


offset = 10


class TestIslands:
    def test_an_expression_runs_in_python(self):
        piece = {"text": "float(np.linalg.norm(x)) + offset", "reads": [["x", array_repr()]], "binds": [["", "Float"]]}
        kernel = island(first, [array()], piece, "Float")
        x = np.array([3.0, 4.0])
        count = sys.getrefcount(x)
        assert kernel(x) == 15.0
        for _ in range(100):
            kernel(x)
        assert sys.getrefcount(x) == count
        assert kernel.specializations[0]["islands"][0][3] == 101

    def test_a_result_of_another_type_is_handed_over(self):
        piece = {"text": "x * 2", "reads": [["x", "Int"]], "binds": [["", "Int"]]}
        kernel = island(same, [value("Int")], piece, "Int")
        assert kernel(21) == 42
        assert kernel(2**62) == 2**63

    def test_a_view_that_an_island_reads_is_a_view(self):
        piece = {"text": "x[::2]", "reads": [["x", array_repr()]], "binds": [["", array_repr()]]}
        kernel = island(same, [array()], piece, array_repr())
        x = np.arange(6.0)
        y = kernel(x)
        assert y.tolist() == [0.0, 2.0, 4.0]
        assert y.base is x

    def test_an_exception_shows_the_users_line(self):
        line = inspect.getsourcelines(first)[1] + 1
        piece = {"text": "1 // x", "reads": [["x", "Int"]], "binds": [["", "Int"]], "place": place(line, 11)}
        kernel = island(first, [value("Int")], piece, "Int")
        assert kernel(1) == 1
        with pytest.raises(ZeroDivisionError) as raised:
            kernel(0)
        last = raised.traceback[-1]
        assert (last.name, last.lineno + 1, str(last.path)) == ("first", line, __file__)

    def test_statements_bind_names(self):
        text = "a = x + 1\nif a > 2:\n    b = (float(a), None)"
        maybe = {"OneOf": ["Unbound", {"Tuple": ["Float", "None"]}]}
        result = {"Tuple": ["Int", {"OneOf": ["None", {"Tuple": ["Float", "None"]}]}]}
        piece = {
            "text": text,
            "is_expression": False,
            "reads": [["x", "Int"]],
            "binds": [["a", "Int"], ["b", maybe]],
        }
        kernel = island(same, [value("Int")], piece, result)
        assert kernel(1) == (2, None)
        assert kernel(2) == (3, (3.0, None))

    def test_cells_are_seen(self):
        inside = 5

        def closed(x):
            return x + inside

        piece = {"text": "x + inside + offset", "reads": [["x", "Int"]], "binds": [["", "Int"]]}
        kernel = island(closed, [value("Int")], piece, "Int")
        assert kernel(1) == 16
        inside = 7
        assert kernel(1) == 18


class TestAllocation:
    def allocating(self, scalar, rank, fill, count=1):
        """A kernel that makes arrays of a shape one after the other and gives the last."""
        result = array_repr(scalar, rank)
        lines = []
        for number in range(count):
            if number:
                lines += [f"%o{number} = load ptr, ptr %rets", f"call void @nl_release(ptr %ctx, ptr %o{number})"]
            lines += [
                f"%s{number} = call i32 @nl_alloc(ptr %ctx, i32 {SCALARS.index(scalar)}, i32 {rank},"
                f" ptr %args, i32 {fill}, ptr %rets)",
                f"%b{number} = icmp ne i32 %s{number}, 0",
                f"br i1 %b{number}, label %failed, label %fine{number}",
                f"fine{number}:",
            ]
        lines += ["ret i32 0", "failed:", "store ptr null, ptr %rets", "ret i32 1"]

        def shaped(shape):
            return None

        params = [value({"Tuple": ["Int"] * rank})]
        return _native.jit_from_text(shaped, entry("\n".join(lines)), spec(params, result))

    @pytest.mark.parametrize("scalar", SCALARS)
    def test_arrays_are_as_numpy_makes_them(self, scalar):
        for shape in [(), (0,), (5,), (3, 4), (2, 0, 3), (1000, 100)]:
            made = self.allocating(scalar, len(shape), 1)(shape)
            expected = np.zeros(shape, DTYPES[SCALARS.index(scalar)])
            assert (made.dtype, made.shape, made.strides) == (expected.dtype, expected.shape, expected.strides)
            assert str(made.flags) == str(expected.flags)
            assert not made.any()

    def test_memory_that_was_given_back_is_used_again(self):
        kernel = self.allocating("F64", 2, 1, 40)
        x = kernel((100, 100))
        assert not x.any()
        assert x.flags.owndata
        x[...] = 1.0
        assert not kernel((100, 100)).any()

    def test_what_cannot_be_allocated_raises(self):
        kernel = self.allocating("F64", 1, 0)
        with pytest.raises(MemoryError):
            kernel((2**50,))
        with pytest.raises(ValueError, match="negative"):
            kernel((-1,))

    def test_an_array_of_another_dtype_and_shape_is_made_of_the_same_memory(self):
        text = entry(
            """
            %first = alloca [8 x i64]
            %size = alloca [2 x i64]
            store i64 100, ptr %size
            %second = getelementptr i64, ptr %size, i64 1
            store i64 200, ptr %second
            %a = call i32 @nl_alloc(ptr %ctx, i32 11, i32 2, ptr %size, i32 0, ptr %first)
            %object = load ptr, ptr %first
            call void @nl_release(ptr %ctx, ptr %object)
            store i64 400, ptr %second
            %b = call i32 @nl_alloc(ptr %ctx, i32 10, i32 2, ptr %size, i32 1, ptr %rets)
            %again = load ptr, ptr %rets
            %is = icmp eq ptr %object, %again
            br i1 %is, label %fine, label %other
          fine:
            ret i32 0
          other:
            store ptr null, ptr %rets
            ret i32 1
            """
        )

        def nothing():
            return None

        kernel = _native.jit_from_text(nothing, text, spec([], array_repr("F32", 2)))
        x = kernel()
        assert (x.dtype, x.shape, x.strides, x.flags.owndata) == (np.dtype("f4"), (100, 400), (1600, 4), True)
        assert x.flags.c_contiguous
        assert not x.any()
        x[...] = 2.0
        assert x.sum() == 80000.0


class TestFloatEvents:
    def kernel(self, events=0):
        text = entry(
            f"""
            call void @nl_fp_begin(ptr %ctx)
            %x = load double, ptr %args
            %p = getelementptr i64, ptr %args, i64 1
            %y = load double, ptr %p
            %z = fdiv double %x, %y
            store volatile double %z, ptr %rets
            %bad = call i32 @nl_fp_end(ptr %ctx, i32 {events})
            ret i32 0
            """.replace(
                "ret i32 0", "%is = icmp ne i32 %bad, 0\nbr i1 %is, label %raised, label %fine\nfine:\nret i32 0\n"
            )
            + "raised:\nstore ptr null, ptr %rets\nret i32 1"
        )

        def divide(x, y):
            return x / y

        return _native.jit_from_text(divide, text, spec([value({"Np": "F64"})] * 2, {"Np": "F64"}))

    CASES = ((1.0, 0.0, "divide by zero"), (0.0, 0.0, "invalid"), (1e300, 1e-300, "overflow"))

    @pytest.mark.parametrize(("x", "y", "words"), CASES)
    def test_events_are_warned_of(self, x, y, words):
        kernel = self.kernel()
        with pytest.warns(RuntimeWarning, match=words):
            kernel(np.float64(x), np.float64(y))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert kernel(np.float64(1), np.float64(4)) == 0.25
            with np.errstate(all="ignore"):
                kernel(np.float64(x), np.float64(y))

    @pytest.mark.parametrize(("x", "y", "words"), CASES)
    def test_errstate_says_what_happens(self, x, y, words):
        kernel = self.kernel()
        with np.errstate(all="raise"), pytest.raises(FloatingPointError, match=words):
            kernel(np.float64(x), np.float64(y))
        seen = []
        with np.errstate(all="call", call=lambda kind, flag: seen.append(kind)):
            kernel(np.float64(x), np.float64(y))
        assert len(seen) == 1
        assert words in seen[0]

    def test_events_can_be_added(self):
        with pytest.warns(RuntimeWarning, match="invalid"):
            self.kernel(8)(np.float64(1), np.float64(4))


half = 0.5
other_half = [half]


class TestOutside:
    def kernel(self, function, source, param="Float", fixed=()):
        outside = [{"source": source, "param": value(param)}]
        text = entry(
            "%p = getelementptr i64, ptr %args, i64 1\n%v = load i64, ptr %p\nstore i64 %v, ptr %rets\nret i32 0"
        )
        return _native.jit_from_text(function, text, spec([value("Int")], param, outside=outside, fixed=list(fixed)))

    def test_globals_are_read_at_each_call(self, monkeypatch):
        def uses(x):
            return ("python", half)

        kernel = self.kernel(without_source(uses), {"root": {"Global": "half"}, "attributes": []})
        assert kernel(1) == 0.5
        monkeypatch.setitem(globals(), "half", 0.25)
        assert kernel(1) == 0.25
        monkeypatch.setitem(globals(), "half", "text")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", numlift.NumliftWarning)
            assert kernel(1) == ("python", "text")
            monkeypatch.delitem(globals(), "half")
            with pytest.raises(NameError):
                kernel(1)

    def test_cells_are_read_at_each_call(self):
        inside = 1.5

        def closed(x):
            return inside

        kernel = self.kernel(closed, {"root": {"Cell": "inside"}, "attributes": []})
        assert kernel(1) == 1.5
        inside = 2.5
        assert kernel(1) == 2.5

    def test_attributes_are_read_at_each_call(self):
        class Grid:
            step = 0.5

        grid = Grid()

        def closed(x):
            return grid.step

        kernel = self.kernel(closed, {"root": {"Cell": "grid"}, "attributes": ["step"]})
        assert kernel(1) == 0.5
        grid.step = 0.125
        assert kernel(1) == 0.125

    def test_what_is_fixed_must_be_the_same_object(self, monkeypatch):
        def uses(x):
            return ("python", np)

        source = {"root": {"Global": "half"}, "attributes": []}
        fixed = [
            {"root": {"Global": "np"}, "attributes": ["sqrt"]},
            {"root": {"Global": "np"}, "attributes": []},
            {"root": {"Global": "len"}, "attributes": []},
        ]
        kernel = self.kernel(without_source(uses), source, fixed=fixed)
        assert kernel(1) == 0.5
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", numlift.NumliftWarning)
            with monkeypatch.context() as patch:
                patch.setitem(globals(), "len", abs)
                assert kernel(1) == ("python", np)
            assert kernel(1) == 0.5
            with monkeypatch.context() as patch:
                patch.setattr(np, "sqrt", abs)
                assert kernel(1) == ("python", np)
            assert kernel(1) == 0.5

    def test_a_global_may_go_while_it_is_used(self, monkeypatch):
        def uses(x):
            return None

        array_ = np.arange(3.0)
        monkeypatch.setitem(globals(), "held", array_)
        piece = {
            "place": place(1, 0),
            "text": "globals().pop('held') is None",
            "is_expression": True,
            "reads": [],
            "binds": [["", "Bool"]],
            "reason": "",
        }
        text = entry(
            """
            %out = alloca [2 x i64]
            %s = call i32 @nl_island(ptr %ctx, i32 0, ptr null, ptr %out)
            %p = getelementptr i64, ptr %args, i64 2
            %d = load ptr, ptr %p
            %e = getelementptr double, ptr %d, i64 2
            %v = load double, ptr %e
            store double %v, ptr %rets
            ret i32 0
            """
        )
        outside = [{"source": {"root": {"Global": "held"}, "attributes": []}, "param": array()}]
        kernel = _native.jit_from_text(uses, text, spec([value("Int")], "Float", outside=outside, islands=[piece]))
        del array_
        assert kernel(1) == 2.0


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
        making = TestAllocation().allocating("F64", 1, 0, 3)
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
