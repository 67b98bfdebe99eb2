//! The real worker: `python -m numlift._worker`, with the protocol's files in the job directory.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use numlift_region::protocol::{RunJob, RunReport, WatchPlan, WatchReport};
use numlift_verify::job::{Verdict, VerifyJob};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::process::{Answer, Dialogue, End, Process, command};
use super::{Ran, Verified, Worker};
use crate::error::Error;
use crate::interrupt::Interrupts;

/// Runs user code in the given interpreter.
pub struct PythonWorker {
    python: PathBuf,
    interrupts: Interrupts,
    /// Show the watched program's output, on standard error.
    echo: bool,
    /// Presses that have had their effect.
    heeded: u32,
    /// The process that verifies, kept from job to job; it is started again after a crash or a hang.
    verifier: Option<Dialogue>,
}

/// A terminal sends Ctrl-C to the worker too; what comes from elsewhere reaches only us and is passed on after this.
const PASS_ON_AFTER: Duration = Duration::from_millis(300);

/// A program that was told and has not even had its report written by now handles Ctrl-C by itself.
const STOP_AFTER: Duration = Duration::from_millis(1200);

/// How long a program may take to end after it was told to.
const GRACE: Duration = Duration::from_secs(10);

/// A terminal's Ctrl-C may end a worker before our own handler has run: so long its death may turn out to be one.
const HEED_AFTER: Duration = Duration::from_millis(500);

/// Seconds that compiling may take beyond the time for checking.
const COMPILING: f64 = 10.0;

impl PythonWorker {
    pub fn new(python: PathBuf, interrupts: Interrupts, echo: bool) -> PythonWorker {
        PythonWorker {
            python,
            interrupts,
            echo,
            heeded: 0,
            verifier: None,
        }
    }

    fn heed_interrupts(&self) -> Result<(), Error> {
        if self.interrupts.presses() > self.heeded {
            Err(Error::Aborted)
        } else {
            Ok(())
        }
    }

    /// After a worker has died: whether Ctrl-C was why.
    fn heed_death(&self) -> Result<(), Error> {
        let died = Instant::now();
        while died.elapsed() < HEED_AFTER {
            self.heed_interrupts()?;
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }
}

impl Worker for PythonWorker {
    fn watch(&mut self, plan: &WatchPlan, dir: &Path, tick: &mut dyn FnMut(f64)) -> Result<WatchReport, Error> {
        write_json(&dir.join("plan.json"), plan)?;
        let mut command = worker(&self.python, "watch", dir);
        command.stdout(if self.echo {
            Stdio::from(std::io::stderr())
        } else {
            Stdio::null()
        });
        let mut process = Process::start(command, self.echo)?;
        let start = Instant::now();
        let mut told: Option<Instant> = None;
        let (mut passed_on, mut stopped) = (false, false);
        // The worker itself heeds the limit; a program that cannot be stopped from inside is told from outside.
        let overdue = plan
            .for_seconds
            .map(|limit| Duration::from_secs_f64(limit * 1.1) + GRACE / 2);
        let end = process.wait(None, &mut |process| {
            tick(start.elapsed().as_secs_f64());
            if self.interrupts.presses() > self.heeded + 1 {
                return Err(Error::Aborted);
            }
            let pressed = self.interrupts.presses() > self.heeded;
            if told.is_none() && (pressed || overdue.is_some_and(|limit| start.elapsed() > limit)) {
                told = Some(Instant::now());
            }
            if let Some(told) = told {
                if !passed_on && told.elapsed() > PASS_ON_AFTER {
                    passed_on = true;
                    process.interrupt();
                }
                if !stopped && told.elapsed() > STOP_AFTER && !dir.join("watch.json").exists() {
                    stopped = true;
                    process.stop();
                }
                if told.elapsed() > GRACE + Duration::from_secs_f64(start.elapsed().as_secs_f64() * 0.1) {
                    return Err(Error::Worker("did not stop; what was seen is lost".to_string()));
                }
            }
            Ok(())
        })?;
        self.heeded = self.interrupts.presses();
        match end {
            End::Exited(status) => match read_json(&dir.join("watch.json"))? {
                Some(report) => Ok(report),
                None => Err(Error::Worker(format!(
                    "ended without a result ({})",
                    process.describe(status)
                ))),
            },
            End::TimedOut => Err(Error::Worker("took too long".to_string())),
        }
    }

