//! The parts of an input that can be varied, with the path by which facts and labels speak of them.

use std::collections::BTreeSet;

use crate::job::Fact;
use crate::mutate::learn::{LOOKED_AT, entry_path};
use crate::mutate::special::Range;
use crate::value::{Heap, Items, Object, ObjectId, Snapshot, Value};

/// A part of an input.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// `x`, `self.x`, `rows[]`
    pub path: String,
    pub what: What,
}

#[derive(Debug, Clone, PartialEq)]
pub enum What {
    Array(ObjectId),
    /// A list of numbers (or of anything, or empty).
    List(ObjectId),
    /// A list whose elements are lists.
    Rows(ObjectId),
    Scalar(Spot),
}

/// Where a scalar is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spot {
    Name(usize),
    Attribute(ObjectId, usize),
    Entry(ObjectId, usize),
}

/// All targets of an input, in the order of its names.
pub fn targets(input: &Snapshot) -> Vec<Target> {
    let mut found = Vec::new();
    let mut met = BTreeSet::new();
    for (at, (name, value)) in input.names.iter().enumerate() {
        visit(&input.heap, name, value, Some(Spot::Name(at)), &mut met, &mut found);
    }
    found
}

fn visit(
    heap: &Heap,
    path: &str,
    value: &Value,
    spot: Option<Spot>,
    met: &mut BTreeSet<ObjectId>,
    found: &mut Vec<Target>,
) {
    let target = |what| Target {
        path: path.to_owned(),
        what,
    };
    match value {
        Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Complex(..) | Value::Np(..) => {
            found.extend(spot.map(|spot| target(What::Scalar(spot))));
        }
        Value::Tuple(items) | Value::NamedTuple(_, items) => {
            for (at, item) in items.iter().enumerate().take(LOOKED_AT) {
                visit(heap, &format!("{path}[{at}]"), item, None, met, found);
            }
        }
        Value::Ref(id) => {
            if met.insert(*id) {
                visit_object(heap, path, *id, met, found);
            }
        }
        Value::None
        | Value::BigInt(_)
        | Value::Str(_)
        | Value::Bytes(_)
        | Value::FrozenSet(_)
        | Value::Built(..)
        | Value::Named(_) => {}
    }
}

fn visit_object(heap: &Heap, path: &str, id: ObjectId, met: &mut BTreeSet<ObjectId>, found: &mut Vec<Target>) {
    let target = |what| Target {
        path: path.to_owned(),
        what,
    };
    match heap.object(id) {
        Object::Array(_) => found.push(target(What::Array(id))),
        Object::List(items) => {
            let Items::Values(values) = items else {
                return found.push(target(What::List(id)));
            };
            let is_list =
                |value: &Value| matches!(value, Value::Ref(id) if matches!(heap.object(*id), Object::List(_)));
            if !values.is_empty() && values.iter().take(LOOKED_AT).all(is_list) {
                found.push(target(What::Rows(id)));
            } else {
                found.push(target(What::List(id)));
            }
            let path = format!("{path}[]");
            for item in values.iter().take(8) {
                visit(heap, &path, item, None, met, found);
            }
        }
        Object::Dict(entries) => {
            for (at, (key, value)) in entries.iter().enumerate().take(LOOKED_AT) {
                visit(
                    heap,
                    &entry_path(path, key),
                    value,
                    Some(Spot::Entry(id, at)),
                    met,
                    found,
                );
            }
        }
        Object::Instance(_, attributes) => {
            for (at, (name, value)) in attributes.iter().enumerate() {
                visit(
                    heap,
                    &format!("{path}.{name}"),
                    value,
                    Some(Spot::Attribute(id, at)),
                    met,
                    found,
                );
            }
        }
        Object::Set(_) | Object::Generator(..) | Object::Opaque(_) => {}
    }
}

