//! Filling an address into an instruction or a word of data.
//!
//! ```text
//! call pow@PLT      e8 00 00 00 00      PcBranch32 at +1, addend -4      e8 <pow - (at + 5) + …>
//! ```
//!
//! Pure arithmetic on bytes: [`apply`] is given where the field is, where the symbol is, and where its slot of the
//! GOT and its jump stub are; it fails when the distance does not fit the field. Names and formulas are those of
//! the processor supplements of the ELF specification (x86-64 psABI 4.4, AArch64 ELF 4.6).

use object::elf;

/// What an object is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Machine {
    X86_64,
    Aarch64,
}

impl Machine {
    /// The machine that this runs on, where this loader knows it.
    pub fn here() -> Option<Machine> {
        if cfg!(all(unix, target_arch = "x86_64")) {
            Some(Machine::X86_64)
        } else if cfg!(all(
            target_os = "linux",
            target_arch = "aarch64",
            target_endian = "little"
        )) {
            Some(Machine::Aarch64)
        } else {
            None
        }
    }
}

/// How a field is computed and how it is stored. S is the symbol, A the addend, P the field's own place, G the slot
/// in the GOT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// S + A in 64 bits.
    Word64,
    /// S + A in 32 bits, without or with a sign.
    Word32,
    Signed32,
    /// S + A - P.
    Pc32,
    Pc64,
    /// S + A - P of a call or jump, which may go through a stub.
    PcBranch32,
    /// G + A - P.
    GotPc32,
    /// A call or jump of an ARM: 26 bits, of words; may go through a stub.
    Branch26,
    /// The page of S + A from the page of P, in ADRP.
    Page,
    /// The page of G from the page of P, in ADRP.
    GotPage,
    /// The low 12 bits of S + A in ADD.
    Low12,
    /// The low 12 bits of S + A in a load or store of `1 << scale` bytes.
    Low12Scaled {
        scale: u8,
    },
    /// The low 12 bits of G in a load of an address.
    GotLow12,
}

impl Kind {
    /// The kind that a number in the object stands for; `None` for those that are not used by our code.
    pub fn of(machine: Machine, number: u32) -> Option<Kind> {
        match machine {
            Machine::X86_64 => Kind::of_x86_64(number),
            Machine::Aarch64 => Kind::of_aarch64(number),
        }
    }

    fn of_x86_64(number: u32) -> Option<Kind> {
        match number {
            elf::R_X86_64_64 => Some(Kind::Word64),
            elf::R_X86_64_32 => Some(Kind::Word32),
            elf::R_X86_64_32S => Some(Kind::Signed32),
            elf::R_X86_64_PC32 => Some(Kind::Pc32),
            elf::R_X86_64_PC64 => Some(Kind::Pc64),
            elf::R_X86_64_PLT32 => Some(Kind::PcBranch32),
            elf::R_X86_64_GOTPCREL | elf::R_X86_64_GOTPCRELX | elf::R_X86_64_REX_GOTPCRELX => Some(Kind::GotPc32),
            _ => None,
        }
    }

    fn of_aarch64(number: u32) -> Option<Kind> {
        match number {
            elf::R_AARCH64_ABS64 => Some(Kind::Word64),
            elf::R_AARCH64_ABS32 => Some(Kind::Word32),
            elf::R_AARCH64_PREL32 => Some(Kind::Pc32),
            elf::R_AARCH64_PREL64 => Some(Kind::Pc64),
            elf::R_AARCH64_CALL26 | elf::R_AARCH64_JUMP26 => Some(Kind::Branch26),
            elf::R_AARCH64_ADR_PREL_PG_HI21 => Some(Kind::Page),
            elf::R_AARCH64_ADR_GOT_PAGE => Some(Kind::GotPage),
            elf::R_AARCH64_ADD_ABS_LO12_NC => Some(Kind::Low12),
            elf::R_AARCH64_LDST8_ABS_LO12_NC => Some(Kind::Low12Scaled { scale: 0 }),
            elf::R_AARCH64_LDST16_ABS_LO12_NC => Some(Kind::Low12Scaled { scale: 1 }),
            elf::R_AARCH64_LDST32_ABS_LO12_NC => Some(Kind::Low12Scaled { scale: 2 }),
            elf::R_AARCH64_LDST64_ABS_LO12_NC => Some(Kind::Low12Scaled { scale: 3 }),
            elf::R_AARCH64_LDST128_ABS_LO12_NC => Some(Kind::Low12Scaled { scale: 4 }),
            elf::R_AARCH64_LD64_GOT_LO12_NC => Some(Kind::GotLow12),
            _ => None,
        }
    }

    /// Whether the field speaks of a slot of the GOT.
    pub fn wants_slot(self) -> bool {
        match self {
            Kind::GotPc32 | Kind::GotPage | Kind::GotLow12 => true,
            Kind::Word64
            | Kind::Word32
            | Kind::Signed32
            | Kind::Pc32
            | Kind::Pc64
            | Kind::PcBranch32
            | Kind::Branch26
            | Kind::Page
            | Kind::Low12
            | Kind::Low12Scaled { .. } => false,
        }
    }
}

