//! Which live-ins a function reads, and of an object which attributes.
//!
//! ```text
//! for p in self.pos: cx += p[0]        reads `self` and `self.pos`: what `self.wind` is does not matter
//! ```

use std::collections::BTreeSet;

use numlift_ir::function::{Function, ValueId};
use numlift_ir::op::Kind;

/// Names, and paths of attributes.
#[derive(Debug, Default)]
pub(super) struct Reads {
    names: BTreeSet<String>,
    paths: BTreeSet<String>,
    /// Used other than by their attributes, which may read all.
    whole: BTreeSet<String>,
}

impl Reads {
    /// What either of two functions reads.
    pub(super) fn of(functions: [&Function; 2]) -> Reads {
        let mut reads = Reads::default();
        for func in functions {
            reads.add(func);
        }
        reads
    }

    fn add(&mut self, func: &Function) {
        let counts = func.use_counts();
        for param in &func.block(func.body).params {
            let Some(name) = func.name_of(*param).filter(|_| counts[param.index()] > 0) else {
                continue;
            };
            self.names.insert(name.to_owned());
            self.follow(func, &counts, *param, name);
        }
    }

    /// Notes the attributes that are read of what stands at a path.
    fn follow(&mut self, func: &Function, counts: &[u32], value: ValueId, path: &str) {
        let mut attributes = Vec::new();
        func.walk(func.body, &mut |op| {
            let data = func.op(op);
            if let (Kind::Attr(name), [object], [result]) = (&data.kind, &data.args[..], &data.results[..])
                && *object == value
            {
                attributes.push((format!("{path}.{name}"), *result));
            }
        });
        if attributes.len() < counts[value.index()] as usize {
            self.whole.insert(path.to_owned());
        }
        for (path, result) in attributes {
            self.follow(func, counts, result, &path);
            self.paths.insert(path);
        }
    }

    /// Whether a live-in is read.
    pub(super) fn name(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// Whether what stands at a path, say `self.pos`, is read.
    pub(super) fn path(&self, path: &str) -> bool {
        let dots = path.match_indices('.').map(|(at, _)| &path[..at]);
        let is_inside = dots.clone().any(|outer| self.whole.contains(outer));
        is_inside || self.paths.contains(path) || self.names.contains(path)
    }
}
