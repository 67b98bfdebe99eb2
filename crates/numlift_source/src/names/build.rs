//! Collects scopes, bindings and uses in one walk over the tree, then ties uses to symbols.

use std::collections::{BTreeMap, BTreeSet};

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Comprehension, ExceptHandler, Expr, ExprContext, Identifier, Pattern, Stmt};
use ruff_text_size::{Ranged, TextRange};

use super::star::{self, Exports};
use super::{
    Alias, Binding, BindingId, BindingKind, FunctionId, Names, Reaching, Scope, ScopeId, ScopeKind, Symbol, SymbolId,
    Use,
};
use super::{patches, resolve};
use crate::parse::Parsed;

mod definitions;

pub(super) fn build(parsed: &Parsed, package: Option<String>, exports: &Exports) -> Names {
    let mut builder = Builder {
        names: Names {
            scopes: Vec::new(),
            symbols: Vec::new(),
            bindings: Vec::new(),
            uses: BTreeMap::new(),
            bindings_at: BTreeMap::new(),
            star_bindings: BTreeMap::new(),
            unknown_star: false,
            reexports: BTreeMap::new(),
            aliases: BTreeMap::new(),
            functions: Vec::new(),
            classes: Vec::new(),
            patched: BTreeSet::new(),
            project_modules: BTreeSet::new(),
            patched_classes: BTreeSet::new(),
            stored_attributes: BTreeSet::new(),
            any_attribute_stored: false,
            far_overrides: BTreeSet::new(),
            globals_written: false,
            package,
        },
        current: Names::MODULE,
        class_name: None,
        pending: Vec::new(),
        stars: Vec::new(),
        decorated: Vec::new(),
    };
    builder.scopes_of_module(parsed);
    builder.bind_nonlocals();
    builder.bind_stars(exports);
    let Builder {
        mut names, decorated, ..
    } = builder;
    resolve::tie_uses(&mut names);
    crate::flow::reaching::solve(parsed, &mut names);
    resolve::name_decorators(&mut names, &decorated);
    patches::find(parsed, &mut names);
    super::class::complete(parsed, &mut names);
    names
}

struct Builder<'a> {
    names: Names,
    current: ScopeId,
    /// The innermost class around, for the mangling of `__private` names.
    class_name: Option<String>,
    /// Bindings of names declared `nonlocal`, until all scopes are known.
    pending: Vec<(String, Binding)>,
    /// Star imports of the module, with the place of the star.
    stars: Vec<(Option<String>, TextRange)>,
    decorated: Vec<(FunctionId, &'a [ast::Decorator])>,
}

impl<'a> Builder<'a> {
    fn scopes_of_module(&mut self, parsed: &'a Parsed) {
        let range = TextRange::up_to((parsed.source().len() as u32).into());
        self.push_scope(ScopeKind::Module, range, "<module>".to_owned());
        for stmt in &parsed.module.body {
            self.visit_stmt(stmt);
        }
    }

    fn push_scope(&mut self, kind: ScopeKind, range: TextRange, qualname: String) -> ScopeId {
        let id = ScopeId(self.names.scopes.len() as u32);
        let parent = (id != Names::MODULE).then_some(self.current);
        self.names.scopes.push(Scope {
            kind,
            parent,
            range,
            qualname,
            symbols: BTreeMap::new(),
            globals: BTreeSet::new(),
            nonlocals: BTreeSet::new(),
            star_imports: Vec::new(),
        });
        self.current = id;
        id
    }

    /// Runs `body` in a new scope.
    fn within(&mut self, kind: ScopeKind, range: TextRange, qualname: String, body: impl FnOnce(&mut Self)) -> ScopeId {
        let outer = self.current;
        let id = self.push_scope(kind, range, qualname);
        body(self);
        self.current = outer;
        id
    }

    fn scope(&mut self, id: ScopeId) -> &mut Scope {
        &mut self.names.scopes[id.index()]
    }

    /// `__x` inside class `C` is `_C__x`.
    fn mangle(&self, name: &str) -> String {
        match &self.class_name {
            Some(class) if name.starts_with("__") && !name.ends_with("__") && !name.contains('.') => {
                match class.trim_start_matches('_') {
                    "" => name.to_owned(),
                    stripped => format!("_{stripped}{name}"),
                }
            }
            _ => name.to_owned(),
        }
    }

