//! A workload as types: what runs, how many of it, and how it is reached inside the cluster.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::container::{Container, Verbatim};
use super::scaling::{Autoscaling, Strategy};
use super::service::Service;
use super::unions::IntOrString;
use super::volume::{ServiceAccount, Volume};
use crate::image::ImageRef;
use crate::ordered::Ordered;

/// One workload of an API.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Workload {
    /// Its key in `workloads`; the API's name where there is only the one at the top.
    #[serde(skip)]
    pub name: String,
    /// The container that runs the API's own image.
    #[serde(skip)]
    pub main: Container,
    /// Which kind of object.
    pub kind: Kind,
    /// Labels of its objects, beside those of the API.
    pub labels: Ordered<String>,
    /// Names and labels that the running objects already have.
    pub identity: Identity,
    /// How the ports are offered inside the cluster.
    pub service: Service,
    /// A fixed number of pods.
    pub replicas: Option<u32>,
    /// Or a range.
    pub autoscaling: Option<Autoscaling>,
    /// How many pods a drain may take at once.
    pub disruption_budget: DisruptionBudget,
    /// How pods are replaced.
    pub strategy: Option<Strategy>,
    /// Annotations of the workload's object.
    pub annotations: Ordered<String>,
    /// Labels of the pods.
    pub pod_labels: Ordered<String>,
    /// Annotations of the pods.
    pub pod_annotations: Ordered<String>,
    /// What the pods are to the API server and to the cloud.
    pub service_account: Option<ServiceAccount>,
    /// Volumes in the short form, by name.
    pub volumes: Ordered<Volume>,
    /// Containers that run one after the other before the others start.
    pub init_containers: Ordered<Container>,
    /// Containers beside the main one.
    pub sidecars: Ordered<Container>,
    /// Further fields of the pod.
    pub pod: Verbatim,
    /// Further fields of the object's `spec`.
    pub spec: Verbatim,
    /// When a CronJob runs.
    pub schedule: Option<String>,
    /// Further fields of a Job, or of a CronJob's jobs.
    pub job: Verbatim,
}

/// The kinds of objects that run pods.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum Kind {
    /// Pods that are all alike.
    #[default]
    Deployment,
    /// Pods with names and volumes of their own.
    StatefulSet,
    /// Pods that run to their end, again and again.
    CronJob,
    /// Pods that run to their end, once.
    Job,
}

impl Kind {
    /// Returns the API version of its objects.
    pub fn api_version(self) -> &'static str {
        match self {
            Kind::Deployment | Kind::StatefulSet => "apps/v1",
            Kind::CronJob | Kind::Job => "batch/v1",
        }
    }

    /// Returns the kind as manifests write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Deployment => "Deployment",
            Kind::StatefulSet => "StatefulSet",
            Kind::CronJob => "CronJob",
            Kind::Job => "Job",
        }
    }

    /// Tells whether pods run until they are replaced, so that their number can be chosen and a
    /// Service can lead to them.
    pub fn runs_on(self) -> bool {
        matches!(self, Kind::Deployment | Kind::StatefulSet)
    }
}

/// Names and labels that the running objects already have, so that adopting them recreates nothing.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Identity {
    /// Of the Deployment, StatefulSet, CronJob or Job.
    pub name: Option<String>,
    /// Of the main container.
    pub container: Option<String>,
    /// The labels that the selector goes by; immutable in a cluster.
    pub selector: Option<Ordered<String>>,
    /// Of the Service.
    pub service: Option<String>,
    /// Of the autoscaler.
    pub hpa: Option<String>,
    /// A name in the metadata of the pod template, where some have one.
    pub pod_name: Option<String>,
    /// And a namespace there.
    pub pod_namespace: Option<String>,
}

/// How many pods a drain may take at once.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct DisruptionBudget {
    /// Whether there is one; left out: as the profile says.
    pub enabled: Option<bool>,
    /// Pods that may be missing.
    pub max_unavailable: Option<IntOrString>,
    /// Or pods that must stay.
    pub min_available: Option<IntOrString>,
}

