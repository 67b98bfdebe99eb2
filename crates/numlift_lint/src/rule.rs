//! What a rule is: its code and name, its page, and the function that looks for it.

use numlift_source::syntax::{Kind, NodeId, Tree};

use crate::context::Context;

/// A rule. Each is a constant in a file of its own.
#[derive(Debug)]
pub struct Rule {
    /// `NL` and three digits, the first one the family's.
    pub code: &'static str,
    /// Reads well after "allow", and names the pattern, not the cure.
    pub name: &'static str,
    /// The pattern in a line.
    pub summary: &'static str,
    pub page: Page,
    pub fixes: Fixes,
    /// Nodes that it is shown.
    pub looks_at: &'static [Shape],
    pub check: fn(&mut Context<'_>, NodeId),
}

/// What is to be said about a rule, in Markdown.
#[derive(Debug)]
pub struct Page {
    /// What it finds.
    pub what: &'static str,
    /// Why that is slow.
    pub why: &'static str,
    /// A program in which it finds something.
    pub example: &'static str,
    /// The same program without that.
    pub instead: &'static str,
    /// When the code is better left as it is, and what a fix changes.
    pub when_not: &'static str,
}

/// Which fixes a rule has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fixes {
    Never,
    /// All of them change something, or may.
    Unsafe,
    /// Safe ones where types are certain.
    Sometimes,
}

/// The kinds of nodes that rules look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    Attribute,
    Call,
    Subscript,
    /// An attribute or a subscript that is stored to or deleted: nothing that is not one can take its place.
    Target,
    Binary,
    Compare,
    Assign,
    For,
}

impl Shape {
    pub fn of(tree: &Tree<'_>, id: NodeId) -> Option<Shape> {
        match tree.kind(id) {
            Kind::Attribute { .. } | Kind::Subscript { .. } if tree.is_target(id) => Some(Shape::Target),
            Kind::Attribute { .. } => Some(Shape::Attribute),
            Kind::Call { .. } => Some(Shape::Call),
            Kind::Subscript { .. } => Some(Shape::Subscript),
            Kind::Binary { .. } => Some(Shape::Binary),
            Kind::Compare { .. } => Some(Shape::Compare),
            Kind::Assign { .. } => Some(Shape::Assign),
            Kind::For { .. } => Some(Shape::For),
            _ => None,
        }
    }
}

/// The families of rules, by the first digit of their codes.
pub const FAMILIES: &[(&str, &str)] = &[
    ("NL1", "loops"),
    ("NL2", "memory and temporaries"),
    ("NL3", "built-ins"),
    ("NL4", "linear algebra"),
    ("NL5", "algorithms"),
    ("NL6", "pandas"),
    ("NL9", "suppressions"),
];

impl Rule {
    /// The family that its code says.
    pub fn family(&self) -> &'static str {
        let found = FAMILIES.iter().find(|(prefix, _)| self.code.starts_with(prefix));
        found.map_or("syntax", |(_, name)| name)
    }
}

/// What is said of a file that is not Python: no rule, and not to be switched off.
pub static INVALID_SYNTAX: Rule = Rule {
    code: "invalid-syntax",
    name: "invalid-syntax",
    summary: "the file is not Python",
    page: Page {
        what: "A place where the file stops being Python.",
        why: "Nothing else can be said about it.",
        example: "",
        instead: "",
        when_not: "",
    },
    fixes: Fixes::Never,
    looks_at: &[],
    check: |_, _| {},
};
