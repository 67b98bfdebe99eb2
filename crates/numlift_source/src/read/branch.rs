//! `if`, `elif`, `else`, and the merging of names behind them.

use std::collections::BTreeSet;

use numlift_ir::function::{BlockId, RETURN, ValueId};
use numlift_ir::op::{Const, Term};
use numlift_ir::ty::Ty;
use ruff_python_ast::{self as ast, ElifElseClause, Expr, Stmt};

use super::bound::Exits;
use super::facts::Place;
use super::reader::{Env, Reader};
use super::refusal::Read;
use super::suite::{Flow, Rest, Step};

/// One branch that was read.
pub(super) struct Branch {
    pub block: BlockId,
    pub env: Env,
    pub flow: Flow,
}

impl<'a> Reader<'a> {
    pub(super) fn if_statement(&mut self, stmt: &'a ast::StmtIf, rest: &Rest<'_, 'a>) -> Read<Step> {
        let mut exits = Exits::of(&stmt.body);
        for clause in &stmt.elif_else_clauses {
            let other = Exits::of(&clause.body);
            exits.continues |= other.continues;
            exits.returns |= other.returns;
        }
        let pulls = exits.continues && self.in_loop() || exits.returns && !self.in_loop();
        let flow = self.if_chain(
            &stmt.test,
            &stmt.body,
            &stmt.elif_else_clauses,
            pulls.then_some(rest),
            (false, false),
        )?;
        Ok(if pulls || flow == Flow::Left {
            Step::Done(flow)
        } else {
            Step::Next
        })
    }

    fn if_chain(
        &mut self,
        test: &'a Expr,
        body: &'a [Stmt],
        clauses: &'a [ElifElseClause],
        rest: Option<&Rest<'_, 'a>>,
        (acted, is_later): (bool, bool),
    ) -> Read<Flow> {
        let origin = self.b.origin;
        // Python would not come to the middle of a later test.
        let outer = self.no_parts;
        self.no_parts |= is_later;
        let tested = self.tested(test, acted);
        self.no_parts = outer;
        let (condition, acted) = tested?;
        // What is known beforehand is not a branch.
        if let Some(Const::Bool(known)) = self.b.func.as_const(condition) {
            return match known {
                true => self.suite_with(body, rest),
                false => self.other_clauses(clauses, rest, acted),
            };
        }
        let then = self.branch(|reader| {
            reader.learn(condition, true);
            reader.narrow(test, true);
            reader.suite_with(body, rest)
        })?;
        let other = self.branch(|reader| {
            reader.learn(condition, false);
            reader.narrow(test, false);
            reader.other_clauses(clauses, rest, acted)
        })?;
        self.b.origin = origin;
        let (raises, goes_on) = (then.flow == Flow::Left, other.flow == Flow::Next);
        let flow = self.merge(condition, then, other, &[]);
        if raises && goes_on {
            self.learn(condition, false);
        }
        Ok(flow)
    }

    fn other_clauses(&mut self, clauses: &'a [ElifElseClause], rest: Option<&Rest<'_, 'a>>, acted: bool) -> Read<Flow> {
        match clauses {
            [] => self.suite_with(&[], rest),
            [
                ElifElseClause {
                    test: Some(test), body, ..
                },
                others @ ..,
            ] => self.if_chain(test, body, others, rest, (acted, true)),
            [ElifElseClause { test: None, body, .. }, ..] => self.suite_with(body, rest),
        }
    }

    /// Reads statements and, if the rest belongs to them, the rest.
    pub(super) fn suite_with(&mut self, stmts: &'a [Stmt], rest: Option<&Rest<'_, 'a>>) -> Read<Flow> {
        match rest {
            Some(rest) => self.suite(stmts, Some(rest)),
            None => self.plain_suite(stmts),
        }
    }

    /// Statements that others follow: their end is not the end of the function.
    pub(super) fn plain_suite(&mut self, stmts: &'a [Stmt]) -> Read<Flow> {
        let had_return = self.env().contains_key(RETURN);
        let flow = self.suite(stmts, None)?;
        if !had_return && !self.in_loop() && self.frames.len() > 1 {
            self.env().remove(RETURN);
        }
        Ok(flow)
    }

