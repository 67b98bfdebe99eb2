//! What counts as a difference, and what does not.

use super::*;
use crate::dtype::Dtype;
use crate::engine::Warning;
use crate::value::{Array, Items, Object};

/// Builds an outcome: the closure fills the heap and returns arguments and names.
fn outcome(build: impl FnOnce(&mut Heap) -> (Vec<(&'static str, Value)>, Vec<(&'static str, Value)>)) -> Outcome {
    let mut outcome = Outcome::empty(Ended::Finished);
    let (arguments, names) = build(&mut outcome.heap);
    let own = |bindings: Vec<(&str, Value)>| {
        bindings
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    };
    outcome.arguments = own(arguments);
    outcome.names = own(names);
    outcome
}

fn named(build: impl FnOnce(&mut Heap) -> Value) -> Outcome {
    outcome(|heap| (Vec::new(), vec![("out", build(heap))]))
}

fn differences(old: &Outcome, new: &Outcome, policy: &Policy) -> Vec<(DifferenceKind, String)> {
    let live_out = ["out".to_owned()];
    let ignored = BTreeSet::new();
    let compared = compare(
        old,
        new,
        Rules {
            policy,
            live_out: &live_out,
            ignored: &ignored,
        },
    );
    compared
        .differences
        .into_iter()
        .map(|difference| (difference.kind, difference.path))
        .collect()
}

fn check(old: &Outcome, new: &Outcome, expected: &[(DifferenceKind, &str)]) {
    let found = differences(old, new, &Policy::default());
    let found: Vec<(DifferenceKind, &str)> = found.iter().map(|(kind, path)| (*kind, path.as_str())).collect();
    assert_eq!(found, expected);
}

fn view(heap: &mut Heap, of: &Value, start: usize, length: usize) -> Value {
    let Value::Ref(id) = of else { panic!("an array") };
    let Object::Array(array) = heap.object(*id).clone() else {
        panic!("an array")
    };
    let offset = array.offset + start * 8;
    Value::Ref(heap.add(Object::Array(Array {
        offset,
        shape: vec![length],
        ..array
    })))
}

#[test]
fn equal_outcomes_agree() {
    let build = || named(|heap| heap.floats(&[2], &[1.0, f64::NAN]));
    check(&build(), &build(), &[]);
}

#[test]
fn values_types_shapes_and_dtypes_differ() {
    let base = named(|heap| heap.floats(&[2], &[1.0, 2.0]));
    check(
        &base,
        &named(|heap| heap.floats(&[2], &[1.0, 3.0])),
        &[(DifferenceKind::Value, "out[1]")],
    );
    check(
        &base,
        &named(|heap| heap.floats(&[2, 1], &[1.0, 2.0])),
        &[(DifferenceKind::Shape, "out")],
    );
    let float32 = |heap: &mut Heap| heap.array(Dtype::native('f', 4), vec![2], vec![0; 8]);
    check(&base, &named(float32), &[(DifferenceKind::Dtype, "out")]);
    check(
        &base,
        &named(|heap| heap.list(Items::Floats(vec![1.0, 2.0]))),
        &[(DifferenceKind::Type, "out")],
    );
    let scalar = |value: Value| named(|_| value);
    let np = Value::Np(Dtype::float64(), 1f64.to_ne_bytes().to_vec());
    check(
        &scalar(Value::Float(1.0)),
        &scalar(np),
        &[(DifferenceKind::Type, "out")],
    );
    check(
        &scalar(Value::Int(1)),
        &scalar(Value::Bool(true)),
        &[(DifferenceKind::Type, "out")],
    );
    check(
        &scalar(Value::Float(0.0)),
        &scalar(Value::Float(-0.0)),
        &[(DifferenceKind::Value, "out")],
    );
}

#[test]
fn a_name_bound_on_one_side_differs_when_it_is_read() {
    let nothing = outcome(|_| (Vec::new(), Vec::new()));
    check(&named(|_| Value::Int(1)), &nothing, &[(DifferenceKind::Unbound, "out")]);
    let dead = |value| outcome(|_| (Vec::new(), vec![("i", value)]));
    check(&dead(Value::Int(1)), &nothing, &[]);
    check(
        &dead(Value::Int(1)),
        &dead(Value::Int(2)),
        &[(DifferenceKind::Value, "i")],
    );
    check(&dead(Value::Int(1)), &dead(Value::Float(2.0)), &[]);
}

