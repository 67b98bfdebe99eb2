//! Lists of compiled code's own ([`numlift_abi::runtime::buffer`]).
//!
//! ```text
//! x[i]              length and address from the head, the element's slots
//! out.append(v)     is there room? the slots are written behind the last; else nl_buffer_grow first
//! ```
//!
//! Heads, numbers in lists and references in lists are three kinds of memory, none of which is an array's: LLVM is told,
//! so that a head is read once in front of a loop that only stores elements. What has no function here was made a list of
//! Python's before (`numlift_passes::lower`).

use numlift_abi::Repr;
use numlift_abi::runtime::{buffer, heap};
use numlift_ir::function::{OpId, ValueId};
use numlift_ir::op::{Const, Kind, SAME_OBJECT, Sub};
use numlift_ir::scalar::ScalarTy;
use numlift_ir::ty::Ty;

use super::boundary::scalar_number;
use super::{Emit, Emitter};
use crate::value::{Value, registers, repr_of, scalar_of};

/// Which memory a load or a store touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Any,
    Head,
    Numbers,
    References,
}

/// Numbers of metadata: a domain, the scopes in it, the list of each alone, the list of all others for each, all of them.
/// Above those of all roots, below those of the marks.
const DOMAIN: usize = 900_000;

impl Part {
    /// What is said of memory that is no list's.
    pub const OTHER: &'static str = ", !noalias !900010";

    /// The scopes.
    pub fn scopes() -> impl Iterator<Item = String> {
        (1..=3).map(|part| format!("!{}", DOMAIN + part))
    }

    pub fn scope(self) -> &'static str {
        match self {
            Self::Any => "",
            Self::Head => ", !alias.scope !900004, !noalias !900007",
            Self::Numbers => ", !alias.scope !900005, !noalias !900008",
            Self::References => ", !alias.scope !900006, !noalias !900009",
        }
    }

    fn of(items: &Repr) -> Self {
        match registers(items).contains(&"ptr") {
            true => Self::References,
            false => Self::Numbers,
        }
    }
}

/// The metadata that [`Part`] names.
pub(super) fn scopes_text() -> String {
    let mut text = format!("!{DOMAIN} = distinct !{{!{DOMAIN}}}\n");
    for part in 1..=3 {
        let scope = DOMAIN + part;
        let others: Vec<String> = Part::scopes().filter(|other| *other != format!("!{scope}")).collect();
        text.push_str(&format!("!{scope} = distinct !{{!{scope}, !{DOMAIN}}}\n"));
        text.push_str(&format!("!{} = !{{!{scope}}}\n", scope + 3));
        text.push_str(&format!("!{} = !{{{}}}\n", scope + 6, others.join(", ")));
    }
    let all: Vec<String> = Part::scopes().collect();
    text.push_str(&format!("!{} = !{{{}}}\n", DOMAIN + 10, all.join(", ")));
    text
}

/// The class of queues.
const QUEUE: &str = "collections.deque";

/// A list in registers.
#[derive(Debug, Clone)]
struct List {
    object: String,
    items: Repr,
}

impl List {
    /// What a sum of elements looks like, but for an empty list.
    fn items_or_int(&self) -> Repr {
        match self.items {
            Repr::Float => Repr::Float,
            _ => Repr::Int,
        }
    }
}

