//! Where the memory of values comes from, and what each op does to it.
//!
//! Arrays and lists that the function makes itself are nobody else's until they are put into an object or handed to
//! unknown code; whatever comes from outside may be the same memory, except that a list of numbers is no array. What
//! known functions and methods do, and whose memory they return, is in [`numlift_ir::table`].

use std::collections::{BTreeMap, BTreeSet};

use numlift_ir::function::{BlockId, Function, OpId, ValueId};
use numlift_ir::op::{Effect, Kind, Term};
use numlift_ir::scalar::F;
use numlift_ir::table::{self, Bound, Does, FunctionInfo};
use numlift_ir::ty::Ty;

use super::effect::Summary;
use super::faults;

/// Where memory comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Root {
    /// An object of the outside of which nothing is known.
    Outside,
    /// An array of the outside.
    OutsideArray,
    /// A list of numbers (or of such lists) of the outside.
    OutsideList,
    /// Made by the op of this result.
    Fresh(ValueId),
}

pub(super) type Roots = BTreeSet<Root>;

/// Whether memory may be the same.
pub(super) fn overlap(a: &Roots, b: &Roots) -> bool {
    let is_outside = |root: &Root| !matches!(root, Root::Fresh(_));
    let meets = |a: &Roots, b: &Roots| a.contains(&Root::Outside) && b.iter().any(is_outside);
    a.intersection(b).next().is_some() || meets(a, b) || meets(b, a)
}

