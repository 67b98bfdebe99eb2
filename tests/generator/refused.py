"""Programs whose loop has to stay: something of one iteration counts for the next, or the world is watching."""

from __future__ import annotations

from random import Random

from shapes import REFUSED, condition, expression, kind, number


@kind(REFUSED)
def behind_in_place(rng: Random) -> tuple[str, str]:
    back = rng.randint(1, 3)
    text = f"""
def kernel(x):
    for i in range({back}, len(x)):
        x[i] = {expression(rng, [f"x[i - {back}]", "x[i]"], rng.randint(1, 2))} * 0.5 + x[i - {back}] * x[i]
    return x
"""
    return "x=f64[n], n=0..40", text


@kind(REFUSED)
def recurrence(rng: Random) -> tuple[str, str]:
    text = f"""
def kernel(x):
    out = np.zeros(len(x))
    for i in range(1, len(x)):
        out[i] = out[i - 1] * (1.0 - out[i - 1]) * 0.5 + {expression(rng, ["x[i]"], 1)}
    return out
"""
    return "x=f64[n], n=0..40", text


@kind(REFUSED)
def horner(rng: Random) -> tuple[str, str]:
    text = f"""
def kernel(x, w):
    s = {number(rng)}
    for i in range(len(x)):
        s = s * {rng.choice(["x[i] + w", "w + x[i]", "s * 0.01 + x[i]"])}
    return s
"""
    return "x=f64[n], w=float, n=0..20", text


@kind(REFUSED)
def grows_by_itself(rng: Random) -> tuple[str, str]:
    text = f"""
def kernel(x):
    out = [1.0, 2.0]
    for v in x:
        out.append(out[-1] * {rng.choice(["out[-2] * 0.1 + v", "0.5 * v + out[-2]", "out[-1] * v * 0.1"])})
    return {rng.choice(["out", "np.array(out)"])}
"""
    return "x=f64[n], n=0..20", text


@kind(REFUSED)
def prints(rng: Random) -> tuple[str, str]:
    text = f"""
def kernel(x):
    s = 0.0
    for v in x:
        s = s * 0.5 + {expression(rng, ["v"], 1)}
        print(s{rng.choice(["", ", v"])})
    return s
"""
    return "x=f64[n], n=0..20", text


@kind(REFUSED)
def early_exit_on_state(rng: Random) -> tuple[str, str]:
    text = f"""
def kernel(x, limit):
    s = 0.0
    for v in x:
        s = s * 0.5 + {expression(rng, ["v"], 1)}
        if s > limit:
            break
    return s
"""
    return "x=f64[n], limit=float, n=0..20", text


@kind(REFUSED)
def conditional_draw(rng: Random) -> tuple[str, str]:
    draw = rng.choice(["np.random.rand()", "np.random.normal()", "np.random.random()"])
    text = f"""
def kernel(x):
    out = np.zeros(len(x))
    for i in range(len(x)):
        if {condition(rng, ["x[i]"], joined=False).replace("==", ">").replace("!=", "<")}:
            out[i] = {draw} * {rng.choice(["x[i]", "2.0"])}
        if out[i] > 0.5:
            out[i] += {draw}
    return out
"""
    return "x=f64[n], n=0..20", text


@kind(REFUSED)
def state(rng: Random) -> tuple[str, str]:
    text = f"""
def kernel(x):
    on = False
    out = np.zeros(len(x))
    for i in range(len(x)):
        if x[i] > {rng.choice(["1.0", "2.0", "0.5"])}:
            on = not on
        elif x[i] < {rng.choice(["-1.0", "-0.5"])}:
            on = x[i] < -2.0 and not on
        if on:
            out[i] = {expression(rng, ["x[i]"], rng.randint(0, 1))}
    return out
"""
    return "x=f64[n], n=0..40", text


