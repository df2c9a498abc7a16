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

/// Tells whether a text is a DNS label (RFC 1123), as names of containers and volumes are.
pub(super) fn is_label(name: &str) -> bool {
    (1..=63).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !name.starts_with('-')
        && !name.ends_with('-')
}

/// Tells whether a text is a key of labels and annotations: a name, and before it perhaps a DNS domain and a slash.
pub(super) fn is_metadata_key(key: &str) -> bool {
    let (domain, name) = key.split_once('/').map_or((None, key), |(domain, name)| (Some(domain), name));
    let is_domain = |domain: &str| domain.len() <= 253 && domain.split('.').all(is_label);
    domain.is_none_or(is_domain) && !name.is_empty() && is_label_value(name)
}

/// Tells whether a text is the value of a label.
pub(super) fn is_label_value(value: &str) -> bool {
    let ends = [value.as_bytes().first(), value.as_bytes().last()];
    value.len() <= 63
        && ends.into_iter().flatten().all(u8::is_ascii_alphanumeric)
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}
