//! Which functions of a module can still be called: those whose names reachable code mentions.
//!
//! Only functions that stand outermost count as units; what is nested in them comes with them, and the methods of a
//! class come with the class. A decorated function is reachable, since its decorator may have kept it. Names in
//! strings, or looked up by computed spelling, are the business of [`super::dynamic`].

use std::collections::BTreeSet;

use ruff_text_size::{TextRange, TextSize};

use super::calls::functions_of;
use crate::names::{FunctionId, Names};

/// The outermost functions of a module that the module's own code, or those roots, can reach.
pub fn from_module_code(names: &Names) -> BTreeSet<FunctionId> {
    let outermost: Vec<FunctionId> = names
        .functions()
        .map(|(id, _)| id)
        .filter(|id| is_outermost(names, *id))
        .collect();
    let ranges: Vec<TextRange> = outermost.iter().map(|id| names.function(*id).range).collect();
    let inside_any = |at: TextSize| ranges.iter().any(|range| range.contains(at));
    let mut reached = BTreeSet::new();
    let mut work: Vec<FunctionId> = outermost
        .iter()
        .copied()
        .filter(|id| !names.function(*id).decorators.is_empty())
        .chain(mentioned(names, TextRange::up_to(TextSize::new(u32::MAX)), &|at| {
            !inside_any(at)
        }))
        .collect();
    while let Some(id) = work.pop() {
        if reached.insert(id) {
            work.extend(mentioned(names, names.function(id).range, &|_| true));
        }
    }
    reached
}

/// The outermost function that holds the offset.
pub fn outermost_around(names: &Names, at: TextSize) -> Option<FunctionId> {
    names
        .functions()
        .find(|(id, function)| function.range.contains(at) && is_outermost(names, *id))
        .map(|(id, _)| id)
}

fn is_outermost(names: &Names, id: FunctionId) -> bool {
    super::body_of(names, names.function(id).enclosing) == Names::MODULE
}

/// Outermost functions that the code in `range` mentions by name, itself or through a class.
fn mentioned(names: &Names, range: TextRange, counts: &dyn Fn(TextSize) -> bool) -> Vec<FunctionId> {
    let uses = names
        .uses
        .range(range.start()..range.end())
        .filter(|(at, _)| counts(**at));
    let functions = uses
        .filter_map(|(_, entry)| entry.symbol)
        .flat_map(|symbol| functions_of(names, symbol));
    // A nested function comes with its outermost one.
    functions.filter(|id| is_outermost(names, *id)).collect()
}
