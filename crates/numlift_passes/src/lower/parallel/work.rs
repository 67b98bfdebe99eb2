//! What a loop costs: an estimate from what its ops cost and how often inner loops run.
//!
//! ```text
//! for i: for j in range(i, m): 3 loads, 1 store      =>      n * (1 ns + (m - n/2) * 1.4 ns)
//! ```
//!
//! How often an inner loop runs follows from values that are there in front of the outermost one; the index of a loop
//! around counts as the middle of its range. Costs are nanoseconds on an ordinary machine, vectors counted in: they are to
//! be right within a factor of three.

use std::collections::BTreeMap;

use numlift_ir::affine::{Affine, Atom, affine_of};
use numlift_ir::function::{BlockId, Function, OpId, ValueId};
use numlift_ir::launch::{Linear, SOME, Trips, Work};
use numlift_ir::op::Kind;
use numlift_ir::scalar::F;

use super::Inside;

/// The cost of an iteration of a loop.
pub(super) fn of(func: &Function, op: OpId, inside: &Inside) -> Work {
    let mut estimate = Estimate {
        func,
        inside,
        middles: BTreeMap::new(),
    };
    estimate.middle_of(op);
    estimate.block(func.op(op).blocks[0])
}

struct Estimate<'a> {
    func: &'a Function,
    inside: &'a Inside,
    /// Indices of loops around, and the middles of their ranges.
    middles: BTreeMap<ValueId, Linear>,
}

impl Estimate<'_> {
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
            Kind::Load | Kind::Store => work.own += 0.35,
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
                let body = self.block(data.blocks[0]);
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
            _ => work.own += 0.1,
        }
    }

    fn bounds(&self, op: OpId) -> Option<(Linear, Linear, f64)> {
        let [start, stop, step] = [0, 1, 2].map(|n| affine_of(self.func, self.func.op(op).args[n]));
        let step = step.as_constant().filter(|step| *step != 0)? as f64;
        Some((self.linear(&start)?, self.linear(&stop)?, step))
    }

    fn trips(&self, op: OpId) -> Trips {
        let counted = self.bounds(op).map(|(start, stop, step)| {
            let span = stop.plus(&start, -1.0);
            Linear::default().plus(&span, 1.0 / step)
        });
        counted.map_or(Trips::Guessed(SOME), Trips::Counted)
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

/// What a function of numbers costs.
fn cost_of(f: F) -> f64 {
    match f {
        F::TrueDiv | F::FloorDiv | F::Mod | F::Fmod | F::Sqrt | F::Reciprocal => 1.0,
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
        F::Pow | F::UniformPow | F::FloatPower | F::Cbrt => 8.0,
        _ => 2.5,
    }
}
