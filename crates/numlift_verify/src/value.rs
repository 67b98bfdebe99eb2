//! Python values as plain data, with who shares what.
//!
//! A [`Value`] is what a name is bound to. Whatever has an identity that a program can notice (a list, a dict, an
//! array, an instance) lives in a [`Heap`] and is named by its [`ObjectId`], so two names of one list are two equal
//! ids and a list may contain itself. Array elements lie in [`Buffer`]s; views that overlap name the same buffer.
//!
//! ```text
//! x = np.arange(4.0); y = x[1:]; z = [x, 1]     objects  0: array f8 (4,) at b0+0   1: array f8 (3,) at b0+8
//!                                                        2: list [#0, 1]            buffers b0: 32 bytes
//! ```
//!
//! Lists of a million floats stay packed ([`Items`]). What cannot be looked into is [`Object::Opaque`]: a handle that
//! means something to the [`Engine`](crate::engine::Engine) alone, and a digest by which two of them are compared.

use std::fmt::Write as _;

use crate::dtype::{Dtype, Kind, Number, float_text};

/// Names an object of a [`Heap`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(pub u32);

/// Names a buffer of a [`Heap`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BufferId(pub u32);

/// Names something that only the engine holds: a function, a class, an object it cannot take apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Handle(pub u32);

/// A Python value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    None,
    Bool(bool),
    Int(i128),
    /// Too large for `i128`: hexadecimal digits.
    BigInt(String),
    Float(f64),
    Complex(f64, f64),
    Str(String),
    Bytes(Vec<u8>),
    /// A NumPy scalar.
    Np(Dtype, Vec<u8>),
    Tuple(Vec<Value>),
    /// A tuple with a class of its own.
    NamedTuple(Named, Vec<Value>),
    FrozenSet(Vec<Value>),
    /// `range` and `slice`, by constructor.
    Built(Constructor, Vec<Value>),
    /// A module, function, class or dtype: never copied, told apart by what it is called.
    Named(Named),
    Ref(ObjectId),
}

/// Immutable builtins that are rebuilt by calling their class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Constructor {
    Range,
    Slice,
}

/// Something passed as it is. Equal when the text is.
#[derive(Debug, Clone)]
pub struct Named {
    /// `module numpy`, `function helper`; unique enough to tell two apart.
    pub text: String,
    pub handle: Handle,
}

impl PartialEq for Named {
    fn eq(&self, other: &Named) -> bool {
        self.text == other.text
    }
}

/// Something with an identity.
#[derive(Debug, Clone, PartialEq)]
pub enum Object {
    List(Items),
    /// In insertion order.
    Dict(Vec<(Value, Value)>),
    /// Sorted by their text, since a set has no order that a program may rely on.
    Set(Vec<Value>),
    Array(Array),
    /// An instance of a Python class whose state is its attributes.
    Instance(Named, Vec<(String, Value)>),
    /// A random generator: its class and its state.
    Generator(Named, Value),
    Opaque(Opaque),
}

/// The elements of a list, packed where they all have one type.
#[derive(Debug, Clone, PartialEq)]
pub enum Items {
    Values(Vec<Value>),
    Floats(Vec<f64>),
    Ints(Vec<i64>),
    /// NumPy scalars of one dtype.
    Scalars(Dtype, Vec<u8>),
}

/// A view of a buffer. Offsets and strides are bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Array {
    pub dtype: Dtype,
    pub shape: Vec<usize>,
    pub strides: Vec<isize>,
    pub offset: usize,
    pub writeable: bool,
    pub buffer: BufferId,
}

/// Memory that arrays look at.
#[derive(Debug, Clone, PartialEq)]
pub enum Buffer {
    Bytes(Vec<u8>),
    /// Of `dtype=object`: one slot for every [`OBJECT_SIZE`] bytes of offset.
    Objects(Vec<Value>),
}

/// What a slot of an object array counts for in offsets and strides.
pub const OBJECT_SIZE: usize = 8;

/// What cannot be taken apart.
#[derive(Debug, Clone)]
pub struct Opaque {
    pub class: String,
    pub handle: Handle,
    /// Bytes that are equal when the state is (a pickle), where there are any.
    pub digest: Option<Vec<u8>>,
}

impl PartialEq for Opaque {
    fn eq(&self, other: &Opaque) -> bool {
        self.class == other.class && self.digest.is_some() && self.digest == other.digest
    }
}

