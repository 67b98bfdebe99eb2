use std::cell::RefCell;

use proptest::prelude::*;

use super::*;

const OBJECT: &[u8] = include_bytes!("../../tests/objects/every_kind.x86_64.o");
const FOREIGN: &[u8] = include_bytes!("../../tests/objects/every_kind.aarch64.o");

extern "C" fn outside(x: i64) -> i64 {
    x + 1000
}

static DATUM: i64 = 500;

fn resolve(name: &str) -> Option<*const u8> {
    match name {
        "outside" => Some(outside as *const u8),
        "datum" => Some((&raw const DATUM).cast()),
        _ => None,
    }
}

fn call(image: &Image, name: &str, x: i64) -> i64 {
    let address = image.address(name).unwrap_or_else(|| panic!("`{name}` is defined"));
    #[expect(unsafe_code, reason = "calling what was loaded")]
    // SAFETY: the functions of `every_kind.ll` have this signature, and the image is alive.
    unsafe {
        std::mem::transmute::<*const u8, extern "C" fn(i64) -> i64>(address)(x)
    }
}

#[test]
fn code_runs_as_it_was_written() {
    let image = Image::load(OBJECT, &resolve).expect("loads");
    assert_eq!(call(&image, "calls", 10), 1015);
    assert_eq!(call(&image, "counted", 2), 42 + 500 + 1);
    assert_eq!(call(&image, "counted", 1), 43 + 500 + 2);
    let in_table = |at| call(&image, "entry_of_table", at);
    assert_eq!(in_table(0), image.address("counted").expect("defined") as i64);
    assert_eq!(in_table(1), outside as *const () as i64);
    let zeros = call(&image, "address_of_zeros", 0);
    assert_eq!(zeros % 64, 0);
    assert_eq!(call(&image, "address_of_zeros", 99), zeros + 99 * 8);
    let switched: Vec<i64> = (0..6).map(|x| call(&image, "switched", x)).collect();
    assert_eq!(switched, [1003, 77, 1030, 3, 1003, 5]);
    assert_eq!(call(&image, "counted", 0), 9 + 500 + 3);
}

#[test]
fn two_images_do_not_share_their_data() {
    let first = Image::load(OBJECT, &resolve).expect("loads");
    let second = Image::load(OBJECT, &resolve).expect("loads");
    assert_eq!(call(&first, "counted", 1), 41 + 501);
    assert_eq!(call(&second, "counted", 1), 41 + 501);
    drop(first);
    assert_eq!(call(&second, "counted", 1), 42 + 502);
}

#[test]
fn a_name_that_nobody_knows_is_an_error() {
    let error = Image::load(OBJECT, &|name| if name == "datum" { resolve(name) } else { None }).expect_err("refused");
    assert_eq!(error.to_string(), "object code needs `outside`, which is not there");
}

#[test]
fn every_outside_name_is_asked_for_once() {
    let asked = RefCell::new(Vec::new());
    let resolve = |name: &str| {
        asked.borrow_mut().push(name.to_string());
        resolve(name)
    };
    Image::load(OBJECT, &resolve).expect("loads");
    let mut asked = asked.into_inner();
    asked.sort();
    assert_eq!(asked, ["datum", "outside"]);
}

#[test]
fn another_machines_object_is_read_and_refused() {
    let error = Image::load(FOREIGN, &resolve).expect_err("refused");
    assert_eq!(
        error.to_string(),
        "object code that this machine's loader does not take: made for Aarch64"
    );
    assert!(matches!(Image::load(b"", &resolve), Err(LoadError::Unsupported(_))));
    assert!(matches!(
        Image::load(b"\xcf\xfa\xed\xfe", &resolve),
        Err(LoadError::Unsupported(_))
    ));
}

