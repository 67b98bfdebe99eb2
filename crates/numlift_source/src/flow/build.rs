//! From statements to a control flow graph.
//!
//! Where the graph is coarser than the program it has more paths, never fewer: the body of a `finally` stands there
//! once, with an edge to each place from which it may be left; a `with` of an unknown manager may swallow an
//! exception; a handler may be reached from before and from behind each statement of its `try`.

use std::collections::BTreeMap;

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Comprehension, ExceptHandler, Expr, ExprContext, Identifier, Pattern, Stmt};
use ruff_text_size::{Ranged, TextRange, TextSize};

use super::graph::{Block, BlockId, Event, EventKind, Graph};
use crate::names::{BindingKind, Names, ScopeId, ScopeKind, SymbolId};

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
        if alias.name.as_str() != "*" {
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
        let mut finder = PatternNames { builder: self };
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

    fn opt_expr(&mut self, expr: Option<&Expr>) {
        if let Some(expr) = expr {
            self.expr(expr);
        }
    }

    fn expr(&mut self, expr: &Expr) {
        self.visit_expr(expr);
    }

    fn conditionally(&mut self, body: impl FnOnce(&mut Self)) {
        self.conditional += 1;
        body(self);
        self.conditional -= 1;
    }

    fn event(&mut self, kind: EventKind, symbol: SymbolId, at: TextSize) {
        // The targets of comprehensions live in scopes of their own and nobody else sees them.
        if !self.is_tracked(symbol) {
            return;
        }
        self.graph.blocks[self.current.index()]
            .events
            .push(Event { kind, symbol, at });
    }

    fn read_at(&mut self, at: TextSize) {
        let Some(entry) = self.names.uses.get(&at) else { return };
        let Some(symbol) = entry.symbol else { return };
        self.event(EventKind::Read, symbol, at);
        // In a class body, a name that the class has not bound yet is looked up further out.
        let home = self.names.symbol(symbol).scope;
        if let (ScopeKind::Class(_), Some(parent)) = (self.names.scope(home).kind, self.names.scope(home).parent) {
            if let Some(outer) = self.names.lookup(parent, &entry.name) {
                self.event(EventKind::Read, outer, at);
            }
        }
    }

    fn bind_at(&mut self, at: TextSize) {
        let Some(id) = self.names.binding_at(at) else { return };
        let binding = self.names.binding(id);
        let symbol = binding.symbol;
        match (&binding.kind, self.conditional) {
            (BindingKind::Delete, _) => {
                self.event(EventKind::Read, symbol, at);
                self.event(EventKind::Unbind, symbol, at);
            }
            (_, 0) => self.event(EventKind::Bind(id), symbol, at),
            (_, _) => self.event(EventKind::MayBind(id), symbol, at),
        }
    }

    fn bind_identifier(&mut self, name: &Identifier) {
        self.bind_at(name.start());
    }

    fn unbind_identifier(&mut self, name: &Identifier) {
        if let Some(id) = self.names.binding_at(name.start()) {
            self.event(EventKind::Unbind, self.names.binding(id).symbol, name.start());
        }
    }

    /// What the code in `range` reads of names from outside it, at an unknown time.
    fn capture_all(&mut self, range: TextRange) {
        let captured: Vec<(SymbolId, TextSize)> = self
            .names
            .uses
            .range(range.start()..range.end())
            .filter_map(|(at, entry)| entry.symbol.map(|symbol| (symbol, *at)))
            .collect();
        for (symbol, at) in captured {
            self.event(EventKind::Capture, symbol, at);
        }
    }

    /// A symbol of this body or of a scope around it.
    fn is_tracked(&self, symbol: SymbolId) -> bool {
        let home = self.names.symbol(symbol).scope;
        if self.graph.owned.contains(&home) {
            return true;
        }
        let mut scope = Some(self.graph.scope);
        while let Some(current) = scope {
            if current == home {
                return true;
            }
            scope = self.names.scope(current).parent;
        }
        false
    }

    fn comprehension(&mut self, generators: &[Comprehension], range: TextRange, lazy: bool, elements: &[&Expr]) {
        let Some((first, rest)) = generators.split_first() else {
            return;
        };
        self.expr(&first.iter);
        if lazy {
            let behind = TextRange::new(first.iter.end(), range.end());
            let before = TextRange::new(range.start(), first.iter.start());
            self.capture_all(before);
            self.capture_all(behind);
            self.walruses(range);
            return;
        }
        self.conditionally(|this| {
            this.expr(&first.target);
            first.ifs.iter().for_each(|condition| this.expr(condition));
            for generator in rest {
                this.expr(&generator.iter);
                this.expr(&generator.target);
                generator.ifs.iter().for_each(|condition| this.expr(condition));
            }
            elements.iter().for_each(|element| this.expr(element));
        });
    }

    /// Bindings by `:=` in a generator expression, which happen later if ever.
    fn walruses(&mut self, range: TextRange) {
        let bindings: Vec<TextSize> = self
            .names
            .bindings
            .iter()
            .filter(|binding| range.contains_range(binding.range))
            .filter(|binding| self.graph.owned.contains(&self.names.symbol(binding.symbol).scope))
            .map(|binding| binding.range.start())
            .collect();
        self.conditionally(|this| bindings.into_iter().for_each(|at| this.bind_at(at)));
    }

    /// A generator expression that its only consumer runs through at once.
    fn immediate_generator<'e>(&self, call: &'e ast::ExprCall) -> Option<&'e ast::ExprGenerator> {
        const CONSUMERS: &[&str] = &[
            "builtins.all",
            "builtins.any",
            "builtins.bytearray",
            "builtins.bytes",
            "builtins.dict",
            "builtins.frozenset",
            "builtins.list",
            "builtins.max",
            "builtins.min",
            "builtins.set",
            "builtins.sorted",
            "builtins.sum",
            "builtins.tuple",
            "math.fsum",
            "math.prod",
            "numpy.fromiter",
        ];
        let Some(Expr::Generator(generator)) = call.arguments.args.first() else {
            return None;
        };
        let consumer = self.names.qualified_name(&call.func)?;
        CONSUMERS.contains(&consumer.as_str()).then_some(generator)
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

