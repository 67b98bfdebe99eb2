//! What is known of ints: bounds of loop indices, what was tested, and what follows.
//!
//! ```text
//! for i in range(0, n - 1):      0 <= i,  i <= n - 2      so  i + 1 < n
//!     if j > i: …                0 <= j - i - 1
//! ```
//!
//! A fact is an affine expression that is at least 0. To show that another is, facts are taken off it, one for each
//! index or int that makes it small, until the intervals of what is left decide. Python's ints do not wrap, so this is
//! arithmetic.

use std::collections::HashMap;

use numlift_ir::affine::{Affine, Atom, affine_of, atom_interval};
use numlift_ir::function::{Function, OpId, ValueId};
use numlift_ir::op::{Const, Kind, Term};
use numlift_ir::polynomial;
use numlift_ir::scalar::F;
use numlift_ir::ty::{Interval, Ty};

/// So many facts are taken one after the other.
const MAX_DEPTH: usize = 5;

/// So many expressions are looked at for one answer: what needs more is not known.
const MAX_STEPS: usize = 500;

/// What is left of the steps for one answer, and what was looked at in vain, with the facts that could still be taken.
#[derive(Default)]
struct Budget {
    vain: HashMap<Affine, usize>,
    steps: usize,
}

impl Budget {
    /// Whether an expression is worth looking at.
    fn goes_on(&mut self, affine: &Affine, depth: usize) -> bool {
        self.steps += 1;
        if self.steps > MAX_STEPS || self.vain.get(affine).is_some_and(|before| *before >= depth) {
            return false;
        }
        self.vain.insert(affine.clone(), depth);
        true
    }
}

/// Affine expressions that are at least 0 wherever they are asked about.
#[derive(Debug, Default, Clone)]
pub(crate) struct Facts {
    /// By the atoms that they have.
    by_atom: HashMap<Atom, Vec<Affine>>,
}

impl Facts {
    /// Notes that an expression is at least 0.
    pub(crate) fn add(&mut self, fact: Affine) {
        for atom in fact.terms.keys() {
            let known = self.by_atom.entry(*atom).or_default();
            if !known.contains(&fact) {
                known.push(fact.clone());
            }
        }
    }

    /// Every fact, once.
    pub(crate) fn all(&self) -> Vec<Affine> {
        let mut all: Vec<Affine> = self.by_atom.values().flatten().cloned().collect();
        all.sort();
        all.dedup();
        all
    }

    /// Notes that `a <= b`.
    pub(crate) fn at_most(&mut self, a: &Affine, b: &Affine) {
        if let Some(distance) = b.minus(a) {
            self.add(distance);
        }
    }

    /// Notes the bounds of a loop's index.
    pub(crate) fn index(&mut self, func: &Function, index: ValueId, [start, stop, step]: [ValueId; 3]) {
        let at = Affine::atom(Atom::Value(index));
        let (first, end) = (affine_of(func, start), affine_of(func, stop));
        match affine_of(func, step).as_constant() {
            Some(1..) => {
                self.at_most(&first, &at);
                end.offset(-1).iter().for_each(|last| self.at_most(&at, last));
            }
            Some(..0) => {
                self.at_most(&at, &first);
                end.offset(1).iter().for_each(|last| self.at_most(last, &at));
            }
            Some(0) | None => {}
        }
    }