    /// Reads into a new block, from the present environment, which is left as it is.
    pub(super) fn branch(&mut self, body: impl FnOnce(&mut Self) -> Read<Flow>) -> Read<Branch> {
        let outer_block = self.b.block;
        let outer_env = self.frame().env.clone();
        let frame = self.frames.len() - 1;
        let known = self.frame().equal.len();
        self.stored.clear();
        let block = self.b.func.add_block();
        self.b.block = block;
        self.chosen += 1;
        let flow = body(self);
        self.chosen -= 1;
        if let Some(frame) = self.frames.get_mut(frame) {
            frame.equal.truncate(known);
        }
        self.b.block = outer_block;
        self.stored.clear();
        let flow = flow?;
        let env = std::mem::replace(&mut self.frames[frame].env, outer_env);
        Ok(Branch { block, env, flow })
    }

    /// Makes the `if` of two branches; names that differ become its results. `surely` are names that are bound behind
    /// it whatever their types say.
    pub(super) fn merge(&mut self, condition: ValueId, then: Branch, other: Branch, surely: &[&str]) -> Flow {
        let (mut then, mut other) = (then, other);
        let before = self.frame().env.clone();
        if then.flow == Flow::Next && other.flow == Flow::Next {
            self.forget_told(&mut then, &mut other);
        }
        if then.flow == Flow::Left && other.flow == Flow::Left {
            self.b.if_op(condition, then.block, other.block, &[]);
            self.b.end(self.b.block, Term::Unreachable);
            return Flow::Left;
        }
        let falling: Vec<&Branch> = [&then, &other]
            .into_iter()
            .filter(|branch| branch.flow == Flow::Next)
            .collect();
        let names: BTreeSet<&String> = falling.iter().flat_map(|branch| branch.env.keys()).collect();
        let changed: Vec<String> = names
            .into_iter()
            .filter(|name| falling.iter().any(|branch| branch.env.get(*name) != before.get(*name)))
            .filter(|name| {
                // Both sides bound it to the same value of before.
                let first = falling[0].env.get(*name);
                !(falling.len() == 2 && first == falling[1].env.get(*name) && first.is_some())
            })
            .cloned()
            .collect();
        let same: Vec<(String, ValueId)> = match falling[..] {
            [a, b] => a
                .env
                .iter()
                .filter(|(name, value)| b.env.get(*name) == Some(value))
                .map(clone_pair)
                .collect(),
            _ => before.iter().map(clone_pair).collect(),
        };
        let mut types: Vec<Option<Ty>> = vec![None; changed.len()];
        let mut places: Vec<BTreeSet<Place>> = vec![BTreeSet::new(); changed.len()];
        for branch in [&then, &other].into_iter().filter(|branch| branch.flow == Flow::Next) {
            let outer = self.b.block;
            self.b.block = branch.block;
            let values: Vec<ValueId> = changed
                .iter()
                .map(|name| match branch.env.get(name) {
                    Some(value) => *value,
                    None => self.b.unbound(),
                })
                .collect();
            self.b.block = outer;
            for (number, value) in values.iter().enumerate() {
                let ty = self.ty(*value).clone();
                types[number] = Some(types[number].take().map_or(ty.clone(), |known| known.join(&ty)));
                places[number].extend(self.places_or_unknown(*value));
            }
            self.b.end(branch.block, Term::Yield(values));
        }
        let types: Vec<Ty> = types
            .into_iter()
            .zip(&changed)
            .map(|(ty, name)| {
                let ty = self.kept(ty.unwrap_or(Ty::Never));
                if surely.contains(&name.as_str()) {
                    ty.bound().clone()
                } else {
                    ty
                }
            })
            .collect();
        let handed: Vec<Option<ValueId>> = match falling[..] {
            [only] => changed.iter().map(|name| only.env.get(name).copied()).collect(),
            _ => vec![None; changed.len()],
        };
        let results = self.b.if_op(condition, then.block, other.block, &types);
        let env = self.env();
        env.clear();
        env.extend(same);
        for ((name, result), (places, handed)) in changed.iter().zip(results).zip(places.into_iter().zip(handed)) {
            self.bind(name, result);
            self.set_places(result, places);
            self.keep_told(name, &before, handed, result);
        }
        Flow::Next
    }
}

fn clone_pair((name, value): (&String, &ValueId)) -> (String, ValueId) {
    (name.clone(), *value)
}