    /// The `__qualname__` of a function or class that stands in the current scope.
    fn qualname_of(&self, name: &str) -> String {
        if self.names.scopes[self.current.index()].globals.contains(name) {
            return name.to_owned();
        }
        let mut scope = self.current;
        loop {
            let this = &self.names.scopes[scope.index()];
            match this.kind {
                ScopeKind::Module => return name.to_owned(),
                ScopeKind::Class(_) => return format!("{}.{name}", this.qualname),
                ScopeKind::Function(_) | ScopeKind::Lambda => return format!("{}.<locals>.{name}", this.qualname),
                ScopeKind::Comprehension { .. } | ScopeKind::TypeParams => match this.parent {
                    Some(parent) => scope = parent,
                    None => return name.to_owned(),
                },
            }
        }
    }

    fn symbol_in(&mut self, scope: ScopeId, name: &str) -> SymbolId {
        if let Some(id) = self.names.scopes[scope.index()].symbols.get(name) {
            return *id;
        }
        let id = SymbolId(self.names.symbols.len() as u32);
        self.names.symbols.push(Symbol {
            name: name.to_owned(),
            scope,
            bindings: Vec::new(),
        });
        self.scope(scope).symbols.insert(name.to_owned(), id);
        id
    }

    fn bind(&mut self, identifier: &str, range: TextRange, kind: BindingKind) {
        let scope = self.current;
        self.bind_in(scope, identifier, range, kind);
    }

    fn bind_in(&mut self, scope: ScopeId, identifier: &str, range: TextRange, kind: BindingKind) {
        let name = self.mangle(identifier);
        let executed_in = self.current;
        let declared = &self.names.scopes[scope.index()];
        if declared.nonlocals.contains(&name) {
            self.pending.push((
                name,
                Binding {
                    symbol: SymbolId(u32::MAX),
                    kind,
                    range,
                    executed_in,
                },
            ));
            return;
        }
        let home = if declared.globals.contains(&name) {
            Names::MODULE
        } else {
            scope
        };
        let symbol = self.symbol_in(home, &name);
        self.add_binding(Binding {
            symbol,
            kind,
            range,
            executed_in,
        });
    }

    fn add_binding(&mut self, binding: Binding) {
        let at = binding.range.start();
        let id = self.add_unplaced_binding(binding);
        self.names.bindings_at.insert(at, id);
    }

    /// Adds a binding that is one of several at its place.
    fn add_unplaced_binding(&mut self, binding: Binding) -> BindingId {
        let id = BindingId(self.names.bindings.len() as u32);
        self.names.symbols[binding.symbol.index()].bindings.push(id);
        self.names.bindings.push(binding);
        id
    }

    fn bind_nonlocals(&mut self) {
        for (name, mut binding) in std::mem::take(&mut self.pending) {
            let parent = self.names.scopes[binding.executed_in.index()]
                .parent
                .unwrap_or(Names::MODULE);
            binding.symbol = match resolve::lookup(&self.names.scopes, parent, &name) {
                Some(symbol) => symbol,
                // A SyntaxError in CPython; the module is the least harmful home.
                None => self.symbol_in(Names::MODULE, &name),
            };
            self.add_binding(binding);
        }
    }

    /// A star import binds the names that the module exports, as far as anybody here uses or binds them.
    fn bind_stars(&mut self, exports: &Exports) {
        let stars = std::mem::take(&mut self.stars);
        let mut spelled: BTreeSet<String> = self.names.uses.values().map(|entry| entry.name.clone()).collect();
        spelled.extend(self.names.scopes[0].symbols.keys().cloned());
        let known = |module: &Option<String>, name: &str| star::gives(module.as_deref()?, name, exports);
        let gives = |module: &Option<String>, name: &str| known(module, name) == Some(true);
        for name in &spelled {
            if stars.iter().any(|(module, _)| gives(module, name)) {
                self.symbol_in(Names::MODULE, name);
            }
        }
        let globals: Vec<(String, SymbolId)> = self.names.scopes[0]
            .symbols
            .iter()
            .map(|(name, symbol)| (name.clone(), *symbol))
            .collect();
        for (module, range) in stars {
            let mut bound = Vec::new();
            for (name, symbol) in &globals {
                let kind = match known(&module, name) {
                    Some(false) => continue,
                    Some(true) => BindingKind::Star { module: module.clone() },
                    None => BindingKind::Star { module: None },
                };
                self.names.unknown_star |= kind == BindingKind::Star { module: None };
                let binding = Binding {
                    symbol: *symbol,
                    kind,
                    range,
                    executed_in: Names::MODULE,
                };
                bound.push(self.add_unplaced_binding(binding));
            }
            self.names.unknown_star |= module
                .as_deref()
                .is_none_or(|module| star::gives(module, "", exports).is_none());
            self.names.star_bindings.insert(range.start(), bound);
        }
    }

    fn use_name(&mut self, name: &ast::ExprName) {
        let spelling = self.mangle(&name.id);
        let entry = Use {
            name: spelling,
            scope: self.current,
            symbol: None,
            reaching: None::<Reaching>,
        };
        self.names.uses.insert(name.start(), entry);
    }

