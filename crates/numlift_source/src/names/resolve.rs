//! From a name expression to what it stands for.

use ruff_python_ast::{self as ast, Expr, ExprName};
use ruff_text_size::{Ranged, TextSize};

use super::builtins::{is_builtin, is_module_attribute};
use super::{
    BindingId, BindingKind, ClassId, FunctionId, Names, Reaching, Resolution, Scope, ScopeId, ScopeKind, SymbolId,
};

/// Aliases of aliases are followed so far.
pub(super) const MAX_ALIASES: u32 = 8;

pub(super) fn lookup(scopes: &[Scope], scope: ScopeId, name: &str) -> Option<SymbolId> {
    let module = |name: &str| scopes[Names::MODULE.index()].symbols.get(name).copied();
    let mut current = scope;
    loop {
        let this = &scopes[current.index()];
        // The scopes inside a class do not see its names.
        let visible = current == scope || !matches!(this.kind, ScopeKind::Class(_));
        if visible {
            if this.globals.contains(name) {
                return module(name);
            }
            if let Some(symbol) = this.symbols.get(name).filter(|_| !this.nonlocals.contains(name)) {
                return Some(*symbol);
            }
        }
        current = this.parent?;
    }
}

pub(super) fn tie_uses(names: &mut Names) {
    let Names { uses, scopes, .. } = names;
    for entry in uses.values_mut() {
        entry.symbol = lookup(scopes, entry.scope, &entry.name);
    }
}

pub(super) fn resolve(names: &Names, name: &ExprName) -> Resolution {
    match names.use_of(name) {
        Some(entry) => resolve_use(names, name.start(), entry.symbol, &entry.name),
        None => Resolution::Unknown,
    }
}

fn resolve_use(names: &Names, at: TextSize, symbol: Option<SymbolId>, name: &str) -> Resolution {
    let Some(symbol) = symbol else {
        return builtin(names, name);
    };
    let entry = &names.uses[&at];
    let reaching = entry.reaching.clone().unwrap_or_else(|| Reaching {
        bindings: names.symbol(symbol).bindings.clone(),
        unbound: true,
    });
    let global = names.symbol(symbol).scope == Names::MODULE;
    if global && (names.globals_written || names.is_own_patched(name)) {
        return Resolution::Unknown;
    }
    if let (ScopeKind::Class(_), true) = (names.scope(names.symbol(symbol).scope).kind, reaching.unbound) {
        return in_class_body(names, reaching, name);
    }
    // A global that is not bound yet is looked up in the builtins.
    if reaching.unbound && global && is_builtin(name) {
        if reaching.bindings.is_empty() {
            return builtin(names, name);
        }
        return Resolution::Unknown;
    }
    Resolution::Symbol { symbol, reaching }
}

/// A name of a class body that the class may not have bound yet: then it is a global (functions around the class are
/// passed over), which may hold anything that ever binds it.
fn in_class_body(names: &Names, reaching: Reaching, name: &str) -> Resolution {
    let outer = names.scope(Names::MODULE).symbols.get(name).copied();
    let written = names.globals_written || names.is_own_patched(name);
    match outer {
        _ if !reaching.bindings.is_empty() || written => Resolution::Unknown,
        None => builtin(names, name),
        Some(_) if is_builtin(name) => Resolution::Unknown,
        Some(outer) => Resolution::Symbol {
            symbol: outer,
            reaching: Reaching {
                bindings: names.symbol(outer).bindings.clone(),
                unbound: true,
            },
        },
    }
}

/// A name that the module does not have.
fn builtin(names: &Names, name: &str) -> Resolution {
    let known = is_builtin(name) && !names.unknown_star && !names.globals_written && !is_module_attribute(name);
    if known && !names.is_patched(&format!("builtins.{name}")) {
        Resolution::Builtin
    } else {
        Resolution::Unknown
    }
}

impl Names {
    /// Somebody stores to this dotted name or to one above it.
    pub(crate) fn is_patched(&self, qualified: &str) -> bool {
        if self.patched.is_empty() {
            return false;
        }
        let above = qualified.match_indices('.').map(|(at, _)| &qualified[..at]);
        above.chain([qualified]).any(|name| self.patched.contains(name))
    }

    /// Somebody stores to this global of the module from outside.
    pub(crate) fn is_own_patched(&self, name: &str) -> bool {
        !self.patched.is_empty() && self.is_patched(&format!("{OWN_MODULE}.{name}"))
    }

