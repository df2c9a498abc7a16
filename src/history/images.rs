//! The images that objects run.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::diagnostic::Sink;
use crate::effective::{self, Path, Step};
use crate::kustomize::Object;
use crate::snapshot::{ONBOARDING, Snapshot, SnapshotError};

/// Lists of containers, wherever a kind keeps its pods.
const LISTS: [&str; 2] = ["containers", "initContainers"];
/// No kind keeps its pods deeper.
const MAX_DEPTH: usize = 16;

/// A container in the cluster.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Container {
    /// The name of the object that runs it.
    pub workload: String,
    /// The kind of that object.
    pub kind: String,
    /// Its own name.
    pub name: String,
}

/// What a container runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// The API.
    pub api: String,
    /// The environment.
    pub environment: String,
    /// Where it lives.
    pub namespace: Option<String>,
    /// The container.
    pub container: Container,
    /// The reference.
    pub image: String,
}

/// Finds the image of each container, and its namespace.
pub(super) fn of_objects(objects: &[Object]) -> BTreeMap<Container, (String, Option<String>)> {
    let mut found = BTreeMap::new();
    for object in objects {
        let text = |keys: &[&str]| {
            let value = keys.iter().try_fold(&object.json, |json, key| json.get(key));
            value.and_then(Json::as_str).map(ToOwned::to_owned)
        };
        let (Some(kind), Some(workload)) = (text(&["kind"]), text(&["metadata", "name"])) else { continue };
        // What is written in a text, or in a schema, is no container.
        if matches!(kind.as_str(), "ConfigMap" | "Secret" | "CustomResourceDefinition") {
            continue;
        }
        let namespace = text(&["metadata", "namespace"]);
        collect(&object.json, 0, &mut |name, image| {
            let container =
                Container { workload: workload.clone(), kind: kind.clone(), name: name.to_owned() };
            found.insert(container, (image.to_owned(), namespace.clone()));
        });
    }
    found
}

fn collect(json: &Json, depth: usize, found: &mut dyn FnMut(&str, &str)) {
    let Some(map) = json.as_object().filter(|_| depth < MAX_DEPTH) else { return };
    for (key, value) in map {
        if !LISTS.contains(&key.as_str()) {
            collect(value, depth + 1, found);
            continue;
        }
        for element in value.as_array().into_iter().flatten() {
            let text = |key: &str| element.get(key).and_then(Json::as_str);
            if let (Some(name), Some(image)) = (text("name"), text("image")) {
                found(name, image);
            }
        }
    }
}

/// Tells whether a place is the image of a container.
pub(super) fn is_image(path: &Path<'_>) -> bool {
    matches!(&path.0[..], [.., Step::Key(list), Step::Element(_), Step::Key("image")] if LISTS.contains(list))
}

/// Lists what the containers of some APIs run, by API and environment, and the environments that cannot be built.
///
/// # Errors
/// If the repository cannot be read.
#[expect(clippy::type_complexity, reason = "two lists, each told above")]
pub fn images(
    snapshot: &Snapshot,
    apis: &[String],
) -> Result<(Vec<Image>, Vec<(String, String)>), SnapshotError> {
    let (mut found, mut unknown) = (Vec::new(), Vec::new());
    for api in apis {
        let overlays =
            match effective::overlays(snapshot, &format!("{ONBOARDING}/{api}"), &mut Sink::default()) {
                Ok(overlays) => overlays,
                Err(error @ SnapshotError::Git { .. }) => return Err(error),
                // A link or a file in the place of the directory runs nothing.
                Err(_) => continue,
            };
        for overlay in overlays {
            let environment = overlay.environment.to_string();
            let Some(objects) = &overlay.objects else {
                unknown.push((api.clone(), environment));
                continue;
            };
            found.extend(of_objects(objects).into_iter().map(|(container, (image, namespace))| Image {
                api: api.clone(),
                environment: environment.clone(),
                namespace,
                container,
                image,
            }));
        }
    }
    Ok((found, unknown))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn containers_are_found_wherever_a_kind_keeps_them() {
        let pods = json!({ "containers": [{ "name": "app", "image": "a:1" }, { "name": "none" }],
            "initContainers": [{ "name": "init", "image": "b:1" }] });
        let object = |json: Json| Object { json, name: "x".into(), hashed: false };
        let objects = [
            object(json!({ "kind": "CronJob", "metadata": { "name": "x", "namespace": "n" },
                "spec": { "jobTemplate": { "spec": { "template": { "spec": pods } } } } })),
            object(json!({ "kind": "ConfigMap", "metadata": { "name": "x" }, "data": pods })),
        ];
        let found: Vec<String> = of_objects(&objects)
            .into_iter()
            .map(|(key, (image, namespace))| format!("{}/{} {image} {namespace:?}", key.kind, key.name))
            .collect();
        assert_eq!(found, ["CronJob/app a:1 Some(\"n\")", "CronJob/init b:1 Some(\"n\")"]);
    }
}
