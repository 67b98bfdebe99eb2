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
    title("A slow script in, a checked faster one out");
    shown(&venv, &["optimize", ARTICLE, "-o", &faster.to_string_lossy()])?;

    title("What the program itself prints, before and after");
    side_by_side(
        &program_output(&venv, Path::new(ARTICLE))?,
        &program_output(&venv, &faster)?,
    );

    title("A trap: the obvious slices are wrong here");
    println!("{}", program_output(&venv, Path::new(TRAP))?.trim_end());
    println!();
    shown(&venv, &["optimize", TRAP])?;

    title("Try it on your own script");
    println!(
        "    {} optimize your_script.py",
        relative(&venv.program("numlift")).display()
    );
    println!("    (report and diff only; --write changes the file, `numlift undo` takes that back)");
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

/// Prints two texts in two columns, line by line.
fn side_by_side(left: &str, right: &str) {
    let column = WIDTH / 2 - 2;
    let row = |left: &str, right: &str| println!("{:<column$} | {}", cut(left, column), cut(right, column));
    row("before", "after");
    row(&"-".repeat(column), &"-".repeat(column));
    let (mut left, mut right) = (left.lines(), right.lines());
    loop {
        match (left.next(), right.next()) {
            (None, None) => return,
            (old, new) => row(old.unwrap_or(""), new.unwrap_or("")),
        }
    }
}

/// At most `width` characters of `line`, with a mark where some are left off.
fn cut(line: &str, width: usize) -> String {
    if line.chars().count() <= width {
        return line.to_owned();
    }
    let kept: String = line.chars().take(width - 1).collect();
    format!("{kept}…")
}

/// `path` as seen from the project's folder.
fn relative(path: &Path) -> &Path {
    path.strip_prefix(std::env::current_dir().unwrap_or_default())
        .unwrap_or(path)
}
