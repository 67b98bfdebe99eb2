"""Going on in Python: every program of `resumable.py` is left at every statement, at every visit, and gone on with.

The function runs once to its end under a trace function, which copies the whole state at the visit: locals, the
iterators of the loops around the statement, entered managers, the exception that is handled, globals, cells, the log.
What the continuation makes of that copy must be what the run itself came to: result, log, globals, exception and the
lines of its traceback.
"""

import ast
import copy
import sys
import traceback
from pathlib import Path
from types import FunctionType

import numpy as np
import pytest
import resumable
from numlift._resume import continuation

PATH = Path(resumable.__file__)
TEXT = PATH.read_text()
LINES = TEXT.splitlines()
MOST_VISITS = 6
CASES = [(function.__qualname__, number) for function, calls in resumable.CALLS.items() for number in range(len(calls))]


def place(node):
    return (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)


def module():
    """The programs' module anew, as it is imported."""
    names = {"__name__": "resumable"}
    exec(PLAIN, names)
    return names


class Tracked(ast.NodeTransformer):
    """Loops and `with` tell their iterators and managers."""

    def visit_For(self, node):
        self.generic_visit(node)
        node.iter = self.told(node.iter, (node.lineno, 0))
        return node

    def visit_With(self, node):
        self.generic_visit(node)
        for number, item in enumerate(node.items):
            item.context_expr = self.told(item.context_expr, (node.lineno, number))
        return node

    def told(self, node, key):
        return ast.fix_missing_locations(
            ast.copy_location(ast.Call(ast.Name("track", ast.Load()), [ast.Constant(key), node], []), node)
        )


PLAIN = compile(TEXT, str(PATH), "exec")
TRACKED = compile(ast.fix_missing_locations(Tracked().visit(ast.parse(TEXT))), str(PATH), "exec")


def find(names, qualname):
    """The function of a module, and the call's arguments."""
    for function, calls in names["CALLS"].items():
        if function.__qualname__ == qualname:
            return function, calls
    raise KeyError(qualname)


def tracked(qualname, plain, records):
    """The same function, telling its iterators; in the plain one's module, with its cells."""
    names = {"__name__": "resumable", "track": track_in(records)}
    exec(TRACKED, names)
    function, _ = find(names, qualname)
    plain.__globals__["track"] = names["track"]
    return FunctionType(function.__code__, plain.__globals__, function.__name__, None, plain.__closure__)


def track_in(records):
    def track(key, value):
        if hasattr(value, "__enter__"):
            records[key] = value
            return value
        records[key] = iter(value)
        return records[key]

    return track


def statements_of(qualname):
    """Each statement of a function: itself, what it is in (loops and managers, outermost first), handlers around it."""
    function, _ = find(vars(resumable), qualname)
    tree = ast.parse(TEXT)
    [node] = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.lineno == function.__code__.co_firstlineno
    ]
    found = []

    def walk(block, around, handlers):
        for statement in block:
            found.append((statement, around, handlers))
            inner = around
            if isinstance(statement, ast.For):
                inner = (*around, (statement.lineno, 0, "for"))
            elif isinstance(statement, ast.With):
                keys = [(statement.lineno, number, "with") for number in range(len(statement.items))]
                inner = (*around, *keys)
            if isinstance(statement, ast.FunctionDef):
                continue
            walk(getattr(statement, "body", []), inner, handlers)
            walk(getattr(statement, "orelse", []), around, handlers)
            walk(getattr(statement, "finalbody", []), around, handlers)
            for handler in getattr(statement, "handlers", []):
                walk(handler.body, around, handlers + 1)
            for case in getattr(statement, "cases", []):
                walk(case.body, around, handlers)

    walk(node.body, (), 0)
    return found


def ended(run, path=str(PATH)):
    """How a run ended: its value, or its exception with the lines that the traceback shows in the programs' file."""
    try:
        return ("returned", run())
    except Exception as error:
        lines = [(entry.name, entry.lineno) for entry in traceback.extract_tb(error.__traceback__)]
        files = [entry.filename for entry in traceback.extract_tb(error.__traceback__)]
        lines = [line for line, file in zip(lines, files) if file == path]
        return ("raised", type(error), error.args, lines)


