//! Loops whose iterations may run at the same time.
//!
//! ```text
//! for i in range(n):                    every iteration stores to a row of its own, and reads no row that another
//!     for j in range(m):       =>       one stores: a launch
//!         c[i, j] = a[i, j] + b[j]
//! ```
//!
//! The outermost loop is taken that is independent: nothing that is needed is carried from one iteration to the next, no
//! iteration reads or stores what another one stores, and none leaves compiled code, makes arrays or runs Python. Names
//! that Python would find behind the loop, and that nobody reads, are given up ([`strip`]), and with them the frames
//! inside of it. Whether an operation on numbers may leave only the emitter knows; a loop in which one does is excepted
//! ([`Options::not`]) and everything is found again.
//!
//! Arrays that may overlap, as far as is known here, are left to a test at the launch ([`Launch::tests`]).

mod access;
mod live;
mod quiet;
mod strip;
mod work;

use std::collections::{BTreeMap, BTreeSet};

use numlift_ir::affine::affine_of;
use numlift_ir::function::{BlockId, Def, Function, OpId, ValueId};
use numlift_ir::launch::{Launch, Work};
use numlift_ir::local::local_arrays;
use numlift_ir::op::{DOT, Kind, MATMUL, Term};
use numlift_ir::ty::Ty;

use super::roots::Roots;
use super::{Note, NoteKind, Slip};
use access::Accesses;
use live::Live;

/// What may be relied on, and what is wanted.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The memory of the parameters is disjoint.
    pub disjoint: bool,
    /// Loops that are not taken, and what Python would have to do there.
    pub not: BTreeMap<OpId, String>,
    /// Loops in which Python may have to be called after all.
    pub loud: BTreeSet<OpId>,
    pub extent: Extent,
    /// What is wrong on purpose: for tests.
    pub slip: Option<Slip>,
}

/// Which of the loops that may be launched are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Extent {
    /// Those that are likely to do much.
    #[default]
    Likely,
    /// Those that may do much.
    Possible,
    /// All of them.
    Every,
    None,
}

/// A function and the loops in it that may be launched.
#[derive(Debug, Clone)]
pub struct Found {
    pub func: Function,
    pub launches: BTreeMap<OpId, Launch>,
    /// Loops that are not launched and call nothing of Python's, and what an iteration costs.
    pub quiet: BTreeMap<OpId, Work>,
    pub notes: Vec<Note>,
}

/// Loops that cost less than this many nanoseconds an iteration, and are run again and again, are not worth the trouble.
const SLIGHT: f64 = 8.0;

/// What is told of a loop that may be launched.
const LAUNCHED: &str = "the iterations may run at the same time";

/// Of so many iterations, known in advance, an inner loop is the better one.
const FEW: i128 = 4;

/// Finds the loops of a function in loop form that may be launched, and makes them ready.
pub fn find(func: &Function, options: &Options) -> Found {
    let live = Live::of(func);
    let mut search = Search {
        func,
        options,
        roots: Roots::new(func, options.disjoint),
        live: &live,
        local: local_arrays(func, true),
        launches: BTreeMap::new(),
        notes: Vec::new(),
    };
    if options.extent != Extent::None {
        search.block(func.body, 0, true);
    }
    let Search {
        launches, mut notes, ..
    } = search;
    // A loop that was made of the same one, to look at its places or for the few cases where they are odd, is not told of.
    let told: BTreeSet<_> = launches.keys().map(|op| func.op(*op).origin).collect();
    let mut seen = BTreeSet::new();
    notes.retain(|note| !told.contains(&note.origin) || note.text == LAUNCHED && seen.insert(note.origin));
    let quiet = quiet::loops(func, &launches, &options.loud);
    let mut func = func.clone();
    for op in launches.keys() {
        strip::strip(&mut func, *op, &live);
    }
    Found {
        func,
        launches,
        quiet,
        notes,
    }
}

struct Search<'a> {
    func: &'a Function,
    options: &'a Options,
    roots: Roots<'a>,
    live: &'a Live,
    /// What makes small arrays that each iteration has for itself.
    local: BTreeSet<OpId>,
    launches: BTreeMap<OpId, Launch>,
    notes: Vec<Note>,
}

