//! Strings that are known while a function is read to be compiled: how it is to work.
//!
//! ```text
//! if mode == "fast": …              # mode is "fast" in this call: the branch that is taken, nothing else
//! if norm in ("forward", "ortho")
//! ```
//!
//! A call with another string is another version of the function.

use numlift_ir::function::ValueId;
use numlift_ir::op::{Const, Kind};
use numlift_ir::scalar::F;
use numlift_ir::ty::Ty;
use ruff_python_ast::{CmpOp, Expr};

use super::reader::Reader;

impl Reader<'_> {
    /// The string that a value is known to be.
    pub(super) fn known_text(&self, value: ValueId) -> Option<&str> {
        match self.b.func.as_const(value) {
            Some(Const::Str(text)) => Some(text),
            _ => self.texts.get(&value).map(String::as_str),
        }
    }

    /// `a == b` where one of them is a string or `None`, and what they are decides.
    pub(super) fn decided_equality(&self, left: ValueId, right: ValueId) -> Option<bool> {
        self.options.frames.as_ref()?;
        if let (Some(left), Some(right)) = (self.known_text(left), self.known_text(right)) {
            return Some(left == right);
        }
        match (self.ty(left), self.ty(right)) {
            (Ty::None, Ty::None) => Some(true),
            (Ty::Str, other) | (other, Ty::Str) if is_never_a_string(other) => Some(false),
            (Ty::None, other) | (other, Ty::None) if is_never_a_string(other) || *other == Ty::Str => Some(false),
            (Ty::Tuple(_), other) | (other, Ty::Tuple(_))
                if matches!(other, Ty::Bool | Ty::Int(_) | Ty::Float | Ty::Complex) =>
            {
                Some(false)
            }
            _ => None,
        }
    }

    /// Whether `x in {…}` asks for one of some numbers and strings that are written out: as it would of a tuple.
    pub(super) fn is_choice(&self, op: CmpOp, left: ValueId, items: &[Expr]) -> bool {
        let has_equals = matches!(self.ty(left), Ty::None | Ty::Bool | Ty::Int(_) | Ty::Float | Ty::Np(_))
            || self.known_text(left).is_some();
        let is_in = matches!(op, CmpOp::In | CmpOp::NotIn);
        is_in && has_equals && self.options.frames.is_some() && items.iter().all(Expr::is_literal_expr)
    }

    /// `x in (…)`, where each comparison is decided, or `x` is a number and so are the items.
    pub(super) fn membership(&mut self, left: ValueId, right: ValueId) -> Option<ValueId> {
        let items = match self.b.func.defining(right) {
            Some(op) if op.kind == Kind::MakeTuple => op.args.clone(),
            // One that is written here: others may have changed.
            Some(op) if op.kind == Kind::MakeList && self.was_just_made(right) => op.args.clone(),
            _ => return None,
        };
        let is_number = |value: &ValueId| matches!(self.ty(*value), Ty::Bool | Ty::Int(_) | Ty::Float | Ty::Np(_));
        // An item that is the same object counts as equal even if it is NaN: constants are not.
        let is_const = |value: &ValueId| is_number(value) && self.b.func.as_const(*value).is_some();
        let decided: Vec<Option<bool>> = items.iter().map(|item| self.decided_equality(left, *item)).collect();
        let is_open = |(item, decided): (ValueId, &Option<bool>)| decided.is_none().then_some(item);
        let items: Vec<ValueId> = items.into_iter().zip(&decided).filter_map(is_open).collect();
        if decided.contains(&Some(true)) && items.is_empty() {
            return Some(self.b.constant(Const::Bool(true)));
        }
        if items.is_empty() {
            return Some(self.b.constant(Const::Bool(false)));
        }
        if self.options.frames.is_none() || !is_number(&left) || !items.iter().all(is_const) {
            return None;
        }
        let decided = decided
            .contains(&Some(true))
            .then(|| self.b.constant(Const::Bool(true)));
        let mut found: Option<ValueId> = decided;
        for item in items {
            let equal = self.b.operator(F::Eq, &[left, item]);
            let equal = match self.ty(equal) {
                Ty::Bool => equal,
                _ => self.b.value(Kind::Truth, &[equal]),
            };
            found = Some(match found {
                None => equal,
                Some(found) => {
                    let yes = self.b.constant(Const::Bool(true));
                    self.b.value(Kind::Select, &[found, yes, equal])
                }
            });
        }
        found
    }

    /// Whether nothing has happened since a value was computed.
    fn was_just_made(&self, value: ValueId) -> bool {
        let last = self.b.func.block(self.b.block).ops.last();
        last.is_some() && last.copied() == self.b.func.def_op(value)
    }
}

/// Whether values of a type are equal to no string and not to `None`, without asking code of their own.
fn is_never_a_string(ty: &Ty) -> bool {
    matches!(
        ty,
        Ty::None | Ty::Bool | Ty::Int(_) | Ty::Float | Ty::Complex | Ty::Tuple(_) | Ty::List(..)
    )
}
