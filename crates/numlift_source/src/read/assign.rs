//! Assignments.

use numlift_ir::dtype::{Casting, can_cast};
use numlift_ir::function::ValueId;
use numlift_ir::op::{Kind, Sub};
use numlift_ir::ty::{Dim, Ty};
use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::{Ranged, TextRange};

use super::iterate::Element;
use super::reader::Reader;
use super::refusal::{Read, Refusal};
use super::subscript::Subscripts;

impl<'a> Reader<'a> {
    pub(super) fn assign(&mut self, stmt: &'a ast::StmtAssign) -> Read<()> {
        if let [target] = &stmt.targets[..]
            && let (Some(targets), Some(values)) = (plain_items(target), plain_items(&stmt.value))
            && targets.len() == values.len()
        {
            // `a, b = b, a`: the tuple is never seen.
            let values: Read<Vec<ValueId>> = values.iter().map(|value| self.settled(value)).collect();
            for (target, value) in targets.iter().zip(values?) {
                self.assign_target(target, &Element::Value(value))?;
            }
            return Ok(());
        }
        let value = match &*stmt.value {
            Expr::Lambda(lambda) if self.typing.is_none() && matches!(stmt.targets[..], [Expr::Name(_)]) => {
                self.named_lambda(lambda)?
            }
            value => self.settled(value)?,
        };
        for target in &stmt.targets {
            self.assign_target(target, &Element::Value(value))?;
        }
        Ok(())
    }

    pub(super) fn ann_assign(&mut self, stmt: &'a ast::StmtAnnAssign) -> Read<()> {
        let Some(value) = &stmt.value else {
            return self.unread(&stmt.annotation);
        };
        let value = self.settled(value)?;
        self.unread(&stmt.annotation)?;
        self.assign_target(&stmt.target, &Element::Value(value))
    }

    /// Binds or stores to a target.
    pub(super) fn assign_target(&mut self, target: &'a Expr, element: &Element) -> Read<()> {
        let outer = self.b.origin;
        self.at(target.range());
        let done = self.assign_here(target, element);
        self.b.origin = outer;
        done
    }

    fn assign_here(&mut self, target: &'a Expr, element: &Element) -> Read<()> {
        match target {
            Expr::Name(name) => {
                let value = self.whole(element);
                self.bind(name.id.as_str(), value);
                Ok(())
            }
            Expr::Tuple(ast::ExprTuple { elts, .. }) | Expr::List(ast::ExprList { elts, .. }) => {
                let parts = self.parts(element, elts, target.range())?;
                for (target, part) in elts.iter().zip(parts) {
                    self.assign_target(target, &part)?;
                }
                Ok(())
            }
            Expr::Subscript(subscript) => {
                let value = self.whole(element);
                let base = self.expr(&subscript.value)?;
                if let Some(key) = self.key_of_record(base, &subscript.slice) {
                    return self.store_in_record(base, &key, value, subscript.range);
                }
                let subs = self.subscripts(&subscript.slice)?;
                self.at(target.range());
                self.store(base, &subs, value, subscript.range)
            }
            Expr::Attribute(attribute) => {
                let value = self.whole(element);
                self.store_attribute(attribute, value)
            }
            Expr::Starred(starred) => self.assign_target(&starred.value, element),
            _ => Err(Refusal::statement(target.range(), "an unusual target")),
        }
    }

    /// The parts that are unpacked to so many targets.
    fn parts(&mut self, element: &Element, targets: &'a [Expr], at: TextRange) -> Read<Vec<Element>> {
        if targets.iter().any(|target| target.is_starred_expr()) {
            if self.typing.is_some() {
                let whole = self.whole(element);
                return Ok(self.some_parts(whole, targets.len()));
            }
            return self.starred_parts(element, targets, at);
        }
        let value = match element {
            Element::Tuple(parts) if parts.len() == targets.len() => return Ok(parts.clone()),
            Element::Tuple(_) => return Err(Refusal::statement(at, "the number of values to unpack differs")),
            Element::Value(value) => self.present(*value),
        };
        let count = targets.len();
        match self.bound_ty(value) {
            Ty::Tuple(items) if items.len() == count => {
                let parts = (0..count).map(|n| self.b.item(value, n)).collect::<Vec<_>>();
                for part in &parts {
                    self.inner_places(value, *part);
                }
                Ok(parts.into_iter().map(Element::Value).collect())
            }
            Ty::Array { shape, .. } if shape.first() == Some(&Dim::Const(count as u64)) => {
                Ok(self.items_of(value, count))
            }
            Ty::List(_, Dim::Const(len)) if *len == count as u64 => Ok(self.items_of(value, count)),
            Ty::Never => Ok(vec![Element::Value(value); count]),
            Ty::Unknown if self.typing.is_some() => Ok(self.some_parts(value, count)),
            _ => Err(Refusal::statement(
                at,
                "what is unpacked is not known to have that many items",
            )),
        }
    }

