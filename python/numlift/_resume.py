"""Going on in Python, in the middle of a function.

    def f(x):                           a function of (x, s, i, n) and of the rest of the loop's iterator:
        s = 0
        for i in range(len(x)):             for () in ((),):        # once; `break` leaves both loops
            n = x[i]                 ─►         s += n * n          # here the compiled code was left
            s += n * n                      else:
        return s                                for i in rest: …    # the loop, from its next element on
                                            return s

Compiled code leaves a function at a statement, with the values of its names, what is left of the iterators of the loops
around it, and the values of those parts of the statement that it computed already. Here the function's syntax tree
becomes one of a function that begins there. Its code carries the user's file, name and lines, and uses the same globals
and cells, so that nobody sees the seam: not in a traceback, not in what it changes.

What is around the statement is entered as it would have been: the taken branch of an `if` without its test, the first
pass of a `while` without its test, the body of a `try` with its handlers, of a `with` with its managers, entered
already. A handler is entered by raising its exception again (`__nl_exception0`, counted from the outermost). A
`finally` is entered as after a normal end.
"""

from __future__ import annotations

import ast
import copy
import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from types import FunctionType
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from numlift import _islands
from numlift._function import Found, ModuleLoop, Unfit, bind, code_of, find, other_locals
from numlift._resume_calls import CALLED, Caller, chained, found_around, like_function, names_of_caller
from numlift._source import kept_text

Place = tuple[int, int, int, int]

# The exception that a handler is entered with.
_EXCEPTION = "__nl_exception"

# The exception that is raised in the place of a statement.
_RAISED = "__nl_raised"

# A function that is defined again: `<line>_<column>_<name>`.
_DEFINE = "__nl_define_"

# Says of a statement that all of it is computed.
_DONE = "__nl_done"

# Attributes that compiled code held like variables, to be stored now: the object, and `<number>_<attribute>`.
_OBJECT = "__nl_object"
_ATTRIBUTE = "__nl_attribute"

# Items of dicts, likewise: `<number>_<key>`, the key's UTF-8 in hexadecimal digits.
_ITEM = "__nl_item"


def continuation(
    function: FunctionType,
    statement: Place,
    names: list[str],
    iterators: list[str],
    computed: list[tuple[Place, str]],
    callers: Sequence[Caller] = (),
) -> tuple[Callable[..., tuple[Any, ...]] | None, Callable[..., Any]]:
    """Return the function that goes on at a statement, and one that makes its arguments of the values of `names`.

    The second is None where the arguments are the values as they are.
    """
    if callers:
        return chained(continuation, function, statement, names, iterators, computed, callers)
    return _continuation(function, _Start(statement, []), names, iterators, computed)


def raising(
    function: FunctionType,
    statement: Place,
    names: list[str],
    iterators: list[str],
    values: list[Any],
    error: BaseException,
    callers: Sequence[Caller] = (),
    through: Sequence[Place] = (),
) -> tuple[Callable[..., Any], tuple[Any, ...], list[BaseException]]:
    """Return the function that goes on with an error raised in the place of a statement, and its arguments.

    The third is where it finds the error: to be emptied behind the call, so that no frame holds it. Were it taken out
    there, that would be a call, which a recursion that is too deep has no room for. `through` are the calls in that
    statement through which the error comes, the innermost first: its traceback shows them.
    """
    if callers:
        # It is raised in the place of the outermost call.
        statement, _, iterators, _ = callers[-1]
        known, sources = dict(zip(names, values)), names_of_caller(names, len(callers) - 1)
        names, values = list(sources), [known[source] for source in sources.values()]
    # An exception that passes through a thousand calls is raised in each of them.
    known_here = _raising.setdefault(function, {})
    key = (statement, tuple(names), tuple(iterators), tuple(through))
    if key not in known_here:
        start = _Start(statement, [], raises=_Raised.of(through))
        known_here[key] = (*_continuation(function, start, [*names, _RAISED], iterators, []), _inner(function, through))
    arguments, made, inner = known_here[key]
    holder = [error]
    raised: list[Any] = holder
    for call in inner:
        raised = [partial(call, raised)]
    values = [*values, raised]
    return made, tuple(values) if arguments is None else arguments(*values), holder


