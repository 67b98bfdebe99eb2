//! Array operations inside a loop are opened: what they do to whole rows is said element by element.
//!
//! ```text
//! out[i, :] = a[i, :] + 2 * b      =>   scatter out, m { (t) yield i, t, a[i, t] + 2 * b[t] }
//! s = sum(a[i])                    =>   s = fold add 0, m { (t) yield a[i, t] }
//! rows.append(2 * row)             =>   extend of a fresh list by 2 * row[t], which is appended
//! ```
//!
//! So a loop over rows is raised like the nest that it stands for. An operand of another length than the row is a
//! condition (of length 1 it would be broadcast), and so is a slice that reaches beyond its array. An element is
//! computed where it is used instead of where the array was made: a store between the two to memory that it reads
//! keeps the operation as it is. What has no elements that are understood stays too, and the loop with it.

mod axes;
mod element;
pub(super) mod grown;
mod reduce;
mod shape;
mod store;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use numlift_ir::affine::{Affine, affine_of};
use numlift_ir::dtype::Dtype;
use numlift_ir::function::{BlockId, Function, OpId, OriginId, ValueId};
use numlift_ir::op::{Effect, Kind, Sub};
use numlift_ir::scalar::F;
use numlift_ir::ty::Ty;

use super::arithmetic::int_op;
use super::{Loop, constant};
use crate::access;
use crate::condition::Condition;

/// Opens every array operation in the loop's body that can be; returns what that stands on.
pub(super) fn open(func: &mut Function, looped: &Loop) -> Vec<Condition> {
    keep_names(func, looped);
    let mut conditions = Vec::new();
    let mut blocks = Vec::new();
    visit_plain(func, looped.body, &mut blocks);
    for block in blocks {
        for op in func.block(block).ops.clone() {
            let mut opener = Opener::new(looped, block, func.op(op).origin);
            let mut tried = func.clone();
            if opener.open(&mut tried, op).is_some() && opener.sees_the_same(func, op) {
                *func = tried;
                conditions.append(&mut opener.conditions);
            }
        }
    }
    conditions
}

/// `total += row` binds the name to the array that it was bound to: the body sees that one.
fn keep_names(func: &mut Function, looped: &Loop) {
    for (number, param) in looped.params.iter().enumerate() {
        if looped.yields[number] == *param {
            func.replace_everywhere(*param, looped.inits[number]);
            func.block_mut(looped.body).end.values_mut()[number] = *param;
        }
    }
}

/// The body and the branches of its `If`s, innermost first.
fn visit_plain(func: &Function, block: BlockId, blocks: &mut Vec<BlockId>) {
    for op in &func.block(block).ops {
        if func.op(*op).kind == Kind::If {
            for inner in &func.op(*op).blocks {
                visit_plain(func, *inner, blocks);
            }
        }
    }
    blocks.push(block);
}

struct Opener<'a> {
    looped: &'a Loop,
    /// Where the operation stands.
    block: BlockId,
    at: OriginId,
    conditions: Vec<Condition>,
    /// Ops of the loop whose elements are computed anew, at their use.
    computed: Vec<OpId>,
    /// Elements that were computed, by block, array and indices.
    elements: HashMap<(BlockId, ValueId, Vec<ValueId>), ValueId>,
    /// The 0 of each block.
    zeros: HashMap<BlockId, ValueId>,
    /// The extents of arrays that the loop makes.
    shapes: HashMap<ValueId, Vec<ValueId>>,
}

impl<'a> Opener<'a> {
    fn new(looped: &'a Loop, block: BlockId, at: OriginId) -> Self {
        Self {
            looped,
            block,
            at,
            conditions: Vec::new(),
            computed: Vec::new(),
            elements: HashMap::new(),
            zeros: HashMap::new(),
            shapes: HashMap::new(),
        }
    }
}

