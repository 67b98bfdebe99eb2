//! An input of other sizes, made from a captured one.
//!
//! Every length and every related int takes the size of its class ([`Relations`]); a dimension that grows repeats
//! its elements. Views of one buffer stay views of one buffer, objects that were one stay one, and indices into a
//! dimension are wrapped into its new size.

use std::collections::{BTreeMap, BTreeSet};

use crate::dtype::{Dtype, Kind, Number};
use crate::mutate::learn::{LOOKED_AT, Relations, Rule, axis_slot, entry_path, length_slot};
use crate::value::{
    Array, Buffer, BufferId, Heap, Items, OBJECT_SIZE, Object, ObjectId, Snapshot, Value, column_major, row_major,
};

/// The sizes to make.
#[derive(Debug, Clone)]
pub struct Sizes<'a> {
    pub relations: &'a Relations,
    /// By class.
    pub sizes: Vec<usize>,
    /// Where the window into a larger dimension starts, by class.
    pub starts: Vec<usize>,
    /// Elements of rows without a rule (ragged ones) are cut to this many.
    pub rows: usize,
}

/// Makes the input.
pub fn crop(input: &Snapshot, sizes: &Sizes<'_>) -> Snapshot {
    let mut crop = Crop {
        old: &input.heap,
        sizes,
        new: Heap::default(),
        made: BTreeMap::new(),
        order: Vec::new(),
        shared: shared_buffers(&input.heap),
        views: BTreeMap::new(),
    };
    let names = input
        .names
        .iter()
        .map(|(name, value)| (name.clone(), crop.value(name, value)))
        .collect();
    crop.cut_shared_buffers();
    let heap = crop.new;
    Snapshot {
        capture: input.capture,
        pristine: false,
        label: input.label.clone(),
        names,
        heap,
    }
}

struct Crop<'a> {
    old: &'a Heap,
    sizes: &'a Sizes<'a>,
    new: Heap,
    made: BTreeMap<ObjectId, ObjectId>,
    /// Keys of `made` as they came.
    order: Vec<ObjectId>,
    /// Buffers that several arrays look at.
    shared: BTreeSet<BufferId>,
    /// New arrays over each of them, still with the old offsets.
    views: BTreeMap<BufferId, Vec<ObjectId>>,
}

fn shared_buffers(heap: &Heap) -> BTreeSet<BufferId> {
    let mut met = BTreeSet::new();
    let arrays = heap.objects.iter().filter_map(|object| {
        if let Object::Array(array) = object {
            Some(array)
        } else {
            None
        }
    });
    arrays
        .filter(|array| !met.insert(array.buffer))
        .map(|array| array.buffer)
        .collect()
}

