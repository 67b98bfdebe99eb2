//! The full report, below the screen: for each region its source, its cure as a diff with all the evidence, or what
//! stands in the way, underlined.

mod compiled;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use numlift::cure::Strength;
use numlift::report::{BlockerReport, ConditionReport, CureReport, How, Outcome, Refused, RegionReport, Report};

use crate::numbers;
use crate::style::{self, paint};
use crate::wrap::{pad, paragraph, wrap};

/// All regions, each with a heading; empty when there is nothing to tell.
pub fn render(report: &Report, columns: usize) -> String {
    let regions = report.regions.iter().map(|region| render_region(region, columns));
    regions.collect::<Vec<_>>().join("\n")
}

/// One region in full.
pub fn render_region(region: &RegionReport, columns: usize) -> String {
    let mut text = heading(region, columns);
    match &region.outcome {
        Outcome::Cured { cure } => {
            text += &source(region);
            text += &cure_in_full(cure, columns);
        }
        Outcome::Proposed { cure, why } => {
            text += &source(region);
            text += &field("not applied", &paint(style::WARN, why), columns);
            text += &cure_in_full(cure, columns);
        }
        Outcome::Demoted { cure, why } => {
            text += &source(region);
            text += &field("taken back", &paint(style::WARN, &why.to_string()), columns);
            text += &cure_in_full(cure, columns);
        }
        Outcome::AlreadyFast { why } => text += &field("left alone", &format!("already the fast form: {why}"), columns),
        Outcome::Blocked { blockers } => {
            for blocker in blockers {
                text += &render_blocker("left alone", blocker, columns);
            }
        }
        Outcome::LeftAlone { why } => {
            text += &source(region);
            text += &field("left alone", &why.to_string(), columns);
        }
    }
    if let Some(why) = &region.not_compiled {
        text += &field("not compiled", why, columns);
    }
    for refused in &region.refused {
        text += &render_refused(refused, columns);
    }
    text
}

/// The place at fault, underlined.
pub fn render_blocker(name: &str, blocker: &BlockerReport, columns: usize) -> String {
    let mut snippet = Snippet::source(&blocker.snippet)
        .line_start(blocker.first_line as usize)
        .path(&blocker.file)
        .annotation(AnnotationKind::Primary.span(blocker.span.0..blocker.span.1));
    for label in &blocker.labels {
        snippet = snippet.annotation(
            AnnotationKind::Context
                .span(label.span.0..label.span.1)
                .label(&label.text),
        );
    }
    // The renderer cuts source lines to the terminal and leaves messages as they are.
    let digits = (blocker.first_line as usize + blocker.snippet.lines().count())
        .to_string()
        .len();
    let title = wrap(&blocker.message, columns.saturating_sub(2 + name.len() + ": ".len())).join("\n");
    let mut group = Group::with_title(Level::NOTE.with_name(name).primary_title(title)).element(snippet);
    if let Some(help) = &blocker.help {
        let room = columns.saturating_sub(2 + digits + " = help: ".len());
        group = group.element(Level::HELP.message(wrap(help, room).join("\n")));
    }
    let renderer = Renderer::styled().term_width(columns);
    let rendered = renderer.render(&[group]);
    rendered
        .lines()
        .map(|line| format!("  {line}").trim_end().to_string() + "\n")
        .collect()
}

fn heading(region: &RegionReport, columns: usize) -> String {
    let lines = if region.first_line == region.last_line {
        region.first_line.to_string()
    } else {
        format!("{}-{}", region.first_line, region.last_line)
    };
    let place = format!("{}:{lines}", region.file);
    let function = match region.function.as_str() {
        "<module>" => String::new(),
        name => format!(" in `{name}`"),
    };
    let entered = match region.entries {
        1 => "run once".to_string(),
        times => format!("run {times} times"),
    };
    let own = if region.own_seconds < 0.8 * region.seconds {
        format!(", {} of it its own", numbers::seconds(region.own_seconds))
    } else {
        String::new()
    };
    let rest = format!(
        "{function}: {} of the time ({}{own}), {entered}",
        numbers::percent(region.share),
        numbers::seconds(region.seconds)
    );
    format!(
        "{}\n",
        paragraph(&format!("{}{rest}", paint(style::TITLE, &place)), columns, 2)
    )
}

/// The statements with their line numbers.
fn source(region: &RegionReport) -> String {
    let digits = region.last_line.to_string().len();
    let mut text = String::new();
    for (line, number) in region.source.lines().zip(region.first_line..) {
        text += format!("  {} {line}", paint(style::DIM, &format!("{number:>digits$} |"))).trim_end();
        text.push('\n');
    }
    text
}

