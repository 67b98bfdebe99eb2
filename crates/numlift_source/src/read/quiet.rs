//! What text that was not understood has to do with the memory around it: whether a loop may be split around it.
//!
//! ```text
//! print("at", i, x[i])        nothing: it looks at numbers and texts, and writes output
//! log.append(describe(v))     anything: code of the author's runs
//! time.perf_counter()         it measures: nothing is moved across it
//! ```
//!
//! Only what is listed here is known to touch nothing. An operand may be a number, a text, an array of numbers, a list
//! or tuple of these, since the methods that Python calls of them are its own; an object of the author's may do what it
//! likes when it is printed.

use numlift_ir::function::ValueId;
use numlift_ir::op::{Look, Touches};
use numlift_ir::table::{self, Does, FunctionInfo};
use numlift_ir::ty::Ty;
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Expr, ExprContext, Stmt};

use super::call::reads_the_clock;
use super::reach::Reach;
use super::reader::Reader;

/// An expression or a statement.
#[derive(Clone, Copy)]
pub(super) enum Text<'a> {
    Expr(&'a Expr),
    Stmt(&'a Stmt),
}

impl<'a> Reader<'a> {
    pub(super) fn touches(&self, text: Text<'a>, reach: Reach) -> Touches {
        let mut clock = Clock {
            reader: self,
            found: false,
        };
        match text {
            Text::Expr(expr) => clock.visit_expr(expr),
            Text::Stmt(stmt) => clock.visit_stmt(stmt),
        }
        if clock.found {
            return Touches::Time;
        }
        let quiet = reach == Reach::Nothing
            && match text {
                Text::Expr(expr) => self.is_quiet(expr),
                Text::Stmt(Stmt::Expr(stmt)) => self.is_quiet(&stmt.value),
                Text::Stmt(Stmt::Assign(stmt)) => {
                    stmt.targets.iter().all(Expr::is_name_expr) && self.is_quiet(&stmt.value)
                }
                Text::Stmt(_) => false,
            };
        if quiet { Touches::Nothing } else { Touches::Anything }
    }

    fn is_quiet(&self, expr: &'a Expr) -> bool {
        let all = |exprs: &'a [Expr]| exprs.iter().all(|expr| self.is_quiet(expr));
        match expr {
            Expr::NumberLiteral(_)
            | Expr::StringLiteral(_)
            | Expr::BytesLiteral(_)
            | Expr::BooleanLiteral(_)
            | Expr::NoneLiteral(_)
            | Expr::EllipsisLiteral(_) => true,
            Expr::Name(name) => match self.local(name.id.as_str()) {
                Some(value) => is_plain(self.bound_ty(value)),
                None => self.is_constant_name(expr),
            },
            Expr::Attribute(attribute) => self.is_quiet_attribute(expr, attribute),
            Expr::Subscript(subscript) if self.is_plain_item(subscript) => true,
            Expr::Dict(dict) => self.is_quiet_record(dict),
            Expr::Subscript(subscript) => {
                subscript.ctx == ExprContext::Load && self.is_quiet(&subscript.value) && self.is_quiet(&subscript.slice)
            }
            Expr::Slice(slice) => [&slice.lower, &slice.upper, &slice.step]
                .into_iter()
                .flatten()
                .all(|part| self.is_quiet(part)),
            Expr::BinOp(op) => self.is_quiet(&op.left) && self.is_quiet(&op.right),
            Expr::UnaryOp(op) => self.is_quiet(&op.operand),
            Expr::BoolOp(op) => all(&op.values),
            Expr::Compare(compare) => self.is_quiet(&compare.left) && all(&compare.comparators),
            Expr::If(choice) => [&choice.test, &choice.body, &choice.orelse]
                .into_iter()
                .all(|part| self.is_quiet(part)),
            Expr::Tuple(tuple) => all(&tuple.elts),
            Expr::List(list) => all(&list.elts),
            Expr::FString(text) => text.value.elements().all(|element| self.is_quiet_piece(element)),
            Expr::Call(call) => self.is_quiet_call(call),
            _ => false,
        }
    }

    /// `p["key"]` of a dict whose item is plain.
    fn is_plain_item(&self, subscript: &'a ast::ExprSubscript) -> bool {
        let Expr::Name(name) = &*subscript.value else {
            return false;
        };
        let Some(base) = self.local(name.id.as_str()) else {
            return false;
        };
        let item = self.key_of_record(base, &subscript.slice);
        match (item, self.bound_ty(base)) {
            (Some(item), Ty::Object { attrs, .. }) => {
                subscript.ctx == ExprContext::Load && attrs.get(&item).is_some_and(is_plain)
            }
            _ => false,
        }
    }

    /// `{"a": x, "b": 1}`, where that is compiled.
    fn is_quiet_record(&self, dict: &'a ast::ExprDict) -> bool {
        let is_named = |key: &Option<Expr>| matches!(key, Some(Expr::StringLiteral(_)));
        let mut items = dict.items.iter();
        self.options.frames.is_some() && items.all(|item| is_named(&item.key) && self.is_quiet(&item.value))
    }

    /// `{x:.{digits}f}`
    fn is_quiet_piece(&self, element: &'a ast::InterpolatedStringElement) -> bool {
        match element {
            ast::InterpolatedStringElement::Literal(_) => true,
            ast::InterpolatedStringElement::Interpolation(piece) => {
                let spec = piece.format_spec.as_deref();
                self.is_quiet(&piece.expression)
                    && spec.is_none_or(|spec| spec.elements.iter().all(|element| self.is_quiet_piece(element)))
            }
        }
    }

    /// The elements that text looks at, of operands of which it looks at nothing else.
    pub(super) fn looks(
        &mut self,
        text: Text<'a>,
        touches: Touches,
        live: &[(String, ValueId)],
    ) -> Vec<(Look, Vec<ValueId>)> {
        let mut looks = Vec::new();
        if touches != Touches::Nothing {
            return looks;
        }
        let mut uses = Uses::default();
        match text {
            Text::Expr(expr) => uses.visit_expr(expr),
            Text::Stmt(stmt) => uses.visit_stmt(stmt),
        }
        for (operand, (name, value)) in live.iter().enumerate() {
            let elements: Vec<&Expr> = uses
                .elements
                .iter()
                .filter(|(base, _)| base == name)
                .map(|(_, sub)| *sub)
                .collect();
            let has_memory = matches!(self.bound_ty(*value), Ty::Array { .. } | Ty::List(..));
            if !has_memory || elements.len() != uses.names.iter().filter(|used| *used == name).count() {
                continue;
            }
            let found: Option<Vec<Vec<ValueId>>> = elements.into_iter().map(|element| self.place(element)).collect();
            looks.extend(found.into_iter().flatten().map(|subscripts| {
                let look = Look {
                    operand,
                    subscripts: subscripts.len(),
                };
                (look, subscripts)
            }));
        }
        looks
    }

    /// The ints of a subscript that are plain arithmetic.
    fn place(&mut self, subscript: &'a Expr) -> Option<Vec<ValueId>> {
        let items = match subscript {
            Expr::Tuple(tuple) => &tuple.elts[..],
            other => std::slice::from_ref(other),
        };
        if !items.iter().all(is_arithmetic) {
            return None;
        }
        let values: Option<Vec<ValueId>> = items.iter().map(|item| self.try_expr(item).ok()).collect();
        values.filter(|values| values.iter().all(|value| matches!(self.ty(*value), Ty::Int(_))))
    }

    /// A constant of a library: `math.pi`, a dtype.
    fn is_constant_name(&self, expr: &Expr) -> bool {
        let named = self.qualified(expr);
        named.is_some_and(|name| name.starts_with("numpy.") || name.starts_with("math.") || name == "__name__")
    }

    fn is_quiet_attribute(&self, expr: &'a Expr, attribute: &'a ast::ExprAttribute) -> bool {
        if attribute.ctx != ExprContext::Load {
            return false;
        }
        if self.is_constant_name(expr) {
            return true;
        }
        let Expr::Name(name) = &*attribute.value else {
            return self.is_quiet(&attribute.value);
        };
        match self.local(name.id.as_str()).map(|value| self.bound_ty(value)) {
            Some(Ty::Object { attrs, .. }) => attrs.get(attribute.attr.as_str()).is_some_and(is_plain),
            Some(ty) => is_plain(ty),
            None => false,
        }
    }

    fn is_quiet_call(&self, call: &'a ast::ExprCall) -> bool {
        let arguments = &call.arguments;
        let stream = |keyword: &ast::Keyword| {
            let is_file = keyword.arg.as_ref().is_some_and(|name| name.as_str() == "file");
            is_file && self.qualified(&keyword.value).is_some_and(|name| is_stream(&name))
        };
        let named = |keyword: &ast::Keyword| keyword.arg.as_ref().is_some_and(|name| name.as_str() != "out");
        let plain = arguments.args.iter().all(|arg| self.is_quiet(arg))
            && arguments
                .keywords
                .iter()
                .all(|keyword| stream(keyword) || named(keyword) && self.is_quiet(&keyword.value));
        if !plain {
            return false;
        }
        let looks = |info: &'static FunctionInfo, first: usize| {
            let keywords = arguments.keywords.iter().filter_map(|keyword| keyword.arg.as_ref());
            let keywords: Vec<&str> = keywords.map(ast::Identifier::as_str).collect();
            let bound = info.bind(first + arguments.args.len(), &keywords);
            info.does == Does::Nothing && bound.is_some_and(|bound| bound.get("out").is_none())
        };
        if let Some(name) = self.qualified(&call.func) {
            return match table::lookup(&name).filter(|_| name.starts_with("numpy.")) {
                Some(info) => looks(info, 0),
                None => is_quiet_function(&name),
            };
        }
        let Expr::Attribute(method) = &*call.func else {
            return false;
        };
        let receiver = match &*method.value {
            Expr::StringLiteral(_) | Expr::FString(_) => Some(&Ty::Str),
            Expr::Name(name) => self.local(name.id.as_str()).map(|value| self.bound_ty(value)),
            _ => None,
        };
        self.is_quiet(&method.value)
            && match receiver {
                Some(Ty::Str) => true,
                Some(Ty::Array { .. } | Ty::Np(_)) => {
                    table::method("ndarray", method.attr.as_str()).is_some_and(|info| looks(info, 1))
                }
                _ => false,
            }
    }
}

