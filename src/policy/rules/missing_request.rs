//! A container requests no CPU or memory.

use crate::diagnostic::{Code, Severity, Sink, WaivedBy};
use crate::metadata::Profile;
use crate::platform::LimitRange;
use crate::policy::{Check, EffectiveContext, PodTemplate, Rule};

/// The rule.
pub(super) const RULE: Rule =
    Rule { code: &CODE, check: Check::Effective(|context, sink| check(context, &WANTED, sink)) };

static CODE: Code = Code::new(
    "missing-request",
    Severity::Warning,
    WaivedBy::Owner,
    include_str!("../../../docs/rules/missing-request.md"),
);

/// What a container should say of its resources. `missing-limit` asks in the same way.
pub(super) struct Wanted {
    pub(super) code: &'static Code,
    /// The key of `resources` that is missing.
    pub(super) key: &'static str,
    /// What stands in the message between the container and the resources.
    pub(super) says: &'static str,
    pub(super) label: &'static str,
    pub(super) resources: &'static [&'static str],
    /// The keys of `resources` of which one is enough.
    pub(super) keys: &'static [&'static str],
    /// Whether the LimitRange of the namespace says it for the container.
    pub(super) by_default: fn(&LimitRange, &str) -> bool,
}

const WANTED: Wanted = Wanted {
    code: &CODE,
    key: "requests",
    says: "requests no",
    label: "no request",
    resources: &["cpu", "memory"],
    // The API server takes the limit for the request that is not there.
    keys: &["requests", "limits"],
    by_default: |range, resource| {
        range.default_request.get(resource).is_some() || range.limits.get(resource).is_some()
    },
};

/// Looks for containers that do not say what is wanted.
pub(super) fn check(context: &EffectiveContext<'_>, wanted: &Wanted, sink: &mut Sink) {
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
                range.is_some_and(|range| (wanted.by_default)(range, resource))
                    || wanted.keys.iter().any(|key| resources[key].get(**resource).is_some())
            };
            let missing: Vec<&str> = wanted.resources.iter().filter(|one| !says(one)).copied().collect();
            let Some(first) = missing.first() else { continue };
            let path = container.path.clone().below(&["resources", wanted.key]);
            let (of, what) = (pod.title(), missing.join(" and "));
            let message = format!("the container `{}` of `{of}` {} {what}", container.name, wanted.says);
            let other = if context.api.hatch.brings(built.environment.name, object) {
                ""
            } else {
                ", or choose a `tier` that gives it"
            };
            let help = format!("add `resources.{}.{first}`{other}", wanted.key);
            let finding = context.finding(built, object, &path, wanted.code, message);
            sink.push(finding.label(wanted.label).help(help));
        }
    }
}
