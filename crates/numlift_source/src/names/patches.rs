//! Writes that go past the names: stores to attributes of modules and classes, and to globals by name.
//!
//! ```text
//! np.sum = f                    `numpy.sum` is not known any more
//! setattr(np, name, f)          nothing below `numpy` is
//! globals()[name] = f           no global of this module is
//! globals().get(name)           changes nothing
//! mock.patch("numpy.sum", f)    `numpy.sum` is not known any more: whoever spells it may store to it
//! patch(np); …; m.sum = f       neither: a module that is handed on, and a store to something of that name
//! ```

use std::collections::BTreeSet;

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Expr, ExprContext, Stmt};
use ruff_text_size::{Ranged, TextSize};

use super::resolve::{MAX_ALIASES, dotted};
use super::{BindingKind, ClassId, Names};
use crate::parse::Parsed;

pub(super) fn find(parsed: &Parsed, names: &mut Names) {
    let mut finder = PatchFinder {
        names,
        patched: BTreeSet::new(),
        classes: BTreeSet::new(),
        globals_written: false,
        only_read: BTreeSet::new(),
        handed_on: BTreeSet::new(),
        stored: BTreeSet::new(),
        alias: None,
    };
    finder.visit_body(&parsed.module.body);
    let PatchFinder {
        patched,
        classes,
        globals_written,
        handed_on,
        stored,
        ..
    } = finder;
    names.patched.extend(patched);
    for module in &handed_on {
        names
            .patched
            .extend(stored.iter().map(|name| format!("{module}.{name}")));
    }
    names.patched_classes = classes;
    names.globals_written |= globals_written;
}

struct PatchFinder<'n> {
    names: &'n Names,
    patched: BTreeSet<String>,
    classes: BTreeSet<ClassId>,
    globals_written: bool,
    /// Calls of `globals()` in places that only read the dictionary.
    only_read: BTreeSet<TextSize>,
    /// Modules that are values: arguments, items.
    handed_on: BTreeSet<String>,
    /// Attributes that are stored to on objects that are not known, and names that stand in strings.
    stored: BTreeSet<String>,
    /// The value of an assignment of a name to a name.
    alias: Option<TextSize>,
}

/// Methods of a dictionary that leave it as it is.
const READS: &[&str] = &["get", "items", "keys", "values", "copy", "__getitem__", "__contains__"];

impl PatchFinder<'_> {
    fn dotted(&self, expr: &Expr) -> Option<String> {
        dotted(self.names, expr, MAX_ALIASES)
    }

    fn call(&mut self, call: &ast::ExprCall) {
        if let Expr::Attribute(method) = &*call.func
            && READS.contains(&method.attr.as_str())
        {
            self.only_read.insert(method.value.start());
        }
        // `timeit(…, globals=globals())` runs its statement inside a function.
        for keyword in &call.arguments.keywords {
            if keyword.arg.as_deref() == Some("globals") {
                self.only_read.insert(keyword.value.start());
            }
        }
        match self.dotted(&call.func).as_deref() {
            Some("builtins.setattr" | "builtins.delattr") => {
                if let Some(base) = call.arguments.args.first() {
                    let attr = match call.arguments.args.get(1) {
                        Some(Expr::StringLiteral(attr)) => Some(attr.value.to_str()),
                        _ => None,
                    };
                    self.store(base, attr);
                }
            }
            Some("builtins.exec") => {
                // With a dictionary of its own, `exec` leaves the globals alone.
                self.globals_written |= call.arguments.args.len() < 2 && call.arguments.keywords.is_empty();
            }
            // `eval` reads.
            Some("builtins.eval" | "builtins.len" | "builtins.sorted" | "builtins.list" | "builtins.dict") => {
                self.only_read.extend(call.arguments.args.iter().map(Ranged::start));
            }
            Some("builtins.globals") => {
                self.globals_written |= !self.only_read.contains(&call.start());
            }
            Some("builtins.vars" | "builtins.locals") if !self.only_read.contains(&call.start()) => {
                match call.arguments.args.first() {
                    // In a function this is a copy.
                    None => {
                        let scope = self.names.scope_at(call.start());
                        self.globals_written |= crate::flow::body_of(self.names, scope) == Names::MODULE;
                    }
                    Some(base) => self.store(base, None),
                }
            }
            _ => {}
        }
    }

    /// A store to an attribute of `base`, to any one when `attr` is `None`.
    fn store(&mut self, base: &Expr, attr: Option<&str>) {
        if let Some(class) = self.names.class_named(base) {
            self.classes.insert(class);
        }
        if let Expr::Attribute(inner) = base {
            // `type(self).x = …`, `self.__class__.x = …`: any class.
            if inner.attr.as_str() == "__class__" {
                self.classes.extend(self.names.classes().map(|(id, _)| id));
            }
        }
        if let Expr::Call(call) = base
            && self.dotted(&call.func).as_deref() == Some("builtins.type")
        {
            self.classes.extend(self.names.classes().map(|(id, _)| id));
        }
        if let Expr::Subscript(subscript) = base {
            // `sys.modules[__name__].x = …`
            if self.dotted(&subscript.value).as_deref() == Some("sys.modules") {
                match &*subscript.slice {
                    Expr::StringLiteral(name) if name.value.to_str() != "__main__" => {
                        self.patched.insert(name.value.to_str().to_owned());
                    }
                    _ => self.globals_written = true,
                }
            }
        }
        match (self.dotted(base), attr) {
            (Some(base), Some(attr)) => {
                self.patched.insert(format!("{base}.{attr}"));
            }
            (Some(base), None) => {
                self.patched.insert(base);
            }
            (None, Some(attr)) if base.as_name_expr().is_none_or(|name| name.id.as_str() != "self") => {
                self.stored.insert(attr.to_owned());
            }
            (None, _) => {}
        }
    }
}

