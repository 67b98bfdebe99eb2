"""Whether two outputs of a program are the same, but for the clock and for rounding.

Numbers may differ by rounding. A line that matches one of a program's `unsteady` patterns shows the clock or the
order of things that run side by side, and is passed over. So are addresses of objects.
"""

from __future__ import annotations

import re

NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|\bnan\b|\binf\b")
ADDRESS = re.compile(r"0x[0-9a-f]+")
RELATIVE = 1e-9
ABSOLUTE = 1e-12


def difference(before: str, after: str, unsteady: list[str]) -> str | None:
    """The first difference in words."""
    old, new = before.splitlines(), after.splitlines()
    if len(old) != len(new):
        return f"{len(new)} lines instead of {len(old)}"
    for was, is_now in zip(old, new):
        is_unsteady = any(re.search(pattern, was) for pattern in unsteady)
        if was != is_now and not is_unsteady and not same(was, is_now):
            return f"`{is_now}` instead of `{was}`"
    return None


def same(was: str, is_now: str) -> bool:
    if words(was) != words(is_now):
        return False
    pairs = zip(NUMBER.findall(ADDRESS.sub("", was)), NUMBER.findall(ADDRESS.sub("", is_now)))
    return all(close(float(a), float(b)) for a, b in pairs)


def words(text: str) -> list[str]:
    return NUMBER.sub("#", ADDRESS.sub("0x", text)).split()


def close(a: float, b: float) -> bool:
    return a == b or (a != a and b != b) or abs(a - b) <= max(ABSOLUTE, RELATIVE * max(abs(a), abs(b)))
