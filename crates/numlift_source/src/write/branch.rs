//! `if`: a conditional expression, `and` or `or` where its blocks are expressions, else a statement.
//!
//! ```text
//! if c { yield f(x) } else { yield 0.0 }         =>   f(x) if c else 0.0
//! if c { yield d } else { yield False }          =>   c and d
//! if c { set_index out[0], v } else { }          =>   if c:
//!                                                         out[0] = v
//! ```
//!
//! What is computed outside and used only inside stays outside if anybody could tell, since a branch may not be taken.

use std::collections::BTreeMap;

use numlift_ir::function::{BlockId, OpId, RETURN, ValueId};
use numlift_ir::op::{Const, Kind, Term};
use numlift_ir::ty::Ty;

use super::WriteError;
use super::python::{Expr, Stmt};
use super::schedule::{Piece, Schedule, Step, Stop};

impl Schedule<'_> {
    /// An `If`.
    pub fn branch(&mut self, op: OpId) -> Step<()> {
        let data = self.func.op(op);
        if let Some(raised) = self.assertion(op) {
            // The text asks again.
            self.release(data.args[0]);
            return self.inner_op(raised);
        }
        let yields = data
            .blocks
            .iter()
            .all(|block| matches!(self.func.block(*block).end, Term::Yield(_)));
        if data.results.len() == 1 && yields && self.state.uses[data.results[0].index()] > 0 {
            loop {
                let saved = self.state.clone();
                let targets = self.targets.len();
                let outer = std::mem::replace(&mut self.as_expression, true);
                let tried = self.choice(op);
                self.as_expression = outer;
                self.targets.truncate(targets);
                match tried {
                    Ok(piece) => return self.define(op, piece),
                    Err(Stop::NotAnExpression) => {
                        self.state = saved;
                        break;
                    }
                    Err(Stop::Before(value)) => {
                        self.state = saved;
                        let at = self
                            .pending_at(value)
                            .ok_or_else(|| WriteError::new("a value that is not there"))?;
                        self.flush(at)?;
                    }
                    Err(stop @ Stop::Error(_)) => return Err(stop),
                }
            }
        }
        self.statement(op)
    }

    /// The `assert` of the author's own that an `If` is.
    fn assertion(&self, op: OpId) -> Option<OpId> {
        let data = self.func.op(op);
        let [then, other] = data.blocks[..] else { return None };
        let is_empty = |block: BlockId| self.live.ops_of(self.func, block).is_empty();
        let (taken, empty) = if is_empty(then) { (other, then) } else { (then, other) };
        let [raised] = self.live.ops_of(self.func, taken)[..] else {
            return None;
        };
        let is_assertion = matches!(&self.func.op(raised).kind, Kind::Raise(text) if text.starts_with("assert "));
        let pending = self.pending_at(data.args[0]);
        let asks_only = pending.is_none_or(|at| !self.state.pending[at].piece.summary.has_effect());
        let plain = data.results.is_empty() && self.func.block(taken).end == Term::Unreachable && asks_only;
        (is_empty(empty) && is_assertion && plain && !self.as_expression).then_some(raised)
    }

    /// The `If` as an expression.
    fn choice(&mut self, op: OpId) -> Step<Piece> {
        let data = self.func.op(op);
        let condition = data.args[0];
        if let Some(at) = self.pending_at(condition)
            && self.state.pending[at].piece.summary.has_effect()
        {
            // It comes before whatever the branches take along.
            return Err(Stop::Before(condition));
        }
        let mut test = self.operands(&[condition])?.remove(0);
        let then = self.value_of(data.blocks[0])?;
        let other = self.value_of(data.blocks[1])?;
        test.summary.add(&then.summary);
        test.summary.add(&other.summary);
        test.parts.extend(then.parts);
        test.parts.extend(other.parts);
        let flag = |block: BlockId| match self.func.as_const(self.func.block(block).end.values()[0]) {
            Some(Const::Bool(flag)) => Some(*flag),
            _ => None,
        };
        let is_bool = |value: ValueId| *self.func.ty(value).bound() == Ty::Bool;
        let yielded = |block: BlockId| self.func.block(block).end.values()[0];
        let bools = is_bool(condition) && data.blocks.iter().all(|block| is_bool(yielded(*block)));
        let expr = match (flag(data.blocks[0]), flag(data.blocks[1])) {
            (Some(true), Some(false)) if bools => test.expr,
            (Some(false), Some(true)) if bools => test.expr.negated(),
            (None, Some(false)) if bools => Expr::all("and", vec![test.expr, then.expr]),
            (Some(true), None) if bools => Expr::all("or", vec![test.expr, other.expr]),
            _ => choose(test.expr, then.expr, other.expr),
        };
        Ok(Piece {
            expr,
            summary: test.summary,
            parts: test.parts,
        })
    }

    /// What a block yields, if it is one expression.
    pub fn value_of(&mut self, block: BlockId) -> Step<Piece> {
        let func = self.func;
        let before = self.state.pending.len();
        self.targets.push(BTreeMap::new());
        for op in self.live.ops_of(func, block) {
            self.inner_op(op)?;
        }
        let piece = self.operands(&[func.block(block).end.values()[0]])?.remove(0);
        let depth = self.targets.len();
        let left = self
            .state
            .pending
            .iter()
            .any(|pending| pending.depth == depth && !pending.cheap);
        if left || self.state.pending.len() > before + func.block(block).ops.len() {
            return Err(Stop::NotAnExpression);
        }
        self.state.pending.retain(|pending| pending.depth < depth);
        self.targets.pop();
        Ok(piece)
    }

    /// The `If` as a statement; its results become variables.
    fn statement(&mut self, op: OpId) -> Step<()> {
        let data = self.func.op(op);
        self.settle(op, &data.args)?;
        let names = self.names_of_results(op);
        let test = self.operands(&data.args[..1])?.remove(0);
        let before = self.state.clone();
        let mut branches = Vec::new();
        self.state.assigned.clear();
        for (number, block) in data.blocks.iter().enumerate() {
            self.state.statements.clear();
            self.state.bound = before.bound.clone();
            self.state.pending = before.pending.clone();
            // What only the other branch still needs is not needed here.
            let later: Vec<BTreeMap<ValueId, u32>> = data.blocks[number + 1..]
                .iter()
                .map(|other| self.uses_inside(*other))
                .collect();
            for (value, uses) in later.iter().flatten() {
                self.state.uses[value.index()] -= uses;
            }
            self.block(*block, &names)?;
            for (value, uses) in later.iter().flatten() {
                self.state.uses[value.index()] += uses;
            }
            branches.push(std::mem::take(&mut self.state.statements));
        }
        self.state.statements = before.statements;
        self.state.bound = before.bound;
        self.state.pending = before.pending;
        let uses = &self.state.uses;
        self.state.pending.retain(|pending| uses[pending.value.index()] > 0);
        let (Some(other), Some(then)) = (branches.pop(), branches.pop()) else {
            return Err(WriteError::new("an `if` without two branches").into());
        };
        let mut summary = test.summary.clone();
        summary.add(&self.summary_inside(op));
        let stmt = match (then.is_empty(), other.is_empty()) {
            (true, true) if !test.summary.has_effect() => None,
            (true, true) => Some(Stmt::Expr(test.expr)),
            (true, false) => Some(Stmt::If {
                test: test.expr.negated(),
                then: other,
                other: then,
            }),
            _ => Some(Stmt::If {
                test: test.expr.into_test(),
                then,
                other,
            }),
        };
        if let Some(stmt) = stmt {
            self.emit(stmt, summary, &test.parts)?;
        }
        let assigned = &self.state.assigned;
        self.state.bound.retain(|name, _| !assigned.contains(name));
        self.state.assigned.extend(before.assigned);
        self.hold_results(op, &names);
        Ok(())
    }

    /// Everything that a block could use or get in the way of becomes a variable before it; the operands stay.
    pub fn settle(&mut self, op: OpId, operands: &[ValueId]) -> Step<()> {
        let inside = self.summary_inside(op);
        loop {
            let pending = &self.state.pending;
            let is_operand = |at: usize| operands.contains(&pending[at].value);
            let conflicts = |a: usize, b: usize| pending[a].piece.summary.conflicts(&pending[b].piece.summary);
            let kept = |at: usize| pending[at].cheap && !pending[at].piece.summary.conflicts(&inside);
            let Some(open) = (0..pending.len()).find(|at| !is_operand(*at) && !kept(*at)) else {
                return Ok(());
            };
            let early = (0..open).find(|at| is_operand(*at) && conflicts(*at, open));
            self.flush(early.unwrap_or(open))?;
        }
    }

    /// Variables for the results.
    fn names_of_results(&self, op: OpId) -> Vec<String> {
        let data = self.func.op(op);
        let mut names: Vec<String> = Vec::new();
        // The condition is evaluated before a result is assigned, and each branch assigns at its end.
        let mut inside: BTreeMap<ValueId, u32> = BTreeMap::from([(data.args[0], 1)]);
        for block in &data.blocks {
            for (value, uses) in self.uses_inside(*block) {
                *inside.entry(value).or_default() += uses;
            }
        }
        for result in &data.results {
            let wanted = self
                .targets
                .last()
                .and_then(|targets| targets.get(result))
                .cloned()
                .unwrap_or_default();
            let own = self.rebound_name(*result, op).map(str::to_owned);
            let keeps = |name: &String| {
                let held = self.state.bound.get(name);
                let but = held.and_then(|held| inside.get(held)).copied();
                *name != RETURN && self.can_assign_after(name, but.unwrap_or(0), Some(data.args[0]))
            };
            let name = wanted
                .into_iter()
                .find(|name| keeps(name) && !names.contains(name))
                .or_else(|| own.filter(|name| keeps(name) && !names.contains(name)))
                .unwrap_or_else(|| self.fresh(*result, &names));
            names.push(name);
        }
        names
    }

    /// How often what is written of a block and those below it uses each value.
    pub fn uses_inside(&self, block: BlockId) -> BTreeMap<ValueId, u32> {
        let mut uses = BTreeMap::new();
        self.func.visit_blocks(block, &mut |inner| {
            let live = self.live.ops_of(self.func, inner);
            let operands = live.iter().flat_map(|op| &self.func.op(*op).args);
            for value in operands.chain(self.func.block(inner).end.values()) {
                *uses.entry(*value).or_default() += 1;
            }
        });
        uses
    }

    /// A `Select` with nothing in one arm binds its name in the other.
    pub fn maybe_bound(&mut self, op: OpId) -> Step<()> {
        let data = self.func.op(op);
        let result = data.results[0];
        if self.state.uses[result.index()] == 0 {
            data.args.iter().for_each(|arg| self.release(*arg));
            return Ok(());
        }
        let unbound = |value: ValueId| *self.func.ty(value) == Ty::Unbound;
        let name = self
            .targets
            .last()
            .and_then(|targets| targets.get(&result))
            .and_then(|names| names.first())
            .cloned();
        let Some(name) = name.filter(|name| self.can_assign(name)) else {
            return Err(WriteError::new("a name that may be unbound is used").into());
        };
        let [condition, then, other] = data.args[..] else {
            return Err(WriteError::new("a select without its operands").into());
        };
        let (value, negated) = if unbound(other) { (then, false) } else { (other, true) };
        if unbound(value) {
            return Ok(());
        }
        let mut pieces = self.operands(&[condition, value])?;
        let (value, test) = (pieces.remove(1), pieces.remove(0));
        let mut summary = test.summary;
        summary.add(&value.summary);
        let test = if negated {
            test.expr.negated()
        } else {
            test.expr.into_test()
        };
        let then = vec![Stmt::Assign(vec![Expr::name(&name)], vec![value.expr])];
        self.emit(
            Stmt::If {
                test,
                then,
                other: Vec::new(),
            },
            summary,
            &[],
        )?;
        self.hold(&name, result);
        Ok(())
    }
}

/// `then if test else other`; `a and b` and `a or b` where an arm is the test itself.
fn choose(test: Expr, then: Expr, other: Expr) -> Expr {
    let asked = test.clone().into_test();
    if asked == other && is_name(&other) {
        return Expr::all("and", vec![other, then]);
    }
    if asked == then && is_name(&then) {
        return Expr::all("or", vec![then, other]);
    }
    Expr::if_else(test, then, other)
}

fn is_name(expr: &Expr) -> bool {
    matches!(expr, Expr::Name(_))
}
