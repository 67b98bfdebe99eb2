//! Other types and other lengths than those captured.

use crate::dtype::{Dtype, Number};
use crate::mutate::elements::{in_type_of, number, python, read, replace};
use crate::mutate::special::{Range, float};
use crate::mutate::target::{Facts, Spot, Target, What, at};
use crate::rng::Rng;
use crate::value::{Heap, Items, Object, ObjectId, Snapshot, Value};

/// Another dtype for an array; what was done, in words.
pub fn array_type(heap: &mut Heap, id: ObjectId, rng: &mut Rng) -> Option<String> {
    let (numbers, old) = read(heap, id)?;
    let Object::Array(array) = heap.object(id).clone() else {
        return None;
    };
    let others = [
        "<f4", "<f8", "<i8", "<i4", "|u1", "|i1", "|b1", "<c16", "<f2", ">f8", "|O",
    ];
    let text = *rng.pick(&others);
    let size = text[2..].parse().unwrap_or(8);
    let dtype = Dtype::parse(text, size);
    if dtype == old && dtype == array.dtype {
        return None;
    }
    let words = format!("dtype {dtype}");
    replace(heap, id, dtype, array.shape, &numbers);
    Some(words)
}

/// Another number of dimensions for an array.
pub fn array_rank(heap: &mut Heap, id: ObjectId, rng: &mut Rng) -> Option<String> {
    let (numbers, _) = read(heap, id)?;
    let Object::Array(array) = heap.object(id).clone() else {
        return None;
    };
    let shape = match rng.below(3) {
        0 => vec![array.len()],
        1 => [array.shape.clone(), vec![1]].concat(),
        _ => [vec![1], array.shape.clone()].concat(),
    };
    if shape == array.shape {
        return None;
    }
    let words = format!("shape {}", crate::value::shape_text(&shape));
    replace(heap, id, array.dtype, shape, &numbers);
    Some(words)
}

/// One dimension longer, shorter, one or empty, though others that were equal stay as they are.
pub fn array_length(heap: &mut Heap, target: &Target, id: ObjectId, facts: &Facts, rng: &mut Rng) -> Option<String> {
    let (numbers, _) = read(heap, id)?;
    let Object::Array(array) = heap.object(id).clone() else {
        return None;
    };
    let axis = rng.below(array.shape.len());
    let old = *array.shape.get(axis)?;
    let new = other_length(old, facts.is_never_empty(&target.path), rng)?;
    let mut shape = array.shape.clone();
    shape[axis] = new;
    let count: usize = shape.iter().product();
    let zero = Number::Int(1);
    let cycled: Vec<Number> = (0..count)
        .map(|at| numbers.get(at % numbers.len().max(1)).copied().unwrap_or(zero))
        .collect();
    let words = format!("shape {}", crate::value::shape_text(&shape));
    replace(heap, id, array.dtype, shape, &cycled);
    Some(words)
}

fn other_length(old: usize, never_empty: bool, rng: &mut Rng) -> Option<usize> {
    let new = match rng.below(6) {
        0 | 1 => old + 1,
        2 | 3 => old.checked_sub(1)?,
        4 => 1,
        _ => 0,
    };
    (new != old && !(new == 0 && never_empty)).then_some(new)
}

/// One list longer, shorter, of one element or empty.
pub fn list_length(heap: &mut Heap, target: &Target, id: ObjectId, facts: &Facts, rng: &mut Rng) -> Option<String> {
    let Object::List(items) = heap.object(id) else {
        return None;
    };
    let mut values = items.to_values();
    let new = other_length(values.len(), facts.is_never_empty(&target.path), rng)?;
    let example = match values.first() {
        Some(first) => first.clone(),
        // An empty list does not say what its elements would be.
        None if facts.fixes_type(&target.path) => return None,
        None => Value::Float(1.0),
    };
    values.resize(new, example);
    *heap.object_mut(id) = Object::List(packed_like(items, values));
    Some(format!("length {new}"))
}

fn packed_like(items: &Items, values: Vec<Value>) -> Items {
    match items {
        Items::Scalars(dtype, _) => {
            let bytes = values.iter().filter_map(number).flat_map(|number| dtype.encode(number));
            Items::Scalars(dtype.clone(), bytes.collect())
        }
        Items::Values(_) | Items::Floats(_) | Items::Ints(_) => Items::from_values(values),
    }
}

