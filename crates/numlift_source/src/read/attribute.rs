//! Attributes: shapes of arrays, plain attributes of objects.

use std::collections::BTreeSet;

use numlift_ir::function::ValueId;
use numlift_ir::op::{Kind, MADE_HERE};
use numlift_ir::scalar::F;
use numlift_ir::ty::{Dim, Ty};
use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::TextRange;

use super::facts::Source;
use super::lists::list_of;
use super::reach::ANY_CLASS;
use super::reader::Reader;
use super::refusal::{Read, Refusal};

impl<'a> Reader<'a> {
    /// The canonical dotted name of an expression, by the text or by what the run showed.
    pub(super) fn qualified(&self, expr: &Expr) -> Option<String> {
        if let Some(name) = self.frame().module.names.qualified_name(expr) {
            return Some(name);
        }
        match expr {
            Expr::Name(name) => match self.ty(self.local(name.id.as_str())?) {
                Ty::Module(name) | Ty::Extern(name) if !name.starts_with(MADE_HERE) => {
                    let root = name.split('.').next();
                    let own = self
                        .project
                        .modules()
                        .any(|(module, _)| self.project.name(module).split('.').next() == root);
                    let patched = self.frame().module.names.is_patched(name);
                    (!own && !patched).then(|| name.clone())
                }
                _ => None,
            },
            Expr::Attribute(attribute) => {
                let base = self.qualified(&attribute.value)?;
                let name = format!("{base}.{}", attribute.attr);
                (!self.frame().module.names.is_patched(&name)).then_some(name)
            }
            _ => None,
        }
    }

    pub(super) fn attribute(&mut self, expr: &'a Expr, attribute: &'a ast::ExprAttribute) -> Read<ValueId> {
        if let Some(qualified) = self.qualified(expr) {
            if qualified == "sys.argv" {
                let reason = "the arguments of the program are read";
                return Err(Refusal::typed(attribute.range, list_of(Ty::Str), reason));
            }
            return Ok(self.external(&qualified));
        }
        let base = self.expr(&attribute.value)?;
        let name = attribute.attr.as_str();
        match self.bound_ty(base).clone() {
            Ty::Module(module) if self.typing.is_some() => self.module_attribute(&module, attribute),
            Ty::Array { shape, .. } => self.array_attribute(base, name, &shape, attribute),
            Ty::Object { .. } => self.object_attribute(base, name, attribute.range),
            Ty::Never => Ok(base),
            Ty::Np(_) | Ty::Int(_) | Ty::Float | Ty::Complex if matches!(name, "real" | "imag") => {
                let f = if name == "real" { F::Real } else { F::Imag };
                self.operator(f, &[base], attribute.range)
            }
            Ty::Np(_) if name == "dtype" => Ok(self.b.value(Kind::Attr(name.to_owned()), &[base])),
            _ => Err(self.refuse_type(base, attribute.range)),
        }
    }

    /// A plain attribute of an object.
    pub(super) fn object_attribute(&mut self, base: ValueId, name: &str, at: TextRange) -> Read<ValueId> {
        let Ty::Object { class, attrs } = self.bound_ty(base).clone() else {
            return Err(self.refuse_type(base, at));
        };
        if let Some(held) = self.held_as(base, name) {
            return Ok(self.value_or_unbound(&held));
        }
        self.may_be_held_otherwise(base, &class);
        let mut stored = self.stored.iter().rev();
        if let Some((_, _, value)) = stored.find(|(object, attr, _)| *object == base && attr == name) {
            return Ok(*value);
        }
        if !attrs.contains_key(name) && self.facts.attr(&class, name).is_none() {
            let reason = format!("`{}` is not known as a plain attribute", self.shown(at));
            return Err(Refusal::any_code(at, reason));
        }
        Ok(self.load_attribute(base, &class, name))
    }

    /// `helper.scale`, while a whole program is read.
    fn module_attribute(&mut self, module: &str, attribute: &'a ast::ExprAttribute) -> Read<ValueId> {
        let name = attribute.attr.as_str();
        let known = self.module_named(module).filter(|id| {
            let names = &self.project.module(*id).names;
            let rebound = names.scopes.iter().any(|scope| scope.globals.contains(name));
            !rebound && !names.globals_written && !names.is_own_patched(name)
        });
        let value = known
            .and_then(|id| self.global_of(id.0, name))
            .filter(|value| !self.is_author(*value));
        value.ok_or_else(|| {
            Refusal::new(
                attribute.range,
                format!("nothing is known of `{}`", self.shown(attribute.range)),
            )
        })
    }