/// All objects and buffers of one snapshot or outcome.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Heap {
    pub objects: Vec<Object>,
    pub buffers: Vec<Buffer>,
}

/// Names and what they are bound to, in the order of the program's text.
pub type Bindings = Vec<(String, Value)>;

/// What a region is entered with.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Snapshot {
    /// The captured input that this is, or was made from, by its place in the job.
    pub capture: usize,
    /// Exactly as captured: the engine may load it from the file instead of rebuilding it.
    pub pristine: bool,
    /// In words: `captured 3`, or what was done to it.
    pub label: String,
    /// Bound live-ins; a live-in that is not here is unbound.
    pub names: Bindings,
    pub heap: Heap,
}

impl Heap {
    pub fn add(&mut self, object: Object) -> ObjectId {
        self.objects.push(object);
        ObjectId((self.objects.len() - 1) as u32)
    }

    pub fn add_buffer(&mut self, buffer: Buffer) -> BufferId {
        self.buffers.push(buffer);
        BufferId((self.buffers.len() - 1) as u32)
    }

    pub fn object(&self, id: ObjectId) -> &Object {
        &self.objects[id.0 as usize]
    }

    pub fn object_mut(&mut self, id: ObjectId) -> &mut Object {
        &mut self.objects[id.0 as usize]
    }

    pub fn buffer(&self, id: BufferId) -> &Buffer {
        &self.buffers[id.0 as usize]
    }

    /// A new list object.
    pub fn list(&mut self, items: Items) -> Value {
        Value::Ref(self.add(Object::List(items)))
    }

    /// A new contiguous array over a buffer of its own.
    pub fn array(&mut self, dtype: Dtype, shape: Vec<usize>, bytes: Vec<u8>) -> Value {
        let strides = row_major(&shape, dtype.size);
        let buffer = self.add_buffer(Buffer::Bytes(bytes));
        Value::Ref(self.add(Object::Array(Array {
            dtype,
            shape,
            strides,
            offset: 0,
            writeable: true,
            buffer,
        })))
    }

    /// A new contiguous float64 array.
    pub fn floats(&mut self, shape: &[usize], values: &[f64]) -> Value {
        let bytes = values.iter().flat_map(|value| value.to_ne_bytes()).collect();
        self.array(Dtype::float64(), shape.to_vec(), bytes)
    }

