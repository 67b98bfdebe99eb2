//! How the lengths and ints of a region's inputs hang together.
//!
//! A smaller input is only a good test when the program still makes sense of it: `n` must go on being `len(x)`. So
//! every length and every int is a *slot* with a name and a value in each captured input, and slots whose values
//! agree in all of them belong together:
//!
//! ```text
//! x.shape[0] = 1000, 20    y.shape[0] = 1000, 20    n = 1000, 20     class 0
//! k = 999, 19                                                       class 0, minus 1
//! i = 37, 2                                                         an index into class 0
//! steps = 5000, 5000                                                a class of its own
//! A.shape[0] = 50, 20   A.shape[1] = 20, 20                         classes 1 and 0, if the first capture has it so
//! ```

use std::collections::{BTreeMap, BTreeSet};

use crate::dtype::{Kind, Number};
use crate::value::{Constructor, Heap, Items, Object, ObjectId, Snapshot, Value};

/// What is known about the slots of one input.
#[derive(Debug, Clone, Default)]
pub struct Relations {
    /// Value of each class in the input.
    pub classes: Vec<i64>,
    /// By slot name.
    pub rules: BTreeMap<String, Rule>,
    /// Integer data that look like indices into a dimension of this class.
    pub indices: BTreeMap<String, usize>,
}

/// How a slot follows from the classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// The class's size and this much.
    Class(usize, i64),
    Product(usize, usize),
    /// This value, wrapped into the class's size.
    Index(usize, i64),
}

impl Relations {
    /// The slot's value when the classes have these sizes.
    pub fn value(&self, slot: &str, sizes: &[usize]) -> Option<i64> {
        match self.rules.get(slot)? {
            Rule::Class(class, offset) => Some(sizes[*class] as i64 + offset),
            Rule::Product(a, b) => Some((sizes[*a] * sizes[*b]) as i64),
            Rule::Index(class, value) => Some(value % (sizes[*class] as i64).max(1)),
        }
    }

    /// The classes' sizes in the input.
    pub fn sizes(&self) -> Vec<usize> {
        let sizes = self.classes.iter().map(|size| usize::try_from(*size).unwrap_or(0));
        sizes.collect()
    }

    /// Whether something has two or more dimensions of this class, so that its elements grow with the square.
    pub fn is_square(&self, class: usize) -> bool {
        let mut axes: BTreeMap<&str, usize> = BTreeMap::new();
        for (slot, rule) in &self.rules {
            let of = matches!(rule, Rule::Class(of, _) if *of == class);
            let list = slot
                .strip_prefix("len(")
                .map(|rest| rest.trim_end_matches(')').trim_end_matches("[]"));
            let whole = list.or_else(|| slot.split_once(".shape[").map(|(path, _)| path.trim_end_matches("[]")));
            if let Some(whole) = whole.filter(|_| of) {
                *axes.entry(whole).or_default() += 1;
            }
        }
        axes.values().any(|count| *count > 1)
    }
}

/// Learns about one input alone.
pub fn learn(input: &Snapshot) -> Relations {
    learn_all(&[input]).pop().unwrap_or_default()
}

/// Learns about each input, with the others as witnesses.
pub fn learn_all(inputs: &[&Snapshot]) -> Vec<Relations> {
    let slots: Vec<Slots> = inputs.iter().map(|input| Slots::of(input)).collect();
    (0..slots.len())
        .map(|first| {
            let others = (0..slots.len()).filter(|at| *at != first);
            relate(&slots[first], &others.map(|at| &slots[at]).collect::<Vec<_>>())
        })
        .collect()
}

fn relate(first: &Slots, others: &[&Slots]) -> Relations {
    let mut relations = Relations::default();
    let mut witnesses: Vec<Vec<Option<i64>>> = Vec::new();
    let seen = |slot: &str| {
        let all = std::iter::once(&first).chain(others);
        all.map(|slots| slots.value(slot)).collect::<Vec<_>>()
    };
    // The largest first, so that `n - 1` hangs on `n` and not the other way round.
    let mut lengths: Vec<(&String, i64)> = first.lengths.iter().map(|(slot, value)| (slot, *value)).collect();
    lengths.sort_by_key(|(_, value)| -value);
    for (slot, value) in lengths {
        let values = seen(slot);
        let rule = find_rule(&values, value, &witnesses).unwrap_or_else(|| {
            relations.classes.push(value);
            witnesses.push(values);
            Rule::Class(relations.classes.len() - 1, 0)
        });
        relations.rules.insert(slot.clone(), rule);
    }
    let dimensions = relations.classes.len();
    let mut ints: Vec<(&String, i64)> = first.ints.iter().map(|(slot, value)| (slot, *value)).collect();
    ints.sort_by_key(|(_, value)| -value);
    for (slot, value) in ints {
        let values = seen(slot);
        let related = if value >= 2 {
            find_rule(&values, value, &witnesses)
        } else {
            None
        };
        let larger = (0..dimensions).filter(|class| relations.classes[*class] > value.max(1));
        let index = larger
            .min_by_key(|class| relations.classes[*class])
            .map(|class| Rule::Index(class, value));
        let rule = match (related, index) {
            (Some(rule), _) => Some(rule),
            (None, Some(rule)) if value >= 0 => Some(rule),
            (None, _) if value >= LARGE => {
                relations.classes.push(value);
                witnesses.push(values);
                Some(Rule::Class(relations.classes.len() - 1, 0))
            }
            (None, _) => None,
        };
        relations.rules.extend(rule.map(|rule| (slot.clone(), rule)));
    }
    for (slot, (low, high)) in &first.data {
        let fits = |class: &&usize| {
            let size = relations.classes[**class];
            *low >= -size && *high < size && *high >= 1 && size > 1
        };
        let all: Vec<usize> = (0..relations.classes.len()).collect();
        if let Some(class) = all.iter().filter(fits).min_by_key(|class| relations.classes[**class]) {
            relations.indices.insert(slot.clone(), *class);
        }
    }
    relations
}

