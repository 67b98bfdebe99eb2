"""Programs that grow by rows: arrays that are put together again and again, lists of rows that are written out."""

from __future__ import annotations

from random import Random

from shapes import LIFTABLE, OPEN, condition, dtype, expression, kind


def joined(rng: Random, row: str) -> str:
    """One more row at the end of the array `out`."""
    return rng.choice(
        [
            f"np.concatenate((out, {row}))",
            f"np.concatenate([out, {row}])",
            f"np.append(out, {row})",
            f"np.hstack((out, {row}))",
        ]
    )


def stacked(rng: Random, row: str) -> str:
    """One more row below those of the array `out`."""
    return rng.choice(
        [
            f"np.vstack((out, {row}))",
            f"np.vstack([out, {row}])",
            f"np.append(out, [{row}], axis=0)",
            f"np.concatenate((out, [{row}]), axis=0)",
            f"np.concatenate((out, [{row}]))",
        ]
    )


def pair(rng: Random, atoms: list[str]) -> str:
    """A row that is written out; each of its numbers depends on the loop."""
    items = [rng.choice([*atoms, expression(rng, [atom], 1)]) for atom in rng.sample(atoms, len(atoms))]
    items += [rng.choice(atoms)] if rng.random() < 0.3 else []
    return ", ".join(items)


@kind(LIFTABLE)
def array_grows_by_rows(rng: Random) -> tuple[str, str]:
    t = dtype(rng)
    row = rng.choice(["row", "row * 2", "row + row", "row[1:]", "row[:2] - row[-2:]", "-row"])
    head = rng.choice(["for row in a:", "for i in range(len(a)):\n        row = a[i]"])
    text = f"""
def kernel(a):
    out = {rng.choice(["np.array([])", "np.zeros(0)", "np.empty(0)", "np.zeros(2)"])}
    {head}
        out = {joined(rng, row)}
    return out
"""
    return f"a={t}[n, m], n=0..10, m=2..6", text


@kind(LIFTABLE)
def rows_below_one_another(rng: Random) -> tuple[str, str]:
    t = dtype(rng)
    row = rng.choice(["row", "row * 2", "row / 3", "row - a[i]", "a[i, :]"])
    start = rng.choice(["np.zeros((0, a.shape[1]))", "np.empty((0, a.shape[1]))", "np.ones((1, a.shape[1]))"])
    text = f"""
def kernel(a):
    out = {start}
    for i, row in enumerate(a):
        out = {stacked(rng, row)}
    return out
"""
    return f"a={t}[n, m], n=0..10, m=0..6", text


@kind(LIFTABLE)
def extended_by_rows(rng: Random) -> tuple[str, str]:
    is_list = rng.random() < 0.4
    row = "row" if is_list else rng.choice(["row", "row * 2", "row - 1"])
    result = rng.choice(["out", "np.array(out)"])
    text = f"""
def kernel(a):
    out = []
    for row in a:
        {rng.choice(["out.extend(" + row + ")", "out += " + row] if is_list else ["out.extend(" + row + ")"])}
    return {result}
"""
    return f"a={'list[f64]' if is_list else 'f64'}[n, m], n=1..10, m=1..6", text


@kind(LIFTABLE)
def written_rows(rng: Random) -> tuple[str, str]:
    row = pair(rng, ["x[i]", "y[i]"])
    row = rng.choice([f"[{row}]", f"({row})", f"[{row}]"])
    text = f"""
def kernel(x, y):
    rows = []
    for i in range(len(x)):
        rows.append({row})
    return np.array(rows)
"""
    return "x=f64[n], y=f64[n], n=1..20", text


@kind(LIFTABLE)
def written_rows_as_lists(rng: Random) -> tuple[str, str]:
    text = f"""
def kernel(x):
    rows = []
    for v in x:
        rows.append([{rng.choice(["v, v * 2.0", "v, -v, v", "v + 1.0", "v, v * v"])}])
    return rows
"""
    return "x=list[f64][n], n=1..20", text


@kind(LIFTABLE)
def stacked_pairs(rng: Random) -> tuple[str, str]:
    items = rng.choice(["v, v * v", "v, i", "v * 2, v + i", "v, 1.0", "v, v"])
    start = rng.choice(["np.zeros((0, 2))", "np.empty((0, 2))", "np.ones((3, 2))"])
    text = f"""
def kernel(x):
    out = {start}
    for i, v in enumerate(x):
        out = {stacked(rng, f"[{items}]")}
    return out
"""
    return "x=f64[n], n=0..20", text


