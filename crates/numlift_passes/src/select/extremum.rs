//! Extrema and their places become `min`, `max`, `argmin` and `argmax`, of everything or along an axis.
//!
//! ```text
//! best = x[0];  if x[i] < best: best = x[i]              =>  x.min()          if no element is NaN
//! best = inf;   if x[i] < best: best, at = x[i], i       =>  x.argmin()       if the least is below inf
//! the same for every row of a                            =>  a.argmin(axis=1)
//! ```
//!
//! A comparison with NaN is false, so a loop passes over NaN where NumPy's extrema are NaN; and a loop that finds
//! nothing better keeps what it starts from. One test of the extremum tells both: it must be better than the start.

use numlift_ir::affine::{Affine, Atom, affine_of};
use numlift_ir::function::{OpId, ValueId};
use numlift_ir::op::{Kind, Monoid, Sub};
use numlift_ir::scalar::{F, ScalarTy};

use super::vectorize::Context;
use super::{Announced, Lifted, Pattern, Result, Selector, number};
use crate::condition::Fact;

/// A search for the best of what is lifted, along one dimension.
struct Search<'a> {
    op: OpId,
    lifted: &'a Lifted,
    dim: usize,
    maximum: bool,
    /// Of equals the last one is taken.
    last: bool,
    inner: &'a Context,
}

/// What a search starts from.
enum Start {
    /// The first element that it looks at.
    First,
    /// Something that every element is to be compared with.
    Value(Lifted),
}

