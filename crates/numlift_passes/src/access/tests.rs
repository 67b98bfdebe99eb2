//! Roots, subscripts, and what may share memory.

use numlift_ir::function::Function;
use numlift_ir::op::{Const, Kind, Sub};

use super::{Sharing, of_op, sharing};
use crate::samples::{element, finished, matrix, store, vector, with_params};

/// Every access of a function's body, a line each.
fn accesses(func: &Function) -> String {
    let lines = func.block(func.body).ops.iter().filter_map(|op| {
        let access = of_op(func, *op)?;
        let axes: Vec<String> = access
            .axes
            .iter()
            .map(|axis| axis.as_ref().map_or("?".to_owned(), ToString::to_string))
            .collect();
        Some(format!("{:?} [{}]", access.root, axes.join(", ")))
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn subscripts_are_affine_along_the_path() {
    let (mut b, params) = with_params(&[("a", matrix(0, 1)), ("i", numlift_ir::ty::Ty::INT)]);
    let one = b.int(1);
    let next = b.operator(numlift_ir::scalar::F::Add, &[params[1], one]);
    element(&mut b, params[0], &[params[1], next]);
    let row = element(&mut b, params[0], &[params[1]]);
    let item = element(&mut b, row, &[next]);
    let turned = b.value(Kind::Attr("T".to_owned()), &[params[0]]);
    element(&mut b, turned, &[params[1], next]);
    let tail = b.value(
        Kind::Index(vec![Sub::Slice {
            lo: true,
            hi: false,
            step: false,
        }]),
        &[params[0], one],
    );
    element(&mut b, tail, &[params[1], next]);
    let func = finished(b, &[("item", item)]);
    insta::assert_snapshot!(accesses(&func), @r"
    Value(ValueId(0)) [%1, %1+1]
    Value(ValueId(0)) [%1]
    Value(ValueId(0)) [%1, %1+1]
    Value(ValueId(0)) []
    Value(ValueId(0)) [?]
    Value(ValueId(0)) []
    ");
}

#[test]
fn fresh_memory_is_nobody_elses() {
    let (mut b, params) = with_params(&[("x", vector(0)), ("y", vector(0))]);
    let zero = b.int(0);
    let value = b.constant(Const::Float(1.0));
    let kind = Kind::Call {
        callee: "numpy.zeros_like".to_owned(),
        keywords: Vec::new(),
    };
    let fresh = b.value(kind, &[params[0]]);
    for base in [params[0], params[1], fresh] {
        store(&mut b, base, &[zero], value);
    }
    let func = finished(b, &[("fresh", fresh)]);
    let stores: Vec<_> = func
        .block(func.body)
        .ops
        .iter()
        .filter(|op| matches!(func.op(**op).kind, Kind::SetIndex(_)))
        .filter_map(|op| of_op(&func, *op))
        .collect();
    assert_eq!(sharing(&func, &stores[0], &stores[0]), Sharing::Same);
    assert_eq!(sharing(&func, &stores[0], &stores[1]), Sharing::Maybe);
    assert_eq!(sharing(&func, &stores[0], &stores[2]), Sharing::Never);
}
