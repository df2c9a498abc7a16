//! Images of the workloads that an API brings along in `extraResources`: each stands in the object itself.

use std::fmt;

use super::{Bump, ImageChange};
use crate::image::ImageRef;
use crate::metadata::{EnvironmentOf, Metadata};
use crate::outcome::Failure;
use crate::render;
use crate::snapshot::ONBOARDING;
use crate::yaml::{self, Node, Source, SourceId, Value};

/// Kinds that make pods, with their API groups and where the pod's spec is.
const PODS: &[(&str, &str, &[&str])] = &[
    ("Deployment", "apps", &["spec", "template", "spec"]),
    ("StatefulSet", "apps", &["spec", "template", "spec"]),
    ("DaemonSet", "apps", &["spec", "template", "spec"]),
    ("ReplicaSet", "apps", &["spec", "template", "spec"]),
    ("CronJob", "batch", &["spec", "jobTemplate", "spec", "template", "spec"]),
    ("Job", "batch", &["spec", "template", "spec"]),
    ("Pod", "", &["spec"]),
];

/// The lists of a pod whose items run an image.
const LISTS: [&str; 2] = ["initContainers", "containers"];

/// Reads a file of the repo by its path; nothing where it is not there, or no text.
pub type Read<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// The image of a container in an extra resource: one scalar of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Brought {
    /// The file, from the root of the repo.
    pub path: String,
    /// The kind of the object.
    pub kind: &'static str,
    /// Its name.
    pub workload: String,
    /// The container's name.
    pub container: String,
    /// Which document of the file the object is in.
    pub(super) document: usize,
    /// The way to the image in that document.
    pub(super) steps: Vec<String>,
    /// The environments that share the file, where it is not one's own.
    pub(super) shared_by: Vec<String>,
}

impl Brought {
    /// Returns the way to the image as an edit takes it.
    pub(super) fn way(&self) -> Vec<&str> {
        self.steps.iter().map(String::as_str).collect()
    }

    /// Refuses to change in one environment what others have as well.
    pub(super) fn is_own(&self, environment: &str) -> Result<(), String> {
        let names: Vec<String> = self.shared_by.iter().map(|name| format!("`{name}`")).collect();
        let Some((last, others)) = names.split_last().filter(|(_, others)| !others.is_empty()) else {
            return Ok(());
        };
        let others = others.join(", ");
        let path = self.path.splitn(3, '/').last().unwrap_or_default();
        Err(format!(
            "`{path}` is shared by {others} and {last}: name a copy under `environments.{environment}.extraResources`"
        ))
    }
}

impl fmt::Display for Brought {
    /// Writes it as the record calls it: `CronJob/nightly/job`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.kind, self.workload, self.container)
    }
}

/// Walks the containers of the workloads that an API brings along in an environment, with their images.
pub(super) fn all(
    name: &str,
    metadata: &Metadata,
    here: &EnvironmentOf,
    read: &Read<'_>,
) -> Vec<(Brought, ImageRef)> {
    let api = &here.merged.api;
    let own = render::own(&metadata.top.api, api).resources;
    let environments: Vec<String> = metadata.environments.iter().map(|here| here.name.clone()).collect();
    let mut found = Vec::new();
    for path in &api.extra_resources {
        let path_in_repo = format!("{ONBOARDING}/{name}/{path}");
        let Some(text) = read(&path_in_repo) else { continue };
        let shared_by = if own.contains(path) { Vec::new() } else { environments.clone() };
        let source = Source { id: SourceId(0), path: path_in_repo.as_str().into(), text };
        for (document, read) in yaml::documents(&source).iter().enumerate() {
            let Some(node) = &read.node else { continue };
            let place = Place { path: &path_in_repo, document, shared_by: &shared_by };
            place.objects(node, &mut Vec::new(), &mut found);
        }
    }
    found
}

/// A document of a file.
struct Place<'a> {
    path: &'a str,
    document: usize,
    shared_by: &'a [String],
}

