//! Single changes over each transport, and whatever servers say to them.

use std::cell::Cell;
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use onramp::git::{Remote, RemoteError, Repo, Scratch};
use onramp::land::{self, At, LandError, Landed, Target};

use super::server::{Reply, Server};
use super::{
    MAIN, SETTINGS, Site, git, land_one, nothing, plenty, release, scratch, scratch_at, seconds,
    somebody_else, tries,
};

#[test]
fn a_path_with_filters_and_without() {
    let site = Site::new();
    let bare = site.bare();
    for (api, filters) in [("api-1", "true"), ("api-2", "false")] {
        site.git(&["config", "uploadpack.allowFilter", filters]);
        let mut scratch = scratch(&bare.to_string_lossy());
        let (directory, seen) = (format!("onboarding/{api}"), Cell::new(0));
        let mut release = release(api, &seen);
        let mut at = At::Scratch(&mut scratch);
        let landed = land::remote(&mut at, MAIN, plenty(), &[&directory], &mut release).unwrap();
        let Landed::Commit { commit, onto, tries, .. } = landed else { panic!("nothing landed") };
        assert_eq!(site.git(&["rev-parse", "main"]), commit.to_string());
        assert_eq!(site.git(&["rev-parse", "main~1"]), onto.to_string());
        assert_eq!(tries, 1);
        assert_eq!(site.file(&format!("onboarding/{api}/metadata.yaml")), format!("name: {api}\nreleased"));
        assert_eq!(
            site.git(&["diff", "--name-only", "main~1", "main"]),
            format!("onboarding/{api}/metadata.yaml")
        );
        assert_eq!(
            site.git(&["log", "-1", "--format=%an <%ae>, %cn", "main"]),
            "Pipeline <ci@acme.example>, Test"
        );

        let neighbour =
            scratch.repo().tree(&onto.to_string()).unwrap().read("onboarding/api-9/metadata.yaml", 99);
        assert_eq!(neighbour.is_err(), filters == "true", "only what is wanted comes");
        let landed =
            land::remote(&mut At::Scratch(&mut scratch), MAIN, plenty(), &[&directory], &mut release);
        assert_eq!(nothing(landed), commit);
    }
}

#[test]
fn servers_that_know_less_are_asked_for_less() {
    // No filter by depth, no filter by size, none at all, and no objects but those of branches.
    let settings = [
        ("uploadpackfilter.tree.allow", "false", "2"),
        ("uploadpackfilter.tree.maxDepth", "1", "2"),
        ("uploadpackfilter.blob:limit.allow", "false", "2"),
        ("uploadpackfilter.allow", "false", "2"),
        ("uploadpack.allowFilter", "true", "0"),
    ];
    for (number, (key, value, protocol)) in settings.into_iter().enumerate() {
        let site = Site::new();
        site.git(&["config", key, value]);
        let server = Server::start(site.temp.path(), None, |_| Reply::Serve);
        let remote = Remote::url(&server.url("", "r.git"), Path::new("/")).unwrap();
        let settings = [&SETTINGS[..], &[("protocol.version", protocol)]].concat();
        let mut scratch = Scratch::new(&remote, "", &settings).unwrap();
        let (api, seen) = (format!("api-{number}"), Cell::new(0));
        let (directory, mut at) = (format!("onboarding/{api}"), At::Scratch(&mut scratch));
        let outcome = land::remote(&mut at, MAIN, plenty(), &[&directory], &mut release(&api, &seen));
        assert_eq!(tries(&outcome), 1, "{key}: {outcome:?}");
        assert_eq!(site.file(&format!("{directory}/metadata.yaml")), format!("name: {api}\nreleased"));
        // And once more, with what is there already.
        somebody_else(&site.bare(), "main");
        let (directory, mut at) = ("onboarding/api-9", At::Scratch(&mut scratch));
        let outcome = land::remote(&mut at, MAIN, plenty(), &[directory], &mut release("api-9", &seen));
        assert_eq!(tries(&outcome), 1, "{key}: {outcome:?}");
        assert_eq!(site.log("main").len(), 4);
    }
}

