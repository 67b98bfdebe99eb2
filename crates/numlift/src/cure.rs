//! What can be done about a region: the boundary between the stages that run programs and those that rewrite them.
//!
//! A [`Curer`] looks at one watched region and finds cures, or that it is fast already, or what stands in the way.
//! It runs nothing: every cure it offers is a claim that the verifier tests and the whole program confirms.

use std::path::PathBuf;

use numlift_region::protocol::{RegionSpec, RegionWatch};
use numlift_source::text::SourceText;
use numlift_verify::job::{Allow, Fact, KernelJob};
use serde::{Deserialize, Serialize};

use crate::project::Project;

/// One replacement of a piece of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextEdit {
    pub file: PathBuf,
    /// Byte offsets into the decoded text, end exclusive.
    pub start: usize,
    pub end: usize,
    /// With `\n` line ends; they become those of the file.
    pub text: String,
}

/// How much of the old result a cure keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strength {
    /// Bit for bit.
    Exact,
    /// The same mathematics in another order or flavour.
    Rounding,
}

/// Something a cure stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// `x` is a one-dimensional float64 array
    pub text: String,
    pub discharge: Discharge,
}

impl Condition {
    /// Whether another test says the same of more: then it is said here.
    pub fn is_guarded_too(&mut self, text: &str, test: &str) -> bool {
        match &mut self.discharge {
            Discharge::Guarded(tests) if self.text == text => {
                tests.push_str(" and ");
                tests.push_str(test);
                true
            }
            _ => false,
        }
    }
}

/// Why a condition may be relied on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Discharge {
    /// By an argument over all the code that can reach the region.
    Proven(String),
    /// The new form is right in the other cases too.
    Tolerated(String),
    /// A test at the entry keeps the original as the other branch.
    Guarded(String),
    /// Only seen in the run: such a cure is proposed and never applied.
    Observed,
}

/// A difference that is allowed and told to the user.
#[derive(Debug, Clone, PartialEq)]
pub struct Announced {
    /// `` `i` is no longer defined afterwards ``
    pub text: String,
    /// The same, for the verifier.
    pub allow: Vec<Allow>,
}

/// A rewrite of a region, with everything that is claimed of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Cure {
    /// What is slow, in words: `matrix product by hand`.
    pub why: String,
    /// The core of the new text: `np.array(A) @ np.array(B)`.
    pub form: String,
    /// Replace the region's statements, and what must change elsewhere with them.
    pub edits: Vec<TextEdit>,
    /// The region's new statements, dedented, for the verifier.
    pub new_text: String,
    /// Import statements that the file needs and may lack.
    pub imports: Vec<String>,
    pub strength: Strength,
    /// The largest relative difference that rounding may make; 0 when exact.
    pub rel_bound: f64,
    pub conditions: Vec<Condition>,
    /// What is proven of every execution, for the verifier: hostile inputs keep to it.
    pub facts: Vec<Fact>,
    /// The derivation, as names of the steps.
    pub steps: Vec<String>,
    pub announced: Vec<Announced>,
    /// Memory at its peak, on what was seen.
    pub peak_bytes: Option<u64>,
    /// The new text is compiled, so.
    pub kernel: Option<KernelJob>,
}

impl Cure {
    /// Nothing that it stands on was merely observed.
    pub fn is_applicable(&self) -> bool {
        self.conditions
            .iter()
            .all(|condition| condition.discharge != Discharge::Observed)
    }
}

/// Why a region stays as it is, with the place at fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocker {
    /// `carried`, `opaque-call`, … stable, for JSON.
    pub kind: String,
    pub message: String,
    pub file: PathBuf,
    /// Byte offsets into the decoded text, end exclusive.
    pub span: (usize, usize),
    /// Further places with what is to be said of them.
    pub labels: Vec<((usize, usize), String)>,
    /// The change that would help.
    pub help: Option<String>,
}

/// What a [`Curer`] found.
#[derive(Debug, Clone, PartialEq)]
pub enum Finding {
    /// Best first.
    Cures(Vec<Cure>),
    /// In words, what makes it the fast form.
    AlreadyFast(String),
    Blocked(Vec<Blocker>),
}

/// What a cure may do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CureSettings {
    /// Only bit-for-bit rewrites.
    pub exact: bool,
    /// Bytes that a rewrite may need at its peak.
    pub max_memory: u64,
}

/// Finds cures for one region.
pub trait Curer {
    /// Looks at `region` in `source` as it was `watched`; runs nothing.
    fn cure(&self, region: &RegionSpec, source: &SourceText, watched: &RegionWatch, settings: &CureSettings)
    -> Finding;

    /// What is proven of the region's live-ins whenever it is entered.
    fn facts(&self, region: &RegionSpec, watched: &RegionWatch) -> Vec<Fact> {
        let _ = (region, watched);
        Vec::new()
    }

    /// A rewrite of the region that looks right to many and is not: it is checked to show where it differs, and never
    /// applied.
    fn tempting(&self, region: &RegionSpec, source: &SourceText, watched: &RegionWatch) -> Option<Cure> {
        let _ = (region, source, watched);
        None
    }
}

/// Makes a curer when the project is known.
pub type MakeCurer<'a> = &'a dyn Fn(&Project) -> Box<dyn Curer>;

/// The curer that the command uses.
pub fn curer(project: &Project) -> Box<dyn Curer> {
    Box::new(crate::lifter::Lifter::new(project))
}
