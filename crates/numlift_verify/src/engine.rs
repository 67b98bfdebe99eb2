//! What runs one side of a region.
//!
//! The engine is the only part of verification that knows how code is run: in the installed program it is a Python
//! interpreter (`python/numlift/_verify.py`), in the tests of this crate a closure. It is handed a [`Snapshot`], runs
//! the old or the new text on a fresh copy of it, and reports everything that the rest of the program could notice.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::value::{Bindings, Heap, Snapshot, Value};

/// Which text is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Old,
    New,
}

/// Runs regions.
pub trait Engine {
    /// The live-ins of a captured input.
    fn load(&mut self, capture: usize) -> Result<Snapshot, String>;

    /// Runs one side on a fresh copy of `input`, for at most `limit`.
    fn run(&mut self, side: Side, input: &Snapshot, limit: Duration) -> Outcome;

    /// Runs one side for its seconds alone.
    fn time(&mut self, side: Side, input: &Snapshot, limit: Duration) -> f64 {
        self.run(side, input, limit).seconds
    }
}

/// What a run left behind.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub ended: Ended,
    /// Holds the values below.
    pub heap: Heap,
    /// The objects that the live-ins were bound to, as they are now.
    pub arguments: Bindings,
    /// For each object of the heap, which object of the live-ins it was before the run; empty where unknown.
    pub origins: Vec<Option<u32>>,
    /// What the region's names are bound to now.
    pub names: Bindings,
    /// States of the random generators that are not arguments.
    pub random: Bindings,
    /// Standard output and standard error.
    pub printed: String,
    pub warnings: BTreeSet<Warning>,
    /// Wall time of the region's statements alone.
    pub seconds: f64,
    /// Not from a run but from the watched execution: warnings are unknown, and so are arguments that are not here.
    pub recorded: bool,
}

/// How a run ended.
#[derive(Debug, Clone)]
pub enum Ended {
    /// Behind the last statement.
    Finished,
    /// By a `return` of the enclosing function.
    Returned(Value),
    Raised(Raised),
    TimedOut,
    /// The engine could not run it: says nothing about the code.
    Broken(String),
}

/// An exception that left the region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raised {
    /// `module.Class`, without the module for builtins.
    pub class: String,
    pub message: String,
    /// By a `raise` or `assert` statement of the user's.
    pub by_user: bool,
}

/// A warning without its wording: `("RuntimeWarning", "divide")`. The kind is that of the floating-point event, the
/// text for warnings that the user's own code gave, else empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Warning {
    pub category: String,
    pub kind: String,
}

impl Outcome {
    /// An outcome that holds nothing but how it ended.
    pub fn empty(ended: Ended) -> Outcome {
        Outcome {
            ended,
            heap: Heap::default(),
            arguments: Bindings::new(),
            origins: Vec::new(),
            names: Bindings::new(),
            random: Bindings::new(),
            printed: String::new(),
            warnings: BTreeSet::new(),
            seconds: 0.0,
            recorded: false,
        }
    }

    /// Whether an exception left the region.
    pub fn raised(&self) -> bool {
        matches!(self.ended, Ended::Raised(_))
    }
}
