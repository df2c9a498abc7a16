//! Strategic merge, as Kustomize does it: the result, and the parts of a patch that come to nothing.

use serde_json::{Map, Value as Json};

use crate::diagnostic::nearest;
use crate::render::list_keys;
use crate::yaml::{Node, Span, Value};

/// API groups whose lists Kustomize merges by key; of any other kind it replaces them.
const KNOWN_GROUPS: &[&str] = &["", "apps", "autoscaling", "batch", "networking.k8s.io", "policy"];

/// The names of a port's number, in a container and in a Service.
const PORT_NUMBERS: &[&str] = &["containerPort", "port"];

/// A part of a patch that does not do what its author meant.
#[derive(Debug)]
pub(super) struct Lost {
    pub(super) span: Span,
    pub(super) message: String,
    pub(super) help: Option<String>,
    /// Whether it names a part of the object that is not there, and adds a broken one.
    pub(super) unknown: bool,
}

/// Lays a patch over an object; nothing is left of one that the patch deletes.
pub(super) fn apply(object: &Json, patch: &Json) -> Option<Json> {
    match patch.get("$patch").and_then(Json::as_str) {
        Some("delete") => None,
        // Of a whole object this does nothing.
        Some("replace") => Some(object.clone()),
        _ => Some(merged(object, patch, merges_lists(object), "")),
    }
}

/// Tells whether Kustomize knows by which keys the lists of an object's kind are merged.
fn merges_lists(object: &Json) -> bool {
    let api_version = object["apiVersion"].as_str().unwrap_or_default();
    KNOWN_GROUPS.contains(&api_version.split_once('/').map_or("", |(group, _)| group))
}

fn merged(base: &Json, patch: &Json, lists: bool, field: &str) -> Json {
    match (base, patch) {
        (Json::Object(base), Json::Object(patch)) => {
            if patch.get("$patch") == Some(&"replace".into()) {
                return without_directives(&Json::Object(patch.clone()));
            }
            let mut out = base.clone();
            for (key, value) in patch.iter().filter(|(key, _)| *key != "$patch") {
                let gone = value.is_null() || value.get("$patch") == Some(&"delete".into());
                let new = match base.get(key) {
                    _ if gone => {
                        out.shift_remove(key);
                        continue;
                    }
                    Some(old) => merged(old, value, lists, key),
                    None => without_directives(value),
                };
                out.insert(key.clone(), new);
            }
            Json::Object(out)
        }
        (Json::Array(base), Json::Array(patch)) if lists => merged_list(base, patch, field),
        _ => without_directives(patch),
    }
}

fn merged_list(base: &[Json], patch: &[Json], field: &str) -> Json {
    if patch.iter().any(replaces) {
        return patch.iter().filter(|item| !replaces(item)).map(without_directives).collect();
    }
    let Some(keys) = keys(field, base, patch) else {
        return patch.iter().map(without_directives).collect();
    };
    // The patch's elements come first, in its order.
    let same = |one: &Json, other: &Json| keys.iter().all(|key| one.get(key) == other.get(key));
    let mut out = Vec::new();
    for item in patch.iter().filter(|item| !deletes(item)) {
        match base.iter().find(|old| same(old, item)) {
            Some(old) => out.push(merged(old, item, true, "")),
            // It only meets the number of a port: Kustomize drops it.
            None if base.iter().any(|old| one_sided(old, item)) => {}
            None => out.push(without_directives(item)),
        }
    }
    out.extend(base.iter().filter(|old| !patch.iter().any(|item| same(old, item))).cloned());
    Json::Array(out)
}

/// Returns the keys by which a list's elements are told apart.
fn keys(field: &str, base: &[Json], patch: &[Json]) -> Option<Vec<&'static str>> {
    let all = |key: &str| base.iter().chain(patch).all(|item| item.get(key).is_some());
    if field == "ports" {
        let number = PORT_NUMBERS.iter().find(|key| all(key))?;
        return Some(vec![number, "protocol"]);
    }
    list_keys(field).filter(|keys| keys.iter().all(|key| all(key))).map(<[_]>::to_vec)
}

