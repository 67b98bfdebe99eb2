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

mod contract;
mod fold;
mod growth;
mod masked;
mod needs;
mod slices;
mod store;
mod vectorize;

use std::collections::{BTreeSet, HashMap};

use numlift_ir::affine::{Affine, Atom, affine_of, atom_interval, extent_of};
use numlift_ir::build::Builder;
use numlift_ir::function::{Def, Function, OpId, OriginId, ValueId};
use numlift_ir::op::{Const, Kind, Term};
use numlift_ir::scalar::{F, ScalarTy};
use numlift_ir::ty::{Dim, Ty};

use crate::blocker::{Blocker, BlockerKind};
use crate::condition::{Condition, Fact};

/// A function in array form and what it stands on.
#[derive(Debug, Clone)]
pub struct Selected {
    pub func: Function,
    pub guards: Vec<Guard>,
    pub strength: Strength,
    /// What the new form does differently and says so.
    pub announced: BTreeSet<Announced>,
    /// Names of the steps, in order.
    pub steps: Vec<String>,
    /// What the loop was.
    pub pattern: Pattern,
}

/// A condition that is not proven, with the test that would discharge it at the entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Guard {
    /// The condition in words: `n <= len(x)`.
    pub text: String,
    pub test: Test,
    pub at: OriginId,
}

/// A test at the entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// A bool of the selected function.
    Value(ValueId),
    /// Python's own words, over names that are bound at the entry.
    Code(String),
}

/// How close the new results are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Strength {
    /// Bit for bit.
    #[default]
    Exact,
    /// The same mathematics in another order or by another implementation.
    Rounding,
}

/// A difference that a form has and that its user is told of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Announced {
    /// NumPy may warn of overflow or invalid values where Python's floats do not, or warn where both branches of a
    /// condition are computed.
    Warnings,
    /// What was stored before an exception may differ.
    StoresBeforeException,
    /// Zeros may come with the other sign: a sum of nothing but `-0.0`, the least of `0.0` and `-0.0`.
    ZeroSign,
    /// A list that nobody reads is an array now.
    Container(String),
}

/// What kind of loop it was, for the report; the weightiest wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Pattern {
    #[default]
    Elementwise,
    Filled,
    Grown,
    Filter,
    Reduction,
    Search,
    Contraction,
}

/// What may be chosen.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Only forms that give the same bits.
    pub exact: bool,
    /// Outputs that nobody reads: a list among them may as well be an array.
    pub unread: BTreeSet<String>,
    /// Pairs of live-ins (or plain attributes of them, `self.x`) that are known to share no memory.
    pub disjoint: BTreeSet<(String, String)>,
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
    /// Python numbers among NumPy scalars, which no list made of an array has.
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
    /// How many rows lists of rows were made with.
    rows_made: HashMap<ValueId, Affine>,
    /// Scalars of the present op that were lifted, by the masks that they were lifted under.
    lifted: HashMap<(ValueId, Vec<ValueId>), Lifted>,
    conditions: Vec<Condition>,
    strength: Strength,
    announced: BTreeSet<Announced>,
    steps: Vec<String>,
    pattern: Pattern,
    options: Options,
    at: OriginId,
    /// A loop is being copied that stays: every round has the author's names.
    keeps_names: bool,
}

