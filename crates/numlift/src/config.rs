//! What one call of `optimize` or `record` is asked to do, with every default in one place.
//!
//! The command line fills a [`Config`]; nothing below reads arguments or the environment.

use std::path::PathBuf;

pub use numlift_region::protocol::{Program, ProgramKind};
use numlift_verify::job::Compiler;

/// Everything that decides what happens to one program.
#[derive(Debug, Clone)]
pub struct Config {
    /// The interpreter in which the program and the worker run.
    pub python: PathBuf,
    /// What is run.
    pub program: Program,
    /// What the cures may use.
    pub target: Target,
    /// Only bit-for-bit rewrites.
    pub exact: bool,
    /// Stop watching after so many seconds and cure from what was seen.
    pub for_seconds: Option<f64>,
    /// The whole command takes about so many seconds at most.
    pub timeout: Option<f64>,
    /// Whether the edited program is run once more as a whole.
    pub rerun: Rerun,
    /// Only regions in these functions or over these lines; all when empty.
    pub only: Vec<Only>,
    /// A cure that gains less is not applied.
    pub min_speedup: f64,
    /// A rewrite that needs more bytes at its peak is refused; a quarter of what is free when absent.
    pub max_memory: Option<u64>,
    /// The program's own output is shown while it is watched.
    pub echo: bool,
}

impl Config {
    /// The defaults for one program.
    pub fn new(python: PathBuf, program: Program) -> Self {
        Config {
            python,
            program,
            target: Target::Numlift,
            exact: false,
            for_seconds: None,
            timeout: None,
            rerun: Rerun::IfHarmless,
            only: Vec::new(),
            min_speedup: 1.2,
            max_memory: None,
            echo: false,
        }
    }
}

/// What cures may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Array forms, and `numlift.jit` for what has none.
    Numlift,
    /// Array forms, and Numba's `njit`.
    Numba,
    /// Array forms only.
    Numpy,
}

impl Target {
    /// The compiler that it allows.
    pub fn compiler(self) -> Option<Compiler> {
        match self {
            Target::Numlift => Some(Compiler::Numlift),
            Target::Numba => Some(Compiler::Numba),
            Target::Numpy => None,
        }
    }
}

/// Whether the whole edited program is run again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rerun {
    /// When the program touched nothing but temporary files.
    IfHarmless,
    Always,
    Never,
}

/// One `--only`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Only {
    /// A function by its name or qualified name.
    Function(String),
    /// A line of the script, from 1.
    Line(u32),
}
