//! The escape hatches: patches and extra resources, read and tried out on what the API renders to.
//!
//! Kustomize would apply them to whatever they say. So each file is read here, and each patch is applied to the
//! objects of each environment as Kustomize applies it; what fails there, or silently does nothing, is kept as a
//! [`Trouble`] for the rule that speaks of it. Findings point into the file, and name the entry in metadata.yaml.

pub mod codes;
mod document;
mod image;
mod lost;
mod operation;
mod origin;
mod patch;
mod removal;
mod resource;
mod trial;

pub use document::Object;
pub use image::NamedImage;
pub use resource::pod_labels;
pub use trial::{Problem, Trouble};

use std::sync::Arc;

use serde_json::Value as Json;

use self::patch::Patch;
use super::ApiContext;
use crate::diagnostic::{Location, Sink};
use crate::platform::Extent;
use crate::render::{self, Templates};
use crate::yaml::Node;

/// What an API's escape hatches say and do.
#[derive(Debug, Default)]
pub struct Hatch {
    /// The objects in `extraResources`, of the top and of each environment.
    pub resources: Vec<Object>,
    /// Secrets with values, which are named by their file alone: nothing near a value is ever shown.
    pub secrets: Vec<Location>,
    /// The images that patches set and extra resources run.
    pub images: Vec<NamedImage>,
    /// Where they go, in the order of the platform.
    pub environments: Vec<Placed>,
    /// The patches, in the order in which an environment applies those that are for it.
    patches: Vec<Patch>,
    troubles: Vec<Trouble>,
}

/// One environment, as the hatches meet it.
#[derive(Debug)]
pub struct Placed {
    /// The environment's name.
    pub name: String,
    /// The API's namespace there.
    pub namespace: String,
    /// What the API renders to, before patches and without extra resources.
    pub rendered: Vec<Json>,
}

impl Hatch {
    /// Reads the files that metadata.yaml names under `patches` and `extraResources`, and tries the patches out.
    ///
    /// A file that is no such file is a finding in `sink`. Nothing is read or rendered for an API without hatches.
    pub fn read(context: &ApiContext<'_>, templates: &Templates, sink: &mut Sink) -> Self {
        let mut hatch = Self::of_files(context, sink);
        // Of an API that is gone neither patches nor extra resources are left.
        if hatch.is_empty() || context.extent() == Extent::None {
            return hatch;
        }
        for environment in context.environments() {
            // A template that fails is a finding of rendering.
            let Ok(rendered) =
                render::manifests(environment.api, context.extent(), context.place(&environment), templates)
            else {
                continue;
            };
            let own = environment.api.namespace.as_deref();
            hatch.environments.push(Placed {
                name: environment.name.to_owned(),
                namespace: environment.settings.namespace_of(&environment.api.name, own),
                rendered,
            });
        }
        let allowed = &context.platform.model.extra_resources;
        hatch.troubles = trial::run(&hatch.patches, &hatch.resources, &hatch.environments, allowed);
        hatch
    }

    /// Reads the files alone: nothing is rendered, and no patch is tried out.
    pub fn of_files(context: &ApiContext<'_>, sink: &mut Sink) -> Self {
        let top = &context.metadata.top;
        let mut hatch = Self::default();
        let mut apis = context.environments().map(|environment| environment.api).chain([&top.api]);
        if apis.all(|api| api.patches.is_empty() && api.extra_resources.is_empty()) {
            return hatch;
        }
        let mut reader =
            document::Reader { context, only_in: None, secrets: Vec::new(), images: Vec::new(), sink };
        let mut patches: Vec<Patch> = Vec::new();
        let own = render::Own { patches: &top.api.patches, resources: &top.api.extra_resources };
        hatch.read_all(&mut reader, &top.tree, own, [0, 0], &mut patches);
        // What an environment adds stands behind what it has of the top.
        let behind = [top.api.patches.len(), top.api.extra_resources.len()];
        for environment in context.environments() {
            reader.only_in = Some(environment.name.into());
            let own = render::own(&top.api, environment.api);
            hatch.read_all(&mut reader, environment.tree, own, behind, &mut patches);
        }
        hatch.secrets = reader.secrets;
        hatch.images = reader.images;
        hatch.patches = patches;
        hatch
    }

    /// Reads the files that one layer names, whose entries begin behind as many others.
    fn read_all(
        &mut self,
        reader: &mut document::Reader<'_, '_>,
        tree: &Node,
        own: render::Own<'_>,
        [before_patches, before_resources]: [usize; 2],
        patches: &mut Vec<Patch>,
    ) {
        for (index, path) in own.resources.iter().enumerate() {
            let index = (before_resources + index).to_string();
            let entry = reader.context.locate(tree, &["extraResources", &index]);
            self.resources.extend(resource::read(reader, path, &entry));
        }
        for (index, patch) in own.patches.iter().enumerate() {
            let index = (before_patches + index).to_string();
            let entry = reader.context.locate(tree, &["patches", &index]);
            patches.extend(patch::read(reader, patch, &entry));
        }
    }

    /// Walks the extra resources of an environment.
    pub fn resources_in(&self, environment: &str) -> impl Iterator<Item = &Object> {
        self.resources.iter().filter(move |object| object.is_in(environment))
    }

    /// Walks the patches that are applied in an environment, in their order.
    fn patches_in(&self, environment: &str) -> impl DoubleEndedIterator<Item = &Patch> {
        self.patches.iter().filter(move |patch| patch.is_in(environment))
    }

    /// Tells whether there is no patch and no extra resource.
    pub fn is_empty(&self) -> bool {
        self.patches.is_empty() && self.resources.is_empty()
    }

    /// Walks what is wrong with the patches in one respect.
    pub fn troubles(&self, problem: Problem) -> impl Iterator<Item = &Trouble> {
        self.troubles.iter().filter(move |trouble| trouble.problem == problem)
    }

    /// Returns the environments for which something holds, in words: nothing where it holds for all.
    pub fn only_in(&self, names: &[&str]) -> String {
        trial::only_in(names, self.environments.len())
    }
}

/// The path of a file, shared by all that points into it.
type FilePath = Arc<str>;
