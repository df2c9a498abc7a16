#![expect(clippy::disallowed_methods, reason = "fixtures are written straight to disk")]

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;

use rayon::prelude::*;

use super::*;
use crate::diagnostic::Severity;
use crate::git::sample::Sample;

const LIMIT: u64 = 1 << 20;

/// The same content as a work tree and as a revision.
fn both(sample: &Sample) -> [Snapshot; 2] {
    sample.commit();
    [Snapshot::work_tree(&sample.path).unwrap(), Snapshot::revision(&sample.path, "HEAD").unwrap()]
}

fn paths(entries: &[Entry]) -> Vec<(&str, Kind)> {
    entries.iter().map(|entry| (&*entry.path, entry.kind)).collect()
}

fn error<T>(result: Result<T, SnapshotError>) -> SnapshotError {
    match result {
        Ok(_) => panic!("no error"),
        Err(error) => error,
    }
}

#[test]
fn both_views_agree() {
    use Kind::{Directory, File, Symlink};
    let sample = Sample::new(&[]);
    sample
        .write("onboarding/a/metadata.yaml", "a\r\n")
        .write("onboarding/a-b", "")
        .write("onboarding/a.b", [0, 255]);
    sample.write(".gitattributes", "*.yaml text eol=crlf\n").link("onboarding/link", "a");
    let [work_tree, revision] = both(&sample);
    for snapshot in [&work_tree, &revision] {
        let root = snapshot.list("").unwrap();
        assert_eq!(paths(&root), [(".gitattributes", File), ("onboarding", Directory)]);
        let listed = snapshot.list("./onboarding/").unwrap();
        assert_eq!(
            paths(&listed),
            [
                ("onboarding/a", Directory),
                ("onboarding/a-b", File),
                ("onboarding/a.b", File),
                ("onboarding/link", Symlink)
            ]
        );
        assert!(snapshot.list("none/none").unwrap().is_empty());
        assert_eq!(snapshot.list("onboarding/a-b/none").unwrap(), []);
        assert!(matches!(error(snapshot.list("onboarding/a-b")), SnapshotError::NotADirectory { .. }));
        assert_eq!(snapshot.read("onboarding/a.b", 2).unwrap().unwrap(), [0, 255]);
        assert_eq!(snapshot.read("onboarding/a-b", 0).unwrap().unwrap(), b"");
        for absent in ["none", "onboarding/none/none", "onboarding/a-b/none", ".git/config", "a\0b"] {
            assert_eq!(snapshot.read(absent, LIMIT).unwrap(), None, "{absent}");
            assert_eq!(snapshot.read_listed(absent, LIMIT).unwrap(), None, "{absent}");
        }
        for limit in [0, 1] {
            let error = error(snapshot.read_listed("onboarding/a.b", limit));
            assert!(matches!(error, SnapshotError::TooLarge { size: 2, .. }), "{error}");
        }
        let walked = snapshot.walk("").unwrap();
        let by_part = |pair: &[Entry]| Path::new(&*pair[0].path) < Path::new(&*pair[1].path);
        assert!(walked.windows(2).all(by_part), "{walked:?}");
    }
    assert_eq!(work_tree.walk("").unwrap(), revision.walk("").unwrap());
    assert_eq!(work_tree.walk("").unwrap().len(), 7);
    assert_eq!(work_tree.read("onboarding/a/metadata.yaml", 9).unwrap().unwrap(), b"a\r\n");
    assert_eq!(
        revision.read("onboarding/a/metadata.yaml", 9).unwrap().unwrap(),
        b"a\n",
        "as it was committed"
    );
    assert_eq!(work_tree.describe(), "the work tree");
    assert_eq!(revision.describe(), format!("revision {}", &sample.git(["rev-parse", "HEAD"])[..12]));
}

#[test]
fn a_snapshot_is_rooted_in_its_directory() {
    let sample = Sample::new(&[]);
    sample.write("config/platform.yaml", "x").write("secret", "y").commit();
    let dir = sample.path.join("config");
    for snapshot in [Snapshot::work_tree(&dir).unwrap(), Snapshot::revision(&dir, "main").unwrap()] {
        assert_eq!(paths(&snapshot.walk("").unwrap()), [("platform.yaml", Kind::File)]);
        assert_eq!(snapshot.read("secret", LIMIT).unwrap(), None);
    }
}

