//! A pass that changed nothing says so, and has nothing to do on what it made: on every form of every fixture.

#![expect(
    clippy::disallowed_methods,
    reason = "the crate does no I/O; this test reads what others wrote"
)]

use std::fs;
use std::path::{Path, PathBuf};

use numlift_ir::function::Function;
use numlift_ir::text::{compact, parse};
use numlift_passes::{dead, forward, raise, retype, sink, unroll};

fn snapshots() -> Vec<PathBuf> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures");
    let folders = fs::read_dir(fixtures).unwrap().map(|entry| entry.unwrap().path());
    let files = folders.flat_map(|folder| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()));
    let mut found: Vec<PathBuf> = files
        .filter(|path| path.extension().is_some_and(|ext| ext == "snap"))
        .collect();
    found.sort();
    found
}

/// The forms of all fixtures that stand in sections of this name.
fn forms(section: &str) -> Vec<(String, Function)> {
    let mut found = Vec::new();
    for path in snapshots() {
        let text = fs::read_to_string(&path).unwrap();
        for part in text.split(&format!("-- {section}\n")).skip(1) {
            let form = part.split("\n-- ").next().unwrap_or_default();
            let func = parse(form).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            found.push((path.display().to_string(), func));
        }
    }
    assert!(found.len() > 100, "only {} forms", found.len());
    found
}

/// What a pass says against what it does; then the same of a second time. Gives how often there was something to do.
fn check(pass: fn(&mut Function) -> bool) -> usize {
    let mut changes = 0;
    for (path, func) in forms("read").into_iter().chain(forms("raised")) {
        let mut once = func.clone();
        let changed = pass(&mut once);
        changes += usize::from(changed);
        assert_eq!(changed, compact(&once) != func, "{path}\n{func}\n{}", compact(&once));
        let mut twice = once.clone();
        assert!(
            !pass(&mut twice),
            "{path}: something to do a second time\n{}",
            compact(&once)
        );
        assert_eq!(twice, once, "{path}");
    }
    changes
}

#[test]
fn dead_code_goes_at_once() {
    assert!(check(dead::remove) > 0);
}

#[test]
fn stores_sink_at_once() {
    assert!(check(sink::sink) > 0);
}

#[test]
fn types_come_to_rest_at_once() {
    check(retype::retype);
}

#[test]
fn lists_are_forwarded_at_once() {
    check(|func| forward::forward(func, func.body));
}

#[test]
fn short_sums_are_written_out_at_once() {
    check(|func| unroll::unroll(func, func.body));
}

/// What is raised has no loop that could be raised.
#[test]
fn raising_is_done_once() {
    for (path, func) in forms("raised") {
        let again = raise::raise(&func, raise::Options { split: false });
        assert_eq!(again.raised, 0, "{path}\n{func}");
        assert_eq!(compact(&again.func), func, "{path}");
    }
}
