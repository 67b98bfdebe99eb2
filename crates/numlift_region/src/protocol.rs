//! The protocol between numlift and the Python worker: plain JSON, one type per message.
//!
//! The worker (`python/numlift/_worker.py`) is the only place where the user's code runs. It reads a job file,
//! runs, and writes a result file beside it:
//!
//! ```text
//! python -m numlift._worker watch  JOBDIR      JOBDIR/plan.json -> JOBDIR/watch.json + JOBDIR/captures/*.snap
//! python -m numlift._worker run    JOBDIR      JOBDIR/run.json  -> JOBDIR/ran.json
//! python -m numlift._worker verify JOBDIR      one `VerifyJob` a line on stdin -> one `Verdict` a line on stdout
//! ```
//!
//! Positions are those of Python's `ast`: lines from 1, columns in UTF-8 bytes from 0. Seconds are floats.
//! Unknown fields are ignored by both sides; `version` changes when a field changes its meaning.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The protocol's version; the worker refuses a job of another one.
pub const VERSION: u32 = 1;

/// A place in a Python file as `ast` counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Pos {
    /// From 1.
    pub line: u32,
    /// UTF-8 bytes from 0.
    pub column: u32,
}

/// What is run: `numlift optimize script.py args…` or `-m module args…`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Program {
    pub kind: ProgramKind,
    /// A path for a script, a dotted name for a module.
    pub target: String,
    pub args: Vec<String>,
    /// The directory that it runs in.
    pub cwd: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProgramKind {
    Script,
    Module,
}

/// Names one region in every message.
pub type RegionId = u32;

/// A run of statements of one block, entered at its first statement and left behind its last one (or by `return`
/// or an exception; never by a `break` or `continue` of a loop outside it, a `yield` or an `await`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RegionSpec {
    pub id: RegionId,
    /// Absolute path of the file.
    pub file: PathBuf,
    /// Qualified name of the enclosing function as in `__qualname__`, or `<module>`.
    pub function: String,
    /// Start of the first statement.
    pub start: Pos,
    /// End of the last statement (exclusive).
    pub end: Pos,
    /// Names that the region may read before it binds them, builtins excluded: locals, enclosing or global names.
    pub live_in: Vec<String>,
    /// Names that the region may bind.
    pub binds: Vec<String>,
    /// Those of `binds` that anything outside may read afterwards.
    pub live_out: Vec<String>,
    /// Whether a `return` of the enclosing function stands inside.
    pub returns: bool,
    /// The innermost region around this one, in the same function.
    pub parent: Option<RegionId>,
    /// Array code that is timed beside the loops; nothing is captured.
    #[serde(default)]
    pub timed_only: bool,
    /// It is the whole body of a function, which is called so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_of: Option<Called>,
}

/// How a function is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Called {
    /// Its parameters in order, and whether they are given by name only.
    pub parameters: Vec<(String, bool)>,
}

/// A job for `watch`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WatchPlan {
    pub version: u32,
    pub program: Program,
    /// Regions of the script and of the modules of its own project.
    pub regions: Vec<RegionSpec>,
    /// Stop watching after this many seconds; what was captured by then is kept.
    pub for_seconds: Option<f64>,
    /// At most so many snapshots for each region and type signature.
    pub captures_per_signature: u32,
    /// A snapshot larger than this is not taken (bytes).
    pub max_capture_bytes: u64,
    /// All snapshots together are not larger than this (bytes).
    pub max_total_bytes: u64,
    /// Feed this file as standard input; else the worker's own is passed through and recorded.
    pub stdin: Option<PathBuf>,
    /// Whether the program's output goes to the worker's own stdout and stderr too (it is always recorded).
    pub echo: bool,
}

/// What `watch` found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WatchReport {
    pub version: u32,
    /// `3.11.7`
    pub python: String,
    /// `2.4.6`, empty when NumPy was never imported.
    pub numpy: String,
    pub outcome: Outcome,
    pub regions: Vec<RegionWatch>,
    /// What the program did to the world, in order, at most a thousand of each kind.
    pub effects: Vec<Effect>,
    /// Project modules that were imported: module name to file.
    pub modules: BTreeMap<String, PathBuf>,
}

