//! Running values: a fold whose value is read along the way becomes a *scan*, which has all of its values.
//!
//! ```text
//! for i in range(n):                       r = scan add seeded s, n { (t) yield x[t] }
//!     out[i] = s                   =>      scatter out, n { (t) yield t, r[t] }
//!     s = s + x[i]                         scatter mid, n { (t) yield t, r[t + 1] }
//!     mid[i] = s
//! ```
//!
//! Element `t` is what the accumulator holds when iteration `t` begins, and element `t + 1` when it ends. A scan comes
//! before whatever reads it; two that read each other stay a loop, since neither can be first.

use numlift_ir::dtype::Dtype;
use numlift_ir::function::{Function, ValueId};
use numlift_ir::op::{Const, Kind};
use numlift_ir::scalar::{F, ScalarTy};
use numlift_ir::ty::Ty;

use super::Loop;
use super::carried::{Carried, branches};
use super::units::{Action, Unit, reads_value};
use crate::slice::{backward, depends_on};

/// The units with scans for the folds that others read, each before its readers. `used` says how often each value is.
pub(super) fn arranged(
    func: &Function,
    looped: &Loop,
    mut units: Vec<Unit>,
    (carried, used): (&[Carried], &[u32]),
) -> Vec<Unit> {
    let last: Vec<usize> = (0..carried.len())
        .filter(|number| carried[*number].is_last() && used[looped.results[*number].index()] > 0)
        .collect();
    for at in 0..units.len() {
        let Action::Fold { number, update } = &units[at].action else {
            continue;
        };
        let param = looped.params[*number];
        let by_units = (0..units.len()).any(|other| other != at && reads_value(func, looped, &units[other], param));
        let by_last = last
            .iter()
            .any(|other| depends_on(func, &looped.scope, looped.yields[*other], param));
        if by_units || by_last {
            units[at].action = Action::Scan {
                number: *number,
                update: update.clone(),
            };
        }
    }
    // What only some iterations bind and nobody sees is gone with them.
    units.retain(|unit| match &unit.action {
        Action::Fold { number, .. } => !carried[*number].is_last_of_some() || used[looped.results[*number].index()] > 0,
        _ => true,
    });
    let mut order = Vec::new();
    let mut begun = vec![false; units.len()];
    for at in 0..units.len() {
        place(func, looped, &units, at, &mut begun, &mut order);
    }
    order.into_iter().map(|at| units[at].clone()).collect()
}

/// Puts a unit behind the scans that it reads.
fn place(func: &Function, looped: &Loop, units: &[Unit], at: usize, begun: &mut [bool], order: &mut Vec<usize>) {
    if std::mem::replace(&mut begun[at], true) {
        return;
    }
    for other in 0..units.len() {
        if let Action::Scan { number, .. } = units[other].action
            && other != at
            && reads_value(func, looped, &units[at], looped.params[number])
        {
            place(func, looped, units, other, begun, order);
        }
    }
    order.push(at);
}

/// The values of the body that are what the accumulator holds when the iteration ends, wherever they are computed: what
/// is handed on, and what the branch gives that changes it.
pub(super) fn after(func: &Function, looped: &Loop, number: usize) -> Vec<ValueId> {
    let (param, mut next) = (looped.params[number], looped.yields[number]);
    let mut found = vec![next];
    while let Some((_, _, then, other)) = branches(func, next) {
        let changed = match (then == param, other == param) {
            (false, true) => then,
            (true, false) => other,
            _ => break,
        };
        let is_computed = looped.scope.defines(func, changed) && depends_on(func, &looped.scope, changed, param);
        if !is_computed {
            break;
        }
        found.push(changed);
        next = changed;
    }
    found
}

/// Whether an accumulator that starts as another type may be an element of the same array as its later values. What it
/// starts from is rounded to their type; `seen` says whether somebody could tell.
///
/// ```text
/// s = 0; … s = s + x[i]          0 counts as the float that it becomes
/// m = 0.1; … m = max(m, x[i])    x of float32: 0.1 would be a float32, too
/// ```
pub(super) fn may_start(func: &Function, init: ValueId, elem: ScalarTy, seen: bool) -> bool {
    let Some(from) = func.ty(init).bound().as_scalar() else {
        return false;
    };
    if from == elem {
        return true;
    }
    let to = elem.array_dtype();
    match func.as_const(init) {
        Some(Const::Int(int)) if to.is_float() => int.unsigned_abs() < 1 << 10,
        Some(Const::Int(int)) => match (elem, to.integer_limits()) {
            (ScalarTy::Np(_), Some((low, high))) => to.is_integer() && (low..=high).contains(int),
            _ => false,
        },
        Some(Const::Float(float)) if to.is_float() => !seen || is_exact(*float, to),
        Some(_) => false,
        None => {
            let is_wide = to == Dtype::F64;
            match from {
                ScalarTy::PyFloat => to.is_float() && (is_wide || !seen || is_infinity(func, init)),
                ScalarTy::Np(dtype) => is_wide && dtype.is_float() && !seen,
                _ => false,
            }
        }
    }
}

