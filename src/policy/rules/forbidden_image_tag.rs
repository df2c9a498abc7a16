//! An image tag that moves.

use crate::diagnostic::{Code, Diagnostic, Severity, Sink, WaivedBy};
use crate::policy::{ApiContext, Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code = Code::new(
    "forbidden-image-tag",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/forbidden-image-tag.md"),
);

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    let forbidden = &context.platform.model.images.forbid_tags;
    for container in context.containers() {
        let Some(image) = &container.here.container.image else { continue };
        // A digest pins the image whatever its tag says.
        let Some(tag) = image.tag().filter(|_| image.digest().is_none()) else { continue };
        if forbidden.iter().any(|moving| moving == tag) {
            sink.push(
                Diagnostic::new(
                    &CODE,
                    context.locate_container(&container, &["image"]),
                    format!("the tag `{tag}` is forbidden, since it moves"),
                )
                .label("what runs changes without a commit")
                .help("name the version, or add the digest"),
            );
        }
    }
}
