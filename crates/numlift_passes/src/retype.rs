//! Types after raising: what a loop carried had the type of all its iterations together; a fold has its own.

use numlift_ir::function::{BlockId, Function, OpId};
use numlift_ir::infer;
use numlift_ir::op::{Kind, Term};
use numlift_ir::ty::Ty;

#[cfg(test)]
mod tests;

/// Infers the types of scalar ops anew, in order, where the new type says more.
pub fn retype(func: &mut Function) {
    retype_block(func, func.body);
}

fn retype_block(func: &mut Function, block: BlockId) {
    for op in func.block(block).ops.clone() {
        for inner in func.op(op).blocks.clone() {
            retype_block(func, inner);
        }
        retype_op(func, op);
    }
}

fn retype_op(func: &mut Function, op: OpId) {
    let data = func.op(op).clone();
    match &data.kind {
        Kind::Scalar { .. } | Kind::Select => {
            let types = infer::result_types(func, &data.kind, &data.args);
            narrow(func, op, types);
        }
        Kind::If => {
            let yields = |block: BlockId| match &func.block(block).end {
                Term::Yield(values) => Some(values.iter().map(|value| func.ty(*value).clone()).collect::<Vec<_>>()),
                _ => None,
            };
            if let (Some(then), Some(other)) = (yields(data.blocks[0]), yields(data.blocks[1])) {
                let types = then.iter().zip(&other).map(|(a, b)| a.join(b)).collect();
                narrow(func, op, types);
            }
        }
        _ => {}
    }
}

fn narrow(func: &mut Function, op: OpId, types: Vec<Ty>) {
    for (result, ty) in func.op(op).results.clone().into_iter().zip(types) {
        let old = func.ty(result);
        let vague = matches!(old, Ty::OneOf(_) | Ty::Maybe(_) | Ty::Unknown);
        if vague && ty != Ty::Unknown && ty != *old {
            func.values[result.index()].ty = ty;
        }
    }
}
