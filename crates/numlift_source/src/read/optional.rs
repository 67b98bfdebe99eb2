//! Names that are `None` at first, and what tests say of them.
//!
//! ```text
//! best = None                                        best: none, then optional<float>
//! for v in x:
//!     if best is None or v < best:                   isnone %best; behind `or`: present %best, a float
//!         best = v
//! ```
//!
//! A value that may be `None` has a type [`Ty::Optional`]. Where it is used as anything else, Python goes on if it is
//! `None`, and raises. Where a test has shown that it is not, the name is bound to what is left of the type; behind the
//! branches of the test, if both come there and neither binds the name, it means again what it meant before.
//!
//! A rewrite of the source knows nothing of such values: there they are any objects.

use numlift_ir::function::ValueId;
use numlift_ir::op::{Const, Kind};
use numlift_ir::scalar::F;
use numlift_ir::ty::Ty;
use ruff_python_ast::{self as ast, BoolOp, CmpOp, Expr, UnaryOp};
use ruff_text_size::TextRange;

use super::branch::Branch;
use super::reader::{Env, Reader};
use super::refusal::{Read, Refusal};

/// Names that a test has narrowed: the name, its value before and now.
pub(super) type Narrowed = Vec<(String, ValueId, ValueId)>;

impl<'a> Reader<'a> {
    /// What is known of a value that is one of several types here: in a rewrite of the source, what may be `None` is
    /// any object.
    pub(super) fn kept(&self, ty: Ty) -> Ty {
        match self.options.frames.is_some() {
            true => ty,
            false => ty.without_optional(),
        }
    }

    /// A value as an operand. Python goes on where it is `None`.
    pub(super) fn present(&mut self, value: ValueId) -> ValueId {
        if self.options.frames.is_none() || !matches!(self.bound_ty(value), Ty::Optional(_)) {
            return value;
        }
        let none = self.b.value(Kind::IsNone, &[value]);
        let some = self.b.operator(F::Not, &[none]);
        self.b
            .effect(Kind::Require("a value that is not `None`".to_owned()), &[some]);
        self.surely(value)
    }

    /// A value that is known not to be `None`.
    pub(super) fn surely(&mut self, value: ValueId) -> ValueId {
        let places = self.places_of(value);
        let present = self.b.value(Kind::Present, &[value]);
        self.set_places(present, places);
        present
    }

    /// `left is right` and `left is not right`, where the types tell.
    pub(super) fn identity(&mut self, op: CmpOp, left: ValueId, right: ValueId, at: TextRange) -> Read<ValueId> {
        let is = op == CmpOp::Is;
        let decided = match (self.ty(left), self.ty(right)) {
            (Ty::None, Ty::None) => Some(true),
            (Ty::None, other) | (other, Ty::None) if is_surely_something(other) => Some(false),
            _ => None,
        };
        if let Some(same) = decided {
            return Ok(self.b.constant(Const::Bool(same == is)));
        }
        if let Some(same) = self.same_list(left, right) {
            return Ok(if is { same } else { self.b.operator(F::Not, &[same]) });
        }
        let asked = match (self.ty(left), self.ty(right)) {
            (_, Ty::None) => left,
            _ => right,
        };
        let other_is_none = *self.ty(left) == Ty::None || *self.ty(right) == Ty::None;
        match (other_is_none, self.bound_ty(asked)) {
            (true, Ty::Optional(_)) if self.options.frames.is_some() => {
                let none = self.b.value(Kind::IsNone, &[asked]);
                Ok(if is { none } else { self.b.operator(F::Not, &[none]) })
            }
            _ => Err(Refusal::typed(
                at,
                Ty::Bool,
                format!("`{}` asks which object it is", self.shown(at)),
            )),
        }
    }

