//! Volumes in the short form, and the service account: parts of a pod that have a union of their own.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor, value};
use serde_json::Value as Json;

use super::container::Verbatim;
use crate::ordered::Ordered;

/// A volume in the short form: one source, and where it is mounted. It replaces as a whole.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Volume {
    /// A ConfigMap by name.
    pub config: Option<String>,
    /// Or a Secret by name.
    pub secret: Option<String>,
    /// Or an empty directory.
    pub empty_dir: Option<Verbatim>,
    /// Or a claim by name.
    pub persistent_volume_claim: Option<String>,
    /// Or several sources in one.
    pub projected: Option<Vec<Json>>,
    /// Which keys, and the paths that they get; all of them under their own names when empty.
    pub items: Ordered<Item>,
    /// Permission bits of the files.
    pub mode: Option<FileMode>,
    /// Whether the pod starts without the ConfigMap or Secret.
    pub optional: Option<bool>,
    /// Where the main container finds it.
    pub mount_path: Option<String>,
    /// Which path of the volume is mounted there.
    pub sub_path: Option<String>,
    /// Whether it can be written there.
    pub read_only: Option<bool>,
    /// Or several mounts.
    pub mounts: Vec<Mount>,
}

impl Volume {
    /// Returns all mounts, the short form's as well.
    pub fn all_mounts(&self) -> impl Iterator<Item = Mount> {
        let short = self.mount_path.clone().map(|mount_path| Mount {
            mount_path,
            sub_path: self.sub_path.clone(),
            read_only: self.read_only,
            container: None,
        });
        short.into_iter().chain(self.mounts.iter().cloned())
    }
}

/// Where a container finds a volume.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Mount {
    /// Absolute path in the container.
    pub mount_path: String,
    /// Which path of the volume is mounted there.
    pub sub_path: Option<String>,
    /// Whether it can be written there.
    pub read_only: Option<bool>,
    /// Which container, where it is not the main one.
    pub container: Option<String>,
}

/// Permission bits. Text is octal, as `chmod` takes it; a number is what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileMode(pub u32);

/// The path that a key of a ConfigMap or Secret gets in a volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Path below the mount.
    pub path: String,
    /// Permission bits, where they are not the volume's.
    pub mode: Option<FileMode>,
}

/// The service account of the pods.
#[derive(Clone, Debug, PartialEq)]
pub enum ServiceAccount {
    /// One that is there.
    Existing(String),
    /// One that is rendered.
    Own {
        /// Its name; the workload's when left out.
        name: Option<String>,
        /// The Google service account that it may act as (Workload Identity).
        google: Option<String>,
        /// Further annotations.
        annotations: Ordered<String>,
    },
}

impl<'de> Deserialize<'de> for FileMode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bits;
        impl Visitor<'_> for Bits {
            type Value = FileMode;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("octal digits in quotes, or a number")
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<FileMode, E> {
                u32::try_from(number).map(FileMode).map_err(E::custom)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<FileMode, E> {
                u32::from_str_radix(text, 8).map(FileMode).map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Bits)
    }
}

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Long {
            path: String,
            mode: Option<FileMode>,
        }

        struct ShortOrLong;
        impl<'de> Visitor<'de> for ShortOrLong {
            type Value = Item;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a path, or a map with `path`")
            }

            fn visit_str<E: Error>(self, path: &str) -> Result<Item, E> {
                Ok(Item { path: path.to_owned(), mode: None })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Item, A::Error> {
                let Long { path, mode } = Long::deserialize(value::MapAccessDeserializer::new(map))?;
                Ok(Item { path, mode })
            }
        }
        deserializer.deserialize_any(ShortOrLong)
    }
}

impl<'de> Deserialize<'de> for ServiceAccount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields, rename_all = "camelCase")]
        struct Long {
            name: Option<String>,
            google_service_account: Option<String>,
            #[serde(default)]
            annotations: Ordered<String>,
        }

        struct ShortOrLong;
        impl<'de> Visitor<'de> for ShortOrLong {
            type Value = ServiceAccount;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a service account, or a map")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<ServiceAccount, E> {
                Ok(ServiceAccount::Existing(name.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ServiceAccount, A::Error> {
                let long = Long::deserialize(value::MapAccessDeserializer::new(map))?;
                Ok(ServiceAccount::Own {
                    name: long.name,
                    google: long.google_service_account,
                    annotations: long.annotations,
                })
            }
        }
        deserializer.deserialize_any(ShortOrLong)
    }
}
