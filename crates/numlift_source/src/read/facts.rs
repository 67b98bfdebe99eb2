//! What later code says about earlier types, by place in the source.
//!
//! ```text
//! out = []                  # list<never>[0] when it is made …
//! s = 0                     # … and int[0..0]
//! for v in x:
//!     out.append(v)         # list<np.float64>[?]
//!     s += v                # the next iteration sees oneof<int, np.float64>
//! ```
//!
//! Facts are kept over the rounds of reading and only ever grow, by joining and widening, so a round comes that
//! changes none: its types hold.

use std::collections::{BTreeMap, BTreeSet};

use numlift_ir::ty::{Dim, Ty};

/// A place in the source: file and offset of each call on the way, then the place itself with its end. `slot` tells
/// apart what one place makes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Site {
    pub path: Vec<(u32, u32)>,
    pub end: u32,
    pub slot: u32,
}

/// Where a list comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    /// Made here.
    Made(Site),
    /// A live-in.
    Input(String),
    /// An attribute of objects of a class.
    Attr(String, String),
    /// Somewhere that was not followed.
    Unknown,
}

/// A list inside a source: the source itself at depth 0, its elements at depth 1.
pub(super) type Place = (Source, usize);

#[derive(Debug, Default)]
pub(super) struct Facts {
    /// What the iterations of a loop hand on, by loop and name.
    carried: BTreeMap<(Site, String), Ty>,
    /// Types of lists after all changes.
    lists: BTreeMap<Source, Ty>,
    /// Types stored to attributes, by class and name.
    attrs: BTreeMap<(String, String), Ty>,
    /// Code that is not known may have stored to attributes.
    attrs_unknown: bool,
    /// Lists that are the same objects: of each source, the depth there and the place elsewhere; in both directions.
    links: BTreeMap<Source, BTreeSet<(usize, Place)>>,
    /// Where the lists that a loop carries come from.
    carried_places: BTreeMap<(Site, String), BTreeSet<Place>>,
    /// What a function returns that calls itself.
    pub returned: Option<Ty>,
    /// That function changes what others can see.
    pub acts: bool,
    /// Functions that turned out to call themselves, by file and number: calls of them are no longer seen through.
    recursive: BTreeSet<(u32, u32)>,
    /// Attributes that are held and stored, by the name that they are held under.
    held: BTreeSet<String>,
    /// Something changed in this round.
    pub changed: bool,
}

impl Facts {
    /// A function calls itself.
    pub fn recur(&mut self, file: u32, function: u32) {
        self.changed |= self.recursive.insert((file, function));
    }

    /// Whether a function is known to call itself.
    pub fn recurs(&self, file: u32, function: u32) -> bool {
        self.recursive.contains(&(file, function))
    }

    /// A held attribute is stored.
    pub fn hold(&mut self, held: &str) {
        self.changed |= self.held.insert(held.to_owned());
    }

    /// Whether a held attribute is stored somewhere.
    pub fn holds(&self, held: &str) -> bool {
        self.held.contains(held)
    }

    pub fn carried(&self, site: &Site, name: &str) -> Option<&Ty> {
        self.carried.get(&(site.clone(), name.to_owned()))
    }

    /// One more type that an iteration hands on; `seen` is what this round supposed.
    pub fn carry(&mut self, site: &Site, name: &str, seen: &Ty, next: &Ty) {
        if seen.join(next) == *seen {
            return;
        }
        let entry = self.carried.entry((site.clone(), name.to_owned())).or_insert(Ty::Never);
        let wider = entry.widen(next);
        self.changed |= *entry != wider;
        *entry = wider;
    }

    pub fn carried_places(&self, site: &Site, name: &str) -> BTreeSet<Place> {
        self.carried_places
            .get(&(site.clone(), name.to_owned()))
            .cloned()
            .unwrap_or_default()
    }

