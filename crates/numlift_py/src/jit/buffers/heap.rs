//! Heaps, as `heapq` keeps them.
//!
//! Where an element goes is found by comparing alone, and only then is anything moved: what cannot be compared without the
//! objects leaves the heap as it was. The elements end in the places in which `heapq` puts them.

#![expect(unsafe_code, reason = "elements lie in memory as compiled code wrote them")]

use std::cmp::Ordering;
use std::{ptr, slice};

use numlift_abi::Repr;
use numlift_abi::runtime::heap;

use super::Buffer;
use super::elements::compare;

/// It cannot be said which of two elements is the smaller one.
struct Unknown;

/// `a < b`
unsafe fn is_less(items: &Repr, a: *const u64, b: *const u64) -> Result<bool, Unknown> {
    // SAFETY: both are values of `items`.
    match (unsafe { compare(items, a, b) }, items) {
        (Some(order), _) => Ok(order == Ordering::Less),
        // A NaN is less than nothing.
        (None, Repr::Float) => Ok(false),
        (None, _) => Err(Unknown),
    }
}

/// Places in a heap, from one to the next below or above it: as many as it has levels at the most.
struct Path {
    places: [usize; 64],
    length: usize,
}

impl Path {
    fn from(place: usize) -> Path {
        let mut places = [0; 64];
        places[0] = place;
        Path { places, length: 1 }
    }

    fn push(&mut self, place: usize) {
        self.places[self.length] = place;
        self.length += 1;
    }

    fn places(&self) -> &[usize] {
        &self.places[..self.length]
    }
}

/// The places that a new element passes that stands at `at` first, the lowest first.
unsafe fn up(list: &Buffer, mut at: usize, new: *const u64) -> Result<Path, Unknown> {
    let mut path = Path::from(at);
    while at > 0 {
        let parent = (at - 1) / 2;
        // SAFETY: the parent is there.
        if !unsafe { is_less(&*list.items, new, list.slots(parent as i64)) }? {
            break;
        }
        path.push(parent);
        at = parent;
    }
    Ok(path)
}

/// The places through which a new element at `top` sinks, of the first `count`; the highest first.
unsafe fn down(list: &Buffer, top: usize, count: usize, new: *const u64) -> Result<Path, Unknown> {
    let mut path = Path::from(top);
    let mut at = top;
    // The smaller child moves up until there is none; then the new one rises to its place.
    // SAFETY: all places are below `count`.
    unsafe {
        while 2 * at + 1 < count {
            let mut child = 2 * at + 1;
            if child + 1 < count && !is_less(&*list.items, list.slots(child as i64), list.slots(child as i64 + 1))? {
                child += 1;
            }
            path.push(child);
            at = child;
        }
        while path.length > 1 {
            let last = path.places[path.length - 1];
            if !is_less(&*list.items, new, list.slots(last as i64))? {
                break;
            }
            path.length -= 1;
        }
    }
    Ok(path)
}

/// Moves each element of a path to the place in front of it, and the new one to the last.
unsafe fn shift(list: &Buffer, path: &Path, new: *const u64) {
    // SAFETY: all places are there; `new` lies at none of them.
    unsafe {
        for pair in path.places().windows(2) {
            list.copy(list.slots(pair[1] as i64), list.slots(pair[0] as i64));
        }
        if let Some(last) = path.places().last() {
            list.copy(new, list.slots(*last as i64));
        }
    }
}

impl Buffer {
    /// Copies an element's slots to a place that does not overlap.
    unsafe fn copy(&self, from: *const u64, to: *mut u64) {
        // SAFETY: both have so many words.
        unsafe { ptr::copy_nonoverlapping(from, to, self.stride) };
    }
}

unsafe fn push(list: &mut Buffer, item: *const u64) -> Result<bool, Unknown> {
    let at = list.length as usize;
    // SAFETY: the item is compared before anything changes; then there is room for it.
    unsafe {
        let path = up(list, at, item)?;
        if !list.grow(1) {
            return Ok(false);
        }
        list.length += 1;
        shift(list, &path, item);
    }
    Ok(true)
}

unsafe fn pop(list: &mut Buffer, out: *mut u64) -> Result<(), Unknown> {
    let Some(last) = (list.length as usize).checked_sub(1) else {
        return Err(Unknown);
    };
    // SAFETY: the list has elements, and `out` has room for one. The last stays where it is until it was copied.
    unsafe {
        let new = list.slots(last as i64);
        if last > 0 {
            let path = down(list, 0, last, new)?;
            list.copy(list.slots(0), out);
            shift(list, &path, new);
        } else {
            list.copy(new, out);
        }
        list.length -= 1;
    }
    Ok(())
}

/// Puts an item in the place of the smallest one, which is the result.
unsafe fn replace(list: &mut Buffer, item: *mut u64) -> Result<(), Unknown> {
    if list.length == 0 {
        return Err(Unknown);
    }
    // SAFETY: as above.
    unsafe {
        let path = down(list, 0, list.length as usize, item)?;
        let smallest = slice::from_raw_parts(list.slots(0), list.stride).to_vec();
        shift(list, &path, item);
        list.copy(smallest.as_ptr(), item);
    }
    Ok(())
}

unsafe fn heapify(list: &mut Buffer) -> Result<(), Unknown> {
    let count = list.length as usize;
    // SAFETY: the elements are there. They are put back where one of them has no order.
    unsafe {
        let before = slice::from_raw_parts(list.data, count * list.stride).to_vec();
        let mut new = vec![0; list.stride];
        for top in (0..count / 2).rev() {
            list.copy(list.slots(top as i64), new.as_mut_ptr());
            match down(list, top, count, new.as_ptr()) {
                Ok(path) => shift(list, &path, new.as_ptr()),
                Err(Unknown) => {
                    ptr::copy_nonoverlapping(before.as_ptr(), list.data, before.len());
                    return Err(Unknown);
                }
            }
        }
    }
    Ok(())
}

pub unsafe extern "C" fn nl_buffer_heap(list: &mut Buffer, what: i32, slots: *mut u64) -> i32 {
    // SAFETY: compiled code hands over the slots of an item, or room for one.
    let done = unsafe {
        match what {
            heap::HEAPIFY => heapify(list).map(|()| true),
            heap::PUSH => push(list, slots),
            heap::POP => pop(list, slots).map(|()| true),
            heap::PUSH_POP => match list.length > 0 {
                // What is not larger than the smallest one comes back.
                true => match is_less(&*list.items, list.slots(0), slots) {
                    Ok(true) => replace(list, slots).map(|()| true),
                    Ok(false) => Ok(true),
                    Err(Unknown) => Err(Unknown),
                },
                false => Ok(true),
            },
            _ => replace(list, slots).map(|()| true),
        }
    };
    match done {
        Ok(true) => 0,
        Ok(false) => 1,
        Err(Unknown) => 2,
    }
}
