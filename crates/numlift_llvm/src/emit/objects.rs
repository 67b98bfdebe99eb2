//! Values as objects of Python's, and objects that came from Python.
//!
//! What is static (a module, a function, a text) has no register; where an object is needed, an island looks it up. A
//! function that is made in the compiled one has no object at all: see [`MADE_HERE`].

use numlift_abi::{Island, Repr};
use numlift_ir::function::OpId;
use numlift_ir::op::MADE_HERE;
use numlift_ir::ty::{Dim, Ty};

use super::{Emit, Emitter};
use crate::value::{Array, Value};

impl Emitter<'_> {
    /// Leaves where an array from Python has not the extents and strides that its type says, which would be a wrong row of
    /// a table: nothing may be read or written by them. What has an effect cannot run again.
    pub(super) fn check_layout(&mut self, op: OpId, given: &Array, declared: &Array, ty: &Ty) -> Emit<()> {
        if !self.runs_again(op) || self.text.has_ended() {
            return Ok(());
        }
        let mut differs = Vec::new();
        for (axis, dim) in ty.bound().dims().into_iter().enumerate().take(given.shape.len()) {
            let (extent, stride) = (&given.shape[axis], &given.strides[axis]);
            let expected = match dim {
                Dim::Const(count) => Some(count.to_string()),
                Dim::Sym(symbol) => self.symbols.get(&symbol).cloned(),
                Dim::Unknown => None,
            };
            if let Some(expected) = expected {
                differs.push(self.text.value(&format!("icmp ne i64 {extent}, {expected}")));
            }
            if *stride != declared.strides[axis] {
                let other = self
                    .text
                    .value(&format!("icmp ne i64 {stride}, {}", declared.strides[axis]));
                // The stride of a single element means nothing.
                let several = self.text.value(&format!("icmp sgt i64 {extent}, 1"));
                differs.push(self.text.value(&format!("and i1 {other}, {several}")));
            }
        }
        let Some(first) = differs.first().cloned() else {
            return Ok(());
        };
        let mut any = first;
        for other in &differs[1..] {
            any = self.text.value(&format!("or i1 {any}, {other}"));
        }
        self.leave_if(&any, "a result of another type")
    }

    /// An object of what is static.
    pub(super) fn static_object(&mut self, text: &str) -> Emit<Value> {
        let text = self.has_object(text)?.to_owned();
        self.object_by(text, Vec::new())
    }

    /// A value as an object.
    pub(super) fn boxed(&mut self, value: &Value) -> Emit<Value> {
        match value {
            Value::Static(text) => self.static_object(text),
            value => {
                let mut reads = Vec::new();
                let text = self.object_text(value, &mut reads)?;
                self.object_by(text, reads)
            }
        }
    }

    /// An expression for a value over names of its parts. A tuple that holds something static has no slots.
    pub(super) fn object_text(&self, value: &Value, reads: &mut Vec<(String, Value)>) -> Emit<String> {
        match value {
            Value::None => Ok("None".to_owned()),
            Value::Static(text) => Ok(self.has_object(text)?.to_owned()),
            Value::Tuple(items) if value.repr().is_none() => {
                let items: Emit<Vec<String>> = items.iter().map(|item| self.object_text(item, reads)).collect();
                Ok(format!("({},)", items?.join(", ")))
            }
            value => {
                let name = format!("__nl{}", reads.len());
                reads.push((name.clone(), value.clone()));
                Ok(name)
            }
        }
    }

    /// What is static, if it is an object outside of compiled code.
    pub(super) fn has_object<'t>(&self, text: &'t str) -> Emit<&'t str> {
        match text.starts_with(MADE_HERE) {
            true => self.unsupported("a function that is made in it is used other than by calling it"),
            false => Ok(text),
        }
    }

    fn object_by(&mut self, text: String, reads: Vec<(String, Value)>) -> Emit<Value> {
        let slots: usize = reads
            .iter()
            .filter_map(|(_, value)| value.repr())
            .map(|repr| repr.slots())
            .sum();
        let island = Island {
            place: self.place_of(self.origin),
            calls: self.calls_of(self.origin),
            text,
            is_expression: true,
            reads: reads
                .iter()
                .filter_map(|(name, value)| Some((name.clone(), value.repr()?)))
                .collect(),
            watched: Vec::new(),
            goes_on: false,
            binds: vec![("__nl_result".to_owned(), Repr::Object)],
            reason: numlift_abi::spec::BOXED.to_owned(),
            errstate: Vec::new(),
        };
        let number = self.add_island(island);
        let (given, out) = (self.text.slots(slots), self.text.slots(1));
        let mut at = 0;
        for (_, value) in &reads {
            if let Some(repr) = value.repr() {
                self.store_slots(&given, value, &repr, &mut at)?;
            }
        }
        let status = self.text.value(&format!(
            "call i32 @nl_island(ptr %ctx, i32 {number}, ptr {given}, ptr {out})"
        ));
        let raised = self.text.value(&format!("icmp ne i32 {status}, 0"));
        self.fail_if(&raised);
        let mut at = 0;
        let value = self.load_slots(&out, &Repr::Object, &mut at);
        self.own(&value);
        Ok(value)
    }

    /// `bool(x)` of an object.
    pub(super) fn object_truth(&mut self, value: &Value) -> Emit<String> {
        let repr = value.repr().unwrap_or(Repr::None);
        let text = match value {
            Value::Static(text) => format!("bool({})", self.has_object(text)?),
            _ => "bool(__nl0)".to_owned(),
        };
        let reads = match value {
            Value::Static(_) => Vec::new(),
            _ => vec![("__nl0".to_owned(), repr.clone())],
        };
        let island = Island {
            place: self.place_of(self.origin),
            calls: self.calls_of(self.origin),
            text,
            is_expression: true,
            reads: reads.clone(),
            watched: Vec::new(),
            goes_on: false,
            binds: vec![("__nl_result".to_owned(), Repr::Bool)],
            reason: "the truth of an object".to_owned(),
            errstate: Vec::new(),
        };
        let number = self.add_island(island);
        let (given, out) = (self.text.slots(repr.slots()), self.text.slots(1));
        if !reads.is_empty() {
            let mut at = 0;
            self.store_slots(&given, value, &repr, &mut at)?;
        }
        let status = self.text.value(&format!(
            "call i32 @nl_island(ptr %ctx, i32 {number}, ptr {given}, ptr {out})"
        ));
        // `bool()` gives nothing else.
        let raised = self.text.value(&format!("icmp ne i32 {status}, 0"));
        self.fail_if(&raised);
        let mut at = 0;
        match self.load_slots(&out, &Repr::Bool, &mut at) {
            Value::Number(number) => Ok(number.re),
            _ => self.unsupported("a truth that is none"),
        }
    }
}
