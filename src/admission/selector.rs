//! Label selectors: what they may say, and what they select.

use serde_json::Value as Json;

use super::at::{At, Faults, show};
use super::text::{LABEL_KEY, LABEL_VALUE};

/// `ValidateLabels`.
pub(super) fn labels<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    for (key, value) in at.entries() {
        faults.hold_text(value, key, &LABEL_KEY);
        faults.hold(value, &LABEL_VALUE);
    }
}

/// `ValidateLabelSelector`.
pub(super) fn selector<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    labels(at.key("matchLabels"), faults);
    let expressions = at.key("matchExpressions");
    for expression in expressions.items() {
        let (values, operator) = (expression.key("values"), expression.key("operator"));
        match operator.text() {
            "In" | "NotIn" if values.len() == 0 => {
                faults.refuse(values, "`values` must not be empty where `operator` is `In` or `NotIn`");
            }
            "Exists" | "DoesNotExist" if values.len() > 0 => {
                faults
                    .refuse(values, "`values` has no meaning where `operator` is `Exists` or `DoesNotExist`");
            }
            "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
            other => faults.refuse(operator, format!("{} is no operator of a label selector", show(other))),
        }
        faults.hold(expression.key("key"), &LABEL_KEY);
        values.items().for_each(|value| faults.hold(value, &LABEL_VALUE));
    }
}

/// A selector of pods as workloads have it, and their template's labels: `ValidatePodTemplateSpecForReplicaSet` and its kin.
pub(super) fn of_template<'a>(spec: At<'a, '_>, empty_is_fault: bool, faults: &mut Faults<'a>) {
    let at = spec.key("selector");
    if !at.is_set() {
        return faults.refuse(at, "`selector` is missing");
    }
    selector(at, faults);
    if empty_is_fault && is_empty(at.json) {
        return faults.refuse(at, "the selector is empty");
    }
    let template = spec.key("template");
    let metadata = template.key("metadata");
    let labels = metadata.key("labels");
    if matches(at.json, labels.json) == Some(false) {
        faults.refuse(labels, "the labels of the pods are not those that `spec.selector` asks for");
    }
}

/// Tells whether a selector asks for nothing.
pub(super) fn is_empty(selector: &Json) -> bool {
    let empty = |key: &str| match selector.get(key) {
        Some(Json::Object(map)) => map.is_empty(),
        Some(Json::Array(items)) => items.is_empty(),
        _ => true,
    };
    empty("matchLabels") && empty("matchExpressions")
}

/// Tells whether labels are those that a selector asks for: `LabelSelectorAsSelector` and `Matches`. Nothing for a selector
/// that is none.
pub(super) fn matches(selector: &Json, labels: &Json) -> Option<bool> {
    let value_of = |key: &str| labels.get(key).and_then(Json::as_str);
    let mut all = true;
    for (key, value) in selector["matchLabels"].as_object().into_iter().flatten() {
        // Nothing is the empty text.
        all &= value_of(key) == Some(if value.is_null() { "" } else { value.as_str()? });
    }
    for expression in selector["matchExpressions"].as_array().into_iter().flatten() {
        let value = value_of(expression["key"].as_str()?);
        let values = expression["values"].as_array().map_or(&[][..], Vec::as_slice);
        let listed = || value.is_some_and(|value| values.iter().any(|one| one == value));
        all &= match expression["operator"].as_str()? {
            "In" if !values.is_empty() => listed(),
            "NotIn" if !values.is_empty() => !listed(),
            "Exists" if values.is_empty() => value.is_some(),
            "DoesNotExist" if values.is_empty() => value.is_none(),
            _ => return None,
        };
    }
    Some(all)
}
