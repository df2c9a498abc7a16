//! Faults planted into a sound repo, one at a time: each is found, at the line that causes it. `fixtures/planted/faults.yaml` has
//! them.

#![expect(clippy::disallowed_methods, reason = "tests read the project's fixtures")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use onramp::diagnostic::{Severity, Sink};
use onramp::fleet::{self, Work};
use onramp::report::{Place, Report};
use onramp::snapshot::Snapshot;
use onramp::yaml::{Source, SourceId, parse};
use rayon::prelude::*;
use serde::Deserialize;

use crate::env::Env;

/// Where the sound repo is.
const REPO: &str = "fixtures/planted/repo";

/// The API that faults are planted into.
const API: &str = "onboarding/shop";

/// One fault.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fault {
    name: String,
    /// Seen from the API's directory.
    file: String,
    /// A text that the file has once.
    replace: String,
    by: String,
    /// What stands at the line that a finding is expected at; where it is left out, the line that differs first.
    at: Option<String>,
}

impl Fault {
    /// Plants it, and returns what is wrong with what is found: nothing if a finding stands where it should.
    fn plant(&self) -> Option<String> {
        let env = repo();
        let path = format!("{API}/{}", self.file);
        let sound = env.read(&path);
        assert_eq!(sound.matches(&self.replace).count(), 1, "{}: `replace` is there once", self.name);
        let planted = sound.replace(&self.replace, &self.by);
        env.write(&path, &planted);
        let line = self.line(&sound, &planted);
        let found = lint(&env);
        let expected = format!("{path}:{line} ");
        let there = found.iter().any(|finding| finding.starts_with(&expected));
        (!there).then(|| format!("{}: expected at {expected}\n    {}", self.name, found.join("\n    ")))
    }

    fn line(&self, sound: &str, planted: &str) -> usize {
        let at = match &self.at {
            Some(at) => {
                assert_eq!(planted.matches(at.as_str()).count(), 1, "{}: `at` is there once", self.name);
                planted.find(at.as_str()).expect("it is there")
            }
            None => sound.bytes().zip(planted.bytes()).take_while(|(old, new)| old == new).count(),
        };
        planted[..at].matches('\n').count() + 1
    }
}

/// The sound repo in a directory of its own.
fn repo() -> Env {
    let env = Env::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(REPO);
    for path in files(&root) {
        let below = path.strip_prefix(&root).expect("files lie below the root");
        env.write(below.to_str().expect("names are text"), fs::read(&path).expect("fixtures can be read"));
    }
    env
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(directory).expect("fixtures can be listed") {
        let path = entry.expect("entries can be read").path();
        if path.is_dir() { all.extend(files(&path)) } else { all.push(path) }
    }
    all
}

/// Returns the findings that people should act on, as `path:line code: message`, and the further places of each.
fn lint(env: &Env) -> Vec<String> {
    let snapshot = Snapshot::work_tree(env.root()).expect("the directory is there");
    let outcome = fleet::run(&snapshot, None, Work::Lint, "2026-01-01").expect("the repo can be listed");
    let report = Report::new(outcome.findings, &snapshot, outcome.apis, outcome.skipped);
    let findings = report.findings.iter().filter(|finding| finding.diagnostic.severity > Severity::Info);
    let shown = findings.flat_map(|finding| {
        let diagnostic = &finding.diagnostic;
        let line = |place: &Place| place.start.map_or(1, |start| start.line);
        let primary = &diagnostic.primary.path;
        let first =
            format!("{primary}:{} {}: {}", line(&finding.place), diagnostic.code.name, diagnostic.message);
        let further = diagnostic.related.iter().zip(&finding.related).map(move |(related, place)| {
            format!("{}:{} of {}", related.location.path, line(place), diagnostic.code.name)
        });
        std::iter::once(first).chain(further)
    });
    shown.collect()
}

#[test]
fn the_repo_is_sound_without_a_fault() {
    assert_eq!(lint(&repo()), [""; 0]);
}

#[test]
fn each_fault_is_found_at_the_line_that_causes_it() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/planted/faults.yaml");
    let text = fs::read_to_string(path).expect("the fixture can be read");
    let source = Source { id: SourceId(0), path: Arc::from("faults.yaml"), text };
    let tree = parse(&source, &mut Sink::default()).expect("the fixture is YAML");
    let faults: Vec<Fault> = serde_json::from_value(tree.to_json()).expect("a list of faults");
    assert!(faults.len() > 100, "there are many");
    let missed: Vec<String> = faults.par_iter().filter_map(Fault::plant).collect();
    assert!(missed.is_empty(), "{} of {} are not found:\n{}", missed.len(), faults.len(), missed.join("\n"));
}
