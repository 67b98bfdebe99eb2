//! Values that may be `None`: asking, and what they are where they are not.

use numlift_ir::function::OpId;
use numlift_ir::scalar::ScalarTy;

use super::{Emit, Emitter};
use crate::value::Value;

impl Emitter<'_> {
    /// `x is None`
    pub(super) fn is_none_op(&mut self, op: OpId) -> Emit<()> {
        let (_, args, results) = self.ops(op);
        let none = match self.bound(args[0])? {
            Value::None => "true".to_owned(),
            Value::OneOf { tag, options } => match options.iter().position(|option| *option == Value::None) {
                Some(number) => self.text.value(&format!("icmp eq i64 {tag}, {number}")),
                None => "false".to_owned(),
            },
            Value::Object(_) => return self.unsupported("an object that may be `None`"),
            Value::Unbound
            | Value::Number(_)
            | Value::Array(_)
            | Value::Tuple(_)
            | Value::List(_)
            | Value::Buffer { .. }
            | Value::Generator { .. }
            | Value::Static(_) => "false".to_owned(),
        };
        self.set(results[0], Value::Number(Self::real(ScalarTy::PyBool, none)));
        Ok(())
    }

    /// A value that is not `None`, where nobody looks at it if it is.
    pub(super) fn present_op(&mut self, op: OpId) -> Emit<()> {
        let (_, args, results) = self.ops(op);
        let given = self.bound(args[0])?;
        let mut value = match given {
            Value::OneOf { tag, options } => self.without(&tag, options, &Value::None),
            given => given,
        };
        let ty = self.func.ty(results[0]).clone();
        if let Value::Array(array) = &mut value {
            self.contiguous_strides(array, &ty);
        }
        self.set(results[0], value);
        Ok(())
    }

    /// One of several without one of them, which it is not.
    pub(super) fn without(&mut self, tag: &str, options: Vec<Value>, gone: &Value) -> Value {
        let left: Vec<(usize, Value)> = options
            .into_iter()
            .enumerate()
            .filter(|(_, option)| option != gone)
            .collect();
        if let [(_, only)] = &left[..] {
            return only.clone();
        }
        let mut new_tag = "0".to_owned();
        for (place, (number, _)) in left.iter().enumerate().skip(1) {
            let is_it = self.text.value(&format!("icmp eq i64 {tag}, {number}"));
            new_tag = self
                .text
                .value(&format!("select i1 {is_it}, i64 {place}, i64 {new_tag}"));
        }
        Value::OneOf {
            tag: new_tag,
            options: left.into_iter().map(|(_, option)| option).collect(),
        }
    }
}
