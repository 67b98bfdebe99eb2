//! The terminal: its width, whether it takes colour, and the progress line.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use anstream::{AutoStream, ColorChoice};
use numlift::observer::Progress;

use crate::args::Color;
use crate::wrap::width;

/// Columns where nothing is known, and in a pipe.
pub const DEFAULT_COLUMNS: usize = 80;

/// Columns of standard output.
pub fn columns() -> usize {
    if !std::io::stdout().is_terminal() {
        return DEFAULT_COLUMNS;
    }
    let size = terminal_size::terminal_size_of(std::io::stdout());
    size.map_or(DEFAULT_COLUMNS, |(columns, _)| usize::from(columns.0).clamp(40, 160))
}

/// What to do about colour on a stream: as asked, else as `NO_COLOR`, `FORCE_COLOR` and the stream itself have it.
pub fn color_choice(color: Color, is_terminal: bool) -> ColorChoice {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty() && value != "0");
    match color {
        Color::Always => ColorChoice::Always,
        Color::Never => ColorChoice::Never,
        Color::Auto if is_set("NO_COLOR") => ColorChoice::Never,
        Color::Auto if is_set("FORCE_COLOR") || is_set("CLICOLOR_FORCE") => ColorChoice::Always,
        Color::Auto if !is_terminal || std::env::var_os("TERM").is_some_and(|term| term == "dumb") => {
            ColorChoice::Never
        }
        Color::Auto => ColorChoice::Always,
    }
}

/// Prints to standard output; a reader that went away is no error.
pub fn print(color: Color, text: &str) {
    let stream = std::io::stdout();
    let choice = color_choice(color, stream.is_terminal());
    let mut stream = AutoStream::new(stream, choice);
    let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
}

/// Prints what another program goes on with: half of it is an error, unless the reader wanted no more.
pub fn print_whole(color: Color, text: &str) -> anyhow::Result<()> {
    let stream = std::io::stdout();
    let choice = color_choice(color, stream.is_terminal());
    let mut stream = AutoStream::new(stream, choice);
    match stream.write_all(text.as_bytes()).and_then(|()| stream.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            anyhow::bail!("cannot write to standard output: {error}")
        }
        _ => Ok(()),
    }
}

/// Prints to standard error.
pub fn print_error(color: Color, text: &str) {
    let stream = std::io::stderr();
    let choice = color_choice(color, stream.is_terminal());
    let mut stream = AutoStream::new(stream, choice);
    let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
}

/// One line on standard error that says what is going on, and is gone when it is done. Only in a terminal: a pipe
/// gets no lines that overwrite each other.
pub struct ProgressLine {
    shown: bool,
    on: bool,
    last: Option<Instant>,
}

/// A line that changes more often is not read.
const AT_MOST_EVERY: Duration = Duration::from_millis(100);

impl ProgressLine {
    /// `quiet`, or a standard error that is no terminal, turns it off.
    pub fn new(quiet: bool) -> ProgressLine {
        ProgressLine {
            shown: false,
            on: !quiet && std::io::stderr().is_terminal(),
            last: None,
        }
    }

    pub fn show(&mut self, progress: Progress<'_>) {
        if !self.on {
            return;
        }
        let text = match progress {
            Progress::Reading => "reading".to_string(),
            Progress::Watching { seconds } => {
                if self.last.is_some_and(|last| last.elapsed() < AT_MOST_EVERY) {
                    return;
                }
                format!("watching, {seconds:.1} s (Ctrl-C: stop here and cure what was seen)")
            }
            Progress::Curing { place } => format!("curing {place}"),
            Progress::Checking { place, form } => format!("checking {place}: {form}"),
            Progress::Running => "running the edited program".to_string(),
            Progress::Bisecting => "the output moved: looking for the cure that moved it".to_string(),
            Progress::Done => return self.clear(),
        };
        self.last = Some(Instant::now());
        self.write(&text);
    }

    /// Removes the line.
    pub fn clear(&mut self) {
        if std::mem::take(&mut self.shown) {
            let _ = std::io::stderr().write_all(b"\r\x1b[2K");
        }
    }

    fn write(&mut self, text: &str) {
        let columns = terminal_size::terminal_size_of(std::io::stderr())
            .map_or(DEFAULT_COLUMNS, |(columns, _)| usize::from(columns.0));
        // A line that wraps cannot be taken away again.
        let mut line = format!("numlift: {text}");
        while width(&line) >= columns {
            line.pop();
        }
        let _ = std::io::stderr().write_all(format!("\r\x1b[2K{line}").as_bytes());
        let _ = std::io::stderr().flush();
        self.shown = true;
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        self.clear();
    }
}
