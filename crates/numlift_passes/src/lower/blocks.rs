//! Loops that store at computed places look at a block of them at once.
//!
//! ```text
//! for i in range(len(x)):              for b in range(0, len(x), 256):
//!     counts[int(x[i] * n)] += 1           for i in block: places[i - b] = int(x[i] * n); good &= 0 <= x[i] * n < len(counts)
//!                               =>         if good: for i in block: counts[places[i - b]] += 1         # no check is left
//!                                          else: for i in block: as it was
//! ```
//!
//! The places are computed of numbers that the loop loads and does not store, so they can be computed ahead; that loop
//! has no checks and becomes vectors. What is out of range, negative, or no int is met where it always was.

mod places;

use std::collections::{HashMap, HashSet};

use numlift_ir::build::Builder;
use numlift_ir::dtype::Dtype;
use numlift_ir::function::{BlockId, Function, OpId, ValueId};
use numlift_ir::infer::LENGTH;
use numlift_ir::op::{Const, Effect, Kind, Term};
use numlift_ir::scalar::{F, Flavour};
use numlift_ir::ty::{Dim, Interval, Ty};

pub(super) use places::Places;

use super::frames::follows_frame;
use super::roots::Roots;

/// So many iterations are looked at at once: with 64, loops took a fifth longer.
pub(super) const BLOCK: i128 = 256;

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
            match blocks.tally(&found).filter(|_| found.op == op) {
                Some(tally) => {
                    let serial = blocks.count_in_parts(&found, &tally, body);
                    blocks.rewrite(&found, serial, op, serial);
                }
                None => blocks.rewrite(&found, block, op, body),
            }
        }
    }
    blocks.b.func
}

pub(super) struct Blocks<'r> {
    pub b: Builder,
    pub roots: Roots<'r>,
}

