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
    let registries = &context.platform.model.images.registries;
    if registries.is_empty() {
        return;
    }
    for here in context.images() {
        let repository = here.image.full_repository();
        // `acme` allows `acme/x` and not `acme-evil/x`.
        let inside = |registry: &String| {
            let registry = registry.trim_end_matches('/');
            let rest = repository.strip_prefix(registry);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if registries.iter().any(inside) {
            continue;
        }
        let message = format!("`{repository}` is not in a registry that the platform allows");
        sink.push(
            context
                .image_finding(&here, &CODE, message)
                .label("not an allowed registry")
                .help(format!("push the image to {}", registries.join(", "))),
        );
    }
}
