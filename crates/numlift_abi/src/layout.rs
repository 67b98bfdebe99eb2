//! How the memory of an array argument lies.
//!
//! NumPy goes through memory in the order of strides, and so do the arrays that it makes of others. So the order in which
//! sums of floats are added depends on it, and compiled code is made for one order.
//!
//! ```text
//! np.ones((3, 4)).T                    Turned [1, 0]: one run of memory, its second axis is the outer one
//! np.ones((3, 4))[:, ::2]              Apart [0, 1]: as in C, with gaps
//! np.broadcast_to(row, (3, 4))         Apart [0, 1], axis 0 still: it says nothing of the order
//! ```

use serde::{Deserialize, Serialize};

/// How the memory of an array argument lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Layout {
    /// C-contiguous.
    C,
    /// One run of memory, with its axes in another order than C's.
    Turned(Axes),
    /// Anything else.
    Apart {
        axes: Axes,
        /// Axes along which nothing moves, as bits.
        still: u8,
        /// Along the innermost axis the elements are one run.
        rows: bool,
    },
    /// Nothing is known: there are more axes than [`Axes`] has room for.
    Any,
}

/// Axes from the one with the largest stride to the one with the smallest, as digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Axes(u32);

impl Axes {
    /// How many there may be.
    pub const MOST: usize = 8;

    pub fn of(axes: &[u8]) -> Axes {
        Axes(
            (0..)
                .zip(axes)
                .fold(0, |all, (place, axis)| all | u32::from(*axis) << (4 * place)),
        )
    }

    /// The axes of an array of this rank.
    pub fn list(self, rank: usize) -> Vec<usize> {
        (0..rank).map(|place| (self.0 >> (4 * place)) as usize & 15).collect()
    }

    /// As in C.
    pub fn is_c(self, rank: usize) -> bool {
        self.list(rank).into_iter().eq(0..rank)
    }
}

/// How an array lies that is not C-contiguous, by its extents and strides, which are as many. The order is that of
/// NumPy's iterators: strides of axes with one element do not count, and what is alike stays in C order.
#[inline]
pub fn layout_of(extents: &[isize], strides: &[isize], size: usize) -> Layout {
    let rank = extents.len();
    if rank > Axes::MOST {
        return Layout::Any;
    }
    let stride = |axis: u8| match extents[usize::from(axis)] {
        1 => 0,
        _ => strides[usize::from(axis)].unsigned_abs(),
    };
    // From the innermost axis on.
    let mut axes = [0u8; Axes::MOST];
    for from in 0..rank {
        let axis = (rank - 1 - from) as u8;
        let own = stride(axis);
        let mut to = from;
        for at in (0..from).rev() {
            let inner = stride(axes[at]);
            if own == 0 || inner == 0 {
                continue;
            }
            if inner <= own {
                break;
            }
            to = at;
        }
        axes.copy_within(to..from, to + 1);
        axes[to] = axis;
    }
    let inward = &mut axes[..rank];
    inward.reverse();
    let (mut still, mut expected, mut is_run) = (0, size, true);
    for axis in inward.iter().rev() {
        let at = usize::from(*axis);
        if extents[at] != 1 {
            still |= u8::from(strides[at] == 0) << at;
            is_run &= strides[at] == expected as isize;
            expected = expected.wrapping_mul(extents[at].unsigned_abs());
        }
    }
    let innermost = inward
        .iter()
        .rev()
        .map(|axis| usize::from(*axis))
        .find(|axis| extents[*axis] != 1);
    let rows = rank > 1 && innermost.is_none_or(|axis| strides[axis] == size as isize);
    let axes = Axes::of(inward);
    match is_run {
        true => Layout::Turned(axes),
        false => Layout::Apart { axes, still, rows },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apart(axes: &[u8], still: u8, rows: bool) -> Layout {
        Layout::Apart {
            axes: Axes::of(axes),
            still,
            rows,
        }
    }

    #[test]
    fn layouts_are_told_by_strides() {
        assert_eq!(layout_of(&[3, 4], &[8, 24], 8), Layout::Turned(Axes::of(&[1, 0])));
        assert_eq!(layout_of(&[3, 4], &[64, 16], 8), apart(&[0, 1], 0, false));
        assert_eq!(layout_of(&[3, 4], &[-64, 8], 8), apart(&[0, 1], 0, true));
        assert_eq!(layout_of(&[3, 4], &[0, 8], 8), apart(&[0, 1], 1, true));
        assert_eq!(layout_of(&[3, 4], &[8, 0], 8), apart(&[0, 1], 2, false));
        assert_eq!(layout_of(&[3, 4], &[8, 8], 8), apart(&[0, 1], 0, true));
        assert_eq!(
            layout_of(&[2, 3, 4], &[8, 64, 16], 8),
            Layout::Turned(Axes::of(&[1, 2, 0]))
        );
        assert_eq!(
            layout_of(&[2, 1, 4], &[8, 7, 16], 8),
            Layout::Turned(Axes::of(&[1, 2, 0]))
        );
        assert_eq!(layout_of(&[2; 9], &[8; 9], 8), Layout::Any);
    }

    #[test]
    fn axes_are_listed_as_they_were_given() {
        assert_eq!(Axes::of(&[2, 0, 1]).list(3), [2, 0, 1]);
        assert!(Axes::of(&[0, 1, 2]).is_c(3));
        assert!(!Axes::of(&[0, 2, 1]).is_c(3));
    }
}
