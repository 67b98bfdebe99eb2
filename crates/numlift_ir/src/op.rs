//! The ops: what a function is made of.
//!
//! One op set serves three forms, which [`crate::validate`] tells apart block by block:
//!
//! * *read form*: what the program says. Loops, loads (`Index` whose subscripts reach an element), stores
//!   (`SetIndex`), growing lists, Python's operators with the flavour that their operand types give them.
//! * *raised form*: no loop where one was understood. `Comp`, `Fold`, `ArgFold`, `Scan`, `Scatter`, `Extend`: each has a
//!   pure block that sees indices and yields scalars.
//! * *array form*: what NumPy source says. Straight-line calls, ufuncs on whole arrays, slices, slice stores.
//!
//! Ops that touch memory or the world stand in program order in their block, as in MLIR's memref dialect; the order
//! is the memory's state, so there are no tokens to thread through loops. Analyses ask [`Kind::effect`].

use crate::function::ValueId;
use crate::scalar::{F, Flavour};

/// Begins the name of one of the author's functions that is found among the globals, in a function that is compiled.
pub const OF_MODULE: &str = "<module>.";

/// Begins the name of a function that the function that is compiled makes itself, with `def` or `lambda`. There is no
/// object for it: whoever needs one has to leave the function to Python.
pub const MADE_HERE: &str = "<here>.";

/// A statement in the middle of which a function is called that is seen through. Its function's names stand among those
/// of the frame, each behind [`of_caller`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The statement and the call, as byte ranges.
    pub statement: (u32, u32),
    pub call: (u32, u32),
    pub iterators: Vec<String>,
    pub computed: Vec<(u32, u32, String)>,
}

/// What the names of a caller begin with in a frame; 0 is the innermost.
pub fn of_caller(number: usize) -> String {
    format!("__nl_in{number}_")
}

/// A constant. Ints beyond `i128` and other literals are opaque.
///
/// Constants are equal if they are the same object to a program: `0.0` is not `-0.0`, and a NaN is itself.
#[derive(Debug, Clone)]
pub enum Const {
    None,
    Bool(bool),
    Int(i128),
    Float(f64),
    /// Real and imaginary part.
    Complex(f64, f64),
    Str(String),
    Ellipsis,
}

impl PartialEq for Const {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::None, Self::None) | (Self::Ellipsis, Self::Ellipsis) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::Float(a), Self::Float(b)) => a.to_bits() == b.to_bits(),
            (Self::Complex(a, b), Self::Complex(c, d)) => [a, b].map(|x| x.to_bits()) == [c, d].map(|x| x.to_bits()),
            (Self::Str(a), Self::Str(b)) => a == b,
            (
                Self::None
                | Self::Bool(_)
                | Self::Int(_)
                | Self::Float(_)
                | Self::Complex(..)
                | Self::Str(_)
                | Self::Ellipsis,
                _,
            ) => false,
        }
    }
}

impl Eq for Const {}

/// One item of a subscript. Its operands follow the base in the op's arguments, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sub {
    /// One operand: an int, a mask, an array of ints.
    At,
    /// `lo:hi:step`, an operand for each part that is there.
    Slice { lo: bool, hi: bool, step: bool },
    /// `None` or `np.newaxis`.
    NewAxis,
    /// `...`
    Ellipsis,
}

impl Sub {
    /// How many operands it takes.
    pub fn arity(self) -> usize {
        match self {
            Self::At => 1,
            Self::Slice { lo, hi, step } => usize::from(lo) + usize::from(hi) + usize::from(step),
            Self::NewAxis | Self::Ellipsis => 0,
        }
    }

    /// `:`
    pub const FULL: Self = Self::Slice {
        lo: false,
        hi: false,
        step: false,
    };
}

/// What the reason of a `require` begins with at which Python always goes on.
pub const FROM_HERE: &str = "Python goes on: ";

/// What a `require` says whose operand may be unbound: it leaves where that is so, whatever the value is.
pub const BOUND: &str = "a name that is bound";

/// The callee of a call of the very function that it stands in.
pub const SELF: &str = "<self>";

