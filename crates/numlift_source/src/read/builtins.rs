//! Calls of builtin functions.

use numlift_ir::function::ValueId;
use numlift_ir::infer::LENGTH;
use numlift_ir::op::Kind;
use numlift_ir::scalar::F;
use numlift_ir::ty::Ty;
use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::Ranged;

use super::call::Args;
use super::lists::list_of;
use super::reader::Reader;
use super::refusal::{Read, Refusal};

/// Builtins that are not read, with the type of what they return.
fn type_of_unread(name: &str) -> Option<Option<Ty>> {
    match name {
        "isinstance" | "issubclass" | "callable" | "hasattr" => Some(Some(Ty::Bool)),
        "str" | "repr" | "format" | "chr" | "hex" | "bin" | "ascii" => Some(Some(Ty::Str)),
        "hash" | "id" | "ord" => Some(Some(Ty::INT)),
        "type" => Some(None),
        _ => None,
    }
}

impl<'a> Reader<'a> {
    pub(super) fn builtin_call(&mut self, name: &str, call: &'a ast::ExprCall) -> Read<ValueId> {
        let args = &call.arguments.args;
        let plain = call.arguments.keywords.is_empty();
        if let [Expr::Generator(generator)] = &args[..]
            && plain
        {
            return self.generator_call(name, generator, call.range());
        }
        if let ("next", [Expr::Generator(generator), default]) = (name, &args[..])
            && plain
            && self.options.frames.is_some()
        {
            return self.first_element(generator, Some(default));
        }
        if self.read_consumed(call)?.is_some() {
            return Err(Refusal::new(call.range(), "`map` and `filter` are not read"));
        }
        if let Some(value) = self.plain_builtin(name, call)? {
            return Ok(value);
        }
        if let Some(ty) = type_of_unread(name) {
            self.arguments(call)?;
            return Err(Refusal {
                ty: ty.map(Box::new),
                ..Refusal::new(call.range(), format!("`{name}` is not read"))
            });
        }
        match (name, args.len()) {
            ("len", 1) if plain => {
                let value = self.expr(&args[0])?;
                self.len_of(value, call)
            }
            ("list" | "tuple", 1) if plain && self.makes_iteration(&args[0]) => self.listed(name, call),
            ("list", 0) if plain => {
                let list = self.b.value(Kind::MakeList, &[]);
                let site = self.site(call.range(), 0);
                self.made_list(list, site, &[]);
                Ok(list)
            }
            ("abs", 1) | ("int", 1) | ("float", 1) | ("bool", 1) | ("complex", 1) | ("round", 1) if plain => {
                let value = self.expr(&args[0])?;
                self.converted(name, value, call)
            }
            ("min" | "max", 2..) if plain => {
                let args = self.arguments(call)?;
                self.extremum(name, &args, call)
            }
            _ => {
                let args = self.arguments(call)?;
                self.named_call(&format!("builtins.{name}"), args, call.range())
            }
        }
    }

    fn len_of(&mut self, value: ValueId, call: &'a ast::ExprCall) -> Read<ValueId> {
        match self.bound_ty(value) {
            Ty::Array { shape, .. } if !shape.is_empty() => Ok(self.b.len(value, 0)),
            Ty::List(..) | Ty::Tuple(_) | Ty::Range | Ty::Never => {
                let length = self.b.len(value, 0);
                self.measured(length);
                Ok(length)
            }
            _ => Err(Refusal {
                ty: Some(Box::new(Ty::Int(LENGTH))),
                ..self.refuse_type(value, call.range())
            }),
        }
    }

