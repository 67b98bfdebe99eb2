//! Which statements beside a loop only prepare it or finish its work.
//!
//! Plain are assignments and returns whose value is cheap and touches nothing but its operands: literals, empty
//! containers, allocations, `len(x)`, `a.shape`, arithmetic, conversions. A call of anything else, a clock, a random
//! draw, a file, is not. An array that is made from another object (`np.array(image)`) is told apart: behind a loop it
//! finishes its work, before a loop it is where the author's arrays begin.

use std::collections::BTreeSet;

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Expr, ExprContext, Stmt};
use ruff_text_size::Ranged;

use super::{Neighbour, NeighbourForm, is_variable};
use crate::names::Names;

pub fn neighbour(names: &Names, stmt: &Stmt) -> Neighbour {
    let (form, binds) = form(names, stmt);
    let mut reads = Reads {
        names,
        found: BTreeSet::new(),
    };
    reads.visit_stmt(stmt);
    Neighbour {
        start: stmt.start().to_u32(),
        end: stmt.end().to_u32(),
        form,
        binds,
        reads: reads.found.into_iter().collect(),
    }
}

fn form(names: &Names, stmt: &Stmt) -> (NeighbourForm, Vec<String>) {
    let other = (NeighbourForm::Other, Vec::new());
    let (targets, value): (Vec<&Expr>, &Expr) = match stmt {
        Stmt::Assign(assign) => (assign.targets.iter().collect(), &assign.value),
        Stmt::AnnAssign(ast::StmtAnnAssign {
            target,
            value: Some(value),
            ..
        }) => (vec![target], value),
        Stmt::AugAssign(assign) => (vec![&assign.target], &assign.value),
        Stmt::Return(ret) => {
            let plain = ret.value.as_ref().is_none_or(|value| is_plain(names, value));
            return if plain {
                (NeighbourForm::Return, Vec::new())
            } else {
                other
            };
        }
        Stmt::FunctionDef(def) if is_helper(names, def) => {
            return (NeighbourForm::Helper, vec![def.name.to_string()]);
        }
        _ => return other,
    };
    if let ([Expr::Name(name)], Expr::Lambda(lambda)) = (&targets[..], value)
        && lambda.parameters.as_deref().is_none_or(has_plain_defaults)
    {
        return (NeighbourForm::Helper, vec![name.id.to_string()]);
    }
    if !is_plain(names, value) {
        return other;
    }
    let mut binds = Vec::new();
    if targets.iter().all(|target| bound_names(target, &mut binds)) {
        let form = if is_taken(names, &targets, value) {
            NeighbourForm::Taken
        } else {
            NeighbourForm::Plain
        };
        return (form, binds);
    }
    match &targets[..] {
        [Expr::Subscript(subscript)] if is_plain(names, &subscript.slice) => match container(&subscript.value) {
            Some(name) => (NeighbourForm::Store, vec![name.id.to_string()]),
            None => other,
        },
        _ => other,
    }
}

/// A function that does nothing when it is defined, and that its own calls do not change.
fn is_helper(names: &Names, def: &ast::StmtFunctionDef) -> bool {
    let info = names.functions().find(|(_, function)| function.range == def.range);
    info.is_some_and(|(_, info)| !info.is_generator && !info.is_async && info.decorators.is_empty())
        && has_plain_defaults(&def.parameters)
}

fn has_plain_defaults(parameters: &ast::Parameters) -> bool {
    let mut defaults = parameters
        .iter_non_variadic_params()
        .filter_map(|parameter| parameter.default());
    defaults.all(Expr::is_literal_expr)
}

/// The names of a target; `false` when it is more than names.
fn bound_names(target: &Expr, binds: &mut Vec<String>) -> bool {
    match target {
        Expr::Name(name) => {
            binds.push(name.id.to_string());
            true
        }
        Expr::Tuple(tuple) => tuple.elts.iter().all(|elt| bound_names(elt, binds)),
        Expr::List(list) => list.elts.iter().all(|elt| bound_names(elt, binds)),
        _ => false,
    }
}

/// Conversions to arrays, which take in anything.
const TAKE_IN: &[&str] = &[
    "numpy.array",
    "numpy.asarray",
    "numpy.asfarray",
    "numpy.ascontiguousarray",
    "numpy.atleast_1d",
    "numpy.atleast_2d",
    "numpy.copy",
];

/// Whether the value is made from an object of which the text says nothing.
fn is_taken(names: &Names, targets: &[&Expr], value: &Expr) -> bool {
    match value {
        Expr::Call(call) => {
            let converts = names
                .qualified_name(&call.func)
                .is_some_and(|name| TAKE_IN.contains(&name.as_str()));
            let open = |object: &Expr| matches!(object, Expr::Name(_) | Expr::Attribute(_));
            converts && call.arguments.args.first().is_some_and(open)
        }
        Expr::Attribute(attribute) => {
            let parts = |target: &&Expr| matches!(target, Expr::Tuple(_) | Expr::List(_));
            attribute.attr.as_str() != "shape" && targets.iter().any(parts)
        }
        _ => false,
    }
}

/// `a` of `a[i][j]`.
fn container(expr: &Expr) -> Option<&ast::ExprName> {
    match expr {
        Expr::Name(name) => Some(name),
        Expr::Subscript(subscript) => container(&subscript.value),
        _ => None,
    }
}

