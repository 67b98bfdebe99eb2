"""Programs that have an array form: maps, conditionals, reductions, stencils, growth, nests, helpers."""

from __future__ import annotations

from random import Random

from shapes import LIFTABLE, block, condition, dtype, expression, kind, length, number, zeros


@kind(LIFTABLE)
def map_indexed(rng: Random) -> tuple[str, str]:
    t = dtype(rng)
    text = f"""
def kernel(x, a):
    n = {length(rng, "x")}
    out = {zeros(rng, "n", "x")}
    for i in range(n):
        out[i] = {expression(rng, ["x[i]", "a"], rng.randint(1, 3))}
    return out
"""
    return f"x={t}[n], a=float, n=0..40", text


@kind(LIFTABLE)
def map_two_arrays(rng: Random) -> tuple[str, str]:
    temp = rng.random() < 0.5
    value = expression(rng, ["x[i]", "y[i]"], rng.randint(1, 3))
    store = f"        t = {value}\n        out[i] = t * t + x[i]" if temp else f"        out[i] = {value}"
    text = f"""
def kernel(x, y):
    out = {zeros(rng, "len(x)", "x")}
    for i in range(len(x)):
{store}
    return out
"""
    return f"x={dtype(rng)}[n], y={dtype(rng)}[n], n=0..40", text


@kind(LIFTABLE)
def map_in_place(rng: Random) -> tuple[str, str]:
    aug = rng.random() < 0.4
    line = f"x[i] {rng.choice(['+=', '-=', '*='])} {number(rng)}" if aug else f"x[i] = {expression(rng, ['x[i]'], 2)}"
    text = f"""
def kernel(x):
    for i in range({length(rng, "x")}):
        {line}
{rng.choice(["", "    return x", "    return None"])}
"""
    return f"x={dtype(rng)}[n], n=0..40", text


@kind(LIFTABLE)
def append_to_array(rng: Random) -> tuple[str, str]:
    if rng.random() < 0.5:
        head, atom = f"for i in range({length(rng, 'x')}):", "x[i]"
    else:
        head, atom = "for v in x:", "v"
    text = f"""
def kernel(x):
    out = []
    {head}
        out.append({expression(rng, [atom], rng.randint(1, 2))})
    return np.{rng.choice(["array", "asarray"])}(out)
"""
    return "x=f64[n], n=1..40", text


@kind(LIFTABLE)
def append_stays_list(rng: Random) -> tuple[str, str]:
    text = f"""
def kernel(x):
    out = []
    for i in range(len(x)):
        out.append({expression(rng, ["x[i]"], rng.randint(1, 2))})
    return out
"""
    return "x=f64[n], n=0..40", text


@kind(LIFTABLE)
def comprehension(rng: Random) -> tuple[str, str]:
    value = expression(rng, ["v"], rng.randint(1, 2))
    test = f" if {condition(rng, ['v'])}" if rng.random() < 0.3 else ""
    text = f"""
def kernel(x):
    return np.array([{value} for v in x{test}])
"""
    return "x=f64[n], n=0..40", text


@kind(LIFTABLE)
def branch(rng: Random) -> tuple[str, str]:
    atoms = ["x[i]", "y[i]"]
    text = f"""
def kernel(x, y):
    out = np.zeros(len(x))
    for i in range(len(x)):
        if {condition(rng, atoms)}:
            out[i] = {expression(rng, atoms, rng.randint(1, 2))}
        else:
            out[i] = {expression(rng, atoms[::-1], rng.randint(0, 2))}
    return out
"""
    return "x=f64[n], y=f64[n], n=0..40", text


@kind(LIFTABLE)
def branches(rng: Random) -> tuple[str, str]:
    arms = "".join(
        f"        {'if' if at == 0 else 'elif'} {condition(rng, ['v'])}:\n"
        f"            r = {expression(rng, ['v'], rng.randint(0, 2))}\n"
        for at in range(rng.randint(2, 3))
    )
    text = f"""
def kernel(x):
    out = np.zeros(len(x))
    for i in range(len(x)):
        v = x[i]
{arms}        else:
            r = {number(rng)}
        out[i] = r
    return out
"""
    return "x=f64[n], n=0..40", text


