//! A container whose processes may gain rights.

use crate::diagnostic::{Code, Severity, Sink, WaivedBy};
use crate::policy::{Check, EffectiveContext, PodTemplate, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Effective(check) };

static CODE: Code = Code::new(
    "privilege-escalation",
    Severity::Warning,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/privilege-escalation.md"),
);

fn check(context: &EffectiveContext<'_>, sink: &mut Sink) {
    for (built, object) in context.objects() {
        let Some(pod) = PodTemplate::of(object) else { continue };
        for container in pod.containers() {
            let allowed = container.json.pointer("/securityContext/allowPrivilegeEscalation");
            if allowed.is_none_or(|allowed| allowed != true) {
                continue;
            }
            let path = container.path.below(&["securityContext", "allowPrivilegeEscalation"]);
            let message = format!(
                "processes of the container `{}` of `{}` may gain rights",
                container.name,
                pod.title()
            );
            let finding =
                context.finding(built, object, &path, &CODE, message).label("asked for in so many words");
            sink.push(finding.help("write `allowPrivilegeEscalation: false`"));
        }
    }
}
