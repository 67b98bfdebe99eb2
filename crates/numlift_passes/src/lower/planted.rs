//! Slips that tests plant in the passes, one at a time, to see that random programs find them.
//!
//! Each is what a pass would do if one of its conditions were forgotten. Nothing but tests asks for one
//! (`tests/python/test_planted_in_passes.py`); without, every pass is as it is written.

/// A condition that is forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slip {
    /// Loops are fused whatever their iterations touch.
    Fusion,
    /// Loops change places whatever that does to what is stored.
    Interchange,
    /// Iterations count as independent whatever they store.
    Parallel,
    /// An index that is in range in a loop's first iteration is required for that one only.
    Checks,
    /// An element counts as the same all along a loop that may store it.
    Hoisting,
    /// Ints count as fitting 64 bits.
    Ranges,
    /// A statement is gone on from that is done already.
    Frames,
    /// Arrays count as having their memory to themselves.
    Aliasing,
    /// The sums of any array of zeros count as small.
    Counters,
}

impl Slip {
    /// All of them, with their names.
    pub const ALL: [(&'static str, Slip); 9] = [
        ("fusion", Slip::Fusion),
        ("interchange", Slip::Interchange),
        ("parallel", Slip::Parallel),
        ("checks", Slip::Checks),
        ("hoisting", Slip::Hoisting),
        ("ranges", Slip::Ranges),
        ("frames", Slip::Frames),
        ("aliasing", Slip::Aliasing),
        ("counters", Slip::Counters),
    ];
}
