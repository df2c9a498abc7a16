//! What a rule on effective objects may look at.

mod backends;
mod origin;
mod pods;
#[cfg(test)]
mod tests;

pub use backends::{Backend, Port as BackendPort, backends};
pub use pods::{PodContainer, PodTemplate, list, title};

use serde_json::Value as Json;

use super::{ApiContext, InEnvironment};
use crate::diagnostic::{Code, Diagnostic, Location, Sink};
use crate::effective::{Own, Path};
use crate::kustomize::{Builder, Object};
use crate::ordered::{self, field};
use crate::render::{Drafts, Templates};

/// One API with the objects that it builds to.
pub struct EffectiveContext<'a> {
    /// The API.
    pub api: &'a ApiContext<'a>,
    /// Its environments, in the order of the platform. One that does not build is not among them; why is a finding of
    /// its own.
    pub environments: Vec<Built<'a>>,
    /// What its objects are rendered by.
    templates: &'a Templates,
}

/// One environment with its objects.
#[derive(Debug)]
pub struct Built<'a> {
    /// The environment.
    pub environment: InEnvironment<'a>,
    /// What would be applied there.
    pub objects: Vec<Object>,
}

impl<'a> EffectiveContext<'a> {
    /// Builds the overlays of what an API renders to, beside the files that people keep in its directory. What is wrong
    /// with a rendered file, which is nowhere but in memory, is said of the line that is behind it.
    pub fn build(
        api: &'a ApiContext<'a>,
        drafts: &Drafts,
        templates: &'a Templates,
        sink: &mut Sink,
    ) -> Self {
        let mut files = Own::rendered(api.snapshot, api.directory, api.entries, drafts);
        let mut found = Sink::default();
        let mut environments = Self::built(api, &files, &mut found);
        if !found.is_empty() {
            // What is found needs a place, and only a text has places.
            files = files.as_text();
            found = Sink::default();
            environments = Self::built(api, &files, &mut found);
        }
        let context = Self { api, environments, templates };
        for finding in found.into_findings() {
            sink.push(origin::led_back(&context, finding, drafts));
        }
        context
    }

    fn built(api: &'a ApiContext<'a>, files: &Own<'_>, sink: &mut Sink) -> Vec<Built<'a>> {
        let mut builder = Builder::new(files);
        let each = api.environments().filter_map(|environment| {
            let overlay = format!("{}/overlays/{}", api.directory, environment.name);
            let objects = builder.build(&overlay, sink)?;
            Some(Built { environment, objects })
        });
        each.collect()
    }

    /// Walks the objects of all environments.
    pub fn objects(&self) -> impl Iterator<Item = (&Built<'a>, &Object)> {
        self.environments.iter().flat_map(|built| built.objects.iter().map(move |object| (built, object)))
    }

    /// Makes a finding about a place in an object, at the line that is behind it.
    pub fn finding(
        &self,
        built: &Built<'a>,
        object: &Object,
        path: &Path<'_>,
        code: &'static Code,
        message: impl Into<String>,
    ) -> Diagnostic {
        let location = self.locate(built, object, path);
        Diagnostic::new(code, location, message).in_environment(built.environment.name)
    }

    /// Finds the line of the patch that took a port from the containers of pods.
    pub fn port_taken_away(
        &self,
        built: &Built<'a>,
        pods: &[PodTemplate<'_>],
        wanted: &dyn Fn(&Json) -> bool,
    ) -> Option<Location> {
        pods.iter().find_map(|pod| {
            let find = |json: &Json| {
                let object = Object { json: json.clone(), name: pod.object.name.clone(), hashed: false };
                PodTemplate::of(&object)?.port(wanted)
            };
            self.api.hatch.taken_away(built.environment.name, pod.object, &find)
        })
    }

    /// Finds the line that is behind a place in an object: in a patch, an extra resource or a config file, in the layer of
    /// metadata.yaml or platform.yaml that says it, or in a template of the repo's own. Of what nobody says it is the
    /// nearest key that somebody wrote.
    pub fn locate(&self, built: &Built<'a>, object: &Object, path: &Path<'_>) -> Location {
        origin::locate(self, &built.environment, object, path)
    }
}

impl Built<'_> {
    /// Walks the objects of one kind.
    pub fn of_kind<'b>(&'b self, kind: &'b str) -> impl Iterator<Item = &'b Object> {
        self.objects.iter().filter(move |object| field(&object.json, "kind").is_some_and(|own| own == kind))
    }
}

/// Returns the text at a pointer of an object; empty where there is none.
pub fn text<'a>(json: &'a Json, pointer: &str) -> &'a str {
    at(json, pointer).and_then(Json::as_str).unwrap_or_default()
}

/// Follows a pointer. `Json::pointer` makes two texts of each key, for the marks that few have.
fn at<'a>(json: &'a Json, pointer: &str) -> Option<&'a Json> {
    if pointer.contains('~') {
        return json.pointer(pointer);
    }
    pointer.split('/').skip(1).try_fold(json, |here, key| match here {
        Json::Object(map) => ordered::get(map, key),
        Json::Array(items) => items.get(key.parse::<usize>().ok()?),
        _ => None,
    })
}
