//! Expressions and statements as text: parentheses by precedence, lines by width.
//!
//! ```text
//! Binary(**, Unary(-, x), 2)                =>  (-x) ** 2
//! Binary(&, Compare(<, a, b), m)            =>  (a < b) & m
//! ```
//!
//! Spaces are those of Python's formatters: `x**2` for simple operands, `x[n + 1 :]` for bounds that are not simple.

use super::layout::{Doc, INDENT, render};
use super::python::{Arg, Expr, Stmt};

/// How tightly an expression holds together, from Python's grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Raw,
    Choice,
    Or,
    And,
    Not,
    Compare,
    BitOr,
    BitXor,
    BitAnd,
    Shift,
    Sum,
    Product,
    Unary,
    Power,
    Primary,
}

fn level(expr: &Expr) -> Level {
    match expr {
        Expr::Name(_)
        | Expr::Number(_)
        | Expr::Literal(_)
        | Expr::Truth(..)
        | Expr::Call(..)
        | Expr::Attr(..)
        | Expr::Subscript(..)
        | Expr::Tuple(_)
        | Expr::List(_) => Level::Primary,
        Expr::Raw(_) | Expr::Slice(..) => Level::Raw,
        Expr::Unary(..) => Level::Unary,
        Expr::Not(_) => Level::Not,
        Expr::Binary(operator, ..) => binary_level(operator),
        Expr::Compare(..) => Level::Compare,
        Expr::Named(..) => Level::Primary,
        Expr::Bool("or", _) => Level::Or,
        Expr::Bool(..) => Level::And,
        Expr::IfElse { .. } => Level::Choice,
    }
}

fn binary_level(operator: &str) -> Level {
    match operator {
        "|" => Level::BitOr,
        "^" => Level::BitXor,
        "&" => Level::BitAnd,
        "<<" | ">>" => Level::Shift,
        "+" | "-" => Level::Sum,
        "**" => Level::Power,
        _ => Level::Product,
    }
}

/// The next tighter level: what the right operand of a left-associative operator must be.
fn above(level: Level) -> Level {
    match level {
        Level::Raw => Level::Choice,
        Level::Choice => Level::Or,
        Level::Or => Level::And,
        Level::And => Level::Not,
        Level::Not => Level::Compare,
        Level::Compare => Level::BitOr,
        Level::BitOr => Level::BitXor,
        Level::BitXor => Level::BitAnd,
        Level::BitAnd => Level::Shift,
        Level::Shift => Level::Sum,
        Level::Sum => Level::Product,
        Level::Product => Level::Unary,
        Level::Unary => Level::Power,
        Level::Power | Level::Primary => Level::Primary,
    }
}

/// An expression on one line.
pub(super) fn expression(expr: &Expr) -> String {
    render(&inside(expr), 0, usize::MAX)
}

/// An operand of `and`, on lines of so many columns.
pub(super) fn conjunct(expr: &Expr, width: usize) -> String {
    render(&operand(expr, Level::Not), 0, width)
}

/// Statements, each on its lines, from an indentation on.
pub(super) fn statements(statements: &[Stmt], indent: usize, width: usize) -> String {
    let mut text = String::new();
    for stmt in statements {
        statement(stmt, indent, width, &mut text);
    }
    text
}

fn statement(stmt: &Stmt, indent: usize, width: usize, text: &mut String) {
    let pad = " ".repeat(indent);
    let mut line = |doc: Doc| {
        text.push_str(&pad);
        text.push_str(&render(&doc, indent, width));
        text.push('\n');
    };
    match stmt {
        Stmt::Assign(targets, values) => {
            let mut doc = items(targets);
            doc.push(Doc::text(" = "));
            match &values[..] {
                [value] => doc.push(outermost(value)),
                _ => doc.push(bare_tuple(values)),
            }
            line(Doc::Cat(doc));
        }
        Stmt::Augmented(target, operator, value) => {
            line(Doc::Cat(vec![
                inside(target),
                Doc::text(format!(" {operator}= ")),
                outermost(value),
            ]));
        }
        Stmt::Expr(expr) => line(outermost(expr)),
        Stmt::Return(None) => line(Doc::text("return")),
        Stmt::Return(Some(Expr::Tuple(values))) if values.len() > 1 => {
            line(Doc::Cat(vec![Doc::text("return "), bare_tuple(values)]));
        }
        Stmt::Return(Some(value)) => line(Doc::Cat(vec![Doc::text("return "), outermost(value)])),
        Stmt::Raw(raw) => raw.lines().for_each(|raw| line(Doc::text(raw))),
        Stmt::Break => line(Doc::text("break")),
        Stmt::For { target, range, body } => {
            let head = [
                Doc::text("for "),
                inside(target),
                Doc::text(" in "),
                outermost(range),
                Doc::text(":"),
            ];
            line(Doc::Cat(head.into()));
            branch(body, indent, width, text);
        }
        Stmt::While { test, body } => {
            line(Doc::Cat(vec![Doc::text("while "), outermost(test), Doc::text(":")]));
            branch(body, indent, width, text);
        }
        Stmt::If { test, then, other } => {
            line(Doc::Cat(vec![Doc::text("if "), outermost(test), Doc::text(":")]));
            branch(then, indent, width, text);
            alternative(other, indent, width, text);
        }
    }
}

