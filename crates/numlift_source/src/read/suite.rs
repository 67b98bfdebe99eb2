//! Statements in order.
//!
//! `continue`, and `return` outside of loops, need no op: where one branch of an `if` ends with one, the statements
//! behind the `if` are read into the other branch, so that both fall to the end.
//!
//! ```text
//! if a: continue          if a: pass
//! b                 =>    else: b; c
//! c
//! ```

use numlift_ir::function::RETURN;
use numlift_ir::op::{BOUND, Const, Kind, Term};
use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::Ranged;

use super::bound::Exits;
use super::facts::Place;
use super::loop_ends::BROKE;
use super::nested::{NOT_ONLY_CALLED, Node};
use super::once::HALF_DONE;
use super::reader::{RETURNED, Reader, Saved};
use super::refusal::{Read, Refusal};
use numlift_ir::function::ValueId;
use numlift_ir::ty::Ty;
use std::collections::BTreeSet;

/// How control leaves statements that were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    /// At the end of the block.
    Next,
    /// The block has ended otherwise: its terminator is set.
    Left,
}

/// What one statement leaves to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Next,
    /// The statements behind it were read too, or are never reached.
    Done(Flow),
}

/// The statements behind the present one, then those behind the statement around, up to the end of the loop's or
/// function's body.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rest<'r, 'a> {
    pub stmts: &'a [Stmt],
    pub next: Option<&'r Rest<'r, 'a>>,
}

impl<'a> Reader<'a> {
    /// Reads statements, then the rest. What tests inside have shown holds to their end.
    pub fn suite(&mut self, stmts: &'a [Stmt], after: Option<&Rest<'_, 'a>>) -> Read<Flow> {
        let (frame, known) = (self.frames.len() - 1, self.frame().equal.len());
        let read = self.statements(stmts, after);
        if let Some(frame) = self.frames.get_mut(frame) {
            frame.equal.truncate(known);
        }
        read
    }

    fn statements(&mut self, stmts: &'a [Stmt], after: Option<&Rest<'_, 'a>>) -> Read<Flow> {
        for (number, stmt) in stmts.iter().enumerate() {
            let rest = Rest {
                stmts: &stmts[number + 1..],
                next: after,
            };
            match self.statement(stmt, &rest)? {
                Step::Next => {}
                Step::Done(flow) => return Ok(flow),
            }
        }
        match after {
            Some(after) => self.suite(after.stmts, after.next),
            None => {
                self.falls_off();
                Ok(Flow::Next)
            }
        }
    }

    /// A function whose end is reached returns `None`.
    fn falls_off(&mut self) {
        if self.frames.len() > 1 && !self.in_loop() && !self.env().contains_key(RETURN) {
            let none = self.b.constant(Const::None);
            self.bind(RETURN, none);
        }
    }

    /// Reads one statement; what is not understood becomes opaque.
    fn statement(&mut self, stmt: &'a Stmt, rest: &Rest<'_, 'a>) -> Read<Step> {
        let step = self.statement_with_parts(stmt, rest);
        if let Some(frame) = self.frames.last_mut() {
            // What was computed of it is a part of nothing that comes behind it: another statement, the end of a pass.
            frame.partial.clear();
        }
        step
    }

    fn statement_with_parts(&mut self, stmt: &'a Stmt, rest: &Rest<'_, 'a>) -> Read<Step> {
        let saved = self.save();
        self.visit_region(stmt.start().into());
        let mut read = self.read_statement(stmt, rest, &saved);
        if read.as_ref().is_err_and(|refusal| refusal.reason == HALF_DONE) && self.may_have_frames_within(stmt) {
            self.restore(&saved);
            self.within = true;
            let again = self.read_statement(stmt, rest, &saved);
            self.within = false;
            read = again.or(read);
        }
        match read {
            Ok(step) => Ok(step),
            Err(_) if self.knows_variables(|look| look(Node::Stmt(stmt))) => {
                self.restore(&saved);
                self.frame_of(stmt);
                Ok(self.goes_on_in_python(stmt, NOT_ONLY_CALLED))
            }
            Err(refusal) if Exits::of_stmt(stmt).none() => {
                self.restore(&saved);
                self.frame_of(stmt);
                self.opaque_statement(stmt, &refusal);
                Ok(Step::Next)
            }
            // It leaves the function, at its end or on the way.
            Err(refusal) if self.options.frames.is_some() && self.frames.len() == 1 && !self.in_loop() => {
                self.restore(&saved);
                self.frame_of(stmt);
                Ok(self.goes_on_in_python(stmt, &refusal.reason))
            }
            Err(refusal) => Err(refusal),
        }
    }

