//! Static facts: the types that a whole program gives to a region's live-ins.
//!
//! ```text
//! x = np.zeros(n)                  region in smooth(): v: array<float64>[s0], w: array<float64>[s0],
//! y = smooth(x, np.ones(n))                            v and w share no memory
//! ```
//!
//! The program is read from its first statement on, with nothing known beforehand: imports of project modules read
//! the module, calls of the author's functions read their bodies, each call anew. At each region's first statement the
//! types of its live-ins are noted, and what is noted at every visit holds: the facts are proofs, if every way to the
//! region was read. Three things make a way that was not:
//!
//! - A function *escapes*: it is passed as a value, decorated, named in code that was not understood, or a method of
//!   that name is called on an object that is not known. Nothing inside it has facts, nor what it calls.
//! - It can be imported: a function of a module other than the program's own whose name is public, or of a module
//!   that other programs import.
//! - Reading a loop or statement is given up half-way: regions inside have no facts.
//!
//! A program that runs text (doctests too), or finds functions and objects other than by their names, has no facts:
//! see [`reflection`].
//!
//! A symbolic extent stands for one number whenever the region is entered, another one perhaps the next time.

use std::collections::{BTreeMap, BTreeSet};

use numlift_ir::ty::Ty;

use super::Options;
use super::reader::Reader;
use super::reflection;
use super::visits::{Typing, Visit};
use crate::project::{ModuleId, ProjectNames};

/// A region as static facts are asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionStart {
    pub id: u32,
    pub module: ModuleId,
    /// Byte offset of its first statement.
    pub start: u32,
    pub live_in: Vec<String>,
}

/// What holds whenever a region is entered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Known {
    /// Types of live-ins; a symbolic extent is the same number wherever it stands in them. Of a name that may be
    /// unbound it is the type where it is bound.
    pub types: BTreeMap<String, Ty>,
    /// Ints among the live-ins that are an extent of another live-in.
    pub lengths: Vec<Length>,
    /// Ints among the live-ins that are the length of a list among them, or (axis 1) of the first list in it.
    pub measured: Vec<Length>,
    /// Pairs of ints among the live-ins that are one number, in order of the alphabet.
    pub equal: BTreeSet<(String, String)>,
    /// Pairs of arrays (live-ins, or attributes of them as `self.x`) that share no memory, in order of the alphabet.
    pub disjoint: BTreeSet<(String, String)>,
}

/// `n = len(x)`, `rows, columns = a.shape`: an int that is an extent of an array, of a list, or of the lists in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Length {
    pub int: String,
    pub container: String,
    pub axis: usize,
}

/// Reading the whole program may take so many ops; with more there are no facts.
const MAX_OPS: usize = 200_000;

/// And all rounds together so many.
const MAX_OPS_ALTOGETHER: usize = 500_000;

/// Facts need to come to rest in so many rounds.
const MAX_ROUNDS: usize = 12;

/// Reads the program whose main module is given; regions without an entry have no facts.
/// Functions of `shared` modules have callers that are no part of the program.
pub fn static_facts(
    project: &ProjectNames,
    main: ModuleId,
    shared: &BTreeSet<ModuleId>,
    regions: &[RegionStart],
) -> BTreeMap<u32, Known> {
    let options = Options {
        max_ops: MAX_OPS,
        max_depth: 16,
        ..Options::default()
    };
    let visits = visits(project, main, shared, regions, &options).unwrap_or_default();
    visits
        .into_iter()
        .map(|(index, visit)| (regions[index].id, visit.known()))
        .collect()
}

/// The visits of the last round; `None` where there was no rest, or too much to read.
fn visits(
    project: &ProjectNames,
    main: ModuleId,
    shared: &BTreeSet<ModuleId>,
    regions: &[RegionStart],
    options: &Options,
) -> Option<BTreeMap<usize, Visit>> {
    if reflection::is_anywhere(project, main) {
        return None;
    }
    let mut typing = Typing::new(main, regions);
    let mut facts = Default::default();
    let mut spent = 0;
    for _ in 0..MAX_ROUNDS {
        let (next, exhausted) = Reader::read_program(project, typing, facts, options);
        spent += next.made + next.b.func.ops.len();
        if exhausted || spent > MAX_OPS_ALTOGETHER {
            return None;
        }
        let changed = next.facts.changed;
        (typing, facts) = (next.typing.expect("a program was read"), next.facts);
        if !changed {
            return Some(typing.finish(project, shared));
        }
    }
    None
}
