//! Values that must not be shown: what a key, or the line that it stands in, calls a secret.
//!
//! It rather hides too much: what is hidden can be read in the repo, what was shown is in a log.

use std::borrow::Cow;

use serde_json::Value as Json;

use super::path::{Path, Step};
use crate::secrets::{self, is_secret_key};

/// What stands for a value that is not shown.
const HIDDEN: &str = "***";

/// Returns a value as it may be shown, at its place in an object of a kind.
pub(super) fn hidden(kind: &str, path: &Path<'_>, value: &Json) -> Json {
    let of_secret = kind == "Secret" && (path.is_within(&["data"]) || path.is_within(&["stringData"]));
    let by_name = match path.0.as_slice() {
        [.., Step::Key(key)] if is_secret_key(key) => true,
        [.., Step::Element(element), Step::Key("value")] => is_secret_key(element),
        _ => false,
    };
    hide(value, of_secret, by_name)
}

/// Returns an object as it may be shown.
pub fn without_secrets(object: &Json) -> Json {
    let mut shown = hide(object, false, false);
    if object["kind"] == "Secret" {
        for key in ["data", "stringData"] {
            if let Some(values) = shown.get_mut(key) {
                *values = hide(&object[key], true, false);
            }
        }
    }
    shown
}

/// Tells whether a list element says by its name that its value is a secret: an element of `env`, a header of a probe.
pub(super) fn names_secret(element: &Json) -> bool {
    let name = element.get("name").or_else(|| element.get("key")).and_then(Json::as_str);
    name.is_some_and(is_secret_key)
}

/// `all` hides every text below, `this` the value itself, or each of a list, where it is no map.
fn hide(value: &Json, all: bool, this: bool) -> Json {
    match value {
        Json::Number(_) | Json::String(_) if all || this => HIDDEN.into(),
        Json::Null | Json::Bool(_) | Json::Number(_) => value.clone(),
        Json::String(text) => lines(text).join("\n").into(),
        Json::Array(list) => {
            let mut named = false;
            let shown = list.iter().map(|element| {
                let shown = hide(element, all, this || named);
                // `--password hunter2` as two arguments.
                named = element.as_str().is_some_and(|text| {
                    text.starts_with('-') && !text.contains(['=', ' ']) && is_secret_key(text)
                });
                shown
            });
            Json::Array(shown.collect())
        }
        Json::Object(map) => {
            let of_secret = names_secret(value);
            let shown = map.iter().map(|(key, value)| {
                let named = is_secret_key(key) || (key == "value" && of_secret);
                (key.clone(), hide(value, all, named && !value.is_object()))
            });
            Json::Object(shown.collect())
        }
    }
}

/// Returns the lines of a text as they may be shown, each in its place.
pub(super) fn lines(text: &str) -> Vec<String> {
    let mut hider = Lines { inside: Inside::Plain };
    // What has the form of a secret goes whatever its key says; a key over several lines is the hider's.
    let has_form = secrets::redacted(text) != text;
    let line =
        |line| hider.line(&if has_form { Cow::Owned(secrets::redacted(line)) } else { Cow::Borrowed(line) });
    text.split('\n').map(line).collect()
}

struct Lines {
    inside: Inside,
}

/// What the lines before leave open.
enum Inside {
    /// Nothing.
    Plain,
    /// A key or certificate between its marks.
    Armor,
    /// A secret whose value goes on in lines that are indented deeper than this.
    Block(usize),
    /// Secrets whose lines are indented deeper than this, or are elements as deep.
    List(usize),
    /// A secret whose line ends in a backslash.
    Continued,
}

