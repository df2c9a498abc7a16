//! An image without tag and digest.

use crate::diagnostic::{Code, Severity, Sink, WaivedBy};
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
    for here in context.images().filter(|here| !here.image.is_complete()) {
        let image = here.image;
        if image.is_tag_alone() {
            let message = format!("`{image}` is a tag, and the image is missing");
            let finding = context.image_finding(&here, &CODE, message).label("a tag of which image?");
            sink.push(finding.help(format!("write `registry/repository:{image}`")));
            continue;
        }
        sink.push(
            context
                .image_finding(&here, &CODE, format!("`{image}` has neither tag nor digest"))
                .label("which version?")
                .help(format!("write `{image}:<tag>`")),
        );
    }
}
