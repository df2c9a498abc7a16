//! What a rule may look at.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::hatch::NamedImage;
use super::{Hatch, Neighbour, Reference, Running, brought, hatch};
use crate::diagnostic::{Code, Diagnostic, Location};
use crate::image::ImageRef;
use crate::kubernetes::{Nearest, Version};
use crate::metadata::{Api, ConfigFile, InPod, Merged, Metadata, Workload};
use crate::platform::{BUILT_IN, Environment, Extent, LoadedPlatform, RouterKind};
use crate::render::{self, EntryPath, ObjectId, Place, Share};
use crate::snapshot::{Entry, Kind, Snapshot};
use crate::yaml::{Node, Sources, Span};

/// One API with its surroundings.
#[derive(Debug)]
pub struct ApiContext<'a> {
    /// Name of its directory.
    pub name: &'a str,
    /// Its directory, from the root of the repo.
    pub directory: &'a str,
    /// What it says.
    pub metadata: &'a Metadata,
    /// The platform.
    pub platform: &'a LoadedPlatform,
    /// What lies in its directory, sorted by path.
    pub entries: &'a [Entry],
    /// Where those files are read from.
    pub snapshot: &'a Snapshot,
    /// Its patches and extra resources.
    pub hatch: Hatch,
    /// What it has in each environment, by name.
    pub holdings: Vec<Holding>,
    /// The day that rules about dates go by, as `YYYY-MM-DD`, which sorts as days do.
    pub today: &'a str,
}

/// An API in one environment.
#[derive(Clone, Copy, Debug)]
pub struct InEnvironment<'a> {
    /// The environment's name.
    pub name: &'a str,
    /// What platform.yaml says of it.
    pub settings: &'a Environment,
    /// The API as it holds there.
    pub api: &'a Api,
    /// The same with its places.
    pub tree: &'a Node,
    merged: &'a Merged,
}

/// A workload in one environment.
#[derive(Clone, Copy, Debug)]
pub struct InWorkload<'a> {
    /// The environment.
    pub environment: InEnvironment<'a>,
    /// The workload.
    pub workload: &'a Workload,
    /// The same with its places, and with what the workloads share.
    pub tree: &'a Node,
}

/// A container of a workload in one environment.
#[derive(Clone, Copy, Debug)]
pub struct InContainer<'a> {
    /// The workload.
    pub of: InWorkload<'a>,
    /// The container.
    pub here: InPod<'a>,
}

/// An image that runs in one environment.
#[derive(Clone, Copy, Debug)]
pub struct InImage<'a> {
    /// The environment.
    pub environment: InEnvironment<'a>,
    /// The image.
    pub image: &'a ImageRef,
    written: Written<'a>,
}

/// Where an image is written.
#[derive(Clone, Copy, Debug)]
enum Written<'a> {
    /// In metadata.yaml.
    Own(InContainer<'a>),
    /// In a patch or an extra resource.
    Hatch(&'a NamedImage),
}

impl<'a> InEnvironment<'a> {
    /// Walks the workloads.
    pub fn workloads(self) -> impl Iterator<Item = InWorkload<'a>> {
        let environment = self;
        let each = self.merged.workloads();
        each.map(move |(workload, tree)| InWorkload { environment, workload, tree })
    }
}

impl InWorkload<'_> {
    /// Says where a key stands, as its author would: `workloads.web.probes`.
    pub fn dotted(&self, path: &[&str]) -> String {
        let path = path.join(".");
        if self.environment.api.several { format!("workloads.{}.{path}", self.workload.name) } else { path }
    }

    /// Names the workload where there are several, with "of" before it.
    pub fn of(&self) -> String {
        if self.environment.api.several { format!(" of `{}`", self.workload.name) } else { String::new() }
    }
}

impl<'a> ApiContext<'a> {
    /// Makes the context of questions that metadata.yaml and the platform answer: without files, patches, extra resources
    /// and a day, so that no rule can be asked.
    pub fn of_metadata(
        name: &'a str,
        directory: &'a str,
        metadata: &'a Metadata,
        platform: &'a LoadedPlatform,
        snapshot: &'a Snapshot,
    ) -> Self {
        Self {
            name,
            directory,
            metadata,
            platform,
            entries: &[],
            snapshot,
            hatch: Hatch::default(),
            holdings: Vec::new(),
            today: "",
        }
    }

