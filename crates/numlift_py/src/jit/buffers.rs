//! Lists of compiled code's own: elements in machine form, one after the other.
//!
//! ```text
//! head (an object, so that references to it are counted as all others are)
//!   data ──► element 0 │ element 1 │ …          each as many words as its representation has slots
//!   length, room
//! ```
//!
//! Python never sees one. Where it needs the list (a result, a name where compiled code is left) a `list` is made of it,
//! once: whoever asks again gets the same one. Compiled code reads and writes `data`, `length` and `room` itself
//! ([`numlift_abi::runtime::buffer`]); what moves elements or allocates is here. An element in front may be taken out by
//! moving `data`, so a queue is as fast as a stack.

#![expect(unsafe_code, reason = "called by compiled code")]

mod elements;
mod heap;
mod whole;

use std::alloc::{Layout, alloc, dealloc, realloc};
use std::ffi::c_void;
use std::mem::{offset_of, size_of};
use std::ptr;
use std::sync::OnceLock;

use numlift_abi::Repr;
use numlift_abi::runtime::buffer;
use pyo3::ffi::{self, PyObject, PyTypeObject};

use super::call::Context;
use super::numpy::Numpy;
use super::{boxing, unbox};

pub use elements::{nl_buffer_count, nl_buffer_extreme, nl_buffer_find, nl_buffer_reverse, nl_buffer_sort};
pub use heap::nl_buffer_heap;
pub use whole::{nl_buffer_array, nl_buffer_part, nl_buffer_repeat, nl_buffer_replace, nl_buffer_sum};

/// The head of a list.
#[repr(C)]
pub struct Buffer {
    base: PyObject,
    /// The first element.
    data: *mut u64,
    length: i64,
    /// How many elements fit from `data` on.
    room: i64,
    /// What was allocated; null if nothing was.
    memory: *mut u64,
    /// How many words that is.
    words: usize,
    /// Words of an element.
    stride: usize,
    /// How elements look. Lives as long as the compiled code, and so longer than the call that this list belongs to.
    items: *const Repr,
    holds_references: bool,
    /// It is a `collections.deque` to Python.
    is_queue: bool,
    /// The list that Python got of it, or null.
    list: *mut PyObject,
}

// Compiled code relies on it.
const _: () = assert!(
    offset_of!(Buffer, data) == buffer::DATA
        && offset_of!(Buffer, length) == buffer::LENGTH
        && offset_of!(Buffer, room) == buffer::ROOM
);

struct Class(*mut PyTypeObject);

// SAFETY: a type that is never freed.
unsafe impl Send for Class {}
// SAFETY: likewise.
unsafe impl Sync for Class {}

/// The type of heads; null with the exception set where it cannot be made.
fn class() -> *mut PyTypeObject {
    static CLASS: OnceLock<Class> = OnceLock::new();
    if let Some(class) = CLASS.get() {
        return class.0;
    }
    let mut slots = [
        ffi::PyType_Slot {
            slot: ffi::Py_tp_dealloc,
            pfunc: free as *mut c_void,
        },
        ffi::PyType_Slot {
            slot: 0,
            pfunc: ptr::null_mut(),
        },
    ];
    let mut spec = ffi::PyType_Spec {
        name: c"numlift._native.Buffer".as_ptr(),
        basicsize: size_of::<Buffer>() as i32,
        itemsize: 0,
        flags: (ffi::Py_TPFLAGS_DEFAULT | ffi::Py_TPFLAGS_DISALLOW_INSTANTIATION) as u32,
        slots: slots.as_mut_ptr(),
    };
    // SAFETY: the GIL is held, and the slots end with a 0.
    let made = unsafe { ffi::PyType_FromSpec(&mut spec) };
    if made.is_null() {
        return ptr::null_mut();
    }
    CLASS.get_or_init(|| Class(made.cast())).0
}

unsafe extern "C" fn free(object: *mut PyObject) {
    // SAFETY: nobody has a reference to the list any more; its elements are given up one by one, and then its memory.
    unsafe {
        let list = object.cast::<Buffer>();
        (*list).clear();
        ffi::Py_XDECREF((*list).list);
        if !(*list).memory.is_null() {
            dealloc((*list).memory.cast(), layout((*list).words));
        }
        let class = ffi::Py_TYPE(object);
        ffi::PyObject_Free(object.cast());
        ffi::Py_DECREF(class.cast());
    }
}

fn layout(words: usize) -> Layout {
    // What was allocated had a layout.
    Layout::array::<u64>(words).unwrap_or(Layout::new::<u64>())
}

