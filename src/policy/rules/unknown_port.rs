//! A route or probe names a port that the container does not have.

use crate::diagnostic::{Code, Diagnostic, Location, Sink, nearest};
use crate::metadata::IntOrString;
use crate::policy::{ApiContext, Check, InEnvironment, Rule};
use crate::render::{self, Backend, Leg};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code = Code::unreadable("unknown-port", include_str!("../../../docs/rules/unknown-port.md"));

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    for container in context.containers() {
        for (name, probe) in container.here.container.probes.iter() {
            let Some(IntOrString::Text(port)) = probe.port() else { continue };
            let handler = if probe.http_get.is_some() { "httpGet" } else { "tcpSocket" };
            if container.here.container.port(port).is_none() {
                let path = container.here.path(&["probes", name, handler, "port"]);
                let what = container.of.dotted(&path[..path.len() - 1]);
                let names: Vec<&str> = container.here.container.ports.keys().collect();
                let location = context.locate_workload(&container.of, &path);
                sink.push(unknown(location, &what, port, &names));
            }
        }
    }
    for environment in context.environments() {
        let backends = render::backends(environment.api);
        for leg in render::legs(environment.api) {
            // Which workload is meant has a rule of its own, and so has a Service that is switched off.
            let Some(backend) = render::backend_of(&backends, leg.workload) else { continue };
            if backend.workload.service.enabled && backend.port(leg.port).is_none() {
                sink.push(check_leg(context, &environment, backend, &leg));
            }
        }
    }
}

/// Says that a workload which runs to its end is no place for a route, whatever its ports are.
fn without_service(location: Location, speaker: &str, backend: &Backend<'_>) -> Diagnostic {
    let kind = backend.workload.kind.as_str();
    let message = format!("`{speaker}` leads to a {kind}, which has no Service: its pods come and go");
    Diagnostic::new(&CODE, location, message)
        .label("leads nowhere")
        .help("remove the route, or choose `kind: Deployment`; `ports` alone make no Service here")
}

fn check_leg(
    context: &ApiContext<'_>,
    environment: &InEnvironment<'_>,
    backend: &Backend<'_>,
    leg: &Leg<'_>,
) -> Diagnostic {
    let at: Vec<&str> = leg.at.iter().map(String::as_str).collect();
    let port_at: Vec<&str> = leg.port_at.iter().map(String::as_str).collect();
    let names: Vec<&str> = backend.ports.iter().filter_map(|port| port.name.as_deref()).collect();
    let speaker = port_at[..port_at.len() - 1].join(".");
    if !backend.workload.kind.runs_on() {
        return without_service(context.locate_key(environment.tree, &at), &at.join("."), backend);
    }
    match leg.port {
        Some(IntOrString::Text(port)) => {
            unknown(context.locate_in(environment, &port_at), &speaker, port, &names)
        }
        Some(IntOrString::Int(number)) => {
            let offered: Vec<String> = backend.ports.iter().map(|port| format!("`{}`", port.port)).collect();
            Diagnostic::new(
                &CODE,
                context.locate_in(environment, &port_at),
                format!("`{speaker}` names port {number}, which the Service does not offer"),
            )
            .label("no such port")
            .help(if offered.is_empty() {
                "write `ports: { http: 8080 }`".to_owned()
            } else {
                format!("it offers {}", offered.join(", "))
            })
        }
        None => {
            let location = context.locate_key(environment.tree, &at);
            let route = at.join(".");
            let finding = if backend.ports.is_empty() {
                let message = format!("`{route}` leads to no port: `ports` is empty");
                Diagnostic::new(&CODE, location, message).help("write `ports: { http: 8080 }`")
            } else {
                let message = format!("`{route}` does not say which port it leads to");
                let numbers: Vec<String> = backend.ports.iter().map(|port| port.port.to_string()).collect();
                let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
                let known = if names.is_empty() { &numbers } else { &names };
                Diagnostic::new(&CODE, location, message).help(format!("add `port:` with {}", quoted(known)))
            };
            finding.label("which port?")
        }
    }
}

fn unknown(location: Location, what: &str, port: &str, names: &[&str]) -> Diagnostic {
    Diagnostic::new(&CODE, location, format!("`{what}` names port `{port}`, which `ports` does not have"))
        .label("no such port")
        .help(match nearest(port, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if names.is_empty() => format!("write `ports: {{ {port}: 8080 }}`"),
            None => format!("ports are {}", quoted(names)),
        })
        .meant(port, nearest(port, names.iter().copied()))
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
