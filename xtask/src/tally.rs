//! Counting what a test runner reports.
//!
//! ```text
//! cargo test     test result: ok. 12 passed; 0 failed; 0 ignored; …        (one line per binary, added up)
//! pytest         ===== 3 failed, 40 passed, 1 skipped in 2.31s =====       (the last such line)
//! our runners    40 passed, 3 failed                                       (the last such line)
//! ```
//!
//! A runner that fails without counting a failure, because nothing compiled or it crashed, counts as one failure,
//! and so does one that found no test at all.

/// Passed and failed tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    pub passed: u32,
    pub failed: u32,
}

impl Tally {
    pub fn add(&mut self, other: Tally) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// How a runner's output is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runner {
    /// Not at all: the exit code is one test.
    ExitCode,
    CargoTest,
    Pytest,
    /// A closing line `N passed, N failed`.
    Closing,
}

/// Counts the tests of one run from its output and whether it exited with 0.
pub fn count(runner: Runner, lines: &[String], succeeded: bool) -> Tally {
    let plain: Vec<String> = lines.iter().map(|line| without_colour(line)).collect();
    let mut tally = match runner {
        Runner::ExitCode => Tally {
            passed: u32::from(succeeded),
            failed: 0,
        },
        Runner::CargoTest => cargo_test(&plain),
        Runner::Pytest | Runner::Closing => closing(&plain),
    };
    if tally.failed == 0 && (!succeeded || tally.passed == 0) {
        tally.failed = 1;
    }
    tally
}

fn cargo_test(lines: &[String]) -> Tally {
    let mut tally = Tally::default();
    for line in lines.iter().filter(|line| line.starts_with("test result:")) {
        tally.passed += number_before(line, "passed");
        tally.failed += number_before(line, "failed");
    }
    tally
}

fn closing(lines: &[String]) -> Tally {
    let counts = |line: &&String| {
        let bare = line.trim_matches(['=', ' ']);
        bare.starts_with(|first: char| first.is_ascii_digit())
            && ["passed", "failed", "error"]
                .iter()
                .any(|word| number_word(bare, word).is_some())
    };
    let Some(line) = lines.iter().rev().find(counts) else {
        return Tally::default();
    };
    let failed = number_before(line, "failed") + number_before(line, "error") + number_before(line, "errors");
    Tally {
        passed: number_before(line, "passed"),
        failed,
    }
}

/// The number that stands right before `word`, 0 if there is none.
fn number_before(line: &str, word: &str) -> u32 {
    number_word(line, word).unwrap_or(0)
}

fn number_word(line: &str, word: &str) -> Option<u32> {
    let words: Vec<&str> = line
        .split(|end: char| end.is_whitespace() || ",;=".contains(end))
        .collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    words
        .windows(2)
        .find(|pair| pair[1] == word)
        .and_then(|pair| pair[0].parse().ok())
}

/// `line` without the escape sequences that terminals read as colours.
fn without_colour(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            // `ESC [ … letter`
            characters.by_ref().skip(1).find(|end| end.is_ascii_alphabetic());
        } else {
            plain.push(character);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(runner: Runner, output: &str, succeeded: bool, passed: u32, failed: u32) {
        let lines: Vec<String> = output.lines().map(str::to_owned).collect();
        assert_eq!(count(runner, &lines, succeeded), Tally { passed, failed });
    }

    #[test]
    fn cargo_binaries_are_added_up() {
        let output = "\
test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s";
        check(Runner::CargoTest, output, false, 15, 2);
    }

    #[test]
    fn cargo_that_does_not_compile_is_one_failure() {
        check(Runner::CargoTest, "error: could not compile `numlift_ir`", false, 0, 1);
    }

    #[test]
    fn pytest_counts_errors_as_failures() {
        let output =
            "12 passed the gate\n\u{1b}[31m== \u{1b}[1m3 failed\u{1b}[0m, 40 passed, 1 skipped, 2 errors in 2.31s ==";
        check(Runner::Pytest, output, false, 40, 5);
        check(Runner::Pytest, "==== 7 passed in 0.02s ====", true, 7, 0);
        check(Runner::Pytest, "==== 1 passed, 1 warning in 0.02s ====", true, 1, 0);
    }

    #[test]
    fn no_test_at_all_is_a_failure() {
        check(Runner::Pytest, "==== no tests ran in 0.01s ====", false, 0, 1);
        check(Runner::CargoTest, "", true, 0, 1);
    }

    #[test]
    fn closing_lines_of_our_own_runners() {
        check(Runner::Closing, "40 passed, 3 failed", false, 40, 3);
        check(Runner::Closing, "40 passed, 0 failed", true, 40, 0);
        // It printed its count and then crashed.
        check(Runner::Closing, "40 passed, 0 failed", false, 40, 1);
    }

    #[test]
    fn exit_codes_are_one_test() {
        check(Runner::ExitCode, "", true, 1, 0);
        check(Runner::ExitCode, "", false, 0, 1);
    }
}
