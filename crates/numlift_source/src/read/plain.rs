//! Builtins that are operators in other words, or that the types decide.
//!
//! ```text
//! divmod(a, b)              (a // b, a % b)
//! pow(a, b)                 a ** b
//! min([a, b, c])            min(a, b, c)
//! sum((a, b))               0 + a + b
//! i in range(lo, hi)        lo <= i < hi
//! isinstance(x, np.ndarray) True, where x is one
//! ```
//!
//! Read this way where a function is compiled; a rewrite of the source leaves them as they are.

use numlift_ir::dtype::{self, Dtype, DtypeKind};
use numlift_ir::function::ValueId;
use numlift_ir::op::Const;
use numlift_ir::scalar::{F, ScalarTy};
use numlift_ir::ty::Ty;
use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::Ranged;

use super::call::Args;
use super::reader::Reader;
use super::refusal::{Read, Refusal};

impl<'a> Reader<'a> {
    /// A call of a builtin as what it means; `None` where it is none of these.
    pub(super) fn plain_builtin(&mut self, name: &str, call: &'a ast::ExprCall) -> Read<Option<ValueId>> {
        if self.options.frames.is_none() || !call.arguments.keywords.is_empty() {
            return Ok(None);
        }
        let args = &call.arguments.args;
        match (name, &args[..]) {
            ("divmod" | "pow", [Expr::Starred(_), _] | [_, Expr::Starred(_)]) => Ok(None),
            ("divmod", [a, b]) => {
                let (a, b) = (self.expr(a)?, self.expr(b)?);
                if !self.is_python_number(a) || !self.is_python_number(b) {
                    let args = Args {
                        positional: vec![a, b],
                        keywords: Vec::new(),
                    };
                    return self.named_call("builtins.divmod", args, call.range()).map(Some);
                }
                let quotient = self.operator(F::FloorDiv, &[a, b], call.range())?;
                let rest = self.operator(F::Mod, &[a, b], call.range())?;
                Ok(Some(self.made_tuple(&[quotient, rest], call.range())))
            }
            ("pow", [a, b]) => {
                let (a, b) = (self.expr(a)?, self.expr(b)?);
                self.operator(F::Pow, &[a, b], call.range()).map(Some)
            }
            ("pow", [_, _, _]) | ("round", [_, _]) => {
                let args = self.arguments(call)?;
                let args = self.all_present(args);
                match self.form_builtin(name, &args, call.range())? {
                    Some(value) => Ok(Some(value)),
                    None => self
                        .named_call(&format!("builtins.{name}"), args, call.range())
                        .map(Some),
                }
            }
            ("sum", [_] | [_, _]) | ("min" | "max", [_]) => self.of_all(name, call),
            ("isinstance", [value, classes]) if !value.is_starred_expr() => {
                let Some(classes) = self.classes_of(classes) else {
                    return Ok(None);
                };
                let value = self.any_expr(value)?;
                match self.is_instance(value, &classes) {
                    Some(decided) => Ok(Some(self.b.constant(Const::Bool(decided)))),
                    None => Err(Refusal::typed(
                        call.range(),
                        Ty::Bool,
                        "`isinstance` asks for a class that the types do not decide",
                    )),
                }
            }
            _ => Ok(None),
        }
    }

    /// `sum`, `min` and `max` of what is there: a tuple, a list of numbers, an array.
    fn of_all(&mut self, name: &str, call: &'a ast::ExprCall) -> Read<Option<ValueId>> {
        let saved = self.save();
        let args = match &call.arguments.args[..] {
            // A display is never seen.
            [Expr::List(ast::ExprList { elts, .. }), start @ ..] if !elts.iter().any(Expr::is_starred_expr) => {
                let items: Vec<ValueId> = elts.iter().map(|item| self.any_expr(item)).collect::<Read<_>>()?;
                let mut positional = vec![self.made_tuple(&items, call.range())];
                for value in start {
                    positional.push(self.expr(value)?);
                }
                Args {
                    positional,
                    keywords: Vec::new(),
                }
            }
            _ => self.arguments(call)?,
        };
        let args = self.all_present(args);
        let all = args.positional[0];
        let start = args.positional.get(1).copied();
        let found = match self.bound_ty(all).clone() {
            Ty::Tuple(items) if !items.is_empty() || name == "sum" => {
                let items: Vec<ValueId> = (0..items.len()).map(|number| self.b.item(all, number)).collect();
                self.of_items(name, &items, start, call)?
            }
            Ty::List(elem, _) if name == "sum" && !self.adds_one_by_one(&elem) => None,
            Ty::List(..) | Ty::Array { .. } => self.form_builtin(name, &args, call.range())?,
            _ => None,
        };
        if found.is_none() {
            self.restore(&saved);
        }
        Ok(found)
    }

