//! From statements to a control flow graph.
//!
//! Where the graph is coarser than the program it has more paths, never fewer: the body of a `finally` stands there
//! once, with an edge to each place from which it may be left; a `with` of an unknown manager may swallow an
//! exception; a handler may be reached from before and from behind each statement of its `try`.

use std::collections::BTreeMap;

use ruff_python_ast::visitor::Visitor;
use ruff_python_ast::{self as ast, ExceptHandler, Expr, Pattern, Stmt};
use ruff_text_size::{Ranged, TextRange, TextSize};

use super::graph::{Block, BlockId, Graph};
use crate::names::{Names, ScopeId};

mod evaluate;

/// The graph of a module's or function's body.
pub fn graph(names: &Names, scope: ScopeId, body: &[Stmt]) -> Graph {
    let mut builder = Builder {
        names,
        graph: Graph {
            scope,
            owned: vec![scope],
            blocks: Vec::new(),
            entry: BlockId(0),
            exit: BlockId(0),
            raised: BlockId(0),
            statements: BTreeMap::new(),
            ends: BTreeMap::new(),
        },
        current: BlockId(0),
        raises: None,
        frames: Vec::new(),
        conditional: 0,
    };
    builder.body(body);
    builder.graph
}

struct Builder<'n> {
    names: &'n Names,
    graph: Graph,
    current: BlockId,
    /// Where an exception goes from here.
    raises: Option<BlockId>,
    frames: Vec<Frame>,
    /// How many conditions the expression at hand stands behind.
    conditional: u32,
}

