use std::fmt::Write as _;

use super::*;
use crate::git::sample::{Sample, git};

/// Makes commits on `main` without a work tree: whoever has a name in `paths` gets another content.
fn import(sample: &Sample, commits: usize, paths: impl Fn(usize) -> Vec<String>) {
    let mut stream = String::new();
    for at in 0..commits {
        let time = 1_700_000_000 + at;
        writeln!(stream, "commit refs/heads/main\ncommitter T <t@x> {time} +0000\ndata <<E\ncommit {at}\nE")
            .unwrap();
        for path in paths(at) {
            writeln!(stream, "M 100644 inline {path}\ndata <<E\n{at}\nE").unwrap();
        }
        stream.push('\n');
    }
    git(&sample.path, ["fast-import", "--quiet", "--force"], stream.as_bytes());
}

fn changed(repo: &Repo, paths: &[&str]) -> Vec<String> {
    let paths: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
    let head = repo.find_commit("main").unwrap();
    let log = repo.log(&head.id, &paths).unwrap();
    log.map(Result::unwrap)
        .filter(|logged| logged.changed)
        .map(|logged| logged.commit.id.to_string())
        .collect()
}

fn of_git(sample: &Sample, paths: &[&str]) -> Vec<String> {
    let listed = sample.git([&["rev-list", "--first-parent", "main", "--"], paths].concat());
    listed.lines().map(ToOwned::to_owned).collect()
}

/// In repositories of both kinds, against git itself.
#[test]
fn what_changed_is_what_git_says() {
    for init in [&[][..], &["--object-format=sha256"]] {
        let sample = Sample::new(init);
        import(&sample, 40, |at| {
            let mut paths = vec![format!("onboarding/api-{}/metadata.yaml", at % 7)];
            if at % 5 == 0 {
                paths.push(format!("README-{}", at % 2));
            }
            paths
        });
        sample.git(["checkout", "--quiet", "-b", "side", "main~3"]);
        sample.write("onboarding/api-2/metadata.yaml", "side").commit();
        sample.git(["checkout", "--quiet", "main"]);
        sample.git(["merge", "--quiet", "--no-edit", "--strategy=ours", "side~0"]);
        sample.write("onboarding/api-9/metadata.yaml", "x").commit();
        sample.git(["rm", "--quiet", "-r", "onboarding/api-9"]);
        sample.commit();
        let repo = Repo::discover(&sample.path).unwrap();
        for paths in [
            &["onboarding/api-2"][..],
            &["onboarding/api-9"],
            &["onboarding/api-1", "onboarding/api-3"],
            &["onboarding"],
            &["README-0"],
            &["onboarding/api-2/metadata.yaml/no"],
            &["none"],
        ] {
            assert_eq!(changed(&repo, paths), of_git(&sample, paths), "{init:?} {paths:?}");
        }
        let below = Repo::discover(&sample.path).unwrap().below("onboarding");
        assert_eq!(changed(&below, &["api-2"]), of_git(&sample, &["onboarding/api-2"]));
    }
}

#[test]
fn what_is_new_is_what_git_says() {
    for init in [&[][..], &["--object-format=sha256"]] {
        let sample = Sample::new(init);
        import(&sample, 6, |at| vec![format!("f{at}")]);
        sample.git(["checkout", "--quiet", "-b", "side", "main~3"]);
        sample.write("s1", "").commit();
        sample.git(["merge", "--quiet", "--no-edit", "main~1"]);
        sample.write("s2", "").commit();
        let repo = Repo::discover(&sample.path).unwrap();
        let id = |revision: &str| repo.find_commit(revision).unwrap().id;
        for (known, new) in [("main", "side"), ("side", "main"), ("main", "main"), ("main~4", "side")] {
            let mut found: Vec<String> = repo
                .between(&[id(known)], &id(new), 100)
                .unwrap()
                .iter()
                .map(|commit| commit.id.to_string())
                .collect();
            found.sort();
            let listed = sample.git(["rev-list", new, &format!("^{known}")]);
            let mut listed: Vec<String> = listed.lines().map(ToOwned::to_owned).collect();
            listed.sort();
            assert_eq!(found, listed, "{known}..{new}");
        }
        assert_eq!(repo.between(&[], &id("main"), 4).unwrap().len(), 4);
    }
}

#[test]
fn a_shallow_clone_ends_and_says_so() {
    let origin = Sample::new(&[]);
    import(&origin, 5, |at| vec![format!("f{}", at % 2)]);
    let clone = Sample::new(&[]);
    let url = format!("file://{}", origin.path.display());
    clone.git(["fetch", "--quiet", "--depth=2", &url, "main:refs/heads/copy"]);
    let repo = Repo::discover(&clone.path).unwrap();
    let paths = ["f0".to_owned()];
    let log = repo.log(&repo.find_commit("copy").unwrap().id, &paths).unwrap();
    let steps: Vec<(bool, bool)> =
        log.map(Result::unwrap).map(|logged| (logged.changed, logged.edge)).collect();
    assert_eq!(steps, [(true, false), (false, true)]);
}

#[test]
fn directories_that_git_does_not_write_are_refused() {
    let sample = Sample::new(&[]);
    sample.write("d/a", "1").write("b", "1").commit();
    let repo = Repo::discover(&sample.path).unwrap();
    let before = repo.tree("HEAD").unwrap();
    let blob = sample.git(["rev-parse", "HEAD:b"]);
    let raw = |entries: &[(&str, &str)]| {
        let id = ObjectId::from_hex(&blob).unwrap();
        let mut raw = Vec::new();
        for (mode, name) in entries {
            raw.extend(format!("{mode} {name}\0").bytes());
            raw.extend_from_slice(id.as_bytes());
        }
        sample.object("tree", &raw)
    };
    let refused = |tree: String| repo.tree(&tree).unwrap().exact_changes(&before).is_err();
    assert!(!refused(raw(&[("100644", "a"), ("100644", "b")])));
    for entries in [
        &[("100644", "b"), ("100644", "a")][..],
        &[("100644", "a"), ("100644", "a")],
        &[("0100644", "a")],
        &[("100664", "a")],
        &[("100644", "d/a")],
        &[("100644", ".git")],
        &[],
    ] {
        assert!(refused(raw(entries)), "{entries:?}");
    }
    // A directory without entries, which a list of files does not show.
    let empty = raw(&[]);
    let root =
        git(&sample.path, ["mktree"], format!("100644 blob {blob}\tb\n040000 tree {empty}\te\n").as_bytes());
    assert!(refused(root));
}
