//! Watching: the program runs once, its regions are timed and their inputs captured.

use std::path::{Path, PathBuf};
use std::time::Instant;

use numlift_region::protocol::{Ended, RegionSpec, VERSION, WatchPlan, WatchReport};

use crate::config::{Config, ProgramKind};
use crate::error::Error;
use crate::memory;
use crate::project::NotARegion;
use crate::worker::Worker;

/// What watching gave: the report, and where its captures lie.
#[derive(Debug)]
pub struct Watched {
    pub regions: Vec<RegionSpec>,
    pub report: WatchReport,
    /// The job directory; private, and deleted with this.
    pub dir: JobDir,
    /// It was watched by `numlift record`, perhaps on another machine.
    pub elsewhere: bool,
    /// Loops that could not be watched.
    pub not_regions: Vec<NotARegion>,
    /// Seconds that watching took here, from start to end.
    pub spent: f64,
}

/// A private folder for one session; captured data go nowhere else.
#[derive(Debug)]
pub struct JobDir {
    /// Deleted when this goes.
    folder: tempfile::TempDir,
    path: PathBuf,
}

impl JobDir {
    pub fn new() -> Result<JobDir, Error> {
        let made = tempfile::Builder::new().prefix("numlift-").tempdir();
        let folder = made.map_err(|error| Error::Write {
            path: std::env::temp_dir(),
            error,
        })?;
        let path = folder.path().to_path_buf();
        Ok(JobDir { folder, path })
    }

    /// A folder inside of another one, which lives as long.
    pub fn inside(outer: JobDir, name: &str) -> JobDir {
        let path = outer.path.join(name);
        JobDir {
            folder: outer.folder,
            path,
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A file of the folder that the worker named, by a path that may be older than the folder.
    pub fn file(&self, name: &Path) -> PathBuf {
        self.path.join(name.file_name().unwrap_or_default())
    }

    /// The snapshot of this name.
    pub fn capture(&self, name: &str) -> PathBuf {
        self.path.join("captures").join(name)
    }
}

/// Snapshots of one type signature.
const CAPTURES_PER_SIGNATURE: u32 = 3;

/// The verifier holds a captured input so often: as data, for each side, and what each side left behind.
const HELD_AT_ONCE: u64 = 4;

/// Of the time that the whole command is given, this much may be watching.
const WATCHING_PART: f64 = 0.6;

/// Runs the program with hooks around its regions.
pub fn watch(
    config: &Config,
    regions: Vec<RegionSpec>,
    worker: &mut dyn Worker,
    tick: &mut dyn FnMut(f64),
) -> Result<Watched, Error> {
    let dir = JobDir::new()?;
    let limit = config.max_memory.unwrap_or_else(memory::default_limit);
    let until_timeout = config.timeout.map(|seconds| seconds * WATCHING_PART);
    let plan = WatchPlan {
        version: VERSION,
        program: config.program.clone(),
        regions,
        for_seconds: config.for_seconds.into_iter().chain(until_timeout).reduce(f64::min),
        captures_per_signature: CAPTURES_PER_SIGNATURE,
        max_capture_bytes: (limit / HELD_AT_ONCE).min(1 << 30),
        max_total_bytes: limit.min(4 << 30),
        stdin: None,
        echo: config.echo,
    };
    let started = Instant::now();
    let report = worker.watch(&plan, dir.path(), tick)?;
    Ok(Watched {
        spent: started.elapsed().as_secs_f64(),
        regions: plan.regions,
        report,
        dir,
        elsewhere: false,
        not_regions: Vec::new(),
    })
}

/// A program that fails by itself is an error, unless it ran for long enough to be cured from what was seen.
pub fn require_success(config: &Config, watched: &Watched) -> Result<(), Error> {
    let outcome = &watched.report.outcome;
    let fails = match outcome.ended {
        Ended::Failed => outcome.seconds < LONG_ENOUGH,
        // `sys.exit("usage: …")`: it ended before it did anything.
        Ended::Finished => outcome.exit_code != 0 && watched.report.regions.iter().all(|region| region.entries == 0),
        Ended::TimeLimit | Ended::Interrupted => false,
    };
    if !fails {
        return Ok(());
    }
    let traceback = outcome.traceback.clone().or_else(|| {
        let words = std::fs::read(watched.dir.file(&outcome.stderr)).ok()?;
        let words = String::from_utf8_lossy(&words).trim().to_string();
        (!words.is_empty()).then_some(words)
    });
    Err(Error::ProgramFails {
        program: shown_program(config),
        exit_code: outcome.exit_code,
        traceback,
    })
}

/// Seconds after which a failure does not make what was seen worthless.
const LONG_ENOUGH: f64 = 10.0;

/// The program as the report names it.
pub fn shown_program(config: &Config) -> String {
    match config.program.kind {
        ProgramKind::Script => config.program.target.clone(),
        ProgramKind::Module => format!("-m {}", config.program.target),
    }
}
