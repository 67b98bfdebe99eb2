//! Running other programs: straight through to the terminal, or streamed and kept.
//!
//! Streaming matters as much as keeping: a test that hangs must be seen to hang, so each line is printed when it
//! comes and only then stored for [`crate::tally`].

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::thread;

use anyhow::{Context, Result, bail};

/// How a streamed program ended, and what it printed.
pub struct Finished {
    pub status: ExitStatus,
    /// The lines of standard output and standard error as they came.
    pub lines: Vec<String>,
}

/// Runs `command` with the terminal's own streams; an exit code other than 0 is an error.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("cannot start {}", show(command)))?;
    if !status.success() {
        bail!("{} failed: {status}", show(command));
    }
    Ok(())
}

/// Runs `command` without input and returns its standard output; an exit code other than 0 is an error.
pub fn capture(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start {}", show(command)))?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        bail!("{} failed: {}\n{}", show(command), output.status, stderr.trim_end());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs `command` without input, prints each line as it comes and keeps them all.
pub fn stream(command: &mut Command) -> Result<Finished> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", show(command)))?;
    let stdout = child.stdout.take().context("no standard output")?;
    let stderr = child.stderr.take().context("no standard error")?;
    let lines = Mutex::new(Vec::new());
    thread::scope(|scope| {
        scope.spawn(|| tee(stdout, &lines));
        scope.spawn(|| tee(stderr, &lines));
    });
    let status = child
        .wait()
        .with_context(|| format!("cannot wait for {}", show(command)))?;
    Ok(Finished {
        status,
        lines: lines.into_inner().unwrap_or_default(),
    })
}

/// Copies `from` to the terminal and to `lines`, line by line.
fn tee(from: impl Read, lines: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(from);
    let mut bytes = Vec::new();
    while matches!(reader.read_until(b'\n', &mut bytes), Ok(read) if read > 0) {
        let text = String::from_utf8_lossy(&bytes);
        let line = text.trim_end_matches(['\n', '\r']);
        if let Ok(mut lines) = lines.lock() {
            // Under the lock, so that lines of the two streams stay whole. A closed terminal is no reason to stop.
            let _ = writeln!(std::io::stdout(), "{line}");
            lines.push(line.to_owned());
        }
        bytes.clear();
    }
}

/// The command as a person would type it.
fn show(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    format!("`{}`", words.join(" "))
}
