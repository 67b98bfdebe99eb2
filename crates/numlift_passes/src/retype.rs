//! Types after raising: what a loop carried had the type of all its iterations together; a fold has its own.

use numlift_ir::function::{BlockId, Function, OpId};
use numlift_ir::infer;
use numlift_ir::op::{Kind, Term};
use numlift_ir::ty::Ty;

#[cfg(test)]
mod tests;

/// Infers the types of scalar ops anew, in order, where the new type says more; says whether one does.
pub fn retype(func: &mut Function) -> bool {
    retype_block(func, func.body)
}

fn retype_block(func: &mut Function, block: BlockId) -> bool {
    let mut changed = false;
    for op in func.block(block).ops.clone() {
        for inner in func.op(op).blocks.clone() {
            changed |= retype_block(func, inner);
        }
        changed |= retype_op(func, op);
    }
    changed
}

fn retype_op(func: &mut Function, op: OpId) -> bool {
    let data = func.op(op).clone();
    match &data.kind {
        Kind::Scalar { .. } | Kind::Select => {
            let types = infer::result_types(func, &data.kind, &data.args);
            narrow(func, op, types)
        }
        Kind::If => {
            let yields = |block: BlockId| match &func.block(block).end {
                Term::Yield(values) => Some(values.iter().map(|value| func.ty(*value).clone()).collect::<Vec<_>>()),
                _ => None,
            };
            let (Some(then), Some(other)) = (yields(data.blocks[0]), yields(data.blocks[1])) else {
                return false;
            };
            let types = then.iter().zip(&other).map(|(a, b)| a.join(b)).collect();
            narrow(func, op, types)
        }
        _ => false,
    }
}

fn narrow(func: &mut Function, op: OpId, types: Vec<Ty>) -> bool {
    let mut changed = false;
    for (result, ty) in func.op(op).results.clone().into_iter().zip(types) {
        let old = func.ty(result);
        let vague = matches!(old, Ty::OneOf(_) | Ty::Maybe(_) | Ty::Unknown);
        // What may be `None` is any object, as far as rewrites know.
        let is_known = ty != Ty::Unknown && ty.without_optional() == ty;
        if vague && is_known && ty != *old {
            func.values[result.index()].ty = ty;
            changed = true;
        }
    }
    changed
}
