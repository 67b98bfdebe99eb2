//! The whole edited program, once more: the last test of all cures together.
//!
//! The edits are seen through an overlay, so nothing of the project is written. Seeds, clock and standard input are
//! replayed, and what the program prints has to be what it printed. If it is not, the cures that moved it are found by
//! bisection and taken back.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Instant;

use numlift_region::protocol::{Ended, RunJob, RunReport, VERSION};

use crate::bisect;
use crate::config::{Config, Rerun};
use crate::cure::{Cure, Strength};
use crate::describe;
use crate::edits;
use crate::error::Error;
use crate::observer::{Observer, Progress};
use crate::output::{Comparison, clock_lines, compare, count_differing, unsteady_lines};
use crate::project::Project;
use crate::report::{Reason, Sameness, Whole};
use crate::watch::Watched;
use crate::worker::{Ran, Worker};

/// What running the whole program gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Confirmed {
    pub whole: Whole,
    /// Cures to be taken back, by position, with the reason.
    pub culprits: BTreeMap<usize, Reason>,
}

/// What confirming needs.
pub struct Confirmation<'a> {
    pub config: &'a Config,
    pub project: &'a Project,
    pub watched: &'a Watched,
    pub worker: &'a mut dyn Worker,
    /// When `--timeout` is over.
    pub deadline: Option<Instant>,
    pub observer: &'a mut dyn Observer,
}

/// Runs of the program that a bisection may cost.
const QUESTIONS: usize = 12;

/// One run, compared.
struct Compared {
    seconds: f64,
    verdict: Result<Sameness, Moved>,
    stdout: Vec<u8>,
}

/// How the program did something else.
#[derive(Debug, Clone)]
enum Moved {
    /// It ended otherwise.
    End(Reason),
    /// It printed something else.
    Output(Reason),
}

impl Moved {
    fn reason(&self) -> &Reason {
        match self {
            Moved::End(reason) | Moved::Output(reason) => reason,
        }
    }
}

/// Lines of which only the words are compared.
#[derive(Debug, Clone, Default)]
struct Masks {
    /// They were printed right after the clock was read.
    clock: BTreeSet<usize>,
    /// They differ when nothing was changed.
    unsteady: BTreeSet<usize>,
}

impl Masks {
    fn all(&self) -> BTreeSet<usize> {
        self.clock.union(&self.unsteady).copied().collect()
    }
}