fn branch(body: &[Stmt], indent: usize, width: usize, text: &mut String) {
    if body.is_empty() {
        text.push_str(&" ".repeat(indent + INDENT));
        text.push_str("pass\n");
    }
    text.push_str(&statements(body, indent + INDENT, width));
}

fn alternative(other: &[Stmt], indent: usize, width: usize, text: &mut String) {
    let pad = " ".repeat(indent);
    match other {
        [] => {}
        [Stmt::If { test, then, other }] => {
            let doc = Doc::Cat(vec![Doc::text("elif "), outermost(test), Doc::text(":")]);
            text.push_str(&format!("{pad}{}\n", render(&doc, indent, width)));
            branch(then, indent, width, text);
            alternative(other, indent, width, text);
        }
        _ => {
            text.push_str(&format!("{pad}else:\n"));
            branch(other, indent, width, text);
        }
    }
}

/// `a, b`
fn items(exprs: &[Expr]) -> Vec<Doc> {
    let mut doc = Vec::new();
    for (number, expr) in exprs.iter().enumerate() {
        if number > 0 {
            doc.push(Doc::text(", "));
        }
        doc.push(inside(expr));
    }
    doc
}

/// A tuple without parentheses, unless it needs more than one line.
fn bare_tuple(values: &[Expr]) -> Doc {
    in_parentheses_if_broken(separated(values.iter().map(inside)))
}

fn in_parentheses_if_broken(content: Doc) -> Doc {
    let inner = Doc::Cat(vec![Doc::Soft, content]).nest();
    Doc::Cat(vec![Doc::IfBroken("("), inner, Doc::Soft, Doc::IfBroken(")")]).group()
}

/// An expression that no bracket surrounds: it gets parentheses where it needs more than one line.
fn outermost(expr: &Expr) -> Doc {
    match expr {
        Expr::Call(..)
        | Expr::Truth(..)
        | Expr::Subscript(..)
        | Expr::Attr(..)
        | Expr::Tuple(_)
        | Expr::List(_)
        | Expr::Name(_)
        | Expr::Number(_)
        | Expr::Literal(_)
        | Expr::Raw(_)
        | Expr::Named(..)
        | Expr::Slice(..) => inside(expr),
        Expr::Unary(..)
        | Expr::Not(_)
        | Expr::Binary(..)
        | Expr::Compare(..)
        | Expr::Bool(..)
        | Expr::IfElse { .. } => in_parentheses_if_broken(inside(expr)),
    }
}

/// An operand that must hold together at least so tightly; its own operators break after those around.
fn operand(expr: &Expr, least: Level) -> Doc {
    if level(expr) >= least {
        inside(expr)
    } else {
        Doc::bracketed("(", inside(expr), ")")
    }
}

/// The left operand of an operator: a chain of one level breaks as one.
fn chained(expr: &Expr, own: Level) -> Doc {
    if level(expr) == own {
        bare(expr)
    } else {
        operand(expr, own)
    }
}

/// An expression inside of brackets: it may break at its operators.
fn inside(expr: &Expr) -> Doc {
    bare(expr).group()
}

fn bare(expr: &Expr) -> Doc {
    match expr {
        Expr::Name(text) | Expr::Number(text) | Expr::Literal(text) | Expr::Raw(text) => Doc::text(text.clone()),
        Expr::Unary(operator, inner) => Doc::Cat(vec![Doc::text(*operator), operand(inner, Level::Unary)]),
        Expr::Not(inner) => Doc::Cat(vec![Doc::text("not "), operand(inner, Level::Not)]),
        Expr::Named(..) => Doc::bracketed("(", named(expr), ")"),
        Expr::Truth(callee, value) => {
            Doc::Cat(vec![Doc::text(callee.clone()), Doc::bracketed("(", inside(value), ")")])
        }
        Expr::Binary("**", base, exponent) => power(base, exponent),
        Expr::Binary(operator, left, right) => {
            let own = binary_level(operator);
            infix(chained(left, own), operator, operand(right, above(own)))
        }
        Expr::Compare(operator, left, right) => {
            infix(operand(left, Level::BitOr), operator, operand(right, Level::BitOr))
        }
        Expr::Bool(operator, operands) => {
            let least = if *operator == "or" { Level::And } else { Level::Not };
            let mut doc = Vec::new();
            for (number, item) in operands.iter().enumerate() {
                if number > 0 {
                    doc.extend([Doc::Line, Doc::text(format!("{operator} "))]);
                }
                doc.push(operand(item, least));
            }
            Doc::Cat(doc)
        }
        Expr::IfElse { test, then, other } => Doc::Cat(vec![
            operand(then, Level::Or),
            Doc::Line,
            Doc::text("if "),
            operand(test, Level::Or),
            Doc::Line,
            Doc::text("else "),
            operand(other, Level::Choice),
        ]),
        Expr::Call(callee, args) => Doc::Cat(vec![operand(callee, Level::Primary), arguments(args)]),
        Expr::Attr(base, name) => Doc::Cat(vec![attribute_base(base), Doc::text(format!(".{name}"))]),
        Expr::Subscript(base, subs) => Doc::Cat(vec![operand(base, Level::Primary), subscript(subs)]),
        Expr::Slice(lo, hi, step) => Doc::text(slice(lo.as_deref(), hi.as_deref(), step.as_deref())),
        Expr::Tuple(items) => match &items[..] {
            [one] => Doc::bracketed("(", Doc::Cat(vec![inside(one), Doc::text(",")]), ")"),
            _ => Doc::bracketed("(", separated(items.iter().map(inside)), ")"),
        },
        Expr::List(items) => Doc::bracketed("[", separated(items.iter().map(inside)), "]"),
    }
}

