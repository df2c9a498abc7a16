//! What is known of kinds beside their schemas: whether they live in a namespace, and which API versions
//! are gone.

use super::{Version, store};

/// Where an object lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// In a namespace.
    Namespaced,
    /// In the cluster, beside all namespaces.
    Cluster,
}

/// An API version that Kubernetes no longer serves for a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removed {
    /// The first minor version without it: 25 for 1.25.
    pub in_minor: u32,
    /// What to write instead.
    pub replacement: &'static str,
}

impl Removed {
    /// Tells whether a version of Kubernetes is without it.
    pub fn is_gone_in(self, version: Version) -> bool {
        self.in_minor <= version.minor()
    }
}

/// Kinds that live beside all namespaces, by API group: those of Kubernetes itself (`kubectl api-resources
/// --namespaced=false`) and those of the custom resources that come up beside an application.
const CLUSTER: &[(&str, &[&str])] = &[
    ("", &["ComponentStatus", "Namespace", "Node", "PersistentVolume"]),
    (
        "admissionregistration.k8s.io",
        &[
            "MutatingAdmissionPolicy",
            "MutatingAdmissionPolicyBinding",
            "MutatingWebhookConfiguration",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionPolicyBinding",
            "ValidatingWebhookConfiguration",
        ],
    ),
    ("apiextensions.k8s.io", &["CustomResourceDefinition"]),
    ("apiregistration.k8s.io", &["APIService"]),
    ("certificates.k8s.io", &["CertificateSigningRequest", "ClusterTrustBundle"]),
    ("flowcontrol.apiserver.k8s.io", &["FlowSchema", "PriorityLevelConfiguration"]),
    // The former API group of what is in `policy` below.
    ("extensions", &["PodSecurityPolicy"]),
    ("networking.k8s.io", &["IPAddress", "IngressClass", "ServiceCIDR"]),
    ("node.k8s.io", &["RuntimeClass"]),
    ("policy", &["PodSecurityPolicy"]),
    ("rbac.authorization.k8s.io", &["ClusterRole", "ClusterRoleBinding"]),
    ("resource.k8s.io", &["DeviceClass", "DeviceTaintRule", "ResourceSlice"]),
    ("scheduling.k8s.io", &["PriorityClass"]),
    (
        "storage.k8s.io",
        &["CSIDriver", "CSINode", "StorageClass", "VolumeAttachment", "VolumeAttributesClass"],
    ),
    ("cert-manager.io", &["ClusterIssuer"]),
    ("external-secrets.io", &["ClusterExternalSecret", "ClusterPushSecret", "ClusterSecretStore"]),
    ("gateway.networking.k8s.io", &["GatewayClass"]),
    ("argoproj.io", &["ClusterAnalysisTemplate"]),
    ("configuration.konghq.com", &["KongClusterPlugin", "KongVault"]),
    ("snapshot.storage.k8s.io", &["VolumeSnapshotClass", "VolumeSnapshotContent"]),
];

/// Kinds that live in a namespace and have no schema in the store, by API group, from the same sources.
const NAMESPACED: &[(&str, &[&str])] = &[
    ("", &["Binding", "Event", "PodTemplate", "ReplicationController"]),
    ("apps", &["ControllerRevision", "ReplicaSet"]),
    ("coordination.k8s.io", &["Lease"]),
    ("events.k8s.io", &["Event"]),
    ("extensions", &["DaemonSet", "Deployment", "Ingress", "NetworkPolicy", "ReplicaSet"]),
    ("resource.k8s.io", &["ResourceClaim", "ResourceClaimTemplate"]),
    ("storage.k8s.io", &["CSIStorageCapacity"]),
    ("argoproj.io", &["AnalysisRun", "AnalysisTemplate", "Experiment"]),
    ("autoscaling.k8s.io", &["VerticalPodAutoscaler"]),
    ("bitnami.com", &["SealedSecret"]),
    ("cert-manager.io", &["CertificateRequest", "Issuer"]),
    ("configuration.konghq.com", &["KongConsumer", "KongIngress", "KongPlugin"]),
    ("external-secrets.io", &["PushSecret", "SecretStore"]),
    ("gateway.networking.k8s.io", &["BackendTLSPolicy", "GRPCRoute", "TLSRoute"]),
    ("monitoring.coreos.com", &["PodMonitor", "Probe", "PrometheusRule", "ServiceMonitor"]),
    ("cloud.google.com", &["BackendConfig"]),
    ("traefik.io", &["IngressRoute", "IngressRouteTCP", "IngressRouteUDP", "Middleware", "TLSOption"]),
    ("networking.gke.io", &["FrontendConfig", "GCPGatewayPolicy", "ManagedCertificate"]),
];