    fn run(&mut self, job: &RunJob, dir: &Path) -> Result<Ran, Error> {
        write_json(&dir.join("run.json"), job)?;
        let mut command = worker(&self.python, "run", dir);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let mut process = Process::start(command, false)?;
        let limit = job
            .timeout_seconds
            .map(|seconds| Duration::from_secs_f64(seconds) + GRACE / 2);
        match process.wait(limit, &mut |_| self.heed_interrupts())? {
            End::TimedOut => Ok(Ran::TimedOut),
            End::Exited(status) => {
                let report = read_json::<RunReport>(&dir.join("ran.json"))?;
                if report.is_none() || was_interrupted(status) {
                    self.heed_death()?;
                }
                Ok(match report {
                    Some(report) => Ran::Ended(report),
                    None => Ran::Crashed(process.describe(status)),
                })
            }
        }
    }

    fn verify(&mut self, job: &VerifyJob, dir: &Path) -> Result<Verified, Error> {
        let mut verifier = match self.verifier.take() {
            Some(verifier) => verifier,
            None => Dialogue::start(worker(&self.python, "verify", dir))?,
        };
        let line = serde_json::to_string(job).map_err(|error| Error::Worker(error.to_string()))?;
        let limit = time_limit(job);
        match verifier.ask(&line, limit, &mut || self.heed_interrupts())? {
            Answer::Line(line) => {
                let verdict: Verdict = serde_json::from_str(&line)
                    .map_err(|error| Error::Worker(format!("gave an answer that is none ({error}): {line}")))?;
                self.verifier = Some(verifier);
                Ok(Verified::Verdict(verdict))
            }
            Answer::TimedOut => Ok(Verified::TimedOut),
            Answer::Crashed(words) => {
                self.heed_death()?;
                Ok(Verified::Crashed(words))
            }
        }
    }
}

/// Ended as Ctrl-C ends a program, by the signal or by the exit code that tells of it.
fn was_interrupted(status: ExitStatus) -> bool {
    #[cfg(unix)]
    if std::os::unix::process::ExitStatusExt::signal(&status) == Some(nix::sys::signal::Signal::SIGINT as i32) {
        return true;
    }
    status.code() == Some(130)
}

/// The verifier keeps to its budget by itself; it is ended when it does not. One captured input is always run.
fn time_limit(job: &VerifyJob) -> Duration {
    let longest = job
        .captures
        .iter()
        .filter_map(|capture| capture.seconds)
        .fold(0.0, f64::max);
    // A compilation that has begun is not cut short, and each kind of hostile inputs may need one.
    let compiling = if job.kernel.is_some() { COMPILING } else { 0.0 };
    Duration::from_secs_f64(1.5 + job.budget_seconds * 1.25 + longest * 1.5 + compiling)
}

/// `python -m numlift._worker MODE DIR`
fn worker(python: &Path, mode: &str, dir: &Path) -> Command {
    let mut command = command(python, "numlift._worker", dir);
    command.arg(mode).arg(dir);
    command
}

fn write_json(path: &Path, value: &impl Serialize) -> Result<(), Error> {
    let fail = |error: std::io::Error| Error::Write {
        path: path.to_path_buf(),
        error,
    };
    let text = serde_json::to_vec(value).map_err(|error| fail(error.into()))?;
    std::fs::write(path, text).map_err(fail)
}

/// None when the file is not there: the worker died before it wrote it.
fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, Error> {
    let Ok(file) = File::open(path) else { return Ok(None) };
    serde_json::from_reader(std::io::BufReader::new(file))
        .map(Some)
        .map_err(|error| Error::Worker(format!("wrote a result that cannot be read ({error})")))
}
