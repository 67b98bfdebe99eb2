//! What the caller of a compiled function has to know.

use serde::{Deserialize, Serialize};

use crate::layout::Layout;
use crate::repr::{Repr, Scalar};

/// How a compiled function ended: what `entry` returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
pub enum Status {
    /// The result is in `rets`.
    Returned = 0,
    /// Python finished it: `rets[0]` is the result (owned), or null with the exception set.
    Left = 1,
    /// The result is in `rets` and nobody gets it: the exception is set.
    Raised = 2,
}

/// What is known of one extent of an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Known {
    /// It is 1.
    One,
    /// It is not 1; extents of the same number are equal.
    Same(u32),
    /// It is this small number, and equal to those of the same number.
    Small { same: u32, extent: u8 },
}

/// An argument, or a value from outside that is read at each call.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Param {
    /// A value that is handed over as slots.
    Value(Repr),
    /// An array, of which more is known.
    Array {
        scalar: Scalar,
        layout: Layout,
        extents: Vec<Known>,
        writeable: bool,
    },
    Tuple(Vec<Param>),
    /// A list whose first and last elements look like this; [`Repr::Unbound`] for one that is empty. The others are
    /// looked at where they are used.
    List(Box<Param>),
    /// This string, which says how the function works: `mode="fast"`.
    Text(String),
}

impl Param {
    /// How it looks to compiled code.
    pub fn repr(&self) -> Repr {
        match self {
            Self::Value(repr) => repr.clone(),
            Self::Array { scalar, extents, .. } => Repr::Array {
                scalar: *scalar,
                rank: extents.len(),
            },
            Self::Tuple(items) => Repr::Tuple(items.iter().map(Self::repr).collect()),
            Self::List(_) => Repr::List,
            Self::Text(_) => Repr::Object,
        }
    }
}

/// Where a value that is no argument is found.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Root {
    /// An argument, counted from 0.
    Argument(u32),
    /// A variable of a function around this one.
    Cell(String),
    /// A global of the function's module, else a built-in name.
    Global(String),
}

/// A value from outside: what is found at `root`, or a plain attribute of it (`self.grid.step`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Source {
    pub root: Root,
    pub attributes: Vec<String>,
}

/// A value from outside that is read at each call, as if it were one more argument.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Outside {
    pub source: Source,
    pub param: Param,
}

/// A place in the source: lines from 1, columns from 0 in bytes of UTF-8, as Python's `ast` counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    pub line: u32,
    pub column: u32,
    pub end_line: u32,
    pub end_column: u32,
}

/// Where Python goes on when compiled code is left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// The statement that is run next.
    pub statement: Place,
    /// Names and their values, in the order of the slots. Names that begin with `__nl` are not the program's own.
    pub names: Vec<(String, Repr)>,
    /// For each `for` around the statement, the outermost first, a Python expression over `names` for the elements that
    /// are still to come; for each `with`, likewise, one for the manager of each of its items, entered already.
    /// Besides the usual built-in functions they may call `_items(x, n)`: an iterator over `x` that has given `n`.
    pub iterators: Vec<String>,
    /// Parts of the statement that are computed already, with the name of their value.
    pub computed: Vec<(Place, String)>,
    /// Where the functions go on that called the one whose statement it is, the innermost first.
    #[serde(default)]
    pub callers: Vec<Caller>,
    /// Why it may be left here, for `explain`.
    pub reason: String,
    /// A piece has raised: what compiled code holds of others is given back (names of the module, attributes), and
    /// nothing is run.
    #[serde(default)]
    pub raises: bool,
    /// The calls, the innermost first, through which comes what is raised in the statement.
    #[serde(default)]
    pub raised_through: Vec<Place>,
    /// The statement is one of another function of the file, which has code of its own here.
    #[serde(default)]
    pub of_callee: bool,
}

