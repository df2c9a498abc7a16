//! What an API server says of an object: values and cross-field rules, beyond types and unknown fields.
//!
//! The rules are those of the server's own source, Kubernetes 1.33 unless a rule says otherwise, one file for each
//! subject. Each function names the one of the source that it follows. `tests/conformance/server` is that source behind a
//! pipe, and the conformance suite holds the two against each other.
//!
//! Not looked at: what needs a running cluster (quota, addresses, other objects, admission plugins), the rarer volumes of
//! a pod beyond their schema, ephemeral containers, the options for Windows, and the CEL rules of custom resources.

mod amount;
mod at;
mod autoscaler;
mod claim;
mod config;
mod container;
mod cron;
mod env;
mod handler;
mod ingress;
mod job;
mod meta;
mod network;
mod pod;
mod policy;
mod quota;
mod rbac;
mod resources;
mod schedule;
mod security;
mod selector;
mod service;
mod shape;
mod text;
mod volume;
mod warning;
mod workload;
mod zone;

use serde_json::Value as Json;

use at::{At, Faults};

use crate::effective::Path;
use crate::kubernetes::{self, Version};

/// What an API server, or what runs behind it, has against an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault<'a> {
    /// Where in the object; elements of lists by their index. The last step may be a key that is not there and should be.
    pub path: Path<'a>,
    /// What follows from it.
    pub outcome: Outcome,
    /// What is wrong: a lowercase fragment, names in backticks. It holds no value that could be a secret.
    pub message: String,
}

/// What follows from a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// The server takes the object and warns.
    Warned,
    /// The server takes the object, and it does not do what it says.
    Broken,
    /// The server refuses the object.
    Refused,
}

/// Finds what is wrong with an object for a version of Kubernetes, in the order of the rules. Of each place only the first
/// fault of an outcome is told.
pub fn faults(object: &Json, version: Version) -> Vec<Fault<'_>> {
    let mut faults = Faults::new(version);
    let root = At::root(object);
    shape::object(root, &mut faults);
    // What a server no longer knows it does not look into, and no other version's rules hold for it.
    if is_gone(object, version) {
        return faults.finish();
    }
    let api_version = object["apiVersion"].as_str().unwrap_or_default();
    let group = api_version.rsplit_once('/').map_or("", |(group, _)| group);
    match (group, object["kind"].as_str().unwrap_or_default()) {
        ("", "ConfigMap") => config::config_map(root, &mut faults),
        ("", "LimitRange") => quota::limit_range(root, &mut faults),
        ("", "Namespace") => meta::namespace(root, &mut faults),
        ("", "PersistentVolumeClaim") => claim::claim(root, &mut faults),
        ("", "Pod") => workload::pod(root, &mut faults),
        ("", "ResourceQuota") => quota::resource_quota(root, &mut faults),
        ("", "Secret") => config::secret(root, &mut faults),
        ("", "Service") => service::service(root, &mut faults),
        ("apps", "DaemonSet") => workload::daemon_set(root, &mut faults),
        ("apps", "Deployment") => workload::deployment(root, &mut faults),
        ("apps", "ReplicaSet") => workload::replica_set(root, &mut faults),
        ("apps", "StatefulSet") => workload::stateful_set(root, &mut faults),
        ("argoproj.io", "Rollout") => workload::rollout(root, &mut faults),
        ("autoscaling", "HorizontalPodAutoscaler") => autoscaler::autoscaler(root, &mut faults),
        ("batch", "CronJob") => job::cron_job(root, &mut faults),
        ("batch", "Job") => job::job(root, &mut faults),
        ("networking.k8s.io", "Ingress") => ingress::ingress(root, &mut faults),
        ("networking.k8s.io", "NetworkPolicy") => network::network_policy(root, &mut faults),
        ("policy", "PodDisruptionBudget") => policy::disruption_budget(root, &mut faults),
        ("rbac.authorization.k8s.io", "Role") => rbac::role(root, &mut faults),
        ("rbac.authorization.k8s.io", "RoleBinding") => rbac::role_binding(root, &mut faults),
        _ => meta::object(root, meta::Naming::Subdomain, &mut faults),
    }
    faults.finish()
}

/// Tells whether a version of Kubernetes no longer serves the API version that an object is written in.
pub fn is_gone(object: &Json, version: Version) -> bool {
    let text = |key: &str| object[key].as_str().unwrap_or_default();
    kubernetes::removed(text("apiVersion"), text("kind")).is_some_and(|removed| removed.is_gone_in(version))
}

/// Finds what is wrong with objects beside each other in one cluster, each with its place in the list.
pub fn faults_between<'a>(objects: &[&'a Json], version: Version) -> Vec<(usize, Fault<'a>)> {
    ingress::collisions(objects, version)
}

#[cfg(test)]
mod tests;
