//! Names: scopes, bindings, and what a name stands for.
//!
//! ```text
//! import numpy as xp                 xp.linalg.norm      numpy.linalg.norm
//! from numpy import sum as s         s(x)                numpy.sum
//! sqrt = math.sqrt                   sqrt(x)             math.sqrt
//! total = len(x)                     len                 builtins.len
//! def len(x): ...                    len                 (the author's function)
//! ```
//!
//! A name is resolved only when every binding that can reach its use says the same. In the scope of the use that
//! is decided by reaching definitions over the control flow; from another scope (a function that reads a global)
//! all bindings count, since nobody knows when the function is called. So a name rebound anywhere is not resolved
//! where the rebinding could be seen.
//!
//! What rebinding is seen: assignments of every kind, `import`, `def`, `class`, `for`, `with`, `except`, `match`,
//! `:=`, `del`, also from functions that declare the name `global` or `nonlocal`; stores to attributes of a module
//! (`np.sum = f`, `setattr(np, …)`, also where the name only stands in a string); `exec` and writes through `globals()`, after which no global is resolved;
//! and, through [`ProjectNames`], the same in the other modules of the project. What is not seen: packages that
//! patch others when imported, C extensions that write into module dictionaries.

use std::collections::{BTreeMap, BTreeSet};

use ruff_python_ast::{Expr, ExprName, StmtFunctionDef};
use ruff_text_size::{Ranged, TextRange, TextSize};

use crate::parse::Parsed;

pub(crate) use builtins::is_builtin;
pub use class::{Base, Class, MethodLookup};
pub(crate) use resolve::dotted_name_of as dotted;

mod build;
mod builtins;
mod class;
mod patches;
mod resolve;
pub(crate) mod star;

