//! Expressions.
//!
//! An expression that is not understood becomes an opaque value, the smallest one that contains what is not
//! understood; operators refuse operands of unknown type, so that the opaque text grows to where any object will do
//! (an assignment, an append, an argument).

use numlift_ir::function::ValueId;
use numlift_ir::op::{BOUND, Const, Kind};
use numlift_ir::ty::Ty;
use ruff_python_ast::{self as ast, Expr, Number, UnaryOp};
use ruff_text_size::{Ranged, TextRange};

use super::reader::Reader;
use super::refusal::{Read, Refusal};
use crate::names::BindingKind;
use crate::project::ModuleId;

impl<'a> Reader<'a> {
    /// Reads an operand, which is not `None`; what is not understood becomes an opaque value.
    pub(super) fn expr(&mut self, expr: &'a Expr) -> Read<ValueId> {
        let value = self.any_expr(expr)?;
        Ok(self.present(value))
    }

    /// Reads an expression that may be `None`; what is not understood becomes an opaque value.
    pub(super) fn any_expr(&mut self, expr: &'a Expr) -> Read<ValueId> {
        let saved = self.save();
        match self.try_expr(expr) {
            Ok(value) => Ok(value),
            Err(refusal) if refusal.whole_statement => Err(refusal),
            Err(refusal) => {
                self.restore(&saved);
                let first = self.b.func.ops.len();
                let value = self.opaque_value(expr, &refusal)?;
                self.note_part(expr, value, first);
                Ok(value)
            }
        }
    }

    /// Reads an expression whose value gets another name: a name that may be unbound raises here, not where the other
    /// is used.
    pub(super) fn settled(&mut self, expr: &'a Expr) -> Read<ValueId> {
        let value = self.any_expr(expr)?;
        if !matches!((expr, self.ty(value)), (Expr::Name(_), Ty::Maybe(_))) {
            return Ok(value);
        }
        if self.options.frames.is_some() && self.frames.len() == 1 {
            // Where it is not bound, Python goes on, and raises.
            self.b.effect(Kind::Require(BOUND.to_owned()), &[value]);
            return Ok(value);
        }
        let ty = self.bound_ty(value).clone();
        let reason = format!("`{}` may be unbound here", self.shown(expr.range()));
        let settled = self.opaque_value(expr, &Refusal::typed(expr.range(), ty, reason))?;
        let places = self.places_of(value);
        self.set_places(settled, places);
        Ok(settled)
    }

    /// Reads an expression or refuses it.
    pub(super) fn try_expr(&mut self, expr: &'a Expr) -> Read<ValueId> {
        self.spend(expr.range())?;
        let outer = self.b.origin;
        let first = self.b.func.ops.len();
        self.at(expr.range());
        let value = self.expr_here(expr);
        if let Ok(value) = value {
            self.note_part(expr, value, first);
        }
        self.b.origin = outer;
        value
    }

