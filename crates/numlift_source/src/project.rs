//! The modules of a program together: functions of one called from another, names of one read by another.
//!
//! A name of the project is never taken for the library of the same name: with a `random.py` beside the script,
//! `random.random` is not Python's. What one module stores into another (`helper.scale = 2`, `np.sum = f`) is known in
//! all of them.

use std::collections::{BTreeMap, BTreeSet};

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, ExprContext};

use crate::flow::{ModuleUse, dynamic, listed_in_all};
use crate::module::Module;
use crate::names::star::{self, Exports};
use crate::names::{BindingKind, ClassId, FunctionId, Names, dotted};
use crate::parse::{Parsed, parse};
use crate::text::SourceText;

/// A module as it is given to [`ProjectNames::link`].
#[derive(Debug, Clone)]
pub struct ModuleText {
    /// The dotted name under which it is imported; for the program itself, the one under which it could be.
    pub name: String,
    /// It is a package's `__init__`.
    pub is_package: bool,
    /// It is the program that is run.
    pub is_main: bool,
    pub text: SourceText,
}

/// All modules of a project, linked.
#[derive(Debug)]
pub struct ProjectNames {
    names: Vec<String>,
    modules: Vec<Module>,
}

/// A module by its place in the list that was linked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleId(pub u32);

/// A function of some module of the project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FunctionRef {
    pub module: ModuleId,
    pub function: FunctionId,
}

/// A class of some module of the project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClassRef {
    pub module: ModuleId,
    pub class: ClassId,
}

impl ProjectNames {
    /// Parses the modules and ties them together.
    pub fn link(texts: &[ModuleText]) -> ProjectNames {
        let module_names: Vec<String> = texts.iter().map(|text| text.name.clone()).collect();
        let mut analysed: Vec<(Parsed, Names)> = texts.iter().map(|text| analyse(text, &Exports::new())).collect();
        let is_star = |(_, names): &(Parsed, Names)| names.star_imports().next().is_some();
        let mut exports = Exports::new();
        if analysed.iter().any(is_star) {
            exports = exports_of(&module_names, &analysed);
            analysed = texts.iter().map(|text| analyse(text, &exports)).collect();
        }
        share_patches(&module_names, texts, &mut analysed);
        share_attributes(&mut analysed);
        share_reexports(&module_names, &exports, &mut analysed);
        let uses = uses_of(&module_names, texts, &analysed);
        let modules = analysed
            .into_iter()
            .zip(&uses)
            .map(|((parsed, names), used)| Module::new(parsed, names, used))
            .collect();
        ProjectNames {
            names: module_names,
            modules,
        }
    }

    pub fn module(&self, id: ModuleId) -> &Module {
        &self.modules[id.0 as usize]
    }

    pub fn modules(&self) -> impl Iterator<Item = (ModuleId, &Module)> {
        self.modules
            .iter()
            .enumerate()
            .map(|(index, module)| (ModuleId(index as u32), module))
    }

    /// The dotted name of a module.
    pub fn name(&self, id: ModuleId) -> &str {
        &self.names[id.0 as usize]
    }

    /// The author's function that an expression of `module` stands for, wherever it is defined.
    pub fn function_named(&self, module: ModuleId, expr: &Expr) -> Option<FunctionRef> {
        let names = &self.module(module).names;
        if let Some(function) = names.function_named(expr) {
            return Some(FunctionRef { module, function });
        }
        match self.member(&dotted(names, expr)?, 8)? {
            Member::Function(function) => Some(function),
            Member::Class(_) => None,
        }
    }

    /// The author's class that an expression of `module` stands for, wherever it is defined.
    pub fn class_named(&self, module: ModuleId, expr: &Expr) -> Option<ClassRef> {
        let names = &self.module(module).names;
        if let Some(class) = names.class_named(expr) {
            return Some(ClassRef { module, class });
        }
        match self.member(&dotted(names, expr)?, 8)? {
            Member::Class(class) => Some(class),
            Member::Function(_) => None,
        }
    }

