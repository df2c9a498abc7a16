//! What a conversion says: the keys, what they do not say, and what was noticed.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::maps::{Object, into_object, is_label_value, is_metadata_key, take_text};
use super::normal::stripped;
use super::{Note, NoteKind, pointer};

/// A workload in the words of the model.
#[derive(Clone, Debug, Default)]
pub struct Converted {
    /// The keys of the workload, in the order of the schema.
    pub metadata: Object,
    /// The namespace that the objects name; it is a key of the API, not of the workload.
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
    /// Who could help.
    pub cause: Cause,
    /// Why the model cannot say it, as a fragment.
    pub why: String,
}

/// Whether the words or the object are at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// A cluster can hold it, and the model has no words for it.
    Model,
    /// No cluster holds it: the API server refuses the object or drops the field.
    Object,
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
    pub(super) object: String,
    pub(super) residue: Vec<Residue>,
    pub(super) needs: BTreeSet<Permission>,
    pub(super) notes: Vec<Note>,
    /// The first one that an object names.
    pub(super) namespace: Option<String>,
}

/// Where labels and annotations stand in the kinds that are converted.
const METADATA: &[&str] =
    &["/metadata", "/spec/template/metadata", "/spec/jobTemplate/spec/template/metadata"];

impl Report {
    /// Takes the namespace out of an object's metadata; all objects of an API are in one.
    pub(super) fn namespace(&mut self, metadata: &mut Object) {
        let Some(found) = take_text(metadata, "namespace") else { return };
        match &self.namespace {
            None => self.namespace = Some(found),
            Some(known) if *known == found => {}
            Some(_) => self.residue("/metadata/namespace", found.into(), "an API is in one namespace"),
        }
    }

    /// Takes labels and annotations that no server stores.
    fn bad_keys(&mut self, object: &mut Json) {
        for (metadata, key) in METADATA.iter().flat_map(|path| [(path, "labels"), (path, "annotations")]) {
            let path = pointer::key(metadata, key);
            let Some(map) = object.pointer_mut(&path).and_then(Json::as_object_mut) else { continue };
            let is_value = |value: &Json| key == "annotations" || value.as_str().is_some_and(is_label_value);
            let (good, bad): (Object, Object) = std::mem::take(map)
                .into_iter()
                .partition(|(key, value)| is_metadata_key(key) && is_value(value));
            *map = good;
            for (name, value) in bad {
                self.fault(pointer::key(&path, &name), value, "no label or annotation that a server takes");
            }
        }
    }

    /// Takes what the model cannot say.
    pub(super) fn residue(&mut self, path: impl Into<String>, value: Json, why: impl Into<String>) {
        self.push(path.into(), value, Cause::Model, why.into());
    }

    /// Takes what no cluster holds.
    pub(super) fn fault(&mut self, path: impl Into<String>, value: Json, why: impl Into<String>) {
        self.push(path.into(), value, Cause::Object, why.into());
    }

    fn push(&mut self, path: String, value: Json, cause: Cause, why: String) {
        let object = self.object.clone();
        self.residue.push(Residue { object, path, value, cause, why });
    }

    /// Takes what has to be known of a value that is written as it is.
    pub(super) fn note(&mut self, kind: NoteKind, path: String, value: Json, why: String) {
        self.notes.push(Note { kind, path, value, why });
    }

    /// Takes all that is left of a map.
    pub(super) fn leftover(&mut self, path: &str, map: Object, why: &str) {
        for (key, value) in map {
            self.residue(pointer::key(path, &key), value, why);
        }
    }

    /// Reads the next object; what it holds that no server would store is residue.
    pub(super) fn read(&mut self, object: &Json) -> Object {
        let mut read = stripped(object);
        object["kind"].as_str().unwrap_or_default().clone_into(&mut self.object);
        for note in read.notes {
            match note.kind {
                NoteKind::Unknown => self.fault(note.path, note.value, note.why),
                NoteKind::Refused => {
                    let (path, value) = pointer::take_field(&mut read.object, &note.path);
                    self.fault(path, value, note.why);
                }
                _ => self.notes.push(note),
            }
        }
        self.bad_keys(&mut read.object);
        into_object(read.object)
    }
}