    /// `first, *rest = …`: a new list of what is left of a tuple.
    fn starred_parts(&mut self, element: &Element, targets: &'a [Expr], at: TextRange) -> Read<Vec<Element>> {
        let refused = || Refusal::statement(at, "`*` takes what is left");
        let value = match element {
            Element::Tuple(_) => None,
            Element::Value(value) => Some(*value),
        };
        let mut parts: Vec<Element> = match (element, value.map(|value| self.ty(value).clone())) {
            (Element::Tuple(parts), _) => parts.clone(),
            (Element::Value(value), Some(Ty::Tuple(items))) => {
                let items: Vec<ValueId> = (0..items.len()).map(|number| self.b.item(*value, number)).collect();
                for item in &items {
                    self.inner_places(*value, *item);
                }
                items.into_iter().map(Element::Value).collect()
            }
            _ => return Err(refused()),
        };
        let star = targets.iter().position(|target| target.is_starred_expr());
        let left = (parts.len() + 1).checked_sub(targets.len());
        let (Some(star), Some(left), true) = (star, left, self.options.frames.is_some()) else {
            return Err(refused());
        };
        let rest: Vec<Element> = parts.splice(star..star + left, []).collect();
        let rest: Vec<ValueId> = rest.iter().map(|part| self.whole(part)).collect();
        let list = self.b.value(Kind::MakeList, &rest);
        let site = self.site(at, 0);
        self.made_list(list, site, &rest);
        parts.insert(star, Element::Value(list));
        Ok(parts)
    }

    fn some_parts(&mut self, whole: ValueId, count: usize) -> Vec<Element> {
        (0..count)
            .map(|_| Element::Value(self.some_part(whole, Ty::Unknown)))
            .collect()
    }

    fn items_of(&mut self, value: ValueId, count: usize) -> Vec<Element> {
        (0..count)
            .map(|n| {
                let n = self.b.int(n as i128);
                Element::Value(self.load_item(value, n))
            })
            .collect()
    }

    /// `target op= value`: in place for arrays, a new value for numbers.
    pub(super) fn aug_assign(&mut self, stmt: &'a ast::StmtAugAssign) -> Read<()> {
        match &*stmt.target {
            Expr::Name(name) => {
                let Some(old) = self.local(name.id.as_str()) else {
                    return Err(Refusal::statement(
                        stmt.range,
                        format!("nothing is known of the name `{}`", name.id),
                    ));
                };
                let old = self.present(old);
                let value = self.expr(&stmt.value)?;
                if let Some(new) = self.updated(stmt, old, value)? {
                    self.bind(name.id.as_str(), new);
                }
                Ok(())
            }
            Expr::Subscript(target) => {
                let base = self.expr(&target.value)?;
                if let Some(key) = self.key_of_record(base, &target.slice) {
                    self.at(target.range);
                    let old = self.item_of_record(base, &key, target.range)?;
                    self.at(stmt.range);
                    let old = self.present(old);
                    self.note_target(target.range, old);
                    let value = self.expr(&stmt.value)?;
                    let new = self.updated(stmt, old, value)?.unwrap_or(old);
                    return self.store_in_record(base, &key, new, target.range);
                }
                let subs = self.subscripts(&target.slice)?;
                self.at(target.range);
                let old = self.load(base, &subs, target.range)?;
                let old = self.present(old);
                self.note_target(target.range, old);
                self.at(stmt.range);
                let value = self.expr(&stmt.value)?;
                if self.picks(&subs.operands) && matches!(self.bound_ty(old), Ty::Array { .. }) {
                    let new = self.updated_array(stmt, old, value)?;
                    return self.store(base, &subs, new, stmt.range);
                }
                match self.updated(stmt, old, value)? {
                    Some(new) => self.store(base, &subs, new, stmt.range),
                    // A view was changed in place; storing it to itself changes nothing.
                    None => Ok(()),
                }
            }
            Expr::Attribute(target) => {
                self.at(target.range);
                let old = self.attribute(&stmt.target, target)?;
                self.at(stmt.range);
                let old = self.present(old);
                self.note_target(target.range, old);
                let value = self.expr(&stmt.value)?;
                match self.updated(stmt, old, value)? {
                    Some(new) => self.store_attribute(target, new),
                    None => self.store_attribute(target, old),
                }
            }
            _ => Err(Refusal::statement(stmt.range, "an unusual target")),
        }
    }

