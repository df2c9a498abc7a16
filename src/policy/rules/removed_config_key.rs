//! A key of a ConfigMap goes that pods still name.

use serde_json::Value as Json;

use crate::diagnostic::{Code, Severity, Sink, WaivedBy};
use crate::effective::{EnvironmentChange, FieldChange, Step};
use crate::policy::transition::{named, objects_after};
use crate::policy::{Check, Rule, TransitionContext};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Transition(check) };

static CODE: Code = Code::new(
    "removed-config-key",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/removed-config-key.md"),
);

fn check(context: &TransitionContext<'_>, sink: &mut Sink) {
    for environment in context.staying() {
        for change in environment.objects.iter().filter(|change| change.id.is_content()) {
            let Some(before) = change.before else { continue };
            let name = change.after.unwrap_or(before).json["metadata"]["name"].as_str().unwrap_or_default();
            let mut keys: Vec<&str> = change.fields.iter().flat_map(removed_keys).collect();
            if change.after.is_none() {
                keys.extend(["data", "binaryData"].iter().flat_map(|part| keys_of(&before.json[*part])));
            }
            for key in keys {
                let Some(reader) = reader(environment, change.id.kind, name, key) else { continue };
                let message = format!(
                    "`{key}` goes from {}, and {reader} still names it: new pods do not start",
                    named(environment, &change.id)
                );
                sink.push(
                    context
                        .finding(&CODE, Some(environment), &[key, "config", "configMaps"], message)
                        .label(format!("takes `{key}` away"))
                        .help("take the reference away first, in a change of its own, or keep the key"),
                );
            }
        }
    }
}

/// Returns the keys of data that a change of a field takes away.
fn removed_keys<'a>(field: &FieldChange<'a>) -> Vec<&'a str> {
    let data = |path: &[&str]| {
        ["data", "binaryData"].iter().any(|part| field.path.is_within(&[&[*part], path].concat()))
    };
    let Some(before) = field.before.filter(|_| data(&[])) else { return Vec::new() };
    match field.path.0.as_slice() {
        [_] => {
            keys_of(before).filter(|key| field.after.is_none_or(|after| after.get(key).is_none())).collect()
        }
        [_, Step::Key(key)] if field.after.is_none() => vec![key],
        _ => Vec::new(),
    }
}

fn keys_of(data: &Json) -> impl Iterator<Item = &str> {
    data.as_object().into_iter().flat_map(|map| map.keys().map(String::as_str))
}

/// Finds an object whose pods need a key of a ConfigMap or Secret.
fn reader(environment: &EnvironmentChange<'_>, kind: &str, name: &str, key: &str) -> Option<String> {
    let names = |object: &Json| needs(object, kind, name, key);
    let object = objects_after(environment).find(|object| names(&object.json))?;
    let text = |json: &Json| json.as_str().unwrap_or_default().to_owned();
    Some(format!("`{} {}`", text(&object.json["kind"]), text(&object.json["metadata"]["name"])))
}

/// Looks for a reference that a pod cannot start without, at any depth.
fn needs(json: &Json, kind: &str, name: &str, key: &str) -> bool {
    let (by_key, volume, of) = match kind {
        "Secret" => ("secretKeyRef", "secret", "secretName"),
        _ => ("configMapKeyRef", "configMap", "name"),
    };
    match json {
        Json::Array(items) => items.iter().any(|item| needs(item, kind, name, key)),
        Json::Object(map) => {
            let must = |reference: &Json, of: &str| reference[of] == name && reference["optional"] != true;
            let keyed = |reference: &Json| must(reference, "name") && reference["key"] == key;
            let items = |reference: &Json| {
                let mut items = reference["items"].as_array().into_iter().flatten();
                must(reference, of) && items.any(|item| item["key"] == key)
            };
            map.get(by_key).is_some_and(keyed)
                || map.get(volume).is_some_and(items)
                || mounts(json, volume, of, name, key)
                || map.values().any(|value| needs(value, kind, name, key))
        }
        _ => false,
    }
}

/// Tells whether a pod mounts one key of a volume as a file: without the key there is a directory in its place.
fn mounts(pod: &Json, volume: &str, of: &str, name: &str, key: &str) -> bool {
    let list = |json: &'_ Json| json.as_array().cloned().unwrap_or_default();
    let volumes = list(&pod["volumes"]);
    let whole = |one: &Json| one[volume][of] == name && !one[volume]["items"].is_array();
    let names: Vec<&Json> = volumes.iter().filter(|one| whole(one)).map(|one| &one["name"]).collect();
    !names.is_empty()
        && ["containers", "initContainers"].iter().flat_map(|containers| list(&pod[*containers])).any(
            |container| {
                let mounts = list(&container["volumeMounts"]);
                mounts.iter().any(|mount| mount["subPath"] == key && names.contains(&&mount["name"]))
            },
        )
}
