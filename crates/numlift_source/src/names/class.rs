//! Classes of the author's: which attributes are plain, which method a call means.
//!
//! An attribute is *plain* when reading and storing it only reaches the instance's dictionary: no property, no
//! other descriptor, no `__slots__`, no `__getattr__` or `__setattr__` of the class or its bases, no unknown base
//! and no metaclass. Everything here speaks of instances of exactly the class, which the caller has from the run
//! (`Seen::Object`) or from a constructor call; [`Names::method_of_self`] also looks at subclasses, since the
//! class of `self` is only bounded from above.

use std::collections::{BTreeMap, BTreeSet};

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Expr, ExprContext, Stmt};
use ruff_text_size::{Ranged, TextRange};

use super::{BindingKind, ClassId, FunctionId, Names, Resolution, ScopeId, SymbolId};
use crate::parse::Parsed;

/// A `class` statement.
#[derive(Debug)]
pub struct Class {
    pub name: String,
    /// As in `__qualname__`.
    pub qualname: String,
    /// The scope of its body.
    pub scope: ScopeId,
    /// The scope that the statement stands in.
    pub enclosing: ScopeId,
    pub range: TextRange,
    pub bases: Vec<Base>,
    /// Methods that are plain `def`s without decorators, bound once.
    pub methods: BTreeMap<String, FunctionId>,
    /// Names of the body that are data of a plain kind: numbers, strings, `None`, tuples and lists of them.
    pub constants: BTreeSet<String>,
    /// Why no attribute of its instances is plain.
    pub unusual: Option<&'static str>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Base {
    /// A class of this module.
    Own(ClassId),
    /// A class from elsewhere, by its dotted name.
    Named(String),
    Unknown,
}

/// The outcome of looking a method up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MethodLookup {
    Found {
        class: ClassId,
        function: FunctionId,
    },
    /// Neither the class nor its bases define it.
    Absent,
    /// Something in the way: a decorator, an unknown base, an attribute of the same name.
    Unknown,
}

impl Class {
    pub(super) fn new(def: &ast::StmtClassDef, qualname: String, enclosing: ScopeId) -> Class {
        Class {
            name: def.name.to_string(),
            qualname,
            scope: enclosing,
            enclosing,
            range: def.range,
            bases: Vec::new(),
            methods: BTreeMap::new(),
            constants: BTreeSet::new(),
            unusual: None,
        }
    }
}

/// Bases that change nothing about attributes.
const HARMLESS_BASES: &[&str] = &["builtins.object", "abc.ABC", "typing.Generic", "typing.Protocol"];

/// Fills in what needs names to be resolved.
pub(super) fn complete(parsed: &Parsed, names: &mut Names) {
    let mut finder = ClassFinder {
        names,
        completed: Vec::new(),
        attributes: BTreeSet::new(),
        any_attribute: false,
    };
    finder.visit_body(&parsed.module.body);
    let ClassFinder {
        completed,
        attributes,
        any_attribute,
        ..
    } = finder;
    names.stored_attributes = attributes;
    names.any_attribute_stored = any_attribute;
    for (id, facts) in completed {
        let class = &mut names.classes[id.index()];
        class.bases = facts.bases;
        class.methods = facts.methods;
        class.constants = facts.constants;
        class.unusual = facts.unusual;
    }
    let far: Vec<ClassId> = names
        .classes()
        .map(|(id, _)| id)
        .filter(|id| names.has_far_base(*id))
        .collect();
    let overriding = far
        .into_iter()
        .flat_map(|id| names.scope(names.class(id).scope).symbols.keys().cloned());
    names.far_overrides = overriding.collect();
}

struct Facts {
    bases: Vec<Base>,
    methods: BTreeMap<String, FunctionId>,
    constants: BTreeSet<String>,
    unusual: Option<&'static str>,
}

struct ClassFinder<'n> {
    names: &'n Names,
    completed: Vec<(ClassId, Facts)>,
    /// Attributes that somebody stores to, on whatever object.
    attributes: BTreeSet<String>,
    /// `setattr` with a computed name, `__dict__` written.
    any_attribute: bool,
}

