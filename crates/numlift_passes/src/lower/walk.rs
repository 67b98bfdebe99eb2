//! Going through a function, op by op.
//!
//! A value of the old function is a value of the new one, or a node that was not computed yet. Nodes wait while nothing
//! changes what they read: before a store, before code that runs in Python and may do anything, and before control flow,
//! what is still needed is computed.

use std::collections::{BTreeMap, HashMap};

use numlift_ir::build::Builder;
use numlift_ir::function::{BlockId, Function, OpId, OriginId, ValueId};
use numlift_ir::op::{Effect, Kind, Term};
use numlift_ir::scalar::{F, Flavour};
use numlift_ir::ty::Ty;

use super::carried::Assumed;
use super::checks;
use super::contract;
use super::counters;
use super::facts::Facts;
use super::frames::Held;
use super::fuse;
use super::hoist;
use super::interchange;
use super::ints::Scope;
use super::lying::{Lying, Places};
use super::masks::Counts;
use super::raising;
use super::roots::Roots;
use super::scalars;
use super::space::{Node, NodeId};
use super::tallies;
use super::uses::Uses;
use super::{Note, NoteKind, Options};
use super::{blocks, gathers};
use crate::dead;

/// What a value of the old function is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    Plain(ValueId),
    Node(NodeId),
}

/// The function that is lowered and the one that is made.
pub(super) struct Lower<'a> {
    pub old: &'a Function,
    pub b: Builder,
    pub options: Options,
    pub nodes: Vec<Node>,
    /// The nodes that were computed, as they were before.
    pub settled: Vec<(NodeId, Node)>,
    pub facts: Facts,
    pub held: Held,
    pub scopes: Vec<Scope>,
    pub roots: Roots<'a>,
    pub notes: Vec<Note>,
    pub uses: Uses,
    pub counts: Counts,
    /// What the fold that is made begins with, if not with its identity.
    pub begin: Option<ValueId>,
    /// The axes of new arrays that do not lie in C order, from the largest stride to the smallest.
    pub orders: HashMap<ValueId, Vec<usize>>,
    pub places: Places,
    pub assumed: Assumed,
    /// The block of ops that are gone through; others are made for them.
    pub walked: BlockId,
    meanings: HashMap<ValueId, Meaning>,
}

/// Lowers a whole function, of whose first parameters something is known.
pub(super) fn walk(old: &Function, given: &[Lying], options: &Options) -> (Function, Vec<Note>) {
    let mut doubtful: BTreeMap<ValueId, bool> = BTreeMap::new();
    loop {
        let assumed = Assumed {
            doubtful: doubtful.clone(),
            ..Assumed::default()
        };
        match walk_assuming(old, given, assumed, options) {
            Ok(done) => return done,
            Err(failed) => {
                for (param, is_mixed) in failed {
                    *doubtful.entry(param).or_default() |= is_mixed;
                }
            }
        }
    }
}

/// The same, where it is said what loops are taken to carry; else of which parameters of blocks that does not hold.
fn walk_assuming(
    old: &Function,
    given: &[Lying],
    assumed: Assumed,
    options: &Options,
) -> Result<(Function, Vec<Note>), BTreeMap<ValueId, bool>> {
    let mut b = Builder::new(&old.name);
    b.func.lists_grow = old.lists_grow;
    b.func.origins = old.origins.clone();
    b.func.outputs = old.outputs.clone();
    let mut lower = Lower {
        old,
        b,
        options: *options,
        nodes: Vec::new(),
        settled: Vec::new(),
        facts: Facts::default(),
        held: Held::default(),
        scopes: Vec::new(),
        roots: Roots::new(old, options.disjoint),
        notes: Vec::new(),
        uses: Uses::new(old, options.guards),
        counts: Counts::default(),
        begin: None,
        orders: HashMap::new(),
        places: Places::default(),
        assumed,
        walked: BlockId(0),
        meanings: HashMap::new(),
    };
    let body = lower.b.func.body;
    lower.walked = body;
    lower.push_scope(body);
    for param in &old.block(old.body).params {
        let new = lower
            .b
            .func
            .add_param(body, old.ty(*param).clone(), old.name_of(*param));
        lower.meanings.insert(*param, Meaning::Plain(new));
    }
    for (param, lying) in old.block(old.body).params.iter().zip(given) {
        let new = lower.plain(*param);
        lower.bind_lying(*param, new, lying);
    }
    lower.ops_of(old.body, false);
    if !lower.assumed.failed.is_empty() {
        return Err(lower.assumed.failed);
    }
    let mut notes = lower.notes;
    let mut func = lower.b.func;
    let raising = raising::values(&func);
    dead::remove_keeping(&mut func, &raising);
    let mut func = fuse::fuse(func, options);
    scalars::replace(&mut func);
    let func = checks::settle(func, &mut notes, options);
    let mut func = hoist::hoist(func, options);
    counters::settle(&mut func, options);
    tallies::settle(&mut func, options);
    let func = blocks::blocks(func, options.disjoint);
    let mut func = gathers::gathers(func, options.disjoint);
    if options.fastmath {
        func = contract::contract(func, options.disjoint);
    }
    let mut func = interchange::interchange(func, options);
    let raising = raising::values(&func);
    dead::remove_keeping(&mut func, &raising);
    Ok((func, notes))
}

