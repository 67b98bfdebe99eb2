//! Compiling as a cure: what has no array form becomes machine code, and what has one is held against it.
//!
//! ```text
//! functions, by the time that they still take        def total(x): …       =>   @jit
//!      │ decorate, check, measure                                               def total(x): …
//!      ▼
//! loops that no compiled function holds, the same    for v in x: …         =>   @jit
//!      │ outline, check, measure                                                def compute_s(x): …
//!      ▼                                                                        s = compute_s(x)
//! compiled │ array form │ left as it is
//! ```
//!
//! Compiling is paid for: a cure counts with what the first call takes where nothing is in the cache. An array form
//! that is as fast within the noise stays, since it needs nobody's compiler.

mod decorate;
mod outlined;
mod weigh;

use std::collections::BTreeSet;
use std::path::PathBuf;

use numlift_region::protocol::RegionSpec;
use numlift_source::module::Module;
use numlift_source::project::ProjectNames;
use numlift_verify::job::Compiler;

use crate::calls::Calls;
use crate::check::{Checked, Evidence, check};
use crate::cure::{Announced, Cure, Strength};
use crate::describe;
use crate::edits;
use crate::error::Error;
use crate::hot::Hot;
use crate::observer::Progress;
use crate::project::Project;
use crate::report::{Outcome, RegionReport};
use crate::session::Session;
use crate::treat::Treated;

/// What compiling needs; one for a session.
pub struct Machine<'s, 'a> {
    pub session: &'s mut Session<'a>,
    pub compiler: Compiler,
}

/// Seconds that compiling and loading take at the least, so nothing shorter repays it.
const LEAST: f64 = 0.1;

/// Nor does what is less than this share of what is left of the program's time.
const SHARE: f64 = 0.02;

/// Of the time for checking, what one candidate may take.
const PART: f64 = 0.5;

/// Seconds of a candidate that is checked even when no time is left for checking, and at most so many count.
const MATTERS: f64 = 0.4;
const AT_MOST: f64 = 10.0;

/// The share of a candidate's time that has to be left for it to be told of.
const MOSTLY: f64 = 0.5;

/// What is known while candidates are tried.
struct Known {
    linked: ProjectNames,
    calls: Calls,
    /// Functions that are compiled, or run inside of one that is.
    covered: BTreeSet<(PathBuf, String)>,
    /// The name of each function that a compiled one may call.
    reached: BTreeSet<String>,
    failures: Vec<Failure>,
}

/// A candidate that was not taken.
struct Failure {
    spec: RegionSpec,
    report: RegionReport,
    why: String,
    reached: BTreeSet<String>,
}

impl Machine<'_, '_> {
    /// Compiles what that pays for among the functions and the loops, and says so in `treated`.
    pub fn all(&mut self, functions: &[Hot<'_>], loops: &[Hot<'_>], treated: &mut Vec<Treated>) -> Result<(), Error> {
        let mut known = Known {
            linked: self.session.project.linked(),
            calls: Calls::of(self.session.project.sources.values()),
            covered: BTreeSet::new(),
            reached: BTreeSet::new(),
            failures: Vec::new(),
        };
        for function in functions {
            self.function(function, &mut known, treated)?;
        }
        for region in loops {
            self.region(region, &mut known, treated)?;
        }
        self.tell_failures(&known, treated);
        treated.sort_by(|a, b| b.report.seconds.total_cmp(&a.report.seconds));
        Ok(())
    }

