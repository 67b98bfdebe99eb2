//! The entry guard: bools as one expression over the live-ins.
//!
//! A guard is evaluated before anything else, so what it reads must not be changed by a store before the place where
//! the function computes it; its ops need not be in any block.
//!
//! What costs something and is used behind the guard as well gets a name in it:
//!
//! ```text
//! if len(t) <= len(x) and (mask := t > limit).any():
//!     return x[: len(t)][mask]
//! ```

use std::collections::{BTreeMap, BTreeSet};

use numlift_ir::affine::{Affine, affine_of};
use numlift_ir::function::{Def, Function, OpId, ValueId};
use numlift_ir::op::{Const, Effect, Kind};
use numlift_ir::scalar::F;
use numlift_ir::ty::Ty;

use super::memory::{Memory, is_array, is_copying_index};
use super::python::Expr;
use super::spelling::Spelling;
use super::{EntryTest, WriteError, WriteOptions, layout, live, operation, print};

/// How many ops a test may have, each as often as it is written: a value that is used twice at forty levels would be
/// written 2^40 times.
const MAX_OPS: usize = 400;

/// The tests that the guards are.
pub(super) fn write(
    func: &Function,
    guards: &[ValueId],
    named: &BTreeMap<ValueId, String>,
    variables: &BTreeSet<String>,
    options: &WriteOptions,
    imports: &mut BTreeSet<String>,
) -> Result<Vec<EntryTest>, WriteError> {
    let mut writer = Guard {
        func,
        memory: Memory::of(func),
        spelling: Spelling { options, variables },
        imports,
        named,
        said: BTreeSet::new(),
        room: 0,
    };
    let mut tests = Vec::new();
    for guard in guards {
        writer.room = MAX_OPS;
        let test = writer.value(*guard)?.into_test();
        tests.push(EntryTest {
            guard: *guard,
            text: print::conjunct(&test, usize::MAX),
            lines: print::conjunct(&test, options.width.saturating_sub(layout::INDENT + "and ".len())),
        });
    }
    Ok(tests)
}

/// The guards that ask for something, each once.
pub(super) fn open(
    func: &Function,
    guards: &[ValueId],
    variables: &BTreeSet<String>,
    options: &WriteOptions,
) -> Result<Vec<ValueId>, WriteError> {
    let memory = Memory::of(func);
    let (mut asked, mut open) = (Vec::new(), Vec::new());
    for guard in guards {
        if is_certain(func, &memory, *guard, true) {
            continue;
        }
        let test = expression(func, *guard, variables, options)?.into_test();
        if !asked.contains(&test) {
            asked.push(test);
            open.push(*guard);
        }
    }
    Ok(open)
}

/// What the guards compute of whole arrays and the statements use too; nothing inside of another such value, which
/// would be hard to read.
pub(super) fn shared_with_body(func: &Function, guards: &[ValueId]) -> Vec<ValueId> {
    let mut costly = BTreeSet::new();
    for guard in guards {
        func.any_below(*guard, &mut |op| {
            costly.extend(func.op(op).results.first().filter(|_| is_costly(func, op)));
            false
        });
    }
    let reached = live::reached(func, &costly);
    let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
    guards
        .iter()
        .for_each(|guard| visit_outermost(func, *guard, &reached, &mut found, &mut seen));
    found
}

fn is_costly(func: &Function, op: OpId) -> bool {
    let data = func.op(op);
    let of_arrays = is_array(func.ty(data.results[0])) || data.args.iter().any(|arg| is_array(func.ty(*arg)));
    let costs = match data.kind {
        Kind::Scalar { .. } | Kind::Call { .. } | Kind::Method { .. } => of_arrays,
        Kind::Index(_) => is_copying_index(func, op),
        _ => false,
    };
    costs && func.block(func.body).ops.contains(&op)
}

fn visit_outermost(
    func: &Function,
    value: ValueId,
    among: &BTreeSet<ValueId>,
    found: &mut Vec<ValueId>,
    seen: &mut BTreeSet<ValueId>,
) {
    if !seen.insert(value) {
        return;
    }
    if among.contains(&value) {
        found.push(value);
        return;
    }
    let Some(op) = func.def_op(value) else { return };
    let args = &func.op(op).args;
    args.iter()
        .for_each(|arg| visit_outermost(func, *arg, among, found, seen));
}

