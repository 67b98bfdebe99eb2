//! What a function computes, without how its ops stand: for comparing functions.
//!
//! ```text
//! %1 = len 0 %0                     0 = param x
//! %2 = mul.ufunc %0, %0       =>    1 = mul.ufunc 0, 0
//! %3 s = method sum() %2            2 = numpy.sum() 1 @0
//! return %3                         return 2
//! ```
//!
//! Ops without effects are listed when something first needs them, once for equal operands; so their order, their
//! blocks and what nobody needs do not count. A read is marked with how many effects stand before it. Effects stay in
//! order. Names, origins and types are dropped, but for the names of the live-ins and live-outs: the rules of
//! [`crate::infer`] give equal ops on equal live-ins equal types.
//!
//! One spelling stands for several that mean the same, since Python text has only one for them or the writer chooses:
//!
//! - a method of an array is NumPy's function of that name;
//! - `bool(c)` of a bool is the bool, `True if c else False` the condition;
//! - a choice between values that have no effects is one op, whether both are computed or one;
//! - `x[len(x) - 1]` is `x[-1]`, `x.shape` the tuple of its lengths;
//! - what a loop carries and nobody reads is not carried.

mod carried;

use std::collections::HashMap;
use std::fmt::Write;

use crate::function::{BlockId, Def, Function, OpId, ValueId};
use crate::op::{Const, Effect, Kind, Sub, Term};
use crate::scalar::F;
use crate::ty::Ty;

/// The canonical form of a function, as text.
pub fn canon(func: &Function) -> String {
    let func = &carried::without_unread(func);
    let mut canon = Canon {
        func,
        epochs: HashMap::new(),
        terms: HashMap::new(),
        known: HashMap::new(),
        next: 0,
        text: String::new(),
    };
    canon.count_effects();
    for param in &func.block(func.body).params {
        let name = func.name_of(*param).unwrap_or_default();
        canon.define(*param, &format!("param {name}"));
    }
    canon.block(func.body);
    let _ = writeln!(canon.text, "outputs {}", func.outputs.join(", "));
    canon.text
}

struct Canon<'a> {
    func: &'a Function,
    /// How many effects stand before an op.
    epochs: HashMap<OpId, usize>,
    /// Numbers of values.
    terms: HashMap<ValueId, usize>,
    /// Numbers by what is computed.
    known: HashMap<String, usize>,
    next: usize,
    text: String,
}

/// Whether an op has its place in order.
fn is_effect(func: &Function, op: OpId) -> bool {
    let leaves = |block: &BlockId| {
        let mut leaves = false;
        func.visit_blocks(*block, &mut |inner| {
            leaves |= !matches!(func.block(inner).end, Term::Yield(_))
        });
        leaves
    };
    !matches!(func.effect(op), Effect::Pure | Effect::Reads) || func.op(op).blocks.iter().any(leaves)
}

