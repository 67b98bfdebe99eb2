//! The command line: arguments in, exit codes and text out. The only crate that prints.
//!
//! ```text
//! numlift optimize script.py      watch, cure, check, report
//! numlift record -o run.cap …     watch here …
//! numlift optimize --from run.cap … and cure there
//! numlift run script.py           run it, its hot functions compiled
//! numlift check src               find slow code without running it, fix it
//! numlift rule NL301              a rule's page
//! numlift undo                    take the last --write back
//! numlift cache size              what is kept of compiled code
//! ```
//!
//! Exit codes: 0 when the command did what it was asked, 1 from `--diff` when there are changes and from `check` when
//! something was found, 2 for everything that went wrong.

mod args;
mod cache;
mod check;
mod full;
mod interactive;
mod numbers;
mod optimize;
mod overwrite;
mod record;
mod rule;
mod run;
#[cfg(test)]
mod sample;
mod screen;
mod state;
mod style;
mod target;
mod terminal;
mod undo;
mod units;
mod wrap;

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use clap::Parser;
use numlift::cure::MakeCurer;
use numlift::interrupt::Interrupts;

use args::{Arguments, Color, Command};
use style::paint;
pub use units::{parse_duration, parse_size};

/// The command did what it was asked.
pub const FINE: i32 = 0;
/// `--diff` found changes, or `check` something to say.
pub const CHANGES: i32 = 1;
/// Bad arguments, bad input, a script that fails by itself.
pub const ERROR: i32 = 2;

/// Runs the command with `args` (the program's name first) and `python` as the interpreter; returns the exit code.
pub fn run(args: Vec<OsString>, python: PathBuf) -> i32 {
    run_with(args, python, &numlift::cure::curer)
}

/// The same with another curer.
pub fn run_with(args: Vec<OsString>, python: PathBuf, curer: MakeCurer<'_>) -> i32 {
    let arguments = match Arguments::try_parse_from(args) {
        Ok(arguments) => arguments,
        Err(error) => {
            let code = if error.use_stderr() { ERROR } else { FINE };
            let _ = error.print();
            return code;
        }
    };
    let color = arguments.color;
    let interrupts = Interrupts::default();
    let pressed = interrupts.clone();
    // Where a handler cannot be set, Ctrl-C ends numlift as it ends any program.
    let _ = ctrlc::set_handler(move || pressed.press());
    // A mistake of numlift's own in one region is told in the report, not by the thread that made it.
    let default_hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let done = catch_unwind(AssertUnwindSafe(|| dispatch(arguments, python, &interrupts, curer)));
    std::panic::set_hook(default_hook);
    match done {
        Ok(Ok(code)) => code,
        Ok(Err(error)) => {
            complain(color, &format!("{error:#}"));
            ERROR
        }
        Err(panic) => {
            let message = panic.downcast_ref::<String>().map(String::as_str);
            let message = message
                .or_else(|| panic.downcast_ref::<&str>().copied())
                .unwrap_or("no message");
            complain(
                color,
                &format!("internal error of numlift, nothing was written: {message}"),
            );
            ERROR
        }
    }
}

fn dispatch(
    arguments: Arguments,
    python: PathBuf,
    interrupts: &Interrupts,
    curer: MakeCurer<'_>,
) -> anyhow::Result<i32> {
    match arguments.command {
        Command::Optimize(optimize) => optimize::command(optimize, arguments.color, python, interrupts, curer),
        Command::Record(record) => record::command(record, arguments.color, python, interrupts),
        Command::Run(run) => run::command(&run, &python),
        Command::Explain(look) => run::look(&look, "explain", &python),
        Command::Show(show) => run::look(&show.look, run::stage_name(show.stage), &python),
        Command::Undo(undo) => undo::command(undo, arguments.color),
        Command::Check(check) => check::command(&check, arguments.color),
        Command::Rule(rule) => rule::command(&rule, arguments.color),
        Command::Cache(cache) => cache::command(cache.action, arguments.color),
    }
}

fn complain(color: Color, message: &str) {
    terminal::print_error(
        color,
        &format!("{} {}\n", paint(style::BAD.bold(), "error:"), message.trim_end()),
    );
}
