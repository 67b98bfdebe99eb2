//! `--interactive`: each cure is shown in full and asked about.

use std::io::BufRead;

use numlift::observer::{Choice, Observer, Progress};
use numlift::report::RegionReport;

use crate::args::Color;
use crate::full::render_region;
use crate::terminal::{self, ProgressLine};

/// Follows a run on the terminal.
pub struct Follower {
    line: ProgressLine,
    color: Color,
    asks: bool,
}

impl Follower {
    pub fn new(color: Color, quiet: bool, asks: bool) -> Follower {
        Follower {
            line: ProgressLine::new(quiet),
            color,
            asks,
        }
    }
}

impl Observer for Follower {
    fn progress(&mut self, progress: Progress<'_>) {
        self.line.show(progress);
    }

    fn choose(&mut self, region: &RegionReport) -> Choice {
        if !self.asks {
            return Choice::Apply;
        }
        self.line.clear();
        terminal::print(self.color, &render_region(region, terminal::columns()));
        loop {
            terminal::print(self.color, "apply this cure? [y]es, [n]o, [q]uit: ");
            let mut answer = String::new();
            match std::io::stdin().lock().read_line(&mut answer) {
                Ok(0) | Err(_) => return Choice::Quit,
                Ok(_) => {}
            }
            match parse(&answer) {
                Some(choice) => return choice,
                None => terminal::print(self.color, "please answer y, n or q\n"),
            }
        }
    }
}

fn parse(answer: &str) -> Option<Choice> {
    match answer.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => Some(Choice::Apply),
        "n" | "no" => Some(Choice::Skip),
        "q" | "quit" => Some(Choice::Quit),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_clear_answers_count() {
        assert_eq!(parse("Y\n"), Some(Choice::Apply));
        assert_eq!(parse("no\r\n"), Some(Choice::Skip));
        assert_eq!(parse("q"), Some(Choice::Quit));
        assert_eq!(parse("\n"), None);
    }
}