    fn expr_here(&mut self, expr: &'a Expr) -> Read<ValueId> {
        match expr {
            Expr::NumberLiteral(literal) => self.number(literal),
            Expr::BooleanLiteral(literal) => Ok(self.b.constant(Const::Bool(literal.value))),
            Expr::NoneLiteral(_) => Ok(self.b.constant(Const::None)),
            Expr::EllipsisLiteral(_) => Ok(self.b.constant(Const::Ellipsis)),
            Expr::StringLiteral(literal) => Ok(self.b.constant(Const::Str(literal.value.to_str().to_owned()))),
            Expr::Name(name) => self.name(name),
            Expr::UnaryOp(op) => self.unary(op),
            Expr::BinOp(op) => self.binary(op),
            Expr::Compare(compare) => self.compare(compare),
            Expr::BoolOp(op) => self.bool_op(op),
            Expr::If(choice) => self.choice(choice),
            Expr::Named(named) => self.walrus(named),
            Expr::Subscript(subscript) => self.subscript(subscript),
            Expr::Attribute(attribute) => self.attribute(expr, attribute),
            Expr::Call(call) => self.call(call),
            Expr::Tuple(tuple) => {
                let items = self.display(&tuple.elts)?;
                Ok(self.made_tuple(&items, tuple.range))
            }
            Expr::List(list) => {
                let items = self.display(&list.elts)?;
                let made = self.b.value(Kind::MakeList, &items);
                let site = self.site(list.range, 0);
                self.made_list(made, site, &items);
                Ok(made)
            }
            Expr::ListComp(comp) => self.list_comprehension(&comp.elt, &comp.generators, comp.range),
            Expr::Generator(_) => Err(Refusal::any_code(
                expr.range(),
                "a generator runs later, when it is asked",
            )),
            Expr::Lambda(_) => Err(Refusal::new(expr.range(), "a `lambda` is not read")),
            Expr::Dict(dict) => {
                if let Some(record) = self.record_display(expr, dict)? {
                    return Ok(record);
                }
                for item in &dict.items {
                    item.key
                        .iter()
                        .chain([&item.value])
                        .try_for_each(|part| self.expr(part).map(|_| ()))?;
                }
                Err(Refusal::typed(expr.range(), Ty::Dict, "dicts are not read"))
            }
            Expr::DictComp(_) => Err(Refusal::typed(expr.range(), Ty::Dict, "dicts are not read")),
            Expr::Set(_) | Expr::SetComp(_) => Err(Refusal::typed(expr.range(), Ty::Set, "sets are not read")),
            Expr::FString(string) => {
                for element in string.value.elements() {
                    if let Some(interpolated) = element.as_interpolation() {
                        self.expr(&interpolated.expression)?;
                    }
                }
                Err(Refusal::typed(expr.range(), Ty::Str, "a string is formatted"))
            }
            Expr::TString(_) => Err(Refusal::new(expr.range(), "a template is made")),
            Expr::BytesLiteral(_) => Err(Refusal::new(expr.range(), "bytes are not read")),
            Expr::Slice(_) => Err(Refusal::new(expr.range(), "a `slice` object is not read")),
            Expr::Starred(_) => Err(Refusal::new(expr.range(), "`*` spreads a sequence")),
            Expr::Await(_) | Expr::Yield(_) | Expr::YieldFrom(_) => {
                Err(Refusal::statement(expr.range(), "other code runs in between"))
            }
            Expr::IpyEscapeCommand(_) => Err(Refusal::any_code(expr.range(), "a command of the notebook")),
        }
    }

    fn number(&mut self, literal: &ast::ExprNumberLiteral) -> Read<ValueId> {
        let constant = match &literal.value {
            Number::Int(int) => match int.as_u64() {
                Some(small) => Const::Int(i128::from(small)),
                None => match int.to_string().parse() {
                    Ok(large) => Const::Int(large),
                    Err(_) => return Err(Refusal::new(literal.range, "an int of more than 127 bits")),
                },
            },
            Number::Float(float) => Const::Float(*float),
            Number::Complex { real, imag } => Const::Complex(*real, *imag),
        };
        Ok(self.b.constant(constant))
    }

    /// The items of a display.
    fn display(&mut self, elts: &'a [Expr]) -> Read<Vec<ValueId>> {
        elts.iter()
            .map(|elt| match elt {
                Expr::Starred(_) => Err(Refusal::new(elt.range(), "`*` spreads a sequence")),
                _ => self.any_expr(elt),
            })
            .collect()
    }

    fn name(&mut self, name: &'a ast::ExprName) -> Read<ValueId> {
        let expr_range = name.range;
        if let Some(known) = self.special_name(name) {
            return Ok(known);
        }
        if let Some(value) = self.local(name.id.as_str()) {
            if *self.ty(value) == Ty::Unbound {
                return Err(Refusal::new(expr_range, format!("`{}` is not bound here", name.id)));
            }
            if self.is_nested(value) {
                return Err(Refusal {
                    whole_statement: true,
                    ..Refusal::any_code(expr_range, format!("the function `{}` is passed on", name.id))
                });
            }
            if self.lambdas.contains_key(&value) {
                return Err(Refusal::any_code(
                    expr_range,
                    format!("the function `{}` is passed on", name.id),
                ));
            }
            return Ok(value);
        }
        self.known_name(name)
    }

    /// The value of a name that the environment has.
    pub(super) fn local(&self, name: &str) -> Option<ValueId> {
        let mut frame = self.frame();
        loop {
            if let Some(value) = frame.env.get(name) {
                return Some(*value);
            }
            frame = &self.frames[frame.enclosing?];
        }
    }

