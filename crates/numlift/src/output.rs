//! Comparing what the whole program printed, before and after.
//!
//! Text has to be the same. A number may differ by rounding where rounding cures were applied: by the bound that they
//! were checked for, and by one unit of its last printed digit, since a difference anywhere can tip that digit. In
//! masked lines, those that show the clock or that differ between two runs of the unchanged program, numbers are not
//! compared at all, nor the blanks around them, which pad them.
//!
//! ```text
//! took 1.873 s, norm 12.99999999999997    masked line: only `took … s, norm …` has to agree
//! ```

use std::collections::BTreeSet;

/// How two outputs compare.
#[derive(Debug, Clone, PartialEq)]
pub enum Comparison {
    Same,
    /// Numbers differ by at most this, relatively.
    Within(f64),
    Differs(Difference),
}

/// The first place where outputs differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Line of the output, from 1.
    pub line: usize,
    pub old: String,
    pub new: String,
}

/// Compares two outputs; `tolerance` is relative, 0 where everything has to be the same; `masked` are lines from 0.
pub fn compare(old: &[u8], new: &[u8], tolerance: f64, masked: &BTreeSet<usize>) -> Comparison {
    if old == new {
        return Comparison::Same;
    }
    let (old, new) = (lines(old), lines(new));
    let mut largest = 0.0f64;
    for index in 0..old.len().max(new.len()) {
        let verdict = match (old.get(index), new.get(index)) {
            (Some(old), Some(new)) if masked.contains(&index) => same_masked(old, new).then_some(0.0),
            (Some(old), Some(new)) => compare_line(old, new, tolerance),
            (Some(_), None) | (None, Some(_)) | (None, None) => None,
        };
        match verdict {
            Some(relative) => largest = largest.max(relative),
            None => {
                let shown = |lines: &[String]| {
                    lines
                        .get(index)
                        .cloned()
                        .unwrap_or_else(|| "(no such line)".to_string())
                };
                return Comparison::Differs(Difference {
                    line: index + 1,
                    old: shown(&old),
                    new: shown(&new),
                });
            }
        }
    }
    if largest > 0.0 {
        Comparison::Within(largest)
    } else {
        Comparison::Same
    }
}

/// Lines (from 0) that differ between two outputs in their numbers only; none when they differ otherwise, since then
/// it is not known which line is which.
pub fn unsteady_lines(one: &[u8], other: &[u8]) -> Option<BTreeSet<usize>> {
    let (one, other) = (lines(one), lines(other));
    if one.len() != other.len() {
        return None;
    }
    let mut unsteady = BTreeSet::new();
    for (index, (a, b)) in one.iter().zip(&other).enumerate() {
        if a != b {
            if !same_masked(a, b) {
                return None;
            }
            unsteady.insert(index);
        }
    }
    Some(unsteady)
}

/// Lines (from 0) that were printed right after the clock was read; `reads` are positions in the output, in bytes.
/// Later lines may show a time too, but need not.
pub fn clock_lines(output: &[u8], reads: &[u64]) -> BTreeSet<usize> {
    let line_of = |position: u64| {
        let end = usize::try_from(position).unwrap_or(usize::MAX).min(output.len());
        output[..end].iter().filter(|byte| **byte == b'\n').count()
    };
    reads.iter().map(|position| line_of(*position)).collect()
}

/// How many of these lines differ.
pub fn count_differing(one: &[u8], other: &[u8], among: &BTreeSet<usize>) -> u32 {
    let (one, other) = (lines(one), lines(other));
    among
        .iter()
        .filter(|index| one.get(**index) != other.get(**index))
        .count() as u32
}

fn lines(output: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(output).lines().map(str::to_owned).collect()
}

/// The largest relative difference of the numbers; none when the lines differ.
fn compare_line(old: &str, new: &str, tolerance: f64) -> Option<f64> {
    if old == new {
        return Some(0.0);
    }
    if tolerance == 0.0 {
        return None;
    }
    let (old, new) = (pieces(old), pieces(new));
    if old.len() != new.len() {
        return None;
    }
    let mut largest = 0.0f64;
    for pair in old.iter().zip(&new) {
        match pair {
            (Piece::Number(old), Piece::Number(new)) => largest = largest.max(compare_number(old, new, tolerance)?),
            // Blanks pad numbers: `-1.0` and ` 1.0`, `9.99` and `10.00`.
            (Piece::Text(old), Piece::Text(new)) if old.trim_end() == new.trim_end() => {}
            (Piece::Text(_), _) | (Piece::Number(_), Piece::Text(_)) => return None,
        }
    }
    Some(largest)
}

fn compare_number(old: &str, new: &str, tolerance: f64) -> Option<f64> {
    if old == new {
        return Some(0.0);
    }
    if is_integer(old) && is_integer(new) {
        return None;
    }
    let (a, b): (f64, f64) = (old.parse().ok()?, new.parse().ok()?);
    let size = a.abs().max(b.abs());
    let difference = (a - b).abs();
    let allowed = tolerance * size + last_digit(old).max(last_digit(new)) * 1.000_001;
    (difference <= allowed).then(|| if size > 0.0 { difference / size } else { 0.0 })
}

fn is_integer(number: &str) -> bool {
    number
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'+'))
}

