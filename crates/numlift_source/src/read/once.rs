//! A statement of compiled code changes nothing before the last place at which the code may be left.
//!
//! ```text
//! x[i] = y[j]             y[j] may be out of range: Python goes on in front of the statement, nothing has happened
//! x[i], y[j] = 1, 2       y[j] may be out of range behind the store to x[i]: run again, that store happens twice
//! ```
//!
//! So an effect is followed by nothing that may leave, or the whole statement may be run again and gives the same.

use std::collections::BTreeSet;

use numlift_ir::build::Mark;
use numlift_ir::draws;
use numlift_ir::effects::{is_fresh_call, is_fresh_method};
use numlift_ir::function::{BlockId, Def, OpId, ValueId};
use numlift_ir::op::{Effect, Kind, Sub, Term};
use numlift_ir::scalar::{F, Flavour};
use numlift_ir::stores;
use numlift_ir::ty::{Dim, Interval, Ty};
use ruff_python_ast::{Expr, Stmt};
use ruff_text_size::{Ranged, TextRange};

use super::iterate::Iteration;
use super::reader::{Reader, Saved};
use super::refusal::{Read, Refusal};

/// Functions that make an array like one that there is: nothing but memory can be missing.
const MAKERS: [&str; 4] = ["numpy.empty_like", "numpy.ones_like", "numpy.zeros_like", "numpy.copy"];

/// It may be left behind an effect.
struct HalfDone;

pub(super) const HALF_DONE: &str = "it changes something before all of it is known to go well";

impl<'a> Reader<'a> {
    /// Refuses a simple statement that may be left behind an effect of its own.
    pub(super) fn one_effect(&self, stmt: &Stmt, saved: &Saved) -> Read<()> {
        let simple = !matches!(
            stmt,
            Stmt::If(_) | Stmt::For(_) | Stmt::While(_) | Stmt::Try(_) | Stmt::With(_) | Stmt::Match(_)
        );
        if self.options.frames.is_none() || self.frames.len() > 1 && !self.within || !simple {
            return Ok(());
        }
        if self.within {
            return match self.is_framed(saved) {
                true => Ok(()),
                false => Err(Refusal::statement(stmt.range(), HALF_DONE)),
            };
        }
        match self.acts_once(saved, false) {
            Ok(_) => Ok(()),
            Err(HalfDone) if self.may_run_again(saved) => Ok(()),
            Err(HalfDone) => Err(Refusal::statement(stmt.range(), HALF_DONE)),
        }
    }

    /// Whether what was read since `saved` changes anything, or anything `acted` before it; refused where it may be left
    /// behind that.
    fn acts_once(&self, saved: &Saved, acted: bool) -> Result<bool, HalfDone> {
        self.acts_once_since(saved.mark(), acted)
    }

    fn acts_once_since(&self, mark: Mark, acted: bool) -> Result<bool, HalfDone> {
        let first = mark.first_op();
        // What was done and would be done again.
        let mut done: Vec<OpId> = Vec::new();
        for op in self.b.ops_since(mark) {
            if (acted || !done.is_empty()) && self.may_leave(op) || self.leaves_later(op, first) {
                return Err(HalfDone);
            }
            if let Some(kept) = self.done.kept_since(op) {
                done.retain(|done| *done < kept);
            }
            if self.acts(op, first) {
                done.push(op);
            }
        }
        Ok(acted || !done.is_empty())
    }

    /// What a call has drawn is a part of the statement that is computed from here on: Python takes it if compiled code is
    /// left later. For a call that is made wherever the statement is run, and draws without leaving half-way.
    pub(super) fn keep_drawn(&mut self, range: TextRange, value: ValueId, before: Mark) {
        let Some(statement) = self.done.statement_in(self.b.block) else {
            return;
        };
        let is_plain = matches!(
            self.ty(value),
            Ty::Bool | Ty::Int(_) | Ty::Float | Ty::Complex | Ty::Np(_) | Ty::Array { .. }
        );
        if self.options.frames.is_none() || self.frames.len() > 1 || self.within || !is_plain {
            return;
        }
        let first = before.first_op();
        let only_draws = self.b.ops_since(before).all(|op| {
            !self.acts(op, first) || self.b.func.op(op).kind.effect() == Effect::Draws && self.draws_at_once(op)
        });
        if !only_draws || !matches!(self.acts_once_since(before, false), Ok(true)) {
            return;
        }
        self.keep(statement, range, "<0>", vec![value], first);
    }

