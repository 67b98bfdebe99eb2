//! A function: ops in blocks, values, origins.
//!
//! Everything lives in arenas and is named by index types. Values are in SSA form: an op may use what was computed
//! before it in its own block or in a block around it.

use std::collections::BTreeSet;

use crate::op::{Effect, Kind, Term};
use crate::ty::Ty;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u32);

        impl $name {
            /// Its place in the arena.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

id!(/// Names a value.
    ValueId);
id!(/// Names an op.
    OpId);
id!(/// Names a block.
    BlockId);
id!(/// Names a place in the source.
    OriginId);

/// Where something comes from: a byte range of a file, and the call that it was inlined at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Number of the file in the project.
    pub file: u32,
    pub start: u32,
    pub end: u32,
    pub inlined_at: Option<OriginId>,
}

/// What defines a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Def {
    /// Parameter `n` of a block.
    Param(BlockId, u32),
    /// Result `n` of an op.
    Result(OpId, u32),
}

#[derive(Debug, Clone, PartialEq)]
pub struct ValueData {
    pub ty: Ty,
    pub def: Def,
    /// The user's variable, kept for writing back.
    pub name: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Op {
    pub kind: Kind,
    pub args: Vec<ValueId>,
    pub results: Vec<ValueId>,
    pub blocks: Vec<BlockId>,
    pub origin: OriginId,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    pub params: Vec<ValueId>,
    pub ops: Vec<OpId>,
    pub end: Term,
}

/// A function of the IR: a region with its live-ins as parameters.
///
/// The body's block parameters are the live-ins, named; its `Return` hands over the live-outs in the order of
/// `outputs`.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    pub name: String,
    pub values: Vec<ValueData>,
    pub ops: Vec<Op>,
    pub blocks: Vec<Block>,
    pub origins: Vec<Origin>,
    pub body: BlockId,
    /// Names of the live-outs; `return` is the value of a `return` statement.
    pub outputs: Vec<String>,
    /// Its lists may have other lengths at other places, so that no two lengths are known to be one number. So it is
    /// in functions that are compiled; others are raised, which asks for every change of a list in between.
    pub lists_grow: bool,
}

/// The live-out that stands for the enclosing function's return value.
pub const RETURN: &str = "return";

