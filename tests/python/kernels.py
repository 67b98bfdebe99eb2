"""Compiled code by hand, for the tests of kernels: LLVM text, and the spec that says what it takes and gives."""

import inspect
import json
from types import FunctionType

from numlift import _native

SCALARS = "Bool I8 I16 I32 I64 U8 U16 U32 U64 F16 F32 F64 C64 C128".split()
DTYPES = "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 complex64 complex128".split()

DECLARATIONS = """
declare ptr @nl_exit(ptr, i32, ptr)
declare i32 @nl_island(ptr, i32, ptr, ptr)
declare i32 @nl_alloc(ptr, i32, i32, ptr, i32, ptr)
declare void @nl_retain(ptr)
declare void @nl_release(ptr, ptr)
declare void @nl_fp_begin(ptr)
declare i32 @nl_fp_end(ptr, i32)
"""


def without_source(function):
    """The same function, which cannot be compiled: what does not fit the given code runs in Python."""
    return FunctionType(
        function.__code__.replace(co_filename="<elsewhere>"),
        function.__globals__,
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )


def defined(source, path, name, **more):
    """A function of a text. `exec` stands here, since a module that uses it has no names that are certain."""
    names = {"__name__": "made_up", **more}
    exec(compile(source, path, "exec"), names)
    return names[name]


def array(scalar="F64", rank=1, layout="C", extents=None, writeable=True):
    extents = [{"Same": number} for number in range(rank)] if extents is None else extents
    return {"Array": {"scalar": scalar, "layout": layout, "extents": extents, "writeable": writeable}}


def array_repr(scalar="F64", rank=1):
    return {"Array": {"scalar": scalar, "rank": rank}}


def value(repr_):
    return {"Value": repr_}


def slots_of(repr_):
    """How many slots a representation takes."""
    if isinstance(repr_, str):
        return {"None": 0, "Unbound": 0, "Complex": 2}.get(repr_, 1)
    [(kind, inner)] = repr_.items()
    if kind == "Np":
        return 2 if inner == "C128" else 1
    if kind == "Array":
        return 2 + 2 * inner["rank"]
    if kind == "Tuple":
        return sum(map(slots_of, inner))
    return 1 + max(map(slots_of, inner))


def references_of(repr_, at=0):
    """The slots that hold objects; none may be in a `OneOf`."""
    if isinstance(repr_, str):
        return [at] if repr_ == "Object" else []
    [(kind, inner)] = repr_.items()
    if kind == "Array":
        return [at]
    found = []
    if kind == "Tuple":
        for item in inner:
            found += references_of(item, at)
            at += slots_of(item)
    return found


def spec(params, result, **more):
    parts = {"entry": "entry", "params": params, "disjoint": False, "result": result, "frames": [], "islands": []}
    return json.dumps(parts | more)


def entry(body):
    return f"{DECLARATIONS}\ndefine i32 @entry(ptr %ctx, ptr %args, ptr %rets) {{\n{body}\n}}\n"


def copied(slots, to="rets", start="args"):
    """Lines that copy slots."""
    lines = []
    for number in range(slots):
        lines += [
            f"%f{to}{number} = getelementptr i64, ptr %{start}, i64 {number}",
            f"%v{to}{number} = load i64, ptr %f{to}{number}",
            f"%t{to}{number} = getelementptr i64, ptr %{to}, i64 {number}",
            f"store i64 %v{to}{number}, ptr %t{to}{number}",
        ]
    return "\n".join(lines)


def retained(repr_, at="args"):
    """Lines that take a reference to each object of a value."""
    lines = []
    for slot in references_of(repr_):
        lines += [
            f"%r{slot} = getelementptr i64, ptr %{at}, i64 {slot}",
            f"%o{slot} = load ptr, ptr %r{slot}",
            f"call void @nl_retain(ptr %o{slot})",
        ]
    return "\n".join(lines)


def identity(function, repr_, param=None):
    """A kernel that gives its argument back, through slots."""
    body = "\n".join([retained(repr_), copied(slots_of(repr_)), "ret i32 0"])
    return _native.jit_from_text(function, entry(body), spec([param or value(repr_)], repr_))


def leaving(function, params, frame, **more):
    """A kernel that leaves at once, with its arguments as the frame's values."""
    reprs = {"Tuple": [repr_ for _, repr_ in frame["names"]]}
    body = "\n".join(
        [
            retained(reprs),
            "%left = call ptr @nl_exit(ptr %ctx, i32 0, ptr %args)",
            "store ptr %left, ptr %rets",
            "ret i32 1",
        ]
    )
    frame = {"iterators": [], "computed": [], "reason": "always"} | frame
    return _native.jit_from_text(function, entry(body), spec(params, "None", frames=[frame], **more))


def island(function, params, piece, result):
    """A kernel that runs one island on its arguments; gives what it binds, or -1 where that has another type."""
    piece = {"place": place(1, 0), "is_expression": True, "reason": "a test"} | piece
    body = f"""
    %out = alloca [64 x i64]
    %status = call i32 @nl_island(ptr %ctx, i32 0, ptr %args, ptr %out)
    switch i32 %status, label %raised [ i32 0, label %fits  i32 2, label %other ]
  fits:
    {copied(slots_of(result), "rets", "out")}
    ret i32 0
  raised:
    store ptr null, ptr %rets
    ret i32 1
  other:
    %object = load ptr, ptr %out
    store ptr %object, ptr %rets
    ret i32 1
    """
    return _native.jit_from_text(function, entry(body), spec(params, result, islands=[piece]))


def same(x):
    """Gives it back."""
    return x


FIRST = entry(
    """
    %p = getelementptr i64, ptr %args, i64 1
    %d = load ptr, ptr %p
    %v = load double, ptr %d
    store double %v, ptr %rets
    ret i32 0
    """
)


def place(line, column, end_line=None, end_column=0):
    return {"line": line, "column": column, "end_line": end_line or line, "end_column": end_column}


def product_of_30(a):
    p = 1
    for _ in range(30):
        p *= a
    return p


def prints(x):
    for i in range(x):
        print(i)
    return x + 1


def statement(function, text):
    lines, start = inspect.getsourcelines(function)
    number = next(number for number, line in enumerate(lines) if text in line)
    return place(start + number, len(lines[number]) - len(lines[number].lstrip()))


def allocating(scalar, rank, fill, count=1):
    """A kernel that makes arrays of a shape one after the other and gives the last."""
    result = array_repr(scalar, rank)
    lines = []
    for number in range(count):
        if number:
            lines += [f"%o{number} = load ptr, ptr %rets", f"call void @nl_release(ptr %ctx, ptr %o{number})"]
        lines += [
            f"%s{number} = call i32 @nl_alloc(ptr %ctx, i32 {SCALARS.index(scalar)}, i32 {rank},"
            f" ptr %args, i32 {fill}, ptr %rets)",
            f"%b{number} = icmp ne i32 %s{number}, 0",
            f"br i1 %b{number}, label %failed, label %fine{number}",
            f"fine{number}:",
        ]
    lines += ["ret i32 0", "failed:", "store ptr null, ptr %rets", "ret i32 1"]

    def shaped(shape):
        return None

    params = [value({"Tuple": ["Int"] * rank})]
    return _native.jit_from_text(shaped, entry("\n".join(lines)), spec(params, result))
