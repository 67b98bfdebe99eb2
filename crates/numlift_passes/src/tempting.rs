//! Rewrites that look right to many and are not: they are run to show where they differ, and never applied.
//!
//! ```text
//! a[i] = a[i-1] + 1        the slices that overlook that the left neighbour is new already
//! k[i] = i    (int32)      `np.arange(n)`, which has another dtype
//! r.append(x[i])           the array itself, where a list is asked for
//! ```

use numlift_ir::function::{Function, ValueId};
use numlift_ir::op::Kind;

use crate::Lifted;
use crate::blocker::BlockerKind;
use crate::select::{Options, Selected};

/// What a hurried reader would make of a function, given what lifting makes of it.
pub fn tempting(read: &Function, lifted: &Lifted, options: &Options) -> Option<Selected> {
    match lifted {
        Lifted::NothingToDo => None,
        Lifted::Blocked(blockers) => {
            if !blockers.iter().any(|blocker| blocker.kind == BlockerKind::Carried) {
                return None;
            }
            match crate::lift_carelessly(read, options) {
                Lifted::Selected(selected) => Some(*selected),
                Lifted::NothingToDo | Lifted::Blocked(_) => None,
            }
        }
        Lifted::Selected(selected) => unconverted(selected),
    }
}

/// The same without the conversions of its results.
fn unconverted(selected: &Selected) -> Option<Selected> {
    let mut hasty = selected.clone();
    let body = hasty.func.body;
    let results: Vec<ValueId> = hasty.func.block(body).end.values().to_vec();
    let mut changed = false;
    let mut without = Vec::with_capacity(results.len());
    for value in results {
        let new = without_dtype(&mut hasty.func, value).unwrap_or_else(|| converted(&hasty.func, value));
        changed |= new != value;
        without.push(new);
    }
    if !changed {
        return None;
    }
    hasty.func.block_mut(body).end.values_mut().copy_from_slice(&without);
    crate::dead::remove(&mut hasty.func);
    Some(hasty)
}

/// `np.arange(n)` for `np.arange(n, dtype=np.int32)`
fn without_dtype(func: &mut Function, value: ValueId) -> Option<ValueId> {
    let id = func.def_op(value)?;
    let op = func.op(id).clone();
    let Kind::Call { callee, keywords } = op.kind else {
        return None;
    };
    if callee != "numpy.arange" || keywords.last().map(String::as_str) != Some("dtype") {
        return None;
    }
    let kind = Kind::Call {
        callee,
        keywords: keywords[..keywords.len() - 1].to_vec(),
    };
    let args = op.args[..op.args.len() - 1].to_vec();
    let types = numlift_ir::infer::result_types(func, &kind, &args);
    let new = func.add_op(kind, args, Vec::new(), &types, op.origin);
    let body = func.body;
    let position = func.block(body).ops.iter().position(|other| *other == id)?;
    func.block_mut(body).ops.insert(position + 1, new);
    Some(func.result(new))
}

/// What a value was converted from, if it was.
fn converted(func: &Function, value: ValueId) -> ValueId {
    let Some(op) = func.defining(value) else { return value };
    match (&op.kind, &op.args[..]) {
        (Kind::Method { name, .. }, [from, ..]) if matches!(name.as_str(), "astype" | "tolist") => *from,
        (Kind::Call { callee, .. }, [from]) if callee == "builtins.list" => *from,
        _ => value,
    }
}
