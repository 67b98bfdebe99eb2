//! What lifting says of a loop, for rules about loops: given by whoever can lift, since rules cannot.

use numlift_source::edit::Edit;
use numlift_source::parse::Parsed;
use numlift_source::statics::Typed;

/// Somebody who can lift loops.
pub trait Lifter {
    /// The form of a loop statement; `None` where nobody looked, or nothing can be said.
    fn lift(&self, asked: &Asked<'_>) -> Option<LoopForm>;
}

/// A loop that is to be lifted.
pub struct Asked<'a> {
    pub parsed: &'a Parsed,
    /// The byte offsets of the `for` statement.
    pub statement: (u32, u32),
    /// The type that a name has wherever it is read between two byte offsets.
    pub typed: &'a dyn Fn(&str, (u32, u32)) -> Typed,
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
    /// What replaces the loop, and with it what prepares it.
    pub edits: Vec<Edit>,
    /// The expression at the core.
    pub form: String,
    /// What would have to hold, and is not proven, or changes; none for a form that is exact whatever comes.
    pub open: Vec<String>,
}

/// A blocker with byte offsets in the place of origins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    pub message: String,
    pub at: (u32, u32),
    pub labels: Vec<((u32, u32), String)>,
    pub help: Option<String>,
}

/// Nobody can: rules about loops say what they see, without a form.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoLifter;

impl Lifter for NoLifter {
    fn lift(&self, _: &Asked<'_>) -> Option<LoopForm> {
        None
    }
}
