//! Secrets that are made from an outside store. Only names stand here, never values.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor, value};

use crate::ordered::Ordered;

/// A Secret that the External Secrets Operator makes.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct ExternalSecret {
    /// Which of the platform's stores; the environment's when left out.
    pub store: Option<String>,
    /// How often the store is asked again, as Go writes durations.
    pub refresh_interval: Option<String>,
    /// Keys of the Secret, each with what holds its value.
    pub keys: Ordered<RemoteKey>,
    /// A secret of the store each of whose keys becomes one of the Secret.
    pub all: Option<RemoteKey>,
}

impl ExternalSecret {
    /// Tells whether it makes a key, as far as that can be known: what `all` brings stands in the store.
    pub fn makes(&self, key: &str) -> bool {
        self.all.is_some() || self.keys.get(key).is_some()
    }
}

/// What holds a value in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteKey {
    /// Name of the secret there; may hold `{name}` and `{environment}`.
    pub key: String,
    /// Which part of it.
    pub property: Option<String>,
    /// Which version of it; the latest when left out.
    pub version: Option<String>,
}

impl<'de> Deserialize<'de> for RemoteKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Long {
            key: String,
            property: Option<String>,
            version: Option<String>,
        }

        struct ShortOrLong;
        impl<'de> Visitor<'de> for ShortOrLong {
            type Value = RemoteKey;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a secret in the store, or a map with `key`")
            }

            fn visit_str<E: Error>(self, key: &str) -> Result<RemoteKey, E> {
                Ok(RemoteKey { key: key.to_owned(), property: None, version: None })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RemoteKey, A::Error> {
                let Long { key, property, version } =
                    Long::deserialize(value::MapAccessDeserializer::new(map))?;
                Ok(RemoteKey { key, property, version })
            }
        }
        deserializer.deserialize_any(ShortOrLong)
    }
}
