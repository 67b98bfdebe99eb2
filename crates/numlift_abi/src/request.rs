//! What is asked of the compiler for one call, and what it answers.
//!
//! ```text
//! Request { source, qualname, params: (x: array …), outside: (n: int), (np: module numpy), … }
//!     ─► Product { text: LLVM, spec }  |  Refusal { place, reason, help }
//! ```

use serde::{Deserialize, Serialize};

use crate::spec::{Param, Place, Spec};

/// A function and what it is called with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The text of the whole file.
    pub source: String,
    /// Its name, as Python has it.
    pub path: String,
    /// The module's name.
    pub module: String,
    /// Line of the function's first decorator, else of its `def` or `lambda`; from 1.
    pub line: u32,
    pub name: String,
    pub qualname: String,
    /// The parameters in their order (those after `*` last), with what is given for them.
    pub params: Vec<(String, Param)>,
    /// Names that the function reads and does not bind: variables of functions around it, globals, built-in names.
    pub outside: Vec<(String, Seen)>,
    /// Plain attributes of arguments that are objects.
    pub attributes: Vec<Attribute>,
    /// Methods of arguments that are objects.
    pub methods: Vec<Method>,
    /// Arguments that are functions.
    pub callables: Vec<Callable>,
    /// Whether the memory of the arguments and outside arrays is disjoint.
    pub disjoint: bool,
    pub options: Options,
}

/// A plain attribute of an argument: one that is found without running code of its class: in the object itself, or a
/// value in the class. The items of a dict count as attributes, `[key]` ([`item_name`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Which argument, from 0; of a global none.
    pub argument: u32,
    /// The global whose attribute it is.
    pub global: Option<String>,
    /// The module and qualified name of the argument's class.
    pub class: String,
    pub name: String,
    pub param: Param,
    /// Whether storing it runs no code of the class's.
    pub stores_plainly: bool,
}

/// The class of dicts, as attributes name it.
pub const DICT: &str = "builtins.dict";

/// The name of a dict's item as an attribute; no attribute of Python's looks like it.
pub fn item_name(key: &str) -> String {
    format!("[{key}]")
}

/// The key of such an item.
pub fn key_of_item(name: &str) -> Option<&str> {
    name.strip_prefix('[')?.strip_suffix(']')
}

/// A function that a class has, and that its instances do not hide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Method {
    /// Which argument, from 0.
    pub argument: u32,
    /// The module and qualified name of the argument's class.
    pub class: String,
    pub name: String,
    pub what: What,
}

/// An argument that is a function of the same file, without variables of functions around it and without defaults: a
/// function with the same code means the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callable {
    /// Which argument, from 0.
    pub argument: u32,
    pub what: What,
}

/// What a name from outside stands for now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Whether it is a variable of a function around this one; else a global, or a built-in name.
    pub is_cell: bool,
    pub what: What,
}

/// What an object is, as far as a compiler may care.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum What {
    /// A number, an array, a tuple of such: it may be read at each call ([`Spec::outside`]).
    Value(Param),
    /// A module, by the name that it gives itself.
    Module(String),
    /// A function of Python's or a class: its module and qualified name, and where it is written if that is known.
    Definition {
        module: String,
        qualname: String,
        is_class: bool,
        /// File and first line.
        written: Option<(String, u32)>,
    },
    /// Another compiled function: what it was made from.
    Kernel {
        module: String,
        qualname: String,
        written: Option<(String, u32)>,
    },
    /// Anything else that is named in a module: a ufunc, a built-in function (`numpy.sqrt`, `math.exp`).
    Named { module: String, qualname: String },
    /// An object of this type.
    Other(String),
    /// No such name yet.
    Missing,
}

/// What a person asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Options {
    pub parallel: Parallel,
    pub fastmath: bool,
    pub math: Math,
    pub strict: bool,
    pub cache: bool,
    /// Compile what would be slower than Python, too.
    pub always: bool,
    /// For tests: which condition of the passes is forgotten.
    pub slip: Option<u8>,
    /// Every name may be looked at where compiled code is left: they are a module's.
    pub all_names: bool,
    /// `sum` adds floats one after the other: Python before 3.12.
    pub adds_plainly: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            parallel: Parallel::Auto,
            fastmath: false,
            math: Math::Numlift,
            strict: false,
            cache: true,
            always: false,
            slip: None,
            all_names: false,
            adds_plainly: false,
        }
    }
}

/// Whether loops may run on several cores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Parallel {
    /// Where the work repays it.
    Auto,
    Always,
    Never,
    /// Every launch that is possible, however little there is to do: for tests.
    Tested,
}

/// Whose elementary functions are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Math {
    Numlift,
    Numpy,
}

/// What a fact about a line is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    /// Array operations that are computed together.
    Fused,
    /// Several cores.
    Cores,
    /// A product that BLAS computes.
    Blas,
    /// A check that stays in a loop.
    Check,
}

impl About {
    /// As `python/numlift/_explain.py` knows it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fused => "fused",
            Self::Cores => "cores",
            Self::Blas => "blas",
            Self::Check => "check",
        }
    }
}

/// A fact about a line of the function, for `explain`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Told {
    pub line: u32,
    pub about: About,
    pub text: String,
}

/// A function in LLVM's language, with what its caller must know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    pub text: String,
    pub spec: Spec,
    /// For `kernel.explain()`.
    pub explanation: Vec<Told>,
}

/// Why a function is not compiled for these types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub place: Option<Place>,
    /// What stands in the way.
    pub reason: String,
    /// What one could do about it.
    pub help: Option<String>,
}