impl Place<'_> {
    fn objects(&self, node: &Node, steps: &mut Vec<String>, found: &mut Vec<(Brought, ImageRef)>) {
        let of = |key: &str| node.get(key).and_then(Node::as_str).unwrap_or_default();
        let kind = of("kind");
        if kind.ends_with("List")
            && let Some(items) = node.get("items")
        {
            for (index, item) in items.items().iter().enumerate() {
                steps.extend(["items".to_owned(), index.to_string()]);
                self.objects(item, steps, found);
                steps.truncate(steps.len() - 2);
            }
            return;
        }
        let group = of("apiVersion").split_once('/').map_or("", |(group, _)| group);
        let known = PODS.iter().find(|(known, of, _)| *known == kind && *of == group);
        let workload = node.get("metadata").and_then(|metadata| metadata.get("name")).and_then(Node::as_str);
        let (Some((kind, _, way)), Some(workload)) = (known, workload) else { return };
        for list in LISTS {
            let way: Vec<&str> = way.iter().copied().chain([list]).collect();
            let (containers, taken) = node.follow(way.iter().copied());
            if taken < way.len() {
                continue;
            }
            for (index, container) in containers.items().iter().enumerate() {
                let text = |key| container.get(key).and_then(Node::as_str);
                let (Some(name), Some(Ok(image))) = (text("name"), text("image").map(ImageRef::parse)) else {
                    continue;
                };
                let further = way.iter().map(|step| (*step).to_owned());
                let further = further.chain([index.to_string(), "image".to_owned()]);
                let brought = Brought {
                    path: self.path.to_owned(),
                    kind,
                    workload: workload.to_owned(),
                    container: name.to_owned(),
                    document: self.document,
                    steps: steps.iter().cloned().chain(further).collect(),
                    shared_by: self.shared_by.to_vec(),
                };
                found.push((brought, image));
            }
        }
    }
}

/// Adds to a refusal that a patch sets such an image, which is no target.
pub(super) fn or_patched(
    failure: Failure,
    bump: &Bump,
    image: &ImageRef,
    metadata: &Metadata,
    read: &Read<'_>,
) -> Failure {
    let here = metadata.environments.iter().find(|here| here.name == bump.environment);
    let mut patches = here.into_iter().flat_map(|here| &here.merged.api.patches);
    let sets = |path: &str| {
        let path = format!("{ONBOARDING}/{}/{path}", bump.api);
        let Some(text) = read(&path) else { return false };
        let source = Source { id: SourceId(0), path: path.into(), text };
        yaml::documents(&source)
            .iter()
            .filter_map(|document| document.node.as_ref())
            .any(|node| names(node, image))
    };
    match patches.find(|patch| sets(&patch.path)) {
        Some(patch) => failure.hint(format!(
            "`{}` sets an image of `{}`, and what a patch sets is no target of a release: say the image in metadata.yaml, or bring the \
             object along under `environments.{}.extraResources`",
            patch.path,
            image.repository(),
            bump.environment
        )),
        None => failure,
    }
}

/// Tells whether a text somewhere is an image of the same repository.
fn names(node: &Node, image: &ImageRef) -> bool {
    match &node.value {
        Value::Map(entries) => entries.iter().any(|entry| names(&entry.node, image)),
        Value::Seq(items) => items.iter().any(|item| names(item, image)),
        _ => node
            .as_str()
            .filter(|text| text.contains(['/', ':']))
            .and_then(|text| ImageRef::parse(text).ok())
            .is_some_and(|other| other.full_repository() == image.full_repository()),
    }
}

/// Says what stays as it is, since other environments have it too.
pub(super) fn stays(brought: &Brought, change: &ImageChange) -> Option<String> {
    let why = brought.is_own(&change.environment).err()?;
    Some(format!(
        "`{}` of {} `{}` stays at `{}`: {why}",
        brought.container, brought.kind, brought.workload, change.old
    ))
}
