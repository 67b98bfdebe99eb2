//! What every function keeps, whatever form it is in.
//!
//! 1. *Dominance.* An op uses what was computed before it in its own block or in a block around it. Each block belongs
//!    to exactly one op (or is the body), each op stands in at most one block, and each result names its op.
//! 2. *Arity.* An op has the operands, blocks, block parameters and results that its [`Kind`] asks for; what a block
//!    yields matches the results of its op in number.
//! 3. *Ends.* The body ends with `Return` (or `Unreachable`), a `Return` hands over one value an output. `Break` goes
//!    out of as many loops as there are, with the carried values of that loop. Blocks of index-space ops and the test
//!    of a `While` end with `Yield`.
//! 4. *Index space.* The block of an index-space op holds no op that writes, draws or reaches the world.
//! 5. *Types.* No type contradicts what the type rules say of it or what is handed to it; extents, indices and bounds
//!    are ints, what is appended to is a list: see [`types`].
//!
//! Forms, held per block by [`Form`]: *read* form has no index-space op; *array* form has no loop; *loop* form has no op
//! on whole arrays.

mod types;

use std::collections::HashSet;
use std::fmt;

use crate::function::{BlockId, Def, Function, OpId, ValueId};
use crate::op::{Effect, Kind, Term};
use crate::ty::Ty;

/// Which ops may stand in a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// No index-space op.
    Read,
    /// Anything.
    Raised,
    /// No loop.
    Array,
    /// No index-space op, and no operator on whole arrays: views, allocations and what runs in Python are left.
    Loop,
}

/// A broken invariant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    pub message: String,
    pub op: Option<OpId>,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.op {
            Some(op) => write!(f, "op {}: {}", op.0, self.message),
            None => write!(f, "{}", self.message),
        }
    }
}

/// Checks everything; the first violation, in program order.
pub fn validate(func: &Function, form: Form) -> Result<(), Violation> {
    let mut validator = Validator {
        func,
        form,
        visible: HashSet::new(),
        loops: Vec::new(),
        ops: HashSet::new(),
        blocks: HashSet::new(),
    };
    validator.body()
}

struct Validator<'a> {
    func: &'a Function,
    form: Form,
    /// Values that may be used here.
    visible: HashSet<ValueId>,
    /// Loops around this place with the number of their carried values, the outermost first.
    loops: Vec<usize>,
    ops: HashSet<OpId>,
    blocks: HashSet<BlockId>,
}

type Checked = Result<(), Violation>;

fn fail(op: Option<OpId>, message: impl Into<String>) -> Checked {
    Err(Violation {
        message: message.into(),
        op,
    })
}

fn ensure(holds: bool, op: OpId, message: impl Fn() -> String) -> Checked {
    if holds { Ok(()) } else { fail(Some(op), message()) }
}

