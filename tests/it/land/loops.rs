//! The loop on a branch of one's own, several changes at once, and many writers.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use onramp::git::{FollowState, Followed, Head, Repo};
use onramp::land::{self, At, Change, LandError, Landed, Prepared};
use onramp::snapshot::Snapshot;

use super::server::{Reply, Server};
use super::{MAIN, Site, git, land_one, nothing, plenty, release, scratch, seconds, somebody_else, tries};

#[test]
fn a_branch_of_the_repository_itself_and_its_work_tree() {
    let site = Site::new();
    let clone = site.clone("clone", &site.bare().to_string_lossy());
    let repo = Repo::discover(&clone).unwrap();
    let seen = Cell::new(0);
    let mut release = release("api-1", &seen);
    // Somebody else is faster, twice.
    let mut raced = |snapshot: &Snapshot| {
        let prepared = release(snapshot)?;
        if seen.get() <= 2 {
            let commit = git(&clone, &["commit-tree", "-p", "main", "-m", "somebody else", "main^{tree}"]);
            git(&clone, &["update-ref", "refs/heads/main", &commit]);
        }
        Ok::<_, String>(prepared)
    };
    let outcome = land::local(&repo, "main", plenty(), &mut raced);
    assert_eq!(tries(&outcome), 3, "{outcome:?}");
    assert_eq!(seen.get(), 3, "it is prepared on each tip");
    let Ok(Landed::Commit { commit, followed, .. }) = outcome else { panic!("{outcome:?}") };
    assert_eq!(
        repo.head().unwrap(),
        Head::Branch { name: "refs/heads/main".to_owned(), commit: Some(commit) }
    );
    assert_eq!(
        git(&clone, &["log", "--format=%s"]).lines().collect::<Vec<_>>(),
        ["release api-1", "somebody else", "somebody else", "first"]
    );
    assert!(matches!(followed.unwrap().as_slice(), [Followed { state: FollowState::Moved { .. }, .. }]));
    assert_eq!(git(&clone, &["status", "--porcelain"]), "");
    let text = fs::read_to_string(clone.join("onboarding/api-1/metadata.yaml")).unwrap();
    assert_eq!(text, "name: api-1\nreleased\n");
    assert_eq!(git(&clone, &["reflog", "-1", "--format=%gs", "main"]), "onramp: release api-1");
    assert_eq!(nothing(land::local(&repo, "refs/heads/main", plenty(), &mut raced)), commit);
    let missing = land::local(&repo, "none", plenty(), &mut raced);
    assert!(matches!(missing, Err(LandError::NoCommit { .. })), "{missing:?}");
}

#[test]
fn a_branch_that_never_rests_is_given_up_in_time() {
    let site = Site::new();
    let clone = site.clone("clone", &site.bare().to_string_lossy());
    let repo = Repo::discover(&clone).unwrap();
    let seen = Cell::new(0);
    let mut release = release("api-1", &seen);
    let mut raced = |snapshot: &Snapshot| {
        let commit = git(&clone, &["commit-tree", "-p", "main", "-m", "somebody else", "main^{tree}"]);
        git(&clone, &["update-ref", "refs/heads/main", &commit]);
        release(snapshot)
    };
    let outcome = land::local(&repo, "main", seconds(2), &mut raced);
    assert!(matches!(outcome, Err(LandError::Spent { unknown: false, .. })), "{outcome:?}");
    assert_eq!(tries(&outcome), seen.get());

    let (bare, url) = (site.bare(), site.bare().to_string_lossy().into_owned());
    let (mut scratch, lost) = (scratch(&url), Cell::new(0));
    let mut raced = |snapshot: &Snapshot| {
        somebody_else(&bare, "main");
        super::release("api-1", &lost)(snapshot)
    };
    let outcome =
        land::remote(&mut At::Scratch(&mut scratch), MAIN, seconds(2), &["onboarding/api-1"], &mut raced);
    assert!(matches!(outcome, Err(LandError::Spent { .. })), "{outcome:?}");
    assert!(!site.log("main").contains(&"release api-1".to_owned()));
}

/// Lands the releases of several APIs with one push.
fn land_several(site: &Site, apis: &[&str]) -> Vec<Result<Landed, LandError<String>>> {
    let mut scratch = scratch(&site.bare().to_string_lossy());
    let seen = Cell::new(0);
    let directories: Vec<String> = apis.iter().map(|api| format!("onboarding/{api}")).collect();
    let wanted: Vec<[&str; 1]> = directories.iter().map(|directory| [directory.as_str()]).collect();
    let mut releases: Vec<_> = apis.iter().map(|api| release(api, &seen)).collect();
    let mut changes: Vec<Change<'_, String>> = releases
        .iter_mut()
        .zip(&wanted)
        .map(|(prepare, wanted)| Change {
            wanted,
            prepare: prepare as &mut dyn FnMut(&Snapshot) -> Result<Prepared, String>,
        })
        .collect();
    land::remote_each(&mut At::Scratch(&mut scratch), MAIN, plenty(), &mut changes)
}

