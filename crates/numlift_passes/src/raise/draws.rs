//! Random draws: one by one in a loop is all at once before it, where the stream stays the same.
//!
//! ```text
//! for i in range(n):                        d = rng.random((n, 2))
//!     x = rng.random()              =>      for i in range(n):
//!     y = rng.random()                          x = d[i, 0]; y = d[i, 1]
//! ```
//!
//! An array is filled by the same calls of the bit generator in the order of its elements, so every draw of a loop must
//! be of one kind and of one generator, made in every iteration, with the same parameters.

use numlift_ir::dtype::Dtype;
use numlift_ir::function::{BlockId, Function, OpId, ValueId};
use numlift_ir::op::{Const, Effect, Kind, Sub};
use numlift_ir::ty::{Dim, Ty};

use super::Loop;
use super::arithmetic::{int_const, trip_count};

/// Takes the draws out of a loop, at the end of `parent`; false where there are none or they cannot be taken out.
pub(super) fn hoist(func: &mut Function, looped: &Loop, parent: BlockId) -> bool {
    let mut all = Vec::new();
    func.walk(looped.body, &mut |op| {
        if func.op(op).kind.effect() == Effect::Draws {
            all.push(op);
        }
    });
    let direct: Vec<OpId> = func
        .block(looped.body)
        .ops
        .iter()
        .copied()
        .filter(|op| all.contains(op))
        .collect();
    let Some(first) = direct.first().copied() else {
        return false;
    };
    let regular = direct.len() == all.len()
        && super::constant(func, looped.start) == Some(0)
        && super::constant(func, looped.step) == Some(1)
        && direct.iter().all(|op| is_like(func, looped, first, *op));
    if !regular {
        return false;
    }
    let Some(parameters) = parameters(func, looped, first) else {
        return false;
    };
    let at = func.op(first).origin;
    let trip = trip_count(func, looped, parent);
    let count = direct.len();
    let mut extents = vec![trip];
    if count > 1 {
        extents.push(int_const(func, parent, count as i128, at));
    }
    let array = draw_all(func, parent, first, &parameters, &extents);
    for (number, op) in direct.iter().enumerate() {
        let mut args = vec![array, looped.index];
        if count > 1 {
            args.push(int_const(func, looped.body, number as i128, at));
            // The constant goes to the front, before its use.
            let made = func.block_mut(looped.body).ops.pop();
            if let Some(made) = made {
                func.block_mut(looped.body).ops.insert(0, made);
            }
        }
        // An element is NumPy's number, what was drawn is Python's.
        let kind = Kind::Index(vec![Sub::At; args.len() - 1]);
        let load = func.add_op(kind, args, vec![], &[Ty::Np(Dtype::F64)], at);
        let element = func.result(load);
        let data = func.op_mut(*op);
        data.kind = Kind::Convert;
        data.args = vec![element];
        let ops = &mut func.block_mut(looped.body).ops;
        let place = ops.iter().position(|other| other == op).unwrap_or(0);
        ops.insert(place, load);
    }
    true
}

/// Draws whose arrays are filled as their scalars are drawn.
fn is_sequential(name: &str) -> bool {
    matches!(
        name,
        "random"
            | "standard_normal"
            | "normal"
            | "uniform"
            | "exponential"
            | "standard_exponential"
            | "rand"
            | "randn"
            | "random_sample"
    )
}

fn name_of(kind: &Kind) -> Option<&str> {
    match kind {
        Kind::Method { name, .. } => Some(name),
        Kind::Call { callee, .. } => callee.strip_prefix("numpy.random."),
        _ => None,
    }
}

/// The same draw as the first one, of a Python float.
fn is_like(func: &Function, looped: &Loop, first: OpId, op: OpId) -> bool {
    let (a, b) = (func.op(first), func.op(op));
    a.kind == b.kind
        && name_of(&a.kind).is_some_and(is_sequential)
        && matches!(&a.kind, Kind::Method { keywords, .. } | Kind::Call { keywords, .. } if keywords.is_empty())
        && *func.ty(b.results[0]) == Ty::Float
        && a.args.len() == b.args.len()
        && a.args.iter().zip(&b.args).all(|(a, b)| same(func, looped, *a, *b))
}

/// One value, or equal constants.
fn same(func: &Function, looped: &Loop, a: ValueId, b: ValueId) -> bool {
    let constant = |value: ValueId| -> Option<Const> { func.as_const(value).cloned() };
    match (constant(a), constant(b)) {
        (Some(a), Some(b)) => a == b,
        _ => a == b && !looped.scope.defines(func, a),
    }
}

/// The arguments that are known before the loop: constants are made anew there.
fn parameters(func: &Function, looped: &Loop, first: OpId) -> Option<Vec<Parameter>> {
    func.op(first)
        .args
        .iter()
        .map(|arg| match func.as_const(*arg) {
            Some(constant) => Some(Parameter::Constant(constant.clone(), func.ty(*arg).clone())),
            None => (!looped.scope.defines(func, *arg)).then_some(Parameter::Value(*arg)),
        })
        .collect()
}

enum Parameter {
    Value(ValueId),
    Constant(Const, Ty),
}

fn draw_all(
    func: &mut Function,
    parent: BlockId,
    first: OpId,
    parameters: &[Parameter],
    extents: &[ValueId],
) -> ValueId {
    let at = func.op(first).origin;
    let mut args: Vec<ValueId> = Vec::new();
    for parameter in parameters {
        args.push(match parameter {
            Parameter::Value(value) => *value,
            Parameter::Constant(constant, ty) => {
                let kind = Kind::Const(constant.clone());
                let op = func.push_op(parent, kind, vec![], vec![], std::slice::from_ref(ty), at);
                func.result(op)
            }
        });
    }
    let mut kind = func.op(first).kind.clone();
    let dims: Vec<Dim> = extents
        .iter()
        .map(|extent| match super::constant(func, *extent) {
            Some(n) if n >= 0 => Dim::Const(n as u64),
            _ => Dim::Unknown,
        })
        .collect();
    let name = name_of(&kind).unwrap_or_default().to_owned();
    if matches!(name.as_str(), "rand" | "randn") {
        args.extend(extents);
    } else {
        let size = match extents {
            [one] => *one,
            _ => {
                let types = extents.iter().map(|extent| func.ty(*extent).clone()).collect();
                func.push_value(parent, Kind::MakeTuple, extents.to_vec(), vec![], Ty::Tuple(types), at)
            }
        };
        args.push(size);
        if let Kind::Method { keywords, .. } | Kind::Call { keywords, .. } = &mut kind {
            let first_is_size = matches!(name.as_str(), "random" | "standard_normal" | "random_sample");
            if !first_is_size {
                keywords.push("size".to_owned());
            }
        }
    }
    let ty = Ty::Array {
        dtype: Dtype::F64,
        shape: dims,
        contiguous: true,
    };
    func.push_value(parent, kind, args, vec![], ty, at)
}
