//! Two runs of elements of one dtype, compared at memory speed.
//!
//! A NaN equals any NaN (its payload means nothing) and `-0.0` is not `0.0`. Within rounding, an element
//! is *close* when it differs by at most [`Bound::rel`] of the old value, else *doubtful*: how far it may be off
//! depends on the condition of the computation, which [`crate::rounding`] measures. A NaN or infinity on one side
//! only is *wrong* under both.

use crate::dtype::{Dtype, Kind};
use crate::job::{Policy, Strength, Worst};

/// How close two elements of a dtype must be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bound {
    pub strength: Strength,
    /// `-0.0` may stand for `0.0`.
    pub zero_sign: bool,
    /// Relative to the old value.
    pub rel: f64,
    /// Relative to the largest magnitude around.
    pub cap: f64,
    /// Distance of 1 and the next larger number.
    pub epsilon: f64,
    /// Below this, floats are about to lose digits.
    pub tiny: f64,
}

/// What the comparison found.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Found {
    pub worst: Worst,
    /// First element that is wrong.
    pub wrong: Option<usize>,
    /// First element that is doubtful; `worst` knows nothing of such elements.
    pub doubtful: Option<usize>,
}

impl Bound {
    /// The policy's bound for elements of `dtype`. The policy speaks of doubles; shorter floats get 16 units in the
    /// last place before there is doubt.
    pub fn new(policy: &Policy, zero_sign: bool, dtype: &Dtype) -> Bound {
        let (epsilon, tiny) = match dtype.real_size() {
            2 => (2f64.powi(-10), 2f64.powi(-14)),
            4 => (f64::from(f32::EPSILON), f64::from(f32::MIN_POSITIVE)),
            _ => (f64::EPSILON, f64::MIN_POSITIVE),
        };
        let rel = if epsilon > f64::EPSILON {
            policy.rel.max(16.0 * epsilon)
        } else {
            policy.rel
        };
        let cap = policy.cap.max((1024.0 * epsilon).min(0.05));
        let strength = if dtype.is_inexact() {
            policy.strength
        } else {
            Strength::Exact
        };
        Bound {
            strength,
            zero_sign,
            rel,
            cap,
            epsilon,
            tiny,
        }
    }
}

/// Compares elements that lie one behind the other; both slices have the same length.
pub fn compare(dtype: &Dtype, old: &[u8], new: &[u8], bound: &Bound) -> Found {
    if old == new {
        return Found::default();
    }
    match dtype.kind {
        Kind::Bool | Kind::Int | Kind::Uint | Kind::Object | Kind::Other => first_unequal(dtype.size, old, new),
        Kind::Float | Kind::Complex => match (dtype.real_size(), dtype.swapped) {
            (8, false) => {
                let read = |bytes: &[u8]| f64::from_ne_bytes(std::array::from_fn(|at| bytes[at]));
                floats(dtype, old, new, bound, read)
            }
            (4, false) => {
                let read = |bytes: &[u8]| f64::from(f32::from_ne_bytes(std::array::from_fn(|at| bytes[at])));
                floats(dtype, old, new, bound, read)
            }
            _ => floats(dtype, old, new, bound, |bytes| dtype.real(bytes)),
        },
    }
}

fn first_unequal(size: usize, old: &[u8], new: &[u8]) -> Found {
    let size = size.max(1);
    let wrong = old
        .chunks_exact(size)
        .zip(new.chunks_exact(size))
        .position(|(a, b)| a != b);
    Found {
        wrong,
        ..Found::default()
    }
}

fn floats(dtype: &Dtype, old: &[u8], new: &[u8], bound: &Bound, read: impl Fn(&[u8]) -> f64) -> Found {
    let size = dtype.real_size();
    let parts = dtype.size / size;
    let mut found = Found::default();
    for (at, (a, b)) in old
        .chunks_exact(dtype.size)
        .zip(new.chunks_exact(dtype.size))
        .enumerate()
    {
        if a == b {
            continue;
        }
        // A complex number is near another when their distance is small beside its size.
        let scale = (0..parts)
            .map(|part| read(&a[part * size..]))
            .fold(0.0, |sum: f64, part| sum.hypot(part));
        for part in 0..parts {
            let (x, y) = (
                read(&a[part * size..(part + 1) * size]),
                read(&b[part * size..(part + 1) * size]),
            );
            judge(x, y, scale, at, bound, &mut found);
        }
    }
    found
}