    /// The place of an element has been drawn by a call that takes the element then.
    pub(super) fn keep_place(&mut self, range: TextRange, from: ValueId, place: ValueId, before: Mark) {
        if self.frames.len() == 1
            && let Some(statement) = self.done.statement_in(self.b.block)
        {
            self.keep(statement, range, "<0>[<1>]", vec![from, place], before.first_op());
        }
    }

    /// A call is computed, an expression of values, with all that was done for it since `first`.
    fn keep(&mut self, statement: TextRange, call: TextRange, text: &str, values: Vec<ValueId>, first: OpId) {
        self.done.keep(call, text, values);
        let parts = self.done.parts();
        let frame = self.b.mark().first_op();
        self.frame_with(statement, parts);
        self.done.note(frame, first);
    }

    /// The test of an `if`, `elif` or `while`, which Python runs where it may be left behind an effect; `acted` says
    /// whether tests before it change something. Gives the condition, and that for the tests behind it.
    pub(super) fn tested(&mut self, test: &'a Expr, acted: bool) -> Read<(ValueId, bool)> {
        let saved = self.save();
        let condition = self.condition(test)?;
        if self.options.frames.is_none() || self.frames.len() > 1 && !self.within {
            return Ok((condition, false));
        }
        if self.within {
            let fits = self.is_framed(&saved) && (!acted || !self.no_parts);
            return match fits {
                true => Ok((condition, false)),
                false => Err(Refusal::statement(test.range(), HALF_DONE)),
            };
        }
        match self.acts_once(&saved, acted) {
            Ok(acted) => Ok((condition, acted)),
            Err(HalfDone) => {
                self.restore(&saved);
                let value = self.opaque_value(test, &Refusal::new(test.range(), HALF_DONE))?;
                let outer = self.b.origin;
                self.at(test.range());
                let truth = self.truth(value);
                self.b.origin = outer;
                Ok((truth?, true))
            }
        }
    }

    /// Refuses what is asked before a block is chosen where that changes something.
    pub(super) fn header_is_quiet(&self, saved: &Saved, at: TextRange) -> Read<()> {
        match self.acts_once(saved, false) {
            Ok(false) => Ok(()),
            _ => Err(Refusal::new(at, HALF_DONE)),
        }
    }

    /// Refuses the header of a `for` that changes something, unless nothing can go wrong in counting its iterations.
    pub(super) fn header_once(&self, saved: &Saved, iteration: &Iteration, at: TextRange) -> Read<()> {
        if self.options.frames.is_none() || self.frames.len() > 1 && !self.within {
            return Ok(());
        }
        if self.within {
            return match self.acts_once(saved, false) {
                Ok(false) => Ok(()),
                _ => Err(Refusal::new(at, HALF_DONE)),
            };
        }
        let is_counted = match iteration {
            Iteration::Range { start, step, .. } => self.as_int(*start).is_some() && self.as_int(*step) == Some(1),
            Iteration::Items { .. } => true,
            _ => false,
        };
        match self.acts_once(saved, false) {
            Ok(acted) if !acted || is_counted => Ok(()),
            _ => Err(Refusal::new(at, HALF_DONE)),
        }
    }

    /// Whether an op is a loop whose later iterations may be left behind an effect of earlier ones.
    fn leaves_later(&self, op: OpId, first: OpId) -> bool {
        let data = self.b.func.op(op);
        if !matches!(data.kind, Kind::For | Kind::While) {
            return false;
        }
        let (mut acts, mut leaves) = (false, false);
        for block in &data.blocks {
            self.b.func.walk(*block, &mut |inner| {
                acts |= self.acts(inner, first);
                leaves |= self.may_leave(inner);
            });
        }
        acts && leaves
    }

