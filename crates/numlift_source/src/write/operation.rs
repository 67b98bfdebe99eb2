//! One op as an expression of its operands' expressions.

use numlift_ir::dtype::{Casting, Dtype, can_cast};
use numlift_ir::function::{Function, OpId, ValueId};
use numlift_ir::op::{Const, Kind, Sub};
use numlift_ir::scalar::{F, Flavour, PyForm, ScalarTy};
use numlift_ir::ty::Ty;

use super::WriteError;
use super::literal::{self, Special};
use super::python::{Arg, Expr};

/// Spells a qualified name.
pub(super) type Spell<'a> = &'a mut dyn FnMut(&str) -> Result<Expr>;

type Result<T> = std::result::Result<T, WriteError>;

/// The expression of an op with one result and no blocks.
pub(super) fn expression(func: &Function, op: OpId, args: Vec<Expr>, spell: Spell) -> Result<Expr> {
    let data = func.op(op);
    let ty = |n: usize| func.ty(data.args[n]).bound();
    let result = func.ty(data.results[0]).bound();
    let mut args = args;
    match &data.kind {
        Kind::Const(constant) => constant_expression(constant, spell),
        Kind::Extern(name) => spell(name),
        Kind::Scalar { f, flavour } => {
            let tys: Vec<&Ty> = data.args.iter().map(|arg| func.ty(*arg).bound()).collect();
            let on_array = data.args.iter().any(|arg| is_array_value(func, *arg));
            Scalar {
                f: *f,
                flavour: *flavour,
                tys,
                on_array,
                result,
            }
            .expression(args, spell)
        }
        Kind::Convert => convert(args.remove(0), ty(0), result, spell),
        Kind::Truth if *ty(0) == Ty::Bool => Ok(args.remove(0)),
        Kind::Truth => truth(args.remove(0), spell),
        Kind::Select => {
            let [test, then, other] = take(args)?;
            Ok(Expr::if_else(test, then, other))
        }
        Kind::MakeTuple => Ok(Expr::Tuple(args)),
        Kind::MakeList => Ok(Expr::List(args)),
        Kind::Repeat => {
            let [list, count] = take(args)?;
            Ok(Expr::binary("*", list, count))
        }
        Kind::Item(n) => Ok(Expr::Subscript(
            Box::new(args.remove(0)),
            vec![literal::int(*n as i128)],
        )),
        Kind::Len { axis } => length(args.remove(0), ty(0), *axis, spell),
        Kind::Attr(name) => Ok(Expr::attr(args.remove(0), name)),
        Kind::Index(subs) => {
            let base = args.remove(0);
            Ok(subscript(base, subs, args, is_basic(func, &data.args[1..])))
        }
        Kind::Call { callee, keywords } => call(callee, keywords, args, &|n| is_array_value(func, data.args[n]), spell),
        Kind::Method { name, keywords } => {
            let object = args.remove(0);
            Ok(Expr::Call(
                Box::new(Expr::attr(object, name)),
                with_keywords(args, keywords),
            ))
        }
        Kind::Opaque { text, .. } => Ok(raw(text)),
        Kind::Unbound
        | Kind::SetIndex(_)
        | Kind::SetAttr(_)
        | Kind::Append
        | Kind::Raise(_)
        | Kind::Frame { .. }
        | Kind::Require(_)
        | Kind::IsNone
        | Kind::Present
        | Kind::Load
        | Kind::Store
        | Kind::If
        | Kind::For
        | Kind::While
        | Kind::Comp
        | Kind::Fold { .. }
        | Kind::ArgFold { .. }
        | Kind::First
        | Kind::Scan { .. }
        | Kind::ScatterFold { .. }
        | Kind::Scatter { .. }
        | Kind::Extend { .. } => Err(WriteError::new(format!(
            "an op without a Python expression: {:?}",
            data.kind
        ))),
    }
}

/// The author's own text; a call needs no parentheses.
fn raw(text: &str) -> Expr {
    let is_primary = ruff_python_parser::parse_expression(text).is_ok_and(|parsed| {
        let expr = parsed.expr();
        expr.is_call_expr() || expr.is_name_expr() || expr.is_attribute_expr() || expr.is_subscript_expr()
    });
    if is_primary {
        Expr::Literal(text.to_owned())
    } else {
        Expr::Raw(text.to_owned())
    }
}

fn take<const N: usize>(args: Vec<Expr>) -> Result<[Expr; N]> {
    args.try_into()
        .map_err(|_| WriteError::new("an op with another number of operands than it takes"))
}

fn is_array(ty: &Ty) -> bool {
    matches!(ty, Ty::Array { .. } | Ty::Tensor { .. })
}

