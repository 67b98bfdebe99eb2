//! Object code becomes code that can be called.
//!
//! ```text
//! ELF object (relocatable, as LLVM emits it)          one mapping
//!   .text              ─────────────────────────►  [ text, jump stubs   ]  read, execute
//!   .rodata.cst8, .data.rel.ro   ───────────────►  [ constants, GOT     ]  read
//!   .data, .bss, COMMON  ───────────────────────►  [ data               ]  read, write
//!   relocations        applied while all of it may be written and none of it executed
//! ```
//!
//! Names that the object does not define are looked up in a table that the caller gives; nothing else of the process
//! can be reached. Addresses too far for a 32-bit displacement go through a stub or the table of addresses (GOT).
//! Unwind tables and debug information are left out: compiled code neither throws nor is unwound through.
//!
//! Loading trusts nothing about the *form* of the bytes: whatever is truncated, overlapping, absurd or unknown is an
//! error. What the instructions do when called is beyond it; that is why an entry of the cache is only read from
//! a folder that nobody else may write to.

mod memory;
mod parse;
mod relocate;

use std::collections::BTreeMap;

pub use memory::Memory;
use parse::{Object, Place, Region, Symbol};
use relocate::{Fault, Machine};

/// No object of ours is near this large; beyond it, displacements of 32 bits would not reach.
const LARGEST: usize = 256 << 20;
/// Bytes of a jump to an address that is too far for a call.
const STUB: usize = 16;
/// Bytes of an address.
const WORD: usize = 8;

/// Why an object was not loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// Another format or another machine: some other loader may take it.
    #[error("object code that this machine's loader does not take: {0}")]
    Unsupported(String),
    /// Damaged, or never an object.
    #[error("damaged object code: {0}")]
    Malformed(String),
    /// The object needs a name that the table does not have.
    #[error("object code needs `{0}`, which is not there")]
    Undefined(String),
    /// The system gave no memory, or none that may be executed.
    #[error("no memory for compiled code: {0}")]
    Memory(#[from] std::io::Error),
}

/// Loaded code, unmapped when it is dropped.
#[derive(Debug)]
pub struct Image {
    memory: Memory,
    /// Where each name that the object exports lies, from the start of the mapping.
    exports: BTreeMap<String, usize>,
}

impl Image {
    /// Loads an object. `resolve` gives the address of a name that the object does not define.
    pub fn load(object: &[u8], resolve: &dyn Fn(&str) -> Option<*const u8>) -> Result<Image, LoadError> {
        let object = parse::parse(object)?;
        let machine = Machine::here()
            .filter(|machine| *machine == object.machine)
            .ok_or_else(|| LoadError::Unsupported(format!("made for {:?}", object.machine)))?;
        let outside = Outside::find(&object, resolve)?;
        let layout = Layout::of(&object, outside.addresses.len(), memory::page_size())?;

        let mut memory = Memory::new(layout.size)?;
        fill(&mut memory, &object, &layout, &outside, machine)?;
        memory.seal(layout.text.clone(), layout.constants.clone())?;

        let exports = exports(&object, &layout)?;
        Ok(Image { memory, exports })
    }

    /// The address of a name that the object defines. It is valid as long as the image lives.
    pub fn address(&self, name: &str) -> Option<*const u8> {
        self.exports.get(name).map(|offset| self.memory.address(*offset))
    }

    /// The names that the object defines for others, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.exports.keys().map(String::as_str)
    }

    /// Bytes of the mapping.
    pub fn size(&self) -> usize {
        self.memory.len()
    }
}

/// The names that the object does not define: which slot of the GOT each has, and what stands there.
struct Outside {
    slots: BTreeMap<usize, usize>,
    addresses: Vec<u64>,
}

impl Outside {
    fn find(object: &Object<'_>, resolve: &dyn Fn(&str) -> Option<*const u8>) -> Result<Outside, LoadError> {
        let mut outside = Outside {
            slots: BTreeMap::new(),
            addresses: Vec::new(),
        };
        for relocation in &object.relocations {
            let symbol = relocation.symbol;
            if outside.slots.contains_key(&symbol) {
                continue;
            }
            // A name of the object itself may be asked for through the GOT too; its slot is filled when its address
            // is known.
            let address = match &object.symbols[symbol] {
                Symbol::Outside { name } => resolve(name).ok_or_else(|| LoadError::Undefined(name.to_string()))? as u64,
                Symbol::Here { .. } | Symbol::Absolute(_) if relocation.kind.wants_slot() => 0,
                Symbol::Here { .. } | Symbol::Absolute(_) | Symbol::Nowhere(_) => continue,
            };
            outside.slots.insert(symbol, outside.addresses.len());
            outside.addresses.push(address);
        }
        Ok(outside)
    }
}

/// Where everything lies in the mapping.
struct Layout {
    /// The offset of each section of the object, in the order of [`Object::sections`].
    sections: Vec<usize>,
    stubs: usize,
    got: usize,
    text: std::ops::Range<usize>,
    constants: std::ops::Range<usize>,
    size: usize,
}

