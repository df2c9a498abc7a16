//! An Ingress or `HTTPRoute` in the words of the model: hosts, prefixes and settings, never a regular expression.
//!
//! What is found here is tried and proved like all words, so it may leave out what a small patch makes up for: labels, a
//! class, a certificate of no host. What would be said wrongly is refused with the reason.

mod settings;

use serde_json::{Map, Value as Json, json};

use super::maps::{Object, put};
use super::{current, without_noise};
use crate::platform::RouterKind;
use crate::schema::{check_host, check_path_prefix};

/// What serves the routes of an environment.
#[derive(Clone, Debug)]
pub struct Edge {
    /// Its router.
    pub router: RouterKind,
    /// The class of the router's Ingress objects, where the platform says one.
    pub class: Option<String>,
}

/// A workload that a route can lead to.
#[derive(Clone, Copy, Debug)]
pub struct Backend<'a> {
    /// The name of the workload, where the API has several.
    pub workload: Option<&'a str>,
    /// Its Service.
    pub service: &'a Json,
}

/// Where a path leads, as far as it is not clear without a word.
#[derive(Clone, Debug, PartialEq)]
struct Target {
    workload: Option<String>,
    port: Option<Json>,
}

/// A host with its paths.
struct Host<'a> {
    name: &'a str,
    paths: Vec<Path<'a>>,
}

struct Path<'a> {
    prefix: &'a str,
    exact: bool,
    target: Target,
}

/// Tells whether an object is one that routes can say.
pub fn is_route(object: &Json) -> bool {
    matches!(object["kind"].as_str(), Some("Ingress" | "HTTPRoute"))
}

/// Converts an Ingress or `HTTPRoute` to `routes.legacy`.
///
/// # Errors
/// Says why it cannot be said, as a fragment.
pub fn from_route(route: &Json, api: &str, edge: &Edge, backends: &[Backend<'_>]) -> Result<Object, String> {
    let mut object = route.clone();
    without_noise(&mut object);
    current(&mut object);
    let router = edge.router.name();
    let mut annotations = annotations(&object)?;
    let hosts = match (text(&object, "kind"), edge.router) {
        ("HTTPRoute", RouterKind::GatewayApi) => http_route(&object, backends)?,
        ("Ingress", kind) if kind != RouterKind::GatewayApi => {
            in_class(&object, &annotations, edge)?;
            if let Some(key) = annotations.keys().find(|key| settings::is_rewrite(key)) {
                return Err(format!("`{key}` rewrites paths"));
            }
            ingress(&object, backends)?
        }
        (kind, _) => {
            return Err(format!("the router of the environment is `{router}`, which reads no {kind}"));
        }
    };
    if hosts.is_empty() {
        return Err("it has no host".to_owned());
    }
    let mut words = Object::new();
    let shared = hosts[0].paths.first().map(|path| path.target.clone());
    let shared =
        shared.filter(|shared| hosts.iter().flat_map(|host| &host.paths).all(|path| path.target == *shared));
    let name = text(&object["metadata"], "name");
    let certificates = certificates(&object, name, &hosts, &mut annotations);
    let list =
        hosts.iter().zip(&certificates.own).map(|(host, tls)| host.words(shared.is_some(), tls.clone()));
    words.insert("hosts".to_owned(), list.collect::<Vec<Json>>().into());
    if let Some(Target { workload, port }) = shared {
        put(&mut words, "workload", workload.map_or(Json::Null, Json::from));
        put(&mut words, "port", port.unwrap_or_default());
    }
    // A name that is not said gets the suffix of some routers.
    let is_usual = matches!(edge.router, RouterKind::IngressNginx | RouterKind::GatewayApi);
    if !is_usual || name != format!("{api}-legacy") {
        put(&mut words, "name", name);
    }
    put(&mut words, "tls", certificates.all.unwrap_or_default());
    settings::take(&object, edge.router, &mut annotations, &mut words);
    if !annotations.is_empty() {
        words.insert("annotations".to_owned(), json!({ router: annotations }));
    }
    Ok(words)
}

fn text<'a>(object: &'a Json, key: &str) -> &'a str {
    object[key].as_str().unwrap_or_default()
}

fn list<'a>(object: &'a Json, key: &str) -> &'a [Json] {
    object[key].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn annotations(object: &Json) -> Result<Object, String> {
    let annotations = object["metadata"]["annotations"].as_object().cloned().unwrap_or_default();
    let is_good = |(key, value): (&String, &Json)| super::maps::is_metadata_key(key) && value.is_string();
    if annotations.iter().all(is_good) {
        Ok(annotations)
    } else {
        Err("it has annotations that no server takes".to_owned())
    }
}

