//! Which functions a piece of a program may call, by their names alone.
//!
//! A region's time holds that of the functions it calls. To say how much of it is its own, regions inside of those
//! functions are counted out. Names are enough for that: the report shares out time with it, and nothing else rests
//! on it.

use std::collections::{BTreeMap, BTreeSet};

use numlift_source::text::SourceText;

/// For each function of a project, by its plain name, the names that its body may call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calls(BTreeMap<String, BTreeSet<String>>);

impl Calls {
    /// Looks through the definitions of all files.
    pub fn of<'a>(sources: impl Iterator<Item = &'a SourceText>) -> Calls {
        let mut calls = Calls::default();
        for source in sources {
            calls.look_through(source.as_str());
        }
        calls
    }

    /// All functions that `text` may call, through others too.
    pub fn reachable(&self, text: &str) -> BTreeSet<String> {
        let mut reached = BTreeSet::new();
        let mut waiting: Vec<String> = called_names(text).into_iter().collect();
        while let Some(name) = waiting.pop() {
            if let Some(inner) = self.0.get(&name)
                && reached.insert(name)
            {
                waiting.extend(inner.iter().cloned());
            }
        }
        reached
    }

    fn look_through(&mut self, text: &str) {
        // Definitions that are open, with their indentation.
        let mut open: Vec<(usize, String)> = Vec::new();
        for line in text.lines() {
            let content = line.trim_start();
            if content.is_empty() || content.starts_with('#') {
                continue;
            }
            let indent = line.len() - content.len();
            open.retain(|(outer, _)| *outer < indent);
            let names = called_names(content);
            for (_, function) in &open {
                self.0
                    .entry(function.clone())
                    .or_default()
                    .extend(names.iter().cloned());
            }
            let definition = content.strip_prefix("async ").unwrap_or(content).strip_prefix("def ");
            if let Some(name) = definition.and_then(|rest| rest.split('(').next()) {
                let name = name.trim().to_string();
                self.0.entry(name.clone()).or_default();
                open.push((indent, name));
            }
        }
    }
}

/// Identifiers that stand before an opening parenthesis; of `self.step(…)` it is `step`.
fn called_names(text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (at, _) in text.match_indices('(') {
        let before = text[..at].trim_end();
        let start = before
            .rfind(|c: char| !(c.is_alphanumeric() || c == '_'))
            .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
        if start < before.len() {
            names.insert(before[start..].to_string());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_followed() {
        let text = "def a(x):\n    return b(x)\n\nclass C:\n    def b(self):\n        self.c ()\n\n    def c(self): pass\n\ndef d(): a(1)\n";
        let calls = Calls::of([SourceText::from_str("a.py", text)].iter());
        assert_eq!(
            calls.reachable("y = a(np.zeros(3))"),
            BTreeSet::from(["a", "b", "c"].map(String::from))
        );
        assert_eq!(calls.reachable("y = x[a]"), BTreeSet::new());
    }
}
