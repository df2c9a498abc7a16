#![expect(clippy::disallowed_methods, reason = "fixtures are written straight to disk")]

use std::fs;
use std::path::Path;
use std::process::Command;

use super::sample::{Sample, git};
use super::*;

fn read(dir: &Path, revision: &str, path: &str) -> Option<String> {
    let bytes = Repo::discover(dir).unwrap().tree(revision).unwrap().read(path, 1 << 20).unwrap();
    bytes.map(|bytes| String::from_utf8(bytes).unwrap())
}

fn names(tree: &Tree, dir: &str) -> Vec<String> {
    let nodes = tree.list(dir).unwrap();
    nodes
        .iter()
        .flat_map(|nodes| nodes.iter())
        .map(|node| String::from_utf8_lossy(&node.name).into_owned())
        .collect()
}

fn error<T>(result: Result<T, GitError>) -> GitError {
    match result {
        Ok(_) => panic!("no error"),
        Err(error) => error,
    }
}

fn sample(init: &[&str]) -> Sample {
    let sample = Sample::new(init);
    sample
        .write("onboarding/payments/metadata.yaml", "name: payments\n")
        .write("platform.yaml", "one\n")
        .commit();
    sample
}

/// Everything that both ways of reading have to do alike.
fn reads_like_any_repository(sample: &Sample) {
    let first = sample.git(["rev-parse", "HEAD"]);
    sample.write("platform.yaml", "two\n").write("a-b", "").write("a.b", "").write("a/c", "").commit();
    sample.git(["tag", "--annotate", "--message=tagged", "v1", "HEAD"]);
    let repo = Repo::discover(&sample.path).unwrap();
    let tree = repo.tree("HEAD").unwrap();

    assert_eq!(tree.id().to_string(), sample.git(["rev-parse", "HEAD"]));
    assert_eq!(names(&tree, ""), ["a", "a-b", "a.b", "onboarding", "platform.yaml"]);
    assert_eq!(names(&tree, "onboarding/payments/"), ["metadata.yaml"]);
    assert!(tree.list("none").unwrap().is_none());
    assert!(matches!(error(tree.list("platform.yaml")), GitError::NotADirectory { .. }));

    assert_eq!(tree.read("platform.yaml", 4).unwrap().unwrap(), b"two\n");
    assert!(matches!(error(tree.read("platform.yaml", 3)), GitError::TooLarge { size: 4, limit: 3, .. }));
    assert_eq!(
        tree.read("platform.yaml", 4).unwrap().unwrap(),
        b"two\n",
        "after an answer that was passed over"
    );
    assert!(matches!(error(tree.read("onboarding", 9)), GitError::NotAFile { .. }));
    for absent in ["none", "platform.yaml/none", "onboarding/../platform.yaml", "none/none"] {
        assert_eq!(tree.read(absent, 9).unwrap(), None, "{absent}");
    }

    assert_eq!(read(&sample.path, &first, "platform.yaml").unwrap(), "one\n");
    assert_eq!(read(&sample.path, "HEAD~1", "platform.yaml").unwrap(), "one\n");
    let tag = repo.tree("v1").unwrap();
    assert_eq!(tag.id(), tree.id(), "a tag is read as its commit");
    assert_eq!(tag.read("platform.yaml", 9).unwrap().unwrap(), b"two\n");
    let below = Repo::discover(&sample.path.join("onboarding/payments")).unwrap();
    assert_eq!(below.prefix(), "onboarding/payments");
    assert_eq!(names(&below.tree("HEAD").unwrap(), ""), ["metadata.yaml"]);

    let unknown = "0".repeat(first.len());
    for revision in ["nope", "nope:a", "HEAD~99", &unknown, "main..HEAD", "HEAD^{"] {
        let error = error(repo.tree(revision)).to_string();
        assert!(error.contains(&format!("has no revision `{revision}`")), "{error}");
    }
    for revision in ["", "-", "--all", "a\nb", "HEAD:platform.yaml"] {
        assert!(matches!(error(repo.tree(revision)), GitError::InvalidRevision { .. }), "{revision:?}");
    }
}