#[test]
fn wanted_paths_may_lie_anywhere() {
    let site = Site::with(&[], "config/eu");
    let mut scratch = scratch_at(&site.bare().to_string_lossy(), "config/eu/");
    let wanted = [
        "config/eu/onboarding/api-3/overlays/prod",
        "config/eu/onboarding/api-4",
        "config/eu/platform.yaml",
        "config/eu/onboarding/nobody",
        "nowhere/at/all",
        "config/eu/platform.yaml/below",
    ];
    let tip = scratch.fetch("main", &wanted, plenty().until).unwrap();
    let tree = scratch.repo().tree(&tip.to_string()).unwrap();
    let read = |path: &str| tree.read(path, 99).map(|text| text.map(|text| String::from_utf8(text).unwrap()));
    assert_eq!(read("onboarding/api-3/overlays/prod/kustomization.yaml").unwrap().unwrap(), "name: api-3\n");
    assert_eq!(read("onboarding/api-4/overlays/prod/kustomization.yaml").unwrap().unwrap(), "name: api-4\n");
    assert_eq!(read("platform.yaml").unwrap().unwrap(), "platform\n");
    assert_eq!(read("onboarding/nobody/metadata.yaml").unwrap(), None);
    assert!(read("onboarding/api-5/metadata.yaml").is_err());
    // A directory of which the list is there already, and nothing below it.
    let tip = scratch.fetch("main", &["config/eu/onboarding/api-4", "config"], plenty().until).unwrap();
    let tree = scratch.repo().tree(&tip.to_string()).unwrap();
    for api in 0..20 {
        assert!(
            tree.read(&format!("onboarding/api-{api}/overlays/prod/kustomization.yaml"), 99)
                .unwrap()
                .is_some()
        );
    }

    let seen = Cell::new(0);
    let (mut at, wanted) = (At::Scratch(&mut scratch), ["config/eu/onboarding/api-5"]);
    land::remote(&mut at, MAIN, plenty(), &wanted, &mut release("api-5", &seen)).unwrap();
    assert_eq!(site.file("config/eu/onboarding/api-5/metadata.yaml"), "name: api-5\nreleased");
    assert_eq!(
        site.git(&["ls-tree", "-r", "--name-only", "main"]).lines().count(),
        41,
        "nothing else is lost"
    );
}

#[test]
fn objects_named_by_sha256() {
    let site = Site::with(&["--object-format=sha256"], "");
    let landed = land_one(&site.bare().to_string_lossy(), "api-1", plenty()).unwrap();
    let Landed::Commit { commit, .. } = landed else { panic!("nothing landed") };
    assert_eq!(site.git(&["rev-parse", "main"]), commit.to_string());
    assert_eq!(commit.to_string().len(), 64);
}

#[test]
fn http_with_a_password() {
    let site = Site::new();
    let server = Server::start(site.temp.path(), Some("me:right-one"), |_| Reply::Serve);
    land_one(&server.url("me:right-one", "r.git"), "api-1", plenty()).unwrap();
    assert_eq!(site.log("main"), ["release api-1", "first"]);

    for user in ["me:wrong-one", ""] {
        let error = land_one(&server.url(user, "r.git"), "api-2", plenty()).unwrap_err();
        let LandError::Remote(remote) = &error else { panic!("{error:?}") };
        assert!(matches!(**remote, RemoteError::Authentication { .. }), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("wrong-one"), "{error:?}");
    }
    assert_eq!(site.log("main").len(), 2);
}

