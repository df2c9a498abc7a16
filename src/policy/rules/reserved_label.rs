//! A label that onramp sets itself, or an annotation that is an order to Kustomize.

use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::metadata::Profile;
use crate::policy::{ApiContext, Check, Rule};
use crate::yaml::Node;

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code = Code::unreadable("reserved-label", include_str!("../../../docs/rules/reserved-label.md"));

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    let top = &context.metadata.top;
    check_maps(context, &top.tree, &[(&["labels"], is_reserved)], sink);
    for (_, tree) in top.workloads() {
        check_maps(context, tree, OF_WORKLOAD, sink);
    }
    for environment in context.environments() {
        check_maps(context, environment.tree, &[(&["labels"], is_reserved)], sink);
    }
    for here in context.workloads() {
        check_maps(context, here.tree, OF_WORKLOAD, sink);
    }
}

/// A map of metadata.yaml, and which of its keys are not free.
type Reserved = (&'static [&'static str], fn(&str) -> bool);

const OF_WORKLOAD: &[Reserved] = &[
    (&["labels"], is_reserved),
    (&["podLabels"], is_reserved),
    (&["service", "labels"], is_reserved),
    (&["annotations"], is_kustomize),
    (&["podAnnotations"], is_kustomize),
    (&["service", "annotations"], is_kustomize),
];

fn check_maps(context: &ApiContext<'_>, tree: &Node, maps: &[Reserved], sink: &mut Sink) {
    // What was adopted has none of onramp's own labels, so theirs cannot be in the way.
    let adopted = context.metadata.top.api.profile == Profile::Adopted;
    for (path, is_reserved) in maps {
        let (map, taken) = tree.follow(path.iter().copied());
        if taken < path.len() || (adopted && path.last() != Some(&"annotations")) {
            continue;
        }
        for entry in map.entries() {
            if is_reserved(&entry.key) {
                sink.push(
                    Diagnostic::new(
                        &CODE,
                        context.locate_key(tree, &[*path, &[&entry.key]].concat()),
                        format!("the key `{}` is not free to be set", entry.key),
                    )
                    .label("reserved")
                    .help("choose another key: selectors and reports go by this one"),
                );
            }
        }
    }
}

/// Tells whether an annotation is an order to Kustomize: `local-config` would take the object out.
fn is_kustomize(key: &str) -> bool {
    let prefix = key.split('/').next().unwrap_or_default();
    matches!(prefix, "config.kubernetes.io" | "internal.config.kubernetes.io" | "kustomize.config.k8s.io")
}

/// Tells whether onramp writes a label itself.
fn is_reserved(key: &str) -> bool {
    let prefix = "app.kubernetes.io/";
    key.starts_with("platform/")
        || key
            .strip_prefix(prefix)
            .is_some_and(|name| matches!(name, "name" | "part-of" | "managed-by" | "component"))
}
