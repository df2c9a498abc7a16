//! `images`.

use regex::Regex;
use serde_json::Value as Json;

use super::codes::{INVALID_KUSTOMIZATION, UNBUILDABLE_OVERLAY};
use super::field::{NoWay, visit};
use super::kustomization::{Image, Kustomization};
use super::pattern::is_plain;
use super::resource::Resource;
use crate::diagnostic::{Diagnostic, Sink, shorten};

/// Where images stand besides lists of containers (`imagesFieldSpecs` of kustomize; its other paths are such lists).
const FIELDS: &[&[&str]] = &[
    &["spec", "containers[]", "image"],
    &["spec", "initContainers[]", "image"],
    &["spec", "volumes[]", "image", "reference"],
    &["spec", "template", "spec", "containers[]", "image"],
    &["spec", "template", "spec", "initContainers[]", "image"],
    &["spec", "template", "spec", "volumes[]", "image", "reference"],
];

/// Sets names, tags and digests of images.
pub(super) fn run(kustomization: &Kustomization, resources: &mut [Resource], sink: &mut Sink) -> Option<()> {
    let mut changes = Vec::with_capacity(kustomization.images.len());
    for image in &kustomization.images {
        let Some(name) = Name::read(&image.name.value) else {
            let message = format!("`{}` is no regular expression", shorten(&image.name.value));
            let finding = Diagnostic::new(&INVALID_KUSTOMIZATION, kustomization.at(image.name.span), message);
            sink.push(finding.help(
                "kustomize takes the name of an image for one; write `\\` before what is meant literally",
            ));
            return None;
        };
        changes.push(Change { name, image });
    }
    for resource in resources.iter_mut().filter(|resource| resource.kind() != "CustomResourceDefinition") {
        for change in &changes {
            let legacy = change.in_containers(&mut resource.json);
            let set = &mut |value: &mut Json| change.apply(value);
            let mut fields = FIELDS.iter().map(|path| visit(&mut resource.json, path, None, set));
            if legacy.and_then(|()| fields.try_for_each(|outcome| outcome)) == Err(NoWay) {
                let message = format!("`{}` has something else where images stand", resource.title());
                sink.push(Diagnostic::new(&UNBUILDABLE_OVERLAY, resource.location.clone(), message));
                return None;
            }
        }
    }
    Some(())
}

/// An entry of `images`, ready to be applied.
struct Change<'a> {
    name: Name,
    image: &'a Image,
}

impl Change<'_> {
    /// Changes the images of all lists of containers, wherever they stand.
    fn in_containers(&self, value: &mut Json) -> Result<(), NoWay> {
        match value {
            Json::Object(map) => {
                for (key, value) in map {
                    self.in_containers(value)?;
                    if let ("containers" | "initContainers", Json::Array(items)) = (key.as_str(), value) {
                        for item in items {
                            match item {
                                Json::Object(container) => {
                                    container.get_mut("image").map_or(Ok(()), |image| self.apply(image))?;
                                }
                                Json::Null => {}
                                _ => return Err(NoWay),
                            }
                        }
                    }
                }
                Ok(())
            }
            Json::Array(items) => items.iter_mut().try_for_each(|item| self.in_containers(item)),
            _ => Ok(()),
        }
    }

    fn apply(&self, value: &mut Json) -> Result<(), NoWay> {
        let Json::String(current) = value else {
            return if value.is_object() || value.is_array() { Err(NoWay) } else { Ok(()) };
        };
        if !self.name.fits(current) {
            return Ok(());
        }
        let (name, tag, digest) = split(current);
        let text =
            |text: &Option<super::kustomization::Text>| text.as_ref().map(|text| text.value.to_string());
        let name = text(&self.image.new_name).unwrap_or_else(|| name.to_owned());
        let (tag, digest) =
            match (text(&self.image.new_tag), text(&self.image.digest), text(&self.image.tag_suffix)) {
                (Some(tag), Some(digest), _) => (tag, digest),
                (Some(tag), None, _) => (tag, String::new()),
                (None, Some(digest), _) => (String::new(), digest),
                (None, None, Some(suffix)) => (format!("{tag}{suffix}"), String::new()),
                (None, None, None) => (tag.to_owned(), digest.to_owned()),
            };
        let mut new = name;
        for (mark, part) in [(':', tag), ('@', digest)] {
            if !part.is_empty() {
                new.push(mark);
                new.push_str(&part);
            }
        }
        *current = new;
        Ok(())
    }
}

