//! A container behind a Service that nobody asks whether it is ready.

use crate::diagnostic::{Code, Severity, Sink, WaivedBy};
use crate::metadata::Profile;
use crate::policy::{Check, EffectiveContext, Rule, list};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Effective(check) };

static CODE: Code = Code::new(
    "missing-probe",
    Severity::Warning,
    WaivedBy::Owner,
    include_str!("../../../docs/rules/missing-probe.md"),
);

fn check(context: &EffectiveContext<'_>, sink: &mut Sink) {
    if context.api.metadata.top.api.profile == Profile::Adopted {
        return;
    }
    for built in &context.environments {
        let services: Vec<_> = built
            .of_kind("Service")
            .filter_map(|service| service.json["spec"]["selector"].as_object())
            .collect();
        for pod in built.pods() {
            if !services.iter().any(|labels| pod.has(labels)) {
                continue;
            }
            // The containers that listen are the ones that requests reach.
            let mut listening = pod
                .containers()
                .filter(|container| !container.init && !list(container.json, "/ports").is_empty());
            let asked = |key: &str| pod.containers().any(|container| container.json.get(key).is_some());
            let Some(container) = listening.next().filter(|_| !asked("readinessProbe")) else { continue };
            let path = container.path.clone().below(&["readinessProbe"]);
            let message =
                format!("nobody asks `{}` of `{}` whether it is ready", container.name, pod.title());
            // An extra resource is written in the words of Kubernetes.
            let help = if context.api.hatch.brings(built.environment.name, pod.object) {
                "add `readinessProbe: { httpGet: { path: /ready, port: http } }` to the container"
            } else {
                "add `probes: { readiness: { httpGet: { path: /ready, port: http } } }`"
            };
            let finding = context.finding(built, pod.object, &path, &CODE, message);
            sink.push(finding.label("no readiness probe").help(help));
        }
    }
}
