//! Printing: `Display` of functions and types.
//!
//! Nothing is lost but origins: strings are quoted with their escapes, floats print all their bits, a name that is no
//! word is quoted. Values print the numbers that they have in the function; [`super::compact`] makes them dense.

use std::fmt::{self, Write};

use super::{between, is_plain};
use crate::function::{BlockId, Function, OpId, ValueId};
use crate::op::{Const, Kind, Monoid, Sub, Term, Touches};
use crate::ty::{Dim, Interval, Ty};

impl fmt::Display for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let params = list_of(self.block(self.body).params.iter().map(|param| declared(self, *param)));
        let name = match self
            .name
            .chars()
            .all(|c| super::is_plain_char(c) || matches!(c, '<' | '>'))
        {
            true if !self.name.is_empty() => self.name.clone(),
            _ => format!("{:?}", self.name),
        };
        writeln!(f, "func {name}({params}) -> ({}) {{", names(&self.outputs))?;
        f.write_str(&block_text(self, self.body, 1))?;
        writeln!(f, "}}")
    }
}

fn list_of(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}

/// A name as it is, or quoted.
fn name(text: &str) -> String {
    if is_plain(text) {
        text.to_owned()
    } else {
        format!("{text:?}")
    }
}

fn names(all: &[String]) -> String {
    list_of(all.iter().map(|text| name(text)))
}

/// `%3 x`
fn named(func: &Function, value: ValueId) -> String {
    let name = func.name_of(value).map(|text| format!(" {}", name(text)));
    format!("%{}{}", value.0, name.unwrap_or_default())
}

/// `%3 x: int`
fn declared(func: &Function, value: ValueId) -> String {
    format!("{}: {}", named(func, value), func.ty(value))
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
        let results = data.results.iter().map(|value| named(func, *value));
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
    for (number, &block) in data.blocks.iter().enumerate() {
        if let Some(word) = between(&data.kind).filter(|_| number > 0) {
            let _ = write!(line, " {word}");
        }
        let params = list_of(func.block(block).params.iter().map(|param| declared(func, *param)));
        let params = if params.is_empty() {
            params
        } else {
            format!(" ({params})")
        };
        let _ = write!(line, " {{{params}\n{}{pad}}}", block_text(func, block, depth + 1));
    }
    line.push('\n');
    line
}

pub(crate) fn kind_text(kind: &Kind) -> String {
    let flag = |on: bool, name: &str| if on { format!(" {name}") } else { String::new() };
    match kind {
        Kind::Const(constant) => format!("const {}", const_text(constant)),
        Kind::Unbound => "unbound".to_owned(),
        Kind::Extern(callee) => format!("extern {}", name(callee)),
        Kind::Scalar { f, flavour } => format!("{}.{}", f.name(), flavour.name()),
        Kind::Convert => "convert".to_owned(),
        Kind::Truth => "truth".to_owned(),
        Kind::IsNone => "isnone".to_owned(),
        Kind::Present => "present".to_owned(),
        Kind::Select => "select".to_owned(),
        Kind::MakeTuple => "tuple".to_owned(),
        Kind::MakeList => "list".to_owned(),
        Kind::Repeat => "repeat".to_owned(),
        Kind::Item(n) => format!("item {n}"),
        Kind::Len { axis } => format!("len {axis}"),
        Kind::Attr(attr) => format!("attr {}", name(attr)),
        Kind::Index(subs) => format!("index [{}]", subs_text(subs)),
        Kind::Call { callee, keywords } => format!("call {}({})", name(callee), names(keywords)),
        Kind::Method { name: method, keywords } => format!("method {}({})", name(method), names(keywords)),
        Kind::SetIndex(subs) => format!("setindex [{}]", subs_text(subs)),
        Kind::SetAttr(attr) => format!("setattr {}", name(attr)),
        Kind::Append => "append".to_owned(),
        Kind::Raise(text) => format!("raise {text:?}"),
        Kind::Opaque {
            text,
            reads,
            binds,
            reason,
            touches,
            looks,
        } => {
            let (reads, binds) = (names(reads), names(binds));
            let touches = match touches {
                Touches::Nothing => " quiet",
                Touches::Anything => "",
                Touches::Time => " timing",
            };
            // Number of the operand and of its subscripts.
            let places = looks.iter().map(|look| format!("{} {}", look.operand, look.subscripts));
            let looks = match looks.is_empty() {
                true => String::new(),
                false => format!(" looks ({})", list_of(places)),
            };
            format!("opaque{touches} {text:?} reads ({reads}){looks} binds ({binds}) because {reason:?}")
        }
        Kind::Frame {
            names: bound,
            iterators,
            computed,
            callers,
        } => {
            let mut text = format!("frame ({}){}", names(bound), going_on(iterators, computed));
            for caller in callers {
                let ((from, to), (start, end)) = (caller.statement, caller.call);
                let rest = going_on(&caller.iterators, &caller.computed);
                let _ = write!(text, " called ({from} {to} {start} {end}){rest}");
            }
            text
        }
        Kind::Require(text) => format!("require {text:?}"),
        Kind::Load => "load".to_owned(),
        Kind::Store => "store".to_owned(),
        Kind::If => "if".to_owned(),
        Kind::For => "for".to_owned(),
        Kind::While => "while".to_owned(),
        Kind::Comp => "comp".to_owned(),
        Kind::First => "first".to_owned(),
        Kind::Fold {
            monoid,
            masked,
            any_order,
        } => {
            let (masked, any_order) = (flag(*masked, "masked"), flag(*any_order, "anyhow"));
            format!("fold {}{masked}{any_order}", monoid.name())
        }
        Kind::ArgFold {
            monoid,
            payloads,
            masked,
        } => {
            format!("argfold {} {payloads}{}", monoid.name(), flag(*masked, "masked"))
        }
        Kind::Scan {
            monoid,
            seeded,
            regrouped,
        } => {
            let (seeded, regrouped) = (flag(*seeded, "seeded"), flag(*regrouped, "regrouped"));
            format!("scan {}{seeded}{regrouped}", monoid.name())
        }
        Kind::ScatterFold { monoid, axes, masked } => {
            format!("scatterfold {} {axes}{}", monoid.name(), flag(*masked, "masked"))
        }
        Kind::Scatter { axes, masked } => format!("scatter {axes}{}", flag(*masked, "masked")),
        Kind::Extend { masked, depth: 0 } => format!("extend{}", flag(*masked, "masked")),
        Kind::Extend { masked, depth } => format!("extend depth {depth}{}", flag(*masked, "masked")),
    }
}

