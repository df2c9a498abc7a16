//! What environments share, written once: the top of metadata.yaml, and what differs in each.
//!
//! The order of variables, ports, containers and volumes is that of lists in the pods, and another order restarts them. So
//! what is shared goes to the top only where merging brings every environment's own order back.

use serde_json::{Map, Value as Json};

use crate::metadata::{is_unit, matches_any};

type Object = Map<String, Json>;

/// Maps whose order is that of a list in the pods, seen from a workload or a container.
const ORDERED: &[&[&str]] = &[&["env"], &["ports"], &["volumes"], &["initContainers"], &["sidecars"]];

/// Keys that always stand in the environment, where a release finds them.
const OWN: &[&[&str]] = &[&["image"]];

/// Splits what holds in each environment into what holds in all, and what each says of its own.
pub(super) fn factor(sides: &[Json]) -> (Json, Vec<Json>) {
    let (shared, own) = split(&sides.iter().collect::<Vec<_>>(), &mut Vec::new());
    let objects = own.into_iter().map(|own| own.unwrap_or_else(|| Object::new().into()));
    (shared.unwrap_or_else(|| Object::new().into()), objects.collect())
}

/// What all have, and what each has beside it; nothing where there is nothing to say.
fn split<'a>(sides: &[&'a Json], path: &mut Vec<&'a str>) -> (Option<Json>, Vec<Option<Json>>) {
    let nothing_shared = || (None, sides.iter().map(|side| Some((*side).clone())).collect());
    let maps: Option<Vec<&'a Object>> = sides.iter().map(|side| side.as_object()).collect();
    let Some(maps) = maps.filter(|_| !is_unit(path)) else {
        if sides.iter().all(|side| *side == sides[0]) && !is_own(path) {
            return (Some(sides[0].clone()), vec![None; sides.len()]);
        }
        return nothing_shared();
    };
    let mut shared = Object::new();
    let mut own: Vec<Object> = vec![Object::new(); sides.len()];
    for (key, first) in maps[0] {
        let values: Option<Vec<&Json>> = maps.iter().map(|map| map.get(key)).collect();
        let Some(values) = values else { continue };
        path.push(key);
        let (common, rest) = split(&values, path);
        path.pop();
        // An empty map is said where all have it.
        let empty =
            first.as_object().is_some_and(Map::is_empty) && values.iter().all(|value| *value == first);
        if let Some(common) = common.or_else(|| empty.then(|| first.clone())) {
            shared.insert(key.clone(), common);
        }
        for (own, rest) in own.iter_mut().zip(rest) {
            if let Some(rest) = rest {
                own.insert(key.clone(), rest);
            }
        }
    }
    for (map, own) in maps.iter().zip(&mut own) {
        let mut ordered = Object::new();
        for (key, value) in *map {
            if let Some(rest) = own.shift_remove(key) {
                ordered.insert(key.clone(), rest);
            } else if !shared.contains_key(key) {
                ordered.insert(key.clone(), value.clone());
            }
        }
        *own = ordered;
    }
    if is_ordered(path) && !maps.iter().zip(&own).all(|(map, own)| comes_back(&shared, own, map)) {
        return in_order(sides, &maps).unwrap_or_else(nothing_shared);
    }
    let told = |map: Object| (!map.is_empty()).then(|| Json::Object(map));
    (told(shared), own.into_iter().map(told).collect())
}

