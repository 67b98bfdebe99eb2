//! Between registers and the slots of [`numlift_abi`], and from one representation to another.

use std::collections::BTreeMap;

use numlift_abi::{Layout, Param, Repr, Scalar};
use numlift_ir::dtype::Dtype;
use numlift_ir::scalar::ScalarTy;
use numlift_ir::ty::{Dim, Ty};

use super::{Emit, Emitter, Slots};
use crate::value::{Array, Number, Root, Value, dtype_of, is_complex, refine, register_type, registers, scalar_ty};

impl Emitter<'_> {
    /// Loads the arguments.
    pub(super) fn parameters(&mut self) -> Emit<()> {
        let params = self.func.block(self.func.body).params.clone();
        let mut at = 0;
        let given = self
            .options
            .params
            .iter()
            .chain(self.options.outside.iter().map(|outside| &outside.param));
        let given: Vec<Param> = given.cloned().collect();
        for param in &params[given.len().min(params.len())..] {
            match self.func.ty(*param) {
                Ty::Module(name) | Ty::Extern(name) => {
                    let text = format!("__nl_get({})", super::op::python_string(name));
                    self.set(*param, Value::Static(text));
                }
                _ => return self.unsupported("a parameter that nobody passes"),
            }
        }
        for (param, how) in params.iter().zip(&given) {
            let repr = how.repr();
            let ty = self.func.ty(*param).clone();
            let from = at;
            let mut value = self.load_slots("%args", &repr, &mut at);
            self.know(&mut value, how, &ty);
            if let Value::Array(array) = &value {
                let home = self.slot_address("%args", from);
                self.homes.insert(array.registers(), home);
            }
            self.set(*param, value);
        }
        Ok(())
    }

    /// What the specialization knows of an argument.
    fn know(&mut self, value: &mut Value, how: &Param, ty: &Ty) {
        match (value, how) {
            (Value::Array(array), Param::Array { layout, .. }) => {
                let root = self.own_root();
                if self.options.disjoint {
                    array.root = Root::Own(root);
                }
                if let Ty::Array { shape, .. } = ty.bound() {
                    for (extent, dim) in array.shape.iter().zip(shape) {
                        if let Dim::Sym(symbol) = dim {
                            self.symbols.entry(*symbol).or_insert_with(|| extent.clone());
                        }
                    }
                }
                refine(array, ty, &self.symbols);
                self.contiguous_strides(array, ty);
                self.strides_by_layout(array, *layout);
            }
            (Value::Tuple(items), Param::Tuple(hows)) => {
                let types = match ty.bound() {
                    Ty::Tuple(types) => types.clone(),
                    _ => vec![Ty::Unknown; items.len()],
                };
                for ((item, how), ty) in items.iter_mut().zip(hows).zip(&types) {
                    self.know(item, how, ty);
                }
            }
            _ => {}
        }
    }

    /// Strides of an array that is C-contiguous follow from its extents.
    pub(super) fn contiguous_strides(&mut self, array: &mut Array, ty: &Ty) {
        let contiguous = matches!(ty.bound(), Ty::Array { contiguous: true, .. });
        let rank = array.shape.len();
        if contiguous && rank > 0 {
            self.strides_of_run(array, (0..rank).rev());
        }
    }

    /// Those of an argument that is one run in another order of its axes, or whose rows are.
    fn strides_by_layout(&mut self, array: &mut Array, layout: Layout) {
        let rank = array.shape.len();
        match layout {
            Layout::Turned(axes) => self.strides_of_run(array, axes.list(rank).into_iter().rev()),
            Layout::Apart { axes, rows: true, .. } => {
                let is_long = |axis: &usize| array.shape[*axis] != "1";
                if let Some(innermost) = axes.list(rank).into_iter().rev().find(is_long) {
                    array.strides[innermost] = array.dtype.itemsize().to_string();
                }
            }
            Layout::C | Layout::Apart { .. } | Layout::Any => {}
        }
    }

    /// Strides of one run of memory whose axes come in an order, the innermost first.
    fn strides_of_run(&mut self, array: &mut Array, axes: impl ExactSizeIterator<Item = usize>) {
        let mut stride = array.dtype.itemsize().to_string();
        let rank = axes.len();
        for (place, axis) in axes.enumerate() {
            array.strides[axis].clone_from(&stride);
            if place + 1 < rank {
                stride = match (stride.parse::<i64>(), array.shape[axis].parse::<i64>()) {
                    (Ok(a), Ok(b)) => (a * b).to_string(),
                    _ => self.text.value(&format!("mul nsw i64 {stride}, {}", array.shape[axis])),
                };
            }
        }
    }

    pub(super) fn slot_address(&mut self, base: &str, at: usize) -> String {
        match at {
            0 => base.to_owned(),
            _ => self
                .text
                .value(&format!("getelementptr inbounds i64, ptr {base}, i64 {at}")),
        }
    }

    fn load_slot(&mut self, base: &str, at: &mut usize, ty: &str) -> String {
        let address = self.slot_address(base, *at);
        *at += 1;
        let scope = self.slots_of.scope();
        self.text.value(&format!("load {ty}, ptr {address}, align 8{scope}"))
    }

    fn store_slot(&mut self, base: &str, at: &mut usize, ty: &str, register: &str) {
        let address = self.slot_address(base, *at);
        *at += 1;
        let scope = self.slots_of.scope();
        self.text
            .line(&format!("store {ty} {register}, ptr {address}, align 8{scope}"));
    }

    /// A value from slots.
    pub(super) fn load_slots(&mut self, base: &str, repr: &Repr, at: &mut usize) -> Value {
        match repr {
            Repr::None => Value::None,
            Repr::Unbound => Value::Unbound,
            Repr::Bool | Repr::Int | Repr::Float | Repr::Complex | Repr::Np(_) => {
                Value::Number(self.load_number(base, scalar_ty(repr).expect("a number"), at))
            }
            Repr::Array { scalar, rank } => {
                let owner = self.load_slot(base, at, "ptr");
                let data = self.load_slot(base, at, "ptr");
                let shape = (0..*rank)
                    .map(|_| {
                        let address = self.slot_address(base, *at);
                        *at += 1;
                        self.text.value(&format!("load i64, ptr {address}, align 8, !range !0"))
                    })
                    .collect();
                let strides = (0..*rank).map(|_| self.load_slot(base, at, "i64")).collect();
                Value::Array(Array {
                    dtype: dtype_of(*scalar),
                    owner,
                    data,
                    shape,
                    strides,
                    root: Root::Unknown,
                })
            }
            Repr::Tuple(items) => Value::Tuple(items.iter().map(|item| self.load_slots(base, item, at)).collect()),
            Repr::List => Value::List(self.load_slot(base, at, "ptr")),
            Repr::Buffer(items) => Value::Buffer {
                object: self.load_slot(base, at, "ptr"),
                items: (**items).clone(),
            },
            Repr::Generator { legacy } => Value::Generator {
                object: self.load_slot(base, at, "ptr"),
                bits: self.load_slot(base, at, "ptr"),
                legacy: *legacy,
            },
            Repr::Object => Value::Object(self.load_slot(base, at, "ptr")),
            Repr::OneOf(options) => {
                let tag = self.load_slot(base, at, "i64");
                let start = *at;
                // Slots of another option are read as what they are not; nobody uses them then, but references are
                // counted.
                let values = (0..)
                    .zip(options)
                    .map(|(number, option)| {
                        let mut own = start;
                        let value = self.load_slots(base, option, &mut own);
                        self.held_if(&tag, number, value)
                    })
                    .collect();
                *at = start + repr.slots() - 1;
                Value::OneOf { tag, options: values }
            }
        }
    }

    /// A value whose references are none unless the tag is this.
    fn held_if(&mut self, tag: &str, number: usize, value: Value) -> Value {
        if value.references().is_empty() {
            return value;
        }
        let is_it = self.text.value(&format!("icmp eq i64 {tag}, {number}"));
        self.held_where(&is_it, value)
    }

    fn held_where(&mut self, is_it: &str, value: Value) -> Value {
        let mut held = |register: &str| self.text.value(&format!("select i1 {is_it}, ptr {register}, ptr null"));
        match value {
            Value::Array(array) => Value::Array(Array {
                owner: held(&array.owner),
                ..array
            }),
            Value::List(object) => Value::List(held(&object)),
            Value::Buffer { object, items } => Value::Buffer {
                object: held(&object),
                items,
            },
            Value::Object(object) => Value::Object(held(&object)),
            Value::Generator { object, bits, legacy } => Value::Generator {
                object: held(&object),
                bits,
                legacy,
            },
            Value::Tuple(items) => Value::Tuple(items.into_iter().map(|item| self.held_where(is_it, item)).collect()),
            Value::OneOf { tag, options } => Value::OneOf {
                tag,
                options: options
                    .into_iter()
                    .map(|option| self.held_where(is_it, option))
                    .collect(),
            },
            Value::None | Value::Unbound | Value::Number(_) | Value::Static(_) => value,
        }
    }

    fn load_number(&mut self, base: &str, ty: ScalarTy, at: &mut usize) -> Number {
        if ty == ScalarTy::Np(Dtype::C64) {
            let bits = self.load_slot(base, at, "i64");
            let low = self.text.value(&format!("trunc i64 {bits} to i32"));
            let high = self.text.value(&format!("lshr i64 {bits}, 32"));
            let high = self.text.value(&format!("trunc i64 {high} to i32"));
            let re = self.text.value(&format!("bitcast i32 {low} to float"));
            let im = self.text.value(&format!("bitcast i32 {high} to float"));
            return Number { ty, re, im: Some(im) };
        }
        let register = register_type(ty);
        let re = match register {
            "i1" => {
                let wide = self.load_slot(base, at, "i64");
                self.text.value(&format!("trunc i64 {wide} to i1"))
            }
            _ => self.load_slot(base, at, register),
        };
        let im = is_complex(ty).then(|| self.load_slot(base, at, register));
        Number { ty, re, im }
    }

    /// A value into slots.
    pub(super) fn store_slots(&mut self, base: &str, value: &Value, repr: &Repr, at: &mut usize) -> Emit<()> {
        let value = self.converted(value, repr)?;
        self.store_as(base, &value, repr, at);
        Ok(())
    }

    fn store_as(&mut self, base: &str, value: &Value, repr: &Repr, at: &mut usize) {
        match (value, repr) {
            (Value::Number(number), _) => self.store_number(base, number, at),
            (Value::Array(array), _) if self.homes.contains_key(&array.registers()) => {
                let home = self.homes[&array.registers()].clone();
                let to = self.slot_address(base, *at);
                let bytes = 8 * array.registers().len();
                self.text.line(&format!(
                    "call void @llvm.memcpy.p0.p0.i64(ptr align 8 {to}, ptr align 8 {home}, i64 {bytes}, i1 false)"
                ));
                *at += array.registers().len();
            }
            (Value::Array(array), _) => {
                let pointers = [&array.owner, &array.data];
                pointers
                    .into_iter()
                    .for_each(|register| self.store_slot(base, at, "ptr", register));
                let numbers = array.shape.iter().chain(&array.strides);
                numbers.for_each(|register| self.store_slot(base, at, "i64", register));
            }
            (Value::Tuple(items), Repr::Tuple(reprs)) => {
                for (item, repr) in items.iter().zip(reprs) {
                    self.store_as(base, item, repr, at);
                }
            }
            (Value::Generator { object, bits, .. }, _) => {
                self.store_slot(base, at, "ptr", object);
                self.store_slot(base, at, "ptr", bits);
            }
            (Value::List(object) | Value::Buffer { object, .. } | Value::Object(object), _) => {
                self.store_slot(base, at, "ptr", object);
            }
            (Value::OneOf { tag, options }, Repr::OneOf(reprs)) => {
                self.store_slot(base, at, "i64", tag);
                let start = *at;
                // Only the option that it is may be written: the slots are shared.
                let done = self.text.label("stored");
                for (number, (option, repr)) in options.iter().zip(reprs).enumerate() {
                    let (own, next) = (self.text.label("option"), self.text.label("next"));
                    let is_it = self.text.value(&format!("icmp eq i64 {tag}, {number}"));
                    self.text.branch(&is_it, &own, &next);
                    self.text.begin_apart(&own);
                    let mut own_at = start;
                    self.store_as(base, option, repr, &mut own_at);
                    self.text.jump(&done);
                    self.text.begin_apart(&next);
                }
                self.text.begin(&done);
                *at = start + repr.slots() - 1;
            }
            (Value::None | Value::Unbound | Value::Static(_), _) | (_, _) => {}
        }
    }

    fn store_number(&mut self, base: &str, number: &Number, at: &mut usize) {
        let ty = register_type(number.ty);
        if number.ty == ScalarTy::Np(Dtype::C64) {
            let im = number.im.as_deref().unwrap_or("0.0");
            let low = self.text.value(&format!("bitcast float {} to i32", number.re));
            let high = self.text.value(&format!("bitcast float {im} to i32"));
            let low = self.text.value(&format!("zext i32 {low} to i64"));
            let high = self.text.value(&format!("zext i32 {high} to i64"));
            let high = self.text.value(&format!("shl i64 {high}, 32"));
            let both = self.text.value(&format!("or i64 {low}, {high}"));
            return self.store_slot(base, at, "i64", &both);
        }
        let signed =
            number.ty == ScalarTy::PyInt || number.ty.array_dtype().kind() == numlift_ir::dtype::DtypeKind::Signed;
        match ty {
            "i64" | "double" => self.store_slot(base, at, ty, &number.re),
            "i1" | "i8" | "i16" | "i32" => {
                let op = if signed { "sext" } else { "zext" };
                let wide = self.text.value(&format!("{op} {ty} {} to i64", number.re));
                self.store_slot(base, at, "i64", &wide);
            }
            _ => {
                let int = if ty == "half" { "i16" } else { "i32" };
                let bits = self.text.value(&format!("bitcast {ty} {} to {int}", number.re));
                let wide = self.text.value(&format!("zext {int} {bits} to i64"));
                self.store_slot(base, at, "i64", &wide);
            }
        }
        if let Some(im) = &number.im {
            self.store_slot(base, at, "double", im);
        }
    }

    /// Stack slots for a value of a representation.
    pub(super) fn new_slots(&mut self, repr: &Repr) -> Slots {
        let types = registers(repr);
        let registers = types.into_iter().map(|ty| (ty, self.text.slot(ty))).collect();
        Slots {
            repr: repr.clone(),
            registers,
        }
    }

    /// Puts a value into stack slots.
    pub(super) fn put(&mut self, slots: &Slots, value: &Value) -> Emit<()> {
        let value = self.converted(value, &slots.repr)?;
        for ((ty, slot), register) in slots.registers.iter().zip(value.flat()) {
            self.text.line(&format!("store {ty} {register}, ptr {slot}"));
        }
        Ok(())
    }

    /// The value in stack slots; what its type knows is put into it.
    pub(super) fn take(&mut self, slots: &Slots, ty: &Ty) -> Value {
        let loaded: Vec<String> = slots
            .registers
            .iter()
            .map(|(ty, slot)| self.text.value(&format!("load {ty}, ptr {slot}")))
            .collect();
        let mut value = Value::from_flat(&slots.repr, &mut loaded.into_iter());
        if let Value::Array(array) = &mut value {
            self.contiguous_strides(array, ty);
        }
        value
    }

    /// A value in another representation that can hold it.
    pub(super) fn converted(&mut self, value: &Value, to: &Repr) -> Emit<Value> {
        let from = value.repr();
        if from.as_ref() == Some(to) {
            return Ok(value.clone());
        }
        match (value, to) {
            (Value::Static(text), Repr::Object) => self.static_object(text),
            (Value::List(list), Repr::Object) => Ok(Value::Object(list.clone())),
            (Value::Buffer { .. }, Repr::Object) => {
                let object = Value::Object(self.object_of(value)?);
                self.own(&object);
                Ok(object)
            }
            (Value::Generator { object, .. }, Repr::Object) => Ok(Value::Object(object.clone())),
            (Value::OneOf { tag, options }, Repr::OneOf(wanted)) => self.retagged(tag, options, wanted),
            // Any of them may be an object beside those that are.
            (Value::OneOf { options, .. }, Repr::Object) if options.len() > 1 => self.boxed(value),
            // One option is left; it is the one that it is.
            (Value::OneOf { options, .. }, _) => {
                let same = options.iter().find(|option| option.repr().as_ref() == Some(to));
                let alike = || options.iter().find(|option| is_wider_tuple(option, to));
                match same.or_else(alike) {
                    Some(option) if same.is_some() => Ok(option.clone()),
                    Some(option) => self.converted(option, to),
                    None if *to == Repr::Object => self.boxed(value),
                    None => self.unsupported("a value of another type than was expected"),
                }
            }
            (_, Repr::OneOf(wanted)) => {
                let found = wanted.iter().position(|option| from.as_ref() == Some(option));
                let position = match found {
                    Some(position) => position,
                    None => match wanted.iter().position(|option| can_hold(option, value)) {
                        Some(position) => position,
                        None => return self.unsupported("a value of a type that was not expected"),
                    },
                };
                let given = self.converted(value, &wanted[position])?;
                let options = wanted
                    .iter()
                    .enumerate()
                    .map(|(number, option)| match number == position {
                        true => given.clone(),
                        false => given.beside(option),
                    })
                    .collect();
                Ok(Value::OneOf {
                    tag: position.to_string(),
                    options,
                })
            }
            (Value::Tuple(items), Repr::Tuple(wanted)) if items.len() == wanted.len() => {
                let items: Emit<Vec<Value>> = items
                    .iter()
                    .zip(wanted)
                    .map(|(item, repr)| self.converted(item, repr))
                    .collect();
                Ok(Value::Tuple(items?))
            }
            (Value::Unbound, Repr::None) => Ok(Value::None),
            // Where nothing is bound nobody looks.
            (Value::Unbound, _) => Ok(Value::nothing(to)),
            (_, Repr::Object) => self.boxed(value),
            (Value::Number(number), _) => match scalar_ty(to) {
                Some(ty) if ty == number.ty => Ok(value.clone()),
                _ => self.unsupported("a number of another type than was expected"),
            },
            _ => self.unsupported("a value of another type than was expected"),
        }
    }

    /// One of several as one of several others. An option that has to change on the way (an object is made of it, say)
    /// is changed in a block of its own, where it is the one that there is.
    fn retagged(&mut self, tag: &str, options: &[Value], wanted: &[Repr]) -> Emit<Value> {
        let mut new_tag = "0".to_owned();
        let mut values: Vec<Value> = wanted.iter().map(Value::nothing).collect();
        let mut changing: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (number, option) in options.iter().enumerate() {
            let repr = option.repr();
            let position = wanted
                .iter()
                .position(|candidate| repr.as_ref() == Some(candidate))
                .or_else(|| wanted.iter().position(|candidate| can_hold(candidate, option)));
            let Some(position) = position else {
                if matches!(option, Value::Tuple(_)) {
                    return self.unsupported("a tuple of other types than was expected");
                }
                // What cannot be any more: its tag is never there.
                continue;
            };
            let is_it = self.text.value(&format!("icmp eq i64 {tag}, {number}"));
            new_tag = self
                .text
                .value(&format!("select i1 {is_it}, i64 {position}, i64 {new_tag}"));
            if repr.as_ref() == Some(&wanted[position]) {
                values[position] = option.clone();
            } else {
                changing.entry(position).or_default().push(number);
            }
        }
        for (position, numbers) in changing {
            values[position] = self.changed(tag, options, &numbers, &wanted[position], &values[position])?;
        }
        Ok(Value::OneOf {
            tag: new_tag,
            options: values,
        })
    }

    /// The option that there is, changed, if it is one of some; otherwise what is given.
    fn changed(&mut self, tag: &str, options: &[Value], numbers: &[usize], to: &Repr, other: &Value) -> Emit<Value> {
        let slots = self.new_slots(to);
        self.retain(other);
        self.put(&slots, other)?;
        for number in numbers {
            let (own, next) = (self.text.label("option"), self.text.label("next"));
            let is_it = self.text.value(&format!("icmp eq i64 {tag}, {number}"));
            self.text.branch(&is_it, &own, &next);
            self.text.begin_apart(&own);
            self.in_scope(|emitter| {
                let value = emitter.converted(&options[*number], to)?;
                emitter.retain(&value);
                emitter.put(&slots, &value)
            })?;
            self.text.jump(&next);
            self.text.begin_apart(&next);
        }
        let value = self.take(&slots, &Ty::Unknown);
        self.own(&value);
        Ok(value)
    }
}

