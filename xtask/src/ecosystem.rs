//! `cargo xtask ecosystem`: programs of other people's making, run where they lie in installed packages.

use std::process::ExitCode;

use anyhow::Result;

use crate::setup;

const HELP: &str = "\
cargo xtask ecosystem [options]

Runs `numlift optimize` on the programs listed in tests/ecosystem and prints, for each, whether it went through,
which cures were applied, and the blocker where none was. The programs come with packages that are installed into a
folder of their own; none of them is kept in this repository.
Options are handed to tests/ecosystem/run.py, whose own --help lists them.
";

pub fn command(args: &[String]) -> Result<ExitCode> {
    if crate::asks_for_help(args) {
        print!("{HELP}");
        return Ok(ExitCode::SUCCESS);
    }
    setup::run_script("tests/ecosystem/run.py", args)
}
