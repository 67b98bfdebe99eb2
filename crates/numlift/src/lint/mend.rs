//! Applying fixes until nothing is left to fix.
//!
//! Fixes that touch the same text go one after the other, each on the text that the one before has made. A text that a
//! fix would leave broken is not taken.

use numlift_lint::{Finding, Rules};
use numlift_source::diagnostic::{Applicability, Fix};
use numlift_source::edit::{self, Edit};
use numlift_source::text::SourceText;

use super::{Fixes, Forms, Mended, Settings};

/// More rounds than fixes that make room for each other.
const MAX_ROUNDS: usize = 20;

/// The text with all fixes that are wanted, and what that changed.
pub fn mend(text: &SourceText, rules: &Rules, settings: &Settings, fixes: Fixes) -> (SourceText, Option<Mended>) {
    let mut current = text.clone();
    let mut applied = 0;
    for _ in 0..MAX_ROUNDS {
        let found = numlift_lint::check(&current, rules, &Forms::default());
        let wanted: Vec<&Fix> = found
            .iter()
            .filter_map(|finding| wanted(finding, settings, fixes))
            .collect();
        let Some((next, count)) = apply_some(&current, &wanted) else {
            break;
        };
        current = next;
        applied += count;
    }
    let mended = (applied > 0).then(|| Mended {
        old: text.clone(),
        fixes: applied,
    });
    (current, mended)
}

fn wanted<'f>(finding: &'f Finding, settings: &Settings, fixes: Fixes) -> Option<&'f Fix> {
    let least = match fixes {
        Fixes::Safe => Applicability::Safe,
        Fixes::All => Applicability::Unsafe,
    };
    let fix = finding.diagnostic.fix.as_ref()?;
    (fix.applicability >= least && settings.may_fix(finding.rule)).then_some(fix)
}

/// Applies as many fixes as do not touch each other; `None` where there are none.
fn apply_some(text: &SourceText, fixes: &[&Fix]) -> Option<(SourceText, usize)> {
    let mut taken: Vec<(u32, u32)> = Vec::new();
    let mut edits: Vec<Edit> = Vec::new();
    let mut chosen: Vec<&Fix> = Vec::new();
    for fix in fixes {
        let touches = |edit: &Edit| {
            taken
                .iter()
                .any(|(start, end)| edit.start <= *end && *start <= edit.end)
        };
        if fix.edits.iter().any(|edit| touches(&edit.edit)) {
            continue;
        }
        for edit in &fix.edits {
            taken.push((edit.edit.start, edit.edit.end));
            edits.push(edit.edit.clone());
        }
        chosen.push(fix);
    }
    if chosen.is_empty() {
        return None;
    }
    if let Ok(next) = edit::apply(text, &edits) {
        return changed(text, next, chosen.len());
    }
    // One of them would break the text; the first one that does not is taken.
    chosen.into_iter().find_map(|fix| {
        let edits: Vec<Edit> = fix.edits.iter().map(|edit| edit.edit.clone()).collect();
        changed(text, edit::apply(text, &edits).ok()?, 1)
    })
}

fn changed(old: &SourceText, new: SourceText, count: usize) -> Option<(SourceText, usize)> {
    (old.as_str() != new.as_str()).then_some((new, count))
}
