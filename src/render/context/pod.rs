//! The pod of a workload: containers, volumes, and what Kubernetes' own words add.

use serde::Serialize;
use serde_json::{Map, Value as Json, json};

use super::{list, own_labels, strings};
use crate::metadata::{
    Api, EnvFrom, EnvValue, InPod, Item, KeyRef, Mount, Place, Port, Probe, Profile, Resources,
    ServiceAccount, Verbatim, Volume, Workload,
};
use crate::ordered::Ordered;

/// The volume that `config.mountPath` makes.
const CONFIG_VOLUME: &str = "config";

/// A pod template.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::render) struct Pod {
    name: Option<String>,
    namespace: Option<String>,
    labels: Option<Json>,
    annotations: Option<Json>,
    service_account: Option<String>,
    restart_policy: Option<&'static str>,
    init_containers: Vec<Container>,
    containers: Vec<Container>,
    volumes: Option<Json>,
    verbatim: Option<Json>,
}

/// A container.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Container {
    name: String,
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
    verbatim: Option<Json>,
}

/// Prepares the pod of a workload.
pub(super) fn pod(api: &Api, workload: &Workload) -> Pod {
    let (init, running): (Vec<_>, Vec<_>) = workload.containers().partition(|here| here.place == Place::Init);
    let container = |here: InPod<'_>| container(api, workload, here);
    let mut labels = own_labels(api, workload);
    // Jobs have no selector, and what was adopted has no label that nobody wrote.
    if workload.kind.runs_on() || api.profile == Profile::Standard {
        labels.extend(pairs(&api.selector(workload)));
    }
    labels.extend(pairs(&workload.pod_labels));
    // Jobs have to say it, and what fails is tried again in its place.
    let restarts = !workload.kind.runs_on() && !workload.pod.contains_key("restartPolicy");
    let mut volumes: Vec<Json> = workload.volumes.iter().map(|(name, source)| volume(name, source)).collect();
    if mounts_config(api) {
        volumes.push(json!({ "name": CONFIG_VOLUME, "configMap": { "name": api.config_name() } }));
    }
    volumes.extend(verbatim_list(&workload.pod, "volumes").cloned());
    Pod {
        name: workload.identity.pod_name.clone(),
        namespace: workload.identity.pod_namespace.clone(),
        labels: (!labels.is_empty()).then_some(Json::Object(labels)),
        annotations: strings(&workload.pod_annotations),
        service_account: service_account(api, workload),
        restart_policy: restarts.then_some("OnFailure"),
        init_containers: init.into_iter().map(container).collect(),
        containers: running.into_iter().map(container).collect(),
        volumes: list(volumes.into_iter()),
        verbatim: verbatim(&workload.pod, &["volumes"]),
    }
}

fn container(api: &Api, workload: &Workload, here: InPod<'_>) -> Container {
    let InPod { name, container, place } = here;
    let typed = container.ports.iter().map(|(name, port)| container_port(name, port));
    let ports = typed.chain(verbatim_list(&container.verbatim, "ports").map(with_protocol));
    let of = |mount: &Mount| match &mount.container {
        Some(wanted) => wanted == name,
        None => place == Place::Main,
    };
    let mut mounts: Vec<Json> = workload
        .volumes
        .iter()
        .flat_map(|(volume, source)| source.all_mounts().filter(of).map(|mount| volume_mount(volume, &mount)))
        .collect();
    if let (Place::Main, true, Some(path)) = (place, mounts_config(api), &api.config.mount_path) {
        mounts.push(json!({ "name": CONFIG_VOLUME, "mountPath": path, "readOnly": true }));
    }
    mounts.extend(verbatim_list(&container.verbatim, "volumeMounts").cloned());
    Container {
        name: name.to_owned(),
        image: api.placeholder(workload, name),
        command: container.command.clone(),
        args: container.args.clone(),
        ports: list(ports),
        env_from: list(container.env_from.iter().map(env_from)),
        env: list(container.env.iter().map(|(name, value)| env_entry(name, value))),
        resources: resources(&container.resources),
        startup_probe: container.probes.startup.clone(),
        liveness_probe: container.probes.liveness.clone(),
        readiness_probe: container.probes.readiness.clone(),
        volume_mounts: list(mounts.into_iter()),
        verbatim: verbatim(&container.verbatim, &["ports", "volumeMounts"]),
    }
}

