//! What the workloads of an API share, written once: beside `workloads`, where it holds for all of them.
//!
//! What stands there is weaker than what a workload says of itself, wherever either is written. So a key is shared where in
//! each environment all workloads say it or none does, and more than half say it alike; the others say theirs over it, where
//! that takes no `null`. As with environments, what is a list in the pods keeps its order: of it only what all begin with is
//! shared, or the whole where few lack little of it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};

use super::factor::{is_ordered, is_same, over};
use crate::metadata::{holds_for_all, is_unit, matches_any};

mod lists;

use lists::{LISTS, beyond, fitted};

type Object = Map<String, Json>;

/// The same place of the workloads of each environment. Of one environment all of them have it, or there are none.
type Cells<'a, T> = [Vec<&'a T>];

/// Paths whose value is shared whole, or not at all, since people read it as one thing.
const WHOLE: &[&[&str]] = &[
    &["probes", "*"],
    &["resources"],
    &["serviceAccount"],
    &["service", "*"],
    &["pod", "*"],
    &["container", "*"],
    &["spec", "*"],
    &["job", "*"],
];

/// Keys that make a workload the one that it is: what most say of these says nothing of the others, and a release of the image
/// at the top would be one of some of them.
const OWN: &[&[&str]] = &[
    &["image"],
    &["kind"],
    &["schedule"],
    &["command"],
    &["args"],
    &["replicas"],
    &["autoscaling"],
    &["service", "*"],
];

/// How often orders of several environments are held against each other before nothing is shared.
const ROUNDS: usize = 100;

/// Takes what the workloads of each environment share out of them, and writes it beside them. Tells whether they share anything.
pub(super) fn lift(sides: &mut [Json]) -> bool {
    let workloads = |side| -> Vec<&Json> {
        let all = Json::get(side, "workloads").and_then(Json::as_object);
        all.into_iter().flat_map(Map::values).collect()
    };
    let cells: Vec<Vec<&Json>> = sides.iter().map(workloads).collect();
    let mut shared = alike(&cells, &mut Vec::new());
    for key in LISTS {
        for (shared, list) in shared.iter_mut().zip(fitted(sides, key).into_iter().flatten()) {
            let shared = shared.get_or_insert_with(|| Object::new().into());
            if let (Some(shared), Some(list)) = (shared.as_object_mut(), list) {
                shared.insert((*key).to_owned(), list);
            }
        }
    }
    if shared.iter().all(Option::is_none) {
        return false;
    }
    for (side, shared) in sides.iter_mut().zip(shared) {
        let (Some(side), Some(Json::Object(shared))) = (side.as_object_mut(), shared) else { continue };
        let workloads = side.get_mut("workloads").and_then(Json::as_object_mut);
        for words in workloads.into_iter().flat_map(Map::values_mut) {
            if let Some(words) = words.as_object_mut() {
                *words = without(words, &shared, &mut Vec::new());
            }
        }
        side.extend(shared);
    }
    true
}

/// What all workloads of each environment say alike at a place; nothing where that is nothing.
fn alike<'a>(cells: &Cells<'a, Json>, path: &mut Vec<&'a str>) -> Vec<Option<Json>> {
    let maps: Option<Vec<Vec<&Object>>> =
        cells.iter().map(|here| here.iter().map(|cell| cell.as_object()).collect()).collect();
    let Some(maps) = maps.filter(|_| !is_whole(path)) else {
        let common: Vec<Option<&Json>> = cells.iter().map(|here| common(here, path)).collect();
        let agreed = cells.iter().zip(&common).all(|(here, common)| here.is_empty() || common.is_some());
        return common.into_iter().map(|common| common.filter(|_| agreed).cloned()).collect();
    };
    let mut shared = vec![Object::new(); cells.len()];
    let is_top = path.is_empty();
    for key in keys(&maps).into_iter().filter(|key| !is_top || holds_for_all(key)) {
        let Some(values) = at(&maps, key) else { continue };
        path.push(key);
        let parts = alike(&values, path);
        path.pop();
        for (shared, part) in shared.iter_mut().zip(parts) {
            if let Some(part) = part {
                shared.insert(key.to_owned(), part);
            }
        }
    }
    if is_ordered(path) {
        beginnings(&maps, &mut shared);
    }
    shared.into_iter().map(|map| (!map.is_empty()).then(|| map.into())).collect()
}

/// What most workloads of an environment say at a place, where the others can say theirs over it.
fn common<'a>(here: &[&'a Json], path: &mut Vec<&'a str>) -> Option<&'a Json> {
    // Of what more than half say something is left when each pair that differs is taken away.
    let mut most = *here.first()?;
    let mut left = 0_usize;
    for cell in here.iter().copied() {
        match is_same(cell, most) {
            true => left += 1,
            false if left == 0 => (most, left) = (cell, 1),
            false => left -= 1,
        }
    }
    let least = if matches_any(OWN, path) { here.len() } else { here.len() / 2 + 1 };
    if here.iter().filter(|cell| is_same(cell, most)).count() < least {
        return None;
    }
    let mut fits =
        |cell: &'a Json| is_same(most, cell) || beside(most, cell, path).is_some_and(|own| !has_null(&own));
    here.iter().all(|cell| fits(cell)).then_some(most)
}

