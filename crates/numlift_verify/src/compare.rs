//! Two outcomes, compared by class.
//!
//! What sameness means is the contract of `docs/ir.md`: values bit for bit (or within rounding), dtype, shape, Python
//! type, which results share memory with which arguments, the state of every argument and random generator, what was
//! printed, warnings by category and kind, the exception and what had been stored by then.
//!
//! Both heaps are walked side by side from the same roots. The first time that an object or buffer is met its partner
//! is noted; meeting it again beside another partner means that something is shared on one side only:
//!
//! ```text
//! old: y = x          new: y = x.copy()         x ↔ x', then y is x on the old side only: Sharing
//! ```
//!
//! Strides of results are not compared, and neither are names that nobody reads when the two sides bind them to
//! values of different kinds (a scalar of the loop, the array that replaced it).

pub mod flat;
pub mod numbers;
mod walk;

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::{Ended, Outcome, Raised};
use crate::job::{Allow, Difference, DifferenceKind, Policy, Worst};
use crate::value::{Bindings, Heap, Value};
use walk::Walk;
pub use walk::index_text;

/// What is compared, beside the outcomes.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    pub policy: &'a Policy,
    /// Names that must agree.
    pub live_out: &'a [String],
    /// Names outside of `live_out` that are known to hold different kinds of value on the two sides.
    pub ignored: &'a BTreeSet<String>,
}

/// What came of a comparison.
#[derive(Debug, Clone, Default)]
pub struct Compared {
    pub differences: Vec<Difference>,
    /// Places that are further apart than the plain bound; [`crate::rounding::settle`] decides about them.
    pub doubts: Vec<Doubt>,
    pub worst: BTreeMap<String, Worst>,
    /// Names that turned out to hold different kinds of value and that nobody reads.
    pub ignored: BTreeSet<String>,
    pub notes: BTreeSet<String>,
}

/// Floats that differ by more than the plain bound.
#[derive(Debug, Clone, PartialEq)]
pub struct Doubt {
    pub place: Place,
    pub steps: Vec<Step>,
    /// For messages.
    pub path: String,
    /// Its container may differ in kind between the sides.
    pub loose: bool,
}

/// Where a walk starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    Argument(String),
    Name(String),
    Returned,
    Random(String),
}

/// How a walk goes on from a value to a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Of a list, tuple, set or object array (flat).
    Item(usize),
    /// Of a dict: the value of the entry at this position.
    Entry(usize),
    Attribute(String),
    State,
}

/// At most so many differences are reported of one input.
pub const MOST_DIFFERENCES: usize = 12;

/// Compares all that two runs left behind.
pub fn compare(old: &Outcome, new: &Outcome, rules: Rules<'_>) -> Compared {
    let mut walk = Walk::new(old, new, rules.policy);
    let policy = rules.policy;
    let after_exception = match (&old.ended, &new.ended) {
        (Ended::Raised(a), Ended::Raised(b)) => {
            compare_exceptions(a, b, policy, &mut walk);
            true
        }
        (Ended::Finished, Ended::Finished) | (Ended::Returned(_), Ended::Returned(_)) => false,
        (_, Ended::TimedOut) => {
            return only(
                walk,
                DifferenceKind::Hang,
                "end",
                &ended(old),
                "does not come to an end",
            );
        }
        _ => return only(walk, DifferenceKind::Exception, "end", &ended(old), &ended(new)),
    };
    if !(after_exception && policy.allows(&Allow::StoresBeforeException)) {
        for (name, a) in &old.arguments {
            // What a watched execution left of a global is what its name was bound to in the end.
            let rebound = find(&new.names, name).filter(|_| old.recorded && is_global(name));
            let Some(b) = rebound.or_else(|| find(&new.arguments, name)) else {
                continue;
            };
            walk.root(Place::Argument(name.clone()), name, a, b);
        }
    }
    let (live, dead): (Vec<&String>, Vec<&String>) =
        bound_names(old, new).partition(|name| rules.live_out.contains(name) || is_global(name) && !old.recorded);
    if !(after_exception && policy.allows(&Allow::NamesAfterException)) {
        for name in live {
            compare_live(old, new, name, &mut walk);
        }
    }
    if let (Ended::Returned(a), Ended::Returned(b)) = (&old.ended, &new.ended) {
        walk.root(Place::Returned, "return value", a, b);
    }
    for (name, a) in &old.random {
        match find(&new.random, name) {
            Some(b) => walk.root(Place::Random(name.clone()), name, a, b),
            None => walk.differs(DifferenceKind::Random, name, "used", "not used"),
        }
    }
    compare_printed(&old.printed, &new.printed, &mut walk);
    if !policy.allows(&Allow::Warnings) && !old.recorded {
        compare_warnings(old, new, after_exception, &mut walk);
    }
    if !after_exception {
        for name in dead {
            compare_dead(old, new, name, rules.ignored, &mut walk);
        }
    }
    walk.compared
}

/// The value at a place of an outcome.
pub fn root<'a>(outcome: &'a Outcome, place: &Place) -> Option<&'a Value> {
    match place {
        Place::Argument(name) => find(&outcome.arguments, name),
        Place::Name(name) => find(&outcome.names, name),
        Place::Random(name) => find(&outcome.random, name),
        Place::Returned => match &outcome.ended {
            Ended::Returned(value) => Some(value),
            Ended::Finished | Ended::Raised(_) | Ended::TimedOut | Ended::Broken(_) => None,
        },
    }
}

