//! What a region reads and binds through the functions that it mentions.
//!
//! ```text
//! def f(v):
//!     global count
//!     count += 1                  binds through calls: count
//!     return v * scale            reads through calls: count, scale
//! for v in x: total += f(v)       the region
//! ```
//!
//! A function that is mentioned may be called, and so may those that it mentions; a class brings its methods. Methods
//! of objects that come from elsewhere, and functions of other modules, are not seen here.

use std::collections::BTreeSet;

use ruff_text_size::TextRange;

use crate::names::{BindingKind, FunctionId, Names, ScopeId, SymbolId};

#[derive(Debug, Default)]
pub struct ThroughCalls {
    pub reads: BTreeSet<SymbolId>,
    pub binds: BTreeSet<SymbolId>,
}

/// Variables of the module, or of the body `scope`, that calls from `range` may read or bind.
pub fn through_calls(names: &Names, scope: ScopeId, range: TextRange) -> ThroughCalls {
    let mut seen: BTreeSet<FunctionId> = BTreeSet::new();
    let mut work = mentioned(names, range);
    let mut found = ThroughCalls::default();
    while let Some(id) = work.pop() {
        if !seen.insert(id) {
            continue;
        }
        let function = names.function(id).range;
        work.extend(mentioned(names, function));
        for (at, entry) in names.uses.range(function.start()..function.end()) {
            let Some(symbol) = entry.symbol.filter(|symbol| is_variable(names, *symbol)) else {
                continue;
            };
            let home = names.symbol(symbol).scope;
            if home != Names::MODULE && home != scope {
                continue;
            }
            match names.binding_at(*at).map(|binding| &names.binding(binding).kind) {
                None => {
                    found.reads.insert(symbol);
                }
                Some(BindingKind::AugAssign | BindingKind::Delete) => {
                    found.reads.insert(symbol);
                    found.binds.insert(symbol);
                }
                Some(_) => {
                    found.binds.insert(symbol);
                }
            }
        }
    }
    found
}

/// Functions that the code in `range` mentions, nested ones too.
pub fn mentioned(names: &Names, range: TextRange) -> Vec<FunctionId> {
    let uses = names.uses.range(range.start()..range.end());
    uses.filter_map(|(_, entry)| entry.symbol)
        .flat_map(|symbol| functions_of(names, symbol))
        .collect()
}

/// The functions that a name may stand for: its own, or the methods of its class.
pub fn functions_of(names: &Names, symbol: SymbolId) -> Vec<FunctionId> {
    let mut found = Vec::new();
    for binding in &names.symbol(symbol).bindings {
        match names.binding(*binding).kind {
            BindingKind::Function(id) => found.push(id),
            BindingKind::Class(class) => {
                let range = names.class(class).range;
                let methods = names
                    .functions()
                    .filter(|(_, function)| range.contains_range(function.range));
                found.extend(methods.map(|(id, _)| id));
            }
            _ => {}
        }
    }
    found
}

/// More than a name for a module, function or class.
fn is_variable(names: &Names, symbol: SymbolId) -> bool {
    names.symbol(symbol).bindings.iter().any(|binding| {
        !matches!(
            names.binding(*binding).kind,
            BindingKind::Import { .. }
                | BindingKind::FromImport { .. }
                | BindingKind::Function(_)
                | BindingKind::Class(_)
        )
    })
}
