//! Selecting: index space becomes NumPy source, op by op.
//!
//! ```text
//! scatter out, n { (t) yield t, x[t] * 2.0 }            =>  out = x * 2.0
//! fold add 0.0, n { (t) yield a[t] * b[t] }             =>  a @ b
//! extend r, n { (t) yield f(x[t]) };  np.array(r)       =>  f(x)
//! ```
//!
//! A raised function is rebuilt in array form with a typed builder, so that a form whose dtype would differ from the
//! loop's is seen at once and refused. Selection may only choose: what a block computes is given. Containers that the
//! region makes itself (a list that grows, an array that is filled) are not made until somebody needs them: what
//! fills them wholly becomes their value.

mod attempt;
mod carry;
mod columns;
mod conditions;
mod contract;
mod extents;
mod extremum;
mod fold;
mod growth;
mod guard;
mod in_order;
mod masked;
mod needs;
mod outcome;
mod pairs;
mod places;
mod positions;
mod ranges;
mod scan;
mod slices;
mod store;
mod stored;
mod vectorize;
mod windows;

use std::collections::{BTreeSet, HashMap};

use numlift_ir::build::Builder;
use numlift_ir::function::{Def, Function, OpId, OriginId, ValueId};
use numlift_ir::op::{Const, Kind, Term};
use numlift_ir::scalar::ScalarTy;
use numlift_ir::ty::Ty;

use crate::blocker::{Blocker, BlockerKind};
use crate::condition::Condition;

pub use outcome::{Announced, Guard, Pattern, Selected, Strength, Test};

/// What may be chosen.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Only forms that give the same bits.
    pub exact: bool,
    /// Outputs that nobody reads: a list among them may as well be an array.
    pub unread: BTreeSet<String>,
    /// Outputs that nobody reads and that need not be there.
    pub needless: BTreeSet<String>,
    /// Pairs of live-ins (or plain attributes of them, `self.x`) that are known to share no memory.
    pub disjoint: BTreeSet<(String, String)>,
    /// Extents of live-ins, by name and axis, that are one number since the program sees to it
    /// (`if len(A[0]) != len(B): raise`), not since its calls happen to have it so.
    pub equal: Vec<BTreeSet<(String, usize)>>,
    /// Loops may be split: see [`crate::raise::Options`].
    pub split: bool,
}

type Result<T> = std::result::Result<T, Box<Blocker>>;

/// An array-form value that stands for a scalar of index space, one element for every index.
#[derive(Debug, Clone)]
struct Lifted {
    value: ValueId,
    /// Dimensions of the context that are its axes, ascending; none for a value that is the same everywhere.
    axes: Vec<usize>,
}

impl Lifted {
    /// A value that is the same for all indices.
    fn everywhere(value: ValueId) -> Self {
        Self {
            value,
            axes: Vec::new(),
        }
    }
}

/// A container that the region makes.
#[derive(Debug, Clone)]
enum Content {
    /// Made by this op of the raised function, not yet in the new one.
    Unmade(OpId),
    /// All its elements, as an array of the new function. `elem` is the type of a list's elements.
    Tensor { array: ValueId, elem: Elements },
    /// An object of the new function.
    Made(ValueId),
}

/// The elements of a container.
#[derive(Debug, Clone, Copy)]
struct Elements {
    scalar: ScalarTy,
    /// Python numbers among NumPy scalars, or rows that are tuples: no list made of an array has them.
    mixed: bool,
}

/// The state of a selection.
struct Selector<'a> {
    raised: &'a Function,
    out: Builder,
    map: HashMap<ValueId, ValueId>,
    contents: HashMap<ValueId, Content>,
    /// `np.array` of lists of the new function.
    converted: HashMap<ValueId, ValueId>,
    /// Lists that a condition chose the elements of, and the mask that says which.
    filters: HashMap<ValueId, ValueId>,
    /// All elements of the scans that are there for everybody, as far as somebody reads them.
    scans: HashMap<ValueId, Lifted>,
    triangles: pairs::Triangles,
    /// Scalars of the present op that were lifted, by the masks that they were lifted under.
    lifted: HashMap<(ValueId, Vec<ValueId>), Lifted>,
    conditions: Vec<Condition>,
    strength: Strength,
    announced: BTreeSet<Announced>,
    steps: Vec<String>,
    pattern: Pattern,
    options: Options,
    at: OriginId,
    /// In how many choices whose branches are lifted apart we are.
    choices: usize,
    /// A loop is being copied that stays: every round has the author's names.
    keeps_names: bool,
}

