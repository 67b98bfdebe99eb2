//! What evaluating a piece of text does, and which pieces may not change places.
//!
//! ```text
//! x[1:] + y        reads the memory of x and y
//! a[2:] = e        writes that of a, and conflicts with the reads if a may be x or y
//! rng.random()     draws: it keeps its place among draws and among what may raise
//! ```

use std::collections::BTreeSet;

use super::faults::Raises;
use super::memory::{Roots, overlap};

/// What evaluating something does.
#[derive(Debug, Clone, Default)]
pub(super) struct Summary {
    pub reads: Roots,
    pub writes: Roots,
    pub draws: bool,
    pub world: bool,
    pub raises: Raises,
    pub warns: bool,
    /// It computes: more than a name, a constant, a length or a view.
    pub works: bool,
    /// Variables that it reads.
    pub names: BTreeSet<String>,
}

impl Summary {
    /// Reading a variable.
    pub fn of_name(name: &str) -> Self {
        Self {
            names: BTreeSet::from([name.to_owned()]),
            ..Self::default()
        }
    }

    /// Evaluating both.
    pub fn add(&mut self, other: &Self) {
        self.reads.extend(&other.reads);
        self.writes.extend(&other.writes);
        self.draws |= other.draws;
        self.world |= other.world;
        self.raises = self.raises.and(other.raises);
        self.warns |= other.warns;
        self.works |= other.works;
        self.names.extend(other.names.iter().cloned());
    }

    /// Whether the two must be evaluated in the order in which they stand.
    pub fn conflicts(&self, other: &Self) -> bool {
        self.against(other) || other.against(self)
    }

    fn against(&self, other: &Self) -> bool {
        let touches = |summary: &Self| summary.works || !summary.reads.is_empty() || !summary.writes.is_empty();
        let moves = self.draws || !self.writes.is_empty() || self.world;
        self.world && touches(other)
            || self.draws && other.draws
            || overlap(&self.writes, &other.reads)
            || overlap(&self.writes, &other.writes)
            || self.raises.conflicts(other.raises)
            || moves && other.raises != Raises::NONE
    }

    /// Whether it may change what the other reads.
    pub fn may_change(&self, other: &Self) -> bool {
        overlap(&self.writes, &other.reads) || self.world && !other.reads.is_empty()
    }

    /// Whether nobody can tell if it was evaluated or not.
    pub fn is_silent(&self) -> bool {
        !self.has_effect() && self.raises == Raises::NONE && !self.warns
    }

    /// Whether it changes anything.
    pub fn has_effect(&self) -> bool {
        self.draws || self.world || !self.writes.is_empty()
    }
}
