//! Functions that call themselves, directly or by way of others.
//!
//! ```text
//! def fib(n): …  return fib(n - 1) + fib(n - 2)           call <self>, where `fib` is compiled with an int
//!
//! for k in range(m): s += fib(k)                          call <version 0>: `fib` of an int has code of its own
//! halves(x[:m]), halves(x[m:])                            call <version 1>: the slices have another type than `x`
//! ```
//!
//! A call of the very function that is read, with arguments of the types of its parameters, is one of [`SELF`]. Its
//! result has the type that reading it gave in the last round; in the first one, none: nothing can be computed of what
//! is never returned. The types that come to rest are those of the calls that do not call again, and of what is made of
//! them.
//!
//! All others are calls of *versions*: a function with types of its parameters, which is read as a function of its own.
//! Whoever compiles collects them ([`wanted`]), reads each, and everything again, until no type changes. Types of
//! versions say nothing of extents, so there are few of them. A version has no part that runs in Python.

use numlift_ir::function::{Function, OpId, ValueId};
use numlift_ir::op::{self, Effect, Kind, Term};
use numlift_ir::ty::{Dim, Interval, Ty};
use ruff_text_size::TextRange;

use super::call::Args;
use super::reader::Reader;
use super::refusal::{Read, Refusal};
use super::{Options, Version};
use crate::names::FunctionId;
use crate::project::{ModuleId, ProjectNames};

/// The callee of a call of the function itself.
pub const SELF: &str = op::SELF;

/// What stands in the place of a version's number as long as it has none: the function's number follows.
const UNKNOWN: &str = "of ";

impl<'a> Reader<'a> {
    /// Whether functions of a file that call themselves may have code of their own: they are in the same file, and
    /// compiled.
    pub(super) fn has_versions(&self, file: u32) -> bool {
        self.options.compiled.is_some()
            && self.options.frames.is_some()
            && self.typing.is_none()
            && file == self.frames[0].file
    }

    /// A call of a function that calls itself.
    pub(super) fn recursive_call(&mut self, function: FunctionId, args: Args, at: TextRange) -> Read<ValueId> {
        let file = self.frames[0].file;
        let is_own = self.options.compiled == Some(function);
        if !is_own {
            self.facts.recur(file, function.0);
        }
        let module = self.project.module(ModuleId(file));
        let info = module.names.function(function);
        let def = module.names.def(&module.parsed, function);
        let refusal = |reason: &str| Refusal::any_code(at, format!("`{}` calls itself {reason}", info.name));
        if def.parameters.vararg.is_some() {
            return Err(refusal("and takes any number of arguments"));
        }
        let bound = self.in_order(&info.name, &def.parameters, None, args, at)?;
        let args: Vec<ValueId> = bound.into_iter().map(|(_, value)| value).collect();
        if is_own && self.is_as_called(&args) {
            self.lengths_change();
            let returned = self.facts.returned.clone().unwrap_or(Ty::Never);
            return Ok(self.call_to(SELF.to_owned(), &args, returned, at));
        }
        let params: Option<Vec<Ty>> = args.iter().map(|arg| passed_as(self.bound_ty(*arg))).collect();
        let Some(params) = params else {
            return Err(refusal(
                "with an argument that is no number, array, list of numbers or tuple of those",
            ));
        };
        // Nobody comes here, as far as this round knows.
        let is_dead = params.contains(&Ty::Never);
        // Whatever lists it is given may have another length behind it.
        self.lengths_change();
        let is_it = |version: &&Version| version.function == function && version.params == params;
        if let Some(version) = self.options.without.iter().find(is_it) {
            return Err(refusal(&format!("and is not compiled: {}", version.refused)));
        }
        match self.options.versions.iter().position(|version| is_it(&version)) {
            Some(number) => {
                let returned = self.options.versions[number].returned.clone();
                if holds_lists(&returned) {
                    return Err(refusal("and gives a list"));
                }
                Ok(self.call_to(op::version(number), &args, returned, at))
            }
            None => {
                let what = if is_dead { "dead " } else { UNKNOWN };
                let callee = format!("{}{what}{}>", op::VERSION, function.0);
                Ok(self.call_to(callee, &args, Ty::Never, at))
            }
        }
    }

