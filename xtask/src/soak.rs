//! `cargo xtask soak`: every example optimized over and over.
//!
//! What happens once in a hundred runs (a race between the worker and its watcher, a temporary folder left behind, a
//! verdict that depends on the seed) shows only here.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use std::{env, fs};

use anyhow::{Context, Result, bail};

use crate::python::Venv;
use crate::{process, setup};

const HELP: &str = "\
cargo xtask soak [--minutes N]

Runs `numlift optimize` on the programs in examples/, round after round, for N minutes (default 30). A run that does
not exit with 0, or that leaves something behind in the folder for temporary files, is a failure and is printed
whole.
";

const DEFAULT_MINUTES: u64 = 30;

pub fn command(args: &[String]) -> Result<ExitCode> {
    if crate::asks_for_help(args) {
        print!("{HELP}");
        return Ok(ExitCode::SUCCESS);
    }
    let limit = Duration::from_secs(60 * minutes(args)?);
    let venv = setup::run()?;
    let examples = examples()?;
    let temporary = env::temp_dir().join(format!("numlift-soak-{}", std::process::id()));
    let start = Instant::now();
    let (mut passed, mut failed) = (0, 0);
    for example in examples.iter().cycle() {
        if start.elapsed() >= limit {
            break;
        }
        match optimize(&venv, example, &temporary)? {
            None => passed += 1,
            Some(failure) => {
                failed += 1;
                println!("{}: {failure}", example.display());
            }
        }
    }
    println!("{passed} passed, {failed} failed");
    Ok(if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn minutes(args: &[String]) -> Result<u64> {
    match args {
        [] => Ok(DEFAULT_MINUTES),
        [option, number] if option == "--minutes" => number
            .parse()
            .with_context(|| format!("`{number}` is no number of minutes")),
        _ => bail!("`cargo xtask soak` takes only `--minutes N`"),
    }
}

/// The examples that are programs of one file, sorted.
fn examples() -> Result<Vec<PathBuf>> {
    let mut examples = Vec::new();
    for entry in fs::read_dir("examples").context("cannot list examples")? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "py") {
            examples.push(path);
        }
    }
    examples.sort();
    if examples.is_empty() {
        bail!("there are no examples");
    }
    Ok(examples)
}

/// Optimizes one example in a temporary folder of its own; what was wrong, if anything was.
fn optimize(venv: &Venv, example: &Path, temporary: &Path) -> Result<Option<String>> {
    fs::create_dir_all(temporary).with_context(|| format!("cannot make {}", temporary.display()))?;
    let start = Instant::now();
    let mut numlift = venv.command("numlift");
    numlift
        .arg("optimize")
        .arg(example)
        .env("TMPDIR", temporary)
        .env("TEMP", temporary);
    let outcome = process::capture(&mut numlift);
    println!("{}: {:.1} s", example.display(), start.elapsed().as_secs_f64());
    let left_behind = fs::read_dir(temporary)
        .context("cannot list the temporary folder")?
        .count();
    fs::remove_dir_all(temporary).with_context(|| format!("cannot delete {}", temporary.display()))?;
    Ok(match outcome {
        Err(error) => Some(format!("{error:#}")),
        Ok(_) if left_behind > 0 => Some(format!("left {left_behind} temporary files or folders behind")),
        Ok(_) => None,
    })
}
