//! NumPy's sum of a run of floats.
//!
//! ```text
//! sum(a, n):  n <= 128   eight sums of every eighth element, ((0 + 1) + (2 + 3)) + ((4 + 5) + (6 + 7)), then the rest
//!             else       sum of the first half (its length a multiple of 8) + sum of the other
//! ```
//!
//! From `pairwise_sum` in NumPy's `loops_utils.h.src`; `tests/python` holds it against NumPy bit for bit. The eight sums
//! start at -0.0, which changes nothing that is added, so that runs shorter than eight need no case of their own (NumPy
//! starts those at 0.0; the sum is added to one in the end). The recursion is a loop over the pieces of at most 128
//! with a stack of the sums and lengths that wait. A complex number counts as two, real and imaginary parts being added
//! side by side. What is converted on the way is added in pieces of NumPy's buffer, one after the other.
//!
//! A long run is cut as the recursion cuts it, a few levels deep: its parts are summed in a loop of independent iterations
//! ([`super::parallel`]), each with a stack of its own, and their sums are added as the recursion adds them. How many there
//! are follows from the length alone.
//!
//! ```text
//! for t in range(8): sums[t] = sum of part t        ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7))
//! ```

use numlift_ir::dtype::Dtype;
use numlift_ir::function::ValueId;
use numlift_ir::op::{Const, Kind, Term};
use numlift_ir::scalar::{F, Flavour};
use numlift_ir::ty::{Interval, Ty};

use super::nest::{INDEX, Nest};
use super::walk::Lower;

/// Terms of a sum by their position.
pub(super) struct Terms<'t> {
    pub at: &'t dyn Fn(&mut Lower<'_>, &mut Nest, ValueId) -> ValueId,
    /// Whether one takes so much that they are computed by themselves, as vectors, before they are added.
    pub are_dear: bool,
}

/// So many lengths wait at most.
const DEPTH: i128 = 64;

/// The longest piece that is added in one go.
const PIECE: i128 = 128;

/// So many lanes of an extremum are four vectors of floats.
const MANY_LANES: i128 = 32;

/// How many elements NumPy converts at a time.
const BUFFER: i128 = 8192;

/// How many numbers a number counts for.
fn parts(dtype: Dtype) -> i128 {
    if dtype.is_complex() { 2 } else { 1 }
}

