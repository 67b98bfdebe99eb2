//! Floating-point events: where the processor's status tells them, and where each operation notes its own.
//!
//! Loops on floats are not slowed down by looking for zeros and overflows: the processor notes them, and it is asked
//! behind the loop. But it notes all that is computed, and that can be more than the program tells of: Python's own
//! floats overflow silently, a quotient of complex numbers meets zeros on its way, and LLVM computes what a condition
//! keeps out. A loop with such code, and the code outside of loops in a function that has any, notes the events
//! of each operation of NumPy's instead, from its operands and its result ([`notes`](super::notes)). Loops inside that
//! are clean have the status watched around them.
//!
//! ```text
//! clean function                                     function with a loop that is not
//!   nl_fp_begin                                        notes
//!   …                                                  for …: notes
//!   nl_fp_end: the status                              nl_fp_begin; for …; nl_fp_pause
//!                                                      nl_fp_end: what was noted, and the status of the clean loops
//! ```

use std::collections::BTreeSet;

use numlift_abi::runtime::event;
use numlift_abi::{Site, event_bits};
use numlift_ir::dtype::Dtype;
use numlift_ir::function::{BlockId, Function, Op, OpId, OriginId, ValueId};
use numlift_ir::op::{Const, Kind, RESHAPE, Term, VIEW};
use numlift_ir::scalar::{F, Flavour, ScalarTy, faults};
use numlift_ir::ty::Ty;

use super::apart::Stretches;
use super::leave::{BEGIN_MARK, PAUSE_MARK};
use super::{Emitter, Ignoring};

/// How the events of a function are found.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// Whether anything is noted; else the status is watched from the function's beginning to its end.
    notes: bool,
    /// Loops whose own code notes.
    noting: BTreeSet<OpId>,
    /// Loops with nothing to tell: what the processor sees there is nobody's, as an order among NaNs.
    silent: BTreeSet<OpId>,
    /// Loops that run one iteration after the other whatever LLVM does: a branch costs less there than what it avoids.
    serial: BTreeSet<OpId>,
    /// Values that nobody uses, but whose computation may give an event.
    unused: BTreeSet<ValueId>,
    /// Values that a loop over an array folds.
    reduced: BTreeSet<ValueId>,
    /// Where the status is watched all the same.
    stretches: Stretches,
}

/// Where events are found at the place that is emitted, and what they are told as.
#[derive(Debug, Default)]
pub(super) struct Events {
    plan: Plan,
    /// The slot with what was noted.
    slot: String,
    /// Whether anything was.
    is_used: bool,
    sites: Vec<Site>,
    /// The site of the operation that is emitted.
    pub(super) site: usize,
    /// Whether the operation that is emitted notes.
    pub(super) noted: bool,
    /// A condition without which what is emitted is not what counts.
    pub(super) guard: Option<String>,
    /// The sites in the outermost loop, and those outside of loops.
    in_loop: i64,
    outside: i64,
    /// How many loops are open, and those among them, by depth, around which the status is watched.
    depth: usize,
    watched: Vec<usize>,
    /// The sites in the loop around which the status is watched in a function that notes.
    in_watched: i64,
    /// Whether the loops that are open note, the innermost last.
    loops: Vec<bool>,
    /// Whether the loops that are open are serial.
    serial: Vec<bool>,
    /// The loops that are open.
    open: Vec<OpId>,
}

/// What is seen in a block.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    spoilt: bool,
    warns: bool,
}

impl Events {
    pub(super) fn new(func: &Function, slot: String, ignoring: &[Ignoring]) -> Events {
        let mut plan = Plan::default();
        let seen = plan.scan(func, func.body, false, ignoring);
        // Outside of loops noting costs next to nothing, and says which of several operations it was.
        plan.notes = seen.spoilt || outside_of_loops(func, func.body) > 1;
        plan.unused = unused(func);
        plan.reduced = reduced(func);
        if plan.notes {
            plan.stretches = Stretches::new(func, |op| !plan.noting.contains(&op) && !plan.silent.contains(&op));
        }
        Events {
            plan,
            slot,
            ..Events::default()
        }
    }

