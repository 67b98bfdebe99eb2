"""Running values and places that an array says: scans, scatters, sums by label; and what only looks like them."""

from __future__ import annotations

from random import Random

from shapes import LIFTABLE, OPEN, REFUSED, condition, expression, kind, length, number

STARTS = ["0.0", "0.0", "0", "1.5", "-2.0", "-0.0", "a"]


def buffer(rng: Random, size: str = "len(x)") -> str:
    return rng.choice([f"np.zeros({size})", f"np.empty({size})", f"np.ones({size})"])


@kind(LIFTABLE)
def running_total(rng: Random) -> tuple[str, str]:
    before = rng.random() < 0.4
    term = expression(rng, ["x[i]"], rng.randint(0, 2))
    guard = f"        if {condition(rng, ['x[i]'])}:\n    " if rng.random() < 0.3 else ""
    update = f"{guard}        s {rng.choice(['+=', '+=', '-='])} {term}"
    store = f"        out[i] = s{rng.choice(['', '', ' * 2.0', ' + x[i]'])}"
    steps = [store, update] if before else [update, store]
    body = "\n".join(steps)
    start = rng.choice(STARTS if not before else ["0.0", "1.5", "-0.0", "a"])
    text = f"""
def kernel(x, a):
    out = {buffer(rng)}
    s = {start}
    for i in range({length(rng, "x")}):
{body}
    return {rng.choice(["out", "out, s", "out"])}
"""
    return f"x={rng.choice(['f64', 'f64', 'f32'])}[n], a=float, n=0..40", text


@kind(OPEN)
def running_total_of_ints(rng: Random) -> tuple[str, str]:
    dtype = rng.choice(["i64", "i32", "i8", "u8", "b1"])
    out = rng.choice(["np.zeros(len(x))", "np.zeros(len(x), dtype=int)", "np.zeros(len(x), dtype=np.int32)"])
    text = f"""
def kernel(x):
    out = {out}
    s = {rng.choice(["0", "0", "3", "0.0"])}
    for i in range(len(x)):
        s += x[i]{rng.choice(["", "", " * 2"])}
        out[i] = s
    return out
"""
    return f"x={dtype}[n], n=0..40", text


@kind(LIFTABLE)
def running_product(rng: Random) -> tuple[str, str]:
    text = f"""
def kernel(x):
    out = []
    p = {rng.choice(["1.0", "1.0", "1", "0.5"])}
    for v in x:
        p = p * {rng.choice(["v", "(1.0 + v)", "(v * 0.5)"])}
        out.append({rng.choice(["p", "p", "p + v"])})
    return {rng.choice(["np.array(out)", "out"])}
"""
    return "x=f64[n] -2..2, n=1..40", text


@kind(LIFTABLE)
def running_extremum(rng: Random) -> tuple[str, str]:
    greater = rng.random() < 0.5
    sign, name = (">", "max") if greater else ("<", "min")
    start = rng.choice(["x[0]", "x[0]", "-np.inf" if greater else "np.inf", "0.0", "2.5"])
    update = rng.choice(
        [
            f"if x[i] {sign} m:\n            m = x[i]",
            f"m = {name}(m, x[i])",
            f"m = np.{name}imum(m, x[i])",
        ]
    )
    text = f"""
def kernel(x):
    out = {buffer(rng)}
    m = {start}
    for i in range(len(x)):
        {update}
        out[i] = m
    return out
"""
    return f"x={rng.choice(['f64', 'f64', 'f32'])}[n], n=1..40", text


@kind(LIFTABLE)
def sum_through_memory(rng: Random) -> tuple[str, str]:
    first = rng.choice(["out[0] = x[0]", "out[0] = 1.5", "pass"])
    made = "np.zeros(len(x))" if first == "pass" else buffer(rng)
    term = expression(rng, ["x[i]"], rng.randint(0, 2))
    text = f"""
def kernel(x):
    out = {made}
    {first}
    for i in range(1, len(x)):
        out[i] = out[i - 1] {rng.choice(["+", "+", "-"])} {rng.choice([f"({term})", "x[i]"])}
    return out
"""
    return "x=f64[n], n=1..40", text


@kind(LIFTABLE)
def prefix_sums(rng: Random) -> tuple[str, str]:
    made = rng.choice(["np.zeros(n + 1)", "np.empty(n + 1)"])
    text = f"""
def kernel(x):
    n = len(x)
    p = {made}
    p[0] = {rng.choice(["0.0", "0", "2.0"])}
    for i in range(n):
        p[i + 1] = p[i] + ({expression(rng, ["x[i]"], rng.randint(0, 1))})
    return p
"""
    return "x=f64[n], n=0..40", text


