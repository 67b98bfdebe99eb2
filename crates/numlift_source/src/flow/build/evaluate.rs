//! What evaluating an expression does to names, in order.

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Comprehension, Expr, ExprContext, Identifier, Pattern};
use ruff_text_size::{Ranged, TextRange, TextSize};

use super::super::graph::{Event, EventKind};
use super::Builder;
use crate::names::{BindingKind, Names, ScopeKind, SymbolId};

impl Builder<'_> {
    pub(super) fn opt_expr(&mut self, expr: Option<&Expr>) {
        if let Some(expr) = expr {
            self.expr(expr);
        }
    }

    pub(super) fn expr(&mut self, expr: &Expr) {
        self.visit_expr(expr);
    }

    pub(super) fn conditionally(&mut self, body: impl FnOnce(&mut Self)) {
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

    pub(super) fn read_at(&mut self, at: TextSize) {
        let Some(entry) = self.names.uses.get(&at) else { return };
        let Some(symbol) = entry.symbol else { return };
        self.event(EventKind::Read, symbol, at);
        // In a class body, a name that the class has not bound yet is a global.
        let home = self.names.symbol(symbol).scope;
        let global = self.names.scope(Names::MODULE).symbols.get(&entry.name);
        if let (ScopeKind::Class(_), Some(global)) = (self.names.scope(home).kind, global) {
            self.event(EventKind::Read, *global, at);
        }
    }

    pub(super) fn bind_at(&mut self, at: TextSize) {
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

    pub(super) fn bind_identifier(&mut self, name: &Identifier) {
        self.bind_at(name.start());
    }

    pub(super) fn bind_star(&mut self, at: TextSize) {
        let names = self.names;
        for id in names.star_bindings.get(&at).into_iter().flatten() {
            let binding = names.binding(*id);
            let kind = match &binding.kind {
                BindingKind::Star { module: Some(_) } => EventKind::Bind(*id),
                _ => EventKind::MayBind(*id),
            };
            self.event(kind, binding.symbol, at);
        }
    }

    pub(super) fn unbind_identifier(&mut self, name: &Identifier) {
        if let Some(id) = self.names.binding_at(name.start()) {
            self.event(EventKind::Unbind, self.names.binding(id).symbol, name.start());
        }
    }

    /// What the code in `range` reads of names from outside it, at an unknown time.
    pub(super) fn capture_all(&mut self, range: TextRange) {
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
pub(super) struct PatternNames<'b, 'n> {
    pub(super) builder: &'b mut Builder<'n>,
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