impl Emitter<'_> {
    pub(super) fn buffer_length(&mut self, object: &str) -> String {
        let address = self.field(object, buffer::LENGTH);
        let scope = Part::Head.scope();
        self.text
            .value(&format!("load i64, ptr {address}, align 8, !range !0{scope}"))
    }

    pub(super) fn buffer_is_not_empty(&mut self, object: &str) -> String {
        let length = self.buffer_length(object);
        self.text.value(&format!("icmp ne i64 {length}, 0"))
    }

    fn set_buffer_length(&mut self, object: &str, length: &str) {
        let address = self.field(object, buffer::LENGTH);
        let scope = Part::Head.scope();
        self.text
            .line(&format!("store i64 {length}, ptr {address}, align 8{scope}"));
    }

    /// An op on lists of compiled code's own; false if it is something else.
    pub(super) fn buffer_op(&mut self, op: OpId) -> Emit<bool> {
        let (kind, args, results) = self.ops(op);
        if let (Kind::MakeList, Ty::Buffer(_)) = (kind, results.first().map_or(&Ty::None, |value| self.func.ty(*value)))
        {
            self.made_buffer(op)?;
            return Ok(true);
        }
        if let Kind::Call { callee, .. } = kind {
            match callee.as_str() {
                SAME_OBJECT => return self.same_object(op),
                QUEUE => {
                    self.made_queue(op)?;
                    return Ok(true);
                }
                _ => {}
            }
        }
        let Some(first) = args
            .first()
            .filter(|first| matches!(self.func.ty(**first).bound(), Ty::Buffer(_)))
        else {
            return Ok(false);
        };
        if !matches!(
            kind,
            Kind::Append | Kind::Repeat | Kind::Index(_) | Kind::SetIndex(_) | Kind::Method { .. } | Kind::Call { .. }
        ) {
            return Ok(false);
        }
        let Value::Buffer { object, items } = self.bound(*first)? else {
            return Ok(false);
        };
        let list = List { object, items };
        if self.text.has_ended() {
            self.nothing_of(op);
            return Ok(true);
        }
        match kind {
            Kind::Append => self.appended(&list, args[1])?,
            Kind::Repeat => {
                let times = self.int(args[1])?;
                let made = self
                    .text
                    .value(&format!("call ptr @nl_buffer_repeat(ptr {}, i64 {times})", list.object));
                self.new_list(results[0], made, &list.items);
            }
            Kind::Index(subs) if subs[..] == [Sub::At] => {
                let length = self.buffer_length(&list.object);
                let at = self.checked_index(args[1], &length)?;
                let value = self.element(&list, &at, results[0])?;
                if !self.is_fleeting(op) {
                    self.retain(&value);
                    self.own(&value);
                }
                self.set(results[0], value);
            }
            Kind::Index(subs) => self.part(&list, subs, &args[1..], results[0])?,
            Kind::SetIndex(subs) if subs[..] == [Sub::At] => self.element_stored(&list, args[1], args[2])?,
            Kind::SetIndex(subs) => {
                let last = args.len() - 1;
                let (start, count, _) = self.span(&list, &subs[0], &args[1..last])?;
                let other = self.other_list(args[last])?;
                if !self.text.has_ended() {
                    self.replaced(&list, &start, &count, &other);
                }
            }
            Kind::Method { name, .. } => self.buffer_method(op, &list, name)?,
            Kind::Call { callee, .. } => self.buffer_call(op, &list, callee)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Results of an op that is never reached.
    fn nothing_of(&mut self, op: OpId) {
        let (_, _, results) = self.ops(op);
        for result in results {
            let repr = repr_of(self.func.ty(*result)).unwrap_or(Repr::None);
            self.set(*result, Value::nothing(&repr));
        }
    }

    /// The list that a function of the runtime made, or none.
    fn new_list(&mut self, result: ValueId, object: String, items: &Repr) {
        self.fail_unless_there(&object);
        let made = Value::Buffer {
            object,
            items: items.clone(),
        };
        self.own(&made);
        self.set(result, made);
    }

    /// `[a, b]`
    fn made_buffer(&mut self, op: OpId) -> Emit<()> {
        let (_, args, results) = self.ops(op);
        let Some(Repr::Buffer(items)) = repr_of(self.func.ty(results[0])) else {
            return self.unsupported("a list of what has no value");
        };
        let mut values = Vec::new();
        for arg in args {
            let value = self.bound(*arg)?;
            values.push(self.converted(&value, &items)?);
        }
        if self.text.has_ended() {
            self.nothing_of(op);
            return Ok(());
        }
        let number = self.box_number(&items);
        let object = self.text.value(&format!(
            "call ptr @nl_buffer(ptr %ctx, i32 {number}, i64 {})",
            values.len()
        ));
        let list = List {
            object: object.clone(),
            items: (*items).clone(),
        };
        self.new_list(results[0], object, &items);
        for (at, value) in values.iter().enumerate() {
            self.retain(value);
            self.write(&list, &at.to_string(), value)?;
            self.set_buffer_length(&list.object, &(at + 1).to_string());
        }
        Ok(())
    }

    /// `a is b` of two lists.
    fn same_object(&mut self, op: OpId) -> Emit<bool> {
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
    fn made_queue(&mut self, op: OpId) -> Emit<()> {
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
    fn heap(&mut self, list: &List, what: i32, item: Option<ValueId>, result: ValueId) -> Emit<()> {
        let slots = match item {
            Some(item) => self.wanted(list, item)?,
            None => self.text.slots(list.items.slots().max(1)),
        };
        let status = self.text.value(&format!(
            "call i32 @nl_buffer_heap(ptr {}, i32 {what}, ptr {slots})",
            list.object
        ));
        let is_done = self.text.value(&format!("icmp ne i32 {status}, 2"));
        self.leave_unless(&is_done, "an empty heap, or elements without an order")?;
        let failed = self.text.value(&format!("icmp eq i32 {status}, 1"));
        self.fail_if(&failed);
        let value = match what {
            heap::HEAPIFY | heap::PUSH => Value::None,
            _ => self.load_slots(&slots, &list.items, &mut 0),
        };
        self.set(result, value);
        Ok(())
    }

    /// The address of an element's slots.
    fn address(&mut self, list: &List, at: &str) -> String {
        let field = self.field(&list.object, buffer::DATA);
        let scope = Part::Head.scope();
        let data = self.text.value(&format!("load ptr, ptr {field}, align 8{scope}"));
        let offset = self.product(at, &(8 * list.items.slots()).to_string());
        self.text
            .value(&format!("getelementptr inbounds i8, ptr {data}, i64 {offset}"))
    }

    /// An element that is there; its references stay the list's.
    fn element(&mut self, list: &List, at: &str, result: ValueId) -> Emit<Value> {
        if list.items == Repr::Unbound {
            // The list is empty.
            self.leave("an index out of range")?;
            return Ok(Value::Unbound);
        }
        let address = self.address(list, at);
        let before = std::mem::replace(&mut self.slots_of, Part::of(&list.items));
        let mut value = self.load_slots(&address, &list.items, &mut 0);
        self.slots_of = before;
        if let Value::Array(array) = &mut value {
            let ty = self.func.ty(result).clone();
            self.contiguous_strides(array, &ty);
        }
        Ok(value)
    }

    /// Writes an element's slots, which are there; its references become the list's.
    fn write(&mut self, list: &List, at: &str, value: &Value) -> Emit<()> {
        let address = self.address(list, at);
        let before = std::mem::replace(&mut self.slots_of, Part::of(&list.items));
        let done = self.store_slots(&address, value, &list.items, &mut 0);
        self.slots_of = before;
        done
    }

    /// A value as it lies in a list, with references that will be the list's.
    fn put_in(&mut self, list: &List, value: ValueId) -> Emit<Value> {
        let value = self.bound(value)?;
        let value = self.converted(&value, &list.items)?;
        if !self.text.has_ended() {
            self.retain(&value);
        }
        Ok(value)
    }

    /// `list.append(value)`
    fn appended(&mut self, list: &List, value: ValueId) -> Emit<()> {
        let value = self.put_in(list, value)?;
        if self.text.has_ended() {
            return Ok(());
        }
        let length = self.buffer_length(&list.object);
        let field = self.field(&list.object, buffer::ROOM);
        let scope = Part::Head.scope();
        let room = self.text.value(&format!("load i64, ptr {field}, align 8{scope}"));
        let has_room = self.text.value(&format!("icmp slt i64 {length}, {room}"));
        let (full, fits) = (self.text.label("full"), self.text.label("fits"));
        self.text
            .end(&format!("br i1 {has_room}, label %{fits}, label %{full}, !prof !2"));
        self.text.begin_apart(&full);
        let status = self
            .text
            .value(&format!("call i32 @nl_buffer_grow(ptr {}, i64 1)", list.object));
        let failed = self.text.value(&format!("icmp ne i32 {status}, 0"));
        self.fail_if_with(&failed, &value);
        self.text.jump(&fits);
        self.text.begin_apart(&fits);
        self.write(list, &length, &value)?;
        let longer = self.text.value(&format!("add nuw nsw i64 {length}, 1"));
        self.set_buffer_length(&list.object, &longer);
        Ok(())
    }

    /// Ends the function where there is no memory for a value whose references were taken already.
    fn fail_if_with(&mut self, failed: &str, value: &Value) {
        let (bad, fine) = (self.text.label("fail"), self.text.label("on"));
        self.text
            .end(&format!("br i1 {failed}, label %{bad}, label %{fine}, !prof !1"));
        self.text.begin_apart(&bad);
        for register in value.references().iter().filter(|register| *register != "null") {
            self.text
                .line(&format!("call void @nl_release(ptr %ctx, ptr {register})"));
        }
        self.fail();
        self.text.begin_apart(&fine);
    }

    /// `list[i] = value`
    fn element_stored(&mut self, list: &List, index: ValueId, value: ValueId) -> Emit<()> {
        let length = self.buffer_length(&list.object);
        let at = self.checked_index(index, &length)?;
        let value = self.put_in(list, value)?;
        if self.text.has_ended() || list.items == Repr::Unbound {
            return Ok(());
        }
        let holds_references = !value.references().is_empty();
        if !holds_references {
            return self.write(list, &at, &value);
        }
        let address = self.address(list, &at);
        let before = self.load_slots(&address, &list.items, &mut 0);
        self.write(list, &at, &value)?;
        self.release_value(&before);
        Ok(())
    }

    fn release_value(&mut self, value: &Value) {
        for register in value.references().iter().filter(|register| *register != "null") {
            self.text
                .line(&format!("call void @nl_release(ptr %ctx, ptr {register})"));
        }
    }

    /// The first and the number of the elements of `[lo:hi]`, as ints that are in range, and the step.
    fn span(&mut self, list: &List, sub: &Sub, bounds: &[ValueId]) -> Emit<(String, String, String)> {
        let Sub::Slice { lo, hi, step } = sub else {
            return self.unsupported("a slice that is none");
        };
        let length = self.buffer_length(&list.object);
        let mut bounds = bounds.iter();
        let lo = if *lo { bounds.next() } else { None };
        let hi = if *hi { bounds.next() } else { None };
        let step = if *step { bounds.next() } else { None };
        let step = match step {
            None => 1,
            Some(step) => match self.constant_int(*step).and_then(|step| i64::try_from(step).ok()) {
                Some(step) if step != 0 && step != i64::MIN => step,
                _ => return self.unsupported("a step that is no constant"),
            },
        };
        let (first, last) = match step > 0 {
            true => ("0".to_owned(), length.clone()),
            // One in front of what can be taken, and one in front of the first.
            false => ("-1".to_owned(), self.text.value(&format!("sub nsw i64 {length}, 1"))),
        };
        let place = |emitter: &mut Self, bound: Option<&ValueId>, missing: &str| -> Emit<String> {
            let Some(bound) = bound else {
                return Ok(missing.to_owned());
            };
            let at = emitter.int(*bound)?;
            let negative = emitter.text.value(&format!("icmp slt i64 {at}, 0"));
            let wrapped = emitter.text.value(&format!("add nsw i64 {at}, {length}"));
            let at = emitter
                .text
                .value(&format!("select i1 {negative}, i64 {wrapped}, i64 {at}"));
            let at = emitter
                .text
                .value(&format!("call i64 @llvm.smax.i64(i64 {at}, i64 {first})"));
            Ok(emitter
                .text
                .value(&format!("call i64 @llvm.smin.i64(i64 {at}, i64 {last})")))
        };
        let (begin, end) = match step > 0 {
            true => (first.clone(), last.clone()),
            false => (last.clone(), first.clone()),
        };
        let start = place(self, lo, &begin)?;
        let stop = place(self, hi, &end)?;
        let span = match step > 0 {
            true => self.text.value(&format!("sub nsw i64 {stop}, {start}")),
            false => self.text.value(&format!("sub nsw i64 {start}, {stop}")),
        };
        let by = step.unsigned_abs();
        let count = match by {
            1 => span,
            by => {
                let more = self.text.value(&format!("add nsw i64 {span}, {}", by - 1));
                self.text.value(&format!("sdiv i64 {more}, {by}"))
            }
        };
        let count = self.text.value(&format!("call i64 @llvm.smax.i64(i64 {count}, i64 0)"));
        Ok((start, count, step.to_string()))
    }

    /// `list[lo:hi:step]`
    fn part(&mut self, list: &List, subs: &[Sub], bounds: &[ValueId], result: ValueId) -> Emit<()> {
        let (start, count, step) = self.span(list, &subs[0], bounds)?;
        self.copied(list, &[&start, &count, &step], result);
        Ok(())
    }

    fn copied(&mut self, list: &List, [start, count, step]: &[&str; 3], result: ValueId) {
        let made = self.text.value(&format!(
            "call ptr @nl_buffer_part(ptr {}, i64 {start}, i64 {count}, i64 {step})",
            list.object
        ));
        self.new_list(result, made, &list.items);
    }

    fn buffer_method(&mut self, op: OpId, list: &List, name: &str) -> Emit<()> {
        let (_, args, results) = self.ops(op);
        match (name, args) {
            ("pop", [_]) => {
                let length = self.buffer_length(&list.object);
                let some = self.text.value(&format!("icmp ne i64 {length}, 0"));
                self.leave_unless(&some, "an empty list")?;
                let at = self.text.value(&format!("sub nuw nsw i64 {length}, 1"));
                let value = self.element(list, &at, results[0])?;
                if !self.text.has_ended() {
                    self.set_buffer_length(&list.object, &at);
                }
                self.own(&value);
                self.set(results[0], value);
                return Ok(());
            }
            ("popleft", [_]) => {
                let length = self.buffer_length(&list.object);
                let some = self.text.value(&format!("icmp ne i64 {length}, 0"));
                self.leave_unless(&some, "an empty deque")?;
                let value = self.element(list, "0", results[0])?;
                if !self.text.has_ended() {
                    self.closed(list, "0");
                }
                self.own(&value);
                self.set(results[0], value);
                return Ok(());
            }
            ("appendleft", [_, value]) => {
                let value = self.put_in(list, *value)?;
                self.inserted(list, "0", &value)?;
            }
            ("pop", [_, index]) => {
                let length = self.buffer_length(&list.object);
                let at = self.checked_index(*index, &length)?;
                let value = self.element(list, &at, results[0])?;
                if !self.text.has_ended() {
                    self.closed(list, &at);
                }
                self.own(&value);
                self.set(results[0], value);
                return Ok(());
            }
            ("insert", [_, index, value]) => {
                let at = self.place_of_insertion(list, *index)?;
                let value = self.put_in(list, *value)?;
                self.inserted(list, &at, &value)?;
            }
            ("extend", [_, other]) => self.extended(list, *other)?,
            ("copy", [_]) => {
                let length = self.buffer_length(&list.object);
                self.copied(list, &["0", &length, "1"], results[0]);
                return Ok(());
            }
            ("clear", [_]) => self
                .text
                .line(&format!("call void @nl_buffer_clear(ptr {})", list.object)),
            ("reverse", [_]) => self
                .text
                .line(&format!("call void @nl_buffer_reverse(ptr {})", list.object)),
            ("sort", [_]) => self.sorted(&list.object, false)?,
            ("sort", [_, reverse]) => {
                let backwards = self.func.as_const(*reverse) == Some(&Const::Bool(true));
                self.sorted(&list.object, backwards)?;
            }
            ("index", [_, value]) => {
                let place = self.found(list, *value, "0")?;
                let is_there = self.text.value(&format!("icmp sge i64 {place}, 0"));
                self.leave_unless(&is_there, "an element that is not there")?;
                self.set(results[0], Value::Number(Self::real(ScalarTy::PyInt, place)));
                return Ok(());
            }
            ("__contains__", [_, value]) => {
                let place = self.found(list, *value, "0")?;
                let is_there = self.text.value(&format!("icmp sge i64 {place}, 0"));
                self.set(results[0], Value::Number(Self::real(ScalarTy::PyBool, is_there)));
                return Ok(());
            }
            ("count", [_, value]) => {
                let slots = self.wanted(list, *value)?;
                let count = self
                    .text
                    .value(&format!("call i64 @nl_buffer_count(ptr {}, ptr {slots})", list.object));
                let is_known = self.text.value(&format!("icmp sge i64 {count}, 0"));
                self.leave_unless(&is_known, "equality that depends on the object")?;
                self.set(results[0], Value::Number(Self::real(ScalarTy::PyInt, count)));
                return Ok(());
            }
            ("remove", [_, value]) => {
                let place = self.found(list, *value, "0")?;
                let is_there = self.text.value(&format!("icmp sge i64 {place}, 0"));
                self.leave_unless(&is_there, "an element that is not there")?;
                self.closed(list, &place);
            }
            ("__delitem__", [_, index]) => {
                let length = self.buffer_length(&list.object);
                let at = self.checked_index(*index, &length)?;
                if list.items != Repr::Unbound && !self.text.has_ended() {
                    let address = self.address(list, &at);
                    let before = self.load_slots(&address, &list.items, &mut 0);
                    self.closed(list, &at);
                    self.release_value(&before);
                }
            }
            ("__add__", [_, other]) => {
                let other = self.other_list(*other)?;
                let length = self.buffer_length(&list.object);
                self.copied(list, &["0", &length, "1"], results[0]);
                let made = self.other_list(results[0])?;
                let made = List {
                    object: made,
                    items: list.items.clone(),
                };
                self.replaced(&made, &length, "0", &other);
                return Ok(());
            }
            _ => return self.unsupported(format!("the method `{name}` of a list")),
        }
        self.set(results[0], Value::None);
        Ok(())
    }

    fn closed(&mut self, list: &List, at: &str) {
        self.text
            .line(&format!("call void @nl_buffer_close(ptr {}, i64 {at})", list.object));
    }

    fn sorted(&mut self, object: &str, backwards: bool) -> Emit<()> {
        let backwards = i32::from(backwards);
        let status = self
            .text
            .value(&format!("call i32 @nl_buffer_sort(ptr {object}, i32 {backwards})"));
        let sorted = self.text.value(&format!("icmp eq i32 {status}, 0"));
        self.leave_unless(&sorted, "elements without an order")
    }

    /// Slots of a value that is looked for.
    fn wanted(&mut self, list: &List, value: ValueId) -> Emit<String> {
        let value = self.bound(value)?;
        let slots = self.text.slots(list.items.slots().max(1));
        self.store_slots(&slots, &value, &list.items, &mut 0)?;
        Ok(slots)
    }

    /// The place of the first element that is equal; negative if there is none.
    fn found(&mut self, list: &List, value: ValueId, from: &str) -> Emit<String> {
        let slots = self.wanted(list, value)?;
        let place = self.text.value(&format!(
            "call i64 @nl_buffer_find(ptr {}, ptr {slots}, i64 {from})",
            list.object
        ));
        let is_known = self.text.value(&format!("icmp sge i64 {place}, -1"));
        self.leave_unless(&is_known, "equality that depends on the object")?;
        Ok(place)
    }

    /// Where `insert` puts something.
    fn place_of_insertion(&mut self, list: &List, index: ValueId) -> Emit<String> {
        let length = self.buffer_length(&list.object);
        let at = self.int(index)?;
        let negative = self.text.value(&format!("icmp slt i64 {at}, 0"));
        let wrapped = self.text.value(&format!("add nsw i64 {at}, {length}"));
        let at = self
            .text
            .value(&format!("select i1 {negative}, i64 {wrapped}, i64 {at}"));
        let at = self.text.value(&format!("call i64 @llvm.smax.i64(i64 {at}, i64 0)"));
        Ok(self
            .text
            .value(&format!("call i64 @llvm.smin.i64(i64 {at}, i64 {length})")))
    }

    /// Puts a value, with references that become the list's, in front of an element.
    fn inserted(&mut self, list: &List, at: &str, value: &Value) -> Emit<()> {
        if self.text.has_ended() {
            return Ok(());
        }
        let status = self
            .text
            .value(&format!("call i32 @nl_buffer_open(ptr {}, i64 {at})", list.object));
        let failed = self.text.value(&format!("icmp ne i32 {status}, 0"));
        self.fail_if_with(&failed, value);
        self.write(list, at, value)
    }

    /// `list.extend(other)`
    fn extended(&mut self, list: &List, other: ValueId) -> Emit<()> {
        let other = self.other_list(other)?;
        if self.text.has_ended() {
            return Ok(());
        }
        let length = self.buffer_length(&list.object);
        self.replaced(list, &length, "0", &other);
        Ok(())
    }

    fn other_list(&mut self, value: ValueId) -> Emit<String> {
        match self.bound(value)? {
            Value::Buffer { object, .. } => Ok(object),
            _ => self.unsupported("a list that is none"),
        }
    }

    fn replaced(&mut self, list: &List, start: &str, count: &str, other: &str) {
        let status = self.text.value(&format!(
            "call i32 @nl_buffer_replace(ptr {}, i64 {start}, i64 {count}, ptr {other})",
            list.object
        ));
        let failed = self.text.value(&format!("icmp ne i32 {status}, 0"));
        self.fail_if(&failed);
    }

    fn buffer_call(&mut self, op: OpId, list: &List, callee: &str) -> Emit<()> {
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
    fn sum_of(&mut self, list: &List, result: ValueId) -> Emit<()> {
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
    fn array_of(&mut self, list: &List, result: ValueId) -> Emit<()> {
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
