//! An image tag that moves.

use crate::diagnostic::{Code, Severity, Sink, WaivedBy};
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
    for here in context.images() {
        // A digest pins the image whatever its tag says.
        let Some(tag) = here.image.tag().filter(|_| here.image.digest().is_none()) else { continue };
        if forbidden.iter().any(|moving| moving == tag) {
            let message = format!("the tag `{tag}` is forbidden, since it moves");
            sink.push(
                context
                    .image_finding(&here, &CODE, message)
                    .label("what runs changes without a commit")
                    .help("name the version, or add the digest"),
            );
        }
    }
}