impl Validator<'_> {
    fn body(&mut self) -> Checked {
        self.tree(self.func.body, None)?;
        self.block(self.func.body, None)?;
        match &self.func.block(self.func.body).end {
            Term::Return(_) | Term::Unreachable => Ok(()),
            Term::Yield(_) | Term::Break(..) => fail(None, "the body does not return"),
        }
    }

    /// Blocks and ops are a tree, and are there: everything else walks it.
    fn tree(&mut self, block: BlockId, owner: Option<OpId>) -> Checked {
        if !self.blocks.insert(block) {
            return fail(owner, format!("block {} belongs to two ops", block.0));
        }
        let Some(data) = self.func.blocks.get(block.index()) else {
            return fail(owner, format!("block {} is not there", block.0));
        };
        for &op in &data.ops {
            if op.index() >= self.func.ops.len() {
                return fail(owner, format!("op {} is not there", op.0));
            }
            ensure(self.ops.insert(op), op, || "it stands in two places".to_owned())?;
            for &inner in &self.func.op(op).blocks {
                self.tree(inner, Some(op))?;
            }
        }
        Ok(())
    }

    fn block(&mut self, block: BlockId, owner: Option<OpId>) -> Checked {
        let data = self.func.block(block);
        let mut added = Vec::new();
        for (number, param) in data.params.iter().enumerate() {
            if !self.is_defined_as(*param, Def::Param(block, number as u32)) {
                return fail(owner, format!("parameter %{} does not know its block", param.0));
            }
            added.push(*param);
            self.visible.insert(*param);
        }
        for &op in &data.ops {
            self.op(op)?;
            added.extend(&self.func.op(op).results);
            self.visible.extend(&self.func.op(op).results);
        }
        self.uses(owner, data.end.values())?;
        match &data.end {
            Term::Return(values) if values.len() != self.func.outputs.len() => {
                fail(
                    owner,
                    format!(
                        "{} values are returned for {} outputs",
                        values.len(),
                        self.func.outputs.len()
                    ),
                )?;
            }
            Term::Break(out, values) => {
                let carried = self.loops.len().checked_sub(out + 1).map(|at| self.loops[at]);
                if carried != Some(values.len()) {
                    fail(owner, format!("`break {out}` does not fit the loops around it"))?;
                }
            }
            Term::Return(_) | Term::Yield(_) | Term::Unreachable => {}
        }
        for value in added {
            self.visible.remove(&value);
        }
        Ok(())
    }

    fn is_defined_as(&self, value: ValueId, def: Def) -> bool {
        self.func.values.get(value.index()).is_some_and(|data| data.def == def)
    }

    fn uses(&self, op: Option<OpId>, values: &[ValueId]) -> Checked {
        match values.iter().find(|value| !self.visible.contains(value)) {
            Some(value) => fail(op, format!("%{} is used where it is not defined", value.0)),
            None => Ok(()),
        }
    }

    fn op(&mut self, op: OpId) -> Checked {
        let data = self.func.op(op);
        self.uses(Some(op), &data.args)?;
        for (number, result) in data.results.iter().enumerate() {
            ensure(self.is_defined_as(*result, Def::Result(op, number as u32)), op, || {
                format!("result %{} does not know it", result.0)
            })?;
        }
        self.form(op)?;
        self.arity(op)?;
        self.index_space(op)?;
        self.blocks_of(op)?;
        self.types(op)
    }

    fn form(&self, op: OpId) -> Checked {
        let kind = &self.func.op(op).kind;
        match self.form {
            Form::Read => ensure(!kind.is_index_space(), op, || {
                "an index-space op in read form".to_owned()
            }),
            Form::Array => ensure(!matches!(kind, Kind::For | Kind::While), op, || {
                "a loop in array form".to_owned()
            }),
            Form::Raised => Ok(()),
            Form::Loop => self.loop_form(op),
        }
    }

    fn loop_form(&self, op: OpId) -> Checked {
        let data = self.func.op(op);
        ensure(!data.kind.is_index_space(), op, || {
            "an index-space op in loop form".to_owned()
        })?;
        let is_array = |value: &ValueId| matches!(self.func.ty(*value).bound(), Ty::Array { .. });
        let is_whole = match &data.kind {
            Kind::Scalar { .. } | Kind::Convert | Kind::Select => data.args.iter().any(is_array),
            _ => false,
        };
        ensure(!is_whole, op, || "an op on whole arrays in loop form".to_owned())
    }

    /// Operands, blocks and results in number.
    fn arity(&self, op: OpId) -> Checked {
        let data = self.func.op(op);
        let (args, results, blocks) = (data.args.len(), data.results.len(), data.blocks.len());
        let subs = Kind::subscript_arity;
        let fits = match &data.kind {
            Kind::Const(_) | Kind::Unbound | Kind::Extern(_) => args == 0 && results == 1 && blocks == 0,
            Kind::Scalar { f, .. } => args == f.arity() && results == 1 && blocks == 0,
            Kind::Convert
            | Kind::Truth
            | Kind::IsNone
            | Kind::Present
            | Kind::Item(_)
            | Kind::Len { .. }
            | Kind::Attr(_) => args == 1 && results == 1 && blocks == 0,
            Kind::Select => args == 3 && results == 1 && blocks == 0,
            Kind::MakeTuple | Kind::MakeList => results == 1 && blocks == 0,
            Kind::Repeat => args == 2 && results == 1 && blocks == 0,
            Kind::Index(items) => args == 1 + subs(items) && results == 1 && blocks == 0,
            Kind::Call { keywords, .. } => args >= keywords.len() && results == 1 && blocks == 0,
            Kind::Method { keywords, .. } => args > keywords.len() && results == 1 && blocks == 0,
            Kind::SetIndex(items) => args == 2 + subs(items) && results == 0 && blocks == 0,
            Kind::SetAttr(_) | Kind::Append => args == 2 && results == 0 && blocks == 0,
            Kind::Raise(_) => results == 0 && blocks == 0,
            Kind::Frame { names, .. } => args == names.len() && results == 0 && blocks == 0,
            Kind::Require(_) => args == 1 && results == 0 && blocks == 0,
            Kind::Load => args == 1 + self.axes(data.args.first()) && results == 1 && blocks == 0,
            Kind::Store => args == 2 + self.axes(data.args.first()) && results == 0 && blocks == 0,
            // An expression binds nothing and has one result.
            Kind::Opaque {
                reads, binds, looks, ..
            } => {
                let places: usize = looks.iter().map(|look| look.subscripts).sum();
                let known = looks.iter().all(|look| look.operand < reads.len());
                known
                    && args == reads.len() + places
                    && (results == binds.len() || binds.is_empty() && results == 1)
                    && blocks == 0
            }
            Kind::If => args == 1 && blocks == 2,
            Kind::For => args == 3 + results && blocks == 1,
            Kind::While => args == results && blocks == 2,
            Kind::Comp => results == 1 && blocks == 1,
            Kind::Fold { .. } | Kind::First => args >= 1 && results == 1 && blocks == 1,
            Kind::ArgFold { payloads, .. } => args > *payloads && results == 1 + payloads && blocks == 1,
            Kind::Scan { seeded, .. } => args == 1 + usize::from(*seeded) && results == 1 && blocks == 1,
            Kind::Scatter { .. } | Kind::ScatterFold { .. } | Kind::Extend { .. } => {
                args >= 1 && results == 0 && blocks == 1
            }
        };
        ensure(fits, op, || {
            format!(
                "`{:?}` has {args} operands, {results} results, {blocks} blocks",
                data.kind
            )
        })
    }

    /// How many axes an array has.
    fn axes(&self, array: Option<&ValueId>) -> usize {
        array.map_or(0, |array| self.func.ty(*array).dims().len())
    }

    fn index_space(&self, op: OpId) -> Checked {
        let data = self.func.op(op);
        if !data.kind.is_index_space() {
            return Ok(());
        }
        let extents = data.args.len() - data.kind.leading();
        let block = data.blocks[0];
        ensure(self.func.block(block).params.len() == extents, op, || {
            "one parameter an extent is asked for".to_owned()
        })?;
        let mut impure = None;
        self.func.walk(block, &mut |inner| {
            let effect = self.func.op(inner).kind.effect();
            if !matches!(effect, Effect::Pure | Effect::Reads) {
                impure.get_or_insert(inner);
            }
        });
        ensure(impure.is_none(), op, || "its block has effects".to_owned())?;
        let masked = |masked: bool| usize::from(masked);
        let wanted = match &data.kind {
            Kind::Comp | Kind::First | Kind::Scan { .. } => 1,
            Kind::Fold { masked: on, .. } | Kind::Extend { masked: on, .. } => 1 + masked(*on),
            Kind::ArgFold {
                payloads, masked: on, ..
            } => 1 + payloads + masked(*on),
            Kind::Scatter { axes, masked: on } | Kind::ScatterFold { axes, masked: on, .. } => axes + 1 + masked(*on),
            _ => return Ok(()),
        };
        let yielded = self.func.block(block).end.values().len();
        ensure(yielded == wanted, op, || {
            format!("its block yields {yielded} values, not {wanted}")
        })
    }

    fn blocks_of(&mut self, op: OpId) -> Checked {
        let data = self.func.op(op);
        let results = data.results.len();
        match data.kind {
            Kind::If => {
                for block in &data.blocks {
                    self.params(op, *block, 0)?;
                    self.yields(op, *block, results)?;
                    self.block(*block, Some(op))?;
                }
            }
            Kind::For => {
                self.params(op, data.blocks[0], 1 + results)?;
                self.loop_block(op, data.blocks[0], results, results)?;
            }
            Kind::While => {
                for (number, block) in data.blocks.iter().enumerate() {
                    self.params(op, *block, results)?;
                    self.loop_block(op, *block, results, if number == 0 { 1 } else { results })?;
                }
            }
            _ => {
                for block in &data.blocks {
                    self.block(*block, Some(op))?;
                }
            }
        }
        Ok(())
    }

    fn loop_block(&mut self, op: OpId, block: BlockId, carried: usize, yields: usize) -> Checked {
        self.yields(op, block, yields)?;
        self.loops.push(carried);
        let checked = self.block(block, Some(op));
        self.loops.pop();
        checked
    }

    fn params(&self, op: OpId, block: BlockId, wanted: usize) -> Checked {
        let params = self.func.block(block).params.len();
        ensure(params == wanted, op, || {
            format!("its block has {params} parameters, not {wanted}")
        })
    }

    fn yields(&self, op: OpId, block: BlockId, wanted: usize) -> Checked {
        match &self.func.block(block).end {
            Term::Yield(values) => ensure(values.len() == wanted, op, || {
                format!("its block yields {} values, not {wanted}", values.len())
            }),
            Term::Break(..) | Term::Return(_) | Term::Unreachable => Ok(()),
        }
    }
}

