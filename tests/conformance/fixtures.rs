//! Every overlay of every render fixture, and of what `init` writes, builds without a warning in
//! every version, passes the strict schema, and says what the merged metadata says.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use onramp::diagnostic::Sink;
use onramp::{metadata, platform, yaml};
use serde_json::{Value as Json, json};

use crate::env::Env;
use crate::kubernetes::agree;
use crate::tools::{build, documents, validate};

fn copy(from: &Path, env: &Env, below: &str) {
    for entry in fs::read_dir(from).expect("fixtures can be listed") {
        let path = entry.expect("entries can be read").path();
        let name = format!("{below}{}", path.file_name().expect("a name").to_string_lossy());
        if path.is_dir() {
            copy(&path, env, &format!("{name}/"));
        } else {
            env.write(&name, fs::read(&path).expect("fixtures can be read"));
        }
    }
}

pub(crate) fn fixtures() -> Vec<(String, Env)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/render");
    let mut cases = Vec::new();
    for entry in fs::read_dir(directory).expect("there are render fixtures") {
        let path = entry.expect("entries can be read").path();
        let env = Env::new();
        copy(&path.join("in"), &env, "");
        env.run(&["render"]).success();
        cases.push((path.display().to_string(), env));
    }
    let init = Env::new();
    init.run(&["init"]).success();
    cases.push(("init".to_owned(), init));
    cases
}

pub(crate) fn overlays(env: &Env) -> Vec<PathBuf> {
    let mut overlays = Vec::new();
    for (path, _) in env.files() {
        // Not the component with the changes, which is a part of its overlay.
        let overlay =
            path.strip_suffix("/kustomization.yaml").and_then(|path| path.split("/overlays/").nth(1));
        if overlay.is_some_and(|environment| !environment.contains('/')) {
            overlays.push(env.path(&path).parent().expect("a parent").to_owned());
        }
    }
    assert!(!overlays.is_empty());
    overlays
}

#[test]
fn every_overlay_builds_and_is_valid() {
    let mut objects = 0;
    for (name, env) in fixtures() {
        for overlay in overlays(&env) {
            let built = documents(&build(&overlay));
            // Of a retired API there is its record, else at least a workload and something beside it.
            let whole =
                built.len() >= 2 || built.iter().any(|object| object["data"]["lifecycle"] == "retired");
            assert!(whole, "{name}: {}", overlay.display());
            validate("1.33", &built);
            agree(&built);
            objects += built.len();
        }
    }
    assert!(objects > 30, "{objects} objects were validated");
}

/// The namespaces themselves build too.
#[test]
fn every_namespace_builds_and_is_valid() {
    let mut kinds = BTreeSet::new();
    for (_, env) in fixtures() {
        for (path, _) in env.files() {
            let Some(directory) = path.strip_suffix("/kustomization.yaml") else { continue };
            if directory.starts_with("namespaces/") {
                let built = documents(&build(&env.path(directory)));
                validate("1.33", &built);
                kinds.extend(built.iter().map(|object| object["kind"].as_str().expect("text").to_owned()));
            }
        }
    }
    let expected = ["LimitRange", "Namespace", "ResourceQuota", "Role", "RoleBinding"];
    assert_eq!(kinds, expected.map(str::to_owned).into());
}