/// Chooses an array form for a raised function.
pub fn select(raised: &Function, conditions: &[Condition], options: &Options) -> Result<Selected> {
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
        rows_made: HashMap::new(),
        lifted: HashMap::new(),
        conditions: Vec::new(),
        strength: Strength::Exact,
        announced: BTreeSet::new(),
        steps: Vec::new(),
        pattern: Pattern::Elementwise,
        options: options.clone(),
        at: OriginId(0),
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
                for (old, new) in data.results.clone().iter().zip(results) {
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
            Kind::Scatter { .. } => self.scatter(op),
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
            Kind::Len { axis } if self.len_of_container(op, *axis) => Ok(()),
            _ => self.copy(op),
        }
    }

    /// A list that something is put into later.
    fn is_container(&self, op: OpId) -> bool {
        let data = self.raised.op(op);
        matches!(self.raised.ty(data.results[0]), Ty::List(..))
    }

    /// An op that is as it was, on the new operands.
    fn copy(&mut self, op: OpId) -> Result<()> {
        let data = self.raised.op(op).clone();
        let mut blocks = Vec::new();
        for block in &data.blocks {
            blocks.push(self.copy_block(*block)?);
        }
        let mut args = Vec::new();
        for arg in &data.args {
            args.push(self.value(*arg)?);
        }
        let types: Vec<Ty> = data
            .results
            .iter()
            .map(|result| self.raised.ty(*result).clone())
            .collect();
        let block = self.out.block;
        let new = self
            .out
            .func
            .push_op(block, data.kind, args, blocks, &types, data.origin);
        for (number, old) in data.results.iter().enumerate() {
            let made = self.out.func.op(new).results[number];
            self.name_like(made, *old);
            self.map.insert(*old, made);
        }
        Ok(())
    }

    /// A loop that was left when it was split. What it uses from outside is there as the object that it was.
    fn keep_loop(&mut self, op: OpId) -> Result<()> {
        let body = self.raised.op(op).blocks[0];
        let scope = crate::slice::Scope::of(self.raised, body);
        let mut used = Vec::new();
        self.raised.visit_blocks(body, &mut |block| {
            let ops = &self.raised.block(block).ops;
            used.extend(ops.iter().flat_map(|op| self.raised.op(*op).args.clone()));
            used.extend(self.raised.block(block).end.values());
        });
        used.retain(|value| !scope.defines(self.raised, *value));
        used.sort_unstable();
        used.dedup();
        for value in used {
            self.value(value)?;
        }
        self.leave_names(&scope);
        self.keeps_names = true;
        self.copy(op)?;
        self.keeps_names = false;
        // Lists that were converted may hold something else by now.
        self.converted.clear();
        self.filters.clear();
        self.rows_made.clear();
        Ok(())
    }

    /// The loop's variables keep their names, by which text of the author's reads them: nothing that was computed before
    /// takes one.
    fn leave_names(&mut self, scope: &crate::slice::Scope) {
        let inside = (0..self.raised.values.len() as u32).map(ValueId);
        let names: BTreeSet<&str> = inside
            .filter(|value| scope.defines(self.raised, *value))
            .filter_map(|value| self.raised.name_of(value))
            .collect();
        let body = self.out.func.body;
        for value in &mut self.out.func.values {
            let is_live_in = matches!(value.def, Def::Param(block, _) if block == body);
            if !is_live_in && value.name.as_deref().is_some_and(|name| names.contains(name)) {
                value.name = None;
            }
        }
    }

    fn copy_block(&mut self, block: numlift_ir::function::BlockId) -> Result<numlift_ir::function::BlockId> {
        let data = self.raised.block(block).clone();
        // Values from around are made outside of the block.
        let mut wanted = data.end.values().to_vec();
        for op in &data.ops {
            wanted.extend(&self.raised.op(*op).args);
        }
        let results = data.ops.iter().flat_map(|op| self.raised.op(*op).results.clone());
        let inside: Vec<ValueId> = results.chain(data.params.iter().copied()).collect();
        for value in wanted.iter().filter(|value| !inside.contains(value)) {
            self.value(*value)?;
        }
        let new = self.out.func.add_block();
        for param in &data.params {
            let ty = self.raised.ty(*param).clone();
            let name = self.raised.name_of(*param);
            let param_of_new = self.out.func.add_param(new, ty, name);
            self.map.insert(*param, param_of_new);
        }
        let around = std::mem::replace(&mut self.out.block, new);
        for op in &data.ops {
            self.copy(*op)?;
        }
        let mut given = Vec::new();
        for value in data.end.values() {
            given.push(self.value(*value)?);
        }
        self.out.block = around;
        self.out.func.block_mut(new).end = match data.end {
            Term::Unreachable => Term::Unreachable,
            Term::Break(out, _) => Term::Break(out, given),
            Term::Yield(_) | Term::Return(_) => Term::Yield(given),
        };
        Ok(new)
    }

    /// The new value that stands for an old one, as the object that it was.
    fn value(&mut self, value: ValueId) -> Result<ValueId> {
        if let Some(attribute) = self.repeated_attribute(value) {
            return Ok(attribute);
        }
        self.settle(Some(value))?;
        if let Some(content) = self.contents.get(&value).cloned() {
            return self.make(value, content);
        }
        self.map
            .get(&value)
            .copied()
            .ok_or_else(|| self.no_form("a value of the loop is used outside of it"))
    }

    /// A plain attribute of a live-in that is read inside the loop: read once before.
    fn repeated_attribute(&mut self, value: ValueId) -> Option<ValueId> {
        if self.map.contains_key(&value) || self.contents.contains_key(&value) {
            return None;
        }
        let op = self.raised.defining(value)?.clone();
        if !matches!(op.kind, Kind::Attr(_)) {
            return None;
        }
        let object = self.map.get(&op.args[0]).copied()?;
        let ty = self.raised.ty(value).clone();
        let new = self.out.typed_op(op.kind, &[object], &[ty]);
        let made = self.out.func.result(new);
        self.map.insert(value, made);
        Some(made)
    }

    fn make(&mut self, value: ValueId, content: Content) -> Result<ValueId> {
        let made = match content {
            Content::Made(made) => made,
            Content::Unmade(op) => {
                self.contents.remove(&value);
                self.copy(op)?;
                self.map[&value]
            }
            Content::Tensor { array, elem } => match self.raised.ty(value) {
                ty @ Ty::List(..) => self.list_of(array, elem, &ty.clone())?,
                _ => array,
            },
        };
        self.name_like(made, value);
        self.contents.insert(value, Content::Made(made));
        Ok(made)
    }

    fn name_like(&mut self, new: ValueId, old: ValueId) {
        if let Some(name) = self.raised.name_of(old)
            && self.out.func.name_of(new).is_none()
            && (self.keeps_names
                || !self
                    .out
                    .func
                    .values
                    .iter()
                    .any(|value| value.name.as_deref() == Some(name)))
        {
            self.out.func.values[new.index()].name = Some(name.to_owned());
        }
    }

    /// The extents of a container, for lists that grew those that they grew to.
    fn container_extents(&self, value: ValueId, rank: usize) -> Vec<Affine> {
        if let Some(Content::Unmade(op)) = self.contents.get(&value)
            && matches!(self.raised.op(*op).kind, Kind::Extend { .. })
        {
            return extents_of(self.raised, *op);
        }
        (0..rank).map(|axis| extent_of(self.raised, value, axis)).collect()
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

    /// Adds a condition unless it is proven; a condition that is never met is a blocker.
    fn require(&mut self, fact: Fact, at: OriginId) -> Result<()> {
        if let Fact::NoAlias(a, b) = &fact
            && let (Some(a), Some(b)) = (self.path_name(*a), self.path_name(*b))
            && self.options.disjoint.contains(&(a.clone().min(b.clone()), a.max(b)))
        {
            return Ok(());
        }
        if let Fact::AtMost(low, high) = &fact {
            match prove_at_most(self.raised, low, high) {
                Some(true) => return Ok(()),
                Some(false) => {
                    return Err(Box::new(Blocker::new(
                        BlockerKind::OutOfRange,
                        at,
                        "a subscript is out of range or wraps around for every input",
                    )));
                }
                None => {}
            }
        }
        if let Fact::AtMost(low, high) = &fact
            && let Some(room) = high.minus(low)
        {
            // Of conditions that differ in a constant only, the strictest says it all.
            for known in &mut self.conditions {
                if let Fact::AtMost(known_low, known_high) = &known.fact
                    && let Some(other) = known_high.minus(known_low)
                    && other.terms == room.terms
                {
                    if room.constant < other.constant {
                        known.fact = fact;
                    }
                    return Ok(());
                }
            }
        }
        // A test at the entry sees what memory holds then.
        if matches!(&fact, Fact::Holds(value, _) if self.depends_on_stores(*value)) {
            return Err(self.no_form("a test of values that are only there after a store"));
        }
        // What is tested is computed, for elements that the loop may never come to.
        if matches!(fact, Fact::Holds(..)) {
            self.announced.insert(Announced::Warnings);
        }
        if !self.conditions.iter().any(|known| known.fact == fact) {
            self.conditions.push(Condition { fact, at });
        }
        Ok(())
    }

    /// `x` or `self.x`
    fn path_name(&self, value: ValueId) -> Option<String> {
        if let Some(op) = self.raised.defining(value)
            && let Kind::Attr(name) = &op.kind
        {
            return self.path_name(op.args[0]).map(|object| format!("{object}.{name}"));
        }
        is_live_in(self.raised, value)
            .then(|| self.raised.name_of(value).map(str::to_owned))
            .flatten()
    }

    /// Whether a value of the new function depends on memory that the new function stores to before.
    fn depends_on_stores(&self, value: ValueId) -> bool {
        let func = &self.out.func;
        let mut stored = std::collections::HashSet::new();
        func.walk(func.body, &mut |op| {
            let data = func.op(op);
            if matches!(
                data.kind.effect(),
                numlift_ir::op::Effect::Writes | numlift_ir::op::Effect::World
            ) && let Some(base) = data.args.first()
            {
                stored.insert(crate::access::path(func, *base).1);
            }
        });
        let mut pending = vec![value];
        let mut seen = std::collections::HashSet::new();
        while let Some(value) = pending.pop() {
            if !seen.insert(value) {
                continue;
            }
            if stored.contains(&value) {
                return true;
            }
            if let Some(op) = func.defining(value) {
                pending.extend(&op.args);
            }
        }
        false
    }

    /// Whether two affine expressions are equal for every run, or where the conditions hold.
    fn is_same(&self, a: &Affine, b: &Affine) -> bool {
        let stated = |low: &Affine, high: &Affine| {
            self.conditions.iter().any(|known| match &known.fact {
                Fact::AtMost(from, to) => to.minus(from) == high.minus(low),
                _ => false,
            })
        };
        numlift_ir::affine::is_equal(self.raised, a, b) || stated(a, b) && stated(b, a)
    }

    /// An affine expression as a value of the new function.
    fn affine(&mut self, affine: &Affine) -> Result<ValueId> {
        let mut sum: Option<ValueId> = None;
        let ordered = affine.terms.iter().filter(|(_, factor)| **factor > 0);
        let ordered = ordered.chain(affine.terms.iter().filter(|(_, factor)| **factor < 0));
        for (atom, factor) in ordered {
            let mut term = self.atom(*atom)?;
            if factor.abs() != 1 {
                let times = self.out.int(factor.abs());
                term = self.out.operator(F::Mul, &[times, term]);
            }
            sum = Some(match sum {
                None if *factor < 0 => self.out.operator(F::Neg, &[term]),
                None => term,
                Some(before) => self
                    .out
                    .operator(if *factor < 0 { F::Sub } else { F::Add }, &[before, term]),
            });
        }
        match sum {
            None => Ok(self.out.int(affine.constant)),
            Some(sum) if affine.constant == 0 => Ok(sum),
            Some(sum) => {
                let f = if affine.constant < 0 { F::Sub } else { F::Add };
                let constant = self.out.int(affine.constant.abs());
                Ok(self.out.operator(f, &[sum, constant]))
            }
        }
    }

    fn atom(&mut self, atom: Atom) -> Result<ValueId> {
        match atom {
            Atom::Value(value) => self.value(value),
            Atom::Extent(value, axis) => self.extent_value(value, axis),
            Atom::Sym(sym) => {
                let mut params = self.raised.block(self.raised.body).params.clone();
                // `len(b)` before `a.shape[1]`, and that before the length of a list's rows.
                params.sort_by_key(|param| {
                    let ty = self.raised.ty(*param);
                    let axis = ty.dims().iter().position(|dim| *dim == Dim::Sym(sym));
                    (axis.is_none(), axis > Some(0) && matches!(ty, Ty::List(..)), axis)
                });
                for param in params {
                    if let Some(extent) = self.named_extent(param, sym)? {
                        return Ok(extent);
                    }
                }
                Err(self.no_form("an extent has no name at the entry"))
            }
        }
    }

    /// The extent with this symbol of a live-in or of one of its attributes.
    fn named_extent(&mut self, param: ValueId, sym: u32) -> Result<Option<ValueId>> {
        let place = |ty: &Ty| ty.dims().iter().position(|dim| *dim == Dim::Sym(sym));
        let ty = self.raised.ty(param).clone();
        if let Some(axis) = place(&ty) {
            return self.extent_value(param, axis).map(Some);
        }
        let Ty::Object { attrs, .. } = &ty else { return Ok(None) };
        let found = attrs
            .iter()
            .find_map(|(name, ty)| place(ty).map(|axis| (name.clone(), ty.clone(), axis)));
        let Some((name, ty, axis)) = found else { return Ok(None) };
        let object = self.value(param)?;
        let attribute = self.out.typed_op(Kind::Attr(name), &[object], &[ty]);
        let attribute = self.out.func.result(attribute);
        Ok(Some(self.out.len(attribute, axis)))
    }

    /// `x.shape[axis]`, or `len` of a list (`len(x[0])` for its inner axes).
    fn extent_value(&mut self, value: ValueId, axis: usize) -> Result<ValueId> {
        if let Some(Content::Tensor { array, .. }) = self.contents.get(&value) {
            let array = *array;
            return Ok(self.out.len(array, axis));
        }
        let mut base = self.value(value)?;
        let mut axis = axis;
        if matches!(self.out.func.ty(base), Ty::List(..)) && axis > 0 {
            if let Some(array) = self.converted.get(&base) {
                base = *array;
            } else {
                let zero = self.out.int(0);
                base = self.out.at(base, zero);
                axis -= 1;
                if axis > 0 {
                    return Err(self.no_form("a list of lists of lists"));
                }
            }
        }
        Ok(self.out.len(base, axis))
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
        let mut guards: Vec<Guard> = Vec::new();
        // At the entry `len(A[0])` says what it would cost a conversion of the whole list to ask an array for.
        self.converted.clear();
        let conditions = std::mem::take(&mut self.conditions);
        let conditions: Vec<Condition> = conditions
            .into_iter()
            .filter_map(|condition| self.open(condition))
            .collect();
        for (number, condition) in conditions.iter().enumerate() {
            let turned = |other: &Condition| is_turned(&condition.fact, &other.fact);
            if conditions[..number].iter().any(turned) {
                continue; // Said by the other one: the two are equal.
            }
            let equal = conditions[number + 1..].iter().any(turned);
            guards.push(self.guard(condition.clone(), equal)?);
        }
        // That there are rows is asked before the first of them is.
        guards.sort_by_key(|guard| match guard.test {
            Test::Value(value) => looks_inside(&self.out.func, value),
            Test::Code(_) => false,
        });
        let body = self.out.func.body;
        self.out.func.block_mut(body).end = Term::Return(outputs);
        hoist(&mut self.out.func, &guards);
        let kept: Vec<ValueId> = guards
            .iter()
            .filter_map(|guard| match guard.test {
                Test::Value(value) => Some(value),
                Test::Code(_) => None,
            })
            .collect();
        crate::dead::remove_keeping(&mut self.out.func, &kept);
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

    /// A condition by the extents of the new arrays, unless they prove it.
    fn open(&self, condition: Condition) -> Option<Condition> {
        let Fact::AtMost(low, high) = &condition.fact else {
            return Some(condition);
        };
        let (low, high) = (self.by_new_extents(low), self.by_new_extents(high));
        if prove_at_most(self.raised, &low, &high) == Some(true) {
            return None;
        }
        Some(Condition {
            fact: Fact::AtMost(low, high),
            ..condition
        })
    }

    /// Extents of containers that the region makes are those of the arrays that they became.
    fn by_new_extents(&self, affine: &Affine) -> Affine {
        let mut by = Affine::constant(affine.constant);
        for (atom, factor) in &affine.terms {
            let dim = match atom {
                Atom::Extent(value, axis) => match self.contents.get(value) {
                    Some(Content::Tensor { array, .. }) => self.out.func.ty(*array).dims().get(*axis).copied(),
                    _ => None,
                },
                Atom::Value(_) | Atom::Sym(_) => None,
            };
            let term = match dim {
                Some(Dim::Const(n)) => Affine::constant(i128::from(n)),
                Some(Dim::Sym(sym)) => Affine::atom(Atom::Sym(sym)),
                Some(Dim::Unknown) | None => Affine::atom(*atom),
            };
            match by.plus(&term, *factor) {
                Some(sum) => by = sum,
                None => return affine.clone(),
            }
        }
        by
    }

    /// The test that discharges a condition at the entry.
    fn guard(&mut self, condition: Condition, equal: bool) -> Result<Guard> {
        let at = condition.at;
        self.at = at;
        Ok(match condition.fact {
            Fact::AtMost(low, high) => {
                // Every term on the side where it is positive.
                let room = high
                    .minus(&low)
                    .ok_or_else(|| self.no_form("subscripts beyond 128 bits"))?;
                let (mut right, mut left) = (Affine::default(), Affine::default());
                for (atom, factor) in &room.terms {
                    let side = if *factor > 0 { &mut right } else { &mut left };
                    side.terms.insert(*atom, factor.abs());
                }
                if room.constant > 0 && !room.terms.is_empty() {
                    right.constant = room.constant;
                } else {
                    left.constant = -room.constant;
                }
                let (left, right) = (self.affine(&left)?, self.affine(&right)?);
                let test = self.out.operator(if equal { F::Eq } else { F::Le }, &[left, right]);
                let text = if equal {
                    "the lengths are equal"
                } else {
                    "every subscript is in range"
                };
                Guard {
                    text: text.to_owned(),
                    test: Test::Value(test),
                    at,
                }
            }
            Fact::NoAlias(a, b) => {
                let (a, b) = (self.entry_value(a)?, self.entry_value(b)?);
                if matches!(self.out.func.ty(a), Ty::List(..)) {
                    let code = match (self.out.func.name_of(a), self.out.func.name_of(b)) {
                        (Some(a), Some(b)) => format!("{a} is not {b}"),
                        _ => return Err(self.no_form("two lists that may be one")),
                    };
                    return Ok(Guard {
                        text: "the lists are two".to_owned(),
                        test: Test::Code(code),
                        at,
                    });
                }
                let shared = self.numpy_call("may_share_memory", &[a, b]);
                let test = self.out.operator(F::Not, &[shared]);
                Guard {
                    text: "the arrays share no memory".to_owned(),
                    test: Test::Value(test),
                    at,
                }
            }
            Fact::Rectangular(list) => {
                let name = self.list_name(list)?;
                Guard {
                    text: format!("the rows of `{name}` have one length"),
                    test: Test::Code(format!("len(set(map(len, {name}))) == 1")),
                    at,
                }
            }
            Fact::Fits64(list) => {
                let name = self.list_name(list)?;
                let code = match self.raised.ty(list).dims().len() {
                    1 => format!("len({name}) > 0 and -(2**21) < min({name}) and max({name}) < 2**21"),
                    2 => format!("all(row and -(2**21) < min(row) and max(row) < 2**21 for row in {name})"),
                    _ => return Err(self.no_form("ints in lists of lists of lists")),
                };
                let text = format!("the ints of `{name}` fit 21 bits, so that sums of products fit 64");
                Guard {
                    text,
                    test: Test::Code(code),
                    at,
                }
            }
            Fact::Holds(test, text) => Guard {
                text,
                test: Test::Value(test),
                at,
            },
        })
    }

    fn list_name(&self, list: ValueId) -> Result<String> {
        let live = is_live_in(self.raised, list);
        self.raised
            .name_of(list)
            .filter(|_| live)
            .map(str::to_owned)
            .ok_or_else(|| self.no_form("a list whose rows are not known to be alike"))
    }

    /// A live-in or a plain attribute of one.
    fn entry_value(&mut self, value: ValueId) -> Result<ValueId> {
        if self.map.contains_key(&value) || self.contents.contains_key(&value) {
            return self.value(value);
        }
        match self.raised.defining(value) {
            Some(op) if matches!(op.kind, Kind::Attr(_)) => {
                let op = op.clone();
                let object = self.entry_value(op.args[0])?;
                let ty = self.raised.ty(value).clone();
                let new = self.out.typed_op(op.kind, &[object], &[ty]);
                Ok(self.out.func.result(new))
            }
            _ => Err(self.no_form("memory that may be shared with what the loop stores to")),
        }
    }
}

/// Whether a value depends on an element, which may not be there.
fn looks_inside(func: &Function, value: ValueId) -> bool {
    func.defining(value)
        .is_some_and(|op| matches!(op.kind, Kind::Index(_)) || op.args.iter().any(|arg| looks_inside(func, *arg)))
}

/// Moves what guards need to the front: they are tested at the entry.
fn hoist(func: &mut Function, guards: &[Guard]) {
    let mut needed = std::collections::HashSet::new();
    let mut pending: Vec<ValueId> = guards
        .iter()
        .filter_map(|guard| match guard.test {
            Test::Value(value) => Some(value),
            Test::Code(_) => None,
        })
        .collect();
    while let Some(value) = pending.pop() {
        if let Some(op) = func.def_op(value)
            && needed.insert(op)
        {
            pending.extend(&func.op(op).args);
        }
    }
    let body = func.body;
    let ops = std::mem::take(&mut func.block_mut(body).ops);
    let (mut front, rest): (Vec<OpId>, Vec<OpId>) = ops.into_iter().partition(|op| needed.contains(op));
    front.extend(rest);
    func.block_mut(body).ops = front;
}

/// `a <= b` and `b <= a`.
fn is_turned(fact: &Fact, other: &Fact) -> bool {
    let (Fact::AtMost(a, b), Fact::AtMost(c, d)) = (fact, other) else {
        return false;
    };
    match (b.minus(a), c.minus(d)) {
        (Some(room), Some(turned)) => room == turned,
        _ => false,
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

/// Whether `low <= high` holds for every input; `None` if that depends.
pub fn prove_at_most(func: &Function, low: &Affine, high: &Affine) -> Option<bool> {
    let room = high.minus(low)?;
    let interval = room.interval(&|atom| atom_interval(func, atom));
    if interval.lo.is_some_and(|lo| lo >= 0) {
        return Some(true);
    }
    if interval.hi.is_some_and(|hi| hi < 0) {
        return Some(false);
    }
    // `min(a, b)` is at most each of them, and `max(a, b)` at least.
    room.terms.iter().find_map(|(atom, factor)| {
        let Atom::Value(value) = atom else { return None };
        let op = func.defining(*value)?;
        let bounded = match op.kind {
            Kind::Scalar { f: F::Min, .. } => *factor < 0,
            Kind::Scalar { f: F::Max, .. } => *factor > 0,
            _ => false,
        };
        let all_ints = op.args.iter().all(|arg| matches!(func.ty(*arg), Ty::Int(_)));
        if !bounded || !all_ints {
            return None;
        }
        op.args.iter().find_map(|arg| {
            let nearer = room.substitute(*atom, &affine_of(func, *arg))?;
            (prove_at_most(func, &Affine::default(), &nearer) == Some(true)).then_some(true)
        })
    })
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

/// The affine extents of an index-space op.
fn extents_of(func: &Function, op: OpId) -> Vec<Affine> {
    let data = func.op(op);
    data.args[data.kind.leading()..]
        .iter()
        .map(|extent| affine_of(func, *extent))
        .collect()
}
