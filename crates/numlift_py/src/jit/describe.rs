//! What a value is, as a parameter that code can be compiled for.
//!
//! ```text
//! f(x, y, 3)   x: float64[5, 1], C   y: float64[5], C     ─►   Array { F64, C, [Same(0), One] }, Array { F64, C, [Same(0)] }, Int
//! ```
//!
//! Extents that are equal here are taken to be equal always. If that turns out wrong, the next version for these types
//! keeps only what held both times ([`common`]), so that a function has few versions whatever extents it meets.

#![expect(unsafe_code, reason = "reads objects by their layout")]

use std::ops::RangeInclusive;

use numlift_abi::{Known, Param, Repr, Scalar};
use pyo3::ffi::{self, PyObject};

use super::numpy::{ArrayObject, Numpy, flag};
use super::{arguments, generators, unbox};

/// Longest tuple whose items are looked at.
const LONGEST_TUPLE: isize = 32;

/// Tuples and lists in each other.
const DEEPEST_TUPLE: usize = 4;

/// What counts as a few columns.
const SMALL: RangeInclusive<isize> = 2..=4;

/// How many elements of a list are looked at.
const LOOKED_AT: isize = 8;

/// Longest string that says how a function works, in bytes.
const LONGEST_TEXT: usize = 40;

/// An int that no 64 bits hold: the call runs in Python.
pub struct TooLarge;

/// Whether a value is nothing but an object: what is more than that is not compiled for as one.
///
/// # Safety
/// The GIL is held and `object` is an object.
pub unsafe fn is_object(numpy: &Numpy, object: *mut PyObject) -> bool {
    // SAFETY: as the caller says.
    unsafe {
        matches!(
            Describe::new(numpy).value(object),
            Ok(Param::Value(Repr::Object) | Param::Text(_))
        )
    }
}

/// Describes the values of one call.
pub struct Describe<'a> {
    numpy: &'a Numpy,
    /// Extents that were met; their places are their numbers.
    extents: Vec<isize>,
    /// Those that rows have which are known to be small.
    small: Vec<isize>,
}

