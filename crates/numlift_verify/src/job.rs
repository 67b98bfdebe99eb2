//! The two messages of verification: what to verify, and the verdict.
//!
//! One [`VerifyJob`] is one line of JSON on the worker's standard input, one [`Verdict`] one line on its standard
//! output. Fields with a default may be left out.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Old and new text of one region, and what they are to agree on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VerifyJob {
    /// The region's number in the plan.
    pub region: u32,
    /// For messages: `simulate.py:10-14`.
    #[serde(default)]
    pub name: String,
    /// The region's statements as they are, not indented.
    pub old: String,
    /// The statements that would replace them, not indented.
    pub new: String,
    /// Lines that the edit adds to the module's imports; only the new side sees them.
    #[serde(default)]
    pub imports: Vec<String>,
    /// Where the region lies.
    pub module: ModuleRef,
    /// The region's statements stand at module level, so its names are globals.
    #[serde(default)]
    pub module_level: bool,
    /// Names that the region may read before it binds them.
    pub live_in: Vec<String>,
    /// Names that the old text may bind.
    pub binds: Vec<String>,
    /// Names that must agree afterwards. Other bound names are compared where both sides bind them to the same kind
    /// of value, since a result that nobody reads is a result all the same.
    pub live_out: Vec<String>,
    /// Whether a `return` of the enclosing function stands inside.
    #[serde(default)]
    pub returns: bool,
    pub captures: Vec<CaptureRef>,
    #[serde(default)]
    pub policy: Policy,
    /// What is proven about every execution, so that hostile inputs need not break it.
    #[serde(default)]
    pub proven: Vec<Fact>,
    /// How many hostile inputs are tried.
    #[serde(default = "default_hostile")]
    pub hostile: u32,
    #[serde(default)]
    pub seed: u64,
    /// All of it is to take no longer than this; at least one captured input is always run.
    #[serde(default = "default_budget")]
    pub budget_seconds: f64,
    /// The interpreter that runs both sides takes no more bytes than this for it.
    #[serde(default)]
    pub max_memory: Option<u64>,
    /// Whether old and new are timed against each other.
    #[serde(default)]
    pub time: bool,
    /// The new side is compiled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kernel: Option<KernelJob>,
}

/// How the new side is compiled.
///
/// Without `outlined` the region is the body of a function: the function is compiled as it is and called with its
/// parameters. With it, that definition is compiled, and the new text calls it by its name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KernelJob {
    pub compiler: Compiler,
    /// Elementary functions are to be NumPy's own, bit for bit.
    #[serde(default)]
    pub exact: bool,
    /// Parameters of the function in order, and whether they are given by name only.
    #[serde(default)]
    pub parameters: Vec<(String, bool)>,
    #[serde(default)]
    pub outlined: Option<Outlined>,
}

/// A function that is made of statements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outlined {
    pub name: String,
    /// Its `def`, without decorators.
    pub definition: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Compiler {
    Numlift,
    Numba,
}

/// The module and function that a region is part of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModuleRef {
    pub file: PathBuf,
    /// The directory that the program's own imports start from.
    #[serde(default)]
    pub project_root: PathBuf,
    /// The module's name in the program: `__main__` for a script.
    #[serde(default = "default_module")]
    pub name: String,
    /// Qualified name of the enclosing function, or `<module>`.
    #[serde(default = "default_function")]
    pub function: String,
    /// First line of the region.
    #[serde(default)]
    pub line: u32,
}

/// A captured input.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CaptureRef {
    pub path: PathBuf,
    /// Whether the captured execution itself was left by an exception. If it was not and the old text raises here,
    /// the region could not be run again faithfully and there is no verdict.
    #[serde(default)]
    pub raised: bool,
    /// How long the captured execution took, when that is known.
    #[serde(default)]
    pub seconds: Option<f64>,
}

/// How strictly two outcomes are compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Policy {
    pub strength: Strength,
    /// Under [`Strength::Rounding`]: this much relative difference needs no further argument.
    pub rel: f64,
    /// Under [`Strength::Rounding`]: no difference above this part of the largest magnitude is ever accepted.
    pub cap: f64,
    /// Differences that were announced to the user.
    pub allow: Vec<Allow>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    /// Bit for bit.
    Exact,
    /// The same mathematics in another order or flavour.
    Rounding,
}

/// A difference that was announced.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum Allow {
    /// Which warnings are given.
    Warnings,
    /// The message of an exception that a `raise` of the user's made.
    ExceptionMessage,
    /// Its type, as long as both raise.
    ExceptionType,
    /// Names that the region bound before an exception left it.
    NamesAfterException,
    /// What had been stored into arguments before an exception left it.
    StoresBeforeException,
    /// `-0.0` for `0.0`.
    ZeroSign,
    /// `name` may change between list, tuple and array; its elements must agree as numbers.
    Container { name: String },
    /// `name` may change between a Python number and a NumPy scalar.
    ScalarType { name: String },
    /// `name` is not compared.
    Name { name: String },
}

