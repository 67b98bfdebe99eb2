//! A machine that computes with terms instead of numbers: two programs that mean the same leave it in the same state.
//!
//! Arrays and lists are objects on a heap, so that aliasing, views and stores are what they are in Python. Whatever may
//! raise, draw or have an effect outside leaves an event, with how far the rest had got by then.

use std::collections::BTreeMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

/// A value: a term of scalars, or an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Val {
    Term(u64),
    Object(usize),
}

#[derive(Debug, Clone)]
enum Content {
    Own(u64),
    /// A view of another object.
    View(usize, u64),
}

/// Something that a caller could see happen: what, of what, and after how many stores, draws and outputs.
pub type Event = (&'static str, u64, [u64; 3]);

#[derive(Debug, Default)]
pub struct Machine {
    heap: Vec<Content>,
    /// How many objects come from outside.
    pub outside: usize,
    pub events: Vec<Event>,
    stores: u64,
    draws: u64,
    outputs: u64,
    work: u64,
    /// Whether some of the work is done only where it is needed.
    pub is_lazy: bool,
}

pub fn term(name: &str, parts: &[u64]) -> u64 {
    let mut hasher = DefaultHasher::new();
    (name, parts).hash(&mut hasher);
    hasher.finish()
}

impl Machine {
    pub fn object(&mut self, content: u64) -> Val {
        self.heap.push(Content::Own(content));
        Val::Object(self.heap.len() - 1)
    }

    /// The value as a term, with what its memory holds now.
    pub fn read(&self, value: Val) -> u64 {
        match value {
            Val::Term(term) => term,
            Val::Object(at) => match self.heap[at] {
                Content::Own(content) => content,
                Content::View(base, part) => term("view", &[self.read(Val::Object(base)), part]),
            },
        }
    }

    fn event(&mut self, what: &'static str, of: u64) {
        self.events.push((what, of, [self.stores, self.draws, self.outputs]));
    }

    /// An operator or a function without memory of its own: of arrays a new array.
    pub fn compute(&mut self, name: &str, args: &[Val]) -> Val {
        self.work += 1;
        let parts: Vec<u64> = args.iter().map(|arg| self.read(*arg)).collect();
        let result = term(name, &parts);
        let on_arrays = args.iter().any(|arg| matches!(arg, Val::Object(_)));
        if name == "/" && !on_arrays {
            self.event("ZeroDivisionError", result);
        }
        if on_arrays && name != "sum" {
            self.object(result)
        } else {
            Val::Term(result)
        }
    }

    /// `base[at]`: an element.
    pub fn element(&mut self, base: Val, at: Val) -> Val {
        self.work += 1;
        let parts = [self.read(base), self.read(at)];
        let result = term("element", &parts);
        self.event("IndexError", result);
        Val::Term(result)
    }

    /// `base[1:]`
    pub fn slice(&mut self, base: Val, part: u64) -> Val {
        let Val::Object(base) = base else {
            panic!("a slice of a scalar")
        };
        self.heap.push(Content::View(base, part));
        Val::Object(self.heap.len() - 1)
    }

    /// `base[at] = value`; whatever `at` is, only that place changes.
    pub fn store(&mut self, base: Val, at: u64, value: Val) {
        let Val::Object(mut base) = base else {
            panic!("a store into a scalar")
        };
        let mut at = at;
        while let Content::View(other, part) = self.heap[base] {
            at = term("within", &[part, at]);
            base = other;
        }
        let before = self.read(Val::Object(base));
        let value = self.read(value);
        self.heap[base] = Content::Own(term("store", &[before, at, value]));
        self.event("store", term("to", &[base.min(self.outside) as u64, at, value]));
        self.stores += 1;
    }

    pub fn append(&mut self, list: Val, value: Val) {
        let at = term("end", &[self.read(list)]);
        self.store(list, at, value);
    }

    pub fn draw(&mut self) -> Val {
        self.draws += 1;
        self.event("draw", 0);
        Val::Term(term("draw", &[self.draws]))
    }

    /// Unknown code: whatever was to be computed before it must have been.
    pub fn tick(&mut self) -> Val {
        self.event("output", if self.is_lazy { 0 } else { self.work });
        self.outputs += 1;
        Val::Term(term("tick", &[self.outputs]))
    }

    /// Whether a condition holds: as good as random, the same for the same term.
    pub fn holds(&self, condition: Val) -> bool {
        self.read(condition) & 4 == 0
    }

    /// What happened, where neighbours that raise the same may change places; what did not raise before does not raise of
    /// the same again.
    pub fn history(&self) -> Vec<Event> {
        let mut history: Vec<Event> = Vec::new();
        for event in &self.events {
            let known = |before: &&Event| before.0 == event.0 && before.1 == event.1;
            if !(event.0.ends_with("Error") && history.iter().any(|before| known(&before))) {
                history.push(*event);
            }
        }
        for run in history.chunk_by_mut(|a, b| a.0 == b.0 && a.0.ends_with("Error")) {
            run.sort();
        }
        history
    }

    /// The values of variables, with which of them are one object, and what is in them.
    pub fn shown(&self, variables: &BTreeMap<String, Val>) -> Vec<(String, u64, Option<String>)> {
        let same = |value: Val| {
            let first = variables.iter().find(|(_, other)| **other == value);
            first
                .filter(|_| matches!(value, Val::Object(_)))
                .map(|(name, _)| name.clone())
        };
        variables
            .iter()
            .map(|(name, value)| (name.clone(), self.read(*value), same(*value)))
            .collect()
    }
}