    /// Binds a target: a name, or the names inside a tuple; subscripts and attributes bind nothing.
    fn target(&mut self, target: &'a Expr, kind: &BindingKind) {
        match target {
            Expr::Name(name) => {
                self.use_name(name);
                self.bind(&name.id, name.range, kind.clone());
            }
            Expr::Tuple(ast::ExprTuple { elts, .. }) | Expr::List(ast::ExprList { elts, .. }) => {
                let kind = match kind {
                    BindingKind::Assign { .. } => &BindingKind::Unpack,
                    other => other,
                };
                elts.iter().for_each(|elt| self.target(elt, kind));
            }
            Expr::Starred(starred) => self.target(&starred.value, &BindingKind::Unpack),
            other => self.visit_expr(other),
        }
    }

    /// Remembers `value` when it may be another name for something.
    fn alias(&mut self, value: &Expr) {
        let mut attrs = Vec::new();
        let mut expr = value;
        while let Expr::Attribute(attribute) = expr {
            attrs.insert(0, attribute.attr.to_string());
            expr = &attribute.value;
        }
        if let Expr::Name(name) = expr {
            let alias = Alias {
                range: value.range(),
                root: name.start(),
                attrs,
            };
            self.names.aliases.insert(value.start(), alias);
        }
    }

    fn comprehension(
        &mut self,
        range: TextRange,
        lazy: bool,
        generators: &'a [Comprehension],
        elements: impl FnOnce(&mut Self),
    ) {
        // The first iterable is evaluated outside.
        if let Some(first) = generators.first() {
            self.visit_expr(&first.iter);
        }
        let qualname = self.names.scopes[self.current.index()].qualname.clone();
        self.within(ScopeKind::Comprehension { lazy }, range, qualname, |this| {
            for (index, generator) in generators.iter().enumerate() {
                if index > 0 {
                    this.visit_expr(&generator.iter);
                }
                this.target(&generator.target, &BindingKind::For);
                generator.ifs.iter().for_each(|condition| this.visit_expr(condition));
            }
            elements(this);
        });
    }

    /// `:=` inside comprehensions binds in the function around them.
    fn walrus_scope(&self) -> ScopeId {
        let mut scope = self.current;
        while let ScopeKind::Comprehension { .. } = self.names.scopes[scope.index()].kind {
            scope = self.names.scopes[scope.index()].parent.unwrap_or(Names::MODULE);
        }
        scope
    }

    fn import(&mut self, alias: &ast::Alias) {
        let dotted = alias.name.as_str();
        let (name, module) = match &alias.asname {
            Some(asname) => (asname, dotted),
            None => (&alias.name, dotted.split('.').next().unwrap_or(dotted)),
        };
        let spelling = name.split('.').next().unwrap_or(name).to_owned();
        self.bind(
            &spelling,
            name.range,
            BindingKind::Import {
                module: module.to_owned(),
            },
        );
    }

    fn import_from(&mut self, import: &ast::StmtImportFrom) {
        let module = self.absolute_module(import);
        for alias in &import.names {
            if alias.name.as_str() == "*" {
                let current = self.current;
                self.scope(current)
                    .star_imports
                    .push(module.clone().unwrap_or_default());
                self.stars.push((module.clone(), alias.range));
                continue;
            }
            let name = alias.asname.as_ref().unwrap_or(&alias.name);
            let kind = BindingKind::FromImport {
                module: module.clone(),
                name: alias.name.to_string(),
            };
            self.bind(name, name.range, kind);
        }
    }

    fn absolute_module(&self, import: &ast::StmtImportFrom) -> Option<String> {
        let module = import.module.as_ref().map(Identifier::as_str);
        if import.level == 0 {
            return module.map(str::to_owned);
        }
        absolute_import(self.names.package.as_deref()?, import.level, module)
    }

    fn pattern(&mut self, pattern: &'a Pattern) {
        match pattern {
            Pattern::MatchAs(ast::PatternMatchAs { name: Some(name), .. })
            | Pattern::MatchStar(ast::PatternMatchStar { name: Some(name), .. })
            | Pattern::MatchMapping(ast::PatternMatchMapping { rest: Some(name), .. }) => {
                self.bind(name, name.range, BindingKind::Match);
            }
            _ => {}
        }
        visitor::walk_pattern(self, pattern);
    }
}

