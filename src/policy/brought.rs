//! Hosts and paths that extra resources claim: `Ingress` and `HTTPRoute` objects as they are written. What patches make of them
//! is not looked at here.

use std::sync::Arc;

use serde_json::Value as Json;

use super::hatch::Object;
use super::{ApiContext, Claim, list, text};
use crate::diagnostic::Location;
use crate::platform::{Environment, Extent, RouterKind};

/// A path of a host.
struct Claimed {
    host: String,
    path: String,
    exact: bool,
    /// The class or gateway where it is none of the platform's.
    class: Option<String>,
    location: Location,
}

/// Returns what an API's extra resources claim in each of its environments.
pub(super) fn claims(context: &ApiContext<'_>) -> Vec<Claim> {
    // Where a record is all that is left, nothing was brought along.
    if context.hatch.resources.is_empty() || context.extent() == Extent::None {
        return Vec::new();
    }
    let api: Arc<str> = context.name.into();
    let mut claims = Vec::new();
    for environment in context.environments() {
        let name: Arc<str> = environment.name.into();
        let paths = context.hatch.resources_in(environment.name).flat_map(|object| match &*object.kind {
            "Ingress" => of_ingress(object, environment.settings),
            "HTTPRoute" => of_route(object, environment.settings),
            _ => Vec::new(),
        });
        claims.extend(paths.map(|found| Claim {
            api: api.clone(),
            environment: name.clone(),
            host: found.host.into(),
            path: found.path.into(),
            exact: found.exact,
            rewrites: false,
            order: Vec::new(),
            brought: true,
            class: found.class.map(Into::into),
            location: found.location,
        }));
    }
    claims
}

fn of_ingress(object: &Object, settings: &Environment) -> Vec<Claimed> {
    let annotation = |name: &str| object.json["metadata"]["annotations"][name].as_str();
    // A canary shares the paths of another on purpose.
    if annotation("nginx.ingress.kubernetes.io/canary") == Some("true") {
        return Vec::new();
    }
    let class = object.json["spec"]["ingressClassName"].as_str();
    let class = class.or_else(|| annotation("kubernetes.io/ingress.class"));
    let class = class.filter(|class| !settings.router.iter().any(|router| reads(settings, router, class)));
    let mut found = Vec::new();
    for (index, rule) in list(&object.json, "/spec/rules").iter().enumerate() {
        let host = text(rule, "/host");
        for (at, path) in list(rule, "/http/paths").iter().enumerate() {
            let exact = path["pathType"] == "Exact";
            let Some(from) = plain(path["path"].as_str().unwrap_or("/"), exact) else { continue };
            if host.is_empty() {
                continue;
            }
            let (index, at) = (index.to_string(), at.to_string());
            found.push(Claimed {
                host: host.to_owned(),
                path: from,
                exact,
                class: class.map(str::to_owned),
                location: object.locate(&["spec", "rules", &index, "http", "paths", &at, "path"]),
            });
        }
    }
    found
}

/// Tells whether a router reads the objects of a class.
fn reads(settings: &Environment, router: RouterKind, class: &str) -> bool {
    let own = match router {
        RouterKind::GatewayApi => return false,
        RouterKind::IngressNginx => "nginx",
        RouterKind::Kong => "kong",
        RouterKind::GceIngress => "gce",
    };
    settings.class_of(router).unwrap_or(own) == class
}

/// Returns a path as metadata.yaml would say it; nothing where it is a regular expression of somebody's own.
fn plain(path: &str, exact: bool) -> Option<String> {
    let path = if exact { path } else { path.split_once("(/|$)").map_or(path, |(prefix, _)| prefix) };
    if path.contains(['(', ')', '*', '$', '[', ']', '+', '?', '|', '^', '\\']) {
        return None;
    }
    let short = if exact { path } else { path.trim_end_matches('/') };
    Some(if short.is_empty() { "/".to_owned() } else { short.to_owned() })
}

fn of_route(object: &Object, settings: &Environment) -> Vec<Claimed> {
    let hosts = list(&object.json, "/spec/hostnames");
    let parents = list(&object.json, "/spec/parentRefs");
    let own = settings.gateway.as_ref();
    let is_own = |parent: &Json| own.is_none_or(|own| parent["name"] == *own.name);
    let foreign = parents.first().filter(|_| !parents.iter().any(is_own));
    let class = foreign.and_then(|parent| parent["name"].as_str());
    let mut found = Vec::new();
    let mut claim = |path: String, exact: bool, at: &[&str]| {
        found.extend(hosts.iter().filter_map(Json::as_str).map(|host| Claimed {
            host: host.to_owned(),
            path: path.clone(),
            exact,
            class: class.map(str::to_owned),
            location: object.locate(at),
        }));
    };
    for (index, rule) in list(&object.json, "/spec/rules").iter().enumerate() {
        let index = index.to_string();
        let matches = list(rule, "/matches");
        if matches.is_empty() {
            claim("/".to_owned(), false, &["spec", "rules", &index]);
        }
        for (at, wanted) in matches.iter().enumerate() {
            // One that asks for headers or a method as well shares its path with others.
            let more = wanted.as_object().is_some_and(|wanted| wanted.keys().any(|key| key != "path"));
            let kind = wanted["path"]["type"].as_str().unwrap_or("PathPrefix");
            if more || kind == "RegularExpression" {
                continue;
            }
            let exact = kind == "Exact";
            let at = at.to_string();
            if let Some(path) = plain(wanted["path"]["value"].as_str().unwrap_or("/"), exact) {
                claim(path, exact, &["spec", "rules", &index, "matches", &at, "path", "value"]);
            }
        }
    }
    found
}
