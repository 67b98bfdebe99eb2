//! A pass that changed nothing says so, and has nothing to do on what it made: on every form of every fixture.

#[path = "../../numlift_ir/tests/fixtures/forms.rs"]
mod forms;

use numlift_ir::function::Function;
use numlift_ir::text::{compact, parse};
use numlift_passes::{dead, forward, raise, retype, sink, unroll};

/// The forms of all fixtures in sections of this name.
fn forms(wanted: &str) -> impl Iterator<Item = (String, Function)> {
    let forms = forms::forms()
        .into_iter()
        .filter(move |(_, section, _)| section == wanted);
    forms.map(|(place, _, text)| {
        let func = parse(&text).unwrap_or_else(|error| panic!("{place}: {error}"));
        (place, func)
    })
}

/// What a pass says against what it does; then the same of a second time. Gives how often there was something to do.
fn check(pass: fn(&mut Function) -> bool) -> usize {
    let mut changes = 0;
    for (path, func) in forms("read").chain(forms("raised")) {
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
        let again = raise::raise(&func, raise::Options::default());
        assert_eq!(again.raised, 0, "{path}\n{func}");
        assert_eq!(compact(&again.func), func, "{path}");
    }
}
