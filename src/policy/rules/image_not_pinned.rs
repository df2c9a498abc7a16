//! An image without digest where the environment asks for one.

use crate::diagnostic::{Code, Severity, Sink, WaivedBy};
use crate::policy::{ApiContext, Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code = Code::new(
    "image-not-pinned",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/image-not-pinned.md"),
);

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    for here in context.images() {
        let (environment, image) = (here.environment, here.image);
        if !environment.settings.require_digest || image.digest().is_some() {
            continue;
        }
        let message =
            format!("`{}` runs only images with a digest, and `{image}` has none", environment.name);
        sink.push(
            context
                .image_finding(&here, &CODE, message)
                .label("a tag can be moved")
                .help(format!("write `{image}@sha256:<digest>`")),
        );
    }
}
