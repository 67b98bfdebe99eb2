//! Numbers of a value in a row, whatever containers hold them.
//!
//! `[[1.0, 2.0], [3.0, 4.0]]`, the tuple of tuples and the array of shape `(2, 2)` all flatten to the same four
//! numbers of shape `(2, 2)`. Used where a change of container was announced, and to look at the same place of
//! several outcomes.

use crate::dtype::{Kind, Number};
use crate::value::{Heap, Items, Object, Value};

/// Numbers in row-major order with their common shape, or `None` for anything ragged or not made of numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Flat {
    pub shape: Vec<usize>,
    pub numbers: Vec<Number>,
}

/// Flattens a value.
pub fn flatten(heap: &Heap, value: &Value) -> Option<Flat> {
    let one = |number| {
        Some(Flat {
            shape: Vec::new(),
            numbers: vec![number],
        })
    };
    match value {
        Value::Bool(value) => one(Number::Bool(*value)),
        Value::Int(value) => one(Number::Int(*value)),
        Value::Float(value) => one(Number::Float(*value)),
        Value::Complex(re, im) => one(Number::Complex(*re, *im)),
        Value::Np(dtype, bytes) => one(dtype.decode(bytes)?),
        Value::Tuple(items) | Value::NamedTuple(_, items) => join(items.iter().map(|item| flatten(heap, item))),
        Value::Ref(id) => match heap.object(*id) {
            Object::List(items) => flatten_items(heap, items),
            Object::Array(array) => match array.dtype.kind {
                Kind::Bool | Kind::Int | Kind::Uint | Kind::Float | Kind::Complex => Some(Flat {
                    shape: array.shape.clone(),
                    numbers: heap.numbers(array),
                }),
                Kind::Object => {
                    let numbers = heap.slots(array).into_iter().map(|slot| scalar(heap, slot));
                    Some(Flat {
                        shape: array.shape.clone(),
                        numbers: numbers.collect::<Option<_>>()?,
                    })
                }
                Kind::Other => None,
            },
            Object::Dict(_) | Object::Set(_) | Object::Instance(..) | Object::Generator(..) | Object::Opaque(_) => None,
        },
        Value::None
        | Value::BigInt(_)
        | Value::Str(_)
        | Value::Bytes(_)
        | Value::FrozenSet(_)
        | Value::Built(..)
        | Value::Named(_) => None,
    }
}

fn scalar(heap: &Heap, value: &Value) -> Option<Number> {
    let flat = flatten(heap, value)?;
    if flat.shape.is_empty() {
        flat.numbers.first().copied()
    } else {
        None
    }
}

fn flatten_items(heap: &Heap, items: &Items) -> Option<Flat> {
    let numbers = match items {
        Items::Values(values) => return join(values.iter().map(|item| flatten(heap, item))),
        Items::Floats(values) => values.iter().map(|value| Number::Float(*value)).collect(),
        Items::Ints(values) => values.iter().map(|value| Number::Int(i128::from(*value))).collect(),
        Items::Scalars(dtype, bytes) => bytes
            .chunks_exact(dtype.size.max(1))
            .map(|element| dtype.decode(element))
            .collect::<Option<_>>()?,
    };
    Some(Flat {
        shape: vec![items.len()],
        numbers,
    })
}

fn join(parts: impl Iterator<Item = Option<Flat>>) -> Option<Flat> {
    let mut shape: Option<Vec<usize>> = None;
    let (mut numbers, mut count) = (Vec::new(), 0);
    for part in parts {
        let part = part?;
        if *shape.get_or_insert_with(|| part.shape.clone()) != part.shape {
            return None;
        }
        numbers.extend(part.numbers);
        count += 1;
    }
    let shape = [vec![count], shape.unwrap_or_default()].concat();
    Some(Flat { shape, numbers })
}

/// Whether two numbers are of one kind: a bool is no int and an int no float.
pub fn same_kind(a: Number, b: Number) -> bool {
    std::mem::discriminant(&a) == std::mem::discriminant(&b)
}

/// How far apart two numbers are.
pub fn distance(a: Number, b: Number) -> f64 {
    let ((x, y), (u, v)) = (a.parts(), b.parts());
    (x - u).hypot(y - v)
}

/// The absolute value.
pub fn magnitude(number: Number) -> f64 {
    let (re, im) = number.parts();
    re.hypot(im)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn containers_flatten_alike() {
        let mut heap = Heap::default();
        let array = heap.floats(&[2, 2], &[1.0, 2.0, 3.0, 4.0]);
        let rows = vec![
            heap.list(Items::Floats(vec![1.0, 2.0])),
            heap.list(Items::Floats(vec![3.0, 4.0])),
        ];
        let list = heap.list(Items::Values(rows));
        assert_eq!(flatten(&heap, &array), flatten(&heap, &list));
        let ragged = vec![
            heap.list(Items::Floats(vec![1.0])),
            heap.list(Items::Floats(vec![3.0, 4.0])),
        ];
        let ragged = heap.list(Items::Values(ragged));
        assert_eq!(flatten(&heap, &ragged), None);
    }
}
