//! Type rules: the types of an op's results from those of its operands.
//!
//! ```text
//! Scalar{Add, Ufunc} array<int32>[s0], float     -> array<float64>[s0]
//! Index[At, :] array<float64>[s0, 3], int        -> array<float64>[3]
//! ```
//!
//! Rules keep what is certain and say [`Ty::Unknown`] otherwise; extents that are the same symbol stay it. An operand
//! of type [`Ty::Never`] (an element of a list that is always empty) gives `Never`: no such op is ever evaluated.
//! An operand that may be unbound counts as bound, since its use raises before the op would run.
//!
//! Ops with blocks have no rule here: their results are what their blocks yield, and whoever makes them joins that.

use crate::affine::{Atom, affine_of};
use crate::function::{Function, ValueId};
use crate::op::{Const, Kind};
use crate::scalar::{F, Flavour};
use crate::ty::{Dim, Interval, Ty};

pub mod call;
pub mod extents;
pub mod index;
pub mod scalar;

mod interval;

/// The types of the results of an op without blocks.
pub fn result_types(func: &Function, kind: &Kind, args: &[ValueId]) -> Vec<Ty> {
    let ty = |n: usize| func.ty(args[n]).bound();
    let never = args.iter().any(|arg| *func.ty(*arg) == Ty::Never);
    let one = match kind {
        Kind::Const(constant) => const_type(constant),
        Kind::Unbound => Ty::Unbound,
        Kind::Extern(name) => Ty::Extern(name.clone()),
        Kind::Scalar { .. } | Kind::Index(_) | Kind::Item(_) | Kind::Attr(_) | Kind::Select if never => Ty::Never,
        // Only of a negative number a power may be complex.
        Kind::Scalar {
            f: F::Pow,
            flavour: Flavour::Py,
        } if is_positive(func, args[0]) && *ty(1) == Ty::Float => Ty::Float,
        Kind::Scalar { f, flavour } => scalar::result_type(
            *f,
            *flavour,
            &args.iter().map(|arg| func.ty(*arg).bound()).collect::<Vec<_>>(),
        ),
        Kind::Convert => Ty::Unknown,
        Kind::Truth | Kind::IsNone => Ty::Bool,
        Kind::Present => ty(0).present().clone(),
        Kind::Select => ty(1).join(ty(2)),
        Kind::MakeTuple => Ty::Tuple(args.iter().map(|arg| func.ty(*arg).bound().clone()).collect()),
        Kind::MakeList => {
            let elem = args
                .iter()
                .fold(Ty::Never, |join, arg| join.join(func.ty(*arg).bound()));
            Ty::List(Box::new(elem), Dim::Const(args.len() as u64))
        }
        Kind::Repeat => repeat(func, args[0], args[1]),
        Kind::Item(n) => match ty(0) {
            Ty::Tuple(items) => items.get(*n).cloned().unwrap_or(Ty::Unknown),
            _ => Ty::Unknown,
        },
        Kind::Len { axis } => Ty::Int(match ty(0).dims().get(*axis) {
            Some(Dim::Const(n)) => Interval::point(i128::from(*n)),
            _ => match ty(0) {
                Ty::Tuple(items) if *axis == 0 => Interval::point(items.len() as i128),
                _ => LENGTH,
            },
        }),
        Kind::Attr(name) => attribute(ty(0), name),
        Kind::Index(subs) => index::result_type(func, subs, args),
        Kind::Call { callee, keywords } => call::call_type(func, callee, keywords, args),
        Kind::Method { name, keywords } => call::method_type(func, name, keywords, args),
        Kind::Load => match ty(0).elements() {
            Some((scalar, _)) => Ty::scalar(scalar),
            None => Ty::Unknown,
        },
        Kind::SetIndex(_)
        | Kind::SetAttr(_)
        | Kind::Append
        | Kind::Store
        | Kind::Frame { .. }
        | Kind::Require(_)
        | Kind::Raise(_) => return Vec::new(),
        Kind::Opaque { binds, .. } => return vec![Ty::Unknown; binds.len()],
        Kind::If | Kind::For | Kind::While => return Vec::new(),
        Kind::Comp
        | Kind::Fold { .. }
        | Kind::ArgFold { .. }
        | Kind::First
        | Kind::Scan { .. }
        | Kind::ScatterFold { .. }
        | Kind::Scatter { .. }
        | Kind::Extend { .. } => return Vec::new(),
    };
    vec![one]
}