    /// `left == right` and `left != right` of numbers that may be `None`: `None` equals nothing but itself.
    pub(super) fn equal_or_none(
        &mut self,
        f: F,
        left: ValueId,
        right: ValueId,
        at: TextRange,
    ) -> Read<Option<ValueId>> {
        let may_be = |ty: &Ty| matches!(ty.bound(), Ty::Optional(_) | Ty::None);
        let is_number = |ty: &Ty| ty.bound().present().scalar_options().is_some() || *ty.bound() == Ty::None;
        let types = [left, right].map(|value| self.ty(value).clone());
        if self.options.frames.is_none() || !types.iter().any(may_be) || !types.iter().all(is_number) {
            return Ok(None);
        }
        let op = if f == F::Eq { CmpOp::Is } else { CmpOp::IsNot };
        if types.contains(&Ty::None) {
            return self.identity(op, left, right, at).map(Some);
        }
        let [one, other] = [left, right].map(|value| match self.bound_ty(value) {
            Ty::Optional(_) => self.b.value(Kind::IsNone, &[value]),
            _ => self.b.constant(Const::Bool(false)),
        });
        let any = self.b.operator(F::Or, &[one, other]);
        let nones = self.value_branch(|reader| {
            let both = reader.b.operator(F::And, &[one, other]);
            Ok(if f == F::Eq {
                both
            } else {
                reader.b.operator(F::Not, &[both])
            })
        })?;
        let numbers = self.value_branch(|reader| {
            let [a, b] = [left, right].map(|value| match reader.bound_ty(value) {
                Ty::Optional(_) => reader.surely(value),
                _ => value,
            });
            reader.operator(f, &[a, b], at)
        })?;
        Ok(Some(self.merge_values(any, nones, numbers)))
    }

    /// `bool(value)` of what may be `None`; `None` of what is not that.
    pub(super) fn truth_or_none(&mut self, value: ValueId, at: TextRange) -> Read<Option<ValueId>> {
        let Ty::Optional(inner) = self.bound_ty(value) else {
            return Ok(None);
        };
        match &**inner {
            Ty::Tuple(items) if !items.is_empty() => {
                let none = self.b.value(Kind::IsNone, &[value]);
                Ok(Some(self.b.operator(F::Not, &[none])))
            }
            inner if inner.scalar_options().is_some() => Ok(None),
            _ => Err(Refusal::new(
                at,
                "the truth of an array depends on how many elements it has",
            )),
        }
    }

    /// From here on names are known not to be `None` of which a test that holds, or does not, says so.
    pub(super) fn narrow(&mut self, test: &Expr, holds: bool) -> Narrowed {
        let mut names = Vec::new();
        if self.options.frames.is_some() {
            self.shown_by(test, holds, &mut names);
        }
        let mut narrowed = Narrowed::new();
        for name in names {
            let Some(value) = self.frame().env.get(&name).copied() else {
                continue;
            };
            if matches!(self.bound_ty(value), Ty::Optional(_)) {
                let present = self.surely(value);
                let origin = self.origin_of(value);
                self.narrowed.insert(present, origin);
                self.env().insert(name.clone(), present);
                narrowed.push((name, value, present));
            }
        }
        narrowed
    }

    /// The end of what a test says.
    pub(super) fn widen_again(&mut self, narrowed: &Narrowed) {
        for (name, before, now) in narrowed {
            if self.frame().env.get(name) == Some(now) {
                self.env().insert(name.clone(), *before);
            }
        }
    }

    /// The names that are not `None` where a test holds, or does not.
    fn shown_by(&self, test: &Expr, holds: bool, names: &mut Vec<String>) {
        match test {
            Expr::UnaryOp(op) if op.op == UnaryOp::Not => self.shown_by(&op.operand, !holds, names),
            Expr::BoolOp(op) if holds == (op.op == BoolOp::And) => {
                op.values.iter().for_each(|value| self.shown_by(value, holds, names));
            }
            Expr::Compare(compare) => self.shown_by_comparison(compare, holds, names),
            Expr::Named(named) if holds => names.extend(self.narrowable(&named.target)),
            test if holds => names.extend(self.narrowable(test)),
            _ => {}
        }
    }