def same(one, other):
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    return one == other


def placed(log, arguments):
    """`log` first, but behind `self`."""
    if arguments and isinstance(arguments[0], resumable.Base):
        return (arguments[0], log, *arguments[1:])
    return (log, *arguments)


class State:
    """The state of a run at one visit of a statement, and how it ended."""

    def __init__(self, qualname, call, statement, around, handlers, visit):
        names = module()
        self.plain, calls = find(names, qualname)
        self.records = {}
        self.around, self.handlers, self.visit, self.statement = around, handlers, visit, statement
        function = tracked(qualname, self.plain, self.records)
        self.copied = None
        self.left, self.last, self.frame = visit, None, None
        log, arguments = [], copy.deepcopy(calls[call])
        self.code, self.log = function.__code__, log
        sys.settrace(self.trace)
        try:
            self.end = ended(lambda: function(*placed(log, arguments)))
        finally:
            sys.settrace(None)
        self.total = names["total"]
        self.names = names

    def trace(self, frame, event, _argument):
        if frame.f_code is not self.code or (self.frame is not None and frame is not self.frame):
            return None
        if event == "call":
            self.frame = frame
            return self.trace
        if event == "line":
            line, node = frame.f_lineno, self.statement
            is_new = not isinstance(node, ast.For | ast.With) or not self.is_in_body(node)
            if line == node.lineno and is_new and self.copied is None:
                self.left -= 1
                if self.left == 0:
                    self.copy(frame)
            self.last = line
        return self.trace

    def is_in_body(self, node):
        return self.last is not None and node.body[0].lineno <= self.last <= node.body[-1].end_lineno

    def copy(self, frame):
        free = frame.f_code.co_freevars
        local = {name: value for name, value in frame.f_locals.items() if name not in free}
        cells = {name: value for name, value in frame.f_locals.items() if name in free and name != "__class__"}
        held = [self.records[key[:2]] for key in self.around]
        raised, error = [], sys.exc_info()[1]
        for _ in range(self.handlers):
            raised.insert(0, error)
            error = error.__context__
        # One copy, so that what is shared stays shared.
        state = (local, held, self.log, cells, raised, frame.f_globals["total"])
        self.copied = copy.deepcopy(state)

    def go_on(self):
        """Continue from the copy: how it ends, the log, the globals."""
        local, held, log, cells, raised, total = self.copied
        names, values, iterators = list(local), list(local.values()), []
        for number, (key, one) in enumerate(zip(self.around, held)):
            hidden = f"__nl{number}"
            again = one.__reduce__() if key[2] == "for" else ()
            if len(again) == 3 and again[0] is iter and isinstance(again[1][0], list | tuple | np.ndarray):
                names += [hidden, f"{hidden}n"]
                values += [again[1][0], again[2]]
                iterators.append(f"_items({hidden}, {hidden}n)")
            else:
                names.append(hidden)
                values.append(one)
                iterators.append(hidden)
        for number, error in enumerate(raised):
            names.append(f"__nl_exception{number}")
            values.append(error)
        for name, cell in zip(self.plain.__code__.co_freevars, self.plain.__closure__ or ()):
            if name in cells:
                cell.cell_contents = cells[name]
        self.names["total"] = total
        prepare, function = continuation(self.plain, place(self.statement), names, iterators, [])
        assert (function.__name__, function.__qualname__) == (self.plain.__name__, self.plain.__qualname__)
        arguments = prepare(*values) if prepare else values
        return ended(lambda: function(*arguments)), log, self.names["total"]


@pytest.mark.parametrize(("qualname", "call"), CASES)
def test_a_function_goes_on_from_every_statement(qualname, call):
    gone_on = 0
    for statement, around, handlers in statements_of(qualname):
        if "# in flight" in LINES[statement.lineno - 1] or isinstance(statement, ast.Global | ast.Nonlocal):
            continue
        for visit in range(1, MOST_VISITS + 1):
            state = State(qualname, call, statement, around, handlers, visit)
            if state.copied is None:
                break
            gone_on += 1
            end, log, total = state.go_on()
            where = f"{qualname} {call}, line {statement.lineno}, visit {visit}: {LINES[statement.lineno - 1].strip()}"
            expected = state.end
            if handlers and end[0] == "raised":
                # Raising it again adds its handler's line.
                end, expected = end[:3], expected[:3]
            assert same(end, expected), f"{where}\n{end}\n{expected}"
            assert same(log, state.log), where
            assert total == state.total, where
    GONE_ON.append(gone_on)
    assert gone_on or qualname == "nothing"


