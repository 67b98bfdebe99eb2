"""One case of planted mistakes, and what its job takes for proven."""

from __future__ import annotations

from dataclasses import dataclass, field

from verifying import Json, Region

NUMPY = "import math\nimport random\nimport numpy as np\n"
ARRAYS = """
rng = np.random.default_rng(case)
n = 100 + case
x = rng.normal(size=n)
y = rng.normal(size=n)
out = np.zeros(n)
"""
ROUNDING: Json = {"strength": "rounding"}
QUIET: Json = {"strength": "exact", "allow": [{"t": "warnings"}]}


def known(*names: str, lengths: bool = True, shared: bool = False, empty: bool = True) -> list[Json]:
    """Everything that a closed world proves about the usual live-ins."""
    kinds = ["type", "contiguous"]
    kinds += ["lengths"] if lengths else []
    kinds += [] if shared else ["unshared"]
    kinds += [] if empty else ["not_empty"]
    return [{"t": kind, "name": name} for kind in kinds for name in names]


def size(name: str = "n", low: int = 0) -> list[Json]:
    """A size: related to lengths as captured, never negative."""
    facts = [{"t": kind, "name": name} for kind in ("type", "lengths")]
    return [*facts, {"t": "value", "name": name}] if low < 0 else [*facts, {"t": "range", "name": name, "lo": low}]


@dataclass
class Case:
    name: str
    old: str
    right: str
    wrong: dict[str, str]
    live_out: list[str]
    inputs: str = ARRAYS
    parameters: list[str] = field(default_factory=lambda: ["x", "y", "out", "n"])
    module: str = ""
    function: str = "region"
    facts: list[Json] = field(default_factory=list)
    policy: Json = field(default_factory=lambda: {"strength": "exact"})
    cases: int = 2

    def region(self) -> Region:
        job: Json = {"proven": self.facts, "policy": self.policy}
        module = NUMPY + self.module
        return Region(
            module, self.inputs, self.old, self.live_out, self.function, self.parameters, cases=self.cases, job=job
        )
