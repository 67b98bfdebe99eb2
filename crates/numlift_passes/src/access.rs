//! What memory an op touches: a root and affine subscripts.
//!
//! ```text
//! a[i, j+1]      =>      root a, [i, j + 1]
//! A[i][k]        =>      root A, [i, k]
//! x[2:][i]       =>      root x, anywhere
//! ```

use numlift_ir::affine::{Affine, affine_of};
use numlift_ir::function::{Def, Function, OpId, OriginId, ValueId};
use numlift_ir::op::{Effect, Kind, Sub};
use numlift_ir::ty::Ty;

#[cfg(test)]
mod tests;

/// The object whose memory is touched.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Root {
    Value(ValueId),
    /// A plain attribute of an object; two reads of it are one root.
    Attr(Box<Root>, String),
}

/// A read or a write.
#[derive(Debug, Clone)]
pub struct Access {
    pub root: Root,
    /// A value that is the root, for messages and conditions.
    pub base: ValueId,
    /// One affine subscript an axis as far as they are known; `None` for an axis that is touched anywhere. Empty
    /// where the whole root is.
    pub axes: Vec<Option<Affine>>,
    pub op: OpId,
    pub origin: OriginId,
}

/// How two roots relate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    Same,
    Never,
    /// Not known: a condition.
    Maybe,
}

/// The root and subscripts of an element or view of `base` that is further subscripted.
pub fn path(func: &Function, value: ValueId) -> (Root, ValueId, Option<Vec<Option<Affine>>>) {
    let Some(op) = func.defining(value) else {
        return (Root::Value(value), value, Some(Vec::new()));
    };
    match &op.kind {
        Kind::Attr(name) if !matches!(name.as_str(), "T" | "real" | "imag" | "flat" | "base") => {
            let (root, _, _) = path(func, op.args[0]);
            (Root::Attr(Box::new(root), name.clone()), value, Some(Vec::new()))
        }
        Kind::Attr(_) => {
            let (root, base, _) = path(func, op.args[0]);
            (root, base, None)
        }
        Kind::Index(subs) if is_view(func, value) => {
            let (root, base, prefix) = path(func, op.args[0]);
            let axes = prefix.and_then(|mut prefix| {
                if subs.iter().all(|sub| *sub == Sub::At) {
                    prefix.extend(op.args[1..].iter().map(|index| subscript(func, *index)));
                    Some(prefix)
                } else {
                    None
                }
            });
            (root, base, axes)
        }
        Kind::Method { name, .. }
            if matches!(name.as_str(), "reshape" | "ravel" | "transpose" | "view" | "swapaxes") =>
        {
            let (root, base, _) = path(func, op.args[0]);
            (root, base, None)
        }
        Kind::Call { callee, .. }
            if matches!(
                callee.as_str(),
                "numpy.asarray" | "numpy.ravel" | "numpy.reshape" | "numpy.transpose" | "numpy.ascontiguousarray"
            ) =>
        {
            let (root, base, _) = path(func, op.args[0]);
            (root, base, None)
        }
        _ => (Root::Value(value), value, Some(Vec::new())),
    }
}

/// Whether a value refers into the memory of what it was indexed from.
fn is_view(func: &Function, value: ValueId) -> bool {
    matches!(
        func.ty(value),
        Ty::Array { .. } | Ty::List(..) | Ty::Unknown | Ty::Object { .. }
    )
}

fn subscript(func: &Function, index: ValueId) -> Option<Affine> {
    matches!(func.ty(index), Ty::Int(_) | Ty::Np(_) | Ty::Bool).then(|| affine_of(func, index))
}

/// The access of an op to the whole of the memory that a value belongs to.
pub fn whole(func: &Function, op: OpId, value: ValueId) -> Access {
    let (root, base, _) = path(func, value);
    Access {
        root,
        base,
        axes: Vec::new(),
        op,
        origin: func.op(op).origin,
    }
}

/// The read or write that an op is, if it touches memory in a way that is understood.
pub fn of_op(func: &Function, op: OpId) -> Option<Access> {
    let data = func.op(op);
    let (subs, extra) = match &data.kind {
        Kind::Index(subs) => (subs, 0),
        Kind::SetIndex(subs) => (subs, 1),
        Kind::Append => {
            return Some(whole(func, op, data.args[0]));
        }
        _ => return None,
    };
    let (root, base, prefix) = path(func, data.args[0]);
    let axes = match prefix {
        Some(mut prefix) => {
            let mut operand = 1;
            for sub in subs {
                match sub {
                    Sub::At => prefix.push(subscript(func, data.args[operand])),
                    Sub::Slice { .. } => prefix.push(None),
                    Sub::NewAxis => {}
                    Sub::Ellipsis => return Some(whole(func, op, data.args[0])),
                }
                operand += sub.arity();
            }
            debug_assert_eq!(operand + extra, data.args.len());
            prefix
        }
        None => Vec::new(),
    };
    Some(Access {
        root,
        base,
        axes,
        op,
        origin: data.origin,
    })
}

/// Whether two roots may share memory.
pub fn sharing(func: &Function, a: &Access, b: &Access) -> Sharing {
    if a.root == b.root {
        return Sharing::Same;
    }
    let list = |access: &Access| matches!(func.ty(access.base), Ty::List(..));
    let array = |access: &Access| matches!(func.ty(access.base), Ty::Array { .. });
    if (list(a) && array(b)) || (array(a) && list(b)) {
        return Sharing::Never;
    }
    // An immutable base is never written, so it cannot be shared with a written one.
    let frozen = |access: &Access| {
        matches!(
            func.ty(access.base),
            Ty::Tuple(_) | Ty::Range | Ty::Str | Ty::Tensor { .. }
        )
    };
    if frozen(a) || frozen(b) {
        return Sharing::Never;
    }
    match (fresh(func, &a.root), fresh(func, &b.root)) {
        (true, true) => Sharing::Never,
        (true, false) | (false, true) => {
            let other = if fresh(func, &a.root) { &b.root } else { &a.root };
            if existed_before(func, other) {
                Sharing::Never
            } else {
                Sharing::Maybe
            }
        }
        (false, false) => Sharing::Maybe,
    }
}

/// Memory that an op of this function made and nobody else can know yet.
pub fn fresh(func: &Function, root: &Root) -> bool {
    let Root::Value(value) = root else { return false };
    let Some(op) = func.defining(*value) else { return false };
    match &op.kind {
        Kind::MakeList | Kind::Repeat | Kind::Comp | Kind::Scalar { .. } => true,
        Kind::Call { callee, keywords } => numlift_ir::effects::is_fresh_call(callee, keywords),
        Kind::Method { name, keywords } => numlift_ir::effects::is_fresh_method(name, keywords),
        _ => false,
    }
}

/// A live-in (or something reached from one): it cannot be memory that was allocated after the entry.
fn existed_before(func: &Function, root: &Root) -> bool {
    match root {
        Root::Value(value) => matches!(func.def(*value), Def::Param(block, _) if block == func.body),
        Root::Attr(inner, _) => existed_before(func, inner),
    }
}

/// Whether an op reads memory in a way that [`of_op`] does not describe: as a whole.
pub fn reads_wholly(func: &Function, op: OpId) -> bool {
    let data = func.op(op);
    matches!(
        data.kind,
        Kind::Call { .. } | Kind::Method { .. } | Kind::Scalar { .. } | Kind::Convert
    ) && data.kind.effect() == Effect::Reads
        && data
            .args
            .iter()
            .any(|arg| matches!(func.ty(*arg), Ty::Array { .. } | Ty::List(..)))
}