@kind(LIFTABLE)
def conditional_store(rng: Random) -> tuple[str, str]:
    target = rng.choice(["x", "y"])
    text = f"""
def kernel(x, y):
    for i in range(len(x)):
        if {condition(rng, ["x[i]"], joined=False)}:
            {target}[i] = {expression(rng, ["x[i]"], rng.randint(0, 2)) if rng.random() < 0.6 else number(rng)}
    return {target}
"""
    return "x=f64[n], y=f64[n], n=0..40", text


@kind(LIFTABLE)
def conditional_expression(rng: Random) -> tuple[str, str]:
    one, other = expression(rng, ["x[i]"], rng.randint(0, 2)), rng.choice([number(rng), "x[i]", "0.0"])
    text = f"""
def kernel(x):
    out = np.zeros(len(x))
    for i in range(len(x)):
        out[i] = {one} if {condition(rng, ["x[i]"])} else {other}
    return out
"""
    return "x=f64[n], n=0..40", text


@kind(LIFTABLE)
def total(rng: Random) -> tuple[str, str]:
    start = rng.choice(["0.0", "0.0", "0", "1.5"])
    head, atom = rng.choice([("for i in range(len(x)):", "x[i]"), ("for v in x:", "v")])
    value = expression(rng, [atom], rng.randint(0, 2))
    guard = f"        if {condition(rng, [atom])}:\n    " if rng.random() < 0.35 else ""
    text = f"""
def kernel(x):
    s = {start}
    {head}
{guard}        s += {value}
    return s{rng.choice(["", " / len(x)", " * 2.0"])}
"""
    return "x=f64[n], n=1..40", text


@kind(LIFTABLE)
def dot(rng: Random) -> tuple[str, str]:
    text = f"""
def kernel(x, y):
    s = 0.0
    for i in range({length(rng, "x")}):
        s {rng.choice(["+= x[i] * y[i]", "= s + x[i] * y[i]", "+= (x[i] - y[i]) ** 2", "+= y[i] * x[i] * 0.5"])}
    return s
"""
    return "x=f64[n], y=f64[n], n=0..40", text


@kind(LIFTABLE)
def counts(rng: Random) -> tuple[str, str]:
    head, atom = rng.choice([("for i in range(len(x)):", "x[i]"), ("for v in x:", "v")])
    text = f"""
def kernel(x, a):
    c = 0
    {head}
        if {condition(rng, [atom, "a"]).replace("a < a", f"{atom} < a")}:
            c += 1
    return c
"""
    return "x=f64[n], a=float, n=0..40", text


@kind(LIFTABLE)
def any_or_all(rng: Random) -> tuple[str, str]:
    first, last = rng.choice([("False", "True"), ("True", "False")])
    text = f"""
def kernel(x):
    found = {first}
    for v in x:
        if {condition(rng, ["v"], joined=False)}:
            found = {last}
            break
    return found
"""
    return "x=f64[n], n=0..40", text


@kind(LIFTABLE)
def extreme(rng: Random) -> tuple[str, str]:
    sign, name = rng.choice([("<", "smallest"), (">", "largest")])
    where = rng.random() < 0.4
    text = f"""
def kernel(x):
    {name} = x[0]
    at = 0
    for i in range(1, len(x)):
        if x[i] {sign} {name}:
            {name} = x[i]
{"            at = i" if where else ""}
    return {f"{name}, at" if where else name}
"""
    return "x=f64[n], n=1..40", text


@kind(LIFTABLE)
def mean_and_spread(rng: Random) -> tuple[str, str]:
    text = f"""
def kernel(x):
    s = 0.0
    for v in x:
        s += v
    m = s / len(x)
    q = 0.0
    for v in x:
        q += {rng.choice(["(v - m) ** 2", "(v - m) * (v - m)", "abs(v - m)"])}
    return m, {rng.choice(["q / len(x)", "math.sqrt(q / len(x))", "(q / len(x)) ** 0.5"])}
"""
    return "x=f64[n], n=1..40", text


@kind(LIFTABLE)
def map_2d(rng: Random) -> tuple[str, str]:
    value = expression(rng, ["a[i, j]", rng.choice(["w[j]", "c"])], rng.randint(1, 2))
    buffer = rng.choice(["np.zeros((n, m))", "np.zeros(a.shape)", "np.empty(a.shape)", "np.zeros_like(a)"])
    text = f"""
def kernel(a, w, c):
    n, m = a.shape
    out = {buffer}
    for i in range(n):
        for j in range(m):
            out[i, j] = {value}
    return out
"""
    return "a=f64[n, m], w=f64[m], c=float, n=0..12, m=0..12", text


