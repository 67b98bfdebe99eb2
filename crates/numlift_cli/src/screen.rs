//! The screen: what `numlift optimize` found, in a table that fits the terminal.
//!
//! ```text
//!  numlift optimize examples/article.py                     4 regions, 99 % of 1.9 s
//!  line      share  why                     cure                     before  after
//!  38-41      88 %  matrix product by hand  np.array(A)@np.array(B)  1.7 s   4 ms   420x  rounding 2e-15
//! ```
//!
//! Where a row is too wide, its text wraps and its strength goes below its times. Only a long formula is cut off: it
//! stands in full in the diff below the screen.

use std::path::Path;

use numlift::report::{CureReport, Ended, Outcome, RegionReport, Report, Sameness, Whole};

use crate::numbers;
use crate::style::{self, paint};
use crate::wrap::{pad, pad_left, paragraph, width, wrap};

/// The whole screen, `columns` wide.
pub fn render(report: &Report, columns: usize) -> String {
    let mut lines = vec![title(report, columns)];
    let cured: Vec<(&RegionReport, &CureReport)> = report
        .regions
        .iter()
        .filter_map(|region| match &region.outcome {
            Outcome::Cured { cure } => Some((region, cure)),
            Outcome::Proposed { .. }
            | Outcome::Demoted { .. }
            | Outcome::AlreadyFast { .. }
            | Outcome::Blocked { .. }
            | Outcome::LeftAlone { .. } => None,
        })
        .collect();
    if cured.is_empty() {
        lines.push(format!(" {}", paint(style::TITLE, nothing_cured(report))));
    } else {
        lines.extend(table(report, &cured, columns));
    }
    let room = columns.saturating_sub(1);
    let mut sentences = not_applied(report);
    sentences.extend(left_alone_and_ceiling(report, room));
    sentences.extend(checked(report));
    sentences.extend(whole(report));
    lines.extend(
        sentences
            .into_iter()
            .map(|sentence| format!(" {}", paragraph(&sentence, room, 3))),
    );
    for note in &report.notes {
        let note = paragraph(&format!("note: {note}"), room, 3);
        lines.extend(note.lines().map(|line| format!(" {}", paint(style::WARN, line))));
    }
    lines.join("\n") + "\n"
}

/// Where a region lies: `38-41`, and the file, from the script's folder, when it is not the script.
fn place(report: &Report, region: &RegionReport) -> String {
    let lines = if region.first_line == region.last_line {
        region.first_line.to_string()
    } else {
        format!("{}-{}", region.first_line, region.last_line)
    };
    if region.in_script {
        return lines;
    }
    let folder = Path::new(&report.program).parent().unwrap_or(Path::new(""));
    let file = Path::new(&region.file);
    format!("{}:{lines}", file.strip_prefix(folder).unwrap_or(file).display())
}

fn title(report: &Report, columns: usize) -> String {
    let left = format!("numlift optimize {}", report.program);
    let shown = report
        .regions
        .iter()
        .filter(|region| region.outcome.cure().is_some())
        .collect::<Vec<_>>();
    let total = numbers::plain_seconds(report.watched.seconds);
    let right = if shown.is_empty() {
        format!(
            "{} seen, {total}",
            numbers::count(report.watched.regions_seen, "region")
        )
    } else {
        let share = shown.iter().map(|region| region.share).sum::<f64>().min(1.0);
        format!(
            "{}, {} of {total}",
            numbers::count(shown.len() as u64, "region"),
            numbers::percent(share)
        )
    };
    let right = match report.watched.ended {
        Ended::Finished => right,
        Ended::Failed => format!("{right}, until it failed"),
        Ended::TimeLimit => format!("{right}, until the time limit"),
        Ended::Interrupted => format!("{right}, until Ctrl-C"),
    };
    if 1 + width(&left) + 2 + width(&right) > columns {
        return format!(
            " {}\n {}",
            paint(style::TITLE, &left),
            pad_left(&right, columns.saturating_sub(1))
        );
    }
    let gap = columns - 1 - width(&left) - width(&right);
    format!(" {}{}{right}", paint(style::TITLE, &left), " ".repeat(gap))
}

fn nothing_cured(report: &Report) -> &'static str {
    let blocked = report
        .regions
        .iter()
        .any(|region| !matches!(region.outcome, Outcome::AlreadyFast { .. }));
    if report.regions.is_empty() {
        "nothing to cure: no loop or array statement takes a noticeable part of the time"
    } else if blocked {
        "nothing was cured"
    } else {
        "nothing to cure: what takes time is fast already"
    }
}

/// One row's cells, as wide as they like.
struct Row {
    lines: String,
    share: String,
    why: String,
    cure: String,
    before: String,
    after: String,
    factor: String,
    strength: String,
}

impl Row {
    fn header() -> Row {
        let cell = str::to_string;
        Row {
            lines: cell("line"),
            share: cell("share"),
            why: cell("why"),
            cure: cell("cure"),
            before: cell("before"),
            after: cell("after"),
            factor: String::new(),
            strength: String::new(),
        }
    }

