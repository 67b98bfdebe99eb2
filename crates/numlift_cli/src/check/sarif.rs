//! SARIF 2.1.0, which code scanning reads.

use std::collections::BTreeSet;

use numlift::lint::finding::{FixReport, Place};
use numlift::lint::words::{INVALID_SYNTAX, find};
use numlift::lint::{Checked, CheckedFile, FoundReport};
use serde_json::{Value, json};

pub fn render(checked: &Checked) -> String {
    let codes: BTreeSet<&str> = checked.found().map(|(_, found)| found.code).collect();
    let rules: Vec<Value> = codes.into_iter().map(rule).collect();
    let results: Vec<Value> = checked.found().map(|(file, found)| result(file, found)).collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {
                "driver": {
                    "name": "numlift",
                    "version": env!("CARGO_PKG_VERSION"),
                    "rules": rules,
                },
            },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    serde_json::to_string_pretty(&log).expect("values of our own have a text") + "\n"
}

fn rule(code: &str) -> Value {
    let rule = find(code).unwrap_or(&INVALID_SYNTAX);
    json!({
        "id": rule.code,
        "name": rule.name,
        "shortDescription": { "text": rule.summary },
        "fullDescription": { "text": rule.page.what },
        "help": { "text": rule.page.why },
    })
}

fn result(file: &CheckedFile, found: &FoundReport) -> Value {
    let uri = uri(&file.shown);
    let mut result = json!({
        "ruleId": found.code,
        "level": if found.is_error { "error" } else { "warning" },
        "message": { "text": found.message },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": { "uri": uri },
                "region": region(found.start, found.end),
            },
        }],
    });
    if let Some(fix) = &found.fix {
        result["fixes"] = json!([fixed(fix, &uri)]);
    }
    result
}

fn fixed(fix: &FixReport, uri: &str) -> Value {
    let replacements: Vec<Value> = fix
        .edits
        .iter()
        .map(|edit| {
            json!({
                "deletedRegion": region(edit.start, edit.end),
                "insertedContent": { "text": edit.content },
            })
        })
        .collect();
    json!({
        "description": { "text": fix.message },
        "artifactChanges": [{ "artifactLocation": { "uri": uri }, "replacements": replacements }],
    })
}

fn region(start: Place, end: Place) -> Value {
    json!({
        "startLine": start.row,
        "startColumn": start.column,
        "endLine": end.row,
        "endColumn": end.column,
    })
}

/// A path as a relative reference: what is special there is escaped.
pub(super) fn uri(path: &str) -> String {
    let mut text = String::new();
    for byte in path.replace('\\', "/").bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' => text.push(char::from(byte)),
            other => text += &format!("%{other:02X}"),
        }
    }
    text
}
