//! Places of two indices, and the last place where a condition holds.
//!
//! ```text
//! if a[i, j] < best: best, bi, bj = a[i, j], i, j       =>  bi, bj = divmod(int(a.argmin()), a.shape[1])
//! if x[i] > 0: last = i                                 =>  np.flatnonzero(x > 0)[-1]
//! ```
//!
//! `argmin` of a plane goes through it row by row, as the loops do. What is there only if there is such a place is asked
//! for at the entry.

use numlift_ir::affine::Affine;
use numlift_ir::function::{OpId, ValueId};
use numlift_ir::op::{Kind, Monoid, Sub};
use numlift_ir::scalar::{F, ScalarTy};

use super::extremum::{Payload, is_maximum};
use super::vectorize::Context;
use super::{Lifted, Pattern, Result, Selector};
use crate::condition::Fact;

impl Selector<'_> {
    /// The best of a plane, and what is kept with it.
    pub(super) fn arg_extremum_of_a_plane(
        &mut self,
        op: OpId,
        monoid: Monoid,
        context: &Context,
        (inner, own): (&Context, &[usize]),
    ) -> Result<Vec<Lifted>> {
        let data = self.raised.op(op).clone();
        if own != [0, 1] {
            return Err(self.no_form("a position of an extremum over several axes"));
        }
        if matches!(monoid, Monoid::MaxIfLast | Monoid::MinIfLast) {
            return Err(self.no_form("the last of equal extrema of a plane is kept"));
        }
        self.note(Pattern::Search);
        let values = self.raised.block(data.blocks[0]).end.values().to_vec();
        let lifted = self.lift(values[0], inner)?;
        if lifted.axes != own {
            return Err(self.no_form("the same value in every iteration"));
        }
        for extent in inner.extents.clone() {
            self.require(Fact::AtMost(Affine::constant(1), extent), self.at)?;
        }
        let maximum = is_maximum(monoid);
        let name = if maximum { "argmax" } else { "argmin" }.to_owned();
        let keywords = Vec::new();
        let flat = self.out.value(Kind::Method { name, keywords }, &[lifted.value]);
        let flat = self.python_scalar(Lifted::everywhere(flat), ScalarTy::PyInt).value;
        let columns = self.out.len(lifted.value, 1);
        let places = [F::FloorDiv, F::Mod].map(|f| self.out.operator(f, &[flat, columns]));
        let best = self.at_places(&lifted, &places);
        let init = self.lift(data.args[0], context)?;
        self.beats(&best, &init, (maximum, false))?;
        let mut results = vec![match self.scalar(data.results[0]) {
            Some(scalar) => self.python_scalar(best, scalar),
            None => best,
        }];
        for (number, value) in values[1..].iter().enumerate() {
            let found = own.iter().find_map(|dim| match self.payload(*value, *dim, inner) {
                Payload::Place(offset) => Some((*dim, offset)),
                Payload::Value(_) => None,
            });
            let kept = match found {
                Some((dim, offset)) => self.moved(Lifted::everywhere(places[dim]), &offset)?,
                None => {
                    let kept = self.lift(*value, inner)?;
                    let kept = self.at_places(&kept, &places);
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

    /// What stands at one place of each dimension.
    fn at_places(&mut self, lifted: &Lifted, places: &[ValueId]) -> Lifted {
        if lifted.axes.is_empty() {
            return lifted.clone();
        }
        let mut args = vec![lifted.value];
        args.extend(lifted.axes.iter().map(|axis| places[*axis]));
        let subs = vec![Sub::At; lifted.axes.len()];
        Lifted::everywhere(self.out.value(Kind::Index(subs), &args))
    }

    /// What the last iteration binds in which a condition holds.
    pub(super) fn last_of_some(
        &mut self,
        op: OpId,
        context: &Context,
        inner: &Context,
        own: &[usize],
    ) -> Result<Lifted> {
        let data = self.raised.op(op).clone();
        let ([dim], [term, condition]) = (own, &self.raised.block(data.blocks[0]).end.values().to_vec()[..]) else {
            return Err(self.no_form("the last of some values over several loops"));
        };
        if context.rank() > 0 {
            return Err(self.no_form("the last of some values of every row"));
        }
        self.note(Pattern::Search);
        let mask = self.lift(*condition, inner)?;
        let mask = self.truth(mask, *condition)?;
        if mask.axes != own {
            return Err(self.no_form("the same condition in every iteration"));
        }
        let any = self.truth_of_all("any", mask.value);
        self.require(Fact::Holds(any, "there is such a place".to_owned()), self.at)?;
        let places = self.numpy_call("flatnonzero", &[mask.value]);
        let end = self.out.int(-1);
        let place = self.out.at(places, end);
        let kept = match self.payload(*term, *dim, inner) {
            Payload::Place(offset) => {
                let place = self.python_scalar(Lifted::everywhere(place), ScalarTy::PyInt);
                return self.moved(place, &offset);
            }
            Payload::Value(_) => self.lift(*term, inner)?,
        };
        let kept = self.at_places(&kept, &[place]);
        Ok(match self.scalar(data.results[0]) {
            Some(scalar) => self.python_scalar(kept, scalar),
            None => kept,
        })
    }
}
