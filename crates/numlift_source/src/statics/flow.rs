//! Types through the statements of each function: forward, joined where ways meet, loops until they come to rest.

use std::collections::{BTreeMap, BTreeSet};

use super::{Trust, Type, Typed, declared, narrow};
use crate::names::Names;
use crate::syntax::{Display, Handler, Kind, NodeId, Parameter, Tree};

/// Rounds in which a loop's types have to come to rest; what still changes then is not known.
const MAX_ROUNDS: usize = 3;

/// Loops inside each other deeper than this are gone through once, with nothing known of what they bind.
const MAX_DEPTH: usize = 5;

pub(super) fn types(tree: &Tree<'_>, names: &Names) -> Vec<Typed> {
    let mut infer = Infer {
        tree,
        names,
        types: vec![Typed::UNKNOWN; tree.len()],
        env: Some(BTreeMap::new()),
        untracked: BTreeSet::new(),
        loops: Vec::new(),
        returns: BTreeMap::new(),
    };
    let Kind::Module { body } = tree.kind(Tree::MODULE) else {
        return infer.types;
    };
    infer.untracked = names.names_rebound_elsewhere();
    infer.suite(body);
    infer.types
}

/// Types of variables; one that is not there is not bound yet.
pub(super) type Env<'s> = BTreeMap<&'s str, Typed>;

pub(super) struct Infer<'t, 's> {
    pub tree: &'t Tree<'s>,
    pub names: &'t Names,
    types: Vec<Typed>,
    /// `None` where control does not come.
    pub env: Option<Env<'s>>,
    /// Names that other functions may bind.
    untracked: BTreeSet<String>,
    loops: Vec<Loop<'s>>,
    /// What functions of the module are declared to return, by their names.
    pub returns: BTreeMap<&'s str, Typed>,
}

/// What leaves the body of a loop half-way.
#[derive(Default)]
struct Loop<'s> {
    breaks: Option<Env<'s>>,
    continues: Option<Env<'s>>,
}

/// What holds on either of two ways.
fn join_envs<'s>(a: Option<Env<'s>>, b: Option<Env<'s>>) -> Option<Env<'s>> {
    match (a, b) {
        (Some(mut a), Some(b)) => {
            for (name, typed) in b {
                // Where it is not bound, using it raises.
                let joined = match a.get(name) {
                    Some(old) => old.join(&typed),
                    None => typed,
                };
                a.insert(name, joined);
            }
            Some(a)
        }
        (a, b) => a.or(b),
    }
}

