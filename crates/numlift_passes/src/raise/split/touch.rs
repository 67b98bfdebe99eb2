//! What a part of a loop touches: memory by root and subscripts, attributes, the world.
//!
//! Parts that stay in the loop are whatever the author wrote, so everything counts that an op may do, and what is not
//! known counts as everything. A subscript of theirs that may be negative wraps around, so it says nothing.

use std::collections::HashSet;

use numlift_ir::affine::{Affine, affine_of, atom_interval};
use numlift_ir::function::{BlockId, Function, OpId, ValueId};
use numlift_ir::op::{Effect, Kind, Look, Touches};
use numlift_ir::ty::Ty;

use crate::access::{self, Access};

/// What running some ops does, each access with its place in the body.
#[derive(Debug, Clone, Default)]
pub(super) struct Touch {
    pub reads: Vec<(Access, usize)>,
    pub writes: Vec<(Access, usize)>,
    pub reads_attributes: bool,
    pub writes_attributes: bool,
    /// It may change whatever others than the region can reach.
    pub anything: bool,
    /// It measures time.
    pub time: bool,
}

impl Touch {
    /// Adds what one op does, without its blocks.
    pub fn add(&mut self, func: &Function, op: OpId, position: usize) {
        let data = func.op(op);
        match &data.kind {
            Kind::Const(_)
            | Kind::Unbound
            | Kind::Extern(_)
            | Kind::Convert
            | Kind::IsNone
            | Kind::Present
            | Kind::Select
            | Kind::Item(_)
            | Kind::MakeTuple
            | Kind::MakeList
            | Kind::Repeat
            | Kind::If
            | Kind::For
            | Kind::While
            | Kind::Comp
            | Kind::Fold { .. }
            | Kind::ArgFold { .. }
            | Kind::First
            | Kind::Scan { .. } => {}
            // The extents of arrays stay what they are.
            Kind::Len { .. } if matches!(func.ty(data.args[0]), Ty::Array { .. }) => {}
            Kind::Attr(_) => self.reads_attributes |= !matches!(func.ty(data.args[0]), Ty::Array { .. }),
            Kind::SetAttr(_) => self.writes_attributes = true,
            Kind::Index(_) => match access::of_op(func, op) {
                Some(access) => self.reads.push((certain(func, access), position)),
                None => self.read_wholly(func, op, position),
            },
            Kind::SetIndex(_) | Kind::Append => match access::of_op(func, op) {
                Some(access) => self.writes.push((certain(func, access), position)),
                None => self.write_wholly(func, op, position),
            },
            Kind::Scatter { .. } | Kind::ScatterFold { .. } | Kind::Extend { .. } | Kind::Store => {
                self.write_wholly(func, op, position);
            }
            Kind::Scalar { .. } | Kind::Truth | Kind::Len { .. } | Kind::Load => self.read_wholly(func, op, position),
            Kind::Call { .. } | Kind::Method { .. } => {
                self.read_wholly(func, op, position);
                match data.kind.effect() {
                    Effect::Pure | Effect::Reads => {}
                    Effect::Writes | Effect::Draws => self.write_wholly(func, op, position),
                    Effect::World => self.anything = true,
                }
            }
            Kind::Raise(_) => self.read_wholly(func, op, position),
            Kind::Frame { .. } | Kind::Require(_) => self.anything = true,
            Kind::Opaque {
                touches, looks, reads, ..
            } => match touches {
                Touches::Nothing => self.look(func, op, (reads.len(), looks), position),
                Touches::Anything => self.anything = true,
                Touches::Time => self.time = true,
            },
        }
    }

    /// Adds an op with everything in its blocks.
    pub fn add_all(&mut self, func: &Function, op: OpId, position: usize) {
        self.add(func, op, position);
        for block in &func.op(op).blocks {
            func.walk(*block, &mut |inner| self.add(func, inner, position));
        }
    }

    fn read_wholly(&mut self, func: &Function, op: OpId, position: usize) {
        self.reads
            .extend(wholly(func, op, &func.op(op).args).map(|access| (access, position)));
    }

    fn write_wholly(&mut self, func: &Function, op: OpId, position: usize) {
        self.writes
            .extend(wholly(func, op, &func.op(op).args).map(|access| (access, position)));
    }

