//! Tests at the entry of a region, with the original as the other branch.

use numlift_ir::ty::Ty;

use super::WIDTH;

/// Python's test that a name has a type; empty where nothing needs testing, `None` where there is no test.
pub(super) fn type_test(name: &str, ty: &Ty, numpy: &str) -> Option<String> {
    Some(match ty {
        Ty::Array { dtype, shape, .. } => format!(
            "type({name}) is {numpy}.ndarray and {name}.dtype == {numpy}.{} and {name}.ndim == {}",
            dtype.attribute(),
            shape.len()
        ),
        Ty::Int(_) => format!("type({name}) is int"),
        Ty::Float => format!("type({name}) is float"),
        Ty::Bool => format!("type({name}) is bool"),
        Ty::Np(dtype) => format!("type({name}) is {numpy}.{}", dtype.attribute()),
        Ty::List(elem, _) => {
            let item = |ty: &Ty| match ty {
                Ty::Int(_) => Some("int".to_owned()),
                Ty::Float => Some("float".to_owned()),
                Ty::Bool => Some("bool".to_owned()),
                Ty::Np(dtype) => Some(format!("{numpy}.{}", dtype.attribute())),
                _ => None,
            };
            match &**elem {
                Ty::List(inner, _) => {
                    let inner = item(inner)?;
                    format!(
                        "type({name}) is list and all(type(row) is list and set(map(type, row)) == {{{inner}}} for row in {name})"
                    )
                }
                elem => format!("type({name}) is list and set(map(type, {name})) == {{{}}}", item(elem)?),
            }
        }
        Ty::Object { attrs, .. } => {
            let tests: Option<Vec<String>> = attrs
                .iter()
                .map(|(attr, ty)| type_test(&format!("{name}.{attr}"), ty, numpy))
                .collect();
            tests?
                .into_iter()
                .filter(|test| !test.is_empty())
                .collect::<Vec<_>>()
                .join(" and ")
        }
        Ty::Generator { legacy: false } => format!("type({name}) is {numpy}.random.Generator"),
        Ty::Generator { legacy: true } => format!("type({name}) is {numpy}.random.RandomState"),
        Ty::Module(_) | Ty::Extern(_) | Ty::Author(_) | Ty::None | Ty::Str => String::new(),
        _ => return None,
    })
}

/// The text with four spaces for each step of indentation, as new text has.
pub(super) fn in_fours(text: &str, unit: &str) -> String {
    let lines = text.split('\n').map(|line| {
        let mut rest = line;
        let mut steps = 0;
        while let Some(inner) = rest.strip_prefix(unit) {
            rest = inner;
            steps += 1;
        }
        format!("{}{rest}", "    ".repeat(steps))
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// `if` all tests hold the new form, else the old one.
///
/// Where the new form ends with a `return`, the old statements stay as they are and where they are, behind it:
///
/// ```text
/// if type(x) is np.ndarray and x.ndim == 1:
///     return x * 2
/// out = []
/// ...
/// ```
pub(super) fn guarded(tests: &[String], new: &str, old: &str) -> String {
    // A test may itself be a conjunction: `A and B` of tests is one test a line all the same.
    let one_line = tests.join(" and ");
    let test = if one_line.len() + 4 <= WIDTH && !one_line.contains('\n') {
        one_line
    } else {
        let parts = tests.iter().flat_map(|test| match test.contains('\n') {
            true => vec![test.replace('\n', "\n    ")],
            false => broken(test),
        });
        format!("(\n    {}\n)", parts.collect::<Vec<_>>().join("\n    and "))
    };
    let leaves = new
        .trim_end()
        .lines()
        .last()
        .is_some_and(|line| line == "return" || line.starts_with("return "));
    let indented = indent(new);
    if leaves {
        format!("if {test}:\n{indented}\n{}", old.trim_end())
    } else {
        format!("if {test}:\n{indented}\nelse:\n{}", indent(old))
    }
}

fn indent(text: &str) -> String {
    let lines = text.trim_end().split('\n').map(|line| {
        if line.is_empty() {
            String::new()
        } else {
            format!("    {line}")
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A test that is too long for a line, broken at the `and`s that stand in no brackets or quotes.
fn broken(test: &str) -> Vec<String> {
    if test.len() + 8 <= WIDTH {
        return vec![test.to_owned()];
    }
    let mut parts = vec![String::new()];
    let mut depth = 0usize;
    let mut quote = None;
    let mut rest = test;
    while let Some(letter) = rest.chars().next() {
        if depth == 0
            && quote.is_none()
            && let Some(behind) = rest.strip_prefix(" and ")
        {
            parts.push(String::new());
            rest = behind;
            continue;
        }
        match (quote, letter) {
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth = depth.saturating_sub(1),
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), _) if open == letter => quote = None,
            _ => {}
        }
        if let Some(last) = parts.last_mut() {
            last.push(letter);
        }
        rest = &rest[letter.len_utf8()..];
    }
    packed(parts)
}

/// Short tests share a line.
pub(super) fn packed(tests: Vec<String>) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for test in tests {
        let one_line = !test.contains('\n');
        match lines.last_mut() {
            Some(line) if one_line && !line.contains('\n') && line.len() + test.len() + 13 <= WIDTH => {
                line.push_str(" and ");
                line.push_str(&test);
            }
            _ => lines.push(test),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{broken, guarded};

    #[test]
    fn the_old_text_stays_behind_a_return() {
        let tests = ["n > 0".to_owned()];
        let text = guarded(&tests, "y = 2 * x\nreturn y", "for v in x:\n    print(v)");
        assert_eq!(
            text,
            "if n > 0:\n    y = 2 * x\n    return y\nfor v in x:\n    print(v)"
        );
        let text = guarded(&tests, "y = 2 * x", "pass");
        assert_eq!(text, "if n > 0:\n    y = 2 * x\nelse:\n    pass");
    }

    #[test]
    fn long_tests_are_broken_outside_of_brackets() {
        let test = format!("f(a and b) and g['x and y'] and {} and short", "z".repeat(80));
        let long = "z".repeat(80);
        assert_eq!(broken(&test), ["f(a and b) and g['x and y']", &long, "short"]);
    }
}
