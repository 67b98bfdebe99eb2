//! Loops that store at computed places look at a block of them at once.
//!
//! ```text
//! for i in range(len(x)):              for b in range(0, len(x), 64):
//!     counts[int(x[i] * n)] += 1           for i in block: places[i - b] = int(x[i] * n); good &= 0 <= x[i] * n < len(counts)
//!                               =>         if good: for i in block: counts[places[i - b]] += 1         # no check is left
//!                                          else: for i in block: as it was
//! ```
//!
//! The places are computed of numbers that the loop loads and does not store, so they can be computed ahead; that loop
//! has no checks and becomes vectors. What is out of range, negative, or no int is met where it always was.

use std::collections::{HashMap, HashSet};

use numlift_ir::build::Builder;
use numlift_ir::dtype::Dtype;
use numlift_ir::function::{BlockId, Function, OpId, ValueId};
use numlift_ir::infer::{LENGTH, interval_of};
use numlift_ir::op::{Const, Effect, Kind, Sub, Term};
use numlift_ir::scalar::{F, Flavour};
use numlift_ir::ty::{Dim, Interval, Ty};

use super::frames::follows_frame;
use super::roots::Roots;

/// So many iterations are looked at at once: few, so that the processor reads the next ones meanwhile.
const BLOCK: i128 = 64;

/// A longer body is not written out twice.
const MOST_OPS: usize = 64;

/// Rewrites loops everywhere in a function.
pub(super) fn blocks(func: Function, disjoint: bool) -> Function {
    let before = func.clone();
    let mut b = Builder::new("");
    b.func = func;
    let roots = Roots::new(&before, disjoint);
    let body = b.func.body;
    let ops = b.func.block(body).ops.clone();
    let mut blocks = Blocks { b, roots };
    for op in ops {
        // Memory for the places is taken in front of everything, where Python may go on.
        let loops = blocks.loops_in(op);
        if loops.is_empty() || !follows_frame(&blocks.b.func, op, body) {
            continue;
        }
        for (found, block) in loops {
            blocks.rewrite(&found, block, op, body);
        }
    }
    blocks.b.func
}

struct Blocks<'r> {
    b: Builder,
    roots: Roots<'r>,
}

/// A loop that can be rewritten: its places, each with the arrays that it is a place in.
struct Scatter {
    op: OpId,
    places: Vec<(ValueId, Vec<ValueId>)>,
}

