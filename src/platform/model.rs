//! platform.yaml as types.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::around::{NamespaceObjects, NetworkPolicies, SecretStore};
use super::custom::RawCustomRule;
use super::router::{Gateway, RouterKind, Routers};
use super::rules::RuleLevels;
use crate::ordered::Ordered;

/// The platform's side of the config repo.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Platform {
    /// Always `onramp/v1`.
    pub api_version: String,
    /// Which API server the objects are for, such as `1.33`.
    #[serde(default = "kubernetes_version")]
    pub kubernetes_version: String,
    /// Environments in promotion order.
    pub environments: Ordered<Environment>,
    /// Which namespaces an API may live in.
    #[serde(default)]
    pub namespaces: Namespaces,
    /// Which images may run.
    #[serde(default)]
    pub images: Images,
    /// How a bump finds its target and orders releases.
    #[serde(default)]
    pub release: Release,
    /// Size classes.
    #[serde(default)]
    pub tiers: Ordered<Tier>,
    /// States of an API.
    #[serde(default)]
    pub lifecycles: Ordered<Lifecycle>,
    /// Versions of the templates.
    #[serde(default)]
    pub templates: TemplateVersions,
    /// Capability levels.
    #[serde(default)]
    pub levels: Levels,
    /// What APIs get without saying it; merged on the tree, so only the matches are typed here.
    #[serde(default)]
    pub defaults: Vec<serde_json::Map<String, serde_json::Value>>,
    /// NetworkPolicies of all APIs.
    #[serde(default)]
    pub network_policy: NetworkPolicies,
    /// Stores of secrets, by the name that APIs call them.
    #[serde(default)]
    pub secret_stores: Ordered<SecretStore>,
    /// The namespaces themselves.
    #[serde(default)]
    pub namespace_objects: NamespaceObjects,
    /// Kubernetes fields that metadata.yaml may name.
    #[serde(default)]
    pub passthrough: Passthrough,
    /// What APIs may bring along in `extraResources`.
    #[serde(default)]
    pub extra_resources: ExtraResources,
    /// What carries out blue and green, and canaries.
    pub rollouts: Option<Rollouts>,
    /// Severities by rule code.
    #[serde(default)]
    pub rules: BTreeMap<Box<str>, RuleLevels>,
    /// Rules of the platform's own.
    #[serde(default)]
    pub custom_rules: Vec<RawCustomRule>,
    /// How much one pull request may change.
    #[serde(default)]
    pub budget: Budget,
    /// What points the GitOps engine at the overlays.
    pub gitops: Option<Gitops>,
}

impl Platform {
    /// Tells how much is rendered of an API in a lifecycle state.
    pub fn extent(&self, lifecycle: Option<&str>) -> Extent {
        lifecycle.and_then(|name| self.lifecycles.get(name)).map_or(Extent::Full, |state| state.render)
    }

    /// Finds a store of secrets, with the name that APIs call it: the wanted one, else that of the
    /// environment, else the only one.
    pub fn secret_store<'a>(
        &'a self,
        environment: &'a Environment,
        wanted: Option<&'a str>,
    ) -> Option<(&'a str, &'a SecretStore)> {
        match wanted.or(environment.secret_store.as_deref()) {
            Some(name) => self.secret_stores.get(name).map(|store| (name, store)),
            None => self.secret_stores.iter().next().filter(|_| self.secret_stores.len() == 1),
        }
    }
}

/// One environment: one overlay per API.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Environment {
    /// Namespace pattern; `{name}` is the API's name.
    #[serde(default = "name_pattern")]
    pub namespace: String,
    /// The one host that unified prefixes live on.
    pub unified_host: Option<String>,
    /// What answers for hosts and paths.
    #[serde(default)]
    pub router: Routers,
    /// Class of the Ingress objects; each router has its own where it is left out.
    pub ingress_class: Option<String>,
    /// What serves the routes of `gateway-api`.
    pub gateway: Option<Gateway>,
    /// Whether a bump may write to the branch.
    #[serde(default)]
    pub release: ReleaseMode,
    /// Whether images must name a digest.
    #[serde(default)]
    pub require_digest: bool,
    /// Least number of pods of an API.
    #[serde(default)]
    pub min_replicas: u32,
    /// Which of the stores holds the secrets of APIs that name none.
    pub secret_store: Option<String>,
    /// Clusters that apply the overlay.
    #[serde(default)]
    pub clusters: Vec<String>,
    /// Environments that belong together although their clusters differ.
    pub group: Option<String>,
    /// What each cluster has for all APIs together.
    #[serde(default)]
    pub capacity: Capacity,
}

/// What a cluster has for all APIs of an environment together; a resource that is not said is not counted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Capacity {
    /// Processors, as containers request them.
    pub cpu: Option<String>,
    /// Memory, as containers request it.
    pub memory: Option<String>,
    /// Pods.
    pub pods: Option<u32>,
}