    /// Names with a meaning of their own while a whole program is read.
    fn special_name(&mut self, name: &'a ast::ExprName) -> Option<ValueId> {
        let typing = self.typing.as_ref()?;
        let text = name.id.as_str();
        if text == "__name__" {
            let frame = self.frame();
            let main = typing.main.0 == frame.file;
            let name = if main {
                "__main__"
            } else {
                self.project.name(ModuleId(frame.file))
            };
            return Some(self.b.constant(Const::Str(name.to_owned())));
        }
        if self.is_volatile(text) {
            return Some(self.any_value());
        }
        if self.local(text).is_some_and(|value| self.is_author(value))
            && let Some(function) = self.author_function(&Expr::Name(name.clone()))
        {
            self.escape_function(function);
        }
        None
    }

    /// A name that stands for something outside of the region.
    fn known_name(&mut self, name: &'a ast::ExprName) -> Read<ValueId> {
        let module = self.frame().module;
        let whole = Expr::Name(name.clone());
        if let Some(qualified) = module.names.qualified_name(&whole) {
            return Ok(self.external(&qualified));
        }
        if let Some(function) = self.author_function(&whole) {
            self.escape_function(function);
            return Ok(self.author_value(function, Some(name.id.as_str())));
        }
        self.global(name)
    }

    /// A constant, function or class of a library.
    pub(super) fn external(&mut self, qualified: &str) -> ValueId {
        let float = |value: f64| Const::Float(value);
        let constant = match qualified {
            "numpy.pi" | "math.pi" => float(std::f64::consts::PI),
            "numpy.e" | "math.e" => float(std::f64::consts::E),
            "math.tau" => float(std::f64::consts::TAU),
            "numpy.euler_gamma" => float(0.577_215_664_901_532_9),
            "numpy.inf" | "math.inf" => float(f64::INFINITY),
            "numpy.nan" | "math.nan" => float(f64::NAN),
            "numpy.newaxis" => Const::None,
            _ => return self.b.value(Kind::Extern(qualified.to_owned()), &[]),
        };
        self.b.constant(constant)
    }

    /// A global of the module whose code is read.
    fn global(&mut self, name: &'a ast::ExprName) -> Read<ValueId> {
        let frame = self.frame();
        let (module, file, text) = (frame.module, frame.file, name.id.as_str());
        let unknown = || Refusal::new(name.range, format!("nothing is known of the name `{text}`"));
        if let Some(value) = self.module_global(text) {
            return Ok(value);
        }
        if self.frames.len() == 1 {
            return Err(unknown());
        }
        // A function of the region's own module sees the globals that the region sees.
        let region = &self.frames[0];
        let symbol = module.names.lookup(crate::names::Names::MODULE, text);
        let shared = file == region.file && symbol.is_some() && module.names.lookup(region.scope, text) == symbol;
        if shared && let Some(value) = region.env.get(text) {
            return Ok(*value);
        }
        if let Some(value) = self.constant_global(text)? {
            return Ok(value);
        }
        match self.options.globals.get(&(file, text.to_owned())) {
            Some(ty) if shared => Ok(self.input(text, &ty.clone())),
            _ => Err(unknown()),
        }
    }

    /// A global that is bound once, to a literal.
    fn constant_global(&mut self, name: &str) -> Read<Option<ValueId>> {
        let module = self.frame().module;
        let Some(value) = global_value(module, name) else {
            return Ok(None);
        };
        if !is_constant(value) {
            return Ok(None);
        }
        let value = self.try_expr(value)?;
        self.b.name(value, name);
        Ok(Some(value))
    }

    fn unary(&mut self, op: &'a ast::ExprUnaryOp) -> Read<ValueId> {
        use numlift_ir::scalar::F;
        if op.op == UnaryOp::Not {
            let truth = self.condition(&op.operand)?;
            return Ok(match self.b.func.as_const(truth) {
                Some(Const::Bool(known)) => {
                    let not = !known;
                    self.b.constant(Const::Bool(not))
                }
                _ => self.b.operator(F::Not, &[truth]),
            });
        }
        if let (UnaryOp::USub, Expr::NumberLiteral(literal)) = (op.op, &*op.operand)
            && let Some(negative) = negated(literal)
        {
            return Ok(self.b.constant(negative));
        }
        let operand = self.expr(&op.operand)?;
        let f = match op.op {
            UnaryOp::USub => F::Neg,
            UnaryOp::UAdd => F::Pos,
            UnaryOp::Invert => F::Invert,
            UnaryOp::Not => F::Not,
        };
        self.operator(f, &[operand], op.range)
    }