    /// Another module stores to an attribute of this global, or to the global.
    pub(crate) fn is_own_patched_below(&self, name: &str) -> bool {
        let own = format!("{OWN_MODULE}.{name}");
        let behind = self.patched.range(own.clone()..);
        behind
            .map_while(|patched| patched.strip_prefix(&own))
            .any(|rest| rest.is_empty() || rest.starts_with('.'))
    }

    /// Another module stores to this global.
    pub(crate) fn patch_own(&mut self, name: &str) {
        self.patched.insert(format!("{OWN_MODULE}.{name}"));
    }

    fn is_foreign(&self, qualified: &str) -> bool {
        let root = qualified.split('.').next().unwrap_or(qualified);
        !self.project_modules.contains(root)
    }
}

pub(super) fn qualified_name(names: &Names, expr: &Expr) -> Option<String> {
    canonical(names, dotted(names, expr, MAX_ALIASES)?)
}

fn canonical(names: &Names, mut qualified: String) -> Option<String> {
    // `helper.np.sum` is `numpy.sum` when the module imports it.
    for _ in 0..MAX_ALIASES {
        if names.is_foreign(&qualified) {
            return (!names.is_patched(&qualified)).then_some(qualified);
        }
        let longest = names.reexports.iter().filter_map(|(name, meant)| {
            let rest = qualified
                .strip_prefix(name.as_str())
                .filter(|rest| rest.is_empty() || rest.starts_with('.'))?;
            Some((name.len(), format!("{meant}{rest}")))
        });
        let next = longest.max()?.1;
        if names.is_patched(&qualified) {
            return None;
        }
        qualified = next;
    }
    None
}

/// The dotted name of an expression, which may also lead into a module of the project.
pub(crate) fn dotted_name_of(names: &Names, expr: &Expr) -> Option<String> {
    dotted(names, expr, MAX_ALIASES)
}

/// The dotted name of an expression, where it may also lead into a module of the project.
pub(super) fn dotted(names: &Names, expr: &Expr, fuel: u32) -> Option<String> {
    match expr {
        Expr::Name(name) => dotted_name(names, name, fuel),
        Expr::Attribute(attribute) => {
            let base = dotted(names, &attribute.value, fuel)?;
            Some(format!("{base}.{}", attribute.attr))
        }
        _ => None,
    }
}

fn dotted_name(names: &Names, name: &ExprName, fuel: u32) -> Option<String> {
    dotted_at(names, name.start(), fuel)
}

fn dotted_at(names: &Names, at: TextSize, fuel: u32) -> Option<String> {
    let entry = names.uses.get(&at)?;
    // Most names are variables, which is seen at once.
    let first = entry.reaching.as_ref().and_then(|reaching| reaching.bindings.first());
    if entry.symbol.is_some() && first.is_some_and(|first| !may_be_dotted(names, *first)) {
        return None;
    }
    match resolve_use(names, at, entry.symbol, &entry.name) {
        Resolution::Builtin => Some(format!("builtins.{}", entry.name)),
        Resolution::Unknown => None,
        Resolution::Symbol { reaching, .. } => all_bindings(names, &reaching, fuel),
    }
}

/// Whether [`dotted_binding`] has a chance.
fn may_be_dotted(names: &Names, binding: BindingId) -> bool {
    match &names.binding(binding).kind {
        BindingKind::Import { .. } | BindingKind::FromImport { .. } | BindingKind::Star { .. } => true,
        BindingKind::Assign { value } => names.aliases.contains_key(&value.start()),
        _ => false,
    }
}

/// The dotted name that every binding gives.
fn all_bindings(names: &Names, reaching: &Reaching, fuel: u32) -> Option<String> {
    let mut candidates = reaching
        .bindings
        .iter()
        .map(|binding| dotted_binding(names, *binding, fuel));
    let first = candidates.next()??;
    candidates.all(|other| other.as_ref() == Some(&first)).then_some(first)
}

/// The canonical dotted name that all bindings give a symbol.
pub(super) fn meaning(names: &Names, symbol: SymbolId, reaching: &Reaching) -> Option<String> {
    let symbol = names.symbol(symbol);
    let written = names.globals_written || names.is_own_patched(&symbol.name);
    let dotted = all_bindings(names, reaching, MAX_ALIASES)?;
    if symbol.scope == Names::MODULE && written {
        None
    } else {
        canonical(names, dotted)
    }
}

