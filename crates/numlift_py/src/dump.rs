//! Python values as plain data.
//!
//! Containers, numbers and arrays are read here, since captured inputs may be large; everything else is described by
//! `_verify.describe` in Python. Arrays are read last, when all are known: those that share memory become views of one
//! buffer.

use std::collections::HashMap;

use numlift_verify::dtype::{Dtype, Kind};
use numlift_verify::value::{
    Array, Bindings, Buffer, BufferId, Constructor, Handle, Heap, Items, Named, OBJECT_SIZE, Object, ObjectId, Opaque,
    Value,
};
use pyo3::buffer::PyBuffer;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyBytes, PyComplex, PyDict, PyFloat, PyFrozenSet, PyInt, PyList, PyRange, PySet, PySlice, PyString, PyTuple,
};

use crate::types::Numpy;

/// Kinds of dtypes whose scalars are packed.
const NUMBER_KINDS: &str = "biufc";

/// Deeper nesting is not looked into.
const MAX_DEPTH: usize = 400;

/// Reads values into one heap.
pub struct Dump<'a, 'py> {
    py: Python<'py>,
    numpy: &'py Numpy,
    describe: &'a Bound<'py, PyAny>,
    pub heap: Heap,
    /// By address; `kept` keeps the addresses from being used again.
    seen: HashMap<usize, ObjectId>,
    kept: Vec<Bound<'py, PyAny>>,
    arrays: Vec<Pending<'py>>,
    /// Where objects are kept that are passed on as they are; without it they are only compared.
    handles: Option<&'a mut Vec<Py<PyAny>>>,
    depth: usize,
}

/// Objects that were met, by address.
pub struct Met<'py> {
    ids: HashMap<usize, ObjectId>,
    _kept: Vec<Bound<'py, PyAny>>,
}

/// An array whose memory is still to be read.
struct Pending<'py> {
    id: ObjectId,
    array: Bound<'py, PyAny>,
    dtype: Dtype,
    shape: Vec<usize>,
    strides: Vec<isize>,
    writeable: bool,
    /// Address of the first element, and of the lowest and one past the highest byte.
    address: usize,
    low: usize,
    high: usize,
}

impl<'a, 'py> Dump<'a, 'py> {
    pub fn new(describe: &'a Bound<'py, PyAny>, handles: Option<&'a mut Vec<Py<PyAny>>>) -> PyResult<Dump<'a, 'py>> {
        let py = describe.py();
        Ok(Dump {
            py,
            numpy: Numpy::get(py)?,
            describe,
            heap: Heap::default(),
            seen: HashMap::new(),
            kept: Vec::new(),
            arrays: Vec::new(),
            handles,
            depth: 0,
        })
    }

    /// Reads a dict of names.
    pub fn bindings(&mut self, names: &Bound<'py, PyDict>) -> PyResult<Bindings> {
        names
            .iter()
            .map(|(name, value)| Ok((name.extract()?, self.value(&value)?)))
            .collect()
    }