/// Tells whether two ports have one number, and only one of them a protocol.
fn one_sided(base: &Json, patch: &Json) -> bool {
    PORT_NUMBERS.iter().any(|key| base.get(key).is_some() && base.get(key) == patch.get(key))
        && base.get("protocol").is_some() != patch.get("protocol").is_some()
}

fn replaces(item: &Json) -> bool {
    item.get("$patch") == Some(&"replace".into())
}

fn deletes(item: &Json) -> bool {
    item.get("$patch") == Some(&"delete".into())
}

/// Returns what a patch says where nothing stands yet: nothing that is null, and no directive.
fn without_directives(value: &Json) -> Json {
    match value {
        Json::Object(map) => {
            let kept =
                map.iter().filter(|(key, value)| *key != "$patch" && !value.is_null() && !deletes(value));
            Json::Object(
                kept.map(|(key, value)| (key.clone(), without_directives(value))).collect::<Map<_, _>>(),
            )
        }
        Json::Array(items) => {
            items.iter().filter(|item| !deletes(item) && !replaces(item)).map(without_directives).collect()
        }
        other => other.clone(),
    }
}

/// Finds the parts of a patch that come to nothing.
pub(super) fn lost(patch: &Node, object: &Json) -> Vec<Lost> {
    let mut found = Vec::new();
    if let Some(directive) = patch.get("$patch").filter(|directive| directive.as_str() == Some("replace")) {
        found.push(Lost {
            span: directive.span,
            message: "`$patch: replace` on a whole object does nothing".to_owned(),
            help: Some("put it into the part that is to be replaced, such as `spec`".to_owned()),
            unknown: false,
        });
    } else if merges_lists(object) {
        lost_in(patch, object, "", &mut found);
    }
    found
}

fn lost_in(patch: &Node, base: &Json, at: &str, found: &mut Vec<Lost>) {
    if patch.get("$patch").is_some_and(|directive| directive.as_str() != Some("merge")) {
        return;
    }
    for entry in patch.entries().iter().filter(|entry| &*entry.key != "$patch") {
        let here = if at.is_empty() { entry.key.to_string() } else { format!("{at}.{}", entry.key) };
        match (&entry.node.value, base.get(&*entry.key)) {
            (Value::Null, None) => found.push(Lost {
                span: entry.key_span,
                message: format!("`{here}` is removed where it is not"),
                help: base
                    .as_object()
                    .and_then(|map| did_you_mean(&entry.key, map.keys().map(String::as_str))),
                unknown: false,
            }),
            (Value::Map(_), Some(below @ Json::Object(_))) => lost_in(&entry.node, below, &here, found),
            (Value::Seq(items), Some(Json::Array(below))) => {
                lost_in_list(items, below, &entry.key, &here, found);
            }
            _ => {}
        }
    }
}

fn lost_in_list(items: &[Node], base: &[Json], field: &str, path: &str, found: &mut Vec<Lost>) {
    let plain: Vec<Json> = items.iter().map(Node::to_json).collect();
    let Some(keys) = keys(field, base, &plain).filter(|_| !plain.iter().any(replaces)) else { return };
    for (node, item) in items.iter().zip(&plain) {
        let same = |old: &&Json| keys.iter().all(|key| old.get(key) == item.get(key));
        let name = item[keys[0]].as_str().map_or_else(|| item[keys[0]].to_string(), str::to_owned);
        let span = node.get(keys[0]).map_or(node.span, |key| key.span);
        let near = || did_you_mean(&name, base.iter().filter_map(|old| old[keys[0]].as_str()));
        match base.iter().find(same) {
            Some(old) => lost_in(node, old, &format!("{path}.{name}"), found),
            None if base.iter().any(|old| one_sided(old, item)) => found.push(Lost {
                span,
                message: format!(
                    "Kustomize drops what the patch says of port {name}: `protocol` stands on one side only"
                ),
                help: Some(if item.get("protocol").is_some() {
                    "leave `protocol` out, as the object does".to_owned()
                } else {
                    "add the port's `protocol`, such as `protocol: TCP`".to_owned()
                }),
                unknown: false,
            }),
            None if deletes(item) => found.push(Lost {
                span,
                message: format!("`{path}` has no `{name}` to delete"),
                help: near(),
                unknown: false,
            }),
            None if matches!(field, "containers" | "initContainers") && item.get("image").is_none() => {
                found.push(Lost {
                    span,
                    message: format!("`{path}` has no `{name}`, and a new container needs an image"),
                    help: near(),
                    unknown: true,
                });
            }
            None => {}
        }
    }
}

