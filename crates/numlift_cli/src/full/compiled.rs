//! What the full report says of compiled code: what it was compiled for, what the first call costs, what still runs in
//! Python.

use numlift::report::{CompiledReport, Compiler, CureReport};

use crate::numbers;

/// Fields, each with its text.
pub fn fields(cure: &CureReport, compiled: &CompiledReport) -> Vec<(&'static str, String)> {
    let by = match compiled.compiler {
        Compiler::Numlift => "",
        Compiler::Numba => " (by Numba)",
    };
    let mut fields: Vec<(&str, String)> = Vec::new();
    for (place, types) in compiled.types.iter().enumerate() {
        let name = if place == 0 { "compiled for" } else { "" };
        let by = if place == 0 { by } else { "" };
        fields.push((name, format!("{types}{by}")));
    }
    let run = (cure.after_seconds - compiled.first_seconds).max(0.0);
    let warm = compiled.warm(cure.after_seconds);
    fields.push((
        "first run",
        format!(
            "{} of it compiling, once; with that in the cache {} -> {} ({})",
            numbers::seconds(compiled.first_seconds),
            numbers::seconds(cure.before_seconds),
            numbers::seconds(warm),
            numbers::factor(cure.before_seconds / warm.max(1e-12))
        ),
    ));
    fields.push(("machine code", format!("{} in all", numbers::seconds(run))));
    for (place, line) in compiled.in_python.iter().enumerate() {
        let name = if place == 0 { "in Python" } else { "" };
        let times = numbers::count(line.times, "time");
        fields.push((name, format!("line {}, {times}: {}", line.line, line.why)));
    }
    fields
}
