//! Trying a form and going back where it does not fit: what was made since is gone, and nothing speaks of it any more.
//!
//! ```text
//! total += x.T[i] * r      tried as a dot product of `x.T` and `r`, which is no vector: then `x.T` is not made yet
//! ```

use std::collections::{BTreeSet, HashMap};

use numlift_ir::build::Mark;
use numlift_ir::function::ValueId;

use super::{Announced, Content, Lifted, Pattern, Selector, Strength};
use crate::condition::Condition;

/// The state of a selection before an attempt.
pub(super) struct Attempt {
    mark: Mark,
    map: HashMap<ValueId, ValueId>,
    contents: HashMap<ValueId, Content>,
    converted: HashMap<ValueId, ValueId>,
    filters: HashMap<ValueId, ValueId>,
    scans: HashMap<ValueId, Lifted>,
    triangles: super::pairs::Triangles,
    conditions: Vec<Condition>,
    strength: Strength,
    announced: BTreeSet<Announced>,
    steps: Vec<String>,
    pattern: Pattern,
}

impl Selector<'_> {
    /// What [`Selector::give_up`] goes back to.
    pub(super) fn attempt(&self) -> Attempt {
        Attempt {
            mark: self.out.mark(),
            map: self.map.clone(),
            contents: self.contents.clone(),
            converted: self.converted.clone(),
            filters: self.filters.clone(),
            scans: self.scans.clone(),
            triangles: self.triangles.clone(),
            conditions: self.conditions.clone(),
            strength: self.strength,
            announced: self.announced.clone(),
            steps: self.steps.clone(),
            pattern: self.pattern,
        }
    }

    /// The form does not fit.
    pub(super) fn give_up(&mut self, attempt: Attempt) {
        self.out.rollback(attempt.mark);
        self.map = attempt.map;
        self.contents = attempt.contents;
        self.converted = attempt.converted;
        self.filters = attempt.filters;
        self.scans = attempt.scans;
        self.triangles = attempt.triangles;
        self.conditions = attempt.conditions;
        self.strength = attempt.strength;
        self.announced = attempt.announced;
        self.steps = attempt.steps;
        self.pattern = attempt.pattern;
        self.lifted.clear();
    }
}
