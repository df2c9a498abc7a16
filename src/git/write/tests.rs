#![expect(clippy::disallowed_methods, reason = "fixtures are written straight to disk")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::git::sample::{Sample, git};

const SHA256: &[&str] = &["--object-format=sha256"];

fn files(list: &[(&str, Option<&str>)]) -> Files {
    list.iter()
        .map(|(path, content)| ((*path).to_owned(), content.map(|content| content.as_bytes().to_vec())))
        .collect()
}

fn id(text: &str) -> ObjectId {
    ObjectId::from_hex(text).unwrap()
}

/// Writes a change on `HEAD` and returns the tree, or the words of the refusal.
fn written(dir: &Path, list: &[(&str, Option<&str>)]) -> Result<String, String> {
    let repo = Repo::discover(dir).unwrap();
    let head = id(&git(dir, ["rev-parse", "HEAD"], b""));
    repo.write_tree(&head, &files(list)).map(|tree| tree.to_string()).map_err(|error| error.to_string())
}

/// The tree that git makes of what lies in the work tree.
fn added(sample: &Sample) -> String {
    sample.git(["add", "--all"]);
    sample.git(["write-tree"])
}

fn both_kinds(test: impl Fn(Sample)) {
    test(Sample::new(&[]));
    test(Sample::new(SHA256));
}

#[test]
fn modes_links_and_strange_names_stay() {
    both_kinds(|sample| {
        sample.write("api/run", "old").write("api/plain", "old").write("a-b", "1").write("a.b/c", "2");
        sample.write("a/d", "3").write("a0", "4").write("weiß", "5").link("api/link", "run");
        fs::set_permissions(sample.path.join("api/run"), fs::Permissions::from_mode(0o755)).unwrap();
        sample.commit();
        let change = [
            ("api/run", Some("new")),
            ("api/plain", Some("new")),
            ("a.c", Some("between")),
            ("a/new/deep/file", Some("")),
        ];
        let tree = written(&sample.path, &change);
        for (path, content) in change {
            sample.write(path, content.unwrap());
        }
        assert_eq!(tree.unwrap(), added(&sample));
        let listed = sample.git(["ls-tree", "-r", "HEAD", "--format=%(objectmode)", "api/run"]);
        assert_eq!(listed, "100755", "the mode was there to keep");
    });
}

#[test]
fn a_directory_goes_with_its_last_file() {
    both_kinds(|sample| {
        sample.write("a/b/c/d", "1").write("a/x", "2").write("y", "3").commit();
        let tree = written(&sample.path, &[("a/b/c/d", None), ("a/none", None), ("none/none", None)]);
        fs::remove_dir_all(sample.path.join("a/b")).unwrap();
        assert_eq!(tree.unwrap(), added(&sample));
        let nothing = written(&sample.path, &[("a/b/c/d", None), ("a/x", None), ("y", None)]);
        assert_eq!(nothing.unwrap(), sample.object("tree", b""), "a commit may have no files");
        let empty = sample.git(["rev-parse", "HEAD^{tree}"]);
        assert_eq!(written(&sample.path, &[("none", None)]), Ok(empty));
    });
}

#[test]
fn a_tree_of_nothing_is_written_on() {
    both_kinds(|sample| {
        sample.write("first/file", "1");
        let repo = Repo::discover(&sample.path).unwrap();
        let sha256 = repo.oddities().len() == 1;
        let nothing = repo.named(Wanted::Tree, b"", sha256).unwrap();
        let tree = repo.write_tree(&nothing, &files(&[("first/file", Some("1"))])).unwrap();
        assert_eq!(tree.to_string(), added(&sample));
    });
}

#[test]
fn paths_start_at_the_config_repo() {
    both_kinds(|sample| {
        sample.write("deploy/config/platform.yaml", "1").write("deploy/other", "2").commit();
        let config = sample.path.join("deploy/config");
        let tree = written(&config, &[("platform.yaml", Some("new")), ("onboarding/a/b", Some("1"))]);
        sample.write("deploy/config/platform.yaml", "new").write("deploy/config/onboarding/a/b", "1");
        assert_eq!(tree.unwrap(), added(&sample));
        let tree = written(&config, &[("platform.yaml", None), ("onboarding/a/b", None)]).unwrap();
        fs::remove_dir_all(&config).unwrap();
        assert_eq!(tree, added(&sample), "the config repo's own directory is one like others");
    });
}

