//! Truth, `and`, `or`, and the conditional expression.
//!
//! `a and b` evaluates `b` only where `a` is true, so it is an `If`; where `b` is pure and cannot fault, both may be
//! computed: that is a later step's choice, not the reader's.

use std::collections::BTreeSet;

use numlift_ir::function::{BlockId, ValueId};
use numlift_ir::op::{Const, Kind, Term};
use numlift_ir::ty::Ty;
use ruff_python_ast::{self as ast, BoolOp, Expr};
use ruff_text_size::TextRange;

use super::facts::Place;
use super::reader::Reader;
use super::refusal::{Read, Refusal};

/// A block that ends with one value.
pub(super) struct ValueBranch {
    block: BlockId,
    value: ValueId,
}

impl<'a> Reader<'a> {
    /// The truth of an expression, as `if` asks for it.
    pub(super) fn condition(&mut self, test: &'a Expr) -> Read<ValueId> {
        let outer = self.b.origin;
        self.at(ruff_text_size::Ranged::range(test));
        let truth = match test {
            Expr::BoolOp(op) => self.condition_of_operator(op),
            _ => {
                let value = self.any_expr(test)?;
                self.truth(value)
            }
        };
        self.b.origin = outer;
        truth
    }

    /// `bool(value)`; what is known stays known.
    pub(super) fn truth(&mut self, value: ValueId) -> Read<ValueId> {
        let known = match self.b.func.as_const(value) {
            Some(Const::Bool(_)) => return Ok(value),
            Some(Const::Int(int)) => Some(*int != 0),
            Some(Const::None) => Some(false),
            Some(Const::Str(text)) => Some(!text.is_empty()),
            _ => self.known_truth(value),
        };
        if let Some(known) = known {
            return Ok(self.b.constant(Const::Bool(known)));
        }
        if let Ty::Array { .. } = self.bound_ty(value) {
            let origin = &self.b.func.origins[self.b.origin.index()];
            let at = TextRange::new(origin.start.into(), origin.end.into());
            return Err(Refusal::new(
                at,
                "the truth of an array depends on how many elements it has",
            ));
        }
        if let Ty::Optional(_) = self.bound_ty(value) {
            let origin = &self.b.func.origins[self.b.origin.index()];
            let at = TextRange::new(origin.start.into(), origin.end.into());
            if let Some(truth) = self.truth_or_none(value, at)? {
                return Ok(truth);
            }
        }
        Ok(match self.ty(value) {
            Ty::Bool => value,
            _ => self.b.value(Kind::Truth, &[value]),
        })
    }

    /// The truth of a string that is known, and of an int that is surely zero, or surely not.
    fn known_truth(&self, value: ValueId) -> Option<bool> {
        self.options.frames.as_ref()?;
        match self.ty(value) {
            Ty::Int(interval) if interval.as_point() == Some(0) => Some(false),
            Ty::Int(interval) if interval.lo > Some(0) || interval.hi.is_some_and(|hi| hi < 0) => Some(true),
            _ => self.texts.get(&value).map(|text| !text.is_empty()),
        }
    }

    /// A bool is enough here, so the values of the operands need not be kept.
    fn condition_of_operator(&mut self, op: &'a ast::ExprBoolOp) -> Read<ValueId> {
        self.bool_chain(op.op, &op.values, true)
    }

    /// The value of `a and b`: that of the operand that decides.
    pub(super) fn bool_op(&mut self, op: &'a ast::ExprBoolOp) -> Read<ValueId> {
        self.bool_chain(op.op, &op.values, false)
    }

