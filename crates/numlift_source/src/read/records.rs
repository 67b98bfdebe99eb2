//! Dicts whose items have names that are written out: records.
//!
//! ```text
//! def step(x, p): … p["mass"] * x[i] …      =>      p["mass"] is one more argument, as an attribute `p.mass` would be
//! ```
//!
//! Which items a dict from outside has, and of which types, was seen when the function was called; they are looked up at
//! each call. A dict that the function makes itself, outside of its loops and branches, is made by Python, and has the
//! items that are written there. What holds of attributes holds of items ([`super::held`]): they are loaded once as long
//! as no unknown code runs, and what is stored is written back. All else that a dict does is Python's.

use std::collections::BTreeMap;

use numlift_ir::function::ValueId;
use numlift_ir::ty::Ty;
use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::{Ranged, TextRange};

use super::reader::Reader;
use super::refusal::{Read, Refusal};

/// The class of dicts, as types name it.
const DICT: &str = "builtins.dict";

impl<'a> Reader<'a> {
    /// `{"a": x, "b": 1}` of numbers and names: a dict whose items are held. Nothing where it has to be any dict.
    pub(super) fn record_display(&mut self, expr: &'a Expr, dict: &'a ast::ExprDict) -> Read<Option<ValueId>> {
        let on_the_way = !self.loops.is_empty() || self.chosen > 0 || self.frames.len() > 1;
        if self.options.frames.is_none() || on_the_way || self.facts.are_attrs_unknown() || dict.items.is_empty() {
            return Ok(None);
        }
        let saved = self.save();
        let mut items: BTreeMap<String, ValueId> = BTreeMap::new();
        for item in &dict.items {
            let Some(Expr::StringLiteral(key)) = &item.key else {
                self.restore(&saved);
                return Ok(None);
            };
            // Python computes it, too, to make the dict.
            if !is_plainly_there(&item.value) {
                self.restore(&saved);
                return Ok(None);
            }
            let value = self.settled(&item.value)?;
            if !is_held_whole(self.ty(value)) {
                self.restore(&saved);
                return Ok(None);
            }
            items.insert(format!("[{}]", key.value.to_str()), value);
        }
        let attrs = items
            .iter()
            .map(|(item, value)| (item.clone(), self.ty(*value).clone()))
            .collect();
        let ty = Ty::Object {
            class: DICT.to_owned(),
            attrs,
        };
        let made = self.opaque_value(expr, &Refusal::typed(expr.range(), ty, "a dict is made"))?;
        for (item, value) in items {
            let held = format!("<item {} {item}>", u32::from(expr.range().start()));
            self.held.insert((made, item), held.clone());
            self.env().insert(held, value);
        }
        Ok(Some(made))
    }

    /// The attribute that an item of a dict counts as, if its key is written out.
    pub(super) fn key_of_record(&self, base: ValueId, slice: &Expr) -> Option<String> {
        let (Ty::Object { class, .. }, Expr::StringLiteral(key)) = (self.bound_ty(base), slice) else {
            return None;
        };
        (class == DICT && self.options.frames.is_some()).then(|| format!("[{}]", key.value.to_str()))
    }

    pub(super) fn item_of_record(&mut self, base: ValueId, item: &str, at: TextRange) -> Read<ValueId> {
        self.object_attribute(base, item, at)
    }

    /// `p["key"] = value`, of a key that is there.
    pub(super) fn store_in_record(&mut self, base: ValueId, item: &str, value: ValueId, at: TextRange) -> Read<()> {
        let has = matches!(self.bound_ty(base), Ty::Object { attrs, .. } if attrs.contains_key(item));
        if !has {
            return Err(Refusal::any_code(at, "an item is put into a dict"));
        }
        self.store_in_object(base, item, value, at)
    }
}

/// A name, a number, or another literal that is no text.
fn is_plainly_there(expr: &Expr) -> bool {
    match expr {
        Expr::Name(_) | Expr::NumberLiteral(_) | Expr::BooleanLiteral(_) | Expr::NoneLiteral(_) => true,
        Expr::UnaryOp(op) => matches!(*op.operand, Expr::NumberLiteral(_)),
        _ => false,
    }
}

/// Whether a value of a type is the same for Python and in machine code, whoever has it: a number, `None`, an array.
fn is_held_whole(ty: &Ty) -> bool {
    matches!(ty, Ty::None | Ty::Array { .. }) || ty.present().scalar_options().is_some()
}

/// The key of an item that counts as an attribute, as a part of an identifier: the bytes of its UTF-8 in hexadecimal
/// digits.
pub(super) fn key_as_name(attribute: &str) -> Option<String> {
    let key = attribute.strip_prefix('[')?.strip_suffix(']')?;
    Some(key.bytes().map(|byte| format!("{byte:02x}")).collect())
}
