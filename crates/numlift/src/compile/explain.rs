//! What was made of a function, in plain words, line by line.

use numlift_abi::Spec;
use numlift_passes::lower::{Lowered, NoteKind};

use super::Unit;

/// Lines for `kernel.explain()`, in the order of the source.
pub fn explain(unit: &Unit, lowered: &Lowered, spec: &Spec) -> String {
    let mut lines: Vec<(u32, String)> = Vec::new();
    for note in &lowered.notes {
        let line = unit.place_of(&lowered.func, note.origin).line;
        let text = match note.kind {
            NoteKind::Fused | NoteKind::Parallel => format!("line {line}: {}", note.text),
            NoteKind::Check => format!("line {line}: checked in the loop: {}", note.text),
            NoteKind::Island => continue,
        };
        lines.push((line, text));
    }
    for frame in spec.frames.iter().filter(|frame| !frame.reason.is_empty()) {
        let line = frame.statement.line;
        lines.push((line, format!("line {line}: Python takes over at {}", frame.reason)));
    }
    lines.sort();
    lines.dedup();
    let texts: Vec<String> = lines.into_iter().map(|(_, text)| text).collect();
    texts.join("\n")
}
