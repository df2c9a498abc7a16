//! Which words mean which environment, and environments that the platform does not have yet.

use std::collections::{BTreeMap, BTreeSet};

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

/// Words that things are named after as well: `load-test` may be what it does. Alone in the name of a branch they are asked for.
const AMBIGUOUS: &[&str] = &[
    "acc",
    "acceptance",
    "canary",
    "ci",
    "demo",
    "int",
    "integration",
    "live",
    "local",
    "performance",
    "playground",
    "preview",
    "quality",
    "test",
    "testing",
];

/// Further words in the names of branches, each with the word of [`FAMILIES`] that it stands for. Directories and files of these
/// names are mostly something else.
const OF_BRANCHES: &[(&str, Option<&str>)] = &[
    ("acc", Some("acceptance")),
    ("canary", None),
    ("ci", None),
    ("dr", None),
    ("int", Some("integration")),
    ("preview", None),
    ("stag", Some("staging")),
];

/// Not production, whatever it is called otherwise.
const NOT_PRODUCTION: &[&str] = &["nonprod", "nonproduction", "noprod", "notprod"];

/// What the words in the names of branches mean.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// By the word in lower case without anything between its parts: the environment, where it is known which.
    pub(super) words: BTreeMap<String, Option<String>>,
    /// Those that a thing is hardly named after.
    pub(super) plain: BTreeSet<String>,
    /// The environment of branches that say none.
    pub(super) usual: Option<String>,
}

/// Returns what the words in the names of branches mean, from those that were read in files and directories.
pub(super) fn names(words: &BTreeMap<String, String>, platform: &Platform, decisions: &Decisions) -> Names {
    let mut names = Names {
        usual: decisions.environment().or_else(|| usual(platform)).map(str::to_owned),
        ..Names::default()
    };
    let decided = |word: &str| decisions.words().keys().any(|known| joined(known) == joined(word));
    for (word, meaning) in OF_BRANCHES.iter().filter(|(word, _)| !decided(word)) {
        names.words.insert((*word).to_owned(), meaning.and_then(|meaning| words.get(meaning).cloned()));
    }
    for word in NOT_PRODUCTION.iter().filter(|word| !decided(word)) {
        let own = platform.environments.iter().map(|(name, _)| name).find(|own| joined(own) == *word);
        names.words.insert((*word).to_owned(), Some(own.unwrap_or("nonprod").to_owned()));
        names.plain.insert((*word).to_owned());
    }
    names.words.extend(words.iter().map(|(word, environment)| (joined(word), Some(environment.clone()))));
    let usual = FAMILIES.iter().flat_map(|(_, words)| *words).copied();
    let own = platform.environments.iter().map(|(name, _)| name);
    let plain = usual.chain(own).filter(|word| !AMBIGUOUS.contains(word)).map(joined);
    names.plain.extend(plain);
    names.plain.extend(decisions.words().keys().map(|word| joined(word)));
    names
}

/// Returns a word in lower case, without what stands between its parts.
pub(super) fn joined(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, '-' | '_' | '.')).map(|c| c.to_ascii_lowercase()).collect()
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
