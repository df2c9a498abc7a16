//! What objects are called, known without rendering them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use onramp::diagnostic::Sink;
use onramp::platform::Extent;
use onramp::render::{self, Templates};
use onramp::{metadata, platform};
use serde_json::Value as Json;

/// Holds the names against what every fixture of rendering makes, in each state of its life.
#[test]
fn names_are_those_of_what_is_rendered() {
    let templates = Templates::load("templates", BTreeMap::new(), &mut Vec::new());
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/render");
    for case in fs::read_dir(directory).expect("there are render fixtures") {
        let input = case.expect("entries can be read").path().join("in");
        let platform = fs::read(input.join("platform.yaml")).expect("a platform");
        let platform = platform::parse(platform, &mut Sink::default()).expect("a sound platform");
        for api in fs::read_dir(input.join("onboarding")).expect("there are APIs") {
            let path = api.expect("entries can be read").path().join("metadata.yaml");
            let file: Arc<str> = path.to_string_lossy().into();
            let text = fs::read(&path).expect("metadata of the API");
            let read = metadata::read(&file, text, &platform, &mut Sink::default()).expect("sound metadata");
            for environment in &read.environments {
                let settings = platform.model.environments.get(&environment.name).expect("an environment");
                let place = render::Place { name: &environment.name, settings, platform: &platform.model };
                let api = &environment.merged.api;
                for extent in [Extent::Full, Extent::ScaledDown, Extent::None] {
                    let rendered = render::manifests(api, extent, place, &templates).expect("it renders");
                    let mut rendered: Vec<_> = rendered.iter().map(id).collect();
                    let mut named: Vec<_> = render::ids(api, extent, place)
                        .into_iter()
                        .map(|id| [id.api_version.into_owned(), id.kind.into_owned(), id.name.into_string()])
                        .collect();
                    rendered.sort();
                    named.sort();
                    assert_eq!(named, rendered, "{file}, {}, {extent:?}", environment.name);
                    for [_, kind, _] in named {
                        *kinds.entry(kind).or_default() += 1;
                    }
                }
            }
        }
    }
    let kinds: Vec<&str> = kinds.keys().map(String::as_str).collect();
    insta::assert_snapshot!(kinds.join("\n"), @"
    BackendConfig
    ConfigMap
    CronJob
    Deployment
    ExternalSecret
    GCPBackendPolicy
    HTTPRoute
    HealthCheckPolicy
    HorizontalPodAutoscaler
    Ingress
    Job
    NetworkPolicy
    PodDisruptionBudget
    Rollout
    Service
    ServiceAccount
    StatefulSet
    ");
}

fn id(object: &Json) -> [String; 3] {
    [&object["apiVersion"], &object["kind"], &object["metadata"]["name"]]
        .map(|value| value.as_str().expect("a text").to_owned())
}
