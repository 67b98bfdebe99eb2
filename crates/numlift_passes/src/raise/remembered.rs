//! A recurrence through memory is one through a carried value.
//!
//! ```text
//!                                           r = a[0]
//! for i in range(1, n):            =>       for i in range(1, n):
//!     a[i] = a[i - 1] + x[i]                    r = r + x[i]
//!                                               a[i] = r
//! ```
//!
//! What the load finds is what the store of the iteration before left there, whatever its subscripts are: those of the
//! one are those of the other a step earlier, and nobody else stores to the array in between. What is read first is
//! loaded before the loop, or is what was stored there just before.

use std::collections::HashMap;

use numlift_ir::affine::{Affine, Atom, affine_of, extent_of};
use numlift_ir::function::{BlockId, Function, OpId, ValueId};
use numlift_ir::op::{Const, Effect, Kind, Sub, Term};
use numlift_ir::scalar::ScalarTy;
use numlift_ir::ty::Ty;

use super::arithmetic::{constant_of, int_const};
use super::{Loop, constant};
use crate::access::{self, Access, Sharing};
use crate::condition::{Condition, Fact};
use crate::slice::Slice;

/// Carries what one store leaves for the next iteration; `None` where there is no such store. `position` is the loop's
/// place in `parent` and is moved with it.
pub(super) fn carried(func: &mut Function, op: OpId, parent: BlockId, position: &mut usize) -> Option<Vec<Condition>> {
    let looped = Loop::of(func, op);
    let (store, write) = only_store(func, &looped)?;
    let loads = loads_of_last(func, &looped, store, &write)?;
    let load = *loads.first()?;
    let ty = func.ty(func.result(load)).clone();
    let elem = ty.as_scalar()?;
    let tail = func.block_mut(parent).ops.split_off(*position);
    let mut conditions = Vec::new();
    let init = match left_before(func, &looped, (parent, load), &write, elem) {
        Some(init) => init,
        None => {
            let first = first_load(func, &looped, parent, load)?;
            // Inside of another loop it is asked where the load is lifted.
            if parent == func.body {
                conditions.extend(in_range(func, first));
            }
            first
        }
    };
    *position = func.block(parent).ops.len();
    func.block_mut(parent).ops.extend(tail);
    let param = func.add_param(looped.body, ty.clone(), None);
    let next = stored(func, &looped, store, elem)?;
    func.op_mut(op).args.push(init);
    func.add_result(op, ty);
    if let Term::Yield(values) = &mut func.block_mut(looped.body).end {
        values.push(next);
    }
    for load in loads {
        let result = func.result(load);
        func.replace_uses(looped.body, result, param);
    }
    Some(conditions)
}

/// The one op of a loop that stores to its array, at a place that moves, unconditionally.
fn only_store(func: &Function, looped: &Loop) -> Option<(OpId, Access)> {
    let ops = &func.block(looped.body).ops;
    let mut found = None;
    for op in ops {
        let data = func.op(*op);
        let Kind::SetIndex(subs) = &data.kind else { continue };
        if subs.iter().any(|sub| *sub != Sub::At) || looped.scope.defines(func, data.args[0]) {
            continue;
        }
        let Some(write) = access::of_op(func, *op) else {
            continue;
        };
        let moves = write
            .axes
            .iter()
            .flatten()
            .any(|axis| axis.coefficient(Atom::Value(looped.index)) != 0);
        let is_known = !write.axes.is_empty()
            && write
                .axes
                .iter()
                .all(|axis| axis.as_ref().is_some_and(|axis| is_fixed(func, looped, axis)));
        if moves && is_known && is_alone(func, looped, *op, &write) && read_back(func, looped, &write) {
            if found.is_some() {
                return None;
            }
            found = Some((*op, write));
        }
    }
    found
}

/// Whether the loop loads from the array that it stores to.
fn read_back(func: &Function, looped: &Loop, write: &Access) -> bool {
    let mut found = false;
    func.walk(looped.body, &mut |op| {
        found |= matches!(func.op(op).kind, Kind::Index(_))
            && access::of_op(func, op).is_some_and(|read| read.root == write.root);
    });
    found
}

/// Whether a subscript depends on nothing of the loop but its index.
fn is_fixed(func: &Function, looped: &Loop, axis: &Affine) -> bool {
    axis.terms.keys().all(|atom| match atom {
        Atom::Value(value) => *value == looped.index || !looped.scope.defines(func, *value),
        Atom::Extent(value, _) => !looped.scope.defines(func, *value),
        Atom::Sym(_) => true,
    })
}

/// Whether no other op of the loop stores to the array.
fn is_alone(func: &Function, looped: &Loop, store: OpId, write: &Access) -> bool {
    let mut alone = true;
    func.walk(looped.body, &mut |op| {
        let data = func.op(op);
        let acts = matches!(data.kind.effect(), Effect::Writes | Effect::World);
        if op != store && acts {
            alone &= match data.args.first() {
                Some(base) if !matches!(data.kind.effect(), Effect::World) => access::path(func, *base).0 != write.root,
                _ => false,
            };
        }
    });
    alone
}