    pub fn carry_places(&mut self, site: &Site, name: &str, places: &BTreeSet<Place>) {
        let entry = self.carried_places.entry((site.clone(), name.to_owned())).or_default();
        let before = entry.len();
        entry.extend(places.iter().cloned());
        self.changed |= entry.len() != before;
    }

    pub fn list(&self, source: &Source) -> Option<&Ty> {
        self.lists.get(source)
    }

    /// A list has this type too.
    pub fn widen_list(&mut self, source: &Source, ty: &Ty) {
        let entry = self.lists.entry(source.clone()).or_insert(Ty::Never);
        let wider = entry.widen(ty);
        self.changed |= *entry != wider;
        *entry = wider;
    }

    pub fn attr(&self, class: &str, name: &str) -> Option<&Ty> {
        self.attrs.get(&(class.to_owned(), name.to_owned()))
    }

    /// All attributes that were stored to objects of a class.
    pub fn attrs_of<'f>(&'f self, class: &'f str) -> impl Iterator<Item = (&'f String, &'f Ty)> {
        self.attrs
            .iter()
            .filter(move |((known, _), _)| known == class)
            .map(|((_, name), ty)| (name, ty))
    }

    /// What was stored to attributes of this name, of whatever class.
    pub fn attrs_named<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f Ty> {
        self.attrs
            .iter()
            .filter(move |((_, known), _)| known == name)
            .map(|(_, ty)| ty)
    }

    /// Code that is not known may store to any attribute.
    pub fn attrs_are_unknown(&mut self) {
        self.changed |= !self.attrs_unknown;
        self.attrs_unknown = true;
    }

    pub fn are_attrs_unknown(&self) -> bool {
        self.attrs_unknown
    }

    /// An attribute has this type too.
    pub fn widen_attr(&mut self, class: &str, name: &str, ty: &Ty) {
        let entry = self
            .attrs
            .entry((class.to_owned(), name.to_owned()))
            .or_insert(Ty::Never);
        let wider = entry.widen(ty);
        self.changed |= *entry != wider;
        *entry = wider;
    }

    /// Two places hold the same list.
    pub fn link(&mut self, a: Place, b: Place) {
        if a == b {
            return;
        }
        let there = self.links.entry(a.0.clone()).or_default().insert((a.1, b.clone()));
        let back = self.links.entry(b.0).or_default().insert((b.1, a));
        self.changed |= there || back;
    }

    /// Every place that may hold the same list as one of `places`.
    pub fn linked(&self, places: &BTreeSet<Place>) -> BTreeSet<Place> {
        let mut all = places.clone();
        let mut waiting: Vec<Place> = places.iter().cloned().collect();
        while let Some((source, depth)) = waiting.pop() {
            for (from, to) in self.links.get(&source).into_iter().flatten() {
                // What holds for a list holds for what is inside it.
                if depth >= *from && to.1 + (depth - from) <= MAX_DEPTH {
                    let place = (to.0.clone(), to.1 + (depth - from));
                    if all.insert(place.clone()) {
                        waiting.push(place);
                    }
                }
            }
        }
        all
    }
}

/// Lists inside lists are told apart so far.
pub(super) const MAX_DEPTH: usize = 5;

/// `ty` with a list `depth` levels inside it holding elements of type `elem` too, and of unknown length if it grows.
pub(super) fn with_elements(ty: &Ty, depth: usize, elem: &Ty, grows: bool) -> Ty {
    match ty {
        Ty::List(inner, len) if depth == 0 => {
            Ty::List(Box::new(inner.widen(elem)), if grows { Dim::Unknown } else { *len })
        }
        Ty::List(inner, len) => Ty::List(Box::new(with_elements(inner, depth - 1, elem, grows)), *len),
        Ty::Tuple(items) => Ty::Tuple(
            items
                .iter()
                .map(|item| with_elements(item, depth.saturating_sub(1), elem, grows))
                .collect(),
        ),
        other => other.clone(),
    }
}
