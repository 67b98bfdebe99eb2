//! Plain attributes of arguments, held like variables while compiled code runs.
//!
//! ```text
//! def run(self, n):                 grid, t = self.grid, self.t
//!     for _ in range(n):            for _ in range(n):
//!         self.grid = …        =>       grid = …
//!         self.t += dt                  t += dt
//!                                   self.grid, self.t = grid, t        # where somebody can see it
//! ```
//!
//! Who can see an attribute are the caller (the function's end), Python that runs in between (a piece that is not
//! compiled), and the function itself when it goes on in Python: there it is written back. Nobody else can while no
//! unknown code runs, since the arguments are objects of different classes; where unknown code runs, nothing is held.

use std::collections::BTreeMap;

use numlift_ir::function::ValueId;
use numlift_ir::op::Kind;
use numlift_ir::ty::Ty;

use super::reader::{Env, Reader};

/// An attribute that may be held.
#[derive(Debug, Clone)]
pub struct Attribute {
    /// The parameter that is the object.
    pub object: String,
    pub name: String,
    /// The parameter that has the attribute's value at the entry; no Python name looks like it.
    pub held: String,
}

/// Which attributes of which values are held, and under which name.
pub(super) type Held = BTreeMap<(ValueId, String), String>;

impl<'a> Reader<'a> {
    /// Begins to hold what may be held.
    pub(super) fn hold(&mut self) {
        if self.facts.are_attrs_unknown() {
            return;
        }
        let env = &self.frames[0].env;
        let found = self.options.held.iter().filter_map(|attribute| {
            let object = env.get(&attribute.object)?;
            env.contains_key(&attribute.held)
                .then(|| ((*object, attribute.name.clone()), attribute.held.clone()))
        });
        self.held = found.collect();
    }

    /// The name that an attribute is held under.
    pub(super) fn held_as(&self, object: ValueId, attribute: &str) -> Option<String> {
        self.held.get(&(object, attribute.to_owned())).cloned()
    }

    /// Whether attributes of an object are held.
    pub(super) fn is_held(&self, object: ValueId) -> bool {
        self.held.keys().any(|(held, _)| *held == object)
    }

    /// An object that came out of a list, a branch or the like may be one whose attributes are held: then none are.
    pub(super) fn may_be_held_otherwise(&mut self, object: ValueId, class: &str) {
        let is_alike = |reader: &Self, held: ValueId| matches!(reader.bound_ty(held), Ty::Object { class: own, .. } if own == class);
        let is_param = self.b.func.block(self.b.func.body).params.contains(&object);
        let held: Vec<ValueId> = self.held.keys().map(|(held, _)| *held).collect();
        if !is_param && !held.contains(&object) && held.iter().any(|held| is_alike(self, *held)) {
            self.facts.attrs_are_unknown();
        }
    }

    /// `object.attribute = value` of an attribute that is held.
    pub(super) fn hold_value(&mut self, held: &str, value: ValueId) {
        self.facts.hold(held);
        self.env().insert(held.to_owned(), value);
    }

    /// The attributes that are stored somewhere, as names of the environment.
    pub(super) fn stored_attributes(&self) -> impl Iterator<Item = String> + '_ {
        self.held.values().filter(|held| self.facts.holds(held)).cloned()
    }

    /// A call's frame gets the attributes from its caller, and gives them back.
    pub(super) fn hand_attributes(&self, from: &Env, to: &mut Env) {
        for held in self.held.values() {
            if let Some(value) = from.get(held) {
                to.insert(held.clone(), *value);
            }
        }
    }

    /// The objects, attributes and values that differ from those at the entry.
    pub(super) fn changed_attributes(&self) -> Vec<(ValueId, String, ValueId)> {
        let env = &self.frame().env;
        let at_entry = |held: &String| {
            let params = &self.b.func.block(self.b.func.body).params;
            params
                .iter()
                .find(|param| self.b.func.name_of(**param) == Some(held))
                .copied()
        };
        self.held
            .iter()
            .filter(|(_, held)| self.facts.holds(held))
            .filter_map(|((object, name), held)| {
                let value = *env.get(held)?;
                (Some(value) != at_entry(held)).then(|| (*object, name.clone(), value))
            })
            .collect()
    }

    /// Stores the attributes to their objects: from here on others may look at them.
    pub(super) fn write_attributes(&mut self) {
        for (object, name, value) in self.changed_attributes() {
            self.b.effect(Kind::SetAttr(name), &[object, value]);
        }
    }
}
