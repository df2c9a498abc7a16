//! Codes of what rendering refuses.

use crate::diagnostic::{Code, Severity, WaivedBy};

/// A file in `templates/` that overrides nothing.
pub static UNKNOWN_TEMPLATE: Code =
    Code::unreadable("unknown-template", include_str!("../../docs/rules/unknown-template.md"));
/// A version of the templates that is not there.
pub static UNKNOWN_TEMPLATE_VERSION: Code = Code::unreadable(
    "unknown-template-version",
    include_str!("../../docs/rules/unknown-template-version.md"),
);
/// An expression that is not a whole value.
pub static UNSAFE_TEMPLATE: Code =
    Code::unreadable("unsafe-template", include_str!("../../docs/rules/unsafe-template.md"));
/// A template of the repo that does not compile, run or make YAML.
pub static TEMPLATE_FAILURE: Code =
    Code::unreadable("template-failure", include_str!("../../docs/rules/template-failure.md"));
/// What keeps a template of the repo from being used, so that nothing can be rendered with it.
pub static UNUSABLE_TEMPLATE: [&Code; 3] = [&TEMPLATE_FAILURE, &UNKNOWN_TEMPLATE, &UNSAFE_TEMPLATE];
/// A file without header where only generated files may be.
pub static FOREIGN_FILE: Code =
    Code::unreadable("foreign-file", include_str!("../../docs/rules/foreign-file.md"));
/// A generated file that is not what it would be rendered to.
pub static STALE_RENDER: Code = Code::new(
    "stale-render",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../docs/rules/stale-render.md"),
);