fn find<'a>(bindings: &'a Bindings, name: &str) -> Option<&'a Value> {
    bindings.iter().find(|(bound, _)| bound == name).map(|(_, value)| value)
}

fn bound_names<'a>(old: &'a Outcome, new: &'a Outcome) -> impl Iterator<Item = &'a String> {
    let only_new = new.names.iter().filter(|(name, _)| find(&old.names, name).is_none());
    old.names.iter().chain(only_new).map(|(name, _)| name)
}

/// A global that only functions called from the region can reach: `module::name`.
fn is_global(name: &str) -> bool {
    name.contains("::")
}

fn compare_live(old: &Outcome, new: &Outcome, name: &str, walk: &mut Walk<'_>) {
    match (find(&old.names, name), find(&new.names, name)) {
        (Some(a), Some(b)) => walk.root(Place::Name(name.to_owned()), name, a, b),
        (Some(a), None) => walk.differs(DifferenceKind::Unbound, name, &old.heap.show(a), "unbound"),
        (None, Some(b)) => walk.differs(DifferenceKind::Unbound, name, "unbound", &new.heap.show(b)),
        (None, None) => {}
    }
}

/// A name that nobody reads is compared when both sides bind it to one kind of value.
fn compare_dead(old: &Outcome, new: &Outcome, name: &str, ignored: &BTreeSet<String>, walk: &mut Walk<'_>) {
    let (Some(a), Some(b)) = (find(&old.names, name), find(&new.names, name)) else {
        return;
    };
    if ignored.contains(name) {
        return;
    }
    if walk::kind_text(&old.heap, a) != walk::kind_text(&new.heap, b) {
        walk.compared.ignored.insert(name.to_owned());
        return;
    }
    let before = walk.compared.differences.len();
    walk.root(Place::Name(name.to_owned()), name, a, b);
    let unseen = [
        DifferenceKind::Sharing,
        DifferenceKind::Writeable,
        DifferenceKind::Incomparable,
    ];
    let mut at = 0;
    walk.compared.differences.retain(|difference| {
        at += 1;
        at <= before || !unseen.contains(&difference.kind)
    });
}

fn compare_exceptions(old: &Raised, new: &Raised, policy: &Policy, walk: &mut Walk<'_>) {
    if old.class != new.class && !policy.allows(&Allow::ExceptionType) {
        walk.differs(DifferenceKind::Exception, "exception", &raised(old), &raised(new));
    } else if old.by_user && old.message != new.message && !policy.allows(&Allow::ExceptionMessage) {
        walk.differs(
            DifferenceKind::ExceptionMessage,
            "exception message",
            &old.message,
            &new.message,
        );
    }
}

fn compare_printed(old: &str, new: &str, walk: &mut Walk<'_>) {
    if old == new {
        return;
    }
    let mut lines = old.lines().zip(new.lines()).enumerate();
    match lines.find(|(_, (a, b))| a != b) {
        Some((at, (a, b))) => walk.differs(DifferenceKind::Output, &format!("output line {}", at + 1), a, b),
        None => {
            let count = |text: &str| format!("{} lines, {} characters", text.lines().count(), text.len());
            walk.differs(DifferenceKind::Output, "output", &count(old), &count(new));
        }
    }
}

/// Before both sides raise the same exception, the new one may have computed, and warned of, more than was stored.
fn compare_warnings(old: &Outcome, new: &Outcome, after_exception: bool, walk: &mut Walk<'_>) {
    let text = |outcome: &Outcome| match outcome.warnings.len() {
        0 => "none".to_owned(),
        _ => {
            let each = outcome
                .warnings
                .iter()
                .map(|warning| format!("{} {}", warning.category, warning.kind));
            each.map(|text| text.trim_end().to_owned())
                .collect::<Vec<_>>()
                .join(", ")
        }
    };
    if old.warnings != new.warnings && !(after_exception && old.warnings.is_subset(&new.warnings)) {
        walk.differs(DifferenceKind::Warnings, "warnings", &text(old), &text(new));
    }
}

fn only(mut walk: Walk<'_>, kind: DifferenceKind, path: &str, old: &str, new: &str) -> Compared {
    walk.differs(kind, path, old, new);
    walk.compared
}

/// How a run ended, in words.
pub fn ended(outcome: &Outcome) -> String {
    match &outcome.ended {
        Ended::Finished => "finishes".to_owned(),
        Ended::Returned(value) => format!("returns {}", outcome.heap.show(value)),
        Ended::Raised(exception) => format!("raises {}", raised(exception)),
        Ended::TimedOut => "does not come to an end in time".to_owned(),
        Ended::Broken(reason) => format!("cannot be run: {reason}"),
    }
}

fn raised(exception: &Raised) -> String {
    format!("{}: {}", exception.class, exception.message)
}

/// The live-ins of a snapshot, one `name = value` each, without functions and modules.
pub fn show_names(names: &Bindings, heap: &Heap) -> Vec<String> {
    let shown = names.iter().filter(|(_, value)| !matches!(value, Value::Named(_)));
    shown
        .map(|(name, value)| format!("{name} = {}", heap.show(value)))
        .collect()
}

#[cfg(test)]
mod tests;