impl Workload {
    /// Returns the strategy that a controller of its own carries out, where there is one.
    pub fn progressive(&self) -> Option<&Strategy> {
        let strategy = self.strategy.as_ref()?;
        (strategy.kind.is_progressive() && self.kind == Kind::Deployment).then_some(strategy)
    }

    /// Walks all containers in the order of the pod: init containers, then those that run together.
    pub fn containers(&self) -> impl Iterator<Item = InPod<'_>> {
        let init = self.init_containers.iter().map(|(name, container)| InPod {
            name,
            container,
            place: Place::Init,
        });
        init.chain(self.running_containers())
    }

    /// Walks the containers that run together, in the order of the pod.
    pub fn running_containers(&self) -> impl Iterator<Item = InPod<'_>> {
        let sidecars = |before: bool| {
            let wanted = self.sidecars.iter().filter(move |(_, sidecar)| sidecar.before == before);
            wanted.map(|(name, container)| InPod { name, container, place: Place::Sidecar })
        };
        let main = InPod { name: self.container_name(), container: &self.main, place: Place::Main };
        sidecars(true).chain(std::iter::once(main)).chain(sidecars(false))
    }

    /// Returns the name of the main container.
    pub fn container_name(&self) -> &str {
        self.identity.container.as_deref().unwrap_or(MAIN_CONTAINER)
    }

    /// Returns what a container of the workload runs.
    pub fn image_of<'a>(&'a self, container: &'a Container) -> Option<&'a ImageRef> {
        container.image.as_ref().or(self.main.image.as_ref())
    }

    /// Tells whether there is a Service: it needs ports, or the word that it has none, and pods that
    /// run on.
    pub fn has_service(&self) -> bool {
        let says = self.service.ports.is_some() || !self.main.ports.is_empty();
        self.service.enabled && self.kind.runs_on() && says
    }

    /// Returns the ports of the Service, or none where there is no Service.
    pub fn service_ports(&self) -> Vec<ServicePort> {
        if !self.has_service() {
            return Vec::new();
        }
        if let Some(ports) = &self.service.ports {
            return ports.iter().filter_map(|port| self.verbatim_port(port)).collect();
        }
        let named = |(name, port): (&str, &super::Port)| ServicePort {
            name: Some(name.to_owned()),
            port: port.service_port,
            target: Some(port.container_port),
        };
        self.main.ports.iter().map(named).collect()
    }

    fn verbatim_port(&self, port: &Verbatim) -> Option<ServicePort> {
        let number = |value: &Json| value.as_u64().and_then(|number| u16::try_from(number).ok());
        let offered = number(port.get("port")?)?;
        let target = match port.get("targetPort") {
            None => Some(offered),
            Some(Json::String(name)) => self.port_named(name),
            Some(target) => number(target),
        };
        let name = port.get("name").and_then(Json::as_str).map(str::to_owned);
        Some(ServicePort { name, port: offered, target })
    }

    /// Returns the number of a container port by its name.
    pub fn port_named(&self, name: &str) -> Option<u16> {
        self.running_containers().find_map(|here| here.container.port(name))
    }
}

/// The name of the main container where the API does not say the one that runs already.
const MAIN_CONTAINER: &str = "app";

/// A container at its place in the pod.
#[derive(Clone, Copy, Debug)]
pub struct InPod<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it is.
    pub container: &'a Container,
    /// Which part of metadata.yaml says it.
    pub place: Place,
}

/// Which part of metadata.yaml says a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The workload itself.
    Main,
    /// `sidecars`.
    Sidecar,
    /// `initContainers`.
    Init,
}

impl InPod<'_> {
    /// Returns the path of one of its keys, seen from the workload.
    pub fn path<'p>(&'p self, path: &[&'p str]) -> Vec<&'p str> {
        let lead: &[&str] = match self.place {
            Place::Main => &[],
            Place::Sidecar => &["sidecars", self.name],
            Place::Init => &["initContainers", self.name],
        };
        [lead, path].concat()
    }
}

/// One port of a Service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServicePort {
    /// Its name; the only port of a Service may have none.
    pub name: Option<String>,
    /// What the Service offers.
    pub port: u16,
    /// What the container listens on, where that is known.
    pub target: Option<u16>,
}