    /// Whether the function's status is watched as a whole.
    pub(super) fn watches_all(&self) -> bool {
        !self.plan.notes
    }

    pub(super) fn slot(&self) -> &str {
        &self.slot
    }

    /// Notes into another slot from here on; gives the one before, and whether anything was noted into that.
    pub(super) fn change_slot(&mut self, slot: String, is_used: bool) -> (String, bool) {
        let before = std::mem::replace(&mut self.slot, slot);
        (before, std::mem::replace(&mut self.is_used, is_used))
    }

    /// What keeps the events of a function that is called and those of its caller apart: marks in front of the call and
    /// behind it. A callee that notes would have what it does silently seen by a caller that is watched, and one that is
    /// watched returns with the watching on.
    pub(super) fn apart_from(&self, callee: &Events) -> (Option<&'static str>, Option<&'static str>) {
        let is_watched = self.watches_all() || !self.watched.is_empty();
        let may_be_left_on = callee.watches_all() || callee.plan.stretches.any();
        match (is_watched, callee.plan.notes) {
            (true, true) => (Some(PAUSE_MARK), Some(BEGIN_MARK)),
            (false, _) if may_be_left_on => (None, Some(PAUSE_MARK)),
            _ => (None, None),
        }
    }

    /// Whether anything was noted into the slot.
    pub(super) fn is_used(&self) -> bool {
        self.is_used
    }

    /// Whether the status is watched before or behind the operation that is emitted, in the same loop, but not around it.
    pub(super) fn is_beside_watched(&self) -> bool {
        self.watched.is_empty() && self.plan.stretches.beside(self.open.last().copied())
    }

    /// The sites of functions that were emitted before in the same module.
    pub(super) fn with_sites(self, sites: Vec<Site>) -> Events {
        Events { sites, ..self }
    }

    pub(super) fn take_sites(&mut self) -> Vec<Site> {
        std::mem::take(&mut self.sites)
    }

    pub(super) fn is_reduced(&self, value: ValueId) -> bool {
        self.plan.reduced.contains(&value)
    }

    fn notes_here(&self) -> bool {
        self.plan.notes && self.watched.is_empty() && self.loops.last().copied().unwrap_or(true)
    }

    /// Where events of `what` in a line are told; beyond [`event_bits::SITES`] the last one takes them.
    fn site_of(&mut self, line: u32, what: &str, events: i32) -> usize {
        let found = self
            .sites
            .iter()
            .position(|site| site.line == line && site.what == what);
        let number = found.unwrap_or_else(|| {
            if self.sites.len() < event_bits::SITES {
                self.sites.push(Site {
                    line,
                    what: what.to_owned(),
                    events: 0,
                });
            }
            self.sites.len() - 1
        });
        self.sites[number].events |= events;
        self.in_watched |= 1 << number;
        match self.depth {
            0 => self.outside |= 1 << number,
            _ => self.in_loop |= 1 << number,
        }
        number
    }
}

