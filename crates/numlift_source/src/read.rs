//! Reading: Python statements into IR, with types.
//!
//! ```text
//! out = []                              %2 out = list : list<np.float64>[?]
//! for i in range(len(x)):               %3, %4 i = for %5, %6, %7, %8 …
//!     out.append(x[i] ** 2)                 %12 = index [at] %0, %9 : np.float64
//!                                           %14 = pow.np %12, %13 : np.float64
//!                                           append %2, %14
//! ```
//!
//! Reading goes forward and knows the type of each value when it makes the next: which flavour an operator has, whether
//! `a += b` stores or rebinds, what a method is, all hang on types. What flows backwards (the types that a loop
//! carries, the element types of lists that grow) is guessed from the last round, and the region is read again until
//! the guesses hold: see [`facts`].
//!
//! Names are SSA values in an environment; `if` merges it, `for` and `while` carry every name that their body binds. A
//! name bound on one path only has a type `Maybe`. Lists, arrays and objects are references: a list's value is its
//! identity, and its type holds at every point of the region, so the type of a list that grows has no length.
//!
//! Reading never fails. What is not understood becomes an `Opaque` op with its text and a reason, as small as it can
//! be: an expression (no `binds`, one result), a statement, and only when control leaves it (`return` inside `with`),
//! the statement around.
//!
//! What the types suppose: distinct names of the live-ins that are lists or objects are not the same object when the
//! region changes one of them. Whoever moves a read across such a change has to ask the same question, and states it
//! as a condition.

use std::collections::{BTreeMap, BTreeSet};

use numlift_ir::function::{Function, RETURN};
use numlift_ir::ty::Ty;
use ruff_text_size::Ranged;

use crate::names::FunctionId;
use crate::project::{ModuleId, ProjectNames};

mod assign;
mod attribute;
mod bound;
mod branch;
mod builtins;
mod call;
mod chosen;
mod closures;
mod composed;
mod comprehension;
mod condition;
mod done;
mod errstate;
mod escape;
mod expr;
mod extents;
mod extents_asked;
mod facts;
pub mod forms;
mod frame;
pub mod held;
mod inline;
mod iterate;
mod lambdas;
mod list_methods;
mod lists;
mod loop_ends;
mod loops;
mod matching;
mod method;
mod nested;
mod once;
mod opaque;
mod operators;
mod optional;
mod outputs;
mod places;
mod plain;
pub mod program;
mod quiet;
mod reach;
mod reader;
mod rebinding;
mod records;
mod recursion;
mod reflection;
mod refusal;
mod subscript;
mod suite;
mod symbols;
mod texts;
mod typing;
mod visits;
mod while_loop;
mod within;

/// How far reading goes.
#[derive(Debug, Clone)]
pub struct Options {
    /// Ops made over all attempts of one round; beyond, everything is opaque.
    pub max_ops: usize,
    /// Calls inside calls that are seen through.
    pub max_depth: usize,
    /// Types of globals that functions called from the region read, by module number and name.
    pub globals: BTreeMap<(u32, String), Ty>,
    /// Live-ins that are extents of others, at the entry.
    pub lengths: Vec<program::Length>,
    /// Names that are not the function's own variables, if it is read to be compiled: then each statement begins with a
    /// [`numlift_ir::op::Kind::Frame`].
    pub frames: Option<BTreeSet<String>>,
    /// No two of the parameters share memory.
    pub disjoint: bool,
    /// Functions of the module by the global names that they were seen under when the function was called.
    pub functions: BTreeMap<String, FunctionId>,
    /// Methods by the class (with its module) and the name that they were seen under.
    pub methods: BTreeMap<(String, String), FunctionId>,
    /// The function that is read to be compiled, which may call itself.
    pub compiled: Option<FunctionId>,
    /// Parameters that are the value of a `lambda`: where that begins in the file.
    pub lambdas: BTreeMap<String, u32>,
    /// `sum` adds Python's floats one after the other, without compensation.
    pub adds_plainly: bool,
    /// A `collections.deque` is read, as a list of which less is known. Nothing but code that keeps it to itself may be
    /// made of that.
    pub queues: bool,
    /// Parameters and values from outside that are a known string.
    pub texts: BTreeMap<String, String>,
    /// Attributes of its parameters that can be held like variables.
    pub held: Vec<held::Attribute>,
    /// Frames have every name, whether Python reads it from there on or not.
    pub all_names: bool,
    /// Versions of functions that call themselves, by the number that calls of them have.
    pub versions: Vec<Version>,
    /// Those that have no code after all.
    pub without: Vec<Version>,
}

