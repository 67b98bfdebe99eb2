//! Functions that a decorator can compile, and those that one compiles already.
//!
//! ```text
//! def total(x): for v in x: …          can be compiled: a plain function with a loop
//! @jit                                 is compiled: what stands in it is no business of other cures
//! def total(x): for v in x: …
//! def solve(k):
//!     def step(x): for v in x: …       can: each call of `solve` makes a function with the decorator around it
//! def run(*args): …                    cannot: nobody knows its parameters
//! ```
//!
//! A decorator counts as a compiler by where its name comes from, however many ways there are to bind it
//! (`try: from numlift import jit` / `except ImportError: jit = …`).

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::{Ranged, TextRange};

use crate::module::Module;
use crate::names::{BindingKind, Function, FunctionId, Names, ParamKind, ScopeKind};

/// A function that a decorator can compile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compilable {
    pub function: FunctionId,
    pub name: String,
    pub qualname: String,
    /// Where the line of its `def` begins; decorators are above.
    pub line_start: u32,
    /// Where its `def` begins in that line.
    pub def_start: u32,
    /// From the first statement to the last, without the docstring.
    pub body: (u32, u32),
    /// Parameters by name, and whether they are given by name only.
    pub parameters: Vec<(String, bool)>,
    /// It stands in a class.
    pub is_method: bool,
    /// It is handed to one of SciPy's routines, which calls it.
    pub is_callback: bool,
    /// Where it is handed to one that also takes C functions.
    pub native: Vec<NativeUse>,
}

/// A function's name as the argument of a routine that takes C functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NativeUse {
    pub start: u32,
    pub end: u32,
    /// What the routine calls it with: `numbers`, `filter`, `line`, `transform`.
    pub kind: &'static str,
}

/// Routines that take C functions, with the place of that argument.
const NATIVE: [(&str, usize, &str); 5] = [
    ("scipy.integrate.quad", 0, "numbers"),
    ("scipy.integrate.nquad", 0, "numbers"),
    ("scipy.ndimage.generic_filter", 1, "filter"),
    ("scipy.ndimage.generic_filter1d", 1, "line"),
    ("scipy.ndimage.geometric_transform", 1, "transform"),
];

/// Packages whose decorators compile.
const COMPILERS: [&str; 2] = ["numlift", "numba"];

impl Module {
    /// The functions that a decorator can compile and that can repay it: those with loops, and those that a routine
    /// calls again and again.
    pub fn compilable(&self) -> Vec<Compilable> {
        let callbacks = callbacks(self);
        let found = self.names.functions().filter_map(|(id, function)| {
            let uses: Vec<Option<NativeUse>> = callbacks
                .iter()
                .filter(|(found, _)| *found == id)
                .map(|(_, native)| *native)
                .collect();
            compilable(self, id, function, &uses)
        });
        found.collect()
    }

    /// Byte ranges of functions that a decorator compiles already.
    pub fn compiled(&self) -> Vec<(u32, u32)> {
        let compiled = self.names.functions().filter(|(id, _)| is_compiled(self, *id));
        compiled
            .map(|(_, function)| (function.range.start().to_u32(), function.range.end().to_u32()))
            .collect()
    }

    /// Where the statement of the module begins that holds a byte offset, with the comments directly above it.
    pub fn statement_of_module(&self, offset: u32) -> Option<u32> {
        let body = &self.parsed.module.body;
        let stmt = body.iter().rfind(|stmt| stmt.start().to_u32() <= offset)?;
        let source = self.parsed.source();
        let line = |at: usize| source[..at].rfind(['\n', '\r']).map_or(0, |end| end + 1);
        let mut start = line(stmt.start().to_usize());
        while start > 0 {
            let above = line(start - 1 - usize::from(source[..start].ends_with("\r\n")));
            if !source[above..start].starts_with('#') {
                break;
            }
            start = above;
        }
        Some(start as u32)
    }

