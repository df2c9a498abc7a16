//! Which capability level a change needs: by what it does to the objects, field by field, and for what is the platform's
//! concern also where no object changes.
//!
//! What is not in one of the short lists below needs the highest level, so that a kind or field that nobody thought of
//! does not widen what a level allows.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::{FileChange, TransitionContext, objects_after};
use crate::diagnostic::Location;
use crate::effective::{EnvironmentChange, FieldChange, Id, ObjectChange, Side, Step, is_restart};
use crate::image::ImageRef;
use crate::kustomize::Object;
use crate::metadata::{CONTAINER_KEYS, WORKLOAD_KEYS};
use crate::platform::Level;

/// Keys of metadata.yaml beside those of workloads that need what their effect needs. All others are the platform's
/// concern: whose the API is, where it is, by which template it is rendered, what is brought along.
const BY_EFFECT: &[&str] = &["config", "configMaps", "externalSecrets", "labels", "networkPolicy", "routes"];

/// A key of a workload that says which live objects it means.
const IDENTITY: &str = "identity";

/// Kinds whose pods are known, and where they are.
const PODS: &[(&str, &str, &[&str])] = &[
    ("apps", "DaemonSet", &["spec", "template", "spec"]),
    ("apps", "Deployment", &["spec", "template", "spec"]),
    ("apps", "StatefulSet", &["spec", "template", "spec"]),
    ("batch", "CronJob", &["spec", "jobTemplate", "spec", "template", "spec"]),
    ("batch", "Job", &["spec", "template", "spec"]),
];

/// Fields of other objects that a level below the highest may change.
const FIELDS: &[(&str, &str, &[&str], Level)] = &[
    ("", "ConfigMap", &["data"], Level::L1),
    ("", "ConfigMap", &["binaryData"], Level::L1),
    ("apps", "Deployment", &["spec", "replicas"], Level::L2),
    ("apps", "StatefulSet", &["spec", "replicas"], Level::L2),
    ("argoproj.io", "Rollout", &["spec", "replicas"], Level::L2),
    ("autoscaling", "HorizontalPodAutoscaler", &["spec", "behavior"], Level::L2),
    ("autoscaling", "HorizontalPodAutoscaler", &["spec", "maxReplicas"], Level::L2),
    ("autoscaling", "HorizontalPodAutoscaler", &["spec", "metrics"], Level::L2),
    ("autoscaling", "HorizontalPodAutoscaler", &["spec", "minReplicas"], Level::L2),
    ("policy", "PodDisruptionBudget", &["spec", "maxUnavailable"], Level::L2),
    ("policy", "PodDisruptionBudget", &["spec", "minAvailable"], Level::L2),
];

/// Something that a change does, and the level that it needs.
#[derive(Clone, Debug)]
pub struct Need {
    /// The level.
    pub level: Level,
    /// What needs it, for a message.
    pub what: String,
    /// In which environment; nothing for what needs it whatever its effect.
    pub environment: Option<Box<str>>,
    /// Where it is written.
    pub location: Location,
}

impl Need {
    /// Lists what a change does to an API, beginning with what is most certain of its cause.
    pub fn all(context: &TransitionContext<'_>) -> Vec<Self> {
        let mut needs = Vec::new();
        let whole = match (&context.before, &context.after) {
            (None, _) => Some("a new API"),
            (_, None) => Some("the end of an API"),
            _ => None,
        };
        if let Some(whole) = whole {
            // Everything in it is new, or gone.
            let location = Location::file(format!("{}/metadata.yaml", context.directory));
            return vec![Self { level: Level::L3, what: whole.to_owned(), environment: None, location }];
        }
        for change in context.keys.iter().filter(|change| is_the_platforms(&change.path)) {
            let what = format!("a change of `{}`", change.dotted());
            needs.push(Self { level: Level::L3, what, environment: None, location: change.location.clone() });
        }
        needs.extend(files(context));
        for environment in context.environments {
            needs.extend(effects(context, environment));
        }
        needs
    }
}

/// Tells whether a key is the platform's concern whatever its effect.
fn is_the_platforms(path: &[Box<str>]) -> bool {
    match path {
        [] => true,
        [key, rest @ ..] if &**key == "environments" => match rest {
            // An environment that comes or goes.
            [] | [_] => true,
            [_, rest @ ..] => is_the_platforms(rest),
        },
        [key, rest @ ..] if &**key == "workloads" => match rest {
            [] | [_] => false,
            [_, rest @ ..] => is_the_platforms(rest),
        },
        [key, ..] => {
            let key = &**key;
            let known =
                BY_EFFECT.contains(&key) || WORKLOAD_KEYS.contains(&key) || CONTAINER_KEYS.contains(&key);
            key == IDENTITY || !known
        }
    }
}