    /// Walks the environments that the API is in.
    pub fn environments(&self) -> impl Iterator<Item = InEnvironment<'a>> {
        let platform = &self.platform.model;
        self.metadata.environments.iter().filter_map(|here| {
            let settings = platform.environments.get(&here.name)?;
            let merged = &*here.merged;
            Some(InEnvironment { name: &here.name, settings, api: &merged.api, tree: &merged.tree, merged })
        })
    }

    /// Says how much of the API is rendered.
    pub fn extent(&self) -> Extent {
        self.platform.model.extent(self.metadata.top.api.lifecycle.as_deref())
    }

    /// Returns an environment as rendering takes it.
    pub fn place(&self, environment: &InEnvironment<'a>) -> Place<'a> {
        let platform = &self.platform.model;
        Place { name: environment.name, settings: environment.settings, platform }
    }

    /// Returns the known version of Kubernetes nearest to the platform's; nothing where that is no version.
    pub fn kubernetes(&self) -> Option<Nearest> {
        Version::nearest(&self.platform.model.kubernetes_version)
    }

    /// Walks the workloads of all environments.
    pub fn workloads(&self) -> impl Iterator<Item = InWorkload<'a>> {
        self.environments().flat_map(InEnvironment::workloads)
    }

    /// Walks the containers of all workloads of all environments.
    pub fn containers(&self) -> impl Iterator<Item = InContainer<'a>> {
        self.workloads().flat_map(|of| of.workload.containers().map(move |here| InContainer { of, here }))
    }

    /// Walks the images of all containers, and in each environment those that patches and extra resources name.
    pub fn images(&self) -> impl Iterator<Item = InImage<'_>> {
        let own = self.containers().filter_map(|container| {
            let image = container.here.container.image.as_ref()?;
            Some(InImage { environment: container.of.environment, image, written: Written::Own(container) })
        });
        let hatch = self.environments().flat_map(|environment| {
            let each = self.hatch.images.iter().filter(move |named| named.is_in(environment.name));
            each.map(move |named| InImage {
                environment,
                image: &named.image,
                written: Written::Hatch(named),
            })
        });
        own.chain(hatch)
    }

    /// Walks the images of containers alone, with those that containers inherit from their workload's.
    pub fn running(&self) -> impl Iterator<Item = (InContainer<'a>, &'a ImageRef)> {
        self.containers().filter_map(|here| Some((here, here.of.workload.image_of(here.here.container)?)))
    }

    /// Makes a finding about an image.
    pub fn image_finding(&self, here: &InImage<'_>, code: &'static Code, message: String) -> Diagnostic {
        let finding = match here.written {
            Written::Own(container) => {
                Diagnostic::new(code, self.locate_container(&container, &["image"]), message)
            }
            Written::Hatch(named) => named.finding(code, message),
        };
        finding.in_environment(here.environment.name)
    }

    /// Points at what a path of keys leads to in a merged tree, in the layer that says it. Where
    /// the API's layers say nothing, points at the nearest map that they do write.
    pub fn locate(&self, tree: &Node, path: &[&str]) -> Location {
        let sources = self.sources();
        for length in (1..=path.len()).rev() {
            let (node, taken) = tree.follow(path[..length].iter().copied());
            if taken == length && node.span.source != BUILT_IN {
                return sources.location(node.span);
            }
        }
        self.first_key()
    }

    /// Points at the last key of a path in a merged tree.
    pub fn locate_key(&self, tree: &Node, path: &[&str]) -> Location {
        let (last, parents) = path.split_last().unwrap_or((&"", &[]));
        let (parent, taken) = tree.follow(parents.iter().copied());
        match parent.entry(last) {
            Some(entry) if taken == parents.len() && entry.key_span.source != BUILT_IN => {
                self.sources().location(entry.key_span)
            }
            _ => self.locate(tree, parents),
        }
    }

    /// Points at an environment's key in metadata.yaml.
    pub fn locate_environment(&self, name: &str) -> Location {
        self.locate_key(&self.metadata.written, &["environments", name])
    }

    /// Points at a key where the merged tree has it, and at the environment's key otherwise.
    pub fn locate_in(&self, environment: &InEnvironment<'_>, path: &[&str]) -> Location {
        self.locate_below(environment.tree, environment.name, path)
    }

    /// Points at a key of a workload where the merged tree has it, and at the environment's key
    /// otherwise.
    pub fn locate_workload(&self, here: &InWorkload<'_>, path: &[&str]) -> Location {
        self.locate_below(here.tree, here.environment.name, path)
    }

    /// Points at a key of a container in the same way.
    pub fn locate_container(&self, container: &InContainer<'_>, path: &[&str]) -> Location {
        self.locate_workload(&container.of, &container.here.path(path))
    }

    fn locate_below(&self, tree: &Node, environment: &str, path: &[&str]) -> Location {
        let (node, taken) = tree.follow(path.iter().copied());
        if taken == path.len() && node.span.source != BUILT_IN {
            return self.sources().location(node.span);
        }
        self.locate_environment(environment)
    }

    /// Points at an entry of a ConfigMap's `files`: an index in the list form, the key in the map form.
    pub fn locate_config_file(
        &self,
        tree: &Node,
        config: &[&str],
        index: usize,
        file: &ConfigFile,
    ) -> Location {
        let (files, _) = tree.follow(config.iter().copied().chain(["files"]));
        let step = if files.items().is_empty() { file.key.clone() } else { index.to_string() };
        self.locate(tree, &[config, &["files", &step]].concat())
    }

    /// Tells whether a regular file lies at a path below the API's directory.
    pub fn has_file(&self, path: &str) -> bool {
        let full = format!("{}/{path}", self.directory);
        self.entries
            .binary_search_by(|entry| (*entry.path).cmp(&full))
            .is_ok_and(|index| self.entries[index].kind == Kind::File)
    }

    /// Returns the paths of regular files below the API's directory, seen from there.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.entries
            .iter()
            .filter(|entry| entry.kind == Kind::File)
            .filter_map(|entry| entry.path.strip_prefix(self.directory)?.strip_prefix('/'))
    }

    /// Points at a piece of one of the layers.
    pub(super) fn location(&self, span: Span) -> Location {
        self.sources().location(span)
    }

    fn first_key(&self) -> Location {
        let written = &self.metadata.written;
        let span = written.entries().first().map_or(written.span, |entry| entry.key_span);
        self.metadata.source.location(span)
    }

    fn sources(&self) -> Sources<'a> {
        Sources::new(vec![&self.platform.built_in, &self.platform.source, &self.metadata.source])
    }
}