/// What Python's own code handles.
fn is_plain(ty: &Ty) -> bool {
    match ty.bound() {
        Ty::None
        | Ty::Bool
        | Ty::Int(_)
        | Ty::Float
        | Ty::Complex
        | Ty::Str
        | Ty::Np(_)
        | Ty::OneOf(_)
        | Ty::Range
        | Ty::Dtype(_)
        | Ty::Array { .. } => true,
        Ty::Tuple(items) => items.iter().all(is_plain),
        Ty::Optional(inner) => is_plain(inner),
        Ty::List(elem, _) => **elem == Ty::Never || is_plain(elem),
        Ty::Unknown
        | Ty::Never
        | Ty::Unbound
        | Ty::Buffer(_)
        | Ty::Dict
        | Ty::Set
        | Ty::Tensor { .. }
        | Ty::Module(_)
        | Ty::Extern(_)
        | Ty::Author(_)
        | Ty::Generator { .. }
        | Ty::Object { .. }
        | Ty::Maybe(_) => false,
    }
}

fn is_stream(name: &str) -> bool {
    matches!(name, "sys.stdout" | "sys.stderr")
}

fn is_quiet_function(name: &str) -> bool {
    match name.split_once('.') {
        Some(("builtins", name)) => matches!(
            name,
            "print"
                | "repr"
                | "str"
                | "format"
                | "ascii"
                | "len"
                | "abs"
                | "round"
                | "min"
                | "max"
                | "sum"
                | "int"
                | "float"
                | "bool"
                | "complex"
                | "divmod"
                | "pow"
                | "hex"
                | "oct"
                | "bin"
                | "ord"
                | "chr"
                | "tuple"
                | "list"
                | "sorted"
                | "range"
                | "type"
                | "isinstance"
        ),
        Some(("math", _)) => true,
        Some(("time", "sleep")) => true,
        Some(("sys", name)) => matches!(
            name,
            "stdout.write" | "stdout.flush" | "stderr.write" | "stderr.flush" | "getsizeof"
        ),
        _ => false,
    }
}

