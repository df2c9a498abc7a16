//! Small steps on maps: what is said is taken out, so that what is left is what was not said.

use serde_json::{Map, Value as Json};

pub(super) type Object = Map<String, Json>;

/// Takes the map of a value; anything else has nothing in it.
pub(super) fn into_object(value: Json) -> Object {
    match value {
        Json::Object(map) => map,
        _ => Object::new(),
    }
}

/// Takes a map out of a map.
pub(super) fn take(map: &mut Object, key: &str) -> Object {
    map.shift_remove(key).map(into_object).unwrap_or_default()
}

/// Takes a list out of a map.
pub(super) fn take_list(map: &mut Object, key: &str) -> Vec<Json> {
    match map.shift_remove(key) {
        Some(Json::Array(items)) => items,
        _ => Vec::new(),
    }
}

/// Takes a text out of a map.
pub(super) fn take_text(map: &mut Object, key: &str) -> Option<String> {
    match map.shift_remove(key) {
        Some(Json::String(text)) => Some(text),
        _ => None,
    }
}

/// Writes a key where there is something to say.
pub(super) fn put(map: &mut Object, key: &str, value: impl Into<Json>) {
    let value = value.into();
    let empty = match &value {
        Json::Null => true,
        Json::Array(items) => items.is_empty(),
        Json::Object(map) => map.is_empty(),
        _ => false,
    };
    if !empty {
        map.insert(key.to_owned(), value);
    }
}
