//! Folds become reductions.
//!
//! The term is lifted with the fold's dimensions behind those around it; what the reduction then is depends on the
//! monoid: a contraction where the term is a product, `sum`, `prod`, `all`, `any`, `min`, `max`, `argmax`, a count.

use numlift_ir::affine::Affine;
use numlift_ir::dtype::Dtype;
use numlift_ir::function::{OpId, ValueId};
use numlift_ir::op::{Const, Kind, Monoid};
use numlift_ir::scalar::{F, Flavour, ScalarTy};
use numlift_ir::ty::{Interval, Ty};

use super::vectorize::Context;
use super::{Lifted, Pattern, Result, Selector, number};
use crate::blocker::{Blocker, BlockerKind};
use crate::condition::Fact;

/// No loop runs more often: at a nanosecond an iteration it would take 39 hours, and no array is longer.
const LONGEST_LOOP: i128 = 1 << 47;

impl Selector<'_> {
    /// The results of a `Fold` or `ArgFold`.
    pub(super) fn fold_op(&mut self, op: OpId, context: &Context) -> Result<Vec<Lifted>> {
        if !context.masks.is_empty() {
            return Err(self.no_form("a reduction under a condition"));
        }
        self.note(Pattern::Reduction);
        match self.raised.op(op).kind.clone() {
            Kind::Fold { monoid, masked, .. } => {
                let mut inner = self.enter(op, context)?;
                let mut own: Vec<usize> = (context.rank()..inner.rank()).collect();
                let mut masked = masked;
                let pairs = match masked && context.rank() == 0 {
                    true => self.triangle(op, &inner)?,
                    false => None,
                };
                if let Some(pairs) = pairs {
                    (inner, own, masked) = (pairs, vec![0], false);
                    self.need_some_pair(op, monoid, &inner)?;
                }
                let lifted = match monoid {
                    Monoid::Add | Monoid::Mul => self.sum(op, monoid, masked, context, &inner, &own)?,
                    Monoid::Last => self.last_of_some(op, context, &inner, &own)?,
                    Monoid::And | Monoid::Or => self.all_any(op, monoid, masked, context, &inner, &own)?,
                    Monoid::MinIf
                    | Monoid::MaxIf
                    | Monoid::MinIfLast
                    | Monoid::MaxIfLast
                    | Monoid::Minimum
                    | Monoid::Maximum => {
                        if masked {
                            return Err(self.no_form("an extremum under a condition"));
                        }
                        self.extremum(op, monoid, context, &inner, &own)?
                    }
                };
                Ok(vec![lifted])
            }
            Kind::ArgFold {
                monoid, masked: false, ..
            } => self.arg_extremum(op, monoid, context),
            _ => Err(self.no_form("a position of an extremum under a condition")),
        }
    }

    /// What has to be known of a triangle before anything is made of it.
    fn need_some_pair(&mut self, op: OpId, monoid: Monoid, inner: &Context) -> Result<()> {
        let data = self.raised.op(op);
        let typed = |value: ValueId| self.raised.ty(value).bound().as_scalar();
        let keeps = typed(data.args[0]).is_some() && typed(data.args[0]) == typed(data.results[0]);
        let sums = matches!(monoid, Monoid::Add | Monoid::Mul | Monoid::And | Monoid::Or);
        match keeps && sums {
            true => Ok(()),
            false => self.some_pair(op, inner),
        }
    }

    fn sum(
        &mut self,
        op: OpId,
        monoid: Monoid,
        masked: bool,
        context: &Context,
        inner: &Context,
        own: &[usize],
    ) -> Result<Lifted> {
        let data = self.raised.op(op).clone();
        let result = data.results[0];
        let init = self.lift(data.args[0], context)?;
        let scalar = self
            .scalar(result)
            .ok_or_else(|| self.no_form("a sum whose type is not known"))?;
        let term = self.raised.block(data.blocks[0]).end.values()[0];
        if monoid == Monoid::Add && masked && number(self.raised, term) == Some(1.0) {
            let count = self.count(op, inner, own)?;
            return self.with_init(F::Add, data.args[0], init, count, result);
        }
        if scalar == ScalarTy::PyInt && monoid == Monoid::Mul {
            return Err(Box::new(Blocker::new(
                BlockerKind::Overflow,
                self.at,
                "a product of Python ints has no bound, where NumPy's wraps around at 64 bits",
            )));
        }
        if scalar == ScalarTy::PyInt {
            self.int_sum(term, inner, own)?;
        }
        let neutral = if monoid == Monoid::Add { 0.0 } else { 1.0 };
        self.keeps_type(data.args[0], result, inner, own)?;
        if self.options.exact && scalar.array_dtype().is_inexact() {
            let total = self.total_in_order(op, (init, scalar), inner, own)?;
            return Ok(self.python_scalar(total, scalar));
        }
        let total = if masked {
            self.masked_sum(op, monoid, inner, own)?
        } else if monoid == Monoid::Add
            && self.scalar(term).map(ScalarTy::array_dtype) == Some(scalar.array_dtype())
            && let Some(contraction) = self.contraction(term, inner, own)?
        {
            self.note(Pattern::Contraction);
            contraction
        } else {
            let lifted = self.lift(term, inner)?;
            self.reduce(
                if monoid == Monoid::Add { "sum" } else { "prod" },
                lifted,
                inner,
                own,
                Some(scalar),
            )?
        };
        if scalar.array_dtype().is_integer() && !scalar.is_python() {
            // NumPy's integer scalars warn when they wrap around, its arrays do not.
            self.announced.insert(super::Announced::Warnings);
        }
        if scalar.array_dtype() == Dtype::F16 {
            return Err(self.no_form("float16 overflows at 65504, which partial sums in another order may pass or not"));
        }
        if scalar.array_dtype().is_inexact() {
            // In another order other partial sums may overflow, or meet as infinities of both signs.
            self.announced.insert(super::Announced::Warnings);
            self.announced.insert(super::Announced::ZeroSign);
            self.rounding(if monoid == Monoid::Add {
                "sum in order → pairwise sum"
            } else {
                "product in order → prod"
            })?;
        }
        let total = self.python_scalar(total, scalar);
        if number(self.raised, data.args[0]) == Some(neutral) || number(&self.out.func, init.value) == Some(neutral) {
            return Ok(total);
        }
        if monoid == Monoid::Mul {
            return Err(self.no_form("a product that starts from a number of its own"));
        }
        let f = if monoid == Monoid::Add { F::Add } else { F::Mul };
        self.with_init(f, data.args[0], init, total, result)
    }

    /// An accumulator that starts as another type keeps it where the loop does not run.
    fn keeps_type(&mut self, init: ValueId, result: ValueId, inner: &Context, own: &[usize]) -> Result<()> {
        let before = self.raised.ty(init).bound().as_scalar();
        let after = self.raised.ty(result).bound().as_scalar();
        if before.is_none() || before != after {
            for dim in own {
                self.require(Fact::AtMost(Affine::constant(1), inner.extents[*dim].clone()), self.at)?;
            }
        }
        Ok(())
    }

    /// A sum of Python ints must stay within `int64`.
    pub(super) fn int_sum(&mut self, term: ValueId, inner: &Context, own: &[usize]) -> Result<()> {
        let of_term = self.int_interval(term);
        let at = self.at;
        let overflow = || {
            Box::new(Blocker::new(
                BlockerKind::Overflow,
                at,
                "a sum of Python ints has no bound, where NumPy's wraps around at 64 bits",
            ))
        };
        // Terms of 42 bits may be added often enough.
        let small = |interval: Interval| interval.is_within(Interval::new(-(1 << 42), 1 << 42));
        let of_term = if !small(of_term) && self.bounded_by_extents(term, small)? {
            Interval::new(-(1 << 42), 1 << 42)
        } else {
            of_term
        };
        let (Some(low), Some(high)) = (of_term.lo, of_term.hi) else {
            return Err(overflow());
        };
        let largest = low.unsigned_abs().max(high.unsigned_abs()).max(1);
        let trips = (i64::MAX as u128 / largest) as i128;
        if trips >= LONGEST_LOOP {
            return Ok(());
        }
        match own {
            [dim] if trips > 1 && inner.pairs.is_none() => {
                let limit = Affine::constant(trips);
                self.require(Fact::AtMost(inner.extents[*dim].clone(), limit), self.at)
            }
            _ => Err(overflow()),
        }
    }

    /// `init + total` unless the loop starts from nothing.
    fn with_init(&mut self, f: F, source: ValueId, init: Lifted, total: Lifted, result: ValueId) -> Result<Lifted> {
        let neutral = if f == F::Add { 0.0 } else { 1.0 };
        let same_type = self.scalar(source) == self.scalar(result) || number(self.raised, source).is_some();
        if number(self.raised, source) == Some(neutral) && same_type {
            return Ok(total);
        }
        let (operands, axes) = self.align(&[init, total])?;
        let flavour = if axes.is_empty() {
            self.out.operator_flavour(&operands)
        } else {
            Flavour::Ufunc
        };
        Ok(Lifted {
            value: self.out.value(Kind::Scalar { f, flavour }, &operands),
            axes,
        })
    }

    /// `float(total)` where the loop gives a Python number.
    pub(super) fn python_scalar(&mut self, total: Lifted, scalar: ScalarTy) -> Lifted {
        if !total.axes.is_empty() || !scalar.is_python() {
            return total;
        }
        let f = match scalar {
            ScalarTy::PyInt => F::ToInt,
            ScalarTy::PyBool => F::ToBool,
            ScalarTy::PyComplex => F::ToComplex,
            ScalarTy::PyFloat | ScalarTy::Np(_) => F::ToFloat,
        };
        if self.out.func.ty(total.value).as_scalar() == Some(scalar) {
            return total;
        }
        let value = self.out.operator(f, &[total.value]);
        Lifted {
            value,
            axes: total.axes,
        }
    }

    /// `x.sum(axis)` over the fold's own dimensions.
    pub(super) fn reduce(
        &mut self,
        name: &str,
        lifted: Lifted,
        inner: &Context,
        own: &[usize],
        scalar: Option<ScalarTy>,
    ) -> Result<Lifted> {
        if !own.iter().all(|dim| lifted.axes.contains(dim)) {
            return Err(self.no_form("the same term is added in every iteration"));
        }
        let _ = inner;
        // `x.T.sum(axis=1)` is `x.sum(axis=0)`.
        let turned = match self.out.func.defining(lifted.value) {
            Some(op) if op.kind == Kind::Attr("T".to_owned()) && lifted.axes.len() == 2 => Some(op.args[0]),
            _ => None,
        };
        let axes: Vec<usize> = lifted.axes.iter().copied().filter(|axis| !own.contains(axis)).collect();
        let mut args = vec![turned.unwrap_or(lifted.value)];
        if !axes.is_empty() {
            let places: Vec<i128> = lifted
                .axes
                .iter()
                .enumerate()
                .filter(|(_, axis)| own.contains(axis))
                .map(|(place, _)| {
                    if turned.is_some() {
                        1 - place as i128
                    } else {
                        place as i128
                    }
                })
                .collect();
            args.push(match places[..] {
                [place] => self.out.int(place),
                _ => {
                    let items: Vec<ValueId> = places.iter().map(|place| self.out.int(*place)).collect();
                    self.out.value(Kind::MakeTuple, &items)
                }
            });
        }
        let mut keywords = Vec::new();
        if !axes.is_empty() {
            keywords.push("axis".to_owned());
        }
        let kind = Kind::Method {
            name: name.to_owned(),
            keywords: keywords.clone(),
        };
        let mark = self.out.mark();
        let value = self.out.value(kind, &args);
        let wanted = scalar.map(ScalarTy::array_dtype);
        let got = match self.out.func.ty(value) {
            Ty::Np(dtype) => Some(*dtype),
            ty => ty.elements().map(|(elem, _)| elem.array_dtype()),
        };
        if wanted.is_none() || wanted == got {
            return Ok(Lifted { value, axes });
        }
        if !matches!(name, "sum" | "prod") {
            return Err(self.no_form("the reduction gives another dtype than the loop"));
        }
        // Sums of small integers are wider than the loop's: `dtype=` keeps the loop's.
        self.out.rollback(mark);
        self.lifted.clear();
        let Some(dtype) = wanted else {
            return Err(self.no_form("a sum whose dtype is not known"));
        };
        let dtype = self
            .out
            .value(Kind::Extern(format!("numpy.{}", dtype.attribute())), &[]);
        args.push(dtype);
        keywords.push("dtype".to_owned());
        let value = self.out.value(
            Kind::Method {
                name: name.to_owned(),
                keywords,
            },
            &args,
        );
        Ok(Lifted { value, axes })
    }

    /// How many elements satisfy a condition.
    fn count(&mut self, op: OpId, inner: &Context, own: &[usize]) -> Result<Lifted> {
        let mask = self.yielded(op, 1, inner)?;
        let mask_source = self.raised.block(self.raised.op(op).blocks[0]).end.values()[1];
        let mask = self.truth(mask, mask_source)?;
        let (moving, fixed): (Vec<usize>, Vec<usize>) = own.iter().partition(|dim| mask.axes.contains(dim));
        if mask.axes.is_empty() {
            let rounds = self.rounds(&fixed, inner)?;
            let none = self.out.int(0);
            let op = self.out.typed_op(Kind::Select, &[mask.value, rounds, none], &[Ty::INT]);
            let value = self.out.func.result(op);
            return Ok(Lifted::everywhere(value));
        }
        if moving.is_empty() || (!fixed.is_empty() && mask.axes != moving) {
            return Err(self.no_form("a count whose condition does not depend on the loop"));
        }
        if mask.axes != moving {
            return self.reduce_count(mask, own);
        }
        let value = self.numpy_call("count_nonzero", &[mask.value]);
        let count = Lifted::everywhere(value);
        let mut count = self.python_scalar(count, ScalarTy::PyInt);
        if !fixed.is_empty() {
            let rounds = self.rounds(&fixed, inner)?;
            count.value = self.out.operator(F::Mul, &[rounds, count.value]);
        }
        Ok(count)
    }

    /// How often the dimensions run, all together.
    fn rounds(&mut self, dims: &[usize], inner: &Context) -> Result<ValueId> {
        let mut product = None;
        for dim in dims {
            let extent = self.affine(&inner.extents[*dim].clone())?;
            product = Some(match product {
                None => extent,
                Some(before) => self.out.operator(F::Mul, &[before, extent]),
            });
        }
        product.ok_or_else(|| self.no_form("a loop of no extent"))
    }

    fn reduce_count(&mut self, mask: Lifted, own: &[usize]) -> Result<Lifted> {
        let axes: Vec<usize> = mask.axes.iter().copied().filter(|axis| !own.contains(axis)).collect();
        let places: Vec<usize> = mask
            .axes
            .iter()
            .enumerate()
            .filter(|(_, axis)| own.contains(axis))
            .map(|(place, _)| place)
            .collect();
        let [place] = places[..] else {
            return Err(self.no_form("a count over several axes"));
        };
        let axis = self.out.int(place as i128);
        let kind = Kind::Call {
            callee: "numpy.count_nonzero".to_owned(),
            keywords: vec!["axis".to_owned()],
        };
        let value = self.out.value(kind, &[mask.value, axis]);
        Ok(Lifted { value, axes })
    }

    /// A sum of the elements that satisfy a condition.
    fn masked_sum(&mut self, op: OpId, monoid: Monoid, inner: &Context, own: &[usize]) -> Result<Lifted> {
        let block = self.raised.op(op).blocks[0];
        let [term, condition] = self.raised.block(block).end.values()[..] else {
            return Err(self.no_form("a condition that is not understood"));
        };
        if own.len() != inner.rank() {
            return Err(self.no_form("a sum under a condition in every row"));
        }
        let mask = self.lift(condition, inner)?;
        let mask = self.truth(mask, condition)?;
        if mask.axes.as_slice() != own {
            return Err(self.no_form("a condition that depends on the loops around"));
        }
        // Where nothing is chosen the accumulator keeps the type that it starts with.
        let data = self.raised.op(op);
        let (init, result) = (data.args[0], data.results[0]);
        let same = self.raised.ty(init).bound() == self.raised.ty(result).bound();
        if !same {
            let kind = Kind::Method {
                name: "any".to_owned(),
                keywords: Vec::new(),
            };
            let any = self.out.value(kind, &[mask.value]);
            self.require(Fact::Holds(any, "an element is chosen".to_owned()), self.at)?;
        }
        let mut under = inner.clone();
        under.masks.push(mask.value);
        let lifted = self.lift(term, &under)?;
        if lifted.axes.is_empty() {
            return Err(self.no_form("the same term is added in every iteration"));
        }
        let name = if monoid == Monoid::Add { "sum" } else { "prod" };
        let scalar = self.scalar(self.raised.op(op).results[0]);
        self.reduce(
            name,
            Lifted {
                value: lifted.value,
                axes: own[..1].to_vec(),
            },
            inner,
            &own[..1],
            scalar,
        )
    }

    fn all_any(
        &mut self,
        op: OpId,
        monoid: Monoid,
        masked: bool,
        context: &Context,
        inner: &Context,
        own: &[usize],
    ) -> Result<Lifted> {
        let data = self.raised.op(op).clone();
        let values = self.raised.block(data.blocks[0]).end.values().to_vec();
        // `found = True` where a condition holds: the condition is the term.
        let (source, negate) = match (masked, self.raised.as_const(values[0])) {
            (true, Some(Const::Bool(flag))) => (values[1], !flag),
            (false, _) => (values[0], false),
            (true, _) => return Err(self.no_form("a flag under a condition")),
        };
        let mask = self.lift(source, inner)?;
        let mask = self.truth(mask, source)?;
        if !own.iter().all(|dim| mask.axes.contains(dim)) {
            return Err(self.no_form("the same condition in every iteration"));
        }
        let any = monoid == Monoid::Or || negate;
        let found = self.reduce(if any { "any" } else { "all" }, mask, inner, own, None)?;
        let mut found = self.python_scalar(found, ScalarTy::PyBool);
        if negate {
            let value = self.out.operator(F::Not, &[found.value]);
            found = Lifted {
                value,
                axes: found.axes,
            };
        }
        let init = data.args[0];
        let neutral = if monoid == Monoid::Or { 0.0 } else { 1.0 };
        if number(self.raised, init) == Some(neutral) {
            return Ok(found);
        }
        let init = self.lift(init, context)?;
        let f = if monoid == Monoid::Or { F::Or } else { F::And };
        let (operands, axes) = self.align(&[init, found])?;
        Ok(Lifted {
            value: self.out.operator(f, &operands),
            axes,
        })
    }

    /// The first place where a condition holds: `argmax` of the mask.
    pub(super) fn first(&mut self, op: OpId, context: &Context) -> Result<ValueId> {
        self.note(Pattern::Search);
        // There is no first element of nothing.
        for extent in context.extents.clone() {
            self.require(Fact::AtMost(Affine::constant(1), extent), self.at)?;
        }
        let source = self.raised.block(self.raised.op(op).blocks[0]).end.values()[0];
        let mask = self.lift(source, context)?;
        let mask = self.truth(mask, source)?;
        if mask.axes.len() != 1 {
            return Err(self.no_form("the same condition in every iteration"));
        }
        let place = self.out.value(
            Kind::Method {
                name: "argmax".to_owned(),
                keywords: Vec::new(),
            },
            &[mask.value],
        );
        Ok(self.python_scalar(Lifted::everywhere(place), ScalarTy::PyInt).value)
    }
}
