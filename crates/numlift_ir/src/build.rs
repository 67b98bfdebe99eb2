//! Making ops one after the other.
//!
//! A [`Builder`] stands at the end of a block, at a place in the source. Each op that it makes gets the result types
//! of [`crate::infer`], so types are there as soon as their value is; operators get the flavour that their operand
//! types give them.
//!
//! ```
//! use numlift_ir::{build::Builder, op::Const, scalar::F};
//! let mut builder = Builder::new("f");
//! let one = builder.constant(Const::Int(1));
//! let two = builder.operator(F::Add, &[one, one]);
//! assert_eq!(builder.func.ty(two).to_string(), "int[2..2]");
//! ```

use crate::function::{BlockId, Function, OpId, Origin, OriginId, ValueId};
use crate::infer;
use crate::op::{Const, Kind, Sub, Term};
use crate::scalar::{F, Flavour};
use crate::ty::{Interval, Ty};

/// A function that grows at the end of one block.
#[derive(Debug, Clone)]
pub struct Builder {
    pub func: Function,
    pub block: BlockId,
    pub origin: OriginId,
}

impl Mark {
    /// The first op that is made behind it.
    pub fn first_op(&self) -> OpId {
        OpId(self.ops as u32)
    }
}

/// A state to go back to: everything made since is dropped.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    values: usize,
    ops: usize,
    blocks: usize,
    block: BlockId,
    block_ops: usize,
    origin: OriginId,
}

impl Builder {
    /// A builder at the start of an empty function.
    pub fn new(name: &str) -> Self {
        let func = Function::new(name);
        let block = func.body;
        Self {
            func,
            block,
            origin: OriginId(0),
        }
    }

    /// Remembers the present state.
    pub fn mark(&self) -> Mark {
        Mark {
            values: self.func.values.len(),
            ops: self.func.ops.len(),
            blocks: self.func.blocks.len(),
            block: self.block,
            block_ops: self.func.block(self.block).ops.len(),
            origin: self.origin,
        }
    }

    /// Drops what was made since the mark, which nothing older may use. Origins stay, they are only places.
    pub fn rollback(&mut self, mark: Mark) {
        self.func.values.truncate(mark.values);
        self.func.ops.truncate(mark.ops);
        self.func.blocks.truncate(mark.blocks);
        self.func.block_mut(mark.block).ops.truncate(mark.block_ops);
        self.block = mark.block;
        self.origin = mark.origin;
    }

    /// The ops made since a mark, in whatever block.
    pub fn ops_since(&self, mark: Mark) -> impl Iterator<Item = OpId> + use<> {
        (mark.ops as u32..self.func.ops.len() as u32).map(OpId)
    }

    /// From here on ops come from this place.
    pub fn set_origin(&mut self, origin: Origin) -> OriginId {
        self.origin = self.func.add_origin(origin);
        self.origin
    }

    /// An op without blocks; its types are inferred.
    pub fn op(&mut self, kind: Kind, args: &[ValueId]) -> OpId {
        let types = infer::result_types(&self.func, &kind, args);
        self.typed_op(kind, args, &types)
    }

    /// An op whose result types are known to the caller.
    pub fn typed_op(&mut self, kind: Kind, args: &[ValueId], types: &[Ty]) -> OpId {
        self.func
            .push_op(self.block, kind, args.to_vec(), Vec::new(), types, self.origin)
    }

    /// The result of an op that has one.
    pub fn value(&mut self, kind: Kind, args: &[ValueId]) -> ValueId {
        let op = self.op(kind, args);
        self.func.result(op)
    }

    /// An op that only has an effect.
    pub fn effect(&mut self, kind: Kind, args: &[ValueId]) {
        self.op(kind, args);
    }

    /// A constant.
    pub fn constant(&mut self, constant: Const) -> ValueId {
        self.value(Kind::Const(constant), &[])
    }

    /// An int constant.
    pub fn int(&mut self, int: i128) -> ValueId {
        self.constant(Const::Int(int))
    }

    /// What a name without a value stands for.
    pub fn unbound(&mut self) -> ValueId {
        self.value(Kind::Unbound, &[])
    }

