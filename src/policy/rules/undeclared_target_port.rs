//! A Service that leads to a port by a number that no container of its pods declares.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::diagnostic::{Code, Severity, Sink, WaivedBy};
use crate::effective::Path;
use crate::policy::{Check, EffectiveContext, PodTemplate, Rule, list, title};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Effective(check) };

static CODE: Code = Code::new(
    "undeclared-target-port",
    Severity::Warning,
    WaivedBy::Owner,
    include_str!("../../../docs/rules/undeclared-target-port.md"),
);

fn check(context: &EffectiveContext<'_>, sink: &mut Sink) {
    for built in &context.environments {
        for service in built.of_kind("Service") {
            let Some(labels) = service.json["spec"]["selector"].as_object() else { continue };
            let pods = built.selected(labels);
            let containers =
                pods.iter().flat_map(PodTemplate::containers).filter(|container| !container.init);
            let declared: BTreeSet<u64> = containers
                .flat_map(|container| list(container.json, "/ports"))
                .filter_map(|port| port.get("containerPort").and_then(Json::as_u64))
                .collect();
            // Where containers declare no port at all nothing says what they listen on.
            if declared.is_empty() {
                continue;
            }
            let ports = list(&service.json, "/spec/ports");
            for (index, port) in ports.iter().enumerate() {
                let target = port.get("targetPort").or_else(|| port.get("port"));
                let Some(number) = target.and_then(Json::as_u64).filter(|number| !declared.contains(number))
                else {
                    continue;
                };
                let key = if port.get("targetPort").is_some() { "targetPort" } else { "port" };
                let path = Path::keys(&["spec", "ports"]).element(ports, index).below(&[key]);
                let message = format!(
                    "`{}` leads to port {number}, which no container of its pods declares",
                    title(service)
                );
                let known: Vec<String> = declared.iter().map(u64::to_string).collect();
                let finding = context
                    .finding(built, service, &path, &CODE, message)
                    .label("not declared")
                    .help(format!(
                        "they declare {}; correct the number, or add it to `ports`",
                        known.join(", ")
                    ));
                let removal = context.port_taken_away(built, &pods, &|port| port["containerPort"] == number);
                sink.push(finding.taken_away(removal));
            }
        }
    }
}
