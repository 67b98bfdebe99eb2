"""Programs of which nothing is asked but that old and new agree: whether they are lifted is left open."""

from __future__ import annotations

from random import Random

from shapes import OPEN, condition, dtype, expression, kind, length, number


@kind(OPEN)
def mixed_dtypes(rng: Random) -> tuple[str, str]:
    types = ["f64", "f32", "i64", "i32", "i16", "i8", "u8", "b1"]
    one, other = rng.choice(types), rng.choice(types)
    text = f"""
def kernel(x, y):
    out = {rng.choice(["np.zeros(len(x))", "np.zeros_like(x)", "np.zeros(len(x), dtype=y.dtype)"])}
    for i in range({length(rng, "x")}):
        out[i] = {rng.choice(["x[i] + y[i]", "x[i] * y[i]", "x[i] + 1", "y[i] * 2.0", "x[i] / 2", "x[i] > y[i]"])}
    return out
"""
    return f"x={one}[n], y={other}[n], n=0..20", text


@kind(OPEN)
def sums_of_any_dtype(rng: Random) -> tuple[str, str]:
    t = rng.choice(["f64", "f32", "i64", "i32", "i8", "u8", "b1", "c128"])
    term = rng.choice(["x[i]", "x[i] * x[i]", "x[i] * 2", "x[i]" if t == "b1" else "-x[i]"])
    text = f"""
def kernel(x):
    s = {rng.choice(["0", "0.0", "x[0]", "np.float64(0)", "1"])}
    for i in range({rng.choice(["len(x)", "1, len(x)"])}):
        s {rng.choice(["+=", "*=", "-="])} {term}
    return s
"""
    return f"x={t}[n], n=1..20", text


@kind(OPEN)
def sums_of_lists(rng: Random) -> tuple[str, str]:
    t = rng.choice(["f64", "i64"])
    text = f"""
def kernel(x):
    s = {rng.choice(["0", "0.0", "1"])}
    for v in x:
        {rng.choice(["", f"if {condition(rng, ['v'], joined=False)}:"])}
            s += {rng.choice(["v", "v * v", "v * 2", "v + 1"])}
    return s
"""
    text = text.replace("        \n            s", "        s")
    return f"x=list[{t}][n], n=0..20", text


@kind(OPEN)
def divisions(rng: Random) -> tuple[str, str]:
    is_list = rng.random() < 0.4
    value = rng.choice(["x[i] / y[i]", "1.0 / x[i]", "x[i] // y[i]", "x[i] % y[i]"])
    text = f"""
def kernel(x, y):
    out = []
    for i in range(len(x)):
        out.append({value})
    return np.array(out)
"""
    t = "list[f64]" if is_list else rng.choice(["f64", "i64"])
    return f"x={t}[n], y={t}[n], n=0..20", text


@kind(OPEN)
def partial_functions(rng: Random) -> tuple[str, str]:
    value = rng.choice(
        [
            "math.sqrt(x[i])",
            "math.log(x[i])",
            "np.log(x[i])",
            "x[i] ** 0.5",
            "math.exp(x[i])",
            "math.floor(x[i])",
            "int(x[i])",
            "round(x[i])",
        ]
    )
    text = f"""
def kernel(x):
    out = np.zeros(len(x))
    for i in range(len(x)):
        out[i] = {value}
    return out
"""
    return f"x={rng.choice(['f64', 'f64', 'f32', 'list[f64]'])}[n] 0..5, n=0..20", text


@kind(OPEN)
def guarded_division(rng: Random) -> tuple[str, str]:
    text = f"""
def kernel(x, y):
    out = np.zeros(len(x))
    for i in range(len(x)):
        if y[i] {rng.choice(["!=", ">", "<"])} 0:
            out[i] = x[i] / y[i]
        else:
            out[i] = {number(rng)}
    return out
"""
    return f"x={dtype(rng)}[n], y={rng.choice(['f64', 'i64'])}[n], n=0..20", text


