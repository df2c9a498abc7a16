//! What the templates see: data prepared in Kubernetes' own words, so that templates hold layout only.
//!
//! A value that is `None` leaves its key out of the manifest.

mod external_secret;
mod network_policy;
mod pod;
mod rollout;
mod scaling;

pub(super) use external_secret::external_secrets;
pub(super) use network_policy::network_policies;
pub use network_policy::router_without_source;
pub(super) use rollout::{API_VERSION as ROLLOUT_API_VERSION, rollout};
pub(super) use scaling::{has_budget, replicas, scaling};

use serde::Serialize;
use serde_json::{Map, Value as Json, json};

use self::pod::{Pod, with_protocol};
use crate::metadata::{
    API_LABEL, Api, COMPONENT_LABEL, ConfigFile, IntOrString, Kind, NAME_LABEL, Profile, ServiceAccount,
    ServiceType, SessionAffinity, StrategyType, Verbatim, Workload,
};
use crate::ordered::Ordered;

/// The objects of one workload that stand in the base.
#[derive(Debug, PartialEq)]
pub(super) struct Objects {
    /// What the workload is called among those of the API.
    pub(super) workload: String,
    /// The Deployment, StatefulSet, CronJob or Job, without its pod.
    pub(super) head: Head,
    /// Its pod.
    pub(super) pod: Pod,
    /// The Service, where there is one.
    pub(super) service: Option<Service>,
    /// The service account, where it is rendered.
    pub(super) account: Option<Account>,
}

impl Objects {
    /// Adds what routers want to find on the Service; what the API says itself has the last word.
    pub(super) fn annotate(&mut self, wanted: &super::router::ServiceAnnotations) {
        let Some(service) = &mut self.service else { return };
        let Some(wanted) = wanted.get(&service.name) else { return };
        let mut all: Map<String, Json> =
            wanted.iter().map(|(key, value)| (key.clone(), value.clone().into())).collect();
        all.extend(object(service.annotations.take()));
        service.annotations = Some(Json::Object(all));
    }
}

/// A Deployment, StatefulSet, CronJob or Job, without its pod.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Head {
    pub(super) kind: Kind,
    name: String,
    labels: Option<Json>,
    annotations: Option<Json>,
    strategy: Option<Json>,
    selector: Json,
    service_name: Option<String>,
    schedule: Option<String>,
    spec: Option<Json>,
    job: Option<Json>,
}

/// A Service.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Service {
    name: String,
    labels: Option<Json>,
    annotations: Option<Json>,
    #[serde(rename = "type")]
    kind: ServiceType,
    #[serde(rename = "clusterIP")]
    cluster_ip: Option<&'static str>,
    selector: Json,
    session_affinity: Option<SessionAffinity>,
    ports: Json,
    spec: Option<Json>,
}

/// A service account.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Account {
    name: String,
    labels: Option<Json>,
    annotations: Option<Json>,
}

/// Prepares the objects of the base of each workload.
pub(super) fn objects(api: &Api) -> Vec<Objects> {
    api.workloads.iter().map(|workload| of_workload(api, workload)).collect()
}

fn of_workload(api: &Api, workload: &Workload) -> Objects {
    Objects {
        workload: workload.name.clone(),
        head: Head {
            kind: workload.kind,
            name: api.workload_name(workload),
            labels: head_labels(api, workload),
            annotations: strings(&workload.annotations),
            strategy: workload.strategy.as_ref().and_then(strategy),
            selector: strings(&api.selector(workload)).unwrap_or_default(),
            // What was adopted says it in `spec`, if it has one: the field cannot be changed.
            service_name: (api.profile == Profile::Standard).then(|| api.service_name(workload)),
            schedule: workload.schedule.clone(),
            spec: verbatim(&workload.spec),
            job: verbatim(&workload.job),
        },
        pod: pod::pod(api, workload),
        service: service(api, workload),
        account: account(api, workload),
    }
}

/// Prepares the Service, where there is one.
fn service(api: &Api, workload: &Workload) -> Option<Service> {
    if !workload.has_service() {
        return None;
    }
    let wanted = &workload.service;
    let headless = wanted.kind == ServiceType::Headless;
    let mut labels = object(workload_labels(api, workload));
    labels.extend(object(strings(&wanted.labels)));
    let own = api.selector(workload);
    Some(Service {
        name: api.service_name(workload),
        labels: (!labels.is_empty()).then_some(Json::Object(labels)),
        annotations: strings(&wanted.annotations),
        kind: if headless { ServiceType::ClusterIP } else { wanted.kind },
        cluster_ip: headless.then_some("None"),
        selector: strings(wanted.selector.as_ref().unwrap_or(&own)).unwrap_or_default(),
        session_affinity: wanted.session_affinity,
        ports: match &wanted.ports {
            Some(ports) => ports.iter().map(|port| with_protocol(&Json::Object(port.clone()))).collect(),
            None => workload.main.ports.iter().map(|(name, port)| service_port(name, port)).collect(),
        },
        spec: verbatim(&wanted.spec),
    })
}

fn service_port(name: &str, port: &crate::metadata::Port) -> Json {
    json!({ "name": name, "port": port.service_port, "targetPort": name, "protocol": port.protocol })
}

