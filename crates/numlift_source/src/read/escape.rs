//! Functions that escape: code that was not read may call them.

use std::collections::BTreeSet;

use numlift_ir::ty::Ty;
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Expr, ExprContext, Stmt};
use ruff_text_size::{Ranged, TextRange};

use super::reach::{ANY_CLASS, is_hook};
use super::reader::Reader;
use crate::module::Module;
use crate::names::{Base, BindingKind, ClassId, Names, Resolution};
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

impl Mentioned {
    fn extend(&mut self, other: Mentioned) {
        self.functions.extend(other.functions);
        self.classes.extend(other.classes);
        self.attributes.extend(other.attributes);
        self.stored.extend(other.stored);
        self.modules.extend(other.modules);
    }
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
            looked_at: Vec::new(),
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
            // `getattr(obj, "step")`, `methodcaller("step")`, `patch("module.step")`: whoever spells a name may use it.
            let spelled = spelled_in_strings(known);
            for (module, other) in self.project.modules() {
                let functions = other
                    .names
                    .functions()
                    .filter(|(_, info)| spelled.contains(info.name.as_str()));
                found
                    .functions
                    .extend(functions.map(|(function, _)| FunctionRef { module, function }));
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
                // Its own statements were not read either.
                let known = self
                    .typing
                    .as_mut()
                    .is_some_and(|typing| !typing.unread_modules.insert(module));
                if !known {
                    work.extend(self.mentioned(module, |mentions| {
                        mentions.visit_body(&project.module(module).parsed.module.body)
                    }));
                }
            }
            let Some(function) = work.functions.pop() else { return };
            let Some(typing) = &mut self.typing else { return };
            if !typing.escaped.insert(function) {
                continue;
            }
            let module = project.module(function.module);
            let def = module.names.def(&module.parsed, function.function);
            work.extend(self.mentioned(function.module, |mentions| mentions.visit_body(&def.body)));
        }
    }

    /// What text that is not read mentions.
    fn mentioned(&self, module: ModuleId, visit: impl FnOnce(&mut Mentions<'_, 'a>)) -> Mentioned {
        let mut mentions = Mentions {
            reader: self,
            module,
            read_here: false,
            found: Mentioned::default(),
            looked_at: Vec::new(),
        };
        visit(&mut mentions);
        mentions.found
    }
}

/// Names that stand in strings, alone or with dots; what is only printed is no name of anything.
fn spelled_in_strings(module: &Module) -> BTreeSet<&str> {
    struct Strings<'a> {
        names: &'a Names,
        found: BTreeSet<&'a str>,
    }
    impl<'a> Visitor<'a> for Strings<'a> {
        fn visit_expr(&mut self, expr: &'a Expr) {
            if let Expr::Call(call) = expr
                && matches!(&*call.func, Expr::Name(name) if name.id == "print" && self.names.resolve(name) == Resolution::Builtin)
            {
                let args = call.arguments.args.iter().filter(|arg| !arg.is_string_literal_expr());
                args.for_each(|arg| self.visit_expr(arg));
                call.arguments
                    .keywords
                    .iter()
                    .for_each(|keyword| self.visit_keyword(keyword));
                return;
            }
            if let Expr::StringLiteral(string) = expr {
                let text = string.value.to_str();
                if text
                    .chars()
                    .all(|letter| letter == '_' || letter == '.' || letter.is_alphanumeric())
                {
                    self.found.extend(text.split('.'));
                }
            }
            visitor::walk_expr(self, expr);
        }
    }
    let mut strings = Strings {
        names: &module.names,
        found: BTreeSet::new(),
    };
    strings.visit_body(&module.parsed.module.body);
    strings.found
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
    /// Names whose objects are not handed over.
    looked_at: Vec<TextRange>,
}