/// The name of an entry, which is a regular expression to kustomize.
enum Name {
    /// Only its points mean more than themselves: each fits any character.
    Plain(Box<str>),
    Expression(Regex),
}

impl Name {
    fn read(name: &str) -> Option<Self> {
        if is_plain(name) {
            return Some(Self::Plain(name.into()));
        }
        let expression = format!("^{name}(:[a-zA-Z0-9_.{{}}-]*)?(@sha256:[a-zA-Z0-9_.{{}}-]*)?$");
        Regex::new(&expression).ok().map(Self::Expression)
    }

    /// Tells whether an image has the name, with any tag and digest.
    fn fits(&self, image: &str) -> bool {
        let name = match self {
            Self::Expression(expression) => return expression.is_match(image),
            Self::Plain(name) => name,
        };
        let mut rest = image.chars();
        for wanted in name.chars() {
            match rest.next() {
                Some(is) if wanted == is || (wanted == '.' && is != '\n') => {}
                _ => return false,
            }
        }
        let of_tag = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '{' | '}' | '-');
        let mut rest = rest.as_str();
        for mark in [":", "@sha256:"] {
            if let Some(part) = rest.strip_prefix(mark) {
                rest = part.trim_start_matches(of_tag);
            }
        }
        rest.is_empty()
    }
}

/// Splits an image into name, tag and digest, as kustomize does.
fn split(image: &str) -> (&str, &str, &str) {
    // What stands before the first slash may have a port.
    let from = image.find('/').unwrap_or(0);
    let tag = image[from..].find(':').map(|at| from + at);
    let digest = image[from..].find('@').map(|at| from + at);
    match (tag, digest) {
        (None, None) => (image, "", ""),
        (Some(tag), None) => (&image[..tag], &image[tag + 1..], ""),
        (Some(tag), Some(digest)) if tag < digest => {
            (&image[..tag], &image[tag + 1..digest], &image[digest + 1..])
        }
        (_, Some(digest)) => (&image[..digest], "", &image[digest + 1..]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_split_as_kustomize_splits_them() {
        for (image, parts) in [
            ("nginx", ("nginx", "", "")),
            ("nginx:1.2.3", ("nginx", "1.2.3", "")),
            ("nginx@sha256:12345", ("nginx", "", "sha256:12345")),
            ("nginx:1.2.3@sha256:12345", ("nginx", "1.2.3", "sha256:12345")),
            ("foo.com:443/nginx:1.2.3@sha256:12345", ("foo.com:443/nginx", "1.2.3", "sha256:12345")),
        ] {
            assert_eq!(split(image), parts, "{image}");
        }
    }

    #[test]
    fn names_are_regular_expressions() {
        let fits = |name: &str, image: &str| Name::read(name).unwrap().fits(image);
        assert!(fits("reg.io/./i", "reg.io/x/i:1@sha256:0"));
        assert!(!fits("reg.io/i", "reg.io/i/j:1"));
        assert!(!fits("nginx", "nginx:1@sha512:0"));
        assert!(fits("ngin[x]", "nginx:v1"));
        assert!(Name::read("ngin[x").is_none());
        let expression = Regex::new("^nginx(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?$").unwrap();
        for image in ["nginx", "nginx:1", "nginx@sha256:a", "nginx:a{b}", "nginx:1:2", "xnginx", "nginx:ä"] {
            assert_eq!(fits("nginx", image), expression.is_match(image), "{image}");
        }
    }
}
