//! Objects against what came back.

use std::collections::BTreeSet;

use onramp::migrate::{Residue, normal, remove, stripped};
use serde_json::Value as Json;

/// The object as it must come back: without what is named as residue, and without `replicas` under an autoscaler.
pub(crate) fn expected(object: &Json, residue: &[Residue], scaled: bool) -> Json {
    let residue: Vec<&Residue> = residue.iter().filter(|part| part.object == object["kind"]).collect();
    let mut object = object.clone();
    if !residue.is_empty() {
        object = stripped(&object).object;
        let mut paths: Vec<&str> = residue.iter().map(|part| &*part.path).collect();
        // From the last to the first, so that indices stay true.
        let step = |step: &str| (step.parse::<usize>().ok(), step.to_owned());
        paths.sort_by_key(|path| path.split('/').map(step).collect::<Vec<_>>());
        paths.iter().rev().for_each(|path| remove(&mut object, path));
    }
    if scaled && object["kind"] != "HorizontalPodAutoscaler" {
        remove(&mut object, "/spec/replicas");
    }
    normal(&object).object
}

/// Names the first place where objects differ from those that came back, one too few or too many included. An object
/// without namespace is applied to the one of its overlay.
pub(crate) fn differences(expected: &[Json], built: &[Json]) -> Option<String> {
    let name = |object: &Json| {
        let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
        format!("{} {}", text(&object["kind"]), text(&object["metadata"]["name"]))
    };
    for object in expected {
        let Some(other) = built.iter().find(|other| name(other) == name(object)) else {
            return Some(format!("{} is missing", name(object)));
        };
        let mut other = normal(other).object;
        if object["metadata"]["namespace"].is_null() {
            remove(&mut other, "/metadata/namespace");
        }
        if let Some(difference) = difference(object, &other, "") {
            return Some(format!("{}: {difference}", name(object)));
        }
    }
    let more = built.iter().find(|other| expected.iter().all(|object| name(object) != name(other)));
    more.map(|object| format!("{} is one too many", name(object)))
}

fn difference(before: &Json, after: &Json, path: &str) -> Option<String> {
    match (before, after) {
        (Json::Object(one), Json::Object(other)) => {
            let keys: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
            keys.into_iter().find_map(|key| difference(&before[key], &after[key], &format!("{path}/{key}")))
        }
        (Json::Array(one), Json::Array(other)) if one.len() == other.len() => {
            let mut pairs = one.iter().zip(other).enumerate();
            pairs.find_map(|(index, (one, other))| difference(one, other, &format!("{path}/{index}")))
        }
        _ if before == after => None,
        _ => Some(format!("{path}: {before} became {after}")),
    }
}
