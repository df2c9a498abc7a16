//! Secrets that stand in a text: where, and what gives them away.
//!
//! There are two ways to know one. Some have a form that nothing else has, such as the tokens of GitHub or a private
//! key; `formats` lists them. Others stand behind a key that says so, `DB_PASSWORD: hunter2`; `keys` tells which keys
//! do, and `values` which values do not look like one all the same: placeholders, names, paths, words for people.
//! `literal-secret` reports what is found, and `report` hides it in everything that is shown.

mod formats;
mod keys;
mod lines;
mod tree;
mod values;

use std::ops::Range;

pub use keys::is_secret_key;

use crate::yaml::{self, Node, Source, SourceId};

/// A secret in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Its bytes, without the quotes around it.
    pub span: Range<usize>,
    /// What gives it away.
    pub found: Found,
}

/// What gives a secret away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Its form: what it is, with its article.
    Form(&'static str),
    /// The key that it stands behind.
    Key(Box<str>),
}

/// The most places of one text. A file with more holds nothing else.
const MOST: usize = 200;

/// Finds the secrets of a file, in the order of their places.
///
/// The path says how to read it: YAML and JSON by their structure, everything else line by line.
pub fn scan(path: &str, text: &str) -> Vec<Hit> {
    let mut hits = formats::find(text);
    if keys::may_hold(text) && !is_for_people(path) {
        let read = if is_yaml(path) { tree::of_documents(path, text) } else { None };
        hits.extend(read.unwrap_or_else(|| lines::find(text, lines::Syntax::of(path))));
    }
    in_order(hits)
}

/// Finds the secrets of a YAML file of ours that is read already.
pub fn scan_tree(source: &Source, tree: &Node) -> Vec<Hit> {
    let mut hits = formats::find(&source.text);
    if keys::may_hold(&source.text) {
        hits.extend(tree::of_file(source, tree));
    }
    in_order(hits)
}

/// Takes what has the form of a secret out of a text that is shown.
pub fn redacted(text: &str) -> String {
    let mut out = String::new();
    let mut at = 0;
    for hit in in_order(formats::find(text)) {
        out.push_str(text.get(at..hit.span.start).unwrap_or_default());
        out.push_str(HIDDEN);
        at = hit.span.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

/// Takes secrets out of a text that may repeat them, or the first part of them.
pub fn without(text: &str, values: &[&str]) -> String {
    let mut text = text.to_owned();
    for value in values {
        // A message shows the first part of what is too long for it.
        let start: String = value.chars().take(LEAST).collect();
        if start.chars().count() < LEAST {
            // As part of other words a short one means nothing.
            text = text.replace(&format!("`{value}`"), &format!("`{HIDDEN}`"));
            continue;
        }
        let mut from = 0;
        while let Some(found) = text[from..].find(&start) {
            let at = from + found;
            let same = text[at..].chars().zip(value.chars()).take_while(|(one, other)| one == other);
            let length: usize = same.map(|(c, _)| c.len_utf8()).sum();
            text.replace_range(at..at + length, HIDDEN);
            from = at + HIDDEN.len();
        }
    }
    text
}

/// What stands for a secret in a text that is shown.
const HIDDEN: &str = "***";
/// How many characters of a secret are enough to know it in a text.
const LEAST: usize = 8;

/// Sorts hits, and makes one of those that overlap: a form says more than a key.
fn in_order(mut hits: Vec<Hit>) -> Vec<Hit> {
    hits.retain(|hit| !hit.span.is_empty());
    hits.sort_by_key(|hit| (hit.span.start, std::cmp::Reverse(hit.span.end)));
    let mut kept: Vec<Hit> = Vec::new();
    for hit in hits {
        match kept.last_mut() {
            Some(last) if hit.span.start < last.span.end => {
                last.span.end = last.span.end.max(hit.span.end);
                if matches!(last.found, Found::Key(_)) {
                    last.found = hit.found;
                }
            }
            _ => kept.push(hit),
        }
    }
    kept.truncate(MOST);
    kept
}

/// Reads a text as the documents of a YAML file.
fn documents(path: &str, text: &str) -> Vec<yaml::Document> {
    yaml::documents(&Source { id: SourceId(0), path: path.into(), text: text.to_owned() })
}

fn is_yaml(path: &str) -> bool {
    let (_, extension) = path.rsplit_once('.').unwrap_or_default();
    ["yaml", "yml", "json"].iter().any(|known| extension.eq_ignore_ascii_case(known))
}

/// Tells whether a file holds texts for people, such as translations, in which "password" is a word.
fn is_for_people(path: &str) -> bool {
    const PARTS: &[&str] =
        &["i18n", "l10n", "locale", "locales", "lang", "translation", "translations", "messages"];
    path.split(['/', '.', '_', '-']).any(|part| PARTS.iter().any(|known| part.eq_ignore_ascii_case(known)))
}

#[cfg(test)]
mod tests;
