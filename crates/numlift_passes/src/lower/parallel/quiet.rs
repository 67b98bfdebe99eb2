//! Loops that call nothing of Python's: while one runs for long, other threads of the program may.
//!
//! ```text
//! for i in range(n):                     nothing but numbers and elements: the interpreter's lock can be let go
//!     last = a * last + x[i]
//!     y[i] = last
//! ```
//!
//! Such a loop holds no references: no array is made or handed on in it. It may leave compiled code; the lock is taken
//! again first. The outermost loops are taken, of those that are not launched and launch nothing.

use std::collections::{BTreeMap, BTreeSet};

use numlift_ir::function::{BlockId, Function, OpId, ValueId};
use numlift_ir::launch::{Launch, Work};
use numlift_ir::op::Kind;
use numlift_ir::ty::Ty;

use super::{Inside, work};

/// The loops, and what an iteration of each costs.
pub(super) fn loops(func: &Function, launches: &BTreeMap<OpId, Launch>, loud: &BTreeSet<OpId>) -> BTreeMap<OpId, Work> {
    let mut found = BTreeMap::new();
    below(func, func.body, launches, loud, &mut found);
    found
}

fn below(
    func: &Function,
    block: BlockId,
    launches: &BTreeMap<OpId, Launch>,
    loud: &BTreeSet<OpId>,
    found: &mut BTreeMap<OpId, Work>,
) {
    for op in &func.block(block).ops {
        if launches.contains_key(op) {
            continue;
        }
        let data = func.op(*op);
        if data.kind == Kind::For && !loud.contains(op) && is_quiet(func, *op, launches) {
            found.insert(*op, work::of(func, *op, &Inside::of(func, *op)));
            continue;
        }
        for inner in &data.blocks {
            below(func, *inner, launches, loud, found);
        }
    }
}

fn is_quiet(func: &Function, op: OpId, launches: &BTreeMap<OpId, Launch>) -> bool {
    let data = func.op(op);
    let are_numbers = |values: &[ValueId]| values.iter().all(|value| is_plain(func.ty(*value)));
    let may_be = match &data.kind {
        Kind::Const(_)
        | Kind::Unbound
        | Kind::Scalar { .. }
        | Kind::Convert
        | Kind::IsNone
        | Kind::Present
        | Kind::Select
        | Kind::MakeTuple
        | Kind::Item(_)
        | Kind::Load
        | Kind::Store
        | Kind::Frame { .. }
        | Kind::Require(_)
        | Kind::Raise(_)
        | Kind::If
        | Kind::While => true,
        // Of a list it is the length, which others may change.
        Kind::Truth => are_numbers(&data.args),
        Kind::For => !launches.contains_key(&op),
        Kind::Index(_) | Kind::SetIndex(_) | Kind::Len { .. } => {
            matches!(func.ty(data.args[0]).bound(), Ty::Array { .. }) && are_numbers(&data.args[1..])
        }
        Kind::Extern(_)
        | Kind::MakeList
        | Kind::Repeat
        | Kind::Attr(_)
        | Kind::Call { .. }
        | Kind::Method { .. }
        | Kind::SetAttr(_)
        | Kind::Append
        | Kind::Opaque { .. }
        | Kind::Comp
        | Kind::Fold { .. }
        | Kind::ArgFold { .. }
        | Kind::First
        | Kind::Scan { .. }
        | Kind::ScatterFold { .. }
        | Kind::Scatter { .. }
        | Kind::Extend { .. } => false,
    };
    may_be
        && are_numbers(&data.results)
        && data.blocks.iter().all(|block| {
            are_numbers(&func.block(*block).params)
                && func.block(*block).ops.iter().all(|op| is_quiet(func, *op, launches))
        })
}

/// Whether values of a type are numbers, and no objects.
fn is_plain(ty: &Ty) -> bool {
    match ty.bound() {
        Ty::None | Ty::Unbound | Ty::Never | Ty::OneOf(_) => true,
        Ty::Tuple(items) => items.iter().all(is_plain),
        Ty::Optional(inner) => is_plain(inner),
        ty => ty.as_scalar().is_some(),
    }
}
