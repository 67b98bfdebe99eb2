"""Runs a script or a module as `python script.py` or `python -m module` would.

`sys.argv`, `sys.path[0]`, the working directory and the module `__main__` are as the interpreter makes them; `__main__`
is really registered, so pickling, `inspect` and child processes of `multiprocessing` find it. An uncaught exception
goes through `sys.excepthook`, without the frames of this package.
"""

from __future__ import annotations

import builtins
import importlib.machinery
import importlib.util
import io
import os
import sys
import traceback
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from numlift import _imports

OWN = os.path.dirname(os.path.abspath(__file__)) + os.sep


@dataclass
class Program:
    """What is run: the protocol's `Program`."""

    kind: str
    target: str
    args: list[str]
    cwd: str

    @staticmethod
    def from_json(job: dict[str, Any]) -> Program:
        return Program(job["kind"], job["target"], list(job["args"]), job["cwd"])

    def script(self) -> str:
        """The absolute path of a script, as the interpreter writes it into `__file__`."""
        return os.path.abspath(os.path.join(self.cwd, self.target))


@dataclass
class Ending:
    """How the program's main module ended."""

    exit_code: int = 0
    traceback: str | None = None
    interrupted: bool = False


def enter(program: Program) -> None:
    """The working directory, `sys.argv` and `sys.path[0]`."""
    os.chdir(program.cwd)
    first = os.path.dirname(os.path.realpath(program.script())) if program.kind == "script" else os.getcwd()
    # `python -m numlift._worker` has put the working directory of the worker there.
    if not sys.flags.safe_path:
        sys.path[0] = first
    sys.argv[:] = [program.target if program.kind == "script" else "-m", *program.args]
    forget_shadowed(first)


def forget_shadowed(first: str) -> None:
    """Lets the program import its own `queue.py`, where this package has already imported the library's."""
    try:
        beside = {os.path.splitext(entry)[0] for entry in os.listdir(first)}
    except OSError:
        return
    for name in beside.intersection(sys.modules).difference(LOADED_AT_START, ("numlift", "__main__")):
        spec = importlib.machinery.PathFinder.find_spec(name, [first])
        if spec is not None and spec.origin is not None and spec.origin != getattr(sys.modules[name], "__file__", None):
            del sys.modules[name]


LOADED_AT_START = frozenset(
    "sys builtins _frozen_importlib _frozen_importlib_external _imp _thread _warnings _weakref _io marshal posix nt "
    "winreg time zipimport _codecs codecs encodings _signal _abc abc io __main__ _stat stat _collections_abc site os "
    "posixpath ntpath genericpath os.path _sitebuiltins sitecustomize usercustomize errno".split()
)


def run(program: Program, code_for: _imports.CodeFor, started: Callable[[], None]) -> Ending:
    """Runs the main module to its end; `started` is called right before its first statement."""
    try:
        try:
            code, module = main_module(program, code_for)
        finally:
            started()
        exec(code, module.__dict__)
    except SystemExit as leaving:
        return Ending(exit_code(leaving))
    except BaseException as error:
        return failed(error)
    return Ending()


def main_module(program: Program, code_for: _imports.CodeFor) -> tuple[types.CodeType, types.ModuleType]:
    """`__main__`, registered but not yet executed, and its code."""
    module = types.ModuleType("__main__")
    module.__builtins__ = builtins  # type: ignore[attr-defined]
    if sys.version_info < (3, 14):
        module.__annotations__ = {}
    global original_main
    original_main = sys.modules.get("__main__")
    sys.modules["__main__"] = module
    if program.kind == "script":
        file = program.script()
        module.__file__ = file
        module.__cached__ = None  # type: ignore[attr-defined]
        module.__loader__ = importlib.machinery.SourceFileLoader("__main__", file)
        return code_for(file) or compile_file(file), module
    name, spec = find_module(program.target)
    assert spec.origin is not None
    sys.argv[0] = spec.origin
    module.__file__ = spec.origin
    module.__cached__ = spec.cached  # type: ignore[attr-defined]
    module.__loader__ = spec.loader
    module.__package__ = spec.parent
    module.__spec__ = spec
    code = code_for(spec.origin) or spec.loader.get_code(name)  # type: ignore[union-attr]
    return code, module


