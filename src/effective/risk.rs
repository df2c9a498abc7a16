//! What a change does in the cluster.
//!
//! The classes and what falls into them are told to people in `docs/diff.md`.

use serde_json::Value as Json;

use super::change::ObjectChange;
use super::field::FieldChange;
use super::id::Id;
use super::pod;

/// What a change does in the cluster, from harmless to severe. The risk of several changes is the most severe of theirs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Risk {
    /// Nothing that runs notices: labels and annotations of an object, how the next update goes, the next run of a job.
    #[default]
    None,
    /// Something new that nothing depends on yet.
    Create,
    /// What running pods read or may do changes under them, without a restart.
    ConfigReload,
    /// The number of pods changes, or what limits it.
    Scaling,
    /// Pods are replaced one after the other.
    RollingRestart,
    /// Who reaches which pod changes.
    Traffic,
    /// A field that cannot be changed, or a move: the sync fails until the object is deleted and created anew.
    Replace,
    /// Something goes.
    Delete,
}

/// All classes, the most severe first.
pub const RISKS: [Risk; 8] = [
    Risk::Delete,
    Risk::Replace,
    Risk::Traffic,
    Risk::RollingRestart,
    Risk::Scaling,
    Risk::ConfigReload,
    Risk::Create,
    Risk::None,
];

impl Risk {
    /// Returns the name in JSON and in options.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Create => "create",
            Self::ConfigReload => "config-reload",
            Self::Scaling => "scaling",
            Self::RollingRestart => "rolling-restart",
            Self::Traffic => "traffic",
            Self::Replace => "replace",
            Self::Delete => "delete",
        }
    }

    /// Returns the words for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::None => "no effect",
            Self::ConfigReload => "config reload",
            Self::RollingRestart => "rolling restart",
            other => other.name(),
        }
    }
}

/// Groups whose objects steer traffic, whatever their kind.
const TRAFFIC_GROUPS: &[&str] = &[
    "networking.k8s.io",
    "gateway.networking.k8s.io",
    "gateway.networking.x-k8s.io",
    "discovery.k8s.io",
    "networking.gke.io",
    "cloud.google.com",
    "configuration.konghq.com",
    "networking.istio.io",
    "security.istio.io",
    "traefik.io",
    "cilium.io",
];

/// Fields that the API server refuses to change: group, kind, and the paths, each with all below it.
const IMMUTABLE: &[(&str, &str, &[&[&str]])] = &[
    (
        "",
        "PersistentVolumeClaim",
        &[
            &["spec", "accessModes"],
            &["spec", "selector"],
            &["spec", "storageClassName"],
            &["spec", "volumeMode"],
            &["spec", "volumeName"],
        ],
    ),
    ("", "Secret", &[&["type"]]),
    ("", "Service", &[&["spec", "clusterIP"], &["spec", "clusterIPs"]]),
    ("apps", "DaemonSet", &[&["spec", "selector"]]),
    ("apps", "Deployment", &[&["spec", "selector"]]),
    ("apps", "ReplicaSet", &[&["spec", "selector"]]),
    (
        "apps",
        "StatefulSet",
        &[
            &["spec", "podManagementPolicy"],
            &["spec", "selector"],
            &["spec", "serviceName"],
            &["spec", "volumeClaimTemplates"],
        ],
    ),
    ("batch", "Job", &[&["spec", "completionMode"], &["spec", "selector"], &["spec", "template"]]),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding", &[&["roleRef"]]),
    ("rbac.authorization.k8s.io", "RoleBinding", &[&["roleRef"]]),
    ("scheduling.k8s.io", "PriorityClass", &[&["preemptionPolicy"], &["value"]]),
    (
        "storage.k8s.io",
        "StorageClass",
        &[&["parameters"], &["provisioner"], &["reclaimPolicy"], &["volumeBindingMode"]],
    ),
];

/// What the API server takes an immutable field for that nobody wrote: kind, field, value. To write it changes nothing.
const DEFAULTS: &[(&str, &str, &str)] = &[
    ("Job", "completionMode", "NonIndexed"),
    ("PersistentVolumeClaim", "volumeMode", "Filesystem"),
    ("Secret", "type", "Opaque"),
    ("StatefulSet", "podManagementPolicy", "OrderedReady"),
];

/// Tells whether one side leaves a field out and the other has what the API server takes it for then.
fn is_default(id: &Id<'_>, field: &FieldChange<'_>) -> bool {
    let ((None, Some(value)) | (Some(value), None)) = (field.before, field.after) else { return false };
    let name = field.path.field().unwrap_or_default();
    DEFAULTS.iter().any(|(kind, key, default)| (*kind, *key) == (id.kind, name) && value == *default)
}

/// Tells whether the API server refuses to change a field of an object that exists, so that its sync fails.
pub fn is_immutable(id: &Id<'_>, field: &FieldChange<'_>) -> bool {
    let kind = IMMUTABLE.iter().find(|(group, kind, _)| (*group, *kind) == (id.group, id.kind));
    let Some((.., paths)) = kind else { return false };
    // A field that the server filled in itself is no change once somebody says it, unless that is to have no address.
    let headless = |value: &Json| value == "None" || value.get(0).is_some_and(|first| first == "None");
    let said =
        id.kind != "Service" || field.after.is_some_and(|after| field.before.is_some() || headless(after));
    said && !is_default(id, field) && paths.iter().any(|path| field.path.is_within(path))
}

