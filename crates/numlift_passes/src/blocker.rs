//! Why a loop stayed a loop.
//!
//! A refusal is an answer: a [`Blocker`] names the place at fault, says what is in the way, and where there is one, the
//! change that would help.

use numlift_ir::function::OriginId;

/// The kinds of obstacles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BlockerKind {
    /// A value of one iteration is needed by the next.
    Carried,
    /// `break` or `return` inside the loop.
    EarlyExit,
    /// Output, files, unknown calls.
    SideEffect,
    /// The program text was not understood.
    NotUnderstood,
    /// Two references may share memory.
    Alias,
    /// A subscript that is negative in some iterations wraps around.
    Wraps,
    /// A subscript may be out of range.
    OutOfRange,
    /// The extent of an inner loop depends on the outer index.
    Triangular,
    /// Random numbers whose order cannot be kept.
    RandomDraw,
    /// An exception part-way through would leave other stores behind.
    Exception,
    /// A store that truncates, wraps or overflows where the array form would not.
    Cast,
    /// Ints that may leave 64 bits.
    Overflow,
    /// No NumPy form is known.
    NoForm,
}

impl BlockerKind {
    /// The short name that reports and tests use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Carried => "carried",
            Self::EarlyExit => "early-exit",
            Self::SideEffect => "side-effect",
            Self::NotUnderstood => "not-understood",
            Self::Alias => "alias",
            Self::Wraps => "wraps",
            Self::OutOfRange => "out-of-range",
            Self::Triangular => "triangular",
            Self::RandomDraw => "random-draw",
            Self::Exception => "exception",
            Self::Cast => "integer-buffer",
            Self::Overflow => "overflow",
            Self::NoForm => "no-array-form",
        }
    }
}

/// One obstacle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocker {
    pub kind: BlockerKind,
    /// The place at fault.
    pub at: OriginId,
    /// Lower case, no full stop, code in backticks.
    pub message: String,
    /// Other places that take part.
    pub labels: Vec<(OriginId, String)>,
    /// The change that would help.
    pub help: Option<String>,
}

impl Blocker {
    /// A blocker without labels or help.
    pub fn new(kind: BlockerKind, at: OriginId, message: impl Into<String>) -> Self {
        Self {
            kind,
            at,
            message: message.into(),
            labels: Vec::new(),
            help: None,
        }
    }

    /// The same with another place that takes part.
    pub fn label(mut self, at: OriginId, text: impl Into<String>) -> Self {
        self.labels.push((at, text.into()));
        self
    }

    /// The same with the change that would help.
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }
}
