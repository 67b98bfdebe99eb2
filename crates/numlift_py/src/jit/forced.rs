//! Leaving compiled code on purpose: for tests.
//!
//! Wherever compiled code may be left, Python has to be able to go on, whether or not that place is ever left on the
//! data at hand. A test compiles text in which each such place asks [`nl_forced`], and lets the first, the second, the
//! third, … place that is come to be left. Pieces that run in Python may ask, too: what they give is then taken as if it
//! had another type than was expected.

use std::cell::Cell;

use pyo3::prelude::*;

thread_local! {
    /// How many more places are passed, the one that is left included; 0 where none is to be left.
    static LEFT: Cell<u64> = const { Cell::new(0) };
}

/// Makes this thread leave compiled code at the place that it comes to as the `number`th from now on (0: at none), and
/// returns how many were still to come of what was asked for before.
#[pyfunction]
pub fn force_exit(number: u64) -> u64 {
    LEFT.replace(number)
}

/// Whether the place that is come to now is to be left.
pub(super) fn is_due() -> bool {
    let left = LEFT.get();
    LEFT.set(left.saturating_sub(1));
    left == 1
}

/// `i32 nl_forced()`: the same for compiled code. Needs no lock.
pub(super) extern "C" fn nl_forced() -> i32 {
    i32::from(is_due())
}