/// Chooses an array form for a raised function.
pub fn select(raised: &Function, conditions: &[Condition], options: &Options) -> Result<Selected> {
    let raised = &scan::without_needless_totals(raised, &options.needless);
    let mut out = Builder::new(&raised.name);
    out.func.origins = raised.origins.clone();
    out.func.outputs = raised.outputs.clone();
    let mut selector = Selector {
        raised,
        out,
        map: HashMap::new(),
        contents: HashMap::new(),
        converted: HashMap::new(),
        filters: HashMap::new(),
        scans: HashMap::new(),
        triangles: Vec::new(),
        lifted: HashMap::new(),
        conditions: Vec::new(),
        strength: Strength::Exact,
        announced: BTreeSet::new(),
        steps: Vec::new(),
        pattern: Pattern::Elementwise,
        options: options.clone(),
        at: OriginId(0),
        choices: 0,
        keeps_names: false,
    };
    for param in &raised.block(raised.body).params {
        let name = raised.name_of(*param);
        let body = selector.out.func.body;
        let new = selector.out.func.add_param(body, raised.ty(*param).clone(), name);
        selector.map.insert(*param, new);
    }
    for condition in conditions {
        selector.require(condition.fact.clone(), condition.at)?;
    }
    for op in raised.block(raised.body).ops.clone() {
        selector.top(op)?;
    }
    selector.finish()
}