    /// The addresses of all objects that were read, which stay in use as long as this is kept.
    pub fn met(self) -> Met<'py> {
        Met {
            ids: self.seen,
            _kept: self.kept,
        }
    }

    /// For each object, which of those it is.
    pub fn origins(&self, before: &Met<'py>) -> Vec<Option<u32>> {
        let mut origins = vec![None; self.heap.objects.len()];
        for (address, id) in &self.seen {
            origins[id.0 as usize] = before.ids.get(address).map(|id| id.0);
        }
        origins
    }

    /// Reads one value.
    pub fn value(&mut self, value: &Bound<'py, PyAny>) -> PyResult<Value> {
        if value.is_none() {
            return Ok(Value::None);
        }
        if let Ok(float) = value.cast_exact::<PyFloat>() {
            return Ok(Value::Float(float.value()));
        }
        if let Ok(bool) = value.cast_exact::<PyBool>() {
            return Ok(Value::Bool(bool.is_true()));
        }
        if value.is_exact_instance_of::<PyInt>() {
            return match value.extract::<i128>() {
                Ok(int) => Ok(Value::Int(int)),
                Err(_) => Ok(Value::BigInt(value.call_method1("__format__", ("x",))?.extract()?)),
            };
        }
        if let Ok(text) = value.cast_exact::<PyString>() {
            return self.text(text);
        }
        if let Ok(tuple) = value.cast_exact::<PyTuple>() {
            return self.nested(|dump| Ok(Value::Tuple(dump.sequence(tuple.iter())?)), value);
        }
        if let Ok(complex) = value.cast_exact::<PyComplex>() {
            return Ok(Value::Complex(complex.real(), complex.imag()));
        }
        if let Ok(bytes) = value.cast_exact::<PyBytes>() {
            return Ok(Value::Bytes(bytes.as_bytes().to_vec()));
        }
        if value.is_instance(self.numpy.generic.bind(self.py))? {
            return self.scalar(value);
        }
        if let Some(value) = self.built(value)? {
            return Ok(value);
        }
        if let Some(id) = self.seen.get(&(value.as_ptr() as usize)) {
            return Ok(Value::Ref(*id));
        }
        if value.is_exact_instance_of::<PyList>()
            || value.is_exact_instance_of::<PyDict>()
            || value.is_exact_instance_of::<PySet>()
            || value.is_exact_instance(self.numpy.ndarray.bind(self.py))
        {
            return self.nested(|dump| dump.object(value), value);
        }
        self.nested(|dump| dump.described(value), value)
    }

    fn nested(
        &mut self,
        read: impl FnOnce(&mut Self) -> PyResult<Value>,
        value: &Bound<'py, PyAny>,
    ) -> PyResult<Value> {
        if self.depth >= MAX_DEPTH {
            let class = value.get_type().name()?.to_string();
            let handle = self.handle(value);
            let id = self.heap.add(Object::Opaque(Opaque {
                class,
                handle,
                digest: None,
            }));
            return Ok(Value::Ref(id));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// Text with lone surrogates is kept as it would be escaped.
    fn text(&self, text: &Bound<'py, PyString>) -> PyResult<Value> {
        match text.to_str() {
            Ok(text) => Ok(Value::Str(text.to_owned())),
            Err(_) => {
                let bytes = text.call_method1("encode", ("utf-8", "surrogatepass"))?;
                Ok(Value::Bytes(bytes.extract()?))
            }
        }
    }

    fn sequence(&mut self, items: impl Iterator<Item = Bound<'py, PyAny>>) -> PyResult<Vec<Value>> {
        items.map(|item| self.value(&item)).collect()
    }

    fn scalar(&mut self, value: &Bound<'py, PyAny>) -> PyResult<Value> {
        let dtype = value.getattr("dtype")?;
        if has_fields(&dtype)? {
            return self.described(value);
        }
        let dtype = read_dtype(&dtype)?;
        let bytes = value.call_method0("tobytes")?;
        Ok(Value::Np(dtype, bytes.extract()?))
    }

    fn built(&mut self, value: &Bound<'py, PyAny>) -> PyResult<Option<Value>> {
        let constructor = if value.is_exact_instance_of::<PyRange>() {
            Constructor::Range
        } else if value.is_exact_instance_of::<PySlice>() {
            Constructor::Slice
        } else if let Ok(set) = value.cast_exact::<PyFrozenSet>() {
            return Ok(Some(Value::FrozenSet(self.unordered(set.iter())?)));
        } else {
            return Ok(None);
        };
        let parts = ["start", "stop", "step"].map(|name| value.getattr(name));
        let parts = parts.into_iter().collect::<PyResult<Vec<_>>>()?;
        Ok(Some(Value::Built(constructor, self.sequence(parts.into_iter())?)))
    }

    /// Elements of a set in an order that does not depend on hashes.
    fn unordered(&mut self, items: impl Iterator<Item = Bound<'py, PyAny>>) -> PyResult<Vec<Value>> {
        let mut values = self.sequence(items)?;
        values.sort_by_cached_key(|value| self.heap.show(value));
        Ok(values)
    }

    fn object(&mut self, value: &Bound<'py, PyAny>) -> PyResult<Value> {
        // Reserved first, since an object may contain itself.
        let id = self.reserve(value);
        let object = if let Ok(list) = value.cast_exact::<PyList>() {
            Object::List(self.list(list)?)
        } else if let Ok(dict) = value.cast_exact::<PyDict>() {
            let entries = dict
                .iter()
                .map(|(key, value)| Ok((self.value(&key)?, self.value(&value)?)));
            Object::Dict(entries.collect::<PyResult<_>>()?)
        } else if let Ok(set) = value.cast_exact::<PySet>() {
            Object::Set(self.unordered(set.iter())?)
        } else if self.array(id, value)? {
            return Ok(Value::Ref(id));
        } else {
            return self.described_as(id, value);
        };
        *self.heap.object_mut(id) = object;
        Ok(Value::Ref(id))
    }

    fn reserve(&mut self, value: &Bound<'py, PyAny>) -> ObjectId {
        let id = self.heap.add(Object::Set(Vec::new()));
        self.seen.insert(value.as_ptr() as usize, id);
        self.kept.push(value.clone());
        id
    }

    fn handle(&mut self, value: &Bound<'py, PyAny>) -> Handle {
        match &mut self.handles {
            Some(handles) => {
                handles.push(value.clone().unbind());
                Handle((handles.len() - 1) as u32)
            }
            None => Handle(u32::MAX),
        }
    }

    fn list(&mut self, list: &Bound<'py, PyList>) -> PyResult<Items> {
        let Ok(first) = list.get_item(0) else {
            return Ok(Items::Values(Vec::new()));
        };
        let float64 = self.numpy.float64.bind(self.py);
        if first.is_exact_instance_of::<PyFloat>() {
            let float = |item: Bound<'py, PyAny>| item.cast_exact::<PyFloat>().ok().map(|float| float.value());
            if let Some(packed) = list.iter().map(float).collect() {
                return Ok(Items::Floats(packed));
            }
        } else if first.is_exact_instance_of::<PyInt>() {
            let int = |item: Bound<'py, PyAny>| {
                if item.is_exact_instance_of::<PyInt>() {
                    item.extract::<i64>().ok()
                } else {
                    None
                }
            };
            if let Some(packed) = list.iter().map(int).collect() {
                return Ok(Items::Ints(packed));
            }
        } else if first.is_exact_instance(float64) {
            let scalar = |item: Bound<'py, PyAny>| {
                if item.is_exact_instance(float64) {
                    item.extract::<f64>().ok()
                } else {
                    None
                }
            };
            if let Some(packed) = list.iter().map(scalar).collect::<Option<Vec<f64>>>() {
                let bytes = packed.iter().flat_map(|value| value.to_ne_bytes()).collect();
                return Ok(Items::Scalars(Dtype::float64(), bytes));
            }
        } else if let Some(packed) = self.scalars(list, &first)? {
            return Ok(packed);
        }
        let values = self.sequence(list.iter())?;
        Ok(pack_scalars(values))
    }

    /// NumPy numbers that are all of one type: a million of them, one by one, would take seconds.
    fn scalars(&self, list: &Bound<'py, PyList>, first: &Bound<'py, PyAny>) -> PyResult<Option<Items>> {
        if !first.is_instance(self.numpy.generic.bind(self.py))? {
            return Ok(None);
        }
        let described = first.getattr("dtype")?;
        let is_number = NUMBER_KINDS.contains(described.getattr("kind")?.extract::<char>()?);
        let class = first.get_type();
        if !is_number || !list.iter().all(|item| item.get_type().is(&class)) {
            return Ok(None);
        }
        let made = PyModule::import(self.py, "numpy")?.call_method1("array", (list, &described))?;
        let bytes: Vec<u8> = made.call_method0("tobytes")?.extract()?;
        Ok(Some(Items::Scalars(read_dtype(&described)?, bytes)))
    }

    /// Notes an array to be read at the end; `false` for dtypes that cannot be read.
    fn array(&mut self, id: ObjectId, array: &Bound<'py, PyAny>) -> PyResult<bool> {
        let dtype = array.getattr("dtype")?;
        let known = read_dtype(&dtype)?;
        let references = dtype.getattr("hasobject")?.is_truthy()?;
        if has_fields(&dtype)? || (references && known.kind != Kind::Object) || known.size == 0 {
            return Ok(false);
        }
        let shape: Vec<usize> = array.getattr("shape")?.extract()?;
        let strides: Vec<isize> = array.getattr("strides")?.extract()?;
        let writeable = array.getattr("flags")?.getattr("writeable")?.is_truthy()?;
        let interface = array.getattr("__array_interface__")?;
        let (address, _): (usize, bool) = interface.get_item("data")?.extract()?;
        let probe = Array {
            dtype: known,
            shape,
            strides,
            offset: 0,
            writeable,
            buffer: BufferId(0),
        };
        let (mut low, mut high) = (address, address);
        if !probe.is_empty() {
            for (length, stride) in probe.shape.iter().zip(&probe.strides) {
                let reach = (*length as isize - 1) * stride;
                if reach < 0 {
                    low -= reach.unsigned_abs()
                } else {
                    high += reach.unsigned_abs()
                }
            }
            high += probe.dtype.size;
        }
        let Array {
            dtype, shape, strides, ..
        } = probe;
        self.arrays.push(Pending {
            id,
            array: array.clone(),
            dtype,
            shape,
            strides,
            writeable,
            address,
            low,
            high,
        });
        Ok(true)
    }

    fn described(&mut self, value: &Bound<'py, PyAny>) -> PyResult<Value> {
        let id = self.reserve(value);
        self.described_as(id, value)
    }

    /// Has Python say what it is; see `_verify.describe`.
    fn described_as(&mut self, id: ObjectId, value: &Bound<'py, PyAny>) -> PyResult<Value> {
        let description = self.describe.call1((value,))?;
        let (kind, text): (String, String) = (description.get_item(0)?.extract()?, description.get_item(1)?.extract()?);
        let object = match kind.as_str() {
            "named" => {
                let handle = self.handle(value);
                return Ok(Value::Named(Named { text, handle }));
            }
            "opaque" => {
                let digest = description.get_item(2)?.extract::<Option<Vec<u8>>>()?;
                Object::Opaque(Opaque {
                    class: text,
                    handle: self.handle(value),
                    digest,
                })
            }
            "tuple" => {
                let class = Named {
                    text,
                    handle: self.handle(&value.get_type()),
                };
                let items = value.cast::<PyTuple>().map_err(PyErr::from)?;
                return Ok(Value::NamedTuple(class, self.sequence(items.iter())?));
            }
            "instance" | "generator" => {
                let maker = description.get_item(2)?;
                let state = description.get_item(3)?;
                self.kept.push(state.clone());
                let class = Named {
                    text,
                    handle: self.handle(&maker),
                };
                if kind == "generator" {
                    Object::Generator(class, self.value(&state)?)
                } else {
                    let attributes = state.cast::<PyDict>().map_err(PyErr::from)?;
                    Object::Instance(class, self.bindings(attributes)?)
                }
            }
            other => return Err(PyValueError::new_err(format!("unknown description {other}"))),
        };
        *self.heap.object_mut(id) = object;
        Ok(Value::Ref(id))
    }

    /// Reads the memory of all arrays; must be called once, at the end.
    pub fn finish(mut self) -> PyResult<Heap> {
        // Slots of object arrays may lead to more arrays.
        let mut done = Vec::new();
        while !self.arrays.is_empty() {
            for pending in std::mem::take(&mut self.arrays) {
                if pending.dtype.kind == Kind::Object {
                    self.read_objects(pending)?;
                } else {
                    done.push(pending);
                }
            }
        }
        done.sort_by_key(|pending| (pending.low, std::cmp::Reverse(pending.high), pending.id));
        for group in self.groups(done)? {
            self.read_group(group)?;
        }
        Ok(self.heap)
    }

    fn read_objects(&mut self, pending: Pending<'py>) -> PyResult<()> {
        let items = pending.array.call_method0("ravel")?.call_method0("tolist")?;
        let items = items.cast_into::<PyList>().map_err(PyErr::from)?;
        self.kept.push(items.clone().into_any());
        let values = self.sequence(items.iter())?;
        let buffer = self.heap.add_buffer(Buffer::Objects(values));
        let Pending {
            id,
            dtype,
            shape,
            writeable,
            ..
        } = pending;
        let strides = numlift_verify::value::row_major(&shape, OBJECT_SIZE);
        *self.heap.object_mut(id) = Object::Array(Array {
            dtype,
            shape,
            strides,
            offset: 0,
            writeable,
            buffer,
        });
        Ok(())
    }

    /// Arrays that share memory, directly or through others.
    fn groups(&self, sorted: Vec<Pending<'py>>) -> PyResult<Vec<Vec<Pending<'py>>>> {
        let mut groups: Vec<Vec<Pending<'py>>> = Vec::new();
        // Groups that reach beyond the current array's start.
        let mut open: Vec<usize> = Vec::new();
        for pending in sorted {
            open.retain(|at| groups[*at].iter().any(|member| member.high > pending.low));
            let mut home = None;
            for at in &open {
                if self.shares(&groups[*at], &pending)? {
                    home = Some(*at);
                    break;
                }
            }
            match home {
                Some(at) => groups[at].push(pending),
                None => {
                    open.push(groups.len());
                    groups.push(vec![pending]);
                }
            }
        }
        Ok(groups)
    }

    fn shares(&self, group: &[Pending<'py>], pending: &Pending<'py>) -> PyResult<bool> {
        let shares_memory = self.numpy.shares_memory.bind(self.py);
        for member in group {
            if member.high <= pending.low || pending.high <= member.low {
                continue;
            }
            // A bounded exact search; where it gives up, sharing is assumed.
            if shares_memory.call1((&member.array, &pending.array, 100))?.is_truthy()? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn read_group(&mut self, group: Vec<Pending<'py>>) -> PyResult<()> {
        let low = group.iter().map(|pending| pending.low).min().unwrap_or(0);
        let high = group.iter().map(|pending| pending.high).max().unwrap_or(0);
        let mut bytes = Vec::new();
        for pending in &group {
            if pending.low == pending.high {
                continue;
            }
            let dense = self.dense(pending)?;
            if let Some(dense) = dense
                && pending.high - pending.low == high - low
            {
                // It covers everything, so all others are parts of it.
                bytes = dense;
                break;
            }
            bytes.resize(high - low, 0);
            self.scatter(pending, low, &mut bytes)?;
        }
        let buffer = self.heap.add_buffer(Buffer::Bytes(bytes));
        for pending in group {
            let Pending {
                id,
                dtype,
                shape,
                strides,
                writeable,
                address,
                ..
            } = pending;
            let array = Array {
                dtype,
                shape,
                strides,
                offset: address - low,
                writeable,
                buffer,
            };
            *self.heap.object_mut(id) = Object::Array(array);
        }
        Ok(())
    }

    /// The bytes of an array that leaves no gaps in memory, in the order in which they lie.
    fn dense(&self, pending: &Pending<'py>) -> PyResult<Option<Vec<u8>>> {
        let count: usize = pending.shape.iter().product();
        if count * pending.dtype.size != pending.high - pending.low {
            return Ok(None);
        }
        // Axes from the slowest to the fastest make it C-contiguous, if anything does.
        let mut axes: Vec<usize> = (0..pending.shape.len()).collect();
        axes.sort_by_key(|axis| std::cmp::Reverse((pending.strides[*axis].unsigned_abs(), pending.shape[*axis])));
        let array = pending.array.call_method1("transpose", (axes,))?;
        if !array.getattr("flags")?.getattr("c_contiguous")?.is_truthy()? {
            return Ok(None);
        }
        let bytes = array.call_method1("reshape", (-1,))?.call_method1("view", ("u1",))?;
        Ok(Some(PyBuffer::<u8>::get(&bytes)?.to_vec(self.py)?))
    }

    fn scatter(&self, pending: &Pending<'py>, low: usize, bytes: &mut [u8]) -> PyResult<()> {
        let elements = pending.array.call_method0("tobytes")?;
        let elements = elements.cast_into::<PyBytes>().map_err(PyErr::from)?;
        let size = pending.dtype.size;
        let mut elements = elements.as_bytes().chunks_exact(size);
        let array = Array {
            dtype: pending.dtype.clone(),
            shape: pending.shape.clone(),
            strides: pending.strides.clone(),
            offset: pending.address - low,
            writeable: true,
            buffer: BufferId(0),
        };
        array.each_offset(|at| {
            if let Some(element) = elements.next() {
                bytes[at..at + size].copy_from_slice(element);
            }
        });
        Ok(())
    }
}

/// NumPy scalars of one dtype are packed.
fn pack_scalars(values: Vec<Value>) -> Items {
    let Some(Value::Np(dtype, _)) = values.first() else {
        return Items::Values(values);
    };
    let dtype = dtype.clone();
    let mut bytes = Vec::with_capacity(values.len() * dtype.size);
    for value in &values {
        match value {
            Value::Np(other, element) if *other == dtype && element.len() == dtype.size => bytes.extend(element),
            _ => return Items::Values(values),
        }
    }
    Items::Scalars(dtype, bytes)
}

fn read_dtype(dtype: &Bound<'_, PyAny>) -> PyResult<Dtype> {
    let text: String = dtype.getattr("str")?.extract()?;
    Ok(Dtype::parse(&text, dtype.getattr("itemsize")?.extract()?))
}

fn has_fields(dtype: &Bound<'_, PyAny>) -> PyResult<bool> {
    Ok(!dtype.getattr("names")?.is_none() || dtype.getattr("char")?.extract::<String>()? == "T")
}
