//! What a rule sees of a file, and how it says what it found.
//!
//! ```text
//! context.find(node, "`np.where` makes indices …").note("…").fix(Repair::replace(…))
//! ```

use std::cell::RefCell;
use std::rc::Rc;

use numlift_source::diagnostic::{Applicability, Diagnostic, FileEdit, Fix, Label, Span};
use numlift_source::edit::Edit;
use numlift_source::names::Names;
use numlift_source::parse::Parsed;
use numlift_source::spelling::Spellings;
use numlift_source::statics::{Statics, Trust, Typed};
use numlift_source::syntax::{Binary, Comparison, Kind, NodeId, Tree, Unary, spell};

use crate::Finding;
use crate::lift::{Asked, Lifter, LoopForm};
use crate::rule::{INVALID_SYNTAX, Rule};

/// One file under the eyes of one rule after the other.
pub struct Context<'a> {
    parsed: &'a Parsed,
    names: &'a Names,
    pub tree: &'a Tree<'a>,
    statics: &'a Statics,
    lifter: &'a dyn Lifter,
    /// The rule that is asked.
    pub rule: &'static Rule,
    pub found: Vec<Finding>,
    /// What expressions name, as far as it was asked.
    qualified: RefCell<Vec<Option<Option<Rc<str>>>>>,
}

/// A change to the file, while it is put together.
#[derive(Debug, Clone)]
pub struct Repair {
    /// What it does, as an order.
    message: String,
    /// Nodes with the text that takes their place.
    nodes: Vec<(NodeId, String)>,
    edits: Vec<Edit>,
    /// Why it is not safe.
    open: Vec<String>,
}

impl Repair {
    /// One node gets another text.
    pub fn replace(node: NodeId, text: impl Into<String>) -> Repair {
        let text = text.into();
        Repair {
            message: format!("use `{}`", one_line(&text)),
            nodes: vec![(node, text)],
            edits: Vec::new(),
            open: Vec::new(),
        }
    }

    /// Changes that are no nodes'.
    pub fn edits(message: impl Into<String>, edits: Vec<Edit>) -> Repair {
        Repair {
            message: message.into(),
            nodes: Vec::new(),
            edits,
            open: Vec::new(),
        }
    }

    pub fn said(mut self, message: impl Into<String>) -> Repair {
        self.message = message.into();
        self
    }

    /// The fix is safe only if that holds, or changes that.
    pub fn unless(mut self, holds: bool, open: &str) -> Repair {
        if !holds {
            self.open.push(open.to_owned());
        }
        self
    }

    /// The fix changes something.
    pub fn changes(self, what: &str) -> Repair {
        self.unless(false, what)
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl<'a> Context<'a> {
    pub fn new(
        parsed: &'a Parsed,
        names: &'a Names,
        tree: &'a Tree<'a>,
        statics: &'a Statics,
        lifter: &'a dyn Lifter,
    ) -> Context<'a> {
        Context {
            parsed,
            names,
            tree,
            statics,
            lifter,
            rule: &INVALID_SYNTAX,
            found: Vec::new(),
            qualified: RefCell::new(vec![None; tree.len()]),
        }
    }

    // What is there.

    pub fn typed(&self, id: NodeId) -> &'a Typed {
        self.statics.of_node(id)
    }

    /// The qualified name of a function, class or module that an expression names.
    pub fn qualified(&self, id: NodeId) -> Option<Rc<str>> {
        if let Some(known) = &self.qualified.borrow()[id.index()] {
            return known.clone();
        }
        let mut attrs = Vec::new();
        let mut current = id;
        while let Kind::Attribute { value, attr } = self.tree.kind(current) {
            attrs.push(*attr);
            current = *value;
        }
        attrs.reverse();
        let name = self.tree.name(current).and_then(|_| {
            let found = self.names.qualified_chain(self.tree.node(current).start, &attrs);
            found.map(Rc::from)
        });
        self.qualified.borrow_mut()[id.index()] = Some(name.clone());
        name
    }

    /// The qualified name of what a call calls.
    pub fn callee(&self, call: NodeId) -> Option<Rc<str>> {
        match self.tree.kind(call) {
            Kind::Call { callee, .. } => self.qualified(*callee),
            _ => None,
        }
    }

    /// Whether it is a call of one of these functions.
    pub fn is_call_of(&self, id: NodeId, functions: &[&str]) -> bool {
        self.callee(id).is_some_and(|name| functions.contains(&&*name))
    }

    /// The name, what it goes through, and the body of a `for` with one name and no `else`.
    pub fn plain_loop(&self, id: NodeId) -> Option<(&'a str, NodeId, &'a [NodeId])> {
        match self.tree.kind(id) {
            Kind::For {
                target,
                iter,
                body,
                orelse,
            } if orelse.is_empty() => Some((self.tree.name(*target)?, *iter, body)),
            _ => None,
        }
    }

