//! Checking cures: each candidate against the original, on captured and on hostile inputs, and the clock.
//!
//! A candidate that tells itself apart from the original is refused and the next one is tried; so is one that gains
//! too little. What is left is right as far as anybody could tell, and faster.

use std::path::Path;
use std::time::Instant;

use numlift_region::protocol::{RegionSpec, RegionWatch};
use numlift_source::edit::dedent;
use numlift_source::parse::parse;
use numlift_source::text::{LineColumn, SourceText};
use numlift_verify::job::{
    CaptureRef, DifferenceKind, KernelVerdict, ModuleRef, Policy, Strength as Policed, Verdict, VerifyJob,
};

use crate::cure::{Cure, Strength};
use crate::error::Error;
use crate::report::{Example, Reason, Refused, Seen};
use crate::watch::Watched;
use crate::worker::{Verified, Worker};

/// Time for checking and measuring everything: half of the program's own, and two seconds.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    end: Instant,
}

impl Budget {
    /// For a program of so many seconds; never past `deadline`.
    pub fn new(program_seconds: f64, deadline: Option<Instant>) -> Budget {
        let end = Instant::now() + std::time::Duration::from_secs_f64(0.5 * program_seconds + 2.0);
        Budget {
            end: deadline.map_or(end, |deadline| end.min(deadline)),
        }
    }

    /// Seconds left.
    pub fn left(&self) -> f64 {
        self.end.saturating_duration_since(Instant::now()).as_secs_f64()
    }
}

/// What checking one candidate gave.
#[derive(Debug, Clone, PartialEq)]
pub enum Checked {
    /// Old and new agree.
    Agrees(Box<Evidence>),
    Differs(Refused),
    /// No verdict; what may be data of the program is kept apart.
    Unknown(Reason),
}

/// That old and new agree, and how fast they are.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    pub captured: u32,
    pub hostile: u32,
    /// Hostile inputs for which there was no time.
    pub left_out: u32,
    /// The largest difference by rounding.
    pub seen: Option<Seen>,
    /// Old time by new time; none when it could not be measured.
    pub factor: Option<f64>,
    pub notes: Vec<String>,
    /// What compiling the new text gave.
    pub kernel: Option<Box<KernelVerdict>>,
}

/// A region, with what is needed to run its old text.
pub struct Subject<'a> {
    pub spec: &'a RegionSpec,
    pub watch: &'a RegionWatch,
    pub source: &'a SourceText,
    pub watched: &'a Watched,
    /// Where the program's own imports start.
    pub root: &'a Path,
    /// For messages.
    pub name: String,
    /// What `--max-memory` allows.
    pub max_memory: Option<u64>,
}

/// Runs one candidate against the original, for at most so many seconds.
pub fn check(subject: &Subject<'_>, cure: &Cure, seconds: f64, worker: &mut dyn Worker) -> Result<Checked, Error> {
    verdict_on(&job(subject, cure, seconds), subject, cure, worker)
}

/// Looks for an input on which a rewrite that looks right differs, for at most so many seconds.
pub fn refute(subject: &Subject<'_>, cure: &Cure, seconds: f64, worker: &mut dyn Worker) -> Result<Checked, Error> {
    let job = VerifyJob {
        hostile: HOSTILE_TO_REFUTE,
        time: false,
        ..job(subject, cure, seconds)
    };
    verdict_on(&job, subject, cure, worker)
}

fn verdict_on(job: &VerifyJob, subject: &Subject<'_>, cure: &Cure, worker: &mut dyn Worker) -> Result<Checked, Error> {
    let verdict = match worker.verify(job, subject.watched.dir.path())? {
        Verified::Verdict(verdict) => verdict,
        Verified::TimedOut => return Ok(Checked::Unknown("checking it took too long".into())),
        Verified::Crashed(words) => {
            let last = words.lines().last().unwrap_or_default();
            return Ok(Checked::Unknown(Reason::new("checking it ended the interpreter", last)));
        }
    };
    Ok(judge(cure, verdict))
}

fn judge(cure: &Cure, verdict: Verdict) -> Checked {
    if let Some(difference) = verdict.differences.first() {
        let incomparable = difference.kind == DifferenceKind::Incomparable;
        if incomparable {
            return Checked::Unknown(Reason::new("a result cannot be compared", difference.path.as_str()));
        }
        return Checked::Differs(Refused {
            form: cure.form.clone(),
            what: what_differs(difference.kind, &difference.path),
            input: difference.input.clone(),
            example: Some(Example {
                place: difference.path.clone(),
                old: difference.old.clone(),
                new: difference.new.clone(),
            }),
        });
    }
    if let Some(why) = verdict.kernel.as_ref().and_then(|kernel| kernel.refusal.clone()) {
        return Checked::Unknown(why.into());
    }
    if let Some(error) = verdict.error {
        return Checked::Unknown(Reason::new("it could not be run", error));
    }
    if !verdict.agree {
        return Checked::Unknown("no captured input could be run".into());
    }
    let worst = verdict
        .worst
        .values()
        .copied()
        .reduce(|a, b| if b.rel > a.rel { b } else { a });
    // Where a result nearly cancels or underflows, on hostile inputs, a relative distance says nothing.
    let worst = worst.filter(|worst| worst.ulp <= FEW_ULPS || worst.rel <= Policy::default().cap);
    let factor = match (verdict.old_seconds, verdict.new_seconds) {
        (Some(old), Some(new)) if new > 0.0 => Some(old / new),
        (Some(_) | None, Some(_) | None) => None,
    };
    Checked::Agrees(Box::new(Evidence {
        captured: verdict.captured.run,
        hostile: verdict.hostile.run,
        left_out: verdict.hostile.skipped,
        seen: worst.map(|worst| Seen {
            relative: worst.rel,
            ulps: Some(worst.ulp),
        }),
        factor,
        notes: verdict.notes,
        kernel: verdict.kernel,
    }))
}

