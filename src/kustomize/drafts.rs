//! Objects that are values already, and would be read the same from the text that they are written as.
//!
//! What `onramp` renders and then builds need not be text in between. Only what is read back as it was written is taken as
//! it is; all else goes through the text. A test holds both ways against each other.

use std::sync::Arc;

use serde_json::Value as Json;

use super::quotes::Quoted;
use super::resource::{Null, Resource, Step};
use crate::diagnostic::Location;
use crate::yaml;

/// The deepest value that is taken; the parser takes deeper ones.
const DEEPEST: usize = yaml::MAX_DEPTH - 8;
/// The longest text and key.
const LONGEST: usize = 512;

/// Returns the objects of a file, where none of its documents needs to be read from a text.
pub(super) fn objects(path: &str, documents: &[Json]) -> Option<Vec<Resource>> {
    let path: Arc<str> = path.into();
    documents.iter().filter(|document| !is_empty(document)).map(|document| object(&path, document)).collect()
}

fn is_empty(json: &Json) -> bool {
    match json {
        Json::Null => true,
        Json::Object(map) => map.is_empty(),
        Json::Array(items) => items.is_empty(),
        _ => false,
    }
}

fn object(path: &Arc<str>, json: &Json) -> Option<Resource> {
    let is_name = |json: &Json| json.as_str().is_some_and(|text| !text.is_empty());
    let version = json.get("apiVersion").is_none_or(Json::is_string);
    let kind = json.get("kind").filter(|kind| is_name(kind))?.as_str()?;
    let metadata = json.get("metadata")?;
    // kustomize takes annotations as they are written, and lists apart.
    let texts = metadata.get("annotations").is_none_or(|annotations| {
        annotations.as_object().is_some_and(|annotations| annotations.values().all(Json::is_string))
    });
    if !version || kind.ends_with("List") || !is_name(metadata.get("name")?) || !texts {
        return None;
    }
    let mut walk = Walk { path: Vec::new(), nulls: Vec::new(), quoted: Quoted::new() };
    walk.value(json).then(|| {
        let (nulls, quoted) = (walk.nulls, Arc::new(walk.quoted));
        Resource { quoted, nulls, ..Resource::new(json.clone(), Location::file(path.clone())) }
    })
}

/// Tells whether a value is read from the text that it is written as, and without a word.
pub(super) fn is_read_as_written(json: &Json) -> bool {
    Walk { path: Vec::new(), nulls: Vec::new(), quoted: Quoted::new() }.value(json)
}

/// A walk through a value that notes of its text what kustomize goes by.
struct Walk<'a> {
    path: Vec<At<'a>>,
    nulls: Vec<Null>,
    quoted: Quoted,
}

enum At<'a> {
    Key(&'a str),
    Index(usize),
}

impl<'a> Walk<'a> {
    /// Walks a value; false means that its text has to be asked.
    fn value(&mut self, json: &'a Json) -> bool {
        match json {
            Json::Null | Json::Bool(_) => true,
            // Floats have several spellings.
            Json::Number(number) => number.is_i64(),
            Json::String(text) => self.text(text),
            Json::Array(items) => {
                self.path.len() < DEEPEST
                    && items.iter().enumerate().all(|(index, item)| self.below(At::Index(index), item))
            }
            Json::Object(map) => {
                self.path.len() < DEEPEST
                    && map.iter().all(|(key, value)| {
                        key != "<<" && is_usual(key) && self.below(At::Key(key), value) && {
                            if value.is_null() {
                                self.null(key);
                            }
                            true
                        }
                    })
            }
        }
    }

    fn below(&mut self, step: At<'a>, value: &'a Json) -> bool {
        self.path.push(step);
        let taken = self.value(value);
        self.path.pop();
        taken
    }

    fn text(&mut self, text: &str) -> bool {
        if !yaml::is_plain_safe(text)
            && let Some(At::Key(key)) = self.path.last()
        {
            self.quoted.insert(((*key).into(), text.into()));
        }
        is_usual(text)
    }

    fn null(&mut self, key: &str) {
        let step = |at: &At<'_>| match at {
            At::Key(key) => Step::Key((*key).into()),
            At::Index(index) => Step::Index(*index),
        };
        let path = self.path.iter().map(step).chain([Step::Key(key.into())]).collect();
        self.nulls.push(Null { path, written: "null".into(), in_braces: false });
    }
}

/// Tells whether a text is one that the ways of writing and reading leave alone beyond doubt.
fn is_usual(text: &str) -> bool {
    text.len() <= LONGEST && text.chars().all(|c| matches!(c, ' '..='~') || c.is_alphanumeric())
}

#[cfg(test)]
mod tests;
