//! Who may reach the pods of an API, and what they may reach.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor, value};

use crate::ordered::Ordered;

/// Who may reach the pods of an API, and what they may reach.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct NetworkPolicy {
    /// Whether there is one; left out: as the platform and the profile say.
    pub enabled: Option<bool>,
    /// Who may call the ports of the workloads.
    pub callers: Vec<Peer>,
    /// What the pods may connect to; anything when left out.
    pub egress: Option<Vec<Destination>>,
}

/// Pods or addresses: an API, a namespace, or a network.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Peer {
    /// Another API, in the same environment.
    pub api: Option<String>,
    /// Or the pods of a namespace.
    pub namespace: Option<String>,
    /// With `namespace`: only pods with these labels.
    pub pod_labels: Ordered<String>,
    /// Or addresses as a CIDR block.
    pub cidr: Option<String>,
}

/// What the pods may connect to.
#[derive(Clone, Debug, PartialEq)]
pub struct Destination {
    /// Pods or addresses; anything when left out.
    pub peer: Option<Peer>,
    /// Ports there; all when empty.
    pub ports: Vec<DestinationPort>,
}

/// One port of a destination, or several in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DestinationPort {
    /// The port, or the first.
    pub port: u16,
    /// The last of several.
    pub end_port: Option<u16>,
    /// `TCP`, `UDP` or `SCTP`.
    pub protocol: String,
}

impl NetworkPolicy {
    /// Walks the peers that the policy names, with the keys that lead to each below `networkPolicy`.
    pub fn peers(&self) -> impl Iterator<Item = ([String; 2], &Peer)> {
        let at = |list: &str, index: usize| [list.to_owned(), index.to_string()];
        let callers = self.callers.iter().enumerate();
        let egress = self.egress.iter().flatten().enumerate();
        callers
            .map(move |(index, peer)| (at("callers", index), peer))
            .chain(egress.filter_map(move |(index, to)| Some((at("egress", index), to.peer.as_ref()?))))
    }
}

impl<'de> Deserialize<'de> for Destination {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields, rename_all = "camelCase")]
        struct Keys {
            api: Option<String>,
            namespace: Option<String>,
            #[serde(default)]
            pod_labels: Ordered<String>,
            cidr: Option<String>,
            #[serde(default)]
            ports: Vec<DestinationPort>,
        }

        let Keys { api, namespace, pod_labels, cidr, ports } = Keys::deserialize(deserializer)?;
        let named = api.is_some() || namespace.is_some() || cidr.is_some();
        Ok(Self { peer: named.then_some(Peer { api, namespace, pod_labels, cidr }), ports })
    }
}

impl<'de> Deserialize<'de> for DestinationPort {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields, rename_all = "camelCase")]
        struct Long {
            port: u16,
            end_port: Option<u16>,
            protocol: Option<String>,
        }

        struct ShortOrLong;
        impl<'de> Visitor<'de> for ShortOrLong {
            type Value = DestinationPort;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a port number or a map with `port`")
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<DestinationPort, E> {
                let port = u16::try_from(number).map_err(E::custom)?;
                Ok(DestinationPort { port, end_port: None, protocol: "TCP".to_owned() })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<DestinationPort, A::Error> {
                let long = Long::deserialize(value::MapAccessDeserializer::new(map))?;
                Ok(DestinationPort {
                    port: long.port,
                    end_port: long.end_port,
                    protocol: long.protocol.unwrap_or_else(|| "TCP".to_owned()),
                })
            }
        }
        deserializer.deserialize_any(ShortOrLong)
    }
}
