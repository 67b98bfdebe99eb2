//! A first element that is stored before a loop belongs to what the loop stores, where it is what a scan starts from.
//!
//! ```text
//! a[0] = v
//! r = scan add seeded v, n - 1 { … }               r = scan add seeded v, n - 1 { … }
//! scatter a, n - 1 { (t) yield t + 1, r[t + 1] }  =>  scatter a, n { (t) yield t, r[t] }
//! ```
//!
//! Nothing between may touch the array.

use numlift_ir::affine::{Affine, Atom, affine_of, is_equal};
use numlift_ir::function::{BlockId, Function, OpId, ValueId};
use numlift_ir::op::{Effect, Kind};
use numlift_ir::scalar::F;

use super::arithmetic::{counter_type, int_const, int_op};
use crate::access;
use crate::condition::{Condition, Fact};

/// Does so with all stores of a block; gives what that stands on.
pub(super) fn absorb(func: &mut Function, block: BlockId) -> Vec<Condition> {
    let mut conditions = Vec::new();
    for op in func.block(block).ops.clone() {
        if let Some(found) = first_store(func, block, op) {
            conditions.push(widen(func, block, op, found));
        }
    }
    conditions
}

/// The store of the element before a scatter's first.
fn first_store(func: &Function, block: BlockId, scatter: OpId) -> Option<OpId> {
    let data = func.op(scatter);
    if !matches!(data.kind, Kind::Scatter { axes: _, masked: false }) || data.args.len() != 2 {
        return None;
    }
    let inner = func.block(data.blocks[0]);
    let counter = Atom::Value(inner.params[0]);
    let (value, places) = inner.end.values().split_last()?;
    let load = func.defining(*value)?;
    let scan = func.defining(*load.args.first()?)?;
    let (Kind::Index(_), Kind::Scan { seeded, .. }) = (&load.kind, &scan.kind) else {
        return None;
    };
    if affine_of(func, load.args[1]) != Affine::atom(counter).offset(1)? {
        return None;
    }
    let root = access::path(func, data.args[0]).0;
    let earlier = Affine::constant(-1);
    let ops = &func.block(block).ops;
    let place = ops.iter().position(|op| *op == scatter)?;
    for op in ops[..place].iter().rev() {
        let before = func.op(*op);
        if let Kind::SetIndex(_) = before.kind
            && access::path(func, before.args[0]).0 == root
        {
            let (stored, subscripts) = before.args[1..].split_last()?;
            let alike = before.args[0] == data.args[0]
                && subscripts.len() == places.len()
                && subscripts.iter().zip(places).all(|(first, place)| {
                    let there = affine_of(func, *place).substitute(counter, &earlier);
                    there.is_some_and(|there| is_equal(&there, &affine_of(func, *first)))
                });
            let is_start = match seeded {
                true => is_same(func, scan.args[0], *stored),
                false => is_first_term(func, scan.blocks[0], *stored),
            };
            return (alike && is_start).then_some(*op);
        }
        if touches(func, *op, &root) {
            return None;
        }
    }
    None
}

/// What a store makes of a value is what a scan starts from.
fn is_same(func: &Function, start: ValueId, stored: ValueId) -> bool {
    let bare = |value: ValueId| match func.defining(value) {
        Some(op) if op.kind == Kind::Convert => op.args[0],
        _ => value,
    };
    start == stored
        || bare(start) == bare(stored)
        || matches!((func.as_const(bare(start)), func.as_const(bare(stored))), (Some(a), Some(b)) if a == b)
}

/// Whether a value is the load that a block yields for index 0.
fn is_first_term(func: &Function, block: BlockId, stored: ValueId) -> bool {
    let inner = func.block(block);
    let counter = Atom::Value(inner.params[0]);
    let (Some(load), Some(first)) = (func.defining(inner.end.values()[0]), func.defining(stored)) else {
        return false;
    };
    load.kind == first.kind
        && matches!(load.kind, Kind::Index(_))
        && load.args[0] == first.args[0]
        && load.args[1..].iter().zip(&first.args[1..]).all(|(place, first)| {
            let there = affine_of(func, *place).substitute(counter, &Affine::default());
            there.is_some_and(|there| is_equal(&there, &affine_of(func, *first)))
        })
}

/// Whether an op reads or changes an object's memory, or may.
fn touches(func: &Function, op: OpId, root: &access::Root) -> bool {
    let mut found = false;
    let mut look = |op: OpId| {
        let data = func.op(op);
        found |= data.kind.effect() == Effect::World;
        let is_extent = matches!(data.kind, Kind::Len { .. });
        found |= !is_extent && data.args.iter().any(|arg| access::path(func, *arg).0 == *root);
    };
    look(op);
    for block in &func.op(op).blocks {
        func.walk(*block, &mut look);
    }
    found
}

/// The scatter from one element earlier, without the store.
fn widen(func: &mut Function, block: BlockId, scatter: OpId, store: OpId) -> Condition {
    let data = func.op(scatter).clone();
    let at = data.origin;
    let place = func.block(block).ops.iter().position(|op| *op == scatter).unwrap_or(0);
    let tail = func.block_mut(block).ops.split_off(place);
    let one = int_const(func, block, 1, at);
    let extent = int_op(func, block, F::Add, data.args[1], one, at);
    func.block_mut(block).ops.extend(tail);
    func.op_mut(scatter).args[1] = extent;
    let inner = data.blocks[0];
    let old = func.block(inner).params[0];
    let ty = counter_type(func, extent);
    // The new counter is one ahead of the old one.
    let rest = std::mem::take(&mut func.block_mut(inner).ops);
    let name = func.name_of(old).map(str::to_owned);
    let counter = func.add_param(inner, ty, name.as_deref());
    let one = int_const(func, inner, 1, at);
    let before = int_op(func, inner, F::Sub, counter, one, at);
    func.block_mut(inner).ops.extend(rest);
    func.replace_uses(inner, old, before);
    let params = &mut func.block_mut(inner).params;
    params.remove(0);
    func.values[counter.index()].def = numlift_ir::function::Def::Param(inner, 0);
    func.block_mut(block).ops.retain(|op| *op != store);
    Condition {
        fact: Fact::AtMost(Affine::constant(1), affine_of(func, extent)),
        at,
    }
}
