//! How much memory is free, for the default of `--max-memory`.
//!
//! The one place that asks the operating system; where it cannot say, a modest machine is assumed.

/// A quarter of what is free.
pub fn default_limit() -> u64 {
    available().unwrap_or(ASSUMED) / 4
}

/// Four gigabytes, when nobody says.
const ASSUMED: u64 = 4 << 30;

#[cfg(target_os = "linux")]
fn available() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

#[cfg(not(target_os = "linux"))]
fn available() -> Option<u64> {
    None
}