fn judge(old: f64, new: f64, scale: f64, at: usize, bound: &Bound, found: &mut Found) {
    if old.is_nan() && new.is_nan() {
        return;
    }
    let same_sign = old.is_sign_negative() == new.is_sign_negative();
    if old == new && (old != 0.0 || same_sign || bound.zero_sign) {
        return;
    }
    // A zero of the other sign is no matter of rounding: `1 / x` tells it.
    if bound.strength == Strength::Exact || old == new || !old.is_finite() || !new.is_finite() {
        found.wrong = found.wrong.or(Some(at));
        return;
    }
    let distance = (old - new).abs();
    let scale = if scale.is_finite() { scale } else { old.abs() };
    if distance > bound.rel * scale + bound.tiny {
        found.doubtful = found.doubtful.or(Some(at));
    } else {
        found.worst.add(distance, scale, bound);
    }
}

impl Worst {
    /// Takes one more accepted distance into account, relative to this magnitude. Where floats lose digits, relative
    /// distances mean nothing.
    pub fn add(&mut self, distance: f64, size: f64, bound: &Bound) {
        if distance <= bound.tiny {
            return;
        }
        let size = size.max(bound.tiny);
        let unit = bound.epsilon * 2f64.powi(size.log2().floor() as i32);
        self.ulp = self.ulp.max((distance / unit).min(f64::MAX));
        self.rel = self.rel.max((distance / size).min(f64::MAX));
    }

    pub fn join(&mut self, other: Worst) {
        self.ulp = self.ulp.max(other.ulp);
        self.rel = self.rel.max(other.rel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(policy: &Policy, old: &[f64], new: &[f64]) -> (Option<usize>, Option<usize>) {
        let dtype = Dtype::float64();
        let bytes = |values: &[f64]| values.iter().flat_map(|value| value.to_ne_bytes()).collect::<Vec<u8>>();
        let found = compare(&dtype, &bytes(old), &bytes(new), &Bound::new(policy, false, &dtype));
        (found.wrong, found.doubtful)
    }

    #[test]
    fn exact_means_bits_except_for_nan_payloads() {
        let exact = Policy::default();
        let payload = f64::from_bits(f64::NAN.to_bits() ^ 7);
        assert_eq!(check(&exact, &[f64::NAN, 1.0], &[payload, 1.0]), (None, None));
        assert_eq!(check(&exact, &[1.0, 0.0], &[1.0, -0.0]), (Some(1), None));
        assert_eq!(check(&exact, &[1.0], &[1.0 + f64::EPSILON]), (Some(0), None));
    }

    #[test]
    fn rounding_doubts_what_is_far_and_refuses_nan_on_one_side() {
        let rounding = Policy::rounding();
        assert_eq!(check(&rounding, &[1.0], &[1.0 + 4.0 * f64::EPSILON]), (None, None));
        assert_eq!(check(&rounding, &[1.0, 1.0], &[1.0, 1.001]), (None, Some(1)));
        assert_eq!(check(&rounding, &[1.0], &[f64::NAN]), (Some(0), None));
        assert_eq!(
            check(&rounding, &[f64::INFINITY], &[f64::NEG_INFINITY]),
            (Some(0), None)
        );
        assert_eq!(check(&rounding, &[0.0], &[-0.0]), (Some(0), None));
    }

    #[test]
    fn swapped_and_long_floats_are_read() {
        for dtype in [
            Dtype::parse(">f8", 8),
            Dtype::parse("<f16", 16),
            Dtype::parse("<c16", 16),
        ] {
            let one = dtype.encode(crate::dtype::Number::Float(1.0));
            let two = dtype.encode(crate::dtype::Number::Float(2.0));
            let found = compare(&dtype, &one, &two, &Bound::new(&Policy::default(), false, &dtype));
            assert_eq!(found.wrong, Some(0), "{}", dtype.text);
        }
    }
}
