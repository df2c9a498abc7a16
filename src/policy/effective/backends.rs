//! Where routes lead: the backends of Ingress and `HTTPRoute` objects.

use std::fmt::{self, Display, Formatter};

use serde_json::Value as Json;

use super::list;
use crate::effective::Path;
use crate::kustomize::Object;

/// A backend of a route.
#[derive(Debug)]
pub struct Backend<'a> {
    /// The name of the Service.
    pub service: &'a str,
    /// Where it is named.
    pub path: Path<'a>,
    /// The port, and where it is named.
    pub port: Option<(Port<'a>, Path<'a>)>,
}

/// A port of a Service, as a route names it.
#[derive(Clone, Copy, Debug)]
pub enum Port<'a> {
    /// By its name.
    Name(&'a str),
    /// By its number.
    Number(u64),
}

impl Port<'_> {
    /// Tells whether a Service offers it.
    pub fn is_of(self, service: &Object) -> bool {
        list(&service.json, "/spec/ports").iter().any(|port| self.is(port))
    }

    /// Tells whether a port of a Service is this one.
    pub fn is(self, port: &Json) -> bool {
        match self {
            Port::Name(name) => port["name"] == name,
            Port::Number(number) => port["port"] == number,
        }
    }

    /// Returns what the Service offers, in the same words.
    pub fn offered(self, service: &Object) -> Vec<String> {
        let ports = list(&service.json, "/spec/ports").iter();
        let each = ports.filter_map(|port| match self {
            Port::Name(_) => port["name"].as_str().map(str::to_owned),
            Port::Number(_) => port["port"].as_u64().map(|number| number.to_string()),
        });
        each.collect()
    }
}

impl Display for Port<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Port::Name(name) => write!(out, "{name}"),
            Port::Number(number) => write!(out, "{number}"),
        }
    }
}

/// Returns the Services that an object leads to in its own namespace; none where it is no route.
pub fn backends(object: &Object) -> Vec<Backend<'_>> {
    match (object.json["kind"].as_str(), object.json["apiVersion"].as_str()) {
        (Some("Ingress"), Some("networking.k8s.io/v1")) => of_ingress(&object.json),
        (Some("HTTPRoute"), _) => of_route(&object.json),
        _ => Vec::new(),
    }
}

fn of_ingress(ingress: &Json) -> Vec<Backend<'_>> {
    let mut all = Vec::new();
    if let Some(backend) = ingress.pointer("/spec/defaultBackend") {
        all.extend(service(backend, Path::keys(&["spec", "defaultBackend"])));
    }
    let rules = list(ingress, "/spec/rules");
    for (index, rule) in rules.iter().enumerate() {
        let paths = list(rule, "/http/paths");
        for (at, path) in paths.iter().enumerate() {
            let way = Path::keys(&["spec", "rules"]).element(rules, index).below(&["http", "paths"]);
            all.extend(service(&path["backend"], way.element(paths, at).below(&["backend"])));
        }
    }
    all
}

fn service<'a>(backend: &'a Json, path: Path<'a>) -> Option<Backend<'a>> {
    let service = backend.get("service")?;
    let port = &service["port"];
    let port = match (port["name"].as_str(), port["number"].as_u64()) {
        (Some(name), _) => Some((Port::Name(name), path.clone().below(&["service", "port", "name"]))),
        (None, Some(number)) => {
            Some((Port::Number(number), path.clone().below(&["service", "port", "number"])))
        }
        (None, None) => None,
    };
    Some(Backend { service: service["name"].as_str()?, path: path.below(&["service", "name"]), port })
}

fn of_route(route: &Json) -> Vec<Backend<'_>> {
    let own = route["metadata"].get("namespace");
    let mut all = Vec::new();
    let rules = list(route, "/spec/rules");
    for (index, rule) in rules.iter().enumerate() {
        let references = list(rule, "/backendRefs");
        for (at, reference) in references.iter().enumerate() {
            let is_service = reference.get("kind").is_none_or(|kind| kind == "Service");
            let is_near = reference.get("namespace").is_none_or(|namespace| Some(namespace) == own);
            let (true, true, Some(name)) = (is_service, is_near, reference["name"].as_str()) else {
                continue;
            };
            let way = Path::keys(&["spec", "rules"]).element(rules, index).below(&["backendRefs"]);
            let way = way.element(references, at);
            let port = reference["port"].as_u64();
            let port = port.map(|number| (Port::Number(number), way.clone().below(&["port"])));
            all.push(Backend { service: name, path: way.below(&["name"]), port });
        }
    }
    all
}
