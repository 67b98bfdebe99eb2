//! Stores, conditions, guards, long lines.

use insta::assert_snapshot;
use numlift_ir::dtype::Dtype;
use numlift_ir::function::ValueId;
use numlift_ir::op::{Const, Kind, Sub, Term, Touches};
use numlift_ir::scalar::F;
use numlift_ir::ty::{Dim, Ty};

use super::{Case, case, floats};

#[test]
fn a_store_to_everything() {
    let mut c = case();
    let (out, x) = (c.param("out", floats(&[0, 1])), c.param("x", floats(&[0, 1])));
    let square = c.b.ufunc(F::Square, &[x]);
    c.store(out, &[Sub::FULL, Sub::FULL], &[], square);
    assert_snapshot!(c.text(), @"out[:] = x**2");
}

#[test]
fn an_augmented_store() {
    let mut c = case();
    let (out, v) = (c.array("out", 0), c.array("v", 1));
    let (one, last) = (c.b.int(1), c.b.int(-1));
    let sub = Sub::Slice {
        lo: true,
        hi: true,
        step: false,
    };
    let old = c.index(out, &[sub], &[one, last]);
    let new = c.b.operator(F::Add, &[old, v]);
    c.store(out, &[sub], &[one, last], new);
    assert_snapshot!(c.text(), @"out[1:-1] += v");
}

#[test]
fn a_store_of_another_order_is_not_augmented() {
    let mut c = case();
    let (out, v) = (c.array("out", 0), c.array("v", 0));
    let old = c.index(out, &[Sub::FULL], &[]);
    let new = c.b.operator(F::Sub, &[v, old]);
    c.store(out, &[Sub::FULL], &[], new);
    assert_snapshot!(c.text(), @"out[:] = v - out[:]");
}

