//! Findings of a build that stand in a rendered file, which is nowhere but in memory.

use serde_json::Value as Json;

use super::locate;
use crate::diagnostic::{Diagnostic, Location};
use crate::effective::{Path, Step};
use crate::kustomize::Object;
use crate::policy::{EffectiveContext, InEnvironment};
use crate::render::{COMPONENT_DIRECTORIES, Drafts, KUSTOMIZATION};
use crate::yaml::{self, Node, Source, SourceId, Value};

/// Leads a finding from a rendered file to the line that is behind it. A finding in a file that people keep stays as it is.
pub(in crate::policy) fn led_back(
    context: &EffectiveContext<'_>,
    mut finding: Diagnostic,
    drafts: &Drafts,
) -> Diagnostic {
    let back = |location: &Location| {
        match drafts.text(&location.path) {
            Some(text) => Some(of_file(context, location, &text)),
            // A directory without kustomization is named by its path alone.
            None if drafts.has_below(&location.path) => Some(of_api(context)),
            None => None,
        }
    };
    if let Some(location) = back(&finding.primary) {
        finding.primary = location;
        finding.label.clear();
    }
    finding.related.retain(|related| back(&related.location).is_none());
    finding
}

fn of_file(context: &EffectiveContext<'_>, location: &Location, text: &str) -> Location {
    let rest = location.path.strip_prefix(context.api.directory).unwrap_or_default();
    let mut parts = rest.trim_start_matches('/').split('/');
    let named = match (parts.next(), parts.next()) {
        (Some("overlays"), Some(name)) => Some(name),
        // Beside the components of the environments lies the one of all.
        (Some(first), Some(name)) if COMPONENT_DIRECTORIES.contains(&first) && name != KUSTOMIZATION => {
            Some(name)
        }
        _ => None,
    };
    let mut all = context.api.environments();
    let environment = match named {
        Some(name) => all.find(|environment| environment.name == name),
        None => all.next(),
    };
    let nearest = || match named {
        Some(name) => context.api.locate_environment(name),
        None => of_api(context),
    };
    let Some(environment) = environment else { return nearest() };
    of_object(context, &environment, location, text).unwrap_or_else(nearest)
}

fn of_api(context: &EffectiveContext<'_>) -> Location {
    context.api.locate(&context.api.metadata.top.tree, &["name"])
}

/// Finds the object and the place in it that a span of a rendered file shows.
fn of_object(
    context: &EffectiveContext<'_>,
    environment: &InEnvironment<'_>,
    location: &Location,
    text: &str,
) -> Option<Location> {
    let at = location.span.as_ref()?.start;
    let source = Source { id: SourceId(0), path: location.path.clone(), text: text.to_owned() };
    let documents = yaml::documents(&source);
    let document = documents.iter().rev().find(|document| document.start <= at)?;
    let node = document.node.as_ref()?;
    let json = node.to_json();
    let mut path = Path::default();
    lead(node, u32::try_from(at - document.start).ok()?, &json, &mut path);
    let name = match json["metadata"]["name"].as_str() {
        Some(name) => name.into(),
        None => return of_kustomization(context, environment, &json, &path),
    };
    let object = Object { json: json.clone(), name, hashed: false };
    Some(locate(context, environment, &object, &path))
}

/// Finds what a field of a rendered kustomization is made of.
fn of_kustomization(
    context: &EffectiveContext<'_>,
    environment: &InEnvironment<'_>,
    json: &Json,
    path: &Path<'_>,
) -> Option<Location> {
    let at = |keys: &[&str]| Some(context.api.locate_key(environment.tree, keys));
    match &path.0[..] {
        [Step::Key("labels"), _, Step::Key("pairs"), Step::Key(label), ..] => at(&["labels", label]),
        [Step::Key("configMapGenerator"), Step::Index(index), rest @ ..] => {
            let generator = &json["configMapGenerator"][*index];
            let mut all = environment.api.configs();
            let (keys, _) = all.find(|(at, _)| generator["name"] == environment.api.config_name_at(at))?;
            let [Step::Key(list @ "literals"), Step::Index(literal)] = rest else { return at(&keys) };
            let key = generator[list][*literal].as_str()?.split('=').next()?;
            at(&[&keys[..], &["literals", key]].concat())
        }
        _ => None,
    }
}

/// Follows the nodes that hold a byte.
fn lead<'n>(node: &'n Node, at: u32, json: &'n Json, path: &mut Path<'n>) {
    match &node.value {
        Value::Map(entries) => {
            let holds = |entry: &&yaml::Entry| {
                entry.key_span.start <= at && at <= entry.node.span.end.max(entry.key_span.end)
            };
            if let Some(entry) = entries.iter().rev().find(holds) {
                path.0.push(Step::Key(&entry.key));
                lead(&entry.node, at, &json[&*entry.key], path);
            }
        }
        Value::Seq(items) => {
            let holds = |item: &Node| item.span.start <= at && at <= item.span.end;
            if let (Some(index), Some(list)) = (items.iter().position(holds), json.as_array()) {
                *path = std::mem::take(path).element(list, index);
                lead(&items[index], at, &json[index], path);
            }
        }
        _ => {}
    }
}
