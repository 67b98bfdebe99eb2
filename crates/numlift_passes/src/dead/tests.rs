//! What goes and what stays.

use numlift_ir::op::Const;
use numlift_ir::scalar::F;

use super::remove;
use crate::samples::{element, finished, for_each, store, vector, with_params};

#[test]
fn temporaries_of_a_loop_are_not_carried() {
    let (mut b, params) = with_params(&[("x", vector(0)), ("out", vector(0))]);
    let zero = b.constant(Const::Float(0.0));
    let (x, out) = (params[0], params[1]);
    let results = for_each(&mut b, x, &[zero, zero], |b, i, carried| {
        let v = element(b, x, &[i]);
        let twice = b.operator(F::Add, &[v, v]);
        store(b, out, &[i], twice);
        let total = b.operator(F::Add, &[carried[1], v]);
        vec![twice, total]
    });
    let mut func = finished(b, &[("total", results[1])]);
    remove(&mut func);
    insta::assert_snapshot!(func, @r"
    func f(%0 x: array<float64>[s0], %1 out: array<float64>[s0]) -> (total) {
      %2 = const 0.0 : float
      %3 = len 0 %0 : int[0..9223372036854775807]
      %4 = const 0 : int[0..0]
      %5 = const 1 : int[1..1]
      %13 = for %4, %3, %5, %2 : float { (%6 i: int[0..9223372036854775807], %8: float)
        %9 = index [at] %0, %6 : np.float64
        %10 = add.np %9, %9 : np.float64
        setindex [at] %1, %6, %10
        %11 = add.np %8, %9 : np.float64
        yield %11
      }
      return %13
    }
    ");
}

#[test]
fn a_loop_without_effects_goes() {
    let (mut b, params) = with_params(&[("x", vector(0))]);
    let zero = b.constant(Const::Float(0.0));
    let x = params[0];
    for_each(&mut b, x, &[zero], |b, i, carried| {
        let v = element(b, x, &[i]);
        vec![b.operator(F::Add, &[carried[0], v])]
    });
    let mut func = finished(b, &[("x", x)]);
    remove(&mut func);
    insta::assert_snapshot!(func, @r"
    func f(%0 x: array<float64>[s0]) -> (x) {
      return %0
    }
    ");
}
