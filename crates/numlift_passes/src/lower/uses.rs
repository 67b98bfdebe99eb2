//! Who uses a value, and how often still.

use numlift_ir::effects::{is_fresh_call, is_fresh_method};
use numlift_ir::function::{Function, OpId, ValueId};
use numlift_ir::op::{Effect, Kind, Term};
use numlift_ir::scalar::F;
use numlift_ir::ty::Ty;

/// The uses of the values of a function.
#[derive(Debug)]
pub(super) struct Uses {
    /// How many uses are still to come, by ops and ends of blocks.
    pub left: Vec<u32>,
    /// The same, by frames.
    pub by_frames: Vec<u32>,
    /// All uses, with those by frames from which Python goes on with what is not seen.
    total: Vec<u32>,
    /// Whether a value is only read, by ops that keep nothing of it but views that are only read, too.
    is_read_only: Vec<bool>,
}

impl Uses {
    /// `guards`: the function has code that Python runs when something is raised, and what that does to the names of a
    /// frame is not seen here. Nor is what Python does where it always goes on.
    pub(super) fn new(func: &Function, guards: bool) -> Self {
        let count = func.values.len();
        let (mut left, mut by_frames) = (vec![0; count], vec![0; count]);
        let mut users: Vec<Vec<(OpId, usize)>> = vec![Vec::new(); count];
        let (mut is_handed_over, mut handed_over) = (vec![false; count], vec![0; count]);
        func.visit_blocks(func.body, &mut |block| {
            let is_frame = |op: &&OpId| matches!(func.op(**op).kind, Kind::Frame { .. });
            let ops = &func.block(block).ops;
            let last = ops
                .iter()
                .rfind(is_frame)
                .filter(|_| func.block(block).end == Term::Unreachable);
            for op in ops {
                let data = func.op(*op);
                for (number, arg) in data.args.iter().enumerate() {
                    match data.kind {
                        Kind::Frame { .. } => {
                            by_frames[arg.index()] += 1;
                            if guards || last == Some(op) {
                                is_handed_over[arg.index()] = true;
                                handed_over[arg.index()] += 1;
                            }
                        }
                        _ => {
                            left[arg.index()] += 1;
                            users[arg.index()].push((*op, number));
                        }
                    }
                }
            }
            for value in func.block(block).end.values() {
                left[value.index()] += 1;
                is_handed_over[value.index()] = true;
            }
        });
        let mut is_read_only = vec![false; count];
        // Users stand behind what they use, so that their results are decided first.
        for number in (0..count).rev() {
            let reads = |(op, at): &(OpId, usize)| is_read(func, *op, *at, &is_read_only);
            is_read_only[number] = !is_handed_over[number] && users[number].iter().all(reads);
        }
        Self {
            total: left
                .iter()
                .zip(&handed_over)
                .map(|(uses, frames)| uses + frames)
                .collect(),
            left,
            by_frames,
            is_read_only,
        }
    }

    /// Whether values are only read, by ops that keep nothing of them.
    pub(super) fn are_only_read(&self, values: &[ValueId]) -> bool {
        values.iter().all(|value| self.is_read_only[value.index()])
    }

    /// Whether it matters that a view shares the memory of its base.
    pub(super) fn may_tell_apart(&self, base: ValueId, view: ValueId) -> bool {
        let is_read_only = |value: ValueId| self.is_read_only[value.index()];
        self.total[base.index()] > 1 && !(is_read_only(base) && is_read_only(view))
    }
}

/// Whether an op only reads one of its operands.
fn is_read(func: &Function, op: OpId, operand: usize, is_read_only: &[bool]) -> bool {
    let data = func.op(op);
    let is_view = || data.results.iter().all(|result| is_read_only[result.index()]);
    match &data.kind {
        // The parts of an array are views.
        Kind::Scalar {
            f: F::Real | F::Imag, ..
        } => is_view(),
        Kind::Scalar { .. } | Kind::Len { .. } | Kind::Truth | Kind::IsNone | Kind::Convert => true,
        Kind::Index(_) => operand > 0 || is_view() || !matches!(func.ty(data.results[0]), Ty::Array { .. }),
        Kind::Attr(_) => is_view(),
        Kind::SetIndex(_) => operand > 0,
        Kind::Call { callee, keywords } => is_fresh_call(callee, keywords) || is_quiet(&data.kind) && is_view(),
        Kind::Method { name, keywords } => is_fresh_method(name, keywords) || is_quiet(&data.kind) && is_view(),
        _ => false,
    }
}

fn is_quiet(kind: &Kind) -> bool {
    matches!(kind.effect(), Effect::Pure | Effect::Reads)
}