impl<'a> Describe<'a> {
    pub fn new(numpy: &'a Numpy) -> Describe<'a> {
        Describe {
            numpy,
            extents: Vec::new(),
            small: Vec::new(),
        }
    }

    /// What `object` is.
    ///
    /// # Safety
    /// The GIL is held and `object` is an object.
    pub unsafe fn value(&mut self, object: *mut PyObject) -> Result<Param, TooLarge> {
        // SAFETY: as the caller says.
        unsafe { self.nested(object, 0) }
    }

    unsafe fn nested(&mut self, object: *mut PyObject, depth: usize) -> Result<Param, TooLarge> {
        // SAFETY: each test looks at the exact type before the object is read by it.
        unsafe {
            let repr = if ffi::Py_IsNone(object) != 0 {
                Repr::None
            } else if ffi::PyBool_Check(object) != 0 {
                Repr::Bool
            } else if ffi::PyLong_CheckExact(object) != 0 {
                if unbox::int(object).is_none() {
                    return Err(TooLarge);
                }
                Repr::Int
            } else if ffi::PyFloat_CheckExact(object) != 0 {
                Repr::Float
            } else if ffi::PyComplex_CheckExact(object) != 0 {
                Repr::Complex
            } else if let Some(scalar) = self.scalar(object) {
                Repr::Np(scalar)
            } else if let Some(array) = unbox::any_array(self.numpy, object) {
                return Ok(self.array(array));
            } else if ffi::PyTuple_CheckExact(object) != 0
                && ffi::PyTuple_GET_SIZE(object) <= LONGEST_TUPLE
                && depth < DEEPEST_TUPLE
            {
                let items = (0..ffi::PyTuple_GET_SIZE(object)).map(|place| ffi::PyTuple_GET_ITEM(object, place));
                let items: Result<Vec<Param>, TooLarge> = items.map(|item| self.nested(item, depth + 1)).collect();
                return Ok(Param::Tuple(items?));
            } else if let Some(legacy) = generators::of_numpy(object) {
                Repr::Generator { legacy }
            } else if ffi::PyList_CheckExact(object) != 0 && depth < DEEPEST_TUPLE {
                return Ok(self.list(object, depth));
            } else if let Some(text) = unbox::text(object).filter(|text| text.len() <= LONGEST_TEXT) {
                return Ok(Param::Text(text.to_owned()));
            } else {
                Repr::Object
            };
            Ok(Param::Value(repr))
        }
    }

    /// A list by some of its elements, the first and the last among them.
    unsafe fn list(&mut self, list: *mut PyObject, depth: usize) -> Param {
        // SAFETY: a list has as many items as it says, and nothing here runs code that may change it.
        unsafe {
            let length = ffi::PyList_GET_SIZE(list);
            let count = length.min(LOOKED_AT);
            let mut elem = Param::Value(Repr::Unbound);
            for number in 0..count {
                let place = if number + 1 == count {
                    length - 1
                } else {
                    number * length / count
                };
                let item = ffi::PyList_GET_ITEM(list, place);
                let next = self.nested(item, depth + 1);
                // One that does not fit 64 bits leaves when it is met.
                elem = either(elem, next.map_or(Param::Value(Repr::Int), plain));
            }
            Param::List(Box::new(elem))
        }
    }

    unsafe fn scalar(&self, object: *mut PyObject) -> Option<Scalar> {
        // SAFETY: an object has a type.
        let class = unsafe { ffi::Py_TYPE(object) };
        let place = self.numpy.classes.iter().position(|known| known.scalar_type == class)?;
        Some(Scalar::ALL[place])
    }

    unsafe fn array(&mut self, array: &ArrayObject) -> Param {
        // SAFETY: an array has a dtype, and as many extents as its rank.
        unsafe {
            let Some(scalar) = self.numpy.scalar_of((*array.descr).type_num) else {
                return Param::Value(Repr::Object);
            };
            if !unbox::is_plain(array, scalar) {
                return Param::Value(Repr::Object);
            }
            let extents = (0..array.rank as usize).map(|axis| {
                let extent = *array.extents.add(axis);
                let known = self.extent(extent);
                let is_last = axis + 1 == array.rank as usize;
                let is_small = is_last && (axis > 0 || self.small.contains(&extent));
                if is_small { self.small_one(known, extent) } else { known }
            });
            let extents = extents.collect();
            Param::Array {
                scalar,
                layout: arguments::layout(array, scalar.size()),
                extents,
                writeable: array.flags & flag::WRITEABLE != 0,
            }
        }
    }

    /// Rows of a few columns, coordinates mostly, are worth code of their own: their loops are written out, and the strides
    /// of what lies beside them are numbers. So are vectors that are as long.
    fn small_one(&mut self, known: Known, extent: isize) -> Known {
        match known {
            Known::Same(same) if SMALL.contains(&extent) => {
                self.small.push(extent);
                Known::Small {
                    same,
                    extent: extent as u8,
                }
            }
            known => known,
        }
    }

    fn extent(&mut self, extent: isize) -> Known {
        if extent == 1 {
            return Known::One;
        }
        let place = self
            .extents
            .iter()
            .position(|known| *known == extent)
            .unwrap_or_else(|| {
                self.extents.push(extent);
                self.extents.len() - 1
            });
        Known::Same(place as u32)
    }
}

/// What is known of an element wherever it stands: of an array no layout and no extent.
fn plain(param: Param) -> Param {
    match param {
        Param::List(_) => param,
        param => Param::Value(param.repr()),
    }
}

/// An element that looks like the one or the other.
fn either(one: Param, other: Param) -> Param {
    match (one, other) {
        (one, other) if one == other => one,
        (Param::Value(Repr::Unbound), other) | (other, Param::Value(Repr::Unbound)) => other,
        (Param::List(one), Param::List(other)) => Param::List(Box::new(either(*one, *other))),
        (Param::Value(one), Param::Value(other)) if is_number(&one) && is_number(&other) => {
            let mut options = options(one);
            options.extend(
                self::options(other)
                    .into_iter()
                    .filter(|option| !options.contains(option))
                    .collect::<Vec<_>>(),
            );
            Param::Value(Repr::OneOf(options))
        }
        _ => Param::Value(Repr::Object),
    }
}

fn options(repr: Repr) -> Vec<Repr> {
    match repr {
        Repr::OneOf(options) => options,
        repr => vec![repr],
    }
}

fn is_number(repr: &Repr) -> bool {
    match repr {
        Repr::Bool | Repr::Int | Repr::Float | Repr::Complex | Repr::Np(_) => true,
        Repr::OneOf(options) => options.iter().all(is_number),
        Repr::None
        | Repr::Array { .. }
        | Repr::Tuple(_)
        | Repr::List
        | Repr::Buffer(_)
        | Repr::Generator { .. }
        | Repr::Object
        | Repr::Unbound => false,
    }
}

/// What both say, where they differ in nothing but in which extents are equal.
pub fn common(one: &[&Param], other: &[&Param]) -> Option<Vec<Param>> {
    if one.len() != other.len() {
        return None;
    }
    let mut met = Vec::new();
    one.iter()
        .zip(other)
        .map(|(one, other)| meet(one, other, &mut met))
        .collect()
}

fn meet(one: &Param, other: &Param, met: &mut Vec<(u32, u32)>) -> Option<Param> {
    match (one, other) {
        (Param::Value(one), Param::Value(other)) => (one == other).then(|| Param::Value(one.clone())),
        (Param::Tuple(one), Param::Tuple(other)) if one.len() == other.len() => {
            let items: Option<Vec<Param>> = one
                .iter()
                .zip(other)
                .map(|(one, other)| meet(one, other, met))
                .collect();
            items.map(Param::Tuple)
        }
        (Param::List(one), Param::List(other)) => (one == other).then(|| Param::List(one.clone())),
        (Param::Text(one), Param::Text(other)) => (one == other).then(|| Param::Text(one.clone())),
        (
            Param::Array {
                scalar,
                layout,
                extents,
                writeable,
            },
            Param::Array {
                scalar: other_scalar,
                layout: other_layout,
                extents: other_extents,
                writeable: other_writeable,
            },
        ) => {
            let is_alike = (scalar, layout, writeable, extents.len())
                == (other_scalar, other_layout, other_writeable, other_extents.len());
            if !is_alike {
                return None;
            }
            let extents: Option<Vec<Known>> = extents
                .iter()
                .zip(other_extents)
                .map(|(one, other)| meet_extents(*one, *other, met))
                .collect();
            Some(Param::Array {
                scalar: *scalar,
                layout: *layout,
                extents: extents?,
                writeable: *writeable,
            })
        }
        (Param::Value(_) | Param::Array { .. } | Param::Tuple(_) | Param::List(_) | Param::Text(_), _) => None,
    }
}

fn meet_extents(one: Known, other: Known, met: &mut Vec<(u32, u32)>) -> Option<Known> {
    let (Some(first), Some(second)) = (number(one), number(other)) else {
        return (one == other).then_some(one);
    };
    let place = met.iter().position(|pair| *pair == (first, second)).unwrap_or_else(|| {
        met.push((first, second));
        met.len() - 1
    });
    let same = place as u32;
    Some(match (one, other) {
        (Known::Small { extent, .. }, Known::Small { extent: own, .. }) if extent == own => {
            Known::Small { same, extent }
        }
        _ => Known::Same(same),
    })
}

/// The number that says which extents are equal; none of 1.
fn number(known: Known) -> Option<u32> {
    match known {
        Known::One => None,
        Known::Same(number) | Known::Small { same: number, .. } => Some(number),
    }
}