@kind(OPEN)
def wraps(rng: Random) -> tuple[str, str]:
    offset = rng.choice(
        ["i - 1", "i - 2", "-i", "-i - 1", "i + 1", "2 * i", "n - i", "n - 1 - i", "i // 2", "(i + 1) % n"]
    )
    text = f"""
def kernel(x):
    n = len(x)
    out = np.zeros(n)
    for i in range({rng.choice(["n", "n - 1", "1, n", "n // 2", "-2, n - 2"])}):
        out[i] = x[i] + x[{offset}]
    return out
"""
    return "x=f64[n], n=0..20", text


@kind(OPEN)
def two_arguments_written(rng: Random) -> tuple[str, str]:
    """Arguments that hostile inputs make one, or overlap."""
    atoms = ["x[i]", "y[i]", rng.choice(["x[i - 1]", "y[i - 1]", "x[0]", "y[i]"])]
    text = f"""
def kernel(x, y):
    for i in range({rng.choice(["len(x)", "1, len(x)", "len(x) - 1"])}):
        {rng.choice(["x", "y"])}[i] = {expression(rng, atoms, rng.randint(1, 2))}
{rng.choice(["", "        x[i] += 1.0", "        y[i] = x[i] * 2.0"])}
    return x
"""
    return "x=f64[n], y=f64[n], n=1..20", text


@kind(OPEN)
def moved_in_place(rng: Random) -> tuple[str, str]:
    low, step = rng.randint(-2, 2), rng.choice([1, 1, 1, 2, -1])
    head = {1: "range(2, len(x) - 2)", 2: "range(2, len(x) - 2, 2)", -1: "range(len(x) - 3, 1, -1)"}[step]
    sign = f"i + {low}" if low >= 0 else f"i - {-low}"
    text = f"""
def kernel(x):
    for i in {head}:
        x[i] = x[{sign}] {rng.choice(["+ 1.0", "* 2.0", "+ x[i]", "- x[i + 1]"])}
    return x
"""
    return "x=f64[n], n=0..20", text


@kind(OPEN)
def rows_in_place(rng: Random) -> tuple[str, str]:
    other = rng.choice(["a[i - 1, j]", "a[i, j - 1]", "a[0, j]", "a[i, 0]", "a[j, i]"])
    text = f"""
def kernel(a):
    for i in range({rng.choice(["a.shape[0]", "1, a.shape[0]"])}):
        for j in range({rng.choice(["a.shape[1]", "1, a.shape[1]", "i, a.shape[1]"])}):
            a[i, j] = {expression(rng, ["a[i, j]", other], 1)}
    return a
"""
    return "a=f64[n, n], n=1..8", text


@kind(OPEN)
def searches(rng: Random) -> tuple[str, str]:
    text = f"""
def kernel(x):
    at = {rng.choice(["-1", "None", "0"])}
    for i in range(len(x)):
        if {condition(rng, ["x[i]"], joined=False)}:
            at = i
            {rng.choice(["break", "pass", "continue"])}
    return at
"""
    return "x=f64[n], n=0..20", text


@kind(OPEN)
def returns_inside(rng: Random) -> tuple[str, str]:
    text = f"""
def kernel(x):
    for i in range(len(x)):
        if {condition(rng, ["x[i]"], joined=False)}:
            return {rng.choice(["i", "x[i]", "True", "x[i] * 2.0"])}
    return {rng.choice(["-1", "None", "False", "0.0"])}
"""
    return "x=f64[n], n=0..20", text


@kind(OPEN)
def extremes(rng: Random) -> tuple[str, str]:
    start = rng.choice(["x[0]", "0.0", "-np.inf", "float('-inf')", "-1e30"])
    sign = rng.choice([">", ">=", "<", "<="])
    text = f"""
def kernel(x):
    best = {start}
    at = -1
    for i in range(len(x)):
        if {rng.choice(["x[i]", "abs(x[i])", "x[i] * x[i]"])} {sign} best:
            best = x[i]
            {rng.choice(["at = i", "pass"])}
    return best, at
"""
    return f"x={rng.choice(['f64', 'f64', 'i64', 'list[f64]'])}[n], n=1..20", text


