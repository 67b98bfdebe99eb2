//! Ways to functions and objects other than by their names, after which nothing is proven.
//!
//! ```text
//! exec(text)   globals()["f"]   getattr(module, name)   sys.modules[…]   import __main__     any function may be called
//! vars(obj)   obj.__dict__   object.__setattr__(obj, …)   obj.__class__ = C                   any attribute may be stored
//! sys._getframe()   gc.get_objects()   f.__globals__   frame.f_locals   sys.settrace(f)       both
//! type(obj)(…)   obj.__class__(…)                                                             any object may be made
//! ```
//!
//! What is only looked at (`type(x).__name__`, `x.__class__ is C`, `gc.collect()`) is no such way. Names that are
//! spelled out in strings, as in `getattr(obj, "step")`, are: see [`super::escape`].

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Expr, ExprContext, Stmt};
use ruff_text_size::{Ranged, TextRange};

use crate::flow::dynamic;
use crate::module::Module;
use crate::names::{Resolution, dotted};
use crate::project::{ModuleId, ProjectNames};

/// Whether some module of the program goes such a way.
pub(super) fn is_anywhere(project: &ProjectNames, main: ModuleId) -> bool {
    let main = project.name(main);
    project.modules().any(|(_, module)| {
        let found = dynamic::find(&module.parsed, &module.names);
        found.imports_anything || module.names.globals_written || reflects(module, main)
    })
}

fn reflects(module: &Module, main: &str) -> bool {
    let mut finder = Finder {
        module,
        main,
        looked_at: Vec::new(),
        found: false,
    };
    finder.visit_body(&module.parsed.module.body);
    finder.found
}

/// Functions and modules that run text, or find functions, frames and objects by themselves. A module stands for
/// all that is in it.
const REFLECTING: &[&str] = &[
    "__main__",
    "bdb",
    "builtins.__build_class__",
    "builtins.__import__",
    "builtins.breakpoint",
    "builtins.compile",
    "builtins.eval",
    "builtins.exec",
    "builtins.globals",
    "builtins.locals",
    "builtins.vars",
    "cProfile.run",
    "cProfile.runctx",
    "code",
    "codeop",
    "doctest",
    "fire",
    "gc",
    "importlib",
    "inspect",
    "pdb",
    "profile.run",
    "profile.runctx",
    "pytest.main",
    "runpy",
    "sys._current_frames",
    "sys._getframe",
    "sys._getframemodulename",
    "sys.breakpointhook",
    "sys.meta_path",
    "sys.modules",
    "sys.path_hooks",
    "sys.setprofile",
    "sys.settrace",
    "timeit.Timer",
    "timeit.repeat",
    "timeit.timeit",
    "trace",
    "tracemalloc.get_object_traceback",
    "types.CodeType",
    "types.FunctionType",
    "unittest.TextTestRunner",
    "unittest.main",
];

/// What these modules have that finds nothing.
const HARMLESS: &[&str] = &[
    "gc.collect",
    "gc.disable",
    "gc.enable",
    "gc.freeze",
    "gc.isenabled",
    "importlib.metadata",
    "importlib.resources",
    "inspect.isclass",
    "inspect.isfunction",
    "inspect.signature",
];

/// Attributes with two underscores through which nobody gets further.
const PLAIN_DUNDERS: &[&str] = &[
    "__annotations__",
    "__class__",
    "__doc__",
    "__enter__",
    "__exit__",
    "__file__",
    "__init__",
    "__len__",
    "__module__",
    "__name__",
    "__next__",
    "__path__",
    "__post_init__",
    "__qualname__",
    "__repr__",
    "__stderr__",
    "__stdin__",
    "__stdout__",
    "__str__",
    "__version__",
];

/// Attributes of frames, tracebacks, generators and functions that lead to frames and code.
const FRAME_ATTRIBUTES: &[&str] = &[
    "ag_frame",
    "cr_frame",
    "f_back",
    "f_builtins",
    "f_code",
    "f_globals",
    "f_locals",
    "f_trace",
    "gi_frame",
    "tb_frame",
];

fn is_inside(name: &str, of: &str) -> bool {
    name.strip_prefix(of)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn is_dunder(name: &str) -> bool {
    name.len() > 4 && name.starts_with("__") && name.ends_with("__")
}

struct Finder<'n> {
    module: &'n Module,
    /// The name under which the program itself could be imported, as another module.
    main: &'n str,
    /// `type(x)` and `x.__class__` where nobody calls or stores to them.
    looked_at: Vec<TextRange>,
    found: bool,
}