/// So few units in the last place are rounding, however large that is relatively.
const FEW_ULPS: f64 = 8.0;

fn what_differs(kind: DifferenceKind, path: &str) -> String {
    let what = match kind {
        DifferenceKind::Value => "values",
        DifferenceKind::Dtype => "the dtype",
        DifferenceKind::Shape => "the shape",
        DifferenceKind::Length => "the length",
        DifferenceKind::Type => "the type",
        DifferenceKind::Unbound => "whether a name is bound:",
        DifferenceKind::Argument => "the values of",
        DifferenceKind::Sharing => "what shares memory:",
        DifferenceKind::Writeable => "what is read-only:",
        DifferenceKind::Random => return "the random state".to_string(),
        DifferenceKind::Output => return "the output".to_string(),
        DifferenceKind::Warnings => return "the warnings".to_string(),
        DifferenceKind::Exception => return "the exception".to_string(),
        DifferenceKind::ExceptionMessage => return "the exception's message".to_string(),
        DifferenceKind::Hang => return "that it comes to an end".to_string(),
        DifferenceKind::Incomparable => "what cannot be compared:",
    };
    // `out[3]` and `len(out)` are about `out`; the position is data.
    let inside = path.strip_prefix("len(").unwrap_or(path);
    // `module::name` is a global that a called function reads.
    let inside = inside.rsplit("::").next().unwrap_or(inside);
    let name = inside.split(['[', '(', ')']).next().unwrap_or(path);
    let of = if what.ends_with(':') || what.ends_with(" of") {
        ""
    } else {
        " of"
    };
    format!("{what}{of} `{name}`")
}

/// The message to the verifier.
pub fn job(subject: &Subject<'_>, cure: &Cure, seconds: f64) -> VerifyJob {
    let spec = subject.spec;
    let modules = &subject.watched.report.modules;
    let module = modules
        .iter()
        .find(|(_, file)| **file == spec.file)
        .map(|(name, _)| name.clone());
    let strength = match cure.strength {
        Strength::Exact => Policed::Exact,
        Strength::Rounding => Policed::Rounding,
    };
    let mut policy = Policy {
        strength,
        ..Policy::default()
    };
    if cure.rel_bound > 0.0 {
        policy.rel = cure.rel_bound;
    }
    policy.allow = cure
        .announced
        .iter()
        .flat_map(|announced| announced.allow.clone())
        .collect();
    VerifyJob {
        region: spec.id,
        name: subject.name.clone(),
        old: old_text(spec, subject.source),
        new: cure.new_text.clone(),
        // What compiles stands ready; the program's own import of it is for programs.
        imports: match cure.kernel {
            Some(_) => Vec::new(),
            None => cure.imports.clone(),
        },
        module: ModuleRef {
            file: spec.file.clone(),
            project_root: subject.root.to_path_buf(),
            name: module.unwrap_or_else(|| "__main__".to_string()),
            function: spec.function.clone(),
            line: spec.start.line,
        },
        module_level: spec.function == "<module>",
        live_in: spec.live_in.clone(),
        binds: spec.binds.clone(),
        live_out: spec.live_out.clone(),
        returns: spec.returns,
        captures: captures(subject),
        policy,
        proven: cure.facts.clone(),
        hostile: HOSTILE,
        seed: 0,
        budget_seconds: seconds,
        max_memory: subject.max_memory,
        time: true,
        kernel: cure.kernel.clone(),
    }
}

/// Hostile inputs for one cure, when time allows.
const HOSTILE: u32 = 200;

/// The same for a rewrite that is run to be refused.
const HOSTILE_TO_REFUTE: u32 = 40;

fn captures(subject: &Subject<'_>) -> Vec<CaptureRef> {
    let binds_something = !subject.spec.binds.is_empty();
    let captures = subject.watch.captures.iter();
    let captures = captures.map(|capture| CaptureRef {
        path: subject.watched.dir.capture(&capture.file),
        raised: capture.live_out.is_empty() && binds_something,
        seconds: Some(capture.seconds),
    });
    captures.collect()
}

/// The byte range of a region in its file.
pub fn byte_range(spec: &RegionSpec, source: &SourceText) -> Option<(usize, usize)> {
    let place = |pos: numlift_region::protocol::Pos| LineColumn {
        line: pos.line,
        column: pos.column,
    };
    Some((
        source.offset(place(spec.start))? as usize,
        source.offset(place(spec.end))? as usize,
    ))
}

/// The region's statements, not indented.
pub fn old_text(spec: &RegionSpec, source: &SourceText) -> String {
    match byte_range(spec, source) {
        Some((start, end)) => dedent(&parse(source), start as u32, end as u32),
        None => String::new(),
    }
}
