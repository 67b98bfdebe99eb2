//! Accesses that never meet by what the ranges of their indices say, whichever iterations they are of.
//!
//! ```text
//! for j in range(i + 1, n): d[i, j] = …; d[j, i] = …        j > i: the one above the diagonal, the other one below
//! ```
//!
//! Where they met, the difference of their subscripts would be zero along each axis, and so would be the sum and the
//! difference of these. Each index is written as its least value and a count, or as its greatest and a count, so that
//! what both ends have in common goes away. Only for two axes and subscripts that count from the start.

use std::collections::BTreeMap;

use numlift_ir::affine::{Affine, Atom, affine_of, atom_interval};
use numlift_ir::function::{Function, OpId};
use numlift_ir::ty::Interval;

use super::{Loop, constant};
use crate::access::Access;

/// From which end the loop's index and those of an inner op are counted.
#[derive(Debug, Clone, Copy)]
struct Ends {
    index_from_last: bool,
    inner_from_last: bool,
}

const ENDS: [(bool, bool); 4] = [(false, false), (false, true), (true, false), (true, true)];

/// Whether no location is touched by both.
pub(super) fn never_meet(func: &Function, looped: &Loop, a: &Access, b: &Access) -> bool {
    if a.axes.len() != 2 || b.axes.len() != 2 {
        return false;
    }
    ENDS.iter().any(|(index_from_last, inner_from_last)| {
        let ends = Ends {
            index_from_last: *index_from_last,
            inner_from_last: *inner_from_last,
        };
        let parts = |access: &Access, other: bool| -> Option<Vec<Terms>> {
            let axes = access.axes.iter();
            axes.map(|axis| Terms::of(func, looped, access.op, axis.as_ref()?, (other, ends)))
                .collect()
        };
        let (Some(first), Some(second)) = (parts(a, false), parts(b, true)) else {
            return false;
        };
        // A subscript below zero counts from the end, and may meet any other.
        let counts_forwards = |access: &Access| {
            access.axes.iter().flatten().all(|axis| {
                let (index_from_last, inner_from_last) = (false, false);
                let ends = Ends {
                    index_from_last,
                    inner_from_last,
                };
                let terms = Terms::of(func, looped, access.op, axis, (false, ends));
                terms.is_some_and(|terms| terms.interval(func).lo.is_some_and(|lo| lo >= 0))
            })
        };
        if !counts_forwards(a) || !counts_forwards(b) {
            return false;
        }
        let [rows, columns] = [0, 1].map(|axis| first[axis].plus(&second[axis], -1));
        let cases = [
            rows.clone(),
            columns.clone(),
            rows.plus(&columns, 1),
            rows.plus(&columns, -1),
        ];
        cases.iter().any(|terms| {
            let interval = terms.interval(func);
            interval.lo.is_some_and(|lo| lo > 0) || interval.hi.is_some_and(|hi| hi < 0)
        })
    })
}

/// An affine subscript of atoms and counts.
#[derive(Debug, Clone)]
struct Terms {
    /// An atom that moves has another value for the other access. The last flag says that it is a count.
    factors: BTreeMap<(Atom, bool, bool), i128>,
    constant: i128,
}

impl Terms {
    fn of(func: &Function, looped: &Loop, op: OpId, affine: &Affine, (other, ends): (bool, Ends)) -> Option<Self> {
        let mut rest = affine.clone();
        let mut counts = Vec::new();
        let mut count = |rest: &mut Affine, atom: Atom, (first, end): (&Affine, &Affine), from_last: bool| {
            let factor = rest.coefficient(atom);
            if factor == 0 {
                return Some(());
            }
            let (base, sign) = match from_last {
                true => (end.offset(-1)?, -1),
                false => (first.clone(), 1),
            };
            *rest = rest.substitute(atom, &base)?;
            counts.push(((atom, other, true), sign * factor));
            Some(())
        };
        // The indices of an inner op first: how many there are may depend on the loop's.
        let data = func.op(op);
        if data.kind.is_index_space() {
            let extents = &data.args[data.kind.leading()..];
            for (param, extent) in func.block(data.blocks[0]).params.iter().zip(extents) {
                let range = (&Affine::default(), &affine_of(func, *extent));
                count(&mut rest, Atom::Value(*param), range, ends.inner_from_last)?;
            }
        }
        if constant(func, looped.step) == Some(1) {
            let range = (&affine_of(func, looped.start), &affine_of(func, looped.stop));
            count(&mut rest, Atom::Value(looped.index), range, ends.index_from_last)?;
        }
        let mut factors: BTreeMap<(Atom, bool, bool), i128> = BTreeMap::new();
        for (key, factor) in counts {
            *factors.entry(key).or_default() += factor;
        }
        for (atom, factor) in &rest.terms {
            let moves = match *atom {
                Atom::Value(value) | Atom::Extent(value, _) => looped.scope.defines(func, value),
                Atom::Sym(_) => false,
            };
            *factors.entry((*atom, other && moves, false)).or_default() += factor;
        }
        Some(Self {
            factors,
            constant: rest.constant,
        })
    }

    fn plus(&self, other: &Self, sign: i128) -> Self {
        let mut sum = self.clone();
        for (atom, factor) in &other.factors {
            *sum.factors.entry(*atom).or_default() += sign * factor;
        }
        sum.constant += sign * other.constant;
        sum
    }

    fn interval(&self, func: &Function) -> Interval {
        let of = |atom: Atom, is_count: bool| match is_count {
            true => Interval::new(0, i128::from(i64::MAX)),
            false => atom_interval(func, atom),
        };
        self.factors.iter().filter(|(_, factor)| **factor != 0).fold(
            Interval::point(self.constant),
            |interval, ((atom, _, is_count), factor)| interval.add(of(*atom, *is_count).mul(Interval::point(*factor))),
        )
    }
}