#[test]
fn files_and_directories_change_places_only_where_that_is_said() {
    both_kinds(|sample| {
        sample.write("file", "1").write("dir/a", "2").write("dir/b", "3").commit();
        let change = [("file", None), ("file/below", Some("1")), ("dir/a", None), ("dir/b", None)];
        let tree = written(&sample.path, &[&change[..], &[("dir", Some("now a file"))]].concat());
        fs::remove_file(sample.path.join("file")).unwrap();
        fs::remove_dir_all(sample.path.join("dir")).unwrap();
        sample.write("file/below", "1").write("dir", "now a file");
        assert_eq!(tree.unwrap(), added(&sample));
        let refused = |list| written(&sample.path, list).unwrap_err();
        assert_eq!(refused(&[("file/below", Some(""))]), "`file` is not a directory");
        assert_eq!(refused(&[("dir", Some(""))]), "`dir` is not a file");
        assert_eq!(refused(&[("dir", None)]), "`dir` is not a file");
        assert_eq!(refused(&[("dir", Some("")), ("dir/a", None)]), "`dir` is not a file");
    });
}

#[test]
fn nothing_is_written_through_links_and_submodules() {
    both_kinds(|sample| {
        sample.write("real/file", "1").link("link", "real").link("real/up", "..");
        let commit = sample.commit();
        sample.git(["update-index", "--add", "--cacheinfo", &format!("160000,{commit},module")]);
        sample.git(["commit", "--quiet", "--message=module"]);
        for content in [Some("new"), None] {
            let refused = |path| written(&sample.path, &[(path, content)]).unwrap_err();
            assert_eq!(refused("link/file"), "`link` is a symlink");
            assert_eq!(refused("real/up/x/y"), "`real/up` is a symlink");
            assert_eq!(refused("link"), "`link` is a symlink");
            assert_eq!(refused("module/file"), "`module` is not a directory");
            assert_eq!(refused("module"), "`module` is not a file");
        }
        let kept = written(&sample.path, &[("real/file", Some("new"))]).unwrap();
        sample.write("real/file", "new").git(["add", "real/file"]);
        assert_eq!(kept, sample.git(["write-tree"]), "links and modules stay beside what changes");
    });
}

#[test]
fn paths_that_no_file_has_are_refused() {
    let sample = Sample::new(&[]);
    sample.write("a", "1").commit();
    let deep = "a/".repeat(300);
    for path in
        ["", "/a", "a/", "a//b", "./a", "a/../b", ".git/config", "x/.GIT/hooks/y", "git~1", "a\0b", &deep]
    {
        let refused = written(&sample.path, &[(path, Some(""))]).unwrap_err();
        assert!(refused.contains("cannot be a file of a commit"), "{path:?}: {refused}");
    }
}

#[test]
fn a_name_that_stands_twice_is_refused() {
    let sample = Sample::new(&[]);
    let blob = ObjectId::from_hex(&sample.object("blob", b"1")).unwrap();
    let entry = [b"100644 a\0".as_slice(), blob.as_bytes()].concat();
    let tree = id(&sample.object("tree", &entry.repeat(2)));
    let repo = Repo::discover(&sample.path).unwrap();
    let refused = repo.write_tree(&tree, &files(&[("b", Some(""))])).unwrap_err().to_string();
    assert!(refused.contains("it has `a` twice"), "{refused}");
}

#[test]
fn only_the_directories_on_the_way_are_needed() {
    let sample = Sample::new(&[]);
    sample.write("onboarding/a/metadata.yaml", "1").write("onboarding/b/metadata.yaml", "2");
    sample.write("other/file", "3").commit();
    for config in ["uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"] {
        sample.git(["config", config, "true"]);
    }
    let clone = sample.beside("clone");
    let url = format!("file://{}", sample.path.display());
    sample.git(["clone", "-q", "--bare", "--filter=tree:0", &url, &clone.to_string_lossy()]);
    let repo = Repo::discover(&clone).unwrap();
    assert!(matches!(*repo.objects, Objects::Plumbing(..)));
    let tree = written(&clone, &[("onboarding/a/metadata.yaml", Some("new"))]).unwrap();
    let missing = |tree: &str| {
        let listed = git(&clone, ["rev-list", "--objects", "--missing=print", tree], b"");
        listed.lines().filter(|line| line.starts_with('?')).count()
    };
    assert_eq!(missing("HEAD"), 3, "two directories and the file itself are still elsewhere");
    assert_eq!(missing(&tree), 2, "and of the new tree the two directories");
    sample.write("onboarding/a/metadata.yaml", "new");
    assert_eq!(tree, added(&sample));
}