@kind(LIFTABLE)
def axis_sums(rng: Random) -> tuple[str, str]:
    rows = rng.random() < 0.5
    size, target = ("a.shape[0]", "out[i]") if rows else ("a.shape[1]", "out[j]")
    text = f"""
def kernel(a):
    out = np.zeros({size})
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            {target} += {expression(rng, ["a[i, j]"], rng.randint(0, 1))}
    return out
"""
    return "a=f64[n, m], n=0..12, m=0..12", text


@kind(LIFTABLE)
def matrix_product(rng: Random) -> tuple[str, str]:
    inner = rng.random() < 0.5
    text = """
def kernel(a, b):
    n, k = a.shape
    m = b.shape[1]
    c = np.zeros((n, m))
    for i in range(n):
        for j in range(m):
"""
    if inner:
        text += """            s = 0.0
            for l in range(k):
                s += a[i, l] * b[l, j]
            c[i, j] = s
"""
    else:
        text += """            for l in range(k):
                c[i, j] += a[i, l] * b[l, j]
"""
    return "a=f64[n, k], b=f64[k, m], n=0..8, k=0..8, m=0..8", text + "    return c\n"


@kind(LIFTABLE)
def matrix_vector(rng: Random) -> tuple[str, str]:
    text = """
def kernel(a, x):
    y = np.zeros(a.shape[0])
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            y[i] += a[i, j] * x[j]
    return y
"""
    return "a=f64[n, m], x=f64[m], n=0..10, m=0..10", text


@kind(LIFTABLE)
def product_of_lists(rng: Random) -> tuple[str, str]:
    text = """
def kernel(a, b):
    n = len(a)
    k = len(b)
    m = len(b[0])
    c = [[0.0] * m for _ in range(n)]
    for i in range(n):
        for j in range(m):
            for l in range(k):
                c[i][j] += a[i][l] * b[l][j]
    return c
"""
    return "a=list[f64][n, k], b=list[f64][k, m], n=1..8, k=1..8, m=1..8", text


@kind(LIFTABLE)
def stencil(rng: Random) -> tuple[str, str]:
    forms = ["0.25 * x[i - 1] + 0.5 * x[i] + 0.25 * x[i + 1]", "(x[i + 1] - x[i - 1]) / 2.0", "x[i] - x[i - 1]"]
    text = f"""
def kernel(x):
    n = len(x)
    out = np.zeros(n)
    for i in range(1, n - 1):
        out[i] = {rng.choice(forms)}
    return out
"""
    return f"x={dtype(rng)}[n], n=0..40", text


@kind(LIFTABLE)
def stencil_2d(rng: Random) -> tuple[str, str]:
    text = f"""
def kernel(u, r):
    out = u.copy()
    for i in range(1, u.shape[0] - 1):
        for j in range(1, u.shape[1] - 1):
            out[i, j] = u[i, j] + r * (u[i + 1, j] + u[i - 1, j] + u[i, j + 1] + u[i, j - 1] - {number(rng)} * u[i, j])
    return out
"""
    return "u=f64[n, m], r=float, n=0..10, m=0..10", text


@kind(LIFTABLE)
def ahead_in_place(rng: Random) -> tuple[str, str]:
    ahead = rng.randint(1, 3)
    text = f"""
def kernel(x):
    for i in range(len(x) - {ahead}):
        x[i] = {expression(rng, [f"x[i + {ahead}]", "x[i]"], rng.randint(0, 2))}
    return x
"""
    return "x=f64[n], n=0..40", text


@kind(LIFTABLE)
def fill(rng: Random) -> tuple[str, str]:
    value = rng.choice(["i", "i * 2", "i * 0.5", "3.0", "i * h", "a + i * h", "(i - 3) * 0.1"])
    text = f"""
def kernel(n, a, h):
    out = np.zeros(n)
    for i in range(n):
        out[i] = {value}
    return out
"""
    return "n=int 0..40, a=float, h=float", text


