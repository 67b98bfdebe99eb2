//! Curing one region after the other, by time, while there is time to check.
//!
//! For each: ask for cures, check them best first, keep the first that agrees and gains enough. Where the region as a
//! whole has none, the regions inside it are treated.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use numlift_region::protocol::{RegionId, RegionSpec};
use numlift_source::text::SourceText;

use crate::calls::Calls;
use crate::check::{Checked, Evidence, check, refute};
use crate::cure::{Cure, CureSettings, Discharge, Finding, Strength};
use crate::describe;
use crate::edits;
use crate::error::Error;
use crate::hot::Hot;
use crate::left::Left;
use crate::observer::Progress;
use crate::report::{Outcome, Reason, Refused, RegionReport};
use crate::session::{self, Session};

/// A region and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Treated {
    pub id: RegionId,
    pub report: RegionReport,
    /// To be applied.
    pub cure: Option<Cure>,
}

impl Treated {
    /// Whether the regions inside are none of the session's business.
    fn is_settled(&self) -> bool {
        is_settled(self.cure.as_ref(), &self.report)
    }
}

fn is_settled(cure: Option<&Cure>, report: &RegionReport) -> bool {
    cure.is_some() || matches!(report.outcome, Outcome::AlreadyFast { .. })
}

/// What treating needs; one for a session.
pub struct Treatment<'s, 'a> {
    pub session: &'s mut Session<'a>,
    pub settings: CureSettings,
    /// Regions that were asked for are treated however short they are.
    pub asked_for: bool,
    /// What is left of the program's time with the cures so far.
    pub left: Left,
}

/// At most so many candidates are checked for a region; each costs a run of it.
const CANDIDATES: usize = 4;

/// The verifier looks at the clock between inputs, so it gets a little less than there is.
const SPARE: f64 = 0.8;

/// Of a region's time for checking, what a tempting rewrite may take.
const TEMPTING: f64 = 0.25;

/// Seconds that a tempting rewrite may take.
const AT_MOST_TEMPTING: f64 = 1.0;

