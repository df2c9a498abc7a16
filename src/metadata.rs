//! metadata.yaml: read, checked against the schema, merged with its weaker layers, typed.

pub mod codes;
mod container;
mod layers;
mod merge;
mod model;
mod network;
mod patch;
mod routes;
mod scaling;
mod secrets;
mod service;
mod unions;
mod verbatim;
mod volume;
mod workload;

pub use container::{
    Container, EnvFrom, Exec, Grpc, HttpGet, HttpHeader, Probe, Probes, Resources, TcpSocket, Verbatim,
};
pub use layers::{API, CONTAINER_KEYS, Layers, WORKLOAD_KEYS, holds_for_all};
pub(crate) use merge::matches_any;
pub use merge::{is_unit, merge};
pub use model::{API_LABEL, Api, COMPONENT_LABEL, Config, NAME_LABEL, Owner, Profile};
pub use network::{Destination, DestinationPort, NetworkPolicy, Peer};
pub use patch::{Patch, PatchTarget};
pub use routes::{
    ByteSize, LegacyHost, LegacyRoute, RateLimit, RoutePath, RouterAnnotations, Routes, Settings, Stage,
    Timeout, Tls, UnifiedRoute,
};
pub use scaling::{
    Autoscaling, Behavior, Duration, Pause, ScalingPolicy, ScalingRules, Step, Strategy, StrategyType,
};
pub use secrets::{ExternalSecret, RemoteKey};
pub use service::{Service, ServiceType, SessionAffinity};
pub use unions::{ConfigFile, ConfigFiles, EnvValue, IntOrString, KeyRef, Port};
pub use volume::{FileMode, Item, Mount, ServiceAccount, Volume};
pub use workload::{DisruptionBudget, Identity, InPod, Kind, Place, ServicePort, Workload};

use std::sync::Arc;

use crate::diagnostic::Sink;
use crate::kubernetes::Version;
use crate::platform::LoadedPlatform;
use crate::schema;
use crate::yaml::{self, Entry, Node, Source, Sources, Value};

/// The annotation that asks for new pods: the one of `kubectl rollout restart`, so that both say the same.
pub const RESTARTED_AT: &str = "kubectl.kubernetes.io/restartedAt";

/// The most bytes that a metadata.yaml or platform.yaml may have.
pub const MAX_BYTES: u64 = yaml::MAX_BYTES as u64;

/// One metadata.yaml, read as far as it could be.
#[derive(Debug)]
pub struct Metadata {
    /// The file.
    pub source: Source,
    /// What it says, before any merge.
    pub written: Node,
    /// What holds in every environment that does not say otherwise: the base.
    pub top: Arc<Merged>,
    /// Environments that are named and enabled, in the platform's order.
    pub environments: Vec<EnvironmentOf>,
}

/// The API in one environment.
#[derive(Debug)]
pub struct EnvironmentOf {
    /// The environment's name in platform.yaml.
    pub name: String,
    /// What holds there; the top itself where the environment says nothing of its own.
    pub merged: Arc<Merged>,
}

/// A merged tree and its typed form.
#[derive(Clone, Debug)]
pub struct Merged {
    /// The tree; every node points into the layer that it came from.
    pub tree: Node,
    /// The same, typed.
    pub api: Api,
    /// One tree for each workload in `workloads`, with what it shares with the others.
    shared: Vec<Node>,
}

impl Metadata {
    /// Takes over a restart that `releases/<environment>.yaml` records: an annotation on the pods of what runs on.
    pub fn restart(&mut self, environment: &str, time: &str) {
        let Some(here) = self.environments.iter_mut().find(|here| here.name == environment) else { return };
        let mut merged = (*here.merged).clone();
        for workload in merged.api.workloads.iter_mut().filter(|workload| workload.kind.runs_on()) {
            let own = workload.pod_annotations.iter().filter(|(key, _)| *key != RESTARTED_AT);
            let own = own.map(|(key, value)| (key.to_owned(), value.clone()));
            workload.pod_annotations = own.chain([(RESTARTED_AT.to_owned(), time.to_owned())]).collect();
        }
        here.merged = Arc::new(merged);
    }
}

impl Merged {
    /// Walks the workloads with their trees.
    pub fn workloads(&self) -> impl Iterator<Item = (&Workload, &Node)> {
        // Without `workloads` the top of the file is the one workload.
        let trees = self.shared.iter().chain(std::iter::repeat(&self.tree));
        self.api.workloads.iter().zip(trees)
    }

    fn check_verbatim(&self, version: Version, sources: &Sources<'_>, sink: &mut Sink) {
        for (workload, tree) in self.workloads() {
            let path = [layers::WORKLOADS, &workload.name];
            let place: &[&str] = if self.api.several { &path } else { &[] };
            verbatim::check(version, workload, tree, place, sources, sink);
        }
    }
}

