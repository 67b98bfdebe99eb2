//! What this machine can do, in a form that a key can hold.
//!
//! ```text
//! x86_64 AuthenticAMD 00b20f21 7ed8320b 178bfbff … xcr0=e7
//! ```
//!
//! The same words that LLVM looks at when it is asked for the host's name and features, read without it: importing
//! llvmlite costs more than all the rest of a start from a warm cache. Two machines with the same description run
//! each other's code.

use std::sync::OnceLock;

/// This machine's processor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cpu {
    /// Stable over processes and restarts; different where other instructions may be used.
    pub description: String,
    /// The vector registers' width that code should use.
    pub vector_bits: u32,
    /// Whether a fused multiply-add is an instruction.
    pub has_fma: bool,
}

impl Cpu {
    /// The processor that this runs on.
    pub fn host() -> &'static Cpu {
        static HOST: OnceLock<Cpu> = OnceLock::new();
        HOST.get_or_init(detect)
    }
}

#[cfg(target_arch = "x86_64")]
fn detect() -> Cpu {
    use std::arch::is_x86_feature_detected as has;
    // Code for AVX-512 also needs its byte, word and short-vector forms.
    let has_512 = has!("avx512f") && has!("avx512bw") && has!("avx512dq") && has!("avx512vl");
    let vector_bits = if has_512 {
        512
    } else if has!("avx2") {
        256
    } else {
        128
    };
    Cpu {
        description: describe(),
        vector_bits,
        has_fma: has!("fma"),
    }
}

/// Vendor, model and stepping, every word of feature bits, and which registers the system saves.
#[cfg(target_arch = "x86_64")]
fn describe() -> String {
    use std::arch::x86_64::{__cpuid, __cpuid_count};
    use std::fmt::Write as _;

    let vendor = __cpuid(0);
    let name: String = [vendor.ebx, vendor.edx, vendor.ecx]
        .iter()
        .flat_map(|word| word.to_le_bytes())
        .map(char::from)
        .filter(char::is_ascii_graphic)
        .collect();
    let mut text = format!("x86_64 {name}");
    let highest = vendor.eax;
    // EBX of leaf 1 says which core this is, so it is left out.
    let first = __cpuid(1);
    for word in [first.eax, first.ecx, first.edx] {
        let _ = write!(text, " {word:08x}");
    }
    // 7: most features since AVX2. d/1: forms of XSAVE. 14, 19, 1e, 24: tracing, key locker, tiles, AVX10.
    for (leaf, part) in [(0x7, 0), (0x7, 1), (0xd, 1), (0x14, 0), (0x19, 0), (0x1e, 1), (0x24, 0)] {
        if leaf <= highest {
            let words = __cpuid_count(leaf, part);
            // EBX of d/1 is the size of what is saved now.
            let ebx = if leaf == 0xd { 0 } else { words.ebx };
            for word in [words.eax, ebx, words.ecx, words.edx] {
                let _ = write!(text, " {word:08x}");
            }
        }
    }
    let highest_extended = __cpuid(0x8000_0000).eax;
    for leaf in [0x8000_0001, 0x8000_0008] {
        if leaf <= highest_extended {
            let words = __cpuid(leaf);
            let shown = if leaf == 0x8000_0001 {
                [words.ecx, words.edx]
            } else {
                [words.ebx, 0]
            };
            for word in shown {
                let _ = write!(text, " {word:08x}");
            }
        }
    }
    let _ = write!(text, " xcr0={:x}", saved_registers(first.ecx));
    text
}

/// The registers that the operating system saves (XCR0), or 0 where it says nothing about them.
#[cfg(target_arch = "x86_64")]
fn saved_registers(features: u32) -> u64 {
    const OSXSAVE: u32 = 1 << 27;
    if features & OSXSAVE == 0 {
        return 0;
    }
    #[expect(unsafe_code, reason = "one instruction that reads a register")]
    #[target_feature(enable = "xsave")]
    unsafe fn read() -> u64 {
        // SAFETY: register 0 exists wherever XGETBV does.
        unsafe { std::arch::x86_64::_xgetbv(0) }
    }
    #[expect(unsafe_code, reason = "one instruction that reads a register")]
    // SAFETY: OSXSAVE says that the processor has XSAVE and the system has switched it on.
    unsafe {
        read()
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn detect() -> Cpu {
    // Linux tells implementer, part and features of the cores; elsewhere the architecture has to do.
    let told = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let told: std::collections::BTreeSet<&str> = told
        .lines()
        .filter(|line| line.starts_with("CPU ") || line.starts_with("Features"))
        .collect();
    let told: Vec<&str> = told.into_iter().collect();
    Cpu {
        description: format!(
            "{} {} {}",
            std::env::consts::ARCH,
            std::env::consts::OS,
            told.join("; ")
        ),
        vector_bits: 128,
        has_fma: cfg!(target_arch = "aarch64"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_core_tells_the_same() {
        let descriptions: Vec<String> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..16).map(|_| scope.spawn(|| detect().description)).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().expect("no panic"))
                .collect()
        });
        assert!(
            descriptions
                .iter()
                .all(|description| *description == Cpu::host().description)
        );
        assert!(Cpu::host().description.starts_with(std::env::consts::ARCH));
    }

    #[test]
    fn a_width_is_one_that_machines_have() {
        assert!([128, 256, 512].contains(&Cpu::host().vector_bits));
    }
}
