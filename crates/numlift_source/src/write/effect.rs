//! What evaluating a piece of text does, and which pieces may not change places.
//!
//! ```text
//! x[1:] + y        reads the memory of x and y
//! a[2:] = e        writes that of a, and conflicts with the reads if a may be x or y
//! rng.random()     draws: it keeps its place among draws and among what may raise
//! ```
//!
//! Memory is told apart by where it comes from: arrays and lists that the function makes itself are nobody else's until
//! they are put into an object or handed to unknown code; whatever comes from outside may be the same memory, except
//! that a list of numbers is no array.

use std::collections::{BTreeMap, BTreeSet};

use numlift_ir::effects::{is_fresh_call, is_fresh_method};
use numlift_ir::function::{Function, OpId, ValueId};
use numlift_ir::op::{Effect, Kind, Sub, Term};
use numlift_ir::scalar::{F, ScalarTy, faults};
use numlift_ir::ty::{Dim, Ty};

/// Exceptions that may be raised, as a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Raises(u8);

impl Raises {
    const NONE: Self = Self(0);
    const ZERO_DIVISION: Self = Self(1);
    const OVERFLOW: Self = Self(2);
    const VALUE: Self = Self(4);
    const INDEX: Self = Self(8);
    const ANY: Self = Self(255);

    fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether it matters which of two comes first.
    fn conflicts(self, other: Self) -> bool {
        let both = self.and(other);
        self != Self::NONE && other != Self::NONE && both.0.count_ones() > 1
    }
}

/// Where memory comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Root {
    /// An object of the outside of which nothing is known.
    Outside,
    /// An array of the outside.
    OutsideArray,
    /// A list of numbers (or of such lists) of the outside.
    OutsideList,
    /// Made by the op of this result.
    Fresh(ValueId),
}

type Roots = BTreeSet<Root>;

fn overlap(a: &Roots, b: &Roots) -> bool {
    let is_outside = |root: &Root| !matches!(root, Root::Fresh(_));
    let meets = |a: &Roots, b: &Roots| a.contains(&Root::Outside) && b.iter().any(is_outside);
    a.intersection(b).next().is_some() || meets(a, b) || meets(b, a)
}

/// What evaluating something does.
#[derive(Debug, Clone, Default)]
pub(super) struct Summary {
    reads: Roots,
    writes: Roots,
    draws: bool,
    world: bool,
    raises: Raises,
    warns: bool,
    /// It computes: more than a name, a constant, a length or a view.
    works: bool,
    /// Variables that it reads.
    pub names: BTreeSet<String>,
}

impl Summary {
    /// Reading a variable.
    pub fn of_name(name: &str) -> Self {
        Self {
            names: BTreeSet::from([name.to_owned()]),
            ..Self::default()
        }
    }

    /// Evaluating both.
    pub fn add(&mut self, other: &Self) {
        self.reads.extend(&other.reads);
        self.writes.extend(&other.writes);
        self.draws |= other.draws;
        self.world |= other.world;
        self.raises = self.raises.and(other.raises);
        self.warns |= other.warns;
        self.works |= other.works;
        self.names.extend(other.names.iter().cloned());
    }

    /// Whether the two must be evaluated in the order in which they stand.
    pub fn conflicts(&self, other: &Self) -> bool {
        self.against(other) || other.against(self)
    }

    fn against(&self, other: &Self) -> bool {
        let touches = |summary: &Self| summary.works || !summary.reads.is_empty() || !summary.writes.is_empty();
        let moves = self.draws || !self.writes.is_empty() || self.world;
        self.world && touches(other)
            || self.draws && other.draws
            || overlap(&self.writes, &other.reads)
            || overlap(&self.writes, &other.writes)
            || self.raises.conflicts(other.raises)
            || moves && other.raises != Raises::NONE
    }

    /// Whether nobody can tell if it was evaluated or not.
    pub fn is_silent(&self) -> bool {
        !self.has_effect() && self.raises == Raises::NONE && !self.warns
    }

    /// Whether it changes anything.
    pub fn has_effect(&self) -> bool {
        self.draws || self.world || !self.writes.is_empty()
    }
}

/// Where the memory of each value comes from.
pub(super) struct Memory<'a> {
    func: &'a Function,
    roots: BTreeMap<ValueId, Roots>,
    escaped: BTreeSet<ValueId>,
}

impl<'a> Memory<'a> {
    pub fn of(func: &'a Function) -> Self {
        let mut memory = Self {
            func,
            roots: BTreeMap::new(),
            escaped: BTreeSet::new(),
        };
        memory.visit(func.body);
        memory
    }