@kind(OPEN)
def variables_afterwards(rng: Random) -> tuple[str, str]:
    text = f"""
def kernel(x):
    out = np.zeros(len(x))
    for i in range(len(x)):
        t = {expression(rng, ["x[i]"], 1)}
        out[i] = t
    return out, {rng.choice(["i", "t", "i + t"])}
"""
    return "x=f64[n], n=0..20", text


@kind(OPEN)
def accumulations(rng: Random) -> tuple[str, str]:
    text = f"""
def kernel(x):
    out = {rng.choice(["np.zeros(len(x))", "[]"])}
    s = 0.0
    for i in range(len(x)):
        s {rng.choice(["+=", "*=", "-="])} x[i]
        out[i] = s
    return out
"""
    text = text.replace("out[i] = s", "out.append(s)") if "[]" in text else text
    return "x=f64[n], n=0..20", text


@kind(OPEN)
def histograms(rng: Random) -> tuple[str, str]:
    text = f"""
def kernel(idx, w):
    out = np.zeros(8{rng.choice(["", ", dtype=np.int64", ", dtype=int"])})
    for k in range(len(idx)):
        out[idx[k]] {rng.choice(["+= 1", "+= 1", "+= w[k]", "= w[k]", "-= 1"])}
    return out
"""
    return "idx=i64[n] -8..7, w=f64[n], n=0..20", text


@kind(OPEN)
def small_integers(rng: Random) -> tuple[str, str]:
    t = rng.choice(["int8", "int16", "int32", "uint8"])
    text = f"""
def kernel(n, k):
    out = np.zeros(n, dtype=np.{t})
    for i in range(n):
        out[i] = {rng.choice(["i", "i * k", "i % 100", "i + k", "k", "i - k", "i * 0.5"])}
    return out
"""
    return "n=int 0..60, k=int 0..9", text


@kind(OPEN)
def nested_lists(rng: Random) -> tuple[str, str]:
    text = f"""
def kernel(a):
    out = []
    for row in a:
        new = []
        for v in row:
            new.append({rng.choice(["v * 2.0", "v + 1.0", "v", "abs(v)", "-v"])})
        out.append(new)
    return {rng.choice(["out", "np.array(out)"])}
"""
    return "a=list[f64][n, m], n=0..8, m=0..8", text


@kind(OPEN)
def lists_written(rng: Random) -> tuple[str, str]:
    text = f"""
def kernel(x, y):
    for i in range(len(x)):
        x[i] = {rng.choice(["x[i] * 2", "x[i] + y[i]", "y[i]", "x[i - 1] + 1", "x[i] + 0.5"])}
    return {rng.choice(["x", "np.array(x)", "sum(x)"])}
"""
    t = rng.choice(["f64", "i64"])
    return f"x=list[{t}][n], y=list[{t}][n], n=0..20", text


@kind(OPEN)
def lists_appended_to(rng: Random) -> tuple[str, str]:
    text = f"""
def kernel(x, out):
    for v in x:
        {rng.choice(["out.append(v * 2.0)", "out += [v]", "out.extend([v, v])", "out.insert(0, v)"])}
    return {rng.choice(["out", "len(out)", "np.array(out)"])}
"""
    return "x=f64[n], out=list[f64][m], n=0..10, m=0..5", text


@kind(OPEN)
def helpers_of_rows(rng: Random) -> tuple[str, str]:
    text = f"""
def part(row, w):
    s = {rng.choice(["0.0", "0"])}
    for k in range(len(row)):
        s += row[k] {rng.choice(["* w[k]", "+ w[k]", "* row[k]"])}
    return {rng.choice(["s", "s / len(row)", "max(s, 0.0)"])}


def kernel(a, w):
    out = np.zeros(len(a))
    for i in range(len(a)):
        out[i] = part(a[i], w)
    return out
"""
    return "a=f64[n, m], w=f64[m], n=0..8, m=0..8", text


