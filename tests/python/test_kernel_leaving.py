"""How compiled functions are left: exits, pieces that Python runs, memory, floating-point events, what lies outside.

Functions whose text has to be understood stand in `kernels.py`: this module changes its globals by name.
"""

import inspect
import sys
import warnings

import numlift
import numpy as np
import pytest
from kernels import (
    DTYPES,
    SCALARS,
    allocating,
    array,
    array_repr,
    copied,
    entry,
    island,
    leaving,
    place,
    product_of_30,
    same,
    spec,
    statement,
    value,
    without_source,
)
from numlift import _native


def first(x):
    return float(x[0])


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
    @pytest.mark.parametrize("scalar", SCALARS)
    def test_arrays_are_as_numpy_makes_them(self, scalar):
        for shape in [(), (0,), (5,), (3, 4), (2, 0, 3), (1000, 100)]:
            made = allocating(scalar, len(shape), 1)(shape)
            expected = np.zeros(shape, DTYPES[SCALARS.index(scalar)])
            assert (made.dtype, made.shape, made.strides) == (expected.dtype, expected.shape, expected.strides)
            assert str(made.flags) == str(expected.flags)
            assert not made.any()

    def test_memory_that_was_given_back_is_used_again(self):
        kernel = allocating("F64", 2, 1, 40)
        x = kernel((100, 100))
        assert not x.any()
        assert x.flags.owndata
        x[...] = 1.0
        assert not kernel((100, 100)).any()

    def test_what_cannot_be_allocated_raises(self):
        kernel = allocating("F64", 1, 0)
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