    fn visit(&mut self, block: numlift_ir::function::BlockId) {
        for param in &self.func.block(block).params {
            let roots = outside(self.func.ty(*param));
            self.roots.insert(*param, roots);
        }
        for op in &self.func.block(block).ops {
            for inner in &self.func.op(*op).blocks {
                self.visit(*inner);
            }
            self.escape(*op);
            for result in &self.func.op(*op).results {
                let roots = self.roots_of_result(*op, *result);
                self.roots.insert(*result, roots);
            }
        }
    }

    /// Fresh memory that others get to know is no longer told apart.
    fn escape(&mut self, op: OpId) {
        let data = self.func.op(op);
        let stored = match &data.kind {
            Kind::SetIndex(_) => {
                let into_array = matches!(self.func.ty(data.args[0]).bound(), Ty::Array { .. });
                if into_array {
                    &[][..]
                } else {
                    &data.args[data.args.len() - 1..]
                }
            }
            Kind::SetAttr(_) | Kind::Append => &data.args[1..],
            _ if data.kind.effect() == Effect::World => &data.args[..],
            _ => &[],
        };
        for value in stored {
            for root in self.roots(*value) {
                if let Root::Fresh(made) = root {
                    self.escaped.insert(made);
                }
            }
        }
    }

    fn roots(&self, value: ValueId) -> Roots {
        let known = self.roots.get(&value).cloned().unwrap_or_default();
        known
            .into_iter()
            .map(|root| match root {
                Root::Fresh(made) if self.escaped.contains(&made) => Root::Outside,
                other => other,
            })
            .collect()
    }

    fn roots_of_result(&self, op: OpId, result: ValueId) -> Roots {
        if !has_memory(self.func.ty(result)) {
            return Roots::new();
        }
        let data = self.func.op(op);
        let fresh = || Roots::from([Root::Fresh(result)]);
        let inherited = || -> Roots { data.args.iter().flat_map(|arg| self.roots(*arg)).collect() };
        match &data.kind {
            Kind::Scalar {
                f: F::Real | F::Imag, ..
            }
            | Kind::Attr(_)
            | Kind::Item(_)
            | Kind::MakeTuple
            | Kind::Select => inherited(),
            Kind::Index(_) if is_copying_index(self.func, op) => fresh(),
            Kind::Index(_) => inherited(),
            Kind::Scalar { .. } | Kind::Convert => fresh(),
            Kind::MakeList | Kind::Repeat => inherited().into_iter().chain(fresh()).collect(),
            Kind::Call { callee, .. } if is_fresh_call(callee) || data.kind.effect() == Effect::Draws => fresh(),
            Kind::Method { name, .. } if is_fresh_method(name) || data.kind.effect() == Effect::Draws => fresh(),
            Kind::Call { .. } | Kind::Method { .. } if data.kind.effect() == Effect::Reads => inherited(),
            Kind::If => {
                let at = data.results.iter().position(|other| *other == result).unwrap_or(0);
                let yields = data
                    .blocks
                    .iter()
                    .filter_map(|block| match &self.func.block(*block).end {
                        Term::Yield(values) => values.get(at).copied(),
                        Term::Break(..) | Term::Return(_) | Term::Unreachable => None,
                    });
                yields.flat_map(|value| self.roots(value)).collect()
            }
            _ => Roots::from([Root::Outside]),
        }
    }

    /// What an op does by itself, without its operands and blocks.
    pub fn summary(&self, op: OpId) -> Summary {
        let func = self.func;
        let data = func.op(op);
        let all = || -> Roots { data.args.iter().flat_map(|arg| self.roots(*arg)).collect() };
        let mut summary = Summary {
            raises: raises(func, op),
            warns: warns(func, op),
            ..Summary::default()
        };
        summary.works = does_work(func, op);
        match data.kind.effect() {
            Effect::Pure => {}
            Effect::Reads => {
                if !keeps_to_itself(func, op) {
                    summary.reads = all();
                }
            }
            Effect::Writes => {
                summary.reads = all();
                summary.writes = data.args.first().map(|base| self.roots(*base)).unwrap_or_default();
            }
            Effect::Draws => {
                summary.reads = all();
                summary.writes = all();
                summary.draws = true;
            }
            Effect::World => {
                summary.reads = all();
                summary.writes = all();
                summary.world = true;
            }
        }
        summary
    }

    /// What the ops of a block do, with the blocks inside.
    pub fn block_summary(&self, block: numlift_ir::function::BlockId) -> Summary {
        let mut sum = Summary::default();
        self.func.walk(block, &mut |op| sum.add(&self.summary(op)));
        sum
    }
}

