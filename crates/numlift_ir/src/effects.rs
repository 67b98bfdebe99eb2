//! What calls of known functions and methods do besides returning a value, as the [table](crate::table) has it.
//!
//! A function that is not known does anything: [`Effect::World`]. A method is known by its name alone here, so what it
//! may do is the worst that any class of the table does under that name.

use crate::op::{self, Effect};
use crate::table::{self, Does, FunctionInfo, Memory};

/// Functions that change the list that is their first operand. Like the operators of lists and what queues do beyond them,
/// they are no rows of the table: they are read where a function is compiled, and there alone.
const HEAPS: [&str; 5] = [
    "heapq.heapify",
    "heapq.heappop",
    "heapq.heappush",
    "heapq.heappushpop",
    "heapq.heapreplace",
];

/// The classes whose methods the table has.
const CLASSES: [&str; 4] = ["ndarray", "list", "Generator", "RandomState"];

/// What a call of a function may do.
pub fn call_effect(callee: &str) -> Effect {
    if is_view_of_memory(callee) || matches!(callee, op::SAME_OBJECT | "collections.deque") {
        return Effect::Reads;
    }
    if HEAPS.contains(&callee) {
        return Effect::Writes;
    }
    table::lookup(callee).map_or(Effect::World, effect_of)
}

/// Whether it is a call in loop form that gives a view of its first operand.
pub fn is_view_of_memory(callee: &str) -> bool {
    matches!(callee, op::VIEW | op::RESHAPE)
}

/// What a method may do.
pub fn method_effect(name: &str) -> Effect {
    match name {
        "__add__" | "__contains__" => return Effect::Reads,
        "__delitem__" | "appendleft" | "popleft" => return Effect::Writes,
        _ => {}
    }
    methods(name)
        .map(effect_of)
        .reduce(Effect::worse)
        .unwrap_or(Effect::World)
}

fn methods(name: &str) -> impl Iterator<Item = &'static FunctionInfo> {
    CLASSES.into_iter().filter_map(move |class| table::method(class, name))
}

fn effect_of(info: &FunctionInfo) -> Effect {
    match info.does {
        Does::Nothing => Effect::Reads,
        Does::DrawsGlobal | Does::DrawsFrom => Effect::Draws,
        Does::Changes(_) => Effect::Writes,
        // Drawing is the stronger of the two: it cannot be done twice, nor in another order.
        Does::DrawsAndChanges(_) | Does::Entropy => Effect::Draws,
        Does::Clock | Does::Prints | Does::World => Effect::World,
    }
}

/// Whether a function returns memory that nobody else knows. `numpy.array` does, since a call with `copy=` is not read
/// as one.
pub fn is_fresh_call(callee: &str, keywords: &[String]) -> bool {
    !may_not_copy(keywords)
        && (callee == "numpy.array" || table::lookup(callee).is_some_and(|info| info.memory == Memory::Fresh))
}

/// Whether a method returns memory that nobody else knows.
pub fn is_fresh_method(name: &str, keywords: &[String]) -> bool {
    let mut any = false;
    !may_not_copy(keywords)
        && methods(name).all(|info| {
            any = true;
            matches!(info.memory, Memory::Fresh | Memory::Plain)
        })
        && any
}

/// Whether a call says that what it is given may be its result: `x.astype(float, copy=False)`.
fn may_not_copy(keywords: &[String]) -> bool {
    keywords.iter().any(|keyword| keyword == "copy")
}

/// Whether a function changes the length of the list that is its first operand.
pub fn call_changes_length(callee: &str) -> bool {
    matches!(callee, "heapq.heappush" | "heapq.heappop")
}

/// Whether a method of a list changes its length.
pub fn changes_length(name: &str) -> bool {
    matches!(
        name,
        "__delitem__" | "append" | "appendleft" | "popleft" | "clear" | "extend" | "insert" | "pop" | "remove"
    )
}
