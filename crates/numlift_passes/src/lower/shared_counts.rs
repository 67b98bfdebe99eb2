//! A long run is counted in parts.
//!
//! ```text
//! for i in range(len(x)):              own = zeros((parts, len(counts)))
//!     counts[int(x[i] * n)] += 1  =>   for t in range(parts): count x's part t in own[t], unless a place is odd
//!                                      if none was: counts += own[0] + own[1] + …
//!                                      else: the loop as it was, from its beginning
//! ```
//!
//! The parts are independent, so threads may share them, and integers may be added in any order. Nothing is stored where
//! anybody sees it before all places are known to be there: where one is out of range, negative, or no int, the loop runs
//! as it always did. Only counters are taken, whose sums cannot overflow ([`super::counters`]), with nothing else in the
//! loop; and only runs that are longer than the counters of all parts.

use numlift_ir::dtype::Dtype;
use numlift_ir::function::{BlockId, OpId, ValueId};
use numlift_ir::infer::LENGTH;
use numlift_ir::op::{Kind, Term};
use numlift_ir::scalar::{F, Flavour};
use numlift_ir::ty::{Dim, Interval, Ty};

use super::blocks::{BLOCK, Blocks, Places};

/// A part has so many elements at least,
const PART: i128 = 1 << 15;

/// and so many for each counter; it has to be set to zero, and to be added.
const FOR_EACH: i128 = 4;

/// So many parts there are at most.
const MOST: i128 = 16;

/// Counters, and what one of them is moved by.
pub(super) struct Tally {
    counters: ValueId,
    /// The op that moves one.
    sum: OpId,
    /// Which of its operands is the counter.
    own: usize,
}

