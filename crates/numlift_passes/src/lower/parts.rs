//! The parts of a long sum.
//!
//! ```text
//! 50000 terms      the recursion's first cuts: 25000 | 25000, then 12496 | 12504 | 12496 | 12504
//! ```
//!
//! [`super::pairwise`] cuts a run in two, again and again. The first cuts are made here, as many as leave parts that are
//! worth a thread's time; which those are follows from the length alone, so the sum is the same on any machine.

use numlift_ir::dtype::Dtype;
use numlift_ir::function::ValueId;
use numlift_ir::op::{Kind, Term};
use numlift_ir::scalar::F;
use numlift_ir::ty::{Interval, Ty};

use super::nest::{INDEX, Nest};
use super::walk::Lower;

/// A run is cut into parts of this length at least,
const PART: i128 = 8192;

/// and into as many as so many cuts in two make at most.
const CUTS: u32 = 8;

impl Lower<'_> {
    /// Into how many parts a run of so many is cut.
    pub(super) fn part_count(&mut self, count: ValueId) -> ValueId {
        let mut parts = self.int(1);
        for cuts in 1..=CUTS {
            let (least, more) = (self.int(PART << cuts), self.int(1 << cuts));
            let is_long = self.test(F::Ge, count, least);
            parts = self.select_int(is_long, more, parts);
        }
        parts
    }

    /// Where a part begins, and how long it is: the bits of its number say which halves it is in.
    pub(super) fn part(
        &mut self,
        nest: &mut Nest,
        number: ValueId,
        [parts, count]: [ValueId; 2],
        dtype: Dtype,
    ) -> [ValueId; 2] {
        self.b.block = nest.here();
        let (zero, one) = (self.int(0), self.int(1));
        let length = Ty::Int(INDEX);
        let weight = Ty::Int(Interval {
            lo: Some(1),
            hi: Some(1 << CUTS),
        });
        let carried = [length.clone(), length.clone(), weight];
        let types: Vec<Ty> = std::iter::once(Ty::Int(INDEX)).chain(carried.iter().cloned()).collect();
        let (block, ()) = self.inside(nest, &types, |lower, nest, params| {
            let (zero, one, two) = (lower.int(0), lower.int(1), lower.int(2));
            let [start, length, above] = [params[1], params[2], params[3]];
            let weight = lower.floor_div(above, two);
            let weight = lower.max(weight, one);
            let left = lower.left_half(length, dtype);
            let right = lower.sub(length, left);
            let bits = lower.floor_div(number, weight);
            let bit = lower.modulo(bits, two);
            let is_right = lower.test(F::Ne, bit, zero);
            let behind = lower.add(start, left);
            let (begin, own) = (
                lower.select_int(is_right, behind, start),
                lower.select_int(is_right, right, left),
            );
            let is_cut = lower.test(F::Gt, parts, weight);
            let start = lower.select_int(is_cut, begin, start);
            let length = lower.select_int(is_cut, own, length);
            lower.b.end(nest.here(), Term::Yield(vec![start, length, weight]));
        });
        let (cuts, all) = (self.int(i128::from(CUTS)), self.int(1 << CUTS));
        let results = self.b.for_op([zero, cuts, one], &[zero, count, all], block, &carried);
        results.iter().for_each(|result| self.is_here(nest, *result));
        [results[0], results[1]]
    }

    /// The sum of the parts' sums: neighbours first.
    pub(super) fn add_parts(&mut self, nest: &mut Nest, sums: ValueId, parts: ValueId, dtype: Dtype) -> ValueId {
        self.b.block = nest.here();
        let width = Ty::Int(Interval {
            lo: Some(1),
            hi: Some(1 << CUTS),
        });
        let (test, ()) = self.inside(nest, std::slice::from_ref(&width), |lower, nest, params| {
            let more = lower.test(F::Lt, params[0], parts);
            lower.b.end(nest.here(), Term::Yield(vec![more]));
        });
        let (body, ()) = self.inside(nest, std::slice::from_ref(&width), |lower, nest, params| {
            let (zero, two) = (lower.int(0), lower.int(2));
            let both = lower.mul(params[0], two);
            let (pair, ()) = lower.inside(nest, &[Ty::Int(INDEX)], |lower, nest, at| {
                let zero = lower.int(0);
                let other = lower.add(at[0], params[0]);
                let ty = Ty::Np(dtype);
                let left = lower.typed(Kind::Load, &[sums, at[0], zero], ty.clone());
                lower.is_here(nest, left);
                let right = lower.typed(Kind::Load, &[sums, other, zero], ty);
                lower.is_here(nest, right);
                let sum = lower.plus(nest, left, right, dtype);
                lower.b.block = nest.here();
                lower.b.effect(Kind::Store, &[sums, at[0], zero, sum]);
                lower.b.end(nest.here(), Term::Yield(Vec::new()));
            });
            lower.b.block = nest.here();
            lower.b.for_op([zero, parts, both], &[], pair, &[]);
            lower.b.end(nest.here(), Term::Yield(vec![both]));
        });
        self.b.block = nest.here();
        let one = self.int(1);
        self.b.while_op(&[one], test, body, &[width]);
        let zero = self.int(0);
        self.typed(Kind::Load, &[sums, zero, zero], Ty::Np(dtype))
    }
}