    /// Of the statements between two byte offsets, those from the first loop to the last; all where no statement among
    /// them is a loop.
    pub fn loops_in(&self, start: u32, end: u32) -> (u32, u32) {
        let statements = self.parsed.find_statements(start, end).unwrap_or_default();
        let is_loop = |stmt: &&Stmt| matches!(stmt, Stmt::For(_) | Stmt::While(_));
        let first = statements.iter().find(is_loop);
        let last = statements.iter().rfind(is_loop);
        match (first, last) {
            (Some(first), Some(last)) => (first.start().to_u32(), self.parsed.ast_end(last)),
            (Some(_) | None, _) => (start, end),
        }
    }

    /// Names of functions whose last bits depend on who computes them, among those that `range` mentions: `exp`, `**`.
    pub fn elementary(&self, start: u32, end: u32) -> bool {
        let mut found = Elementary(false);
        let range = TextRange::new(start.into(), end.into());
        let mut inside = Inside {
            range,
            found: &mut found,
        };
        inside.visit_body(&self.parsed.module.body);
        found.0
    }
}

/// `uses` are those as an argument of SciPy's.
fn compilable(module: &Module, id: FunctionId, function: &Function, uses: &[Option<NativeUse>]) -> Option<Compilable> {
    let names = &module.names;
    let scope = names.scope(function.enclosing);
    let is_method = match scope.kind {
        ScopeKind::Module | ScopeKind::Function(_) => false,
        ScopeKind::Class(_) if scope.parent == Some(Names::MODULE) => true,
        _ => return None,
    };
    let is_special = function.name.starts_with("__") && function.name.ends_with("__") && function.name != "__call__";
    let is_plain = !function.is_async && !function.is_generator && !is_special;
    let keeps =
        |name: &Option<String>| matches!(name.as_deref(), Some("builtins.staticmethod" | "builtins.classmethod"));
    if !is_plain || is_compiled(module, id) || !function.decorators.iter().all(keeps) {
        return None;
    }
    let mut parameters = Vec::new();
    for param in &function.parameters {
        match param.kind {
            ParamKind::PositionalOnly | ParamKind::Positional => parameters.push((param.name.clone(), false)),
            ParamKind::KeywordOnly => parameters.push((param.name.clone(), true)),
            ParamKind::Variadic | ParamKind::Keywords => return None,
        }
    }
    let def = names.def(&module.parsed, id);
    let body = match &def.body[..] {
        [Stmt::Expr(doc), rest @ ..] if doc.value.is_string_literal_expr() => rest,
        body => body,
    };
    let (first, last) = (body.first()?, body.last()?);
    let mut loops = Loops(false);
    loops.visit_body(body);
    if !loops.0 && uses.is_empty() {
        return None;
    }
    let flow = module.region_flow(first.start().to_u32(), last.end().to_u32())?;
    if !flow.binds_outer.is_empty() || flow.needs_class_cell || flow.suspends.is_some() {
        return None;
    }
    let source = module.parsed.source();
    let name = def.name.start().to_usize();
    let line_start = source[..name].rfind(['\n', '\r']).map_or(0, |end| end + 1);
    let indent = source[line_start..name].len() - source[line_start..name].trim_start().len();
    // Behind a colon or a backslash there is no line for a decorator.
    source[line_start + indent..name].starts_with("def").then_some(())?;
    Some(Compilable {
        function: id,
        name: function.name.clone(),
        qualname: function.qualname.clone(),
        line_start: line_start as u32,
        def_start: (line_start + indent) as u32,
        body: (first.start().to_u32(), last.end().to_u32()),
        parameters,
        is_method,
        is_callback: !uses.is_empty(),
        native: uses.iter().flatten().copied().collect(),
    })
}

fn is_compiled(module: &Module, id: FunctionId) -> bool {
    let def = module.names.def(&module.parsed, id);
    def.decorator_list
        .iter()
        .any(|decorator| root_of(&decorator.expression).is_some_and(|name| is_of_compiler(&module.names, name)))
}

