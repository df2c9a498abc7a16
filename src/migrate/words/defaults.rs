//! Defaults that an API server fills in, and the same list the other way round: what need not be written.
//!
//! Sources in kubernetes/kubernetes (v1.33): `pkg/apis/core/v1/defaults.go`, `pkg/apis/apps/v1/defaults.go`,
//! `pkg/apis/batch/v1/defaults.go`, `pkg/apis/autoscaling/v2/defaults.go`, `pkg/apis/networking/v1/defaults.go`,
//! and the `+default=` marks that `zz_generated.defaults.go` carries out. A pod template gets fewer defaults than a
//! pod: requests from limits and `enableServiceLinks`, for example, are filled in only when the pod is made.

mod pod;

use serde_json::{Map, Value as Json, json};

type Object = Map<String, Json>;

/// Which way the list is walked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// What is left out is written.
    Fill,
    /// What says the default is left out. A default that depends on another value stays as its author wrote it:
    /// `imagePullPolicy` would change with the next tag.
    Strip,
}

/// Fills in or strips the defaults of an object of a current API version.
pub(super) fn apply(object: &mut Json, way: Way) {
    let kind = object["kind"].as_str().unwrap_or_default().to_owned();
    let Some(spec) = object.get_mut("spec").and_then(Json::as_object_mut) else { return };
    match kind.as_str() {
        "Deployment" => deployment(spec, way),
        "StatefulSet" => stateful_set(spec, way),
        "DaemonSet" => daemon_set(spec, way),
        "Job" => job(spec, way),
        "CronJob" => cron_job(spec, way),
        "Service" => service(spec, way),
        "HorizontalPodAutoscaler" => autoscaler(spec, way),
        "PersistentVolumeClaim" => way.put(spec, "volumeMode", "Filesystem"),
        _ => {}
    }
}

impl Way {
    /// Handles a default that is the same everywhere.
    fn put(self, map: &mut Object, key: &str, default: impl Into<Json>) {
        let default = default.into();
        match self {
            Self::Fill => drop(map.entry(key).or_insert(default)),
            Self::Strip if map.get(key) == Some(&default) => drop(map.shift_remove(key)),
            Self::Strip => {}
        }
    }

    /// Handles a default that depends on other values: it is never stripped.
    fn fill(self, map: &mut Object, key: &str, default: impl FnOnce() -> Json) {
        if self == Self::Fill && !map.contains_key(key) {
            map.insert(key.to_owned(), default());
        }
    }

    /// Handles the defaults inside a map that is itself filled in where it is missing.
    fn within(self, map: &mut Object, key: &str, inner: impl FnOnce(&mut Object)) {
        if self == Self::Fill {
            map.entry(key).or_insert_with(|| json!({}));
        }
        let Some(Json::Object(found)) = map.get_mut(key) else { return };
        inner(found);
        if self == Self::Strip && found.is_empty() {
            map.shift_remove(key);
        }
    }
}

/// The items of a list that are maps.
fn items<'a>(map: &'a mut Object, key: &str) -> impl Iterator<Item = &'a mut Object> {
    map.get_mut(key).and_then(Json::as_array_mut).into_iter().flatten().filter_map(Json::as_object_mut)
}

fn child<'a>(map: &'a mut Object, key: &str) -> Option<&'a mut Object> {
    map.get_mut(key).and_then(Json::as_object_mut)
}

fn template(spec: &mut Object, way: Way) {
    if let Some(pod) = child(spec, "template").and_then(|template| child(template, "spec")) {
        pod::spec(pod, way);
    }
}

/// `type: RollingUpdate` and what belongs to it.
fn rolling(strategy: &mut Object, way: Way, defaults: &[(&str, Json)]) {
    let kind = strategy.get("type").and_then(Json::as_str);
    if kind.is_none_or(|kind| kind == "RollingUpdate") {
        way.within(strategy, "rollingUpdate", |rolling| {
            for (key, default) in defaults {
                way.put(rolling, key, default.clone());
            }
        });
    }
    way.put(strategy, "type", "RollingUpdate");
}

fn deployment(spec: &mut Object, way: Way) {
    way.fill(spec, "replicas", || 1.into());
    way.within(spec, "strategy", |strategy| {
        rolling(strategy, way, &[("maxUnavailable", "25%".into()), ("maxSurge", "25%".into())]);
    });
    way.put(spec, "revisionHistoryLimit", 10);
    way.put(spec, "progressDeadlineSeconds", 600);
    template(spec, way);
}