/// What the callee begins with of a call of a function that calls itself, or of the present one with other types: the
/// number of its version follows, and `>`. In a text that is not read to its end it may be a version that nobody knows.
pub const VERSION: &str = "<version ";

/// The callee of a call of a version.
pub fn version(number: usize) -> String {
    format!("{VERSION}{number}>")
}

/// The number of the version that a callee is.
pub fn version_of(callee: &str) -> Option<usize> {
    callee.strip_prefix(VERSION)?.strip_suffix('>')?.parse().ok()
}

/// Whether a call has code of its own in the same module: it is no piece that Python runs.
pub fn is_recursive(callee: &str) -> bool {
    callee == SELF || callee.starts_with(VERSION)
}

/// The callee of `a is b` of two lists.
pub const SAME_OBJECT: &str = "<is>";

/// The callee of `np.matmul`'s own loop, in loop form: two arrays of floats or complex numbers of one dtype, of one or two
/// axes, whose shapes fit; then the array for the result, which is `None`, unless it is a number.
pub const MATMUL: &str = "<matmul>";

/// The same where the program calls `np.dot`, which says so in its warnings.
pub const DOT: &str = "<dot>";

/// Whether a call is one of these products.
pub fn is_product(callee: &str) -> bool {
    matches!(callee, MATMUL | DOT)
}

/// The callee of a view, in loop form: a base; then for each axis of the base an offset, then for each the axis of the
/// view that moves along it (-1: none), then for each by how much; then the extents of the view.
pub const VIEW: &str = "<view>";

/// The callee of another shape of the same memory, in loop form: an array that is C-contiguous, then the extents, which
/// are as many elements.
pub const RESHAPE: &str = "<reshape>";

/// How a fold combines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Monoid {
    Add,
    Mul,
    And,
    Or,
    /// `if v < acc: acc = v` and `acc = min(acc, v)`: a NaN is never taken, and the first of equals stays.
    MinIf,
    /// `if v > acc: acc = v` and `acc = max(acc, v)`.
    MaxIf,
    /// `if v <= acc`: the last of equals is taken.
    MinIfLast,
    MaxIfLast,
    /// `np.minimum(acc, v)`: NaN wins.
    Minimum,
    Maximum,
    /// `acc = v`: the last one that counts.
    Last,
}

impl Monoid {
    pub const ALL: [Self; 11] = [
        Self::Add,
        Self::Mul,
        Self::And,
        Self::Or,
        Self::MinIf,
        Self::MaxIf,
        Self::MinIfLast,
        Self::MaxIfLast,
        Self::Minimum,
        Self::Maximum,
        Self::Last,
    ];
}

/// What evaluating an op may do besides computing its results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The same arguments give the same results at any time.
    Pure,
    /// Depends on memory.
    Reads,
    /// Changes memory that its arguments reach, or makes fresh memory that later ops may change.
    Writes,
    /// Draws from a random generator.
    Draws,
    /// Anything: output, files, unknown code.
    World,
}

impl Effect {
    /// The stronger of two effects.
    pub fn worse(self, other: Self) -> Self {
        let rank = |effect: Self| match effect {
            Self::Pure => 0,
            Self::Reads => 1,
            Self::Writes => 2,
            Self::Draws => 3,
            Self::World => 4,
        };
        if rank(other) > rank(self) { other } else { self }
    }
}

/// What text that runs in Python may have to do with what stands around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Touches {
    /// It changes no memory that the program can reach: it prints, it makes text of numbers.
    Nothing,
    /// It may read and change whatever it can reach.
    Anything,
    /// It measures how long things take: nothing is moved across it.
    Time,
}

/// Text looks at one element of an operand. An operand with looks is looked at in no other way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Look {
    /// Number of the operand among `reads`.
    pub operand: usize,
    /// How many of the further operands are its subscripts.
    pub subscripts: usize,
}

