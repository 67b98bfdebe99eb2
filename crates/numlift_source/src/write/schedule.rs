//! Which values are nested into the expression that uses them, and which become statements, in which order.
//!
//! Ops are taken in order. What an op computes is *pending*: an expression that is not yet in any statement. An op that
//! uses it takes it into its own expression, which moves it past everything pending behind it; so that is done only
//! where those do not conflict ([`Summary::conflicts`]), and Python evaluates operands from left to right, so operands
//! that conflict must stand in their order. What cannot be moved, or is used more than once, becomes a temporary.
//!
//! ```text
//! %1 = index x[0]           pending
//! %2 = draw rng.random()    pending
//! set_index x[0], %2        conflicts with %1: the statement `value = x[0]` goes before `x[0] = rng.random()`
//! ```
//!
//! The invariant: pending expressions stand in an order in which they may be evaluated, behind all statements so far.

use std::collections::{BTreeMap, BTreeSet};

use numlift_ir::function::{BlockId, Function, OpId, RETURN, ValueId};
use numlift_ir::op::{Kind, Term};
use numlift_ir::scalar::{F, Flavour};
use numlift_ir::ty::Ty;

use super::effect::Summary;
use super::live::Live;
use super::memory::{Memory, is_array};
use super::python::{Expr, Stmt};
use super::spelling::Spelling;
use super::{WriteError, WriteOptions, layout, operation, print};

/// Why an attempt at an expression ended.
#[derive(Debug)]
pub(super) enum Stop {
    Error(WriteError),
    /// A block is no expression.
    NotAnExpression,
    /// This value, from outside of the block, must be computed before it.
    Before(ValueId),
}

impl From<WriteError> for Stop {
    fn from(error: WriteError) -> Self {
        Self::Error(error)
    }
}

pub(super) type Step<T> = Result<T, Stop>;

/// An expression that is in no statement yet.
#[derive(Debug, Clone)]
pub(super) struct Pending {
    pub value: ValueId,
    pub piece: Piece,
    /// As good as a name: repeated wherever it is used.
    pub cheap: bool,
    /// How many blocks deep it was made.
    pub depth: usize,
}

/// An expression with what it does.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub expr: Expr,
    pub summary: Summary,
    /// Values of the user's own inside it, with the length of their text.
    pub parts: Vec<(ValueId, usize)>,
}

/// What changes while writing.
#[derive(Debug, Clone, Default)]
pub(super) struct State {
    pub statements: Vec<Stmt>,
    pub pending: Vec<Pending>,
    /// The value that each variable holds.
    pub bound: BTreeMap<String, ValueId>,
    /// How often each value is still to be used.
    pub uses: Vec<u32>,
    pub imports: BTreeSet<String>,
    /// Variables that were assigned to.
    pub assigned: BTreeSet<String>,
    /// Variables that a statement reads for which others make way.
    pub busy: BTreeSet<String>,
}

/// A function being written.
pub(super) struct Schedule<'a> {
    pub func: &'a Function,
    pub options: &'a WriteOptions<'a>,
    pub memory: Memory<'a>,
    pub live: Live,
    pub variables: &'a BTreeSet<String>,
    split: BTreeSet<ValueId>,
    /// The names that values are wanted under, for each block that is being written.
    pub targets: Vec<BTreeMap<ValueId, Vec<String>>>,
    /// The variables of the loops around, the innermost last.
    pub loops: Vec<Vec<String>>,
    /// Whether a block is tried as an expression.
    pub as_expression: bool,
    pub state: State,
    /// A value to take out of a line that is too long.
    pub long: Option<ValueId>,
}

