//! A route or probe names a port that the container does not have.

use crate::diagnostic::{Code, Diagnostic, Location, Sink, nearest};
use crate::metadata::IntOrString;
use crate::policy::{ApiContext, Check, InEnvironment, Rule};

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
        let routes = &environment.api.routes;
        let legacy = routes.legacy.as_ref().map(|route| ("legacy", &route.port));
        let unified = routes.unified.as_ref().map(|route| ("unified", &route.port));
        for (name, port) in legacy.into_iter().chain(unified) {
            check_route(context, &environment, name, port.as_deref(), sink);
        }
    }
}

fn check_route(
    context: &ApiContext<'_>,
    environment: &InEnvironment<'_>,
    name: &str,
    port: Option<&str>,
    sink: &mut Sink,
) {
    let api = environment.api;
    let Some(workload) = api.workload(None).or(api.workloads.first()) else { return };
    // A Service that is switched off is a finding of its own.
    if !workload.service.enabled || workload.route_port(port).is_some() {
        return;
    }
    let ports = workload.service_ports();
    let names: Vec<&str> = ports.iter().filter_map(|port| port.name.as_deref()).collect();
    let finding = match port {
        Some(port) => {
            let location = context.locate_in(environment, &["routes", name, "port"]);
            unknown(location, &format!("routes.{name}"), port, &names)
        }
        None if ports.is_empty() => {
            let location = context.locate_key(environment.tree, &["routes", name]);
            Diagnostic::new(&CODE, location, format!("`routes.{name}` leads to no port: `ports` is empty"))
                .label("which port?")
                .help("write `ports: { http: 8080 }`")
        }
        None => {
            let location = context.locate_key(environment.tree, &["routes", name]);
            Diagnostic::new(&CODE, location, format!("`routes.{name}` does not say which port it leads to"))
                .label("which port?")
                .help(format!("add `port:` with {}", quoted(&names)))
        }
    };
    sink.push(finding);
}

fn unknown(location: Location, what: &str, port: &str, names: &[&str]) -> Diagnostic {
    Diagnostic::new(&CODE, location, format!("`{what}` names port `{port}`, which `ports` does not have"))
        .label("no such port")
        .help(match nearest(port, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if names.is_empty() => format!("write `ports: {{ {port}: 8080 }}`"),
            None => format!("ports are {}", quoted(names)),
        })
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