macro_rules! index_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);

        impl $name {
            pub(crate) fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

index_type!(
    /// A scope of one module.
    ScopeId
);
index_type!(
    /// A name of one scope.
    SymbolId
);
index_type!(
    /// One place that binds a name.
    BindingId
);
index_type!(
    /// A `def` of one module.
    FunctionId
);
index_type!(
    /// A `class` of one module.
    ClassId
);

/// All names of one module.
#[derive(Debug)]
pub struct Names {
    pub(crate) scopes: Vec<Scope>,
    pub(crate) symbols: Vec<Symbol>,
    pub(crate) bindings: Vec<Binding>,
    /// Each name expression by the offset of its first byte.
    pub(crate) uses: BTreeMap<TextSize, Use>,
    /// Each binding by the offset of the name that it binds.
    pub(crate) bindings_at: BTreeMap<TextSize, BindingId>,
    /// What each star import binds, by the offset of its star.
    pub(crate) star_bindings: BTreeMap<TextSize, Vec<BindingId>>,
    /// A star import of a module whose exports nobody knows.
    pub(crate) unknown_star: bool,
    /// Dotted names of the project that are other names for something: `helper.np` for `numpy`.
    pub(crate) reexports: BTreeMap<String, String>,
    /// Values of assignments that are themselves names or attributes of names, by their offset.
    pub(crate) aliases: BTreeMap<TextSize, Alias>,
    pub(crate) functions: Vec<Function>,
    pub(crate) classes: Vec<Class>,
    /// Dotted names that somebody stores to; everything below them is unknown too.
    pub(crate) patched: BTreeSet<String>,
    /// Top-level names of modules that the project itself defines, so that `random` need not be Python's.
    pub(crate) project_modules: BTreeSet<String>,
    /// Classes whose own attributes somebody stores to.
    pub(crate) patched_classes: BTreeSet<ClassId>,
    /// Attributes that somebody stores to, on whatever object, and whether any may be.
    pub(crate) stored_attributes: BTreeSet<String>,
    pub(crate) any_attribute_stored: bool,
    /// Names in the bodies of classes that have bases out of sight, so that they may override methods of any class.
    pub(crate) far_overrides: BTreeSet<String>,
    /// Globals may be written by name: `exec`, `globals()[…] = …`.
    pub(crate) globals_written: bool,
    /// The dotted name of this module's package, for relative imports.
    pub(crate) package: Option<String>,
}

/// A region of text in which names live.
#[derive(Debug)]
pub struct Scope {
    pub kind: ScopeKind,
    pub parent: Option<ScopeId>,
    /// The whole node: decorators, parameters and body.
    pub range: TextRange,
    /// `__qualname__` of the function or class, `<module>` for the module.
    pub qualname: String,
    pub symbols: BTreeMap<String, SymbolId>,
    /// Names declared `global` here.
    pub globals: BTreeSet<String>,
    /// Names declared `nonlocal` here.
    pub nonlocals: BTreeSet<String>,
    /// `from m import *` of these modules.
    pub star_imports: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScopeKind {
    Module,
    Class(ClassId),
    Function(FunctionId),
    Lambda,
    /// A list, set or dict comprehension, which runs at once, or a generator expression, which may run later.
    Comprehension {
        lazy: bool,
    },
    /// The scope of `[T]` in `def f[T]()`.
    TypeParams,
}

/// A name of a scope.
#[derive(Debug)]
pub struct Symbol {
    pub name: String,
    pub scope: ScopeId,
    pub bindings: Vec<BindingId>,
}

/// A place that binds a name (or unbinds it).
#[derive(Debug)]
pub struct Binding {
    pub symbol: SymbolId,
    pub kind: BindingKind,
    /// The name itself.
    pub range: TextRange,
    /// The scope whose code executes the binding; differs from the symbol's under `global`, `nonlocal` and `:=`.
    pub executed_in: ScopeId,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BindingKind {
    Parameter,
    /// `import a.b` (module `a`), `import a.b as c` (module `a.b`).
    Import {
        module: String,
    },
    /// `from module import name`; the module is absolute, `None` where a relative import could not be resolved.
    FromImport {
        module: Option<String>,
        name: String,
    },
    Function(FunctionId),
    Class(ClassId),
    /// `from module import *`, which binds the name; `None` when nobody knows what the module exports.
    Star {
        module: Option<String>,
    },
    /// `name = value`, `name: T = value` or `(name := value)`, with the range of the value.
    Assign {
        value: TextRange,
    },
    /// An element of a tuple or list target.
    Unpack,
    AugAssign,
    For,
    With,
    Except,
    Match,
    Delete,
    TypeParam,
}

/// A name expression.
#[derive(Debug)]
pub struct Use {
    pub name: String,
    pub scope: ScopeId,
    pub symbol: Option<SymbolId>,
    /// Bindings that may reach it, where the flow of its own scope decides that.
    pub(crate) reaching: Option<Reaching>,
}

/// What may have bound a name when it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reaching {
    pub bindings: Vec<BindingId>,
    /// It may also be unbound: a `NameError`, or the builtin for a global.
    pub unbound: bool,
}

/// What a name expression refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolution {
    /// A name of the module; with what may have bound it.
    Symbol { symbol: SymbolId, reaching: Reaching },
    /// A name of `builtins`.
    Builtin,
    /// From a star import, or defined nowhere in sight.
    Unknown,
}

/// `numpy.linalg.norm` as the value of an assignment.
#[derive(Debug)]
pub(crate) struct Alias {
    pub range: TextRange,
    /// The offset of the name at its root.
    pub root: TextSize,
    pub attrs: Vec<String>,
}

/// A `def`.
#[derive(Debug)]
pub struct Function {
    pub name: String,
    /// As in `__qualname__`: `f`, `C.method`, `f.<locals>.g`.
    pub qualname: String,
    /// The scope of its body.
    pub scope: ScopeId,
    /// The scope that the `def` stands in.
    pub enclosing: ScopeId,
    /// The class whose body the `def` stands in directly.
    pub class: Option<ClassId>,
    /// From the first decorator to the end of the body.
    pub range: TextRange,
    /// Qualified names of the decorators, `None` for one that is not resolved.
    pub decorators: Vec<Option<String>>,
    pub parameters: Vec<Param>,
    pub is_async: bool,
    pub is_generator: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Param {
    pub name: String,
    pub kind: ParamKind,
    pub has_default: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParamKind {
    PositionalOnly,
    Positional,
    /// `*args`
    Variadic,
    KeywordOnly,
    /// `**kwargs`
    Keywords,
}

impl Names {
    /// The names of a module that is run as a script, or whose place in a package does not matter.
    pub fn of(parsed: &Parsed) -> Names {
        build::build(parsed, None, &star::Exports::new())
    }

    /// The names of a module of a package: `package` is what relative imports start from (`__package__`), `exports`
    /// what modules of the project give to `from m import *`.
    pub(crate) fn of_project_module(parsed: &Parsed, package: &str, exports: &star::Exports) -> Names {
        build::build(parsed, Some(package.to_owned()), exports)
    }

    pub fn scope(&self, id: ScopeId) -> &Scope {
        &self.scopes[id.index()]
    }

    pub fn symbol(&self, id: SymbolId) -> &Symbol {
        &self.symbols[id.index()]
    }

    pub fn binding(&self, id: BindingId) -> &Binding {
        &self.bindings[id.index()]
    }

    pub fn function(&self, id: FunctionId) -> &Function {
        &self.functions[id.index()]
    }

    pub fn class(&self, id: ClassId) -> &Class {
        &self.classes[id.index()]
    }

    pub fn functions(&self) -> impl Iterator<Item = (FunctionId, &Function)> {
        self.functions
            .iter()
            .enumerate()
            .map(|(index, function)| (FunctionId(index as u32), function))
    }

    pub fn classes(&self) -> impl Iterator<Item = (ClassId, &Class)> {
        self.classes
            .iter()
            .enumerate()
            .map(|(index, class)| (ClassId(index as u32), class))
    }

    /// The module's own scope.
    pub const MODULE: ScopeId = ScopeId(0);

    /// The `def` statement of a function.
    pub fn def<'a>(&self, parsed: &'a Parsed, id: FunctionId) -> &'a StmtFunctionDef {
        let start = self.function(id).range.start();
        parsed
            .function_at(start)
            .expect("names belong to the tree that they were made from")
    }

    /// The innermost scope whose node holds the offset. Decorators, defaults and annotations count as inside.
    pub fn scope_at(&self, offset: TextSize) -> ScopeId {
        // Scopes are made in source order, a parent before its children.
        let innermost = self.scopes.iter().rposition(|scope| scope.range.contains(offset));
        ScopeId(innermost.unwrap_or(0) as u32)
    }

    /// The scope in which the statement that begins at the offset stands, which a `def` has in itself already.
    pub fn scope_of_statement(&self, offset: TextSize) -> ScopeId {
        let holds = |scope: &Scope| scope.range.contains(offset) && scope.range.start() != offset;
        ScopeId(self.scopes.iter().rposition(holds).unwrap_or(0) as u32)
    }

    /// The binding whose name stands at this offset.
    pub fn binding_at(&self, at: TextSize) -> Option<BindingId> {
        self.bindings_at.get(&at).copied()
    }

    /// All name expressions, by their offset.
    pub fn uses(&self) -> impl Iterator<Item = (TextSize, &Use)> {
        self.uses.iter().map(|(at, entry)| (*at, entry))
    }

    /// The use of a name expression.
    pub fn use_of(&self, name: &ExprName) -> Option<&Use> {
        self.uses.get(&name.start())
    }

    /// The name that a scope gives this spelling, looked up as an expression of that scope would.
    pub fn lookup(&self, scope: ScopeId, name: &str) -> Option<SymbolId> {
        resolve::lookup(&self.scopes, scope, name)
    }

    /// What a name expression refers to.
    pub fn resolve(&self, name: &ExprName) -> Resolution {
        resolve::resolve(self, name)
    }

    /// The canonical dotted name of an expression: `numpy.linalg.norm`, `builtins.len`.
    ///
    /// `None` for the author's own functions and for everything that is not known for certain.
    pub fn qualified_name(&self, expr: &Expr) -> Option<String> {
        resolve::qualified_name(self, expr)
    }

    /// The same for the name at a byte offset and attributes of it, one after the other.
    pub fn qualified_chain(&self, at: u32, attrs: &[&str]) -> Option<String> {
        resolve::qualified_chain(self, at.into(), attrs)
    }

    /// Names that functions declare `global` or `nonlocal`, so that others than their own scope may bind them.
    pub(crate) fn names_rebound_elsewhere(&self) -> BTreeSet<String> {
        let declared = self
            .scopes
            .iter()
            .flat_map(|scope| scope.globals.iter().chain(&scope.nonlocals));
        declared.cloned().collect()
    }

    /// What binds a global, when only one place does, and nobody stores to it from outside.
    pub(crate) fn only_global_binding(&self, name: &str) -> Option<&BindingKind> {
        let symbol = self.scope(Names::MODULE).symbols.get(name)?;
        let known = !self.globals_written && !self.is_own_patched(name);
        match &self.symbol(*symbol).bindings[..] {
            [binding] if known => Some(&self.binding(*binding).kind),
            _ => None,
        }
    }

    /// The dotted name that all of these bindings give a symbol.
    pub(crate) fn meaning(&self, symbol: SymbolId, reaching: &Reaching) -> Option<String> {
        resolve::meaning(self, symbol, reaching)
    }

    /// Names that the module binds.
    pub(crate) fn global_names(&self) -> impl Iterator<Item = &str> {
        let globals = self.scope(Names::MODULE).symbols.iter();
        globals
            .filter(|(_, symbol)| !self.symbol(**symbol).bindings.is_empty())
            .map(|(name, _)| name.as_str())
    }

    /// The dotted name that a global stands for, when it is only ever bound to that.
    pub(crate) fn meaning_of_global(&self, name: &str) -> Option<String> {
        self.only_global_binding(name)?;
        let symbol = self.scope(Names::MODULE).symbols.get(name)?;
        resolve::dotted_binding(self, *self.symbol(*symbol).bindings.first()?, resolve::MAX_ALIASES)
    }

    /// What a global or built-in name is said to be by the module's text, when that is certain: `numpy`, `math.sqrt`,
    /// `builtins.abs`.
    pub fn global_meaning(&self, name: &str) -> Option<String> {
        let is_bound = self.scope(Names::MODULE).symbols.contains_key(name);
        match !is_bound && is_builtin(name) {
            true => Some(format!("builtins.{name}")),
            false => self.meaning_of_global(name),
        }
    }

    /// The function that a global is said to be, when that is certain.
    pub fn global_function(&self, name: &str) -> Option<FunctionId> {
        match self.only_global_binding(name)? {
            BindingKind::Function(function) => Some(*function),
            _ => None,
        }
    }

    pub(crate) fn bindings(&self) -> impl Iterator<Item = &Binding> {
        self.bindings.iter()
    }

    /// The modules of `from m import *`.
    pub(crate) fn star_imports(&self) -> impl Iterator<Item = &str> {
        self.scopes
            .iter()
            .flat_map(|scope| &scope.star_imports)
            .map(String::as_str)
    }

    /// The author's function of this module that a name stands for; decorated ones are not returned.
    pub fn function_named(&self, expr: &Expr) -> Option<FunctionId> {
        resolve::function_named(self, expr)
    }

    /// The author's class of this module that a name stands for.
    pub fn class_named(&self, expr: &Expr) -> Option<ClassId> {
        resolve::class_named(self, expr)
    }
}

#[cfg(test)]
mod tests;