fn infix(left: Doc, operator: &str, right: Doc) -> Doc {
    Doc::Cat(vec![left, Doc::Line, Doc::text(format!("{operator} ")), right])
}

/// `x**2` for simple operands, else `x[1:] ** 2`.
fn power(base: &Expr, exponent: &Expr) -> Doc {
    let is_signed = matches!(base, Expr::Unary(..));
    let operator = if !is_signed && is_simple_operand(base) && is_simple_operand(exponent) {
        "**"
    } else {
        " ** "
    };
    Doc::Cat(vec![
        operand(base, Level::Primary),
        Doc::text(operator),
        operand(exponent, Level::Unary),
    ])
}

fn is_simple_operand(expr: &Expr) -> bool {
    match expr {
        Expr::Name(_) | Expr::Number(_) => true,
        Expr::Attr(base, _) => is_simple_operand(base) && !matches!(**base, Expr::Number(_)),
        Expr::Unary(_, inner) => matches!(**inner, Expr::Name(_) | Expr::Number(_)),
        _ => false,
    }
}

fn attribute_base(base: &Expr) -> Doc {
    match base {
        Expr::Number(_) => Doc::bracketed("(", inside(base), ")"),
        _ => operand(base, Level::Primary),
    }
}

fn arguments(args: &[Arg]) -> Doc {
    if args.is_empty() {
        return Doc::text("()");
    }
    if let [(None, arg @ Expr::Named(..))] = args {
        return Doc::bracketed("(", named(arg), ")");
    }
    let docs = args.iter().map(|(keyword, arg)| match keyword {
        Some(keyword) => Doc::Cat(vec![Doc::text(format!("{keyword}=")), inside(arg)]),
        None => inside(arg),
    });
    Doc::bracketed("(", separated(docs), ")")
}

/// `name := e`, which stands in parentheses.
fn named(expr: &Expr) -> Doc {
    match expr {
        Expr::Named(name, value) => Doc::Cat(vec![Doc::text(format!("{name} := ")), inside(value)]),
        other => inside(other),
    }
}

/// Items on one line, or each on its own with a comma behind the last.
fn separated(docs: impl Iterator<Item = Doc>) -> Doc {
    let mut all = Vec::new();
    for doc in docs {
        if !all.is_empty() {
            all.extend([Doc::text(","), Doc::Line]);
        }
        all.push(doc);
    }
    all.push(Doc::IfBroken(","));
    Doc::Cat(all).group()
}

fn subscript(subs: &[Expr]) -> Doc {
    match subs {
        [Expr::Tuple(items)] if items.len() > 1 => Doc::bracketed("[", separated(items.iter().map(inside)), "]"),
        [one] => Doc::bracketed("[", inside(one), "]"),
        _ => Doc::bracketed("[", separated(subs.iter().map(inside)), "]"),
    }
}

fn slice(lo: Option<&Expr>, hi: Option<&Expr>, step: Option<&Expr>) -> String {
    let parts = [lo, hi, step];
    let spaced = parts.iter().flatten().any(|part| !is_simple_bound(part));
    let text = |part: Option<&Expr>| part.map(expression).unwrap_or_default();
    let mut out = text(lo);
    for part in [Some(hi), step.map(Some)].into_iter().flatten() {
        if spaced && !out.is_empty() && !out.ends_with(':') {
            out.push(' ');
        }
        out.push(':');
        if let Some(part) = part {
            if spaced {
                out.push(' ');
            }
            out.push_str(&expression(part));
        }
    }
    out
}

fn is_simple_bound(expr: &Expr) -> bool {
    match expr {
        Expr::Name(name) => !name.contains('.'),
        Expr::Number(_) | Expr::Literal(_) => true,
        Expr::Unary(_, inner) => is_simple_bound(inner),
        _ => false,
    }
}
