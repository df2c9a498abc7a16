//! Quotas and ranges of limits: `ValidateResourceQuota`, `ValidateLimitRange`.

use super::amount::{Amount, written};
use super::at::{At, Faults, show};
use super::meta::{self, Naming};
use super::resources::{self, Scope};
use super::text::QUALIFIED;

const SCOPES: &[&str] = &[
    "Terminating",
    "NotTerminating",
    "BestEffort",
    "NotBestEffort",
    "PriorityClass",
    "CrossNamespacePodAffinity",
    "VolumeAttributesClass",
];

/// Names that a quota counts of pods.
const OF_PODS: &[&str] =
    &["pods", "cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory"];

/// Scopes that exclude each other.
const OPPOSITES: &[(&str, &str)] = &[("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating")];

/// `ValidateResourceQuota`.
pub(super) fn resource_quota<'a>(root: At<'a, '_>, faults: &mut Faults<'a>) {
    meta::object(root, Naming::Subdomain, faults);
    let spec = root.key("spec");
    let hard = spec.key("hard");
    hard.entries().for_each(|(key, value)| resources::amount(key, value, Scope::Quota, faults));
    let scopes = spec.key("scopes");
    let mut names: Vec<&str> = Vec::new();
    for scope in scopes.items() {
        faults.one_of(scope, SCOPES);
        fits(scope, scope.text(), hard, faults);
        names.push(scope.text());
    }
    opposites(scopes, &names, faults);
    let selector = spec.key("scopeSelector");
    let expressions = selector.key("matchExpressions");
    let mut names: Vec<&str> = Vec::new();
    for expression in expressions.items() {
        let (scope, operator, values) =
            (expression.key("scopeName"), expression.key("operator"), expression.key("values"));
        if faults.need_text(scope) {
            faults.one_of(scope, SCOPES);
        }
        fits(scope, scope.text(), hard, faults);
        names.push(scope.text());
        let simple = !matches!(scope.text(), "PriorityClass" | "VolumeAttributesClass");
        match operator.text() {
            "In" | "NotIn" | "DoesNotExist" if simple => {
                faults.refuse(operator, format!("the operator of {} is `Exists`", show(scope.text())));
            }
            "In" | "NotIn" if values.len() == 0 => faults.refuse(values, "`values` must not be empty"),
            "Exists" | "DoesNotExist" if values.len() > 0 => {
                faults.refuse(values, "`values` has no meaning with this operator");
            }
            "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
            other => faults.refuse(operator, format!("{} is no operator of a scope", show(other))),
        }
    }
    opposites(expressions, &names, faults);
}

/// `IsResourceQuotaScopeValidForResource`.
fn fits<'a>(at: At<'a, '_>, scope: &str, hard: At<'a, '_>, faults: &mut Faults<'a>) {
    let known: &[&str] = match scope {
        "BestEffort" => &["pods"],
        "VolumeAttributesClass" => &["persistentvolumeclaims", "requests.storage"],
        _ if SCOPES.contains(&scope) => OF_PODS,
        _ => return,
    };
    for (key, _) in hard.entries() {
        if !key.contains('/') && !known.contains(&key) {
            faults.refuse(at, format!("the scope {} has no {}", show(scope), show(key)));
        }
    }
}

fn opposites<'a>(at: At<'a, '_>, names: &[&str], faults: &mut Faults<'a>) {
    for (one, other) in OPPOSITES {
        if names.contains(one) && names.contains(other) {
            faults.refuse(at, format!("`{one}` and `{other}` exclude each other"));
        }
    }
}

/// `ValidateLimitRange`.
pub(super) fn limit_range<'a>(root: At<'a, '_>, faults: &mut Faults<'a>) {
    let metadata = root.key("metadata");
    // One without a name gets one.
    if metadata.has("name") || metadata.has("generateName") {
        meta::object(root, Naming::Subdomain, faults);
    }
    let spec = root.key("spec");
    let limits = spec.key("limits");
    let mut kinds: Vec<&str> = Vec::new();
    for limit in limits.items() {
        let kind = limit.key("type");
        if (QUALIFIED.check)(kind.text()).is_err() {
            faults.hold(kind, &QUALIFIED);
        } else if !kind.text().contains('/') {
            faults.one_of(kind, &["Pod", "Container", "PersistentVolumeClaim"]);
        }
        if kinds.contains(&kind.text()) {
            faults.refuse(kind, format!("{} stands there twice", show(kind.text())));
        }
        kinds.push(kind.text());
        one_limit(limit, kind.text(), faults);
    }
}

fn one_limit<'a>(limit: At<'a, '_>, kind: &str, faults: &mut Faults<'a>) {
    let scope = if matches!(kind, "Pod" | "Container") { Scope::Container } else { Scope::Any };
    for list in ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"] {
        let at = limit.key(list);
        if kind == "Pod" && list.starts_with("default") {
            if at.len() > 0 {
                faults.refuse(at, format!("`type: Pod` has no `{list}`"));
            }
            continue;
        }
        at.entries().for_each(|(key, value)| resources::name(key, value, scope, faults));
    }
    let read = |list: &str, key: &str| limit.json.get(list).and_then(|list| Amount::read(list.get(key)?));
    if kind == "PersistentVolumeClaim" && read("min", "storage").is_none() && read("max", "storage").is_none()
    {
        faults.refuse(limit, "`type: PersistentVolumeClaim` has a `min` or `max` of `storage`");
    }
    // Each list with those whose amounts are not below it.
    let order = [
        ("min", &["max", "defaultRequest", "default"][..]),
        ("defaultRequest", &["default", "max"][..]),
        ("default", &["max"][..]),
    ];
    for (list, above) in order {
        let at = limit.key(list);
        for (key, value) in at.entries().filter(|_| kind != "Pod" || !list.starts_with("default")) {
            for other in above.iter().filter(|other| kind != "Pod" || !other.starts_with("default")) {
                if Amount::read(value.json).zip(read(other, key)).is_some_and(|(less, more)| less > more) {
                    let other_text = written(&limit.json[*other][key]);
                    faults.refuse(value, format!("{} is above `{other}`, {other_text}", written(value.json)));
                }
            }
        }
    }
    let ratios = limit.key("maxLimitRequestRatio");
    for (_, ratio) in ratios.entries() {
        let nothing = if ratio.is_set() { Amount::read(ratio.json) } else { Amount::parse("0") };
        if nothing.zip(Amount::parse("1")).is_some_and(|(ratio, one)| ratio < one) {
            faults.refuse(ratio, format!("the ratio {} is below 1", written(ratio.json)));
        }
    }
}
