//! Arrays: elements, views, allocation.
//!
//! The address of an element is the address of element 0 plus index times stride, in bytes. Strides of contiguous
//! arrays are constants or products of extents, which is what LLVM's loop passes want to see.

use std::fmt::Write;

use numlift_abi::runtime;
use numlift_ir::dtype::{Casting, Dtype, DtypeKind, can_cast};
use numlift_ir::function::{Def, OpId, ValueId};
use numlift_ir::op::{Const, Kind, Sub};
use numlift_ir::scalar::ScalarTy;
use numlift_ir::ty::{Dim, Interval, Ty};

use super::boundary::scalar_number;
use super::number::MACHINE;
use super::{Emit, Emitter};
use crate::value::{Array, Number, Root, Value, dtype_register, is_complex, refine, scalar_of};

/// The metadata of ranges, weights and alias scopes; of a module that has lists of its own, those of lists, too.
pub(super) fn scopes_text(roots: u32, has_lists: bool) -> String {
    let mut text = String::from(
        "!0 = !{i64 0, i64 9223372036854775807}\n!1 = !{!\"branch_weights\", i32 1, i32 100000}\n!2 = !{!\"branch_weights\", i32 100000, i32 1}\n!3 = distinct !{!3}\n!4 = !{}\n",
    );
    // Scope of root n is 10 + 3n, the list of it alone 11 + 3n, the list of all others 12 + 3n.
    for root in 1..=roots {
        let base = 10 + 3 * root;
        let _ = writeln!(text, "!{base} = distinct !{{!{base}, !3}}");
        let _ = writeln!(text, "!{} = !{{!{base}}}", base + 1);
        let others: Vec<String> = (1..=roots)
            .filter(|other| *other != root)
            .map(|other| format!("!{}", 10 + 3 * other))
            .chain(super::buffer::Part::scopes().filter(|_| has_lists))
            .collect();
        let _ = writeln!(text, "!{} = !{{{}}}", base + 2, others.join(", "));
    }
    if has_lists {
        text.push_str(&super::buffer::scopes_text());
    }
    text
}

/// No array in memory has so many elements.
const FAR: i128 = 1 << 48;

