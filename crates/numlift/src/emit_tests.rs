//! `--emit-tests`: a pytest file that holds old against new on the captured inputs.
//!
//! Only Python can read the captured values, so the file is made by `python -m numlift._emit_tests`, from a job that
//! holds the old and the new text of each applied cure. Small inputs stand in the file itself, large arrays in an
//! `.npz` beside it: the user asked for their data to be kept, and is told where.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use numlift_verify::job::VerifyJob;
use serde::{Deserialize, Serialize};

use crate::check::{Subject, job};
use crate::error::Error;
use crate::input::absolute;
use crate::pipeline::Optimized;
use crate::worker::command;

#[derive(Debug, Serialize)]
struct Job<'a> {
    output: &'a Path,
    program: &'a str,
    regions: Vec<VerifyJob>,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Emitted {
    /// The test file and the data beside it.
    pub files: Vec<PathBuf>,
    pub tests: u32,
    /// Regions without a test, with the reason.
    pub skipped: Vec<String>,
}

/// Writes the tests of all applied cures.
pub fn write(python: &Path, output: &Path, optimized: &Optimized) -> Result<Emitted, Error> {
    let output = absolute(&optimized.project.cwd, output);
    let regions = optimized.applied.iter().filter_map(|applied| {
        let subject = Subject {
            spec: &applied.spec,
            watch: optimized
                .watched
                .report
                .regions
                .iter()
                .find(|region| region.id == applied.spec.id)?,
            source: optimized.project.sources.get(&applied.spec.file)?,
            watched: &optimized.watched,
            root: &optimized.project.root,
            name: format!(
                "{}:{}",
                optimized.project.shown(&applied.spec.file),
                applied.spec.start.line
            ),
            max_memory: None,
        };
        Some(job(&subject, &applied.cure, 0.0))
    });
    let job = Job {
        output: &output,
        program: &optimized.report.program,
        regions: regions.collect(),
    };
    let fail = |detail: String| Error::Worker(format!("could not write tests: {detail}"));
    let path = optimized.watched.dir.path().join("tests.json");
    let text = serde_json::to_vec(&job).map_err(|error| fail(error.to_string()))?;
    std::fs::write(&path, text).map_err(|error| Error::Write {
        path: path.clone(),
        error,
    })?;
    let done = command(python, "numlift._emit_tests", optimized.watched.dir.path())
        .arg(&path)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Error::NoPython {
            python: python.to_path_buf(),
            error,
        })?;
    if !done.status.success() {
        let words = String::from_utf8_lossy(&done.stderr);
        return Err(fail(
            words.trim().lines().last().unwrap_or("no reason given").to_string(),
        ));
    }
    serde_json::from_slice(&done.stdout).map_err(|error| fail(error.to_string()))
}
