//! The pod template of a workload in the words of the model.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::container::{self, Role};
use super::maps::{Object, into_object, is_label, put, take, take_list, take_text};
use super::report::{Naming, Permission, Report};
use super::{pointer, volumes};

/// Converts the metadata of a pod template, which stands at `path`: `podLabels`, `podAnnotations`, and what is identity.
pub(super) fn metadata(
    mut metadata: Object,
    selector: &Object,
    path: &str,
    identity: &mut Object,
    report: &mut Report,
) -> Object {
    let mut words = Object::new();
    let mut labels = take(&mut metadata, "labels");
    for (key, value) in selector {
        if labels.get(key) == Some(value) {
            labels.shift_remove(key);
        } else {
            let path = format!("/spec/selector/matchLabels{}", pointer::key("", key));
            report.fault(path, value.clone(), "the pod template does not carry the label of its selector");
        }
    }
    put(&mut words, "podLabels", labels);
    put(&mut words, "podAnnotations", take(&mut metadata, "annotations"));
    for (field, word) in [("name", "podName"), ("namespace", "podNamespace")] {
        if let Some(value) = metadata.shift_remove(field) {
            put(identity, word, value);
        }
    }
    report.leftover(path, metadata, "the model has no word for it on a pod template");
    words
}

/// Containers and volumes of a pod, in the words of the model.
pub(super) struct Parts {
    pub(super) main_name: Option<String>,
    pub(super) main: Object,
    pub(super) init: Object,
    pub(super) sidecars: Object,
    pub(super) volumes: Object,
}

/// A container and where it stood.
pub(super) struct Found {
    pub(super) name: String,
    path: String,
    pub(super) fields: Object,
}

/// Takes containers and volumes out of a pod whose spec stands at `path`. `name` is the workload's.
pub(super) fn parts(
    pod: &mut Object,
    path: &str,
    name: &str,
    naming: &Naming<'_>,
    service: Option<&Json>,
    report: &mut Report,
) -> Parts {
    let mut names = BTreeSet::new();
    let mut containers = found(pod, "containers", path, &mut names, report);
    let mut inits = found(pod, "initContainers", path, &mut names, report);
    let index = container::main(&containers, naming.container, service, name);
    let volumes = volumes::convert(pod, &mut containers, &mut inits, index, path, report);

    let main = containers.get(index);
    let main_name = main.map(|main| main.name.clone());
    let image = main.and_then(|main| main.fields.get("image")?.as_str().map(str::to_owned));
    let image = image.as_deref();
    let (mut main, mut init, mut sidecars) = (Object::new(), Object::new(), Object::new());
    for (position, found) in containers.into_iter().enumerate() {
        if position == index {
            main = container::convert(found.fields, &found.path, &Role::Main, report);
        } else {
            let role = Role::Beside { image, before: position < index };
            let words = container::convert(found.fields, &found.path, &role, report);
            sidecars.insert(found.name, words.into());
        }
    }
    for found in inits {
        let role = Role::Beside { image, before: false };
        let words = container::convert(found.fields, &found.path, &role, report);
        init.insert(found.name, words.into());
    }
    Parts { main_name, main, init, sidecars, volumes }
}

/// Takes a list of containers. A pod has each name once, init containers and others together.
fn found(
    pod: &mut Object,
    key: &str,
    path: &str,
    names: &mut BTreeSet<String>,
    report: &mut Report,
) -> Vec<Found> {
    let path = pointer::key(path, key);
    let mut kept = Vec::new();
    for (index, container) in take_list(pod, key).into_iter().enumerate() {
        let path = pointer::index(&path, index);
        let mut fields = into_object(container.clone());
        let name = take_text(&mut fields, "name").unwrap_or_default();
        if !is_label(&name) {
            report.fault(path, container, "no name for a container");
        } else if names.insert(name.clone()) {
            kept.push(Found { name, path, fields });
        } else {
            report.fault(path, container, "a container of this name is there already");
        }
    }
    kept
}

/// Notes what the platform must allow of what is left to `pod`.
pub(super) fn permissions(pod: &Object, report: &mut Report) {
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
