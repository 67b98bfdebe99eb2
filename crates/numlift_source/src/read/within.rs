//! Leaving in the middle of a statement: behind a part of it that changed something, and inside of what it calls.
//!
//! ```text
//! s += step(grid, i)      step() stores to grid, then its next statement may be left: Python goes on there, and then in
//!                         the middle of this statement, with what step() gives
//! y = x[int(rng.random() * n)]       left behind the draw: Python goes on with the number that was drawn
//! ```
//!
//! A statement is read so only where it must be: most change nothing before the last place at which they may be left
//! ([`super::once`]). Every statement of the functions that it calls has a frame then, and so has the statement itself
//! behind each part that changes something. Such a frame knows the callers' names, and what is computed of their
//! statements.

use numlift_ir::function::{BlockId, OpId, ValueId};
use numlift_ir::op::{Caller, Kind, of_caller};
use ruff_python_ast::{Expr, Stmt};
use ruff_text_size::{Ranged, TextRange};

use super::reader::{Reader, Saved};
use super::refusal::{Read, Refusal};

/// A part of a statement that is computed.
pub(super) type Part = (TextRange, ValueId);

/// A function that waits for one that it calls.
#[derive(Debug, Clone)]
pub(super) struct Suspended {
    statement: TextRange,
    call: TextRange,
    names: Vec<(String, ValueId)>,
    /// What is still to come of the loops around the statement: text and operands.
    iterators: Vec<(String, Vec<ValueId>)>,
    computed: Vec<Part>,
}

/// What a frame is made of while it is put together: all functions' names in one list.
#[derive(Default)]
pub(super) struct Names {
    pub names: Vec<String>,
    pub values: Vec<ValueId>,
}

impl Names {
    /// The text with names for its operands, which are numbered.
    pub fn named(&mut self, text: &str, operands: &[ValueId]) -> String {
        let mut named = text.to_owned();
        for (number, value) in operands.iter().enumerate().rev() {
            let name = format!("__nl{}", self.names.len());
            named = named.replace(&format!("<{number}>"), &name);
            self.names.push(name);
            self.values.push(*value);
        }
        named
    }

    pub fn all_named(&mut self, iterators: &[(String, Vec<ValueId>)]) -> Vec<String> {
        let named = iterators.iter().map(|(text, operands)| self.named(text, operands));
        named.collect()
    }

    pub fn computed(&mut self, parts: &[Part]) -> Vec<(u32, u32, String)> {
        let named = parts.iter().map(|(range, value)| {
            let name = self.named("<0>", &[*value]);
            (range.start().into(), range.end().into(), name)
        });
        named.collect()
    }
}

impl<'a> Reader<'a> {
    /// Whether every statement that is read has a frame, and parts of it.
    pub(super) fn has_frames_within(&self) -> bool {
        self.within && !self.no_parts
    }

    /// The present function, as it waits for a call; refused where it cannot go on in the middle of its statement.
    pub(super) fn suspended(&mut self, call: TextRange) -> Read<Vec<Suspended>> {
        let refused = |reason: &str| Err(Refusal::any_code(call, reason.to_owned()));
        if self.no_parts {
            return refused("a later condition of an `if` calls what changes something");
        }
        if !self.own_names.is_empty() {
            return refused("a function that changes something is called in a comprehension");
        }
        let names = self.frame_names(self.frame().statement);
        let suspended = Suspended {
            statement: self.frame().statement,
            call,
            names,
            iterators: self.iterators_at(self.frame().statement),
            computed: self.computed_outside(call),
        };
        let mut all = vec![suspended];
        all.extend(self.frame().suspended.iter().cloned());
        Ok(all)
    }

    /// The parts of the present statement that are computed, but for what a call is made of.
    fn computed_outside(&self, call: TextRange) -> Vec<Part> {
        let parts = self.frame().partial.iter();
        parts
            .filter(|(range, _)| !call.contains_range(*range))
            .copied()
            .collect()
    }

    /// Whether a function that waits for the present one has entered managers.
    pub(super) fn waits_in_managers(&self) -> bool {
        let texts = self.frame().suspended.iter().flat_map(|caller| &caller.iterators);
        texts.into_iter().any(|(text, _)| text.starts_with("_errstate"))
    }

