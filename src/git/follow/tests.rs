#![expect(clippy::disallowed_methods, reason = "fixtures are written straight to disk")]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Command, Stdio};

use super::*;
use crate::git::sample::{Sample, git};
use crate::git::{Files, Head, NewCommit};

/// The files of a change, and what they are before and after it.
const PATHS: [&str; 4] = ["api/metadata.yaml", "api/gone/file", "api/new/file", "top"];

fn sample(init: &[&str]) -> Sample {
    let sample = Sample::new(init);
    for (name, value) in
        [("user.name", "Ada"), ("user.email", "ada@acme.example"), ("commit.gpgSign", "false")]
    {
        sample.git(["config", name, value]);
    }
    sample.write("api/metadata.yaml", "old\n").write("api/gone/file", "gone\n").write("top", "old\n");
    sample.write("other/file", "other\n").commit();
    sample
}

fn change() -> Files {
    let new = |text: &str| Some(text.as_bytes().to_vec());
    let texts = [new("new\n"), None, new("added\n"), new("new\n")];
    PATHS.iter().map(|path| (*path).to_owned()).zip(texts).collect()
}

/// Moves a branch by a commit of a change, and returns the commits before and after it.
fn moved(repo: &Repo, branch: &str, files: &Files) -> (ObjectId, ObjectId) {
    let old = repo.reference(branch).unwrap().unwrap();
    let tree = repo.write_tree(&old, files).unwrap();
    let parents = [old];
    let commit = NewCommit { tree, parents: &parents, message: "change\n", author: None, sign_off: false };
    let new = repo.commit(&commit).unwrap();
    assert!(repo.move_reference(branch, &new, Some(&old), "change").unwrap());
    (old, new)
}

fn paths(files: &Files) -> Vec<String> {
    files.keys().cloned().collect()
}

/// Commits a change on `main`, and returns what became of the only work tree.
fn followed(dir: &Path, files: &Files) -> FollowState {
    let repo = Repo::discover(dir).unwrap();
    let (old, new) = moved(&repo, "refs/heads/main", files);
    let mut followed = repo.follow("refs/heads/main", &old, &new, &paths(files)).unwrap();
    assert_eq!(followed.len(), 1);
    followed.remove(0).state
}

fn kept(state: FollowState) -> Vec<(String, bool)> {
    match state {
        FollowState::Moved { kept } => kept.into_iter().map(|kept| (kept.path, kept.staged)).collect(),
        other => panic!("{other:?}"),
    }
}

fn status(sample: &Sample) -> String {
    sample.git(["status", "--porcelain", "--untracked-files=all"])
}

/// Tells that nothing differs, without letting git look at contents first.
fn is_fresh(sample: &Sample) {
    assert_eq!(sample.git(["diff-files"]), "", "the index knows the files");
    assert_eq!(sample.git(["diff-index", "--cached", "HEAD"]), "", "the index is that of the commit");
    assert_eq!(status(sample), "");
}

