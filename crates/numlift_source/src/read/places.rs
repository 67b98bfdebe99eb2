//! Which lists and arrays a value may be, found in both directions.
//!
//! A change of a list has to reach every value that may be this list. A program that is read as a whole has tens of
//! thousands of values, so they are found by where they come from and not by looking at all.

use std::collections::{BTreeMap, BTreeSet};

use numlift_ir::function::ValueId;

use super::facts::{Place, Source};

#[derive(Debug, Default)]
pub(super) struct Places {
    of: BTreeMap<ValueId, BTreeSet<Place>>,
    /// Values by the sources among their places; no set is empty.
    from: BTreeMap<Source, BTreeSet<ValueId>>,
}

impl Places {
    pub fn of(&self, value: ValueId) -> Option<&BTreeSet<Place>> {
        self.of.get(&value)
    }

    pub fn insert(&mut self, value: ValueId, places: BTreeSet<Place>) {
        self.remove(value);
        for (source, _) in &places {
            match self.from.get_mut(source) {
                Some(values) => values.insert(value),
                None => self.from.insert(source.clone(), BTreeSet::from([value])).is_none(),
            };
        }
        self.of.insert(value, places);
    }

    pub fn remove(&mut self, value: ValueId) -> Option<BTreeSet<Place>> {
        let places = self.of.remove(&value)?;
        for (source, _) in &places {
            self.forget(source, value);
        }
        Some(places)
    }

    /// Forgets values from this one on.
    pub fn truncate(&mut self, first: ValueId) {
        for (value, places) in self.of.split_off(&first) {
            for (source, _) in &places {
                self.forget(source, value);
            }
        }
    }

    fn forget(&mut self, source: &Source, value: ValueId) {
        if let Some(values) = self.from.get_mut(source) {
            values.remove(&value);
            if values.is_empty() {
                self.from.remove(source);
            }
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = (ValueId, &BTreeSet<Place>)> {
        self.of.iter().map(|(value, places)| (*value, places))
    }

    /// All sources that some value may come from.
    pub fn sources(&self) -> impl Iterator<Item = &Source> {
        self.from.keys()
    }

    /// The values that may come from a source, the first made first.
    pub fn values_from(&self, source: &Source) -> impl Iterator<Item = ValueId> {
        self.from.get(source).into_iter().flatten().copied()
    }
}