    fn of_items(
        &mut self,
        name: &str,
        items: &[ValueId],
        start: Option<ValueId>,
        call: &'a ast::ExprCall,
    ) -> Read<Option<ValueId>> {
        if name != "sum" {
            let args = Args {
                positional: items.to_vec(),
                keywords: Vec::new(),
            };
            return self.extremum(name, &args, call).map(Some);
        }
        let are_added = items.iter().all(|item| {
            let ty = self.bound_ty(*item).clone();
            ty.scalar_options().is_some() && self.adds_one_by_one(&ty)
        });
        if !are_added {
            return Ok(None);
        }
        let mut total = match start {
            Some(start) => start,
            None => self.b.int(0),
        };
        for item in items {
            total = self.operator(F::Add, &[total, *item], call.range())?;
        }
        Ok(Some(total))
    }

    /// Whether `sum` adds numbers of a type as `+` does: from Python 3.12 on it makes up for what Python's floats lose.
    fn adds_one_by_one(&self, ty: &Ty) -> bool {
        let is_exact = |option: &ScalarTy| !matches!(option, ScalarTy::PyFloat | ScalarTy::PyComplex);
        let options = ty.bound().scalar_options();
        self.options.adds_plainly || options.is_some_and(|options| options.iter().all(is_exact))
    }

    /// NumPy's numbers divide otherwise than their operators: they warn of `divmod`.
    fn is_python_number(&self, value: ValueId) -> bool {
        let options = self.bound_ty(value).scalar_options();
        options.is_some_and(|options| options.iter().all(|option| option.is_python()))
    }

    /// The names of the classes that an expression lists; of an `isinstance`.
    fn classes_of(&self, expr: &Expr) -> Option<Vec<String>> {
        match expr {
            Expr::Tuple(tuple) => tuple.elts.iter().map(|item| self.qualified(item)).collect(),
            one => Some(vec![self.qualified(one)?]),
        }
    }

    /// Whether a value is of one of some classes, where its type tells.
    fn is_instance(&self, value: ValueId, classes: &[String]) -> Option<bool> {
        let ty = self.ty(value);
        // What is read as a list may be a queue.
        if self.options.queues && matches!(ty.bound(), Ty::List(..)) {
            return None;
        }
        let mut all = true;
        for class in classes {
            match is_of_class(ty, class) {
                Some(true) => return Some(true),
                Some(false) => {}
                None => all = false,
            }
        }
        all.then_some(false)
    }

    /// `i in range(lo, hi)` of ints.
    pub(super) fn in_range(&mut self, left: ValueId, call: &'a ast::ExprCall) -> Read<Option<ValueId>> {
        let args = &call.arguments.args;
        let is_plain = call.arguments.keywords.is_empty() && !args.iter().any(Expr::is_starred_expr);
        if self.options.frames.is_none()
            || !matches!(self.ty(left), Ty::Int(_) | Ty::Bool)
            || !matches!(args.len(), 1 | 2)
            || !is_plain
            || self.qualified(&call.func).as_deref() != Some("builtins.range")
        {
            return Ok(None);
        }
        let ends: Read<Vec<ValueId>> = args.iter().map(|end| self.expr(end)).collect();
        let ends = ends?;
        if ends.iter().any(|end| !matches!(self.ty(*end), Ty::Int(_) | Ty::Bool)) {
            let reason = "a search in a range of something else than ints";
            return Err(Refusal::typed(call.range(), Ty::Bool, reason));
        }
        let (low, high) = match ends[..] {
            [low, high] => (low, high),
            [high, ..] => (self.b.int(0), high),
            [] => return Ok(None),
        };
        let above = self.operator(F::Ge, &[left, low], call.range())?;
        let below = self.operator(F::Lt, &[left, high], call.range())?;
        self.operator(F::And, &[above, below], call.range()).map(Some)
    }
}

