//! A failing input made smaller, so that a person sees what is wrong.
//!
//! Sizes are made smaller first (with their relations kept, as in [`crate::mutate`]), then values plainer. A step is
//! kept when the two sides still differ in the same way.

use std::time::Instant;

use crate::dtype::Number;
use crate::job::{Difference, DifferenceKind};
use crate::mutate::crop::{Sizes, crop};
use crate::mutate::elements::{number, read, store};
use crate::mutate::learn::learn;
use crate::mutate::special::like;
use crate::mutate::target::{What, at, look, targets};
use crate::value::{Object, Snapshot, Value};

/// An input and what differs on it.
#[derive(Debug, Clone)]
pub struct Failure {
    pub input: Snapshot,
    pub differences: Vec<Difference>,
}

/// Shrinks until nothing helps or time is up. `check` runs both sides and says what differs.
pub fn shrink(mut failure: Failure, deadline: Instant, check: &mut dyn FnMut(&Snapshot) -> Vec<Difference>) -> Failure {
    let kind = failure.differences.first().map(|difference| difference.kind);
    loop {
        let Some(smaller) = step(&failure, kind, deadline, check) else {
            return failure;
        };
        failure = smaller;
    }
}

fn step(
    failure: &Failure,
    kind: Option<DifferenceKind>,
    deadline: Instant,
    check: &mut dyn FnMut(&Snapshot) -> Vec<Difference>,
) -> Option<Failure> {
    let now = measure(&failure.input);
    for mut input in smaller(&failure.input).chain(plainer(&failure.input)) {
        if Instant::now() >= deadline {
            return None;
        }
        if measure(&input) >= now {
            continue;
        }
        if !input.label.ends_with(", shrunk") {
            input.label.push_str(", shrunk");
        }
        let differences = check(&input);
        if differences.first().map(|difference| difference.kind) == kind && kind.is_some() {
            return Some(Failure { input, differences });
        }
    }
    None
}

/// What shrinking makes less: elements (and sizes held in ints), then numbers that are not plain.
fn measure(input: &Snapshot) -> (usize, usize) {
    let (mut size, mut odd) = (0, 0);
    for object in &input.heap.objects {
        size += match object {
            Object::Array(array) => array.shape.iter().sum(),
            Object::List(items) => items.len(),
            Object::Dict(_) | Object::Set(_) | Object::Instance(..) | Object::Generator(..) | Object::Opaque(_) => 0,
        };
    }
    for target in targets(input) {
        odd += match target.what {
            What::Array(id) | What::List(id) => read(&input.heap, id).map_or(0, |(numbers, _)| {
                numbers.iter().filter(|number| !is_plain(**number)).count()
            }),
            What::Rows(_) => 0,
            What::Scalar(spot) => {
                let value = look(input, spot).and_then(number);
                size += match value {
                    Some(Number::Int(int)) => usize::try_from(int.unsigned_abs())
                        .unwrap_or(usize::MAX / 2)
                        .min(1 << 32),
                    Some(Number::Bool(_) | Number::Float(_) | Number::Complex(..)) | None => 0,
                };
                usize::from(value.is_some_and(|number| !is_plain(number)))
            }
        };
    }
    (size, odd)
}

/// Every class of sizes halved, or less by one.
fn smaller(input: &Snapshot) -> impl Iterator<Item = Snapshot> + '_ {
    let relations = learn(input);
    let old: Vec<usize> = relations
        .classes
        .iter()
        .map(|size| usize::try_from(*size).unwrap_or(0))
        .collect();
    let mut plans = Vec::new();
    if old.iter().any(|size| *size > 8) {
        plans.push(old.iter().map(|size| (*size).min(5)).collect::<Vec<_>>());
    }
    for class in 0..old.len() {
        for new in [old[class] / 2, old[class].saturating_sub(1)] {
            if new < old[class] {
                let mut plan = old.clone();
                plan[class] = new;
                plans.push(plan);
            }
        }
    }
    plans.into_iter().map(move |sizes| {
        let starts = vec![0; sizes.len()];
        crop(
            input,
            &Sizes {
                relations: &relations,
                sizes,
                starts,
                rows: usize::MAX,
            },
        )
    })
}