/// `jit` of `jit`, `jit(cache=False)`, `numba` of `numba.njit(…)`.
fn root_of(expr: &Expr) -> Option<&ast::ExprName> {
    match expr {
        Expr::Name(name) => Some(name),
        Expr::Attribute(attribute) => root_of(&attribute.value),
        Expr::Call(call) => root_of(&call.func),
        _ => None,
    }
}

/// Whether one of the places that bind a name takes it from a compiler.
fn is_of_compiler(names: &Names, name: &ast::ExprName) -> bool {
    let Some(symbol) = names.lookup(names.scope_at(name.start()), name.id.as_str()) else {
        return false;
    };
    let package = |module: &str| COMPILERS.contains(&module.split('.').next().unwrap_or_default());
    names
        .symbol(symbol)
        .bindings
        .iter()
        .any(|binding| match &names.binding(*binding).kind {
            BindingKind::Import { module } => package(module),
            BindingKind::FromImport { module, .. } => module.as_deref().is_some_and(package),
            _ => false,
        })
}

/// Functions of the module that are given to SciPy's routines by their names, and where those take C functions.
fn callbacks(module: &Module) -> Vec<(FunctionId, Option<NativeUse>)> {
    let mut callbacks = Callbacks {
        names: &module.names,
        found: Vec::new(),
    };
    callbacks.visit_body(&module.parsed.module.body);
    callbacks.found
}

struct Callbacks<'m> {
    names: &'m Names,
    found: Vec<(FunctionId, Option<NativeUse>)>,
}

impl<'a> Visitor<'a> for Callbacks<'_> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::Call(call) = expr
            && let Some(routine) = self.names.qualified_name(&call.func)
            && routine.starts_with("scipy.")
        {
            let native = NATIVE.iter().find(|(name, ..)| *name == routine);
            for (place, argument) in call.arguments.args.iter().enumerate() {
                let Some(function) = self.names.function_named(argument) else {
                    continue;
                };
                let native = native.filter(|(_, callback, _)| *callback == place);
                let native = native.map(|(_, _, kind)| NativeUse {
                    start: argument.start().to_u32(),
                    end: argument.end().to_u32(),
                    kind,
                });
                self.found.push((function, native));
            }
            let by_name = call.arguments.keywords.iter();
            let by_name = by_name.filter_map(|keyword| self.names.function_named(&keyword.value));
            self.found.extend(by_name.map(|function| (function, None)));
        }
        visitor::walk_expr(self, expr);
    }
}

/// Whether there is a loop, outside of functions inside.
struct Loops(bool);

impl<'a> Visitor<'a> for Loops {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::For(_) | Stmt::While(_) => self.0 = true,
            Stmt::FunctionDef(_) | Stmt::ClassDef(_) => return,
            _ => {}
        }
        visitor::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::ListComp(_) | Expr::SetComp(_) | Expr::DictComp(_) | Expr::Generator(_) => self.0 = true,
            Expr::Lambda(_) => return,
            _ => {}
        }
        visitor::walk_expr(self, expr);
    }
}

/// Functions that are rounded by whoever computes them; a square root is not.
const ELEMENTARY: [&str; 31] = [
    "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "asin", "acos", "atan", "atan2",
    "arcsin", "arccos", "arctan", "arctan2", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "arcsinh", "arccosh",
    "arctanh", "pow", "power", "cbrt", "hypot",
];

struct Elementary(bool);

/// What stands in a range, and the bodies of functions that it may call by their names are others' business.
struct Inside<'f> {
    range: TextRange,
    found: &'f mut Elementary,
}

impl<'a> Visitor<'a> for Inside<'_> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        if self.range.contains_range(expr.range()) {
            match expr {
                Expr::BinOp(operation) if operation.op == ast::Operator::Pow && !is_small_power(&operation.right) => {
                    self.found.0 = true;
                }
                Expr::Name(name) if ELEMENTARY.contains(&name.id.as_str()) => self.found.0 = true,
                Expr::Attribute(attribute) if ELEMENTARY.contains(&attribute.attr.as_str()) => self.found.0 = true,
                _ => {}
            }
        }
        visitor::walk_expr(self, expr);
    }
}

