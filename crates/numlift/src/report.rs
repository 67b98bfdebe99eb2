//! The report: everything that a run of numlift has to say, as data.
//!
//! The command line renders it as the screen and the full report; as JSON it is the stable interface for other
//! programs. It holds source text, since that is what it is about, but no value of the user's data: the two numbers
//! of a refused rewrite, a line of the program's output, the message of an exception are shown on the screen and left
//! out of the JSON.

pub use numlift_region::protocol::Ended;
pub use numlift_verify::job::Compiler;
use serde::{Deserialize, Serialize};

use crate::cure::Strength;

/// Changes when a field of the JSON changes its meaning; new fields do not change it.
pub const SCHEMA: u32 = 1;

/// What `numlift optimize` found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    pub schema: u32,
    /// The version of numlift, Python and NumPy (empty when it was never imported).
    pub numlift: String,
    pub python: String,
    pub numpy: String,
    /// `examples/article.py`, `-m pytest`; the program's own arguments are not told.
    pub program: String,
    pub watched: Watched,
    /// By time, those cured first.
    pub regions: Vec<RegionReport>,
    pub ceiling: Ceiling,
    pub checked: Checked,
    pub whole: Whole,
    pub spent: Spent,
    /// Edited files with their diffs, by path.
    pub files: Vec<FileReport>,
    /// What else should be known, one sentence each.
    pub notes: Vec<String>,
}

/// How the watched run went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Watched {
    /// Wall time of the program.
    pub seconds: f64,
    pub ended: Ended,
    pub exit_code: i32,
    /// Traceback of a program that was cured from what was seen before it failed.
    #[serde(skip)]
    pub traceback: Option<String>,
    /// Time for snapshots, not in `seconds`.
    pub capture_seconds: f64,
    /// Regions that ran, hot or not.
    pub regions_seen: u32,
}

/// What numlift itself took, in seconds of wall time.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Spent {
    /// Watching, with the program's own time and everything that starting and ending it takes; 0 with `--from`.
    pub watching: f64,
    /// Curing, checking and measuring.
    pub checking: f64,
    /// Running the whole program again.
    pub confirming: f64,
}

/// One region that takes time, or that was asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RegionReport {
    pub file: String,
    /// It lies in the script itself.
    pub in_script: bool,
    pub function: String,
    pub first_line: u32,
    pub last_line: u32,
    pub entries: u64,
    pub seconds: f64,
    /// Of these, those that are in no other region of the report, inside of it or in a function that it calls.
    pub own_seconds: f64,
    /// Of the program's time, 0 to 1.
    pub share: f64,
    /// The region's statements, as whole lines.
    pub source: String,
    pub outcome: Outcome,
    /// Rewrites that looked right and are not.
    pub refused: Vec<Refused>,
    /// Why it is not compiled, where that was tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_compiled: Option<String>,
}

/// What became of a region.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Outcome {
    Cured {
        cure: CureReport,
    },
    /// Proposed and right as far as tested, but not applied, for the reason given.
    Proposed {
        cure: CureReport,
        why: String,
    },
    /// Applied alone it is right within its bound; the whole program's output moved because of it.
    Demoted {
        cure: CureReport,
        why: Reason,
    },
    AlreadyFast {
        why: String,
    },
    Blocked {
        blockers: Vec<BlockerReport>,
    },
    /// Nothing is wrong with it, it just stays: a cure gains too little, nothing could be captured, no time was left.
    LeftAlone {
        why: Reason,
    },
}

impl Outcome {
    /// The cure, whatever became of it.
    pub fn cure(&self) -> Option<&CureReport> {
        match self {
            Outcome::Cured { cure } | Outcome::Proposed { cure, .. } | Outcome::Demoted { cure, .. } => Some(cure),
            Outcome::AlreadyFast { .. } | Outcome::Blocked { .. } | Outcome::LeftAlone { .. } => None,
        }
    }
}

/// A reason in words. Its detail may show data of the program (a line of its output, the message of an exception), so
/// it is shown on the screen and left out of the JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Reason {
    pub text: String,
    pub detail: Option<String>,
}

impl Reason {
    pub fn new(text: impl Into<String>, detail: impl Into<String>) -> Reason {
        Reason {
            text: text.into(),
            detail: Some(detail.into()),
        }
    }
}

impl From<String> for Reason {
    fn from(text: String) -> Reason {
        Reason { text, detail: None }
    }
}

impl From<&str> for Reason {
    fn from(text: &str) -> Reason {
        Reason::from(text.to_string())
    }
}

impl From<Reason> for String {
    fn from(reason: Reason) -> String {
        reason.text
    }
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.detail {
            None => write!(f, "{}", self.text),
            Some(detail) => write!(f, "{}: {detail}", self.text),
        }
    }
}