impl Function {
    /// A function with an empty body.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            values: Vec::new(),
            ops: Vec::new(),
            blocks: vec![Block {
                params: Vec::new(),
                ops: Vec::new(),
                end: Term::Return(Vec::new()),
            }],
            origins: vec![Origin {
                file: 0,
                start: 0,
                end: 0,
                inlined_at: None,
            }],
            body: BlockId(0),
            outputs: Vec::new(),
            lists_grow: false,
        }
    }

    /// A new block that is nobody's yet.
    pub fn add_block(&mut self) -> BlockId {
        self.blocks.push(Block {
            params: Vec::new(),
            ops: Vec::new(),
            end: Term::Yield(Vec::new()),
        });
        BlockId((self.blocks.len() - 1) as u32)
    }

    /// A new parameter of a block.
    pub fn add_param(&mut self, block: BlockId, ty: Ty, name: Option<&str>) -> ValueId {
        let number = self.block(block).params.len() as u32;
        let value = self.add_value(ty, Def::Param(block, number), name);
        self.block_mut(block).params.push(value);
        value
    }

    fn add_value(&mut self, ty: Ty, def: Def, name: Option<&str>) -> ValueId {
        self.values.push(ValueData {
            ty,
            def,
            name: name.map(str::to_owned),
        });
        ValueId((self.values.len() - 1) as u32)
    }

    /// A new op with its results, not yet in a block.
    pub fn add_op(
        &mut self,
        kind: Kind,
        args: Vec<ValueId>,
        blocks: Vec<BlockId>,
        results: &[Ty],
        origin: OriginId,
    ) -> OpId {
        let op = OpId(self.ops.len() as u32);
        self.ops.push(Op {
            kind,
            args,
            results: Vec::new(),
            blocks,
            origin,
        });
        for (number, ty) in results.iter().enumerate() {
            let value = self.add_value(ty.clone(), Def::Result(op, number as u32), None);
            self.ops[op.index()].results.push(value);
        }
        op
    }

    /// One more result of an op.
    pub fn add_result(&mut self, op: OpId, ty: Ty) -> ValueId {
        let number = self.op(op).results.len() as u32;
        let value = self.add_value(ty, Def::Result(op, number), None);
        self.op_mut(op).results.push(value);
        value
    }

    /// A new op at the end of a block.
    pub fn push_op(
        &mut self,
        block: BlockId,
        kind: Kind,
        args: Vec<ValueId>,
        blocks: Vec<BlockId>,
        results: &[Ty],
        origin: OriginId,
    ) -> OpId {
        let op = self.add_op(kind, args, blocks, results, origin);
        self.block_mut(block).ops.push(op);
        op
    }

    /// The result of a new op at the end of a block.
    pub fn push_value(
        &mut self,
        block: BlockId,
        kind: Kind,
        args: Vec<ValueId>,
        blocks: Vec<BlockId>,
        ty: Ty,
        origin: OriginId,
    ) -> ValueId {
        let op = self.push_op(block, kind, args, blocks, &[ty], origin);
        self.result(op)
    }

    /// A new origin.
    pub fn add_origin(&mut self, origin: Origin) -> OriginId {
        if let Some(found) = self.origins.iter().rposition(|known| *known == origin) {
            return OriginId(found as u32);
        }
        self.origins.push(origin);
        OriginId((self.origins.len() - 1) as u32)
    }

    pub fn op(&self, op: OpId) -> &Op {
        &self.ops[op.index()]
    }

    pub fn op_mut(&mut self, op: OpId) -> &mut Op {
        &mut self.ops[op.index()]
    }

    pub fn block(&self, block: BlockId) -> &Block {
        &self.blocks[block.index()]
    }

    pub fn block_mut(&mut self, block: BlockId) -> &mut Block {
        &mut self.blocks[block.index()]
    }

    /// Says more, or something else, of what a value is.
    pub fn set_ty(&mut self, value: ValueId, ty: Ty) {
        self.values[value.index()].ty = ty;
    }

    pub fn ty(&self, value: ValueId) -> &Ty {
        &self.values[value.index()].ty
    }

    pub fn def(&self, value: ValueId) -> Def {
        self.values[value.index()].def
    }

    /// The user's name of a value.
    pub fn name_of(&self, value: ValueId) -> Option<&str> {
        self.values[value.index()].name.as_deref()
    }

    /// The op that computes a value, unless it is a parameter.
    pub fn def_op(&self, value: ValueId) -> Option<OpId> {
        match self.def(value) {
            Def::Result(op, _) => Some(op),
            Def::Param(..) => None,
        }
    }

    /// The op that computes a value, with its kind and arguments.
    pub fn defining(&self, value: ValueId) -> Option<&Op> {
        self.def_op(value).map(|op| self.op(op))
    }

    /// The first result of an op.
    pub fn result(&self, op: OpId) -> ValueId {
        self.op(op).results[0]
    }

    /// The constant that a value is.
    pub fn as_const(&self, value: ValueId) -> Option<&crate::op::Const> {
        match self.defining(value)?.kind {
            Kind::Const(ref constant) => Some(constant),
            _ => None,
        }
    }

    /// Calls `visit` for every op below a block, outer ops before those in their blocks, in order.
    pub fn walk(&self, block: BlockId, visit: &mut dyn FnMut(OpId)) {
        for &op in &self.block(block).ops {
            visit(op);
            for &inner in &self.op(op).blocks {
                self.walk(inner, visit);
            }
        }
    }

    /// Whether any op that a value is computed of is so; each is asked once, however often what it gives is used.
    pub fn any_below(&self, value: ValueId, is_so: &mut dyn FnMut(OpId) -> bool) -> bool {
        let mut seen = BTreeSet::new();
        let mut pending = vec![value];
        while let Some(value) = pending.pop() {
            let Some(op) = self.def_op(value).filter(|op| seen.insert(*op)) else {
                continue;
            };
            if is_so(op) {
                return true;
            }
            pending.extend(self.op(op).args.iter().rev());
        }
        false
    }

    /// What evaluating an op may do, with everything in its blocks.
    pub fn effect(&self, op: OpId) -> Effect {
        let mut worst = self.op(op).kind.effect();
        for &block in &self.op(op).blocks {
            self.walk(block, &mut |inner| {
                worst = worst.worse(self.op(inner).kind.effect());
            });
        }
        worst
    }

    /// Whether something in the blocks of an op is done that may not be done twice. What only leaves does nothing: behind
    /// it Python may still go on where it could before.
    pub fn acts_inside(&self, op: OpId) -> bool {
        let mut acts = false;
        for &block in &self.op(op).blocks {
            self.walk(block, &mut |inner| {
                let kind = &self.op(inner).kind;
                let leaves = matches!(kind, Kind::Raise(_) | Kind::Require(_));
                acts |= !leaves && matches!(kind.effect(), Effect::Writes | Effect::Draws | Effect::World);
            });
        }
        acts
    }

    /// For each value how many operands and terminators use it.
    pub fn use_counts(&self) -> Vec<u32> {
        let mut counts = vec![0; self.values.len()];
        let mut count = |values: &[ValueId]| {
            for value in values {
                counts[value.index()] += 1;
            }
        };
        self.visit_blocks(self.body, &mut |block| {
            for &op in &self.block(block).ops {
                count(&self.op(op).args);
            }
            count(self.block(block).end.values());
        });
        counts
    }

    /// Calls `visit` for a block and every block below it.
    pub fn visit_blocks(&self, block: BlockId, visit: &mut dyn FnMut(BlockId)) {
        visit(block);
        for &op in &self.block(block).ops {
            for &inner in &self.op(op).blocks {
                self.visit_blocks(inner, visit);
            }
        }
    }

    /// Replaces every use of a value at and below a block.
    pub fn replace_uses(&mut self, block: BlockId, from: ValueId, to: ValueId) {
        let mut below = Vec::new();
        self.visit_blocks(block, &mut |inner| below.push(inner));
        for inner in below {
            for op in self.block(inner).ops.clone() {
                for arg in &mut self.op_mut(op).args {
                    if *arg == from {
                        *arg = to;
                    }
                }
            }
            for value in self.block_mut(inner).end.values_mut() {
                if *value == from {
                    *value = to;
                }
            }
        }
    }

    /// Replaces every use of a value, in ops and blocks that are not in the body (now) too.
    pub fn replace_everywhere(&mut self, from: ValueId, to: ValueId) {
        for op in &mut self.ops {
            for arg in &mut op.args {
                if *arg == from {
                    *arg = to;
                }
            }
        }
        for block in &mut self.blocks {
            for value in block.end.values_mut() {
                if *value == from {
                    *value = to;
                }
            }
        }
    }
}
