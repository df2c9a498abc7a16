//! What the templates see: data prepared in Kubernetes' own words, so that templates hold layout only.
//!
//! A value that is `None` leaves its key out of the manifest.

use serde::Serialize;
use serde_json::{Map, Value as Json, json};

use crate::metadata::{
    Api, ConfigFile, EnvValue, IntOrString, KeyRef, Port, Probe, ServiceType, SessionAffinity, StrategyType,
};
use crate::ordered::Ordered;

/// The name of the container that runs the API's own image.
pub(super) const CONTAINER: &str = "app";
/// The label that selectors go by.
const NAME_LABEL: &str = "app.kubernetes.io/name";
/// CPU use in percent that an autoscaler aims at where the API names no metric, as Kubernetes does.
const DEFAULT_CPU_PERCENT: u32 = 80;

/// The objects of one workload.
#[derive(Debug, PartialEq)]
pub(super) struct Objects {
    /// The Deployment.
    pub(super) workload: Workload,
    /// The Service, where there is one.
    pub(super) service: Option<Service>,
}

impl Objects {
    /// What templates of other objects know of the workload: how to name and to select it.
    pub(super) fn identity(&self) -> Json {
        json!({ "name": self.workload.name, "selector": self.workload.selector })
    }

    /// Adds what routers want to find on the Service; what the API says itself has the last word.
    pub(super) fn annotate(&mut self, wanted: &super::router::ServiceAnnotations) {
        let Some(service) = &mut self.service else { return };
        let Some(wanted) = wanted.get(&service.name) else { return };
        let mut all: Map<String, Json> =
            wanted.iter().map(|(key, value)| (key.clone(), value.clone().into())).collect();
        if let Some(Json::Object(own)) = service.annotations.take() {
            all.extend(own);
        }
        service.annotations = Some(Json::Object(all));
    }
}

/// A Deployment.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Workload {
    pub(super) name: String,
    annotations: Option<Json>,
    strategy: Option<Json>,
    pub(super) selector: Json,
    pod_labels: Json,
    pod_annotations: Option<Json>,
    containers: Vec<Container>,
    volumes: Option<Json>,
}

/// A container.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Container {
    name: &'static str,
    image: String,
    command: Option<Vec<String>>,
    args: Option<Vec<String>>,
    ports: Option<Json>,
    env_from: Option<Json>,
    env: Option<Json>,
    resources: Option<Json>,
    startup_probe: Option<Probe>,
    liveness_probe: Option<Probe>,
    readiness_probe: Option<Probe>,
    volume_mounts: Option<Json>,
}

/// A Service.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Service {
    name: String,
    annotations: Option<Json>,
    #[serde(rename = "type")]
    kind: ServiceType,
    #[serde(rename = "clusterIP")]
    cluster_ip: Option<&'static str>,
    session_affinity: Option<SessionAffinity>,
    ports: Json,
}

/// A HorizontalPodAutoscaler.
#[derive(Debug, Serialize)]
pub(super) struct Autoscaling {
    min: u32,
    max: u32,
    metrics: Vec<Metric>,
    behavior: Option<crate::metadata::Behavior>,
}

/// A resource metric.
#[derive(Debug, Serialize)]
struct Metric {
    resource: &'static str,
    percent: u32,
}

/// Returns the image name that stands in the base; the overlay's `images` entry maps it.
///
/// Each container has a name of its own: Kustomize matches by name, so mapping by repository would
/// hit every container that shares one.
pub(super) fn placeholder(api: &Api) -> String {
    format!("{}-{CONTAINER}", api.name)
}

