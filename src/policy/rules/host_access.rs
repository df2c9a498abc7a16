//! A pod that shares its node's network, processes or files.

use serde_json::Value as Json;

use crate::diagnostic::{Code, Severity, Sink, WaivedBy};
use crate::policy::{Check, EffectiveContext, PodTemplate, Rule, list};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Effective(check) };

static CODE: Code = Code::new(
    "host-access",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/host-access.md"),
);

/// Fields of a pod that share something of the node, and what.
const SHARED: &[(&str, &str)] =
    &[("hostNetwork", "network"), ("hostPID", "processes"), ("hostIPC", "shared memory")];

fn check(context: &EffectiveContext<'_>, sink: &mut Sink) {
    let passthrough = &context.api.platform.model.passthrough;
    for (built, object) in context.objects() {
        let Some(pod) = PodTemplate::of(object) else { continue };
        let spec = pod.path.clone().below(&["spec"]);
        let mut found = Vec::new();
        for (field, what) in SHARED.iter().filter(|(field, _)| !is_open(&passthrough.pod, field)) {
            if pod.json["spec"].get(field) == Some(&Json::Bool(true)) {
                found.push((spec.clone().below(&[field]), format!("the {what} of its node")));
            }
        }
        let closed = !is_open(&passthrough.pod, "volumes.hostPath");
        let volumes = list(pod.json, "/spec/volumes");
        for (index, volume) in volumes.iter().enumerate().filter(|_| closed) {
            if let Some(path) = volume.pointer("/hostPath/path").and_then(Json::as_str) {
                let way =
                    spec.clone().below(&["volumes"]).element(volumes, index).below(&["hostPath", "path"]);
                found.push((way, format!("`{}` of its node", crate::diagnostic::shorten(path))));
            }
        }
        let closed = !is_open(&passthrough.container, "ports.hostPort");
        for container in pod.containers().filter(|_| closed) {
            let ports = list(container.json, "/ports");
            for (index, port) in ports.iter().enumerate() {
                let Some(number) = port.get("hostPort").and_then(Json::as_u64).filter(|number| *number > 0)
                else {
                    continue;
                };
                let way = container.path.clone().below(&["ports"]).element(ports, index).below(&["hostPort"]);
                found.push((way, format!("port {number} of its node")));
            }
        }
        for (path, what) in found {
            let message = format!("`{}` uses {what}", pod.title());
            let finding = context.finding(built, object, &path, &CODE, message).label("shared with the node");
            sink.push(finding.help("take it out, or ask the platform team for a waiver"));
        }
    }
}

/// Tells whether the platform opens a field to APIs: what it opens it has thought about.
fn is_open(passthrough: &[String], name: &str) -> bool {
    passthrough.iter().any(|open| open == name)
}
