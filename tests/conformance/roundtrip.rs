//! What runs, converted to a `metadata.yaml`, linted, rendered and built by the real kustomize, is what ran: the same
//! normal forms, order of lists included, and no object beside them. So are two environments of which one is
//! written as a difference to the other.
//!
//! With `ONRAMP_CORPUS`, a git bundle with a branch for each service, its services make the same trip.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use onramp::migrate::{Naming, NoteKind, Residue, from_objects, normal};
use onramp::yaml::emit;
use serde_json::{Map, Value as Json};

use crate::compare::{differences, expected};
use crate::corpus::{self, Corpus, Object};
use crate::env::Env;
use crate::family::{WORKLOADS, fill_in_images, missing, scales, selects, word};
use crate::tools::{build, documents};
use crate::trip;

/// Kinds that come along as they are.
const ALONG: &[&str] = &["Ingress", "PersistentVolumeClaim"];

/// The objects of a service as they run, and the words for them.
struct Service {
    api: String,
    metadata: Json,
    /// Files of the API beside it.
    files: Vec<(String, String)>,
    /// What has to be built.
    objects: Vec<Json>,
    residue: Vec<Residue>,
    notes: BTreeSet<NoteKind>,
}

/// Converts what belongs together: each workload with the Service that leads to it and its autoscaler.
fn convert(api: &str, objects: &[Json]) -> Service {
    let is =
        |object: &&Json, kinds: &[&str]| object["kind"].as_str().is_some_and(|kind| kinds.contains(&kind));
    let workloads: Vec<&Json> = objects.iter().filter(|object| is(object, WORKLOADS)).collect();
    let mut service = Service {
        api: api.to_owned(),
        metadata: Json::Null,
        files: Vec::new(),
        objects: Vec::new(),
        residue: Vec::new(),
        notes: BTreeSet::new(),
    };
    let mut converted = Vec::new();
    let mut taken: Vec<&Json> = Vec::new();
    for workload in &workloads {
        let mut find = |fits: fn(&Json, &Json) -> bool| {
            let free = |object: &&Json| fits(object, workload) && !taken.contains(object);
            let found = objects.iter().find(free)?;
            taken.push(found);
            Some(found)
        };
        let (offered, scaler) = (find(selects), find(scales));
        let name = word(workload["metadata"]["name"].as_str().unwrap_or_default());
        let key = (workloads.len() > 1).then_some(name);
        let naming = Naming { api, workload: key.as_deref(), container: None };
        let words = from_objects(workload, &naming, offered, scaler);
        for object in [Some(*workload), offered, scaler].into_iter().flatten() {
            service.objects.push(expected(object, &words.residue, scaler.is_some()));
        }
        service.residue.extend(words.residue.iter().cloned());
        service.notes.extend(words.notes.iter().map(|note| note.kind));
        converted.push((key, words));
    }
    let parts: Vec<_> = converted.iter().map(|(key, words)| (key.as_deref(), words)).collect();
    service.metadata = trip::metadata(api, &parts);
    let along = objects.iter().filter(|object| is(object, ALONG)).map(|object| normal(object).object);
    for object in along {
        service.files.push((format!("resources/{}.yaml", service.files.len()), emit(&object)));
        service.objects.push(object);
    }
    if !service.files.is_empty() {
        service.metadata["extraResources"] = service.files.iter().map(|(path, _)| path.clone()).collect();
    }
    service
}

/// Renders a service into a repo of its own; what lint or the rendering has against it otherwise.
fn render(service: &Service, environments: &str) -> Result<Env, String> {
    let env = Env::new();
    env.write("platform.yaml", trip::PLATFORM.replace("{ prod: {} }", environments));
    let directory = format!("onboarding/{}", service.api);
    env.write(&format!("{directory}/metadata.yaml"), emit(&service.metadata));
    for (path, text) in &service.files {
        env.write(&format!("{directory}/{path}"), text);
    }
    let run = env.run(&["render"]);
    if run.code != 0 {
        return Err(run.to_string());
    }
    let lint = env.run(&["lint", "--format", "json"]);
    match lint.findings() {
        found if found.is_empty() => Ok(env),
        found => Err(found.join("\n")),
    }
}

