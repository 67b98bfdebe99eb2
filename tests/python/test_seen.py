"""What is said of an object's attributes: those that can be read without running code."""

from numlift import _seen


class Base:
    size = 300
    hidden = 1
    rate = 0.5


class Grid(Base):
    table = (1, 2)
    rate = 2

    def __init__(self) -> None:
        self.water = 0.25
        self.__dict__["level"] = 1

    @property
    def hidden(self) -> int:  # type: ignore[override]
        return 3

    @property
    def level(self) -> float:
        return 4.0

    @staticmethod
    def scale(x: float) -> float:
        return x


def test_data_of_the_class_are_attributes_and_what_runs_code_is_not():
    seen = _seen.see(Grid())
    assert seen["t"] == "object"
    assert {name: attr["t"] for name, attr in seen["attrs"].items()} == {
        "rate": "int",
        "size": "int",
        "table": "tuple",
        "water": "float",
    }
