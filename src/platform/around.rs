//! What platform.yaml says of what stands around the workloads: the network, stores of secrets, and the
//! namespaces themselves.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value as Json};

use crate::ordered::Ordered;

/// NetworkPolicies of all APIs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct NetworkPolicies {
    /// Whether APIs have them unless they say otherwise.
    pub enabled: bool,
    /// Where the requests of each router come from, by the router's name.
    pub sources: BTreeMap<String, NetworkSource>,
    /// What scrapes metrics.
    pub monitoring: Option<NetworkSource>,
    /// What answers DNS.
    pub dns: Option<NetworkSource>,
    /// Whether APIs whose egress is limited may reach GKE's metadata server.
    pub metadata_server: bool,
}

impl Default for NetworkPolicies {
    fn default() -> Self {
        Self {
            enabled: false,
            sources: BTreeMap::new(),
            monitoring: None,
            dns: None,
            // Without it Workload Identity fails, and with it every call to Google Cloud.
            metadata_server: true,
        }
    }
}

/// Where connections come from or go to: pods by selectors, addresses, or both.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct NetworkSource {
    /// Namespaces of the pods, in Kubernetes' own words; the API's own namespace when left out.
    pub namespace_selector: Option<Map<String, Json>>,
    /// The pods, in Kubernetes' own words; all when left out.
    pub pod_selector: Option<Map<String, Json>>,
    /// Addresses as CIDR blocks.
    pub ip_blocks: Vec<String>,
    /// Ports by number or name.
    pub ports: Vec<Json>,
}

/// A store that the External Secrets Operator reads from.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct SecretStore {
    /// Whether there is one for the cluster or one in each namespace.
    pub kind: SecretStoreKind,
    /// Name of the object, where it is not that of the entry.
    pub name: Option<String>,
    /// How often it is asked again.
    pub refresh_interval: Option<String>,
}

/// Whether there is one store for the cluster or one in each namespace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, serde::Serialize)]
pub enum SecretStoreKind {
    /// One for the cluster.
    #[default]
    ClusterSecretStore,
    /// One in each namespace.
    SecretStore,
}

/// The namespaces themselves.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct NamespaceObjects {
    /// Whether they are rendered.
    pub enabled: bool,
    /// Labels of each Namespace.
    pub labels: Ordered<String>,
    /// Annotations of each Namespace.
    pub annotations: Ordered<String>,
    /// The ResourceQuota.
    pub quota: Quota,
    /// The LimitRange; none where it says nothing.
    pub limit_range: Option<LimitRange>,
    /// Pattern of the group of a team; `{team}` is the team.
    pub group: Option<String>,
    /// Rules of the team's Role, in Kubernetes' own words.
    pub role: Option<Vec<Json>>,
}

/// The ResourceQuota of a namespace.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Quota {
    /// Whether there is one.
    pub enabled: bool,
    /// What is added in percent, for pods that onramp does not render.
    pub headroom_percent: u32,
}

impl Default for Quota {
    fn default() -> Self {
        Self { enabled: true, headroom_percent: 0 }
    }
}

/// The LimitRange of a namespace, for containers.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct LimitRange {
    /// Limits of a container without any.
    #[serde(rename = "default")]
    pub limits: Ordered<String>,
    /// Requests of a container without any.
    pub default_request: Ordered<String>,
    /// The least that a container may ask for.
    pub min: Ordered<String>,
    /// The most.
    pub max: Ordered<String>,
}