    /// `name := value`
    fn walrus(&mut self, named: &'a ast::ExprNamed) -> Read<ValueId> {
        let Expr::Name(name) = &*named.target else {
            return Err(Refusal::statement(named.range, "`:=` binds something that is no name"));
        };
        let value = self.settled(&named.value)?;
        self.bind(name.id.as_str(), value);
        Ok(value)
    }

    /// The values of names in an expression that the environment has, in order.
    pub(super) fn live_reads(&self, expr: Option<&Expr>) -> Vec<(String, ValueId)> {
        use ruff_python_ast::visitor::Visitor;
        let mut reads = super::bound::Reads::default();
        if let Some(expr) = expr {
            reads.visit_expr(expr);
        }
        self.live(reads.names)
    }

    pub(super) fn live_reads_of_stmt(&self, stmt: &ast::Stmt) -> Vec<(String, ValueId)> {
        use ruff_python_ast::visitor::Visitor;
        let mut reads = super::bound::Reads::default();
        reads.visit_stmt(stmt);
        self.live(reads.names)
    }

    fn live(&self, names: Vec<String>) -> Vec<(String, ValueId)> {
        let bound = |name: &String| self.local(name).filter(|value| *self.ty(*value) != Ty::Unbound);
        names
            .into_iter()
            .filter_map(|name| bound(&name).map(|value| (name, value)))
            .collect()
    }

    /// Why a value was not understood.
    pub(super) fn why_unknown(&self, value: ValueId) -> Option<String> {
        match self.b.func.defining(value).map(|op| &op.kind) {
            Some(Kind::Opaque { reason, .. }) if !reason.is_empty() => Some(reason.clone()),
            _ => None,
        }
    }

    /// Refuses what the type of an operand does not allow to understand.
    pub(super) fn refuse_type(&self, operand: ValueId, at: TextRange) -> Refusal {
        let what = self.shown(at);
        // Why the operand itself was not understood says more than that it was not.
        let why = self.why_unknown(operand);
        match self.bound_ty(operand) {
            Ty::Unknown => Refusal::on_unknown(
                at,
                why.unwrap_or_else(|| format!("the types in `{what}` are not known")),
            ),
            ty => Refusal::new(
                at,
                format!("`{what}` with an operand of type {} is not read", ty.spoken()),
            ),
        }
    }
}

/// A negative literal is a constant.
fn negated(literal: &ast::ExprNumberLiteral) -> Option<Const> {
    match &literal.value {
        Number::Int(int) => int.as_u64().map(|int| Const::Int(-i128::from(int))),
        Number::Float(float) => Some(Const::Float(-float)),
        Number::Complex { .. } => None,
    }
}

/// The value of a global that is assigned once, at the top of its module.
pub(super) fn global_value<'a>(module: &'a crate::module::Module, name: &str) -> Option<&'a Expr> {
    let BindingKind::Assign { value } = module.names.only_global_binding(name)? else {
        return None;
    };
    module.parsed.module.body.iter().find_map(|stmt| match stmt {
        ast::Stmt::Assign(stmt) if stmt.value.range() == *value => Some(&*stmt.value),
        ast::Stmt::AnnAssign(stmt) => stmt.value.as_deref().filter(|own| own.range() == *value),
        _ => None,
    })
}

/// Numbers, strings and arithmetic on them.
fn is_constant(expr: &Expr) -> bool {
    match expr {
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::BooleanLiteral(_) | Expr::NoneLiteral(_) => true,
        Expr::UnaryOp(op) => is_constant(&op.operand),
        Expr::BinOp(op) => is_constant(&op.left) && is_constant(&op.right),
        Expr::Tuple(tuple) => tuple.elts.iter().all(is_constant),
        _ => false,
    }
}