impl Selector<'_> {
    /// One op of the raised body.
    fn top(&mut self, op: OpId) -> Result<()> {
        let data = self.raised.op(op);
        self.at = data.origin;
        self.out.origin = data.origin;
        self.lifted.clear();
        match &data.kind {
            Kind::Fold { .. } | Kind::ArgFold { .. } => {
                let results = self.fold_op(op, &vectorize::Context::default())?;
                for (old, new) in data.results.iter().zip(results) {
                    self.name_like(new.value, *old);
                    self.map.insert(*old, new.value);
                }
                Ok(())
            }
            Kind::Comp => {
                let context = self.enter(op, &vectorize::Context::default())?;
                let lifted = self.yielded(op, 0, &context)?;
                let elem = match self.raised.ty(data.results[0]) {
                    Ty::Tensor { elem, .. } => *elem,
                    _ => return Err(self.no_form("a tensor of unknown type")),
                };
                let array = self.spread(lifted, &context, elem)?;
                self.map.insert(self.raised.result(op), array);
                Ok(())
            }
            Kind::First => {
                let context = self.enter(op, &vectorize::Context::default())?;
                let first = self.first(op, &context)?;
                self.map.insert(self.raised.result(op), first);
                Ok(())
            }
            Kind::Scan { .. } => self.top_scan(op),
            Kind::Scatter { .. } => self.scatter(op),
            Kind::ScatterFold { .. } => self.scatter_fold(op),
            Kind::Extend { .. } => self.extend(op),
            Kind::For => self.keep_loop(op),
            Kind::While => Err(self.no_form("the loop stays a loop")),
            Kind::Opaque { reason, .. } => {
                let reason = reason.clone();
                Err(Box::new(Blocker::new(BlockerKind::NotUnderstood, self.at, reason)))
            }
            Kind::MakeList | Kind::Repeat if self.is_container(op) => {
                self.contents.insert(self.raised.result(op), Content::Unmade(op));
                Ok(())
            }
            Kind::Call { callee, .. } if is_allocation(callee) => {
                self.contents.insert(self.raised.result(op), Content::Unmade(op));
                Ok(())
            }
            Kind::Append => self.append_one(op),
            Kind::Call { callee, .. } if is_conversion(callee) && self.conversion(op)? => Ok(()),
            Kind::Call { .. } if self.shaping(op)? => Ok(()),
            Kind::Len { axis } if self.len_of_container(op, *axis) => Ok(()),
            _ => self.copy(op),
        }
    }

    /// A list that something is put into later.
    fn is_container(&self, op: OpId) -> bool {
        let data = self.raised.op(op);
        matches!(self.raised.ty(data.results[0]), Ty::List(..))
    }

    /// The scalar type of a value of the raised function.
    fn scalar(&self, value: ValueId) -> Option<ScalarTy> {
        needs::uniform(self.raised.ty(value).bound())
    }

    fn no_form(&self, message: &str) -> Box<Blocker> {
        Box::new(Blocker::new(BlockerKind::NoForm, self.at, message))
    }

    fn rounding(&mut self, step: &str) -> Result<()> {
        if self.options.exact {
            return Err(self.no_form(&format!("{step} would not be bit for bit")));
        }
        self.strength = Strength::Rounding;
        self.step(step);
        Ok(())
    }

    fn step(&mut self, step: &str) {
        if !self.steps.iter().any(|known| known == step) {
            self.steps.push(step.to_owned());
        }
    }

    fn note(&mut self, pattern: Pattern) {
        self.pattern = self.pattern.max(pattern);
    }

    /// Hands over the outputs.
    fn finish(mut self) -> Result<Selected> {
        let mut outputs = Vec::new();
        let names = self.raised.outputs.clone();
        for (value, name) in self
            .raised
            .block(self.raised.body)
            .end
            .values()
            .to_vec()
            .into_iter()
            .zip(names)
        {
            outputs.push(self.output(value, &name)?);
        }
        let guards = self.guards()?;
        let body = self.out.func.body;
        self.out.func.block_mut(body).end = Term::Return(outputs);
        guard::hoist(&mut self.out.func, &guards);
        crate::dead::remove_keeping(&mut self.out.func, &outcome::tested(&guards));
        Ok(Selected {
            func: self.out.func,
            guards,
            strength: self.strength,
            announced: self.announced,
            steps: self.steps,
            pattern: self.pattern,
        })
    }

    /// An output; a list that nobody reads is left the array that it is made from.
    fn output(&mut self, value: ValueId, name: &str) -> Result<ValueId> {
        self.settle(Some(value))?;
        if self.options.unread.contains(name)
            && matches!(self.raised.ty(value), Ty::List(..))
            && let Some(Content::Tensor { array, .. }) = self.contents.get(&value)
        {
            let array = *array;
            self.announced.insert(Announced::Container(name.to_owned()));
            self.name_like(array, value);
            return Ok(array);
        }
        self.value(value)
    }
}

/// Memory that is filled afterwards.
fn is_allocation(callee: &str) -> bool {
    matches!(
        callee,
        "numpy.zeros"
            | "numpy.empty"
            | "numpy.ones"
            | "numpy.full"
            | "numpy.zeros_like"
            | "numpy.empty_like"
            | "numpy.ones_like"
            | "numpy.full_like"
    )
}

/// A list (or array) made into an array.
fn is_conversion(callee: &str) -> bool {
    matches!(
        callee,
        "numpy.array" | "numpy.asarray" | "numpy.asanyarray" | "builtins.list"
    )
}

/// Whether a value is a parameter of the function.
fn is_live_in(func: &Function, value: ValueId) -> bool {
    matches!(func.def(value), Def::Param(block, _) if block == func.body)
}

/// The constant number that a value is.
fn number(func: &Function, value: ValueId) -> Option<f64> {
    // `np.float64(0.0)`
    if let Some(op) = func.defining(value)
        && op.kind == Kind::Convert
        && matches!(func.ty(value), Ty::Np(dtype) if dtype.is_inexact() || dtype.is_integer())
        && (func.ty(op.args[0]).as_scalar() == Some(ScalarTy::PyInt)
            || matches!(func.ty(value), Ty::Np(numlift_ir::dtype::Dtype::F64)))
    {
        return number(func, op.args[0]);
    }
    match func.as_const(value)? {
        Const::Int(int) => Some(*int as f64),
        Const::Float(float) => Some(*float),
        Const::Bool(bool) => Some(f64::from(u8::from(*bool))),
        Const::None | Const::Complex(..) | Const::Str(_) | Const::Ellipsis => None,
    }
}
