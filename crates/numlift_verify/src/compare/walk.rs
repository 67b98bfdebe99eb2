//! The walk over two heaps side by side.

use std::collections::HashMap;

use crate::compare::flat::{flatten, same_kind};
use crate::compare::numbers::{self, Bound, Found};
use crate::compare::{Compared, Doubt, MOST_DIFFERENCES, Place, Step};
use crate::dtype::{Dtype, Kind, Number};
use crate::engine::Outcome;
use crate::job::{Allow, Difference, DifferenceKind, Policy};
use crate::value::{Array, BufferId, Heap, Items, Object, ObjectId, Opaque, Value, shape_text};

/// State of one comparison.
pub struct Walk<'a> {
    old: &'a Heap,
    new: &'a Heap,
    origins: [&'a [Option<u32>]; 2],
    policy: &'a Policy,
    place: Place,
    /// The name at the root, by which the worst distances are kept.
    name: String,
    steps: Vec<Step>,
    /// Whether the root's container and scalar type may differ.
    loose_container: bool,
    loose_scalar: bool,
    partners: HashMap<ObjectId, (ObjectId, String)>,
    partners_back: HashMap<ObjectId, (ObjectId, String)>,
    buffers: HashMap<BufferId, Shared>,
    buffers_back: HashMap<BufferId, BufferId>,
    pub compared: Compared,
}

/// The partner of a buffer, and who was met in it first.
struct Shared {
    partner: BufferId,
    /// What the new side's offsets are ahead.
    shift: isize,
    /// Part of an argument, so that places in it can be told.
    argument: bool,
    path: String,
}

