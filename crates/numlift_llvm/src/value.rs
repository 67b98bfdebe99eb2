//! Values of the IR as registers.
//!
//! A number is a register (two if it is complex), an array its descriptor, a tuple its items; what may be of several
//! types has a tag and all its options side by side, so that LLVM sees each in a register of its own. An option that it
//! is not at the moment is zero: its references may be released.

use numlift_abi::{Repr, Scalar};
use numlift_ir::dtype::Dtype;
use numlift_ir::scalar::ScalarTy;
use numlift_ir::ty::{Dim, Ty};

/// Where an array's memory comes from, for what LLVM is told of aliasing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Root {
    /// One that no other root shares memory with.
    Own(u32),
    Unknown,
}

/// An array in registers.
#[derive(Debug, Clone, PartialEq)]
pub struct Array {
    pub dtype: Dtype,
    pub owner: String,
    pub data: String,
    pub shape: Vec<String>,
    /// In bytes.
    pub strides: Vec<String>,
    pub root: Root,
}

impl Array {
    /// What it takes in slots.
    pub fn registers(&self) -> Vec<String> {
        let numbers = self.shape.iter().chain(&self.strides);
        [&self.owner, &self.data].into_iter().chain(numbers).cloned().collect()
    }
}

/// A number in registers.
#[derive(Debug, Clone, PartialEq)]
pub struct Number {
    pub ty: ScalarTy,
    pub re: String,
    /// Of complex numbers.
    pub im: Option<String>,
}

/// A value in registers.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    None,
    Unbound,
    Number(Number),
    Array(Array),
    Tuple(Vec<Value>),
    /// A reference to a list.
    List(String),
    /// A list of compiled code's own.
    Buffer {
        object: String,
        items: Repr,
    },
    /// A generator, and where its bits come from.
    Generator {
        object: String,
        bits: String,
        legacy: bool,
    },
    /// A reference to any object.
    Object(String),
    /// Known when compiling and the same at all times: a Python expression for it.
    Static(String),
    OneOf {
        tag: String,
        options: Vec<Value>,
    },
}

/// The machine number of a dtype; `None` of what numlift does not compute with.
pub fn scalar_of(dtype: Dtype) -> Option<Scalar> {
    Some(match dtype {
        Dtype::Bool => Scalar::Bool,
        Dtype::I8 => Scalar::I8,
        Dtype::I16 => Scalar::I16,
        Dtype::I32 => Scalar::I32,
        Dtype::I64 => Scalar::I64,
        Dtype::U8 => Scalar::U8,
        Dtype::U16 => Scalar::U16,
        Dtype::U32 => Scalar::U32,
        Dtype::U64 => Scalar::U64,
        Dtype::F16 => Scalar::F16,
        Dtype::F32 => Scalar::F32,
        Dtype::F64 => Scalar::F64,
        Dtype::C64 => Scalar::C64,
        Dtype::C128 => Scalar::C128,
        Dtype::Other => return None,
    })
}

