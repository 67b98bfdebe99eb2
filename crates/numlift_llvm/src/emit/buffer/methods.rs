//! Methods of lists of compiled code's own, and slices of them.

use numlift_abi::Repr;
use numlift_ir::function::{OpId, ValueId};
use numlift_ir::op::{Const, Sub};
use numlift_ir::scalar::ScalarTy;

use super::super::{Emit, Emitter};
use super::List;
use crate::value::Value;

impl Emitter<'_> {
    /// The first and the number of the elements of `[lo:hi]`, as ints that are in range, and the step.
    pub(super) fn span(&mut self, list: &List, sub: &Sub, bounds: &[ValueId]) -> Emit<(String, String, String)> {
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
    pub(super) fn part(&mut self, list: &List, subs: &[Sub], bounds: &[ValueId], result: ValueId) -> Emit<()> {
        let (start, count, step) = self.span(list, &subs[0], bounds)?;
        self.copied(list, &[&start, &count, &step], result);
        Ok(())
    }

    pub(super) fn buffer_method(&mut self, op: OpId, list: &List, name: &str) -> Emit<()> {
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

    pub(super) fn closed(&mut self, list: &List, at: &str) {
        self.text
            .line(&format!("call void @nl_buffer_close(ptr {}, i64 {at})", list.object));
    }

    pub(super) fn sorted(&mut self, object: &str, backwards: bool) -> Emit<()> {
        let backwards = i32::from(backwards);
        let status = self
            .text
            .value(&format!("call i32 @nl_buffer_sort(ptr {object}, i32 {backwards})"));
        let sorted = self.text.value(&format!("icmp eq i32 {status}, 0"));
        self.leave_unless(&sorted, "elements without an order")
    }

    /// Slots of a value that is looked for.
    pub(super) fn wanted(&mut self, list: &List, value: ValueId) -> Emit<String> {
        let value = self.bound(value)?;
        let slots = self.text.slots(list.items.slots().max(1));
        self.store_slots(&slots, &value, &list.items, &mut 0)?;
        Ok(slots)
    }

    /// The place of the first element that is equal; negative if there is none.
    pub(super) fn found(&mut self, list: &List, value: ValueId, from: &str) -> Emit<String> {
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
    pub(super) fn place_of_insertion(&mut self, list: &List, index: ValueId) -> Emit<String> {
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
    pub(super) fn inserted(&mut self, list: &List, at: &str, value: &Value) -> Emit<()> {
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
    pub(super) fn extended(&mut self, list: &List, other: ValueId) -> Emit<()> {
        let other = self.other_list(other)?;
        if self.text.has_ended() {
            return Ok(());
        }
        let length = self.buffer_length(&list.object);
        self.replaced(list, &length, "0", &other);
        Ok(())
    }

    pub(super) fn replaced(&mut self, list: &List, start: &str, count: &str, other: &str) {
        let status = self.text.value(&format!(
            "call i32 @nl_buffer_replace(ptr {}, i64 {start}, i64 {count}, ptr {other})",
            list.object
        ));
        let failed = self.text.value(&format!("icmp ne i32 {status}, 0"));
        self.fail_if(&failed);
    }
}