impl Crop<'_> {
    fn value(&mut self, path: &str, value: &Value) -> Value {
        match value {
            Value::Int(int) => Value::Int(self.int(path, *int)),
            Value::Np(dtype, bytes) => match dtype.decode(bytes) {
                Some(Number::Int(int)) => Value::Np(dtype.clone(), dtype.encode(Number::Int(self.int(path, int)))),
                Some(Number::Bool(_) | Number::Float(_) | Number::Complex(..)) | None => value.clone(),
            },
            Value::Tuple(items) => Value::Tuple(self.tuple(path, items)),
            Value::NamedTuple(class, items) => Value::NamedTuple(class.clone(), self.tuple(path, items)),
            Value::Built(constructor, items) => {
                let items = items.iter().enumerate();
                Value::Built(
                    *constructor,
                    items
                        .map(|(at, item)| self.value(&format!("{path}.{at}"), item))
                        .collect(),
                )
            }
            Value::Ref(id) => Value::Ref(self.reference(path, *id)),
            Value::None
            | Value::Bool(_)
            | Value::BigInt(_)
            | Value::Float(_)
            | Value::Complex(..)
            | Value::Str(_)
            | Value::Bytes(_)
            | Value::FrozenSet(_)
            | Value::Named(_) => value.clone(),
        }
    }

    fn tuple(&mut self, path: &str, items: &[Value]) -> Vec<Value> {
        items
            .iter()
            .enumerate()
            .map(|(at, item)| self.value(&format!("{path}[{at}]"), item))
            .collect()
    }

    fn int(&self, path: &str, value: i128) -> i128 {
        self.sizes
            .relations
            .value(path, &self.sizes.sizes)
            .map_or(value, i128::from)
    }

    fn reference(&mut self, path: &str, id: ObjectId) -> ObjectId {
        if let Some(made) = self.made.get(&id) {
            return *made;
        }
        // Reserved first, since an object may contain itself.
        let made = self.new.add(Object::Set(Vec::new()));
        self.made.insert(id, made);
        self.order.push(id);
        let object = self.object(path, id, made);
        *self.new.object_mut(made) = object;
        made
    }

    fn object(&mut self, path: &str, id: ObjectId, made: ObjectId) -> Object {
        match self.old.object(id) {
            Object::List(items) => Object::List(self.list(path, items)),
            Object::Array(array) => Object::Array(self.array(path, array, made)),
            Object::Dict(entries) => {
                let kept = entries.iter().take(LOOKED_AT);
                let entries = kept.map(|(key, value)| (key.clone(), self.value(&entry_path(path, key), value)));
                Object::Dict(entries.collect())
            }
            Object::Instance(class, attributes) => {
                let attributes = attributes.iter();
                let made = attributes.map(|(name, value)| (name.clone(), self.value(&format!("{path}.{name}"), value)));
                Object::Instance(class.clone(), made.collect())
            }
            Object::Generator(class, state) => Object::Generator(class.clone(), self.copy(state)),
            Object::Set(items) => Object::Set(items.clone()),
            Object::Opaque(opaque) => Object::Opaque(opaque.clone()),
        }
    }

    /// A generator's state keeps its sizes.
    fn copy(&mut self, value: &Value) -> Value {
        let relations = Relations::default();
        let sizes = Sizes {
            relations: &relations,
            sizes: Vec::new(),
            starts: Vec::new(),
            rows: usize::MAX,
        };
        let shared = BTreeSet::new();
        let new = std::mem::take(&mut self.new);
        let made = std::mem::take(&mut self.made);
        let (order, views) = (Vec::new(), BTreeMap::new());
        let mut copier = Crop {
            old: self.old,
            sizes: &sizes,
            new,
            made,
            order,
            shared,
            views,
        };
        let value = copier.value("", value);
        (self.new, self.made) = (copier.new, copier.made);
        value
    }

    /// Which elements of a dimension the new one is made of.
    fn picks(&self, slot: &str, length: usize) -> Vec<usize> {
        let relations = self.sizes.relations;
        let Some(wanted) = relations.value(slot, &self.sizes.sizes) else {
            return (0..length.min(self.sizes.rows)).collect();
        };
        let wanted = usize::try_from(wanted).unwrap_or(0);
        let start = match relations.rules.get(slot) {
            Some(Rule::Class(class, _)) => self.sizes.starts[*class],
            Some(Rule::Product(..) | Rule::Index(..)) | None => 0,
        };
        let start = start.min(length.saturating_sub(wanted));
        (0..wanted)
            .map(|at| if length == 0 { usize::MAX } else { (start + at) % length })
            .collect()
    }

    fn list(&mut self, path: &str, items: &Items) -> Items {
        let picks = self.picks(&length_slot(path), items.len());
        if items.is_empty() {
            return items.clone();
        }
        match items {
            Items::Floats(values) => Items::Floats(picks.iter().map(|at| values[*at]).collect()),
            Items::Ints(values) => {
                let index = self.sizes.relations.indices.get(path);
                let wrap = |value: i64| index.map_or(value, |class| wrap(value, self.sizes.sizes[*class]));
                Items::Ints(picks.iter().map(|at| wrap(values[*at])).collect())
            }
            Items::Scalars(dtype, bytes) => {
                let element = |at: &usize| &bytes[at * dtype.size..(at + 1) * dtype.size];
                Items::Scalars(dtype.clone(), picks.iter().flat_map(element).copied().collect())
            }
            Items::Values(values) => Items::Values(self.elements(path, picks.iter().map(|at| (*at, &values[*at])))),
        }
    }

    /// Elements that are repeated are copied, so that growing a list makes no aliases that were not there.
    fn elements<'v>(&mut self, path: &str, picks: impl Iterator<Item = (usize, &'v Value)>) -> Vec<Value> {
        let path = format!("{path}[]");
        let mut reached: BTreeMap<usize, Vec<ObjectId>> = BTreeMap::new();
        let mut out = Vec::new();
        for (pick, value) in picks {
            // Ints among other things are data, not sizes.
            if !matches!(value, Value::Ref(_) | Value::Tuple(_)) {
                out.push(value.clone());
                continue;
            }
            for id in reached.get(&pick).into_iter().flatten() {
                self.made.remove(id);
            }
            let before = self.order.len();
            out.push(self.value(&path, value));
            reached.insert(pick, self.order[before..].to_vec());
        }
        out
    }

    fn array(&mut self, path: &str, array: &Array, made: ObjectId) -> Array {
        let picks: Vec<Vec<usize>> = array
            .shape
            .iter()
            .enumerate()
            .map(|(axis, length)| self.picks(&axis_slot(path, axis), *length))
            .collect();
        let empty = array.is_empty();
        if self.shared.contains(&array.buffer) && !empty {
            return self.view(array, &picks, made);
        }
        let shape: Vec<usize> = if empty {
            array.shape.clone()
        } else {
            picks.iter().map(Vec::len).collect()
        };
        let mut offsets = vec![array.offset as isize];
        for (axis, picks) in picks.iter().enumerate() {
            let step = |at: &isize| {
                let at = *at;
                picks
                    .iter()
                    .map(move |pick| at + *pick as isize * array.strides[axis])
                    .collect::<Vec<_>>()
            };
            offsets = if empty {
                Vec::new()
            } else {
                offsets.iter().flat_map(step).collect()
            };
        }
        let (buffer, size) = match self.old.buffer(array.buffer) {
            Buffer::Bytes(bytes) => {
                let size = array.dtype.size;
                let elements = offsets.iter().flat_map(|at| &bytes[*at as usize..*at as usize + size]);
                (
                    Buffer::Bytes(self.wrapped(path, &array.dtype, elements.copied().collect())),
                    size,
                )
            }
            Buffer::Objects(values) => {
                let slots: Vec<usize> = offsets.iter().map(|at| *at as usize / OBJECT_SIZE).collect();
                (
                    Buffer::Objects(self.elements(path, slots.iter().map(|at| (*at, &values[*at])))),
                    OBJECT_SIZE,
                )
            }
        };
        let fortran = !array.is_row_major() && is_column_major(array) && matches!(buffer, Buffer::Bytes(_));
        let strides = if fortran {
            column_major(&shape, size)
        } else {
            row_major(&shape, size)
        };
        let buffer = if fortran {
            reorder(buffer, &shape, &strides, size)
        } else {
            buffer
        };
        let buffer = self.new.add_buffer(buffer);
        Array {
            dtype: array.dtype.clone(),
            shape,
            strides,
            offset: 0,
            writeable: array.writeable,
            buffer,
        }
    }

    fn wrapped(&self, path: &str, dtype: &Dtype, mut bytes: Vec<u8>) -> Vec<u8> {
        let Some(class) = self.sizes.relations.indices.get(path) else {
            return bytes;
        };
        for element in bytes.chunks_exact_mut(dtype.size) {
            if let Some(Number::Int(int)) = dtype.decode(element)
                && let Ok(int) = i64::try_from(int)
            {
                let wrapped = wrap(int, self.sizes.sizes[*class]);
                element.copy_from_slice(&dtype.encode(Number::Int(i128::from(wrapped))));
            }
        }
        bytes
    }

    /// A view of a shared buffer is narrowed where it lies; it cannot grow.
    fn view(&mut self, array: &Array, picks: &[Vec<usize>], made: ObjectId) -> Array {
        let mut view = array.clone();
        let mut offset = array.offset as isize;
        for (axis, picks) in picks.iter().enumerate() {
            let length = picks.len().min(array.shape[axis]);
            let start = picks.first().copied().unwrap_or(0).min(array.shape[axis] - length);
            view.shape[axis] = length;
            offset += start as isize * array.strides[axis];
        }
        view.offset = usize::try_from(offset).unwrap_or(0);
        self.views.entry(array.buffer).or_default().push(made);
        view
    }

    /// Cuts each shared buffer to what its views cover.
    fn cut_shared_buffers(&mut self) {
        for (old, views) in std::mem::take(&mut self.views) {
            let arrays = views.iter().filter_map(|id| match self.new.object(*id) {
                Object::Array(array) => Some(array.extent()),
                _ => None,
            });
            let (low, high) = arrays.fold((usize::MAX, 0), |(low, high), (a, b)| (low.min(a), high.max(b)));
            let buffer = match self.old.buffer(old) {
                Buffer::Bytes(bytes) => Buffer::Bytes(bytes[low.min(high)..high].to_vec()),
                Buffer::Objects(values) => {
                    let values = &values[low.min(high) / OBJECT_SIZE..high / OBJECT_SIZE];
                    Buffer::Objects(self.elements("", values.iter().enumerate()))
                }
            };
            let buffer = self.new.add_buffer(buffer);
            for id in views {
                if let Object::Array(array) = self.new.object_mut(id) {
                    array.offset -= low.min(array.offset);
                    array.buffer = buffer;
                }
            }
        }
    }
}

