//! Two entries of `config` make the same key.

use std::collections::BTreeSet;

use crate::diagnostic::{Code, Diagnostic, Location, Sink};
use crate::metadata::Api;
use crate::policy::{ApiContext, Check, Rule};
use crate::yaml::Node;

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code =
    Code::unreadable("duplicate-config-key", include_str!("../../../docs/rules/duplicate-config-key.md"));

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    let top = &context.metadata.top;
    duplicates(context, &top.api, &top.tree, sink);
    for environment in context.environments() {
        duplicates(context, environment.api, environment.tree, sink);
    }
}

fn duplicates(context: &ApiContext<'_>, api: &Api, tree: &Node, sink: &mut Sink) {
    for (at, config) in api.configs() {
        let mut seen = BTreeSet::new();
        for (index, file) in config.files.iter().enumerate() {
            if !seen.insert(file.key.as_str()) {
                let location = context.locate_config_file(tree, &at, index, file);
                sink.push(finding(&file.key, location));
            }
        }
        for key in config.literals.keys() {
            if seen.contains(key) {
                sink.push(finding(key, context.locate_key(tree, &[&at[..], &["literals", key]].concat())));
            }
        }
    }
}

fn finding(key: &str, location: Location) -> Diagnostic {
    Diagnostic::new(&CODE, location, format!("the ConfigMap gets the key `{key}` twice"))
        .label("the second time")
        .help("rename one: `files` also takes a map from key to path")
}
