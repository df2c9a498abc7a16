//! Strategic-merge patches: what an overlay says so that a base object becomes another.
//!
//! The rules are Kustomize's (openapi merge keys of Kubernetes' built-in kinds). Two of them shape
//! what is written: a patch's list elements come first, in the patch's order, so a list that differs
//! is written whole, by key; and an arm of a union that goes needs its `null`.

use serde_json::{Map, Value as Json, json};

use crate::kustomize::merge_keys;
use crate::ordered;

/// Lists with keys of two fields, for which Kustomize's order follows a path of its own: they are
/// replaced as a whole, which it takes literally.
const REPLACED: &[&str] = &["ports", "topologySpreadConstraints"];

/// Returns the patch that turns the object `from` into `to`, or nothing where they are equal.
///
/// Both must be the same object: kind, API version and name.
pub(super) fn patch(from: &Json, to: &Json) -> Option<Json> {
    let mut patch = Map::new();
    for key in ["apiVersion", "kind"] {
        patch.insert(key.to_owned(), to[key].clone());
    }
    patch.insert("metadata".to_owned(), json!({ "name": to["metadata"]["name"] }));
    let (Json::Object(from), Json::Object(to)) = (from, to) else { return None };
    let changed = maps(from, to)?;
    for (key, value) in changed {
        match (patch.get_mut(&key), value) {
            (Some(Json::Object(known)), Json::Object(more)) => known.extend(more),
            (_, value) => drop(patch.insert(key, value)),
        }
    }
    Some(Json::Object(patch))
}

/// Returns the patch that removes an object.
pub(super) fn delete(object: &Json) -> Json {
    json!({
        "apiVersion": object["apiVersion"],
        "kind": object["kind"],
        "metadata": { "name": object["metadata"]["name"] },
        "$patch": "delete",
    })
}

fn maps(from: &Map<String, Json>, to: &Map<String, Json>) -> Option<Map<String, Json>> {
    let mut patch = Map::new();
    for (key, new) in to {
        match ordered::get(from, key) {
            None => drop(patch.insert(key.clone(), new.clone())),
            Some(old) if old == new => {}
            Some(old) => drop(patch.insert(key.clone(), value(key, old, new))),
        }
    }
    for key in from.keys().filter(|key| ordered::get(to, key).is_none()) {
        patch.insert(key.clone(), Json::Null);
    }
    (!patch.is_empty()).then_some(patch)
}

fn value(key: &str, old: &Json, new: &Json) -> Json {
    match (old, new) {
        // An empty map in a patch changes nothing, so emptying one is a replacement.
        (Json::Object(_), Json::Object(new)) if new.is_empty() => json!({ "$patch": "replace" }),
        (Json::Object(old), Json::Object(new)) => maps(old, new).map_or(Json::Null, Json::Object),
        (Json::Array(_), Json::Array(new)) if REPLACED.contains(&key) => {
            let mut list = vec![json!({ "$patch": "replace" })];
            list.extend(new.iter().cloned());
            Json::Array(list)
        }
        (Json::Array(old), Json::Array(new)) => match keys(key, old, new) {
            Some(keys) => Json::Array(keyed(keys, old, new)),
            None => Json::Array(new.clone()),
        },
        _ => new.clone(),
    }
}

/// Finds the merge keys of a list: those of its field name that every element has.
fn keys(field: &str, old: &[Json], new: &[Json]) -> Option<&'static [&'static str]> {
    let all = |key: &str| old.iter().chain(new).all(|item| item.get(key).is_some());
    merge_keys::of_pod_field(field).filter(|keys| keys.iter().all(|key| all(key)))
}

/// Writes a keyed list whole, in its final order, with what goes behind it.
fn keyed(keys: &[&str], old: &[Json], new: &[Json]) -> Vec<Json> {
    let same = |one: &Json, other: &Json| keys.iter().all(|key| one[key] == other[key]);
    let key_of = |item: &Json| -> Map<String, Json> {
        keys.iter().map(|key| ((*key).to_owned(), item[key].clone())).collect()
    };
    let mut patch: Vec<Json> = new
        .iter()
        .map(|item| match (old.iter().find(|old| same(old, item)), item) {
            (Some(Json::Object(old)), Json::Object(item_map)) => {
                let mut element = key_of(item);
                element.extend(maps(old, item_map).unwrap_or_default());
                Json::Object(element)
            }
            _ => item.clone(),
        })
        .collect();
    for gone in old.iter().filter(|old| !new.iter().any(|item| same(item, old))) {
        let mut element = key_of(gone);
        element.insert("$patch".to_owned(), "delete".into());
        patch.push(Json::Object(element));
    }
    patch
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pod(container: &Json) -> Json {
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "x" },
            "spec": { "template": { "spec": { "containers": [container] } } },
        })
    }

    fn container_patch(from: &Json, to: &Json) -> Json {
        patch(&pod(from), &pod(to)).unwrap()["spec"]["template"]["spec"]["containers"][0].clone()
    }

    #[test]
    fn equal_objects_need_no_patch() {
        let object = pod(&json!({ "name": "app" }));
        assert_eq!(patch(&object, &object), None);
    }

    #[test]
    fn env_is_written_whole_and_in_its_final_order() {
        let from = json!({ "name": "app", "env": [
            { "name": "A", "value": "1" }, { "name": "B", "value": "$(A)/x" }, { "name": "C", "value": "3" },
        ] });
        let to = json!({ "name": "app", "env": [
            { "name": "A", "value": "1" }, { "name": "B", "valueFrom": { "x": 1 } }, { "name": "D", "value": "4" },
        ] });
        assert_eq!(
            container_patch(&from, &to)["env"],
            json!([
                { "name": "A" },
                { "name": "B", "valueFrom": { "x": 1 }, "value": null },
                { "name": "D", "value": "4" },
                { "name": "C", "$patch": "delete" },
            ])
        );
    }

    #[test]
    fn the_arm_that_goes_gets_its_null() {
        let from =
            json!({ "name": "app", "readinessProbe": { "httpGet": { "port": 1 }, "periodSeconds": 5 } });
        let to =
            json!({ "name": "app", "readinessProbe": { "tcpSocket": { "port": 1 }, "periodSeconds": 5 } });
        assert_eq!(
            container_patch(&from, &to)["readinessProbe"],
            json!({ "tcpSocket": { "port": 1 }, "httpGet": null })
        );
    }

    #[test]
    fn lists_with_a_key_of_two_fields_are_replaced() {
        let constraint = |key: &str| json!({ "topologyKey": key, "whenUnsatisfiable": "ScheduleAnyway" });
        let from = json!({ "topologySpreadConstraints": [constraint("a"), constraint("b")] });
        let to = json!({ "topologySpreadConstraints": [constraint("b"), constraint("c")] });
        assert_eq!(
            value("spec", &from, &to)["topologySpreadConstraints"],
            json!([{ "$patch": "replace" }, constraint("b"), constraint("c")])
        );
    }

    #[test]
    fn lists_without_a_key_are_replaced() {
        let from = json!({ "name": "app", "args": ["a", "b"] });
        let to = json!({ "name": "app", "args": ["b"] });
        assert_eq!(container_patch(&from, &to)["args"], json!(["b"]));
    }
}
