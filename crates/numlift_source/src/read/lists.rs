//! References: where a value's memory comes from, and what changes of lists mean for types.
//!
//! A list is a reference: an append through one name is seen through every other. Each value of a list or array type
//! knows the places it may come from (displays, calls that allocate, live-ins, attributes, elements of other lists).
//! A change of a list widens the types of all that may be the same; arrays that share no place share no memory.

use std::collections::BTreeSet;

use numlift_ir::function::ValueId;
use numlift_ir::op::{Kind, Sub};
use numlift_ir::table::{FunctionInfo, Memory};
use numlift_ir::ty::{Dim, Ty};
use ruff_text_size::TextRange;

use super::facts::{MAX_DEPTH, Place, Site, Source, with_elements};
use super::reader::{Reader, holds_lists, is_reference};

impl<'a> Reader<'a> {
    pub(super) fn places_of(&self, value: ValueId) -> BTreeSet<Place> {
        self.places.of(value).cloned().unwrap_or_default()
    }

    pub(super) fn set_places(&mut self, value: ValueId, places: BTreeSet<Place>) {
        if !places.is_empty() && is_reference(self.ty(value)) {
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
        self.set_places(list, BTreeSet::from([(source.clone(), 0)]));
        for element in elements {
            self.link(&(source.clone(), 1), *element);
        }
    }

    /// A new list that shares the elements of another one.
    pub(super) fn copied_list(&mut self, list: ValueId, site: Site, from: ValueId) {
        let source = Source::Made(site.clone());
        self.made_list(list, site, &[]);
        let nested = matches!(self.bound_ty(list), Ty::List(elem, _) if is_reference(elem));
        if nested {
            for (other, depth) in self.places_or_unknown(from) {
                self.facts.link((source.clone(), 1), (other, depth + 1));
            }
        }
    }

    /// An array that was just allocated.
    pub(super) fn made_array(&mut self, value: ValueId, at: TextRange) {
        if matches!(self.ty(value), Ty::Array { .. }) {
            let site = self.site(at, 0);
            self.set_places(value, BTreeSet::from([(Source::Made(site), 0)]));
            self.name_extents(value);
        }
    }

    /// The result of a known function, whose memory is as the table says.
    pub(super) fn result_memory(
        &mut self,
        value: ValueId,
        info: &FunctionInfo,
        args: &[ValueId],
        keywords: &[String],
        at: TextRange,
    ) {
        let keywords: Vec<&str> = keywords.iter().map(String::as_str).collect();
        let memory = match info.bind(args.len() - keywords.len(), &keywords) {
            Some(bound) => info.memory_of(&bound),
            None => Memory::MayViewAny,
        };
        let places = match (self.ty(value), memory) {
            (Ty::List(..), Memory::Fresh | Memory::Plain) => {
                let site = self.site(at, 0);
                return self.made_list(value, site, &[]);
            }
            (Ty::List(..), Memory::Holds(arg)) => {
                let site = self.site(at, 0);
                return self.copied_list(value, site, args[arg]);
            }
            (Ty::Array { .. }, Memory::Fresh) => return self.made_array(value, at),
            (_, Memory::View(arg)) => args.get(arg).map(|arg| self.places_or_unknown(*arg)),
            (_, Memory::MayView(arg)) => args.get(arg).map(|arg| {
                let made = (Source::Made(self.site(at, 0)), 0);
                let viewed = match self.ty(*arg) {
                    Ty::Array { .. } => self.places_or_unknown(*arg),
                    _ => BTreeSet::new(),
                };
                viewed.into_iter().chain([made]).collect()
            }),
            (_, Memory::Fresh | Memory::Plain | Memory::Holds(_) | Memory::MayViewAny) => None,
        };
        let places = places.unwrap_or_else(|| BTreeSet::from([(Source::Unknown, 0)]));
        self.set_places(value, places);
        self.name_extents(value);
        if matches!(self.ty(value), Ty::List(..)) {
            self.list_escapes(value);
        }
    }

    /// What stands at a place and a value are the same.
    pub(super) fn link(&mut self, place: &Place, value: ValueId) {
        if is_reference(self.ty(value)) {
            for other in self.places_or_unknown(value) {
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

    /// A value that was taken out of another one: of an array a view, of a list an element.
    pub(super) fn inner_places(&mut self, base: ValueId, value: ValueId) {
        if !self.places_of(value).is_empty() {
            return;
        }
        let places = self.places_or_unknown(base);
        let inner = match self.bound_ty(base) {
            Ty::Array { .. } => places,
            _ => places.into_iter().map(|(source, depth)| inner(source, depth)).collect(),
        };
        self.set_places(value, inner);
    }

    /// A list now also holds elements like `elem`, and has another length if it `grows`.
    pub(super) fn list_changes(&mut self, list: ValueId, elem: Option<ValueId>, grows: bool) {
        let ty = elem.map_or(Ty::Never, |elem| self.bound_ty(elem).clone());
        let places = self.places_or_unknown(list);
        if let Some(elem) = elem {
            for (source, depth) in &places {
                self.link(&inner(source.clone(), *depth), elem);
            }
        }
        self.places_change(&places, &ty, grows);
    }

    /// Code that is not known may do anything to a list and what is in it.
    pub(super) fn list_escapes(&mut self, list: ValueId) {
        let places = self.places_or_unknown(list);
        self.places_change(&places, &self.anything(), true);
    }

    /// What code that is not known puts into lists. Compiled code looks at each element that it takes out, so there it
    /// is expected to be what the others are.
    fn anything(&self) -> Ty {
        match self.options.frames {
            Some(_) => Ty::Never,
            None => Ty::Unknown,
        }
    }

    /// What any of these values may be escapes.
    pub(super) fn lists_escape(&mut self, lists: &[ValueId]) {
        let places: BTreeSet<Place> = lists.iter().flat_map(|list| self.places_or_unknown(*list)).collect();
        self.places_change(&places, &self.anything(), true);
    }

    fn places_change(&mut self, places: &BTreeSet<Place>, elem: &Ty, grows: bool) {
        self.lengths_change();
        let all = self.facts.linked(places);
        for (source, depth) in &all {
            if *source == Source::Unknown {
                self.any_list_changes(elem, grows);
                continue;
            }
            let known = self.type_at_source(source);
            let wider = with_elements(&known, *depth, elem, grows);
            if wider != known {
                self.facts.widen_list(source, &wider);
                self.widen_values(source, *depth, elem, grows);
            }
        }
    }

    /// A list that was not followed changes: it may be any.
    fn any_list_changes(&mut self, elem: &Ty, grows: bool) {
        let known = self.places.sources().filter(|source| **source != Source::Unknown);
        let sources: Vec<Source> = known.cloned().collect();
        for source in sources {
            let known = self.type_at_source(&source);
            for depth in 0..known.nesting() {
                let wider = with_elements(&known, depth, elem, grows);
                if wider != known {
                    self.facts.widen_list(&source, &wider);
                    self.widen_values(&source, depth, elem, grows);
                }
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
            .values_from(source)
            .find(|value| self.places.of(*value) == Some(&at_source));
        value.map_or(Ty::Never, |value| self.ty(value).clone())
    }

    /// Values that were already made get the wider type at once.
    fn widen_values(&mut self, source: &Source, depth: usize, elem: &Ty, grows: bool) {
        let mut wider: Vec<(ValueId, Ty)> = Vec::new();
        for value in self.places.values_from(source) {
            for (other, at) in self.places.of(value).into_iter().flatten() {
                if other == source && *at <= depth {
                    wider.push((value, with_elements(self.ty(value), depth - at, elem, grows)));
                }
            }
        }
        for (value, ty) in wider {
            self.b.func.values[value.index()].ty = ty;
        }
    }

    /// Whether a list's length changes in the loop that was just read.
    pub(super) fn changed_in_loop(&self, base: ValueId) -> bool {
        if !matches!(self.bound_ty(base), Ty::List(..)) {
            return false;
        }
        let Some(&loop_op) = self.b.func.block(self.b.block).ops.last() else {
            return false;
        };
        let places = self.facts.linked(&self.places_or_unknown(base));
        let mut grown = false;
        for block in &self.b.func.op(loop_op).blocks {
            self.b.func.walk(*block, &mut |op| {
                let op = self.b.func.op(op);
                let targets: &[ValueId] = match &op.kind {
                    Kind::Append => &op.args[..1],
                    Kind::Method { name, .. } if numlift_ir::effects::changes_length(name) => &op.args[..1],
                    Kind::Call { callee, .. } if numlift_ir::effects::call_changes_length(callee) => &op.args[..1],
                    // Unless it only looks, what it is given holds anything from then on.
                    Kind::Opaque { .. } => &op.args,
                    _ => &[],
                };
                grown |= targets.iter().any(|target| {
                    let same = *target == base || !self.places_or_unknown(*target).is_disjoint(&places);
                    let changes = !matches!(op.kind, Kind::Opaque { .. })
                        || matches!(self.bound_ty(*target), Ty::List(elem, _) if **elem == Ty::Unknown);
                    same && changes && holds_lists(self.ty(*target))
                });
            });
        }
        grown
    }
}

/// The place of the elements.
fn inner(source: Source, depth: usize) -> Place {
    match source {
        Source::Unknown => (Source::Unknown, 0),
        known => (known, (depth + 1).min(MAX_DEPTH)),
    }
}

/// The type of a list of unknown length.
pub(super) fn list_of(elem: Ty) -> Ty {
    Ty::List(Box::new(elem), Dim::Unknown)
}
