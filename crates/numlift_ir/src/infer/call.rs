//! The types of what known functions and methods return.
//!
//! [`crate::table`] says dtype and rank; [`super::extents`] adds what is known of the extents. A list of unknown length
//! counts as not empty here, though NumPy makes float64 of an empty one, and its ints as fitting `int64`: whoever
//! replaces the conversion of a list has these cases before him anyway.

use crate::draws;
use crate::dtype::Dtype;
use crate::function::{Function, ValueId};
use crate::infer::extents;
use crate::op::Const;
use crate::scalar::{self, F, Flavour, ScalarTy};
use crate::table::{self, ArgTy, FunctionInfo};
use crate::ty::{Dim, Interval, Ty};

/// Stands for the length of a list that is not known; no list has it.
const SOME_LENGTH: usize = 100_003;

/// More axes than any array has.
const MAX_RANK: usize = 32;

/// The type of a call of a function known by its qualified name.
pub fn call_type(func: &Function, callee: &str, keywords: &[String], args: &[ValueId]) -> Ty {
    result(func, table::lookup(callee), keywords, args)
}

/// The type of a method's result; the object is the first argument.
pub fn method_type(func: &Function, name: &str, keywords: &[String], args: &[ValueId]) -> Ty {
    let Some(class) = class_of(func.ty(args[0]).bound()) else {
        return Ty::Unknown;
    };
    result(func, table::method(class, name), keywords, args)
}

/// The class under which the table lists methods of objects of a type.
pub fn class_of(ty: &Ty) -> Option<&'static str> {
    match ty {
        Ty::Array { .. } | Ty::Np(_) => Some("ndarray"),
        Ty::List(..) => Some("list"),
        Ty::Generator { legacy: false } => Some("Generator"),
        Ty::Generator { legacy: true } => Some("RandomState"),
        _ => None,
    }
}

fn result(func: &Function, info: Option<&FunctionInfo>, keywords: &[String], args: &[ValueId]) -> Ty {
    if args.iter().any(|arg| is_never(func.ty(*arg))) {
        return Ty::Never;
    }
    let Some(info) = info else { return Ty::Unknown };
    let keywords: Vec<&str> = keywords.iter().map(String::as_str).collect();
    let mut results = Vec::new();
    for mut args in choices(func, args) {
        if info.name == "builtins.tuple" {
            args.iter_mut().for_each(forget_length);
        }
        results.push(from_table(info.result(&args, &keywords)));
    }
    if info.name == "numpy.count_nonzero"
        && let [arg] = args
        && matches!(func.ty(*arg).bound(), Ty::Array { .. })
    {
        // It depends on the version of NumPy, which the table cannot say.
        return Ty::one_of([ScalarTy::PyInt, ScalarTy::Np(Dtype::I64)]);
    }
    if info.name == "builtins.sum"
        && let [arg] = args
        && let Some(ty) = sum_of_array(func.ty(*arg).bound())
    {
        return ty;
    }
    // Nothing adds up to the int 0.
    if info.name == "builtins.sum" && args.len() == 1 {
        results.push(Ty::Int(Interval::point(0)));
    }
    let ty = results.into_iter().reduce(|a, b| a.join(&b)).unwrap_or(Ty::Unknown);
    match info.bind(args.len() - keywords.len(), &keywords) {
        Some(bound) => match (&ty, draws::interval(func, info, &bound, args)) {
            (Ty::Int(_), Some(interval)) => Ty::Int(interval),
            _ => extents::refine(func, info, &bound, args, ty),
        },
        None => ty,
    }
}

/// `sum` of a vector: the int 0, or what `+` makes of 0 and its elements.
fn sum_of_array(ty: &Ty) -> Option<Ty> {
    let Ty::Array { dtype, shape, .. } = ty else {
        return None;
    };
    let [len] = shape[..] else { return None };
    let element = ScalarTy::Np(*dtype);
    let add = |left| scalar::result(F::Add, Flavour::NpScalar, &[left, element]).known();
    let first = add(ScalarTy::PyInt)?;
    let next = add(first)?;
    let none = (!matches!(len, Dim::Const(1..))).then_some(ScalarTy::PyInt);
    Some(Ty::one_of(none.into_iter().chain([first, next])))
}

/// The number of items of a tuple is its type.
fn forget_length(ty: &mut ArgTy) {
    if let ArgTy::List(elem, length) = ty {
        *length = length.filter(|length| *length != SOME_LENGTH);
        forget_length(elem);
    }
}

/// The arguments as the table sees them; several where a scalar has one of several types.
fn choices(func: &Function, args: &[ValueId]) -> Vec<Vec<ArgTy>> {
    let mut all: Vec<Vec<ArgTy>> = vec![Vec::new()];
    for arg in args {
        let options = match one_of(func.ty(*arg).bound()) {
            Some(options) => options.iter().map(to_table).collect(),
            None => vec![argument(func, *arg)],
        };
        all = all
            .into_iter()
            .flat_map(|before| {
                options
                    .iter()
                    .map(move |option| [&before[..], std::slice::from_ref(option)].concat())
            })
            .collect();
        if all.len() > 16 {
            return vec![vec![ArgTy::Unknown; args.len()]];
        }
    }
    all
}