#[test]
fn libgit2_reads() {
    let sample = sample(&[]);
    reads_like_any_repository(&sample);
    assert!(matches!(*Repo::discover(&sample.path).unwrap().objects, Objects::Library(_)));
}

#[test]
fn sha256_is_read_by_git() {
    let sample = sample(&["--object-format=sha256"]);
    reads_like_any_repository(&sample);
    let repo = Repo::discover(&sample.path).unwrap();
    assert_eq!(repo.oddities(), [Oddity::ObjectFormat("sha256".to_owned())]);
}

#[test]
fn a_partial_clone_is_read_by_git_and_fetches() {
    let sample = sample(&[]);
    sample.git(["config", "uploadpack.allowFilter", "true"]);
    sample.git(["config", "uploadpack.allowAnySHA1InWant", "true"]);
    let clone = sample.beside("clone");
    let url = format!("file://{}", sample.path.display());
    sample.git(["clone", "--quiet", "--filter=blob:none", "--no-checkout", &url, &clone.to_string_lossy()]);
    let repo = Repo::discover(&clone).unwrap();
    assert_eq!(repo.oddities(), [Oddity::PartialClone]);
    let missing = git(&clone, ["rev-list", "--objects", "--missing=print", "HEAD"], b"");
    assert_eq!(missing.matches("\n?").count(), 2, "nothing was fetched before it was read");
    assert_eq!(read(&clone, "HEAD", "platform.yaml").unwrap(), "one\n");

    // A remote that is gone: the error is git's, and the next read starts over.
    fs::rename(&sample.path, sample.beside("gone")).unwrap();
    let tree = repo.tree("HEAD").unwrap();
    let failed = error(tree.read("onboarding/payments/metadata.yaml", 99));
    assert!(
        failed.to_string().contains("promisor remote") || failed.to_string().contains("missing"),
        "{failed}"
    );
    assert_eq!(tree.read("platform.yaml", 99).unwrap().unwrap(), b"one\n");
}

#[test]
fn a_sparse_checkout_is_read_by_libgit2() {
    let sample = sample(&[]);
    sample.git(["sparse-checkout", "set", "--cone", "--sparse-index", "none"]);
    assert!(!sample.path.join("onboarding").exists());
    let repo = Repo::discover(&sample.path).unwrap();
    assert!(repo.oddities().contains(&Oddity::SparseCheckout));
    assert!(repo.oddities().contains(&Oddity::SparseIndex));
    assert!(matches!(*repo.objects, Objects::Library(_)));
    assert_eq!(read(&sample.path, "HEAD", "onboarding/payments/metadata.yaml").unwrap(), "name: payments\n");
}

#[test]
fn reftable_is_named() {
    let sample = sample(&[]);
    sample.git(["config", "core.repositoryFormatVersion", "1"]);
    sample.git(["config", "extensions.refStorage", "reftable"]);
    let location = discover::locate(&sample.path).unwrap();
    assert_eq!(oddity::oddities(&location).unwrap(), [Oddity::RefStorage("reftable".to_owned())]);
    // The references are files in truth: an old git knows no reftable, a new one finds none.
    let message = match Repo::discover(&sample.path) {
        Err(error) => error.to_string(),
        Ok(repo) => error(repo.tree("HEAD")).to_string(),
    };
    assert!(message.contains(&*sample.path.to_string_lossy()), "{message}");
    if let Err(error) = Repo::discover(&sample.path) {
        assert!(matches!(error, GitError::Unsupported { .. }));
        assert!(message.contains("keeps its references as `reftable`"), "{message}");
        assert!(message.contains("extension"), "git's own words: {message}");
    }
}

