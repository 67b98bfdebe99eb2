//! `cargo xtask test`: every test that CI runs, and what CI itself calls.
//!
//! The parts are the table [`PARTS`]; each is one command whose output is streamed and counted by [`tally`]. A part
//! that fails does not stop the others.

use std::io::IsTerminal;
use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Result, bail};

use crate::python::Venv;
use crate::tally::{self, Runner, Tally};
use crate::{process, setup};

/// One part of the test suite.
struct Part {
    name: &'static str,
    /// For the help.
    what: &'static str,
    runner: Runner,
    /// The program and its arguments; `cargo` is the running one, anything else is of the environment.
    command: &'static [&'static str],
}

const PARTS: &[Part] = &[
    Part {
        name: "format",
        what: "Rust code is formatted",
        runner: Runner::ExitCode,
        command: &["cargo", "fmt", "--all", "--check"],
    },
    Part {
        name: "ruff",
        what: "Python code is clean",
        runner: Runner::ExitCode,
        command: &["ruff", "check", "."],
    },
    Part {
        name: "ruff-format",
        what: "Python code is formatted",
        runner: Runner::ExitCode,
        command: &["ruff", "format", "--check", "."],
    },
    Part {
        name: "mypy",
        what: "the Python package is typed",
        runner: Runner::ExitCode,
        command: &["mypy", "python/numlift"],
    },
    Part {
        name: "clippy",
        what: "no lint fires, in any crate",
        runner: Runner::ExitCode,
        command: &[
            "cargo",
            "clippy",
            "--workspace",
            "--all-targets",
            "--quiet",
            "--",
            "-D",
            "warnings",
        ],
    },
    Part {
        name: "rust",
        what: "the tests of the crates",
        runner: Runner::CargoTest,
        // The extension module cannot be linked into a test binary; the parts in Python test it.
        command: &[
            "cargo",
            "test",
            "--workspace",
            "--exclude",
            "numlift_py",
            "--no-fail-fast",
        ],
    },
    Part {
        name: "python",
        what: "the tests of the installed package",
        runner: Runner::Pytest,
        // A file is one process's: its tests share what they have compiled.
        command: &[
            "python",
            "-m",
            "pytest",
            "tests/python",
            "-n",
            "auto",
            "--dist",
            "loadfile",
            "--ignore=tests/python/test_command.py",
            "--ignore=tests/python/test_compile_cure.py",
            "--ignore=tests/python/test_memory.py",
            "--ignore=tests/python/test_stopping.py",
        ],
    },
    Part {
        name: "optimize",
        what: "whole runs of `numlift optimize`, which measures: nothing else runs beside it",
        runner: Runner::Pytest,
        command: &[
            "python",
            "-m",
            "pytest",
            "tests/python/test_command.py",
            "tests/python/test_compile_cure.py",
            "tests/python/test_memory.py",
            "tests/python/test_stopping.py",
        ],
    },
    Part {
        name: "generator",
        what: "random programs: old against new, always the same few thousand",
        runner: Runner::Closing,
        command: &["python", "tests/generator/run.py", "--count", "3000", "--seed", "1"],
    },
];

pub fn command(args: &[String]) -> Result<ExitCode> {
    if crate::asks_for_help(args) {
        print!("{}", help());
        return Ok(ExitCode::SUCCESS);
    }
    let parts = chosen(args)?;
    let venv = setup::run()?;
    let mut rows = Vec::new();
    let mut total = Tally::default();
    for part in parts {
        println!("\n== {}: {}", part.name, part.what);
        let start = Instant::now();
        let finished = process::stream(&mut part.prepare(&venv))?;
        let tally = tally::count(part.runner, &finished.lines, finished.status.success());
        rows.push((part.name, tally, start.elapsed().as_secs_f64()));
        total.add(tally);
    }
    println!("\n{:<14}{:>8}{:>8}{:>10}", "part", "passed", "failed", "seconds");
    for (name, tally, seconds) in rows {
        println!("{name:<14}{:>8}{:>8}{seconds:>10.1}", tally.passed, tally.failed);
    }
    println!("\n{} passed, {} failed", total.passed, total.failed);
    Ok(if total.failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn help() -> String {
    let mut help = "cargo xtask test [PART…]\n\nSets up, then runs every part, or only those named:\n\n".to_owned();
    for part in PARTS {
        help.push_str(&format!("  {:<14}{}\n", part.name, part.what));
    }
    help.push_str("\nThe last line counts over all parts; the exit code is 1 if anything failed.\n");
    help
}

/// The parts named, in the table's order; all of them when none is.
fn chosen(names: &[String]) -> Result<Vec<&'static Part>> {
    if let Some(unknown) = names
        .iter()
        .find(|name| PARTS.iter().all(|part| part.name != name.as_str()))
    {
        bail!("no part `{unknown}`; `cargo xtask test --help` lists them");
    }
    let is_chosen = |part: &&Part| names.is_empty() || names.iter().any(|name| name == part.name);
    Ok(PARTS.iter().filter(is_chosen).collect())
}

impl Part {
    fn prepare(&self, venv: &Venv) -> Command {
        let (program, args) = self.command.split_first().expect("a part has a command");
        let mut command = if *program == "cargo" {
            let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
            venv.activate(&mut cargo);
            cargo
        } else {
            venv.command(program)
        };
        command.args(args);
        // Property tests look at the same inputs every time; `cargo test` alone draws others.
        command.env("PROPTEST_RNG_SEED", "1");
        if std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
            command.env("CARGO_TERM_COLOR", "always").env("PY_COLORS", "1");
        }
        command
    }
}
