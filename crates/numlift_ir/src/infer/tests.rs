//! Type rules over small signatures.

use crate::build::Builder;
use crate::dtype::Dtype;
use crate::function::ValueId;
use crate::op::{Const, Kind, Sub};
use crate::scalar::F;
use crate::ty::{Dim, Interval, Ty};

/// A builder with parameters `f64[s0, s1]`, `f32[s0]`, `int`, `float`, `np.int8`, `list<float>[s2]`.
fn builder() -> (Builder, [ValueId; 6]) {
    let mut builder = Builder::new("f");
    let body = builder.func.body;
    let types = [
        Ty::array(Dtype::F64, vec![Dim::Sym(0), Dim::Sym(1)]),
        Ty::array(Dtype::F32, vec![Dim::Sym(0)]),
        Ty::Int(Interval::ALL),
        Ty::Float,
        Ty::Np(Dtype::I8),
        Ty::List(Box::new(Ty::Float), Dim::Sym(2)),
    ];
    let params = types.map(|ty| builder.func.add_param(body, ty, None));
    (builder, params)
}

fn check(make: impl FnOnce(&mut Builder, [ValueId; 6]) -> ValueId, ty: &str) {
    let (mut builder, params) = builder();
    let value = make(&mut builder, params);
    assert_eq!(builder.func.ty(value).to_string(), ty);
}

fn index(subs: &[Sub], operands: &[i128], ty: &str) {
    check(
        |b, [matrix, ..]| {
            let mut args = vec![matrix];
            args.extend(operands.iter().map(|int| b.int(*int)));
            b.value(Kind::Index(subs.to_vec()), &args)
        },
        ty,
    );
}

#[test]
fn operators_take_their_flavour_from_their_operands() {
    check(|b, [_, _, i, x, ..]| b.operator(F::Mul, &[i, x]), "float");
    check(|b, [_, _, i, _, n, _]| b.operator(F::Add, &[n, i]), "np.int8");
    check(|b, [_, v, _, x, ..]| b.operator(F::Mul, &[v, x]), "arrayc<float32>[s0]");
    check(|b, [_, _, i, ..]| b.operator(F::TrueDiv, &[i, i]), "float");
    check(|b, [_, _, i, ..]| b.operator(F::Pow, &[i, i]), "oneof<int, float>");
    check(|b, [_, _, i, x, ..]| b.ufunc(F::Hypot, &[i, x]), "np.float64");
}

#[test]
fn extents_broadcast() {
    // [s0, s1] with [s0] along the last axis: equal to s1, or one of them is 1.
    check(|b, [m, v, ..]| b.operator(F::Add, &[m, v]), "array<float64>[s0, ?]");
    check(|b, [m, ..]| b.operator(F::Add, &[m, m]), "array<float64>[s0, s1]");
    check(
        |b, [m, _, _, _, _, l]| b.operator(F::Add, &[m, l]),
        "array<float64>[s0, ?]",
    );
}

#[test]
fn subscripts_take_axes_away() {
    let from = Sub::Slice {
        lo: true,
        hi: false,
        step: false,
    };
    index(&[Sub::At], &[0], "array<float64>[s1]");
    index(&[Sub::At, Sub::At], &[0, -1], "np.float64");
    index(&[Sub::FULL, Sub::At], &[0], "array<float64>[s0]");
    index(&[from, Sub::NewAxis], &[1], "array<float64>[?, 1, s1]");
    index(&[Sub::Ellipsis, Sub::At], &[0], "array<float64>[s0]");
    index(&[Sub::At, Sub::At, Sub::At], &[0, 0, 0], "any");
}

#[test]
fn masks_and_index_arrays_make_copies() {
    let mask = |b: &mut Builder, m: ValueId| {
        let zero = b.int(0);
        b.operator(F::Gt, &[m, zero])
    };
    check(
        |b, [m, ..]| {
            let mask = mask(b, m);
            b.at(m, mask)
        },
        "arrayc<float64>[?]",
    );
    check(
        |b, [m, v, ..]| {
            let mask = mask(b, v);
            b.at(m, mask)
        },
        "array<float64>[?, s1]",
    );
}

#[test]
fn calls_keep_what_is_known_of_extents() {
    let call = |callee: &str| Kind::Call {
        callee: callee.to_owned(),
        keywords: Vec::new(),
    };
    check(
        |b, [m, ..]| {
            let n = b.len(m, 1);
            b.value(call("numpy.zeros"), &[n])
        },
        "arrayc<float64>[s1]",
    );
    check(
        |b, [m, ..]| b.value(call("numpy.zeros_like"), &[m]),
        "array<float64>[s0, s1]",
    );
    check(
        |b, [m, ..]| {
            let axis = b.constant(Const::Int(0));
            b.value(call("numpy.sum"), &[m, axis])
        },
        "arrayc<float64>[s1]",
    );
    check(
        |b, [m, v, ..]| b.value(call("numpy.matmul"), &[m, v]),
        "arrayc<float64>[s0]",
    );
    check(
        |b, [_, _, _, _, _, l]| b.value(call("numpy.array"), &[l]),
        "arrayc<float64>[s2]",
    );
    check(
        |b, [_, _, _, _, _, l]| b.value(call("builtins.sum"), &[l]),
        "oneof<int, float>",
    );
    check(|b, [m, ..]| b.value(call("scipy.unknown"), &[m]), "any");
}

#[test]
fn ints_keep_their_interval() {
    let ranged = |lo, hi| Ty::Int(Interval::new(lo, hi));
    let check = |f: F, a: Ty, b: Ty, ty: &str| {
        let mut builder = Builder::new("f");
        let body = builder.func.body;
        let args = [
            builder.func.add_param(body, a, None),
            builder.func.add_param(body, b, None),
        ];
        let value = builder.operator(f, &args);
        assert_eq!(builder.func.ty(value).to_string(), ty);
    };
    check(F::Add, ranged(0, 5), ranged(-1, 1), "int[-1..6]");
    check(F::Mul, ranged(-2, 3), ranged(4, 5), "int[-10..15]");
    check(F::FloorDiv, ranged(-7, 7), ranged(2, 2), "int[-4..3]");
    check(F::Mod, ranged(-7, 7), ranged(3, 3), "int[0..2]");
    check(F::Mod, ranged(0, 1), ranged(3, 9), "int[0..1]");
    check(F::Min, ranged(0, 9), Ty::Int(Interval::ALL), "int[..9]");
    check(F::Sub, ranged(0, 5), Ty::Int(Interval::at_least(2)), "int[..3]");
}

#[test]
fn an_element_of_nothing_makes_nothing() {
    let mut builder = Builder::new("f");
    let empty = builder.value(Kind::MakeList, &[]);
    let zero = builder.int(0);
    let item = builder.at(empty, zero);
    let sum = builder.operator(F::Add, &[item, zero]);
    assert_eq!(*builder.func.ty(sum), Ty::Never);
}
