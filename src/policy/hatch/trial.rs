//! The patches of an API, applied to the objects of each environment in their order, as Kustomize applies them.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value as Json;

use super::document::{NAMED_HERE, Object, about};
use super::operation::Operation;
use super::patch::{Content, Patch};
use super::{Placed, lost};
use crate::diagnostic::{Code, Diagnostic, Location, nearest};
use crate::kustomize::merge;
use crate::metadata::PatchTarget;
use crate::platform::ExtraResources;

/// In which respect a patch is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Problem {
    /// What it is for does not exist.
    Target,
    /// A place in the object does not exist, or has another shape.
    Path,
    /// It does nothing.
    Effect,
    /// It changes what an object is known by.
    Identity,
    /// It is for a kind that APIs may not touch.
    Kind,
}

/// What is wrong with a patch.
#[derive(Debug)]
pub struct Trouble {
    /// In which respect.
    pub problem: Problem,
    location: Location,
    entry: Location,
    message: String,
    help: Option<String>,
    environments: Vec<String>,
    everywhere: usize,
    only_in: Option<Arc<str>>,
}

impl Trouble {
    /// Makes the finding of the rule that speaks of it.
    pub fn finding(&self, code: &'static Code) -> Diagnostic {
        let names: Vec<&str> = self.environments.iter().map(String::as_str).collect();
        let message = format!("{}{}", self.message, only_in(&names, self.everywhere));
        let finding = Diagnostic::new(code, self.location.clone(), message).maybe_help(self.help.clone());
        let finding = about(finding, self.only_in.as_deref());
        if self.entry == self.location { finding } else { finding.related(self.entry.clone(), NAMED_HERE) }
    }
}

/// Names the environments for which something holds: nothing where it holds for all.
pub(super) fn only_in(names: &[&str], everywhere: usize) -> String {
    if names.len() == everywhere {
        return String::new();
    }
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    format!(" in {}", names.join(" and "))
}

/// Kinds that onramp renders from metadata.yaml, which a patch may always touch.
const RENDERED_KINDS: &[(&str, &str)] = &[
    ("BackendConfig", "cloud.google.com"),
    ("ConfigMap", ""),
    ("CronJob", "batch"),
    ("Deployment", "apps"),
    ("ExternalSecret", "external-secrets.io"),
    ("GCPBackendPolicy", "networking.gke.io"),
    ("HTTPRoute", "gateway.networking.k8s.io"),
    ("HealthCheckPolicy", "networking.gke.io"),
    ("HorizontalPodAutoscaler", "autoscaling"),
    ("Ingress", "networking.k8s.io"),
    ("Job", "batch"),
    ("NetworkPolicy", "networking.k8s.io"),
    ("PodDisruptionBudget", "policy"),
    ("Rollout", "argoproj.io"),
    ("Service", ""),
    ("ServiceAccount", ""),
    ("StatefulSet", "apps"),
];

/// Applies all patches in all environments, and says what is wrong.
pub(super) fn run(
    patches: &[Patch],
    resources: &[Object],
    environments: &[Placed],
    allowed: &ExtraResources,
) -> Vec<Trouble> {
    let mut trial =
        Trial { allowed, everywhere: environments.len(), troubles: Vec::new(), applied: BTreeMap::new() };
    for environment in environments {
        let extra = resources.iter().filter(|object| object.is_in(&environment.name));
        let extra = extra.map(|object| object.json.clone());
        let mut objects: Vec<Json> = environment.rendered.iter().cloned().chain(extra).collect();
        for (index, patch) in patches.iter().enumerate().filter(|(_, patch)| patch.is_in(&environment.name)) {
            trial.patch(patch, index, environment, &mut objects);
        }
    }
    trial.outcome(patches, environments)
}

struct Trial<'a> {
    allowed: &'a ExtraResources,
    everywhere: usize,
    troubles: Vec<(usize, Trouble)>,
    /// In which environments a patch met anything.
    applied: BTreeMap<usize, Vec<String>>,
}

/// What a trouble says, wherever it is met.
struct Words {
    location: Location,
    message: String,
    help: Option<String>,
}

