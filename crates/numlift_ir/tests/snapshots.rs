//! Every IR in the fixtures' snapshots is parsed, is valid in its form, and is printed as it stands there.

#[path = "fixtures/forms.rs"]
mod forms;

use forms::forms;
use numlift_ir::op::Kind;
use numlift_ir::text::{compact, parse};
use numlift_ir::validate::{Form, validate};

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
    for (place, section, text) in forms() {
        let form = match section.as_str() {
            "read" => Form::Read,
            "raised" => Form::Raised,
            _ => Form::Array,
        };
        if let Err(fault) = fault(form, &text) {
            faults.push(format!("{place}, {section}: {fault}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
