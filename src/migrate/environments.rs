//! Which words mean which environment, and environments that the platform does not have yet.

use std::collections::BTreeMap;

use super::decisions::Decisions;
use crate::edit;
use crate::legacy::Settings;
use crate::platform::Platform;

/// Words that mean the same, by what an environment is called where the platform has none of them; in promotion order.
const FAMILIES: &[(&str, &[&str])] = &[
    ("local", &["local"]),
    ("sandbox", &["sandbox", "sbx", "playground"]),
    ("dev", &["dev", "develop", "development", "devel", "desa", "desarrollo"]),
    ("integration", &["integration"]),
    ("test", &["test", "tst", "testing"]),
    ("qa", &["qa", "quality"]),
    ("demo", &["demo"]),
    ("uat", &["uat", "acceptance"]),
    ("homolog", &["homolog", "hml", "homologacao", "homologation"]),
    ("perf", &["perf", "performance"]),
    ("staging", &["staging", "stage", "stg"]),
    ("preprod", &["preprod", "pre-prod", "preproduction", "pre-production", "prelive"]),
    ("prod", &["prod", "production", "prd", "live"]),
];

/// Returns the environment that each word means: the platform's own names, usual words for them, and what was decided.
pub(super) fn words(platform: &Platform, decisions: &Decisions) -> BTreeMap<String, String> {
    let mut words = BTreeMap::new();
    for (name, family) in FAMILIES {
        let own = platform.environments.iter().map(|(name, _)| name).find(|own| family.contains(own));
        for word in *family {
            words.insert((*word).to_owned(), own.unwrap_or(name).to_owned());
        }
    }
    for (name, _) in platform.environments.iter() {
        words.insert(name.to_ascii_lowercase(), name.to_owned());
    }
    for (word, decided) in decisions.words() {
        match decided {
            Some(environment) => drop(words.insert(word.to_ascii_lowercase(), environment.clone())),
            None => drop(words.remove(&word.to_ascii_lowercase())),
        }
    }
    words
}

/// Returns how branches are read, with these texts for variables.
pub(super) fn settings(
    words: &BTreeMap<String, String>,
    decisions: &Decisions,
    values: BTreeMap<String, String>,
) -> Settings {
    let none = decisions.words().iter().filter(|(_, decided)| decided.is_none());
    let no_words = none.map(|(word, _)| word.to_ascii_lowercase()).collect();
    Settings { words: words.clone(), no_words, values }
}

/// Returns the environment of branches that say none: production, where the platform has it.
pub(super) fn usual(platform: &Platform) -> Option<&str> {
    let names: Vec<&str> = platform.environments.iter().map(|(name, _)| name).collect();
    let is_production =
        |name: &&str| FAMILIES.iter().any(|(family, words)| *family == "prod" && words.contains(name));
    names.iter().find(|name| is_production(name)).or(names.last()).copied()
}

/// Adds environments to the text of platform.yaml, each behind the one that it is promoted from. Returns the text and the
/// names in the order in which they were added.
///
/// # Errors
/// Says which one cannot be added, and why.
pub(super) fn add(
    text: &str,
    platform: &Platform,
    wanted: &[String],
) -> Result<(String, Vec<String>), String> {
    let rank =
        |name: &str| FAMILIES.iter().position(|(_, family)| family.contains(&name)).unwrap_or(FAMILIES.len());
    let mut known: Vec<String> = platform.environments.iter().map(|(name, _)| name.to_owned()).collect();
    let mut missing: Vec<String> = wanted.iter().filter(|name| !known.contains(name)).cloned().collect();
    missing.sort_by_key(|name| rank(name));
    missing.dedup();
    let mut text = text.to_owned();
    for name in &missing {
        let before: Vec<&str> =
            known.iter().rev().map(String::as_str).filter(|other| rank(other) < rank(name)).collect();
        let namespace = format!("{{name}}-{name}");
        text = edit::set_at(&text, &["environments", name, "namespace"], &namespace, &before).map_err(
            |refusal| format!("`{name}` cannot be added to `environments` of platform.yaml, since {refusal}"),
        )?;
        let at = before.first().and_then(|first| known.iter().position(|other| other == first));
        known.insert(at.map_or(0, |at| at + 1), name.clone());
    }
    Ok((text, missing))
}