impl<'s> Infer<'_, 's> {
    pub fn note(&mut self, id: NodeId, typed: Typed) -> Typed {
        self.types[id.index()] = typed.clone();
        typed
    }

    /// The type that was found for an expression.
    pub fn noted(&self, id: NodeId) -> Typed {
        self.types[id.index()].clone()
    }

    /// The type of a variable.
    pub fn variable(&self, name: &str) -> Typed {
        match &self.env {
            Some(env) => env.get(name).cloned().unwrap_or(Typed::UNKNOWN),
            None => Typed::UNKNOWN,
        }
    }

    pub fn bind(&mut self, name: &'s str, typed: Typed) {
        let typed = match self.untracked.contains(name) {
            true => Typed::UNKNOWN,
            false => Typed {
                ty: typed.ty.kept(),
                trust: typed.trust,
            },
        };
        if let Some(env) = &mut self.env {
            env.insert(name, typed);
        }
    }

    pub fn suite(&mut self, suite: &[NodeId]) {
        for stmt in suite {
            if self.env.is_none() {
                return;
            }
            self.stmt(*stmt);
        }
    }

    fn stmt(&mut self, id: NodeId) {
        let tree = self.tree;
        match tree.kind(id) {
            Kind::Function {
                name,
                decorators,
                parameters,
                returns,
                body,
                ..
            } => {
                self.exprs(decorators);
                self.defaults(parameters);
                let is_plain = decorators.is_empty() && !self.untracked.contains(*name);
                if let Some(returns) = returns.filter(|_| is_plain) {
                    let declared = declared::annotation(tree, self.names, returns);
                    self.returns.insert(name, declared);
                } else {
                    self.returns.remove(name);
                }
                self.bind(name, Typed::certain(Type::Other));
                self.function(parameters, body);
            }
            Kind::Class { name, header, body } => {
                self.exprs(header);
                let outer = self.env.take();
                self.env = Some(Env::new());
                let loops = std::mem::take(&mut self.loops);
                self.suite(body);
                self.loops = loops;
                self.env = outer;
                self.bind(name, Typed::certain(Type::Other));
            }
            Kind::Assign { targets, value } => {
                let typed = self.expr(*value);
                for target in targets {
                    self.assign(*target, &typed, Some(*value));
                }
            }
            Kind::AugAssign { target, op, value } => self.augmented(*target, *op, *value),
            Kind::AnnAssign {
                target,
                annotation,
                value,
            } => {
                let typed = match value {
                    Some(value) => self.expr(*value),
                    None => Typed::UNKNOWN,
                };
                let typed = match typed.ty {
                    Type::Unknown => declared::annotation(tree, self.names, *annotation),
                    _ => typed,
                };
                match (value, tree.kind(*target)) {
                    (None, Kind::Name(_)) => {}
                    _ => self.assign(*target, &typed, None),
                }
            }
            Kind::For {
                target,
                iter,
                body,
                orelse,
            } => {
                let items = self.expr(*iter);
                let item = Self::item(&items);
                self.looped(
                    id,
                    body,
                    orelse,
                    |infer| infer.assign(*target, &item, None),
                    |_| {},
                    false,
                );
            }
            Kind::While { test, body, orelse } => {
                let forever = matches!(tree.kind(*test), Kind::Bool(true) | Kind::Int(Some(1)));
                self.looped(
                    id,
                    body,
                    orelse,
                    |infer| {
                        infer.expr(*test);
                        infer.narrow(*test, true);
                    },
                    |infer| infer.narrow(*test, false),
                    forever,
                );
            }
            Kind::If(branches) => self.branches(branches),
            Kind::With { items, body } => self.with(items, body),
            Kind::Try {
                body,
                handlers,
                orelse,
                finalbody,
            } => self.try_statement(body, handlers, orelse, finalbody),
            Kind::Match { subject, binds, cases } => {
                self.expr(*subject);
                let before = self.env.clone();
                let mut after = self.env.clone();
                for (guard, body) in cases {
                    self.env.clone_from(&before);
                    binds.iter().for_each(|name| self.bind(name, Typed::UNKNOWN));
                    if let Some(guard) = guard {
                        self.expr(*guard);
                    }
                    self.suite(body);
                    after = join_envs(after, self.env.take());
                }
                self.env = after;
            }
            Kind::Return(value) => {
                value.iter().for_each(|value| drop(self.expr(*value)));
                self.env = None;
            }
            Kind::Raise(parts) => {
                self.exprs(parts);
                self.env = None;
            }
            Kind::Expr(value) => drop(self.expr(*value)),
            Kind::Delete(targets) => {
                for target in targets {
                    match tree.kind(*target) {
                        Kind::Name(name) => {
                            if let Some(env) = &mut self.env {
                                env.remove(name);
                            }
                        }
                        _ => drop(self.expr(*target)),
                    }
                }
            }
            Kind::Assert { test, message } => {
                self.expr(*test);
                message.iter().for_each(|message| drop(self.expr(*message)));
                self.narrow(*test, true);
            }
            Kind::Import(bound) => bound.iter().for_each(|name| self.bind(name, Typed::UNKNOWN)),
            Kind::Break => {
                let env = self.env.take();
                if let Some(innermost) = self.loops.last_mut() {
                    innermost.breaks = join_envs(innermost.breaks.take(), env);
                }
            }
            Kind::Continue => {
                let env = self.env.take();
                if let Some(innermost) = self.loops.last_mut() {
                    innermost.continues = join_envs(innermost.continues.take(), env);
                }
            }
            _ => {}
        }
    }

    fn defaults(&mut self, parameters: &[Parameter<'s>]) {
        for parameter in parameters {
            parameter.default.iter().for_each(|value| drop(self.expr(*value)));
        }
    }

    /// The body of a function, which is called whenever: it sees nothing of the variables around it.
    fn function(&mut self, parameters: &[Parameter<'s>], body: &[NodeId]) {
        let mut env = Env::new();
        let said = declared::docstring(self.tree, body);
        for parameter in parameters {
            let typed = match (parameter.annotation, said.get(parameter.name)) {
                _ if parameter.is_rest => Typed::certain(Type::Other),
                (Some(annotation), _) => declared::annotation(self.tree, self.names, annotation),
                (None, Some(said)) => said.clone(),
                (None, None) => Typed::UNKNOWN,
            };
            // A default that is something else (`None`) may be what it is.
            let is_none = |id: &NodeId| matches!(self.tree.kind(*id), Kind::None);
            let typed = if parameter.default.as_ref().is_some_and(is_none) {
                Typed::UNKNOWN
            } else {
                typed
            };
            let typed = if self.untracked.contains(parameter.name) {
                Typed::UNKNOWN
            } else {
                typed
            };
            env.insert(parameter.name, typed);
        }
        let outer = self.env.replace(env);
        let loops = std::mem::take(&mut self.loops);
        self.suite(body);
        self.loops = loops;
        self.env = outer;
    }

    /// A lambda's value, with nothing known of its parameters or of what is around it.
    pub fn lambda(&mut self, parameters: &[Parameter<'s>], body: NodeId) {
        self.defaults(parameters);
        let env = parameters
            .iter()
            .map(|parameter| (parameter.name, Typed::UNKNOWN))
            .collect();
        let outer = self.env.replace(env);
        self.expr(body);
        self.env = outer;
    }

    pub fn comprehension(&mut self, id: NodeId) -> Typed {
        let Kind::Comprehension {
            display,
            element,
            clauses,
        } = self.tree.kind(id)
        else {
            return Typed::UNKNOWN;
        };
        let outer = self.env.clone();
        for (place, clause) in clauses.iter().enumerate() {
            let items = self.expr(clause.iter);
            if place == 0 && *display == Display::Generator {
                // It may run when the variables are something else.
                self.env = Some(Env::new());
            }
            let item = Self::item(&items);
            self.assign(clause.target, &item, None);
            for condition in &clause.conditions {
                self.expr(*condition);
                self.narrow(*condition, true);
            }
        }
        element.0.iter().for_each(|part| drop(self.expr(*part)));
        element.1.iter().for_each(|part| drop(self.expr(*part)));
        self.env = outer;
        for inside in self.tree.inside(id) {
            if let Kind::Named { target, .. } = self.tree.kind(inside)
                && let Kind::Name(name) = self.tree.kind(*target)
            {
                self.bind(name, Typed::UNKNOWN);
            }
        }
        Typed::certain(match display {
            Display::List => Type::list(),
            Display::Set | Display::Dict | Display::Generator => Type::Other,
        })
    }

    fn branches(&mut self, branches: &[(Option<NodeId>, Vec<NodeId>)]) {
        let mut after = None;
        for (test, body) in branches {
            let Some(test) = test else {
                self.suite(body);
                self.env = join_envs(after, self.env.take());
                return;
            };
            self.expr(*test);
            let before = self.env.clone();
            self.narrow(*test, true);
            self.suite(body);
            after = join_envs(after, self.env.take());
            self.env = before;
            self.narrow(*test, false);
        }
        self.env = join_envs(after, self.env.take());
    }

    fn with(&mut self, items: &[(NodeId, Option<NodeId>)], body: &[NodeId]) {
        for (manager, target) in items {
            self.expr(*manager);
            if let Some(target) = target {
                self.assign(*target, &Typed::UNKNOWN, None);
            }
        }
        let before = self.env.clone();
        self.suite(body);
        // Some managers keep an exception to themselves, and then what is bound is what was bound half-way.
        let half_way = before.map(|env| self.without(env, body));
        self.env = match self.env.take() {
            None => None,
            after => {
                let keeps = items.iter().any(|(manager, _)| self.may_swallow(*manager));
                if keeps { join_envs(half_way, after) } else { after }
            }
        };
    }

    fn may_swallow(&self, manager: NodeId) -> bool {
        let Kind::Call { callee, .. } = self.tree.kind(manager) else {
            return true;
        };
        let known = [
            "numpy.errstate",
            "builtins.open",
            "warnings.catch_warnings",
            "numpy.printoptions",
        ];
        !self
            .qualified(*callee)
            .is_some_and(|name| known.contains(&name.as_str()))
    }

    fn try_statement(&mut self, body: &[NodeId], handlers: &[Handler<'s>], orelse: &[NodeId], finalbody: &[NodeId]) {
        let before = self.env.clone();
        self.suite(body);
        let half_way = before.map(|env| self.without(env, body));
        self.suite(orelse);
        let mut after = self.env.take();
        for handler in handlers {
            self.env.clone_from(&half_way);
            handler.kind.iter().for_each(|kind| drop(self.expr(*kind)));
            if let Some(name) = handler.name {
                self.bind(name, Typed::UNKNOWN);
            }
            self.suite(&handler.body);
            after = join_envs(after, self.env.take());
        }
        if finalbody.is_empty() {
            self.env = after;
            return;
        }
        // It also runs on the way out; what it sees then is only less.
        let reached = after.is_some();
        let handled = handlers.iter().flat_map(|handler| &handler.body);
        let all: Vec<NodeId> = body.iter().chain(orelse).chain(handled).copied().collect();
        self.env = join_envs(half_way.map(|env| self.without(env, &all)), after);
        self.suite(finalbody);
        if !reached {
            self.env = None;
        }
    }

    /// A loop whose `head` is done before each round, and `end` when it ends by itself.
    fn looped(
        &mut self,
        id: NodeId,
        body: &[NodeId],
        orelse: &[NodeId],
        mut head: impl FnMut(&mut Self),
        end: impl FnOnce(&mut Self),
        forever: bool,
    ) {
        let Some(start) = self.env.clone() else { return };
        let depth = self.loops.len();
        let mut entry = start.clone();
        if depth >= MAX_DEPTH {
            entry = self.without(entry, &[id]);
        }
        let mut breaks = None;
        for round in 0..=MAX_ROUNDS {
            self.loops.push(Loop::default());
            self.env = Some(entry.clone());
            head(self);
            self.suite(body);
            let left = self.loops.pop().expect("the loop was put there");
            breaks = left.breaks;
            let again = join_envs(self.env.take(), left.continues);
            // Names that only the body binds are bound anew before they are used, or their use raises.
            let Some(mut next) = join_envs(Some(entry.clone()), again) else {
                break;
            };
            if next == entry || depth >= MAX_DEPTH {
                entry = next;
                break;
            }
            if round + 1 == MAX_ROUNDS {
                let bound = self.bound_in(&[id]);
                for (name, typed) in &mut next {
                    if bound.contains(name) || entry.get(name) != Some(typed) {
                        *typed = Typed::UNKNOWN;
                    }
                }
            }
            entry = next;
        }
        self.env = Some(entry);
        if forever {
            self.env = breaks;
            return;
        }
        // The test of a `while` is evaluated once more.
        end(self);
        self.suite(orelse);
        self.env = join_envs(self.env.take(), breaks);
    }

    pub fn narrow(&mut self, test: NodeId, holds: bool) {
        let facts = narrow::facts(self, test, holds);
        for (name, typed) in facts {
            self.bind(name, typed);
        }
    }

    /// The qualified name of a function or class.
    pub fn qualified(&self, id: NodeId) -> Option<String> {
        let mut attrs = Vec::new();
        let mut current = id;
        loop {
            match self.tree.kind(current) {
                Kind::Attribute { value, attr } => {
                    attrs.push(*attr);
                    current = *value;
                }
                Kind::Name(_) => break,
                _ => return None,
            }
        }
        attrs.reverse();
        self.names.qualified_chain(self.tree.node(current).start, &attrs)
    }

    /// The surest that a type of these parts can be.
    pub fn trust_of<'a>(parts: impl IntoIterator<Item = &'a Typed>) -> Trust {
        parts.into_iter().map(|part| part.trust).min().unwrap_or(Trust::Certain)
    }
}