/// The value at a spot.
pub fn look(input: &Snapshot, spot: Spot) -> Option<&Value> {
    match spot {
        Spot::Name(at) => input.names.get(at).map(|(_, value)| value),
        Spot::Attribute(id, at) => match input.heap.object(id) {
            Object::Instance(_, attributes) => attributes.get(at).map(|(_, value)| value),
            _ => None,
        },
        Spot::Entry(id, at) => match input.heap.object(id) {
            Object::Dict(entries) => entries.get(at).map(|(_, value)| value),
            _ => None,
        },
    }
}

/// The value at a spot, to be changed.
pub fn at(input: &mut Snapshot, spot: Spot) -> Option<&mut Value> {
    match spot {
        Spot::Name(at) => input.names.get_mut(at).map(|(_, value)| value),
        Spot::Attribute(id, at) => match input.heap.object_mut(id) {
            Object::Instance(_, attributes) => attributes.get_mut(at).map(|(_, value)| value),
            _ => None,
        },
        Spot::Entry(id, at) => match input.heap.object_mut(id) {
            Object::Dict(entries) => entries.get_mut(at).map(|(_, value)| value),
            _ => None,
        },
    }
}

/// Whether `path` is `name` or leads on from it.
fn is_part_of(path: &str, name: &str) -> bool {
    path.strip_prefix(name)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// What is proven, asked by path.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    pub facts: Vec<Fact>,
    /// Numbers that stand in the text.
    pub constants: Vec<f64>,
}

impl Facts {
    /// A global of a module (`physics::table`) answers to its own name too.
    fn about<'a>(&'a self, path: &'a str) -> impl Iterator<Item = &'a Fact> {
        let own = path.split_once("::").map_or(path, |(_, own)| own);
        self.facts
            .iter()
            .filter(move |fact| is_part_of(path, fact.name()) || is_part_of(own, fact.name()))
    }

    pub fn fixes_value(&self, path: &str) -> bool {
        self.about(path).any(|fact| matches!(fact, Fact::Value { .. }))
    }

    /// Whether an extent is proven to be one number; by the slot that it is learned as, `x.shape[1]` or `len(rows[])`.
    pub fn fixes_extent(&self, slot: &str) -> bool {
        self.facts.iter().any(|fact| match fact {
            Fact::Extent { name, axis } => {
                slot == format!("{name}.shape[{axis}]") || slot == format!("len({name}{})", "[]".repeat(*axis))
            }
            _ => false,
        })
    }

    pub fn fixes_type(&self, path: &str) -> bool {
        self.about(path)
            .any(|fact| matches!(fact, Fact::Type { .. } | Fact::Value { .. }))
    }

    pub fn fixes_lengths(&self, path: &str) -> bool {
        self.about(path)
            .any(|fact| matches!(fact, Fact::Lengths { .. } | Fact::Value { .. }))
    }

    pub fn fixes_layout(&self, path: &str) -> bool {
        self.about(path).any(|fact| matches!(fact, Fact::Contiguous { .. }))
    }

    pub fn is_unshared(&self, path: &str) -> bool {
        self.about(path).any(|fact| matches!(fact, Fact::Unshared { .. }))
    }

    pub fn is_never_empty(&self, path: &str) -> bool {
        self.about(path).any(|fact| matches!(fact, Fact::NotEmpty { .. }))
    }

    /// The values that a part may take.
    pub fn range(&self, path: &str, huge: f64) -> Range {
        let mut range = Range {
            constants: self.constants.clone(),
            odd: true,
            huge,
            lo: i128::MIN,
            hi: i128::MAX,
        };
        for fact in self.about(path) {
            match fact {
                Fact::Finite { .. } => range.odd = false,
                Fact::Range { lo, hi, .. } => {
                    range.lo = lo.map_or(i128::MIN, i128::from);
                    range.hi = hi.map_or(i128::MAX, i128::from);
                }
                Fact::Type { .. } | Fact::Lengths { .. } | Fact::Value { .. } | Fact::NotEmpty { .. } => {}
                Fact::Extent { .. } | Fact::Unshared { .. } | Fact::Contiguous { .. } => {}
            }
        }
        range
    }
}
