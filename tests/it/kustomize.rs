//! Kustomizations and what the real kustomize prints of them: `fixtures/kustomize/<case>/in` and `out.yaml`, which is the
//! output of 5.7.1 and 5.8.1. Those below `fixtures/kustomize-old` use fields that nobody should write any more.

use std::fs;
use std::path::{Path, PathBuf};

use onramp::diagnostic::Sink;
use onramp::kustomize::{self, Builder};
use onramp::snapshot::{Snapshot, SnapshotError};

fn cases(home: &str) -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join(home);
    let entries = fs::read_dir(directory).expect("there are fixtures");
    let mut cases: Vec<PathBuf> = entries.map(|entry| entry.expect("entries can be read").path()).collect();
    cases.sort();
    cases
}

#[test]
fn every_case_builds_to_what_kustomize_prints() {
    for case in cases("fixtures/kustomize") {
        let snapshot = Snapshot::work_tree(&case).expect("the case is there");
        let mut sink = Sink::default();
        let objects = Builder::new(&snapshot).build("in", &mut sink);
        let objects = objects.unwrap_or_else(|| panic!("{}: {:#?}", case.display(), sink.into_findings()));
        let printed = kustomize::print(objects.iter().map(|object| &object.json));
        let expected = fs::read_to_string(case.join("out.yaml")).expect("the output is there");
        assert_eq!(printed, expected, "{}", case.display());
    }
}

/// Kustomizations that strangers wrote.
struct Foreign(Snapshot);

impl kustomize::Files for Foreign {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, SnapshotError> {
        self.0.read(path, kustomize::MAX_BYTES)
    }

    fn is_foreign(&self) -> bool {
        true
    }
}

#[test]
fn fields_of_old_build_to_what_kustomize_prints() {
    for case in cases("fixtures/kustomize-old") {
        let snapshot = Snapshot::work_tree(&case).expect("the case is there");
        let mut sink = Sink::default();
        assert!(Builder::new(&snapshot).build("in", &mut sink).is_none(), "{}", case.display());
        let foreign = Foreign(snapshot);
        let mut sink = Sink::default();
        let mut builder = Builder::new(&foreign);
        let objects = builder.build("in", &mut sink);
        let objects = objects.unwrap_or_else(|| panic!("{}: {:#?}", case.display(), sink.into_findings()));
        assert_eq!(builder.left_out(), []);
        let printed = kustomize::print(objects.iter().map(|object| &object.json));
        let expected = fs::read_to_string(case.join("out.yaml")).expect("the output is there");
        assert_eq!(printed, expected, "{}", case.display());
    }
}
