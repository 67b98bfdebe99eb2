//! Plain data as Python values, in fresh memory, shared as the data say.

use numlift_verify::dtype::{Dtype, Kind};
use numlift_verify::value::{
    Array, Buffer, Constructor, Handle, Heap, Items, OBJECT_SIZE, Object, ObjectId, Value, column_major,
};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyComplex, PyDict, PyFloat, PyFrozenSet, PyList, PySet, PyString, PyTuple};

use crate::types::Numpy;

/// Makes Python values from one heap.
pub struct Revive<'a, 'py> {
    py: Python<'py>,
    numpy: Bound<'py, PyAny>,
    /// `_verify.rebuild`: makes instances, generators and copies of opaque objects.
    rebuild: &'a Bound<'py, PyAny>,
    heap: &'a Heap,
    handles: &'a [Py<PyAny>],
    objects: Vec<Option<Bound<'py, PyAny>>>,
    /// One-dimensional arrays over the buffers.
    buffers: Vec<Option<Bound<'py, PyAny>>>,
    /// How many arrays look at each buffer.
    users: Vec<usize>,
}

impl<'a, 'py> Revive<'a, 'py> {
    pub fn new(rebuild: &'a Bound<'py, PyAny>, heap: &'a Heap, handles: &'a [Py<PyAny>]) -> PyResult<Revive<'a, 'py>> {
        let py = rebuild.py();
        let mut users = vec![0; heap.buffers.len()];
        for object in &heap.objects {
            if let Object::Array(array) = object {
                users[array.buffer.0 as usize] += 1;
            }
        }
        Ok(Revive {
            py,
            numpy: Numpy::get(py)?.module.bind(py).clone(),
            rebuild,
            heap,
            handles,
            objects: vec![None; heap.objects.len()],
            buffers: vec![None; heap.buffers.len()],
            users,
        })
    }

