//! Looks places up in the table.

use crate::effective::Taken;
use crate::platform::BUILT_IN;
use crate::policy::spot::Spot;
use crate::yaml::{Node, Span};

use super::table::Row;

/// The trees that the right sides of rows start in, and what their names stand for.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    /// The workload, or the whole file where the object belongs to none.
    pub(super) workload: &'a Node,
    /// The keys from there to what rows without a word in front speak of: a container.
    pub(super) below: &'a [&'a str],
    /// The API in its environment.
    pub(super) api: &'a Node,
    /// platform.yaml.
    pub(super) platform: &'a Node,
    /// What `{environment}` and its like stand for.
    pub(super) names: &'a [(&'a str, &'a str)],
}

/// Where a row leads.
#[derive(Clone, Copy, Debug)]
pub(super) enum Hit {
    /// To what says the place.
    Exact(Span),
    /// To what is around it.
    Near(Span),
}

/// Finds the first row for a place that leads to something written; else the one that leads nearest.
pub(super) fn look(rows: &[Row], way: &[Taken<'_>], scope: Scope<'_>) -> Option<Hit> {
    let mut near: Option<(usize, Span)> = None;
    for (left, right) in rows {
        let Some((captured, rest)) = matched(left, way) else { continue };
        let (tree, mut keys) = scope.start(right);
        let (template, goes_on) = match right.strip_suffix("..") {
            Some(template) => (template, true),
            None => (*right, false),
        };
        let template = template.rsplit(':').next().unwrap_or_default();
        let Some(more) = filled(template, &captured, scope.names) else { continue };
        keys.extend(more);
        let mut spot = Spot::of(tree);
        let mut depth = 0;
        for key in &keys {
            match spot.get(key) {
                Some(next) if next.node.span.source != BUILT_IN => spot = next,
                _ => break,
            }
            depth += 1;
        }
        if depth == keys.len() {
            let (spot, taken) = if goes_on { spot.follow(rest) } else { (spot, rest.len()) };
            // Where the rest of the way is said in the same words, a row that cannot go along says nothing about it.
            if taken > 0 || rest.is_empty() || !goes_on {
                return Some(Hit::Exact(spot.span()));
            }
        }
        // Words of Kubernetes' own that do not say the place are no nearer to it than what is around them.
        if goes_on && matches!(*left, "" | "spec") {
            continue;
        }
        let least = scope.below.len().min(keys.len());
        if depth > least && near.is_none_or(|(known, _)| depth > known) {
            near = Some((depth, spot.span()));
        }
    }
    near.map(|(_, span)| Hit::Near(span))
}

impl<'a> Scope<'a> {
    /// Returns where a right side starts: the tree, and the keys in front of its own.
    fn start(&self, right: &str) -> (&'a Node, Vec<String>) {
        if right.starts_with("api:") {
            (self.api, Vec::new())
        } else if right.starts_with("platform:") {
            (self.platform, Vec::new())
        } else if right.starts_with("workload:") {
            (self.workload, Vec::new())
        } else {
            (self.workload, self.below.iter().map(|key| (*key).to_owned()).collect())
        }
    }
}

/// Holds the left side of a row against a way: what its stars stand for, and the rest of the way.
fn matched<'w, 'v>(left: &str, way: &'w [Taken<'v>]) -> Option<(Vec<&'w Taken<'v>>, &'w [Taken<'v>])> {
    let mut captured = Vec::new();
    let mut rest = way;
    for wanted in left.split('.').filter(|wanted| !wanted.is_empty()) {
        let (step, behind) = rest.split_first()?;
        match wanted {
            "*" => captured.push(step),
            _ if step.index.is_none() && step.text == wanted => {}
            // An element is named too: `metrics[cpu]`, `volumes[config]`.
            _ if step.index.is_some() && step.text == wanted => {}
            _ => return None,
        }
        rest = behind;
    }
    Some((captured, rest))
}

/// Writes the keys of a right side; nothing where an element lacks the field that is asked for.
fn filled(template: &str, captured: &[&Taken<'_>], names: &[(&str, &str)]) -> Option<Vec<String>> {
    let each = template.split('.').filter(|key| !key.is_empty()).map(|key| {
        let Some(inner) = key.strip_prefix('{').and_then(|key| key.strip_suffix('}')) else {
            return Some(key.to_owned());
        };
        if let Some((_, value)) = names.iter().find(|(name, _)| *name == inner) {
            return Some((*value).to_owned());
        }
        let (number, field) = match inner.split_once('=') {
            Some((number, field)) => (number, Some(field)),
            None => (inner, None),
        };
        let (number, place) = match number.strip_suffix('#') {
            Some(number) => (number, true),
            None => (number, false),
        };
        let taken = captured.get(number.parse::<usize>().ok()?)?;
        match field {
            Some(field) => Some(taken.value?.get(field)?.as_str()?.to_owned()),
            None if place => Some(taken.index?.to_string()),
            None => Some(taken.text.clone().into_owned()),
        }
    });
    each.collect()
}
