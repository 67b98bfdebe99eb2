//! Arrays that code which is not known gives another shape while compiled code uses them.
//!
//! ```text
//! s += x[i]
//! o.step()        does `self.x.resize(3, refcheck=False)`, or `self.x.shape = …`, and `self.x` is `x`
//! s += x[i]       the slots of `x` say what it was: Python goes on behind the call, with the array as it is now
//! ```

#![expect(unsafe_code, reason = "reads arrays by their layout")]

use numlift_abi::Repr;
use pyo3::ffi::{self, PyObject};

use super::boxing;
use super::call::Context;
use super::numpy::{ArrayObject, Numpy, flag};

/// The slots of arrays that are whole objects, before code runs that may change them.
pub struct Watched<'r> {
    numpy: &'static Numpy,
    arrays: Vec<(&'r Repr, *const u64, bool)>,
}

impl<'r> Watched<'r> {
    /// # Safety
    /// The slots are those of arrays of these representations, which live as long as this.
    pub unsafe fn new(numpy: &'static Numpy, watched: &'r [Repr], slots: *const u64) -> Watched<'r> {
        let (mut at, mut arrays) = (slots, Vec::new());
        for repr in watched {
            // SAFETY: as the caller says.
            unsafe {
                if is_whole(numpy, repr, at) {
                    arrays.push((repr, at, is_writeable(at)));
                }
                at = at.add(repr.slots());
            }
        }
        Watched { numpy, arrays }
    }

    /// Whether one of them is another now. Those are kept, for [`changed`].
    pub fn note_changes(&self, context: &Context<'_>) -> bool {
        let mut found = false;
        for (repr, slots, was_writeable) in &self.arrays {
            // SAFETY: as for `new`.
            unsafe {
                if is_whole(self.numpy, repr, *slots) && is_writeable(*slots) == *was_writeable {
                    continue;
                }
                let said = std::slice::from_raw_parts(*slots, repr.slots());
                context.changed.borrow_mut().push(said.to_vec());
            }
            found = true;
        }
        found
    }
}

/// The object of an array that has become another: a new reference.
///
/// # Safety
/// The slots are a value of `repr`.
pub unsafe fn changed(context: &Context<'_>, repr: &Repr, slots: *const u64) -> Option<*mut PyObject> {
    let changed = context.changed.borrow();
    if changed.is_empty() || !matches!(repr, Repr::Array { .. }) {
        return None;
    }
    // SAFETY: as the caller says.
    let said = unsafe { std::slice::from_raw_parts(slots, repr.slots()) };
    let is_it = changed.iter().any(|known| known[..] == *said);
    // SAFETY: the slots hold a reference to it.
    is_it.then(|| unsafe { ffi::Py_NewRef(said[0] as *mut PyObject) })
}

/// Whether an array's object is what its slots say.
unsafe fn is_whole(numpy: &Numpy, repr: &Repr, slots: *const u64) -> bool {
    let Repr::Array { scalar, rank } = repr else {
        return false;
    };
    // SAFETY: as for `Watched::new`.
    unsafe {
        let array = *slots as *const ArrayObject;
        !array.is_null() && boxing::says_the_same(&*array, numpy.class(*scalar).type_num, *rank, slots)
    }
}

unsafe fn is_writeable(slots: *const u64) -> bool {
    // SAFETY: as for `Watched::new`.
    unsafe { (*(*slots as *const ArrayObject)).flags & flag::WRITEABLE != 0 }
}
