//! Elements that are compared: sorting, the smallest, the first that is equal.
//!
//! As Python compares the objects that they stand for. What depends on which object it is (a NaN is equal to itself if it
//! is the same object) is not answered: then Python goes on.

#![expect(unsafe_code, reason = "elements lie in memory as compiled code wrote them")]

use std::cmp::Ordering;
use std::slice;

use numlift_abi::{Repr, Scalar};

use super::Buffer;

/// A number as Python compares it.
#[derive(Clone, Copy)]
enum Number {
    Int(i128),
    Float(f64),
}

/// How two elements compare; `None` of what has no order, or none without the objects.
///
/// # Safety
/// Both are values of `repr`.
pub(super) unsafe fn compare(repr: &Repr, a: *const u64, b: *const u64) -> Option<Ordering> {
    // SAFETY: each arm reads as many slots as its representation takes.
    unsafe {
        match repr {
            Repr::None | Repr::Unbound => Some(Ordering::Equal),
            Repr::Bool | Repr::Int => Some((*a as i64).cmp(&(*b as i64))),
            Repr::Tuple(items) => {
                let mut at = 0;
                for item in items {
                    match compare(item, a.add(at), b.add(at))? {
                        Ordering::Equal => at += item.slots(),
                        other => return Some(other),
                    }
                }
                Some(Ordering::Equal)
            }
            repr => match (number(repr, a)?, number(repr, b)?) {
                (Number::Int(a), Number::Int(b)) => Some(a.cmp(&b)),
                (Number::Float(a), Number::Float(b)) => a.partial_cmp(&b),
                (Number::Int(a), Number::Float(b)) => of_two_kinds(a, b),
                (Number::Float(a), Number::Int(b)) => of_two_kinds(b, a).map(Ordering::reverse),
            },
        }
    }
}

/// An int of at most 64 bits and a float, exactly.
fn of_two_kinds(int: i128, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    // Beyond all ints of 64 bits.
    if float.abs() >= 2f64.powi(66) {
        return Some(if float > 0.0 { Ordering::Less } else { Ordering::Greater });
    }
    let whole = float.trunc();
    let rest = 0.0.partial_cmp(&(float - whole))?;
    Some(int.cmp(&(whole as i128)).then(rest))
}

unsafe fn number(repr: &Repr, at: *const u64) -> Option<Number> {
    // SAFETY: as for `compare`.
    unsafe {
        Some(match repr {
            Repr::Bool | Repr::Int => Number::Int((*at as i64).into()),
            Repr::Float => Number::Float(f64::from_bits(*at)),
            Repr::Np(Scalar::F64) => Number::Float(f64::from_bits(*at)),
            Repr::Np(Scalar::F32) => Number::Float(f32::from_bits(*at as u32).into()),
            Repr::Np(Scalar::I8 | Scalar::I16 | Scalar::I32 | Scalar::I64) => Number::Int((*at as i64).into()),
            Repr::Np(Scalar::Bool | Scalar::U8 | Scalar::U16 | Scalar::U32 | Scalar::U64) => Number::Int((*at).into()),
            Repr::OneOf(options) => return number(options.get(*at as usize)?, at.add(1)),
            Repr::Np(Scalar::F16 | Scalar::C64 | Scalar::C128)
            | Repr::None
            | Repr::Complex
            | Repr::Array { .. }
            | Repr::Tuple(_)
            | Repr::List
            | Repr::Buffer(_)
            | Repr::Generator { .. }
            | Repr::Object
            | Repr::Unbound => return None,
        })
    }
}

/// Whether the elements have an order among each other that says all: none is a NaN, or of a kind without one.
unsafe fn are_ordered(list: &Buffer) -> bool {
    // SAFETY: the elements are values of `items`.
    unsafe {
        let items = &*list.items;
        let is_ordered = |at: i64| compare(items, list.slots(at), list.slots(at)) == Some(Ordering::Equal);
        match items {
            Repr::Int | Repr::Bool => true,
            Repr::None => false,
            _ => (0..list.length).all(is_ordered),
        }
    }
}

pub unsafe extern "C" fn nl_buffer_sort(list: &mut Buffer, reverse: i32) -> i32 {
    // SAFETY: the elements are values of `items`, each of so many words.
    unsafe {
        if list.length < 2 {
            return 0;
        }
        if !are_ordered(list) {
            return 1;
        }
        let (count, stride, items) = (list.length as usize, list.stride, &*list.items);
        let down = reverse != 0;
        let turned = |order: Ordering| if down { order.reverse() } else { order };
        match items {
            // Equal ints are one another.
            Repr::Int | Repr::Bool => {
                let words = slice::from_raw_parts_mut(list.data.cast::<i64>(), count);
                words.sort_unstable_by(|a, b| turned(a.cmp(b)));
            }
            Repr::Float => {
                let words = slice::from_raw_parts_mut(list.data.cast::<f64>(), count);
                words.sort_by(|a, b| turned(a.partial_cmp(b).unwrap_or(Ordering::Equal)));
            }
            items => {
                let mut places: Vec<usize> = (0..count).collect();
                places.sort_by(|a, b| {
                    let order = compare(items, list.data.add(a * stride), list.data.add(b * stride));
                    turned(order.unwrap_or(Ordering::Equal))
                });
                let words = slice::from_raw_parts_mut(list.data, count * stride);
                let before = words.to_vec();
                for (to, from) in words.chunks_exact_mut(stride.max(1)).zip(places) {
                    to.copy_from_slice(&before[from * stride..(from + 1) * stride]);
                }
            }
        }
        0
    }
}

pub unsafe extern "C" fn nl_buffer_extreme(list: &Buffer, is_max: i32) -> i64 {
    // SAFETY: as above.
    unsafe {
        if list.length == 0 || !are_ordered(list) {
            return -1;
        }
        let wanted = if is_max != 0 { Ordering::Greater } else { Ordering::Less };
        let mut best = 0;
        for at in 1..list.length {
            if compare(&*list.items, list.slots(at), list.slots(best)) == Some(wanted) {
                best = at;
            }
        }
        best
    }
}

pub unsafe extern "C" fn nl_buffer_find(list: &Buffer, wanted: *const u64, from: i64) -> i64 {
    // SAFETY: compiled code hands over the slots of such an element.
    unsafe {
        let items = &*list.items;
        if compare(items, wanted, wanted) != Some(Ordering::Equal) {
            return -2;
        }
        for at in from..list.length {
            match compare(items, list.slots(at), wanted) {
                Some(Ordering::Equal) => return at,
                Some(_) => {}
                // One that is not equal to anything; what is in a tuple with it was not looked at.
                None if matches!(items, Repr::Tuple(_)) => return -2,
                None => {}
            }
        }
        -1
    }
}

pub unsafe extern "C" fn nl_buffer_count(list: &Buffer, wanted: *const u64) -> i64 {
    let (mut count, mut from) = (0, 0);
    loop {
        // SAFETY: as above.
        match unsafe { nl_buffer_find(list, wanted, from) } {
            -1 => return count,
            -2 => return -2,
            at => (count, from) = (count + 1, at + 1),
        }
    }
}

pub unsafe extern "C" fn nl_buffer_reverse(list: &mut Buffer) {
    let stride = list.stride;
    // SAFETY: the elements are so many words in a row.
    let words = unsafe { slice::from_raw_parts_mut(list.data, list.length as usize * stride) };
    words.reverse();
    if stride > 1 {
        words.chunks_exact_mut(stride).for_each(<[u64]>::reverse);
    }
}
