//! The stages in order.
//!
//! ```text
//! read → watch → hot → treat (cure, check) → confirm (the whole program) → report
//! ```
//!
//! Nothing of the user's is written here: the result says what the files would become, and the caller decides.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use numlift_region::protocol::{Ended, RegionId, RegionSpec};
use numlift_source::text::SourceText;

use crate::check::Budget;
use crate::config::{Config, Target};
use crate::confirm::Confirmation;
use crate::cure::{Cure, CureSettings, MakeCurer};
use crate::describe;
use crate::edits;
use crate::error::Error;
use crate::hot;
use crate::left::Left;
use crate::machine::Machine;
use crate::memory;
use crate::observer::{Choice, Observer, Progress};
use crate::project::Project;
use crate::report::{Ceiling, Checked, FileReport, Outcome, Report, SCHEMA, Spent, Watched as WatchedReport, Whole};
use crate::session::Session;
use crate::treat::{Treated, Treatment};
use crate::undo::Replacement;
use crate::watch::{self, Watched, shown_program};
use crate::worker::{Worker, require_numba};

/// Everything that acts on the stages' behalf.
pub struct Actors<'a> {
    /// Makes the curer when the project is known.
    pub curer: MakeCurer<'a>,
    pub worker: &'a mut dyn Worker,
    pub observer: &'a mut dyn Observer,
}

/// What `optimize` gives.
#[derive(Debug)]
pub struct Optimized {
    pub report: Report,
    /// What the edited files become.
    pub replacements: Vec<Replacement>,
    pub project: Project,
    pub watched: Watched,
    /// The applied cures with their regions, for tests.
    pub applied: Vec<Applied>,
}

/// An applied cure.
#[derive(Debug, Clone, PartialEq)]
pub struct Applied {
    pub spec: RegionSpec,
    pub cure: Cure,
}

/// Reads, watches and optimizes a program.
pub fn optimize(config: &Config, actors: &mut Actors<'_>) -> Result<Optimized, Error> {
    let deadline = config
        .timeout
        .map(|seconds| Instant::now() + Duration::from_secs_f64(seconds));
    let (project, watched) = observe(config, actors)?;
    optimize_watched(config, project, watched, deadline, actors)
}

/// Reads and watches a program; it has to run by itself.
pub fn observe(config: &Config, actors: &mut Actors<'_>) -> Result<(Project, Watched), Error> {
    actors.observer.progress(Progress::Reading);
    if config.target == Target::Numba {
        require_numba(&config.python)?;
    }
    let project = Project::read(&config.program)?;
    let (regions, not_regions) = project.discover();
    hot::require_meant(&regions, &config.only, &project)?;
    let observer = &mut *actors.observer;
    let mut tick = |seconds: f64| observer.progress(Progress::Watching { seconds });
    let mut watched = watch::watch(config, regions, actors.worker, &mut tick)?;
    watch::require_success(config, &watched)?;
    watched.not_regions = not_regions;
    Ok((project, watched))
}

/// Cures, checks and confirms what was watched.
pub fn optimize_watched(
    config: &Config,
    project: Project,
    watched: Watched,
    deadline: Option<Instant>,
    actors: &mut Actors<'_>,
) -> Result<Optimized, Error> {
    let hot = hot::restrict(hot::by_time(&watched), &config.only, &project)?;
    let max_memory = config.max_memory.unwrap_or_else(memory::default_limit);
    let mut spent = Spent {
        watching: watched.spent,
        ..Spent::default()
    };
    let started = Instant::now();
    let budget = Budget::new(watched.report.outcome.seconds, deadline);
    let curer = (actors.curer)(&project);
    let mut session = Session {
        config,
        project: &project,
        watched: &watched,
        curer: &*curer,
        worker: &mut *actors.worker,
        observer: &mut *actors.observer,
        max_memory,
        budget,
    };
    let mut treated = Treatment {
        settings: CureSettings {
            exact: config.exact,
            max_memory,
        },
        asked_for: !config.only.is_empty(),
        left: Left::of(watched.report.outcome.seconds),
        session: &mut session,
    }
    .all(&hot)?;
    if let Some(compiler) = config.target.compiler() {
        let functions = hot::meant(hot::functions(&watched), &config.only, &project);
        session.budget = Budget::new(watched.report.outcome.seconds, deadline);
        Machine {
            session: &mut session,
            compiler,
        }
        .all(&functions, &hot, &mut treated)?;
    }
    drop(hot);
    spent.checking = started.elapsed().as_secs_f64();
    let specs = watched.regions.clone();
    drop_overlapping(&mut treated, &project);
    drop_costly_import(&mut treated, &watched);
    choose(&mut treated, &mut *actors.observer);
    let started = Instant::now();
    let whole = confirm(config, &project, &watched, deadline, &mut treated, actors)?;
    spent.confirming = started.elapsed().as_secs_f64();
    actors.observer.progress(Progress::Done);

    let cures: Vec<&Cure> = treated.iter().filter_map(|region| region.cure.as_ref()).collect();
    let changed = edits::apply(&project.sources, &cures).map_err(|error| Error::Worker(error.to_string()))?;
    let files = changed.iter().map(|(path, new)| FileReport {
        path: project.shown(path),
        diff: describe::file_diff(path, new, &project),
    });
    let files = files.collect();
    let replacements = changed
        .iter()
        .map(|(path, new)| replacement(path.clone(), new, &project))
        .collect();
    let applied = treated
        .iter()
        .filter_map(|region| {
            Some(Applied {
                spec: spec_of(&specs, region)?,
                cure: region.cure.clone()?,
            })
        })
        .collect();
    let report = report(config, &project, &watched, treated, (whole, spent), files);
    Ok(Optimized {
        report,
        replacements,
        project,
        watched,
        applied,
    })
}