/// What a frame says of the loops around its statement, and of what is computed of it.
fn going_on(iterators: &[String], computed: &[(u32, u32, String)]) -> String {
    let mut text = String::new();
    if !iterators.is_empty() {
        let iterators = list_of(iterators.iter().map(|text| format!("{text:?}")));
        let _ = write!(text, " iterators ({iterators})");
    }
    if !computed.is_empty() {
        let parts = computed
            .iter()
            .map(|(start, end, value)| format!("{start} {end} {}", name(value)));
        let _ = write!(text, " computed ({})", list_of(parts));
    }
    text
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
        Const::Float(float) => float_text(*float),
        Const::Complex(re, im) => format!("({}, {})", float_text(*re), float_text(*im)),
        Const::Str(text) => format!("{text:?}"),
        Const::Ellipsis => "...".to_owned(),
    }
}

/// The shortest text that gives the same bits; of a NaN that is not `float("nan")`, the bits.
fn float_text(float: f64) -> String {
    match float.to_bits() {
        bits if !float.is_nan() || bits == QUIET_NAN => format!("{float:?}"),
        bits => format!("NaN:{bits:x}"),
    }
}

/// The NaN that Python and NumPy make.
pub(super) const QUIET_NAN: u64 = 0x7ff8_0000_0000_0000;

impl Monoid {
    /// The spelling in the text form.
    pub fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Mul => "mul",
            Self::And => "and",
            Self::Or => "or",
            Self::MinIf => "min_if",
            Self::MaxIf => "max_if",
            Self::MinIfLast => "min_if_last",
            Self::MaxIfLast => "max_if_last",
            Self::Last => "last",
            Self::Minimum => "minimum",
            Self::Maximum => "maximum",
        }
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.lo, self.hi) {
            (None, None) => Ok(()),
            (lo, hi) => {
                let end = |e: Option<i128>| e.map(|e| e.to_string()).unwrap_or_default();
                write!(f, "[{}..{}]", end(lo), end(hi))
            }
        }
    }
}

impl fmt::Display for Dim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Const(n) => write!(f, "{n}"),
            Self::Sym(s) => write!(f, "s{s}"),
            Self::Unknown => write!(f, "?"),
        }
    }
}

fn dims(dims: &[Dim]) -> String {
    list_of(dims.iter().map(ToString::to_string))
}

impl fmt::Display for Ty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => write!(f, "any"),
            Self::Never => write!(f, "never"),
            Self::Unbound => write!(f, "unbound"),
            Self::None => write!(f, "none"),
            Self::Bool => write!(f, "bool"),
            Self::Int(interval) => write!(f, "int{interval}"),
            Self::Float => write!(f, "float"),
            Self::Complex => write!(f, "complex"),
            Self::Str => write!(f, "str"),
            Self::Np(dtype) => write!(f, "np.{}", dtype.name()),
            Self::OneOf(options) => {
                let options = list_of(options.iter().map(|scalar| Self::scalar(*scalar).to_string()));
                write!(f, "oneof<{options}>")
            }
            Self::Tuple(items) => write!(f, "tuple<{}>", list_of(items.iter().map(ToString::to_string))),
            Self::List(elem, len) => write!(f, "list<{elem}>[{len}]"),
            Self::Buffer(elem) => write!(f, "buffer<{elem}>"),
            Self::Dict => write!(f, "dict"),
            Self::Set => write!(f, "set"),
            Self::Range => write!(f, "range"),
            Self::Array {
                dtype,
                shape,
                contiguous,
            } => {
                let order = if *contiguous { "c" } else { "" };
                write!(f, "array{order}<{}>[{}]", dtype.name(), dims(shape))
            }
            Self::Tensor { elem, shape } => write!(f, "tensor<{}>[{}]", Self::scalar(*elem), dims(shape)),
            Self::Module(module) => write!(f, "module<{}>", name(module)),
            Self::Extern(qualified) => write!(f, "extern<{}>", name(qualified)),
            Self::Author(number) => write!(f, "author<{number}>"),
            Self::Dtype(dtype) => write!(f, "dtype<{}>", dtype.name()),
            Self::Generator { legacy: false } => write!(f, "generator"),
            Self::Generator { legacy: true } => write!(f, "randomstate"),
            Self::Object { class, attrs } => {
                let attrs = list_of(attrs.iter().map(|(attr, ty)| format!("{}: {ty}", name(attr))));
                write!(f, "object<{}>{{{attrs}}}", name(class))
            }
            Self::Maybe(ty) => write!(f, "maybe<{ty}>"),
            Self::Optional(ty) => write!(f, "optional<{ty}>"),
        }
    }
}
