//! Lists: Python's own objects, looked at where they lie.
//!
//! ```text
//! x[i]              length and items of the list, the item's type compared, its value loaded
//! out.append(v)     an object is made of the number and given to the list
//! ```
//!
//! Nothing of a list is kept in registers but its address: whoever changes it, through whatever name, is seen. What its
//! elements are is an expectation of the reader's; each is looked at when it is taken out, and an element of another
//! type leaves at the statement. What a list does that has no function of the runtime runs in Python.

use numlift_abi::runtime::{layout, object};
use numlift_abi::{Repr, Scalar};
use numlift_ir::function::{OpId, ValueId};
use numlift_ir::op::{Kind, Sub};
use numlift_ir::scalar::ScalarTy;
use numlift_ir::ty::Ty;

use super::{Emit, Emitter};
use crate::value::{Number, Value, dtype_of, dtype_register, repr_of};

impl Emitter<'_> {
    pub(super) fn list_length(&mut self, list: &str) -> String {
        let address = self.field(list, layout::LENGTH);
        self.text.value(&format!("load i64, ptr {address}, align 8, !range !0"))
    }

    pub(super) fn is_not_empty(&mut self, list: &str) -> String {
        let length = self.list_length(list);
        self.text.value(&format!("icmp ne i64 {length}, 0"))
    }

    pub(super) fn field(&mut self, object: &str, offset: usize) -> String {
        self.text
            .value(&format!("getelementptr inbounds i8, ptr {object}, i64 {offset}"))
    }

    /// An object of the table that `ctx` begins with.
    fn known_object(&mut self, number: usize) -> String {
        let table = self.text.value("load ptr, ptr %ctx, align 8, !invariant.load !4");
        let address = self
            .text
            .value(&format!("getelementptr inbounds ptr, ptr {table}, i64 {number}"));
        self.text
            .value(&format!("load ptr, ptr {address}, align 8, !invariant.load !4"))
    }

    /// `list[i]` with one subscript; false if it is something else.
    pub(super) fn list_index_op(&mut self, op: OpId) -> Emit<bool> {
        let (kind, args, _) = self.ops(op);
        let (Kind::Index(subs), Value::List(list)) = (kind, self.bound(args[0])?) else {
            return Ok(false);
        };
        if subs[..] != [Sub::At] || !numlift_ir::infer::index::is_int(self.func, args[1]) {
            return Ok(false);
        }
        let length = self.list_length(&list);
        let at = self.checked_index(args[1], &length)?;
        self.item_at(op, &list, &at)?;
        Ok(true)
    }

    /// An item that is there if the list is as long as its type says.
    pub(super) fn item_op(&mut self, op: OpId, list: &str, number: &str) -> Emit<()> {
        let length = self.list_length(list);
        let is_there = self.text.value(&format!("icmp ult i64 {number}, {length}"));
        self.leave_unless(&is_there, "an index out of range")?;
        self.item_at(op, list, number)
    }

    fn item_at(&mut self, op: OpId, list: &str, at: &str) -> Emit<()> {
        let result = self.func.op(op).results[0];
        let item = self.item(list, at);
        let ty = self.func.ty(result).clone();
        let value = self.found_in(&item, &ty)?;
        if !self.is_fleeting(op) {
            self.retain(&value);
            self.own(&value);
        }
        self.set(result, value);
        Ok(())
    }

    /// The address of the object at an index in range.
    fn item(&mut self, list: &str, at: &str) -> String {
        let items = self.field(list, layout::ITEMS);
        let items = self.text.value(&format!("load ptr, ptr {items}, align 8"));
        let place = self
            .text
            .value(&format!("getelementptr inbounds ptr, ptr {items}, i64 {at}"));
        self.text.value(&format!("load ptr, ptr {place}, align 8"))
    }

    /// What is taken out of a list lives as long as the list holds it. It need not be retained if it is only looked at
    /// before anything can change a list or run Python.
    pub(super) fn is_fleeting(&self, op: OpId) -> bool {
        let result = self.func.op(op).results[0];
        if !matches!(self.func.ty(result).bound(), Ty::List(..) | Ty::Buffer(_)) {
            return false;
        }
        let mut uses = 0;
        self.func.walk(self.func.body, &mut |other| {
            uses += self.func.op(other).args.iter().filter(|arg| **arg == result).count();
        });
        let Some(block) = self.block_of(op) else { return false };
        let ops = &self.func.block(block).ops;
        let from = ops.iter().position(|other| *other == op).map_or(ops.len(), |at| at + 1);
        let mut seen = 0;
        for other in &ops[from..] {
            let data = self.func.op(*other);
            let is_base = data.args.first() == Some(&result);
            let own = data.args.iter().filter(|arg| **arg == result).count();
            let looks = match &data.kind {
                Kind::Index(_) | Kind::Len { .. } => is_base && own == 1,
                // The last use, and what it puts in the place of another element is no list.
                Kind::SetIndex(_) => {
                    return is_base && own == 1 && seen + 1 == uses && self.are_numbers(&data.args[1..]);
                }
                _ => false,
            };
            if own > 0 && !looks {
                return false;
            }
            seen += own;
            if seen == uses {
                return true;
            }
            let is_quiet = match &data.kind {
                Kind::Const(_) | Kind::Len { .. } | Kind::Load | Kind::Frame { .. } | Kind::Require(_) => true,
                Kind::Index(_) => self.are_numbers(&data.args[1..]),
                Kind::Scalar { .. } | Kind::Convert | Kind::Truth | Kind::Select => {
                    self.are_numbers(&data.args) && self.are_numbers(&data.results)
                }
                _ => false,
            };
            if !is_quiet {
                return false;
            }
        }
        false
    }

    fn are_numbers(&self, values: &[ValueId]) -> bool {
        let is_number = |value: &ValueId| self.func.ty(*value).bound().scalar_options().is_some();
        values.iter().all(is_number)
    }

    fn block_of(&self, op: OpId) -> Option<numlift_ir::function::BlockId> {
        let mut waiting = vec![self.func.body];
        while let Some(block) = waiting.pop() {
            for other in &self.func.block(block).ops {
                if *other == op {
                    return Some(block);
                }
                waiting.extend(&self.func.op(*other).blocks);
            }
        }
        None
    }

    /// The value of an object that is expected to be of a type; leaves if it is not. References in it are borrowed.
    fn found_in(&mut self, item: &str, ty: &Ty) -> Emit<Value> {
        let Some(repr) = repr_of(ty) else {
            return self.unsupported("an element that has no value");
        };
        match &repr {
            Repr::Object => Ok(Value::Object(item.to_owned())),
            Repr::OneOf(options) => self.found_option(item, options),
            // The list was empty when its elements were looked at.
            Repr::Unbound => {
                self.leave("an element of another type")?;
                Ok(Value::Unbound)
            }
            repr => {
                let is_it = self.is_of(item, repr)?;
                self.leave_unless(&is_it, "an element of another type")?;
                self.contents(item, repr)
            }
        }
    }

    fn found_option(&mut self, item: &str, options: &[Repr]) -> Emit<Value> {
        let repr = Repr::OneOf(options.to_vec());
        let slots = self.new_slots(&repr);
        let done = self.text.label("found");
        for option in options.iter().filter(|option| **option != Repr::Unbound) {
            let (own, next) = (self.text.label("option"), self.text.label("next"));
            let is_it = self.is_of(item, option)?;
            self.text.branch(&is_it, &own, &next);
            self.text.begin_apart(&own);
            let value = self.contents(item, option)?;
            self.put(&slots, &value)?;
            self.text.jump(&done);
            self.text.begin_apart(&next);
        }
        self.leave("an element of another type")?;
        self.text.begin_apart(&done);
        Ok(self.take(&slots, &Ty::Unknown))
    }

    /// Whether an object looks so. What takes a look inside is seen when its contents are taken.
    fn is_of(&mut self, item: &str, repr: &Repr) -> Emit<String> {
        let class = match repr {
            Repr::None => return Ok(self.is_object(item, object::NONE)),
            Repr::Bool => {
                let (no, yes) = (self.is_object(item, object::FALSE), self.is_object(item, object::TRUE));
                return Ok(self.text.value(&format!("or i1 {no}, {yes}")));
            }
            Repr::Int => object::INT,
            Repr::Float => object::FLOAT,
            Repr::Complex => object::COMPLEX,
            Repr::List => object::LIST,
            Repr::Np(scalar) => object::SCALARS + super::boundary::scalar_number(*scalar),
            Repr::Array { .. } | Repr::Tuple(_) | Repr::Generator { .. } | Repr::Object => return Ok("true".to_owned()),
            Repr::Unbound | Repr::OneOf(_) | Repr::Buffer(_) => return self.unsupported("an element that is none"),
        };
        let address = self.field(item, layout::TYPE);
        let found = self.text.value(&format!("load ptr, ptr {address}, align 8"));
        let known = self.known_object(class);
        Ok(self.text.value(&format!("icmp eq ptr {found}, {known}")))
    }

    fn is_object(&mut self, item: &str, number: usize) -> String {
        let known = self.known_object(number);
        self.text.value(&format!("icmp eq ptr {item}, {known}"))
    }

    /// The value of an object whose type was compared.
    fn contents(&mut self, item: &str, repr: &Repr) -> Emit<Value> {
        match repr {
            Repr::None => Ok(Value::None),
            Repr::Bool => {
                let truth = self.is_object(item, object::TRUE);
                Ok(Value::Number(Self::real(ScalarTy::PyBool, truth)))
            }
            Repr::Int => {
                let slot = self.text.slot("i64");
                let fits = self.text.value(&format!("call i32 @nl_int(ptr {item}, ptr {slot})"));
                let fits = self.text.value(&format!("icmp ne i32 {fits}, 0"));
                self.leave_unless(&fits, "an int of more than 64 bits")?;
                let value = self.text.value(&format!("load i64, ptr {slot}"));
                Ok(Value::Number(Self::real(ScalarTy::PyInt, value)))
            }
            Repr::Float => {
                let value = self.value_at(item, layout::VALUE, "double");
                Ok(Value::Number(Self::real(ScalarTy::PyFloat, value)))
            }
            Repr::Complex => Ok(self.complex_at(item, ScalarTy::PyComplex, "double", 8)),
            Repr::Np(scalar) => Ok(self.scalar_at(item, *scalar)),
            Repr::List => Ok(Value::List(item.to_owned())),
            Repr::Object => Ok(Value::Object(item.to_owned())),
            Repr::Array { .. } | Repr::Tuple(_) | Repr::Generator { .. } => {
                let slots = self.text.slots(repr.slots());
                let number = self.box_number(repr);
                let fits = self.text.value(&format!(
                    "call i32 @nl_unbox(ptr %ctx, i32 {number}, ptr {item}, ptr {slots})"
                ));
                let fits = self.text.value(&format!("icmp ne i32 {fits}, 0"));
                self.leave_unless(&fits, "an element of another type")?;
                Ok(self.load_slots(&slots, repr, &mut 0))
            }
            Repr::Unbound | Repr::OneOf(_) | Repr::Buffer(_) => self.unsupported("an element that is none"),
        }
    }

    fn value_at(&mut self, item: &str, offset: usize, ty: &str) -> String {
        let address = self.field(item, offset);
        self.text.value(&format!("load {ty}, ptr {address}, align 4"))
    }

    fn complex_at(&mut self, item: &str, ty: ScalarTy, part: &str, size: usize) -> Value {
        let re = self.value_at(item, layout::VALUE, part);
        let im = self.value_at(item, layout::VALUE + size, part);
        Value::Number(Number { ty, re, im: Some(im) })
    }

    /// The value of a scalar of NumPy's.
    fn scalar_at(&mut self, item: &str, scalar: Scalar) -> Value {
        let dtype = dtype_of(scalar);
        let ty = ScalarTy::Np(dtype);
        match scalar {
            Scalar::C64 => self.complex_at(item, ty, "float", 4),
            Scalar::C128 => self.complex_at(item, ty, "double", 8),
            Scalar::Bool => {
                let address = self.field(item, layout::VALUE);
                let byte = self.text.value(&format!("load i8, ptr {address}, align 1"));
                let bit = self.text.value(&format!("icmp ne i8 {byte}, 0"));
                Value::Number(Self::real(ty, bit))
            }
            _ => {
                let address = self.field(item, layout::VALUE);
                let register = dtype_register(dtype);
                let value = self.text.value(&format!("load {register}, ptr {address}, align 1"));
                Value::Number(Self::real(ty, value))
            }
        }
    }

    pub(super) fn box_number(&mut self, repr: &Repr) -> usize {
        match self.boxes.iter().position(|known| known == repr) {
            Some(number) => number,
            None => {
                self.boxes.push(repr.clone());
                self.boxes.len() - 1
            }
        }
    }

    /// A new reference to the object of a value.
    pub(super) fn object_of(&mut self, value: &Value) -> Emit<String> {
        let made = match value {
            Value::Number(number) if number.ty == ScalarTy::PyFloat => self
                .text
                .value(&format!("call ptr @nl_box_float(double {})", number.re)),
            Value::Number(number) if number.ty == ScalarTy::PyInt => {
                self.text.value(&format!("call ptr @nl_box_int(i64 {})", number.re))
            }
            Value::List(object) | Value::Object(object) | Value::Generator { object, .. } => {
                self.retain(value);
                return Ok(object.clone());
            }
            Value::Unbound => {
                self.leave("a name that is not bound")?;
                return Ok("null".to_owned());
            }
            Value::Static(_) => {
                let object = self.boxed(value)?;
                self.retain(&object);
                return Ok(object.flat().remove(0));
            }
            Value::None
            | Value::Number(_)
            | Value::Array(_)
            | Value::Tuple(_)
            | Value::Buffer { .. }
            | Value::OneOf { .. } => {
                let Some(repr) = value.repr() else {
                    let object = self.boxed(value)?;
                    self.retain(&object);
                    return Ok(object.flat().remove(0));
                };
                let slots = self.text.slots(repr.slots());
                self.store_slots(&slots, value, &repr, &mut 0)?;
                let number = self.box_number(&repr);
                self.text
                    .value(&format!("call ptr @nl_box(ptr %ctx, i32 {number}, ptr {slots})"))
            }
        };
        self.fail_unless_there(&made);
        Ok(made)
    }

    pub(super) fn fail_unless_there(&mut self, object: &str) {
        let missing = self.text.value(&format!("icmp eq ptr {object}, null"));
        self.fail_if(&missing);
    }

    /// `list[i] = value`; false if it is something else.
    pub(super) fn list_store_op(&mut self, op: OpId) -> Emit<bool> {
        let (kind, args, _) = self.ops(op);
        let (Kind::SetIndex(subs), Value::List(list)) = (kind, self.bound(args[0])?) else {
            return Ok(false);
        };
        if subs[..] != [Sub::At] || !numlift_ir::infer::index::is_int(self.func, args[1]) {
            return Ok(false);
        }
        let value = self.bound(args[2])?;
        let length = self.list_length(&list);
        let at = self.stored_index(op, &length)?;
        if self.text.has_ended() {
            return Ok(true);
        }
        let object = self.object_of(&value)?;
        self.text
            .line(&format!("call void @nl_list_set(ptr {list}, i64 {at}, ptr {object})"));
        Ok(true)
    }

    /// The place of `list[i] = value`. Where the element was read before nobody is ready to leave, and it is there.
    pub(super) fn stored_index(&mut self, op: OpId, length: &str) -> Emit<String> {
        let (_, args, _) = self.ops(op);
        match numlift_ir::stores::goes_well(self.func, op) {
            true => self.natural_index(args[1], length),
            false => self.checked_index(args[1], length),
        }
    }

    /// `list.append(value)`; false if the list is not known to be one.
    pub(super) fn append_op(&mut self, op: OpId) -> Emit<bool> {
        let (_, args, _) = self.ops(op);
        let Value::List(list) = self.bound(args[0])? else {
            return Ok(false);
        };
        let value = self.bound(args[1])?;
        if !self.text.has_ended() {
            let object = self.object_of(&value)?;
            self.append(&list, &object);
        }
        Ok(true)
    }

    fn append(&mut self, list: &str, object: &str) {
        let status = self
            .text
            .value(&format!("call i32 @nl_list_append(ptr {list}, ptr {object})"));
        let failed = self.text.value(&format!("icmp ne i32 {status}, 0"));
        self.fail_if(&failed);
    }

    /// `[a, b]`
    pub(super) fn make_list_op(&mut self, op: OpId) -> Emit<()> {
        let (_, args, results) = self.ops(op);
        let values: Emit<Vec<Value>> = args.iter().map(|arg| self.bound(*arg)).collect();
        let values = values?;
        if self.text.has_ended() {
            self.set(results[0], Value::nothing(&Repr::List));
            return Ok(());
        }
        let list = self.text.value("call ptr @nl_list(i64 0)");
        self.fail_unless_there(&list);
        let made = Value::List(list.clone());
        self.own(&made);
        for value in &values {
            let object = self.object_of(value)?;
            self.append(&list, &object);
        }
        self.set(results[0], made);
        Ok(())
    }

    /// `list * n`; false if it is something else.
    pub(super) fn repeat_op(&mut self, op: OpId) -> Emit<bool> {
        let (_, args, results) = self.ops(op);
        let (Value::List(list), Value::Number(times)) = (self.bound(args[0])?, self.bound(args[1])?) else {
            return Ok(false);
        };
        if times.ty != ScalarTy::PyInt {
            return Ok(false);
        }
        let made = self
            .text
            .value(&format!("call ptr @nl_list_repeat(ptr {list}, i64 {})", times.re));
        self.fail_unless_there(&made);
        let made = Value::List(made);
        self.own(&made);
        self.set(results[0], made);
        Ok(true)
    }

    /// `list.pop()`; false if it is something else.
    pub(super) fn pop_op(&mut self, op: OpId) -> Emit<bool> {
        let (kind, args, results) = self.ops(op);
        let (Kind::Method { name, .. }, [list]) = (kind, args) else {
            return Ok(false);
        };
        if name != "pop" || !matches!(self.func.ty(*list).bound(), Ty::List(..)) {
            return Ok(false);
        }
        let Value::List(list) = self.bound(*list)? else {
            return Ok(false);
        };
        let length = self.list_length(&list);
        let some = self.text.value(&format!("icmp ne i64 {length}, 0"));
        self.leave_unless(&some, "an empty list")?;
        let at = self.text.value(&format!("sub i64 {length}, 1"));
        let item = self.item(&list, &at);
        let ty = self.func.ty(results[0]).clone();
        let value = self.found_in(&item, &ty)?;
        self.retain(&value);
        self.own(&value);
        if !self.text.has_ended() {
            self.text.line(&format!("call void @nl_list_shorten(ptr {list})"));
        }
        self.set(results[0], value);
        Ok(true)
    }
}
