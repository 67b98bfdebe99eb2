//! Scans become `cumsum`, `cumprod` and the `accumulate` of ufuncs.
//!
//! ```text
//! r = scan add seeded 0, n { x[t] };  … r[t + 1]        =>  np.cumsum(x)
//! r = scan add x[0] first, n { x[t] };  … r[t]          =>  np.cumsum(x)
//! r = scan add seeded s, n { x[t] };  … r[t + 1]        =>  np.cumsum(np.append(s, x))[1:]
//! r = scan max_if seeded m, n { x[t] };  … r[t + 1]     =>  np.fmax(np.fmax.accumulate(x), m)
//! ```
//!
//! `accumulate` keeps the loop's order, so that floats have the same bits; measured for all dtypes and strides. What is
//! not the same is the start: a loop that adds to `0.0` never has `-0.0`, and one that compares passes over NaN, as
//! `fmax` does unless NaN comes first.

use numlift_ir::affine::{Affine, affine_of, is_equal};
use numlift_ir::dtype::Dtype;
use std::collections::BTreeSet;

use numlift_ir::function::{Function, OpId, ValueId};
use numlift_ir::op::{Const, Kind, Monoid, Sub, Term};
use numlift_ir::scalar::{F, Flavour, ScalarTy};
use numlift_ir::ty::{Interval, Ty};

use super::slices::Slicing;
use super::vectorize::Context;
use super::{Announced, Lifted, Pattern, Result, Selector, number};
use crate::blocker::{Blocker, BlockerKind};
use crate::condition::{Fact, prove_at_most};

/// A scan of the raised function.
pub(super) struct Scan {
    pub op: OpId,
    pub monoid: Monoid,
    pub elem: ScalarTy,
    /// What it starts from, if that is no term.
    pub init: Option<ValueId>,
    pub regrouped: bool,
    /// The number of the first element that somebody reads: 0 or 1.
    pub from: i128,
    /// How many elements there are from there on.
    pub count: Affine,
}

/// The function without the last values of scans that nobody reads: they alone would need the loop to run.
pub(super) fn without_needless_totals(raised: &Function, needless: &BTreeSet<String>) -> Function {
    let mut func = raised.clone();
    let is_total = |value: ValueId| {
        let scan = raised
            .defining(value)
            .and_then(|load| raised.defining(*load.args.first()?));
        scan.is_some_and(|scan| matches!(scan.kind, Kind::Scan { .. }))
    };
    let Term::Return(values) = raised.block(raised.body).end.clone() else {
        return func;
    };
    let mut given = raised.outputs.iter().cloned().zip(values).collect::<Vec<_>>();
    given.retain(|(name, value)| !needless.contains(name) || !is_total(*value));
    if given.len() < raised.outputs.len() {
        let (names, values) = given.into_iter().unzip();
        func.outputs = names;
        let body = func.body;
        func.block_mut(body).end = Term::Return(values);
        crate::dead::remove(&mut func);
    }
    func
}

/// No loop runs more often than 2**47 times; sums of terms within this stay far from the end of 64 bits.
const SMALL: i128 = 1 << 14;