#[test]
fn the_git_protocol() {
    let site = Site::new();
    // Nobody else takes a port that was free a moment ago, or the server says so and the next one is taken.
    let (mut daemon, url) = (0..10)
        .find_map(|_| {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let mut command = Command::new("git");
            command.args([
                "daemon",
                "--listen=127.0.0.1",
                &format!("--port={port}"),
                "--export-all",
                "--reuseaddr",
            ]);
            command.args(["--enable=receive-pack", &format!("--base-path={}", site.temp.path().display())]);
            command.stderr(Stdio::null()).stdin(Stdio::null());
            // It leads a group, so that the process that serves goes with the one that was started.
            std::os::unix::process::CommandExt::process_group(&mut command, 0);
            let mut child = command.spawn().unwrap();
            loop {
                if child.try_wait().unwrap().is_some() {
                    return None;
                }
                if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
                    return Some((child, format!("git://127.0.0.1:{port}/r.git")));
                }
                std::thread::yield_now();
            }
        })
        .expect("a daemon can be started");
    let landed = land_one(&url, "api-1", plenty());
    let ended = Command::new("kill").args(["--", &format!("-{}", daemon.id())]).status();
    daemon.wait().unwrap();
    assert!(ended.unwrap().success());
    landed.unwrap();
    assert_eq!(site.log("main"), ["release api-1", "first"]);
}

#[test]
fn a_server_that_refuses_is_not_asked_again() {
    for (hook, reason) in [("pre-receive", "pre-receive hook declined"), ("update", "hook declined")] {
        let site = Site::new();
        site.hook(hook, "printf '\\033[31mno releases\\033[0m on Friday\\n' >&2; exit 1");
        let pushes = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&pushes);
        let server = Server::start(site.temp.path(), None, move |request| {
            counted.fetch_add(u32::from(request.pushes()), Ordering::SeqCst);
            Reply::Serve
        });
        let error = land_one(&server.url("", "r.git"), "api-1", plenty()).unwrap_err();
        let LandError::Rejected(words) = error else { panic!("{error:?}") };
        assert!(words.starts_with(&format!("{reason}\nno releases on Friday")), "{words:?}");
        assert_eq!(pushes.load(Ordering::SeqCst), 1);
        assert_eq!(site.log("main"), ["first"]);
    }
}

#[test]
fn a_race_is_lost_and_tried_again() {
    // Between fetch and push, and between what the server told and what it is asked for.
    for step in 0..2 {
        let site = Site::new();
        let (bare, lost) = (site.bare(), AtomicU32::new(0));
        let server = Server::start(site.temp.path(), None, move |request| {
            let now = if step == 0 { request.asks_to_push() } else { request.pushes() };
            if now && lost.fetch_add(1, Ordering::SeqCst) < 2 {
                somebody_else(&bare, "main");
            }
            Reply::Serve
        });
        let outcome = land_one(&server.url("", "r.git"), "api-1", plenty());
        assert_eq!(tries(&outcome), 3, "{outcome:?}");
        assert_eq!(site.log("main"), ["release api-1", "somebody else", "somebody else", "first"]);
    }
}

#[test]
fn a_branch_that_went_back_is_no_fast_forward() {
    let site = Site::new();
    somebody_else(&site.bare(), "main");
    let (bare, reset) = (site.bare(), AtomicU32::new(0));
    let server = Server::start(site.temp.path(), None, move |request| {
        if request.asks_to_push() && reset.fetch_add(1, Ordering::SeqCst) == 0 {
            git(&bare, &["update-ref", "refs/heads/main", "main~1"]);
        }
        Reply::Serve
    });
    let outcome = land_one(&server.url("", "r.git"), "api-1", plenty());
    assert_eq!(tries(&outcome), 2, "{outcome:?}");
    assert_eq!(site.log("main"), ["release api-1", "first"], "what was taken back does not come back");
}

