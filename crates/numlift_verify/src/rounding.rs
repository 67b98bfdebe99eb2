//! How far a result may be off when only the order of operations changed.
//!
//! A fixed relative bound is wrong in both directions: `1e16 + 1 - 1e16` may lose everything by another order, while
//! an elementwise expression has no excuse for the tenth digit. So the bound is measured. The *old* text is run again
//! on inputs whose floats are moved by one unit in the last place, at random; by how much its own results move is
//! what its conditioning makes of an error that nobody can avoid. With `n` the number of elements that went in:
//!
//! ```text
//! |old - new| <= max(rel * |old|, n * eps * |old|, min(8 * (1 + sqrt(n)) * moved, cap * scale))
//! ```
//!
//! `n * eps` is the classical bound of a sum taken one by one, `sqrt(n)` makes up for that moving the inputs does not
//! move the partial sums, and `cap * scale` (the largest magnitude that went in or came out) keeps a chaotic
//! computation from excusing everything. Floats that hold whole numbers are left as they are: sizes and counts
//! computed from them must not move, and sums of them are exact. Where the old execution took too long to be repeated,
//! the new text is run on the moved inputs instead.

use crate::compare::flat::{Flat, distance, flatten, magnitude, same_kind};
use crate::compare::numbers::Bound;
use crate::compare::{Doubt, Step, root};
use crate::dtype::{Dtype, Kind, Number};
use crate::engine::Outcome;
use crate::job::{Difference, DifferenceKind, Policy, Worst};
use crate::rng::Rng;
use crate::value::{Buffer, Heap, Items, Object, Snapshot, Value};

/// What decides about doubts.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    pub policy: &'a Policy,
    pub input: &'a Snapshot,
    pub old: &'a Outcome,
    pub new: &'a Outcome,
    /// Outcomes of one side on moved inputs, and that side's on the input itself: the old one's, unless it is too slow.
    pub moved: &'a [Outcome],
    pub unmoved: &'a Outcome,
}

/// Decides about one doubt: the distance that is accepted, or the difference.
pub fn settle(doubt: &Doubt, evidence: Evidence<'_>) -> Result<Worst, Box<Difference>> {
    let look = |outcome: &Outcome| part(outcome, doubt).and_then(|value| flatten(&outcome.heap, &value));
    let (Some(old), Some(new), Some(unmoved)) = (look(evidence.old), look(evidence.new), look(evidence.unmoved)) else {
        return Err(difference(doubt, String::new(), "numbers", "something else"));
    };
    let moved: Vec<Flat> = evidence
        .moved
        .iter()
        .filter_map(look)
        .filter(|flat| flat.shape == old.shape)
        .collect();
    let size = weight(evidence.input);
    let bound = Bound::new(evidence.policy, true, &leaf_dtype(evidence.old, doubt));
    let scale = old
        .numbers
        .iter()
        .map(|number| magnitude(*number))
        .filter(|size| size.is_finite());
    let scale = scale.fold(largest(evidence.input), f64::max);
    let mut worst = Worst::default();
    for (at, (a, b)) in old.numbers.iter().zip(&new.numbers).enumerate() {
        let far = distance(*a, *b);
        let same = a == b || magnitude(*a).is_nan() && magnitude(*b).is_nan();
        if same || far == 0.0 {
            continue;
        }
        let moves = moved
            .iter()
            .map(|flat| distance(unmoved.numbers[at], flat.numbers[at]))
            .filter(|moves| moves.is_finite());
        let moves = moves.fold(0.0, f64::max);
        let plain = bound.rel.max(size as f64 * bound.epsilon) * magnitude(*a);
        let conditioned = (8.0 * (1.0 + (size as f64).sqrt()) * moves).min(bound.cap * scale);
        if !same_kind(*a, *b) || far.is_nan() || far > plain.max(conditioned) + bound.tiny {
            let index = crate::compare::index_text(&old.shape, at);
            return Err(difference(doubt, index, &a.to_string(), &b.to_string()));
        }
        // What cancelled is far off beside itself; beside what it was made of it is not.
        let beside = if far > plain + bound.tiny { scale } else { magnitude(*a) };
        worst.add(far, beside, &bound);
    }
    Ok(worst)
}