impl Selector<'_> {
    /// The ints that a running value may be.
    pub(super) fn running_interval(&self, scan: OpId) -> Interval {
        let data = self.raised.op(scan);
        let of_term = self.int_interval(self.raised.block(data.blocks[0]).end.values()[0]);
        let whole = Interval::new(i128::from(i64::MIN), i128::from(i64::MAX));
        let Kind::Scan {
            monoid: Monoid::Add,
            seeded,
            ..
        } = data.kind
        else {
            return whole;
        };
        let start = match seeded {
            true => self.int_interval(data.args[0]),
            false => of_term,
        };
        match (of_term.lo, of_term.hi) {
            (Some(lo), Some(hi)) if lo >= -SMALL && hi <= SMALL => {
                let sums = Interval::new(lo.min(0) << 47, hi.max(0) << 47);
                start.add(sums).meet(whole)
            }
            _ => whole,
        }
    }

    /// A `Scan` outside of all others: its values are there for everybody behind it.
    pub(super) fn top_scan(&mut self, op: OpId) -> Result<()> {
        let scan = self.scan_of(op)?;
        let lifted = self.scanned(&scan, &Context::default())?;
        let result = self.raised.result(op);
        self.name_like(lifted.value, result);
        self.scans.insert(result, lifted);
        Ok(())
    }

    /// Whether a value is one element of a scan: then the scan's op and the load.
    pub(super) fn running(&self, load: OpId) -> Option<(OpId, OpId)> {
        let data = self.raised.op(load);
        let scan = data.args.first().and_then(|base| self.raised.def_op(*base))?;
        let is_scan = matches!(self.raised.op(scan).kind, Kind::Scan { .. });
        (is_scan && matches!(data.kind, Kind::Index(_))).then_some((scan, load))
    }

    /// Elements of a scan: one for every index.
    pub(super) fn lift_running(&mut self, (op, load): (OpId, OpId), context: &Context) -> Result<Lifted> {
        let scan = self.scan_of(op)?;
        let place = self.raised.op(load).args[1];
        let result = self.raised.result(op);
        let whole = match self.scans.get(&result) {
            Some(known) => known.clone(),
            None => self.inner_scan(&scan, result, context)?,
        };
        // The axis of a scan inside of others is behind all of theirs.
        let own = whole.axes.len() - 1;
        let affine = affine_of(self.raised, place)
            .offset(-scan.from)
            .ok_or_else(|| self.no_form("subscripts beyond 128 bits"))?;
        match context.dims_of(&affine)[..] {
            [] if !self.depends_on_indices(&[place], context) => self.running_at(&scan, &whole, (load, &affine)),
            [dim] if !whole.axes[..own].contains(&dim) => {
                let mut slicing = Slicing {
                    subs: vec![Sub::FULL; own],
                    operands: Vec::new(),
                    dims: whole.axes[..own].to_vec(),
                };
                if !self.slice_axis(&affine, &scan.count, dim, context, &mut slicing)? {
                    return Err(self.no_form("running values in an order of their own"));
                }
                slicing.dims.push(dim);
                let dims = slicing.dims.clone();
                let value = self.apply_slicing(whole.value, slicing);
                let lifted = self.ascending(value, &dims)?;
                self.masked_axis(lifted, context)
            }
            _ => Err(self.no_form("running values in an order of their own")),
        }
    }

    /// One element, whatever the indices.
    fn running_at(&mut self, scan: &Scan, whole: &Lifted, (load, place): (OpId, &Affine)) -> Result<Lifted> {
        self.in_range(place, place, &scan.count)?;
        let is_mixed = self.raised.ty(self.raised.result(load)).as_scalar() != Some(scan.elem);
        if is_mixed {
            self.is_begun(scan)?;
        }
        let typed_anew = |init: &ValueId| self.raised.ty(*init).bound().as_scalar() != Some(scan.elem);
        if scan.init.as_ref().is_some_and(typed_anew) {
            // A loop that does not run leaves what it starts from.
            let extent = self.raised.op(scan.op).args[1];
            let extent = affine_of(self.raised, extent);
            self.require(Fact::AtMost(Affine::constant(1), extent), self.at)?;
        }
        let own = whole.axes.len() - 1;
        let last = scan.count.offset(-1).is_some_and(|last| is_equal(&last, place));
        let at = if last { self.out.int(-1) } else { self.affine(place)? };
        let mut subs = vec![Sub::FULL; own];
        subs.push(Sub::At);
        let value = self.out.value(Kind::Index(subs), &[whole.value, at]);
        let element = Lifted {
            value,
            axes: whole.axes[..own].to_vec(),
        };
        Ok(self.python_scalar(element, scan.elem))
    }

    /// An accumulator that is another number's type until a condition holds for the first time.
    fn is_begun(&mut self, scan: &Scan) -> Result<()> {
        let kept = || self.no_form("a running value that may be the number that it starts from");
        let term = self.raised.block(self.raised.op(scan.op).blocks[0]).end.values()[0];
        let choice = self
            .raised
            .defining(term)
            .filter(|op| op.kind == Kind::If)
            .ok_or_else(kept)?;
        if is_extremum(scan.monoid) {
            return Err(kept());
        }
        let condition = choice.args[0];
        let inner = self.enter(scan.op, &Context::default())?;
        let mask = self.lift(condition, &inner)?;
        let mask = self.truth(mask, condition)?;
        if mask.axes.len() != 1 {
            return Err(self.no_form("a running value that may be the number that it starts from"));
        }
        let any = self.truth_of_all("any", mask.value);
        self.require(Fact::Holds(any, "an element is chosen".to_owned()), self.at)
    }

    /// A scan in the block of another op: once for all indices around.
    fn inner_scan(&mut self, scan: &Scan, result: ValueId, context: &Context) -> Result<Lifted> {
        if !context.masks.is_empty() {
            return Err(self.no_form("running values under a condition"));
        }
        let key = (result, Vec::new());
        if let Some(known) = self.lifted.get(&key) {
            return Ok(known.clone());
        }
        let lifted = self.scanned(scan, context)?;
        self.lifted.insert(key, lifted.clone());
        Ok(lifted)
    }

    fn scan_of(&self, op: OpId) -> Result<Scan> {
        let data = self.raised.op(op);
        let Kind::Scan {
            monoid,
            seeded,
            regrouped,
        } = data.kind
        else {
            return Err(self.no_form("no running values"));
        };
        let result = data.results[0];
        let Ty::Tensor { elem, .. } = self.raised.ty(result) else {
            return Err(self.no_form("running values of unknown type"));
        };
        let from = i128::from(seeded && self.leaves_out_the_first(result));
        let extent = affine_of(self.raised, data.args[data.args.len() - 1]);
        let count = extent
            .offset(i128::from(seeded) - from)
            .ok_or_else(|| self.no_form("subscripts beyond 128 bits"))?;
        Ok(Scan {
            op,
            monoid,
            elem: *elem,
            init: seeded.then(|| data.args[0]),
            regrouped,
            from,
            count,
        })
    }

    /// Whether nobody reads what a scan starts from. A last element that is read is there if the loop runs.
    fn leaves_out_the_first(&self, tensor: ValueId) -> bool {
        let mut left_out = true;
        self.raised.walk(self.raised.body, &mut |op| {
            let data = self.raised.op(op);
            let reads = data.args.contains(&tensor);
            if reads && matches!(data.kind, Kind::Index(_)) {
                let place = affine_of(self.raised, data.args[1]);
                let behind = prove_at_most(self.raised, &Affine::constant(1), &place) == Some(true);
                left_out &= behind || self.is_a_trip(data.args[1], tensor);
            } else {
                left_out &= !reads;
            }
        });
        left_out
    }

    /// Whether a place is that of the last element.
    fn is_a_trip(&self, place: ValueId, tensor: ValueId) -> bool {
        let Some(op) = self.raised.defining(tensor) else {
            return false;
        };
        let extent = affine_of(self.raised, op.args[op.args.len() - 1]);
        is_equal(&extent, &affine_of(self.raised, place))
    }

    /// All values of a scan that somebody reads, along the last axis.
    fn scanned(&mut self, scan: &Scan, context: &Context) -> Result<Lifted> {
        self.note(Pattern::Scan);
        let mut around = context.clone();
        around.masks.clear();
        let inner = self.enter(scan.op, &around)?;
        let own = around.rank();
        let dtype = scan.elem.array_dtype();
        self.check_scan(scan, &inner, own)?;
        if scan.init.is_none() {
            self.require(Fact::AtMost(Affine::constant(1), inner.extents[own].clone()), self.at)?;
        }
        let terms = self.scanned_terms(scan, &inner, own)?;
        // Each of the values is seen, and where they come near zero another order of additions shows.
        if scan.regrouped && dtype.is_inexact() {
            return Err(
                self.no_form("several floats are added in one iteration, which in another order round differently")
            );
        }
        if !is_extremum(scan.monoid) && dtype != Dtype::Bool {
            // A loop in Python overflows in silence, as does one over arrays of ints.
            self.announced.insert(Announced::Warnings);
        }
        let Some(init) = scan.init else {
            self.starts_as_a_number(scan, &terms)?;
            return self.accumulated(scan, terms);
        };
        let start = self.lift(init, &around)?;
        if scan.from == 0 {
            if terms.axes != [own] || !start.axes.is_empty() {
                return Err(self.no_form("running values of rows that start from values of their own"));
            }
            self.start_is_a_number(scan, init, start.value)?;
            let all = self.numpy_call("append", &[start.value, terms.value]);
            let all = Lifted {
                value: all,
                axes: terms.axes,
            };
            return self.accumulated(scan, all);
        }
        self.continued(scan, (init, start), terms, &inner)
    }

    /// What the array form can compute at all.
    fn check_scan(&mut self, scan: &Scan, inner: &Context, own: usize) -> Result<()> {
        let dtype = scan.elem.array_dtype();
        let term = self.raised.block(self.raised.op(scan.op).blocks[0]).end.values()[0];
        let logical = matches!(scan.monoid, Monoid::And | Monoid::Or);
        if logical != (dtype == Dtype::Bool) || !dtype.is_known() {
            return Err(self.no_form("running values that are no numbers"));
        }
        if dtype.is_complex() && scan.monoid != Monoid::Add {
            return Err(self.no_form("running products of complex numbers"));
        }
        if scan.elem == ScalarTy::PyInt && scan.monoid == Monoid::Mul {
            return Err(Box::new(Blocker::new(
                BlockerKind::Overflow,
                self.at,
                "a product of Python ints has no bound, where NumPy's wraps around at 64 bits",
            )));
        }
        if scan.elem == ScalarTy::PyInt && scan.monoid == Monoid::Add {
            let far = Interval::new(-(1 << 62), 1 << 62);
            // What is added to the start is far from the end of 64 bits.
            let small = Interval::new(-SMALL, SMALL);
            if let Some(init) = scan.init
                && number(self.raised, init) != Some(0.0)
                && !(self.int_interval(init).is_within(far) && self.int_interval(term).is_within(small))
            {
                return Err(Box::new(Blocker::new(
                    BlockerKind::Overflow,
                    self.at,
                    "Python ints have no bound, where NumPy's wrap around at 64 bits",
                )));
            }
            self.int_sum(term, inner, &[own])?;
        }
        Ok(())
    }

    /// The terms, one for every index along the last axis. Numbers that count a condition are the condition.
    pub(super) fn scanned_terms(&mut self, scan: &Scan, inner: &Context, own: usize) -> Result<Lifted> {
        let source = self.raised.block(self.raised.op(scan.op).blocks[0]).end.values()[0];
        let lifted = match self.counted(source).filter(|_| scan.monoid == Monoid::Add) {
            Some(condition) => {
                let mask = self.lift(condition, inner)?;
                self.truth(mask, condition)?
            }
            None if scan.elem.array_dtype() == Dtype::Bool => {
                let mask = self.lift(source, inner)?;
                self.truth(mask, source)?
            }
            None => self.lift(source, inner)?,
        };
        if lifted.axes.last() == Some(&own) {
            return Ok(lifted);
        }
        if inner.rank() > 1 || !inner.masks.is_empty() {
            return Err(self.no_form("the same term in every iteration"));
        }
        let elem = self.scalar(source).unwrap_or(scan.elem);
        let value = self.spread(lifted, inner, elem)?;
        Ok(Lifted { value, axes: vec![own] })
    }

    /// The condition of which a term is 1 where it holds and 0 elsewhere.
    fn counted(&self, term: ValueId) -> Option<ValueId> {
        let op = self.raised.defining(term)?;
        let ends = |n: usize| self.raised.block(op.blocks[n]).end.values().first().copied();
        if op.kind != Kind::If || self.scalar(term) != Some(ScalarTy::PyInt) {
            return None;
        }
        let (then, other) = (ends(0)?, ends(1)?);
        (number(self.raised, then) == Some(1.0) && number(self.raised, other) == Some(0.0)).then(|| op.args[0])
    }

    /// `np.cumsum(x)`, `np.maximum.accumulate(x, axis=1)`
    pub(super) fn accumulated(&mut self, scan: &Scan, terms: Lifted) -> Result<Lifted> {
        let dtype = scan.elem.array_dtype();
        let floats = dtype.is_inexact();
        let callee = match scan.monoid {
            Monoid::Add => "numpy.cumsum",
            Monoid::Mul => "numpy.cumprod",
            Monoid::And => "numpy.logical_and.accumulate",
            Monoid::Or => "numpy.logical_or.accumulate",
            Monoid::Last => return Err(self.no_form("the last of some values, in every iteration")),
            Monoid::MaxIf | Monoid::MaxIfLast if floats => "numpy.fmax.accumulate",
            Monoid::MinIf | Monoid::MinIfLast if floats => "numpy.fmin.accumulate",
            Monoid::MaxIf | Monoid::MaxIfLast | Monoid::Maximum => "numpy.maximum.accumulate",
            Monoid::MinIf | Monoid::MinIfLast | Monoid::Minimum => "numpy.minimum.accumulate",
        };
        let sums = matches!(scan.monoid, Monoid::Add | Monoid::Mul);
        let own = self.elements_dtype(terms.value);
        let terms = match own == Some(dtype) || sums {
            true => terms,
            false => Lifted {
                value: self.astype(terms.value, dtype),
                axes: terms.axes,
            },
        };
        let (mut args, mut keywords) = (vec![terms.value], Vec::new());
        if terms.axes.len() > 1 {
            args.push(self.out.int(terms.axes.len() as i128 - 1));
            keywords.push("axis".to_owned());
        }
        // Sums of narrow ints are wide unless they are told not to be.
        if sums && own.map(wide) != Some(dtype) {
            let name = Kind::Extern(format!("numpy.{}", dtype.attribute()));
            args.push(self.out.value(name, &[]));
            keywords.push("dtype".to_owned());
        }
        let callee = callee.to_owned();
        let value = self.out.value(Kind::Call { callee, keywords }, &args);
        if self.elements_dtype(value) != Some(dtype) {
            return Err(self.no_form("the array form would have another dtype than the loop"));
        }
        self.step("running value → `accumulate`");
        if is_zero_either(scan) {
            self.either_zero()?;
        }
        Ok(Lifted {
            value,
            axes: terms.axes,
        })
    }

    fn elements_dtype(&self, value: ValueId) -> Option<Dtype> {
        self.out.func.ty(value).elements().map(|(elem, _)| elem.array_dtype())
    }

    /// The values behind the start, which nobody reads itself.
    pub(super) fn continued(
        &mut self,
        scan: &Scan,
        (init, start): (ValueId, Lifted),
        terms: Lifted,
        context: &Context,
    ) -> Result<Lifted> {
        let floats = scan.elem.array_dtype().is_inexact();
        let constant = number(self.raised, init);
        let own = context.rank() - 1;
        if is_extremum(scan.monoid) && self.is_first_element(init, scan.op, context, &[own]) {
            self.require(Fact::AtMost(Affine::constant(1), context.extents[own].clone()), self.at)?;
            self.starts_as_a_number(scan, &terms)?;
            return self.accumulated(scan, terms);
        }
        let f = match scan.monoid {
            Monoid::Add if constant == Some(0.0) => {
                return self.started_from_zero(scan, init, terms);
            }
            Monoid::Mul if constant == Some(1.0) => return self.accumulated(scan, terms),
            Monoid::Or | Monoid::And => {
                let neutral = f64::from(u8::from(scan.monoid == Monoid::And));
                if constant == Some(neutral) {
                    return self.accumulated(scan, terms);
                }
                if scan.monoid == Monoid::And { F::And } else { F::Or }
            }
            // Added at the end the start would round differently, which shows where a sum comes near zero.
            Monoid::Add | Monoid::Mul if floats => {
                if terms.axes.len() > 1 || !start.axes.is_empty() {
                    return Err(self.no_form("running values of rows that start from values of their own"));
                }
                let all = self.numpy_call("append", &[start.value, terms.value]);
                let all = self.accumulated(
                    scan,
                    Lifted {
                        value: all,
                        axes: terms.axes,
                    },
                )?;
                let one = self.out.int(1);
                let subs = vec![Sub::Slice {
                    lo: true,
                    hi: false,
                    step: false,
                }];
                let value = self.out.value(Kind::Index(subs), &[all.value, one]);
                return Ok(Lifted { value, axes: all.axes });
            }
            Monoid::Last => return Err(self.no_form("the last of some values, in every iteration")),
            Monoid::Add => F::Add,
            Monoid::Mul => F::Mul,
            Monoid::MaxIf | Monoid::MaxIfLast if floats => F::Fmax,
            Monoid::MinIf | Monoid::MinIfLast if floats => F::Fmin,
            Monoid::MaxIf | Monoid::MaxIfLast | Monoid::Maximum => F::Max,
            Monoid::MinIf | Monoid::MinIfLast | Monoid::Minimum => F::Min,
        };
        self.start_is_a_number(scan, init, start.value)?;
        if is_extremum(scan.monoid) && floats {
            self.either_zero()?;
        }
        let all = self.accumulated(scan, terms)?;
        let (operands, axes) = self.align(&[start, all])?;
        let flavour = Flavour::Ufunc;
        let value = self.out.value(Kind::Scalar { f, flavour }, &operands);
        if self.elements_dtype(value) != Some(scan.elem.array_dtype()) {
            return Err(self.no_form("the array form would have another dtype than the loop"));
        }
        Ok(Lifted { value, axes })
    }

    /// A sum that starts from zero: the loop never has `-0.0`, of which the array form begins with as many as `x` does.
    fn started_from_zero(&mut self, scan: &Scan, init: ValueId, terms: Lifted) -> Result<Lifted> {
        let floats = scan.elem.array_dtype().is_inexact();
        let is_neutral = matches!(self.raised.as_const(init), Some(Const::Float(zero)) if zero.is_sign_negative());
        let term = self.raised.block(self.raised.op(scan.op).blocks[0]).end.values()[0];
        if !floats || is_neutral || crate::unroll::has_plus_sign(self.raised, term) {
            return self.accumulated(scan, terms);
        }
        if !self.options.exact {
            self.either_zero()?;
            return self.accumulated(scan, terms);
        }
        let all = self.accumulated(scan, terms)?;
        let zero = self.out.constant(Const::Float(0.0));
        Ok(Lifted {
            value: self.out.ufunc(F::Add, &[all.value, zero]),
            axes: all.axes,
        })
    }

    /// Where the first term is NaN the loop keeps it.
    fn starts_as_a_number(&mut self, scan: &Scan, terms: &Lifted) -> Result<()> {
        let compares = !matches!(scan.monoid, Monoid::Maximum | Monoid::Minimum);
        if !is_extremum(scan.monoid) || !compares || !scan.elem.array_dtype().is_inexact() {
            return Ok(());
        }
        let mut subs = vec![Sub::FULL; terms.axes.len() - 1];
        subs.push(Sub::At);
        let zero = self.out.int(0);
        let first = self.out.value(Kind::Index(subs), &[terms.value, zero]);
        self.no_nan(first)
    }

    fn start_is_a_number(&mut self, scan: &Scan, init: ValueId, start: ValueId) -> Result<()> {
        let compares = !matches!(scan.monoid, Monoid::Maximum | Monoid::Minimum);
        let known = number(self.raised, init).is_some_and(|number| !number.is_nan());
        if !is_extremum(scan.monoid) || !compares || known || !scan.elem.array_dtype().is_inexact() {
            return Ok(());
        }
        self.no_nan(start)
    }
}

/// The dtype of a sum of elements.
fn wide(dtype: Dtype) -> Dtype {
    match dtype {
        Dtype::Bool | Dtype::I8 | Dtype::I16 | Dtype::I32 | Dtype::I64 => Dtype::I64,
        Dtype::U8 | Dtype::U16 | Dtype::U32 | Dtype::U64 => Dtype::U64,
        Dtype::F16 | Dtype::F32 | Dtype::F64 | Dtype::C64 | Dtype::C128 | Dtype::Other => dtype,
    }
}

/// `fmax` of equal zeros may be either.
fn is_zero_either(scan: &Scan) -> bool {
    is_extremum(scan.monoid)
        && !matches!(scan.monoid, Monoid::Maximum | Monoid::Minimum)
        && scan.elem.array_dtype().is_inexact()
}

fn is_extremum(monoid: Monoid) -> bool {
    match monoid {
        Monoid::Add | Monoid::Mul | Monoid::And | Monoid::Or | Monoid::Last => false,
        Monoid::MinIf | Monoid::MaxIf | Monoid::MinIfLast | Monoid::MaxIfLast | Monoid::Minimum | Monoid::Maximum => {
            true
        }
    }
}
