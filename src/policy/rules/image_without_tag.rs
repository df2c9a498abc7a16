//! An image without tag and digest.

use crate::diagnostic::{Code, Diagnostic, Severity, Sink, WaivedBy};
use crate::policy::{ApiContext, Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code = Code::new(
    "image-without-tag",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/image-without-tag.md"),
);

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    for container in context.containers() {
        let image = container.here.container.image.as_ref();
        let Some(image) = image.filter(|image| !image.is_complete()) else { continue };
        sink.push(
            Diagnostic::new(
                &CODE,
                context.locate_container(&container, &["image"]),
                format!("`{image}` has neither tag nor digest"),
            )
            .label("which version?")
            .help(format!("write `{image}:<tag>`")),
        );
    }
}