@kind(LIFTABLE)
def counter_read(rng: Random) -> tuple[str, str]:
    store = rng.choice(["pos[i] = k", "pos[i] = k * 2", "if x[i] > 0.0:\n            pos[i] = k"])
    text = f"""
def kernel(x):
    pos = np.zeros(len(x), dtype=int)
    k = {rng.choice(["0", "0", "5"])}
    for i in range(len(x)):
        if {condition(rng, ["x[i]"])}:
            k += {rng.choice(["1", "1", "2"])}
        {store}
    return pos{rng.choice(["", ", k"])}
"""
    return "x=f64[n], n=0..40", text


@kind(OPEN)
def packing(rng: Random) -> tuple[str, str]:
    test = condition(rng, ["x[i]"])
    text = f"""
def kernel(x):
    out = np.zeros(len(x))
    k = 0
    for i in range(len(x)):
        if {test}:
            out[k] = {expression(rng, ["x[i]"], rng.randint(0, 1))}
            k += 1
    return out[:k]
"""
    return "x=f64[n], n=0..40", text


@kind(LIFTABLE)
def row_totals_so_far(rng: Random) -> tuple[str, str]:
    start = rng.choice(["0.0", "0.0", "0"])
    text = f"""
def kernel(a):
    out = np.zeros(a.shape)
    for i in range(a.shape[0]):
        s = {start}
        for j in range(a.shape[1]):
            s += {expression(rng, ["a[i, j]"], rng.randint(0, 1))}
            out[i, j] = s
    return out
"""
    return "a=f64[n, m], n=0..8, m=0..8", text


@kind(OPEN)
def two_running_values(rng: Random) -> tuple[str, str]:
    first = rng.choice(["s += x[i]", "s = max(s, x[i])", "if x[i] > 0.0:\n            s += x[i]"])
    second = rng.choice(["t += s", "t = max(t, s)", "t += s * x[i]", "t = min(t, s - x[i])"])
    swap = rng.random() < 0.3
    one, two = (second, first) if swap else (first, second)
    text = f"""
def kernel(x):
    out = np.zeros(len(x))
    s = 0.0
    t = {rng.choice(["0.0", "1.0"])}
    for i in range(len(x)):
        {one}
        {two}
        out[i] = {rng.choice(["t", "t - s", "t * 2.0"])}
    return out
"""
    return "x=f64[n], n=0..40", text


@kind(LIFTABLE)
def scatter_by_index(rng: Random) -> tuple[str, str]:
    value = rng.choice(["w[i]", expression(rng, ["w[i]"], 1), "1.0", "i"])
    guard = f"if {condition(rng, ['w[i]'], joined=False)}:\n            " if rng.random() < 0.3 else ""
    text = f"""
def kernel(k, w):
    out = np.zeros(8)
    for i in range(len(k)):
        {guard}out[k[i]] = {value}
    return out
"""
    return f"k={rng.choice(['i64', 'i32', 'u8'])}[n] 0..7, w=f64[n], n=0..40", text


@kind(LIFTABLE)
def sums_by_index(rng: Random) -> tuple[str, str]:
    term = rng.choice(["w[i]", expression(rng, ["w[i]"], 1), "1.0", "1"])
    guard = f"if {condition(rng, ['w[i]'], joined=False)}:\n            " if rng.random() < 0.3 else ""
    given = rng.random() < 0.4
    made = "" if given else "\n    h = np.zeros(8)"
    text = f"""
def kernel({"h, " if given else ""}k, w):{made}
    for i in range(len(k)):
        {guard}h[k[i]] {rng.choice(["+=", "+=", "-=", "*="])} {term}
    return h
"""
    return f"{'h=f64[8], ' if given else ''}k={rng.choice(['i64', 'i32', 'u8'])}[n] -8..7, w=f64[n], n=0..40".replace(
        "u8[n] -8", "u8[n] 0"
    ), text


@kind(LIFTABLE)
def histogram(rng: Random) -> tuple[str, str]:
    bins = rng.choice(["int(v * 4)", "int((v + 1.0) / 0.5)", "int(np.floor(v))"])
    text = f"""
def kernel(x):
    h = np.zeros(9, dtype={rng.choice(["int", "np.int64", "float"])})
    for v in x:
        b = {bins}
        if 0 <= b < 9:
            h[b] += 1
    return h
"""
    return "x=f64[n] -3..9, n=0..40", text


