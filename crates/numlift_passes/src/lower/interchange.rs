//! Loops change places where memory asks for it.
//!
//! ```text
//! for i: for j: for k:  c[i, j] += a[i, k] * b[k, j]     =>     for i: for k: for j:  c[i, j] += a[i, k] * b[k, j]
//! for j: for i:  a[i, j] *= 2.0                          =>     for i: for j:  a[i, j] *= 2.0
//! ```
//!
//! The innermost loop should go along memory: one that jumps for each number it takes waits for memory, and is not
//! vectorized. The loop that does best is made the innermost; the others keep their order.
//!
//! Nothing else changes, not a bit: elements that are stored are touched by the same iterations only, but for loops
//! whose index is in none of their subscripts, and those keep their order among each other. So every element sees the
//! same operations one after the other. The loops must be nothing but loads, stores and numbers that cannot fail, with
//! ends that are known in front of them.

use std::collections::HashSet;

use numlift_ir::affine::{Affine, Atom, affine_of};
use numlift_ir::function::{BlockId, Def, Function, OpId, ValueId};
use numlift_ir::infer::interval_of;
use numlift_ir::op::{Kind, Term};
use numlift_ir::scalar::F;
use numlift_ir::ty::{Interval, Ty};

use super::roots::Roots;
use super::walk::may_leave;
use super::{Options, Slip};

/// What an access costs that jumps from iteration to iteration, beside one along memory.
const JUMP: u32 = 8;
/// Of which nothing is known.
const UNKNOWN: u32 = 4;

/// Changes the order of loops everywhere in a function.
pub(super) fn interchange(mut func: Function, options: &Options) -> Function {
    let before = func.clone();
    let roots = Roots::new(&before, options.disjoint);
    let body = func.body;
    Interchange {
        func: &mut func,
        roots,
        slips: options.slips(Slip::Interchange),
    }
    .block(body);
    func
}

struct Interchange<'f, 'r> {
    func: &'f mut Function,
    roots: Roots<'r>,
    slips: bool,
}

/// Loops each of which is all that the one around it does, the outermost first.
struct Chain {
    loops: Vec<OpId>,
    indices: Vec<Atom>,
    accesses: Vec<Access>,
}

struct Access {
    base: ValueId,
    place: Vec<Affine>,
    stores: bool,
    /// It stands in front of the innermost loop.
    is_outer: bool,
}

impl Interchange<'_, '_> {
    fn block(&mut self, block: BlockId) {
        for op in self.func.block(block).ops.clone() {
            if self.func.op(op).kind == Kind::For && self.reorder(op) {
                continue;
            }
            for inner in self.func.op(op).blocks.clone() {
                self.block(inner);
            }
        }
    }

    /// Makes the loop the innermost that should be; whether one was moved.
    fn reorder(&mut self, op: OpId) -> bool {
        let Some(chain) = self.chain(op) else { return false };
        let last = chain.loops.len() - 1;
        let costs: Vec<u32> = (0..=last).map(|level| self.cost(&chain, level)).collect();
        let Some(best) = (0..last)
            .min_by_key(|level| costs[*level])
            .filter(|level| costs[*level] * 2 <= costs[last])
        else {
            return false;
        };
        let mut order: Vec<usize> = (0..=last).filter(|level| *level != best).collect();
        order.push(best);
        if !self.is_legal(&chain, &order) {
            return false;
        }
        self.sink(&chain, best);
        self.permute(&chain, &order);
        true
    }

    /// The longest chain that begins with a loop.
    fn chain(&self, op: OpId) -> Option<Chain> {
        let func = &self.func;
        let inside = self.made_in(op);
        let mut loops = vec![op];
        loop {
            let last = loops[loops.len() - 1];
            let data = func.op(last);
            let body = func.block(data.blocks[0]);
            let is_plain = data.args.len() == 3 && data.args.iter().all(|arg| !inside.contains(arg));
            if !is_plain || !matches!(body.end, Term::Yield(_)) {
                return None;
            }
            let inner: Vec<OpId> = body
                .ops
                .iter()
                .copied()
                .filter(|op| !func.op(*op).blocks.is_empty())
                .collect();
            match inner[..] {
                [] => break,
                // What stands in front of it goes along.
                [next] if func.op(next).kind == Kind::For && body.ops.last() == Some(&next) => loops.push(next),
                _ => return None,
            }
        }
        if loops.len() < 2 {
            return None;
        }
        let index = |op: &OpId| Atom::Value(func.block(func.op(*op).blocks[0]).params[0]);
        let mut chain = Chain {
            indices: loops.iter().map(index).collect(),
            loops,
            accesses: Vec::new(),
        };
        for (level, around) in chain.loops.iter().enumerate() {
            for inner in &func.block(func.op(*around).blocks[0]).ops {
                if chain.loops.get(level + 1) == Some(inner) {
                    continue;
                }
                let data = func.op(*inner);
                let stores = data.kind == Kind::Store;
                if !self.is_quiet(*inner) || stores && level + 1 < chain.loops.len() {
                    return None;
                }
                if stores || data.kind == Kind::Load {
                    let place = &data.args[1..data.args.len() - usize::from(stores)];
                    chain.accesses.push(Access {
                        base: data.args[0],
                        place: place.iter().map(|index| affine_of(func, *index)).collect(),
                        stores,
                        is_outer: level + 1 < chain.loops.len(),
                    });
                }
            }
        }
        let is_known = |affine: &Affine| {
            affine.terms.keys().all(|atom| match atom {
                Atom::Value(value) | Atom::Extent(value, _) => chain.indices.contains(atom) || !inside.contains(value),
                Atom::Sym(_) => true,
            })
        };
        let accesses = &chain.accesses;
        accesses
            .iter()
            .all(|access| access.place.iter().all(is_known))
            .then_some(chain)
    }