#[test]
fn a_clean_work_tree_follows_whole() {
    for init in [&[][..], &["--object-format=sha256"]] {
        let sample = sample(init);
        fs::set_permissions(sample.path.join("top"), fs::Permissions::from_mode(0o640)).unwrap();
        assert_eq!(kept(followed(&sample.path, &change())), []);
        is_fresh(&sample);
        assert_eq!(fs::read_to_string(sample.path.join("api/metadata.yaml")).unwrap(), "new\n");
        assert!(!sample.path.join("api/gone").exists(), "a directory goes with its last file");
        let mode = fs::metadata(sample.path.join("top")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
    }
}

#[test]
fn changes_of_ones_own_are_kept_and_named() {
    let sample = sample(&[]);
    sample.write("api/metadata.yaml", "mine\n").write("api/new/file", "untracked\n");
    sample.write("top", "staged\n").git(["add", "top"]);
    sample.write("other/file", "not part of it\n").write("untracked", "");
    let kept = kept(followed(&sample.path, &change()));
    let expected = [("api/metadata.yaml", false), ("api/new/file", false), ("top", true)]
        .map(|(path, staged)| (path.to_owned(), staged));
    assert_eq!(kept, expected);
    assert_eq!(
        status(&sample),
        " M api/metadata.yaml\n M api/new/file\n M other/file\nM  top\n?? untracked",
        "each change is still there, and the index has no other"
    );
    for (path, content) in
        [("api/metadata.yaml", "mine\n"), ("api/new/file", "untracked\n"), ("top", "staged\n")]
    {
        assert_eq!(fs::read_to_string(sample.path.join(path)).unwrap(), content);
    }
}

#[test]
fn removed_and_touched_files_are_told_apart() {
    let sample = sample(&[]);
    fs::remove_file(sample.path.join("api/metadata.yaml")).unwrap();
    fs::remove_file(sample.path.join("api/gone/file")).unwrap();
    sample.write("api/gone/more", "untracked");
    // Written anew with the same content, so that only its time differs.
    sample.write("top", "old\n");
    let kept = kept(followed(&sample.path, &change()));
    assert_eq!(kept, [("api/metadata.yaml".to_owned(), false)]);
    assert_eq!(status(&sample), " D api/metadata.yaml\n?? api/gone/more");
}

#[test]
fn a_file_that_is_made_executable_is_a_change_where_modes_count() {
    for (mode, expected) in [("true", 1), ("false", 0)] {
        let sample = sample(&[]);
        sample.git(["config", "core.fileMode", mode]);
        fs::set_permissions(sample.path.join("top"), fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(kept(followed(&sample.path, &change())).len(), expected, "{mode}");
        let content = fs::read_to_string(sample.path.join("top")).unwrap();
        assert_eq!(content, if expected == 1 { "old\n" } else { "new\n" });
    }
}

#[test]
fn nothing_is_written_through_a_link() {
    let sample = sample(&[]);
    let elsewhere = sample.beside("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::write(elsewhere.join("metadata.yaml"), "old\n").unwrap();
    fs::remove_dir_all(sample.path.join("api")).unwrap();
    std::os::unix::fs::symlink(&elsewhere, sample.path.join("api")).unwrap();
    fs::remove_file(sample.path.join("top")).unwrap();
    sample.link("top", "other/file");
    let kept: Vec<String> =
        kept(followed(&sample.path, &change())).into_iter().map(|(path, _)| path).collect();
    assert_eq!(kept, paths(&change()));
    assert_eq!(fs::read_to_string(elsewhere.join("metadata.yaml")).unwrap(), "old\n");
    assert_eq!(fs::read_to_string(sample.path.join("other/file")).unwrap(), "other\n");
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 1);
}

#[test]
fn line_ends_and_filters_are_those_of_the_checkout() {
    let sample = sample(&[]);
    sample.git(["config", "core.autocrlf", "true"]);
    sample.git(["config", "filter.rot.clean", "tr a-y b-z"]);
    sample.git(["config", "filter.rot.smudge", "tr b-z a-y"]);
    sample.write(".gitattributes", "rot filter=rot\ncommitted-crlf text\n").write("rot", "bcd\n");
    sample.git(["add", ".gitattributes", "rot"]);
    sample.git(["commit", "-qm", "attributes"]);
    sample.git(["checkout", "-q", "--", "."]);
    fs::remove_file(sample.path.join("top")).unwrap();
    sample.git(["checkout", "--", "top"]);
    assert_eq!(fs::read_to_string(sample.path.join("top")).unwrap(), "old\r\n");
    let mut files = change();
    // What the filter makes of this file is not what the commit has.
    files.insert("committed-crlf".to_owned(), Some(b"a\r\nb\r\n".to_vec()));
    files.insert("rot".to_owned(), Some(b"efg\n".to_vec()));
    assert_eq!(kept(followed(&sample.path, &files)), []);
    assert_eq!(fs::read_to_string(sample.path.join("top")).unwrap(), "new\r\n");
    assert_eq!(fs::read_to_string(sample.path.join("api/new/file")).unwrap(), "added\r\n");
    assert_eq!(fs::read_to_string(sample.path.join("rot")).unwrap(), "def\r\n");
    assert_eq!(
        sample.git(["diff-index", "--cached", "HEAD"]),
        "",
        "the commit is right, whatever a filter says"
    );
    assert_eq!(sample.git(["diff-files", "--", "top", "rot", "api"]), "");
}

#[test]
fn a_held_index_is_left_alone() {
    let sample = sample(&[]);
    sample.write(".git/index.lock", "");
    let state = followed(&sample.path, &change());
    assert!(matches!(&state, FollowState::Locked(lock) if lock.ends_with(".git/index.lock")), "{state:?}");
    assert_eq!(fs::read_to_string(sample.path.join("top")).unwrap(), "old\n");
    fs::remove_file(sample.path.join(".git/index.lock")).unwrap();
    assert_eq!(status(&sample).lines().count(), 4, "the change shows as taken back");
    // Asked again, it follows.
    let repo = Repo::discover(&sample.path).unwrap();
    let id = |revision| ObjectId::from_hex(&sample.git(["rev-parse", revision])).unwrap();
    let again = repo.follow("refs/heads/main", &id("HEAD~"), &id("HEAD"), &paths(&change())).unwrap();
    assert!(matches!(&again[0].state, FollowState::Moved { kept } if kept.is_empty()), "{again:?}");
    is_fresh(&sample);
}

#[test]
fn every_work_tree_of_the_branch_follows() {
    let sample = sample(&[]);
    let linked = sample.beside("linked tree");
    let add = |name: &str, arguments: &[&str]| {
        let path = sample.beside(name);
        sample.git([&["worktree", "add", "-q", &*path.to_string_lossy()], arguments].concat());
        path
    };
    add("linked tree", &["--force", "main"]);
    let topic = add("topic", &["-b", "topic"]);
    let detached = add("detached", &["--detach"]);
    let gone = add("gone", &["--force", "main"]);
    fs::remove_dir_all(&gone).unwrap();
    fs::write(linked.join("top"), "mine\n").unwrap();
    // The config repo lies in a directory, and the commit is made from another work tree.
    let repo = Repo::discover(&topic.join("api")).unwrap();
    let files: Files = [("metadata.yaml".to_owned(), Some(b"new\n".to_vec()))].into();
    let (old, new) = moved(&repo, "refs/heads/main", &files);
    let followed = repo.follow("refs/heads/main", &old, &new, &paths(&files)).unwrap();
    let states: BTreeMap<PathBuf, String> =
        followed.into_iter().map(|one| (one.work_tree, format!("{:?}", one.state))).collect();
    let whole = || "Moved { kept: [] }".to_owned();
    let canonical = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    assert_eq!(
        states,
        BTreeMap::from([
            (canonical(&sample.path), whole()),
            (canonical(&linked), whole()),
            (canonical(&sample.path).with_file_name("gone"), "Missing".to_owned()),
        ])
    );
    is_fresh(&sample);
    assert_eq!(git(&linked, ["status", "--porcelain"], b""), " M top");
    assert_eq!(fs::read_to_string(linked.join("api/metadata.yaml")).unwrap(), "new\n");
    for other in [&topic, &detached] {
        assert_eq!(fs::read_to_string(other.join("api/metadata.yaml")).unwrap(), "old\n");
        assert_eq!(git(other, ["status", "--porcelain"], b""), "");
    }
    let bare = sample.beside("bare.git");
    sample.git(["clone", "-q", "--bare", ".", &*bare.to_string_lossy()]);
    let repo = Repo::discover(&bare).unwrap();
    for (name, value) in [("user.name", "Ada"), ("user.email", "ada@acme.example")] {
        git(&bare, ["config", name, value], b"");
    }
    assert!(matches!(repo.head().unwrap(), Head::Branch { commit: Some(_), .. }));
    let (old, new) = moved(&repo, "refs/heads/main", &change());
    assert!(repo.follow("refs/heads/main", &old, &new, &paths(&change())).unwrap().is_empty());
    git(&bare, ["fsck", "--strict"], b"");
}

#[test]
fn what_is_not_checked_out_follows_in_the_index_alone() {
    for sparse in ["--sparse-index", "--no-sparse-index"] {
        let sample = sample(&[]);
        sample.write("onboarding/one/file", "old\n").write("onboarding/two/file", "old\n").commit();
        sample.git(["sparse-checkout", "set", "--cone", sparse, "onboarding/one"]);
        let mut files = change();
        for name in ["file", "new", "deep/new"] {
            for api in ["one", "two", "three"] {
                files.insert(format!("onboarding/{api}/{name}"), Some(b"new\n".to_vec()));
            }
        }
        assert_eq!(kept(followed(&sample.path, &files)), []);
        is_fresh(&sample);
        assert!(sample.path.join("onboarding/one/deep/new").exists(), "{sparse}");
        for absent in ["api", "onboarding/two", "onboarding/three"] {
            assert!(!sample.path.join(absent).exists(), "{sparse}: {absent}");
        }
        sample.git(["sparse-checkout", "disable"]);
        is_fresh(&sample);
        assert_eq!(fs::read_to_string(sample.path.join("onboarding/three/deep/new")).unwrap(), "new\n");
    }
}

#[test]
fn files_that_never_change_do_not_lose_that() {
    let sample = sample(&[]);
    sample.git(["update-index", "--assume-unchanged", "top"]);
    sample.git(["update-index", "--skip-worktree", "api/metadata.yaml"]);
    sample.write("api/metadata.yaml", "mine\n");
    assert_eq!(kept(followed(&sample.path, &change())), []);
    assert_eq!(sample.git(["ls-files", "-v", "top", "api/metadata.yaml"]), "S api/metadata.yaml\nh top");
    assert_eq!(fs::read_to_string(sample.path.join("top")).unwrap(), "new\n");
    assert_eq!(fs::read_to_string(sample.path.join("api/metadata.yaml")).unwrap(), "mine\n");
    assert_eq!(sample.git(["diff-index", "--cached", "HEAD"]), "");
}

#[test]
fn an_unfinished_merge_keeps_its_files() {
    let sample = sample(&[]);
    sample.git(["checkout", "-qb", "topic"]);
    sample.write("top", "theirs\n").commit();
    sample.git(["checkout", "-q", "main"]);
    sample.write("top", "ours\n").commit();
    let merge = Command::new("git")
        .current_dir(&sample.path)
        .args(["-c", "user.name=a", "-c", "user.email=a@b", "merge", "-q", "topic"])
        .output()
        .unwrap();
    assert!(!merge.status.success());
    assert_eq!(kept(followed(&sample.path, &change())), [("top".to_owned(), true)]);
    assert_eq!(status(&sample), "UU top");
}

/// Stopped anywhere, commits and references are old or new, and to do it again completes the work.
#[test]
fn whoever_is_stopped_leaves_old_or_new() {
    for init in [&[][..], &["--object-format=sha256"]] {
        let sample = sample(init);
        let repo = Repo::discover(&sample.path).unwrap();
        let branch = "refs/heads/main";
        let old = repo.reference(branch).unwrap().unwrap();
        let whole = |expected: &ObjectId| {
            sample.git(["fsck", "--strict", "--no-dangling"]);
            assert_eq!(sample.git(["rev-parse", "main"]), expected.to_string());
        };
        // After some blobs, after the tree, after the commit.
        repo.write_tree(&old, &[("api/new/file".to_owned(), Some(b"added\n".to_vec()))].into()).unwrap();
        whole(&old);
        assert_eq!(status(&sample), "");
        let tree = repo.write_tree(&old, &change()).unwrap();
        whole(&old);
        let parents = [old];
        let commit = NewCommit { tree, parents: &parents, message: "x\n", author: None, sign_off: false };
        let new = repo.commit(&commit).unwrap();
        whole(&old);
        assert_eq!(status(&sample), "");
        // After the reference; then after one file, after all files, and after all.
        assert!(repo.move_reference(branch, &new, Some(&old), "x").unwrap());
        whole(&new);
        sample.write("top", "new\n");
        assert_eq!(kept_of(&repo, branch, &old, &new), []);
        is_fresh(&sample);
        sample.git(["reset", "-q", "--mixed", "HEAD~"]);
        sample.git(["update-ref", branch, &new.to_string()]);
        assert_eq!(kept_of(&repo, branch, &old, &new), []);
        is_fresh(&sample);
        assert_eq!(kept_of(&repo, branch, &old, &new), []);
        is_fresh(&sample);
        whole(&new);
    }
}

fn kept_of(repo: &Repo, branch: &str, old: &ObjectId, new: &ObjectId) -> Vec<(String, bool)> {
    kept(repo.follow(branch, old, new, &paths(&change())).unwrap().remove(0).state)
}

#[test]
fn a_file_that_no_file_system_takes_is_a_failure_before_anything_is_written() {
    let sample = sample(&[]);
    let files: Files = [
        ("top".to_owned(), Some(b"new\n".to_vec())),
        ("x".repeat(300), Some(b"no file system has such a name".to_vec())),
    ]
    .into();
    let state = followed(&sample.path, &files);
    assert!(matches!(state, FollowState::Failed(_)), "{state:?}");
    assert_eq!(fs::read_to_string(sample.path.join("top")).unwrap(), "old\n");
    sample.git(["fsck", "--strict", "--no-dangling"]);
}

/// Starts one of these tests a second time, in an environment of its own, since a process cannot change its own safely.
fn again(test: &str, dir: &Path, environment: &[(&str, &Path)]) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", &format!("git::follow::tests::{test}")]);
    command.env("ONRAMP_TEST_REPO", dir).envs(environment.iter().copied());
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn given() -> Option<PathBuf> {
    std::env::var_os("ONRAMP_TEST_REPO").map(PathBuf::from)
}

#[test]
fn the_environment_of_a_hook_leads_no_write_astray() {
    if let Some(dir) = given() {
        assert_eq!(kept(followed(&dir, &change())), []);
        return;
    }
    for init in [&[][..], &["--object-format=sha256"]] {
        let (sample, other) = (sample(init), sample(&[]));
        let before = (other.git(["rev-parse", "main"]), other.git(["count-objects"]));
        let dot_git = other.path.join(".git");
        let (index, objects) = (dot_git.join("index"), dot_git.join("objects"));
        let output = again(
            "the_environment_of_a_hook_leads_no_write_astray",
            &sample.path,
            &[
                ("GIT_DIR", &dot_git),
                ("GIT_COMMON_DIR", &dot_git),
                ("GIT_WORK_TREE", &other.path),
                ("GIT_INDEX_FILE", &index),
                ("GIT_OBJECT_DIRECTORY", &objects),
                ("GIT_PREFIX", Path::new("api/")),
                ("GIT_NAMESPACE", Path::new("other")),
            ],
        )
        .wait_with_output()
        .unwrap();
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && printed.contains("1 passed"), "{printed}");
        is_fresh(&sample);
        assert_eq!(sample.git(["log", "--oneline", "main"]).lines().count(), 2);
        assert_eq!(before, (other.git(["rev-parse", "main"]), other.git(["count-objects"])));
        is_fresh(&other);
    }
}

#[test]
fn who_is_killed_leaves_old_or_new() {
    if let Some(dir) = given() {
        let mut files = change();
        for number in 0..1000 {
            files.insert("top".to_owned(), Some(format!("{number}\n").into_bytes()));
            files.insert(format!("made/{}", number % 3), (number % 2 == 0).then(|| b"made".to_vec()));
            followed(&dir, &files);
        }
        return;
    }
    let sample = sample(&[]);
    let repo = Repo::discover(&sample.path).unwrap();
    let id = |revision: &str| ObjectId::from_hex(&sample.git(["rev-parse", revision])).unwrap();
    for round in 0..6 {
        let before = id("main");
        let mut child = again("who_is_killed_leaves_old_or_new", &sample.path, &[]);
        // Some rounds are killed as soon as the branch moves, some a little later, in the midst of what comes then.
        while id("main") == before {}
        for _ in 0..round * 3 {
            id("main");
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // A git that it had started goes on to its end, which is no more than a moment.
        let all: Vec<String> =
            (0..3).map(|number| format!("made/{number}")).chain(paths(&change())).collect();
        let whole = |_: &u32| {
            let new = id("main");
            let followed = repo.follow("refs/heads/main", &id("main~"), &new, &all).unwrap().remove(0);
            let kept = matches!(followed.state, FollowState::Moved { kept } if kept.is_empty());
            kept && status(&sample).is_empty() && id("main") == new
        };
        assert!((0..100).any(|number| whole(&number)), "{}", status(&sample));
        sample.git(["fsck", "--strict", "--no-dangling"]);
        is_fresh(&sample);
    }
}

#[test]
fn of_many_at_once_each_lands() {
    let sample = sample(&[]);
    let (writers, each) = (4, 5);
    std::thread::scope(|scope| {
        for writer in 0..writers {
            let path = sample.path.clone();
            scope.spawn(move || {
                let repo = Repo::discover(&path).unwrap();
                for number in 0..each {
                    let files: Files =
                        [(format!("api/{writer}"), Some(number.to_string().into_bytes()))].into();
                    while !lands(&repo, &files) {}
                }
            });
        }
    });
    assert_eq!(
        sample.git(["log", "--oneline", "--first-parent", "main"]).lines().count(),
        1 + writers * each
    );
    for writer in 0..writers {
        assert_eq!(sample.git(["show", &format!("main:api/{writer}")]), (each - 1).to_string());
    }
}

fn lands(repo: &Repo, files: &Files) -> bool {
    let branch = "refs/heads/main";
    let old = repo.reference(branch).unwrap().unwrap();
    let tree = repo.write_tree(&old, files).unwrap();
    let parents = [old];
    let commit =
        NewCommit { tree, parents: &parents, message: "one of many\n", author: None, sign_off: false };
    let new = repo.commit(&commit).unwrap();
    repo.move_reference(branch, &new, Some(&old), "one of many").unwrap()
}
