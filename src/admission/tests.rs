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

#[test]
fn a_path_of_two_ingresses_leads_to_one_backend() {
    let ingress = |name: &str, service: &str, annotations: Json| {
        let backend = json!({ "service": { "name": service, "port": { "number": 80 } } });
        json!({
            "apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
            "metadata": { "name": name, "annotations": annotations },
            "spec": { "rules": [{ "host": "a.example", "http": { "paths": [
                { "path": "/a", "pathType": "Prefix", "backend": backend },
            ] } }] },
        })
    };
    let version = VERSIONS[VERSIONS.len() - 1];
    let one = ingress("one", "one", json!({}));
    for (other, count) in [
        (ingress("two", "two", json!({})), 1),
        (ingress("two", "one", json!({})), 0),
        (ingress("two", "two", json!({ "nginx.ingress.kubernetes.io/canary": "true" })), 0),
    ] {
        let found = faults_between(&[&one, &other], version);
        assert_eq!(found.len(), count, "{found:?}");
        for (index, fault) in found {
            assert_eq!((index, fault.outcome), (1, Outcome::Broken));
            assert_eq!(fault.path.to_string(), "spec.rules[0].http.paths[0].path");
        }
    }
}
