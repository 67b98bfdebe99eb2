//! What a unit is computed by: its slice of the loop's body, and every read in it.

use std::collections::HashSet;

use numlift_ir::function::{BlockId, Function, OpId, ValueId};
use numlift_ir::op::Kind;
use numlift_ir::ty::Ty;

use super::super::Loop;
use super::super::carried::{ArgUpdate, Update};
use super::super::scans::is_computed_with;
use super::{Action, Body, Row, Unit};
use crate::access::{self, Access};
use crate::slice::backward;

/// What a unit computes with.
#[derive(Debug, Default)]
struct Needs {
    roots: Vec<ValueId>,
    /// The load of an accumulator in memory, which is no read of the unit's.
    skip: Option<OpId>,
    /// Blocks that are its own with all they yield.
    own_blocks: Vec<BlockId>,
    /// Blocks of which only some values are its own.
    inside: Vec<BlockId>,
}

/// What a unit needs of the loop's body, but for its own blocks.
fn needs(func: &Function, unit: &Unit) -> Needs {
    let mut needs = Needs {
        roots: unit.mask.iter().map(|(condition, _)| *condition).collect(),
        ..Needs::default()
    };
    let Needs {
        roots,
        skip,
        own_blocks,
        inside,
    } = &mut needs;
    match &unit.action {
        Action::Store(op) | Action::Append(op) => roots.extend(&func.op(*op).args),
        Action::AppendRow { append, row } => {
            roots.push(func.op(*append).args[0]);
            match row {
                Row::Repeated { value, count } => roots.extend([*value, *count]),
                Row::Extended(filler) => {
                    roots.extend(&func.op(*filler).args[1..]);
                    own_blocks.extend(func.op(*filler).blocks.clone());
                }
            }
        }
        Action::Nested(op) => {
            roots.extend(&func.op(*op).args);
            own_blocks.extend(func.op(*op).blocks.clone());
        }
        Action::Fold { update, .. } | Action::Scan { update, .. } => add_update(func, update, roots, own_blocks),
        Action::Accumulate { store, load, update } => {
            let args = &func.op(*store).args;
            roots.extend(&args[..args.len() - 1]);
            add_update(func, update, roots, own_blocks);
            *skip = Some(*load);
        }
        Action::Memory { load, update, .. } => {
            add_update(func, update, roots, own_blocks);
            *skip = Some(*load);
        }
        Action::NestedMemory { scatter, load, update } => {
            let block = func.op(*scatter).blocks[0];
            let yielded = func.block(block).end.values();
            roots.extend(
                yielded
                    .iter()
                    .enumerate()
                    .filter(|(at, _)| !matches!(func.op(*scatter).kind, Kind::Scatter { axes, .. } if *at == axes))
                    .map(|(_, value)| *value),
            );
            roots.extend(&func.op(*scatter).args);
            add_update(func, update, roots, own_blocks);
            *skip = Some(*load);
            inside.push(block);
        }
        Action::ArgFold {
            update: ArgUpdate { inner: Some(inner), .. },
            ..
        } => {
            let data = func.op(*inner);
            roots.extend(&data.args[data.kind.leading()..]);
            own_blocks.extend(data.blocks.clone());
        }
        Action::ArgFold { update, .. } => {
            roots.push(update.value);
            roots.extend(update.payloads.iter().map(|(_, value)| *value));
            roots.extend(update.mask.iter().map(|(condition, _)| *condition));
        }
    }
    needs
}

/// The ops that a unit is computed by.
pub(in crate::raise) fn slice_of(func: &Function, looped: &Loop, unit: &Unit) -> HashSet<OpId> {
    let needs = needs(func, unit);
    let ends = needs
        .own_blocks
        .iter()
        .flat_map(|block| func.block(*block).end.values());
    let roots: Vec<ValueId> = needs.roots.iter().chain(ends).copied().collect();
    let mut ops = backward(func, &looped.scope, &roots);
    ops.retain(|op| Some(*op) != needs.skip);
    ops
}

/// Whether a unit is computed with a value that the loop carries; that it is its own accumulator does not count.
pub(in crate::raise) fn reads_value(func: &Function, looped: &Loop, unit: &Unit, param: ValueId) -> bool {
    let needs = needs(func, unit);
    let ends = needs
        .own_blocks
        .iter()
        .flat_map(|block| func.block(*block).end.values());
    let roots: Vec<ValueId> = needs.roots.iter().chain(ends).copied().collect();
    is_computed_with(func, looped, &roots, param)
}

/// Every read in the slice of a unit.
pub(super) fn reads(body: &Body<'_>, unit: &Unit) -> Vec<(Access, usize)> {
    let func = body.func;
    let needs = needs(func, unit);
    let mut own_ops = HashSet::new();
    for block in needs.inside.iter().chain(&needs.own_blocks) {
        func.walk(*block, &mut |op| {
            own_ops.insert(op);
        });
    }
    // An index-space op reads in its block, before it writes; a row where it is filled and not where it is appended.
    let own_place = match &unit.action {
        Action::AppendRow {
            row: Row::Extended(filler),
            ..
        } => body.position(*filler),
        _ => unit.position,
    };
    let placed = slice_of(func, body.looped, unit).into_iter().map(|op| {
        let position = if own_ops.contains(&op) {
            own_place
        } else {
            body.position(op)
        };
        (op, position)
    });
    accesses(func, placed)
}

/// Every read that a carried value is computed with, in the last iteration.
pub(in crate::raise) fn reads_of_last(func: &Function, looped: &Loop, number: usize) -> Vec<(Access, usize)> {
    let body = Body::of(func, looped);
    let ops = backward(func, &looped.scope, &[looped.yields[number]]);
    accesses(func, ops.into_iter().map(|op| (op, body.position(op))))
}

/// The reads among ops, with their places.
fn accesses(func: &Function, ops: impl Iterator<Item = (OpId, usize)>) -> Vec<(Access, usize)> {
    let mut found: Vec<(Access, usize)> = Vec::new();
    for (op, position) in ops {
        if let Some(access) = access::of_op(func, op) {
            found.push((access, position));
        } else if access::reads_wholly(func, op) {
            for arg in func.op(op).args.clone() {
                if matches!(func.ty(arg), Ty::Array { .. } | Ty::List(..)) {
                    found.push((access::whole(func, op, arg), position));
                }
            }
        }
    }
    found.sort_by_key(|(access, position)| (*position, access.op));
    found
}

fn add_update(func: &Function, update: &Update, roots: &mut Vec<ValueId>, blocks: &mut Vec<BlockId>) {
    roots.extend(update.terms.iter().map(|(term, _)| *term));
    roots.extend(update.mask.iter().map(|(condition, _)| *condition));
    if let Some(inner) = update.inner {
        roots.extend(&func.op(inner).args[1..]);
        blocks.extend(func.op(inner).blocks.clone());
    }
}
