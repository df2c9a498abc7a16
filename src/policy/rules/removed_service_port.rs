//! A Service no longer offers a port by its name or number.

use serde_json::Value as Json;

use crate::diagnostic::{Code, Severity, Sink, WaivedBy};
use crate::effective::EnvironmentChange;
use crate::kustomize::Object;
use crate::policy::transition::{named, objects_after};
use crate::policy::{Check, Rule, TransitionContext};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Transition(check) };

static CODE: Code = Code::new(
    "removed-service-port",
    Severity::Warning,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/removed-service-port.md"),
);

fn check(context: &TransitionContext<'_>, sink: &mut Sink) {
    for environment in context.staying() {
        for change in environment.objects.iter().filter(|change| change.id.kind == "Service") {
            let (Some(before), Some(after)) = (change.before, change.after) else { continue };
            let after = offered(after);
            for (port, is_name) in offered(before).into_iter().filter(|port| !after.contains(port)) {
                let object = named(environment, &change.id);
                let what = if is_name { "by that name" } else { "by that number" };
                let reader = reader(environment, change.id.name, &port, is_name);
                let consequence = match &reader {
                    Some(reader) => format!("{reader} still names it, and gets no answer"),
                    None => format!("who asks it {what} from elsewhere gets no answer"),
                };
                let finding = context
                    .finding(
                        &CODE,
                        Some(environment),
                        &["service", "ports"],
                        format!("{object} no longer offers port `{port}`: {consequence}"),
                    )
                    .label(format!("takes `{port}` away"))
                    .help("offer the old one beside the new one until nobody asks it any more");
                sink.push(finding);
            }
        }
    }
}

/// Returns what a Service's ports are called, and their numbers.
fn offered(service: &Object) -> Vec<(String, bool)> {
    let ports = service.json["spec"]["ports"].as_array().into_iter().flatten();
    let both = ports.flat_map(|port| {
        let name = port["name"].as_str().map(|name| (name.to_owned(), true));
        name.into_iter().chain(port["port"].as_u64().map(|number| (number.to_string(), false)))
    });
    both.collect()
}

/// Finds an object of the API that leads to a port of a Service.
fn reader(environment: &EnvironmentChange<'_>, service: &str, port: &str, is_name: bool) -> Option<String> {
    let is = |value: &Json| match value {
        Json::String(name) => is_name && name == port,
        Json::Number(number) => !is_name && number.to_string() == port,
        _ => false,
    };
    let object = objects_after(environment).find(|object| leads(&object.json, service, &is))?;
    let text = |json: &Json| json.as_str().unwrap_or_default().to_owned();
    Some(format!("`{} {}`", text(&object.json["kind"]), text(&object.json["metadata"]["name"])))
}

/// Looks for a backend in the words of Ingress and of the Gateway API, at any depth.
fn leads(json: &Json, service: &str, is: &dyn Fn(&Json) -> bool) -> bool {
    match json {
        Json::Array(items) => items.iter().any(|item| leads(item, service, is)),
        Json::Object(map) => {
            let ingress = |backend: &Json| {
                backend["name"] == service && (is(&backend["port"]["name"]) || is(&backend["port"]["number"]))
            };
            let route = |backends: &Json| {
                let mut backends = backends.as_array().into_iter().flatten();
                backends.any(|backend| backend["name"] == service && is(&backend["port"]))
            };
            map.get("service").is_some_and(ingress)
                || map.get("backendRefs").is_some_and(route)
                || map.values().any(|value| leads(value, service, is))
        }
        _ => false,
    }
}