/// Whether a float is one of a dtype.
fn is_exact(float: f64, dtype: Dtype) -> bool {
    match dtype {
        Dtype::F64 => true,
        Dtype::F32 => f64::from(float as f32) == float,
        _ => float.is_infinite() || float.fract() == 0.0 && float.abs() < 1024.0,
    }
}

/// `-np.inf`
fn is_infinity(func: &Function, value: ValueId) -> bool {
    match func.defining(value) {
        Some(op) if matches!(op.kind, Kind::Scalar { f: F::Neg | F::Pos, .. }) => is_infinity(func, op.args[0]),
        Some(op) => match &op.kind {
            Kind::Extern(name) => matches!(name.as_str(), "numpy.inf" | "math.inf"),
            Kind::Const(Const::Float(float)) => float.is_infinite(),
            _ => false,
        },
        None => false,
    }
}

/// Whether nobody can tell of which of its types a running value is: it is only added, compared and stored.
pub(super) fn is_told_by_nobody(func: &Function, looped: &Loop, number: usize, elem: ScalarTy) -> bool {
    let is_mixed = |value: ValueId| {
        let options = func.ty(value).bound().scalar_options();
        options.is_none_or(|options| options.iter().any(|option| *option != elem))
    };
    let mut mixed: Vec<ValueId> = vec![looped.params[number]];
    mixed.extend(after(func, looped, number));
    mixed.retain(|value| is_mixed(*value));
    let mut at = 0;
    while at < mixed.len() {
        let value = mixed[at];
        at += 1;
        let from_int = func.ty(value).bound().scalar_options().is_none_or(|options| {
            options
                .iter()
                .any(|option| matches!(option, ScalarTy::PyInt | ScalarTy::PyBool))
        });
        let mut fine = true;
        func.walk(looped.body, &mut |op| {
            let data = func.op(op);
            let ends: Vec<ValueId> = data
                .blocks
                .iter()
                .flat_map(|block| func.block(*block).end.values().to_vec())
                .collect();
            if data.kind == Kind::If && ends.contains(&value) {
                mixed.extend(data.results.iter().filter(|result| is_mixed(**result)));
            }
            if !data.args.contains(&value) {
                return;
            }
            match &data.kind {
                Kind::Scalar { f, .. } if f.is_comparison() => {}
                // NumPy's float makes one of its own type of the other operand.
                Kind::Scalar { .. }
                    if data.args.len() == 2
                        && data.args.iter().all(|arg| {
                            *arg == value
                                || elem.array_dtype().is_float() && *func.ty(*arg) == Ty::Np(elem.array_dtype())
                        })
                        && data.args[0] != data.args[1] => {}
                Kind::Scalar {
                    f: F::Add | F::Sub | F::Min | F::Max,
                    ..
                } => {
                    mixed.extend(data.results.iter().filter(|result| is_mixed(**result)));
                }
                Kind::Scalar {
                    f: F::Mul | F::Neg | F::Abs,
                    ..
                } if !from_int => mixed.extend(data.results.iter().filter(|result| is_mixed(**result))),
                Kind::SetIndex(_) => {
                    let is_array = matches!(func.ty(data.args[0]), Ty::Array { .. });
                    fine &= is_array && data.args[1..data.args.len() - 1].iter().all(|arg| *arg != value);
                }
                Kind::Fold { .. } => fine &= data.args[0] == value && data.args[1..].iter().all(|arg| *arg != value),
                Kind::Scalar { f: F::ToFloat, .. } | Kind::Truth | Kind::If => {}
                _ => fine = false,
            }
        });
        if !fine || mixed.len() > 64 {
            return false;
        }
        let mut seen = std::collections::HashSet::new();
        mixed.retain(|value| seen.insert(*value));
        at = at.min(mixed.len());
    }
    true
}

/// How often the body uses a value.
pub(super) fn uses(func: &Function, looped: &Loop, value: ValueId) -> usize {
    let among = |values: &[ValueId]| values.iter().filter(|other| **other == value).count();
    let mut found = among(func.block(looped.body).end.values());
    func.walk(looped.body, &mut |op| {
        let data = func.op(op);
        let ends = data.blocks.iter().map(|block| among(func.block(*block).end.values()));
        found += among(&data.args) + ends.sum::<usize>();
    });
    found
}

/// Whether a value is computed with a running one.
pub(super) fn is_computed_with(func: &Function, looped: &Loop, roots: &[ValueId], param: ValueId) -> bool {
    roots.contains(&param)
        || backward(func, &looped.scope, roots).iter().any(|op| {
            let data = func.op(*op);
            data.args.contains(&param)
                || data
                    .blocks
                    .iter()
                    .any(|block| func.block(*block).end.values().contains(&param))
        })
}
