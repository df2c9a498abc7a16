//! What of a branch may be shown: no values of Secrets, and nothing that looks like one.
//!
//! It rather hides too much. Of a single value in a list of named ones, such as one environment variable, a place does not say
//! the name, so that value is never shown.

use serde_json::Value as Json;

use crate::effective::without_secrets;
use crate::migrate::{Difference, ObjectOutcome};
use crate::secrets;
use crate::yaml;

/// What stands for a value that is not shown.
const HIDDEN: &str = "***";
/// The annotation in which `kubectl` keeps the whole object, as text.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";
/// The most characters of a value on a line.
const MOST_CHARACTERS: usize = 160;

/// A difference, as it may be told; not yet harmless.
pub(super) struct Line {
    /// `+` for what comes, `-` for what goes, `~` for what changes.
    pub(super) sign: char,
    /// The place; `the object` for all of it.
    pub(super) path: String,
    /// The values, before and after where there are two.
    pub(super) values: Vec<String>,
    /// The class.
    pub(super) class: &'static str,
}

impl Line {
    /// Says which value takes the place of which.
    pub(super) fn values(&self) -> String {
        self.values.join(" -> ")
    }
}

/// Makes a line of a difference.
pub(super) fn line(object: &ObjectOutcome, difference: &Difference) -> Line {
    let Difference { path, before, after, class } = difference;
    let value = |json: &Json| short(&masked(&object.kind, path, json));
    let sign = match (before, after) {
        (None, _) => '+',
        (_, None) => '-',
        _ => '~',
    };
    let path = if path.is_empty() { "the object".to_owned() } else { told(path) };
    Line { sign, path, values: before.iter().chain(after).map(value).collect(), class: class.name() }
}

/// Returns the value at a place of an object as it may be shown.
pub(super) fn masked(kind: &str, path: &str, value: &Json) -> Json {
    let steps: Vec<String> =
        path.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~")).collect();
    let is_index = |step: &String| step.bytes().all(|byte| byte.is_ascii_digit()) || step == "-";
    let of_secret =
        kind == "Secret" && steps.first().is_some_and(|step| step == "data" || step == "stringData");
    let unnamed = match steps.as_slice() {
        [.., index, last] if last == "value" => is_index(index),
        // `--password hunter2` as two arguments.
        [.., list, index] if is_index(index) => {
            (list == "args" || list == "command") && value.as_str().is_some_and(|text| !text.starts_with('-'))
        }
        _ => false,
    };
    if of_secret || unnamed {
        return covered(value);
    }
    let value = scrubbed(value);
    let Some(key) = steps.iter().rev().find(|step| !is_index(step)) else {
        let mut whole = value;
        if let Some(map) = whole.as_object_mut() {
            map.insert("kind".to_owned(), kind.into());
        }
        return without_secrets(&whole);
    };
    if key == LAST_APPLIED {
        return HIDDEN.into();
    }
    let element = steps.last().is_some_and(is_index);
    let value = if element { Json::Array(vec![value]) } else { value };
    let mut shown = without_secrets(&Json::Object([(key.clone(), value)].into_iter().collect()));
    let shown = shown[key.as_str()].take();
    if element { shown.get(0).cloned().unwrap_or_default() } else { shown }
}

/// Returns a text of a branch, such as a comment, as it may be shown.
pub(super) fn told(text: &str) -> String {
    match without_secrets(&secrets::redacted(text).into()) {
        Json::String(text) => text,
        other => other.to_string(),
    }
}

/// Puts stars in the place of every value, and keeps the keys.
fn covered(value: &Json) -> Json {
    match value {
        Json::Object(map) => map.iter().map(|(key, value)| (key.clone(), covered(value))).collect(),
        Json::Array(items) => items.iter().map(covered).collect(),
        Json::Null => Json::Null,
        _ => HIDDEN.into(),
    }
}

/// Covers objects that stand as text within others.
fn scrubbed(value: &Json) -> Json {
    match value {
        Json::String(text) if text.trim_start().starts_with(['{', '[']) => {
            match serde_json::from_str::<Json>(text) {
                Ok(inner) => without_secrets(&scrubbed(&inner)).to_string().into(),
                Err(_) => value.clone(),
            }
        }
        Json::Array(items) => items.iter().map(scrubbed).collect(),
        Json::Object(map) => {
            let each = map.iter().map(|(key, value)| {
                let value = if key == LAST_APPLIED { HIDDEN.into() } else { scrubbed(value) };
                (key.clone(), value)
            });
            each.collect()
        }
        _ => value.clone(),
    }
}

/// Writes a value on one line: a text as it is where it can be taken for nothing else.
fn short(value: &Json) -> String {
    let text = match value {
        Json::String(text) if yaml::is_plain_safe(text) || text == HIDDEN => text.clone(),
        other => other.to_string(),
    };
    match text.char_indices().nth(MOST_CHARACTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn no_secret_shows_at_any_place() {
        let container = "/spec/template/spec/containers/0";
        let env = json!({ "name": "DB_PASSWORD", "value": "hunter2" });
        let applied = json!({ "kind": "Secret", "data": { "a": "hunter2" }, "env": [env] }).to_string();
        let leaks = [
            ("Secret", "/data/a".to_owned(), json!("hunter2")),
            ("Secret", "/stringData".to_owned(), json!({ "a": "hunter2" })),
            ("Secret", String::new(), json!({ "data": { "a": "hunter2" } })),
            ("Deployment", format!("{container}/env/3/value"), json!("hunter2")),
            ("Deployment", format!("{container}/env/3"), env.clone()),
            ("Deployment", format!("{container}/env"), json!([env])),
            ("Deployment", format!("{container}/args/1"), json!("hunter2")),
            ("Deployment", format!("{container}/args"), json!(["--password", "hunter2"])),
            ("Deployment", String::new(), json!({ "spec": { "env": [env] } })),
            ("Deployment", "/metadata/annotations/db~1password".to_owned(), json!("hunter2")),
            ("Deployment", "/tokens/0".to_owned(), json!("hunter2")),
            ("Service", "/metadata/annotations".to_owned(), json!({ LAST_APPLIED: "hunter2" })),
            ("Service", format!("/metadata/annotations/{}", LAST_APPLIED.replace('/', "~1")), json!(applied)),
            ("Service", "/metadata/annotations/copy".to_owned(), json!(applied)),
            ("ConfigMap", "/data/application.properties".to_owned(), json!("a=b\ndb.password=hunter2\n")),
        ];
        for (kind, path, value) in leaks {
            let shown = masked(kind, &path, &value).to_string();
            assert!(!shown.contains("hunter2"), "{kind} {path}: {shown}");
            assert!(shown.contains("***"), "{kind} {path}: {shown}");
        }
        assert!(!told("the password: hunter2").contains("hunter2"));
    }

    #[test]
    fn what_is_no_secret_shows() {
        let shown = [
            ("Deployment", "/spec/replicas", json!(3), "3"),
            ("Deployment", "/spec/template/spec/containers/0/image", json!("a:1"), "a:1"),
            ("Deployment", "/spec/template/spec/containers/0/args/1", json!("--level=info"), "--level=info"),
            ("Service", "/spec/ports/0", json!({ "port": 80 }), "{\"port\":80}"),
            ("Service", "/metadata/labels/a", json!("3"), "\"3\""),
            ("Secret", "/metadata/name", json!("shop"), "shop"),
        ];
        for (kind, path, value, expected) in shown {
            assert_eq!(short(&masked(kind, path, &value)), expected, "{path}");
        }
        assert_eq!(short(&json!("a".repeat(500))).chars().count(), MOST_CHARACTERS + 1);
    }
}
