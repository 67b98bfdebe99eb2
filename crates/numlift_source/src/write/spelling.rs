//! How things that the file imports are spelled in it, and the imports that it lacks.
//!
//! A qualified name is asked for whole, then by its prefixes: where only `numpy` has a name, `numpy.linalg.norm` is
//! `np.linalg.norm`. What has no name gets an import, under its usual name where that is free.

use std::collections::BTreeSet;

use super::python::Expr;
use super::{WriteError, WriteOptions};

/// Names for what is imported.
pub(super) struct Spelling<'a> {
    pub options: &'a WriteOptions<'a>,
    /// Variables of the new text, which hide imports.
    pub variables: &'a BTreeSet<String>,
}

/// Modules that may be imported, with their usual name.
const IMPORTABLE: [(&str, &str); 6] = [
    ("builtins", "builtins"),
    ("cmath", "cmath"),
    ("itertools", "itertools"),
    ("math", "math"),
    ("numpy", "np"),
    ("random", "random"),
];

impl Spelling<'_> {
    /// The spelling of a qualified name.
    pub fn of(&self, qualified: &str, imports: &mut BTreeSet<String>) -> Result<Expr, WriteError> {
        let mut prefix = qualified;
        loop {
            if let Some(spelling) = (self.options.names)(prefix)
                && !self.is_hidden(&spelling)
            {
                return Ok(Expr::Name(format!("{spelling}{}", &qualified[prefix.len()..])));
            }
            match prefix.rsplit_once('.') {
                Some((shorter, _)) => prefix = shorter,
                None => break,
            }
        }
        let Some((_, usual)) = IMPORTABLE.iter().find(|(module, _)| *module == prefix) else {
            return Err(WriteError::new(format!("`{qualified}` has no name in this file")));
        };
        let candidates = [
            (*usual).to_owned(),
            prefix.to_owned(),
            format!("_{usual}"),
            format!("_{usual}_"),
        ];
        let Some(name) = candidates.into_iter().find(|name| self.is_free(name)) else {
            return Err(WriteError::new(format!(
                "`{prefix}` cannot be imported: its usual names are taken"
            )));
        };
        imports.insert(match name == prefix {
            true => format!("import {prefix}"),
            false => format!("import {prefix} as {name}"),
        });
        Ok(Expr::Name(format!("{name}{}", &qualified[prefix.len()..])))
    }

    fn is_hidden(&self, spelling: &str) -> bool {
        let root = spelling.split('.').next().unwrap_or(spelling);
        self.variables.contains(root)
    }

    fn is_free(&self, name: &str) -> bool {
        !self.variables.contains(name) && !self.options.taken.contains(name)
    }
}
