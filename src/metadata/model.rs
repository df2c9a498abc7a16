//! metadata.yaml as types: one API as it holds in one environment (or at the top, for the base).
//!
//! Built from the merged tree, so it mirrors the file without `environments`. The schema is
//! stricter where it can be; a file that passes the schema and fails here is a bug in onramp.

use serde::{Deserialize, Serialize};

use super::routes::Routes;
use super::unions::{ConfigFiles, EnvValue, IntOrString, Port};
use crate::image::ImageRef;
use crate::ordered::Ordered;
use crate::platform::Level;

/// One API, merged for one environment.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Api {
    /// Always `onramp/v1`.
    pub api_version: String,
    /// Equals the directory name; names the objects.
    pub name: String,
    /// Who answers for it.
    pub owner: Owner,
    /// URL of the source repository.
    pub source: Option<String>,
    /// A state from platform.yaml.
    pub lifecycle: Option<String>,
    /// The capability level that the API asks for.
    pub level: Option<Level>,
    /// A size class from platform.yaml.
    pub tier: Option<String>,
    /// Namespace pattern that overrides the environment's; may hold `{name}`.
    pub namespace: Option<String>,
    /// The image of the main container.
    pub image: Option<ImageRef>,
    /// Ports by name.
    #[serde(default)]
    pub ports: Ordered<Port>,
    /// How the ports are offered inside the cluster.
    #[serde(default)]
    pub service: Service,
    /// Health probes.
    #[serde(default)]
    pub probes: Probes,
    /// Environment variables in order.
    #[serde(default)]
    pub env: Ordered<EnvValue>,
    /// Whole ConfigMaps and Secrets as environment variables.
    #[serde(default)]
    pub env_from: Vec<EnvFrom>,
    /// What goes into the API's own ConfigMap.
    #[serde(default)]
    pub config: Config,
    /// CPU and memory.
    #[serde(default)]
    pub resources: Resources,
    /// A fixed number of pods.
    pub replicas: Option<u32>,
    /// Or a range.
    pub autoscaling: Option<Autoscaling>,
    /// How pods are replaced.
    pub strategy: Option<Strategy>,
    /// Replaces the image's entry point.
    pub command: Option<Vec<String>>,
    /// Replaces the image's arguments.
    pub args: Option<Vec<String>>,
    /// Labels of the objects.
    #[serde(default)]
    pub labels: Ordered<String>,
    /// Annotations of the workload.
    #[serde(default)]
    pub annotations: Ordered<String>,
    /// Labels of the pods.
    #[serde(default)]
    pub pod_labels: Ordered<String>,
    /// Annotations of the pods.
    #[serde(default)]
    pub pod_annotations: Ordered<String>,
    /// How requests from outside arrive.
    #[serde(default)]
    pub routes: Routes,
    /// Strategic-merge patches, below `patches/`; they have the last word.
    #[serde(default)]
    pub patches: Vec<String>,
    /// Further objects, below `resources/`.
    #[serde(default)]
    pub extra_resources: Vec<String>,
}

/// The people behind an API.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Owner {
    /// Team name; becomes a label.
    pub team: String,
    /// Where mail reaches the team.
    pub email: String,
    /// Chat channel.
    pub channel: Option<String>,
    /// Who pays; some lifecycles require it.
    pub cost_center: Option<String>,
}

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
    /// Whether a client stays with one pod.
    pub session_affinity: Option<SessionAffinity>,
}

impl Default for Service {
    fn default() -> Self {
        Self {
            enabled: true,
            kind: ServiceType::ClusterIP,
            annotations: Ordered::default(),
            session_affinity: None,
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

/// What goes into the API's own ConfigMap.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Config {
    /// Files below `config/`.
    pub files: ConfigFiles,
    /// Keys with their text.
    pub literals: Ordered<String>,
    /// Where the container finds the keys as files.
    pub mount_path: Option<String>,
}

impl Config {
    /// Tells whether there is nothing to put into a ConfigMap.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.literals.is_empty()
    }
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

/// A range of pods.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Autoscaling {
    /// Least number of pods.
    pub min: u32,
    /// Greatest number of pods.
    pub max: u32,
    /// Target CPU use in percent of the request.
    pub cpu: Option<u32>,
    /// Target memory use in percent of the request.
    pub memory: Option<u32>,
    /// How fast, in Kubernetes' own words.
    pub behavior: Option<Behavior>,
}

/// How fast an autoscaler moves.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Behavior {
    /// Upwards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale_up: Option<ScalingRules>,
    /// Downwards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale_down: Option<ScalingRules>,
}

/// One direction of an autoscaler.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ScalingRules {
    /// Seconds of past recommendations that are looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stabilization_window_seconds: Option<u32>,
    /// Which of several policies holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub select_policy: Option<String>,
    /// Steps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policies: Option<Vec<ScalingPolicy>>,
}

/// One step of an autoscaler.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ScalingPolicy {
    /// `Pods` or `Percent`.
    #[serde(rename = "type")]
    pub kind: String,
    /// How many.
    pub value: u32,
    /// In how many seconds.
    pub period_seconds: u32,
}

/// How pods are replaced.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Strategy {
    /// Which way.
    #[serde(rename = "type")]
    pub kind: StrategyType,
    /// Pods above the wanted number while rolling.
    pub max_surge: Option<IntOrString>,
    /// Pods that may be missing while rolling.
    pub max_unavailable: Option<IntOrString>,
}

/// The ways of replacing pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum StrategyType {
    /// A few at a time.
    Rolling,
    /// All old ones first.
    Recreate,
}

impl Api {
    /// Returns the name of the API's own ConfigMap, before the hash.
    pub fn config_name(&self) -> String {
        format!("{}-config", self.name)
    }
}
