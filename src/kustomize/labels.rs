//! `labels` and `commonAnnotations`.

use serde_json::{Map, Value as Json};

use super::codes::UNBUILDABLE_OVERLAY;
use super::field::{Field, Leaf, NoWay, visit};
use super::kustomization::{Kustomization, Pairs};
use super::resource::{Reach, Resource, Shared};
use crate::diagnostic::{Diagnostic, Sink};

const OBJECTS: &[Field] = &[Field::any(&["metadata", "labels"])];

/// Labels of objects and of what is made from their templates (`metadataLabelsFieldSpecs` of kustomize).
const TEMPLATES: &[Field] = &[
    Field::any(&["metadata", "labels"]),
    Field::of("ReplicationController", TEMPLATE_LABELS).version("v1"),
    Field::of("Deployment", TEMPLATE_LABELS),
    Field::of("ReplicaSet", TEMPLATE_LABELS),
    Field::of("DaemonSet", TEMPLATE_LABELS),
    Field::of("StatefulSet", TEMPLATE_LABELS).group("apps"),
    Field::of("StatefulSet", &["spec", "volumeClaimTemplates[]", "metadata", "labels"]).group("apps"),
    Field::of("Job", TEMPLATE_LABELS).group("batch"),
    Field::of("CronJob", &["spec", "jobTemplate", "metadata", "labels"]).group("batch"),
    Field::of("CronJob", &["spec", "jobTemplate", "spec", "template", "metadata", "labels"]).group("batch"),
];

const TEMPLATE_LABELS: &[&str] = &["spec", "template", "metadata", "labels"];
const MATCH_LABELS: &[&str] = &["spec", "selector", "matchLabels"];

/// Selectors (`commonLabelFieldSpecs` of kustomize).
const SELECTORS: &[Field] = &[
    Field::of("Service", &["spec", "selector"]).version("v1"),
    Field::of("ReplicationController", &["spec", "selector"]).version("v1"),
    Field::of("Deployment", MATCH_LABELS),
    Field::of("ReplicaSet", MATCH_LABELS),
    Field::of("DaemonSet", MATCH_LABELS),
    Field::of("StatefulSet", MATCH_LABELS).group("apps"),
    Field::of("Job", MATCH_LABELS).group("batch").if_there(),
    Field::of("CronJob", &["spec", "jobTemplate", "spec", "selector", "matchLabels"])
        .group("batch")
        .if_there(),
    Field::of("PodDisruptionBudget", MATCH_LABELS).group("policy").if_there(),
    Field::of("NetworkPolicy", &["spec", "podSelector", "matchLabels"]).group(NETWORKING).if_there(),
    Field::of("NetworkPolicy", &["spec", "ingress", "from", "podSelector", "matchLabels"])
        .group(NETWORKING)
        .if_there(),
    Field::of("NetworkPolicy", &["spec", "egress", "to", "podSelector", "matchLabels"])
        .group(NETWORKING)
        .if_there(),
];

const NETWORKING: &str = "networking.k8s.io";

/// Selectors in the pods of a Deployment or StatefulSet, which are changed where they are.
const POD_SELECTORS: &[&[&str]] = &[
    &["affinity", "podAffinity", PREFERRED, "podAffinityTerm", "labelSelector", "matchLabels"],
    &["affinity", "podAffinity", REQUIRED, "labelSelector", "matchLabels"],
    &["affinity", "podAntiAffinity", PREFERRED, "podAffinityTerm", "labelSelector", "matchLabels"],
    &["affinity", "podAntiAffinity", REQUIRED, "labelSelector", "matchLabels"],
    &["topologySpreadConstraints", "labelSelector", "matchLabels"],
];

const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";
const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";

const TEMPLATE_ANNOTATIONS: &[&str] = &["spec", "template", "metadata", "annotations"];

/// Annotations (`commonAnnotationFieldSpecs` of kustomize).
const ANNOTATIONS: &[Field] = &[
    Field::any(&["metadata", "annotations"]),
    Field::of("ReplicationController", TEMPLATE_ANNOTATIONS).version("v1"),
    Field::of("Deployment", TEMPLATE_ANNOTATIONS),
    Field::of("ReplicaSet", TEMPLATE_ANNOTATIONS),
    Field::of("DaemonSet", TEMPLATE_ANNOTATIONS),
    Field::of("StatefulSet", TEMPLATE_ANNOTATIONS),
    Field::of("Job", TEMPLATE_ANNOTATIONS).group("batch"),
    Field::of("CronJob", &["spec", "jobTemplate", "metadata", "annotations"]).group("batch"),
    Field::of("CronJob", &["spec", "jobTemplate", "spec", "template", "metadata", "annotations"])
        .group("batch"),
];