# What goes on with an error, and the functions that it comes through: by statement, names, iterators and calls.
_raising: WeakKeyDictionary[
    FunctionType,
    dict[tuple[Any, ...], tuple[Callable[..., tuple[Any, ...]] | None, Callable[..., Any], list[FunctionType]]],
] = WeakKeyDictionary()


@dataclass
class _Raised:
    """What stands in the place of a statement that raises."""

    # Where it is raised; None is the statement's own place.
    place: Place | None
    # It comes from a function that is called there.
    is_called: bool

    @staticmethod
    def of(through: Sequence[Place]) -> _Raised:
        return _Raised(through[-1] if through else None, len(through) > 1)

    def made(self, node: ast.stmt | ast.expr) -> ast.stmt:
        # In a list: a function that has the error as a variable would be held by it, and hold it.
        held = ast.Subscript(ast.Name(_RAISED, ast.Load()), ast.Constant(0), ast.Load())
        made = ast.Expr(ast.Call(held, [], [])) if self.is_called else ast.Raise(held)
        line, column, end_line, end_column = self.place or _place(node)
        for part in ast.walk(made):
            if isinstance(part, ast.stmt | ast.expr):
                part.lineno, part.col_offset, part.end_lineno, part.end_col_offset = line, column, end_line, end_column
        return made


def _inner(function: FunctionType, through: Sequence[Place]) -> list[FunctionType]:
    """Return functions for the calls inside of a function's own, the innermost first."""
    made = []
    for number, call in enumerate(through[:-1]):
        found = found_around(kept_text(function), call)
        like = like_function(function, found)
        statement = _Raised(call, number > 0).made(found.node)
        made.append(bind(code_of(found, like, [statement], [_RAISED]), like))
    return made


def statement_alone(
    function: FunctionType,
    statement: Place,
    names: list[str],
    iterators: list[str],
    computed: list[tuple[Place, str]],
    callers: Sequence[Caller] = (),
) -> tuple[Callable[..., tuple[Any, ...]] | None, Callable[..., Any], bool]:
    """Return functions likewise of which the second runs that statement only, or the test of a compound one.

    The third says whether the program catches what it raises, or does something before that leaves the function.
    """
    if callers:
        caught = []

        def alone(*one: Any) -> tuple[Callable[..., tuple[Any, ...]] | None, Callable[..., Any]]:
            arguments, made, is_caught = statement_alone(*one)
            caught.append(is_caught)
            return arguments, made

        prepare, made = chained(alone, function, statement, names, iterators, computed, callers)
        return prepare, made, any(caught)
    start = _Start(statement, [], is_alone=True)
    arguments, made = _continuation(function, start, names, iterators, computed)
    return arguments, made, start.is_caught


def _continuation(
    function: FunctionType,
    start: _Start,
    names: list[str],
    iterators: list[str],
    computed: list[tuple[Place, str]],
) -> tuple[Callable[..., tuple[Any, ...]] | None, Callable[..., Any]]:
    statement = start.statement
    found = find(kept_text(function), function)
    body = copy.deepcopy(found.body)
    loop = ModuleLoop.of(function)
    if loop is not None:
        # The statement behind the loop only stands for the end.
        body[-1] = ast.copy_location(ast.Pass(), body[-1])
    declared = _take_declarations(body)
    # What is to be computed of the values gets a name, too.
    named = [
        (place, text if text.isidentifier() else f"__nl_made{number}") for number, (place, text) in enumerate(computed)
    ]
    made_of = {name: text for (_, name), (_, text) in zip(named, computed) if name != text}
    start.compute(named)
    entered = start.enter(body, 0)
    if entered is None:
        raise Unfit(f"`{function.__qualname__}` has no statement in line {statement[0]}, column {statement[1]}")
    if len(iterators) != start.depth:
        raise Unfit(f"line {statement[0]} of `{function.__qualname__}` is in {start.depth} loops, not {len(iterators)}")
    if start.missing:
        raise Unfit(f"line {statement[0]} of `{function.__qualname__}` has no expression at {start.missing[0]}")

    needed = {name for _, name in named}
    kept = [
        name
        for name in names
        if not name.startswith("__nl") or name in needed or name.startswith((_EXCEPTION, _RAISED))
    ]
    rest = [_iterator_name(number) for number in range(len(iterators))]
    if loop is not None:
        # The module has all names; those that the loop bound it gets back first.
        kept = [name for name in kept if name in loop.bound or name.startswith("__nl")]
        entered = [*_given_back(loop, kept, entered[0]), *entered]
        kept = [_given(name, loop) for name in kept]
    parameters = _in_order([*kept, *made_of, *rest], function)
    whole = [*declared, *other_locals(function, parameters), *_defined_again(found, names), *entered]
    code = code_of(found, function, whole, parameters)
    made = bind(code, function)
    if start.operators:
        # Behind all parameters, as a default: the operators of augmented assignments.
        code = code_of(found, function, whole, [*parameters, *start.operators])
        made = bind(code, function)
        made.__defaults__ = tuple(start.operators.values())
    if parameters == names and loop is None:
        return None, made
    given = [name if loop is None else _given(name, loop) for name in names]
    return _arguments(names, given, iterators, start.is_manager, made_of, parameters), made


