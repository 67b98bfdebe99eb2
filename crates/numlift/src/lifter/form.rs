//! The core of a new text, for a table.

/// The core of the new text, for a table: of the values of its statements the one with most array work in it, else
/// the last that is more than a name or a conversion.
pub(super) fn form_of(statements: &str) -> String {
    let lines = logical_lines(statements);
    // What stays a loop is not what is new, unless there is nothing else.
    let straight: Vec<&String> = lines.iter().filter(|line| !is_compound(line)).collect();
    let shown: Vec<&String> = if straight.is_empty() {
        lines.iter().collect()
    } else {
        straight
    };
    let cores: Vec<String> = shown.iter().map(|line| core_of(line.trim_start())).collect();
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

/// How much work on whole arrays a text shows: products and reductions say most, then functions, operators and slices.
fn array_work(text: &str) -> usize {
    const FOLDS: [&str; 10] = [
        " @ ", ".sum(", ".prod(", ".max(", ".min(", ".argmax(", ".argmin(", ".any(", ".all(", ".dot(",
    ];
    const MAKING: [&str; 4] = ["np.zeros(", "np.empty(", "np.ones(", "np.full("];
    const OPERATORS: [&str; 9] = [" + ", " - ", " * ", " / ", "**", " ** ", " % ", "[:", ":]"];
    let count = |signs: &[&str]| signs.iter().map(|sign| text.matches(sign).count()).sum::<usize>();
    6 * count(&FOLDS) + 3 * (count(&["np."]) - count(&MAKING)) + count(&OPERATORS)
}

/// A statement that holds others, or one of those.
fn is_compound(line: &str) -> bool {
    let keyword = line.split([' ', ':']).next().unwrap_or_default();
    line.starts_with(' ') || matches!(keyword, "for" | "while" | "if" | "else" | "elif" | "with" | "try")
}

/// Lines, those that are continued in brackets joined.
fn logical_lines(statements: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut depth = 0_i32;
    for line in statements.trim_end().lines() {
        let text = if depth > 0 { line.trim() } else { line.trim_end() };
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

#[cfg(test)]
mod tests {
    use super::*;

    fn check(statements: &str, expected: &str) {
        assert_eq!(form_of(statements), expected);
    }

    #[test]
    fn the_core_says_what_is_new() {
        check("n = len(x)\nout = x * 2.0\nreturn out\n", "x * 2.0");
        check(
            "diff = x - m\ntotal = diff @ diff\nreturn (total / len(x)) ** 0.5\n",
            "diff @ diff",
        );
        check("total = x.sum()\nreturn total / len(x)\n", "x.sum()");
        check(
            "C = (\n    np.array(A)\n    @ np.array(B)\n)\nreturn C.tolist()\n",
            "(np.array(A) @ np.array(B))",
        );
        check("return list(x)\n", "list(x)");
        check(
            "d = p[:, 0, None] - p[:, 0]\ne = p[:, 1, None] - p[:, 1]\ndist = np.sqrt(d * d + e * e)\nreturn dist\n",
            "np.sqrt(d * d + e * e)",
        );
        check("top = u @ v\ncosine = top / np.sqrt(left * right)\n", "u @ v");
    }

    #[test]
    fn loops_that_stay_are_not_shown() {
        check(
            "d = x - y\nout = d * d + 0.5\nfor i in range(n):\n    print(\"np.\", i)\n",
            "d * d + 0.5",
        );
        check(
            "values = 0.1 * x\nout = np.zeros(len(x))\nlevel = 0.0\nfor i in r:\n    out[i] = values[i]\n",
            "0.1 * x",
        );
        check(
            "for at in range(0, n, 8):\n    out[at : at + 8] = x[at : at + 8]\n",
            "out[at : at + 8] = x[at : at + 8]",
        );
    }
}
