//! Variables and volumes that workloads share although some of them lack a few, in whatever place.
//!
//! Where the lists of all workloads fit into one that has all their entries, it is shared, and `null` takes out of each what it
//! lacks: one line for what would be as many as all others behind it. Where many would have to be taken out it is not done.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json, json};

use super::{Object, alike};
use crate::migrate::factor::{factor, is_same};

/// The lists, by the key of a workload.
pub(super) const LISTS: &[&str] = &["env", "volumes"];

/// So many entries have to be spared for each that is taken out.
const WORTH: usize = 4;

/// No longer lists are fitted together, and no more of them: it takes as much time as the square of both.
const LONGEST: usize = 300;
const MOST: usize = 50;

/// What is shared of a list in each environment, where it is worth more than what all begin with.
pub(super) fn fitted(sides: &[Json], key: &'static str) -> Option<Vec<Option<Json>>> {
    let mut shared = Vec::with_capacity(sides.len());
    let mut gone: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let (mut said, mut written) = (0, 0);
    let mut cells = Vec::with_capacity(sides.len());
    for side in sides {
        let workloads = side["workloads"].as_object();
        let lists: Vec<(&str, &Json)> = workloads
            .into_iter()
            .flatten()
            .filter_map(|(name, words)| Some((name.as_str(), words.get(key)?)))
            .collect();
        if lists.len() > MOST || !lists.is_empty() && lists.len() != workloads.map_or(0, Map::len) {
            return None;
        }
        let maps: Option<Vec<&Object>> = lists.iter().map(|(_, list)| list.as_object()).collect();
        let maps = maps?;
        let all = whole(&maps)?;
        written += all.len();
        for ((name, _), map) in lists.iter().zip(&maps) {
            let lacks: BTreeSet<String> = all.keys().filter(|key| !map.contains_key(*key)).cloned().collect();
            written += lacks.len() * WORTH;
            said += map
                .iter()
                .filter(|(key, value)| all.get(*key).is_some_and(|known| is_same(known, value)))
                .count();
            // A `null` of one environment alone would bring back what another layer says.
            if gone.insert(name, lacks.clone()).is_some_and(|known| known != lacks) {
                return None;
            }
        }
        shared.push((!all.is_empty()).then(|| Json::Object(all)));
        cells.push(lists.into_iter().map(|(_, list)| list).collect::<Vec<_>>());
    }
    let begin = alike(&cells, &mut vec![key]);
    let by_first = |(cells, begin): (&Vec<&Json>, &Option<Json>)| {
        begin
            .as_ref()
            .and_then(Json::as_object)
            .map_or(0, |begin| begin.len() * cells.len().saturating_sub(1))
    };
    let otherwise: usize = cells.iter().zip(&begin).map(by_first).sum();
    // What the top of the file does not say cannot be taken out there.
    let layers: Vec<Json> =
        shared.iter().map(|list| json!({ key: list.clone().unwrap_or_else(|| json!({})) })).collect();
    let (top, _) = factor(&layers);
    let is_there = gone.values().flatten().all(|name| top[key].get(name).is_some());
    (is_there && said > written + otherwise).then_some(shared)
}

/// What a workload says over a list that is shared.
pub(super) fn beyond(list: &Object, shared: &Object) -> Object {
    let lacks = shared.keys().filter(|key| !list.contains_key(*key));
    let mut rest: Object = lacks.map(|key| (key.clone(), Json::Null)).collect();
    let own = list.iter().filter(|(key, value)| !shared.get(*key).is_some_and(|known| is_same(known, value)));
    rest.extend(own.map(|(key, value)| (key.clone(), value.clone())));
    rest
}

/// The list that all lists are parts of, up to the last entry that all have; nothing where two have other orders.
fn whole(maps: &[&Object]) -> Option<Object> {
    let mut keys: Vec<&str> = Vec::new();
    for map in maps {
        let mut next = 0;
        for key in map.keys() {
            match keys.iter().position(|known| known == key) {
                Some(at) if at < next => return None,
                Some(at) => next = at + 1,
                None => {
                    keys.insert(next, key);
                    next += 1;
                }
            }
        }
        if keys.len() > LONGEST {
            return None;
        }
    }
    let last = keys.iter().rposition(|key| maps.iter().all(|map| map.contains_key(*key)));
    keys.truncate(last.map_or(0, |last| last + 1));
    let value = |key: &str| {
        let values: Vec<&Json> = maps.iter().filter_map(|map| map.get(key)).collect();
        let alike = |value: &Json| values.iter().filter(|other| is_same(other, value)).count();
        // The first of those that most say.
        values.iter().rev().copied().max_by_key(|value| alike(value))
    };
    keys.iter().map(|key| Some(((*key).to_owned(), value(key)?.clone()))).collect()
}
