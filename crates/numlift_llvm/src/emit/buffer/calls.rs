//! Functions of lists of compiled code's own: `sum`, `sorted`, `np.array`, heaps, queues.

use numlift_abi::Repr;
use numlift_abi::runtime::heap;
use numlift_ir::function::{OpId, ValueId};
use numlift_ir::scalar::ScalarTy;
use numlift_ir::ty::Ty;

use super::super::boundary::scalar_number;
use super::super::{Emit, Emitter};
use super::List;
use crate::value::{Value, repr_of, scalar_of};

impl Emitter<'_> {
    /// `a is b` of two lists.
    pub(super) fn same_object(&mut self, op: OpId) -> Emit<bool> {
        let (_, args, results) = self.ops(op);
        let same = match (self.bound(args[0])?, self.bound(args[1])?) {
            (Value::Buffer { object: a, .. }, Value::Buffer { object: b, .. }) | (Value::List(a), Value::List(b)) => {
                self.text.value(&format!("icmp eq ptr {a}, {b}"))
            }
            // One is compiled code's own, the other Python's.
            (Value::Buffer { .. }, Value::List(_)) | (Value::List(_), Value::Buffer { .. }) => "false".to_owned(),
            _ => return self.unsupported("a list that is none"),
        };
        self.set(results[0], Value::Number(Self::real(ScalarTy::PyBool, same)));
        Ok(true)
    }

    /// `deque()`, `deque(list)`
    pub(super) fn made_queue(&mut self, op: OpId) -> Emit<()> {
        let (_, args, results) = self.ops(op);
        let Some(Repr::Buffer(items)) = repr_of(self.func.ty(results[0])) else {
            return self.unsupported("a deque that Python sees");
        };
        match args {
            [] => {
                let number = self.box_number(&items);
                let object = self
                    .text
                    .value(&format!("call ptr @nl_buffer(ptr %ctx, i32 {number}, i64 0)"));
                self.new_list(results[0], object, &items);
            }
            [given] => {
                let list = List {
                    object: self.other_list(*given)?,
                    items: *items,
                };
                if self.text.has_ended() {
                    self.nothing_of(op);
                    return Ok(());
                }
                let length = self.buffer_length(&list.object);
                self.copied(&list, &["0", &length, "1"], results[0]);
            }
            _ => return self.unsupported("a deque of a certain length"),
        }
        let made = self.other_list(results[0])?;
        self.text.line(&format!("call void @nl_buffer_queue(ptr {made})"));
        Ok(())
    }

    /// What `heapq` does.
    pub(super) fn heap(&mut self, list: &List, what: i32, item: Option<ValueId>, result: ValueId) -> Emit<()> {
        let slots = match item {
            Some(item) => self.wanted(list, item)?,
            None => self.text.slots(list.items.slots().max(1)),
        };
        let status = self.text.value(&format!(
            "call i32 @nl_buffer_heap(ptr {}, i32 {what}, ptr {slots})",
            list.object
        ));
        let is_done = self.text.value(&format!("icmp ne i32 {status}, 2"));
        // Then nothing was changed. It is no place that may be left whenever one likes: there is another block in between.
        let (undone, done) = (self.text.label("undone"), self.text.label("done"));
        self.text
            .end(&format!("br i1 {is_done}, label %{done}, label %{undone}, !prof !2"));
        self.text.begin_apart(&undone);
        self.leave("an empty heap, or elements without an order")?;
        self.text.begin_apart(&done);
        let failed = self.text.value(&format!("icmp eq i32 {status}, 1"));
        self.fail_if(&failed);
        let value = match what {
            heap::HEAPIFY | heap::PUSH => Value::None,
            _ => self.load_slots(&slots, &list.items, &mut 0),
        };
        self.set(result, value);
        Ok(())
    }

    pub(super) fn buffer_call(&mut self, op: OpId, list: &List, callee: &str) -> Emit<()> {
        let (_, args, results) = self.ops(op);
        match callee {
            "heapq.heapify" => self.heap(list, heap::HEAPIFY, None, results[0]),
            "heapq.heappush" => self.heap(list, heap::PUSH, Some(args[1]), results[0]),
            "heapq.heappop" => self.heap(list, heap::POP, None, results[0]),
            "heapq.heappushpop" => self.heap(list, heap::PUSH_POP, Some(args[1]), results[0]),
            "heapq.heapreplace" => self.heap(list, heap::REPLACE, Some(args[1]), results[0]),
            "numpy.array" | "numpy.asarray" => self.array_of(list, results[0]),
            "builtins.list" | "builtins.sorted" => {
                let length = self.buffer_length(&list.object);
                self.copied(list, &["0", &length, "1"], results[0]);
                if callee == "builtins.sorted" {
                    let made = self.other_list(results[0])?;
                    self.sorted(&made, false)?;
                }
                Ok(())
            }
            "builtins.min" | "builtins.max" => {
                let is_max = i32::from(callee == "builtins.max");
                let place = self.text.value(&format!(
                    "call i64 @nl_buffer_extreme(ptr {}, i32 {is_max})",
                    list.object
                ));
                let is_there = self.text.value(&format!("icmp sge i64 {place}, 0"));
                self.leave_unless(&is_there, "no elements, or some without an order")?;
                let value = self.element(list, &place, results[0])?;
                self.set(results[0], value);
                Ok(())
            }
            "builtins.sum" => self.sum_of(list, results[0]),
            _ => self.unsupported(format!("`{callee}` of a list")),
        }
    }

    /// `sum(list)`: of no elements it is an int.
    pub(super) fn sum_of(&mut self, list: &List, result: ValueId) -> Emit<()> {
        let out = self.text.slots(1);
        let status = self
            .text
            .value(&format!("call i32 @nl_buffer_sum(ptr {}, ptr {out})", list.object));
        let fits = self.text.value(&format!("icmp eq i32 {status}, 0"));
        self.leave_unless(&fits, "an int of more than 64 bits")?;
        let sum = self.load_slots(&out, &list.items_or_int(), &mut 0);
        let repr = repr_of(self.func.ty(result)).unwrap_or(Repr::Int);
        let value = match (&list.items, &repr) {
            (Repr::Float, Repr::Float) => {
                let some = self.buffer_is_not_empty(&list.object);
                self.leave_unless(&some, "an empty list")?;
                sum
            }
            (Repr::Float, repr) => {
                let some = self.buffer_is_not_empty(&list.object);
                let zero = Value::Number(Self::real(ScalarTy::PyInt, "0".to_owned()));
                self.chosen(&some, &sum, &zero, repr)?
            }
            _ => sum,
        };
        self.set(result, value);
        Ok(())
    }

    /// `np.array(list)`
    pub(super) fn array_of(&mut self, list: &List, result: ValueId) -> Emit<()> {
        let ty = self.func.ty(result).clone();
        let (Ty::Array { dtype, shape, .. }, Some(repr)) = (ty.bound(), repr_of(&ty)) else {
            return self.unsupported("an array that is none");
        };
        let Some(scalar) = scalar_of(*dtype) else {
            return self.unsupported("an array of objects");
        };
        let slots = self.text.slots(repr.slots());
        let status = self.text.value(&format!(
            "call i32 @nl_buffer_array(ptr %ctx, ptr {}, i32 {}, i32 {}, ptr {slots})",
            list.object,
            scalar_number(scalar),
            shape.len()
        ));
        let is_other = self.text.value(&format!("icmp eq i32 {status}, 2"));
        self.leave_if(&is_other, "a list that is another array")?;
        let failed = self.text.value(&format!("icmp eq i32 {status}, 1"));
        self.fail_if(&failed);
        let mut array = self.load_slots(&slots, &repr, &mut 0);
        if let Value::Array(array) = &mut array {
            self.contiguous_strides(array, &ty);
        }
        self.own(&array);
        self.set(result, array);
        Ok(())
    }
}