/// The known function that an op calls, with its arguments bound.
pub(super) fn known_function(func: &Function, op: OpId) -> Option<(&'static FunctionInfo, Bound)> {
    let data = func.op(op);
    let (info, keywords) = match &data.kind {
        Kind::Call { callee, keywords } => (table::lookup(callee)?, keywords),
        Kind::Method { name, keywords } => {
            let class = match func.ty(*data.args.first()?).bound() {
                Ty::Array { .. } => "ndarray",
                Ty::List(..) => "list",
                Ty::Generator { legacy: false } => "Generator",
                Ty::Generator { legacy: true } => "RandomState",
                _ => return None,
            };
            (table::method(class, name)?, keywords)
        }
        _ => return None,
    };
    let keywords: Vec<&str> = keywords.iter().map(String::as_str).collect();
    let bound = info.bind(data.args.len().checked_sub(keywords.len())?, &keywords)?;
    Some((info, bound))
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

    fn visit(&mut self, block: BlockId) {
        for param in &self.func.block(block).params {
            // What a loop carries is whatever it started with or made: see `escape`.
            let inner = block != self.func.body && self.func.ty(*param).has_memory();
            let roots = if inner {
                Roots::from([Root::Outside])
            } else {
                outside(self.func.ty(*param))
            };
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
            Kind::For | Kind::While => &data.args[..],
            _ => &[],
        };
        let mut stored = stored.to_vec();
        if matches!(data.kind, Kind::For | Kind::While) {
            for block in &data.blocks {
                self.func.visit_blocks(*block, &mut |inner| {
                    if let Term::Yield(values) | Term::Break(_, values) = &self.func.block(inner).end {
                        stored.extend(values);
                    }
                });
            }
        }
        for value in stored {
            for root in self.roots(value) {
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
        if !self.func.ty(result).has_memory() {
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
            Kind::Call { .. } | Kind::Method { .. } => match known_function(self.func, op) {
                Some((info, bound)) => {
                    let argument =
                        |number: usize| data.args.get(number).map(|arg| self.roots(*arg)).unwrap_or_default();
                    match info.memory_of(&bound) {
                        table::Memory::Plain | table::Memory::Fresh => fresh(),
                        table::Memory::View(number) => argument(number),
                        table::Memory::MayView(number) | table::Memory::Holds(number) => {
                            argument(number).into_iter().chain(fresh()).collect()
                        }
                        table::Memory::MayViewAny => inherited().into_iter().chain(fresh()).collect(),
                    }
                }
                None => inherited().into_iter().chain([Root::Outside]).collect(),
            },
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

    /// Whether an op asks if memory is shared that certainly is not.
    pub fn is_certainly_apart(&self, op: OpId) -> bool {
        let data = self.func.op(op);
        match (&data.kind, &data.args[..]) {
            (Kind::Call { callee, .. }, [a, b]) if is_sharing_test(callee) => {
                let (a, b) = (self.roots(*a), self.roots(*b));
                !a.is_empty() && !b.is_empty() && !overlap(&a, &b)
            }
            _ => false,
        }
    }

    /// Whether a value is memory that the function has just made, which nobody made read-only.
    pub fn is_fresh(&self, value: ValueId) -> bool {
        let roots = self.roots(value);
        !roots.is_empty() && roots.iter().all(|root| matches!(root, Root::Fresh(_)))
    }

    /// What an op does by itself, without its operands and blocks.
    pub fn summary(&self, op: OpId) -> Summary {
        let func = self.func;
        let data = func.op(op);
        let mut summary = Summary {
            raises: faults::raises(func, op),
            warns: faults::warns(func, op),
            works: does_work(func, op),
            ..Summary::default()
        };
        if data.kind.effect() != Effect::Pure && !keeps_to_itself(func, op) {
            summary.reads = data.args.iter().flat_map(|arg| self.roots(*arg)).collect();
        }
        if let Some((info, bound)) = known_function(func, op) {
            self.known_effect(op, info, &bound, &mut summary);
            return summary;
        }
        match data.kind.effect() {
            Effect::Pure | Effect::Reads => {}
            Effect::Writes => summary.writes = data.args.first().map(|base| self.roots(*base)).unwrap_or_default(),
            Effect::Draws => {
                summary.writes = summary.reads.clone();
                summary.draws = true;
            }
            Effect::World => {
                summary.writes = summary.reads.clone();
                summary.world = true;
            }
        }
        summary
    }

    fn known_effect(&self, op: OpId, info: &FunctionInfo, bound: &Bound, summary: &mut Summary) {
        let changed = match info.does {
            Does::Nothing | Does::DrawsGlobal | Does::DrawsFrom | Does::Entropy => None,
            Does::Changes(parameter) | Does::DrawsAndChanges(parameter) => Some(parameter),
            Does::Clock | Does::Prints | Does::World => None,
        };
        let argument = |number: usize| {
            self.func
                .op(op)
                .args
                .get(number)
                .map(|arg| self.roots(*arg))
                .unwrap_or_default()
        };
        if let Some(out) = bound.get("out") {
            summary.writes.extend(argument(out));
        }
        if changed.is_some() {
            // Which argument it is, is not worth looking up: all of them.
            summary.writes.extend(summary.reads.iter().copied());
        }
        summary.draws = matches!(
            info.does,
            Does::DrawsGlobal | Does::DrawsFrom | Does::DrawsAndChanges(_) | Does::Entropy
        );
        if matches!(info.does, Does::Clock | Does::Prints | Does::World) {
            summary.writes.extend(summary.reads.iter().copied());
            summary.world = true;
        }
    }

    /// What the ops of a block do, with the blocks inside.
    pub fn block_summary(&self, block: BlockId) -> Summary {
        let mut sum = Summary::default();
        self.func.walk(block, &mut |op| sum.add(&self.summary(op)));
        sum
    }
}

fn outside(ty: &Ty) -> Roots {
    if !ty.has_memory() {
        return Roots::new();
    }
    let root = match ty.bound() {
        Ty::Array { .. } | Ty::Tensor { .. } => Root::OutsideArray,
        list @ Ty::List(..) if list.elements().is_some() => Root::OutsideList,
        _ => Root::Outside,
    };
    Roots::from([root])
}

/// Arrays and tensors.
pub(super) fn is_array(ty: &Ty) -> bool {
    matches!(ty.bound(), Ty::Array { .. } | Ty::Tensor { .. })
}

/// An index with a mask or an index array gives a copy.
pub(super) fn is_copying_index(func: &Function, op: OpId) -> bool {
    let data = func.op(op);
    is_array(func.ty(data.args[0])) && data.args[1..].iter().any(|sub| is_array(func.ty(*sub)))
}

/// Ints and slices of an array make a view (or one element, which is read).
pub(super) fn is_view(func: &Function, op: OpId) -> bool {
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
        // It asks for addresses, not for contents.
        Kind::Call { callee, .. } if is_sharing_test(callee) => true,
        Kind::Len { .. } | Kind::Attr(_) => !func.ty(data.args[0]).has_memory() || is_array(func.ty(data.args[0])),
        Kind::Index(_) => is_view(func, op),
        _ => data.args.iter().all(|arg| !func.ty(*arg).has_memory()),
    }
}

/// Whether two arrays share memory.
fn is_sharing_test(callee: &str) -> bool {
    matches!(callee, "numpy.may_share_memory" | "numpy.shares_memory")
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
