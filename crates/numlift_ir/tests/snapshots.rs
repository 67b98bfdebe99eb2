//! Every IR in the fixtures' snapshots is parsed, is valid in its form, and is printed as it stands there.

#![expect(
    clippy::disallowed_methods,
    reason = "the crate does no I/O; this test reads what others wrote"
)]

use std::fs;
use std::path::{Path, PathBuf};

use numlift_ir::op::Kind;
use numlift_ir::text::{compact, parse};
use numlift_ir::validate::{Form, validate};

fn snapshots() -> Vec<PathBuf> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures");
    let folders = fs::read_dir(fixtures).unwrap().map(|entry| entry.unwrap().path());
    let files = folders.flat_map(|folder| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()));
    let mut found: Vec<PathBuf> = files
        .filter(|path| path.extension().is_some_and(|ext| ext == "snap"))
        .collect();
    found.sort();
    found
}

/// The sections of a snapshot that show IR, with their form.
fn sections(text: &str) -> Vec<(Form, String)> {
    let mut found: Vec<(Form, String)> = Vec::new();
    let mut is_open = false;
    for line in text.lines() {
        let form = match line {
            "-- read" => Some(Form::Read),
            "-- raised" => Some(Form::Raised),
            "-- selected" => Some(Form::Array),
            _ => None,
        };
        if let Some(form) = form {
            found.push((form, String::new()));
            is_open = true;
        } else if line.starts_with("-- ") || line.starts_with("== ") {
            is_open = false;
        } else if let (true, Some((_, section))) = (is_open, found.last_mut()) {
            section.push_str(line);
            section.push('\n');
        }
    }
    found
}

/// What is wrong with one form, if anything is.
fn fault(form: Form, text: &str) -> Result<(), String> {
    let func = parse(text).map_err(|error| error.to_string())?;
    // A loop that was split is in array form but for what is left of it.
    let is_split = form == Form::Array && func.ops.iter().any(|op| op.kind == Kind::For);
    let form = if is_split { Form::Read } else { form };
    validate(&func, form).map_err(|violation| violation.to_string())?;
    if func.to_string() != text || compact(&func) != func {
        return Err(format!("it is printed as\n{func}"));
    }
    Ok(())
}

#[test]
fn every_form_of_every_fixture_is_parsed() {
    let mut faults = Vec::new();
    let mut count = 0;
    for path in snapshots() {
        for (form, text) in sections(&fs::read_to_string(&path).unwrap()) {
            count += 1;
            if let Err(fault) = fault(form, &text) {
                faults.push(format!("{}, {form:?} form: {fault}", path.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(count > 300, "only {count} forms in the snapshots");
}