/// Elements of another type in a list of numbers.
pub fn list_type(heap: &mut Heap, id: ObjectId, range: &Range, rng: &mut Rng) -> Option<String> {
    let (numbers, _) = read(heap, id)?;
    let Object::List(items) = heap.object(id) else {
        return None;
    };
    if numbers.is_empty() {
        return None;
    }
    let as_float = |number: &Number| Value::Float(number.parts().0);
    let as_int = |number: &Number| in_type_of(&Value::Int(0), *number);
    let (new, words) = match rng.below(8) {
        0 => (Items::from_values(numbers.iter().map(as_float).collect()), "floats"),
        1 => (Items::from_values(numbers.iter().map(as_int).collect()), "ints"),
        2 => {
            let either = |(at, number)| if at % 2 == 0 { as_int(number) } else { as_float(number) };
            (
                Items::from_values(numbers.iter().enumerate().map(either).collect()),
                "ints and floats mixed",
            )
        }
        3 => {
            let dtype = Dtype::float64();
            let bytes = numbers.iter().flat_map(|number| dtype.encode(*number)).collect();
            (Items::Scalars(dtype, bytes), "NumPy scalars")
        }
        4 => {
            let dtype = Dtype::int64();
            let bytes = numbers.iter().flat_map(|number| dtype.encode(*number)).collect();
            (Items::Scalars(dtype, bytes), "NumPy ints")
        }
        5 => (
            Items::Values(
                numbers
                    .iter()
                    .map(|number| Value::Bool(number.parts().0 > 0.0))
                    .collect(),
            ),
            "bools",
        ),
        6 => {
            let mut values = items.to_values();
            let at = rng.below(values.len());
            values[at] = Value::Int(range.hi.min(1 << 70));
            (Items::Values(values), "one large int")
        }
        _ => {
            let mut values = items.to_values();
            let at = rng.below(values.len());
            values[at] = Value::None;
            (Items::Values(values), "one None")
        }
    };
    if new == *items {
        return None;
    }
    *heap.object_mut(id) = Object::List(new);
    Some(words.to_owned())
}

/// A list of lists whose rows are not alike, or are one list.
pub fn rows(heap: &mut Heap, target: &Target, id: ObjectId, facts: &Facts, rng: &mut Rng) -> Option<String> {
    let Object::List(Items::Values(values)) = heap.object(id) else {
        return None;
    };
    let mut values = values.clone();
    if values.is_empty() {
        return None;
    }
    let at = rng.below(values.len());
    let Value::Ref(row) = values[at] else { return None };
    let fixed = facts.fixes_lengths(&format!("{}[]", target.path));
    let may_share = values.len() > 1 && !facts.is_unshared(&target.path);
    if may_share && (fixed || rng.one_in(3)) {
        let next = (at + 1) % values.len();
        values[next] = values[at].clone();
        *heap.object_mut(id) = Object::List(Items::Values(values));
        return Some("two rows that are one list".to_owned());
    }
    if fixed {
        return None;
    }
    let words = list_length(heap, target, row, facts, rng)?;
    Some(format!("row {at} of {words}"))
}

/// Another value of a scalar, in its own type.
pub fn scalar_value(input: &mut Snapshot, spot: Spot, range: &Range, rng: &mut Rng) -> Option<String> {
    let value = at(input, spot)?;
    let old = number(value)?;
    let new = match old {
        Number::Bool(old) => Number::Bool(!old),
        Number::Int(old) => {
            let mut choices = vec![0, 1, -1, 2, -2, old + 1, old - 1, 7, 2 * old, 33, 130, 300];
            for limit in &range.constants {
                choices.extend([*limit as i128 - 1, *limit as i128, *limit as i128 + 1]);
            }
            range.clamp(Number::Int(*rng.pick(&choices)))
        }
        Number::Float(old) => Number::Float(if rng.one_in(2) {
            float(range, rng)
        } else {
            *rng.pick(&[-old, old * 0.5, old + 1.0])
        }),
        Number::Complex(..) => Number::Complex(float(range, rng), float(range, rng)),
    };
    let new = in_type_of(value, new);
    if new == *value {
        return None;
    }
    *value = new;
    Some(number(value).map_or_else(String::new, |number| number.to_string()))
}

/// A scalar of another type.
pub fn scalar_type(input: &mut Snapshot, spot: Spot, rng: &mut Rng) -> Option<String> {
    let value = at(input, spot)?;
    let old = number(value)?;
    let (re, _) = old.parts();
    let np = |letter: char, size: usize| {
        let dtype = Dtype::native(letter, size);
        let bytes = dtype.encode(old);
        (Value::Np(dtype.clone(), bytes), format!("np.{dtype}"))
    };
    let (new, words) = match rng.below(6) {
        0 => (python(Number::Float(re)), "float".to_owned()),
        1 if re.is_finite() => (in_type_of(&Value::Int(0), old), "int".to_owned()),
        2 => np('f', 8),
        3 => np('i', 8),
        4 => np('f', 4),
        _ => (Value::Bool(re != 0.0), "bool".to_owned()),
    };
    if new == *value {
        return None;
    }
    *value = new;
    Some(format!("as {words}"))
}

/// A list in place of a tuple or array bound to a name, or the other way round.
pub fn container(input: &mut Snapshot, target: &Target, rng: &mut Rng) -> Option<String> {
    let (What::Array(id) | What::List(id) | What::Rows(id)) = target.what else {
        return None;
    };
    let (numbers, dtype) = read(&input.heap, id)?;
    let values: Vec<Value> = numbers.iter().map(|number| python(*number)).collect();
    let is_list = matches!(input.heap.object(id), Object::List(_));
    let (new, words) = match rng.below(3) {
        0 => (Value::Tuple(values), "a tuple"),
        1 if !is_list => (input.heap.list(Items::from_values(values)), "a list"),
        _ if is_list => {
            let bytes = numbers.iter().flat_map(|number| dtype.encode(*number)).collect();
            (input.heap.array(dtype, vec![numbers.len()], bytes), "an array")
        }
        _ => return None,
    };
    let named = input.names.iter_mut().find(|(_, value)| *value == Value::Ref(id))?;
    named.1 = new;
    Some(words.to_owned())
}
