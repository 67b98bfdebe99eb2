//! What is written reads as what was written: for the selected form of every fixture, in the snapshots.

#[path = "../../numlift_ir/tests/fixtures/forms.rs"]
mod forms;

use std::collections::BTreeSet;

use numlift_ir::canon::canon;
use numlift_ir::function::Function;
use numlift_ir::text::parse;
use numlift_ir::ty::Ty;
use numlift_source::project::{ModuleId, ModuleText, ProjectNames};
use numlift_source::read::{Options, read_region};
use numlift_source::text::SourceText;
use numlift_source::write::{WriteOptions, write};

fn spelling(qualified: &str) -> Option<String> {
    match qualified.split_once('.') {
        Some(("numpy", rest)) => Some(format!("np.{rest}")),
        Some(("math", rest)) => Some(format!("math.{rest}")),
        Some(("builtins", rest)) => Some(rest.to_owned()),
        None if matches!(qualified, "numpy" | "math") => Some(qualified.replace("numpy", "np")),
        _ => None,
    }
}

fn written(func: &Function) -> Result<String, String> {
    let options = WriteOptions {
        names: &spelling,
        taken: &BTreeSet::new(),
        width: 88,
    };
    write(func, &[], &options)
        .map(|written| written.statements)
        .map_err(|error| error.message)
}

/// Reads statements as the body of a function with these live-ins.
fn read(statements: &str, inputs: &[(String, Ty)], outputs: &[String]) -> Result<Function, String> {
    let names: Vec<&str> = inputs.iter().map(|(name, _)| name.as_str()).collect();
    let head = format!("import math\nimport numpy as np\ndef f({}):\n    ", names.join(", "));
    let source = format!("{head}{}\n", statements.trim_end().replace('\n', "\n    "));
    let module = ModuleText {
        name: "a".to_owned(),
        is_package: false,
        is_main: true,
        text: SourceText::from_str("a.py", &source),
    };
    let project = ProjectNames::link(&[module]);
    let range = (head.len() as u32, source.trim_end().len() as u32);
    let func = read_region(&project, ModuleId(0), range, inputs, outputs, &Options::default());
    func.ok_or_else(|| format!("not read:\n{source}"))
}

fn fault(text: &str) -> Result<(), String> {
    let func = parse(text).map_err(|error| error.to_string())?;
    let inputs: Vec<(String, Ty)> = func
        .block(func.body)
        .params
        .iter()
        .map(|param| {
            (
                func.name_of(*param).unwrap_or_default().to_owned(),
                func.ty(*param).clone(),
            )
        })
        .collect();
    let statements = written(&func)?;
    let again = read(&statements, &inputs, &func.outputs)?;
    let (before, after) = (canon(&func), canon(&again));
    if before == after {
        return Ok(());
    }
    Err(format!("{statements}\nbefore:\n{before}\nafter:\n{after}"))
}

/// Regions that were not cured have no text: some of their forms cannot be written.
#[test]
fn what_is_written_reads_as_what_was_written() {
    let mut faults = Vec::new();
    let mut count = 0;
    for (place, section, text) in forms::forms() {
        if section == "selected" && place.ends_with(": cured") {
            count += 1;
            faults.extend(fault(&text).err().map(|fault| format!("=== {place}: {fault}")));
        }
    }
    assert!(faults.is_empty(), "{}\n{} of {count}", faults.join("\n"), faults.len());
    assert!(count > 90, "only {count} selected forms in the snapshots");
}
