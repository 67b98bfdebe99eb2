//! Comments that keep rules quiet.
//!
//! ```text
//! x = a[np.where(m)]  # noqa                       nothing is said of this line
//! x = a[np.where(m)]  # noqa: E501, NL302          of these rules nothing
//! x = a[np.where(m)]  # numlift: ignore[NL302]     likewise, and unused ones are found (NL901)
//! # numlift: ignore[NL302]                         alone on its line: of the line below
//! # numlift: off … # numlift: on                   nothing is said in between
//! ```
//!
//! A comment counts for the lines of the statement that it stands behind the first or last line of, if that is a simple
//! one, and for its own line.

use numlift_source::diagnostic::{Diagnostic, Span};
use numlift_source::parse::Parsed;

use crate::rules::suppressions::{unknown_code, unused_ignore};
use crate::selection::{self, Rules};
use crate::{Finding, rule::Rule};

/// What the comments of a file say.
#[derive(Debug, Default)]
pub struct Suppressions {
    ignores: Vec<Ignore>,
    /// Byte ranges in which nothing is said.
    off: Vec<(u32, u32)>,
}

/// One comment that keeps rules quiet.
#[derive(Debug)]
struct Ignore {
    /// Its words, in bytes.
    start: u32,
    end: u32,
    /// The lines for which it counts.
    lines: (u32, u32),
    codes: Codes,
    is_noqa: bool,
}

#[derive(Debug)]
enum Codes {
    All,
    /// With the byte offset of each.
    These(Vec<(String, u32)>),
}

impl Suppressions {
    pub fn of(parsed: &Parsed) -> Suppressions {
        let mut found = Suppressions::default();
        if !["noqa", "NOQA", "NoQA", "numlift:"]
            .iter()
            .any(|word| parsed.source().contains(word))
        {
            return found;
        }
        let mut off_since = None;
        for (start, comment) in parsed.comment_texts() {
            if let Some((at, rest)) = after(comment, "numlift:") {
                let words = rest.trim_start();
                let offset = start + at as u32 + (rest.len() - words.len()) as u32;
                match words.split_whitespace().next() {
                    Some("off") => off_since = off_since.or(Some(start)),
                    Some("on") => found.off.extend(off_since.take().map(|since| (since, start))),
                    _ => {
                        if let Some(codes) = words.strip_prefix("ignore") {
                            found.ignore(parsed, start, comment, codes, offset + "ignore".len() as u32);
                        }
                    }
                }
            }
            found.noqa(parsed, start, comment);
        }
        let end = parsed.source().len() as u32;
        found.off.extend(off_since.map(|since| (since, end)));
        found
    }

    /// `ignore[NL302, where-as-index]` or `ignore`
    fn ignore(&mut self, parsed: &Parsed, start: u32, comment: &str, rest: &str, offset: u32) {
        let codes = match rest
            .trim_start()
            .strip_prefix('[')
            .and_then(|rest| rest.split_once(']'))
        {
            Some((list, _)) => {
                let at = offset + rest.find('[').unwrap_or(0) as u32 + 1;
                Codes::These(pieces(list, at))
            }
            None => Codes::All,
        };
        self.ignores.push(Ignore {
            start,
            end: start + comment.trim_end().len() as u32,
            lines: lines_of(parsed, start),
            codes,
            is_noqa: false,
        });
    }

    fn noqa(&mut self, parsed: &Parsed, start: u32, comment: &str) {
        let lower = comment.to_ascii_lowercase();
        let Some((_, rest)) = after(&lower, "noqa") else { return };
        let at = comment.len() - rest.len();
        let codes = match comment[at..].trim_start().strip_prefix(':') {
            None => Codes::All,
            Some(list) => {
                let is_code = |word: &&str| {
                    let letters = word.trim_end_matches(|letter: char| letter.is_ascii_digit());
                    letters.len() < word.len()
                        && !letters.is_empty()
                        && letters.chars().all(|letter| letter.is_ascii_uppercase())
                };
                let words = list.split([',', ' ', '\t']).filter(|word| !word.is_empty());
                Codes::These(words.take_while(is_code).map(|word| (word.to_owned(), start)).collect())
            }
        };
        self.ignores.push(Ignore {
            start,
            end: start + comment.trim_end().len() as u32,
            lines: parsed.simple_statement_lines(start),
            codes,
            is_noqa: true,
        });
    }