/// A new list with room for so many elements; null with the exception set where there is no memory.
unsafe fn new(items: *const Repr, room: i64) -> *mut Buffer {
    // SAFETY: the GIL is held; every field is written before anything looks at it.
    unsafe {
        let class = class();
        if class.is_null() {
            return ptr::null_mut();
        }
        let object = ffi::PyObject_Malloc(size_of::<Buffer>()).cast::<PyObject>();
        if object.is_null() {
            ffi::PyErr_NoMemory();
            return ptr::null_mut();
        }
        ffi::PyObject_Init(object, class);
        let list = object.cast::<Buffer>();
        (*list).data = ptr::dangling_mut();
        (*list).length = 0;
        (*list).memory = ptr::null_mut();
        (*list).words = 0;
        (*list).stride = (*items).slots();
        (*list).room = if (*list).stride == 0 { i64::MAX } else { 0 };
        (*list).items = items;
        (*list).holds_references = holds_references(&*items);
        (*list).is_queue = false;
        (*list).list = ptr::null_mut();
        if !(*list).reserve(room) {
            ffi::Py_DECREF(object);
            return ptr::null_mut();
        }
        list
    }
}

fn holds_references(repr: &Repr) -> bool {
    match repr {
        Repr::None | Repr::Bool | Repr::Int | Repr::Float | Repr::Complex | Repr::Np(_) | Repr::Unbound => false,
        Repr::Array { .. } | Repr::List | Repr::Buffer(_) | Repr::Generator { .. } | Repr::Object => true,
        Repr::Tuple(items) | Repr::OneOf(items) => items.iter().any(holds_references),
    }
}

impl Buffer {
    fn slots(&self, at: i64) -> *mut u64 {
        self.data.wrapping_add(at as usize * self.stride)
    }

    /// Makes room for so many elements in all; false, with the exception set, where there is no memory.
    fn reserve(&mut self, room: i64) -> bool {
        if room <= self.room {
            return true;
        }
        let used = self.used();
        // What was taken out in front is used again before memory grows, if that is worth the moving.
        if used > 0 && used / self.stride >= self.length as usize && room <= self.room + (used / self.stride) as i64 {
            // SAFETY: both places lie in the memory, which holds all elements from its begin on.
            unsafe { ptr::copy(self.data, self.memory, self.length as usize * self.stride) };
            self.data = self.memory;
            self.room += (used / self.stride) as i64;
            return true;
        }
        let words = usize::try_from(room)
            .ok()
            .and_then(|room| room.checked_mul(self.stride));
        let words = words.and_then(|words| words.checked_add(used));
        let Some(words) = words.filter(|words| Layout::array::<u64>(*words).is_ok()) else {
            return no_memory();
        };
        // SAFETY: the memory has the layout that it was allocated with; elements keep their places in it.
        let memory = unsafe {
            match self.memory.is_null() {
                true => alloc(layout(words)),
                false => realloc(self.memory.cast(), layout(self.words), words * size_of::<u64>()),
            }
        };
        if memory.is_null() {
            return no_memory();
        }
        self.memory = memory.cast();
        self.words = words;
        self.data = self.memory.wrapping_add(used);
        self.room = room;
        true
    }

    /// Words in front of the first element.
    fn used(&self) -> usize {
        match self.memory.is_null() {
            true => 0,
            false => (self.data as usize - self.memory as usize) / size_of::<u64>(),
        }
    }

    /// Makes room for more elements, and some to spare.
    fn grow(&mut self, more: i64) -> bool {
        let Some(needed) = self.length.checked_add(more) else {
            return no_memory();
        };
        needed <= self.room || self.reserve(needed.saturating_add(self.length / 2 + 4))
    }

    /// Gives up the references of some elements. May run any Python code.
    unsafe fn release(&mut self, from: i64, count: i64) {
        if self.holds_references {
            for at in from..from + count {
                // SAFETY: the elements are there, and their references are the list's.
                unsafe { unbox::release(&*self.items, self.slots(at)) };
            }
        }
    }

    /// Takes all elements out.
    unsafe fn clear(&mut self) {
        // SAFETY: the elements are the list's. Nothing that Python runs meanwhile knows this list.
        unsafe { self.release(0, self.length) };
        self.length = 0;
    }

    /// Takes references to some elements.
    unsafe fn retain(&self, from: i64, count: i64) {
        if self.holds_references {
            for at in from..from + count {
                // SAFETY: the elements are there.
                unsafe { unbox::retain(&*self.items, self.slots(at)) };
            }
        }
    }

