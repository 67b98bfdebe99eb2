use insta::assert_snapshot;
use ruff_text_size::Ranged;

use super::*;
use crate::parse::parse;
use crate::text::{LineColumn, SourceText};

/// The flow of the statements between the lines `# [` and `# ]`, without what is empty.
fn flow(source: &str) -> String {
    flow_used(
        source,
        &ModuleUse {
            is_main: true,
            ..ModuleUse::default()
        },
    )
}

fn flow_used(source: &str, used: &ModuleUse) -> String {
    let parsed = parse(&SourceText::from_str("a.py", source));
    assert_eq!(parsed.errors, []);
    let names = Names::of(&parsed);
    let line_of = |marker: &str| source.lines().position(|line| line.trim() == marker).unwrap() as u32 + 1;
    let from = parsed
        .text
        .offset(LineColumn {
            line: line_of("# [") + 1,
            column: 0,
        })
        .unwrap();
    let to = parsed
        .text
        .offset(LineColumn {
            line: line_of("# ]"),
            column: 0,
        })
        .unwrap();
    let statements = between(&parsed.module.body, from, to).expect("statements between the markers");
    let flow = Flow::of(&parsed, &names, used).region(&names, statements).unwrap();
    let mut lines = Vec::new();
    let mut list = |label: &str, names: &[String]| {
        if !names.is_empty() {
            lines.push(format!("{label}: {}", names.join(" ")));
        }
    };
    list("live in", &flow.live_in);
    list("bound at entry", &flow.bound_at_entry);
    list("binds", &flow.binds);
    list("bound at exit", &flow.bound_at_exit);
    list("live out", &flow.live_out);
    list("after raise", &flow.live_after_raise);
    list("captured", &flow.captured);
    list("outer", &flow.binds_outer);
    list("reads through calls", &flow.reads_through_calls);
    list("binds through calls", &flow.binds_through_calls);
    list("deletes", &flow.deletes);
    for (label, holds) in [
        ("returns", flow.returns),
        ("never ends", !flow.falls_through),
        ("jumps out", flow.jumps_out.is_some()),
        ("class cell", flow.needs_class_cell),
    ] {
        if holds {
            lines.push(label.to_owned());
        }
    }
    lines.extend(
        flow.suspends
            .map(|suspension| format!("suspends: {}", suspension.keyword)),
    );
    lines.join("\n")
}

fn between(suite: &[Stmt], from: u32, to: u32) -> Option<&[Stmt]> {
    let inside = |stmt: &Stmt| stmt.start().to_u32() >= from && stmt.end().to_u32() <= to;
    if let Some(first) = suite.iter().position(inside) {
        let count = suite[first..].iter().take_while(|stmt| inside(stmt)).count();
        return Some(&suite[first..first + count]);
    }
    suite
        .iter()
        .flat_map(crate::parse::suites_of)
        .find_map(|inner| between(inner, from, to))
}