#[test]
fn what_arrived_is_found_after_the_connection_broke() {
    // Alone, and with commits of somebody else on top of it.
    for on_top in [0, 3] {
        let site = Site::new();
        let (bare, pushes) = (site.bare(), Arc::new(AtomicU32::new(0)));
        let counted = Arc::clone(&pushes);
        let server = Server::start(site.temp.path(), None, move |request| {
            if request.pushes() {
                counted.fetch_add(1, Ordering::SeqCst);
                return Reply::Cut;
            }
            // The first fetch of after the push.
            if counted.load(Ordering::SeqCst) == 1
                && git(&bare, &["log", "-1", "--format=%s", "main"]) == "release api-1"
            {
                (0..on_top).for_each(|_| somebody_else(&bare, "main"));
            }
            Reply::Serve
        });
        let outcome = land_one(&server.url("", "r.git"), "api-1", plenty());
        assert_eq!(tries(&outcome), 1, "{outcome:?}");
        assert_eq!(pushes.load(Ordering::SeqCst), 1);
        let log = site.log("main");
        assert_eq!(log.iter().filter(|subject| *subject == "release api-1").count(), 1, "{log:?}");
        assert_eq!(log.len(), 2 + on_top, "{log:?}");
        let Ok(Landed::Commit { commit, .. }) = outcome else { panic!("{outcome:?}") };
        assert_eq!(site.git(&["rev-parse", &format!("main~{on_top}")]), commit.to_string());
    }
}

#[test]
fn what_did_not_arrive_is_sent_again() {
    let site = Site::new();
    let pushes = AtomicU32::new(0);
    let server = Server::start(site.temp.path(), None, move |request| {
        let refused = request.pushes() && pushes.fetch_add(1, Ordering::SeqCst) < 2;
        if refused { Reply::Status(502) } else { Reply::Serve }
    });
    let outcome = land_one(&server.url("", "r.git"), "api-1", plenty());
    assert_eq!(tries(&outcome), 3, "{outcome:?}");
    assert_eq!(site.log("main"), ["release api-1", "first"]);
}

#[test]
fn a_server_that_is_not_well_is_waited_for() {
    let site = Site::new();
    let asked = AtomicU32::new(0);
    let server = Server::start(site.temp.path(), None, move |_| {
        if asked.fetch_add(1, Ordering::SeqCst) < 2 { Reply::Status(503) } else { Reply::Serve }
    });
    let outcome = land_one(&server.url("", "r.git"), "api-1", plenty());
    assert_eq!(tries(&outcome), 3, "{outcome:?}");

    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let error = land_one(&format!("http://127.0.0.1:{port}/r.git"), "api-1", seconds(5)).unwrap_err();
    let LandError::Spent { tries, last: Some(last), unknown: false } = error else { panic!("{error:?}") };
    assert!(tries > 1 && last.contains("cannot be reached"), "{tries}: {last}");
}

#[test]
fn a_server_that_says_nothing_is_left() {
    let site = Site::new();
    let silent = Server::start(site.temp.path(), None, |_| Reply::Hang);
    let error = land_one(&silent.url("", "r.git"), "api-1", seconds(1)).unwrap_err();
    assert!(matches!(error, LandError::Spent { tries: 1, unknown: false, .. }), "{error:?}");

    let halfway =
        Server::start(
            site.temp.path(),
            None,
            |request| if request.pushes() { Reply::Hang } else { Reply::Serve },
        );
    let error = land_one(&halfway.url("", "r.git"), "api-1", seconds(12)).unwrap_err();
    assert!(matches!(error, LandError::Spent { unknown: true, .. }), "{error:?}");
    assert_eq!(site.log("main"), ["first"]);
}

#[test]
fn what_is_not_there_is_said_at_once() {
    let site = Site::new();
    let url = site.bare().to_string_lossy().into_owned();
    let remote = |outcome| match outcome {
        Err(LandError::Remote(error)) => error,
        other => panic!("{other:?}"),
    };
    let error = remote(land_one(&site.path("none.git").to_string_lossy(), "api-1", plenty()));
    assert!(matches!(*error, RemoteError::Failed { .. }), "{error:?}");
    let (mut scratch, seen) = (scratch(&url), Cell::new(0));
    let target = Target { branch: "none", from: None };
    let error = remote(land::remote(
        &mut At::Scratch(&mut scratch),
        target,
        plenty(),
        &[],
        &mut release("api-1", &seen),
    ));
    assert!(matches!(*error, RemoteError::NoBranch { .. }), "{error:?}");
    assert_eq!(seen.get(), 0);
    let target = Target { branch: "--mirror", from: None };
    let error = remote(land::remote(
        &mut At::Scratch(&mut scratch),
        target,
        plenty(),
        &[],
        &mut release("api-1", &seen),
    ));
    assert!(matches!(*error, RemoteError::Branch { .. }), "{error:?}");
    assert!(matches!(land_one(&url, "nobody", plenty()), Err(LandError::Prepare(_))));
}

