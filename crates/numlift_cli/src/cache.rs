//! `numlift cache`: what is kept of compiled code.
//!
//! ```text
//! $ numlift cache size
//! 12 entries, 340 kB of at most 1 GB
//! ```

use std::fmt::Write as _;

use anyhow::{Result, bail};
use numlift::cache::{Cache, Cleaned, Listed, Size, Verified};

use crate::args::{CacheAction, Color};
use crate::{FINE, numbers, terminal};

pub fn command(action: CacheAction, color: Color) -> Result<i32> {
    let Some(cache) = Cache::of_process() else {
        bail!("compiled code is not kept: NUMLIFT_CACHE switches it off, or there is no home for it");
    };
    let text = match action {
        CacheAction::Dir => format!("{}\n", cache.path().display()),
        CacheAction::Size => size(cache.size()),
        CacheAction::List => list(&cache.list()),
        CacheAction::Clean => clean(cache.clean()),
        CacheAction::Verify => verify(cache.verify()),
    };
    if let Some(warning) = cache.take_warning() {
        bail!("{warning}");
    }
    terminal::print_whole(color, &text)?;
    Ok(FINE)
}

fn size(size: Size) -> String {
    let limit = numbers::bytes(size.limit);
    format!(
        "{}, {} of at most {limit}\n",
        entries(size.entries),
        numbers::bytes(size.bytes)
    )
}

fn list(listed: &[Listed]) -> String {
    let mut text = String::new();
    for entry in listed {
        let age = format!("used {} ago", numbers::seconds(entry.age.max(1) as f64));
        let label = if entry.label.is_empty() { "?" } else { &entry.label };
        let bytes = numbers::bytes(entry.bytes);
        let _ = writeln!(
            text,
            "{}  {bytes:>8}  {age:<16}  {}",
            &entry.key[..12],
            printable(label)
        );
    }
    text
}

fn clean(cleaned: Cleaned) -> String {
    format!(
        "removed {}, {}\n",
        entries(cleaned.entries),
        numbers::bytes(cleaned.bytes)
    )
}

fn verify(verified: Verified) -> String {
    let mut text = format!("{} whole\n", entries(verified.whole));
    if verified.removed > 0 {
        let _ = writeln!(text, "{} damaged, removed", entries(verified.removed));
    }
    if verified.foreign > 0 {
        let _ = writeln!(
            text,
            "{} made with another NUMLIFT_CACHE_KEY",
            entries(verified.foreign)
        );
    }
    text
}

fn entries(count: usize) -> String {
    if count == 1 {
        "1 entry".to_string()
    } else {
        format!("{count} entries")
    }
}

/// A label came from a file; nothing in it may steer the terminal.
fn printable(label: &str) -> String {
    label.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_from_left_to_right() {
        let entry = |label: &str, bytes, age| Listed {
            key: "5f3a9c01d2e4".repeat(6),
            label: label.to_string(),
            bytes,
            age,
        };
        let shown = list(&[
            entry("heat.py::step", 18_400, 7),
            entry("\u{1b}[2J", 1_200_000, 86_400),
            entry("", 90, 0),
        ]);
        insta::assert_snapshot!(shown, @r"
        5f3a9c01d2e4     18 kB  used 7 s ago      heat.py::step
        5f3a9c01d2e4    1.2 MB  used 24 h ago     ?[2J
        5f3a9c01d2e4  90 bytes  used 1 s ago      ?
        ");
    }

    #[test]
    fn what_was_found_is_told_in_full() {
        let verified = |whole, removed, foreign| {
            verify(Verified {
                whole,
                removed,
                foreign,
            })
        };
        assert_eq!(verified(3, 0, 0), "3 entries whole\n");
        assert_eq!(
            verified(1, 2, 1),
            "1 entry whole\n2 entries damaged, removed\n1 entry made with another NUMLIFT_CACHE_KEY\n"
        );
        let size = size(Size {
            entries: 12,
            bytes: 340_000,
            limit: 1_000_000_000,
        });
        assert_eq!(size, "12 entries, 340 kB of at most 1 GB\n");
        assert_eq!(
            clean(Cleaned { entries: 1, bytes: 510 }),
            "removed 1 entry, 510 bytes\n"
        );
    }
}
