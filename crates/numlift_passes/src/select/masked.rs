//! Conditions inside index space.
//!
//! `np.where` computes both branches everywhere. That is right where neither branch can raise or warn of what the
//! condition excludes; else each branch is computed only where it is taken:
//!
//! ```text
//! if x[t] > 0: log(x[t]) else: 0.0     =>   m = x > 0; r = np.zeros(n); r[m] = np.log(x[m])
//! ```

use numlift_ir::function::{BlockId, OpId, ValueId};
use numlift_ir::op::{Kind, Sub, Term};
use numlift_ir::scalar::{F, Flavour, ScalarTy, faults};

use numlift_ir::ty::Ty;

use super::vectorize::Context;
use super::{Announced, Lifted, Result, Selector};
use crate::condition::Fact;

impl Selector<'_> {
    /// A result of a pure `If`.
    pub(super) fn lift_if(&mut self, op: OpId, result: usize, context: &Context) -> Result<Lifted> {
        let data = self.raised.op(op).clone();
        let value = data.results[result];
        let condition = self.lift(data.args[0], context)?;
        let condition = self.truth(condition, data.args[0])?;
        let yields = |block: BlockId| self.raised.block(block).end.values().get(result).copied();
        let (Some(then), Some(other)) = (yields(data.blocks[0]), yields(data.blocks[1])) else {
            return Err(self.no_form("a branch that does not give a value"));
        };
        if condition.axes.is_empty() {
            return self.unswitched(condition.value, [then, other], value, context);
        }
        let scalar = self.scalar(value);
        // `a and b` of bools.
        if scalar.is_some_and(|scalar| scalar.array_dtype() == numlift_ir::dtype::Dtype::Bool)
            && let Some(simple) = self.connective(&condition, then, other, &data.blocks, context)?
        {
            return Ok(simple);
        }
        let risky = data.blocks.iter().any(|block| self.is_risky(*block));
        if !risky {
            let then = self.lift(then, context)?;
            let other = self.lift(other, context)?;
            let (condition, then, other) = (condition, then, other);
            self.announced.insert(Announced::Warnings);
            self.step("if/else → `np.where`");
            return self.where_(condition, then, other, value);
        }
        self.branchwise(condition, then, other, value, context)
    }

    /// A condition that is the same in every iteration chooses between whole arrays.
    fn unswitched(
        &mut self,
        condition: ValueId,
        branches: [ValueId; 2],
        value: ValueId,
        context: &Context,
    ) -> Result<Lifted> {
        let (converted, lifted_before) = (self.converted.clone(), self.lifted.clone());
        let conditions = self.conditions.len();
        let around = self.out.block;
        let mut blocks = Vec::new();
        let mut yielded = Vec::new();
        for branch in branches {
            let block = self.out.func.add_block();
            self.out.block = block;
            let lifted = self.lift(branch, context);
            self.out.block = around;
            self.converted = converted.clone();
            self.lifted = lifted_before.clone();
            yielded.push(lifted?);
            blocks.push(block);
        }
        if self.conditions[conditions..]
            .iter()
            .any(|known| matches!(known.fact, Fact::Holds(..)))
        {
            return Err(self.no_form("a branch that needs a test of its values"));
        }
        if yielded[0].axes != yielded[1].axes {
            return Err(self.no_form("branches of different shape"));
        }
        for (block, lifted) in blocks.iter().zip(&yielded) {
            self.out.func.block_mut(*block).end = Term::Yield(vec![lifted.value]);
        }
        let ty = self
            .out
            .func
            .ty(yielded[0].value)
            .join(self.out.func.ty(yielded[1].value));
        let origin = self.at;
        let op = self
            .out
            .func
            .push_op(around, Kind::If, vec![condition], blocks, &[ty], origin);
        let _ = value;
        self.step("a condition outside of the loop");
        Ok(Lifted {
            value: self.out.func.result(op),
            axes: yielded[0].axes.clone(),
        })
    }

    /// `c and x`, `c or x` where evaluating `x` everywhere is harmless.
    fn connective(
        &mut self,
        condition: &Lifted,
        then: ValueId,
        other: ValueId,
        blocks: &[BlockId],
        context: &Context,
    ) -> Result<Option<Lifted>> {
        let flag = |value: ValueId| match self.raised.as_const(value) {
            Some(numlift_ir::op::Const::Bool(flag)) => Some(*flag),
            _ => None,
        };
        let (f, rest, block) = match (flag(then), flag(other)) {
            (None, Some(false)) => (F::And, then, blocks[0]),
            (Some(true), None) => (F::Or, other, blocks[1]),
            _ => return Ok(None),
        };
        if self.is_risky(block) {
            return Ok(None);
        }
        let lifted = self.lift(rest, context)?;
        let lifted = self.truth(lifted, rest)?;
        let (operands, axes) = self.align(&[condition.clone(), lifted])?;
        Ok(Some(Lifted {
            value: self.out.ufunc(f, &operands),
            axes,
        }))
    }

    /// Whether computing a branch where it is not taken could raise, divide by zero, or leave a domain. Loads are no
    /// risk: that their subscripts are in range is required for all iterations.
    fn is_risky(&self, block: BlockId) -> bool {
        let mut risky = false;
        self.raised.walk(block, &mut |op| {
            let data = self.raised.op(op);
            risky |= match &data.kind {
                Kind::Scalar { f, flavour } => {
                    let tys: Option<Vec<ScalarTy>> = data.args.iter().map(|arg| self.scalar(*arg)).collect();
                    tys.is_none_or(|tys| {
                        let own = faults::faults(*f, *flavour, &tys);
                        let array = faults::faults(*f, Flavour::Ufunc, &tys);
                        own.may_raise() || (has_domain(*f) && (array.warns.divide || array.warns.invalid))
                    })
                }
                Kind::Fold { .. } | Kind::ArgFold { .. } | Kind::Call { .. } => true,
                _ => false,
            };
        });
        risky
    }

    /// Each branch only where it is taken.
    fn branchwise(
        &mut self,
        condition: Lifted,
        then: ValueId,
        other: ValueId,
        value: ValueId,
        context: &Context,
    ) -> Result<Lifted> {
        let Some(scalar) = self.scalar(value) else {
            return Err(self.no_form("the branches give different types"));
        };
        let all: Vec<usize> = if context.masks.is_empty() {
            (0..context.rank()).collect()
        } else {
            vec![0]
        };
        if condition.axes != all {
            return Err(self.no_form("a condition that does not depend on every loop around"));
        }
        let shape = self.out.value(Kind::Attr("shape".to_owned()), &[condition.value]);
        let dtype = scalar.array_dtype();
        let mut args = vec![shape];
        let mut keywords = Vec::new();
        if dtype != numlift_ir::dtype::Dtype::F64 {
            args.push(
                self.out
                    .value(Kind::Extern(format!("numpy.{}", dtype.attribute())), &[]),
            );
            keywords.push("dtype".to_owned());
        }
        let dims = self.out.func.ty(condition.value).dims();
        let ty = Ty::Array {
            dtype,
            shape: dims,
            contiguous: true,
        };
        let kind = Kind::Call {
            callee: "numpy.empty".to_owned(),
            keywords,
        };
        let made = self.out.typed_op(kind, &args, &[ty]);
        let result = self.out.func.result(made);
        let opposite = self.out.ufunc(F::Invert, &[condition.value]);
        for (mask, branch) in [(condition.value, then), (opposite, other)] {
            let mut under = context.clone();
            under.masks.push(mask);
            let lifted = self.lift(branch, &under)?;
            self.out
                .effect(Kind::SetIndex(vec![Sub::At]), &[result, mask, lifted.value]);
        }
        self.step("if/else → a mask for each branch");
        Ok(Lifted {
            value: result,
            axes: all,
        })
    }
}

/// Functions that are not defined everywhere, or not finite.
fn has_domain(f: F) -> bool {
    let total = matches!(
        f,
        F::Add | F::Sub | F::Mul | F::Neg | F::Pos | F::Abs | F::Square | F::Min | F::Max
    );
    !total && !f.is_comparison()
}
