//! Short sums inside index space are written out.
//!
//! ```text
//! comp i, j { fold add 0.0, 3 { (k) d = p[i,k] - q[j,k]; d * d } }
//!     =>  comp i, j { d0 * d0 + d1 * d1 + d2 * d2 }
//! ```
//!
//! Over three coordinates the one long sum needs a tensor that is three times as large as the result, in rows of three,
//! and rounds otherwise than the loop; written out, the terms are added in the loop's own order. A sum of products that
//! is a product of matrices stays, and so does one of plain elements, for which NumPy's `sum` reads better.

use std::collections::HashMap;

use numlift_ir::build::Builder;
use numlift_ir::function::{BlockId, Def, Function, OpId, ValueId};
use numlift_ir::op::{Const, Kind, Monoid};
use numlift_ir::scalar::F;

use crate::slice::{Scope, Slice, depends_on};

/// Longer sums stay sums.
const LONGEST: i128 = 4;

/// Writes out every such sum in a block and below; says whether there was one.
pub fn unroll(func: &mut Function, block: BlockId) -> bool {
    let mut changed = false;
    for op in func.block(block).ops.clone() {
        for inner in func.op(op).blocks.clone() {
            if func.op(op).kind.is_index_space() {
                changed |= unroll_in(func, inner);
            }
            changed |= unroll(func, inner);
        }
    }
    changed
}

fn unroll_in(func: &mut Function, block: BlockId) -> bool {
    let mut changed = false;
    for op in func.block(block).ops.clone() {
        if let Some((f, trips)) = short(func, op)
            && is_worth_it(func, block, op)
        {
            changed |= write_out(func, block, op, f, trips);
        }
    }
    changed
}

/// The operator and the number of terms of a short sum or product over one index.
fn short(func: &Function, op: OpId) -> Option<(F, i128)> {
    let data = func.op(op);
    let Kind::Fold {
        monoid, masked: false, ..
    } = data.kind
    else {
        return None;
    };
    let f = match monoid {
        Monoid::Add => F::Add,
        Monoid::Mul => F::Mul,
        Monoid::And
        | Monoid::Or
        | Monoid::MinIf
        | Monoid::MaxIf
        | Monoid::MinIfLast
        | Monoid::MaxIfLast
        | Monoid::Minimum
        | Monoid::Maximum
        | Monoid::Last => return None,
    };
    let [extent] = data.args[1..] else { return None };
    match func.as_const(extent) {
        Some(Const::Int(trips)) if (1..=LONGEST).contains(trips) => Some((f, *trips)),
        _ => None,
    }
}

/// The term is computed for every index around, and no product of matrices does it.
fn is_worth_it(func: &Function, around: BlockId, op: OpId) -> bool {
    let block = func.op(op).blocks[0];
    let term = func.block(block).end.values()[0];
    let Some(data) = func.defining(term) else { return false };
    let Kind::Scalar { f, .. } = data.kind else {
        return false;
    };
    if f != F::Mul {
        return true;
    }
    let scope = Scope::of(func, around);
    let dims: Vec<ValueId> = func.block(around).params.clone();
    let over = |value: ValueId| -> Vec<ValueId> {
        let depends = |dim: &&ValueId| depends_on(func, &scope, value, **dim);
        dims.iter().filter(depends).copied().collect()
    };
    let (left, right) = (over(data.args[0]), over(data.args[1]));
    left.iter().any(|dim| right.contains(dim))
}

/// The sum as scalars in front of it.
fn write_out(func: &mut Function, block: BlockId, op: OpId, f: F, trips: i128) -> bool {
    let data = func.op(op).clone();
    let inside = data.blocks[0];
    let (counter, term) = (func.block(inside).params[0], func.block(inside).end.values()[0]);
    let place = func.block(block).ops.iter().position(|other| *other == op);
    let Some(place) = place else { return false };
    let scope = Scope::of(func, inside);
    let tail = func.block_mut(block).ops.split_off(place);
    let mut builder = Builder {
        func: std::mem::replace(func, Function::new("")),
        block,
        origin: data.origin,
    };
    let starts_from_zero = f == F::Add && is_zero(&builder.func, data.args[0]) && has_plus_sign(&builder.func, term);
    let mut total = (!starts_from_zero).then_some(data.args[0]);
    let mut whole = true;
    for number in 0..trips {
        let index = builder.int(number);
        let made = Slice::new(&scope, block, HashMap::from([(counter, index)])).value(&mut builder.func, term);
        let Ok(made) = made else {
            whole = false;
            break;
        };
        total = Some(match total {
            None => made,
            Some(before) => builder.operator(f, &[before, made]),
        });
    }
    *func = builder.func;
    match total {
        Some(total) if whole => {
            func.block_mut(block).ops.extend(&tail[1..]);
            if let Some(name) = func.name_of(data.results[0]).map(str::to_owned) {
                func.values[total.index()].name.get_or_insert(name);
            }
            func.replace_uses(func.body, data.results[0], total);
            true
        }
        _ => {
            // What was made so far is dead.
            func.block_mut(block).ops.extend(tail);
            false
        }
    }
}

fn is_zero(func: &Function, value: ValueId) -> bool {
    match func.as_const(value) {
        Some(Const::Int(int)) => *int == 0,
        Some(Const::Float(float)) => *float == 0.0 && float.is_sign_positive(),
        _ => false,
    }
}

/// A float that is never `-0.0`, so that `0.0 +` changes nothing: a square or an absolute value.
pub(crate) fn has_plus_sign(func: &Function, value: ValueId) -> bool {
    let Def::Result(op, _) = func.def(value) else {
        return false;
    };
    let data = func.op(op);
    let is_float = func
        .ty(value)
        .as_scalar()
        .is_some_and(|ty| ty.array_dtype() == numlift_ir::dtype::Dtype::F64);
    is_float
        && match data.kind {
            Kind::Scalar { f: F::Mul, .. } => data.args[0] == data.args[1],
            Kind::Scalar {
                f: F::Abs | F::Square, ..
            } => true,
            Kind::Scalar { f: F::Pow, .. } => matches!(func.as_const(data.args[1]), Some(Const::Int(2))),
            _ => false,
        }
}