/// What a workload says over what is shared, where it says something else; nothing where the order is lost.
fn beside<'a>(known: &Json, cell: &'a Json, path: &mut Vec<&'a str>) -> Option<Json> {
    match (known, cell) {
        (Json::Object(known), Json::Object(cell)) if !is_unit(path) => {
            over(known, cell, path).map(Json::Object)
        }
        _ => Some(cell.clone()),
    }
}

fn has_null(own: &Json) -> bool {
    own.is_null() || own.as_object().is_some_and(|map| map.values().any(has_null))
}

/// All keys, each once, in the order in which they are met.
fn keys<'a>(maps: &Cells<'a, Object>) -> Vec<&'a str> {
    let mut seen = BTreeSet::new();
    let each = maps.iter().flatten().flat_map(|map| map.keys());
    each.map(String::as_str).filter(|key| seen.insert(*key)).collect()
}

/// What stands behind a key; nothing where workloads of one environment have it and others do not, or where it is in
/// no two of one environment.
fn at<'a>(maps: &Cells<'a, Object>, key: &str) -> Option<Vec<Vec<&'a Json>>> {
    let values =
        |here: &Vec<&'a Object>| -> Vec<&'a Json> { here.iter().filter_map(|map| map.get(key)).collect() };
    let found: Vec<Vec<&Json>> = maps.iter().map(values).collect();
    let agreed = maps.iter().zip(&found).all(|(maps, found)| found.is_empty() || found.len() == maps.len());
    (agreed && found.iter().any(|found| found.len() > 1)).then_some(found)
}

/// Keeps of what is shared what all maps begin with in one order, and puts it in that order: what is shared comes first
/// when it is merged.
fn beginnings(maps: &Cells<'_, Object>, shared: &mut [Object]) {
    // Each round takes away what another environment has to do without, and few have to.
    for _ in 0..ROUNDS {
        let begin: Vec<BTreeMap<&String, usize>> =
            maps.iter().zip(&*shared).map(|(maps, shared)| beginning(maps, shared)).collect();
        let is_late = |key: &String| {
            let mut each = maps.iter().zip(&begin);
            each.any(|(maps, begin)| {
                maps.first().is_some_and(|map| map.contains_key(key)) && !begin.contains_key(key)
            })
        };
        let late: BTreeSet<String> =
            shared.iter().flat_map(Map::keys).filter(|key| is_late(key)).cloned().collect();
        if late.is_empty() {
            for (shared, begin) in shared.iter_mut().zip(begin) {
                let mut entries: Vec<(String, Json)> = std::mem::take(shared).into_iter().collect();
                entries.sort_by_key(|(key, _)| begin.get(key).copied());
                shared.extend(entries);
            }
            return;
        }
        for shared in &mut *shared {
            shared.retain(|key, _| !late.contains(key));
        }
    }
    shared.fill(Object::new());
}

/// The shared keys that all maps begin with, each with its place.
fn beginning<'a>(maps: &[&'a Object], shared: &Object) -> BTreeMap<&'a String, usize> {
    let Some((first, rest)) = maps.split_first() else { return BTreeMap::new() };
    let alike = |map: &&Object| first.keys().zip(map.keys()).take_while(|(one, other)| one == other).count();
    let most = rest.iter().map(alike).min().unwrap_or(first.len());
    let keys = first.keys().take(most).take_while(|key| shared.contains_key(*key));
    keys.enumerate().map(|(place, key)| (key, place)).collect()
}

/// Returns what a map says beside what is shared.
fn without<'a>(map: &'a Object, shared: &Object, path: &mut Vec<&'a str>) -> Object {
    let mut rest = Object::new();
    for (key, value) in map {
        let Some(known) = shared.get(key) else {
            rest.insert(key.clone(), value.clone());
            continue;
        };
        path.push(key);
        let own = match (known, value) {
            (Json::Object(known), Json::Object(value))
                if path.len() == 1 && LISTS.contains(&key.as_str()) =>
            {
                Some(beyond(value, known)).filter(|own| !own.is_empty()).map(Json::Object)
            }
            (Json::Object(known), Json::Object(value)) if !is_whole(path) => {
                Some(without(value, known, path)).filter(|own| !own.is_empty()).map(Json::Object)
            }
            _ if is_same(known, value) => None,
            _ => beside(known, value, path),
        };
        path.pop();
        if let Some(own) = own {
            rest.insert(key.clone(), own);
        }
    }
    rest
}

fn is_whole(path: &[&str]) -> bool {
    is_unit(path) || matches_any(WHOLE, path)
}

#[cfg(test)]
mod tests;
