//! Finding regions: loops, with the statements that prepare them and finish their work.
//!
//! ```text
//! def squares(x):
//!     n = len(x)                    ┐
//!     out = []                      │
//!     for i in range(n):            │ one region: the loop needs `n` and `out`,
//!         out.append(x[i] ** 2)     │ what follows only converts its result
//!     return np.array(out)          ┘
//! ```
//!
//! **Extent.** A region is a candidate ([`numlift_source::loops`]) with the plain statements directly before it that
//! bind what it reads first (others may stand between them; none that makes an array of some other object, since the
//! array says more than what it was made from), and the plain statements or `return` directly behind it
//! that read what it binds. A loop is given in this extended form only: what stands around it is plain enough to be
//! read and written back, and hooks and snapshots for both forms would cost twice. Regions are nested or disjoint,
//! never overlapping: a statement belongs to the loop before it, if both want it.
//!
//! **Nesting.** Loops inside of loops give regions of their own with a `parent`, so that there is something to cure
//! when the outer loop has to stay. Calls of builtins and comprehensions that another region took as preparation or
//! conversion give none.
//!
//! What stands in a function that a decorator compiles is no region: hooks and rewrites would be in the compiler's way.
//!
//! **Left out**, with the reason: regions that control leaves by `break`, `continue` or suspension, that bind names of
//! outer scopes, delete names, stand in class bodies, or use `super()`.

use std::path::Path;

use numlift_source::flow::RegionFlow;
use numlift_source::loops::{Candidate, CandidateKind};
use numlift_source::module::Module;

use crate::protocol::{Pos, RegionId, RegionSpec};

mod extent;

/// The regions of one file.
#[derive(Debug, Clone, PartialEq)]
pub struct Discovery {
    /// Parents before their children, else in source order.
    pub regions: Vec<Region>,
    pub left_out: Vec<LeftOut>,
}

/// A region with what is known of it from the text.
#[derive(Debug, Clone, PartialEq)]
pub struct Region {
    pub spec: RegionSpec,
    pub code: RegionCode,
}

/// The text of a region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionCode {
    pub kind: CandidateKind,
    /// Byte range of all its statements in the decoded text.
    pub start: u32,
    pub end: u32,
    /// Byte range of the loop itself, or of the statement that holds it.
    pub core: (u32, u32),
    /// Indices of statements from the module's body down to the core (see [`Candidate::path`]).
    pub path: Vec<u32>,
    /// The statements, dedented, with `\n` line ends.
    pub text: String,
    /// Names that are bound for certain when it is entered, among those that it reads first.
    pub bound_at_entry: Vec<String>,
    /// Names that it binds for certain when it ends.
    pub bound_at_exit: Vec<String>,
    /// Names whose value counts when an exception leaves it.
    pub live_after_raise: Vec<String>,
    /// Names that others may read while it runs: functions, lambdas, lazy generators.
    pub captured: Vec<String>,
    /// Variables of the module or of the enclosing function that functions which it mentions may read, and bind.
    pub reads_through_calls: Vec<String>,
    pub binds_through_calls: Vec<String>,
}

/// A loop that cannot be watched or replaced as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    pub kind: CandidateKind,
    pub start: u32,
    pub end: u32,
    pub at: Pos,
    pub function: String,
    pub reason: Reason,
}

/// Why a loop is no region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// It contains `yield`, `await`, …
    Suspends { keyword: &'static str, at: Pos },
    /// A `break` or `continue` inside belongs to a loop around it.
    JumpsOut { at: Pos },
    /// It binds names declared `global` or `nonlocal`.
    BindsOuter { names: Vec<String> },
    /// It deletes names.
    Deletes { names: Vec<String> },
    /// It stands in the body of a class, where names become attributes.
    ClassBody,
    /// It uses `super()` or `__class__`.
    ClassCell,
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let list = |names: &[String]| {
            names
                .iter()
                .map(|name| format!("`{name}`"))
                .collect::<Vec<_>>()
                .join(", ")
        };
        match self {
            Reason::Suspends { keyword, at } => write!(f, "`{keyword}` on line {} suspends the function", at.line),
            Reason::JumpsOut { at } => write!(f, "the jump on line {} leaves an outer loop too", at.line),
            Reason::BindsOuter { names } => write!(f, "it binds {} of an outer scope", list(names)),
            Reason::Deletes { names } => write!(f, "it deletes {}", list(names)),
            Reason::ClassBody => write!(f, "it stands in the body of a class"),
            Reason::ClassCell => write!(f, "it uses `super()`"),
        }
    }
}

