//! Which branches are one API: `shop-stage` and `shop-prod` are.

use std::collections::{BTreeMap, BTreeSet};

use super::decisions::Decisions;
use super::environments::{Names, joined};
use super::outcome::{Question, QuestionKind};
use crate::legacy::Branch;
use crate::yaml::encode_scalar;

/// The branches of an API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    /// The name of the API.
    pub(super) name: String,
    /// Its branches by index, with the environment that the branch's name says.
    pub(super) parts: Vec<(usize, Option<String>)>,
    /// What the names of its branches leave open.
    pub(super) asked: Vec<Question>,
}

/// What sorting goes by of a branch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sortable<'a> {
    /// Its short name.
    pub(super) name: &'a str,
    /// Whether all that it holds is of environments that its files say.
    pub(super) says_itself: bool,
}

impl<'a> Sortable<'a> {
    /// Returns what sorting goes by of a branch that was read.
    pub(super) fn of(branch: &'a Branch) -> Self {
        let said = &branch.environments;
        let says_itself = !said.is_empty() && said.keys().all(Option::is_some);
        Self { name: &branch.reference.name, says_itself }
    }
}

/// A branch on its way into a group.
struct Placed<'a> {
    index: usize,
    environment: Option<String>,
    is_decided: bool,
    /// How sure its word is.
    score: u8,
    stem: &'a str,
    question: Option<Question>,
}

/// The longest name of an API that the schema takes.
const MAX_NAME: usize = 50;

/// Sorts branches into APIs by their names. What `patterns` say before their first wildcard is no part of a name.
pub(super) fn groups(
    branches: &[Sortable<'_>],
    patterns: &[String],
    names: &Names,
    decisions: &Decisions,
) -> Vec<Group> {
    let stems: Vec<&str> = branches.iter().map(|branch| stem(branch.name, patterns)).collect();
    let found: Vec<Vec<Word<'_>>> =
        branches.iter().zip(&stems).map(|(branch, stem)| words(branch.name, stem, names)).collect();
    let best: Vec<Option<&Word<'_>>> =
        found.iter().map(|words| words.iter().max_by_key(|word| word.weight())).collect();
    // A word is no part of the name where siblings have others.
    let mut siblings: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for word in best.iter().flatten() {
        if let Some(environment) = word.environment {
            siblings.entry(&word.rest).or_default().insert(environment);
        }
    }
    let without = stems.iter().zip(&best).filter(|(_, word)| word.is_none());
    let without: BTreeSet<String> = without.map(|(stem, _)| stem.to_lowercase()).collect();
    let is_shared = |word: &Word<'_>| {
        let others = word.environment.and_then(|_| siblings.get(&*word.rest)).map_or(0, BTreeSet::len);
        // Beside `worker` alone, `ci-worker` may be another one.
        others > 1 || others == 1 && word.score() > 0 && without.contains(&word.rest)
    };
    let mut groups: BTreeMap<String, Vec<Placed<'_>>> = BTreeMap::new();
    for (index, branch) in branches.iter().enumerate() {
        let stem = stems[index];
        let decided = decisions.branch(branch.name);
        let word = best[index];
        let shared = word.filter(|word| is_shared(word));
        // Alone, `test` may be what the thing does.
        let alone = word.filter(|word| word.score() >= SURE && !branch.says_itself);
        let name = decided.and_then(|decided| decided.api.clone());
        let is_decided = name.is_some();
        let rest = shared.or(alone).map(|word| word.rest.as_str()).filter(|rest| !rest.is_empty());
        let name = name.unwrap_or_else(|| api_name(rest.unwrap_or(stem)));
        let meant = shared.or(alone).or(word.filter(|word| word.is_strong_start() && !branch.says_itself));
        let said = decided.and_then(|decided| decided.environment.clone());
        let is_said = said.is_some() || decided.is_some_and(|decided| decided.skip.is_some());
        let environment = said.or_else(|| meant.and_then(|word| word.environment).map(str::to_owned));
        let put = environment.as_ref().or(names.usual.as_ref()).map(String::as_str);
        // What is put where everything else is put may be something else.
        let doubt = |word: &&Word<'_>| put == names.usual.as_deref() && word.environment != put;
        let doubt = found[index].iter().find(doubt).filter(|_| !is_said && !branch.says_itself);
        let question = doubt.map(|word| environment_asked(branch.name, word, put));
        let score = word.map_or(SURE, Word::score);
        groups.entry(name).or_default().push(Placed {
            index,
            environment,
            is_decided,
            score,
            stem,
            question,
        });
    }
    parted(groups, branches)
}

