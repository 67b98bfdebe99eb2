//! Whether the arguments of a call are those that a specialization was made for, and their slots.
//!
//! Looking and unboxing are one pass: a call that fits has touched each argument once. Nothing here runs Python code,
//! so nothing changes between the look and the call.

#![expect(unsafe_code, reason = "reads objects by their layout")]

use numlift_abi::layout::layout_of;
use numlift_abi::{Known, Layout, Param, Repr, Scalar};
use pyo3::ffi::{self, PyObject};

use super::numpy::{ArrayObject, Numpy, flag};
use super::{describe, unbox};

/// What an argument has to be.
#[derive(Debug)]
pub enum Wanted {
    Value(Repr, usize),
    Array(WantedArray),
    Tuple(Vec<Wanted>),
    List(Element),
    /// A string, in UTF-8.
    Text(String),
}

/// What the elements of a list have to be, as far as they are looked at.
#[derive(Debug)]
pub enum Element {
    /// There is none.
    None,
    Value(Repr),
    List(Box<Element>),
}

impl Element {
    fn of(param: &Param) -> Element {
        match param {
            Param::Value(Repr::Unbound) => Element::None,
            Param::List(elem) => Element::List(Box::new(Element::of(elem))),
            param => Element::Value(param.repr()),
        }
    }
}

#[derive(Debug)]
pub struct WantedArray {
    scalar: Scalar,
    layout: Layout,
    is_writeable: bool,
    extents: Vec<Extent>,
    slots: usize,
}

#[derive(Debug)]
enum Extent {
    One,
    /// This one.
    Is(u8),
    /// Not 1; no array before has to have the same.
    Free,
    /// Not 1, and the same as in this slot.
    Like(usize),
}

/// What is asked of the arguments' memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Memory {
    Disjoint,
    Overlapping,
    Either,
}

/// What a list of arguments has to be.
#[derive(Debug)]
pub struct Wanteds {
    wanted: Vec<Wanted>,
    /// First slot, rank and element size of each array.
    arrays: Vec<(usize, usize, usize)>,
    memory: Memory,
    /// How many slots all of them take.
    pub slots: usize,
}

impl Wanteds {
    pub fn new<'a>(params: impl Iterator<Item = &'a Param>, memory: Memory) -> Wanteds {
        let mut plan = Plan::default();
        let wanted: Vec<Wanted> = params.map(|param| plan.wanted(param)).collect();
        let memory = if plan.arrays.len() < 2 { Memory::Either } else { memory };
        Wanteds {
            wanted,
            arrays: plan.arrays,
            memory,
            slots: plan.at,
        }
    }

    pub fn len(&self) -> usize {
        self.wanted.len()
    }

    /// Writes the slots of the arguments if all of them are what is wanted.
    ///
    /// # Safety
    /// The GIL is held; `arguments` has [`Wanteds::len`] objects and `slots` room for [`Wanteds::slots`] values.
    #[inline]
    pub unsafe fn unbox(&self, numpy: &Numpy, arguments: *const *mut PyObject, slots: *mut u64) -> bool {
        // SAFETY: as the caller says; `at` moves on by what each argument takes.
        unsafe {
            let mut at = 0;
            for (place, wanted) in self.wanted.iter().enumerate() {
                if !fits(numpy, wanted, *arguments.add(place), slots, &mut at) {
                    return false;
                }
            }
            match self.memory {
                Memory::Either => true,
                Memory::Disjoint => are_disjoint(&self.arrays, slots),
                Memory::Overlapping => !are_disjoint(&self.arrays, slots),
            }
        }
    }
}

#[derive(Default)]
struct Plan {
    at: usize,
    arrays: Vec<(usize, usize, usize)>,
    /// For each number of `Known::Same`, the slot of the first extent that has it.
    first: Vec<(u32, usize)>,
}

impl Plan {
    fn wanted(&mut self, param: &Param) -> Wanted {
        match param {
            Param::Value(repr) => {
                self.arrays_in(repr, self.at);
                self.at += repr.slots();
                Wanted::Value(repr.clone(), repr.slots())
            }
            Param::Array {
                scalar,
                layout,
                extents,
                writeable,
            } => {
                self.arrays.push((self.at, extents.len(), scalar.size()));
                let extents = (0..)
                    .zip(extents)
                    .map(|(axis, known)| self.extent(*known, self.at + 2 + axis))
                    .collect();
                let slots = param.repr().slots();
                self.at += slots;
                Wanted::Array(WantedArray {
                    scalar: *scalar,
                    layout: *layout,
                    is_writeable: *writeable,
                    extents,
                    slots,
                })
            }
            Param::Tuple(items) => Wanted::Tuple(items.iter().map(|item| self.wanted(item)).collect()),
            Param::List(elem) => {
                self.at += 1;
                Wanted::List(Element::of(elem))
            }
            Param::Text(text) => {
                self.at += 1;
                Wanted::Text(text.clone())
            }
        }
    }

    fn extent(&mut self, known: Known, slot: usize) -> Extent {
        match known {
            Known::One => Extent::One,
            Known::Small { same, extent } => {
                if self.first.iter().all(|(other, _)| *other != same) {
                    self.first.push((same, slot));
                }
                Extent::Is(extent)
            }
            Known::Same(number) => match self.first.iter().find(|(other, _)| *other == number) {
                Some((_, first)) => Extent::Like(*first),
                None => {
                    self.first.push((number, slot));
                    Extent::Free
                }
            },
        }
    }