/// Says where objects of a kind live; `None` for a kind that is not known.
///
/// The version in `api_version` does not matter: no kind ever moved.
pub fn scope(api_version: &str, kind: &str) -> Option<Scope> {
    let group = api_version.rsplit_once('/').map_or("", |(group, _)| group);
    let listed = |table: &[(&str, &[&str])]| {
        table.iter().any(|(known, kinds)| *known == group && kinds.contains(&kind))
    };
    if listed(CLUSTER) {
        Some(Scope::Cluster)
    } else if listed(NAMESPACED) {
        Some(Scope::Namespaced)
    } else {
        store::scope(group, kind)
    }
}

/// Walks the names of all kinds that are known in some version; some come several times.
pub fn kinds() -> impl Iterator<Item = &'static str> {
    let listed = CLUSTER.iter().chain(NAMESPACED).flat_map(|(_, kinds)| kinds.iter().copied());
    listed.chain(store::kinds().map(|(_, kind)| kind))
}

/// Tells whether objects of a kind live beside all namespaces: in an API group, or in any that is known.
pub fn is_cluster_kind(group: Option<&str>, kind: &str) -> bool {
    CLUSTER.iter().any(|(of, kinds)| group.is_none_or(|group| group == *of) && kinds.contains(&kind))
}

/// Kinds, their former API version, the first minor version without it, and what came after: the
/// "Deprecated API Migration Guide" of Kubernetes.
const REMOVED: &[(&str, &[&str], u32, &str)] = &[
    ("extensions/v1beta1", &["DaemonSet", "Deployment", "ReplicaSet"], 16, "apps/v1"),
    ("extensions/v1beta1", &["NetworkPolicy"], 16, "networking.k8s.io/v1"),
    ("extensions/v1beta1", &["Ingress"], 22, "networking.k8s.io/v1"),
    ("apps/v1beta1", &["Deployment", "ReplicaSet", "StatefulSet"], 16, "apps/v1"),
    ("apps/v1beta2", &["DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"], 16, "apps/v1"),
    ("networking.k8s.io/v1beta1", &["Ingress", "IngressClass"], 22, "networking.k8s.io/v1"),
    (
        "rbac.authorization.k8s.io/v1beta1",
        &["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"],
        22,
        "rbac.authorization.k8s.io/v1",
    ),
    (
        "admissionregistration.k8s.io/v1beta1",
        &["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"],
        22,
        "admissionregistration.k8s.io/v1",
    ),
    ("apiregistration.k8s.io/v1beta1", &["APIService"], 22, "apiregistration.k8s.io/v1"),
    ("scheduling.k8s.io/v1beta1", &["PriorityClass"], 22, "scheduling.k8s.io/v1"),
    ("apiextensions.k8s.io/v1beta1", &["CustomResourceDefinition"], 22, "apiextensions.k8s.io/v1"),
    (
        "storage.k8s.io/v1beta1",
        &["CSIDriver", "CSINode", "StorageClass", "VolumeAttachment"],
        22,
        "storage.k8s.io/v1",
    ),
    ("batch/v2alpha1", &["CronJob"], 21, "batch/v1"),
    ("batch/v1beta1", &["CronJob"], 25, "batch/v1"),
    ("discovery.k8s.io/v1beta1", &["EndpointSlice"], 25, "discovery.k8s.io/v1"),
    ("events.k8s.io/v1beta1", &["Event"], 25, "events.k8s.io/v1"),
    ("policy/v1beta1", &["PodDisruptionBudget"], 25, "policy/v1"),
    ("node.k8s.io/v1beta1", &["RuntimeClass"], 25, "node.k8s.io/v1"),
    ("autoscaling/v2beta1", &["HorizontalPodAutoscaler"], 25, "autoscaling/v2"),
    ("autoscaling/v2beta2", &["HorizontalPodAutoscaler"], 26, "autoscaling/v2"),
    ("storage.k8s.io/v1beta1", &["CSIStorageCapacity"], 27, "storage.k8s.io/v1"),
];