/// Lists what needs a level by the file that it is in.
fn files(context: &TransitionContext<'_>) -> Vec<Need> {
    let mut needs = Vec::new();
    for file in context.files {
        let what = if file.kind == FileChange::Odd {
            format!("`{}`, which is or was no plain file,", file.path)
        } else if context.stale.contains(&file.path) {
            format!("`{}`, which is not what it is rendered to,", file.path)
        } else if steers_tools(&file.path) {
            format!("`{}`, which steers what git or the engine makes of files,", file.path)
        } else {
            continue;
        };
        needs.push(Need {
            level: Level::L3,
            what,
            environment: None,
            location: Location::file(file.path.as_str()),
        });
    }
    needs
}

/// Tells whether a file beside what is rendered decides over what reaches the cluster: git's attributes rewrite files as they
/// are checked out, Flux leaves out what `.sourceignore` names, and Argo CD takes parameters from `.argocd-source.yaml`.
/// Source: <https://argo-cd.readthedocs.io/en/stable/user-guide/parameters/#store-overrides-in-git>.
fn steers_tools(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name == ".gitattributes" || name == ".sourceignore" || name.starts_with(".argocd-")
}

/// Lists what needs a level by its effect in one environment.
fn effects(context: &TransitionContext<'_>, environment: &EnvironmentChange<'_>) -> Vec<Need> {
    let name = environment.environment;
    let need = |level, what: String, words: &[&str]| Need {
        level,
        what,
        environment: Some(name.into()),
        location: context.cause(Some(name), words),
    };
    let whole = match (environment.before, environment.after) {
        (Side::Broken, _) | (_, Side::Broken) => {
            Some(format!("`{name}`, which does not build on both sides,"))
        }
        (Side::Absent, _) => Some(format!("the new environment `{name}`")),
        (_, Side::Absent) => Some(format!("the end of environment `{name}`")),
        (Side::Built(_), Side::Built(_)) => None,
    };
    if let Some(whole) = whole {
        return vec![Need { environment: None, ..need(Level::L3, whole, &[name]) }];
    }
    let mut needs = Vec::new();
    let ids: BTreeSet<Id<'_>> = objects_after(environment).map(Id::of).collect();
    if ids.len() != objects_after(environment).count() {
        needs.push(need(Level::L3, "one name for two objects".to_owned(), &[]));
    }
    for change in &environment.objects {
        let object = format!("`{}`", change.id);
        let whole = match (change.before, change.after, change.moved_from) {
            (.., Some(_)) => Some((Level::L3, "the move of")),
            (None, Some(object), _) => Some((object_level(environment, &change.id, object), "the new")),
            (Some(object), None, _) => Some((object_level(environment, &change.id, object), "the end of")),
            _ => None,
        };
        if let Some((level, what)) = whole {
            needs.push(need(level, format!("{what} {object}"), &words_of_kind(change.id.kind)));
            continue;
        }
        for field in &change.fields {
            let path = field.path.to_string();
            let words = words_of_field(field);
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            needs.push(need(field_level(change, field), format!("`{path}` of {object}"), &words));
        }
    }
    needs
}

/// Returns the level that a field of an object needs.
fn field_level(change: &ObjectChange<'_>, field: &FieldChange<'_>) -> Level {
    let id = &change.id;
    let same = |group: &str, kind: &str| group == id.group && kind == id.kind;
    if let Some((.., level)) =
        FIELDS.iter().find(|(group, kind, path, _)| same(group, kind) && field.path.is_within(path))
    {
        return *level;
    }
    let Some((.., pod)) = PODS.iter().find(|(group, kind, _)| same(group, kind)) else { return Level::L3 };
    if is_restart(field) {
        return Level::L0;
    }
    for containers in ["containers", "initContainers"] {
        let within = |key: &str| field.path.is_within(&[pod, &[containers, "*", key][..]].concat());
        if within("image") {
            return if is_same_repository(field.before, field.after) { Level::L0 } else { Level::L3 };
        }
        if within("env") || within("envFrom") {
            return if reads_another_secret(change) { Level::L3 } else { Level::L1 };
        }
        if within("resources") {
            return Level::L2;
        }
    }
    Level::L3
}