impl Blocks<'_> {
    /// What a loop counts, if it does nothing else.
    pub(super) fn tally(&self, found: &Places) -> Option<Tally> {
        let func = &self.b.func;
        let [(place, bases)] = &found.places[..] else {
            return None;
        };
        let [counters] = bases[..] else { return None };
        let is_plain = matches!(
            func.ty(counters),
            Ty::Array { dtype: Dtype::I64, shape, contiguous: true } if shape.len() == 1
        );
        if !is_plain {
            return None;
        }
        let body = func.block(func.op(found.op).blocks[0]);
        if body.params.len() != 1 {
            return None;
        }
        let (mut load, mut store) = (None, None);
        for op in &body.ops {
            let data = func.op(*op);
            match &data.kind {
                Kind::Index(_) if data.args[..] == [counters, *place] && load.is_none() => load = Some(*op),
                Kind::SetIndex(_) if data.args[..2] == [counters, *place] && store.is_none() => store = Some(*op),
                Kind::Index(_) | Kind::SetIndex(_) | Kind::Store => return None,
                Kind::Load if data.args[0] == counters => return None,
                _ => {}
            }
        }
        let (load, store) = (func.result(load?), func.op(store?));
        let sum = func.def_op(store.args[2]).filter(|sum| body.ops.contains(sum))?;
        let data = func.op(sum);
        let wraps = matches!(
            data.kind,
            Kind::Scalar { f: F::Add | F::Sub, flavour: Flavour::Ufunc } if *func.ty(store.args[2]) == Ty::Np(Dtype::I64)
        );
        let own = data.args.iter().position(|arg| *arg == load).filter(|_| wraps)?;
        let is_step = matches!(data.args[..], [a, b] if func.as_const(if own == 0 { b } else { a }).is_some());
        // Nobody else looks at what is loaded and stored.
        let users = |value: ValueId| {
            let uses =
                |op: &&OpId| !matches!(func.op(**op).kind, Kind::Frame { .. }) && func.op(**op).args.contains(&value);
            body.ops.iter().filter(uses).count()
        };
        (is_step && users(load) == 1 && users(store.args[2]) == 1).then_some(Tally { counters, sum, own })
    }

    /// Puts counting in parts in front of a loop that stands in a block; the loop is for where that fails. Gives the block
    /// that it stands in then.
    pub(super) fn count_in_parts(&mut self, found: &Places, tally: &Tally, block: BlockId) -> BlockId {
        self.b.origin = self.b.func.op(found.op).origin;
        let rest = self.split(block, found.op);
        self.b.block = block;
        let [start, stop] = [0, 1].map(|number| self.b.func.op(found.op).args[number]);
        let (zero, one) = (self.b.int(0), self.b.int(1));
        let span = self.b.operator(F::Sub, &[stop, start]);
        let count = self.int_op(F::Max, span, zero, LENGTH);
        let length = self.b.len(tally.counters, 0);
        let parts = self.parts(count, length);
        let many = self.b.operator(F::Gt, &[parts, one]);
        let (then, other) = (self.b.func.add_block(), self.b.func.add_block());
        let done = self.b.if_op(many, then, other, &[Ty::Bool])[0];
        self.b.block = other;
        let no = self.b.constant(numlift_ir::op::Const::Bool(false));
        self.b.end(other, Term::Yield(vec![no]));
        self.b.block = then;
        let done_here = self.counted(found, tally, [start, stop, count, length, parts]);
        self.b.end(then, Term::Yield(vec![done_here]));
        self.b.block = block;
        let (over, serial) = (self.b.func.add_block(), self.b.func.add_block());
        self.b.if_op(done, over, serial, &[]);
        self.b.func.block_mut(serial).ops.push(found.op);
        self.b.func.block_mut(block).ops.extend(rest[1..].iter().copied());
        serial
    }

    /// Into how many parts so many elements are taken: 0 or 1 if it is not worth it.
    fn parts(&mut self, count: ValueId, length: ValueId) -> ValueId {
        let (each, least, most) = (self.b.int(FOR_EACH), self.b.int(PART), self.b.int(MOST));
        // No array has so many elements that this leaves 64 bits.
        let of_counters = self.int_op(F::Mul, length, each, LENGTH);
        let lo = Some(PART);
        let size = self.int_op(F::Max, of_counters, least, Interval { lo, ..LENGTH });
        let parts = self.int_op(F::FloorDiv, count, size, LENGTH);
        self.int_op(F::Min, parts, most, Interval::new(0, MOST))
    }

    /// Counts in parts; whether that went well, and then the counters are there.
    fn counted(&mut self, found: &Places, tally: &Tally, [start, stop, count, length, parts]: [ValueId; 5]) -> ValueId {
        let (zero, one) = (self.b.int(0), self.b.int(1));
        let parts = self.int_op(F::Max, parts, one, Interval::new(1, MOST));
        let more = self.int_op(F::Sub, parts, one, Interval::new(0, MOST));
        let sum = self.int_op(F::Add, count, more, LENGTH);
        let size = self.int_op(F::FloorDiv, sum, parts, LENGTH);
        let own = self.new_array("numpy.zeros", &[(parts, Dim::Unknown), (length, Dim::Unknown)]);
        let most = self.b.int(MOST);
        let odd = self.new_array("numpy.empty", &[(most, Dim::Const(MOST as u64))]);
        let here = self.b.block;
        let body = self.b.func.add_block();
        let part = self.b.func.add_param(body, Ty::Int(Interval::new(0, MOST - 1)), None);
        self.b.for_op([zero, parts, one], &[], body, &[]);
        self.b.block = body;
        let none = self.number(0);
        self.b.effect(Kind::Store, &[odd, part, none]);
        let before = self.int_op(F::Mul, part, size, LENGTH);
        let first = self.int_op(F::Add, start, before, LENGTH);
        let behind = self.int_op(F::Add, first, size, LENGTH);
        let last = self.int_op(F::Min, behind, stop, LENGTH);
        self.count_part(found, tally, [first, last], [own, odd, part]);
        self.b.end(body, Term::Yield(Vec::new()));
        self.b.block = here;
        self.taken_over(tally, [own, odd, parts, length])
    }

    /// Counts a part, block by block.
    fn count_part(
        &mut self,
        found: &Places,
        tally: &Tally,
        [first, last]: [ValueId; 2],
        [own, odd, part]: [ValueId; 3],
    ) {
        let places = self.buffer();
        let step = self.b.int(BLOCK);
        let here = self.b.block;
        let blocks = self.b.func.add_block();
        let at = self.b.func.add_param(blocks, Ty::Int(LENGTH), None);
        self.b.for_op([first, last, step], &[], blocks, &[]);
        self.b.block = blocks;
        let left = self.int_op(F::Sub, last, at, LENGTH);
        let count = self.b.operator(F::Min, &[left, step]);
        let end = self.int_op(F::Add, at, count, LENGTH);
        let one = self.b.int(1);
        let (good, _) = self.look(found, [at, end, one], Some(&[places]));
        let (fast, slow) = (self.b.func.add_block(), self.b.func.add_block());
        self.b.if_op(good, fast, slow, &[]);
        self.b.block = slow;
        let yes = self.number(1);
        self.b.effect(Kind::Store, &[odd, part, yes]);
        self.b.block = fast;
        self.moved(tally, [places, at, end], [own, part]);
        self.b.end(blocks, Term::Yield(Vec::new()));
        self.b.block = here;
    }

    /// Moves the counters of a block.
    fn moved(&mut self, tally: &Tally, [places, first, end]: [ValueId; 3], [own, part]: [ValueId; 2]) {
        let here = self.b.block;
        let one = self.b.int(1);
        let body = self.b.func.add_block();
        let index = self.b.func.add_param(body, Ty::Int(LENGTH), None);
        self.b.for_op([first, end, one], &[], body, &[]);
        self.b.block = body;
        let at = self.int_op(F::Sub, index, first, LENGTH);
        let place = self.loaded(&[places, at]);
        let place = self.length_of(place);
        let before = self.loaded(&[own, part, place]);
        let sum = self.b.func.op(tally.sum).clone();
        let mut args = sum.args.clone();
        for (number, arg) in args.iter_mut().enumerate() {
            let constant = self.b.func.as_const(*arg).cloned();
            *arg = match constant {
                Some(constant) if number != tally.own => self.b.constant(constant),
                _ => before,
            };
        }
        let ty = Ty::Np(Dtype::I64);
        let after = self.b.typed_op(sum.kind, &args, &[ty]);
        let after = self.b.func.result(after);
        self.b.effect(Kind::Store, &[own, part, place, after]);
        self.b.end(body, Term::Yield(Vec::new()));
        self.b.block = here;
    }

    /// Adds the parts' counters to those of the program, unless a place was odd; whether it did.
    fn taken_over(&mut self, tally: &Tally, [own, odd, parts, length]: [ValueId; 4]) -> ValueId {
        let here = self.b.block;
        let (zero, one) = (self.b.int(0), self.b.int(1));
        let ty = Ty::Np(Dtype::I64);
        let each = self.b.func.add_block();
        let part = self.b.func.add_param(each, Ty::Int(Interval::new(0, MOST - 1)), None);
        let before = self.b.func.add_param(each, ty.clone(), None);
        self.b.block = each;
        let was_odd = self.loaded(&[odd, part]);
        let all = self.plus(before, was_odd);
        self.b.end(each, Term::Yield(vec![all]));
        self.b.block = here;
        let none = self.number(0);
        let all = self
            .b
            .for_op([zero, parts, one], &[none], each, std::slice::from_ref(&ty))[0];
        let good = self.compared(F::Eq, all, zero);
        let (then, other) = (self.b.func.add_block(), self.b.func.add_block());
        self.b.if_op(good, then, other, &[]);
        let rows = self.b.func.add_block();
        let part = self.b.func.add_param(rows, Ty::Int(Interval::new(0, MOST - 1)), None);
        let columns = self.b.func.add_block();
        let at = self.b.func.add_param(columns, Ty::Int(LENGTH), None);
        self.b.block = columns;
        let before = self.loaded(&[tally.counters, at]);
        let counted = self.loaded(&[own, part, at]);
        let sum = self.plus(before, counted);
        self.b.effect(Kind::Store, &[tally.counters, at, sum]);
        self.b.end(columns, Term::Yield(Vec::new()));
        self.b.block = rows;
        self.b.for_op([zero, length, one], &[], columns, &[]);
        self.b.end(rows, Term::Yield(Vec::new()));
        self.b.block = then;
        self.b.for_op([zero, parts, one], &[], rows, &[]);
        self.b.block = here;
        good
    }

    fn number(&mut self, number: i128) -> ValueId {
        let int = self.b.int(number);
        self.converted(int, Ty::Np(Dtype::I64))
    }

    fn loaded(&mut self, args: &[ValueId]) -> ValueId {
        let op = self.b.typed_op(Kind::Load, args, &[Ty::Np(Dtype::I64)]);
        self.b.func.result(op)
    }

    fn plus(&mut self, a: ValueId, b: ValueId) -> ValueId {
        let kind = Kind::Scalar {
            f: F::Add,
            flavour: Flavour::Ufunc,
        };
        let op = self.b.typed_op(kind, &[a, b], &[Ty::Np(Dtype::I64)]);
        self.b.func.result(op)
    }
}
