//! The worker: where the user's code runs, in a process of its own.
//!
//! [`Worker`] is what the stages need of it; [`PythonWorker`] is the real one. Tests put a scripted one in its place.

use std::path::Path;

use numlift_region::protocol::{RunJob, RunReport, WatchPlan, WatchReport};
use numlift_verify::job::{Verdict, VerifyJob};

pub(crate) use process::{command, require_numba};
pub use python::PythonWorker;

use crate::error::Error;

mod process;
mod python;

/// Runs programs and regions.
pub trait Worker {
    /// Runs the program of `plan`; results lie in `dir`. `tick` is called now and then with the seconds passed.
    fn watch(&mut self, plan: &WatchPlan, dir: &Path, tick: &mut dyn FnMut(f64)) -> Result<WatchReport, Error>;

    /// Runs the whole program once more.
    fn run(&mut self, job: &RunJob, dir: &Path) -> Result<Ran, Error>;

    /// Runs old against new for one region. A crash or a hang is an answer, not an error.
    fn verify(&mut self, job: &VerifyJob, dir: &Path) -> Result<Verified, Error>;
}

/// How a run of the whole program went.
#[derive(Debug, Clone, PartialEq)]
pub enum Ran {
    Ended(RunReport),
    /// It took longer than it was given.
    TimedOut,
    /// The process died; the last words of its standard error.
    Crashed(String),
}

/// How a verification went.
#[derive(Debug, Clone, PartialEq)]
pub enum Verified {
    Verdict(Verdict),
    /// It took longer than it was given.
    TimedOut,
    /// The process died; the last words of its standard error.
    Crashed(String),
}
