//! Texts in quotes. They keep them where a patch puts a number or a boolean over them, and that is a text then.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::print;

/// Texts that stand in quotes, each behind its key.
pub(super) type Quoted = BTreeSet<(Box<str>, Box<str>)>;

/// How often texts stand in an object that a patch may put something else over.
pub(super) struct Watch<'a>(BTreeMap<&'a (Box<str>, Box<str>), usize>);

impl<'a> Watch<'a> {
    /// Looks for the keys behind which a patch has what is no text.
    pub(super) fn new(quoted: &'a Quoted, object: &Json, patch: &Json) -> Self {
        let mut keys = BTreeSet::new();
        no_texts(patch, &mut keys);
        let watched = quoted.iter().filter(|(key, _)| keys.contains(&**key));
        Self(watched.map(|pair| (pair, count(object, pair))).collect())
    }

    /// Returns the key of a text that has gone from the object.
    pub(super) fn lost(&self, object: &Json) -> Option<&'a str> {
        let lost = self.0.iter().find(|(pair, before)| count(object, pair) < **before);
        lost.map(|((key, _), _)| &**key)
    }
}

/// Adds what kustomize puts into quotes where it writes an object anew.
pub(super) fn written_anew(object: &Json, quoted: &mut Quoted) {
    match object {
        Json::Array(items) => items.iter().for_each(|item| written_anew(item, quoted)),
        Json::Object(map) => {
            for (key, value) in map {
                if let Json::String(text) = value
                    && !print::is_plain(text)
                {
                    quoted.insert((key.as_str().into(), text.as_str().into()));
                }
                written_anew(value, quoted);
            }
        }
        _ => {}
    }
}

fn no_texts<'p>(patch: &'p Json, keys: &mut BTreeSet<&'p str>) {
    match patch {
        Json::Array(items) => items.iter().for_each(|item| no_texts(item, keys)),
        Json::Object(map) => {
            for (key, value) in map {
                if matches!(value, Json::Number(_) | Json::Bool(_)) {
                    keys.insert(key);
                }
                no_texts(value, keys);
            }
        }
        _ => {}
    }
}

fn count(object: &Json, pair: &(Box<str>, Box<str>)) -> usize {
    match object {
        Json::Array(items) => items.iter().map(|item| count(item, pair)).sum(),
        Json::Object(map) => map
            .iter()
            .map(|(key, value)| {
                let here = *key == *pair.0 && value.as_str().is_some_and(|text| *text == *pair.1);
                usize::from(here) + count(value, pair)
            })
            .sum(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_text_that_a_number_replaces_is_lost() {
        let quoted = Quoted::from([("port".into(), "http".into()), ("cpu".into(), "1".into())]);
        let object = json!({ "ports": [{ "port": "http" }, { "port": "http" }], "cpu": "1" });
        let watch = Watch::new(&quoted, &object, &json!({ "ports": [{ "port": 80 }] }));
        assert_eq!(watch.lost(&object), None);
        assert_eq!(watch.lost(&json!({ "ports": [{ "port": "http" }, { "port": 80 }] })), Some("port"));
        let watch = Watch::new(&quoted, &object, &json!({ "ports": [{ "port": "x" }] }));
        assert_eq!(watch.lost(&json!({})), None, "the patch has texts alone");
    }
}