def _defined_again(found: Found, names: list[str]) -> list[ast.stmt]:
    """Return what defines functions that compiled code had no objects for: a name says where each is written."""
    places = [name.removeprefix(_DEFINE).split("_", 2) for name in names if name.startswith(_DEFINE)]
    wanted = {(int(line), int(column)): name for line, column, name in places}
    made: list[ast.stmt] = []
    for node in ast.walk(found.node) if wanted else ():
        if not isinstance(node, ast.FunctionDef | ast.Lambda) or node is found.node:
            continue
        name = wanted.get((node.lineno, node.col_offset))
        if name is None:
            continue
        again: ast.stmt
        if isinstance(node, ast.Lambda):
            again = ast.Assign([ast.Name(name, ast.Store())], copy.deepcopy(node))
        else:
            again = copy.deepcopy(node)
        made.append(ast.fix_missing_locations(ast.copy_location(again, node)))
    return made


def giving_back(function: FunctionType, names: list[str]) -> tuple[None, Callable[..., None]]:
    """Return the function that gives back what compiled code holds, when a piece of it has raised.

    That are the names of the module that a loop of it has bound, and attributes.
    """
    loop = ModuleLoop.of(function)
    attributes = _held_attributes(names)

    def give(*values: Any) -> None:
        known = dict(zip(names, values))
        _store(known, attributes)
        if loop is not None:
            function.__globals__.update({name: value for name, value in known.items() if name in loop.bound})
            function.__globals__.update(_islands.taken_partly(function))

    return None, give


def _held_attributes(names: list[str]) -> list[tuple[str, str, str]]:
    """Return the names of values that are attributes, with the names of their objects, and the attributes."""
    held = [name for name in names if name.startswith((_ATTRIBUTE, _ITEM))]
    parts = [name.removeprefix(_ATTRIBUTE).removeprefix(_ITEM).partition("_") for name in held]
    return [(name, _OBJECT + place, attribute) for name, (place, _, attribute) in zip(held, parts)]


def _store(known: dict[str, Any], attributes: list[tuple[str, str, str]]) -> None:
    for name, target, attribute in attributes:
        if name.startswith(_ITEM):
            known[target][bytes.fromhex(attribute).decode()] = known[name]
        else:
            setattr(known[target], attribute, known[name])


def _given(name: str, loop: ModuleLoop) -> str:
    """Return the parameter for a name of the module."""
    return f"__nl_given_{name}" if name in loop.bound else name


def _given_back(loop: ModuleLoop, kept: list[str], at: ast.stmt) -> list[ast.stmt]:
    """Return statements that bind the names of the module that a loop has bound."""
    statements: list[ast.stmt] = [ast.Global(sorted(loop.bound))] if loop.bound else []
    for name in kept:
        if name in loop.bound:
            given = ast.Name(_given(name, loop), ast.Load())
            statements.append(ast.Assign([ast.Name(name, ast.Store())], given))
    for statement in statements:
        ast.copy_location(statement, at)
        ast.fix_missing_locations(statement)
    return statements


def _iterator_name(number: int) -> str:
    return f"__nl_rest{number}"


def _in_order(parameters: list[str], function: FunctionType) -> list[str]:
    """Put the function's first parameter first: `super()` without arguments looks at it."""
    code = function.__code__
    if "__class__" not in code.co_freevars or code.co_argcount == 0 or code.co_varnames[0] not in parameters:
        return parameters
    first = code.co_varnames[0]
    return [first, *(name for name in parameters if name != first)]