    fn call_to(&mut self, callee: String, args: &[ValueId], returned: Ty, at: TextRange) -> ValueId {
        let origin = self.at(at);
        let keywords = Vec::new();
        let op = self.b.typed_op(Kind::Call { callee, keywords }, args, &[returned]);
        self.b.origin = origin;
        self.b.func.result(op)
    }

    /// Whether arguments have the types that the function is read for; arrays that share no memory are the parameters
    /// themselves then.
    fn is_as_called(&self, args: &[ValueId]) -> bool {
        let func = &self.b.func;
        let outside = self.options.frames.as_ref().map_or(0, |outside| outside.len());
        let params = &func.block(func.body).params;
        let params = &params[..params.len() - outside.min(params.len())];
        let arrays = |values: &[ValueId]| {
            let is_array = |value: &&ValueId| holds_arrays(func.ty(**value).bound());
            values.iter().filter(is_array).count()
        };
        let are_alone = arrays(params) + outside <= 1;
        let mut pairs = args.iter().zip(params);
        let fits = pairs.all(|(arg, param)| match (self.bound_ty(*arg), self.bound_ty(*param)) {
            (Ty::Never, _) | (Ty::Int(_), Ty::Int(_)) => true,
            // How other arrays lie in memory, or which memory they share, is not known of them.
            (given, known) if holds_arrays(given) => {
                arg == param || are_alone && given == known && matches!(given, Ty::Array { contiguous: true, .. })
            }
            (given, known) => given == known && passed_as(given).is_some(),
        });
        fits && args.len() == params.len()
    }

    /// What the function returned in this round, for its calls in the next.
    pub(super) fn note_returned(&mut self) {
        if self.options.compiled.is_none() {
            return;
        }
        let func = &self.b.func;
        let (mut calls, mut acts) = (false, false);
        func.walk(func.body, &mut |op| {
            let is_own = matches!(&func.op(op).kind, Kind::Call { callee, .. } if callee == SELF);
            calls |= is_own;
            acts |= !is_own && self.acts(op, OpId(0));
        });
        if !calls {
            return;
        }
        let returned = returned_by(func);
        let before = self.facts.returned.clone().unwrap_or(Ty::Never);
        let wider = before.clone().widen(&returned);
        self.facts.changed |= wider != before || acts != self.facts.acts;
        self.facts.acts |= acts;
        self.facts.returned = Some(wider);
    }

    /// Whether a call of code of its own changes what others can see.
    pub(super) fn recursive_call_acts(&self, callee: &str) -> bool {
        match op::version_of(callee) {
            Some(number) => self.options.versions.get(number).is_some_and(|version| version.acts),
            None => callee == SELF && self.facts.acts,
        }
    }
}

/// The versions that a function calls, by the types of the arguments: those that have no number yet.
pub fn wanted(func: &Function) -> Vec<(FunctionId, Vec<Ty>)> {
    let mut found = Vec::new();
    func.walk(func.body, &mut |op| {
        let data = func.op(op);
        let Kind::Call { callee, .. } = &data.kind else { return };
        let number = callee
            .strip_prefix(op::VERSION)
            .and_then(|rest| rest.strip_prefix(UNKNOWN));
        let Some(Ok(number)) = number.and_then(|rest| rest.strip_suffix('>')).map(str::parse) else {
            return;
        };
        let params: Option<Vec<Ty>> = data.args.iter().map(|arg| passed_as(func.ty(*arg).bound())).collect();
        if let Some(params) = params {
            found.push((FunctionId(number), params));
        }
    });
    found
}

