//! A label that onramp sets itself.

use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::policy::{ApiContext, Check, Rule};
use crate::yaml::Node;

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code = Code::unreadable("reserved-label", include_str!("../../../docs/rules/reserved-label.md"));

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    let top = &context.metadata.top.tree;
    check_tree(context, top, sink);
    for environment in context.environments() {
        check_tree(context, environment.tree, sink);
    }
}

fn check_tree(context: &ApiContext<'_>, tree: &Node, sink: &mut Sink) {
    for map in ["labels", "podLabels"] {
        for entry in tree.get(map).map(Node::entries).unwrap_or_default() {
            if is_reserved(&entry.key) {
                sink.push(
                    Diagnostic::new(
                        &CODE,
                        context.locate_key(tree, &[map, &entry.key]),
                        format!("the label `{}` is set by onramp", entry.key),
                    )
                    .label("reserved")
                    .help("choose another key: selectors and reports go by this one"),
                );
            }
        }
    }
}

/// Tells whether onramp writes a label itself.
fn is_reserved(key: &str) -> bool {
    let prefix = "app.kubernetes.io/";
    key.starts_with("platform/")
        || key.strip_prefix(prefix).is_some_and(|name| matches!(name, "name" | "part-of" | "managed-by"))
}