/// From here on an int that hangs on nothing is taken for a number of steps, and made smaller like a length.
const LARGE: i64 = 16;

/// Below this, a difference of one or a product is more likely chance than law.
const TELLING: i64 = 5;

fn find_rule(values: &[Option<i64>], value: i64, witnesses: &[Vec<Option<i64>>]) -> Option<Rule> {
    let agree = |expected: &dyn Fn(usize) -> Option<i64>| {
        values
            .iter()
            .enumerate()
            .all(|(at, value)| match (value, expected(at)) {
                (Some(value), Some(expected)) => *value == expected,
                (None, _) | (_, None) => true,
            })
    };
    let offsets: &[i64] = if value >= TELLING { &[0, -1, 1, -2, 2] } else { &[0] };
    for offset in offsets {
        let class = witnesses
            .iter()
            .position(|class| agree(&|at| class[at].map(|size| size + offset)));
        if let Some(class) = class {
            return Some(Rule::Class(class, *offset));
        }
    }
    if value < TELLING {
        return None;
    }
    for (a, rows) in witnesses.iter().enumerate() {
        for (b, columns) in witnesses.iter().enumerate().skip(a) {
            let product = |at: usize| rows[at]?.checked_mul(columns[at]?);
            if rows[0] > Some(1) && columns[0] > Some(1) && agree(&product) {
                return Some(Rule::Product(a, b));
            }
        }
    }
    None
}

/// The slots of one input by name.
#[derive(Debug, Clone, Default)]
struct Slots {
    lengths: BTreeMap<String, i64>,
    ints: BTreeMap<String, i64>,
    /// Smallest and largest element of integer arrays and lists.
    data: BTreeMap<String, (i64, i64)>,
    /// Slots that have several values, as the lengths of ragged rows do.
    mixed: BTreeSet<String>,
}

impl Slots {
    fn of(input: &Snapshot) -> Slots {
        let mut slots = Slots::default();
        let mut met = BTreeSet::new();
        for (name, value) in &input.names {
            slots.visit(&input.heap, name, value, &mut met);
        }
        let Slots {
            lengths, ints, mixed, ..
        } = &mut slots;
        lengths.retain(|slot, _| !mixed.contains(slot));
        ints.retain(|slot, _| !mixed.contains(slot));
        slots
    }

    fn value(&self, slot: &str) -> Option<i64> {
        self.lengths.get(slot).or_else(|| self.ints.get(slot)).copied()
    }

    fn length(&mut self, slot: String, value: usize) {
        if *self.lengths.entry(slot.clone()).or_insert(value as i64) != value as i64 {
            self.mixed.insert(slot);
        }
    }

    fn int(&mut self, slot: &str, value: i128) {
        let Ok(value) = i64::try_from(value) else { return };
        if *self.ints.entry(slot.to_owned()).or_insert(value) != value {
            self.mixed.insert(slot.to_owned());
        }
    }

    fn visit(&mut self, heap: &Heap, path: &str, value: &Value, met: &mut BTreeSet<ObjectId>) {
        match value {
            Value::Int(int) => self.int(path, *int),
            Value::Np(dtype, bytes) => {
                if let Some(Number::Int(int)) = dtype.decode(bytes) {
                    self.int(path, int);
                }
            }
            Value::Tuple(items) | Value::NamedTuple(_, items) => {
                for (at, item) in items.iter().enumerate().take(LOOKED_AT) {
                    self.visit(heap, &format!("{path}[{at}]"), item, met);
                }
            }
            Value::Built(Constructor::Range | Constructor::Slice, items) => {
                for (at, item) in items.iter().enumerate() {
                    self.visit(heap, &format!("{path}.{at}"), item, met);
                }
            }
            Value::Ref(id) => {
                if met.insert(*id) {
                    self.visit_object(heap, path, *id, met);
                }
            }
            Value::None
            | Value::Bool(_)
            | Value::BigInt(_)
            | Value::Float(_)
            | Value::Complex(..)
            | Value::Str(_)
            | Value::Bytes(_)
            | Value::FrozenSet(_)
            | Value::Named(_) => {}
        }
    }

