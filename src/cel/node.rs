//! An expression whose names have a meaning: what is evaluated.

use super::functions::Call;
use super::syntax::{Binary, Literal, Span};

/// A part of an expression.
#[derive(Debug)]
pub(super) struct Node {
    /// What it does.
    pub(super) op: Op,
    /// Where it is written.
    pub(super) span: Span,
}

/// What a part does.
#[derive(Debug)]
pub(super) enum Op {
    /// A constant.
    Literal(Literal),
    /// The name of a type.
    Type(&'static str),
    /// What the expression is given, by its place.
    Root(usize),
    /// One of the rule's variables, by its place.
    Variable(usize),
    /// What a macro names, by its place from the outermost.
    Local(usize),
    /// A field.
    Select { of: Box<Node>, field: Box<str>, optional: bool },
    /// Whether there is a field.
    Has { of: Box<Node>, field: Box<str> },
    /// An element.
    Index { of: Box<Node>, index: Box<Node>, optional: bool },
    /// A list.
    List(Vec<(Node, bool)>),
    /// A map.
    Map(Vec<(Node, Node, bool)>),
    /// `!a`
    Not(Box<Node>),
    /// `-a`
    Negate(Box<Node>),
    /// An operator.
    Binary(Binary, Box<Node>, Box<Node>),
    /// `a && b`
    And(Vec<Node>),
    /// `a || b`
    Or(Vec<Node>),
    /// `a ? b : c`
    Choice(Box<Node>, Box<Node>, Box<Node>),
    /// A function: what may do it, in the order in which it is tried.
    Call(Vec<Call>, Vec<Node>),
    /// A macro over a list or map.
    Fold(Box<Fold>),
    /// `or` and `orValue`, whose argument is asked only if there is no value.
    Else { of: Box<Node>, other: Box<Node>, value: bool },
    /// `optMap` and `optFlatMap`.
    OptMap { of: Box<Node>, body: Box<Node>, flat: bool },
}

/// A macro over a list or map.
#[derive(Debug)]
pub(super) struct Fold {
    /// Which.
    pub(super) kind: FoldKind,
    /// What it goes over.
    pub(super) range: Node,
    /// Whether it names index and element, or key and value.
    pub(super) two: bool,
    /// Which elements it takes.
    pub(super) filter: Option<Node>,
    /// What it does with each.
    pub(super) body: Node,
}

/// What a macro makes of a list or map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FoldKind {
    All,
    Exists,
    ExistsOne,
    Filter,
    /// A list of what the body makes.
    List,
    /// A map with what the body makes as values.
    MapValues,
    /// A map of the entries that the body makes.
    MapEntries,
}

impl Node {
    /// Calls something with this part and all parts below it.
    pub(super) fn visit<'n>(&'n self, see: &mut dyn FnMut(&'n Node)) {
        see(self);
        match &self.op {
            Op::Literal(_) | Op::Type(_) | Op::Root(_) | Op::Variable(_) | Op::Local(_) => {}
            Op::Select { of, .. } | Op::Has { of, .. } | Op::Not(of) | Op::Negate(of) => of.visit(see),
            Op::Index { of: one, index: other, .. }
            | Op::Binary(_, one, other)
            | Op::Else { of: one, other, .. }
            | Op::OptMap { of: one, body: other, .. } => {
                one.visit(see);
                other.visit(see);
            }
            Op::List(elements) => elements.iter().for_each(|(element, _)| element.visit(see)),
            Op::Map(entries) => {
                for (key, value, _) in entries {
                    key.visit(see);
                    value.visit(see);
                }
            }
            Op::And(parts) | Op::Or(parts) | Op::Call(_, parts) => {
                for part in parts {
                    part.visit(see);
                }
            }
            Op::Choice(condition, yes, no) => {
                for part in [condition, yes, no] {
                    part.visit(see);
                }
            }
            Op::Fold(fold) => {
                fold.range.visit(see);
                fold.filter.iter().for_each(|filter| filter.visit(see));
                fold.body.visit(see);
            }
        }
    }
}
