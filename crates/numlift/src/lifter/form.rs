//! The core of a new text, for a table.

/// The core of the new text, for a table: of the values of its statements the one with most array work in it, else
/// the last that is more than a name or a conversion.
pub(super) fn form_of(statements: &str) -> String {
    let cores: Vec<String> = logical_lines(statements).iter().map(|line| core_of(line)).collect();
    let says_something = |core: &&String| {
        let plain = core.strip_suffix(".tolist()").unwrap_or(core);
        !plain
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | ',' | ' '))
    };
    let weightiest = cores
        .iter()
        .max_by_key(|core| array_work(core))
        .map(|core| array_work(core));
    cores
        .iter()
        .rev()
        .find(|core| says_something(core) && Some(array_work(core)) == weightiest)
        .or(cores.last())
        .cloned()
        .unwrap_or_default()
}

/// How many signs of work on whole arrays a text shows.
fn array_work(text: &str) -> usize {
    const SIGNS: [&str; 13] = [
        "np.", " @ ", ".sum(", ".prod(", ".max(", ".min(", ".argmax(", ".argmin(", ".any(", ".all(", ".dot(", "[:",
        ":]",
    ];
    SIGNS.iter().map(|sign| text.matches(sign).count()).sum()
}

/// Lines, those that are continued in brackets joined.
fn logical_lines(statements: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut depth = 0_i32;
    for line in statements.trim_end().lines() {
        let text = line.trim();
        match lines.last_mut() {
            Some(last) if depth > 0 => {
                let closes = text.starts_with([')', ']', '}']);
                if !last.ends_with(['(', '[', '{']) && !closes {
                    last.push(' ');
                }
                last.push_str(text);
            }
            _ => lines.push(text.to_owned()),
        }
        for c in text.chars() {
            match c {
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' => depth -= 1,
                _ => {}
            }
        }
    }
    lines
}

fn core_of(line: &str) -> String {
    let core = line.strip_prefix("return ").unwrap_or(line);
    match core.split_once(" = ") {
        Some((target, value)) if !target.contains(['(', '[', '=']) => value.to_owned(),
        _ => core.to_owned(),
    }
}
