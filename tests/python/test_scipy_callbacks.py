"""Kernels as C functions, called by `ctypes` as SciPy's routines call them; by SciPy itself where it is installed."""

from __future__ import annotations

import ctypes
import gc
import math
import sys
import threading
from collections.abc import Callable
from typing import Any

import numlift
import numpy as np
import pytest
from numlift import _native, _scipy

DOUBLES = ctypes.POINTER(ctypes.c_double)
SIZE = ctypes.c_ssize_t
NUMBERS = ctypes.PYFUNCTYPE(ctypes.c_double, ctypes.c_int, DOUBLES, ctypes.c_void_p)
FILTER = ctypes.PYFUNCTYPE(ctypes.c_int, DOUBLES, SIZE, DOUBLES, ctypes.c_void_p)
LINE = ctypes.PYFUNCTYPE(ctypes.c_int, DOUBLES, SIZE, DOUBLES, SIZE, ctypes.c_void_p)
TRANSFORM = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.POINTER(SIZE), DOUBLES, ctypes.c_int, ctypes.c_int, ctypes.c_void_p)


def pointer(kernel: Any, kind: Any, type: Any) -> Callable[..., Any]:
    """The function pointer, with its last argument."""
    assert _scipy.kind_of(kernel) == kind
    capsule = _native.jit_native(kernel, kind)
    api = ctypes.pythonapi
    api.PyCapsule_GetName.restype = ctypes.c_char_p
    api.PyCapsule_GetPointer.restype = api.PyCapsule_GetContext.restype = ctypes.c_void_p
    api.PyCapsule_GetName.argtypes = api.PyCapsule_GetContext.argtypes = [ctypes.py_object]
    api.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
    name = api.PyCapsule_GetName(capsule)
    function = type(api.PyCapsule_GetPointer(capsule, name))
    context = api.PyCapsule_GetContext(capsule)
    return lambda *arguments, capsule=capsule: function(*arguments, context)


def doubles(*values: float) -> Any:
    return (ctypes.c_double * len(values))(*values)


@numlift.jit
def bell(x, width):
    return math.exp(-width * x * x) / (1.0 + x)


@numlift.jit
def spread(window):
    low = high = window[0]
    for value in window:
        if value < low:
            low = value
        elif value > high:
            high = value
    return high - low


@numlift.jit
def second(line, out):
    for i in range(len(out)):
        out[i] = line[i] - 2.0 * line[i + 1] + line[i + 2]


@numlift.jit
def moved(at):
    return (at[0] - 0.5, at[1] * 0.9)


def test_functions_of_numbers() -> None:
    call = pointer(bell, "numbers", NUMBERS)
    for x in np.linspace(0.0, 2.0, 9):
        assert call(2, doubles(x, 3.0)) == bell(x.item(), 3.0)
    # What was compiled for something else meanwhile does not matter.
    bell(1, 2)
    assert call(2, doubles(0.5, 1.0)) == bell(0.5, 1.0)


def test_windows_lines_and_coordinates() -> None:
    result = doubles(0.0)
    call = pointer(spread, "filter", FILTER)
    for window in ([3.0, 1.0, 2.0], [5.0, 5.0, 9.0], [1.0]):
        assert call(doubles(*window), len(window), result) == 1
        assert result[0] == max(window) - min(window)
    call, out = pointer(second, "line", LINE), doubles(0.0, 0.0)
    assert call(doubles(1.0, 4.0, 9.0, 16.0), 4, out, 2) == 1
    assert list(out) == [2.0, 2.0]
    call = pointer(moved, "transform", TRANSFORM)
    assert call((SIZE * 2)(3, 10), out, 2, 2) == 1
    assert list(out) == [2.5, 9.0]
    with pytest.raises(ValueError, match="as many coordinates"):
        call((SIZE * 2)(3, 10), out, 2, 3)