/// Finds the regions of a module, numbering them from `first`.
pub fn discover(module: &Module, file: &Path, first: RegionId) -> Discovery {
    let candidates = module.candidates();
    let compiled = module.compiled();
    let is_compiled = |at: u32| compiled.iter().any(|(start, end)| (*start..*end).contains(&at));
    let extents = extent::extents(module, &candidates);
    let mut discovery = Discovery {
        regions: Vec::new(),
        left_out: Vec::new(),
    };
    let mut ids: Vec<Option<RegionId>> = Vec::new();
    for (candidate, extent) in candidates.iter().zip(extents) {
        let parent = nearest_region(&candidates, &ids, candidate.parent);
        let open = extent.filter(|extent| !is_compiled(extent.start));
        let id = open.and_then(|extent| {
            let flow = module.region_flow(extent.start, extent.end)?;
            if let Some(reason) = reason_to_leave(module, candidate, &flow) {
                discovery.left_out.push(left_out(module, candidate, reason));
                return None;
            }
            let id = first + discovery.regions.len() as RegionId;
            let code = code(module, candidate, extent, &flow);
            let spec = spec(module, file, id, parent, candidate, &code, flow);
            discovery.regions.push(Region { spec, code });
            Some(id)
        });
        ids.push(id);
    }
    discovery
}

fn nearest_region(candidates: &[Candidate], ids: &[Option<RegionId>], mut parent: Option<usize>) -> Option<RegionId> {
    while let Some(index) = parent {
        if let Some(id) = ids[index] {
            return Some(id);
        }
        parent = candidates[index].parent;
    }
    None
}

fn reason_to_leave(module: &Module, candidate: &Candidate, flow: &RegionFlow) -> Option<Reason> {
    let pos = |offset| position(module, offset);
    if candidate.in_class_body {
        Some(Reason::ClassBody)
    } else if let Some(suspension) = &flow.suspends {
        Some(Reason::Suspends {
            keyword: suspension.keyword,
            at: pos(suspension.at),
        })
    } else if let Some(at) = flow.jumps_out {
        Some(Reason::JumpsOut { at: pos(at) })
    } else if !flow.binds_outer.is_empty() {
        Some(Reason::BindsOuter {
            names: flow.binds_outer.clone(),
        })
    } else if !flow.deletes.is_empty() {
        Some(Reason::Deletes {
            names: flow.deletes.clone(),
        })
    } else if flow.needs_class_cell {
        Some(Reason::ClassCell)
    } else {
        None
    }
}

fn left_out(module: &Module, candidate: &Candidate, reason: Reason) -> LeftOut {
    LeftOut {
        kind: candidate.kind,
        start: candidate.start,
        end: candidate.end,
        at: position(module, candidate.start),
        function: module.qualname(candidate.function).to_owned(),
        reason,
    }
}

fn code(module: &Module, candidate: &Candidate, extent: extent::Extent, flow: &RegionFlow) -> RegionCode {
    RegionCode {
        kind: candidate.kind,
        start: extent.start,
        end: extent.end,
        core: (candidate.start, candidate.end),
        path: candidate.path.clone(),
        text: module.dedented(extent.start, extent.end),
        bound_at_entry: flow.bound_at_entry.clone(),
        bound_at_exit: flow.bound_at_exit.clone(),
        live_after_raise: flow.live_after_raise.clone(),
        captured: flow.captured.clone(),
        reads_through_calls: flow.reads_through_calls.clone(),
        binds_through_calls: flow.binds_through_calls.clone(),
    }
}

fn spec(
    module: &Module,
    file: &Path,
    id: RegionId,
    parent: Option<RegionId>,
    candidate: &Candidate,
    code: &RegionCode,
    flow: RegionFlow,
) -> RegionSpec {
    RegionSpec {
        id,
        file: file.to_path_buf(),
        function: module.qualname(candidate.function).to_owned(),
        start: position(module, code.start),
        end: position(module, module.ast_end(code.start, code.end)),
        live_in: flow.live_in,
        binds: flow.binds,
        live_out: flow.live_out,
        returns: flow.returns,
        parent,
        timed_only: extent::is_timed_only(candidate.kind),
        body_of: None,
    }
}

pub(crate) fn position(module: &Module, offset: u32) -> Pos {
    let place = module.place(offset);
    Pos {
        line: place.line,
        column: place.column,
    }
}

#[cfg(test)]
mod tests;