    fn read_statement(&mut self, stmt: &'a Stmt, rest: &Rest<'_, 'a>, saved: &Saved) -> Read<Step> {
        self.at(stmt.range());
        if let Some(frame) = self.frames.last_mut() {
            frame.statement = stmt.range();
            frame.partial.clear();
        }
        self.frame_of(stmt);
        self.spend(stmt.range())
            .and_then(|()| self.try_statement(stmt, rest))
            .and_then(|step| self.one_effect(stmt, saved).map(|()| step))
    }

    fn try_statement(&mut self, stmt: &'a Stmt, rest: &Rest<'_, 'a>) -> Read<Step> {
        match stmt {
            Stmt::Expr(stmt) => self.expression_statement(stmt)?,
            Stmt::Assign(stmt) => self.assign(stmt)?,
            Stmt::AugAssign(stmt) => self.aug_assign(stmt)?,
            Stmt::AnnAssign(stmt) => self.ann_assign(stmt)?,
            Stmt::If(stmt) => return self.if_statement(stmt, rest),
            Stmt::For(stmt) => return self.for_statement(stmt, rest),
            Stmt::While(stmt) => return self.while_statement(stmt, rest),
            Stmt::Return(stmt) => return self.return_statement(stmt),
            Stmt::Continue(_) => return Ok(Step::Done(Flow::Next)),
            Stmt::Break(_) => return Ok(self.break_statement()),
            Stmt::Raise(raise) => {
                for part in raise.exc.iter().chain(&raise.cause) {
                    self.unread(part)?;
                }
                return Ok(self.raise(stmt));
            }
            Stmt::Assert(stmt) => self.assert(stmt)?,
            Stmt::Pass(_) => {}
            // They hold for the whole function, and names know it.
            Stmt::Global(_) | Stmt::Nonlocal(_) if self.frames.len() == 1 || self.typing.is_some() => {}
            // The frame has them.
            Stmt::Nonlocal(_) if self.sees_nested() => {}
            Stmt::Global(_) | Stmt::Nonlocal(_) => {
                return Err(Refusal::any_code(
                    stmt.range(),
                    "a function that is called rebinds names outside of it",
                ));
            }
            Stmt::FunctionDef(_) => self.define(stmt)?,
            Stmt::ClassDef(def) if self.typing.is_some() => self.class_types(def)?,
            Stmt::ClassDef(_) => return Err(Refusal::new(stmt.range(), "a class is defined")),
            Stmt::Import(_) | Stmt::ImportFrom(_) if self.typing.is_some() => self.import_types(stmt)?,
            Stmt::Import(_) | Stmt::ImportFrom(_) => self.import(stmt)?,
            Stmt::Try(stmt) if self.typing.is_some() => return self.try_statement_types(stmt, rest),
            Stmt::With(stmt) if self.typing.is_some() => return self.with_types(stmt, rest),
            Stmt::Try(stmt) if self.options.frames.is_some() => return self.guarded(stmt, rest),
            Stmt::Try(_) => return Err(Refusal::new(stmt.range(), "`try` is not read yet")),
            Stmt::With(with) => match self.ignoring(with, rest)? {
                Some(step) => return Ok(step),
                None => return Err(Refusal::new(stmt.range(), "`with` runs code at its start and end")),
            },
            Stmt::Match(stmt) => return self.match_statement(stmt, rest),
            Stmt::Delete(stmt) => self.delete(stmt)?,
            Stmt::TypeAlias(_) => return Err(Refusal::new(stmt.range(), "a type is given a name")),
            Stmt::IpyEscapeCommand(_) => return Err(Refusal::any_code(stmt.range(), "a command of the notebook")),
        }
        Ok(Step::Next)
    }

