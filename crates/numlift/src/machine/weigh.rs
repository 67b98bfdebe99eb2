//! Is compiling worth it: against the time that a region takes now, with the array forms that were found in it, and
//! with what the first call costs.
//!
//! ```text
//! 2.6 s in Python ─ array forms ─► 1.9 s now        compiled: 0.02 s and 0.15 s to compile   taken
//! 2.6 s in Python ─ array forms ─► 0.2 s now        compiled: 0.02 s and 0.15 s to compile   the array form stays
//! ```

use std::collections::BTreeSet;

use numlift_region::protocol::{RegionId, RegionSpec};

use crate::check::Evidence;
use crate::hot::Hot;
use crate::project::Project;
use crate::report::{BlockerReport, Outcome, Refused, RegionReport};
use crate::treat::Treated;

/// What a candidate competes with.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// Seconds that its region took in the program.
    pub before: f64,
    /// Seconds that are left of them with the array forms that were found in it.
    pub now: f64,
    has_array_form: bool,
}

impl State {
    pub fn of(hot: &Hot<'_>, inside: &[usize], treated: &[Treated]) -> State {
        let before = hot.watch.seconds;
        State {
            before,
            now: now(before, inside, treated),
            has_array_form: inside.iter().any(|index| saved(&treated[*index]).is_some()),
        }
    }

    /// Whether compiling pays, by the measured factor and what the first call costs.
    pub fn verdict(&self, evidence: &Evidence, min_speedup: f64) -> Result<(), String> {
        let (Some(factor), Some(kernel)) = (evidence.factor, &evidence.kernel) else {
            return Err("compiled code agrees but could not be timed".to_owned());
        };
        let warm = self.before / factor;
        let cold = warm + kernel.first;
        if self.now >= min_speedup * cold {
            return Ok(());
        }
        let (now, first) = (seconds(self.now), seconds(kernel.first));
        Err(match self.has_array_form {
            true => format!(
                "compiled code would take {} and {first} to compile, against {now} with the array form, which stays",
                seconds(warm)
            ),
            false if self.now >= min_speedup * (warm + kernel.again) => format!(
                "compiled code would take {} instead of {now}, and {first} to compile at the first run; from then on it \
                 would pay",
                seconds(warm)
            ),
            false => format!(
                "compiled code would take {} instead of {now}, and {first} to compile",
                seconds(warm)
            ),
        })
    }

    /// What is to be said of the choice.
    pub fn words(&self, evidence: &Evidence) -> Option<String> {
        let warm = self.before / evidence.factor?;
        self.has_array_form.then(|| {
            format!(
                "the array form leaves {}, compiled code {}",
                seconds(self.now),
                seconds(warm)
            )
        })
    }
}

/// Seconds that are left of a region's with the cures inside of it.
pub fn now(before: f64, inside: &[usize], treated: &[Treated]) -> f64 {
    let saved: f64 = inside.iter().filter_map(|index| saved(&treated[*index])).sum();
    (before - saved).max(0.0)
}

/// Seconds that an applied cure saves.
fn saved(treated: &Treated) -> Option<f64> {
    treated.cure.as_ref()?;
    let cure = treated.report.outcome.cure()?;
    Some((cure.before_seconds - cure.after_seconds).max(0.0))
}

/// What is left of the program's time with the cures so far.
pub fn left(total: f64, treated: &[Treated]) -> f64 {
    (total - treated.iter().filter_map(saved).sum::<f64>()).max(0.0)
}

/// The treated regions whose time is part of a region's: in it, or in functions that it reaches.
pub fn inside(treated: &[Treated], project: &Project, spec: &RegionSpec, reached: &BTreeSet<String>) -> Vec<usize> {
    let file = project.shown(&spec.file);
    let lines = spec.start.line..=spec.end.line;
    let is_inside = |report: &RegionReport| {
        let name = report.function.rsplit('.').next().unwrap_or(&report.function);
        let own = report.file == file
            && report.function == spec.function
            && lines.contains(&report.first_line)
            && lines.contains(&report.last_line);
        own || reached.contains(name)
    };
    (0..treated.len())
        .filter(|index| is_inside(&treated[*index].report))
        .collect()
}

/// An array form is mentioned beside the compiled code that took its place when it saved this share.
const NOTEWORTHY: f64 = 0.5;

/// Compiled code takes the place of array forms; what has none has nothing more to say.
pub fn give_way(hot: &Hot<'_>, inside: &[usize], treated: &mut Vec<Treated>) {
    let noteworthy = NOTEWORTHY * hot.watch.seconds;
    for index in inside {
        let region = &mut treated[*index];
        let is_noteworthy = saved(region).is_some_and(|saved| saved >= noteworthy);
        region.cure = None;
        if !is_noteworthy {
            region.report.outcome = Outcome::LeftAlone {
                why: "it is compiled".into(),
            };
        } else if let Some(cure) = region.report.outcome.cure().cloned() {
            region.report.outcome = Outcome::Proposed {
                cure,
                why: "compiled code is faster".to_owned(),
            };
        }
    }
    let mut index = 0;
    treated.retain(|region| {
        let is_inside = inside.contains(&index);
        index += 1;
        !is_inside || region.report.outcome.cure().is_some()
    });
}

/// What stood in the way of an array form of the compiled lines, and rewrites that look like one: still to be told.
pub fn no_array_form(
    spec: &RegionSpec,
    inside: &[usize],
    treated: &[Treated],
    project: &Project,
) -> (Vec<BlockerReport>, Vec<Refused>) {
    let file = project.shown(&spec.file);
    let own = inside.iter().map(|index| &treated[*index].report);
    let own = own.filter(|report| report.file == file && report.function == spec.function);
    let (mut blockers, mut refused) = (Vec::new(), Vec::new());
    for report in own {
        if let Outcome::Blocked { blockers: found } = &report.outcome {
            blockers.extend(found.iter().cloned());
            refused.extend(report.refused.iter().cloned());
        }
    }
    (blockers, refused)
}

/// Why the region is not compiled, where that is told: at what is told of it already, else by itself.
pub fn say_why_not(id: RegionId, inside: &[usize], treated: &mut Vec<Treated>, why: &str, report: RegionReport) {
    let is_own = |told: &RegionReport| told.file == report.file && told.function == report.function;
    let mut own = inside.iter().filter(|index| is_own(&treated[**index].report));
    match own.next() {
        Some(index) => treated[*index].report.not_compiled = Some(why.to_owned()),
        None => treated.push(Treated {
            id,
            report: RegionReport {
                outcome: Outcome::LeftAlone {
                    why: format!("not compiled: {why}").into(),
                },
                ..report
            },
            cure: None,
        }),
    }
}

/// `1.9 s`, `12 ms`.
fn seconds(seconds: f64) -> String {
    match seconds {
        long if long >= 1.0 => format!("{long:.1} s"),
        short if short >= 1e-3 => format!("{:.0} ms", short * 1e3),
        tiny => format!("{:.2} ms", tiny * 1e3),
    }
}
