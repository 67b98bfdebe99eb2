//! Operators, precedence, literals, subscripts, calls.

use insta::assert_snapshot;
use numlift_ir::dtype::Dtype;
use numlift_ir::function::ValueId;
use numlift_ir::op::{Const, Kind, Sub};
use numlift_ir::scalar::{F, Flavour};
use numlift_ir::ty::{Interval, Ty};

use super::{Case, array_of, case, floats};

/// One expression of two float arrays `x` and `y` as `out`.
fn of_arrays(make: impl FnOnce(&mut Case, ValueId, ValueId) -> ValueId) -> String {
    let mut c = case();
    let (x, y) = (c.array("x", 0), c.array("y", 0));
    let value = make(&mut c, x, y);
    c.output("out", value);
    c.text()
}

/// One expression of two Python floats `a` and `b`.
fn of_floats(make: impl FnOnce(&mut Case, ValueId, ValueId) -> ValueId) -> String {
    let mut c = case();
    let (a, b) = (c.param("a", Ty::Float), c.param("b", Ty::Float));
    let value = make(&mut c, a, b);
    c.output("out", value);
    c.text()
}

#[test]
fn the_square_of_an_array() {
    assert_snapshot!(of_arrays(|c, x, _| c.b.ufunc(F::Square, &[x])), @"out = x**2");
}

#[test]
fn a_product_of_sums_needs_parentheses() {
    assert_snapshot!(of_arrays(|c, x, y| {
        let sum = c.b.operator(F::Add, &[x, y]);
        let difference = c.b.operator(F::Sub, &[x, y]);
        c.b.operator(F::Mul, &[sum, difference])
    }), @"out = (x + y) * (x - y)");
}

#[test]
fn only_the_right_operand_of_a_difference_needs_parentheses() {
    assert_snapshot!(of_arrays(|c, x, y| {
        let left = c.b.operator(F::Sub, &[x, y]);
        let right = c.b.operator(F::Add, &[x, y]);
        c.b.operator(F::Sub, &[left, right])
    }), @"out = x - y - (x + y)");
}

#[test]
fn minus_and_power() {
    assert_snapshot!(of_floats(|c, a, b| {
        let minus = c.b.operator(F::Neg, &[a]);
        let power = c.b.operator(F::Pow, &[minus, b]);
        let other = c.b.operator(F::Pow, &[a, b]);
        let other = c.b.operator(F::Neg, &[other]);
        c.b.operator(F::Add, &[power, other])
    }), @"out = (-a) ** b + -a**b");
}

#[test]
fn powers_of_powers() {
    assert_snapshot!(of_floats(|c, a, b| {
        let inner = c.b.operator(F::Pow, &[a, b]);
        let left = c.b.operator(F::Pow, &[inner, a]);
        let inner = c.b.operator(F::Pow, &[a, b]);
        let right = c.b.operator(F::Pow, &[b, inner]);
        c.b.operator(F::Sub, &[left, right])
    }), @"out = (a**b) ** a - b ** a**b");
}

#[test]
fn a_negative_exponent_and_base() {
    assert_snapshot!(of_floats(|c, a, _| {
        let minus = c.b.int(-1);
        let base = c.float(-2.0);
        let left = c.b.operator(F::Pow, &[a, minus]);
        let two = c.b.int(2);
        let right = c.b.operator(F::Pow, &[base, two]);
        c.b.operator(F::Mul, &[left, right])
    }), @"out = a**-1 * (-2.0) ** 2");
}

#[test]
fn comparisons_among_bit_operators() {
    assert_snapshot!(of_arrays(|c, x, y| {
        let zero = c.float(0.0);
        let low = c.b.operator(F::Gt, &[x, zero]);
        let high = c.b.operator(F::Le, &[x, y]);
        let both = c.b.operator(F::And, &[low, high]);
        c.b.operator(F::Invert, &[both])
    }), @"out = ~((x > 0.0) & (x <= y))");
}

