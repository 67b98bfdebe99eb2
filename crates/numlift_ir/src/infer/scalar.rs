//! The type of a scalar function's result: on scalars by flavour, on arrays by broadcasting and promotion.

use crate::dtype::Dtype;
use crate::infer::interval;
use crate::scalar::{self, F, Flavour, ScalarTy, Typing};
use crate::ty::{Dim, Ty};

/// The type of `f` on operands of these types.
pub fn result_type(f: F, flavour: Flavour, args: &[&Ty]) -> Ty {
    if flavour == Flavour::Ufunc && args.iter().any(|ty| has_axes(ty)) {
        return elementwise(f, args);
    }
    let Some(options) = args.iter().map(|ty| ty.scalar_options()).collect::<Option<Vec<_>>>() else {
        return untyped(f, flavour, args);
    };
    match of_options(f, flavour, &options) {
        Some(Ty::Int(_)) => Ty::Int(interval::of(f, args)),
        Some(ty) => ty,
        None => Ty::Unknown,
    }
}

/// The flavour that computes an operator on scalars of these types.
fn flavour_of(flavour: Flavour, tys: &[ScalarTy]) -> Flavour {
    match flavour {
        Flavour::Py | Flavour::NpScalar if tys.iter().all(|ty| ty.is_python()) => Flavour::Py,
        Flavour::Py | Flavour::NpScalar => Flavour::NpScalar,
        Flavour::Math | Flavour::Ufunc => flavour,
    }
}

/// The join over every combination of operand types; `None` where one of them is an error.
fn of_options(f: F, flavour: Flavour, options: &[Vec<ScalarTy>]) -> Option<Ty> {
    let combinations: usize = options.iter().map(Vec::len).product();
    if combinations > 64 {
        return None;
    }
    let mut results = Vec::new();
    for number in 0..combinations {
        let mut rest = number;
        let tys: Vec<ScalarTy> = options
            .iter()
            .map(|options| {
                let ty = options[rest % options.len()];
                rest /= options.len();
                ty
            })
            .collect();
        match scalar::result(f, flavour_of(flavour, &tys), &tys) {
            Typing::Is(ty) => results.push(ty),
            Typing::Either(a, b) => results.extend([a, b]),
            Typing::Error => return None,
        }
    }
    Some(Ty::one_of(results))
}

/// Comparisons of what is no number: strings, `None`, tuples.
fn untyped(f: F, flavour: Flavour, args: &[&Ty]) -> Ty {
    let plain = |ty: &&Ty| {
        matches!(ty, Ty::Str | Ty::None | Ty::Dtype(_) | Ty::Dict | Ty::Set | Ty::Range) || ty.as_scalar().is_some()
    };
    if flavour == Flavour::Py && matches!(f, F::Eq | F::Ne) && args.iter().all(plain) {
        Ty::Bool
    } else {
        Ty::Unknown
    }
}

fn has_axes(ty: &Ty) -> bool {
    matches!(ty, Ty::Array { .. } | Ty::Tensor { .. } | Ty::List(..))
}

fn elementwise(f: F, args: &[&Ty]) -> Ty {
    let mut shapes = Vec::new();
    let mut options = Vec::new();
    for ty in args {
        match ty {
            Ty::Array { dtype, shape, .. } => {
                shapes.push(shape.clone());
                options.push(vec![ScalarTy::Np(*dtype)]);
            }
            Ty::Tensor { elem, shape } => {
                shapes.push(shape.clone());
                options.push(vec![*elem]);
            }
            Ty::List(..) => {
                let Some(dtype) = list_dtype(ty) else {
                    return Ty::Unknown;
                };
                shapes.push(ty.dims());
                options.push(vec![ScalarTy::Np(dtype)]);
            }
            _ => match ty.scalar_options() {
                Some(scalar) => options.push(scalar),
                None => return Ty::Unknown,
            },
        }
    }
    let Some(shape) = broadcast(&shapes) else {
        return Ty::Unknown;
    };
    match of_options(f, Flavour::Ufunc, &options) {
        // A ufunc's result is allocated in the order of its operands, so it is C-contiguous only if they are.
        Some(Ty::Np(dtype)) if shape.is_empty() => Ty::Np(dtype),
        Some(Ty::Np(dtype)) => Ty::Array {
            dtype,
            contiguous: shape.len() < 2 || all_contiguous(args),
            shape,
        },
        _ => Ty::Unknown,
    }
}

fn all_contiguous(args: &[&Ty]) -> bool {
    args.iter().all(|ty| match ty {
        Ty::Array { contiguous, .. } => *contiguous,
        _ => true,
    })
}

/// The dtype of the array that NumPy makes of a list of numbers that is not empty and whose ints fit `int64`; `None` for
/// a mixed one.
pub fn list_dtype(ty: &Ty) -> Option<Dtype> {
    let Ty::List(elem, _) = ty else { return None };
    match &**elem {
        Ty::Never => Some(Dtype::F64),
        Ty::List(..) => list_dtype(elem),
        Ty::Array { dtype, .. } => Some(*dtype),
        Ty::Tuple(_) => None,
        elem => elem
            .as_scalar()
            .map(ScalarTy::array_dtype)
            .filter(|dtype| dtype.is_known()),
    }
}

/// The shape that shapes broadcast to; `None` where they cannot.
///
/// ```text
/// [s0, 3], [3]   -> [s0, 3]
/// [s0], [s1]     -> [?]        equal, or one of them is 1
/// ```
pub fn broadcast(shapes: &[Vec<Dim>]) -> Option<Vec<Dim>> {
    let rank = shapes.iter().map(Vec::len).max().unwrap_or(0);
    (0..rank)
        .map(|axis| {
            let mut dims = shapes
                .iter()
                .filter_map(|shape| (axis + shape.len()).checked_sub(rank).map(|at| shape[at]));
            dims.try_fold(Dim::Const(1), broadcast_dim)
        })
        .collect()
}

fn broadcast_dim(a: Dim, b: Dim) -> Option<Dim> {
    match (a, b) {
        (a, b) if a == b => Some(a),
        (Dim::Const(1), dim) | (dim, Dim::Const(1)) => Some(dim),
        (Dim::Const(_), Dim::Const(_)) => None,
        // Either equal, or it is 1: both give the constant.
        (Dim::Const(n), _) | (_, Dim::Const(n)) => Some(Dim::Const(n)),
        (Dim::Sym(_) | Dim::Unknown, Dim::Sym(_) | Dim::Unknown) => Some(Dim::Unknown),
    }
}
