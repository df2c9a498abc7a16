//! Which branches are one API: `shop-stage` and `shop-prod` are.

use std::collections::{BTreeMap, BTreeSet};

use super::decisions::Decisions;
use crate::legacy::Reference;

/// The branches of an API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    /// The name of the API.
    pub(super) name: String,
    /// Its branches by index, with the environment that the branch's name says.
    pub(super) parts: Vec<(usize, Option<String>)>,
}

/// The longest name of an API that the schema takes.
const MAX_NAME: usize = 50;

/// Sorts branches into APIs by their names. What `patterns` say before their first wildcard is no part of a name.
pub(super) fn groups(
    branches: &[Reference],
    patterns: &[String],
    words: &BTreeMap<String, String>,
    decisions: &Decisions,
) -> Vec<Group> {
    let stems: Vec<&str> = branches.iter().map(|branch| stem(&branch.name, patterns)).collect();
    let parted: Vec<Option<Parted<'_>>> = stems.iter().map(|stem| environment(stem, words)).collect();
    // A word is no part of the name where siblings have others.
    let mut siblings: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for part in parted.iter().flatten() {
        siblings.entry(&part.rest).or_default().insert(part.environment);
    }
    for stem in &stems {
        if let Some(known) = siblings.get_mut(stem) {
            known.insert("");
        }
    }
    let mut groups: BTreeMap<String, Vec<(usize, Option<String>)>> = BTreeMap::new();
    for (index, stem) in stems.iter().enumerate() {
        let decided = decisions.branch(&branches[index].name);
        let part = parted[index].as_ref();
        let shared = part.filter(|part| siblings[part.rest.as_str()].len() > 1);
        let name = decided.and_then(|decided| decided.api.clone());
        let name = name.unwrap_or_else(|| api_name(shared.map_or(stem, |part| &part.rest)));
        // Alone, `test` may be what the thing does.
        let meant = part.filter(|part| shared.is_some() || part.is_plain);
        let environment = decided.and_then(|decided| decided.environment.clone());
        let environment = environment.or_else(|| meant.map(|part| part.environment.to_owned()));
        groups.entry(name).or_default().push((index, environment));
    }
    let mut result: Vec<Group> = Vec::new();
    for (name, parts) in groups {
        // Two branches of other names that come to one name are two APIs, unless they are its environments.
        let environments: BTreeSet<&Option<String>> =
            parts.iter().map(|(_, environment)| environment).collect();
        let decided = parts.iter().all(|(index, _)| {
            decisions.branch(&branches[*index].name).is_some_and(|decided| decided.api.is_some())
        });
        if parts.len() == 1 || environments.len() == parts.len() || decided {
            result.push(Group { name, parts });
            continue;
        }
        for (number, part) in parts.into_iter().enumerate() {
            let name = if number == 0 { name.clone() } else { format!("{}-{}", cut(&name, 46), number + 1) };
            result.push(Group { name, parts: vec![part] });
        }
    }
    result
}

/// Returns what a pattern leaves open of a branch's name.
fn stem<'a>(name: &'a str, patterns: &[String]) -> &'a str {
    for pattern in patterns {
        let fixed = pattern.split(['*', '?', '[', '{']).next().unwrap_or_default();
        let Some((directory, _)) = fixed.rsplit_once('/') else { continue };
        let below = |name: &'a str| name.strip_prefix(directory)?.strip_prefix('/');
        // `origin/legacy/shop` is found by `legacy/*` too.
        let found = below(name).or_else(|| below(name.split_once('/')?.1));
        if let Some(found) = found.filter(|found| !found.is_empty()) {
            return found;
        }
    }
    name
}

/// A name with a word for an environment.
struct Parted<'a> {
    /// The name without the word.
    rest: String,
    environment: &'a str,
    /// Whether the word means nothing else.
    is_plain: bool,
}

/// Words that a thing is hardly named after.
const PLAIN: &[&str] = &["prod", "production", "prd", "stage", "staging", "stg", "preprod", "uat"];

/// Finds a word for an environment at the end or start of a name.
fn environment<'a>(stem: &str, words: &'a BTreeMap<String, String>) -> Option<Parted<'a>> {
    let is_edge = |c: char| matches!(c, '-' | '_' | '.' | '/');
    for (word, environment) in words {
        let lower = stem.to_ascii_lowercase();
        let rest = lower.strip_suffix(word.as_str()).and_then(|rest| rest.strip_suffix(is_edge));
        let rest = rest.or_else(|| lower.strip_prefix(word.as_str())?.strip_prefix(is_edge));
        if let Some(rest) = rest.map(|rest| rest.trim_matches(is_edge)).filter(|rest| !rest.is_empty()) {
            let is_plain = PLAIN.contains(&word.as_str());
            return Some(Parted { rest: rest.to_owned(), environment, is_plain });
        }
    }
    None
}

/// Returns a name that an API may have.
pub(super) fn api_name(text: &str) -> String {
    let mut name = String::new();
    for c in text.chars() {
        match c {
            c if c.is_ascii_alphanumeric() => name.push(c.to_ascii_lowercase()),
            _ if name.is_empty() || name.ends_with('-') => {}
            _ => name.push('-'),
        }
    }
    let name = name.trim_matches('-');
    let name = if name.starts_with(|c: char| c.is_ascii_lowercase()) {
        name.to_owned()
    } else {
        format!("api-{name}")
    };
    cut(&name, MAX_NAME).to_owned()
}

/// Cuts a name of ASCII off without a hyphen at its end.
fn cut(name: &str, most: usize) -> &str {
    name[..name.len().min(most)].trim_end_matches('-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::ObjectId;

    fn grouped(names: &[&str]) -> Vec<String> {
        let words = [("prod", "prod"), ("production", "prod"), ("stage", "staging"), ("test", "test")];
        let words = words.map(|(word, environment)| (word.to_owned(), environment.to_owned())).into();
        let commit = ObjectId::from_hex(&"1".repeat(40)).expect("an id");
        let branches: Vec<Reference> =
            names.iter().map(|name| Reference { name: (*name).to_owned(), commit }).collect();
        let groups = groups(&branches, &["legacy/*".to_owned()], &words, &Decisions::default());
        let show = |(index, environment): &(usize, Option<String>)| {
            format!("{}={}", names[*index], environment.as_deref().unwrap_or("-"))
        };
        let line = |group: &Group| {
            format!("{}: {}", group.name, group.parts.iter().map(show).collect::<Vec<_>>().join(" "))
        };
        groups.iter().map(line).collect()
    }

    #[test]
    fn branches_of_several_environments_are_one_api() {
        assert_eq!(
            grouped(&[
                "legacy/shop-stage",
                "legacy/shop-prod",
                "origin/legacy/cart",
                "legacy/cart-production"
            ]),
            [
                "cart: origin/legacy/cart=- legacy/cart-production=prod",
                "shop: legacy/shop-stage=staging legacy/shop-prod=prod"
            ]
        );
    }

    #[test]
    fn a_word_alone_stays_in_the_name() {
        assert_eq!(
            grouped(&["legacy/load-test", "legacy/Team_A--Mail.Prod"]),
            ["load-test: legacy/load-test=-", "team-a-mail-prod: legacy/Team_A--Mail.Prod=prod"]
        );
    }

    #[test]
    fn other_branches_of_one_name_are_apis_of_their_own() {
        assert_eq!(
            grouped(&["legacy/a_b", "legacy/a-b", "legacy/1st"]),
            ["a-b: legacy/a_b=-", "a-b-2: legacy/a-b=-", "api-1st: legacy/1st=-"]
        );
    }
}
