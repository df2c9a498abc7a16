//! `verify-release` where it is meant to run: in the hook of a server, on objects that are not part of it yet.

use std::os::unix::fs::PermissionsExt as _;

use super::{commit, committed, released};
use crate::env::{Env, METADATA, Run};

/// A server, and the clone that pushes to it.
fn served(clone: &Env, arguments: &str) -> Env {
    let server = Env::new();
    server.git(&["init", "--quiet", "--bare", "--initial-branch=main", "repo.git"]);
    let url = server.path("repo.git").display().to_string();
    clone.git(&["remote", "add", "origin", &url]);
    clone.git(&["push", "--quiet", "origin", "main"]);
    let binary = env!("CARGO_BIN_EXE_onramp");
    let hook = format!(
        "#!/bin/sh\nwhile read -r old new ref; do\n  {binary} verify-release {arguments} \"$old..$new\" || exit 1\ndone\n"
    );
    server.write("repo.git/hooks/pre-receive", hook);
    let path = server.path("repo.git/hooks/pre-receive");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))
        .expect("it can be made executable");
    server
}

fn push(clone: &Env, arguments: &[&str]) -> Run {
    clone.try_git(&[&["push", "origin"], arguments].concat(), &[])
}

#[test]
fn a_push_is_looked_at_before_it_is_there() {
    let clone = committed(METADATA);
    let server = served(&clone, "");
    let base = clone.git(&["rev-parse", "HEAD"]).trim().to_owned();
    released(&clone, "2026-02-01", "prod", "v2.1.0");
    let run = push(&clone, &["main"]);
    assert!(run.code == 0 && run.stderr.contains("releases, and nothing else"), "{run}");
    let good = clone.git(&["rev-parse", "HEAD"]).trim().to_owned();
    clone.write("README.md", "x");
    commit(&clone, "2026-02-02", "docs\n");
    released(&clone, "2026-02-03", "prod", "v2.2.0");
    let run = push(&clone, &["main"]);
    assert!(run.code != 0 && run.stderr.contains("no trailers of a release"), "{run}");
    let run = push(&clone, &["HEAD:refs/heads/new"]);
    assert!(run.code != 0 && run.stderr.contains("no trailers of a release"), "{run}");
    // Back to where it was, and to the side, which takes the release back.
    let run = push(&clone, &["--force", &format!("{base}:refs/heads/main")]);
    assert!(run.code != 0 && run.stderr.contains("takes commits back"), "{run}");
    clone.git(&["checkout", "--quiet", "-b", "side", &base]);
    released(&clone, "2026-02-04", "staging", "v2.1.0");
    let run = push(&clone, &["--force", "side:main"]);
    assert!(run.code != 0 && run.stderr.contains("takes commits back"), "{run}");
    // As a branch of its own it only adds a release.
    push(&clone, &["side"]).success();
    let run = push(&clone, &["--delete", "side"]);
    assert!(run.code != 0 && run.stderr.contains("would be deleted"), "{run}");
    assert_eq!(server.git(&["-C", "repo.git", "rev-parse", "main"]).trim(), good);
}

#[test]
fn a_config_repo_below_the_top_is_named() {
    let clone = Env::new();
    let inner = committed(METADATA);
    for (path, bytes) in inner.files() {
        clone.write(&format!("config/{path}"), bytes);
    }
    clone.git(&["init", "--quiet", "--initial-branch=main"]);
    clone.write("README.md", "x");
    commit(&clone, "2026-01-01", "start\n");
    let _server = served(&clone, "--directory config");
    released(&inner, "2026-02-01", "prod", "v2.1.0");
    let message = inner.git(&["log", "-1", "--format=%B"]);
    for (path, bytes) in inner.files() {
        clone.write(&format!("config/{path}"), bytes);
    }
    commit(&clone, "2026-02-01", &format!("{}\n", message.trim_end()));
    push(&clone, &["main"]).success();
    let run = clone.run_in("config", &["verify-release", "HEAD~1..HEAD"]);
    assert!(run.success().contains("ok "));
    released(&inner, "2026-02-02", "prod", "v2.2.0");
    let message = inner.git(&["log", "-1", "--format=%B"]);
    for (path, bytes) in inner.files() {
        clone.write(&format!("config/{path}"), bytes);
    }
    clone.write("README.md", "y");
    commit(&clone, "2026-02-02", &format!("{}\n", message.trim_end()));
    let run = push(&clone, &["main"]);
    assert!(run.code != 0 && run.stderr.contains("`README.md`, outside of the config repo"), "{run}");
}
