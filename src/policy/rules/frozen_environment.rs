//! Something changes in an environment in which nothing is released now.

use crate::diagnostic::{Code, Severity, Sink, WaivedBy};
use crate::policy::{Check, Rule, TransitionContext};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Transition(check) };

static CODE: Code = Code::new(
    "frozen-environment",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/frozen-environment.md"),
);

fn check(context: &TransitionContext<'_>, sink: &mut Sink) {
    for environment in context.environments {
        if environment.objects.is_empty() && !environment.is_unknown() {
            continue;
        }
        let name = environment.environment;
        let Some(freeze) = context.trust.freeze(context.name, name) else { continue };
        let message = format!("`{}` changes in `{name}`, which is frozen: {}", context.name, freeze.reason);
        sink.push(
            context
                .finding(&CODE, Some(environment), &[name], message)
                .label(format!("changes `{name}`"))
                .help("merge it when the freeze is over, or ask the platform team for a waiver"),
        );
    }
}
