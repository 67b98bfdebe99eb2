//! `numlift run`: the unmodified program, its hot functions compiled as it runs.
//!
//! The program takes the place of this process, so that its signals, exit code and streams are its own. What it does
//! there is `python/numlift/_run_hot.py`.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::args::{Look, Run, Stage, Target};
use crate::target;

/// What the interpreter runs: without the folder it was started in, where a file may have the name of a library.
const START: &str = "\
import sys
first = [] if sys.flags.safe_path else [sys.path.pop(0)]
from numlift import _run_hot
sys.path[:0] = first
_run_hot.start(sys.argv[1])
";

pub fn command(arguments: &Run, python: &Path) -> Result<i32> {
    let program = target::program(&arguments.target, "run")?;
    let report = arguments.report.then_some("-");
    let job = json!({ "program": program, "report": report });
    become_it(interpreter(python, &job)).with_context(|| format!("cannot start {}", python.display()))
}

/// `numlift explain` and `numlift show`: runs the script without its output, and says what became of its functions.
pub fn look(arguments: &Look, stage: &str, python: &Path) -> Result<i32> {
    let mut words = arguments.words.clone();
    let (file, function) = match words[0].split_once("::") {
        Some((file, function)) => (file.to_string(), Some(function.to_string())),
        None => (words[0].clone(), None),
    };
    if !Path::new(&file).is_file() {
        bail!("there is no file `{file}`");
    }
    words[0] = file;
    let target = Target {
        module: Vec::new(),
        script: words,
    };
    let program = target::program(&target, "run")?;
    let job = json!({ "program": program, "look": { "stage": stage, "function": function } });
    become_it(interpreter(python, &job)).with_context(|| format!("cannot start {}", python.display()))
}

/// The stage as the job names it.
pub fn stage_name(stage: Stage) -> &'static str {
    match stage {
        Stage::Read => "read",
        Stage::Raised => "raised",
        Stage::Selected => "selected",
        Stage::Loops => "loops",
        Stage::Llvm => "llvm",
        Stage::Asm => "asm",
    }
}

/// The interpreter that does a job.
fn interpreter(python: &Path, job: &Value) -> Command {
    let mut command = Command::new(python);
    command.args(["-c", START]).arg(job.to_string());
    command
}

#[cfg(unix)]
fn become_it(mut command: Command) -> std::io::Result<i32> {
    use std::os::unix::process::CommandExt;
    Err(command.exec())
}

#[cfg(not(unix))]
fn become_it(mut command: Command) -> std::io::Result<i32> {
    let status = command.status()?;
    Ok(status.code().unwrap_or(crate::ERROR))
}
