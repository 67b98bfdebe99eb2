//! Which memory a value may refer to.
//!
//! Memory is named by the value that it came in with: a parameter, or the result of an op that allocates. What flows
//! through loops and branches refers to all that flows in. An op inside of a loop allocates many times; whoever asks
//! whether two values share memory gets `true` for those, too.

use std::collections::{BTreeSet, HashMap};

use numlift_ir::effects::{is_fresh_call, is_fresh_method, is_view_of_memory};
use numlift_ir::function::{BlockId, Def, Function, OpId, ValueId};
use numlift_ir::op::{Kind, Sub, Term};
use numlift_ir::scalar::F;
use numlift_ir::table::{self, Does, FunctionInfo, lookup, method};
use numlift_ir::ty::Ty;

/// The memory that each value of a function may refer to.
#[derive(Debug)]
pub(super) struct Roots<'a> {
    func: &'a Function,
    disjoint: bool,
    of: HashMap<ValueId, Memory>,
}

/// A set of memory.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Memory {
    known: BTreeSet<ValueId>,
    /// And memory that nothing is known of.
    any: bool,
}

impl<'a> Roots<'a> {
    pub(super) fn new(func: &'a Function, disjoint: bool) -> Self {
        let mut roots = Self {
            func,
            disjoint,
            of: HashMap::new(),
        };
        while roots.flow_through(func.body, &mut Vec::new()) {}
        roots
    }

    /// Whether two values may share memory.
    pub(super) fn may_share(&self, a: ValueId, b: ValueId) -> bool {
        self.may_overlap(&self.memory(a), &self.memory(b))
    }

    /// Whether nobody else has the memory of a value under another name that is not seen here.
    pub(super) fn is_apart(&self, value: ValueId) -> bool {
        let memory = self.memory(value);
        !memory.any && (self.disjoint || memory.known.iter().all(|root| self.is_fresh(*root)))
    }

    fn may_overlap(&self, a: &Memory, b: &Memory) -> bool {
        // Memory of which nothing is known may be any that was ever handed out; and nothing known is not no memory.
        let is_unknown = |memory: &Memory| memory.any || memory.known.is_empty();
        if is_unknown(a) || is_unknown(b) {
            return true;
        }
        a.known.iter().any(|a| {
            b.known.iter().any(|b| match (self.is_fresh(*a), self.is_fresh(*b)) {
                (true, true) => a == b,
                (true, false) | (false, true) => false,
                (false, false) => a == b || !self.disjoint,
            })
        })
    }

    fn is_fresh(&self, root: ValueId) -> bool {
        matches!(self.func.def(root), Def::Result(..))
    }

    fn memory(&self, value: ValueId) -> Memory {
        self.of.get(&value).cloned().unwrap_or_default()
    }

    fn include(&mut self, value: ValueId, memory: &Memory) -> bool {
        if !self.func.ty(value).bound().has_memory() {
            return false;
        }
        let own = self.of.entry(value).or_default();
        let before = own.clone();
        own.known.extend(&memory.known);
        own.any |= memory.any;
        *own != before
    }

    fn include_all(&mut self, to: &[ValueId], from: &[ValueId]) -> bool {
        let mut changed = false;
        for (to, from) in to.iter().zip(from) {
            let memory = self.memory(*from);
            changed |= self.include(*to, &memory);
        }
        changed
    }

    fn flow_through(&mut self, block: BlockId, loops: &mut Vec<OpId>) -> bool {
        let func = self.func;
        let mut changed = false;
        if block == func.body {
            for param in &func.block(block).params {
                let is_array = matches!(func.ty(*param), Ty::Array { .. });
                let own = match is_array {
                    true => Memory {
                        known: BTreeSet::from([*param]),
                        any: false,
                    },
                    false => Memory {
                        any: true,
                        ..Memory::default()
                    },
                };
                changed |= self.include(*param, &own);
            }
        }
        for op in &func.block(block).ops {
            changed |= self.flow_op(*op, loops);
        }
        if let Term::Break(out, values) = &func.block(block).end
            && let Some(op) = loops.iter().rev().nth(*out)
        {
            changed |= self.include_all(&func.op(*op).results, values);
        }
        changed
    }

