//! Label selectors, as Kubernetes writes them: `app=web,tier in (a, b),!legacy`.

use serde_json::Value as Json;

/// What labels have to say.
#[derive(Debug)]
pub(super) struct Selector(Vec<Requirement>);

#[derive(Debug)]
struct Requirement {
    key: Box<str>,
    wanted: Wanted,
}

#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    There,
    NotThere,
    In(Vec<Box<str>>),
    NotIn(Vec<Box<str>>),
    Above(i64),
    Below(i64),
}

impl Selector {
    /// Reads a selector; nothing where it is none.
    pub(super) fn read(text: &str) -> Option<Self> {
        if text.trim().is_empty() {
            return Some(Self(Vec::new()));
        }
        parts(text).into_iter().map(requirement).collect::<Option<Vec<_>>>().map(Self)
    }

    /// Tells whether labels or annotations fit.
    pub(super) fn fits(&self, labels: Option<&Json>) -> bool {
        self.0.iter().all(|requirement| {
            let value = labels.and_then(|labels| labels.get(&*requirement.key)).map(|value| match value {
                Json::String(text) => text.clone(),
                Json::Null => String::new(),
                other => other.to_string(),
            });
            let among = |values: &[Box<str>]| {
                value.as_ref().is_some_and(|value| values.iter().any(|one| **one == **value))
            };
            let number = || value.as_ref().and_then(|value| value.parse::<i64>().ok());
            match &requirement.wanted {
                Wanted::There => value.is_some(),
                Wanted::NotThere => value.is_none(),
                Wanted::In(values) => among(values),
                Wanted::NotIn(values) => !among(values),
                Wanted::Above(bound) => number().is_some_and(|number| number > *bound),
                Wanted::Below(bound) => number().is_some_and(|number| number < *bound),
            }
        })
    }
}

/// Splits at the commas that do not stand in parentheses.
fn parts(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut depth) = (0, 0_usize);
    for (at, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn requirement(part: &str) -> Option<Requirement> {
    let part = part.trim();
    if let Some(key) = part.strip_prefix('!') {
        return named(key, Wanted::NotThere);
    }
    for mark in ["!=", "==", "="] {
        if let Some((key, value)) = part.split_once(mark) {
            let values = vec![word(value, true)?];
            return named(key, if mark == "!=" { Wanted::NotIn(values) } else { Wanted::In(values) });
        }
    }
    for (mark, above) in [('>', true), ('<', false)] {
        if let Some((key, bound)) = part.split_once(mark) {
            let bound = bound.trim().parse().ok()?;
            return named(key, if above { Wanted::Above(bound) } else { Wanted::Below(bound) });
        }
    }
    let Some((head, values)) = part.split_once('(') else { return named(part, Wanted::There) };
    let values =
        values.strip_suffix(')')?.split(',').map(|value| word(value, true)).collect::<Option<Vec<_>>>()?;
    let (key, verb) = head.trim().split_once(char::is_whitespace)?;
    match verb.trim() {
        "in" => named(key, Wanted::In(values)),
        "notin" => named(key, Wanted::NotIn(values)),
        _ => None,
    }
}

fn named(key: &str, wanted: Wanted) -> Option<Requirement> {
    Some(Requirement { key: word(key, false)?, wanted })
}

/// Reads a key or a value: no blank and no sign of the language in it.
fn word(text: &str, may_be_empty: bool) -> Option<Box<str>> {
    let text = text.trim();
    let legal = text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/'));
    (legal && (may_be_empty || !text.is_empty())).then(|| text.into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn labels_are_held_against_all_parts() {
        let labels = json!({ "app": "web", "tier": "a", "n": "3" });
        for (selector, fits) in [
            ("", true),
            ("app=web", true),
            ("app == web, tier in (a, b)", true),
            ("app!=web", false),
            ("none!=web", true),
            ("tier notin (b,c),!none", true),
            ("tier notin (a)", false),
            ("app", true),
            ("none", false),
            ("n>2,n<4", true),
            ("n>3", false),
        ] {
            assert_eq!(Selector::read(selector).unwrap().fits(Some(&labels)), fits, "{selector}");
        }
        for wrong in ["=web", "app in web", "app in (web", "a b", "app=we b", "app~web"] {
            assert!(Selector::read(wrong).is_none(), "{wrong}");
        }
    }
}