impl Plan {
    fn scan(&mut self, func: &Function, block: BlockId, conditional: bool, ignoring: &[Ignoring]) -> Seen {
        let mut all = Seen::default();
        let mut conditional = conditional;
        for op in &func.block(block).ops {
            let data = func.op(*op);
            let seen = match &data.kind {
                Kind::Scalar { f, flavour } => {
                    let seen = scalar(func, *f, *flavour, &data.args, conditional);
                    Seen {
                        spoilt: seen.spoilt || orders(func, *f, &data.args),
                        ..seen
                    }
                }
                Kind::Convert | Kind::SetIndex(_) | Kind::Store => Seen {
                    spoilt: data
                        .args
                        .iter()
                        .chain(&data.results)
                        .any(|value| is_half(func.ty(*value))),
                    warns: casts(func, data),
                },
                Kind::Call { callee, .. } => Seen {
                    spoilt: false,
                    warns: !matches!(callee.as_str(), "numpy.empty" | "numpy.zeros" | VIEW | RESHAPE),
                },
                Kind::If => {
                    let mut seen = Seen::default();
                    for inner in &data.blocks {
                        let inner_seen = self.scan(func, *inner, true, ignoring);
                        seen = seen.and(inner_seen);
                    }
                    // What stands behind it may be kept out by it.
                    conditional |= data.blocks.iter().any(|inner| leaves(func, *inner));
                    seen
                }
                Kind::For | Kind::While => {
                    let mut seen = Seen::default();
                    for inner in &data.blocks {
                        seen = seen.and(self.scan(func, *inner, conditional, ignoring));
                    }
                    // LLVM makes one run of a few iterations, and moves their arithmetic to where nobody watches.
                    let is_counted =
                        data.kind == Kind::For && data.args.iter().take(3).all(|bound| func.as_const(*bound).is_some());
                    let is_ignored = ignored(func, data.origin, ignoring).next().is_some();
                    if seen.spoilt || is_counted || is_ignored {
                        self.noting.insert(*op);
                    }
                    if !seen.spoilt && !seen.warns {
                        self.silent.insert(*op);
                    }
                    if seen.spoilt {
                        self.note_in_short_loops(func, data);
                    }
                    if is_serial(func, *op) {
                        self.serial.insert(*op);
                    }
                    seen
                }
                _ => {
                    let mut seen = Seen::default();
                    for inner in &data.blocks {
                        seen = seen.and(self.scan(func, *inner, true, ignoring));
                    }
                    seen
                }
            };
            // The processor would note what is ignored.
            let is_ignored = seen.warns && ignored(func, data.origin, ignoring).next().is_some();
            all = all.and(Seen {
                spoilt: seen.spoilt || is_ignored,
                ..seen
            });
        }
        all
    }
}

impl Plan {
    /// Innermost loops of one that notes note as well where that only takes a branch: to watch the status around them
    /// would take as long as a dozen iterations, each time.
    fn note_in_short_loops(&mut self, func: &Function, around: &Op) {
        let mut inner = Vec::new();
        for block in &around.blocks {
            func.walk(*block, &mut |op| inner.push(op));
        }
        let is_loop = |op: &&OpId| matches!(func.op(**op).kind, Kind::For | Kind::While);
        let holds_none = |op: &&OpId| {
            let mut found = false;
            for block in &func.op(**op).blocks {
                func.walk(*block, &mut |inner| found |= is_loop(&&inner));
            }
            !found
        };
        let short = inner.iter().filter(is_loop).filter(holds_none).copied();
        self.noting
            .extend(short.filter(|op| self.serial.contains(op)).collect::<Vec<_>>());
    }
}

impl Seen {
    fn and(self, other: Seen) -> Seen {
        Seen {
            spoilt: self.spoilt || other.spoilt,
            warns: self.warns || other.warns,
        }
    }
}

/// How many operations stand outside of loops whose events the processor would note.
fn outside_of_loops(func: &Function, block: BlockId) -> usize {
    let of_op = |op: &OpId| {
        let data = func.op(*op);
        let own = match &data.kind {
            Kind::Scalar { f, flavour } => scalar(func, *f, *flavour, &data.args, false).warns,
            _ => false,
        };
        let inner = data.blocks.iter().filter(|_| data.kind == Kind::If);
        usize::from(own) + inner.map(|inner| outside_of_loops(func, *inner)).sum::<usize>()
    };
    func.block(block).ops.iter().map(of_op).sum()
}

/// Whether a loop cannot be vectorized: it holds another one, is no `for`, or carries a float. Sums are reordered under
/// `fastmath` only, which [`Emitter::notes_by_branch`] looks at.
fn is_serial(func: &Function, op: OpId) -> bool {
    let data = func.op(op);
    let mut holds_loops = false;
    let is_for = data.kind == Kind::For;
    for block in &data.blocks {
        func.walk(*block, &mut |inner| {
            holds_loops |= matches!(func.op(inner).kind, Kind::For | Kind::While)
        });
    }
    let is_float = |ty: &Ty| match ty.bound() {
        Ty::OneOf(options) => options.iter().any(|scalar| is_inexact(*scalar)),
        ty => ty.as_scalar().is_some_and(is_inexact),
    };
    let carried = func.block(data.blocks[0]).params.iter().skip(1);
    holds_loops || !is_for || carried.map(|param| func.ty(*param)).any(is_float)
}