#[test]
fn views_of_arguments_are_told_from_copies() {
    let values = [1.0, 2.0, 3.0];
    let alias = |copy: bool, start: usize| {
        outcome(move |heap| {
            let x = heap.floats(&[3], &[1.0; 3]);
            let out = if copy {
                heap.floats(&[2], &[1.0; 2])
            } else {
                view(heap, &x, start, 2)
            };
            (vec![("x", x)], vec![("out", out)])
        })
    };
    check(&alias(false, 0), &alias(false, 0), &[]);
    check(&alias(false, 0), &alias(true, 0), &[(DifferenceKind::Sharing, "out")]);
    check(&alias(true, 0), &alias(false, 0), &[(DifferenceKind::Sharing, "out")]);
    check(&alias(false, 0), &alias(false, 1), &[(DifferenceKind::Sharing, "out")]);
    let same = |same: bool| {
        outcome(move |heap| {
            let x = heap.floats(&[3], &values);
            let out = if same { x.clone() } else { heap.floats(&[3], &values) };
            (vec![("x", x)], vec![("out", out)])
        })
    };
    check(&same(true), &same(false), &[(DifferenceKind::Sharing, "out")]);
}

#[test]
fn rows_that_are_one_list_are_told_from_copies() {
    let rows = |shared: bool| {
        named(move |heap| {
            let row = heap.list(Items::Floats(vec![0.0]));
            let other = if shared {
                row.clone()
            } else {
                heap.list(Items::Floats(vec![0.0]))
            };
            heap.list(Items::Values(vec![row, other]))
        })
    };
    check(&rows(true), &rows(true), &[]);
    check(&rows(true), &rows(false), &[(DifferenceKind::Sharing, "out[1]")]);
}

#[test]
fn arguments_are_compared_after_an_exception_too() {
    let raised = |class: &str, stored: f64| {
        let mut outcome = outcome(|heap| (vec![("x", heap.floats(&[1], &[stored]))], Vec::new()));
        outcome.ended = Ended::Raised(Raised {
            class: class.to_owned(),
            message: "m".to_owned(),
            by_user: false,
        });
        outcome
    };
    check(&raised("IndexError", 1.0), &raised("IndexError", 1.0), &[]);
    check(
        &raised("IndexError", 1.0),
        &raised("ValueError", 1.0),
        &[(DifferenceKind::Exception, "exception")],
    );
    check(
        &raised("IndexError", 1.0),
        &raised("IndexError", 0.0),
        &[(DifferenceKind::Argument, "x[0]")],
    );
    let allowed = Policy {
        allow: vec![Allow::StoresBeforeException],
        ..Policy::default()
    };
    assert_eq!(
        differences(&raised("IndexError", 1.0), &raised("IndexError", 0.0), &allowed),
        []
    );
    let finished = outcome(|heap| (vec![("x", heap.floats(&[1], &[1.0]))], Vec::new()));
    check(
        &raised("IndexError", 1.0),
        &finished,
        &[(DifferenceKind::Exception, "end")],
    );
}

#[test]
fn messages_count_where_the_user_raised() {
    let raised = |message: &str, by_user| {
        let mut outcome = Outcome::empty(Ended::Finished);
        outcome.ended = Ended::Raised(Raised {
            class: "ValueError".to_owned(),
            message: message.to_owned(),
            by_user,
        });
        outcome
    };
    check(&raised("a", false), &raised("b", false), &[]);
    check(
        &raised("a", true),
        &raised("b", true),
        &[(DifferenceKind::ExceptionMessage, "exception message")],
    );
}

#[test]
fn output_and_warnings_count() {
    let mut old = Outcome::empty(Ended::Finished);
    let mut new = old.clone();
    old.printed = "a\nb\n".to_owned();
    new.printed = "a\nc\n".to_owned();
    let divide = Warning {
        category: "RuntimeWarning".to_owned(),
        kind: "divide".to_owned(),
    };
    new.warnings.insert(divide);
    check(
        &old,
        &new,
        &[
            (DifferenceKind::Output, "output line 2"),
            (DifferenceKind::Warnings, "warnings"),
        ],
    );
    // More of them before the same exception is no difference, fewer are.
    let error = Raised {
        class: "ValueError".to_owned(),
        message: String::new(),
        by_user: false,
    };
    old.printed.clear();
    new.printed.clear();
    (old.ended, new.ended) = (Ended::Raised(error.clone()), Ended::Raised(error));
    check(&old, &new, &[]);
    check(&new, &old, &[(DifferenceKind::Warnings, "warnings")]);
}

#[test]
fn announced_containers_compare_by_their_elements() {
    let list = named(|heap| heap.list(Items::Floats(vec![1.0, 2.0])));
    let array = named(|heap| heap.floats(&[2], &[1.0, 2.0]));
    let other = named(|heap| heap.floats(&[2], &[1.0, 2.5]));
    let loose = Policy {
        allow: vec![Allow::Container { name: "out".to_owned() }],
        ..Policy::default()
    };
    assert_eq!(differences(&list, &array, &loose), []);
    assert_eq!(
        differences(&list, &other, &loose),
        [(DifferenceKind::Value, "out[1]".to_owned())]
    );
    let ints = named(|heap| heap.list(Items::Ints(vec![1, 2])));
    assert_eq!(
        differences(&ints, &array, &loose),
        [(DifferenceKind::Type, "out[0]".to_owned())]
    );
}