@kind(REFUSED)
def until_it_converges(rng: Random) -> tuple[str, str]:
    text = f"""
def kernel(v):
    r = abs(v) + 1.0
    steps = 0
    while abs(r * r - abs(v)) > {rng.choice(["1e-6", "1e-3"])} and steps < 50:
        r = 0.5 * (r + abs(v) / r)
        steps += 1
    return r, steps
"""
    return "v=float", text


@kind(REFUSED)
def shadowed(rng: Random) -> tuple[str, str]:
    name, body = rng.choice(
        [
            ("len", "    return max(x.size - 1, 0)"),
            ("range", "    return list(np.arange(x))[::2]"),
            ("abs", "    seen.append(x)\n    return -x"),
            ("max", "    seen.append(x)\n    return x * 3.0"),
        ]
    )
    use = {"abs": "abs(x[i])", "max": "max(x[i])"}.get(name, "x[i] * 2.0")
    text = f"""
seen = []


def {name}(x):
{body}


def kernel(x):
    out = np.zeros(x.shape)
    for i in range(len(x)):
        out[i] = {use} + len(seen)
        seen.append(out[i] * {rng.choice(["2.0", "0.5"])})
        if len(seen) > 3 and seen[-1] > seen[-2]:
            seen.pop()
    return out, list(seen)
"""
    if name in ("range", "len"):
        text = text.replace("len(x)", "x.shape[0]") if name == "range" else text.replace("len(seen)", "seen.__len__()")
    return "x=f64[n], n=2..20", text


@kind(REFUSED)
def counting_helper(rng: Random) -> tuple[str, str]:
    text = f"""
calls = [0]


def part(v):
    calls[0] += 1
    return v * calls[0]


def kernel(x):
    out = np.zeros(len(x))
    for i in range(len(x)):
        if {condition(rng, ["x[i]"], joined=False)}:
            out[i] = part(x[i])
    return out, calls[0]
"""
    return "x=f64[n], n=0..20", text


@kind(REFUSED)
def caught(rng: Random) -> tuple[str, str]:
    text = f"""
def kernel(x):
    out = []
    for v in x:
        try:
            if v < 0:
                raise ValueError(v)
            out.append({expression(rng, ["v"], 1)})
        except ValueError:
            out.append(out[-1] if out else {number(rng)})
    return out
"""
    return "x=f64[n], n=0..20", text


@kind(REFUSED)
def chained_targets(rng: Random) -> tuple[str, str]:
    """Two stores to one array, of which the second one is what the next iteration reads."""
    text = f"""
def kernel(x):
    for i in range(len(x) - 1):
        x[i + 1] = x[i + 1] + x[i] * {number(rng)}
        x[i] = {expression(rng, ["x[i]", "x[i + 1]"], 1)}
    return x
"""
    return "x=f64[n], n=0..20", text


@kind(REFUSED)
def swaps(rng: Random) -> tuple[str, str]:
    text = """
def kernel(x):
    n = len(x)
    for i in range(n):
        for j in range(n - 1 - i):
            if x[j] > x[j + 1]:
                x[j], x[j + 1] = x[j + 1], x[j]
    return x
"""
    return "x=f64[n], n=0..12", text


@kind(REFUSED)
def rebinds(rng: Random) -> tuple[str, str]:
    text = f"""
def kernel(x):
    s = 0.0
    for i in range(len(x)):
        s = s * 0.5 + x[i]
        x = x * {rng.choice(["0.5", "2.0", "-1.0"])}
    return s, x
"""
    return "x=f64[n], n=0..12", text


@kind(REFUSED)
def scatter_reads_target(rng: Random) -> tuple[str, str]:
    text = f"""
def kernel(x, idx):
    for k in range(len(idx)):
        x[idx[k]] = x[k] * {rng.choice(["2.0", "0.5", "3.0"])} + x[idx[k]] * x[idx[k]]
    return x
"""
    return "x=f64[n], idx=i64[n] 0..3, n=4..20", text
