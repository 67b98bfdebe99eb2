//! Breaking text into lines without losing any of it.
//!
//! Lines break at blanks; a word that is too long, usually code, breaks after a comma, an operator, a dot or an
//! opening parenthesis, and only if there is none in reach at the edge.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns that `text` takes; styles take none.
pub fn width(text: &str) -> usize {
    anstream::adapter::strip_str(text).to_string().width()
}

/// Lines of at most `limit` columns.
pub fn wrap(text: &str, limit: usize) -> Vec<String> {
    let limit = limit.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let mut word = word;
        let room = limit.saturating_sub(width(&line) + usize::from(!line.is_empty()));
        if width(word) > room && !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        while width(word) > limit {
            let at = break_point(word, limit);
            lines.push(word[..at].to_string());
            word = &word[at..];
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// `text` wrapped, its later lines indented by `indent`; text that fits stays as it is.
pub fn paragraph(text: &str, limit: usize, indent: usize) -> String {
    if width(text) <= limit {
        return text.to_string();
    }
    let mut lines = Vec::new();
    let mut rest = text.to_string();
    loop {
        let room = if lines.is_empty() {
            limit
        } else {
            limit.saturating_sub(indent)
        };
        let wrapped = wrap(&rest, room);
        let (first, later) = wrapped.split_first().expect("wrap returns a line");
        lines.push(if lines.is_empty() {
            first.clone()
        } else {
            format!("{}{first}", " ".repeat(indent))
        });
        if later.is_empty() {
            return lines.join("\n");
        }
        rest = later.join(" ");
    }
}

/// `text` and blanks up to `columns`.
pub fn pad(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// Blanks and `text`, `columns` together.
pub fn pad_left(text: &str, columns: usize) -> String {
    format!("{}{text}", " ".repeat(columns.saturating_sub(width(text))))
}

/// Byte offset behind the last good place to break within `limit` columns.
fn break_point(word: &str, limit: usize) -> usize {
    let (mut columns, mut edge, mut good) = (0, 0, 0);
    for (at, character) in word.char_indices() {
        columns += character.width().unwrap_or(0);
        if columns > limit {
            break;
        }
        edge = at + character.len_utf8();
        let inside_number = word[edge..].starts_with(|next: char| next.is_ascii_digit());
        if matches!(character, ',' | '(' | '[' | '+' | '-' | '*' | '/' | '@' | '=' | ':')
            || (character == '.' && !inside_number)
        {
            good = edge;
        }
    }
    // A break near the start of the line would only waste it.
    if good * 3 >= edge {
        good
    } else {
        edge.max(word.chars().next().map_or(1, char::len_utf8))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, limit: usize) -> String {
        wrap(text, limit).join("|")
    }

    #[test]
    fn words_stay_whole_and_code_breaks_where_it_may() {
        insta::assert_snapshot!(check("matrix product by hand", 14), @"matrix product|by hand");
        insta::assert_snapshot!(check("np.array(A)@np.array(B)", 14), @"np.array(A)@|np.array(B)");
        insta::assert_snapshot!(check("a very_long_name_without_a_place", 10), @"a|very_long_|name_witho|ut_a_place");
        insta::assert_snapshot!(check("", 10), @"");
    }

    #[test]
    fn nothing_is_lost() {
        let text = "np.einsum('ij,jk->ik', first_operand, second_operand).astype(np.float32)";
        for limit in 1..40 {
            let glued: String = wrap(text, limit).concat();
            assert_eq!(glued.replace(' ', ""), text.replace(' ', ""));
        }
    }

    #[test]
    fn paragraphs_indent_their_later_lines() {
        insta::assert_snapshot!(paragraph("left alone: 15, 55 (already the fast form)", 24, 2), @"
        left alone: 15, 55
          (already the fast
          form)
        ");
    }
}
