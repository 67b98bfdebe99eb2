//! Python's own random numbers: the state of `random.Random`, and what is drawn from it.
//!
//! ```text
//! _random.Random object:  head, int index, uint32_t state[624]        as Modules/_randommodule.c has it
//! ```
//!
//! The words are where they are in every version; that they are is seen once, in an object made for it, from what its
//! `getstate` says. Else Python draws. `gauss` leaves a number in an attribute of the object, as Python's does.

#![expect(unsafe_code, reason = "reads an object of Python's by its layout")]

use std::f64::consts::PI;
use std::sync::OnceLock;

use pyo3::ffi::{self, PyObject};
use pyo3::prelude::*;
use pyo3::types::PyString;

const WORDS: usize = 624;
const AHEAD: usize = 397;

/// `RandomObject`.
#[repr(C)]
pub struct Mersenne {
    head: PyObject,
    index: i32,
    state: [u32; WORDS],
}

/// The object whose methods the functions of `random` are, if it can be drawn from; it lives as long as its module.
pub fn global(py: Python<'_>) -> Option<*mut Mersenne> {
    static OBJECT: OnceLock<Option<Py<PyAny>>> = OnceLock::new();
    let found = OBJECT.get_or_init(|| {
        let module = py.import("random").ok()?;
        let class = module.getattr("Random").ok()?;
        let object = module.getattr("_inst").ok()?;

        let is_known = object.get_type().is(&class) && is_as_expected(&class).unwrap_or(false);
        is_known.then(|| object.unbind())
    });
    found.as_ref().map(|object| object.as_ptr().cast())
}

/// Whether the words of an object are those that it says, and give the numbers that it gives.
fn is_as_expected(class: &Bound<'_, PyAny>) -> PyResult<bool> {
    let object = class.call1((19_937,))?;
    // SAFETY: an object has a type.
    let size = unsafe { (*ffi::Py_TYPE(object.as_ptr())).tp_basicsize } as usize;
    if size < std::mem::offset_of!(Mersenne, state) + 4 * WORDS {
        return Ok(false);
    }
    let (_, words, _): (i32, Vec<u32>, Py<PyAny>) = object.call_method0("getstate")?.extract()?;
    // SAFETY: it has so many bytes, and nobody else has it.
    let own = unsafe { &mut *object.as_ptr().cast::<Mersenne>() };
    if words.len() != WORDS + 1 || own.state[..] != words[..WORDS] || own.index as u32 != words[WORDS] {
        return Ok(false);
    }
    let twin = class.call1((19_937,))?;
    for _ in 0..WORDS {
        let theirs: f64 = twin.call_method0("random")?.extract()?;
        if own.float().to_bits() != theirs.to_bits() {
            return Ok(false);
        }
    }
    let bits: u64 = twin.call_method1("getrandbits", (53,))?.extract()?;
    Ok(own.bits(53) == bits && object.call_method0("getstate")?.eq(twin.call_method0("getstate")?)?)
}

impl Mersenne {
    /// 32 bits.
    fn word(&mut self) -> u32 {
        if self.index as usize >= WORDS {
            self.turn();
        }
        let mut word = self.state[self.index as usize];
        self.index += 1;
        word ^= word >> 11;
        word ^= (word << 7) & 0x9d2c_5680;
        word ^= (word << 15) & 0xefc6_0000;
        word ^ (word >> 18)
    }

    /// The next words, all at once.
    fn turn(&mut self) {
        let twisted = |high: u32, low: u32| {
            let mixed = (high & 0x8000_0000) | (low & 0x7fff_ffff);
            (mixed >> 1) ^ if mixed & 1 == 1 { 0x9908_b0df } else { 0 }
        };
        let state = &mut self.state;
        for at in 0..WORDS - AHEAD {
            state[at] = state[at + AHEAD] ^ twisted(state[at], state[at + 1]);
        }
        for at in WORDS - AHEAD..WORDS - 1 {
            state[at] = state[at + AHEAD - WORDS] ^ twisted(state[at], state[at + 1]);
        }
        state[WORDS - 1] = state[AHEAD - 1] ^ twisted(state[WORDS - 1], state[0]);
        self.index = 0;
    }

    /// `random()`.
    pub fn float(&mut self) -> f64 {
        let (high, low) = (self.word() >> 5, self.word() >> 6);
        (f64::from(high) * 67_108_864.0 + f64::from(low)) * (1.0 / 9_007_199_254_740_992.0)
    }

    /// `getrandbits(count)`, of 1 to 64 bits.
    pub fn bits(&mut self, count: u32) -> u64 {
        if count <= 32 {
            return u64::from(self.word() >> (32 - count));
        }
        let low = u64::from(self.word());
        low | u64::from(self.word() >> (64 - count)) << 32
    }

    /// An int below another one, which is positive: `_randbelow`.
    pub fn below(&mut self, end: u64) -> u64 {
        let count = 64 - end.leading_zeros();
        loop {
            let drawn = self.bits(count);
            if drawn < end {
                return drawn;
            }
        }
    }

    /// `expovariate`, but for the rate.
    pub fn exponential(&mut self) -> f64 {
        -(1.0 - self.float()).ln()
    }

    /// `normalvariate(0, 1)`: Kinderman and Monahan's method.
    pub fn normal_variate(&mut self) -> f64 {
        let magic = 4.0 * (-0.5_f64).exp() / 2.0_f64.sqrt();
        loop {
            let first = self.float();
            let second = 1.0 - self.float();
            let z = magic * (first - 0.5) / second;
            if z * z / 4.0 <= -second.ln() {
                return z;
            }
        }
    }

    /// `gauss(0, 1)`; none where the attribute that holds every other number cannot be had.
    pub fn gauss(&mut self, py: Python<'_>) -> Option<f64> {
        static NAME: OnceLock<Py<PyString>> = OnceLock::new();
        let name = NAME.get_or_init(|| PyString::intern(py, "gauss_next").unbind());
        // SAFETY: the object is one of Python's, and the GIL is held.
        let own = unsafe { Bound::from_borrowed_ptr(py, (&raw mut self.head).cast()) };
        let waiting: Option<f64> = own.getattr(name).ok()?.extract().ok()?;
        if let Some(waiting) = waiting {
            own.setattr(name, py.None()).ok()?;
            return Some(waiting);
        }
        let angle = self.float() * (2.0 * PI);
        let radius = (-2.0 * (1.0 - self.float()).ln()).sqrt();
        let z = angle.cos() * radius;
        own.setattr(name, angle.sin() * radius).ok()?;
        Some(z)
    }
}
