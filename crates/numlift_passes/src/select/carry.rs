//! What stays as it was, on new operands: single ops, loops that a split left, and objects that somebody needs.

use std::collections::BTreeSet;

use numlift_ir::function::{BlockId, Def, OpId, ValueId};
use numlift_ir::op::{Kind, Term};
use numlift_ir::ty::Ty;

use super::vectorize::Context;
use super::{Content, Result, Selector};
use crate::slice::Scope;

impl Selector<'_> {
    /// An op that is as it was, on the new operands.
    pub(super) fn copy(&mut self, op: OpId) -> Result<()> {
        if let Some(running) = self.running(op) {
            let element = self.lift_running(running, &Context::default())?;
            let result = self.raised.result(op);
            self.name_like(element.value, result);
            self.map.insert(result, element.value);
            return Ok(());
        }
        let data = self.raised.op(op).clone();
        let mut blocks = Vec::new();
        for block in &data.blocks {
            blocks.push(self.copy_block(*block)?);
        }
        let mut args = Vec::new();
        for arg in &data.args {
            args.push(self.value(*arg)?);
        }
        let types: Vec<Ty> = data
            .results
            .iter()
            .map(|result| self.raised.ty(*result).clone())
            .collect();
        let block = self.out.block;
        let new = self
            .out
            .func
            .push_op(block, data.kind, args, blocks, &types, data.origin);
        for (number, old) in data.results.iter().enumerate() {
            let made = self.out.func.op(new).results[number];
            self.name_like(made, *old);
            self.map.insert(*old, made);
        }
        Ok(())
    }

    /// A loop that was left when it was split. What it uses from outside is there as the object that it was.
    pub(super) fn keep_loop(&mut self, op: OpId) -> Result<()> {
        let body = self.raised.op(op).blocks[0];
        let scope = Scope::of(self.raised, body);
        let mut used = Vec::new();
        self.raised.visit_blocks(body, &mut |block| {
            let ops = &self.raised.block(block).ops;
            used.extend(ops.iter().flat_map(|op| self.raised.op(*op).args.clone()));
            used.extend(self.raised.block(block).end.values());
        });
        used.retain(|value| !scope.defines(self.raised, *value));
        used.sort_unstable();
        used.dedup();
        for value in used {
            self.value(value)?;
        }
        self.leave_names(&scope);
        self.keeps_names = true;
        self.copy(op)?;
        self.keeps_names = false;
        // Lists that were converted may hold something else by now.
        self.converted.clear();
        self.filters.clear();
        Ok(())
    }

    /// The loop's variables keep their names, by which text of the author's reads them: nothing that was computed before
    /// takes one.
    fn leave_names(&mut self, scope: &Scope) {
        let inside = (0..self.raised.values.len() as u32).map(ValueId);
        let names: BTreeSet<&str> = inside
            .filter(|value| scope.defines(self.raised, *value))
            .filter_map(|value| self.raised.name_of(value))
            .collect();
        let body = self.out.func.body;
        for value in &mut self.out.func.values {
            let is_live_in = matches!(value.def, Def::Param(block, _) if block == body);
            if !is_live_in && value.name.as_deref().is_some_and(|name| names.contains(name)) {
                value.name = None;
            }
        }
    }

    fn copy_block(&mut self, block: BlockId) -> Result<BlockId> {
        let data = self.raised.block(block).clone();
        // Values from around are made outside of the block.
        let mut wanted = data.end.values().to_vec();
        for op in &data.ops {
            wanted.extend(&self.raised.op(*op).args);
        }
        let results = data.ops.iter().flat_map(|op| self.raised.op(*op).results.clone());
        let inside: Vec<ValueId> = results.chain(data.params.iter().copied()).collect();
        let is_there = |value: &ValueId| inside.contains(value) || self.scans.contains_key(value);
        wanted.retain(|value| !is_there(value));
        for value in &wanted {
            self.value(*value)?;
        }
        let new = self.out.func.add_block();
        for param in &data.params {
            let ty = self.raised.ty(*param).clone();
            let name = self.raised.name_of(*param);
            let param_of_new = self.out.func.add_param(new, ty, name);
            self.map.insert(*param, param_of_new);
        }
        let around = std::mem::replace(&mut self.out.block, new);
        for op in &data.ops {
            self.copy(*op)?;
        }
        let mut given = Vec::new();
        for value in data.end.values() {
            given.push(self.value(*value)?);
        }
        self.out.block = around;
        self.out.func.block_mut(new).end = match data.end {
            Term::Unreachable => Term::Unreachable,
            Term::Break(out, _) => Term::Break(out, given),
            Term::Yield(_) | Term::Return(_) => Term::Yield(given),
        };
        Ok(new)
    }

    /// The new value that stands for an old one, as the object that it was.
    pub(super) fn value(&mut self, value: ValueId) -> Result<ValueId> {
        if let Some(attribute) = self.repeated_attribute(value) {
            return Ok(attribute);
        }
        self.settle(Some(value))?;
        if let Some(content) = self.contents.get(&value).cloned() {
            return self.make(value, content);
        }
        self.map
            .get(&value)
            .copied()
            .ok_or_else(|| self.no_form("a value of the loop is used outside of it"))
    }

    /// A plain attribute of a live-in that is read inside the loop: read once before.
    fn repeated_attribute(&mut self, value: ValueId) -> Option<ValueId> {
        if self.map.contains_key(&value) || self.contents.contains_key(&value) {
            return None;
        }
        let op = self.raised.defining(value)?.clone();
        if !matches!(op.kind, Kind::Attr(_)) {
            return None;
        }
        let object = self.map.get(&op.args[0]).copied()?;
        let ty = self.raised.ty(value).clone();
        let new = self.out.typed_op(op.kind, &[object], &[ty]);
        let made = self.out.func.result(new);
        self.map.insert(value, made);
        Some(made)
    }

    fn make(&mut self, value: ValueId, content: Content) -> Result<ValueId> {
        let made = match content {
            Content::Made(made) => made,
            Content::Unmade(op) => {
                self.contents.remove(&value);
                self.copy(op)?;
                self.map[&value]
            }
            Content::Tensor { array, elem } => match self.raised.ty(value) {
                ty @ Ty::List(..) => self.list_of(array, elem, &ty.clone())?,
                _ => array,
            },
        };
        self.name_like(made, value);
        self.contents.insert(value, Content::Made(made));
        Ok(made)
    }

    pub(super) fn name_like(&mut self, new: ValueId, old: ValueId) {
        if let Some(name) = self.raised.name_of(old)
            && self.out.func.name_of(new).is_none()
            && (self.keeps_names
                || !self
                    .out
                    .func
                    .values
                    .iter()
                    .any(|value| value.name.as_deref() == Some(name)))
        {
            self.out.func.values[new.index()].name = Some(name.to_owned());
        }
    }
}