fn built(env: &Env, api: &str, environment: &str) -> Vec<Json> {
    documents(&build(&env.path(&format!("onboarding/{api}/overlays/{environment}"))))
}

/// Reads the objects of a file as Kubernetes does.
fn objects(path: &Path) -> Vec<Json> {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let source = onramp::yaml::Source { id: onramp::yaml::SourceId(0), path: "live.yaml".into(), text };
    onramp::yaml::documents(&source).iter().filter_map(onramp::yaml::Document::to_json).collect()
}

fn fixtures(below: &str) -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/roundtrip").join(below);
    let entries = fs::read_dir(directory).expect("there are fixtures");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("entries can be read").path()).collect();
    paths.sort();
    paths
}

fn stem(path: &Path) -> String {
    path.file_stem().expect("a name").to_string_lossy().into_owned()
}

#[test]
fn services_of_all_shapes_come_back() {
    let mut shapes = 0;
    for path in fixtures("").into_iter().filter(|path| path.is_file()) {
        let name = stem(&path);
        let service = convert(&name, &objects(&path));
        assert_eq!(service.residue, [], "{name}");
        let old_versions_only = service.notes.iter().all(|kind| *kind == NoteKind::Converted);
        assert!(old_versions_only || name.contains("v1beta"), "{name}: {:?}", service.notes);
        let env = render(&service, "{ prod: {} }").unwrap_or_else(|why| panic!("{name}: {why}"));
        assert_eq!(differences(&service.objects, &built(&env, &name, "prod")), None, "{name}");
        shapes += 1;
    }
    assert!(shapes >= 22, "{shapes} shapes");
}

#[test]
fn an_environment_written_as_a_difference_comes_back() {
    let mut services = 0;
    for path in fixtures("environments") {
        let name = stem(&path);
        let [staging, prod] =
            ["staging", "prod"].map(|word| convert(&name, &objects(&path.join(format!("{word}.yaml")))));
        let mut both = convert(&name, &objects(&path.join("staging.yaml")));
        both.metadata["environments"]["staging"] = Map::new().into();
        both.metadata["environments"]["prod"] =
            over(&staging.metadata, &prod.metadata, &mut Vec::new()).unwrap_or_else(|| Map::new().into());
        let env = render(&both, "{ staging: {}, prod: {} }").unwrap_or_else(|why| panic!("{name}: {why}"));
        for (environment, service) in [("staging", &staging), ("prod", &prod)] {
            assert_eq!(service.residue, [], "{name} in {environment}");
            let difference = differences(&service.objects, &built(&env, &name, environment));
            assert_eq!(
                difference,
                None,
                "{name} in {environment}\n{}",
                env.read(&format!("onboarding/{name}/metadata.yaml"))
            );
        }
        services += 1;
    }
    assert!(services >= 3, "{services} services");
}

/// Values that an environment replaces as a whole, `*` for any key, seen from a workload.
const UNITS: &[&[&str]] = &[
    &["env", "*"],
    &["strategy"],
    &["autoscaling"],
    &["identity", "selector"],
    &["service", "selector"],
    &["volumes", "*"],
    &["ports", "*"],
];

/// Writes what turns one value into another when it is merged over it.
fn over<'a>(from: &'a Json, to: &'a Json, path: &mut Vec<&'a str>) -> Option<Json> {
    let seen = match path.as_slice() {
        ["workloads", _, rest @ ..] => rest,
        path => path,
    };
    let is_unit = UNITS.iter().any(|unit| {
        unit.len() == seen.len() && unit.iter().zip(seen).all(|(step, key)| *step == "*" || step == key)
    });
    match (from, to) {
        _ if from == to => None,
        (Json::Object(one), Json::Object(other)) if !is_unit => {
            let mut words = Map::new();
            let gone = |key: &&String| !other.contains_key(*key) && !replaced(key, other);
            for key in one.keys().filter(gone) {
                words.insert(key.clone(), Json::Null);
            }
            for (key, value) in other.iter().filter(|(key, _)| *key != "environments") {
                path.push(key);
                if let Some(value) = one.get(key).map_or(Some(value.clone()), |old| over(old, value, path)) {
                    words.insert(key.clone(), value);
                }
                path.pop();
            }
            Some(words.into())
        }
        _ => Some(to.clone()),
    }
}