impl<'a> Schedule<'a> {
    /// `given` values hold their names from the start: the guard has computed them.
    pub fn new(
        func: &'a Function,
        options: &'a WriteOptions<'a>,
        variables: &'a BTreeSet<String>,
        split: &BTreeSet<ValueId>,
        given: &BTreeMap<ValueId, String>,
    ) -> Result<Self, WriteError> {
        let live = Live::beside(func, &given.keys().copied().collect());
        let mut state = State {
            uses: live.uses.clone(),
            ..State::default()
        };
        for param in &func.block(func.body).params {
            let name = func
                .name_of(*param)
                .ok_or_else(|| WriteError::new("a live-in without a name"))?;
            state.bound.insert(name.to_owned(), *param);
        }
        for (value, name) in given {
            state.bound.insert(name.clone(), *value);
            state.assigned.insert(name.clone());
        }
        let memory = Memory::of(func);
        Ok(Self {
            func,
            options,
            memory,
            live,
            variables,
            split: split.clone(),
            targets: Vec::new(),
            loops: Vec::new(),
            as_expression: false,
            state,
            long: None,
        })
    }

    /// Writes the whole body.
    pub fn run(&mut self) -> Result<(), WriteError> {
        let func = self.func;
        self.block(func.body, &func.outputs).map_err(|stop| match stop {
            Stop::Error(error) => error,
            Stop::NotAnExpression | Stop::Before(_) => WriteError::new("a statement where an expression is needed"),
        })
    }

    /// Writes a block whose end values go to these names.
    pub fn block(&mut self, block: BlockId, names: &[String]) -> Step<()> {
        let func = self.func;
        let data = func.block(block);
        let names = match &data.end {
            Term::Yield(_) => names,
            Term::Return(_) => &func.outputs[..],
            Term::Unreachable => &[],
            Term::Break(0, _) => match self.loops.last() {
                Some(carried) => &carried.clone()[..],
                None => return Err(WriteError::new("a `break` outside of a loop").into()),
            },
            Term::Break(..) => return Err(WriteError::new("a `break` of a loop further out").into()),
        };
        let mut targets: BTreeMap<ValueId, Vec<String>> = BTreeMap::new();
        for (value, name) in data.end.values().iter().zip(names) {
            targets.entry(*value).or_default().push(name.clone());
        }
        self.targets.push(targets);
        for op in self.live.ops_of(func, block) {
            self.inner_op(op)?;
        }
        if data.end != Term::Unreachable {
            let wanted: Vec<(String, ValueId)> = names.iter().cloned().zip(data.end.values().iter().copied()).collect();
            self.finish(&wanted, matches!(data.end, Term::Return(_)) && block != func.body)?;
        }
        if matches!(data.end, Term::Break(..)) {
            self.emit(Stmt::Break, Summary::default(), &[])?;
        }
        self.targets.pop();
        Ok(())
    }

    /// The spelling of a qualified name.
    pub fn spell(&mut self, qualified: &str) -> Result<Expr, WriteError> {
        let spelling = Spelling {
            options: self.options,
            variables: self.variables,
        };
        spelling.of(qualified, &mut self.state.imports)
    }

    pub fn expression(&mut self, op: OpId, args: Vec<Expr>) -> Result<Expr, WriteError> {
        let spelling = Spelling {
            options: self.options,
            variables: self.variables,
        };
        let imports = &mut self.state.imports;
        operation::expression(self.func, op, args, &mut |name| spelling.of(name, imports))
    }

    /// A use that is not written.
    pub fn release(&mut self, value: ValueId) {
        let uses = &mut self.state.uses[value.index()];
        *uses = uses.saturating_sub(1);
        if *uses == 0
            && let Some(at) = self.pending_at(value)
            && !self.state.pending[at].piece.summary.has_effect()
        {
            self.state.pending.remove(at);
        }
    }

    pub fn pending_at(&self, value: ValueId) -> Option<usize> {
        self.state.pending.iter().position(|pending| pending.value == value)
    }

    fn name_holding(&self, value: ValueId) -> Option<&String> {
        self.state
            .bound
            .iter()
            .find(|(_, held)| **held == value)
            .map(|(name, _)| name)
    }

    /// Whether a variable holds a value.
    pub fn is_named(&self, value: ValueId) -> bool {
        self.name_holding(value).is_some()
    }

    /// Whether what is written has to be one expression.
    pub fn is_expression(&self) -> bool {
        self.as_expression
    }

