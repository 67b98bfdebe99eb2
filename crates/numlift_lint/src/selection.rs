//! Which rules are asked: codes, beginnings of codes, names, `ALL`.
//!
//! ```text
//! --select NL3,where-as-index --ignore NL304
//! ```
//!
//! As in other linters the longer selector wins, and of equals `ignore`.

use crate::registry;
use crate::rule::Rule;

/// The rules that are asked.
#[derive(Debug, Clone)]
pub struct Rules {
    chosen: Vec<&'static Rule>,
}

/// A selector that means no rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelectError {
    pub selector: String,
    /// A code or name that is close.
    pub close: Option<String>,
}

impl Rules {
    /// Every rule.
    pub fn all() -> Rules {
        Rules {
            chosen: registry::RULES.to_vec(),
        }
    }

    /// The rules of the selectors; all where `select` is `None`.
    pub fn new(select: Option<&[String]>, ignore: &[String]) -> Result<Rules, SelectError> {
        for selector in select.unwrap_or_default().iter().chain(ignore) {
            if !registry::RULES.iter().any(|rule| weight(selector, rule).is_some()) {
                return Err(unknown(selector));
            }
        }
        let strongest =
            |selectors: &[String], rule: &Rule| selectors.iter().filter_map(|selector| weight(selector, rule)).max();
        let is_chosen = |rule: &&'static Rule| {
            let wanted = match select {
                Some(select) => strongest(select, rule),
                None => Some(0),
            };
            let ignored = strongest(ignore, rule);
            wanted.is_some() && ignored.is_none_or(|ignored| wanted > Some(ignored))
        };
        Ok(Rules {
            chosen: registry::RULES.iter().copied().filter(is_chosen).collect(),
        })
    }

    pub fn chosen(&self) -> impl Iterator<Item = &'static Rule> + '_ {
        self.chosen.iter().copied()
    }

    pub fn includes(&self, rule: &Rule) -> bool {
        self.chosen.iter().any(|chosen| chosen.code == rule.code)
    }

    /// The same without those that a selector means.
    pub fn without(&self, selectors: &[String]) -> Rules {
        let is_kept = |rule: &&'static Rule| !selectors.iter().any(|selector| weight(selector, rule).is_some());
        Rules {
            chosen: self.chosen.iter().copied().filter(is_kept).collect(),
        }
    }
}

/// Whether a selector means a rule.
pub fn selects(selector: &str, rule: &Rule) -> bool {
    weight(selector, rule).is_some()
}

/// Checks that a selector means something.
pub fn validate(selector: &str) -> Result<(), SelectError> {
    match registry::RULES.iter().any(|rule| selects(selector, rule)) {
        true => Ok(()),
        false => Err(unknown(selector)),
    }
}

/// How closely a selector means a rule; `None` if it does not.
fn weight(selector: &str, rule: &Rule) -> Option<usize> {
    match selector {
        "ALL" => Some(0),
        name if name == rule.name => Some(rule.code.len()),
        prefix if prefix.starts_with("NL") && rule.code.starts_with(prefix) => Some(prefix.len()),
        _ => None,
    }
}

fn unknown(selector: &str) -> SelectError {
    let upper = selector.to_uppercase();
    let lower = selector.to_lowercase();
    let known = registry::RULES.iter().flat_map(|rule| [rule.code, rule.name]);
    let close = known
        .map(|known| (distance(known, &upper).min(distance(known, &lower)), known))
        .filter(|(distance, known)| *distance * 3 <= known.len())
        .min();
    SelectError {
        selector: selector.to_owned(),
        close: close.map(|(_, known)| known.to_owned()),
    }
}

/// How many letters differ (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.chars().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, other) in b.iter().enumerate() {
            let changed = before + usize::from(letter != *other);
            before = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(before + 1);
        }
    }
    row[b.len()]
}

impl std::fmt::Display for SelectError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "no rule is called `{}`", self.selector)?;
        match &self.close {
            Some(close) => write!(f, "; did you mean `{close}`?"),
            None => write!(f, "; `numlift rule --all` lists them"),
        }
    }
}

impl std::error::Error for SelectError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(select: Option<&[&str]>, ignore: &[&str]) -> Vec<&'static str> {
        let owned = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
        let rules = Rules::new(select.map(owned).as_deref(), &owned(ignore)).unwrap();
        rules.chosen().map(|rule| rule.code).collect()
    }

    #[test]
    fn the_longer_selector_wins() {
        assert_eq!(codes(None, &[]).len(), registry::RULES.len());
        assert!(codes(Some(&["NL3"]), &[]).iter().all(|code| code.starts_with("NL3")));
        assert!(!codes(Some(&["NL3"]), &["NL303"]).contains(&"NL303"));
        assert_eq!(codes(Some(&["NL303"]), &["NL3"]), ["NL303"]);
        assert!(codes(Some(&["ALL"]), &["NL303"]).len() + 1 == registry::RULES.len());
        assert_eq!(codes(Some(&["where-as-index"]), &[]), ["NL302"]);
    }

    #[test]
    fn what_means_nothing_is_an_error() {
        let error = Rules::new(Some(&["nl303".to_owned()]), &[]).unwrap_err();
        assert_eq!(error.to_string(), "no rule is called `nl303`; did you mean `NL303`?");
        let error = Rules::new(None, &["E501".to_owned()]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "no rule is called `E501`; `numlift rule --all` lists them"
        );
    }
}