impl Lines {
    fn line(&mut self, line: &str) -> String {
        let indent = line.len() - line.trim_start().len();
        let covered = match self.inside {
            Inside::Plain => false,
            Inside::Armor | Inside::Continued => true,
            Inside::Block(outer) => line.trim().is_empty() || indent > outer,
            // The elements of a list may stand as deep as its key.
            Inside::List(outer) => {
                line.trim().is_empty() || indent > outer || (indent == outer && is_element(line))
            }
        };
        match self.inside {
            Inside::Armor if line.contains("-----END ") => self.inside = Inside::Plain,
            Inside::Continued if !line.trim_end().ends_with('\\') => self.inside = Inside::Plain,
            Inside::Block(_) | Inside::List(_) if !covered => self.inside = Inside::Plain,
            _ => {}
        }
        if covered {
            return if line.trim().is_empty() { line.to_owned() } else { HIDDEN.to_owned() };
        }
        if let Some(at) = line.find("-----BEGIN ") {
            if !line[at..].contains("-----END ") {
                self.inside = Inside::Armor;
            }
            // The key may be one of several on the line.
            return format!("{}{HIDDEN}", front(&line[..at]));
        }
        let Some(at) = secret_value(line) else { return without_password(line).into_owned() };
        let value = line[at..].trim();
        // The key of an element stands deeper than its dash.
        let key = line.len() - line.trim_start_matches([' ', '\t', '-']).len();
        let opens = value.is_empty();
        self.inside = match value {
            _ if opens && key == indent => Inside::List(key),
            _ if value.ends_with('\\') => Inside::Continued,
            // A quoted or folded text may go on, and so does a list or map.
            _ => Inside::Block(key),
        };
        if opens || value.starts_with(['|', '>']) {
            return line.to_owned();
        }
        format!("{} {HIDDEN}", without_password(line[..at].trim_end()))
    }
}

/// Returns what stands before a secret, as it may be shown.
fn front(text: &str) -> String {
    match secret_value(text) {
        Some(at) if !text[at..].trim_matches(['"', '\'', ' ']).is_empty() => {
            format!("{} {HIDDEN} ", without_password(text[..at].trim_end()))
        }
        _ => without_password(text).into_owned(),
    }
}

