//! What lists do.
//!
//! ```text
//! a + b, v in a, del a[i], a[i:j] = b      methods of that name
//! a.sort(reverse=True)                     the method `sort`, with what it is told
//! ```
//!
//! Some of it is read only where a function is compiled: there a list that nobody else sees has machine code for it. A
//! rewrite of the source leaves it as it is.

use numlift_ir::function::ValueId;
use numlift_ir::infer::LENGTH;
use numlift_ir::op::{Const, Kind, SAME_OBJECT, Sub};
use numlift_ir::ty::Ty;
use ruff_text_size::TextRange;

use super::call::Args;
use super::lists::list_of;
use super::reader::Reader;
use super::refusal::{Read, Refusal};

impl<'a> Reader<'a> {
    pub(super) fn list_method(&mut self, list: ValueId, name: &str, args: &Args, at: TextRange) -> Read<ValueId> {
        if name == "sort"
            && args.positional.is_empty()
            && let Some(()) = self.sort_backwards(list, args)
        {
            return Ok(self.b.constant(Const::None));
        }
        if !args.keywords.is_empty() {
            return Err(Refusal::new(at, format!("`{name}` with keywords is not read")));
        }
        match (name, &args.positional[..]) {
            ("append", [value]) => {
                self.append(list, *value);
                Ok(self.b.constant(Const::None))
            }
            ("extend", [other]) => {
                self.extend_by_method(list, *other, at)?;
                Ok(self.b.constant(Const::None))
            }
            ("copy", []) => {
                let copy = self.method(list, name, args);
                let ty = self.listed_type(list).unwrap_or(Ty::Unknown);
                self.b.func.values[copy.index()].ty = ty;
                let site = self.site(at, 0);
                self.copied_list(copy, site, list);
                Ok(copy)
            }
            ("pop", [] | [_]) => {
                self.list_changes(list, None, true);
                let item = self.method(list, name, args);
                if let Ty::List(elem, _) = self.bound_ty(list).clone() {
                    self.b.func.values[item.index()].ty = *elem;
                }
                self.inner_places(list, item);
                Ok(item)
            }
            ("appendleft", [value]) if self.options.queues => {
                self.list_changes(list, Some(*value), true);
                let done = self.method(list, name, args);
                self.b.func.values[done.index()].ty = Ty::None;
                Ok(done)
            }
            ("popleft", []) if self.options.queues => {
                self.list_changes(list, None, true);
                let item = self.method(list, name, args);
                if let Ty::List(elem, _) = self.bound_ty(list).clone() {
                    self.b.func.values[item.index()].ty = *elem;
                }
                self.inner_places(list, item);
                Ok(item)
            }
            ("insert", [_, value]) => {
                self.list_changes(list, Some(*value), true);
                Ok(self.method(list, name, args))
            }
            ("remove" | "clear", _) => {
                self.list_changes(list, None, true);
                Ok(self.method(list, name, args))
            }
            ("sort" | "reverse", []) => Ok(self.method(list, name, args)),
            ("index", [_]) if self.options.frames.is_some() => {
                let place = self.method(list, name, args);
                self.b.func.values[place.index()].ty = Ty::Int(LENGTH);
                Ok(place)
            }
            ("count", [_]) if self.options.frames.is_some() => {
                let count = self.method(list, name, args);
                self.b.func.values[count.index()].ty = Ty::Int(LENGTH);
                Ok(count)
            }
            _ => Err(Refusal::new(at, format!("the method `{name}` of a list is not read"))),
        }
    }

    /// `list.sort(reverse=True)`, where it is known which way.
    fn sort_backwards(&mut self, list: ValueId, args: &Args) -> Option<()> {
        let [(name, value)] = &args.keywords[..] else {
            return None;
        };
        self.options.frames.as_ref()?;
        let Some(Const::Bool(_)) = self.b.func.as_const(*value).filter(|_| name == "reverse") else {
            return None;
        };
        self.method(list, "sort", args);
        Some(())
    }

    /// `list.extend(other)`, also as `list += other`.
    pub(super) fn extend_by_method(&mut self, list: ValueId, other: ValueId, at: TextRange) -> Read<()> {
        let Some(Ty::List(..)) = self.listed_type(other) else {
            return Err(self.refuse_type(other, at));
        };
        self.shares_elements(list, other);
        self.method(
            list,
            "extend",
            &Args {
                positional: vec![other],
                keywords: Vec::new(),
            },
        );
        Ok(())
    }

    /// The elements of another list, or of an array, now belong to a list, too.
    fn shares_elements(&mut self, list: ValueId, other: ValueId) {
        let block = self.b.block;
        let before = self.b.func.block(block).ops.len();
        let probe = self.b.int(0);
        let item = self.load_item(other, probe);
        self.list_changes(list, Some(item), true);
        // The probe was only there for its type.
        self.b.func.block_mut(block).ops.truncate(before);
    }

    /// `a + b` of two lists; `None` where it is not read.
    pub(super) fn joined_lists(&mut self, a: ValueId, b: ValueId, at: TextRange) -> Option<ValueId> {
        self.options.frames.as_ref()?;
        let (Ty::List(one, _), Ty::List(other, _)) = (self.bound_ty(a), self.bound_ty(b)) else {
            return None;
        };
        let ty = list_of(one.join(other));
        let joined = self.list_operator(a, "__add__", &[b]);
        self.b.func.values[joined.index()].ty = ty;
        let site = self.site(at, 0);
        self.copied_list(joined, site.clone(), a);
        self.copied_list(joined, site, b);
        Some(joined)
    }