    /// `helper.scale` → the `def` in module `helper`, through imports of imports.
    fn member(&self, dotted: &str, fuel: u32) -> Option<Member> {
        let (module, name) = owner(&self.names, dotted)?;
        if name.contains('.') {
            return None;
        }
        let names = &self.modules[module].names;
        let id = ModuleId(module as u32);
        let Some(binding) = names.only_global_binding(name) else {
            // A name that the module has from a star import and does not use itself.
            let meant = names.reexports.get(dotted)?;
            return self.member(meant, fuel.checked_sub(1)?);
        };
        match binding {
            BindingKind::Function(function) if names.function(*function).decorators.is_empty() => {
                Some(Member::Function(FunctionRef {
                    module: id,
                    function: *function,
                }))
            }
            BindingKind::Class(class) => Some(Member::Class(ClassRef {
                module: id,
                class: *class,
            })),
            BindingKind::FromImport {
                module: Some(from),
                name,
            } => self.member(&format!("{from}.{name}"), fuel.checked_sub(1)?),
            _ => None,
        }
    }
}

enum Member {
    Function(FunctionRef),
    Class(ClassRef),
}

fn analyse(text: &ModuleText, exports: &Exports) -> (Parsed, Names) {
    let parsed = parse(&text.text);
    let package = match (text.is_package, text.name.rsplit_once('.')) {
        (true, _) => text.name.as_str(),
        (false, Some((package, _))) => package,
        (false, None) => "",
    };
    let names = Names::of_project_module(&parsed, package, exports);
    (parsed, names)
}

/// The module of the project that a dotted name leads into, with the rest of the name.
fn owner<'d>(modules: &[String], dotted: &'d str) -> Option<(usize, &'d str)> {
    let inside = |name: &String| dotted.strip_prefix(name.as_str())?.strip_prefix('.');
    let found = modules
        .iter()
        .enumerate()
        .filter_map(|(index, name)| Some((index, inside(name)?)));
    found.min_by_key(|(_, rest)| rest.len())
}

fn is_module(modules: &[String], dotted: &str) -> Option<usize> {
    modules.iter().position(|name| name == dotted)
}

fn share_patches(modules: &[String], texts: &[ModuleText], analysed: &mut [(Parsed, Names)]) {
    let all: BTreeSet<String> = analysed.iter().flat_map(|(_, names)| names.patched.clone()).collect();
    let roots: BTreeSet<String> = texts
        .iter()
        .filter_map(|text| text.name.split('.').next().map(str::to_owned))
        .collect();
    for patched in &all {
        if let Some((module, name)) = owner(modules, patched) {
            analysed[module].1.patch_own(name);
        }
        if let Some(name) = patched.strip_prefix("__main__.") {
            let mains = analysed.iter_mut().zip(texts).filter(|(_, text)| text.is_main);
            mains.for_each(|((_, names), _)| names.patch_own(name));
        }
        if let Some(module) = is_module(modules, patched) {
            // Stores under computed names: any global may be another.
            analysed[module].1.globals_written = true;
        }
    }
    for (_, names) in analysed.iter_mut() {
        names.patched.extend(all.iter().cloned());
        names.project_modules = roots.clone();
    }
}

/// What each module gives to `from m import *`; nothing is said of one that has a star import of an unknown module.
fn exports_of(modules: &[String], analysed: &[(Parsed, Names)]) -> Exports {
    let mut exports = Exports::new();
    // Star imports of star imports: as many rounds as there are modules are enough.
    for _ in modules {
        let mut changed = false;
        for (name, (parsed, names)) in modules.iter().zip(analysed) {
            if let Some(found) = exported(parsed, names, &exports) {
                changed |= exports.get(name) != Some(&found);
                exports.insert(name.clone(), found);
            }
        }
        if !changed {
            break;
        }
    }
    exports
}

fn exported(parsed: &Parsed, names: &Names, known: &Exports) -> Option<BTreeSet<String>> {
    let listed = listed_in_all(parsed);
    let mut own: BTreeSet<String> = names
        .global_names()
        .filter(|name| !name.starts_with('_'))
        .map(str::to_owned)
        .collect();
    if names.global_names().any(|name| name == "__all__") {
        own = listed?.into_iter().map(str::to_owned).collect();
    }
    for star in names.star_imports() {
        match known.get(star) {
            Some(names) => own.extend(names.iter().cloned()),
            None => own.extend(star::of_library(star)?.iter().map(|name| (*name).to_owned())),
        }
    }
    Some(own)
}

