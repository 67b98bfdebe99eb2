//! How a file writes the decorator that compiles, and what it has to import for that.
//!
//! ```text
//! import numlift as nl                      @nl.jit
//! from numlift import jit                   @jit
//! nothing yet                               @jit, with an import that is none where numlift is not installed
//! nothing yet, and `jit` is something else  @numlift_jit
//! ```

use crate::module::Module;
use crate::names::{BindingKind, Names, ScopeId};

/// A decorator as a file spells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decorator {
    /// `jit`, `numlift.jit`, `numba.njit`.
    pub name: String,
    /// Statements that the file lacks.
    pub import: Option<String>,
}

/// `numlift.jit` for use at byte `needed`.
pub fn numlift_jit(module: &Module, needed: u32) -> Decorator {
    known(module, needed, ("numlift", "jit")).unwrap_or_else(|| {
        let name = free(&module.names, "jit", "numlift_jit");
        let import = match name.as_str() {
            "jit" => "from numlift import jit".to_owned(),
            name => format!("from numlift import jit as {name}"),
        };
        let import = format!(
            "try:\n    {import}\nexcept ImportError:  # it runs without numlift, too\n    {name} = lambda f=None, **_: f or \
             (lambda f: f)"
        );
        Decorator {
            name,
            import: Some(import),
        }
    })
}

/// `numba.njit` for use at byte `needed`.
pub fn numba_njit(module: &Module, needed: u32) -> Decorator {
    known(module, needed, ("numba", "njit")).unwrap_or_else(|| {
        let name = free(&module.names, "numba", "numba_");
        let import = match name.as_str() {
            "numba" => "import numba".to_owned(),
            name => format!("import numba as {name}"),
        };
        Decorator {
            name: format!("{name}.njit"),
            import: Some(import),
        }
    })
}

/// How the file has it already, above a place.
fn known(module: &Module, needed: u32, (package, attribute): (&str, &str)) -> Option<Decorator> {
    let names = &module.names;
    let globals = &names.scope(Names::MODULE).symbols;
    let bound = globals.iter().filter_map(|(name, symbol)| {
        let bindings = names.symbol(*symbol).bindings.iter().map(|id| names.binding(*id));
        let mut spelled = None;
        for binding in bindings {
            let found = match &binding.kind {
                BindingKind::Import { module } if module == package => Some(format!("{name}.{attribute}")),
                BindingKind::FromImport {
                    module: Some(module),
                    name: imported,
                } if module == package && imported == attribute => Some(name.clone()),
                // The other branch of the import.
                BindingKind::Assign { .. } => continue,
                _ => return None,
            };
            if found.is_some() && binding.range.end().to_u32() <= needed && binding.executed_in == Names::MODULE {
                spelled = found;
            }
        }
        spelled
    });
    let name = bound.min_by_key(String::len)?;
    Some(Decorator { name, import: None })
}

/// The first of two names, with more underscores behind the second where need be, that nothing in the file uses.
fn free(names: &Names, preferred: &str, other: &str) -> String {
    let is_free = |name: &str| {
        let bound = (0..names.scopes.len()).any(|scope| names.scope(ScopeId(scope as u32)).symbols.contains_key(name));
        !bound && !names.uses.values().any(|entry| entry.name == name)
    };
    let further = (0..).map(|count| format!("{other}{}", "_".repeat(count)));
    std::iter::once(preferred.to_owned())
        .chain(further)
        .find(|name| is_free(name))
        .expect("one of endlessly many names is free")
}

/// A name for a new function of the module, after `wanted`, that nothing in the file uses.
pub fn free_name(names: &Names, wanted: &str) -> String {
    free(names, wanted, &format!("{wanted}_"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::SourceText;

    fn spelled(source: &str) -> (String, bool) {
        let module = Module::alone(&SourceText::from_str("a.py", source));
        let found = numlift_jit(&module, source.len() as u32);
        (found.name, found.import.is_some())
    }

    #[test]
    fn what_the_file_has_is_used() {
        assert_eq!(spelled("import numpy as np\n"), ("jit".to_owned(), true));
        assert_eq!(spelled("import numlift as nl\n"), ("nl.jit".to_owned(), false));
        assert_eq!(spelled("from numlift import jit as fast\n"), ("fast".to_owned(), false));
        let shim = numlift_jit(&Module::alone(&SourceText::from_str("a.py", "")), 0)
            .import
            .unwrap();
        assert_eq!(spelled(&(shim + "\n")), ("jit".to_owned(), false));
        assert_eq!(spelled("from numba import jit\n"), ("numlift_jit".to_owned(), true));
        assert_eq!(spelled("def f(jit): pass\n"), ("numlift_jit".to_owned(), true));
    }
}
