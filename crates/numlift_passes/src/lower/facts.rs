//! What is known of ints: bounds of loop indices, and what follows from them.
//!
//! ```text
//! for i in range(0, n - 1):      0 <= i,  i <= n - 2      so  i + 1 < n
//! ```
//!
//! To show that an affine expression is not negative, an index is replaced by the bound that makes the expression
//! least, until the intervals of what is left decide. Python's ints do not wrap, so this is arithmetic.

use std::collections::HashMap;

use numlift_ir::affine::{Affine, Atom, affine_of, atom_interval};
use numlift_ir::function::{Function, ValueId};
use numlift_ir::op::Kind;
use numlift_ir::scalar::F;
use numlift_ir::ty::Ty;

/// So many replacements are tried one after the other.
const MAX_DEPTH: usize = 6;

/// Bounds of ints.
#[derive(Debug, Default, Clone)]
pub(crate) struct Facts {
    lower: HashMap<ValueId, Vec<Affine>>,
    upper: HashMap<ValueId, Vec<Affine>>,
}

impl Facts {
    /// Notes the bounds of a loop's index.
    pub(crate) fn index(&mut self, func: &Function, index: ValueId, [start, stop, step]: [ValueId; 3]) {
        let (first, end) = (affine_of(func, start), affine_of(func, stop));
        let up = affine_of(func, step).as_constant();
        match up {
            Some(1..) => {
                self.lower.entry(index).or_default().push(first);
                self.upper.entry(index).or_default().extend(end.offset(-1));
            }
            Some(..0) => {
                self.upper.entry(index).or_default().push(first);
                self.lower.entry(index).or_default().extend(end.offset(1));
            }
            Some(0) | None => {}
        }
    }

    /// Whether an expression is at least 0 in every run.
    pub(crate) fn is_natural(&self, func: &Function, affine: &Affine) -> bool {
        self.search(func, affine, MAX_DEPTH)
    }

    /// Whether `a <= b` in every run.
    pub(crate) fn is_at_most(&self, func: &Function, a: &Affine, b: &Affine) -> bool {
        b.minus(a).is_some_and(|distance| self.is_natural(func, &distance))
    }

    fn search(&self, func: &Function, affine: &Affine, depth: usize) -> bool {
        let interval = affine.interval(&|atom| atom_interval(func, atom));
        if interval.lo.is_some_and(|lo| lo >= 0) {
            return true;
        }
        if depth == 0 {
            return false;
        }
        affine.terms.iter().any(|(atom, factor)| {
            let Atom::Value(value) = *atom else { return false };
            let bounds = match *factor < 0 {
                true => self.upper_of(func, value),
                false => self.lower_of(func, value),
            };
            bounds.iter().any(|bound| {
                affine
                    .substitute(*atom, bound)
                    .is_some_and(|less| self.search(func, &less, depth - 1))
            })
        })
    }

    fn upper_of(&self, func: &Function, value: ValueId) -> Vec<Affine> {
        let mut bounds = self.upper.get(&value).cloned().unwrap_or_default();
        match func.defining(value).map(|op| (&op.kind, &op.args[..])) {
            Some((Kind::Scalar { f: F::Min, .. }, [a, b])) if both_ints(func, *a, *b) => {
                bounds.extend([affine_of(func, *a), affine_of(func, *b)]);
            }
            Some((Kind::Scalar { f: F::FloorDiv, .. }, [a, b])) if both_ints(func, *a, *b) => {
                let divides = affine_of(func, *b).as_constant().is_some_and(|divisor| divisor > 0);
                let dividend = affine_of(func, *a);
                if divides && self.search(func, &dividend, 2) {
                    bounds.push(dividend);
                }
            }
            Some((Kind::Scalar { f: F::Mod, .. }, [a, b])) if both_ints(func, *a, *b) => {
                let divisor = affine_of(func, *b);
                let below = divisor.offset(-1);
                if below.as_ref().is_some_and(|below| self.search(func, below, 1)) {
                    bounds.extend(below);
                }
            }
            _ => {}
        }
        bounds
    }

    fn lower_of(&self, func: &Function, value: ValueId) -> Vec<Affine> {
        let mut bounds = self.lower.get(&value).cloned().unwrap_or_default();
        if let Some((Kind::Scalar { f: F::Max, .. }, [a, b])) = func.defining(value).map(|op| (&op.kind, &op.args[..]))
            && both_ints(func, *a, *b)
        {
            bounds.extend([affine_of(func, *a), affine_of(func, *b)]);
        }
        bounds
    }
}

fn both_ints(func: &Function, a: ValueId, b: ValueId) -> bool {
    [a, b].iter().all(|value| matches!(func.ty(*value), Ty::Int(_)))
}