impl Lower<'_> {
    /// The ops of an old block, which may be what a loop repeats, at the end of the present block, and its end.
    fn ops_of(&mut self, block: BlockId, is_body: bool) {
        for op in &self.old.block(block).ops {
            self.op(*op);
        }
        let end = self.old.block(block).end.clone();
        let values = self.handed_over(end.values());
        self.check_carried(&end, end.values(), is_body);
        let end = match end {
            Term::Yield(_) => Term::Yield(values),
            Term::Break(out, _) => Term::Break(out, values),
            Term::Return(_) => Term::Return(values),
            Term::Unreachable => Term::Unreachable,
        };
        let here = self.b.block;
        self.b.end(here, end);
    }

    fn op(&mut self, op: OpId) {
        let old = self.old;
        let data = old.op(op);
        self.b.origin = self.origin_of(op);
        if let Kind::Frame { .. } = data.kind {
            data.args.iter().for_each(|arg| self.uses.by_frames[arg.index()] -= 1);
            self.framed(op);
            return;
        }
        data.args.iter().for_each(|arg| self.uses.left[arg.index()] -= 1);
        if !data.blocks.is_empty() {
            return self.with_blocks(op);
        }
        if self.is_of_mixed(op) {
            self.copy(op);
            return self.mix_results(op);
        }
        if self.array_op(op) {
            return;
        }
        self.copy(op);
    }

    /// Origins are kept as they are.
    pub(super) fn origin_of(&self, op: OpId) -> OriginId {
        self.old.op(op).origin
    }

    /// An op as it is.
    fn copy(&mut self, op: OpId) {
        let data = self.old.op(op);
        let effect = data.kind.effect();
        let touches = |ty: &Ty| matches!(ty.bound(), Ty::Array { .. });
        let is_island = match &data.kind {
            Kind::Call { .. } | Kind::Method { .. } | Kind::Opaque { .. } => true,
            Kind::Scalar { .. } => data.args.iter().any(|arg| touches(self.old.ty(*arg))),
            _ => false,
        };
        if is_island && data.args.iter().any(|arg| touches(self.old.ty(*arg))) {
            self.note_island(op);
        }
        let acts = matches!(effect, Effect::Writes | Effect::Draws | Effect::World);
        if acts {
            self.settle_all();
        }
        match may_leave(self.old, op) {
            true if acts => self.hold_last_frame(),
            true => self.hold_frame(),
            false => {}
        }
        // Each is used still when those before it are computed.
        data.args.iter().for_each(|arg| self.uses.left[arg.index()] += 1);
        let mut args = self.handed_over(&data.args);
        self.in_its_order(&data.kind, &mut args);
        let types: Vec<Ty> = data.results.iter().map(|result| self.old.ty(*result).clone()).collect();
        let kind = match &data.kind {
            // An op on arrays that has no form of elements is a call of the ufunc.
            Kind::Scalar { f, .. } if is_island => match f.info().numpy {
                Some(name) => Kind::Call {
                    callee: format!("numpy.{name}"),
                    keywords: Vec::new(),
                },
                None => data.kind.clone(),
            },
            kind => kind.clone(),
        };
        let new = self.b.typed_op(kind, &args, &types);
        self.bind_results(op, new);
        self.bind_alike(op, new);
        if acts {
            self.acted();
        }
    }

    fn note_island(&mut self, op: OpId) {
        let text = match &self.old.op(op).kind {
            Kind::Call { callee, .. } => format!("`{callee}` runs in Python"),
            Kind::Method { name, .. } => format!("`.{name}()` runs in Python"),
            Kind::Opaque { reason, .. } => reason.clone(),
            kind => format!("{kind:?} runs in Python"),
        };
        self.note(NoteKind::Island, text);
    }

    pub(super) fn note(&mut self, kind: NoteKind, text: String) {
        let origin = self.b.origin;
        self.notes.push(Note { kind, origin, text });
    }

    fn bind_results(&mut self, op: OpId, new: OpId) {
        let results = self.b.func.op(new).results.clone();
        if let [only] = results[..]
            && self.bind_item(op, only)
        {
            return;
        }
        for (old, new) in self.old.op(op).results.iter().zip(results) {
            self.bind(*old, Meaning::Plain(new));
        }
    }

    /// Says what a value is.
    pub(super) fn bind(&mut self, old: ValueId, meaning: Meaning) {
        if let (Meaning::Plain(new), Some(name)) = (meaning, self.old.name_of(old)) {
            self.b.name(new, name);
        }
        self.meanings.insert(old, meaning);
    }

    pub(super) fn meaning(&self, old: ValueId) -> Meaning {
        self.meanings[&old]
    }

    /// The value in the new function; an array that was not computed yet is, here.
    pub(super) fn plain(&mut self, old: ValueId) -> ValueId {
        match self.meanings[&old] {
            Meaning::Plain(value) => value,
            Meaning::Node(node) => {
                let value = self.object_of(node);
                if let Some(name) = self.old.name_of(old) {
                    self.b.name(value, name);
                }
                value
            }
        }
    }

    /// The values that an op or a block's end uses, one after the other.
    fn handed_over(&mut self, values: &[ValueId]) -> Vec<ValueId> {
        let each = values.iter().map(|value| {
            self.uses.left[value.index()] -= 1;
            self.plain(*value)
        });
        each.collect()
    }

    /// Whether a value exists, or is a view that may be had at any time.
    pub(super) fn is_there(&self, old: ValueId) -> bool {
        match self.meanings[&old] {
            Meaning::Plain(_) => true,
            Meaning::Node(node) => !self.nodes[node.index()].is_open() && !self.is_object_of_numpy(node),
        }
    }

    /// Whether a node is a view whose object is NumPy's to make, and was not made yet.
    fn is_object_of_numpy(&self, node: NodeId) -> bool {
        let data = &self.nodes[node.index()];
        data.value.is_none() && data.deferred.is_some_and(|op| self.is_read_only(op))
    }

    /// Whether an op that is still to come uses a value.
    pub(super) fn is_needed(&self, old: ValueId) -> bool {
        self.uses.left[old.index()] > 0
    }

    /// Nodes that were not computed yet and are needed later, by their values, in order.
    pub(super) fn waiting(&self) -> Vec<(ValueId, NodeId)> {
        let waits = |node: NodeId| self.nodes[node.index()].is_open() || self.is_object_of_numpy(node);
        let mut waiting: Vec<(ValueId, NodeId)> = self
            .meanings
            .iter()
            .filter_map(|(old, meaning)| match meaning {
                Meaning::Node(node) if waits(*node) => Some((*old, *node)),
                Meaning::Node(_) | Meaning::Plain(_) => None,
            })
            .filter(|(old, _)| self.uses.left[old.index()] + self.uses.by_frames[old.index()] > 0)
            .collect();
        waiting.sort_unstable();
        waiting
    }

    /// Computes whatever is needed later: memory may change.
    pub(super) fn settle_all(&mut self) {
        for (old, _) in self.waiting() {
            self.plain(old);
        }
    }

    /// Computes what is needed later and reads memory that this array may share; views that NumPy makes are calls.
    ///
    /// Where Python goes on if there is no memory, it is everything: memory that is asked for behind the store needs a
    /// frame behind it, which would have to ask for more.
    pub(super) fn settle_readers(&mut self, written: ValueId) {
        if self.options.guards {
            return self.settle_all();
        }
        for (old, node) in self.waiting() {
            let may_share = |read: &ValueId| self.roots.may_share(*read, written);
            if self.is_object_of_numpy(node) || self.reads_of(node).iter().any(may_share) {
                self.plain(old);
            }
        }
    }

    fn with_blocks(&mut self, op: OpId) {
        let old = self.old;
        let data = old.op(op);
        let kind = data.kind.clone();
        let acts = old.acts_inside(op);
        self.settle_all();
        if acts {
            // What the frame of the statement has is what it was in front of it, and not computed of other memory.
            let names = self.held.frames.last().map(|frame| old.op(*frame).args.clone());
            for name in names.into_iter().flatten() {
                self.plain(name);
            }
        }
        // A loop's header may raise; what it runs over is computed before the statement's frame.
        let args: Vec<ValueId> = data.args.iter().map(|arg| self.plain(*arg)).collect();
        if kind != Kind::If {
            // Where Python goes on if a check in front of the loop fails.
            self.hold_frame();
        }
        let begins = match kind {
            Kind::For => &data.args[3..],
            Kind::While => &data.args[..],
            _ => &[],
        };
        let begins: Vec<Option<Lying>> = begins.iter().map(|begin| self.lies_surely(*begin)).collect();
        let before = self.held.clone();
        let mut blocks = Vec::new();
        for (number, block) in data.blocks.iter().enumerate() {
            // What a loop did in one iteration is not done twice from in front of it.
            self.held = match kind == Kind::If || !acts {
                true => before.clone(),
                false => Held::default(),
            };
            let is_body = match kind {
                Kind::If => false,
                Kind::While => number > 0,
                _ => true,
            };
            blocks.push(self.block(*block, &kind, &args, (&begins, is_body)));
        }
        if acts {
            self.counts = Counts::default();
        }
        self.held = Held { said: None, ..before };
        if acts {
            self.held.has_acted();
        }
        self.b.origin = self.origin_of(op);
        let lying = self.given_by(op, &begins);
        let known = lying.iter().map(|lying| lying.as_ref().unwrap_or(&Lying::Unknown));
        let results = data.results.iter().zip(known);
        let types: Vec<Ty> = results.map(|(result, lying)| self.lying_type(*result, lying)).collect();
        let here = self.b.block;
        let origin = self.b.origin;
        let new = self.b.func.push_op(here, kind, args, blocks, &types, origin);
        self.bind_given(op, new, &lying);
    }

    fn block(
        &mut self,
        block: BlockId,
        kind: &Kind,
        args: &[ValueId],
        (begins, is_body): (&[Option<Lying>], bool),
    ) -> BlockId {
        let outer = self.b.block;
        let new = self.b.func.add_block();
        self.b.block = new;
        self.walked = new;
        self.push_scope(new);
        let counts = std::mem::take(&mut self.counts);
        self.carried_params(block, new, begins, kind);
        // That a loop goes round is known inside of it only.
        let facts = self.facts.clone();
        if *kind == Kind::For {
            let index = self.b.func.block(new).params[0];
            self.facts.index(&self.b.func, index, [args[0], args[1], args[2]]);
        }
        let (settled, outer_nodes) = (self.settled.len(), self.nodes.len());
        self.ops_of(block, is_body);
        self.leave_block(kind);
        // What only a frame in the block wanted is not there behind it.
        while self.settled.len() > settled {
            if let Some((node, before)) = self.settled.pop()
                && node.index() < outer_nodes
            {
                self.nodes[node.index()] = before;
            }
        }
        self.facts = facts;
        self.counts = counts;
        self.pop_scope();
        self.b.block = outer;
        self.walked = outer;
        new
    }
}

/// Whether an op that is copied may leave compiled code.
pub(super) fn may_leave(func: &Function, op: OpId) -> bool {
    let data = func.op(op);
    let is_float = |value: &ValueId| {
        func.ty(*value)
            .as_scalar()
            .is_some_and(|scalar| scalar.array_dtype().is_float())
    };
    match &data.kind {
        Kind::Const(_)
        | Kind::Extern(_)
        | Kind::Unbound
        | Kind::MakeTuple
        | Kind::MakeList
        | Kind::Len { .. }
        | Kind::Present
        | Kind::Select
        | Kind::Load
        | Kind::Store
        | Kind::Frame { .. } => false,
        Kind::Item(_) => matches!(func.ty(data.args[0]).bound(), Ty::List(..)),
        Kind::Scalar { f, flavour } => {
            let plain = matches!(f, F::Add | F::Sub | F::Mul | F::Neg | F::Pos | F::Abs) || f.is_comparison();
            // A float may have no int.
            let converts = matches!(f, F::Round | F::ToInt);
            let quiet = !converts && (matches!(flavour, Flavour::Ufunc | Flavour::NpScalar) || plain);
            !(quiet && data.args.iter().all(is_float))
        }
        _ => true,
    }
}