impl Lower<'_> {
    /// The sum of so many terms.
    pub(super) fn pairwise(&mut self, nest: &mut Nest, count: ValueId, dtype: Dtype, terms: &Terms<'_>) -> ValueId {
        self.b.block = nest.here();
        let (zero, piece) = (self.int(0), self.int(PIECE / parts(dtype)));
        if self.is_at_most(count, piece) {
            return self.piece(nest, zero, count, dtype, terms);
        }
        // Inside of a loop that can be shared out there is nothing to gain.
        let is_alone = nest.levels.len() == 1;
        let parts = if is_alone { self.part_count(count) } else { self.int(1) };
        let stacks = self.stacks(nest, parts, dtype);
        if !is_alone {
            return self.pieces(nest, stacks, [zero, zero, count], dtype, terms);
        }
        let (block, ()) = self.inside(nest, &[Ty::Int(INDEX)], |lower, nest, params| {
            let [start, length] = lower.part(nest, params[0], [parts, count], dtype);
            let sum = lower.pieces(nest, stacks, [params[0], start, length], dtype, terms);
            lower.b.block = nest.here();
            let zero = lower.int(0);
            lower.b.effect(Kind::Store, &[stacks[1], params[0], zero, sum]);
            lower.b.end(nest.here(), Term::Yield(Vec::new()));
        });
        let one = self.int(1);
        self.b.for_op([zero, parts, one], &[], block, &[]);
        self.add_parts(nest, stacks[1], parts, dtype)
    }

    /// Lengths and sums that wait, a row for each part.
    fn stacks(&mut self, nest: &mut Nest, parts: ValueId, dtype: Dtype) -> [ValueId; 2] {
        // Those of one part lie on the stack ([`numlift_ir::local`]): each iteration has its own for nothing.
        self.b.block = nest.here();
        let depth = self.int(DEPTH);
        let shape = [parts, depth].map(|extent| self.extent_of_int(extent));
        let stacks = [Dtype::I64, dtype].map(|dtype| self.allocated("numpy.empty", &shape, dtype));
        self.b.block = nest.here();
        for stack in stacks {
            self.is_here(nest, stack);
        }
        stacks
    }

    /// The sum of so many terms that are converted first.
    pub(super) fn buffered(&mut self, nest: &mut Nest, count: ValueId, dtype: Dtype, terms: &Terms<'_>) -> ValueId {
        self.b.block = nest.here();
        let (zero, buffer) = (self.int(0), self.int(BUFFER));
        if self.is_at_most(count, buffer) {
            return self.pairwise(nest, count, dtype, terms);
        }
        let nothing = self.b.constant(Const::Float(-0.0));
        let nothing = self.converted(nothing, dtype);
        let ty = Ty::Np(dtype);
        let (block, _) = self.inside(nest, &[Ty::Int(INDEX), ty.clone()], |lower, nest, params| {
            let (start, so_far) = (params[0], params[1]);
            let left = lower.sub(count, start);
            let length = lower.min(left, buffer);
            lower.is_here(nest, length);
            let moved = |lower: &mut Lower<'_>, nest: &mut Nest, index: ValueId| {
                let place = nest.value(lower, &[start, index], |lower| lower.add(start, index));
                (terms.at)(lower, nest, place)
            };
            let moved = Terms { at: &moved, ..*terms };
            let sum = lower.pairwise(nest, length, dtype, &moved);
            let sum = lower.with(nest, F::Add, so_far, sum, dtype);
            lower.b.end(nest.here(), Term::Yield(vec![sum]));
        });
        let sum = self.b.for_op([zero, count, buffer], &[nothing], block, &[ty])[0];
        self.is_here(nest, sum);
        sum
    }

    /// The sum of at most [`PIECE`] terms.
    fn piece(&mut self, nest: &mut Nest, start: ValueId, count: ValueId, dtype: Dtype, terms: &Terms<'_>) -> ValueId {
        self.b.block = nest.here();
        let nothing = self.b.constant(Const::Float(-0.0));
        let nothing = self.converted(nothing, dtype);
        if !terms.are_dear {
            return self.in_lanes(nest, F::Add, [start, count, nothing], dtype, terms);
        }
        let kept = self.computed_piece(nest, [start, count], dtype, terms);
        let load = |lower: &mut Lower<'_>, nest: &mut Nest, index: ValueId| {
            let args = [kept, index];
            nest.value(lower, &args, |lower| lower.typed(Kind::Load, &args, Ty::Np(dtype)))
        };
        let kept = Terms {
            at: &load,
            are_dear: false,
        };
        self.b.block = nest.here();
        let zero = self.int(0);
        self.in_lanes(nest, F::Add, [zero, count, nothing], dtype, &kept)
    }

    /// The terms of a piece in memory of its own.
    fn computed_piece(
        &mut self,
        nest: &mut Nest,
        [start, count]: [ValueId; 2],
        dtype: Dtype,
        terms: &Terms<'_>,
    ) -> ValueId {
        let most = self.int(PIECE / parts(dtype));
        let most = self.extent_of_int(most);
        let kept = self.allocated("numpy.empty", &[most], dtype);
        self.is_here(nest, kept);
        let (zero, one) = (self.int(0), self.int(1));
        let (block, ()) = self.inside(nest, &[Ty::Int(INDEX)], |lower, nest, params| {
            let place = nest.value(lower, &[start, params[0]], |lower| lower.add(start, params[0]));
            let term = (terms.at)(lower, nest, place);
            lower.b.block = nest.here();
            lower.b.effect(Kind::Store, &[kept, params[0], term]);
            lower.b.end(nest.here(), Term::Yield(Vec::new()));
        });
        self.b.for_op([zero, count, one], &[], block, &[]);
        kept
    }

    /// Terms combined in eight lanes, each from what all start with; then the lanes, then the rest. An extremum may be
    /// taken in any order: many terms are in more lanes first, since each step waits for the one before.
    pub(super) fn in_lanes(
        &mut self,
        nest: &mut Nest,
        f: F,
        [start, count, nothing]: [ValueId; 3],
        dtype: Dtype,
        terms: &Terms<'_>,
    ) -> ValueId {
        self.b.block = nest.here();
        let end = self.add(start, count);
        let lanes = 8 / parts(dtype);
        if f == F::Add || terms.are_dear {
            return self.lanes_and_rest(nest, f, [start, end, nothing], (lanes, dtype), terms);
        }
        let many = self.int(2 * MANY_LANES);
        let is_long = self.test(F::Ge, count, many);
        let step = self.int(MANY_LANES);
        let rest = self.modulo(count, step);
        let middle = self.sub(end, rest);
        let types = [Ty::Np(dtype), Ty::Int(INDEX)];
        let (long, ()) = self.inside(nest, &[], |lower, nest, _| {
            let value = lower.lanes(nest, f, [start, middle, nothing], (MANY_LANES, dtype), terms);
            lower.b.end(nest.here(), Term::Yield(vec![value, middle]));
        });
        let (short, ()) = self.inside(nest, &[], |lower, nest, _| {
            lower.b.end(nest.here(), Term::Yield(vec![nothing, start]));
        });
        let done = self.b.if_op(is_long, long, short, &types);
        done.iter().for_each(|value| self.is_here(nest, *value));
        self.lanes_and_rest(nest, f, [done[1], end, done[0]], (lanes, dtype), terms)
    }

    fn lanes_and_rest(
        &mut self,
        nest: &mut Nest,
        f: F,
        [start, end, nothing]: [ValueId; 3],
        (lanes, dtype): (i128, Dtype),
        terms: &Terms<'_>,
    ) -> ValueId {
        self.b.block = nest.here();
        let ty = Ty::Np(dtype);
        let count = self.sub(end, start);
        let step = self.int(lanes);
        let rest = self.modulo(count, step);
        let middle = self.sub(end, rest);
        let value = self.lanes(nest, f, [start, middle, nothing], (lanes, dtype), terms);
        let (block, _) = self.inside(nest, &[Ty::Int(INDEX), ty.clone()], |lower, nest, params| {
            let term = (terms.at)(lower, nest, params[0]);
            let value = lower.with(nest, f, params[1], term, dtype);
            lower.b.end(nest.here(), Term::Yield(vec![value]));
        });
        let one = self.int(1);
        let value = self.b.for_op([middle, end, one], &[value], block, &[ty])[0];
        self.is_here(nest, value);
        value
    }

    /// Whole steps of all lanes, then the lanes.
    fn lanes(
        &mut self,
        nest: &mut Nest,
        f: F,
        [start, end, nothing]: [ValueId; 3],
        (lanes, dtype): (i128, Dtype),
        terms: &Terms<'_>,
    ) -> ValueId {
        self.b.block = nest.here();
        let ty = Ty::Np(dtype);
        let step = self.int(lanes);
        let types: Vec<Ty> = std::iter::once(Ty::Int(INDEX))
            .chain(vec![ty.clone(); lanes as usize])
            .collect();
        let (block, _) = self.inside(nest, &types, |lower, nest, params| {
            let values = (0..lanes)
                .map(|lane| {
                    let index = nest.value(lower, &params[..1], |lower| {
                        let lane = lower.int(lane);
                        lower.add(params[0], lane)
                    });
                    let term = (terms.at)(lower, nest, index);
                    lower.with(nest, f, params[1 + lane as usize], term, dtype)
                })
                .collect();
            lower.b.end(nest.here(), Term::Yield(values));
        });
        let count = lanes as usize;
        let mut values = self
            .b
            .for_op([start, end, step], &vec![nothing; count], block, &vec![ty; count]);
        values.iter().for_each(|value| self.is_here(nest, *value));
        while values.len() > 1 {
            values = match f {
                F::Add => values
                    .chunks(2)
                    .map(|pair| self.with(nest, f, pair[0], pair[1], dtype))
                    .collect(),
                // Halves, which are vectors.
                _ => {
                    let (left, right) = values.split_at(values.len() / 2);
                    let pairs = left.iter().zip(right);
                    pairs.map(|(a, b)| self.with(nest, f, *a, *b, dtype)).collect()
                }
            };
        }
        values[0]
    }

    pub(super) fn plus(&mut self, nest: &mut Nest, a: ValueId, b: ValueId, dtype: Dtype) -> ValueId {
        self.with(nest, F::Add, a, b, dtype)
    }

    fn with(&mut self, nest: &mut Nest, f: F, a: ValueId, b: ValueId, dtype: Dtype) -> ValueId {
        let kind = Kind::Scalar {
            f,
            flavour: Flavour::Ufunc,
        };
        nest.value(self, &[a, b], |lower| lower.typed(kind, &[a, b], Ty::Np(dtype)))
    }

    /// The sum of more, from `start` on: the pieces from left to right, with the stacks' row.
    fn pieces(
        &mut self,
        nest: &mut Nest,
        stacks: [ValueId; 2],
        [row, start, count]: [ValueId; 3],
        dtype: Dtype,
        terms: &Terms<'_>,
    ) -> ValueId {
        self.b.block = nest.here();
        let [lengths, sums] = stacks;
        let (zero, one) = (self.int(0), self.int(1));
        // Below the stack stands a length that is not 0.
        self.b.effect(Kind::Store, &[lengths, row, zero, one]);
        let nothing = self.b.constant(Const::Float(0.0));
        let nothing = self.converted(nothing, dtype);
        let int = Ty::Int(Interval {
            lo: Some(0),
            hi: Interval::MACHINE.hi,
        });
        let ty = Ty::Np(dtype);
        // Position, length that is to be added (0: done), how many wait, sum so far.
        let carried = [int.clone(), int.clone(), int.clone(), ty.clone()];
        let (test, _) = self.inside(nest, &carried, |lower, nest, params| {
            let zero = lower.int(0);
            let more = lower.test(F::Gt, params[1], zero);
            lower.b.end(nest.here(), Term::Yield(vec![more]));
        });
        let (body, _) = self.inside(nest, &carried, |lower, nest, params| {
            let (length, waiting) = lower.descend(nest, [lengths, row], params[1], params[2], dtype);
            let sum = lower.piece(nest, params[0], length, dtype, terms);
            lower.b.block = nest.here();
            let position = lower.add(params[0], length);
            let (sum, waiting) = lower.ascend(nest, [lengths, sums, row], waiting, sum, dtype);
            let next = lower.next(nest, [lengths, sums, row], waiting, sum);
            lower
                .b
                .end(nest.here(), Term::Yield(vec![position, next, waiting, sum]));
        });
        let init = [start, count, zero, nothing];
        let results = self.b.while_op(&init, test, body, &carried);
        self.is_here(nest, results[3]);
        results[3]
    }

    /// How long the first half of a run is.
    pub(super) fn left_half(&mut self, length: ValueId, dtype: Dtype) -> ValueId {
        let (two, eight) = (self.int(2), self.int(8));
        match dtype.is_complex() {
            false => {
                let half = self.floor_div(length, two);
                let rest = self.modulo(half, eight);
                self.sub(half, rest)
            }
            // Half of all parts is as many numbers.
            true => {
                let rest = self.modulo(length, eight);
                let whole = self.sub(length, rest);
                self.floor_div(whole, two)
            }
        }
    }

    /// Halves until a piece is short enough; the other halves wait.
    fn descend(
        &mut self,
        nest: &mut Nest,
        [lengths, row]: [ValueId; 2],
        length: ValueId,
        waiting: ValueId,
        dtype: Dtype,
    ) -> (ValueId, ValueId) {
        let int = self.b.func.ty(length).clone();
        let carried = [int.clone(), int];
        let (test, _) = self.inside(nest, &carried, |lower, nest, params| {
            let piece = lower.int(PIECE / parts(dtype));
            let long = lower.test(F::Gt, params[0], piece);
            lower.b.end(nest.here(), Term::Yield(vec![long]));
        });
        let (body, _) = self.inside(nest, &carried, |lower, nest, params| {
            let one = lower.int(1);
            let left = lower.left_half(params[0], dtype);
            let right = lower.sub(params[0], left);
            let top = lower.add(params[1], one);
            lower.b.effect(Kind::Store, &[lengths, row, top, right]);
            lower.b.end(nest.here(), Term::Yield(vec![left, top]));
        });
        let results = self.b.while_op(&[length, waiting], test, body, &carried);
        results.iter().for_each(|result| self.is_here(nest, *result));
        (results[0], results[1])
    }

    /// Adds what waits for a sum whose other half is there.
    fn ascend(
        &mut self,
        nest: &mut Nest,
        [lengths, sums, row]: [ValueId; 3],
        waiting: ValueId,
        sum: ValueId,
        dtype: Dtype,
    ) -> (ValueId, ValueId) {
        let int = self.b.func.ty(waiting).clone();
        let ty = Ty::Np(dtype);
        let carried = [ty.clone(), int];
        let (test, _) = self.inside(nest, &carried, |lower, nest, params| {
            let length = lower.waiting_length([lengths, row, params[1]]);
            let zero = lower.int(0);
            let done = lower.test(F::Eq, length, zero);
            lower.b.end(nest.here(), Term::Yield(vec![done]));
        });
        let (body, _) = self.inside(nest, &carried, |lower, nest, params| {
            let left = lower.typed(Kind::Load, &[sums, row, params[1]], ty.clone());
            lower.is_here(nest, left);
            let both = lower.plus(nest, left, params[0], dtype);
            let one = lower.int(1);
            let below = lower.sub(params[1], one);
            lower.b.end(nest.here(), Term::Yield(vec![both, below]));
        });
        self.b.block = nest.here();
        let results = self.b.while_op(&[sum, waiting], test, body, &carried);
        results.iter().for_each(|result| self.is_here(nest, *result));
        (results[0], results[1])
    }

    fn waiting_length(&mut self, at: [ValueId; 3]) -> ValueId {
        let length = self.typed(Kind::Load, &at, Ty::Np(Dtype::I64));
        let kind = Kind::Scalar {
            f: F::ToInt,
            flavour: Flavour::NpScalar,
        };
        self.typed(kind, &[length], Ty::Int(Interval::MACHINE))
    }

    /// The length of the half whose turn it is, 0 where none waits; the sum of the left half waits for it.
    fn next(&mut self, nest: &mut Nest, [lengths, sums, row]: [ValueId; 3], waiting: ValueId, sum: ValueId) -> ValueId {
        self.b.block = nest.here();
        let zero = self.int(0);
        let none = self.test(F::Eq, waiting, zero);
        let (done, _) = self.inside(nest, &[], |lower, nest, _| {
            let zero = lower.int(0);
            lower.b.end(nest.here(), Term::Yield(vec![zero]));
        });
        let (more, _) = self.inside(nest, &[], |lower, nest, _| {
            let length = lower.waiting_length([lengths, row, waiting]);
            let zero = lower.int(0);
            lower.b.effect(Kind::Store, &[sums, row, waiting, sum]);
            lower.b.effect(Kind::Store, &[lengths, row, waiting, zero]);
            lower.b.end(nest.here(), Term::Yield(vec![length]));
        });
        let int = Ty::Int(Interval {
            lo: Some(0),
            hi: Interval::MACHINE.hi,
        });
        let next = self.b.if_op(none, done, more, &[int])[0];
        self.is_here(nest, next);
        next
    }
}