impl Blocks<'_> {
    /// The loops in an op that can be rewritten, itself among them, with the blocks that they stand in.
    fn loops_in(&self, op: OpId) -> Vec<(Scatter, BlockId)> {
        let func = &self.b.func;
        let mut found = Vec::new();
        func.visit_blocks(func.body, &mut |block| {
            let own = func.block(block).ops.iter().filter(|inner| {
                let mut is_inside = **inner == op;
                for block in &func.op(op).blocks {
                    func.walk(*block, &mut |other| is_inside |= other == **inner);
                }
                is_inside
            });
            found.extend(own.filter_map(|inner| Some((self.scatter(*inner)?, block))));
        });
        found
    }

    fn scatter(&self, op: OpId) -> Option<Scatter> {
        let func = &self.b.func;
        let data = func.op(op);
        if data.kind != Kind::For || data.args.len() != 3 || func.as_const(data.args[2]) != Some(&Const::Int(1)) {
            return None;
        }
        let is_natural = |value: ValueId| interval_of(func.ty(value)).is_within(LENGTH);
        let body = func.block(data.blocks[0]);
        let is_flat = body.ops.iter().all(|inner| func.op(*inner).blocks.is_empty());
        let is_small = body.ops.len() <= MOST_OPS && matches!(body.end, Term::Yield(_));
        if !is_natural(data.args[0]) || !is_natural(data.args[1]) || !is_flat || !is_small {
            return None;
        }
        let mut places: Vec<(ValueId, Vec<ValueId>)> = Vec::new();
        let mut stores = Vec::new();
        for inner in &body.ops {
            let data = func.op(*inner);
            let (subs, values) = match &data.kind {
                Kind::Index(subs) => (subs, 0),
                Kind::SetIndex(subs) => (subs, 1),
                Kind::Store => {
                    stores.push(data.args[0]);
                    continue;
                }
                Kind::Load
                | Kind::Const(_)
                | Kind::Len { .. }
                | Kind::Frame { .. }
                | Kind::Scalar { .. }
                | Kind::Convert => continue,
                _ => return None,
            };
            let is_one = subs[..] == [Sub::At] && data.args.len() == 2 + values;
            if !is_one || self.defined_in(data.args[0], &body.ops) {
                return None;
            }
            let (base, place) = (data.args[0], data.args[1]);
            if values == 1 {
                stores.push(base);
            }
            match places.iter_mut().find(|(known, _)| *known == place) {
                Some((_, bases)) if bases.contains(&base) => {}
                Some((_, bases)) => bases.push(base),
                None => places.push((place, vec![base])),
            }
        }
        let is_computed = places
            .iter()
            .all(|(place, _)| self.is_computed_ahead(*place, &body.ops, &stores));
        let scatters = body
            .ops
            .iter()
            .any(|inner| matches!(func.op(*inner).kind, Kind::SetIndex(_)));
        (is_computed && scatters && !places.is_empty()).then_some(Scatter { op, places })
    }

    fn defined_in(&self, value: ValueId, ops: &[OpId]) -> bool {
        self.b.func.def_op(value).is_some_and(|op| ops.contains(&op))
    }

    /// Whether a place is an int that is made of what is loaded.
    fn is_computed_ahead(&self, place: ValueId, ops: &[OpId], stores: &[ValueId]) -> bool {
        let func = &self.b.func;
        let Some(op) = func.defining(place).filter(|_| self.defined_in(place, ops)) else {
            return false;
        };
        let is_int = matches!(
            op.kind,
            Kind::Scalar {
                f: F::ToInt,
                flavour: Flavour::NpScalar
            }
        );
        let is_number = match func.ty(op.args[0]) {
            Ty::Np(dtype) => *dtype == Dtype::F64 || *dtype == Dtype::F32 || dtype.is_integer() && *dtype != Dtype::U64,
            _ => false,
        };
        is_int && is_number && self.is_quiet(op.args[0], ops, stores)
    }

    fn is_quiet(&self, value: ValueId, ops: &[OpId], stores: &[ValueId]) -> bool {
        let func = &self.b.func;
        let Some(op) = func.defining(value).filter(|_| self.defined_in(value, ops)) else {
            return true;
        };
        let keeps = |base: ValueId| {
            stores
                .iter()
                .all(|store| *store != base && !self.roots.may_share(*store, base))
        };
        match &op.kind {
            Kind::Const(_) => true,
            Kind::Load => keeps(op.args[0]),
            Kind::Scalar {
                f: F::Add | F::Sub | F::Mul | F::TrueDiv,
                flavour: Flavour::NpScalar,
            } => {
                let is_float = |value: &ValueId| matches!(func.ty(*value), Ty::Np(Dtype::F64 | Dtype::F32));
                let is_number = |value: &ValueId| is_float(value) || matches!(func.ty(*value), Ty::Float | Ty::Int(_));
                is_float(&op.results[0])
                    && op.args.iter().any(is_float)
                    && op.args.iter().all(is_number)
                    && op.args.iter().all(|arg| self.is_quiet(*arg, ops, stores))
            }
            _ => false,
        }
    }

    /// Rewrites a loop in a block; the memory is taken in front of `outermost`.
    fn rewrite(&mut self, found: &Scatter, block: BlockId, outermost: OpId, body: BlockId) {
        let origin = self.b.func.op(found.op).origin;
        self.b.origin = origin;
        let rest = self.split(body, outermost);
        self.b.block = body;
        let buffers: Vec<ValueId> = found.places.iter().map(|_| self.buffer()).collect();
        self.b.func.block_mut(body).ops.extend(rest);
        let rest = self.split(block, found.op);
        self.b.block = block;
        let [start, stop, one] = [0, 1, 2].map(|number| self.b.func.op(found.op).args[number]);
        let step = self.b.int(BLOCK);
        let blocks = self.b.func.add_block();
        let first = self.b.func.add_param(blocks, Ty::Int(LENGTH), None);
        self.b.for_op([start, stop, step], &[], blocks, &[]);
        self.b.func.block_mut(block).ops.extend(rest[1..].iter().copied());
        self.b.block = blocks;
        let left = self.int_op(F::Sub, stop, first, LENGTH);
        let count = self.b.operator(F::Min, &[left, step]);
        let end = self.int_op(F::Add, first, count, LENGTH);
        let (good, looked_at) = self.look(found, [first, end, one], &buffers);
        let fast = self.b.func.add_block();
        let slow = self.b.func.add_block();
        self.b.block = blocks;
        self.b.if_op(good, fast, slow, &[]);
        self.fast(found, [first, end, one], &buffers, fast, &looked_at);
        let data = self.b.func.op_mut(found.op);
        data.args = vec![first, end, one];
        self.b.func.block_mut(slow).ops.push(found.op);
    }

    /// Takes an op of a block and all behind it off.
    fn split(&mut self, block: BlockId, op: OpId) -> Vec<OpId> {
        let ops = &mut self.b.func.block_mut(block).ops;
        let at = ops.iter().position(|other| *other == op).unwrap_or(ops.len());
        ops.split_off(at)
    }

    fn buffer(&mut self) -> ValueId {
        let count = self.b.int(BLOCK);
        let dtype = self.b.value(Kind::Extern("numpy.int64".to_owned()), &[]);
        let kind = Kind::Call {
            callee: "numpy.empty".to_owned(),
            keywords: vec!["dtype".to_owned()],
        };
        let ty = Ty::Array {
            dtype: Dtype::I64,
            shape: vec![Dim::Const(BLOCK as u64)],
            contiguous: true,
        };
        let op = self.b.typed_op(kind, &[count, dtype], &[ty]);
        self.b.func.result(op)
    }

    fn int_op(&mut self, f: F, a: ValueId, b: ValueId, interval: Interval) -> ValueId {
        let kind = Kind::Scalar {
            f,
            flavour: Flavour::Py,
        };
        let op = self.b.typed_op(kind, &[a, b], &[Ty::Int(interval)]);
        self.b.func.result(op)
    }

    /// Computes the places of a block; whether all of them are there, and what was computed for it.
    fn look(&mut self, found: &Scatter, bounds: [ValueId; 3], buffers: &[ValueId]) -> (ValueId, HashSet<ValueId>) {
        let outer = self.b.block;
        let yes = self.b.constant(Const::Bool(true));
        let body = self.b.func.add_block();
        let index = self.b.func.add_param(body, Ty::Int(LENGTH), None);
        let before = self.b.func.add_param(body, Ty::Bool, None);
        self.b.block = body;
        let old = self.b.func.block(self.b.func.op(found.op).blocks[0]).clone();
        let (ops, mut known) = (old.ops, HashMap::from([(old.params[0], index)]));
        let at = self.int_op(F::Sub, index, bounds[0], LENGTH);
        let mut good = before;
        for ((place, bases), buffer) in found.places.iter().zip(buffers) {
            let number = self.b.func.defining(*place).map(|op| op.args[0]).unwrap_or(*place);
            let number = self.copied(number, &ops, &mut known);
            let number = match self.b.func.ty(number) {
                Ty::Np(dtype) if dtype.is_integer() => self.converted(number, Ty::Np(Dtype::I64)),
                _ => number,
            };
            let mut fits = None;
            for base in bases {
                let zero = self.b.int(0);
                let length = self.b.len(*base, 0);
                for (f, limit) in [(F::Ge, zero), (F::Lt, length)] {
                    let test = self.compared(f, number, limit);
                    fits = Some(match fits {
                        Some(fits) => self.both(fits, test),
                        None => test,
                    });
                }
            }
            let Some(fits) = fits else { continue };
            let zero = self.b.constant(Const::Int(0));
            let ty = self.b.func.ty(number).clone();
            let zero = self.converted(zero, ty.clone());
            let select = self.b.typed_op(Kind::Select, &[fits, number, zero], &[ty]);
            let safe = self.b.func.result(select);
            let int = self.converted(safe, Ty::Np(Dtype::I64));
            self.b.effect(Kind::Store, &[*buffer, at, int]);
            good = self.both(good, fits);
        }
        self.b.end(body, Term::Yield(vec![good]));
        self.b.block = outer;
        let good = self.b.for_op(bounds, &[yes], body, &[Ty::Bool])[0];
        (good, known.into_keys().collect())
    }

    fn compared(&mut self, f: F, a: ValueId, b: ValueId) -> ValueId {
        let kind = Kind::Scalar {
            f,
            flavour: Flavour::Ufunc,
        };
        let limit = self.converted(b, self.b.func.ty(a).clone());
        let op = self.b.typed_op(kind, &[a, limit], &[Ty::Np(Dtype::Bool)]);
        let test = self.b.func.result(op);
        let truth = self.b.typed_op(Kind::Truth, &[test], &[Ty::Bool]);
        self.b.func.result(truth)
    }

    fn both(&mut self, a: ValueId, b: ValueId) -> ValueId {
        let kind = Kind::Scalar {
            f: F::And,
            flavour: Flavour::Py,
        };
        let op = self.b.typed_op(kind, &[a, b], &[Ty::Bool]);
        self.b.func.result(op)
    }

    fn converted(&mut self, value: ValueId, ty: Ty) -> ValueId {
        if *self.b.func.ty(value) == ty {
            return value;
        }
        let op = self.b.typed_op(Kind::Convert, &[value], &[ty]);
        self.b.func.result(op)
    }

    /// What a value of the loop is for another index; what is made outside stays.
    fn copied(&mut self, value: ValueId, ops: &[OpId], known: &mut HashMap<ValueId, ValueId>) -> ValueId {
        if let Some(copy) = known.get(&value) {
            return *copy;
        }
        let inside = self.defined_in(value, ops);
        let Some(op) = self.b.func.defining(value).cloned().filter(|_| inside) else {
            return value;
        };
        let args: Vec<ValueId> = op.args.iter().map(|arg| self.copied(*arg, ops, known)).collect();
        let ty = self.b.func.ty(value).clone();
        let copy = self.b.typed_op(op.kind, &args, &[ty]);
        let copy = self.b.func.result(copy);
        known.insert(value, copy);
        copy
    }

    /// The loop without checks.
    fn fast(
        &mut self,
        found: &Scatter,
        bounds: [ValueId; 3],
        buffers: &[ValueId],
        block: BlockId,
        looked_at: &HashSet<ValueId>,
    ) {
        let old = self.b.func.block(self.b.func.op(found.op).blocks[0]).clone();
        let body = self.b.func.add_block();
        let name = self.b.func.name_of(old.params[0]).map(str::to_owned);
        let index = self
            .b
            .func
            .add_param(body, self.b.func.ty(old.params[0]).clone(), name.as_deref());
        self.b.block = body;
        let at = self.int_op(F::Sub, index, bounds[0], LENGTH);
        let mut values = HashMap::from([(old.params[0], index)]);
        let places: HashSet<ValueId> = found.places.iter().map(|(place, _)| *place).collect();
        let again = self.needed_again(&old.ops, &places);
        for ((place, _), buffer) in found.places.iter().zip(buffers) {
            let load = self.b.typed_op(Kind::Load, &[*buffer, at], &[Ty::Np(Dtype::I64)]);
            let number = self.b.func.result(load);
            let kind = Kind::Scalar {
                f: F::ToInt,
                flavour: Flavour::NpScalar,
            };
            let int = self.b.typed_op(kind, &[number], &[Ty::Int(LENGTH)]);
            let int = self.b.func.result(int);
            values.insert(*place, int);
        }
        for op in old.ops {
            let data = self.b.func.op(op).clone();
            let is_known =
                |value: &ValueId| places.contains(value) || looked_at.contains(value) && !again.contains(value);
            if data.results.first().is_some_and(is_known) {
                continue;
            }
            let args: Vec<ValueId> = data
                .args
                .iter()
                .map(|arg| values.get(arg).copied().unwrap_or(*arg))
                .collect();
            let types: Vec<Ty> = data
                .results
                .iter()
                .map(|result| self.b.func.ty(*result).clone())
                .collect();
            let kind = match &data.kind {
                Kind::Index(_) => Kind::Load,
                Kind::SetIndex(_) => match (self.b.func.ty(args[0]), self.b.func.ty(args[2])) {
                    (Ty::Array { dtype, .. }, Ty::Np(own)) if dtype == own => Kind::Store,
                    _ => data.kind,
                },
                _ => data.kind,
            };
            self.b.origin = data.origin;
            let new = self.b.typed_op(kind, &args, &types);
            values.extend(data.results.into_iter().zip(self.b.func.op(new).results.clone()));
        }
        self.b.end(body, Term::Yield(Vec::new()));
        self.b.block = block;
        self.b.for_op(bounds, &[], body, &[]);
    }

    /// What is used for more than for the places.
    fn needed_again(&self, ops: &[OpId], places: &HashSet<ValueId>) -> HashSet<ValueId> {
        let func = &self.b.func;
        let mut needed = HashSet::new();
        for op in ops.iter().rev() {
            let data = func.op(*op);
            let is_pure = matches!(func.effect(*op), Effect::Pure | Effect::Reads);
            let is_kept = !is_pure || data.results.iter().any(|result| needed.contains(result));
            if is_kept && !data.results.iter().any(|result| places.contains(result)) {
                needed.extend(data.args.iter().copied());
            }
        }
        needed
    }
}