    /// Makes one value.
    pub fn value(&mut self, value: &Value) -> PyResult<Bound<'py, PyAny>> {
        let py = self.py;
        Ok(match value {
            Value::None => py.None().into_bound(py),
            Value::Bool(value) => value.into_pyobject(py)?.to_owned().into_any(),
            Value::Int(value) => value.into_pyobject(py)?.into_any(),
            Value::BigInt(digits) => py.get_type::<pyo3::types::PyInt>().call1((digits, 16))?,
            Value::Float(value) => PyFloat::new(py, *value).into_any(),
            Value::Complex(re, im) => PyComplex::from_doubles(py, *re, *im).into_any(),
            Value::Str(text) => PyString::new(py, text).into_any(),
            Value::Bytes(bytes) => PyBytes::new(py, bytes).into_any(),
            Value::Np(dtype, bytes) => self.scalars(dtype, bytes)?.get_item(0)?,
            Value::Tuple(items) => PyTuple::new(py, self.values(items)?)?.into_any(),
            Value::NamedTuple(class, items) => {
                let class = self.handle(class.handle)?;
                py.get_type::<PyTuple>()
                    .call_method1("__new__", (class, self.values(items)?))?
            }
            Value::FrozenSet(items) => PyFrozenSet::new(py, self.values(items)?)?.into_any(),
            Value::Built(constructor, items) => {
                let name = match constructor {
                    Constructor::Range => "range",
                    Constructor::Slice => "slice",
                };
                py.import("builtins")?
                    .getattr(name)?
                    .call1(PyTuple::new(py, self.values(items)?)?)?
            }
            Value::Named(named) => self.handle(named.handle)?,
            Value::Ref(id) => self.object(*id)?,
        })
    }

    fn values(&mut self, values: &[Value]) -> PyResult<Vec<Bound<'py, PyAny>>> {
        values.iter().map(|value| self.value(value)).collect()
    }

    fn handle(&self, handle: Handle) -> PyResult<Bound<'py, PyAny>> {
        match self.handles.get(handle.0 as usize) {
            Some(object) => Ok(object.bind(self.py).clone()),
            None => Err(PyValueError::new_err("an object of another input")),
        }
    }

    /// A one-dimensional array that owns its memory.
    fn scalars(&self, dtype: &Dtype, bytes: &[u8]) -> PyResult<Bound<'py, PyAny>> {
        let bytes = PyBytes::new(self.py, bytes);
        self.numpy
            .call_method1("frombuffer", (bytes, dtype.text.as_str()))?
            .call_method0("copy")
    }

    fn object(&mut self, id: ObjectId) -> PyResult<Bound<'py, PyAny>> {
        let at = id.0 as usize;
        if let Some(made) = &self.objects[at] {
            return Ok(made.clone());
        }
        let heap = self.heap;
        match heap.object(id) {
            Object::List(items) => {
                let list = PyList::empty(self.py);
                self.objects[at] = Some(list.clone().into_any());
                self.fill(&list, items)?;
            }
            Object::Dict(entries) => {
                let dict = PyDict::new(self.py);
                self.objects[at] = Some(dict.clone().into_any());
                for (key, value) in entries {
                    dict.set_item(self.value(key)?, self.value(value)?)?;
                }
            }
            Object::Set(items) => {
                let set = PySet::empty(self.py)?;
                self.objects[at] = Some(set.clone().into_any());
                for item in items {
                    set.add(self.value(item)?)?;
                }
            }
            Object::Array(array) => self.objects[at] = Some(self.array(array)?),
            Object::Instance(class, attributes) => {
                let maker = self.handle(class.handle)?;
                let state = PyDict::new(self.py);
                // Made empty and filled later, since its attributes may lead back to it.
                let bound = class.text.starts_with("method ");
                if !bound {
                    self.objects[at] = Some(self.rebuild.call1(("empty", &maker, self.py.None()))?);
                }
                for (name, value) in attributes {
                    state.set_item(name, self.value(value)?)?;
                }
                let target = self.objects[at].clone();
                let made = self.rebuild.call1(("instance", target.unwrap_or(maker), state))?;
                self.objects[at] = Some(made);
            }
            Object::Generator(class, state) => {
                let (maker, state) = (self.handle(class.handle)?, self.value(state)?);
                self.objects[at] = Some(self.rebuild.call1(("generator", maker, state))?);
            }
            Object::Opaque(opaque) => {
                let original = self.handle(opaque.handle)?;
                self.objects[at] = Some(self.rebuild.call1(("opaque", original, self.py.None()))?);
            }
        }
        match &self.objects[at] {
            Some(made) => Ok(made.clone()),
            None => Err(PyValueError::new_err("an object that was not made")),
        }
    }

    fn fill(&mut self, list: &Bound<'py, PyList>, items: &Items) -> PyResult<()> {
        match items {
            Items::Values(values) => values.iter().try_for_each(|value| list.append(self.value(value)?)),
            Items::Floats(values) => values.iter().try_for_each(|value| list.append(value)),
            Items::Ints(values) => values.iter().try_for_each(|value| list.append(value)),
            Items::Scalars(dtype, bytes) => {
                let scalars = self.py.get_type::<PyList>().call1((self.scalars(dtype, bytes)?,))?;
                list.call_method1("extend", (scalars,))?;
                Ok(())
            }
        }
    }

    fn array(&mut self, array: &'a Array) -> PyResult<Bound<'py, PyAny>> {
        let made = match self.heap.buffer(array.buffer) {
            Buffer::Bytes(bytes) => match self.owner(array, bytes)? {
                Some(owner) => owner,
                None => self.view(array, bytes)?,
            },
            Buffer::Objects(values) => self.object_array(array, values)?,
        };
        if !array.writeable {
            made.call_method1("setflags", (false,))?;
        }
        Ok(made)
    }

    /// An array that is all there is of its buffer owns its memory.
    fn owner(&self, array: &Array, bytes: &[u8]) -> PyResult<Option<Bound<'py, PyAny>>> {
        let (low, high) = array.extent();
        let whole = low == 0 && high == bytes.len() && array.len() * array.dtype.size == bytes.len();
        if self.users[array.buffer.0 as usize] > 1 || !whole || array.offset != 0 {
            return Ok(None);
        }
        let columns = column_major(&array.shape, array.dtype.size);
        let order = if array.is_row_major() {
            "C"
        } else if array.strides == columns {
            "F"
        } else {
            return Ok(None);
        };
        let flat = self
            .numpy
            .call_method1("frombuffer", (PyBytes::new(self.py, bytes), "u1"))?;
        let made = self
            .numpy
            .call_method1("empty", (array.shape.clone(), array.dtype.text.as_str(), order))?;
        if !bytes.is_empty() {
            let memory = made.call_method1("ravel", ("K",))?.call_method1("view", ("u1",))?;
            memory.set_item(pyo3::types::PySlice::full(self.py), flat)?;
        }
        Ok(Some(made))
    }

    fn view(&mut self, array: &Array, bytes: &[u8]) -> PyResult<Bound<'py, PyAny>> {
        let at = array.buffer.0 as usize;
        if self.buffers[at].is_none() {
            let flat = self
                .numpy
                .call_method1("frombuffer", (PyBytes::new(self.py, bytes), "u1"))?;
            self.buffers[at] = Some(flat.call_method0("copy")?);
        }
        let arguments = (
            array.shape.clone(),
            array.dtype.text.as_str(),
            self.buffers[at].as_ref(),
            array.offset,
            array.strides.clone(),
        );
        self.numpy.call_method1("ndarray", arguments)
    }

    fn object_array(&mut self, array: &'a Array, values: &'a [Value]) -> PyResult<Bound<'py, PyAny>> {
        let at = array.buffer.0 as usize;
        if self.buffers[at].is_none() {
            let flat = self.numpy.call_method1("empty", (values.len(), "O"))?;
            self.buffers[at] = Some(flat.clone());
            for (at, value) in values.iter().enumerate() {
                flat.set_item(at, self.value(value)?)?;
            }
        }
        let Some(flat) = self.buffers[at].clone() else {
            return Err(PyValueError::new_err("a buffer is missing"));
        };
        if self.users[at] == 1 && array.is_row_major() && array.len() == values.len() {
            return flat.call_method1("reshape", (array.shape.clone(),));
        }
        debug_assert_eq!(array.dtype.kind, Kind::Object, "only object arrays have slots");
        let start = flat.get_item(pyo3::types::PySlice::new(
            self.py,
            (array.offset / OBJECT_SIZE) as isize,
            values.len() as isize,
            1,
        ))?;
        let tricks = self.numpy.getattr("lib")?.getattr("stride_tricks")?;
        tricks.call_method1("as_strided", (start, array.shape.clone(), array.strides.clone()))
    }
}