impl<'a> Visitor<'a> for Builder<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(def) => self.function_def(def),
            Stmt::ClassDef(def) => self.class_def(def),
            Stmt::Assign(assign) => {
                self.visit_expr(&assign.value);
                self.alias(&assign.value);
                let kind = BindingKind::Assign {
                    value: assign.value.range(),
                };
                assign.targets.iter().for_each(|target| self.target(target, &kind));
            }
            Stmt::AugAssign(assign) => {
                self.visit_expr(&assign.value);
                self.target(&assign.target, &BindingKind::AugAssign);
            }
            Stmt::AnnAssign(assign) => {
                if let Some(value) = &assign.value {
                    self.visit_expr(value);
                    self.alias(value);
                }
                self.visit_annotation(&assign.annotation);
                match (&assign.value, &*assign.target) {
                    (Some(value), target) => self.target(target, &BindingKind::Assign { value: value.range() }),
                    // `x: int` makes `x` a name of this scope and binds nothing.
                    (None, Expr::Name(name)) => {
                        self.use_name(name);
                        let scope = self.current;
                        if !self.names.scopes[scope.index()].globals.contains(name.id.as_str()) {
                            let spelling = self.mangle(&name.id);
                            self.symbol_in(scope, &spelling);
                        }
                    }
                    (None, other) => self.visit_expr(other),
                }
            }
            Stmt::For(stmt) => {
                self.visit_expr(&stmt.iter);
                self.target(&stmt.target, &BindingKind::For);
                self.visit_body(&stmt.body);
                self.visit_body(&stmt.orelse);
            }
            Stmt::Delete(delete) => {
                delete
                    .targets
                    .iter()
                    .for_each(|target| self.target(target, &BindingKind::Delete));
            }
            Stmt::Import(import) => import.names.iter().for_each(|alias| self.import(alias)),
            Stmt::ImportFrom(import) => self.import_from(import),
            Stmt::TypeAlias(alias) => {
                self.target(&alias.name, &BindingKind::TypeParam);
                self.with_type_params(alias.type_params.as_deref(), alias.range, |this| {
                    this.visit_expr(&alias.value)
                });
            }
            Stmt::Global(_) if self.current == Names::MODULE => {}
            _ => visitor::walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) => {
                self.use_name(name);
                if name.ctx == ExprContext::Store {
                    self.bind(&name.id, name.range, BindingKind::Unpack);
                }
            }
            Expr::Named(named) => {
                self.visit_expr(&named.value);
                if let Expr::Name(name) = &*named.target {
                    self.use_name(name);
                    let scope = self.walrus_scope();
                    let kind = BindingKind::Assign {
                        value: named.value.range(),
                    };
                    self.bind_in(scope, &name.id, name.range, kind);
                }
            }
            Expr::Lambda(lambda) => {
                if let Some(parameters) = &lambda.parameters {
                    self.outside_of_parameters(parameters);
                }
                let qualname = self.qualname_of("<lambda>");
                self.within(ScopeKind::Lambda, lambda.range, qualname, |this| {
                    if let Some(parameters) = &lambda.parameters {
                        this.bind_parameters(parameters);
                    }
                    this.visit_expr(&lambda.body);
                });
            }
            Expr::ListComp(comp) => {
                self.comprehension(comp.range, false, &comp.generators, |this| this.visit_expr(&comp.elt));
            }
            Expr::SetComp(comp) => {
                self.comprehension(comp.range, false, &comp.generators, |this| this.visit_expr(&comp.elt));
            }
            Expr::DictComp(comp) => {
                self.comprehension(comp.range, false, &comp.generators, |this| {
                    if let Some(key) = &comp.key {
                        this.visit_expr(key);
                    }
                    this.visit_expr(&comp.value);
                });
            }
            Expr::Generator(comp) => {
                self.comprehension(comp.range, true, &comp.generators, |this| this.visit_expr(&comp.elt));
            }
            _ => visitor::walk_expr(self, expr),
        }
    }

    fn visit_with_item(&mut self, item: &'a ast::WithItem) {
        self.visit_expr(&item.context_expr);
        if let Some(target) = &item.optional_vars {
            self.target(target, &BindingKind::With);
        }
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(handler) = handler;
        if let Some(type_) = &handler.type_ {
            self.visit_expr(type_);
        }
        if let Some(name) = &handler.name {
            self.bind(name, name.range, BindingKind::Except);
        }
        self.visit_body(&handler.body);
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        self.pattern(pattern);
    }
}

/// `from ..a import b` in package `p.q`: `p.a`.
fn absolute_import(package: &str, level: u32, module: Option<&str>) -> Option<String> {
    let mut parts: Vec<&str> = package.split('.').filter(|part| !part.is_empty()).collect();
    for _ in 1..level {
        parts.pop()?;
    }
    if parts.is_empty() {
        return None;
    }
    parts.extend(module);
    Some(parts.join("."))
}
