//! The normal form of an object: as an API server would store it, so that two can be compared.

use serde_json::{Map, Value as Json};

use super::clean::Cleaner;
use super::defaults::{self, Way};
use super::fields::{Kind, is_known};
use super::noise::ANNOTATIONS;
use super::versions;
use super::{Note, pointer};

/// An object read as a server would read it, and what was noticed.
#[derive(Clone, Debug, PartialEq)]
pub struct Read {
    /// The object, in the current version of its API.
    pub object: Json,
    /// What was converted, repaired or not understood.
    pub notes: Vec<Note>,
}

/// Returns the form in which an API server would store an object: old API versions converted, defaults filled in,
/// exported noise and unknown fields dropped, quantities canonical, keys sorted.
///
/// Two objects with one normal form are the same to a cluster. An object of an unknown kind keeps all its fields
/// but the noise.
pub fn normal(object: &Json) -> Read {
    let mut read = read(object, true);
    if !is_of_others(object) {
        defaults::apply(&mut read.object, Way::Fill);
    }
    read.object.sort_all_objects();
    read
}

/// Returns an object without what need not be said: like [`normal`], but with defaults left out and quantities and
/// order as they were written. The converter starts from this form.
pub fn stripped(object: &Json) -> Read {
    let mut read = read(object, false);
    if !is_of_others(object) {
        defaults::apply(&mut read.object, Way::Strip);
    }
    read
}

fn read(object: &Json, quantities: bool) -> Read {
    let mut object = object.clone();
    let mut notes = versions::convert(&mut object);
    let kind = object["kind"].as_str().unwrap_or_default();
    let mut cleaner = Cleaner { notes: Vec::new(), quantities };
    let mut stored = if let Some(name) = known(kind).filter(|_| !is_of_others(&object)) {
        cleaner.value(&object, &Kind::Object(name), "").unwrap_or_default()
    } else {
        foreign(&object, &mut cleaner)
    };
    notes.append(&mut cleaner.notes);
    drop_annotations(&mut stored);
    match kind {
        "Job" => drop_job_labels(&mut stored),
        "Service" if is_exported(&object) => drop_addresses(&mut stored),
        _ => {}
    }
    Read { object: stored, notes }
}

/// Tells whether a kind is not Kubernetes' own, whatever it is called: a `Service` of Knative is none that has ports.
pub(in crate::migrate) fn is_of_others(object: &Json) -> bool {
    let group =
        object["apiVersion"].as_str().and_then(|version| version.split_once('/')).map(|(group, _)| group);
    group.is_some_and(|group| group.contains('.') && !group.ends_with(".k8s.io"))
}

fn known(kind: &str) -> Option<&'static str> {
    const KINDS: &[&str] = &[
        "ConfigMap",
        "CronJob",
        "DaemonSet",
        "Deployment",
        "HorizontalPodAutoscaler",
        "Ingress",
        "Job",
        "PersistentVolumeClaim",
        "PodDisruptionBudget",
        "Service",
        "StatefulSet",
    ];
    debug_assert!(KINDS.iter().all(|kind| is_known(kind)));
    KINDS.iter().find(|known| **known == kind).copied()
}

/// Reads the one part that all objects have.
fn foreign(object: &Json, cleaner: &mut Cleaner) -> Json {
    let Json::Object(map) = object else { return object.clone() };
    let mut kept: Map<String, Json> = map.clone();
    kept.shift_remove("status");
    if let Some(metadata) = map.get("metadata") {
        let read = cleaner.value(metadata, &Kind::Object("ObjectMeta"), &pointer::key("", "metadata"));
        kept.insert("metadata".to_owned(), read.unwrap_or_default());
    }
    Json::Object(kept)
}

fn drop_annotations(object: &mut Json) {
    let Some(metadata) = object.get_mut("metadata").and_then(Json::as_object_mut) else { return };
    let Some(annotations) = metadata.get_mut("annotations").and_then(Json::as_object_mut) else { return };
    for noise in ANNOTATIONS {
        annotations.shift_remove(*noise);
    }
    if annotations.is_empty() {
        metadata.shift_remove("annotations");
    }
}

/// What tells an export from a file that somebody wrote.
fn is_exported(object: &Json) -> bool {
    ["uid", "resourceVersion"].iter().any(|key| object["metadata"][*key].is_string())
}

/// The selector and labels that a server makes for a Job.
fn drop_job_labels(object: &mut Json) {
    if object["spec"]["manualSelector"] == true {
        return;
    }
    pointer::remove(object, "/spec/selector");
    for labels in ["/metadata/labels", "/spec/template/metadata/labels"] {
        for label in [
            "controller-uid",
            "job-name",
            "batch.kubernetes.io/controller-uid",
            "batch.kubernetes.io/job-name",
        ] {
            pointer::remove(object, &pointer::key(labels, label));
        }
        if object.pointer(labels).and_then(Json::as_object).is_some_and(Map::is_empty) {
            pointer::remove(object, labels);
        }
    }
}

/// The addresses that a cluster gave to a Service.
fn drop_addresses(object: &mut Json) {
    if object["spec"]["clusterIP"] != "None" {
        pointer::remove(object, "/spec/clusterIP");
    }
    for field in ["clusterIPs", "ipFamilies", "ipFamilyPolicy"] {
        pointer::remove(object, &format!("/spec/{field}"));
    }
}
