//! Loops that only look for something: `break` or `return` at the first hit.
//!
//! ```text
//! for i in range(n):                     found = fold or False, n { t: c(t) }
//!     if c(i): flag = True; break   =>   flag  = True if found else flag
//!     if c(i): k = i; break              k     = first n { t: c(t) } if found else k
//!     if c(i): return i                  the same for the function's outputs
//! ```
//!
//! The condition is computed for all elements, also for those behind the first hit, so it must be harmless there;
//! what it needs is stated when it is selected. The body does nothing else.

use std::collections::HashMap;

use numlift_ir::function::{BlockId, Function, OpId, ValueId};
use numlift_ir::op::{Const, Effect, Kind, Monoid, Term};
use numlift_ir::scalar::{F, Flavour};
use numlift_ir::ty::Ty;

use super::Loop;
use super::arithmetic::{counter_type, int_op, trip_count};
use crate::blocker::Blocker;
use crate::dead::breaks_of;
use crate::slice::Slice;

/// A loop whose body is one condition that leaves it.
struct Search {
    condition: ValueId,
    /// The condition leaves the loop when it is this.
    when: bool,
    leaves: BlockId,
    returns: bool,
}

/// Raises a search at the end of `parent`, whose following ops are `tail` (the loop first); `None` where the loop is
/// none.
pub(super) fn raise(func: &mut Function, looped: &Loop, parent: BlockId, tail: &[OpId]) -> Option<Result<(), Blocker>> {
    let search = recognize(func, looped)?;
    let returns_late = search.returns && (parent != func.body || !is_plain(func, &tail[1..]));
    if returns_late {
        return None;
    }
    Some(emit(func, looped, parent, &search))
}

fn recognize(func: &Function, looped: &Loop) -> Option<Search> {
    let ops = &func.block(looped.body).ops;
    let (last, before) = ops.split_last()?;
    if before
        .iter()
        .any(|op| !matches!(func.effect(*op), Effect::Pure | Effect::Reads))
    {
        return None;
    }
    if before.iter().any(|op| leaves_early(func, *op)) {
        return None;
    }
    let data = func.op(*last);
    if data.kind != Kind::If || !data.results.is_empty() {
        return None;
    }
    // Nothing is carried but what the exit hands over.
    if looped
        .params
        .iter()
        .zip(&looped.yields)
        .any(|(param, next)| param != next)
    {
        return None;
    }
    let breaks = breaks_of_body(func, looped);
    for (place, when) in [(0, true), (1, false)] {
        let (leaves, stays) = (data.blocks[place], data.blocks[1 - place]);
        let quiet = func.block(stays).ops.is_empty() && matches!(func.block(stays).end, Term::Yield(_));
        let pure = func
            .block(leaves)
            .ops
            .iter()
            .all(|op| matches!(func.effect(*op), Effect::Pure | Effect::Reads) && !leaves_early(func, *op));
        if !quiet || !pure {
            continue;
        }
        let returns = matches!(func.block(leaves).end, Term::Return(_));
        if returns || breaks == [leaves] {
            return Some(Search {
                condition: data.args[0],
                when,
                leaves,
                returns,
            });
        }
    }
    None
}

fn breaks_of_body(func: &Function, looped: &Loop) -> Vec<BlockId> {
    breaks_of(func, looped.op)
}

fn leaves_early(func: &Function, op: OpId) -> bool {
    func.op(op).blocks.iter().any(|block| {
        let mut leaves = false;
        func.visit_blocks(*block, &mut |inner| {
            leaves |= !matches!(func.block(inner).end, Term::Yield(_))
        });
        leaves
    })
}

/// Ops behind a loop that may run although the program would have returned.
fn is_plain(func: &Function, ops: &[OpId]) -> bool {
    ops.iter().all(|op| {
        matches!(
            func.op(*op).kind,
            Kind::Const(_) | Kind::MakeTuple | Kind::Extern(_) | Kind::Len { .. } | Kind::Unbound
        )
    })
}