    fn function(&mut self, hot: &Hot<'_>, known: &mut Known, treated: &mut Vec<Treated>) -> Result<(), Error> {
        let spec = hot.spec;
        let name = spec.function.rsplit('.').next().unwrap_or(&spec.function);
        if known.reached.contains(name) {
            return Ok(());
        }
        let Some((module, source)) = module_of(self.session.project, &known.linked, spec) else {
            return Ok(());
        };
        let Some(cure) = decorate::cure(module, spec, self.compiler, self.session.config.exact) else {
            return Ok(());
        };
        let reached = known
            .calls
            .reachable(&describe::region(hot, source, self.session.project).source);
        let inside = weigh::inside(treated, self.session.project, spec, &reached);
        match self.tried(hot, cure, &inside, &known.linked, treated)? {
            Tried::Taken => {
                known.covered.insert((spec.file.clone(), spec.function.clone()));
                known.reached.insert(name.to_owned());
                known.reached.extend(reached);
            }
            Tried::Failed(why) => known.failures.push(Failure {
                spec: spec.clone(),
                report: describe::region(hot, source, self.session.project),
                why,
                reached,
            }),
            Tried::Passed => {}
        }
        Ok(())
    }

    /// Why something was not compiled is told where it still takes time with all that was, and most of its time.
    fn tell_failures(&self, known: &Known, treated: &mut Vec<Treated>) {
        for failure in &known.failures {
            let inside = weigh::inside(treated, self.session.project, &failure.spec, &failure.reached);
            let now = weigh::now(failure.report.seconds, &inside, treated);
            if now >= self.least(treated).max(MOSTLY * failure.report.seconds) {
                weigh::say_why_not(failure.spec.id, &inside, treated, &failure.why, failure.report.clone());
            }
        }
    }

    /// Seconds for checking a candidate that now takes so many. However long those before it took, one that takes
    /// much of the program's time gets a part of that.
    fn seconds_for(&self, now: f64) -> f64 {
        let left = self.session.budget.left() * PART;
        match self.session.config.timeout {
            Some(_) => left,
            None if now >= MATTERS => left.max(PART * now.min(AT_MOST)),
            None => left,
        }
    }

    /// Seconds that a candidate has to take.
    fn least(&self, treated: &[Treated]) -> f64 {
        LEAST.max(SHARE * weigh::left(self.session.watched.report.outcome.seconds, treated))
    }

    /// A loop that is in no compiled function, or else those in it.
    fn region(&mut self, hot: &Hot<'_>, known: &mut Known, treated: &mut Vec<Treated>) -> Result<(), Error> {
        let spec = hot.spec;
        if spec.timed_only || known.covered.contains(&(spec.file.clone(), spec.function.clone())) {
            return Ok(());
        }
        let Some((module, source)) = module_of(self.session.project, &known.linked, spec) else {
            return Ok(());
        };
        let report = describe::region(hot, source, self.session.project);
        let name = spec.function.rsplit('.').next().unwrap_or(&spec.function);
        if known.reached.contains(name) {
            return Ok(());
        }
        if let Some(cure) = outlined::cure(module, spec, self.compiler, self.session.config.exact) {
            let reached = known.calls.reachable(&report.source);
            let inside = weigh::inside(treated, self.session.project, spec, &reached);
            match self.tried(hot, cure, &inside, &known.linked, treated)? {
                Tried::Taken => {
                    known.reached.extend(reached);
                    return Ok(());
                }
                Tried::Failed(why) => known.failures.push(Failure {
                    spec: spec.clone(),
                    report,
                    why,
                    reached,
                }),
                Tried::Passed => {}
            }
        }
        for inner in &hot.inner {
            self.region(inner, known, treated)?;
        }
        Ok(())
    }

