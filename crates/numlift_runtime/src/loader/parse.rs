//! What an ELF object says, checked.
//!
//! ```text
//! bytes ─► sections that are loaded, symbols, relocations; every index and offset in them is valid
//! ```
//!
//! The `object` crate reads the tables within bounds; here they are checked against each other. What is not loaded
//! (unwind tables, debug information, notes) is left out, and a relocation that needs it is an error.

use object::LittleEndian;
use object::elf;
use object::read::elf::{FileHeader, SectionHeader};

use super::LoadError;
use super::relocate::{Kind, Machine};

/// What is loaded of an object.
pub struct Object<'data> {
    pub machine: Machine,
    pub sections: Vec<Section<'data>>,
    /// By the number that relocations use.
    pub symbols: Vec<Symbol<'data>>,
    pub relocations: Vec<Relocation>,
}

/// A section that is loaded. `data` is shorter than `size` where the rest is zero.
pub struct Section<'data> {
    pub region: Region,
    pub data: &'data [u8],
    pub size: usize,
    /// A power of two.
    pub align: usize,
}

/// What may be done with the bytes once they are loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Region {
    Text,
    Constants,
    Data,
}

/// A byte of a loaded section, or its end.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    pub section: usize,
    pub offset: usize,
}

/// What a symbol stands for.
pub enum Symbol<'data> {
    /// Defined here; exported under a name, or local.
    Here {
        place: Place,
        export: Option<&'data str>,
    },
    Absolute(u64),
    /// To be looked up.
    Outside {
        name: &'data str,
    },
    /// Nothing that a relocation may point to, and why.
    Nowhere(&'static str),
}

/// A field to be filled in. `symbol` is an index into [`Object::symbols`].
pub struct Relocation {
    pub place: Place,
    pub kind: Kind,
    pub symbol: usize,
    pub addend: i64,
}

type Header = elf::FileHeader64<LittleEndian>;
type SectionTable<'data> = object::read::elf::SectionTable<'data, Header>;
type SymbolTable<'data> = object::read::elf::SymbolTable<'data, Header>;
type Raw = elf::SectionHeader64<LittleEndian>;

const ENDIAN: LittleEndian = LittleEndian;

/// Reads and checks an object.
pub fn parse(data: &[u8]) -> Result<Object<'_>, LoadError> {
    if !data.starts_with(&elf::ELFMAG) {
        return Err(LoadError::Unsupported("not ELF".to_string()));
    }
    let header = Header::parse(data).map_err(malformed)?;
    if header.endian().is_err() || header.e_type.get(ENDIAN) != elf::ET_REL {
        return Err(LoadError::Unsupported("not a relocatable object".to_string()));
    }
    let machine = match header.e_machine.get(ENDIAN) {
        elf::EM_X86_64 => Machine::X86_64,
        elf::EM_AARCH64 => Machine::Aarch64,
        other => return Err(LoadError::Unsupported(format!("machine {other}"))),
    };
    let table = header.sections(ENDIAN, data).map_err(malformed)?;
    let symbol_table = table.symbols(ENDIAN, data, elf::SHT_SYMTAB).map_err(malformed)?;

    let mut sections = Vec::new();
    // Which of `sections` a section of the file became.
    let mut loaded = vec![None; table.len()];
    for (index, raw) in table.enumerate() {
        if let Some(section) = section(&table, raw, data)? {
            loaded[index.0] = Some(sections.len());
            sections.push(section);
        }
    }
    let symbols = symbols(&symbol_table, &loaded, &mut sections)?;
    let relocations = relocations(&table, data, machine, &loaded, &sections, symbols.len())?;
    Ok(Object {
        machine,
        sections,
        symbols,
        relocations,
    })
}

fn malformed(error: object::read::Error) -> LoadError {
    LoadError::Malformed(error.to_string())
}

/// What is loaded of a section of the file, if anything is.
fn section<'data>(
    table: &SectionTable<'data>,
    raw: &'data Raw,
    data: &'data [u8],
) -> Result<Option<Section<'data>>, LoadError> {
    let flags = raw.sh_flags.get(ENDIAN);
    let kind = raw.sh_type.get(ENDIAN);
    let name = table.section_name(ENDIAN, raw).map_err(malformed)?;
    // Unwind tables are allocated by their flags, and not needed.
    if flags & u64::from(elf::SHF_ALLOC) == 0 || kind == elf::SHT_X86_64_UNWIND || name.starts_with(b".eh_frame") {
        return Ok(None);
    }
    if flags & u64::from(elf::SHF_TLS) != 0 || flags & u64::from(elf::SHF_COMPRESSED) != 0 {
        return Err(LoadError::Unsupported("thread-local or compressed data".to_string()));
    }
    let is_zero = match kind {
        elf::SHT_NOBITS => true,
        elf::SHT_PROGBITS => false,
        elf::SHT_NOTE => return Ok(None),
        // Functions to run at loading time are among these; ours have none.
        other => return Err(LoadError::Unsupported(format!("a section of type {other}"))),
    };
    let size = usize::try_from(raw.sh_size.get(ENDIAN)).map_err(|_| too_large())?;
    let align = usize::try_from(raw.sh_addralign.get(ENDIAN).max(1)).map_err(|_| too_large())?;
    if !align.is_power_of_two() {
        return Err(LoadError::Malformed(format!("a section aligned to {align}")));
    }
    let is_writable = flags & u64::from(elf::SHF_WRITE) != 0;
    let region = if flags & u64::from(elf::SHF_EXECINSTR) != 0 {
        if is_writable || is_zero {
            return Err(LoadError::Unsupported("code that is written to".to_string()));
        }
        Region::Text
    } else if is_writable && !name.starts_with(b".data.rel.ro") {
        Region::Data
    } else {
        // What is written to by relocating only.
        Region::Constants
    };
    let data = if is_zero {
        &[]
    } else {
        raw.data(ENDIAN, data).map_err(malformed)?
    };
    Ok(Some(Section {
        region,
        data,
        size,
        align,
    }))
}

