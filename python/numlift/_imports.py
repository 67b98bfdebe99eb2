"""Gives chosen files other code when the program imports them.

The program's import system stays as it is: this finder asks the others, and where what they found is one of the
chosen source files, only the code is exchanged. So module attributes, import errors and tracebacks are the usual ones.
"""

from __future__ import annotations

import importlib.machinery
import os
import sys
import types
from collections.abc import Callable, Sequence

# From the path under which a file is known to its text: code to run instead, or None to leave it alone.
CodeFor = Callable[[str], "types.CodeType | None"]


class ChosenFinder:
    """First on `sys.meta_path`; knows the chosen files by their real paths."""

    def __init__(self, files: frozenset[str], code_for: CodeFor) -> None:
        self.files = files
        self.code_for = code_for

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        spec = self.others(fullname, path, target)
        if spec is None or type(spec.loader) is not importlib.machinery.SourceFileLoader:
            return None
        origin = spec.origin
        if origin is None or os.path.realpath(origin) not in self.files:
            return None
        # What does not compile is left to the usual loader, whose error has the usual traceback.
        code = self.code_for(origin)
        if code is None:
            return None
        spec.loader = ChosenLoader(fullname, origin, code)
        return spec

    def others(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None
    ) -> importlib.machinery.ModuleSpec | None:
        for finder in list(sys.meta_path):
            if finder is self or not hasattr(finder, "find_spec"):
                continue
            spec = finder.find_spec(fullname, path, target)
            if spec is not None:
                return spec
        return None


class ChosenLoader(importlib.machinery.SourceFileLoader):
    """The usual loader with code that is ready."""

    def __init__(self, fullname: str, path: str, code: types.CodeType) -> None:
        super().__init__(fullname, path)
        self.code = code

    def get_code(self, fullname: str) -> types.CodeType:
        return self.code
