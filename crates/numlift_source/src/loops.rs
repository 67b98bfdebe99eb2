//! Where the loops are: candidates for regions, with the statements around them.
//!
//! ```text
//! n = len(x)                        before: plain, binds n
//! out = []                          before: plain, binds out
//! for i in range(n):                the candidate
//!     out.append(x[i] ** 2)
//! out = np.array(out)               after: plain, binds out, reads out
//! return out                        after: return
//! ```
//!
//! A candidate is a `for` or `while` statement, or a simple statement with a loop inside an expression: a
//! comprehension, a generator argument, a call that runs a Python function for each element (`np.vectorize`,
//! `map`), or a builtin that walks its argument (`sum(x)`). An array expression at module level is one too, to be timed
//! beside the loops: it may be the fast form already. Which neighbours belong to a region is not decided here.

use std::collections::BTreeSet;

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::{Ranged, TextRange, TextSize};

use crate::names::{BindingKind, FunctionId, Names, Resolution};
use crate::parse::{Parsed, suites_of};

mod plain;

/// A place where Python loops over elements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub kind: CandidateKind,
    /// Byte range of the statement.
    pub start: u32,
    pub end: u32,
    /// Indices of statements from the module's body down to this one, suites of compound statements counted
    /// through: `[3, 0]` is the first statement inside the fourth.
    pub path: Vec<u32>,
    /// The innermost function around it.
    pub function: Option<FunctionId>,
    /// It stands directly in the body of a class.
    pub in_class_body: bool,
    /// Index of the innermost candidate around it in the same function.
    pub parent: Option<usize>,
    /// Statements before it in its suite, the nearest first.
    pub before: Vec<Neighbour>,
    /// Statements behind it in its suite, the nearest first.
    pub after: Vec<Neighbour>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CandidateKind {
    For,
    While,
    /// A list, set or dict comprehension.
    Comprehension,
    /// A generator expression.
    Generator,
    /// `np.vectorize(f)(x)`, `list(map(f, x))`, `np.apply_along_axis(f, 0, x)`: a Python call for each element.
    CallPerElement,
    /// `sum(x)`, `max(x)`: a builtin that takes one element after the other.
    Builtin,
    /// `y = x**2`, `C = np.dot(A, B)`, at module level and in no loop: arithmetic that may be on whole arrays.
    ArrayExpression,
}

/// A statement beside a candidate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbour {
    pub start: u32,
    pub end: u32,
    pub form: NeighbourForm,
    /// Names that it binds; for a store into a subscript, the name of the container.
    pub binds: Vec<String>,
    pub reads: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NeighbourForm {
    /// An assignment to names whose value is cheap to compute and touches nothing: `out = []`, `n = len(x)`.
    Plain,
    /// The same of an array made from an object that may be of any kind, or of parts of such an object:
    /// `a = np.array(image)`, `width, height = image.size`.
    Taken,
    /// A store of such a value into an element: `out[0] = 1`.
    Store,
    /// `return` of such a value.
    Return,
    /// A function inside of the function, or a `lambda` that gets a name.
    Helper,
    /// Anything else.
    Other,
}

/// So many neighbours on each side are looked at.
const MAX_NEIGHBOURS: usize = 8;

/// All candidates of a module, in source order.
pub fn candidates(parsed: &Parsed, names: &Names) -> Vec<Candidate> {
    let vectorized = vectorized_functions(parsed, names);
    let mut finder = Finder {
        names,
        vectorized,
        found: Vec::new(),
        path: Vec::new(),
    };
    finder.suite(
        &parsed.module.body,
        Place {
            function: None,
            in_class_body: false,
            parent: None,
        },
        &mut 0,
    );
    finder.found
}

#[derive(Clone, Copy)]
struct Place {
    function: Option<FunctionId>,
    in_class_body: bool,
    parent: Option<usize>,
}

