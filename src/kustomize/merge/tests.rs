//! All outcomes are those of `kustomize build`, 5.7.1 and 5.8.1.

use serde_json::json;

use super::*;

fn deployment(spec: &Json) -> Json {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "a" },
        "spec": { "template": { "spec": spec } },
    })
}

fn pod(base: &Json, patch: &Json) -> Json {
    let merged = merge(deployment(base), deployment(patch)).expect("it fits").expect("it stays");
    merged["spec"]["template"]["spec"].clone()
}

#[test]
fn maps_and_lists_are_merged_by_key() {
    let base = json!({
        "containers": [{ "name": "a", "image": "x" }, { "name": "b", "args": ["1", "2"] }],
        "securityContext": { "runAsUser": 1, "runAsGroup": 2 },
        "priority": 3,
    });
    let patch = json!({
        "containers": [{ "name": "b", "args": ["3"] }, { "name": "c", "stdin": null, "env": [{ "name": "E", "value": null }] }],
        "securityContext": { "$patch": "replace", "runAsUser": 5 },
        "priority": null,
        "none": null,
    });
    assert_eq!(
        pod(&base, &patch),
        json!({
            "containers": [{ "name": "b", "args": ["3"] }, { "name": "c", "env": [{ "name": "E" }] }, { "name": "a", "image": "x" }],
            "securityContext": { "runAsUser": 5 },
        })
    );
}

#[test]
fn directives_delete_and_replace() {
    let base = json!({ "containers": [{ "name": "a" }, { "name": "b" }], "securityContext": { "x": 1 } });
    let gone = json!({ "containers": [{ "name": "a", "$patch": "delete" }], "securityContext": { "$patch": "delete" } });
    assert_eq!(pod(&base, &gone), json!({ "containers": [{ "name": "b" }] }));
    let whole = json!({ "containers": [{ "$patch": "replace" }, { "name": "z" }], "securityContext": null });
    assert_eq!(pod(&base, &whole), json!({ "containers": [{ "name": "z" }] }));
    let object = deployment(&base);
    assert_eq!(merge(object.clone(), json!({ "$patch": "delete" })), Ok(None));
    assert_eq!(merge(object.clone(), json!({ "$patch": "replace" })), Ok(Some(object.clone())));
    let unknown = merge(object.clone(), deployment(&json!({ "$patch": "retain" }))).unwrap_err();
    assert_eq!(unknown.path, ["spec", "template", "spec", "$patch"]);
    let shape = merge(object, deployment(&json!({ "containers": { "name": "a" } }))).unwrap_err();
    assert_eq!(shape.path, ["spec", "template", "spec", "containers"]);
}

#[test]
fn lists_of_a_kind_that_is_not_built_in_are_replaced() {
    let object = |env: Json| json!({ "apiVersion": "acme.example/v1", "kind": "X", "spec": { "env": env } });
    let merged = merge(object(json!([{ "name": "a" }])), object(json!([{ "name": "b", "value": null }])));
    assert_eq!(merged.unwrap().unwrap()["spec"]["env"], json!([{ "name": "b", "value": null }]));
}

fn service(base: &Json, patch: &Json) -> Json {
    let service = |ports: &Json| json!({ "apiVersion": "v1", "kind": "Service", "spec": { "ports": ports } });
    merge(service(base), service(patch)).expect("it fits").expect("it stays")["spec"]["ports"].clone()
}

#[test]
fn ports_go_by_number_and_protocol() {
    let base = json!([{ "port": 80, "protocol": "TCP", "name": "a" }, { "port": 81, "protocol": "TCP" }]);
    // An element stays where the object has it, and new ones come first.
    assert_eq!(
        service(
            &base,
            &json!([{ "port": 81, "protocol": "TCP", "name": "b" }, { "port": 82, "protocol": "TCP" }])
        ),
        json!([
            { "port": 82, "protocol": "TCP" },
            { "port": 80, "protocol": "TCP", "name": "a" },
            { "port": 81, "protocol": "TCP", "name": "b" },
        ])
    );
    // Where nobody says a protocol, the number alone counts, and the patch's elements come first.
    let without = json!([{ "port": 80, "name": "a" }, { "port": 81, "name": "b" }]);
    assert_eq!(
        service(&without, &json!([{ "port": 81, "targetPort": 9 }])),
        json!([{ "port": 81, "name": "b", "targetPort": 9 }, { "port": 80, "name": "a" }])
    );
    // Where one side alone says it, what the patch says is lost.
    let mixed = json!([{ "port": 80, "protocol": "TCP", "targetPort": 99 }]);
    let base = json!([{ "port": 80, "targetPort": "http" }]);
    assert_eq!(service(&base, &mixed), base);
}

#[test]
fn finalizers_are_a_set() {
    let object = |finalizers: Json| json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "finalizers": finalizers } });
    let merged = merge(object(json!(["a", "b"])), object(json!(["c", "b"])));
    assert_eq!(merged.unwrap().unwrap()["metadata"]["finalizers"], json!(["c", "b", "a"]));
}
