//! What exports carry and no file should.

use serde_json::{Map, Value as Json};

use super::clean::is_noise;

/// Annotations that `kubectl` and controllers write.
pub(super) const ANNOTATIONS: &[&str] = &[
    "kubectl.kubernetes.io/last-applied-configuration",
    "deployment.kubernetes.io/revision",
    "autoscaling.alpha.kubernetes.io/conditions",
    "autoscaling.alpha.kubernetes.io/current-metrics",
];

/// Takes out of an object what exports carry, and leaves the rest as it is written.
pub fn without_noise(object: &mut Json) {
    let Some(map) = object.as_object_mut() else { return };
    map.shift_remove("status");
    clean(map);
    for template in ["/spec/template", "/spec/jobTemplate", "/spec/jobTemplate/spec/template"] {
        if let Some(map) = object.pointer_mut(template).and_then(Json::as_object_mut) {
            clean(map);
        }
    }
}

/// Tells whether a place of an object is noise, by its JSON pointer.
pub fn is_noise_at(path: &str) -> bool {
    let mut steps = path.split('/').skip(1);
    let first = steps.next();
    if first == Some("status") {
        return true;
    }
    let rest = path.rsplit_once("/metadata/").map_or("", |(_, rest)| rest);
    let annotation = rest.strip_prefix("annotations/").map(|key| key.replace("~1", "/"));
    is_noise("ObjectMeta", rest.split('/').next().unwrap_or_default())
        || annotation.is_some_and(|key| ANNOTATIONS.contains(&key.as_str()))
}

/// Cleans the metadata of a map.
fn clean(map: &mut Map<String, Json>) {
    let Some(metadata) = map.get_mut("metadata").and_then(Json::as_object_mut) else { return };
    metadata.retain(|key, _| !is_noise("ObjectMeta", key));
    if let Some(annotations) = metadata.get_mut("annotations").and_then(Json::as_object_mut) {
        let before = annotations.len();
        annotations.retain(|key, _| !ANNOTATIONS.contains(&key.as_str()));
        if annotations.is_empty() && before > 0 {
            metadata.shift_remove("annotations");
        }
    }
}