    fn flow_op(&mut self, op: OpId, loops: &mut Vec<OpId>) -> bool {
        let func = self.func;
        let data = func.op(op);
        let mut changed = false;
        match data.kind {
            Kind::If | Kind::For | Kind::While => {
                let is_loop = data.kind != Kind::If;
                let inits = match data.kind {
                    Kind::For => &data.args[3..],
                    Kind::While => &data.args[..],
                    _ => &[],
                };
                if is_loop {
                    loops.push(op);
                    changed |= self.include_all(&data.results, inits);
                }
                for (number, inner) in data.blocks.iter().enumerate() {
                    let params = &func.block(*inner).params;
                    let carried = if data.kind == Kind::For {
                        &params[1..]
                    } else {
                        &params[..]
                    };
                    changed |= self.include_all(carried, inits);
                    // What a loop's body hands on comes back in, and out.
                    changed |= self.include_all(carried, &data.results);
                    changed |= self.flow_through(*inner, loops);
                    let is_test = data.kind == Kind::While && number == 0;
                    if let (Term::Yield(values), false) = (&func.block(*inner).end, is_test) {
                        changed |= self.include_all(&data.results, values);
                    }
                }
                if is_loop {
                    loops.pop();
                }
            }
            _ => {
                for result in &data.results {
                    let memory = self.made(op, *result);
                    changed |= self.include(*result, &memory);
                }
            }
        }
        changed
    }

    /// The memory that the result of an op without blocks refers to.
    fn made(&self, op: OpId, result: ValueId) -> Memory {
        let data = self.func.op(op);
        let fresh = || Memory {
            known: BTreeSet::from([result]),
            any: false,
        };
        let of_args = || {
            data.args.iter().fold(Memory::default(), |mut all, arg| {
                let memory = self.memory(*arg);
                all.known.extend(memory.known);
                all.any |= memory.any;
                all
            })
        };
        let new_or = |mut memory: Memory| {
            memory.known.insert(result);
            memory
        };
        let is_array = |value: &ValueId| matches!(self.func.ty(*value).bound(), Ty::Array { .. });
        match &data.kind {
            // The parts of an array are views.
            Kind::Scalar {
                f: F::Real | F::Imag, ..
            } => of_args(),
            Kind::Scalar { .. } => fresh(),
            Kind::Index(subs) if is_array(&data.args[0]) => {
                let picks = data.args[1..].iter().any(|arg| !is_plain_subscript(self.func.ty(*arg)));
                match picks && subs.contains(&Sub::At) {
                    true => fresh(),
                    false => self.memory(data.args[0]),
                }
            }
            Kind::Call { callee, .. } if is_view_of_memory(callee) => self.memory(data.args[0]),
            Kind::Call { callee, keywords } if is_fresh_call(callee, keywords) => fresh(),
            Kind::Method { name, keywords } if is_array(&data.args[0]) && is_fresh_method(name, keywords) => fresh(),
            // A view of no argument, as `np.ndarray(shape)` gives, is memory of its own.
            Kind::Call { callee, .. } if lookup(callee).is_some_and(is_view) => new_or(of_args()),
            Kind::Method { name, .. } if is_array(&data.args[0]) && method("ndarray", name).is_some_and(is_view) => {
                new_or(of_args())
            }
            Kind::Attr(_)
            | Kind::Present
            | Kind::Select
            | Kind::MakeTuple
            | Kind::MakeList
            | Kind::Item(_)
            | Kind::Repeat => of_args(),
            _ => Memory { any: true, ..of_args() },
        }
    }
}

/// Whether a function gives memory that is an argument's, or new.
fn is_view(info: &FunctionInfo) -> bool {
    info.does == Does::Nothing && !matches!(info.memory, table::Memory::Plain)
}

fn is_plain_subscript(ty: &Ty) -> bool {
    ty.bound().as_scalar().is_some() || *ty.bound() == Ty::None
}
