//! An object as an API server would have read it: known fields only, nothing that means the same as nothing.

use serde_json::{Map, Value as Json};

use super::fields::{Field, Kind, fields};
use super::pointer;
use super::quantity::canonical;
use super::{Note, NoteKind};

/// What a reading found worth saying, and how far it goes.
pub(super) struct Cleaner {
    pub(super) notes: Vec<Note>,
    /// Whether quantities are brought into the form that is stored.
    pub(super) quantities: bool,
}

impl Cleaner {
    /// Reads a value as a kind; `None` where it says nothing.
    pub(super) fn value(&mut self, value: &Json, kind: &Kind, path: &str) -> Option<Json> {
        if value.is_null() {
            return None;
        }
        Some(match kind {
            Kind::Object(name) => self.object(value, name, path),
            Kind::List(item) => {
                let Json::Array(items) = value else { return Some(self.wrong(value, "a list", path)) };
                let items = items.iter().enumerate().map(|(index, value)| {
                    self.value(value, item, &pointer::index(path, index)).unwrap_or_else(|| zero(item))
                });
                Json::Array(items.collect())
            }
            Kind::Map(item) => {
                let Json::Object(map) = value else { return Some(self.wrong(value, "a map", path)) };
                let entries = map.iter().map(|(key, value)| {
                    let value = self.value(value, item, &pointer::key(path, key));
                    (key.clone(), value.unwrap_or_else(|| zero(item)))
                });
                Json::Object(entries.collect())
            }
            Kind::Text => self.text(value, path),
            Kind::Integer => self.integer(value, path),
            Kind::Boolean => match value {
                Json::Bool(_) => value.clone(),
                Json::String(text) if matches!(&**text, "true" | "false") => {
                    self.note(NoteKind::Retyped, path, value, "a text where a boolean belongs");
                    Json::Bool(text == "true")
                }
                _ => self.wrong(value, "a boolean", path),
            },
            Kind::Quantity => self.quantity(value, path),
            Kind::IntegerOrText => match value {
                Json::Number(number) if number.is_i64() || number.is_u64() => value.clone(),
                Json::String(_) => value.clone(),
                _ => self.wrong(value, "an integer or text", path),
            },
        })
    }

    fn object(&mut self, value: &Json, name: &str, path: &str) -> Json {
        let Json::Object(map) = value else { return self.wrong(value, "a map", path) };
        let known = fields(name);
        let mut kept = Map::new();
        for (key, value) in map {
            let path = pointer::key(path, key);
            let Some(field) = known.iter().find(|field| field.name == key) else {
                if !is_noise(name, key) && !value.is_null() {
                    self.note(NoteKind::Unknown, &path, value, "Kubernetes has no such field");
                }
                continue;
            };
            if let Some(value) = self.value(value, &field.kind, &path)
                && !says_nothing(field, &value)
            {
                kept.insert(key.clone(), value);
            }
        }
        Json::Object(kept)
    }

    fn text(&mut self, value: &Json, path: &str) -> Json {
        match value {
            Json::String(_) => value.clone(),
            Json::Bool(_) | Json::Number(_) => {
                self.note(NoteKind::Retyped, path, value, "a number or boolean where text belongs");
                Json::String(value.to_string())
            }
            _ => self.wrong(value, "text", path),
        }
    }

    fn integer(&mut self, value: &Json, path: &str) -> Json {
        let text = match value {
            Json::Number(number) if number.is_i64() || number.is_u64() => return value.clone(),
            // `2.0` is an integer to the server's decoder.
            Json::Number(number) => number.to_string().strip_suffix(".0").map(str::to_owned),
            Json::String(text) => Some(text.clone()),
            _ => None,
        };
        let Some(number) = text.as_deref().and_then(parse_integer) else {
            return self.wrong(value, "an integer", path);
        };
        if value.is_string() {
            self.note(NoteKind::Retyped, path, value, "a text where an integer belongs");
        }
        number.into()
    }

    fn quantity(&mut self, value: &Json, path: &str) -> Json {
        let text = match value {
            Json::String(text) => text.clone(),
            Json::Number(number) => number.to_string(),
            _ => return self.wrong(value, "a quantity", path),
        };
        match canonical(&text) {
            Some(canonical) if self.quantities => canonical.into(),
            Some(_) => text.into(),
            None => self.wrong(value, "a quantity", path),
        }
    }

    /// Keeps what cannot be read: it is not for this place to lose it.
    fn wrong(&mut self, value: &Json, expected: &str, path: &str) -> Json {
        self.note(NoteKind::Refused, path, value, &format!("the API server refuses it: not {expected}"));
        value.clone()
    }

    fn note(&mut self, kind: NoteKind, path: &str, value: &Json, why: &str) {
        self.notes.push(Note { kind, path: path.to_owned(), value: value.clone(), why: why.to_owned() });
    }
}

/// What null means in a list or map, which cannot leave it out.
fn zero(kind: &Kind) -> Json {
    match kind {
        Kind::Text => "".into(),
        Kind::Integer | Kind::IntegerOrText => 0.into(),
        Kind::Boolean => false.into(),
        Kind::Quantity => "0".into(),
        Kind::List(_) => Json::Array(Vec::new()),
        Kind::Map(_) | Kind::Object(_) => Json::Object(Map::new()),
    }
}

/// Tells whether a value of a field is the same to a server as leaving the field out.
fn says_nothing(field: &Field, value: &Json) -> bool {
    match value {
        Json::Array(items) => items.is_empty(),
        Json::Object(map) if matches!(field.kind, Kind::Map(_)) => map.is_empty(),
        _ if field.pointer => false,
        Json::Object(map) => map.is_empty(),
        Json::String(text) => text.is_empty() || field.kind == Kind::Quantity && text == "0",
        Json::Number(number) => number.as_i64() == Some(0),
        Json::Bool(value) => !value,
        Json::Null => true,
    }
}

/// Reads an integer that another tool made text of: `0644` is octal there, as it is to Kubernetes' YAML reader.
fn parse_integer(text: &str) -> Option<i64> {
    let octal = text.strip_prefix("0o").or_else(|| text.strip_prefix('0').filter(|rest| !rest.is_empty()));
    match octal {
        Some(digits) => i64::from_str_radix(digits, 8).ok(),
        None => text.parse().ok(),
    }
}

/// What an export from a cluster holds and nobody wrote.
pub(super) fn is_noise(object: &str, key: &str) -> bool {
    match object {
        "ObjectMeta" => matches!(
            key,
            "creationTimestamp"
                | "deletionTimestamp"
                | "deletionGracePeriodSeconds"
                | "generation"
                | "managedFields"
                | "resourceVersion"
                | "selfLink"
                | "uid"
        ),
        _ => key == "status",
    }
}