/// The types of which a value, or each element of a list, has one.
fn one_of(ty: &Ty) -> Option<Vec<Ty>> {
    match ty {
        Ty::OneOf(options) => Some(options.iter().map(|scalar| Ty::scalar(*scalar)).collect()),
        Ty::List(elem, len) => {
            let options = one_of(elem)?;
            Some(
                options
                    .into_iter()
                    .map(|option| Ty::List(Box::new(option), *len))
                    .collect(),
            )
        }
        _ => None,
    }
}

/// An argument with its value where it is constant.
fn argument(func: &Function, value: ValueId) -> ArgTy {
    match func.as_const(value) {
        Some(Const::Bool(known)) => ArgTy::Bool(*known),
        Some(Const::Str(text)) => ArgTy::Str(Some(text.clone())),
        _ => to_table(func.ty(value).bound()),
    }
}

fn to_table(ty: &Ty) -> ArgTy {
    match ty {
        Ty::None => ArgTy::None,
        Ty::Int(interval) => match interval.as_point().and_then(|point| i64::try_from(point).ok()) {
            Some(point) => ArgTy::Int(point),
            None => ArgTy::INT,
        },
        Ty::Bool | Ty::Float | Ty::Complex | Ty::Np(_) => ty.as_scalar().map_or(ArgTy::Unknown, ArgTy::Scalar),
        Ty::Str => ArgTy::Str(None),
        Ty::Tuple(items) => ArgTy::Tuple(items.iter().map(to_table).collect()),
        Ty::List(elem, len) => {
            let (elem, len) = match (&**elem, len) {
                (Ty::Never, _) => (ArgTy::Unknown, Some(0)),
                (elem, Dim::Const(n)) => (to_table(elem).forget_value(), Some(*n as usize)),
                (elem, Dim::Sym(_) | Dim::Unknown) => (to_table(elem).forget_value(), Some(SOME_LENGTH)),
            };
            ArgTy::List(Box::new(elem), len)
        }
        Ty::Range => ArgTy::Range,
        Ty::Array { dtype, shape, .. } => ArgTy::array(*dtype, shape.len()),
        Ty::Tensor { elem, shape } => ArgTy::array(elem.array_dtype(), shape.len()),
        Ty::Extern(name) => extern_dtype(name).map_or(ArgTy::Unknown, ArgTy::Dtype),
        Ty::Dtype(dtype) => ArgTy::Dtype(*dtype),
        Ty::Generator { legacy: false } => ArgTy::Object("Generator"),
        Ty::Generator { legacy: true } => ArgTy::Object("RandomState"),
        Ty::Unknown | Ty::Never | Ty::Unbound | Ty::OneOf(_) | Ty::Dict | Ty::Set | Ty::Module(_) | Ty::Buffer(_) => {
            ArgTy::Unknown
        }
        Ty::Author(_) | Ty::Object { .. } | Ty::Optional(_) => ArgTy::Unknown,
        Ty::Maybe(inner) => to_table(inner),
    }
}

fn from_table(ty: ArgTy) -> Ty {
    match ty {
        ArgTy::Scalar(scalar) => Ty::scalar(scalar),
        ArgTy::Int(int) => Ty::Int(Interval::point(i128::from(int))),
        ArgTy::Bool(_) => Ty::Bool,
        ArgTy::Array {
            dtype,
            ndim: Some(ndim),
        } if ndim <= MAX_RANK => Ty::array(dtype, vec![Dim::Unknown; ndim]),
        ArgTy::Array { .. } => Ty::Unknown,
        ArgTy::List(_, Some(0)) => Ty::List(Box::new(Ty::Never), Dim::Const(0)),
        ArgTy::List(item, Some(SOME_LENGTH) | None) => Ty::List(Box::new(from_table(*item)), Dim::Unknown),
        ArgTy::List(item, Some(length)) => Ty::List(Box::new(from_table(*item)), Dim::Const(length as u64)),
        ArgTy::Tuple(items) if items.len() == SOME_LENGTH => Ty::Unknown,
        ArgTy::Tuple(items) => Ty::Tuple(items.into_iter().map(from_table).collect()),
        ArgTy::Range => Ty::Range,
        ArgTy::None => Ty::None,
        ArgTy::Str(_) => Ty::Str,
        ArgTy::Dtype(dtype) => Ty::Dtype(dtype),
        ArgTy::Object("Generator") => Ty::Generator { legacy: false },
        ArgTy::Object("RandomState") => Ty::Generator { legacy: true },
        ArgTy::Object(_) | ArgTy::TupleOf(_) | ArgTy::Iter(_) | ArgTy::Unknown => Ty::Unknown,
    }
}

/// The dtype that a builtin or NumPy type stands for.
pub fn extern_dtype(name: &str) -> Option<Dtype> {
    match name.split_once('.')? {
        ("builtins", "float") => Some(ScalarTy::PyFloat.array_dtype()),
        ("builtins", "int") => Some(ScalarTy::PyInt.array_dtype()),
        ("builtins", "bool") => Some(ScalarTy::PyBool.array_dtype()),
        ("builtins", "complex") => Some(ScalarTy::PyComplex.array_dtype()),
        ("numpy", name) => Dtype::from_attribute(name),
        _ => None,
    }
}

/// Whether a value is never there: it is none, or a tuple of something that is none.
fn is_never(ty: &Ty) -> bool {
    match ty {
        Ty::Never => true,
        Ty::Tuple(items) => items.iter().any(is_never),
        _ => false,
    }
}