    /// Whether a statement gives the same if it is run again after a part of it ran: it only stores elements, and reads
    /// nothing of what it stores to.
    fn may_run_again(&self, saved: &Saved) -> bool {
        let first = saved.mark().first_op();
        let (mut stored, mut read) = (BTreeSet::new(), BTreeSet::new());
        for op in self.b.ops_since(saved.mark()) {
            let data = self.b.func.op(op);
            let args = match &data.kind {
                Kind::Frame { .. } => continue,
                Kind::SetIndex(_) => {
                    stored.extend(self.roots(data.args[0]));
                    &data.args[1..]
                }
                _ if self.acts(op, first) => return false,
                _ => &data.args[..],
            };
            let memory = args.iter().filter(|arg| self.ty(**arg).bound().has_memory());
            read.extend(memory.flat_map(|arg| self.roots(*arg)));
        }
        let is_own = |root: &ValueId| match self.b.func.def(*root) {
            Def::Param(block, _) => block == self.b.func.body && self.options.disjoint,
            Def::Result(op, _) => makes_memory(&self.b.func.op(op).kind),
        };
        let is_new = |root: &ValueId| self.is_new(*root, first);
        stored.iter().all(is_own)
            && read
                .iter()
                .all(|root| is_new(root) || is_own(root) && !stored.contains(root))
    }

    /// The values whose memory a value may be or be a view of. What a loop that is still open hands on stands for
    /// itself.
    fn roots(&self, value: ValueId) -> BTreeSet<ValueId> {
        let (mut roots, mut seen, mut pending) = (BTreeSet::new(), BTreeSet::new(), vec![value]);
        while let Some(value) = pending.pop() {
            if !seen.insert(value) {
                continue;
            }
            let found = match self.b.func.def(value) {
                Def::Param(block, number) => self.handed_on(block, number as usize),
                Def::Result(op, number) => {
                    let data = self.b.func.op(op);
                    match &data.kind {
                        // What is in a list is not the list's.
                        Kind::Index(_) | Kind::Attr(_) if matches!(self.bound_ty(data.args[0]), Ty::Array { .. }) => {
                            Some(vec![data.args[0]])
                        }
                        Kind::Present => Some(data.args.clone()),
                        Kind::Select => Some(data.args[1..].to_vec()),
                        Kind::If => self.yielded(&data.blocks, number as usize),
                        Kind::For => self.out_of_loop(&data.blocks, &data.args[3..], number as usize),
                        _ => None,
                    }
                }
            };
            match found {
                Some(found) => pending.extend(found),
                None => {
                    roots.insert(value);
                }
            }
        }
        roots
    }

    /// What an iteration gets as a parameter of its block: what is there before the loop, and what iterations yield.
    fn handed_on(&self, block: BlockId, number: usize) -> Option<Vec<ValueId>> {
        let owner = self.b.func.ops.iter().find(|op| op.blocks.contains(&block))?;
        match &owner.kind {
            Kind::For => self.out_of_loop(&owner.blocks, &owner.args[3..], number.checked_sub(1)?),
            _ => None,
        }
    }

    /// What a loop gives: what is there before it, or what iterations yield; unknown where it may be left.
    fn out_of_loop(&self, blocks: &[BlockId], before: &[ValueId], number: usize) -> Option<Vec<ValueId>> {
        let mut leaves = false;
        for block in blocks {
            leaves |= self.breaks(*block);
        }
        let mut found = self.yielded(blocks, number).filter(|_| !leaves)?;
        found.push(*before.get(number)?);
        Some(found)
    }

    fn breaks(&self, block: BlockId) -> bool {
        let data = self.b.func.block(block);
        let inside = |op: &OpId| self.b.func.op(*op).blocks.iter().any(|block| self.breaks(*block));
        matches!(data.end, Term::Break(..)) || data.ops.iter().any(inside)
    }

    fn yielded(&self, blocks: &[BlockId], number: usize) -> Option<Vec<ValueId>> {
        let mut found = Vec::new();
        for block in blocks {
            match &self.b.func.block(*block).end {
                Term::Yield(values) => found.push(*values.get(number)?),
                Term::Unreachable | Term::Return(_) => {}
                Term::Break(..) => return None,
            }
        }
        Some(found)
    }

    /// Whether nobody outside of the statement that begins with `first` knows the memory of a root.
    fn is_new(&self, root: ValueId, first: OpId) -> bool {
        let made = self.b.func.def_op(root);
        made.is_some_and(|made| made >= first && makes_memory(&self.b.func.op(made).kind))
    }

