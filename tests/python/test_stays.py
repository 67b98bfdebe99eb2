"""What is told of a loop that is not compiled: one sentence, with a line of the program."""

import pytest
from numlift._stays import sentence

OWN = ["import random", "for i in range(9):", "    x = random.choice(y)", "    y.append(x)", "    y.append(x)"]
LINES = [*OWN, "", "", "def made(y):", *("    " + line for line in OWN[1:])]
COSTS = "calling Python would cost more than machine code gains: "


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("line 3: `random.choice` is odd\n    x = 1\n    ^", "`random.choice` is odd (line 3)"),
        (f"line 10: {COSTS}it is odd", "it is odd (line 3), and calling Python there costs more than compiling gains"),
        ("line 11: it is odd", "it is odd"),
        (
            f"line 10: {COSTS}an object is made of it",
            "Python works on objects (line 3), and calling Python there costs more than compiling gains",
        ),
        (
            "line 3: `random.choice` runs in Python",
            "`random.choice` runs in Python (line 3); call it outside of the function, and pass its result",
        ),
        ("Numba does not compile it: no", "Numba does not compile it: no"),
        ("", ""),
    ],
)
def test_sentences(why: str, said: str) -> None:
    assert sentence(why, LINES, len(OWN)) == said