    fn new(report: &Report, region: &RegionReport, cure: &CureReport) -> Row {
        Row {
            lines: place(report, region),
            share: numbers::percent(region.share),
            why: cure.why.clone(),
            cure: cure.form.clone(),
            before: numbers::seconds(cure.before_seconds),
            after: numbers::seconds(cure.after_seconds),
            factor: numbers::factor(cure.factor()),
            strength: numbers::strength(cure),
        }
    }
}

/// Column widths; `strength` is 0 where it goes below the times.
struct Widths {
    lines: usize,
    share: usize,
    why: usize,
    cure: usize,
    before: usize,
    after: usize,
    factor: usize,
    strength: usize,
}

fn table(report: &Report, cured: &[(&RegionReport, &CureReport)], columns: usize) -> Vec<String> {
    let mut rows = vec![Row::header()];
    rows.extend(cured.iter().map(|(region, cure)| Row::new(report, region, cure)));
    let widths = fit(&rows, columns);
    let mut lines = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let style = if index == 0 { Some(style::DIM) } else { None };
        lines.extend(row_lines(row, &widths).into_iter().map(|line| match style {
            Some(style) => paint(style, &line),
            None => line,
        }));
    }
    lines
}

/// Natural widths where they fit; else the strength goes below, and `why` and `cure` share what is left.
fn fit(rows: &[Row], columns: usize) -> Widths {
    let natural = |cell: fn(&Row) -> &String| rows.iter().map(|row| width(cell(row))).max().unwrap_or(0);
    let mut widths = Widths {
        lines: natural(|row| &row.lines),
        share: natural(|row| &row.share),
        why: natural(|row| &row.why),
        cure: natural(|row| &row.cure),
        before: natural(|row| &row.before),
        after: natural(|row| &row.after),
        factor: natural(|row| &row.factor),
        strength: natural(|row| &row.strength),
    };
    let gaps = 1 + 2 * 6;
    let numbers = widths.share + widths.before + widths.after + widths.factor;
    if gaps + 2 + numbers + widths.lines + widths.why + widths.cure + widths.strength <= columns {
        return widths;
    }
    widths.strength = 0;
    widths.lines = widths.lines.min((columns / 5).max(9));
    let text = columns.saturating_sub(gaps + numbers + widths.lines).max(20);
    if widths.why + widths.cure > text {
        let why = widths.why.min((text * 2 / 5).max(text.saturating_sub(widths.cure)));
        widths.why = why;
        widths.cure = text - why;
    }
    widths
}

fn row_lines(row: &Row, widths: &Widths) -> Vec<String> {
    let lines = wrap(&row.lines, widths.lines);
    let why = wrap(&row.why, widths.why);
    let cure = shorten(wrap(&row.cure, widths.cure), widths.cure);
    let below = widths.strength == 0 && !row.strength.is_empty();
    let height = lines
        .len()
        .max(why.len())
        .max(cure.len())
        .max(if below { 2 } else { 1 });
    let cell =
        |cells: &[String], index: usize, columns: usize| pad(cells.get(index).map_or("", String::as_str), columns);
    let blank = String::new();
    (0..height)
        .map(|index| {
            let first = index == 0;
            let only_first = |text: &str| if first { text.to_string() } else { blank.clone() };
            let text = format!(
                " {}  {}  {}  {}",
                cell(&lines, index, widths.lines),
                pad_left(&only_first(&row.share), widths.share),
                cell(&why, index, widths.why),
                cell(&cure, index, widths.cure),
            );
            let numbers = if below && index == 1 {
                pad_left(&row.strength, widths.before + widths.after + widths.factor + 4)
            } else {
                format!(
                    "{}  {}  {}",
                    pad_left(&only_first(&row.before), widths.before),
                    pad_left(&only_first(&row.after), widths.after),
                    pad_left(&only_first(&row.factor), widths.factor),
                )
            };
            let strength = if widths.strength > 0 {
                only_first(&row.strength)
            } else {
                String::new()
            };
            format!("{text}  {numbers}  {strength}").trim_end().to_string()
        })
        .collect()
}

/// A long formula is only begun here; it stands in full in the diff below.
fn shorten(mut lines: Vec<String>, columns: usize) -> Vec<String> {
    const AT_MOST: usize = 3;
    if lines.len() > AT_MOST {
        lines.truncate(AT_MOST);
        if let Some(last) = lines.last_mut() {
            while width(last) + 2 > columns && !last.is_empty() {
                last.pop();
            }
            *last = format!("{} …", last.trim_end());
        }
    }
    lines
}

fn not_applied(report: &Report) -> Vec<String> {
    let sentence = |region: &RegionReport| match &region.outcome {
        Outcome::Proposed { cure, why } => Some(format!(
            "not applied: {} as {} ({why})",
            place(report, region),
            cure.form
        )),
        Outcome::Demoted { cure, why } => Some(format!(
            "taken back: {} as {} ({why})",
            place(report, region),
            cure.form
        )),
        Outcome::Cured { .. } | Outcome::AlreadyFast { .. } | Outcome::Blocked { .. } | Outcome::LeftAlone { .. } => {
            None
        }
    };
    report.regions.iter().filter_map(sentence).collect()
}

