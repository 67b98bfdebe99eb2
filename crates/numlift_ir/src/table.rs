//! The functions that numlift knows by their qualified name: NumPy's, Python's builtins, `math`, `random` and `time`,
//! and the methods and attributes of arrays, lists and random generators.
//!
//! Each is one line of a family's file: name, kind, signature as Python writes it, what it does besides returning
//! (nothing, where the line does not say), whose memory the result is, and its type rule.
//!
//! ```text
//! row("numpy.zeros", Creation, "shape, dtype=float, order='C', *, device=None, like=None", Fresh, zeros)
//! row("numpy.ravel", Shape, "a, order='C'", MayView(0), flat)
//! row("ndarray.sum", Reduction, "self, axis=None, dtype=None, out=None, …", Fresh, sum)
//! ```
//!
//! [`lookup`] finds one, [`FunctionInfo::bind`] binds a call's arguments to its parameters, and [`FunctionInfo::result`]
//! gives the type of the result over the small types of [`ArgTy`]. A rule that does not know says `Unknown`, never a
//! guess; `tests/python/test_table.py` holds every rule against NumPy. A pure function may still raise; what scalar
//! functions raise is in [`crate::scalar::faults()`].
//!
//! Ufuncs and `math` come from the table of scalar functions, so they are not listed here again.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::scalar::{F, PyForm};

pub mod arg;
mod builtins;
mod creation;
mod iteration;
mod linalg;
mod math;
mod methods;
mod random;
mod reduction;
mod search;
mod shape;
mod signature;
mod ufunc;
mod ufunc_methods;

pub use arg::ArgTy;
pub use signature::{Bound, Param, ParamKind, Signature};

/// What a function is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FunctionKind {
    /// Computes element by element, as [`F`] says.
    Elementwise(F),
    /// Makes an array from a shape, numbers or another array's shape.
    Creation,
    /// Folds axes.
    Reduction,
    /// Running folds: as many elements as before.
    Scan,
    /// Moves, joins, repeats or picks elements.
    Shape,
    /// Sorts, searches, counts.
    Search,
    Linalg,
    Random,
    /// Makes something of another type: `asarray`, `tolist`, `list`.
    Conversion,
    /// An attribute, not a call.
    Attribute,
    /// Makes an iterator.
    Iteration,
    /// Reads or writes a file or a terminal.
    Io,
    /// Reads the clock, or waits.
    Clock,
    Other,
}

/// What a call does besides returning something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Does {
    Nothing,
    /// Advances the global random state of `numpy.random` or of `random`.
    DrawsGlobal,
    /// Advances the state of the generator that is the first argument.
    DrawsFrom,
    /// Changes the argument of the parameter with this number.
    Changes(usize),
    /// Draws, and changes that argument: `shuffle`.
    DrawsAndChanges(usize),
    /// Reads the system's entropy, unless a seed is given.
    Entropy,
    /// Reads the clock, or waits.
    Clock,
    /// Writes to standard output.
    Prints,
    /// Anything: files, the interpreter, code that is not known.
    World,
}

/// Whose memory the result is; the numbers are those of the parameters. [`FunctionInfo::memory_of`] also sees `out=`
/// and `copy=`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Memory {
    /// A number, a string, `None`: it has no memory that anyone can write to.
    Plain,
    /// Memory that nobody else knows (a number where the shape is that of one).
    Fresh,
    /// A view of the argument (a copy where the argument is no array).
    View(usize),
    /// The argument itself, a view of it or a copy.
    MayView(usize),
    /// A new container of the argument's elements, which it shares.
    Holds(usize),
    /// A view of, or elements of, any argument.
    MayViewAny,
}

/// A function that is known by name.
#[derive(Debug, Clone, Copy)]
pub struct FunctionInfo {
    /// `numpy.linalg.norm`, `builtins.len`, `math.hypot`; `ndarray.sum`, `list.append`, `Generator.normal` for methods
    /// and attributes of such an object.
    pub name: &'static str,
    pub kind: FunctionKind,
    /// As Python writes it; `None` where the arguments are not described.
    pub signature: &'static str,
    pub does: Does,
    pub memory: Memory,
    /// The type rule.
    pub rule: fn(&Call<'_>) -> ArgTy,
}

/// What a type rule sees.
pub struct Call<'a> {
    pub info: &'a FunctionInfo,
    args: &'a [ArgTy],
    bound: Bound,
}

impl Call<'_> {
    /// The argument of a parameter, where the call gives it one.
    pub fn get(&self, parameter: &str) -> Option<&ArgTy> {
        self.bound.get(parameter).map(|index| &self.args[index])
    }

    /// The argument of a parameter; `None`, the value, where it is missing, as most defaults are.
    pub fn arg(&self, parameter: &str) -> &ArgTy {
        self.get(parameter).unwrap_or(&ArgTy::None)
    }

    /// The arguments of `*args`.
    pub fn rest(&self) -> impl Iterator<Item = &ArgTy> {
        self.bound.rest().iter().map(|&index| &self.args[index])
    }
}

impl FunctionInfo {
    /// Binds positional arguments and keywords, in this order, to the parameters.
    pub fn bind(&self, positional: usize, keywords: &[&str]) -> Option<Bound> {
        Signature::parse(self.signature).bind(positional, keywords)
    }

