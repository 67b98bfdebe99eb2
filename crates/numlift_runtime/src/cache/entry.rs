//! One file of the cache.
//!
//! ```text
//! at  0   8 bytes   NUMLIFT and a zero
//!     8   u32       version of this form
//!    12   u32       length of the label
//!    16   u64       length of the object
//!    24   8 bytes   which secret the checksum was made with; zeros for none
//!    32  32 bytes   the key, as in the file's name
//!    64  32 bytes   BLAKE3 of everything else in the file
//!    96             label, object, end of file
//! ```
//!
//! Numbers are little-endian. A file of any other length than its header says is damaged.

use crate::key::Key;

const MAGIC: &[u8; 8] = b"NUMLIFT\0";
const VERSION: u32 = 1;
const HEADER: usize = 96;
const CHECKSUM: std::ops::Range<usize> = 64..96;
/// Longer labels are cut.
const LONGEST_LABEL: usize = 200;
const ENDING: &str = ".nlo";

/// The name of a key's file.
pub fn file_name(key: &Key) -> String {
    format!("{key}{ENDING}")
}

/// The key that a file's name says; `None` for files that are no entries.
pub fn key_of(file_name: &str) -> Option<Key> {
    let digits = file_name.strip_suffix(ENDING)?;
    if digits.len() != 64 || !digits.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    let mut key = Key([0; 32]);
    for (byte, at) in key.0.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(&digits[at..at + 2], 16).ok()?;
    }
    Some(key)
}

/// The bytes of an entry.
pub fn encode(key: &Key, label: &str, object: &[u8], secret: Option<&[u8; 32]>) -> Vec<u8> {
    let label = &label[..label.floor_char_boundary(LONGEST_LABEL)];
    let mut file = Vec::with_capacity(HEADER + label.len() + object.len());
    file.extend_from_slice(MAGIC);
    file.extend_from_slice(&VERSION.to_le_bytes());
    file.extend_from_slice(&(label.len() as u32).to_le_bytes());
    file.extend_from_slice(&(object.len() as u64).to_le_bytes());
    file.extend_from_slice(&mark(secret));
    file.extend_from_slice(&key.0);
    file.extend_from_slice(&[0; 32]);
    file.extend_from_slice(label.as_bytes());
    file.extend_from_slice(object);
    let checksum = checksum(&file, secret);
    file[CHECKSUM].copy_from_slice(checksum.as_bytes());
    file
}

/// The object in an entry, if the file is the entry of this key and unharmed.
pub fn decode(mut file: Vec<u8>, key: &Key, secret: Option<&[u8; 32]>) -> Option<Vec<u8>> {
    let header = Header::read(&file)?;
    if header.key != *key || header.mark != mark(secret) || !is_whole(&file, secret) {
        return None;
    }
    file.drain(..HEADER + header.label);
    Some(file)
}

/// What an entry is, for who looks at the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Whole,
    Damaged,
    /// Made with another secret, so nothing can be said.
    Foreign,
}

/// Whether an entry is unharmed, and its label.
pub fn examine(file: &[u8], key: &Key, secret: Option<&[u8; 32]>) -> (State, String) {
    let Some(header) = Header::read(file).filter(|header| header.key == *key) else {
        return (State::Damaged, String::new());
    };
    let label = String::from_utf8_lossy(&file[HEADER..HEADER + header.label]).into_owned();
    if header.mark != mark(secret) {
        (State::Foreign, label)
    } else if is_whole(file, secret) {
        (State::Whole, label)
    } else {
        (State::Damaged, label)
    }
}

/// The header, if the file is as long as it says.
struct Header {
    label: usize,
    mark: [u8; 8],
    key: Key,
}

impl Header {
    fn read(file: &[u8]) -> Option<Header> {
        let header = file.get(..HEADER)?;
        let number = |at: usize| u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
        if !header.starts_with(MAGIC) || number(8) != VERSION {
            return None;
        }
        let label = usize::try_from(number(12)).ok()?;
        let object = usize::try_from(u64::from(number(16)) | u64::from(number(20)) << 32).ok()?;
        let length = HEADER.checked_add(label)?.checked_add(object)?;
        (length == file.len()).then(|| Header {
            label,
            mark: *header[24..].first_chunk().expect("within the header"),
            key: Key(*header[32..].first_chunk().expect("within the header")),
        })
    }
}

/// What tells one secret from another without telling it.
fn mark(secret: Option<&[u8; 32]>) -> [u8; 8] {
    let mark = secret.map(|secret| blake3::derive_key("numlift cache mark", secret));
    mark.map_or([0; 8], |mark| *mark.first_chunk().expect("32 bytes"))
}

fn is_whole(file: &[u8], secret: Option<&[u8; 32]>) -> bool {
    // Compared in constant time, as `blake3::Hash` does.
    checksum(file, secret) == blake3::Hash::from_bytes(*file[CHECKSUM].first_chunk().expect("32 bytes"))
}

fn checksum(file: &[u8], secret: Option<&[u8; 32]>) -> blake3::Hash {
    let mut hasher = match secret {
        Some(secret) => blake3::Hasher::new_keyed(secret),
        None => blake3::Hasher::new(),
    };
    hasher.update(&file[..CHECKSUM.start]);
    hasher.update(&file[CHECKSUM.end..]);
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: Key = Key([0xab; 32]);

    #[test]
    fn what_was_encoded_is_decoded() {
        for secret in [None, Some([7; 32])] {
            let file = encode(&KEY, "label", b"object", secret.as_ref());
            assert_eq!(
                examine(&file, &KEY, secret.as_ref()),
                (State::Whole, "label".to_string())
            );
            assert_eq!(
                decode(file, &KEY, secret.as_ref()).as_deref(),
                Some(b"object".as_slice())
            );
        }
    }

    #[test]
    fn every_flipped_bit_is_found() {
        let file = encode(&KEY, "label", b"object", None);
        for at in 0..file.len() * 8 {
            let mut file = file.clone();
            file[at / 8] ^= 1 << (at % 8);
            assert_eq!(decode(file, &KEY, None), None, "bit {at}");
        }
        for len in 0..file.len() {
            assert_eq!(decode(file[..len].to_vec(), &KEY, None), None, "{len} bytes");
        }
        assert_eq!(decode([file, vec![0]].concat(), &KEY, None), None);
    }

    #[test]
    fn another_key_or_another_secret_is_no_entry() {
        let file = encode(&KEY, "", b"object", Some(&[7; 32]));
        assert_eq!(decode(file.clone(), &Key([0; 32]), Some(&[7; 32])), None);
        assert_eq!(decode(file.clone(), &KEY, Some(&[8; 32])), None);
        assert_eq!(decode(file.clone(), &KEY, None), None);
        assert_eq!(examine(&file, &KEY, None).0, State::Foreign);
        assert_eq!(examine(&file, &Key([0; 32]), Some(&[7; 32])).0, State::Damaged);
    }

    #[test]
    fn a_name_is_its_key() {
        assert_eq!(key_of(&file_name(&KEY)), Some(KEY));
        let others = [
            "",
            ".nlo",
            "ab.nlo",
            ".lock-ab",
            &format!("{KEY}"),
            &format!("{}.nlo", "AB".repeat(32)),
        ];
        assert!(others.iter().all(|name| key_of(name).is_none()));
    }

    #[test]
    fn long_labels_are_cut_between_letters() {
        let file = encode(&KEY, &"ü".repeat(150), b"object", None);
        assert_eq!(examine(&file, &KEY, None), (State::Whole, "ü".repeat(100)));
    }
}
