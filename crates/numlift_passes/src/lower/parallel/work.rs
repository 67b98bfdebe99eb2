//! What a loop costs: an estimate from what its ops cost and how often inner loops run.
//!
//! ```text
//! for i: for j in range(i, m): 3 loads, 1 store      =>      n * (1 ns + (m - n/2) * 0.4 ns)
//! ```
//!
//! How often an inner loop runs follows from values that are there in front of the outermost one; the index of a loop
//! around counts as the middle of its range. Costs are nanoseconds on an ordinary machine, of elements that are in a cache
//! near by. A loop with nothing but arithmetic and neighbouring elements becomes vectors, of at least 32 bytes. All this is
//! to be right within a factor of three; what it stands for is measured when it runs (`numlift_runtime::pool::repay`), where
//! an element that has to come from memory shows, too.

use std::collections::BTreeMap;

use numlift_ir::affine::{Affine, Atom, affine_of};
use numlift_ir::function::{BlockId, Function, OpId, ValueId};
use numlift_ir::launch::{Linear, SOME, Trips, Work};
use numlift_ir::op::Kind;
use numlift_ir::scalar::{F, ScalarTy};
use numlift_ir::ty::Ty;

use super::Inside;

/// The cost of an iteration of a loop.
pub(super) fn of(func: &Function, op: OpId, inside: &Inside) -> Work {
    let mut estimate = Estimate {
        func,
        inside,
        middles: BTreeMap::new(),
    };
    estimate.middle_of(op);
    estimate.body(op)
}

struct Estimate<'a> {
    func: &'a Function,
    inside: &'a Inside,
    /// Indices of loops around, and the middles of their ranges.
    middles: BTreeMap<ValueId, Linear>,
}

/// So many bytes a vector has.
const VECTOR: f64 = 32.0;

