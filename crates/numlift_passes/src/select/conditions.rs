//! The conditions that a selection gathers.
//!
//! A condition that is proven is dropped, one that is never met is a blocker, and of several that differ in a constant
//! the strictest is kept. What is open when everything is selected gets its test in [`super::guard`].

use std::collections::HashSet;

use numlift_ir::affine::{Affine, Atom, is_equal};
use numlift_ir::function::{OriginId, ValueId};
use numlift_ir::op::{Effect, Kind};
use numlift_ir::ty::Dim;

use super::{Announced, Content, Result, Selector, is_live_in};
use crate::blocker::{Blocker, BlockerKind};
use crate::condition::{Condition, Fact, prove_at_most};

impl Selector<'_> {
    /// Adds a condition unless it is proven; a condition that is never met is a blocker.
    pub(super) fn require(&mut self, fact: Fact, at: OriginId) -> Result<()> {
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
        let too_early = match &fact {
            Fact::Rectangular(list) => self.is_changed(*list, false),
            Fact::Fits64(list) => self.is_changed(*list, true),
            Fact::AtMost(..) | Fact::NoAlias(..) | Fact::Holds(..) => false,
        };
        if too_early {
            return Err(self.no_form("a list that is changed before it is made an array"));
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

    /// Whether the loop's function changes a list of lists: which lists it holds, or any of the numbers too.
    fn is_changed(&self, list: ValueId, numbers: bool) -> bool {
        let func = self.raised;
        let root = crate::access::path(func, list).0;
        let mut changed = false;
        func.walk(func.body, &mut |op| {
            let data = func.op(op);
            let is_number = || {
                data.args
                    .last()
                    .is_some_and(|value| func.ty(*value).as_scalar().is_some())
            };
            let harmless = match data.kind {
                Kind::SetIndex(_) => !numbers && is_number(),
                Kind::Scatter { .. } | Kind::ScatterFold { .. } => !numbers,
                _ => !matches!(data.kind.effect(), Effect::Writes | Effect::World),
            };
            changed |= !harmless && data.args.iter().any(|arg| crate::access::path(func, *arg).0 == root);
        });
        changed
    }

    /// Whether a value of the new function depends on memory that the new function stores to before.
    fn depends_on_stores(&self, value: ValueId) -> bool {
        let func = &self.out.func;
        let mut stored = HashSet::new();
        func.walk(func.body, &mut |op| {
            let data = func.op(op);
            if matches!(data.kind.effect(), Effect::Writes | Effect::World)
                && let Some(base) = data.args.first()
            {
                stored.insert(crate::access::path(func, *base).1);
            }
        });
        let mut pending = vec![value];
        let mut seen = HashSet::new();
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
    pub(super) fn is_same(&self, a: &Affine, b: &Affine) -> bool {
        let stated = |low: &Affine, high: &Affine| {
            self.conditions.iter().any(|known| match &known.fact {
                Fact::AtMost(from, to) => to.minus(from) == high.minus(low),
                _ => false,
            })
        };
        is_equal(a, b) || stated(a, b) && stated(b, a) || is_equal(&self.by_least(a), &self.by_least(b))
    }

    /// Extents that are one number by the first of them.
    fn by_least(&self, affine: &Affine) -> Affine {
        let raised = self.raised;
        let params = &raised.block(raised.body).params;
        let named = |name: &str| params.iter().find(|param| raised.name_of(**param) == Some(name));
        let least = |atom: Atom| {
            let Atom::Extent(value, axis) = atom else { return atom };
            let Some(name) = raised.name_of(value).filter(|_| params.contains(&value)) else {
                return atom;
            };
            let place = (name.to_owned(), axis);
            let equal = self.options.equal.iter().find(|equal| equal.contains(&place));
            let first = equal.and_then(|equal| equal.iter().find_map(|(name, axis)| Some((*named(name)?, *axis))));
            first.map_or(atom, |(value, axis)| Atom::Extent(value, axis))
        };
        let mut by = Affine::constant(affine.constant);
        for (atom, factor) in &affine.terms {
            match by.plus(&Affine::atom(least(*atom)), *factor) {
                Some(sum) => by = sum,
                None => return affine.clone(),
            }
        }
        by
    }

    /// A condition by the extents of the new arrays, unless they prove it.
    pub(super) fn open(&self, condition: Condition) -> Option<Condition> {
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
}
