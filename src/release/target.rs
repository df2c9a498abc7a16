//! What a release can change: the images of an API's containers, and the one key of metadata.yaml that says each.

use crate::image::ImageRef;
use crate::metadata::{Api, EnvironmentOf, InPod, Metadata, Place, Workload};
use crate::platform::LoadedPlatform;
use crate::yaml::Node;

/// The key of metadata.yaml that says an image, as a path from the top of the file or from an environment. Containers that
/// share it share the image by declaration.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(pub Vec<String>);

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
    /// The key of the workload in metadata.yaml; the API's name where there is only one.
    pub key: String,
    /// The container's name in the pod.
    pub container: String,
    /// What metadata.yaml says that it runs.
    pub image: ImageRef,
    /// The key that says it.
    pub slot: Slot,
    /// The name that stands for the image in the base, and that the overlay maps.
    pub placeholder: String,
}

impl Slot {
    /// Returns the keys.
    pub fn keys(&self) -> Vec<&str> {
        self.0.iter().map(String::as_str).collect()
    }

    /// Writes it as people write such a key: `workloads.web.image`.
    pub fn dotted(&self) -> String {
        self.0.join(".")
    }
}

/// Walks what an API runs in an environment, in the order of its pods. A container without an image, which lint reports, is none.
pub fn targets<'a>(
    name: &'a str,
    metadata: &'a Metadata,
    environment: &str,
    platform: &LoadedPlatform,
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
            placeholder: api.placeholder(workload, of.name),
        })
    };
    each.filter_map(target).collect()
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
    Slot(found.iter().map(|key| (*key).to_owned()).collect())
}

fn is_there(tree: &Node, path: &[&str]) -> bool {
    tree.follow(path.iter().copied()).1 == path.len()
}