#[test]
fn a_branch_of_its_own_is_made_once() {
    let site = Site::new();
    let url = site.bare().to_string_lossy().into_owned();
    let target = Target { branch: "onramp/api-1", from: Some("main") };
    let run = || {
        let (mut scratch, seen) = (scratch(&url), Cell::new(0));
        let wanted = ["onboarding/api-1"];
        land::remote(&mut At::Scratch(&mut scratch), target, plenty(), &wanted, &mut release("api-1", &seen))
    };
    let Ok(Landed::Commit { commit, .. }) = run() else { panic!("nothing landed") };
    assert_eq!(site.log("onramp/api-1"), ["release api-1", "first"]);
    assert_eq!(site.log("main"), ["first"]);
    assert_eq!(nothing(run()), commit);
}

#[test]
fn a_clone_pushes_to_what_it_has_configured() {
    let site = Site::new();
    let (bare, lost) = (site.bare(), AtomicU32::new(0));
    let server = Server::start(site.temp.path(), Some("me:right-one"), move |request| {
        if request.asks_to_push() && lost.fetch_add(1, Ordering::SeqCst) == 0 {
            somebody_else(&bare, "main");
        }
        Reply::Serve
    });
    let clone = site.clone("clone", &server.url("me:right-one", "r.git"));
    let before = git(&clone, &["rev-parse", "HEAD"]);
    let repo = Repo::discover(&clone).unwrap();
    let remote = Remote::named(&repo, "origin").unwrap();
    assert!(!remote.shown().contains("right-one"), "{}", remote.shown());
    let seen = Cell::new(0);
    let outcome =
        land::remote(&mut At::Clone(&repo, &remote), MAIN, plenty(), &[], &mut release("api-1", &seen));
    assert_eq!(tries(&outcome), 2, "{outcome:?}");
    assert_eq!(site.log("main"), ["release api-1", "somebody else", "first"]);
    assert_eq!(git(&clone, &["rev-parse", "origin/main"]), site.git(&["rev-parse", "main"]));
    assert_eq!(git(&clone, &["rev-parse", "HEAD"]), before, "its own branch is another matter");
    assert_eq!(git(&clone, &["status", "--porcelain"]), "");

    for wrong in ["nobody", "--upload-pack=x", ""] {
        assert!(matches!(Remote::named(&repo, wrong), Err(RemoteError::Invalid { .. })), "{wrong}");
    }
    let marker = site.path("marker");
    git(&clone, &["config", "remote.origin.url", &format!("ext::touch {}", marker.display())]);
    assert!(matches!(Remote::named(&repo, "origin"), Err(RemoteError::Invalid { .. })));
    assert!(!marker.exists());
    let elsewhere = Remote::url(&site.bare().to_string_lossy(), Path::new("/")).unwrap();
    assert!(matches!(repo.fetch(&elsewhere, "main", plenty().until), Err(RemoteError::Invalid { .. })));
}

#[test]
fn no_hook_of_this_side_runs() {
    let site = Site::new();
    let clone = site.clone("clone", &site.bare().to_string_lossy());
    let marker = site.path("marker");
    for hook in ["pre-push", "reference-transaction", "post-commit", "pre-commit"] {
        use std::os::unix::fs::PermissionsExt as _;
        let path = clone.join(".git/hooks").join(hook);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, format!("#!/bin/sh\ntouch {}\n", marker.display())).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let repo = Repo::discover(&clone).unwrap();
    let (remote, seen) = (Remote::named(&repo, "origin").unwrap(), Cell::new(0));
    land::remote(&mut At::Clone(&repo, &remote), MAIN, plenty(), &[], &mut release("api-1", &seen)).unwrap();
    assert!(!marker.exists());
    assert_eq!(site.log("main"), ["release api-1", "first"]);
}
