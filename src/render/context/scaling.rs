//! How many pods run: autoscaler, disruption budget, fixed numbers.

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::{object, rollout, strings, workload_labels};
use crate::metadata::{Api, Behavior, IntOrString, Profile, Workload};

/// CPU use in percent that an autoscaler aims at where the API names no metric, as Kubernetes does.
const DEFAULT_CPU_PERCENT: u32 = 80;

/// A HorizontalPodAutoscaler.
#[derive(Debug, Serialize)]
struct Autoscaling {
    name: String,
    labels: Option<Json>,
    annotations: Option<Json>,
    min: u32,
    max: u32,
    metrics: Vec<Json>,
    behavior: Option<Behavior>,
}

/// A PodDisruptionBudget.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Budget {
    name: String,
    max_unavailable: Option<IntOrString>,
    min_available: Option<IntOrString>,
}

/// Prepares the context of `scaling.yaml.j2` for one workload.
pub(in crate::render) fn scaling(api: &Api, workload: &Workload) -> Json {
    let progressive = workload.progressive().is_some();
    json!({
        "workload": {
            "name": api.workload_name(workload),
            "apiVersion": if progressive { rollout::API_VERSION } else { workload.kind.api_version() },
            "kind": if progressive { "Rollout" } else { workload.kind.as_str() },
            "selector": api.selector(workload),
            "labels": workload_labels(api, workload),
        },
        "autoscaling": autoscaling(api, workload),
        "budget": budget(api, workload),
    })
}

/// Prepares the autoscaler, where there is one.
fn autoscaling(api: &Api, workload: &Workload) -> Option<Autoscaling> {
    let wanted = workload.autoscaling.as_ref()?;
    let mut labels = object(workload_labels(api, workload));
    labels.extend(object(strings(&wanted.labels)));
    let mut metrics: Vec<Json> = [("cpu", wanted.cpu), ("memory", wanted.memory)]
        .into_iter()
        .filter_map(|(name, percent)| percent.map(|percent| resource_metric(name, percent)))
        .collect();
    metrics.extend(wanted.metrics.iter().cloned().map(Json::Object));
    if metrics.is_empty() {
        metrics.push(resource_metric("cpu", DEFAULT_CPU_PERCENT));
    }
    Some(Autoscaling {
        name: api.autoscaler_name(workload),
        labels: (!labels.is_empty()).then_some(Json::Object(labels)),
        annotations: strings(&wanted.annotations),
        min: wanted.min,
        max: wanted.max,
        metrics,
        behavior: wanted.behavior.clone(),
    })
}

fn resource_metric(name: &str, percent: u32) -> Json {
    json!({
        "type": "Resource",
        "resource": { "name": name, "target": { "type": "Utilization", "averageUtilization": percent } },
    })
}

/// Prepares the disruption budget, where there is one.
fn budget(api: &Api, workload: &Workload) -> Option<Budget> {
    let wanted = &workload.disruption_budget;
    let says = wanted.max_unavailable.is_some() || wanted.min_available.is_some();
    let enabled = wanted.enabled.unwrap_or(says || api.profile == Profile::Standard);
    if !enabled || !workload.kind.runs_on() {
        return None;
    }
    Some(Budget {
        name: api.own_name(workload),
        // Without a word never a minAvailable: with one pod it would block the drain of a node for ever.
        max_unavailable: wanted.max_unavailable.clone().or((!says).then_some(IntOrString::Int(1))),
        min_available: wanted.min_available.clone(),
    })
}

/// Returns the overlay's `replicas` entry of a workload whose number of pods is fixed.
pub(in crate::render) fn replicas(api: &Api, workload: &Workload) -> Option<Json> {
    // What a Rollout refers to is scaled down by its controller.
    if workload.autoscaling.is_some() || !workload.kind.runs_on() || workload.progressive().is_some() {
        return None;
    }
    let count = match api.profile {
        Profile::Standard => workload.replicas.or(Some(1)),
        Profile::Adopted => workload.replicas,
    };
    count.map(|count| json!({ "name": api.workload_name(workload), "count": count }))
}