/// Functions that return an array whatever they are given.
const ARRAY_MAKERS: [&str; 14] = [
    "numpy.arange",
    "numpy.array",
    "numpy.ascontiguousarray",
    "numpy.asarray",
    "numpy.broadcast_to",
    "numpy.empty",
    "numpy.empty_like",
    "numpy.full",
    "numpy.full_like",
    "numpy.linspace",
    "numpy.ones",
    "numpy.ones_like",
    "numpy.zeros",
    "numpy.zeros_like",
];

/// Whether a value is certainly an array, though its dtype or shape may not be known.
fn is_array_value(func: &Function, value: ValueId) -> bool {
    let made = func.defining(value).is_some_and(|op| match &op.kind {
        Kind::Call { callee, .. } => ARRAY_MAKERS.contains(&callee.as_str()),
        _ => false,
    });
    made || is_array(func.ty(value).bound())
}

/// A constant.
pub(super) fn constant_expression(constant: &Const, spell: Spell) -> Result<Expr> {
    if let Some(plain) = literal::plain(constant) {
        return Ok(plain);
    }
    match constant {
        Const::Float(float) => float_expression(*float, spell),
        Const::Complex(re, im) => {
            let parts = vec![float_expression(*re, spell)?, float_expression(*im, spell)?];
            Ok(Expr::call(spell("builtins.complex")?, parts))
        }
        Const::None | Const::Bool(_) | Const::Int(_) | Const::Str(_) | Const::Ellipsis => {
            Err(WriteError::new("a constant without a literal"))
        }
    }
}

/// `float("inf")` would do, but NumPy's names read better.
fn float_expression(float: f64, spell: Spell) -> Result<Expr> {
    let mut failed = None;
    let expr = literal::float(float, &mut |special| {
        let name = match special {
            Special::Infinity => "numpy.inf",
            Special::Nan => "numpy.nan",
            Special::Pi => "numpy.pi",
        };
        spell(name).unwrap_or_else(|error| {
            failed = Some(error);
            Expr::Literal(String::new())
        })
    });
    failed.map_or(Ok(expr), Err)
}

fn truth(value: Expr, spell: Spell) -> Result<Expr> {
    match spell("builtins.bool")? {
        Expr::Name(spelling) => Ok(Expr::Truth(spelling, Box::new(value))),
        other => Ok(Expr::call(other, vec![value])),
    }
}

/// `float(x)`, `np.float32(x)`, `x.astype(np.float32)`
fn convert(value: Expr, from: &Ty, to: &Ty, spell: Spell) -> Result<Expr> {
    if is_array(from) {
        let Some((elem, _)) = to.elements() else {
            return Err(WriteError::new("a conversion of an array to an unknown type"));
        };
        return astype(value, elem.array_dtype(), spell);
    }
    // `np.int8(np.int64(300))` raises where a store wraps, and of floats a store raises where `np.int64(…)` does not.
    let signed = match to.as_scalar() {
        Some(ScalarTy::Np(dtype)) => dtype.is_integer() && !can_cast(dtype, Dtype::U64, Casting::Safe),
        _ => false,
    };
    let fits = |option: &ScalarTy| match (option, to.as_scalar()) {
        (ScalarTy::Np(from), Some(ScalarTy::Np(to))) => can_cast(*from, to, Casting::Safe),
        _ => true,
    };
    if signed
        && !from
            .bound()
            .scalar_options()
            .is_some_and(|options| options.iter().all(fits))
    {
        return Err(WriteError::new("a conversion to a signed integer as a store does it"));
    }
    let callee = match to.as_scalar() {
        Some(ScalarTy::PyBool) => "builtins.bool".to_owned(),
        Some(ScalarTy::PyInt) => "builtins.int".to_owned(),
        Some(ScalarTy::PyFloat) => "builtins.float".to_owned(),
        Some(ScalarTy::PyComplex) => "builtins.complex".to_owned(),
        Some(ScalarTy::Np(dtype)) if dtype.is_known() => format!("numpy.{}", dtype.attribute()),
        Some(ScalarTy::Np(_)) | None => return Err(WriteError::new("a conversion to an unknown type")),
    };
    Ok(Expr::call(spell(&callee)?, vec![value]))
}

fn astype(value: Expr, dtype: Dtype, spell: Spell) -> Result<Expr> {
    let dtype = spell(&format!("numpy.{}", dtype.attribute()))?;
    Ok(Expr::call(Expr::attr(value, "astype"), vec![dtype]))
}