fn wrap(value: i64, size: usize) -> i64 {
    match size as i64 {
        0 => value,
        size if value >= 0 => value % size,
        size => -((-value - 1) % size) - 1,
    }
}

fn is_column_major(array: &Array) -> bool {
    let wanted = column_major(&array.shape, array.dtype.size);
    (0..array.shape.len()).all(|axis| array.shape[axis] == 1 || array.strides[axis] == wanted[axis])
}

/// Row-major elements put where `strides` want them.
pub fn reorder(buffer: Buffer, shape: &[usize], strides: &[isize], size: usize) -> Buffer {
    let Buffer::Bytes(bytes) = buffer else { return buffer };
    let mut out = vec![0; bytes.len()];
    let dtype = Dtype {
        text: String::new(),
        kind: Kind::Other,
        size,
        swapped: false,
    };
    let (shape, strides) = (shape.to_vec(), strides.to_vec());
    let array = Array {
        dtype,
        shape,
        strides,
        offset: 0,
        writeable: true,
        buffer: BufferId(0),
    };
    let mut elements = bytes.chunks_exact(size.max(1));
    array.each_offset(|at| {
        if let Some(element) = elements.next() {
            out[at..at + size].copy_from_slice(element);
        }
    });
    Buffer::Bytes(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutate::learn::learn;

    fn sizes<'a>(relations: &'a Relations, size: usize) -> Sizes<'a> {
        let classes = relations.classes.len();
        Sizes {
            relations,
            sizes: vec![size; classes],
            starts: vec![1; classes],
            rows: 4,
        }
    }

    #[test]
    fn sizes_ints_and_indices_stay_related() {
        let mut input = Snapshot::default();
        let x = input.heap.floats(&[100], &(0..100).map(f64::from).collect::<Vec<_>>());
        let index = input.heap.list(Items::Ints((0..100).map(|at| 99 - at).collect()));
        input.names = vec![
            ("x".to_owned(), x),
            ("i".to_owned(), index),
            ("n".to_owned(), Value::Int(100)),
        ];
        let relations = learn(&input);
        let small = crop(&input, &sizes(&relations, 3));
        assert_eq!(small.names[2].1, Value::Int(3));
        assert_eq!(small.heap.show(&small.names[0].1), "array float64 (3,) [1.0, 2.0, 3.0]");
        assert_eq!(small.heap.show(&small.names[1].1), "[2, 1, 0]");
        let large = crop(&input, &sizes(&relations, 130));
        assert_eq!(large.names[2].1, Value::Int(130));
    }

    #[test]
    fn views_of_one_buffer_stay_so() {
        let mut input = Snapshot::default();
        let x = input.heap.floats(&[10], &(0..10).map(f64::from).collect::<Vec<_>>());
        let Value::Ref(id) = x else { panic!("an array") };
        let Object::Array(array) = input.heap.object(id).clone() else {
            panic!("an array")
        };
        let inner = Array {
            shape: vec![8],
            offset: 8,
            ..array
        };
        let inner = Value::Ref(input.heap.add(Object::Array(inner)));
        input.names = vec![("x".to_owned(), x), ("inner".to_owned(), inner)];
        let relations = learn(&input);
        let small = crop(&input, &sizes(&relations, 4));
        assert_eq!(
            small.heap.show(&small.names[0].1),
            "array float64 (4,) [1.0, 2.0, 3.0, 4.0]"
        );
        assert_eq!(small.heap.show(&small.names[1].1), "array float64 (2,) [2.0, 3.0]");
        assert_eq!(small.heap.buffers.len(), 1);
    }

    #[test]
    fn columns_stay_first_in_fortran_order() {
        let mut input = Snapshot::default();
        let strides = column_major(&[5, 4], 8);
        let values: Vec<u8> = (0..20).flat_map(|at| f64::from(at).to_ne_bytes()).collect();
        let buffer = input.heap.add_buffer(Buffer::Bytes(values));
        let dtype = Dtype::float64();
        let array = Array {
            dtype,
            shape: vec![5, 4],
            strides,
            offset: 0,
            writeable: true,
            buffer,
        };
        let array = Value::Ref(input.heap.add(Object::Array(array)));
        input.names = vec![("x".to_owned(), array)];
        let relations = learn(&input);
        let small = crop(&input, &sizes(&relations, 2));
        let Value::Ref(id) = small.names[0].1 else {
            panic!("an array")
        };
        let Object::Array(array) = small.heap.object(id) else {
            panic!("an array")
        };
        assert_eq!(array.strides[0], 8);
        assert_eq!(
            small.heap.show(&small.names[0].1),
            "array float64 (2, 2) [6.0, 11.0, 7.0, 12.0]"
        );
    }
}