/// Sets labels and annotations.
pub(super) fn run(kustomization: &Kustomization, resources: &mut [Resource], sink: &mut Sink) -> Option<()> {
    for entry in &kustomization.labels {
        let reach = match (entry.selectors, entry.templates) {
            (true, _) => Reach::Selectors,
            (false, true) => Reach::Templates,
            (false, false) => Reach::Objects,
        };
        for resource in resources.iter_mut() {
            let mut made = vec![0; entry.pairs.len()];
            let mut outcome = Ok(());
            if entry.selectors {
                outcome = in_selectors(resource, &entry.pairs, &mut made);
            }
            let fields = if reach == Reach::Objects { OBJECTS } else { TEMPLATES };
            let outcome = outcome.and_then(|()| set(resource, fields, &entry.pairs, &mut made));
            report(&outcome, resource, "labels", sink)?;
            share(resource, &entry.pairs, (false, reach), &made)
                .map_err(|key| {
                    let message =
                        format!("`{}` has the label `{key}` already, in more places", resource.title());
                    let at = kustomization.at(entry.span);
                    let help = "set each label once: kustomize changes the other places too";
                    sink.push(Diagnostic::new(&UNBUILDABLE_OVERLAY, at, message).help(help));
                })
                .ok()?;
        }
    }
    for resource in resources.iter_mut() {
        let mut made = vec![0; kustomization.annotations.len()];
        let outcome = set(resource, ANNOTATIONS, &kustomization.annotations, &mut made);
        report(&outcome, resource, "annotations", sink)?;
        // They reach the same places each time.
        let _ = share(resource, &kustomization.annotations, (true, Reach::Objects), &made);
    }
    Some(())
}

/// Notes which labels stand in several places now as one value, which kustomize changes in all of them together. A label
/// that it would change so is the error.
fn share(
    resource: &mut Resource,
    pairs: &Pairs,
    (annotation, reach): (bool, Reach),
    made: &[usize],
) -> Result<(), Box<str>> {
    for ((key, value), made) in pairs.iter().zip(made) {
        match resource.shared.iter_mut().find(|shared| shared.annotation == annotation && shared.key == *key)
        {
            Some(shared) if shared.value == *value => {}
            Some(shared) if reach < shared.reach => return Err(key.clone()),
            Some(shared) => (shared.value, shared.reach) = (value.clone(), reach),
            None if *made > 1 => {
                resource.shared.push(Shared { annotation, key: key.clone(), value: value.clone(), reach });
            }
            None => {}
        }
    }
    Ok(())
}

fn in_selectors(resource: &mut Resource, pairs: &Pairs, made: &mut [usize]) -> Result<(), NoWay> {
    set(resource, SELECTORS, pairs, made)?;
    if resource.group() != "apps"
        || !matches!(resource.kind(), "Deployment" | "StatefulSet")
        || pairs.is_empty()
    {
        return Ok(());
    }
    let template = resource.json.get_mut("spec").and_then(|spec| spec.get_mut("template"));
    let Some(pod) = template.and_then(|template| template.get_mut("spec")) else { return Ok(()) };
    POD_SELECTORS.iter().try_for_each(|path| visit(pod, path, None, &mut |value| put(value, pairs, made)))
}

/// Sets pairs in some fields, and counts for each in how many it was not there before.
fn set(resource: &mut Resource, fields: &[Field], pairs: &Pairs, made: &mut [usize]) -> Result<(), NoWay> {
    if pairs.is_empty() {
        return Ok(());
    }
    for field in fields {
        if field.fits(resource) {
            let create = field.create.then_some(Leaf::Map);
            visit(&mut resource.json, field.path, create, &mut |value| put(value, pairs, made))?;
        }
    }
    Ok(())
}

fn put(value: &mut Json, pairs: &Pairs, made: &mut [usize]) -> Result<(), NoWay> {
    if value.is_null() {
        *value = Json::Object(Map::new());
    }
    let Json::Object(map) = value else { return Err(NoWay) };
    for ((key, text), made) in pairs.iter().zip(made) {
        *made += usize::from(map.insert(key.to_string(), (**text).into()).is_none());
    }
    Ok(())
}

fn report(outcome: &Result<(), NoWay>, resource: &Resource, what: &str, sink: &mut Sink) -> Option<()> {
    if *outcome == Err(NoWay) {
        let message = format!("`{}` has something else where {what} stand", resource.title());
        sink.push(Diagnostic::new(&UNBUILDABLE_OVERLAY, resource.location.clone(), message));
        return None;
    }
    Some(())
}
