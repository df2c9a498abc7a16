//! A Service that leads to a port by a name that no container of its pods has.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::diagnostic::{Code, Severity, Sink, WaivedBy, nearest};
use crate::effective::Path;
use crate::policy::{Check, EffectiveContext, PodTemplate, Rule, list, title};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Effective(check) };

static CODE: Code = Code::new(
    "unknown-target-port",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/unknown-target-port.md"),
);

fn check(context: &EffectiveContext<'_>, sink: &mut Sink) {
    for built in &context.environments {
        for service in built.of_kind("Service") {
            let Some(labels) = service.json["spec"]["selector"].as_object() else { continue };
            let pods = built.selected(labels);
            let ports = list(&service.json, "/spec/ports");
            for (index, port) in ports.iter().enumerate() {
                let Some(wanted) = port["targetPort"].as_str() else { continue };
                let containers =
                    pods.iter().flat_map(PodTemplate::containers).filter(|container| !container.init);
                let names: BTreeSet<&str> = containers
                    .flat_map(|container| list(container.json, "/ports"))
                    .filter_map(|port| port.get("name").and_then(Json::as_str))
                    .collect();
                if pods.is_empty() || names.contains(wanted) {
                    continue;
                }
                let path = Path::keys(&["spec", "ports"]).element(ports, index).below(&["targetPort"]);
                let message = format!(
                    "`{}` leads to port `{wanted}`, which no container of its pods has",
                    title(service)
                );
                let help = match nearest(wanted, names.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None if names.is_empty() => {
                        format!("name the container's port `{wanted}`, or write its number")
                    }
                    None => format!("there is `{}`", names.into_iter().collect::<Vec<_>>().join("`, `")),
                };
                let finding = context.finding(built, service, &path, &CODE, message);
                let finding = finding.label("no such port").help(help);
                let removal = context.port_taken_away(built, &pods, &|port| port["name"] == *wanted);
                sink.push(finding.taken_away(removal));
            }
        }
    }
}
