//! Compiled code that lives as long as somebody holds it.
//!
//! ```no_run
//! # use numlift_runtime::{Code, Options};
//! # fn compile(text: &str) -> Result<Vec<u8>, String> { Err(text.to_string()) }
//! # extern "C" fn nl_alloc() {}
//! let options = Options { compiler: "llvmlite 0.50.0".into(), settings: String::new(), label: "f".into() };
//! let resolve = |name: &str| (name == "nl_alloc").then_some(nl_alloc as *const u8);
//! let code = Code::get_or_compile("define i32 @entry() …", &options, compile, &resolve)?;
//! let entry = code.address("entry");
//! # Ok::<(), numlift_runtime::code::CodeError>(())
//! ```
//!
//! The same text gives the same code: one that is alive in this process is shared, data that the text defines
//! included. A name must mean the same in every table of one process.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::cpu::Cpu;
use crate::key::Key;
use crate::loader::{Image, LoadError};

/// What the object depends on besides its text and the machine, and how to name it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// The compiler and its version.
    pub compiler: String,
    /// What the compiler is told.
    pub settings: String,
    /// What a person calls this code; shown by `numlift cache list`, and no part of the key.
    pub label: String,
}

/// Where a piece of code came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Compiled by this process.
    Compiled,
    /// Read from the cache on disk.
    Disk,
}

/// Loaded code.
#[derive(Debug)]
pub struct Code {
    image: Image,
    key: Key,
    origin: Origin,
}

/// Why there is no code.
#[derive(Debug, thiserror::Error)]
pub enum CodeError {
    /// The compiler refused the text; its own words.
    #[error("{0}")]
    Compile(String),
    /// The object was made and could not be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
}

impl Code {
    /// The code of `text`: what lives in this process, else what lies in the cache, else what `compile` makes of it.
    /// `resolve` gives the addresses of the functions that compiled code may call.
    ///
    /// May wait for another process or thread that is compiling the same, so it must not be called with a lock (the
    /// GIL is one) that `compile` needs in another thread.
    pub fn get_or_compile(
        text: &str,
        options: &Options,
        compile: impl FnOnce(&str) -> Result<Vec<u8>, String>,
        resolve: &dyn Fn(&str) -> Option<*const u8>,
    ) -> Result<Arc<Code>, CodeError> {
        let key = Key::new(text, options, Cpu::host(), None);
        if let Some(code) = alive(&key) {
            return Ok(code);
        }
        let object = compile(text).map_err(CodeError::Compile)?;
        let image = Image::load(&object, resolve)?;
        Ok(share(Code {
            image,
            key,
            origin: Origin::Compiled,
        }))
    }

    /// The address of a function or datum that the text defines for others. It is valid as long as this value lives.
    pub fn address(&self, name: &str) -> Option<*const u8> {
        self.image.address(name)
    }

    /// The name of the object this came from.
    pub fn key(&self) -> Key {
        self.key
    }

    /// Where it came from.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// Bytes of memory that it takes.
    pub fn size(&self) -> usize {
        self.image.size()
    }
}

impl Drop for Code {
    fn drop(&mut self) {
        let mut living = living();
        // Another thread may have made the same anew since the last holder let go.
        if living.get(&self.key).is_some_and(|code| code.strong_count() == 0) {
            living.remove(&self.key);
        }
    }
}

/// The code that is alive in this process. Global, since the same function may be compiled from many places, and
/// weak, so that the code goes with its last holder.
static LIVING: Mutex<BTreeMap<Key, Weak<Code>>> = Mutex::new(BTreeMap::new());

fn living() -> MutexGuard<'static, BTreeMap<Key, Weak<Code>>> {
    // Nothing that holds the lock leaves the map half changed.
    LIVING.lock().unwrap_or_else(PoisonError::into_inner)
}

fn alive(key: &Key) -> Option<Arc<Code>> {
    living().get(key)?.upgrade()
}

/// Makes the code known; if another thread was faster with the same, that one is used.
fn share(code: Code) -> Arc<Code> {
    let code = Arc::new(code);
    let mut living = living();
    if let Some(earlier) = living.get(&code.key).and_then(Weak::upgrade) {
        // Dropping locks the map again.
        drop(living);
        return earlier;
    }
    living.insert(code.key, Arc::downgrade(&code));
    code
}