/// Keeps the order by writing at the top what the last environment has, and in each what it has otherwise; nothing where
/// that does not bring all orders back.
fn in_order(sides: &[&Json], maps: &[&Object]) -> Option<(Option<Json>, Vec<Option<Json>>)> {
    // The one with the most keys has an order for all of them.
    let (at, longest) = maps.iter().enumerate().max_by_key(|(index, map)| (map.len(), *index))?;
    let mut own = Vec::with_capacity(sides.len());
    for (index, map) in maps.iter().enumerate() {
        let mut differs = Object::new();
        for key in longest.keys().filter(|key| !map.contains_key(*key)) {
            differs.insert(key.clone(), Json::Null);
        }
        for (key, value) in map.iter().filter(|(key, value)| longest.get(*key) != Some(*value)) {
            // What is no unit would be merged into what the top says.
            if value.is_object() && longest.get(key).is_some_and(Json::is_object) {
                let known = longest.get(key).and_then(Json::as_object)?;
                let gone = known.keys().filter(|old| value.get(old.as_str()).is_none());
                let mut value = value.as_object()?.clone();
                for old in gone {
                    value.insert(old.clone(), Json::Null);
                }
                differs.insert(key.clone(), value.into());
            } else {
                differs.insert(key.clone(), value.clone());
            }
        }
        if index != at && !comes_back(longest, &differs, map) {
            return None;
        }
        own.push((!differs.is_empty()).then(|| Json::Object(differs)));
    }
    Some((Some(Json::Object((*longest).clone())), own))
}

/// Tells whether merging brings the keys of a map back in their order.
fn comes_back(shared: &Object, own: &Object, map: &Object) -> bool {
    let kept = shared.keys().filter(|key| own.get(*key) != Some(&Json::Null));
    let added = own.iter().filter(|(key, value)| !value.is_null() && !shared.contains_key(*key));
    kept.chain(added.map(|(key, _)| key)).eq(map.keys())
}

fn is_ordered(path: &[&str]) -> bool {
    matches_any(ORDERED, path)
}

fn is_own(path: &[&str]) -> bool {
    matches_any(OWN, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_all_say_stands_at_the_top_and_the_image_never() {
        let (top, own) = factor(&[
            json!({"image": "a:1", "resources": {"limits": {"cpu": "1", "memory": "1Gi"}}, "replicas": 1, "podLabels": {"a": "b"}}),
            json!({"image": "a:1", "resources": {"limits": {"cpu": "2", "memory": "1Gi"}}, "replicas": 1}),
        ]);
        assert_eq!(top, json!({"resources": {"limits": {"memory": "1Gi"}}, "replicas": 1}));
        assert_eq!(
            own[0],
            json!({"image": "a:1", "resources": {"limits": {"cpu": "1"}}, "podLabels": {"a": "b"}})
        );
        assert_eq!(own[1], json!({"image": "a:1", "resources": {"limits": {"cpu": "2"}}}));
    }

    #[test]
    fn variables_keep_their_order() {
        // What only one has stands last there: the others go to the top.
        let (top, own) =
            factor(&[json!({"env": {"A": "1", "B": "2"}}), json!({"env": {"A": "1", "B": "2", "C": "3"}})]);
        assert_eq!(top, json!({"env": {"A": "1", "B": "2"}}));
        assert_eq!(own, [json!({}), json!({"env": {"C": "3"}})]);
        // It stands first: the longer one is the order, and the other takes out what it lacks.
        let (top, own) =
            factor(&[json!({"env": {"A": "1", "B": "2"}}), json!({"env": {"C": "3", "A": "1", "B": "4"}})]);
        assert_eq!(top, json!({"env": {"C": "3", "A": "1", "B": "4"}}));
        assert_eq!(own, [json!({"env": {"C": null, "B": "2"}}), json!({})]);
        // Two orders have nothing in common.
        let (top, own) =
            factor(&[json!({"env": {"A": "1", "B": "2"}}), json!({"env": {"B": "2", "A": "1"}})]);
        assert_eq!(top, json!({}));
        assert_eq!(own, [json!({"env": {"A": "1", "B": "2"}}), json!({"env": {"B": "2", "A": "1"}})]);
    }

    #[test]
    fn units_are_never_taken_apart() {
        let secret = |key: &str| json!({"env": {"A": {"secret": "s", "key": key}}});
        let (top, own) = factor(&[secret("a"), secret("b")]);
        assert_eq!(top, json!({}));
        assert_eq!(own, [secret("a"), secret("b")]);
    }
}