GONE_ON = []


def test_that_was_hundreds_of_places():
    """Counts only where the whole file runs."""
    assert len(GONE_ON) < len(CASES) or sum(GONE_ON) > 500, sum(GONE_ON)


def continued(function, line, names, iterators, computed=()):
    """The continuation at a statement's first line, called with the values of `names`."""
    [statement] = [node for node in ast.walk(ast.parse(HERE)) if isinstance(node, ast.stmt) and node.lineno == line][:1]
    prepare, made = continuation(function, place(statement), list(names), list(iterators), list(computed))
    arguments = list(names.values())
    return made(*(prepare(*arguments) if prepare else arguments))


def line_of(function, text):
    lines = HERE.splitlines()
    start = function.__code__.co_firstlineno
    return next(number for number in range(start, len(lines) + 1) if text in lines[number - 1])


def part(text, line):
    """The place of a piece of a line."""
    column = HERE.splitlines()[line - 1].index(text)
    return (line, column, line, column + len(text))


HERE = Path(__file__).read_text()


def steps(x, i, calls):
    x[i] += calls(i) * 2
    y = calls(1) + calls(2)
    while calls(y) < 3:
        y += 1
    return x, y


def count(calls):
    def call(value):
        calls.append(value)
        return value

    return call


def test_what_is_computed_is_not_computed_again():
    line = line_of(steps, "y = calls")
    calls = []
    values = {"x": [0], "i": 0, "calls": count(calls), "__nl0": 10}
    assert continued(steps, line, values, [], [(part("calls(1)", line), "__nl0")]) == ([0], 12)
    assert calls == [2, 12]


def test_the_old_value_of_what_is_updated_is_not_read_again():
    line = line_of(steps, "x[i] +=")
    calls, old = [], [7]
    values = {"x": [None], "i": 0, "calls": count(calls), "__nl0": old, "__nl1": [5]}
    x, _ = continued(steps, line, values, [], [(part("x[i]", line), "__nl0"), (part("calls(i)", line), "__nl1")])
    assert x[0] is old
    assert old == [7, 5, 5]


def test_the_first_test_of_a_while_may_be_computed():
    line = line_of(steps, "while calls")
    calls = []
    values = {"x": 1, "y": 2, "calls": count(calls), "__nl0": 0}
    assert continued(steps, line, values, [], [(part("calls(y)", line), "__nl0")]) == (1, 3)
    assert calls == [3]
    values["__nl0"] = 5
    assert continued(steps, line, values, [], [(part("calls(y)", line), "__nl0")]) == (1, 2)


def ranges(n):
    s = 0
    for i in range(n):
        s += i
        n = 0
    return s, i, "__nl" in str(locals())


def test_iterators_are_taken_over_before_names_change():
    line = line_of(ranges, "s += i")
    values = {"n": 5, "s": 1, "i": 2}
    assert continued(ranges, line, values, ["range(i + 1, n)"])[:2] == (1 + 2 + 3 + 4, 4)


def test_unknown_places_are_errors():
    with pytest.raises(Exception, match="has no statement in line 1"):
        continuation(ranges, (1, 0, 1, 1), [], [], [])
    line = line_of(ranges, "s += i")
    with pytest.raises(Exception, match="is in 1 loops, not 0"):
        continuation(ranges, (line, 8, line, 14), [], [], [])
    line = line_of(steps, "y = calls")
    with pytest.raises(Exception, match="has no expression"):
        continuation(steps, (line, 4, line, 9), [], [], [((line, 0, line, 3), "__nl0")])


square_of = [lambda x: x + 1, lambda x: x * x]


def test_a_lambda_is_one_statement():
    function = square_of[1]
    line = function.__code__.co_firstlineno
    at = part("x * x", line)
    prepare, made = continuation(function, at, ["x"], [], [])
    assert prepare is None
    assert made(5) == 25
    assert made.__code__.co_name == "<lambda>"