fn too_large() -> LoadError {
    LoadError::Malformed("a size beyond the address space".to_string())
}

/// The symbols by their number. COMMON symbols get a section of their own each.
fn symbols<'data>(
    table: &SymbolTable<'data>,
    loaded: &[Option<usize>],
    sections: &mut Vec<Section<'data>>,
) -> Result<Vec<Symbol<'data>>, LoadError> {
    let mut symbols = Vec::with_capacity(table.len());
    for (index, raw) in table.enumerate() {
        let name = table.symbol_name(ENDIAN, raw).map_err(malformed)?;
        let name =
            std::str::from_utf8(name).map_err(|_| LoadError::Malformed("a name that is not UTF-8".to_string()))?;
        let value = raw.st_value.get(ENDIAN);
        let is_global = matches!(raw.st_bind(), elf::STB_GLOBAL | elf::STB_WEAK);
        let export = (is_global && !name.is_empty()).then_some(name);
        let symbol = match raw.st_shndx.get(ENDIAN) {
            // The first symbol of every table is nothing, and so is what a relocation without a symbol points to.
            elf::SHN_UNDEF if index.0 == 0 => Symbol::Absolute(0),
            elf::SHN_UNDEF if name.is_empty() => Symbol::Nowhere("a relocation to a symbol without a name"),
            elf::SHN_UNDEF => Symbol::Outside { name },
            elf::SHN_ABS => Symbol::Absolute(value),
            // A COMMON symbol's value is its alignment.
            elf::SHN_COMMON => {
                let align = usize::try_from(value.max(1)).map_err(|_| too_large())?;
                if !align.is_power_of_two() {
                    return Err(LoadError::Malformed(format!("`{name}` is aligned to {align}")));
                }
                sections.push(Section {
                    region: Region::Data,
                    data: &[],
                    size: usize::try_from(raw.st_size.get(ENDIAN)).map_err(|_| too_large())?,
                    align,
                });
                let place = Place {
                    section: sections.len() - 1,
                    offset: 0,
                };
                Symbol::Here { place, export }
            }
            _ => {
                let section = table.symbol_section(ENDIAN, raw, index).map_err(malformed)?;
                let section = section.and_then(|section| *loaded.get(section.0)?);
                match section {
                    Some(_) if matches!(raw.st_type(), elf::STT_TLS | elf::STT_GNU_IFUNC) => {
                        return Err(LoadError::Unsupported(format!("what `{name}` is")));
                    }
                    Some(section) => {
                        let offset = usize::try_from(value)
                            .ok()
                            .filter(|value| *value <= sections[section].size);
                        let offset =
                            offset.ok_or_else(|| LoadError::Malformed(format!("`{name}` lies behind its section")))?;
                        let place = Place { section, offset };
                        Symbol::Here { place, export }
                    }
                    None => Symbol::Nowhere("a relocation to what is not loaded"),
                }
            }
        };
        symbols.push(symbol);
    }
    Ok(symbols)
}

fn relocations(
    table: &SectionTable<'_>,
    data: &[u8],
    machine: Machine,
    loaded: &[Option<usize>],
    sections: &[Section<'_>],
    symbols: usize,
) -> Result<Vec<Relocation>, LoadError> {
    let mut relocations = Vec::new();
    for raw in table.iter() {
        let target = raw.sh_info.get(ENDIAN) as usize;
        let Some(section) = loaded.get(target).copied().flatten() else {
            continue;
        };
        match raw.sh_type.get(ENDIAN) {
            elf::SHT_RELA => {}
            elf::SHT_REL | elf::SHT_RELR | elf::SHT_CREL => {
                return Err(LoadError::Unsupported("relocations without addends".to_string()));
            }
            _ => continue,
        }
        if sections[section].data.len() != sections[section].size {
            return Err(LoadError::Malformed("a relocation of zeros".to_string()));
        }
        let Some((fields, _)) = raw.rela(ENDIAN, data).map_err(malformed)? else {
            continue;
        };
        for field in fields {
            let number = field.r_type(ENDIAN, false);
            let Some(kind) = Kind::of(machine, number) else {
                if number == 0 {
                    continue;
                }
                return Err(LoadError::Unsupported(format!("relocation {number} of {machine:?}")));
            };
            let offset = field.r_offset.get(ENDIAN);
            let offset = usize::try_from(offset)
                .ok()
                .filter(|offset| *offset < sections[section].size);
            let symbol = field.r_sym(ENDIAN, false) as usize;
            let (Some(offset), true) = (offset, symbol < symbols) else {
                return Err(LoadError::Malformed(
                    "a relocation of nothing that is there".to_string(),
                ));
            };
            relocations.push(Relocation {
                place: Place { section, offset },
                kind,
                symbol,
                addend: field.r_addend.get(ENDIAN),
            });
        }
    }
    Ok(relocations)
}
