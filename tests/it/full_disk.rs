//! A disk that takes nothing more: exit code 3, since nobody who called is at fault, and everything as it was before.
//!
//! A limit on the size of files stands in for it, which needs neither a disk nor rights, and which git meets as well.

use crate::env::{Env, METADATA};
use crate::migration::branches;

const IDENTITY: &[(&str, &str)] = &[
    ("GIT_AUTHOR_NAME", "Ann"),
    ("GIT_AUTHOR_EMAIL", "ann@acme.example"),
    ("GIT_COMMITTER_NAME", "Ann"),
    ("GIT_COMMITTER_EMAIL", "ann@acme.example"),
];

const BUMP: &[&str] =
    &["bump-image", "--api", "payments", "--env", "prod", "--image", "registry.example/apis/payments:v2.1.0"];

/// A rendered and committed config repo, whose server is `server.git` in another directory.
fn committed() -> (Env, Env) {
    let env = Env::with_api(METADATA);
    env.run(&["render"]).success();
    env.git(&["init", "--quiet", "--initial-branch=main"]);
    env.git(&["add", "--all"]);
    env.git(&["commit", "--quiet", "--message=start"]);
    let server = Env::new();
    let place = server.path("server.git");
    let place = place.to_str().expect("it is UTF-8");
    env.git(&["clone", "--quiet", "--bare", ".", place]);
    env.git(&["remote", "add", "origin", place]);
    (env, server)
}

/// Runs a command that has to write, and insists that it fails as the machine's fault and leaves everything as it was. Returns
/// what it said.
#[track_caller]
fn refused(env: &Env, args: &[&str]) -> String {
    let before = (env.files(), head(env));
    let run = env.run_on_full_disk(args, IDENTITY);
    assert_eq!(run.code, 3, "{args:?}: {run}");
    // As the system says it, or git.
    let said = ["File too large", "couldn't write"].iter().any(|words| run.stderr.contains(words));
    assert!(said, "{args:?}: {run}");
    assert!(before == (env.files(), head(env)), "{args:?} left something");
    run.stderr
}

fn head(env: &Env) -> Option<String> {
    env.exists(".git").then(|| env.git(&["for-each-ref"]))
}

#[test]
fn a_release_is_nobodys_mistake() {
    let (env, server) = committed();
    let place = server.path("server.git");
    let place = place.to_str().expect("it is UTF-8");
    let tip = || env.git(&["ls-remote", place]);
    let before = tip();
    let said = refused(&env, BUMP);
    assert!(said.starts_with("error: cannot write to the repository `[ROOT]`: "), "{said}");
    refused(&env, &["restart", "payments", "--env", "prod", "--reason", "stuck"]);
    refused(&env, &[BUMP, &["--push"]].concat());
    refused(&env, &[BUMP, &["--pr-branch"]].concat());
    let said = refused(&env, &[BUMP, &["--remote", place, "--no-queue"]].concat());
    assert!(said.starts_with("error: cannot write to the repository `"), "{said}");
    assert_eq!(tip(), before);
    // With room for it, each of them does it.
    assert_eq!(env.run_with(BUMP, IDENTITY).code, 0);
}

#[test]
fn files_are_written_whole_or_not_at_all() {
    let (env, _server) = committed();
    env.edit("onboarding/payments/metadata.yaml", "LOG_LEVEL: info", "LOG_LEVEL: debug");
    refused(&env, &["render"]);
    refused(&env, &["lint", "--format", "json=report.json"]);
    refused(&env, &["check", "--base", "HEAD", "--format", "markdown=report.md"]);
    refused(&env, &["build", "--all", "--out", "out"]);
    refused(&env, &["hook", "install"]);
    let image = "registry.example/apis/orders:v1.0.0";
    refused(&env, &["new", "orders", "--team", "a", "--email", "a@acme.example", "--image", image]);
    refused(&Env::new(), &["init"]);
}

#[test]
fn a_migration_is_nobodys_mistake() {
    let env = branches::fleet();
    let run = &["migrate", "run", "--branches", "legacy/*", "--quiet"];
    refused(&env, run);
    refused(&env, &[&run[..], &["--commit"]].concat());
    refused(&env, &[&run[..], &["--dry-run", "--format", "html=report.html"]].concat());
}

#[cfg(target_os = "linux")]
#[test]
fn a_device_that_takes_nothing_is_one_as_well() {
    let (env, _server) = committed();
    for args in [&["lint"][..], &["explain"], &["build", "payments", "--env", "prod"]] {
        let run = env.run_into_full_device(args);
        assert_eq!(
            (run.code, &*run.stderr),
            (3, "error: No space left on device (os error 28)\n"),
            "{args:?}"
        );
    }
    let run = env.run(&["lint", "--format", "json=/dev/full"]);
    assert_eq!(run.code, 3, "{run}");
}
