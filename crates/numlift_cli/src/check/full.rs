//! Findings with the source underlined, the help and the fix below.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use numlift::lint::finding::FixReport;
use numlift::lint::{Checked, CheckedFile, FoundReport};

use crate::wrap::wrap;

/// Lines around a finding that are shown, at most, when labels are far away.
const FAR: u32 = 12;

pub fn render(checked: &Checked, columns: usize) -> String {
    let all = checked.found().map(|(file, found)| render_one(file, found, columns));
    all.collect::<Vec<_>>().join("\n")
}

fn render_one(file: &CheckedFile, found: &FoundReport, columns: usize) -> String {
    let rows = shown_rows(found);
    let start = file.text.line_start(rows.0) as usize;
    let end = file.text.line_start(rows.1) as usize + file.text.line(rows.1).len();
    let source = &file.text.as_str()[start..end.max(start)];
    let within = |from: u32, to: u32| {
        let from = (from as usize).clamp(start, end) - start;
        let to = (to as usize).clamp(start + from, end) - start;
        from..to.max(from)
    };
    let mut snippet = Snippet::source(source)
        .line_start(rows.0 as usize)
        .path(&file.shown)
        .annotation(AnnotationKind::Primary.span(within(found.start.offset, found.end.offset)));
    for label in &found.labels {
        if (rows.0..=rows.1).contains(&label.start.row) {
            let span = within(label.start.offset, label.end.offset);
            snippet = snippet.annotation(AnnotationKind::Context.span(span).label(&label.message));
        }
    }
    let level = if found.is_error { Level::ERROR } else { Level::WARNING };
    let title = match found.code == found.name {
        true => found.message.clone(),
        false => format!("{} ({})", found.message, found.name),
    };
    let mut group = Group::with_title(level.with_name(found.code).primary_title(title)).element(snippet);
    let digits = rows.1.to_string().len();
    let room = |name: &str| columns.saturating_sub(digits + " = : ".len() + name.len());
    for note in &found.notes {
        group = group.element(Level::NOTE.message(wrap(note, room("note")).join("\n")));
    }
    if let Some(fix) = &found.fix {
        group = group.element(Level::HELP.message(wrap(&help(fix), room("help")).join("\n")));
    }
    let mut text = Renderer::styled().term_width(columns).render(&[group]);
    text.push('\n');
    text
}

/// What the fix does, and what it stands on.
fn help(fix: &FixReport) -> String {
    match fix.open.is_empty() {
        true => fix.message.clone(),
        false => format!("{} (not safe: {})", fix.message, fix.open.join("; ")),
    }
}

/// The first and last row that are shown.
fn shown_rows(found: &FoundReport) -> (u32, u32) {
    let near = |row: &u32| found.start.row.abs_diff(*row) <= FAR;
    let starts = found.labels.iter().map(|label| label.start.row);
    let ends = found.labels.iter().map(|label| label.end.row);
    let last = found.end.row.min(found.start.row + FAR);
    let first = starts.filter(near).chain([found.start.row]).min().unwrap_or(1);
    (first, ends.filter(near).chain([last]).max().unwrap_or(last))
}
