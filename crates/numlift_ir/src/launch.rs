//! Loops that may be launched: what is known of one whose iterations may run in any order, and at the same time.
//!
//! Analyses find it (`numlift_passes::lower::parallel`), machine code is made with it. The loop itself is as any other; a
//! launch says what has to be tested, and what it costs.
//!
//! ```text
//! for i: for j in range(i, m): 3 loads, 1 store      =>      n * (1 ns + (m - n/2) * 1.4 ns)
//! ```

use crate::affine::Atom;
use crate::function::ValueId;

/// A loop that may be launched.
#[derive(Debug, Clone, PartialEq)]
pub struct Launch {
    /// What has to hold of memory; nothing where all is known.
    pub tests: Vec<Test>,
    /// What one iteration costs.
    pub work: Work,
    /// Whether the program's own statements are in it, which may raise; else it is made of array operations, and nothing
    /// in it goes wrong that was not required in front of it.
    pub has_statements: bool,
}

/// A test at the launch. The values are there in front of the loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Test {
    /// No two elements of an array share memory.
    Plain(ValueId),
    /// Two arrays share no memory.
    Apart(ValueId, ValueId),
}

/// The cost of something in nanoseconds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Work {
    /// Beside inner loops.
    pub own: f64,
    pub inner: Vec<(Trips, Work)>,
}

/// How often a loop runs.
#[derive(Debug, Clone, PartialEq)]
pub enum Trips {
    /// As often as this says, where that is positive.
    Counted(Linear),
    /// Nobody knows; about so often.
    Guessed(f64),
}

/// A sum of multiples of ints that are there in front of the loop.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Linear {
    pub terms: Vec<(Atom, f64)>,
    pub constant: f64,
}

/// How often a loop runs of which nothing is known.
pub const SOME: f64 = 16.0;

impl Work {
    /// The cost where nothing is known of values.
    pub fn guess(&self) -> f64 {
        let inner = self.inner.iter().map(|(trips, work)| {
            let trips = match trips {
                Trips::Counted(linear) if linear.terms.is_empty() => linear.constant.max(0.0),
                Trips::Counted(_) | Trips::Guessed(_) => SOME,
            };
            trips * work.guess()
        });
        self.own + inner.sum::<f64>()
    }
}

impl Linear {
    /// One of them.
    pub fn of(atom: Atom) -> Self {
        Self {
            terms: vec![(atom, 1.0)],
            constant: 0.0,
        }
    }

    /// `self + factor * other`.
    #[must_use]
    pub fn plus(mut self, other: &Self, factor: f64) -> Self {
        self.constant += factor * other.constant;
        for (atom, own) in &other.terms {
            match self.terms.iter_mut().find(|(known, _)| known == atom) {
                Some((_, sum)) => *sum += factor * own,
                None => self.terms.push((*atom, factor * own)),
            }
        }
        self.terms.retain(|(_, factor)| *factor != 0.0);
        self
    }
}
