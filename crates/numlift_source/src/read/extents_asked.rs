//! Ints that are asked for as extents and ends of slices.
//!
//! ```text
//! x.reshape(r**i, r)       a power of ints is an int, unless the exponent is negative: then the call would raise
//! np.mgrid[0:n, 0:m]       np.indices((n, m))
//! ```

use numlift_ir::dtype::Dtype;
use numlift_ir::function::{OpId, ValueId};
use numlift_ir::op::Kind;
use numlift_ir::scalar::{F, Flavour, ScalarTy};
use numlift_ir::ty::{Dim, Ty};
use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::{Ranged, TextRange};

use super::call::Args;
use super::reader::Reader;
use super::refusal::{Read, Refusal};

/// Functions and methods some of whose arguments are extents: a float among them raises.
const OF_EXTENTS: &[&str] = &[
    "reshape",
    "zeros",
    "empty",
    "ones",
    "full",
    "repeat",
    "tile",
    "broadcast_to",
    "eye",
    "identity",
    "indices",
];

impl<'a> Reader<'a> {
    /// The arguments of a function of extents, with ints that are ints for certain.
    pub(super) fn with_certain_ints(&mut self, name: &str, mut args: Args) -> Args {
        let name = name.strip_prefix("numpy.").unwrap_or(name);
        if self.options.frames.is_none() || !OF_EXTENTS.contains(&name) {
            return args;
        }
        for value in &mut args.positional {
            *value = self.certain_ints(*value);
        }
        args
    }

    fn certain_ints(&mut self, value: ValueId) -> ValueId {
        let items = match self.b.func.defining(value) {
            Some(op) if op.kind == Kind::MakeTuple => op.args.clone(),
            _ => return self.certain_int(value),
        };
        let tuple = self.b.func.def_op(value);
        let certain: Vec<ValueId> = items.iter().map(|item| self.certain_in(*item, tuple)).collect();
        match certain == items {
            true => value,
            false => self.b.value(Kind::MakeTuple, &certain),
        }
    }

    pub(super) fn certain_int(&mut self, value: ValueId) -> ValueId {
        self.certain_in(value, None)
    }

    /// A power of ints as an int: where the exponent is negative compiled code is left. What it was is gone, if nothing
    /// but a tuple that is gone, too, has it.
    fn certain_in(&mut self, value: ValueId, tuple: Option<OpId>) -> ValueId {
        if self.options.frames.is_none() {
            return value;
        }
        let may_be_int = matches!(self.bound_ty(value), Ty::OneOf(options) if options.contains(&ScalarTy::PyInt));
        let Some(op) = self.b.func.defining(value).filter(|_| may_be_int) else {
            return value;
        };
        let power = Kind::Scalar {
            f: F::Pow,
            flavour: Flavour::Py,
        };
        let (is_power, args) = (op.kind == power, op.args.clone());
        if !is_power || !args.iter().all(|arg| matches!(self.bound_ty(*arg), Ty::Int(_))) {
            return value;
        }
        let block = self.b.block;
        let made = self.b.func.def_op(value);
        let whole = tuple.map(|op| self.b.func.result(op));
        let is_named = |value: &ValueId| {
            self.frames
                .iter()
                .any(|frame| frame.env.values().any(|own| own == value))
        };
        let is_used = self.b.func.block(block).ops.iter().any(|op| {
            let args = &self.b.func.op(*op).args;
            Some(*op) != tuple && (args.contains(&value) || whole.is_some_and(|whole| args.contains(&whole)))
        });
        if !is_used && !is_named(&value) && !whole.as_ref().is_some_and(is_named) {
            let ops = &mut self.b.func.block_mut(block).ops;
            ops.retain(|op| Some(*op) != made && Some(*op) != tuple);
        }
        let zero = self.b.int(0);
        let natural = self.b.operator(F::Ge, &[args[1], zero]);
        self.b
            .effect(Kind::Require("a power that is an int".to_owned()), &[natural]);
        let exponent = self.b.operator(F::Max, &[args[1], zero]);
        let op = self.b.typed_op(power, &[args[0], exponent], &[Ty::INT]);
        self.b.func.result(op)
    }

    /// A power of ints whose exponent is never negative is an int.
    pub(super) fn note_int_power(&mut self, f: F, value: ValueId) {
        if f != F::Pow || self.options.frames.is_none() {
            return;
        }
        let Some(args) = self.b.func.defining(value).map(|op| op.args.clone()) else {
            return;
        };
        let are_ints = args.len() == 2 && args.iter().all(|arg| matches!(self.bound_ty(*arg), Ty::Int(_)));
        if are_ints && matches!(self.bound_ty(args[1]), Ty::Int(exponent) if exponent.lo >= Some(0)) {
            self.b.func.values[value.index()].ty = Ty::INT;
        }
    }

    /// `np.mgrid[0:n, 0:m]`
    pub(super) fn grid(&mut self, subscript: &'a ast::ExprSubscript) -> Read<Option<ValueId>> {
        if self.options.frames.is_none() || self.qualified(&subscript.value).as_deref() != Some("numpy.mgrid") {
            return Ok(None);
        }
        let parts: Vec<&'a Expr> = match &*subscript.slice {
            Expr::Tuple(tuple) => tuple.elts.iter().collect(),
            one => vec![one],
        };
        let mut ends = Vec::new();
        for part in &parts {
            let Expr::Slice(slice) = part else { return Ok(None) };
            let (None, Some(upper)) = (&slice.step, &slice.upper) else {
                return Ok(None);
            };
            if let Some(lower) = &slice.lower {
                let lower = self.expr(lower)?;
                if self.as_int(lower) != Some(0) {
                    return Err(Refusal::new(
                        part.range(),
                        "a grid that does not begin at 0 is not read",
                    ));
                }
            }
            let end = self.expr(upper)?;
            let end = self.certain_int(end);
            if !matches!(self.bound_ty(end), Ty::Int(_)) {
                return Err(Refusal::new(part.range(), "a grid of floats is not read"));
            }
            ends.push(end);
        }
        let at: TextRange = subscript.range;
        // A negative end is an empty axis here; `indices` raises, so that Python decides.
        let (name, argument) = match &ends[..] {
            [end] => ("numpy.arange", *end),
            _ => ("numpy.indices", self.b.value(Kind::MakeTuple, &ends)),
        };
        let kind = Kind::Call {
            callee: name.to_owned(),
            keywords: Vec::new(),
        };
        let value = self.b.value(kind, &[argument]);
        let rank = self.bound_ty(value).dims().len();
        if ends.len() > 1 && rank == ends.len() + 1 {
            let mut dims = vec![Dim::Unknown; rank];
            dims[0] = Dim::Const(ends.len() as u64);
            self.b.func.values[value.index()].ty = Ty::array(Dtype::I64, dims);
        }
        self.made_array(value, at);
        Ok(Some(value))
    }
}