def _arguments(
    names: list[str],
    given: list[str],
    iterators: list[str],
    is_manager: list[bool],
    made_of: dict[str, str],
    parameters: list[str],
) -> Callable[..., tuple[Any, ...]]:
    """Return the function that makes the arguments of the values."""
    text = f"lambda {', '.join(names)}: ({', '.join([*iterators, *made_of.values(), ''])})"
    stored = _held_attributes(names)
    rest_of = eval(
        compile(text, "<numlift>", "eval"), {"_items": items, "_reversed": reversed_items, "_errstate": _entered}
    )

    def arguments(*values: Any) -> tuple[Any, ...]:
        known = dict(zip(given, values))
        _store(known, stored)
        made = rest_of(*values)
        for number, rest in enumerate(made[: len(iterators)]):
            known[_iterator_name(number)] = _Entered(rest) if is_manager[number] else rest
        known.update(zip(made_of, made[len(iterators) :]))
        return tuple(known[name] for name in parameters)

    return arguments


def _entered(**kinds: Any) -> Any:
    """Return an `np.errstate` that is entered."""
    manager = np.errstate(**kinds)
    manager.__enter__()
    return manager


def items(sequence: Any, given: int) -> Iterator[Any]:
    """Return an iterator over a sequence that has given so many items already."""
    iterator: Any = iter(sequence)
    if given:
        iterator.__setstate__(given)
    return iterator  # type: ignore[no-any-return]


def reversed_items(sequence: Any, at: int) -> Iterator[Any]:
    """Return a reversed iterator over a sequence that gives the item of that number next, or has come to its end."""
    if at >= len(sequence):
        return iter(())
    iterator: Any = reversed(sequence)
    iterator.__setstate__(at)
    return iterator  # type: ignore[no-any-return]


class _Entered:
    """A context manager that was entered before."""

    def __init__(self, manager: Any) -> None:
        self.manager = manager

    def __enter__(self) -> None:
        pass

    def __exit__(self, *raised: Any) -> Any:
        return type(self.manager).__exit__(self.manager, *raised)


