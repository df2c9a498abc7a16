//! One workload, its Service and its autoscaler, as the keys of a workload in `metadata.yaml`.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};

use super::container::{self, Role};
use super::normal::stripped;
use super::{Note, NoteKind, pointer, scaling, service, volumes};

pub(super) type Object = Map<String, Json>;

/// A workload in the words of the model.
#[derive(Clone, Debug, Default)]
pub struct Converted {
    /// The keys of the workload, in the order of the schema.
    pub metadata: Object,
    /// The namespace that the object names; it is a key of the API, not of the workload.
    pub namespace: Option<String>,
    /// What the keys do not say.
    pub residue: Vec<Residue>,
    /// What the platform must allow in `passthrough` for this workload.
    pub needs: BTreeSet<Permission>,
    /// What was noticed while reading the objects.
    pub notes: Vec<Note>,
}

/// A part of an object that the model cannot say.
#[derive(Clone, Debug, PartialEq)]
pub struct Residue {
    /// The kind of the object.
    pub object: String,
    /// Where in the object, as a JSON pointer.
    pub path: String,
    /// What stands there.
    pub value: Json,
    /// Why the model cannot say it, as a fragment.
    pub why: String,
}

/// What the default allow-list leaves to the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permission {
    /// A volume that is a directory of the node.
    HostPath,
    /// A volume on an NFS server.
    Nfs,
    /// The network of the node.
    HostNetwork,
    /// The processes of the node.
    HostPid,
    /// The shared memory of the node.
    HostIpc,
    /// A port of the node.
    HostPort,
    /// All rights of the node.
    Privileged,
}

/// What the model would call the objects, so that only other names are written down.
#[derive(Clone, Copy, Debug)]
pub struct Naming<'a> {
    /// The name of the API.
    pub api: &'a str,
    /// The name of the workload, where the API has the form with `workloads`.
    pub workload: Option<&'a str>,
    /// The main container, where somebody decided that it is not the one that is found.
    pub container: Option<&'a str>,
}

impl Naming<'_> {
    /// Returns the name of the workload's objects.
    pub fn object(&self) -> String {
        self.workload.map_or_else(|| self.api.to_owned(), |workload| format!("{}-{workload}", self.api))
    }

    /// Returns the selector's labels.
    pub fn selector(&self) -> Object {
        let mut labels = Object::from_iter([("app.kubernetes.io/name".to_owned(), self.api.into())]);
        if let Some(workload) = self.workload {
            labels.insert("app.kubernetes.io/component".to_owned(), workload.into());
        }
        labels
    }

    /// The name of the main container.
    pub const CONTAINER: &'static str = "app";
}

impl Permission {
    /// Returns the word for it in `passthrough`.
    pub fn name(self) -> &'static str {
        match self {
            Self::HostPath => "hostPath",
            Self::Nfs => "nfs",
            Self::HostNetwork => "hostNetwork",
            Self::HostPid => "hostPID",
            Self::HostIpc => "hostIPC",
            Self::HostPort => "hostPort",
            Self::Privileged => "privileged",
        }
    }
}

/// What a conversion collects beside the keys.
#[derive(Default)]
pub(super) struct Report {
    object: String,
    pub(super) residue: Vec<Residue>,
    pub(super) needs: BTreeSet<Permission>,
    notes: Vec<Note>,
}

impl Report {
    /// Takes what the model cannot say.
    pub(super) fn residue(&mut self, path: impl Into<String>, value: Json, why: impl Into<String>) {
        let object = self.object.clone();
        self.residue.push(Residue { object, path: path.into(), value, why: why.into() });
    }

    /// Takes all that is left of a map.
    pub(super) fn leftover(&mut self, path: &str, map: Object, why: &str) {
        for (key, value) in map {
            self.residue(pointer::key(path, &key), value, why);
        }
    }

