//! Hostile inputs, made from captured ones.
//!
//! A captured input is cropped to a few elements with all its relations kept ([`learn`], [`crop`]), and then, mostly,
//! one thing about it is made nasty: values ([`special`]), memory ([`layout`]), lengths and types ([`kinds`]). Each
//! input says in words what was done to it:
//!
//! ```text
//! captured 0 at sizes 5, 6; x: a reversed view
//! captured 1 at sizes 3; weights: length 4
//! ```
//!
//! The kinds of change take turns, so that two hundred inputs hold each of them several times. What is proven about a
//! name ([`crate::job::Fact`]) is never broken. The same seed makes the same inputs.

pub mod constants;
pub mod crop;
pub mod elements;
pub mod kinds;
pub mod layout;
pub mod learn;
pub mod special;
pub mod target;

use crate::job::{Fact, Policy, Strength};
use crate::rng::Rng;
use crate::value::Snapshot;
use crop::{Sizes, crop};
use layout::{LAYOUTS, overlap, same_memory};
use learn::{Relations, learn_all};
use special::{CHANGES, Change, Range};
use target::{Facts, Target, What, targets};

/// Makes one hostile input after the other.
#[derive(Debug)]
pub struct Mutator {
    bases: Vec<(Snapshot, Relations)>,
    facts: Facts,
    huge: f64,
    rng: Rng,
    made: usize,
    /// Size that was wanted of the last input, and what is wanted of others at most.
    last: usize,
    most: usize,
    /// Whether ints that are proven to have one value are made smaller with the lengths that hang on them; whether
    /// that happened to the last input.
    frees_values: bool,
    freed: bool,
    /// How the last input was begun.
    begun: (Rng, usize),
}

/// What is changed about an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trick {
    Nothing,
    Values,
    Scalar,
    Memory,
    Overlap,
    Length,
    Type,
    Rank,
    Container,
    Rows,
}

/// How they take turns.
const TURNS: [Trick; 16] = [
    Trick::Nothing,
    Trick::Values,
    Trick::Scalar,
    Trick::Overlap,
    Trick::Length,
    Trick::Values,
    Trick::Memory,
    Trick::Type,
    Trick::Values,
    Trick::Rows,
    Trick::Scalar,
    Trick::Length,
    Trick::Memory,
    Trick::Overlap,
    Trick::Rank,
    Trick::Container,
];

/// Those that mostly leave a program that runs to its end.
const GENTLE: [Trick; 5] = [
    Trick::Values,
    Trick::Nothing,
    Trick::Values,
    Trick::Memory,
    Trick::Values,
];

/// Sizes that the first dimension takes in turn: small ones, both sides of unrolling by 8 and of blocks of 128.
const SIZES: [usize; 12] = [5, 3, 8, 1, 4, 17, 2, 9, 0, 6, 33, 130];

/// An int that is proven to have one value keeps it up to here, and is made no smaller than this.
const SMALL: usize = 16;
const FREED: i64 = 5;

impl Mutator {
    /// `captured` must not be empty.
    pub fn new(captured: Vec<Snapshot>, facts: &[Fact], constants: Vec<f64>, policy: &Policy, seed: u64) -> Mutator {
        let relations = learn_all(&captured.iter().collect::<Vec<_>>());
        let huge = match policy.strength {
            Strength::Exact => f64::MAX,
            Strength::Rounding => 1e150,
        };
        let bases = captured.into_iter().zip(relations).collect();
        Mutator {
            bases,
            facts: Facts {
                facts: facts.to_vec(),
                constants,
            },
            huge,
            rng: Rng::new(seed ^ 0x6e75_6d6c),
            made: 0,
            last: 0,
            most: usize::MAX,
            frees_values: true,
            freed: false,
            begun: (Rng::new(seed), 0),
        }
    }

    /// Running the last input took long: others are wanted half as large at most.
    pub fn too_slow(&mut self) {
        self.most = self.most.min(self.last / 2).max(4);
    }

    /// Whether an int of the last input is smaller than it is proven to be. Where `N = 1000` holds for ever, a run with
    /// eight elements still tells most; but a difference counts only when [`Mutator::unfreed`] shows it too.
    pub fn freed(&self) -> bool {
        self.freed
    }

    /// The last input again, as large as it is proven to be.
    pub fn unfreed(&mut self, gentle: bool) -> Snapshot {
        (self.rng, self.made) = self.begun.clone();
        let frees_values = std::mem::replace(&mut self.frees_values, false);
        let input = self.next(gentle);
        self.frees_values = frees_values;
        input
    }

    /// From here on all that is proven holds.
    pub fn keep_values(&mut self) {
        self.frees_values = false;
    }

