//! What an op may raise or warn of, as far as its operand types tell.
//!
//! Only what matters for the order of evaluation is kept: which exceptions, not when.

use numlift_ir::function::{Function, OpId, ValueId};
use numlift_ir::op::{Const, Kind, Sub};
use numlift_ir::scalar::{F, Flavour, ScalarTy, faults};
use numlift_ir::ty::{Dim, Ty};

use super::memory::is_array;

/// Exceptions that may be raised, as a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Raises(u8);

impl Raises {
    pub const NONE: Self = Self(0);
    const ZERO_DIVISION: Self = Self(1);
    const OVERFLOW: Self = Self(2);
    const VALUE: Self = Self(4);
    const INDEX: Self = Self(8);
    const ANY: Self = Self(255);

    /// Either's.
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether it matters which of two comes first.
    pub fn conflicts(self, other: Self) -> bool {
        let both = self.and(other);
        self != Self::NONE && other != Self::NONE && both.0.count_ones() > 1
    }
}

/// Array methods that raise nothing on an array of numbers.
const QUIET_METHODS: [&str; 13] = [
    "all", "any", "astype", "copy", "cumprod", "cumsum", "flatten", "mean", "prod", "ravel", "std", "sum", "tolist",
];

/// The same of NumPy's functions.
const QUIET_CALLS: [&str; 12] = [
    "numpy.all",
    "numpy.any",
    "numpy.ascontiguousarray",
    "numpy.copy",
    "numpy.count_nonzero",
    "numpy.cumsum",
    "numpy.empty_like",
    "numpy.flatnonzero",
    "numpy.mean",
    "numpy.ones_like",
    "numpy.sum",
    "numpy.zeros_like",
];

/// What an op may raise by itself.
pub(super) fn raises(func: &Function, op: OpId) -> Raises {
    let data = func.op(op);
    let ty = |n: usize| func.ty(data.args[n]).bound();
    match &data.kind {
        Kind::Const(_) | Kind::Extern(_) | Kind::Select | Kind::MakeTuple | Kind::MakeList | Kind::Repeat => {
            Raises::NONE
        }
        Kind::Item(_) | Kind::If | Kind::Append => Raises::NONE,
        Kind::Scalar { .. } | Kind::Convert => scalar_faults(func, op).map_or(Raises::ANY, |faults| {
            let named = [
                (faults.raises.zero_division, Raises::ZERO_DIVISION),
                (faults.raises.overflow, Raises::OVERFLOW),
                (faults.raises.value || !broadcasts(func, &data.args), Raises::VALUE),
            ];
            named
                .into_iter()
                .filter(|(may, _)| *may)
                .fold(Raises::NONE, |sum, (_, raised)| sum.and(raised))
        }),
        Kind::Truth if ty(0).scalar_options().is_some() => Raises::NONE,
        Kind::Len { .. } if is_array(ty(0)) || matches!(ty(0), Ty::List(..) | Ty::Tuple(_) | Ty::Range | Ty::Str) => {
            Raises::NONE
        }
        Kind::Attr(_) if is_array(ty(0)) => Raises::NONE,
        Kind::Attr(name) => match ty(0) {
            Ty::Object { attrs, .. } if attrs.contains_key(name) => Raises::NONE,
            _ => Raises::ANY,
        },
        Kind::Index(subs) | Kind::SetIndex(subs) => {
            let operands = &data.args[1..];
            let sliced =
                subs.iter().all(|sub| !matches!(sub, Sub::At)) || is_in_range(func, data.args[0], subs, operands);
            let indexed = is_array(ty(0)) || matches!(ty(0), Ty::List(..));
            let stores = if matches!(data.kind, Kind::SetIndex(_)) {
                Raises::VALUE
            } else {
                Raises::NONE
            };
            match (indexed, sliced) {
                (true, true) => stores,
                (true, false) => Raises::INDEX.and(stores),
                (false, _) => Raises::ANY,
            }
        }
        Kind::Method { name, .. } if is_array(ty(0)) && QUIET_METHODS.contains(&name.as_str()) => Raises::NONE,
        Kind::Method { name, .. }
            if is_array(ty(0)) && matches!(name.as_str(), "min" | "max" | "argmin" | "argmax") =>
        {
            Raises::VALUE
        }
        Kind::Call { callee, .. } if QUIET_CALLS.contains(&callee.as_str()) && is_array(ty(0)) => Raises::NONE,
        // A negative extent.
        Kind::Call { callee, .. } if matches!(callee.as_str(), "numpy.zeros" | "numpy.ones" | "numpy.empty") => {
            Raises::VALUE
        }
        Kind::Call { callee, .. } if callee == "numpy.arange" && data.args.len() < 3 => {
            let ints = data.args.iter().all(|arg| matches!(func.ty(*arg), Ty::Int(_)));
            if ints { Raises::NONE } else { Raises::ANY }
        }
        Kind::Call { callee, .. } if callee == "numpy.where" => {
            if broadcasts(func, &data.args) {
                Raises::NONE
            } else {
                Raises::VALUE
            }
        }
        _ => Raises::ANY,
    }
}