@kind(OPEN)
def draws(rng: Random) -> tuple[str, str]:
    draw = rng.choice(["np.random.rand()", "np.random.normal()", "np.random.randint(6)", "np.random.uniform(-1, 1)"])
    text = f"""
def kernel(n):
    out = np.zeros(n)
    hits = 0
    for i in range(n):
        v = {draw}
        {rng.choice(["w = v", f"w = {draw}", "w = 2.0 * v"])}
        out[i] = v + w
        if v < 0.3:
            hits += 1
    return out, hits
"""
    return "n=int 0..20", text


@kind(OPEN)
def prints_now_and_then(rng: Random) -> tuple[str, str]:
    text = f"""
def kernel(x):
    out = np.zeros(len(x))
    for i in range(len(x)):
        out[i] = {expression(rng, ["x[i]"], 1)}
        if i % {rng.randint(2, 5)} == 0:
            print({rng.choice(["i", "out[i]", "i, x[i]"])})
    return out
"""
    return "x=f64[n], n=0..20", text


@kind(OPEN)
def slices_of_rows(rng: Random) -> tuple[str, str]:
    line = rng.choice(
        [
            "out[i, :] = a[i, :] * w",
            "out[i] = a[i] + w[i]",
            "out[:, i] = a[:, i]",
            "out[i, 1:] = a[i, :-1]",
            "out[i] = a[i].sum()",
            "out[i, 0] = np.dot(a[i], w)",
        ]
    )
    text = f"""
def kernel(a, w):
    out = np.zeros(a.shape)
    for i in range(len(w)):
        {line}
    return out
"""
    return "a=f64[n, n], w=f64[n], n=0..8", text


@kind(OPEN)
def while_loops(rng: Random) -> tuple[str, str]:
    text = f"""
def kernel(x, k):
    i = {rng.choice(["0", "1", "k"])}
    s = 0.0
    while i < len(x){rng.choice(["", " - 1", " and x[i] > -3.0"])}:
        s += x[i]
        i += {rng.choice(["1", "2", "max(k, 1)"])}
    return s, i
"""
    return "x=f64[n], k=int 1..3, n=0..20", text


@kind(OPEN)
def nested_conditions(rng: Random) -> tuple[str, str]:
    text = f"""
def kernel(x, y):
    out = np.{rng.choice(["zeros", "ones"])}(len(x))
    for i in range(len(x)):
        if {condition(rng, ["x[i]", "y[i]"])}:
            if {condition(rng, ["x[i]"])}:
                out[i] = {expression(rng, ["x[i]"], 1)}
            elif y[i] > 0:
                out[i] += {expression(rng, ["y[i]"], 1)}
        {rng.choice(["else", "elif out[i] > x[i]"])}:
            out[i] = out[i] * 2.0
    return out
"""
    return "x=f64[n], y=f64[n], n=0..20", text


@kind(OPEN)
def branches_in_place(rng: Random) -> tuple[str, str]:
    """Stores of several branches to what their conditions read, in one array or two."""
    targets = rng.choice([["x[i]"], ["x[i]", "v[i]"], ["x[i]", "v[i]", "x[i - 1]"]])
    atoms = ["x[i]", "v[i]", "a"]

    def stores() -> str:
        lines = []
        for _ in range(rng.choice([1, 1, 2])):
            target = rng.choice(targets)
            sign = rng.choice(["=", "=", "=", "+=", "*="])
            lines.append(f"{target} {sign} {expression(rng, [rng.choice(atoms)], rng.randint(0, 1))}")
        return "\n".join(f"            {line}" for line in lines)

    text = f"""
def kernel(x, v, a):
    for i in range({rng.choice(["len(x)", "len(x)", "1, len(x)"])}):
        if {condition(rng, ["x[i]", "x[i]", "v[i]"])}:
{stores()}
        {rng.choice(["elif " + condition(rng, ["x[i]", "v[i]"]), "else"])}:
{stores()}
{rng.choice(["", "        elif_ = 0", "        if x[i] > 3.0:" + chr(10) + "            x[i] = 3.0"])}
    return x, v
"""
    return f"x={dtype(rng)}[n], v={rng.choice(['f64', 'f64', 'f32', 'i64'])}[n], a=float, n=1..20", text