/// Whether values of a type can hold memory that somebody changes.
pub(super) fn has_memory(ty: &Ty) -> bool {
    match ty {
        Ty::Never
        | Ty::Unbound
        | Ty::None
        | Ty::Bool
        | Ty::Int(_)
        | Ty::Float
        | Ty::Complex
        | Ty::Str
        | Ty::Np(_)
        | Ty::OneOf(_)
        | Ty::Range
        | Ty::Module(_)
        | Ty::Extern(_)
        | Ty::Author(_)
        | Ty::Dtype(_)
        | Ty::Generator { .. } => false,
        Ty::Tuple(items) => items.iter().any(has_memory),
        Ty::Maybe(inner) => has_memory(inner),
        Ty::Unknown | Ty::List(..) | Ty::Dict | Ty::Set | Ty::Array { .. } | Ty::Tensor { .. } | Ty::Object { .. } => {
            true
        }
    }
}

fn outside(ty: &Ty) -> Roots {
    if !has_memory(ty) {
        return Roots::new();
    }
    let root = match ty.bound() {
        Ty::Array { .. } | Ty::Tensor { .. } => Root::OutsideArray,
        list @ Ty::List(..) if list.elements().is_some() => Root::OutsideList,
        _ => Root::Outside,
    };
    Roots::from([root])
}

fn is_array(ty: &Ty) -> bool {
    matches!(ty.bound(), Ty::Array { .. } | Ty::Tensor { .. })
}

/// An index with a mask or an index array gives a copy.
fn is_copying_index(func: &Function, op: OpId) -> bool {
    let data = func.op(op);
    is_array(func.ty(data.args[0])) && data.args[1..].iter().any(|sub| is_array(func.ty(*sub)))
}

/// Ints and slices of an array make a view (or one element, which is read).
fn is_view(func: &Function, op: OpId) -> bool {
    let data = func.op(op);
    let Kind::Index(subs) = &data.kind else { return false };
    let plain = |value: &ValueId| matches!(func.ty(*value).bound(), Ty::Int(_) | Ty::Bool | Ty::Np(_) | Ty::None);
    is_array(func.ty(data.args[0]))
        && data.args[1..].iter().all(plain)
        && is_array(func.ty(data.results[0]))
        && !subs.is_empty()
}

/// Whether a reading op depends on nothing that stores change.
fn keeps_to_itself(func: &Function, op: OpId) -> bool {
    let data = func.op(op);
    match &data.kind {
        Kind::MakeTuple | Kind::MakeList | Kind::Repeat => true,
        Kind::Len { .. } | Kind::Attr(_) => !has_memory(func.ty(data.args[0])) || is_array(func.ty(data.args[0])),
        Kind::Index(_) => is_view(func, op),
        _ => data.args.iter().all(|arg| !has_memory(func.ty(*arg))),
    }
}

fn does_work(func: &Function, op: OpId) -> bool {
    match &func.op(op).kind {
        Kind::Const(_)
        | Kind::Extern(_)
        | Kind::Unbound
        | Kind::Len { .. }
        | Kind::Attr(_)
        | Kind::Item(_)
        | Kind::MakeTuple => false,
        Kind::Index(_) => !is_view(func, op),
        _ => true,
    }
}

/// Array methods that raise nothing on an array of numbers.
const QUIET_METHODS: [&str; 13] = [
    "all", "any", "astype", "copy", "cumprod", "cumsum", "flatten", "mean", "prod", "ravel", "std", "sum", "tolist",
];

/// The same of NumPy's functions.
const QUIET_CALLS: [&str; 12] = [
    "numpy.all",
    "numpy.any",
    "numpy.ascontiguousarray",
    "numpy.copy",
    "numpy.count_nonzero",
    "numpy.cumsum",
    "numpy.empty_like",
    "numpy.flatnonzero",
    "numpy.mean",
    "numpy.ones_like",
    "numpy.sum",
    "numpy.zeros_like",
];