/// The loads of what the iteration before stored, in front of the store; all loads of the array are.
fn loads_of_last(func: &Function, looped: &Loop, store: OpId, write: &Access) -> Option<Vec<OpId>> {
    let step = constant(func, looped.step)?;
    let index = Atom::Value(looped.index);
    let earlier = Affine::atom(index).offset(-step)?;
    let body = &func.block(looped.body).ops;
    let place = body.iter().position(|op| *op == store)?;
    let mut loads = Vec::new();
    for op in &body[..place] {
        if !matches!(func.op(*op).kind, Kind::Index(_)) || func.ty(func.result(*op)).as_scalar().is_none() {
            continue;
        }
        let Some(read) = access::of_op(func, *op).filter(|read| read.root == write.root) else {
            continue;
        };
        let is_last = read.axes.len() == write.axes.len()
            && read.axes.iter().zip(&write.axes).all(|(read, write)| {
                let there = write.as_ref().and_then(|write| write.substitute(index, &earlier));
                read.is_some() && *read == there
            });
        if is_last {
            loads.push(*op);
        }
    }
    Some(loads)
}

/// The load at the place that the loop begins with.
fn first_load(func: &mut Function, looped: &Loop, parent: BlockId, load: OpId) -> Option<ValueId> {
    let map = HashMap::from([(looped.index, looped.start)]);
    let start = affine_of(func, looped.start);
    let data = func.op(load).clone();
    if looped.scope.defines(func, data.args[0]) {
        let found = func.result(load);
        return Slice::new(&looped.scope, parent, map).value(func, found).ok();
    }
    let mut args = vec![data.args[0]];
    for place in &data.args[1..] {
        let first = affine_of(func, *place).substitute(Atom::Value(looped.index), &start)?;
        args.push(match first.as_constant() {
            Some(constant) => int_const(func, parent, constant, data.origin),
            None => Slice::new(&looped.scope, parent, map.clone())
                .value(func, *place)
                .ok()?,
        });
    }
    let ty = func.ty(func.result(load)).clone();
    Some(func.push_value(parent, data.kind, args, vec![], ty, data.origin))
}

/// What stands before the loop at the place that it reads first, where that was put there just before.
fn left_before(
    func: &mut Function,
    looped: &Loop,
    (parent, load): (BlockId, OpId),
    write: &Access,
    elem: ScalarTy,
) -> Option<ValueId> {
    let read = access::of_op(func, load)?;
    let start = affine_of(func, looped.start);
    let first: Option<Vec<Affine>> = read
        .axes
        .iter()
        .map(|axis| axis.as_ref()?.substitute(Atom::Value(looped.index), &start))
        .collect();
    let first = first?;
    let at = looped.origin;
    for op in func.block(parent).ops.clone().into_iter().rev() {
        let data = func.op(op).clone();
        if data.results.first() == Some(&write.base) {
            let Kind::Call { callee, .. } = &data.kind else {
                return None;
            };
            let number = match callee.as_str() {
                "numpy.zeros" | "numpy.zeros_like" => 0.0,
                "numpy.ones" | "numpy.ones_like" => 1.0,
                _ => return None,
            };
            let number = match elem.array_dtype().is_integer() {
                true => Const::Int(number as i128),
                false => Const::Float(number),
            };
            let is_real = elem.array_dtype().is_integer() || elem.array_dtype().is_float();
            return is_real.then(|| constant_of(func, parent, number, &Ty::scalar(elem), at));
        }
        if !matches!(func.effect(op), Effect::Writes | Effect::World | Effect::Draws) {
            continue;
        }
        let made = data
            .results
            .iter()
            .any(|result| access::fresh(func, &access::Root::Value(*result)));
        if made {
            continue;
        }
        let Kind::SetIndex(_) = &data.kind else { return None };
        let stored = access::of_op(func, op)?;
        if access::sharing(func, &stored, write) == Sharing::Never {
            continue;
        }
        let same = stored.root == write.root
            && stored.axes.len() == first.len()
            && stored
                .axes
                .iter()
                .zip(&first)
                .all(|(stored, first)| stored.as_ref() == Some(first));
        let value = *data.args.last()?;
        if !same || func.ty(value).as_scalar().is_none() {
            return None;
        }
        return as_element(func, parent, value, write.base, elem, data.origin);
    }
    None
}

/// What a store leaves in memory.
fn stored(func: &mut Function, looped: &Loop, store: OpId, elem: ScalarTy) -> Option<ValueId> {
    let data = func.op(store).clone();
    let value = *data.args.last()?;
    as_element(func, looped.body, value, data.args[0], elem, data.origin)
}

fn as_element(
    func: &mut Function,
    block: BlockId,
    value: ValueId,
    base: ValueId,
    elem: ScalarTy,
    at: numlift_ir::function::OriginId,
) -> Option<ValueId> {
    if func.ty(value).as_scalar() == Some(elem) {
        return Some(value);
    }
    // A list keeps the object that it is given.
    if !matches!(func.ty(base), Ty::Array { .. }) {
        return None;
    }
    Some(func.push_value(block, Kind::Convert, vec![value], vec![], Ty::scalar(elem), at))
}

/// That a load before the loop does not raise where the loop would not run.
fn in_range(func: &Function, load: ValueId) -> Vec<Condition> {
    let Some(data) = func.defining(load) else {
        return Vec::new();
    };
    let mut conditions = Vec::new();
    for (axis, index) in data.args[1..].iter().enumerate() {
        let (place, extent) = (affine_of(func, *index), extent_of(func, data.args[0], axis));
        for (low, high) in [
            (extent.times(-1), Some(place.clone())),
            (place.offset(1), Some(extent.clone())),
        ] {
            if let (Some(low), Some(high)) = (low, high) {
                conditions.push(Condition {
                    fact: Fact::AtMost(low, high),
                    at: data.origin,
                });
            }
        }
    }
    conditions
}
