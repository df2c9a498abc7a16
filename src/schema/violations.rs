//! What a schema has against a value that has no file: places as steps, and words.

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use serde_json::Value as Json;

use super::{Schema, messages};
use crate::diagnostic::nearest;

/// What a schema has against a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The way to the value: keys, and indices in lists.
    pub steps: Vec<String>,
    /// What is wrong with it.
    pub kind: ViolationKind,
    /// The same as a fragment. Of values only those are shown that had to be one of a few.
    pub message: String,
}

/// What is wrong with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ViolationKind {
    /// It is a key that the map around it does not know.
    UnknownKey,
    /// It is a map without this key.
    MissingKey(String),
    /// It is not one of a few.
    NotListed,
    /// It is a number outside of its bounds.
    OutOfRange,
    /// It does not follow a format, such as that of a quantity.
    Format,
    /// Anything else.
    Other,
}

impl Schema {
    /// Says what is wrong with a value.
    pub fn violations(&self, json: &Json) -> Vec<Violation> {
        let mut found = Vec::new();
        for error in self.validator.iter_errors(json) {
            let steps = messages::unescape(error.instance_path().as_str());
            let known = || messages::known_keys(self, error.schema_path().as_str());
            match error.kind() {
                Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
                    let known = known();
                    found.extend(unexpected.iter().map(|key| {
                        let near = nearest(key, known.iter().map(String::as_str));
                        let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                        Violation {
                            steps: steps.iter().chain([key]).cloned().collect(),
                            kind: ViolationKind::UnknownKey,
                            message: format!("unknown field `{key}`{near}"),
                        }
                    }));
                }
                Kind::Required { property } => {
                    let key = property.as_str().unwrap_or_default().to_owned();
                    let message = format!("`{key}` is missing");
                    found.push(Violation { steps, kind: ViolationKind::MissingKey(key), message });
                }
                kind => {
                    let name = steps.iter().rev().find(|step| step.parse::<usize>().is_err());
                    let name = name.map_or_else(|| "the object".to_owned(), |name| format!("`{name}`"));
                    let (kind, message) = words(kind, &name, error.instance());
                    found.push(Violation { steps, kind, message });
                }
            }
        }
        found
    }
}

fn words(kind: &Kind, name: &str, value: &Json) -> (ViolationKind, String) {
    match kind {
        Kind::Type { kind } => {
            let wanted: Vec<&str> = match kind {
                TypeKind::Single(kind) => vec![messages::noun(&kind.to_string())],
                TypeKind::Multiple(kinds) => {
                    kinds.iter().map(|kind| messages::noun(&kind.to_string())).collect()
                }
            };
            let is = match value {
                Json::Null => "null",
                Json::Bool(_) => "a boolean",
                Json::Number(_) => "a number",
                Json::String(_) => "text",
                Json::Array(_) => "a list",
                Json::Object(_) => "a map",
            };
            (ViolationKind::Other, format!("{name} must be {}, but is {is}", wanted.join(" or ")))
        }
        Kind::Enum { .. } => {
            let shown = value.as_str().map_or_else(|| value.to_string(), crate::diagnostic::shorten);
            (ViolationKind::NotListed, format!("{name} cannot be `{shown}`: {}", messages::refusal(kind)))
        }
        _ => {
            let what = match kind {
                Kind::Minimum { .. } | Kind::Maximum { .. } => ViolationKind::OutOfRange,
                Kind::Format { .. } => ViolationKind::Format,
                _ => ViolationKind::Other,
            };
            (what, format!("{name} is not valid: {}", messages::refusal(kind)))
        }
    }
}