#[test]
fn an_extension_of_the_future_is_named() {
    let sample = sample(&[]);
    sample.git(["config", "core.repositoryFormatVersion", "1"]);
    sample.git(["config", "extensions.onrampTest", "true"]);
    let message = error(Repo::discover(&sample.path)).to_string();
    assert!(
        message.contains("uses the extension `onramptest`, which the installed git has to read: fatal:"),
        "{message}"
    );
}

#[test]
fn linked_work_trees_and_bare_repositories() {
    for init in [&[][..], &["--object-format=sha256"]] {
        let sample = sample(init);
        let (linked, bare) = (sample.beside("linked"), sample.beside("bare.git"));
        sample.git(["worktree", "add", "--quiet", "-b", "other", &linked.to_string_lossy()]);
        fs::write(linked.join("platform.yaml"), "linked\n").unwrap();
        git(&linked, ["commit", "--quiet", "--all", "--message=linked"], b"");
        assert_eq!(read(&linked, "HEAD", "platform.yaml").unwrap(), "linked\n");
        assert_eq!(
            read(&linked.join("onboarding"), "main", "payments/metadata.yaml").unwrap(),
            "name: payments\n"
        );
        assert_eq!(read(&sample.path, "HEAD", "platform.yaml").unwrap(), "one\n");
        assert_eq!(read(&sample.path.join(".git"), "HEAD", "platform.yaml").unwrap(), "one\n");

        sample.git(["clone", "--quiet", "--bare", ".", &bare.to_string_lossy()]);
        for dir in [bare.clone(), bare.join("refs/heads")] {
            assert_eq!(Repo::discover(&dir).unwrap().prefix(), "");
            assert_eq!(read(&dir, "other", "platform.yaml").unwrap(), "linked\n");
        }
    }
}

#[test]
fn a_bare_repository_among_the_files_of_another_is_refused() {
    let sample = sample(&[]);
    let inner = sample.path.join("onboarding/inner");
    sample.git(["clone", "--quiet", "--bare", ".", &inner.to_string_lossy()]);
    assert!(matches!(error(Repo::discover(&inner)), GitError::EmbeddedBare { .. }));
    assert_eq!(read(&sample.path, "HEAD", "platform.yaml").unwrap(), "one\n");
}

#[test]
fn no_repository_and_a_shallow_one() {
    let sample = sample(&[]);
    let empty = sample.beside("empty");
    fs::create_dir(&empty).unwrap();
    assert!(error(Repo::discover(&empty)).to_string().ends_with("empty` is not in a git repository"));
    assert!(matches!(error(Repo::discover(&empty.join("none"))), GitError::Io { .. }));

    sample.commit();
    let shallow = sample.beside("shallow");
    let url = format!("file://{}", sample.path.display());
    sample.git(["clone", "--quiet", "--depth=1", &url, &shallow.to_string_lossy()]);
    assert_eq!(read(&shallow, "HEAD", "platform.yaml").unwrap(), "one\n");
    assert!(error(Repo::discover(&shallow).unwrap().tree("HEAD~1")).to_string().contains("shallow clone"));
}

#[test]
fn a_directory_that_the_revision_does_not_have_is_empty() {
    let sample = sample(&[]);
    fs::create_dir(sample.path.join("new")).unwrap();
    let tree = Repo::discover(&sample.path.join("new")).unwrap().tree("HEAD").unwrap();
    assert!(tree.list("").unwrap().is_none());
    assert_eq!(tree.read("platform.yaml", 9).unwrap(), None);
}

#[test]
fn what_a_hostile_tree_names_is_not_found() {
    let sample = sample(&[]);
    let blob = sample.object("blob", b"x");
    let id = ObjectId::from_hex(&blob).unwrap();
    let mut raw = Vec::new();
    for name in [&b".."[..], b".git", b"a/b", b"ok", b"\xff"] {
        raw.extend(b"100644 ");
        raw.extend(name);
        raw.push(0);
        raw.extend(id.as_bytes());
    }
    let tree = Repo::discover(&sample.path).unwrap().tree(&sample.object("tree", &raw)).unwrap();
    assert_eq!(tree.read("ok", 9).unwrap().unwrap(), b"x");
    for path in ["..", ".git", "a/b"] {
        assert_eq!(tree.read(path, 9).unwrap(), None, "{path}");
    }
}

