//! The command line: arguments in, exit codes and text out. The only crate that prints.
//!
//! ```text
//! numlift optimize script.py      watch, cure, check, report
//! numlift record -o run.cap …     watch here …
//! numlift optimize --from run.cap … and cure there
//! numlift undo                    take the last --write back
//! ```
//!
//! Exit codes: 0 when the command did what it was asked, 1 only from `--diff` when there are changes, 2 for everything
//! that went wrong.

mod args;
mod numbers;
#[cfg(test)]
mod sample;
mod screen;
mod style;
mod units;
mod wrap;

pub use units::{parse_duration, parse_size};

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Parser;

use args::{Arguments, Command};

/// The command did what it was asked.
pub const FINE: i32 = 0;
/// `--diff` found changes.
pub const CHANGES: i32 = 1;
/// Bad arguments, bad input, a script that fails by itself.
pub const ERROR: i32 = 2;

/// Runs the command with `args` (the program's name first) and `python` as the interpreter; returns the exit code.
pub fn run(args: Vec<OsString>, python: PathBuf) -> i32 {
    let arguments = match Arguments::try_parse_from(args) {
        Ok(arguments) => arguments,
        Err(error) => {
            let code = if error.use_stderr() { ERROR } else { FINE };
            let _ = error.print();
            return code;
        }
    };
    let _ = python;
    match arguments.command {
        Command::Optimize(_) | Command::Record(_) | Command::Undo(_) => ERROR,
    }
}