fn cure_in_full(cure: &CureReport, columns: usize) -> String {
    let times = format!(
        "{} -> {} ({})",
        numbers::seconds(cure.before_seconds),
        numbers::seconds(cure.after_seconds),
        numbers::factor(cure.factor())
    );
    let mut text = field(
        "cure",
        &format!("{} as {}, {times}", cure.why, paint(style::CODE, &cure.form)),
        columns,
    );
    text += &diff(&cure.diff);
    text += &field("strength", &strength_in_full(cure), columns);
    for (how, detail, texts) in grouped(&cure.conditions) {
        let name = match how {
            How::Proven => "proven",
            How::Tolerated => "tolerated",
            How::Guarded => "guarded",
            How::Observed => "only seen",
        };
        let detail = if detail.is_empty() {
            String::new()
        } else {
            format!(": {detail}")
        };
        text += &field(name, &format!("{}{detail}", texts.join("; ")), columns);
    }
    let tested = format!(
        "old and new agree on {} captured and {} hostile inputs",
        cure.captured, cure.hostile
    );
    text += &field("only tested", &tested, columns);
    for note in cure.captured_only.iter().chain(&cure.evidence) {
        text += &field("", note, columns);
    }
    if let Some(compiled) = &cure.compiled {
        for (name, said) in compiled::fields(cure, compiled) {
            text += &field(name, &said, columns);
        }
    }
    if let Some(bytes) = cure.peak_bytes {
        text += &field(
            "memory",
            &format!("{} at its peak, beside its results", numbers::bytes(bytes)),
            columns,
        );
    }
    // That it was compiled is said already.
    if !cure.steps.is_empty() && cure.compiled.is_none() {
        text += &field("derived by", &cure.steps.join(", "), columns);
    }
    for announced in &cure.announced {
        text += &field("differs", announced, columns);
    }
    for blocker in cure.compiled.iter().flat_map(|compiled| &compiled.blockers) {
        text += &render_blocker("no array form", blocker, columns);
    }
    text
}

/// Conditions that were discharged by the same argument, together.
fn grouped(conditions: &[ConditionReport]) -> Vec<(How, &str, Vec<&str>)> {
    let mut groups: Vec<(How, &str, Vec<&str>)> = Vec::new();
    for condition in conditions {
        let same = groups
            .iter_mut()
            .find(|(how, detail, _)| *how == condition.how && *detail == condition.detail);
        match same {
            Some((_, _, texts)) => texts.push(&condition.text),
            None => groups.push((condition.how, &condition.detail, vec![&condition.text])),
        }
    }
    groups.sort_by_key(|(how, _, _)| *how);
    groups
}

fn strength_in_full(cure: &CureReport) -> String {
    match cure.strength {
        Strength::Exact if cure.compiled.is_some() => {
            "exact, as far as tested: the same operations in the same order".to_string()
        }
        Strength::Exact => "exact: every bit is the same".to_string(),
        Strength::Rounding => {
            let bound = numbers::power(cure.rel_bound);
            format!("{}; up to {bound} is accepted as rounding", numbers::strength(cure))
        }
    }
}

/// A unified diff in colour, indented.
pub fn diff(text: &str) -> String {
    text.lines()
        .map(|line| format!("  {}\n", paint_diff_line(line)))
        .collect()
}

/// A unified diff in colour, as it is.
pub fn plain_diff(text: &str) -> String {
    text.split_inclusive('\n')
        .map(|line| match line.strip_suffix('\n') {
            Some(line) => format!("{}\n", paint_diff_line(line)),
            None => paint_diff_line(line),
        })
        .collect()
}

fn paint_diff_line(line: &str) -> String {
    match line.chars().next() {
        _ if line.starts_with("+++") || line.starts_with("---") => paint(style::TITLE, line),
        Some('+') => paint(style::GOOD, line),
        Some('-') => paint(style::BAD, line),
        Some('@') => paint(style::CODE, line),
        Some(_) | None => line.to_string(),
    }
}

fn render_refused(refused: &Refused, columns: usize) -> String {
    let what = format!("{} would change {}", paint(style::CODE, &refused.form), refused.what);
    let mut text = field("refused", &what, columns);
    if let Some(example) = &refused.example {
        let differs = format!(
            "{} is {} and would be {}",
            example.place,
            paint(style::GOOD, &begun(&example.old)),
            paint(style::BAD, &begun(&example.new))
        );
        text += &field("", &format!("{differs} ({})", refused.input), columns);
    }
    text
}

