//! Numbers as the report shows them: two significant digits, with a unit that a person would choose.

use numlift::cure::Strength;
use numlift::report::{CureReport, Seen};

/// `1.7 s`, `110 ms`, `0.25 ms`, `35 µs`, `25 min`.
pub fn seconds(value: f64) -> String {
    let (scaled, unit) = if value >= 3600.0 {
        (value / 3600.0, "h")
    } else if value >= 300.0 {
        (value / 60.0, "min")
    } else if value >= 0.995 {
        (value, "s")
    } else if value >= 0.0000995 {
        (value * 1e3, "ms")
    } else if value >= 0.0000000995 {
        (value * 1e6, "µs")
    } else {
        (value * 1e9, "ns")
    };
    format!("{} {unit}", two_digits(scaled))
}

/// `1.9 s`, `0.05 s`: the same in seconds alone, for the lines that compare.
pub fn plain_seconds(value: f64) -> String {
    if (0.000_5..300.0).contains(&value) {
        format!("{} s", two_digits(value))
    } else {
        seconds(value)
    }
}

/// `420x`, `1.3x`.
pub fn factor(value: f64) -> String {
    if value.is_finite() {
        format!("{}x", two_digits(value))
    } else {
        "-".to_string()
    }
}

/// `88 %`, `<1 %`.
pub fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent < 0.5 {
        "<1 %".to_string()
    } else {
        format!("{} %", percent.min(100.0).round())
    }
}

/// `exact`, `rounding 2e-15`, `rounding 1 ulp`.
pub fn strength(cure: &CureReport) -> String {
    match cure.strength {
        Strength::Exact => "exact".to_string(),
        Strength::Rounding => match cure.seen {
            None => "rounding".to_string(),
            Some(seen) => format!("rounding {}", rounding(seen)),
        },
    }
}

/// `1 ulp` while it is a few, else `2e-15`; `0` when no difference showed.
pub fn rounding(seen: Seen) -> String {
    match seen.ulps {
        _ if seen.relative == 0.0 => "0 seen".to_string(),
        Some(ulps) if ulps < 8.5 => format!("{} ulp", ulps.max(1.0).round()),
        Some(_) | None => power(seen.relative),
    }
}

/// `2e-15`.
pub fn power(value: f64) -> String {
    format!("{value:.0e}")
}

/// `1.5 GB`, in powers of 1000 as disks and networks count.
pub fn bytes(value: u64) -> String {
    let value = value as f64;
    let (scaled, unit) = if value >= 1e9 {
        (value / 1e9, "GB")
    } else if value >= 1e6 {
        (value / 1e6, "MB")
    } else if value >= 1e3 {
        (value / 1e3, "kB")
    } else {
        (value, "bytes")
    };
    format!("{} {unit}", two_digits(scaled))
}

/// `1 region`, `4 regions`.
pub fn count(number: impl Into<u64>, noun: &str) -> String {
    let number = number.into();
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}

fn two_digits(value: f64) -> String {
    if !value.is_finite() || value <= 0.0 {
        return "0".to_string();
    }
    let exponent = value.log10().floor() as i32;
    let unit = 10f64.powi(exponent - 1);
    let rounded = (value / unit).round() * unit;
    let decimals = (1 - exponent).max(0) as usize;
    let text = format!("{rounded:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_string()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_two_digits() {
        let shown = [
            1.66, 0.1102, 0.0041, 0.00092, 0.00025, 0.000035, 3.2e-7, 99.6, 0.9999, 1500.0, 7300.0, 0.0,
        ];
        insta::assert_snapshot!(shown.map(seconds).join(", "), @"1.7 s, 110 ms, 4.1 ms, 0.92 ms, 0.25 ms, 35 µs, 0.32 µs, 100 s, 1 s, 25 min, 2 h, 0 ns");
        insta::assert_snapshot!([1.94, 0.052, 0.0004, 0.03].map(plain_seconds).join(", "), @"1.9 s, 0.052 s, 0.4 ms, 0.03 s");
    }

    #[test]
    fn factors_and_shares_have_two_digits() {
        insta::assert_snapshot!([424.0, 55.3, 9.96, 1.25, 1234.0].map(factor).join(", "), @"420x, 55x, 10x, 1.3x, 1200x");
        insta::assert_snapshot!([0.884, 0.06, 0.004, 1.3].map(percent).join(", "), @"88 %, 6 %, <1 %, 100 %");
        insta::assert_snapshot!([512, 2_000, 1_500_000, 8_200_000_000].map(bytes).join(", "), @"510 bytes, 2 kB, 1.5 MB, 8.2 GB");
    }
}
