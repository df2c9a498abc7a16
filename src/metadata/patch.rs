//! An entry of `patches`: a file, and the objects that it is for where the file does not name them itself.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor, value};
use serde_json::{Map, Value as Json};

/// One patch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patch {
    /// The file, below `patches/`.
    pub path: String,
    /// What it is for; none where each document of the file names its object.
    pub target: Option<PatchTarget>,
}

/// Objects, by what all of them have. A key that is left out says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PatchTarget {
    /// The kind.
    pub kind: String,
    /// The name; `*` is any run of characters.
    pub name: Option<String>,
    /// The API group.
    pub group: Option<String>,
    /// The API version without its group.
    pub version: Option<String>,
    /// Labels, as `KEY=VALUE` joined by commas.
    pub label_selector: Option<String>,
}

impl<'de> Deserialize<'de> for Patch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Long {
            path: String,
            target: PatchTarget,
        }

        struct PathOrMap;
        impl<'de> Visitor<'de> for PathOrMap {
            type Value = Patch;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a path, or a map with `path` and `target`")
            }

            fn visit_str<E: Error>(self, path: &str) -> Result<Patch, E> {
                Ok(Patch { path: path.to_owned(), target: None })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Patch, A::Error> {
                let Long { path, target } = Long::deserialize(value::MapAccessDeserializer::new(map))?;
                Ok(Patch { path, target: Some(target) })
            }
        }
        deserializer.deserialize_any(PathOrMap)
    }
}

impl PatchTarget {
    /// Tells whether an object has all of it, with the labels that it is rendered with.
    pub fn fits(&self, object: &Json) -> bool {
        let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
        let api_version = text(&object["apiVersion"]);
        let (group, version) = api_version.split_once('/').unwrap_or(("", &api_version));
        let labels = &object["metadata"]["labels"];
        object["kind"] == *self.kind
            && self.group.as_deref().is_none_or(|wanted| wanted == group)
            && self.version.as_deref().is_none_or(|wanted| wanted == version)
            && self.name.as_deref().is_none_or(|pattern| fits(pattern, &text(&object["metadata"]["name"])))
            && self.labels().all(|(key, value)| labels.get(key).is_some_and(|label| *label == value))
    }

    /// Returns the target as Kustomize writes it, which takes kind, name, group and version for regular expressions
    /// that must match from end to end.
    pub fn to_kustomize(&self) -> Json {
        let plain = |text: &str| text.replace('.', "\\.");
        let mut target = Map::new();
        let mut set = |key: &str, value: Option<String>| {
            target.extend(value.map(|value| (key.to_owned(), Json::String(value))));
        };
        set("group", self.group.as_deref().map(plain));
        set("version", self.version.clone());
        set("kind", Some(self.kind.clone()));
        set("name", self.name.as_deref().map(|name| plain(name).replace('*', ".*")));
        set("labelSelector", self.label_selector.clone());
        Json::Object(target)
    }

    fn labels(&self) -> impl Iterator<Item = (&str, &str)> {
        self.label_selector
            .iter()
            .flat_map(|selector| selector.split(','))
            .filter_map(|pair| pair.split_once('='))
    }
}

/// Tells whether a name is what a pattern says, in which `*` is any run of characters.
fn fits(pattern: &str, name: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut name) = name.strip_prefix(head) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        let Some(at) = name.find(part) else { return false };
        name = &name[at + part.len()..];
    }
    name.ends_with(last)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_star_is_any_run_of_characters() {
        for (pattern, name, expected) in [
            ("payments", "payments", true),
            ("payments", "payments-web", false),
            ("payments-*", "payments-web", true),
            ("payments-*", "payments", false),
            ("*", "anything", true),
            ("*-web", "payments-web", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("ab*ba", "aba", false),
            ("a.b", "axb", false),
        ] {
            assert_eq!(fits(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn an_object_has_all_that_a_target_says() {
        let object = json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "a", "labels": { "x": "1", "y": "2" } },
        });
        let target = |group: &str, selector: &str| PatchTarget {
            kind: "Deployment".to_owned(),
            group: Some(group.to_owned()),
            version: Some("v1".to_owned()),
            label_selector: Some(selector.to_owned()),
            name: None,
        };
        assert!(target("apps", "x=1,y=2").fits(&object));
        assert!(!target("apps", "x=1,z=2").fits(&object));
        assert!(!target("batch", "x=1").fits(&object));
        assert_eq!(
            PatchTarget { name: Some("a.b-*".to_owned()), ..target("x.io", "x=1") }.to_kustomize(),
            json!({
                "group": "x\\.io", "version": "v1", "kind": "Deployment", "name": "a\\.b-.*", "labelSelector": "x=1",
            })
        );
    }
}