    pub fn pieces<const N: usize>(&mut self, values: &[ValueId; N]) -> Step<[Piece; N]> {
        let pieces = self.operands(values)?;
        pieces
            .try_into()
            .map_err(|_| WriteError::new("an op with another number of operands").into())
    }

    /// The expressions of operands, in the order in which Python evaluates them.
    pub fn operands(&mut self, values: &[ValueId]) -> Step<Vec<Piece>> {
        while let Some(at) = self.out_of_order(values)? {
            self.flush(at)?;
        }
        values.iter().map(|value| self.take(*value)).collect()
    }

    /// An operand that would be evaluated too late, or before one that has to come first.
    fn out_of_order(&self, values: &[ValueId]) -> Step<Option<usize>> {
        let places: Vec<usize> = values.iter().filter_map(|value| self.pending_at(*value)).collect();
        let summary = |at: usize| &self.state.pending[at].piece.summary;
        for (number, at) in places.iter().enumerate() {
            let outer = self.state.pending[*at].depth < self.targets.len();
            if self.as_expression && outer && !summary(*at).is_silent() {
                return Err(Stop::Before(self.state.pending[*at].value));
            }
            if places[..number]
                .iter()
                .any(|earlier| earlier > at && summary(*at).conflicts(summary(*earlier)))
            {
                return Ok(Some(*at));
            }
            let behind = *at + 1..self.state.pending.len();
            if behind
                .into_iter()
                .any(|other| !places.contains(&other) && summary(*at).conflicts(summary(other)))
            {
                return Ok(Some(*at));
            }
        }
        Ok(None)
    }

    /// One use of a value.
    fn take(&mut self, value: ValueId) -> Step<Piece> {
        let uses = &mut self.state.uses[value.index()];
        *uses = uses.saturating_sub(1);
        let last = *uses == 0;
        if let Some(name) = self.name_holding(value) {
            let name = name.clone();
            return Ok(Piece {
                summary: Summary::of_name(&name),
                expr: Expr::Name(name),
                parts: Vec::new(),
            });
        }
        let Some(at) = self.pending_at(value) else {
            return Err(WriteError::new(format!("%{} is no longer held by any name", value.0)).into());
        };
        let pending = &self.state.pending[at];
        if pending.cheap {
            let piece = pending.piece.clone();
            if last {
                self.state.pending.remove(at);
            }
            return Ok(piece);
        }
        let mut piece = self.state.pending.remove(at).piece;
        if self.func.name_of(value).is_some() {
            piece.parts.push((value, print::expression(&piece.expr).len()));
        }
        Ok(piece)
    }

    /// A new value: pending, or a statement right away.
    pub fn define(&mut self, op: OpId, piece: Piece) -> Step<()> {
        let value = self.func.op(op).results[0];
        let uses = self.state.uses[value.index()] as usize;
        if uses == 0 {
            return match piece.summary.has_effect() {
                true => self.emit(Stmt::Expr(piece.expr), piece.summary, &piece.parts),
                false => Ok(()),
            };
        }
        let wanted = self
            .targets
            .last()
            .and_then(|targets| targets.get(&value))
            .cloned()
            .unwrap_or_default();
        let names: Vec<&String> = wanted.iter().filter(|name| *name != RETURN).collect();
        let cheap = self.is_cheap(op, &piece.expr);
        let shared = uses > 1 || self.split.contains(&value) || self.is_step(op);
        let is_const = matches!(self.func.op(op).kind, Kind::Const(_) | Kind::Extern(_));
        let eager = !is_const && names.iter().any(|name| self.can_assign(name));
        if eager && !self.as_expression || shared && !cheap {
            return self.bind(value, piece);
        }
        let depth = self.targets.len();
        self.state.pending.push(Pending {
            value,
            piece,
            cheap,
            depth,
        });
        Ok(())
    }