/// Two cures that change the same text cannot both be applied; the one that saves less goes.
fn drop_overlapping(treated: &mut [Treated], project: &Project) {
    let mut kept: Vec<Cure> = Vec::new();
    for region in treated {
        let Some(cure) = region.cure.clone() else { continue };
        kept.push(cure);
        let all: Vec<&Cure> = kept.iter().collect();
        if let Err(error) = edits::apply(&project.sources, &all) {
            kept.pop();
            withdraw(region, |cure| Outcome::Proposed {
                cure,
                why: error.to_string(),
            });
        }
    }
}

/// Seconds that `import numpy` takes, more or less.
const IMPORTING_NUMPY: f64 = 0.1;

/// Where the program does without NumPy, the cures together must save more than importing it takes.
fn drop_costly_import(treated: &mut [Treated], watched: &Watched) {
    let is_new = watched.report.numpy.is_empty();
    let imports = |region: &Treated| region.cure.as_ref().is_some_and(|cure| !cure.imports.is_empty());
    let cures = treated.iter().filter(|region| imports(region));
    let saved: f64 = cures
        .filter_map(|region| region.report.outcome.cure())
        .map(|cure| cure.before_seconds - cure.after_seconds)
        .sum();
    if !is_new || saved > IMPORTING_NUMPY {
        return;
    }
    for region in treated.iter_mut().filter(|region| imports(region)) {
        withdraw(region, |cure| Outcome::Proposed {
            cure,
            why: "importing NumPy, which the program does without, takes longer than its cures save".to_string(),
        });
    }
}

/// Asks about each cure, the largest first.
fn choose(treated: &mut [Treated], observer: &mut dyn Observer) {
    let mut quit = false;
    for region in treated.iter_mut().filter(|region| region.cure.is_some()) {
        let choice = if quit {
            Choice::Quit
        } else {
            observer.choose(&region.report)
        };
        quit = choice == Choice::Quit;
        match choice {
            Choice::Apply => {}
            Choice::Skip | Choice::Quit => {
                withdraw(region, |cure| Outcome::Proposed {
                    cure,
                    why: "not wanted".to_string(),
                });
            }
        }
    }
}

/// Runs the whole program; cures that move its output are taken back.
fn confirm(
    config: &Config,
    project: &Project,
    watched: &Watched,
    deadline: Option<Instant>,
    treated: &mut [Treated],
    actors: &mut Actors<'_>,
) -> Result<Whole, Error> {
    let places: Vec<usize> = (0..treated.len())
        .filter(|index| treated[*index].cure.is_some())
        .collect();
    let cures: Vec<Cure> = treated.iter().filter_map(|region| region.cure.clone()).collect();
    let cures: Vec<&Cure> = cures.iter().collect();
    let mut confirmation = Confirmation {
        config,
        project,
        watched,
        worker: &mut *actors.worker,
        deadline,
        observer: &mut *actors.observer,
    };
    let confirmed = confirmation.whole_program(&cures)?;
    for (culprit, why) in confirmed.culprits {
        withdraw(&mut treated[places[culprit]], |cure| Outcome::Demoted { cure, why });
    }
    Ok(confirmed.whole)
}

fn withdraw(region: &mut Treated, outcome: impl FnOnce(crate::report::CureReport) -> Outcome) {
    region.cure = None;
    if let Some(cure) = region.report.outcome.cure().cloned() {
        region.report.outcome = outcome(cure);
    }
}

fn spec_of(specs: &[RegionSpec], region: &Treated) -> Option<RegionSpec> {
    specs.iter().find(|spec| spec.id == region.id).cloned()
}

fn replacement(path: PathBuf, new: &SourceText, project: &Project) -> Replacement {
    let before = project.sources.get(&path).map(SourceText::to_bytes).unwrap_or_default();
    Replacement {
        path,
        before,
        after: new.to_bytes(),
    }
}