fn emit(func: &mut Function, looped: &Loop, parent: BlockId, search: &Search) -> Result<(), Blocker> {
    let at = looped.origin;
    let trip = trip_count(func, looped, parent);
    let none = func.push_value(parent, Kind::Const(Const::Bool(false)), vec![], vec![], Ty::Bool, at);
    let hit = condition_block(func, looped, search, trip)?;
    let kind = Kind::Fold {
        monoid: Monoid::Or,
        masked: false,
        any_order: false,
    };
    let found = func.push_value(parent, kind, vec![none, trip], vec![hit], Ty::Bool, at);
    let given = func.block(search.leaves).end.values().to_vec();
    let later = if search.returns {
        func.block(parent).end.values().to_vec()
    } else {
        looped.inits.clone()
    };
    let mut place = None;
    let mut chosen = Vec::new();
    for (value, otherwise) in given.iter().zip(&later) {
        chosen.push(choose(
            func,
            looped,
            parent,
            search,
            trip,
            found,
            &mut place,
            (*value, *otherwise),
        )?);
    }
    if search.returns {
        func.block_mut(parent).end = Term::Return(chosen);
        // The loop is left without a hit: its carried values are what they were.
        for (result, init) in looped.results.iter().zip(&looped.inits) {
            func.replace_everywhere(*result, *init);
        }
    } else {
        for (result, value) in looped.results.iter().zip(chosen) {
            func.replace_everywhere(*result, value);
        }
    }
    Ok(())
}

fn condition_block(func: &mut Function, looped: &Loop, search: &Search, trip: ValueId) -> Result<BlockId, Blocker> {
    let block = func.add_block();
    let name = func.name_of(looped.index).map(str::to_owned);
    let counter = func.add_param(block, counter_type(func, trip), name.as_deref());
    let mut slice = at_iteration(func, looped, block, counter);
    let mut value = slice.value(func, search.condition)?;
    if !search.when {
        let kind = Kind::Scalar {
            f: F::Not,
            flavour: Flavour::Py,
        };
        value = func.push_value(block, kind, vec![value], vec![], Ty::Bool, looped.origin);
    }
    func.block_mut(block).end = Term::Yield(vec![value]);
    Ok(block)
}

/// A slice into `block` for one iteration; carried values are what they were before the loop.
fn at_iteration<'a>(func: &mut Function, looped: &'a Loop, block: BlockId, counter: ValueId) -> Slice<'a> {
    let scaled = int_op(func, block, F::Mul, counter, looped.step, looped.origin);
    let index = int_op(func, block, F::Add, looped.start, scaled, looped.origin);
    let mut map = HashMap::from([(looped.index, index)]);
    map.extend(looped.params.iter().copied().zip(looped.inits.iter().copied()));
    Slice::new(&looped.scope, block, map)
}

/// `value` as it is at the first hit, or `otherwise`.
#[expect(clippy::too_many_arguments, reason = "the pieces of one conditional value")]
fn choose(
    func: &mut Function,
    looped: &Loop,
    parent: BlockId,
    search: &Search,
    trip: ValueId,
    found: ValueId,
    place: &mut Option<ValueId>,
    (value, otherwise): (ValueId, ValueId),
) -> Result<ValueId, Blocker> {
    if value == otherwise {
        return Ok(value);
    }
    let (then, other) = (func.add_block(), func.add_block());
    let first = match *place {
        Some(first) => first,
        None => {
            let hit = condition_block(func, looped, search, trip)?;
            let ty = counter_type(func, trip);
            let op = func.push_op(parent, Kind::First, vec![trip], vec![hit], &[ty], looped.origin);
            *place = Some(func.result(op));
            func.result(op)
        }
    };
    let mut slice = at_iteration(func, looped, then, first);
    let taken = slice.value(func, value)?;
    func.block_mut(then).end = Term::Yield(vec![taken]);
    func.block_mut(other).end = Term::Yield(vec![otherwise]);
    let ty = func.ty(taken).join(func.ty(otherwise)).without_optional();
    Ok(func.push_value(parent, Kind::If, vec![found], vec![then, other], ty, looped.origin))
}