    /// The arguments of a call that has nothing but so many positional ones.
    pub fn only_args(&self, call: NodeId) -> Option<&'a [NodeId]> {
        match self.tree.kind(call) {
            Kind::Call { args, keywords, .. } if keywords.is_empty() && !self.tree.has_starred(call) => Some(args),
            _ => None,
        }
    }

    /// The receiver of a call of a method with this name.
    pub fn method(&self, call: NodeId, name: &str) -> Option<NodeId> {
        match self.tree.kind(call) {
            Kind::Call { callee, .. } => match self.tree.kind(*callee) {
                Kind::Attribute { value, attr } if *attr == name => Some(*value),
                _ => None,
            },
            _ => None,
        }
    }

    /// What a call of `numpy.f(x, …)` or `x.f(…)` works on, and the place of its second argument.
    pub fn function_or_method(&self, call: NodeId, name: &str) -> Option<(NodeId, usize)> {
        if self.is_call_of(call, &[&format!("numpy.{name}")]) {
            return self.tree.argument(call, Some(0), "a").map(|of| (of, 1));
        }
        let of = self.method(call, name)?;
        // A function of a module is no method.
        self.callee(call).is_none().then_some((of, 0))
    }

    /// Whether the value is a mask for certain: a comparison of arrays, `~mask`, `np.isnan(x)`, an array of bools.
    pub fn is_mask(&self, id: NodeId) -> bool {
        if self.typed(id).known_dtype() == Some(numlift_ir::dtype::Dtype::Bool) {
            return true;
        }
        match self.tree.kind(id) {
            Kind::Compare { rest, .. } => rest.len() == 1 && !is_identity(rest[0].0),
            Kind::Unary {
                op: Unary::Invert,
                operand,
            } => self.is_mask(*operand),
            Kind::Binary {
                op: Binary::And | Binary::Or | Binary::Xor,
                left,
                right,
            } => self.is_mask(*left) && self.is_mask(*right),
            Kind::Call { .. } => self.is_call_of(
                id,
                &[
                    "numpy.isnan",
                    "numpy.isfinite",
                    "numpy.isinf",
                    "numpy.logical_and",
                    "numpy.logical_or",
                    "numpy.logical_not",
                    "numpy.logical_xor",
                    "numpy.isclose",
                    "numpy.isin",
                    "numpy.equal",
                    "numpy.not_equal",
                    "numpy.less",
                    "numpy.less_equal",
                    "numpy.greater",
                    "numpy.greater_equal",
                    "numpy.signbit",
                ],
            ),
            _ => false,
        }
    }

    /// Whether only the truth of a value is asked for.
    pub fn only_truth_matters(&self, id: NodeId) -> bool {
        let Some(parent) = self.tree.parent(id) else {
            return false;
        };
        match self.tree.kind(parent) {
            Kind::If(branches) => branches.iter().any(|(test, _)| *test == Some(id)),
            Kind::While { test, .. } | Kind::Assert { test, .. } | Kind::IfElse { test, .. } => *test == id,
            Kind::Unary { op: Unary::Not, .. } => true,
            Kind::Logic { .. } => self.only_truth_matters(parent),
            Kind::Call { args, .. } => args[..] == [id] && self.is_call_of(parent, &["builtins.bool"]),
            _ => false,
        }
    }

    /// Whether a value is only compared with a number, and only that comparison's truth matters: then a NumPy integer
    /// is as good as Python's.
    pub fn is_only_compared(&self, id: NodeId) -> bool {
        let Some(parent) = self.tree.parent(id) else {
            return false;
        };
        if self.only_truth_matters(id) {
            return true;
        }
        match self.tree.kind(parent) {
            Kind::Compare { left, rest } => {
                let is_number = |other: NodeId| self.typed(other).scalar().is_some() || other == id;
                let plain = rest.iter().all(|(op, _)| !is_identity(*op));
                plain
                    && is_number(*left)
                    && rest.iter().all(|(_, right)| is_number(*right))
                    && self.only_truth_matters(parent)
            }
            _ => false,
        }
    }

    /// Whether evaluating it does nothing else and cannot be told from evaluating it at another time: names, numbers,
    /// attributes, operators on those.
    pub fn is_plain(&self, id: NodeId) -> bool {
        self.tree.inside(id).all(|part| {
            matches!(
                self.tree.kind(part),
                Kind::Name(_)
                    | Kind::Int(_)
                    | Kind::Float(_)
                    | Kind::Bool(_)
                    | Kind::None
                    | Kind::Str(_)
                    | Kind::Attribute { .. }
                    | Kind::Binary { .. }
                    | Kind::Unary { .. }
                    | Kind::Subscript { .. }
                    | Kind::Slice { .. }
                    | Kind::Tuple(_)
                    | Kind::List(_)
            )
        })
    }

    /// What lifting says of a loop.
    pub fn lifted(&self, statement: NodeId) -> Option<LoopForm> {
        let node = self.tree.node(statement);
        let typed = |name: &str, range: (u32, u32)| self.read_as(statement, name, range);
        self.lifter.lift(&Asked {
            parsed: self.parsed,
            statement: (node.start, node.end),
            typed: &typed,
        })
    }

    /// The type that a name has wherever it is read in a part of the function around a statement.
    fn read_as(&self, statement: NodeId, name: &str, range: (u32, u32)) -> Typed {
        let reads = |id: &NodeId| {
            let node = self.tree.node(*id);
            let inside = range.0 <= node.start && node.end <= range.1;
            inside && self.tree.name(*id) == Some(name) && !self.tree.is_target(*id)
        };
        let mut all = self.tree.inside(self.tree.scope_of(statement)).filter(reads);
        let first = all.next().map_or(Typed::UNKNOWN, |id| self.typed(id).clone());
        // A comprehension may have a name of its own like that.
        match all.all(|id| *self.typed(id) == first) {
            true => first,
            false => Typed::UNKNOWN,
        }
    }

    /// How the file writes a qualified name at a node, where it can.
    pub fn spell(&self, qualified: &str, at: NodeId) -> Option<String> {
        // Most calls spell the module that is asked for.
        let statement = self.tree.node(self.tree.statement_of(at)).start;
        Spellings::at(self.parsed, self.names, statement).spell(qualified)
    }

    pub fn argument(&self, id: NodeId) -> String {
        spell::argument(self.tree, id)
    }

    pub fn operand(&self, id: NodeId) -> String {
        spell::operand(self.tree, id)
    }

    /// The text of an expression in a message, in backticks; shortened.
    pub fn quoted(&self, id: NodeId) -> String {
        const MOST: usize = 40;
        let text = one_line(self.tree.text(id));
        match text.char_indices().nth(MOST) {
            Some((end, _)) => format!("`{} …`", &text[..end]),
            None => format!("`{text}`"),
        }
    }

    // What is said.

    /// Says that the rule found something.
    pub fn find(&mut self, node: NodeId, message: impl Into<String>) -> Said<'_, 'a> {
        let span = self.span(node);
        self.found.push(Finding {
            rule: self.rule,
            diagnostic: Diagnostic::new(self.rule.name, message, span),
        });
        Said { context: self }
    }

    fn span(&self, id: NodeId) -> Span {
        let node = self.tree.node(id);
        let text = self.tree.text(id);
        // A statement of several lines is shown by its first one.
        let end = match text.find('\n').filter(|_| self.tree.is_statement(id)) {
            Some(length) => node.start + text[..length].trim_end().len() as u32,
            None => node.end,
        };
        Span::new(0, node.start, end)
    }

    fn last(&mut self) -> &mut Diagnostic {
        &mut self.found.last_mut().expect("something was just found").diagnostic
    }
}

