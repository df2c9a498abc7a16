//! Migrations, judged by others: the real kustomize builds what was written, and a reader that is not ours counts what there was.

#[path = "../it/migration/branches.rs"]
#[expect(dead_code, reason = "the branches are shared with the other test binary")]
mod branches;
#[path = "../it/migration/import.rs"]
#[expect(dead_code, reason = "the branches are shared with the other test binary")]
mod import;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value as Json;

use crate::corpus::{self, Corpus};
use crate::env::{Env, Run};
use crate::tools::{build, python};

/// Of a hundred Deployments, how many have to be identical, or to differ by the closed list alone.
const LEAST: usize = 95;

fn migrate(env: &Env) -> Run {
    env.run(&["migrate", "run", "--branches", "legacy/*", "--format", "json", "--quiet"])
}

/// The overlays of a config repo.
fn overlays(env: &Env) -> Vec<PathBuf> {
    let files = env.files();
    let overlays = files.iter().filter_map(|(path, _)| {
        let directory = path.strip_suffix("/kustomization.yaml")?;
        // What lies deeper is a component of one.
        let parts: Vec<&str> = directory.split('/').collect();
        matches!(parts[..], ["onboarding", _, "overlays", _]).then(|| env.path(directory))
    });
    overlays.collect()
}

/// Builds all overlays with every kustomize and natively, and insists that `onramp build` prints the same bytes.
fn build_all(env: &Env) -> usize {
    let overlays = overlays(env);
    for overlay in &overlays {
        let built = build(overlay);
        let below = overlay.strip_prefix(env.root()).expect("it is below the root");
        let parts: Vec<&str> = below.iter().filter_map(|part| part.to_str()).collect();
        let [_, api, _, environment] = parts[..] else { panic!("{} is no overlay", below.display()) };
        let printed = env.run(&["build", api, "--env", environment]).success();
        assert!(built == printed, "{}: `onramp build` prints something else", below.display());
    }
    overlays.len()
}

#[test]
fn kustomize_builds_what_a_migration_writes() {
    let env = branches::fleet();
    let run = migrate(&env);
    assert_eq!(run.code, 0, "{run}");
    let built = build_all(&env);
    assert!(built >= branches::APIS.len(), "{built} overlays");
}

/// A Deployment that the other reader found: branch, path and name.
type Counted = (String, String, String);

/// Counts Deployments with `PyYAML` where the Python has it, and else with what reads documents here, not objects.
fn counted(repository: &Path) -> (Vec<Counted>, &'static str) {
    let has_yaml = Command::new(python()).args(["-c", "import yaml"]).output().expect("it starts");
    if has_yaml.status.success() {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/deployments.py");
        let output = Command::new(python()).arg(script).arg(repository).output().expect("it starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        return (serde_json::from_slice(&output.stdout).expect("it prints JSON"), "PyYAML");
    }
    let groups = Corpus::read(repository).expect("the branches can be read");
    let objects =
        groups.into_iter().filter(|(group, _)| group == "legacy").flat_map(|(_, corpus)| corpus.objects);
    let deployments = objects.filter(|object| object.json["kind"] == "Deployment");
    let counted = deployments.map(|object| {
        let name = object.json["metadata"]["name"].as_str().unwrap_or_default().to_owned();
        (object.branch, object.path, name)
    });
    (counted.collect(), "this library")
}

/// What a report says of each Deployment.
struct Told<'a> {
    /// The worst verdict by branch, file and name.
    objects: BTreeMap<(&'a str, &'a str, &'a str), BTreeSet<&'a str>>,
    /// What became of files and documents that are no object by themselves, by branch and file.
    files: BTreeMap<(&'a str, &'a str), BTreeSet<&'a str>>,
    /// Branches of APIs that are not written.
    refused: BTreeSet<&'a str>,
    /// Verdicts of all Deployments of a branch.
    branches: BTreeMap<&'a str, BTreeSet<&'a str>>,
}

fn list<'a>(json: &'a Json, key: &str) -> &'a [Json] {
    json[key].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text<'a>(json: &'a Json, key: &str) -> &'a str {
    json[key].as_str().unwrap_or_default()
}

