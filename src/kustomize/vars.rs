//! `vars`, which kustomize reads still: `$(NAME)` in some fields becomes the value of a field of some object.

use serde_json::Value as Json;

use super::codes::UNBUILDABLE_OVERLAY;
use super::field::{Field, visit};
use super::resource::Resource;
use crate::diagnostic::{Diagnostic, Location, Sink, shorten};

/// A variable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Var {
    pub(super) name: String,
    /// Which object has the value; what is empty is not asked.
    pub(super) api_version: String,
    pub(super) kind: String,
    pub(super) object: String,
    pub(super) namespace: String,
    /// Which of its fields, as `spec.rules[0].host`.
    pub(super) path: String,
}

/// The most bytes that one text may grow to.
const MOST: usize = 1 << 20;

/// Where pods are, by kind.
const PODS: &[(&str, &[&str])] = &[
    ("Pod", &["spec"]),
    ("Deployment", &["spec", "template", "spec"]),
    ("ReplicaSet", &["spec", "template", "spec"]),
    ("DaemonSet", &["spec", "template", "spec"]),
    ("StatefulSet", &["spec", "template", "spec"]),
    ("Job", &["spec", "template", "spec"]),
    ("CronJob", &["spec", "jobTemplate", "spec", "template", "spec"]),
];

/// The fields of a pod in which variables stand (`varReferenceFieldSpecs` of kustomize).
const IN_PODS: &[&[&str]] = &[
    &["containers", "args"],
    &["containers", "command"],
    &["containers", "env", "value"],
    &["containers", "volumeMounts", "mountPath"],
    &["initContainers", "args"],
    &["initContainers", "command"],
    &["initContainers", "env", "value"],
    &["initContainers", "volumeMounts", "mountPath"],
    &["volumes", "nfs", "server"],
];

/// Those of other objects.
const FIELDS: &[Field] = &[
    Field::of("Ingress", &["spec", "rules", "host"]).if_there(),
    Field::of("Ingress", &["spec", "tls", "hosts"]).if_there(),
    Field::of("Ingress", &["spec", "tls", "secretName"]).if_there(),
    Field::of("Service", &["spec", "ports", "port"]).if_there(),
    Field::of("Service", &["spec", "ports", "targetPort"]).if_there(),
    Field::of("PersistentVolume", &["spec", "nfs", "server"]).if_there(),
    Field::of("StatefulSet", &["spec", "volumeClaimTemplates", "spec", "nfs", "server"]).if_there(),
    Field::any(&["metadata", "labels"]).if_there(),
    Field::any(&["metadata", "annotations"]).if_there(),
];

/// Puts the values of variables where they are named. One that no object has is a finding, unless objects are `missing`: it
/// stays as it is written then.
pub(super) fn run(vars: &[&Var], missing: bool, resources: &mut [Resource], sink: &mut Sink) -> Option<()> {
    if vars.is_empty() {
        return Some(());
    }
    let mut values: Vec<(&str, Json)> = Vec::new();
    for var in vars {
        match var.value(resources) {
            Some(value) => values.push((&var.name, value)),
            None if missing => {}
            None => {
                let name = shorten(&var.name);
                let message = format!("no object has the value of the variable `{name}`");
                sink.push(Diagnostic::new(&UNBUILDABLE_OVERLAY, Location::file(""), message));
                return None;
            }
        }
    }
    for resource in resources {
        let mut put = |value: &mut Json| {
            fill(value, &values);
            Ok(())
        };
        // What is in the way of a field has no variable.
        for field in FIELDS {
            if !field.fits(resource) {
                continue;
            }
            let _ = visit(&mut resource.json, field.path, None, &mut put);
        }
        let kind = resource.kind().to_owned();
        for (_, way) in PODS.iter().filter(|(known, _)| *known == kind) {
            for field in IN_PODS {
                let path: Vec<&str> = way.iter().chain(*field).copied().collect();
                let _ = visit(&mut resource.json, &path, None, &mut put);
            }
        }
    }
    Some(())
}

/// Fills a value, and all that it holds.
fn fill(value: &mut Json, values: &[(&str, Json)]) {
    match value {
        Json::Array(items) => items.iter_mut().for_each(|item| fill(item, values)),
        Json::Object(map) => map.values_mut().for_each(|item| fill(item, values)),
        Json::String(text) if text.contains("$(") => {
            let whole = text.strip_prefix("$(").and_then(|rest| rest.strip_suffix(')'));
            let whole = whole.and_then(|name| values.iter().find(|(known, _)| *known == name));
            // A number stays one where it is the whole value.
            match whole {
                Some((_, found)) => *value = found.clone(),
                None => *value = filled(text, values).into(),
            }
        }
        _ => {}
    }
}

/// Fills a text; `$$` is a `$` that stands for nothing.
fn filled(text: &str, values: &[(&str, Json)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("$$") {
            out.push('$');
            rest = after;
            continue;
        }
        let named = rest.strip_prefix("$(").and_then(|inner| inner.split_once(')'));
        let found = named.and_then(|(name, after)| {
            values.iter().find(|(known, _)| *known == name).map(|(_, value)| (value, after))
        });
        match found {
            Some((value, after)) if out.len() < MOST => {
                match value {
                    Json::String(text) => out.push_str(text),
                    other => out.push_str(&other.to_string()),
                }
                rest = after;
            }
            _ => {
                out.push('$');
                rest = &rest[1..];
            }
        }
    }
    out + rest
}

impl Var {
    /// Returns the value of the first object that fits.
    fn value(&self, resources: &[Resource]) -> Option<Json> {
        let fits = |resource: &&Resource| {
            let named = resource.name() == self.object || resource.first_name() == self.object;
            named
                && resource.kind() == self.kind
                && (self.api_version.is_empty() || resource.api_version() == self.api_version)
                && (self.namespace.is_empty() || resource.effective_namespace() == self.namespace)
        };
        let mut value = &resources.iter().find(fits)?.json;
        for part in self.path.split('.') {
            let (key, indexes) = part.split_once('[').map_or((part, None), |(key, rest)| (key, Some(rest)));
            value = value.get(key)?;
            for index in indexes.into_iter().flat_map(|rest| rest.split('[')) {
                value = value.get(index.strip_suffix(']')?.parse::<usize>().ok()?)?;
            }
        }
        (!value.is_object() && !value.is_array()).then(|| value.clone())
    }
}
