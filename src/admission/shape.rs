//! Types and unknown fields: the strict schema of a kind, and whether the server has the kind at all.

use serde_json::{Map, Value as Json};

use super::amount::Amount;
use super::at::{At, Faults, show};
use crate::effective::{Path, Step};
use crate::kubernetes::{self, Target};
use crate::schema::{Schema, Violation, ViolationKind};

/// API groups of Kubernetes itself whose kinds are all known.
const GROUPS: &[&str] =
    &["", "apps", "autoscaling", "batch", "networking.k8s.io", "policy", "rbac.authorization.k8s.io"];

/// Keys that the published schema requires and the server does without: they are then empty.
const TOLERATED: &[&str] = &[
    "apiGroup",
    "lun",
    "limits",
    "podSelector",
    "preference",
    "rules",
    "seconds",
    "serviceName",
    "status",
    "value",
];

/// Holds an object against the schema of its kind.
pub(super) fn object<'a>(root: At<'a, '_>, faults: &mut Faults<'a>) {
    let (api_version, kind) = (root.key("apiVersion"), root.key("kind"));
    if !faults.need_text(kind) || !faults.need_text(api_version) {
        return;
    }
    let target = Target::Kind { api_version: api_version.text(), kind: kind.text() };
    match kubernetes::schema(faults.version, target) {
        Some(schema) => {
            faults.looks_into_pods = kind.text() != "StatefulSet";
            tree(root.json, &[], &schema, faults);
        }
        None if (api_version.text(), kind.text()) == ("apps/v1", "ReplicaSet") => replica_set(root, faults),
        None => unknown(api_version, kind, faults),
    }
}

/// Says of a kind without schema what is known of it.
fn unknown<'a>(api_version: At<'a, '_>, kind: At<'a, '_>, faults: &mut Faults<'a>) {
    let (version, name) = (api_version.text(), kind.text());
    if let Some(removed) = kubernetes::removed(version, name) {
        if removed.is_gone_in(faults.version) {
            let message = format!(
                "{} is no longer served for {} since Kubernetes 1.{}; write `{}`",
                show(version),
                show(name),
                removed.in_minor,
                removed.replacement
            );
            faults.refuse(api_version, message);
        }
        return;
    }
    let group = version.rsplit_once('/').map_or("", |(group, _)| group);
    let served = VERSIONS.contains(&version);
    if GROUPS.contains(&group) && (!served || kubernetes::scope(version, name).is_none()) {
        faults.refuse(kind, format!("Kubernetes has no {} in {}", show(name), show(version)));
    }
}

/// Versions of those groups that are served.
const VERSIONS: &[&str] = &[
    "v1",
    "apps/v1",
    "autoscaling/v1",
    "autoscaling/v2",
    "batch/v1",
    "networking.k8s.io/v1",
    "networking.k8s.io/v1beta1",
    "policy/v1",
    "rbac.authorization.k8s.io/v1",
];

/// A ReplicaSet is made of what others are made of.
fn replica_set<'a>(root: At<'a, '_>, faults: &mut Faults<'a>) {
    let unknown = |at: At<'a, '_>, known: &[&str], faults: &mut Faults<'a>| {
        for (key, value) in at.entries().filter(|(key, _)| !known.contains(key)) {
            faults.refuse(value, format!("unknown field {}", show(key)));
        }
    };
    unknown(root, &["apiVersion", "kind", "metadata", "spec", "status"], faults);
    let spec = root.key("spec");
    unknown(spec, &["replicas", "minReadySeconds", "selector", "template"], faults);
    for key in ["replicas", "minReadySeconds"] {
        let at = spec.key(key);
        if at.is_set() && at.number().is_none_or(|number| i32::try_from(number).is_err()) {
            faults.refuse(at, format!("`{key}` must be an integer"));
        }
    }
    let (metadata, selector, template) = (root.key("metadata"), spec.key("selector"), spec.key("template"));
    for (at, name) in [(metadata, "ObjectMeta"), (selector, "LabelSelector"), (template, "PodTemplateSpec")] {
        if let Some(schema) =
            kubernetes::schema(faults.version, Target::Definition(name)).filter(|_| at.is_set())
        {
            tree(at.json, &at.path().0, &schema, faults);
        }
    }
}

/// Holds a part of an object, to which `above` leads, against a schema.
fn tree<'a>(part: &'a Json, above: &[Step<'a>], schema: &Schema, faults: &mut Faults<'a>) {
    if schema.accepts(part) {
        return;
    }
    // Unknown keys are found in what is written, all else in what is left without keys that have nothing behind them.
    let lean = without_omissions(part);
    let unknown = |violation: &Violation| violation.kind == ViolationKind::UnknownKey;
    let names = schema.violations(part).into_iter().filter(unknown);
    let rest = schema.violations(&lean).into_iter().filter(|violation| !unknown(violation));
    for violation in names.chain(rest) {
        let value = follow(part, &violation.steps).unwrap_or(&Json::Null);
        let mut steps = above.to_vec();
        steps.extend(path(part, &violation.steps));
        if is_tolerated(&violation.kind, value) {
            continue;
        }
        let kind = &violation.kind;
        let small = value.as_i64().is_some_and(|number| i32::try_from(number).is_ok());
        let decoded = matches!(kind, ViolationKind::NotListed | ViolationKind::MissingKey(_))
            || (*kind == ViolationKind::OutOfRange && small);
        faults.refuse_by_schema(Path(steps), decoded, violation.message);
    }
}

/// Tells whether the server does not mind, or a rule knows better.
fn is_tolerated(kind: &ViolationKind, value: &Json) -> bool {
    match kind {
        ViolationKind::MissingKey(key) => TOLERATED.contains(&key.as_str()),
        // Empty is what was left out; where it is not, a rule says so.
        ViolationKind::NotListed => value == "",
        // The schema has no negative quantities, and the server has.
        ViolationKind::Format => Amount::read(value).is_some(),
        // In a list too, it is what was left out.
        ViolationKind::Other => value.is_null(),
        _ => false,
    }
}

/// Finds the keys of an object by those of a violation.
fn path<'a>(mut here: &'a Json, steps: &[String]) -> Vec<Step<'a>> {
    let mut path = Vec::new();
    for step in steps {
        let next = match here {
            Json::Object(map) => map.get_key_value(step).map(|(key, value)| (Step::Key(key), value)),
            Json::Array(items) => {
                step.parse().ok().and_then(|index| Some((Step::Index(index), items.get(index)?)))
            }
            _ => None,
        };
        let Some((step, value)) = next else { break };
        path.push(step);
        here = value;
    }
    path
}

fn follow<'a>(json: &'a Json, steps: &[String]) -> Option<&'a Json> {
    steps.iter().try_fold(json, |here, step| match here {
        Json::Array(items) => items.get(step.parse::<usize>().ok()?),
        here => here.get(step),
    })
}

/// For the server, a key with `null` behind it is not there.
fn without_omissions(json: &Json) -> Json {
    match json {
        Json::Array(items) => items.iter().map(without_omissions).collect(),
        Json::Object(map) => {
            let set = map.iter().filter(|(_, value)| !value.is_null());
            Json::Object(
                set.map(|(key, value)| (key.clone(), without_omissions(value))).collect::<Map<_, _>>(),
            )
        }
        other => other.clone(),
    }
}
