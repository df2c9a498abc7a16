//! A route or probe names a port that the container does not have.

use crate::diagnostic::{Code, Diagnostic, Sink, nearest};
use crate::metadata::IntOrString;
use crate::policy::{ApiContext, Check, InEnvironment, Rule};

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
        let routes = &environment.api.routes;
        let legacy = routes.legacy.as_ref().map(|route| ("legacy", &route.port));
        let unified = routes.unified.as_ref().map(|route| ("unified", &route.port));
        for (name, port) in legacy.into_iter().chain(unified) {
            match port {
                Some(port) => check_port(context, &environment, port, &["routes", name, "port"], sink),
                None if environment.api.route_port(None).is_none() => {
                    let location = context.locate_key(environment.tree, &["routes", name]);
                    let finding = if environment.api.ports.is_empty() {
                        Diagnostic::new(
                            &CODE,
                            location,
                            format!("`routes.{name}` leads to no port: `ports` is empty"),
                        )
                        .help("write `ports: { http: 8080 }`")
                    } else {
                        Diagnostic::new(
                            &CODE,
                            location,
                            format!("`routes.{name}` does not say which port it leads to"),
                        )
                        .help(format!("add `port:` with {}", names(&environment)))
                    };
                    sink.push(finding.label("which port?"));
                }
                None => {}
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
            format!(
                "`{}` names port `{port}`, which `ports` does not have",
                path[..path.len() - 1].join(".")
            ),
        )
        .label("no such port")
        .help(match nearest(port, ports.keys()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if ports.is_empty() => format!("write `ports: {{ {port}: 8080 }}`"),
            None => format!("ports are {}", names(environment)),
        }),
    );
}

fn names(environment: &InEnvironment<'_>) -> String {
    environment.api.ports.keys().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