    /// A number that the user computed from whole arrays and gave a name, before going on with whole arrays.
    fn is_step(&self, op: OpId) -> bool {
        let data = self.func.op(op);
        let value = data.results[0];
        let folds = matches!(data.kind, Kind::Call { .. } | Kind::Method { .. } | Kind::Scalar { .. });
        let from_array = || {
            let mut of = data;
            while let (Kind::Scalar { .. }, Some(inner)) =
                (&of.kind, of.args.first().and_then(|arg| self.func.defining(*arg)))
            {
                of = inner;
            }
            of.args.iter().any(|arg| is_array(self.func.ty(*arg)))
        };
        let goes_on = || {
            let mut users = self.func.ops.iter().filter(|user| user.args.contains(&value));
            users.any(|user| user.results.iter().any(|result| is_array(self.func.ty(*result))))
        };
        folds
            && !self.func.ty(value).has_memory()
            && self.own_name(value).is_some()
            && !self.as_expression
            && from_array()
            && goes_on()
    }

    /// Constants, lengths and attributes of names are repeated rather than named.
    fn is_cheap(&self, op: OpId, expr: &Expr) -> bool {
        let is_base = |expr: &Expr| operation::is_path(expr);
        match (&self.func.op(op).kind, expr) {
            (Kind::Const(_) | Kind::Extern(_), _) => true,
            (Kind::Attr(_), Expr::Attr(base, _)) => is_base(base),
            // `n - 1`
            (
                Kind::Scalar {
                    f: F::Add | F::Sub,
                    flavour: Flavour::Py,
                },
                Expr::Binary(_, left, right),
            ) => {
                let value = self.func.op(op).results[0];
                let first = self.func.defining(self.func.op(op).args[0]);
                let is_length = first.is_some_and(|first| matches!(first.kind, Kind::Len { .. }));
                let short = (is_length || is_base(left)) && matches!(**right, Expr::Number(_));
                short && matches!(self.func.ty(value), Ty::Int(_)) && self.own_name(value).is_none()
            }
            (Kind::Len { .. }, Expr::Call(_, args)) => args.iter().all(|(_, arg)| is_base(arg)),
            (Kind::Len { .. }, Expr::Subscript(shape, _)) => match &**shape {
                Expr::Attr(base, _) => is_base(base),
                _ => false,
            },
            _ => false,
        }
    }

    /// Assigns a value to a variable now.
    fn bind(&mut self, value: ValueId, piece: Piece) -> Step<()> {
        // What comes before takes its names first.
        self.make_way(&piece.summary, None)?;
        let name = self.choose(value);
        self.assign(&name, value, piece)
    }

    /// `name = expression`
    pub fn assign(&mut self, name: &str, value: ValueId, piece: Piece) -> Step<()> {
        let stmt = self.assignment(name, value, piece.expr);
        self.emit(stmt, piece.summary, &piece.parts)?;
        self.hold(name, value);
        Ok(())
    }

    fn assignment(&self, name: &str, value: ValueId, expr: Expr) -> Stmt {
        let target = Expr::name(name);
        match is_immutable(self.func.ty(value)) {
            true => augmented(target, expr),
            false => Stmt::Assign(vec![target], vec![expr]),
        }
    }

    /// A variable holds a value from here on.
    pub fn hold(&mut self, name: &str, value: ValueId) {
        self.state.bound.insert(name.to_owned(), value);
        self.state.assigned.insert(name.to_owned());
    }

    /// Makes a pending expression a temporary.
    pub fn flush(&mut self, at: usize) -> Step<()> {
        let pending = &self.state.pending[at];
        if self.as_expression {
            return Err(match pending.depth < self.targets.len() {
                true => Stop::Before(pending.value),
                false => Stop::NotAnExpression,
            });
        }
        let (value, summary) = (pending.value, pending.piece.summary.clone());
        // Only what stands before it must be evaluated before it.
        self.make_way(&summary, Some(value))?;
        let Some(at) = self.pending_at(value) else {
            return Ok(());
        };
        let piece = self.state.pending.remove(at).piece;
        let name = self.choose(value);
        let stmt = self.assignment(&name, value, piece.expr);
        self.push(stmt, &piece.parts);
        self.hold(&name, value);
        Ok(())
    }

