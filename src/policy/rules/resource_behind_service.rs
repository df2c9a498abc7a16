//! Pods of an extra resource that a Service of the API sends requests to.

use serde_json::Value as Json;

use crate::diagnostic::{Code, Severity, Sink, WaivedBy};
use crate::policy::hatch::pod_labels;
use crate::policy::{ApiContext, Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code = Code::new(
    "resource-behind-service",
    Severity::Warning,
    WaivedBy::Owner,
    include_str!("../../../docs/rules/resource-behind-service.md"),
);

/// Where the labels of a workload's pods stand.
const LABELS: &[&[&str]] = &[
    &["spec", "template", "metadata", "labels"],
    &["spec", "jobTemplate", "spec", "template", "metadata", "labels"],
    &["metadata", "labels"],
];

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    let hatch = &context.hatch;
    for object in &hatch.resources {
        let Some(labels) = pod_labels(&object.json) else { continue };
        let mut services: Vec<(&Json, Vec<&str>)> = Vec::new();
        for environment in hatch.environments.iter().filter(|environment| object.is_in(&environment.name)) {
            for service in environment.rendered.iter().filter(|other| other["kind"] == "Service") {
                let Some(selector) = service["spec"]["selector"].as_object() else { continue };
                if selector.is_empty() || !selector.iter().all(|(key, value)| labels.get(key) == Some(value))
                {
                    continue;
                }
                let name = &service["metadata"]["name"];
                match services.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, names)) => names.push(&environment.name),
                    None => services.push((name, vec![&environment.name])),
                }
            }
        }
        let path = LABELS.iter().find(|path| object.json.pointer(&format!("/{}", path.join("/"))).is_some());
        for (name, environments) in services {
            let message = format!(
                "Service `{}` selects the pods of `{}`{}",
                name.as_str().unwrap_or_default(),
                object.title(),
                hatch.only_in(&environments)
            );
            sink.push(
                object
                    .finding(&CODE, path.copied().unwrap_or_default(), message)
                    .label("these labels are all that it looks for")
                    .help("change one of the labels, unless the pods are meant to answer the API's requests"),
            );
        }
    }
}