/// `x**2` is a product, and exact.
fn is_small_power(expr: &Expr) -> bool {
    matches!(expr, Expr::NumberLiteral(number) if matches!(&number.value, ast::Number::Int(int) if int.as_u8() == Some(2)))
}

#[cfg(test)]
mod tests {
    use crate::module::Module;
    use crate::text::SourceText;

    fn compilable(source: &str) -> Vec<String> {
        let module = Module::alone(&SourceText::from_str("a.py", source));
        let found = module.compilable().into_iter();
        found
            .map(|found| {
                let body = &source[found.body.0 as usize..found.body.1 as usize];
                let def = &source[found.def_start as usize..];
                assert!(def.starts_with("def "), "{def}");
                format!("{}: {}", found.qualname, body.lines().next().unwrap_or_default())
            })
            .collect()
    }

    #[test]
    fn plain_functions_with_loops() {
        let loops = "for v in x:\n        s += v\n";
        let source = format!(
            "def a(x):\n    'doc'\n    {loops}\ndef b(x):\n    return x\ndef c(*x):\n    {loops}\nasync def d(x):\n    \
             {loops}\ndef e(x):\n    yield 1\n    {loops}\n@cache\ndef f(x):\n    {loops}\nclass C:\n    @staticmethod\n    \
             def g(x):\n        return [v for v in x]\n    def __len__(self):\n        return sum(v for v in self)\n"
        );
        assert_eq!(compilable(&source), ["a: for v in x:", "C.g: return [v for v in x]"]);
    }

    #[test]
    fn callbacks_need_no_loop() {
        let source = "from scipy.integrate import odeint\ndef f(y, t):\n    return -y\ndef g(y):\n    return y\n\
                      odeint(f, 1.0, [0.0, 1.0])\n";
        assert_eq!(compilable(source), ["f: return -y"]);
    }

    #[test]
    fn where_a_c_function_is_taken() {
        let source = "from scipy import ndimage\nfrom scipy.integrate import quad, solve_ivp\ndef f(x):\n    return -x\n\
                      quad(f, 0, 1)\nsolve_ivp(f, (0, 1), [1.0])\nndimage.generic_filter(image, f, size=3)\n";
        let module = Module::alone(&SourceText::from_str("a.py", source));
        let found = module.compilable();
        let uses: Vec<(u32, &str)> = found[0].native.iter().map(|one| (one.start, one.kind)).collect();
        let at = |text: &str| source.find(text).unwrap() as u32;
        assert_eq!(uses, [(at("f, 0"), "numbers"), (at("f, size"), "filter")]);
    }

    #[test]
    fn what_is_compiled_already() {
        let compiled = |head: &str, decorator: &str| {
            let source = format!("{head}\n@{decorator}\ndef f(x):\n    for v in x:\n        pass\n");
            let module = Module::alone(&SourceText::from_str("a.py", &source));
            assert_eq!(module.compilable(), []);
            module.compiled().len()
        };
        let shim =
            "try:\n    from numlift import jit\nexcept ImportError:\n    jit = lambda f=None, **_: f or (lambda f: f)";
        assert_eq!(compiled(shim, "jit"), 1);
        assert_eq!(compiled(shim, "jit(math='numpy')"), 1);
        assert_eq!(compiled("import numlift", "numlift.jit"), 1);
        assert_eq!(compiled("import numba as nb", "nb.njit(cache=True)"), 1);
        assert_eq!(compiled("from jit import jit", "jit"), 0);
    }

    #[test]
    fn elementary_functions_round() {
        let elementary = |text: &str| {
            let module = Module::alone(&SourceText::from_str("a.py", text));
            module.elementary(0, text.len() as u32)
        };
        assert!(elementary("y = math.exp(x)"));
        assert!(elementary("y = x ** 0.5"));
        assert!(!elementary("y = np.sqrt(x) + x ** 2"));
    }
}