/// `len(x)` of lists and arrays of one axis, `x.shape[k]` of others.
fn length(value: Expr, ty: &Ty, axis: usize, spell: Spell) -> Result<Expr> {
    let rank = match ty {
        Ty::Array { shape, .. } | Ty::Tensor { shape, .. } => Some(shape.len()),
        _ => None,
    };
    if axis == 0 && rank.is_none_or(|rank| rank == 1) {
        return Ok(Expr::call(spell("builtins.len")?, vec![value]));
    }
    let axis = Expr::Number(axis.to_string());
    Ok(Expr::Subscript(Box::new(Expr::attr(value, "shape")), vec![axis]))
}

/// A call; `a @ b` where an operand is an array.
fn call(
    callee: &str,
    keywords: &[String],
    args: Vec<Expr>,
    is_array: &dyn Fn(usize) -> bool,
    spell: Spell,
) -> Result<Expr> {
    if callee == "numpy.matmul" && keywords.is_empty() && args.len() == 2 && (is_array(0) || is_array(1)) {
        let [left, right] = take(args)?;
        return Ok(Expr::binary("@", left, right));
    }
    Ok(Expr::Call(Box::new(spell(callee)?), with_keywords(args, keywords)))
}

/// The last arguments belong to the keywords.
fn with_keywords(args: Vec<Expr>, keywords: &[String]) -> Vec<Arg> {
    let positional = args.len().saturating_sub(keywords.len());
    let names = std::iter::repeat_n(None, positional).chain(keywords.iter().cloned().map(Some));
    names.zip(args).collect()
}

/// Whether subscripts have only ints, so that each stands for one axis.
pub(super) fn is_basic(func: &Function, operands: &[ValueId]) -> bool {
    operands
        .iter()
        .all(|operand| matches!(func.ty(*operand).bound(), Ty::Int(_)))
}

/// `base[subs]` in the shortest form that means the same.
pub(super) fn subscript(base: Expr, subs: &[Sub], operands: Vec<Expr>, basic: bool) -> Expr {
    let mut operands = operands.into_iter();
    let mut axis = basic.then_some(0);
    let mut items = Vec::new();
    for sub in subs {
        let mut own = operands
            .by_ref()
            .map(|operand| match is_last_index(&operand, &base, axis) {
                true => literal::int(-1),
                false => operand,
            });
        items.push(subscript_item(*sub, &mut own));
        // Behind an ellipsis it is not known which axis is meant.
        axis = match sub {
            Sub::At | Sub::Slice { .. } => axis.map(|axis| axis + 1),
            Sub::NewAxis => axis,
            Sub::Ellipsis => None,
        };
    }
    // `a[i, :]` is `a[i]`; behind a new axis the colon says which axis is meant.
    if !subs.contains(&Sub::NewAxis) {
        while items.len() > 1 && items.last() == Some(&Expr::Slice(None, None, None)) {
            items.pop();
        }
    }
    Expr::Subscript(Box::new(base), items)
}

/// `len(x) - 1` in a subscript of `x` is `-1`, and where `x` is empty it is that already.
fn is_last_index(operand: &Expr, base: &Expr, axis: Option<usize>) -> bool {
    let (Expr::Binary("-", length, one), Some(axis)) = (operand, axis) else {
        return false;
    };
    let is_length = match &**length {
        Expr::Call(len, args) => {
            axis == 0 && **len == Expr::name("len") && matches!(&args[..], [(None, of)] if of == base)
        }
        Expr::Subscript(shape, axes) => {
            let own = matches!(&**shape, Expr::Attr(of, name) if **of == *base && name == "shape");
            own && axes[..] == [Expr::Number(axis.to_string())]
        }
        _ => false,
    };
    is_length && **one == Expr::Number("1".to_owned()) && is_path(base)
}

/// Names and attributes of names.
pub(super) fn is_path(expr: &Expr) -> bool {
    match expr {
        Expr::Name(_) => true,
        Expr::Attr(base, _) => is_path(base),
        _ => false,
    }
}

fn subscript_item(sub: Sub, operands: &mut impl Iterator<Item = Expr>) -> Expr {
    match sub {
        Sub::At => operands.next().unwrap_or(Expr::Literal("...".to_owned())),
        Sub::NewAxis => Expr::Literal("None".to_owned()),
        Sub::Ellipsis => Expr::Literal("...".to_owned()),
        Sub::Slice { lo, hi, step } => {
            let mut part = |there: bool| if there { operands.next() } else { None };
            let (lo, hi, step) = (part(lo), part(hi), part(step));
            let step = step.filter(|step| *step != Expr::Number("1".to_owned()));
            let forward = step.as_ref().is_none_or(|step| matches!(step, Expr::Number(_)));
            let lo = lo.filter(|lo| !(forward && *lo == Expr::Number("0".to_owned())));
            Expr::Slice(lo.map(Box::new), hi.map(Box::new), step.map(Box::new))
        }
    }
}

