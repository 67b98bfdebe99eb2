//! Loops side by side over the same range become one.
//!
//! ```text
//! for i in range(n): store t, i, x[i] * 2          for i in range(n):
//! for i in range(n): store y, i, t[i] + 1    =>        store t, i, x[i] * 2
//!                                                      store y, i, t[i] + 1
//! ```
//!
//! Two iterations may change places if what one stores the other does not touch. So for each pair of accesses to memory
//! that may be the same, of which one stores, there must be an axis along which both stand at the loop's index (plus the
//! same): then only the same iteration touches both. What stands between the loops is computed in front of them; if it
//! may leave, Python must be able to go on there. Afterwards the loops inside are side by side.
//!
//! An array that is then stored and loaded in one iteration only, and by nobody else, is gone: see [`super::scalars`].

use std::collections::{BTreeSet, HashSet};

use numlift_ir::affine::{Affine, Atom, affine_of};
use numlift_ir::function::{BlockId, Def, Function, OpId, ValueId};
use numlift_ir::op::{Effect, Kind, Term};
use numlift_ir::ty::{Interval, Ty};

use super::roots::Roots;
use super::{Options, Slip};

/// A body with more ops is not made larger.
const MAX_OPS: usize = 160;

/// So many arrays are gone along at most.
const MAX_ARRAYS: usize = 12;

/// Fuses loops everywhere in a function.
pub(super) fn fuse(mut func: Function, options: &Options) -> Function {
    let before = func.clone();
    let roots = Roots::new(&before, options.disjoint);
    let body = func.body;
    Fuser {
        func: &mut func,
        roots,
        slips: options.slips(Slip::Fusion),
    }
    .block(body);
    func
}

struct Fuser<'f, 'r> {
    func: &'f mut Function,
    roots: Roots<'r>,
    slips: bool,
}

/// An element that a loop touches.
struct Access {
    base: ValueId,
    place: Vec<Affine>,
    stores: bool,
}

/// What a loop does.
#[derive(Default)]
struct Body {
    accesses: Vec<Access>,
    ops: usize,
    /// Whether its own block branches.
    branches: bool,
    has_loops: bool,
}

impl Fuser<'_, '_> {
    fn block(&mut self, block: BlockId) {
        let mut at = 0;
        while at < self.func.block(block).ops.len() {
            let op = self.func.block(block).ops[at];
            if self.func.op(op).kind == Kind::For {
                while let Some(next) = self.next_loop(block, op) {
                    if !self.fuse(block, op, next) {
                        break;
                    }
                }
            }
            for inner in self.func.op(op).blocks.clone() {
                self.block(inner);
            }
            at = self.position(block, op) + 1;
        }
    }

    fn position(&self, block: BlockId, op: OpId) -> usize {
        let ops = &self.func.block(block).ops;
        ops.iter().position(|other| *other == op).unwrap_or(ops.len())
    }

    /// The loop behind one, with nothing between but what can be computed in front.
    fn next_loop(&self, block: BlockId, op: OpId) -> Option<OpId> {
        let ops = &self.func.block(block).ops;
        let behind = &ops[self.position(block, op) + 1..];
        let next = behind.iter().find(|other| !self.func.op(**other).blocks.is_empty())?;
        (self.func.op(*next).kind == Kind::For).then_some(*next)
    }

    fn fuse(&mut self, block: BlockId, first: OpId, second: OpId) -> bool {
        let bounds = |op: OpId| self.func.op(op).args[..3].iter().map(|arg| affine_of(self.func, *arg));
        if !bounds(first).eq(bounds(second)) || !self.carry_alike(first, second) {
            return false;
        }
        let (Some(a), Some(b)) = (self.body_of(first), self.body_of(second)) else {
            return false;
        };
        if !a.is_like(&b) || !self.is_worth(&a, &b) || !self.may_alternate(first, second, &a, &b) {
            return false;
        }
        let (from, to) = (self.position(block, first), self.position(block, second));
        let between = self.func.block(block).ops[from + 1..to].to_vec();
        if !self.is_movable(block, first, &between, &a) {
            return false;
        }
        self.merge(block, first, second, &between);
        true
    }

    /// Floats that are added up one after the other keep a loop from being vectorized.
    fn carry_alike(&self, first: OpId, second: OpId) -> bool {
        let adds_floats = |op: OpId| {
            let is_float = |result: &ValueId| !matches!(self.func.ty(*result), Ty::Int(_) | Ty::Bool);
            self.func.op(op).results.iter().any(is_float)
        };
        !adds_floats(first) && !adds_floats(second)
    }