    /// Arrays of which nothing more is known; those that are options of a value do not count as disjoint from any.
    fn arrays_in(&mut self, repr: &Repr, at: usize) {
        match repr {
            Repr::Array { scalar, rank } => self.arrays.push((at, *rank, scalar.size())),
            Repr::Tuple(items) => {
                let mut at = at;
                for item in items {
                    self.arrays_in(item, at);
                    at += item.slots();
                }
            }
            Repr::None
            | Repr::Bool
            | Repr::Int
            | Repr::Float
            | Repr::Complex
            | Repr::Np(_)
            | Repr::List
            | Repr::Buffer(_)
            | Repr::Generator { .. }
            | Repr::Object
            | Repr::Unbound
            | Repr::OneOf(_) => {}
        }
    }
}

#[inline]
unsafe fn fits(numpy: &Numpy, wanted: &Wanted, object: *mut PyObject, slots: *mut u64, at: &mut usize) -> bool {
    // SAFETY: as for `Wanteds::unbox`.
    unsafe {
        match wanted {
            Wanted::Value(repr, size) => {
                let fits = unbox::unbox(numpy, repr, object, slots.add(*at))
                    && (*repr != Repr::Object || describe::is_object(numpy, object));
                *at += size;
                fits
            }
            Wanted::Array(wanted) => {
                let Some(array) = unbox::array(numpy, wanted.scalar, wanted.extents.len(), object) else {
                    return false;
                };
                if layout(array, wanted.scalar.size()) != wanted.layout
                    || (array.flags & flag::WRITEABLE != 0) != wanted.is_writeable
                {
                    return false;
                }
                unbox::array_slots(array, slots.add(*at));
                let extents = slots.add(*at + 2);
                *at += wanted.slots;
                (0..).zip(&wanted.extents).all(|(axis, known)| {
                    let extent = *extents.add(axis);
                    match known {
                        Extent::One => extent == 1,
                        Extent::Is(known) => extent == u64::from(*known),
                        Extent::Free => extent != 1,
                        Extent::Like(slot) => extent != 1 && extent == *slots.add(*slot),
                    }
                })
            }
            Wanted::Tuple(items) => {
                if ffi::PyTuple_CheckExact(object) == 0 || ffi::PyTuple_GET_SIZE(object) as usize != items.len() {
                    return false;
                }
                (0..)
                    .zip(items)
                    .all(|(place, item)| fits(numpy, item, ffi::PyTuple_GET_ITEM(object, place), slots, at))
            }
            Wanted::List(elem) => {
                *slots.add(*at) = object as u64;
                *at += 1;
                is_list_of(numpy, elem, object)
            }
            Wanted::Text(text) => {
                *slots.add(*at) = object as u64;
                *at += 1;
                unbox::text(object) == Some(text)
            }
        }
    }
}

/// Whether an object is a list that begins and ends with such elements.
unsafe fn is_list_of(numpy: &Numpy, elem: &Element, object: *mut PyObject) -> bool {
    // SAFETY: the GIL is held; the items of a list live as long as nothing runs that may change it.
    unsafe {
        if ffi::PyList_CheckExact(object) == 0 {
            return false;
        }
        let length = ffi::PyList_GET_SIZE(object);
        if length == 0 {
            return true;
        }
        let looks_like = |place: isize| {
            let item = ffi::PyList_GET_ITEM(object, place);
            match elem {
                Element::None => false,
                Element::List(inner) => is_list_of(numpy, inner, item),
                Element::Value(repr) => looks_like(numpy, repr, item),
            }
        };
        looks_like(0) && (length == 1 || looks_like(length - 1))
    }
}

unsafe fn looks_like(numpy: &Numpy, repr: &Repr, item: *mut PyObject) -> bool {
    // SAFETY: the GIL is held, and there is room for the value's slots.
    super::call::with_slots(repr.slots(), |slots| unsafe { unbox::unbox(numpy, repr, item, slots) })
}

/// How the memory of an array lies.
///
/// # Safety
/// `array` is a live array.
#[inline]
pub unsafe fn layout(array: &ArrayObject, size: usize) -> Layout {
    if array.flags & flag::C_CONTIGUOUS != 0 {
        return Layout::C;
    }
    let rank = array.rank as usize;
    // SAFETY: an array has as many extents and strides as its rank; one that is not contiguous has an axis.
    unsafe {
        let extents = std::slice::from_raw_parts(array.extents, rank);
        let strides = std::slice::from_raw_parts(array.strides, rank);
        layout_of(extents, strides, size)
    }
}

/// Whether no two of the arrays (first slot, rank, element size) have a byte in common. Arrays whose bytes lie between
/// those of another (every second column) count as overlapping.
///
/// # Safety
/// The slots are filled.
pub unsafe fn are_disjoint(arrays: &[(usize, usize, usize)], slots: *const u64) -> bool {
    let mut spans = [(0, 0); 16];
    if arrays.len() > spans.len() {
        return false;
    }
    for (number, array) in arrays.iter().enumerate() {
        // SAFETY: as the caller says.
        let (from, to) = unsafe { span(*array, slots) };
        let meets = |other: &(u64, u64)| from < other.1 && other.0 < to;
        if spans[..number].iter().any(meets) {
            return false;
        }
        spans[number] = (from, to);
    }
    true
}

/// The first byte of an array and the one behind its last.
unsafe fn span((at, rank, size): (usize, usize, usize), slots: *const u64) -> (u64, u64) {
    // SAFETY: as the caller says.
    unsafe {
        let data = *slots.add(at + 1);
        let (mut from, mut to) = (data, data.wrapping_add(size as u64));
        for axis in 0..rank {
            let extent = *slots.add(at + 2 + axis);
            if extent == 0 {
                return (0, 0);
            }
            let reach = (*slots.add(at + 2 + rank + axis) as i64).wrapping_mul(extent as i64 - 1);
            if reach < 0 {
                from = from.wrapping_add(reach as u64);
            } else {
                to = to.wrapping_add(reach as u64);
            }
        }
        (from, to)
    }
}