#[test]
fn a_sum_in_a_function() {
    assert_snapshot!(flow("
import numpy as np
def mean(x):
    n = len(x)
    s = 0.0
    # [
    for i in range(n):
        s += np.abs(x[i])
    # ]
    return s / n
"), @"
    live in: n np s x
    bound at entry: n s x
    binds: i s
    live out: s
    ");
}

#[test]
fn results_that_nobody_reads_at_module_level() {
    assert_snapshot!(flow("
x = [1, 2]
# [
out = []
for v in x:
    out.append(v * v)
# ]
out = 3
print(v, out)
"), @"
    live in: x
    bound at entry: x
    binds: out v
    bound at exit: out
    live out: v
    ");
}

#[test]
fn what_a_reachable_function_reads_is_live() {
    let source = |call: &str| {
        format!(
            "
def show(): print(total)
def other(): print(count)
# [
total = count = 0
for v in range(3): total += v; count += 1
# ]
{call}
"
        )
    };
    assert_snapshot!(flow(&source("show()")), @"
    binds: count total v
    bound at exit: count total
    live out: total
    captured: total
    ");
    assert_snapshot!(flow_used(&source("pass"), &ModuleUse::default()), @"
    binds: count total v
    bound at exit: count total
    live out: count total
    captured: count total
    ");
    let used = ModuleUse {
        is_main: true,
        read_elsewhere: ["v".to_owned()].into(),
        ..ModuleUse::default()
    };
    assert_snapshot!(flow_used(&source("pass"), &used), @"
    binds: count total v
    bound at exit: count total
    live out: v
    ");
}

#[test]
fn names_read_by_their_spelling() {
    let source = |rest: &str| {
        format!(
            "
def f(x):
    # [
    for v in x: y = v
    # ]
    {rest}
z = 1
if __name__ == '__main__': f([1])
"
        )
    };
    assert_snapshot!(flow(&source("return 0")), @"
    live in: x
    bound at entry: x
    binds: v y
    ");
    for rest in [
        "return eval('y')",
        "return '%(y)s' % locals()",
        "return numexpr.evaluate('y + v')",
        "breakpoint()",
    ] {
        assert!(flow(&source(rest)).contains("live out: v y"), "{rest}");
    }
    let module = |rest: &str| format!("import timeit\n# [\nfor v in [1]: y = v\n# ]\n{rest}\n");
    for rest in [
        "globals()",
        "import __main__",
        "timeit.timeit('y', 'from __main__ import y')",
        "__all__ = ['v', 'y']",
    ] {
        assert!(flow(&module(rest)).contains("live out: v y"), "{rest}");
    }
    assert!(!flow(&module("if '__main__' == __name__: pass")).contains("live out"));
}

#[test]
fn loops_around_the_region() {
    assert_snapshot!(flow("
def f(a, n):
    old = a.copy()
    for t in range(n):
        # [
        for i in range(1, len(a) - 1):
            new = old[i - 1] + old[i + 1]
            a[i] = new
        old, last = a, i
        # ]
    return last
"), @"
    live in: a i old
    bound at entry: a old
    binds: i last new old
    bound at exit: last old
    live out: i last old
    ");
}

#[test]
fn handlers_read_what_was_stored_half_way() {
    assert_snapshot!(flow("
def f(x):
    s = 0
    try:
        # [
        for v in x:
            s += 1 / v
        # ]
        k = s
    except ZeroDivisionError as e:
        print(s, e)
    finally:
        print(v)
    return 0
"), @"
    live in: s x
    bound at entry: s x
    binds: s v
    live out: s v
    after raise: s v
    ");
}

#[test]
fn closures_and_lambdas() {
    assert_snapshot!(flow("
def f(x):
    k = 2
    # [
    for v in x:
        k = v
    w = [v * k for v in x]
    g = (v * w for v in x)
    # ]
    def inner(): return k
    return inner
"), @"
    live in: k x
    bound at entry: k x
    binds: g k v w
    bound at exit: g w
    live out: k w
    captured: k w
    ");
}

#[test]
fn ways_out() {
    assert_snapshot!(flow("
def find(x):
    for row in x:
        # [
        for v in row:
            if v: return v
            if v is None: break
        else:
            continue
        # ]
    yield 1
"), @"
    live in: row
    bound at entry: row
    binds: v
    bound at exit: v
    returns
    jumps out
    ");
    assert_snapshot!(flow("
async def f(x):
    # [
    for v in x:
        await v
    return 1
    # ]
"), @"
    live in: x
    bound at entry: x
    binds: v
    bound at exit: v
    returns
    never ends
    suspends: await
    ");
}

#[test]
fn global_nonlocal_del_and_super() {
    assert_snapshot!(flow("
count = 0
class C(D):
    def f(self, x):
        global count
        # [
        for v in x:
            count += super().g(v)
        del v
        # ]
"), @"
    live in: count v x
    bound at entry: x
    binds: count v
    live out: count
    outer: count
    deletes: v
    class cell
    ");
}

#[test]
fn match_walrus_and_short_circuit() {
    assert_snapshot!(flow("
def f(x, p):
    # [
    match p:
        case {'a': a}: b = a
        case _: b = 0
    ok = x and (w := 3)
    # ]
    return a, b, w, ok
"), @"
    live in: p x
    bound at entry: p x
    binds: a b ok w
    bound at exit: b ok
    live out: a b ok w
    ");
}

#[test]
fn star_imports_are_live_in() {
    assert_snapshot!(flow("
from numpy import *
# [
s = sum(sin(x))
# ]
print(s)
"), @"
    live in: sin sum x
    bound at entry: sin sum
    binds: s
    bound at exit: s
    live out: s
    ");
}

#[test]
fn a_finally_on_the_way_out_reads() {
    assert_snapshot!(flow("
def f(x):
    try:
        # [
        n = 0
        for v in x: n += v
        return n
        # ]
    finally:
        log(v)
"), @"
    live in: x
    bound at entry: x
    binds: n v
    bound at exit: n v
    live out: v
    after raise: v
    returns
    never ends
    ");
}

#[test]
fn functions_that_the_region_calls() {
    assert_snapshot!(flow("
import math
scale = 2
count = total = 0
def f(v):
    global count
    count += 1
    return g(v) * math.pi
def g(v): return v * scale
def unrelated(): return nothing
# [
for v in [1]: total += f(v)
# ]
print(total)
"), @"
    live in: f total
    bound at entry: f total
    binds: total v
    live out: total
    reads through calls: count scale
    binds through calls: count
    ");
}
