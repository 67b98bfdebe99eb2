//! What is written, case by case. Everything written is parsed again.

use std::collections::BTreeSet;

use numlift_ir::build::Builder;
use numlift_ir::dtype::Dtype;
use numlift_ir::function::ValueId;
use numlift_ir::op::{Const, Kind, Sub, Term};
use numlift_ir::ty::{Dim, Ty};

use super::{WriteError, WriteOptions, Written, write};
use crate::parse::parse;
use crate::text::SourceText;

mod expressions;
mod machine;
mod meaning;
mod order;
mod statements;
mod trees;

/// A function under construction and what it is written with.
pub(super) struct Case {
    pub b: Builder,
    pub guards: Vec<ValueId>,
    pub taken: BTreeSet<String>,
    pub width: usize,
    /// Spellings that differ from `np`, `math` and the builtins' own.
    pub hidden: Vec<&'static str>,
    outputs: Vec<(String, ValueId)>,
}

pub(super) fn case() -> Case {
    Case {
        b: Builder::new("f"),
        guards: Vec::new(),
        taken: BTreeSet::new(),
        width: 88,
        hidden: Vec::new(),
        outputs: Vec::new(),
    }
}

impl Case {
    pub fn param(&mut self, name: &str, ty: Ty) -> ValueId {
        let body = self.b.func.body;
        self.b.func.add_param(body, ty, Some(name))
    }

    /// A float array of one axis; arrays of one symbol have one length.
    pub fn array(&mut self, name: &str, symbol: u32) -> ValueId {
        self.param(name, floats(&[symbol]))
    }

    pub fn call(&mut self, callee: &str, args: &[ValueId], ty: Ty) -> ValueId {
        let kind = Kind::Call {
            callee: callee.to_owned(),
            keywords: Vec::new(),
        };
        let op = self.b.typed_op(kind, args, &[ty]);
        self.b.func.result(op)
    }

    pub fn method(&mut self, name: &str, args: &[ValueId], ty: Ty) -> ValueId {
        let kind = Kind::Method {
            name: name.to_owned(),
            keywords: Vec::new(),
        };
        let op = self.b.typed_op(kind, args, &[ty]);
        self.b.func.result(op)
    }

    pub fn slice(&mut self, base: ValueId, lo: Option<i128>, hi: Option<i128>) -> ValueId {
        let mut args = vec![base];
        args.extend([lo, hi].into_iter().flatten().map(|bound| self.b.int(bound)));
        let sub = Sub::Slice {
            lo: lo.is_some(),
            hi: hi.is_some(),
            step: false,
        };
        let ty = self.b.func.ty(base).clone();
        let op = self.b.typed_op(Kind::Index(vec![sub]), &args, &[ty]);
        self.b.func.result(op)
    }

    pub fn index(&mut self, base: ValueId, subs: &[Sub], operands: &[ValueId]) -> ValueId {
        let args: Vec<ValueId> = std::iter::once(base).chain(operands.iter().copied()).collect();
        self.b.value(Kind::Index(subs.to_vec()), &args)
    }

    pub fn store(&mut self, base: ValueId, subs: &[Sub], operands: &[ValueId], value: ValueId) {
        let args: Vec<ValueId> = [base].iter().chain(operands).chain(&[value]).copied().collect();
        self.b.effect(Kind::SetIndex(subs.to_vec()), &args);
    }

    pub fn float(&mut self, value: f64) -> ValueId {
        self.b.constant(Const::Float(value))
    }

    pub fn output(&mut self, name: &str, value: ValueId) {
        self.outputs.push((name.to_owned(), value));
    }

    pub fn write(mut self) -> Result<Written, WriteError> {
        let body = self.b.func.body;
        self.b.func.outputs = self.outputs.iter().map(|(name, _)| name.clone()).collect();
        let values = self.outputs.iter().map(|(_, value)| *value).collect();
        self.b.end(body, Term::Return(values));
        let hidden = self.hidden.clone();
        let names = move |qualified: &str| spelling(qualified, &hidden);
        let options = WriteOptions {
            names: &names,
            taken: &self.taken,
            width: self.width,
        };
        let written = write(&self.b.func, &self.guards, &options)?;
        let wrapped = format!("def f():\n    pass\n{}", indented(&written.statements));
        for text in [wrapped.as_str(), &guard_of(&written)] {
            let parsed = parse(&SourceText::from_str("a.py", text));
            assert!(parsed.errors.is_empty(), "not Python: {:?}\n{text}", parsed.errors);
        }
        Ok(written)
    }

    /// The statements; imports first, the guard as a comment.
    pub fn text(self) -> String {
        match self.write() {
            Ok(written) => {
                let imports: String = written.imports.iter().map(|import| format!("{import}\n")).collect();
                let guard = match guard_of(&written) {
                    guard if guard.is_empty() => guard,
                    guard => format!("# guard: {guard}\n"),
                };
                format!("{imports}{guard}{}", written.statements)
            }
            Err(error) => format!("error: {error}"),
        }
    }
}

fn guard_of(written: &Written) -> String {
    let tests: Vec<&str> = written.tests.iter().map(|test| test.text.as_str()).collect();
    tests.join(" and ")
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}\n")).collect()
}

fn spelling(qualified: &str, hidden: &[&str]) -> Option<String> {
    if hidden
        .iter()
        .any(|name| qualified == *name || qualified.starts_with(&format!("{name}.")))
    {
        return None;
    }
    match qualified.split_once('.') {
        Some(("numpy", rest)) => Some(format!("np.{rest}")),
        Some(("math", rest)) => Some(format!("math.{rest}")),
        Some(("builtins", rest)) => Some(rest.to_owned()),
        None if qualified == "numpy" => Some("np".to_owned()),
        None if qualified == "math" => Some("math".to_owned()),
        _ => None,
    }
}

pub(super) fn floats(symbols: &[u32]) -> Ty {
    array_of(Dtype::F64, symbols)
}

pub(super) fn array_of(dtype: Dtype, symbols: &[u32]) -> Ty {
    Ty::array(dtype, symbols.iter().map(|symbol| Dim::Sym(*symbol)).collect())
}
