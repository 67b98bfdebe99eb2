//! Lowering: ops on whole arrays become loops over elements.
//!
//! ```text
//! b[1:-1] = 0.5 * (a[:-2] + a[2:])     =>     for %i in range(0, n - 2): store b[i + 1], 0.5 * (a[i] + a[i + 2])
//! ```
//!
//! A function in read form is copied op by op. An op on arrays is not copied: it becomes a *node* that knows what each
//! of its elements is ([`space`]), and stands for its value until somebody needs the object: a store, a return, code
//! that runs in Python. Then one loop nest computes it, with everything that was only made for it ([`nest`]). So a
//! temporary that nobody else reads never exists.
//!
//! Nothing is evaluated later than it may be: before memory changes, what still has to be read from it is computed
//! ([`walk`]). A nest cannot leave compiled code: what could go wrong in it is required in front of it, where the
//! [`frames`] still hold every name. What has no form of elements stays a call and runs in Python.
//!
//! Lowering never fails: what it does not understand it leaves.

mod arguments;
mod at;
mod bent;
mod blocks;
mod buffers;
mod carried;
mod checks;
mod contract;
mod counters;
mod creation;
mod diagonals;
mod displays;
mod elementwise;
mod extent;
mod extremes;
mod facts;
mod fold;
mod frames;
mod fuse;
mod gathers;
mod hoist;
mod interchange;
mod ints;
mod joined;
mod layout;
mod lying;
mod masks;
mod neighbours;
mod nest;
mod nonzero;
mod numbers;
mod pairwise;
pub mod parallel;
mod parts;
mod picks;
mod planted;
mod powers;
mod products;
mod progressions;
mod raising;
mod repeated;
mod reshape;
mod roots;
mod rows;
mod runs;
mod scalars;
mod scan;
mod shape;
mod shared_counts;
mod space;
mod split;
mod stepped;
mod stored;
mod subscripts;
mod tallies;
mod uses;
mod view_objects;
mod views;
mod walk;

use numlift_ir::function::{Function, OriginId};

pub use lying::Lying;
pub use planted::Slip;

#[cfg(test)]
mod tests;

/// What may be relied on.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// The memory of the parameters is disjoint.
    pub disjoint: bool,
    /// Sums of floats may be added in another order.
    pub fastmath: bool,
    /// Code runs when something is raised, so that Python has to raise where memory is missing.
    pub guards: bool,
    /// What is wrong on purpose: for tests.
    pub slip: Option<Slip>,
}

impl Options {
    pub(crate) fn slips(&self, slip: Slip) -> bool {
        self.slip == Some(slip)
    }
}

/// What kind of thing a note says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoteKind {
    /// Array ops that are one nest.
    Fused,
    /// A check that stays inside a loop.
    Check,
    /// What runs in Python.
    Island,
    /// Whether a loop may run on several cores.
    Parallel,
}

/// Something that a person may want to know about what was made of a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    pub kind: NoteKind,
    /// In the lowered function.
    pub origin: OriginId,
    pub text: String,
}

/// A function in loop form.
#[derive(Debug, Clone)]
pub struct Lowered {
    pub func: Function,
    pub notes: Vec<Note>,
}

/// Lowers a function in read form; of its first parameters it is known how they lie.
pub fn lower(func: Function, given: &[Lying], options: &Options) -> Lowered {
    let options = &Options {
        disjoint: options.disjoint || options.slips(Slip::Aliasing),
        ..*options
    };
    let (mut func, notes) = walk::walk(&func, given, options);
    buffers::keep(&mut func);
    Lowered { func, notes }
}