#[test]
fn a_missing_object_is_an_error_that_names_it() {
    let sample = sample(&[]);
    let blob = sample.git(["rev-parse", "HEAD:platform.yaml"]);
    fs::remove_file(sample.path.join(".git/objects").join(&blob[..2]).join(&blob[2..])).unwrap();
    let error = error(Repo::discover(&sample.path).unwrap().tree("HEAD").unwrap().read("platform.yaml", 9));
    assert!(
        error.to_string().contains(&blob) && error.to_string().contains(&*sample.path.to_string_lossy()),
        "{error}"
    );
}

/// A hook inherits variables that lead git to the repository that is being committed to. As a process cannot change its
/// own environment safely, the test starts itself a second time with them.
#[test]
fn the_environment_of_a_hook_does_not_redirect() {
    let repositories = ["ONRAMP_TEST_SHA1", "ONRAMP_TEST_SHA256"];
    if std::env::var_os(repositories[0]).is_some() {
        for name in repositories {
            let path = PathBuf::from(std::env::var_os(name).unwrap());
            assert_eq!(read(&path, "HEAD", "platform.yaml").unwrap(), "one\n");
        }
        return;
    }
    let (sha1, sha256, other) = (sample(&[]), sample(&["--object-format=sha256"]), sample(&[]));
    other.write("platform.yaml", "other\n").commit();
    let dot_git = other.path.join(".git");
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "git::tests::the_environment_of_a_hook_does_not_redirect"])
        .env(repositories[0], &sha1.path)
        .env(repositories[1], &sha256.path)
        .env("GIT_DIR", &dot_git)
        .env("GIT_COMMON_DIR", &dot_git)
        .env("GIT_WORK_TREE", &other.path)
        .env("GIT_INDEX_FILE", dot_git.join("index"))
        .env("GIT_OBJECT_DIRECTORY", dot_git.join("objects"))
        .env("GIT_NAMESPACE", "other")
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && printed.contains("1 passed"), "{printed}");
}

#[test]
fn the_objects_of_a_push_are_visible_in_its_quarantine() {
    for init in [&[][..], &["--object-format=sha256"]] {
        let sample = sample(init);
        let before = sample.git(["rev-parse", "HEAD"]);
        sample.write("platform.yaml", "pushed\n").commit();
        let commit = sample.git(["rev-parse", "HEAD"]);
        let quarantine = sample.path.join(".git/objects/tmp_objdir-incoming-x");
        let named = [commit.clone(), format!("{commit}^{{tree}}"), format!("{commit}:platform.yaml")];
        let objects = named.map(|name| sample.git(["rev-parse", &name]));
        for object in objects {
            let file = Path::new(&object[..2]).join(&object[2..]);
            fs::create_dir_all(quarantine.join(&object[..2])).unwrap();
            fs::rename(sample.path.join(".git/objects").join(&file), quarantine.join(&file)).unwrap();
        }
        fs::write(sample.path.join(".git/refs/heads/main"), &before).unwrap();
        let open = || Repo::discover(&sample.path).unwrap();
        assert!(matches!(error(open().tree(&commit)), GitError::UnknownRevision { .. }));
        let tree = open().with_quarantine(&quarantine).unwrap().tree(&commit).unwrap();
        assert_eq!(tree.read("platform.yaml", 99).unwrap().unwrap(), b"pushed\n");
        let elsewhere = open().with_quarantine(&sample.path).unwrap();
        assert!(matches!(error(elsewhere.tree(&commit)), GitError::UnknownRevision { .. }));
    }
}