struct Finder<'n> {
    names: &'n Names,
    vectorized: BTreeSet<TextSize>,
    found: Vec<Candidate>,
    path: Vec<u32>,
}

impl Finder<'_> {
    /// `number` counts the statements of all suites of one compound statement.
    fn suite(&mut self, suite: &[Stmt], place: Place, number: &mut u32) {
        for (index, stmt) in suite.iter().enumerate() {
            self.path.push(*number);
            *number += 1;
            let inner = match self.kind_of(stmt, place) {
                Some(kind) => {
                    self.candidate(kind, suite, index, place);
                    Place {
                        parent: Some(self.found.len() - 1),
                        ..place
                    }
                }
                None => self.place_inside(stmt, place),
            };
            let mut inner_number = 0;
            for inner_suite in suites_of(stmt) {
                self.suite(inner_suite, inner, &mut inner_number);
            }
            self.path.pop();
        }
    }

    fn place_inside(&self, stmt: &Stmt, place: Place) -> Place {
        match stmt {
            Stmt::FunctionDef(def) => {
                let function = self.names.functions().find(|(_, function)| function.range == def.range);
                Place {
                    function: function.map(|(id, _)| id),
                    in_class_body: false,
                    parent: None,
                }
            }
            Stmt::ClassDef(_) => Place {
                in_class_body: true,
                ..place
            },
            _ => place,
        }
    }

    fn candidate(&mut self, kind: CandidateKind, suite: &[Stmt], index: usize, place: Place) {
        let stmt = &suite[index];
        let neighbour = |stmt: &Stmt| plain::neighbour(self.names, stmt);
        let candidate = Candidate {
            kind,
            start: stmt.start().to_u32(),
            end: stmt.end().to_u32(),
            path: self.path.clone(),
            function: place.function,
            in_class_body: place.in_class_body,
            parent: place.parent,
            before: suite[..index]
                .iter()
                .rev()
                .take(MAX_NEIGHBOURS)
                .map(neighbour)
                .collect(),
            after: suite[index + 1..].iter().take(MAX_NEIGHBOURS).map(neighbour).collect(),
        };
        self.found.push(candidate);
    }

    fn kind_of(&self, stmt: &Stmt, place: Place) -> Option<CandidateKind> {
        match stmt {
            Stmt::For(_) => Some(CandidateKind::For),
            Stmt::While(_) => Some(CandidateKind::While),
            Stmt::Assign(_) | Stmt::AugAssign(_) | Stmt::AnnAssign(_) | Stmt::Return(_) | Stmt::Expr(_) => {
                let mut loops = ExpressionLoops {
                    finder: self,
                    kind: None,
                };
                loops.visit_stmt(stmt);
                let is_outermost = place.function.is_none() && place.parent.is_none() && !place.in_class_body;
                let array_expression = || is_outermost && is_array_expression(self.names, stmt);
                loops
                    .kind
                    .or_else(|| array_expression().then_some(CandidateKind::ArrayExpression))
            }
            _ => None,
        }
    }
}

/// An assignment whose value begins with an operator between variables, or a call of NumPy's that is given one.
fn is_array_expression(names: &Names, stmt: &Stmt) -> bool {
    let value = match stmt {
        Stmt::Assign(assign) => &*assign.value,
        Stmt::AugAssign(assign) => &*assign.value,
        Stmt::AnnAssign(ast::StmtAnnAssign { value: Some(value), .. }) => value,
        _ => return false,
    };
    let is_name = |expr: &Expr| matches!(expr, Expr::Name(_));
    match value {
        Expr::BinOp(operation) => is_name(&operation.left) || is_name(&operation.right),
        Expr::Call(call) => {
            let is_numpy = names
                .qualified_name(&call.func)
                .is_some_and(|name| name.starts_with("numpy.") && !name.starts_with("numpy.random."));
            is_numpy && call.arguments.args.iter().any(is_name)
        }
        _ => false,
    }
}

