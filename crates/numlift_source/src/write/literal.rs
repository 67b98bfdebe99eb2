//! Constants as Python writes them: what `repr` would print, and expressions where a literal has no sign or no infinity.

use numlift_ir::op::Const;

use super::python::Expr;

/// A finite float without its sign: `repr(abs(float))`.
fn magnitude(float: f64) -> String {
    let float = float.abs();
    // Rust's shortest digits are Python's; only where Python changes to an exponent differs.
    if float != 0.0 && !(1e-4..1e16).contains(&float) {
        let text = format!("{float:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, exponent) = match exponent.strip_prefix('-') {
            Some(exponent) => ("-", exponent),
            None => ("+", exponent),
        };
        return format!("{digits}e{sign}{exponent:0>2}");
    }
    let text = format!("{float}");
    if text.contains('.') { text } else { format!("{text}.0") }
}

/// An int.
pub(super) fn int(int: i128) -> Expr {
    signed(int < 0, Expr::Number(int.unsigned_abs().to_string()))
}

fn signed(negative: bool, magnitude: Expr) -> Expr {
    if negative {
        Expr::unary("-", magnitude)
    } else {
        magnitude
    }
}

/// What NumPy has a name for, and what has no literal: `inf`, `nan`, or none that anybody would write: `pi`.
pub(super) enum Special {
    Infinity,
    Nan,
    Pi,
}

/// A float; `special` spells what has no literal of its own.
pub(super) fn float(float: f64, special: &mut dyn FnMut(Special) -> Expr) -> Expr {
    if float.is_nan() {
        return special(Special::Nan);
    }
    let magnitude = if float.is_infinite() {
        special(Special::Infinity)
    } else if float.abs().to_bits() == std::f64::consts::PI.to_bits() {
        special(Special::Pi)
    } else {
        Expr::Number(magnitude(float))
    };
    signed(float.is_sign_negative(), magnitude)
}

/// A string literal as `repr` prints it, in double quotes where that needs no escape.
pub(super) fn string(text: &str) -> Expr {
    let quote = if text.contains('"') && !text.contains('\'') {
        '\''
    } else {
        '"'
    };
    let mut out = String::from(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c if (c as u32) < 0x20 || c as u32 == 0x7f => out.push_str(&format!("\\x{:02x}", c as u32)),
            c if c.is_control() || c == '\u{feff}' => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push(quote);
    Expr::Literal(out)
}

/// A constant without special floats inside; complex numbers that no sum of literals gives are left to the caller.
pub(super) fn plain(constant: &Const) -> Option<Expr> {
    Some(match constant {
        Const::None => Expr::Literal("None".to_owned()),
        Const::Bool(true) => Expr::Literal("True".to_owned()),
        Const::Bool(false) => Expr::Literal("False".to_owned()),
        Const::Ellipsis => Expr::Literal("...".to_owned()),
        Const::Int(value) => int(*value),
        Const::Str(text) => string(text),
        Const::Complex(re, im) if re.to_bits() == 0 && im.is_finite() && im.is_sign_positive() => {
            Expr::Number(format!("{}j", short(*im)))
        }
        Const::Complex(re, im) if re.is_finite() && im.is_finite() && *re != 0.0 && *im != 0.0 => {
            let operator = if im.is_sign_negative() { "-" } else { "+" };
            let re = signed(re.is_sign_negative(), Expr::Number(short(*re)));
            Expr::binary(operator, re, Expr::Number(format!("{}j", short(*im))))
        }
        Const::Float(_) | Const::Complex(..) => return None,
    })
}

/// The parts of a complex number are floats without being written so.
fn short(float: f64) -> String {
    let text = magnitude(float);
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}
