//! The elementary functions that a module calls.
//!
//! Each is declared or defined in the module once it is asked for.

use std::collections::BTreeMap;
use std::fmt::Write;

/// The elementary functions that a module needs so far.
#[derive(Debug, Default)]
pub struct Library {
    needed: BTreeMap<&'static str, usize>,
}

/// Names of the IR and of the C library, with the number of operands.
const FUNCTIONS: [(&str, &str, usize); 26] = [
    ("exp", "exp", 1),
    ("exp2", "exp2", 1),
    ("expm1", "expm1", 1),
    ("log", "log", 1),
    ("log2", "log2", 1),
    ("log10", "log10", 1),
    ("log1p", "log1p", 1),
    ("sin", "sin", 1),
    ("cos", "cos", 1),
    ("tan", "tan", 1),
    ("arcsin", "asin", 1),
    ("arccos", "acos", 1),
    ("arctan", "atan", 1),
    ("arctan2", "atan2", 2),
    ("sinh", "sinh", 1),
    ("cosh", "cosh", 1),
    ("tanh", "tanh", 1),
    ("arcsinh", "asinh", 1),
    ("arccosh", "acosh", 1),
    ("arctanh", "atanh", 1),
    ("pow", "pow", 2),
    ("cbrt", "cbrt", 1),
    ("hypot", "hypot", 2),
    ("lgamma", "lgamma", 1),
    ("erf", "erf", 1),
    ("erfc", "erfc", 1),
];

impl Library {
    /// The symbol of a function of the IR on `double`.
    ///
    /// # Panics
    ///
    /// If there is no such function.
    pub fn symbol(&mut self, name: &str) -> &'static str {
        let (_, symbol, arity) = FUNCTIONS
            .iter()
            .find(|(known, _, _)| *known == name)
            .unwrap_or_else(|| panic!("`{name}` is no elementary function"));
        self.needed.insert(symbol, *arity);
        symbol
    }

    /// What the module has to say of the functions that were asked for.
    pub fn definitions(&self) -> String {
        let mut text = String::new();
        for (symbol, arity) in &self.needed {
            let operands = vec!["double"; *arity].join(", ");
            let _ = writeln!(text, "declare double @{symbol}({operands}) nounwind willreturn memory(none)");
        }
        text
    }
}
