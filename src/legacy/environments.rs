//! Which environments a place in a branch speaks for: the marks in its path, and what it means to have none.
//!
//! The rules, the first that fits:
//! 1. a directory is a word for an environment: `overlays/prod/app.yaml`;
//! 2. a file is called by one: `production.yml`;
//! 3. a part of the file's name is one, `deployment-dev.yml`, and either a file beside it is called the same without the
//!    word, or with that of another environment; or the word means nothing else (`prod`, `staging`) and stands first or last;
//! 4. a part of a directory's name is one, `k8s-dev/`, and a directory beside it is called the same with another;
//! 5. a directory beside those of environments runs the same: next to `overlays/dev/` and `overlays/prod/` is `overlays/acme/` one
//!    of a name that nobody could know.
//!
//! What has no mark is for all environments of the branch. Where something with a mark stands beside it that is called the
//! same otherwise, it is the default: for the environments that have nothing of their own, and for the unnamed one.

use std::collections::{BTreeMap, BTreeSet};

use super::tree::{split, stem};

/// Words that are part of a name for no other reason than to say an environment.
const STRONG: [&str; 8] =
    ["prod", "production", "prd", "staging", "stage", "stg", "preprod", "preproduction"];

/// What turns the word behind it around, as in `non-prod`.
const NEGATIONS: [&str; 5] = ["no", "non", "not", "pre", "post"];

/// The longest name that is looked at, in bytes: no file system takes a longer one.
const MAX_NAME: usize = 255;

/// How many words of a name count.
const MAX_WORDS: usize = 4;

/// How many parts of a name one word may have: `pre-prod-eu` has three.
const MAX_PARTS: usize = 3;

/// Something that is applied as a whole, or not at all.
#[derive(Clone, Debug, Default)]
pub(super) struct Place<'a> {
    /// The path of its file, or of its directory where it is a kustomization.
    pub(super) path: &'a str,
    /// Whether it is a directory.
    pub(super) is_directory: bool,
    /// Its environment, where more than the path told it.
    pub(super) told: Option<String>,
    /// The environments of what stands for the same beside it, where more than the path told that.
    pub(super) beside: BTreeSet<String>,
    /// What it runs: kinds and names of workloads, without what a kustomization puts around them.
    pub(super) runs: BTreeSet<String>,
}

/// What the places of a branch speak for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Spread {
    /// The environments of each place.
    pub(super) of: Vec<BTreeSet<Option<String>>>,
    /// Whether it has a mark.
    pub(super) marked: Vec<bool>,
}

/// A mark, and what the place would be called without it.
struct Mark {
    environment: String,
    without: Option<String>,
}

/// A word in a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word<'a> {
    /// The environment that it means.
    pub(super) environment: &'a str,
    /// The name without it, in lower case, with `-` between its parts.
    pub(super) rest: String,
    /// Whether it means nothing else.
    strong: bool,
    /// Whether it stands first or last.
    outer: bool,
    /// Which parts of the name it is.
    parts: (usize, usize),
}

/// Words that mean environments.
pub(super) type Words = BTreeMap<String, String>;