@kind(LIFTABLE)
def means_by_label(rng: Random) -> tuple[str, str]:
    text = f"""
def kernel(k, w):
    sums = np.zeros(6)
    counts = np.zeros(6{rng.choice(["", ", dtype=int"])})
    for i in range(len(k)):
        sums[k[i]] += {expression(rng, ["w[i]"], rng.randint(0, 1))}
        counts[k[i]] += 1
    return sums, counts
"""
    return "k=i64[n] 0..5, w=f64[n], n=0..40", text


@kind(REFUSED)
def scaled_running_value(rng: Random) -> tuple[str, str]:
    text = f"""
def kernel(x):
    out = np.zeros(len(x))
    s = 1.0
    for i in range(len(x)):
        s = {rng.choice(["s * 0.5 + x[i]", "x[i] - s", "abs(s + x[i])", "(s + x[i]) * 0.9", "np.sqrt(abs(s)) + x[i]"])}
        out[i] = s
    return out
"""
    return "x=f64[n], n=0..40", text


@kind(REFUSED)
def reads_other_sums(rng: Random) -> tuple[str, str]:
    text = f"""
def kernel(k, w):
    h = np.zeros(8)
    for i in range(len(k)):
        h[k[i]] = h[k[i]] + w[i] * {rng.choice(["h[0]", "h[k[i] - 1]", "h[k[0]]"])}
    return h
"""
    return "k=i64[n] 0..7, w=f64[n], n=1..40", text


@kind(OPEN)
def divided_running_value(rng: Random) -> tuple[str, str]:
    text = f"""
def kernel(x):
    out = np.zeros(len(x))
    s = {rng.choice(["0.0", "0", "x[0]", "1.0"])}
    for i in range(len(x)):
        out[i] = {rng.choice(["x[i] / s", "-s", "s * -1", "s ** 2", "s // 2", "s % 3.0", "math.sqrt(abs(s))"])}
        s += {number(rng)} * x[i]
    return out
"""
    return "x=f64[n], n=1..40", text


@kind(LIFTABLE)
def last_of_ties(rng: Random) -> tuple[str, str]:
    sign = rng.choice([">=", "<="])
    form = rng.choice(["value", "place", "both"])
    if form == "place":
        text = f"""
def kernel(x):
    j = 0
    for i in range({rng.choice(["1, ", ""])}len(x)):
        if x[i] {sign} x[j]:
            j = i
    return j
"""
    else:
        start = rng.choice(["x[0]", "-np.inf" if sign == ">=" else "np.inf", "1.0"])
        text = f"""
def kernel(x):
    best = {start}
    j = {"0" if start == "x[0]" else "-1"}
    for i in range(len(x)):
        if x[i] {sign} best:
            best = x[i]
            j = i
    return {"j, best" if form == "both" else "j"}
"""
    return f"x={rng.choice(['f64', 'i64', 'f32'])}[n] -3..3, n=1..40", text


@kind(LIFTABLE)
def last_where(rng: Random) -> tuple[str, str]:
    value = rng.choice(["i", "i", "i + 1", "x[i]", "y[i] * 2.0", "x[i] - y[i]"])
    text = f"""
def kernel(x, y):
    last = {rng.choice(["-1", "0.0", "None", "0"])}
    for i in range(len(x)):
        if {condition(rng, ["x[i]", "y[i]"])}:
            last = {value}
    return last
"""
    return "x=f64[n], y=f64[n], n=0..40", text


@kind(LIFTABLE)
def best_of_a_plane(rng: Random) -> tuple[str, str]:
    less = rng.random() < 0.5
    pairs = rng.random() < 0.4
    value = "abs(a[i, 0] - a[j, 0])" if pairs else expression(rng, ["a[i, j]"], rng.randint(0, 1))
    rows, columns = ("a.shape[0]", "a.shape[0]") if pairs else ("a.shape[0]", "a.shape[1]")
    test = "v < best" if less else "v > best"
    skip = "            if i == j:\n                continue\n" if pairs else ""
    text = f"""
def kernel(a):
    best = {rng.choice(["np.inf" if less else "-np.inf", "1.0"])}
    p = -1
    q = -1
    for i in range({rows}):
        for j in range({columns}):
{skip}            v = {value}
            if {test}:
                best = v
                p = i
                q = j
    return p, q{rng.choice(["", ", best"])}
"""
    return "a=f64[n, m], n=1..8, m=1..8", text