#[test]
fn nothing_leads_out() {
    let sample = Sample::new(&[]);
    sample
        .write("a/file", "x")
        .link("file-link", "a/file")
        .link("link", "a")
        .link("a/out", "/etc")
        .link("loop", "loop");
    for snapshot in both(&sample) {
        for path in ["..", "../a", "/etc/passwd", "a/../a/file", "a/..", ""] {
            if path.is_empty() {
                assert!(matches!(error(snapshot.read(path, LIMIT)), SnapshotError::NotAFile { .. }));
                continue;
            }
            for error in [
                error(snapshot.read(path, LIMIT)),
                error(snapshot.read_listed(path, LIMIT)),
                error(snapshot.list(path)),
                error(snapshot.walk(path)),
            ] {
                assert!(matches!(error, SnapshotError::OutsideRepo { .. }), "{path}: {error}");
                assert_eq!(error.diagnostic().code.name, "path-outside-repo");
            }
        }
        for (path, link) in [
            ("file-link", "file-link"),
            ("link/file", "link"),
            ("a/out/passwd", "a/out"),
            ("loop/x", "loop"),
            ("loop", "loop"),
        ] {
            let error = error(snapshot.read(path, LIMIT));
            assert!(matches!(error, SnapshotError::Symlink { .. }), "{path}: {error}");
            assert_eq!(error.path(), link);
            let finding = error.diagnostic();
            assert_eq!((finding.code.name, finding.severity), ("symlink", Severity::Error));
        }
        assert!(matches!(error(snapshot.read_listed("file-link", LIMIT)), SnapshotError::Symlink { .. }));
        for path in ["link", "a/out", "link/x", "file-link"] {
            assert!(matches!(error(snapshot.list(path)), SnapshotError::Symlink { .. }), "{path}");
        }
        let walked = snapshot.walk("").unwrap();
        let links = walked.iter().filter(|entry| entry.kind == Kind::Symlink);
        assert_eq!(links.count(), 4);
        assert_eq!(walked.len(), 6, "no link was followed");
    }
}

#[test]
fn names_that_are_not_utf8_are_listed_and_not_opened() {
    let sample = Sample::new(&[]);
    let name = OsStr::from_bytes(b"caf\xe9");
    sample.write(Path::new("a").join(name), "x").write(Path::new(name).join("b"), "x");
    for snapshot in both(&sample) {
        let walked = snapshot.walk("").unwrap();
        let expected =
            [("a", Kind::Directory), ("a/caf\u{fffd}", Kind::NonUtf8), ("caf\u{fffd}", Kind::NonUtf8)];
        assert_eq!(paths(&walked), expected);
        assert_eq!(walked[1].plain().unwrap_err().diagnostic().code.name, "non-utf8-path");
        assert_eq!(snapshot.read(&walked[1].path, LIMIT).unwrap(), None);
    }
}

#[test]
fn only_regular_files_are_opened() {
    let sample = Sample::new(&[]);
    sample.write("file", "x");
    let _socket = std::os::unix::net::UnixListener::bind(sample.path.join("socket")).unwrap();
    let made = std::process::Command::new("mkfifo").arg(sample.path.join("pipe")).status().unwrap();
    assert!(made.success());
    let snapshot = Snapshot::work_tree(&sample.path).unwrap();
    let listed = snapshot.list("").unwrap();
    assert_eq!(paths(&listed), [("file", Kind::File), ("pipe", Kind::Other), ("socket", Kind::Other)]);
    // Opening the pipe would wait for ever.
    for path in ["pipe", "socket"] {
        let errors = [error(snapshot.read(path, LIMIT)), error(snapshot.read_listed(path, LIMIT))];
        for error in errors {
            assert_eq!(error.to_string(), format!("`{path}` is not a regular file"));
            assert_eq!(error.diagnostic().code.name, "unreadable-file");
        }
    }
    // What was listed as a file may be something else when it is read.
    fs::remove_file(sample.path.join("file")).unwrap();
    assert_eq!(snapshot.read_listed("file", LIMIT).unwrap(), None);
    fs::create_dir(sample.path.join("file")).unwrap();
    assert!(matches!(error(snapshot.read_listed("file", LIMIT)), SnapshotError::NotAFile { .. }));
}

/// Permissions do not hold root back, so the refusal is one that even root gets: a name longer than any file system takes.
#[test]
fn the_operating_systems_refusal_is_named() {
    let sample = Sample::new(&[]);
    let snapshot = Snapshot::work_tree(&sample.path).unwrap();
    let long = "x".repeat(300);
    let finding = error(snapshot.read(&long, LIMIT)).diagnostic();
    assert_eq!((finding.code.name, &*finding.primary.path), ("unreadable-file", &*long));
    assert!(finding.message.contains("name too long"), "{}", finding.message);
}

#[test]
fn a_root_has_to_be_a_directory() {
    let sample = Sample::new(&[]);
    sample.write("file", "x");
    assert!(matches!(
        error(Snapshot::work_tree(sample.path.join("file"))),
        SnapshotError::NotADirectory { .. }
    ));
    let error = error(Snapshot::work_tree(sample.path.join("none")));
    assert!(error.path().ends_with("/repo/none") && error.to_string().contains("No such file"), "{error}");
}

#[test]
fn an_unknown_revision_is_named() {
    let sample = Sample::new(&[]);
    sample.commit();
    let error = error(Snapshot::revision(&sample.path, "v9"));
    assert!(error.to_string().ends_with("/repo` has no revision `v9`"), "{error}");
    assert_eq!(error.diagnostic().code.name, "unreadable-file");
}

