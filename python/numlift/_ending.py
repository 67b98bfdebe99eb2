"""How an execution of a region ended: behind its last statement, by `return` or by an exception."""

from __future__ import annotations

import dis
from typing import Any

from numlift import _world

RAISE = dis.opmap["RAISE_VARARGS"]
NEW_FILE = "<the new text>"


def class_text(kind: type) -> str:
    """`module.Class`, without the module for builtins and for the program's own."""
    module = kind.__module__
    return kind.__qualname__ if module in ("builtins", "__main__") else f"{module}.{kind.__qualname__}"


def message(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return ""


def raised_by_user(error: BaseException) -> bool:
    """Whether a `raise` or `assert` statement of the user's made it."""
    trace = error.__traceback__
    if trace is None:
        return False
    while trace.tb_next is not None:
        trace = trace.tb_next
    code = trace.tb_frame.f_code
    if code.co_code[trace.tb_lasti] != RAISE:
        return False
    return code.co_filename == NEW_FILE or _world.is_project_file(code.co_filename)


def raised(error: BaseException) -> dict[str, Any]:
    """Class, message and whether the user's own code raised it."""
    return {"class": class_text(type(error)), "message": message(error), "by_user": raised_by_user(error)}
