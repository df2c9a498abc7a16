//! What is particular to one API in one environment, and what stands for it in a shape.
//!
//! Inside, a placeholder is one character that no text of a user keeps, so that no text can be mistaken for one.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::compare::EnvironmentChange;
use super::id::Id;
use super::unit::Unit;
use crate::kustomize::Object;

/// Stands for the name of the API.
const NAME: char = '\u{e000}';
/// Stands for the environment's namespace.
const NAMESPACE: char = '\u{e001}';
/// Stands for a host that the API has before and after.
const HOST: char = '\u{e002}';
/// Stands for kustomize's hash in a name.
const HASH: char = '\u{e003}';

/// The placeholders, and how a reader sees them.
const SHOWN: &[(char, &str)] =
    &[(NAME, "{api}"), (NAMESPACE, "{namespace}"), (HOST, "{host}"), (HASH, "{hash}")];

/// Writes a text with placeholders for a reader; `name` says which API's name stands there, where it is one's alone.
pub fn show(text: &str, name: Option<&str>) -> String {
    let mut shown = text.to_owned();
    for (placeholder, word) in SHOWN {
        let word = if *placeholder == NAME { name.unwrap_or(word) } else { word };
        shown = shown.replace(*placeholder, word);
    }
    shown
}

/// What is replaced, longest first.
#[derive(Debug)]
pub(super) struct Placeholders<'a> {
    words: Vec<(&'a str, String)>,
    /// Whether there are objects of several namespaces, so that kind and name do not say which object one is.
    pub(super) many_namespaces: bool,
}

impl<'a> Placeholders<'a> {
    /// Finds what is particular to a unit in an environment.
    pub(super) fn of(unit: &'a Unit, change: &EnvironmentChange<'a>) -> Self {
        let sides = [change.before.objects().unwrap_or_default(), change.after.objects().unwrap_or_default()];
        let hosts = sides.map(hosts);
        let mut words: Vec<(&str, String)> = vec![(unit.name(), NAME.to_string())];
        let namespaces_of = |objects: &'a [Object]| -> BTreeSet<&'a str> {
            objects.iter().filter_map(|object| Id::of(object).namespace).collect()
        };
        let namespaces = sides.map(namespaces_of);
        // Where all objects move there is one before and one after.
        let many_namespaces = namespaces.iter().any(|names| names.len() > 1);
        let namespaces: BTreeSet<&str> = namespaces.into_iter().flatten().collect();
        // Which of several namespaces a text means would be a guess, and one that is the API's name is that.
        if let [namespace] = namespaces.into_iter().collect::<Vec<_>>()[..] {
            words.push((namespace, NAMESPACE.to_string()));
        }
        // A host that changes is what a reader wants to see.
        // Each of several has a number: one host is not another.
        let kept = hosts[0].intersection(&hosts[1]).enumerate();
        words.extend(kept.map(|(index, host)| match index {
            0 => (*host, HOST.to_string()),
            _ => (*host, format!("{HOST}{}", index + 1)),
        }));
        for object in sides.iter().flat_map(|objects| objects.iter()).filter(|object| object.hashed) {
            let name = object.json["metadata"]["name"].as_str().unwrap_or_default();
            let plain = Id::of(object).name;
            let plain = replace(&[(unit.name(), NAME.to_string())], plain).into_owned();
            words.push((name, format!("{plain}-{HASH}")));
        }
        words.retain(|(word, _)| !word.is_empty());
        // The first of a word's meanings wins: the API's name before its namespace.
        words.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
        words.dedup_by(|next, first| next.0 == first.0);
        Self { words, many_namespaces }
    }

    /// Puts placeholders into a text.
    pub(super) fn replace<'t>(&self, text: &'t str) -> Cow<'t, str> {
        replace(&self.words, text)
    }
}

fn replace<'t>(words: &[(&str, String)], text: &'t str) -> Cow<'t, str> {
    let mut replaced = String::new();
    let mut copied = 0;
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let Some(first) = rest.chars().next() else { break };
        if SHOWN.iter().any(|(placeholder, _)| *placeholder == first) {
            replaced.push_str(&text[copied..at]);
            replaced.push(char::REPLACEMENT_CHARACTER);
            at += first.len_utf8();
            copied = at;
            continue;
        }
        let starts = !text[..at].ends_with(char::is_alphanumeric);
        let found = words.iter().filter(|_| starts).find(|(word, _)| {
            rest.starts_with(word) && !rest[word.len()..].starts_with(char::is_alphanumeric)
        });
        match found {
            Some((word, placeholder)) => {
                replaced.push_str(&text[copied..at]);
                replaced.push_str(placeholder);
                at += word.len();
                copied = at;
            }
            None => at += first.len_utf8(),
        }
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    replaced.push_str(&text[copied..]);
    Cow::Owned(replaced)
}

/// Collects the hosts that routes of any kind name.
fn hosts(objects: &[Object]) -> BTreeSet<&str> {
    let mut hosts = BTreeSet::new();
    for object in objects {
        let spec = &object.json["spec"];
        for rule in spec["rules"].as_array().into_iter().flatten() {
            hosts.extend(rule["host"].as_str());
        }
        for name in spec["hostnames"].as_array().into_iter().flatten() {
            hosts.extend(name.as_str());
        }
    }
    hosts
}