/// Keys under which env names a Secret.
const SECRET_REFERENCES: &[&str] = &["secretKeyRef", "secretRef"];

/// Tells whether env names a Secret that the pods did not read before: where a namespace is shared, it may be that of another
/// API.
fn reads_another_secret(change: &ObjectChange<'_>) -> bool {
    let [known, wanted] = [change.before, change.after].map(|object| {
        let mut names = BTreeSet::new();
        if let Some(object) = object {
            secrets(&object.json, &mut names);
        }
        names
    });
    !wanted.is_subset(&known)
}

/// Collects the names of the Secrets that env names anywhere in an object.
fn secrets<'a>(value: &'a Json, names: &mut BTreeSet<&'a str>) {
    match value {
        Json::Object(map) => {
            for (key, value) in map {
                if SECRET_REFERENCES.contains(&key.as_str()) {
                    names.extend(value["name"].as_str());
                }
                secrets(value, names);
            }
        }
        Json::Array(list) => list.iter().for_each(|value| secrets(value, names)),
        _ => {}
    }
}

/// Returns the level that an object needs that comes or goes.
fn object_level(environment: &EnvironmentChange<'_>, id: &Id<'_>, object: &Object) -> Level {
    let sides = [environment.after, environment.before].into_iter().filter_map(Side::objects).flatten();
    let mut workloads = sides.filter(|other| PODS.iter().any(|(_, kind, _)| other.json["kind"] == *kind));
    match (id.group, id.kind) {
        // Made by a generator: it is the API's own config, under a name that only its pods know.
        ("", "ConfigMap") if object.hashed => Level::L1,
        ("autoscaling", "HorizontalPodAutoscaler") => {
            let target = &object.json["spec"]["scaleTargetRef"];
            let is_own = target["name"].is_string()
                && workloads.any(|workload| {
                    workload.json["kind"] == target["kind"]
                        && workload.json["metadata"]["name"] == target["name"]
                });
            if is_own { Level::L2 } else { Level::L3 }
        }
        ("policy", "PodDisruptionBudget") => {
            let selector = &object.json["spec"]["selector"];
            // An empty selector means all pods of the namespace.
            let is_own = selector["matchLabels"].is_object()
                && workloads.any(|workload| workload.json["spec"]["selector"] == *selector);
            if is_own { Level::L2 } else { Level::L3 }
        }
        _ => Level::L3,
    }
}

/// Tells whether two images differ in tag or digest only.
fn is_same_repository(before: Option<&Json>, after: Option<&Json>) -> bool {
    let repository = |value: Option<&Json>| {
        value
            .and_then(Json::as_str)
            .and_then(|text| ImageRef::parse(text).ok())
            .map(|image| image.full_repository())
    };
    let (before, after) = (repository(before), repository(after));
    before.is_some() && before == after
}

/// Returns keys of metadata.yaml that may have caused a change of a field, the most likely first.
fn words_of_field(field: &FieldChange<'_>) -> Vec<String> {
    let word = |step: &Step<'_>| match step {
        Step::Key(key) => Some((*key).to_owned()),
        Step::Element(element) => Some(element.to_string()),
        Step::Index(_) => None,
    };
    let mut words: Vec<String> = field.path.0.iter().rev().filter_map(word).collect();
    if words.iter().any(|word| word == "replicas" || word == "minReplicas" || word == "maxReplicas") {
        words.extend(["replicas", "autoscaling"].map(str::to_owned));
    }
    if words.last().is_some_and(|word| word == "data") {
        words.extend(["config", "configMaps"].map(str::to_owned));
    }
    words
}

/// Returns keys of metadata.yaml that may have caused an object to come or go.
fn words_of_kind(kind: &str) -> Vec<&'static str> {
    match kind {
        "ConfigMap" => vec!["config", "configMaps"],
        "HorizontalPodAutoscaler" => vec!["autoscaling", "replicas"],
        "PodDisruptionBudget" => vec!["disruptionBudget", "replicas", "autoscaling"],
        "Ingress" | "HTTPRoute" => vec!["routes"],
        "NetworkPolicy" => vec!["networkPolicy"],
        "ExternalSecret" => vec!["externalSecrets"],
        _ => vec!["workloads", "extraResources", "kind"],
    }
}