fn difference(doubt: &Doubt, index: String, old: &str, new: &str) -> Box<Difference> {
    Box::new(Difference {
        path: format!("{}{index}", doubt.path),
        kind: DifferenceKind::Value,
        old: old.to_owned(),
        new: new.to_owned(),
        input: String::new(),
        live_in: Vec::new(),
    })
}

/// The value that a doubt is about, in one outcome.
fn part(outcome: &Outcome, doubt: &Doubt) -> Option<Value> {
    let mut value = root(outcome, &doubt.place)?.clone();
    for step in &doubt.steps {
        value = follow(&outcome.heap, &value, step)?;
    }
    Some(value)
}

fn follow(heap: &Heap, value: &Value, step: &Step) -> Option<Value> {
    match (value, step) {
        (Value::Tuple(items) | Value::NamedTuple(_, items) | Value::FrozenSet(items), Step::Item(at)) => {
            items.get(*at).cloned()
        }
        (Value::Ref(id), step) => match (heap.object(*id), step) {
            (Object::List(items), Step::Item(at)) if *at < items.len() => Some(items.get(*at)),
            (Object::Set(items), Step::Item(at)) => items.get(*at).cloned(),
            (Object::Array(array), Step::Item(at)) => heap.slots(array).get(*at).map(|slot| (*slot).clone()),
            (Object::Dict(entries), Step::Entry(at)) => entries.get(*at).map(|(_, value)| value.clone()),
            (Object::Instance(_, attributes), Step::Attribute(name)) => attributes
                .iter()
                .find(|(other, _)| other == name)
                .map(|(_, value)| value.clone()),
            (Object::Generator(_, state), Step::State) => Some(state.clone()),
            _ => None,
        },
        _ => None,
    }
}

fn leaf_dtype(outcome: &Outcome, doubt: &Doubt) -> Dtype {
    let found = part(outcome, doubt).and_then(|value| match value {
        Value::Np(dtype, _) => Some(dtype),
        Value::Ref(id) => match outcome.heap.object(id) {
            Object::Array(array) => Some(array.dtype.clone()),
            Object::List(Items::Scalars(dtype, _)) => Some(dtype.clone()),
            _ => None,
        },
        _ => None,
    });
    found.filter(Dtype::is_inexact).unwrap_or_else(Dtype::float64)
}

/// How many numbers go in: elements, or the largest int, which may be how often a loop runs.
fn weight(input: &Snapshot) -> usize {
    let elements: usize = input.heap.objects.iter().map(object_weight).sum();
    let int = |value: &Value| match value {
        Value::Int(int) => usize::try_from(*int).unwrap_or(0).min(100_000_000),
        _ => 1,
    };
    input
        .names
        .iter()
        .map(|(_, value)| int(value))
        .fold(elements, usize::max)
}

fn object_weight(object: &Object) -> usize {
    match object {
        Object::Array(array) => array.len(),
        Object::List(items) => items.len(),
        Object::Dict(_) | Object::Set(_) | Object::Instance(..) | Object::Generator(..) | Object::Opaque(_) => 1,
    }
}

/// The largest finite magnitude among the floats that go in.
fn largest(input: &Snapshot) -> f64 {
    let mut most = 0.0;
    let mut see = |value: f64| {
        if value.is_finite() {
            most = f64::max(most, value.abs());
        }
    };
    for object in &input.heap.objects {
        match object {
            Object::List(Items::Floats(values)) => values.iter().for_each(|value| see(*value)),
            Object::List(Items::Scalars(dtype, bytes)) if dtype.is_inexact() => {
                bytes
                    .chunks_exact(dtype.real_size())
                    .for_each(|part| see(dtype.real(part)));
            }
            Object::Array(array) if array.dtype.is_inexact() => {
                let bytes = input.heap.bytes(array);
                bytes
                    .chunks_exact(array.dtype.real_size())
                    .for_each(|part| see(array.dtype.real(part)));
            }
            _ => {}
        }
    }
    for (_, value) in &input.names {
        if let Some(Flat { numbers, .. }) = flatten(&input.heap, value).filter(|flat| flat.shape.is_empty()) {
            numbers.into_iter().for_each(|number| see(magnitude(number)));
        }
    }
    most
}

