//! The API's own ConfigMaps: generators in the base, merged over by those of an environment.
//!
//! Kustomize reads files only at or below a kustomization's directory, so `config/` and
//! `config/<env>/` are components, which base and overlay name.

use serde_json::{Map, Value as Json, json};

use super::context::{file_entry, literal_entry};
use super::some;
use crate::metadata::{Api, Config, ConfigFile, Profile};

/// Where a key's text comes from.
#[derive(Clone, Copy, PartialEq)]
enum Origin<'a> {
    File(&'a ConfigFile),
    Literal(&'a str),
}

/// What an environment does to the ConfigMaps.
pub(super) struct Overlay {
    /// The component in `config/<env>/`.
    pub(super) component: Option<Json>,
    /// The patches that take keys out, and ConfigMaps.
    pub(super) patches: Vec<Json>,
}

/// Returns the context of a component's template.
pub(super) fn component(
    resources: Option<&[Json]>,
    generators: Option<&[Json]>,
    patches: Option<&[Json]>,
) -> Json {
    json!({ "component": { "resources": resources, "generators": generators, "patches": patches } })
}

/// Returns the component of the base, where the API has a ConfigMap there.
pub(super) fn base(api: &Api) -> Option<Json> {
    let generators: Vec<Json> =
        configs(api).map(|(name, config)| generator(api, &name, &keys(config), None, "config")).collect();
    some(generators).map(|generators| component(None, Some(&generators), None))
}

/// Returns what one environment changes.
pub(super) fn overlay(top: &Api, api: &Api, environment: &str) -> Overlay {
    let directory = format!("config/{environment}");
    let mut generators = Vec::new();
    let mut patches = Vec::new();
    for (name, config) in configs(api) {
        let base = configs(top).find(|(known, _)| *known == name).map(|(_, config)| keys(config));
        let behavior = base.is_some().then_some("merge");
        let base = base.unwrap_or_default();
        let here = keys(config);
        let changed: Vec<_> = here.iter().filter(|key| !base.contains(key)).copied().collect();
        if !changed.is_empty() {
            generators.push(generator(api, &name, &changed, behavior, &directory));
        }
        let gone = base.iter().map(|(key, _)| *key).filter(|key| !here.iter().any(|(other, _)| other == key));
        let data: Map<String, Json> = gone.map(|key| (key.to_owned(), Json::Null)).collect();
        if !data.is_empty() {
            patches.push(patch(&name, "data", Json::Object(data)));
        }
    }
    for (name, _) in configs(top).filter(|(name, _)| !configs(api).any(|(known, _)| known == *name)) {
        patches.push(patch(&name, "$patch", "delete".into()));
    }
    Overlay { component: some(generators).map(|all| component(None, Some(&all), None)), patches }
}

fn patch(name: &str, key: &str, value: Json) -> Json {
    let mut patch = Map::new();
    patch.insert("apiVersion".to_owned(), "v1".into());
    patch.insert("kind".to_owned(), "ConfigMap".into());
    patch.insert("metadata".to_owned(), json!({ "name": name }));
    patch.insert(key.to_owned(), value);
    Json::Object(patch)
}

fn generator(
    api: &Api,
    name: &str,
    keys: &[(&str, Origin<'_>)],
    behavior: Option<&str>,
    directory: &str,
) -> Json {
    let mut files = Vec::new();
    let mut literals = Vec::new();
    for (key, origin) in keys {
        match origin {
            Origin::File(file) => files.push(file_entry(file, directory)),
            Origin::Literal(text) => literals.push(literal_entry(key, text)),
        }
    }
    let mut generator = Map::new();
    generator.insert("name".to_owned(), name.into());
    generator.extend(behavior.map(|behavior| ("behavior".to_owned(), behavior.into())));
    generator.extend(some(files).map(|files| ("files".to_owned(), files.into())));
    generator.extend(some(literals).map(|literals| ("literals".to_owned(), literals.into())));
    if api.profile == Profile::Adopted {
        // Pods that run name the ConfigMap as it is.
        generator.insert("options".to_owned(), json!({ "disableNameSuffixHash": true }));
    }
    Json::Object(generator)
}

/// Walks the ConfigMaps that are generated, by name.
fn configs(api: &Api) -> impl Iterator<Item = (String, &Config)> {
    let further = api.config_maps.iter().map(|(name, config)| (name.to_owned(), config));
    std::iter::once((api.config_name(), &api.config)).chain(further).filter(|(_, config)| !config.is_empty())
}

fn keys(config: &Config) -> Vec<(&str, Origin<'_>)> {
    let files = config.files.iter().map(|file| (file.key.as_str(), Origin::File(file)));
    let literals = config.literals.iter().map(|(key, text)| (key, Origin::Literal(text.as_str())));
    files.chain(literals).collect()
}
