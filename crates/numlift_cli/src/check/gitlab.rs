//! GitLab's code quality report.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use numlift::lint::Checked;
use serde_json::{Value, json};

pub fn render(checked: &Checked) -> String {
    let mut seen = BTreeSet::new();
    let all: Vec<Value> = checked
        .found()
        .map(|(file, found)| {
            let mut print = fingerprint(&[
                &file.shown,
                found.code,
                &found.message,
                file.text.line(found.start.row).trim(),
            ]);
            // The same finding on two equal lines is two findings.
            while !seen.insert(print) {
                print = print.wrapping_add(1);
            }
            json!({
                "check_name": found.code,
                "description": format!("{}: {}", found.code, found.message),
                "fingerprint": format!("{print:016x}"),
                "location": {
                    "path": file.shown,
                    "positions": {
                        "begin": { "line": found.start.row, "column": found.start.column },
                        "end": { "line": found.end.row, "column": found.end.column },
                    },
                },
                "severity": if found.is_error { "critical" } else { "minor" },
            })
        })
        .collect();
    serde_json::to_string_pretty(&all).expect("values of our own have a text") + "\n"
}

/// The same for the same finding, on whatever line it is now.
fn fingerprint(parts: &[&str]) -> u64 {
    let mut hasher = DefaultHasher::new();
    parts.hash(&mut hasher);
    hasher.finish()
}
