//! What platform.yaml says of routers: which one an environment has, or which two during a move.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};

/// The routers that have a renderer; `render::ROUTERS` lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RouterKind {
    /// The ingress-nginx controller.
    IngressNginx,
    /// A Gateway of the Gateway API.
    GatewayApi,
    /// The Ingress controller of Google Cloud.
    GceIngress,
    /// The Kong Ingress Controller.
    Kong,
}

impl RouterKind {
    /// Returns the router's name, as platform.yaml spells it.
    pub fn name(self) -> &'static str {
        match self {
            RouterKind::IngressNginx => "ingress-nginx",
            RouterKind::GatewayApi => "gateway-api",
            RouterKind::GceIngress => "gce-ingress",
            RouterKind::Kong => "kong",
        }
    }
}

/// The router of an environment, or the two of a move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Routers(Vec<RouterKind>);

impl Routers {
    /// Walks them in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = RouterKind> {
        self.0.iter().copied()
    }

    /// Tells whether one of them is of a kind.
    pub fn has(&self, kind: RouterKind) -> bool {
        self.0.contains(&kind)
    }
}

impl Default for Routers {
    fn default() -> Self {
        Self(vec![RouterKind::IngressNginx])
    }
}

impl<'de> Deserialize<'de> for Routers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrTwo;
        impl<'de> Visitor<'de> for OneOrTwo {
            type Value = Routers;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a router, or a list of two")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Routers, E> {
                let kind = RouterKind::deserialize(serde::de::value::StrDeserializer::<E>::new(name))?;
                Ok(Routers(vec![kind]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Routers, A::Error> {
                let mut kinds = Vec::new();
                while let Some(kind) = seq.next_element()? {
                    kinds.push(kind);
                }
                Ok(Routers(kinds))
            }
        }
        deserializer.deserialize_any(OneOrTwo)
    }
}

/// How the classes of GKE's own Gateways begin.
const GKE_CLASSES: &str = "gke-";

/// The Gateway that routes attach to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Gateway {
    /// Its name.
    pub name: String,
    /// Its namespace; that of the API where it is left out.
    pub namespace: Option<String>,
    /// The listener that serves the routes; all where it is left out.
    pub section_name: Option<String>,
    /// Its class.
    pub class: Option<String>,
}

impl Gateway {
    /// Tells whether Google's controller serves it, which reads policies of its own.
    pub fn is_gke(&self) -> bool {
        self.class.as_deref().is_some_and(|class| class.starts_with(GKE_CLASSES))
    }
}