fn report(
    config: &Config,
    project: &Project,
    watched: &Watched,
    treated: Vec<Treated>,
    (whole, spent): (Whole, Spent),
    files: Vec<FileReport>,
) -> Report {
    let outcome = &watched.report.outcome;
    let mut notes = notes(watched, project);
    if let Whole::Ran {
        before_seconds,
        after_seconds,
        ..
    } = &whole
        && after_seconds > before_seconds
    {
        notes.push("the whole program took no less time, although its parts did; was the machine busy?".to_string());
    }
    let timed_only: BTreeSet<RegionId> = watched
        .regions
        .iter()
        .filter(|spec| spec.timed_only || spec.body_of.is_some())
        .map(|spec| spec.id)
        .collect();
    let ceiling = ceiling(outcome.seconds, &treated, &whole);
    let regions: Vec<_> = treated.into_iter().map(|region| region.report).collect();
    Report {
        schema: SCHEMA,
        numlift: env!("CARGO_PKG_VERSION").to_string(),
        python: watched.report.python.clone(),
        numpy: watched.report.numpy.clone(),
        program: shown_program(config),
        watched: WatchedReport {
            seconds: outcome.seconds,
            ended: outcome.ended,
            exit_code: outcome.exit_code,
            traceback: outcome.traceback.clone(),
            capture_seconds: outcome.capture_seconds,
            regions_seen: watched
                .report
                .regions
                .iter()
                .filter(|region| region.entries > 0 && !timed_only.contains(&region.id))
                .count() as u32,
        },
        checked: checked(&regions),
        regions,
        ceiling,
        whole,
        spent,
        files,
        notes,
    }
}

fn checked(regions: &[crate::report::RegionReport]) -> Checked {
    let mut checked = Checked {
        captured: 0,
        hostile: 0,
        refused: 0,
    };
    for region in regions {
        if let Outcome::Cured { cure } = &region.outcome {
            checked.captured += cure.captured;
            checked.hostile += cure.hostile;
        }
        checked.refused += region.refused.len() as u32;
    }
    checked
}

/// What is left when all cures are applied, by what it is.
fn ceiling(total: f64, treated: &[Treated], whole: &Whole) -> Ceiling {
    let (mut saved, mut numpy, mut loops, mut compiled) = (0.0, 0.0, 0.0, 0.0);
    for region in treated {
        match &region.report.outcome {
            Outcome::Cured { cure } => {
                saved += cure.before_seconds - cure.after_seconds;
                match cure.compiled {
                    Some(_) => compiled += cure.after_seconds,
                    None => numpy += cure.after_seconds,
                }
            }
            Outcome::AlreadyFast { .. } => numpy += region.report.own_seconds,
            Outcome::Proposed { .. }
            | Outcome::Demoted { .. }
            | Outcome::Blocked { .. }
            | Outcome::LeftAlone { .. } => {
                loops += region.report.own_seconds;
            }
        }
    }
    let seconds = match whole {
        Whole::Ran { after_seconds, .. } => *after_seconds,
        Whole::Unchanged | Whole::NotRun { .. } | Whole::Moved { .. } => (total - saved).max(numpy + compiled),
    };
    // Times of regions that call each other's functions overlap, so the parts may be more than the whole.
    let known = numpy + loops + compiled;
    let scale = if known > seconds { seconds / known } else { 1.0 };
    Ceiling {
        seconds,
        numpy: numpy * scale,
        loops: loops * scale,
        compiled: compiled * scale,
    }
}

fn notes(watched: &Watched, project: &Project) -> Vec<String> {
    let outcome = &watched.report.outcome;
    let mut notes = Vec::new();
    match outcome.ended {
        Ended::Failed => {
            notes.push(format!(
                "the program failed by itself after {:.0} s; cured from what was seen",
                outcome.seconds
            ));
        }
        Ended::Finished if outcome.exit_code != 0 => {
            notes.push(format!("the program ended with exit code {}", outcome.exit_code));
        }
        Ended::Finished | Ended::TimeLimit | Ended::Interrupted => {}
    }
    if outcome.seconds - seconds_in_regions(watched) > UNEXPLAINED * outcome.seconds {
        notes.extend(watched.not_regions.iter().take(MAX_NOTES).map(|left| {
            format!(
                "the loop at {}:{} was not looked at: {}",
                project.shown(&left.file),
                left.line,
                left.why
            )
        }));
    }
    notes
}

/// When more than this share of the time is in no region, loops that cannot be regions are worth a note.
const UNEXPLAINED: f64 = 0.2;

/// More notes are not read.
const MAX_NOTES: usize = 5;

fn seconds_in_regions(watched: &Watched) -> f64 {
    let inner = |id| {
        watched
            .regions
            .iter()
            .any(|spec| spec.id == id && (spec.parent.is_some() || spec.body_of.is_some()))
    };
    watched
        .report
        .regions
        .iter()
        .filter(|region| !inner(region.id))
        .map(|region| region.seconds)
        .sum()
}