fn is_inexact(ty: ScalarTy) -> bool {
    ty.array_dtype().is_inexact()
}

/// Whether control may leave a block other than by its end.
fn leaves(func: &Function, block: BlockId) -> bool {
    let mut found = false;
    func.visit_blocks(block, &mut |inner| {
        found |= matches!(
            func.block(inner).end,
            Term::Break(..) | Term::Return(_) | Term::Unreachable
        );
    });
    found
}

fn scalar(func: &Function, f: F, flavour: Flavour, args: &[ValueId], conditional: bool) -> Seen {
    let types: Option<Vec<ScalarTy>> = args.iter().map(|arg| func.ty(*arg).bound().as_scalar()).collect();
    let Some(types) = types else {
        // What may be of several types may be of one that warns, or Python's.
        let python = matches!(flavour, Flavour::Py | Flavour::NpScalar) && overflows(f);
        let may_be_python = args.iter().all(|arg| may_be_python(func.ty(*arg)));
        return Seen {
            spoilt: python && may_be_python || conditional && is_guarded(f) || any_strays(func, f, args),
            warns: true,
        };
    };
    let inexact = types.iter().any(|ty| ty.array_dtype().is_inexact());
    let is_python = types.iter().all(|ty| ty.is_python());
    match flavour {
        Flavour::Py | Flavour::NpScalar if is_python => Seen {
            spoilt: (inexact && (overflows(f) || f == F::Round)) || f == F::TrueDiv,
            warns: false,
        },
        Flavour::Math => Seen {
            spoilt: !matches!(
                f,
                F::Fabs | F::Isnan | F::Isinf | F::Isfinite | F::Copysign | F::Sqrt | F::Floor | F::Ceil | F::Trunc
            ),
            warns: false,
        },
        Flavour::Py | Flavour::NpScalar | Flavour::Ufunc => {
            let warns = faults(f, flavour, &types).may_warn();
            Seen {
                spoilt: warns && (conditional && is_guarded(f) || of_choices(func, args))
                    || strays(f, &types)
                    || inexact && flavour != Flavour::Ufunc && f == F::Round,
                warns,
            }
        }
    }
}

/// Whether LLVM makes an order of an equality, for which a NaN is an event of the processor's: `x == inf` is `x >= inf`.
fn orders(func: &Function, f: F, args: &[ValueId]) -> bool {
    let is_infinite = |arg: &ValueId| {
        let keeps = |kind: &Kind| matches!(kind, Kind::Convert | Kind::Scalar { f: F::Neg, .. });
        let mut value = *arg;
        while let Some(op) = func.def_op(value).map(|op| func.op(op)).filter(|op| keeps(&op.kind)) {
            value = op.args[0];
        }
        matches!(func.as_const(value), Some(Const::Float(float)) if float.is_infinite())
    };
    matches!(f, F::Eq | F::Ne) && args.iter().any(is_infinite)
}

/// What Python computes on its floats without a word where they overflow.
fn overflows(f: F) -> bool {
    matches!(
        f,
        F::Add | F::Sub | F::Mul | F::TrueDiv | F::FloorDiv | F::Mod | F::Pow | F::Square | F::Abs
    )
}

fn may_be_python(ty: &Ty) -> bool {
    match ty {
        Ty::OneOf(options) => options.iter().any(|ty| ty.is_python()),
        ty => ty.as_scalar().is_some_and(|ty| ty.is_python()),
    }
}

