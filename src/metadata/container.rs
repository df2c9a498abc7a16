//! A container as types: the one that runs the API's own image, a sidecar or an init container.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::unions::{EnvValue, IntOrString, Port};
use crate::image::ImageRef;
use crate::ordered::Ordered;

/// Fields in Kubernetes' own words, carried as they are.
pub type Verbatim = Map<String, Json>;

/// A container.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Container {
    /// What it runs; a sidecar or init container without one runs the workload's.
    pub image: Option<ImageRef>,
    /// Replaces the image's entry point.
    pub command: Option<Vec<String>>,
    /// Replaces the image's arguments.
    pub args: Option<Vec<String>>,
    /// Ports by name.
    pub ports: Ordered<Port>,
    /// Environment variables in order.
    pub env: Ordered<EnvValue>,
    /// Whole ConfigMaps and Secrets as environment variables.
    pub env_from: Vec<EnvFrom>,
    /// Health probes.
    pub probes: Probes,
    /// CPU and memory.
    pub resources: Resources,
    /// Of a sidecar: whether it stands before the main container.
    pub before: bool,
    /// Further fields of the container.
    #[serde(rename = "container")]
    pub verbatim: Verbatim,
}

impl Container {
    /// Returns the port with a name: of those in `ports`, or of those in Kubernetes' own words.
    pub fn port(&self, name: &str) -> Option<u16> {
        let typed = self.ports.get(name).map(|port| port.container_port);
        typed.or_else(|| {
            let ports = self.verbatim.get("ports")?.as_array()?;
            let port = ports.iter().find(|port| port["name"].as_str() == Some(name))?;
            port["containerPort"].as_u64().and_then(|number| u16::try_from(number).ok())
        })
    }
}

/// The three probes.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Probes {
    /// Takes the pod out of the Service while it fails.
    pub readiness: Option<Probe>,
    /// Restarts the container when it fails.
    pub liveness: Option<Probe>,
    /// Holds back the other two until it succeeds.
    pub startup: Option<Probe>,
}

impl Probes {
    /// Walks the probes that are set, with their names.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Probe)> {
        [("readiness", &self.readiness), ("liveness", &self.liveness), ("startup", &self.startup)]
            .into_iter()
            .filter_map(|(name, probe)| probe.as_ref().map(|probe| (name, probe)))
    }
}

/// A probe in Kubernetes' own shape.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Probe {
    /// A GET that answers 200 to 399.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_get: Option<HttpGet>,
    /// A port that accepts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tcp_socket: Option<TcpSocket>,
    /// A command that exits with 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exec: Option<Exec>,
    /// The gRPC health protocol.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grpc: Option<Grpc>,
    /// Seconds before the first probe.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initial_delay_seconds: Option<u32>,
    /// Seconds between probes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period_seconds: Option<u32>,
    /// Seconds until a probe counts as failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_seconds: Option<u32>,
    /// Successes in a row that count as success.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub success_threshold: Option<u32>,
    /// Failures in a row that count as failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_threshold: Option<u32>,
    /// Seconds that a container gets to stop after a failed probe.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub termination_grace_period_seconds: Option<u32>,
}

impl Probe {
    /// Returns the port that the probe asks, where it asks one.
    pub fn port(&self) -> Option<&IntOrString> {
        match (&self.http_get, &self.tcp_socket) {
            (Some(get), _) => Some(&get.port),
            (None, Some(socket)) => Some(&socket.port),
            (None, None) => None,
        }
    }

    /// Tells whether the probe says what to ask.
    pub fn has_handler(&self) -> bool {
        self.http_get.is_some() || self.tcp_socket.is_some() || self.exec.is_some() || self.grpc.is_some()
    }
}

/// A probe by HTTP.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct HttpGet {
    /// Path of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Number or name.
    pub port: IntOrString,
    /// `HTTP` or `HTTPS`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheme: Option<String>,
    /// Host to connect to, the pod's address when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Further headers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_headers: Option<Vec<HttpHeader>>,
}

/// One header of a probe.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct HttpHeader {
    /// Name.
    pub name: String,
    /// Value.
    pub value: String,
}

/// A probe by connecting.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TcpSocket {
    /// Number or name.
    pub port: IntOrString,
    /// Host to connect to, the pod's address when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
}

/// A probe by command.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Exec {
    /// The command and its arguments.
    pub command: Vec<String>,
}

/// A probe by gRPC.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Grpc {
    /// Number of the port.
    pub port: u16,
    /// Service name in the health request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
}

/// A whole ConfigMap or Secret as environment variables.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnvFrom {
    /// Name of the Secret.
    pub secret: Option<String>,
    /// Or name of the ConfigMap.
    pub config: Option<String>,
    /// Put before each name.
    pub prefix: Option<String>,
    /// Whether the pod starts without it.
    pub optional: Option<bool>,
}

/// Requests and limits by resource name.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Resources {
    /// What the scheduler sets aside.
    pub requests: Ordered<String>,
    /// What the container may use.
    pub limits: Ordered<String>,
}
