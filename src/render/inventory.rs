//! What an API has in an environment: the objects themselves as they stand before its own patches, or only what they
//! are called.

use std::borrow::Cow;

use serde_json::Value as Json;

use super::{Templates, config, context, parts, router, routes, scaling};
use crate::diagnostic::Diagnostic;
use crate::metadata::{Api, Profile};
use crate::platform::Environment;

/// What Kubernetes calls an object, within its namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectId {
    /// API group and version.
    pub api_version: Cow<'static, str>,
    /// Kind.
    pub kind: Cow<'static, str>,
    /// Name; of a generated ConfigMap without the hash.
    pub name: Box<str>,
    /// Whether Kustomize puts a hash behind the name.
    pub hashed: bool,
}

impl ObjectId {
    /// Returns the API group; the core group is empty.
    pub fn group(&self) -> &str {
        self.api_version.split_once('/').map_or("", |(group, _)| group)
    }
}

/// Renders what an API has in an environment before its own patches and without its extra resources. Of a generated
/// ConfigMap the keys are there and the literals; what its files hold is left empty.
///
/// # Errors
/// Returns the finding of the first template that fails.
pub fn manifests(
    api: &Api,
    settings: &Environment,
    templates: &Templates,
) -> Result<Vec<Json>, Box<Diagnostic>> {
    let mut all = Vec::new();
    for objects in context::objects(api) {
        all.extend(parts(&objects, templates)?.into_iter().flat_map(|(_, documents)| documents));
    }
    all.extend(scaling(api, templates)?);
    all.extend(routes(api, settings, templates)?);
    all.extend(config::objects(api));
    Ok(all)
}

/// Returns what the objects of [`manifests`] are called, without rendering. Templates of the repo's own may make
/// others, which are not known here.
pub fn ids(api: &Api, settings: &Environment) -> Vec<ObjectId> {
    let mut ids = Vec::new();
    let mut add = |api_version: &'static str, kind: &'static str, name: &str, hashed: bool| {
        ids.push(ObjectId { api_version: api_version.into(), kind: kind.into(), name: name.into(), hashed });
    };
    for workload in &api.workloads {
        let kind = workload.kind;
        add(kind.api_version(), kind.as_str(), &api.workload_name(workload), false);
        if !workload.service_ports().is_empty() {
            add("v1", "Service", &api.service_name(workload), false);
        }
        if let Some(name) = context::account_name(api, workload) {
            add("v1", "ServiceAccount", &name, false);
        }
        if workload.autoscaling.is_some() {
            add("autoscaling/v2", "HorizontalPodAutoscaler", &api.autoscaler_name(workload), false);
        }
        if context::has_budget(api, workload) {
            add("policy/v1", "PodDisruptionBudget", &api.own_name(workload), false);
        }
    }
    for entry in router::entries(api, settings) {
        add("networking.k8s.io/v1", "Ingress", &entry.name, false);
    }
    for (name, _) in config::configs(api) {
        add("v1", "ConfigMap", &name, api.profile == Profile::Standard);
    }
    ids
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::diagnostic::Sink;
    use crate::{metadata, platform};

    /// Every fixture of rendering, and what it stands on.
    const FIXTURES: &[(&str, &str)] = &[
        (
            include_str!("../../fixtures/render/layout/in/platform.yaml"),
            include_str!("../../fixtures/render/layout/in/onboarding/payments/metadata.yaml"),
        ),
        (
            include_str!("../../fixtures/render/workloads/in/platform.yaml"),
            include_str!("../../fixtures/render/workloads/in/onboarding/shop/metadata.yaml"),
        ),
        (
            include_str!("../../fixtures/render/adopted/in/platform.yaml"),
            include_str!("../../fixtures/render/adopted/in/onboarding/ledger/metadata.yaml"),
        ),
        (
            include_str!("../../fixtures/render/routes/in/platform.yaml"),
            include_str!("../../fixtures/render/routes/in/onboarding/search/metadata.yaml"),
        ),
    ];

    #[test]
    fn names_are_those_of_what_is_rendered() {
        let templates = Templates::load(std::collections::BTreeMap::new(), &mut Vec::new());
        let mut compared = 0;
        for (platform, text) in FIXTURES {
            let platform = platform::parse(platform.as_bytes().to_vec(), &mut Sink::default()).unwrap();
            let path: Arc<str> = "metadata.yaml".into();
            let read = metadata::read(&path, text.as_bytes().to_vec(), &platform, &mut Sink::default());
            for environment in &read.unwrap().environments {
                let settings = platform.model.environments.get(&environment.name).unwrap();
                let api = &environment.merged.api;
                let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
                let rendered = manifests(api, settings, &templates).unwrap();
                let mut rendered: Vec<_> = rendered
                    .iter()
                    .map(|object| {
                        [&object["apiVersion"], &object["kind"], &object["metadata"]["name"]].map(text)
                    })
                    .collect();
                let mut named: Vec<_> = ids(api, settings)
                    .into_iter()
                    .map(|id| [id.api_version.into_owned(), id.kind.into_owned(), id.name.into_string()])
                    .collect();
                rendered.sort();
                named.sort();
                assert_eq!(named, rendered);
                compared += named.len();
            }
        }
        assert!(compared > 30, "{compared} objects were compared");
    }
}
