//! Who is told what is going on, and asked about each cure: the terminal, or nobody.

use crate::report::RegionReport;

/// What is going on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Progress<'a> {
    Reading,
    Watching {
        seconds: f64,
    },
    /// `place` is the region, `38-41`.
    Curing {
        place: &'a str,
    },
    Checking {
        place: &'a str,
        form: &'a str,
    },
    Running,
    /// Looking for the cure that moved the output.
    Bisecting,
    Done,
}

/// The answer to a proposed cure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    Apply,
    Skip,
    /// Neither this nor any later one.
    Quit,
}

/// Follows a run of numlift.
pub trait Observer {
    fn progress(&mut self, progress: Progress<'_>) {
        let _ = progress;
    }

    /// Is asked about each cure that was checked and found right.
    fn choose(&mut self, region: &RegionReport) -> Choice {
        let _ = region;
        Choice::Apply
    }
}

/// Follows nothing and applies everything.
#[derive(Debug, Default)]
pub struct Silent;

impl Observer for Silent {}