#[test]
fn an_accumulator_is_augmented_and_an_array_is_not() {
    let mut c = case();
    let (total, x) = (c.param("total", Ty::Float), c.array("x", 0));
    let sum = c.method("sum", &[x], Ty::Np(Dtype::F64));
    let new = c.b.operator(F::Add, &[total, sum]);
    let double = c.b.operator(F::Add, &[x, x]);
    c.output("total", new);
    c.output("x", double);
    assert_snapshot!(c.text(), @r"
    total += x.sum()
    x = x + x
    ");
}

#[test]
fn attributes_are_stored() {
    let mut c = case();
    let attrs = [("x".to_owned(), Ty::Float)].into();
    let it = c.param(
        "self",
        Ty::Object {
            class: "P".to_owned(),
            attrs,
        },
    );
    let x = c.b.value(Kind::Attr("x".to_owned()), &[it]);
    let half = c.float(0.5);
    let new = c.b.operator(F::Add, &[x, half]);
    c.b.effect(Kind::SetAttr("x".to_owned()), &[it, new]);
    let y = c.b.value(Kind::Attr("x".to_owned()), &[it]);
    c.output("return", y);
    assert_snapshot!(c.text(), @r"
    self.x += 0.5
    return self.x
    ");
}

fn yielding(c: &mut Case, make: impl FnOnce(&mut Case) -> Vec<ValueId>) -> numlift_ir::function::BlockId {
    let outer = c.b.block;
    let block = c.b.func.add_block();
    c.b.block = block;
    let values = make(c);
    c.b.block = outer;
    c.b.end(block, Term::Yield(values));
    block
}

#[test]
fn a_conditional_expression() {
    let mut c = case();
    let (a, b) = (c.param("a", Ty::Float), c.param("b", Ty::Float));
    let zero = c.float(0.0);
    let condition = c.b.operator(F::Ne, &[b, zero]);
    let then = yielding(&mut c, |c| vec![c.b.operator(F::TrueDiv, &[a, b])]);
    let other = yielding(&mut c, |c| vec![c.float(0.0)]);
    let result = c.b.if_op(condition, then, other, &[Ty::Float])[0];
    c.output("return", result);
    assert_snapshot!(c.text(), @"return a / b if b != 0.0 else 0.0");
}

#[test]
fn what_may_raise_stays_outside_of_a_branch() {
    let mut c = case();
    let (a, b) = (c.param("a", Ty::Float), c.param("b", Ty::Float));
    let zero = c.float(0.0);
    let quotient = c.b.operator(F::TrueDiv, &[a, b]);
    let sum = c.b.operator(F::Add, &[a, b]);
    let condition = c.b.operator(F::Gt, &[b, zero]);
    let then = yielding(&mut c, |_| vec![quotient]);
    let other = yielding(&mut c, |_| vec![sum]);
    let result = c.b.if_op(condition, then, other, &[Ty::Float])[0];
    c.output("return", result);
    assert_snapshot!(c.text(), @r"
    value = a / b
    return value if b > 0.0 else a + b
    ");
}

#[test]
fn select_computes_both() {
    let mut c = case();
    let (a, b) = (c.param("a", Ty::Float), c.param("b", Ty::Float));
    let condition = c.b.operator(F::Gt, &[b, a]);
    let quotient = c.b.operator(F::TrueDiv, &[a, b]);
    let sum = c.b.operator(F::Add, &[a, b]);
    let chosen = c.b.value(Kind::Select, &[condition, quotient, sum]);
    c.output("out", chosen);
    assert_snapshot!(c.text(), @r"
    value = a / b
    out = value if b > a else a + b
    ");
}

#[test]
fn and_and_or() {
    let mut c = case();
    let (a, b) = (c.param("a", Ty::Float), c.param("b", Ty::Float));
    let zero = c.float(0.0);
    let condition = c.b.operator(F::Gt, &[b, zero]);
    let then = yielding(&mut c, |c| {
        let quotient = c.b.operator(F::TrueDiv, &[a, b]);
        vec![c.b.operator(F::Lt, &[quotient, a])]
    });
    let other = yielding(&mut c, |c| vec![c.b.constant(Const::Bool(false))]);
    let both = c.b.if_op(condition, then, other, &[Ty::Bool])[0];
    let then = yielding(&mut c, |c| vec![c.b.constant(Const::Bool(true))]);
    let other = yielding(&mut c, |c| vec![c.b.operator(F::Eq, &[a, b])]);
    let either = c.b.if_op(both, then, other, &[Ty::Bool])[0];
    c.output("out", either);
    assert_snapshot!(c.text(), @"out = b > 0.0 and a / b < a or a == b");
}

#[test]
fn a_branch_with_a_store() {
    let mut c = case();
    let x = c.array("x", 0);
    let flag = c.param("flag", Ty::Bool);
    let total = c.method("sum", &[x], Ty::Np(Dtype::F64));
    let then = yielding(&mut c, |c| {
        let one = c.float(1.0);
        c.store(x, &[Sub::FULL], &[], one);
        Vec::new()
    });
    let other = yielding(&mut c, |_| Vec::new());
    c.b.if_op(flag, then, other, &[]);
    c.output("total", total);
    assert_snapshot!(c.text(), @r"
    total = x.sum()
    if flag:
        x[:] = 1.0
    ");
}

#[test]
fn branches_with_several_results() {
    let mut c = case();
    let (x, s, t) = (c.array("x", 0), c.param("s", Ty::Float), c.param("t", Ty::Float));
    let zero = c.float(0.0);
    let condition = c.b.operator(F::Gt, &[s, zero]);
    let then = yielding(&mut c, |c| {
        let total = c.method("sum", &[x], Ty::Float);
        let sum = c.b.operator(F::Add, &[s, total]);
        vec![sum, total]
    });
    let other = yielding(&mut c, |c| {
        let one = c.float(1.0);
        vec![s, c.b.operator(F::Mul, &[t, one])]
    });
    let results = c.b.if_op(condition, then, other, &[Ty::Float, Ty::Float]);
    c.output("s", results[0]);
    c.output("t", results[1]);
    assert_snapshot!(c.text(), @r"
    if s > 0.0:
        t = x.sum()
        s += t
    else:
        t *= 1.0
    ");
}

#[test]
fn a_check_that_raises() {
    let mut c = case();
    let (x, y) = (c.array("x", 0), c.array("y", 1));
    let (n, m) = (c.b.len(x, 0), c.b.len(y, 0));
    let condition = c.b.operator(F::Ne, &[n, m]);
    let then = c.b.func.add_block();
    let outer = std::mem::replace(&mut c.b.block, then);
    c.b.typed_op(Kind::Raise("raise ValueError(\"shapes\")".to_owned()), &[], &[]);
    c.b.block = outer;
    c.b.end(then, Term::Unreachable);
    let other = yielding(&mut c, |_| Vec::new());
    c.b.if_op(condition, then, other, &[]);
    let product = c.call("numpy.matmul", &[x, y], Ty::Np(Dtype::F64));
    c.output("return", product);
    assert_snapshot!(c.text(), @r#"
    if len(x) != len(y):
        raise ValueError("shapes")
    return x @ y
    "#);
}

#[test]
fn a_name_that_may_stay_unbound() {
    let mut c = case();
    let n = c.param("n", Ty::INT);
    let (zero, one) = (c.b.int(0), c.b.int(1));
    let condition = c.b.operator(F::Gt, &[n, zero]);
    let last = c.b.operator(F::Sub, &[n, one]);
    let unbound = c.b.unbound();
    let i = c.b.value(Kind::Select, &[condition, last, unbound]);
    c.output("i", i);
    assert_snapshot!(c.text(), @r"
    if n > 0:
        i = n - 1
    ");
}

#[test]
fn guards() {
    let mut c = case();
    let (x, y) = (c.array("x", 0), c.array("y", 1));
    let (n, m) = (c.b.len(x, 0), c.b.len(y, 0));
    let same = c.b.operator(F::Eq, &[n, m]);
    let shared = c.call("numpy.may_share_memory", &[x, y], Ty::Bool);
    let apart = c.b.operator(F::Not, &[shared]);
    let total = c.method("any", &[x], Ty::Np(Dtype::Bool));
    let truth = c.b.value(Kind::Truth, &[total]);
    c.guards = vec![same, apart, truth, same];
    let product = c.call("numpy.matmul", &[x, y], Ty::Np(Dtype::F64));
    c.output("out", product);
    assert_snapshot!(c.text(), @r"
    # guard: len(x) == len(y) and not np.may_share_memory(x, y) and x.any()
    out = x @ y
    ");
}

#[test]
fn a_guard_behind_a_store_is_no_guard() {
    let mut c = case();
    let x = c.array("x", 0);
    let one = c.float(1.0);
    c.store(x, &[Sub::FULL], &[], one);
    let any = c.method("any", &[x], Ty::Np(Dtype::Bool));
    c.guards = vec![any];
    assert_snapshot!(c.text(), @"error: a guard reads what may have been stored to before");
}

#[test]
fn what_is_certain_is_not_asked() {
    let mut c = case();
    let (x, y) = (c.array("x", 0), c.array("y", 0));
    let copy = c.method("copy", &[x], floats(&[0]));
    let zero = c.float(0.0);
    c.store(y, &[Sub::FULL], &[], zero);
    for (a, b) in [(x, copy), (x, y)] {
        let shared = c.call("numpy.may_share_memory", &[a, b], Ty::Bool);
        let apart = c.b.operator(F::Not, &[shared]);
        c.guards.push(apart);
    }
    let n = c.b.len(x, 0);
    let trivial = c.b.operator(F::Le, &[n, n]);
    c.guards.push(trivial);
    c.output("copy", copy);
    assert_snapshot!(c.text(), @r"
    # guard: not np.may_share_memory(x, y)
    copy = x.copy()
    y[:] = 0.0
    ");
}

/// `(x_first + …) * (y_second + …)` with names that make it long.
fn long_sum(c: &mut Case, named: bool) -> ValueId {
    let names = [
        "temperature",
        "pressure",
        "humidity",
        "concentration",
        "luminosity",
        "acidity",
    ];
    let arrays: Vec<ValueId> = names.iter().map(|name| c.array(name, 0)).collect();
    let mut sums = Vec::new();
    for pair in arrays.chunks(2) {
        let product = c.b.operator(F::Mul, pair);
        let root = c.b.ufunc(F::Sqrt, &[product]);
        if named {
            c.b.name(root, ["warmth", "wetness", "brightness"][sums.len()]);
        }
        sums.push(root);
    }
    let first = c.b.operator(F::Add, &[sums[0], sums[1]]);
    c.b.operator(F::Add, &[first, sums[2]])
}

#[test]
fn a_long_line_is_split_at_the_users_names() {
    let mut c = case();
    let sum = long_sum(&mut c, true);
    c.output("out", sum);
    assert_snapshot!(c.text(), @r"
    wetness = np.sqrt(humidity * concentration)
    out = np.sqrt(temperature * pressure) + wetness + np.sqrt(luminosity * acidity)
    ");
}

#[test]
fn a_long_line_without_names_is_continued() {
    let mut c = case();
    let sum = long_sum(&mut c, false);
    c.output("out", sum);
    assert_snapshot!(c.text(), @r"
    out = (
        np.sqrt(temperature * pressure)
        + np.sqrt(humidity * concentration)
        + np.sqrt(luminosity * acidity)
    )
    ");
}

#[test]
fn a_long_call_has_its_arguments_on_lines_of_their_own() {
    let mut c = case();
    c.width = 50;
    let (x, y) = (c.array("temperature", 0), c.array("pressure", 0));
    let zero = c.float(0.0);
    let condition = c.b.operator(F::Gt, &[x, zero]);
    let product = c.b.operator(F::Mul, &[x, y]);
    let root = c.b.ufunc(F::Sqrt, &[y]);
    let chosen = c.call("numpy.where", &[condition, product, root], floats(&[0]));
    c.output("out", chosen);
    assert_snapshot!(c.text(), @r"
    out = np.where(
        temperature > 0.0,
        temperature * pressure,
        np.sqrt(pressure),
    )
    ");
}

#[test]
fn lists_grow_and_are_subscripted_twice() {
    let mut c = case();
    let row = Ty::List(Box::new(Ty::Float), Dim::Unknown);
    let rows = c.param("rows", Ty::List(Box::new(row), Dim::Unknown));
    let (i, out) = (
        c.param("i", Ty::INT),
        c.param("out", Ty::List(Box::new(Ty::Float), Dim::Unknown)),
    );
    let one = c.b.at(rows, i);
    let item = c.b.at(one, i);
    c.b.effect(Kind::Append, &[out, item]);
    c.output("out", out);
    assert_snapshot!(c.text(), @"out.append(rows[i][i])");
}

/// A loop over `range(n)` that carries values; `make` gets the index and the carried values.
fn counted(
    c: &mut Case,
    n: ValueId,
    init: &[ValueId],
    make: impl FnOnce(&mut Case, ValueId, &[ValueId]) -> Vec<ValueId>,
) -> Vec<ValueId> {
    let (zero, one) = (c.b.int(0), c.b.int(1));
    let body = c.b.func.add_block();
    let index = c.b.func.add_param(body, Ty::INT, Some("i"));
    let types: Vec<Ty> = init.iter().map(|value| c.b.func.ty(*value).clone()).collect();
    let carried: Vec<ValueId> = types
        .iter()
        .map(|ty| c.b.func.add_param(body, ty.clone(), None))
        .collect();
    let outer = std::mem::replace(&mut c.b.block, body);
    let values = make(c, index, &carried);
    c.b.block = outer;
    c.b.end(body, Term::Yield(values));
    c.b.for_op([zero, n, one], init, body, &types)
}

#[test]
fn a_loop_that_prints() {
    let mut c = case();
    let x = c.array("x", 0);
    let n = c.b.len(x, 0);
    let out = c.b.operator(F::Mul, &[x, x]);
    c.b.name(out, "out");
    counted(&mut c, n, &[], |c, i, _| {
        let kind = Kind::Opaque {
            text: "print(i, out[i])".to_owned(),
            reads: vec!["i".to_owned(), "out".to_owned()],
            binds: Vec::new(),
            reason: String::new(),
            touches: Touches::Anything,
            looks: Vec::new(),
        };
        c.b.typed_op(kind, &[i, out], &[]);
        Vec::new()
    });
    c.output("return", out);
    assert_snapshot!(c.text(), @r"
    out = x * x
    for i in range(len(x)):
        print(i, out[i])
    return out
    ");
}

#[test]
fn the_authors_own_statements_are_indented_anew() {
    let text = |text: &str| {
        let mut c = case();
        let (x, flag) = (c.array("x", 0), c.param("flag", Ty::Bool));
        let then = yielding(&mut c, |c| {
            let kind = Kind::Opaque {
                text: text.to_owned(),
                reads: vec!["x".to_owned()],
                binds: Vec::new(),
                reason: String::new(),
                touches: Touches::Anything,
                looks: Vec::new(),
            };
            c.b.typed_op(kind, &[x], &[]);
            Vec::new()
        });
        let other = yielding(&mut c, |_| Vec::new());
        c.b.if_op(flag, then, other, &[]);
        c.text()
    };
    assert_snapshot!(text("print(\n                x,  # all\n                end=\"\",\n            )"), @r#"
    if flag:
        print(
            x,  # all
            end="",
        )
    "#);
    assert_snapshot!(text("print(x, \"\"\"a\n  b\"\"\")"), @"error: a statement of several lines that stays");
    assert_snapshot!(text("with x:\n    pass"), @"error: a statement of several lines that stays");
}

#[test]
fn a_recurrence_carries_a_variable() {
    let mut c = case();
    let (x, s) = (c.array("x", 0), c.param("s", Ty::Float));
    let n = c.b.len(x, 0);
    let results = counted(&mut c, n, &[s], |c, i, carried| {
        let item = c.b.at(x, i);
        let square = c.b.operator(F::Mul, &[carried[0], carried[0]]);
        vec![c.b.operator(F::Add, &[square, item])]
    });
    c.output("s", results[0]);
    assert_snapshot!(c.text(), @r"
    for i in range(len(x)):
        s = s * s + x[i]
    ");
}

#[test]
fn carried_values_that_change_places() {
    let mut c = case();
    let n = c.param("n", Ty::INT);
    let (zero, one) = (c.b.int(0), c.b.int(1));
    let results = counted(&mut c, n, &[zero, one], |c, _, carried| {
        vec![carried[1], c.b.operator(F::Add, carried)]
    });
    c.output("a", results[0]);
    c.output("b", results[1]);
    assert_snapshot!(c.text(), @r"
    a = 0
    b = 1
    for _ in range(n):
        a, b = b, a + b
    ");
}

#[test]
fn a_loop_that_is_left_early() {
    let mut c = case();
    let (x, room) = (c.array("x", 0), c.param("room", Ty::Float));
    let n = c.b.len(x, 0);
    let results = counted(&mut c, n, &[room], |c, i, carried| {
        let item = c.b.at(x, i);
        let left = c.b.operator(F::Sub, &[carried[0], item]);
        let zero = c.float(0.0);
        let full = c.b.operator(F::Lt, &[left, zero]);
        let then = yielding(c, |_| Vec::new());
        c.b.end(then, Term::Break(0, vec![carried[0]]));
        let other = yielding(c, |_| Vec::new());
        c.b.if_op(full, then, other, &[]);
        vec![left]
    });
    c.output("room", results[0]);
    assert_snapshot!(c.text(), @r"
    for i in range(len(x)):
        value = room - x[i]
        if value < 0.0:
            break
        room = value
    ");
}

#[test]
fn a_while_loop() {
    let mut c = case();
    let n = c.param("n", Ty::INT);
    let zero = c.b.int(0);
    let test = c.b.func.add_block();
    let body = c.b.func.add_block();
    let mut blocks = Vec::new();
    for block in [test, body] {
        let params = ["n", "steps"].map(|name| c.b.func.add_param(block, Ty::INT, Some(name)));
        let outer = std::mem::replace(&mut c.b.block, block);
        let one = c.b.int(1);
        let values = if block == test {
            vec![c.b.operator(F::Ne, &[params[0], one])]
        } else {
            let two = c.b.int(2);
            vec![
                c.b.operator(F::FloorDiv, &[params[0], two]),
                c.b.operator(F::Add, &[params[1], one]),
            ]
        };
        c.b.block = outer;
        c.b.end(block, Term::Yield(values));
        blocks.push(block);
    }
    let results = c.b.while_op(&[n, zero], test, body, &[Ty::INT, Ty::INT]);
    c.output("return", results[1]);
    assert_snapshot!(c.text(), @r"
    steps = 0
    while n != 1:
        n //= 2
        steps += 1
    return steps
    ");
}

#[test]
fn index_space_is_refused() {
    let mut c = case();
    let x = c.array("x", 0);
    let n = c.b.len(x, 0);
    let body = yielding(&mut c, |c| vec![c.float(0.5)]);
    c.b.func.add_param(body, Ty::INT, None);
    let block = c.b.block;
    let origin = c.b.origin;
    let made =
        c.b.func
            .push_op(block, Kind::Comp, vec![n], vec![body], &[floats(&[0])], origin);
    let made = c.b.func.result(made);
    c.output("out", made);
    assert_snapshot!(c.text(), @"error: index space has no Python text");
}

#[test]
fn a_long_tuple_is_in_parentheses() {
    let mut c = case();
    c.width = 30;
    let (x, y) = (c.array("position", 0), c.array("velocity", 0));
    let sum = c.b.operator(F::Add, &[x, y]);
    let difference = c.b.operator(F::Sub, &[x, y]);
    c.output("position", difference);
    c.output("velocity", sum);
    assert_snapshot!(c.text(), @r"
    velocity, position = (
        position + velocity,
        position - velocity,
    )
    ");
}