/// `helper.np` is `numpy` when the module imports it so.
fn share_reexports(modules: &[String], exports: &Exports, analysed: &mut [(Parsed, Names)]) {
    let mut reexports = BTreeMap::new();
    for (module, (_, names)) in modules.iter().zip(&*analysed) {
        if !names.unknown_star {
            for (star, name) in names.star_imports().flat_map(|star| given(star, exports)) {
                reexports.insert(format!("{module}.{name}"), format!("{star}.{name}"));
            }
        }
        for name in names.global_names() {
            match names.meaning_of_global(name) {
                Some(meant) => reexports.insert(format!("{module}.{name}"), meant),
                None => reexports.remove(&format!("{module}.{name}")),
            };
        }
    }
    for (_, names) in analysed {
        names.reexports.clone_from(&reexports);
    }
}

/// The names that a star import of `star` binds, with the module.
fn given<'a>(star: &'a str, exports: &'a Exports) -> Vec<(&'a str, &'a str)> {
    match (exports.get(star), star::of_library(star)) {
        (Some(names), _) => names.iter().map(|name| (star, name.as_str())).collect(),
        (None, Some(names)) => names.iter().map(|name| (star, *name)).collect(),
        (None, None) => Vec::new(),
    }
}

/// Stores to attributes of objects, and methods that may override others, count in all modules.
fn share_attributes(analysed: &mut [(Parsed, Names)]) {
    let stored: BTreeSet<String> = analysed
        .iter()
        .flat_map(|(_, names)| names.stored_attributes.clone())
        .collect();
    let overrides: BTreeSet<String> = analysed
        .iter()
        .flat_map(|(_, names)| names.far_overrides.clone())
        .collect();
    let any = analysed.iter().any(|(_, names)| names.any_attribute_stored);
    for (_, names) in analysed {
        names.stored_attributes.clone_from(&stored);
        names.far_overrides.clone_from(&overrides);
        names.any_attribute_stored = any;
    }
}

/// Who reads what of each module.
fn uses_of(modules: &[String], texts: &[ModuleText], analysed: &[(Parsed, Names)]) -> Vec<ModuleUse> {
    let mut uses: Vec<ModuleUse> = texts
        .iter()
        .map(|text| ModuleUse {
            is_main: text.is_main,
            ..ModuleUse::default()
        })
        .collect();
    for (index, (parsed, names)) in analysed.iter().enumerate() {
        let mut reader = Reader {
            modules,
            names,
            uses: &mut uses,
            reading: index,
        };
        reader.visit_body(&parsed.module.body);
        reader.imports();
        if dynamic::find(parsed, names).imports_anything {
            uses.iter_mut().for_each(|used| used.all_read_elsewhere = true);
        }
    }
    uses
}

struct Reader<'n> {
    modules: &'n [String],
    names: &'n Names,
    uses: &'n mut [ModuleUse],
    reading: usize,
}

impl Reader<'_> {
    /// `from helper import x` reads `x`, and a star everything.
    fn imports(&mut self) {
        for binding in self.names.bindings() {
            if let BindingKind::FromImport {
                module: Some(module),
                name,
            } = &binding.kind
            {
                self.read(&format!("{module}.{name}"));
            }
        }
        for module in self.names.star_imports() {
            if let Some(index) = is_module(self.modules, module) {
                self.uses[index].all_read_elsewhere = true;
            }
        }
    }

    fn read(&mut self, dotted: &str) {
        if is_module(self.modules, dotted).is_some() {
            return;
        }
        if let Some((module, rest)) = owner(self.modules, dotted) {
            let name = rest.split('.').next().unwrap_or(rest);
            self.uses[module].read_elsewhere.insert(name.to_owned());
        }
    }

    /// A module that is more than the root of a dotted name goes who knows where.
    fn whole(&mut self, expr: &Expr) {
        let found = dotted(self.names, expr).and_then(|dotted| is_module(self.modules, &dotted));
        if let Some(index) = found.filter(|index| *index != self.reading) {
            self.uses[index].all_read_elsewhere = true;
        }
    }
}

impl<'a> Visitor<'a> for Reader<'_> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) if name.ctx == ExprContext::Load => self.whole(expr),
            Expr::Attribute(attribute) => match dotted(self.names, expr) {
                Some(dotted) => {
                    self.read(&dotted);
                    self.whole(expr);
                }
                None => self.visit_expr(&attribute.value),
            },
            _ => visitor::walk_expr(self, expr),
        }
    }
}

#[cfg(test)]
mod tests;
