//! Random metadata whose environment changes a random part of it: what the overlay builds is what the
//! same values build when they stand at the top, and is what the merged metadata says.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use onramp::diagnostic::Sink;
use onramp::metadata::{self, Api, Merged, Workload};
use onramp::{platform, yaml};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use serde_json::{Map, Value as Json, json};

use crate::env::Env;
use crate::tools::{build, documents, validate};
use crate::words::{API, CONTAINER, FILES, KINDS, PLATFORM, SHARED, WORKLOAD, Words};

const METADATA: &str = "onboarding/payments/metadata.yaml";

/// Numbers that decide what is written, one after the other. 0 is the simplest choice, and what is
/// chosen when they are used up: so fewer and smaller numbers are simpler metadata.
struct Choices<'a>(std::slice::Iter<'a, u16>);

impl Choices<'_> {
    fn below(&mut self, limit: usize) -> usize {
        (usize::from(*self.0.next().unwrap_or(&0)) * limit) >> 16
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) >= 100 - percent
    }

    fn pick(&mut self, list: &'static [&'static str]) -> &'static str {
        list[self.below(list.len())]
    }

    /// Sets some of the keys, each to one of its values.
    fn write(&mut self, into: &mut Map<String, Json>, words: Words, percent: usize) {
        for (key, values) in words {
            if self.chance(percent) {
                let value = serde_json::from_str(self.pick(values)).expect("the tables hold JSON");
                into.insert((*key).to_owned(), value);
            }
        }
    }

    /// Changes some keys of what stands at a weaker place: another value, none, or `null` for a part.
    fn change(&mut self, weak: &Map<String, Json>, words: Words) -> Map<String, Json> {
        let mut over = Map::new();
        for (key, values) in words {
            let old = weak.get(*key);
            // What is there already is the more interesting.
            if !self.chance(if old.is_some() { 40 } else { 12 }) {
                continue;
            }
            let json = |text: &str| -> Json { serde_json::from_str(text).expect("the tables hold JSON") };
            // What stands next to each other in a table has the most in common.
            let at = values.iter().position(|value| old.is_some_and(|old| *old == json(value)));
            let mut value = match at {
                Some(at) if self.chance(60) => json(values[(at + 1) % values.len()]),
                _ => json(self.pick(values)),
            };
            if let Some(old) = old {
                if self.chance(15) && !NEEDED.contains(key) {
                    value = Json::Null;
                } else if let (Some(old), Some(value)) = (old.as_object(), value.as_object_mut())
                    && !UNITS.contains(key)
                {
                    for part in old.keys() {
                        if !value.contains_key(part) && self.chance(30) {
                            value.insert(part.clone(), Json::Null);
                        }
                    }
                }
            }
            over.insert((*key).to_owned(), value);
        }
        over
    }

    fn workload(&mut self, shared: bool) -> Map<String, Json> {
        let mut workload = Map::new();
        let (kind, words) = KINDS[if self.chance(50) { self.below(KINDS.len()) } else { 0 }];
        if !shared {
            workload.insert("kind".to_owned(), kind.into());
            self.write(&mut workload, words, 40);
            if kind == "CronJob" {
                workload.insert("schedule".to_owned(), "@hourly".into());
            }
        }
        self.write(&mut workload, WORKLOAD, 25);
        self.write(&mut workload, CONTAINER, 30);
        either(&mut workload);
        workload
    }

    fn changed_workload(&mut self, weak: &Map<String, Json>) -> Map<String, Json> {
        let kind = weak.get("kind").and_then(Json::as_str);
        let words = KINDS.iter().find(|(name, _)| Some(*name) == kind).map_or(SHARED, |(_, words)| *words);
        let mut over = self.change(weak, words);
        over.extend(self.change(weak, WORKLOAD));
        over.extend(self.change(weak, CONTAINER));
        either(&mut over);
        over
    }

    fn metadata(&mut self) -> Json {
        let mut top = Map::new();
        self.write(&mut top, API, 25);
        let mut over = self.change(&top, API);
        over.remove("profile");
        let several = self.chance(50);
        if several {
            self.write(&mut top, SHARED, 15);
            top.extend(self.workload(true));
            over.extend(self.change(&top, SHARED));
            over.extend(self.changed_workload(&top));
            for shared in [&mut top, &mut over] {
                shared.remove("identity");
                either(shared);
            }
            let mut workloads = Map::new();
            let mut changed = Map::new();
            for name in ["web", "worker", "web-x"] {
                let there = workloads.is_empty() || self.chance(60);
                let own = self.workload(false);
                if !there {
                    if self.chance(20) {
                        changed.insert(name.to_owned(), Json::Object(own));
                    }
                } else if name != "web" && self.chance(15) {
                    changed.insert(name.to_owned(), Json::Null);
                    workloads.insert(name.to_owned(), Json::Object(own));
                } else {
                    let over = self.changed_workload(&own);
                    if !over.is_empty() {
                        changed.insert(name.to_owned(), Json::Object(over));
                    }
                    workloads.insert(name.to_owned(), Json::Object(own));
                }
            }
            top.insert("workloads".to_owned(), Json::Object(workloads));
            if !changed.is_empty() {
                over.insert("workloads".to_owned(), Json::Object(changed));
            }
        } else {
            top.extend(self.workload(false));
            over.extend(self.changed_workload(&top));
        }
        for (key, value) in [
            ("apiVersion", json!("onramp/v1")),
            ("name", json!("payments")),
            ("owner", json!({ "team": "payments", "email": "p@acme.example" })),
            ("image", json!("registry.example/payments:v1")),
            ("environments", json!({ "staging": over, "prod": {} })),
        ] {
            top.insert(key.to_owned(), value);
        }
        Json::Object(top)
    }
}

