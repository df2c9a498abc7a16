//! A key that the API's lifecycle requires is not there.

use crate::diagnostic::{Code, Diagnostic, Severity, Sink, WaivedBy};
use crate::policy::{ApiContext, Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code = Code::new(
    "missing-lifecycle-key",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/missing-lifecycle-key.md"),
);

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    let Some(name) = &context.metadata.top.api.lifecycle else { return };
    let Some(lifecycle) = context.platform.model.lifecycles.get(name) else { return };
    let tree = &context.metadata.top.tree;
    for key in &lifecycle.requires {
        let path: Vec<&str> = key.split('.').collect();
        let (_, taken) = tree.follow(path.iter().copied());
        if taken == path.len() {
            continue;
        }
        sink.push(
            Diagnostic::new(
                &CODE,
                context.locate(tree, &["lifecycle"]),
                format!("lifecycle `{name}` requires `{key}`"),
            )
            .label(format!("requires `{key}`"))
            .help(format!("set `{key}`")),
        );
    }
}
