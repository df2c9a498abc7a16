//! What an API has in an environment: the objects themselves as they stand before its own patches, or only what they
//! are called.

use std::borrow::Cow;

use serde_json::Value as Json;

use super::{
    Place, Templates, config, context, lifecycle, network, parts, router, scaling, secrets, traffic,
};
use crate::diagnostic::Diagnostic;
use crate::metadata::{Api, Profile};
use crate::platform::Extent;

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
    extent: Extent,
    place: Place<'_>,
    templates: &Templates,
) -> Result<Vec<Json>, Box<Diagnostic>> {
    if extent == Extent::None {
        return lifecycle::record_object(api, templates);
    }
    let api = &*lifecycle::at(extent, api);
    let annotations = router::service_annotations(api, place.settings);
    let mut all = Vec::new();
    for mut objects in context::objects(api) {
        objects.annotate(&annotations);
        all.extend(parts(&objects, templates)?.into_iter().flat_map(|(_, documents)| documents));
    }
    all.extend(scaling(api, templates)?);
    let traffic = traffic(api, place.settings, templates)?;
    all.extend(traffic.rollouts);
    all.extend(traffic.routes);
    all.extend(network(api, place, templates)?);
    all.extend(secrets(api, place, templates)?);
    all.extend(config::objects(api));
    Ok(all)
}

/// Returns what the objects of [`manifests`] are called, without rendering. Templates of the repo's own may make
/// others, which are not known here.
pub fn ids(api: &Api, extent: Extent, place: Place<'_>) -> Vec<ObjectId> {
    let mut ids = Vec::new();
    let mut add = |api_version: &'static str, kind: &'static str, name: &str, hashed: bool| {
        ids.push(ObjectId { api_version: api_version.into(), kind: kind.into(), name: name.into(), hashed });
    };
    if extent == Extent::None {
        add("v1", "ConfigMap", &lifecycle::record_name(api), false);
        return ids;
    }
    let api = &*lifecycle::at(extent, api);
    for workload in &api.workloads {
        let kind = workload.kind;
        let name = api.workload_name(workload);
        add(kind.api_version(), kind.as_str(), &name, false);
        if workload.has_service() {
            add("v1", "Service", &api.service_name(workload), false);
        }
        if let Some(name) = api.account_name(workload) {
            add("v1", "ServiceAccount", &name, false);
        }
        if workload.autoscaling.is_some() {
            add("autoscaling/v2", "HorizontalPodAutoscaler", &api.autoscaler_name(workload), false);
        }
        if context::has_budget(api, workload) {
            add("policy/v1", "PodDisruptionBudget", &api.own_name(workload), false);
        }
        if workload.progressive().is_some() {
            add(context::ROLLOUT_API_VERSION, "Rollout", &name, false);
        }
        if let Some(name) = api.second_service_name(workload) {
            add("v1", "Service", &name, false);
        }
    }
    let settings = place.settings;
    for context in context::network_policies(api, settings, place.platform) {
        let name = context["policy"]["name"].as_str().unwrap_or_default();
        add("networking.k8s.io/v1", "NetworkPolicy", name, false);
    }
    for context in context::external_secrets(api, place.name, settings, place.platform) {
        let name = context["secret"]["name"].as_str().unwrap_or_default();
        add("external-secrets.io/v1", "ExternalSecret", name, false);
    }
    let entries = router::entries(api, settings);
    if !entries.is_empty() {
        for router in router::of(settings) {
            let context = router.context(&entries, settings);
            for made in router.objects() {
                for element in context[made.list].as_array().into_iter().flatten() {
                    let name = element[made.name].as_str().unwrap_or_default();
                    add(made.api_version, made.kind, name, false);
                }
            }
        }
    }
    for (name, _) in config::configs(api) {
        add("v1", "ConfigMap", &name, api.profile == Profile::Standard);
    }
    ids
}