impl Canon<'_> {
    fn count_effects(&mut self) {
        let func = self.func;
        let mut count = 0;
        func.walk(func.body, &mut |op| {
            self.epochs.insert(op, count);
            count += usize::from(!matches!(func.op(op).kind.effect(), Effect::Pure | Effect::Reads));
        });
    }

    /// A new number for a value, which is what the words say.
    fn define(&mut self, value: ValueId, words: &str) {
        let number = self.next;
        self.next += 1;
        self.terms.insert(value, number);
        let _ = writeln!(self.text, "{number} = {words}");
    }

    fn block(&mut self, block: BlockId) {
        let func = self.func;
        let data = func.block(block);
        for op in &data.ops {
            if is_effect(func, *op) {
                self.op(*op, 0);
            }
        }
        let given = self.all(data.end.values());
        let end = match &data.end {
            Term::Yield(_) => "yield".to_owned(),
            Term::Break(out, _) => format!("break {out}"),
            Term::Return(_) => "return".to_owned(),
            Term::Unreachable => "unreachable".to_owned(),
        };
        let _ = writeln!(self.text, "{end} {given}");
    }

    /// The numbers of values, each listed before if it was not.
    fn all(&mut self, values: &[ValueId]) -> String {
        let numbers: Vec<String> = values.iter().map(|value| self.term(*value).to_string()).collect();
        numbers.join(", ")
    }

    fn term(&mut self, value: ValueId) -> usize {
        if let Some(number) = self.terms.get(&value) {
            return *number;
        }
        match self.func.def(value) {
            Def::Result(op, number) => self.op(op, number as usize),
            Def::Param(..) => self.define(value, "a parameter of a block around"),
        }
        self.terms.get(&value).copied().unwrap_or(usize::MAX)
    }

    /// Lists an op; of a choice, the result that is asked for.
    fn op(&mut self, op: OpId, result: usize) {
        let func = self.func;
        let data = func.op(op);
        if data
            .results
            .get(result)
            .is_some_and(|result| self.terms.contains_key(result))
        {
            return;
        }
        if is_truth(&data.kind) && *func.ty(data.args[0]) == Ty::Bool {
            let bool = self.term(data.args[0]);
            self.terms.insert(data.results[0], bool);
            return;
        }
        if data.kind == Kind::If && !is_effect(func, op) {
            let [then, other] = [0, 1].map(|number| func.block(data.blocks[number]).end.values()[result]);
            self.choice(data.results[result], [data.args[0], then, other]);
            return;
        }
        if data.kind == Kind::Select {
            self.choice(data.results[0], [data.args[0], data.args[1], data.args[2]]);
            return;
        }
        if let Kind::Attr(name) = &data.kind
            && name == "shape"
            && let Ty::Array { shape, .. } = func.ty(data.args[0]).bound()
        {
            let array = self.term(data.args[0]);
            let extents = (0..shape.len()).map(|axis| self.number(format!("len {axis} {array}")).to_string());
            let extents = extents.collect::<Vec<_>>().join(", ");
            self.known_as(data.results[0], format!("tuple {extents}"));
            return;
        }
        let args = match &data.kind {
            Kind::Index(subs) | Kind::SetIndex(subs) => self.subscripted(&data.args, subs),
            _ => self.all(&data.args),
        };
        let mut words = format!("{} {args}", self.kind(op));
        let effect = func.effect(op);
        if effect == Effect::Reads && self.reads_memory(op) {
            let _ = write!(words, " @{}", self.epochs[&op]);
        }
        if data.blocks.is_empty() && !is_effect(func, op) && !is_object(&data.kind) {
            self.known_as(data.results[0], words);
            return;
        }
        for block in &data.blocks {
            let _ = writeln!(self.text, "{{");
            for (number, param) in func.block(*block).params.iter().enumerate() {
                self.define(*param, &format!("block parameter {number}"));
            }
            self.block(*block);
            let _ = writeln!(self.text, "}}");
        }
        if data.results.is_empty() {
            let _ = writeln!(self.text, "{words}");
        }
        for (number, result) in data.results.iter().enumerate() {
            let words = match number {
                0 => words.clone(),
                _ => format!("its result {number}"),
            };
            self.define(*result, &words);
        }
    }

    /// The number of what the words say, new if nothing said so before.
    fn number(&mut self, words: String) -> usize {
        if let Some(number) = self.known.get(&words) {
            return *number;
        }
        let number = self.next;
        self.next += 1;
        let _ = writeln!(self.text, "{number} = {words}");
        self.known.insert(words, number);
        number
    }

    fn known_as(&mut self, value: ValueId, words: String) {
        let number = self.number(words);
        self.terms.insert(value, number);
    }

    /// `a if c else b`
    fn choice(&mut self, result: ValueId, [condition, then, other]: [ValueId; 3]) {
        let func = self.func;
        let flag = |value: ValueId| match func.as_const(value) {
            Some(Const::Bool(flag)) => Some(*flag),
            _ => None,
        };
        let condition = self.term(condition);
        match (flag(then), flag(other)) {
            (Some(true), Some(false)) => {
                self.terms.insert(result, condition);
            }
            (Some(false), Some(true)) => self.known_as(result, format!("not.py {condition}")),
            _ => {
                let (then, other) = (self.term(then), self.term(other));
                self.known_as(result, format!("choice {condition}, {then}, {other}"));
            }
        }
    }

    /// Operands of a subscript: a distance from the end of its axis is a negative one.
    fn subscripted(&mut self, args: &[ValueId], subs: &[Sub]) -> String {
        let base = self.term(args[0]);
        let mut numbers = vec![base];
        let mut next = 1;
        let mut axis = Some(0);
        for sub in subs {
            let operands = &args[next..next + sub.arity()];
            next += sub.arity();
            let from_end = match (sub, axis) {
                (Sub::At, Some(axis)) => self.end_distance(args[0], axis, operands[0]),
                _ => None,
            };
            match from_end {
                Some(distance) => numbers.push(self.number(format!("const -{distance} "))),
                None => numbers.extend(operands.iter().map(|operand| self.term(*operand)).collect::<Vec<_>>()),
            }
            axis = match sub {
                Sub::At | Sub::Slice { .. } => axis.map(|axis| axis + 1),
                Sub::NewAxis => axis,
                Sub::Ellipsis => None,
            };
        }
        numbers.extend(args[next..].iter().map(|arg| self.term(*arg)).collect::<Vec<_>>());
        let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
        numbers.join(", ")
    }

    /// `k` of `len(base) - k`, the extent of this axis.
    fn end_distance(&mut self, base: ValueId, axis: usize, index: ValueId) -> Option<i128> {
        let func = self.func;
        let difference = func.defining(index)?;
        let Kind::Scalar { f: F::Sub, .. } = difference.kind else {
            return None;
        };
        let (Some(Const::Int(distance)), Some(len)) =
            (func.as_const(difference.args[1]), func.defining(difference.args[0]))
        else {
            return None;
        };
        let is_extent = len.kind == Kind::Len { axis } && self.term(len.args[0]) == self.term(base);
        (is_extent && *distance > 0).then_some(*distance)
    }

    /// One spelling of a kind.
    fn kind(&self, op: OpId) -> String {
        let data = self.func.op(op);
        match &data.kind {
            Kind::Method { name, keywords } if self.is_array(data.args[0]) => {
                format!("numpy.{name}({})", keywords.join(", "))
            }
            Kind::Call { callee, keywords } => format!("{callee}({})", keywords.join(", ")),
            kind if is_truth(kind) => "truth".to_owned(),
            kind => crate::text::kind_text(kind),
        }
    }

    /// Whether an op can see a change of memory: it is given something that may change.
    fn reads_memory(&self, op: OpId) -> bool {
        let data = self.func.op(op);
        let is_memory = |value: &ValueId| match self.func.ty(*value).bound() {
            // An array keeps its extents.
            Ty::Array { .. } => !matches!(data.kind, Kind::Len { .. }),
            Ty::Tuple(_) => matches!(data.kind, Kind::Call { .. } | Kind::Method { .. }),
            ty => ty.as_scalar().is_none() && !matches!(ty, Ty::OneOf(_) | Ty::Str | Ty::None),
        };
        !is_truth(&data.kind) && (!data.blocks.is_empty() || data.args.iter().any(is_memory))
    }

    fn is_array(&self, value: ValueId) -> bool {
        matches!(self.func.ty(value).bound(), Ty::Array { .. })
    }
}

/// `bool(x)`
fn is_truth(kind: &Kind) -> bool {
    matches!(kind, Kind::Truth | Kind::Scalar { f: F::ToBool, .. })
}

/// Whether each op makes an object of its own, which may change.
fn is_object(kind: &Kind) -> bool {
    matches!(kind, Kind::MakeList | Kind::Repeat)
}

#[cfg(test)]
mod tests;
