//! Floating-point settings and events of a thread.
//!
//! A worker computes as its caller does (rounding, and whether denormal numbers are flushed), or bits would depend on who
//! took a chunk; the events that it meets become its caller's. On processors other than x86-64 and AArch64 there are
//! neither.

#![expect(unsafe_code, reason = "reads and writes a register")]

use std::arch::asm;

/// What a thread computes with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Control(Register);

#[cfg(target_arch = "x86_64")]
mod register {
    use super::asm;

    pub(super) type Register = u32;

    /// The events in MXCSR.
    const EVENTS: u32 = 0x3f;

    fn read() -> u32 {
        let mut value: u32 = 0;
        // SAFETY: writes four bytes to `value`.
        unsafe { asm!("stmxcsr [{}]", in(reg) &raw mut value, options(nostack)) };
        value
    }

    fn write(value: u32) {
        // SAFETY: every bit was read from there, but for events.
        unsafe { asm!("ldmxcsr [{}]", in(reg) &raw const value, options(nostack, readonly)) };
    }

    pub(super) fn control() -> u32 {
        read() & !EVENTS
    }

    pub(super) fn enter(control: u32) {
        write(control);
    }

    pub(super) fn events() -> u32 {
        read() & EVENTS
    }

    pub(super) fn add(events: u32) {
        let before = read();
        if before & events != events {
            write(before | events);
        }
    }
}

#[cfg(target_arch = "aarch64")]
mod register {
    use super::asm;

    pub(super) type Register = u64;

    pub(super) fn control() -> u64 {
        let value: u64;
        // SAFETY: only reads.
        unsafe { asm!("mrs {}, fpcr", out(reg) value, options(nostack, nomem)) };
        value
    }

    pub(super) fn enter(control: u64) {
        // SAFETY: the settings are another thread's; no events.
        unsafe { asm!("msr fpcr, {}", "msr fpsr, {}", in(reg) control, in(reg) 0_u64, options(nostack, nomem)) };
    }

    fn status() -> u64 {
        let value: u64;
        // SAFETY: only reads.
        unsafe { asm!("mrs {}, fpsr", out(reg) value, options(nostack)) };
        value
    }

    pub(super) fn events() -> u32 {
        status() as u32 & 0x9f
    }

    pub(super) fn add(events: u32) {
        let both = status() | u64::from(events);
        // SAFETY: adds events.
        unsafe { asm!("msr fpsr, {}", in(reg) both, options(nostack, nomem)) };
    }
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
mod register {
    pub(super) type Register = ();

    pub(super) fn control() {}

    pub(super) fn enter((): ()) {}

    pub(super) fn events() -> u32 {
        0
    }

    pub(super) fn add(_events: u32) {}
}

use register::Register;

/// The settings of this thread.
pub(super) fn control() -> Control {
    Control(register::control())
}

/// Takes settings over, and forgets all events.
pub(super) fn enter(control: Control) {
    register::enter(control.0);
}

/// The events of this thread since then.
pub(super) fn events() -> u32 {
    register::events()
}

/// Notes events of another thread.
pub(super) fn add(events: u32) {
    register::add(events);
}
