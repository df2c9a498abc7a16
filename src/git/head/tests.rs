use super::*;
use crate::git::sample::{Sample, git};
use crate::git::{Files, NewCommit, Oddity};

fn id(text: &str) -> ObjectId {
    ObjectId::from_hex(text).unwrap()
}

fn both_kinds(test: impl Fn(&Sample)) {
    for init in [&[][..], &["--object-format=sha256"]] {
        test(&Sample::new(init));
    }
}

#[test]
fn the_head_is_a_branch_or_a_commit() {
    both_kinds(|sample| {
        let repo = Repo::discover(&sample.path).unwrap();
        let name = || "refs/heads/main".to_owned();
        assert_eq!(repo.head().unwrap(), Head::Branch { name: name(), commit: None });
        assert_eq!(repo.reference("refs/heads/main").unwrap(), None);
        let commit = id(&sample.commit());
        assert_eq!(repo.head().unwrap(), Head::Branch { name: name(), commit: Some(commit) });
        sample.git(["checkout", "--quiet", "--detach"]);
        assert_eq!(repo.head().unwrap(), Head::Detached(commit));
        let linked = sample.beside("linked");
        sample.git(["worktree", "add", "-q", "-b", "topic/one", &linked.to_string_lossy()]);
        let linked = Repo::discover(&linked).unwrap();
        let topic = "refs/heads/topic/one".to_owned();
        assert_eq!(linked.head().unwrap(), Head::Branch { name: topic, commit: Some(commit) });
        assert_eq!(linked.reference("refs/heads/main").unwrap(), Some(commit));
        // A name that only begins alike is another one.
        assert_eq!(linked.reference("refs/heads/topic").unwrap(), None);
        sample.git(["pack-refs", "--all"]);
        assert_eq!(linked.reference("refs/heads/main").unwrap(), Some(commit));
    });
}

#[test]
fn a_reference_moves_only_from_where_it_was_seen() {
    both_kinds(|sample| {
        let (one, two) = (id(&sample.commit()), id(&sample.commit()));
        let repo = Repo::discover(&sample.path).unwrap();
        let go = |new: &ObjectId, old: Option<&ObjectId>| {
            repo.move_reference("refs/heads/topic/x", new, old, "onramp: a\ntest").unwrap()
        };
        assert!(!go(&two, Some(&one)), "it is not there yet");
        assert!(go(&one, None));
        assert!(!go(&two, None), "it is there now");
        assert!(!go(&one, Some(&two)));
        assert_eq!(repo.reference("refs/heads/topic/x").unwrap(), Some(one));
        assert!(go(&two, Some(&one)));
        assert_eq!(sample.git(["rev-parse", "topic/x"]), two.to_string());
        assert_eq!(sample.git(["log", "-g", "--format=%gs", "-1", "topic/x"]), "onramp: a test");
        // Where it is now, it may be moved to again: that is a move as well.
        assert!(go(&two, Some(&two)));
    });
}

#[test]
fn what_cannot_be_moved_is_no_lost_race() {
    both_kinds(|sample| {
        sample.write("a", "a");
        let commit = id(&sample.commit());
        let repo = Repo::discover(&sample.path).unwrap();
        let refused = |name: &str, new: &ObjectId, old: Option<&ObjectId>| {
            repo.move_reference(name, new, old, "test").unwrap_err().to_string()
        };
        let tree = id(&sample.git(["rev-parse", "HEAD^{tree}"]));
        assert!(refused("refs/heads/x", &tree, None).contains("non-commit"));
        let missing = id(&"1".repeat(commit.to_string().len()));
        assert!(refused("refs/heads/x", &missing, None).contains("nonexistent object"));
        // A branch in the way of a directory, and the other way round.
        assert!(refused("refs/heads/main/x", &commit, None).contains("refs/heads/main"));
        sample.git(["symbolic-ref", "refs/heads/other", "refs/heads/main"]);
        let words = refused("refs/heads/other", &commit, Some(&commit));
        assert!(words.ends_with("it leads to `refs/heads/main`, which is the one to name"), "{words}");
        assert_eq!(repo.reference("refs/heads/other").unwrap(), Some(commit));
        sample.git(["symbolic-ref", "refs/heads/round", "refs/heads/trip"]);
        sample.git(["symbolic-ref", "refs/heads/trip", "refs/heads/round"]);
        assert!(!matches!(repo.reference("refs/heads/trip"), Ok(Some(_))), "it ends, and names nothing");
    });
}

