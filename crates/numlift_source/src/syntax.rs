//! The tree of a module in a form of our own, for whoever looks at Python without naming its parser: rules.
//!
//! ```text
//! len(np.where(m)[0])      Call { callee: Name("len"), args: [Subscript { value: Call { … }, index: Int(0) }], … }
//! ```
//!
//! Nodes lie in one vector, a parent before what is in it, in source order; so "every node" is a loop over numbers, and
//! each knows what it is a part of. A node's range is without the parentheses around it. Patterns of `match` are left
//! out, and so are annotations of types in the middle of expressions; names that they bind are in [`Kind::Match`].

use crate::parse::Parsed;

mod build;
pub mod spell;

/// A node of a [`Tree`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

impl NodeId {
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The tree of one module; it borrows the text.
#[derive(Debug)]
pub struct Tree<'s> {
    source: &'s str,
    nodes: Vec<Node<'s>>,
}

/// An expression or statement, with its range in bytes.
#[derive(Debug)]
pub struct Node<'s> {
    pub kind: Kind<'s>,
    pub start: u32,
    pub end: u32,
    /// What it is a part of; of the module itself, that.
    pub parent: NodeId,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Binary {
    Add,
    Sub,
    Mul,
    MatMul,
    Div,
    FloorDiv,
    Mod,
    Pow,
    LeftShift,
    RightShift,
    And,
    Or,
    Xor,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unary {
    Not,
    Invert,
    Plus,
    Minus,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Is,
    IsNot,
    In,
    NotIn,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Display {
    List,
    Set,
    Dict,
    Generator,
}

/// `for target in iter if …` of a comprehension.
#[derive(Debug, Clone)]
pub struct Clause {
    pub target: NodeId,
    pub iter: NodeId,
    pub conditions: Vec<NodeId>,
}

/// A parameter of a function.
#[derive(Debug, Clone)]
pub struct Parameter<'s> {
    pub name: &'s str,
    pub annotation: Option<NodeId>,
    pub default: Option<NodeId>,
    /// `*args` and `**kwargs`.
    pub is_rest: bool,
}

#[derive(Debug)]
pub enum Kind<'s> {
    // Expressions.
    Name(&'s str),
    /// `None` where it does not fit.
    Int(Option<i64>),
    Float(f64),
    Complex,
    /// With its value, escapes read and parts joined.
    Str(Box<str>),
    Bytes,
    /// An f-string or t-string, with the expressions in it.
    Format(Vec<NodeId>),
    Bool(bool),
    None,
    Ellipsis,
    Attribute {
        value: NodeId,
        attr: &'s str,
    },
    Call {
        callee: NodeId,
        args: Vec<NodeId>,
        /// Names are `None` for `**more`.
        keywords: Vec<(Option<&'s str>, NodeId)>,
    },
    Subscript {
        value: NodeId,
        index: NodeId,
    },
    Slice {
        lower: Option<NodeId>,
        upper: Option<NodeId>,
        step: Option<NodeId>,
    },
    Binary {
        op: Binary,
        left: NodeId,
        right: NodeId,
    },
    Unary {
        op: Unary,
        operand: NodeId,
    },
    Compare {
        left: NodeId,
        rest: Vec<(Comparison, NodeId)>,
    },
    /// `and` (or `or`) between values.
    Logic {
        is_and: bool,
        values: Vec<NodeId>,
    },
    Tuple(Vec<NodeId>),
    List(Vec<NodeId>),
    Set(Vec<NodeId>),
    Dict(Vec<(Option<NodeId>, NodeId)>),
    Comprehension {
        display: Display,
        /// The value of a dict's item is the second.
        element: (Option<NodeId>, Option<NodeId>),
        clauses: Vec<Clause>,
    },
    Lambda {
        parameters: Vec<Parameter<'s>>,
        body: NodeId,
    },
    IfElse {
        test: NodeId,
        body: NodeId,
        orelse: NodeId,
    },
    Starred(NodeId),
    /// `name := value`
    Named {
        target: NodeId,
        value: NodeId,
    },
    Await(NodeId),
    Yield(Option<NodeId>),

    // Statements.
    Module {
        body: Vec<NodeId>,
    },
    Function {
        name: &'s str,
        decorators: Vec<NodeId>,
        parameters: Vec<Parameter<'s>>,
        returns: Option<NodeId>,
        body: Vec<NodeId>,
        is_async: bool,
    },
    Class {
        name: &'s str,
        /// Decorators, bases and keywords.
        header: Vec<NodeId>,
        body: Vec<NodeId>,
    },
    Assign {
        targets: Vec<NodeId>,
        value: NodeId,
    },
    AugAssign {
        target: NodeId,
        op: Binary,
        value: NodeId,
    },
    AnnAssign {
        target: NodeId,
        annotation: NodeId,
        value: Option<NodeId>,
    },
    For {
        target: NodeId,
        iter: NodeId,
        body: Vec<NodeId>,
        orelse: Vec<NodeId>,
    },
    While {
        test: NodeId,
        body: Vec<NodeId>,
        orelse: Vec<NodeId>,
    },
    /// The branches in order; the last one has no test if it is an `else`.
    If(Vec<(Option<NodeId>, Vec<NodeId>)>),
    With {
        items: Vec<(NodeId, Option<NodeId>)>,
        body: Vec<NodeId>,
    },
    Try {
        body: Vec<NodeId>,
        handlers: Vec<Handler<'s>>,
        orelse: Vec<NodeId>,
        finalbody: Vec<NodeId>,
    },
    Match {
        subject: NodeId,
        /// Names that patterns bind.
        binds: Vec<&'s str>,
        cases: Vec<(Option<NodeId>, Vec<NodeId>)>,
    },
    Return(Option<NodeId>),
    Expr(NodeId),
    Delete(Vec<NodeId>),
    Raise(Vec<NodeId>),
    Assert {
        test: NodeId,
        message: Option<NodeId>,
    },
    /// Names that an import binds.
    Import(Vec<&'s str>),
    /// `global` or `nonlocal`.
    Declare(Vec<&'s str>),
    Break,
    Continue,
    /// `pass`, a type alias: nothing that matters here.
    Nothing,
}

#[derive(Debug)]
pub struct Handler<'s> {
    pub kind: Option<NodeId>,
    pub name: Option<&'s str>,
    pub body: Vec<NodeId>,
}

impl<'s> Tree<'s> {
    pub const MODULE: NodeId = NodeId(0);

    pub fn of(parsed: &'s Parsed) -> Tree<'s> {
        build::build(parsed)
    }

    pub fn source(&self) -> &'s str {
        self.source
    }

    /// All nodes, a parent before its parts, otherwise in source order.
    pub fn ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..self.nodes.len() as u32).map(NodeId)
    }

    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    pub fn node(&self, id: NodeId) -> &Node<'s> {
        &self.nodes[id.index()]
    }

    pub fn kind(&self, id: NodeId) -> &Kind<'s> {
        &self.node(id).kind
    }

    /// The text of a node, without the parentheses around it.
    pub fn text(&self, id: NodeId) -> &'s str {
        let node = self.node(id);
        &self.source[node.start as usize..node.end as usize]
    }

    pub fn parent(&self, id: NodeId) -> Option<NodeId> {
        (id != Tree::MODULE).then(|| self.node(id).parent)
    }

    /// What a node is a part of, the innermost first.
    pub fn ancestors(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(self.parent(id), |id| self.parent(*id))
    }

    /// Whether a node is `outer`, or a part of it.
    pub fn is_within(&self, id: NodeId, outer: NodeId) -> bool {
        id == outer || self.ancestors(id).any(|ancestor| ancestor == outer)
    }

    /// The nodes of `root`, that itself first.
    pub fn inside(&self, root: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        // Parts follow their parents directly.
        let rest = (root.0 + 1..self.nodes.len() as u32).map(NodeId);
        std::iter::once(root).chain(rest.take_while(move |id| self.node(*id).parent >= root))
    }

    /// The innermost function (or lambda, class, module) in whose body a node stands.
    pub fn scope_of(&self, id: NodeId) -> NodeId {
        let opens = |id: &NodeId| {
            matches!(
                self.kind(*id),
                Kind::Function { .. } | Kind::Lambda { .. } | Kind::Class { .. } | Kind::Module { .. }
            )
        };
        self.ancestors(id).find(opens).unwrap_or(Tree::MODULE)
    }

    /// The statement that a node is a part of, or is.
    pub fn statement_of(&self, id: NodeId) -> NodeId {
        let mut around = std::iter::once(id).chain(self.ancestors(id));
        around.find(|id| self.is_statement(*id)).unwrap_or(Tree::MODULE)
    }

    /// The statement right before one, in the same suite.
    pub fn statement_before(&self, id: NodeId) -> Option<NodeId> {
        let suites: Vec<&Vec<NodeId>> = match self.kind(self.parent(id)?) {
            Kind::Module { body }
            | Kind::Function { body, .. }
            | Kind::Class { body, .. }
            | Kind::With { body, .. } => vec![body],
            Kind::For { body, orelse, .. } | Kind::While { body, orelse, .. } => vec![body, orelse],
            Kind::If(branches) => branches.iter().map(|(_, body)| body).collect(),
            Kind::Match { cases, .. } => cases.iter().map(|(_, body)| body).collect(),
            Kind::Try {
                body,
                handlers,
                orelse,
                finalbody,
            } => {
                let handlers = handlers.iter().map(|handler| &handler.body);
                [body, orelse, finalbody].into_iter().chain(handlers).collect()
            }
            _ => return None,
        };
        let suite = suites.into_iter().find(|suite| suite.contains(&id))?;
        let place = suite.iter().position(|stmt| *stmt == id)?;
        place.checked_sub(1).map(|place| suite[place])
    }

    pub fn is_statement(&self, id: NodeId) -> bool {
        matches!(
            self.kind(id),
            Kind::Module { .. }
                | Kind::Function { .. }
                | Kind::Class { .. }
                | Kind::Assign { .. }
                | Kind::AugAssign { .. }
                | Kind::AnnAssign { .. }
                | Kind::For { .. }
                | Kind::While { .. }
                | Kind::If(_)
                | Kind::With { .. }
                | Kind::Try { .. }
                | Kind::Match { .. }
                | Kind::Return(_)
                | Kind::Expr(_)
                | Kind::Delete(_)
                | Kind::Raise(_)
                | Kind::Assert { .. }
                | Kind::Import(_)
                | Kind::Declare(_)
                | Kind::Break
                | Kind::Continue
                | Kind::Nothing
        )
    }

    /// The innermost `for` or `while` of the same function whose body (not header or `else`) a node is a part of.
    pub fn loop_around(&self, id: NodeId) -> Option<NodeId> {
        let mut child = id;
        for ancestor in self.ancestors(id) {
            match self.kind(ancestor) {
                Kind::For { body, .. } | Kind::While { body, .. } if body.contains(&child) => return Some(ancestor),
                Kind::Function { .. } | Kind::Lambda { .. } | Kind::Class { .. } => return None,
                _ => child = ancestor,
            }
        }
        None
    }

    /// Whether an expression is stored to or deleted, alone or among other targets: it is no value there.
    pub fn is_target(&self, id: NodeId) -> bool {
        let Some(parent) = self.parent(id) else { return false };
        match self.kind(parent) {
            Kind::Assign { targets, .. } | Kind::Delete(targets) => targets.contains(&id),
            Kind::AugAssign { target, .. } | Kind::AnnAssign { target, .. } | Kind::For { target, .. } => *target == id,
            Kind::With { items, .. } => items.iter().any(|(_, target)| *target == Some(id)),
            Kind::Comprehension { clauses, .. } => clauses.iter().any(|clause| clause.target == id),
            Kind::Tuple(_) | Kind::List(_) | Kind::Starred(_) => self.is_target(parent),
            _ => false,
        }
    }

    /// The name, if a node is one.
    pub fn name(&self, id: NodeId) -> Option<&'s str> {
        match self.kind(id) {
            Kind::Name(name) => Some(name),
            _ => None,
        }
    }

    /// The value of an int that is written out, a sign included.
    pub fn int(&self, id: NodeId) -> Option<i64> {
        match self.kind(id) {
            Kind::Int(value) => *value,
            Kind::Unary {
                op: Unary::Minus,
                operand,
            } => match self.kind(*operand) {
                Kind::Int(value) => value.and_then(i64::checked_neg),
                _ => None,
            },
            _ => None,
        }
    }

    /// The argument of a call: by its place, or else by its name.
    pub fn argument(&self, call: NodeId, place: Option<usize>, name: &str) -> Option<NodeId> {
        let Kind::Call { args, keywords, .. } = self.kind(call) else {
            return None;
        };
        let named = || {
            keywords
                .iter()
                .find(|(key, _)| *key == Some(name))
                .map(|(_, value)| *value)
        };
        place.and_then(|place| args.get(place).copied()).or_else(named)
    }

    /// Whether a call has `*args` or `**kwargs`.
    pub fn has_starred(&self, call: NodeId) -> bool {
        match self.kind(call) {
            Kind::Call { args, keywords, .. } => {
                let starred = args.iter().any(|arg| matches!(self.kind(*arg), Kind::Starred(_)));
                starred || keywords.iter().any(|(name, _)| name.is_none())
            }
            _ => false,
        }
    }

    /// Whether two expressions say the same, whatever the spaces and parentheses.
    pub fn same(&self, a: NodeId, b: NodeId) -> bool {
        use Kind as K;
        let all = |a: &[NodeId], b: &[NodeId]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| self.same(*a, *b));
        let maybe = |a: Option<NodeId>, b: Option<NodeId>| match (a, b) {
            (Some(a), Some(b)) => self.same(a, b),
            (None, None) => true,
            _ => false,
        };
        match (self.kind(a), self.kind(b)) {
            (K::Name(a), K::Name(b)) => a == b,
            (K::Int(a), K::Int(b)) => a == b && a.is_some(),
            (K::Float(a), K::Float(b)) => a.to_bits() == b.to_bits(),
            (K::Str(a), K::Str(b)) => a == b,
            (K::Bool(a), K::Bool(b)) => a == b,
            (K::None, K::None) | (K::Ellipsis, K::Ellipsis) => true,
            (K::Attribute { value, attr }, K::Attribute { value: v, attr: t }) => attr == t && self.same(*value, *v),
            (K::Subscript { value, index }, K::Subscript { value: v, index: i }) => {
                self.same(*value, *v) && self.same(*index, *i)
            }
            (
                K::Slice { lower, upper, step },
                K::Slice {
                    lower: l,
                    upper: u,
                    step: s,
                },
            ) => maybe(*lower, *l) && maybe(*upper, *u) && maybe(*step, *s),
            (
                K::Binary { op, left, right },
                K::Binary {
                    op: o,
                    left: l,
                    right: r,
                },
            ) => op == o && self.same(*left, *l) && self.same(*right, *r),
            (K::Unary { op, operand }, K::Unary { op: o, operand: e }) => op == o && self.same(*operand, *e),
            (K::Tuple(a), K::Tuple(b)) | (K::List(a), K::List(b)) => all(a, b),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests;