/// What a jump passes on its way out.
enum Frame {
    Loop { head: BlockId, after: BlockId },
    Finally { entry: BlockId, pending: Vec<Jump> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Jump {
    Break,
    Continue,
    Return,
    Raise,
}

impl<'n> Builder<'n> {
    fn body(&mut self, body: &[Stmt]) {
        const NOWHERE: TextSize = TextSize::new(u32::MAX);
        self.graph.exit = self.new_block(NOWHERE);
        self.graph.raised = self.new_block(NOWHERE);
        self.raises = Some(self.graph.raised);
        let start = body.first().map_or(TextSize::new(0), |stmt| stmt.start());
        self.graph.entry = self.new_block(start);
        self.current = self.graph.entry;
        self.suite(body);
        self.edge_to(self.graph.exit);
    }

    fn new_block(&mut self, at: TextSize) -> BlockId {
        let id = BlockId(self.graph.blocks.len() as u32);
        self.graph.blocks.push(Block {
            at,
            events: Vec::new(),
            next: Vec::new(),
            raises: self.raises,
        });
        id
    }

    /// Goes on in a new block.
    fn start_block(&mut self, at: TextSize) -> BlockId {
        let block = self.new_block(at);
        self.edge_to(block);
        self.current = block;
        block
    }

    fn edge_to(&mut self, to: BlockId) {
        self.edge(self.current, to);
    }

    fn edge(&mut self, from: BlockId, to: BlockId) {
        let next = &mut self.graph.blocks[from.index()].next;
        if !next.contains(&to) {
            next.push(to);
        }
    }

    /// Leaves the current block by a jump; what follows cannot be reached from here.
    fn jump(&mut self, jump: Jump) {
        self.route(jump);
        let at = self.graph.block(self.current).at;
        self.current = self.new_block(at);
    }

    fn route(&mut self, jump: Jump) {
        let from = self.current;
        for frame in self.frames.iter_mut().rev() {
            match frame {
                Frame::Finally { entry, pending } => {
                    if !pending.contains(&jump) {
                        pending.push(jump);
                    }
                    let entry = *entry;
                    return self.edge(from, entry);
                }
                Frame::Loop { head, after } => {
                    let to = match jump {
                        Jump::Break => *after,
                        Jump::Continue => *head,
                        Jump::Return | Jump::Raise => continue,
                    };
                    return self.edge(from, to);
                }
            }
        }
        // A `break` outside a loop is CPython's SyntaxError; it goes where `return` goes.
        match jump {
            Jump::Raise => self.edge(from, self.graph.raised),
            Jump::Return | Jump::Break | Jump::Continue => self.edge(from, self.graph.exit),
        }
    }

    fn suite(&mut self, suite: &[Stmt]) {
        for stmt in suite {
            self.stmt(stmt);
            self.graph.ends.insert(stmt.start(), self.current);
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        let block = self.start_block(stmt.start());
        self.graph.statements.insert(stmt.start(), block);
        match stmt {
            Stmt::FunctionDef(def) => self.function_def(def),
            Stmt::ClassDef(def) => self.class_def(def),
            Stmt::Return(ret) => {
                self.opt_expr(ret.value.as_deref());
                self.jump(Jump::Return);
            }
            Stmt::Delete(delete) => delete.targets.iter().for_each(|target| self.expr(target)),
            Stmt::TypeAlias(alias) => {
                self.capture_all(alias.range);
                self.expr(&alias.name);
            }
            Stmt::Assign(assign) => {
                self.expr(&assign.value);
                assign.targets.iter().for_each(|target| self.expr(target));
            }
            Stmt::AugAssign(assign) => self.aug_assign(assign),
            Stmt::AnnAssign(assign) => {
                self.opt_expr(assign.value.as_deref());
                self.expr(&assign.annotation);
                // `x: int` binds nothing.
                if assign.value.is_some() || !assign.target.is_name_expr() {
                    self.expr(&assign.target);
                }
            }
            Stmt::For(stmt) => self.for_loop(stmt),
            Stmt::While(stmt) => self.while_loop(stmt),
            Stmt::If(stmt) => self.if_stmt(stmt),
            Stmt::With(stmt) => self.with_stmt(stmt),
            Stmt::Match(stmt) => self.match_stmt(stmt),
            Stmt::Raise(raise) => {
                self.opt_expr(raise.exc.as_deref());
                self.opt_expr(raise.cause.as_deref());
                self.raise();
            }
            Stmt::Try(stmt) => self.try_stmt(stmt),
            Stmt::Assert(assert) => {
                self.expr(&assert.test);
                self.conditionally(|this| this.opt_expr(assert.msg.as_deref()));
            }
            Stmt::Import(import) => import.names.iter().for_each(|alias| self.import(alias)),
            Stmt::ImportFrom(import) => import.names.iter().for_each(|alias| self.import(alias)),
            Stmt::Expr(expr) => self.expr(&expr.value),
            Stmt::Break(_) => self.jump(Jump::Break),
            Stmt::Continue(_) => self.jump(Jump::Continue),
            Stmt::Global(_) | Stmt::Nonlocal(_) | Stmt::Pass(_) | Stmt::IpyEscapeCommand(_) => {}
        }
    }

    /// An exception is certain: the block has no normal way out.
    fn raise(&mut self) {
        if let Some(to) = self.raises {
            self.edge_to(to);
        }
        let at = self.graph.block(self.current).at;
        self.current = self.new_block(at);
    }

    fn import(&mut self, alias: &ast::Alias) {
        if alias.name.as_str() == "*" {
            self.bind_star(alias.start());
        } else {
            self.bind_identifier(alias.asname.as_ref().unwrap_or(&alias.name));
        }
    }

    fn aug_assign(&mut self, assign: &ast::StmtAugAssign) {
        if let Expr::Name(name) = &*assign.target {
            self.read_at(name.start());
            self.expr(&assign.value);
            self.bind_at(name.start());
        } else {
            self.expr(&assign.target);
            self.expr(&assign.value);
        }
    }

    fn function_def(&mut self, def: &ast::StmtFunctionDef) {
        def.decorator_list
            .iter()
            .for_each(|decorator| self.expr(&decorator.expression));
        def.parameters
            .iter_non_variadic_params()
            .filter_map(|param| param.default())
            .for_each(|expr| self.expr(expr));
        for param in def.parameters.iter() {
            self.opt_expr(param.annotation());
        }
        self.opt_expr(def.returns.as_deref());
        self.bind_identifier(&def.name);
        self.capture_all(def.range);
    }

    fn class_def(&mut self, def: &ast::StmtClassDef) {
        def.decorator_list
            .iter()
            .for_each(|decorator| self.expr(&decorator.expression));
        if let Some(type_params) = &def.type_params {
            self.capture_all(type_params.range);
        }
        if let Some(arguments) = &def.arguments {
            arguments
                .iter_source_order()
                .for_each(|argument| self.expr(argument.value()));
        }
        let owner = self.names.classes().find(|(_, class)| class.range == def.range);
        if let Some((_, class)) = owner {
            self.graph.owned.push(class.scope);
        }
        self.suite(&def.body);
        self.start_block(last_offset(def.range));
        self.bind_identifier(&def.name);
    }

    fn for_loop(&mut self, stmt: &ast::StmtFor) {
        self.expr(&stmt.iter);
        let after = self.new_block(last_offset(stmt.range));
        let head = self.start_block(stmt.target.start());
        self.start_block(stmt.target.start());
        self.expr(&stmt.target);
        self.loop_body(head, after, &stmt.body);
        self.current = head;
        self.suite(&stmt.orelse);
        self.edge_to(after);
        self.current = after;
    }

    fn while_loop(&mut self, stmt: &ast::StmtWhile) {
        let after = self.new_block(last_offset(stmt.range));
        let head = self.start_block(stmt.test.start());
        self.expr(&stmt.test);
        let tested = self.current;
        self.loop_body(head, after, &stmt.body);
        self.current = tested;
        if is_constant_true(&stmt.test) {
            self.current = self.new_block(last_offset(stmt.range));
        }
        self.suite(&stmt.orelse);
        self.edge_to(after);
        self.current = after;
    }

    fn loop_body(&mut self, head: BlockId, after: BlockId, body: &[Stmt]) {
        self.frames.push(Frame::Loop { head, after });
        self.suite(body);
        self.frames.pop();
        self.edge_to(head);
    }

    fn if_stmt(&mut self, stmt: &ast::StmtIf) {
        let after = self.new_block(last_offset(stmt.range));
        self.expr(&stmt.test);
        let mut tested = self.current;
        self.suite(&stmt.body);
        self.edge_to(after);
        let mut covered = false;
        for clause in &stmt.elif_else_clauses {
            self.current = tested;
            match &clause.test {
                Some(test) => {
                    self.start_block(clause.start());
                    self.expr(test);
                    tested = self.current;
                }
                None => covered = true,
            }
            self.suite(&clause.body);
            self.edge_to(after);
        }
        if !covered {
            self.edge(tested, after);
        }
        self.current = after;
    }

    fn with_stmt(&mut self, stmt: &ast::StmtWith) {
        let after = self.new_block(last_offset(stmt.range));
        for item in &stmt.items {
            self.expr(&item.context_expr);
            self.opt_expr(item.optional_vars.as_deref());
        }
        let outer = self.raises;
        if stmt.items.iter().any(|item| self.may_swallow(&item.context_expr)) {
            let swallow = self.new_block(last_offset(stmt.range));
            self.edge(swallow, after);
            if let Some(outer) = outer {
                self.edge(swallow, outer);
            }
            self.raises = Some(swallow);
        }
        self.suite(&stmt.body);
        self.raises = outer;
        self.edge_to(after);
        self.current = after;
    }

    /// Whether the context manager may end an exception of its body.
    fn may_swallow(&self, manager: &Expr) -> bool {
        const PASS_ON: &[&str] = &[
            "builtins.open",
            "contextlib.closing",
            "contextlib.nullcontext",
            "contextlib.redirect_stderr",
            "contextlib.redirect_stdout",
            "decimal.localcontext",
            "multiprocessing.Pool",
            "numpy.errstate",
            "numpy.printoptions",
            "tempfile.TemporaryDirectory",
            "threading.Lock",
            "warnings.catch_warnings",
        ];
        let callee = match manager {
            Expr::Call(call) => &call.func,
            other => other,
        };
        self.names
            .qualified_name(callee)
            .is_none_or(|name| !PASS_ON.contains(&name.as_str()))
    }

    fn match_stmt(&mut self, stmt: &ast::StmtMatch) {
        let after = self.new_block(last_offset(stmt.range));
        self.expr(&stmt.subject);
        for case in &stmt.cases {
            self.start_block(case.start());
            let untried = self.current;
            self.start_block(case.start());
            self.pattern(&case.pattern);
            // A pattern that fails half-way may have bound some of its names.
            let failed = self.new_block(case.start());
            if !case.pattern.is_irrefutable() {
                self.edge_to(failed);
                self.edge(untried, failed);
            }
            if let Some(guard) = &case.guard {
                self.expr(guard);
                self.edge_to(failed);
            }
            self.suite(&case.body);
            self.edge_to(after);
            self.current = failed;
        }
        self.edge_to(after);
        self.current = after;
    }

    fn pattern(&mut self, pattern: &Pattern) {
        let mut finder = evaluate::PatternNames { builder: self };
        finder.visit_pattern(pattern);
    }

    fn try_stmt(&mut self, stmt: &ast::StmtTry) {
        let after = self.new_block(last_offset(stmt.range));
        let outer = self.raises;
        let entry = (!stmt.finalbody.is_empty()).then(|| {
            let entry = self.new_block(stmt.start());
            self.frames.push(Frame::Finally {
                entry,
                pending: vec![Jump::Raise],
            });
            entry
        });
        let uncaught = entry.or(outer);
        self.raises = uncaught;
        let dispatch = self.new_block(stmt.start());
        self.raises = Some(dispatch);
        self.suite(&stmt.body);
        self.raises = uncaught;
        self.suite(&stmt.orelse);
        let join = entry.unwrap_or(after);
        self.edge_to(join);
        if let Some(uncaught) = uncaught {
            self.edge(dispatch, uncaught);
        }
        for ExceptHandler::ExceptHandler(handler) in &stmt.handlers {
            let start = self.new_block(handler.start());
            self.edge(dispatch, start);
            self.current = start;
            self.opt_expr(handler.type_.as_deref());
            if let Some(name) = &handler.name {
                self.bind_identifier(name);
            }
            self.suite(&handler.body);
            if let Some(name) = &handler.name {
                self.start_block(last_offset(handler.range));
                self.unbind_identifier(name);
            }
            self.edge_to(join);
        }
        self.raises = outer;
        if let Some(entry) = entry {
            let Some(Frame::Finally { pending, .. }) = self.frames.pop() else {
                unreachable!("pushed above")
            };
            self.current = entry;
            self.suite(&stmt.finalbody);
            self.edge_to(after);
            for jump in pending {
                match (jump, outer) {
                    (Jump::Raise, Some(outer)) => self.edge_to(outer),
                    (Jump::Raise, None) => {}
                    (Jump::Break | Jump::Continue | Jump::Return, _) => self.route(jump),
                }
            }
        }
        self.current = after;
    }
}

fn last_offset(range: TextRange) -> TextSize {
    if range.is_empty() {
        range.start()
    } else {
        range.end() - TextSize::new(1)
    }
}

fn is_constant_true(test: &Expr) -> bool {
    match test {
        Expr::BooleanLiteral(literal) => literal.value,
        Expr::NumberLiteral(ast::ExprNumberLiteral {
            value: ast::Number::Int(int),
            ..
        }) => int.as_u8() != Some(0),
        _ => false,
    }
}