/// A statement in the middle of which a function is called whose frame this is. The names of its function stand among
/// those of the frame, each behind `__nl_in<number>_`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    pub statement: Place,
    pub call: Place,
    pub iterators: Vec<String>,
    pub computed: Vec<(Place, String)>,
}

/// The reason of leaving where a signal's handler raised something.
pub const SIGNAL: &str = "a signal";

/// The reason of islands that make an object of a value, for other islands.
pub const BOXED: &str = "an object is made of it";

/// The reason of islands that store an attribute.
pub fn stored(attribute: &str) -> String {
    format!("{STORED}{attribute}`")
}

const STORED: &str = "Python stores the attribute `";

/// Why there is a piece for a number that machine code draws.
pub const DRAWN: &str = "it is drawn by NumPy where another thread draws, or a parameter is wrong";

/// A piece of a function that runs in Python.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Island {
    pub place: Place,
    /// The calls that led there, the innermost first, of functions that were seen through.
    #[serde(default)]
    pub calls: Vec<Place>,
    /// An expression, or statements, over `reads`.
    pub text: String,
    /// Whether `text` is an expression, whose value is the only result.
    pub is_expression: bool,
    pub reads: Vec<(String, Repr)>,
    /// Arrays behind those that it reads, which it may change by other names: Python goes on if one of them has another
    /// shape, dtype or place then, or may be written no longer.
    #[serde(default)]
    pub watched: Vec<Repr>,
    /// Whether Python can go on behind it, in the middle of a statement.
    #[serde(default)]
    pub goes_on: bool,
    pub binds: Vec<(String, Repr)>,
    /// Why it is not compiled.
    pub reason: String,
    /// The arguments of the `np.errstate` around it, in parentheses; the outermost first.
    #[serde(default)]
    pub errstate: Vec<String>,
}

impl Island {
    /// Whether it makes an object for Python, which costs next to nothing.
    pub fn boxes(&self) -> bool {
        self.reason == BOXED
    }

    /// Whether it draws a random number where machine code cannot, which hardly ever happens.
    pub fn draws(&self) -> bool {
        self.reason == DRAWN
    }

    /// Whether it stores an attribute.
    pub fn stores(&self) -> bool {
        self.reason.starts_with(STORED)
    }
}

/// An operation that may give floating-point events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    pub line: u32,
    /// What NumPy's warnings call it: `scalar divide`, `sqrt`.
    pub what: String,
    /// Which events it may give ([`crate::runtime::event`]).
    pub events: i32,
}

/// What the caller of a compiled function has to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spec {
    /// Name of the entry in the object.
    pub entry: String,
    /// The arguments, in the order of the function's parameters (those after `*` last).
    pub params: Vec<Param>,
    /// More arguments, behind those of `params`.
    #[serde(default)]
    pub outside: Vec<Outside>,
    /// What must be the same object at each call that it was when this was compiled: modules, functions, classes.
    #[serde(default)]
    pub fixed: Vec<Source>,
    /// Whether the memory of the arguments is known to be disjoint.
    pub disjoint: bool,
    pub result: Repr,
    pub frames: Vec<Frame>,
    pub islands: Vec<Island>,
    /// How values look that compiled code makes objects of, or finds in objects, by number.
    #[serde(default)]
    pub boxes: Vec<Repr>,
    /// The lines of the loops, by the numbers that mark them in LLVM's text.
    #[serde(default)]
    pub loops: Vec<u32>,
    /// Every name is seen where it is left, also by an exception.
    #[serde(default)]
    pub all_names: bool,
    /// Where floating-point events come from.
    #[serde(default)]
    pub sites: Vec<Site>,
    /// Functions that call themselves, and have code of their own in the object.
    #[serde(default)]
    pub versions: Vec<Version>,
}

/// A function that calls itself, beside the one that is compiled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// Its first statement.
    pub begins: Place,
    /// Whether it is another function than the one that is compiled.
    pub of_callee: bool,
    pub params: Vec<Repr>,
    pub result: Repr,
}