TRIANGLES = ["range(i + 1, n)", "range(i, n)", "range(i)", "range(i + 1)", "range(i + 2, n)"]


@kind(LIFTABLE)
def sums_over_pairs(rng: Random) -> tuple[str, str]:
    term = rng.choice(["abs(x[i] - x[j])", "x[i] * x[j]", "(x[i] - x[j]) ** 2", "x[j]", "a[i, j]", "x[i] + a[j, i]"])
    text = f"""
def kernel(x, a):
    n = len(x)
    s = {rng.choice(["0.0", "0.0", "1.5"])}
    for i in range({rng.choice(["n", "n", "n - 1"])}):
        for j in {rng.choice(TRIANGLES)}:
            s += {term}
    return s
"""
    return "x=f64[n], a=f64[n, n], n=1..12", text


@kind(LIFTABLE)
def lists_of_pairs(rng: Random) -> tuple[str, str]:
    term = rng.choice(["x[i] - x[j]", "x[i] * x[j] + 1.0", "a[i, j]", "a[j, i] * x[i]"])
    text = f"""
def kernel(x, a):
    n = len(x)
    out = []
    for i in range({rng.choice(["n", "n - 1"])}):
        for j in {rng.choice(TRIANGLES)}:
            out.append({term})
    return {rng.choice(["np.array(out)", "out"])}
"""
    return "x=f64[n], a=f64[n, n], n=1..12", text


@kind(OPEN)
def symmetric_stores(rng: Random) -> tuple[str, str]:
    second = rng.choice(["d[i, j]", "x[j] - x[i]", "d[j, i] + x[i]", "d[i, j] * 2.0"])
    text = f"""
def kernel(x):
    n = len(x)
    d = {rng.choice(["np.zeros((n, n))", "np.ones((n, n))"])}
    for i in range(n):
        for j in {rng.choice(TRIANGLES)}:
            d[i, j] = {rng.choice(["abs(x[i] - x[j])", "x[i] * x[j]", "d[i, j] + x[i]"])}
            d[j, i] = {second}
    return d
"""
    return "x=f64[n], n=0..12", text


@kind(OPEN)
def best_pair(rng: Random) -> tuple[str, str]:
    less = rng.random() < 0.5
    sign, start = ("<", "np.inf") if less else (">", "-np.inf")
    places = rng.random() < 0.6
    keep = "\n                p = i\n                q = j" if places else ""
    text = f"""
def kernel(x):
    n = len(x)
    best = {rng.choice([start, start, "1.0"])}
    p = q = -1
    for i in range(n):
        for j in {rng.choice(TRIANGLES)}:
            v = {rng.choice(["abs(x[i] - x[j])", "x[i] * x[j]", "x[i] + x[j]"])}
            if v {sign} best:
                best = v{keep}
    return p, q, best
"""
    return "x=f64[n], n=1..12", text


@kind(OPEN)
def triangle_in_place(rng: Random) -> tuple[str, str]:
    text = f"""
def kernel(a):
    n = a.shape[0]
    for i in range(n):
        for j in {rng.choice(TRIANGLES)}:
            a[i, j] = {rng.choice(["a[j, i]", "a[i, j] * 2.0", "a[i, i] + 1.0", "a[j, i] + a[i, j]", "0.0"])}
    return a
"""
    return "a=f64[n, n], n=0..8", text


@kind(LIFTABLE)
def windows(rng: Random) -> tuple[str, str]:
    width = rng.choice(["w", "w", "3"])
    shift = rng.choice(["i + k", "i + k", "k + i", "i + k + 1"])
    rows = f"len(x) - {width}" + ("" if shift.endswith("1") else rng.choice([" + 1", "", " - 1"]))
    form = rng.choice(["sum", "sum", "max", "weighted"])
    term = {"sum": f"x[{shift}]", "max": "", "weighted": f"x[{shift}] * y[k]"}[form]
    update = f"s += {term}" if form != "max" else f"s = max(s, x[{shift}])"
    text = f"""
def kernel(x, y, w):
    out = np.zeros(len(x))
    for i in range({rows}):
        s = {"0.0" if form != "max" else "x[i]"}
        for k in range({width}):
            {update}
        out[i] = s{rng.choice(["", " / 3.0", " + x[i]"])}
    return out
"""
    return "x=f64[n], y=f64[n], w=int 1..4, n=6..40", text