#[test]
fn no_page_is_both_written_to_and_executed() {
    let image = Image::load(OBJECT, &resolve).expect("loads");
    let start = image.memory.address(0) as usize;
    let maps = std::fs::read_to_string("/proc/self/maps").expect("Linux tells");
    let rights: Vec<&str> = maps
        .lines()
        .filter_map(|line| {
            let (range, rest) = line.split_once(' ')?;
            let from = usize::from_str_radix(range.split_once('-')?.0, 16).ok()?;
            (start..start + image.size()).contains(&from).then_some(&rest[..4])
        })
        .collect();
    assert!(
        rights.contains(&"r-xp") && !rights.iter().any(|rights| rights.contains("wx")),
        "{rights:?}"
    );
}

#[test]
fn every_truncation_is_refused_or_harmless() {
    for len in 0..OBJECT.len() {
        // The table of sections is at the end, so without its last byte there is nothing.
        assert!(Image::load(&OBJECT[..len], &resolve).is_err(), "{len} bytes");
    }
}

#[test]
fn every_damaged_byte_is_survived() {
    let mut bytes = OBJECT.to_vec();
    for at in 0..bytes.len() {
        for damage in [0x01, 0x80, 0xff] {
            bytes[at] ^= damage;
            // Loading is all: what damaged code would do is nobody's to say.
            let _ = Image::load(&bytes, &resolve);
            bytes[at] ^= damage;
        }
    }
}

/// Numbers that break arithmetic.
fn absurd() -> impl Strategy<Value = u64> {
    prop_oneof![
        Just(u64::MAX),
        Just(i64::MAX as u64),
        Just(1 << 63),
        Just(1 << 32),
        Just((1 << 32) - 1),
        Just(1 << 31),
        0..5000_u64,
        any::<u64>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn absurd_numbers_anywhere_are_survived(
        changes in prop::collection::vec((0..OBJECT.len() / 4, absurd(), any::<bool>()), 1..6),
        of_arm in any::<bool>(),
    ) {
        let mut bytes = if of_arm { FOREIGN.to_vec() } else { OBJECT.to_vec() };
        for (at, value, is_wide) in changes {
            let width = if is_wide { 8 } else { 4 };
            let at = (at * 4).min(bytes.len() - width);
            bytes[at..at + width].copy_from_slice(&value.to_le_bytes()[..width]);
        }
        let _ = Image::load(&bytes, &resolve);
    }

    #[test]
    fn absurd_tables_are_survived(
        // Fields of the section headers, of the symbols and of the relocations, by number of the 8-byte word.
        changes in prop::collection::vec((any::<prop::sample::Index>(), absurd()), 1..4),
        table in 0..3_usize,
    ) {
        let mut bytes = OBJECT.to_vec();
        let words = words_of_table(table);
        for (index, value) in changes {
            let at = words[index.index(words.len())];
            bytes[at..at + 8].copy_from_slice(&value.to_le_bytes());
        }
        let _ = Image::load(&bytes, &resolve);
    }
}

/// Where the words of the section headers (0), symbols (1) or relocations (2) of [`OBJECT`] lie.
fn words_of_table(which: usize) -> Vec<usize> {
    let word = |at: usize| u64::from_le_bytes(OBJECT[at..at + 8].try_into().expect("eight")) as usize;
    let headers = word(0x28);
    let count = u16::from_le_bytes([OBJECT[0x3c], OBJECT[0x3d]]) as usize;
    if which == 0 {
        return (headers..headers + count * 64).step_by(8).collect();
    }
    let wanted = if which == 1 { elf_type::SYMTAB } else { elf_type::RELA };
    let tables = (0..count).map(|at| headers + at * 64);
    let tables = tables.filter(|header| OBJECT[header + 4] == wanted);
    tables
        .flat_map(|header| (word(header + 24)..word(header + 24) + word(header + 32)).step_by(8))
        .collect()
}

mod elf_type {
    pub const SYMTAB: u8 = 2;
    pub const RELA: u8 = 4;
}