impl Blocks<'_> {
    /// The loops in an op that can be rewritten, itself among them, with the blocks that they stand in.
    fn loops_in(&self, op: OpId) -> Vec<(Places, BlockId)> {
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
            found.extend(own.filter_map(|inner| {
                let found = self.places(*inner).filter(|found| found.scatters && !found.direct)?;
                Some((found, block))
            }));
        });
        found
    }

    /// Rewrites a loop in a block; the memory is taken in front of `outermost`.
    fn rewrite(&mut self, found: &Places, block: BlockId, outermost: OpId, body: BlockId) {
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
        let (good, looked_at) = self.look(found, [first, end, one], Some(&buffers));
        let fast = self.b.func.add_block();
        let slow = self.b.func.add_block();
        self.b.block = blocks;
        self.b.if_op(good, fast, slow, &[]);
        self.fast(found, [first, end, one], Some(&buffers), fast, &looked_at);
        let data = self.b.func.op_mut(found.op);
        data.args = vec![first, end, one];
        self.b.func.block_mut(slow).ops.push(found.op);
    }

    /// Takes an op of a block and all behind it off.
    pub fn split(&mut self, block: BlockId, op: OpId) -> Vec<OpId> {
        let ops = &mut self.b.func.block_mut(block).ops;
        let at = ops.iter().position(|other| *other == op).unwrap_or(ops.len());
        ops.split_off(at)
    }

    pub fn buffer(&mut self) -> ValueId {
        let count = self.b.int(BLOCK);
        self.new_array("numpy.empty", &[(count, Dim::Const(BLOCK as u64))])
    }

    /// A new array of ints.
    pub fn new_array(&mut self, callee: &str, extents: &[(ValueId, Dim)]) -> ValueId {
        let lengths: Vec<ValueId> = extents.iter().map(|(length, _)| *length).collect();
        let shape = match lengths[..] {
            [length] => length,
            _ => self.b.value(Kind::MakeTuple, &lengths),
        };
        let dtype = self.b.value(Kind::Extern("numpy.int64".to_owned()), &[]);
        let kind = Kind::Call {
            callee: callee.to_owned(),
            keywords: vec!["dtype".to_owned()],
        };
        let ty = Ty::Array {
            dtype: Dtype::I64,
            shape: extents.iter().map(|(_, dim)| *dim).collect(),
            contiguous: true,
        };
        let op = self.b.typed_op(kind, &[shape, dtype], &[ty]);
        self.b.func.result(op)
    }

    pub fn int_op(&mut self, f: F, a: ValueId, b: ValueId, interval: Interval) -> ValueId {
        let kind = Kind::Scalar {
            f,
            flavour: Flavour::Py,
        };
        let op = self.b.typed_op(kind, &[a, b], &[Ty::Int(interval)]);
        self.b.func.result(op)
    }

    /// Computes the places of a block; whether all of them are there, and what was computed for it. They are kept if there
    /// are buffers.
    pub fn look(
        &mut self,
        found: &Places,
        bounds: [ValueId; 3],
        buffers: Option<&[ValueId]>,
    ) -> (ValueId, HashSet<ValueId>) {
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
        for (at_place, (place, bases)) in found.places.iter().enumerate() {
            let number = self.number_of(*place);
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
            good = self.both(good, fits);
            let Some(buffers) = buffers else { continue };
            let zero = self.b.constant(Const::Int(0));
            let ty = self.b.func.ty(number).clone();
            let zero = self.converted(zero, ty.clone());
            let select = self.b.typed_op(Kind::Select, &[fits, number, zero], &[ty]);
            let safe = self.b.func.result(select);
            let int = self.converted(safe, Ty::Np(Dtype::I64));
            self.b.effect(Kind::Store, &[buffers[at_place], at, int]);
        }
        self.b.end(body, Term::Yield(vec![good]));
        self.b.block = outer;
        let good = self.b.for_op(bounds, &[yes], body, &[Ty::Bool])[0];
        (good, known.into_keys().collect())
    }

    pub fn compared(&mut self, f: F, a: ValueId, b: ValueId) -> ValueId {
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

    pub fn converted(&mut self, value: ValueId, ty: Ty) -> ValueId {
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

    /// The loop without checks; its places come from the buffers, if there are any.
    pub fn fast(
        &mut self,
        found: &Places,
        bounds: [ValueId; 3],
        buffers: Option<&[ValueId]>,
        block: BlockId,
        looked_at: &HashSet<ValueId>,
    ) {
        let origin = self.b.origin;
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
        let mut ints: HashMap<ValueId, ValueId> = HashMap::new();
        let places: HashSet<ValueId> = found.places.iter().map(|(place, _)| *place).collect();
        let again = self.needed_again(&old.ops, &places);
        for ((place, _), buffer) in found.places.iter().zip(buffers.unwrap_or_default()) {
            let load = self.b.typed_op(Kind::Load, &[*buffer, at], &[Ty::Np(Dtype::I64)]);
            let number = self.b.func.result(load);
            values.insert(*place, self.length_of(number));
        }
        for op in old.ops {
            let data = self.b.func.op(op).clone();
            let place = data
                .results
                .first()
                .copied()
                .filter(|result| buffers.is_none() && places.contains(result));
            let is_known =
                |value: &ValueId| places.contains(value) || looked_at.contains(value) && !again.contains(value);
            if place.is_none() && data.results.first().is_some_and(is_known) {
                continue;
            }
            let mut args: Vec<ValueId> = data
                .args
                .iter()
                .map(|arg| values.get(arg).copied().unwrap_or(*arg))
                .collect();
            if let Some(place) = place.filter(|place| self.number_of(*place) != *place) {
                let number = self.converted(args[0], Ty::Np(Dtype::I64));
                let int = self.length_of(number);
                values.insert(place, int);
                continue;
            }
            if matches!(data.kind, Kind::Index(_) | Kind::SetIndex(_))
                && let Some(known) = ints.get(&data.args[1])
            {
                args[1] = *known;
            }
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
            if let Some(place) = place {
                // As an element it stays what it is; as a place it is in range.
                let number = self.converted(values[&place], Ty::Np(Dtype::I64));
                ints.insert(place, self.length_of(number));
            }
        }
        self.b.end(body, Term::Yield(Vec::new()));
        self.b.block = block;
        self.b.origin = origin;
        self.b.for_op(bounds, &[], body, &[]);
    }

    /// The number that a place is made of: itself, or what it is cut off from.
    fn number_of(&self, place: ValueId) -> ValueId {
        match self.b.func.defining(place) {
            Some(op) if op.kind != Kind::Load => op.args[0],
            _ => place,
        }
    }

    /// A number that is known to be a place, as an int.
    pub fn length_of(&mut self, number: ValueId) -> ValueId {
        let kind = Kind::Scalar {
            f: F::ToInt,
            flavour: Flavour::NpScalar,
        };
        let int = self.b.typed_op(kind, &[number], &[Ty::Int(LENGTH)]);
        self.b.func.result(int)
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