/// The dtype of a machine number.
pub fn dtype_of(scalar: Scalar) -> Dtype {
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

/// How a value of a type looks; `None` of what has no value at run time (modules, functions, dtypes).
pub fn repr_of(ty: &Ty) -> Option<Repr> {
    Some(match ty {
        Ty::None => Repr::None,
        Ty::Unbound | Ty::Never => Repr::Unbound,
        Ty::Bool => Repr::Bool,
        Ty::Int(_) => Repr::Int,
        Ty::Float => Repr::Float,
        Ty::Complex => Repr::Complex,
        Ty::Np(dtype) => Repr::Np(scalar_of(*dtype)?),
        Ty::OneOf(options) => Repr::OneOf(
            options
                .iter()
                .map(|ty| repr_of(&Ty::scalar(*ty)))
                .collect::<Option<_>>()?,
        ),
        Ty::Tuple(items) => Repr::Tuple(items.iter().map(repr_of).collect::<Option<_>>()?),
        Ty::Array { dtype, shape, .. } => match scalar_of(*dtype) {
            Some(scalar) => Repr::Array {
                scalar,
                rank: shape.len(),
            },
            None => Repr::Object,
        },
        Ty::Optional(inner) => {
            let options = match repr_of(inner)? {
                Repr::OneOf(options) => options,
                repr => vec![repr],
            };
            Repr::OneOf(std::iter::once(Repr::None).chain(options).collect())
        }
        Ty::Maybe(inner) => {
            let mut options = match repr_of(inner)? {
                Repr::OneOf(options) => options,
                repr => vec![repr],
            };
            if !options.contains(&Repr::Unbound) {
                options.push(Repr::Unbound);
            }
            Repr::OneOf(options)
        }
        Ty::List(..) => Repr::List,
        Ty::Buffer(elem) => Repr::Buffer(Box::new(repr_of(elem)?)),
        Ty::Generator { legacy } => Repr::Generator { legacy: *legacy },
        Ty::Unknown | Ty::Str | Ty::Dict | Ty::Set | Ty::Range | Ty::Object { .. } => Repr::Object,
        Ty::Module(_) | Ty::Extern(_) | Ty::Author(_) | Ty::Dtype(_) | Ty::Tensor { .. } => return None,
    })
}

/// The scalar type of a number's representation.
pub fn scalar_ty(repr: &Repr) -> Option<ScalarTy> {
    Some(match repr {
        Repr::Bool => ScalarTy::PyBool,
        Repr::Int => ScalarTy::PyInt,
        Repr::Float => ScalarTy::PyFloat,
        Repr::Complex => ScalarTy::PyComplex,
        Repr::Np(scalar) => ScalarTy::Np(dtype_of(*scalar)),
        Repr::None
        | Repr::Array { .. }
        | Repr::Tuple(_)
        | Repr::List
        | Repr::Buffer(_)
        | Repr::Generator { .. }
        | Repr::Object
        | Repr::Unbound
        | Repr::OneOf(_) => return None,
    })
}

/// The representation of a number.
pub fn number_repr(ty: ScalarTy) -> Repr {
    match ty {
        ScalarTy::PyBool => Repr::Bool,
        ScalarTy::PyInt => Repr::Int,
        ScalarTy::PyFloat => Repr::Float,
        ScalarTy::PyComplex => Repr::Complex,
        ScalarTy::Np(dtype) => Repr::Np(scalar_of(dtype).expect("a number has a known dtype")),
    }
}

/// The type of one number in a register: of its real part, if it is complex.
pub fn register_type(ty: ScalarTy) -> &'static str {
    match ty {
        ScalarTy::PyBool => "i1",
        ScalarTy::PyInt => "i64",
        ScalarTy::PyFloat | ScalarTy::PyComplex => "double",
        ScalarTy::Np(dtype) => dtype_register(dtype),
    }
}

/// The same for a dtype.
pub fn dtype_register(dtype: Dtype) -> &'static str {
    match dtype {
        Dtype::Bool => "i1",
        Dtype::I8 | Dtype::U8 => "i8",
        Dtype::I16 | Dtype::U16 => "i16",
        Dtype::I32 | Dtype::U32 => "i32",
        Dtype::I64 | Dtype::U64 => "i64",
        Dtype::F16 => "half",
        Dtype::F32 | Dtype::C64 => "float",
        Dtype::F64 | Dtype::C128 => "double",
        Dtype::Other => "void",
    }
}

/// Whether numbers of a type have an imaginary part.
pub fn is_complex(ty: ScalarTy) -> bool {
    matches!(ty, ScalarTy::PyComplex | ScalarTy::Np(Dtype::C64 | Dtype::C128))
}

/// Zero of a register's type.
pub fn zero(register: &str) -> &'static str {
    match register {
        "i1" => "false",
        "ptr" => "null",
        "half" | "float" | "double" => "0.0",
        _ => "0",
    }
}

/// The types of the registers of a representation.
pub fn registers(repr: &Repr) -> Vec<&'static str> {
    match repr {
        Repr::None | Repr::Unbound => Vec::new(),
        Repr::Bool | Repr::Int | Repr::Float | Repr::Complex | Repr::Np(_) => {
            let ty = scalar_ty(repr).expect("a number");
            vec![register_type(ty); if is_complex(ty) { 2 } else { 1 }]
        }
        Repr::Array { rank, .. } => {
            let mut types = vec!["ptr", "ptr"];
            types.extend(vec!["i64"; 2 * rank]);
            types
        }
        Repr::Tuple(items) => items.iter().flat_map(registers).collect(),
        Repr::List | Repr::Buffer(_) | Repr::Object => vec!["ptr"],
        Repr::Generator { .. } => vec!["ptr", "ptr"],
        Repr::OneOf(options) => {
            let mut types = vec!["i64"];
            types.extend(options.iter().flat_map(registers));
            types
        }
    }
}

impl Value {
    /// How it looks; `None` of what is static.
    pub fn repr(&self) -> Option<Repr> {
        Some(match self {
            Self::None => Repr::None,
            Self::Unbound => Repr::Unbound,
            Self::Number(number) => number_repr(number.ty),
            Self::Array(array) => Repr::Array {
                scalar: scalar_of(array.dtype)?,
                rank: array.shape.len(),
            },
            Self::Tuple(items) => Repr::Tuple(items.iter().map(Self::repr).collect::<Option<_>>()?),
            Self::List(_) => Repr::List,
            Self::Buffer { items, .. } => Repr::Buffer(Box::new(items.clone())),
            Self::Generator { legacy, .. } => Repr::Generator { legacy: *legacy },
            Self::Object(_) => Repr::Object,
            Self::Static(_) => return None,
            Self::OneOf { options, .. } => Repr::OneOf(options.iter().map(Self::repr).collect::<Option<_>>()?),
        })
    }