#[test]
fn a_repository_of_several_users_is_written_to_as_git_does() {
    let sample = Sample::new(&["--shared=0660"]);
    sample.write("a", "1").commit();
    let tree = written(&sample.path, &[("a", Some("shared")), ("b/c", Some("shared"))]).unwrap();
    sample.write("a", "shared").write("b/c", "shared");
    let object = sample.path.join(".git/objects").join(&tree[..2]).join(&tree[2..]);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&object), 0o440, "the group reads it");
    assert_eq!(mode(object.parent().unwrap()), 0o770, "and adds to its directory");
    assert_eq!(tree, added(&sample));
}

#[test]
fn a_repository_that_takes_nothing_says_so() {
    both_kinds(|sample| {
        sample.write("a", "1").commit();
        // Also for a user who may write everywhere.
        for prefix in 0..256 {
            let directory = sample.path.join(format!(".git/objects/{prefix:02x}"));
            if !directory.exists() {
                fs::write(directory, "").unwrap();
            }
        }
        let head = sample.git(["rev-parse", "HEAD"]);
        let refused =
            written(&sample.path, &[("b", Some("2")), ("c", Some("3")), ("d/e", Some("4"))]).unwrap_err();
        assert!(refused.starts_with("cannot write to the repository"), "{refused}");
        assert_eq!(sample.git(["rev-parse", "HEAD"]), head);
        assert_eq!(sample.git(["status", "--porcelain"]), "");
    });
}

/// Paths of few names that git orders in odd ways.
fn path() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec!["a", "a.b", "a-b", "a0", "b", "a b"]);
    prop::collection::vec(name, 1..4).prop_map(|names| names.join("/"))
}

/// Tells whether no file lies below another.
fn is_possible(files: &BTreeMap<String, String>) -> bool {
    files.keys().all(|path| !files.keys().any(|other| other.starts_with(&format!("{path}/"))))
}

fn random(init: &[&str], start: Vec<String>, edits: Vec<(String, Option<String>)>) {
    let sample = Sample::new(init);
    let mut state = BTreeMap::new();
    for path in start {
        state.insert(path.clone(), format!("{path}\n"));
        if !is_possible(&state) {
            state.remove(&path);
        }
    }
    for (path, content) in &state {
        sample.write(path, content);
    }
    sample.commit();
    let is_directory = |path: &str| state.keys().any(|other: &String| other.starts_with(&format!("{path}/")));
    let edits: BTreeMap<String, Option<String>> =
        edits.into_iter().filter(|(path, content)| content.is_some() || !is_directory(path)).collect();
    let list: Vec<(&str, Option<&str>)> =
        edits.iter().map(|(path, content)| (path.as_str(), content.as_deref())).collect();
    let tree = written(&sample.path, &list);
    for (path, content) in &edits {
        match content {
            Some(content) => drop(state.insert(path.clone(), content.clone())),
            None => drop(state.remove(path)),
        }
    }
    if !is_possible(&state) {
        assert!(tree.is_err(), "{edits:?} cannot be");
        return;
    }
    sample.git(["rm", "-rqf", "--ignore-unmatch", "."]);
    for (path, content) in &state {
        sample.write(path, content);
    }
    assert_eq!(tree.unwrap(), added(&sample), "{edits:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn random_changes_are_written_as_git_adds_them(
        start in prop::collection::vec(path(), 0..12),
        edits in prop::collection::vec((path(), prop::option::weighted(0.7, "[a-c]{0,2}")), 1..8),
        sha256 in prop::bool::weighted(0.25),
    ) {
        random(if sha256 { SHA256 } else { &[] }, start, edits);
    }
}