/// Whether it may give a warning.
pub(super) fn warns(func: &Function, op: OpId) -> bool {
    match &func.op(op).kind {
        Kind::Scalar { .. } | Kind::Convert => scalar_faults(func, op).is_none_or(|faults| faults.may_warn()),
        Kind::Const(_)
        | Kind::Extern(_)
        | Kind::Select
        | Kind::Truth
        | Kind::MakeTuple
        | Kind::MakeList
        | Kind::Repeat
        | Kind::Item(_)
        | Kind::Len { .. }
        | Kind::Attr(_)
        | Kind::Index(_) => false,
        _ => true,
    }
}

fn scalar_faults(func: &Function, op: OpId) -> Option<faults::Faults> {
    let data = func.op(op);
    let elems: Option<Vec<ScalarTy>> = data
        .args
        .iter()
        .map(|arg| {
            let ty = func.ty(*arg).bound();
            ty.as_scalar().or_else(|| {
                if is_array(ty) {
                    ty.elements().map(|(elem, _)| elem)
                } else {
                    None
                }
            })
        })
        .collect();
    let (f, flavour) = match &data.kind {
        Kind::Scalar { f, flavour } => (*f, *flavour),
        _ => match func.ty(data.results[0]).as_scalar()? {
            ScalarTy::PyInt => (F::ToInt, Flavour::Py),
            ScalarTy::PyFloat => (F::ToFloat, Flavour::Py),
            ScalarTy::PyBool => (F::ToBool, Flavour::Py),
            ScalarTy::PyComplex => (F::ToComplex, Flavour::Py),
            ScalarTy::Np(_) => return None,
        },
    };
    Some(faults::faults(f, flavour, &elems?))
}

/// Whether operands are known to have shapes that go together.
fn broadcasts(func: &Function, args: &[ValueId]) -> bool {
    let known = |arg: &ValueId| is_array(func.ty(*arg)) || func.ty(*arg).scalar_options().is_some();
    if !args.iter().all(known) {
        return false;
    }
    let fits = |a: &ValueId, b: &ValueId| {
        let (a, b) = (func.ty(*a).bound().dims(), func.ty(*b).bound().dims());
        a.iter().rev().zip(b.iter().rev()).all(|(a, b)| {
            let one = Dim::Const(1);
            *a == one || *b == one || (a == b && *a != Dim::Unknown)
        })
    };
    args.iter()
        .enumerate()
        .all(|(number, a)| args[..number].iter().all(|b| a == b || fits(a, b)))
}

/// Whether every int of a subscript is a constant within a known extent.
fn is_in_range(func: &Function, base: ValueId, subs: &[Sub], operands: &[ValueId]) -> bool {
    let dims = func.ty(base).bound().dims();
    let mut operands = operands.iter();
    let mut axis = 0;
    subs.iter().all(|sub| {
        let own: Vec<ValueId> = operands.by_ref().take(sub.arity()).copied().collect();
        match sub {
            Sub::NewAxis => return true,
            Sub::Ellipsis => return false,
            Sub::Slice { .. } | Sub::At => axis += 1,
        }
        let index = own.first().and_then(|index| func.as_const(*index));
        match (sub, dims.get(axis - 1), index) {
            (Sub::At, Some(Dim::Const(extent)), Some(Const::Int(index))) => {
                let extent = i128::from(*extent);
                (-extent..extent).contains(index)
            }
            (Sub::At, ..) => false,
            (Sub::Slice { .. }, Some(_), _) => true,
            _ => false,
        }
    })
}