@kind(LIFTABLE)
def range_list(rng: Random) -> tuple[str, str]:
    text = f"""
def kernel(n):
    out = []
    for i in range(n):
        out.append({rng.choice(["i", "i * 2", "i * 0.5", "i * i", "i / 3", "3 - i"])})
    return np.array(out)
"""
    return "n=int 1..40", text


@kind(LIFTABLE)
def filtered(rng: Random) -> tuple[str, str]:
    head, atom = rng.choice([("for i in range(len(x)):", "x[i]"), ("for v in x:", "v")])
    value = "i" if atom == "x[i]" and rng.random() < 0.3 else expression(rng, [atom], rng.randint(0, 1))
    text = f"""
def kernel(x):
    kept = []
    {head}
        if {condition(rng, [atom])}:
            kept.append({value})
    return {"np.array(kept)" if rng.random() < 0.7 else "kept"}
"""
    return "x=f64[n], n=0..40", text


@kind(LIFTABLE)
def enumerated(rng: Random) -> tuple[str, str]:
    text = f"""
def kernel(x):
    out = np.zeros(len(x))
    for i, v in enumerate(x):
        out[i] = {expression(rng, ["v", "i"], rng.randint(1, 2))}
    return out
"""
    return "x=f64[n], n=0..40", text


@kind(LIFTABLE)
def zipped(rng: Random) -> tuple[str, str]:
    text = f"""
def kernel(x, y):
    out = []
    for a, b in zip(x, y):
        out.append({expression(rng, ["a", "b"], rng.randint(1, 2))})
    return np.array(out)
"""
    return "x=f64[n], y=f64[n], n=1..40", text


@kind(LIFTABLE)
def helper(rng: Random) -> tuple[str, str]:
    body = f"    return {expression(rng, ['v', 'k'], rng.randint(1, 2))}"
    if rng.random() < 0.5:
        body = f"    if {condition(rng, ['v'], joined=False)}:\n        return {expression(rng, ['v'], 1)}\n{body}"
    text = f"""
def part(v, k):
{body}


def kernel(x, a):
    out = np.zeros(len(x))
    for i in range(len(x)):
        out[i] = part(x[i], a)
    return out
"""
    return "x=f64[n], a=float, n=0..40", text


@kind(LIFTABLE)
def counting_while(rng: Random) -> tuple[str, str]:
    text = f"""
def kernel(x):
    out = np.zeros(len(x))
    i = 0
    while i < len(x):
        out[i] = {expression(rng, ["x[i]"], rng.randint(1, 2))}
        i += 1
    return out
"""
    return "x=f64[n], n=0..40", text


@kind(LIFTABLE)
def outer(rng: Random) -> tuple[str, str]:
    text = f"""
def kernel(x, y):
    out = np.zeros((len(x), len(y)))
    for i in range(len(x)):
        for j in range(len(y)):
            out[i, j] = {expression(rng, ["x[i]", "y[j]"], rng.randint(1, 2))}
    return out
"""
    return "x=f64[n], y=f64[m], n=0..10, m=0..10", text


@kind(LIFTABLE)
def clipped(rng: Random) -> tuple[str, str]:
    text = f"""
def kernel(x):
    out = np.zeros(len(x))
    for i in range(len(x)):
        out[i] = {rng.choice(["min(x[i], 1.0)", "max(x[i], 0.0)", "min(max(x[i], -1.0), 1.0)", "max(0.0, x[i])"])}
    return out
"""
    return "x=f64[n], n=0..40", text


@kind(LIFTABLE)
def elementary(rng: Random) -> tuple[str, str]:
    function = rng.choice(["np.exp", "np.sin", "np.cos", "math.sin", "math.cos", "np.tanh", "np.arctan", "math.atan"])
    text = f"""
def kernel(x):
    out = np.zeros(len(x))
    for i in range(len(x)):
        out[i] = {function}({rng.choice(["x[i]", "0.5 * x[i]", "-x[i] * x[i]"])}) * {number(rng)}
    return out
"""
    return "x=f64[n] -3..3, n=0..40", text


@kind(LIFTABLE)
def whole_numbers(rng: Random) -> tuple[str, str]:
    value = rng.choice(
        ["x[i] // 3", "x[i] % 5", "x[i] * 2 + 1", "x[i] & 7", "x[i] - y[i]", "x[i] + y[i]", "x[i] // 2 + x[i] % 2"]
    )
    text = f"""
def kernel(x, y):
    out = np.zeros(len(x), dtype=np.int64)
    for i in range(len(x)):
        out[i] = {value}
    return out
"""
    return "x=i64[n] -50..50, y=i64[n] -50..50, n=0..40", text


