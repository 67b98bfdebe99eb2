//! Cloning what a value needs.
//!
//! Raising moves computations from a loop's body into the block of an index-space op. A [`Slice`] clones a value's
//! backward slice (the ops of the loop that it depends on, and no others) into a block, with the loop's parameters
//! replaced.

use std::collections::{HashMap, HashSet};

use numlift_ir::function::{BlockId, Def, Function, OpId, OriginId, ValueId};
use numlift_ir::op::{Effect, Kind, Term};

use crate::blocker::{Blocker, BlockerKind};

#[cfg(test)]
mod tests;

/// The ops and blocks inside a loop (or any op with blocks).
#[derive(Debug, Default, Clone)]
pub struct Scope {
    ops: HashSet<OpId>,
    blocks: HashSet<BlockId>,
}

impl Scope {
    /// Everything in and below a block.
    pub fn of(func: &Function, block: BlockId) -> Self {
        let mut scope = Self::default();
        func.visit_blocks(block, &mut |inner| {
            scope.blocks.insert(inner);
            scope.ops.extend(func.block(inner).ops.iter().copied());
        });
        scope
    }

    /// Whether a value is computed inside.
    pub fn defines(&self, func: &Function, value: ValueId) -> bool {
        match func.def(value) {
            Def::Param(block, _) => self.blocks.contains(&block),
            Def::Result(op, _) => self.ops.contains(&op),
        }
    }

    /// Whether an op stands inside.
    pub fn contains(&self, op: OpId) -> bool {
        self.ops.contains(&op)
    }
}

/// Clones values of a scope into a block outside of it.
pub struct Slice<'a> {
    pub scope: &'a Scope,
    /// What stands for a value of the scope; grows as values are cloned.
    pub map: HashMap<ValueId, ValueId>,
    pub dest: BlockId,
}

impl<'a> Slice<'a> {
    /// A slice that clones into `dest`, with replacements for the scope's parameters.
    pub fn new(scope: &'a Scope, dest: BlockId, map: HashMap<ValueId, ValueId>) -> Self {
        Self { scope, map, dest }
    }

    /// The value that stands for `value` at the destination; clones what it needs.
    ///
    /// A parameter of the scope without a replacement is a value that the loop carries: an error.
    pub fn value(&mut self, func: &mut Function, value: ValueId) -> Result<ValueId, Blocker> {
        if let Some(found) = self.map.get(&value) {
            return Ok(*found);
        }
        if !self.scope.defines(func, value) {
            return Ok(value);
        }
        match func.def(value) {
            Def::Param(block, _) => Err(carried(func, value, block)),
            Def::Result(op, _) => {
                let dest = self.dest;
                self.op(func, op, dest)?;
                Ok(self.map[&value])
            }
        }
    }

    /// Clones several values.
    pub fn values(&mut self, func: &mut Function, values: &[ValueId]) -> Result<Vec<ValueId>, Blocker> {
        values.iter().map(|value| self.value(func, *value)).collect()
    }

    fn op(&mut self, func: &mut Function, op: OpId, into: BlockId) -> Result<(), Blocker> {
        let data = func.op(op).clone();
        let args = self.values(func, &data.args)?;
        let mut blocks = Vec::new();
        for block in &data.blocks {
            blocks.push(self.block(func, *block)?);
        }
        let types: Vec<_> = data.results.iter().map(|result| func.ty(*result).clone()).collect();
        let clone = func.push_op(into, data.kind, args, blocks, &types, data.origin);
        for (number, old) in data.results.iter().enumerate() {
            let new = func.op(clone).results[number];
            func.values[new.index()].name = func.values[old.index()].name.clone();
            self.map.insert(*old, new);
        }
        Ok(())
    }

    /// Clones a block of an op: its own ops stay in it, what they need from around goes to the destination.
    fn block(&mut self, func: &mut Function, block: BlockId) -> Result<BlockId, Blocker> {
        let data = func.block(block).clone();
        let clone = func.add_block();
        for param in &data.params {
            let ty = func.ty(*param).clone();
            let name = func.name_of(*param).map(str::to_owned);
            let new = func.add_param(clone, ty, name.as_deref());
            self.map.insert(*param, new);
        }
        for op in &data.ops {
            if func.effect(*op) == Effect::Writes && func.op(*op).results.is_empty() {
                continue; // Effects are raised on their own.
            }
            self.op(func, *op, clone)?;
        }
        let given = self.values(func, data.end.values())?;
        func.block_mut(clone).end = match data.end {
            Term::Yield(_) => Term::Yield(given),
            Term::Break(out, _) => Term::Break(out, given),
            Term::Return(_) => Term::Return(given),
            Term::Unreachable => Term::Unreachable,
        };
        Ok(clone)
    }

