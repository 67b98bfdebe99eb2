//! What a specialization knows of an argument, as a type.

use numlift_abi::{Known, Layout, Param, Repr};
use numlift_ir::scalar::ScalarTy;
use numlift_ir::ty::{Dim, Interval, Ty};
use numlift_llvm::dtype_of;
use numlift_passes::lower::Lying;

/// The type of a parameter: extents that are 1 are constants, those that are equal share a symbol.
pub fn ty_of(param: &Param) -> Ty {
    match param {
        Param::Value(repr) => ty_of_repr(repr),
        Param::Array {
            scalar,
            layout,
            extents,
            ..
        } => Ty::Array {
            dtype: dtype_of(*scalar),
            shape: extents
                .iter()
                .map(|extent| match extent {
                    Known::One => Dim::Const(1),
                    Known::Same(number) => Dim::Sym(*number),
                    Known::Small { extent, .. } => Dim::Const((*extent).into()),
                })
                .collect(),
            contiguous: *layout == Layout::C,
        },
        Param::Tuple(items) => Ty::Tuple(items.iter().map(ty_of).collect()),
        Param::List(elem) => Ty::List(Box::new(element(elem)), Dim::Unknown),
        Param::Text(_) => Ty::Str,
    }
}

/// How the memory of a parameter lies.
pub fn lying_of(param: &Param) -> Lying {
    match param {
        Param::Array { layout, extents, .. } => {
            let rank = extents.len();
            match layout {
                Layout::C | Layout::Any => Lying::Unknown,
                Layout::Turned(axes) => Lying::Axes {
                    axes: axes.list(rank),
                    still: Vec::new(),
                    is_run: true,
                },
                Layout::Apart { axes, still, .. } => Lying::Axes {
                    axes: axes.list(rank),
                    still: (0..rank).filter(|axis| still >> axis & 1 == 1).collect(),
                    is_run: false,
                },
            }
        }
        Param::Tuple(items) => Lying::Tuple(items.iter().map(lying_of).collect()),
        Param::Value(_) | Param::List(_) | Param::Text(_) => Lying::Unknown,
    }
}

/// The type of a list's elements: there is none in one that is empty.
fn element(param: &Param) -> Ty {
    match param {
        Param::Value(Repr::Unbound) => Ty::Never,
        param => ty_of(param),
    }
}

fn ty_of_repr(repr: &Repr) -> Ty {
    match repr {
        Repr::None => Ty::None,
        Repr::Bool => Ty::Bool,
        // What does not fit never gets here.
        Repr::Int => Ty::Int(Interval::new(i64::MIN.into(), i64::MAX.into())),
        Repr::Float => Ty::Float,
        Repr::Complex => Ty::Complex,
        Repr::Np(scalar) => Ty::Np(dtype_of(*scalar)),
        Repr::Array { scalar, rank } => Ty::array(dtype_of(*scalar), vec![Dim::Unknown; *rank]),
        Repr::Tuple(items) => Ty::Tuple(items.iter().map(ty_of_repr).collect()),
        Repr::Generator { legacy } => Ty::Generator { legacy: *legacy },
        Repr::List | Repr::Buffer(_) => Ty::List(Box::new(Ty::Unknown), Dim::Unknown),
        Repr::Object => Ty::Unknown,
        Repr::Unbound => Ty::Unbound,
        Repr::OneOf(options) => {
            let scalars: Option<Vec<ScalarTy>> = options.iter().map(|option| ty_of_repr(option).as_scalar()).collect();
            scalars.map_or(Ty::Unknown, Ty::one_of)
        }
    }
}
