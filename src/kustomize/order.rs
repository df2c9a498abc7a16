//! The order in which `kustomize build` prints objects: its "legacy" one, of `SortOrderTransformer.go`.

use serde_json::Value as Json;

use super::Object;

/// Kinds that come first, in this order. The list is fixed: kustomize promises not to change it.
const FIRST: [&str; 22] = [
    "Namespace",
    "ResourceQuota",
    "StorageClass",
    "CustomResourceDefinition",
    "ServiceAccount",
    "PodSecurityPolicy",
    "Role",
    "ClusterRole",
    "RoleBinding",
    "ClusterRoleBinding",
    "ConfigMap",
    "Secret",
    "Endpoints",
    "Service",
    "LimitRange",
    "PriorityClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Deployment",
    "StatefulSet",
    "CronJob",
    "PodDisruptionBudget",
];

/// Kinds that come last, in this order.
const LAST: [&str; 2] = ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

/// Sorts objects as `kustomize build` does where a kustomization has no `sortOptions`.
pub(super) fn sort(objects: &mut [Object]) {
    objects.sort_by_cached_key(|object| Key::of(&object.json));
}

/// What objects are compared by, the first difference counts.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    rank: usize,
    /// A kind called Namespace of another group comes behind Kubernetes' own.
    foreign_namespace: bool,
    group_version_kind: String,
    identity: String,
}

impl Key {
    fn of<'a>(object: &'a Json) -> Self {
        let text = |json: Option<&'a Json>| json.and_then(Json::as_str).unwrap_or_default();
        let (api_version, kind) = (text(object.get("apiVersion")), text(object.get("kind")));
        let of = |key: &str| text(object.get("metadata").and_then(|metadata| metadata.get(key)));
        let or = |text: &str, absent: &str| (if text.is_empty() { absent } else { text }).to_owned();
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        Self {
            rank: rank(kind),
            foreign_namespace: kind == "Namespace" && !group.is_empty(),
            group_version_kind: [or(group, "~G"), or(version, "~V"), or(kind, "~K")].join("_"),
            identity: [or(of("namespace"), "~X"), or(of("name"), "~N")].join("|"),
        }
    }
}

fn rank(kind: &str) -> usize {
    let first = FIRST.iter().position(|first| *first == kind);
    let last = || LAST.iter().position(|last| *last == kind).map(|at| FIRST.len() + 1 + at);
    first.or_else(last).unwrap_or(FIRST.len())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The order is what kustomize 5.8.1 printed for these objects, given in reverse.
    #[test]
    fn objects_are_in_legacy_order() {
        let expected = [
            ("v1", "Namespace", "", "a"),
            ("example.com/v1", "Namespace", "n", "a"),
            ("v1", "ServiceAccount", "n", "a"),
            ("v1", "ConfigMap", "a", "z"),
            ("v1", "ConfigMap", "b", "a"),
            ("v1", "ConfigMap", "b", "b"),
            ("v1", "ConfigMap", "", "a"),
            ("serving.knative.dev/v1", "Service", "n", "a"),
            ("v1", "Service", "n", "a"),
            ("apps/v1", "Deployment", "n", "a"),
            ("apps/v1", "Deployment", "n", "a-b"),
            ("policy/v1", "PodDisruptionBudget", "n", "a"),
            ("apps.example.com/v1", "Gadget", "n", "a"),
            ("apps/v1", "DaemonSet", "n", "a"),
            ("autoscaling/v2", "HorizontalPodAutoscaler", "n", "a"),
            ("networking.k8s.io/v1", "Ingress", "n", "a"),
            ("v1", "Pod", "n", "a"),
            ("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", "", "a"),
            ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "", "a"),
        ];
        let object = |(version, kind, namespace, name): (&str, &str, &str, &str)| {
            let mut metadata = json!({ "name": name });
            if !namespace.is_empty() {
                metadata["namespace"] = namespace.into();
            }
            let json = json!({ "apiVersion": version, "kind": kind, "metadata": metadata });
            Object { json, name: name.into(), hashed: false }
        };
        let expected: Vec<Object> = expected.into_iter().map(object).collect();
        let mut objects: Vec<Object> = expected.iter().rev().cloned().collect();
        sort(&mut objects);
        assert_eq!(objects, expected);
    }
}
