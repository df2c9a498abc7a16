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
        let has = |tree: &crate::yaml::Node| tree.follow(path.iter().copied()).1 == path.len();
        // What every environment says for itself is said.
        let mut environments = context.environments().peekable();
        if has(tree)
            || (environments.peek().is_some() && environments.all(|environment| has(environment.tree)))
        {
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