    /// Reads the next object; what it holds that no server would store is residue.
    fn read(&mut self, object: &Json) -> Object {
        let read = stripped(object);
        object["kind"].as_str().unwrap_or_default().clone_into(&mut self.object);
        for note in read.notes {
            match note.kind {
                NoteKind::Unknown | NoteKind::Refused => self.residue(note.path, note.value, note.why),
                _ => self.notes.push(note),
            }
        }
        into_object(read.object)
    }
}

/// Takes the map of a value; anything else has nothing in it.
pub(super) fn into_object(value: Json) -> Object {
    match value {
        Json::Object(map) => map,
        _ => Object::new(),
    }
}

/// Takes a map out of a map.
pub(super) fn take(map: &mut Object, key: &str) -> Object {
    map.shift_remove(key).map(into_object).unwrap_or_default()
}

/// Takes a list out of a map.
pub(super) fn take_list(map: &mut Object, key: &str) -> Vec<Json> {
    match map.shift_remove(key) {
        Some(Json::Array(items)) => items,
        _ => Vec::new(),
    }
}

/// Takes a text out of a map.
pub(super) fn take_text(map: &mut Object, key: &str) -> Option<String> {
    match map.shift_remove(key) {
        Some(Json::String(text)) => Some(text),
        _ => None,
    }
}

/// Writes a key where there is something to say.
pub(super) fn put(map: &mut Object, key: &str, value: impl Into<Json>) {
    let value = value.into();
    let empty = match &value {
        Json::Null => true,
        Json::Array(items) => items.is_empty(),
        Json::Object(map) => map.is_empty(),
        _ => false,
    };
    if !empty {
        map.insert(key.to_owned(), value);
    }
}

/// Where the parts of a workload stand in its object.
struct Shape {
    kind: String,
    /// Pointer to the pod template.
    template: &'static str,
}

/// Converts a Deployment, StatefulSet, `CronJob` or Job, the Service that leads to it, and the autoscaler that
/// scales it. Objects of old API versions are converted first; an object of another kind is residue as a whole.
pub fn from_objects(
    workload: &Json,
    naming: &Naming<'_>,
    service: Option<&Json>,
    autoscaler: Option<&Json>,
) -> Converted {
    let mut report = Report::default();
    let mut object = report.read(workload);
    let kind = take_text(&mut object, "kind").unwrap_or_default();
    let template = match kind.as_str() {
        "Deployment" | "StatefulSet" | "Job" => "/spec/template",
        "CronJob" => "/spec/jobTemplate/spec/template",
        _ => {
            report.residue("", workload.clone(), "the model has no workload of this kind");
            return finish(Object::new(), None, report);
        }
    };
    let shape = Shape { kind, template };
    object.shift_remove("apiVersion");
    let mut metadata = take(&mut object, "metadata");
    let namespace = take_text(&mut metadata, "namespace");
    let mut spec = take(&mut object, "spec");

    let mut keys = Object::new();
    if shape.kind != "Deployment" {
        put(&mut keys, "kind", shape.kind.clone());
    }
    put(&mut keys, "labels", take(&mut metadata, "labels"));
    let mut identity = Object::new();
    let name = take_text(&mut metadata, "name").unwrap_or_default();
    if name != naming.object() {
        put(&mut identity, "name", name.clone());
    }
    let annotations = take(&mut metadata, "annotations");
    report.leftover("/metadata", metadata, "the model has no word for it on a workload");

    let mut job = job_of(&mut spec, &shape, &mut report);
    let from = job.as_mut().unwrap_or(&mut spec);
    let mut template = take(from, "template");
    let selector = selector(from, naming, &shape, &mut identity, &mut report);
    let mut pod = take(&mut template, "spec");
    let pod_words = pod_metadata(take(&mut template, "metadata"), &selector, &shape, &mut identity, &mut report);
    let mut parts = parts(&mut pod, &name, naming, service, &shape, &mut report);
    if let Some(name) = parts.main_name.take().filter(|name| name != Naming::CONTAINER) {
        put(&mut identity, "container", name);
    }

    let mut offered = Object::new();
    if let Some(service) = service {
        let object = report.read(service);
        offered = service::convert(object, naming, &selector, &mut parts.main, &mut identity, &mut report);
    } else if parts.main.contains_key("ports") && !shape.is_job() {
        put(&mut offered, "enabled", false);
    }
    let scaled = autoscaler.map(|autoscaler| {
        let object = report.read(autoscaler);
        scaling::convert(object, naming, &mut identity, &mut report)
    });
    report.object.clone_from(&shape.kind);

    put(&mut keys, "identity", identity);
    keys.append(&mut parts.main);
    put(&mut keys, "service", offered);
    let replicas = spec.shift_remove("replicas");
    match scaled {
        Some(scaled) => put(&mut keys, "autoscaling", scaled),
        None => put(&mut keys, "replicas", replicas.unwrap_or_default()),
    }
    if shape.kind == "Deployment" {
        let strategy = take(&mut spec, "strategy");
        put(&mut keys, "strategy", self::strategy(strategy, &mut report));
    }
    put(&mut keys, "annotations", annotations);
    keys.extend(pod_words);
    if let Some(account) = pod.shift_remove("serviceAccountName") {
        put(&mut keys, "serviceAccount", account);
    }
    put(&mut keys, "volumes", parts.volumes);
    put(&mut keys, "initContainers", parts.init);
    put(&mut keys, "sidecars", parts.sidecars);
    permissions_of_pod(&pod, &mut report);
    put(&mut keys, "pod", pod);
    if let Some(container) = keys.shift_remove("container") {
        put(&mut keys, "container", container);
    }
    if shape.kind == "CronJob" {
        put(&mut keys, "schedule", spec.shift_remove("schedule").unwrap_or_default());
    }
    if shape.kind != "Job" {
        put(&mut keys, "spec", spec);
    }
    put(&mut keys, "job", job.unwrap_or_default());
    finish(keys, namespace, report)
}

