"""Fixtures and near misses are lifted, and old and new are held against each other on ordinary and hostile inputs.

Every stage of a fixture is in `<name>.snap` beside it: its regions as they are read, raised and selected (docs/ir.md
has the text form), and the text that they become or why they stay. `UPDATE_SNAPSHOTS=1` writes them anew.

What is not as it should be is listed: `KNOWN_GAPS` stay loops although an array form exists, `BUGS` are lifted and
differ, with the difference. Both lists are held to: an entry that is right by now fails its test.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

TESTS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "generator"))

from inputs import Arguments, Header, hostile, hostile_to, ordinary  # noqa: E402
from lifting import Found, Program, lift, lift_module, watched_calls  # noqa: E402
from running import Rules, held_against  # noqa: E402

FIXTURES = TESTS / "fixtures"
NEAR_MISSES = TESTS / "near_misses"

# Fixtures and `lifted.py`s that are not lifted yet.
KNOWN_GAPS: set[str] = {
    "rebinds_the_array/lifted",
    "calls/method",
    "comprehensions/mean_of_list",
    "module_level/globals_are_read",
    "shifts/periodic",
    "assert_in_the_loop/lifted",
    "bound_checked_too_late/lifted",
    "bound_moves/lifted",
    "break_on_the_state/lifted",
    "caught_division/lifted",
    "clock_that_accumulates/lifted",
    "default_list_remembers/lifted",
    "draws_until/lifted",
    "grows_what_it_walks/lifted",
    "helper_has_a_global/lifted",
    "helper_writes_what_is_read/lifted",
    "late_lambda/lifted",
    "list_item_is_replaced/lifted",
    "previous_value/lifted",
    "reads_what_it_grows/lifted",
    "swap_ends/lifted",
    "two_draws_of_one_stream/lifted",
}

# Programs whose new text does something else: what the first difference is.
BUGS: dict[str, str] = {
    "int32_product/refused": "2\\n' | '",
    "int32_total/refused": "True\\n' | '-1089934592\\nFalse",
    "unsigned_difference/refused": "['RuntimeWarning']\\n",
}

# `refused.py`s that are lifted under a guard, behind which the old text runs, or in a form that is right.
LIFTED_BEHIND_A_GUARD: set[str] = {
    "fills/counting_int8",
    "division_of_list_items/refused",
    "index_past_the_shorter/refused",
    "last_of_the_ties/refused",
    "int32_product/refused",
    "int32_total/refused",
    "longer_than_the_bound/refused",
    "math_raises/refused",
    "nan_into_ints/refused",
    "overlapping_view/refused",
    "reversed_view/refused",
    "same_array_twice/refused",
    "small_buffer_overflows/refused",
    "transposed_view/refused",
    "unsigned_difference/refused",
    "weights_that_are_shared/refused",
}


def header_of(text: str) -> dict[str, str]:
    return dict(re.findall(r"^# (inputs|expect|form|lift|refuse|or|at): (.+)$", text, re.MULTILINE))


def first_difference(old: Program, new: Program, inputs: Iterable[tuple[str, Arguments]], rules: Rules) -> str | None:
    for words, arguments in inputs:
        found = held_against(old.load(), new.load(), arguments, rules)
        if found:
            return f"{words}: {found[0]}"
    return None


def rules_of(found: Found) -> Rules:
    return Rules(found.rel_bound(), frozenset(found.allowed()))


def assert_agrees(name: str, difference: str | None) -> None:
    if name in BUGS:
        assert difference is not None, f"{name} is right by now: it need not stand in BUGS"
        assert BUGS[name] in difference
    else:
        assert difference is None


def programs_agree(old: str, found: Found) -> str | None:
    """Whole programs: what they print."""
    if found.source is None:
        return None
    differ = held_against(executing(old), executing(found.source), {}, rules_of(found))
    return differ[0] if differ else None


def executing(source: str) -> Callable[[], None]:
    def execute() -> None:
        Program(source, "<module>").namespace()

    return execute


def fixture_names() -> list[str]:
    return [str(path.relative_to(FIXTURES).with_suffix("")) for path in sorted(FIXTURES.glob("*/*.py"))]


def look_at_fixture(name: str) -> tuple[bool, Found, str | None]:
    """Whether a fixture is lifted, what was found, and what differs."""
    path = FIXTURES / f"{name}.py"
    text = path.read_text(encoding="utf-8")
    header = header_of(text)["inputs"]
    if header == "-":
        found = lift_module(text, forms=True)
        return found.is_lifted(), found, programs_agree(text, found)
    rng = np.random.default_rng(zlib.crc32(path.stem.encode()))
    inputs = Header.read(header)
    program = Program(text, path.stem)
    found = lift(program, [inputs.example(rng) for _ in range(3)], function=None, forms=True)
    difference = None
    if found.source:
        tried = [*ordinary(inputs, rng, 6), *hostile(inputs, rng)]
        difference = first_difference(program, Program(found.source, path.stem), tried, rules_of(found))
    return found.is_lifted(path.stem), found, difference


@pytest.mark.parametrize("name", fixture_names())
def test_fixture(name: str) -> None:
    path = FIXTURES / f"{name}.py"
    lifted, found, difference = look_at_fixture(name)
    check_snapshot(path.with_suffix(".snap"), found)
    assert_agrees(name, difference)
    if header_of(path.read_text(encoding="utf-8"))["expect"] == "lift":
        assert lifted is (name not in KNOWN_GAPS), found.why_not()
    else:
        assert lifted is (name in LIFTED_BEHIND_A_GUARD), found.source


def check_snapshot(path: Path, found: Found) -> None:
    shown = snapshot(found)
    if os.environ.get("UPDATE_SNAPSHOTS") == "1":
        path.write_text(shown, encoding="utf-8")
    assert path.exists(), "no snapshot; UPDATE_SNAPSHOTS=1 writes it"
    assert shown == path.read_text(encoding="utf-8")


# What stands behind a region's forms.
SECTIONS = {"cured": "written", "proposed": "written", "fast": "fast", "blocked": "blocked"}


def snapshot(found: Found) -> str:
    """What was found, region by region: every stage as far as it came."""
    parts = []
    for region in found.regions:
        spec = region["region"]
        lines = [f"== {spec['function']} {spec['start']['line']}-{spec['end']['line']}: {region['outcome']}"]
        for stage, text in (region["forms"] or {}).items():
            lines += [f"-- {stage}", text.rstrip()] if text else []
        lines += [f"-- {SECTIONS[region['outcome']]}"] if region["forms"] else []
        for cure in region["cures"]:
            lines += [f"# {cure['why']}, {cure['strength']}", cure["new_text"].rstrip()]
            lines += [f"# {told['discharge']}: {told['text']}" for told in cure["conditions"]]
            lines += [f"# announced: {told}" for told in cure["announced"]]
        for blocker in region["blockers"]:
            lines.append(f"# {blocker['kind']}: {blocker['message']}")
            lines += [f"# at: {blocker['at'].splitlines()[0]}"] if blocker["at"] else []
            lines += [f"# help: {blocker['help']}"] if blocker["help"] else []
        lines += [f"# {region['fast']}"] if region["fast"] else []
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts) or "== no region\n"


def near_miss_names() -> list[str]:
    return [path.name for path in sorted(NEAR_MISSES.iterdir()) if (path / "lifted.py").exists()]


def look_at(path: Path) -> tuple[bool, Found, str | None]:
    """Whether the loop in question is lifted, what was found, and what differs."""
    text = path.read_text(encoding="utf-8")
    line = int(header_of(text)["at"])
    try:
        found = lift_module(text, forms=True)
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        return False, Found([], None), f"crash: {error}"
    lifted = any(
        region["outcome"] == "cured"
        for region in found.regions
        if region["region"]["start"]["line"] <= line <= region["region"]["end"]["line"]
    )
    if found.source is None:
        return lifted, found, None
    difference = programs_agree(text, found)
    if difference is not None:
        return lifted, found, difference
    rng = np.random.default_rng(zlib.crc32(path.parent.name.encode()))
    for function, arguments in watched_calls(text, sorted({r["region"]["function"] for r in found.regions})):
        inputs = [("as it was called", arguments), *hostile_to(arguments, rng)]
        old, new = Program(text, function), Program(found.source, function)
        with silence():
            difference = first_difference(old, new, inputs, rules_of(found))
        if difference is not None:
            return lifted, found, difference
    return lifted, found, None


@contextlib.contextmanager
def silence() -> Any:
    """Near misses print when they are loaded."""
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        yield


@pytest.mark.parametrize("name", near_miss_names())
def test_near_miss_that_is_lifted(name: str) -> None:
    lifted, found, difference = look_at(NEAR_MISSES / name / "lifted.py")
    assert_agrees(f"{name}/lifted", difference)
    assert lifted is (f"{name}/lifted" not in KNOWN_GAPS), found.why_not()


@pytest.mark.parametrize("name", near_miss_names())
def test_near_miss_that_is_refused(name: str) -> None:
    path = NEAR_MISSES / name / "refused.py"
    lifted, found, difference = look_at(path)
    assert_agrees(f"{name}/refused", difference)
    other_form = "or" in header_of(path.read_text(encoding="utf-8"))
    if lifted and not other_form:
        assert f"{name}/refused" in LIFTED_BEHIND_A_GUARD, found.source


def test_lists_name_what_is_there() -> None:
    names = {*fixture_names(), *(f"{name}/{side}" for name in near_miss_names() for side in ("lifted", "refused"))}
    assert names >= KNOWN_GAPS | BUGS.keys() | LIFTED_BEHIND_A_GUARD


def test_comparison_tells_what_a_wrong_lift_does() -> None:
    """The comparison itself: each of these is a difference."""
    x = np.array([1.0, -0.0, np.nan])
    wrong = [
        (lambda x: x, lambda x: x.copy()),
        (lambda x: 0.0, lambda x: -0.0),
        (lambda x: 1.0, lambda x: np.float64(1.0)),
        (lambda x: [1.0], lambda x: np.array([1.0])),
        (lambda x: x.sum(), lambda x: x[0]),
        (lambda x: x + 1, lambda x: (x + 1).astype(np.float32)),
        (lambda x: x + 1, lambda x: (x + 1)[None]),
        (lambda x: None, lambda x: x.fill(2.0)),
        (lambda x: None, lambda x: print("x")),
        (lambda x: x[7], lambda x: None),
        (lambda x: x[7], lambda x: int("x")),
        (lambda x: None, lambda x: np.log(-1.0) and None),
        (lambda x: None, lambda x: np.random.rand() and None),  # noqa: NPY002
    ]
    for old, new in wrong:
        assert held_against(old, old, {"x": x}, Rules()) == []
        assert held_against(old, new, {"x": x}, Rules()) != []
