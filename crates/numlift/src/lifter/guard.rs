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
pub(super) fn guarded(tests: &[String], new: &str, old: &str) -> String {
    let indent = |text: &str| {
        text.trim_end()
            .split('\n')
            .map(|line| {
                if line.is_empty() {
                    String::new()
                } else {
                    format!("    {line}")
                }
            })
            .collect::<Vec<_>>()
            .join("\n")
    };
    let one_line = tests.join(" and ");
    let test = if one_line.len() + 4 <= WIDTH {
        one_line
    } else {
        format!("(\n    {}\n)", tests.join("\n    and "))
    };
    format!("if {test}:\n{}\nelse:\n{}", indent(new), indent(old))
}