    fn shown_by_comparison(&self, compare: &ast::ExprCompare, holds: bool, names: &mut Vec<String>) {
        let ([op], [right]) = (&compare.ops[..], &compare.comparators[..]) else {
            return;
        };
        let left = &*compare.left;
        let asked = match (left, right) {
            (Expr::NoneLiteral(_), asked) | (asked, Expr::NoneLiteral(_)) => asked,
            _ => {
                // `None` has no order: where numbers were compared, they are there.
                if matches!(op, CmpOp::Lt | CmpOp::LtE | CmpOp::Gt | CmpOp::GtE) {
                    names.extend([left, right].into_iter().filter_map(|side| self.narrowable(side)));
                }
                return;
            }
        };
        let target = match asked {
            Expr::Named(named) => &*named.target,
            asked => asked,
        };
        if matches!((op, holds), (CmpOp::Is, false) | (CmpOp::IsNot, true)) {
            names.extend(self.narrowable(target));
        }
    }

    /// The name of the environment that an expression stands for: a variable, or an attribute or item that is held.
    fn narrowable(&self, expr: &Expr) -> Option<String> {
        match expr {
            Expr::Name(name) => Some(name.id.to_string()),
            Expr::Attribute(attribute) => {
                let Expr::Name(object) = &*attribute.value else {
                    return None;
                };
                self.held_as(self.local(object.id.as_str())?, attribute.attr.as_str())
            }
            Expr::Subscript(subscript) => {
                let Expr::Name(record) = &*subscript.value else {
                    return None;
                };
                let record = self.local(record.id.as_str())?;
                self.held_as(record, &self.key_of_record(record, &subscript.slice)?)
            }
            _ => None,
        }
    }

    /// The value that a value is, before tests told more of it.
    pub(super) fn origin_of(&self, value: ValueId) -> ValueId {
        self.narrowed.get(&value).copied().unwrap_or(value)
    }

    /// Behind two branches that both come there, what only one of them was told is not known.
    pub(super) fn forget_told(&self, then: &mut Branch, other: &mut Branch) {
        let differ: Vec<(String, ValueId)> = then
            .env
            .iter()
            .filter_map(|(name, value)| {
                let origin = self.origin_of(*value);
                let against = other.env.get(name)?;
                (value != against && origin == self.origin_of(*against)).then(|| (name.clone(), origin))
            })
            .collect();
        for (name, origin) in differ {
            then.env.insert(name.clone(), origin);
            other.env.insert(name, origin);
        }
    }

    /// Notes that the result of an `if` is a value of before it that was told more of.
    pub(super) fn keep_told(&mut self, name: &str, before: &Env, handed: Option<ValueId>, result: ValueId) {
        let (Some(before), Some(handed)) = (before.get(name), handed) else {
            return;
        };
        let origin = self.origin_of(*before);
        if self.origin_of(handed) == origin {
            self.narrowed.insert(result, origin);
        }
    }
}

/// Bound, and not `None`.
fn is_surely_something(ty: &Ty) -> bool {
    match ty {
        Ty::Unknown | Ty::Never | Ty::Unbound | Ty::None | Ty::Maybe(_) | Ty::Optional(_) => false,
        Ty::Bool
        | Ty::Int(_)
        | Ty::Float
        | Ty::Complex
        | Ty::Str
        | Ty::Np(_)
        | Ty::OneOf(_)
        | Ty::Tuple(_)
        | Ty::List(..)
        | Ty::Buffer(_)
        | Ty::Dict
        | Ty::Set
        | Ty::Range
        | Ty::Array { .. }
        | Ty::Tensor { .. }
        | Ty::Module(_)
        | Ty::Extern(_)
        | Ty::Author(_)
        | Ty::Dtype(_)
        | Ty::Generator { .. }
        | Ty::Object { .. } => true,
    }
}
