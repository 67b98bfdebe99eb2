//! The loop: captured inputs, then hostile ones, until something differs or time is up.
//!
//! The first input that tells old from new ends it, shrunk. Where the old text raises, the new one must raise the
//! same after the same stores. An input on which the old text does not come to an end says nothing and is skipped.

mod hostile;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use crate::compare::{Compared, Rules, compare, ended, show_names};
use crate::engine::{Ended, Engine, Outcome, Side};
use crate::job::{Counts, Difference, Policy, Verdict, VerifyJob, Worst};
use crate::rng::Rng;
use crate::rounding::{Evidence, perturb, settle};
use crate::value::{Buffer, Items, Object, Snapshot};

/// The new text gets so much more time than the old one took.
const PATIENCE: Duration = Duration::from_millis(1000);
/// So much of the budget is for captured inputs, the rest for hostile ones and timing.
const CAPTURED_SHARE: f64 = 0.6;
/// So much is for timing.
const TIMING_SHARE: f64 = 0.2;
/// A recorded time that is so many times the new one needs no measuring side by side.
const CLEARLY: f64 = 3.0;
/// Captured inputs up to this many bytes together are kept to be mutated.
const KEPT_BYTES: usize = 1 << 29;

/// Verifies one region.
pub fn verify(job: &VerifyJob, engine: &mut dyn Engine) -> Verdict {
    let started = Instant::now();
    let mut session = Session::new(job, engine);
    let verdict = session.run();
    Verdict {
        seconds: started.elapsed().as_secs_f64(),
        ..verdict
    }
}

struct Session<'a> {
    job: &'a VerifyJob,
    engine: &'a mut dyn Engine,
    started: Instant,
    budget: Duration,
    captured: Counts,
    hostile: Counts,
    /// Longest run of the old text on a captured input.
    longest: f64,
    ignored: BTreeSet<String>,
    notes: BTreeSet<String>,
    worst: BTreeMap<String, Worst>,
}

/// What came of one input.
enum Tried {
    /// Old and new agree; the exception that both raised, and their seconds.
    Agree {
        raised: Option<String>,
        old: f64,
        new: f64,
        recorded: bool,
    },
    Differ {
        differences: Vec<Difference>,
        raised: Option<String>,
    },
    /// Old differs from itself.
    Unsteady(Box<Difference>),
    /// The old text did not come to an end, or could not be run.
    Skipped { reason: String, too_slow: bool },
}

/// A captured input that was run, by its place in the job.
struct Timed {
    capture: usize,
    old: f64,
    new: f64,
    /// The old side's are those of the watched execution.
    recorded: bool,
}