/// Leaves one of two keys that exclude each other.
fn either(workload: &mut Map<String, Json>) {
    if workload.get("replicas").is_some_and(|replicas| !replicas.is_null()) {
        workload.remove("autoscaling");
    }
}

/// Keys that no layer takes away.
const NEEDED: &[&str] = &["kind", "schedule"];

/// Keys whose value replaces as a whole.
const UNITS: &[&str] = &["autoscaling", "strategy", "disruptionBudget"];

fn repo(metadata: &Json) -> Env {
    let env = Env::new();
    env.write("platform.yaml", PLATFORM);
    for (path, text) in FILES {
        env.write(&format!("onboarding/payments/{path}"), text);
    }
    env.write(METADATA, yaml::emit(metadata));
    env
}

/// Renders a repo; `None` where lint has something against it, which is no failure of either.
fn render(metadata: &Json) -> Option<Env> {
    let env = repo(metadata);
    let run = env.run(&["render"]);
    assert!(run.code < 2, "{run}\n{}", env.read(METADATA));
    (run.code == 0).then_some(env)
}

fn merged(env: &Env, environment: &str) -> Arc<Merged> {
    let platform = platform::parse(env.read("platform.yaml").into_bytes(), &mut Sink::default());
    let platform = platform.expect("the platform is valid");
    let bytes = env.read(METADATA).into_bytes();
    let read = metadata::read(&METADATA.into(), bytes, &platform, &mut Sink::default());
    let read = read.expect("what renders can be read");
    let here = read.environments.into_iter().find(|known| known.name == environment);
    here.expect("the environment is rendered").merged
}

/// Writes what holds in an environment at the top.
fn flat(merged: &Merged) -> Json {
    let mut flat = merged.tree.to_json();
    flat["environments"] = json!({ "staging": {} });
    // The built-in default, which means nothing for a Job, but would be found there.
    if let Some(flat) = flat.as_object_mut()
        && merged.api.workloads.iter().any(|workload| !merged.api.several && !workload.kind.runs_on())
    {
        flat.remove("replicas");
    }
    flat
}

/// Holds what was built against the typed metadata, not against another way through the renderer.
fn says(api: &Api, built: &[Json]) {
    let pods = |object: &&Json| {
        matches!(object["kind"].as_str(), Some("Deployment" | "StatefulSet" | "CronJob" | "Job"))
    };
    assert_eq!(built.iter().filter(pods).count(), api.workloads.len(), "as many objects as workloads");
    let services = built.iter().filter(|object| object["kind"] == "Service").count();
    let expected: usize = api
        .workloads
        .iter()
        .filter(|workload| workload.has_service())
        .map(|workload| 1 + usize::from(workload.progressive().is_some()))
        .sum();
    assert_eq!(services, expected, "Services");
    for workload in &api.workloads {
        let name = api.workload_name(workload);
        let object = built
            .iter()
            .find(|object| object["kind"] == workload.kind.as_str() && object["metadata"]["name"] == name);
        let object = object.unwrap_or_else(|| panic!("no {} {name}", workload.kind.as_str()));
        let spec = &object["spec"];
        let template = if spec["jobTemplate"].is_null() {
            &spec["template"]
        } else {
            &spec["jobTemplate"]["spec"]["template"]
        };
        says_pod(workload, &template["spec"]);
    }
}

