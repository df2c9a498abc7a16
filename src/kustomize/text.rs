//! Texts that kustomize cannot write, or writes so that it cannot read them again.

use serde_json::Value as Json;

use crate::yaml::{self, Scalar};

/// Tells whether kustomize reads a key as a text that it wrote itself. It writes keys of labels, annotations and generated
/// data without quotes, and then `1` is a number and an error.
pub(super) fn is_key(key: &str) -> bool {
    match yaml::resolve(key) {
        Scalar::Text => true,
        Scalar::Ambiguous(_) => key != MERGE && yaml::as_kustomize(key) == *key,
        _ => false,
    }
}

/// The key that kustomize takes for a merge even where it stands in quotes.
const MERGE: &str = "<<";

/// Tells whether an object has that key.
pub(super) fn has_merge_key(value: &Json) -> bool {
    match value {
        Json::Array(items) => items.iter().any(has_merge_key),
        Json::Object(map) => map.iter().any(|(key, value)| key == MERGE || has_merge_key(value)),
        _ => false,
    }
}

/// Returns the first character of an object's texts that kustomize refuses to read (it reads what it has written), or
/// changes: DEL, the control characters behind it and two that are none.
pub(super) fn unreadable(value: &Json) -> Option<char> {
    match value {
        Json::String(text) => unreadable_text(text),
        Json::Array(items) => items.iter().find_map(unreadable),
        Json::Object(map) => {
            map.iter().find_map(|(key, value)| unreadable_text(key).or_else(|| unreadable(value)))
        }
        _ => None,
    }
}

fn unreadable_text(text: &str) -> Option<char> {
    // Nearly all texts are plain ASCII.
    if text.bytes().all(|byte| byte < 0x7f) {
        return None;
    }
    text.chars().find(|c| matches!(c, '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}'))
}

/// Tells whether kustomize cannot read a text of a generated object: it writes one of several lines as a block, and one
/// that starts with a tab cannot stand in a block.
pub(super) fn is_broken_block(text: &str) -> bool {
    text.starts_with('\t') && text.contains('\n')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_without_quotes_stay_texts() {
        for (key, text) in
            [("a", true), ("on", true), ("n", true), ("1x", true), ("1", false), ("1.5", false)]
        {
            assert_eq!(is_key(key), text, "{key}");
        }
        for key in ["null", "true", "2001-01-01", "0x1F", "1_0"] {
            assert!(!is_key(key), "{key}");
        }
    }

    #[test]
    fn characters_that_cannot_be_read_are_found_anywhere() {
        assert_eq!(unreadable(&json!({ "a": ["b", { "c": "x\u{7f}" }] })), Some('\u{7f}'));
        assert_eq!(unreadable(&json!({ "a\u{85}": 1 })), Some('\u{85}'));
        assert_eq!(unreadable(&json!({ "a": "\u{a0}\u{2028}\u{feff}\u{1f680}\t" })), None);
        assert!(has_merge_key(&json!({ "a": [{ "<<": 1 }] })));
        assert!(!has_merge_key(&json!({ "a": "<<" })));
        assert!(is_broken_block("\tx\ny"));
        assert!(!is_broken_block("\tx"));
    }
}