/// `left alone: 15, 55 (already the fast form)   ceiling: 0.03 s is NumPy itself`, in one line where both fit.
fn left_alone_and_ceiling(report: &Report, room: usize) -> Vec<String> {
    match (left_alone(report), ceiling(report)) {
        (Some(alone), Some(ceiling)) if width(&alone) + 3 + width(&ceiling) <= room => {
            vec![format!("{alone}   {ceiling}")]
        }
        (alone, ceiling) => alone.into_iter().chain(ceiling).collect(),
    }
}

/// `left alone: 15, 55 (already the fast form); 70-74 (…)`
fn left_alone(report: &Report) -> Option<String> {
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for region in &report.regions {
        let reason = match &region.outcome {
            Outcome::AlreadyFast { .. } => "already the fast form".to_string(),
            Outcome::Blocked { blockers } => blockers
                .first()
                .map_or("not understood".to_string(), |blocker| blocker.message.clone()),
            Outcome::LeftAlone { why } => why.to_string(),
            Outcome::Cured { .. } | Outcome::Proposed { .. } | Outcome::Demoted { .. } => continue,
        };
        match groups.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, places)) => places.push(place(report, region)),
            None => groups.push((reason, vec![place(report, region)])),
        }
    }
    let shown: Vec<String> = groups
        .into_iter()
        .map(|(reason, places)| format!("{} ({reason})", places.join(", ")))
        .collect();
    (!shown.is_empty()).then(|| format!("left alone: {}", shown.join("; ")))
}

/// `ceiling: 0.03 s is NumPy itself`
fn ceiling(report: &Report) -> Option<String> {
    let ceiling = &report.ceiling;
    if !report
        .regions
        .iter()
        .any(|region| matches!(region.outcome, Outcome::Cured { .. }))
    {
        return None;
    }
    let total = numbers::plain_seconds(ceiling.seconds);
    let rest = (ceiling.seconds - ceiling.numpy - ceiling.loops - ceiling.compiled).max(0.0);
    let noticeable = |part: f64| part >= 0.05 * ceiling.seconds;
    if !noticeable(ceiling.loops) && !noticeable(rest) && !noticeable(ceiling.compiled) {
        return Some(format!("ceiling: {total} is NumPy itself"));
    }
    let parts = [
        (ceiling.numpy, "NumPy itself"),
        (ceiling.compiled, "compiling and compiled code"),
        (ceiling.loops, "loops that stay loops"),
        (rest, "everything else"),
    ];
    let shown: Vec<String> = parts
        .iter()
        .filter(|(part, _)| noticeable(*part))
        .map(|(part, what)| format!("{} {what}", numbers::plain_seconds(*part)))
        .collect();
    Some(format!("ceiling: {total} stays: {}", shown.join(", ")))
}

fn checked(report: &Report) -> Option<String> {
    let checked = &report.checked;
    if checked.captured + checked.hostile + checked.refused == 0 {
        return None;
    }
    let agree = format!(
        "{} captured + {} hostile inputs agree",
        checked.captured, checked.hostile
    );
    let refused = format!("{} refused", numbers::count(checked.refused, "tempting wrong rewrite"));
    let parts = [
        (checked.captured + checked.hostile > 0).then_some(agree),
        (checked.refused > 0).then_some(refused),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    Some(format!("checked: {}", parts.join("; ")))
}

fn whole(report: &Report) -> Option<String> {
    match &report.whole {
        Whole::Unchanged => None,
        Whole::NotRun { why } => Some(format!("whole program not run again: {why}")),
        Whole::Moved { why } => Some(paint(style::BAD, &format!("nothing is applied: {why}"))),
        Whole::Ran {
            before_seconds,
            after_seconds,
            sameness,
            clock_lines,
            unsteady_lines,
        } => {
            let output = match sameness {
                Sameness::Same => "same output".to_string(),
                Sameness::Within { relative } => format!("same output within {}", numbers::power(*relative)),
            };
            let mut remarks = Vec::new();
            if *clock_lines > 0 {
                remarks.push("clock text masked".to_string());
            }
            if *unsteady_lines > 0 {
                let lines = numbers::count(*unsteady_lines, "line");
                remarks.push(format!("{lines} left out that differ from run to run anyway"));
            }
            let remarks = if remarks.is_empty() {
                String::new()
            } else {
                format!(" ({})", remarks.join("; "))
            };
            let times = format!(
                "{} -> {}",
                numbers::plain_seconds(*before_seconds),
                numbers::plain_seconds(*after_seconds)
            );
            Some(format!(
                "whole program {}, {output}{remarks}",
                paint(style::GOOD, &times)
            ))
        }
    }
}

#[cfg(test)]
mod tests;