fn is_identity(op: Comparison) -> bool {
    matches!(
        op,
        Comparison::Is | Comparison::IsNot | Comparison::In | Comparison::NotIn
    )
}

/// A finding that more is said of.
pub struct Said<'c, 'a> {
    context: &'c mut Context<'a>,
}

impl Said<'_, '_> {
    pub fn label(self, node: NodeId, message: impl Into<String>) -> Self {
        let span = self.context.span(node);
        let last = self.context.last();
        last.labels.push(Label {
            span,
            message: message.into(),
        });
        self
    }

    /// Places that are no nodes.
    pub fn labels(self, labels: impl IntoIterator<Item = Label>) -> Self {
        self.context.last().labels.extend(labels);
        self
    }

    pub fn note(self, note: impl Into<String>) -> Self {
        self.context.last().notes.push(note.into());
        self
    }

    /// Adds the fix, unless it would take a comment away.
    pub fn fix(self, repair: Option<Repair>) -> Self {
        let Some(repair) = repair else { return self };
        let of_nodes = repair.nodes.into_iter().map(|(node, text)| {
            let node = self.context.tree.node(node);
            Edit {
                start: node.start,
                end: node.end,
                text,
            }
        });
        let edits: Vec<Edit> = repair.edits.into_iter().chain(of_nodes).collect();
        let has_comment = |edit: &Edit| self.context.parsed.has_comment_in(edit.start, edit.end);
        if edits.iter().any(has_comment) {
            return self;
        }
        let edits = edits.into_iter().map(|edit| FileEdit { file: 0, edit }).collect();
        let applicability = match repair.open.is_empty() {
            true => Applicability::Safe,
            false => Applicability::Unsafe,
        };
        self.context.last().fix = Some(Fix {
            applicability,
            message: repair.message,
            open: repair.open,
            edits,
        });
        self
    }
}

/// Whether an array is one for certain, and not by an annotation.
pub fn is_certain_array(typed: &Typed) -> bool {
    typed.is_array() && typed.trust == Trust::Certain
}
