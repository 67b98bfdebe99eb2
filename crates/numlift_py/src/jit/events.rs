//! The floating-point events of a call, and telling of them.
//!
//! What compiled code notes itself says where it happened; what the processor says happened somewhere, and is told as
//! the first operation of the function that may give such an event. What becomes of it, `np.errstate` says
//! (`python/numlift/_events.py`).

#![expect(unsafe_code, reason = "borrows the function of the kernel that is called")]

use std::cell::Cell;

use numlift_abi::runtime::event;
use numlift_abi::{Site, event_bits};
use pyo3::prelude::*;

use super::call::Context;
use super::float_status;

/// Events since the call began.
#[derive(Debug, Default)]
pub struct Events {
    /// Whether the processor is watched now.
    is_watching: Cell<bool>,
    /// As [`event_bits`] has them.
    bits: Cell<i64>,
}

impl Events {
    /// The processor is watched from here on.
    pub fn begin(&self) {
        // A recursive call begins while its caller is watched.
        self.look();
        self.is_watching.set(true);
        float_status::clear();
    }

    /// Up to here.
    pub fn pause(&self) {
        self.look();
        self.is_watching.set(false);
    }

    /// Notes what the processor has seen.
    pub fn look(&self) {
        if self.is_watching.get() {
            self.note(i64::from(float_status::events()));
        }
    }

    /// Notes what the processor has seen at the first of some sites (a bit each) that may give it.
    pub fn look_at(&self, sites: &[Site], candidates: i64) {
        let events = if self.is_watching.get() {
            float_status::events()
        } else {
            0
        };
        if events == 0 {
            return;
        }
        let mut left = events;
        for (number, site) in sites.iter().enumerate() {
            if candidates & (1 << number) != 0 {
                for event in [event::DIVIDE, event::OVER, event::INVALID] {
                    if left & site.events & event != 0 {
                        self.note(event_bits::noted(number, event));
                        left &= !event;
                    }
                }
            }
        }
        self.note(i64::from(left));
        float_status::clear();
    }

    /// What happened in the meantime, in Python's code, is its own affair.
    pub fn forget(&self) {
        if self.is_watching.get() {
            float_status::clear();
        }
    }

    /// Does something whose events are its own affair.
    #[inline]
    pub fn apart<T>(&self, act: impl FnOnce() -> T) -> T {
        if !self.is_watching.get() {
            return act();
        }
        let before = float_status::events();
        let done = act();
        if float_status::events() != before {
            self.note(i64::from(before));
            float_status::clear();
        }
        done
    }

    pub fn note(&self, bits: i64) {
        self.bits.set(self.bits.get() | bits);
    }
}

/// Does what `np.errstate` asks for about the events so far. False: it raised, the exception is set.
pub fn give(context: &Context<'_>) -> bool {
    let bits = context.events.bits.take();
    if bits == 0 {
        return true;
    }
    float_status::clear();
    // SAFETY: compiled code runs with the GIL held.
    let py = unsafe { Python::assume_attached() };
    let given = tell(py, context, bits);
    // What telling did to the status is no event of the function's.
    float_status::clear();
    given.map_err(|error| error.restore(py)).is_ok()
}

fn tell(py: Python<'_>, context: &Context<'_>, bits: i64) -> PyResult<()> {
    let sites = &context.compiled.spec.sites;
    let mut told: Vec<(u32, &str, i32)> = Vec::new();
    let mut somewhere = event_bits::anywhere(bits);
    for (number, site) in sites.iter().enumerate() {
        let found = somewhere & site.events;
        somewhere &= !found;
        let events = event_bits::at(number, bits) | found;
        if events != 0 {
            told.push((site.line, &site.what, events));
        }
    }
    // Elementary functions underflow on their way; nobody is told of it unless an operation says so.
    if somewhere & !event::UNDER != 0 {
        told.push((0, "machine code", somewhere));
    }
    // SAFETY: a kernel that is called has its function.
    let function = unsafe { Bound::from_borrowed_ptr(py, (*context.kernel).function) };
    py.import("numlift._events")?.call_method1("tell", (function, told))?;
    Ok(())
}