def test_a_window_that_is_kept_stays_what_it_was() -> None:
    kept: list[Any] = []

    @numlift.jit
    def keeping(window):
        for value in window:
            if value > 100.0:
                kept.append(window)
        return window[0]

    call, result = pointer(keeping, "filter", FILTER), doubles(0.0)
    for first in (101.0, 102.0, 1.0):
        assert call(doubles(first, 2.0), 2, result) == 1
    assert [list(window) for window in kept] == [[101.0, 2.0], [102.0, 2.0]]


@numlift.jit
def picky(x):
    if x > 0.5:
        raise ValueError("too large")
    return 1.0 / x


def test_an_exception_is_raised_when_the_routine_has_returned() -> None:
    call = pointer(picky, "numbers", NUMBERS)
    for _ in range(3):
        assert call(1, doubles(0.25)) == 4.0
        with pytest.raises(ValueError, match="too large"):
            routine(call, [0.25, 0.75, 0.25])
        with pytest.raises(ZeroDivisionError):
            routine(call, [0.0])
    with pytest.raises(KeyError):
        pointer(refusing, "filter", FILTER)(doubles(1.0, 2.0), 2, doubles(0.0))


def routine(call: Callable[..., float], points: list[float]) -> None:
    """As a routine in C: nothing of Python's runs between two calls."""
    found = [math.isnan(value) for value in map(call, [1] * len(points), map(doubles, points))]
    # Not reached where Python looked for what is pending in between.
    assert found != []


@numlift.jit
def refusing(window):
    if window[0] > 0.5:
        raise KeyError("window")
    return window[0]


def test_in_another_thread_it_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda one: told.append(one.exc_type))
    call, found = pointer(picky, "numbers", NUMBERS), []
    thread = threading.Thread(target=lambda: found.extend([call(1, doubles(0.75)), call(1, doubles(0.25))]))
    thread.start()
    thread.join()
    assert told == [ValueError] and all(map(math.isnan, found))


def test_what_has_no_c_function_says_why() -> None:
    @numlift.jit
    def numbered(name):
        yield name

    with pytest.raises(TypeError, match="cannot be called from C"):
        _scipy.kind_of(numbered)
    with pytest.raises(ValueError, match="not a kernel"):
        _native.jit_native(numbered.py_func, "numbers")


def test_nothing_is_left_behind() -> None:
    before = sys.getrefcount(bell)
    call = pointer(bell, "numbers", NUMBERS)
    assert sys.getrefcount(bell) == before + 1
    del call
    gc.collect()
    assert sys.getrefcount(bell) == before


def test_with_scipy() -> None:
    from scipy import ndimage
    from scipy.integrate import quad, solve_ivp

    assert quad(bell.scipy, 0.0, 3.0, args=(2.0,)) == quad(bell.py_func, 0.0, 3.0, args=(2.0,))
    assert bell.__dict__[_scipy.KIND] == "numbers"
    image = np.random.default_rng(1).normal(size=(20, 30))
    expected = ndimage.generic_filter(image, spread.py_func, size=3)
    assert np.array_equal(ndimage.generic_filter(image, spread.scipy, size=3), expected)
    expected = ndimage.generic_filter1d(image, second.py_func, 3)
    assert np.array_equal(ndimage.generic_filter1d(image, second.scipy, 3), expected)
    expected = ndimage.geometric_transform(image, moved.py_func)
    assert np.array_equal(ndimage.geometric_transform(image, moved.scipy), expected)
    with pytest.raises(ValueError, match="too large"):
        quad(picky.scipy, 0.1, 1.0)
    with pytest.raises(KeyError):
        ndimage.generic_filter(image, refusing.scipy, size=3)

    @numlift.jit
    def decay(t, y):
        out = np.empty_like(y)
        for i in range(len(y)):
            out[i] = -0.5 * y[i]
        return out

    one, other = (solve_ivp(f, (0.0, 2.0), [1.0, 2.0]) for f in (decay, decay.py_func))
    assert np.array_equal(one.y, other.y)
