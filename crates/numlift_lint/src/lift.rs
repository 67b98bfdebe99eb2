//! What lifting says of a loop, for rules about loops: given by whoever can lift, since rules cannot.

use numlift_source::parse::Parsed;

/// Somebody who can lift loops.
pub trait Lifter {
    /// The form of the loop statement between two byte offsets; `None` where nobody looked.
    fn lift(&self, parsed: &Parsed, start: u32, end: u32) -> Option<LoopForm>;
}

/// What became of a loop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoopForm {
    /// The array form that does the same.
    Lifted(Lifted),
    /// What stands in the way.
    Blocked(Obstacle),
}

/// The text that may stand for the loop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lifted {
    /// Dedented, with `\n`.
    pub text: String,
    /// What would have to hold, and is not proven; none for a form that is exact whatever comes.
    pub open: Vec<String>,
}

/// A blocker with byte offsets in the place of origins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    pub kind: numlift_passes::blocker::BlockerKind,
    pub message: String,
    pub at: (u32, u32),
    pub labels: Vec<((u32, u32), String)>,
    pub help: Option<String>,
}

/// Nobody can: rules about loops say what they see, without a form.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoLifter;

impl Lifter for NoLifter {
    fn lift(&self, _: &Parsed, _: u32, _: u32) -> Option<LoopForm> {
        None
    }
}