/// What an overlay with overrides builds is what the same values build when they stand at the top: so
/// patches, generators and removals say neither more nor less than the merge.
#[test]
fn an_overridden_environment_builds_what_the_merge_says() {
    let mut compared = 0;
    for (name, env) in fixtures() {
        let platform = platform::parse(env.read("platform.yaml").into_bytes(), &mut Sink::default());
        let platform = platform.expect("fixtures have a valid platform");
        for overlay in overlays(&env) {
            let environment = overlay.file_name().expect("a name").to_string_lossy().into_owned();
            let api_directory = overlay.ancestors().nth(2).expect("an API's directory");
            let api = api_directory.file_name().expect("a name").to_string_lossy().into_owned();
            let path: Arc<str> = format!("onboarding/{api}/metadata.yaml").into();
            let read = metadata::read(&path, env.read(&path).into_bytes(), &platform, &mut Sink::default());
            let read = read.expect("fixtures are valid");
            let merged =
                read.environments.iter().find(|known| known.name == environment).expect("it is rendered");
            let mut flat = merged.merged.tree.to_json();
            flat["environments"] = json!({ environment.clone(): {} });

            let other = Env::new();
            copy(env.root(), &other, "");
            // What the environment adds lies in a directory of its name, in which nothing of all environments may lie.
            let mut flat = yaml::emit(&flat);
            let mut brings = false;
            for key in ["patches", "resources"] {
                let own = format!("{key}/{environment}/");
                brings |= key == "resources" && flat.contains(&own);
                if flat.contains(&own) {
                    flat = flat.replace(&own, &format!("{key}/flat/"));
                    let directory = format!("onboarding/{api}/{key}");
                    other.rename(&format!("{directory}/{environment}"), &format!("{directory}/flat"));
                    other.remove(&format!("{directory}/flat/kustomization.yaml"));
                }
            }
            other.write(&path, flat);
            // The others do not name it, since it is no longer in all environments.
            for neighbour in fs::read_dir(other.path("onboarding")).expect("it can be listed") {
                let path = neighbour.expect("it can be listed").path().join("metadata.yaml");
                let text = fs::read_to_string(&path).expect("every API has one");
                let lines = text.lines().filter(|line| !line.contains(&format!("api: {api}")));
                if !path.ends_with(format!("{api}/metadata.yaml")) {
                    fs::write(&path, lines.collect::<Vec<_>>().join("\n")).expect("it can be written");
                }
            }
            other.run(&["render", &api]).success();
            let other_overlay = other.path(&format!("onboarding/{api}/overlays/{environment}"));
            let what = format!("{name}: {api} in {environment}");
            let mut both = [comparable(&build(&overlay)), comparable(&build(&other_overlay))];
            if brings {
                // What comes with the overlay stands behind what comes with the base.
                let name = |object: &Json| format!("{} {}", object["kind"], object["metadata"]["name"]);
                for objects in &mut both {
                    objects.sort_by_key(name);
                }
            }
            assert_eq!(both[0], both[1], "{what}");
            compared += 1;
        }
    }
    assert!(compared >= 8, "{compared} overlays were compared");
}

/// The escape hatch has the last word over what an environment overrides, and labels of the platform
/// stay off the pods of extra resources, which the Service would find by them.
#[test]
fn patches_win_and_extra_resources_keep_their_pods() {
    let cases = fixtures();
    let (_, env) = cases.iter().find(|(name, _)| name.ends_with("layout")).expect("the fixture is there");
    for environment in ["staging", "prod"] {
        let built = documents(&build(&env.path(&format!("onboarding/payments/overlays/{environment}"))));
        let object = |kind: &str| built.iter().find(|object| object["kind"] == kind).expect("it is built");
        let template = &object("Deployment")["spec"]["template"];
        let containers = template["spec"]["containers"].as_array().expect("a list");
        let app = containers.iter().find(|container| container["name"] == "app").expect("the container");
        let first = &app["env"][0];
        assert_eq!((&first["name"], &first["value"]), (&"A".into(), &"patched".into()), "{environment}");
        let selector = object("Service")["spec"]["selector"].as_object().expect("a map");
        for (key, value) in selector {
            assert_eq!(&template["metadata"]["labels"][key], value);
            let job = &object("CronJob")["spec"]["jobTemplate"]["spec"]["template"];
            assert_eq!(job["metadata"]["labels"].get(key), None, "{environment}");
        }
    }
}

fn comparable(built: &str) -> Vec<Json> {
    documents(built)
}
