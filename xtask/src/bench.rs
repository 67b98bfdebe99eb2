//! `cargo xtask bench`: the benchmarks, each a Python program under `benches/`.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::setup;

const HELP: &str = "\
cargo xtask bench [NAME…] [--quick]

Sets up, then runs benches/*.py one after the other, or only those named (without folder or ending):

  speed   numlift's version of each example against the expert's, in alternation
  cost    what watching, checking and measuring cost, and what `--for` gives of a run without end
  micro   small compiled kernels against NumPy and the other compilers, those that are installed
  npbench   the unedited kernels of a checkout of NPBench (--npbench=FOLDER) under `numlift.jit`
  memory_of_code   ten thousand functions that are compiled and dropped

A benchmark prints the machine and a table, and writes its numbers as JSON; those worth keeping go to benches/results/.
What begins with a dash is handed to each benchmark. Exit code 1 when a bar is missed.
";

pub fn command(args: &[String]) -> Result<ExitCode> {
    if crate::asks_for_help(args) {
        print!("{HELP}");
        return Ok(ExitCode::SUCCESS);
    }
    let (options, names): (Vec<String>, Vec<String>) = args.iter().cloned().partition(|arg| arg.starts_with('-'));
    let benches = chosen(&names)?;
    let venv = setup::run()?;
    let mut failed = Vec::new();
    for bench in &benches {
        println!("\n== {}", bench.display());
        let status = venv
            .command("python")
            .arg(bench)
            .args(&options)
            .status()
            .context("cannot start Python")?;
        if !status.success() {
            failed.push(bench.display().to_string());
        }
    }
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    Ok(ExitCode::SUCCESS)
}

/// The benchmarks to run, by name.
fn chosen(names: &[String]) -> Result<Vec<PathBuf>> {
    let mut benches = Vec::new();
    for entry in fs::read_dir("benches").context("there are no benchmarks: no folder `benches`")? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let is_program = path.extension().is_some_and(|ending| ending == "py") && !name.starts_with('_');
        if is_program && (names.is_empty() || names.contains(&name)) {
            benches.push(path);
        }
    }
    benches.sort();
    if benches.len() < names.len() {
        bail!("not all of these are in benches/: {}", names.join(", "));
    }
    Ok(benches)
}