impl Selector<'_> {
    /// `min` or `max` over the fold's own dimensions.
    pub(super) fn extremum(
        &mut self,
        op: OpId,
        monoid: Monoid,
        context: &Context,
        inner: &Context,
        own: &[usize],
    ) -> Result<Lifted> {
        let data = self.raised.op(op).clone();
        let term = self.raised.block(data.blocks[0]).end.values()[0];
        let maximum = is_maximum(monoid);
        let scalar = self
            .scalar(data.results[0])
            .ok_or_else(|| self.no_form("an extremum of unknown type"))?;
        let lifted = self.lift(term, inner)?;
        let best = self.best(lifted, maximum, inner, own, scalar)?;
        let starts_first = self.is_first_element(data.args[0], op, inner, own);
        let starts_neutral = self.is_neutral(data.args[0], maximum);
        if scalar.array_dtype().is_inexact() && !matches!(monoid, Monoid::Minimum | Monoid::Maximum) {
            self.either_zero()?;
            if starts_neutral {
                // Where nothing is better the loop keeps the infinity that it starts from, a Python float.
                let init = self.lift(data.args[0], context)?;
                self.beats(&best, &init, (maximum, false))?;
            } else {
                self.no_nan(best.value)?;
            }
        }
        let best = self.python_scalar(best, scalar);
        if starts_first || starts_neutral {
            return Ok(best);
        }
        let init = self.lift(data.args[0], context)?;
        if !best.axes.is_empty() || !init.axes.is_empty() {
            return Err(self.no_form("an extremum that starts from a value of its own in every row"));
        }
        // `max(a, b)` is the first of equals, as the loop has it.
        let last = matches!(monoid, Monoid::MaxIfLast | Monoid::MinIfLast);
        let operands = if last {
            [best.value, init.value]
        } else {
            [init.value, best.value]
        };
        let value = self.out.operator(if maximum { F::Max } else { F::Min }, &operands);
        Ok(Lifted::everywhere(value))
    }

    /// The best and what is kept with it: its place, or something else at that place.
    pub(super) fn arg_extremum(&mut self, op: OpId, monoid: Monoid, context: &Context) -> Result<Vec<Lifted>> {
        let data = self.raised.op(op).clone();
        let inner = self.enter(op, context)?;
        let own: Vec<usize> = (context.rank()..inner.rank()).collect();
        let [dim] = own[..] else {
            return self.arg_extremum_of_a_plane(op, monoid, context, (&inner, &own));
        };
        let values = self.raised.block(data.blocks[0]).end.values().to_vec();
        self.note(Pattern::Search);
        let lifted = self.lift(values[0], &inner)?;
        if !lifted.axes.contains(&dim) {
            return Err(self.no_form("the same value in every iteration"));
        }
        let payloads: Vec<(Payload, ValueId)> = values[1..]
            .iter()
            .zip(&data.args[1..])
            .map(|(value, init)| (self.payload(*value, dim, &inner), *init))
            .collect();
        let starts_first = self.is_first_element(data.args[0], op, &inner, &own)
            && payloads.iter().all(|(payload, init)| match payload {
                Payload::Place(offset) => affine_of(self.raised, *init) == *offset,
                Payload::Value(_) => false,
            });
        let start = if starts_first {
            Start::First
        } else {
            Start::Value(self.lift(data.args[0], context)?)
        };
        let maximum = is_maximum(monoid);
        self.require(Fact::AtMost(Affine::constant(1), inner.extents[dim].clone()), self.at)?;
        let search = Search {
            op,
            lifted: &lifted,
            dim,
            maximum,
            last: matches!(monoid, Monoid::MaxIfLast | Monoid::MinIfLast),
            inner: &inner,
        };
        let place = self.place(&search)?;
        let best = self.best_at(&search, &place, &start)?;
        let number_of_place = self.python_scalar(place.clone(), ScalarTy::PyInt);
        let mut results = vec![best];
        for (number, (payload, _)) in payloads.into_iter().enumerate() {
            let kept = match payload {
                Payload::Place(offset) => self.moved(number_of_place.clone(), &offset)?,
                Payload::Value(value) => {
                    let kept = self.lift(value, &inner)?;
                    let kept = self.at_place(kept, &place, dim)?;
                    match self.scalar(data.results[1 + number]) {
                        Some(scalar) => self.python_scalar(kept, scalar),
                        None => kept,
                    }
                }
            };
            results.push(kept);
        }
        Ok(results)
    }

    /// The best value, and the test that it is what the loop finds.
    fn best_at(&mut self, search: &Search<'_>, place: &Lifted, start: &Start) -> Result<Lifted> {
        let lifted = search.lifted;
        let result = self.raised.op(search.op).results[0];
        let term = self.raised.block(self.raised.op(search.op).blocks[0]).end.values()[0];
        let scalar = self.scalar(result);
        let inexact = self.scalar(term).is_none_or(|ty| ty.array_dtype().is_inexact());
        let best = if lifted.axes.len() == 1 {
            self.at_place(lifted.clone(), place, search.dim)?
        } else {
            let scalar = self
                .scalar(term)
                .ok_or_else(|| self.no_form("an extremum of unknown type"))?;
            let best = self.best(lifted.clone(), search.maximum, search.inner, &[search.dim], scalar)?;
            if inexact && self.is_used(result) {
                self.either_zero()?;
            }
            best
        };
        match start {
            Start::First if inexact => self.no_nan(best.value)?,
            Start::First => {}
            Start::Value(init) => self.beats(&best, init, (search.maximum, search.last))?,
        }
        Ok(match scalar {
            Some(scalar) => self.python_scalar(best, scalar),
            None => best,
        })
    }

    /// `argmin` or `argmax` along a dimension.
    fn place(&mut self, search: &Search<'_>) -> Result<Lifted> {
        let (lifted, dim) = (search.lifted, search.dim);
        let looked_at = match search.last {
            true => self.backwards(lifted, dim),
            false => lifted.value,
        };
        let mut args = vec![looked_at];
        let mut keywords = Vec::new();
        let axes: Vec<usize> = lifted.axes.iter().copied().filter(|axis| *axis != dim).collect();
        if !axes.is_empty() {
            let axis = lifted.axes.iter().position(|axis| *axis == dim).unwrap_or(0);
            args.push(self.out.int(axis as i128));
            keywords.push("axis".to_owned());
        }
        let name = if search.maximum { "argmax" } else { "argmin" }.to_owned();
        let mut value = self.out.value(Kind::Method { name, keywords }, &args);
        if search.last {
            // Counted from the end.
            let last = search.inner.extents[dim]
                .offset(-1)
                .ok_or_else(|| self.no_form("subscripts beyond 128 bits"))?;
            let last = self.affine(&last)?;
            value = match axes.is_empty() {
                true => self.out.operator(F::Sub, &[last, value]),
                false => self.out.ufunc(F::Sub, &[last, value]),
            };
        }
        Ok(Lifted { value, axes })
    }

    /// `x[::-1]` along one dimension.
    fn backwards(&mut self, lifted: &Lifted, dim: usize) -> ValueId {
        let place = lifted.axes.iter().position(|axis| *axis == dim).unwrap_or(0);
        let mut subs = vec![Sub::FULL; place];
        subs.push(Sub::Slice {
            lo: false,
            hi: false,
            step: true,
        });
        let step = self.out.int(-1);
        self.out.value(Kind::Index(subs), &[lifted.value, step])
    }

    /// What stands at a place of a dimension.
    fn at_place(&mut self, lifted: Lifted, place: &Lifted, dim: usize) -> Result<Lifted> {
        if lifted.axes.is_empty() {
            return Ok(lifted);
        }
        if lifted.axes.as_slice() != [dim] || !place.axes.is_empty() {
            return Err(self.no_form("what is kept with the extremum of every row is not its position"));
        }
        Ok(Lifted::everywhere(self.out.at(lifted.value, place.value)))
    }

    /// A place counted from where the loop starts.
    pub(super) fn moved(&mut self, place: Lifted, offset: &Affine) -> Result<Lifted> {
        if offset.as_constant() == Some(0) {
            return Ok(place);
        }
        let offset = self.affine(offset)?;
        let f = F::Add;
        Ok(Lifted {
            value: match place.axes.is_empty() {
                true => self.out.operator(f, &[offset, place.value]),
                false => self.out.ufunc(f, &[offset, place.value]),
            },
            axes: place.axes,
        })
    }

    /// What an argfold keeps.
    pub(super) fn payload(&self, value: ValueId, dim: usize, inner: &Context) -> Payload {
        let affine = affine_of(self.raised, value);
        let place = inner.param(dim).map(Atom::Value).and_then(|atom| {
            let offset = affine.substitute(atom, &Affine::default())?;
            (affine.coefficient(atom) == 1 && inner.dims_of(&offset).is_empty()).then_some(offset)
        });
        place.map_or(Payload::Value(value), Payload::Place)
    }

    fn best(
        &mut self,
        lifted: Lifted,
        maximum: bool,
        inner: &Context,
        own: &[usize],
        scalar: ScalarTy,
    ) -> Result<Lifted> {
        for dim in own {
            self.require(Fact::AtMost(Affine::constant(1), inner.extents[*dim].clone()), self.at)?;
        }
        self.reduce(if maximum { "max" } else { "min" }, lifted, inner, own, Some(scalar))
    }

    /// Of equal zeros NumPy's extremum may be either.
    pub(super) fn either_zero(&mut self) -> Result<()> {
        self.announced.insert(Announced::ZeroSign);
        self.rounding("first of equal zeros → either zero")
    }

    /// No element may be NaN; NumPy's extrema are where one is.
    pub(super) fn no_nan(&mut self, extrema: ValueId) -> Result<()> {
        let nan = self.out.ufunc(F::Isnan, &[extrema]);
        let any = match self.out.func.ty(nan).as_scalar() {
            Some(_) => nan,
            None => self.truth_of_all("any", nan),
        };
        let none = self.out.operator(F::Not, &[any]);
        self.require(Fact::Holds(none, "no element is NaN".to_owned()), self.at)
    }

    /// The extremum is better than what the loop starts from; no element is NaN, or it would not be.
    pub(super) fn beats(&mut self, best: &Lifted, init: &Lifted, (maximum, or_equals): (bool, bool)) -> Result<()> {
        let f = match (maximum, or_equals) {
            (true, false) => F::Gt,
            (true, true) => F::Ge,
            (false, false) => F::Lt,
            (false, true) => F::Le,
        };
        let (operands, axes) = self.align(&[best.clone(), init.clone()])?;
        let holds = if axes.is_empty() {
            self.out.operator(f, &operands)
        } else {
            let better = self.out.ufunc(f, &operands);
            self.truth_of_all("all", better)
        };
        let text = "the search finds something better than it starts from";
        self.require(Fact::Holds(holds, text.to_owned()), self.at)
    }

    pub(super) fn truth_of_all(&mut self, name: &str, mask: ValueId) -> ValueId {
        let kind = Kind::Method {
            name: name.to_owned(),
            keywords: Vec::new(),
        };
        self.out.value(kind, &[mask])
    }

    fn is_used(&self, value: ValueId) -> bool {
        let in_ops = self.raised.ops.iter().any(|op| op.args.contains(&value));
        in_ops
            || self
                .raised
                .blocks
                .iter()
                .any(|block| block.end.values().contains(&value))
    }

    /// Whether a value is the term at index 0, or at the place before the loop starts (`best = x[0]`, then from 1 on).
    pub(super) fn is_first_element(&self, init: ValueId, op: OpId, inner: &Context, own: &[usize]) -> bool {
        let term = self.raised.block(self.raised.op(op).blocks[0]).end.values()[0];
        let (Some(load), Some(first)) = (self.raised.defining(term), self.raised.defining(init)) else {
            return false;
        };
        if load.kind != first.kind || !matches!(load.kind, Kind::Index(_)) || load.args[0] != first.args[0] {
            return false;
        }
        let counts = |param: &&ValueId| inner.dims.get(param).is_some_and(|dim| own.contains(dim));
        load.args[1..].iter().zip(&first.args[1..]).all(|(index, fixed)| {
            let mut at_zero = affine_of(self.raised, *index);
            for param in inner.dims.keys().filter(counts) {
                match at_zero.substitute(Atom::Value(*param), &Affine::default()) {
                    Some(substituted) => at_zero = substituted,
                    None => return false,
                }
            }
            at_zero == affine_of(self.raised, *fixed)
        })
    }

    fn is_neutral(&self, init: ValueId, maximum: bool) -> bool {
        let infinity = if maximum { f64::NEG_INFINITY } else { f64::INFINITY };
        number(self.raised, init) == Some(infinity)
    }
}

/// What is kept with an extremum.
pub(super) enum Payload {
    /// Its place, counted from here.
    Place(Affine),
    /// Something that is computed in every iteration.
    Value(ValueId),
}

pub(super) fn is_maximum(monoid: Monoid) -> bool {
    matches!(monoid, Monoid::MaxIf | Monoid::MaxIfLast | Monoid::Maximum)
}