/// Tells whether the API's own ConfigMap appears as files in the main containers.
fn mounts_config(api: &Api) -> bool {
    api.config.mount_path.is_some() && !api.config.is_empty()
}

fn service_account(api: &Api, workload: &Workload) -> Option<String> {
    match workload.service_account.as_ref()? {
        ServiceAccount::Existing(name) => Some(name.clone()),
        ServiceAccount::Own { .. } => api.account_name(workload),
    }
}

/// Returns what Kubernetes' own words add, save the lists that are joined with the short forms.
fn verbatim(fields: &Verbatim, joined: &[&str]) -> Option<Json> {
    let kept: Verbatim = fields
        .iter()
        .filter(|(key, _)| !joined.contains(&key.as_str()))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    (!kept.is_empty()).then_some(Json::Object(kept))
}

fn verbatim_list<'a>(fields: &'a Verbatim, key: &str) -> impl Iterator<Item = &'a Json> {
    fields.get(key).and_then(Json::as_array).into_iter().flatten()
}

/// Returns a port with its protocol: Kustomize merges ports by number and protocol, and where only
/// one side says the protocol it drops the other's fields.
pub(super) fn with_protocol(port: &Json) -> Json {
    let mut port = port.clone();
    if let Json::Object(port) = &mut port
        && !port.contains_key("protocol")
    {
        port.insert("protocol".to_owned(), "TCP".into());
    }
    port
}

fn volume(name: &str, volume: &Volume) -> Json {
    let items = list(volume.items.iter().map(|(key, item)| volume_item(key, item)));
    let files = |lead: &[(&str, Json)]| {
        let mut source = Map::new();
        source.extend(lead.iter().map(|(key, value)| ((*key).to_owned(), value.clone())));
        source.extend(items.clone().map(|items| ("items".to_owned(), items)));
        source.extend(volume.mode.map(|mode| ("defaultMode".to_owned(), mode.0.into())));
        source.extend(volume.optional.map(|optional| ("optional".to_owned(), optional.into())));
        Json::Object(source)
    };
    let mut object = Map::new();
    object.insert("name".to_owned(), name.into());
    if let Some(config) = &volume.config {
        object.insert("configMap".to_owned(), files(&[("name", config.clone().into())]));
    }
    if let Some(secret) = &volume.secret {
        object.insert("secret".to_owned(), files(&[("secretName", secret.clone().into())]));
    }
    if let Some(empty) = &volume.empty_dir {
        object.insert("emptyDir".to_owned(), Json::Object(empty.clone()));
    }
    if let Some(claim) = &volume.persistent_volume_claim {
        object.insert("persistentVolumeClaim".to_owned(), json!({ "claimName": claim }));
    }
    if let Some(sources) = &volume.projected {
        object.insert("projected".to_owned(), files(&[("sources", Json::Array(sources.clone()))]));
    }
    Json::Object(object)
}

fn volume_item(key: &str, item: &Item) -> Json {
    match item.mode {
        Some(mode) => json!({ "key": key, "path": item.path, "mode": mode.0 }),
        None => json!({ "key": key, "path": item.path }),
    }
}

fn volume_mount(volume: &str, mount: &Mount) -> Json {
    let mut object = Map::new();
    object.insert("name".to_owned(), volume.into());
    object.insert("mountPath".to_owned(), mount.mount_path.clone().into());
    object.extend(mount.sub_path.clone().map(|path| ("subPath".to_owned(), path.into())));
    object.extend(mount.read_only.map(|only| ("readOnly".to_owned(), only.into())));
    Json::Object(object)
}

fn pairs(map: &Ordered<String>) -> impl Iterator<Item = (String, Json)> {
    map.iter().map(|(key, value)| (key.to_owned(), value.clone().into()))
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

fn env_from(from: &EnvFrom) -> Json {
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

fn resources(resources: &Resources) -> Option<Json> {
    let mut map = Map::new();
    for (name, values) in [("requests", &resources.requests), ("limits", &resources.limits)] {
        if let Some(values) = strings(values) {
            map.insert(name.to_owned(), values);
        }
    }
    (!map.is_empty()).then_some(Json::Object(map))
}