/// `i`, `i - 1`, `2 * k + 1`
fn is_arithmetic(expr: &Expr) -> bool {
    match expr {
        Expr::Name(_) => true,
        Expr::NumberLiteral(literal) => matches!(literal.value, ast::Number::Int(_)),
        Expr::UnaryOp(op) => op.op == ast::UnaryOp::USub && is_arithmetic(&op.operand),
        Expr::BinOp(op) => {
            let known = matches!(op.op, ast::Operator::Add | ast::Operator::Sub | ast::Operator::Mult);
            known && is_arithmetic(&op.left) && is_arithmetic(&op.right)
        }
        _ => false,
    }
}

/// The names that text reads, and which of them it subscripts with what.
#[derive(Default)]
struct Uses<'a> {
    names: Vec<String>,
    elements: Vec<(String, &'a Expr)>,
}

impl<'a> Visitor<'a> for Uses<'a> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) => self.names.push(name.id.to_string()),
            Expr::Subscript(subscript) => {
                if let Expr::Name(base) = &*subscript.value {
                    self.elements.push((base.id.to_string(), &subscript.slice));
                }
            }
            _ => {}
        }
        visitor::walk_expr(self, expr);
    }
}

/// Looks for calls that measure time.
struct Clock<'r, 'a> {
    reader: &'r Reader<'a>,
    found: bool,
}

impl<'a> Visitor<'a> for Clock<'_, 'a> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::Call(call) = expr
            && let Some(name) = self.reader.qualified(&call.func)
        {
            self.found |= reads_the_clock(&name);
        }
        visitor::walk_expr(self, expr);
    }
}
