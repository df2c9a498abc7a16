//! A container has no limit for memory.

use crate::diagnostic::{Code, Severity, Sink, WaivedBy};
use crate::metadata::Profile;
use crate::policy::{Check, EffectiveContext, PodTemplate, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Effective(check) };

static CODE: Code = Code::new(
    "missing-limit",
    Severity::Warning,
    WaivedBy::Owner,
    include_str!("../../../docs/rules/missing-limit.md"),
);

/// The resources that a container should say something about.
const RESOURCES: &[&str] = &["memory"];

fn check(context: &EffectiveContext<'_>, sink: &mut Sink) {
    let namespaces = &context.api.platform.model.namespace_objects;
    let range = namespaces.limit_range.as_ref().filter(|_| namespaces.enabled);
    if context.api.metadata.top.api.profile == Profile::Adopted {
        return;
    }
    for (built, object) in context.objects() {
        let Some(pod) = PodTemplate::of(object) else { continue };
        for container in pod.containers().filter(|container| !container.init) {
            let resources = &container.json["resources"];
            let says = |resource: &&&str| {
                let given = range.is_some_and(|range| range.limits.get(resource).is_some());
                given || ["limits"].iter().any(|key| resources[key].get(**resource).is_some())
            };
            let missing: Vec<&str> = RESOURCES.iter().filter(|resource| !says(resource)).copied().collect();
            if missing.is_empty() {
                continue;
            }
            let path = container.path.clone().below(&["resources", "limits"]);
            let message = format!(
                "the container `{}` of `{}` has no limit for {}",
                container.name,
                pod.title(),
                missing.join(" and ")
            );
            sink.push(
                context
                    .finding(built, object, &path, &CODE, message)
                    .label("no limit")
                    .help(format!("add `resources.limits.{}`, or choose a `tier` that gives it", missing[0])),
            );
        }
    }
}