class _Start:
    """Statements that begin at one of them, however deep it is."""

    def __init__(
        self, statement: Place, computed: list[tuple[Place, str]], is_alone: bool = False, raises: _Raised | None = None
    ) -> None:
        self.statement = statement
        # Something is raised instead of it.
        self.raises = raises
        # Only that statement is wanted, nothing behind it; whether its exceptions are caught.
        self.is_alone = is_alone
        self.is_caught = False
        self.compute(computed)
        # How many loops' iterators and managers are taken over, and which are managers.
        self.depth = 0
        self.is_manager: list[bool] = []
        self.handlers = 0
        self.operators: dict[str, Callable[[Any, Any], Any]] = {}

    def compute(self, computed: list[tuple[Place, str]]) -> None:
        """Take over what is computed already."""
        self.computed = dict(computed)
        # What is a part of another one is gone with it.
        self.missing: list[Place] = [
            place
            for place in self.computed
            if not any(_is_inside(place, other) for other in self.computed if other != place)
        ]

    def enter(self, block: list[ast.stmt], depth: int) -> list[ast.stmt] | None:
        """Return what is left of a block when it is entered at the statement; None if that is not in it."""
        for number, statement in enumerate(block):
            if _begins(statement) == self.statement[:2]:
                entered: list[ast.stmt] | None = self.first(statement)
                if self.is_alone and entered:
                    entered = [_header(entered[0])]
                self.depth = depth
            else:
                entered = self.inside(statement, depth)
            if entered is not None:
                return entered if self.is_alone else [*entered, *block[number + 1 :]]
        return None

    def inside(self, node: ast.stmt, depth: int) -> list[ast.stmt] | None:
        """Return what is left of a statement when it is entered inside."""
        match node:
            case ast.For():
                return self.loop(node, depth)
            case ast.While():
                tail = self.enter(node.body, depth)
                if tail is None:
                    return self.enter(node.orelse, depth)
                return tail if self.is_alone else [_once(tail, [node], node)]
            case ast.If():
                tail = self.enter(node.body, depth)
                return self.enter(node.orelse, depth) if tail is None else tail
            case ast.Try():
                return self.attempt(node, depth)
            case ast.With():
                return self.managed(node, depth)
            case ast.Match():
                tails = (self.enter(case.body, depth) for case in node.cases)
                return next((tail for tail in tails if tail is not None), None)
            case _:
                return None

    def loop(self, node: ast.For, depth: int) -> list[ast.stmt] | None:
        tail = self.enter(node.body, depth + 1)
        if tail is None:
            return self.enter(node.orelse, depth)
        self.is_manager.insert(0, False)
        if self.is_alone:
            return tail
        rest = ast.Name(_iterator_name(depth), ast.Load())
        others = ast.For(node.target, ast.copy_location(rest, node.iter), node.body, node.orelse)
        return [_once(tail, [ast.copy_location(others, node)], node)]

    def managed(self, node: ast.With, depth: int) -> list[ast.stmt] | None:
        tail = self.enter(node.body, depth + len(node.items))
        if tail is None:
            return None
        self.is_manager[:0] = [True for _ in node.items]
        if self.is_alone:
            self.is_caught = True
            return tail
        entered = [
            ast.withitem(ast.copy_location(ast.Name(_iterator_name(depth + number), ast.Load()), item.context_expr))
            for number, item in enumerate(node.items)
        ]
        return [ast.copy_location(ast.With(entered, tail), node)]

    def attempt(self, node: ast.Try, depth: int) -> list[ast.stmt] | None:
        tail = self.enter(node.body, depth)
        if tail is not None and self.is_alone:
            self.is_caught = True
            return tail
        if tail is not None:
            return [ast.copy_location(ast.Try(tail, node.handlers, node.orelse, node.finalbody), node)]
        tail = self.handled(node, depth) or self.enter(node.orelse, depth)
        if tail is None:
            return self.enter(node.finalbody, depth)
        if self.is_alone:
            self.is_caught |= bool(node.finalbody)
            return tail
        if not node.finalbody:
            return tail
        return [ast.copy_location(ast.Try(tail, [], [], node.finalbody), node)]

    def handled(self, node: ast.Try, depth: int) -> list[ast.stmt] | None:
        for handler in node.handlers:
            self.handlers += 1
            tail = self.enter(handler.body, depth)
            self.handlers -= 1
            if tail is None:
                continue
            name = ast.Name(f"{_EXCEPTION}{self.handlers}", ast.Load())
            again = ast.copy_location(ast.Raise(ast.copy_location(name, handler)), handler)
            kind = handler.type and ast.copy_location(ast.Name("BaseException", ast.Load()), handler.type)
            caught = ast.ExceptHandler(kind, handler.name, tail)
            return [ast.copy_location(ast.Try([again], [ast.copy_location(caught, handler)], [], []), node)]
        return None

    def first(self, node: ast.stmt) -> list[ast.stmt]:
        """Return the statement itself, with what is computed already in its place."""
        if self.raises:
            return [self.raises.made(node)]
        if not self.computed:
            return [node]
        if _DONE in self.computed.values():
            # All of it ran; what it bound is bound.
            self.missing.clear()
            return [ast.copy_location(ast.Pass(), node)]
        if isinstance(node, ast.While):
            test = self.substituted(node.test)
            entered = _once(node.body, [node], node)
            return [ast.copy_location(ast.If(test, [entered], node.orelse), node)]
        if isinstance(node, ast.AugAssign) and _place(node) in self.computed:
            return [self.stored(node)]
        if isinstance(node, ast.AugAssign) and _place(node.target) in self.computed:
            return [self.updated(node)]
        header: Any = copy.copy(node)
        for field, value in ast.iter_fields(node):
            # The blocks of a compound statement run as they are.
            if isinstance(value, ast.expr):
                setattr(header, field, self.substituted(value))
            elif isinstance(value, list) and value and not isinstance(value[0], ast.stmt):
                setattr(header, field, [self.substituted(item) for item in value])
        match node:
            case ast.If(orelse=[ast.If() as other]):
                # The test of an `elif` is one of the same statement.
                header.orelse = self.first(other)
        return [header]

    def substituted(self, node: Any) -> Any:
        return _Substitute(self).visit(copy.deepcopy(node)) if isinstance(node, ast.AST) else node

    def updated(self, node: ast.AugAssign) -> ast.stmt:
        """Return `x[i] += v` where the value of `x[i]` was read already."""
        kind = type(node.op).__name__
        name = f"__nl_{kind.lower()}"
        self.operators[name] = _IN_PLACE[kind]
        old, place = self.name_of(node.target), self.substituted(node.target)
        value: ast.expr = ast.Call(ast.Name(name, ast.Load()), [old, self.substituted(node.value)], [])
        return ast.copy_location(ast.Assign([place], ast.copy_location(value, node.value)), node)

    def stored(self, node: ast.AugAssign) -> ast.stmt:
        """Return what is left of `x[i] += v` where the sum was computed already."""
        total, place = self.name_of(node), self.substituted(node.target)
        return ast.copy_location(ast.Assign([place], total), node)

    def name_of(self, node: ast.expr | ast.AugAssign) -> ast.expr:
        place = _place(node)
        if place in self.missing:
            self.missing.remove(place)
        if self.computed[place] == CALLED:
            name = ast.copy_location(ast.Name(CALLED, ast.Load()), node)
            return ast.copy_location(ast.Call(name, [], []), node)
        return ast.copy_location(ast.Name(self.computed[place], ast.Load()), node)