/// Whether a value of a type is of a class; `None` where the type does not tell.
fn is_of_class(ty: &Ty, class: &str) -> Option<bool> {
    match ty {
        Ty::OneOf(options) => {
            let mut found = options.iter().map(|option| is_of_class(&ty_of(*option), class));
            let first = found.next()??;
            found.all(|other| other == Some(first)).then_some(first)
        }
        Ty::Bool => python_class(class, &["bool", "int"]),
        Ty::Int(_) => python_class(class, &["int"]),
        Ty::Float => python_class(class, &["float"]),
        Ty::Complex => python_class(class, &["complex"]),
        Ty::Str => python_class(class, &["str"]),
        Ty::Tuple(_) => python_class(class, &["tuple"]),
        Ty::List(..) => python_class(class, &["list"]),
        Ty::None => python_class(class, &[]),
        Ty::Optional(inner) => {
            let none = python_class(class, &[]);
            is_of_class(inner, class).filter(|found| Some(*found) == none)
        }
        Ty::Array { .. } => match class {
            "numpy.ndarray" => Some(true),
            other => python_class(other, &[]),
        },
        Ty::Np(dtype) => numpy_class(*dtype, class),
        _ => None,
    }
}

fn ty_of(scalar: ScalarTy) -> Ty {
    match scalar {
        ScalarTy::PyBool => Ty::Bool,
        ScalarTy::PyInt => Ty::INT,
        ScalarTy::PyFloat => Ty::Float,
        ScalarTy::PyComplex => Ty::Complex,
        ScalarTy::Np(dtype) => Ty::Np(dtype),
    }
}

/// Python's own classes and NumPy's: a value of the first is of none of the second.
fn python_class(class: &str, own: &[&str]) -> Option<bool> {
    let known = [
        "bool", "int", "float", "complex", "str", "tuple", "list", "dict", "set", "bytes", "range",
    ];
    let name = match class.strip_prefix("builtins.") {
        Some(name) if known.contains(&name) => name,
        _ => return is_numpy_class(class).then_some(false),
    };
    Some(own.contains(&name))
}

/// NumPy's classes of scalars, and its array.
fn is_numpy_class(class: &str) -> bool {
    let Some(name) = class.strip_prefix("numpy.") else {
        return false;
    };
    ABSTRACT.contains(&name) || matches!(name, "ndarray" | "bool_" | "bool") || dtype_of(name).is_some()
}

/// The dtype whose class has this name; other names of it may be classes of their own (`longlong`).
fn dtype_of(name: &str) -> Option<Dtype> {
    dtype::ALL.into_iter().find(|dtype| dtype.name() == name)
}

const ABSTRACT: [&str; 7] = [
    "generic",
    "number",
    "integer",
    "signedinteger",
    "unsignedinteger",
    "floating",
    "complexfloating",
];

fn numpy_class(dtype: Dtype, class: &str) -> Option<bool> {
    let kind = dtype.kind();
    let Some(name) = class.strip_prefix("numpy.") else {
        let own: &[&str] = match dtype {
            Dtype::F64 => &["float"],
            Dtype::C128 => &["complex"],
            _ => &[],
        };
        return python_class(class, own);
    };
    if !is_numpy_class(class) {
        return None;
    }
    Some(match name {
        "generic" => true,
        "number" => kind != DtypeKind::Bool,
        "integer" => matches!(kind, DtypeKind::Signed | DtypeKind::Unsigned),
        "signedinteger" => kind == DtypeKind::Signed,
        "unsignedinteger" => kind == DtypeKind::Unsigned,
        "floating" => kind == DtypeKind::Float,
        "complexfloating" => kind == DtypeKind::Complex,
        "bool" | "bool_" => kind == DtypeKind::Bool,
        name => dtype_of(name) == Some(dtype),
    })
}