impl Opener<'_> {
    fn open(&mut self, func: &mut Function, op: OpId) -> Option<()> {
        let place = func.block(self.block).ops.iter().position(|other| *other == op)?;
        let tail = func.block_mut(self.block).ops.split_off(place);
        let data = func.op(op).clone();
        match &data.kind {
            Kind::SetIndex(subs) => self.store(func, subs, &data.args)?,
            Kind::Append => self.append(func, data.args[0], data.args[1])?,
            Kind::Index(subs) => {
                let element = self.load(func, subs, &data.args)?;
                self.replaces(func, data.results[0], element)?;
            }
            Kind::Method { name, keywords } if name == "extend" && keywords.is_empty() => {
                let [list, other] = data.args[..] else { return None };
                let is_list = matches!(func.ty(list), Ty::List(..));
                let own = access::path(func, list).0 == access::path(func, other).0;
                (is_list && !own).then_some(())?;
                self.extend(func, list, other)?;
            }
            Kind::Call { .. } | Kind::Method { .. } => {
                let reduced = self.reduction(func, op)?;
                self.replaces(func, data.results[0], reduced)?;
            }
            _ => return None,
        }
        func.block_mut(self.block).ops.extend(&tail[1..]);
        Some(())
    }

    /// Uses of the operation's result use its new form.
    fn replaces(&self, func: &mut Function, old: ValueId, new: ValueId) -> Option<()> {
        let same = func.ty(old) == func.ty(new)
            || matches!((func.ty(old), func.ty(new).as_scalar()), (Ty::OneOf(options), Some(new)) if options.contains(&new));
        if !same {
            return None;
        }
        if func.values[new.index()].name.is_none() {
            func.values[new.index()].name = func.values[old.index()].name.clone();
        }
        func.replace_everywhere(old, new);
        Some(())
    }

    /// Nothing is stored to what the elements read between where their array was computed and here.
    fn sees_the_same(&self, func: &Function, here: OpId) -> bool {
        let mut order: Vec<OpId> = Vec::new();
        func.walk(self.looped.body, &mut |op| order.push(op));
        let place = |op: OpId| order.iter().position(|other| *other == op);
        let Some(here) = place(here) else { return false };
        self.computed.iter().all(|op| {
            let arrays = func.op(*op).args.iter().filter(|arg| !func.ty(**arg).dims().is_empty());
            let read: Vec<access::Root> = arrays.map(|arg| access::path(func, *arg).0).collect();
            let between = place(*op).and_then(|made| order.get(made..here)).unwrap_or(&[]);
            between.iter().all(|op| {
                let data = func.op(*op);
                match (data.kind.effect(), data.args.first()) {
                    (Effect::Pure | Effect::Reads, _) => true,
                    (Effect::Writes, Some(base)) => !read.contains(&access::path(func, *base).0),
                    (Effect::Writes, None) => !data.results.is_empty(),
                    (Effect::Draws | Effect::World, _) => false,
                }
            })
        })
    }

    fn uses(&self, func: &Function, value: ValueId) -> usize {
        let mut uses = 0;
        let mut count = |values: &[ValueId]| uses += values.iter().filter(|used| **used == value).count();
        for op in &func.ops {
            count(&op.args);
        }
        for block in &func.blocks {
            count(block.end.values());
        }
        uses
    }

    /// Memory of its own, which no view of anything else is.
    fn is_computed(&self, func: &Function, value: ValueId) -> bool {
        self.looped.scope.defines(func, value)
            && func.defining(value).is_some_and(|op| match &op.kind {
                Kind::Scalar { .. } => true,
                Kind::Method { name, .. } => name == "copy",
                Kind::Call { callee, .. } => callee == "numpy.copy",
                _ => false,
            })
    }

    /// An element of an array that is computed in the loop.
    fn load(&mut self, func: &mut Function, subs: &[Sub], args: &[ValueId]) -> Option<ValueId> {
        let all = subs.iter().all(|sub| *sub == Sub::At) && subs.len() == func.ty(args[0]).dims().len();
        if !all || !self.is_computed(func, args[0]) && !self.is_view_of_slices(func, args[0]) {
            return None;
        }
        let shape = self.shape(func, args[0])?;
        let mut places = Vec::new();
        for (index, extent) in args[1..].iter().zip(shape) {
            func.ty(*index).as_scalar()?;
            let place = match constant(func, *index) {
                Some(known) if known < 0 => int_op(func, self.block, F::Add, extent, *index, self.at),
                _ => *index,
            };
            let low = affine_of(func, place);
            let high = affine_of(func, extent).offset(-1)?;
            self.require(func, Affine::default(), low.clone())?;
            self.require(func, low, high)?;
            places.push(place);
        }
        self.element(func, self.block, args[0], &places)
    }

    fn is_view_of_slices(&self, func: &Function, value: ValueId) -> bool {
        self.looped.scope.defines(func, value)
            && func.defining(value).is_some_and(
                |op| matches!(&op.kind, Kind::Index(subs) if subs.iter().any(|sub| matches!(sub, Sub::Slice { .. }))),
            )
    }
}

fn dtype_of(func: &Function, value: ValueId) -> Option<Dtype> {
    match func.ty(value) {
        Ty::Array { dtype, .. } => Some(*dtype),
        _ => None,
    }
}