    /// Whether an op is a number, or an element that is there for certain.
    fn is_quiet(&self, op: OpId) -> bool {
        let func = &self.func;
        let data = func.op(op);
        let fits = || {
            data.results
                .iter()
                .all(|result| interval_of(func.ty(*result)).is_within(Interval::MACHINE))
        };
        match &data.kind {
            Kind::Load | Kind::Const(_) | Kind::Len { .. } | Kind::Frame { .. } => true,
            Kind::Store => {
                let value = func.ty(data.args[data.args.len() - 1]);
                matches!(func.ty(data.args[0]), Ty::Array { dtype, .. } if *value == Ty::Np(*dtype))
            }
            Kind::Scalar {
                f: F::Add | F::Sub | F::Mul | F::Min | F::Max,
                ..
            } if data.results.iter().all(|result| matches!(func.ty(*result), Ty::Int(_))) => fits(),
            Kind::Scalar { .. } => {
                let is_float = |value: &ValueId| matches!(func.ty(*value), Ty::Np(dtype) if dtype.is_float());
                let is_number = |value: &ValueId| is_float(value) || matches!(func.ty(*value), Ty::Int(_) | Ty::Float);
                let is_sum = matches!(
                    &data.kind,
                    Kind::Scalar {
                        f: F::Add | F::Sub | F::Mul,
                        ..
                    }
                );
                let stays = is_sum && data.args.iter().all(is_number) || !may_leave(func, op);
                stays && data.results.iter().all(is_float)
            }
            _ => false,
        }
    }

    fn made_in(&self, op: OpId) -> HashSet<ValueId> {
        let func = &self.func;
        let mut made = HashSet::new();
        for block in &func.op(op).blocks {
            func.visit_blocks(*block, &mut |inner| {
                made.extend(&func.block(inner).params);
                for op in &func.block(inner).ops {
                    made.extend(&func.op(*op).results);
                }
            });
        }
        made
    }

    /// What the accesses cost if a loop is the innermost.
    fn cost(&self, chain: &Chain, level: usize) -> u32 {
        let index = chain.indices[level];
        let cost = |access: &Access| {
            let moves: Vec<bool> = access.place.iter().map(|at| at.coefficient(index) != 0).collect();
            let is_contiguous = matches!(self.func.ty(access.base), Ty::Array { contiguous: true, .. });
            match moves.split_last() {
                _ if moves.iter().all(|moves| !moves) => 0,
                _ if !is_contiguous => UNKNOWN,
                Some((true, others)) if others.iter().all(|moves| !moves) => {
                    let by = access.place.last().map_or(0, |at| at.coefficient(index));
                    if by.abs() == 1 { 1 } else { UNKNOWN }
                }
                _ => JUMP,
            }
        };
        chain.accesses.iter().map(cost).sum()
    }

    /// Whether every element that is stored sees the same in another order of the loops.
    fn is_legal(&self, chain: &Chain, order: &[usize]) -> bool {
        if self.slips {
            return true;
        }
        let stores = || chain.accesses.iter().filter(|access| access.stores);
        stores().all(|store| {
            chain.accesses.iter().all(|other| {
                if store.base != other.base && !self.roots.may_share(store.base, other.base) {
                    return true;
                }
                let is_same = store.base == other.base && store.place == other.place && !other.is_outer;
                is_same && keeps_order(chain, store, order)
            })
        })
    }

    /// Moves what stands between the loops, from a level on, into the innermost; frames there hold no more.
    fn sink(&mut self, chain: &Chain, from: usize) {
        let last = chain.loops.len() - 1;
        let mut sunk = Vec::new();
        for level in from..=last {
            let block = self.func.op(chain.loops[level]).blocks[0];
            let ops = std::mem::take(&mut self.func.block_mut(block).ops);
            let kept = |op: &OpId| !matches!(self.func.op(*op).kind, Kind::Frame { .. });
            let next = chain.loops.get(level + 1).copied();
            sunk.extend(ops.into_iter().filter(kept).filter(|op| Some(*op) != next));
            self.func.block_mut(block).ops = next.into_iter().collect();
        }
        let innermost = self.func.op(chain.loops[last]).blocks[0];
        self.func.block_mut(innermost).ops = sunk;
    }

    fn permute(&mut self, chain: &Chain, order: &[usize]) {
        let bounds: Vec<Vec<ValueId>> = chain.loops.iter().map(|op| self.func.op(*op).args.clone()).collect();
        let blocks: Vec<BlockId> = chain.loops.iter().map(|op| self.func.op(*op).blocks[0]).collect();
        let params: Vec<ValueId> = blocks.iter().map(|block| self.func.block(*block).params[0]).collect();
        for (level, from) in order.iter().enumerate() {
            self.func.op_mut(chain.loops[level]).args.clone_from(&bounds[*from]);
            self.func.block_mut(blocks[level]).params = vec![params[*from]];
            self.func.values[params[*from].index()].def = Def::Param(blocks[level], 0);
        }
    }
}

/// Whether the iterations that touch one element keep their order: each index stands alone in a subscript, or its loop
/// keeps its place among those whose index is in none.
fn keeps_order(chain: &Chain, access: &Access, order: &[usize]) -> bool {
    let stands_alone = |level: usize| {
        access.place.iter().any(|at| {
            let moves = |other: &usize| at.coefficient(chain.indices[*other]) != 0;
            let moving: Vec<usize> = (0..chain.indices.len()).filter(moves).collect();
            moving == [level]
        })
    };
    let free: Vec<usize> = order.iter().copied().filter(|level| !stands_alone(*level)).collect();
    free.windows(2).all(|pair| pair[0] < pair[1])
}
