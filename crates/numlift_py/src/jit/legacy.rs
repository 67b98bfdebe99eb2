//! NumPy's older generators: `RandomState`, and the global one behind `np.random.rand`.
//!
//! ```text
//! RandomState object:  …  _bitgen { state, next_uint64, … }  _aug_state { &_bitgen, has_gauss, gauss }  …
//! ```
//!
//! Their normal numbers come in pairs, the second of which waits in the object. NumPy keeps it where no function of its
//! interface leads to; so the place is looked for once, in an object made for it whose state is known from `get_state`.
//! Where it is not found for certain, these generators are drawn from by Python.

#![expect(unsafe_code, reason = "reads an object of NumPy's by its layout")]

use std::ffi::c_void;
use std::sync::OnceLock;

use pyo3::ffi::{self, PyObject};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::generators::{Bits, bits_of};

/// `aug_bitgen_t`.
#[repr(C)]
pub struct State {
    pub bits: *mut Bits,
    has_gauss: i32,
    gauss: f64,
}

/// Where the state lies in a `RandomState`.
static OFFSET: OnceLock<Option<usize>> = OnceLock::new();

/// The state of a `RandomState`.
///
/// # Safety
/// The GIL is held and `object` is exactly a `numpy.random.RandomState`.
pub unsafe fn place_of(object: *mut PyObject) -> Option<*mut c_void> {
    let offset = match OFFSET.get() {
        Some(offset) => *offset,
        None => {
            // SAFETY: the GIL is held.
            let py = unsafe { Python::assume_attached() };
            let found = look(py).unwrap_or(None);
            *OFFSET.get_or_init(|| found)
        }
    };
    // SAFETY: the offset lies in every object of this class.
    offset.map(|offset| unsafe { object.cast::<u8>().add(offset) }.cast::<c_void>())
}

/// The object behind `np.random.rand`, borrowed: it lives as long as its module, which nobody unloads.
pub fn global(py: Python<'_>) -> Option<*mut PyObject> {
    static OBJECT: OnceLock<Option<Py<PyAny>>> = OnceLock::new();
    let found = OBJECT.get_or_init(|| {
        let module = py.import("numpy.random.mtrand").ok()?;
        Some(module.getattr("_rand").ok()?.unbind())
    });
    found.as_ref().map(|object| object.as_ptr())
}

/// Looks for the state in an object of our own.
fn look(py: Python<'_>) -> PyResult<Option<usize>> {
    let class = py.import("numpy.random")?.getattr("RandomState")?;
    let object = class.call1((20_061,))?;
    let gauss_of = || -> PyResult<(i64, f64)> {
        let state = object.call_method1("get_state", (false,))?.cast_into::<PyDict>()?;
        let item = |name: &str| state.get_item(name)?.ok_or_else(|| PyErr::fetch(py));
        Ok((item("has_gauss")?.extract()?, item("gauss")?.extract()?))
    };
    object.call_method0("standard_normal")?;
    let waiting = gauss_of()?;
    // SAFETY: the object has as many bytes as its class says, and is read as words within them.
    let places = unsafe {
        let size = (*ffi::Py_TYPE(object.as_ptr())).tp_basicsize as usize;
        let bits = bits_of(object.getattr("_bit_generator")?.as_ptr()).cast::<Bits>();
        if bits.is_null() {
            return Err(PyErr::fetch(py));
        }
        let start = object.as_ptr().cast::<u8>();
        let is_it = |offset: &usize| {
            let state = &*start.add(*offset).cast::<State>();
            let within = (state.bits as usize).wrapping_sub(start as usize);
            within.is_multiple_of(8)
                && within + size_of::<Bits>() <= size
                && (*state.bits).state == (*bits).state
                && (*state.bits).next_double as usize == (*bits).next_double as usize
                && i64::from(state.has_gauss) == waiting.0
                && state.gauss.to_bits() == waiting.1.to_bits()
        };
        (16..(size + 1).saturating_sub(size_of::<State>()))
            .step_by(8)
            .filter(is_it)
            .collect::<Vec<usize>>()
    };
    let [offset] = places[..] else {
        return Ok(None);
    };
    // SAFETY: the offset was found in this object.
    let state = unsafe { &mut *object.as_ptr().cast::<u8>().add(offset).cast::<State>() };
    // What is taken and what is left there is what NumPy says afterwards, and the same numbers follow.
    let (twin, same) = (class.call1((20_061,))?, |a: f64, b: f64| a.to_bits() == b.to_bits());
    twin.call_method0("standard_normal")?;
    for _ in 0..5 {
        // SAFETY: the object is ours.
        let own = unsafe { state.gauss() };
        let theirs: f64 = twin.call_method0("standard_normal")?.extract()?;
        let (has_gauss, gauss) = gauss_of()?;
        if !same(own, theirs) || has_gauss != i64::from(state.has_gauss) || !same(gauss, state.gauss) {
            return Ok(None);
        }
    }
    Ok((waiting.0 == 1).then_some(offset))
}

impl State {
    /// The next float in [0, 1).
    ///
    /// # Safety
    /// It is the state of a generator that may be drawn from.
    pub unsafe fn double(&self) -> f64 {
        // SAFETY: as the caller says.
        unsafe { ((*self.bits).next_double)((*self.bits).state) }
    }

    /// A standard normal number by Marsaglia's polar method, as `RandomState` has always drawn them.
    ///
    /// # Safety
    /// As for [`State::double`].
    pub unsafe fn gauss(&mut self) -> f64 {
        if self.has_gauss != 0 {
            self.has_gauss = 0;
            return std::mem::replace(&mut self.gauss, 0.0);
        }
        loop {
            // SAFETY: as the caller says.
            let (x, y) = unsafe { (2.0 * self.double() - 1.0, 2.0 * self.double() - 1.0) };
            let square = x * x + y * y;
            if square < 1.0 && square != 0.0 {
                let scale = (-2.0 * square.ln() / square).sqrt();
                self.gauss = scale * x;
                self.has_gauss = 1;
                return scale * y;
            }
        }
    }

    /// A standard exponential number by inversion.
    ///
    /// # Safety
    /// As for [`State::double`].
    pub unsafe fn exponential(&self) -> f64 {
        // SAFETY: as the caller says.
        -(1.0 - unsafe { self.double() }).ln()
    }
}