impl<'a> Walk<'a> {
    pub fn new(old: &'a Outcome, new: &'a Outcome, policy: &'a Policy) -> Walk<'a> {
        Walk {
            old: &old.heap,
            new: &new.heap,
            origins: [&old.origins, &new.origins],
            policy,
            place: Place::Returned,
            name: String::new(),
            steps: Vec::new(),
            loose_container: false,
            loose_scalar: false,
            partners: HashMap::new(),
            partners_back: HashMap::new(),
            buffers: HashMap::new(),
            buffers_back: HashMap::new(),
            compared: Compared::default(),
        }
    }

    /// Compares what two roots reach.
    pub fn root(&mut self, place: Place, name: &str, old: &Value, new: &Value) {
        if self.policy.allows(&Allow::Name { name: name.to_owned() }) {
            return;
        }
        self.loose_container = self.policy.allows(&Allow::Container { name: name.to_owned() });
        self.loose_scalar = self.policy.allows(&Allow::ScalarType { name: name.to_owned() });
        self.place = place;
        self.name = name.to_owned();
        self.steps.clear();
        self.value(old, new, &mut name.to_owned());
    }

    /// Notes a difference.
    pub fn differs(&mut self, kind: DifferenceKind, path: &str, old: &str, new: &str) {
        if self.compared.differences.len() >= MOST_DIFFERENCES {
            return;
        }
        let (old, new) = (old.to_owned(), new.to_owned());
        let difference = Difference {
            path: path.to_owned(),
            kind,
            old,
            new,
            input: String::new(),
            live_in: Vec::new(),
        };
        self.compared.differences.push(difference);
    }

    fn differs_here(&mut self, kind: DifferenceKind, path: &str, old: &str, new: &str) {
        let kind = match (&self.place, kind) {
            (Place::Random(_), _) => DifferenceKind::Random,
            (Place::Argument(_), DifferenceKind::Value) => DifferenceKind::Argument,
            (Place::Argument(_) | Place::Name(_) | Place::Returned, kind) => kind,
        };
        self.differs(kind, path, old, new);
    }

    fn value(&mut self, old: &Value, new: &Value, path: &mut String) {
        match (old, new) {
            (Value::Ref(a), Value::Ref(b)) => self.object(*a, *b, path),
            (Value::Float(a), Value::Float(b)) => {
                self.elements(&Dtype::float64(), &a.to_ne_bytes(), &b.to_ne_bytes(), path, &[]);
            }
            (Value::Complex(..), Value::Complex(..)) => {
                let bytes = |value: &Value| match value {
                    Value::Complex(re, im) => [re.to_ne_bytes(), im.to_ne_bytes()].concat(),
                    _ => Vec::new(),
                };
                self.elements(&Dtype::native('c', 16), &bytes(old), &bytes(new), path, &[]);
            }
            (Value::Np(a, x), Value::Np(b, y)) if a.text == b.text && x.len() == y.len() => {
                self.elements(a, x, y, path, &[]);
            }
            (Value::Np(a, _), Value::Np(b, _)) if !self.loose_scalar => {
                self.differs_here(DifferenceKind::Dtype, path, &a.to_string(), &b.to_string());
            }
            (Value::Tuple(a), Value::Tuple(b)) => self.items(a, b, path),
            (Value::NamedTuple(c, a), Value::NamedTuple(d, b)) if c == d => self.items(a, b, path),
            (Value::FrozenSet(a), Value::FrozenSet(b)) => self.items(a, b, path),
            (Value::Built(c, a), Value::Built(d, b)) if c == d => self.items(a, b, path),
            _ if kind_name(self.old, old) == kind_name(self.new, new) => {
                if old != new {
                    self.values_differ(old, new, path);
                }
            }
            _ if self.loose_container || self.loose_scalar => self.loosely(old, new, path),
            _ => self.types_differ(old, new, path),
        }
    }

    fn values_differ(&mut self, old: &Value, new: &Value, path: &str) {
        let (a, b) = (self.old.show(old), self.new.show(new));
        self.differs_here(DifferenceKind::Value, path, &a, &b);
    }

    fn types_differ(&mut self, old: &Value, new: &Value, path: &str) {
        let describe = |heap: &Heap, value: &Value| format!("{} {}", kind_name(heap, value), heap.show(value));
        let (a, b) = (describe(self.old, old), describe(self.new, new));
        self.differs_here(DifferenceKind::Type, path, &a, &b);
    }

    /// Values of different kinds that were announced: only their elements count.
    fn loosely(&mut self, old: &Value, new: &Value, path: &str) {
        let (Some(a), Some(b)) = (flatten(self.old, old), flatten(self.new, new)) else {
            return self.types_differ(old, new, path);
        };
        let scalars = a.shape.is_empty() && b.shape.is_empty();
        if !(self.loose_container || scalars) {
            return self.types_differ(old, new, path);
        }
        // An empty list has lost how many columns it would have had.
        if a.numbers.len() != b.numbers.len() || (a.shape != b.shape && !a.numbers.is_empty()) {
            let (a, b) = (shape_text(&a.shape), shape_text(&b.shape));
            return self.differs_here(DifferenceKind::Shape, path, &a, &b);
        }
        if let Some(at) = (0..a.numbers.len()).find(|at| !same_kind(a.numbers[*at], b.numbers[*at])) {
            let (x, y) = (a.numbers[at].to_string(), b.numbers[at].to_string());
            let path = format!("{path}{}", index_text(&a.shape, at));
            return self.differs_here(DifferenceKind::Type, &path, &x, &y);
        }
        let dtype = match a.numbers.first() {
            Some(Number::Float(_)) => Dtype::float64(),
            Some(Number::Complex(..)) => Dtype::native('c', 16),
            Some(Number::Int(_) | Number::Bool(_)) | None => {
                if let Some(at) = (0..a.numbers.len()).find(|at| a.numbers[*at] != b.numbers[*at]) {
                    let (x, y) = (a.numbers[at].to_string(), b.numbers[at].to_string());
                    let path = format!("{path}{}", index_text(&a.shape, at));
                    self.differs_here(DifferenceKind::Value, &path, &x, &y);
                }
                return;
            }
        };
        let bytes = |numbers: &[Number]| {
            numbers
                .iter()
                .flat_map(|number| dtype.encode(*number))
                .collect::<Vec<u8>>()
        };
        self.elements(&dtype, &bytes(&a.numbers), &bytes(&b.numbers), path, &a.shape);
    }

    fn items(&mut self, old: &[Value], new: &[Value], path: &mut String) {
        if old.len() != new.len() {
            return self.lengths_differ(old.len(), new.len(), path);
        }
        for (at, (a, b)) in old.iter().zip(new).enumerate() {
            self.step(Step::Item(at), &format!("[{at}]"), path, |walk, path| {
                walk.value(a, b, path)
            });
            if self.full() {
                return;
            }
        }
    }

    fn lengths_differ(&mut self, old: usize, new: usize, path: &str) {
        self.differs_here(
            DifferenceKind::Length,
            &format!("len({path})"),
            &old.to_string(),
            &new.to_string(),
        );
    }

    fn step(&mut self, step: Step, text: &str, path: &mut String, go: impl FnOnce(&mut Self, &mut String)) {
        let length = path.len();
        path.push_str(text);
        self.steps.push(step);
        go(self, path);
        self.steps.pop();
        path.truncate(length);
    }

    fn full(&self) -> bool {
        self.compared.differences.len() >= MOST_DIFFERENCES
    }

    fn object(&mut self, a: ObjectId, b: ObjectId, path: &mut String) {
        let (old, new) = (self.old.object(a), self.new.object(b));
        match (self.partners.get(&a), self.partners_back.get(&b)) {
            (Some((partner, _)), _) if *partner == b => return,
            (None, None) => {}
            (Some((_, first)), _) => {
                let text = format!("the same object as {first}");
                self.differs_here(DifferenceKind::Sharing, path, &text, "another object");
                return;
            }
            (None, Some((_, first))) => {
                let text = format!("the same object as {first}");
                self.differs_here(DifferenceKind::Sharing, path, "another object", &text);
                return;
            }
        }
        let loose = self.loose_container && !matches!((old, new), (Object::Array(_), Object::Array(_)));
        if loose && kind_text(self.old, &Value::Ref(a)) != kind_text(self.new, &Value::Ref(b)) {
            return self.loosely(&Value::Ref(a), &Value::Ref(b), path);
        }
        if kind_name(self.old, &Value::Ref(a)) != kind_name(self.new, &Value::Ref(b)) {
            return self.types_differ(&Value::Ref(a), &Value::Ref(b), path);
        }
        self.origin(a, b, path);
        self.partners.insert(a, (b, path.clone()));
        self.partners_back.insert(b, (a, path.clone()));
        match (old, new) {
            (Object::List(x), Object::List(y)) => self.list(x, y, path),
            (Object::Set(x), Object::Set(y)) => self.items(x, y, path),
            (Object::Dict(x), Object::Dict(y)) => self.dict(x, y, path),
            (Object::Array(x), Object::Array(y)) => self.array(x, y, path),
            (Object::Instance(_, x), Object::Instance(_, y)) => self.attributes(x, y, path),
            (Object::Generator(_, x), Object::Generator(_, y)) => {
                let before = self.compared.differences.len();
                self.step(Step::State, " state", path, |walk, path| walk.value(x, y, path));
                if self.compared.differences.len() > before {
                    self.compared.differences.truncate(before);
                    self.differs(
                        DifferenceKind::Random,
                        path,
                        "left in one state",
                        "left in another state",
                    );
                }
            }
            (Object::Opaque(x), Object::Opaque(y)) => self.opaque(x, y, path),
            _ => self.types_differ(&Value::Ref(a), &Value::Ref(b), path),
        }
    }

    /// An object that was there before may be held by others too: it must not be replaced by another one.
    fn origin(&mut self, a: ObjectId, b: ObjectId, path: &str) {
        let [old, new] = self.origins;
        let (Some(old), Some(new)) = (old.get(a.0 as usize), new.get(b.0 as usize)) else {
            return;
        };
        let text = |origin: &Option<u32>| match origin {
            Some(_) => "an object that was there before",
            None => "a new object",
        };
        match (old, new) {
            (Some(a), Some(b)) if a != b => {
                self.differs_here(
                    DifferenceKind::Sharing,
                    path,
                    "one object that was there before",
                    "another one",
                );
            }
            (Some(_), Some(_)) | (None, None) => {}
            (Some(_), None) | (None, Some(_)) => {
                self.differs_here(DifferenceKind::Sharing, path, text(old), text(new));
            }
        }
    }

    fn opaque(&mut self, old: &Opaque, new: &Opaque, path: &str) {
        match (&old.digest, &new.digest, &self.place) {
            (Some(a), Some(b), _) if a == b => {}
            (None, None, Place::Argument(_)) => {
                let note = format!("the state of `{path}` ({}) could not be compared", old.class);
                self.compared.notes.insert(note);
            }
            (Some(_), Some(_), _) => {
                let text = format!("an instance of {}", old.class);
                self.differs_here(DifferenceKind::Value, path, &text, "one in another state");
            }
            _ => {
                let text = format!("an instance of {}", old.class);
                self.differs_here(
                    DifferenceKind::Incomparable,
                    path,
                    &text,
                    "one that cannot be compared with it",
                );
            }
        }
    }

    fn list(&mut self, old: &Items, new: &Items, path: &mut String) {
        if old.len() != new.len() {
            return self.lengths_differ(old.len(), new.len(), path);
        }
        match (old, new) {
            (Items::Floats(a), Items::Floats(b)) => {
                let bytes = |values: &[f64]| values.iter().flat_map(|value| value.to_ne_bytes()).collect::<Vec<u8>>();
                self.elements(&Dtype::float64(), &bytes(a), &bytes(b), path, &[a.len()]);
            }
            (Items::Scalars(d, a), Items::Scalars(e, b)) if d == e => self.elements(d, a, b, path, &[old.len()]),
            (Items::Ints(a), Items::Ints(b)) => {
                if let Some(at) = (0..a.len()).find(|at| a[*at] != b[*at]) {
                    let path = format!("{path}[{at}]");
                    self.differs_here(DifferenceKind::Value, &path, &a[at].to_string(), &b[at].to_string());
                }
            }
            _ => {
                for at in 0..old.len() {
                    let (a, b) = (old.get(at), new.get(at));
                    self.step(Step::Item(at), &format!("[{at}]"), path, |walk, path| {
                        walk.value(&a, &b, path)
                    });
                    if self.full() {
                        return;
                    }
                }
            }
        }
    }

    fn dict(&mut self, old: &[(Value, Value)], new: &[(Value, Value)], path: &mut String) {
        if old.len() != new.len() {
            return self.lengths_differ(old.len(), new.len(), path);
        }
        for (at, ((k, a), (l, b))) in old.iter().zip(new).enumerate() {
            let key = self.old.show(k);
            let before = self.compared.differences.len();
            let mut key_path = format!("key {at} of {path}");
            self.value(k, l, &mut key_path);
            if self.compared.differences.len() > before {
                return;
            }
            self.step(Step::Entry(at), &format!("[{key}]"), path, |walk, path| {
                walk.value(a, b, path)
            });
        }
    }

    fn attributes(&mut self, old: &[(String, Value)], new: &[(String, Value)], path: &mut String) {
        for (name, a) in old {
            let text = format!(".{name}");
            match new.iter().find(|(other, _)| other == name) {
                Some((_, b)) => {
                    let step = Step::Attribute(name.clone());
                    self.step(step, &text, path, |walk, path| walk.value(a, b, path));
                }
                None => {
                    let shown = self.old.show(a);
                    self.differs_here(
                        DifferenceKind::Unbound,
                        &format!("{path}{text}"),
                        &shown,
                        "no such attribute",
                    );
                }
            }
        }
        for (name, b) in new
            .iter()
            .filter(|(name, _)| !old.iter().any(|(other, _)| other == name))
        {
            let shown = self.new.show(b);
            self.differs_here(
                DifferenceKind::Unbound,
                &format!("{path}.{name}"),
                "no such attribute",
                &shown,
            );
        }
    }

    fn array(&mut self, old: &'a Array, new: &'a Array, path: &mut String) {
        if old.dtype != new.dtype {
            return self.differs_here(
                DifferenceKind::Dtype,
                path,
                &old.dtype.to_string(),
                &new.dtype.to_string(),
            );
        }
        if old.shape != new.shape {
            let (a, b) = (shape_text(&old.shape), shape_text(&new.shape));
            return self.differs_here(DifferenceKind::Shape, path, &a, &b);
        }
        if old.writeable != new.writeable {
            let text = |writeable| if writeable { "writeable" } else { "read-only" };
            self.differs_here(
                DifferenceKind::Writeable,
                path,
                text(old.writeable),
                text(new.writeable),
            );
        }
        self.memory(old, new, path);
        match old.dtype.kind {
            Kind::Object => {
                let (a, b) = (self.old.slots(old), self.new.slots(new));
                for (at, (a, b)) in a.into_iter().zip(b).enumerate() {
                    let text = index_text(&old.shape, at);
                    self.step(Step::Item(at), &text, path, |walk, path| walk.value(a, b, path));
                    if self.full() {
                        return;
                    }
                }
            }
            Kind::Bool | Kind::Int | Kind::Uint | Kind::Float | Kind::Complex | Kind::Other => {
                let (a, b) = (self.old.bytes(old), self.new.bytes(new));
                self.elements(&old.dtype, &a, &b, path, &old.shape);
            }
        }
    }

    /// Who shares memory with whom must be the same on both sides, and inside an argument also where.
    fn memory(&mut self, old: &Array, new: &Array, path: &str) {
        if old.is_empty() {
            return;
        }
        let shift = new.offset as isize - old.offset as isize;
        let argument = matches!(self.place, Place::Argument(_));
        match (self.buffers.get(&old.buffer), self.buffers_back.get(&new.buffer)) {
            (None, None) => {
                let shared = Shared {
                    partner: new.buffer,
                    shift,
                    argument,
                    path: path.to_owned(),
                };
                self.buffers.insert(old.buffer, shared);
                self.buffers_back.insert(new.buffer, old.buffer);
            }
            (Some(shared), _) if shared.partner == new.buffer => {
                let strides = |array: &Array| {
                    let axes = (0..array.shape.len()).filter(|axis| array.shape[*axis] > 1);
                    axes.map(|axis| array.strides[axis]).collect::<Vec<_>>()
                };
                if shared.argument && (shared.shift != shift || strides(old) != strides(new)) {
                    let (first, kind) = (shared.path.clone(), DifferenceKind::Sharing);
                    self.differs_here(kind, path, &format!("one part of {first}"), "another part of it");
                }
            }
            (Some(shared), _) => {
                let text = format!("shares memory with {}", shared.path);
                self.differs_here(DifferenceKind::Sharing, path, &text, "does not");
            }
            (None, Some(first)) => {
                let with = self
                    .buffers
                    .get(first)
                    .map_or_else(String::new, |shared| shared.path.clone());
                let text = format!("shares memory with {with}");
                self.differs_here(DifferenceKind::Sharing, path, "shares no memory", &text);
            }
        }
    }

    fn elements(&mut self, dtype: &Dtype, old: &[u8], new: &[u8], path: &str, shape: &[usize]) {
        if old == new {
            return;
        }
        let bound = Bound::new(self.policy, self.policy.allows(&Allow::ZeroSign), dtype);
        let Found { worst, wrong, doubtful } = numbers::compare(dtype, old, new, &bound);
        if let Some(at) = wrong {
            let text = |bytes: &[u8]| match dtype.decode(&bytes[at * dtype.size..(at + 1) * dtype.size]) {
                Some(number) => number.to_string(),
                None => "other bytes".to_owned(),
            };
            let path = format!("{path}{}", index_text(shape, at));
            return self.differs_here(DifferenceKind::Value, &path, &text(old), &text(new));
        }
        if doubtful.is_some() {
            let (place, steps) = (self.place.clone(), self.steps.clone());
            let loose = self.loose_container || self.loose_scalar;
            return self.compared.doubts.push(Doubt {
                place,
                steps,
                path: path.to_owned(),
                loose,
            });
        }
        if worst.ulp > 0.0 {
            self.compared.worst.entry(self.name.clone()).or_default().join(worst);
        }
    }
}

/// `[1, 2]` for the flat place `at` in an array of `shape`; empty for a scalar.
pub fn index_text(shape: &[usize], mut at: usize) -> String {
    if shape.is_empty() {
        return String::new();
    }
    let mut index = vec![0; shape.len()];
    for axis in (0..shape.len()).rev() {
        index[axis] = at % shape[axis].max(1);
        at /= shape[axis].max(1);
    }
    format!(
        "[{}]",
        index.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")
    )
}

/// The Python type.
pub fn kind_name(heap: &Heap, value: &Value) -> String {
    match value {
        Value::None => "None".to_owned(),
        Value::Bool(_) => "bool".to_owned(),
        Value::Int(_) | Value::BigInt(_) => "int".to_owned(),
        Value::Float(_) => "float".to_owned(),
        Value::Complex(..) => "complex".to_owned(),
        Value::Str(_) => "str".to_owned(),
        Value::Bytes(_) => "bytes".to_owned(),
        Value::Np(dtype, _) => format!("np.{dtype}"),
        Value::Tuple(_) => "tuple".to_owned(),
        Value::NamedTuple(class, _) => class.text.clone(),
        Value::FrozenSet(_) => "frozenset".to_owned(),
        Value::Built(constructor, _) => format!("{constructor:?}").to_lowercase(),
        Value::Named(named) => named.text.clone(),
        Value::Ref(id) => match heap.object(*id) {
            Object::List(_) => "list".to_owned(),
            Object::Dict(_) => "dict".to_owned(),
            Object::Set(_) => "set".to_owned(),
            Object::Array(_) => "np.ndarray".to_owned(),
            Object::Instance(class, _) => class.text.clone(),
            Object::Generator(class, _) => class.text.clone(),
            Object::Opaque(opaque) => opaque.class.clone(),
        },
    }
}

/// The Python type, and of arrays dtype and shape.
pub fn kind_text(heap: &Heap, value: &Value) -> String {
    if let Value::Ref(id) = value
        && let Object::Array(array) = heap.object(*id)
    {
        return format!("np.ndarray {} {}", array.dtype, shape_text(&array.shape));
    }
    kind_name(heap, value)
}