    /// A Python operator or builtin, in the flavour of its operands.
    pub fn operator(&mut self, f: F, args: &[ValueId]) -> ValueId {
        let flavour = self.operator_flavour(args);
        self.value(Kind::Scalar { f, flavour }, args)
    }

    /// A NumPy ufunc.
    pub fn ufunc(&mut self, f: F, args: &[ValueId]) -> ValueId {
        self.value(
            Kind::Scalar {
                f,
                flavour: Flavour::Ufunc,
            },
            args,
        )
    }

    /// Who computes an operator on these operands.
    pub fn operator_flavour(&self, args: &[ValueId]) -> Flavour {
        let tys = || args.iter().map(|arg| self.func.ty(*arg).bound());
        if tys().any(|ty| matches!(ty, Ty::Array { .. } | Ty::Tensor { .. })) {
            Flavour::Ufunc
        } else if tys().any(has_numpy_scalar) {
            Flavour::NpScalar
        } else {
            Flavour::Py
        }
    }

    /// The extent of an axis.
    pub fn len(&mut self, value: ValueId, axis: usize) -> ValueId {
        self.value(Kind::Len { axis }, &[value])
    }

    /// `base[i]` with one subscript.
    pub fn at(&mut self, base: ValueId, index: ValueId) -> ValueId {
        self.value(Kind::Index(vec![Sub::At]), &[base, index])
    }

    /// Item `n` of a tuple: what it was made of where that is in sight.
    pub fn item(&mut self, tuple: ValueId, n: usize) -> ValueId {
        match self.func.defining(tuple) {
            Some(op) if op.kind == Kind::MakeTuple => op.args[n],
            _ => self.value(Kind::Item(n), &[tuple]),
        }
    }

    /// Runs `body` at the end of a new block and returns the block with what it gave.
    pub fn in_block<T>(&mut self, body: impl FnOnce(&mut Self) -> T) -> (BlockId, T) {
        let outer = self.block;
        let block = self.func.add_block();
        self.block = block;
        let given = body(self);
        self.block = outer;
        (block, given)
    }

    /// Ends a block.
    pub fn end(&mut self, block: BlockId, end: Term) {
        self.func.block_mut(block).end = end;
    }

    /// `if`: both blocks yield values of these types.
    pub fn if_op(&mut self, condition: ValueId, then: BlockId, other: BlockId, types: &[Ty]) -> Vec<ValueId> {
        let op = self.func.push_op(
            self.block,
            Kind::If,
            vec![condition],
            vec![then, other],
            types,
            self.origin,
        );
        self.func.op(op).results.clone()
    }

    /// A counted loop over a block whose parameters are the index and the carried values.
    pub fn for_op(&mut self, bounds: [ValueId; 3], init: &[ValueId], body: BlockId, types: &[Ty]) -> Vec<ValueId> {
        let args = bounds.iter().chain(init).copied().collect();
        let op = self
            .func
            .push_op(self.block, Kind::For, args, vec![body], types, self.origin);
        self.func.op(op).results.clone()
    }

    /// `while` over two blocks whose parameters are the carried values.
    pub fn while_op(&mut self, init: &[ValueId], test: BlockId, body: BlockId, types: &[Ty]) -> Vec<ValueId> {
        let op = self.func.push_op(
            self.block,
            Kind::While,
            init.to_vec(),
            vec![test, body],
            types,
            self.origin,
        );
        self.func.op(op).results.clone()
    }

    /// Gives a value the user's name, unless it has one.
    pub fn name(&mut self, value: ValueId, name: &str) {
        let slot = &mut self.func.values[value.index()].name;
        if slot.is_none() {
            *slot = Some(name.to_owned());
        }
    }

    /// The interval of an int or bool.
    pub fn interval(&self, value: ValueId) -> Interval {
        infer::interval_of(self.func.ty(value))
    }
}

fn has_numpy_scalar(ty: &Ty) -> bool {
    ty.scalar_options()
        .is_some_and(|options| options.iter().any(|option| !option.is_python()))
}
