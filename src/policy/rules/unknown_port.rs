//! A route or probe names a port that the container does not have.

use crate::diagnostic::{Code, Diagnostic, Sink, nearest};
use crate::metadata::IntOrString;
use crate::policy::{ApiContext, Check, InEnvironment, Rule};
use crate::render;

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code = Code::unreadable("unknown-port", include_str!("../../../docs/rules/unknown-port.md"));

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    for environment in context.environments() {
        for (name, probe) in environment.api.probes.iter() {
            let Some(IntOrString::Text(port)) = probe.port() else { continue };
            let handler = if probe.http_get.is_some() { "httpGet" } else { "tcpSocket" };
            check_port(context, &environment, port, &["probes", name, handler, "port"], sink);
        }
        let backends = render::backends(environment.api);
        for leg in render::legs(environment.api) {
            // Which workload is meant has a rule of its own.
            let Some(backend) = render::backend_of(&backends, leg.workload) else { continue };
            if backend.port(leg.port).is_some() {
                continue;
            }
            let at: Vec<&str> = leg.at.iter().map(String::as_str).collect();
            match leg.port {
                Some(IntOrString::Text(port)) => {
                    let at: Vec<&str> = leg.port_at.iter().map(String::as_str).collect();
                    check_port(context, &environment, port, &at, sink);
                }
                Some(IntOrString::Int(number)) => {
                    let at: Vec<&str> = leg.port_at.iter().map(String::as_str).collect();
                    let offered: Vec<String> =
                        backend.ports.iter().map(|port| format!("`{}`", port.service_port)).collect();
                    let finding = Diagnostic::new(
                        &CODE,
                        context.locate_in(&environment, &at),
                        format!("`{}` names port {number}, which the Service does not offer", dotted(&at)),
                    );
                    let help = if offered.is_empty() {
                        "write `ports: { http: 8080 }`".to_owned()
                    } else {
                        format!("it offers {}", offered.join(", "))
                    };
                    sink.push(finding.label("no such port").help(help));
                }
                None => {
                    let location = context.locate_key(environment.tree, &at);
                    let whose = at.join(".");
                    let finding = if backend.ports.is_empty() {
                        let message = format!("`{whose}` leads to no port: `ports` is empty");
                        Diagnostic::new(&CODE, location, message).help("write `ports: { http: 8080 }`")
                    } else {
                        let message = format!("`{whose}` does not say which port it leads to");
                        Diagnostic::new(&CODE, location, message)
                            .help(format!("add `port:` with {}", names(&environment)))
                    };
                    sink.push(finding.label("which port?"));
                }
            }
        }
    }
}

fn check_port(
    context: &ApiContext<'_>,
    environment: &InEnvironment<'_>,
    port: &str,
    path: &[&str],
    sink: &mut Sink,
) {
    let ports = &environment.api.ports;
    if ports.get(port).is_some() {
        return;
    }
    sink.push(
        Diagnostic::new(
            &CODE,
            context.locate_in(environment, path),
            format!("`{}` names port `{port}`, which `ports` does not have", dotted(path)),
        )
        .label("no such port")
        .help(match nearest(port, ports.keys()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if ports.is_empty() => format!("write `ports: {{ {port}: 8080 }}`"),
            None => format!("ports are {}", names(environment)),
        }),
    );
}

/// The map that a key stands in.
fn dotted(path: &[&str]) -> String {
    path[..path.len() - 1].join(".")
}

fn names(environment: &InEnvironment<'_>) -> String {
    environment.api.ports.keys().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