    /// Its registers, in the order of [`registers`].
    pub fn flat(&self) -> Vec<String> {
        match self {
            Self::None | Self::Unbound | Self::Static(_) => Vec::new(),
            Self::Number(number) => std::iter::once(number.re.clone()).chain(number.im.clone()).collect(),
            Self::Array(array) => [array.owner.clone(), array.data.clone()]
                .into_iter()
                .chain(array.shape.iter().cloned())
                .chain(array.strides.iter().cloned())
                .collect(),
            Self::Tuple(items) => items.iter().flat_map(Self::flat).collect(),
            Self::List(object) | Self::Buffer { object, .. } | Self::Object(object) => vec![object.clone()],
            Self::Generator { object, bits, .. } => vec![object.clone(), bits.clone()],
            Self::OneOf { tag, options } => std::iter::once(tag.clone())
                .chain(options.iter().flat_map(Self::flat))
                .collect(),
        }
    }

    /// A value of a representation from its registers.
    pub fn from_flat(repr: &Repr, registers: &mut impl Iterator<Item = String>) -> Self {
        let mut next = || registers.next().expect("as many registers as the representation has");
        match repr {
            Repr::None => Self::None,
            Repr::Unbound => Self::Unbound,
            Repr::Bool | Repr::Int | Repr::Float | Repr::Complex | Repr::Np(_) => {
                let ty = scalar_ty(repr).expect("a number");
                let re = next();
                let im = is_complex(ty).then(next);
                Self::Number(Number { ty, re, im })
            }
            Repr::Array { scalar, rank } => Self::Array(Array {
                dtype: dtype_of(*scalar),
                owner: next(),
                data: next(),
                shape: (0..*rank).map(|_| next()).collect(),
                strides: (0..*rank).map(|_| next()).collect(),
                root: Root::Unknown,
            }),
            Repr::Tuple(items) => Self::Tuple(items.iter().map(|item| Self::from_flat(item, registers)).collect()),
            Repr::List => Self::List(next()),
            Repr::Buffer(items) => Self::Buffer {
                object: next(),
                items: (**items).clone(),
            },
            Repr::Generator { legacy } => Self::Generator {
                object: next(),
                bits: next(),
                legacy: *legacy,
            },
            Repr::Object => Self::Object(next()),
            Repr::OneOf(options) => Self::OneOf {
                tag: next(),
                options: options
                    .iter()
                    .map(|option| Self::from_flat(option, registers))
                    .collect(),
            },
        }
    }

    /// A value of a representation that is nothing: zeros.
    pub fn nothing(repr: &Repr) -> Self {
        Self::from_flat(repr, &mut registers(repr).into_iter().map(|ty| zero(ty).to_owned()))
    }

    /// What stands beside this one where a value is of one of several types, this one: nobody looks at it. A number of
    /// the same registers is the same, so that a Python float and a NumPy one, which are computed alike, are one number
    /// to LLVM; others are nothing.
    pub fn beside(&self, repr: &Repr) -> Self {
        match (self, scalar_ty(repr)) {
            (Self::Number(number), Some(ty)) if registers(repr) == registers(&number_repr(number.ty)) => {
                Self::Number(Number { ty, ..number.clone() })
            }
            _ => Self::nothing(repr),
        }
    }

    /// The references that it holds.
    pub fn references(&self) -> Vec<String> {
        let mut found = Vec::new();
        self.collect_references(&mut found);
        found
    }

    fn collect_references(&self, found: &mut Vec<String>) {
        match self {
            Self::Array(array) => found.push(array.owner.clone()),
            Self::List(object)
            | Self::Buffer { object, .. }
            | Self::Object(object)
            | Self::Generator { object, .. } => found.push(object.clone()),
            Self::Tuple(items) => items.iter().for_each(|item| item.collect_references(found)),
            Self::OneOf { options, .. } => options.iter().for_each(|option| option.collect_references(found)),
            Self::None | Self::Unbound | Self::Number(_) | Self::Static(_) => {}
        }
    }
}

/// What a type knows of an array's descriptor, put into it: constant extents, and the strides of what is contiguous.
pub fn refine(array: &mut Array, ty: &Ty, symbols: &std::collections::BTreeMap<u32, String>) {
    let Ty::Array { shape, .. } = ty.bound() else { return };
    for (extent, dim) in array.shape.iter_mut().zip(shape) {
        match dim {
            Dim::Const(constant) => *extent = constant.to_string(),
            Dim::Sym(symbol) => {
                if let Some(known) = symbols.get(symbol) {
                    extent.clone_from(known);
                }
            }
            Dim::Unknown => {}
        }
    }
}