    /// Makes temporaries of what must be evaluated before something else; only of what stands before a pending value, if
    /// one is given.
    fn make_way(&mut self, summary: &Summary, before: Option<ValueId>) -> Step<()> {
        let busy = self.state.busy.clone();
        self.state.busy.extend(summary.names.iter().cloned());
        let done = self.flush_conflicting(summary, before);
        self.state.busy = busy;
        done
    }

    fn flush_conflicting(&mut self, summary: &Summary, before: Option<ValueId>) -> Step<()> {
        loop {
            let end = before
                .and_then(|value| self.pending_at(value))
                .unwrap_or(self.state.pending.len());
            let conflicting = |pending: &Pending| pending.piece.summary.conflicts(summary);
            let Some(at) = self.state.pending[..end].iter().position(conflicting) else {
                return Ok(());
            };
            self.flush(at)?;
        }
    }

    /// A statement now: what conflicts with it comes before.
    pub fn emit(&mut self, stmt: Stmt, summary: Summary, parts: &[(ValueId, usize)]) -> Step<()> {
        if self.as_expression {
            return Err(Stop::NotAnExpression);
        }
        self.make_way(&summary, None)?;
        self.push(stmt, parts);
        Ok(())
    }

    fn push(&mut self, stmt: Stmt, parts: &[(ValueId, usize)]) {
        self.measure(&stmt, parts);
        self.state.statements.push(stmt);
    }

    /// Remembers the longest part with a name of the user's in a line that is too long.
    fn measure(&mut self, stmt: &Stmt, parts: &[(ValueId, usize)]) {
        let text = print::statements(std::slice::from_ref(stmt), 0, usize::MAX);
        let indent = (self.targets.len() - 1) * layout::INDENT;
        let length = text.lines().next().map_or(0, |line| line.chars().count());
        if self.long.is_none() && indent + length > self.options.width {
            let part = parts.iter().filter(|(value, _)| self.own_name(*value).is_some());
            self.long = part.max_by_key(|(_, length)| *length).map(|(value, _)| *value);
        }
    }
}

/// Names for what the guard computes and the statements use: new ones, since the old statements follow where the guard
/// does not hold. Names that nobody can read behind those, as the region ends in a `return`, may be the author's.
pub(super) fn names_in_guard(
    func: &Function,
    values: &[ValueId],
    variables: &BTreeSet<String>,
    options: &WriteOptions,
) -> Result<BTreeMap<ValueId, String>, WriteError> {
    let schedule = Schedule::new(func, options, variables, &BTreeSet::new(), &BTreeMap::new())?;
    let mut named = BTreeMap::new();
    let mut taken: Vec<String> = func.values.iter().filter_map(|value| value.name.clone()).collect();
    let ends = func.block(func.body).end.values();
    let outputs: Vec<(&String, &ValueId)> = func.outputs.iter().zip(ends).collect();
    let returns = func.outputs.iter().any(|name| name == RETURN);
    let is_param = |name: &str| {
        let params = &func.block(func.body).params;
        params.iter().any(|param| func.name_of(*param) == Some(name))
    };
    for value in values {
        let own = outputs
            .iter()
            .find(|(name, bound)| *bound == value && *name != RETURN && !is_param(name) && returns);
        let name = match own {
            Some((name, _)) if !named.values().any(|other| other == *name) => (*name).clone(),
            _ => schedule.fresh(*value, &taken),
        };
        taken.push(name.clone());
        named.insert(*value, name);
    }
    Ok(named)
}

/// Whether `x += e` rebinds `x` as `x = x + e` does.
pub(super) fn is_immutable(ty: &Ty) -> bool {
    ty.scalar_options().is_some()
}

/// `target += e` for `target = target + e`.
pub(super) fn augmented(target: Expr, value: Expr) -> Stmt {
    match value {
        Expr::Binary(operator, left, right) if *left == target => Stmt::Augmented(target, operator, *right),
        other => Stmt::Assign(vec![target], vec![other]),
    }
}