/// All APIs together, boiled down to what fleet rules ask for.
#[derive(Debug)]
pub struct FleetContext<'a> {
    /// Names of all APIs, those included that cannot meet any other and so were not read.
    pub names: &'a [String],
    /// Hosts and paths that are claimed.
    pub claims: &'a [Claim],
    /// What every API has in every environment.
    pub holdings: &'a [Holding],
    /// Where each API can be found.
    pub neighbours: &'a [Neighbour],
    /// Which of them are named by others.
    pub references: &'a [Reference],
    /// Which images run.
    pub running: &'a [Running],
    /// What their pods take; nothing where that is not known of all.
    pub shares: Option<&'a [Share]>,
    /// Versions of the templates that they get; nothing where that is not known of all.
    pub templates: Option<&'a BTreeSet<String>>,
    /// The platform.
    pub platform: &'a LoadedPlatform,
}

/// An API's claim to a path of a host in one environment.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The API.
    pub api: Arc<str>,
    /// The environment.
    pub environment: Arc<str>,
    /// The host.
    pub host: Box<str>,
    /// The prefix; `/` for the whole host.
    pub path: Box<str>,
    /// Whether only the path itself is claimed.
    pub exact: bool,
    /// Whether the API rewrites paths of the host.
    pub rewrites: bool,
    /// How early each router tries the path that sorts paths by something else than their length in
    /// segments.
    pub order: Vec<Order>,
    /// Whether an extra resource claims it.
    pub brought: bool,
    /// The class of Ingress, or the gateway, by which it is served, where that is none of the platform's.
    pub class: Option<Box<str>>,
    /// Where it is claimed.
    pub location: Location,
}

/// How early a router tries a path: the greatest first.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    /// The router.
    pub router: RouterKind,
    /// Where it stands when nobody rewrites the host.
    pub plain: usize,
    /// Where it stands when it is written as a regular expression.
    pub regex: usize,
}

