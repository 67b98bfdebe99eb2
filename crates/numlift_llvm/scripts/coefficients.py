"""Derives the polynomials of the vector math: `src/math/coefficients.rs` is what this prints.

    python crates/numlift_llvm/scripts/coefficients.py > crates/numlift_llvm/src/math/coefficients.rs

Each is nearly the best approximation of a function on an interval, in the sense of the largest weighted error: least
squares with 60 digits, weighted anew by the errors that are left (Lawson's iteration), then rounded to float64 from the
lowest term on, the rest fitted again behind each of the first, so that a term takes up what the rounding of the ones
before it left. The achieved error (of the rounded polynomial, in bits) is printed with
it. Needs mpmath.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from mpmath import asin, atan, cbrt, cos, exp, expm1, linspace, log, log1p, lu_solve, matrix, mp, mpf, pi, sin, sqrt

mp.dps = 60
ROUNDS = 25

Real = mpf
Function = Callable[[Real], Real]


def fit(f: Function, weight: Function, points: list[Real], terms: int, known: list[float]) -> list[Real]:
    """The polynomial with the least largest `weight * (f - p)` whose lowest terms are known."""
    places = range(len(known), terms)
    rows = [[weight(x) * x**place for place in places] for x in points]
    wanted = [weight(x) * (f(x) - evaluate(known, x)) for x in points]
    attention = [mpf(1)] * len(points)
    best: tuple[Real, list[Real]] | None = None
    for _ in range(ROUNDS):
        system = matrix(len(places), len(places))
        right = matrix(len(places), 1)
        for row, want, much in zip(rows, wanted, attention, strict=True):
            for i, a in enumerate(row):
                right[i] += much * a * want
                for j, b in enumerate(row):
                    system[i, j] += much * a * b
        solved = lu_solve(system, right)
        found = [solved[k] for k in range(len(places))]
        errors = [
            abs(want - sum(c * a for c, a in zip(found, row, strict=True)))
            for row, want in zip(rows, wanted, strict=True)
        ]
        if best is None or max(errors) < best[0]:
            best = (max(errors), found)
        total = sum(much * error for much, error in zip(attention, errors, strict=True))
        attention = [much * error / total for much, error in zip(attention, errors, strict=True)]
    assert best
    return best[1]


def evaluate(coefficients: Iterable[Real | float], x: Real) -> Real:
    value = mpf(0)
    for coefficient in reversed(list(coefficients)):
        value = value * x + coefficient
    return value


@dataclass
class Polynomial:
    """`f` on an interval, where what counts is `weight * error`."""

    name: str
    meaning: str
    f: Function
    weight: Function
    low: Real
    high: Real
    terms: int
    # Of the coefficients: 24 for those that are computed with in float32.
    bits: int = 53

    def rounded(self) -> list[float]:
        """Rounds term by term, the lowest first, and fits the rest again for the first of them."""
        middle, half = (self.low + self.high) / 2, (self.high - self.low) / 2
        count = 8 * self.terms
        points = [middle - half * cos(pi * (k + mpf("0.5")) / count) for k in range(count)]
        known: list[float] = []
        while len(known) < self.terms:
            fitted = fit(self.f, self.weight, points, self.terms, known)
            known += [parts(c, self.bits)[0] for c in (fitted[:1] if len(known) < 3 else fitted)]
        return known

    def text(self) -> str:
        coefficients = self.rounded()
        width = self.high - self.low
        points = [x for x in linspace(self.low + width / 10**7, self.high, 600) if x]
        error = max(abs(self.weight(x) * (self.f(x) - evaluate(coefficients, x))) for x in points)
        bits = float(-log(error) / log(2))
        lines = "".join(f"    {spelled(c)},\n" for c in coefficients)
        head = f"/// {self.meaning}, to {bits:.1f} bits.\n"
        return f"{head}pub(super) const {self.name}: [f64; {self.terms}] = [\n{lines}];\n"


def spelled(value: float) -> str:
    text = repr(value)
    return text if "e" not in text or "." in text.split("e")[0] else text.replace("e", ".0e")


HALF_LN2 = log(2) / 2 * mpf("1.001")
# (sqrt(2) - 1) / (sqrt(2) + 1), squared: what log's argument comes to.
LOG_SQUARE = ((sqrt(2) - 1) / (sqrt(2) + 1)) ** 2 * mpf("1.0001")
QUARTER_PI = (pi / 4) ** 2 * mpf("1.001")
TAN_EIGHTH = (sqrt(2) - 1) ** 2 * mpf("1.0001")


def exp_rest(x: Real) -> Real:
    """`(e**x - 1 - x) / x**2`"""
    if abs(x) < mpf("1e-10"):
        return mpf(1) / 2 + x / 6
    return (expm1(x) - x) / x**2


def expm1_rest(x: Real) -> Real:
    """`(e**x - 1 - x - x**2 / 2) / x**3`"""
    if abs(x) < mpf("1e-10"):
        return mpf(1) / 6 + x / 24
    return (expm1(x) - x - x**2 / 2) / x**3


def exp2_rest(x: Real) -> Real:
    """`(2**x - 1) / x`"""
    return log(2) if x == 0 else expm1(x * log(2)) / x


def log_rest(z: Real) -> Real:
    """`(log((1 + s) / (1 - s)) - 2 s) / s` of `z = s**2`"""
    if z < mpf("1e-16"):
        return z * 2 / 3
    s = sqrt(z)
    return (log((1 + s) / (1 - s)) - 2 * s) / s


def odd_rest(f: Function, cubic: Real) -> Function:
    """`(f(x) - x) / x**3` of `z = x**2`"""

    def rest(z: Real) -> Real:
        if z < mpf("1e-20"):
            return cubic
        x = sqrt(z)
        return (f(x) - x) / x**3

    return rest


def cos_rest(z: Real) -> Real:
    """`(cos(x) - 1 + z / 2) / z**2` of `z = x**2`"""
    return mpf(1) / 24 if z < mpf("1e-15") else (cos(sqrt(z)) - 1 + z / 2) / z**2


def sinh(x: Real) -> Real:
    return (expm1(x) - expm1(-x)) / 2


def cosh_rest(z: Real) -> Real:
    """`(cosh(x) - 1 - z / 2) / z**2` of `z = x**2`"""
    x = sqrt(z)
    return mpf(1) / 24 if z < mpf("1e-15") else ((exp(x) + exp(-x)) / 2 - 1 - z / 2) / z**2


def log1p_rest(f: Real) -> Real:
    """`(log(1 + f) - f) / f**2`"""
    return f / 3 - mpf(1) / 2 if abs(f) < mpf("1e-12") else (log1p(f) - f) / f**2


def third_log_rest(z: Real) -> Real:
    """`(log((1 + s) / (1 - s)) - 2 s - 2 s**3 / 3) / s**5` of `z = s**2`"""
    if z < mpf("1e-12"):
        return mpf(2) / 5 + z * 2 / 7
    s = sqrt(z)
    return (log((1 + s) / (1 - s)) - 2 * s - 2 * s**3 / 3) / s**5


ZERO = mpf("1e-9")


POLYNOMIALS = [
    Polynomial("EXP", "`(e**x - 1 - x) / x**2`", exp_rest, lambda x: x**2, -HALF_LN2, HALF_LN2, 10),
    Polynomial(
        "EXPM1", "`(e**x - 1 - x - x**2 / 2) / x**3`", expm1_rest, lambda x: abs(x) ** 3, -HALF_LN2, HALF_LN2, 10
    ),
    Polynomial("EXP_SINGLE", "The same, for float32", exp_rest, lambda x: x**2, -HALF_LN2, HALF_LN2, 6),
    Polynomial("EXP_FLOAT", "The same, in float32", exp_rest, lambda x: x**2, -HALF_LN2, HALF_LN2, 5, 24),
    Polynomial("EXP2", "`(2**x - 1) / x`", exp2_rest, abs, mpf("-0.5"), mpf("0.5"), 11),
    Polynomial("EXP2_SINGLE", "The same, for float32", exp2_rest, abs, mpf("-0.5"), mpf("0.5"), 7),
    Polynomial(
        "EXP2_FLOAT",
        "`(2**x - 1 - x log(2)) / x**2`, in float32",
        lambda x: exp_rest(x * log(2)) * log(2) ** 2,
        lambda x: x**2,
        mpf("-0.5"),
        mpf("0.5"),
        5,
        24,
    ),
    Polynomial(
        "LOG",
        "`(log((1 + s) / (1 - s)) - 2 s) / s**3` of `s**2`",
        lambda z: log_rest(z) / z,
        lambda z: z / 2,
        ZERO,
        LOG_SQUARE,
        7,
    ),
    Polynomial(
        "LOG_SINGLE",
        "`(log(1 + f) - f) / f**2`, for float32",
        log1p_rest,
        lambda f: f**2 / abs(log1p(f)),
        sqrt(mpf(2)) / 2 - 1,
        sqrt(mpf(2)) - 1,
        12,
    ),
    Polynomial(
        "LOG_FLOAT",
        "The same on `-1/3 .. 1/3`, in float32",
        log1p_rest,
        lambda f: f**2 / abs(log1p(f)),
        -mpf("0.3334"),
        mpf("0.3334"),
        9,
        24,
    ),
    Polynomial(
        "LOG_REST",
        "`(log((1 + s) / (1 - s)) - 2 s - 2 s**3 / 3) / s**5` of `s**2`",
        third_log_rest,
        lambda z: z**2 / 2,
        ZERO,
        LOG_SQUARE,
        7,
    ),
    Polynomial("SIN", "`(sin(x) - x) / x**3` of `x**2`", odd_rest(sin, -mpf(1) / 6), lambda z: z, ZERO, QUARTER_PI, 6),
    Polynomial("SIN_SINGLE", "The same, for float32", odd_rest(sin, -mpf(1) / 6), lambda z: z, ZERO, QUARTER_PI, 4),
    Polynomial("COS", "`(cos(x) - 1 + x**2 / 2) / x**4` of `x**2`", cos_rest, lambda z: z**2, ZERO, QUARTER_PI, 6),
    Polynomial("COS_SINGLE", "The same, for float32", cos_rest, lambda z: z**2, ZERO, QUARTER_PI, 4),
    Polynomial(
        "SINH", "`(sinh(x) - x) / x**3` of `x**2`", odd_rest(sinh, mpf(1) / 6), lambda z: z, ZERO, HALF_LN2**2, 5
    ),
    Polynomial("COSH", "`(cosh(x) - 1 - x**2 / 2) / x**4` of `x**2`", cosh_rest, lambda z: z**2, ZERO, HALF_LN2**2, 5),
    Polynomial(
        "ASIN", "`(asin(x) - x) / x**3` of `x**2`", odd_rest(asin, mpf(1) / 6), lambda z: z, ZERO, mpf("0.2501"), 13
    ),
    Polynomial("ASIN_SINGLE", "The same, for float32", odd_rest(asin, mpf(1) / 6), lambda z: z, ZERO, mpf("0.2501"), 7),
    Polynomial(
        "ATAN", "`(atan(x) - x) / x**3` of `x**2`", odd_rest(atan, -mpf(1) / 3), lambda z: z, ZERO, TAN_EIGHTH, 11
    ),
    Polynomial("ATAN_SINGLE", "The same, for float32", odd_rest(atan, -mpf(1) / 3), lambda z: z, ZERO, TAN_EIGHTH, 6),
    Polynomial(
        "INVERSE_CBRT",
        "1 over the cube root",
        lambda x: 1 / cbrt(x),
        cbrt,
        sqrt(mpf(2)) / 4 * mpf("0.999"),
        sqrt(mpf(2)) * 2 * mpf("1.001"),
        8,
    ),
]

HEAD = """\
//! Polynomials and constants of the vector math.
//!
//! Made by `scripts/coefficients.py`, which says how; not to be edited by hand. The lowest term comes first. The error
//! is relative to the function that the polynomial is for.
"""


def parts(value: Real, *widths: int) -> list[float]:
    """The value as a sum of floats of so many bits each."""
    found = []
    for width in widths:
        scale = mpf(2) ** (width - 1 - int(mp.floor(log(abs(value)) / log(2))))
        found.append(float(mp.nint(value * scale) / scale))
        value -= found[-1]
    return found


def constants() -> str:
    """Numbers in two or three parts."""
    rows = [
        ("LN_2", "`log(2)`; the first part has 41 bits, so that its product with an exponent is exact", log(2), 41, 53),
        ("LOG2_E", "`1 / log(2)`", 1 / log(2), 53, 53),
        ("LOG10_E", "`1 / log(10)`", 1 / log(10), 53, 53),
        ("LOG10_2", "`log10(2)`; the first part has 41 bits", log(2) / log(10), 41, 53),
        ("HALF_PI", "`pi / 2`", pi / 2, 53, 53, 53),
        ("QUARTER_PI", "`pi / 4`", pi / 4, 53, 53),
        ("THREE_QUARTERS_PI", "`3 pi / 4`", 3 * pi / 4, 53, 53),
        ("PI", "`pi`", pi, 53, 53),
        ("TWO_THIRDS", "2 / 3", mpf(2) / 3, 53, 53),
        ("THIRD", "1 / 3", mpf(1) / 3, 53),
        ("TWO_OVER_PI", "`2 / pi`", 2 / pi, 53),
        ("LN_2_FLOAT", "`log(2)`, in float32; the first part has 16 bits", log(2), 16, 24),
        ("LOG2_E_FLOAT", "`1 / log(2)`, in float32", 1 / log(2), 24, 24),
        ("LOG10_E_FLOAT", "`1 / log(10)`, in float32", 1 / log(10), 24, 24),
        ("LOG10_2_FLOAT", "`log10(2)`, in float32; the first part has 16 bits", log(2) / log(10), 16, 24),
        ("HALF_PI_FLOAT", "`pi / 2`, in float32", pi / 2, 24, 24, 24),
    ]
    text = ""
    for name, meaning, value, *widths in rows:
        found = [spelled(part) for part in parts(value, *widths)]
        shown, ty = (found[0], "f64") if len(found) == 1 else (f"[{', '.join(found)}]", f"[f64; {len(found)}]")
        text += f"\n/// {meaning}.\npub(super) const {name}: {ty} = {shown};\n"
    return text


def two_over_pi() -> str:
    """The bits of 2 / pi behind the point, in words of 64, the highest first."""
    words = 1280 // 64
    with mp.workdps(420):
        bits = int(mp.floor(2 / mp.pi * mpf(2) ** (64 * words)))
    found = [(bits >> (64 * (words - 1 - k))) & (2**64 - 1) for k in range(words)]
    lines = "".join(f"    0x{word:016x},\n" for word in found)
    doc = "/// The bits of `2 / pi` behind the point, the highest first."
    return f"\n{doc}\npub(super) const TWO_OVER_PI_BITS: [u64; {words}] = [\n{lines}];\n"


def main() -> None:
    print(HEAD + constants() + two_over_pi() + "\n" + "\n".join(p.text() for p in POLYNOMIALS), end="")


if __name__ == "__main__":
    main()