    /// Whether an op changes what others can see.
    pub(super) fn acts(&self, op: OpId, first: OpId) -> bool {
        let data = self.b.func.op(op);
        match &data.kind {
            // What is held is written back; twice is as good as once.
            Kind::SetAttr(name) if self.held_as(data.args[0], name).is_some() => false,
            Kind::Call { callee, .. } if numlift_ir::op::is_recursive(callee) => self.recursive_call_acts(callee),
            // What is fresh nobody else knows yet.
            Kind::Append | Kind::SetIndex(_)
                if self.roots(data.args[0]).iter().all(|root| self.is_new(*root, first)) =>
            {
                false
            }
            // Python raises, from the frame on.
            Kind::Raise(_) => false,
            Kind::MakeList | Kind::Repeat | Kind::MakeTuple | Kind::Frame { .. } | Kind::Require(_) => false,
            kind => matches!(kind.effect(), Effect::Writes | Effect::Draws | Effect::World),
        }
    }

    /// Whether compiled code may be left at an op.
    pub(super) fn may_leave(&self, op: OpId) -> bool {
        let data = self.b.func.op(op);
        match &data.kind {
            Kind::Const(_)
            | Kind::Unbound
            | Kind::Extern(_)
            | Kind::MakeTuple
            | Kind::Len { .. }
            | Kind::Select
            | Kind::Truth
            | Kind::Present
            | Kind::SetAttr(_)
            | Kind::If
            | Kind::For
            | Kind::While
            | Kind::Frame { .. } => false,
            Kind::Scalar { f, flavour } => !self.surely_goes_well(op, *f, *flavour),
            Kind::Index(subs) => !is_whole(subs) && !self.slices_plainly(op, subs),
            // Whether it is drawn in machine code or by Python, it is drawn there and then.
            Kind::Call { .. } | Kind::Method { .. } if !self.guards && self.draws_at_once(op) => false,
            Kind::Call { callee, .. } => self.guards || !MAKERS.contains(&callee.as_str()),
            Kind::Item(_) => matches!(self.ty(data.args[0]).bound(), Ty::List(..)),
            Kind::IsNone => matches!(self.ty(data.args[0]), Ty::Maybe(_)),
            Kind::SetIndex(subs) => !(stores::goes_well(&self.b.func, op) || is_whole(subs) && self.stores_plainly(op)),
            _ => true,
        }
    }

    /// Whether an op draws one number, or an array of a known size.
    fn draws_at_once(&self, op: OpId) -> bool {
        draws::draw(&self.b.func, op).is_some()
    }

    /// Whether an operator neither raises nor needs anything but its operands.
    fn surely_goes_well(&self, op: OpId, f: F, flavour: Flavour) -> bool {
        let data = self.b.func.op(op);
        let plain = matches!(f, F::Add | F::Sub | F::Mul | F::Neg | F::Pos | F::Abs) || f.is_comparison();
        let floats = data.args.iter().all(|arg| self.is_a_float(*arg));
        let ty = self.bound_ty(data.results[0]);
        if f.is_comparison() && !self.compares_exactly(&data.args) {
            return false;
        }
        let fits = |interval: &Interval| {
            interval.lo.is_some_and(|lo| lo >= i128::from(i64::MIN))
                && interval.hi.is_some_and(|hi| hi <= i128::from(i64::MAX))
        };
        match ty {
            Ty::Array { dtype, .. } => {
                let known = matches!(flavour, Flavour::Ufunc) && (plain || f == F::TrueDiv || f == F::Sqrt);
                // Where there is no memory for it, that is an error at once, unless somebody waits for errors.
                known && dtype.is_float() && self.agree(&data.args) && !self.guards
            }
            Ty::Float | Ty::Bool => plain && data.args.iter().all(|arg| self.is_small(*arg)),
            // Floats are added, and NumPy's functions of them taken, whatever they are.
            Ty::OneOf(_) if plain && floats => true,
            Ty::Np(dtype) if dtype.is_float() && matches!(flavour, Flavour::Ufunc) && floats => true,
            Ty::Np(dtype) => {
                (plain || f == F::TrueDiv)
                    && (dtype.is_float() || f.is_comparison())
                    && matches!(flavour, Flavour::NpScalar)
            }
            Ty::Int(interval) => (plain || f == F::ToInt && self.is_np_int(data.args[0])) && fits(interval),
            _ => false,
        }
    }