    /// `del name`: from here on it is not bound.
    fn delete(&mut self, stmt: &'a ast::StmtDelete) -> Read<()> {
        let refused = || Refusal::new(stmt.range, "`del` takes a name or an item away");
        for target in &stmt.targets {
            if let Expr::Subscript(subscript) = target {
                let list = self.expr(&subscript.value)?;
                let index = self.expr(&subscript.slice)?;
                match self.delete_item(list, index) {
                    true => continue,
                    false => return Err(refused()),
                }
            }
            let Expr::Name(name) = target else {
                return Err(refused());
            };
            let own = self.frame().env.get(name.id.as_str()).copied();
            let value = own.filter(|_| self.options.frames.is_some()).ok_or_else(refused)?;
            match self.ty(value) {
                Ty::Unbound => return Err(refused()),
                Ty::Maybe(_) if self.frames.len() == 1 => {
                    self.b.effect(Kind::Require(BOUND.to_owned()), &[value]);
                }
                Ty::Maybe(_) => return Err(refused()),
                _ => {}
            }
            let unbound = self.b.unbound();
            self.env().insert(name.id.to_string(), unbound);
        }
        Ok(())
    }

    fn expression_statement(&mut self, stmt: &'a ast::StmtExpr) -> Read<()> {
        // A docstring, or another constant that nobody uses.
        if stmt.value.is_literal_expr() {
            return Ok(());
        }
        self.try_expr(&stmt.value)?;
        Ok(())
    }

    /// The values of the names that the loop `out` loops out carries.
    pub(super) fn carried_values(&mut self, out: usize) -> Vec<ValueId> {
        let at = self.loops.len() - 1 - out;
        let names = self.loops[at].carried.clone();
        let values: Vec<ValueId> = names.iter().map(|name| self.value_or_unbound(name)).collect();
        let types: Vec<(Ty, BTreeSet<Place>)> = values
            .iter()
            .map(|value| (self.ty(*value).clone(), self.places_or_unknown(*value)))
            .collect();
        let open = &mut self.loops[at];
        if open.broken {
            for (known, (ty, places)) in open.breaks.iter_mut().zip(types) {
                known.0 = known.0.join(&ty);
                known.1.extend(places);
            }
        } else {
            open.breaks = types;
            open.broken = true;
        }
        values
    }

    fn break_statement(&mut self) -> Step {
        let carried = self.loops.last().map_or(&[][..], |open| &open.carried[..]);
        if let Some(flag) = carried.iter().find(|name| name.starts_with(BROKE)).cloned() {
            let broke = self.b.constant(Const::Bool(true));
            self.env().insert(flag, broke);
        }
        let values = self.carried_values(0);
        self.b.end(self.b.block, Term::Break(0, values));
        Step::Done(Flow::Left)
    }

    fn return_statement(&mut self, stmt: &'a ast::StmtReturn) -> Read<Step> {
        let value = match &stmt.value {
            Some(value) => self.settled(value)?,
            None => self.b.constant(Const::None),
        };
        self.env().insert(RETURN.to_owned(), value);
        if !self.in_loop() {
            return Ok(Step::Done(Flow::Next));
        }
        if self.frames.len() == 1 {
            self.write_attributes();
            let values = self.output_values();
            self.b.end(self.b.block, Term::Return(values));
            return Ok(Step::Done(Flow::Left));
        }
        let returned = self.b.constant(Const::Bool(true));
        self.env().insert(RETURNED.to_owned(), returned);
        let out = self.loops.len() - 1 - self.frame().loops;
        let values = self.carried_values(out);
        self.b.end(self.b.block, Term::Break(out, values));
        Ok(Step::Done(Flow::Left))
    }

    fn raise(&mut self, stmt: &'a Stmt) -> Step {
        let text = self.text(stmt.range()).to_owned();
        let names = self.live_reads_of_stmt(stmt);
        let args: Vec<ValueId> = names.iter().map(|(_, value)| *value).collect();
        self.b.typed_op(Kind::Raise(text), &args, &[]);
        self.b.end(self.b.block, Term::Unreachable);
        Step::Done(Flow::Left)
    }

    /// `if not test: raise AssertionError(message)`
    fn assert(&mut self, stmt: &'a ast::StmtAssert) -> Read<()> {
        let condition = self.condition(&stmt.test)?;
        if let Some(message) = &stmt.msg {
            self.unread(message)?;
        }
        let text = self.text(stmt.range()).to_owned();
        let names = self.live_reads(stmt.msg.as_deref());
        let args: Vec<ValueId> = names.iter().map(|(_, value)| *value).collect();
        let (then, ()) = self.b.in_block(|_| ());
        let (other, ()) = self.b.in_block(|b| {
            b.typed_op(Kind::Raise(text), &args, &[]);
            b.end(b.block, Term::Unreachable);
        });
        self.b.if_op(condition, then, other, &[]);
        self.learn(condition, true);
        self.narrow(&stmt.test, true);
        Ok(())
    }
}