pub(super) fn dotted_binding(names: &Names, binding: BindingId, fuel: u32) -> Option<String> {
    let binding = names.binding(binding);
    match &binding.kind {
        BindingKind::Import { module } => Some(module.clone()),
        BindingKind::FromImport { module, name } => Some(format!("{}.{name}", module.as_ref()?)),
        BindingKind::Star { module } => Some(format!("{}.{}", module.as_ref()?, names.symbol(binding.symbol).name)),
        BindingKind::Assign { value } => {
            let chain = names
                .aliases
                .get(&value.start())
                .filter(|chain| chain.range == *value)?;
            let mut dotted = dotted_at(names, chain.root, fuel.checked_sub(1)?)?;
            for attr in &chain.attrs {
                dotted.push('.');
                dotted.push_str(attr);
            }
            Some(dotted)
        }
        BindingKind::Parameter
        | BindingKind::Function(_)
        | BindingKind::Class(_)
        | BindingKind::Unpack
        | BindingKind::AugAssign
        | BindingKind::For
        | BindingKind::With
        | BindingKind::Except
        | BindingKind::Match
        | BindingKind::Delete
        | BindingKind::TypeParam => None,
    }
}

pub(super) fn function_named(names: &Names, expr: &Expr) -> Option<FunctionId> {
    let id = single(names, expr, |kind| match kind {
        BindingKind::Function(id) => Some(*id),
        _ => None,
    })?;
    names.function(id).decorators.is_empty().then_some(id)
}

pub(super) fn class_named(names: &Names, expr: &Expr) -> Option<ClassId> {
    single(names, expr, |kind| match kind {
        BindingKind::Class(id) => Some(*id),
        _ => None,
    })
}

/// What the only binding that reaches a name is.
fn single<T: PartialEq>(names: &Names, expr: &Expr, want: impl Fn(&BindingKind) -> Option<T>) -> Option<T> {
    let Expr::Name(name) = expr else { return None };
    match resolve(names, name) {
        Resolution::Symbol { reaching, .. } => match &reaching.bindings[..] {
            [binding] => want(&names.binding(*binding).kind),
            _ => None,
        },
        Resolution::Builtin | Resolution::Unknown => None,
    }
}

/// Under this name stand the module's own globals in [`Names::patched`].
const OWN_MODULE: &str = "<own>";

pub(super) fn name_decorators(names: &mut Names, decorated: &[(FunctionId, &[ast::Decorator])]) {
    for (id, decorators) in decorated {
        // A function that is compiled means what it meant.
        let resolved = decorators
            .iter()
            .filter(|decorator| !is_jit(names, &decorator.expression))
            .map(|decorator| match &decorator.expression {
                Expr::Call(call) => qualified_name(names, &call.func),
                other => qualified_name(names, other),
            })
            .collect();
        names.functions[id.index()].decorators = resolved;
    }
}

/// Whether a decorator is `numlift.jit`, with options or without. Where the import may fail (`try: from numlift import
/// jit`), what stands for it gives the function back.
fn is_jit(names: &Names, decorator: &Expr) -> bool {
    let decorator = match decorator {
        Expr::Call(call) => &*call.func,
        other => other,
    };
    if qualified_name(names, decorator).is_some_and(|name| name == "numlift.jit") {
        return true;
    }
    let Expr::Name(name) = decorator else { return false };
    let is_import = |kind: &BindingKind| matches!(kind, BindingKind::FromImport { module: Some(module), name } if module == "numlift" && name == "jit");
    match resolve(names, name) {
        Resolution::Symbol { reaching, .. } => reaching
            .bindings
            .iter()
            .any(|binding| is_import(&names.binding(*binding).kind)),
        Resolution::Builtin | Resolution::Unknown => false,
    }
}

/// The qualified name of what the attributes lead to, one after the other, from the name at `at`.
pub(super) fn qualified_chain(names: &Names, at: TextSize, attrs: &[&str]) -> Option<String> {
    let mut dotted = dotted_at(names, at, MAX_ALIASES)?;
    for attr in attrs {
        dotted.push('.');
        dotted.push_str(attr);
    }
    canonical(names, dotted)
}
