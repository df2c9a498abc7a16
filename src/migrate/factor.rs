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
        if sides.iter().all(|side| is_same(side, sides[0])) && !is_own(path) {
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
        return in_order(&maps, path).unwrap_or_else(nothing_shared);
    }
    let told = |map: Object| (!map.is_empty()).then(|| Json::Object(map));
    (told(shared), own.into_iter().map(told).collect())
}

/// Keeps the order by writing at the top what the longest has, and in each what it has otherwise; nothing where that does not
/// bring all orders back.
fn in_order<'a>(maps: &[&'a Object], path: &mut Vec<&'a str>) -> Option<(Option<Json>, Vec<Option<Json>>)> {
    // The one with the most keys has an order for all of them.
    let longest = maps.iter().enumerate().max_by_key(|(index, map)| (map.len(), *index))?.1;
    let own: Option<Vec<Object>> = maps.iter().map(|map| over(longest, map, path)).collect();
    let told = |own: Object| (!own.is_empty()).then(|| Json::Object(own));
    Some((Some(Json::Object((*longest).clone())), own?.into_iter().map(told).collect()))
}

/// What makes one map of another when it is merged over it; nothing where that does not bring its order back.
pub(super) fn over<'a>(known: &Object, map: &'a Object, path: &mut Vec<&'a str>) -> Option<Object> {
    let mut differs = Object::new();
    for key in known.keys().filter(|key| !map.contains_key(*key)) {
        // No container is without its image.
        let gone: Vec<&str> = path.iter().copied().chain([key.as_str()]).collect();
        if is_own(&gone) {
            return None;
        }
        differs.insert(key.clone(), Json::Null);
    }
    for (key, value) in map {
        path.push(key);
        let own = match (known.get(key), value) {
            (Some(Json::Object(old)), Json::Object(new)) if !is_unit(path) => {
                over(old, new, path).map(|own| (!own.is_empty()).then(|| own.into()))
            }
            (old, _) => Some(Some(value.clone()).filter(|_| !old.is_some_and(|old| is_same(old, value)))),
        };
        path.pop();
        if let Some(own) = own? {
            differs.insert(key.clone(), own);
        }
    }
    (!is_ordered(path) || comes_back(known, &differs, map)).then_some(differs)
}

/// Tells whether merging brings the keys of a map back in their order.
fn comes_back(shared: &Object, own: &Object, map: &Object) -> bool {
    let kept = shared.keys().filter(|key| own.get(*key) != Some(&Json::Null));
    let added = own.iter().filter(|(key, value)| !value.is_null() && !shared.contains_key(*key));
    kept.chain(added.map(|(key, _)| key)).eq(map.keys())
}

/// Tells whether the order of keys is that of a list in the pods, by their path from a workload or a container.
pub(super) fn is_ordered(path: &[&str]) -> bool {
    matches_any(ORDERED, path)
}

/// Tells whether two values are the same, with the order of their keys: in a volume it is that of a list.
pub(super) fn is_same(one: &Json, other: &Json) -> bool {
    let (Json::Object(left), Json::Object(right)) = (one, other) else { return one == other };
    let mut pairs = left.iter().zip(right);
    left.len() == right.len() && pairs.all(|(one, other)| one.0 == other.0 && is_same(one.1, other.1))
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
    fn what_is_taken_out_is_named_at_any_depth() {
        let with = |first: &str, resources: Json| json!({"initContainers": {first: {}, "a": {"args": [], "resources": resources}}});
        let sides = [
            with("b", json!({"limits": {"cpu": "1"}})),
            json!({"initContainers": {"a": {"args": [], "resources": {"limits": {"memory": "1"}}}, "c": {}}}),
        ];
        // Two orders, and no shared one.
        assert_eq!(factor(&sides), (json!({}), sides.to_vec()));
        let one = json!({"initContainers": {"a": {"args": [], "resources": {"limits": {"memory": "1"}}}}});
        let (top, own) = factor(&[sides[0].clone(), one]);
        assert_eq!(top, sides[0]);
        let gone = json!({"b": null, "a": {"resources": {"limits": {"cpu": null, "memory": "1"}}}});
        assert_eq!(own, [json!({}), json!({"initContainers": gone})]);
    }

    #[test]
    fn units_are_never_taken_apart() {
        let secret = |key: &str| json!({"env": {"A": {"secret": "s", "key": key}}});
        let (top, own) = factor(&[secret("a"), secret("b")]);
        assert_eq!(top, json!({}));
        assert_eq!(own, [secret("a"), secret("b")]);
    }
}
