//! The API's own ConfigMap: a generator in the base, merged over by one in an environment.
//!
//! Kustomize reads files only at or below a kustomization's directory, so `config/` and
//! `config/<env>/` are components, which base and overlay name.

use serde_json::{Value as Json, json};

use super::context::{file_entry, literal_entry};
use super::some;
use crate::metadata::{Api, Config, ConfigFile};

/// Where a key's text comes from.
#[derive(Clone, Copy, PartialEq)]
enum Origin<'a> {
    File(&'a ConfigFile),
    Literal(&'a str),
}

/// What an environment does to the ConfigMap.
pub(super) struct Overlay {
    /// The component in `config/<env>/`.
    pub(super) component: Option<Json>,
    /// The patch that takes keys out.
    pub(super) patch: Option<Json>,
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
    let keys = keys(&api.config);
    (!keys.is_empty()).then(|| generator(api, &keys, None, "config"))
}

/// Returns what one environment changes.
pub(super) fn overlay(top: &Api, api: &Api, environment: &str) -> Overlay {
    let base = keys(&top.config);
    let here = keys(&api.config);
    let changed: Vec<_> = here.iter().filter(|key| !base.contains(key)).copied().collect();
    let gone: Vec<&str> =
        base.iter().map(|(key, _)| *key).filter(|key| !here.iter().any(|(other, _)| other == key)).collect();
    let behavior = (!base.is_empty()).then_some("merge");
    let directory = format!("config/{environment}");
    Overlay {
        component: (!changed.is_empty()).then(|| generator(api, &changed, behavior, &directory)),
        patch: (!gone.is_empty()).then(|| {
            let data: serde_json::Map<String, Json> =
                gone.into_iter().map(|key| (key.to_owned(), Json::Null)).collect();
            json!({
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": { "name": api.config_name() },
                "data": data,
            })
        }),
    }
}

fn generator(api: &Api, keys: &[(&str, Origin<'_>)], behavior: Option<&str>, directory: &str) -> Json {
    let mut files = Vec::new();
    let mut literals = Vec::new();
    for (key, origin) in keys {
        match origin {
            Origin::File(file) => files.push(file_entry(file, directory)),
            Origin::Literal(text) => literals.push(literal_entry(key, text)),
        }
    }
    let mut generator = serde_json::Map::new();
    generator.insert("name".to_owned(), api.config_name().into());
    generator.extend(behavior.map(|behavior| ("behavior".to_owned(), behavior.into())));
    generator.extend(some(files).map(|files| ("files".to_owned(), files.into())));
    generator.extend(some(literals).map(|literals| ("literals".to_owned(), literals.into())));
    component(None, Some(&[Json::Object(generator)]), None)
}

fn keys(config: &Config) -> Vec<(&str, Origin<'_>)> {
    let files = config.files.iter().map(|file| (file.key.as_str(), Origin::File(file)));
    let literals = config.literals.iter().map(|(key, text)| (key, Origin::Literal(text.as_str())));
    files.chain(literals).collect()
}
