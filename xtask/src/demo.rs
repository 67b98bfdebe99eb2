//! `cargo xtask demo`: numlift at work, from nothing, in one screen after the other.
//!
//! Everything shown is the output of a program that runs here and now; only the lines between them are written down.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::python::Venv;
use crate::{process, setup};

const HELP: &str = "\
cargo xtask demo

Sets up, optimizes examples/article.py, shows the program's own timings before and after, and then a loop that looks
liftable and must not be lifted. Nothing in examples/ is changed.
";

const ARTICLE: &str = "examples/article.py";
const TRAP: &str = "examples/trap.py";

/// Columns of the screen.
const WIDTH: usize = 80;

pub fn command(args: &[String]) -> Result<ExitCode> {
    if crate::asks_for_help(args) {
        print!("{HELP}");
        return Ok(ExitCode::SUCCESS);
    }
    let venv = setup::run()?;
    let faster = output_folder()?.join("article.py");
    // What is shown as "after" was written by this very run.
    if faster.exists() {
        fs::remove_file(&faster).with_context(|| format!("cannot delete {}", faster.display()))?;
    }
    title("A slow script in, a checked faster one out");
    shown(&venv, &["optimize", "-o", &faster.to_string_lossy(), ARTICLE])?;

    title("What the program itself prints, before and after");
    side_by_side(
        &program_output(&venv, Path::new(ARTICLE))?,
        &program_output(&venv, &faster)?,
    );

    title("A trap: these slices look right and are wrong");
    println!("{}", program_output(&venv, Path::new(TRAP))?.trim_end());
    println!("\nnumlift compiles the loop, says why there is no array form, and shows what the slices would change:\n");
    shown(&venv, &["optimize", TRAP])?;

    title("Try it on your own script");
    println!(
        "  {} optimize your_script.py",
        relative(&venv.program("numlift")).display()
    );
    println!("  reports and shows the diff; --write edits the files, `numlift undo` takes that back");
    Ok(ExitCode::SUCCESS)
}

/// A fresh folder for the files that the demo writes.
fn output_folder() -> Result<PathBuf> {
    let folder = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| PathBuf::from("target"), PathBuf::from)
        .join("demo");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}

fn title(text: &str) {
    println!("\n{}\n{text}\n", "-".repeat(WIDTH));
}

/// Runs numlift before the viewer's eyes, the command first.
fn shown(venv: &Venv, args: &[&str]) -> Result<()> {
    println!("$ numlift {}\n", args.join(" "));
    process::run(venv.command("numlift").args(args))
}

fn program_output(venv: &Venv, program: &Path) -> Result<String> {
    process::capture(venv.command("python").arg(program))
}

/// Prints two outputs of one program beside each other, what their lines share only once.
fn side_by_side(before: &str, after: &str) {
    let rows: Vec<Row> = pair_lines(before, after)
        .into_iter()
        .map(|(before, after)| Row::new(before, after))
        .collect();
    let label = rows.iter().map(|row| row.label.chars().count()).max().unwrap_or(0);
    let column = rows
        .iter()
        .map(|row| row.before.chars().count())
        .max()
        .unwrap_or(0)
        .max("before".len());
    println!("{:label$}  {:>column$}  after", "", "before");
    for Row {
        label: text,
        before,
        after,
    } in rows
    {
        println!("{text:label$}  {before:>column$}  {after}");
    }
}

fn pair_lines<'a>(before: &'a str, after: &'a str) -> Vec<(&'a str, &'a str)> {
    let (before, after): (Vec<_>, Vec<_>) = (before.lines().collect(), after.lines().collect());
    let line = |lines: &[&'a str], at: usize| lines.get(at).copied().unwrap_or("");
    (0..before.len().max(after.len()))
        .map(|at| (line(&before, at), line(&after, at)))
        .collect()
}

/// Two lines split into the words that both begin with, and the rest of either.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    label: String,
    before: String,
    after: String,
}

impl Row {
    fn new(before: &str, after: &str) -> Self {
        let (before, after): (Vec<_>, Vec<_>) = (before.split(' ').collect(), after.split(' ').collect());
        let shared = before.iter().zip(&after).take_while(|(old, new)| old == new).count();
        let ends = before[shared..].iter().rev().zip(after[shared..].iter().rev());
        let ending = ends.take_while(|(old, new)| old == new).count();
        let rest = |words: &[&str]| words[shared..words.len() - ending].join(" ");
        // A unit that both lines end with is said once, behind the second number.
        let unit = if ending > 0 {
            format!(" {}", before[before.len() - ending..].join(" "))
        } else {
            String::new()
        };
        Row {
            label: before[..shared].join(" "),
            before: rest(&before),
            after: rest(&after) + &unit,
        }
    }
}

/// `path` as seen from the project's folder.
fn relative(path: &Path) -> &Path {
    path.strip_prefix(std::env::current_dir().unwrap_or_default())
        .unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(before: &str, after: &str, expected: [&str; 3]) {
        let row = Row::new(before, after);
        assert_eq!([row.label.as_str(), row.before.as_str(), row.after.as_str()], expected);
    }

    #[test]
    fn what_two_lines_share_is_said_once() {
        check(
            "Three loops: 1.7 seconds",
            "Three loops: 0.004 seconds",
            ["Three loops:", "1.7", "0.004 seconds"],
        );
        check("mean 0.5", "mean 0.5", ["mean 0.5", "", ""]);
        check("took 1.7 s", "", ["", "took 1.7 s", ""]);
        check("", "took 1.7 s", ["", "", "took 1.7 s"]);
    }
}