fn finish(metadata: Object, namespace: Option<String>, report: Report) -> Converted {
    let Report { residue, needs, notes, .. } = report;
    Converted { metadata, namespace, residue, needs, notes }
}

impl Shape {
    fn is_job(&self) -> bool {
        matches!(&*self.kind, "CronJob" | "Job")
    }

    fn below(&self, path: &str) -> String {
        format!("{}{path}", self.template)
    }
}

/// Takes the spec of the Job out of a `CronJob` or Job.
fn job_of(spec: &mut Object, shape: &Shape, report: &mut Report) -> Option<Object> {
    match shape.kind.as_str() {
        "Job" => Some(std::mem::take(spec)),
        "CronJob" => {
            let mut template = take(spec, "jobTemplate");
            let metadata = take(&mut template, "metadata");
            report.leftover("/spec/jobTemplate/metadata", metadata, "the model has no word for the made Job's own");
            Some(take(&mut template, "spec"))
        }
        _ => None,
    }
}

/// Takes the selector, and writes it into `identity` where the model would choose another. A job selects by a label
/// that the server makes.
fn selector(
    spec: &mut Object,
    naming: &Naming<'_>,
    shape: &Shape,
    identity: &mut Object,
    report: &mut Report,
) -> Object {
    if shape.is_job() {
        return Object::new();
    }
    let mut selector = take(spec, "selector");
    let labels = take(&mut selector, "matchLabels");
    report.leftover("/spec/selector", selector, "`identity.selector` holds labels only");
    // Order means nothing in a map.
    if labels != naming.selector() {
        put(identity, "selector", labels.clone());
    }
    labels
}

