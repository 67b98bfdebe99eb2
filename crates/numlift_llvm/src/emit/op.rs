//! One op: which part of the emitter it belongs to, and what becomes of operands that may be of several types.

use numlift_abi::Repr;
use numlift_ir::dtype::Dtype;
use numlift_ir::function::{OpId, ValueId};
use numlift_ir::op::{BOUND, Const, Effect, Kind, MADE_HERE, OF_MODULE, Sub};
use numlift_ir::scalar::{F, Flavour, ScalarTy};
use numlift_ir::ty::Ty;

use super::number::Operation;
use super::{Emit, Emitter, Slots};
use crate::value::{Array, Number, Root, Value, repr_of};

impl Emitter<'_> {
    pub(super) fn op(&mut self, op: OpId) -> Emit<()> {
        let outer = self.origin;
        self.origin = self.func.op(op).origin;
        let outer_op = self.op.replace(op);
        let done = self.one(op);
        self.op = outer_op;
        if done.is_ok() {
            self.origin = outer;
            self.note_act(op);
        }
        done
    }

    /// Counts what may not be done again: stores to memory that was there at the present frame, and unknown code.
    fn note_act(&mut self, op: OpId) {
        let (kind, args, _) = self.ops(op);
        let acts = match kind {
            Kind::Store | Kind::SetIndex(_) => match (self.get(args[0]), &self.present) {
                (
                    Ok(Value::Array(Array {
                        root: Root::Own(root), ..
                    })),
                    Some(present),
                ) => root <= present.roots,
                _ => true,
            },
            Kind::Opaque { .. } | Kind::SetAttr(_) | Kind::Append => true,
            Kind::Call { .. } | Kind::Method { .. } => kind.effect() == Effect::World,
            _ => false,
        };
        self.acts += u32::from(acts);
    }

    /// What a loop does in one iteration was done when the next begins: from in front of the loop nothing goes on there.
    pub(super) fn note_acts_of_loop(&mut self, op: OpId) {
        self.acts += u32::from(self.func.acts_inside(op));
    }

    /// Leaves where there is no memory: through the present frame, unless something was done since that may not be done
    /// again. Then what NumPy has raised is raised from here.
    pub(super) fn leave_without_memory(&mut self, failed: &str) -> Emit<()> {
        let may_go_on = self.present.as_ref().is_some_and(|present| present.acts == self.acts);
        match may_go_on && self.options.guards {
            true => self.leave_if(failed, "no memory"),
            false => {
                self.fail_if(failed);
                Ok(())
            }
        }
    }

    fn one(&mut self, op: OpId) -> Emit<()> {
        let (kind, args, results) = self.ops(op);
        if self.buffer_op(op)? {
            return Ok(());
        }
        match kind {
            Kind::Const(constant) => self.constant(results[0], constant),
            Kind::Unbound => {
                self.set(results[0], Value::Unbound);
                Ok(())
            }
            Kind::Extern(name) => {
                let text = match name.strip_prefix(OF_MODULE) {
                    Some(global) => format!("__nl_global[{global:?}]"),
                    None if name.starts_with(MADE_HERE) => name.clone(),
                    None => format!("__nl_get({name:?})"),
                };
                self.set(results[0], Value::Static(text));
                Ok(())
            }
            Kind::Scalar { .. } | Kind::Convert | Kind::Truth => self.scalar_op(op),
            Kind::IsNone => self.is_none_op(op),
            Kind::Present => self.present_op(op),
            Kind::Select => self.select_op(op),
            Kind::MakeTuple => {
                let items: Emit<Vec<Value>> = args.iter().map(|arg| self.bound(*arg)).collect();
                self.set(results[0], Value::Tuple(items?));
                Ok(())
            }
            Kind::Item(number) => match self.get(args[0])? {
                Value::Tuple(items) => {
                    self.set(results[0], items[*number].clone());
                    Ok(())
                }
                Value::List(list) => self.item_op(op, &list, &number.to_string()),
                _ => self.island_op(op),
            },
            Kind::Len { axis } => match self.get(args[0])? {
                Value::Array(array) => {
                    let extent = array.shape[*axis].clone();
                    self.set(results[0], Value::Number(Self::real(ScalarTy::PyInt, extent)));
                    Ok(())
                }
                Value::Tuple(items) => {
                    let length = items.len().to_string();
                    self.set(results[0], Value::Number(Self::real(ScalarTy::PyInt, length)));
                    Ok(())
                }
                Value::List(list) => {
                    let length = self.list_length(&list);
                    self.set(results[0], Value::Number(Self::real(ScalarTy::PyInt, length)));
                    Ok(())
                }
                Value::Buffer { object, .. } => {
                    let length = self.buffer_length(&object);
                    self.set(results[0], Value::Number(Self::real(ScalarTy::PyInt, length)));
                    Ok(())
                }
                _ => self.island_op(op),
            },
            Kind::Attr(name) => match (self.get(args[0])?, name.as_str()) {
                (Value::Array(array), "shape") => {
                    let items = array
                        .shape
                        .iter()
                        .map(|extent| Value::Number(Self::real(ScalarTy::PyInt, extent.clone())))
                        .collect();
                    self.set(results[0], Value::Tuple(items));
                    Ok(())
                }
                (Value::Array(array), "ndim") => {
                    let rank = array.shape.len().to_string();
                    self.set(results[0], Value::Number(Self::real(ScalarTy::PyInt, rank)));
                    Ok(())
                }
                (Value::Array(array), "size") => {
                    let mut size = "1".to_owned();
                    for extent in &array.shape {
                        size = self.product(&size, extent);
                    }
                    self.set(results[0], Value::Number(Self::real(ScalarTy::PyInt, size)));
                    Ok(())
                }
                (Value::Array(array), "T") => {
                    let mut array = array;
                    array.shape.reverse();
                    array.strides.reverse();
                    self.set(results[0], Value::Array(array));
                    Ok(())
                }
                _ => self.island_op(op),
            },
            Kind::Index(_) => match self.index_op(op)? || self.list_index_op(op)? {
                true => Ok(()),
                false => self.tuple_index(op),
            },
            Kind::SetIndex(_) => match self.setindex_op(op)? || self.list_store_op(op)? {
                true => Ok(()),
                false => self.island_op(op),
            },
            Kind::Call { callee, .. } if numlift_ir::op::is_recursive(callee) => self.recursive_call_op(op),
            Kind::Call { callee, .. } if numlift_ir::op::is_product(callee) => self.product_op(op),
            Kind::Call { callee, .. } if callee == numlift_ir::op::VIEW => self.view_op(op),
            Kind::Call { callee, .. } if callee == numlift_ir::op::RESHAPE => self.reshape_op(op),
            Kind::Call { .. } => match self.complex_op(op)? || self.alloc_op(op)? {
                true => Ok(()),
                false => self.draw_or_island_op(op),
            },
            Kind::Load => self.load_op(op),
            Kind::Store => self.store_op(op),
            Kind::Frame { .. } => self.frame_op(op),
            Kind::Require(what) if what == BOUND => self.require_bound(args[0]),
            Kind::Require(reason) => {
                let condition = self.get(args[0])?;
                let condition = self.truth(&condition)?;
                self.leave_unless(&condition, &format!("anything but {reason}"))
            }
            // Python raises it.
            Kind::Raise(_) => self.leave("`raise`"),
            Kind::If => self.if_op(op),
            Kind::For => self.for_op(op),
            Kind::While => self.while_op(op),
            Kind::MakeList => self.make_list_op(op),
            Kind::Append => match self.append_op(op)? {
                true => Ok(()),
                false => self.island_op(op),
            },
            Kind::Repeat => match self.repeat_op(op)? {
                true => Ok(()),
                false => self.island_op(op),
            },
            Kind::Method { .. } => match self.pop_op(op)? {
                true => Ok(()),
                false => self.draw_or_island_op(op),
            },
            Kind::SetAttr(_) | Kind::Opaque { .. } => self.island_op(op),
            Kind::Comp
            | Kind::Fold { .. }
            | Kind::ArgFold { .. }
            | Kind::First
            | Kind::Scan { .. }
            | Kind::ScatterFold { .. }
            | Kind::Scatter { .. }
            | Kind::Extend { .. } => self.unsupported("index space that was not lowered"),
        }
    }

    fn constant(&mut self, result: ValueId, constant: &Const) -> Emit<()> {
        let value = match constant {
            Const::None => Value::None,
            Const::Bool(bool) => Value::Number(Self::real(ScalarTy::PyBool, bool.to_string())),
            Const::Int(int) => match i64::try_from(*int) {
                Ok(int) => Value::Number(Self::real(ScalarTy::PyInt, int.to_string())),
                Err(_) => Value::Static(int.to_string()),
            },
            Const::Float(float) => Value::Number(Self::real(ScalarTy::PyFloat, super::number::float(*float))),
            Const::Complex(re, im) => Value::Number(Number {
                ty: ScalarTy::PyComplex,
                re: super::number::float(*re),
                im: Some(super::number::float(*im)),
            }),
            Const::Str(text) => Value::Static(python_string(text)),
            Const::Ellipsis => Value::Static("...".to_owned()),
        };
        self.set(result, value);
        Ok(())
    }

    /// An operand that is bound; leaves where it is not.
    pub(super) fn bound(&mut self, value: ValueId) -> Emit<Value> {
        let given = self.get(value)?;
        self.bound_value(given)
    }

    /// Leaves where an operand is not bound.
    fn require_bound(&mut self, value: ValueId) -> Emit<()> {
        match self.get(value)? {
            Value::OneOf { tag, options } if options.contains(&Value::Unbound) => {
                let missing = self.is_missing(&tag, &options);
                self.leave_if(&missing, "a name that is not bound")
            }
            given => self.bound_value(given).map(|_| ()),
        }
    }

    fn bound_value(&mut self, given: Value) -> Emit<Value> {
        match given {
            Value::Unbound => {
                self.leave("a name that is not bound")?;
                Ok(Value::Unbound)
            }
            Value::OneOf { tag, options } if options.contains(&Value::Unbound) => {
                let missing = self.is_missing(&tag, &options);
                self.leave_if_unbound(&missing)?;
                Ok(self.without(&tag, options, &Value::Unbound))
            }
            given => Ok(given),
        }
    }

    /// Whether a name that may be unbound is.
    fn is_missing(&mut self, tag: &str, options: &[Value]) -> String {
        let number = options.iter().position(|option| *option == Value::Unbound).unwrap_or(0);
        self.text.value(&format!("icmp eq i64 {tag}, {number}"))
    }

    /// A scalar function, or a conversion, on numbers.
    fn scalar_op(&mut self, op: OpId) -> Emit<()> {
        let (_, args, results) = self.ops(op);
        let given: Emit<Vec<Value>> = args.iter().map(|arg| self.bound(*arg)).collect();
        let given = given?;
        if self.text.has_ended() {
            self.set(
                results[0],
                Value::nothing(&repr_of(self.func.ty(results[0])).unwrap_or(Repr::None)),
            );
            return Ok(());
        }
        match self.on_options(op, &given, 0)? {
            Some(value) => {
                self.set(results[0], value);
                Ok(())
            }
            None => self.island_op(op),
        }
    }

    /// An op on operands the first of which are certain. Where the next may be of several types, each is taken.
    fn on_options(&mut self, op: OpId, given: &[Value], from: usize) -> Emit<Option<Value>> {
        let found = given[from..]
            .iter()
            .position(|value| matches!(value, Value::OneOf { .. }));
        let Some(at) = found.map(|at| at + from) else {
            return self.on_numbers(op, given);
        };
        let Value::OneOf { tag, options } = &given[at] else {
            return Ok(None);
        };
        let (_, _, results) = self.ops(op);
        let Some(repr) = repr_of(self.func.ty(results[0])) else {
            return Ok(None);
        };
        if repr == Repr::Object {
            return Ok(None);
        }
        // Whether there is machine code for every option is seen by trying; an island computes what has none.
        let slots = self.new_slots(&repr);
        let done = self.text.label("chosen");
        for (number, option) in options.iter().enumerate() {
            let (own, next) = (self.text.label("option"), self.text.label("next"));
            let is_it = self.text.value(&format!("icmp eq i64 {tag}, {number}"));
            self.text.branch(&is_it, &own, &next);
            self.text.begin_apart(&own);
            let mut certain = given.to_vec();
            certain[at] = option.clone();
            match self.on_options(op, &certain, at + 1)? {
                Some(value) => {
                    self.put(&slots, &value)?;
                    self.text.jump(&done);
                }
                None => self.leave("an operation on one of several types")?,
            }
            self.text.begin_apart(&next);
        }
        self.text.end("unreachable");
        self.text.begin_apart(&done);
        let ty = self.func.ty(results[0]).clone();
        Ok(Some(self.take(&slots, &ty)))
    }

    fn on_numbers(&mut self, op: OpId, given: &[Value]) -> Emit<Option<Value>> {
        let (kind, ..) = self.ops(op);
        if *kind == Kind::Truth {
            return match &given[0] {
                Value::Number(number) => {
                    let number = number.clone();
                    let truth = self.truth_of_number(&number);
                    Ok(Some(Value::Number(Self::real(ScalarTy::PyBool, truth))))
                }
                Value::None => Ok(Some(Value::Number(Self::real(ScalarTy::PyBool, "false".to_owned())))),
                Value::List(list) => {
                    let truth = self.is_not_empty(list);
                    Ok(Some(Value::Number(Self::real(ScalarTy::PyBool, truth))))
                }
                Value::Buffer { object, .. } => {
                    let truth = self.buffer_is_not_empty(object);
                    Ok(Some(Value::Number(Self::real(ScalarTy::PyBool, truth))))
                }
                _ => Ok(None),
            };
        }
        let numbers: Option<Vec<Number>> = given
            .iter()
            .map(|value| match value {
                Value::Number(number) => Some(number.clone()),
                _ => None,
            })
            .collect();
        let Some(mut numbers) = numbers else { return Ok(None) };
        self.not_before(&mut numbers);
        let found = self.on_certain(op, &numbers)?;
        Ok(found.map(|result| self.not_after(&numbers, result)))
    }

    /// The same on numbers, which are of certain types.
    fn on_certain(&mut self, op: OpId, numbers: &[Number]) -> Emit<Option<Value>> {
        let (kind, args, results) = self.ops(op);
        let result = self.func.ty(results[0]).clone();
        if *kind == Kind::Convert {
            let Some(to) = result.bound().as_scalar() else {
                return Ok(None);
            };
            self.begin_cast(numbers[0].ty, to);
            let cast = self.cast(&numbers[0], to);
            self.end_site();
            return Ok(cast.map(Value::Number));
        }
        let Kind::Scalar { f, flavour } = kind else {
            return Ok(None);
        };
        let types: Vec<ScalarTy> = numbers.iter().map(|number| number.ty).collect();
        let is_builtin = matches!(flavour, Flavour::Py | Flavour::NpScalar);
        if matches!(f, F::Min | F::Max) && is_builtin && types.len() == 2 && types[0] != types[1] {
            return self.extremum_of_two_types(*f, numbers, args, &result);
        }
        // Of several types the result is what this choice gives.
        let certain = match result.bound() {
            Ty::OneOf(_) => {
                let own = match *flavour {
                    Flavour::Py | Flavour::NpScalar if types.iter().all(|ty| ty.is_python()) => Flavour::Py,
                    Flavour::Py | Flavour::NpScalar => Flavour::NpScalar,
                    other => other,
                };
                match numlift_ir::scalar::result(*f, own, &types).known() {
                    Some(ScalarTy::PyInt) => Ty::INT,
                    Some(ty) => Ty::scalar(ty),
                    None => result.clone(),
                }
            }
            _ => result.clone(),
        };
        self.number(&Operation {
            f: *f,
            flavour: *flavour,
            args: numbers,
            ids: args,
            result: &certain,
            value: Some(results[0]),
        })
    }

    /// `min(a, b)` and `max(a, b)` give one of the two as it is: the second if it is smaller or larger.
    fn extremum_of_two_types(
        &mut self,
        f: F,
        numbers: &[Number],
        args: &[ValueId],
        result: &Ty,
    ) -> Emit<Option<Value>> {
        let is_python = numbers.iter().all(|number| number.ty.is_python());
        let (flavour, truth) = match is_python {
            true => (Flavour::Py, Ty::Bool),
            false => (Flavour::NpScalar, Ty::Np(Dtype::Bool)),
        };
        let compared = self.number(&Operation {
            f: if f == F::Min { F::Lt } else { F::Gt },
            flavour,
            args: &[numbers[1].clone(), numbers[0].clone()],
            ids: &[args[1], args[0]],
            result: &truth,
            value: None,
        })?;
        let (Some(Value::Number(compared)), Some(repr)) = (compared, repr_of(result)) else {
            return Ok(None);
        };
        let takes = self.truth_of_number(&compared);
        let (first, second) = (Value::Number(numbers[0].clone()), Value::Number(numbers[1].clone()));
        self.chosen(&takes, &second, &first, &repr).map(Some)
    }

    /// `a if c else b`
    fn select_op(&mut self, op: OpId) -> Emit<()> {
        let (_, args, results) = self.ops(op);
        let condition = self.bound(args[0])?;
        let condition = self.truth(&condition)?;
        let (a, b) = (self.get(args[1])?, self.get(args[2])?);
        let ty = self.func.ty(results[0]).clone();
        let Some(repr) = repr_of(&ty) else {
            return self.unsupported("a choice of what has no value");
        };
        let value = self.chosen(&condition, &a, &b, &repr)?;
        self.set(results[0], value);
        Ok(())
    }

    /// One of two values, in registers of a representation that has both.
    pub(super) fn chosen(&mut self, condition: &str, a: &Value, b: &Value, repr: &Repr) -> Emit<Value> {
        let (a, b) = (self.converted(a, repr)?, self.converted(b, repr)?);
        let types = crate::value::registers(repr);
        let chosen: Vec<String> = types
            .iter()
            .zip(a.flat().iter().zip(b.flat().iter()))
            .map(|(ty, (a, b))| match a == b {
                true => a.clone(),
                false => self.text.value(&format!("select i1 {condition}, {ty} {a}, {ty} {b}")),
            })
            .collect();
        Ok(Value::from_flat(repr, &mut chosen.into_iter()))
    }

    /// `(a, b)[0]` of a tuple.
    fn tuple_index(&mut self, op: OpId) -> Emit<()> {
        let (kind, args, results) = self.ops(op);
        // A slice of a tuple is no item.
        if !matches!(kind, Kind::Index(subs) if subs[..] == [Sub::At]) {
            return self.island_op(op);
        }
        if let (Value::Tuple(items), [_, index]) = (self.get(args[0])?, args)
            && let Some(int) = self.constant_int(*index)
        {
            let length = items.len() as i128;
            let at = if int < 0 { int + length } else { int };
            if let Some(item) = usize::try_from(at).ok().and_then(|at| items.get(at)) {
                self.set(results[0], item.clone());
                return Ok(());
            }
        }
        match self.item_of_several(op)? {
            true => Ok(()),
            false => self.island_op(op),
        }
    }

    /// `(a, b)[i]`: one of the items, which are looked through; false where they have no registers.
    fn item_of_several(&mut self, op: OpId) -> Emit<bool> {
        let (_, args, results) = self.ops(op);
        let (Value::Tuple(items), [_, index]) = (self.get(args[0])?, args) else {
            return Ok(false);
        };
        let Some(repr) = repr_of(self.func.ty(results[0])).filter(|repr| *repr != Repr::Object) else {
            return Ok(false);
        };
        if items.is_empty() || !numlift_ir::infer::index::is_int(self.func, *index) {
            return Ok(false);
        }
        let at = self.checked_index(*index, &items.len().to_string())?;
        if self.text.has_ended() {
            self.set(results[0], Value::nothing(&repr));
            return Ok(true);
        }
        let mut chosen = self.converted(&items[0], &repr)?;
        for (number, item) in items.iter().enumerate().skip(1) {
            let is_it = self.text.value(&format!("icmp eq i64 {at}, {number}"));
            chosen = self.chosen(&is_it, item, &chosen, &repr)?;
        }
        self.set(results[0], chosen);
        Ok(true)
    }

    /// A value as the condition of an `if`.
    pub(super) fn truth(&mut self, value: &Value) -> Emit<String> {
        match self.bound_value(value.clone())? {
            Value::Number(number) => Ok(self.truth_of_number(&number)),
            Value::None | Value::Unbound => Ok("false".to_owned()),
            Value::OneOf { tag, options } => {
                let slots = Slots {
                    repr: Repr::Bool,
                    registers: vec![("i1", self.text.slot("i1"))],
                };
                let done = self.text.label("truth");
                for (number, option) in options.iter().enumerate() {
                    let (own, next) = (self.text.label("option"), self.text.label("next"));
                    let is_it = self.text.value(&format!("icmp eq i64 {tag}, {number}"));
                    self.text.branch(&is_it, &own, &next);
                    self.text.begin_apart(&own);
                    let truth = self.truth(option)?;
                    let truth = Value::Number(Self::real(ScalarTy::PyBool, truth));
                    self.put(&slots, &truth)?;
                    self.text.jump(&done);
                    self.text.begin_apart(&next);
                }
                self.text.end("unreachable");
                self.text.begin_apart(&done);
                match self.take(&slots, &Ty::Bool) {
                    Value::Number(number) => Ok(number.re),
                    _ => self.unsupported("a truth that is none"),
                }
            }
            Value::List(list) => Ok(self.is_not_empty(&list)),
            Value::Buffer { object, .. } => Ok(self.buffer_is_not_empty(&object)),
            Value::Array(_) | Value::Tuple(_) | Value::Generator { .. } | Value::Object(_) | Value::Static(_) => {
                self.object_truth(value)
            }
        }
    }
}

/// A string as Python writes it.
pub(super) fn python_string(text: &str) -> String {
    let mut quoted = String::from("'");
    for char in text.chars() {
        match char {
            '\\' => quoted.push_str("\\\\"),
            '\'' => quoted.push_str("\\'"),
            char if (' '..='~').contains(&char) => quoted.push(char),
            char => {
                let code = u32::from(char);
                quoted.push_str(&format!("\\U{code:08x}"));
            }
        }
    }
    quoted.push('\'');
    quoted
}