impl Emitter<'_> {
    /// What is said of aliasing where elements of an array are loaded and stored.
    fn scope_of(&self, root: Root) -> String {
        match root {
            Root::Own(root) => format!(", !alias.scope !{}, !noalias !{}", 11 + 3 * root, 12 + 3 * root),
            Root::Unknown if self.has_lists => super::buffer::Part::OTHER.to_owned(),
            Root::Unknown => String::new(),
        }
    }

    pub(super) fn array(&self, value: ValueId) -> Emit<Array> {
        match self.get(value)? {
            Value::Array(array) => Ok(array),
            _ => self.unsupported("an array that is none"),
        }
    }

    /// `%base[%i, %j]` in range.
    fn element_address(&mut self, array: &Array, indices: &[String]) -> String {
        let mut address = array.data.clone();
        for (axis, index) in indices.iter().enumerate() {
            let offset = self.product(index, &array.strides[axis]);
            if offset != "0" {
                address = self
                    .text
                    .value(&format!("getelementptr inbounds i8, ptr {address}, i64 {offset}"));
            }
        }
        address
    }

    /// A product that does not overflow where it is used: constants beyond all extents stand behind a failing check.
    pub(super) fn product(&mut self, a: &str, b: &str) -> String {
        match (a.parse::<i64>(), b.parse::<i64>()) {
            (Ok(a), Ok(b)) => a.wrapping_mul(b).to_string(),
            (Ok(0), _) | (_, Ok(0)) => "0".to_owned(),
            (Ok(1), _) => b.to_owned(),
            (_, Ok(1)) => a.to_owned(),
            _ => self.text.value(&format!("mul nsw i64 {a}, {b}")),
        }
    }

    pub(super) fn load_element(&mut self, array: &Array, address: &str) -> Number {
        let scope = self.scope_of(array.root);
        let ty = dtype_register(array.dtype);
        let size = array.dtype.itemsize();
        let number = ScalarTy::Np(array.dtype);
        if array.dtype == Dtype::Bool {
            let byte = self.text.value(&format!("load i8, ptr {address}, align 1{scope}"));
            let bit = self.text.value(&format!("icmp ne i8 {byte}, 0"));
            return Self::real(number, bit);
        }
        if !is_complex(number) {
            let re = self
                .text
                .value(&format!("load {ty}, ptr {address}, align {size}{scope}"));
            return Self::real(number, re);
        }
        let half = size / 2;
        let re = self
            .text
            .value(&format!("load {ty}, ptr {address}, align {half}{scope}"));
        let second = self
            .text
            .value(&format!("getelementptr inbounds i8, ptr {address}, i64 {half}"));
        let im = self
            .text
            .value(&format!("load {ty}, ptr {second}, align {half}{scope}"));
        Number {
            ty: number,
            re,
            im: Some(im),
        }
    }

    fn store_element(&mut self, array: &Array, address: &str, number: &Number) {
        let scope = self.scope_of(array.root);
        let ty = dtype_register(array.dtype);
        let size = array.dtype.itemsize();
        if array.dtype == Dtype::Bool {
            let byte = self.text.value(&format!("zext i1 {} to i8", number.re));
            return self
                .text
                .line(&format!("store i8 {byte}, ptr {address}, align 1{scope}"));
        }
        let align = if number.im.is_some() { size / 2 } else { size };
        self.text.line(&format!(
            "store {ty} {}, ptr {address}, align {align}{scope}",
            number.re
        ));
        if let Some(im) = &number.im {
            let second = self
                .text
                .value(&format!("getelementptr inbounds i8, ptr {address}, i64 {align}"));
            self.text
                .line(&format!("store {ty} {im}, ptr {second}, align {align}{scope}"));
        }
    }

    pub(super) fn load_op(&mut self, op: OpId) -> Emit<()> {
        let (_, args, results) = self.ops(op);
        let array = self.array(args[0])?;
        let indices: Emit<Vec<String>> = args[1..].iter().map(|index| self.int(*index)).collect();
        let address = self.element_address(&array, &indices?);
        let number = self.load_element(&array, &address);
        self.set(results[0], Value::Number(number));
        Ok(())
    }

    pub(super) fn store_op(&mut self, op: OpId) -> Emit<()> {
        let (_, args, _) = self.ops(op);
        let array = self.array(args[0])?;
        let last = args.len() - 1;
        let indices: Emit<Vec<String>> = args[1..last].iter().map(|index| self.int(*index)).collect();
        let indices = indices?;
        let number = self.stored_number(args[last], array.dtype)?;
        let address = self.element_address(&array, &indices);
        self.store_element(&array, &address, &number);
        Ok(())
    }

    /// The number that is stored into an array of a dtype.
    fn stored_number(&mut self, value: ValueId, dtype: Dtype) -> Emit<Number> {
        let given = self.get(value)?;
        self.number_for(&given, Some(value), dtype)
    }

    fn number_for(&mut self, given: &Value, id: Option<ValueId>, dtype: Dtype) -> Emit<Number> {
        match given {
            Value::Number(number) => {
                // A Python int must fit; everything else is cast.
                if number.ty == ScalarTy::PyInt
                    && let Some(limits) = numlift_ir::ty::Interval::of_dtype(dtype)
                {
                    let known = id.map_or(super::number::MACHINE, |id| {
                        numlift_ir::infer::interval_of(self.func.ty(id)).meet(super::number::MACHINE)
                    });
                    self.leave_unless_within(known, limits.meet(super::number::MACHINE), &number.re.clone())?;
                }
                let number = number.clone();
                // A single number that is stored as an integer goes through `int()`, which raises; elements of arrays,
                // which are cast, have been converted already.
                if dtype.is_integer()
                    && let Some(int) = self.stored_int(&number, dtype)?
                {
                    return match self.cast(&int, ScalarTy::Np(dtype)) {
                        Some(cast) => Ok(cast),
                        None => self.unsupported("a number that cannot be stored"),
                    };
                }
                self.begin_cast(number.ty, ScalarTy::Np(dtype));
                let cast = self.cast(&number, ScalarTy::Np(dtype));
                self.end_site();
                match cast {
                    Some(cast) => Ok(cast),
                    None => self.unsupported("a complex number stored in an array of reals"),
                }
            }
            Value::OneOf { tag, options } => {
                let (tag, options) = (tag.clone(), options.clone());
                self.number_of_options(&tag, &options, dtype)
            }
            _ => self.unsupported("a value that is stored in an array and is no number"),
        }
    }

    /// The int that a float, or an integer of a dtype that holds others, is stored as. What does not fit raises for
    /// Python's floats and for signed dtypes, and wraps around for others.
    fn stored_int(&mut self, number: &Number, dtype: Dtype) -> Emit<Option<Number>> {
        let limits = Interval::of_dtype(dtype).unwrap_or(MACHINE).meet(MACHINE);
        let raises = number.ty == ScalarTy::PyFloat || dtype.kind() == DtypeKind::Signed;
        let int = match number.ty {
            ScalarTy::PyFloat => self.checked_to_int(&number.re.clone())?,
            // Cast as elements of arrays are: by way of 32 bits.
            ScalarTy::Np(from) if from.is_float() && matches!(dtype, Dtype::U8 | Dtype::U16) => return Ok(None),
            ScalarTy::Np(from) if from.is_float() => {
                let Some(double) = self.cast(number, ScalarTy::PyFloat) else {
                    return Ok(None);
                };
                self.checked_to_int(&double.re)?
            }
            ScalarTy::Np(from) if from.is_integer() && raises && !can_cast(from, dtype, Casting::Safe) => {
                let Some(int) = self.cast(number, ScalarTy::PyInt) else {
                    return Ok(None);
                };
                if from == Dtype::U64 {
                    let big = self.text.value(&format!("icmp slt i64 {}, 0", int.re));
                    self.leave_if(&big, "an int that does not fit")?;
                }
                int.re
            }
            ScalarTy::PyBool | ScalarTy::PyInt | ScalarTy::PyComplex | ScalarTy::Np(_) => return Ok(None),
        };
        if raises {
            self.leave_unless_within(MACHINE, limits, &int)?;
        }
        Ok(Some(Self::real(ScalarTy::PyInt, int)))
    }

    /// A number of one of several types as one dtype.
    fn number_of_options(&mut self, tag: &str, options: &[Value], dtype: Dtype) -> Emit<Number> {
        let ty = ScalarTy::Np(dtype);
        let repr = crate::value::number_repr(ty);
        let slots = self.new_slots(&repr);
        let done = self.text.label("stored");
        for (number, option) in options.iter().enumerate() {
            let (own, next) = (self.text.label("option"), self.text.label("next"));
            let is_it = self.text.value(&format!("icmp eq i64 {tag}, {number}"));
            self.text.branch(&is_it, &own, &next);
            self.text.begin_apart(&own);
            match option {
                Value::Unbound => self.leave("a name that is not bound")?,
                option => {
                    let given = self.number_for(option, None, dtype)?;
                    self.put(&slots, &Value::Number(given))?;
                    self.text.jump(&done);
                }
            }
            self.text.begin_apart(&next);
        }
        self.text.end("unreachable");
        self.text.begin_apart(&done);
        match self.take(&slots, &Ty::Np(dtype)) {
            Value::Number(number) => Ok(number),
            _ => self.unsupported("a number that is none"),
        }
    }

    /// An index as Python means it: negative ones count from the end, out of range leaves.
    pub(super) fn checked_index(&mut self, index: ValueId, extent: &str) -> Emit<String> {
        let at = self.natural_index(index, extent)?;
        let known = numlift_ir::infer::interval_of(self.func.ty(index));
        if let (Ok(place), Ok(count)) = (at.parse::<u64>(), extent.parse::<u64>())
            && place < count
        {
            return Ok(at);
        }
        if known.lo.is_some_and(|lo| lo >= 0) && self.counts_up_to(index, extent) {
            return Ok(at);
        }
        // LLVM (22) does not bear offsets that leave 64 bits. No memory is that large, and Python can do the rest.
        let is_far = known.lo.is_some_and(|lo| lo >= FAR) || known.hi.is_some_and(|hi| hi <= -FAR);
        let fits = match is_far {
            true => "false".to_owned(),
            false => self.text.value(&format!("icmp ult i64 {at}, {extent}")),
        };
        self.leave_unless(&fits, "an index out of range")?;
        Ok(at)
    }

    /// An index that is in range, counted from the front.
    pub(super) fn natural_index(&mut self, index: ValueId, extent: &str) -> Emit<String> {
        let at = self.int(index)?;
        let known = numlift_ir::infer::interval_of(self.func.ty(index));
        if known.lo.is_some_and(|lo| lo >= 0) {
            return Ok(at);
        }
        let negative = self.text.value(&format!("icmp slt i64 {at}, 0"));
        let wrapped = self.text.value(&format!("add i64 {at}, {extent}"));
        Ok(self
            .text
            .value(&format!("select i1 {negative}, i64 {wrapped}, i64 {at}")))
    }

    /// Whether a value is the index of a loop that ends at this extent.
    fn counts_up_to(&mut self, index: ValueId, extent: &str) -> bool {
        let Def::Param(block, 0) = self.func.def(index) else {
            return false;
        };
        let around = self.func.ops.iter().find(|op| op.blocks.contains(&block));
        let Some(op) = around.filter(|op| op.kind == Kind::For) else {
            return false;
        };
        let goes_up = matches!(self.func.as_const(op.args[2]), Some(Const::Int(step)) if *step > 0);
        goes_up && self.int(op.args[1]).is_ok_and(|stop| stop == extent)
    }

    /// `base[subs]`: an element or a view; `None` if it is neither.
    pub(super) fn index_op(&mut self, op: OpId) -> Emit<bool> {
        let (kind, args, results) = self.ops(op);
        let Kind::Index(subs) = kind else {
            return Ok(false);
        };
        let Value::Array(array) = self.get(args[0])? else {
            return Ok(false);
        };
        if !self.is_basic(subs, &args[1..]) {
            return Ok(false);
        }
        let view = self.view(&array, &self.func.ty(args[0]).bound().dims(), subs, &args[1..])?;
        let ty = self.func.ty(results[0]).clone();
        if view.shape.is_empty() && matches!(ty.bound(), Ty::Np(_)) {
            let number = self.load_element(&view, &view.data.clone());
            self.set(results[0], Value::Number(number));
            return Ok(true);
        }
        let mut view = view;
        refine(&mut view, &ty, &self.symbols);
        self.set(results[0], Value::Array(view));
        Ok(true)
    }

    /// `base[subs] = number` on one element.
    pub(super) fn setindex_op(&mut self, op: OpId) -> Emit<bool> {
        let (kind, args, _) = self.ops(op);
        let Kind::SetIndex(subs) = kind else {
            return Ok(false);
        };
        let Value::Array(array) = self.get(args[0])? else {
            return Ok(false);
        };
        let last = args.len() - 1;
        let elements = subs.len() == array.shape.len() && subs.iter().all(|sub| *sub == Sub::At);
        let is_number = matches!(self.get(args[last])?, Value::Number(_) | Value::OneOf { .. });
        if !elements || !is_number || !self.is_basic(subs, &args[1..last]) {
            return Ok(false);
        }
        let number = self.stored_number(args[last], array.dtype)?;
        let view = self.view(&array, &self.func.ty(args[0]).bound().dims(), subs, &args[1..last])?;
        self.store_element(&view, &view.data.clone(), &number);
        Ok(true)
    }

    /// Whether all operands are ints.
    fn is_basic(&self, subs: &[Sub], operands: &[ValueId]) -> bool {
        let mut at = 0;
        for sub in subs {
            let own = &operands[at..at + sub.arity()];
            at += sub.arity();
            let is_int = |value: &ValueId| match sub {
                Sub::At => numlift_ir::infer::index::is_int(self.func, *value),
                // `None` stands for an end that is left out.
                _ => {
                    matches!(self.func.ty(*value).bound(), Ty::Int(_) | Ty::None)
                        || numlift_ir::infer::index::is_int(self.func, *value)
                }
            };
            if !own.iter().all(is_int) {
                return false;
            }
        }
        true
    }

    /// A view of an array with these dimensions.
    fn view(&mut self, array: &Array, dims: &[Dim], subs: &[Sub], operands: &[ValueId]) -> Emit<Array> {
        let rank = array.shape.len();
        let used = subs
            .iter()
            .filter(|sub| matches!(sub, Sub::At | Sub::Slice { .. }))
            .count();
        if used > rank {
            return self.unsupported("more subscripts than axes");
        }
        let mut view = Array {
            shape: Vec::new(),
            strides: Vec::new(),
            ..array.clone()
        };
        let (mut axis, mut at) = (0, 0);
        let mut seen_ellipsis = false;
        for sub in subs {
            let own = &operands[at..at + sub.arity()];
            at += sub.arity();
            match sub {
                Sub::At => {
                    let extent = match dims.get(axis) {
                        Some(Dim::Const(extent)) => extent.to_string(),
                        _ => array.shape[axis].clone(),
                    };
                    let index = self.checked_index(own[0], &extent)?;
                    self.advance(&mut view, &index, &array.strides[axis]);
                    axis += 1;
                }
                Sub::Slice { lo, hi, step } => {
                    self.slice(&mut view, array, axis, own, (*lo, *hi, *step))?;
                    axis += 1;
                }
                Sub::NewAxis => {
                    view.shape.push("1".to_owned());
                    view.strides.push("0".to_owned());
                }
                Sub::Ellipsis => {
                    seen_ellipsis = true;
                    for _ in 0..rank - used {
                        view.shape.push(array.shape[axis].clone());
                        view.strides.push(array.strides[axis].clone());
                        axis += 1;
                    }
                }
            }
        }
        if !seen_ellipsis {
            view.shape.extend(array.shape[axis..].iter().cloned());
            view.strides.extend(array.strides[axis..].iter().cloned());
        }
        Ok(view)
    }

    fn advance(&mut self, view: &mut Array, index: &str, stride: &str) {
        let offset = self.product(index, stride);
        if offset != "0" {
            view.data = self
                .text
                .value(&format!("getelementptr inbounds i8, ptr {}, i64 {offset}", view.data));
        }
    }

    /// `lo:hi:step` of one axis, as `slice.indices` has it.
    fn slice(
        &mut self,
        view: &mut Array,
        array: &Array,
        axis: usize,
        operands: &[ValueId],
        (lo, hi, step): (bool, bool, bool),
    ) -> Emit<()> {
        let extent = array.shape[axis].clone();
        let stride = array.strides[axis].clone();
        let mut operands = operands.iter().copied();
        let mut part = |there: bool, emitter: &Self| {
            let value = if there { operands.next() } else { None };
            value.filter(|value| *emitter.func.ty(*value).bound() != Ty::None)
        };
        let (low, high, by) = (part(lo, self), part(hi, self), part(step, self));
        let by_known = match by {
            None => Some(1),
            Some(value) => numlift_ir::infer::interval_of(self.func.ty(value)).as_point(),
        };
        // One that is larger than any array would leave 64 bits on the way.
        let is_plain = |by: &i64| (1..1 << 40).contains(&by.unsigned_abs());
        let Some(by) = by_known.and_then(|by| i64::try_from(by).ok()).filter(is_plain) else {
            return self.unsupported("a slice whose step is not known");
        };
        let forward = by > 0;
        let (first, last) = match forward {
            true => ("0".to_owned(), extent.clone()),
            false => ("-1".to_owned(), self.text.value(&format!("sub i64 {extent}, 1"))),
        };
        let start = match low {
            None if forward => first.clone(),
            None => last.clone(),
            Some(value) => self.slice_end(value, &extent, &first, &last)?,
        };
        let stop = match high {
            None if forward => last.clone(),
            None => first.clone(),
            Some(value) => self.slice_end(value, &extent, &first, &last)?,
        };
        if low.is_none() && high.is_none() && by == 1 {
            view.shape.push(extent);
            view.strides.push(stride);
            return Ok(());
        }
        let length = self.slice_length(&start, &stop, by);
        // An empty slice begins where the array does.
        let empty = self.text.value(&format!("icmp eq i64 {length}, 0"));
        let origin = self.text.value(&format!("select i1 {empty}, i64 0, i64 {start}"));
        self.advance(view, &origin, &stride);
        view.shape.push(length);
        let stride = self.product(&stride, &by.to_string());
        view.strides.push(stride);
        Ok(())
    }

    /// An end of a slice: counted from the end if negative, and moved into the array.
    fn slice_end(&mut self, value: ValueId, extent: &str, first: &str, last: &str) -> Emit<String> {
        let at = self.int(value)?;
        let known = numlift_ir::infer::interval_of(self.func.ty(value));
        let at = if known.lo.is_some_and(|lo| lo >= 0) {
            at
        } else {
            let negative = self.text.value(&format!("icmp slt i64 {at}, 0"));
            let wrapped = self.text.value(&format!("add i64 {at}, {extent}"));
            self.text
                .value(&format!("select i1 {negative}, i64 {wrapped}, i64 {at}"))
        };
        let at = self
            .text
            .value(&format!("call i64 @llvm.smax.i64(i64 {at}, i64 {first})"));
        Ok(self
            .text
            .value(&format!("call i64 @llvm.smin.i64(i64 {at}, i64 {last})")))
    }

    fn slice_length(&mut self, start: &str, stop: &str, by: i64) -> String {
        let (from, to) = if by > 0 { (start, stop) } else { (stop, start) };
        let span = self.text.value(&format!("sub nsw i64 {to}, {from}"));
        let span = self.text.value(&format!("call i64 @llvm.smax.i64(i64 {span}, i64 0)"));
        if by.abs() == 1 {
            return span;
        }
        let more = self.text.value(&format!("add nsw i64 {span}, {}", by.abs() - 1));
        self.text.value(&format!("udiv i64 {more}, {}", by.abs()))
    }

    /// `numpy.empty(shape, dtype)` and `numpy.zeros`: `false` if the arguments are unusual.
    pub(super) fn alloc_op(&mut self, op: OpId) -> Emit<bool> {
        let (kind, args, results) = self.ops(op);
        let Kind::Call { callee, keywords } = kind else {
            return Ok(false);
        };
        let fill: i128 = match callee.as_str() {
            "numpy.empty" => 0,
            "numpy.zeros" => 1,
            _ => return Ok(false),
        };
        if self.local.contains(&op) {
            self.local_array(results[0], fill == 1);
            return Ok(true);
        }
        let (order, args) = match keywords.last().map(String::as_str) {
            Some("order") => match self.constant_int(args[args.len() - 1]) {
                Some(digits) => (digits, &args[..args.len() - 1]),
                None => return Ok(false),
            },
            _ => (0, args),
        };
        let plain = keywords
            .iter()
            .all(|keyword| keyword == "dtype" || order != 0 && keyword == "order");
        let ty = self.func.ty(results[0]).clone();
        let Ty::Array { dtype, shape, .. } = ty.bound() else {
            return Ok(false);
        };
        let Some(scalar) = scalar_of(*dtype) else {
            return Ok(false);
        };
        if !plain || args.is_empty() || args.len() > 2 {
            return Ok(false);
        }
        let extents: Vec<Value> = match self.get(args[0])? {
            Value::Tuple(items) => items,
            other => vec![other],
        };
        if extents.len() != shape.len() {
            return Ok(false);
        }
        let mut registers = Vec::new();
        for extent in &extents {
            match extent {
                Value::Number(number) if is_int(number.ty) => registers.push(self.as_i64(number)),
                // NumPy refuses truth values, too.
                _ => return Ok(false),
            }
        }
        let rank = registers.len();
        let ids = match self.func.defining(args[0]) {
            Some(tuple) if tuple.kind == Kind::MakeTuple => tuple.args.clone(),
            _ => vec![args[0]],
        };
        let given = self.text.slots(rank);
        for (axis, register) in registers.iter().enumerate() {
            let address = self
                .text
                .value(&format!("getelementptr inbounds i64, ptr {given}, i64 {axis}"));
            self.text.line(&format!("store i64 {register}, ptr {address}"));
            // NumPy says what is wrong with it.
            let known = ids
                .get(axis)
                .map(|id| numlift_ir::infer::interval_of(self.func.ty(*id)));
            if known.is_some_and(|known| known.lo >= Some(0)) {
                continue;
            }
            let negative = self.text.value(&format!("icmp slt i64 {register}, 0"));
            self.leave_if(&negative, "a negative extent")?;
        }
        let out = self.text.slots(2 + 2 * rank);
        let status = self.text.value(&format!(
            "call i32 @{}(ptr %ctx, i32 {}, i32 {rank}, ptr {given}, i32 {}, ptr {out})",
            runtime::ALLOC,
            scalar_number(scalar),
            fill | order << 4
        ));
        let failed = self.text.value(&format!("icmp ne i32 {status}, 0"));
        self.leave_without_memory(&failed)?;
        let owner = self.text.value(&format!("load ptr, ptr {out}"));
        let address = self
            .text
            .value(&format!("getelementptr inbounds i64, ptr {out}, i64 1"));
        let data = self.text.value(&format!("load ptr, ptr {address}"));
        let root = self.own_root();
        let mut array = Array {
            dtype: *dtype,
            owner,
            data,
            shape: registers,
            strides: vec![String::new(); rank],
            root: Root::Own(root),
        };
        let contiguous = Ty::Array {
            dtype: *dtype,
            shape: shape.clone(),
            contiguous: true,
        };
        match order {
            0 => self.contiguous_strides(&mut array, &contiguous),
            digits => self.ordered_strides(&mut array, digits),
        }
        self.homes.insert(array.registers(), out);
        let value = Value::Array(array);
        self.own(&value);
        self.set(results[0], value);
        Ok(true)
    }

    /// A small array on the stack, which nobody owns.
    fn local_array(&mut self, result: ValueId, is_zero: bool) {
        let ty = self.func.ty(result).clone();
        let Some((dtype, extents)) = numlift_ir::local::local_type(&ty) else {
            return;
        };
        let bytes = extents.iter().product::<u64>() * dtype.itemsize() as u64;
        let data = self.text.slots(bytes.div_ceil(8) as usize);
        if is_zero {
            self.text.line(&format!(
                "call void @llvm.memset.p0.i64(ptr align 8 {data}, i8 0, i64 {bytes}, i1 false)"
            ));
        }
        let root = self.own_root();
        let mut array = Array {
            dtype,
            owner: "null".to_owned(),
            data,
            shape: extents.iter().map(u64::to_string).collect(),
            strides: vec![String::new(); extents.len()],
            root: Root::Own(root),
        };
        self.contiguous_strides(&mut array, ty.bound());
        self.set(result, Value::Array(array));
    }

    /// The strides of a new array whose axes lie in an order: hexadecimal digits, that of the outermost axis the last.
    fn ordered_strides(&mut self, array: &mut Array, digits: i128) {
        let mut stride = array.dtype.itemsize().to_string();
        for place in (0..array.shape.len()).rev() {
            let axis = (digits >> (4 * place) & 15) as usize;
            array.strides[axis].clone_from(&stride);
            let extent = array.shape[axis].clone();
            stride = self.product(&stride, &extent);
        }
    }

    /// The int that a constant operand is.
    pub(super) fn constant_int(&self, value: ValueId) -> Option<i128> {
        match self.func.as_const(value)? {
            Const::Int(int) => Some(*int),
            _ => None,
        }
    }
}

/// Whether a number is one that counts.
fn is_int(ty: ScalarTy) -> bool {
    match ty {
        ScalarTy::PyInt => true,
        ScalarTy::Np(dtype) => dtype.is_integer(),
        ScalarTy::PyBool | ScalarTy::PyFloat | ScalarTy::PyComplex => false,
    }
}
