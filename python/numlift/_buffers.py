"""The memory behind arrays, saved once and shared again.

Pickle copies each array by itself, so two views of one buffer come back as two buffers. Here an array is saved as
(buffer, offset, shape, strides), where a buffer is a stretch of memory: the ranges of all arrays are collected, and
those which overlap become one buffer.

    a = np.zeros(10); b = a[2:]; c = a[::-1]      one buffer of 80 bytes; b at 16, c at 72 with stride -8

An array that owned the whole of its buffer owns it again after loading, so `a.resize` works. Arrays of Python objects
have no meaning as bytes and are not for this module.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Json = dict[str, Any]
ALIGNMENT = 64
PIECE = 1 << 24


class ArrayTable:
    """The arrays of one snapshot while it is being saved."""

    def __init__(self) -> None:
        self.arrays: list[Any] = []
        self.ranges: list[tuple[int, int]] = []
        self.bytes = 0

    def add(self, array: Any) -> int:
        """Notes an array and gives its number."""
        self.arrays.append(array)
        low, high = byte_range(array)
        self.ranges.append((low, high))
        self.bytes += high - low
        return len(self.arrays) - 1

    def merged(self) -> list[tuple[int, int]]:
        """The buffers: overlapping ranges joined, by address."""
        buffers: list[tuple[int, int]] = []
        for low, high in sorted(set(self.ranges)):
            if low == high:
                continue
            if buffers and low < buffers[-1][1]:
                buffers[-1] = (buffers[-1][0], max(buffers[-1][1], high))
            else:
                buffers.append((low, high))
        return buffers

    def write(self, write: Callable[[Any], Any], start: int) -> Json:
        """Writes the buffers from file offset `start` on; returns what `Arrays` needs to find them again."""
        if not self.arrays:
            return {"buffers": [], "arrays": []}
        import numpy

        buffers = self.merged()
        lows = numpy.array([low for low, _ in buffers] or [0], dtype=numpy.uint64)
        places = []
        for low, high in buffers:
            padding = -start % ALIGNMENT
            if padding:
                write(bytes(padding))
            start += padding
            places.append([start, high - low])
            # In pieces, so that whoever writes can look at the clock.
            memory = memoryview(numpy.asarray(Memory(low, high - low)))  # type: ignore[arg-type]
            for first in range(0, high - low, PIECE):
                write(memory[first : first + PIECE])
            start += high - low
        rows = []
        for array, (low, high) in zip(self.arrays, self.ranges):
            if low == high:
                rows.append([-1, 0, array.shape, array.strides, bool(array.flags.writeable), None])
                continue
            buffer = int(numpy.searchsorted(lows, numpy.uint64(low), side="right")) - 1
            pointer = array.__array_interface__["data"][0]
            owns = owner_order(array) if buffers[buffer] == (low, high) else None
            offset = pointer - buffers[buffer][0]
            rows.append([buffer, offset, array.shape, array.strides, bool(array.flags.writeable), owns])
        dtypes = [array.dtype.str if row[5] else None for array, row in zip(self.arrays, rows)]
        return {"buffers": places, "arrays": [[*row, dtype] for row, dtype in zip(rows, dtypes)]}


class Arrays:
    """The arrays of one snapshot while it is being loaded: fresh memory, shared as it was."""

    def __init__(self, file: Any, table: Json) -> None:
        self.rows: list[list[Any]] = table["arrays"]
        self.owners: dict[int, Any] = {}
        self.memory: list[Any] = []
        if not self.rows:
            return
        import numpy

        owner_rows: dict[int, list[Any]] = {}
        for row in self.rows:
            if row[5] and row[0] not in owner_rows:
                owner_rows[row[0]] = row
        memory: Any
        for number, (start, size) in enumerate(table["buffers"]):
            row = owner_rows.get(number)
            if row is None:
                memory = numpy.empty(size, dtype=numpy.uint8)
            else:
                owner = numpy.empty(row[2], dtype=row[6], order=row[5])
                self.owners[number] = owner
                flat = owner.reshape(-1) if row[5] == "C" else owner.T.reshape(-1)
                memory = flat.view(numpy.uint8)
            file.seek(start)
            if file.readinto(memoryview(memory)) != size:
                raise EOFError("the snapshot is cut off")
            self.memory.append(memory)

    def array(self, number: int, dtype: Any) -> Any:
        """The array of this number."""
        import numpy

        buffer, offset, shape, strides, writeable, owns, _ = self.rows[number]
        if buffer < 0:
            array = numpy.ndarray(tuple(shape), dtype, strides=tuple(strides))
        elif owns and buffer in self.owners:
            array = self.owners.pop(buffer)
            if array.dtype is not dtype:
                array = array.view(dtype) if array.dtype != dtype else array
        else:
            array = numpy.ndarray(tuple(shape), dtype, self.memory[buffer], offset, tuple(strides))
        if not writeable:
            array.flags.writeable = False
        return array


class Memory:
    """A stretch of memory for NumPy to look at; whoever makes it keeps the arrays alive."""

    def __init__(self, address: int, size: int) -> None:
        self.__array_interface__ = {"data": (address, True), "shape": (size,), "typestr": "|u1", "version": 3}


def byte_range(array: Any) -> tuple[int, int]:
    """First byte and one past the last byte that an array reaches."""
    pointer = array.__array_interface__["data"][0]
    if array.size == 0:
        return pointer, pointer
    low = high = pointer
    for length, stride in zip(array.shape, array.strides):
        if stride < 0:
            low += (length - 1) * stride
        else:
            high += (length - 1) * stride
    return low, high + array.itemsize


def owner_order(array: Any) -> str | None:
    """`C` or `F` for an array that owns its memory and fills it in that order."""
    flags = array.flags
    if not flags.owndata or array.dtype.kind == "V":
        return None
    if flags.c_contiguous:
        return "C"
    return "F" if flags.f_contiguous else None
