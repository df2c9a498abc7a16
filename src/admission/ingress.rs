//! Ingresses: `ValidateIngressCreate`.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::Fault;
use super::at::{At, Faults, show};
use super::handler;
use super::meta::{self, Naming};
use super::text::{self, DNS_1035, DNS_LABEL, SEGMENT, SUBDOMAIN, WILDCARD};

use crate::kubernetes::Version;

/// The annotation that was there before `ingressClassName`.
const CLASS: &str = "kubernetes.io/ingress.class";

/// `ValidateIngressCreate`.
pub(super) fn ingress<'a>(root: At<'a, '_>, faults: &mut Faults<'a>) {
    meta::object(root, Naming::Subdomain, faults);
    let spec = root.key("spec");
    let (rules, fallback) = (spec.key("rules"), spec.key("defaultBackend"));
    if rules.len() == 0 && !fallback.is_set() {
        faults.refuse(spec, "an ingress has `rules` or a `defaultBackend`");
    }
    if fallback.is_set() {
        backend(fallback, faults);
    }
    for rule in rules.items() {
        let host = rule.key("host");
        if text::ip(host.text()).is_some() {
            faults.refuse(host, format!("{} is an IP address, and a host is a name", show(host.text())));
        } else if !host.text().is_empty() {
            name_of_host(host, faults);
        }
        let http = rule.key("http");
        let list = http.key("paths");
        if http.is_set() && list.len() == 0 {
            faults.refuse(list, "`paths` must not be empty");
        }
        list.items().for_each(|one| path(one, faults));
    }
    let tls = spec.key("tls");
    for entry in tls.items() {
        let hosts = entry.key("hosts");
        hosts.items().for_each(|host| name_of_host(host, faults));
        faults.hold_if_set(entry.key("secretName"), &SUBDOMAIN);
    }
    class(root, spec, faults);
}

/// Paths that stand twice among ingresses of one class, with another backend each: a router takes one of them, and the other
/// gets no request. An ingress with a canary shares them on purpose. Returns the place in `objects` of the second one.
pub(super) fn collisions<'a>(objects: &[&'a Json], version: Version) -> Vec<(usize, Fault<'a>)> {
    let mut found = Vec::new();
    let mut seen: BTreeMap<[&str; 4], &Json> = BTreeMap::new();
    for (index, object) in objects.iter().enumerate().filter(|(_, object)| object["kind"] == "Ingress") {
        let root = At::root(object);
        let (metadata, spec) = (root.key("metadata"), root.key("spec"));
        let annotations = metadata.key("annotations");
        if annotations.entries().any(|(key, _)| key.contains("canary")) {
            continue;
        }
        let mut faults = Faults::new(version);
        let rules = spec.key("rules");
        for rule in rules.items() {
            let (host, http) = (rule.key("host"), rule.key("http"));
            let paths = http.key("paths");
            for path in paths.items() {
                let class = spec.key("ingressClassName").text();
                let key = [class, host.text(), path.key("pathType").text(), path.key("path").text()];
                let backend = path.key("backend");
                if seen.insert(key, backend.json).is_some_and(|first| first != backend.json) {
                    let message =
                        format!("{} of host {} leads to another backend above", show(key[3]), show(key[1]));
                    faults.breaks(path.key("path"), message);
                }
            }
        }
        found.extend(faults.finish().into_iter().map(|fault| (index, fault)));
    }
    found
}

fn class<'a>(root: At<'a, '_>, spec: At<'a, '_>, faults: &mut Faults<'a>) {
    let (class, metadata) = (spec.key("ingressClassName"), root.key("metadata"));
    let annotations = metadata.key("annotations");
    let annotation = annotations.key(CLASS);
    if class.is_set() {
        faults.hold(class, &SUBDOMAIN);
        if annotation.is_set() && annotation.text() != class.text() {
            faults.refuse(annotation, format!("it differs from `ingressClassName`, {}", show(class.text())));
        }
    } else if annotation.is_set() && !annotation.text().starts_with("gce") {
        // GKE reads nothing else.
        faults.warn(annotation, "the annotation is deprecated; write `spec.ingressClassName`");
    }
}

fn name_of_host<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    faults.hold(at, if at.text().contains('*') { &WILDCARD } else { &SUBDOMAIN });
}

/// `validateHTTPIngressPath`.
fn path<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    let (path, kind) = (at.key("path"), at.key("pathType"));
    let text = path.text();
    if !kind.is_set() {
        return faults.refuse(kind, "`pathType` is missing");
    }
    faults.one_of(kind, &["Exact", "Prefix", "ImplementationSpecific"]);
    let exact = matches!(kind.text(), "Exact" | "Prefix");
    if !text.starts_with('/') && (exact || !text.is_empty()) {
        faults.refuse(path, format!("{} is no path: it begins with `/`", show(text)));
    }
    if exact {
        let inside = ["//", "/./", "/../", "%2f", "%2F"].into_iter().find(|part| text.contains(part));
        if let Some(part) = inside.or(["/..", "/."].into_iter().find(|end| text.ends_with(end))) {
            faults.refuse(path, format!("{} must not contain `{part}`", show(text)));
        }
    }
    backend(at.key("backend"), faults);
}

/// `validateIngressBackend`.
fn backend<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    let (service, resource) = (at.key("service"), at.key("resource"));
    match (service.is_set(), resource.is_set()) {
        (true, true) => faults.refuse(at, "`service` and `resource` exclude each other"),
        (false, false) => faults.refuse(at, "a backend has a `service` or a `resource`"),
        (false, true) => {
            if resource.has("apiGroup") {
                faults.hold(resource.key("apiGroup"), &SUBDOMAIN);
            }
            for key in ["kind", "name"] {
                if faults.need_text(resource.key(key)) {
                    faults.hold(resource.key(key), &SEGMENT);
                }
            }
        }
        (true, false) => {
            if faults.need_text(service.key("name")) {
                // As the name of the service itself.
                faults.hold(service.key("name"), if faults.since(35) { &DNS_LABEL } else { &DNS_1035 });
            }
            let port = service.key("port");
            let (name, number) = (port.key("name"), port.key("number"));
            match (!name.text().is_empty(), number.number_or_zero() != 0) {
                (true, true) => faults.refuse(port, "`name` and `number` of a port exclude each other"),
                (true, false) => handler::port(name, faults),
                (false, true) => faults.port(number),
                (false, false) => faults.refuse(port, "a backend has the `name` or the `number` of a port"),
            }
        }
    }
}