fn is_plain(names: &Names, expr: &Expr) -> bool {
    let all = |exprs: &[Expr]| exprs.iter().all(|expr| is_plain(names, expr));
    let optional = |expr: &Option<Box<Expr>>| expr.as_deref().is_none_or(|expr| is_plain(names, expr));
    match expr {
        Expr::Name(_)
        | Expr::NumberLiteral(_)
        | Expr::StringLiteral(_)
        | Expr::BytesLiteral(_)
        | Expr::BooleanLiteral(_)
        | Expr::NoneLiteral(_)
        | Expr::EllipsisLiteral(_) => true,
        Expr::Attribute(attribute) => is_plain(names, &attribute.value),
        Expr::Subscript(subscript) => is_plain(names, &subscript.value) && is_plain(names, &subscript.slice),
        Expr::Slice(slice) => optional(&slice.lower) && optional(&slice.upper) && optional(&slice.step),
        Expr::UnaryOp(op) => is_plain(names, &op.operand),
        // A product of matrices is no preparation.
        Expr::BinOp(op) => op.op != ast::Operator::MatMult && is_plain(names, &op.left) && is_plain(names, &op.right),
        Expr::BoolOp(op) => all(&op.values),
        Expr::Compare(compare) => is_plain(names, &compare.left) && all(&compare.comparators),
        Expr::If(ternary) => {
            is_plain(names, &ternary.test) && is_plain(names, &ternary.body) && is_plain(names, &ternary.orelse)
        }
        Expr::Tuple(tuple) => all(&tuple.elts),
        Expr::List(list) => all(&list.elts),
        Expr::Set(set) => all(&set.elts),
        Expr::Dict(dict) => dict
            .items
            .iter()
            .all(|item| item.key.as_ref().is_none_or(|key| is_plain(names, key)) && is_plain(names, &item.value)),
        // `[[0] * m for _ in range(n)]`
        Expr::ListComp(comp) => {
            let simple = |part: &ast::Comprehension| {
                !part.is_async && is_plain(names, &part.iter) && part.ifs.is_empty() && part.target.is_name_expr()
            };
            is_plain(names, &comp.elt) && comp.generators.iter().all(simple)
        }
        Expr::Call(call) => is_plain_call(names, call),
        Expr::Starred(starred) => is_plain(names, &starred.value),
        Expr::Named(_)
        | Expr::Lambda(_)
        | Expr::SetComp(_)
        | Expr::DictComp(_)
        | Expr::Generator(_)
        | Expr::Await(_)
        | Expr::Yield(_)
        | Expr::YieldFrom(_)
        | Expr::FString(_)
        | Expr::TString(_)
        | Expr::IpyEscapeCommand(_) => false,
    }
}

/// Methods of arrays and lists that look or copy.
const METHODS: &[&str] = &[
    "copy",
    "astype",
    "reshape",
    "ravel",
    "flatten",
    "tolist",
    "transpose",
    "item",
    "bit_length",
];

/// Builtins that make, measure or convert.
const BUILTINS: &[&str] = &[
    "abs",
    "bool",
    "complex",
    "dict",
    "divmod",
    "enumerate",
    "float",
    "frozenset",
    "int",
    "len",
    "list",
    "max",
    "min",
    "pow",
    "range",
    "reversed",
    "round",
    "set",
    "sorted",
    "str",
    "sum",
    "tuple",
    "zip",
];

/// Functions of NumPy that allocate, convert, or do scalar arithmetic.
const NUMPY: &[&str] = &[
    "abs",
    "absolute",
    "arange",
    "array",
    "asarray",
    "ascontiguousarray",
    "asfarray",
    "atleast_1d",
    "atleast_2d",
    "bool_",
    "cbrt",
    "complex128",
    "complex64",
    "copy",
    "cos",
    "empty",
    "empty_like",
    "exp",
    "eye",
    "float16",
    "float32",
    "float64",
    "full",
    "full_like",
    "identity",
    "int16",
    "int32",
    "int64",
    "int8",
    "intp",
    "linspace",
    "log",
    "log10",
    "log2",
    "logspace",
    "max",
    "mean",
    "min",
    "ndim",
    "ones",
    "ones_like",
    "reshape",
    "round",
    "shape",
    "sin",
    "size",
    "sqrt",
    "square",
    "sum",
    "tan",
    "tile",
    "transpose",
    "uint16",
    "uint32",
    "uint64",
    "uint8",
    "zeros",
    "zeros_like",
];

fn is_plain_call(names: &Names, call: &ast::ExprCall) -> bool {
    let arguments = call
        .arguments
        .args
        .iter()
        .chain(call.arguments.keywords.iter().map(|keyword| &keyword.value));
    if !arguments.clone().all(|argument| is_plain(names, argument)) {
        return false;
    }
    if let Some(name) = names.qualified_name(&call.func) {
        return match name.split_once('.') {
            Some(("math", _)) => true,
            Some(("builtins", name)) => BUILTINS.contains(&name),
            Some(("numpy", name)) => NUMPY.contains(&name),
            _ => false,
        };
    }
    match &*call.func {
        Expr::Attribute(method) => METHODS.contains(&method.attr.as_str()) && is_plain(names, &method.value),
        _ => false,
    }
}

/// Variables that a statement mentions other than as targets.
struct Reads<'n> {
    names: &'n Names,
    found: BTreeSet<String>,
}

impl<'a> Visitor<'a> for Reads<'_> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        if let Stmt::AugAssign(assign) = stmt
            && let Expr::Name(name) = &*assign.target
        {
            self.found.insert(name.id.to_string());
        }
        visitor::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::Name(name) = expr
            && name.ctx == ExprContext::Load
            && is_variable(self.names, name)
        {
            self.found.insert(name.id.to_string());
        }
        visitor::walk_expr(self, expr);
    }
}