impl ClassFinder<'_> {
    fn facts(&self, id: ClassId, def: &ast::StmtClassDef) -> Facts {
        let names = self.names;
        let scope = names.class(id).scope;
        let mut facts = Facts {
            bases: self.bases(def),
            methods: BTreeMap::new(),
            constants: BTreeSet::new(),
            unusual: self.unusual_header(def),
        };
        for (name, symbol) in &names.scope(scope).symbols {
            const HOOKS: &[&str] = &[
                "__getattr__",
                "__getattribute__",
                "__setattr__",
                "__delattr__",
                "__new__",
            ];
            if HOOKS.contains(&name.as_str()) {
                facts.unusual.get_or_insert("it defines how its attributes are reached");
            }
            if name == "__slots__" {
                facts.unusual.get_or_insert("it has `__slots__`");
            }
            match self.only_binding(*symbol) {
                Some(BindingKind::Function(function)) if names.function(*function).decorators.is_empty() => {
                    facts.methods.insert(name.clone(), *function);
                }
                Some(BindingKind::Assign { value }) if is_plain_data(def, *value) => {
                    facts.constants.insert(name.clone());
                }
                _ => {}
            }
        }
        facts
    }

    fn only_binding(&self, symbol: SymbolId) -> Option<&BindingKind> {
        match &self.names.symbol(symbol).bindings[..] {
            [binding] => Some(&self.names.binding(*binding).kind),
            _ => None,
        }
    }

    fn bases(&self, def: &ast::StmtClassDef) -> Vec<Base> {
        let Some(arguments) = &def.arguments else {
            return Vec::new();
        };
        arguments.args.iter().map(|base| self.base(base)).collect()
    }

    fn base(&self, base: &Expr) -> Base {
        // `Generic[T]` is `Generic`.
        let base = match base {
            Expr::Subscript(subscript) => &subscript.value,
            other => other,
        };
        match self.names.class_named(base) {
            Some(id) => Base::Own(id),
            None => match super::resolve::dotted(self.names, base, 8) {
                Some(name) => Base::Named(name),
                None => Base::Unknown,
            },
        }
    }

    fn unusual_header(&self, def: &ast::StmtClassDef) -> Option<&'static str> {
        if def
            .arguments
            .as_ref()
            .is_some_and(|arguments| !arguments.keywords.is_empty())
        {
            return Some("it has a metaclass or other class arguments");
        }
        let plain = def
            .decorator_list
            .iter()
            .all(|decorator| self.is_plain_decorator(&decorator.expression));
        (!plain).then_some("it is decorated")
    }

    /// `@dataclass`, where it neither freezes nor makes slots.
    fn is_plain_decorator(&self, decorator: &Expr) -> bool {
        let (callee, keywords): (&Expr, &[ast::Keyword]) = match decorator {
            Expr::Call(call) => (&call.func, &call.arguments.keywords),
            other => (other, &[]),
        };
        let frozen = keywords.iter().any(|keyword| {
            !matches!(
                keyword.arg.as_deref(),
                Some("order" | "eq" | "repr" | "init" | "kw_only" | "match_args")
            )
        });
        self.names.qualified_name(callee).as_deref() == Some("dataclasses.dataclass") && !frozen
    }

    fn store(&mut self, target: &Expr) {
        if let Expr::Attribute(attribute) = target {
            self.attributes.insert(attribute.attr.to_string());
        }
    }

    fn call(&mut self, call: &ast::ExprCall) {
        let callee = self.names.qualified_name(&call.func);
        if matches!(callee.as_deref(), Some("builtins.setattr" | "builtins.delattr")) {
            match call.arguments.args.get(1) {
                Some(Expr::StringLiteral(name)) => {
                    self.attributes.insert(name.value.to_str().to_owned());
                }
                _ => self.any_attribute = true,
            }
        }
        // `type(name, bases, members)` makes a class that nobody sees here.
        self.any_attribute |= callee.as_deref() == Some("builtins.type") && call.arguments.args.len() == 3;
    }
}

/// The value in a class body is a literal, so that no descriptor hides behind the name.
fn is_plain_data(def: &ast::StmtClassDef, range: TextRange) -> bool {
    let value = def.body.iter().find_map(|stmt| match stmt {
        Stmt::Assign(assign) if assign.value.range() == range => Some(&assign.value),
        Stmt::AnnAssign(assign) => assign.value.as_ref().filter(|value| value.range() == range),
        _ => None,
    });
    value.is_some_and(|value| is_literal(value))
}

fn is_literal(expr: &Expr) -> bool {
    match expr {
        Expr::NumberLiteral(_)
        | Expr::StringLiteral(_)
        | Expr::BytesLiteral(_)
        | Expr::BooleanLiteral(_)
        | Expr::NoneLiteral(_) => true,
        Expr::UnaryOp(op) => is_literal(&op.operand),
        Expr::Tuple(tuple) => tuple.elts.iter().all(is_literal),
        Expr::List(list) => list.elts.iter().all(is_literal),
        _ => false,
    }
}

impl<'a> Visitor<'a> for ClassFinder<'_> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        if let Stmt::ClassDef(def) = stmt {
            let found = self
                .names
                .classes()
                .find(|(_, class)| class.range == def.range)
                .map(|(id, _)| id);
            if let Some(id) = found {
                let facts = self.facts(id, def);
                self.completed.push((id, facts));
            }
        }
        visitor::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Call(call) => self.call(call),
            Expr::Attribute(attribute) if attribute.ctx != ExprContext::Load => {
                self.store(expr);
                self.any_attribute |= matches!(attribute.attr.as_str(), "__dict__" | "__class__");
            }
            Expr::Attribute(attribute) => self.any_attribute |= attribute.attr.as_str() == "__dict__",
            _ => {}
        }
        visitor::walk_expr(self, expr);
    }
}