/// Returns `podLabels` and `podAnnotations`.
fn pod_metadata(
    mut metadata: Object,
    selector: &Object,
    shape: &Shape,
    identity: &mut Object,
    report: &mut Report,
) -> Object {
    let path = shape.below("/metadata");
    let mut words = Object::new();
    let mut labels = take(&mut metadata, "labels");
    for (key, value) in selector {
        if labels.get(key) == Some(value) {
            labels.shift_remove(key);
        } else {
            let path = format!("/spec/selector/matchLabels{}", pointer::key("", key));
            report.residue(path, value.clone(), "the pod template does not carry the label of its selector");
        }
    }
    put(&mut words, "podLabels", labels);
    put(&mut words, "podAnnotations", take(&mut metadata, "annotations"));
    for (field, word) in [("name", "podName"), ("namespace", "podNamespace")] {
        if let Some(value) = metadata.shift_remove(field) {
            put(identity, word, value);
        }
    }
    report.leftover(&path, metadata, "the model has no word for it on a pod template");
    words
}

/// Containers and volumes of a pod, in the words of the model.
struct Parts {
    main_name: Option<String>,
    main: Object,
    init: Object,
    sidecars: Object,
    volumes: Object,
}

fn parts(
    pod: &mut Object,
    name: &str,
    naming: &Naming<'_>,
    service: Option<&Json>,
    shape: &Shape,
    report: &mut Report,
) -> Parts {
    let mut containers = take_list(pod, "containers");
    let mut inits = take_list(pod, "initContainers");
    let index = container::main(&containers, naming.container, service, name);
    let main_name = containers.get(index).and_then(|main| main["name"].as_str()).map(str::to_owned);
    let volumes = volumes::convert(pod, &mut containers, &mut inits, index, &shape.below("/spec"), report);

    let image = containers.get(index).and_then(|main| main["image"].as_str()).map(str::to_owned);
    let (mut main, mut init, mut sidecars) = (Object::new(), Object::new(), Object::new());
    let path = shape.below("/spec/containers");
    for (position, found) in containers.into_iter().enumerate() {
        let path = pointer::index(&path, position);
        if position == index {
            main = container::convert(into_object(found), &path, &Role::Main, report).1;
            continue;
        }
        let role = Role::Beside { image: image.as_deref(), before: position < index };
        let (name, words) = container::convert(into_object(found), &path, &role, report);
        insert(&mut sidecars, name, words, &path, report);
    }
    let path = shape.below("/spec/initContainers");
    for (position, found) in inits.into_iter().enumerate() {
        let path = pointer::index(&path, position);
        let role = Role::Beside { image: image.as_deref(), before: false };
        let (name, words) = container::convert(into_object(found), &path, &role, report);
        insert(&mut init, name, words, &path, report);
    }
    Parts { main_name, main, init, sidecars, volumes }
}

fn insert(map: &mut Object, name: String, words: Object, path: &str, report: &mut Report) {
    if map.contains_key(&name) {
        report.residue(path, words.into(), "a container of this name is there already");
    } else {
        map.insert(name, words.into());
    }
}

fn strategy(mut strategy: Object, report: &mut Report) -> Object {
    let mut words = Object::new();
    let rolling = take(&mut strategy, "rollingUpdate");
    match take_text(&mut strategy, "type").as_deref() {
        None if rolling.is_empty() => {}
        None | Some("RollingUpdate") => {
            put(&mut words, "type", "rolling");
            words.extend(rolling);
        }
        Some("Recreate") => {
            put(&mut words, "type", "recreate");
            report.leftover("/spec/strategy/rollingUpdate", rolling, "the server refuses it with `Recreate`");
        }
        Some(other) => {
            report.residue("/spec/strategy/type", other.into(), "Kubernetes has no such strategy");
        }
    }
    words
}

fn permissions_of_pod(pod: &Object, report: &mut Report) {
    for (key, permission) in [
        ("hostNetwork", Permission::HostNetwork),
        ("hostPID", Permission::HostPid),
        ("hostIPC", Permission::HostIpc),
    ] {
        if pod.get(key) == Some(&json!(true)) {
            report.needs.insert(permission);
        }
    }
    for volume in pod.get("volumes").and_then(Json::as_array).into_iter().flatten() {
        for (key, permission) in [("hostPath", Permission::HostPath), ("nfs", Permission::Nfs)] {
            if volume.get(key).is_some() {
                report.needs.insert(permission);
            }
        }
    }
}
