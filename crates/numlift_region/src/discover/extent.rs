//! How far a region reaches around its loop.

use std::collections::BTreeSet;

use numlift_source::loops::{Candidate, CandidateKind, Neighbour, NeighbourForm};
use numlift_source::module::Module;

/// The byte range of a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    pub start: u32,
    pub end: u32,
}

impl Extent {
    fn holds(&self, candidate: &Candidate) -> bool {
        self.start <= candidate.start && candidate.end <= self.end
    }
}

/// The extent of each candidate; `None` for one that another region took in as a plain statement.
pub fn extents(module: &Module, candidates: &[Candidate]) -> Vec<Option<Extent>> {
    let mut extents: Vec<Option<Extent>> = vec![None; candidates.len()];
    // Loops first: what they take is then no candidate of its own.
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    order.sort_by_key(|index| {
        (
            !is_statement(candidates[*index].kind),
            is_timed_only(candidates[*index].kind),
        )
    });
    for index in order {
        let candidate = &candidates[index];
        let taken: Vec<Extent> = extents.iter().copied().flatten().collect();
        let swallowed = |extent: &Extent| extent.holds(candidate) && !is_ancestor(candidates, &extents, index, extent);
        if is_statement(candidate.kind) || !taken.iter().any(swallowed) {
            extents[index] = Some(extent(module, candidate, candidates, &taken));
        }
    }
    extents
}

fn is_statement(kind: CandidateKind) -> bool {
    match kind {
        CandidateKind::For | CandidateKind::While => true,
        CandidateKind::Comprehension
        | CandidateKind::Generator
        | CandidateKind::CallPerElement
        | CandidateKind::Builtin
        | CandidateKind::ArrayExpression => false,
    }
}

/// There is no loop in it that anybody could cure.
pub fn is_timed_only(kind: CandidateKind) -> bool {
    kind == CandidateKind::ArrayExpression
}

/// Whether the extent is that of a loop around the candidate.
fn is_ancestor(candidates: &[Candidate], extents: &[Option<Extent>], index: usize, extent: &Extent) -> bool {
    let mut parent = candidates[index].parent;
    while let Some(above) = parent {
        if extents[above].as_ref() == Some(extent) {
            return true;
        }
        parent = candidates[above].parent;
    }
    false
}

fn extent(module: &Module, candidate: &Candidate, candidates: &[Candidate], taken: &[Extent]) -> Extent {
    let core = Extent {
        start: candidate.start,
        end: candidate.end,
    };
    if is_timed_only(candidate.kind) {
        return core;
    }
    let Some(flow) = module.region_flow(core.start, core.end) else {
        return core;
    };
    let free = |neighbour: &&Neighbour| {
        let is_taken = taken
            .iter()
            .any(|extent| extent.start < neighbour.end && neighbour.start < extent.end && !extent.holds(candidate));
        // A loop takes plain comprehensions, and a comprehension none of its like.
        let is_candidate = candidates
            .iter()
            .any(|other| other.start == neighbour.start && !is_timed_only(other.kind));
        !is_taken && (is_statement(candidate.kind) || !is_candidate)
    };
    let mut start = core.start;
    let mut wanted: BTreeSet<&str> = flow.live_in.iter().map(String::as_str).collect();
    for neighbour in candidate.before.iter().take_while(free) {
        match neighbour.form {
            NeighbourForm::Plain | NeighbourForm::Store => {
                if neighbour.binds.iter().any(|name| wanted.contains(name.as_str())) {
                    wanted.extend(neighbour.reads.iter().map(String::as_str));
                    start = neighbour.start;
                }
            }
            NeighbourForm::Taken if neighbour.binds.iter().all(|name| !wanted.contains(name.as_str())) => {}
            // What nobody else calls goes with the loop that calls it.
            NeighbourForm::Helper
                if neighbour.binds.iter().any(|name| wanted.contains(name.as_str()))
                    && is_only_for(module, neighbour, core.end) =>
            {
                wanted.extend(neighbour.reads.iter().map(String::as_str));
                start = neighbour.start;
            }
            NeighbourForm::Helper | NeighbourForm::Taken | NeighbourForm::Return | NeighbourForm::Other => break,
        }
    }
    let mut end = core.end;
    let mut made: BTreeSet<&str> = flow.binds.iter().map(String::as_str).collect();
    // A list or array that is filled is made by the loop, too.
    made.extend(
        flow.live_in
            .iter()
            .map(String::as_str)
            .filter(|_| start < core.start)
            .filter(|name| {
                candidate
                    .before
                    .iter()
                    .any(|before| before.start >= start && before.binds.iter().any(|bound| bound == name))
            }),
    );
    for neighbour in candidate.after.iter().take_while(free) {
        // A search that returns at the first hit ends with what it returns where there is none.
        let is_miss =
            is_statement(candidate.kind) && neighbour.form == NeighbourForm::Return && neighbour.reads.is_empty();
        if !is_miss && !neighbour.reads.iter().any(|name| made.contains(name.as_str())) {
            break;
        }
        match neighbour.form {
            NeighbourForm::Plain | NeighbourForm::Taken => made.extend(neighbour.binds.iter().map(String::as_str)),
            NeighbourForm::Return => {}
            NeighbourForm::Store | NeighbourForm::Helper | NeighbourForm::Other => break,
        }
        end = neighbour.end;
        if neighbour.form == NeighbourForm::Return {
            break;
        }
    }
    Extent { start, end }
}

/// Whether nobody reads what a statement binds behind `end`.
fn is_only_for(module: &Module, stmt: &Neighbour, end: u32) -> bool {
    module.region_flow(stmt.start, end).is_some_and(|flow| {
        let mut seen = flow.live_out.iter().chain(&flow.live_after_raise);
        !seen.any(|name| stmt.binds.contains(name))
    })
}