fn says_pod(workload: &Workload, pod: &Json) {
    let lists = [&pod["initContainers"], &pod["containers"]];
    let built: Vec<&Json> = lists.iter().filter_map(|list| list.as_array()).flatten().collect();
    let expected: Vec<_> = workload.containers().collect();
    let names: Vec<&str> = expected.iter().map(|here| here.name).collect();
    assert_eq!(built.iter().map(|built| &built["name"]).collect::<Vec<_>>(), names, "containers in order");
    for (here, built) in expected.iter().zip(built) {
        let image = workload.image_of(here.container).expect("lint asks for an image");
        assert_eq!(built["image"], image.as_str(), "image of {}", here.name);
        let variables: Vec<&str> = here.container.env.keys().collect();
        let names = built["env"].as_array().map(Vec::as_slice).unwrap_or_default();
        assert_eq!(names.iter().map(|variable| &variable["name"]).collect::<Vec<_>>(), variables);
        let ports = built["ports"].as_array().map_or(0, Vec::len);
        let more = |key: &str| here.container.verbatim.get(key).and_then(Json::as_array).map_or(0, Vec::len);
        assert_eq!(ports, here.container.ports.iter().count() + more("ports"), "ports of {}", here.name);
    }
    for (key, value) in &workload.pod {
        let one_by_one = value.as_array().map(Vec::len);
        if key != "volumes" && one_by_one != Some(0) {
            assert_eq!(pod[key].as_array().map(Vec::len), one_by_one, "{key}");
        }
    }
}

#[test]
fn random_environments_build_what_the_merge_says() {
    let built = RefCell::new(Vec::new());
    let (tried, compared) = (Cell::new(0_u32), Cell::new(0_u32));
    let asked = asked();
    let config = Config {
        cases: asked.unwrap_or(60),
        failure_persistence: None,
        max_shrink_iters: 150,
        ..Config::default()
    };
    // A change is not refused for what another one has left: without a word the cases are the same each time.
    let mut runner = match asked {
        Some(_) => TestRunner::new(config),
        None => TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha)),
    };
    let outcome = runner.run(&proptest::collection::vec(any::<u16>(), 300), |numbers| {
        let metadata = Choices(numbers.iter()).metadata();
        tried.set(tried.get() + 1);
        let Some(env) = render(&metadata) else { return Ok(()) };
        let merged = merged(&env, "staging");
        let fail = |reason: String| {
            TestCaseError::fail(format!("{reason}\n--- metadata.yaml\n{}", yaml::emit(&metadata)))
        };
        let checked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let overlay = documents(&build(&env.path("onboarding/payments/overlays/staging")));
            says(&merged.api, &overlay);
            let at_top = render(&flat(&merged)).expect("what an environment says may stand at the top");
            let at_top = documents(&build(&at_top.path("onboarding/payments/overlays/staging")));
            assert_eq!(overlay, at_top, "the overlay on the left, the same at the top on the right");
            overlay
        }));
        let overlay = checked.map_err(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            fail(
                text.or_else(|| panic.downcast_ref::<&str>().map(|&text| text.to_owned()))
                    .unwrap_or_default(),
            )
        })?;
        built.borrow_mut().extend(overlay);
        compared.set(compared.get() + 1);
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
    let (tried, compared) = (tried.get(), compared.get());
    assert!(compared * 4 > tried, "lint refuses too much of what is written: {compared} of {tried} are left");
    validate("1.33", &built.borrow());
}

/// As many new cases as `ONRAMP_CASES` says; without it, the same 60.
fn asked() -> Option<u32> {
    std::env::var("ONRAMP_CASES").ok().and_then(|cases| cases.parse().ok())
}
