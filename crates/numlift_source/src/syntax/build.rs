//! From the parser's tree to ours.

use ruff_python_ast as ast;
use ruff_python_ast::{CmpOp, ExceptHandler, Expr, InterpolatedStringElement, Operator, Pattern, Stmt, UnaryOp};
use ruff_text_size::{Ranged, TextRange};

use super::{Binary, Clause, Comparison, Display, Handler, Kind, Node, NodeId, Parameter, Tree, Unary};
use crate::parse::Parsed;

pub(super) fn build(parsed: &Parsed) -> Tree<'_> {
    let source = parsed.source();
    let mut builder = Builder {
        source,
        nodes: Vec::with_capacity(source.len() / 6),
    };
    let whole = TextRange::up_to((source.len() as u32).into());
    let root = builder.open(whole, NodeId(0));
    let body = builder.suite(&parsed.module.body, root);
    builder.close(root, Kind::Module { body });
    Tree {
        source,
        nodes: builder.nodes,
    }
}

struct Builder<'s> {
    source: &'s str,
    nodes: Vec<Node<'s>>,
}

impl<'s> Builder<'s> {
    fn open(&mut self, range: TextRange, parent: NodeId) -> NodeId {
        let id = NodeId(self.nodes.len() as u32);
        self.nodes.push(Node {
            kind: Kind::Nothing,
            start: range.start().to_u32(),
            end: range.end().to_u32(),
            parent,
        });
        id
    }

    fn close(&mut self, id: NodeId, kind: Kind<'s>) {
        self.nodes[id.index()].kind = kind;
    }

