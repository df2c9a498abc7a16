//! Findings of reading the files.

use crate::diagnostic::{Code, Severity, WaivedBy};

/// A patch is not what Kustomize takes for one.
pub static INVALID_PATCH: Code =
    Code::unreadable("invalid-patch", include_str!("../../../docs/rules/invalid-patch.md"));

/// A file of extra resources holds something that is no object.
pub static INVALID_RESOURCE: Code =
    Code::unreadable("invalid-resource", include_str!("../../../docs/rules/invalid-resource.md"));

/// An extra resource or a patch names an image that no registry can have. A server takes it, and no node can pull it.
pub static INVALID_IMAGE: Code = Code::new(
    "invalid-image",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/invalid-image.md"),
);