/// Takes branches out of the groups where another one is in their environment already, unless somebody decided so.
fn parted(groups: BTreeMap<String, Vec<Placed<'_>>>, branches: &[Sortable<'_>]) -> Vec<Group> {
    let mut taken: BTreeSet<String> = groups.keys().cloned().collect();
    let mut result: Vec<Group> = Vec::new();
    for (name, mut placed) in groups {
        placed.sort_by_key(|one| (!one.is_decided, std::cmp::Reverse(one.score), one.index));
        let mut group = Group { name: name.clone(), parts: Vec::new(), asked: Vec::new() };
        let mut known: BTreeMap<Option<String>, usize> = BTreeMap::new();
        let mut others: Vec<Group> = Vec::new();
        for one in placed {
            let Placed { index, environment, is_decided, stem, question, .. } = one;
            let other = known.get(&environment).copied().filter(|_| !is_decided);
            let Some(other) = other else {
                known.entry(environment.clone()).or_insert(index);
                group.parts.push((index, environment));
                group.asked.extend(question);
                continue;
            };
            let own = std::iter::once(api_name(stem));
            let mut tries = own.chain((2..).map(|number| format!("{}-{number}", cut(&name, 46))));
            let own = tries.find(|own| taken.insert(own.clone())).unwrap_or_default();
            let asked = api_asked(branches[index].name, branches[other].name, &name, &own);
            let asked = question.into_iter().chain([asked]).collect();
            others.push(Group { name: own, parts: vec![(index, environment)], asked });
        }
        group.parts.sort_unstable();
        result.push(group);
        result.extend(others);
    }
    result.sort_by(|one, other| one.name.cmp(&other.name));
    result
}

fn environment_asked(branch: &str, word: &Word<'_>, put: Option<&str>) -> Question {
    let put = put.map(|put| format!(", and it is put into `{put}`")).unwrap_or_default();
    Question {
        kind: QuestionKind::Environment,
        text: format!("in which environment does `{branch}` run: its name says `{}`{put}?", word.text),
        answer: answer(branch, "environment", word.environment.unwrap_or("…")),
        is_open: true,
    }
}

fn api_asked(branch: &str, other: &str, name: &str, own: &str) -> Question {
    Question {
        kind: QuestionKind::Api,
        text: format!(
            "is `{branch}` an API of its own, `{own}`: `{other}` is `{name}` in the same environment?"
        ),
        answer: answer(branch, "api", own),
        is_open: true,
    }
}

/// Returns what the decisions file would say of a branch.
fn answer(branch: &str, key: &str, value: &str) -> String {
    format!("branches: {{ {}: {{ {key}: {value} }} }}", encode_scalar(branch))
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

/// A word for an environment in the name of a branch.
#[derive(Debug)]
struct Word<'a> {
    /// As it is written.
    text: &'a str,
    /// The environment, where it is known which.
    environment: Option<&'a str>,
    /// The name of the API without the word, in lower case.
    rest: String,
    position: Position,
    /// Whether the word means nothing else.
    is_plain: bool,
    /// Where it stands in the name, from its first part to the one behind its last.
    parts: (usize, usize),
}

/// Where a word stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Position {
    /// Last, or between slashes.
    Outer,
    /// First of the part behind the last slash.
    First,
    /// Anywhere else.
    Inner,
}

/// The score of words that say the environment of a branch that nothing else is beside.
const SURE: u8 = 5;

/// Words that a thing is not named after even where they stand first: `stage-shop`.
const STRONG: &[&str] = &["prod", "production", "prd", "stage", "staging", "stg", "preprod", "uat"];

