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

use std::sync::{Arc, Weak};

use crate::cache::Cache;
use crate::cpu::Cpu;
use crate::key::Key;
use crate::loader::{Image, LoadError};

mod living;

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
        Code::get_or_compile_in(Cache::of_process(), text, options, compile, resolve)
    }

    /// The same with another cache, or none.
    pub fn get_or_compile_in(
        cache: Option<&Cache>,
        text: &str,
        options: &Options,
        compile: impl FnOnce(&str) -> Result<Vec<u8>, String>,
        resolve: &dyn Fn(&str) -> Option<*const u8>,
    ) -> Result<Arc<Code>, CodeError> {
        let key = Key::new(text, options, Cpu::host(), cache.and_then(Cache::secret));
        if let Some(code) = alive(&key) {
            return Ok(code);
        }
        let Some(cache) = cache else {
            return Code::compile(key, text, compile, resolve).map(|(code, _)| share(code));
        };
        if let Some(code) = Code::from_disk(cache, key, resolve) {
            return Ok(share(code));
        }
        let lock = cache.lock(&key);
        // Whoever held the lock before may have compiled just this.
        let code = match Code::from_disk(cache, key, resolve) {
            Some(code) => code,
            None => {
                let (code, object) = Code::compile(key, text, compile, resolve)?;
                cache.store(&key, &options.label, &object);
                code
            }
        };
        drop(lock);
        Ok(share(code))
    }

    fn compile(
        key: Key,
        text: &str,
        compile: impl FnOnce(&str) -> Result<Vec<u8>, String>,
        resolve: &dyn Fn(&str) -> Option<*const u8>,
    ) -> Result<(Code, Vec<u8>), CodeError> {
        let object = compile(text).map_err(CodeError::Compile)?;
        let image = Image::load(&object, resolve)?;
        let origin = Origin::Compiled;
        Ok((Code { image, key, origin }, object))
    }

    fn from_disk(cache: &Cache, key: Key, resolve: &dyn Fn(&str) -> Option<*const u8>) -> Option<Code> {
        let object = cache.load(&key)?;
        match Image::load(&object, resolve) {
            Ok(image) => {
                let origin = Origin::Disk;
                Some(Code { image, key, origin })
            }
            // It would not be there the next time either.
            Err(LoadError::Memory(_)) => None,
            // Whole, and yet of no use.
            Err(LoadError::Unsupported(_) | LoadError::Malformed(_) | LoadError::Undefined(_)) => {
                cache.remove(&key);
                None
            }
        }
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
        let mut living = living::table();
        // Another thread may have made the same anew since the last holder let go.
        if living.get(&self.key).is_some_and(|code| code.strong_count() == 0) {
            living.remove(&self.key);
        }
    }
}

fn alive(key: &Key) -> Option<Arc<Code>> {
    living::table().get(key)?.upgrade()
}

/// Makes the code known; if another thread was faster with the same, that one is used.
fn share(code: Code) -> Arc<Code> {
    let code = Arc::new(code);
    let mut living = living::table();
    if let Some(earlier) = living.get(&code.key).and_then(Weak::upgrade) {
        // Dropping takes the lock again.
        drop(living);
        return earlier;
    }
    living.insert(code.key, Arc::downgrade(&code));
    code
}