/// A function that calls itself, for arguments of these types: it has machine code of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    pub function: FunctionId,
    pub params: Vec<Ty>,
    /// What it gives, as far as that is known.
    pub returned: Ty,
    /// It changes what others can see.
    pub acts: bool,
    /// Why it has no code after all, if it has none.
    pub refused: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_ops: 30_000,
            max_depth: 8,
            globals: BTreeMap::new(),
            lengths: Vec::new(),
            frames: None,
            disjoint: false,
            functions: BTreeMap::new(),
            methods: BTreeMap::new(),
            compiled: None,
            lambdas: BTreeMap::new(),
            all_names: false,
            adds_plainly: false,
            queues: false,
            texts: BTreeMap::new(),
            held: Vec::new(),
            versions: Vec::new(),
            without: Vec::new(),
        }
    }
}

/// Reads a region: the statements between two byte offsets, with the types of the live-ins and the names of the
/// live-outs. `None` when these are not the bounds of a run of statements of one suite.
///
/// The live-ins become the parameters, in order (globals that called functions read may follow). The outputs are those
/// asked for, in order; [`numlift_ir::function::RETURN`] among them is the value of a `return`. The number of a file in
/// origins is that of its module in the project.
pub fn read_region(
    project: &ProjectNames,
    module: ModuleId,
    (start, end): (u32, u32),
    inputs: &[(String, Ty)],
    outputs: &[String],
    options: &Options,
) -> Option<Function> {
    let statements = project.module(module).parsed.find_statements(start, end)?;
    Some(reader::read(project, module, statements, inputs, outputs, options))
}

/// Reads the body of a function that is to be compiled: its parameters, then the names of `outside`, are the
/// parameters; the output is what it returns. Statements begin with frames.
pub fn read_function(
    project: &ProjectNames,
    module: ModuleId,
    function: FunctionId,
    parameters: &[(String, Ty)],
    outside: &[(String, Ty)],
    options: &Options,
) -> Function {
    let options = Options {
        frames: Some(outside.iter().map(|(name, _)| name.clone()).collect()),
        compiled: Some(function),
        ..options.clone()
    };
    read_to_lift(project, module, function, parameters, outside, &options)
}

/// The same without frames, as lifting reads it; what it returns is the output.
pub fn read_to_lift(
    project: &ProjectNames,
    module: ModuleId,
    function: FunctionId,
    parameters: &[(String, Ty)],
    outside: &[(String, Ty)],
    options: &Options,
) -> Function {
    let of = project.module(module);
    let statements = &of.names.def(&of.parsed, function).body;
    let inputs: Vec<(String, Ty)> = parameters.iter().chain(outside).cloned().collect();
    reader::read(project, module, statements, &inputs, &[RETURN.to_owned()], options)
}

/// From where to where statements go.
pub fn extent_of(statements: &[ruff_python_ast::Stmt]) -> (u32, u32) {
    let range = match (statements.first(), statements.last()) {
        (Some(first), Some(last)) => first.range().cover(last.range()),
        _ => Default::default(),
    };
    (range.start().into(), range.end().into())
}

/// Where the only `lambda` begins that starts in a line of a module.
pub fn only_lambda(project: &ProjectNames, module: ModuleId, line: u32) -> Option<u32> {
    let of = project.module(module);
    let mut found = lambdas::Lambdas::of(&of.parsed.module.body)
        .into_iter()
        .filter(|lambda| of.place(lambda.range.start().into()).line == line);
    let only = found.next()?;
    found.next().is_none().then(|| only.range.start().into())
}

/// Whether a function has code that runs when something is raised in it: `try` or `with`.
pub fn guards(project: &ProjectNames, module: ModuleId, function: FunctionId) -> bool {
    let of = project.module(module);
    bound::Exits::of(&of.names.def(&of.parsed, function).body).guards
}

pub use closures::captured_late;
pub use errstate::{Ignoring, ignoring};
pub use rebinding::rebinds_outside;
pub use recursion::{acts, read_version, returned_by, wanted};

#[cfg(test)]
mod tests;