impl Claim {
    /// Returns all claims of an API.
    pub fn all(context: &ApiContext<'_>) -> Vec<Self> {
        let api: Arc<str> = context.name.into();
        let mut claims = Vec::new();
        claims.extend(brought::claims(context));
        if context.extent() != Extent::Full {
            return claims;
        }
        for environment in context.environments() {
            let name: Arc<str> = environment.name.into();
            let entries = render::entries(environment.api, environment.settings);
            for entry in &entries {
                for host in &entry.hosts {
                    let rewrites = render::rewrites_host(&entries, host.host);
                    for path in &host.paths {
                        let at = entry.at_path(host, path, "prefix");
                        let at: Vec<&str> = at.iter().map(String::as_str).collect();
                        claims.push(Self {
                            api: api.clone(),
                            environment: name.clone(),
                            host: host.host.into(),
                            path: path.prefix.into(),
                            exact: path.exact,
                            rewrites,
                            order: order(environment.settings, path),
                            brought: false,
                            class: None,
                            location: context.locate_in(&environment, &at),
                        });
                    }
                }
            }
        }
        claims
    }

    /// Tells whether two claims meet in a cluster.
    pub fn meets(&self, other: &Self, platform: &LoadedPlatform) -> bool {
        if self.environment == other.environment {
            return true;
        }
        let clusters = |claim: &Self| {
            platform.model.environments.get(&claim.environment).map(Environment::clusters).unwrap_or_default()
        };
        clusters(self).iter().any(|cluster| clusters(other).contains(cluster))
    }
}

fn order(settings: &Environment, path: &EntryPath<'_>) -> Vec<Order> {
    if path.is_whole_host() {
        return Vec::new();
    }
    render::routers_of(settings)
        .filter_map(|router| {
            let (plain, regex) = (router.precedence(path, false)?, router.precedence(path, true)?);
            Some(Order { router: router.kind(), plain, regex })
        })
        .collect()
}

/// What an API has in one environment, by name.
#[derive(Clone, Debug)]
pub struct Holding {
    /// The API.
    pub api: Arc<str>,
    /// The environment.
    pub environment: Arc<str>,
    /// The namespace.
    pub namespace: Box<str>,
    /// The objects.
    pub objects: Vec<Held>,
    /// Where metadata.yaml names the environment.
    pub location: Location,
}

/// One object that an API has.
#[derive(Clone, Debug)]
pub struct Held {
    /// What it is called.
    pub id: ObjectId,
    /// Where it is written, if it is an extra resource.
    pub place: Option<Location>,
    /// The pods that it makes, if it is an extra resource that makes some.
    pub selector: Option<Selector>,
}

/// The labels that a workload knows its pods by.
#[derive(Clone, Debug)]
pub struct Selector {
    /// Its `matchLabels`; there is at least one.
    pub labels: BTreeMap<Box<str>, Box<str>>,
    /// Where it is written.
    pub location: Location,
}

impl Selector {
    /// Reads that of an extra resource; nothing where it is no workload, or says more than `matchLabels`.
    fn of(object: &hatch::Object) -> Option<Self> {
        if !matches!(&*object.kind, "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet") {
            return None;
        }
        let selector = &object.json["spec"]["selector"];
        let each = selector["matchLabels"].as_object()?.iter();
        let labels: BTreeMap<_, _> =
            each.filter_map(|(key, value)| Some((key.as_str().into(), value.as_str()?.into()))).collect();
        let plain = selector.get("matchExpressions").is_none() && !labels.is_empty();
        plain.then(|| Self { labels, location: object.locate(&["spec", "selector", "matchLabels"]) })
    }
}

impl Holding {
    /// Returns what an API has, one for each of its environments.
    pub fn all(context: &ApiContext<'_>) -> Vec<Self> {
        let api: Arc<str> = context.name.into();
        let each = context.environments().map(|environment| {
            let rendered = render::ids(environment.api, context.extent(), context.place(&environment));
            let mut objects: Vec<Held> =
                rendered.into_iter().map(|id| Held { id, place: None, selector: None }).collect();
            // Where a record is all that is left, nothing was brought along.
            let brought = context.hatch.resources_in(environment.name);
            let brought = brought.filter(|_| context.extent() != Extent::None);
            objects.extend(brought.map(|object| Held {
                id: ObjectId {
                    api_version: object.api_version.clone().into(),
                    kind: object.kind.clone().into(),
                    name: object.name.as_str().into(),
                    hashed: false,
                },
                place: Some(object.locate(&["metadata", "name"])),
                selector: Selector::of(object),
            }));
            let (api_name, own) = (&environment.api.name, environment.api.namespace.as_deref());
            Self {
                api: api.clone(),
                environment: environment.name.into(),
                namespace: environment.settings.namespace_of(api_name, own).into(),
                objects,
                location: context.locate_environment(environment.name),
            }
        });
        each.collect()
    }
}
