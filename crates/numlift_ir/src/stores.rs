//! Stores of one element that surely go well, so that nobody has to be ready for them to fail.
//!
//! ```text
//! x[i], x[j] = x[j], x[i]         both places were read before: there is nothing to find out when they are stored to
//! ```

use crate::affine::affine_of;
use crate::dtype::{Casting, Dtype, can_cast};
use crate::effects::changes_length;
use crate::function::{BlockId, Function, Op, OpId, ValueId};
use crate::op::{Effect, Kind, Sub};
use crate::ty::{Interval, Ty};

/// Whether a store of one element, a `SetIndex`, surely goes well: the place is there, and can hold what is stored.
/// Memory may be missing.
pub fn goes_well(func: &Function, store: OpId) -> bool {
    let args = &func.op(store).args;
    let (Some(base), Some(value)) = (args.first(), args.last()) else {
        return false;
    };
    let holds = match func.ty(*base).bound() {
        Ty::List(..) | Ty::Buffer(_) => true,
        Ty::Array { dtype, .. } => converts(func.ty(*value), *dtype),
        _ => false,
    };
    holds && is_known_place(func, store)
}

/// Whether a number of a type is converted to a dtype without any doubt.
pub fn converts(ty: &Ty, dtype: Dtype) -> bool {
    match ty {
        Ty::Bool => dtype.is_known(),
        // Compiled ints have 64 bits.
        Ty::Int(interval) => match Interval::of_dtype(dtype) {
            Some(limits) => interval.meet(Interval::MACHINE).is_within(limits),
            None => matches!(dtype, Dtype::F64 | Dtype::C128),
        },
        Ty::Float => dtype.is_inexact() && dtype != Dtype::F16,
        Ty::Complex => dtype.is_complex(),
        Ty::Np(from) => {
            can_cast(*from, dtype, Casting::Safe) || from.is_float() && dtype.is_float() && dtype != Dtype::F16
        }
        // Not one of them is in doubt.
        Ty::OneOf(options) => options.iter().all(|option| converts(&Ty::scalar(*option), dtype)),
        _ => false,
    }
}

/// Whether the element that is stored to was read on every way that leads to the store: then it is there.
pub fn is_known_place(func: &Function, store: OpId) -> bool {
    let data = func.op(store);
    let Kind::SetIndex(subs) = &data.kind else {
        return false;
    };
    if subs.is_empty() || subs.iter().any(|sub| *sub != Sub::At) {
        return false;
    }
    let place = &data.args[..data.args.len() - 1];
    let reads = |op: &OpId| {
        let op = func.op(*op);
        matches!(&op.kind, Kind::Index(read) if read == subs)
            && op.args[0] == place[0]
            && op
                .args
                .iter()
                .zip(place)
                .all(|(a, b)| a == b || are_one_int(func, *a, *b))
    };
    let Some(mut block) = block_of(func, store) else {
        return false;
    };
    // A list may have become shorter: it was read on this straight line, and nothing but places was changed since.
    if is_list(func, place[0]) {
        return before(func, block, store)
            .take_while(|op| func.op(**op).blocks.is_empty() && !may_shorten(func, func.op(**op)))
            .any(reads);
    }
    let mut op = store;
    loop {
        if before(func, block, op).any(reads) {
            return true;
        }
        let Some(around) = around(func, block) else {
            return false;
        };
        let Some(outer) = block_of(func, around) else {
            return false;
        };
        (op, block) = (around, outer);
    }
}

fn is_list(func: &Function, value: ValueId) -> bool {
    matches!(func.ty(value).bound(), Ty::List(..) | Ty::Buffer(_))
}

/// The ops in front of an op of a block, the last one first.
fn before(func: &Function, block: BlockId, op: OpId) -> impl Iterator<Item = &OpId> {
    let ops = &func.block(block).ops;
    ops.iter().rev().skip_while(move |other| **other != op).skip(1)
}

fn block_of(func: &Function, op: OpId) -> Option<BlockId> {
    let found = func.blocks.iter().position(|block| block.ops.contains(&op))?;
    Some(BlockId(found as u32))
}

/// The op that a block belongs to.
fn around(func: &Function, block: BlockId) -> Option<OpId> {
    let found = func.ops.iter().position(|op| op.blocks.contains(&block))?;
    Some(OpId(found as u32))
}

/// Whether two ints are computed alike of the same ones.
fn are_one_int(func: &Function, a: ValueId, b: ValueId) -> bool {
    let is_int = |value: ValueId| matches!(func.ty(value), Ty::Int(_));
    is_int(a) && is_int(b) && affine_of(func, a) == affine_of(func, b)
}

/// Whether an op may change how long a list is.
fn may_shorten(func: &Function, op: &Op) -> bool {
    match &op.kind {
        Kind::SetIndex(subs) => is_list(func, op.args[0]) && !matches!(subs[..], [Sub::At]),
        Kind::Frame { .. } => false,
        Kind::Method { name, .. } if changes_length(name) => true,
        kind => !matches!(kind.effect(), Effect::Pure | Effect::Reads | Effect::Draws),
    }
}