/// Whether a store or a conversion changes the dtype of a number.
fn casts(func: &Function, data: &Op) -> bool {
    let dtype = |value: &ValueId| match func.ty(*value).bound() {
        Ty::Array { dtype, .. } => Some(*dtype),
        ty => ty.as_scalar().map(ScalarTy::array_dtype),
    };
    let to = match data.kind {
        Kind::Convert => data.results.first(),
        _ => data.args.first(),
    };
    match (data.args.last().and_then(dtype), to.and_then(dtype)) {
        // Integers wrap without a word.
        (Some(from), Some(to)) => from != to && (from.is_inexact() || to.is_inexact()),
        _ => true,
    }
}

fn is_half(ty: &Ty) -> bool {
    match ty.bound() {
        Ty::Array { dtype, .. } => *dtype == Dtype::F16,
        ty => ty.as_scalar() == Some(ScalarTy::Np(Dtype::F16)),
    }
}

/// Whether an operation is on two values that were chosen: LLVM chooses between two results instead where that spares
/// it one of them, and then computes what nobody chose.
fn of_choices(func: &Function, args: &[ValueId]) -> bool {
    let is_chosen = |arg: &&ValueId| {
        func.def_op(**arg)
            .is_some_and(|op| matches!(func.op(op).kind, Kind::Select | Kind::If))
    };
    args.iter().filter(is_chosen).count() > 1
}

/// What is computed by a way on which there are other events than NumPy's. Half floats are converted in vectors that
/// are not full.
fn strays(f: F, types: &[ScalarTy]) -> bool {
    let dtype = numlift_ir::scalar::loops::loop_dtype(f, types);
    let half = dtype == Some(Dtype::F16) || types.contains(&ScalarTy::Np(Dtype::F16));
    let complex = dtype.is_some_and(|dtype| matches!(dtype, Dtype::C64 | Dtype::C128));
    let real = dtype.is_some_and(Dtype::is_float);
    half || (complex && f == F::TrueDiv) || (real && matches!(f, F::FloorDiv | F::Mod | F::Fmod))
}

/// The same for any of the types that numbers may have.
fn any_strays(func: &Function, f: F, args: &[ValueId]) -> bool {
    let mut choices: Vec<Vec<ScalarTy>> = vec![Vec::new()];
    for arg in args {
        let options = func.ty(*arg).bound().scalar_options().unwrap_or_default();
        let with = |option: &ScalarTy| {
            choices
                .iter()
                .map(|chosen| [&chosen[..], &[*option]].concat())
                .collect::<Vec<_>>()
        };
        choices = options.iter().flat_map(with).collect();
    }
    choices.iter().any(|types| strays(f, types))
}

/// Where events are ignored around a place, and around the calls that led there; the outermost first.
pub(super) fn ignored<'i>(
    func: &Function,
    origin: OriginId,
    ignoring: &'i [Ignoring],
) -> impl Iterator<Item = &'i Ignoring> {
    let mut starts = Vec::new();
    let mut at = Some(origin).filter(|_| !ignoring.is_empty());
    while let Some(place) = at {
        let origin = &func.origins[place.0 as usize];
        starts.push(origin.start);
        at = origin.inlined_at;
    }
    let around = move |one: &&Ignoring| starts.iter().any(|start| one.statements.contains(start));
    ignoring.iter().filter(around)
}

/// What has a domain that programs test for.
pub(super) fn is_guarded(f: F) -> bool {
    !matches!(f, F::Add | F::Sub | F::Mul | F::Square | F::Abs | F::Hypot | F::ToInt)
}

