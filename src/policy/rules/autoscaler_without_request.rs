//! An autoscaler on the use of a resource that a container does not request.

use serde_json::Value as Json;

use crate::diagnostic::{Code, Severity, Sink, WaivedBy};
use crate::policy::{Check, EffectiveContext, PodTemplate, Rule, list, text, title};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Effective(check) };

static CODE: Code = Code::new(
    "autoscaler-without-request",
    Severity::Warning,
    WaivedBy::Owner,
    include_str!("../../../docs/rules/autoscaler-without-request.md"),
);

fn check(context: &EffectiveContext<'_>, sink: &mut Sink) {
    let namespaces = &context.api.platform.model.namespace_objects;
    let range = namespaces.limit_range.as_ref().filter(|_| namespaces.enabled);
    for built in &context.environments {
        for autoscaler in built.of_kind("HorizontalPodAutoscaler") {
            let wanted = |key: &str| text(&autoscaler.json, &format!("/spec/scaleTargetRef/{key}"));
            let Some(target) = built.named(scaled(wanted("kind")), wanted("name")) else { continue };
            let Some(pod) = PodTemplate::of(target) else { continue };
            for metric in list(&autoscaler.json, "/spec/metrics") {
                let (resource, only) = match text(metric, "/type") {
                    "Resource" => (&metric["resource"], None),
                    "ContainerResource" => {
                        (&metric["containerResource"], metric["containerResource"]["container"].as_str())
                    }
                    _ => continue,
                };
                let name = text(resource, "/name");
                if resource["target"]["type"] != "Utilization" || name.is_empty() {
                    continue;
                }
                // The namespace gives a request to containers that say none.
                if range.is_some_and(|range| {
                    [&range.default_request, &range.limits].iter().any(|given| given.get(name).is_some())
                }) {
                    continue;
                }
                for container in pod.containers().filter(|container| !container.init) {
                    if only.is_some_and(|only| only != container.name) || has(container.json, name) {
                        continue;
                    }
                    let path = container.path.clone().below(&["resources", "requests"]);
                    let message = format!(
                        "`{}` goes by the use of {name}, and the container `{}` requests none",
                        title(autoscaler),
                        container.name
                    );
                    sink.push(
                        context
                            .finding(built, target, &path, &CODE, message)
                            .label(format!("no request for {name}"))
                            .help(format!("add `resources: {{ requests: {{ {name}: … }} }}`: the use is a part of the request")),
                    );
                }
            }
        }
    }
}

/// A Rollout takes its pods from the Deployment of its name.
fn scaled(kind: &str) -> &str {
    if kind == "Rollout" { "Deployment" } else { kind }
}

/// Tells whether a container requests a resource; a limit alone is a request too.
fn has(container: &Json, resource: &str) -> bool {
    ["requests", "limits"].iter().any(|key| container["resources"][key].get(resource).is_some())
}