fn stateful_set(spec: &mut Object, way: Way) {
    way.fill(spec, "replicas", || 1.into());
    way.put(spec, "podManagementPolicy", "OrderedReady");
    way.within(spec, "updateStrategy", |strategy| rolling(strategy, way, &[("partition", 0.into())]));
    way.put(spec, "revisionHistoryLimit", 10);
    way.within(spec, "persistentVolumeClaimRetentionPolicy", |policy| {
        way.put(policy, "whenDeleted", "Retain");
        way.put(policy, "whenScaled", "Retain");
    });
    for claim in items(spec, "volumeClaimTemplates") {
        // The server writes these into each claim of the list.
        way.put(claim, "apiVersion", "v1");
        way.put(claim, "kind", "PersistentVolumeClaim");
        if let Some(claim) = child(claim, "spec") {
            way.put(claim, "volumeMode", "Filesystem");
        }
    }
    template(spec, way);
}

fn daemon_set(spec: &mut Object, way: Way) {
    way.within(spec, "updateStrategy", |strategy| {
        rolling(strategy, way, &[("maxUnavailable", 1.into()), ("maxSurge", 0.into())]);
    });
    way.put(spec, "revisionHistoryLimit", 10);
    template(spec, way);
}

fn job(spec: &mut Object, way: Way) {
    if !spec.contains_key("parallelism") {
        way.fill(spec, "completions", || 1.into());
    }
    way.fill(spec, "parallelism", || 1.into());
    let tries = if spec.contains_key("backoffLimitPerIndex") { i64::from(i32::MAX) } else { 6 };
    way.put(spec, "backoffLimit", tries);
    way.put(spec, "completionMode", "NonIndexed");
    way.put(spec, "suspend", false);
    way.put(spec, "manualSelector", false);
    let replaced = if spec.contains_key("podFailurePolicy") { "Failed" } else { "TerminatingOrFailed" };
    way.put(spec, "podReplacementPolicy", replaced);
    template(spec, way);
}

/// The Job of a `CronJob` gets its own defaults only when it is made; its pod template gets them here.
fn cron_job(spec: &mut Object, way: Way) {
    way.put(spec, "concurrencyPolicy", "Allow");
    way.put(spec, "suspend", false);
    way.put(spec, "successfulJobsHistoryLimit", 3);
    way.put(spec, "failedJobsHistoryLimit", 1);
    if let Some(job) = child(spec, "jobTemplate").and_then(|template| child(template, "spec")) {
        template(job, way);
    }
}

fn service(spec: &mut Object, way: Way) {
    let kind = spec.get("type").and_then(Json::as_str).unwrap_or("ClusterIP").to_owned();
    if spec.get("sessionAffinity").is_some_and(|affinity| affinity == "ClientIP") {
        way.within(spec, "sessionAffinityConfig", |config| {
            way.within(config, "clientIP", |client| way.put(client, "timeoutSeconds", 10800));
        });
    }
    way.put(spec, "sessionAffinity", "None");
    if kind != "ExternalName" {
        way.put(spec, "internalTrafficPolicy", "Cluster");
    }
    if matches!(&*kind, "NodePort" | "LoadBalancer") {
        way.put(spec, "externalTrafficPolicy", "Cluster");
    }
    if kind == "LoadBalancer" {
        way.put(spec, "allocateLoadBalancerNodePorts", true);
    }
    way.put(spec, "type", "ClusterIP");
    for port in items(spec, "ports") {
        way.put(port, "protocol", "TCP");
        if let Some(number) = port.get("port").cloned() {
            if port.get("targetPort").is_some_and(|target| target == 0 || target == "") {
                port.shift_remove("targetPort");
            }
            way.fill(port, "targetPort", || number);
        }
    }
}

fn autoscaler(spec: &mut Object, way: Way) {
    way.fill(spec, "minReplicas", || 1.into());
    way.fill(spec, "metrics", || {
        let target = json!({ "type": "Utilization", "averageUtilization": 80 });
        json!([{ "type": "Resource", "resource": { "name": "cpu", "target": target } }])
    });
    let Some(behavior) = child(spec, "behavior") else { return };
    let percent = json!({ "type": "Percent", "value": 100, "periodSeconds": 15 });
    way.within(behavior, "scaleUp", |rules| {
        way.put(rules, "stabilizationWindowSeconds", 0);
        way.put(rules, "selectPolicy", "Max");
        way.put(rules, "policies", json!([{ "type": "Pods", "value": 4, "periodSeconds": 15 }, percent]));
    });
    way.within(behavior, "scaleDown", |rules| {
        way.put(rules, "selectPolicy", "Max");
        way.put(rules, "policies", json!([percent]));
    });
}
