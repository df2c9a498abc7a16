//! Kustomizations and what the real kustomize prints of them: `fixtures/kustomize/<case>/in` and `out.yaml`, which is the
//! output of 5.7.1 and 5.8.1.

use std::fs;
use std::path::{Path, PathBuf};

use onramp::diagnostic::Sink;
use onramp::kustomize::{self, Builder};
use onramp::snapshot::Snapshot;

fn cases() -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/kustomize");
    let entries = fs::read_dir(directory).expect("there are fixtures");
    let mut cases: Vec<PathBuf> = entries.map(|entry| entry.expect("entries can be read").path()).collect();
    cases.sort();
    cases
}

#[test]
fn every_case_builds_to_what_kustomize_prints() {
    for case in cases() {
        let snapshot = Snapshot::work_tree(&case).expect("the case is there");
        let mut sink = Sink::default();
        let objects = Builder::new(&snapshot).build("in", &mut sink);
        let objects = objects.unwrap_or_else(|| panic!("{}: {:#?}", case.display(), sink.into_findings()));
        let printed = kustomize::print(objects.iter().map(|object| &object.json));
        let expected = fs::read_to_string(case.join("out.yaml")).expect("the output is there");
        assert_eq!(printed, expected, "{}", case.display());
    }
}