    /// `value in list`; `None` where it is not read.
    pub(super) fn in_list(&mut self, value: ValueId, list: ValueId) -> Option<ValueId> {
        self.options.frames.as_ref()?;
        let Ty::List(elem, _) = self.bound_ty(list) else {
            return None;
        };
        // What is compared with objects of an author's class runs the author's code.
        if !is_compared_plainly(elem) || !is_compared_plainly(self.bound_ty(value)) {
            return None;
        }
        let found = self.list_operator(list, "__contains__", &[value]);
        self.b.func.values[found.index()].ty = Ty::Bool;
        Some(found)
    }

    /// `del list[i]`; false where it is not read.
    pub(super) fn delete_item(&mut self, list: ValueId, index: ValueId) -> bool {
        let is_read = self.options.frames.is_some()
            && matches!(self.bound_ty(list), Ty::List(..))
            && matches!(self.bound_ty(index), Ty::Int(_));
        if is_read {
            self.list_changes(list, None, true);
            let done = self.list_operator(list, "__delitem__", &[index]);
            self.b.func.values[done.index()].ty = Ty::None;
        }
        is_read
    }

    /// `list[i:j] = other`; false where it is not read.
    pub(super) fn replace_slice(&mut self, list: ValueId, subs: &[Sub], value: ValueId) -> bool {
        let is_read = self.options.frames.is_some()
            && matches!(subs, [Sub::Slice { step: false, .. }])
            && matches!(self.bound_ty(value), Ty::List(..));
        if is_read {
            self.shares_elements(list, value);
        }
        is_read
    }

    /// `a is b` of two lists; `None` where it is not read.
    pub(super) fn same_list(&mut self, a: ValueId, b: ValueId) -> Option<ValueId> {
        self.options.frames.as_ref()?;
        let are_lists = [a, b].iter().all(|value| matches!(self.ty(*value), Ty::List(..)));
        are_lists.then(|| {
            let kind = Kind::Call {
                callee: SAME_OBJECT.to_owned(),
                keywords: Vec::new(),
            };
            let same = self.b.value(kind, &[a, b]);
            self.b.func.values[same.index()].ty = Ty::Bool;
            same
        })
    }

    /// Functions that change a list, and the class of queues, which are lists of which less is known; `None` where it is
    /// another one.
    pub(super) fn list_call(&mut self, name: &str, args: &Args, at: TextRange) -> Option<ValueId> {
        self.options.frames.as_ref()?;
        let kind = Kind::Call {
            callee: name.to_owned(),
            keywords: Vec::new(),
        };
        if !args.keywords.is_empty() {
            return None;
        }
        let are_lists = |values: &[ValueId]| values.iter().all(|value| matches!(self.bound_ty(*value), Ty::List(..)));
        match (name, &args.positional[..]) {
            ("collections.deque", given @ ([] | [_])) if self.options.queues && are_lists(given) => {
                let queue = self.b.value(kind, given);
                self.b.func.values[queue.index()].ty = match given {
                    [list] => list_of(match self.bound_ty(*list) {
                        Ty::List(elem, _) => (**elem).clone(),
                        _ => Ty::Never,
                    }),
                    _ => list_of(Ty::Never),
                };
                let site = self.site(at, 0);
                match given {
                    [list] => self.copied_list(queue, site, *list),
                    _ => self.made_list(queue, site, &[]),
                }
                Some(queue)
            }
            ("heapq.heappush", [heap, item]) if are_lists(&[*heap]) => {
                self.list_changes(*heap, Some(*item), true);
                Some(self.done(kind, &[*heap, *item]))
            }
            ("heapq.heapify", [heap]) if are_lists(&[*heap]) => Some(self.done(kind, &[*heap])),
            ("heapq.heappop", [heap]) if are_lists(&[*heap]) => {
                self.list_changes(*heap, None, true);
                Some(self.smallest(kind, &[*heap]))
            }
            ("heapq.heappushpop" | "heapq.heapreplace", [heap, item]) if are_lists(&[*heap]) => {
                self.list_changes(*heap, Some(*item), false);
                Some(self.smallest(kind, &[*heap, *item]))
            }
            _ => None,
        }
    }

    /// A call that gives nothing.
    fn done(&mut self, kind: Kind, operands: &[ValueId]) -> ValueId {
        let done = self.b.value(kind, operands);
        self.b.func.values[done.index()].ty = Ty::None;
        done
    }

    /// A call that gives an element of its first operand.
    fn smallest(&mut self, kind: Kind, operands: &[ValueId]) -> ValueId {
        let item = self.b.value(kind, operands);
        if let Ty::List(elem, _) = self.bound_ty(operands[0]).clone() {
            self.b.func.values[item.index()].ty = *elem;
        }
        self.inner_places(operands[0], item);
        item
    }

    fn list_operator(&mut self, list: ValueId, name: &str, operands: &[ValueId]) -> ValueId {
        let args = Args {
            positional: operands.to_vec(),
            keywords: Vec::new(),
        };
        self.method(list, name, &args)
    }
}

/// Whether Python compares values of a type without code of anybody's.
fn is_compared_plainly(ty: &Ty) -> bool {
    match ty {
        Ty::Tuple(items) => items.iter().all(is_compared_plainly),
        Ty::None | Ty::Str | Ty::Never => true,
        ty => ty.scalar_options().is_some(),
    }
}
