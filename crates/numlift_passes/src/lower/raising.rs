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
        // Views have requirements of their own in front of them.
        Kind::Index(subs) => {
            let is_view = matches!(func.ty(func.result(op)).bound(), Ty::Array { .. });
            subs.contains(&Sub::At) && (!is_view || matches!(func.ty(data.args[0]).bound(), Ty::List(..)))
        }
        Kind::Scalar { f, flavour } => {
            let tys: Option<Vec<ScalarTy>> = data.args.iter().map(|arg| func.ty(*arg).as_scalar()).collect();
            let told = |faults: Faults| faults.may_raise() || faults.may_warn();
            tys.is_none_or(|tys| told(faults(*f, *flavour, &tys)))
        }
        // `int(nan)`.
        Kind::Convert => {
            matches!(func.ty(func.result(op)), Ty::Int(_)) && !matches!(func.ty(data.args[0]), Ty::Int(_) | Ty::Bool)
        }
        Kind::Call { callee, .. } => !matches!(callee.as_str(), "numpy.empty" | "numpy.zeros"),
        Kind::Method { .. } => true,
        Kind::Const(_)
        | Kind::Unbound
        | Kind::Extern(_)
        | Kind::Truth
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
