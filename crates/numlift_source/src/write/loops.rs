//! Loops that stay loops, beside what became array form.
//!
//! ```text
//! for 0, n, 1, s0 { (i, s) yield f(s, x[i]) }      =>    s = s0
//!                                                        for i in range(n):
//!                                                            s = f(s, x[i])
//! ```
//!
//! A carried value is one variable: before the loop, in it and behind it. What the body uses of the outside is computed
//! before and stays where it is until the loop is over.

use std::collections::{BTreeMap, BTreeSet};

use numlift_ir::function::{BlockId, OpId, RETURN, ValueId};
use numlift_ir::op::Const;

use super::WriteError;
use super::effect::Summary;
use super::python::{Expr, Stmt};
use super::schedule::{Schedule, State, Step, Stop};

impl Schedule<'_> {
    /// A `For`.
    pub fn for_loop(&mut self, op: OpId) -> Step<()> {
        let func = self.func;
        let data = func.op(op);
        let [start, stop, step] = data.args[..3] else {
            return Err(WriteError::new("a `for` without its bounds").into());
        };
        let body = data.blocks[0];
        self.settle(op, &data.args)?;
        let (index, carried) = (func.block(body).params[0], &func.block(body).params[1..]);
        let names = self.carry(op, &data.args[3..], &[carried])?;
        let is_int = |value: ValueId, int: i128| func.as_const(value) == Some(&Const::Int(int));
        let bounds = match (is_int(start, 0), is_int(step, 1)) {
            (true, true) => vec![stop],
            (false, true) => vec![start, stop],
            (_, false) => vec![start, stop, step],
        };
        for unwritten in [start, stop, step].iter().filter(|bound| !bounds.contains(bound)) {
            self.release(*unwritten);
        }
        let mut summary = Summary::default();
        let mut args = Vec::new();
        for piece in self.operands(&bounds)? {
            summary.add(&piece.summary);
            args.push(piece.expr);
        }
        let range = Expr::call(self.spell("builtins.range")?, args);
        let name = match self.state.uses[index.index()] {
            0 => "_".to_owned(),
            _ => self.loop_name(op, index, &names),
        };
        let before = self.enter(op);
        self.hold(&name, index);
        let body = self.repeated(body, carried, &names)?;
        self.leave(op, before, &names);
        summary.add(&self.summary_inside(op));
        self.emit(
            Stmt::For {
                target: Expr::name(name),
                range,
                body,
            },
            summary,
            &[],
        )?;
        self.hold_results(op, &names);
        Ok(())
    }

    /// A `While`.
    pub fn while_loop(&mut self, op: OpId) -> Step<()> {
        let func = self.func;
        let data = func.op(op);
        let [test, body] = data.blocks[..] else {
            return Err(WriteError::new("a `while` without its blocks").into());
        };
        self.settle(op, &data.args)?;
        let params = [&func.block(test).params[..], &func.block(body).params[..]];
        let names = self.carry(op, &data.args, &params)?;
        let before = self.enter(op);
        let (condition, mut statements) = self.test(test, &names)?;
        let mut stmts = self.repeated(body, params[1], &names)?;
        let endless = condition.is_none();
        if endless {
            statements.append(&mut stmts);
            stmts = statements;
        }
        self.leave(op, before, &names);
        let test = condition.unwrap_or(Expr::Literal("True".to_owned()));
        self.emit(Stmt::While { test, body: stmts }, self.summary_inside(op), &[])?;
        self.hold_results(op, &names);
        Ok(())
    }

    /// The condition of a `while`; what it takes more than an expression ends with a `break`.
    fn test(&mut self, block: BlockId, names: &[String]) -> Step<(Option<Expr>, Vec<Stmt>)> {
        self.hold_all(&self.func.block(block).params, names);
        let saved = self.state.clone();
        let depth = self.targets.len();
        let outer = std::mem::replace(&mut self.as_expression, true);
        let tried = self.value_of(block);
        self.as_expression = outer;
        self.targets.truncate(depth);
        match tried {
            Ok(piece) => Ok((Some(piece.expr.into_test()), Vec::new())),
            Err(Stop::NotAnExpression | Stop::Before(_)) => {
                self.state = saved;
                self.targets.push(BTreeMap::new());
                for op in self.live.ops_of(self.func, block) {
                    self.inner_op(op)?;
                }
                let piece = self.operands(&[self.func.block(block).end.values()[0]])?.remove(0);
                let stop = Stmt::If {
                    test: piece.expr.negated(),
                    then: vec![Stmt::Break],
                    other: Vec::new(),
                };
                self.emit(stop, piece.summary, &[])?;
                self.targets.pop();
                Ok((None, std::mem::take(&mut self.state.statements)))
            }
            Err(stop @ Stop::Error(_)) => Err(stop),
        }
    }

    /// The statements of a body that is run again and again.
    fn repeated(&mut self, body: BlockId, carried: &[ValueId], names: &[String]) -> Step<Vec<Stmt>> {
        self.hold_all(carried, names);
        self.loops.push(names.to_vec());
        self.block(body, names)?;
        self.loops.pop();
        Ok(std::mem::take(&mut self.state.statements))
    }

    fn hold_all(&mut self, values: &[ValueId], names: &[String]) {
        for (value, name) in values.iter().zip(names) {
            self.hold(name, *value);
        }
    }

    /// Variables for carried values, which hold what the loop starts with.
    fn carry(&mut self, op: OpId, init: &[ValueId], params: &[&[ValueId]]) -> Step<Vec<String>> {
        let data = self.func.op(op);
        let mut names: Vec<String> = Vec::new();
        for (number, result) in data.results.iter().enumerate() {
            let mut values = vec![*result];
            values.extend(params.iter().filter_map(|params| params.get(number)));
            let first = init[number];
            let name = self.carried_name(op, &values, first, init, &names);
            names.push(name);
        }
        let wanted: Vec<(String, ValueId)> = names.iter().cloned().zip(init.iter().copied()).collect();
        self.finish(&wanted, false)?;
        Ok(names)
    }

    fn carried_name(
        &self,
        op: OpId,
        values: &[ValueId],
        first: ValueId,
        init: &[ValueId],
        others: &[String],
    ) -> String {
        let wanted = values
            .iter()
            .filter_map(|value| self.targets.last()?.get(value))
            .flatten()
            .cloned();
        let own = values
            .iter()
            .filter_map(|value| self.rebound_name(*value, op))
            .map(str::to_owned);
        // What it starts with may be there under the name; it is not needed behind.
        let fits = |name: &String| {
            let held = self.state.bound.get(name);
            let uses = held.map_or(0, |held| init.iter().filter(|value| *value == held).count());
            name != RETURN && !others.contains(name) && self.can_assign_after(name, uses as u32, None)
        };
        let start = self
            .state
            .bound
            .iter()
            .find(|(_, held)| **held == first)
            .map(|(name, _)| name.clone());
        let start = start.filter(|name| !self.variables.contains(name) || self.func.outputs.contains(name));
        wanted
            .chain(own)
            .chain(start)
            .find(fits)
            .unwrap_or_else(|| self.fresh(values[0], others))
    }

    fn loop_name(&self, op: OpId, index: ValueId, others: &[String]) -> String {
        let is_other = |name: &str| others.iter().any(|other| other == name);
        let own = self
            .rebound_name(index, op)
            .filter(|name| self.can_assign(name) && !is_other(name));
        let short = ["i", "j", "k"]
            .into_iter()
            .find(|name| self.is_new(name) && !is_other(name));
        own.or(short).map_or_else(|| self.fresh(index, others), str::to_owned)
    }

    /// What is used inside is needed in every round.
    fn enter(&mut self, op: OpId) -> State {
        let before = self.state.clone();
        for value in self.used_from_outside(op) {
            self.state.uses[value.index()] += 1;
        }
        self.state.statements.clear();
        self.state.assigned.clear();
        before
    }

    fn leave(&mut self, op: OpId, before: State, names: &[String]) {
        for value in self.used_from_outside(op) {
            self.state.uses[value.index()] -= 1;
        }
        self.state.statements = before.statements;
        self.state.pending = before.pending;
        let uses = &self.state.uses;
        self.state.pending.retain(|pending| uses[pending.value.index()] > 0);
        self.state.bound = before.bound;
        let assigned = &self.state.assigned;
        self.state
            .bound
            .retain(|name, _| !assigned.contains(name) && !names.contains(name));
        self.state.assigned.extend(before.assigned);
    }

    /// What a loop uses and does not make itself.
    fn used_from_outside(&self, op: OpId) -> Vec<ValueId> {
        let func = self.func;
        let mut used = BTreeSet::new();
        let mut made = BTreeSet::new();
        for block in &func.op(op).blocks {
            used.extend(self.uses_inside(*block).into_keys());
            func.visit_blocks(*block, &mut |inner| {
                made.extend(&func.block(inner).params);
                made.extend(func.block(inner).ops.iter().flat_map(|op| &func.op(*op).results));
            });
        }
        used.difference(&made).copied().collect()
    }

    pub fn summary_inside(&self, op: OpId) -> Summary {
        let mut summary = Summary::default();
        for block in &self.func.op(op).blocks {
            summary.add(&self.memory.block_summary(*block));
        }
        summary
    }

    pub fn hold_results(&mut self, op: OpId, names: &[String]) {
        for (name, result) in names.iter().zip(&self.func.op(op).results) {
            if self.state.uses[result.index()] > 0 {
                self.hold(name, *result);
            }
        }
    }
}
