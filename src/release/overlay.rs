//! The entry of an overlay's `images` that maps a container's placeholder to what runs.

use super::Target;
use crate::diagnostic::Sink;
use crate::edit;
use crate::image::ImageRef;
use crate::outcome::Failure;
use crate::render::KUSTOMIZATION;
use crate::snapshot::ONBOARDING;
use crate::yaml::{self, Node, Source, SourceId};

/// Returns the path of an overlay's kustomization.
pub(super) fn path(api: &str, environment: &str) -> String {
    format!("{ONBOARDING}/{api}/overlays/{environment}/{KUSTOMIZATION}")
}

/// Returns what an overlay runs under a placeholder, as a reference; nothing where it maps no such name.
pub(super) fn image(text: &str, placeholder: &str) -> Option<String> {
    let tree = parse(text)?;
    let entry = tree.get("images")?.items().get(position(&tree, placeholder)?)?;
    let part = |key: &str, before: &str| {
        entry.get(key).and_then(Node::as_str).map(|text| format!("{before}{text}")).unwrap_or_default()
    };
    Some(format!("{}{}{}", part("newName", ""), part("newTag", ":"), part("digest", "@")))
}

/// Returns what a container runs: what an overlay maps its placeholder to, else what is written for it.
pub(super) fn running(text: &str, target: &Target) -> String {
    let mapped = target.placeholder.as_deref().and_then(|placeholder| image(text, placeholder));
    mapped.unwrap_or_else(|| target.image.to_string())
}

/// Maps a placeholder to an image.
///
/// # Errors
/// Refuses where the overlay has no such entry, or the edit cannot be proved.
pub(super) fn set(path: &str, text: &str, placeholder: &str, image: &ImageRef) -> Result<String, Failure> {
    let at = parse(text).and_then(|tree| position(&tree, placeholder)).ok_or_else(|| {
        Failure::refused(format!("`{path}` has no entry for `{placeholder}`: it is not what onramp renders"))
            .hint("run `onramp render`, and commit what it writes")
    })?;
    let index = at.to_string();
    let at = |key: &'static str| ["images", index.as_str(), key];
    let refuse =
        |refusal: edit::Refusal| Failure::refused(format!("`{path}` is not changed, since {refusal}"));
    let mut text = edit::set_at(text, &at("newName"), image.repository(), &["name"]).map_err(refuse)?;
    for (key, value, behind) in
        [("newTag", image.tag(), ["newName", "name"]), ("digest", image.digest(), ["newTag", "newName"])]
    {
        let is_there = parse(&text).is_some_and(|tree| tree.follow(at(key)).1 == 3);
        text = match value {
            Some(value) => edit::set_at(&text, &at(key), value, &behind),
            None if is_there => edit::remove_at(&text, &at(key)),
            None => Ok(text),
        }
        .map_err(refuse)?;
    }
    Ok(text)
}

fn position(tree: &Node, placeholder: &str) -> Option<usize> {
    let entries = tree.get("images")?.items();
    entries.iter().position(|entry| entry.get("name").and_then(Node::as_str) == Some(placeholder))
}

fn parse(text: &str) -> Option<Node> {
    let source = Source { id: SourceId(0), path: KUSTOMIZATION.into(), text: text.to_owned() };
    yaml::parse(&source, &mut Sink::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OVERLAY: &str = "resources:\n- ../../base\nimages:\n- name: a-app\n  newName: r/a\n  newTag: v1\n- name: a-side\n  newName: r/a\n  digest: \
                           sha256:00\nlabels: []\n";

    #[test]
    fn one_entry_follows_and_no_other_line() {
        let digest = format!("sha256:{}", "ab".repeat(32));
        let set = |placeholder: &str, image: &str| {
            set("k", OVERLAY, placeholder, &ImageRef::parse(image).unwrap())
                .map_err(|failure| failure.message)
        };
        assert_eq!(set("a-app", "r/a:v2"), Ok(OVERLAY.replace("v1", "v2")));
        let both = set("a-app", &format!("r/a:v2@{digest}")).unwrap();
        assert_eq!(both, OVERLAY.replace("  newTag: v1\n", &format!("  newTag: v2\n  digest: {digest}\n")));
        let tag = set("a-side", "r/b:v2").unwrap();
        assert_eq!(tag, OVERLAY.replace("r/a\n  digest: sha256:00\n", "r/b\n  newTag: v2\n"));
        assert_eq!(image(&both, "a-app"), Some(format!("r/a:v2@{digest}")));
        assert!(set("b-app", "r/a:v2").unwrap_err().contains("no entry for `b-app`"));
    }
}
