//! Ints of index space: counters, trip counts and the arithmetic that finds them, with what is trivial left out.

use numlift_ir::dtype::Dtype;
use numlift_ir::function::{BlockId, Function, OriginId, ValueId};
use numlift_ir::infer::{const_type, result_types};
use numlift_ir::op::{Const, Kind};
use numlift_ir::scalar::{F, Flavour};
use numlift_ir::ty::{Interval, Ty};

use super::{Loop, constant};

/// How often the loop runs: `stop - start` divided by the step, rounded up.
pub(super) fn trip_count(func: &mut Function, looped: &Loop, parent: BlockId) -> ValueId {
    let at = looped.origin;
    let step = constant(func, looped.step).unwrap_or(1);
    let (high, low) = if step > 0 {
        (looped.stop, looped.start)
    } else {
        (looped.start, looped.stop)
    };
    let distance = int_op(func, parent, F::Sub, high, low, at);
    if step.abs() == 1 {
        return distance;
    }
    let rest = int_const(func, parent, step.abs() - 1, at);
    let padded = int_op(func, parent, F::Add, distance, rest, at);
    let divisor = int_const(func, parent, step.abs(), at);
    int_op(func, parent, F::FloorDiv, padded, divisor, at)
}

pub(super) fn counter_type(func: &Function, trip: ValueId) -> Ty {
    let hi = match func.ty(trip) {
        Ty::Int(interval) => interval.hi.map(|hi| hi - 1),
        _ => None,
    };
    Ty::Int(Interval {
        lo: Some(0),
        hi: hi.or(Some(i128::from(i64::MAX))),
    })
}

/// An int constant.
pub(super) fn int_const(func: &mut Function, block: BlockId, value: i128, at: OriginId) -> ValueId {
    let ty = Ty::Int(Interval::point(value));
    func.push_value(block, Kind::Const(Const::Int(value)), vec![], vec![], ty, at)
}

/// A constant as a value of a type.
pub(super) fn constant_of(func: &mut Function, block: BlockId, constant: Const, ty: &Ty, at: OriginId) -> ValueId {
    let own = const_type(&constant);
    let value = func.push_value(block, Kind::Const(constant), vec![], vec![], own.clone(), at);
    if own.as_scalar() == ty.as_scalar() {
        return value;
    }
    func.push_value(block, Kind::Convert, vec![value], vec![], ty.clone(), at)
}

/// Arithmetic on ints with what is trivial left out: `x + 0`, `1 * x`, constants.
pub(super) fn int_op(func: &mut Function, block: BlockId, f: F, a: ValueId, b: ValueId, at: OriginId) -> ValueId {
    let (known_a, known_b) = (literal(func, a), literal(func, b));
    match (f, known_a, known_b) {
        (F::Add, Some(0), _) | (F::Mul, Some(1), _) => return b,
        (F::Add | F::Sub, _, Some(0)) | (F::Mul | F::FloorDiv, _, Some(1)) => return a,
        (F::Mul, Some(0), _) => return a,
        (F::Mul, _, Some(0)) => return b,
        _ => {}
    }
    let interval = |value: ValueId| match func.ty(value) {
        Ty::Int(interval) => *interval,
        Ty::Bool => Interval::new(0, 1),
        _ => Interval::ALL,
    };
    let (x, y) = (interval(a), interval(b));
    let range = match f {
        F::Add => x.add(y),
        F::Sub => x.sub(y),
        F::Mul => x.mul(y),
        F::FloorDiv => match known_b {
            Some(d) if d > 0 => Interval {
                lo: x.lo.map(|lo| lo.div_euclid(d)),
                hi: x.hi.map(|hi| hi.div_euclid(d)),
            },
            _ => Interval::ALL,
        },
        _ => Interval::ALL,
    };
    if known_a.is_some()
        && known_b.is_some()
        && let Some(point) = range.as_point()
    {
        return int_const(func, block, point, at);
    }
    let kind = Kind::Scalar {
        f,
        flavour: flavour_of(func, &[a, b]),
    };
    let ty = if matches!(func.ty(a), Ty::Np(_)) || matches!(func.ty(b), Ty::Np(_)) {
        sum_type(func, a, b)
    } else {
        Ty::Int(range)
    };
    func.push_value(block, kind, vec![a, b], vec![], ty, at)
}

/// The int that the program's text has.
fn literal(func: &Function, value: ValueId) -> Option<i128> {
    match func.as_const(value) {
        Some(Const::Int(int)) => Some(*int),
        _ => None,
    }
}

pub(super) fn logical_and(func: &mut Function, block: BlockId, a: ValueId, b: ValueId, at: OriginId) -> ValueId {
    let kind = Kind::Scalar {
        f: F::LogicalAnd,
        flavour: Flavour::Ufunc,
    };
    func.push_value(block, kind, vec![a, b], vec![], Ty::Np(Dtype::Bool), at)
}

/// The flavour of an operator on these operands.
pub(super) fn flavour_of(func: &Function, values: &[ValueId]) -> Flavour {
    let numpy = |value: &ValueId| {
        func.ty(*value)
            .bound()
            .scalar_options()
            .is_some_and(|options| options.iter().any(|option| !option.is_python()))
    };
    if values.iter().any(numpy) {
        Flavour::NpScalar
    } else {
        Flavour::Py
    }
}

pub(super) fn sum_type(func: &Function, a: ValueId, b: ValueId) -> Ty {
    let kind = Kind::Scalar {
        f: F::Add,
        flavour: flavour_of(func, &[a, b]),
    };
    result_types(func, &kind, &[a, b]).pop().unwrap_or(Ty::Unknown)
}
