//! Products of ints that are not constant, multiplied out.
//!
//! ```text
//! (k + 1) * w - k * w        k*w + w - k*w, which is w
//! ```
//!
//! An [affine expression](crate::affine) has such a product as one atom. To tell how far two are apart, what they are
//! made of has to be seen. Ints are those of mathematics: a product that does not fit is never looked at again.

use std::collections::BTreeMap;

use crate::affine::{Affine, Atom, affine_of};
use crate::function::Function;
use crate::op::Kind;
use crate::scalar::F;
use crate::ty::{Interval, Ty};

/// A sum of multiples of products of atoms, these sorted; the product of none is 1.
type Polynomial = BTreeMap<Vec<Atom>, i128>;

/// How many factors a product may have, and a sum terms.
const MOST_FACTORS: usize = 4;
const MOST_TERMS: usize = 32;

/// The interval of an expression whose products are multiplied out; `None` where there is none, or that gives too many
/// terms.
pub fn interval(func: &Function, affine: &Affine, of: &dyn Fn(Atom) -> Interval) -> Option<Interval> {
    let is_product = |atom: &Atom| factors(func, *atom).is_some();
    if !affine.terms.keys().any(is_product) {
        return None;
    }
    let sum = expanded(func, affine, MOST_FACTORS)?;
    let all = sum.iter().fold(Interval::point(0), |all, (atoms, factor)| {
        let product = atoms
            .iter()
            .fold(Interval::point(*factor), |product, atom| product.mul(of(*atom)));
        all.add(product)
    });
    Some(all)
}

/// The factors of an atom that is a product of ints.
fn factors(func: &Function, atom: Atom) -> Option<[Affine; 2]> {
    let Atom::Value(value) = atom else { return None };
    let op = func.defining(value)?;
    let is_int = |value: &crate::function::ValueId| matches!(func.ty(*value), Ty::Int(_));
    match (&op.kind, &op.args[..]) {
        (Kind::Scalar { f: F::Mul, .. }, [a, b]) if is_int(a) && is_int(b) => {
            Some([affine_of(func, *a), affine_of(func, *b)])
        }
        _ => None,
    }
}

fn expanded(func: &Function, affine: &Affine, depth: usize) -> Option<Polynomial> {
    let mut sum = Polynomial::new();
    add(&mut sum, &Polynomial::from([(Vec::new(), affine.constant)]), 1)?;
    for (atom, factor) in &affine.terms {
        let own = match factors(func, *atom) {
            Some([a, b]) if depth > 1 => times(&expanded(func, &a, depth - 1)?, &expanded(func, &b, depth - 1)?)?,
            Some(_) | None => Polynomial::from([(vec![*atom], 1)]),
        };
        add(&mut sum, &own, *factor)?;
    }
    Some(sum)
}

fn add(sum: &mut Polynomial, other: &Polynomial, factor: i128) -> Option<()> {
    for (atoms, own) in other {
        let entry = sum.entry(atoms.clone()).or_insert(0);
        *entry = entry.checked_add(own.checked_mul(factor)?)?;
    }
    sum.retain(|_, factor| *factor != 0);
    (sum.len() <= MOST_TERMS).then_some(())
}

fn times(a: &Polynomial, b: &Polynomial) -> Option<Polynomial> {
    let mut product = Polynomial::new();
    for (atoms, factor) in a {
        for (others, other) in b {
            let mut all = [&atoms[..], others].concat();
            all.sort_unstable();
            if all.len() > MOST_FACTORS {
                return None;
            }
            add(&mut product, &Polynomial::from([(all, factor.checked_mul(*other)?)]), 1)?;
        }
    }
    Some(product)
}

#[cfg(test)]
mod tests {
    use crate::affine::{affine_of, atom_interval};
    use crate::text::parse;

    use super::*;

    #[test]
    fn products_are_multiplied_out() {
        let text = "func f(%0 k: int, %1 w: int[5..9]) -> () {
          %2 = const 1 : int[1..1]
          %3 = add.py %0, %2 : int
          %4 = mul.py %3, %1 : int
          %5 = mul.py %0, %1 : int
          %6 = sub.py %4, %5 : int
          return
        }";
        let func = parse(text).expect("a function");
        let value = |number: u32| affine_of(&func, crate::function::ValueId(number));
        let of = |atom| atom_interval(&func, atom);
        assert_eq!(interval(&func, &value(6), &of), Some(Interval::new(5, 9)));
        assert_eq!(interval(&func, &value(3), &of), None);
        assert_eq!(interval(&func, &value(5), &of), Some(Interval::ALL));
    }
}
