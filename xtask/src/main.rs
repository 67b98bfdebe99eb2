//! `cargo xtask`: set-up, demo, tests, fuzzing, corpora and benchmarks, all from a fresh clone.
//!
//! Each subcommand is a file of its own that ends in one `pub fn run`. Everything that needs Python goes through
//! [`setup`], so no subcommand assumes more than a Rust toolchain and a CPython.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this is a command")]

mod bench;
mod demo;
mod docs;
mod ecosystem;
mod fuzz;
mod process;
mod python;
mod setup;
mod soak;
mod stamp;
mod tally;
mod test;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};

const HELP: &str = "\
cargo xtask <command>

  setup                 make .venv, install what developing needs, build and install numlift
  demo                  set up, then show numlift at work on the examples
  test [PART…]          set up, then run every test that CI runs, or only the parts named
  fuzz TARGET           run random programs against a property; `cargo xtask fuzz --help` lists the targets
  soak                  optimize every example over and over; every run must end alike
  ecosystem             run numlift on programs from installed packages
  docs                  write docs/rules from the rules
  bench [NAME…]         run benches/*.py, or only those named
  help                  print this

`cargo xtask <command> --help` says more.
CARGO_TARGET_DIR is respected; NUMLIFT_PYTHON names the CPython that .venv is made from (default: the first of
python3, python3.14 … python3.11 that is 3.11 or later and can make a virtual environment).
";

fn main() -> ExitCode {
    match dispatch() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch() -> Result<ExitCode> {
    let mut args = std::env::args().skip(1);
    let command = args.next().unwrap_or_else(|| "help".to_owned());
    let rest: Vec<String> = args.collect();
    std::env::set_current_dir(root()).context("cannot enter the project's folder")?;
    match command.as_str() {
        "setup" => setup::command(&rest),
        "demo" => demo::command(&rest),
        "test" => test::command(&rest),
        "fuzz" => fuzz::command(&rest),
        "soak" => soak::command(&rest),
        "ecosystem" => ecosystem::command(&rest),
        "docs" => docs::command(&rest),
        "bench" => bench::command(&rest),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(ExitCode::SUCCESS)
        }
        other => {
            eprint!("error: no command `{other}`\n\n{HELP}");
            Ok(ExitCode::from(2))
        }
    }
}

/// The project's folder: the one that holds `xtask/`. Cargo says it as it runs this, which another clone may have
/// compiled where they share a target folder.
fn root() -> PathBuf {
    let said = std::env::var_os("CARGO_MANIFEST_DIR");
    let mut folder = said.map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    folder.pop();
    folder
}

/// Whether the arguments ask for help.
fn asks_for_help(args: &[String]) -> bool {
    args.iter().any(|arg| arg == "--help" || arg == "-h")
}
