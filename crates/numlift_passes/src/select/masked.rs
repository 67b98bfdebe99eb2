//! Conditions inside index space.
//!
//! `np.where` computes both branches everywhere. That is right where neither branch can raise or warn of what the
//! condition excludes; else each branch is computed only where it is taken:
//!
//! ```text
//! if x[t] > 0: log(x[t]) else: 0.0     =>   m = x > 0; r = np.zeros(n); r[m] = np.log(x[m])
//! ```

use std::collections::HashSet;

use numlift_ir::function::{BlockId, Def, OpId, ValueId};
use numlift_ir::op::{Effect, Kind, Sub, Term};
use numlift_ir::scalar::{F, Flavour, ScalarTy, faults};

use numlift_ir::ty::Ty;

use numlift_ir::affine::Affine;

use super::vectorize::Context;
use super::{Announced, Lifted, Result, Selector};
use crate::condition::Fact;

/// How many choices whose branches are lifted apart may stand in each other's branches.
const MAX_CHOICES: usize = 6;

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
        let scalar = self.scalar(value);
        // `a and b` of bools.
        if scalar.is_some_and(|scalar| scalar.array_dtype() == numlift_ir::dtype::Dtype::Bool)
            && let Some(simple) = self.connective(&condition, data.args[0], [then, other], &data.blocks, context)?
        {
            return Ok(simple);
        }
        if condition.axes.is_empty() {
            return self.deeper(|selector| selector.unswitched(condition.value, [then, other], value, context));
        }
        let risky = data.blocks.iter().any(|block| self.is_risky(*block, context));
        if !risky {
            let then = self.lift(then, context)?;
            let other = self.lift(other, context)?;
            let (condition, then, other) = (condition, then, other);
            self.announced.insert(Announced::Warnings);
            self.step("if/else → `np.where`");
            return self.where_(condition, then, other, value);
        }
        self.deeper(|selector| selector.branchwise(condition, then, other, value, context))
    }

    /// Lifts branches apart from each other. What both of them use, and stands before them, is written in both: too
    /// many on top of each other would be endless.
    fn deeper(&mut self, lift: impl FnOnce(&mut Self) -> Result<Lifted>) -> Result<Lifted> {
        if self.choices == MAX_CHOICES {
            return Err(self.no_form("a choice between branches of choices between branches, again and again"));
        }
        self.choices += 1;
        let lifted = lift(self);
        self.choices -= 1;
        lifted
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
        source: ValueId,
        [then, other]: [ValueId; 2],
        blocks: &[BlockId],
        context: &Context,
    ) -> Result<Option<Lifted>> {
        let bare = |value: ValueId| match self.raised.defining(value) {
            Some(op) if op.kind == Kind::Truth => op.args[0],
            _ => value,
        };
        // In the branch where it is taken a bool condition is true, in the other one false.
        let flag = |value: ValueId, taken: bool| match self.raised.as_const(value) {
            Some(numlift_ir::op::Const::Bool(flag)) => Some(*flag),
            _ => (self.is_alike(bare(value), bare(source)) && self.is_bool(bare(source))).then_some(taken),
        };
        if (flag(then, true), flag(other, false)) == (Some(true), Some(false)) {
            return Ok(Some(condition.clone()));
        }
        let (f, rest, block) = match (flag(then, true), flag(other, false)) {
            (None, Some(false)) => (F::And, then, blocks[0]),
            (Some(true), None) => (F::Or, other, blocks[1]),
            _ => return Ok(None),
        };
        if self.is_risky(block, context) {
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

    /// Whether two values of index space are computed alike.
    fn is_alike(&self, a: ValueId, b: ValueId) -> bool {
        self.are_alike(a, b, &mut HashSet::new())
    }

    /// The same, but for pairs that were looked at before: one that is not alike ends the search.
    fn are_alike(&self, a: ValueId, b: ValueId, seen: &mut HashSet<(ValueId, ValueId)>) -> bool {
        if a == b || !seen.insert((a, b)) {
            return true;
        }
        let (Some(first), Some(second)) = (self.raised.defining(a), self.raised.defining(b)) else {
            return false;
        };
        let place = |results: &[ValueId], value: ValueId| results.iter().position(|result| *result == value);
        let at = place(&first.results, a);
        let yielded = |block: BlockId| at.and_then(|at| self.raised.block(block).end.values().get(at).copied());
        first.kind == second.kind
            && (first.kind == Kind::If || first.blocks.is_empty())
            && matches!(first.kind.effect(), Effect::Pure | Effect::Reads)
            && at == place(&second.results, b)
            && first.args.len() == second.args.len()
            && first
                .args
                .iter()
                .zip(&second.args)
                .all(|(a, b)| self.are_alike(*a, *b, seen))
            && first.blocks.len() == second.blocks.len()
            && first.blocks.iter().zip(&second.blocks).all(|(a, b)| {
                yielded(*a)
                    .zip(yielded(*b))
                    .is_some_and(|(a, b)| self.are_alike(a, b, seen))
            })
    }

    fn is_bool(&self, value: ValueId) -> bool {
        self.scalar(value)
            .is_some_and(|scalar| scalar.array_dtype() == numlift_ir::dtype::Dtype::Bool)
    }

    /// Whether computing a branch where it is not taken could raise, divide by zero, or leave a domain. Loads are no
    /// risk: that their subscripts are in range is required for all iterations.
    fn is_risky(&self, block: BlockId, context: &Context) -> bool {
        let mut risky = false;
        self.raised.walk(block, &mut |op| {
            let data = self.raised.op(op);
            risky |= match &data.kind {
                Kind::Scalar { f, .. } if self.is_defined_everywhere(*f, &data.args, context) => false,
                Kind::Scalar { f, flavour } => {
                    let tys: Option<Vec<ScalarTy>> = data.args.iter().map(|arg| self.operand_type(*arg)).collect();
                    tys.is_none_or(|tys| {
                        let own = faults::faults(*f, *flavour, &tys);
                        let array = faults::faults(*f, Flavour::Ufunc, &tys);
                        own.may_raise() || (has_domain(*f) && (array.warns.divide || array.warns.invalid))
                    })
                }
                Kind::Fold { .. } | Kind::ArgFold { .. } | Kind::Scan { .. } | Kind::Call { .. } => true,
                _ => false,
            };
        });
        risky
    }

    /// A number that is the same in every iteration is computed once, before all: if that may raise, there has to be an
    /// iteration that comes to it, or nothing to raise of.
    pub(super) fn only_if_reached(
        &mut self,
        f: F,
        flavour: Flavour,
        sources: &[ValueId],
        context: &Context,
    ) -> Result<()> {
        if context.rank() == 0 || self.is_never_wrong(f, flavour, sources) {
            return Ok(());
        }
        if context.masks.is_empty() && context.pairs.is_none() {
            for extent in context.extents.clone() {
                self.require(Fact::AtMost(Affine::constant(1), extent), self.at)?;
            }
            return Ok(());
        }
        let mut operands = Vec::new();
        for source in sources {
            operands.push(self.lift(*source, context)?.value);
        }
        self.cannot_raise(f, flavour, sources, &operands)
    }

    /// Whether a scalar function raises of no operands of these types and constants.
    fn is_never_wrong(&self, f: F, flavour: Flavour, sources: &[ValueId]) -> bool {
        // An int that the text has is a float beside a float.
        let floats = sources
            .iter()
            .any(|source| self.scalar(*source) == Some(ScalarTy::PyFloat));
        let small = |source: ValueId| super::number(self.raised, source).is_some_and(|number| number.abs() < 1e4);
        let tys: Option<Vec<ScalarTy>> = sources
            .iter()
            .map(|source| match self.scalar(*source)? {
                ScalarTy::PyInt if floats && small(*source) => Some(ScalarTy::PyFloat),
                scalar => Some(scalar),
            })
            .collect();
        let divides = matches!(f, F::TrueDiv | F::FloorDiv | F::Mod);
        let by_a_number = sources
            .get(1)
            .and_then(|divisor| super::number(self.raised, *divisor))
            .is_some_and(|divisor| divisor != 0.0);
        tys.is_some_and(|tys| !faults::faults(f, flavour, &tys).may_raise()) || divides && by_a_number
    }

    /// The type of an operand; an int that the text has fits any float.
    fn operand_type(&self, value: ValueId) -> Option<ScalarTy> {
        let scalar = self.scalar(value)?;
        let known = super::number(self.raised, value).is_some_and(|number| number.abs() < 1e4);
        Some(if scalar == ScalarTy::PyInt && known {
            ScalarTy::Np(numlift_ir::dtype::Dtype::I64)
        } else {
            scalar
        })
    }

    /// Division of NumPy's floats by a number that is not 0, or by what is the same for all, and powers with a
    /// positive whole exponent.
    fn is_defined_everywhere(&self, f: F, args: &[ValueId], context: &Context) -> bool {
        let [base, second] = args[..] else { return false };
        let floats = self
            .scalar(base)
            .is_some_and(|ty| ty.array_dtype().is_float() && !ty.is_python());
        let known = super::number(self.raised, second);
        floats
            && match f {
                F::TrueDiv => known.map_or_else(
                    || !self.depends_on_indices(&[second], context),
                    |divisor| divisor != 0.0,
                ),
                F::Pow => known.is_some_and(|exponent| exponent > 0.0 && exponent.fract() == 0.0),
                _ => false,
            }
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
        let all: Vec<usize> = if context.masks.is_empty() && context.pairs.is_none() {
            (0..context.rank()).collect()
        } else {
            vec![0]
        };
        if condition.axes != all || self.chooses_rows(context) {
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
        let mut leaves = Vec::new();
        for (mask, branch) in [(condition.value, then), (opposite, other)] {
            self.leaves(mask, branch, context, &mut leaves)?;
        }
        for (mask, branch) in leaves {
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

// `elif` chains.
impl Selector<'_> {
    /// The masks and values that a branch comes to: `elif` makes one of each for its own branches, all of them over
    /// the same indices, where asking its condition everywhere is harmless.
    fn leaves(
        &mut self,
        mask: ValueId,
        branch: ValueId,
        context: &Context,
        found: &mut Vec<(ValueId, ValueId)>,
    ) -> Result<()> {
        if context.masks.is_empty()
            && let Def::Result(op, result) = self.raised.def(branch)
            && self.raised.op(op).kind == Kind::If
            && self.is_harmless(self.raised.op(op).args[0])
        {
            let data = self.raised.op(op).clone();
            let condition = self.lift(data.args[0], context)?;
            let condition = self.truth(condition, data.args[0])?;
            let yields = |block: BlockId| self.raised.block(block).end.values().get(result as usize).copied();
            if condition.axes.len() == context.rank()
                && let (Some(then), Some(other)) = (yields(data.blocks[0]), yields(data.blocks[1]))
            {
                let opposite = self.out.ufunc(F::Invert, &[condition.value]);
                for (side, branch) in [(condition.value, then), (opposite, other)] {
                    let both = self.out.ufunc(F::And, &[mask, side]);
                    self.leaves(both, branch, context, found)?;
                }
                return Ok(());
            }
        }
        found.push((mask, branch));
        Ok(())
    }

    /// A comparison of elements and constants: it neither raises nor warns, wherever it is asked.
    fn is_harmless(&self, value: ValueId) -> bool {
        self.are_harmless(value, &mut HashSet::new())
    }

    /// The same, but for values that were looked at before: one that is not harmless ends the search.
    fn are_harmless(&self, value: ValueId, seen: &mut HashSet<ValueId>) -> bool {
        let Some(op) = self.raised.defining(value).filter(|_| seen.insert(value)) else {
            return true;
        };
        let numbers = op
            .args
            .iter()
            .all(|arg| self.scalar(*arg).is_some_and(|ty| !ty.array_dtype().is_complex()));
        match &op.kind {
            Kind::Const(_) | Kind::Index(_) | Kind::Extern(_) | Kind::Attr(_) => true,
            Kind::Truth => self.are_harmless(op.args[0], seen),
            Kind::Scalar { f, .. } if f.is_comparison() || matches!(f, F::Not | F::LogicalAnd | F::LogicalOr) => {
                numbers && op.args.iter().all(|arg| self.are_harmless(*arg, seen))
            }
            _ => false,
        }
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