impl<'a> Told<'a> {
    fn new(report: &'a Json) -> Self {
        let mut told = Self {
            objects: BTreeMap::new(),
            files: BTreeMap::new(),
            refused: BTreeSet::new(),
            branches: BTreeMap::new(),
        };
        for api in list(report, "apis") {
            if text(api, "state") == "refused" {
                told.refused.extend(list(api, "sources").iter().map(|source| text(source, "branch")));
            }
            let objects =
                list(api, "environments").iter().flat_map(|environment| list(environment, "objects"));
            for object in objects.filter(|object| text(object, "kind") == "Deployment") {
                let superseded = text(&object["fate"], "name") == "superseded";
                let verdict = if superseded { "superseded" } else { text(object, "verdict") };
                let origin = &object["origin"];
                let (branch, file) = (text(origin, "branch"), text(origin, "file"));
                told.objects.entry((branch, file, text(object, "name"))).or_default().insert(verdict);
                told.branches.entry(branch).or_default().insert(verdict);
            }
        }
        for branch in list(report, "branches") {
            for file in list(branch, "files") {
                let fates = told.files.entry((text(branch, "name"), text(file, "path"))).or_default();
                fates.insert(text(file, "fate"));
                fates.extend(list(file, "documents").iter().map(|document| text(document, "fate")));
            }
        }
        told
    }

    /// Says what became of a Deployment.
    fn of(&self, (branch, file, name): &Counted) -> &'a str {
        const WORST: [&str; 5] = ["unexplained", "left", "superseded", "intended", "identical"];
        let worst = |verdicts: &BTreeSet<&'a str>| WORST.into_iter().find(|one| verdicts.contains(one));
        if self.refused.contains(branch.as_str()) {
            return "not written";
        }
        if let Some(verdicts) = self.objects.get(&(branch.as_str(), file.as_str(), name.as_str())) {
            return worst(verdicts).unwrap_or("unknown");
        }
        let fates = self.files.get(&(branch.as_str(), file.as_str()));
        let has = |fate: &str| fates.is_some_and(|fates| fates.contains(fate));
        if has("input") {
            // What the kustomization builds of it is what counts.
            return self.branches.get(branch.as_str()).and_then(worst).unwrap_or("left");
        }
        let known = ["repeated", "superseded", "template", "unreadable", "no-object"];
        known.into_iter().find(|fate| has(fate)).unwrap_or("unknown")
    }
}

/// With `ONRAMP_CORPUS`, a git bundle of foreign configuration, all of its `legacy/*` branches are migrated.
#[test]
fn the_branches_of_strangers_are_migrated_with_proof() {
    let Some(bundle) = std::env::var_os("ONRAMP_CORPUS") else { return };
    let env = branches::config();
    let bundle = PathBuf::from(bundle);
    let bundle = bundle.to_str().expect("the path is UTF-8");
    env.git(&["fetch", "--quiet", bundle, "refs/heads/legacy/*:refs/heads/legacy/*"]);
    let mirror = tempfile::tempdir().expect("a temporary directory can be made");
    let mirror = corpus::clone(Path::new(bundle), mirror.path()).expect("the bundle can be read").to_owned();
    let run = migrate(&env);
    assert!(run.code == 0 || run.code == 1, "{}", run.stderr);
    let report = run.json();
    let (counted, reader) = counted(&mirror);
    let told = Told::new(&report);
    let mut outcomes: BTreeMap<&str, usize> = BTreeMap::new();
    let mut families: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
    let mut others = Vec::new();
    for one in &counted {
        let outcome = told.of(one);
        *outcomes.entry(outcome).or_default() += 1;
        let is_proved = matches!(outcome, "identical" | "intended");
        if !is_proved {
            others.push(format!("{outcome}: {}:{} {}", one.0, one.1, one.2));
        }
        if matches!(outcome, "repeated" | "superseded") {
            // Another definition of an object is no other object: a cluster has one of them.
            continue;
        }
        let name = one.0.strip_prefix("legacy/").unwrap_or(&one.0);
        let family = families.entry(name.split("--").next().unwrap_or(name)).or_default();
        family[0] += 1;
        family[1] += usize::from(is_proved);
    }
    println!("{} Deployments, as {reader} counts them", counted.len());
    for (outcome, number) in &outcomes {
        println!("{number:6}  {outcome}");
    }
    println!("family, Deployments, identical or intended");
    for (family, [all, proved]) in &families {
        println!("{family}, {all}, {proved}");
    }
    for other in &others {
        println!("{other}");
    }
    let [all, proved] = [0, 1].map(|at| families.values().map(|numbers| numbers[at]).sum::<usize>());
    println!("{proved} of {all}");
    assert!(all > 0);
    assert!(proved * 100 >= all * LEAST, "{proved} of {all}: {outcomes:?}");
    assert_eq!(report["podTemplatesChanged"], 0);
    assert_eq!(report["selectorsChanged"], 0);
    let branches = env.git(&["for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads/legacy/"]);
    assert_eq!(list(&report, "branches").len(), branches.lines().count(), "each branch is told");
    let _ = env.run(&["render", "--check"]).success();
    let _ = env.run(&["migrate", "verify", "--quiet"]).success();
    println!("{} overlays, built by every kustomize", build_all(&env));
}
