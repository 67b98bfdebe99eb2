//! Types of calls: NumPy's functions, builtins and methods of arrays, as the table of functions has them, and what it
//! does not say: that some functions give arrays whatever they are given.

use numlift_ir::dtype::{self, Dtype};
use numlift_ir::table::arg::NamedDtype;
use numlift_ir::table::{self, ArgTy, FunctionInfo, FunctionKind};

use super::flow::Infer;
use super::operators::elementwise;
use super::{Trust, Type, Typed};
use crate::syntax::{Kind, NodeId};

/// Functions that give exactly an array, or raise; `like=` alone changes that.
const MAKERS: &[&str] = &[
    "zeros",
    "ones",
    "empty",
    "full",
    "array",
    "asarray",
    "ascontiguousarray",
    "asfortranarray",
    "arange",
    "eye",
    "identity",
    "tri",
    "fromiter",
    "frombuffer",
    "fromfunction",
    "fromstring",
    "asarray_chkfinite",
];

/// Methods of arrays that give an array of the same dtype, whatever that is.
const KEEPERS: &[&str] = &[
    "copy",
    "flatten",
    "ravel",
    "reshape",
    "transpose",
    "swapaxes",
    "squeeze",
    "repeat",
    "diagonal",
];

impl<'s> Infer<'_, 's> {
    pub fn call(&mut self, id: NodeId) -> Typed {
        let tree = self.tree;
        let Kind::Call { callee, args, keywords } = tree.kind(id) else {
            return Typed::UNKNOWN;
        };
        let receiver = match tree.kind(*callee) {
            Kind::Attribute { value, attr } => Some((self.expr(*value), *attr, *value)),
            _ => {
                self.expr(*callee);
                None
            }
        };
        let mut given: Vec<Typed> = args.iter().map(|arg| self.expr(*arg)).collect();
        let names: Vec<Option<&str>> = keywords.iter().map(|(name, _)| *name).collect();
        given.extend(keywords.iter().map(|(_, value)| self.expr(*value)).collect::<Vec<_>>());
        if tree.has_starred(id) {
            return self.starred(*callee, &names);
        }
        let names: Vec<&str> = names.into_iter().flatten().collect();
        if let Some((of, method, value)) = receiver.filter(|(of, ..)| of.ty != Type::Unknown) {
            if method == "resize" && of.is_array() {
                self.forget_arrays();
            }
            // Lists change in place.
            if matches!(of.ty, Type::Plain(ArgTy::List(..))) && tree.name(value).is_some() {
                return Typed::UNKNOWN;
            }
            return self.method(&of, method, given, &names);
        }
        let Some(qualified) = self.qualified(*callee) else {
            return self.own(*callee);
        };
        self.function_call(&qualified, &given, &names)
    }

    /// A call with `*args` or `**kwargs`.
    fn starred(&self, callee: NodeId, names: &[Option<&str>]) -> Typed {
        let makes = self
            .qualified(callee)
            .and_then(|name| name.strip_prefix("numpy.").map(str::to_owned));
        let plain = !names.contains(&Some("like")) && names.iter().all(Option::is_some);
        match makes {
            Some(name) if MAKERS.contains(&name.as_str()) && plain && name != "array" => Typed::certain(Type::Array {
                dtype: None,
                ndim: None,
            }),
            _ => Typed::UNKNOWN,
        }
    }

    /// A function of the module itself that is declared to return something.
    fn own(&self, callee: NodeId) -> Typed {
        let name = self.tree.name(callee);
        let is_it = |name: &&str| {
            self.variable(name).ty == Type::Other || self.env.as_ref().is_some_and(|env| !env.contains_key(name))
        };
        match name.filter(is_it).and_then(|name| self.returns.get(name)) {
            Some(declared) => declared.clone(),
            None => Typed::UNKNOWN,
        }
    }

    fn function_call(&mut self, qualified: &str, given: &[Typed], names: &[&str]) -> Typed {
        if names.contains(&"like") || names.contains(&"subok") {
            return Typed::UNKNOWN;
        }
        match qualified {
            "builtins.dict" | "builtins.set" | "builtins.frozenset" | "builtins.object" => {
                return Typed::certain(Type::Other);
            }
            "builtins.list" | "builtins.sorted" => {
                let known = self.table_call(qualified, given, names);
                return match known.ty {
                    Type::Unknown => Typed::certain(Type::list()),
                    _ => known,
                };
            }
            "numpy.random.default_rng" => return Typed::certain(Type::Plain(ArgTy::Object("Generator"))),
            _ => {}
        }
        let known = self.table_call(qualified, given, names);
        if known.ty != Type::Unknown {
            return known;
        }
        let Some(name) = qualified.strip_prefix("numpy.") else {
            return Typed::UNKNOWN;
        };
        if MAKERS.contains(&name) {
            return made(name, given, names);
        }
        Typed::UNKNOWN
    }

    fn table_call(&mut self, qualified: &str, given: &[Typed], names: &[&str]) -> Typed {
        let Some(info) = table::lookup(qualified) else {
            return Typed::UNKNOWN;
        };
        // Objects that take over NumPy's functions may be what is not known; the makers take none over.
        let maker = qualified
            .strip_prefix("numpy.")
            .is_some_and(|name| MAKERS.contains(&name));
        let is_open = |typed: &Typed| matches!(typed.ty, Type::Unknown | Type::Other);
        let positional = given.len() - names.len();
        let asked = match qualified {
            // The number of points takes over nothing.
            "numpy.linspace" | "numpy.logspace" | "numpy.geomspace" => positional.min(2),
            _ => positional,
        };
        if qualified.starts_with("numpy.") && !maker && given[..asked].iter().any(is_open) {
            return Typed::UNKNOWN;
        }
        let mut given = given.to_vec();
        if matches!(qualified, "numpy.zeros" | "numpy.ones" | "numpy.empty" | "numpy.full")
            && let Some(shape) = given.first_mut().filter(|_| positional > 0)
        {
            shape.ty = extents(&shape.ty);
        }
        let trust = Self::trust_of(&given);
        self.result_of(info, &given, names, trust)
    }

    /// The result of a known function; where the dtype of an array is not known, what all dtypes agree on.
    pub fn result_of(&self, info: &FunctionInfo, given: &[Typed], names: &[&str], trust: Trust) -> Typed {
        let open = |typed: &Typed| matches!(typed.ty, Type::Array { dtype: None, .. });
        if !given.iter().any(open) {
            let args: Vec<ArgTy> = given.iter().map(|typed| typed.ty.argument()).collect();
            return Typed {
                ty: Type::from_table(info.result(&args, names)),
                trust,
            };
        }
        let mut joined: Option<Type> = None;
        for dtype in dtype::ALL {
            let args: Vec<ArgTy> = given.iter().map(|typed| with_dtype(&typed.ty, dtype)).collect();
            let ty = Type::from_table(info.result(&args, names));
            joined = Some(joined.map_or(ty.clone(), |joined| joined.join(&ty)));
        }
        let ty = joined.unwrap_or(Type::Unknown);
        // An array of objects gives an array, too, if it has axes; a single object may be anything.
        let holds_for_objects = match (&ty, info.kind) {
            (Type::Array { ndim: Some(1..), .. }, _) => true,
            (Type::Array { .. }, FunctionKind::Shape | FunctionKind::Conversion | FunctionKind::Attribute) => true,
            (Type::Plain(ArgTy::Tuple(_) | ArgTy::TupleOf(_)), _) => true,
            (Type::Plain(plain), FunctionKind::Attribute) => plain.scalar().is_some(),
            (Type::Plain(plain), FunctionKind::Reduction) => plain.is_integer() && info.name.ends_with("len"),
            _ => false,
        };
        let ty = match ty {
            // Of objects a ufunc makes objects, so no dtype is agreed on.
            Type::Array { ndim, .. } if holds_for_objects && matches!(info.kind, FunctionKind::Elementwise(_)) => {
                Type::Array { dtype: None, ndim }
            }
            ty if holds_for_objects => ty,
            _ if matches!(info.kind, FunctionKind::Elementwise(_)) && names.is_empty() => {
                elementwise(&given.iter().collect::<Vec<_>>())
            }
            _ => Type::Unknown,
        };
        Typed { ty, trust }
    }

    fn method(&mut self, of: &Typed, method: &str, given: Vec<Typed>, names: &[&str]) -> Typed {
        let class = match &of.ty {
            Type::Array { .. } => "ndarray",
            Type::Plain(ArgTy::Scalar(scalar)) if !scalar.is_python() => "ndarray",
            Type::Plain(ArgTy::Object(class)) => class,
            _ => return Typed::UNKNOWN,
        };
        let Some(info) = table::method(class, method).filter(|info| info.kind != FunctionKind::Attribute) else {
            return Typed::UNKNOWN;
        };
        let mut all = vec![of.clone()];
        all.extend(given);
        let trust = Self::trust_of(&all);
        let typed = self.result_of(info, &all, names, trust);
        match (&of.ty, &typed.ty) {
            (Type::Array { dtype, .. }, Type::Unknown) if KEEPERS.contains(&method) => Typed {
                ty: Type::Array {
                    dtype: *dtype,
                    ndim: None,
                },
                trust: of.trust,
            },
            (Type::Array { ndim, .. }, Type::Unknown) if method == "astype" => Typed {
                ty: Type::Array {
                    dtype: None,
                    ndim: *ndim,
                },
                trust: of.trust,
            },
            _ => typed,
        }
    }
}