#[cfg(test)]
mod defects;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::Builder;
    use crate::op::Const;
    use crate::ty::Ty;

    /// A function that returns one value, made by `make`.
    fn check(form: Form, make: impl FnOnce(&mut Builder) -> ValueId, expected: Result<(), &str>) {
        let mut builder = Builder::new("f");
        builder.func.outputs = vec!["x".to_owned()];
        let value = make(&mut builder);
        builder.end(builder.func.body, Term::Return(vec![value]));
        let found = validate(&builder.func, form).map_err(|violation| violation.message);
        assert_eq!(found.as_ref().err().map(String::as_str), expected.err());
    }

    #[test]
    fn straight_line_code_is_fine() {
        check(Form::Array, |b| b.int(1), Ok(()));
    }

    #[test]
    fn values_of_a_block_are_not_seen_behind_it() {
        let inside = |b: &mut Builder| {
            let condition = b.constant(Const::Bool(true));
            let (then, value) = b.in_block(|b| b.int(1));
            let (other, _) = b.in_block(|b| b.int(2));
            b.if_op(condition, then, other, &[]);
            value
        };
        check(Form::Read, inside, Err("%1 is used where it is not defined"));
    }

    #[test]
    fn branches_yield_what_the_op_has() {
        let unequal = |b: &mut Builder| {
            let condition = b.constant(Const::Bool(true));
            let (then, value) = b.in_block(|b| b.int(1));
            b.end(then, Term::Yield(vec![value]));
            let (other, ()) = b.in_block(|_| ());
            b.if_op(condition, then, other, &[Ty::INT])[0]
        };
        check(Form::Read, unequal, Err("its block yields 0 values, not 1"));
    }

    #[test]
    fn array_form_has_no_loop() {
        let looped = |b: &mut Builder| {
            let (zero, one) = (b.int(0), b.int(1));
            let block = b.func.add_block();
            b.func.add_param(block, Ty::INT, None);
            b.for_op([zero, one, one], &[], block, &[]);
            zero
        };
        check(Form::Read, looped, Ok(()));
        check(Form::Array, looped, Err("a loop in array form"));
    }

    #[test]
    fn breaks_stay_in_their_loops() {
        let outside = |b: &mut Builder| {
            let condition = b.constant(Const::Bool(true));
            let (then, ()) = b.in_block(|b| b.end(b.block, Term::Break(0, Vec::new())));
            let (other, ()) = b.in_block(|_| ());
            b.if_op(condition, then, other, &[]);
            condition
        };
        check(Form::Read, outside, Err("`break 0` does not fit the loops around it"));
    }
}
