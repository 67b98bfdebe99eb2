//! Backward slices and their clones.

use std::collections::HashMap;

use numlift_ir::function::Def;
use numlift_ir::op::{Const, Kind};
use numlift_ir::scalar::F;

use super::{Scope, Slice, depends_on};
use crate::samples::{element, finished, for_each, store, vector, with_params};

#[test]
fn only_what_a_value_needs_is_cloned() {
    let (mut b, params) = with_params(&[("x", vector(0)), ("out", vector(0))]);
    let (x, out) = (params[0], params[1]);
    let zero = b.constant(Const::Float(0.0));
    let mut wanted = None;
    let total = for_each(&mut b, x, &[zero], |b, i, carried| {
        let v = element(b, x, &[i]);
        let square = b.operator(F::Mul, &[v, v]);
        store(b, out, &[i], v);
        wanted = Some((i, carried[0], square));
        vec![b.operator(F::Add, &[carried[0], square])]
    });
    let (i, carried, square) = wanted.expect("the body was built");
    let mut func = finished(b, &[("total", total[0])]);
    let looped = *func
        .block(func.body)
        .ops
        .iter()
        .find(|op| func.op(**op).kind == Kind::For)
        .expect("a loop");
    let body = func.op(looped).blocks[0];
    let scope = Scope::of(&func, body);
    assert!(depends_on(&func, &scope, square, i));
    assert!(!depends_on(&func, &scope, square, carried));

    let dest = func.body;
    let first = match func.def(zero) {
        Def::Result(op, _) => func.op(op).args.len(),
        Def::Param(..) => unreachable!("a constant"),
    };
    assert_eq!(first, 0);
    let map = HashMap::from([(i, params[0])]);
    let before = func.block(dest).ops.len();
    Slice::new(&scope, dest, map)
        .value(&mut func, square)
        .expect("nothing is carried");
    assert_eq!(func.block(dest).ops.len(), before + 2);

    // A carried value has no clone: which iteration's would it be?
    let next = func.block(body).end.values()[0];
    let refused = Slice::new(&scope, dest, HashMap::from([(i, params[0])])).value(&mut func, next);
    assert_eq!(refused.expect_err("it is carried").kind.name(), "carried");
}
