//! Lifting one source text by itself: no program is watched, no cure is checked.
//!
//! Whoever calls brings the types of the live-ins, by region, and gets what the curer finds: for tests that run old
//! and new themselves, and for tools that look at one function.
//!
//! ```text
//! lift(source, Some("kernel"), {})                      the regions of `kernel`, not yet looked at
//! lift(source, Some("kernel"), {0: [{"x": float64[:]}]})  … and what can be done about region 0
//! ```
//!
//! Regions without captures are named and not looked at. Of the others the outermost that have a cure are applied
//! together; a region inside of one that is applied is not looked at, since it is gone.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use numlift_ir::function::Function;
use numlift_ir::text::{compact, parse};
use numlift_region::protocol::{Capture, RegionId, RegionSpec, RegionWatch, Seen};
use numlift_source::text::SourceText;
use numlift_verify::job::Allow;
use serde::Serialize;

use crate::cure::{Blocker, Cure, CureSettings, Curer, Discharge, Finding, Strength};
use crate::edits;
use crate::lifter::{Lifter, Stages};
use crate::memory;
use crate::project::Project;

/// Types of live-ins, by region and execution.
pub type Captures = BTreeMap<RegionId, Vec<BTreeMap<String, Seen>>>;

/// What was found in one source text.
#[derive(Debug, Clone, Serialize)]
pub struct Lift {
    pub regions: Vec<RegionLift>,
    /// The text with the cures applied, where there are any.
    pub source: Option<String>,
}

/// One region and what was found for it.
#[derive(Debug, Clone, Serialize)]
pub struct RegionLift {
    pub region: RegionSpec,
    /// `unseen`, `cured`, `proposed` (it stands on something merely observed), `fast`, `blocked`.
    pub outcome: &'static str,
    pub cures: Vec<CureShown>,
    pub blockers: Vec<BlockerShown>,
    /// What makes it the fast form.
    pub fast: Option<String>,
    /// The region in every form that it was brought into, where they were asked for.
    pub forms: Option<Forms>,
}

/// The text of a region's forms: as it was read, as it was raised, as its array form was selected.
#[derive(Debug, Clone, Serialize)]
pub struct Forms {
    pub read: String,
    pub raised: Option<String>,
    pub selected: Option<String>,
}

/// What is asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked {
    /// Only bit-for-bit rewrites.
    pub exact: bool,
    /// The text is the program itself.
    pub is_main: bool,
    /// The forms of each region, too.
    pub forms: bool,
}

/// A cure, as plain data.
#[derive(Debug, Clone, Serialize)]
pub struct CureShown {
    pub why: String,
    pub form: String,
    pub new_text: String,
    pub imports: Vec<String>,
    pub strength: Strength,
    pub rel_bound: f64,
    pub conditions: Vec<ConditionShown>,
    pub announced: Vec<String>,
    /// What was announced, as the verifier reads it.
    pub allow: Vec<Allow>,
    pub steps: Vec<String>,
}

/// A condition and how it was discharged.
#[derive(Debug, Clone, Serialize)]
pub struct ConditionShown {
    pub text: String,
    /// `proven`, `tolerated`, `guarded` or `observed`.
    pub discharge: &'static str,
    pub by: String,
}

/// A blocker, as plain data.
#[derive(Debug, Clone, Serialize)]
pub struct BlockerShown {
    pub kind: String,
    pub message: String,
    /// The text at fault.
    pub at: String,
    pub help: Option<String>,
}

/// Looks at the regions of a function (by its qualified name), or at all of them. A text that is the program itself
/// ([`Asked::is_main`]) is read as a whole for what is proven of its names; of any other text nothing is.
pub fn lift(source: &str, function: Option<&str>, captures: &Captures, asked: Asked) -> Lift {
    let file = PathBuf::from("/program.py");
    let project = project(&file, source, asked.is_main);
    let lifter = Lifter::new(&project);
    let text = &project.sources[&file];
    let settings = CureSettings {
        exact: asked.exact,
        max_memory: memory::default_limit(),
    };
    let mut applied: Vec<Cure> = Vec::new();
    let mut cured: Vec<RegionId> = Vec::new();
    let mut regions = Vec::new();
    let discovered = project.discover().0;
    for region in discovered
        .into_iter()
        .filter(|region| !region.timed_only && region.body_of.is_none())
    {
        if function.is_some_and(|name| name != region.function) {
            continue;
        }
        if region.parent.is_some_and(|parent| cured.contains(&parent)) {
            cured.push(region.id);
            continue;
        }
        let seen = captures.get(&region.id).map_or(&[][..], Vec::as_slice);
        if seen.is_empty() {
            regions.push(unseen(region));
            continue;
        }
        let watched = watched(region.id, seen);
        let finding = lifter.cure(&region, text, &watched, &settings);
        let stages = asked.forms.then(|| lifter.stages(&region, text, &watched, &settings));
        let mut shown = shown(region, &finding, text.as_str());
        shown.forms = stages.flatten().map(|stages| forms(&stages));
        if let ("cured", Finding::Cures(cures)) = (shown.outcome, finding) {
            cured.push(shown.region.id);
            applied.extend(cures.into_iter().find(Cure::is_applicable));
        }
        regions.push(shown);
    }
    let changed = edits::apply(&project.sources, &applied.iter().collect::<Vec<_>>());
    let changed = changed.expect("the regions are disjoint and of this text");
    let source = changed.get(&file).map(|text| text.as_str().to_owned());
    Lift { regions, source }
}

