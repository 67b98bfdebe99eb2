//! Values that nobody uses and whose computation may raise or warn: `t = x[9]; t = 0.0`.
//!
//! Removing what is dead must not remove an `IndexError`, a `ZeroDivisionError` or a `RuntimeWarning`. Of ops that do not say of themselves
//! that they change something, these stay: checked subscripts, Python's arithmetic that may raise, functions of NumPy
//! that are called as they are. What cannot happen was proven away before: a subscript that is in range is a load.

use numlift_ir::function::{Function, OpId, ValueId};
use numlift_ir::op::{Kind, Sub};
use numlift_ir::scalar::{Faults, ScalarTy, faults};
use numlift_ir::ty::Ty;

/// The results of all ops that may raise.
pub fn values(func: &Function) -> Vec<ValueId> {
    let mut found = Vec::new();
    func.walk(func.body, &mut |op| {
        if may_raise(func, op) {
            found.extend(&func.op(op).results);
        }
    });
    found
}

fn may_raise(func: &Function, op: OpId) -> bool {
    let data = func.op(op);
    match &data.kind {
        Kind::Index(subs) => subs.contains(&Sub::At) || !has_plain_slices(func, subs, &data.args[1..]),
        Kind::Scalar { f, flavour } => {
            let tys: Option<Vec<ScalarTy>> = data.args.iter().map(|arg| func.ty(*arg).as_scalar()).collect();
            let told = |faults: Faults| faults.may_raise() || faults.may_warn();
            tys.is_none_or(|tys| told(faults(*f, *flavour, &tys)))
        }
        // An array of several elements is neither true nor false; an object may say anything.
        Kind::Truth => !is_plainly_true_or_false(func.ty(data.args[0])),
        // `int(nan)`.
        Kind::Convert => {
            matches!(func.ty(func.result(op)), Ty::Int(_)) && !matches!(func.ty(data.args[0]), Ty::Int(_) | Ty::Bool)
        }
        Kind::Call { callee, .. } if matches!(callee.as_str(), "numpy.empty" | "numpy.zeros") => {
            !is_natural(func, data.args[0])
        }
        Kind::Call { .. } => true,
        Kind::Method { .. } => true,
        Kind::Const(_)
        | Kind::Unbound
        | Kind::Extern(_)
        | Kind::IsNone
        | Kind::Present
        | Kind::Select
        | Kind::MakeTuple
        | Kind::MakeList
        | Kind::Repeat
        | Kind::Item(_)
        | Kind::Len { .. }
        | Kind::Attr(_)
        | Kind::Load => false,
        // These stay for what they do, or hold the ops that may raise.
        Kind::SetIndex(_)
        | Kind::SetAttr(_)
        | Kind::Append
        | Kind::Raise(_)
        | Kind::Opaque { .. }
        | Kind::Frame { .. }
        | Kind::Require(_)
        | Kind::Store
        | Kind::If
        | Kind::For
        | Kind::While
        | Kind::Comp
        | Kind::Fold { .. }
        | Kind::ArgFold { .. }
        | Kind::First
        | Kind::Scan { .. }
        | Kind::ScatterFold { .. }
        | Kind::Scatter { .. }
        | Kind::Extend { .. } => false,
    }
}

/// Whether the truth of every value of a type is known to be one, and computing it does nothing.
fn is_plainly_true_or_false(ty: &Ty) -> bool {
    match ty.bound() {
        Ty::Optional(inner) => is_plainly_true_or_false(inner),
        Ty::None | Ty::Never | Ty::List(..) | Ty::Buffer(_) | Ty::Tuple(_) | Ty::Str | Ty::Range => true,
        ty => ty.scalar_options().is_some(),
    }
}

/// Whether all parts of slices are ints, and no step is 0.
fn has_plain_slices(func: &Function, subs: &[Sub], operands: &[ValueId]) -> bool {
    let is_int = |value: ValueId| matches!(func.ty(value).bound(), Ty::Int(_) | Ty::Bool | Ty::None);
    let is_zero_at_times = |value: ValueId| match func.ty(value).bound() {
        Ty::Int(interval) => interval.lo <= Some(0) && interval.hi.is_none_or(|hi| hi >= 0),
        _ => true,
    };
    let mut operands = operands;
    for sub in subs {
        let (own, rest) = operands.split_at(sub.arity().min(operands.len()));
        operands = rest;
        let Sub::Slice { step, .. } = sub else { continue };
        if !own.iter().all(|value| is_int(*value)) || *step && own.last().is_none_or(|last| is_zero_at_times(*last)) {
            return false;
        }
    }
    true
}

/// Whether a shape has no negative extent.
fn is_natural(func: &Function, shape: ValueId) -> bool {
    let extents = match func.defining(shape) {
        Some(tuple) if tuple.kind == Kind::MakeTuple => &tuple.args[..],
        _ => &[shape][..],
    };
    extents
        .iter()
        .all(|extent| matches!(func.ty(*extent).bound(), Ty::Int(interval) if interval.lo >= Some(0)))
}