/// A cure with its evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CureReport {
    pub why: String,
    pub form: String,
    /// Unified diff of this cure alone.
    pub diff: String,
    pub strength: Strength,
    /// The largest difference that was seen, when not exact.
    pub seen: Option<Seen>,
    /// The largest relative difference that was allowed.
    pub rel_bound: f64,
    pub before_seconds: f64,
    pub after_seconds: f64,
    pub conditions: Vec<ConditionReport>,
    pub steps: Vec<String>,
    pub announced: Vec<String>,
    /// Inputs on which old and new agreed.
    pub captured: u32,
    pub hostile: u32,
    /// What was tested on captured data only, since it cannot be varied.
    pub captured_only: Option<String>,
    /// What is to be known of the evidence.
    pub evidence: Vec<String>,
    pub peak_bytes: Option<u64>,
    /// What was compiled, where that is the cure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compiled: Option<CompiledReport>,
}

/// Compiled code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CompiledReport {
    /// `numlift`, `numba`.
    pub compiler: Compiler,
    /// What it was compiled for, one text for each kind of arguments.
    pub types: Vec<String>,
    /// Seconds that compiling takes at the first run, and finding it in the cache later. The first is part of
    /// `after_seconds`.
    pub first_seconds: f64,
    pub again_seconds: f64,
    /// Lines at which it was left for Python, or ran pieces in Python.
    pub in_python: Vec<InPython>,
    /// Why there is no array form instead, where that was found out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blockers: Vec<BlockerReport>,
}

/// A line of compiled code that needs Python.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InPython {
    pub line: u32,
    pub why: String,
    pub times: u64,
}

impl CompiledReport {
    /// Seconds of the region where everything is in the cache.
    pub fn warm(&self, after_seconds: f64) -> f64 {
        (after_seconds - self.first_seconds).max(0.0) + self.again_seconds
    }
}

impl CureReport {
    /// How many times faster.
    pub fn factor(&self) -> f64 {
        if self.after_seconds > 0.0 {
            self.before_seconds / self.after_seconds
        } else {
            f64::INFINITY
        }
    }
}

/// A difference by rounding, as large as it was seen.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    pub relative: f64,
    /// In units in the last place, when it is small.
    pub ulps: Option<f64>,
}

/// A condition and how it was discharged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConditionReport {
    pub text: String,
    pub how: How,
    /// The argument, the reason, the guard.
    pub detail: String,
}

/// Ways to discharge a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum How {
    Proven,
    Tolerated,
    Guarded,
    /// Only seen in the run.
    Observed,
}

/// A tempting rewrite that changes the result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Refused {
    pub form: String,
    /// What differs, without values: `values of out`, `dtype of s`.
    pub what: String,
    /// On what kind of input: `captured`, `overlapping views`.
    pub input: String,
    /// `out[3]` with the two values; data of the user, so not in the JSON.
    #[serde(skip)]
    pub example: Option<Example>,
}

/// Where old and new differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    pub place: String,
    pub old: String,
    pub new: String,
}

/// A blocker with the lines around it, ready to be underlined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockerReport {
    pub kind: String,
    pub message: String,
    pub help: Option<String>,
    pub file: String,
    /// The text that is shown: whole lines.
    pub snippet: String,
    /// Line number of the snippet's first line.
    pub first_line: u32,
    /// Byte offsets into `snippet`.
    pub span: (usize, usize),
    pub labels: Vec<Label>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    pub span: (usize, usize),
    pub text: String,
}

/// What is left that no cure can touch, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Ceiling {
    /// All of it.
    pub seconds: f64,
    /// In NumPy itself: what was cured, and what was fast already.
    pub numpy: f64,
    /// In regions that stay as they are.
    pub loops: f64,
    /// In compiled code.
    #[serde(default)]
    pub compiled: f64,
}

/// All inputs of all applied cures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    pub captured: u32,
    pub hostile: u32,
    pub refused: u32,
}

/// The whole program once more, edited.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Whole {
    /// Nothing was applied.
    Unchanged,
    NotRun {
        why: String,
    },
    Ran {
        before_seconds: f64,
        after_seconds: f64,
        sameness: Sameness,
        /// Numbers in this many lines show the clock and were not compared.
        clock_lines: u32,
        /// This many lines differ between two runs of the unchanged program.
        unsteady_lines: u32,
    },
    /// Its output differs and no set of cures could be found that keeps it; nothing is applied.
    Moved {
        why: Reason,
    },
}

/// How much the output of the edited program is that of the old one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Sameness {
    Same,
    /// Numbers differ by rounding, at most so much.
    Within {
        relative: f64,
    },
}

/// An edited file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileReport {
    pub path: String,
    pub diff: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_the_program_stay_out_of_the_json() {
        let why = Reason::new("line 7 of its output changes", "`0.25` becomes `0.5`");
        assert_eq!(why.to_string(), "line 7 of its output changes: `0.25` becomes `0.5`");
        insta::assert_snapshot!(serde_json::to_string(&Outcome::LeftAlone { why }).unwrap(), @r#"{"kind":"left-alone","why":"line 7 of its output changes"}"#);
        let refused = Refused {
            form: "a[1:] = a[:-1]".to_string(),
            what: "values of `a`".to_string(),
            input: "captured".to_string(),
            example: Some(Example {
                place: "a[2]".to_string(),
                old: "6.0".to_string(),
                new: "5.0".to_string(),
            }),
        };
        insta::assert_snapshot!(serde_json::to_string(&refused).unwrap(), @r#"{"form":"a[1:] = a[:-1]","what":"values of `a`","input":"captured"}"#);
    }
}