impl Capacity {
    /// Tells whether nothing is counted.
    pub fn is_open(&self) -> bool {
        self.cpu.is_none() && self.memory.is_none() && self.pods.is_none()
    }
}

/// What the cluster is called where platform.yaml names none: the one that Argo CD runs in.
const IN_CLUSTER: &str = "in-cluster";

impl Environment {
    /// Returns the namespace of an API, which may have a pattern of its own.
    pub fn namespace_of(&self, api: &str, own: Option<&str>) -> String {
        super::namespace(own.unwrap_or(&self.namespace), api)
    }

    /// Returns the class of a router's Ingress objects, where platform.yaml says it: of two routers that read
    /// them it is said of the first, since one class for both would lead each to the other's objects.
    pub fn class_of(&self, router: RouterKind) -> Option<&str> {
        let first = self.router.iter().find(|kind| *kind != RouterKind::GatewayApi);
        self.ingress_class.as_deref().filter(|_| first == Some(router))
    }

    /// Returns the clusters that apply the overlay; at least one.
    pub fn clusters(&self) -> Vec<&str> {
        match self.clusters.as_slice() {
            [] => vec![IN_CLUSTER],
            named => named.iter().map(String::as_str).collect(),
        }
    }
}

/// Whether a bump may write to the branch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReleaseMode {
    /// It may.
    #[default]
    Direct,
    /// It opens a pull request.
    PullRequest,
}

/// Namespaces by glob.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Namespaces {
    /// Those that are allowed.
    pub allow: Vec<String>,
    /// Those that are not, whatever `allow` says.
    pub deny: Vec<String>,
}

impl Default for Namespaces {
    fn default() -> Self {
        Self { allow: vec!["*".to_owned()], deny: Vec::new() }
    }
}

/// Which images may run.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Images {
    /// Registries, with or without a path; empty allows all.
    pub registries: Vec<String>,
    /// Tags that move.
    pub forbid_tags: Vec<String>,
}

impl Images {
    /// Tells whether a repository, by its full name, lies in one of the registries. Where there are none nothing does.
    pub fn holds(&self, repository: &str) -> bool {
        // `acme` allows `acme/x` and not `acme-evil/x`.
        let inside = |registry: &String| {
            let rest = repository.strip_prefix(registry.trim_end_matches('/'));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.registries.iter().any(inside)
    }
}

/// How a bump finds its target and orders releases.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Release {
    /// Whether workload and container must be named.
    pub target: ReleaseTarget,
    /// What an older image does.
    pub order: ReleaseOrder,
}

/// Whether workload and container must be named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReleaseTarget {
    /// Only where more than one fits.
    #[default]
    Unique,
    /// Always.
    Explicit,
}

/// What an older image does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReleaseOrder {
    /// It is refused.
    #[default]
    Refuse,
    /// It is noted.
    Warn,
}

/// A size class.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Tier {
    /// What the scheduler sets aside.
    pub requests: Ordered<String>,
    /// What a container may use, and the most that an API may ask for itself.
    pub limits: Ordered<String>,
    /// Greatest number of pods.
    pub max_replicas: Option<u32>,
    /// Storage quota.
    pub storage: Option<String>,
}

/// A state of an API.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Lifecycle {
    /// Environments it may be in; empty for all.
    pub environments: Vec<String>,
    /// Keys of metadata.yaml that must be set, dotted.
    pub requires: Vec<String>,
    /// States that may follow.
    pub next: Vec<String>,
    /// What is rendered of an API in it.
    pub render: Extent,
    /// What `lint` tells those whose API is in it.
    pub notice: Option<String>,
}

/// How much is rendered of an API.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Extent {
    /// Everything.
    #[default]
    Full,
    /// Everything but routes and what runs.
    ScaledDown,
    /// A record that it is gone, and nothing else.
    None,
}

/// Versions of the templates that the config repo keeps.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TemplateVersions {
    /// What an API gets that pins none.
    pub default: String,
    /// Kept versions, oldest first; each is a directory below `templates/`.
    pub versions: Vec<String>,
}

/// The version that is not kept apart: the files at the top of `templates/`. It is newer than all others.
pub const CURRENT: &str = "current";

impl Default for TemplateVersions {
    fn default() -> Self {
        Self { default: CURRENT.to_owned(), versions: Vec::new() }
    }
}

impl TemplateVersions {
    /// Walks all versions, oldest first.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.versions.iter().map(String::as_str).chain([CURRENT])
    }

    /// Returns the version that an API gets.
    pub fn of<'a>(&'a self, pin: Option<&'a str>) -> &'a str {
        pin.unwrap_or(&self.default)
    }

    /// Tells how old a version is: its place among all, counted from the oldest.
    pub fn age(&self, version: &str) -> Option<usize> {
        self.all().position(|known| known == version)
    }
}