/// Where a symbol is, directly and by detours.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    pub symbol: u64,
    pub slot: Option<u64>,
    pub stub: Option<u64>,
}

/// Why a field was not filled.
#[derive(Debug, PartialEq, Eq)]
pub enum Fault {
    /// The section ends within the field.
    Short,
    /// The value does not fit the field.
    OutOfReach,
}

/// Fills the field at the start of `field`, whose address is `at`.
pub fn apply(kind: Kind, field: &mut [u8], at: u64, addend: i64, target: Target) -> Result<(), Fault> {
    let symbol = target.symbol.wrapping_add_signed(addend);
    match kind {
        Kind::Word64 => store(field, symbol.to_le_bytes()),
        Kind::Pc64 => store(field, symbol.wrapping_sub(at).to_le_bytes()),
        Kind::Word32 => store(
            field,
            u32::try_from(symbol).map_err(|_| Fault::OutOfReach)?.to_le_bytes(),
        ),
        Kind::Signed32 => store(field, distance32(symbol, 0)?.to_le_bytes()),
        Kind::Pc32 => store(field, distance32(symbol, at)?.to_le_bytes()),
        Kind::PcBranch32 => {
            let distance = distance32(symbol, at).or_else(|fault| {
                let stub = target.stub.ok_or(fault)?;
                distance32(stub.wrapping_add_signed(addend), at)
            })?;
            store(field, distance.to_le_bytes())
        }
        Kind::GotPc32 => {
            let slot = target.slot.ok_or(Fault::OutOfReach)?;
            store(field, distance32(slot.wrapping_add_signed(addend), at)?.to_le_bytes())
        }
        Kind::Branch26 => {
            let words = distance26(symbol, at).or_else(|fault| distance26(target.stub.ok_or(fault)?, at))?;
            patch(field, 0x03ff_ffff, words)
        }
        Kind::Page => patch_page(field, symbol, at),
        Kind::GotPage => patch_page(field, target.slot.ok_or(Fault::OutOfReach)?, at),
        Kind::Low12 => patch(field, 0x003f_fc00, low12(symbol) << 10),
        Kind::Low12Scaled { scale } => patch_low12(field, symbol, scale),
        Kind::GotLow12 => patch_low12(field, target.slot.ok_or(Fault::OutOfReach)?, 3),
    }
}

/// A jump at `at` to the address that stands at `slot`.
pub fn stub(machine: Machine, at: u64, slot: u64) -> [u8; 16] {
    let mut bytes = [0; 16];
    match machine {
        Machine::X86_64 => {
            // jmp *slot(%rip), then traps that are never reached. Stubs and slots lie in one mapping of less than 2 GB.
            let distance = slot.wrapping_sub(at.wrapping_add(6)) as u32;
            bytes[..2].copy_from_slice(&[0xff, 0x25]);
            bytes[2..6].copy_from_slice(&distance.to_le_bytes());
            bytes[6..].fill(0xcc);
        }
        Machine::Aarch64 => {
            // adrp x16, slot; ldr x16, [x16, slot]; br x16; brk #0. x16 is the linker's own register.
            let words: [u32; 4] = [0x9000_0010, 0xf940_0210, 0xd61f_0200, 0xd420_0000];
            for (bytes, word) in bytes.chunks_exact_mut(4).zip(words) {
                bytes.copy_from_slice(&word.to_le_bytes());
            }
            let patched = patch_page(&mut bytes[0..4], slot, at).and_then(|()| patch_low12(&mut bytes[4..8], slot, 3));
            assert!(
                patched.is_ok(),
                "stubs and slots lie in one mapping, slots on multiples of 8"
            );
        }
    }
    bytes
}

fn store<const N: usize>(field: &mut [u8], value: [u8; N]) -> Result<(), Fault> {
    field.get_mut(..N).ok_or(Fault::Short)?.copy_from_slice(&value);
    Ok(())
}

/// Puts `value` into the bits `mask` of the instruction.
fn patch(field: &mut [u8], mask: u32, value: u32) -> Result<(), Fault> {
    let bytes = field.first_chunk_mut::<4>().ok_or(Fault::Short)?;
    *bytes = (u32::from_le_bytes(*bytes) & !mask | value & mask).to_le_bytes();
    Ok(())
}

fn distance32(to: u64, from: u64) -> Result<i32, Fault> {
    i32::try_from(to.wrapping_sub(from) as i64).map_err(|_| Fault::OutOfReach)
}

fn distance26(to: u64, from: u64) -> Result<u32, Fault> {
    let distance = to.wrapping_sub(from) as i64;
    if distance % 4 != 0 || !(-(1 << 27)..1 << 27).contains(&distance) {
        return Err(Fault::OutOfReach);
    }
    Ok((distance >> 2) as u32)
}