    /// The next input; a `gentle` one is not made to fail.
    pub fn next(&mut self, gentle: bool) -> Snapshot {
        self.begun = (self.rng.clone(), self.made);
        let turn = self.made;
        self.made += 1;
        let base = if self.bases.len() > 1 {
            self.rng.below(self.bases.len())
        } else {
            0
        };
        let mut input = self.resized(base, turn, gentle);
        let trick = if gentle {
            GENTLE[turn % GENTLE.len()]
        } else {
            TURNS[turn % TURNS.len()]
        };
        let more = usize::from(self.rng.one_in(4)) + usize::from(self.rng.one_in(8));
        self.play(trick, base, &mut input);
        for _ in 0..more {
            let trick = if gentle { Trick::Values } else { *self.rng.pick(&TURNS) };
            self.play(trick, base, &mut input);
        }
        input
    }

    fn resized(&mut self, base: usize, turn: usize, gentle: bool) -> Snapshot {
        let mut wanted = SIZES[turn % SIZES.len()];
        if self.rng.one_in(10)
            && let Some(limit) = self.size_limit()
        {
            wanted = limit;
        }
        let (input, relations) = &self.bases[base];
        if gentle && wanted < 2 {
            wanted = 7;
        }
        wanted = wanted.min(self.most);
        self.last = wanted;
        let alike = self.rng.one_in(4);
        let keep_small = !self.rng.one_in(4);
        let mut sizes = Vec::new();
        for (class, old) in relations.classes.iter().enumerate() {
            let small = usize::try_from(*old).unwrap_or(0);
            // One dimension may be long; several would make slow inputs.
            let fresh = if class > 0 && wanted > 17 {
                2 + class % 3
            } else {
                wanted + if alike { 0 } else { class }
            };
            let fresh = if relations.is_square(class) {
                fresh.min(9)
            } else {
                fresh
            };
            let size = if small <= 4 && keep_small && wanted != 0 {
                small
            } else {
                fresh
            };
            sizes.push(self.allowed(relations, class, size));
        }
        self.freed = self.changes_values(relations, &sizes);
        if self.freed && !self.frees_values {
            sizes = relations.sizes();
            self.freed = false;
        }
        let starts = relations.classes.iter().zip(&sizes);
        let starts = starts.map(|(old, size)| {
            let spare = usize::try_from(*old).unwrap_or(0).saturating_sub(*size);
            self.rng.below(spare + 1)
        });
        let plan = Sizes {
            relations,
            starts: starts.collect(),
            sizes,
            rows: 6,
        };
        let mut out = crop(input, &plan);
        let text: Vec<String> = plan.sizes.iter().map(usize::to_string).collect();
        let sizes = if text.is_empty() {
            String::new()
        } else {
            format!(" at sizes {}", text.join(", "))
        };
        out.label = format!("{}{sizes}", input.label);
        out
    }

    /// A size at or beside a number of the text.
    fn size_limit(&mut self) -> Option<usize> {
        let sizes: Vec<f64> = self
            .facts
            .constants
            .iter()
            .copied()
            .filter(|limit| (4.0..=1024.0).contains(limit))
            .collect();
        let limit = if sizes.is_empty() {
            None
        } else {
            Some(*self.rng.pick(&sizes) as usize)
        };
        limit.map(|limit| limit - 1 + self.rng.below(3))
    }

    /// The size nearest to `size` that breaks nothing proven about the names that depend on it.
    fn allowed(&self, relations: &Relations, class: usize, size: usize) -> usize {
        let mut size = size as i64;
        for (slot, rule) in &relations.rules {
            let learn::Rule::Class(of, offset) = rule else { continue };
            if *of != class {
                continue;
            }
            let path = slot
                .strip_prefix("len(")
                .map_or(slot.as_str(), |rest| rest.trim_end_matches(')'));
            let path = path.split(".shape[").next().unwrap_or(path);
            let captured = relations.sizes()[class];
            let is_one = path == slot && self.facts.fixes_value(path) || self.facts.fixes_extent(slot);
            if is_one && self.frees_values && captured > SMALL {
                size = size.clamp(FREED, captured as i64);
            } else if is_one || self.facts.fixes_value(path) {
                return captured;
            }
            if path == slot {
                let range = self.facts.range(slot, self.huge);
                let lo = i64::try_from(range.lo).unwrap_or(i64::MIN / 2).saturating_sub(*offset);
                let hi = i64::try_from(range.hi).unwrap_or(i64::MAX / 2).saturating_sub(*offset);
                size = size.clamp(lo, hi.max(lo));
            }
            if self.facts.is_never_empty(path) {
                // Its length is proven; what rests on that may need a few elements.
                size = size.max(FREED.min(captured as i64).max(1i64.saturating_sub(*offset)));
            }
        }
        usize::try_from(size).unwrap_or(0)
    }

    /// Whether an int or extent that is proven to have one value has another at these sizes.
    fn changes_values(&self, relations: &Relations, sizes: &[usize]) -> bool {
        let captured = relations.sizes();
        let changes = |slot: &String| relations.value(slot, sizes) != relations.value(slot, &captured);
        let mut slots = relations.rules.keys();
        let is_one = |slot: &str| !slot.contains('(') && self.facts.fixes_value(slot) || self.facts.fixes_extent(slot);
        slots.any(|slot| is_one(slot) && changes(slot))
    }