@kind(OPEN)
def rows_of_any_dtype(rng: Random) -> tuple[str, str]:
    """Rows and what they are put to, of all dtypes, under conditions."""
    t, start = (
        rng.choice(["f64", "f32", "i64", "i32", "u8", "b1"]),
        rng.choice(["float", "np.float32", "int", "x.dtype"]),
    )
    test = rng.choice(["row[0] > 0", "len(row) > 1", "i % 2 == 0", "row.sum() > 0", "x[i, -1] < 1"])
    flat = rng.random() < 0.5
    row = rng.choice(["row", "row * 2", "x[i, ::-1]", "x[0]", "row[:i]", "row + w", "w", "[w, i]", "[row[0], row[1]]"])
    grown = joined(rng, row) if flat else stacked(rng, row)
    shape = "0" if flat else f"(0, {rng.choice(['x.shape[1]', '2'])})"
    text = f"""
def kernel(x, w):
    out = np.{rng.choice(["zeros", "empty"])}({shape}, dtype={start})
    for i, row in enumerate(x):
        {rng.choice([f"if {test}:", "if True:"])}
            out = {grown}
    return out
"""
    return f"x={t}[n, m], w=int -3..3, n=0..7, m=0..4", text


@kind(OPEN)
def lists_of_any_rows(rng: Random) -> tuple[str, str]:
    """Rows of ints, floats and bools together, as lists and as tuples, used in all ways."""
    t, other = rng.choice(["f64", "f32", "i64", "u8", "b1"]), rng.choice(["f64", "list[f64]", "list[i64]", "i64"])
    atoms = [
        "x[i]",
        "y[i]",
        "i",
        "i * 0.5",
        "1",
        "2.5",
        "x[i] > 0",
        "y[i] * y[i]",
        "float(y[i])",
        "int(i)",
        "x[i] + y[i]",
    ]
    row = ", ".join(rng.choice(atoms) for _ in range(rng.randint(1, 3)))
    row = rng.choice([f"[{row}]", f"({row},)"])
    use = rng.choice(
        [
            "rows",
            "np.array(rows)",
            "np.array(rows, dtype=float)",
            "len(rows)",
            "np.array(rows).T",
            "rows, np.array(rows)",
        ]
    )
    again = rng.choice(["", "", "", "rows.append(row)", "row = row * 2"])
    text = f"""
def kernel(x, y):
    rows = []
    for i in range(len(x)):
        {rng.choice(["if " + condition(rng, ["x[i]", "y[i]"], joined=False) + ":", "if True:", "if True:"])}
            row = {row}
            rows.append(row)
            {again}
    {rng.choice(["", "", "if rows: rows[0] = rows[-1]", "rows.append(list(rows))"])}
    return {use}
"""
    return f"x={t}[n], y={other}[n], n=0..8", text


@kind(OPEN)
def rows_that_change(rng: Random) -> tuple[str, str]:
    """What a row was made of is stored to before or after the row is put where it goes."""
    row = rng.choice(
        ["a[i]", "a[i] * 2", "a[i].copy()", "[v * 2 for v in a[i]]", "a[i, 1:]", "a[i][::-1]", "list(a[i])"]
    )
    grown = rng.choice(
        ["out.append(row)", "out.extend(row)", "out += list(row)", "out.append(row)\n        out.append(row)"]
    )
    change = rng.choice(["a[i, 0] = 7.0", "a[i] += 1", "a[0, 0] = i", "row[0] = 3.0", "a[i - 1] = 0.0", "w = 1"])
    lines = rng.choice([[grown, change], [change, grown], [grown]])
    body = "\n        ".join([f"row = {row}", *lines])
    text = f"""
def kernel(a):
    out = []
    for i in range(len(a)):
        {body}
    {rng.choice(["", "a[:] = 0.0"])}
    return {rng.choice(["out", "np.array(out)", "sum(map(len, out)) if out and np.ndim(out) > 1 else out"])}
"""
    return "a=f64[n, m], n=0..6, m=1..4", text


@kind(OPEN)
def read_while_it_grows(rng: Random) -> tuple[str, str]:
    """Growth of an argument, growth that reads what has grown, names for what was there before."""
    grown = joined(rng, rng.choice(["row", "[row[0]]", "row * len(out)", "out[:1]", "row + out[-1:].sum()"]))
    also = rng.choice(["", "before = out", "k = len(out)", "out[0] = 1.0", "s = s + out.sum()"])
    lines = rng.choice([["out = " + grown, also], [also, "out = " + grown]])
    body = "\n        ".join(line for line in lines if line)
    text = f"""
def kernel(a, out):
    before = out
    k = 0
    s = 0.0
    {rng.choice(["", "out = np.array([])", "out = np.zeros(1)", "out = before"])}
    for row in a:
        {body}
    return out, before, k, s
"""
    return "a=f64[n, m], out=f64[k], n=0..6, m=1..4, k=0..3", text