impl Search<'_> {
    /// `depth`: how many loops are around. `tell`: whether a person hears of loops that are not launched.
    fn block(&mut self, block: BlockId, depth: usize, tell: bool) {
        let func = self.func;
        for op in &func.block(block).ops {
            let data = func.op(*op);
            let tells = match data.kind {
                Kind::For => match self.consider(*op, depth, tell) {
                    Taken::Launched => continue,
                    Taken::Refused => false,
                    Taken::Passed => tell,
                },
                _ => tell,
            };
            let inner = depth + usize::from(matches!(data.kind, Kind::For | Kind::While));
            for block in &data.blocks {
                self.block(*block, inner, tells);
            }
        }
    }

    fn consider(&mut self, op: OpId, depth: usize, tell: bool) -> Taken {
        if self.options.extent != Extent::Every && self.trips(op).is_some_and(|trips| trips < FEW) {
            return Taken::Passed;
        }
        let (text, taken) = match self.judge(op) {
            Ok(launch) if self.is_worth(op, &launch, depth) => {
                self.launches.insert(op, launch);
                (LAUNCHED.to_owned(), Taken::Launched)
            }
            Ok(_) => return Taken::Launched,
            Err(Some(reason)) => (format!("one iteration after the other: {reason}"), Taken::Refused),
            Err(None) => return Taken::Passed,
        };
        if tell || taken == Taken::Launched {
            let origin = self.func.op(op).origin;
            let kind = NoteKind::Parallel;
            self.notes.push(Note { kind, origin, text });
        }
        taken
    }

    /// How often a loop runs, where that is known now.
    fn trips(&self, op: OpId) -> Option<i128> {
        let [start, stop, step] = [0, 1, 2].map(|n| affine_of(self.func, self.func.op(op).args[n]).as_constant());
        let span = stop? - start?;
        let step = step.filter(|step| *step != 0)?;
        Some((span / step).max(0))
    }

    fn is_worth(&self, op: OpId, launch: &Launch, depth: usize) -> bool {
        let cost = launch.work.guess();
        let total = self.trips(op).map(|trips| trips as f64 * cost);
        if self.options.extent == Extent::Every {
            return true;
        }
        if total.is_some_and(|total| total < 5_000.0) {
            return false;
        }
        self.options.extent == Extent::Possible || depth == 0 || !launch.work.inner.is_empty() || cost >= SLIGHT
    }

    /// What a launch of a loop would take; or why there is none, where a person would want to know.
    fn judge(&self, op: OpId) -> Result<Launch, Option<String>> {
        let func = self.func;
        let data = func.op(op);
        let block = data.blocks[0];
        if let Some(what) = self.options.not.get(&op) {
            return Err(Some(format!("there may be {what} in it")));
        }
        let step = affine_of(func, data.args[2]).as_constant();
        if step.is_none_or(|step| step == 0) {
            return Err(None);
        }
        for (number, param) in func.block(block).params[1..].iter().enumerate() {
            if self.live.contains(*param) {
                return Err(Some(format!(
                    "{} is carried from one to the next",
                    self.called(*param, number, op)
                )));
            }
            let result = data.results[number];
            if !strip::has_dummy(func.ty(*param)) && self.live.is_used(result) {
                return Err(Some(format!(
                    "{} stays behind the loop",
                    self.called(*param, number, op)
                )));
            }
        }
        let inside = Inside::of(func, op);
        let mut accesses = Accesses::new(func, &inside, &self.local);
        self.body(block, 0, &mut accesses)?;
        let tests = match self.options.slip {
            Some(Slip::Parallel) => Vec::new(),
            _ => accesses.conflicts(&self.roots).map_err(Some)?,
        };
        let work = work::of(func, op, &inside);
        let mut has_statements = false;
        func.walk(block, &mut |op| {
            has_statements |= matches!(func.op(op).kind, Kind::Frame { .. });
        });
        Ok(Launch {
            tests,
            work,
            has_statements,
        })
    }

    fn called(&self, param: ValueId, number: usize, op: OpId) -> String {
        let result = self.func.op(op).results[number];
        let name = self.func.name_of(param).or_else(|| self.func.name_of(result));
        name.map_or_else(|| "a value".to_owned(), |name| format!("`{name}`"))
    }

    /// Whether all that a block does may be done by any thread, and what it does to memory.
    fn body(&self, block: BlockId, loops: usize, accesses: &mut Accesses<'_>) -> Result<(), Option<String>> {
        let func = self.func;
        match &func.block(block).end {
            Term::Yield(_) | Term::Unreachable => {}
            Term::Break(out, _) if *out < loops => {}
            Term::Break(..) | Term::Return(_) => return Err(Some("it may end before its time".to_owned())),
        }
        for op in &func.block(block).ops {
            self.op(*op, accesses)?;
            let data = func.op(*op);
            let inner = loops + usize::from(matches!(data.kind, Kind::For | Kind::While));
            for block in &data.blocks {
                self.body(*block, inner, accesses)?;
            }
        }
        Ok(())
    }

    fn op(&self, op: OpId, accesses: &mut Accesses<'_>) -> Result<(), Option<String>> {
        let data = self.func.op(op);
        let reason = match &data.kind {
            Kind::Load | Kind::Store => {
                accesses.add(op);
                return Ok(());
            }
            Kind::Index(_) => {
                let is_array = matches!(self.func.ty(self.func.result(op)).bound(), Ty::Array { .. });
                let of_array = matches!(self.func.ty(data.args[0]).bound(), Ty::Array { .. });
                let is_list = matches!(self.func.ty(data.args[0]).bound(), Ty::List(..) | Ty::Buffer(_));
                if !is_list && (is_array || !of_array) {
                    return Ok(());
                }
                if is_list {
                    return Err(Some("it reads a list".to_owned()));
                }
                "an index is checked in each iteration".to_owned()
            }
            Kind::SetIndex(_) => "an index is checked in each iteration".to_owned(),
            Kind::Require(what) => format!("{what} is required in each iteration"),
            Kind::Raise(_) => "it may raise".to_owned(),
            Kind::Call { callee, .. } => match callee.as_str() {
                "numpy.empty" | "numpy.zeros" if self.local.contains(&op) => return Ok(()),
                "numpy.empty" | "numpy.zeros" => "it makes arrays".to_owned(),
                MATMUL | DOT => "it calls BLAS".to_owned(),
                numlift_ir::op::SELF => "it calls itself".to_owned(),
                callee => format!("it calls `{callee}`"),
            },
            Kind::Method { name, .. } => format!("it calls `.{name}()`"),
            Kind::SetAttr(_) | Kind::Append | Kind::MakeList | Kind::Repeat | Kind::Opaque { .. } => {
                "Python runs in it".to_owned()
            }
            Kind::Comp
            | Kind::Fold { .. }
            | Kind::ArgFold { .. }
            | Kind::First
            | Kind::Scan { .. }
            | Kind::ScatterFold { .. }
            | Kind::Scatter { .. }
            | Kind::Extend { .. } => return Err(None),
            Kind::Const(_)
            | Kind::Unbound
            | Kind::Extern(_)
            | Kind::Scalar { .. }
            | Kind::Convert
            | Kind::Truth
            | Kind::IsNone
            | Kind::Present
            | Kind::Select
            | Kind::MakeTuple
            | Kind::Item(_)
            | Kind::Len { .. }
            | Kind::Attr(_)
            | Kind::Frame { .. }
            | Kind::If
            | Kind::For
            | Kind::While => return Ok(()),
        };
        Err(Some(reason))
    }
}

/// What became of a loop that was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Taken {
    Launched,
    /// And a person was told why.
    Refused,
    Passed,
}

/// What is inside of a loop.
pub(super) struct Inside {
    pub index: ValueId,
    blocks: BTreeSet<BlockId>,
    ops: BTreeSet<OpId>,
}

impl Inside {
    pub(super) fn of(func: &Function, op: OpId) -> Self {
        let (mut blocks, mut ops) = (BTreeSet::new(), BTreeSet::new());
        let body = func.op(op).blocks[0];
        func.visit_blocks(body, &mut |block| {
            blocks.insert(block);
        });
        func.walk(body, &mut |op| {
            ops.insert(op);
        });
        let index = func.block(body).params[0];
        Self { index, blocks, ops }
    }

    /// Whether a value is made in an iteration.
    pub(super) fn has(&self, func: &Function, value: ValueId) -> bool {
        match func.def(value) {
            Def::Result(op, _) => self.ops.contains(&op),
            Def::Param(block, _) => self.blocks.contains(&block),
        }
    }
}