#[test]
fn several_changes_go_together() {
    let site = Site::new();
    site.hook("pre-receive", "cat >> pushes");
    let outcomes = land_several(&site, &["api-1", "nobody", "api-2", "api-1", "api-3"]);
    let [first, wrong, second, again, third] = outcomes.as_slice() else { panic!("{outcomes:?}") };
    assert!(matches!(wrong, Err(LandError::Prepare(_))), "{wrong:?}");
    assert!(matches!(again, Ok(Landed::Nothing { .. })), "{again:?}");
    let commits: Vec<String> = [first, second, third]
        .iter()
        .map(|outcome| match outcome {
            Ok(Landed::Commit { commit, .. }) => commit.to_string(),
            other => panic!("{other:?}"),
        })
        .collect();
    let log = site.git(&["log", "--reverse", "--format=%H", "-3", "main"]);
    assert_eq!(log.lines().collect::<Vec<_>>(), commits, "one commit each, in their order");
    assert_eq!(site.log("main"), ["release api-3", "release api-2", "release api-1", "first"]);
    let pushes = fs::read_to_string(site.bare().join("pushes")).unwrap();
    assert_eq!(pushes.lines().count(), 1, "one push for all: {pushes}");
    let outcomes = land_several(&site, &["api-1", "api-2"]);
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Ok(Landed::Nothing { .. }))), "{outcomes:?}");
}

#[test]
fn what_the_server_refuses_of_one_does_not_spoil_the_others() {
    let site = Site::new();
    let hook = "while read old new name; do\n\
        if git log --format=%s $old..$new | grep -q api-2; then echo 'api-2 is frozen' >&2; exit 1; fi\ndone";
    site.hook("pre-receive", hook);
    let outcomes = land_several(&site, &["api-1", "api-2", "api-3"]);
    let [first, refused, third] = outcomes.as_slice() else { panic!("{outcomes:?}") };
    assert!(matches!(first, Ok(Landed::Commit { .. })), "{first:?}");
    assert!(matches!(third, Ok(Landed::Commit { .. })), "{third:?}");
    let Err(LandError::Rejected(words)) = refused else { panic!("{refused:?}") };
    assert_eq!(words, "pre-receive hook declined\napi-2 is frozen");
    assert_eq!(site.log("main"), ["release api-3", "release api-1", "first"]);
}

/// Every API of a list is released once, and nothing else happened.
fn all_landed(site: &Site, count: usize) {
    let log = site.log("main");
    let released: BTreeSet<String> = log.iter().filter(|subject| *subject != "first").cloned().collect();
    let expected: BTreeSet<String> = (0..count).map(|api| format!("release api-{api}")).collect();
    assert_eq!(released, expected);
    assert_eq!(log.len(), count + 1);
    for api in 0..count {
        assert_eq!(
            site.file(&format!("onboarding/api-{api}/metadata.yaml")),
            format!("name: api-{api}\nreleased")
        );
    }
    site.git(&["fsck", "--strict"]);
}

#[test]
fn many_threads_all_land() {
    let site = Site::new();
    let server = Server::start(site.temp.path(), None, |_| Reply::Serve);
    let url = server.url("", "r.git");
    std::thread::scope(|scope| {
        for api in 0..16 {
            let url = &url;
            scope.spawn(move || {
                let outcome = land_one(url, &format!("api-{api}"), plenty());
                assert!(matches!(outcome, Ok(Landed::Commit { .. })), "{outcome:?}");
            });
        }
    });
    all_landed(&site, 16);
}

/// Starts this test binary with one test, which finds in its environment what it is to do.
pub(super) fn worker(test: &str, variables: &[(&str, &str)]) -> Child {
    let mut command = Command::new(std::env::current_exe().expect("a test has a file"));
    command.args(["--exact", test, "--nocapture"]).envs(variables.iter().copied());
    command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().expect("a test can be started")
}

#[test]
fn many_processes_all_land_in_one_repository() {
    // As a process of its own: one change on the branch of a clone.
    if let Some(clone) = std::env::var_os("ONRAMP_TEST_CLONE") {
        let (api, seen) = (std::env::var("ONRAMP_TEST_API").unwrap(), Cell::new(0));
        let repo = Repo::discover(Path::new(&clone)).unwrap();
        let outcome = land::local(&repo, "main", plenty(), &mut release(&api, &seen));
        assert!(matches!(outcome, Ok(Landed::Commit { .. })), "{outcome:?}");
        return;
    }
    let site = Site::new();
    let clone = site.clone("clone", &site.bare().to_string_lossy());
    let path = clone.to_string_lossy();
    let test = "land::loops::many_processes_all_land_in_one_repository";
    let workers: Vec<Child> = (0..16)
        .map(|api| worker(test, &[("ONRAMP_TEST_CLONE", &path), ("ONRAMP_TEST_API", &format!("api-{api}"))]))
        .collect();
    for mut worker in workers {
        assert!(worker.wait().unwrap().success());
    }
    git(&clone, &["push", "--quiet", "origin", "main"]);
    all_landed(&site, 16);
}