/// Says which environments each place speaks for. Words in `none` are names of none, in whatever company they are.
pub(super) fn spread(places: &[Place<'_>], words: &Words, none: &BTreeSet<String>) -> Spread {
    let marks = Marks::new(places, words);
    let mut marks: Vec<Option<Mark>> = places.iter().map(|place| marks.of(place)).collect();
    learn(places, words, none, &mut marks);
    let mut beside: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for mark in marks.iter().flatten() {
        if let Some(without) = &mark.without {
            beside.entry(without).or_default().insert(&mark.environment);
        }
    }
    let siblings: Vec<BTreeSet<&str>> = places
        .iter()
        .zip(&marks)
        .map(|(place, mark)| {
            if mark.is_some() {
                return BTreeSet::new();
            }
            let named = beside.get(&*called(place)).into_iter().flatten().copied();
            named.chain(place.beside.iter().map(String::as_str)).collect()
        })
        .collect();
    let mut all: BTreeSet<Option<&str>> =
        marks.iter().flatten().map(|mark| Some(mark.environment.as_str())).collect();
    for place in places {
        all.extend(place.beside.iter().map(|environment| Some(environment.as_str())));
    }
    if all.is_empty() || siblings.iter().any(|siblings| !siblings.is_empty()) {
        all.insert(None);
    }
    let one = |(mark, siblings): (&Option<Mark>, &BTreeSet<&str>)| {
        if let Some(mark) = mark {
            return BTreeSet::from([Some(mark.environment.clone())]);
        }
        let ours = all.iter().filter(|name| name.is_none_or(|name| !siblings.contains(name)));
        ours.map(|name| name.map(ToOwned::to_owned)).collect()
    };
    let of = marks.iter().zip(&siblings).map(one).collect();
    Spread { of, marked: marks.iter().map(Option::is_some).collect() }
}

/// Names of directories that are no environments, whatever runs there.
const ORDINARY: [&str; 22] = [
    "all",
    "apps",
    "archive",
    "backup",
    "base",
    "bases",
    "blue",
    "canary",
    "common",
    "components",
    "default",
    "example",
    "examples",
    "green",
    "manifests",
    "old",
    "patches",
    "resources",
    "sample",
    "shared",
    "stable",
    "templates",
];

/// The longest name of an environment that is learnt.
const MAX_LEARNT: usize = 20;

/// Rule 5. Environments are learnt from directories that run what those of known environments beside them run.
fn learn(places: &[Place<'_>], words: &Words, none: &BTreeSet<String>, marks: &mut [Option<Mark>]) {
    // What the known ones run, by the directory above them.
    let mut known: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    let mut learnt: BTreeSet<String> = BTreeSet::new();
    let above = |directories: &[&str], index: usize| directories[..index].join("/") + "/";
    for place in places {
        let (directories, _) = parts(place);
        for (index, directory) in directories.iter().enumerate() {
            if lookup(words, directory).is_some() {
                known
                    .entry(above(&directories, index))
                    .or_default()
                    .extend(place.runs.iter().map(String::as_str));
            }
        }
    }
    let is_new = |directory: &str| {
        let name = normal(directory);
        let first = name.chars().next();
        first.is_some_and(|first| first.is_ascii_lowercase())
            && name.len() <= MAX_LEARNT
            && name
                .chars()
                .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-')
            && !name.ends_with('-')
            && !ORDINARY.contains(&&*name)
            && !none.contains(&directory.to_lowercase())
    };
    let unmarked = |marks: &[Option<Mark>]| -> Vec<usize> {
        (0..places.len()).filter(|index| marks[*index].is_none()).collect()
    };
    for place in unmarked(marks).into_iter().map(|index| &places[index]) {
        let (directories, _) = parts(place);
        for (index, directory) in directories.iter().enumerate().filter(|(_, directory)| is_new(directory)) {
            let above = above(&directories, index);
            let runs =
                known.get(&above).is_some_and(|known| place.runs.iter().any(|one| known.contains(&**one)));
            if runs {
                learnt.insert(format!("{}{directory}", above.trim_start_matches('/')));
            }
        }
    }
    for index in unmarked(marks) {
        let (directories, name) = parts(&places[index]);
        let found = (0..directories.len()).rev().find(|at| learnt.contains(&directories[..=*at].join("/")));
        let Some(at) = found else { continue };
        let others: Vec<&str> = directories[..at].iter().chain(&directories[at + 1..]).copied().collect();
        let without = format!("{}/{}", others.join("/"), normal(name.unwrap_or_default()));
        marks[index] = Some(Mark { environment: normal(directories[at]), without: Some(without) });
    }
}

/// What is known of all places together.
struct Marks<'a> {
    words: &'a Words,
    /// The environments of what is called the same but for a word, by directory and rest of the name.
    variants: BTreeMap<(String, String), BTreeSet<&'a str>>,
    /// The names of all files, by directory.
    names: BTreeSet<(String, String)>,
}

impl<'a> Marks<'a> {
    fn new(places: &[Place<'_>], words: &'a Words) -> Self {
        let (mut variants, mut names) = (BTreeMap::<_, BTreeSet<&str>>::new(), BTreeSet::new());
        for place in places {
            let (directories, name) = parts(place);
            for (index, directory) in directories.iter().enumerate() {
                let above = directories[..index].join("/") + "/";
                for word in find(directory, words) {
                    variants.entry((above.clone(), word.rest)).or_default().insert(word.environment);
                }
            }
            let Some(name) = name else { continue };
            let directory = directories.join("/");
            for word in find(name, words) {
                variants.entry((directory.clone(), word.rest)).or_default().insert(word.environment);
            }
            names.insert((directory, normal(name)));
        }
        Self { words, variants, names }
    }

    fn of(&self, place: &Place<'_>) -> Option<Mark> {
        if let Some(environment) = &place.told {
            return Some(Mark { environment: environment.clone(), without: None });
        }
        let (directories, name) = parts(place);
        self.directory(&directories, name)
            .or_else(|| self.name(&directories.join("/"), name?))
            .or_else(|| self.part_of_directory(&directories))
    }

    /// Rule 1. Of several the one that means nothing else counts, and the innermost.
    fn directory(&self, directories: &[&str], name: Option<&str>) -> Option<Mark> {
        let told = |(index, directory): (usize, &&str)| {
            let environment = lookup(self.words, directory)?;
            Some((is_strong(directory), index, environment))
        };
        let (_, index, environment) = directories.iter().enumerate().filter_map(told).max()?;
        let others: Vec<&str> =
            directories[..index].iter().chain(&directories[index + 1..]).copied().collect();
        let without = format!("{}/{}", others.join("/"), normal(name.unwrap_or_default()));
        Some(Mark { environment: environment.to_owned(), without: Some(without) })
    }

    /// Rules 2 and 3.
    fn name(&self, directory: &str, name: &str) -> Option<Mark> {
        let mut words = find(name, self.words);
        words.retain(|word| {
            let key = (directory.to_owned(), word.rest.clone());
            word.rest.is_empty()
                || word.strong && word.outer
                || self.names.contains(&key)
                || self.variants.get(&key).is_some_and(|variants| variants.len() > 1)
        });
        let word = words.into_iter().max_by_key(Word::weight)?;
        let without = (!word.rest.is_empty()).then(|| format!("{directory}/{}", word.rest));
        Some(Mark { environment: word.environment.to_owned(), without })
    }

    /// Rule 4.
    fn part_of_directory(&self, directories: &[&str]) -> Option<Mark> {
        let told = |(index, directory): (usize, &&str)| {
            let above = directories[..index].join("/") + "/";
            let mut words = find(directory, self.words);
            words.retain(|word| {
                let variants = self.variants.get(&(above.clone(), word.rest.clone()));
                variants.is_some_and(|variants| variants.len() > 1)
            });
            words.into_iter().max_by_key(Word::weight)
        };
        let word = directories.iter().enumerate().rev().find_map(told)?;
        Some(Mark { environment: word.environment.to_owned(), without: None })
    }
}

impl Word<'_> {
    /// What counts of several words: the one that means nothing else, the longest, the last.
    fn weight(&self) -> (bool, usize, usize) {
        (self.strong, self.parts.1 - self.parts.0, self.parts.1)
    }
}

/// Finds the words for environments in a name whose parts stand between `-`, `_` and `.`.
pub(super) fn find<'a>(name: &str, words: &'a Words) -> Vec<Word<'a>> {
    if name.len() > MAX_NAME {
        return Vec::new();
    }
    let mut bounds = Vec::new();
    let mut start = 0;
    for (at, letter) in name.char_indices().chain([(name.len(), '-')]) {
        if matches!(letter, '-' | '_' | '.') {
            bounds.push((start, at));
            start = at + 1;
        }
    }
    let mut found: Vec<Word<'a>> = Vec::new();
    for count in (1..=MAX_PARTS.min(bounds.len())).rev() {
        for (first, run) in bounds.windows(count).enumerate() {
            let parts = (first, first + count);
            let (start, end) = (run[0].0, run[count - 1].1);
            let is_inside = |word: &Word<'_>| word.parts.0 <= parts.0 && parts.1 <= word.parts.1;
            let before = first.checked_sub(1).and_then(|before| name.get(bounds[before].0..bounds[before].1));
            let is_negated = before.is_some_and(|before| NEGATIONS.contains(&&*before.to_lowercase()));
            if is_negated || found.len() >= MAX_WORDS || found.iter().any(is_inside) {
                continue;
            }
            let text = &name[start..end];
            let Some(environment) = lookup(words, text) else { continue };
            let before = name[..start].trim_end_matches(['-', '_', '.']);
            let after = name[end..].trim_start_matches(['-', '_', '.']);
            let separator = if before.is_empty() || after.is_empty() { "" } else { "-" };
            let rest = normal(&format!("{before}{separator}{after}"));
            let outer = first == 0 || parts.1 == bounds.len();
            found.push(Word { environment, rest, strong: is_strong(text), outer, parts });
        }
    }
    found
}

