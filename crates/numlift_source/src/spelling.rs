//! How a place in a file can call things: `numpy.sqrt` as `np.sqrt`, `sqrt` or not at all.

use std::collections::{BTreeMap, BTreeSet};

use ruff_python_ast::Stmt;
use ruff_text_size::{Ranged, TextSize};

use crate::names::{BindingKind, Names, ScopeId};
use crate::parse::Parsed;

/// What the names visible at one place stand for.
#[derive(Debug, Clone, Default)]
pub struct Spellings {
    /// Qualified name to the name in the file.
    known: BTreeMap<String, String>,
    /// Every name that the module binds anywhere: none of them is free for a temporary.
    taken: BTreeSet<String>,
}

impl Spellings {
    /// The spellings at a byte offset: imports that were certainly executed by then.
    pub fn at(parsed: &Parsed, names: &Names, offset: u32) -> Self {
        let is_before = |at: TextSize| {
            let mut top = parsed.module.body.iter();
            top.any(|stmt| {
                let is_import = matches!(stmt, Stmt::Import(_) | Stmt::ImportFrom(_));
                is_import && stmt.range().contains(at) && stmt.end().to_u32() <= offset
            })
        };
        let here = names.scope_of_statement(TextSize::new(offset));
        let mut spellings = Self::default();
        for (name, symbol) in &names.scope(Names::MODULE).symbols {
            if names.lookup(here, name) != Some(*symbol) {
                continue;
            }
            let bindings = &names.symbol(*symbol).bindings;
            let [binding] = bindings[..] else { continue };
            if !is_before(names.binding(binding).range.start()) {
                continue;
            }
            if let Some(qualified) = imported(&names.binding(binding).kind, name) {
                spellings.known.insert(qualified, name.clone());
            }
        }
        let mut scope = 0;
        while let Some(symbols) = scope_symbols(names, scope) {
            spellings.taken.extend(symbols);
            scope += 1;
        }
        spellings
    }

    /// How to write a qualified name here.
    pub fn spell(&self, qualified: &str) -> Option<String> {
        if let Some(name) = self.known.get(qualified) {
            return Some(name.clone());
        }
        let (module, name) = qualified.rsplit_once('.')?;
        if module == "builtins" {
            return (!self.taken.contains(name)).then(|| name.to_owned());
        }
        Some(format!("{}.{name}", self.spell(module)?))
    }

    /// Names that imports bind, once and for all.
    pub fn imported(&self) -> impl Iterator<Item = &str> {
        self.known.values().map(String::as_str)
    }

    /// Names that must not be used for something new.
    pub fn taken(&self) -> &BTreeSet<String> {
        &self.taken
    }
}

fn imported(kind: &BindingKind, name: &str) -> Option<String> {
    match kind {
        // `import a.b` binds `a`.
        BindingKind::Import { module } if module.split('.').next() == Some(name) => Some(name.to_owned()),
        BindingKind::Import { module } => Some(module.clone()),
        BindingKind::FromImport {
            module: Some(module),
            name,
        } => Some(format!("{module}.{name}")),
        _ => None,
    }
}

fn scope_symbols(names: &Names, scope: u32) -> Option<Vec<String>> {
    names
        .scopes
        .get(scope as usize)
        .map(|_| names.scope(ScopeId(scope)).symbols.keys().cloned().collect())
}
