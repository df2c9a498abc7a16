use serde_json::json;

use super::*;
use crate::kubernetes::VERSIONS;

#[test]
fn a_sound_object_has_no_faults_in_any_version() {
    let object = json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "a", "creationTimestamp": null },
        "spec": {
            "selector": { "matchLabels": { "app": "a" } },
            "template": {
                "metadata": { "labels": { "app": "a" } },
                "spec": { "containers": [{ "name": "a", "image": "b:1" }] },
            },
        },
    });
    for version in VERSIONS {
        assert_eq!(faults(&object, *version), [], "{version}");
    }
}