/// Classes a change and its fields. `readers` is what another hash in the object's name does to the pods that read it.
pub(super) fn assess(change: &mut ObjectChange<'_>, new_environment: bool, readers: Risk) {
    let mut fields = std::mem::take(&mut change.fields);
    for field in &mut fields {
        field.risk = of_field(change, field, readers);
    }
    change.risk = match (change.before, change.after) {
        (_, None) => Risk::Delete,
        (None, _) if new_environment => Risk::Create,
        // What is new and acts on what is there does so at once.
        (None, _) => acts(&change.id).unwrap_or(Risk::Create),
        _ if change.moved_from.is_some() => Risk::Replace,
        _ => {
            let content = if change.content.is_empty() { Risk::None } else { template_risk(&change.id) };
            fields.iter().map(|field| field.risk).max().unwrap_or_default().max(content)
        }
    };
    change.fields = fields;
}

fn of_field(change: &ObjectChange<'_>, field: &FieldChange<'_>, readers: Risk) -> Risk {
    if is_immutable(&change.id, field) || is_locked(change, field) {
        return Risk::Replace;
    }
    // With a hash or without, it is another object to those who read it.
    if change.id.is_content() && field.path.is(&["metadata", "name"]) {
        return readers;
    }
    let hashed = [change.before, change.after].iter().flatten().all(|object| object.hashed);
    match (field_risk(&change.id, field), change.id.is_content()) {
        // With a hash in its name it is another object, which nobody reads before a restart.
        (Risk::ConfigReload, true) if hashed => readers,
        (risk, _) => risk,
    }
}

/// Returns what an object does to what runs, where it does something.
fn acts(id: &Id<'_>) -> Option<Risk> {
    match (id.group, id.kind) {
        ("", "Service" | "Endpoints") => Some(Risk::Traffic),
        ("", "ResourceQuota" | "LimitRange")
        | ("autoscaling" | "policy" | "keda.sh" | "autoscaling.k8s.io", _) => Some(Risk::Scaling),
        (group, _) if TRAFFIC_GROUPS.contains(&group) => Some(Risk::Traffic),
        _ => None,
    }
}

fn field_risk(id: &Id<'_>, field: &FieldChange<'_>) -> Risk {
    let within = |pattern: &[&str]| field.path.is_within(pattern);
    let acts = acts(id);
    if within(&["metadata", "annotations"]) {
        // Routers, load balancers and KEDA are steered by them, and a service account's rights come from them.
        return match acts {
            Some(Risk::Traffic) => Risk::Traffic,
            Some(Risk::Scaling) if id.group == "keda.sh" => Risk::Scaling,
            _ if matches!(id.kind, "ServiceAccount" | "Namespace") => Risk::ConfigReload,
            _ => Risk::None,
        };
    }
    // Policies, gateways and meshes choose namespaces by their labels, and services choose pods.
    if within(&["metadata", "labels"]) && id.group.is_empty() && matches!(id.kind, "Namespace" | "Pod") {
        return Risk::Traffic;
    }
    if within(&["metadata"]) || within(&["apiVersion"]) || within(&["status"]) {
        return Risk::None;
    }
    if let Some(path) = pod::template_path(id) {
        return workload_risk(id, field, path);
    }
    match acts {
        // The order of a Service's ports means nothing.
        Some(Risk::Traffic) if id.kind == "Service" && field.reordered => Risk::None,
        Some(risk) => risk,
        None if id.kind == "PersistentVolumeClaim" => Risk::Scaling,
        None if is_immutable_flag(id, field) => Risk::None,
        // Whatever reads it takes it over: a ConfigMap, rights, what a controller makes something of.
        None => Risk::ConfigReload,
    }
}

fn workload_risk(id: &Id<'_>, field: &FieldChange<'_>, template: &[&str]) -> Risk {
    let within = |pattern: &[&str]| field.path.is_within(pattern);
    match (id.group, id.kind) {
        // Of a running pod the image alone can change, which restarts that container.
        ("", "Pod") if within(&["spec", "containers", "*", "image"]) => Risk::RollingRestart,
        ("", "Pod") => Risk::Replace,
        _ if within(&["spec", "replicas"]) || within(&["spec", "parallelism"]) => Risk::Scaling,
        // A suspended job's pods are deleted, and come back with it.
        ("batch", "Job") if within(&["spec", "suspend"]) => Risk::Scaling,
        ("argoproj.io", _) if within(&["spec", "workloadRef"]) || within(&["spec", "restartAt"]) => {
            Risk::RollingRestart
        }
        ("argoproj.io", _)
            // The strategy as a whole, too.
            if field.path.touches(&["spec", "strategy", "canary", "trafficRouting"])
                || field.path.field().is_some_and(|field| field.ends_with("Service")) =>
        {
            Risk::Traffic
        }
        // `spec` as a whole, too.
        _ if field.path.touches(template) => template_risk(id),
        _ => Risk::None,
    }
}

/// Returns what another pod template does.
pub(super) fn template_risk(id: &Id<'_>) -> Risk {
    match id.kind {
        // The next run has it, or the next pod, whenever that comes.
        "CronJob" | "ReplicaSet" | "ReplicationController" => Risk::None,
        "Job" | "Pod" => Risk::Replace,
        _ => Risk::RollingRestart,
    }
}

/// Tells whether a ConfigMap or Secret that says it is immutable changes.
fn is_locked(change: &ObjectChange<'_>, field: &FieldChange<'_>) -> bool {
    let Some(before) = change.before.filter(|before| !before.hashed) else { return false };
    change.id.is_content()
        && before.json["immutable"] == true
        && !field.path.is_within(&["metadata"])
        && !field.path.is_within(&["apiVersion"])
}

fn is_immutable_flag(id: &Id<'_>, field: &FieldChange<'_>) -> bool {
    id.is_content() && field.path.is(&["immutable"])
}