/// Values on which nothing depends that anybody sees, though NumPy might warn of how they are computed.
fn unused(func: &Function) -> BTreeSet<ValueId> {
    let mut used = BTreeSet::new();
    let mut order = Vec::new();
    func.walk(func.body, &mut |op| order.push(op));
    let is_pure = |op: OpId| {
        matches!(
            func.op(op).kind,
            Kind::Scalar { .. }
                | Kind::Convert
                | Kind::Truth
                | Kind::IsNone
                | Kind::Present
                | Kind::Select
                | Kind::MakeTuple
                | Kind::Item(_)
                | Kind::Load
        )
    };
    func.visit_blocks(func.body, &mut |block| match &func.block(block).end {
        Term::Yield(values) | Term::Return(values) | Term::Break(_, values) => used.extend(values.iter().copied()),
        Term::Unreachable => {}
    });
    for op in order.iter().rev() {
        let data = func.op(*op);
        // A frame is for when compiled code is left, which nothing else waits for.
        if matches!(data.kind, Kind::Frame { .. }) || is_pure(*op) && data.results.iter().all(|own| !used.contains(own))
        {
            continue;
        }
        used.extend(data.args.iter().copied());
    }
    let mut found = BTreeSet::new();
    for op in order {
        let data = func.op(op);
        if let Kind::Scalar { f, flavour } = &data.kind
            && data.results.iter().all(|own| !used.contains(own))
        {
            let types: Option<Vec<ScalarTy>> = data.args.iter().map(|arg| func.ty(*arg).bound().as_scalar()).collect();
            if types.is_none_or(|types| faults(*f, *flavour, &types).may_warn()) {
                found.extend(data.results.iter().copied());
            }
        }
    }
    found
}

/// What ufuncs make of what a loop carries: NumPy tells of a reduction there.
fn reduced(func: &Function) -> BTreeSet<ValueId> {
    let (mut carried, mut found) = (BTreeSet::new(), BTreeSet::new());
    func.walk(func.body, &mut |op| {
        let data = func.op(op);
        match &data.kind {
            Kind::For => {
                carried.extend(func.block(data.blocks[0]).params.iter().skip(1).copied());
                carried.extend(data.results.iter().copied());
            }
            Kind::Scalar {
                flavour: Flavour::Ufunc,
                ..
            } if data.args.iter().any(|arg| carried.contains(arg)) => {
                carried.extend(data.results.iter().copied());
                found.extend(data.results.iter().copied());
            }
            _ => {}
        }
    });
    found
}