    /// The bytes of an array of numbers in row-major order; borrowed where they lie so already.
    pub fn bytes(&self, array: &Array) -> std::borrow::Cow<'_, [u8]> {
        let Buffer::Bytes(bytes) = self.buffer(array.buffer) else {
            return std::borrow::Cow::Borrowed(&[]);
        };
        let size = array.dtype.size;
        let count = array.len();
        if count == 0 {
            return std::borrow::Cow::Borrowed(&[]);
        }
        if array.is_row_major() {
            return std::borrow::Cow::Borrowed(&bytes[array.offset..array.offset + count * size]);
        }
        let mut out = Vec::with_capacity(count * size);
        array.each_offset(|at| out.extend_from_slice(&bytes[at..at + size]));
        std::borrow::Cow::Owned(out)
    }

    /// The elements of an object array in row-major order.
    pub fn slots(&self, array: &Array) -> Vec<&Value> {
        let Buffer::Objects(values) = self.buffer(array.buffer) else {
            return Vec::new();
        };
        let mut out = Vec::with_capacity(array.len());
        array.each_offset(|at| out.push(&values[at / OBJECT_SIZE]));
        out
    }

    /// A value on one line, cut where it gets long.
    pub fn show(&self, value: &Value) -> String {
        let mut text = String::new();
        self.write(value, 3, &mut text);
        text
    }

    fn write(&self, value: &Value, depth: usize, out: &mut String) {
        match value {
            Value::None => out.push_str("None"),
            Value::Bool(true) => out.push_str("True"),
            Value::Bool(false) => out.push_str("False"),
            Value::Int(value) => drop(write!(out, "{value}")),
            Value::BigInt(digits) if digits.len() > 24 => {
                let _ = write!(out, "{}… ({} digits)", &digits[..20], digits.len());
            }
            Value::BigInt(digits) => out.push_str(digits),
            Value::Float(value) => out.push_str(&float_text(*value)),
            Value::Complex(re, im) => drop(write!(out, "{}", Number::Complex(*re, *im))),
            Value::Str(text) => drop(write!(out, "{:?}", cut(text))),
            Value::Bytes(bytes) => drop(write!(out, "bytes of length {}", bytes.len())),
            Value::Np(dtype, bytes) => match dtype.decode(bytes) {
                Some(number) => drop(write!(out, "np.{dtype}({number})")),
                None => drop(write!(out, "a NumPy scalar of {dtype}")),
            },
            Value::Tuple(items) => self.write_items("(", items.iter(), items.len(), ")", depth, out),
            Value::NamedTuple(class, items) => {
                out.push_str(&class.text);
                self.write_items("(", items.iter(), items.len(), ")", depth, out);
            }
            Value::FrozenSet(items) => self.write_items("frozenset({", items.iter(), items.len(), "})", depth, out),
            Value::Built(Constructor::Range, items) => self.write_items("range(", items.iter(), 3, ")", depth, out),
            Value::Built(Constructor::Slice, items) => self.write_items("slice(", items.iter(), 3, ")", depth, out),
            Value::Named(named) => out.push_str(&named.text),
            Value::Ref(id) => self.write_object(*id, depth, out),
        }
    }

    fn write_object(&self, id: ObjectId, depth: usize, out: &mut String) {
        let object = self.object(id);
        if depth == 0 {
            out.push('…');
            return;
        }
        match object {
            Object::List(items) => {
                let shown: Vec<Value> = (0..items.len().min(SHOWN)).map(|at| items.get(at)).collect();
                self.write_items("[", shown.iter(), items.len(), "]", depth, out);
            }
            Object::Dict(entries) => drop(write!(out, "a dict of {} entries", entries.len())),
            Object::Set(items) => self.write_items("{", items.iter(), items.len(), "}", depth, out),
            Object::Array(array) => self.write_array(array, depth, out),
            Object::Instance(class, _) => drop(write!(out, "an instance of {}", class.text)),
            Object::Generator(class, _) => drop(write!(out, "{}", class.text)),
            Object::Opaque(opaque) => drop(write!(out, "an instance of {}", opaque.class)),
        }
    }

    fn write_array(&self, array: &Array, depth: usize, out: &mut String) {
        let _ = write!(out, "array {} {}", array.dtype, shape_text(&array.shape));
        if array.len() > SHOWN || array.is_empty() {
            return;
        }
        match array.dtype.kind {
            Kind::Object => {
                let slots = self.slots(array);
                self.write_items(" [", slots.into_iter(), array.len(), "]", depth, out);
            }
            Kind::Other => {}
            Kind::Bool | Kind::Int | Kind::Uint | Kind::Float | Kind::Complex => {
                let numbers = self.numbers(array);
                let texts: Vec<String> = numbers.iter().map(Number::to_string).collect();
                let _ = write!(out, " [{}]", texts.join(", "));
            }
        }
    }

    /// The elements of an array of numbers, decoded; for small arrays.
    pub fn numbers(&self, array: &Array) -> Vec<Number> {
        self.bytes(array)
            .chunks_exact(array.dtype.size.max(1))
            .filter_map(|bytes| array.dtype.decode(bytes))
            .collect()
    }

    fn write_items<'a>(
        &self,
        open: &str,
        items: impl Iterator<Item = &'a Value>,
        len: usize,
        close: &str,
        depth: usize,
        out: &mut String,
    ) {
        out.push_str(open);
        for (at, item) in items.take(SHOWN).enumerate() {
            if at > 0 {
                out.push_str(", ");
            }
            self.write(item, depth - usize::from(depth > 0), out);
        }
        if len > SHOWN {
            let _ = write!(out, ", … {len} in all");
        }
        out.push_str(close);
    }
}

/// So many elements of a sequence are shown.
const SHOWN: usize = 8;

