//! Reading and storing the elements of a part of an input.

use crate::dtype::{Dtype, Kind, Number};
use crate::value::{Array, Buffer, Heap, Items, OBJECT_SIZE, Object, ObjectId, Value, row_major};

/// The numbers of an array or list, and the dtype that new ones are made for.
pub fn read(heap: &Heap, id: ObjectId) -> Option<(Vec<Number>, Dtype)> {
    match heap.object(id) {
        Object::Array(array) if array.dtype.is_number() => Some((heap.numbers(array), array.dtype.clone())),
        Object::Array(array) if array.dtype.kind == Kind::Object => {
            let numbers = heap.slots(array).into_iter().map(number).collect::<Option<Vec<_>>>()?;
            let dtype = dtype_of(&numbers);
            Some((numbers, dtype))
        }
        Object::List(Items::Scalars(dtype, bytes)) => {
            let numbers = bytes
                .chunks_exact(dtype.size.max(1))
                .map(|element| dtype.decode(element));
            Some((numbers.collect::<Option<_>>()?, dtype.clone()))
        }
        Object::List(items) => {
            let numbers = items.to_values().iter().map(number).collect::<Option<Vec<_>>>()?;
            let dtype = dtype_of(&numbers);
            Some((numbers, dtype))
        }
        Object::Array(_)
        | Object::Dict(_)
        | Object::Set(_)
        | Object::Instance(..)
        | Object::Generator(..)
        | Object::Opaque(_) => None,
    }
}

/// A Python or NumPy number.
pub fn number(value: &Value) -> Option<Number> {
    match value {
        Value::Bool(value) => Some(Number::Bool(*value)),
        Value::Int(value) => Some(Number::Int(*value)),
        Value::Float(value) => Some(Number::Float(*value)),
        Value::Complex(re, im) => Some(Number::Complex(*re, *im)),
        Value::Np(dtype, bytes) => dtype.decode(bytes),
        Value::None
        | Value::BigInt(_)
        | Value::Str(_)
        | Value::Bytes(_)
        | Value::Tuple(_)
        | Value::NamedTuple(..)
        | Value::FrozenSet(_)
        | Value::Built(..)
        | Value::Named(_)
        | Value::Ref(_) => None,
    }
}

/// The Python number.
pub fn python(number: Number) -> Value {
    match number {
        Number::Bool(value) => Value::Bool(value),
        Number::Int(value) => Value::Int(value),
        Number::Float(value) => Value::Float(value),
        Number::Complex(re, im) => Value::Complex(re, im),
    }
}

/// A number in the type of an example.
pub fn in_type_of(example: &Value, number: Number) -> Value {
    let (re, im) = number.parts();
    match example {
        Value::Bool(_) => Value::Bool(re != 0.0),
        Value::Int(_) => match number {
            Number::Int(int) => Value::Int(int),
            Number::Bool(_) | Number::Float(_) | Number::Complex(..) => Value::Int(re as i128),
        },
        Value::Float(_) => Value::Float(re),
        Value::Complex(..) => Value::Complex(re, im),
        Value::Np(dtype, _) => Value::Np(dtype.clone(), dtype.encode(number)),
        Value::None
        | Value::BigInt(_)
        | Value::Str(_)
        | Value::Bytes(_)
        | Value::Tuple(_)
        | Value::NamedTuple(..)
        | Value::FrozenSet(_)
        | Value::Built(..)
        | Value::Named(_)
        | Value::Ref(_) => example.clone(),
    }
}

fn dtype_of(numbers: &[Number]) -> Dtype {
    match numbers.first() {
        Some(Number::Bool(_)) => Dtype::native('b', 1),
        Some(Number::Int(_)) => Dtype::int64(),
        Some(Number::Complex(..)) => Dtype::native('c', 16),
        Some(Number::Float(_)) | None => Dtype::float64(),
    }
}

/// Stores numbers where the old ones are: types, memory and sharing stay as they were.
pub fn store(heap: &mut Heap, id: ObjectId, numbers: &[Number]) {
    match heap.object_mut(id) {
        Object::List(items) => *items = stored_items(items, numbers),
        Object::Array(array) => {
            let array = array.clone();
            store_array(heap, &array, numbers);
        }
        Object::Dict(_) | Object::Set(_) | Object::Instance(..) | Object::Generator(..) | Object::Opaque(_) => {}
    }
}

fn stored_items(items: &Items, numbers: &[Number]) -> Items {
    match items {
        Items::Floats(_) => Items::Floats(numbers.iter().map(|number| number.parts().0).collect()),
        Items::Scalars(dtype, _) => Items::Scalars(
            dtype.clone(),
            numbers.iter().flat_map(|number| dtype.encode(*number)).collect(),
        ),
        Items::Ints(_) => {
            let int = |number: &Number| in_type_of(&Value::Int(0), *number);
            Items::from_values(numbers.iter().map(int).collect())
        }
        Items::Values(values) => {
            let values = values
                .iter()
                .zip(numbers)
                .map(|(value, number)| in_type_of(value, *number));
            Items::from_values(values.collect())
        }
    }
}

fn store_array(heap: &mut Heap, array: &Array, numbers: &[Number]) {
    let mut offsets = Vec::with_capacity(array.len());
    array.each_offset(|at| offsets.push(at));
    match &mut heap.buffers[array.buffer.0 as usize] {
        Buffer::Bytes(bytes) => {
            for (at, number) in offsets.into_iter().zip(numbers) {
                let element = array.dtype.encode(*number);
                bytes[at..at + element.len()].copy_from_slice(&element);
            }
        }
        Buffer::Objects(values) => {
            for (at, number) in offsets.into_iter().zip(numbers) {
                let slot = &mut values[at / OBJECT_SIZE];
                *slot = in_type_of(slot, *number);
            }
        }
    }
}

/// Gives an array object a contiguous buffer of its own.
pub fn replace(heap: &mut Heap, id: ObjectId, dtype: Dtype, shape: Vec<usize>, numbers: &[Number]) {
    let (buffer, size) = if dtype.kind == Kind::Object {
        (
            Buffer::Objects(numbers.iter().map(|number| python(*number)).collect()),
            OBJECT_SIZE,
        )
    } else {
        (
            Buffer::Bytes(numbers.iter().flat_map(|number| dtype.encode(*number)).collect()),
            dtype.size,
        )
    };
    let buffer = heap.add_buffer(buffer);
    let strides = row_major(&shape, size);
    let writeable = true;
    *heap.object_mut(id) = Object::Array(Array {
        dtype,
        shape,
        strides,
        offset: 0,
        writeable,
        buffer,
    });
}