#[test]
fn comparisons_are_not_chained_by_accident() {
    assert_snapshot!(of_floats(|c, a, b| {
        let first = c.b.operator(F::Lt, &[a, b]);
        let second = c.b.operator(F::Lt, &[b, a]);
        c.b.operator(F::Eq, &[first, second])
    }), @"out = (a < b) == (b < a)");
}

#[test]
fn not_of_a_comparison() {
    assert_snapshot!(of_floats(|c, a, b| {
        let less = c.b.operator(F::Lt, &[a, b]);
        c.b.operator(F::Not, &[less])
    }), @"out = not a < b");
    assert_snapshot!(of_floats(|c, a, b| {
        let equal = c.b.operator(F::Eq, &[a, b]);
        c.b.operator(F::Not, &[equal])
    }), @"out = a != b");
}

#[test]
fn flavours_of_a_function() {
    assert_snapshot!(of_arrays(|c, x, _| c.b.ufunc(F::Sqrt, &[x])), @"out = np.sqrt(x)");
    assert_snapshot!(of_arrays(|c, x, _| c.b.ufunc(F::Abs, &[x])), @"out = np.abs(x)");
    assert_snapshot!(of_arrays(|c, x, y| c.b.ufunc(F::Max, &[x, y])), @"out = np.maximum(x, y)");
    assert_snapshot!(of_floats(|c, a, _| c.b.operator(F::Abs, &[a])), @"out = abs(a)");
    assert_snapshot!(of_floats(|c, a, b| c.b.operator(F::Max, &[a, b])), @"out = max(a, b)");
    let math = Kind::Scalar {
        f: F::Sqrt,
        flavour: Flavour::Math,
    };
    assert_snapshot!(of_floats(|c, a, _| c.b.value(math, &[a])), @"out = math.sqrt(a)");
}

#[test]
fn a_ufunc_of_scalars_is_no_operator() {
    assert_snapshot!(of_floats(|c, a, b| c.b.ufunc(F::Add, &[a, b])), @"out = np.add(a, b)");
    assert_snapshot!(of_arrays(|c, x, _| c.b.ufunc(F::Not, &[x])), @"out = np.logical_not(x)");
}

