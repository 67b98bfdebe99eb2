//! Calls of methods: of lists, arrays, generators, and of the author's classes.

use numlift_ir::effects;
use numlift_ir::function::ValueId;
use numlift_ir::infer::call::class_of;
use numlift_ir::op::{Effect, Kind};
use numlift_ir::scalar::F;
use numlift_ir::table;
use numlift_ir::ty::Ty;
use ruff_python_ast as ast;
use ruff_text_size::{Ranged, TextRange};

use super::call::Args;
use super::reader::Reader;
use super::refusal::{Read, Refusal};

/// Methods of strings that return a string.
const STRING_MAKERS: &[&str] = &[
    "format",
    "join",
    "strip",
    "lstrip",
    "rstrip",
    "upper",
    "lower",
    "title",
    "center",
    "ljust",
    "rjust",
    "replace",
    "zfill",
    "capitalize",
    "expandtabs",
];

impl<'a> Reader<'a> {
    pub(super) fn method_call(&mut self, callee: &'a ast::ExprAttribute, call: &'a ast::ExprCall) -> Read<ValueId> {
        let object = self.expr(&callee.value)?;
        let name = callee.attr.as_str();
        if self.options.frames.is_some()
            && matches!(self.bound_ty(object), Ty::Bool | Ty::Int(_) | Ty::Float | Ty::Np(_))
        {
            let saved = self.save();
            let args = self.arguments(call)?;
            if let Some(value) = self.form_of_number(object, name, &args, call.range())? {
                return Ok(value);
            }
            self.restore(&saved);
        }
        match self.bound_ty(object).clone() {
            Ty::List(..) => {
                let args = self.arguments(call)?;
                self.list_method(object, name, &args, call.range())
            }
            Ty::Complex | Ty::Np(_) if matches!(name, "conjugate" | "conj") && call.arguments.is_empty() => {
                self.operator(F::Conj, &[object], call.range())
            }
            // The array has another shape then, or may be written no longer: what follows is read anew.
            Ty::Array { .. } if matches!(name, "resize" | "setflags") => {
                self.arguments(call)?;
                Err(Refusal::statement(
                    call.range(),
                    format!("`{name}` changes the array itself"),
                ))
            }
            Ty::Array { .. } | Ty::Np(_) | Ty::Generator { .. } => {
                let args = self.arguments(call)?;
                self.known_method(object, name, &args, call.range())
            }
            Ty::Never => Ok(object),
            Ty::Object { class, .. } => match self.author_method(&class, callee) {
                Some(function) => {
                    let args = self.arguments(call)?;
                    self.inline(function, Some(object), args, call.range())
                }
                None => {
                    self.arguments(call)?;
                    let reason = format!("it is not known what `{}` calls", self.shown(callee.range));
                    Err(Refusal::new(call.range(), reason))
                }
            },
            Ty::Str => {
                if self.read_consumed(call)?.is_none() {
                    self.arguments(call)?;
                }
                let ty = STRING_MAKERS.contains(&name).then_some(Ty::Str);
                Err(Refusal {
                    ty: ty.map(Box::new),
                    ..Refusal::new(call.range(), "a string is made")
                })
            }
            _ => {
                self.arguments(call)?;
                let reason = format!("nothing is known of the method `{}`", self.shown(callee.range));
                Err(Refusal::new(call.range(), reason))
            }
        }
    }

    pub(super) fn method(&mut self, object: ValueId, name: &str, args: &Args) -> ValueId {
        let operands: Vec<ValueId> = std::iter::once(object).chain(args.values()).collect();
        self.b.value(
            Kind::Method {
                name: name.to_owned(),
                keywords: args.keyword_names(),
            },
            &operands,
        )
    }

    pub(super) fn known_method(&mut self, object: ValueId, name: &str, args: &Args, at: TextRange) -> Read<ValueId> {
        if effects::method_effect(name) == Effect::World {
            return Err(Refusal::new(at, format!("the method `{name}` is not read")));
        }
        let args = &self.all_present(by_name(name, args.clone()));
        for operand in args.values() {
            if *self.bound_ty(operand) == Ty::Unknown {
                return Err(self.refuse_type(operand, at));
            }
        }
        let args = &self.with_certain_ints(name, args.clone());
        if let Some(value) = self.told_method(object, name, args, at)? {
            return Ok(value);
        }
        if let Some(value) = self.composed_method(object, name, args, at)? {
            return Ok(value);
        }
        if let Some(value) = self.form_method(object, name, args, at)? {
            return Ok(value);
        }
        if let Some(value) = self.chosen_by(object, name, args, at)? {
            return Ok(value);
        }
        let class = class_of(self.bound_ty(object)).unwrap_or_default();
        let info = table::method(class, name);
        let operands: Vec<ValueId> = std::iter::once(object).chain(args.values()).collect();
        if let Some(info) = info {
            self.only_returns(info, &operands, &args.keyword_names(), at)?;
        }
        let value = self.method(object, name, args);
        if let Some(info) = info {
            self.result_memory(value, info, &operands, &args.keyword_names(), at);
        }
        Ok(value)
    }
}

/// `x.astype(float, "K", "unsafe", True, False)` with names for all but the dtype: whether it copies, a name tells.
fn by_name(method: &str, mut args: Args) -> Args {
    if method == "astype" && (2..=5).contains(&args.positional.len()) {
        let rest = args.positional.split_off(1);
        let names = ["order", "casting", "subok", "copy"].map(str::to_owned);
        args.keywords.extend(names.into_iter().zip(rest));
    }
    args
}
