//! Findings as JSON, with the keys that users of ruff know.

use std::path::Path;

use numlift::lint::finding::{FixReport, Place};
use numlift::lint::{Checked, CheckedFile, FoundReport};
use serde_json::{Value, json};

pub fn render(checked: &Checked, cwd: &Path) -> String {
    let all: Vec<Value> = checked.found().map(|(file, found)| finding(file, found, cwd)).collect();
    let text = serde_json::to_string_pretty(&all).expect("values of our own have a text");
    text + "\n"
}

fn finding(file: &CheckedFile, found: &FoundReport, cwd: &Path) -> Value {
    let filename = match file.path.as_os_str() == "-" {
        true => "-".to_owned(),
        false => cwd.join(&file.path).display().to_string(),
    };
    json!({
        "cell": null,
        "code": found.code,
        "end_location": place(found.end),
        "filename": filename,
        "fix": found.fix.as_ref().map(fix),
        "location": place(found.start),
        "message": found.message,
        "name": found.name,
        "noqa_row": found.noqa_row,
        "severity": if found.is_error { "error" } else { "warning" },
        "url": found.page,
    })
}

fn place(place: Place) -> Value {
    json!({ "column": place.column, "row": place.row })
}

fn fix(fix: &FixReport) -> Value {
    let edits: Vec<Value> = fix
        .edits
        .iter()
        .map(|edit| {
            json!({
                "content": edit.content,
                "end_location": place(edit.end),
                "location": place(edit.start),
            })
        })
        .collect();
    json!({
        "applicability": fix.applicability_name(),
        "edits": edits,
        "message": fix.message,
        "open": fix.open,
    })
}
