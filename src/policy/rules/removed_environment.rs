//! An API is no longer in an environment.

use crate::diagnostic::{Code, Severity, Sink, WaivedBy};
use crate::effective::Side;
use crate::policy::{Check, Rule, TransitionContext};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Transition(check) };

static CODE: Code = Code::new(
    "removed-environment",
    Severity::Warning,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/removed-environment.md"),
);

fn check(context: &TransitionContext<'_>, sink: &mut Sink) {
    if context.after.is_none() {
        // The whole API goes, which is told once.
        return;
    }
    for environment in context.environments {
        let had = environment.before.objects().is_some_and(|objects| !objects.is_empty());
        if !had || !matches!(environment.after, Side::Absent) {
            continue;
        }
        let name = environment.environment;
        let message = format!(
            "`{}` is no longer in `{name}`: what runs there keeps running, and nobody manages it any more",
            context.name
        );
        sink.push(
            context
                .finding(&CODE, Some(environment), &[name, "enabled", "environments"], message)
                .label(format!("takes it out of `{name}`"))
                .help("to stop it, first move it to a lifecycle that renders nothing, and delete the application after that"),
        );
    }
}