    /// Whether numbers are compared without looking at how large they are: an int that a double does not hold is
    /// compared with a float by Python.
    fn compares_exactly(&self, args: &[ValueId]) -> bool {
        const EXACT: i128 = 1 << 53;
        let held = |arg: &ValueId| match self.ty(*arg) {
            Ty::Int(interval) => {
                interval.lo.is_some_and(|lo| lo >= -EXACT) && interval.hi.is_some_and(|hi| hi <= EXACT)
            }
            _ => true,
        };
        let is_int = |arg: &ValueId| matches!(self.ty(*arg), Ty::Int(_) | Ty::Bool);
        args.iter().all(is_int) || args.iter().all(held)
    }

    fn is_np_int(&self, value: ValueId) -> bool {
        matches!(self.ty(value), Ty::Np(dtype) if dtype.is_integer())
    }

    fn is_a_float(&self, value: ValueId) -> bool {
        let options = self.ty(value).scalar_options();
        options.is_some_and(|options| options.iter().all(|ty| ty.array_dtype().is_float()))
    }

    /// Whether a number is a float, or an int that surely has 64 bits.
    fn is_small(&self, value: ValueId) -> bool {
        match self.ty(value) {
            Ty::Float | Ty::Bool | Ty::Np(_) => true,
            Ty::Int(interval) => interval.lo.is_some() && interval.hi.is_some(),
            _ => false,
        }
    }

    /// Whether the extents of operands surely go together: where two arrays have an axis, it is the same, or one.
    fn agree(&self, args: &[ValueId]) -> bool {
        let shapes = args.iter().map(|arg| match self.ty(*arg) {
            Ty::Array { shape, .. } => Some(&shape[..]),
            Ty::Float | Ty::Bool | Ty::Int(_) | Ty::Np(_) => Some(&[][..]),
            _ => None,
        });
        let Some(shapes) = shapes.collect::<Option<Vec<&[Dim]>>>() else {
            return false;
        };
        let rank = shapes.iter().map(|shape| shape.len()).max().unwrap_or(0);
        (1..=rank).all(|back| {
            let mut axis = shapes
                .iter()
                .filter_map(|shape| shape.len().checked_sub(back).map(|at| &shape[at]));
            let mut others = axis.clone().filter(|dim| **dim != Dim::Const(1));
            let first = others.next();
            axis.all(|dim| *dim != Dim::Unknown) && others.all(|dim| Some(dim) == first)
        })
    }

    /// Whether `x[:, :] = value` surely goes well: both are floats, and the value's extents are those of `x`.
    fn stores_plainly(&self, store: OpId) -> bool {
        let args = &self.b.func.op(store).args;
        let (Some(base), Some(value)) = (args.first(), args.last()) else {
            return false;
        };
        match (self.ty(*base), self.ty(*value)) {
            (
                Ty::Array {
                    dtype: a, shape: to, ..
                },
                Ty::Array {
                    dtype: b, shape: from, ..
                },
            ) => a.is_float() && a == b && to == from && !to.contains(&Dim::Unknown),
            _ => false,
        }
    }

    /// Whether a slice is taken whose bounds are ints: nothing is out of range.
    fn slices_plainly(&self, op: OpId, subs: &[Sub]) -> bool {
        let plain = |sub: &Sub| !matches!(sub, Sub::At | Sub::Slice { step: true, .. });
        let is_int = |value: &ValueId| matches!(self.ty(*value), Ty::Int(_));
        subs.iter().all(plain) && self.b.func.op(op).args[1..].iter().all(is_int)
    }
}

/// Whether subscripts take whole axes, and nothing can be out of range.
fn is_whole(subs: &[Sub]) -> bool {
    subs.iter().all(|sub| sub.arity() == 0)
}

/// Whether what an op gives is memory that nobody else knows.
fn makes_memory(kind: &Kind) -> bool {
    match kind {
        Kind::Scalar { .. } | Kind::MakeList | Kind::Repeat => true,
        Kind::Call { callee, keywords } => is_fresh_call(callee, keywords),
        Kind::Method { name, keywords } => is_fresh_method(name, keywords),
        _ => false,
    }
}