/// Prepares the workload and Service of an API.
pub(super) fn objects(api: &Api) -> Objects {
    let selector = json!({ NAME_LABEL: api.name });
    // Written here and not by the overlay, which would put them on the pods of extra resources too, and
    // lead the Service to them.
    let mut pod_labels = common_labels(api);
    pod_labels.extend(api.pod_labels.iter().map(|(key, value)| (key.to_owned(), value.clone().into())));
    let mounts = api.config.mount_path.as_ref().filter(|_| !api.config.is_empty());
    Objects {
        workload: Workload {
            name: api.name.clone(),
            annotations: strings(&api.annotations),
            strategy: api.strategy.as_ref().map(strategy),
            selector,
            pod_labels: Json::Object(pod_labels),
            pod_annotations: strings(&api.pod_annotations),
            containers: vec![Container {
                name: CONTAINER,
                image: placeholder(api),
                command: api.command.clone(),
                args: api.args.clone(),
                ports: list(api.ports.iter().map(|(name, port)| container_port(name, port))),
                env_from: list(api.env_from.iter().map(env_from)),
                env: list(api.env.iter().map(|(name, value)| env_entry(name, value))),
                resources: resources(api),
                startup_probe: api.probes.startup.clone(),
                liveness_probe: api.probes.liveness.clone(),
                readiness_probe: api.probes.readiness.clone(),
                volume_mounts: mounts
                    .map(|path| json!([{ "name": "config", "mountPath": path, "readOnly": true }])),
            }],
            volumes: mounts
                .map(|_| json!([{ "name": "config", "configMap": { "name": api.config_name() } }])),
        },
        service: service(api),
    }
}

/// Prepares the Service, where there is one.
fn service(api: &Api) -> Option<Service> {
    if !api.service.enabled || api.ports.is_empty() {
        return None;
    }
    let headless = api.service.kind == ServiceType::Headless;
    Some(Service {
        name: api.name.clone(),
        annotations: strings(&api.service.annotations),
        kind: if headless { ServiceType::ClusterIP } else { api.service.kind },
        cluster_ip: headless.then_some("None"),
        session_affinity: api.service.session_affinity,
        ports: Json::Array(
            api.ports
                .iter()
                .map(|(name, port)| {
                    json!({
                        "name": name,
                        "port": port.service_port,
                        "targetPort": name,
                        "protocol": port.protocol,
                    })
                })
                .collect(),
        ),
    })
}

/// Prepares the autoscaler, where there is one.
pub(super) fn autoscaling(api: &Api) -> Option<Autoscaling> {
    let wanted = api.autoscaling.as_ref()?;
    let mut metrics: Vec<Metric> = [("cpu", wanted.cpu), ("memory", wanted.memory)]
        .into_iter()
        .filter_map(|(resource, percent)| percent.map(|percent| Metric { resource, percent }))
        .collect();
    if metrics.is_empty() {
        metrics.push(Metric { resource: "cpu", percent: DEFAULT_CPU_PERCENT });
    }
    Some(Autoscaling { min: wanted.min, max: wanted.max, metrics, behavior: wanted.behavior.clone() })
}

/// Returns the labels of every object of an API: its own, and what onramp knows it by.
pub(super) fn object_labels(api: &Api) -> Json {
    let mut labels = common_labels(api);
    labels.extend(api.labels.iter().map(|(key, value)| (key.to_owned(), value.clone().into())));
    Json::Object(labels)
}

/// Returns what onramp knows objects and pods of an API by.
fn common_labels(api: &Api) -> Map<String, Json> {
    let mut labels = Map::new();
    let mut label = |key: &str, value: &str| labels.insert(key.to_owned(), value.into());
    label(NAME_LABEL, &api.name);
    label("app.kubernetes.io/managed-by", "onramp");
    label("app.kubernetes.io/part-of", &api.name);
    label("platform/api-name", &api.name);
    label("platform/team", &api.owner.team);
    if let Some(tier) = &api.tier {
        label("platform/tier", tier);
    }
    labels
}

/// Returns the entry of the overlay's `images` that maps the placeholder to what runs.
pub(super) fn image_entry(api: &Api) -> Option<Json> {
    let image = api.image.as_ref()?;
    let mut entry = Map::new();
    entry.insert("name".to_owned(), placeholder(api).into());
    entry.insert("newName".to_owned(), image.repository().into());
    if let Some(tag) = image.tag() {
        entry.insert("newTag".to_owned(), tag.into());
    }
    if let Some(digest) = image.digest() {
        entry.insert("digest".to_owned(), digest.into());
    }
    Some(Json::Object(entry))
}

/// Returns one entry of a generator's `files`, seen from the component's directory.
pub(super) fn file_entry(file: &ConfigFile, directory: &str) -> String {
    let path =
        file.path.strip_prefix(directory).map_or(file.path.as_str(), |rest| rest.trim_start_matches('/'));
    let base_name = path.rsplit('/').next().unwrap_or(path);
    if base_name == file.key { path.to_owned() } else { format!("{}={path}", file.key) }
}

