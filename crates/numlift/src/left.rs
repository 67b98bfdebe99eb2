//! What is left of the program's time with the cures so far, and what is worth a cure in it.
//!
//! ```text
//! 1.30 s, of which a loop takes 2.9 ms       too short to matter
//! two cures save 1.24 s, 0.06 s are left     5 % of what is left: worth a cure
//! ```
//!
//! So a second session, which sees only what is left, finds nothing that the first one passed over.

use std::collections::BTreeSet;

use numlift_region::protocol::RegionId;

/// A region below this share of what is left is not worth a cure.
const WORTH_CURING: f64 = 0.005;

/// A region below this share of what is left is not even mentioned.
const WORTH_A_WORD: f64 = 0.0005;

/// Seconds below which nobody waits: shares are of at least this much.
const NO_WAIT: f64 = 0.05;

/// The time that is left, and which regions were passed over because they are short.
#[derive(Debug, Clone, PartialEq)]
pub struct Left {
    seconds: f64,
    passed_over: BTreeSet<RegionId>,
}

impl Left {
    /// Of a program of so many seconds, all.
    pub fn of(seconds: f64) -> Left {
        Left {
            seconds,
            passed_over: BTreeSet::new(),
        }
    }

    /// A region of so many seconds is so many times faster.
    pub fn cured(&mut self, seconds: f64, factor: f64) {
        // Regions may hold one another, by calls, so that more than all may seem to be saved.
        self.seconds = (self.seconds - seconds * (1.0 - 1.0 / factor)).max(0.0);
    }

    pub fn is_worth_curing(&self, seconds: f64) -> bool {
        seconds >= WORTH_CURING * self.seconds.max(NO_WAIT)
    }

    pub fn is_worth_a_word(&self, seconds: f64) -> bool {
        seconds >= WORTH_A_WORD * self.seconds.max(NO_WAIT)
    }

    /// The region is short, so far.
    pub fn pass_over(&mut self, region: RegionId) {
        self.passed_over.insert(region);
    }

    /// Whether the region was passed over; now it is not any more.
    pub fn take(&mut self, region: RegionId) -> bool {
        self.passed_over.remove(&region)
    }
}

#[cfg(test)]
mod tests {
    use super::Left;

    #[test]
    fn what_is_short_beside_the_whole_matters_in_what_is_left() {
        let mut left = Left::of(1.3);
        assert!(!left.is_worth_curing(0.0029));
        left.cured(0.65, 73.0);
        left.cured(0.59, 89.0);
        assert!(left.is_worth_curing(0.0029));
        assert!(!left.is_worth_curing(0.0002));
    }

    #[test]
    fn what_holds_each_other_saves_no_more_than_all() {
        let mut left = Left::of(1.0);
        left.cured(0.9, 100.0);
        left.cured(0.9, 100.0);
        assert!(!left.is_worth_curing(0.0002), "nobody waits for that");
        assert!(left.is_worth_curing(0.001));
    }
}
