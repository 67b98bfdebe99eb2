"""Why compiled code is left, in plain words, and what the program could do about it.

The reasons are those of `numlift_llvm` and `numlift_passes`. What raises an exception in Python needs no way out: the
exception says what is wrong.
"""

from __future__ import annotations

import re

# Reason, as it is told, what helps. No help: Python raises there.
_CAUSES: dict[str, tuple[str, str | None]] = {
    "`raise`": ("an exception is raised", None),
    "an exception": ("an exception is raised", None),
    "a division by zero": ("something is divided by zero", "see to it that the divisor is not zero, or divide arrays"),
    "a float that is no 64-bit int": (
        "a float that no 64-bit int can hold becomes an int",
        "keep it a float, or see to it that it is finite and smaller than 2**63",
    ),
    "a float that overflows": ("a float becomes too large", None),
    "a name that is not bound": ("a name has no value yet", None),
    "a base that is not negative": ("an int that is negative is taken to a power that is a float", None),
    "a negative extent": ("a length is negative", None),
    "a negative shift": ("a shift is by a negative number", None),
    "a power of a number that is not positive": (
        "a power is of zero or of a negative number, which may be complex",
        "take the absolute value first, or make the exponent a constant integer",
    ),
    "a remainder that is no number": ("a remainder is by zero or of an infinity", None),
    "a result of another type": (
        "a result has another type than machine code takes it for",
        "give it one type (`float(…)`)",
    ),
    "a result that is not finite": ("a function's result is not finite", None),
    "a shift that is too wide or negative": (
        "an int is shifted beyond 64 bits",
        "mask it (`& 0xffffffff`), or use a NumPy integer, which is cut off",
    ),
    "an element of another type": (
        "a list has an element of another type than the others",
        "give all elements one type, or use an array",
    ),
    "an empty list": ("a list is empty", None),
    "an index in range": ("an index is out of range", None),
    "an index out of range": ("an index is out of range", None),
    "indices in range": ("an index is out of range", None),
    "an int beyond 64 bits": (
        "an int grows beyond 64 bits",
        "keep it below 2**63 (`% modulus`, `& mask`), or compute in floats or NumPy integers",
    ),
    "an int of more than 64 bits": (
        "an int has more than 64 bits",
        "keep it below 2**63 (`% modulus`, `& mask`), or compute in floats or NumPy integers",
    ),
    "an int that does not fit": (
        "an int does not fit the dtype that it meets",
        "use a wider dtype, or cut the int off first",
    ),
    "an int that fits the dtype": (
        "an int does not fit the dtype that it meets",
        "use a wider dtype, or cut the int off first",
    ),
    "a number that fits the dtype": (
        "a number does not fit the dtype that it is stored in",
        "use a wider dtype, or clip it first",
    ),
    "an integer that wraps around": (
        "a NumPy integer wraps around, of which NumPy warns",
        "use a wider dtype (`np.int64(x)`), or whole arrays, which wrap in silence",
    ),
    "an operation on one of several types": (
        "a name has another type here than on the way that was compiled",
        "give it one type from the start (`s = 0.0` instead of `s = 0`)",
    ),
    "no memory": ("there is not enough memory", None),
    "the exponential of a complex number that is not finite": (
        "an exponential is of a complex number that is not finite",
        "test for it first",
    ),
    "the list as long as it was": (
        "a list changes its length while a loop runs over it",
        "loop over a copy (`for v in list(x)`)",
    ),
    "the logarithm of a number that is not positive": ("a logarithm is of a number that is not positive", None),
    "the square root of a negative number": ("a square root is of a negative number", None),
    "shapes that fit together": ("shapes do not fit together", None),
    "a shape that fits": ("a shape does not fit", None),
    "something to fold": ("there is nothing to reduce", None),
    "a step of `range` that is positive": (
        "the step of a `range` is not positive",
        "write the step as a constant, or two loops",
    ),
    "a signal": ("the program was interrupted", None),
}


# What would make the compiler take what it does not take, by what it says of it.
_WAYS_OUT: list[tuple[str, str]] = [
    (r"dicts are not read|`builtins\.(set|dict|frozenset)` runs", "use arrays: numbers as keys become indices"),
    (r"a string|text|str\b.* is not known|of type str", "make text outside of the function"),
    (r"a module is imported", "import it at the top of the file"),
    (r"`del` takes", "leave the name alone: it goes when the function returns"),
    (r"`\*` takes what is left", "take the items by their indices"),
    (r"any number of arguments|any keywords", "name the arguments, or take one tuple or array"),
    (r"generator|asynchronous", "fill an array and return it; or compile the function that computes each item"),
    (r"nothing is known of the function", "write it with `def` in this file, or decorate it with `numlift.jit` too"),
    (r"is not known as a plain attribute", "read the attribute into a local name in front of the loop"),
    (r"a search with `in`", "write the comparison: `(x == v).any()`, or a loop"),
    (r"the condition of the loop binds a name", "write `while True:`, bind the name, then `if not …: break`"),
    (r"`builtins\.sorted` runs", "use `np.sort` in front of the function, or sort in a loop"),
    (r"`builtins\.(open|input|print)` runs|`open`", "read and write outside of the function"),
    (r"` as a condition runs in Python", "ask for a number or an array: `n > 0`, `x.size > 0`"),
    (r"`[\w.]+` runs in Python", "call it outside of the function, and pass its result"),
    (r"beyond 64 bits", "pass a NumPy number or a float, or compute in Python"),
    (r"is something else than the file says", "do not rebind the name, or pass the object as an argument"),
    (r"may be read-only", "pass an array that may be written, or copy it first"),
    (r"source of .* is not there", "write the function in a file or a notebook cell"),
    (r"`with`|a manager", "enter it around the call"),
    (r"`match`|a pattern", "write `if` and `elif`"),
    (r"a function in this function", "define it at the top of the file, and pass what it needs as arguments"),
    (r"`global`|`nonlocal`|rebinds a name", "pass the value and return it"),
]


# What the reason of leaving for good begins with.
_FROM_HERE = "Python goes on: "


def way_out(reason: str) -> str | None:
    """Return what to do about something that is not compiled; None where nothing is known to help."""
    found = (cure for pattern, cure in _WAYS_OUT if re.search(pattern, reason))
    return next(found, None)


def all_told(reasons: str) -> str:
    """Return in plain words what reasons of leaving, one after the other, say."""
    return " or ".join(dict.fromkeys(told(reason)[0] for reason in reasons.split("; ") if reason))


def told(reason: str) -> tuple[str, str | None]:
    """Return a reason of the compiler in plain words, and what helps."""
    plain = reason.removeprefix("anything but ")
    if plain.startswith(_FROM_HERE):
        why = plain.removeprefix(_FROM_HERE)
        return f"Python goes on from here, to the function's end: {why}", way_out(why)
    return _CAUSES.get(plain, (reason, None))


def cause_of(reasons: str) -> tuple[str, str]:
    """Return what may be the matter at a place where Python raised nothing, and what helps."""
    all_told = list(dict.fromkeys(told(reason) for reason in reasons.split("; ")))
    told_silent = [one for one in all_told if one[1] is not None] or all_told
    causes = " or ".join(what for what, _ in told_silent)
    helps = "; or ".join(dict.fromkeys(cure for _, cure in told_silent if cure))
    return causes, helps or "without `strict` Python goes on here"