/// Finds the strongest reason why a simple statement loops.
struct ExpressionLoops<'f, 'n> {
    finder: &'f Finder<'n>,
    kind: Option<CandidateKind>,
}

impl ExpressionLoops<'_, '_> {
    fn found(&mut self, kind: CandidateKind) {
        // A comprehension says more than the `sum` around it.
        if self.kind.is_none_or(|old| old == CandidateKind::Builtin) {
            self.kind = Some(kind);
        }
    }

    fn call(&mut self, call: &ast::ExprCall) {
        let names = self.finder.names;
        let per_element = match &*call.func {
            // `np.vectorize(f)(x)`
            Expr::Call(inner) => names.qualified_name(&inner.func).as_deref() == Some("numpy.vectorize"),
            Expr::Name(name) => self.finder.vectorized.contains(&name.start()),
            _ => false,
        };
        if per_element {
            return self.found(CandidateKind::CallPerElement);
        }
        let walks = |args: &[Expr]| matches!(args, [only] if !matches!(only, Expr::Generator(_) | Expr::List(_) | Expr::Tuple(_)));
        match names.qualified_name(&call.func).as_deref() {
            Some("builtins.map" | "builtins.filter" | "numpy.apply_along_axis" | "numpy.apply_over_axes")
            | Some("functools.reduce" | "itertools.accumulate" | "itertools.starmap") => {
                self.found(CandidateKind::CallPerElement);
            }
            Some("builtins.sum" | "builtins.min" | "builtins.max" | "builtins.any" | "builtins.all")
            | Some("builtins.sorted" | "math.fsum" | "math.prod" | "statistics.mean" | "statistics.stdev")
                if walks(&call.arguments.args) =>
            {
                self.found(CandidateKind::Builtin);
            }
            _ => {}
        }
    }
}

impl<'a> Visitor<'a> for ExpressionLoops<'_, '_> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::ListComp(_) | Expr::SetComp(_) | Expr::DictComp(_) => self.found(CandidateKind::Comprehension),
            Expr::Generator(_) => self.found(CandidateKind::Generator),
            Expr::Call(call) => self.call(call),
            // It runs when somebody calls it.
            Expr::Lambda(_) => return,
            _ => {}
        }
        visitor::walk_expr(self, expr);
    }
}

/// Uses of names that stand for functions made by `np.vectorize`, by their offset.
fn vectorized_functions(parsed: &Parsed, names: &Names) -> BTreeSet<TextSize> {
    let mut values = VectorizedValues {
        names,
        ranges: Vec::new(),
    };
    values.visit_body(&parsed.module.body);
    let is_vectorized = |kind: &BindingKind| match kind {
        BindingKind::Assign { value } => values.ranges.contains(value),
        BindingKind::Function(id) => names
            .function(*id)
            .decorators
            .iter()
            .any(|name| name.as_deref() == Some("numpy.vectorize")),
        _ => false,
    };
    let mut uses = BTreeSet::new();
    for (at, entry) in &names.uses {
        let Some(symbol) = entry.symbol else { continue };
        if names
            .symbol(symbol)
            .bindings
            .iter()
            .any(|binding| is_vectorized(&names.binding(*binding).kind))
        {
            uses.insert(*at);
        }
    }
    uses
}

struct VectorizedValues<'n> {
    names: &'n Names,
    ranges: Vec<TextRange>,
}

impl<'a> Visitor<'a> for VectorizedValues<'_> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::Call(call) = expr
            && self.names.qualified_name(&call.func).as_deref() == Some("numpy.vectorize")
        {
            self.ranges.push(call.range());
        }
        visitor::walk_expr(self, expr);
    }
}

/// Whether a name expression is a local or global variable of the program, not a builtin.
fn is_variable(names: &Names, name: &ast::ExprName) -> bool {
    !matches!(names.resolve(name), Resolution::Builtin)
}