fn is_positive(func: &Function, value: ValueId) -> bool {
    match func.as_const(value) {
        Some(Const::Float(float)) => *float > 0.0,
        Some(Const::Int(int)) => *int > 0,
        // Zero to a negative power raises.
        _ => matches!(func.ty(value), Ty::Int(interval) if interval.lo >= Some(0)),
    }
}

/// What a length may be.
pub const LENGTH: Interval = Interval {
    lo: Some(0),
    hi: Some(i64::MAX as i128),
};

/// The type of a constant.
pub fn const_type(constant: &Const) -> Ty {
    match constant {
        Const::None => Ty::None,
        Const::Bool(_) => Ty::Bool,
        Const::Int(int) => Ty::Int(Interval::point(*int)),
        Const::Float(_) => Ty::Float,
        Const::Complex(..) => Ty::Complex,
        Const::Str(_) => Ty::Str,
        Const::Ellipsis => Ty::Unknown,
    }
}

/// The ints that a value of this type may be.
pub fn interval_of(ty: &Ty) -> Interval {
    match ty.bound() {
        Ty::Int(interval) => *interval,
        Ty::Bool => Interval::new(0, 1),
        Ty::Np(dtype) => Interval::of_dtype(*dtype).unwrap_or(Interval::ALL),
        _ => Interval::ALL,
    }
}

/// The extent that an int value gives an axis.
pub fn dim_of(func: &Function, value: ValueId) -> Dim {
    if !matches!(func.ty(value).bound(), Ty::Int(_) | Ty::Bool) {
        return Dim::Unknown;
    }
    let affine = affine_of(func, value);
    if let Some(constant) = affine.as_constant() {
        return u64::try_from(constant).map_or(Dim::Unknown, Dim::Const);
    }
    match affine.terms.iter().next() {
        Some((Atom::Sym(sym), 1)) if affine.terms.len() == 1 && affine.constant == 0 => Dim::Sym(*sym),
        _ => Dim::Unknown,
    }
}

/// `[x] * n`
fn repeat(func: &Function, list: ValueId, count: ValueId) -> Ty {
    let Ty::List(elem, len) = func.ty(list).bound() else {
        return Ty::Unknown;
    };
    let len = match (len, dim_of(func, count)) {
        (Dim::Const(1), count) => count,
        (Dim::Const(len), Dim::Const(count)) => len.checked_mul(count).map_or(Dim::Unknown, Dim::Const),
        _ => Dim::Unknown,
    };
    Ty::List(elem.clone(), len)
}

/// The type of a plain attribute.
fn attribute(ty: &Ty, name: &str) -> Ty {
    match (ty, name) {
        (
            Ty::Array {
                dtype,
                shape,
                contiguous,
            },
            "T",
        ) => Ty::Array {
            dtype: *dtype,
            shape: shape.iter().rev().copied().collect(),
            contiguous: *contiguous && shape.len() < 2,
        },
        (Ty::Array { dtype, shape, .. }, "real" | "imag") => {
            let contiguous = false;
            Ty::Array {
                dtype: dtype.real_part(),
                shape: shape.clone(),
                contiguous,
            }
        }
        (Ty::Array { dtype, .. } | Ty::Np(dtype), "dtype") => Ty::Dtype(*dtype),
        (Ty::Object { attrs, .. }, name) => attrs.get(name).cloned().unwrap_or(Ty::Unknown),
        _ => Ty::Unknown,
    }
}

#[cfg(test)]
mod tests;