/// A shape: what is in a tuple are ints, or the call raises.
fn extents(shape: &Type) -> Type {
    match shape {
        Type::Plain(ArgTy::Tuple(items)) => Type::Plain(ArgTy::Tuple(vec![ArgTy::INT; items.len()])),
        Type::Plain(ArgTy::List(_, Some(length))) => Type::Plain(ArgTy::Tuple(vec![ArgTy::INT; *length])),
        other => other.clone(),
    }
}

fn with_dtype(ty: &Type, candidate: Dtype) -> ArgTy {
    match ty {
        Type::Array { dtype: None, ndim } => ArgTy::Array {
            dtype: candidate,
            ndim: *ndim,
        },
        ty => ty.argument(),
    }
}

/// What a maker gives, of whatever.
fn made(name: &str, given: &[Typed], names: &[&str]) -> Typed {
    let positional = given.len() - names.len();
    let named = |wanted: &str| {
        let place = names.iter().position(|name| *name == wanted)?;
        given.get(positional + place)
    };
    let place = match name {
        "zeros" | "ones" | "empty" | "array" | "asarray" | "ascontiguousarray" | "asfortranarray" | "fromiter" => {
            Some(1)
        }
        "full" => Some(2),
        _ => None,
    };
    let at_place = place
        .filter(|place| *place < positional)
        .and_then(|place| given.get(place));
    let dtype = match named("dtype").or(at_place) {
        Some(typed) if typed.trust == Trust::Certain => match typed.ty.argument().named_dtype() {
            NamedDtype::Is(dtype) => Some(dtype),
            NamedDtype::Default if matches!(name, "zeros" | "ones" | "empty") => Some(Dtype::F64),
            NamedDtype::Default | NamedDtype::Unknown => None,
        },
        Some(_) => None,
        None if matches!(name, "zeros" | "ones" | "empty" | "eye" | "identity") => Some(Dtype::F64),
        None => None,
    };
    let first = given.first().filter(|_| positional > 0);
    let ndim = match name {
        "zeros" | "ones" | "empty" | "full" => first.and_then(|shape| extents(&shape.ty).argument().shape_rank()),
        "arange" | "fromiter" | "frombuffer" | "fromstring" => Some(1),
        "eye" | "identity" | "tri" => Some(2),
        "asarray" | "array" => first.and_then(|of| match &of.ty {
            Type::Array { ndim, .. } if !names.contains(&"ndmin") => *ndim,
            _ => None,
        }),
        _ => None,
    };
    Typed::certain(Type::Array { dtype, ndim })
}