/// Tells whether a key goes without a word, since one that excludes it is there.
fn replaced(key: &str, others: &Map<String, Json>) -> bool {
    const EITHER: &[&[&str]] = &[&["replicas", "autoscaling"], &["httpGet", "tcpSocket", "exec", "grpc"]];
    let excludes = |keys: &&&[&str]| keys.contains(&key);
    EITHER.iter().find(excludes).is_some_and(|keys| keys.iter().any(|other| others.contains_key(*other)))
}

/// Objects of one directory by file, where the same object stands in several, which are environments then.
fn places<'a>(objects: &[&'a Object]) -> Vec<Vec<&'a Object>> {
    let mut seen = BTreeSet::new();
    let name =
        |object: &Object| (object.json["kind"].to_string(), object.json["metadata"]["name"].to_string());
    if objects.iter().all(|object| seen.insert(name(object))) {
        return vec![objects.to_vec()];
    }
    let mut files: BTreeMap<&str, Vec<&Object>> = BTreeMap::new();
    for object in objects {
        files.entry(&object.path).or_default().push(object);
    }
    files.into_values().collect()
}

#[test]
#[expect(clippy::print_stderr, reason = "with `--nocapture` it says what came of each branch")]
fn services_of_a_corpus_come_back() {
    let Some(bundle) = std::env::var_os("ONRAMP_CORPUS") else { return };
    let clone = tempfile::tempdir().expect("a directory can be made");
    let repository = corpus::clone(Path::new(&bundle), clone.path()).expect("the bundle can be cloned");
    let groups = Corpus::read(repository).expect("the branches can be read");
    let mut outcomes: BTreeMap<String, BTreeMap<&str, usize>> = BTreeMap::new();
    let mut different = Vec::new();
    for corpus in groups.values() {
        let mut directories: BTreeMap<(&str, &str), Vec<&Object>> = BTreeMap::new();
        for object in &corpus.objects {
            directories.entry((&object.branch, &object.directory)).or_default().push(object);
        }
        for ((branch, directory), objects) in directories {
            for place in places(&objects) {
                let mut live: Vec<Json> = place.iter().map(|object| object.json.clone()).collect();
                live.iter_mut().for_each(fill_in_images);
                let is_workload =
                    |object: &&Json| object["kind"].as_str().is_some_and(|kind| WORKLOADS.contains(&kind));
                if !live.iter().any(|object| is_workload(&object)) {
                    continue;
                }
                let count = outcomes.entry(branch.to_owned()).or_default();
                let mut outcome = |what: &'static str| *count.entry(what).or_default() += 1;
                if live.iter().filter(is_workload).any(|object| missing(object).is_some()) {
                    outcome("incomplete");
                    continue;
                }
                let service = convert(&word(branch.rsplit_once("--").map_or(branch, |(_, api)| api)), &live);
                match render(&service, "{ prod: {} }") {
                    Err(why) => {
                        outcome("refused by lint");
                        eprintln!("{branch}/{directory}: {why}");
                    }
                    Ok(env) => match differences(&service.objects, &built(&env, &service.api, "prod")) {
                        Some(why) => {
                            outcome("different");
                            different.push(format!("{branch}/{directory}: {why}"));
                        }
                        None if service.residue.is_empty() => outcome("identical"),
                        None => outcome("identical but for residue"),
                    },
                }
            }
        }
    }
    let whole = outcomes.values().filter(|counts| counts.keys().all(|what| *what == "identical")).count();
    for (branch, counts) in &outcomes {
        eprintln!("{branch}: {counts:?}");
    }
    eprintln!("{whole} of {} branches with workloads are identical as a whole", outcomes.len());
    assert!(!outcomes.is_empty(), "the corpus has workloads");
    assert!(different.is_empty(), "{}", different.join("\n"));
}
