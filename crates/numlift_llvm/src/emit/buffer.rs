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

mod calls;
mod methods;

use numlift_abi::Repr;
use numlift_abi::runtime::buffer;
use numlift_ir::function::{Function, OpId, ValueId};
use numlift_ir::op::{Kind, SAME_OBJECT, Sub};
use numlift_ir::ty::Ty;

use super::{Emit, Emitter};
use crate::value::{Value, registers, repr_of};

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

/// Whether a function has lists of its own.
pub(super) fn has_some(func: &Function) -> bool {
    let has = |ty: &Ty| matches!(ty.bound(), Ty::Buffer(_));
    func.values.iter().any(|value| has(&value.ty))
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
            Kind::SetIndex(subs) if subs[..] == [Sub::At] => self.element_stored(op, &list)?,
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
    fn element_stored(&mut self, op: OpId, list: &List) -> Emit<()> {
        let (_, args, _) = self.ops(op);
        let length = self.buffer_length(&list.object);
        let at = self.stored_index(op, &length)?;
        let value = self.put_in(list, args[2])?;
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

    fn copied(&mut self, list: &List, [start, count, step]: &[&str; 3], result: ValueId) {
        let made = self.text.value(&format!(
            "call ptr @nl_buffer_part(ptr {}, i64 {start}, i64 {count}, i64 {step})",
            list.object
        ));
        self.new_list(result, made, &list.items);
    }

    fn other_list(&mut self, value: ValueId) -> Emit<String> {
        match self.bound(value)? {
            Value::Buffer { object, .. } => Ok(object),
            _ => self.unsupported("a list that is none"),
        }
    }
}
