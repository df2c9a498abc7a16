//! What a release can change: the images of an API's containers, and where each is said: in one key of metadata.yaml, or in the
//! extra resource that runs it.

use super::brought::{self, Brought, Read};
use crate::image::ImageRef;
use crate::metadata::{Api, EnvironmentOf, InPod, Metadata, Place, Workload};
use crate::platform::LoadedPlatform;
use crate::yaml::Node;

/// Where an image is said. Containers that share it share the image by declaration.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slot {
    /// A key of metadata.yaml, as a path from the top of the file or from an environment.
    Key(Vec<String>),
    /// A container of an extra resource.
    Brought(Brought),
}

/// A container in one environment, and what it runs there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The API.
    pub api: String,
    /// The environment.
    pub environment: String,
    /// Where its objects live.
    pub namespace: String,
    /// The kind of the object that runs it, such as `Deployment`.
    pub kind: &'static str,
    /// The name of that object in the cluster.
    pub workload: String,
    /// The key of the workload in metadata.yaml; the API's name where there is only one, the object's own for an extra resource.
    pub key: String,
    /// The container's name in the pod.
    pub container: String,
    /// What is written that it runs.
    pub image: ImageRef,
    /// Where that is written.
    pub slot: Slot,
    /// The name that stands for the image in the base, and that the overlay maps; none where the object says the image itself.
    pub placeholder: Option<String>,
}

impl Target {
    /// Names its object so that it is no other's: `Deployment/payments`.
    pub fn address(&self) -> String {
        format!("{}/{}", self.kind, self.workload)
    }
}

impl Slot {
    /// Returns what the record calls it: `workloads.web.image` as people write such a key, or `CronJob/nightly/job`.
    pub fn name(&self) -> String {
        match self {
            Self::Key(keys) => keys.join("."),
            Self::Brought(brought) => brought.to_string(),
        }
    }

    /// Returns where people find it: the key, or the file.
    pub fn place(&self) -> String {
        match self {
            Self::Key(keys) => keys.join("."),
            Self::Brought(brought) => brought.path.clone(),
        }
    }

    /// Tells whether other environments have what is written there, too.
    pub fn is_shared(&self) -> bool {
        matches!(self, Self::Brought(brought) if brought.shared_by.len() > 1)
    }
}

/// Walks what an API runs in an environment, in the order of its pods, and then what it brings along. A container without an image,
/// which lint reports, is none.
pub fn targets(
    name: &str,
    metadata: &Metadata,
    environment: &str,
    platform: &LoadedPlatform,
    read: &Read<'_>,
) -> Vec<Target> {
    let Some(here) = metadata.environments.iter().find(|here| here.name == environment) else {
        return Vec::new();
    };
    let settings = platform.model.environments.get(environment);
    let api = &here.merged.api;
    let namespace = settings.map(|settings| settings.namespace_of(name, api.namespace.as_deref()));
    let namespace = namespace.unwrap_or_default();
    let each = api.workloads.iter().flat_map(|workload| workload.containers().map(move |of| (workload, of)));
    let target = |(workload, of): (&Workload, InPod<'_>)| {
        Some(Target {
            api: name.to_owned(),
            environment: environment.to_owned(),
            namespace: namespace.clone(),
            kind: workload.kind.as_str(),
            workload: api.workload_name(workload),
            key: workload.name.clone(),
            container: of.name.to_owned(),
            image: workload.image_of(of.container)?.clone(),
            slot: slot(here, api, workload, of),
            placeholder: Some(api.placeholder(workload, of.name)),
        })
    };
    let mut all: Vec<Target> = each.filter_map(target).collect();
    for (brought, image) in brought::all(name, metadata, here, read) {
        // The overlay writes the image that a container of the API has, where it is named as the base names it.
        let stands_for = |own: &&Target| own.placeholder.as_deref() == Some(image.repository());
        let own = all.iter().find(stands_for).cloned();
        all.push(Target {
            api: name.to_owned(),
            environment: environment.to_owned(),
            namespace: namespace.clone(),
            kind: brought.kind,
            workload: brought.workload.clone(),
            key: brought.workload.clone(),
            container: brought.container.clone(),
            image: own.as_ref().map_or(image, |own| own.image.clone()),
            placeholder: own.as_ref().and_then(|own| own.placeholder.clone()),
            slot: own.map_or(Slot::Brought(brought), |own| own.slot),
        });
    }
    all
}

/// Finds the key that says what a container runs. `tree` is what was merged before the workloads got what they share, so
/// that a key which holds for several is found once.
fn slot(here: &EnvironmentOf, api: &Api, workload: &Workload, of: InPod<'_>) -> Slot {
    let tree = &here.merged.tree;
    let own = ["workloads", &workload.name];
    let sidecar = match of.place {
        Place::Main => None,
        Place::Sidecar => Some(["sidecars", of.name, "image"]),
        Place::Init => Some(["initContainers", of.name, "image"]),
    };
    let image: &[&str] = &["image"];
    let mut places: Vec<Vec<&str>> = Vec::new();
    for path in sidecar.as_ref().map(|path| &path[..]).into_iter().chain([image]) {
        if api.several {
            places.push([&own, path].concat());
        }
        places.push(path.to_vec());
    }
    let found = places.iter().find(|path| is_there(tree, path)).unwrap_or(&places[0]);
    Slot::Key(found.iter().map(|key| (*key).to_owned()).collect())
}

fn is_there(tree: &Node, path: &[&str]) -> bool {
    tree.follow(path.iter().copied()).1 == path.len()
}