original_main: types.ModuleType | None = None


def compile_file(file: str) -> types.CodeType:
    with open(file, "rb") as opened:
        source = opened.read()
    return compile(source, file, "exec", dont_inherit=True)


def find_module(name: str) -> tuple[str, importlib.machinery.ModuleSpec]:
    """The module for `-m name`: a package stands for its `__main__`."""
    spec = importlib.util.find_spec(name)
    if spec is None:
        raise SystemExit(f"{sys.executable}: No module named {name}")
    if spec.submodule_search_locations is not None:
        main = importlib.util.find_spec(name + ".__main__")
        if main is None:
            what = f"{name!r} is a package and cannot be directly executed"
            raise SystemExit(f"{sys.executable}: No module named {name}.__main__; {what}")
        return name + ".__main__", main
    if spec.origin is None or spec.loader is None:
        raise SystemExit(f"{sys.executable}: No code object available for {name}")
    return name, spec


def exit_code(leaving: SystemExit) -> int:
    """As the interpreter understands `sys.exit(…)`."""
    if leaving.code is None:
        return 0
    if isinstance(leaving.code, int):
        return leaving.code
    try:
        print(leaving.code, file=sys.stderr)
    except Exception:
        pass
    return 1


def failed(error: BaseException) -> Ending:
    """Prints the traceback as the interpreter would, by way of `sys.excepthook`."""
    if stopped and isinstance(error, KeyboardInterrupt):
        return Ending(130, None, True)
    strip(error, set())
    text = as_printed(error)
    sys.last_type, sys.last_value, sys.last_traceback = type(error), error, error.__traceback__
    try:
        if own_texts and sys.excepthook is sys.__excepthook__:
            sys.stderr.write(text)
        else:
            sys.excepthook(type(error), error, error.__traceback__)
    except BaseException:
        sys.__excepthook__(type(error), error, error.__traceback__)
    interrupted = isinstance(error, KeyboardInterrupt)
    return Ending(130 if interrupted else 1, text, interrupted)


# Whether numlift itself interrupts the program; then it ends without a traceback.
stopped = False
# Files whose text is not the one on disk: `linecache` knows it, the interpreter's own printing does not.
own_texts: set[str] = set()


def as_printed(error: BaseException) -> str:
    """The traceback in the interpreter's own words; those of the module `traceback` differ in places."""
    if own_texts:
        return "".join(traceback.format_exception(type(error), error, error.__traceback__))
    stream, text = sys.stderr, io.StringIO()
    sys.stderr = text
    try:
        sys.__excepthook__(type(error), error, error.__traceback__)
    finally:
        sys.stderr = stream
    return text.getvalue()


def strip(error: BaseException | None, done: set[int]) -> None:
    """Takes the frames of this package out of an exception and out of those it came from."""
    while error is not None and id(error) not in done:
        done.add(id(error))
        error.__traceback__ = without_own_frames(error.__traceback__)
        strip(error.__cause__, done)
        for part in getattr(error, "exceptions", ()):
            if isinstance(part, BaseException):
                strip(part, done)
        error = error.__context__


def goes_on(one: types.FrameType, other: types.FrameType) -> bool:
    """Whether a frame is the module's own, which goes on in another one after a loop that was compiled."""
    from numlift._function import OF_LOOPS

    return other.f_code in OF_LOOPS and one.f_globals is other.f_globals


def without_own_frames(trace: types.TracebackType | None) -> types.TracebackType | None:
    kept: list[types.TracebackType] = []
    while trace is not None:
        if not trace.tb_frame.f_code.co_filename.startswith(OWN):
            if kept and goes_on(kept[-1].tb_frame, trace.tb_frame):
                kept.pop()
            kept.append(trace)
        trace = trace.tb_next
    for one, following in zip(kept, [*kept[1:], None]):
        one.tb_next = following
    return kept[0] if kept else None