impl Treatment<'_, '_> {
    /// Treats all of `hot`; those cured, and what is to be said of the others, by time.
    pub fn all(&mut self, hot: &[Hot<'_>]) -> Result<Vec<Treated>, Error> {
        let mut treated = Vec::new();
        let mut share_ahead: f64 = hot.iter().map(|region| region.share).sum();
        for (index, region) in hot.iter().enumerate() {
            let part = if share_ahead > 0.0 {
                region.share / share_ahead
            } else {
                1.0
            };
            share_ahead -= region.share;
            let is_last = hot[index + 1..].iter().all(|later| self.is_short(later));
            // However much time the first one takes, something is left for those after it.
            let part = if is_last { 1.0 } else { part.clamp(0.25, 0.6) };
            self.region(region, part, &mut treated)?;
        }
        for region in hot {
            self.late(region, &mut treated)?;
        }
        treated.sort_by(|a, b| b.report.seconds.total_cmp(&a.report.seconds));
        self.share_out(&mut treated);
        if !self.asked_for {
            // A loop around cured regions is only mentioned when it takes time of its own; one that nothing cures, when
            // it matters in the time that is left.
            let left = &self.left;
            treated.retain(|region| is_worth_telling(region) || left.is_worth_curing(region.report.own_seconds));
        }
        Ok(treated)
    }

    /// Treats what was short beside what is cured now, and matters in the time that is left: else a second session
    /// would.
    fn late(&mut self, hot: &Hot<'_>, treated: &mut Vec<Treated>) -> Result<(), Error> {
        if !self.is_short(hot) && self.left.take(hot.spec.id) {
            let regions = hot.all();
            treated.retain(|told| !regions.contains(&told.id));
            return self.region(hot, 0.5, treated);
        }
        if treated.iter().any(|told| told.id == hot.spec.id && told.is_settled()) {
            return Ok(());
        }
        for inner in &hot.inner {
            self.late(inner, treated)?;
        }
        Ok(())
    }

    fn is_short(&self, hot: &Hot<'_>) -> bool {
        !self.asked_for && !self.left.is_worth_curing(hot.watch.seconds)
    }

    /// Says how much of each region's time is its own: not in another one that was treated, inside of it or in a
    /// function that it calls.
    fn share_out(&self, treated: &mut [Treated]) {
        let calls = Calls::of(self.session.project.sources.values());
        let reachable: Vec<BTreeSet<String>> = treated
            .iter()
            .map(|region| calls.reachable(&region.report.source))
            .collect();
        let holds = |outer: usize, inner: usize| {
            outer != inner && contains(&treated[outer].report, &reachable[outer], &treated[inner].report)
        };
        let inside: Vec<Vec<usize>> = (0..treated.len())
            .map(|outer| {
                let all = 0..treated.len();
                all.filter(|inner| holds(outer, *inner) && !holds(*inner, outer))
                    .collect()
            })
            .collect();
        // What holds fewer others is inside of what holds more.
        let mut order: Vec<usize> = (0..treated.len()).collect();
        order.sort_by_key(|index| inside[*index].len());
        for index in order {
            let elsewhere: f64 = inside[index]
                .iter()
                .map(|inner| treated[*inner].report.own_seconds)
                .sum();
            let report = &mut treated[index].report;
            report.own_seconds = (report.seconds - elsewhere).max(0.0);
        }
    }

    /// Treats one region, or else those inside it; `part` of the time left is its own.
    fn region(&mut self, hot: &Hot<'_>, part: f64, treated: &mut Vec<Treated>) -> Result<(), Error> {
        if hot.spec.timed_only {
            self.array_expression(hot, treated);
            return Ok(());
        }
        if !self.left.is_worth_a_word(hot.watch.seconds) && !self.asked_for {
            self.left.pass_over(hot.spec.id);
            return Ok(());
        }
        let Some(source) = self.session.project.sources.get(&hot.spec.file) else {
            return Ok(());
        };
        let mut report = describe::region(hot, source, self.session.project);
        // Why a loop stays is soon said; only a cure takes time to check.
        let is_late = self.session.budget.left() <= 0.0;
        self.session.observer.progress(Progress::Curing {
            place: &session::place(&report),
        });
        let mut cure = None;
        match self.find(hot.spec, source, hot) {
            Err(panic) => report.outcome = Outcome::LeftAlone { why: panic.into() },
            Ok(Finding::AlreadyFast(why)) => report.outcome = Outcome::AlreadyFast { why },
            Ok(Finding::Blocked(blockers)) => {
                let shown = blockers
                    .iter()
                    .map(|blocker| describe::blocker(blocker, self.session.project))
                    .collect();
                report.outcome = Outcome::Blocked { blockers: shown };
                if !is_late {
                    report.refused.extend(self.tempt(hot, source, part)?);
                }
            }
            Ok(Finding::Cures(cures)) if self.is_short(hot) => {
                self.left.pass_over(hot.spec.id);
                let why = cures.first().map_or("short", |cure| cure.why.as_str());
                report.outcome = Outcome::LeftAlone {
                    why: format!("{why}, too short to matter").into(),
                };
            }
            Ok(Finding::Cures(_)) if is_late => {
                let why = "no time was left to check a cure of it".to_string();
                report.outcome = Outcome::LeftAlone { why: why.into() };
                let id = hot.spec.id;
                treated.push(Treated { id, report, cure });
                return Ok(());
            }
            Ok(Finding::Cures(cures)) => {
                cure = self.best(hot, source, cures, part, &mut report)?;
                if cure.is_some() {
                    report.refused.extend(self.tempt(hot, source, part)?);
                }
            }
        }
        let inside = treated.len();
        if !is_settled(cure.as_ref(), &report) {
            for inner in &hot.inner {
                self.region(inner, part / hot.inner.len() as f64, treated)?;
            }
        }
        if matches!(&report.outcome, Outcome::Blocked { blockers } if !blockers.is_empty()) {
            // What blocks the loops inside is among what blocks the whole.
            let told: Vec<Treated> = treated.drain(inside..).filter(is_worth_telling).collect();
            treated.extend(told);
        }
        treated.push(Treated {
            id: hot.spec.id,
            report,
            cure,
        });
        Ok(())
    }

    /// Says of an array expression that it is fast already, if it is one.
    fn array_expression(&mut self, hot: &Hot<'_>, treated: &mut Vec<Treated>) {
        let Some(source) = self.session.project.sources.get(&hot.spec.file) else {
            return;
        };
        if let Ok(Finding::AlreadyFast(why)) = self.find(hot.spec, source, hot) {
            let mut report = describe::region(hot, source, self.session.project);
            report.outcome = Outcome::AlreadyFast { why };
            treated.push(Treated {
                id: hot.spec.id,
                report,
                cure: None,
            });
        }
    }

    /// Asks the curer; a mistake of numlift's own in one region does not end the session.
    fn find(&self, spec: &RegionSpec, source: &SourceText, hot: &Hot<'_>) -> Result<Finding, String> {
        catch_unwind(AssertUnwindSafe(|| {
            self.session.curer.cure(spec, source, hot.watch, &self.settings)
        }))
        .map_err(|panic| {
            let message = panic.downcast_ref::<String>().map(String::as_str);
            let message = message
                .or_else(|| panic.downcast_ref::<&str>().copied())
                .unwrap_or("no message");
            format!(
                "internal error of numlift: {}",
                message.lines().next().unwrap_or_default()
            )
        })
    }

    /// The first candidate that agrees and gains enough; the outcome says why there is none.
    fn best(
        &mut self,
        hot: &Hot<'_>,
        source: &SourceText,
        cures: Vec<Cure>,
        part: f64,
        report: &mut RegionReport,
    ) -> Result<Option<Cure>, Error> {
        if let Some(why) = self.session.why_not_run(hot) {
            report.outcome = Outcome::LeftAlone { why: why.into() };
            return Ok(None);
        }
        let mut proposed = None;
        let exact = self.settings.exact;
        if exact && cures.iter().all(|cure| cure.strength == Strength::Rounding) {
            let why = "its rewrites round differently, and --exact was given".to_string();
            report.outcome = Outcome::LeftAlone { why: why.into() };
            return Ok(None);
        }
        let candidates = cures
            .into_iter()
            .filter(|cure| !exact || cure.strength == Strength::Exact);
        for (tried, cure) in candidates.take(CANDIDATES).enumerate() {
            if let Err(error) = edits::apply(&self.session.project.sources, &[&cure]) {
                report.outcome = Outcome::LeftAlone {
                    why: error.to_string().into(),
                };
                continue;
            }
            if self.session.budget.left() <= 0.0 {
                if tried == 0 {
                    let why = "no time was left to check a cure".to_string();
                    report.outcome = Outcome::LeftAlone { why: why.into() };
                }
                break;
            }
            match self.check(hot, source, &cure, part, report)? {
                Checked::Differs(refused) => {
                    let why = format!("the rewrite `{}` would change {}", refused.form, refused.what);
                    report.outcome = Outcome::LeftAlone { why: why.into() };
                    report.refused.push(refused);
                }
                Checked::Unknown(why) => {
                    let text = format!("no verdict on `{}`: {}", cure.form, why.text);
                    report.outcome = Outcome::LeftAlone {
                        why: Reason {
                            text,
                            detail: why.detail,
                        },
                    };
                }
                Checked::Agrees(evidence) => match self.accept(&cure, &evidence) {
                    Err(why) => report.outcome = Outcome::LeftAlone { why: why.into() },
                    Ok(()) => {
                        let shown = describe::cure(&cure, &evidence, hot.watch.seconds, self.session.project);
                        if cure.is_applicable() {
                            self.left.cured(hot.watch.seconds, evidence.factor.unwrap_or(1.0));
                            report.outcome = Outcome::Cured { cure: shown };
                            return Ok(Some(cure));
                        }
                        proposed.get_or_insert((shown, only_observed(&cure)));
                    }
                },
            }
        }
        if let Some((cure, why)) = proposed {
            report.outcome = Outcome::Proposed { cure, why };
        }
        Ok(None)
    }

    fn accept(&self, cure: &Cure, evidence: &Evidence) -> Result<(), String> {
        match evidence.factor {
            None => Err(format!("`{}` agrees but could not be timed", cure.form)),
            Some(factor) if factor < self.session.config.min_speedup => {
                Err(format!("`{}` gains only {factor:.2}x", cure.form))
            }
            Some(_) => Ok(()),
        }
    }

    fn check(
        &mut self,
        hot: &Hot<'_>,
        source: &SourceText,
        cure: &Cure,
        part: f64,
        report: &RegionReport,
    ) -> Result<Checked, Error> {
        self.session.observer.progress(Progress::Checking {
            place: &session::place(report),
            form: &cure.form,
        });
        let seconds = self.session.budget.left() * part * SPARE;
        let subject = self.session.subject(hot, source, report);
        check(&subject, cure, seconds, self.session.worker)
    }

    /// Shows where a rewrite that looks right differs, while there is time.
    fn tempt(&mut self, hot: &Hot<'_>, source: &SourceText, part: f64) -> Result<Option<Refused>, Error> {
        let seconds = (self.session.budget.left() * part * SPARE * TEMPTING).min(AT_MOST_TEMPTING);
        if self.is_short(hot) || seconds <= 0.0 || self.session.why_not_run(hot).is_some() {
            return Ok(None);
        }
        let curer = AssertUnwindSafe(|| self.session.curer.tempting(hot.spec, source, hot.watch));
        let Ok(Some(cure)) = catch_unwind(curer) else {
            return Ok(None);
        };
        let report = describe::region(hot, source, self.session.project);
        let subject = self.session.subject(hot, source, &report);
        match refute(&subject, &cure, seconds, self.session.worker)? {
            Checked::Differs(difference) => Ok(Some(difference)),
            Checked::Agrees(_) | Checked::Unknown(_) => Ok(None),
        }
    }
}

/// Whether one region's time holds another's.
fn contains(outer: &RegionReport, calls: &BTreeSet<String>, inner: &RegionReport) -> bool {
    let nested = outer.file == inner.file
        && outer.function == inner.function
        && outer.first_line <= inner.first_line
        && inner.last_line <= outer.last_line;
    let name = inner.function.rsplit('.').next().unwrap_or(&inner.function);
    nested || calls.contains(name)
}

/// It adds something to what is said of the region around it.
fn is_worth_telling(treated: &Treated) -> bool {
    match &treated.report.outcome {
        Outcome::Cured { .. } | Outcome::Proposed { .. } | Outcome::Demoted { .. } | Outcome::AlreadyFast { .. } => {
            true
        }
        Outcome::Blocked { .. } | Outcome::LeftAlone { .. } => !treated.report.refused.is_empty(),
    }
}

fn only_observed(cure: &Cure) -> String {
    let texts = cure
        .conditions
        .iter()
        .filter(|condition| condition.discharge == Discharge::Observed);
    let texts: Vec<&str> = texts.map(|condition| condition.text.as_str()).collect();
    format!("only observed, not proven: {}", texts.join("; "))
}
