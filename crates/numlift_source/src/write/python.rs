//! A small syntax tree of the Python that is written, and the statements around it.
//!
//! It knows no precedence: [`super::print`] puts the parentheses.

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expr {
    /// A name, or a dotted path to something imported.
    Name(String),
    /// A number without a sign.
    Number(String),
    /// `None`, `True`, `...`, a string.
    Literal(String),
    /// Source text of the author's own.
    Raw(String),
    /// `-`, `+` or `~`.
    Unary(&'static str, Box<Expr>),
    Not(Box<Expr>),
    /// `(name := e)`
    Named(String, Box<Expr>),
    /// `bool(x)`: the spelling of `bool`, and what needs no `bool` where only its truth is asked for.
    Truth(String, Box<Expr>),
    Binary(&'static str, Box<Expr>, Box<Expr>),
    Compare(&'static str, Box<Expr>, Box<Expr>),
    /// `and` or `or`.
    Bool(&'static str, Vec<Expr>),
    IfElse {
        test: Box<Expr>,
        then: Box<Expr>,
        other: Box<Expr>,
    },
    Call(Box<Expr>, Vec<Arg>),
    Attr(Box<Expr>, String),
    Subscript(Box<Expr>, Vec<Expr>),
    /// Only as an item of a subscript.
    Slice(Option<Box<Expr>>, Option<Box<Expr>>, Option<Box<Expr>>),
    Tuple(Vec<Expr>),
    List(Vec<Expr>),
}

/// An argument with its keyword.
pub(super) type Arg = (Option<String>, Expr);

impl Expr {
    pub fn name(name: impl Into<String>) -> Self {
        Self::Name(name.into())
    }

    pub fn binary(operator: &'static str, left: Expr, right: Expr) -> Self {
        Self::Binary(operator, Box::new(left), Box::new(right))
    }

    pub fn unary(operator: &'static str, operand: Expr) -> Self {
        Self::Unary(operator, Box::new(operand))
    }

    pub fn compare(operator: &'static str, left: Expr, right: Expr) -> Self {
        Self::Compare(operator, Box::new(left), Box::new(right))
    }

    pub fn attr(base: Expr, name: &str) -> Self {
        Self::Attr(Box::new(base), name.to_owned())
    }

    /// A call with positional arguments.
    pub fn call(callee: Expr, args: Vec<Expr>) -> Self {
        Self::Call(Box::new(callee), args.into_iter().map(|arg| (None, arg)).collect())
    }

    pub fn if_else(test: Expr, then: Expr, other: Expr) -> Self {
        Self::IfElse {
            test: Box::new(test.into_test()),
            then: Box::new(then),
            other: Box::new(other),
        }
    }

    /// `not e`
    pub fn negated(self) -> Self {
        Self::Not(Box::new(self.into_test()))
    }

    /// The expression where only its truth matters.
    pub fn into_test(self) -> Self {
        match self {
            Self::Truth(_, value) => value.into_test(),
            Self::Bool(operator, items) => Self::Bool(operator, items.into_iter().map(Self::into_test).collect()),
            other => other,
        }
    }

    /// `a and b`, one level for a chain.
    pub fn all(operator: &'static str, operands: Vec<Expr>) -> Self {
        let mut flat = Vec::new();
        for operand in operands {
            match operand {
                Self::Bool(inner, items) if inner == operator => flat.extend(items),
                other => flat.push(other),
            }
        }
        Self::Bool(operator, flat)
    }
}

/// A statement.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Stmt {
    /// `a, b = e, f`, or one of each.
    Assign(Vec<Expr>, Vec<Expr>),
    /// Target, operator without `=`, value.
    Augmented(Expr, &'static str, Expr),
    Expr(Expr),
    If {
        test: Expr,
        then: Vec<Stmt>,
        other: Vec<Stmt>,
    },
    For {
        target: Expr,
        range: Expr,
        body: Vec<Stmt>,
    },
    While {
        test: Expr,
        body: Vec<Stmt>,
    },
    Break,
    Return(Option<Expr>),
    /// A simple statement of the author's own.
    Raw(String),
}