    fn word(&self, name: &ast::Identifier) -> &'s str {
        &self.source[name.range()]
    }

    fn exprs<'a>(&mut self, exprs: impl IntoIterator<Item = &'a Expr>, parent: NodeId) -> Vec<NodeId> {
        exprs.into_iter().map(|expr| self.expr(expr, parent)).collect()
    }

    fn maybe(&mut self, expr: Option<&Expr>, parent: NodeId) -> Option<NodeId> {
        expr.map(|expr| self.expr(expr, parent))
    }

    fn suite(&mut self, suite: &[Stmt], parent: NodeId) -> Vec<NodeId> {
        suite.iter().map(|stmt| self.stmt(stmt, parent)).collect()
    }

    fn expr(&mut self, expr: &Expr, parent: NodeId) -> NodeId {
        let id = self.open(expr.range(), parent);
        let kind = self.expr_kind(expr, id);
        self.close(id, kind);
        id
    }

    fn expr_kind(&mut self, expr: &Expr, id: NodeId) -> Kind<'s> {
        match expr {
            Expr::Name(name) => Kind::Name(&self.source[name.range()]),
            Expr::NumberLiteral(number) => match &number.value {
                ast::Number::Int(int) => Kind::Int(int.as_i64()),
                ast::Number::Float(float) => Kind::Float(*float),
                ast::Number::Complex { .. } => Kind::Complex,
            },
            Expr::StringLiteral(string) => Kind::Str(string.value.to_str().into()),
            Expr::BytesLiteral(_) => Kind::Bytes,
            Expr::FString(string) => Kind::Format(self.interpolated(string.value.elements(), id)),
            Expr::TString(string) => Kind::Format(self.interpolated(string.value.elements(), id)),
            Expr::BooleanLiteral(literal) => Kind::Bool(literal.value),
            Expr::NoneLiteral(_) => Kind::None,
            Expr::EllipsisLiteral(_) => Kind::Ellipsis,
            Expr::Attribute(attribute) => Kind::Attribute {
                value: self.expr(&attribute.value, id),
                attr: self.word(&attribute.attr),
            },
            Expr::Call(call) => self.call(call, id),
            Expr::Subscript(subscript) => Kind::Subscript {
                value: self.expr(&subscript.value, id),
                index: self.expr(&subscript.slice, id),
            },
            Expr::Slice(slice) => Kind::Slice {
                lower: self.maybe(slice.lower.as_deref(), id),
                upper: self.maybe(slice.upper.as_deref(), id),
                step: self.maybe(slice.step.as_deref(), id),
            },
            Expr::BinOp(operation) => Kind::Binary {
                op: binary(operation.op),
                left: self.expr(&operation.left, id),
                right: self.expr(&operation.right, id),
            },
            Expr::UnaryOp(operation) => Kind::Unary {
                op: match operation.op {
                    UnaryOp::Not => Unary::Not,
                    UnaryOp::Invert => Unary::Invert,
                    UnaryOp::UAdd => Unary::Plus,
                    UnaryOp::USub => Unary::Minus,
                },
                operand: self.expr(&operation.operand, id),
            },
            Expr::Compare(compare) => {
                let left = self.expr(&compare.left, id);
                let ops = compare.ops.iter().map(|op| comparison(*op));
                let rest = ops
                    .zip(&compare.comparators)
                    .map(|(op, right)| (op, self.expr(right, id)))
                    .collect();
                Kind::Compare { left, rest }
            }
            Expr::BoolOp(logic) => Kind::Logic {
                is_and: logic.op == ast::BoolOp::And,
                values: self.exprs(&logic.values, id),
            },
            Expr::Tuple(tuple) => Kind::Tuple(self.exprs(&tuple.elts, id)),
            Expr::List(list) => Kind::List(self.exprs(&list.elts, id)),
            Expr::Set(set) => Kind::Set(self.exprs(&set.elts, id)),
            Expr::Dict(dict) => Kind::Dict(
                dict.items
                    .iter()
                    .map(|item| (self.maybe(item.key.as_ref(), id), self.expr(&item.value, id)))
                    .collect(),
            ),
            Expr::ListComp(it) => self.comprehension(Display::List, (Some(&it.elt), None), &it.generators, id),
            Expr::SetComp(it) => self.comprehension(Display::Set, (Some(&it.elt), None), &it.generators, id),
            Expr::Generator(it) => self.comprehension(Display::Generator, (Some(&it.elt), None), &it.generators, id),
            Expr::DictComp(it) => {
                self.comprehension(Display::Dict, (it.key.as_deref(), Some(&it.value)), &it.generators, id)
            }
            Expr::Lambda(lambda) => Kind::Lambda {
                parameters: match &lambda.parameters {
                    Some(parameters) => self.parameters(parameters, id),
                    None => Vec::new(),
                },
                body: self.expr(&lambda.body, id),
            },
            Expr::If(choice) => Kind::IfElse {
                test: self.expr(&choice.test, id),
                body: self.expr(&choice.body, id),
                orelse: self.expr(&choice.orelse, id),
            },
            Expr::Starred(starred) => Kind::Starred(self.expr(&starred.value, id)),
            Expr::Named(named) => Kind::Named {
                target: self.expr(&named.target, id),
                value: self.expr(&named.value, id),
            },
            Expr::Await(inner) => Kind::Await(self.expr(&inner.value, id)),
            Expr::Yield(inner) => Kind::Yield(self.maybe(inner.value.as_deref(), id)),
            Expr::YieldFrom(inner) => Kind::Yield(Some(self.expr(&inner.value, id))),
            Expr::IpyEscapeCommand(_) => Kind::Nothing,
        }
    }

    fn interpolated<'a>(
        &mut self,
        elements: impl Iterator<Item = &'a InterpolatedStringElement>,
        id: NodeId,
    ) -> Vec<NodeId> {
        let inner = elements.filter_map(|element| match element {
            InterpolatedStringElement::Interpolation(inner) => Some(&*inner.expression),
            InterpolatedStringElement::Literal(_) => None,
        });
        let inner: Vec<&Expr> = inner.collect();
        self.exprs(inner, id)
    }

    fn call(&mut self, call: &ast::ExprCall, id: NodeId) -> Kind<'s> {
        let callee = self.expr(&call.func, id);
        let args = self.exprs(&call.arguments.args, id);
        let keywords = call
            .arguments
            .keywords
            .iter()
            .map(|keyword| {
                let name = keyword.arg.as_ref().map(|name| self.word(name));
                (name, self.expr(&keyword.value, id))
            })
            .collect();
        Kind::Call { callee, args, keywords }
    }

    fn comprehension(
        &mut self,
        display: Display,
        element: (Option<&Expr>, Option<&Expr>),
        generators: &[ast::Comprehension],
        id: NodeId,
    ) -> Kind<'s> {
        let element = (self.maybe(element.0, id), self.maybe(element.1, id));
        let clauses = generators
            .iter()
            .map(|clause| Clause {
                target: self.expr(&clause.target, id),
                iter: self.expr(&clause.iter, id),
                conditions: self.exprs(&clause.ifs, id),
            })
            .collect();
        Kind::Comprehension {
            display,
            element,
            clauses,
        }
    }

    fn parameters(&mut self, parameters: &ast::Parameters, id: NodeId) -> Vec<Parameter<'s>> {
        let mut all = Vec::new();
        for parameter in parameters.posonlyargs.iter().chain(&parameters.args) {
            all.push(self.parameter(parameter, id));
        }
        let rest = |builder: &mut Self, parameter: &ast::Parameter| Parameter {
            name: builder.word(&parameter.name),
            annotation: builder.maybe(parameter.annotation.as_deref(), id),
            default: None,
            is_rest: true,
        };
        if let Some(parameter) = &parameters.vararg {
            all.push(rest(self, parameter));
        }
        for parameter in &parameters.kwonlyargs {
            all.push(self.parameter(parameter, id));
        }
        if let Some(parameter) = &parameters.kwarg {
            all.push(rest(self, parameter));
        }
        all
    }

    fn parameter(&mut self, parameter: &ast::ParameterWithDefault, id: NodeId) -> Parameter<'s> {
        Parameter {
            name: self.word(&parameter.parameter.name),
            annotation: self.maybe(parameter.parameter.annotation.as_deref(), id),
            default: self.maybe(parameter.default.as_deref(), id),
            is_rest: false,
        }
    }

    fn stmt(&mut self, stmt: &Stmt, parent: NodeId) -> NodeId {
        let id = self.open(stmt.range(), parent);
        let kind = self.stmt_kind(stmt, id);
        self.close(id, kind);
        id
    }

    fn stmt_kind(&mut self, stmt: &Stmt, id: NodeId) -> Kind<'s> {
        match stmt {
            Stmt::FunctionDef(def) => {
                let decorators = def.decorator_list.iter().map(|decorator| &decorator.expression);
                Kind::Function {
                    name: self.word(&def.name),
                    decorators: self.exprs(decorators, id),
                    parameters: self.parameters(&def.parameters, id),
                    returns: self.maybe(def.returns.as_deref(), id),
                    body: self.suite(&def.body, id),
                    is_async: def.is_async,
                }
            }
            Stmt::ClassDef(def) => {
                let decorators = def.decorator_list.iter().map(|decorator| &decorator.expression);
                let mut header = self.exprs(decorators, id);
                if let Some(arguments) = &def.arguments {
                    header.extend(self.exprs(&arguments.args, id));
                    header.extend(self.exprs(arguments.keywords.iter().map(|keyword| &keyword.value), id));
                }
                Kind::Class {
                    name: self.word(&def.name),
                    header,
                    body: self.suite(&def.body, id),
                }
            }
            Stmt::Assign(assign) => Kind::Assign {
                targets: self.exprs(&assign.targets, id),
                value: self.expr(&assign.value, id),
            },
            Stmt::AugAssign(assign) => Kind::AugAssign {
                target: self.expr(&assign.target, id),
                op: binary(assign.op),
                value: self.expr(&assign.value, id),
            },
            Stmt::AnnAssign(assign) => Kind::AnnAssign {
                target: self.expr(&assign.target, id),
                annotation: self.expr(&assign.annotation, id),
                value: self.maybe(assign.value.as_deref(), id),
            },
            Stmt::For(it) => Kind::For {
                target: self.expr(&it.target, id),
                iter: self.expr(&it.iter, id),
                body: self.suite(&it.body, id),
                orelse: self.suite(&it.orelse, id),
            },
            Stmt::While(it) => Kind::While {
                test: self.expr(&it.test, id),
                body: self.suite(&it.body, id),
                orelse: self.suite(&it.orelse, id),
            },
            Stmt::If(it) => {
                let mut branches = vec![(Some(self.expr(&it.test, id)), self.suite(&it.body, id))];
                for clause in &it.elif_else_clauses {
                    branches.push((self.maybe(clause.test.as_ref(), id), self.suite(&clause.body, id)));
                }
                Kind::If(branches)
            }
            Stmt::With(it) => Kind::With {
                items: it
                    .items
                    .iter()
                    .map(|item| {
                        let manager = self.expr(&item.context_expr, id);
                        (manager, self.maybe(item.optional_vars.as_deref(), id))
                    })
                    .collect(),
                body: self.suite(&it.body, id),
            },
            Stmt::Try(it) => self.try_statement(it, id),
            Stmt::Match(it) => {
                let subject = self.expr(&it.subject, id);
                let mut binds = Vec::new();
                let cases = it
                    .cases
                    .iter()
                    .map(|case| {
                        self.pattern(&case.pattern, &mut binds);
                        (self.maybe(case.guard.as_deref(), id), self.suite(&case.body, id))
                    })
                    .collect();
                Kind::Match { subject, binds, cases }
            }
            Stmt::Return(it) => Kind::Return(self.maybe(it.value.as_deref(), id)),
            Stmt::Expr(it) => Kind::Expr(self.expr(&it.value, id)),
            Stmt::Delete(it) => Kind::Delete(self.exprs(&it.targets, id)),
            Stmt::Raise(it) => {
                let parts = it.exc.iter().chain(&it.cause).map(|part| &**part);
                Kind::Raise(self.exprs(parts, id))
            }
            Stmt::Assert(it) => Kind::Assert {
                test: self.expr(&it.test, id),
                message: self.maybe(it.msg.as_deref(), id),
            },
            Stmt::Import(it) => {
                let bound = it.names.iter().map(|alias| match &alias.asname {
                    Some(name) => self.word(name),
                    None => self.word(&alias.name).split('.').next().unwrap_or_default(),
                });
                Kind::Import(bound.collect())
            }
            Stmt::ImportFrom(it) => {
                let bound = it
                    .names
                    .iter()
                    .map(|alias| self.word(alias.asname.as_ref().unwrap_or(&alias.name)));
                Kind::Import(bound.collect())
            }
            Stmt::Global(it) => Kind::Declare(it.names.iter().map(|name| self.word(name)).collect()),
            Stmt::Nonlocal(it) => Kind::Declare(it.names.iter().map(|name| self.word(name)).collect()),
            Stmt::Break(_) => Kind::Break,
            Stmt::Continue(_) => Kind::Continue,
            Stmt::Pass(_) | Stmt::TypeAlias(_) | Stmt::IpyEscapeCommand(_) => Kind::Nothing,
        }
    }

    fn try_statement(&mut self, it: &ast::StmtTry, id: NodeId) -> Kind<'s> {
        let body = self.suite(&it.body, id);
        let handlers = it
            .handlers
            .iter()
            .map(|ExceptHandler::ExceptHandler(handler)| Handler {
                kind: self.maybe(handler.type_.as_deref(), id),
                name: handler.name.as_ref().map(|name| self.word(name)),
                body: self.suite(&handler.body, id),
            })
            .collect();
        Kind::Try {
            body,
            handlers,
            orelse: self.suite(&it.orelse, id),
            finalbody: self.suite(&it.finalbody, id),
        }
    }

    fn pattern(&self, pattern: &Pattern, binds: &mut Vec<&'s str>) {
        match pattern {
            Pattern::MatchValue(_) | Pattern::MatchSingleton(_) => {}
            Pattern::MatchSequence(it) => it.patterns.iter().for_each(|inner| self.pattern(inner, binds)),
            Pattern::MatchOr(it) => it.patterns.iter().for_each(|inner| self.pattern(inner, binds)),
            Pattern::MatchMapping(it) => {
                it.patterns.iter().for_each(|inner| self.pattern(inner, binds));
                binds.extend(it.rest.iter().map(|name| self.word(name)));
            }
            Pattern::MatchClass(it) => {
                let named = it.arguments.keywords.iter().map(|keyword| &keyword.pattern);
                let all = it.arguments.patterns.iter().chain(named);
                all.for_each(|inner| self.pattern(inner, binds));
            }
            Pattern::MatchStar(it) => binds.extend(it.name.iter().map(|name| self.word(name))),
            Pattern::MatchAs(it) => {
                binds.extend(it.name.iter().map(|name| self.word(name)));
                if let Some(inner) = &it.pattern {
                    self.pattern(inner, binds);
                }
            }
        }
    }
}