impl Confirmation<'_> {
    /// Runs the program with all `cures`, and with fewer where that is needed.
    pub fn whole_program(&mut self, cures: &[&Cure]) -> Result<Confirmed, Error> {
        if cures.is_empty() {
            return Ok(Confirmed {
                whole: Whole::Unchanged,
                culprits: BTreeMap::new(),
            });
        }
        if let Some(why) = self.why_not() {
            return Ok(Confirmed {
                whole: Whole::NotRun { why },
                culprits: BTreeMap::new(),
            });
        }
        self.observer.progress(Progress::Running);
        let mut masks = self.clock_masks()?;
        let mut compared = self.run(cures, &masks)?;
        if compared.verdict.is_err() {
            // Perhaps the program never prints the same twice: then the unchanged one doesn't either.
            let unchanged = self.run(&[], &masks)?;
            if unchanged.verdict.is_err() {
                match unsteady_lines(&self.old_stdout()?, &unchanged.stdout) {
                    Some(lines) if !lines.is_empty() => masks.unsteady = &lines - &masks.clock,
                    Some(_) | None => {
                        let why = "run twice without any change, it does not do the same".to_string();
                        return Ok(Confirmed {
                            whole: Whole::NotRun { why },
                            culprits: BTreeMap::new(),
                        });
                    }
                }
                compared = self.recompare(cures, compared, &masks)?;
            }
        }
        match compared.verdict.clone() {
            Ok(sameness) => {
                let whole = self.ran(&compared, sameness, &masks)?;
                Ok(Confirmed {
                    whole,
                    culprits: BTreeMap::new(),
                })
            }
            Err(moved) => self.take_back(cures, &masks, moved.reason()),
        }
    }

    fn why_not(&self) -> Option<String> {
        let outcome = &self.watched.report.outcome;
        match self.config.rerun {
            Rerun::Never => return Some("--no-rerun".to_string()),
            Rerun::Always | Rerun::IfHarmless => {}
        }
        match outcome.ended {
            Ended::Finished => {}
            Ended::Failed => return Some("it fails by itself".to_string()),
            Ended::TimeLimit | Ended::Interrupted => return Some("it was not watched to its end".to_string()),
        }
        if self.seconds_left() < outcome.seconds {
            return Some("no time was left for it".to_string());
        }
        if self.config.rerun == Rerun::Always {
            return None;
        }
        if self.watched.elsewhere {
            return Some("it was watched elsewhere; --rerun runs it here".to_string());
        }
        let lasting = self.watched.report.effects.iter().find(|effect| !effect.temporary)?;
        Some(format!(
            "it {}; --rerun runs it all the same",
            describe::effect(lasting)
        ))
    }

    fn seconds_left(&self) -> f64 {
        self.deadline.map_or(f64::MAX, |end| {
            end.saturating_duration_since(Instant::now()).as_secs_f64()
        })
    }

    fn run(&mut self, cures: &[&Cure], masks: &Masks) -> Result<Compared, Error> {
        let outcome = &self.watched.report.outcome;
        let before = outcome.seconds;
        let job = RunJob {
            version: VERSION,
            program: self.config.program.clone(),
            overlay: self.overlay(cures)?,
            entropy: Some(self.watched.dir.file(&outcome.entropy)),
            timeout_seconds: Some((before * 3.0 + 20.0).min(self.seconds_left())),
        };
        let dir = crate::watch::JobDir::new()?;
        let failed = |why: Reason| Compared {
            seconds: 0.0,
            verdict: Err(Moved::End(why)),
            stdout: Vec::new(),
        };
        match self.worker.run(&job, dir.path())? {
            Ran::TimedOut => Ok(failed("it did not come to an end".into())),
            Ran::Crashed(words) => Ok(failed(Reason::new(
                "the interpreter died",
                words.lines().last().unwrap_or_default(),
            ))),
            Ran::Ended(report) => {
                let stdout = read(&dir.file(&report.outcome.stdout))?;
                let verdict = self.judge(&report, &stdout, cures, masks)?;
                Ok(Compared {
                    seconds: report.outcome.seconds,
                    verdict,
                    stdout,
                })
            }
        }
    }

    fn judge(
        &self,
        report: &RunReport,
        stdout: &[u8],
        cures: &[&Cure],
        masks: &Masks,
    ) -> Result<Result<Sameness, Moved>, Error> {
        let (old, new) = (&self.watched.report.outcome, &report.outcome);
        if new.ended == Ended::TimeLimit {
            return Ok(Err(Moved::End("it did not come to an end".into())));
        }
        if new.ended != old.ended || new.exit_code != old.exit_code {
            let last = new
                .traceback
                .as_deref()
                .and_then(|text| text.trim_end().lines().last().map(str::to_owned));
            let how = last.unwrap_or_else(|| format!("exit code {} became {}", old.exit_code, new.exit_code));
            return Ok(Err(Moved::End(Reason::new("it ended otherwise", how))));
        }
        Ok(self.judge_output(stdout, cures, masks)?.map_err(Moved::Output))
    }

    fn judge_output(&self, stdout: &[u8], cures: &[&Cure], masks: &Masks) -> Result<Result<Sameness, Reason>, Error> {
        Ok(
            match compare(&self.old_stdout()?, stdout, tolerance(cures), &masks.all()) {
                Comparison::Same => Ok(Sameness::Same),
                Comparison::Within(relative) => Ok(Sameness::Within { relative }),
                Comparison::Differs(difference) => Err(Reason::new(
                    format!("line {} of its output changes", difference.line),
                    format!("`{}` becomes `{}`", shorten(&difference.old), shorten(&difference.new)),
                )),
            },
        )
    }

    /// The same run, with more lines masked.
    fn recompare(&self, cures: &[&Cure], compared: Compared, masks: &Masks) -> Result<Compared, Error> {
        let verdict = match compared.verdict {
            Err(Moved::Output(_)) => self
                .judge_output(&compared.stdout, cures, masks)?
                .map_err(Moved::Output),
            Err(Moved::End(_)) | Ok(_) => compared.verdict,
        };
        Ok(Compared { verdict, ..compared })
    }

    fn clock_masks(&self) -> Result<Masks, Error> {
        let outcome = &self.watched.report.outcome;
        if !outcome.read_clock {
            return Ok(Masks::default());
        }
        let text = read(&self.watched.dir.file(&outcome.entropy))?;
        let reads = serde_json::from_slice::<ClockReads>(&text).unwrap_or_default().clock;
        Ok(Masks {
            clock: clock_lines(&self.old_stdout()?, &reads),
            unsteady: BTreeSet::new(),
        })
    }

    fn take_back(&mut self, cures: &[&Cure], masks: &Masks, difference: &Reason) -> Result<Confirmed, Error> {
        self.observer.progress(Progress::Bisecting);
        let mut last = None;
        // Exact cures first: a culprit is rather one that rounds.
        let mut order: Vec<usize> = (0..cures.len()).collect();
        order.sort_by_key(|index| cures[*index].strength);
        let found = bisect::culprits(cures.len(), QUESTIONS, |asked| {
            let subset: Vec<&Cure> = asked.iter().map(|index| cures[order[*index]]).collect();
            let compared = self.run(&subset, masks)?;
            let keeps = compared.verdict.is_ok();
            if keeps {
                last = Some(compared);
            }
            Ok::<bool, Error>(keeps)
        })?;
        let why = Reason {
            text: format!("with it, {}", difference.text),
            detail: difference.detail.clone(),
        };
        let Some(found) = found else {
            let all = (0..cures.len()).map(|index| (index, difference.clone())).collect();
            let why = Reason {
                text: format!("{}, and which cure it is could not be found out", difference.text),
                detail: difference.detail.clone(),
            };
            return Ok(Confirmed {
                whole: Whole::Moved { why },
                culprits: all,
            });
        };
        let culprits: BTreeMap<usize, Reason> = found.iter().map(|index| (order[*index], why.clone())).collect();
        let whole = match last {
            Some(compared) if culprits.len() < cures.len() => match compared.verdict {
                Ok(sameness) => self.ran(&compared, sameness, masks)?,
                Err(_) => Whole::Unchanged,
            },
            Some(_) | None => Whole::Unchanged,
        };
        Ok(Confirmed { whole, culprits })
    }

    fn ran(&self, compared: &Compared, sameness: Sameness, masks: &Masks) -> Result<Whole, Error> {
        let old = self.old_stdout()?;
        Ok(Whole::Ran {
            before_seconds: self.watched.report.outcome.seconds,
            after_seconds: compared.seconds,
            sameness,
            clock_lines: count_differing(&old, &compared.stdout, &masks.clock),
            unsteady_lines: count_differing(&old, &compared.stdout, &masks.unsteady),
        })
    }

    /// The edited files, written where the worker finds them.
    fn overlay(&self, cures: &[&Cure]) -> Result<BTreeMap<PathBuf, PathBuf>, Error> {
        let changed = edits::apply(&self.project.sources, cures).map_err(|error| Error::Worker(error.to_string()))?;
        let mut overlay = BTreeMap::new();
        for (index, (path, source)) in changed.into_iter().enumerate() {
            let file = self.watched.dir.path().join(format!("overlay-{index}.py"));
            std::fs::write(&file, source.to_bytes()).map_err(|error| Error::Write {
                path: file.clone(),
                error,
            })?;
            overlay.insert(path, file);
        }
        Ok(overlay)
    }

    fn old_stdout(&self) -> Result<Vec<u8>, Error> {
        read(&self.watched.dir.file(&self.watched.report.outcome.stdout))
    }
}

/// Of the record of seed, clock and input, what is needed here.
#[derive(Debug, Default, serde::Deserialize)]
struct ClockReads {
    /// Bytes of standard output at the readings.
    #[serde(default)]
    clock: Vec<u64>,
}

/// Rounding cures may move the output by what each of them may move its own result.
fn tolerance(cures: &[&Cure]) -> f64 {
    cures
        .iter()
        .filter(|cure| cure.strength == Strength::Rounding)
        .map(|cure| cure.rel_bound)
        .fold(0.0, f64::max)
}

fn shorten(line: &str) -> String {
    const ROOM: usize = 60;
    if line.chars().count() <= ROOM {
        return line.to_string();
    }
    line.chars().take(ROOM).chain(['…']).collect()
}

fn read(path: &std::path::Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|error| Error::Read {
        path: path.to_path_buf(),
        error,
    })
}