/// Refuses an Ingress that another controller reads. Platforms call a second class of one controller after it.
fn in_class(object: &Json, annotations: &Object, edge: &Edge) -> Result<(), String> {
    let (word, prefix) = match edge.router {
        RouterKind::IngressNginx => ("nginx", "nginx.ingress.kubernetes.io/"),
        RouterKind::GceIngress => ("gce", ""),
        RouterKind::Kong => ("kong", "konghq.com/"),
        RouterKind::GatewayApi => return Err("it is no HTTPRoute".to_owned()),
    };
    let of_annotation = annotations.get("kubernetes.io/ingress.class").and_then(Json::as_str);
    let class = object["spec"]["ingressClassName"].as_str().or(of_annotation);
    let Some(class) = class else {
        // Google Cloud's controller reads those without a class.
        let speaks = annotations.keys().any(|key| key.starts_with(prefix));
        return if edge.router == RouterKind::GceIngress || speaks {
            Ok(())
        } else {
            Err("it names no class".to_owned())
        };
    };
    if Some(class) == edge.class.as_deref() || class.contains(word) {
        return Ok(());
    }
    Err(format!("its class is `{class}`, and the router of the environment is `{}`", edge.router.name()))
}

fn ingress<'a>(object: &'a Json, backends: &[Backend<'_>]) -> Result<Vec<Host<'a>>, String> {
    let mut hosts: Vec<Host<'a>> = Vec::new();
    for rule in list(&object["spec"], "rules") {
        let name = host(text(rule, "host"), &hosts)?;
        let paths = list(&rule["http"], "paths").iter().map(|path| {
            let service = &path["backend"]["service"];
            let port = [&service["port"]["name"], &service["port"]["number"]];
            Ok(Path {
                prefix: prefix(path["path"].as_str().unwrap_or("/"))?,
                exact: path["pathType"] == "Exact",
                target: target(
                    backends,
                    text(service, "name"),
                    port.into_iter().find(|port| !port.is_null()),
                )?,
            })
        });
        hosts.push(Host { name, paths: paths.collect::<Result<_, String>>()? });
    }
    if hosts.iter().any(|host| host.paths.is_empty()) {
        return Err("one of its hosts has no paths".to_owned());
    }
    Ok(hosts)
}

fn http_route<'a>(object: &'a Json, backends: &[Backend<'_>]) -> Result<Vec<Host<'a>>, String> {
    let mut hosts: Vec<Host<'a>> = Vec::new();
    for name in list(&object["spec"], "hostnames") {
        let name = host(name.as_str().unwrap_or_default(), &hosts)?;
        let mut paths = Vec::new();
        for rule in list(&object["spec"], "rules") {
            if rule.as_object().is_none_or(|rule| rule.keys().any(|key| !RULE.contains(&key.as_str()))) {
                return Err("its rules do more than lead to a Service".to_owned());
            }
            let [backend] = list(rule, "backendRefs") else {
                return Err("a rule of it does not lead to one Service".to_owned());
            };
            let is_plain = ["group", "namespace", "filters"].iter().all(|key| backend[*key].is_null());
            if !is_plain || !matches!(backend["kind"].as_str(), None | Some("Service")) {
                return Err("it leads to something other than a Service of its own namespace".to_owned());
            }
            let target = target(backends, text(backend, "name"), Some(&backend["port"]))?;
            let matches = list(rule, "matches");
            if matches.is_empty() {
                paths.push(Path { prefix: "/", exact: false, target: target.clone() });
            }
            for one in matches {
                let is_path = one.as_object().is_some_and(|one| one.keys().all(|key| key == "path"));
                let kind = one["path"]["type"].as_str().unwrap_or("PathPrefix");
                if !is_path || !matches!(kind, "PathPrefix" | "Exact") {
                    return Err("a rule of it matches by something other than a prefix".to_owned());
                }
                let prefix = prefix(one["path"]["value"].as_str().unwrap_or("/"))?;
                paths.push(Path { prefix, exact: kind == "Exact", target: target.clone() });
            }
        }
        hosts.push(Host { name, paths });
    }
    Ok(hosts)
}

/// The fields of a rule that words say.
const RULE: &[&str] = &["matches", "backendRefs", "timeouts"];

/// Returns a host that the model serves, and that has no rule yet.
fn host<'a>(name: &'a str, known: &[Host<'_>]) -> Result<&'a str, String> {
    if name.is_empty() {
        return Err("a rule of it names no host".to_owned());
    }
    check_host(name).map_err(|why| format!("of its host `{name}`, {why}"))?;
    if known.iter().any(|known| known.name == name) {
        return Err(format!("it has several rules for `{name}`"));
    }
    Ok(name)
}

/// Returns a path that is a prefix and no expression.
fn prefix(path: &str) -> Result<&str, String> {
    if path != "/" {
        check_path_prefix(path).map_err(|why| format!("its path `{path}` is no prefix: {why}"))?;
    }
    Ok(path)
}

/// Finds the workload that a Service leads to, and says of workload and port what is not clear without it.
fn target(backends: &[Backend<'_>], service: &str, port: Option<&Json>) -> Result<Target, String> {
    let found = backends.iter().find(|backend| text(&backend.service["metadata"], "name") == service);
    let Some(backend) = found else {
        return Err(format!("`{service}` is not the Service of a workload of the API"));
    };
    let ports = list(&backend.service["spec"], "ports");
    let named = |name: &str| ports.iter().find(|port| port["name"] == name);
    let usual = named("http").or(if let [only] = ports { Some(only) } else { None });
    let wanted = match port {
        Some(Json::String(name)) => named(name),
        Some(Json::Number(number)) => ports.iter().find(|port| port["port"] == Json::Number(number.clone())),
        _ => None,
    };
    let (Some(wanted), Some(port)) = (wanted, port) else {
        return Err(format!("it leads to a port that the Service `{service}` does not offer"));
    };
    // Without a word it leads there by the port's name, where it has one.
    let is_usual = Some(wanted) == usual && port.is_string() == wanted["name"].is_string();
    let led = backends.iter().filter(|backend| !list(&backend.service["spec"], "ports").is_empty());
    let workload = backend.workload.filter(|_| led.count() > 1).map(str::to_owned);
    Ok(Target { workload, port: (!is_usual).then(|| port.clone()) })
}

impl Host<'_> {
    /// Writes a host, short where all of it leads to the same place as everything else.
    fn words(&self, shared: bool, tls: Option<Json>) -> Json {
        let is_whole = matches!(self.paths.as_slice(), [only] if only.prefix == "/" && !only.exact);
        if is_whole && shared && tls.is_none() {
            return self.name.into();
        }
        let mut words = Object::from_iter([("host".to_owned(), self.name.into())]);
        if !is_whole || !shared {
            let paths = self.paths.iter().map(|path| {
                let mut words = Object::from_iter([("prefix".to_owned(), path.prefix.into())]);
                if path.exact {
                    words.insert("exact".to_owned(), true.into());
                }
                if !shared {
                    let Target { workload, port } = path.target.clone();
                    put(&mut words, "workload", workload.map_or(Json::Null, Json::from));
                    put(&mut words, "port", port.unwrap_or_default());
                }
                Json::from(words)
            });
            words.insert("paths".to_owned(), paths.collect::<Vec<_>>().into());
        }
        put(&mut words, "tls", tls.unwrap_or_default());
        words.into()
    }
}

/// What is said of certificates.
struct Certificates {
    /// Of all hosts.
    all: Option<Json>,
    /// Of each host.
    own: Vec<Option<Json>>,
}

/// Says where certificates come from: an issuer makes all of an object.
fn certificates(object: &Json, name: &str, hosts: &[Host<'_>], annotations: &mut Object) -> Certificates {
    let entries = list(&object["spec"], "tls");
    let secret = |host: &Host<'_>| {
        let entry = entries.iter().find(|entry| list(entry, "hosts").iter().any(|own| *own == host.name));
        entry.and_then(|entry| entry["secretName"].as_str()).filter(|secret| !secret.is_empty())
    };
    let secrets: Vec<Option<&str>> = hosts.iter().map(secret).collect();
    let issuer = annotations.get(ISSUER).cloned().filter(|_| secrets.iter().all(Option::is_some));
    if issuer.is_some() {
        annotations.shift_remove(ISSUER);
    }
    let words = |secret: &str| {
        let mut words = Map::new();
        // The model calls it so by itself.
        if issuer.is_none() || secret != format!("{name}-tls") {
            words.insert("secret".to_owned(), secret.into());
        }
        put(&mut words, "issuer", issuer.clone().unwrap_or_default());
        Json::from(words)
    };
    if secrets.iter().all(|secret| *secret == secrets[0]) {
        return Certificates { all: secrets[0].map(words), own: vec![None; hosts.len()] };
    }
    Certificates { all: None, own: secrets.into_iter().map(|secret| secret.map(words)).collect() }
}

/// The annotation by which cert-manager makes certificates.
const ISSUER: &str = "cert-manager.io/cluster-issuer";