/// What turns the word behind it around, as in `non-prod`.
const NEGATIONS: &[&str] = &["no", "non", "not", "pre", "post"];

/// How many parts one word may have, as `pre-prod` has two.
const MAX_PARTS: usize = 2;

impl Word<'_> {
    /// How sure it is that the word says the environment.
    fn score(&self) -> u8 {
        match (self.position, self.is_plain) {
            (Position::Outer, true) => SURE,
            (Position::First, true) if self.is_strong_start() => 4,
            (Position::Outer, false) => 3,
            (Position::First, true) => 2,
            (Position::First, false) => 1,
            (Position::Inner, _) => 0,
        }
    }

    fn is_strong_start(&self) -> bool {
        self.position == Position::First && STRONG.contains(&&*joined(self.text))
    }

    /// What counts of several words: the surest, then the one that means nothing else, then the last.
    fn weight(&self) -> (u8, bool, usize) {
        (self.score(), self.is_plain, self.parts.1)
    }
}

/// Finds the words for environments in the name of a branch, whose end the stem is: of what stands before it only what is a word
/// between slashes.
fn words<'a>(name: &'a str, stem: &'a str, names: &'a Names) -> Vec<Word<'a>> {
    let mut found = Vec::new();
    let above = name.strip_suffix(stem).unwrap_or_default();
    let mut at = 0;
    for text in above.split('/').filter(|part| !part.is_empty()) {
        at += 1;
        if let Some(environment) = names.words.get(&joined(text)) {
            found.push(Word {
                text,
                environment: environment.as_deref(),
                rest: stem.to_lowercase(),
                position: Position::Outer,
                is_plain: names.plain.contains(&joined(text)),
                parts: (at, at),
            });
        }
    }
    // The parts of the stem: where each begins and ends.
    let is_edge = |c: char| matches!(c, '-' | '_' | '.' | '/');
    let mut bounds = Vec::new();
    let mut start = 0;
    for (end, letter) in stem.char_indices().chain([(stem.len(), '/')]) {
        if is_edge(letter) {
            if start < end {
                bounds.push((start, end));
            }
            start = end + letter.len_utf8();
        }
    }
    let mut taken = 0;
    let mut first = 0;
    while first < bounds.len() {
        let run = |count: usize| {
            let run = bounds.get(first..first + count)?;
            let text = &stem[run[0].0..run[count - 1].1];
            let is_one = count == 1 || NEGATIONS.contains(&&*stem[run[0].0..run[0].1].to_lowercase());
            let (word, environment) = names.words.get_key_value(&joined(text)).filter(|_| is_one)?;
            Some((text, word, environment, run[0].0, run[count - 1].1, count))
        };
        let Some((text, word, environment, start, end, count)) = (1..=MAX_PARTS).rev().find_map(run) else {
            first += 1;
            continue;
        };
        let before = first.checked_sub(1).filter(|before| *before >= taken).map(|before| bounds[before]);
        let is_negated =
            before.is_some_and(|(start, end)| NEGATIONS.contains(&&*stem[start..end].to_lowercase()));
        let opens = start == 0 || stem[..start].ends_with('/');
        let closes = end == stem.len() || stem[end..].starts_with('/');
        let position = if (opens && closes) || end == stem.len() {
            Position::Outer
        } else if opens && !stem[end..].contains('/') {
            Position::First
        } else {
            Position::Inner
        };
        let (left, right) =
            (stem[..start].trim_end_matches(is_edge), stem[end..].trim_start_matches(is_edge));
        let separator = if left.is_empty() || right.is_empty() { "" } else { "-" };
        found.push(Word {
            text,
            environment: environment.as_deref().filter(|_| !is_negated),
            rest: format!("{left}{separator}{right}").to_lowercase(),
            position,
            is_plain: names.plain.contains(word) && !is_negated,
            parts: (at + 1 + first, at + 1 + first + count),
        });
        first += count;
        taken = first;
    }
    found
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
mod tests;