    /// Checks one candidate and weighs it against what is there. `inside` are the treated regions
    /// whose time is part of its own.
    fn tried(
        &mut self,
        hot: &Hot<'_>,
        cure: Cure,
        inside: &[usize],
        linked: &ProjectNames,
        treated: &mut Vec<Treated>,
    ) -> Result<Tried, Error> {
        let state = weigh::State::of(hot, inside, treated);
        let seconds = self.seconds_for(state.now);
        if state.now < self.least(treated) || seconds <= 0.0 {
            return Ok(Tried::Passed);
        }
        let Some(source) = self.session.project.sources.get(&hot.spec.file) else {
            return Ok(Tried::Passed);
        };
        let mut report = describe::region(hot, source, self.session.project);
        if self.session.why_not_run(hot).is_some() || edits::apply(&self.session.project.sources, &[&cure]).is_err() {
            return Ok(Tried::Passed);
        }
        let checked = self.checked(hot, &report, cure, seconds)?;
        let (mut cure, evidence) = match checked {
            Ok(checked) => checked,
            Err(why) => return Ok(Tried::Failed(why)),
        };
        match state.verdict(&evidence, self.session.config.min_speedup) {
            Err(why) => Ok(Tried::Failed(why)),
            Ok(()) => {
                if let Some((module, _)) = module_of(self.session.project, linked, hot.spec) {
                    let native = evidence.kernel.as_ref().and_then(|kernel| kernel.native.as_deref());
                    decorate::hand_over(&mut cure, module, hot.spec, native);
                }
                let mut shown = describe::cure(&cure, &evidence, hot.watch.seconds, self.session.project);
                shown.evidence.extend(state.words(&evidence));
                let (blockers, refused) = weigh::no_array_form(hot.spec, inside, treated, self.session.project);
                if let Some(compiled) = &mut shown.compiled {
                    compiled.blockers = blockers;
                }
                report.refused = refused;
                report.outcome = Outcome::Cured { cure: shown };
                weigh::give_way(hot, inside, treated);
                treated.push(Treated {
                    id: hot.spec.id,
                    report,
                    cure: Some(cure),
                });
                Ok(Tried::Taken)
            }
        }
    }

    /// Old against new. Where they differ in warnings only, that is announced.
    fn checked(
        &mut self,
        hot: &Hot<'_>,
        report: &RegionReport,
        cure: Cure,
        seconds: f64,
    ) -> Result<Result<(Cure, Evidence), String>, Error> {
        let mut cure = cure;
        cure.facts = self.session.curer.facts(hot.spec, hot.watch);
        if cure.strength == Strength::Rounding {
            cure.rel_bound = ROUNDING;
        }
        for announced in [None, Some(warnings())] {
            cure.announced.extend(announced);
            self.session.observer.progress(Progress::Checking {
                place: &report.first_line.to_string(),
                form: &cure.form,
            });
            let Some(source) = self.session.project.sources.get(&hot.spec.file) else {
                break;
            };
            let subject = self.session.subject(hot, source, report);
            match check(&subject, &cure, seconds, self.session.worker)? {
                Checked::Agrees(evidence) => return Ok(Ok((cure, *evidence))),
                Checked::Unknown(why) => return Ok(Err(why.to_string())),
                Checked::Differs(refused) if refused.what == "the warnings" => {}
                Checked::Differs(refused) => {
                    return Ok(Err(format!("compiled code would change {}", refused.what)));
                }
            }
        }
        Ok(Err("compiled code would change the warnings".to_owned()))
    }
}

/// What became of a candidate.
enum Tried {
    Taken,
    /// It was checked, and is no cure.
    Failed(String),
    /// It is not worth a check, or cannot be had.
    Passed,
}

/// Elementary functions differ by an ulp, and what is computed from them by a little more.
const ROUNDING: f64 = 1e-12;

fn warnings() -> Announced {
    Announced {
        text: "compiled code may warn of floating-point events less often, or once where Python warns at another place"
            .to_owned(),
        allow: vec![numlift_verify::job::Allow::Warnings],
    }
}

/// The module that a region stands in.
fn module_of<'m>(
    project: &'m Project,
    linked: &'m ProjectNames,
    spec: &RegionSpec,
) -> Option<(&'m Module, &'m numlift_source::text::SourceText)> {
    let place = project.sources.keys().position(|file| *file == spec.file)?;
    let (_, module) = linked.modules().nth(place)?;
    Some((module, project.sources.get(&spec.file)?))
}
