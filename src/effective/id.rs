//! Which object an object is.

use std::fmt::{self, Display, Formatter};

use super::change::text;
use crate::kustomize::Object;

/// How many characters kustomize's hash at the end of a name has.
const HASH_LENGTH: usize = 10;

/// API groups that Kubernetes moved a kind out of: an object of either is the same object in the cluster.
const MOVED_KINDS: &[(&str, &[&str], &str)] = &[
    ("extensions", &["Ingress", "NetworkPolicy"], "networking.k8s.io"),
    ("extensions", &["DaemonSet", "Deployment", "ReplicaSet"], "apps"),
];

/// What makes an object the same one before and after: everything but the version of its API and the hash in its name.
///
/// The order is by kind first, as people read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id<'a> {
    /// The kind, such as `Deployment`.
    pub kind: &'a str,
    /// The API group, empty for Kubernetes' core; where Kubernetes moved a kind, the group that it is in now.
    pub group: &'a str,
    /// The namespace, where the object says one.
    pub namespace: Option<&'a str>,
    /// The name as it is in the cluster, without the hash.
    pub name: &'a str,
}

impl<'a> Id<'a> {
    /// Reads it off an object.
    pub fn of(object: &'a Object) -> Self {
        let json = &object.json;
        let kind = text(json, &["kind"]).unwrap_or_default();
        let api_version = text(json, &["apiVersion"]).unwrap_or_default();
        let group = api_version.split_once('/').map_or("", |(group, _)| group);
        let now = MOVED_KINDS.iter().find(|(from, kinds, _)| *from == group && kinds.contains(&kind));
        let name = text(json, &["metadata", "name"]).unwrap_or_default();
        let name = if object.hashed { without_hash(name) } else { name };
        Self {
            kind,
            group: now.map_or(group, |(.., to)| to),
            namespace: text(json, &["metadata", "namespace"]),
            name,
        }
    }

    /// Tells whether it is a ConfigMap or Secret of Kubernetes, which pods read.
    pub fn is_content(&self) -> bool {
        self.group.is_empty() && matches!(self.kind, "ConfigMap" | "Secret")
    }
}

impl Display for Id<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.kind, self.name)
    }
}

fn without_hash(name: &str) -> &str {
    match name.rsplit_once('-') {
        Some((name, hash)) if hash.len() == HASH_LENGTH => name,
        _ => name,
    }
}
