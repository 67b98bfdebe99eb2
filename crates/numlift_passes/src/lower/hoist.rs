//! What is the same in every iteration is said once.
//!
//! ```text
//! for %i in … {                        %v = call <view> %a, …
//!   %v = call <view> %a, …             for %i in … {
//!   … load %v, %i …               =>     … load %v, %i …
//!   %w = call <view> %a, …               … load %v, %k …
//!   … load %w, %k … }                  }
//! ```
//!
//! Views, extents, constants and sums of indices that cannot overflow are computed in the outermost block that has all
//! their operands, in front of what they stand in, and only once there. They have no effect and cannot be left at, so it
//! does not matter if nobody needs them. LLVM would do that, too; it is asked to read less.

use std::collections::HashMap;

use numlift_ir::function::{BlockId, Function, OpId, ValueId};
use numlift_ir::infer::interval_of;
use numlift_ir::op::{Const, Kind, RESHAPE, VIEW};
use numlift_ir::scalar::F;
use numlift_ir::ty::{Interval, Ty};

use super::{Options, Slip};

/// Moves ops to where they are computed once, everywhere in a function.
pub(super) fn hoist(mut func: Function, options: &Options) -> Function {
    let body = func.body;
    let mut hoister = Hoister {
        func: &mut func,
        depths: HashMap::new(),
        same: HashMap::new(),
        levels: Vec::new(),
        slips: options.slips(Slip::Hoisting),
    };
    hoister.block(body);
    func
}

/// A block around the present place.
struct Level {
    /// Its ops so far.
    ops: Vec<OpId>,
    /// What was computed in it, by operands.
    known: HashMap<Vec<ValueId>, Vec<OpId>>,
}

struct Hoister<'f> {
    func: &'f mut Function,
    /// The level at which a value is there.
    depths: HashMap<ValueId, usize>,
    /// What stands for a value that was computed before.
    same: HashMap<ValueId, ValueId>,
    levels: Vec<Level>,
    slips: bool,
}

impl Hoister<'_> {
    fn block(&mut self, block: BlockId) {
        let depth = self.levels.len();
        self.levels.push(Level {
            ops: Vec::new(),
            known: HashMap::new(),
        });
        for param in self.func.block(block).params.clone() {
            self.depths.insert(param, depth);
        }
        for op in self.func.block(block).ops.clone() {
            for arg in &mut self.func.op_mut(op).args {
                *arg = self.same.get(arg).copied().unwrap_or(*arg);
            }
            if is_always_there(self.func, op) || self.slips && self.func.op(op).kind == Kind::Load {
                self.place(op);
                continue;
            }
            for inner in self.func.op(op).blocks.clone() {
                self.block(inner);
            }
            for result in self.func.op(op).results.clone() {
                self.depths.insert(result, depth);
            }
            self.levels[depth].ops.push(op);
        }
        if let Some(level) = self.levels.pop() {
            let block = self.func.block_mut(block);
            block.ops = level.ops;
            for value in block.end.values_mut() {
                *value = self.same.get(value).copied().unwrap_or(*value);
            }
        }
    }

    /// Puts an op where its operands are there, or what is the same in its place.
    fn place(&mut self, op: OpId) {
        let data = self.func.op(op);
        let depth = data.args.iter().map(|arg| self.depths[arg]).max().unwrap_or(0);
        let result = self.func.result(op);
        let alike = |other: &&OpId| {
            let known = self.func.op(**other);
            known.kind == data.kind && self.func.ty(self.func.result(**other)) == self.func.ty(result)
        };
        let known = self.levels[depth].known.get(&data.args);
        if let Some(known) = known.and_then(|known| known.iter().find(alike)) {
            self.same.insert(result, self.func.result(*known));
            return;
        }
        self.depths.insert(result, depth);
        let args = data.args.clone();
        let level = &mut self.levels[depth];
        level.ops.push(op);
        level.known.entry(args).or_default().push(op);
    }
}

/// Whether an op only names something, wherever it stands.
fn is_always_there(func: &Function, op: OpId) -> bool {
    let data = func.op(op);
    let is_array = |value: &ValueId| matches!(func.ty(*value), Ty::Array { .. });
    let is_int = |value: &ValueId| matches!(func.ty(*value), Ty::Int(_));
    match &data.kind {
        Kind::Const(constant) => !matches!(constant, Const::Str(_)),
        Kind::Len { .. } => is_array(&data.args[0]),
        Kind::Call { callee, .. } => matches!(callee.as_str(), VIEW | RESHAPE) && is_array(&data.args[0]),
        Kind::Scalar {
            f: F::Add | F::Sub | F::Mul | F::Min | F::Max,
            ..
        } => data.args.iter().all(is_int) && interval_of(func.ty(data.results[0])).is_within(Interval::MACHINE),
        _ => false,
    }
}