fn binary(op: Operator) -> Binary {
    match op {
        Operator::Add => Binary::Add,
        Operator::Sub => Binary::Sub,
        Operator::Mult => Binary::Mul,
        Operator::MatMult => Binary::MatMul,
        Operator::Div => Binary::Div,
        Operator::FloorDiv => Binary::FloorDiv,
        Operator::Mod => Binary::Mod,
        Operator::Pow => Binary::Pow,
        Operator::LShift => Binary::LeftShift,
        Operator::RShift => Binary::RightShift,
        Operator::BitAnd => Binary::And,
        Operator::BitOr => Binary::Or,
        Operator::BitXor => Binary::Xor,
    }
}

fn comparison(op: CmpOp) -> Comparison {
    match op {
        CmpOp::Eq => Comparison::Equal,
        CmpOp::NotEq => Comparison::NotEqual,
        CmpOp::Lt => Comparison::Less,
        CmpOp::LtE => Comparison::LessEqual,
        CmpOp::Gt => Comparison::Greater,
        CmpOp::GtE => Comparison::GreaterEqual,
        CmpOp::Is => Comparison::Is,
        CmpOp::IsNot => Comparison::IsNot,
        CmpOp::In => Comparison::In,
        CmpOp::NotIn => Comparison::NotIn,
    }
}