    /// Makes a gap of one element.
    unsafe fn open(&mut self, at: i64) -> bool {
        // SAFETY: the elements lie in the memory; `at` is at most the length, and there is room for one more on the side
        // to which they move.
        unsafe {
            if at == 0 && self.used() >= self.stride && self.stride > 0 {
                self.data = self.data.sub(self.stride);
                self.room += 1;
            } else if at == 0 && self.length >= 8 && self.stride > 0 {
                return self.open_in_front();
            } else {
                if !self.grow(1) {
                    return false;
                }
                let from = self.slots(at);
                ptr::copy(
                    from,
                    from.wrapping_add(self.stride),
                    (self.length - at) as usize * self.stride,
                );
            }
        }
        self.length += 1;
        true
    }

    /// Makes room in front: as much as there is behind it, so that the next ones find some.
    unsafe fn open_in_front(&mut self) -> bool {
        let spare = (self.length / 2 + 4) as usize * self.stride;
        if !self.grow(1 + self.length / 2 + 4) {
            return false;
        }
        // SAFETY: there is room for as many words behind the last element.
        unsafe { ptr::copy(self.data, self.data.add(spare), self.length as usize * self.stride) };
        self.data = self.data.wrapping_add(spare - self.stride);
        self.room -= (spare / self.stride) as i64 - 1;
        self.length += 1;
        true
    }
}

fn no_memory() -> bool {
    // SAFETY: the GIL is held.
    unsafe { ffi::PyErr_NoMemory() };
    false
}

/// The list that Python gets: always the same one. Null with the exception set where it cannot be made.
///
/// # Safety
/// The GIL is held and the list lives.
pub unsafe fn to_list(numpy: &Numpy, list: *mut Buffer) -> *mut PyObject {
    // SAFETY: the elements are values of `items`; a new list takes the objects over.
    unsafe {
        if list.is_null() {
            return ptr::null_mut();
        }
        if !(*list).list.is_null() {
            return ffi::Py_NewRef((*list).list);
        }
        let mut made = ffi::PyList_New((*list).length as isize);
        if made.is_null() {
            return made;
        }
        for at in 0..(*list).length {
            let object = boxing::to_object(numpy, &*(*list).items, (*list).slots(at));
            if object.is_null() {
                ffi::Py_DECREF(made);
                return object;
            }
            ffi::PyList_SET_ITEM(made, at as isize, object);
        }
        if (*list).is_queue {
            let queue = queue_of(made);
            ffi::Py_DECREF(made);
            if queue.is_null() {
                return queue;
            }
            made = queue;
        }
        (*list).list = ffi::Py_NewRef(made);
        made
    }
}

/// `collections.deque(list)`, or null with the exception set.
unsafe fn queue_of(list: *mut PyObject) -> *mut PyObject {
    // SAFETY: the GIL is held.
    unsafe {
        let module = ffi::PyImport_ImportModule(c"collections".as_ptr());
        if module.is_null() {
            return module;
        }
        let class = ffi::PyObject_GetAttrString(module, c"deque".as_ptr());
        ffi::Py_DECREF(module);
        if class.is_null() {
            return class;
        }
        let queue = ffi::PyObject_CallOneArg(class, list);
        ffi::Py_DECREF(class);
        queue
    }
}

pub unsafe extern "C" fn nl_buffer_queue(list: &mut Buffer) {
    list.is_queue = true;
}

pub unsafe extern "C" fn nl_buffer(context: &Context<'_>, number: i32, room: i64) -> *mut Buffer {
    let items = usize::try_from(number)
        .ok()
        .and_then(|number| context.compiled.spec.boxes.get(number));
    match items {
        // SAFETY: the GIL is held; the specification lives as long as the code.
        Some(items) => unsafe { new(items, room.max(0)) },
        None => ptr::null_mut(),
    }
}

pub unsafe extern "C" fn nl_buffer_grow(list: &mut Buffer, more: i64) -> i32 {
    i32::from(!list.grow(more))
}

pub unsafe extern "C" fn nl_buffer_open(list: &mut Buffer, at: i64) -> i32 {
    // SAFETY: compiled code hands over a place in the list, or behind its last element.
    i32::from(!unsafe { list.open(at) })
}

pub unsafe extern "C" fn nl_buffer_close(list: &mut Buffer, at: i64) {
    list.length -= 1;
    if at == 0 && list.stride > 0 {
        list.data = list.slots(1);
        list.room -= 1;
        return;
    }
    // SAFETY: compiled code hands over the place of an element, whose references it has taken over.
    unsafe {
        let to = list.slots(at);
        ptr::copy(
            to.wrapping_add(list.stride),
            to,
            (list.length - at) as usize * list.stride,
        );
    }
}

pub unsafe extern "C" fn nl_buffer_clear(list: &mut Buffer) {
    // SAFETY: the GIL is held.
    unsafe { list.clear() };
}