#[test]
fn a_submodule_is_no_directory_of_a_revision() {
    let sample = Sample::new(&[]);
    let commit = sample.commit();
    sample.git(["update-index", "--add", "--cacheinfo", &format!("160000,{commit},module")]);
    sample.git(["commit", "--quiet", "--message=module"]);
    let snapshot = Snapshot::revision(&sample.path, "HEAD").unwrap();
    assert_eq!(paths(&snapshot.walk("").unwrap()), [("module", Kind::Other)]);
    assert!(matches!(error(snapshot.read("module", LIMIT)), SnapshotError::NotAFile { .. }));
    assert!(matches!(error(snapshot.list("module")), SnapshotError::NotADirectory { .. }));
    assert_eq!(snapshot.read("module/file", LIMIT).unwrap(), None);
}

#[test]
fn trees_without_end_end() {
    let sample = Sample::new(&[]);
    let entry = |mode: &str, name: &str, id: &str| format!("{mode} {id}\t{name}\n");
    let make = |content: String| crate::git::sample::git(&sample.path, ["mktree"], content.as_bytes());
    let blob = sample.object("blob", b"x");
    // Ten directories in each of ten directories, and so on: 10^7 names in eight objects.
    let mut wide = make(entry("100644 blob", "file", &blob));
    for _ in 0..7 {
        wide = make((0..10).map(|index| entry("040000 tree", &index.to_string(), &wide)).collect());
    }
    let mut deep = make(entry("100644 blob", "file", &blob));
    for _ in 0..40 {
        deep = make(entry("040000 tree", "d", &deep));
    }
    let wide = Snapshot::revision(&sample.path, &wide).unwrap();
    assert!(matches!(error(wide.walk("")), SnapshotError::TooManyEntries { .. }));
    let deep = Snapshot::revision(&sample.path, &deep).unwrap();
    let error = error(deep.walk(""));
    assert_eq!(error.path(), ["d"; MAX_DEPTH].join("/"), "{error}");
}

#[test]
fn ten_thousand_files_in_a_revision() {
    let sample = Sample::new(&[]);
    for index in 0..10_000 {
        sample.write(format!("onboarding/api-{index:05}/metadata.yaml"), format!("name: api-{index}\n"));
    }
    sample.commit();
    let snapshot = Snapshot::revision(&sample.path, "HEAD").unwrap();
    let walked = snapshot.walk("onboarding").unwrap();
    let files: Vec<&Entry> = walked.iter().filter(|entry| entry.kind == Kind::File).collect();
    assert_eq!((walked.len(), files.len()), (20_000, 10_000));
    let read = |entry: &&Entry| snapshot.read_listed(&entry.path, LIMIT).unwrap().unwrap();
    let contents: Vec<Vec<u8>> = files.par_iter().map(read).collect();
    assert_eq!(contents[1234], b"name: api-1234\n");
}

#[test]
fn a_snapshot_is_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Snapshot>();
}

#[test]
fn same_directories_are_known_in_all_views() {
    let sample = Sample::new(&[]);
    sample.write("a/b/c", "1").write("a/d", "1").write("e/f", "1").link("links/x", "../e");
    let [work_tree, old] = both(&sample);
    for (one, other) in [(&work_tree, &old), (&old, &work_tree), (&old, &old), (&work_tree, &work_tree)] {
        assert!(
            one.is_same(other, "a") && one.is_same(other, "e") && one.is_same(other, "nothing"),
            "{one:?}"
        );
    }
    assert!(old.is_same(&old, "links") && !old.is_same(&work_tree, "links"), "a link is to be looked at");
    sample.write("a/b/c", "2").write("e/g", "").commit();
    let new = Snapshot::revision(&sample.path, "HEAD").unwrap();
    for head in [&work_tree, &new] {
        assert!(!head.is_same(&old, "a") && !old.is_same(head, "e") && head.is_same(head, "a"), "{head:?}");
    }
    assert!(new.is_same(&work_tree, "a/b"));
    fs::remove_dir_all(sample.path.join("e")).unwrap();
    assert!(!work_tree.is_same(&old, "e") && !new.is_same(&work_tree, "e"));
}

#[test]
fn a_head_is_the_start_of_a_file() {
    let long = "0123456789".repeat(20);
    let sample = Sample::new(&[]);
    sample
        .write("short", "# a")
        .write("long", &long)
        .write("empty", "")
        .write("laid", "old")
        .link("link", "long");
    for mut snapshot in both(&sample) {
        snapshot.lay("laid", long.clone().into_bytes()).unwrap();
        let entries = snapshot.list("").unwrap();
        let head = |name: &str, limit: u64| {
            snapshot.read_head(entries.iter().find(|entry| &*entry.path == name).unwrap(), limit)
        };
        for (name, whole) in [("short", "# a"), ("long", &long), ("empty", ""), ("laid", &long)] {
            let expected = &whole.as_bytes()[..whole.len().min(HEAD)];
            assert_eq!(head(name, LIMIT).unwrap().unwrap(), expected, "{name}");
        }
        for name in ["long", "laid"] {
            assert!(matches!(error(head(name, 199)), SnapshotError::TooLarge { size: 200, .. }), "{name}");
        }
        assert!(matches!(error(head("link", LIMIT)), SnapshotError::Symlink { .. }));
    }
}