/// Whether a bool is known to be what is `wanted`.
fn is_certain(func: &Function, memory: &Memory, value: ValueId, wanted: bool) -> bool {
    let Some(op) = func.def_op(value) else { return false };
    let data = func.op(op);
    match &data.kind {
        Kind::Const(Const::Bool(known)) => *known == wanted,
        Kind::Truth => is_certain(func, memory, data.args[0], wanted),
        Kind::Scalar { f: F::Not, .. } => is_certain(func, memory, data.args[0], !wanted),
        Kind::Scalar { f: F::Le | F::Ge, .. } => {
            let apart = affine_of(func, data.args[0]).minus(&affine_of(func, data.args[1]));
            let is_int = |value: &ValueId| matches!(func.ty(*value), Ty::Int(_));
            wanted && data.args.iter().all(is_int) && apart == Some(Affine::default())
        }
        Kind::Call { .. } => !wanted && memory.is_certainly_apart(op),
        // `x.copy().flags.writeable`
        Kind::Attr(name) if name == "writeable" => {
            let flags = func
                .defining(data.args[0])
                .filter(|op| op.kind == Kind::Attr("flags".to_owned()));
            wanted && flags.is_some_and(|flags| memory.is_fresh(flags.args[0]))
        }
        _ => false,
    }
}

/// A guard as an expression over the live-ins.
fn expression(
    func: &Function,
    value: ValueId,
    variables: &BTreeSet<String>,
    options: &WriteOptions,
) -> Result<Expr, WriteError> {
    let mut writer = Guard {
        func,
        memory: Memory::of(func),
        spelling: Spelling { options, variables },
        imports: &mut BTreeSet::new(),
        named: &BTreeMap::new(),
        said: BTreeSet::new(),
        room: MAX_OPS,
    };
    writer.value(value)
}

struct Guard<'a, 'b> {
    func: &'a Function,
    memory: Memory<'a>,
    spelling: Spelling<'a>,
    imports: &'b mut BTreeSet<String>,
    named: &'b BTreeMap<ValueId, String>,
    /// Those that have their name.
    said: BTreeSet<ValueId>,
    /// How many more ops the present test may have.
    room: usize,
}

impl Guard<'_, '_> {
    fn value(&mut self, value: ValueId) -> Result<Expr, WriteError> {
        let Some(name) = self.named.get(&value) else {
            return self.computed(value);
        };
        if self.said.contains(&value) {
            return Ok(Expr::name(name));
        }
        let computed = self.computed(value)?;
        self.said.insert(value);
        Ok(Expr::Named(name.clone(), Box::new(computed)))
    }

    fn computed(&mut self, value: ValueId) -> Result<Expr, WriteError> {
        let op = match self.func.def(value) {
            Def::Param(block, _) if block == self.func.body => {
                return match self.func.name_of(value) {
                    Some(name) => Ok(Expr::name(name)),
                    None => Err(WriteError::new("a live-in without a name")),
                };
            }
            Def::Param(..) => return Err(WriteError::new("a guard that depends on a loop")),
            Def::Result(op, _) => op,
        };
        let Some(room) = self.room.checked_sub(1) else {
            return Err(WriteError::new("a test at the entry that would be too long to read"));
        };
        self.room = room;
        self.check(op)?;
        let mut args = Vec::new();
        for arg in &self.func.op(op).args {
            args.push(self.value(*arg)?);
        }
        let spelling = &self.spelling;
        let imports = &mut *self.imports;
        operation::expression(self.func, op, args, &mut |name| spelling.of(name, imports))
    }

    /// An op that gives the same at the entry as where it stands.
    fn check(&self, op: OpId) -> Result<(), WriteError> {
        let data = self.func.op(op);
        if !data.blocks.is_empty() || data.results.len() != 1 {
            return Err(WriteError::new("a guard that is no expression"));
        }
        match data.kind.effect() {
            Effect::Pure => Ok(()),
            Effect::Reads if !self.is_behind_a_store(op) => Ok(()),
            Effect::Reads => Err(WriteError::new("a guard reads what may have been stored to before")),
            Effect::Writes | Effect::Draws | Effect::World => Err(WriteError::new("a guard with an effect")),
        }
    }

    /// An op that is in no block stands where its number puts it, since ops are numbered as they were made.
    fn is_behind_a_store(&self, op: OpId) -> bool {
        let own = self.memory.summary(op);
        let mut walked = Vec::new();
        self.func.walk(self.func.body, &mut |other| walked.push(other));
        let place = walked.iter().position(|other| *other == op);
        walked.iter().enumerate().any(|(at, other)| {
            let before = place.map_or(*other < op, |place| at < place);
            before && self.func.op(*other).blocks.is_empty() && self.memory.summary(*other).may_change(&own)
        })
    }
}
