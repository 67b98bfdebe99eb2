//! `cargo xtask docs`: writes the pages that are made from the code, which tests hold fresh.

use std::process::Command;

use anyhow::{Result, ensure};

use crate::asks_for_help;

const HELP: &str = "\
cargo xtask docs

Writes docs/rules from the rules of `numlift check`. A test says when it is not fresh.
";

pub fn command(args: &[String]) -> Result<std::process::ExitCode> {
    if asks_for_help(args) {
        print!("{HELP}");
        return Ok(std::process::ExitCode::SUCCESS);
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["test", "--quiet", "-p", "numlift", "--test", "rule_pages"])
        .env("NUMLIFT_WRITE_DOCS", "1")
        .status()?;
    ensure!(status.success(), "docs/rules could not be written");
    Ok(std::process::ExitCode::SUCCESS)
}