class _Substitute(ast.NodeTransformer):
    def __init__(self, start: _Start) -> None:
        self.start = start

    def visit(self, node: ast.AST) -> Any:
        is_read = isinstance(node, ast.expr) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load)
        if is_read and _place(node) in self.start.computed:  # type: ignore[arg-type]
            return self.start.name_of(node)  # type: ignore[arg-type]
        return self.generic_visit(node)


_IN_PLACE: dict[str, Callable[[Any, Any], Any]] = {
    "Add": operator.iadd,
    "Sub": operator.isub,
    "Mult": operator.imul,
    "MatMult": operator.imatmul,
    "Div": operator.itruediv,
    "Mod": operator.imod,
    "Pow": operator.ipow,
    "LShift": operator.ilshift,
    "RShift": operator.irshift,
    "BitOr": operator.ior,
    "BitXor": operator.ixor,
    "BitAnd": operator.iand,
    "FloorDiv": operator.ifloordiv,
}


def _header(node: ast.stmt) -> ast.stmt:
    """Return what a statement does itself: of a compound one what is evaluated first, of `return` its value."""
    match node:
        case ast.If() | ast.While():
            value: ast.expr = node.test
        case ast.For():
            value = node.iter
        case ast.Match():
            value = node.subject
        case ast.With():
            value = node.items[0].context_expr
        case ast.Return() if node.value is not None:
            value = node.value
        case _:
            return node
    return ast.copy_location(ast.Expr(value), node)


def _begins(node: ast.stmt) -> tuple[int, int]:
    """Return the line and column in which a statement begins, with its decorators."""
    decorators = getattr(node, "decorator_list", None)
    return (decorators[0].lineno if decorators else node.lineno, node.col_offset)


def _place(node: ast.expr | ast.stmt) -> Place:
    return (node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0)


def _is_inside(inner: Place, outer: Place) -> bool:
    return outer[:2] <= inner[:2] and inner[2:] <= outer[2:]


def _once(tail: list[ast.stmt], rest: list[ast.stmt], at: ast.stmt) -> ast.stmt:
    """Return what runs `tail` as the rest of a loop's pass, and then the rest of the loop.

    `continue` in it ends the pass; `break` goes past the rest of the loop, with its `else`. No name is bound.
    """
    nothing = ast.Tuple([ast.Tuple([], ast.Load())], ast.Load())
    loop = ast.For(ast.Tuple([], ast.Store()), nothing, tail, rest)
    # The header has the line of the loop.
    for node in (loop, loop.target, nothing, nothing.elts[0]):
        node.lineno = node.end_lineno = at.lineno
        node.col_offset = node.end_col_offset = at.col_offset
    return loop


def _take_declarations(body: list[ast.stmt]) -> list[ast.stmt]:
    """Take the `global` and `nonlocal` statements out of a function's own statements, and return them."""
    taken: list[ast.stmt] = []

    def walk(block: list[ast.stmt]) -> None:
        for number, node in enumerate(block):
            if isinstance(node, ast.Global | ast.Nonlocal):
                taken.append(node)
                block[number] = ast.copy_location(ast.Pass(), node)
            elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                for inner in _blocks(node):
                    walk(inner)

    walk(body)
    return taken


def _blocks(node: ast.stmt) -> Iterator[list[ast.stmt]]:
    """Return the blocks of a compound statement."""
    for _, value in ast.iter_fields(node):
        for item in value if isinstance(value, list) else []:
            if isinstance(item, ast.ExceptHandler | ast.match_case):
                yield item.body
        if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
            yield value