impl PatchFinder<'_> {
    /// A name that is a module, perhaps: not the root of `np.sum`, nor the `np` of `xp = np`.
    fn module_as_value(&mut self, expr: &Expr) {
        if self.alias != Some(expr.start()) {
            self.handed_on.extend(self.dotted(expr));
        }
    }

    /// Text that is a name, or a dotted name below a module that is imported.
    fn spelled(&mut self, text: &str) {
        let is_name = |part: &str| {
            let letters = part.chars().all(|letter| letter == '_' || letter.is_alphanumeric());
            letters && part.chars().next().is_some_and(|first| !first.is_numeric())
        };
        if !text.split('.').all(is_name) {
            return;
        }
        match text.split_once('.') {
            None => {
                self.stored.insert(text.to_owned());
                if self.is_imported(text) {
                    self.handed_on.insert(text.to_owned());
                }
            }
            Some((root, _)) => {
                if self.is_imported(root) || root == "builtins" {
                    self.patched.insert(text.to_owned());
                }
            }
        }
    }

    /// The module imports this one, or a module or name of it.
    fn is_imported(&self, root: &str) -> bool {
        self.names.bindings().any(|binding| match &binding.kind {
            BindingKind::Import { module }
            | BindingKind::FromImport {
                module: Some(module), ..
            } => module.split('.').next() == Some(root),
            _ => false,
        })
    }
}

impl<'a> Visitor<'a> for PatchFinder<'_> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        if let Stmt::Assign(assign) = stmt
            && assign.targets.iter().all(Expr::is_name_expr)
        {
            self.alias = Some(assign.value.start());
        }
        visitor::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Call(call) => self.call(call),
            Expr::Name(name) if name.ctx == ExprContext::Load => self.module_as_value(expr),
            Expr::StringLiteral(string) => self.spelled(string.value.to_str()),
            Expr::Attribute(attribute) if attribute.ctx != ExprContext::Load => {
                self.store(&attribute.value, Some(&attribute.attr));
            }
            // `module.__dict__` is as good as a store unless it is only looked at.
            Expr::Attribute(attribute)
                if attribute.attr.as_str() == "__dict__" && !self.only_read.contains(&attribute.start()) =>
            {
                self.store(&attribute.value, None);
            }
            Expr::Subscript(subscript) if subscript.ctx == ExprContext::Load => {
                self.only_read.insert(subscript.value.start());
            }
            Expr::Compare(compare) => self.only_read.extend(compare.comparators.iter().map(Ranged::start)),
            _ => {}
        }
        // Of `np.linalg.norm` the names inside are no values.
        if let Expr::Attribute(attribute) = expr
            && attribute.value.is_name_expr()
        {
            return;
        }
        visitor::walk_expr(self, expr);
    }
}