    /// `float("inf")`, `int(x)`, `abs(x)`
    fn converted(&mut self, name: &str, value: ValueId, call: &'a ast::ExprCall) -> Read<ValueId> {
        if let Some(constant) = self.parsed_float(name, value) {
            return Ok(self.b.constant(numlift_ir::op::Const::Float(constant)));
        }
        let f = F::from_builtin(name).expect("the caller lists functions of the table");
        // `int(array)` works for arrays of one element only.
        if matches!(self.bound_ty(value), Ty::Array { .. }) && name != "abs" {
            return Err(self.refuse_type(value, call.range()));
        }
        self.operator(f, &[value], call.range()).map_err(|refusal| {
            // Whatever they are given, these return what they are named for, or raise.
            let ty = match name {
                "int" => Some(Ty::INT),
                "float" => Some(Ty::Float),
                "bool" => Some(Ty::Bool),
                "complex" => Some(Ty::Complex),
                _ => None,
            };
            Refusal {
                ty: ty.map(Box::new),
                ..refusal
            }
        })
    }

    /// The number that a constant string spells.
    fn parsed_float(&self, name: &str, value: ValueId) -> Option<f64> {
        let numlift_ir::op::Const::Str(text) = self.b.func.as_const(value)? else {
            return None;
        };
        match (name, text.trim().to_ascii_lowercase().as_str()) {
            ("float", "inf" | "+inf" | "infinity") => Some(f64::INFINITY),
            ("float", "-inf" | "-infinity") => Some(f64::NEG_INFINITY),
            ("float", "nan") => Some(f64::NAN),
            _ => None,
        }
    }

    /// `min(a, b, c)` of numbers goes from left to right.
    pub(super) fn extremum(&mut self, name: &str, args: &Args, call: &'a ast::ExprCall) -> Read<ValueId> {
        let f = if name == "min" { F::Min } else { F::Max };
        let positional: Vec<ValueId> = args.positional.iter().map(|arg| self.present(*arg)).collect();
        for arg in &positional {
            let ty = self.bound_ty(*arg);
            if ty.scalar_options().is_none() && *ty != Ty::Never {
                return Err(self.refuse_type(*arg, call.range()));
            }
        }
        let mut best = positional[0];
        for arg in &positional[1..] {
            best = self.operator(f, &[best, *arg], call.range())?;
        }
        Ok(best)
    }

    /// Whether `list(expr)` runs over something that only a loop would see.
    fn makes_iteration(&self, expr: &Expr) -> bool {
        let Expr::Call(call) = expr else { return false };
        let known = [
            "builtins.range",
            "builtins.enumerate",
            "builtins.zip",
            "builtins.reversed",
            "numpy.ndindex",
        ];
        self.qualified(&call.func)
            .is_some_and(|name| known.contains(&name.as_str()))
    }

    /// `list(range(n))`, `list(zip(a, b))`
    fn listed(&mut self, name: &str, call: &'a ast::ExprCall) -> Read<ValueId> {
        let site = self.site(call.range(), 1);
        let iteration = self.iteration(&call.arguments.args[0])?;
        let list = self.new_list(call.range());
        self.iterate(&site, &iteration, &Default::default(), |reader, element| {
            let value = reader.whole(element);
            reader.append(list, value);
            Ok(super::suite::Flow::Next)
        })?;
        match name {
            "list" => Ok(list),
            _ => Err(Refusal::new(call.range(), "a tuple of unknown length")),
        }
    }

    /// An empty list made at a place.
    pub(super) fn new_list(&mut self, at: ruff_text_size::TextRange) -> ValueId {
        let list = self.b.value(Kind::MakeList, &[]);
        let site = self.site(at, 0);
        self.made_list(list, site, &[]);
        list
    }

    /// `list.append(value)`
    pub(super) fn append(&mut self, list: ValueId, value: ValueId) {
        self.list_changes(list, Some(value), true);
        self.b.effect(Kind::Append, &[list, value]);
    }

    /// The type of a list whose elements a value's are.
    pub(super) fn listed_type(&self, value: ValueId) -> Option<Ty> {
        match self.bound_ty(value) {
            Ty::List(elem, _) => Some(list_of((**elem).clone())),
            Ty::Array { dtype, shape, .. } if shape.len() == 1 => Some(list_of(Ty::Np(*dtype))),
            Ty::Range => Some(list_of(Ty::INT)),
            _ => None,
        }
    }
}
