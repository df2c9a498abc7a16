//! Where workloads keep their pods, and what these read.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::change::Names;
use super::id::Id;
use crate::kustomize::Object;

/// Kinds that run pods, by group, and where they hold them.
const WORKLOADS: &[(&str, &str, &[&str])] = &[
    ("", "Pod", &["spec"]),
    ("", "ReplicationController", &["spec", "template"]),
    ("apps", "DaemonSet", &["spec", "template"]),
    ("apps", "Deployment", &["spec", "template"]),
    ("apps", "ReplicaSet", &["spec", "template"]),
    ("apps", "StatefulSet", &["spec", "template"]),
    ("argoproj.io", "Rollout", &["spec", "template"]),
    ("batch", "CronJob", &["spec", "jobTemplate"]),
    ("batch", "Job", &["spec", "template"]),
];

/// Returns the path of an object's pod template; nothing where it runs no pods that anybody knows of.
pub(super) fn template_path(id: &Id<'_>) -> Option<&'static [&'static str]> {
    WORKLOADS.iter().find(|(group, kind, _)| (*group, *kind) == (id.group, id.kind)).map(|(.., path)| *path)
}

/// Finds the ConfigMaps and Secrets that the pods of a workload read before and after, under another name since their
/// content changes.
pub(super) fn content<'a>(
    before: &'a Object,
    after: &'a Object,
    names: (&Names<'a>, &Names<'a>),
) -> Vec<Id<'a>> {
    let id = Id::of(after);
    let Some(path) = template_path(&id) else { return Vec::new() };
    let read = |object: &'a Object, names: &Names<'a>| {
        let mut found = BTreeMap::new();
        let template = path.iter().try_fold(&object.json, |json, key| json.get(key));
        if let Some(template) = template {
            mentions(template, names, &mut found);
        }
        found
    };
    let old: BTreeMap<(&str, &str), &str> =
        read(before, names.0).into_iter().map(|(id, name)| ((id.kind, id.name), name)).collect();
    let new = read(after, names.1).into_iter();
    new.filter(|(id, name)| old.get(&(id.kind, id.name)).is_some_and(|old| old != name))
        .map(|(id, _)| id)
        .collect()
}

/// Collects what texts name.
fn mentions<'a>(json: &'a Json, names: &Names<'a>, found: &mut BTreeMap<Id<'a>, &'a str>) {
    match json {
        Json::String(text) => {
            if let Some(id) = names.get(text.as_str()) {
                found.insert(*id, text);
            }
        }
        Json::Array(list) => list.iter().for_each(|element| mentions(element, names, found)),
        Json::Object(map) => map.values().for_each(|value| mentions(value, names, found)),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}
