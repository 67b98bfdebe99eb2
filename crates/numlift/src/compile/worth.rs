//! Whether machine code can be faster than Python.
//!
//! A call of Python from compiled code costs more than the interpreter takes for an operation of its own. So what the
//! interpreter would take for all that becomes machine code is weighed against what the calls of Python cost; an
//! operation counts as often as the loops around it are thought to run.

use numlift_abi::Island;
use numlift_ir::function::{BlockId, Function, OpId};
use numlift_ir::op::{FROM_HERE, Kind, Touches, is_recursive};
use numlift_ir::ty::Ty;

/// Nanoseconds that CPython takes for an operation on numbers, a pass of a loop, a view of an array, and for starting an
/// operation on whole arrays.
const OPERATION: f64 = 40.0;
const PASS: f64 = 30.0;
const VIEW: f64 = 150.0;
const ARRAY: f64 = 1000.0;

/// Nanoseconds for calling Python from compiled code, beyond what it does there.
const CALL: f64 = 300.0;

/// How often a loop is thought to run whose count is not known, and how often a branch is thought to be taken.
const PASSES: f64 = 100.0;
const TAKEN: f64 = 0.5;

/// How often a branch is thought to be taken that writes output.
const REPORTED: f64 = 0.05;

/// What CPython would take for a function, in nanoseconds: at most this is gained.
pub fn gain(func: &Function) -> f64 {
    let mut gain = 0.0;
    weigh(func, func.body, 1.0, &mut |op, weight| {
        gain += weight * of_python(func, op)
    });
    gain
}

/// Nanoseconds for leaving compiled code, and going on in Python.
const LEAVING: f64 = 2500.0;

/// Where a function always goes on in Python, and why, if nothing is gained before that, or it may not.
pub fn goes_on(func: &Function, is_strict: bool) -> Option<(OpId, &str)> {
    let reason = |op: &OpId| match &func.op(*op).kind {
        Kind::Require(reason) => reason.strip_prefix(FROM_HERE),
        _ => None,
    };
    let found = func
        .block(func.body)
        .ops
        .iter()
        .find_map(|op| reason(op).map(|reason| (*op, reason)));
    found.filter(|_| is_strict || gain(func) < LEAVING)
}

/// What calling Python costs.
pub struct Cost {
    /// All of it, in nanoseconds.
    pub all: f64,
    /// The piece that costs most, as its place in the list.
    pub piece: usize,
    /// Whether that one is in a loop.
    pub is_in_loop: bool,
}

/// What the pieces of a lowered function cost that Python runs; but for what hardly ever happens. `version` says which
/// function of a module it is.
pub fn dearest(
    func: &Function,
    version: Option<usize>,
    pieces: &[(Option<usize>, OpId)],
    islands: &[Island],
) -> Option<Cost> {
    let mut found: Option<(Cost, f64)> = None;
    weigh(func, func.body, 1.0, &mut |op, weight| {
        let counts = |piece: &usize| pieces[*piece] == (version, op) && !islands[*piece].draws();
        for piece in (0..pieces.len()).filter(counts) {
            // Nothing is gained by what Python does as before.
            let cost = weight * (CALL + of_python(func, op));
            let all = cost + found.as_ref().map_or(0.0, |(known, _)| known.all);
            let is_dearer = found.as_ref().is_none_or(|(_, most)| cost > *most);
            match &mut found {
                Some((known, _)) if !is_dearer => known.all = all,
                _ => {
                    let is_in_loop = weight > 1.0;
                    found = Some((Cost { all, piece, is_in_loop }, cost));
                }
            }
        }
    });
    found.map(|(cost, _)| cost)
}

/// Calls `visit` with each op and how often it is thought to run.
fn weigh(func: &Function, block: BlockId, weight: f64, visit: &mut dyn FnMut(OpId, f64)) {
    for &op in &func.block(block).ops {
        visit(op, weight);
        let data = func.op(op);
        let inner = match &data.kind {
            Kind::For => weight * passes(func, op),
            Kind::While => weight * PASSES,
            Kind::If => weight * TAKEN,
            _ => weight,
        };
        for &block in &data.blocks {
            let reports = data.kind == Kind::If && reports(func, block);
            weigh(func, block, if reports { weight * REPORTED } else { inner }, visit);
        }
    }
}

/// Whether a branch tells how far the program is: `if i % 1000 == 0: print(i)`.
fn reports(func: &Function, block: BlockId) -> bool {
    let quiet = |op: &OpId| {
        matches!(
            &func.op(*op).kind,
            Kind::Opaque {
                touches: Touches::Nothing,
                ..
            }
        )
    };
    func.block(block).ops.iter().any(quiet)
}

/// How often a counted loop runs.
fn passes(func: &Function, op: OpId) -> f64 {
    let known = |number: usize| match func.ty(func.op(op).args[number]) {
        Ty::Int(interval) => interval.as_point(),
        _ => None,
    };
    match (known(0), known(1), known(2)) {
        (Some(start), Some(stop), Some(step)) if step != 0 => ((stop - start) as f64 / step as f64).max(0.0),
        _ => PASSES,
    }
}

/// What CPython takes for one op.
fn of_python(func: &Function, op: OpId) -> f64 {
    let data = func.op(op);
    let is_array = data
        .results
        .iter()
        .any(|result| matches!(func.ty(*result).bound(), Ty::Array { .. }));
    match &data.kind {
        // Whatever calls itself does so more than once.
        Kind::Call { callee, .. } if is_recursive(callee) => PASSES * OPERATION,
        Kind::Scalar { .. } | Kind::Call { .. } | Kind::Method { .. } if is_array => ARRAY,
        Kind::Index(_) | Kind::Attr(_) if is_array => VIEW,
        Kind::Scalar { .. }
        | Kind::Call { .. }
        | Kind::Method { .. }
        | Kind::Index(_)
        | Kind::SetIndex(_)
        | Kind::Attr(_)
        | Kind::SetAttr(_)
        | Kind::Append
        | Kind::Convert
        | Kind::Len { .. }
        | Kind::MakeList
        | Kind::Repeat => OPERATION,
        Kind::For => PASS * passes(func, op),
        Kind::While => PASS * PASSES,
        Kind::Opaque { .. }
        | Kind::Const(_)
        | Kind::Unbound
        | Kind::Extern(_)
        | Kind::Truth
        | Kind::IsNone
        | Kind::Present
        | Kind::Select
        | Kind::MakeTuple
        | Kind::Item(_)
        | Kind::Load
        | Kind::Store
        | Kind::Frame { .. }
        | Kind::Require(_)
        | Kind::Raise(_)
        | Kind::If
        | Kind::Comp
        | Kind::Fold { .. }
        | Kind::ArgFold { .. }
        | Kind::First
        | Kind::Scan { .. }
        | Kind::ScatterFold { .. }
        | Kind::Scatter { .. }
        | Kind::Extend { .. } => 0.0,
    }
}