/// One unit of the last printed digit: 0.001 for `1.250`, 1e-9 for `1.25e-7`.
fn last_digit(number: &str) -> f64 {
    let (mantissa, exponent) = match number.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse().unwrap_or(0)),
        None => (number, 0),
    };
    let decimals = mantissa
        .split_once('.')
        .map_or(0, |(_, decimals)| decimals.len() as i32);
    10f64.powi(exponent - decimals)
}

fn same_masked(old: &str, new: &str) -> bool {
    let masked = |line: &str| {
        let shown = pieces(line).into_iter().map(|piece| match piece {
            Piece::Number(_) => "#".to_string(),
            Piece::Text(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
        });
        shown.collect::<String>()
    };
    old == new || masked(old) == masked(new)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece<'a> {
    Text(&'a str),
    Number(&'a str),
}

/// Cuts a line into numbers and the text between them. A sign belongs to a number unless an operand stands before it.
fn pieces(line: &str) -> Vec<Piece<'_>> {
    let bytes = line.as_bytes();
    let mut pieces = Vec::new();
    let (mut text, mut at) = (0, 0);
    while at < bytes.len() {
        let inside_word = at > 0 && is_word(bytes[at - 1]);
        match number_at(bytes, at) {
            Some(end) if !inside_word => {
                if text < at {
                    pieces.push(Piece::Text(&line[text..at]));
                }
                pieces.push(Piece::Number(&line[at..end]));
                (text, at) = (end, end);
            }
            Some(_) | None => at += 1,
        }
    }
    if text < line.len() {
        pieces.push(Piece::Text(&line[text..]));
    }
    pieces
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// The end of the number that starts here.
fn number_at(bytes: &[u8], start: usize) -> Option<usize> {
    let digits = |mut at: usize| {
        while bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        at
    };
    let mut at = start;
    if matches!(bytes[at], b'-' | b'+') {
        at += 1;
    }
    let whole = digits(at);
    let mut end = whole;
    if bytes.get(whole) == Some(&b'.') {
        end = digits(whole + 1);
    }
    let has_digits = whole > at || end > whole + 1;
    if !has_digits {
        return None;
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'-' | b'+')));
        let exponent = digits(end + 1 + sign);
        if exponent > end + 1 + sign {
            end = exponent;
        }
    }
    Some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(old: &str, new: &str, tolerance: f64, masked: &[usize]) -> Comparison {
        compare(
            old.as_bytes(),
            new.as_bytes(),
            tolerance,
            &masked.iter().copied().collect(),
        )
    }

    fn differs(comparison: Comparison) -> bool {
        matches!(comparison, Comparison::Differs(_))
    }

    #[test]
    fn exact_cures_keep_every_character() {
        assert_eq!(check("a 1.0\n", "a 1.0\n", 0.0, &[]), Comparison::Same);
        assert!(differs(check("a 1.0\n", "a 1.0000000000000002\n", 0.0, &[])));
        assert!(differs(check("a\n", "a\nb\n", 0.0, &[])));
    }

    #[test]
    fn rounding_may_move_numbers_within_the_bound() {
        assert!(matches!(
            check("s = 0.30000000000000004", "s = 0.3", 1e-12, &[]),
            Comparison::Within(_)
        ));
        assert!(matches!(
            check("[ 1.25 -2.5]", "[ 1.26 -2.5]", 1e-12, &[]),
            Comparison::Within(_)
        ));
        assert!(differs(check("1.25", "1.27", 1e-12, &[])));
        assert!(differs(check("1.0000000001", "1.0000000009", 1e-12, &[])));
    }

    #[test]
    fn integers_signs_and_words_do_not_move() {
        assert!(differs(check("n = 12", "n = 13", 1e-3, &[])));
        assert!(differs(check("x1 = 1.0", "x2 = 1.0", 1.0, &[])));
        assert!(differs(check("-1e-17", "1e-17", 1e-9, &[])));
        assert!(differs(check("nan", "1.0", 1.0, &[])));
    }

    #[test]
    fn masked_lines_keep_their_words() {
        assert_eq!(check("took   9.1 s\nx", "took 10.25 s\nx", 0.0, &[0]), Comparison::Same);
        assert!(differs(check("took 9.1 s", "took 9.1 h", 0.0, &[0])));
        assert!(differs(check("took 9.1 s\n1", "took 9.2 s\n2", 0.0, &[0])));
    }

    #[test]
    fn unsteady_lines_are_those_whose_numbers_differ() {
        assert_eq!(unsteady_lines(b"a 1\nb 2\n", b"a 1\nb 3\n"), Some(BTreeSet::from([1])));
        assert_eq!(unsteady_lines(b"a 1\n", b"b 1\n"), None);
    }

    #[test]
    fn the_line_after_a_clock_read_shows_the_clock() {
        let output = b"start\ntook 1.5 s\nresult 2.0\n";
        assert_eq!(clock_lines(output, &[0, 6]), BTreeSet::from([0, 1]));
        assert_eq!(clock_lines(output, &[999]), BTreeSet::from([3]));
    }

    #[test]
    fn numbers_are_found_where_they_stand() {
        let numbers = |line| {
            let found = pieces(line).into_iter().filter_map(|piece| match piece {
                Piece::Number(number) => Some(number),
                Piece::Text(_) => None,
            });
            found.collect::<Vec<_>>().join(" ")
        };
        insta::assert_snapshot!(numbers("x1=1.5e-3 (2+3j) 4-5 .5 6. é7 1e5x [-0.25,+1]"), @"1.5e-3 2 3 4 5 .5 6. 1e5 -0.25 +1");
    }
}
