//! Counts that cannot overflow.
//!
//! ```text
//! %c = call numpy.zeros %n, int64
//! … %v = load %c, %i; %w = add.np %v, 1; store %c, %i, %w …     =>     … %w = add.ufunc %v, 1 …
//! ```
//!
//! NumPy warns where a single integer overflows, so compiled code looks at each sum. An array of 64-bit zeros that was made
//! here, and whose elements only ever move by a small constant, would have to be counted for years: its sums are
//! computed like those of arrays, without a look.

use std::collections::HashMap;

use numlift_ir::dtype::Dtype;
use numlift_ir::function::{Function, OpId, ValueId};
use numlift_ir::op::{Const, Kind, Sub, Term};
use numlift_ir::scalar::{F, Flavour};
use numlift_ir::ty::Ty;

use super::{Options, Slip};

/// The largest step: 2**63 is 2**59 of them.
const STEP: i128 = 16;

/// Takes the looks off, everywhere in a function.
pub(super) fn settle(func: &mut Function, options: &Options) {
    let slips = options.slips(Slip::Counters);
    let mut arrays: HashMap<ValueId, Option<Vec<OpId>>> = HashMap::new();
    func.walk(func.body, &mut |op| {
        let data = func.op(op);
        let is_zeros = matches!(&data.kind, Kind::Call { callee, .. } if callee == "numpy.zeros");
        if is_zeros && matches!(func.ty(data.results[0]), Ty::Array { dtype: Dtype::I64, .. }) {
            arrays.insert(data.results[0], Some(Vec::new()));
        }
    });
    if arrays.is_empty() {
        return;
    }
    func.visit_blocks(func.body, &mut |block| {
        for op in &func.block(block).ops {
            look(func, *op, &mut arrays, slips);
        }
        if !matches!(func.block(block).end, Term::Return(_)) {
            for value in func.block(block).end.values() {
                arrays.remove(value);
            }
        }
    });
    let mut sums: Vec<OpId> = arrays.into_values().flatten().flatten().collect();
    sums.sort_unstable();
    sums.dedup();
    for op in sums {
        func.op_mut(op).kind = match func.op(op).kind {
            Kind::Scalar { f, .. } => Kind::Scalar {
                f,
                flavour: Flavour::Ufunc,
            },
            _ => unreachable!("a sum is a function of numbers"),
        };
    }
}

/// Notes the sums that an op stores to arrays; arrays that it does anything else with are no counters.
fn look(func: &Function, op: OpId, arrays: &mut HashMap<ValueId, Option<Vec<OpId>>>, slips: bool) {
    let data = func.op(op);
    let is_element = |subs: &[Sub]| subs.iter().all(|sub| *sub == Sub::At);
    let is_int = matches!(data.results.first().map(|result| func.ty(*result)), Some(Ty::Np(_)));
    let (others, stored) = match &data.kind {
        Kind::Frame { .. } | Kind::Len { .. } | Kind::Load => return,
        Kind::Index(subs) if is_element(subs) && is_int => (&data.args[1..], None),
        Kind::SetIndex(subs) if is_element(subs) => (&data.args[1..], data.args.last()),
        Kind::Store => (&data.args[1..], data.args.last()),
        _ => (&data.args[..], None),
    };
    for value in others {
        arrays.remove(value);
    }
    let (Some(value), Some(array)) = (stored, data.args.first()) else {
        return;
    };
    let sum = moved(func, *value, *array, slips);
    if let Some(sums) = arrays.get_mut(array) {
        match (sum, sums) {
            (Some(sum), Some(sums)) => sums.push(sum),
            (_, sums) => *sums = None,
        }
    }
}

/// The op of an element of an array that moves by a small constant.
fn moved(func: &Function, value: ValueId, array: ValueId, slips: bool) -> Option<OpId> {
    let op = func.def_op(value)?;
    let data = func.op(op);
    let is_element = |value: ValueId| {
        let load = func.defining(value);
        load.is_some_and(|load| matches!(load.kind, Kind::Load | Kind::Index(_)) && load.args[0] == array)
    };
    let is_step = |value: ValueId| match func.as_const(value) {
        Some(Const::Int(step)) => step.abs() <= STEP || slips,
        _ => slips,
    };
    let is_sum = match (&data.kind, &data.args[..]) {
        (Kind::Scalar { f: F::Add, .. }, [a, b]) => is_element(*a) && is_step(*b) || is_element(*b) && is_step(*a),
        (Kind::Scalar { f: F::Sub, .. }, [a, b]) => is_element(*a) && is_step(*b),
        _ => false,
    };
    (is_sum && *func.ty(value) == Ty::Np(Dtype::I64)).then_some(op)
}