/// The input with every float moved by one unit in the last place, up or down at random.
pub fn perturb(input: &Snapshot, rng: &mut Rng) -> Snapshot {
    let mut out = input.clone();
    out.pristine = false;
    out.label = format!("{}, each float moved by one unit in the last place", input.label);
    for (_, value) in &mut out.names {
        perturb_value(value, rng);
    }
    let dtypes = buffer_dtypes(&input.heap);
    for (buffer, dtype) in out.heap.buffers.iter_mut().zip(dtypes) {
        match (buffer, dtype) {
            (Buffer::Bytes(bytes), Some(dtype)) => perturb_bytes(&dtype, bytes, rng),
            (Buffer::Objects(values), _) => values.iter_mut().for_each(|value| perturb_value(value, rng)),
            (Buffer::Bytes(_), None) => {}
        }
    }
    for object in &mut out.heap.objects {
        match object {
            Object::List(Items::Floats(values)) => values.iter_mut().for_each(|value| *value = step(*value, rng)),
            Object::List(Items::Scalars(dtype, bytes)) => perturb_bytes(&dtype.clone(), bytes, rng),
            Object::List(Items::Values(values)) => values.iter_mut().for_each(|value| perturb_value(value, rng)),
            Object::Instance(_, attributes) => attributes.iter_mut().for_each(|(_, value)| perturb_value(value, rng)),
            Object::Dict(entries) => entries.iter_mut().for_each(|(_, value)| perturb_value(value, rng)),
            Object::List(Items::Ints(_)) | Object::Set(_) | Object::Array(_) => {}
            Object::Generator(..) | Object::Opaque(_) => {}
        }
    }
    out
}

/// The dtype of the floats in each buffer: that of the arrays over it when they agree and are aligned to it.
fn buffer_dtypes(heap: &Heap) -> Vec<Option<Dtype>> {
    let mut dtypes: Vec<Option<Dtype>> = vec![None; heap.buffers.len()];
    let mut clash = vec![false; heap.buffers.len()];
    for object in &heap.objects {
        let Object::Array(array) = object else { continue };
        let at = array.buffer.0 as usize;
        let aligned = array.offset % array.dtype.size.max(1) == 0;
        match &dtypes[at] {
            None if aligned => dtypes[at] = Some(array.dtype.clone()),
            Some(dtype) if *dtype == array.dtype && aligned => {}
            None | Some(_) => clash[at] = true,
        }
    }
    let known = dtypes
        .into_iter()
        .zip(clash)
        .map(|(dtype, clash)| dtype.filter(|dtype| !clash && dtype.is_inexact()));
    known.collect()
}

fn perturb_value(value: &mut Value, rng: &mut Rng) {
    match value {
        Value::Float(float) => *float = step(*float, rng),
        Value::Complex(re, im) => (*re, *im) = (step(*re, rng), step(*im, rng)),
        Value::Np(dtype, bytes) => perturb_bytes(&dtype.clone(), bytes, rng),
        Value::Tuple(items) | Value::NamedTuple(_, items) => {
            items.iter_mut().for_each(|item| perturb_value(item, rng));
        }
        Value::None
        | Value::Bool(_)
        | Value::Int(_)
        | Value::BigInt(_)
        | Value::Str(_)
        | Value::Bytes(_)
        | Value::FrozenSet(_)
        | Value::Built(..)
        | Value::Named(_)
        | Value::Ref(_) => {}
    }
}