#[test]
fn a_held_reference_is_waited_for_and_then_said() {
    let sample = Sample::new(&[]);
    let (one, two) = (id(&sample.commit()), id(&sample.commit()));
    let repo = Repo::discover(&sample.path).unwrap();
    sample.write(".git/refs/heads/main.lock", "");
    let words = repo.move_reference("refs/heads/main", &one, Some(&two), "test").unwrap_err().to_string();
    assert!(words.contains("main.lock"), "{words}");
    assert_eq!(repo.reference("refs/heads/main").unwrap(), Some(two));
}

#[test]
fn names_are_those_that_git_takes() {
    let sample = Sample::new(&[]);
    let repo = Repo::discover(&sample.path).unwrap();
    for name in ["main", "refs/heads/main", "topic/x", "a.b", "weiß", "a@b", "@", "x.lock.y", "refs/tags/x"]
    {
        let full = repo.branch(name).unwrap();
        git(&sample.path, ["check-ref-format", &full], b"");
    }
    let refused = [
        "",
        "-x",
        "HEAD",
        "a b",
        "a..b",
        "a/",
        "/a",
        "a//b",
        ".a",
        "a/.b",
        "a.lock",
        "a.lock/b",
        "a.",
        "a~1",
        "a^",
        "a:b",
        "a?",
        "a*",
        "a[",
        "a\\b",
        "a@{1}",
        "a\nb",
        "a\0b",
        "a\x7fb",
        "refs/heads/",
    ];
    for name in refused {
        assert!(matches!(repo.branch(name), Err(GitError::InvalidReference { .. })), "{name:?}");
    }
    for name in ["main", "HEAD", "heads/main", "--delete", "refs/", "refs//x", "refs/heads/a b"] {
        assert!(matches!(repo.reference(name), Err(GitError::InvalidReference { .. })), "{name:?}");
        let moved = repo.move_reference(name, &ObjectId::NOTHING, None, "test");
        assert!(matches!(moved, Err(GitError::InvalidReference { .. })), "{name:?}");
    }
}

/// Git keeps references in a reftable since 2.45; what is older refuses to.
#[test]
#[expect(clippy::print_stderr, reason = "who runs the tests sees what was not tried")]
fn references_in_a_reftable_move_as_any() {
    let version = git(&std::env::temp_dir(), ["version"], b"");
    let mut numbers = version.split([' ', '.']).filter_map(|number| number.parse::<u32>().ok());
    if (numbers.next(), numbers.next()) < (Some(2), Some(45)) {
        eprintln!("{version} knows no reftable, so none was written to");
        return;
    }
    let sample = Sample::new(&["--ref-format=reftable"]);
    sample.git(["config", "user.name", "Ada"]);
    sample.git(["config", "user.email", "ada@acme.example"]);
    let old = id(&sample.commit());
    let repo = Repo::discover(&sample.path).unwrap();
    assert_eq!(repo.oddities(), [Oddity::RefStorage("reftable".to_owned())]);
    let name = "refs/heads/main".to_owned();
    assert_eq!(repo.head().unwrap(), Head::Branch { name, commit: Some(old) });
    let files: Files = [("a/b".to_owned(), Some(b"new".to_vec()))].into();
    let tree = repo.write_tree(&old, &files).unwrap();
    let parents = [old];
    let commit = NewCommit { tree, parents: &parents, message: "x", author: None, sign_off: false };
    let new = repo.commit(&commit).unwrap();
    assert!(!repo.move_reference("refs/heads/main", &new, Some(&new), "x").unwrap());
    assert!(repo.move_reference("refs/heads/main", &new, Some(&old), "x").unwrap());
    assert_eq!(sample.git(["show", "main:a/b"]), "new");
    let followed = repo.follow("refs/heads/main", &old, &new, &["a/b".to_owned()]).unwrap();
    assert_eq!(followed.len(), 1);
    assert_eq!(sample.git(["status", "--porcelain"]), "");
}