/// Capability levels: what a pull request may change without the platform's approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum Level {
    /// The image.
    L0,
    /// Also env and config.
    L1,
    /// Also scaling and resources.
    L2,
    /// Everything.
    L3,
}

/// Capability levels.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Levels {
    /// For APIs written for the platform.
    pub default: Level,
    /// For APIs that `migrate` brought.
    pub migrated: Level,
}

impl Default for Levels {
    fn default() -> Self {
        Self { default: Level::L1, migrated: Level::L0 }
    }
}

/// Kubernetes fields that metadata.yaml may name.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Passthrough {
    /// Fields of the pod; `*` for those that are open by default, dotted for what needs a word of its own.
    pub pod: Vec<String>,
    /// Fields of the container.
    pub container: Vec<String>,
}

/// What APIs may bring along in `extraResources`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ExtraResources {
    /// Kinds of objects: `Kind` for the one of Kubernetes or of its usual operator, `Kind.group` for any other.
    pub kinds: Vec<String>,
}

/// The kinds that an API may bring along where platform.yaml says nothing else, with their API groups: what is
/// namespaced, runs or serves the API itself, and gives nobody a permission.
pub const ORDINARY_KINDS: &[(&str, &str)] = &[
    ("BackendConfig", "cloud.google.com"),
    ("Certificate", "cert-manager.io"),
    ("ConfigMap", ""),
    ("CronJob", "batch"),
    ("Deployment", "apps"),
    ("ExternalSecret", "external-secrets.io"),
    ("FrontendConfig", "networking.gke.io"),
    ("GCPBackendPolicy", "networking.gke.io"),
    ("HTTPRoute", "gateway.networking.k8s.io"),
    ("HealthCheckPolicy", "networking.gke.io"),
    ("HorizontalPodAutoscaler", "autoscaling"),
    ("Ingress", "networking.k8s.io"),
    ("Job", "batch"),
    ("ManagedCertificate", "networking.gke.io"),
    ("NetworkPolicy", "networking.k8s.io"),
    ("PersistentVolumeClaim", ""),
    ("PodDisruptionBudget", "policy"),
    ("PodMonitor", "monitoring.coreos.com"),
    ("SealedSecret", "bitnami.com"),
    ("Service", ""),
    ("ServiceAccount", ""),
    ("ServiceMonitor", "monitoring.coreos.com"),
    ("StatefulSet", "apps"),
];

impl Default for ExtraResources {
    fn default() -> Self {
        Self { kinds: ORDINARY_KINDS.iter().map(|(kind, _)| (*kind).to_owned()).collect() }
    }
}

impl ExtraResources {
    /// Tells whether an API may bring a kind of object of an API group along.
    pub fn allows(&self, group: &str, kind: &str) -> bool {
        self.kinds.iter().any(|allowed| match allowed.split_once('.') {
            Some((name, of)) => name == kind && of == group,
            // A bare name means the well-known kind; one that nobody knows here is of whatever group.
            None if allowed != kind => false,
            None => match ORDINARY_KINDS.iter().find(|(known, _)| known == allowed) {
                Some((_, of)) => *of == group,
                None => true,
            },
        })
    }
}

impl Default for Passthrough {
    fn default() -> Self {
        Self { pod: vec!["*".to_owned()], container: vec!["*".to_owned()] }
    }
}

/// The controllers that replace pods in other ways than Kubernetes does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rollouts {
    /// Argo Rollouts.
    Argo,
}

/// A severity, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RuleLevel {
    /// Must be changed.
    Error,
    /// Should be changed.
    Warning,
    /// Good to know.
    Info,
    /// Not looked at. Not called `off`, which YAML 1.1 reads as a boolean.
    Ignore,
}

/// How much one pull request may change.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Budget {
    /// APIs deleted.
    pub deletions: Option<u32>,
    /// APIs changed in the last environment.
    pub prod_apis: Option<u32>,
}

/// What points the GitOps engine at the overlays.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Gitops {
    /// The engine.
    #[serde(default)]
    pub engine: Engine,
    /// URL of this repo, as the engine reaches it.
    #[serde(rename = "repoURL")]
    pub repo_url: String,
    /// What it follows, such as `refs/heads/main`.
    #[serde(default = "head")]
    pub revision: String,
    /// Argo CD project of the applications.
    #[serde(default = "default_project")]
    pub project: String,
}

/// The GitOps engines that have a renderer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// Argo CD.
    #[default]
    Argocd,
}

fn kubernetes_version() -> String {
    "1.33".to_owned()
}

fn name_pattern() -> String {
    "{name}".to_owned()
}

fn head() -> String {
    "HEAD".to_owned()
}

fn default_project() -> String {
    "default".to_owned()
}
