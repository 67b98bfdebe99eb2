//! The end of a block: every wanted name gets its value.
//!
//! An assignment must not overwrite what another still needs, so they are put into an order in which none does; where
//! there is none (`a` and `b` change places) one statement assigns all.

use std::collections::BTreeSet;

use numlift_ir::function::{RETURN, ValueId};
use numlift_ir::ty::Ty;

use super::effect::Summary;
use super::python::{Expr, Stmt};
use super::schedule::{Schedule, Step};

impl Schedule<'_> {
    /// Binds the names, and returns what is wanted as the return value; `leaves` if a `return` must follow in any case.
    pub fn finish(&mut self, wanted: &[(String, ValueId)], leaves: bool) -> Step<()> {
        let returned = wanted.iter().find(|(name, _)| name == RETURN).map(|(_, value)| *value);
        let mut open: Vec<(String, ValueId)> = Vec::new();
        for (name, value) in wanted.iter().filter(|(name, _)| name != RETURN) {
            let held = self.state.bound.get(name) == Some(value);
            if held || *self.func.ty(*value) == Ty::Unbound {
                let uses = &mut self.state.uses[value.index()];
                *uses = uses.saturating_sub(1);
            } else {
                open.push((name.clone(), *value));
            }
        }
        if let Some(value) = returned {
            self.free_of(value, &open)?;
        }
        // In the order in which they were computed.
        open.sort_by_key(|(_, value)| self.pending_at(*value));
        while !open.is_empty() {
            // Making way for one may have bound another.
            for (_, value) in open.extract_if(.., |(name, value)| self.state.bound.get(name) == Some(value)) {
                let uses = &mut self.state.uses[value.index()];
                *uses = uses.saturating_sub(1);
            }
            let ready = open.iter().position(|(name, value)| self.is_ready(name, *value, &open));
            match ready {
                Some(at) => {
                    let (name, value) = open.remove(at);
                    let piece = self.operands(&[value])?.remove(0);
                    self.assign(&name, value, piece)?;
                }
                None => {
                    let circle = self.circle(&open);
                    let (chosen, rest) = open.into_iter().partition(|item| circle.contains(&item.0));
                    open = rest;
                    self.together(chosen)?;
                }
            }
        }
        let Some(value) = returned else {
            if leaves {
                return Err(super::WriteError::new("a way out of the region that returns nothing").into());
            }
            return Ok(());
        };
        if *self.func.ty(value) == Ty::Unbound {
            return Ok(());
        }
        let piece = self.operands(&[value])?.remove(0);
        let is_none = piece.expr == Expr::Literal("None".to_owned());
        let stmt = Stmt::Return((!is_none).then_some(piece.expr));
        self.emit(stmt, piece.summary, &piece.parts)
    }

    /// Computes the return value first if the names that it reads are assigned before it is returned.
    fn free_of(&mut self, returned: ValueId, open: &[(String, ValueId)]) -> Step<()> {
        if let Some(at) = self.pending_at(returned) {
            let names = self.state.pending[at].piece.summary.names.clone();
            if open.iter().any(|(name, _)| names.contains(name)) {
                self.flush(at)?;
            }
            return Ok(());
        }
        let mut holders = self
            .state
            .bound
            .iter()
            .filter(|(_, held)| **held == returned)
            .peekable();
        if holders.peek().is_some() && holders.all(|(name, _)| open.iter().any(|(other, _)| name == other)) {
            let name = self.fresh(returned, &[]);
            self.state.uses[returned.index()] += 1;
            let piece = self.operands(&[returned])?.remove(0);
            self.assign(&name, returned, piece)?;
        }
        Ok(())
    }

    /// Whether assigning to a name leaves all that others still need.
    fn is_ready(&self, name: &str, value: ValueId, open: &[(String, ValueId)]) -> bool {
        let own = self.pending_at(value);
        let mentioned = (0..self.state.pending.len())
            .filter(|at| Some(*at) != own)
            .any(|at| self.state.pending[at].piece.summary.names.contains(name));
        let needed = self.state.bound.get(name).is_some_and(|held| {
            let elsewhere =
                self.state.bound.iter().any(|(other, value)| {
                    other != name && value == held && !open.iter().any(|(open, _)| open == other)
                });
            self.state.uses[held.index()] > 0 && !elsewhere
        });
        !mentioned && !needed
    }

    /// The fewest names that wait for each other and for no one else.
    fn circle(&self, open: &[(String, ValueId)]) -> BTreeSet<String> {
        let needs = |value: ValueId, name: &String| {
            let reads = |at: usize| self.state.pending[at].piece.summary.names.contains(name);
            self.pending_at(value).is_some_and(reads) || self.state.bound.get(name) == Some(&value)
        };
        let closure = |start: &String| {
            let mut reached = BTreeSet::from([start.clone()]);
            let mut todo = vec![start];
            while let Some(name) = todo.pop() {
                for (other, _) in open.iter().filter(|(_, value)| needs(*value, name)) {
                    if reached.insert(other.clone()) {
                        todo.push(other);
                    }
                }
            }
            reached
        };
        let closures = open.iter().map(|(name, _)| closure(name));
        closures.min_by_key(BTreeSet::len).unwrap_or_default()
    }

    /// `a, b = b, a`
    fn together(&mut self, open: Vec<(String, ValueId)>) -> Step<()> {
        let values: Vec<ValueId> = open.iter().map(|(_, value)| *value).collect();
        let pieces = self.operands(&values)?;
        let mut summary = Summary::default();
        for piece in &pieces {
            summary.add(&piece.summary);
        }
        let targets = open.iter().map(|(name, _)| Expr::name(name)).collect();
        let stmt = Stmt::Assign(targets, pieces.into_iter().map(|piece| piece.expr).collect());
        self.emit(stmt, summary, &[])?;
        for (name, value) in open {
            self.hold(&name, value);
        }
        Ok(())
    }
}
