//! From what the stages know to what the report says: positions become lines, paths become relative.

use std::path::Path;

use numlift_region::protocol::Effect;
use numlift_source::text::SourceText;

use crate::check::Evidence;
use crate::cure::{Blocker, Condition, Cure, Discharge};
use crate::diff;
use crate::edits;
use crate::hot::Hot;
use crate::project::Project;
use crate::report::{
    BlockerReport, CompiledReport, ConditionReport, CureReport, How, InPython, Label, Outcome, RegionReport,
};

/// A region about which nothing is known yet but where it lies and how long it took.
pub fn region(hot: &Hot<'_>, source: &SourceText, project: &Project) -> RegionReport {
    let (first, last) = (hot.spec.start.line, last_line(hot));
    RegionReport {
        file: project.shown(&hot.spec.file),
        in_script: project.main.as_deref() == Some(hot.spec.file.as_path()),
        function: hot.spec.function.clone(),
        first_line: first,
        last_line: last,
        entries: hot.watch.entries,
        seconds: hot.watch.seconds,
        own_seconds: hot.watch.seconds,
        share: hot.share,
        source: lines(source, first, last),
        outcome: Outcome::LeftAlone {
            why: "no rewrite was found".into(),
        },
        refused: Vec::new(),
        not_compiled: None,
    }
}

/// A region that ends where a line begins ends on the line before.
fn last_line(hot: &Hot<'_>) -> u32 {
    let end = hot.spec.end;
    if end.column == 0 && end.line > hot.spec.start.line {
        end.line - 1
    } else {
        end.line
    }
}

/// Whole lines, ends as `\n`.
fn lines(source: &SourceText, first: u32, last: u32) -> String {
    (first..=last).map(|line| format!("{}\n", source.line(line))).collect()
}

/// A cure and its evidence; `seconds` is what the region took in the program.
pub fn cure(cure: &Cure, evidence: &Evidence, seconds: f64, project: &Project) -> CureReport {
    let factor = evidence.factor.unwrap_or(1.0);
    let compiled = compiled(cure, evidence);
    let compiling = compiled.as_ref().map_or(0.0, |compiled| compiled.first_seconds);
    CureReport {
        why: cure.why.clone(),
        form: cure.form.clone(),
        diff: cure_diff(cure, project),
        strength: cure.strength,
        seen: evidence.seen,
        rel_bound: cure.rel_bound,
        before_seconds: seconds,
        after_seconds: seconds / factor + compiling,
        conditions: conditions(cure),
        steps: cure.steps.clone(),
        announced: cure.announced.iter().map(|announced| announced.text.clone()).collect(),
        captured: evidence.captured,
        hostile: evidence.hostile,
        captured_only: captured_only(evidence),
        evidence: evidence.notes.clone(),
        peak_bytes: cure.peak_bytes,
        compiled,
    }
}

fn compiled(cure: &Cure, evidence: &Evidence) -> Option<CompiledReport> {
    let (job, verdict) = (cure.kernel.as_ref()?, evidence.kernel.as_ref()?);
    let in_python = verdict.in_python.iter().map(|(line, why, times)| InPython {
        line: *line,
        why: why.clone(),
        times: *times,
    });
    Some(CompiledReport {
        compiler: job.compiler,
        types: verdict.types.clone(),
        first_seconds: verdict.first,
        again_seconds: verdict.again,
        in_python: in_python.collect(),
        blockers: Vec::new(),
    })
}

/// Why there is no evidence from hostile inputs.
fn captured_only(evidence: &Evidence) -> Option<String> {
    match (evidence.hostile, evidence.left_out) {
        (0, 0) => Some("no hostile input could be made of what was captured".to_string()),
        (0, _) => Some("no time was left for hostile inputs".to_string()),
        (_, _) => None,
    }
}

/// The diff of one cure alone.
fn cure_diff(cure: &Cure, project: &Project) -> String {
    let Ok(changed) = edits::apply(&project.sources, &[cure]) else {
        return String::new();
    };
    let diffs = changed.iter().map(|(path, new)| file_diff(path, new, project));
    diffs.collect()
}

/// The diff of one file.
pub fn file_diff(path: &Path, new: &SourceText, project: &Project) -> String {
    let old = project.sources.get(path).map_or("", |source| source.as_str());
    diff::unified(&project.shown(path), old, new.as_str())
}

/// Each condition once.
fn conditions(cure: &Cure) -> Vec<ConditionReport> {
    let mut conditions: Vec<ConditionReport> = Vec::new();
    for condition in cure.conditions.iter().map(condition) {
        if !conditions.contains(&condition) {
            conditions.push(condition);
        }
    }
    conditions
}

fn condition(condition: &Condition) -> ConditionReport {
    let (how, detail) = match &condition.discharge {
        Discharge::Proven(argument) => (How::Proven, argument.clone()),
        Discharge::Tolerated(reason) => (How::Tolerated, reason.clone()),
        Discharge::Guarded(guard) => (How::Guarded, guard.clone()),
        Discharge::Observed => (How::Observed, String::new()),
    };
    ConditionReport {
        text: condition.text.clone(),
        how,
        detail,
    }
}

/// A blocker with its lines, spans relative to them.
pub fn blocker(blocker: &Blocker, project: &Project) -> BlockerReport {
    let mut report = BlockerReport {
        kind: blocker.kind.clone(),
        message: blocker.message.clone(),
        help: blocker.help.clone(),
        file: project.shown(&blocker.file),
        snippet: String::new(),
        first_line: 1,
        span: (0, 0),
        labels: Vec::new(),
    };
    let Some(source) = project.sources.get(&blocker.file) else {
        return report;
    };
    let line = |offset: usize| source.position(u32::try_from(offset).unwrap_or(u32::MAX)).line;
    let near = |span: &(usize, usize)| line(span.0).abs_diff(line(blocker.span.0)) <= NEAR;
    let labels: Vec<_> = blocker.labels.iter().filter(|(span, _)| near(span)).collect();
    let spans = || labels.iter().map(|(span, _)| *span).chain([blocker.span]);
    let first = spans().map(|span| line(span.0)).min().unwrap_or(1);
    let last = spans()
        .map(|span| line(span.1))
        .max()
        .unwrap_or(first)
        .min(first + 2 * NEAR);
    let start = source.line_start(first) as usize;
    let end = source.line_start(last + 1) as usize;
    report.snippet = source.as_str()[start..end.max(start)].to_string();
    report.first_line = first;
    let inside = |span: (usize, usize)| {
        let clamp = |offset: usize| offset.clamp(start, end.max(start)) - start;
        (clamp(span.0), clamp(span.1))
    };
    report.span = inside(blocker.span);
    report.labels = labels
        .into_iter()
        .map(|(span, text)| Label {
            span: inside(*span),
            text: text.clone(),
        })
        .collect();
    report
}

/// Labels farther away than so many lines would make the snippet a page.
const NEAR: u32 = 12;

/// What was done to the world: `writes `out.csv``.
pub fn effect(effect: &Effect) -> String {
    let what = &effect.what;
    match effect.kind.as_str() {
        "write" => format!("writes `{what}`"),
        "delete" => format!("deletes `{what}`"),
        "rename" => format!("renames `{what}`"),
        "socket" => format!("talks to `{what}`"),
        "subprocess" => format!("starts `{what}`"),
        "window" => "opens a window".to_string(),
        _ => format!("touches the world (`{what}`)"),
    }
}