    fn visit_object(&mut self, heap: &Heap, path: &str, id: ObjectId, met: &mut BTreeSet<ObjectId>) {
        match heap.object(id) {
            Object::List(items) => {
                self.length(length_slot(path), items.len());
                match items {
                    Items::Values(values) => {
                        for item in values.iter().take(LOOKED_AT) {
                            // Ints among other things are data, not sizes.
                            if matches!(item, Value::Ref(_)) {
                                self.visit(heap, &format!("{path}[]"), item, met);
                            }
                        }
                    }
                    Items::Ints(values) => self.extent(path, values.iter().copied()),
                    Items::Floats(_) | Items::Scalars(..) => {}
                }
            }
            Object::Array(array) => {
                for (axis, length) in array.shape.iter().enumerate() {
                    self.length(axis_slot(path, axis), *length);
                }
                if matches!(array.dtype.kind, Kind::Int | Kind::Uint) {
                    let bytes = heap.bytes(array);
                    let ints =
                        bytes
                            .chunks_exact(array.dtype.size)
                            .filter_map(|bytes| match array.dtype.decode(bytes) {
                                Some(Number::Int(int)) => i64::try_from(int).ok(),
                                Some(Number::Bool(_) | Number::Float(_) | Number::Complex(..)) | None => None,
                            });
                    self.extent(path, ints);
                }
            }
            Object::Dict(entries) => {
                for (key, value) in entries.iter().take(LOOKED_AT) {
                    self.visit(heap, &entry_path(path, key), value, met);
                }
            }
            Object::Instance(_, attributes) => {
                for (name, value) in attributes {
                    self.visit(heap, &format!("{path}.{name}"), value, met);
                }
            }
            Object::Set(_) | Object::Generator(..) | Object::Opaque(_) => {}
        }
    }

    fn extent(&mut self, path: &str, values: impl Iterator<Item = i64>) {
        let (mut low, mut high) = (i64::MAX, i64::MIN);
        for value in values {
            (low, high) = (low.min(value), high.max(value));
        }
        if low <= high {
            self.data.insert(path.to_owned(), (low, high));
        }
    }
}

/// So many elements of a container are looked at; the others are taken to be alike.
pub const LOOKED_AT: usize = 64;

/// Name of the slot that holds a list's length.
pub fn length_slot(path: &str) -> String {
    format!("len({path})")
}

/// Name of the slot that holds one length of an array.
pub fn axis_slot(path: &str, axis: usize) -> String {
    format!("{path}.shape[{axis}]")
}

/// Path of a dict's value.
pub fn entry_path(path: &str, key: &Value) -> String {
    match key {
        Value::Str(text) => format!("{path}[{text:?}]"),
        _ => format!("{path}[]"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(x: usize, rows: usize, columns: usize, ints: &[(&str, i128)]) -> Snapshot {
        let mut snapshot = Snapshot::default();
        let array = snapshot.heap.floats(&[x], &vec![0.0; x]);
        let matrix = snapshot.heap.floats(&[rows, columns], &vec![0.0; rows * columns]);
        snapshot.names = vec![("x".to_owned(), array), ("m".to_owned(), matrix)];
        snapshot.names.extend(
            ints.iter()
                .map(|(name, value)| ((*name).to_owned(), Value::Int(*value))),
        );
        snapshot
    }

    #[test]
    fn ints_follow_lengths() {
        let one = input(
            100,
            20,
            30,
            &[
                ("n", 100),
                ("last", 99),
                ("cells", 600),
                ("at", 37),
                ("steps", 7000),
                ("shift", -7),
            ],
        );
        let relations = learn(&one);
        let class = |slot: &str| relations.rules.get(slot).copied();
        assert_eq!(class("n"), class("x.shape[0]"));
        let sizes: Vec<usize> = relations.classes.iter().map(|size| (*size / 10) as usize).collect();
        assert_eq!(relations.value("last", &sizes), Some(9));
        assert_eq!(relations.value("cells", &sizes), Some(6));
        assert_eq!(relations.value("at", &sizes), Some(37 % 10));
        assert_eq!(relations.rules["steps"], Rule::Class(3, 0));
        assert_eq!(relations.value("shift", &sizes), None);
    }

    #[test]
    fn other_captures_tell_chance_from_law() {
        let one = input(20, 20, 30, &[("n", 20)]);
        let two = input(11, 20, 30, &[("n", 11)]);
        let relations = learn_all(&[&one, &two]).swap_remove(0);
        assert_eq!(relations.rules["n"], relations.rules["x.shape[0]"]);
        assert_ne!(relations.rules["n"], relations.rules["m.shape[0]"]);
    }
}
