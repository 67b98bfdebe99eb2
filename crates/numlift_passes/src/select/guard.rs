//! The tests at the entry: what was not proven is asked before the array form runs.
//!
//! ```text
//! n at most len x      =>  n <= len(x)
//! no alias a, b        =>  not np.may_share_memory(a, b)
//! ```
//!
//! A guard is a value of the selected function, moved to its front and printed by the same writer, or Python's own
//! words where the array form has none.

use std::collections::HashSet;

use numlift_ir::affine::Affine;
use numlift_ir::function::{Function, OpId, ValueId};
use numlift_ir::op::Kind;
use numlift_ir::scalar::F;
use numlift_ir::ty::Ty;

use super::outcome::tested;
use super::{Guard, Result, Selector, Test, is_live_in};
use crate::condition::{Condition, Fact};

impl Selector<'_> {
    /// The tests that discharge the conditions that are still open, in the order in which they are made.
    pub(super) fn guards(&mut self) -> Result<Vec<Guard>> {
        let mut guards: Vec<(bool, Guard)> = Vec::new();
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
            let is_of_elements = matches!(condition.fact, Fact::Holds(..));
            guards.push((is_of_elements, self.guard(condition.clone(), equal)?));
        }
        // That there are rows is asked before the first of them is, and what elements are only where they are known to
        // be there: an extremum of nothing raises.
        guards.sort_by_key(|(is_of_elements, guard)| match guard.test {
            Test::Value(value) => (*is_of_elements, looks_inside(&self.out.func, value)),
            Test::Code(_) => (*is_of_elements, false),
        });
        Ok(guards.into_iter().map(|(_, guard)| guard).collect())
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
    func.any_below(value, &mut |op| matches!(func.op(op).kind, Kind::Index(_)))
}

/// Moves what guards need to the front: they are tested at the entry.
pub(super) fn hoist(func: &mut Function, guards: &[Guard]) {
    let mut needed = HashSet::new();
    let mut pending = tested(guards);
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
