//! The text form of the IR, both ways: what snapshots show, and what tests are written in.
//!
//! ```text
//! func squares(%0 x: array<float64>[s0]) -> (out) {
//!   %1 out = list : list<np.float64>[?]
//!   %2 = len 0 %0 : int[0..]
//!   %3 = const 0 : int[0..0]
//!   %4 = const 1 : int[1..1]
//!   for %3, %2, %4 { (%5 i: int[0..])
//!     %6 = index [at] %0, %5 : np.float64
//!     append %1, %6
//!   }
//!   return %1
//! }
//! ```
//!
//! One op a line: results with their names, kind with its attributes, operands, types of the results, then its blocks.
//! [`parse`] reads what `Display` of a [`Function`] prints, and gives the same function but for origins, with values,
//! ops and blocks numbered in the order of the text: `parse(&func.to_string()) == compact(&func)`.

mod parse;
mod print;

use crate::function::{Block, BlockId, Def, Function, Op, OpId, OriginId, ValueId};

pub use parse::{ParseError, parse, parse_unchecked};
pub(crate) use print::kind_text;

/// The same function without what is in no block, numbered in the order of its text, and without origins.
///
/// Passes leave values, ops and blocks behind that nothing reaches any more; two functions whose texts differ in
/// numbers only have the same compact form. What is used without being defined keeps no number of its own: such a
/// function is not valid, see [`crate::validate`].
pub fn compact(func: &Function) -> Function {
    let mut out = Function::new(&func.name);
    out.outputs.clone_from(&func.outputs);
    let mut compactor = Compactor {
        func,
        out,
        values: vec![None; func.values.len()],
    };
    compactor.block(func.body, BlockId(0));
    let Compactor { mut out, values, .. } = compactor;
    let new = |value: &mut ValueId| *value = values[value.index()].unwrap_or(ValueId(u32::MAX));
    for op in &mut out.ops {
        op.args.iter_mut().for_each(new);
    }
    for block in &mut out.blocks {
        block.end.values_mut().iter_mut().for_each(new);
    }
    out
}

struct Compactor<'a> {
    func: &'a Function,
    out: Function,
    /// New numbers of the values that are defined.
    values: Vec<Option<ValueId>>,
}

impl Compactor<'_> {
    fn value(&mut self, old: ValueId, def: Def) -> ValueId {
        let new = ValueId(self.out.values.len() as u32);
        let mut data = self.func.values[old.index()].clone();
        data.def = def;
        self.out.values.push(data);
        self.values[old.index()] = Some(new);
        new
    }

    /// Fills block `new`, which is there already.
    fn block(&mut self, old: BlockId, new: BlockId) {
        let func = self.func;
        let Block { params, ops, end } = func.block(old);
        for (number, param) in params.iter().enumerate() {
            let param = self.value(*param, Def::Param(new, number as u32));
            self.out.block_mut(new).params.push(param);
        }
        for op in ops {
            let op = self.op(func.op(*op));
            self.out.block_mut(new).ops.push(op);
        }
        // Operands are renumbered when all values are known.
        self.out.block_mut(new).end = end.clone();
    }

    fn op(&mut self, old: &Op) -> OpId {
        let new = OpId(self.out.ops.len() as u32);
        self.out.ops.push(Op {
            kind: old.kind.clone(),
            args: old.args.clone(),
            results: Vec::new(),
            blocks: Vec::new(),
            origin: OriginId(0),
        });
        for (number, result) in old.results.iter().enumerate() {
            let result = self.value(*result, Def::Result(new, number as u32));
            self.out.op_mut(new).results.push(result);
        }
        for block in &old.blocks {
            let inner = self.out.add_block();
            self.out.op_mut(new).blocks.push(inner);
            self.block(*block, inner);
        }
        new
    }
}

/// What stands between an op's blocks, where it says more than a brace.
fn between(kind: &crate::op::Kind) -> Option<&'static str> {
    match kind {
        crate::op::Kind::If => Some("else"),
        crate::op::Kind::While => Some("do"),
        _ => None,
    }
}

/// Whether a name stands in the text as it is, without quotes.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.chars().all(is_plain_char)
}

fn is_plain_char(char: char) -> bool {
    char.is_alphanumeric() || matches!(char, '_' | '.')
}

#[cfg(test)]
mod tests;