/// The beginning of a value: where the two differ is said in words.
fn begun(value: &str) -> String {
    const AT_MOST: usize = 60;
    match value.char_indices().nth(AT_MOST) {
        Some((end, _)) => format!("{} …", value[..end].trim_end()),
        None => value.to_string(),
    }
}

/// `  name        text`, wrapped below the text.
fn field(name: &str, text: &str, columns: usize) -> String {
    const NAME: usize = 13;
    let room = columns.saturating_sub(2 + NAME);
    let wrapped = paragraph(text, room, 0);
    let mut lines = String::new();
    for (index, line) in wrapped.lines().enumerate() {
        let name = if index == 0 {
            paint(style::DIM, &pad(name, NAME))
        } else {
            pad("", NAME)
        };
        lines += format!("  {name}{line}").trim_end();
        lines.push('\n');
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use crate::wrap::width;

    fn check(region: &RegionReport, columns: usize) -> String {
        let text = anstream::adapter::strip_str(&render_region(region, columns)).to_string();
        assert!(
            text.lines().all(|line| width(line) <= columns),
            "a line is too wide:\n{text}"
        );
        text.lines().map(|line| format!("|{line}\n")).collect()
    }

    #[test]
    fn a_cure_with_its_evidence() {
        insta::assert_snapshot!(check(&sample::squares(), 80), @r#"
        |examples/article.py:9-11: 6 % of the time (110 ms), run once
        |   9 | result = []
        |  10 | for i in range(len(arr)):
        |  11 |     result.append(arr[i] ** 2)
        |  cure         one element at a time as arr**2, 110 ms -> 1 ms (110x)
        |  --- examples/article.py
        |  +++ examples/article.py
        |  @@ -9,5 +9,3 @@
        |   start = time.time()
        |  -result = []
        |  -for i in range(len(arr)):
        |  -    result.append(arr[i] ** 2)
        |  +result = arr**2
        |   print("Loop over the elements:", time.time() - start, "seconds")
        |  strength     rounding 1 ulp; up to 1e-13 is accepted as rounding
        |  proven       `arr` is a one-dimensional array of float64; `arr` is not empty:
        |               bound once, to `np.random.rand(1000000)`
        |  tolerated    `result` may be an array instead of a list: nothing reads it
        |               before it is bound again
        |  only tested  old and new agree on 1 captured and 53 hostile inputs
        |  derived by   growth, square of a scalar as a ufunc
        |  differs      `i` is no longer defined afterwards
        "#);
    }

    #[test]
    fn a_blocker_is_underlined_and_the_tempting_rewrite_refused() {
        insta::assert_snapshot!(check(&sample::stencil(), 80), @"
        |trap.py:12-13: 26 % of the time (500 ms), run once
        |  left alone: `a[i - 1]` is what the iteration before stored
        |    --> trap.py:13:12
        |     |
        |  13 |     a[i] = a[i - 1] + a[i]
        |     |     ----   ^^^^^^^^
        |     |     |
        |     |     stored here
        |     |
        |     = help: write into a second array if the old values are meant
        |  refused      a[1:] = a[:-1] + a[1:] would change values of `a`
        |               a[2] is 6.0 and would be 5.0 (captured)
        ");
    }

    #[test]
    fn long_messages_are_wrapped() {
        let mut region = sample::stencil();
        if let Outcome::Blocked { blockers } = &mut region.outcome {
            blockers[0].message = "loop-carried dependence: this reads what one iteration before stored".to_string();
            let help = "if the old values are meant, read from a copy; a recurrence has no array form";
            blockers[0].help = Some(help.to_string());
        }
        insta::assert_snapshot!(check(&region, 60), @"
        |trap.py:12-13: 26 % of the time (500 ms), run once
        |  left alone: loop-carried dependence: this reads what one
        |              iteration before stored
        |    --> trap.py:13:12
        |     |
        |  13 |     a[i] = a[i - 1] + a[i]
        |     |     ----   ^^^^^^^^
        |     |     |
        |     |     stored here
        |     |
        |     = help: if the old values are meant, read from a copy;
        |             a recurrence has no array form
        |  refused      a[1:] = a[:-1] + a[1:] would change values of
        |               `a`
        |               a[2] is 6.0 and would be 5.0 (captured)
        ");
    }

    #[test]
    fn what_is_fast_already_takes_a_line() {
        insta::assert_snapshot!(check(&sample::article().regions[4], 80), @"
        |examples/article.py:15: <1 % of the time (1 ms), run once
        |  left alone   already the fast form: one array expression
        ");
    }
}
