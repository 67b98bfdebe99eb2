//! What nobody reads is not raised: whether somebody could tell that it is gone.
//!
//! A load may be out of range and an array's operands may not fit each other, which raises; arithmetic may warn.

use numlift_ir::affine::{affine_of, extent_of};
use numlift_ir::function::{Def, Function, Op, OpId};
use numlift_ir::op::Kind;
use numlift_ir::ty::Dim;

use super::constant;
use crate::blocker::{Blocker, BlockerKind};
use crate::condition::prove_at_most;

/// Whether arithmetic of NumPy's, which may warn, is not there any more, or only for the last iteration.
pub(super) fn drops_scalars(before: &Function, after: &Function) -> bool {
    let mut kept = Vec::new();
    after.walk(after.body, &mut |op| kept.push(op));
    let mut dropped = false;
    before.walk(before.body, &mut |op| {
        dropped |= matches!(before.op(op).kind, Kind::Scalar { .. }) && !kept.contains(&op);
    });
    dropped
}

/// A load in a loop that nobody reads, and that may raise all the same.
pub(super) fn unread_load(before: &Function, after: &Function) -> Option<Blocker> {
    let mut kept = Vec::new();
    after.walk(after.body, &mut |op| kept.push(op));
    let mut all = Vec::new();
    before.walk(before.body, &mut |op| all.push(op));
    let removed = |op: &&OpId| matches!(before.op(**op).kind, Kind::Index(_)) && !kept.contains(op);
    if let Some(blocker) = unread_arrays(before, &kept) {
        return Some(blocker);
    }
    let unread = all.iter().filter(removed).find(|op| {
        let data = before.op(**op);
        let again = kept.iter().any(|other| {
            let other = before.op(*other);
            other.kind == data.kind && other.args == data.args
        });
        !again && !counts_over_base(before, data)
    })?;
    Some(Blocker::new(
        BlockerKind::Exception,
        before.op(*unread).origin,
        "an element that nobody reads is loaded: it may be out of range, which raises",
    ))
}

/// An array operation in a loop that nobody reads, of operands that may not fit each other.
fn unread_arrays(before: &Function, kept: &[OpId]) -> Option<Blocker> {
    let mut bodies = Vec::new();
    before.walk(before.body, &mut |op| {
        if before.op(op).kind == Kind::For {
            bodies.push(before.op(op).blocks[0]);
        }
    });
    let mut found = None;
    for body in bodies {
        before.walk(body, &mut |op| {
            let data = before.op(op);
            let mut shapes: Vec<_> = data.args.iter().map(|arg| before.ty(*arg).bound().dims()).collect();
            shapes.retain(|dims| !dims.is_empty());
            shapes.dedup();
            let may_differ = shapes.len() > 1 || shapes.iter().any(|dims| dims.contains(&Dim::Unknown));
            if matches!(data.kind, Kind::Scalar { .. }) && may_differ && !kept.contains(&op) {
                found = found.or(Some(data.origin));
            }
        });
    }
    found.map(|at| {
        Blocker::new(
            BlockerKind::Exception,
            at,
            "an array that nobody reads is computed: its operands may not fit, which raises",
        )
    })
}

/// `x[i]` where the loop counts from 0 up to at most `len(x)`.
fn counts_over_base(func: &Function, load: &Op) -> bool {
    let [base, index] = load.args[..] else { return false };
    let Def::Param(block, 0) = func.def(index) else {
        return false;
    };
    let mut looped = None;
    func.walk(func.body, &mut |op| {
        if func.op(op).kind == Kind::For && func.op(op).blocks[0] == block {
            looped = Some(op);
        }
    });
    let Some(looped) = looped else { return false };
    let args = &func.op(looped).args;
    let stop = affine_of(func, args[1]);
    let extent = extent_of(func, base, 0);
    constant(func, args[0]).is_some_and(|start| start >= 0)
        && constant(func, args[2]).is_some_and(|step| step > 0)
        && prove_at_most(func, &stop, &extent) == Some(true)
}