/// Returns the environment that a text means as a whole.
fn lookup<'a>(words: &'a Words, text: &str) -> Option<&'a str> {
    let lower = text.to_lowercase();
    let found = words.get(&lower).or_else(|| words.get(&joined(&lower)));
    found.map(String::as_str).filter(|_| !text.is_empty())
}

fn is_strong(text: &str) -> bool {
    STRONG.contains(&&*joined(&text.to_lowercase()))
}

fn joined(text: &str) -> String {
    text.chars().filter(|letter| !matches!(letter, '-' | '_' | '.')).collect()
}

fn normal(name: &str) -> String {
    let one = |letter: char| if matches!(letter, '_' | '.') { '-' } else { letter };
    name.chars().map(one).flat_map(char::to_lowercase).collect()
}

/// Returns the directories of a place, and the name of its file without endings.
fn parts<'a>(place: &Place<'a>) -> (Vec<&'a str>, Option<&'a str>) {
    let (directory, name) = if place.is_directory {
        (place.path, None)
    } else {
        let (directory, name) = split(place.path);
        (directory, Some(stem(name).unwrap_or(name)))
    };
    (directory.split('/').filter(|part| !part.is_empty()).collect(), name)
}

/// Returns what a place is called where marks are compared.
fn called(place: &Place<'_>) -> String {
    let (directories, name) = parts(place);
    format!("{}/{}", directories.join("/"), normal(name.unwrap_or_default()))
}

#[cfg(test)]
mod tests;
