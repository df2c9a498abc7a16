//! What an expression says, before its names mean anything.

use std::ops::Range;

/// A range of bytes of the expression.
pub(super) type Span = Range<usize>;

/// An expression as it is written.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Expr {
    /// What it says.
    pub(super) kind: Kind,
    /// Where.
    pub(super) span: Span,
    /// How deep it goes.
    pub(super) depth: usize,
}

/// What an expression says.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// A constant.
    Literal(Literal),
    /// A name.
    Name(Box<str>),
    /// `of.field` and `of.?field`.
    Select { of: Box<Expr>, field: Box<str>, field_span: Span, optional: bool },
    /// `of[index]` and `of[?index]`.
    Index { of: Box<Expr>, index: Box<Expr>, optional: bool },
    /// `name(args)` and `target.name(args)`.
    Call { target: Option<Box<Expr>>, name: Box<str>, name_span: Span, args: Vec<Expr> },
    /// `[a, ?b]`: elements, and whether each is there only if it has a value.
    List(Vec<(Expr, bool)>),
    /// `{a: b, ?c: d}`.
    Map(Vec<(Expr, Expr, bool)>),
    /// `!a` and `-a`.
    Unary(Unary, Box<Expr>),
    /// `a + b` and the like.
    Binary(Binary, Box<Expr>, Box<Expr>),
    /// `a && b && c`.
    And(Vec<Expr>),
    /// `a || b || c`.
    Or(Vec<Expr>),
    /// `a ? b : c`.
    Choice(Box<Expr>, Box<Expr>, Box<Expr>),
}

impl Kind {
    /// Tells how deep the deepest part goes.
    pub(super) fn depth(&self) -> usize {
        let deepest = |parts: &[Expr]| parts.iter().map(|part| part.depth).max().unwrap_or(0);
        match self {
            Kind::Literal(_) | Kind::Name(_) => 0,
            Kind::Select { of, .. } | Kind::Unary(_, of) => of.depth,
            Kind::Index { of, index, .. } => of.depth.max(index.depth),
            Kind::Call { target, args, .. } => {
                target.as_ref().map_or(0, |target| target.depth).max(deepest(args))
            }
            Kind::List(elements) => elements.iter().map(|(part, _)| part.depth).max().unwrap_or(0),
            Kind::Map(entries) => {
                entries.iter().map(|(key, value, _)| key.depth.max(value.depth)).max().unwrap_or(0)
            }
            Kind::Binary(_, left, right) => left.depth.max(right.depth),
            Kind::And(parts) | Kind::Or(parts) => deepest(parts),
            Kind::Choice(condition, yes, no) => condition.depth.max(yes.depth).max(no.depth),
        }
    }
}

/// A constant.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Literal {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    String(Box<str>),
    Bytes(Box<[u8]>),
}

/// An operator before one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unary {
    Not,
    Negate,
}

/// An operator between two values, both of which are always looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    In,
}

impl Binary {
    /// Returns the operator as it is written.
    pub(super) fn sign(self) -> &'static str {
        match self {
            Binary::Add => "+",
            Binary::Subtract => "-",
            Binary::Multiply => "*",
            Binary::Divide => "/",
            Binary::Remainder => "%",
            Binary::Equal => "==",
            Binary::NotEqual => "!=",
            Binary::Less => "<",
            Binary::LessEqual => "<=",
            Binary::Greater => ">",
            Binary::GreaterEqual => ">=",
            Binary::In => "in",
        }
    }
}