fn raises(func: &Function, op: OpId) -> Raises {
    let data = func.op(op);
    let ty = |n: usize| func.ty(data.args[n]).bound();
    match &data.kind {
        Kind::Const(_) | Kind::Extern(_) | Kind::Select | Kind::MakeTuple | Kind::MakeList | Kind::Repeat => {
            Raises::NONE
        }
        Kind::Item(_) | Kind::If | Kind::Append => Raises::NONE,
        Kind::Scalar { .. } | Kind::Convert => scalar_faults(func, op).map_or(Raises::ANY, |faults| {
            let named = [
                (faults.raises.zero_division, Raises::ZERO_DIVISION),
                (faults.raises.overflow, Raises::OVERFLOW),
                (faults.raises.value || !broadcasts(func, &data.args), Raises::VALUE),
            ];
            named
                .into_iter()
                .filter(|(may, _)| *may)
                .fold(Raises::NONE, |sum, (_, raised)| sum.and(raised))
        }),
        Kind::Truth if ty(0).scalar_options().is_some() => Raises::NONE,
        Kind::Len { .. } if is_array(ty(0)) || matches!(ty(0), Ty::List(..) | Ty::Tuple(_) | Ty::Range | Ty::Str) => {
            Raises::NONE
        }
        Kind::Attr(_) if is_array(ty(0)) => Raises::NONE,
        Kind::Attr(name) => match ty(0) {
            Ty::Object { attrs, .. } if attrs.contains_key(name) => Raises::NONE,
            _ => Raises::ANY,
        },
        Kind::Index(subs) | Kind::SetIndex(subs) => {
            let sliced = subs.iter().all(|sub| !matches!(sub, Sub::At));
            let indexed = is_array(ty(0)) || matches!(ty(0), Ty::List(..));
            let stores = if matches!(data.kind, Kind::SetIndex(_)) {
                Raises::VALUE
            } else {
                Raises::NONE
            };
            match (indexed, sliced) {
                (true, true) => stores,
                (true, false) => Raises::INDEX.and(stores),
                (false, _) => Raises::ANY,
            }
        }
        Kind::Method { name, .. } if is_array(ty(0)) && QUIET_METHODS.contains(&name.as_str()) => Raises::NONE,
        Kind::Method { name, .. }
            if is_array(ty(0)) && matches!(name.as_str(), "min" | "max" | "argmin" | "argmax") =>
        {
            Raises::VALUE
        }
        Kind::Call { callee, .. } if QUIET_CALLS.contains(&callee.as_str()) && is_array(ty(0)) => Raises::NONE,
        Kind::Call { callee, .. } if callee == "numpy.where" => {
            if broadcasts(func, &data.args) {
                Raises::NONE
            } else {
                Raises::VALUE
            }
        }
        _ => Raises::ANY,
    }
}

fn warns(func: &Function, op: OpId) -> bool {
    match &func.op(op).kind {
        Kind::Scalar { .. } | Kind::Convert => scalar_faults(func, op).is_none_or(|faults| faults.may_warn()),
        Kind::Const(_)
        | Kind::Extern(_)
        | Kind::Select
        | Kind::Truth
        | Kind::MakeTuple
        | Kind::MakeList
        | Kind::Repeat
        | Kind::Item(_)
        | Kind::Len { .. }
        | Kind::Attr(_)
        | Kind::Index(_) => false,
        _ => true,
    }
}

fn scalar_faults(func: &Function, op: OpId) -> Option<faults::Faults> {
    let data = func.op(op);
    let elems: Option<Vec<ScalarTy>> = data
        .args
        .iter()
        .map(|arg| {
            let ty = func.ty(*arg).bound();
            ty.as_scalar().or_else(|| {
                if is_array(ty) {
                    ty.elements().map(|(elem, _)| elem)
                } else {
                    None
                }
            })
        })
        .collect();
    let (f, flavour) = match &data.kind {
        Kind::Scalar { f, flavour } => (*f, *flavour),
        _ => match func.ty(data.results[0]).as_scalar()? {
            ScalarTy::PyInt => (F::ToInt, numlift_ir::scalar::Flavour::Py),
            ScalarTy::PyFloat => (F::ToFloat, numlift_ir::scalar::Flavour::Py),
            ScalarTy::PyBool => (F::ToBool, numlift_ir::scalar::Flavour::Py),
            ScalarTy::PyComplex => (F::ToComplex, numlift_ir::scalar::Flavour::Py),
            ScalarTy::Np(_) => return None,
        },
    };
    Some(faults::faults(f, flavour, &elems?))
}

/// Whether operands are known to have shapes that go together.
fn broadcasts(func: &Function, args: &[ValueId]) -> bool {
    let known = |arg: &ValueId| is_array(func.ty(*arg)) || func.ty(*arg).scalar_options().is_some();
    if !args.iter().all(known) {
        return false;
    }
    let shapes: Vec<Vec<Dim>> = args.iter().map(|arg| func.ty(*arg).bound().dims()).collect();
    shapes.iter().enumerate().all(|(number, a)| {
        shapes[..number].iter().all(|b| {
            a.iter().rev().zip(b.iter().rev()).all(|(a, b)| {
                let one = Dim::Const(1);
                *a == one || *b == one || (a == b && *a != Dim::Unknown)
            })
        })
    })
}
