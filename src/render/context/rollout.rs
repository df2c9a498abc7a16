//! Argo Rollouts: new pods beside the old ones, and requests led over to them.
//!
//! The Deployment stays what it is and a Rollout refers to it (`workloadRef`): so the pod stands where it
//! always does, Kustomize rewrites images and ConfigMap names in it, and patches reach it, none of which
//! holds inside a custom resource. The controller scales the Deployment down once the Rollout's own pods
//! are ready, which is why the Deployment says no number of pods.
//! Source: <https://argo-rollouts.readthedocs.io/en/stable/migrating/>.

use serde_json::{Map, Value as Json, json};

use super::{service, workload_labels};
use crate::metadata::{Api, Duration, Pause, Strategy, StrategyType, Workload};

/// API version of a Rollout.
pub(in crate::render) const API_VERSION: &str = "argoproj.io/v1alpha1";

/// Prepares the context of `rollout.yaml.j2`, where the workload has one.
///
/// `routing` is what the environment's router needs to know to lead a share of the requests; without
/// it the share is one of pods.
pub(in crate::render) fn rollout(api: &Api, workload: &Workload, routing: Option<Json>) -> Option<Json> {
    let strategy = workload.progressive()?;
    let services = api.second_service_name(workload).map(|second| (api.service_name(workload), second));
    let copy = service(api, workload).zip(services.clone()).map(|(mut copy, (_, second))| {
        copy.name = second;
        copy
    });
    Some(json!({
        "workload": {
            "name": api.workload_name(workload),
            "labels": workload_labels(api, workload),
            "replicas": workload.autoscaling.is_none().then(|| workload.replicas.unwrap_or(1)),
        },
        "strategy": rendered(strategy, services, routing),
        "service": copy,
    }))
}

fn rendered(strategy: &Strategy, services: Option<(String, String)>, routing: Option<Json>) -> Json {
    let mut all = Map::new();
    let mut set = |key: &str, value: Option<Json>| {
        if let Some(value) = value {
            all.insert(key.to_owned(), value);
        }
    };
    let seconds = |time: Option<Duration>| time.map(|time| time.seconds.into());
    let (stable, second) = services.map(|(stable, second)| (stable.into(), second.into())).unzip();
    if strategy.kind == StrategyType::Canary {
        let steps: Vec<Json> = strategy
            .steps
            .iter()
            .flat_map(|step| {
                let pause = step.pause.as_ref().map(|pause| match pause {
                    Pause::Manual => json!({ "pause": {} }),
                    Pause::For(time) => json!({ "pause": { "duration": format!("{}s", time.seconds) } }),
                });
                [Some(json!({ "setWeight": step.weight })), pause].into_iter().flatten()
            })
            .collect();
        let routing = routing.filter(|_| stable.is_some());
        set("stableService", stable);
        set("canaryService", second);
        set("trafficRouting", routing);
        set("maxSurge", strategy.max_surge.as_ref().map(|value| json!(value)));
        set("maxUnavailable", strategy.max_unavailable.as_ref().map(|value| json!(value)));
        set("scaleDownDelaySeconds", seconds(strategy.keep_old));
        set("steps", (!steps.is_empty()).then_some(Json::Array(steps)));
        return json!({ "canary": all });
    }
    set("activeService", stable);
    set("previewService", second);
    set("autoPromotionEnabled", strategy.auto_promote.map(Json::Bool));
    set("autoPromotionSeconds", seconds(strategy.promote_after));
    set("maxUnavailable", strategy.max_unavailable.as_ref().map(|value| json!(value)));
    set("scaleDownDelaySeconds", seconds(strategy.keep_old));
    json!({ "blueGreen": all })
}
