//! `numlift check`: what is asked, and in which form it is said.
//!
//! ```text
//! $ numlift check --output-format concise
//! simulate.py:12:9: NL303 [*] indices are made to be counted
//! found 1 problem; 1 can be fixed with --fix
//! ```
//!
//! Findings go to standard output, what is said about the run to standard error.

mod full;
mod gitlab;
mod json;
mod junit;
mod sarif;
mod short;

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use numlift::lint::{self, Asked, Checked, Fixes};

use crate::args::{Check, Color, OutputFormat};
use crate::style::{self, paint};
use crate::{CHANGES, ERROR, FINE, terminal};

pub fn command(arguments: &Check, color: Color) -> Result<i32> {
    let cwd = std::env::current_dir().context("there is no current folder")?;
    let asked = Asked {
        paths: arguments.paths.clone(),
        select: arguments.select.clone(),
        ignore: arguments.ignore.clone(),
        fixes: fixes(arguments),
    };
    let reads_stdin = arguments.paths == [PathBuf::from("-")];
    let checked = match reads_stdin {
        true => {
            let mut bytes = Vec::new();
            std::io::stdin()
                .read_to_end(&mut bytes)
                .context("cannot read standard input")?;
            lint::check_stdin(&asked, &cwd, arguments.stdin_filename.as_deref(), &bytes)?
        }
        false => lint::check(&asked, &cwd)?,
    };
    for error in &checked.errors {
        crate::complain(color, &error.to_string());
    }
    let code = match arguments.diff {
        true => show_diff(&checked, color)?,
        false => show(arguments, &checked, reads_stdin, &cwd, color)?,
    };
    if !checked.errors.is_empty() {
        return Ok(ERROR);
    }
    Ok(if arguments.exit_zero { FINE } else { code })
}

fn fixes(arguments: &Check) -> Option<Fixes> {
    match (arguments.fix || arguments.diff, arguments.unsafe_fixes) {
        (false, _) => None,
        (true, false) => Some(Fixes::Safe),
        (true, true) => Some(Fixes::All),
    }
}

/// What fixes would change.
fn show_diff(checked: &Checked, color: Color) -> Result<i32> {
    let mut text = String::new();
    for file in &checked.files {
        if let Some(mended) = &file.mended {
            let diff = numlift::diff::unified(&file.shown, mended.old.as_str(), file.text.as_str());
            text += &crate::full::plain_diff(&diff);
        }
    }
    terminal::print_whole(color, &text)?;
    Ok(if text.is_empty() { FINE } else { CHANGES })
}

fn show(arguments: &Check, checked: &Checked, reads_stdin: bool, cwd: &Path, color: Color) -> Result<i32> {
    if reads_stdin && arguments.fix {
        // The text goes where it came from; what is left is said beside it.
        let text: String = checked.files.iter().map(|file| file.text.as_str()).collect();
        terminal::print_whole(Color::Never, &text)?;
        terminal::print_error(color, &rendered(arguments, checked, cwd));
    } else {
        lint::write(checked)?;
        terminal::print_whole(color, &rendered(arguments, checked, cwd))?;
    }
    if !arguments.quiet && matches!(arguments.output_format, OutputFormat::Full | OutputFormat::Concise) {
        terminal::print_error(color, &summary(arguments, checked));
    }
    Ok(if checked.found().next().is_some() {
        CHANGES
    } else {
        FINE
    })
}

fn rendered(arguments: &Check, checked: &Checked, cwd: &Path) -> String {
    match arguments.output_format {
        OutputFormat::Full => full::render(checked, terminal::columns()),
        OutputFormat::Concise => short::concise(checked),
        OutputFormat::Github => short::github(checked),
        OutputFormat::Json => json::render(checked, cwd),
        OutputFormat::Sarif => sarif::render(checked),
        OutputFormat::Gitlab => gitlab::render(checked),
        OutputFormat::Junit => junit::render(checked),
    }
}

/// How many there are, and what could be done.
fn summary(arguments: &Check, checked: &Checked) -> String {
    let found = checked.found().count();
    let fixed: usize = checked
        .files
        .iter()
        .filter_map(|file| file.mended.as_ref())
        .map(|mended| mended.fixes)
        .sum();
    let with_fix = |safe: bool| {
        let all = checked.found().filter_map(|(_, found)| found.fix.as_ref());
        all.filter(|fix| fix.is_safe() == safe).count()
    };
    let mut parts = Vec::new();
    if fixed > 0 {
        parts.push(format!("fixed {}", problems(fixed)));
    }
    match found {
        0 if fixed > 0 => {}
        0 => parts.push("nothing found".to_owned()),
        found => parts.push(format!("found {}", problems(found))),
    }
    let (safe, others) = (with_fix(true), with_fix(false));
    if safe > 0 && !arguments.fix {
        parts.push(format!("{safe} can be fixed with --fix"));
    }
    if others > 0 && !(arguments.fix && arguments.unsafe_fixes) {
        parts.push(format!("{others} with --fix --unsafe-fixes"));
    }
    let style = if found > 0 { style::WARN } else { style::GOOD };
    format!("{}\n", paint(style, &parts.join("; ")))
}

fn problems(count: usize) -> String {
    match count {
        1 => "1 problem".to_owned(),
        count => format!("{count} problems"),
    }
}

#[cfg(test)]
mod tests;