    fn array_attribute(
        &mut self,
        base: ValueId,
        name: &str,
        shape: &[Dim],
        attribute: &'a ast::ExprAttribute,
    ) -> Read<ValueId> {
        match name {
            "shape" => {
                let lens: Vec<ValueId> = (0..shape.len()).map(|axis| self.b.len(base, axis)).collect();
                Ok(self.b.value(Kind::MakeTuple, &lens))
            }
            "ndim" => Ok(self.b.int(shape.len() as i128)),
            "size" => {
                let lens: Vec<ValueId> = (0..shape.len()).map(|axis| self.b.len(base, axis)).collect();
                let product = lens.into_iter().reduce(|a, b| self.b.operator(F::Mul, &[a, b]));
                Ok(product.unwrap_or_else(|| self.b.int(1)))
            }
            // Forms only hand it on.
            "dtype" if self.is_form(self.frame().file) => match self.bound_ty(base) {
                Ty::Array { dtype, .. } => Ok(self.external(&format!("numpy.{}", dtype.attribute()))),
                _ => Err(self.refuse_type(base, attribute.range)),
            },
            "T" | "real" | "imag" | "dtype" => {
                let value = self.b.value(Kind::Attr(name.to_owned()), &[base]);
                self.inner_places(base, value);
                Ok(value)
            }
            _ => {
                let reason = format!("the attribute of `{}` is not read", self.shown(attribute.range));
                Err(Refusal::new(attribute.range, reason))
            }
        }
    }

    fn load_attribute(&mut self, object: ValueId, class: &str, name: &str) -> ValueId {
        let value = self.b.value(Kind::Attr(name.to_owned()), &[object]);
        let declared = match self.bound_ty(object) {
            Ty::Object { attrs, .. } => attrs.get(name).cloned(),
            _ => None,
        };
        let stored = self.facts.attr(class, name).cloned();
        let unknown = self.facts.are_attrs_unknown() || self.facts.attr(ANY_CLASS, name).is_some();
        if unknown {
            self.b.func.values[value.index()].ty = Ty::Unknown;
            let source = Source::Attr(class.to_owned(), name.to_owned());
            self.set_places(value, BTreeSet::from([(source, 0)]));
            return value;
        }
        let mut ty = declared
            .into_iter()
            .chain(stored)
            .reduce(|a, b| a.join(&b))
            .unwrap_or(Ty::Unknown);
        let source = Source::Attr(class.to_owned(), name.to_owned());
        if let Some(wider) = self.facts.list(&source) {
            ty = ty.join(wider);
        }
        self.b.func.values[value.index()].ty = ty.clone();
        self.set_places(value, BTreeSet::from([(source, 0)]));
        value
    }

    /// `object.name = value`
    pub(super) fn store_attribute(&mut self, target: &'a ast::ExprAttribute, value: ValueId) -> Read<()> {
        let object = self.expr(&target.value)?;
        self.store_in_object(object, target.attr.as_str(), value, target.range)
    }

    /// Stores a plain attribute of an object.
    pub(super) fn store_in_object(&mut self, object: ValueId, name: &str, value: ValueId, at: TextRange) -> Read<()> {
        if let Some(held) = self.held_as(object, name) {
            self.hold_value(&held, value);
            return Ok(());
        }
        let Ty::Object { class, attrs } = self.bound_ty(object).clone() else {
            return Err(self.refuse_type(object, at));
        };
        self.may_be_held_otherwise(object, &class);
        let plain = |reader: &Self| {
            reader.typing.is_some()
                && reader.class_ref(&class).is_some_and(|found| {
                    reader
                        .project
                        .module(found.module)
                        .names
                        .attribute_is_plain(found.class, name)
                })
        };
        if !attrs.contains_key(name) && !plain(self) {
            let reason = format!("`{}` is not known as a plain attribute", self.shown(at));
            return Err(Refusal::any_code(at, reason));
        }
        let ty = self.bound_ty(value).clone();
        if attrs.get(name).is_none_or(|known| known.join(&ty) != *known) {
            self.facts.widen_attr(&class, name, &ty);
        }
        self.link(&(Source::Attr(class.clone(), name.to_owned()), 0), value);
        self.b.effect(Kind::SetAttr(name.to_owned()), &[object, value]);
        // Another object of the class may be the same one.
        self.stored.retain(|(_, attr, _)| attr != name);
        self.stored.push((object, name.to_owned(), value));
        Ok(())
    }
}
