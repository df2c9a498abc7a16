//! From live Kubernetes objects to the words of `metadata.yaml`, and what those words cannot say.
//!
//! [`normal()`] brings an object into the form that an API server stores, so that two can be compared.
//! [`from_objects`] writes a workload with its Service and autoscaler as the keys of a workload: the typed ones
//! where they say the same exactly, order of lists included, since a reordered list restarts pods; Kubernetes' own
//! words otherwise; and what neither can say is [`Residue`], never dropped.

mod clean;
mod container;
mod defaults;
mod fields;
mod maps;
mod noise;
mod normal;
mod pod;
mod pointer;
mod quantity;
mod report;
mod route;
mod scaling;
mod service;
mod versions;
mod volumes;

mod workload;

pub use noise::{is_noise_at, without_noise};
pub(super) use normal::is_of_others;
pub use normal::{Read, normal, stripped};
pub use pointer::remove;
pub use quantity::canonical;
pub use report::{Cause, Converted, Naming, Permission, Residue};
pub use route::{Backend, Edge, from_route, is_route};
pub use workload::from_objects;

use serde_json::Value as Json;

/// Something about an object that was noticed while it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    /// Which kind of thing.
    pub kind: NoteKind,
    /// Where, as a JSON pointer (RFC 6901).
    pub path: String,
    /// What stands there, or null for what is left out.
    pub value: Json,
    /// What it means, as a fragment.
    pub why: String,
}

/// Kinds of [`Note`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoteKind {
    /// An old API version, or a field that the current one no longer has.
    Converted,
    /// A field that is left out and meant something else in the old API version.
    OtherDefault,
    /// A value of another type than its field, read as what it must mean. The server would refuse it.
    Retyped,
    /// A value that fits its field in no way. The server would refuse it.
    Refused,
    /// A field that Kubernetes does not have. The server would drop it.
    Unknown,
    /// An image that no registry can have: a placeholder that something fills in before it is applied. It is written as
    /// it is, and somebody has to say what runs.
    Placeholder,
}

/// Converts an object to the version of its API that clusters serve, as it is written otherwise; returns what was noticed.
pub fn current(object: &mut Json) -> Vec<Note> {
    versions::convert(object)
}

#[cfg(test)]
mod tests;