impl Estimate<'_> {
    /// An iteration of a loop.
    fn body(&mut self, op: OpId) -> Work {
        let data = self.func.op(op);
        let mut work = self.block(data.blocks[0]);
        let lanes = self.lanes(op);
        match data.kind {
            Kind::For if lanes > 1.0 => work.own /= lanes,
            _ => work.own += PASS,
        }
        work
    }

    /// How many iterations of a loop are computed at a time.
    fn lanes(&self, op: OpId) -> f64 {
        let func = self.func;
        let body = func.block(func.op(op).blocks[0]);
        let (index, carried) = (body.params[0], &body.params[1..]);
        // A sum of floats goes from one to the next; what only frames hold is given up.
        let waits = |param: &ValueId| func.ty(*param).as_scalar().is_some_and(is_inexact);
        let mut widest = 1;
        let is_vector = !carried.iter().any(waits)
            && body.ops.iter().all(|op| {
                let data = func.op(*op);
                let sizes = data.results.iter().filter_map(|result| func.ty(*result).as_scalar());
                widest = sizes.map(size_of).fold(widest, usize::max);
                match &data.kind {
                    Kind::Load | Kind::Store => self.is_beside(*op, index, &mut widest),
                    Kind::Scalar { .. }
                    | Kind::Const(_)
                    | Kind::Convert
                    | Kind::Truth
                    | Kind::IsNone
                    | Kind::Present
                    | Kind::Select
                    | Kind::MakeTuple
                    | Kind::Item(_)
                    | Kind::Len { .. }
                    | Kind::Frame { .. }
                    | Kind::Unbound
                    | Kind::Extern(_) => true,
                    Kind::If
                    | Kind::For
                    | Kind::While
                    | Kind::Index(_)
                    | Kind::SetIndex(_)
                    | Kind::Require(_)
                    | Kind::Raise(_)
                    | Kind::Call { .. }
                    | Kind::Method { .. }
                    | Kind::SetAttr(_)
                    | Kind::Append
                    | Kind::MakeList
                    | Kind::Repeat
                    | Kind::Attr(_)
                    | Kind::Opaque { .. }
                    | Kind::Comp
                    | Kind::Fold { .. }
                    | Kind::ArgFold { .. }
                    | Kind::First
                    | Kind::Scan { .. }
                    | Kind::ScatterFold { .. }
                    | Kind::Scatter { .. }
                    | Kind::Extend { .. } => false,
                }
            });
        if is_vector { VECTOR / widest as f64 } else { 1.0 }
    }

    /// Whether an access goes from one element to the next with an index, or stays where it is.
    fn is_beside(&self, op: OpId, index: ValueId, widest: &mut usize) -> bool {
        let data = self.func.op(op);
        let Ty::Array { dtype, contiguous, .. } = self.func.ty(data.args[0]).bound() else {
            return false;
        };
        *widest = (*widest).max(dtype.itemsize());
        let subscripts = &data.args[1..data.args.len() - usize::from(data.kind == Kind::Store)];
        let along = |value: &ValueId| affine_of(self.func, *value).coefficient(Atom::Value(index));
        match subscripts.split_last() {
            Some((last, others)) => {
                let step = along(last);
                (step == 0 || step.abs() == 1 && *contiguous) && others.iter().all(|other| along(other) == 0)
            }
            None => true,
        }
    }

    fn block(&mut self, block: BlockId) -> Work {
        let mut work = Work::default();
        for op in &self.func.block(block).ops {
            self.op(*op, &mut work);
        }
        work
    }

    fn op(&mut self, op: OpId, work: &mut Work) {
        let data = self.func.op(op);
        match &data.kind {
            Kind::Scalar { f, .. } => work.own += cost_of(*f),
            Kind::Load | Kind::Store => work.own += 0.25,
            Kind::Convert | Kind::Truth | Kind::IsNone | Kind::Present | Kind::Select => work.own += 0.15,
            Kind::If => {
                // The dearer branch.
                let branches: Vec<Work> = data.blocks.iter().map(|block| self.block(*block)).collect();
                let dearer = branches.into_iter().max_by(|a, b| a.guess().total_cmp(&b.guess()));
                if let Some(branch) = dearer {
                    work.own += branch.own;
                    work.inner.extend(branch.inner);
                }
            }
            Kind::For => {
                let trips = self.trips(op);
                self.middle_of(op);
                let body = self.body(op);
                work.own += 1.0;
                work.inner.push((trips, body));
            }
            Kind::While => {
                let mut body = self.block(data.blocks[0]);
                let other = self.block(data.blocks[1]);
                body.own += other.own;
                body.inner.extend(other.inner);
                work.inner.push((Trips::Guessed(SOME), body));
            }
            Kind::Const(_) | Kind::Len { .. } | Kind::Frame { .. } | Kind::Unbound | Kind::Extern(_) => {}
            _ => work.own += 0.1,
        }
    }

    fn bounds(&self, op: OpId) -> Option<(Linear, Linear, f64)> {
        let [start, stop, step] = [0, 1, 2].map(|n| affine_of(self.func, self.func.op(op).args[n]));
        let step = step.as_constant().filter(|step| *step != 0)? as f64;
        Some((self.linear(&start)?, self.linear(&stop)?, step))
    }

    fn trips(&self, op: OpId) -> Trips {
        let [start, stop, step] = [0, 1, 2].map(|n| affine_of(self.func, self.func.op(op).args[n]));
        let counted = || {
            let step = step.as_constant().filter(|step| *step != 0)? as f64;
            let span = stop.minus(&start).and_then(|span| self.linear(&span));
            let span = span.or_else(|| self.linear(&self.whole_part(op)?.minus(&start)?));
            let span = span.or_else(|| self.block_length(&stop.minus(&start)?))?;
            Some(Linear::default().plus(&span, 1.0 / step))
        };
        counted().map_or(Trips::Guessed(SOME), Trips::Counted)
    }

    /// How long a block of a run is, by its number: the last one may be shorter.
    fn block_length(&self, span: &Affine) -> Option<Linear> {
        let (Atom::Value(length), 1) = span.terms.iter().next().filter(|_| span.terms.len() == 1)? else {
            return None;
        };
        let data = self.func.defining(*length)?;
        let is_lesser = matches!(data.kind, Kind::Scalar { f: F::Min, .. });
        let lengths = data.args.iter().filter(|_| is_lesser);
        lengths
            .filter_map(|length| self.linear(&affine_of(self.func, *length)))
            .next()
    }

    /// Where a part of a run ends, which is as long as the others: the last one ends with the run.
    fn whole_part(&self, op: OpId) -> Option<Affine> {
        let end = self.func.defining(self.func.op(op).args[1])?;
        let is_lesser = matches!(end.kind, Kind::Scalar { f: F::Min, .. });
        let first = end.args.first().filter(|_| is_lesser)?;
        Some(affine_of(self.func, *first))
    }

    fn middle_of(&mut self, op: OpId) {
        let index = self.func.block(self.func.op(op).blocks[0]).params[0];
        if let Some((start, stop, _)) = self.bounds(op) {
            let sum = start.plus(&stop, 1.0);
            self.middles.insert(index, Linear::default().plus(&sum, 0.5));
        }
    }

    /// An affine expression in what is there in front of the loop.
    fn linear(&self, affine: &Affine) -> Option<Linear> {
        let mut sum = Linear {
            terms: Vec::new(),
            constant: affine.constant as f64,
        };
        for (atom, factor) in &affine.terms {
            let known = match atom {
                Atom::Value(value) => match self.middles.get(value) {
                    Some(middle) => Some(middle.clone()),
                    None => (!self.inside.has(self.func, *value)).then(|| Linear::of(*atom)),
                },
                Atom::Extent(value, _) => (!self.inside.has(self.func, *value)).then(|| Linear::of(*atom)),
                Atom::Sym(_) => Some(Linear::of(*atom)),
            };
            sum = sum.plus(&known?, *factor as f64);
        }
        Some(sum)
    }
}

/// What it takes to go round.
const PASS: f64 = 0.3;

fn is_inexact(ty: ScalarTy) -> bool {
    match ty {
        ScalarTy::PyBool | ScalarTy::PyInt => false,
        ScalarTy::PyFloat | ScalarTy::PyComplex => true,
        ScalarTy::Np(dtype) => dtype.is_inexact(),
    }
}

/// The bytes of a number; Python's ints are mostly subscripts, which are no numbers of a vector.
fn size_of(ty: ScalarTy) -> usize {
    match ty {
        ScalarTy::PyBool | ScalarTy::PyInt => 1,
        ScalarTy::PyFloat => 8,
        ScalarTy::PyComplex => 16,
        ScalarTy::Np(dtype) => dtype.itemsize(),
    }
}

/// What a function of numbers costs.
fn cost_of(f: F) -> f64 {
    match f {
        F::TrueDiv | F::FloorDiv | F::Mod | F::Fmod | F::Sqrt | F::Reciprocal => 1.5,
        F::Add
        | F::Sub
        | F::Mul
        | F::Neg
        | F::Pos
        | F::Abs
        | F::Fabs
        | F::Square
        | F::And
        | F::Or
        | F::Xor
        | F::Invert
        | F::Not
        | F::Min
        | F::Max
        | F::ToInt => 0.2,
        f if f.is_comparison() => 0.2,
        F::Pow | F::UniformPow | F::FloatPower | F::Cbrt => 15.0,
        _ => 5.0,
    }
}
