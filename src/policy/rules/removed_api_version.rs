//! An extra resource in an API version that the platform's Kubernetes no longer has.

use crate::diagnostic::{Code, Severity, Sink, WaivedBy};
use crate::policy::{ApiContext, Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code = Code::new(
    "removed-api-version",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/removed-api-version.md"),
);

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    let Some(nearest) = context.kubernetes() else { return };
    for object in &context.hatch.resources {
        let Some(removed) = object.removed(nearest) else { continue };
        let message = format!(
            "Kubernetes {} has no `{}` of `{}` any more",
            context.platform.model.kubernetes_version, object.kind, object.api_version
        );
        sink.push(
            object
                .finding(&CODE, &["apiVersion"], message)
                .label(format!("gone since 1.{}", removed.in_minor))
                .help(format!(
                    "write `apiVersion: {}`, and look at what else changed between the two",
                    removed.replacement
                ))
                .meant(&object.api_version, Some(removed.replacement)),
        );
    }
}