    /// Clones the ops of an index-space block in place of the block, with its parameters replaced; returns what it
    /// yields.
    pub fn inline_block(
        &mut self,
        func: &mut Function,
        block: BlockId,
        params: &[ValueId],
    ) -> Result<Vec<ValueId>, Blocker> {
        let data = func.block(block).clone();
        for (old, new) in data.params.iter().zip(params) {
            self.map.insert(*old, *new);
        }
        self.values(func, data.end.values())
    }
}

fn carried(func: &Function, value: ValueId, block: BlockId) -> Blocker {
    let name = func.name_of(value).unwrap_or("a value");
    let number = func.block(block).params.iter().position(|param| *param == value);
    // The update is what the block yields in the same place (parameter 0 is the index).
    let next = number.and_then(|number| func.block(block).end.values().get(number.wrapping_sub(1)).copied());
    let update = next
        .and_then(|update| func.def_op(update))
        .map_or(OriginId(0), |op| func.op(op).origin);
    if next.is_some_and(|next| is_only_kept(func, value, next, block)) {
        return Blocker::new(
            BlockerKind::Carried,
            update,
            format!("only some iterations bind `{name}`, and the last one that does counts"),
        )
        .help("`np.flatnonzero` of the condition, for all elements, has the last place at its end");
    }
    Blocker::new(
        BlockerKind::Carried,
        update,
        format!("loop-carried dependence: `{name}` of one iteration is read by the next"),
    )
}

/// Whether an iteration does nothing with what the one before bound but leave it: `if v == m: arg = k`.
fn is_only_kept(func: &Function, param: ValueId, update: ValueId, block: BlockId) -> bool {
    let mut handed_on = yields_of(func, block, param);
    let mut computed_of = false;
    func.walk(block, &mut |op| {
        let data = func.op(op);
        computed_of |= data.args.contains(&param);
        handed_on += data
            .blocks
            .iter()
            .map(|block| yields_of(func, *block, param))
            .sum::<usize>();
    });
    !computed_of && handed_on == keeps(func, param, update, &mut HashMap::new())
}

fn yields_of(func: &Function, block: BlockId, value: ValueId) -> usize {
    let yields = func.block(block).end.values();
    yields.iter().filter(|yielded| **yielded == value).count()
}

/// How many branches leave the value as it was.
fn keeps(func: &Function, param: ValueId, update: ValueId, known: &mut HashMap<ValueId, usize>) -> usize {
    if update == param {
        return 1;
    }
    if let Some(count) = known.get(&update) {
        return *count;
    }
    let Def::Result(op, number) = func.def(update) else {
        return 0;
    };
    let data = func.op(op);
    if data.kind != Kind::If {
        return 0;
    }
    let branches = data.blocks.iter();
    let yielded = branches.filter_map(|block| func.block(*block).end.values().get(number as usize).copied());
    let count = yielded.fold(0usize, |sum, value| {
        sum.saturating_add(keeps(func, param, value, known))
    });
    known.insert(update, count);
    count
}

/// The ops that a value needs inside a scope, each once, in no particular order; with everything in their blocks.
pub fn backward(func: &Function, scope: &Scope, roots: &[ValueId]) -> HashSet<OpId> {
    let mut seen = HashSet::new();
    let mut pending: Vec<ValueId> = roots.to_vec();
    while let Some(value) = pending.pop() {
        let Some(op) = func.def_op(value).filter(|op| scope.contains(*op)) else {
            continue;
        };
        add_op(func, op, &mut seen, &mut pending);
    }
    seen
}

fn add_op(func: &Function, op: OpId, seen: &mut HashSet<OpId>, pending: &mut Vec<ValueId>) {
    if !seen.insert(op) {
        return;
    }
    pending.extend(&func.op(op).args);
    for block in &func.op(op).blocks {
        pending.extend(func.block(*block).end.values());
        for inner in &func.block(*block).ops {
            if !is_effect_only(func, *inner) {
                add_op(func, *inner, seen, pending);
            }
        }
    }
}

/// A store, growth or the like that gives no value: raised on its own and left out of slices.
pub fn is_effect_only(func: &Function, op: OpId) -> bool {
    let op = func.op(op);
    op.results.is_empty() && !matches!(op.kind, Kind::If)
}

/// Whether a value depends on another one inside a scope.
pub fn depends_on(func: &Function, scope: &Scope, value: ValueId, on: ValueId) -> bool {
    if value == on {
        return true;
    }
    let ops = backward(func, scope, &[value]);
    ops.iter().any(|op| {
        let data = func.op(*op);
        data.args.contains(&on)
            || data
                .blocks
                .iter()
                .any(|block| func.block(*block).end.values().contains(&on))
    })
}
