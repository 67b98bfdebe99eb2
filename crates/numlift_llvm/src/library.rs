//! The elementary functions that a module calls.
//!
//! Those of [`crate::math`] are defined in the module and inlined into its loops; the others are the C library's. A
//! function of single precision that is the C library's is computed in double precision and rounded.

use std::collections::BTreeMap;
use std::fmt::Write;

use numlift_ir::function::{Function as Code, ValueId};
use numlift_ir::op::Kind;

use crate::math::{self, Function, Precision};

/// The elementary functions that a module needs so far.
pub struct Library {
    own: math::Library,
    foreign: BTreeMap<&'static str, usize>,
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

/// Whether a function computes an elementary function of whole arrays.
pub fn has_elementary_arrays(func: &Code) -> bool {
    let mut found = false;
    func.walk(func.body, &mut |op| {
        let data = func.op(op);
        if let Kind::Scalar { f, .. } = &data.kind {
            let is_array = |value: &ValueId| func.ty(*value).bound().as_scalar().is_none();
            found |= FUNCTIONS.iter().any(|(name, ..)| *name == f.name()) && data.results.iter().any(is_array);
        }
    });
    found
}

impl Library {
    /// Nothing is needed yet. `fma`: the machine has a fused multiply-add.
    pub fn new(fma: bool) -> Self {
        Self {
            own: math::Library::new(fma),
            foreign: BTreeMap::new(),
        }
    }

    /// The C library's own function on `double`, which Python calls.
    ///
    /// # Panics
    ///
    /// If there is no such function.
    pub fn foreign(&mut self, name: &str) -> &'static str {
        let (_, symbol, arity) = FUNCTIONS
            .iter()
            .find(|(known, _, _)| *known == name)
            .unwrap_or_else(|| panic!("`{name}` is no elementary function"));
        self.foreign.insert(symbol, *arity);
        symbol
    }

    /// The symbol of a function of the IR on an LLVM type; `None` if there is only one on `double`.
    ///
    /// # Panics
    ///
    /// If there is no such function.
    pub fn symbol(&mut self, name: &str, ty: &str) -> Option<String> {
        if let Some(power) = Function::ALL
            .into_iter()
            .find(|function| function.name() == name && function.is_power())
        {
            return (ty != "half").then(|| self.own.name(power, Precision::of(ty)));
        }
        let (_, symbol, arity) = FUNCTIONS
            .iter()
            .find(|(known, _, _)| *known == name)
            .unwrap_or_else(|| panic!("`{name}` is no elementary function"));
        if let Some(function) = Function::ALL.into_iter().find(|function| function.name() == *symbol) {
            return (ty != "half").then(|| self.own.name(function, Precision::of(ty)));
        }
        (ty == "double").then(|| {
            self.foreign.insert(symbol, *arity);
            (*symbol).to_owned()
        })
    }

    /// What the module has to say of the functions that were asked for.
    pub fn definitions(&self) -> String {
        let mut text = self.own.definitions();
        for (symbol, arity) in &self.foreign {
            let operands = vec!["double"; *arity].join(", ");
            let _ = writeln!(
                text,
                "declare double @{symbol}({operands}) nounwind willreturn memory(none)"
            );
        }
        text
    }
}