    /// What a loop does, if it is nothing but elements and numbers.
    fn body_of(&self, op: OpId) -> Option<Body> {
        let mut body = Body::default();
        self.collect(self.func.op(op).blocks[0], 0, &mut body)?;
        Some(body)
    }

    fn collect(&self, block: BlockId, depth: usize, body: &mut Body) -> Option<()> {
        if !matches!(self.func.block(block).end, Term::Yield(_)) {
            return None;
        }
        for op in &self.func.block(block).ops {
            let data = self.func.op(*op);
            body.ops += 1;
            match &data.kind {
                Kind::Const(_)
                | Kind::Scalar { .. }
                | Kind::Convert
                | Kind::Select
                | Kind::Truth
                | Kind::IsNone
                | Kind::Present
                | Kind::Len { .. }
                | Kind::Load
                | Kind::Store => {}
                Kind::If | Kind::For | Kind::While => {
                    body.branches |= depth == 0 && data.kind != Kind::For;
                    body.has_loops |= data.kind != Kind::If;
                    for inner in &data.blocks {
                        self.collect(*inner, depth + 1, body)?;
                    }
                }
                _ => return None,
            }
            let stores = data.kind == Kind::Store;
            if stores || data.kind == Kind::Load {
                let indices = &data.args[1..data.args.len() - usize::from(stores)];
                body.accesses.push(Access {
                    base: data.args[0],
                    place: indices.iter().map(|index| affine_of(self.func, *index)).collect(),
                    stores,
                });
            }
        }
        Some(())
    }

    /// Whether there is something to gain: memory that both go through.
    fn is_worth(&self, a: &Body, b: &Body) -> bool {
        let arrays = |body: &Body| body.accesses.iter().map(|access| access.base).collect::<BTreeSet<_>>();
        let (own, other) = (arrays(a), arrays(b));
        a.ops + b.ops <= MAX_OPS && own.union(&other).count() <= MAX_ARRAYS && !own.is_disjoint(&other)
    }

    /// Whether iterations of the second loop may run before later ones of the first.
    fn may_alternate(&self, first: OpId, second: OpId, a: &Body, b: &Body) -> bool {
        let index = |op: OpId| self.func.block(self.func.op(op).blocks[0]).params[0];
        let (own, other) = (Atom::Value(index(first)), Atom::Value(index(second)));
        let inside: HashSet<ValueId> = [first, second].into_iter().flat_map(|op| self.made_in(op)).collect();
        let stands_alike = |x: &Affine, y: &Affine| {
            let renamed = y.substitute(other, &Affine::atom(own));
            let outside = x.terms.keys().all(|atom| match atom {
                Atom::Value(value) | Atom::Extent(value, _) => *atom == own || !inside.contains(value),
                Atom::Sym(_) => true,
            });
            x.coefficient(own) != 0 && outside && renamed.as_ref() == Some(x)
        };
        if self.slips {
            return true;
        }
        a.accesses.iter().all(|x| {
            b.accesses.iter().all(|y| {
                let apart = !x.stores && !y.stores || !self.may_share(x.base, y.base);
                let alike = || x.place.iter().zip(&y.place).any(|(x, y)| stands_alike(x, y));
                apart || x.base == y.base && alike()
            })
        })
    }

    fn may_share(&self, a: ValueId, b: ValueId) -> bool {
        a == b || self.roots.may_share(a, b)
    }

    /// Everything that is defined inside of a loop.
    fn made_in(&self, op: OpId) -> Vec<ValueId> {
        let mut made = Vec::new();
        for block in &self.func.op(op).blocks {
            self.func.visit_blocks(*block, &mut |inner| {
                made.extend(&self.func.block(inner).params);
                for op in &self.func.block(inner).ops {
                    made.extend(&self.func.op(*op).results);
                }
            });
        }
        made
    }