    /// The callers of the present function, with their names.
    pub(super) fn callers(&self, names: &mut Names) -> Vec<Caller> {
        let suspended = self.frame().suspended.iter().enumerate();
        let callers = suspended.map(|(number, caller)| {
            for (name, value) in &caller.names {
                names.names.push(format!("{}{name}", of_caller(number)));
                names.values.push(*value);
            }
            Caller {
                statement: (caller.statement.start().into(), caller.statement.end().into()),
                call: (caller.call.start().into(), caller.call.end().into()),
                iterators: names.all_named(&caller.iterators),
                computed: names.computed(&caller.computed),
            }
        });
        callers.collect()
    }

    /// Notes that an expression is computed; behind one that changed something Python goes on with its value.
    pub(super) fn note_part(&mut self, expr: &Expr, value: ValueId, first: usize) {
        if !self.has_frames_within() || !self.own_names.is_empty() {
            return;
        }
        let range = expr.range();
        self.add_part(range, value, matches!(expr, Expr::Name(_)) || expr.is_literal_expr());
        let first = OpId(first as u32);
        let changes = |op: usize| {
            let op = OpId(op as u32);
            matches!(self.b.func.op(op).kind, Kind::Frame { .. }) || self.acts(op, first)
        };
        if (first.index()..self.b.func.ops.len()).any(changes) {
            self.frame_at(self.frame().statement);
        }
    }

    /// Notes what `x[i] += v` has read of its target, before what `v` calls may change it. What the target is made of is
    /// needed once more, for the store.
    pub(super) fn note_target(&mut self, target: TextRange, old: ValueId) {
        if self.has_frames_within() && self.own_names.is_empty() {
            let frame = self.frames.last_mut().expect("there is always a frame");
            frame.partial.push((target, old));
        }
    }

    /// A part that is computed takes the place of those that it is made of. Names and literals are not worth one.
    pub(super) fn add_part(&mut self, range: TextRange, value: ValueId, is_plain: bool) {
        let frame = self.frames.last_mut().expect("there is always a frame");
        frame.partial.retain(|(part, _)| !range.contains_range(*part));
        if !is_plain {
            frame.partial.push((range, value));
        }
    }

    /// Whether a statement may be read with frames within.
    pub(super) fn may_have_frames_within(&self, stmt: &Stmt) -> bool {
        let is_simple = matches!(
            stmt,
            Stmt::Expr(_) | Stmt::Assign(_) | Stmt::AugAssign(_) | Stmt::AnnAssign(_) | Stmt::Return(_)
        );
        is_simple && !self.within && self.options.frames.is_some() && !self.options.all_names && self.frames.len() == 1
    }

    /// Whether nothing that was read since `saved` may be left behind a change that no frame knows of.
    pub(super) fn is_framed(&self, saved: &Saved) -> bool {
        let first = saved.mark().first_op();
        let ops = self.b.func.block(self.b.block).ops.iter().copied();
        let own: Vec<OpId> = ops.filter(|op| *op >= first).collect();
        self.framed(&own, false, first).is_some()
    }

    /// Whether something has changed behind these ops that no frame knows of; `None` where one of them may be left then.
    fn framed(&self, ops: &[OpId], changed: bool, first: OpId) -> Option<bool> {
        let mut changed = changed;
        for op in ops {
            let data = self.b.func.op(*op);
            let inside = |block: &BlockId, changed: bool| {
                let ops = &self.b.func.block(*block).ops;
                self.framed(ops, changed, first)
            };
            match &data.kind {
                Kind::Frame { .. } => changed = false,
                Kind::If => {
                    let before = changed;
                    for block in &data.blocks {
                        changed |= inside(block, before)?;
                    }
                }
                Kind::For | Kind::While => {
                    // Once as the first pass, and once as a later one.
                    for _ in 0..2 {
                        for block in &data.blocks {
                            changed |= inside(block, changed)?;
                        }
                    }
                }
                _ => {
                    if changed && self.may_leave(*op) {
                        return None;
                    }
                    changed |= self.acts(*op, first);
                }
            }
        }
        Some(changed)
    }
}
