//! `numlift rule`: what a rule finds, why that is slow, and what to write instead.

use anyhow::{Result, bail};
use numlift::lint::words::{Fixes, RULES, Rule, find, page, validate};
use serde_json::{Value, json};

use crate::args::{Color, RuleFormat, RulePage};
use crate::{FINE, terminal};

pub fn command(arguments: &RulePage, color: Color) -> Result<i32> {
    let rules: Vec<&Rule> = match &arguments.code {
        None => RULES.to_vec(),
        Some(code) => match find(code) {
            Some(rule) => vec![rule],
            None => match validate(code) {
                Err(error) => bail!("{error}"),
                Ok(()) => RULES
                    .iter()
                    .copied()
                    .filter(|rule| rule.code.starts_with(code))
                    .collect(),
            },
        },
    };
    let text = match arguments.output_format {
        RuleFormat::Text => rules.iter().map(|rule| page(rule)).collect::<Vec<_>>().join("\n"),
        RuleFormat::Json => {
            let all: Vec<Value> = rules.iter().map(|rule| described(rule)).collect();
            let value = match (&arguments.code, &all[..]) {
                (Some(_), [one]) => one.clone(),
                _ => Value::Array(all),
            };
            serde_json::to_string_pretty(&value)? + "\n"
        }
    };
    terminal::print_whole(color, &text)?;
    Ok(FINE)
}

fn described(rule: &Rule) -> Value {
    json!({
        "code": rule.code,
        "name": rule.name,
        "family": rule.family(),
        "summary": rule.summary,
        "fix": match rule.fixes {
            Fixes::Never => "never",
            Fixes::Unsafe => "unsafe",
            Fixes::Sometimes => "sometimes",
        },
        "what": rule.page.what,
        "why": rule.page.why,
        "example": rule.page.example,
        "instead": rule.page.instead,
        "when_not": rule.page.when_not,
        "explanation": page(rule),
    })
}
