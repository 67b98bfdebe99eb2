//! Lists from lists: parts, copies, sums, arrays.

#![expect(unsafe_code, reason = "called by compiled code")]

use std::ptr;

use numlift_abi::{Repr, Scalar};
use pyo3::ffi;

use super::super::call::Context;
use super::super::runtime::nl_alloc;
use super::{Buffer, new};

pub unsafe extern "C" fn nl_buffer_part(list: &Buffer, start: i64, count: i64, step: i64) -> *mut Buffer {
    // SAFETY: compiled code asks for elements that there are.
    unsafe {
        let made = new(list.items, count);
        if made.is_null() {
            return made;
        }
        if step == 1 {
            ptr::copy_nonoverlapping(list.slots(start), (*made).data, count as usize * list.stride);
        } else {
            for number in 0..count {
                let from = list.slots(start + number * step);
                ptr::copy_nonoverlapping(from, (*made).slots(number), list.stride);
            }
        }
        (*made).length = count;
        (*made).retain(0, count);
        made
    }
}

pub unsafe extern "C" fn nl_buffer_repeat(list: &Buffer, times: i64) -> *mut Buffer {
    // SAFETY: there is room for all of the copies.
    unsafe {
        let times = times.max(0);
        let Some(count) = list.length.checked_mul(times) else {
            ffi::PyErr_NoMemory();
            return ptr::null_mut();
        };
        let made = new(list.items, count);
        if made.is_null() {
            return made;
        }
        let words = list.length as usize * list.stride;
        match words {
            0 => {}
            1 if *list.data == 0 => ptr::write_bytes((*made).data, 0, count as usize),
            1 => std::slice::from_raw_parts_mut((*made).data, count as usize).fill(*list.data),
            _ => {
                for number in 0..times as usize {
                    ptr::copy_nonoverlapping(list.data, (*made).data.add(number * words), words);
                }
            }
        }
        (*made).length = count;
        (*made).retain(0, count);
        made
    }
}

pub unsafe extern "C" fn nl_buffer_replace(list: *mut Buffer, start: i64, count: i64, other: *const Buffer) -> i32 {
    // SAFETY: the elements that go are there. The other list may be this one: its elements are taken first.
    unsafe {
        let (own, more) = (&mut *list, (*other).length);
        let copied = match ptr::eq(list.cast_const(), other) {
            true => nl_buffer_part(&*other, 0, more, 1),
            false => other.cast_mut(),
        };
        if copied.is_null() {
            return 1;
        }
        let fits = more <= count || own.grow(more - count);
        if fits {
            (*copied).retain(0, more);
            // References are given up when the list is whole again.
            let gone = match own.holds_references && count > 0 {
                true => std::slice::from_raw_parts(own.slots(start), count as usize * own.stride).to_vec(),
                false => Vec::new(),
            };
            let behind = (own.length - start - count) as usize * own.stride;
            ptr::copy(own.slots(start + count), own.slots(start + more), behind);
            ptr::copy_nonoverlapping((*copied).data, own.slots(start), more as usize * own.stride);
            own.length += more - count;
            for element in gone.chunks_exact(own.stride.max(1)) {
                super::unbox::release(&*own.items, element.as_ptr());
            }
        }
        if !ptr::eq(copied.cast_const(), other) {
            ffi::Py_DECREF(copied.cast());
        }
        i32::from(!fits)
    }
}

pub unsafe extern "C" fn nl_buffer_sum(list: &Buffer, out: *mut u64) -> i32 {
    // SAFETY: the elements are ints or floats, of one word.
    unsafe {
        let words = std::slice::from_raw_parts(list.data, list.length as usize);
        match &*list.items {
            Repr::Bool | Repr::Int => {
                let sum = words.iter().try_fold(0i64, |sum, word| sum.checked_add(*word as i64));
                *out = sum.unwrap_or(0) as u64;
                i32::from(sum.is_none())
            }
            Repr::Float => {
                *out = sum_of_floats(words).to_bits();
                0
            }
            _ => 1,
        }
    }
}

/// As `sum` adds floats up to an int 0: one by one, and from Python 3.12 on with what is lost kept beside it.
fn sum_of_floats(words: &[u64]) -> f64 {
    let mut numbers = words.iter().map(|word| f64::from_bits(*word));
    let mut sum = 0.0 + numbers.next().unwrap_or(0.0);
    // SAFETY: a number that is never changed.
    if unsafe { ffi::Py_Version } < 0x030C_0000 {
        return numbers.fold(sum, |sum, number| sum + number);
    }
    let mut lost = 0.0;
    for number in numbers {
        let next = sum + number;
        lost += match sum.abs() >= number.abs() {
            true => (sum - next) + number,
            false => (number - next) + sum,
        };
        sum = next;
    }
    if lost != 0.0 && lost.is_finite() {
        sum + lost
    } else {
        sum
    }
}

pub unsafe extern "C" fn nl_buffer_array(
    context: &Context<'_>,
    list: &Buffer,
    scalar: i32,
    rank: i32,
    out: *mut u64,
) -> i32 {
    // SAFETY: the array that is allocated has as many elements as the lists that were measured.
    unsafe {
        let mut extents = vec![0isize; rank as usize];
        let kind = usize::try_from(scalar).ok().and_then(|scalar| Scalar::ALL.get(scalar));
        let Some(kind) = kind.filter(|kind| measure(list, &mut extents, **kind)) else {
            return 2;
        };
        if nl_alloc(context, scalar, rank, extents.as_ptr(), 0, out) != 0 {
            return 1;
        }
        let mut to = (*out.add(1)) as *mut u8;
        fill(list, *kind, &mut to);
        0
    }
}

/// Finds the extents; false where the list is no array of that rank and dtype, or has no element to say so.
unsafe fn measure(list: &Buffer, extents: &mut [isize], kind: Scalar) -> bool {
    let Some((extent, inner)) = extents.split_first_mut() else {
        return false;
    };
    *extent = list.length as isize;
    // SAFETY: the elements are values of `items`.
    unsafe {
        match &*list.items {
            Repr::Buffer(_) => {
                let rows = || (0..list.length).map(|at| *list.slots(at) as *const Buffer);
                let Some(first) = rows().next() else { return false };
                measure(&*first, inner, kind)
                    && rows().all(|row| {
                        let mut own = vec![0isize; inner.len()];
                        measure(&*row, &mut own, kind) && own == inner
                    })
            }
            Repr::Int => inner.is_empty() && kind == Scalar::I64 && list.length > 0,
            Repr::Float => inner.is_empty() && kind == Scalar::F64,
            Repr::Complex => inner.is_empty() && kind == Scalar::C128 && list.length > 0,
            Repr::Bool => inner.is_empty() && kind == Scalar::Bool && list.length > 0,
            _ => false,
        }
    }
}

unsafe fn fill(list: &Buffer, kind: Scalar, to: &mut *mut u8) {
    // SAFETY: there is room for all elements, in the order in which they come.
    unsafe {
        if let Repr::Buffer(_) = &*list.items {
            for at in 0..list.length {
                fill(&*(*list.slots(at) as *const Buffer), kind, to);
            }
            return;
        }
        let count = list.length as usize;
        match kind {
            Scalar::Bool => (0..count).for_each(|at| to.add(at).write(*list.data.add(at) as u8)),
            _ => ptr::copy_nonoverlapping(list.data.cast::<u8>(), *to, count * kind.size()),
        }
        *to = to.add(count * kind.size());
    }
}