fn perturb_bytes(dtype: &Dtype, bytes: &mut [u8], rng: &mut Rng) {
    if !dtype.is_inexact() {
        return;
    }
    let size = dtype.real_size();
    let part = Dtype {
        kind: Kind::Float,
        size,
        ..dtype.clone()
    };
    for element in bytes.chunks_exact_mut(size) {
        let value = dtype.real(element);
        let moved = match size {
            8 => step(value, rng),
            _ if whole(value) => value,
            2 => value * (1.0 + sign(rng) * 2f64.powi(-10)),
            4 => value * (1.0 + sign(rng) * f64::from(f32::EPSILON)),
            _ => step(value, rng),
        };
        if moved != value && moved.is_finite() {
            element.copy_from_slice(&part.encode(Number::Float(moved)));
        }
    }
}

fn sign(rng: &mut Rng) -> f64 {
    if rng.next_u64() & 1 == 0 { 1.0 } else { -1.0 }
}

fn whole(value: f64) -> bool {
    !value.is_finite() || value.fract() == 0.0 && value.abs() < 2f64.powi(52)
}

fn step(value: f64, rng: &mut Rng) -> f64 {
    if whole(value) {
        return value;
    }
    let moved = if rng.next_u64() & 1 == 0 {
        value.next_up()
    } else {
        value.next_down()
    };
    if moved.is_finite() { moved } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::Place;
    use crate::engine::Ended;

    fn outcome(value: f64) -> Outcome {
        let mut outcome = Outcome::empty(Ended::Finished);
        outcome.names = vec![("s".to_owned(), Value::Float(value))];
        outcome
    }

    fn check(old: f64, new: f64, moved: &[f64], input: &[f64]) -> bool {
        let mut snapshot = Snapshot::default();
        let list = snapshot.heap.list(Items::Floats(input.to_vec()));
        snapshot.names = vec![("x".to_owned(), list)];
        let moved: Vec<Outcome> = moved.iter().map(|value| outcome(*value)).collect();
        let doubt = Doubt {
            place: Place::Name("s".to_owned()),
            steps: Vec::new(),
            path: "s".to_owned(),
            loose: false,
        };
        let (old, new) = (outcome(old), outcome(new));
        let evidence = Evidence {
            policy: &Policy::rounding(),
            input: &snapshot,
            old: &old,
            new: &new,
            unmoved: &old,
            moved: &moved,
        };
        settle(&doubt, evidence).is_ok()
    }

    #[test]
    fn cancellation_excuses_what_it_makes_uncertain_and_no_more() {
        assert!(check(0.0, 1.0, &[2.0, -2.0], &[1e16, 1.0, -1e16]));
        assert!(!check(0.0, 1.0, &[1e-16], &[1.0, 1.0]));
        assert!(
            !check(1.0, 1.001, &[2.0], &[1.0]),
            "a chaotic computation excuses nothing beyond the cap"
        );
    }

    #[test]
    fn moving_touches_floats_by_one_unit_and_leaves_whole_numbers() {
        let mut snapshot = Snapshot::default();
        let array = snapshot.heap.floats(&[3], &[0.1, 3.0, f64::NAN]);
        snapshot.names = vec![("x".to_owned(), array), ("n".to_owned(), Value::Int(3))];
        let moved = perturb(&snapshot, &mut Rng::new(1));
        let Value::Ref(id) = moved.names[0].1 else {
            panic!("an array")
        };
        let Object::Array(array) = moved.heap.object(id) else {
            panic!("an array")
        };
        let values: Vec<f64> = moved
            .heap
            .numbers(array)
            .into_iter()
            .map(|number| number.parts().0)
            .collect();
        assert!(values[0] == 0.1f64.next_up() || values[0] == 0.1f64.next_down());
        assert_eq!(values[1], 3.0);
        assert_eq!(moved.names[1].1, Value::Int(3));
    }
}
