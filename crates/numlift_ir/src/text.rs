//! The text form: what snapshots and `numlift show` print.
//!
//! ```text
//! func squares(%0 x: array<float64>[s0]) -> (out) {
//!   %1 = list : list<never>[0]
//!   %2, %3 = for %4, %5, ...
//! ```
//!
//! One op a line: results, kind with its attributes in brackets, operands, types of the results, then its blocks.

use std::fmt::{self, Write};

use crate::function::{BlockId, Function, OpId, ValueId};
use crate::op::{Const, Kind, Sub, Term};

impl fmt::Display for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let params = list_of(self.block(self.body).params.iter().map(|param| declared(self, *param)));
        writeln!(f, "func {}({params}) -> ({}) {{", self.name, self.outputs.join(", "))?;
        f.write_str(&block_text(self, self.body, 1))?;
        writeln!(f, "}}")
    }
}

fn list_of(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}

/// `%3 x: int`
fn declared(func: &Function, value: ValueId) -> String {
    let name = func.name_of(value).map(|name| format!(" {name}")).unwrap_or_default();
    format!("%{}{name}: {}", value.0, func.ty(value))
}

fn values(values: &[ValueId]) -> String {
    list_of(values.iter().map(|value| format!("%{}", value.0)))
}

fn block_text(func: &Function, block: BlockId, depth: usize) -> String {
    let mut text = String::new();
    for &op in &func.block(block).ops {
        text.push_str(&op_text(func, op, depth));
    }
    let end = match &func.block(block).end {
        Term::Yield(given) if given.is_empty() => return text,
        Term::Yield(given) => format!("yield {}", values(given)),
        Term::Break(out, given) => format!("break {out} {}", values(given)),
        Term::Return(given) => format!("return {}", values(given)),
        Term::Unreachable => "unreachable".to_owned(),
    };
    let _ = writeln!(text, "{}{}", "  ".repeat(depth), end.trim_end());
    text
}

fn op_text(func: &Function, op: OpId, depth: usize) -> String {
    let pad = "  ".repeat(depth);
    let data = func.op(op);
    let mut line = pad.clone();
    if !data.results.is_empty() {
        let results = data.results.iter().map(|value| {
            let name = func.name_of(*value).map(|name| format!(" {name}")).unwrap_or_default();
            format!("%{}{name}", value.0)
        });
        let _ = write!(line, "{} = ", list_of(results));
    }
    line.push_str(&kind_text(&data.kind));
    if !data.args.is_empty() {
        let _ = write!(line, " {}", values(&data.args));
    }
    if !data.results.is_empty() {
        let types = list_of(data.results.iter().map(|value| func.ty(*value).to_string()));
        let _ = write!(line, " : {types}");
    }
    for &block in &data.blocks {
        let params = list_of(func.block(block).params.iter().map(|param| declared(func, *param)));
        let _ = write!(line, " {{ ({params})\n{}{pad}}}", block_text(func, block, depth + 1));
    }
    line.push('\n');
    line
}

fn kind_text(kind: &Kind) -> String {
    let flag = |on: bool, name: &str| if on { format!(" {name}") } else { String::new() };
    match kind {
        Kind::Const(constant) => format!("const {}", const_text(constant)),
        Kind::Unbound => "unbound".to_owned(),
        Kind::Extern(name) => format!("extern {name}"),
        Kind::Scalar { f, flavour } => format!("{f:?}.{flavour:?}"),
        Kind::Convert => "convert".to_owned(),
        Kind::Truth => "truth".to_owned(),
        Kind::Select => "select".to_owned(),
        Kind::MakeTuple => "tuple".to_owned(),
        Kind::MakeList => "list".to_owned(),
        Kind::Repeat => "repeat".to_owned(),
        Kind::Item(n) => format!("item {n}"),
        Kind::Len { axis } => format!("len {axis}"),
        Kind::Attr(name) => format!("attr {name}"),
        Kind::Index(subs) => format!("index [{}]", subs_text(subs)),
        Kind::Call { callee, keywords } => format!("call {callee}({})", keywords.join(", ")),
        Kind::Method { name, keywords } => format!("method {name}({})", keywords.join(", ")),
        Kind::SetIndex(subs) => format!("setindex [{}]", subs_text(subs)),
        Kind::SetAttr(name) => format!("setattr {name}"),
        Kind::Append => "append".to_owned(),
        Kind::Raise(text) => format!("raise {text:?}"),
        Kind::Opaque {
            text,
            reads,
            binds,
            reason,
        } => {
            format!(
                "opaque {text:?} reads ({}) binds ({}) because {reason:?}",
                reads.join(", "),
                binds.join(", ")
            )
        }
        Kind::If => "if".to_owned(),
        Kind::For => "for".to_owned(),
        Kind::While => "while".to_owned(),
        Kind::Comp => "comp".to_owned(),
        Kind::First => "first".to_owned(),
        Kind::Fold { monoid, masked } => format!("fold {monoid:?}{}", flag(*masked, "masked")),
        Kind::ArgFold {
            monoid,
            payloads,
            masked,
        } => {
            format!("argfold {monoid:?} {payloads}{}", flag(*masked, "masked"))
        }
        Kind::Scatter { axes, masked } => format!("scatter {axes}{}", flag(*masked, "masked")),
        Kind::Extend { masked, depth: 0 } => format!("extend{}", flag(*masked, "masked")),
        Kind::Extend { masked, depth } => format!("extend depth {depth}{}", flag(*masked, "masked")),
    }
}

fn subs_text(subs: &[Sub]) -> String {
    list_of(subs.iter().map(|sub| match sub {
        Sub::At => "at".to_owned(),
        Sub::NewAxis => "new".to_owned(),
        Sub::Ellipsis => "...".to_owned(),
        Sub::Slice { lo, hi, step } => {
            let part = |on: bool, name: &'static str| if on { name } else { "" };
            let step = if *step { ":s" } else { "" };
            format!("{}:{}{step}", part(*lo, "l"), part(*hi, "h"))
        }
    }))
}

fn const_text(constant: &Const) -> String {
    match constant {
        Const::None => "None".to_owned(),
        Const::Bool(bool) => if *bool { "True" } else { "False" }.to_owned(),
        Const::Int(int) => int.to_string(),
        Const::Float(float) => format!("{float:?}"),
        Const::Complex(re, im) => format!("({re:?},{im:?})"),
        Const::Str(text) => format!("{text:?}"),
        Const::Ellipsis => "...".to_owned(),
    }
}
