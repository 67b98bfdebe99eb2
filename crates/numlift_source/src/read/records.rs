//! Dicts whose items have names that are written out: records.
//!
//! ```text
//! def step(x, p): … p["mass"] * x[i] …      =>      p["mass"] is one more argument, as an attribute `p.mass` would be
//! ```
//!
//! Which items such a dict has, and of which types, was seen when the function was called; they are looked up at each
//! call. What holds of attributes holds of them ([`super::held`]): they are loaded once as long as no unknown code runs,
//! and what is stored is written back. All else that a dict does is Python's.

use numlift_ir::function::ValueId;
use numlift_ir::ty::Ty;
use ruff_python_ast::Expr;
use ruff_text_size::TextRange;

use super::reader::Reader;
use super::refusal::{Read, Refusal};

/// The class of dicts, as types name it.
const DICT: &str = "builtins.dict";

impl<'a> Reader<'a> {
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

/// The key of an item that counts as an attribute, as a part of an identifier: the bytes of its UTF-8 in hexadecimal
/// digits.
pub(super) fn key_as_name(attribute: &str) -> Option<String> {
    let key = attribute.strip_prefix('[')?.strip_suffix(']')?;
    Some(key.bytes().map(|byte| format!("{byte:02x}")).collect())
}