@kind(LIFTABLE)
def gather(rng: Random) -> tuple[str, str]:
    text = f"""
def kernel(x, idx):
    out = np.zeros(len(idx))
    for k in range(len(idx)):
        out[k] = {expression(rng, ["x[idx[k]]"], rng.randint(0, 1))}
    return out
"""
    return "x=f64[8], idx=i64[n] -8..7, n=0..40", text


@kind(LIFTABLE)
def two_results(rng: Random) -> tuple[str, str]:
    text = f"""
def kernel(x):
    one = np.zeros(len(x))
    two = np.zeros(len(x))
    for i in range(len(x)):
        one[i] = {expression(rng, ["x[i]"], 1)}
        two[i] = {expression(rng, ["one[i]", "x[i]"], rng.randint(0, 2))}
    return one, two
"""
    return "x=f64[n], n=0..40", text


@kind(LIFTABLE)
def numpy_append(rng: Random) -> tuple[str, str]:
    text = f"""
def kernel(x):
    out = np.array([])
    for i in range(len(x)):
        out = np.append(out, {expression(rng, ["x[i]"], rng.randint(0, 1))})
    return out
"""
    return "x=f64[n], n=0..40", text


@kind(LIFTABLE)
def pair_distances(rng: Random) -> tuple[str, str]:
    root = rng.choice(["np.sqrt({})", "({}) ** 0.5", "{}", "math.sqrt({})"])
    text = f"""
def kernel(p):
    n = len(p)
    d = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            dx = p[i, 0] - p[j, 0]
            dy = p[i, 1] - p[j, 1]
            d[i, j] = {root.format("dx * dx + dy * dy")}
    return d
"""
    return "p=f64[n, 2], n=0..10", text


@kind(LIFTABLE)
def steps(rng: Random) -> tuple[str, str]:
    start, step = rng.randint(0, 2), rng.randint(2, 3)
    text = f"""
def kernel(x):
    out = np.zeros(len(x))
    for i in range({start}, len(x), {step}):
        out[i] = {expression(rng, ["x[i]"], rng.randint(0, 2))}
    return out
"""
    return "x=f64[n], n=0..40", text


@kind(LIFTABLE)
def backwards(rng: Random) -> tuple[str, str]:
    head = rng.choice(["range(len(x) - 1, -1, -1)", "reversed(range(len(x)))"])
    target = rng.choice(["out[i]", "out[len(x) - 1 - i]"])
    text = f"""
def kernel(x):
    out = np.zeros(len(x))
    for i in {head}:
        {target} = {expression(rng, ["x[i]"], rng.randint(0, 2))}
    return out
"""
    return "x=f64[n], n=0..40", text


@kind(LIFTABLE)
def skipping(rng: Random) -> tuple[str, str]:
    text = f"""
def kernel(x):
    out = np.zeros(len(x))
    for i in range(len(x)):
        if {condition(rng, ["x[i]"], joined=False)}:
            continue
        out[i] = {expression(rng, ["x[i]"], rng.randint(0, 2))}
    return out
"""
    return "x=f64[n], n=0..40", text


@kind(LIFTABLE)
def total_of_everything(rng: Random) -> tuple[str, str]:
    text = f"""
def kernel(a):
    s = 0.0
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            s += {expression(rng, ["a[i, j]"], rng.randint(0, 1))}
    return s
"""
    return "a=f64[n, m], n=0..10, m=0..10", text


@kind(LIFTABLE)
def prepared(rng: Random) -> tuple[str, str]:
    """Statements around the loop that are plain already."""
    text = f"""
def kernel(x, y):
    m = x.mean() if len(x) else 0.0
    out = np.zeros(len(x))
    for i in range(len(x)):
        d = x[i] - m
        out[i] = {expression(rng, ["d", "y[i]"], rng.randint(1, 2))}
{block(rng.choice(["out *= 2.0", "out = out[::-1]", "y = out + 1"]))}
    return out
"""
    return "x=f64[n], y=f64[n], n=0..40", text
