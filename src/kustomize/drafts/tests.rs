use proptest::prelude::*;
use serde_json::{Map, json};

use super::*;
use crate::diagnostic::Sink;
use crate::kustomize::kustomization;
use crate::kustomize::read::{self, Role};
use crate::yaml::{Source, SourceId};

const PATH: &str = "onboarding/payments/base/deployment.yaml";

fn source(documents: &[Json]) -> Source {
    let mut text = "# A comment, as each file has one.\n".to_owned();
    yaml::emit_documents(&mut text, documents);
    Source { id: SourceId(0), path: PATH.into(), text }
}

/// Holds what is taken as it is against what is read from the text; false where it is not taken.
fn agree(documents: &[Json]) -> bool {
    let Some(taken) = objects(PATH, documents) else { return false };
    let mut sink = Sink::default();
    let read = read::objects(&source(documents), Role::Resource, &mut sink);
    assert_eq!(sink.findings(), [], "{documents:#?}");
    let without_place = |resource: Resource| {
        // The order of keys is not part of equality, and is part of what is printed.
        let text = resource.json.to_string();
        (Resource { location: Location::file(PATH), ..resource }, text)
    };
    let taken: Vec<_> = taken.into_iter().map(without_place).map(shown).collect();
    let read: Vec<_> = read.unwrap().into_iter().map(without_place).map(shown).collect();
    assert_eq!(taken, read);
    true
}

fn shown((resource, text): (Resource, String)) -> String {
    format!("{resource:?} {text}")
}

fn leaf() -> impl Strategy<Value = Json> {
    prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        "[ -~]{0,6}".prop_map(Json::from),
        "[a-z0-9:/._-]{0,9}".prop_map(Json::from),
        "\\PC{0,5}".prop_map(Json::from),
        "[a\n\t \u{7f}\u{85}]{0,4}".prop_map(Json::from),
        prop::sample::select(vec![
            "true",
            "no",
            "0644",
            "1e3",
            "~",
            "",
            "null",
            "2024-01-01",
            "1:30",
            "{{ x }}",
            "*a",
            "&a",
            "!b",
            "a: b",
            "a #b",
            "0x1F",
            ".inf",
            "+1",
            "1_000",
            "y",
            "=",
            "\\/",
            "'",
            "\"",
            "- a",
            "<<",
        ])
        .prop_map(Json::from),
    ]
}

fn tree() -> impl Strategy<Value = Json> {
    let key = prop_oneof![
        "[a-z]{1,5}".prop_map(String::from),
        "[ -~]{0,4}".prop_map(String::from),
        prop::sample::select(vec!["true", "1", "<<", "2024-01-01", "items", "null", "é"])
            .prop_map(String::from),
    ];
    leaf().prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::vec((key.clone(), inner), 0..4)
                .prop_map(|pairs| Json::Object(pairs.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_taken_is_what_would_be_read(spec in tree(), annotations in tree()) {
        let object = |annotations: &Json| json!({
            "apiVersion": "v1",
            "kind": "Thing",
            "metadata": { "name": "payments", "annotations": annotations },
            "spec": spec,
        });
        agree(&[object(&annotations)]);
        agree(&[object(&json!({ "a": "true", "b": "1" })), object(&Json::Null)]);
    }
}

#[test]
fn most_is_taken_and_what_has_several_spellings_is_not() {
    let object = |value: Json| json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "a" }, "spec": value });
    let taken = [
        json!({ "replicas": 3, "paused": false, "nothing": null, "list": [1, "1", { "port": "http" }] }),
        json!({ "image": "registry.example/a:1.0", "on": "yes", "0644": "0644", "text": "größer: als #1" }),
    ];
    for value in taken {
        assert!(agree(&[object(value.clone())]), "{value}");
    }
    let left = [json!({ "cpu": 0.5 }), json!({ "text": "two\nlines" }), json!({ "<<": { "a": 1 } })];
    for value in left {
        assert!(!agree(&[object(value.clone())]), "{value}");
    }
    let annotated = json!({ "kind": "A", "metadata": { "name": "a", "annotations": { "a": 1 } } });
    let list = json!({ "kind": "ConfigMapList", "metadata": { "name": "a" }, "items": [] });
    let unnamed = json!({ "kind": "A", "metadata": { "name": "" } });
    for object in [annotated, list, unnamed] {
        assert!(!agree(std::slice::from_ref(&object)), "{object}");
    }
}

#[test]
fn a_kustomization_says_the_same_either_way() {
    let written = json!({
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "namespace": "payments",
        "resources": ["../../base", "routes.yaml"],
        "components": ["changes"],
        "images": [{ "name": "app", "newName": "registry.example/app", "newTag": "1.0" }],
        "replicas": [{ "name": "payments", "count": 2 }],
        "labels": [{ "pairs": { "platform/tier": "standard", "a": "true" }, "includeSelectors": false }],
    });
    assert!(is_read_as_written(&written));
    let mut sink = Sink::default();
    let one = kustomization::of_json(PATH.into(), &written, &mut sink).unwrap();
    let other = kustomization::read(&source(std::slice::from_ref(&written)), false, &mut sink).unwrap();
    assert_eq!(sink.findings(), []);
    let without_places = |text: String| {
        let text = regex::Regex::new(r"(start|end): \d+").unwrap().replace_all(&text, "").into_owned();
        text.replace(char::is_whitespace, "")
    };
    assert_eq!(without_places(format!("{one:?}")), without_places(format!("{other:?}")));
}