    /// The findings that are left, and what is to be said of the comments themselves.
    pub fn apply(&self, parsed: &Parsed, found: Vec<Finding>, rules: &Rules) -> Vec<Finding> {
        let mut used = vec![Vec::new(); self.ignores.len()];
        let mut kept = Vec::new();
        for finding in found {
            let span = finding.diagnostic.span;
            if self.off.iter().any(|(start, end)| (*start..*end).contains(&span.start)) {
                continue;
            }
            let line = parsed.text.position(span.start).line;
            let mut quiet = false;
            for (place, ignore) in self.ignores.iter().enumerate() {
                if (ignore.lines.0..=ignore.lines.1).contains(&line) && ignore.means(finding.rule) {
                    used[place].push(finding.rule);
                    quiet = true;
                }
            }
            if !quiet {
                kept.push(finding);
            }
        }
        for (ignore, used) in self.ignores.iter().zip(&used) {
            if !ignore.is_noqa {
                ignore.judge(used, rules, &mut kept);
            }
        }
        kept
    }
}

impl Ignore {
    fn means(&self, rule: &Rule) -> bool {
        match &self.codes {
            Codes::All => true,
            Codes::These(codes) => codes.iter().any(|(code, _)| selection::selects(code, rule)),
        }
    }

    /// What is to be said of the comment itself.
    fn judge(&self, used: &[&'static Rule], rules: &Rules, found: &mut Vec<Finding>) {
        let mut say = |rule: &'static Rule, message: String, span: Span| {
            if rules.includes(rule) {
                let diagnostic = Diagnostic::new(rule.name, message, span);
                found.push(Finding { rule, diagnostic });
            }
        };
        let whole = Span::new(0, self.start, self.end);
        match &self.codes {
            Codes::All if used.is_empty() => say(
                &unused_ignore::RULE,
                "this comment keeps nothing quiet: no rule finds anything here".to_owned(),
                whole,
            ),
            Codes::All => {}
            Codes::These(codes) => {
                for (code, at) in codes {
                    let span = Span::new(0, *at, at + code.len() as u32);
                    if let Err(error) = selection::validate(code) {
                        say(&unknown_code::RULE, error.to_string(), span);
                        continue;
                    }
                    // A rule that is not asked finds nothing.
                    let asked = rules.chosen().any(|rule| selection::selects(code, rule));
                    if asked && !used.iter().any(|rule| selection::selects(code, rule)) {
                        let message = format!("`{code}` finds nothing here that could be kept quiet");
                        say(&unused_ignore::RULE, message, span);
                    }
                }
            }
        }
    }
}

/// What follows a word that stands at the start of a comment, or behind another `#` in it; with its place.
fn after<'c>(comment: &'c str, word: &str) -> Option<(usize, &'c str)> {
    let begins = comment.match_indices('#').find_map(|(at, _)| {
        let rest = comment[at + 1..].trim_start_matches([' ', '\t']);
        let place = comment.len() - rest.len();
        rest.strip_prefix(word).map(|rest| (place + word.len(), rest))
    });
    begins.filter(|(_, rest)| !rest.starts_with(|letter: char| letter.is_alphanumeric() || letter == '_'))
}

fn pieces(list: &str, at: u32) -> Vec<(String, u32)> {
    let mut found = Vec::new();
    let mut offset = at;
    for piece in list.split(',') {
        let begin = piece.len() - piece.trim_start().len();
        if !piece.trim().is_empty() {
            found.push((piece.trim().to_owned(), offset + begin as u32));
        }
        offset += piece.len() as u32 + 1;
    }
    found
}

/// The lines for which a comment counts.
fn lines_of(parsed: &Parsed, start: u32) -> (u32, u32) {
    let line = parsed.text.position(start).line;
    let before = &parsed.text.line(line)[..parsed.text.position(start).column as usize];
    match before.trim().is_empty() {
        true => {
            let next = (line + 1..=parsed.text.line_count()).find(|line| {
                let text = parsed.text.line(*line).trim();
                !text.is_empty() && !text.starts_with('#')
            });
            match next {
                Some(next) => parsed.simple_statement_lines(parsed.text.line_start(next)),
                None => (line, line),
            }
        }
        false => parsed.simple_statement_lines(start),
    }
}
