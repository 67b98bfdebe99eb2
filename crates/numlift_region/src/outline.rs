//! A region as a function of its own, in text: for emitted tests and for looking at it.
//!
//! ```text
//! s = 0.0                            def region(x):
//! for v in x:                =>          s = 0.0
//!     s += v                             for v in x:
//!                                            s += v
//!                                        return LEFT, {name: value for name, value in locals().items()
//!                                                      if name in ('s', 'v')}
//! ```
//!
//! The parameters are the names that the region reads first; those that may be unbound are left to the caller, who
//! passes what there is. A region that returns gives the value; one that runs off its end gives `LEFT`, a marker that
//! the test defines, and the names that it has bound.

pub mod function;

use crate::discover::Region;

/// The definition of a function `name` that does what `text`, the region or its replacement, does.
pub fn outline(region: &Region, name: &str, text: &str) -> String {
    let mut lines = vec![format!("def {name}({}):", parameters(region).join(", "))];
    lines.push(indented(text));
    let binds: Vec<String> = region.spec.binds.iter().map(|name| format!("{name:?}")).collect();
    lines.push(format!(
        "    _names = ({})",
        binds
            .iter()
            .map(|name| format!("{name}, "))
            .collect::<String>()
            .trim_end()
    ));
    lines.push("    return LEFT, {name: value for name, value in locals().items() if name in _names}".to_owned());
    lines.join("\n") + "\n"
}

/// The parameters of the outlined function, in order.
pub fn parameters(region: &Region) -> &[String] {
    &region.spec.live_in
}

fn indented(text: &str) -> String {
    format!("    {}", numlift_source::edit::indent(text, "    ", "    "))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use numlift_source::module::Module;
    use numlift_source::text::SourceText;

    use super::*;
    use crate::discover::discover;

    #[test]
    fn a_sum() {
        let source = "def f(x):\n\ts = 0\n\tfor v in x:\n\t\ts += v; t = '''\n\tq'''\n\tprint(s)\n";
        let module = Module::alone(&SourceText::from_str("a.py", source));
        let discovery = discover(&module, Path::new("a.py"), 0);
        let region = &discovery.regions[0];
        insta::assert_snapshot!(outline(region, "old", &region.code.text).replace('\t', "->"), @r#"
        def old(x):
            s = 0
            for v in x:
            ->s += v; t = '''
        ->q'''
            _names = ("s", "t", "v",)
            return LEFT, {name: value for name, value in locals().items() if name in _names}
        "#);
    }
}