/// The kind of an op with its attributes. Operands are in [`crate::function::Op::args`].
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    // Values.
    Const(Const),
    /// The value of a name that is not bound; a use of it raises `NameError`.
    Unbound,
    /// A module, function or class by qualified name. In a function that is compiled, one of the author's begins with
    /// [`OF_MODULE`] or [`MADE_HERE`].
    Extern(String),
    /// A scalar function, elementwise where an operand is an array (flavour `Ufunc`).
    Scalar {
        f: F,
        flavour: Flavour,
    },
    /// A scalar changed to another scalar type as a store or a constructor does: `float(x)`, `int(x)`.
    Convert,
    /// `bool(x)` as `if` and `not` see it.
    Truth,
    /// `x is None`
    IsNone,
    /// The same value, which is not `None`; meaningless where it is.
    Present,
    /// `a if c else b`, both computed. Operands: condition, a, b.
    Select,
    MakeTuple,
    MakeList,
    /// `[x] * n`: list and count.
    Repeat,
    /// Item `n` of a tuple.
    Item(usize),
    /// The extent of an axis: `len(x)` (axis 0) and `x.shape[axis]`.
    Len {
        axis: usize,
    },
    Attr(String),
    /// Base, then the operands of the subscripts.
    Index(Vec<Sub>),
    /// A call of a function known by qualified name; the last operands belong to the keywords.
    Call {
        callee: String,
        keywords: Vec<String>,
    },
    /// A method of the first operand.
    Method {
        name: String,
        keywords: Vec<String>,
    },

    // Effects.
    /// Base, operands of the subscripts, value.
    SetIndex(Vec<Sub>),
    SetAttr(String),
    /// List, value.
    Append,
    /// A `raise` or failed `assert` of the user's own, by its text.
    Raise(String),
    /// Text that runs in Python. Operands are the values of the names that it reads, in the order of `reads`, then the
    /// subscripts of `looks`; results are those of `binds`.
    Opaque {
        text: String,
        reads: Vec<String>,
        binds: Vec<String>,
        reason: String,
        touches: Touches,
        looks: Vec<Look>,
    },

    // Compiled code.
    /// Where Python goes on if one of the ops that follow leaves compiled code: at the statement of its origin, with its
    /// operands as the values of `names`. Holds to the next frame in program order.
    Frame {
        names: Vec<String>,
        /// For each `for` around the statement, the outermost first, a Python expression over `names`: the iterator
        /// over the elements that are still to come.
        iterators: Vec<String>,
        /// Parts of the statement that are computed already: byte range, and the name of the value.
        computed: Vec<(u32, u32, String)>,
        /// Where the functions go on that called the one whose statement it is, the innermost first.
        callers: Vec<Caller>,
    },
    /// Leaves compiled code through the present frame unless the operand is true. The text says what would fail.
    Require(String),
    /// One element of an array: base, then one index an axis, each from 0 to the extent for certain.
    Load,
    /// Base, one index an axis as in `Load`, value.
    Store,

    // Control. Blocks yield as many values as the op has results.
    /// Operand: condition. Blocks: then, else.
    If,
    /// Operands: start, stop, step, then the initial carried values. Block parameters: the index, the carried values.
    /// Yields and results: the carried values.
    For,
    /// Operands: initial carried values. Blocks: condition (yields a bool), body (yields carried values).
    While,

    // Index space. Block parameters are one index an extent, counted from 0; the block is pure or reads.
    /// Operands: extents. Yields one scalar.
    Comp,
    /// Operands: initial value, extents. Yields the term, and whether it counts if `masked`.
    Fold {
        monoid: Monoid,
        masked: bool,
        /// The program does not say in which order: it calls a function, or adds several terms in an iteration.
        any_order: bool,
    },
    /// The position of a minimum or maximum. Operands: initial best, initial payloads, extents.
    /// Yields the value, then the payloads, then whether it counts if `masked`. Results: best, payloads.
    ArgFold {
        monoid: Monoid,
        payloads: usize,
        masked: bool,
    },
    /// The first index at which the block yields true; meaningless where there is none. Operands: extent.
    First,
    /// Every value of an accumulator, the earliest first: one element more than there are terms. Yields the term.
    /// Operands: the initial value, which is the first element, and the extent. An accumulator that is not `seeded` has
    /// only an extent, begins with the first term, and has as many elements as terms.
    Scan {
        monoid: Monoid,
        seeded: bool,
        /// What the block yields was put together in another order than the loop has it.
        regrouped: bool,
    },
    /// Stores in index order, the last wins. Operands: base, extents. Yields one index an axis of the base, the value,
    /// and whether it is stored if `masked`.
    Scatter {
        axes: usize,
        masked: bool,
    },
    /// `base[i] = base[i] ⊕ term` in index order, each one after the others. Operands: base, extents. Yields one index an
    /// axis of the base, the term, and whether it counts if `masked`.
    ScatterFold {
        monoid: Monoid,
        axes: usize,
        masked: bool,
    },
    /// Appends to a list. Operands: list, extents. Yields the value, and whether it is appended if `masked`. The last
    /// `depth` extents are those of fresh lists inside: `depth` 1 appends rows.
    Extend {
        masked: bool,
        depth: usize,
    },
}

