//! An image without digest where the environment asks for one.

use crate::diagnostic::{Code, Diagnostic, Severity, Sink, WaivedBy};
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
    for container in context.containers() {
        let environment = container.of.environment;
        let image = container.here.container.image.as_ref().filter(|image| image.digest().is_none());
        let Some(image) = image.filter(|_| environment.settings.require_digest) else { continue };
        sink.push(
            Diagnostic::new(
                &CODE,
                context.locate_container(&container, &["image"]),
                format!("`{}` runs only images with a digest, and `{image}` has none", environment.name),
            )
            .label("a tag can be moved")
            .help(format!("write `{image}@sha256:<digest>`")),
        );
    }
}
