//! An image from a registry that the platform does not allow.

use crate::diagnostic::{Code, Severity, Sink, WaivedBy};
use crate::policy::{ApiContext, Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code = Code::new(
    "image-registry-not-allowed",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/image-registry-not-allowed.md"),
);

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    let allowed = &context.platform.model.images;
    if allowed.registries.is_empty() {
        return;
    }
    // What has no image to it has a finding of its own.
    for here in context.images().filter(|here| !here.image.is_tag_alone()) {
        let repository = here.image.full_repository();
        if allowed.holds(&repository) {
            continue;
        }
        let message = format!("`{repository}` is not in a registry that the platform allows");
        sink.push(
            context
                .image_finding(&here, &CODE, message)
                .label("not an allowed registry")
                .help(format!("push the image to {}", allowed.registries.join(", "))),
        );
    }
}