    /// What text looks at that changes nothing.
    fn look(&mut self, func: &Function, op: OpId, (names, looks): (usize, &[Look]), position: usize) {
        let data = func.op(op);
        self.reads_attributes |= data.args.iter().any(|arg| matches!(func.ty(*arg), Ty::Object { .. }));
        let mut subscripts = &data.args[names..];
        for look in looks {
            let (own, rest) = subscripts.split_at(look.subscripts);
            subscripts = rest;
            let (root, base, prefix) = access::path(func, data.args[look.operand]);
            let axes = prefix.map_or_else(Vec::new, |mut prefix| {
                prefix.extend(own.iter().map(|index| Some(affine_of(func, *index))));
                prefix
            });
            let access = Access {
                root,
                base,
                axes,
                op,
                origin: data.origin,
            };
            self.reads.push((certain(func, access), position));
        }
        let others: Vec<ValueId> = (0..names)
            .filter(|operand| looks.iter().all(|look| look.operand != *operand))
            .map(|operand| data.args[operand])
            .collect();
        self.reads
            .extend(wholly(func, op, &others).map(|access| (access, position)));
    }
}

/// The access with subscripts that certainly are what they look like.
fn certain(func: &Function, mut access: Access) -> Access {
    let counts_up = |axis: &Affine| {
        axis.interval(&|atom| atom_interval(func, atom))
            .lo
            .is_some_and(|lo| lo >= 0)
    };
    for axis in &mut access.axes {
        if !axis.as_ref().is_some_and(counts_up) {
            *axis = None;
        }
    }
    access
}

/// Accesses to the whole of those operands that have memory.
fn wholly<'a>(func: &'a Function, op: OpId, operands: &'a [ValueId]) -> impl Iterator<Item = Access> + 'a {
    operands
        .iter()
        .filter(|operand| func.ty(**operand).has_memory())
        .map(move |operand| access::whole(func, op, *operand))
}

/// Whether memory was made by the region before a loop of its body, and nobody else knows it while the loop runs.
pub(super) fn is_private(func: &Function, looped: OpId, root: &access::Root) -> bool {
    let access::Root::Value(made) = root else { return false };
    let body = &func.block(func.body).ops;
    let is_own = func.def_op(*made).is_some_and(|op| body.contains(&op));
    if !is_own || !access::fresh(func, root) {
        return false;
    }
    let used = func.use_counts();
    let until = body.iter().position(|op| *op == looped).unwrap_or(body.len() - 1);
    let mut known = HashSet::from([*made]);
    loop {
        let before = known.len();
        for op in &body[..=until] {
            let mut kept = true;
            follow(func, *op, &used, &mut known, &mut kept);
            if !kept {
                return false;
            }
        }
        if known.len() == before {
            return true;
        }
    }
}

/// Finds what else refers to known memory, and whether any of it gets out.
fn follow(func: &Function, op: OpId, used: &[u32], known: &mut HashSet<ValueId>, kept: &mut bool) {
    let data = func.op(op);
    for block in &data.blocks {
        for inner in &func.block(*block).ops {
            follow(func, *inner, used, known, kept);
        }
        // What a block hands over goes by other names from there on.
        *kept &= !func
            .block(*block)
            .end
            .values()
            .iter()
            .any(|value| known.contains(value));
    }
    let uses: Vec<usize> = (0..data.args.len())
        .filter(|at| known.contains(&data.args[*at]))
        .collect();
    if uses.is_empty() {
        return;
    }
    match &data.kind {
        Kind::SetIndex(_) | Kind::Append | Kind::Scatter { .. } | Kind::ScatterFold { .. } | Kind::Extend { .. } => {
            let into_array = matches!(func.ty(data.args[0]), Ty::Array { .. });
            *kept &= uses == [0] || into_array;
        }
        Kind::Len { .. } | Kind::Truth | Kind::Convert => {}
        // A view is followed as far as accesses through it are known to be accesses of its base.
        Kind::Index(_) | Kind::Attr(_) | Kind::Scalar { .. } | Kind::Call { .. } | Kind::Method { .. }
            if data.kind.effect() == Effect::Reads =>
        {
            for result in refers(func, op).collect::<Vec<_>>() {
                let root = access::Root::Value(result);
                let is_view = uses
                    .iter()
                    .any(|at| access::path(func, result).0 == access::path(func, data.args[*at]).0);
                if is_view {
                    known.insert(result);
                } else {
                    *kept &= access::fresh(func, &root);
                }
            }
        }
        Kind::Method { name, .. } if matches!(name.as_str(), "fill" | "sort") => {}
        Kind::Opaque {
            touches: Touches::Nothing,
            ..
        } => *kept &= refers(func, op).all(|result| used[result.index()] == 0),
        _ => *kept = false,
    }
}

/// Results that may hold memory.
fn refers(func: &Function, op: OpId) -> impl Iterator<Item = ValueId> + '_ {
    func.op(op)
        .results
        .iter()
        .copied()
        .filter(|result| func.ty(*result).has_memory())
}

/// The blocks of an op and below.
pub(super) fn blocks_below(func: &Function, op: OpId) -> Vec<BlockId> {
    let mut blocks = Vec::new();
    for block in &func.op(op).blocks {
        func.visit_blocks(*block, &mut |inner| blocks.push(inner));
    }
    blocks
}
