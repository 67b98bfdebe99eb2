//! Functions that escape: code that was not read may call them.

use numlift_ir::ty::Ty;
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Expr, ExprContext, Stmt};
use ruff_text_size::Ranged;

use super::reach::{ANY_CLASS, is_hook};
use super::reader::Reader;
use crate::names::{Base, ClassId, Names};
use crate::project::{ClassRef, FunctionRef, ModuleId};

/// What text mentions.
#[derive(Debug, Default)]
struct Mentioned {
    functions: Vec<FunctionRef>,
    classes: Vec<ClassRef>,
    /// Attributes that are read of objects: perhaps methods.
    attributes: Vec<String>,
    /// Attributes that are stored.
    stored: Vec<String>,
    /// Modules of the project that are imported.
    modules: Vec<ModuleId>,
}

impl<'a> Reader<'a> {
    /// What an expression that was not understood mentions escapes, except calls that were read. Returns whether
    /// anything does.
    pub(super) fn escape_from_expr(&mut self, expr: &'a Expr) -> bool {
        self.escape_from(|mentions| mentions.visit_expr(expr))
    }

    pub(super) fn escape_from_stmt(&mut self, stmt: &'a Stmt) -> bool {
        let range = stmt.range();
        let file = self.frame().file;
        if let Some(typing) = &mut self.typing {
            typing.poison(file, range.start().into(), range.end().into());
        }
        self.escape_from(|mentions| mentions.visit_stmt(stmt))
    }

    fn escape_from(&mut self, visit: impl FnOnce(&mut Mentions<'_, 'a>)) -> bool {
        if self.typing.is_none() {
            return false;
        }
        let module = ModuleId(self.frame().file);
        let mut mentions = Mentions {
            reader: self,
            module,
            read_here: true,
            found: Mentioned::default(),
        };
        visit(&mut mentions);
        let found = mentions.found;
        let any = !found.functions.is_empty() || !found.classes.is_empty();
        self.escape_all(found);
        any
    }

    /// A function that is passed on.
    pub(super) fn escape_function(&mut self, function: FunctionRef) {
        self.escape_all(Mentioned {
            functions: vec![function],
            ..Mentioned::default()
        });
    }

    /// Methods that Python itself calls: of operators, properties, loops; and whatever a decorator keeps.
    pub(super) fn escape_hooks(&mut self) {
        let mut found = Mentioned::default();
        for (module, known) in self.project.modules() {
            for (function, info) in known.names.functions() {
                let hook = info.class.is_some() && is_hook(&info.name);
                if hook || !info.decorators.is_empty() {
                    found.functions.push(FunctionRef { module, function });
                }
            }
            // A framework calls the methods of what is derived from its classes.
            for (class, _) in known.names.classes() {
                if is_derived_elsewhere(&known.names, class, 8) {
                    found.classes.push(ClassRef { module, class });
                }
            }
        }
        self.escape_all(found);
    }

    /// Everything that what was found mentions in turn.
    fn escape_all(&mut self, mut work: Mentioned) {
        let project = self.project;
        loop {
            for attr in std::mem::take(&mut work.stored) {
                self.facts.widen_attr(ANY_CLASS, &attr, &Ty::Unknown);
            }
            for attr in std::mem::take(&mut work.attributes) {
                for (module, known) in project.modules() {
                    let named = known
                        .names
                        .functions()
                        .filter(|(_, info)| info.class.is_some() && info.name == attr);
                    work.functions
                        .extend(named.map(|(function, _)| FunctionRef { module, function }));
                }
            }
            for class in std::mem::take(&mut work.classes) {
                let names = &project.module(class.module).names;
                let range = names.class(class.class).range;
                let inside = names.functions().filter(|(_, info)| range.contains_range(info.range));
                work.functions.extend(inside.map(|(function, _)| FunctionRef {
                    module: class.module,
                    function,
                }));
            }
            for module in std::mem::take(&mut work.modules) {
                let all = project.module(module).names.functions();
                work.functions
                    .extend(all.map(|(function, _)| FunctionRef { module, function }));
            }
            let Some(function) = work.functions.pop() else { return };
            let Some(typing) = &mut self.typing else { return };
            if !typing.escaped.insert(function) {
                continue;
            }
            let module = project.module(function.module);
            let def = module.names.def(&module.parsed, function.function);
            let mut mentions = Mentions {
                reader: self,
                module: function.module,
                read_here: false,
                found: Mentioned::default(),
            };
            mentions.visit_body(&def.body);
            let found = mentions.found;
            work.functions.extend(found.functions);
            work.classes.extend(found.classes);
            work.attributes.extend(found.attributes);
            work.stored.extend(found.stored);
            work.modules.extend(found.modules);
        }
    }
}

/// Whether a class has a base that is not the module's own, other than those that change nothing.
fn is_derived_elsewhere(names: &Names, class: ClassId, fuel: u32) -> bool {
    names.class(class).bases.iter().any(|base| match base {
        Base::Own(base) => fuel == 0 || is_derived_elsewhere(names, *base, fuel - 1),
        Base::Named(name) => !matches!(
            name.as_str(),
            "builtins.object" | "abc.ABC" | "typing.Generic" | "typing.Protocol"
        ),
        Base::Unknown => true,
    })
}

struct Mentions<'r, 'a> {
    reader: &'r Reader<'a>,
    module: ModuleId,
    /// The text stands where the reader is, so calls in it may have been read.
    read_here: bool,
    found: Mentioned,
}

impl<'a> Mentions<'_, 'a> {
    /// A call whose function's body was read for it.
    fn was_read(&self, call: &ast::ExprCall) -> bool {
        self.read_here
            && self
                .reader
                .seen_in_attempt(self.module.0, call.start().into())
                .is_some()
    }

    fn name(&mut self, expr: &Expr) {
        let project = self.reader.project;
        self.found.functions.extend(project.function_named(self.module, expr));
        self.found.classes.extend(project.class_named(self.module, expr));
    }

    fn import(&mut self, dotted: &str) {
        let project = self.reader.project;
        let imported = project.modules().find(|(module, _)| project.name(*module) == dotted);
        self.found.modules.extend(imported.map(|(module, _)| module));
    }
}

impl<'a> Visitor<'a> for Mentions<'_, 'a> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Call(call) if self.was_read(call) => {
                // The function was read, its arguments are text like any other.
                if let Expr::Attribute(callee) = &*call.func {
                    self.visit_expr(&callee.value);
                }
                self.visit_arguments(&call.arguments);
                return;
            }
            Expr::Name(_) => self.name(expr),
            Expr::Attribute(attribute) => {
                self.name(expr);
                match attribute.ctx {
                    ExprContext::Load => self.found.attributes.push(attribute.attr.to_string()),
                    _ => self.found.stored.push(attribute.attr.to_string()),
                }
            }
            _ => {}
        }
        visitor::walk_expr(self, expr);
    }

    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::Import(import) => import.names.iter().for_each(|alias| self.import(alias.name.as_str())),
            Stmt::ImportFrom(import) => {
                if let Some(module) = &import.module {
                    self.import(module.as_str());
                    import
                        .names
                        .iter()
                        .for_each(|alias| self.import(&format!("{module}.{}", alias.name)));
                }
            }
            _ => {}
        }
        visitor::walk_stmt(self, stmt);
    }
}
