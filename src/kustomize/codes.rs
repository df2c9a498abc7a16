//! What can be wrong with a kustomization. None can be waived: what cannot be evaluated cannot be judged.

use crate::diagnostic::Code;

/// A kustomization that kustomize refuses to read: an unknown field, a value of the wrong type.
pub static INVALID_KUSTOMIZATION: Code =
    Code::unreadable("invalid-kustomization", include_str!("../../docs/rules/invalid-kustomization.md"));

/// A field that kustomize knows and onramp does not evaluate.
pub static UNSUPPORTED_KUSTOMIZATION_FIELD: Code = Code::unreadable(
    "unsupported-kustomization-field",
    include_str!("../../docs/rules/unsupported-kustomization-field.md"),
);

/// A kustomization that can be read and not built: a missing file, a patch without an object.
pub static UNBUILDABLE_OVERLAY: Code =
    Code::unreadable("unbuildable-overlay", include_str!("../../docs/rules/unbuildable-overlay.md"));
