//! Hostile inputs are many, small, and as hostile as what is proven allows.

use std::collections::BTreeSet;

use super::*;
use crate::value::{Items, Object, Value};

fn captured() -> Snapshot {
    let mut input = Snapshot {
        label: "captured 0".to_owned(),
        ..Snapshot::default()
    };
    let x = input.heap.floats(&[100], &(0..100).map(f64::from).collect::<Vec<_>>());
    let y = input.heap.floats(&[100], &[1.5; 100]);
    let rows: Vec<Value> = (0..20).map(|_| input.heap.list(Items::Floats(vec![1.0; 30]))).collect();
    let a = input.heap.list(Items::Values(rows));
    input.names = vec![
        ("x".to_owned(), x),
        ("y".to_owned(), y),
        ("A".to_owned(), a),
        ("n".to_owned(), Value::Int(100)),
        ("h".to_owned(), Value::Float(0.1)),
    ];
    input
}

fn mutator(facts: &[Fact]) -> Mutator {
    Mutator::new(vec![captured()], facts, vec![12.0], &Policy::default(), 1)
}

#[test]
fn every_kind_of_change_occurs_and_inputs_stay_small() {
    let mut mutator = mutator(&[]);
    let mut words = BTreeSet::new();
    for _ in 0..400 {
        let input = mutator.next(false);
        words.extend(input.label.split("; ").skip(1).map(|part| {
            let (_, change) = part.split_once(": ").unwrap_or(("", part));
            change.split([' ', '(']).next().unwrap_or("").to_owned()
        }));
        for object in &input.heap.objects {
            if let Object::Array(array) = object {
                assert!(array.len() <= 600, "{}: {:?}", input.label, array.shape);
            }
        }
    }
    for expected in [
        "overlaps", "the", "shape", "length", "dtype", "ties", "sorted", "zeros", "row", "two", "a",
    ] {
        assert!(words.contains(expected), "{expected} is missing in {words:?}");
    }
}

#[test]
fn inputs_that_took_long_are_followed_by_smaller_ones() {
    let mut mutator = mutator(&[Fact::Lengths { name: "x".to_owned() }]);
    mutator.last = 24;
    mutator.too_slow();
    for _ in 0..200 {
        let input = mutator.next(false);
        for object in &input.heap.objects {
            let Object::Array(array) = object else { continue };
            assert!(array.len() <= 16 * 16, "{}: {:?}", input.label, array.shape);
        }
        let int = |(_, value): &(String, Value)| matches!(value, Value::Int(int) if *int > 2 * 16);
        assert!(!input.names.iter().any(int), "{}", input.label);
    }
}

#[test]
fn the_same_seed_makes_the_same_inputs() {
    let labels = || {
        let mut mutator = mutator(&[]);
        (0..50).map(|_| mutator.next(false).label).collect::<Vec<_>>()
    };
    assert_eq!(labels(), labels());
}

#[test]
fn what_is_proven_is_never_broken() {
    let name = |name: &str| name.to_owned();
    let facts = [
        Fact::Type { name: name("x") },
        Fact::Lengths { name: name("x") },
        Fact::Unshared { name: name("x") },
        Fact::Contiguous { name: name("x") },
        Fact::NotEmpty { name: name("x") },
        Fact::Value { name: name("h") },
        Fact::Range {
            name: name("n"),
            lo: Some(0),
            hi: None,
        },
    ];
    let mut mutator = mutator(&facts);
    for _ in 0..400 {
        let input = mutator.next(false);
        let Value::Ref(id) = input.names[0].1 else {
            panic!("x became something else: {}", input.label)
        };
        let Object::Array(array) = input.heap.object(id) else {
            panic!("x became a list")
        };
        assert_eq!(array.dtype.text, "<f8", "{}", input.label);
        assert!(
            array.is_row_major() && array.writeable && !array.is_empty(),
            "{}",
            input.label
        );
        assert_eq!(input.names[4].1, Value::Float(0.1));
        if let Value::Int(n) = input.names[3].1 {
            assert!(n >= 0);
        }
    }
}

#[test]
fn an_int_proven_to_have_one_value_is_made_smaller_until_that_matters() {
    let value = Fact::Value { name: "n".to_owned() };
    let mut mutator = mutator(&[value, Fact::Lengths { name: "x".to_owned() }]);
    let n = |input: &Snapshot| match input.names[3].1 {
        Value::Int(n) => n,
        _ => panic!("an int"),
    };
    for turn in 0..100 {
        let input = mutator.next(false);
        assert!((5..=100).contains(&n(&input)), "{}", input.label);
        assert_eq!(mutator.freed(), n(&input) < 100, "{}", input.label);
        if turn % 10 == 0 {
            let whole = mutator.unfreed(false);
            assert_eq!(n(&whole), 100, "{}", whole.label);
            assert!(!mutator.freed());
        }
    }
    mutator.keep_values();
    assert_eq!(n(&mutator.next(false)), 100);
}

#[test]
fn an_int_proven_to_be_a_length_follows_it() {
    let name = |name: &str| name.to_owned();
    let facts = ["x", "n"].map(|of| Fact::Lengths { name: name(of) });
    let ints = Fact::Type { name: name("n") };
    let arrays = Fact::Type { name: name("x") };
    let mut mutator = mutator(&[&facts[..], &[ints, arrays]].concat());
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..200 {
        let input = mutator.next(false);
        let (Value::Ref(id), Value::Int(n)) = (&input.names[0].1, &input.names[3].1) else {
            panic!("x or n became something else: {}", input.label)
        };
        let Object::Array(array) = input.heap.object(*id) else {
            panic!("x became a list")
        };
        assert_eq!(*n, array.len() as i128, "{}", input.label);
        seen.insert(*n);
    }
    assert!(seen.contains(&0) && seen.contains(&1) && seen.len() > 8, "{seen:?}");
}

#[test]
fn an_extent_proven_to_be_one_number_stays_it() {
    let fact = Fact::Extent {
        name: "x".to_owned(),
        axis: 0,
    };
    let lengths = Fact::Lengths { name: "x".to_owned() };
    let types = Fact::Type { name: "x".to_owned() };
    let mut mutator = mutator(&[fact, lengths, types]);
    let length = |input: &Snapshot| match &input.names[0].1 {
        Value::Ref(id) => match input.heap.object(*id) {
            Object::Array(array) => array.len(),
            _ => panic!("x became a list"),
        },
        _ => panic!("x became something else"),
    };
    let captured = length(&mutator.unfreed(true));
    for _ in 0..100 {
        let input = mutator.next(false);
        assert_eq!(mutator.freed(), length(&input) != captured, "{}", input.label);
        assert!(length(&input) >= 5, "{}", input.label);
    }
    mutator.keep_values();
    assert_eq!(length(&mutator.next(false)), captured);
}