/// ADRP holds the distance in pages of 4096 bytes: two low bits at 29, nineteen at 5.
fn patch_page(field: &mut [u8], to: u64, from: u64) -> Result<(), Fault> {
    let pages = ((to & !0xfff).wrapping_sub(from & !0xfff) as i64) >> 12;
    if !(-(1 << 20)..1 << 20).contains(&pages) {
        return Err(Fault::OutOfReach);
    }
    let pages = pages as u32;
    patch(field, 0x60ff_ffe0, (pages & 3) << 29 | (pages >> 2 & 0x7_ffff) << 5)
}

fn patch_low12(field: &mut [u8], to: u64, scale: u8) -> Result<(), Fault> {
    let low = low12(to);
    if low & ((1 << scale) - 1) != 0 {
        return Err(Fault::OutOfReach);
    }
    patch(field, 0x003f_fc00, (low >> scale) << 10)
}

fn low12(address: u64) -> u32 {
    (address & 0xfff) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The field after filling it, or why it was not filled.
    fn check(kind: Kind, before: &[u8], at: u64, addend: i64, target: Target, expected: Result<&[u8], Fault>) {
        let mut field = before.to_vec();
        let done = apply(kind, &mut field, at, addend, target).map(|()| field.as_slice());
        assert_eq!(done, expected, "{kind:?}");
    }

    fn near(symbol: u64) -> Target {
        Target {
            symbol,
            slot: Some(0x9008),
            stub: Some(0x5000),
        }
    }

    #[test]
    fn a_call_reaches_or_goes_through_its_stub() {
        check(
            Kind::PcBranch32,
            &[0; 4],
            0x1001,
            -4,
            near(0x2000),
            Ok(&0xffb_u32.to_le_bytes()),
        );
        check(
            Kind::PcBranch32,
            &[0; 4],
            0x1001,
            -4,
            near(1 << 40),
            Ok(&0x3ffb_u32.to_le_bytes()),
        );
        check(Kind::Pc32, &[0; 4], 0x1001, -4, near(1 << 40), Err(Fault::OutOfReach));
        check(Kind::Pc32, &[0; 3], 0x1001, -4, near(0x2000), Err(Fault::Short));
        check(
            Kind::GotPc32,
            &[0; 4],
            0x1001,
            -4,
            near(1 << 40),
            Ok(&0x8003_u32.to_le_bytes()),
        );
        check(Kind::Word32, &[0; 4], 0, 0, near(1 << 32), Err(Fault::OutOfReach));
        check(Kind::Signed32, &[0; 4], 0, -1, near(0), Ok(&[0xff; 4]));
    }

    #[test]
    fn instructions_of_an_arm_are_patched() {
        // The expected words are those of GNU as and ld for the same instructions and distances.
        let word = |word: u32| word.to_le_bytes();
        // bl +0x1000
        check(
            Kind::Branch26,
            &word(0x9400_0000),
            0x1000,
            0,
            near(0x2000),
            Ok(&word(0x9400_0400)),
        );
        // bl -4
        check(
            Kind::Branch26,
            &word(0x9400_0000),
            0x1004,
            0,
            near(0x1000),
            Ok(&word(0x97ff_ffff)),
        );
        // bl to a stub
        check(
            Kind::Branch26,
            &word(0x9400_0000),
            0x1000,
            0,
            near(1 << 40),
            Ok(&word(0x9400_1000)),
        );
        // adrp x0, +3 pages
        check(
            Kind::Page,
            &word(0x9000_0000),
            0x1ffc,
            0,
            near(0x4abc),
            Ok(&word(0xf000_0000)),
        );
        check(
            Kind::Page,
            &word(0x9000_0000),
            0x1000,
            0,
            near(1 << 40),
            Err(Fault::OutOfReach),
        );
        // add x0, x0, #0xabc
        check(
            Kind::Low12,
            &word(0x9100_0000),
            0x1000,
            0,
            near(0x4abc),
            Ok(&word(0x912a_f000)),
        );
        // ldr d0, [x0, #0xab8]
        let load = Kind::Low12Scaled { scale: 3 };
        check(
            load,
            &word(0xfd40_0000),
            0x1000,
            0,
            near(0x4ab8),
            Ok(&word(0xfd45_5c00)),
        );
        check(
            load,
            &word(0xfd40_0000),
            0x1000,
            0,
            near(0x4abc),
            Err(Fault::OutOfReach),
        );
        // ldr x0, [x0, #8] of a slot
        check(
            Kind::GotLow12,
            &word(0xf940_0000),
            0x1000,
            0,
            near(1 << 40),
            Ok(&word(0xf940_0400)),
        );
    }

    #[test]
    fn stubs_jump_to_what_stands_in_their_slot() {
        let jump = stub(Machine::X86_64, 0x1000, 0x3008);
        assert_eq!(jump[..6], [0xff, 0x25, 0x02, 0x20, 0, 0]);
        let jump = stub(Machine::Aarch64, 0x1000, 0x3008);
        let words: Vec<u32> = jump
            .chunks(4)
            .map(|word| u32::from_le_bytes(word.try_into().unwrap()))
            .collect();
        assert_eq!(words, [0xd000_0010, 0xf940_0610, 0xd61f_0200, 0xd420_0000]);
    }
}