impl<'a> Visitor<'a> for Builder<'_> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) => match name.ctx {
                ExprContext::Load | ExprContext::Invalid => self.read_at(name.start()),
                ExprContext::Store | ExprContext::Del => self.bind_at(name.start()),
            },
            Expr::BoolOp(op) => {
                let (first, rest) = op.values.split_first().expect("two operands at least");
                self.visit_expr(first);
                self.conditionally(|this| rest.iter().for_each(|value| this.visit_expr(value)));
            }
            Expr::Compare(compare) => {
                self.visit_expr(&compare.left);
                let (first, rest) = compare.comparators.split_first().expect("one comparator at least");
                self.visit_expr(first);
                self.conditionally(|this| rest.iter().for_each(|value| this.visit_expr(value)));
            }
            Expr::If(ternary) => {
                self.visit_expr(&ternary.test);
                self.conditionally(|this| {
                    this.visit_expr(&ternary.body);
                    this.visit_expr(&ternary.orelse);
                });
            }
            Expr::Lambda(lambda) => {
                if let Some(parameters) = &lambda.parameters {
                    let defaults = parameters
                        .iter_non_variadic_params()
                        .filter_map(|param| param.default());
                    defaults.for_each(|default| self.visit_expr(default));
                }
                self.capture_all(lambda.range);
                self.walruses(lambda.body.range());
            }
            Expr::ListComp(comp) => self.comprehension(&comp.generators, comp.range, false, &[&comp.elt]),
            Expr::SetComp(comp) => self.comprehension(&comp.generators, comp.range, false, &[&comp.elt]),
            Expr::DictComp(comp) => match &comp.key {
                Some(key) => self.comprehension(&comp.generators, comp.range, false, &[key, &comp.value]),
                None => self.comprehension(&comp.generators, comp.range, false, &[&comp.value]),
            },
            Expr::Generator(comp) => self.comprehension(&comp.generators, comp.range, true, &[]),
            Expr::Call(call) => {
                self.visit_expr(&call.func);
                let immediate = self.immediate_generator(call);
                for argument in call.arguments.iter_source_order() {
                    match (argument.value(), immediate) {
                        (Expr::Generator(comp), Some(generator)) if comp.range == generator.range => {
                            self.comprehension(&comp.generators, comp.range, false, &[&comp.elt]);
                        }
                        (value, _) => self.visit_expr(value),
                    }
                }
            }
            _ => visitor::walk_expr(self, expr),
        }
    }
}

/// The names that a pattern reads and binds. All its bindings are possible ones.
struct PatternNames<'b, 'n> {
    builder: &'b mut Builder<'n>,
}

impl<'a> Visitor<'a> for PatternNames<'_, '_> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        self.builder.visit_expr(expr);
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        visitor::walk_pattern(self, pattern);
        match pattern {
            Pattern::MatchAs(ast::PatternMatchAs { name: Some(name), .. })
            | Pattern::MatchStar(ast::PatternMatchStar { name: Some(name), .. })
            | Pattern::MatchMapping(ast::PatternMatchMapping { rest: Some(name), .. }) => {
                self.builder.bind_identifier(name);
            }
            _ => {}
        }
    }
}
