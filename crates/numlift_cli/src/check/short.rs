//! A line for each finding.

use numlift::lint::Checked;

use crate::style::{self, paint};

/// `path:row:column: CODE [*] message`; the star says that there is a safe fix.
pub fn concise(checked: &Checked) -> String {
    let lines = checked.found().map(|(file, found)| {
        let mark = match &found.fix {
            Some(fix) if fix.is_safe() => " [*]",
            Some(_) | None => "",
        };
        let place = format!("{}:{}:{}:", file.shown, found.start.row, found.start.column);
        let code = paint(if found.is_error { style::BAD } else { style::WARN }, found.code);
        format!("{} {code}{mark} {}\n", paint(style::TITLE, &place), found.message)
    });
    lines.collect()
}

/// Commands of GitHub's workflows, which become annotations.
pub fn github(checked: &Checked) -> String {
    let lines = checked.found().map(|(file, found)| {
        let level = if found.is_error { "error" } else { "warning" };
        format!(
            "::{level} title=numlift ({code}),file={file},line={row},col={column},endLine={end_row},endColumn={end_column}::{place}: {code} {message}\n",
            code = found.code,
            file = property(&file.shown),
            row = found.start.row,
            column = found.start.column,
            end_row = found.end.row,
            end_column = found.end.column,
            place = format_args!("{}:{}:{}", data(&file.shown), found.start.row, found.start.column),
            message = data(&found.message),
        )
    });
    lines.collect()
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
