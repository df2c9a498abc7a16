//! An image is older than the one that it takes the place of.

use crate::diagnostic::{Code, Severity, Sink, WaivedBy};
use crate::image::ImageRef;
use crate::policy::transition::named;
use crate::policy::{Check, Rule, TransitionContext};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Transition(check) };

static CODE: Code = Code::new(
    "older-image",
    Severity::Warning,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/older-image.md"),
);

fn check(context: &TransitionContext<'_>, sink: &mut Sink) {
    for environment in context.staying() {
        for change in &environment.objects {
            for field in change.fields.iter().filter(|field| field.path.field() == Some("image")) {
                let image = |value: Option<&serde_json::Value>| ImageRef::parse(value?.as_str()?).ok();
                let (Some(before), Some(after)) = (image(field.before), image(field.after)) else { continue };
                if before.full_repository() != after.full_repository() {
                    continue;
                }
                let (Some(old), Some(new)) = (before.version(), after.version()) else { continue };
                if new >= old {
                    continue;
                }
                let (old, new) = (before.tag().unwrap_or_default(), after.tag().unwrap_or_default());
                let message = format!(
                    "{} goes back from `{old}` to `{new}`: an older image runs, with whatever was fixed since",
                    named(environment, &change.id)
                );
                sink.push(
                    context
                        .finding(&CODE, Some(environment), &["image"], message)
                        .label(format!("`{old}` is newer"))
                        .help("leave it if the step back is meant; else name the newer image"),
                );
            }
        }
    }
}
