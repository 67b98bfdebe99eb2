//! Lists that grow: what is appended in a loop is the list's elements, as an array.
//!
//! A list that was empty and got all its elements from one loop needs no list: `np.array` of it is the expression, and
//! where the list itself is wanted it is made from the array, with elements of the type that they had.

use numlift_ir::affine::{Affine, affine_of};
use numlift_ir::function::{OpId, ValueId};
use numlift_ir::op::{Const, Kind, Sub};
use numlift_ir::scalar::ScalarTy;
use numlift_ir::ty::Ty;

use super::vectorize::Context;
use super::{Content, Elements, Lifted, Pattern, Result, Selector, is_live_in};
use crate::condition::Fact;

impl Selector<'_> {
    /// An `Extend`.
    pub(super) fn extend(&mut self, op: OpId) -> Result<()> {
        let data = self.raised.op(op).clone();
        let list = data.args[0];
        let empty = match self.contents.get(&list) {
            Some(Content::Unmade(made)) => {
                let made = self.raised.op(*made);
                made.kind == Kind::MakeList && made.args.is_empty()
            }
            _ => false,
        };
        if !empty {
            return Err(self.no_form("the list already holds something"));
        }
        let context = self.enter(op, &Context::default())?;
        let block = data.blocks[0];
        let value = self.raised.block(block).end.values()[0];
        let Kind::Extend { masked, depth } = data.kind else {
            return Err(self.no_form("no growth"));
        };
        // `[[0] * m for _ in range(n)]`: rows of their own, filled later or not at all.
        if depth > 0 && depth + 1 == context.rank() {
            self.contents.insert(list, Content::Unmade(op));
            let read = self.raised.as_const(value).is_none();
            return if read { self.settle(Some(list)) } else { Ok(()) };
        }
        if depth > 0 {
            return Err(self.no_form("rows appended in nested loops"));
        }
        if let Some(items) = self.written_row(value) {
            let content = self.list_of_rows(op, value, &items, &context)?;
            self.contents.insert(list, content);
            return Ok(());
        }
        let Some(elem) = self.elements_of(value) else {
            return Err(self.no_form("what is appended is no number, or not always of one type"));
        };
        self.note(if masked { Pattern::Filter } else { Pattern::Grown });
        let pairs = match masked {
            true => self.triangle(op, &context)?,
            false => None,
        };
        let whole = if let Some(pairs) = pairs {
            let lifted = self.lift(value, &pairs)?;
            if lifted.axes != [0] {
                return Err(self.no_form("the same value is appended every time"));
            }
            lifted.value
        } else if masked {
            self.filtered(op, list, value, &context)?
        } else {
            let lifted = self.lift(value, &context)?;
            self.spread(lifted, &context, elem.scalar)?
        };
        let array = if self.out.func.ty(whole).dims().len() > 1 {
            self.flattened(whole)
        } else {
            whole
        };
        self.contents.insert(list, Content::Tensor { array, elem });
        Ok(())
    }

    /// The elements that a condition lets through, in the loop's order; in rows where the condition is one of rows.
    pub(super) fn filtered(&mut self, op: OpId, list: ValueId, value: ValueId, context: &Context) -> Result<ValueId> {
        let mask = self.yielded(op, 1, context)?;
        let source = self.raised.block(self.raised.op(op).blocks[0]).end.values()[1];
        let mask = self.truth(mask, source)?;
        let rows = context.rank() > 1 && mask.axes == [0];
        if mask.axes.len() != context.rank() && !rows {
            return Err(self.no_form("a condition that does not depend on every loop around"));
        }
        self.filters.insert(list, mask.value);
        // Positions are what `flatnonzero` says.
        if context.rank() == 1
            && let Some(param) = context.param(0)
            && affine_of(self.raised, value) == affine_of(self.raised, param)
        {
            return Ok(self.numpy_call("flatnonzero", &[mask.value]));
        }
        let mut under = context.clone();
        under.masks.push(mask.value);
        let lifted = self.lift(value, &under)?;
        if lifted.axes.is_empty() {
            return Err(self.no_form("the same value is appended every time"));
        }
        if rows && lifted.axes.len() != context.rank() {
            return Err(self.no_form("the same row is appended every time"));
        }
        Ok(lifted.value)
    }

    pub(super) fn flattened(&mut self, array: ValueId) -> ValueId {
        self.out.value(
            Kind::Method {
                name: "ravel".to_owned(),
                keywords: Vec::new(),
            },
            &[array],
        )
    }

    /// The elements of a container that holds a scalar of index space everywhere.
    pub(super) fn elements_of(&self, value: ValueId) -> Option<Elements> {
        let mixed = self.raised.ty(value).bound().as_scalar().is_none();
        self.scalar(value).map(|scalar| Elements { scalar, mixed })
    }

    /// The elements of rows that nothing filled after they were made.
    pub(super) fn row_elements(&mut self, op: OpId) -> Result<Content> {
        let context = self.enter(op, &Context::default())?;
        let data = self.raised.op(op);
        let (list, value) = (data.args[0], self.raised.block(data.blocks[0]).end.values()[0]);
        let elem = self
            .elements_of(value)
            .ok_or_else(|| self.no_form("what is appended is no number, or not always of one type"))?;
        if matches!(data.kind, Kind::Extend { masked: true, .. }) {
            self.note(Pattern::Filter);
            let array = self.filtered(op, list, value, &context)?;
            return Ok(Content::Tensor { array, elem });
        }
        self.note(Pattern::Grown);
        let lifted = self.lift(value, &context)?;
        let array = self.spread(lifted, &context, elem.scalar)?;
        Ok(Content::Tensor { array, elem })
    }

    /// A lifted value with every dimension of the context as an axis, owning its memory.
    pub(super) fn spread(&mut self, lifted: Lifted, context: &Context, elem: ScalarTy) -> Result<ValueId> {
        let all: Vec<usize> = (0..context.rank()).collect();
        if lifted.axes == all {
            return Ok(if self.is_fresh(lifted.value) {
                lifted.value
            } else {
                self.copied(lifted.value)
            });
        }
        let mut extents = Vec::new();
        for extent in context.extents.clone() {
            extents.push(self.affine(&extent)?);
        }
        let shape = match extents[..] {
            [one] => one,
            _ => self.out.value(Kind::MakeTuple, &extents),
        };
        if lifted.axes.is_empty() {
            return self.filled(shape, lifted.value, elem);
        }
        let expanded = self.expand(&lifted, &all);
        let broad = self.numpy_call("broadcast_to", &[expanded, shape]);
        Ok(self.copied(broad))
    }

    /// `np.full(shape, value)`, `np.zeros` of zeros.
    fn filled(&mut self, shape: ValueId, value: ValueId, elem: ScalarTy) -> Result<ValueId> {
        let dtype = elem.array_dtype();
        let mut args = vec![shape];
        let name = match self.constant_of(value) {
            Some(Const::Float(float)) if float.to_bits() == 0 => "zeros",
            Some(Const::Int(0)) => "zeros",
            Some(Const::Float(1.0) | Const::Int(1)) => "ones",
            _ => {
                args.push(value);
                "full"
            }
        };
        let default = match name {
            "full" => self.out.func.ty(value).as_scalar().map(ScalarTy::array_dtype),
            _ => Some(numlift_ir::dtype::Dtype::F64),
        };
        let mut keywords = Vec::new();
        if default != Some(dtype) {
            args.push(
                self.out
                    .value(Kind::Extern(format!("numpy.{}", dtype.attribute())), &[]),
            );
            keywords.push("dtype".to_owned());
        }
        Ok(self.out.value(
            Kind::Call {
                callee: format!("numpy.{name}"),
                keywords,
            },
            &args,
        ))
    }

    fn copied(&mut self, array: ValueId) -> ValueId {
        self.out.value(
            Kind::Method {
                name: "copy".to_owned(),
                keywords: Vec::new(),
            },
            &[array],
        )
    }

    /// Whether nobody else can hold this array.
    pub(super) fn is_fresh(&self, value: ValueId) -> bool {
        if is_live_in(&self.out.func, value) || self.is_held(value) {
            return false;
        }
        let Some(op) = self.out.func.defining(value) else {
            return false;
        };
        match &op.kind {
            Kind::Scalar { .. } => true,
            // Only of one operand it may be a view.
            Kind::Call { callee, .. } if callee == "numpy.einsum" => op.args.len() > 2,
            Kind::Call { callee, keywords } => numlift_ir::effects::is_fresh_call(callee, keywords),
            Kind::Method { name, keywords } => numlift_ir::effects::is_fresh_method(name, keywords),
            // An index array or a mask copies.
            Kind::Index(subs) => {
                subs.contains(&Sub::At)
                    && op.args[1..]
                        .iter()
                        .any(|arg| matches!(self.out.func.ty(*arg), Ty::Array { .. }))
            }
            _ => false,
        }
    }

    /// Whether a value stands for something of the program's, which may be stored to by itself.
    fn is_held(&self, value: ValueId) -> bool {
        let holds = |content: &Content| match content {
            Content::Unmade(_) => false,
            Content::Tensor { array, .. } => *array == value,
            Content::Made(made) => *made == value,
        };
        let uses = self.raised.use_counts();
        // What is used once is used here.
        self.map
            .iter()
            .any(|(old, known)| *known == value && uses[old.index()] > 1)
            || self.converted.values().any(|known| *known == value)
            || self.contents.values().any(holds)
    }

    /// The list that holds an array's elements, of the type that they had in the loop.
    pub(super) fn list_of(&mut self, array: ValueId, elem: Elements, ty: &Ty) -> Result<ValueId> {
        if elem.mixed {
            return Err(self.no_form("a list that holds tuples, or numbers of several types"));
        }
        let elem = elem.scalar;
        let rank = self.out.func.ty(array).dims().len();
        if elem.is_python() {
            // `tolist` gives Python numbers.
            let kind = Kind::Method {
                name: "tolist".to_owned(),
                keywords: Vec::new(),
            };
            return Ok(self.out.value(kind, &[array]));
        }
        // A list of arrays holds the rows.
        let of_arrays = matches!(ty, Ty::List(row, _) if matches!(**row, Ty::Array { .. }));
        if rank != 1 && !of_arrays {
            return Err(self.no_form("a list of lists of NumPy scalars"));
        }
        let kind = Kind::Call {
            callee: "builtins.list".to_owned(),
            keywords: Vec::new(),
        };
        Ok(self.out.value(kind, &[array]))
    }

    /// One append outside of any loop: only to a list that exists.
    pub(super) fn append_one(&mut self, op: OpId) -> Result<()> {
        let data = self.raised.op(op).clone();
        let list = self.value(data.args[0])?;
        let value = self.value(data.args[1])?;
        self.out.effect(Kind::Append, &[list, value]);
        Ok(())
    }

    /// `np.array(list)` of a list whose elements are an array already; false where it is something else.
    pub(super) fn conversion(&mut self, op: OpId) -> Result<bool> {
        let data = self.raised.op(op).clone();
        let Kind::Call { callee, keywords } = &data.kind else {
            return Ok(false);
        };
        self.settle(data.args.first().copied())?;
        let Some(Content::Tensor { array, elem }) = data.args.first().and_then(|arg| self.contents.get(arg)).cloned()
        else {
            return Ok(false);
        };
        let result = data.results[0];
        if callee == "builtins.list" {
            self.contents.insert(result, Content::Tensor { array, elem });
            return Ok(true);
        }
        let wanted = match (data.args.get(1), keywords.as_slice()) {
            (None, []) => None,
            (Some(dtype), []) => Some(*dtype),
            (Some(dtype), [name]) if name == "dtype" => Some(*dtype),
            _ => return Ok(false),
        };
        let own = self.out.func.ty(array).elements().map(|(elem, _)| elem.array_dtype());
        let target = match wanted {
            None => Some(elem.scalar.array_dtype()),
            Some(dtype) => match self.raised.ty(result) {
                Ty::Array { dtype, .. } => Some(*dtype),
                _ => match self.raised.ty(dtype) {
                    Ty::Dtype(dtype) => Some(*dtype),
                    _ => return Ok(false),
                },
            },
        };
        // An empty list makes float64 whatever its elements would have been.
        let makes_floats = wanted.is_none() && target != Some(numlift_ir::dtype::Dtype::F64);
        // An array of no rows has one axis.
        let loses_an_axis = self.out.func.ty(array).dims().len() > 1 && !self.is_shaped(result);
        if target.is_some() && (makes_floats || loses_an_axis) {
            self.holds_something(data.args[0], makes_floats)?;
        }
        let value = if own == target {
            array
        } else {
            self.astype(array, target.unwrap_or(elem.scalar.array_dtype()))
        };
        self.name_like(value, result);
        self.map.insert(result, value);
        Ok(true)
    }

    /// A list was appended to, and numbers rather than empty rows where `numbers` are asked for.
    fn holds_something(&mut self, list: ValueId, numbers: bool) -> Result<()> {
        let Some(op) = self.grown_by(list) else {
            return match self.container_extents(list, 1).first().cloned() {
                Some(rows) if !numbers => self.require(Fact::AtMost(Affine::constant(1), rows), self.at),
                _ => Err(self.no_form("an empty list would make an array of another dtype")),
            };
        };
        let mut extents = super::extents::extents_of(self.raised, op);
        if let Kind::Extend { depth, .. } = self.raised.op(op).kind
            && !numbers
        {
            extents.truncate(extents.len() - depth);
        }
        if let Some(mask) = self.filters.get(&list).copied() {
            let kind = Kind::Method {
                name: "any".to_owned(),
                keywords: Vec::new(),
            };
            let any = self.out.value(kind, &[mask]);
            self.require(Fact::Holds(any, "an element is chosen".to_owned()), self.at)?;
            // All that a mask has an axis for is not empty then.
            extents.drain(..self.out.func.ty(mask).dims().len().min(extents.len()));
        }
        for extent in extents {
            self.require(Fact::AtMost(Affine::constant(1), extent), self.at)?;
        }
        Ok(())
    }

    /// The op that put everything into a list.
    fn grown_by(&self, list: ValueId) -> Option<OpId> {
        let ops = &self.raised.block(self.raised.body).ops;
        let grows = |op: &&OpId| {
            let data = self.raised.op(**op);
            matches!(data.kind, Kind::Extend { .. }) && data.args[0] == list
        };
        ops.iter().find(grows).copied()
    }

    /// Whether an array of rows is at once given the shape that it has, also if there are no rows.
    fn is_shaped(&self, array: ValueId) -> bool {
        let ops = &self.raised.block(self.raised.body).ops;
        self.raised.use_counts()[array.index()] == 1
            && ops.iter().any(|op| {
                let data = self.raised.op(*op);
                data.args.first() == Some(&array) && self.shaped_list(*op).is_some()
            })
    }

    /// The list of `np.reshape(np.array(list, dtype), (len(list), width))`, and the width.
    fn shaped_list(&self, op: OpId) -> Option<(ValueId, ValueId)> {
        let data = self.raised.op(op);
        let of_array =
            matches!(&data.kind, Kind::Call { callee, keywords } if callee == "numpy.reshape" && keywords.is_empty());
        let [array, shape] = data.args[..] else { return None };
        let made = self.raised.defining(array).filter(|_| of_array)?;
        let list = *made.args.first()?;
        let converts =
            matches!(&made.kind, Kind::Call { callee, .. } if callee == "numpy.array") && made.args.len() == 2;
        let shape = self
            .raised
            .defining(shape)
            .filter(|shape| shape.kind == Kind::MakeTuple)?;
        let [rows, width] = shape.args[..] else { return None };
        let rows = self.raised.defining(rows)?;
        (converts && rows.kind == (Kind::Len { axis: 0 }) && rows.args == [list]).then_some((list, width))
    }

    /// `np.reshape` of an array that has that shape; false where it is something else.
    pub(super) fn shaping(&mut self, op: OpId) -> Result<bool> {
        let Some((list, width)) = self.shaped_list(op) else {
            return Ok(false);
        };
        let array = self.raised.op(op).args[0];
        let (Some(value), Some(grown)) = (self.map.get(&array).copied(), self.grown_by(list)) else {
            return Ok(false);
        };
        if !matches!(self.contents.get(&list), Some(Content::Tensor { .. })) {
            return Ok(false);
        }
        let row = self.raised.block(self.raised.op(grown).blocks[0]).end.values()[0];
        let own = match self.written_row(row) {
            Some(items) => Affine::constant(items.len() as i128),
            None => match super::extents::extents_of(self.raised, grown).get(1) {
                Some(own) => own.clone(),
                None => return Ok(false),
            },
        };
        let width = affine_of(self.raised, width);
        self.require(Fact::AtMost(own.clone(), width.clone()), self.at)?;
        self.require(Fact::AtMost(width, own), self.at)?;
        self.name_like(value, self.raised.result(op));
        self.map.insert(self.raised.result(op), value);
        Ok(true)
    }

    /// Rows that are read by now get their elements.
    pub(super) fn settle(&mut self, list: Option<ValueId>) -> Result<()> {
        let Some(list) = list else { return Ok(()) };
        if let Some(Content::Unmade(op)) = self.contents.get(&list)
            && matches!(self.raised.op(*op).kind, Kind::Extend { .. })
        {
            let content = self.row_elements(*op)?;
            self.contents.insert(list, content);
        }
        Ok(())
    }

    /// `len(list)` of a list that is an array by now.
    pub(super) fn len_of_container(&mut self, op: OpId, axis: usize) -> bool {
        let data = self.raised.op(op).clone();
        let Some(Content::Tensor { array, .. }) = self.contents.get(&data.args[0]) else {
            return false;
        };
        let array = *array;
        let len = self.out.len(array, axis);
        self.map.insert(data.results[0], len);
        true
    }
}
