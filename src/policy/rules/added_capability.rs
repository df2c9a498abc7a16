//! A container with rights beyond those that containers have.

use crate::diagnostic::{Code, Severity, Sink, WaivedBy, shorten};
use crate::effective::Step;
use crate::policy::{Check, EffectiveContext, PodTemplate, Rule, list};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Effective(check) };

static CODE: Code = Code::new(
    "added-capability",
    Severity::Warning,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/added-capability.md"),
);

/// What Pod Security's strictest profile lets a container add.
const FINE: &str = "NET_BIND_SERVICE";

fn check(context: &EffectiveContext<'_>, sink: &mut Sink) {
    for (built, object) in context.objects() {
        let Some(pod) = PodTemplate::of(object) else { continue };
        for container in pod.containers() {
            for (index, capability) in
                list(container.json, "/securityContext/capabilities/add").iter().enumerate()
            {
                let Some(capability) = capability.as_str().filter(|capability| *capability != FINE) else {
                    continue;
                };
                let path = container.path.clone().below(&["securityContext", "capabilities", "add"]);
                let message = format!(
                    "the container `{}` of `{}` adds `{}`",
                    container.name,
                    pod.title(),
                    shorten(capability)
                );
                let finding = context.finding(built, object, &path.then(Step::Index(index)), &CODE, message);
                sink.push(
                    finding
                        .label("a right on the node")
                        .help("take it out where the container runs without it"),
                );
            }
        }
    }
}