#[test]
fn literals() {
    let text = |constant: Const| {
        let mut c = case();
        let value = c.b.constant(constant);
        c.output("out", value);
        c.text()
    };
    let shown = |floats: &[f64]| {
        floats
            .iter()
            .map(|float| text(Const::Float(*float)))
            .collect::<String>()
    };
    assert_snapshot!(shown(&[0.1, 1.0, -2.5, -0.0, 1e16, 123456789.125, 1e-5, 0.0001, 1e22, 5e-324, 1.5e300]), @r"
    out = 0.1
    out = 1.0
    out = -2.5
    out = -0.0
    out = 1e+16
    out = 123456789.125
    out = 1e-05
    out = 0.0001
    out = 1e+22
    out = 5e-324
    out = 1.5e+300
    ");
    assert_snapshot!(shown(&[f64::INFINITY, f64::NEG_INFINITY, f64::NAN]), @r"
    out = np.inf
    out = -np.inf
    out = np.nan
    ");
    assert_snapshot!(text(Const::Int(-12)), @"out = -12");
    assert_snapshot!(text(Const::Complex(1.0, -2.5)), @"out = 1 - 2.5j");
    assert_snapshot!(text(Const::Complex(0.0, 2.0)), @"out = 2j");
    assert_snapshot!(text(Const::Complex(-0.0, 2.0)), @"out = complex(-0.0, 2.0)");
    assert_snapshot!(text(Const::Str("it's \"\n\\".to_owned())), @r#"out = "it's \"\n\\""#);
}

#[test]
fn slices() {
    assert_snapshot!(of_arrays(|c, x, _| c.slice(x, Some(1), None)), @"out = x[1:]");
    assert_snapshot!(of_arrays(|c, x, _| c.slice(x, None, Some(-1))), @"out = x[:-1]");
    assert_snapshot!(of_arrays(|c, x, _| c.slice(x, Some(0), Some(5))), @"out = x[:5]");
    assert_snapshot!(of_arrays(|c, x, _| {
        let step = c.b.int(2);
        c.index(x, &[Sub::Slice { lo: false, hi: false, step: true }], &[step])
    }), @"out = x[::2]");
    assert_snapshot!(of_arrays(|c, x, _| {
        let step = c.b.int(-1);
        c.index(x, &[Sub::Slice { lo: false, hi: false, step: true }], &[step])
    }), @"out = x[::-1]");
    assert_snapshot!(of_arrays(|c, x, _| c.index(x, &[Sub::FULL, Sub::NewAxis], &[])), @"out = x[:, None]");
    assert_snapshot!(of_arrays(|c, x, _| c.index(x, &[Sub::NewAxis, Sub::FULL], &[])), @"out = x[None, :]");
}

#[test]
fn bounds_that_are_expressions() {
    let mut c = case();
    let x = c.array("x", 0);
    let n = c.param("n", Ty::Int(Interval::at_least(0)));
    let one = c.b.int(1);
    let two = c.b.int(2);
    let lo = c.b.operator(F::Add, &[n, one]);
    let first = c.index(
        x,
        &[Sub::Slice {
            lo: true,
            hi: false,
            step: true,
        }],
        &[lo, two],
    );
    let hi = c.b.operator(F::Mul, &[two, n]);
    let second = c.index(
        x,
        &[Sub::Slice {
            lo: true,
            hi: true,
            step: false,
        }],
        &[n, hi],
    );
    c.output("a", first);
    c.output("b", second);
    assert_snapshot!(c.text(), @r"
    a = x[n + 1 :: 2]
    b = x[n : 2 * n]
    ");
}

#[test]
fn subscripts_of_matrices() {
    let mut c = case();
    let a = c.param("a", floats(&[0, 1]));
    let i = c.param("i", Ty::INT);
    let row = c.index(a, &[Sub::At, Sub::FULL], &[i]);
    let column = c.index(a, &[Sub::FULL, Sub::At], &[i]);
    let minus = c.b.int(-1);
    let last = c.index(a, &[Sub::At, Sub::At], &[minus, i]);
    c.output("row", row);
    c.output("column", column);
    c.output("last", last);
    assert_snapshot!(c.text(), @r"
    row = a[i]
    column = a[:, i]
    last = a[-1, i]
    ");
}

#[test]
fn lengths() {
    let mut c = case();
    let (x, m) = (c.array("x", 0), c.param("m", floats(&[0, 1])));
    let items = c.param("items", Ty::List(Box::new(Ty::Float), numlift_ir::ty::Dim::Unknown));
    for (name, value, axis) in [("a", x, 0), ("b", m, 0), ("c", m, 1), ("d", items, 0)] {
        let len = c.b.len(value, axis);
        c.output(name, len);
    }
    assert_snapshot!(c.text(), @r"
    a = len(x)
    b = m.shape[0]
    c = m.shape[1]
    d = len(items)
    ");
}

#[test]
fn calls_with_keywords() {
    let mut c = case();
    let n = c.param("n", Ty::INT);
    let dtype = c.b.value(Kind::Extern("numpy.int32".to_owned()), &[]);
    let kind = Kind::Call {
        callee: "numpy.zeros".to_owned(),
        keywords: vec!["dtype".to_owned()],
    };
    let made = c.b.value(kind, &[n, dtype]);
    c.output("out", made);
    assert_snapshot!(c.text(), @"out = np.zeros(n, dtype=np.int32)");
}

#[test]
fn matrix_products() {
    let mut c = case();
    let (a, b) = (c.param("a", floats(&[0, 1])), c.param("b", floats(&[1, 2])));
    let turned = c.b.value(Kind::Attr("T".to_owned()), &[a]);
    let product = c.call("numpy.matmul", &[turned, b], floats(&[1, 2]));
    let sum = c.b.operator(F::Add, &[product, b]);
    let product = c.call("numpy.matmul", &[a, sum], floats(&[0, 2]));
    c.output("out", product);
    assert_snapshot!(c.text(), @"out = a @ (a.T @ b + b)");
}

#[test]
fn products_of_lists_have_no_operator() {
    let mut c = case();
    let list = Ty::List(Box::new(Ty::Float), numlift_ir::ty::Dim::Unknown);
    let (a, b) = (c.param("a", list.clone()), c.param("b", list));
    let product = c.call("numpy.matmul", &[a, b], Ty::Np(Dtype::F64));
    c.output("out", product);
    assert_snapshot!(c.text(), @"out = np.matmul(a, b)");
}

#[test]
fn methods_of_expressions() {
    assert_snapshot!(of_arrays(|c, x, y| {
        let difference = c.b.operator(F::Sub, &[x, y]);
        let squares = c.b.ufunc(F::Square, &[difference]);
        c.method("sum", &[squares], Ty::Np(Dtype::F64))
    }), @"out = ((x - y) ** 2).sum()");
}

#[test]
fn conversions() {
    assert_snapshot!(of_arrays(|c, x, _| {
        let total = c.method("sum", &[x], Ty::Np(Dtype::F64));
        c.b.operator(F::ToFloat, &[total])
    }), @"out = float(x.sum())");
    assert_snapshot!(of_arrays(|c, x, _| {
        let op = c.b.typed_op(Kind::Convert, &[x], &[array_of(Dtype::F32, &[0])]);
        c.b.func.result(op)
    }), @"out = x.astype(np.float32)");
    assert_snapshot!(of_floats(|c, a, _| {
        let op = c.b.typed_op(Kind::Convert, &[a], &[Ty::Np(Dtype::F32)]);
        c.b.func.result(op)
    }), @"out = np.float32(a)");
}

#[test]
fn tuples_lists_and_repetition() {
    assert_snapshot!(of_floats(|c, a, b| {
        let zero = c.float(0.0);
        let list = c.b.value(Kind::MakeList, &[zero]);
        let n = c.b.int(3);
        let zeros = c.b.value(Kind::Repeat, &[list, n]);
        let one = c.b.value(Kind::MakeTuple, &[a]);
        c.b.value(Kind::MakeTuple, &[zeros, one, b])
    }), @"out = ([0.0] * 3, (a,), b)");
}

#[test]
fn a_hidden_builtin_is_imported() {
    let mut c = case();
    c.hidden = vec!["builtins.len", "numpy"];
    let x = c.param("x", floats(&[0]));
    let n = c.b.len(x, 0);
    let zeros = c.call("numpy.zeros", &[n], floats(&[0]));
    c.output("out", zeros);
    assert_snapshot!(c.text(), @r"
    import builtins
    import numpy as np
    out = np.zeros(builtins.len(x))
    ");
}

#[test]
fn the_last_index_is_minus_one() {
    let mut c = case();
    let (a, n) = (c.param("a", floats(&[0, 1])), c.param("n", Ty::INT));
    let one = c.b.int(1);
    let rows = c.b.len(a, 0);
    let last = c.b.operator(F::Sub, &[rows, one]);
    let first = c.index(a, &[Sub::At, Sub::FULL], &[last]);
    let other = c.index(a, &[Sub::FULL, Sub::At], &[last]);
    let short = c.b.operator(F::Sub, &[n, one]);
    let third = c.index(a, &[Sub::At, Sub::FULL], &[short]);
    c.output("last_row", first);
    c.output("column", other);
    c.output("row", third);
    assert_snapshot!(c.text(), @r"
    last_row = a[-1]
    column = a[:, a.shape[0] - 1]
    row = a[n - 1]
    ");
}