/// Reads a metadata.yaml and merges it with its weaker layers.
///
/// Findings go into `sink`. Nothing is returned where the file is not what the schema says, since
/// what is built on it would only repeat the same mistakes.
pub fn read(path: &Arc<str>, bytes: Vec<u8>, platform: &LoadedPlatform, sink: &mut Sink) -> Option<Metadata> {
    let text = yaml::decode(path, bytes, sink)?;
    let source = Source { id: API, path: path.clone(), text };
    let before = sink.len();
    let mut written = yaml::parse(&source, sink)?;
    schema::scalars_as_text(&mut written, &source, sink);
    let sources = Sources::new(vec![&platform.built_in, &platform.source, &source]);
    schema::METADATA.check(&written, &written.to_json(), &sources, sink);
    if sink.errors_since(before) {
        return None;
    }

    let layers = Layers { platform, sources: &sources };
    let mut unmatched = |entry: &Entry| {
        sink.push(merge::nothing_to_remove(entry, &sources));
    };
    let top_tree = layers.top(&written, &mut unmatched);
    let mut trees = Vec::new();
    for (name, _) in platform.model.environments.iter() {
        let Some(over) = written.get("environments").and_then(|environments| environments.get(name)) else {
            continue;
        };
        if over.get("enabled").is_some_and(|enabled| enabled.value == Value::Bool(false)) {
            continue;
        }
        // Most environments that say nothing of their own are what the top is.
        let tree =
            (!over.entries().is_empty()).then(|| layers.environment(top_tree.clone(), over, &mut unmatched));
        trees.push((name.to_owned(), tree));
    }

    let top = Arc::new(typed(top_tree, &sources, sink)?);
    let mut environments = Vec::with_capacity(trees.len());
    for (name, tree) in trees {
        let merged = match tree {
            Some(tree) => Arc::new(typed(tree, &sources, sink)?),
            None => top.clone(),
        };
        environments.push(EnvironmentOf { name, merged });
    }
    let before = sink.len();
    if let Some(nearest) = Version::nearest(&platform.model.kubernetes_version) {
        let own = environments.iter().map(|here| &here.merged).filter(|merged| !Arc::ptr_eq(merged, &top));
        for merged in own.chain([&top]) {
            merged.check_verbatim(nearest.version, &sources, sink);
        }
    }
    if sink.errors_since(before) {
        return None;
    }
    Some(Metadata { source, written, top, environments })
}

/// Types a merged tree.
///
/// Every layer has passed its schema, and the merge puts whole units together, so what does not fit
/// here is no fault of a file.
fn typed(tree: Node, sources: &Sources<'_>, sink: &mut Sink) -> Option<Merged> {
    let shared = layers::share(&tree, &mut |entry| {
        sink.push(merge::nothing_to_remove(entry, sources));
    });
    let typed = typed_api(&tree, &shared);
    match typed {
        Ok(api) => Some(Merged { tree, api, shared }),
        Err(error) => {
            let path = sources.of(tree.span).path.clone();
            sink.push(schema::model_disagrees(path, &error.to_string()));
            None
        }
    }
}

fn typed_api(tree: &Node, shared: &[Node]) -> Result<Api, yaml::TypedError> {
    let mut api: Api = tree.typed_where(|key| !layers::is_of_workload(key) && key != layers::WORKLOADS)?;
    let Some(workloads) = tree.get(layers::WORKLOADS) else {
        // Labels at the top are the API's, and all its objects have them.
        api.workloads.push(typed_workload(&api.name, tree, layers::is_of_workload)?);
        return Ok(api);
    };
    api.several = true;
    for (entry, tree) in workloads.entries().iter().zip(shared) {
        api.workloads.push(typed_workload(&entry.key, tree, |_| true)?);
    }
    Ok(api)
}

fn typed_workload(
    name: &str,
    tree: &Node,
    wanted: impl Fn(&str) -> bool,
) -> Result<Workload, yaml::TypedError> {
    let mut workload: Workload = tree.typed_where(|key| wanted(key) && !CONTAINER_KEYS.contains(&key))?;
    name.clone_into(&mut workload.name);
    workload.main = tree.typed_where(|key| CONTAINER_KEYS.contains(&key))?;
    Ok(workload)
}

/// Types an API that a test writes as JSON.
#[cfg(test)]
pub(crate) fn api_of(json: &serde_json::Value) -> Api {
    let source = Source { id: API, path: "metadata.yaml".into(), text: yaml::emit(json) };
    let tree = yaml::parse(&source, &mut Sink::default()).expect("what is emitted can be read");
    let shared = layers::share(&tree, &mut |_| {});
    typed_api(&tree, &shared).expect("it is an API")
}