/// Something that is proven to hold whenever the region is entered. `name` is a live-in or a plain attribute of one
/// (`self.x`), or a global that functions called from the region read (`physics::table`, or just `table`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum Fact {
    /// Python type, dtype and number of dimensions are always those captured.
    Type { name: String },
    /// Its lengths, or the int itself, are always related to other lengths and ints as captured.
    Lengths { name: String },
    /// One of its extents is always the number that was captured.
    Extent { name: String, axis: usize },
    /// Always exactly the captured value.
    Value { name: String },
    /// An int, or all elements of an integer array, within these bounds.
    Range {
        name: String,
        lo: Option<i64>,
        hi: Option<i64>,
    },
    /// Never NaN or infinite.
    Finite { name: String },
    /// Never empty.
    NotEmpty { name: String },
    /// Shares no memory with any other live-in.
    Unshared { name: String },
    /// Always C-contiguous, aligned and writeable.
    Contiguous { name: String },
}

impl Fact {
    /// The name that it is about.
    pub fn name(&self) -> &str {
        match self {
            Fact::Type { name }
            | Fact::Lengths { name }
            | Fact::Extent { name, .. }
            | Fact::Value { name }
            | Fact::Range { name, .. }
            | Fact::Finite { name }
            | Fact::NotEmpty { name }
            | Fact::Unshared { name }
            | Fact::Contiguous { name } => name,
        }
    }
}

/// What came of a job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    pub region: u32,
    /// Old and new agreed on every input that was run, and at least one captured input was.
    pub agree: bool,
    pub captured: Counts,
    pub hostile: Counts,
    /// The first input that told them apart, shrunk.
    pub differences: Vec<Difference>,
    /// By name, the largest distances that were accepted.
    pub worst: BTreeMap<String, Worst>,
    /// Median seconds on the largest captured input.
    pub old_seconds: Option<f64>,
    pub new_seconds: Option<f64>,
    /// Things to know about the evidence: names that could not be compared, inputs cut short.
    pub notes: Vec<String>,
    /// Why there is no verdict; `agree` is false then.
    pub error: Option<String>,
    /// How long all this took.
    pub seconds: f64,
    /// What became of a new side that is compiled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kernel: Option<Box<KernelVerdict>>,
}

/// A compiled new side, on the captured inputs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KernelVerdict {
    /// The types that it was compiled for, one text for each kind of arguments.
    pub types: Vec<String>,
    /// Seconds that compiling took, with an empty cache.
    pub first: f64,
    /// Seconds that it takes where the cache has it.
    pub again: f64,
    /// Where it was left for Python, or ran pieces in Python: line, why, how often.
    pub in_python: Vec<(u32, String, u64)>,
    /// As what C calls it, if it can: `numbers`, `filter`, `line`, `transform`.
    #[serde(default)]
    pub native: Option<String>,
    /// Why it stays in Python, if it does.
    #[serde(default)]
    pub refusal: Option<String>,
}

/// Inputs of one kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Both sides were run and compared.
    pub run: u32,
    /// Of these, the old text raised.
    pub raised: u32,
    /// The old text could not be run to an end in time, or time was up before.
    pub skipped: u32,
}

/// Two outcomes of one input that differ.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// `out[3]`, `x.shape`, `standard output`, `exception`.
    pub path: String,
    pub kind: DifferenceKind,
    pub old: String,
    pub new: String,
    /// The input, in words.
    pub input: String,
    /// Its live-ins, one `name = value` each.
    pub live_in: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceKind {
    Value,
    Dtype,
    Shape,
    /// Of a sequence.
    Length,
    /// Python type.
    Type,
    /// Only one side binds the name.
    Unbound,
    /// An argument was left in another state.
    Argument,
    /// Memory or an object is shared on one side only.
    Sharing,
    /// One is read-only.
    Writeable,
    Random,
    Output,
    Warnings,
    Exception,
    ExceptionMessage,
    /// The new text did not come to an end.
    Hang,
    /// The two cannot be told apart or held equal.
    Incomparable,
}

/// Largest distances seen for one name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Worst {
    /// In units in the last place.
    pub ulp: f64,
    /// Relative to the old value.
    pub rel: f64,
}

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            strength: Strength::Exact,
            rel: 1e-13,
            cap: 1e-9,
            allow: Vec::new(),
        }
    }
}

impl Policy {
    /// The default bound for rewrites that round differently.
    pub fn rounding() -> Policy {
        Policy {
            strength: Strength::Rounding,
            ..Policy::default()
        }
    }

    pub fn allows(&self, what: &Allow) -> bool {
        self.allow.contains(what)
    }
}

fn default_hostile() -> u32 {
    200
}

fn default_budget() -> f64 {
    20.0
}

fn default_module() -> String {
    "__main__".to_owned()
}

fn default_function() -> String {
    "<module>".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_needs_only_what_has_no_default() {
        let text = r#"{"region": 3, "old": "y = x", "new": "y = x", "module": {"file": "a.py"}, "live_in": ["x"],
            "binds": ["y"], "live_out": ["y"], "captures": [{"path": "0.snap"}],
            "policy": {"strength": "rounding", "allow": [{"t": "warnings"}, {"t": "container", "name": "y"}]}}"#;
        let job: VerifyJob = serde_json::from_str(text).unwrap();
        assert_eq!(job.hostile, 200);
        assert_eq!(job.policy.strength, Strength::Rounding);
        assert!(job.policy.allows(&Allow::Container { name: "y".to_owned() }));
        assert_eq!(job.module.name, "__main__");
        let again: VerifyJob = serde_json::from_str(&serde_json::to_string(&job).unwrap()).unwrap();
        assert_eq!(again, job);
    }
}
