//! The types of what known functions and methods return.

use crate::dtype::Dtype;
use crate::function::{Function, ValueId};
use crate::infer::dim_of;
use crate::op::{Const, Kind};
use crate::ty::{Dim, Ty};

/// Arguments by name: positional ones first, then keywords.
pub struct Arguments<'a> {
    func: &'a Function,
    positional: &'a [ValueId],
    keywords: &'a [String],
    by_keyword: &'a [ValueId],
}

impl<'a> Arguments<'a> {
    /// The last operands belong to the keywords.
    pub fn new(func: &'a Function, keywords: &'a [String], args: &'a [ValueId]) -> Self {
        let (positional, by_keyword) = args.split_at(args.len() - keywords.len());
        Self { func, positional, keywords, by_keyword }
    }

    /// The argument at a position or of a keyword.
    pub fn get(&self, position: usize, keyword: &str) -> Option<ValueId> {
        self.positional.get(position).copied().or_else(|| self.keyword(keyword))
    }

    /// The argument of a keyword.
    pub fn keyword(&self, keyword: &str) -> Option<ValueId> {
        let at = self.keywords.iter().position(|name| name == keyword)?;
        Some(self.by_keyword[at])
    }

    /// The type of an argument.
    pub fn ty(&self, position: usize, keyword: &str) -> Option<&'a Ty> {
        self.get(position, keyword).map(|value| self.func.ty(value).bound())
    }

    /// The dtype that an argument names; `default` where it is absent or `None`, `None` where it is not known.
    pub fn dtype(&self, position: usize, default: Dtype) -> Option<Dtype> {
        match self.get(position, "dtype") {
            None => Some(default),
            Some(value) => match self.func.ty(value).bound() {
                Ty::None => Some(default),
                _ => named_dtype(self.func, value),
            },
        }
    }
}

/// The dtype that a value names where a dtype is expected: `float`, `np.int32`, `"f4"`, `x.dtype`.
pub fn named_dtype(func: &Function, value: ValueId) -> Option<Dtype> {
    match func.ty(value).bound() {
        Ty::Dtype(dtype) => Some(*dtype),
        Ty::Extern(name) => extern_dtype(name),
        Ty::Str => match func.as_const(value)? {
            Const::Str(text) => Dtype::from_text(text),
            _ => None,
        },
        _ => None,
    }
}

/// The dtype that a builtin or NumPy type stands for.
pub fn extern_dtype(name: &str) -> Option<Dtype> {
    match name.split_once('.')? {
        ("builtins", "float") => Some(Dtype::F64),
        ("builtins", "int") => Some(Dtype::I64),
        ("builtins", "bool") => Some(Dtype::Bool),
        ("builtins", "complex") => Some(Dtype::C128),
        ("numpy", name) => Dtype::from_attribute(name),
        _ => None,
    }
}

/// The extents that a shape argument asks for.
pub fn shape_dims(func: &Function, shape: ValueId) -> Option<Vec<Dim>> {
    match func.ty(shape).bound() {
        Ty::Int(_) | Ty::Bool | Ty::Np(_) => Some(vec![dim_of(func, shape)]),
        Ty::Tuple(items) => {
            let made = func.defining(shape).filter(|op| op.kind == Kind::MakeTuple);
            Some((0..items.len()).map(|n| made.map_or(Dim::Unknown, |op| dim_of(func, op.args[n]))).collect())
        }
        Ty::List(_, Dim::Const(n)) => {
            let made = func.defining(shape).filter(|op| op.kind == Kind::MakeList);
            Some((0..*n as usize).map(|n| made.map_or(Dim::Unknown, |op| dim_of(func, op.args[n]))).collect())
        }
        _ => None,
    }
}

/// The type of a call of a function known by its qualified name.
pub fn call_type(func: &Function, callee: &str, keywords: &[String], args: &[ValueId]) -> Ty {
    let arguments = Arguments::new(func, keywords, args);
    of_call(&arguments, callee).unwrap_or(Ty::Unknown)
}

/// The type of a method's result; the object is the first argument.
pub fn method_type(func: &Function, name: &str, keywords: &[String], args: &[ValueId]) -> Ty {
    let _ = (func, name, keywords, args);
    Ty::Unknown
}

fn fresh(dtype: Dtype, shape: Vec<Dim>) -> Ty {
    Ty::Array { dtype, shape, contiguous: true }
}

fn of_call(args: &Arguments, callee: &str) -> Option<Ty> {
    match callee {
        "numpy.zeros" | "numpy.ones" | "numpy.empty" => {
            let shape = shape_dims(args.func, args.get(0, "shape")?)?;
            Some(fresh(args.dtype(1, Dtype::F64)?, shape))
        }
        "numpy.array" => {
            let ty = args.ty(0, "object")?;
            let dtype = match ty {
                Ty::Array { dtype, .. } => *dtype,
                _ => crate::infer::scalar::list_dtype(ty)?,
            };
            Some(fresh(args.dtype(1, dtype)?, ty.dims()))
        }
        _ => None,
    }
}
