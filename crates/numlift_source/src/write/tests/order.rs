//! The order of effects, temporaries, names.

use insta::assert_snapshot;
use numlift_ir::dtype::Dtype;
use numlift_ir::op::{Kind, Sub, Touches};
use numlift_ir::scalar::F;
use numlift_ir::ty::{Dim, Ty};

use super::{array_of, case, floats};

#[test]
fn a_read_before_a_store_stays_before_it() {
    let mut c = case();
    let x = c.array("x", 0);
    let zero = c.b.int(0);
    let first = c.b.at(x, zero);
    let one = c.float(1.0);
    c.store(x, &[Sub::FULL], &[], one);
    c.output("first", first);
    assert_snapshot!(c.text(), @r"
    first = x[0]
    x[:] = 1.0
    ");
}

#[test]
fn a_read_that_a_store_would_change_becomes_a_temporary() {
    let mut c = case();
    let (x, y) = (c.array("x", 0), c.array("y", 0));
    let double = c.b.operator(F::Add, &[x, x]);
    let one = c.float(1.0);
    c.store(y, &[Sub::FULL], &[], one);
    let total = c.method("sum", &[double], Ty::Np(Dtype::F64));
    c.output("total", total);
    assert_snapshot!(c.text(), @r"
    values = x + x
    y[:] = 1.0
    total = values.sum()
    ");
}

#[test]
fn a_store_to_own_memory_changes_nobody_elses() {
    let mut c = case();
    let x = c.array("x", 0);
    let n = c.b.len(x, 0);
    let out = c.call("numpy.zeros", &[n], floats(&[0]));
    let double = c.b.operator(F::Add, &[x, x]);
    let one = c.float(1.0);
    let zero = c.b.int(0);
    c.store(out, &[Sub::At], &[zero], one);
    let sum = c.b.operator(F::Mul, &[double, double]);
    let total = c.method("sum", &[sum], Ty::Np(Dtype::F64));
    c.output("out", out);
    c.output("total", total);
    assert_snapshot!(c.text(), @r"
    out = np.zeros(len(x))
    values = x + x
    out[0] = 1.0
    total = (values * values).sum()
    ");
}

#[test]
fn the_length_of_a_list_that_grows() {
    let mut c = case();
    let items = c.param("items", Ty::List(Box::new(Ty::Float), Dim::Unknown));
    let n = c.b.len(items, 0);
    let one = c.float(1.0);
    c.b.effect(Kind::Append, &[items, one]);
    c.output("n", n);
    assert_snapshot!(c.text(), @r"
    n = len(items)
    items.append(1.0)
    ");
}

#[test]
fn draws_keep_their_order() {
    let mut c = case();
    let rng = c.param("rng", Ty::Generator { legacy: false });
    let a = c.method("random", &[rng], Ty::Float);
    let b = c.method("random", &[rng], Ty::Float);
    let difference = c.b.operator(F::Sub, &[b, a]);
    c.output("out", difference);
    assert_snapshot!(c.text(), @r"
    value = rng.random()
    out = rng.random() - value
    ");
    let mut c = case();
    let rng = c.param("rng", Ty::Generator { legacy: false });
    let a = c.method("random", &[rng], Ty::Float);
    let b = c.method("random", &[rng], Ty::Float);
    let difference = c.b.operator(F::Sub, &[a, b]);
    c.output("out", difference);
    assert_snapshot!(c.text(), @"out = rng.random() - rng.random()");
}

#[test]
fn exceptions_keep_their_order() {
    let mut c = case();
    let (a, b) = (c.param("a", Ty::Float), c.param("b", Ty::Float));
    let items = c.param("items", Ty::List(Box::new(Ty::Float), Dim::Unknown));
    let zero = c.b.int(0);
    let first = c.b.at(items, zero);
    let quotient = c.b.operator(F::TrueDiv, &[a, b]);
    let out = c.b.operator(F::Add, &[quotient, first]);
    c.output("out", out);
    assert_snapshot!(c.text(), @r"
    value = items[0]
    out = a / b + value
    ");
}

#[test]
fn what_is_used_twice_is_computed_once() {
    let mut c = case();
    let x = c.array("x", 0);
    let mean = c.method("mean", &[x], Ty::Np(Dtype::F64));
    let difference = c.b.operator(F::Sub, &[x, mean]);
    let scaled = c.b.operator(F::TrueDiv, &[difference, mean]);
    c.output("out", scaled);
    assert_snapshot!(c.text(), @r"
    mean = x.mean()
    out = (x - mean) / mean
    ");
}

#[test]
fn the_users_name_is_kept() {
    let mut c = case();
    let x = c.array("x", 0);
    let mean = c.method("mean", &[x], Ty::Np(Dtype::F64));
    c.b.name(mean, "mu");
    let difference = c.b.operator(F::Sub, &[x, mean]);
    let scaled = c.b.operator(F::TrueDiv, &[difference, mean]);
    c.output("out", scaled);
    assert_snapshot!(c.text(), @r"
    mu = x.mean()
    out = (x - mu) / mu
    ");
}

#[test]
fn a_users_name_that_means_something_else_is_not_used() {
    let mut c = case();
    let x = c.array("x", 0);
    let half = c.float(0.5);
    let double = c.b.operator(F::Mul, &[x, half]);
    c.b.name(double, "x");
    let square = c.b.operator(F::Mul, &[double, double]);
    let sum = c.b.operator(F::Add, &[square, x]);
    c.output("out", sum);
    assert_snapshot!(c.text(), @r"
    values = x * 0.5
    out = values * values + x
    ");
}

#[test]
fn a_new_name_is_a_free_one() {
    let mut c = case();
    c.taken = ["mean".to_owned(), "mean2".to_owned()].into();
    let x = c.array("x", 0);
    let mean = c.method("mean", &[x], Ty::Np(Dtype::F64));
    let difference = c.b.operator(F::Sub, &[x, mean]);
    let scaled = c.b.operator(F::TrueDiv, &[difference, mean]);
    c.output("out", scaled);
    assert_snapshot!(c.text(), @r"
    mean3 = x.mean()
    out = (x - mean3) / mean3
    ");
}

#[test]
fn an_output_serves_as_the_temporary() {
    let mut c = case();
    let x = c.array("x", 0);
    let mean = c.method("mean", &[x], Ty::Np(Dtype::F64));
    let difference = c.b.operator(F::Sub, &[x, mean]);
    c.output("centred", difference);
    c.output("mu", mean);
    assert_snapshot!(c.text(), @r"
    mu = x.mean()
    centred = x - mu
    ");
}

#[test]
fn one_value_under_two_names() {
    let mut c = case();
    let x = c.array("x", 0);
    let double = c.b.operator(F::Add, &[x, x]);
    c.output("a", double);
    c.output("b", double);
    assert_snapshot!(c.text(), @r"
    a = x + x
    b = a
    ");
}

#[test]
fn what_keeps_its_name_is_not_written() {
    let mut c = case();
    let x = c.array("x", 0);
    let one = c.float(1.0);
    c.store(x, &[Sub::FULL], &[], one);
    c.output("x", x);
    assert_snapshot!(c.text(), @"x[:] = 1.0");
}

#[test]
fn names_that_change_places() {
    let mut c = case();
    let (a, b) = (c.array("a", 0), c.array("b", 0));
    c.output("a", b);
    c.output("b", a);
    assert_snapshot!(c.text(), @"a, b = b, a");
}

#[test]
fn an_output_waits_until_its_old_value_is_no_longer_needed() {
    let mut c = case();
    let (x, y) = (c.array("x", 0), c.array("y", 0));
    let sum = c.b.operator(F::Add, &[x, y]);
    let product = c.b.operator(F::Mul, &[x, y]);
    c.output("x", sum);
    c.output("z", product);
    assert_snapshot!(c.text(), @r"
    z = x * y
    x = x + y
    ");
}

#[test]
fn a_chain_of_outputs() {
    let mut c = case();
    let (a, b) = (c.param("a", Ty::Float), c.param("b", Ty::Float));
    let sum = c.b.operator(F::Add, &[a, b]);
    c.output("a", b);
    c.output("b", sum);
    c.output("c", a);
    assert_snapshot!(c.text(), @r"
    c = a
    a, b = b, a + b
    ");
}

#[test]
fn the_return_value_comes_last() {
    let mut c = case();
    let x = c.array("x", 0);
    let total = c.method("sum", &[x], Ty::Np(Dtype::F64));
    let half = c.float(0.5);
    let scaled = c.b.operator(F::Mul, &[x, half]);
    c.output("return", total);
    c.output("x", scaled);
    assert_snapshot!(c.text(), @r"
    total = x.sum()
    x = x * 0.5
    return total
    ");
}

#[test]
fn a_param_that_is_returned_and_overwritten() {
    let mut c = case();
    let x = c.param("x", Ty::Float);
    let half = c.float(0.5);
    let scaled = c.b.operator(F::Mul, &[x, half]);
    c.output("return", x);
    c.output("x", scaled);
    assert_snapshot!(c.text(), @r"
    value = x
    x *= 0.5
    return value
    ");
}

#[test]
fn cheap_values_are_repeated() {
    let mut c = case();
    let x = c.array("x", 0);
    let n = c.b.len(x, 0);
    let total = c.method("sum", &[x], Ty::Np(Dtype::F64));
    let mean = c.b.operator(F::TrueDiv, &[total, n]);
    let one = c.b.int(1);
    let less = c.b.operator(F::Sub, &[n, one]);
    let out = c.b.operator(F::Mul, &[mean, less]);
    c.output("out", out);
    assert_snapshot!(c.text(), @"out = x.sum() / len(x) * (len(x) - 1)");
}

#[test]
fn a_clock_is_a_barrier() {
    let mut c = case();
    let x = c.array("x", 0);
    let total = c.method("sum", &[x], Ty::Np(Dtype::F64));
    let clock = c.b.typed_op(
        Kind::Opaque {
            text: "time.time()".to_owned(),
            reads: Vec::new(),
            binds: Vec::new(),
            reason: String::new(),
            touches: Touches::Anything,
            looks: Vec::new(),
        },
        &[],
        &[Ty::Float],
    );
    let clock = c.b.func.result(clock);
    let half = c.float(0.5);
    let scaled = c.b.operator(F::Mul, &[total, half]);
    c.output("t", clock);
    c.output("out", scaled);
    assert_snapshot!(c.text(), @r"
    total = x.sum()
    t = time.time()
    out = total * 0.5
    ");
}

#[test]
fn fresh_memory_is_made_once() {
    let mut c = case();
    let x = c.array("x", 0);
    let made = c.call("numpy.zeros_like", &[x], floats(&[0]));
    let one = c.b.int(1);
    let tail = c.slice(x, Some(1), None);
    c.store(
        made,
        &[Sub::Slice {
            lo: true,
            hi: false,
            step: false,
        }],
        &[one],
        tail,
    );
    c.output("return", made);
    assert_snapshot!(c.text(), @r"
    result = np.zeros_like(x)
    result[1:] = x[1:]
    return result
    ");
}

#[test]
fn a_mask_on_both_sides() {
    let mut c = case();
    let (out, v) = (c.array("out", 0), c.array("v", 0));
    let zero = c.float(0.0);
    let mask = c.b.operator(F::Gt, &[v, zero]);
    let picked = c.b.at(v, mask);
    c.store(out, &[Sub::At], &[mask], picked);
    assert_snapshot!(c.text(), @r"
    mask = v > 0.0
    out[mask] = v[mask]
    ");
}

#[test]
fn integers_do_not_become_augmented_floats() {
    let mut c = case();
    let a = c.param("a", array_of(Dtype::I32, &[0]));
    let half = c.float(0.5);
    let old = c.index(a, &[Sub::FULL], &[]);
    let new = c.b.operator(F::Mul, &[old, half]);
    c.store(a, &[Sub::FULL], &[], new);
    assert_snapshot!(c.text(), @"a[:] = a[:] * 0.5");
}

#[test]
fn what_is_computed_twice_is_written_once() {
    let mut c = case();
    let (out, v) = (c.array("out", 0), c.array("v", 0));
    let zero = c.float(0.0);
    let mask = c.b.operator(F::Gt, &[v, zero]);
    let first = c.b.at(v, mask);
    let second = c.b.at(v, mask);
    let root = c.b.ufunc(F::Sqrt, &[second]);
    let sum = c.b.operator(F::Add, &[first, root]);
    c.store(out, &[Sub::At], &[mask], sum);
    assert_snapshot!(c.text(), @r"
    mask = v > 0.0
    values = v[mask]
    out[mask] = values + np.sqrt(values)
    ");
}

#[test]
fn what_was_stored_to_is_computed_again() {
    let mut c = case();
    let v = c.array("v", 0);
    let first = c.method("sum", &[v], Ty::Np(Dtype::F64));
    let zero = c.float(0.0);
    let at = c.b.int(0);
    c.store(v, &[Sub::At], &[at], zero);
    let second = c.method("sum", &[v], Ty::Np(Dtype::F64));
    c.output("before", first);
    c.output("after", second);
    assert_snapshot!(c.text(), @r"
    before = v.sum()
    v[0] = 0.0
    after = v.sum()
    ");
}

#[test]
fn arrays_of_their_own_stay_so() {
    let mut c = case();
    let x = c.array("x", 0);
    for name in ["a", "b"] {
        let made = c.call("numpy.zeros_like", &[x], floats(&[0]));
        c.output(name, made);
    }
    assert_snapshot!(c.text(), @r"
    a = np.zeros_like(x)
    b = np.zeros_like(x)
    ");
}

#[test]
fn what_only_a_guard_needs_is_not_written_twice() {
    let mut c = case();
    let x = c.array("x", 0);
    let root = c.b.ufunc(F::Exp, &[x]);
    let finite = c.b.ufunc(F::Isfinite, &[root]);
    let all = c.method("all", &[finite], Ty::Np(Dtype::Bool));
    c.guards.push(all);
    let half = c.float(0.5);
    let sum = c.b.operator(F::Add, &[root, half]);
    c.output("out", sum);
    assert_snapshot!(c.text(), @r"
    # guard: np.isfinite(values := np.exp(x)).all()
    out = values + 0.5
    ");
}

#[test]
fn a_named_mean_is_a_step_of_its_own() {
    let mut c = case();
    let x = c.array("x", 0);
    let mean = c.method("mean", &[x], Ty::Np(Dtype::F64));
    let mean = c.b.operator(F::ToFloat, &[mean]);
    c.b.name(mean, "mu");
    let difference = c.b.operator(F::Sub, &[x, mean]);
    let squares = c.b.ufunc(F::Square, &[difference]);
    let sum = c.method("sum", &[squares], Ty::Np(Dtype::F64));
    c.b.name(sum, "total");
    let n = c.b.len(x, 0);
    let variance = c.b.operator(F::TrueDiv, &[sum, n]);
    c.output("return", variance);
    assert_snapshot!(c.text(), @r"
    mu = float(x.mean())
    return ((x - mu) ** 2).sum() / len(x)
    ");
}
