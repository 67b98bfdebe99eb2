//! Rules about NumPy code that is slow: what they find in one file, and the fixes.
//!
//! ```
//! use numlift_lint::{Rules, check, lift::NoLifter};
//! use numlift_source::text::SourceText;
//! let text = SourceText::from_str("a.py", "import numpy as np\nn = len(np.where(m)[0])\n");
//! let found = check(&text, &Rules::all(), &NoLifter);
//! assert_eq!(found[0].rule.code, "NL303");
//! ```
//!
//! A rule is a file under `rules/`, with its page in it, and a line in [`registry`]. A file is parsed once, its names
//! and static types are found once, and each node is shown to the rules that look at its kind. Files that never mention
//! NumPy or pandas are parsed and no more. Nothing here reads files or prints.

pub mod context;
pub mod lift;
pub mod page;
pub mod registry;
pub mod rule;
mod rules;
pub mod selection;
pub mod suppress;

use std::collections::BTreeMap;

use numlift_source::diagnostic::{Diagnostic, Span};
use numlift_source::names::Names;
use numlift_source::parse::{Parsed, parse};
use numlift_source::statics::Statics;
use numlift_source::syntax::Tree;
use numlift_source::text::SourceText;

use context::Context;
use lift::Lifter;
use rule::{INVALID_SYNTAX, Rule, Shape};
use suppress::Suppressions;

pub use selection::{Rules, SelectError};

/// Something that a rule found.
#[derive(Debug, Clone)]
pub struct Finding {
    pub rule: &'static Rule,
    /// The file of its spans is 0, the one that was checked.
    pub diagnostic: Diagnostic,
}

/// What the chosen rules find in a file, in source order, without what is suppressed.
pub fn check(text: &SourceText, rules: &Rules, lifter: &dyn Lifter) -> Vec<Finding> {
    let parsed = parse(text);
    if !parsed.errors.is_empty() {
        return syntax_errors(&parsed);
    }
    let mut found = Vec::new();
    if mentions_arrays(text.as_str()) {
        found = run(&parsed, rules, lifter);
    }
    let suppressions = Suppressions::of(&parsed);
    let mut kept = suppressions.apply(&parsed, found, rules);
    kept.sort_by_key(|finding| {
        (
            finding.diagnostic.span.start,
            finding.rule.code,
            finding.diagnostic.span.end,
        )
    });
    kept
}

/// Whether rules can find anything: all are about NumPy or pandas.
fn mentions_arrays(text: &str) -> bool {
    text.contains("numpy") || text.contains("pandas")
}

fn run(parsed: &Parsed, rules: &Rules, lifter: &dyn Lifter) -> Vec<Finding> {
    let names = Names::of(parsed);
    let tree = Tree::of(parsed);
    let statics = Statics::of(&tree, &names);
    let mut by_shape: BTreeMap<Shape, Vec<&'static Rule>> = BTreeMap::new();
    for rule in rules.chosen() {
        for shape in rule.looks_at {
            by_shape.entry(*shape).or_default().push(rule);
        }
    }
    let mut context = Context::new(parsed, &names, &tree, &statics, lifter);
    for id in tree.ids() {
        let Some(shape) = Shape::of(&tree, id) else {
            continue;
        };
        for rule in by_shape.get(&shape).into_iter().flatten() {
            context.rule = rule;
            (rule.check)(&mut context, id);
        }
    }
    context.found
}

fn syntax_errors(parsed: &Parsed) -> Vec<Finding> {
    let length = parsed.source().len() as u32;
    let all = parsed.errors.iter().map(|error| Finding {
        rule: &INVALID_SYNTAX,
        diagnostic: Diagnostic::new(
            INVALID_SYNTAX.name,
            error.message.clone(),
            Span::new(0, error.start.min(length), error.end.min(length)),
        ),
    });
    all.collect()
}

#[cfg(test)]
mod tests;
