"""Builtins, methods of Python's numbers and functions of `math`. See `forms.rs`."""

import math

import numpy as np


def int_bit_length(self: "int | bool"):
    rest = abs(int(self))
    length = 0
    if rest >= 4294967296:
        rest = rest >> 32
        length += 32
    if rest >= 65536:
        rest = rest >> 16
        length += 16
    if rest >= 256:
        rest = rest >> 8
        length += 8
    if rest >= 16:
        rest = rest >> 4
        length += 4
    if rest >= 4:
        rest = rest >> 2
        length += 2
    if rest >= 2:
        rest = rest >> 1
        length += 1
    return length + rest


def int_bit_count(self: "int | bool"):
    bits = abs(int(self))
    bits = (bits & 6148914691236517205) + ((bits >> 1) & 6148914691236517205)
    bits = (bits & 3689348814741910323) + ((bits >> 2) & 3689348814741910323)
    bits = (bits & 1085102592571150095) + ((bits >> 4) & 1085102592571150095)
    bits = (bits & 71777214294589695) + ((bits >> 8) & 71777214294589695)
    bits = (bits & 281470681808895) + ((bits >> 16) & 281470681808895)
    return (bits & 4294967295) + (bits >> 32)


def float_is_integer(self: "float | float64"):
    value = float(self)
    if value - value != 0.0:
        return False
    return value % 1.0 == 0.0


def builtins_pow(base: "int", exp: "int", mod: "int"):
    if exp < 0 or mod == 0:
        raise ValueError
    square = base % mod
    power = 1 % mod
    left = exp
    while left > 0:
        if left & 1:
            power = power * square % mod
        left = left >> 1
        if left > 0:
            square = square * square % mod
    return power


def builtins_round(number: "float", ndigits: "int"):
    if number - number != 0.0:
        return number
    if ndigits < 0 or ndigits > 15 or not (abs(number) < 1e15):
        raise ValueError
    scale = 1.0
    for _ in range(ndigits):
        scale = scale * 10.0
    product = number * scale
    if not (abs(product) < 4503599627370496.0):
        raise ValueError
    whole = float(np.rint(product))
    # The product's error, by Dekker: what decides is the exact decimal value.
    part = 134217729.0 * number
    high = part - (part - number)
    low = number - high
    part = 134217729.0 * scale
    top = part - (part - scale)
    rest = scale - top
    error = ((high * top - product) + high * rest + low * top) + low * rest
    beyond = product - whole
    if beyond == 0.5 or beyond == -0.5:
        if error > 0.0 and beyond > 0.0:
            whole = whole + 1.0
        elif error < 0.0 and beyond < 0.0:
            whole = whole - 1.0
    return float(np.copysign(whole / scale, number))


def builtins_round__int(number: "int | bool", ndigits: "int"):
    if ndigits < 0:
        raise ValueError
    return int(number)


def builtins_round__numpy(number: "float64", ndigits: "int"):
    if ndigits < 0 or ndigits > 8 or np.isfinite(number) and abs(number) > 1e290:
        raise ValueError
    scale = 1.0
    for _ in range(ndigits):
        scale = scale * 10.0
    return np.rint(number * scale) / scale


def builtins_sum(iterable: "list | biufd 1", start: "int | float" = 0):
    total = start
    for value in iterable:
        total = total + value
    return total


def builtins_min(iterable: "list | biufd 1"):
    if len(iterable) == 0:
        raise ValueError
    best = iterable[0]
    for value in iterable:
        if value < best:
            best = value
    return best


def builtins_max(iterable: "list | biufd 1"):
    if len(iterable) == 0:
        raise ValueError
    best = iterable[0]
    for value in iterable:
        if value > best:
            best = value
    return best


def math_factorial(n: "int"):
    if n < 0:
        raise ValueError
    product = 1
    for factor in range(2, n + 1):
        product = product * factor
    return product


def math_perm(n: "int", k: "int"):
    if n < 0 or k < 0:
        raise ValueError
    product = 1
    if k > n:
        return 0
    for number in range(k):
        product = product * (n - number)
    return product


def math_comb(n: "int", k: "int"):
    if n < 0 or k < 0:
        raise ValueError
    count = 1
    if k > n:
        return 0
    for number in range(min(k, n - k)):
        count = count * (n - number) // (number + 1)
    return count


def math_modf(x: "float"):
    if x - x != 0.0:
        raise ValueError
    whole = float(np.trunc(x))
    return math.copysign(x - whole, x), whole


def math_isclose(a: "int | float", b: "int | float", rel_tol: "float" = 1e-09, abs_tol: "float" = 0.0):
    if rel_tol < 0.0 or abs_tol < 0.0:
        raise ValueError
    first = float(a)
    second = float(b)
    if first == second:
        return True
    if math.isinf(first) or math.isinf(second):
        return False
    apart = abs(second - first)
    return apart <= abs(rel_tol * second) or apart <= abs(rel_tol * first) or apart <= abs_tol


def numpy_clip__float(a: "float | float64", a_min: "int | float", a_max: "int | float"):
    value = np.float64(a)
    low = np.float64(a_min)
    high = np.float64(a_max)
    if np.isnan(low) or np.isnan(high):
        raise ValueError
    if value < low:
        value = low
    if value > high:
        value = high
    return value


def numpy_clip__int(a: "int", a_min: "int", a_max: "int"):
    return np.int64(min(max(a, a_min), a_max))
