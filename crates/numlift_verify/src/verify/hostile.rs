//! Hostile inputs, one after the other, while there is time.
//!
//! They are small, so that hundreds take a second. When one takes long all the same, those after it are made smaller;
//! an input that cannot be made smaller is run as it is, a few times.

use std::time::{Duration, Instant};

use super::{PATIENCE, Session, Stop, TIMING_SHARE, Tried};
use crate::job::{Difference, Fact};
use crate::mutate::Mutator;
use crate::mutate::constants::constants;
use crate::mutate::target::targets;
use crate::shrink::{Failure, shrink};
use crate::value::{Object, Snapshot, Value};

/// Longest run of the old text on a hostile input, as a part of the budget and at most. One that is as large as the
/// captured inputs may take more.
const HOSTILE_SHARE: f64 = 0.02;
const HOSTILE_LIMIT: Duration = Duration::from_millis(1000);
const WHOLE_SHARE: f64 = 0.1;
/// Longest time for shrinking, as a part of the budget and at most.
const SHRINK_SHARE: f64 = 0.25;
const SHRINK_LIMIT: Duration = Duration::from_millis(3000);
/// However much of it they took, hostile ones get this part.
const HOSTILE_FLOOR: f64 = 0.2;
/// When those that do not come to an end have taken so much of it, no more are tried.
const VAIN_SHARE: f64 = 0.2;
/// Whatever the budget, as many are run as this time allows.
const HOSTILE_LEAST: Duration = Duration::from_millis(300);
/// When the old text takes longer on a hostile input, those after it are made smaller.
const HOSTILE_SECONDS: f64 = 0.02;

impl Session<'_> {
    fn hostile_limit(&self) -> Duration {
        let whole = Duration::from_secs_f64(2.0 * self.longest.min(1e3));
        HOSTILE_LIMIT
            .min(self.budget.mul_f64(HOSTILE_SHARE))
            .max(whole.min(self.budget.mul_f64(WHOLE_SHARE)))
            .max(Duration::from_millis(50))
    }

    pub(super) fn run_hostile(&mut self, bases: Vec<Snapshot>) -> Result<(), Stop> {
        if let Some(base) = bases.first() {
            self.notes.extend(fixed_notes(base));
        }
        if bases.iter().all(|base| targets(base).is_empty()) {
            self.notes
                .insert("there is nothing to vary: tested on captured inputs only".to_owned());
            return Ok(());
        }
        let limits = constants([self.job.old.as_str(), self.job.new.as_str()]);
        let mut mutator = Mutator::new(bases, &self.job.proven, limits, &self.job.policy, self.job.seed);
        // However long the captured inputs took, some hostile ones are run.
        let least = self.budget.mul_f64(HOSTILE_FLOOR).max(HOSTILE_LEAST);
        let share = if self.job.time { 1.0 - TIMING_SHARE } else { 1.0 };
        let end = (self.started + self.budget.mul_f64(share)).max(Instant::now() + least);
        let mut in_vain = Duration::ZERO;
        for turn in 0..self.job.hostile {
            let hopeless = in_vain > self.budget.mul_f64(VAIN_SHARE);
            if hopeless {
                self.notes
                    .insert("the old text takes too long on many hostile inputs".to_owned());
            }
            if hopeless || Instant::now() >= end {
                self.hostile.skipped += self.job.hostile - turn;
                break;
            }
            // Inputs on which the old text raises at once show little.
            let gentle = turn >= 8 && 2 * self.hostile.raised > self.hostile.run || turn % 4 == 3;
            let input = mutator.next(gentle);
            let began = Instant::now();
            match self.attempt(&input, self.hostile_limit()) {
                Tried::Agree { raised, old, .. } => {
                    self.hostile.run += 1;
                    self.hostile.raised += u32::from(raised.is_some());
                    if old > HOSTILE_SECONDS {
                        mutator.too_slow();
                    }
                }
                Tried::Differ { differences, .. } => match self.confirmed(&mut mutator, gentle, input, differences) {
                    Some(stop) => return Err(stop),
                    None => self.hostile.skipped += 1,
                },
                Tried::Skipped { too_slow, .. } => {
                    self.hostile.skipped += 1;
                    if too_slow {
                        in_vain += began.elapsed();
                        mutator.too_slow();
                    }
                }
                // Memory that was never written to, for one.
                Tried::Unsteady(_) => self.hostile.skipped += 1,
            }
        }
        Ok(())
    }

    /// What a difference comes to: nothing when the input breaks what is proven, and the one that does not agrees.
    fn confirmed(
        &mut self,
        mutator: &mut Mutator,
        gentle: bool,
        input: Snapshot,
        differences: Vec<Difference>,
    ) -> Option<Stop> {
        let (mut input, mut differences) = (input, differences);
        if mutator.freed() {
            let whole = mutator.unfreed(gentle);
            match self.attempt(&whole, self.hostile_limit() + PATIENCE) {
                Tried::Agree { .. } => {
                    mutator.keep_values();
                    self.notes
                        .insert("the proven numbers matter: with others, old and new differ".to_owned());
                    return None;
                }
                Tried::Differ { differences: found, .. } => (input, differences) = (whole, found),
                // Better refused than wrong.
                Tried::Unsteady(_) | Tried::Skipped { .. } => {}
            }
        }
        self.hostile.run += 1;
        Some(Stop::Differ(self.shrunk(input, differences)))
    }

    pub(super) fn shrunk(&mut self, input: Snapshot, differences: Vec<Difference>) -> Vec<Difference> {
        let deadline = Instant::now() + SHRINK_LIMIT.min(self.budget.mul_f64(SHRINK_SHARE));
        let fixed = |fact: &Fact| match fact {
            Fact::Value { name } => bound(&input, name).map(|value| (name.clone(), value.clone())),
            _ => None,
        };
        let fixed: Vec<(String, Value)> = self.job.proven.iter().filter_map(fixed).collect();
        let mut check = |input: &Snapshot| {
            // A smaller input tells nothing when it breaks what is proven.
            if fixed.iter().any(|(name, value)| bound(input, name) != Some(value)) {
                return Vec::new();
            }
            match self.attempt(input, self.hostile_limit()) {
                Tried::Differ { differences, .. } => differences,
                Tried::Agree { .. } | Tried::Unsteady(_) | Tried::Skipped { .. } => Vec::new(),
            }
        };
        shrink(Failure { input, differences }, deadline, &mut check).differences
    }
}

fn bound<'a>(input: &'a Snapshot, name: &str) -> Option<&'a Value> {
    let found = input.names.iter().find(|(bound, _)| bound == name);
    found
        .map(|(_, value)| value)
        .filter(|value| matches!(value, Value::Int(_)))
}

/// What hostile inputs leave as it was.
fn fixed_notes(input: &Snapshot) -> Vec<String> {
    let opaque = |value: &Value| match value {
        Value::Ref(id) => match input.heap.object(*id) {
            Object::Opaque(opaque) => Some(opaque.class.clone()),
            _ => None,
        },
        _ => None,
    };
    let fixed = input
        .names
        .iter()
        .filter_map(|(name, value)| Some((name, opaque(value)?)));
    fixed
        .map(|(name, class)| format!("`{name}` ({class}) could not be varied: only as captured"))
        .collect()
}
