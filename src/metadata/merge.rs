//! Merging layers on the span tree, before anything is typed.
//!
//! Layers are, from weak to strong: built-in defaults, the platform, the API, one environment of the
//! API. Because the merge works on nodes that know where they were written, every later finding
//! points into the layer that caused it, and `config show` can say where a value comes from.
//!
//! Maps merge by key and keep the order of the weaker layer; lists and scalars replace. `null`
//! removes; removing what is not there is a finding. Some values are units that replace as a whole
//! ([`UNITS`]), some keys exclude each other, so that setting one removes the others
//! ([`EITHER`]), and two lists are not replaced: what the stronger layer names comes behind ([`ADDED`]).

use crate::diagnostic::{Diagnostic, Fix};
use crate::metadata::codes;
use crate::yaml::{self, Entry, Node, Sources, Span, Value};

/// Paths whose value is never merged into, only replaced; `*` stands for any key. They hold at the
/// top, in each workload, and, as far as they mean anything there, in each container.
const UNITS: &[&[&str]] = &[
    &["env", "*"],
    &["strategy"],
    &["autoscaling"],
    &["disruptionBudget"],
    &["identity", "selector"],
    &["service", "selector"],
    &["volumes", "*"],
    &["externalSecrets", "*", "keys", "*"],
    &["externalSecrets", "*", "all"],
    &["container", "lifecycle", "*"],
    &["ports", "*"],
    &["routes", "*", "tls"],
    &["routes", "*", "rateLimit"],
    &["probes", "*", "httpGet"],
    &["probes", "*", "tcpSocket"],
    &["probes", "*", "exec"],
    &["probes", "*", "grpc"],
];

/// Maps in which only one of some keys can stand; a stronger layer that sets one removes the others.
const EITHER: &[(&[&str], &[&str])] = &[
    (&[], &["replicas", "autoscaling"]),
    (&["probes", "*"], &["httpGet", "tcpSocket", "exec", "grpc"]),
    (&["routes", "unified"], &["strip", "rewritePrefix"]),
];

/// Lists to which a stronger layer adds: each names files, and those of an environment lie in a directory of its own.
const ADDED: &[&str] = &["patches", "extraResources"];

/// Merges `over` into `base` and reports each `null` that removes nothing through `nothing_there`.
pub fn merge(base: Node, over: &Node, nothing_there: &mut dyn FnMut(&Entry)) -> Node {
    merge_at(&mut Vec::new(), base, over, nothing_there)
}

/// Makes the finding for a `null` that removes nothing.
pub(super) fn nothing_to_remove(entry: &Entry, sources: &Sources<'_>) -> Diagnostic {
    let location = sources.location(entry.node.span);
    let text = &sources.of(entry.node.span).text;
    let range = |span: Span| span.start as usize..span.end as usize;
    let gone = (entry.key_span.source == entry.node.span.source)
        .then(|| yaml::entry_removal(text, &range(entry.key_span), &range(entry.node.span)))
        .flatten();
    let fix = gone.map(|gone| Fix::safe("remove it").without(location.path.clone(), gone));
    Diagnostic::new(
        &codes::NOTHING_TO_REMOVE,
        location,
        format!("`{}: null` removes nothing: no weaker layer sets `{}`", entry.key, entry.key),
    )
    .label("nothing to remove here")
    .help("delete the line")
    .maybe_fix(fix)
}

/// Makes a map node without entries, standing where `span` does.
pub(super) fn empty_map(span: Span) -> Node {
    Node { span, value: Value::Map(Vec::new()) }
}

fn merge_at<'a>(
    path: &mut Vec<&'a str>,
    base: Node,
    over: &'a Node,
    nothing_there: &mut dyn FnMut(&Entry),
) -> Node {
    let Value::Map(over_entries) = &over.value else { return over.clone() };
    // A map over a scalar, or a unit, replaces what is there, but its own nulls still have to be taken out.
    let mut entries = match base.value {
        Value::Map(entries) if !matches_any(UNITS, path) => entries,
        _ => Vec::new(),
    };
    // First what goes: `{ autoscaling: null, replicas: 1 }` names what the other key would remove anyway.
    let (gone, set): (Vec<_>, Vec<_>) =
        over_entries.iter().partition(|entry| entry.node.value == Value::Null);
    for over_entry in gone {
        match entries.iter().position(|entry| entry.key == over_entry.key) {
            Some(at) => drop(entries.remove(at)),
            // What all workloads share is put below the workload's own later, see `layers::share`.
            None if matches!(path[..], ["workloads", _, ..]) => entries.push(over_entry.clone()),
            None => nothing_there(over_entry),
        }
    }
    for over_entry in set {
        for (map, keys) in EITHER {
            if matches(map, path) && keys.contains(&&*over_entry.key) {
                entries.retain(|entry| entry.key == over_entry.key || !keys.contains(&&*entry.key));
            }
        }
        let at = entries.iter().position(|entry| entry.key == over_entry.key);
        path.push(&over_entry.key);
        match at {
            Some(at) => {
                let old = std::mem::replace(&mut entries[at].node, empty_map(over_entry.node.span));
                if let ([key], Value::Seq(before), Value::Seq(more)) =
                    (&path[..], &old.value, &over_entry.node.value)
                    && ADDED.contains(key)
                {
                    let all = before.iter().chain(more).cloned().collect();
                    entries[at].node = Node { span: over_entry.node.span, value: Value::Seq(all) };
                    entries[at].key_span = over_entry.key_span;
                    path.pop();
                    continue;
                }
                entries[at].node = merge_at(path, old, &over_entry.node, nothing_there);
                entries[at].key_span = over_entry.key_span;
            }
            None => entries.push(Entry {
                key: over_entry.key.clone(),
                key_span: over_entry.key_span,
                node: merge_at(path, empty_map(over_entry.node.span), &over_entry.node, nothing_there),
            }),
        }
        path.pop();
    }
    Node { span: over.span, value: Value::Map(entries) }
}

/// Tells whether the value that a path of keys leads to is never merged into, only replaced.
pub fn is_unit(path: &[&str]) -> bool {
    matches_any(UNITS, path)
}

/// Tells whether a path of keys, seen from its workload and container, fits a pattern, where `*` stands for any key.
pub(crate) fn matches_any(patterns: &[&[&str]], path: &[&str]) -> bool {
    patterns.iter().any(|pattern| matches(pattern, path))
}

fn matches(pattern: &[&str], path: &[&str]) -> bool {
    let path = inside(inside(path, &["workloads"]), &["sidecars", "initContainers"]);
    pattern.len() == path.len() && pattern.iter().zip(path).all(|(step, key)| *step == "*" || step == key)
}

/// Returns the path seen from the entry of one of some maps that it leads into.
fn inside<'p, 'k>(path: &'p [&'k str], maps: &[&str]) -> &'p [&'k str] {
    match path {
        [map, _, rest @ ..] if maps.contains(map) => rest,
        _ => path,
    }
}

#[cfg(test)]
mod tests;