impl Names {
    /// Whether reading and storing `attr` of an instance of exactly this class only reaches its dictionary.
    pub fn attribute_is_plain(&self, class: ClassId, attr: &str) -> bool {
        let mut lineage = Vec::new();
        self.collect_lineage(class, &mut lineage)
            && lineage.iter().all(|id| {
                let class = self.class(*id);
                let defined = self.scope(class.scope).symbols.get(attr);
                // `x: float` declares without binding.
                let declared_only = defined.is_some_and(|symbol| self.symbol(*symbol).bindings.is_empty());
                let free = defined.is_none() || declared_only || class.constants.contains(attr);
                class.unusual.is_none() && free && !self.class_is_patched(*id)
            })
    }

    /// The method that `instance.name(…)` calls, for an instance of exactly this class.
    pub fn method(&self, class: ClassId, name: &str) -> MethodLookup {
        let mut lineage = Vec::new();
        let complete = self.collect_lineage(class, &mut lineage);
        let hidden = self.any_attribute_stored || self.stored_attributes.contains(name);
        let usual = lineage
            .iter()
            .all(|id| self.class(*id).unusual.is_none() && !self.class_is_patched(*id));
        if hidden || !usual || !complete {
            return MethodLookup::Unknown;
        }
        let defining: Vec<ClassId> = lineage
            .into_iter()
            .filter(|id| self.scope(self.class(*id).scope).symbols.contains_key(name))
            .collect();
        // With one base each, the lineage is the resolution order; with several, only a name defined once is clear.
        let single = self.has_single_bases(class);
        match (&defining[..], single) {
            ([], _) => MethodLookup::Absent,
            ([first], _) | ([first, ..], true) => match self.class(*first).methods.get(name) {
                Some(function) => MethodLookup::Found {
                    class: *first,
                    function: *function,
                },
                None => MethodLookup::Unknown,
            },
            ([_, ..], false) => MethodLookup::Unknown,
        }
    }

    /// The class in one of whose methods `expr` is the unchanged first parameter.
    pub fn class_of_self(&self, expr: &Expr) -> Option<ClassId> {
        let Expr::Name(name) = expr else { return None };
        let Resolution::Symbol { symbol, reaching } = self.resolve(name) else {
            return None;
        };
        let [binding] = &reaching.bindings[..] else { return None };
        // `nonlocal self` somewhere would be one more binding of the symbol.
        if self.binding(*binding).kind != BindingKind::Parameter || self.symbol(symbol).bindings.len() != 1 {
            return None;
        }
        let super::ScopeKind::Function(function) = self.scope(self.symbol(symbol).scope).kind else {
            return None;
        };
        let function = self.function(function);
        let first = function
            .parameters
            .first()
            .filter(|first| first.name == name.id.as_str())?;
        let positional = matches!(
            first.kind,
            super::ParamKind::Positional | super::ParamKind::PositionalOnly
        );
        let plain =
            function.decorators.is_empty() && !matches!(function.name.as_str(), "__new__" | "__class_getitem__");
        function
            .class
            .filter(|_| positional && plain && function.name != "__init_subclass__")
    }

    /// The method that `self.name` means inside a method, where no class of the project overrides it.
    pub fn method_of_self(&self, expr: &Expr) -> Option<FunctionId> {
        let Expr::Attribute(attribute) = expr else { return None };
        let class = self.class_of_self(&attribute.value)?;
        let attr = attribute.attr.as_str();
        let MethodLookup::Found { function, .. } = self.method(class, attr) else {
            return None;
        };
        // A class with a base out of sight may derive from this one.
        let overridden = self.far_overrides.contains(attr) || self.subclasses(class).any(
            |sub| !matches!(self.method(sub, attr), MethodLookup::Found { function: other, .. } if other == function),
        );
        (!overridden).then_some(function)
    }

    /// Classes of this module that derive from `class`.
    pub fn subclasses(&self, class: ClassId) -> impl Iterator<Item = ClassId> + '_ {
        self.classes().map(|(id, _)| id).filter(move |id| {
            let mut lineage = Vec::new();
            self.collect_lineage(*id, &mut lineage);
            *id != class && lineage.contains(&class)
        })
    }

    /// The class and its bases, nearest first; `false` when a base is not known.
    fn collect_lineage(&self, class: ClassId, lineage: &mut Vec<ClassId>) -> bool {
        if lineage.contains(&class) {
            return true;
        }
        lineage.push(class);
        let mut complete = true;
        for base in &self.class(class).bases {
            complete &= match base {
                Base::Own(base) => self.collect_lineage(*base, lineage),
                Base::Named(name) => HARMLESS_BASES.contains(&name.as_str()),
                Base::Unknown => false,
            };
        }
        complete
    }

    /// One of its bases, or of theirs, is a class of another module or unknown.
    fn has_far_base(&self, class: ClassId) -> bool {
        let mut lineage = Vec::new();
        !self.collect_lineage(class, &mut lineage)
    }

    fn has_single_bases(&self, class: ClassId) -> bool {
        let class = self.class(class);
        class.bases.len() <= 1
            && class.bases.iter().all(|base| match base {
                Base::Own(base) => self.has_single_bases(*base),
                Base::Named(_) | Base::Unknown => true,
            })
    }

    /// Somebody stores to attributes of the class itself.
    fn class_is_patched(&self, class: ClassId) -> bool {
        self.patched_classes.contains(&class) || self.is_own_patched_below(&self.class(class).qualname)
    }
}