/// A project of one module: the program itself, or one that others may import.
pub(crate) fn project(file: &Path, source: &str, is_main: bool) -> Project {
    let text = SourceText::from_str("program.py", source);
    Project {
        sources: BTreeMap::from([(file.to_path_buf(), text)]),
        main: is_main.then(|| file.to_path_buf()),
        root: PathBuf::from("/"),
        search: vec![PathBuf::from("/")],
        cwd: PathBuf::from("/"),
        imported_elsewhere: Default::default(),
        is_elsewhere: !is_main,
    }
}

fn watched(id: RegionId, seen: &[BTreeMap<String, Seen>]) -> RegionWatch {
    let captures = seen.iter().zip(0..).map(|(live_in, entry)| Capture {
        file: String::new(),
        entry,
        seconds: 0.0,
        bytes: 0,
        live_in: live_in.clone(),
        globals: BTreeMap::new(),
        live_out: BTreeMap::new(),
    });
    RegionWatch {
        id,
        entries: seen.len() as u64,
        seconds: 0.0,
        exact: true,
        captures: captures.collect(),
        refused: None,
    }
}

fn unseen(region: RegionSpec) -> RegionLift {
    RegionLift {
        region,
        outcome: "unseen",
        cures: Vec::new(),
        blockers: Vec::new(),
        fast: None,
        forms: None,
    }
}

/// The forms as text, which is parsed again: what is shown is what there is.
fn forms(stages: &Stages) -> Forms {
    let text = |func: &Function| {
        let text = func.to_string();
        let same = parse(&text).map(|parsed| parsed == compact(func));
        assert_eq!(same, Ok(true), "the text form is not the function\n{text}");
        text
    };
    Forms {
        read: text(&stages.read),
        raised: stages.raised.as_ref().map(text),
        selected: stages.selected.as_ref().map(text),
    }
}

fn shown(region: RegionSpec, finding: &Finding, source: &str) -> RegionLift {
    let empty = unseen(region);
    match finding {
        Finding::Cures(cures) => RegionLift {
            outcome: if cures.iter().any(Cure::is_applicable) {
                "cured"
            } else {
                "proposed"
            },
            cures: cures.iter().map(cure_shown).collect(),
            ..empty
        },
        Finding::AlreadyFast(why) => RegionLift {
            outcome: "fast",
            fast: Some(why.clone()),
            ..empty
        },
        Finding::Blocked(blockers) => RegionLift {
            outcome: "blocked",
            blockers: blockers.iter().map(|blocker| blocker_shown(blocker, source)).collect(),
            ..empty
        },
    }
}

fn cure_shown(cure: &Cure) -> CureShown {
    CureShown {
        why: cure.why.clone(),
        form: cure.form.clone(),
        new_text: cure.new_text.clone(),
        imports: cure.imports.clone(),
        strength: cure.strength,
        rel_bound: cure.rel_bound,
        conditions: cure
            .conditions
            .iter()
            .map(|condition| {
                let (discharge, by) = match &condition.discharge {
                    Discharge::Proven(by) => ("proven", by.as_str()),
                    Discharge::Tolerated(by) => ("tolerated", by.as_str()),
                    Discharge::Guarded(by) => ("guarded", by.as_str()),
                    Discharge::Observed => ("observed", ""),
                };
                ConditionShown {
                    text: condition.text.clone(),
                    discharge,
                    by: by.to_owned(),
                }
            })
            .collect(),
        announced: cure.announced.iter().map(|announced| announced.text.clone()).collect(),
        allow: cure
            .announced
            .iter()
            .flat_map(|announced| announced.allow.clone())
            .collect(),
        steps: cure.steps.clone(),
    }
}

fn blocker_shown(blocker: &Blocker, source: &str) -> BlockerShown {
    BlockerShown {
        kind: blocker.kind.clone(),
        message: blocker.message.clone(),
        at: source
            .get(blocker.span.0..blocker.span.1)
            .unwrap_or_default()
            .to_owned(),
        help: blocker.help.clone(),
    }
}
