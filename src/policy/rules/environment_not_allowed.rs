//! An environment that the API's lifecycle does not include.

use crate::diagnostic::{Code, Diagnostic, Severity, Sink, WaivedBy};
use crate::policy::{ApiContext, Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code = Code::new(
    "environment-not-allowed",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/environment-not-allowed.md"),
);

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    let Some(name) = &context.metadata.top.api.lifecycle else { return };
    let Some(lifecycle) = context.platform.model.lifecycles.get(name) else { return };
    if lifecycle.environments.is_empty() {
        return;
    }
    for environment in context.environments() {
        if lifecycle.environments.iter().any(|allowed| allowed == environment.name) {
            continue;
        }
        let allowed: Vec<String> = lifecycle.environments.iter().map(|name| format!("`{name}`")).collect();
        sink.push(
            Diagnostic::new(
                &CODE,
                context.locate_environment(environment.name),
                format!("an API in lifecycle `{name}` cannot be in `{}`", environment.name),
            )
            .label("not in this lifecycle")
            .in_environment(environment.name)
            .related(context.locate(&context.metadata.top.tree, &["lifecycle"]), "the lifecycle")
            .help(format!(
                "`{name}` allows {}; remove the environment, or move the API on",
                allowed.join(", ")
            )),
        );
    }
}