    /// The new value of `old op= value`; `None` where the object itself was changed.
    fn updated(&mut self, stmt: &'a ast::StmtAugAssign, old: ValueId, value: ValueId) -> Read<Option<ValueId>> {
        match self.bound_ty(old).clone() {
            Ty::Array { shape, .. } => {
                let result = self.updated_array(stmt, old, value)?;
                let full = Subscripts {
                    subs: vec![Sub::FULL; shape.len().max(1)],
                    operands: Vec::new(),
                };
                if shape.is_empty() {
                    return Err(Refusal::statement(
                        stmt.range,
                        "an array without axes is changed in place",
                    ));
                }
                self.store(old, &full, result, stmt.range)?;
                Ok(None)
            }
            Ty::List(..) if stmt.op == ast::Operator::Add => {
                self.extend(old, value, stmt.range)?;
                Ok(None)
            }
            ty if ty.scalar_options().is_some() || ty == Ty::Never => {
                Ok(Some(self.binary_values(stmt.op, old, value, stmt.range)?))
            }
            // What is added says why nothing is known of the sum.
            Ty::Unknown if *self.bound_ty(value) == Ty::Unknown && self.why_unknown(old).is_none() => {
                Err(self.refuse_type(value, stmt.range))
            }
            // A tuple or string makes a new one; an unknown object may do either.
            _ => Err(self.refuse_type(old, stmt.range)),
        }
    }

    /// What `array op= value` stores to the array: NumPy refuses a result of another kind, or of more axes, be they of
    /// length one.
    fn updated_array(&mut self, stmt: &'a ast::StmtAugAssign, old: ValueId, value: ValueId) -> Read<ValueId> {
        let result = self.binary_values(stmt.op, old, value, stmt.range)?;
        let fits = match (self.ty(old).bound(), self.ty(result).bound()) {
            (
                Ty::Array { dtype: to, shape, .. },
                Ty::Array {
                    dtype: from,
                    shape: stored,
                    ..
                },
            ) => can_cast(*from, *to, Casting::SameKind) && stored.len() <= shape.len(),
            (_, result) => *result == Ty::Never,
        };
        if fits {
            Ok(result)
        } else {
            Err(self.refuse_type(old, stmt.range))
        }
    }

    /// `list += other`: an append for each item of a list or array.
    fn extend(&mut self, list: ValueId, other: ValueId, at: TextRange) -> Read<()> {
        let items = match self.b.func.defining(other) {
            // A display in the statement itself: another list may have grown.
            Some(op) if op.kind == Kind::MakeList => {
                let made = &self.b.func.origins[op.origin.0 as usize];
                (made.start >= u32::from(at.start())).then(|| op.args.clone())
            }
            _ => None,
        };
        let Some(items) = items else {
            return self.extend_by_method(list, other, at);
        };
        for item in items {
            self.list_changes(list, Some(item), true);
            self.b.effect(Kind::Append, &[list, item]);
        }
        Ok(())
    }
}

/// The items of a tuple or list display without `*`.
fn plain_items(expr: &Expr) -> Option<&[Expr]> {
    let elts = match expr {
        Expr::Tuple(tuple) => &tuple.elts[..],
        _ => return None,
    };
    elts.iter().all(|elt| !elt.is_starred_expr()).then_some(elts)
}
