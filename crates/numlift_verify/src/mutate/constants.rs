//! The numbers that stand in a region's text.
//!
//! A comparison with `1.0` is only put to the test by values at and beside it, and a size that matters (`n > 128`) by
//! sizes around it. So every number literal of both texts is a special value.

/// Number literals of the texts, in order, each once.
pub fn constants<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<f64> {
    let mut found: Vec<f64> = Vec::new();
    for text in texts {
        for value in literals(text) {
            if value.is_finite() && !found.contains(&value) && found.len() < MOST {
                found.push(value);
            }
        }
    }
    found
}

/// More constants than this are a table, not a set of limits.
const MOST: usize = 40;

fn literals(text: &str) -> Vec<f64> {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let starts =
            bytes[at].is_ascii_digit() || bytes[at] == b'.' && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
        if !starts {
            at += 1;
            continue;
        }
        let first = at;
        while at < bytes.len() && is_part(bytes, first, at) {
            at += 1;
        }
        let in_name = first > 0 && (bytes[first - 1].is_ascii_alphanumeric() || bytes[first - 1] == b'_');
        let literal = text[first..at].replace('_', "");
        if !in_name && let Ok(value) = literal.trim_end_matches(['j', 'J']).parse::<f64>() {
            out.push(value);
        }
    }
    out
}

/// Digits, a point, letters of an exponent or suffix, and a sign right behind the exponent's `e`.
fn is_part(bytes: &[u8], first: usize, at: usize) -> bool {
    match bytes[at] {
        b'+' | b'-' => at > first && matches!(bytes[at - 1], b'e' | b'E'),
        byte => byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'_',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_and_names_are_not() {
        let text = "if x1 > 1.5e-3 and n <= 1_28:\n    a[:, 2] = .5 * x.f4 - 0x1f + 3j";
        assert_eq!(constants([text, "y = 2"]), [1.5e-3, 128.0, 2.0, 0.5, 3.0]);
    }
}
