//! Sums and products of floats with the loop's bits: the last of all running values.
//!
//! ```text
//! s = 0.0; … s = s + x[i]          =>  (np.cumsum(x) + 0.0)[-1]
//! s = a; … s = s + x[i] * y[i]     =>  np.cumsum(np.append(a, x * y))[-1]
//! ```
//!
//! Only where nothing else than the same bits will do: `sum` is faster.

use numlift_ir::affine::Affine;
use numlift_ir::function::OpId;
use numlift_ir::op::{Kind, Monoid, Sub};
use numlift_ir::scalar::ScalarTy;

use super::scan::Scan;
use super::vectorize::Context;
use super::{Announced, Lifted, Result, Selector, number};
use crate::condition::Fact;

impl Selector<'_> {
    /// A sum or product of floats with the loop's bits: the last value of all.
    pub(super) fn total_in_order(
        &mut self,
        op: OpId,
        (init, elem): (Lifted, ScalarTy),
        inner: &Context,
        own: &[usize],
    ) -> Result<Lifted> {
        let data = self.raised.op(op).clone();
        let Kind::Fold {
            monoid,
            masked,
            any_order: false,
        } = data.kind
        else {
            return Err(self.no_form("a sum whose order the program does not say would not be bit for bit"));
        };
        let [own] = own[..] else {
            return Err(self.no_form("a sum over several loops would not be bit for bit"));
        };
        if elem.array_dtype().is_complex() && monoid != Monoid::Add {
            return Err(self.no_form("a product of complex numbers would not be bit for bit"));
        }
        let scan = Scan {
            op,
            monoid,
            elem,
            init: Some(data.args[0]),
            regrouped: false,
            from: 1,
            count: inner.extents[own].clone(),
        };
        self.announced.insert(Announced::Warnings);
        let neutral = if monoid == Monoid::Add { 0.0 } else { 1.0 };
        let starts_neutral = number(self.raised, data.args[0]) == Some(neutral);
        let terms = match masked {
            true => {
                let condition = self.raised.block(data.blocks[0]).end.values()[1];
                let mask = self.lift(condition, inner)?;
                let mask = self.truth(mask, condition)?;
                if mask.axes != [own] || inner.rank() > 1 {
                    return Err(self.no_form("a sum under a condition in every row"));
                }
                // Where nothing is chosen the accumulator keeps the type that it starts with.
                if self.raised.ty(data.args[0]).bound() != self.raised.ty(data.results[0]).bound() {
                    let any = self.truth_of_all("any", mask.value);
                    self.require(Fact::Holds(any, "an element is chosen".to_owned()), self.at)?;
                }
                let mut under = inner.clone();
                under.masks.push(mask.value);
                let terms = self.scanned_terms(&scan, &under, own)?;
                Lifted {
                    value: terms.value,
                    axes: vec![own],
                }
            }
            false => self.scanned_terms(&scan, inner, own)?,
        };
        let last = |selector: &mut Self, all: Lifted| {
            let mut subs = vec![Sub::FULL; all.axes.len() - 1];
            subs.push(Sub::At);
            let place = selector.out.int(-1);
            Lifted {
                value: selector.out.value(Kind::Index(subs), &[all.value, place]),
                axes: all.axes[..all.axes.len() - 1].to_vec(),
            }
        };
        if starts_neutral && !masked {
            self.require(Fact::AtMost(Affine::constant(1), inner.extents[own].clone()), self.at)?;
            let all = self.continued(&scan, (data.args[0], init), terms, inner)?;
            return Ok(last(self, all));
        }
        if terms.axes.len() > 1 || !init.axes.is_empty() {
            return Err(self.no_form("sums of rows that start from values of their own"));
        }
        let value = self.numpy_call("append", &[init.value, terms.value]);
        let all = self.accumulated(&scan, Lifted { value, ..terms })?;
        Ok(last(self, all))
    }
}
