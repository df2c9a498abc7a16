//! Two ports with one number.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::diagnostic::{Code, Diagnostic, Location, Sink};
use crate::metadata::{Place, Verbatim};
use crate::policy::{ApiContext, Check, InContainer, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code = Code::unreadable("duplicate-port", include_str!("../../../docs/rules/duplicate-port.md"));

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    for container in context.containers() {
        let mut containers: BTreeMap<(u16, &str), &str> = BTreeMap::new();
        let mut services: BTreeMap<(u16, &str), &str> = BTreeMap::new();
        let offered = container.here.place == Place::Main && container.of.workload.service.ports.is_none();
        for (name, port) in container.here.container.ports.iter() {
            for (taken, number, whose) in [
                (&mut containers, port.container_port, "the container"),
                (&mut services, port.service_port, "the Service"),
            ] {
                let Some(first) = taken.insert((number, &port.protocol), name) else { continue };
                if whose == "the Service" && !offered {
                    continue;
                }
                sink.push(finding(
                    context.locate_container(&container, &["ports", name]),
                    format!("{whose} has {number}/{} twice: as `{first}` and as `{name}`", port.protocol),
                ));
                break;
            }
        }
        verbatim(context, &container, &containers, sink);
    }
    for here in context.workloads() {
        let mut known = BTreeSet::new();
        for (index, port) in here.workload.service.ports.iter().flatten().enumerate() {
            let Some((number, protocol)) = number(port, "port") else { continue };
            if !known.insert((number, protocol)) {
                let location = context.locate_workload(&here, &["service", "ports", &index.to_string()]);
                sink.push(finding(location, format!("the Service has {number}/{protocol} twice")));
            }
        }
    }
}

/// Looks at ports in Kubernetes' own words, which stand behind the others.
fn verbatim(
    context: &ApiContext<'_>,
    container: &InContainer<'_>,
    above: &BTreeMap<(u16, &str), &str>,
    sink: &mut Sink,
) {
    let mut known: BTreeSet<(u64, &str)> =
        above.keys().map(|(number, protocol)| (u64::from(*number), *protocol)).collect();
    let ports = container.here.container.verbatim.get("ports").and_then(Json::as_array);
    for (index, port) in ports.into_iter().flatten().enumerate() {
        let Some((number, protocol)) = port.as_object().and_then(|port| number(port, "containerPort")) else {
            continue;
        };
        if !known.insert((number, protocol)) {
            let location = context.locate_container(container, &["container", "ports", &index.to_string()]);
            sink.push(finding(location, format!("the container has {number}/{protocol} twice")));
        }
    }
}

/// Returns the number and protocol of a port in Kubernetes' own words.
fn number<'a>(port: &'a Verbatim, key: &str) -> Option<(u64, &'a str)> {
    let protocol = port.get("protocol").and_then(Json::as_str).unwrap_or("TCP");
    Some((port.get(key)?.as_u64()?, protocol))
}

fn finding(location: Location, message: String) -> Diagnostic {
    Diagnostic::new(&CODE, location, message)
        .label("the second one")
        .help("remove one, or give it another number")
}
