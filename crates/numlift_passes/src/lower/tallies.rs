//! Ints that are counted up or down, and cannot leave 64 bits.
//!
//! ```text
//! count = 0                                   2**57 additions would take years: `count` is an int of 64 bits, and no
//! for v in x:                                 addition is looked at. What is in no need of a look may be computed in
//!     if v > 0.5: count += 1                  vectors.
//! ```
//!
//! A tally is a value that is handed on by loops and branches, begins with ints that are known to be small, and only ever
//! moves by small constants. All values that are handed on to each other are one tally.

use std::collections::{BTreeMap, BTreeSet};

use numlift_ir::function::{BlockId, Function, OpId, ValueId};
use numlift_ir::infer::interval_of;
use numlift_ir::op::{Const, Kind, Term};
use numlift_ir::scalar::{F, Flavour};
use numlift_ir::ty::{Interval, Ty};

use super::{Options, Slip};

/// The largest step.
const STEP: i128 = 16;

/// Where a tally begins, either way at most.
const BEGIN: i128 = 1 << 61;

/// How far it comes in years.
const FAR: i128 = 1 << 61;

/// Where a value comes from.
#[derive(Debug, Clone, Default)]
struct Sources {
    /// What is handed on.
    values: Vec<ValueId>,
    /// By how much it moves on the way.
    step: i128,
}

/// Gives tallies their types, everywhere in a function.
pub(super) fn settle(func: &mut Function, options: &Options) {
    let mut walk = Walk {
        func,
        loops: Vec::new(),
        sources: BTreeMap::new(),
        most: if options.slips(Slip::Counters) { i128::MAX } else { STEP },
    };
    walk.block(func.body);
    let sources = walk.sources;
    let is_small = |value: ValueId| interval_of(func.ty(value)).is_within(Interval::new(-BEGIN, BEGIN));
    let mut tallies: BTreeSet<ValueId> = sources
        .iter()
        .filter(|(value, _)| matches!(func.ty(**value), Ty::Int(_)) && !is_small(**value))
        .map(|(value, _)| *value)
        .collect();
    loop {
        let is_fine = |value: &ValueId| tallies.contains(value) || is_small(*value);
        let bad: Vec<ValueId> = tallies
            .iter()
            .filter(|tally| !sources[*tally].values.iter().all(is_fine))
            .copied()
            .collect();
        if bad.is_empty() {
            break;
        }
        bad.iter().for_each(|value| _ = tallies.remove(value));
    }
    for (value, interval) in intervals(func, &sources, &tallies) {
        let known = interval_of(func.ty(value));
        func.set_ty(value, Ty::Int(known.meet(interval)));
    }
}

/// What each tally may be.
fn intervals(
    func: &Function,
    sources: &BTreeMap<ValueId, Sources>,
    tallies: &BTreeSet<ValueId>,
) -> BTreeMap<ValueId, Interval> {
    let mut found: BTreeMap<ValueId, Interval> = BTreeMap::new();
    // Whoever moves at all may move far.
    let far = |interval: Interval, step: i128| Interval {
        lo: interval.lo.map(|lo| if step < 0 { -BEGIN - FAR } else { lo }),
        hi: interval.hi.map(|hi| if step > 0 { BEGIN + FAR } else { hi }),
    };
    loop {
        let mut changed = false;
        for tally in tallies {
            let Sources { values, step, .. } = &sources[tally];
            let of = |value: &ValueId| match tallies.contains(value) {
                true => found.get(value).copied(),
                false => Some(interval_of(func.ty(*value))),
            };
            let joined = values.iter().filter_map(of).reduce(Interval::join);
            let Some(joined) = joined.map(|joined| far(joined, *step)) else {
                continue;
            };
            if found.get(tally) != Some(&joined) {
                found.insert(*tally, joined);
                changed = true;
            }
        }
        if !changed {
            return found;
        }
    }
}

struct Walk<'f> {
    func: &'f Function,
    /// The loops around, the innermost last.
    loops: Vec<OpId>,
    sources: BTreeMap<ValueId, Sources>,
    most: i128,
}

impl Walk<'_> {
    fn block(&mut self, block: BlockId) {
        let func = self.func;
        for op in &func.block(block).ops {
            self.op(*op);
        }
        if let Term::Break(out, values) = &func.block(block).end
            && let Some(left) = self.loops.iter().rev().nth(*out)
        {
            for (result, value) in func.op(*left).results.iter().zip(values) {
                self.hand(*result, *value);
            }
        }
    }

    fn op(&mut self, op: OpId) {
        let func = self.func;
        let data = func.op(op);
        let is_loop = matches!(data.kind, Kind::For | Kind::While);
        if is_loop {
            self.loops.push(op);
        }
        data.blocks.iter().for_each(|block| self.block(*block));
        if is_loop {
            self.loops.pop();
        }
        match data.kind {
            Kind::For => self.carried(op, &data.args[3..], &[(data.blocks[0], 1)], data.blocks[0]),
            Kind::While => {
                let params = [(data.blocks[0], 0), (data.blocks[1], 0)];
                self.carried(op, &data.args, &params, data.blocks[1]);
            }
            Kind::If => {
                for block in &data.blocks {
                    if let Term::Yield(values) = &func.block(*block).end {
                        for (result, value) in data.results.iter().zip(values) {
                            self.hand(*result, *value);
                        }
                    }
                }
            }
            Kind::Select => {
                self.hand(data.results[0], data.args[1]);
                self.hand(data.results[0], data.args[2]);
            }
            Kind::Scalar {
                f: f @ (F::Add | F::Sub),
                flavour: Flavour::Py,
            } => self.sum(op, f),
            _ => {}
        }
    }

    /// What a loop carries: it comes from in front of it, and from one iteration to the next.
    fn carried(&mut self, op: OpId, begin: &[ValueId], params: &[(BlockId, usize)], body: BlockId) {
        let func = self.func;
        let data = func.op(op);
        let next = match &func.block(body).end {
            Term::Yield(values) => &values[..],
            Term::Break(..) | Term::Return(_) | Term::Unreachable => &[],
        };
        for (number, result) in data.results.iter().enumerate() {
            let own = params
                .iter()
                .map(|(block, first)| func.block(*block).params[first + number]);
            for value in own.chain([*result]) {
                self.hand(value, begin[number]);
                if let Some(next) = next.get(number) {
                    self.hand(value, *next);
                }
            }
        }
    }

    fn sum(&mut self, op: OpId, f: F) {
        let func = self.func;
        let data = func.op(op);
        let [a, b] = data.args[..] else { return };
        let constant = |value: ValueId| match func.as_const(value) {
            Some(Const::Int(n)) if n.abs() <= self.most => Some(*n),
            _ => None,
        };
        let (value, step) = match (f, constant(a), constant(b)) {
            (F::Add, _, Some(step)) => (a, step),
            (F::Add, Some(step), None) => (b, step),
            (_, _, Some(step)) => (a, -step),
            _ => return,
        };
        let sources = self.sources.entry(data.results[0]).or_default();
        sources.values.push(value);
        sources.step = step;
    }

    fn hand(&mut self, to: ValueId, from: ValueId) {
        self.sources.entry(to).or_default().values.push(from);
    }
}