/// Builtins that show or measure what they are given.
const LOOKING: &[&str] = &[
    "abs",
    "bool",
    "float",
    "hash",
    "id",
    "int",
    "isinstance",
    "len",
    "max",
    "min",
    "print",
    "repr",
    "round",
    "str",
    "sum",
    "type",
];

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
        let function = project.function_named(self.module, expr);
        let class = project.class_named(self.module, expr);
        if let (Expr::Name(name), None, None) = (expr, function, class) {
            self.any_binding(name);
        }
        self.found.functions.extend(function);
        self.found.classes.extend(class);
    }

    /// A name with more than one binding: each may be meant.
    fn any_binding(&mut self, name: &ast::ExprName) {
        let project = self.reader.project;
        let module = self.module;
        let names = &project.module(module).names;
        let Some(symbol) = names.use_of(name).and_then(|entry| entry.symbol) else {
            // From a star import, perhaps.
            return self.named_anywhere(name.id.as_str());
        };
        for binding in &names.symbol(symbol).bindings {
            match &names.binding(*binding).kind {
                BindingKind::Function(function) => self.found.functions.push(FunctionRef {
                    module,
                    function: *function,
                }),
                BindingKind::Class(class) => self.found.classes.push(ClassRef { module, class: *class }),
                BindingKind::FromImport { name, .. } => self.named_anywhere(name),
                BindingKind::Star { .. } => self.named_anywhere(name.id.as_str()),
                BindingKind::Parameter
                | BindingKind::Import { .. }
                | BindingKind::Assign { .. }
                | BindingKind::Unpack
                | BindingKind::AugAssign
                | BindingKind::For
                | BindingKind::With
                | BindingKind::Except
                | BindingKind::Match
                | BindingKind::Delete
                | BindingKind::TypeParam => {}
            }
        }
    }

    /// Functions and classes of this name, in whatever module.
    fn named_anywhere(&mut self, name: &str) {
        for (module, known) in self.reader.project.modules() {
            let functions = known.names.functions().filter(|(_, info)| info.qualname == name);
            self.found
                .functions
                .extend(functions.map(|(function, _)| FunctionRef { module, function }));
            let classes = known.names.classes().filter(|(_, info)| info.qualname == name);
            self.found
                .classes
                .extend(classes.map(|(class, _)| ClassRef { module, class }));
        }
    }

    /// An object is handed over whole: who has it may call its methods.
    fn object(&mut self, name: &str) {
        if !self.read_here {
            return;
        }
        if let Some(value) = self.reader.local(name).or_else(|| self.reader.module_global(name)) {
            let ty = self.reader.bound_ty(value).clone();
            self.objects_of(&ty);
        }
    }

    fn objects_of(&mut self, ty: &Ty) {
        match ty {
            Ty::Object { class, .. } => self.found.classes.extend(self.reader.class_ref(class)),
            Ty::List(elem, _) | Ty::Maybe(elem) => self.objects_of(elem),
            Ty::Tuple(items) => items.iter().for_each(|item| self.objects_of(item)),
            // It may be any object.
            Ty::Unknown => {
                for (module, known) in self.reader.project.modules() {
                    let classes = known.names.classes().map(|(class, _)| ClassRef { module, class });
                    self.found.classes.extend(classes);
                }
            }
            _ => {}
        }
    }

    /// Arguments of calls that do no more than show or measure what they get.
    fn looks(&mut self, call: &'a ast::ExprCall) {
        let looks = match self.reader.qualified(&call.func) {
            Some(name) => match name.split_once('.') {
                Some(("builtins", name)) => LOOKING.contains(&name),
                Some(("numpy" | "math" | "time", _)) => true,
                _ => false,
            },
            None => false,
        };
        if looks {
            self.looked_at.extend(call.arguments.args.iter().map(Ranged::range));
        }
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
                // The function was read, what it returned is here; its arguments are text like any other.
                let class = self.reader.project.class_named(self.module, &call.func);
                self.found.classes.extend(class);
                if let Some(ty) = self.reader.returned(self.module.0, call.start().into()) {
                    self.objects_of(&ty);
                }
                if let Expr::Attribute(callee) = &*call.func {
                    self.looked_at.push(callee.value.range());
                    self.visit_expr(&callee.value);
                }
                self.visit_arguments(&call.arguments);
                return;
            }
            Expr::Call(call) => self.looks(call),
            Expr::Name(name) => {
                self.name(expr);
                if name.ctx == ExprContext::Load && !self.looked_at.contains(&name.range) {
                    self.object(name.id.as_str());
                }
            }
            Expr::Attribute(attribute) => {
                self.name(expr);
                self.looked_at.push(attribute.value.range());
                // An object that is an attribute of another.
                if self.read_here && !self.looked_at.contains(&attribute.range) {
                    let types: Vec<Ty> = self.reader.facts.attrs_named(&attribute.attr).cloned().collect();
                    types.iter().for_each(|ty| self.objects_of(ty));
                }
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
                if import.level > 0 {
                    // Which one is not worked out here.
                    let all = self.reader.project.modules().map(|(module, _)| module);
                    self.found.modules.extend(all.filter(|module| *module != self.module));
                } else if let Some(module) = &import.module {
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