impl Trial<'_> {
    fn patch(&mut self, patch: &Patch, index: usize, environment: &Placed, objects: &mut Vec<Json>) {
        match (&patch.target, &patch.content) {
            (None, Content::Merge(documents)) => {
                for document in documents {
                    let found = objects.iter().position(|object| is_named(object, document));
                    let Some(at) = found else {
                        let words = no_target(document, objects);
                        self.add(index, Problem::Target, patch, environment, words);
                        continue;
                    };
                    self.merge(index, patch, environment, document, objects, at);
                }
            }
            (Some(target), content) => {
                let mut at = 0;
                while at < objects.len() {
                    let count = objects.len();
                    if target.fits(&objects[at]) {
                        match content {
                            Content::Merge(documents) => {
                                for document in documents {
                                    self.merge(index, patch, environment, document, objects, at);
                                }
                            }
                            Content::Operations(operations) => {
                                self.operations(index, patch, environment, operations, &mut objects[at]);
                            }
                        }
                    }
                    // A patch may have deleted the object.
                    at += usize::from(objects.len() == count);
                }
            }
            // Read only with a target.
            (None, Content::Operations(_)) => {}
        }
    }

    fn merge(
        &mut self,
        index: usize,
        patch: &Patch,
        environment: &Placed,
        document: &Object,
        objects: &mut Vec<Json>,
        at: usize,
    ) {
        let object = &objects[at];
        if !self.may_touch(index, patch, environment, object, document.locate(&["kind"])) {
            return;
        }
        for lost in lost::find(document.node(), object) {
            let problem = if lost.unknown { Problem::Target } else { Problem::Effect };
            let message = format!("{} in `{}`", lost.message, title(object));
            let words = Words { location: document.location(lost.span), message, help: lost.help };
            self.add(index, problem, patch, environment, words);
        }
        let mut merged = match merge::merge(object.clone(), document.json.clone()) {
            Ok(Some(merged)) => merged,
            Ok(None) => {
                objects.remove(at);
                return;
            }
            Err(merge::Refusal { path, message }) => {
                let keys: Vec<&str> = path.iter().map(String::as_str).collect();
                let message = format!("`{}` of `{}`: {message}", path.join("."), title(object));
                let words = Words { location: document.locate(&keys), message, help: None };
                self.add(index, Problem::Path, patch, environment, words);
                return;
            }
        };
        // Kustomize keeps what an object is called, whatever a patch with a target says.
        for key in ["apiVersion", "kind"] {
            merged[key] = object[key].clone();
        }
        for key in ["name", "namespace"] {
            if let Some(metadata) = merged["metadata"].as_object_mut() {
                metadata.shift_remove(key);
                metadata.extend(object["metadata"].get(key).map(|value| (key.to_owned(), value.clone())));
            }
        }
        if let Some(what) = changed_identity(object, &merged) {
            let message = format!("the patch changes `{what}` of `{}`", title(object));
            let location = document.locate(&what.split('.').collect::<Vec<_>>());
            self.identity(index, patch, environment, location, message);
        }
        objects[at] = merged;
    }

    fn operations(
        &mut self,
        index: usize,
        patch: &Patch,
        environment: &Placed,
        operations: &[Operation],
        object: &mut Json,
    ) {
        if !self.may_touch(index, patch, environment, object, patch.entry.clone()) {
            return;
        }
        let before = object.clone();
        for operation in operations.iter().filter(|operation| !operation.is_beyond(&before)) {
            if let Err(refusal) = operation.apply(object, &title(&before)) {
                let words =
                    Words { location: refusal.location, message: refusal.message, help: refusal.help };
                self.add(index, Problem::Path, patch, environment, words);
                *object = before;
                return;
            }
            if let Some(what) = changed_identity(&before, object) {
                let message = format!("the patch changes `{what}` of `{}`", title(&before));
                self.identity(index, patch, environment, operation.location(), message);
                *object = before;
                return;
            }
        }
    }

    fn identity(
        &mut self,
        index: usize,
        patch: &Patch,
        environment: &Placed,
        location: Location,
        message: String,
    ) {
        let help = Some(
            "a cluster takes it for another object, or refuses it; take this out of the patch".to_owned(),
        );
        self.add(index, Problem::Identity, patch, environment, Words { location, message, help });
    }

    fn may_touch(
        &mut self,
        index: usize,
        patch: &Patch,
        environment: &Placed,
        object: &Json,
        location: Location,
    ) -> bool {
        self.applied.entry(index).or_default().push(environment.name.clone());
        let api_version = object["apiVersion"].as_str().unwrap_or_default();
        let group = api_version.split_once('/').map_or("", |(group, _)| group);
        let kind = object["kind"].as_str().unwrap_or_default();
        let may = RENDERED_KINDS.contains(&(kind, group)) || self.allowed.allows(group, kind);
        if !may {
            let message = format!("a patch may not touch `{}`", title(object));
            self.add(index, Problem::Kind, patch, environment, Words { location, message, help: None });
        }
        may
    }

    fn add(&mut self, index: usize, problem: Problem, patch: &Patch, environment: &Placed, words: Words) {
        let Words { location, message, help } = words;
        let same = |known: &&mut (usize, Trouble)| {
            let (of, known) = known;
            *of == index && known.problem == problem && known.location == location && known.message == message
        };
        if let Some((_, known)) = self.troubles.iter_mut().find(same) {
            if !known.environments.contains(&environment.name) {
                known.environments.push(environment.name.clone());
            }
            return;
        }
        let trouble = Trouble {
            problem,
            location,
            entry: patch.entry.clone(),
            message,
            help,
            environments: vec![environment.name.clone()],
            everywhere: self.everywhere,
            only_in: patch.only_in.clone(),
        };
        self.troubles.push((index, trouble));
    }

    fn outcome(mut self, patches: &[Patch], environments: &[Placed]) -> Vec<Trouble> {
        let applied = |index: &usize| {
            let mut names = self.applied.get(index).cloned().unwrap_or_default();
            names.dedup();
            names.len()
        };
        // Most patches hold in every environment, so a part that does nothing in one may be for another.
        self.troubles.retain(|(index, trouble)| {
            trouble.problem != Problem::Effect || trouble.environments.len() == applied(index)
        });
        for (index, patch) in patches.iter().enumerate() {
            let is_tried = environments.iter().any(|environment| patch.is_in(&environment.name));
            let Some(target) = patch.target.as_ref().filter(|_| is_tried) else { continue };
            if !self.applied.contains_key(&index) {
                let trouble = Trouble {
                    problem: Problem::Target,
                    location: patch.entry.clone(),
                    entry: patch.entry.clone(),
                    message: format!("no object of the API is {}", described(target)),
                    help: Some("Kustomize does nothing then, without a word; correct the target, or remove the patch".to_owned()),
                    environments: patch.only_in.iter().map(ToString::to_string).collect(),
                    everywhere: if patch.only_in.is_some() { self.everywhere } else { 0 },
                    only_in: patch.only_in.clone(),
                };
                self.troubles.push((index, trouble));
            }
        }
        self.troubles.into_iter().map(|(_, trouble)| trouble).collect()
    }
}

