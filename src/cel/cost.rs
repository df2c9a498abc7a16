//! What an expression can cost at the most, before there is an object.
//!
//! How long the lists of an object are is not known then, so each is taken to have [`ELEMENTS`] elements; one macro over a
//! list within another multiplies. Where that is too much the rule is refused where it is written, whatever the objects of
//! today cost. What an object costs is counted again while it is evaluated.

use super::node::{Fold, FoldKind, Node, Op};

/// How many elements a list or map of an object is taken to have.
pub(super) const ELEMENTS: u64 = 100;
/// How many characters of a text are looked at in a step.
const TEXT: u64 = 10;

/// Steps, and how many elements what comes out has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Estimate {
    pub(super) steps: u64,
    pub(super) size: u64,
}

/// Estimates an expression, whose variables are estimated already.
pub(super) fn estimate(node: &Node, variables: &[Estimate]) -> Estimate {
    let one = |node: &Node| estimate(node, variables);
    let sum = |nodes: &mut dyn Iterator<Item = &Node>| {
        nodes.fold(1, |sum: u64, node| sum.saturating_add(one(node).steps))
    };
    let of = |steps: u64, size: u64| Estimate { steps, size };
    match &node.op {
        Op::Literal(_) | Op::Type(_) => of(1, 1),
        Op::Root(_) | Op::Local(_) => of(1, ELEMENTS),
        Op::Variable(index) => {
            // Evaluated once for all that use it, and whoever does may be the first.
            variables.get(*index).copied().unwrap_or(Estimate { steps: 1, size: ELEMENTS })
        }
        Op::Select { of: inner, .. } | Op::Has { of: inner, .. } => {
            of(one(inner).steps.saturating_add(1), ELEMENTS)
        }
        Op::Index { of: inner, index, .. } => of(sum(&mut [&**inner, &**index].into_iter()), ELEMENTS),
        Op::List(elements) => {
            let size = u64::try_from(elements.len()).unwrap_or(u64::MAX);
            of(sum(&mut elements.iter().map(|(element, _)| element)), size)
        }
        Op::Map(entries) => {
            let size = u64::try_from(entries.len()).unwrap_or(u64::MAX);
            of(sum(&mut entries.iter().flat_map(|(key, value, _)| [key, value])), size)
        }
        Op::Not(inner) | Op::Negate(inner) => of(one(inner).steps.saturating_add(1), 1),
        Op::Binary(_, left, right) => {
            let (left, right) = (one(left), one(right));
            let size = left.size.saturating_add(right.size);
            of(left.steps.saturating_add(right.steps).saturating_add(1 + size / TEXT), size)
        }
        Op::And(parts) | Op::Or(parts) => of(sum(&mut parts.iter()), 1),
        Op::Choice(condition, yes, no) => {
            let (yes, no) = (one(yes), one(no));
            let steps = one(condition).steps.saturating_add(yes.steps.max(no.steps)).saturating_add(1);
            of(steps, yes.size.max(no.size))
        }
        Op::Call(_, args) => of(sum(&mut args.iter()).saturating_add(TEXT), ELEMENTS),
        Op::Else { of: inner, other: body, .. } | Op::OptMap { of: inner, body, .. } => {
            let (inner, body) = (one(inner), one(body));
            of(inner.steps.saturating_add(body.steps), body.size)
        }
        Op::Fold(fold) => folded(fold, variables),
    }
}

fn folded(fold: &Fold, variables: &[Estimate]) -> Estimate {
    let range = estimate(&fold.range, variables);
    let body = estimate(&fold.body, variables);
    let filter = fold.filter.as_ref().map_or(0, |filter| estimate(filter, variables).steps);
    let turn = body.steps.saturating_add(filter).saturating_add(1);
    let size = match fold.kind {
        FoldKind::All | FoldKind::Exists | FoldKind::ExistsOne => 1,
        _ => range.size,
    };
    Estimate { steps: range.steps.saturating_add(range.size.saturating_mul(turn)), size }
}

/// Finds the macro that costs the most of an expression that costs too much: the outermost one.
pub(super) fn outermost<'n>(node: &'n Node) -> &'n Node {
    let mut found: Option<&'n Node> = None;
    node.visit(&mut |part| {
        if found.is_none() && matches!(part.op, Op::Fold(_)) {
            found = Some(part);
        }
    });
    found.unwrap_or(node)
}
