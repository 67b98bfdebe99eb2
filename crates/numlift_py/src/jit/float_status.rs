//! The processor's floating-point status: which events there were since it was cleared.
//!
//! Compiled code counts no zeros and overflows: the processor notes them anyway, and it is asked once behind a loop.
//! Events are those of [`numlift_abi::runtime::event`]. On processors other than x86-64 and AArch64 there are none.

#![expect(unsafe_code, reason = "reads and writes a register")]

use std::arch::asm;

use numlift_abi::runtime::event;

/// Bits of MXCSR.
#[cfg(target_arch = "x86_64")]
const BITS: [(u32, i32); 4] = [
    (1 << 0, event::INVALID),
    (1 << 2, event::DIVIDE),
    (1 << 3, event::OVER),
    (1 << 4, event::UNDER),
];

/// Bits of FPSR.
#[cfg(target_arch = "aarch64")]
const BITS: [(u64, i32); 4] = [
    (1 << 0, event::INVALID),
    (1 << 1, event::DIVIDE),
    (1 << 2, event::OVER),
    (1 << 3, event::UNDER),
];

/// Forgets all events.
#[cfg(target_arch = "x86_64")]
pub fn clear() {
    const STATUS: u32 = 0x3f;
    let status = read();
    if status & STATUS != 0 {
        let cleared = status & !STATUS;
        // SAFETY: the control bits are what they were.
        unsafe { asm!("ldmxcsr [{}]", in(reg) &raw const cleared, options(nostack, readonly)) };
    }
}

/// The events since then.
#[cfg(target_arch = "x86_64")]
pub fn events() -> i32 {
    told(read(), &BITS)
}

#[cfg(target_arch = "x86_64")]
fn read() -> u32 {
    let mut status: u32 = 0;
    // SAFETY: writes four bytes to `status`.
    unsafe { asm!("stmxcsr [{}]", in(reg) &raw mut status, options(nostack)) };
    status
}

/// Forgets all events.
#[cfg(target_arch = "aarch64")]
pub fn clear() {
    // SAFETY: the register holds nothing but the status.
    unsafe { asm!("msr fpsr, {}", in(reg) 0_u64, options(nostack)) };
}

/// The events since then.
#[cfg(target_arch = "aarch64")]
pub fn events() -> i32 {
    let status: u64;
    // SAFETY: only reads.
    unsafe { asm!("mrs {}, fpsr", out(reg) status, options(nostack)) };
    told(status, &BITS)
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
fn told<T: Copy + std::ops::BitAnd<Output = T> + PartialEq + Default>(status: T, bits: &[(T, i32)]) -> i32 {
    let is_up = |bit: T| status & bit != T::default();
    bits.iter().filter(|(bit, _)| is_up(*bit)).map(|(_, event)| event).sum()
}

/// Forgets all events.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
pub fn clear() {}

/// The events since then.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
pub fn events() -> i32 {
    0
}
