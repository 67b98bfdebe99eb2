//! What a selection gives: the array form, how close it is, and what it stands on.

use std::collections::BTreeSet;

use numlift_ir::function::{Function, OriginId, ValueId};

/// A function in array form and what it stands on.
#[derive(Debug, Clone)]
pub struct Selected {
    pub func: Function,
    pub guards: Vec<Guard>,
    pub strength: Strength,
    /// What the new form does differently and says so.
    pub announced: BTreeSet<Announced>,
    /// Names of the steps, in order.
    pub steps: Vec<String>,
    /// What the loop was.
    pub pattern: Pattern,
}

impl Selected {
    /// The values that the guards test.
    pub fn tested(&self) -> Vec<ValueId> {
        tested(&self.guards)
    }
}

/// The values that guards test.
pub(super) fn tested(guards: &[Guard]) -> Vec<ValueId> {
    guards
        .iter()
        .filter_map(|guard| match guard.test {
            Test::Value(value) => Some(value),
            Test::Code(_) => None,
        })
        .collect()
}

/// A condition that is not proven, with the test that would discharge it at the entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Guard {
    /// The condition in words: `n <= len(x)`.
    pub text: String,
    pub test: Test,
    pub at: OriginId,
}

/// A test at the entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// A bool of the selected function.
    Value(ValueId),
    /// Python's own words, over names that are bound at the entry.
    Code(String),
}

/// How close the new results are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Strength {
    /// Bit for bit.
    #[default]
    Exact,
    /// The same mathematics in another order or by another implementation.
    Rounding,
}

/// A difference that a form has and that its user is told of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Announced {
    /// NumPy may warn of overflow or invalid values where Python's floats do not, or warn where both branches of a
    /// condition are computed.
    Warnings,
    /// What was stored before an exception may differ.
    StoresBeforeException,
    /// Zeros may come with the other sign: a sum of nothing but `-0.0`, the least of `0.0` and `-0.0`.
    ZeroSign,
    /// A list that nobody reads is an array now.
    Container(String),
}

/// What kind of loop it was, for the report; the weightiest wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Pattern {
    #[default]
    Elementwise,
    Filled,
    Grown,
    Filter,
    Reduction,
    Places,
    Scan,
    Search,
    Contraction,
}
