//! What an API server says of an object: values and cross-field rules, beyond types and unknown fields.

use serde_json::Value as Json;

use crate::effective::Path;
use crate::kubernetes::Version;

/// What an API server, or what runs behind it, has against an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where in the object.
    pub path: Path<'static>,
    /// What follows from it.
    pub outcome: Outcome,
    /// What is wrong: a lowercase fragment, names in backticks.
    pub message: String,
}

/// What follows from a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// The server takes the object and warns.
    Warned,
    /// The server takes the object, and it does not do what it says.
    Broken,
    /// The server refuses the object.
    Refused,
}

/// Finds what is wrong with an object for a version of Kubernetes.
pub fn faults(_object: &Json, _version: Version) -> Vec<Fault> {
    Vec::new()
}