#[test]
fn what_differs_is_listed_without_what_does_not() {
    let sample = sample(&[]);
    sample.write("a/b/c", "1").write("a/same", "1").write("kind", "1").write("turns/into", "1").commit();
    let repo = Repo::discover(&sample.path).unwrap();
    let before = repo.tree("HEAD").unwrap();
    fs::remove_dir_all(sample.path.join("turns")).unwrap();
    fs::remove_file(sample.path.join("kind")).unwrap();
    sample.write("a/b/c", "2").write("a/b/new", "").write("turns", "file").link("kind", "a/same").commit();
    let after = repo.tree("HEAD").unwrap();
    let shown = |changed: &[Changed]| {
        let one = |changed: &Changed| {
            let side =
                |object: Option<Object>| object.map_or("-".to_owned(), |object| format!("{:o}", object.mode));
            format!("{} {} {}", changed.path, side(changed.before), side(changed.after))
        };
        changed.iter().map(one).collect::<Vec<_>>()
    };
    assert_eq!(
        shown(&after.changes(&before).unwrap()),
        [
            "a/b/c 100644 100644",
            "a/b/new - 100644",
            "kind 100644 120000",
            "turns/into 100644 -",
            "turns - 100644"
        ]
    );
    assert_eq!(shown(&after.changes(&after).unwrap()), [""; 0]);
}

#[test]
fn where_two_histories_parted() {
    for init in [&[][..], &["--object-format=sha256"]] {
        let sample = sample(init);
        let root = sample.commit();
        let base = sample.commit();
        sample.git(["checkout", "--quiet", "-b", "change", &root]);
        sample.write("new", "1").commit();
        let repo = Repo::discover(&sample.path).unwrap();
        assert_eq!(repo.merge_base("main", "change").unwrap().to_string(), root);
        assert_eq!(repo.merge_base("main", &base).unwrap().to_string(), base);
        let invalid = error(repo.merge_base("main", "HEAD^{tree}"));
        assert!(matches!(invalid, GitError::Library { .. } | GitError::Command { .. }), "{invalid:?}");
        assert!(matches!(error(repo.merge_base("main", "nowhere")), GitError::UnknownRevision { .. }));
        assert_eq!(repo.only_merge_base("main", "change").unwrap().to_string(), root);
        // Both merge the other one, as it was.
        sample.git(["checkout", "--quiet", "-b", "crosswise", "main"]);
        sample.git(["merge", "--quiet", "--no-edit", "change"]);
        sample.git(["checkout", "--quiet", "-b", "again", "change"]);
        sample.git(["merge", "--quiet", "--no-edit", &base]);
        let several = error(repo.only_merge_base("crosswise", "again"));
        assert!(matches!(several, GitError::SeveralMergeBases { .. }), "{several:?}");
        assert!(repo.merge_base("crosswise", "again").is_ok());
        sample.git(["checkout", "--quiet", "--orphan", "stranger"]);
        sample.commit();
        let stranger = error(repo.merge_base("main", "stranger"));
        assert!(matches!(stranger, GitError::NoMergeBase { shallow: false, .. }), "{stranger:?}");
    }
}

#[test]
fn a_shallow_clone_says_what_it_lacks() {
    let sample = sample(&[]);
    let root = sample.commit();
    sample.commit();
    sample.git(["checkout", "--quiet", "-b", "change", &root]);
    sample.write("new", "1").commit();
    let clone = sample.beside("clone");
    let from = format!("file://{}", sample.path.display());
    sample.git(["clone", "--quiet", "--depth=1", "--no-single-branch", &from, &clone.to_string_lossy()]);
    let none = error(Repo::discover(&clone).unwrap().merge_base("origin/main", "origin/change"));
    assert!(matches!(none, GitError::NoMergeBase { shallow: true, .. }), "{none:?}");
    assert!(none.to_string().contains("shallow"), "{none}");
}