    /// The type of the result; the keywords name the last arguments. `Unknown` too where the arguments do not fit.
    pub fn result(&self, args: &[ArgTy], keywords: &[&str]) -> ArgTy {
        let Some(positional) = args.len().checked_sub(keywords.len()) else {
            return ArgTy::Unknown;
        };
        match self.bind(positional, keywords) {
            Some(bound) => (self.rule)(&Call {
                info: self,
                args,
                bound,
            }),
            None => ArgTy::Unknown,
        }
    }

    /// Whether a call only computes its result from its arguments, storing to none of them.
    pub fn is_pure(&self, bound: &Bound) -> bool {
        self.does == Does::Nothing && bound.get("out").is_none()
    }

    /// Whose memory the result of a call is, by the numbers of its *arguments*.
    pub fn memory_of(&self, bound: &Bound) -> Memory {
        let argument = |number: usize| {
            let signature = Signature::parse(self.signature);
            signature
                .params
                .get(number)
                .and_then(|param| bound.get(param.name))
                .or(bound.rest().first().copied())
        };
        if let Some(out) = bound.get("out") {
            return Memory::MayView(out);
        }
        match self.memory {
            // `copy=False` may give the argument itself, or views of all that it is given.
            Memory::Fresh if bound.get("copy").is_some() && bound.rest().len() > 1 => Memory::MayViewAny,
            Memory::Fresh if bound.get("copy").is_some() => argument(0).map_or(Memory::MayViewAny, Memory::MayView),
            Memory::View(number) => argument(number).map_or(Memory::MayViewAny, Memory::View),
            Memory::MayView(number) => argument(number).map_or(Memory::MayViewAny, Memory::MayView),
            Memory::Holds(number) => argument(number).map_or(Memory::MayViewAny, Memory::Holds),
            Memory::Plain | Memory::Fresh | Memory::MayViewAny => self.memory,
        }
    }

    const fn does(self, does: Does) -> FunctionInfo {
        FunctionInfo { does, ..self }
    }
}

const fn row(
    name: &'static str,
    kind: FunctionKind,
    signature: &'static str,
    memory: Memory,
    rule: fn(&Call<'_>) -> ArgTy,
) -> FunctionInfo {
    FunctionInfo {
        name,
        kind,
        signature,
        does: Does::Nothing,
        memory,
        rule,
    }
}

/// The function of a qualified name.
pub fn lookup(name: &str) -> Option<&'static FunctionInfo> {
    TABLE.get(name)
}

/// The method or attribute of a class: `ndarray`, `list`, `Generator`.
pub fn method(class: &str, name: &str) -> Option<&'static FunctionInfo> {
    TABLE.get(format!("{class}.{name}").as_str())
}

/// Everything that is known, sorted by name.
pub fn all() -> impl Iterator<Item = &'static FunctionInfo> {
    TABLE.values()
}

/// By name; built once.
static TABLE: LazyLock<BTreeMap<&'static str, FunctionInfo>> = LazyLock::new(|| {
    let listed = [
        creation::FUNCTIONS,
        reduction::FUNCTIONS,
        shape::FUNCTIONS,
        search::FUNCTIONS,
        linalg::FUNCTIONS,
        iteration::FUNCTIONS,
        random::FUNCTIONS,
        methods::FUNCTIONS,
        builtins::FUNCTIONS,
        math::FUNCTIONS,
    ];
    let mut table = BTreeMap::new();
    let scalar = F::ALL.iter().flat_map(|&f| scalar_functions(f));
    for info in scalar.chain(listed.into_iter().flatten().copied()) {
        table.insert(info.name, info);
    }
    // The same functions under other names.
    for &(name, canonical) in ALIASES {
        if let Some(info) = table.get(canonical).copied() {
            table.insert(name, FunctionInfo { name, ..info });
        }
    }
    table
});

/// The rows that a scalar function has: its ufunc, other names of it and its methods, its builtin and its `math`
/// function.
fn scalar_functions(f: F) -> Vec<FunctionInfo> {
    let info = f.info();
    // The table is made once and lives as long as the program.
    let named = |module: &str, name: &str, row: FunctionInfo| FunctionInfo {
        name: format!("{module}.{name}").leak(),
        ..row
    };
    let numpy = info.numpy.into_iter().chain(info.aliases.iter().copied());
    let mut rows: Vec<_> = numpy.map(|name| named("numpy", name, ufunc::row_of(f))).collect();
    if let Some(name) = info.numpy {
        let methods = ufunc_methods::rows_of(f).into_iter();
        rows.extend(methods.map(|(method, row)| named("numpy", &format!("{name}.{method}"), row)));
    }
    rows.extend(info.math.map(|name| named("math", name, math::row_of(f))));
    if let Some(PyForm::Builtin(name)) = info.py {
        rows.push(named("builtins", name, builtins::row_of(f)));
    }
    rows
}

const ALIASES: &[(&str, &str)] = &[
    ("numpy.amax", "numpy.max"),
    ("numpy.amin", "numpy.min"),
    ("numpy.row_stack", "numpy.vstack"),
    ("numpy.concat", "numpy.concatenate"),
    ("numpy.permute_dims", "numpy.transpose"),
    ("numpy.random.random_sample", "numpy.random.random"),
    ("numpy.random.ranf", "numpy.random.random"),
    ("numpy.random.sample", "numpy.random.random"),
];
