//! How a workload is offered inside the cluster.

use serde::{Deserialize, Serialize};

use super::container::Verbatim;
use crate::ordered::Ordered;

/// The Service object.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Service {
    /// Whether there is one; needs ports.
    pub enabled: bool,
    /// `ClusterIP`, `NodePort`, `LoadBalancer`, or `Headless` for one without address.
    #[serde(rename = "type")]
    pub kind: ServiceType,
    /// Annotations of the Service.
    pub annotations: Ordered<String>,
    /// Labels of the Service alone.
    pub labels: Ordered<String>,
    /// Whether a client stays with one pod.
    pub session_affinity: Option<SessionAffinity>,
    /// Which pods it leads to, where these are not the workload's by its own selector.
    pub selector: Option<Ordered<String>>,
    /// Ports in Kubernetes' own words, in place of those that `ports` gives it.
    pub ports: Option<Vec<Verbatim>>,
    /// Further fields of its `spec`.
    pub spec: Verbatim,
}

impl Default for Service {
    fn default() -> Self {
        Self {
            enabled: true,
            kind: ServiceType::ClusterIP,
            annotations: Ordered::default(),
            labels: Ordered::default(),
            session_affinity: None,
            selector: None,
            ports: None,
            spec: Verbatim::default(),
        }
    }
}

/// How a Service is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub enum ServiceType {
    /// Inside the cluster only.
    ClusterIP,
    /// On a port of each node.
    NodePort,
    /// By a load balancer of its own.
    LoadBalancer,
    /// By the pods' own addresses.
    Headless,
}

/// Whether a client stays with one pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub enum SessionAffinity {
    /// It does not.
    None,
    /// By its address.
    ClientIP,
}