fn did_you_mean<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<String> {
    nearest(word, candidates).map(|near| format!("did you mean `{near}`?"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pod(spec: &Json) -> Json {
        json!({ "apiVersion": "apps/v1", "kind": "Deployment", "spec": spec })
    }

    fn spec(base: &Json, patch: &Json) -> Json {
        apply(&pod(base), &json!({ "spec": patch })).unwrap()["spec"].clone()
    }

    /// As `kustomize build` prints them, 5.7.1 and 5.8.1.
    #[test]
    fn lists_and_maps_merge_as_in_kustomize() {
        let base = json!({
            "containers": [{ "name": "a", "image": "x" }, { "name": "b", "args": ["1", "2"] }],
            "strategy": { "type": "RollingUpdate", "rollingUpdate": { "maxSurge": 1 } },
        });
        let patch = json!({
            "containers": [{ "name": "b", "args": ["3"] }, { "name": "c", "stdin": null }],
            "strategy": { "$patch": "replace", "type": "Recreate" },
            "paused": null,
        });
        assert_eq!(
            spec(&base, &patch),
            json!({
                "containers": [{ "name": "b", "args": ["3"] }, { "name": "c" }, { "name": "a", "image": "x" }],
                "strategy": { "type": "Recreate" },
            })
        );
        let gone = json!({ "containers": [{ "name": "a", "$patch": "delete" }], "strategy": { "$patch": "delete" } });
        assert_eq!(spec(&base, &gone), json!({ "containers": [{ "name": "b", "args": ["1", "2"] }] }));
        let whole = json!({ "containers": [{ "$patch": "replace" }, { "name": "z" }], "strategy": null });
        assert_eq!(spec(&base, &whole), json!({ "containers": [{ "name": "z" }] }));
        assert_eq!(apply(&pod(&base), &json!({ "$patch": "delete" })), None);
    }

    #[test]
    fn ports_go_by_number_and_protocol() {
        let base =
            json!({ "ports": [{ "port": 80, "protocol": "TCP", "name": "a" }, { "port": 81, "name": "b" }] });
        let ports = |patch: Json| spec(&base, &json!({ "ports": [patch] }))["ports"].clone();
        assert_eq!(
            ports(json!({ "port": 80, "protocol": "TCP", "x": 1 })),
            json!([{ "port": 80, "protocol": "TCP", "name": "a", "x": 1 }, { "port": 81, "name": "b" }])
        );
        assert_eq!(ports(json!({ "port": 80, "name": "z" })), base["ports"], "one side has a protocol");
        assert_eq!(ports(json!({ "port": 80, "protocol": "UDP" }))[0]["protocol"], "UDP");
    }

    #[test]
    fn lists_of_a_kind_that_kustomize_does_not_know_are_replaced() {
        let route =
            json!({ "apiVersion": "acme.example/v1", "kind": "X", "spec": { "env": [{ "name": "a" }] } });
        let merged = apply(&route, &json!({ "spec": { "env": [{ "name": "b" }] } })).unwrap();
        assert_eq!(merged["spec"]["env"], json!([{ "name": "b" }]));
    }
}