/// Whether a representation can hold a value of another one: `None` stands for what a function returns that falls off
/// its end.
fn can_hold(repr: &Repr, value: &Value) -> bool {
    match (repr, value) {
        (Repr::None, Value::Unbound) => true,
        // What is not bound is no object: it stands for `None`, if anything.
        (Repr::Object, value) => *value != Value::Unbound,
        (Repr::Tuple(wanted), Value::Tuple(items)) => {
            wanted.len() == items.len() && wanted.iter().zip(items).all(|(repr, item)| can_hold(repr, item))
        }
        (Repr::OneOf(options), Value::OneOf { options: given, .. }) => given
            .iter()
            .filter(|one| **one != Value::Unbound)
            .all(|one| options.iter().any(|option| can_hold(option, one))),
        (Repr::OneOf(options), value) => options.iter().any(|option| can_hold(option, value)),
        (repr, value) => value.repr().as_ref() == Some(repr),
    }
}

/// Whether a value is a tuple of as many items, of which less is known: each is cut to the option that it is.
fn is_wider_tuple(value: &Value, to: &Repr) -> bool {
    matches!((value, to), (Value::Tuple(items), Repr::Tuple(wanted)) if items.len() == wanted.len())
}

/// The number of a machine number in the calls of the runtime.
pub(super) fn scalar_number(scalar: Scalar) -> usize {
    let found = Scalar::ALL.iter().position(|known| *known == scalar);
    found.expect("every number is there")
}