impl Items {
    pub fn len(&self) -> usize {
        match self {
            Items::Values(values) => values.len(),
            Items::Floats(values) => values.len(),
            Items::Ints(values) => values.len(),
            Items::Scalars(dtype, bytes) => bytes.len() / dtype.size.max(1),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The element at `at`, unpacked.
    pub fn get(&self, at: usize) -> Value {
        match self {
            Items::Values(values) => values[at].clone(),
            Items::Floats(values) => Value::Float(values[at]),
            Items::Ints(values) => Value::Int(i128::from(values[at])),
            Items::Scalars(dtype, bytes) => {
                Value::Np(dtype.clone(), bytes[at * dtype.size..(at + 1) * dtype.size].to_vec())
            }
        }
    }

    pub fn to_values(&self) -> Vec<Value> {
        (0..self.len()).map(|at| self.get(at)).collect()
    }

    /// Packs what can be packed.
    pub fn from_values(values: Vec<Value>) -> Items {
        let floats = || {
            values.iter().map(|value| {
                if let Value::Float(float) = value {
                    Some(*float)
                } else {
                    None
                }
            })
        };
        let ints = || {
            let int = |value: &Value| {
                if let Value::Int(int) = value {
                    i64::try_from(*int).ok()
                } else {
                    None
                }
            };
            values.iter().map(int)
        };
        if values.is_empty() {
            Items::Values(values)
        } else if let Some(packed) = floats().collect() {
            Items::Floats(packed)
        } else if let Some(packed) = ints().collect() {
            Items::Ints(packed)
        } else {
            Items::Values(values)
        }
    }
}

impl Array {
    /// How many elements.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// C-contiguous, as NumPy means it: strides of axes of length 1 do not count.
    pub fn is_row_major(&self) -> bool {
        let wanted = row_major(&self.shape, self.dtype.size);
        self.is_empty() || (0..self.shape.len()).all(|axis| self.shape[axis] == 1 || self.strides[axis] == wanted[axis])
    }

    /// Calls `visit` with the offset of each element in row-major order.
    pub fn each_offset(&self, mut visit: impl FnMut(usize)) {
        if self.is_empty() {
            return;
        }
        let mut index = vec![0usize; self.shape.len()];
        let mut at = self.offset as isize;
        loop {
            visit(at as usize);
            let mut axis = self.shape.len();
            loop {
                if axis == 0 {
                    return;
                }
                axis -= 1;
                index[axis] += 1;
                at += self.strides[axis];
                if index[axis] < self.shape[axis] {
                    break;
                }
                at -= self.strides[axis] * self.shape[axis] as isize;
                index[axis] = 0;
            }
        }
    }

    /// First byte and one past the last byte that the elements cover.
    pub fn extent(&self) -> (usize, usize) {
        if self.is_empty() {
            return (self.offset, self.offset);
        }
        let (mut low, mut high) = (self.offset as isize, self.offset as isize);
        for (length, stride) in self.shape.iter().zip(&self.strides) {
            let reach = (*length as isize - 1) * stride;
            if reach < 0 { low += reach } else { high += reach }
        }
        (low as usize, high as usize + self.dtype.size)
    }
}

/// Strides of a contiguous array in C order.
pub fn row_major(shape: &[usize], size: usize) -> Vec<isize> {
    let mut strides = vec![0; shape.len()];
    let mut step = size as isize;
    for axis in (0..shape.len()).rev() {
        strides[axis] = step;
        step *= shape[axis].max(1) as isize;
    }
    strides
}

/// Strides of a contiguous array in Fortran order.
pub fn column_major(shape: &[usize], size: usize) -> Vec<isize> {
    let mut strides = vec![0; shape.len()];
    let mut step = size as isize;
    for axis in 0..shape.len() {
        strides[axis] = step;
        step *= shape[axis].max(1) as isize;
    }
    strides
}

/// `(3,)`, `(2, 3)` as Python writes a shape.
pub fn shape_text(shape: &[usize]) -> String {
    match shape {
        [length] => format!("({length},)"),
        _ => format!(
            "({})",
            shape.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")
        ),
    }
}

fn cut(text: &str) -> &str {
    match text.char_indices().nth(60) {
        Some((at, _)) => &text[..at],
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strided_views_read_in_row_major_order() {
        let mut heap = Heap::default();
        let base = heap.floats(&[2, 3], &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        let Value::Ref(id) = base else {
            panic!("an array is an object")
        };
        let Object::Array(mut view) = heap.object(id).clone() else {
            panic!("an array")
        };
        view.shape = vec![3, 2];
        view.strides = vec![-8, 24];
        view.offset = 16;
        let values: Vec<f64> = heap.numbers(&view).into_iter().map(|number| number.parts().0).collect();
        assert_eq!(values, [2.0, 5.0, 1.0, 4.0, 0.0, 3.0]);
        assert_eq!(view.extent(), (0, 48));
        assert!(!view.is_row_major());
    }

    #[test]
    fn values_show_short() {
        let mut heap = Heap::default();
        let list = heap.list(Items::Floats((0..20).map(f64::from).collect()));
        assert_eq!(
            heap.show(&list),
            "[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, … 20 in all]"
        );
        let array = heap.floats(&[2], &[1.0, f64::NAN]);
        assert_eq!(heap.show(&array), "array float64 (2,) [1.0, nan]");
    }
}