    fn bool_chain(&mut self, op: BoolOp, operands: &'a [Expr], as_truth: bool) -> Read<ValueId> {
        let [first, rest @ ..] = operands else {
            unreachable!("`and` has operands")
        };
        let value = if as_truth {
            self.condition(first)?
        } else {
            self.settled(first)?
        };
        if rest.is_empty() {
            return Ok(value);
        }
        let truth = self.truth(value)?;
        let goes_on = op == BoolOp::And;
        if let Some(Const::Bool(known)) = self.b.func.as_const(truth) {
            return if *known == goes_on {
                self.bool_chain(op, rest, as_truth)
            } else {
                Ok(value)
            };
        }
        let env = self.frame().env.clone();
        let more = self.value_branch(|reader| {
            let narrowed = reader.narrow(first, goes_on);
            let value = reader.bool_chain(op, rest, as_truth)?;
            reader.widen_again(&narrowed);
            Ok(value)
        })?;
        self.check_env(&env, first)?;
        // `a or b` gives `a` where it is true: it is not `None`.
        let is_true = !goes_on && matches!(self.bound_ty(value), Ty::Optional(_));
        let here = self.value_branch(|reader| Ok(if is_true { reader.surely(value) } else { value }))?;
        Ok(if goes_on {
            self.merge_values(truth, more, here)
        } else {
            self.merge_values(truth, here, more)
        })
    }

    /// A name bound on one side of an expression alone is not followed.
    fn check_env(&mut self, before: &super::reader::Env, at: &Expr) -> Read<()> {
        match self.frame().env == *before {
            true => Ok(()),
            false => Err(Refusal::statement(
                ruff_text_size::Ranged::range(at),
                "`:=` binds a name on one path only",
            )),
        }
    }

    /// `a if test else b`
    pub(super) fn choice(&mut self, choice: &'a ast::ExprIf) -> Read<ValueId> {
        let condition = self.condition(&choice.test)?;
        if let Some(Const::Bool(known)) = self.b.func.as_const(condition) {
            return self.settled(if *known { &choice.body } else { &choice.orelse });
        }
        let env = self.frame().env.clone();
        let then = self.value_branch(|reader| reader.settled_where(&choice.test, true, &choice.body))?;
        let other = self.value_branch(|reader| reader.settled_where(&choice.test, false, &choice.orelse))?;
        self.check_env(&env, &choice.test)?;
        Ok(self.merge_values(condition, then, other))
    }

    /// A value where a test holds, or does not.
    fn settled_where(&mut self, test: &'a Expr, holds: bool, expr: &'a Expr) -> Read<ValueId> {
        let narrowed = self.narrow(test, holds);
        let value = self.settled(expr)?;
        self.widen_again(&narrowed);
        Ok(value)
    }

    /// Reads a value into a new block.
    pub(super) fn value_branch(&mut self, body: impl FnOnce(&mut Self) -> Read<ValueId>) -> Read<ValueBranch> {
        let outer = self.b.block;
        self.stored.clear();
        let block = self.b.func.add_block();
        self.b.block = block;
        self.chosen += 1;
        let partial = self.frame().partial.clone();
        let frame = self.frames.len() - 1;
        let value = body(self);
        if let Some(frame) = self.frames.get_mut(frame) {
            frame.partial = partial;
        }
        self.chosen -= 1;
        self.b.block = outer;
        self.stored.clear();
        let value = value?;
        self.b.end(block, Term::Yield(vec![value]));
        Ok(ValueBranch { block, value })
    }

    /// A branch that gives a value which is there already.
    pub(super) fn only(&mut self, value: ValueId) -> ValueBranch {
        let block = self.b.func.add_block();
        self.b.end(block, Term::Yield(vec![value]));
        ValueBranch { block, value }
    }

    /// The `if` that chooses between two values.
    pub(super) fn merge_values(&mut self, condition: ValueId, then: ValueBranch, other: ValueBranch) -> ValueId {
        let ty = self.kept(self.ty(then.value).join(self.ty(other.value)));
        let places: BTreeSet<Place> = self
            .places_of(then.value)
            .into_iter()
            .chain(self.places_or_unknown(other.value))
            .collect();
        let result = self.b.if_op(condition, then.block, other.block, &[ty])[0];
        self.set_places(result, places);
        result
    }
}