impl Layout {
    fn of(object: &Object<'_>, slots: usize, page: usize) -> Result<Layout, LoadError> {
        let mut layout = Layout {
            sections: vec![0; object.sections.len()],
            stubs: 0,
            got: 0,
            text: 0..0,
            constants: 0..0,
            size: 0,
        };
        let mut at = 0;
        layout.place(object, Region::Text, page, &mut at)?;
        layout.stubs = reserve(&mut at, slots * STUB, STUB)?;
        reserve(&mut at, 0, page)?;
        layout.text = 0..at;

        layout.place(object, Region::Constants, page, &mut at)?;
        layout.got = reserve(&mut at, slots * WORD, WORD)?;
        reserve(&mut at, 0, page)?;
        layout.constants = layout.text.end..at;

        layout.place(object, Region::Data, page, &mut at)?;
        reserve(&mut at, 0, page)?;
        layout.size = at;
        Ok(layout)
    }

    fn place(&mut self, object: &Object<'_>, region: Region, page: usize, at: &mut usize) -> Result<(), LoadError> {
        for (section, offset) in object.sections.iter().zip(&mut self.sections) {
            if section.region == region {
                if section.align > page {
                    return Err(LoadError::Malformed(format!("a section aligned to {}", section.align)));
                }
                *offset = reserve(at, section.size, section.align)?;
            }
        }
        Ok(())
    }

    /// The offset of a symbol that the object defines.
    fn of_place(&self, place: Place) -> usize {
        self.sections[place.section] + place.offset
    }
}

/// Moves `at` behind `size` bytes that start at a multiple of `align`, a power of two; gives where they start.
fn reserve(at: &mut usize, size: usize, align: usize) -> Result<usize, LoadError> {
    let start = at.checked_next_multiple_of(align);
    let end = start
        .and_then(|start| start.checked_add(size))
        .filter(|end| *end <= LARGEST);
    match (start, end) {
        (Some(start), Some(end)) => {
            *at = end;
            Ok(start)
        }
        _ => Err(LoadError::Malformed(format!("more than {LARGEST} bytes"))),
    }
}

/// Copies the sections, then fills stubs and GOT, then relocates.
fn fill(
    memory: &mut Memory,
    object: &Object<'_>,
    layout: &Layout,
    outside: &Outside,
    machine: Machine,
) -> Result<(), LoadError> {
    let base = memory.address(0) as u64;
    let bytes = memory.bytes_mut();
    for (section, offset) in object.sections.iter().zip(&layout.sections) {
        bytes[*offset..*offset + section.data.len()].copy_from_slice(section.data);
    }
    for (symbol, slot) in &outside.slots {
        let address = match &object.symbols[*symbol] {
            Symbol::Here { place, .. } => base + layout.of_place(*place) as u64,
            Symbol::Absolute(value) => *value,
            Symbol::Outside { .. } | Symbol::Nowhere(_) => outside.addresses[*slot],
        };
        let got = layout.got + slot * WORD;
        bytes[got..got + WORD].copy_from_slice(&address.to_le_bytes());
        let stub = layout.stubs + slot * STUB;
        let jump = relocate::stub(machine, base + stub as u64, base + got as u64);
        bytes[stub..stub + STUB].copy_from_slice(&jump);
    }
    for relocation in &object.relocations {
        let slot = outside.slots.get(&relocation.symbol);
        let target = relocate::Target {
            symbol: match &object.symbols[relocation.symbol] {
                Symbol::Here { place, .. } => base + layout.of_place(*place) as u64,
                Symbol::Absolute(value) => *value,
                Symbol::Outside { .. } => outside.addresses[slot.copied().unwrap_or_default()],
                Symbol::Nowhere(why) => return Err(LoadError::Malformed((*why).to_string())),
            },
            slot: slot.map(|slot| base + (layout.got + slot * WORD) as u64),
            stub: slot.map(|slot| base + (layout.stubs + slot * STUB) as u64),
        };
        let section = &object.sections[relocation.place.section];
        let start = layout.sections[relocation.place.section];
        let field = &mut bytes[start..start + section.size][relocation.place.offset..];
        let at = base + (start + relocation.place.offset) as u64;
        relocate::apply(relocation.kind, field, at, relocation.addend, target).map_err(|fault| match fault {
            Fault::Short => LoadError::Malformed("a relocation beyond its section".to_string()),
            Fault::OutOfReach => LoadError::Unsupported(format!("{:?} does not reach its target", relocation.kind)),
        })?;
    }
    Ok(())
}

fn exports(object: &Object<'_>, layout: &Layout) -> Result<BTreeMap<String, usize>, LoadError> {
    let mut exports = BTreeMap::new();
    for symbol in &object.symbols {
        let Symbol::Here {
            place,
            export: Some(name),
        } = symbol
        else {
            continue;
        };
        if place.offset >= object.sections[place.section].size {
            return Err(LoadError::Malformed(format!("`{name}` lies behind its section")));
        }
        if exports.insert((*name).to_string(), layout.of_place(*place)).is_some() {
            return Err(LoadError::Malformed(format!("`{name}` is defined twice")));
        }
    }
    Ok(exports)
}

#[cfg(all(test, target_os = "linux", target_arch = "x86_64"))]
mod tests;