/// Says since when a kind is no longer served in an API version; `None` if it is, or is not known.
pub fn removed(api_version: &str, kind: &str) -> Option<Removed> {
    let (.., in_minor, replacement) =
        REMOVED.iter().find(|(version, kinds, ..)| *version == api_version && kinds.contains(&kind))?;
    Some(Removed { in_minor: *in_minor, replacement })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kubernetes::VERSIONS;

    #[test]
    fn kinds_live_where_the_cluster_has_them() {
        for (api_version, kind) in [
            ("v1", "Namespace"),
            ("networking.k8s.io/v1", "IngressClass"),
            ("networking.k8s.io/v1beta1", "IngressClass"),
            ("scheduling.k8s.io/v1", "PriorityClass"),
            ("rbac.authorization.k8s.io/v1", "ClusterRole"),
            ("external-secrets.io/v1beta1", "ClusterSecretStore"),
        ] {
            assert_eq!(scope(api_version, kind), Some(Scope::Cluster), "{api_version} {kind}");
        }
        for (api_version, kind) in [
            ("v1", "ConfigMap"),
            ("apps/v1", "Deployment"),
            ("apps/v1beta1", "Deployment"),
            ("extensions/v1beta1", "Ingress"),
            ("autoscaling/v2beta2", "HorizontalPodAutoscaler"),
            ("gateway.networking.k8s.io/v1", "HTTPRoute"),
            ("external-secrets.io/v1beta1", "ExternalSecret"),
            ("bitnami.com/v1alpha1", "SealedSecret"),
        ] {
            assert_eq!(scope(api_version, kind), Some(Scope::Namespaced), "{api_version} {kind}");
        }
        for (api_version, kind) in
            [("v1", "Deployment"), ("networking.gke.io/v1", "Ingress"), ("a.example/v1", "A")]
        {
            assert_eq!(scope(api_version, kind), None, "{api_version} {kind}");
        }
    }

    #[test]
    fn a_kind_is_found_without_its_group() {
        assert!(is_cluster_kind(None, "ClusterRole"));
        assert!(is_cluster_kind(Some("rbac.authorization.k8s.io"), "ClusterRole"));
        assert!(!is_cluster_kind(Some("a.example"), "ClusterRole"));
        assert!(!is_cluster_kind(None, "Role"));
    }

    #[test]
    fn no_kind_lives_in_two_places() {
        for (group, kinds) in CLUSTER {
            for kind in *kinds {
                let other = NAMESPACED.iter().any(|(known, kinds)| known == group && kinds.contains(kind));
                assert!(!other, "{group} {kind}");
            }
        }
    }

    #[test]
    fn what_is_gone_has_no_schema_and_what_came_after_has() {
        assert_eq!(removed("extensions/v1beta1", "Ingress").map(|gone| gone.in_minor), Some(22));
        assert_eq!(
            removed("autoscaling/v2beta2", "HorizontalPodAutoscaler").map(|gone| gone.in_minor),
            Some(26)
        );
        assert_eq!(removed("networking.k8s.io/v1", "Ingress"), None);
        assert_eq!(removed("autoscaling/v1", "HorizontalPodAutoscaler"), None);
        let served: Vec<_> = store::kinds().collect();
        let mut with_schema = 0;
        for (api_version, kinds, _, replacement) in REMOVED {
            for kind in *kinds {
                assert!(!served.contains(&(*api_version, *kind)), "{api_version} {kind}");
                assert!(scope(api_version, kind).is_some(), "{api_version} {kind}");
                with_schema += usize::from(served.contains(&(*replacement, *kind)));
            }
        }
        assert!(with_schema > 15, "{with_schema} replacements have a schema");
    }

    #[test]
    fn the_oldest_known_version_still_has_what_went_later() {
        let autoscaler = removed("autoscaling/v2beta2", "HorizontalPodAutoscaler").expect("it is gone");
        let without: Vec<bool> = VERSIONS.iter().map(|version| autoscaler.is_gone_in(*version)).collect();
        assert_eq!(without.iter().filter(|gone| !**gone).count(), 1);
        assert!(!without[0]);
    }
}
