//! What an iteration reads and stores, and whether another one does the same.
//!
//! ```text
//! store c[i, j]   load c[i, j]       the first subscript differs wherever i does: apart
//! store x[2*i+1]  load x[2*i]        2*(i - i') + 1 is never 0: apart
//! store c[j, i]   load c[i, j]       may meet
//! ```
//!
//! Two accesses of one array are apart if on one axis both subscripts move with the loop's index alike, and what else is
//! in them differs by less than one step.

use std::collections::BTreeSet;

use numlift_ir::affine::{Affine, Atom, affine_of, atom_interval};
use numlift_ir::function::{Def, Function, OpId, ValueId};
use numlift_ir::launch::Test;
use numlift_ir::op::{Kind, Sub};
use numlift_ir::ty::{Interval, Ty};

use super::Inside;
use crate::lower::roots::Roots;

/// An access of an element.
struct Access {
    base: ValueId,
    /// Where, as far as it is understood.
    subscripts: Vec<Affine>,
    is_store: bool,
}

/// All accesses of a loop's body.
pub(super) struct Accesses<'a> {
    func: &'a Function,
    inside: &'a Inside,
    local: &'a BTreeSet<OpId>,
    all: Vec<Access>,
}

/// More tests at a launch than this are not made.
const MOST_TESTS: usize = 6;

impl<'a> Accesses<'a> {
    pub(super) fn new(func: &'a Function, inside: &'a Inside, local: &'a BTreeSet<OpId>) -> Self {
        Self {
            func,
            inside,
            local,
            all: Vec::new(),
        }
    }

    /// Whether an array is the iteration's own.
    fn is_own(&self, array: ValueId) -> bool {
        let Def::Result(op, _) = self.func.def(array) else {
            return false;
        };
        self.local.contains(&op) && self.inside.has(self.func, array)
    }

    /// Adds a load or a store.
    pub(super) fn add(&mut self, op: OpId) {
        let data = self.func.op(op);
        if self.is_own(data.args[0]) {
            return;
        }
        let is_store = data.kind == Kind::Store;
        let indices = &data.args[1..data.args.len() - usize::from(is_store)];
        let subscripts = indices.iter().map(|index| affine_of(self.func, *index)).collect();
        let (base, subscripts) = self.whole(data.args[0], subscripts);
        let access = Access {
            base,
            subscripts,
            is_store,
        };
        self.all.push(access);
    }

    /// An access of a view that an iteration makes, as one of what it is a view of.
    fn whole(&self, base: ValueId, subscripts: Vec<Affine>) -> (ValueId, Vec<Affine>) {
        let same = (base, subscripts.clone());
        if !self.inside.has(self.func, base) {
            return same;
        }
        let Some(op) = self.func.defining(base) else {
            return same;
        };
        let Kind::Index(subs) = &op.kind else { return same };
        let mut operands = op.args[1..].iter();
        let mut own = subscripts.into_iter();
        let mut moved = Vec::new();
        for sub in subs {
            let mut from_front = || {
                let operand = *operands.next()?;
                let Ty::Int(interval) = self.func.ty(operand) else {
                    return None;
                };
                // A negative one counts from the end.
                interval
                    .lo
                    .is_some_and(|lo| lo >= 0)
                    .then(|| affine_of(self.func, operand))
            };
            let place = match sub {
                Sub::At => from_front(),
                Sub::Slice { lo, hi, step: false } => {
                    let low = if *lo { from_front() } else { Some(Affine::constant(0)) };
                    if *hi {
                        operands.next();
                    }
                    own.next()
                        .and_then(|subscript| low.and_then(|low| low.plus(&subscript, 1)))
                }
                Sub::Slice { step: true, .. } | Sub::NewAxis | Sub::Ellipsis => None,
            };
            match place {
                Some(place) => moved.push(place),
                None => return same,
            }
        }
        moved.extend(own);
        self.whole(op.args[0], moved)
    }

    /// What has to be tested so that no iteration meets another; or why they meet.
    pub(super) fn conflicts(&self, roots: &Roots<'_>) -> Result<Vec<Test>, String> {
        let mut tests = BTreeSet::new();
        for store in self.all.iter().filter(|access| access.is_store) {
            if self.inside.has(self.func, store.base) {
                return Err("it stores into a view that is made in each iteration".to_owned());
            }
            if !matches!(self.func.ty(store.base).bound(), Ty::Array { contiguous: true, .. }) {
                tests.insert(Test::Plain(store.base));
            }
            for other in &self.all {
                if other.base == store.base {
                    if !self.is_apart(store, other) {
                        return Err(self.meeting(store, other));
                    }
                } else if roots.may_share(store.base, other.base) {
                    if self.inside.has(self.func, other.base) {
                        return Err(format!(
                            "{} may be stored to by another iteration while it is read",
                            self.called(store.base)
                        ));
                    }
                    let (a, b) = (store.base.min(other.base), store.base.max(other.base));
                    tests.insert(Test::Apart(a, b));
                }
            }
        }
        if tests.len() > MOST_TESTS {
            return Err("too many arrays may share memory".to_owned());
        }
        Ok(tests.into_iter().collect())
    }

    fn meeting(&self, store: &Access, other: &Access) -> String {
        let name = self.called(store.base);
        match other.is_store {
            true => format!("two may store to the same element of {name}"),
            false => format!("one may read what another stores to {name}"),
        }
    }

    fn called(&self, value: ValueId) -> String {
        let name = self.func.name_of(value);
        name.map_or_else(|| "an array".to_owned(), |name| format!("`{name}`"))
    }

    /// Whether no two iterations meet in two accesses of one array.
    fn is_apart(&self, a: &Access, b: &Access) -> bool {
        a.subscripts.len() == b.subscripts.len()
            && a.subscripts
                .iter()
                .zip(&b.subscripts)
                .any(|(a, b)| self.differ(a, b).unwrap_or(false))
    }

    fn differ(&self, a: &Affine, b: &Affine) -> Option<bool> {
        let index = Atom::Value(self.inside.index);
        let factor = a.coefficient(index);
        if factor == 0 || b.coefficient(index) != factor {
            return Some(false);
        }
        let (fixed_a, moving_a) = self.parted(a)?;
        let (fixed_b, moving_b) = self.parted(b)?;
        let distance = fixed_a.minus(&fixed_b)?.as_constant()?;
        let moved = moving_a.add(moving_b.mul(Interval::point(-1)));
        let moved = moved.add(Interval::point(distance));
        let step = factor.checked_abs()?;
        Some(moved.lo.is_some_and(|lo| lo > -step) && moved.hi.is_some_and(|hi| hi < step))
    }

    /// What of a subscript is the same in every iteration, and the interval of what else there is beside the index.
    fn parted(&self, subscript: &Affine) -> Option<(Affine, Interval)> {
        let mut fixed = Affine::constant(subscript.constant);
        let mut moving = Interval::point(0);
        for (atom, factor) in &subscript.terms {
            if *atom == Atom::Value(self.inside.index) {
                continue;
            }
            let is_inside = match atom {
                Atom::Value(value) | Atom::Extent(value, _) => self.inside.has(self.func, *value),
                Atom::Sym(_) => false,
            };
            match is_inside {
                false => fixed = fixed.plus(&Affine::atom(*atom), *factor)?,
                true => {
                    let interval = atom_interval(self.func, *atom);
                    moving = moving.add(interval.mul(Interval::point(*factor)));
                }
            }
        }
        Some((fixed, moving))
    }
}