/// How a whole run of the program ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    pub ended: Ended,
    pub exit_code: i32,
    /// Printed traceback when it ended by an exception, with no frame of numlift's in it.
    pub traceback: Option<String>,
    /// Wall time of the program itself, without interpreter start and capture time.
    pub seconds: f64,
    /// Time spent taking snapshots, not in `seconds`.
    pub capture_seconds: f64,
    /// Recorded standard output and standard error, as files in the job directory.
    pub stdout: PathBuf,
    pub stderr: PathBuf,
    /// Random seeds, clock reads and standard input, to be replayed by `run`; a file in the job directory.
    pub entropy: PathBuf,
    /// Did it read the clock, system entropy, standard input?
    pub read_clock: bool,
    pub read_entropy: bool,
    pub read_stdin: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ended {
    Finished,
    /// By an exception (a `SystemExit` is `Finished`).
    Failed,
    /// `--for` or `--timeout` ran out.
    TimeLimit,
    /// Ctrl-C.
    Interrupted,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    /// `write`, `delete`, `rename`, `socket`, `subprocess`, `window`, `other`.
    pub kind: String,
    /// The path, address or command.
    pub what: String,
    /// Inside a temporary directory: the program may be run again all the same.
    pub temporary: bool,
    /// The innermost watched region that was active.
    pub region: Option<RegionId>,
    /// The other regions that were active around it, in the same function or in a caller, from the inside.
    #[serde(default)]
    pub within: Vec<RegionId>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RegionWatch {
    pub id: RegionId,
    /// How often it was entered.
    pub entries: u64,
    /// Wall time inside, with everything it calls; extrapolated when only some entries were timed.
    pub seconds: f64,
    /// Every entry was timed.
    pub exact: bool,
    pub captures: Vec<Capture>,
    /// Why nothing could be captured, in words.
    pub refused: Option<String>,
}

/// One snapshot: what a region read, and what it left behind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Capture {
    /// File in `captures/`. Beside it may lie one with `.after` at the end of its name: what the execution left behind.
    pub file: String,
    /// Which entry it was, from 0.
    pub entry: u64,
    /// How long this execution took.
    pub seconds: f64,
    pub bytes: u64,
    pub live_in: BTreeMap<String, Seen>,
    /// Globals that functions called from the region may read, as `module.name`; they are in the snapshot too.
    #[serde(default)]
    pub globals: BTreeMap<String, Seen>,
    /// Bound names after it; empty when it was left by an exception or stopped.
    pub live_out: BTreeMap<String, Seen>,
}

/// The type of a value as it was seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "lowercase")]
pub enum Seen {
    None,
    Bool {
        value: bool,
    },
    /// `value` as decimal text, since Python's ints have no bounds.
    Int {
        value: String,
    },
    Float,
    Complex,
    Str,
    /// A NumPy scalar.
    Np {
        dtype: String,
    },
    /// Exactly `numpy.ndarray` (subclasses are `Object`). `dtype` as `dtype.str` (`<f8`), strides in bytes.
    Array {
        dtype: String,
        shape: Vec<u64>,
        strides: Vec<i64>,
        writeable: bool,
        /// Names equal in this number share a base buffer.
        base: u32,
    },
    /// `elem` when all elements have one type (by kind, lengths aside); `regular` is the full shape of a rectangular
    /// list of lists.
    List {
        len: u64,
        elem: Option<Box<Seen>>,
        regular: Option<Vec<u64>>,
    },
    Tuple {
        items: Vec<Seen>,
    },
    Dict {
        len: u64,
        key: Option<Box<Seen>>,
        value: Option<Box<Seen>>,
    },
    Set {
        len: u64,
        elem: Option<Box<Seen>>,
    },
    Range {
        start: i64,
        stop: i64,
        step: i64,
    },
    Slice,
    Module {
        name: String,
    },
    /// A Python function, with the place of its `def` where it has one, or a builtin (`file` empty).
    Function {
        name: String,
        file: String,
        line: u32,
    },
    Class {
        name: String,
    },
    Dtype {
        dtype: String,
    },
    /// `numpy.random.Generator` and `RandomState`, by name of the bit generator.
    Generator {
        bits: String,
        legacy: bool,
    },
    /// An instance of a Python class with plain attributes.
    Object {
        class: String,
        attrs: BTreeMap<String, Seen>,
    },
    Other {
        class: String,
    },
}

/// A job for `run`: the whole program once more, perhaps with other text in some files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunJob {
    pub version: u32,
    pub program: Program,
    /// Path of a file of the project to the file with the text to use instead; nothing is written to the project.
    pub overlay: BTreeMap<PathBuf, PathBuf>,
    /// Replay seeds, clock and standard input from here.
    pub entropy: Option<PathBuf>,
    pub timeout_seconds: Option<f64>,
}

/// What `run` found; the outcome's files lie in the job directory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunReport {
    pub version: u32,
    pub outcome: Outcome,
    pub effects: Vec<Effect>,
}