/// Returns one entry of a generator's `literals`.
///
/// Kustomize takes one pair of equal quotes off a value, so a value that has such a pair gets another.
pub(super) fn literal_entry(key: &str, value: &str) -> String {
    let quoted = |quote| value.len() > 1 && value.starts_with(quote) && value.ends_with(quote);
    if quoted('"') || quoted('\'') { format!("{key}=\"{value}\"") } else { format!("{key}={value}") }
}

fn container_port(name: &str, port: &Port) -> Json {
    json!({ "name": name, "containerPort": port.container_port, "protocol": port.protocol })
}

fn env_entry(name: &str, value: &EnvValue) -> Json {
    match value {
        EnvValue::Literal(text) => json!({ "name": name, "value": text }),
        EnvValue::Secret(key) => json!({ "name": name, "valueFrom": { "secretKeyRef": key_ref(key) } }),
        EnvValue::Config(key) => json!({ "name": name, "valueFrom": { "configMapKeyRef": key_ref(key) } }),
        EnvValue::Field(path) => json!({ "name": name, "valueFrom": { "fieldRef": { "fieldPath": path } } }),
        EnvValue::Resource(resource, None) => {
            json!({ "name": name, "valueFrom": { "resourceFieldRef": { "resource": resource } } })
        }
        EnvValue::Resource(resource, Some(divisor)) => {
            json!({ "name": name, "valueFrom": { "resourceFieldRef": { "resource": resource, "divisor": divisor } } })
        }
    }
}

fn key_ref(key: &KeyRef) -> Json {
    let mut map = Map::new();
    map.insert("name".to_owned(), key.name.clone().into());
    map.insert("key".to_owned(), key.key.clone().into());
    if let Some(optional) = key.optional {
        map.insert("optional".to_owned(), optional.into());
    }
    Json::Object(map)
}

fn env_from(from: &crate::metadata::EnvFrom) -> Json {
    let mut map = Map::new();
    if let Some(prefix) = &from.prefix {
        map.insert("prefix".to_owned(), prefix.clone().into());
    }
    for (kind, name) in [("secretRef", &from.secret), ("configMapRef", &from.config)] {
        let Some(name) = name else { continue };
        let mut reference = Map::new();
        reference.insert("name".to_owned(), name.clone().into());
        if let Some(optional) = from.optional {
            reference.insert("optional".to_owned(), optional.into());
        }
        map.insert(kind.to_owned(), Json::Object(reference));
    }
    Json::Object(map)
}

fn resources(api: &Api) -> Option<Json> {
    let mut map = Map::new();
    for (name, values) in [("requests", &api.resources.requests), ("limits", &api.resources.limits)] {
        if let Some(values) = strings(values) {
            map.insert(name.to_owned(), values);
        }
    }
    (!map.is_empty()).then_some(Json::Object(map))
}

fn strategy(strategy: &crate::metadata::Strategy) -> Json {
    match strategy.kind {
        StrategyType::Recreate => json!({ "type": "Recreate" }),
        StrategyType::Rolling => {
            let mut rolling = Map::new();
            let mut set = |key: &str, value: &Option<IntOrString>| {
                if let Some(value) = value {
                    rolling.insert(key.to_owned(), json!(value));
                }
            };
            set("maxSurge", &strategy.max_surge);
            set("maxUnavailable", &strategy.max_unavailable);
            if rolling.is_empty() {
                json!({ "type": "RollingUpdate" })
            } else {
                json!({ "type": "RollingUpdate", "rollingUpdate": rolling })
            }
        }
    }
}

fn strings(map: &Ordered<String>) -> Option<Json> {
    let map: Map<String, Json> =
        map.iter().map(|(key, value)| (key.to_owned(), value.clone().into())).collect();
    (!map.is_empty()).then_some(Json::Object(map))
}

fn list(items: impl Iterator<Item = Json>) -> Option<Json> {
    let items: Vec<Json> = items.collect();
    (!items.is_empty()).then_some(Json::Array(items))
}