impl Kind {
    /// What it may do, apart from raising an exception.
    pub fn effect(&self) -> Effect {
        match self {
            Self::Const(_)
            | Self::Unbound
            | Self::Extern(_)
            | Self::Convert
            | Self::Truth
            | Self::IsNone
            | Self::Present
            | Self::Select
            | Self::Item(_) => Effect::Pure,
            // On arrays a ufunc reads memory; its result is fresh.
            Self::Scalar { .. }
            | Self::MakeTuple
            | Self::Len { .. }
            | Self::Attr(_)
            | Self::Index(_)
            | Self::Load
            | Self::Comp
            | Self::Fold { .. }
            | Self::ArgFold { .. }
            | Self::First
            | Self::Scan { .. } => Effect::Reads,
            Self::MakeList | Self::Repeat => Effect::Reads,
            Self::Call { callee, .. } => crate::effects::call_effect(callee),
            Self::Method { name, .. } => crate::effects::method_effect(name),
            Self::SetIndex(_)
            | Self::SetAttr(_)
            | Self::Append
            | Self::Store
            | Self::Scatter { .. }
            | Self::ScatterFold { .. }
            | Self::Extend { .. } => Effect::Writes,
            Self::Raise(_) | Self::Opaque { .. } | Self::Frame { .. } | Self::Require(_) => Effect::World,
            // Decided by what their blocks hold: see `Function::effect`.
            Self::If | Self::For | Self::While => Effect::Pure,
        }
    }

    /// Whether its block sees indices.
    pub fn is_index_space(&self) -> bool {
        matches!(
            self,
            Self::Comp
                | Self::Fold { .. }
                | Self::ArgFold { .. }
                | Self::First
                | Self::Scan { .. }
                | Self::Scatter { .. }
                | Self::ScatterFold { .. }
                | Self::Extend { .. }
        )
    }

    /// How many operands of an index-space op precede its extents.
    pub fn leading(&self) -> usize {
        match self {
            Self::Fold { .. } | Self::Scatter { .. } | Self::ScatterFold { .. } | Self::Extend { .. } => 1,
            Self::Scan { seeded, .. } => usize::from(*seeded),
            Self::ArgFold { payloads, .. } => 1 + payloads,
            _ => 0,
        }
    }

    /// How many subscripts' operands follow the base.
    pub fn subscript_arity(subs: &[Sub]) -> usize {
        subs.iter().map(|sub| sub.arity()).sum()
    }
}

/// As in the text form of the IR.
impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&crate::text::kind_text(self))
    }
}

/// How a block ends.
#[derive(Debug, Clone, PartialEq)]
pub enum Term {
    /// Hands values to the op that the block belongs to.
    Yield(Vec<ValueId>),
    /// Leaves the loop that many loops out (0 the innermost), with its carried values.
    Break(usize, Vec<ValueId>),
    /// Leaves the function.
    Return(Vec<ValueId>),
    /// Never reached: behind a `Raise`.
    Unreachable,
}

impl Term {
    /// The values that it hands over.
    pub fn values(&self) -> &[ValueId] {
        match self {
            Self::Yield(values) | Self::Break(_, values) | Self::Return(values) => values,
            Self::Unreachable => &[],
        }
    }

    /// The same, to change them.
    pub fn values_mut(&mut self) -> &mut [ValueId] {
        match self {
            Self::Yield(values) | Self::Break(_, values) | Self::Return(values) => values,
            Self::Unreachable => &mut [],
        }
    }
}