/// Whether a function changes what others can see, where versions do what is known of them.
pub fn acts(func: &Function, versions: &[Version]) -> bool {
    let mut acts = false;
    func.walk(func.body, &mut |op| {
        acts |= match &func.op(op).kind {
            Kind::Call { callee, .. } if op::is_recursive(callee) => op::version_of(callee)
                .and_then(|number| versions.get(number))
                .is_some_and(|version| version.acts),
            Kind::Frame { .. } | Kind::Require(_) | Kind::Raise(_) => false,
            kind => matches!(kind.effect(), Effect::Writes | Effect::Draws | Effect::World),
        };
    });
    acts
}

/// What a function gives, without what only it knows of extents.
pub fn returned_by(func: &Function) -> Ty {
    let mut returned = Ty::Never;
    func.visit_blocks(func.body, &mut |block| {
        if let Term::Return(values) = &func.block(block).end {
            for value in values {
                returned = returned.join(&given(func.ty(*value)));
            }
        }
    });
    returned
}

/// What a function gives that returns this: `None` where it returns nothing.
fn given(ty: &Ty) -> Ty {
    match ty {
        Ty::Unbound => Ty::None,
        Ty::Maybe(inner) => given(inner).join(&Ty::None),
        ty => without_extents(ty),
    }
}

/// Reads a version.
pub fn read_version(
    project: &ProjectNames,
    module: ModuleId,
    version: &Version,
    outside: &[(String, Ty)],
    options: &Options,
) -> Function {
    let of = project.module(module);
    let def = of.names.def(&of.parsed, version.function);
    let names = def.parameters.iter_non_variadic_params();
    let names = names.map(|parameter| parameter.parameter.name.to_string());
    let parameters: Vec<(String, Ty)> = names.zip(version.params.iter().cloned()).collect();
    // What is outside of the function that is compiled may be a variable of this one.
    let own = super::bound::bound_names(&def.body);
    let outside: Vec<(String, Ty)> = outside
        .iter()
        .enumerate()
        .map(
            |(place, (name, ty))| match own.contains(name) || parameters.iter().any(|(own, _)| own == name) {
                true => (format!("<outside {place}>"), ty.clone()),
                false => (name.clone(), ty.clone()),
            },
        )
        .collect();
    super::read_function(project, module, version.function, &parameters, &outside, options)
}

/// The type of a parameter that a value is given for; none where it cannot be handed over.
fn passed_as(ty: &Ty) -> Option<Ty> {
    match ty {
        Ty::Never | Ty::None | Ty::Bool | Ty::Float | Ty::Complex | Ty::Np(_) | Ty::OneOf(_) | Ty::Author(_) => {
            Some(ty.clone())
        }
        Ty::Int(_) => Some(Ty::Int(Interval::new(i64::MIN.into(), i64::MAX.into()))),
        Ty::Array { .. } => Some(without_extents(ty)),
        Ty::Tuple(items) => items.iter().map(passed_as).collect::<Option<_>>().map(Ty::Tuple),
        // Its elements are looked at where they are taken out.
        Ty::List(elem, _) if is_plain_element(elem) => Some(Ty::List(elem.clone(), Dim::Unknown)),
        _ => None,
    }
}

/// Whether a list holds numbers, or lists of numbers.
fn is_plain_element(elem: &Ty) -> bool {
    match elem {
        Ty::List(inner, _) => is_plain_element(inner),
        elem => *elem == Ty::Never || elem.scalar_options().is_some(),
    }
}

fn holds_lists(ty: &Ty) -> bool {
    match ty {
        Ty::List(..) => true,
        Ty::Tuple(items) => items.iter().any(holds_lists),
        _ => false,
    }
}

fn without_extents(ty: &Ty) -> Ty {
    match ty {
        Ty::Array {
            dtype,
            shape,
            contiguous,
        } => Ty::Array {
            dtype: *dtype,
            shape: vec![Dim::Unknown; shape.len()],
            contiguous: *contiguous,
        },
        Ty::Tuple(items) => Ty::Tuple(items.iter().map(without_extents).collect()),
        ty => ty.clone(),
    }
}

fn holds_arrays(ty: &Ty) -> bool {
    match ty {
        Ty::Array { .. } => true,
        Ty::Tuple(items) => items.iter().any(holds_arrays),
        _ => false,
    }
}