impl<'a> Session<'a> {
    fn new(job: &'a VerifyJob, engine: &'a mut dyn Engine) -> Session<'a> {
        Session {
            job,
            engine,
            started: Instant::now(),
            budget: Duration::from_secs_f64(job.budget_seconds.clamp(0.1, 1e6)),
            captured: Counts::default(),
            hostile: Counts::default(),
            longest: 0.0,
            ignored: BTreeSet::new(),
            notes: BTreeSet::new(),
            worst: BTreeMap::new(),
        }
    }

    fn run(&mut self) -> Verdict {
        let mut timed = Vec::new();
        let bases = match self.run_captured(&mut timed) {
            Ok(bases) => bases,
            Err(Stop::Error(error)) => return self.verdict(Vec::new(), Some(error)),
            Err(Stop::Differ(differences)) => return self.verdict(differences, None),
        };
        if let Err(Stop::Differ(differences)) = self.run_hostile(bases) {
            return self.verdict(differences, None);
        }
        let mut verdict = self.verdict(Vec::new(), None);
        if self.job.time
            && let Some((old, new)) = self.time(timed)
        {
            (verdict.old_seconds, verdict.new_seconds) = (Some(old), Some(new));
        }
        verdict
    }

    fn verdict(&self, differences: Vec<Difference>, error: Option<String>) -> Verdict {
        Verdict {
            region: self.job.region,
            agree: differences.is_empty() && error.is_none() && self.captured.run > 0,
            captured: self.captured,
            hostile: self.hostile,
            differences,
            worst: self.worst.clone(),
            old_seconds: None,
            new_seconds: None,
            notes: self.notes.iter().cloned().collect(),
            error,
            seconds: 0.0,
            kernel: None,
        }
    }

    /// Runs all captured inputs and returns those that are kept to be mutated.
    fn run_captured(&mut self, timed: &mut Vec<Timed>) -> Result<Vec<Snapshot>, Stop> {
        let (mut bases, mut kept) = (Vec::new(), 0);
        for capture in 0..self.job.captures.len() {
            let spent = self.started.elapsed().as_secs_f64() > CAPTURED_SHARE * self.budget.as_secs_f64();
            if spent && self.captured.run > 0 {
                self.captured.skipped += 1;
                continue;
            }
            let input = self.engine.load(capture).map_err(Stop::Error)?;
            let limit = self.budget + Duration::from_secs(2);
            let raised_then = self.job.captures[capture].raised;
            match self.attempt(&input, limit) {
                Tried::Agree { raised: Some(end), .. } | Tried::Differ { raised: Some(end), .. } if !raised_then => {
                    let text = format!(
                        "the region cannot be run by itself: on {} the old text now {end}",
                        input.label
                    );
                    return Err(Stop::Error(text));
                }
                Tried::Agree {
                    raised,
                    old,
                    new,
                    recorded,
                } => {
                    self.captured.run += 1;
                    self.captured.raised += u32::from(raised.is_some());
                    self.longest = self.longest.max(old);
                    timed.push(Timed {
                        capture,
                        old,
                        new,
                        recorded,
                    });
                }
                Tried::Differ { differences, .. } => {
                    self.captured.run += 1;
                    return Err(Stop::Differ(self.shrunk(input, differences)));
                }
                Tried::Unsteady(difference) => {
                    let Difference { path, old, new, .. } = *difference;
                    let text = format!("two runs of the old text differ: `{path}` is {old} and then {new}");
                    return Err(Stop::Error(text));
                }
                Tried::Skipped { reason, .. } => {
                    self.captured.skipped += 1;
                    self.notes.insert(format!("{}: {reason}", input.label));
                }
            }
            let bytes = size_of(&input);
            if bases.is_empty() || kept + bytes <= KEPT_BYTES {
                kept += bytes;
                bases.push(input);
            }
        }
        if self.captured.run == 0 {
            let notes: Vec<&str> = self.notes.iter().map(String::as_str).collect();
            let reason = if notes.is_empty() {
                "there is none".to_owned()
            } else {
                notes.join("; ")
            };
            return Err(Stop::Error(format!("no captured input could be run: {reason}")));
        }
        Ok(bases)
    }

    /// Runs both sides on one input and compares.
    fn attempt(&mut self, input: &Snapshot, limit: Duration) -> Tried {
        let old = self.engine.run(Side::Old, input, limit);
        match &old.ended {
            Ended::TimedOut | Ended::Broken(_) => return skipped(&old),
            // Where memory or the stack runs out says nothing about the program.
            Ended::Raised(raised) if ["MemoryError", "RecursionError"].contains(&raised.class.as_str()) => {
                return skipped(&old);
            }
            Ended::Finished | Ended::Returned(_) | Ended::Raised(_) => {}
        }
        let limit = limit.max(Duration::from_secs_f64((20.0 * old.seconds).min(1e6))) + PATIENCE;
        let new = self.engine.run(Side::New, input, limit);
        if let Ended::Broken(_) = &new.ended {
            return skipped(&new);
        }
        let rules = Rules {
            policy: &self.job.policy,
            live_out: &self.job.live_out,
            ignored: &self.ignored,
        };
        let compared = compare(&old, &new, rules);
        self.ignored.extend(compared.ignored.iter().cloned());
        let differences = self.decide(input, &old, &new, &compared);
        let raised = old.raised().then(|| ended(&old));
        if differences.is_empty() {
            self.notes.extend(compared.notes);
            return Tried::Agree {
                raised,
                old: old.seconds,
                new: new.seconds,
                recorded: old.recorded,
            };
        }
        match self.unsteady(input, &old, limit) {
            Some(difference) => Tried::Unsteady(Box::new(difference)),
            None => Tried::Differ {
                differences: self.described(input, differences),
                raised,
            },
        }
    }

    /// How the old text differs from itself; then a difference from the new one would mean nothing.
    fn unsteady(&mut self, input: &Snapshot, old: &Outcome, limit: Duration) -> Option<Difference> {
        let again = self.engine.run(Side::Old, input, limit);
        let exact = Policy::default();
        let rules = Rules {
            policy: &exact,
            live_out: &self.job.live_out,
            ignored: &self.ignored,
        };
        compare(old, &again, rules).differences.into_iter().next()
    }

    /// What is left of the doubts when the condition of the computation has been measured.
    fn decide(&mut self, input: &Snapshot, old: &Outcome, new: &Outcome, compared: &Compared) -> Vec<Difference> {
        if !compared.differences.is_empty() {
            return compared.differences.clone();
        }
        let mut worst = compared.worst.clone();
        let mut moved: Vec<Outcome> = Vec::new();
        let mut rng = Rng::new(self.job.seed ^ 0x0070_6f6b);
        // An execution that was too long to be repeated is not repeated on moved inputs either.
        let (side, unmoved) = if old.recorded {
            (Side::New, new)
        } else {
            (Side::Old, old)
        };
        // Without moved inputs first: mostly there is no doubt that they would have to settle.
        let rounds: &[usize] = match (compared.doubts.is_empty(), unmoved.seconds < 0.2) {
            (true, _) => &[0],
            (false, true) => &[0, 3, 8],
            (false, false) => &[0, 2],
        };
        let mut open = Vec::new();
        for more in rounds {
            for _ in 0..*more {
                let input = perturb(input, &mut rng);
                moved.push(self.engine.run(side, &input, self.budget + PATIENCE));
            }
            open.clear();
            let evidence = Evidence {
                policy: &self.job.policy,
                input,
                old,
                new,
                unmoved,
                moved: &moved,
            };
            for doubt in &compared.doubts {
                match settle(doubt, evidence) {
                    Ok(distance) => {
                        let name = doubt.path.split(['.', '[']).next().unwrap_or(&doubt.path);
                        worst.entry(name.to_owned()).or_default().join(distance);
                    }
                    Err(difference) => open.push(*difference),
                }
            }
            if open.is_empty() {
                for (name, distance) in worst {
                    self.worst.entry(name).or_default().join(distance);
                }
                break;
            }
        }
        open
    }

    fn described(&self, input: &Snapshot, mut differences: Vec<Difference>) -> Vec<Difference> {
        for difference in &mut differences {
            difference.input = input.label.clone();
            difference.live_in = show_names(&input.names, &input.heap);
        }
        differences
    }

    /// Medians on the captured input that took longest, in alternation.
    fn time(&mut self, timed: Vec<Timed>) -> Option<(f64, f64)> {
        let longest = timed.into_iter().max_by(|a, b| a.old.total_cmp(&b.old))?;
        let input = self.engine.load(longest.capture).ok()?;
        let (mut old, mut new) = (vec![longest.old], vec![longest.new]);
        let started = Instant::now();
        let share = self.budget.mul_f64(TIMING_SHARE);
        let limit = self.budget + Duration::from_secs(2);
        // What was recorded is good enough unless it comes close to the new time, and so is a long run.
        let is_known = longest.recorded && longest.old > CLEARLY * longest.new;
        let alternate = !is_known && longest.old < 0.5 * share.as_secs_f64();
        if alternate && longest.recorded {
            old.clear();
        }
        while new.len() < if alternate { 9 } else { 5 } && started.elapsed() < share {
            if alternate {
                old.push(self.engine.time(Side::Old, &input, limit));
            }
            new.push(self.engine.time(Side::New, &input, limit));
        }
        if old.is_empty() {
            old.push(longest.old);
        }
        Some((median(&mut old), median(&mut new)))
    }
}

fn skipped(outcome: &Outcome) -> Tried {
    Tried::Skipped {
        reason: ended(outcome),
        too_slow: matches!(outcome.ended, Ended::TimedOut),
    }
}

/// Why the loop ends early.
enum Stop {
    Error(String),
    Differ(Vec<Difference>),
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 {
        values[middle]
    } else {
        0.5 * (values[middle - 1] + values[middle])
    }
}

fn size_of(input: &Snapshot) -> usize {
    let buffers = input.heap.buffers.iter().map(|buffer| match buffer {
        Buffer::Bytes(bytes) => bytes.len(),
        Buffer::Objects(values) => values.len() * 32,
    });
    let objects = input.heap.objects.iter().map(|object| match object {
        Object::List(Items::Values(values)) => values.len() * 32,
        Object::List(items) => items.len() * 8,
        Object::Array(_) | Object::Dict(_) | Object::Set(_) => 64,
        Object::Instance(..) | Object::Generator(..) | Object::Opaque(_) => 256,
    });
    buffers.sum::<usize>() + objects.sum::<usize>()
}

#[cfg(test)]
mod tests;
