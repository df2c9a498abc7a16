//! Which workloads of several environments are the same one, and what it is called in metadata.yaml.

use std::collections::{BTreeMap, BTreeSet};

use super::family::{Family, text};

/// A workload over all environments.
#[derive(Debug)]
pub(super) struct Slot {
    /// Its key under `workloads`.
    pub(super) key: String,
    /// Where it stands among the members of each environment.
    pub(super) members: Vec<Option<usize>>,
}

/// A workload by its name and kind, and where it stands among the members of each environment.
type Found<'a> = ((String, &'a str), Vec<Option<usize>>);

/// Finds the workloads of an API: those of one kind whose names differ by words for environments are one.
pub(super) fn slots(families: &[&Family<'_>], words: &BTreeMap<String, String>) -> Vec<Slot> {
    let neutral = |name: &str| {
        let parts: Vec<&str> = name.split('-').filter(|part| !words.contains_key(*part)).collect();
        if parts.is_empty() { name.to_owned() } else { parts.join("-") }
    };
    let sorted_by = |neutral: &dyn Fn(&str) -> String| {
        let mut slots: Vec<Found<'_>> = Vec::new();
        let mut unique = true;
        for (side, family) in families.iter().enumerate() {
            for (at, member) in family.members.iter().enumerate() {
                let json = &member.workload.found.json;
                let key = (neutral(text(json, "/metadata/name")), text(json, "/kind"));
                let known = slots.iter().position(|(known, _)| *known == key);
                let slot = known.unwrap_or_else(|| {
                    slots.push((key, vec![None; families.len()]));
                    slots.len() - 1
                });
                unique &= slots[slot].1[side].replace(at).is_none();
            }
        }
        unique.then_some(slots)
    };
    // Two of one environment that only such a word tells apart are two.
    let slots = sorted_by(&neutral).or_else(|| sorted_by(&str::to_owned)).unwrap_or_default();
    let names: Vec<&str> = slots.iter().map(|((name, _), _)| name.as_str()).collect();
    let short = without_prefix(&names);
    let mut taken = BTreeSet::new();
    let keys: Vec<String> = slots
        .iter()
        .zip(&short)
        .map(|(((_, kind), _), name)| {
            let word = word(name);
            let mut tries = std::iter::once(word.clone())
                .chain([format!("{word}-{}", kind.to_ascii_lowercase())])
                .chain((2..).map(|number| format!("{word}-{number}")));
            let free = tries.find(|word| !taken.contains(word)).unwrap_or_default();
            taken.insert(free.clone());
            free
        })
        .collect();
    slots.into_iter().zip(keys).map(|((_, members), key)| Slot { key, members }).collect()
}

/// Takes off what all names start with, where something is left of each.
fn without_prefix<'a>(names: &[&'a str]) -> Vec<&'a str> {
    let Some((first, rest)) = names.split_first().filter(|(_, rest)| !rest.is_empty()) else {
        return names.to_vec();
    };
    let ends = first.match_indices('-').map(|(at, _)| at + 1);
    let shared =
        ends.filter(|end| rest.iter().all(|name| name.starts_with(&first[..*end]))).max().unwrap_or(0);
    let is_word = |name: &&str| name[shared..].starts_with(|c: char| c.is_ascii_alphabetic());
    let shared = if names.iter().all(is_word) { shared } else { 0 };
    names.iter().map(|name| &name[shared..]).collect()
}

/// Returns a name that a workload may have.
fn word(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let name: String = name.chars().map(plain).take(40).collect();
    let name = name.trim_matches('-');
    if name.starts_with(|c: char| c.is_ascii_lowercase()) { name.to_owned() } else { format!("w-{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_beginnings_go_where_a_word_is_left() {
        assert_eq!(without_prefix(&["shop-web", "shop-worker"]), ["web", "worker"]);
        assert_eq!(without_prefix(&["shop", "shop-worker"]), ["shop", "shop-worker"]);
        assert_eq!(without_prefix(&["a-1", "a-b"]), ["a-1", "a-b"]);
        assert_eq!(without_prefix(&["shop-web"]), ["shop-web"]);
        assert_eq!(word("Sir_Robin."), "sir-robin");
        assert_eq!(word("9lives"), "w-9lives");
    }
}
