//! What a specialization knows of an argument, as a type.

use numlift_abi::{Known, Layout, Param, Repr, Scalar};
use numlift_ir::dtype::Dtype;
use numlift_ir::scalar::ScalarTy;
use numlift_ir::ty::{Dim, Interval, Ty};

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
                })
                .collect(),
            contiguous: *layout == Layout::C,
        },
        Param::Tuple(items) => Ty::Tuple(items.iter().map(ty_of).collect()),
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
        Repr::Object => Ty::Unknown,
        Repr::Unbound => Ty::Unbound,
        Repr::OneOf(options) => {
            let scalars: Option<Vec<ScalarTy>> = options.iter().map(|option| ty_of_repr(option).as_scalar()).collect();
            scalars.map_or(Ty::Unknown, Ty::one_of)
        }
    }
}

fn dtype_of(scalar: Scalar) -> Dtype {
    match scalar {
        Scalar::Bool => Dtype::Bool,
        Scalar::I8 => Dtype::I8,
        Scalar::I16 => Dtype::I16,
        Scalar::I32 => Dtype::I32,
        Scalar::I64 => Dtype::I64,
        Scalar::U8 => Dtype::U8,
        Scalar::U16 => Dtype::U16,
        Scalar::U32 => Dtype::U32,
        Scalar::U64 => Dtype::U64,
        Scalar::F16 => Dtype::F16,
        Scalar::F32 => Dtype::F32,
        Scalar::F64 => Dtype::F64,
        Scalar::C64 => Dtype::C64,
        Scalar::C128 => Dtype::C128,
    }
}
