//! Unified diffs, as `patch -p0` takes them.

use similar::TextDiff;

/// The diff from `old` to `new`; empty when they are the same.
pub fn unified(path: &str, old: &str, new: &str) -> String {
    if old == new {
        return String::new();
    }
    TextDiff::from_lines(old, new)
        .unified_diff()
        .context_radius(3)
        .header(path, path)
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diff_can_be_applied() {
        insta::assert_snapshot!(unified("a.py", "a\nb\nc", "a\nB\nc"), @r"
        --- a.py
        +++ a.py
        @@ -1,3 +1,3 @@
         a
        -b
        +B
         c
        \ No newline at end of file
        ");
        assert_eq!(unified("a.py", "a", "a"), "");
    }
}
