//! `namespace`.

use serde_json::Value as Json;

use super::accumulate::twice;
use super::codes::UNBUILDABLE_OVERLAY;
use super::field::{Field, Leaf, NoWay, visit};
use super::kustomization::Kustomization;
use super::resource::Resource;
use crate::diagnostic::{Diagnostic, Sink};

/// Where a namespace stands besides `metadata.namespace` (`namespaceFieldSpecs` of kustomize).
const FIELDS: &[Field] = &[
    Field::of("Namespace", &["metadata", "name"]).version("v1"),
    Field::of("APIService", &["spec", "service", "namespace"]).group("apiregistration.k8s.io"),
    Field::of(
        "CustomResourceDefinition",
        &["spec", "conversion", "webhook", "clientConfig", "service", "namespace"],
    )
    .group("apiextensions.k8s.io")
    .if_there(),
];

/// Puts all objects that have one into the namespace.
pub(super) fn run(kustomization: &Kustomization, resources: &mut [Resource], sink: &mut Sink) -> Option<()> {
    let Some(namespace) = &kustomization.namespace else { return Some(()) };
    for index in 0..resources.len() {
        let resource = &mut resources[index];
        resource.remember();
        if !resource.is_of_cluster() {
            resource.metadata().insert("namespace".to_owned(), (*namespace.value).into());
        }
        if matches!(resource.kind(), "RoleBinding" | "ClusterRoleBinding") {
            if resource
                .json
                .get("subjects")
                .is_some_and(|subjects| !subjects.is_array() && !subjects.is_null())
            {
                let message = format!("`subjects` of `{}` is no list", resource.title());
                sink.push(Diagnostic::new(&UNBUILDABLE_OVERLAY, resource.location.clone(), message));
                return None;
            }
            name_default_subjects(&mut resource.json, &namespace.value);
        }
        for field in FIELDS {
            if field.fits(resource) && !(field.kind == "Namespace" && resource.api_version() != "v1") {
                let set = &mut |value: &mut Json| {
                    *value = (*namespace.value).into();
                    Ok(())
                };
                let create = field.create.then_some(Leaf::Scalar);
                if visit(&mut resource.json, field.path, create, set) == Err(NoWay) {
                    let message = format!("`{}` has no place for a namespace", resource.title());
                    sink.push(Diagnostic::new(&UNBUILDABLE_OVERLAY, resource.location.clone(), message));
                    return None;
                }
            }
        }
        let id = resources[index].id();
        let other = resources.iter().enumerate().find(|(at, other)| *at != index && other.is(&id));
        if let Some((_, other)) = other {
            let finding = twice(other, &resources[index]);
            sink.push(finding.related(kustomization.at(namespace.span), "in this namespace"));
            return None;
        }
    }
    Some(())
}

/// Names the namespace of the account `default`, which every namespace has.
fn name_default_subjects(binding: &mut Json, namespace: &str) {
    let subjects = binding.get_mut("subjects").and_then(Json::as_array_mut);
    for subject in subjects.into_iter().flatten().filter_map(Json::as_object_mut) {
        if subject.get("name").is_some_and(|name| name == "default") {
            subject.insert("namespace".to_owned(), namespace.into());
        }
    }
}