    /// Notes that a condition holds, or that it does not.
    pub(crate) fn tested(&mut self, func: &Function, condition: ValueId, holds: bool) {
        let Some(op) = func.defining(condition) else { return };
        match &op.kind {
            Kind::Truth => self.tested(func, op.args[0], holds),
            Kind::Scalar { f: F::Not, .. } => self.tested(func, op.args[0], !holds),
            Kind::Scalar { f, .. } if op.args.len() == 2 => {
                let are_ints = op.args.iter().all(|arg| matches!(func.ty(*arg), Ty::Int(_)));
                if are_ints {
                    let [a, b] = [op.args[0], op.args[1]].map(|arg| affine_of(func, arg));
                    self.compared(*f, &a, &b, holds);
                }
            }
            // `c and d` is `d if c else False`.
            Kind::If if op.results.len() == 1 => {
                // A branch that gives the condition itself gives what that was tested for.
                let constant = |number: usize| match &func.block(op.blocks[number]).end {
                    Term::Yield(values) if values[0] == op.args[0] => Ok(number == 0),
                    Term::Yield(values) => match func.as_const(values[0]) {
                        Some(Const::Bool(bool)) => Ok(*bool),
                        _ => Err(values[0]),
                    },
                    _ => Ok(!holds),
                };
                match (constant(0), constant(1)) {
                    (Err(then), Ok(other)) if other != holds => {
                        self.tested(func, op.args[0], true);
                        self.tested(func, then, holds);
                    }
                    (Ok(then), Err(other)) if then != holds => {
                        self.tested(func, op.args[0], false);
                        self.tested(func, other, holds);
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn compared(&mut self, f: F, a: &Affine, b: &Affine, holds: bool) {
        let below = |a: &Affine, b: &Affine| b.minus(a).and_then(|distance| distance.offset(-1));
        match (f, holds) {
            (F::Lt, true) | (F::Ge, false) => below(a, b).into_iter().for_each(|fact| self.add(fact)),
            (F::Gt, true) | (F::Le, false) => below(b, a).into_iter().for_each(|fact| self.add(fact)),
            (F::Le, true) | (F::Gt, false) => self.at_most(a, b),
            (F::Ge, true) | (F::Lt, false) => self.at_most(b, a),
            (F::Eq, true) | (F::Ne, false) => {
                self.at_most(a, b);
                self.at_most(b, a);
            }
            _ => {}
        }
    }

    /// Notes what a loop's carried ints never pass: one that only grows is at least what it starts with.
    pub(crate) fn carried(&mut self, func: &Function, op: OpId) {
        let data = func.op(op);
        let (inits, body, skip) = match data.kind {
            Kind::For => (&data.args[3..], data.blocks[0], 1),
            Kind::While => (&data.args[..], data.blocks[1], 0),
            _ => return,
        };
        let params = func.block(body).params[skip..].to_vec();
        let tests = (data.kind == Kind::While).then(|| func.block(data.blocks[0]).params.clone());
        let Term::Yield(yielded) = &func.block(body).end else {
            return;
        };
        for (number, param) in params.iter().enumerate() {
            if !matches!(func.ty(*param), Ty::Int(_)) || !matches!(func.ty(inits[number]), Ty::Int(_)) {
                continue;
            }
            let init = affine_of(func, inits[number]);
            let at = std::iter::once(*param).chain(tests.as_ref().map(|tests| tests[number]));
            for at in at.map(|value| Affine::atom(Atom::Value(value))) {
                match moves(func, yielded[number], *param, 8) {
                    Some((least, _)) if least >= 0 => self.at_most(&init, &at),
                    Some((_, most)) if most <= 0 => self.at_most(&at, &init),
                    _ => {}
                }
            }
        }
    }

    /// Whether an expression is at least 0 in every run.
    pub(crate) fn is_natural(&self, func: &Function, affine: &Affine) -> bool {
        self.search(func, affine, MAX_DEPTH, &mut Budget::default())
    }

    /// Whether `a <= b` in every run.
    pub(crate) fn is_at_most(&self, func: &Function, a: &Affine, b: &Affine) -> bool {
        b.minus(a).is_some_and(|distance| self.is_natural(func, &distance))
    }

    fn search(&self, func: &Function, affine: &Affine, depth: usize, budget: &mut Budget) -> bool {
        // Ints of compiled code have 64 bits.
        let of = |atom| atom_interval(func, atom).meet(Interval::MACHINE);
        let is_natural = |interval: Interval| interval.lo.is_some_and(|lo| lo >= 0);
        if is_natural(affine.interval(&of)) || polynomial::interval(func, affine, &of).is_some_and(is_natural) {
            return true;
        }
        if depth == 0 || !budget.goes_on(affine, depth) {
            return false;
        }
        affine.terms.iter().any(|(atom, factor)| {
            let made = self.made(func, *atom, depth, budget);
            let known = self.by_atom.get(atom).into_iter().flatten();
            known.chain(&made).any(|fact| {
                let own = fact.coefficient(*atom);
                // Taking the fact off, as often as makes the atom go away.
                let times = if own == 0 { 0 } else { factor / own };
                times > 0
                    && own * times == *factor
                    && affine
                        .plus(fact, -times)
                        .is_some_and(|less| self.search(func, &less, depth - 1, budget))
            })
        })
    }

    /// What follows from how an int is computed.
    fn made(&self, func: &Function, atom: Atom, depth: usize, budget: &mut Budget) -> Vec<Affine> {
        let Atom::Value(value) = atom else { return Vec::new() };
        let Some(op) = func.defining(value) else {
            return Vec::new();
        };
        let (Kind::Scalar { f, .. }, [a, b]) = (&op.kind, &op.args[..]) else {
            return Vec::new();
        };
        if ![a, b].iter().all(|value| matches!(func.ty(**value), Ty::Int(_))) {
            return Vec::new();
        }
        let at = Affine::atom(atom);
        let (a, b) = (affine_of(func, *a), affine_of(func, *b));
        let facts = match f {
            F::Min => vec![a.minus(&at), b.minus(&at)],
            F::Max => vec![at.minus(&a), at.minus(&b)],
            F::FloorDiv => match b.as_constant() {
                // `k * (a // k)` is at most `a`, and `a // k` is if that is not negative.
                Some(divisor) if divisor > 0 => {
                    let shrinks = self.search(func, &a, depth.saturating_sub(1).min(2), budget);
                    let exact = at.times(divisor).and_then(|product| a.minus(&product));
                    vec![exact, if shrinks { a.minus(&at) } else { None }]
                }
                _ => Vec::new(),
            },
            F::Mod => {
                let below = b.offset(-1);
                match below {
                    Some(below) if self.search(func, &below, depth.saturating_sub(1).min(2), budget) => {
                        vec![below.minus(&at), Some(at)]
                    }
                    _ => Vec::new(),
                }
            }
            _ => Vec::new(),
        };
        facts.into_iter().flatten().collect()
    }
}

/// By how much a value is more than a loop's parameter, at least and at most.
fn moves(func: &Function, value: ValueId, param: ValueId, depth: usize) -> Option<(i128, i128)> {
    let distance = affine_of(func, value).minus(&Affine::atom(Atom::Value(param)))?;
    if let Some(step) = distance.as_constant() {
        return Some((step, step));
    }
    let op = func.defining(value)?;
    if op.kind != Kind::If || depth == 0 {
        return None;
    }
    let number = op.results.iter().position(|result| *result == value)?;
    let mut both: Option<(i128, i128)> = None;
    for block in &op.blocks {
        let Term::Yield(values) = &func.block(*block).end else {
            continue;
        };
        let (least, most) = moves(func, values[number], param, depth - 1)?;
        both = Some(both.map_or((least, most), |(a, b)| (a.min(least), b.max(most))));
    }
    both
}