impl Emitter<'_> {
    /// An operation whose events are told as those of `what` begins. The processor finds them, unless they are noted.
    pub(super) fn begin_site(&mut self, what: &str, events: i32, result: Option<ValueId>) {
        let line = self.place_of(self.origin).line;
        self.events.site = self.events.site_of(line, what, events);
        let unused = result.is_some_and(|result| self.events.plan.unused.contains(&result));
        self.events.noted = unused || self.events.notes_here();
    }

    pub(super) fn end_site(&mut self) {
        self.events.noted = false;
    }

    /// Whether a branch may stand in front of what is noted. What it looks at gives an event by itself, so not where the
    /// processor is watched.
    pub(super) fn notes_by_branch(&self) -> bool {
        let is_serial = self.events.serial.last().copied().unwrap_or(false);
        is_serial && self.events.notes_here() && !self.options.fastmath
    }

    /// Notes an event where a condition holds.
    pub(crate) fn note_if(&mut self, condition: &str, event: i32) {
        if ignored(self.func, self.origin, &self.options.ignoring).any(|ignoring| ignoring.events & event != 0) {
            return;
        }
        self.warns = true;
        let line = self.place_of(self.origin).line;
        if self
            .events
            .sites
            .get(self.events.site)
            .is_none_or(|site| site.line != line)
        {
            self.events.site = self.events.site_of(line, "cast", 0);
        }
        let condition = match self.events.guard.clone() {
            Some(guard) => self.text.value(&format!("and i1 {condition}, {guard}")),
            None => condition.to_owned(),
        };
        let bit = event_bits::noted(self.events.site, event);
        let bit = self.text.value(&format!("select i1 {condition}, i64 {bit}, i64 0"));
        self.events.is_used = true;
        let slot = self.events.slot.clone();
        let before = self.text.value(&format!("load i64, ptr {slot}"));
        let after = self.text.value(&format!("or i64 {before}, {bit}"));
        self.text.line(&format!("store i64 {after}, ptr {slot}"));
    }

    /// The processor is watched from here on. Threads that share a loop have nothing of the call's, but a slot of
    /// their own.
    fn watch(&mut self) {
        match self.is_outlined {
            true => self.text.line("call void @nl_status_clear()"),
            false => self.text.line("call void @nl_fp_begin(ptr %ctx)"),
        }
    }

    /// Up to here.
    fn unwatch(&mut self) {
        if !self.is_outlined {
            return self.text.line("call void @nl_fp_pause(ptr %ctx)");
        }
        self.events.is_used = true;
        let slot = self.events.slot.clone();
        let seen = self.text.value("call i32 @nl_status()");
        let seen = self.text.value(&format!("zext i32 {seen} to i64"));
        let before = self.text.value(&format!("load i64, ptr {slot}"));
        let after = self.text.value(&format!("or i64 {before}, {seen}"));
        self.text.line(&format!("store i64 {after}, ptr {slot}"));
    }

    /// A loop begins. Around a clean one in a function that notes, the processor is watched.
    pub(super) fn open_loop(&mut self, op: OpId) {
        self.look_outside();
        let events = &mut self.events;
        events.depth += 1;
        if events.depth == 1 {
            events.in_loop = 0;
        }
        let noting = events.plan.noting.contains(&op);
        let is_silent = events.plan.silent.contains(&op);
        if events.plan.notes && !noting && !is_silent && events.watched.is_empty() {
            events.watched.push(events.depth);
            events.in_watched = 0;
            self.watch();
        }
        self.events.loops.push(noting);
        let serial = self.events.plan.serial.contains(&op);
        self.events.serial.push(serial);
        self.events.open.push(op);
    }

    /// Outside of loops, what the processor has seen so far is no event of what follows.
    pub(super) fn look_outside(&mut self) {
        let sites = self.events.outside;
        if self.events.depth == 0 && sites != 0 && self.events.watches_all() {
            self.text.line(&format!("call void @nl_fp_look(ptr %ctx, i64 {sites})"));
        }
    }

    /// The loop is over, on every way out of it that stays in the function.
    pub(super) fn close_loop(&mut self) {
        let events = &mut self.events;
        events.loops.pop();
        events.serial.pop();
        events.open.pop();
        if events.watched.last() == Some(&events.depth) {
            events.watched.pop();
            let sites = events.in_watched;
            if !self.is_outlined && sites != 0 {
                self.text.line(&format!("call void @nl_fp_look(ptr %ctx, i64 {sites})"));
            }
            self.unwatch();
        }
        self.events.depth -= 1;
        // Behind each of the outermost loops it is known which of its operations it was.
        let sites = self.events.in_loop;
        if self.events.depth == 0 && sites != 0 && self.events.watches_all() {
            self.text.line(&format!("call void @nl_fp_look(ptr %ctx, i64 {sites})"));
        }
    }

    /// A loop is left from inside of others, of so many.
    pub(super) fn leave_loops(&mut self, inner: usize) {
        // Its own end pauses where it is the watched one.
        let target = self.events.depth - inner;
        if self.events.watched.last().is_some_and(|depth| *depth > target) {
            self.unwatch();
        }
    }

    /// A cast, which NumPy tells of as such.
    pub(super) fn begin_cast(&mut self, from: ScalarTy, to: ScalarTy) {
        let (from, to) = (from.array_dtype(), to.array_dtype());
        let narrows = to.is_inexact() && to.real_part() != Dtype::F64 && from != to;
        let cuts = from.is_inexact() && to.is_integer();
        let events = if narrows { event::OVER } else { 0 } | if cuts { event::INVALID } else { 0 };
        if events != 0 {
            self.begin_site("cast", events, None);
        }
        self.in_numpy = true;
    }

    /// What is computed next is told as a cast, whatever it is part of.
    pub(super) fn site_of_cast(&mut self) {
        let line = self.place_of(self.origin).line;
        self.events.site = self.events.site_of(line, "cast", event::OVER);
    }

    /// The processor is watched for a moment, where operations note else.
    pub(super) fn open_watch(&mut self) {
        if self.events.notes_here() {
            self.watch();
        }
    }

    pub(super) fn close_watch(&mut self) {
        if self.events.notes_here() {
            self.unwatch();
        }
    }
}
