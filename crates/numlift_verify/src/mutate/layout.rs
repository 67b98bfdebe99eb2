//! The same values in other memory: strides, order, protection, sharing.

use crate::mutate::elements::{read, replace, store};
use crate::rng::Rng;
use crate::value::{Array, Buffer, Heap, Object, ObjectId, column_major};

/// How an array's memory is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Every other element of a larger buffer.
    Strided,
    /// Negative strides along the first axis.
    Backwards,
    Fortran,
    ReadOnly,
    /// One element repeated by strides of zero.
    Broadcast,
}

/// All of them.
pub const LAYOUTS: [Layout; 5] = [
    Layout::Strided,
    Layout::Backwards,
    Layout::Fortran,
    Layout::ReadOnly,
    Layout::Broadcast,
];

impl Layout {
    /// For labels.
    pub fn words(self) -> &'static str {
        match self {
            Layout::Strided => "a strided view",
            Layout::Backwards => "a reversed view",
            Layout::Fortran => "in Fortran order",
            Layout::ReadOnly => "read-only",
            Layout::Broadcast => "one row broadcast",
        }
    }

    /// Changes the array; `false` when it makes no difference for this one.
    pub fn apply(self, heap: &mut Heap, id: ObjectId) -> bool {
        let Some((numbers, dtype)) = read(heap, id) else {
            return false;
        };
        let Object::Array(array) = heap.object(id).clone() else {
            return false;
        };
        if array.shape.is_empty() || array.is_empty() || dtype != array.dtype {
            return false;
        }
        let last = array.shape.len() - 1;
        match self {
            Layout::ReadOnly => {
                let changed = array.writeable;
                *heap.object_mut(id) = Object::Array(Array {
                    writeable: false,
                    ..array
                });
                changed
            }
            Layout::Strided => {
                let mut wide = array.shape.clone();
                wide[last] *= 2;
                replace(heap, id, dtype, wide, &vec![numbers[0]; array.len() * 2]);
                edit(heap, id, |view| {
                    view.shape[last] /= 2;
                    view.strides[last] *= 2;
                });
                store(heap, id, &numbers);
                true
            }
            Layout::Backwards => {
                replace(heap, id, dtype, array.shape.clone(), &numbers);
                edit(heap, id, |view| {
                    view.offset = (view.strides[0] * (view.shape[0] as isize - 1)) as usize;
                    view.strides[0] = -view.strides[0];
                });
                store(heap, id, &numbers);
                true
            }
            Layout::Fortran => {
                replace(heap, id, dtype, array.shape.clone(), &numbers);
                edit(heap, id, |view| {
                    view.strides = column_major(&view.shape, view.dtype.size)
                });
                store(heap, id, &numbers);
                array.shape.len() > 1
            }
            Layout::Broadcast => {
                let row = array.len() / array.shape[0];
                let shape = [vec![1], array.shape[1..].to_vec()].concat();
                replace(heap, id, dtype, shape, &numbers[..row]);
                edit(heap, id, |view| {
                    view.shape[0] = array.shape[0];
                    view.strides[0] = 0;
                    view.writeable = false;
                });
                array.shape[0] > 1
            }
        }
    }
}

fn edit(heap: &mut Heap, id: ObjectId, change: impl FnOnce(&mut Array)) {
    if let Object::Array(array) = heap.object_mut(id) {
        change(array);
    }
}

/// Makes two arrays of one dtype and shape views of one buffer, the second a little behind the first.
pub fn overlap(heap: &mut Heap, first: ObjectId, second: ObjectId, rng: &mut Rng) -> bool {
    let Some((a, b)) = pair(heap, first, second) else {
        return false;
    };
    if a.shape.is_empty() || a.is_empty() || b.is_empty() || a.shape[1..] != b.shape[1..] {
        return false;
    }
    let shift = 1 + rng.below(2);
    let shift = shift.min(a.shape[0]);
    let Some((numbers, dtype)) = read(heap, first) else {
        return false;
    };
    let rows = a.shape[0].max(b.shape[0] + shift);
    let row = a.len() / a.shape[0];
    let cycled: Vec<_> = (0..rows * row).map(|at| numbers[at % numbers.len()]).collect();
    replace(
        heap,
        first,
        dtype,
        [vec![rows], a.shape[1..].to_vec()].concat(),
        &cycled,
    );
    let Object::Array(whole) = heap.object(first).clone() else {
        return false;
    };
    let step = shift * whole.strides[0] as usize;
    // Which of the two lies ahead matters to a loop that runs upwards.
    let (ahead, behind) = if rng.one_in(2) { (0, step) } else { (step, 0) };
    let offset = |offset: usize, length: usize| Array {
        offset: if offset + length * whole.strides[0] as usize <= rows * whole.strides[0] as usize {
            offset
        } else {
            0
        },
        shape: [vec![length], whole.shape[1..].to_vec()].concat(),
        ..whole.clone()
    };
    *heap.object_mut(first) = Object::Array(offset(ahead, a.shape[0]));
    *heap.object_mut(second) = Object::Array(offset(behind, b.shape[0]));
    true
}

/// Makes the second of two arrays the very memory of the first.
pub fn same_memory(heap: &mut Heap, first: ObjectId, second: ObjectId) -> bool {
    match pair(heap, first, second) {
        Some((a, b)) if a.shape == b.shape && !a.is_empty() => {
            *heap.object_mut(second) = Object::Array(a);
            true
        }
        Some(_) | None => false,
    }
}

fn pair(heap: &Heap, first: ObjectId, second: ObjectId) -> Option<(Array, Array)> {
    match (heap.object(first), heap.object(second)) {
        (Object::Array(a), Object::Array(b)) if first != second && a.dtype == b.dtype && a.dtype.is_number() => {
            let plain = |array: &Array| matches!(heap.buffer(array.buffer), Buffer::Bytes(_));
            (plain(a) && plain(b)).then(|| (a.clone(), b.clone()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;

    fn id(value: &Value) -> ObjectId {
        let Value::Ref(id) = value else { panic!("an object") };
        *id
    }

    #[test]
    fn layouts_keep_the_values() {
        for layout in LAYOUTS {
            let mut heap = Heap::default();
            let array = heap.floats(&[2, 3], &[1.0, 2.0, 3.0, 1.0, 2.0, 3.0]);
            assert!(layout.apply(&mut heap, id(&array)), "{layout:?}");
            assert_eq!(
                heap.show(&array),
                "array float64 (2, 3) [1.0, 2.0, 3.0, 1.0, 2.0, 3.0]",
                "{layout:?}"
            );
        }
    }

    #[test]
    fn overlapping_views_share_a_buffer() {
        for seed in 0..8 {
            let mut heap = Heap::default();
            let a = heap.floats(&[3], &[1.0, 2.0, 3.0]);
            let b = heap.floats(&[2], &[4.0, 5.0]);
            assert!(overlap(&mut heap, id(&a), id(&b), &mut Rng::new(seed)));
            let (Object::Array(x), Object::Array(y)) = (heap.object(id(&a)), heap.object(id(&b))) else {
                panic!("arrays")
            };
            assert_eq!(x.buffer, y.buffer);
            assert_eq!((x.shape[0], y.shape[0]), (3, 2));
            let Buffer::Bytes(bytes) = heap.buffer(x.buffer) else {
                panic!("bytes")
            };
            assert!(x.extent().1 <= bytes.len() && y.extent().1 <= bytes.len());
        }
    }
}