/// Values replaced by plainer ones: all of a part, then one by one.
fn plainer(input: &Snapshot) -> impl Iterator<Item = Snapshot> + '_ {
    let edits = targets(input).into_iter().flat_map(move |target| match target.what {
        What::Array(id) | What::List(id) => {
            let Some((numbers, _)) = read(&input.heap, id) else {
                return Vec::new();
            };
            plainer_numbers(&numbers)
                .into_iter()
                .map(|numbers| Edit::Elements(id, numbers))
                .collect()
        }
        What::Scalar(spot) => vec![Edit::Scalar(spot, 0.0), Edit::Scalar(spot, 1.0)],
        What::Rows(_) => Vec::new(),
    });
    edits.filter_map(move |edit| apply(input, &edit))
}

enum Edit {
    Elements(crate::value::ObjectId, Vec<Number>),
    Scalar(crate::mutate::target::Spot, f64),
}

/// Runs whose elements are all told apart come before zeros: they show which element went where.
fn plainer_numbers(numbers: &[Number]) -> Vec<Vec<Number>> {
    let mut out = Vec::new();
    if !numbers.iter().copied().all(is_plain) {
        out.push(
            (0..numbers.len())
                .map(|at| like(numbers[at], at as f64 + 1.0))
                .collect(),
        );
    }
    for at in (0..numbers.len()).take(12).filter(|at| !is_plain(numbers[*at])) {
        let mut one = numbers.to_vec();
        one[at] = like(numbers[at], at as f64 + 1.0);
        out.push(one);
    }
    out
}

fn is_plain(number: Number) -> bool {
    let (re, im) = number.parts();
    re.fract() == 0.0 && re.abs() <= 200.0 && im == 0.0
}

fn apply(input: &Snapshot, edit: &Edit) -> Option<Snapshot> {
    let mut out = Snapshot {
        pristine: false,
        ..input.clone()
    };
    match edit {
        Edit::Elements(id, numbers) => store(&mut out.heap, *id, numbers),
        Edit::Scalar(spot, value) => {
            let old = at(&mut out, *spot)?;
            match old {
                Value::Float(float) if float.fract() != 0.0 || float.abs() > 200.0 => *float = *value,
                // Ints are mostly sizes, which have shrunk already.
                _ => return None,
            }
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_shrinks_to_what_matters() {
        let mut input = Snapshot::default();
        let x = input.heap.floats(&[40], &[0.37; 40]);
        input.names = vec![
            ("x".to_owned(), x),
            ("n".to_owned(), Value::Int(40)),
            ("h".to_owned(), Value::Float(0.1)),
        ];
        let difference = Difference {
            path: "out".to_owned(),
            kind: DifferenceKind::Value,
            old: String::new(),
            new: String::new(),
            input: String::new(),
            live_in: Vec::new(),
        };
        // Differs whenever there are at least three elements.
        let mut check = |input: &Snapshot| {
            let Value::Ref(id) = input.names[0].1 else {
                panic!("an array")
            };
            let Object::Array(array) = input.heap.object(id) else {
                panic!("an array")
            };
            if array.len() >= 3 {
                vec![difference.clone()]
            } else {
                Vec::new()
            }
        };
        let failure = Failure {
            differences: check(&input),
            input,
        };
        let deadline = Instant::now() + std::time::Duration::from_secs(5);
        let small = shrink(failure, deadline, &mut check).input;
        assert_eq!(small.heap.show(&small.names[0].1), "array float64 (3,) [1.0, 2.0, 3.0]");
        assert_eq!(small.names[1].1, Value::Int(3));
        assert_eq!(small.names[2].1, Value::Float(0.0));
    }
}
