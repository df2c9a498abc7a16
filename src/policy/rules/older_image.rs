//! An image is older than the one that it takes the place of.

use std::cmp::Ordering;

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
                let (Some(old), Some(new)) = (version(&before), version(&after)) else { continue };
                if new.cmp(&old) != Ordering::Less {
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

/// A version in the order of Semantic Versioning: three numbers, and what comes before a release.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Version {
    numbers: [u64; 3],
    /// A release is newer than what came before it.
    released: bool,
    before: Vec<Identifier>,
}

/// A part of a pre-release: numbers are older than words.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Identifier {
    Number(u64),
    Word(String),
}

/// Reads a tag such as `v1.2.3-rc.1`; nothing where it is no such version.
///
/// Source: <https://semver.org/spec/v2.0.0.html#spec-item-11>. A `v` before it is common in tags, and `+` cannot be in one.
fn version(image: &ImageRef) -> Option<Version> {
    let tag = image.tag()?;
    let tag = tag.strip_prefix('v').unwrap_or(tag);
    let (core, before) = tag.split_once('-').map_or((tag, None), |(core, before)| (core, Some(before)));
    let mut parts = core.split('.').map(|part| part.parse::<u64>().ok());
    let numbers = [parts.next()??, parts.next()??, parts.next()??];
    if parts.next().is_some() {
        return None;
    }
    let identifier = |part: &str| match part.parse() {
        Ok(number) => Identifier::Number(number),
        Err(_) => Identifier::Word(part.to_owned()),
    };
    let released = before.is_none();
    Some(Version {
        numbers,
        released,
        before: before.into_iter().flat_map(|text| text.split('.')).map(identifier).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_have_the_order_of_semver() {
        let order = [
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "v1.0.0-rc.1",
            "1.0.0",
            "v1.2.0",
            "1.10.0",
        ];
        let versions: Vec<_> =
            order.iter().map(|tag| version(&ImageRef::parse(&format!("r/a:{tag}")).unwrap())).collect();
        assert!(versions.is_sorted() && versions.iter().all(Option::is_some));
        for none in ["latest", "1.2", "1.2.3.4", "build-17"] {
            assert!(version(&ImageRef::parse(&format!("r/a:{none}")).unwrap()).is_none(), "{none}");
        }
    }
}