impl Finder<'_> {
    /// The dotted name of an expression, patched or not; after a star import the spelling is enough.
    fn qualified(&self, expr: &Expr) -> Option<String> {
        let names = &self.module.names;
        if let Expr::Name(name) = expr
            && names.resolve(name) == Resolution::Unknown
        {
            return Some(format!("builtins.{}", name.id));
        }
        names.qualified_name(expr).or_else(|| dotted(names, expr))
    }

    fn is_builtin(&self, expr: &Expr, name: &str) -> bool {
        self.qualified(expr)
            .and_then(|found| found.strip_prefix("builtins.").map(|rest| rest == name))
            == Some(true)
    }

    fn named(&mut self, name: &str) {
        let reflecting = REFLECTING.iter().any(|known| is_inside(name, known));
        self.found |= reflecting && !HARMLESS.iter().any(|known| is_inside(name, known));
    }

    fn imported(&mut self, module: &str) {
        self.found |= is_inside(module, "__main__") || module == self.main;
    }

    fn call(&mut self, call: &ast::ExprCall) {
        let args = &call.arguments.args;
        if self.is_builtin(&call.func, "getattr") {
            self.found |= match args.get(1) {
                Some(Expr::StringLiteral(name)) => REFLECTING
                    .iter()
                    .any(|known| known.ends_with(&format!(".{}", name.value))),
                _ => true,
            };
        }
        // `type(name, bases, namespace)` makes a class, and `type(x)` may make objects.
        if self.is_builtin(&call.func, "type") {
            self.found |= !self.looked_at.contains(&call.range());
        }
        let shows = [
            "print",
            "repr",
            "str",
            "format",
            "isinstance",
            "issubclass",
            "id",
            "hash",
        ];
        if shows.iter().any(|name| self.is_builtin(&call.func, name)) {
            self.looked_at.extend(args.iter().map(Ranged::range));
        }
    }

    fn attribute(&mut self, attribute: &ast::ExprAttribute) {
        let name = attribute.attr.as_str();
        self.found |= FRAME_ATTRIBUTES.contains(&name);
        self.found |= is_dunder(name) && !PLAIN_DUNDERS.contains(&name);
        let loaded = attribute.ctx == ExprContext::Load;
        if name == "__class__" {
            self.found |= !(loaded && self.looked_at.contains(&attribute.range()));
        }
        if is_dunder(name) && loaded {
            self.looked_at.push(attribute.value.range());
        }
    }
}

impl<'a> Visitor<'a> for Finder<'_> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::Import(import) => import.names.iter().for_each(|alias| self.imported(alias.name.as_str())),
            Stmt::ImportFrom(import) => {
                if let Some(module) = &import.module {
                    self.imported(module.as_str());
                    for alias in &import.names {
                        self.imported(&format!("{module}.{}", alias.name));
                        self.named(&format!("{module}.{}", alias.name));
                    }
                } else {
                    import.names.iter().for_each(|alias| self.imported(alias.name.as_str()));
                }
            }
            _ => {}
        }
        visitor::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Some(name) = self.qualified(expr) {
            self.named(&name);
            // `type` itself, as a value, may be called.
            if name == "builtins.type" || name == "builtins.getattr" {
                self.found |= !self.looked_at.contains(&expr.range());
            }
            if matches!(expr, Expr::Attribute(_)) {
                return;
            }
        }
        match expr {
            Expr::Call(call) => {
                self.call(call);
                if matches!(&*call.func, Expr::Name(_)) {
                    self.looked_at.push(call.func.range());
                }
            }
            Expr::Attribute(attribute) => self.attribute(attribute),
            Expr::Compare(compare) => {
                let sides = std::iter::once(&*compare.left).chain(&compare.comparators);
                self.looked_at.extend(sides.map(Ranged::range));
            }
            Expr::FString(string) => {
                let shown = string.value.elements().filter_map(|element| element.as_interpolation());
                self.looked_at.extend(shown.map(|shown| shown.expression.range()));
            }
            Expr::Name(name) => {
                self.found |= matches!(
                    name.id.as_str(),
                    "__builtins__" | "__class__" | "__loader__" | "__spec__"
                );
            }
            Expr::StringLiteral(string) => {
                let text = string.value.to_str();
                self.found |= is_dunder(text) && text != "__main__" && !PLAIN_DUNDERS.contains(&text);
                self.found |= FRAME_ATTRIBUTES.contains(&text);
            }
            _ => {}
        }
        visitor::walk_expr(self, expr);
    }
}
