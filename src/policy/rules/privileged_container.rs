//! A container with all rights on its node.

use crate::diagnostic::{Code, Severity, Sink, WaivedBy};
use crate::policy::{Check, EffectiveContext, PodTemplate, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Effective(check) };

static CODE: Code = Code::new(
    "privileged-container",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/privileged-container.md"),
);

fn check(context: &EffectiveContext<'_>, sink: &mut Sink) {
    // What the platform opens to APIs it has thought about.
    let passthrough = &context.api.platform.model.passthrough;
    if passthrough.container.iter().any(|open| open == "securityContext.privileged") {
        return;
    }
    for (built, object) in context.objects() {
        let Some(pod) = PodTemplate::of(object) else { continue };
        for container in pod.containers() {
            if container
                .json
                .pointer("/securityContext/privileged")
                .is_none_or(|privileged| privileged != true)
            {
                continue;
            }
            let path = container.path.below(&["securityContext", "privileged"]);
            let message = format!("the container `{}` of `{}` is privileged", container.name, pod.title());
            let finding =
                context.finding(built, object, &path, &CODE, message).label("all rights on the node");
            sink.push(finding.help("take it out, or add the single capability that is needed"));
        }
    }
}
