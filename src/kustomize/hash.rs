//! The suffix of a generated ConfigMap's or Secret's name, of kustomize's `hasher.go`.
//!
//! It is taken of what a Go program would write as JSON. The name is not part of it: kustomize looks for a field that
//! is called `metadata/name`, which no object has.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::Value as Json;
use sha2::{Digest, Sha256};

/// Characters of the suffix.
const LENGTH: usize = 10;

/// The hash that the name of a ConfigMap ends in: ten characters.
pub(super) fn config_map(object: &Json) -> String {
    hash(&fields("ConfigMap", object, &["data"], "binaryData"))
}

/// The hash that the name of a Secret ends in: ten characters.
pub(super) fn secret(object: &Json) -> String {
    hash(&fields("Secret", object, &["data", "type"], "stringData"))
}

/// The fields that count. What is missing of them counts as an empty text, but for one that is left out.
fn fields(kind: &str, object: &Json, always: &[&str], sometimes: &str) -> Json {
    let mut counted = serde_json::Map::new();
    counted.insert("kind".to_owned(), kind.into());
    counted.insert("name".to_owned(), "".into());
    for name in always {
        let value = match object.get(*name) {
            None | Some(Json::Null) => "".into(),
            Some(value) => value.clone(),
        };
        counted.insert((*name).to_owned(), value);
    }
    if let Some(value @ Json::Object(_)) = object.get(sometimes) {
        counted.insert(sometimes.to_owned(), value.clone());
    }
    Json::Object(counted)
}

/// Ten hexadecimal digits of SHA-256, with letters in place of those that could make a word.
fn hash(counted: &Json) -> String {
    let mut text = String::new();
    write(&mut text, counted);
    let mut digits = String::new();
    for byte in &Sha256::digest(text)[..LENGTH / 2] {
        // Writing to a text does not fail.
        let _ = write!(digits, "{byte:02x}");
    }
    let replaced = |digit| match digit {
        '0' => 'g',
        '1' => 'h',
        '3' => 'k',
        'a' => 'm',
        'e' => 't',
        _ => digit,
    };
    digits.chars().map(replaced).collect()
}

/// Writes JSON as Go's `encoding/json` does.
fn write(out: &mut String, value: &Json) {
    match value {
        Json::Object(map) => {
            let sorted: BTreeMap<&String, &Json> = map.iter().collect();
            out.push('{');
            for (index, (key, value)) in sorted.into_iter().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                write_text(out, key);
                out.push(':');
                write(out, value);
            }
            out.push('}');
        }
        Json::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                write(out, item);
            }
            out.push(']');
        }
        Json::String(text) => write_text(out, text),
        Json::Number(number) => {
            out.push_str(&number.as_f64().map_or_else(|| number.to_string(), number_text));
        }
        Json::Null | Json::Bool(_) => out.push_str(&value.to_string()),
    }
}

/// A number, which is a float to Go.
fn number_text(number: f64) -> String {
    let size = number.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let text = format!("{number:e}");
        return if size < 1.0 { text } else { text.replace('e', "e+") };
    }
    number.to_string()
}

fn write_text(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..'\u{20}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(character));
            }
            _ => out.push(character),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::yaml::{Source, SourceId, documents};

    /// Objects that kustomize 5.7.1 and 5.8.1 have generated, and put the hash behind the name of.
    #[test]
    fn names_end_in_the_hash_of_kustomize() {
        let text = include_str!("../../fixtures/kustomize-output/generated.yaml").to_owned();
        let source = Source { id: SourceId(0), path: "generated.yaml".into(), text };
        let documents = documents(&source);
        let objects: Vec<Json> = documents.iter().filter_map(crate::yaml::Document::to_json).collect();
        for object in &objects {
            let name = object["metadata"]["name"].as_str().unwrap();
            let hash = if object["kind"] == "Secret" { secret(object) } else { config_map(object) };
            assert!(name.ends_with(&format!("-{hash}")), "{name}, not {hash}");
        }
        assert_eq!(objects.len(), 11);
    }

    /// After a patch, a value may be more than text.
    #[test]
    fn values_are_written_as_go_writes_them() {
        let mut text = String::new();
        let numbers = json!([1e21, 1e-7, 0.5, 9_007_199_254_740_993_u64, null]);
        write(&mut text, &json!({ "b": numbers, "a": "<\u{1}\u{2028}é" }));
        let expected = r#"{"a":"\u003c\u0001\u2028é","b":[1e+21,1e-7,0.5,9007199254740992,null]}"#;
        assert_eq!(text, expected);
    }
}
