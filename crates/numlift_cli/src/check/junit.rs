//! JUnit's XML: a suite for each file, a test case for each finding; files without any are a case that passed.

use numlift::lint::{Checked, CheckedFile, FoundReport};

pub fn render(checked: &Checked) -> String {
    let failures = checked.found().count();
    let tests: usize = checked.files.iter().map(|file| file.found.len().max(1)).sum();
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    text += &format!("<testsuites name=\"numlift\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">\n");
    for file in &checked.files {
        text += &suite(file);
    }
    text + "</testsuites>\n"
}

fn suite(file: &CheckedFile) -> String {
    let name = escaped(&file.shown);
    let (tests, failures) = (file.found.len().max(1), file.found.len());
    let mut text = format!(
        "  <testsuite name=\"{name}\" tests=\"{tests}\" disabled=\"0\" errors=\"0\" failures=\"{failures}\">\n"
    );
    if file.found.is_empty() {
        text += &format!("    <testcase name=\"{name}\"/>\n");
    }
    for found in &file.found {
        text += &case(found);
    }
    text + "  </testsuite>\n"
}

fn case(found: &FoundReport) -> String {
    let (row, column) = (found.start.row, found.start.column);
    let message = escaped(&found.message);
    format!(
        "    <testcase name=\"numlift.{}\" line=\"{row}\" column=\"{column}\">\n      \
         <failure message=\"{message}\">line {row}, column {column}: {message}</failure>\n    </testcase>\n",
        found.code
    )
}

fn escaped(text: &str) -> String {
    let allowed = |letter: &char| !letter.is_control() || matches!(letter, '\t' | '\n');
    let text: String = text.chars().filter(allowed).collect();
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
