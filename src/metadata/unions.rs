//! Values that may be written in more than one shape.
//!
//! serde's `untagged` loses the place and the reason of a mistake, so each union reads itself: text
//! is the short form, a map is told by its keys.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor, value};
use serde::ser::{Serialize, Serializer};

use crate::ordered::Ordered;

/// A port number or a port name, or a number or a percentage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IntOrString {
    /// A number.
    Int(u32),
    /// A name or a percentage.
    Text(String),
}

/// A container port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// What the container listens on.
    pub container_port: u16,
    /// What the Service offers.
    pub service_port: u16,
    /// `TCP`, `UDP` or `SCTP`.
    pub protocol: String,
}

/// The value of one environment variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnvValue {
    /// Text.
    Literal(String),
    /// A key of a Secret.
    Secret(KeyRef),
    /// A key of a ConfigMap.
    Config(KeyRef),
    /// A field of the pod, such as `status.podIP`.
    Field(String),
    /// A request or limit of the container, such as `limits.memory`, with its unit.
    Resource(String, Option<String>),
}

/// A key of a Secret or ConfigMap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRef {
    /// Name of the object.
    pub name: String,
    /// Key in it.
    pub key: String,
    /// Whether the pod starts without it.
    pub optional: Option<bool>,
}

/// Config files: key in the ConfigMap and path below the API's directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfigFiles(pub Vec<ConfigFile>);

/// One config file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFile {
    /// Key in the ConfigMap: the file's base name unless the map form says another.
    pub key: String,
    /// Path below the API's directory.
    pub path: String,
}

impl ConfigFiles {
    /// Tells whether no file is named.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Walks the files.
    pub fn iter(&self) -> impl Iterator<Item = &ConfigFile> {
        self.0.iter()
    }
}

impl<'de> Deserialize<'de> for IntOrString {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl Visitor<'_> for Either {
            type Value = IntOrString;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an integer or a string")
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<IntOrString, E> {
                u32::try_from(number).map(IntOrString::Int).map_err(E::custom)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<IntOrString, E> {
                Ok(IntOrString::Text(text.to_owned()))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl Serialize for IntOrString {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            IntOrString::Int(number) => serializer.serialize_u32(*number),
            IntOrString::Text(text) => serializer.serialize_str(text),
        }
    }
}

impl<'de> Deserialize<'de> for Port {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields, rename_all = "camelCase")]
        struct Long {
            container_port: u16,
            service_port: Option<u16>,
            protocol: Option<String>,
        }

        struct ShortOrLong;
        impl<'de> Visitor<'de> for ShortOrLong {
            type Value = Port;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a port number or a map with `containerPort`")
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Port, E> {
                let port = u16::try_from(number).map_err(E::custom)?;
                Ok(Port { container_port: port, service_port: port, protocol: "TCP".to_owned() })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Port, A::Error> {
                let long = Long::deserialize(value::MapAccessDeserializer::new(map))?;
                Ok(Port {
                    container_port: long.container_port,
                    service_port: long.service_port.unwrap_or(long.container_port),
                    protocol: long.protocol.unwrap_or_else(|| "TCP".to_owned()),
                })
            }
        }
        deserializer.deserialize_any(ShortOrLong)
    }
}

impl<'de> Deserialize<'de> for EnvValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Reference {
            secret: Option<String>,
            config: Option<String>,
            field: Option<String>,
            resource: Option<String>,
            key: Option<String>,
            optional: Option<bool>,
            divisor: Option<String>,
        }

        struct TextOrReference;
        impl<'de> Visitor<'de> for TextOrReference {
            type Value = EnvValue;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text, or a map with `secret`, `config`, `field` or `resource`")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<EnvValue, E> {
                Ok(EnvValue::Literal(text.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<EnvValue, A::Error> {
                let reference = Reference::deserialize(value::MapAccessDeserializer::new(map))?;
                let Reference { secret, config, field, resource, key, optional, divisor } = reference;
                let key_ref = |name, key: Option<String>| match key {
                    Some(key) => Ok(KeyRef { name, key, optional }),
                    None => Err(A::Error::missing_field("key")),
                };
                match (secret, config, field, resource) {
                    (Some(name), None, None, None) => key_ref(name, key).map(EnvValue::Secret),
                    (None, Some(name), None, None) => key_ref(name, key).map(EnvValue::Config),
                    (None, None, Some(path), None) => Ok(EnvValue::Field(path)),
                    (None, None, None, Some(name)) => Ok(EnvValue::Resource(name, divisor)),
                    _ => Err(A::Error::custom("exactly one of `secret`, `config`, `field` and `resource`")),
                }
            }
        }
        deserializer.deserialize_any(TextOrReference)
    }
}

impl<'de> Deserialize<'de> for ConfigFiles {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ListOrMap;
        impl<'de> Visitor<'de> for ListOrMap {
            type Value = ConfigFiles;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of paths, or a map from key to path")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<ConfigFiles, A::Error> {
                let mut files = Vec::new();
                while let Some(path) = seq.next_element::<String>()? {
                    let key = path.rsplit('/').next().unwrap_or_default().to_owned();
                    files.push(ConfigFile { key, path });
                }
                Ok(ConfigFiles(files))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ConfigFiles, A::Error> {
                let files = Ordered::<String>::deserialize(value::MapAccessDeserializer::new(map))?;
                Ok(ConfigFiles(
                    files
                        .iter()
                        .map(|(key, path)| ConfigFile { key: key.to_owned(), path: path.clone() })
                        .collect(),
                ))
            }
        }
        deserializer.deserialize_any(ListOrMap)
    }
}
