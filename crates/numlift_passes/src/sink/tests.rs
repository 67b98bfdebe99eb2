//! Stores of both branches become one.

use numlift_ir::op::Const;
use numlift_ir::scalar::F;
use numlift_ir::ty::Ty;

use super::sink;
use crate::samples::{branch, element, finished, for_each, store, vector, with_params};

/// `if x[i] > 0: out[i] = x[i] else: other[i] = 1`
fn stored(to_one_place: bool) -> String {
    let (mut b, params) = with_params(&[("x", vector(0)), ("out", vector(0)), ("other", vector(0))]);
    let (x, out) = (params[0], params[1]);
    let second = if to_one_place { out } else { params[2] };
    for_each(&mut b, x, &[], |b, i, _| {
        let v = element(b, x, &[i]);
        let zero = b.constant(Const::Float(0.0));
        let positive = b.operator(F::Gt, &[v, zero]);
        let then = branch(b, |b| {
            store(b, out, &[i], v);
            vec![]
        });
        let other = branch(b, |b| {
            let one = b.int(1);
            store(b, second, &[i], one);
            vec![]
        });
        b.if_op(positive, then, other, &[]);
        vec![]
    });
    let mut func = finished(b, &[("out", out)]);
    sink(&mut func);
    func.to_string()
}

#[test]
fn one_place_is_stored_to_once() {
    insta::assert_snapshot!(stored(true), @r"
    func f(%0 x: array<float64>[s0], %1 out: array<float64>[s0], %2 other: array<float64>[s0]) -> (out) {
      %3 = len 0 %0 : int[0..9223372036854775807]
      %4 = const 0 : int[0..0]
      %5 = const 1 : int[1..1]
      for %4, %3, %5 { (%6 i: int[0..9223372036854775807])
        %7 = index [at] %0, %6 : np.float64
        %8 = const 0.0 : float
        %9 = gt.np %7, %8 : np.bool
        %12 = if %9 : np.float64 {
          yield %7
        } else {
          %10 = const 1 : int[1..1]
          %11 = convert %10 : np.float64
          yield %11
        }
        setindex [at] %1, %6, %12
      }
      return %1
    }
    ");
}

#[test]
fn two_places_stay_two_stores() {
    insta::assert_snapshot!(stored(false), @r"
    func f(%0 x: array<float64>[s0], %1 out: array<float64>[s0], %2 other: array<float64>[s0]) -> (out) {
      %3 = len 0 %0 : int[0..9223372036854775807]
      %4 = const 0 : int[0..0]
      %5 = const 1 : int[1..1]
      for %4, %3, %5 { (%6 i: int[0..9223372036854775807])
        %7 = index [at] %0, %6 : np.float64
        %8 = const 0.0 : float
        %9 = gt.np %7, %8 : np.bool
        if %9 {
          setindex [at] %1, %6, %7
        } else {
          %10 = const 1 : int[1..1]
          setindex [at] %2, %6, %10
        }
      }
      return %1
    }
    ");
}

#[test]
fn each_branch_converts_what_is_stored() {
    let (mut b, params) = with_params(&[("x", vector(0)), ("out", vector(0))]);
    let (x, out) = (params[0], params[1]);
    for_each(&mut b, x, &[], |b, i, _| {
        let v = element(b, x, &[i]);
        let zero = b.constant(Const::Float(0.0));
        let positive = b.operator(F::Gt, &[v, zero]);
        let one = b.int(1);
        let then = branch(b, |_| vec![v]);
        let other = branch(b, |_| vec![one]);
        let either = b.func.ty(v).join(b.func.ty(one));
        let chosen = b.if_op(positive, then, other, &[either]);
        store(b, out, &[i], chosen[0]);
        vec![]
    });
    let mut func = finished(b, &[("out", out)]);
    sink(&mut func);
    assert!(!matches!(func.values.last().map(|value| &value.ty), Some(Ty::OneOf(_))));
    insta::assert_snapshot!(func, @r"
    func f(%0 x: array<float64>[s0], %1 out: array<float64>[s0]) -> (out) {
      %2 = len 0 %0 : int[0..9223372036854775807]
      %3 = const 0 : int[0..0]
      %4 = const 1 : int[1..1]
      for %3, %2, %4 { (%5 i: int[0..9223372036854775807])
        %6 = index [at] %0, %5 : np.float64
        %7 = const 0.0 : float
        %8 = gt.np %6, %7 : np.bool
        %9 = const 1 : int[1..1]
        %10, %13 = if %8 : oneof<int, np.float64>, np.float64 {
          %11 = convert %6 : np.float64
          yield %6, %11
        } else {
          %12 = convert %9 : np.float64
          yield %9, %12
        }
        setindex [at] %1, %5, %13
      }
      return %1
    }
    ");
}