/// A scalar function with what decides about its spelling.
struct Scalar<'a> {
    f: F,
    flavour: Flavour,
    tys: Vec<&'a Ty>,
    /// At least one operand is certainly an array.
    on_array: bool,
    result: &'a Ty,
}

impl Scalar<'_> {
    fn expression(&self, args: Vec<Expr>, spell: Spell) -> Result<Expr> {
        match self.flavour {
            Flavour::Py | Flavour::NpScalar => self.python(args, spell),
            Flavour::Math => match self.f.info().math {
                Some(name) => Ok(Expr::call(spell(&format!("math.{name}"))?, args)),
                None => Err(self.no_form()),
            },
            Flavour::Ufunc => self.ufunc(args, spell),
        }
    }

    fn no_form(&self) -> WriteError {
        WriteError::new(format!(
            "`{}` has no form in flavour `{}`",
            self.f.name(),
            self.flavour.name()
        ))
    }

    fn python(&self, args: Vec<Expr>, spell: Spell) -> Result<Expr> {
        let mut args = args;
        match (self.f, self.f.info().py) {
            // Of bools, both operators give what they combine.
            (F::LogicalAnd, None) if self.are_bools() => Ok(Expr::all("and", args)),
            (F::LogicalOr, None) if self.are_bools() => Ok(Expr::all("or", args)),
            (F::Not, _) => Ok(self.negation(args.remove(0))),
            (_, Some(PyForm::Operator(operator))) => self.operator(operator, args),
            (F::ToBool, Some(PyForm::Builtin(_))) => truth(args.remove(0), spell),
            (_, Some(PyForm::Builtin(name))) => Ok(Expr::call(spell(&format!("builtins.{name}"))?, args)),
            (_, Some(PyForm::Attribute(name))) => Ok(Expr::attr(args.remove(0), name)),
            (_, Some(PyForm::Method(name))) => Ok(Expr::call(Expr::attr(args.remove(0), name), Vec::new())),
            (_, None) => Err(self.no_form()),
        }
    }

    fn are_bools(&self) -> bool {
        self.tys.iter().all(|ty| **ty == Ty::Bool)
    }

    /// `not x`; the negation of Python's `==` is `!=`, for NaN too.
    fn negation(&self, value: Expr) -> Expr {
        match value {
            Expr::Compare("==", left, right) if self.are_bools() => Expr::Compare("!=", left, right),
            Expr::Compare("!=", left, right) if self.are_bools() => Expr::Compare("==", left, right),
            other => other.negated(),
        }
    }

    fn operator(&self, operator: &'static str, args: Vec<Expr>) -> Result<Expr> {
        if args.len() == 1 {
            let [operand] = take(args)?;
            return Ok(Expr::unary(operator, operand));
        }
        let [left, right] = take(args)?;
        Ok(match self.f.is_comparison() {
            true => Expr::compare(operator, left, right),
            false => Expr::binary(operator, left, right),
        })
    }

    /// An operator on an array calls the ufunc; on scalars alone only its name does.
    fn ufunc(&self, args: Vec<Expr>, spell: Spell) -> Result<Expr> {
        let mut args = args;
        let on_array = self.on_array;
        match (self.f, self.f.info().py) {
            (F::Not | F::LogicalAnd | F::LogicalOr | F::LogicalXor, _) => self.named(args, spell),
            (F::Square, _) if on_array && self.is_inexact() => {
                Ok(Expr::binary("**", args.remove(0), Expr::Number("2".to_owned())))
            }
            (_, Some(PyForm::Operator(operator))) if on_array => self.operator(operator, args),
            (_, Some(PyForm::Attribute(name))) if on_array => Ok(Expr::attr(args.remove(0), name)),
            (F::ToBool | F::ToInt | F::ToFloat | F::ToComplex, _) if on_array => {
                convert(args.remove(0), self.tys[0], self.result, spell)
            }
            _ => self.named(args, spell),
        }
    }

    fn is_inexact(&self) -> bool {
        self.tys[0]
            .elements()
            .is_some_and(|(elem, _)| elem.array_dtype().is_inexact())
    }

    /// `np.sqrt(x)`, by the name that people use.
    fn named(&self, args: Vec<Expr>, spell: Spell) -> Result<Expr> {
        let name = match self.f {
            F::Abs => "abs",
            F::Conj => "conj",
            _ => self.f.info().numpy.ok_or_else(|| self.no_form())?,
        };
        Ok(Expr::call(spell(&format!("numpy.{name}"))?, args))
    }
}