    fn play(&mut self, trick: Trick, base: usize, input: &mut Snapshot) {
        // A trick that finds nothing to change gives way to a plain change of values.
        for trick in [trick, trick, trick, Trick::Values, Trick::Scalar] {
            let found = targets(input);
            if let Some(words) = self.attempt(trick, base, input, &found) {
                input.label = format!("{}; {words}", input.label);
                return;
            }
            if trick == Trick::Nothing {
                return;
            }
        }
    }

    fn attempt(&mut self, trick: Trick, base: usize, input: &mut Snapshot, found: &[Target]) -> Option<String> {
        let (facts, relations) = (&self.facts, &self.bases[base].1);
        let free = |target: &&Target| {
            let is_length = matches!(target.what, What::Scalar(_)) && facts.fixes_lengths(&target.path);
            !is_length && !facts.fixes_value(&target.path)
        };
        let rng = &mut self.rng;
        let found: Vec<&Target> = found.iter().filter(free).filter(|target| fits(trick, target)).collect();
        if found.is_empty() {
            return None;
        }
        let target = *rng.pick(&found);
        let path = &target.path;
        let range = facts.range(path, self.huge);
        let words = match (trick, &target.what) {
            (Trick::Nothing, _) => None,
            (Trick::Values, What::Array(id) | What::List(id)) => {
                let (mut numbers, dtype) = elements::read(&input.heap, *id)?;
                // Other ordinary values tell most.
                let change = if rng.one_in(4) {
                    Change::Ordinary
                } else {
                    *rng.pick(&CHANGES)
                };
                change.apply(&mut numbers, &dtype, &range, rng);
                elements::store(&mut input.heap, *id, &numbers);
                Some(change.words().to_owned())
            }
            // A size that hangs on a length changes with it.
            (Trick::Scalar, What::Scalar(spot))
                if !(facts.fixes_lengths(path) && relations.rules.contains_key(path)) =>
            {
                // Neither may a number of steps make a run long.
                let hi = range.hi.min(self.most as i128).max(range.lo);
                kinds::scalar_value(input, *spot, &Range { hi, ..range }, rng)
            }
            (Trick::Memory, What::Array(id)) if !facts.fixes_layout(path) => {
                let layout = *rng.pick(&LAYOUTS);
                layout.apply(&mut input.heap, *id).then(|| layout.words().to_owned())
            }
            (Trick::Overlap, What::Array(id)) if !facts.is_unshared(path) => {
                let other = *rng.pick(&found);
                let What::Array(second) = other.what else { return None };
                if facts.is_unshared(&other.path) {
                    return None;
                }
                if rng.one_in(3) {
                    same_memory(&mut input.heap, *id, second).then(|| format!("the same memory as {}", other.path))
                } else {
                    overlap(&mut input.heap, *id, second, rng).then(|| format!("overlaps {}", other.path))
                }
            }
            (Trick::Length, What::Array(id)) if !facts.fixes_lengths(path) => {
                kinds::array_length(&mut input.heap, target, *id, facts, rng)
            }
            (Trick::Length, What::List(id) | What::Rows(id)) if !facts.fixes_lengths(path) => {
                kinds::list_length(&mut input.heap, target, *id, facts, rng)
            }
            (Trick::Rows, What::Rows(id)) => kinds::rows(&mut input.heap, target, *id, facts, rng),
            (Trick::Type, What::Array(id)) if !facts.fixes_type(path) => kinds::array_type(&mut input.heap, *id, rng),
            (Trick::Type, What::List(id)) if !facts.fixes_type(path) => {
                kinds::list_type(&mut input.heap, *id, &range, rng)
            }
            (Trick::Type, What::Scalar(spot)) if !facts.fixes_type(path) => kinds::scalar_type(input, *spot, rng),
            (Trick::Rank, What::Array(id)) if !facts.fixes_type(path) => kinds::array_rank(&mut input.heap, *id, rng),
            (Trick::Container, What::Array(_) | What::List(_)) if !facts.fixes_type(path) => {
                kinds::container(input, target, rng)
            }
            _ => None,
        };
        words.map(|words| format!("{path}: {words}"))
    }
}

fn fits(trick: Trick, target: &Target) -> bool {
    match (trick, &target.what) {
        (Trick::Nothing, _) => true,
        (Trick::Values, What::Array(_) | What::List(_)) => true,
        (Trick::Scalar, What::Scalar(_)) => true,
        (Trick::Memory | Trick::Overlap | Trick::Rank, What::Array(_)) => true,
        (Trick::Length, What::Array(_) | What::List(_) | What::Rows(_)) => true,
        (Trick::Type, What::Array(_) | What::List(_) | What::Scalar(_)) => true,
        (Trick::Container, What::Array(_) | What::List(_)) => true,
        (Trick::Rows, What::Rows(_)) => true,
        (Trick::Values | Trick::Scalar | Trick::Memory | Trick::Overlap | Trick::Length, _) => false,
        (Trick::Type | Trick::Rank | Trick::Container | Trick::Rows, _) => false,
    }
}

#[cfg(test)]
mod tests;
