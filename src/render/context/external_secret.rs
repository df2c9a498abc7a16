//! Secrets that the External Secrets Operator makes from an outside store.

use serde_json::{Map, Value as Json, json};

use super::list;
use crate::metadata::{Api, ExternalSecret, RemoteKey};
use crate::platform::{Environment, Platform};

/// How often a store is asked again where nobody says.
const REFRESH_INTERVAL: &str = "1h";

/// Prepares the context of `externalsecret.yaml.j2` for each Secret of an API in an environment.
pub(in crate::render) fn external_secrets(
    api: &Api,
    name: &str,
    environment: &Environment,
    platform: &Platform,
) -> Vec<Json> {
    let one = |(secret, wanted): (&str, &ExternalSecret)| {
        let (known_as, store) = platform.secret_store(environment, wanted.store.as_deref())?;
        let remote = |remote: &RemoteKey| remote_key(remote, &api.name, name);
        let data =
            wanted.keys.iter().map(|(key, value)| json!({ "secretKey": key, "remoteRef": remote(value) }));
        let interval = wanted.refresh_interval.as_deref().or(store.refresh_interval.as_deref());
        Some(json!({ "secret": {
            "name": secret,
            "refreshInterval": interval.unwrap_or(REFRESH_INTERVAL),
            "store": { "kind": store.kind, "name": store.name.as_deref().unwrap_or(known_as) },
            "data": list(data),
            "dataFrom": list(wanted.all.iter().map(|all| json!({ "extract": remote(all) }))),
        } }))
    };
    api.external_secrets.iter().filter_map(one).collect()
}

fn remote_key(remote: &RemoteKey, api: &str, environment: &str) -> Json {
    let mut map = Map::new();
    let key = remote.key.replace("{name}", api).replace("{environment}", environment);
    map.insert("key".to_owned(), key.into());
    map.extend(remote.property.clone().map(|property| ("property".to_owned(), property.into())));
    map.extend(remote.version.clone().map(|version| ("version".to_owned(), version.into())));
    // Many releases of the operator write these into the live object, and a GitOps engine would then see
    // a difference for ever (<https://github.com/external-secrets/external-secrets/issues/6797>).
    for (key, value) in
        [("conversionStrategy", "Default"), ("decodingStrategy", "None"), ("metadataPolicy", "None")]
    {
        map.insert(key.to_owned(), value.into());
    }
    Json::Object(map)
}