/// The annotation by which GKE lets a service account act as a Google one.
const WORKLOAD_IDENTITY: &str = "iam.gke.io/gcp-service-account";

fn account(api: &Api, workload: &Workload) -> Option<Account> {
    let Some(ServiceAccount::Own { google, annotations, .. }) = &workload.service_account else {
        return None;
    };
    let mut all = object(strings(annotations));
    all.extend(google.clone().map(|google| (WORKLOAD_IDENTITY.to_owned(), google.into())));
    Some(Account {
        name: api.account_name(workload)?,
        labels: workload_labels(api, workload),
        annotations: (!all.is_empty()).then_some(Json::Object(all)),
    })
}

/// Returns the labels of every object of an API: its own, and what onramp knows it by.
///
/// Of what was adopted each object has its own labels alone: those of the API are the workload's.
fn object_labels(api: &Api) -> Option<Json> {
    if api.profile == Profile::Adopted {
        return None;
    }
    let mut labels = common_labels(api);
    labels.extend(object(strings(&api.labels)));
    (!labels.is_empty()).then_some(Json::Object(labels))
}

/// Returns the overlay's `labels`, which put the labels of an API on every object and on no pod.
pub(super) fn overlay_labels(api: &Api) -> Option<Json> {
    object_labels(api).map(|labels| json!([{ "pairs": labels, "includeSelectors": false }]))
}

/// Returns the labels of the Deployment, StatefulSet, CronJob or Job itself.
fn head_labels(api: &Api, workload: &Workload) -> Option<Json> {
    if api.profile == Profile::Standard {
        return workload_labels(api, workload);
    }
    let mut labels = object(strings(&api.labels));
    labels.extend(object(strings(&workload.labels)));
    (!labels.is_empty()).then_some(Json::Object(labels))
}

/// Returns the labels of one workload's objects, beside those of every object of the API.
fn workload_labels(api: &Api, workload: &Workload) -> Option<Json> {
    let mut labels = component(api, workload);
    if api.profile == Profile::Standard {
        labels.extend(object(strings(&workload.labels)));
    }
    (!labels.is_empty()).then_some(Json::Object(labels))
}

/// Returns what onramp knows the pods of a workload by. Written here and not by the overlay, which would
/// put it on the pods of extra resources too, and lead the Service to them.
fn own_labels(api: &Api, workload: &Workload) -> Map<String, Json> {
    let mut labels = common_labels(api);
    labels.extend(component(api, workload));
    labels
}

/// Returns what tells the workloads of an API apart.
fn component(api: &Api, workload: &Workload) -> Map<String, Json> {
    let mut labels = Map::new();
    if api.several && api.profile == Profile::Standard {
        labels.insert(COMPONENT_LABEL.to_owned(), workload.name.clone().into());
    }
    labels
}

/// Returns what onramp knows objects and pods of an API by; what was adopted has only its own.
fn common_labels(api: &Api) -> Map<String, Json> {
    let mut labels = Map::new();
    if api.profile == Profile::Adopted {
        return labels;
    }
    let mut label = |key: &str, value: &str| labels.insert(key.to_owned(), value.into());
    label(NAME_LABEL, &api.name);
    label("app.kubernetes.io/managed-by", "onramp");
    label("app.kubernetes.io/part-of", &api.name);
    label(API_LABEL, &api.name);
    label("platform/team", &api.owner.team);
    if let Some(tier) = &api.tier {
        label("platform/tier", tier);
    }
    labels
}

/// Returns the entries of the overlay's `images` that map each placeholder to what runs.
pub(super) fn image_entries(api: &Api) -> Vec<Json> {
    let mut entries = Vec::new();
    for workload in &api.workloads {
        for here in workload.containers() {
            let Some(image) = workload.image_of(here.container) else { continue };
            let mut entry = Map::new();
            entry.insert("name".to_owned(), api.placeholder(workload, here.name).into());
            entry.insert("newName".to_owned(), image.repository().into());
            if let Some(tag) = image.tag() {
                entry.insert("newTag".to_owned(), tag.into());
            }
            if let Some(digest) = image.digest() {
                entry.insert("digest".to_owned(), digest.into());
            }
            entries.push(Json::Object(entry));
        }
    }
    entries
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

fn strategy(strategy: &crate::metadata::Strategy) -> Option<Json> {
    match strategy.kind {
        StrategyType::BlueGreen | StrategyType::Canary => None,
        StrategyType::Recreate => Some(json!({ "type": "Recreate" })),
        StrategyType::Rolling => {
            let mut rolling = Map::new();
            let mut set = |key: &str, value: &Option<IntOrString>| {
                if let Some(value) = value {
                    rolling.insert(key.to_owned(), json!(value));
                }
            };
            set("maxSurge", &strategy.max_surge);
            set("maxUnavailable", &strategy.max_unavailable);
            Some(if rolling.is_empty() {
                json!({ "type": "RollingUpdate" })
            } else {
                json!({ "type": "RollingUpdate", "rollingUpdate": rolling })
            })
        }
    }
}

fn verbatim(fields: &Verbatim) -> Option<Json> {
    (!fields.is_empty()).then(|| Json::Object(fields.clone()))
}

fn object(json: Option<Json>) -> Map<String, Json> {
    match json {
        Some(Json::Object(map)) => map,
        _ => Map::new(),
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