/// Tells whether a patch without a target is for an object. Kustomize takes no namespace for `default`.
fn is_named(object: &Json, patch: &Object) -> bool {
    let namespace = object["metadata"]["namespace"].as_str().unwrap_or("default");
    object["apiVersion"] == *patch.api_version
        && object["kind"] == *patch.kind
        && object["metadata"]["name"] == *patch.name
        && namespace == patch.namespace.as_deref().unwrap_or("default")
}

fn no_target(patch: &Object, objects: &[Json]) -> Words {
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    let same_kind: Vec<&Json> = objects.iter().filter(|object| object["kind"] == *patch.kind).collect();
    let names: Vec<String> = same_kind.iter().map(|object| text(&object["metadata"]["name"])).collect();
    let namesake = same_kind.iter().find(|object| object["metadata"]["name"] == *patch.name);
    let (at, help): (&[&str], String) = match namesake {
        Some(object) if object["apiVersion"] != *patch.api_version => {
            (&["apiVersion"], format!("write `apiVersion: {}`", text(&object["apiVersion"])))
        }
        Some(_) => (
            &["metadata", "namespace"],
            "remove `metadata.namespace`: the overlay sets it after the patches".to_owned(),
        ),
        None => {
            let near = nearest(&patch.name, names.iter().map(String::as_str));
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None if names.is_empty() => {
                    "patches can change what the API renders and its extra resources".to_owned()
                }
                None => format!("there is `{}`", names.join("`, `")),
            };
            (&["metadata", "name"], help)
        }
    };
    let message = format!("the API has no `{}`", described_as(patch, namesake.is_some()));
    Words { location: patch.locate(at), message, help: Some(help) }
}

/// Names what a patch is for; with all that counts where name and kind alone would be there.
fn described_as(patch: &Object, in_full: bool) -> String {
    match &patch.namespace {
        Some(namespace) if in_full => {
            format!("{} of {} in namespace {namespace}", patch.title(), patch.api_version)
        }
        _ if in_full => format!("{} of {}", patch.title(), patch.api_version),
        _ => patch.title(),
    }
}

fn described(target: &PatchTarget) -> String {
    let mut words = format!("a `{}`", target.kind);
    for (what, value) in [
        ("called", &target.name),
        ("of group", &target.group),
        ("of version", &target.version),
        ("with", &target.label_selector),
    ] {
        if let Some(value) = value {
            words.extend([" ", what, " `", value, "`"]);
        }
    }
    words
}

fn title(object: &Json) -> String {
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    format!("{} {}", text(&object["kind"]), text(&object["metadata"]["name"]))
}

/// Says which part of what an object is known by differs. The selector of a workload cannot be changed in a cluster, and
/// its pods must have the selector's labels.
fn changed_identity(before: &Json, after: &Json) -> Option<String> {
    let of = |object: &Json, path: &str| object.pointer(path).cloned().unwrap_or_default();
    for path in ["/apiVersion", "/kind", "/metadata/name", "/metadata/namespace"] {
        if of(before, path) != of(after, path) {
            return Some(path[1..].replace('/', "."));
        }
    }
    if !matches!(before["kind"].as_str(), Some("Deployment" | "StatefulSet" | "DaemonSet")) {
        return None;
    }
    if of(before, "/spec/selector") != of(after, "/spec/selector") {
        return Some("spec.selector".to_owned());
    }
    let wanted = of(before, "/spec/selector/matchLabels");
    let labels = of(after, "/spec/template/metadata/labels");
    let kept = wanted
        .as_object()
        .is_none_or(|wanted| wanted.iter().all(|(key, value)| labels.get(key) == Some(value)));
    (!kept).then(|| "spec.template.metadata.labels".to_owned())
}
