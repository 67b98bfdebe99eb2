//! What an object depends on, as one number.
//!
//! ```text
//! BLAKE3(format, LLVM text, processor, compiler and its version, settings)  ─►  5f3a…  (64 digits)
//! ```
//!
//! The text is the content: callees, frozen globals, types and options are in it. So an entry is never stale and needs
//! no file's time or name. Parts are written with their lengths, so that no two lists of parts look alike.

use std::fmt;

use crate::code::Options;
use crate::cpu::Cpu;

/// Counts up when the same text would mean something else: another loader, other runtime functions.
pub const FORMAT: u32 = 1;

/// The name of an object.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub [u8; 32]);

impl Key {
    /// The key of what `text` becomes on `cpu`. With a secret, only who knows it can make entries that are found.
    pub fn new(text: &str, options: &Options, cpu: &Cpu, secret: Option<&[u8; 32]>) -> Key {
        let mut hasher = match secret {
            Some(secret) => blake3::Hasher::new_keyed(secret),
            None => blake3::Hasher::new(),
        };
        let format = FORMAT.to_le_bytes();
        let version = env!("CARGO_PKG_VERSION");
        let parts: [&[u8]; 6] = [
            &format,
            version.as_bytes(),
            text.as_bytes(),
            cpu.description.as_bytes(),
            options.compiler.as_bytes(),
            options.settings.as_bytes(),
        ];
        for part in parts {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        Key(*hasher.finalize().as_bytes())
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_matters_is_in_the_key() {
        let options = |compiler: &str, settings: &str, label: &str| Options {
            compiler: compiler.to_string(),
            settings: settings.to_string(),
            label: label.to_string(),
        };
        let cpu = Cpu::host().clone();
        let mut other = cpu.clone();
        other.description.push('x');
        let secret = [7; 32];
        let key = Key::new("text", &options("llvm 1", "opt=3", ""), &cpu, None);
        assert_eq!(
            key,
            Key::new("text", &options("llvm 1", "opt=3", "a label"), &cpu, None)
        );
        let others = [
            Key::new("texts", &options("llvm 1", "opt=3", ""), &cpu, None),
            Key::new("text", &options("llvm 2", "opt=3", ""), &cpu, None),
            Key::new("text", &options("llvm 1", "opt=2", ""), &cpu, None),
            // The same letters, cut elsewhere.
            Key::new("text", &options("llvm 1o", "pt=3", ""), &cpu, None),
            Key::new("text", &options("llvm 1", "opt=3", ""), &other, None),
            Key::new("text", &options("llvm 1", "opt=3", ""), &cpu, Some(&secret)),
        ];
        for (at, other) in others.iter().enumerate() {
            assert_ne!(key, *other, "{at}");
        }
        assert_eq!(key.to_string().len(), 64);
    }
}