/// Tells whether a line is an element of a YAML list.
fn is_element(line: &str) -> bool {
    line.trim_start().strip_prefix('-').is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

/// Finds where the value starts of the first key in a line that calls itself a secret.
fn secret_value(line: &str) -> Option<usize> {
    let is_key = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
    line.match_indices([':', '=', ' ', '>'])
        .find(|(at, separator)| {
            let before = line[..*at].trim_end_matches(['"', '\'', ' ', ']']);
            let key = before.rsplit(|c| !is_key(c)).next().unwrap_or_default();
            let flag = key.starts_with('-');
            is_secret_key(key) && (matches!(*separator, ":" | "=" | ">") || flag)
        })
        .map(|(at, separator)| at + separator.len())
}

/// Takes the password out of URLs such as `postgres://user:password@host`.
fn without_password(line: &str) -> Cow<'_, str> {
    let Some(scheme) = line.find("://") else { return Cow::Borrowed(line) };
    let start = scheme + 3;
    let end = line[start..].find(['/', ' ', '"', '\'', '?', '#']).map_or(line.len(), |at| start + at);
    // A password may have an `@` itself, and the last one ends it.
    let password = line[start..end].rfind('@').and_then(|at| {
        let colon = line[start..start + at].find(':')?;
        Some((start + colon + 1, start + at))
    });
    let (shown, rest) = match password {
        Some((from, to)) => (format!("{}{HIDDEN}", &line[..from]), &line[to..]),
        None => (line[..end].to_owned(), &line[end..]),
    };
    Cow::Owned(shown + &without_password(rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lines_keep_their_keys_and_lose_their_secrets() {
        for (line, shown) in [
            ("db.password=hunter2", "db.password= ***"),
            ("  password: hunter2 # why", "  password: ***"),
            ("{\"apiToken\": \"x\", \"a\": 1}", "{\"apiToken\": ***"),
            ("<password>hunter2</password>", "<password> ***"),
            ("run --password hunter2", "run --password ***"),
            ("url: postgres://user:hunter2@db/x?a=b", "url: postgres://user:***@db/x?a=b"),
            ("a://u:p@h b://u:p@h", "a://u:***@h b://u:***@h"),
            ("a://u:p@p@h", "a://u:***@h"),
            ("url: https://host:8080/", "url: https://host:8080/"),
            ("level: info", "level: info"),
            ("secretName: payments-tls", "secretName: payments-tls"),
        ] {
            assert_eq!(lines(line), [shown]);
        }
    }

    #[test]
    fn what_goes_on_in_the_next_lines_is_hidden_too() {
        let text = "password: |\n  one\n\n  two\nlevel: info\nkey: -----BEGIN KEY-----\nabc\n-----END KEY-----\ntoken=a\\\n b\nc: d";
        let shown = [
            "password: |",
            "***",
            "",
            "***",
            "level: info",
            "key: ***",
            "***",
            "***",
            "token= ***",
            "***",
            "c: d",
        ];
        assert_eq!(lines(text), shown);
    }

    #[test]
    fn several_secrets_and_lists_of_them_are_hidden() {
        for (text, shown) in [
            ("url=a://u:hunter2@h password=b", &["url=a://u:***@h password= ***"][..]),
            ("{\"password\":\"x\",\"key\":\"-----BEGIN A-----", &["{\"password\": *** ***"]),
            ("passwords:\n- one\n- two\nlevel: info", &["passwords:", "***", "***", "level: info"]),
            ("\"tokens\": [\n  \"one\"\n],\nlevel", &["\"tokens\": ***", "***", "],", "level"]),
            ("password: 'one\n  two'\nlevel: x", &["password: ***", "***", "level: x"]),
            ("- token: one\n  level: info\n- a", &["- token: ***", "  level: info", "- a"]),
        ] {
            assert_eq!(lines(text), shown);
        }
        let shown = without_secrets(&json!({
            "tokens": ["one", ["two"]], "params": [{ "key": "password", "value": "three" }],
        }));
        let hidden = json!({ "tokens": ["***", ["***"]], "params": [{ "key": "password", "value": "***" }] });
        assert_eq!(shown, hidden);
    }

    #[test]
    fn objects_lose_what_their_keys_call_a_secret() {
        let shown = without_secrets(&json!({
            "kind": "Deployment",
            "env": [
                { "name": "DB_PASSWORD", "value": "hunter2" },
                { "name": "API_TOKEN", "valueFrom": { "secretKeyRef": { "name": "a", "key": "b" } } },
                { "name": "LEVEL", "value": "info" },
            ],
            "args": ["--api-token", "hunter2", "--level=info", "--password=hunter2"],
            "token": 5,
        }));
        assert_eq!(
            shown,
            json!({
                "kind": "Deployment",
                "env": [
                    { "name": "DB_PASSWORD", "value": "***" },
                    { "name": "API_TOKEN", "valueFrom": { "secretKeyRef": { "name": "a", "key": "b" } } },
                    { "name": "LEVEL", "value": "info" },
                ],
                "args": ["--api-token", "***", "--level=info", "--password= ***"],
                "token": "***",
            })
        );
        let secret = without_secrets(&json!({ "kind": "Secret", "data": { "a": "eA==" }, "type": "Opaque" }));
        assert_eq!(secret, json!({ "kind": "Secret", "data": { "a": "***" }, "type": "Opaque" }));
    }

    #[test]
    fn a_place_says_what_its_value_is() {
        let env =
            |name: &'static str| Path(vec![Step::Key("env"), Step::Element(name.into()), Step::Key("value")]);
        assert_eq!(hidden("Deployment", &env("DB_PASSWORD"), &json!("hunter2")), json!("***"));
        assert_eq!(hidden("Deployment", &env("LEVEL"), &json!("info")), json!("info"));
        let data = Path(vec![Step::Key("data"), Step::Key("a")]);
        assert_eq!(hidden("Secret", &data, &json!("eA==")), json!("***"));
        assert_eq!(hidden("ConfigMap", &data, &json!("x")), json!("x"));
    }
}
