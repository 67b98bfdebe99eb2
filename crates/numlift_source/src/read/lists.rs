//! Lists: where a value's list comes from, and what changes of it mean for types.
//!
//! A list is a reference: an append through one name is seen through every other. Each value of a list type knows the
//! places it may come from (displays, live-ins, attributes, elements of others), and a change widens the types of all
//! of them.

use std::collections::BTreeSet;

use numlift_ir::function::ValueId;
use numlift_ir::op::{Kind, Sub};
use numlift_ir::ty::{Dim, Ty};

use super::facts::{Place, Site, Source, with_elements};
use super::reader::{Reader, holds_lists};

impl<'a> Reader<'a> {
    pub(super) fn places_of(&self, value: ValueId) -> BTreeSet<Place> {
        self.places.get(&value).cloned().unwrap_or_default()
    }

    pub(super) fn set_places(&mut self, value: ValueId, places: BTreeSet<Place>) {
        if !places.is_empty() && holds_lists(self.ty(value)) {
            self.places.insert(value, places);
        }
    }

    /// A list that was just made at a site: it has the type of everything that happens to it later.
    pub(super) fn made_list(&mut self, list: ValueId, site: Site, elements: &[ValueId]) {
        let source = Source::Made(site);
        if let Some(wider) = self.facts.list(&source) {
            let ty = self.ty(list).join(wider);
            self.b.func.values[list.index()].ty = ty;
        }
        if holds_lists(self.ty(list)) {
            self.places.insert(list, BTreeSet::from([(source.clone(), 0)]));
        }
        for element in elements {
            self.link_elements(&(source.clone(), 1), *element);
        }
    }

    /// A new list that shares the elements of another one.
    pub(super) fn copied_list(&mut self, list: ValueId, site: Site, from: ValueId) {
        let source = Source::Made(site);
        self.made_list(
            list,
            match &source {
                Source::Made(site) => site.clone(),
                Source::Input(_) | Source::Attr(..) => unreachable!("it was just made"),
            },
            &[],
        );
        for (other, depth) in self.places_of(from) {
            if nested(self.ty(list)) {
                self.facts.link((source.clone(), 1), (other, depth + 1));
            }
        }
    }

    /// The lists at a place and in a value are the same.
    fn link_elements(&mut self, place: &Place, value: ValueId) {
        if holds_lists(self.ty(value)) {
            for other in self.places_of(value) {
                self.facts.link(place.clone(), other);
            }
        }
    }

    /// `base[n]` as loops and subscripts load it.
    pub(super) fn load_item(&mut self, base: ValueId, n: ValueId) -> ValueId {
        let value = self.b.value(Kind::Index(vec![Sub::At]), &[base, n]);
        self.inner_places(base, value);
        value
    }

    /// A value that was taken out of another one.
    pub(super) fn inner_places(&mut self, base: ValueId, value: ValueId) {
        if holds_lists(self.ty(value)) {
            let inner = self
                .places_of(base)
                .into_iter()
                .map(|(source, depth)| (source, depth + 1))
                .collect();
            self.set_places(value, inner);
        }
    }

    /// A list now also holds elements like `elem`, and has another length if it `grows`.
    pub(super) fn list_changes(&mut self, list: ValueId, elem: Option<ValueId>, grows: bool) {
        let ty = elem.map_or(Ty::Never, |elem| self.bound_ty(elem).clone());
        let places = self.places_of(list);
        if let Some(elem) = elem {
            for (source, depth) in &places {
                self.link_elements(&(source.clone(), depth + 1), elem);
            }
        }
        self.places_change(&places, &ty, grows);
    }

    /// Code that is not known may do anything to a list and what is in it.
    pub(super) fn list_escapes(&mut self, list: ValueId) {
        let places = self.places_of(list);
        self.places_change(&places, &Ty::Unknown, true);
    }

    fn places_change(&mut self, places: &BTreeSet<Place>, elem: &Ty, grows: bool) {
        let all = self.facts.linked(places);
        for (source, depth) in &all {
            let known = self.type_at_source(source);
            let wider = with_elements(&known, *depth, elem, grows);
            if wider != known {
                self.facts.widen_list(source, &wider);
                self.widen_values(source, *depth, elem, grows);
            }
        }
    }

    /// The type of a source as this round knows it.
    fn type_at_source(&self, source: &Source) -> Ty {
        if let Some(ty) = self.facts.list(source) {
            return ty.clone();
        }
        let at_source = BTreeSet::from([(source.clone(), 0)]);
        let value = self
            .places
            .iter()
            .find(|(_, places)| **places == at_source)
            .map(|(value, _)| *value);
        value.map_or(Ty::Never, |value| self.ty(value).clone())
    }

    /// Values that were already made get the wider type at once.
    fn widen_values(&mut self, source: &Source, depth: usize, elem: &Ty, grows: bool) {
        let mut wider: Vec<(ValueId, Ty)> = Vec::new();
        for (value, places) in &self.places {
            for (other, at) in places {
                if other == source && *at <= depth {
                    wider.push((*value, with_elements(self.ty(*value), depth - at, elem, grows)));
                }
            }
        }
        for (value, ty) in wider {
            self.b.func.values[value.index()].ty = ty;
        }
    }

    /// Whether a list's length changed in the loop that was just read (or, for certainty, anywhere).
    pub(super) fn changed_in_loop(&self, base: ValueId) -> bool {
        matches!(self.bound_ty(base), Ty::List(..)) && self.grown_in_last_loop(base)
    }

    fn grown_in_last_loop(&self, base: ValueId) -> bool {
        let Some(&loop_op) = self.b.func.block(self.b.block).ops.last() else {
            return false;
        };
        let places = self.facts.linked(&self.places_of(base));
        let mut grown = false;
        for block in &self.b.func.op(loop_op).blocks {
            self.b.func.walk(*block, &mut |op| {
                let op = self.b.func.op(op);
                let target = match &op.kind {
                    Kind::Append => op.args.first(),
                    Kind::Method { name, .. } if numlift_ir::effects::changes_length(name) => op.args.first(),
                    _ => None,
                };
                grown |= target.is_some_and(|target| {
                    *target == base || self.places_of(*target).iter().any(|place| places.contains(place))
                });
            });
        }
        grown
    }
}

/// Whether a list holds lists.
fn nested(ty: &Ty) -> bool {
    match ty.bound() {
        Ty::List(elem, _) => holds_lists(elem),
        _ => false,
    }
}

/// The type of a list of unknown length.
pub(super) fn list_of(elem: Ty) -> Ty {
    Ty::List(Box::new(elem), Dim::Unknown)
}
