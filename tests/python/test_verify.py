"""The verifier, tested by planting mistakes: every wrong rewrite of `planted` is caught, every right one passes."""

from __future__ import annotations

from pathlib import Path

import pytest
from planted import CASES
from planted.case import Case
from verifying import verify

WRONG = [pytest.param(case, text, id=f"{case.name}: {name}") for case in CASES for name, text in case.wrong.items()]


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
def test_the_same_text_and_a_right_one_pass(case: Case, tmp_path: Path) -> None:
    for text in (case.old, case.right):
        verdict = verify(tmp_path, case.region(), text)
        assert verdict["error"] is None
        assert verdict["agree"], verdict["differences"][:1]
        assert verdict["captured"]["run"] == case.cases
        assert verdict["hostile"]["run"] >= 100 or verdict["notes"]
        assert verdict["hostile"]["raised"] <= 0.7 * verdict["hostile"]["run"]


@pytest.mark.parametrize(("case", "text"), WRONG)
def test_a_wrong_one_is_caught(case: Case, text: str, tmp_path: Path) -> None:
    verdict = verify(tmp_path, case.region(), text)
    assert verdict["error"] is None
    assert not verdict["agree"]
    assert verdict["differences"]
