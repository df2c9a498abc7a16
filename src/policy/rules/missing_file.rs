//! A file that metadata.yaml names does not exist.

use crate::diagnostic::{Code, Diagnostic, Sink, nearest};
use crate::policy::{ApiContext, Check, Rule};
use crate::yaml::Node;

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code = Code::unreadable("missing-file", include_str!("../../../docs/rules/missing-file.md"));

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    let mut trees = vec![&context.metadata.top.tree];
    trees.extend(context.environments().map(|environment| environment.tree));
    for tree in trees {
        let further = tree.get("configMaps").map(Node::entries).unwrap_or_default();
        let lists = further.iter().filter_map(|entry| entry.node.get("files"));
        let own = tree.get("config").and_then(|config| config.get("files"));
        for list in lists.chain(own).chain(tree.get("patches")).chain(tree.get("extraResources")) {
            let entries = list.entries().iter().map(|entry| &entry.node);
            for node in list.items().iter().chain(entries) {
                missing(context, node, sink);
            }
        }
    }
}

fn missing(context: &ApiContext<'_>, node: &Node, sink: &mut Sink) {
    // A patch may be a map with its path and its target.
    let node = node.get("path").unwrap_or(node);
    let Some(path) = node.as_str() else { return };
    if context.has_file(path) {
        return;
    }
    sink.push(
        Diagnostic::new(
            &CODE,
            context.metadata.source.location(node.span),
            format!("`{}/{path}` does not exist", context.directory),
        )
        .label("no such file")
        .help(nearest(path, context.files()).map_or_else(
            || "add the file, or remove the line".to_owned(),
            |near| format!("did you mean `{near}`?"),
        ))
        .meant(path, nearest(path, context.files())),
    );
}