    /// Whether what stands between two loops can be computed in front of the first.
    fn is_movable(&self, block: BlockId, first: OpId, between: &[OpId], a: &Body) -> bool {
        let results: HashSet<ValueId> = self.func.op(first).results.iter().copied().collect();
        let mut leaves = false;
        for op in between {
            let data = self.func.op(*op);
            let is_frame = matches!(data.kind, Kind::Frame { .. });
            if !is_frame && data.args.iter().any(|arg| results.contains(arg)) {
                return false;
            }
            match &data.kind {
                Kind::Const(_)
                | Kind::Extern(_)
                | Kind::Len { .. }
                | Kind::MakeTuple
                | Kind::Item(_)
                | Kind::Select
                | Kind::Convert
                | Kind::Truth
                | Kind::IsNone
                | Kind::Present
                | Kind::Frame { .. } => {}
                Kind::Scalar { .. } => leaves |= !is_harmless(self.func, *op),
                Kind::Call { callee, .. } if matches!(callee.as_str(), "numpy.empty" | "numpy.zeros") => {}
                // Views are checked where ints are among the subscripts.
                Kind::Index(_) if matches!(self.func.ty(data.results[0]), Ty::Array { .. }) => leaves = true,
                Kind::Require(_) => leaves = true,
                Kind::Load => {
                    let changed = |access: &Access| access.stores && self.may_share(access.base, data.args[0]);
                    if a.accesses.iter().any(changed) {
                        return false;
                    }
                }
                _ => return false,
            }
        }
        !leaves || self.follows_frame(block, first)
    }

    /// Whether nothing happened between a frame and an op but values, and stores to memory that was made there.
    fn follows_frame(&self, block: BlockId, op: OpId) -> bool {
        let at = self.position(block, op);
        let ops = &self.func.block(block).ops[..at];
        let Some(frame) = ops
            .iter()
            .rposition(|other| matches!(self.func.op(*other).kind, Kind::Frame { .. }))
        else {
            return false;
        };
        let made: HashSet<ValueId> = ops[frame..]
            .iter()
            .flat_map(|op| self.func.op(*op).results.clone())
            .collect();
        ops[frame + 1..].iter().all(|other| match self.func.op(*other).kind {
            Kind::Require(_) => true,
            Kind::For => self.body_of(*other).is_some_and(|body| {
                let stores = |access: &&Access| access.stores;
                body.accesses
                    .iter()
                    .filter(stores)
                    .all(|access| made.contains(&access.base))
            }),
            _ => matches!(self.func.effect(*other), Effect::Pure | Effect::Reads),
        })
    }

    fn merge(&mut self, block: BlockId, first: OpId, second: OpId, between: &[OpId]) {
        let stays = |op: &OpId| matches!(self.func.op(*op).kind, Kind::Frame { .. });
        let (frames, moved): (Vec<OpId>, Vec<OpId>) = between.iter().partition(|op| stays(op));
        let ops = self.func.block(block).ops.clone();
        let (from, to) = (self.position(block, first), self.position(block, second));
        self.func.block_mut(block).ops = [&ops[..from], &moved, &[first], &frames, &ops[to + 1..]].concat();
        let (into, body) = (self.func.op(first).blocks[0], self.func.op(second).blocks[0]);
        let params = self.func.block(body).params.clone();
        let index = self.func.block(into).params[0];
        self.func.replace_everywhere(params[0], index);
        let inits = self.func.op(second).args[3..].to_vec();
        self.func.op_mut(first).args.extend(inits);
        for (param, result) in params[1..].iter().zip(self.func.op(second).results.clone()) {
            let number = self.func.block(into).params.len() as u32;
            self.func.block_mut(into).params.push(*param);
            self.func.values[param.index()].def = Def::Param(into, number);
            let number = self.func.op(first).results.len() as u32;
            self.func.op_mut(first).results.push(result);
            self.func.values[result.index()].def = Def::Result(first, number);
        }
        let (own, more) = (self.func.block(into).end.clone(), self.func.block(body).end.clone());
        let yielded = [own.values(), more.values()].concat();
        let inner = std::mem::take(&mut self.func.block_mut(body).ops);
        self.func.block_mut(into).ops.extend(inner);
        self.func.block_mut(into).end = Term::Yield(yielded);
        self.func.op_mut(second).results.clear();
    }
}

impl Body {
    /// Loops that branch and those that do not are vectorized differently, as are those around loops.
    fn is_like(&self, other: &Self) -> bool {
        self.has_loops == other.has_loops && (self.has_loops || self.branches == other.branches)
    }
}

/// A function of numbers that can only give a number.
fn is_harmless(func: &Function, op: OpId) -> bool {
    let data = func.op(op);
    data.args.iter().all(|arg| match func.ty(*arg) {
        Ty::Int(_) | Ty::Bool => match func.ty(data.results[0]) {
            Ty::Int(interval) => interval.is_within(Interval::MACHINE),
            ty => *ty == Ty::Bool,
        },
        _ => false,
    })
}
