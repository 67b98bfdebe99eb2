//! Types that a loop made vague.

use numlift_ir::op::{Const, Kind};
use numlift_ir::scalar::{F, ScalarTy};
use numlift_ir::ty::Ty;

use super::retype;
use crate::samples::{branch, finished, with_params};

#[test]
fn results_follow_their_operands() {
    let (mut b, params) = with_params(&[("c", Ty::Bool), ("x", Ty::Float)]);
    let vague = Ty::one_of([ScalarTy::PyInt, ScalarTy::PyFloat]);
    let one = b.constant(Const::Float(1.0));
    let flavour = b.operator_flavour(&[params[1], one]);
    let sum = b.typed_op(
        Kind::Scalar { f: F::Add, flavour },
        &[params[1], one],
        std::slice::from_ref(&vague),
    );
    let sum = b.func.result(sum);
    let then = branch(&mut b, |_| vec![sum]);
    let other = branch(&mut b, |_| vec![one]);
    let chosen = b.if_op(params[0], then, other, &[vague]);
    let mut func = finished(b, &[("chosen", chosen[0])]);
    assert_eq!(func.ty(chosen[0]).to_string(), "oneof<int, float>");
    retype(&mut func);
    assert_eq!(func.ty(chosen[0]).to_string(), "float");
}
