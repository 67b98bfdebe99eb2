//! Whether arrays share memory, as a launch has to know it.
//!
//! ```text
//! [1, rank, size, address, extents…, strides…]             no two elements of the array share memory
//! [2, rank, size, address, …, rank, size, address, …]      the two arrays share none
//! ```
//!
//! Both answers are on the safe side: elements of an array are apart if its axes nest, the next one as wide as all of
//! those before together; two arrays are apart if their bounds are.

/// Whether all tests hold. Words that are no tests do not.
pub fn all_hold(words: &[i64]) -> bool {
    let mut rest = words;
    while let Some((&kind, behind)) = rest.split_first() {
        let Some((first, behind)) = Array::of(behind) else {
            return false;
        };
        rest = behind;
        let holds = match kind {
            1 => first.is_plain(),
            2 => match Array::of(rest) {
                Some((second, behind)) => {
                    rest = behind;
                    first.is_apart_from(&second)
                }
                None => false,
            },
            _ => false,
        };
        if !holds {
            return false;
        }
    }
    true
}

struct Array<'w> {
    size: i128,
    address: i128,
    extents: &'w [i64],
    strides: &'w [i64],
}

impl<'w> Array<'w> {
    fn of(words: &'w [i64]) -> Option<(Self, &'w [i64])> {
        let [rank, size, address, rest @ ..] = words else {
            return None;
        };
        let rank = usize::try_from(*rank).ok().filter(|rank| 2 * rank <= rest.len())?;
        let (extents, rest) = rest.split_at(rank);
        let (strides, rest) = rest.split_at(rank);
        let array = Self {
            size: i128::from(*size),
            address: i128::from(*address),
            extents,
            strides,
        };
        Some((array, rest))
    }

    /// Axes that have more than one element: stride and extent.
    fn axes(&self) -> impl Iterator<Item = (i128, i128)> {
        let axes = self.strides.iter().zip(self.extents);
        axes.map(|(stride, extent)| (i128::from(*stride), i128::from(*extent)))
            .filter(|(_, extent)| *extent > 1)
    }

    fn is_empty(&self) -> bool {
        self.extents.iter().any(|extent| *extent <= 0)
    }

    fn is_plain(&self) -> bool {
        let mut axes: Vec<(i128, i128)> = self.axes().map(|(stride, extent)| (stride.abs(), extent)).collect();
        axes.sort_unstable();
        let mut width = self.size;
        for (stride, extent) in axes {
            if stride < width {
                return self.is_empty();
            }
            width += stride * (extent - 1);
        }
        true
    }

    /// The first byte and the one behind the last.
    fn bounds(&self) -> (i128, i128) {
        let (mut low, mut high) = (self.address, self.address + self.size);
        for (stride, extent) in self.axes() {
            let last = stride * (extent - 1);
            low += last.min(0);
            high += last.max(0);
        }
        (low, high)
    }

    fn is_apart_from(&self, other: &Self) -> bool {
        let (low, high) = self.bounds();
        let (other_low, other_high) = other.bounds();
        self.is_empty() || other.is_empty() || high <= other_low || other_high <= low
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_that_nest_are_plain() {
        // In C's order, in Fortran's, backwards, every second one.
        assert!(all_hold(&[1, 2, 8, 1000, 3, 4, 32, 8]));
        assert!(all_hold(&[1, 2, 8, 1000, 3, 4, 8, 24]));
        assert!(all_hold(&[1, 2, 8, 1000, 3, 4, -32, -8]));
        assert!(all_hold(&[1, 1, 8, 1000, 4, 16]));
        assert!(all_hold(&[1, 0, 8, 1000]));
    }

    #[test]
    fn elements_that_are_one_are_not() {
        assert!(!all_hold(&[1, 1, 8, 1000, 4, 0]));
        assert!(!all_hold(&[1, 2, 8, 1000, 3, 4, 8, 8]));
        assert!(!all_hold(&[1, 1, 8, 1000, 4, 4]));
        // Nobody looks at the stride of an axis of one element, or of none.
        assert!(all_hold(&[1, 2, 8, 1000, 1, 4, 0, 8]));
        assert!(all_hold(&[1, 2, 8, 1000, 0, 4, 0, 0]));
    }

    #[test]
    fn arrays_are_apart_where_their_bounds_are() {
        let at = |address: i64, stride: i64| [1, 8, address, 4, stride];
        let both = |a: [i64; 5], b: [i64; 5]| all_hold(&[&[2][..], &a, &b].concat());
        assert!(both(at(1000, 8), at(1032, 8)));
        assert!(both(at(1032, 8), at(1000, 8)));
        assert!(!both(at(1000, 8), at(1024, 8)));
        assert!(!both(at(1000, 16), at(1048, -16)));
        assert!(both(at(1024, -8), at(1032, 8)));
    }

    #[test]
    fn what_is_no_test_does_not_hold() {
        assert!(all_hold(&[]));
        assert!(!all_hold(&[3, 0, 8, 1000]));
        assert!(!all_hold(&[1, 5, 8, 1000, 3]));
        assert!(!all_hold(&[2, 0, 8, 1000]));
        assert!(!all_hold(&[1, -1, 8, 1000]));
    }
}
