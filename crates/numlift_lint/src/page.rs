//! A rule's page, in Markdown: what `numlift rule` prints and `docs/rules` holds.

use crate::registry::RULES;
use crate::rule::{FAMILIES, Fixes, Rule};

/// Where a rule's page is on the way to being read.
pub fn address(rule: &Rule) -> Option<String> {
    rule.code
        .starts_with("NL")
        .then(|| format!("docs/rules/{}.md", rule.name))
}

/// The page.
pub fn page(rule: &Rule) -> String {
    let Rule { code, name, page, .. } = rule;
    let mut text = format!("# {name} ({code})\n\n{}\n\n", fixes(rule.fixes));
    let mut section = |title: &str, content: String| text += &format!("## {title}\n\n{content}\n\n");
    section("What it finds", filled(page.what));
    section("Why it is slow", filled(page.why));
    if !page.example.is_empty() {
        section("Example", code_block(page.example));
        section("Use instead", code_block(page.instead));
    }
    section("When not", filled(page.when_not));
    text.trim_end().to_owned() + "\n"
}

/// The table of all rules.
pub fn index() -> String {
    let mut text = String::from(
        "# Rules\n\nWritten from the rules themselves by `cargo xtask docs`; `numlift rule CODE` prints a page.\n",
    );
    for (prefix, family) in FAMILIES {
        text += &format!("\n## {prefix}xx: {family}\n\n| code | rule | finds | fix |\n|---|---|---|---|\n");
        for rule in RULES.iter().filter(|rule| rule.code.starts_with(prefix)) {
            let fix = match rule.fixes {
                Fixes::Never => "",
                Fixes::Unsafe => "unsafe",
                Fixes::Sometimes => "safe where types are certain",
            };
            text += &format!(
                "| {} | [{}]({}.md) | {} | {fix} |\n",
                rule.code, rule.name, rule.name, rule.summary
            );
        }
    }
    text
}

fn fixes(fixes: Fixes) -> &'static str {
    match fixes {
        Fixes::Never => "No fix: the finding says what to do.",
        Fixes::Unsafe => "With a fix that is applied with `--fix --unsafe-fixes` only, since it may change results.",
        Fixes::Sometimes => "With a fix: safe where the types are certain, else `--fix --unsafe-fixes`.",
    }
}

fn code_block(code: &str) -> String {
    format!("```python\n{}\n```", code.trim_end())
}

/// Lines of at most 100 letters.
fn filled(text: &str) -> String {
    const MOST: usize = 100;
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.len() + 1 + word.len() <= MOST => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}
