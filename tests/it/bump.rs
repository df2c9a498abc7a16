//! Releases with real repositories: on a branch here, on a remote's branch, by many at once.

use std::process::{Command, Stdio};

use serde_json::Value as Json;

use crate::env::{Env, METADATA, Run};

const NEW: &str = "registry.example/apis/payments:v2.1.0";
/// Who commits: the environment of a run is empty otherwise.
const IDENTITY: &[(&str, &str)] = &[
    ("GIT_AUTHOR_NAME", "Ann"),
    ("GIT_AUTHOR_EMAIL", "ann@acme.example"),
    ("GIT_COMMITTER_NAME", "Ann"),
    ("GIT_COMMITTER_EMAIL", "ann@acme.example"),
];

/// A rendered and committed config repo.
fn committed() -> Env {
    let env = Env::with_api(METADATA);
    env.run(&["render"]).success();
    env.git(&["init", "--quiet", "--initial-branch=main"]);
    env.git(&["add", "--all"]);
    env.git(&["commit", "--quiet", "--message=start"]);
    env
}

/// The same with a bare repository beside it, in `server.git`, as `origin`.
fn with_server() -> Env {
    let env = committed();
    env.git(&["clone", "--quiet", "--bare", ".", "server.git"]);
    env.git(&["remote", "add", "origin", "server.git"]);
    env.write(".git/info/exclude", "server.git\nclone*\nqueue*\n");
    env
}

fn bump(env: &Env, more: &[&str]) -> Run {
    let mut args = vec!["bump-image", "--api", "payments", "--env", "prod"];
    if !more.contains(&"--image") {
        args.extend(["--image", NEW]);
    }
    args.extend(more);
    env.run_with(&args, IDENTITY)
}

fn json(run: &Run) -> Json {
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run}"))
}

/// Returns an image of the tip of a branch of the server.
fn at_server(env: &Env, branch: &str, path: &str) -> String {
    env.git(&["--git-dir=server.git", "show", &format!("{branch}:onboarding/payments/{path}")])
}

#[test]
fn a_release_is_one_commit_on_the_branch_that_is_checked_out() {
    let env = committed();
    let before = env.git(&["rev-parse", "HEAD"]);
    insta::assert_snapshot!(bump(&env, &["--actor", "Ann", "--build-number", "7"]).success().replace(
        &env.git(&["rev-parse", "--short=12", "HEAD"]).trim().to_owned(),
        "[COMMIT]"
    ), @"
    prod: payments/app  registry.example/apis/payments:v2.0.0 -> registry.example/apis/payments:v2.1.0
    Committed [COMMIT] to `main`.
    To take it back: onramp rollback payments --env prod
    ");
    assert_eq!(env.git(&["rev-parse", "HEAD~1"]), before);
    assert_eq!(
        env.git(&["diff", "--name-only", "HEAD~1", "HEAD"]).lines().collect::<Vec<_>>(),
        [
            "onboarding/payments/metadata.yaml",
            "onboarding/payments/overlays/prod/kustomization.yaml",
            "onboarding/payments/releases/prod.yaml"
        ]
    );
    let trailers = env.git(&[
        "log",
        "-1",
        "--format=%(trailers:key=Onramp-New-Image,key=Onramp-Build-Number,valueonly)",
    ]);
    assert_eq!(trailers.lines().filter(|line| !line.is_empty()).collect::<Vec<_>>(), [NEW, "7"]);
    // Again, there is nothing to do.
    let again = json(&bump(&env, &["--format", "json"]));
    assert_eq!((again["outcome"].as_str(), again["commit"].as_str()), (Some("nothing"), None));
    let old = json(&bump(
        &env,
        &["--build-number", "6", "--format", "json", "--image", "registry.example/apis/payments:v3.0.0"],
    ));
    assert_eq!(old["outcome"], "superseded");
}

#[test]
fn what_is_asked_for_in_a_way_that_cannot_be_is_refused_with_words() {
    let env = committed();
    let usage = |args: &[&str], says: &str| {
        let mut all = vec!["bump-image"];
        for (flag, value) in [("--api", "payments"), ("--env", "prod"), ("--image", NEW)] {
            if !args.contains(&flag) {
                all.extend([flag, value]);
            }
        }
        all.extend(args);
        let run = env.run_with(&all, IDENTITY);
        assert_eq!(run.code, 2, "{args:?}: {run}");
        assert!(run.stderr.contains(says), "{args:?}: {run}");
    };
    usage(&["--remote", "--upload-pack=touch x"], "--upload-pack");
    usage(&["--remote=--upload-pack=touch x"], "starts with `-`");
    usage(&["--remote", "ext::sh -c touch% x"], "ext");
    usage(&["--branch", "-x"], "-x");
    usage(&["--actor", "me\nOnramp-New-Image: x"], "the actor");
    usage(&["--api", "../payments"], "cannot be the name");
    usage(&["--image", "registry.example/x:$(id)"], "no image reference");
    usage(&["--timeout", "soon"], "90s");
    // Nobody commits without a name.
    let run = env.run(&["bump-image", "--api", "payments", "--env", "prod", "--image", NEW]);
    assert_eq!(run.code, 2, "{run}");
    assert!(run.stderr.contains("user.name"), "{run}");
    let refused = env.run_with(
        &[
            "bump-image",
            "--api",
            "payments",
            "--env",
            "prod",
            "--image",
            "registry.example/apis/payments:latest",
            "--format",
            "json",
        ],
        IDENTITY,
    );
    assert_eq!(refused.code, 1, "{refused}");
    assert_eq!(json(&refused)["outcome"], "refused");
    env.git(&["checkout", "--quiet", "--detach"]);
    let run = bump(&env, &[]);
    assert!(run.code == 2 && run.stderr.contains("--branch"), "{run}");
    assert_eq!(env.git(&["rev-list", "--count", "--all"]), "1\n");
}

#[test]
fn a_dry_run_writes_nothing() {
    let env = with_server();
    for more in [&["--dry-run"][..], &["--dry-run", "--push"], &["--dry-run", "--remote", "server.git"]] {
        let run = bump(&env, &[more, &["--format", "json"]].concat());
        assert_eq!(json(&run)["outcome"], "planned", "{more:?}");
    }
    assert_eq!(env.git(&["rev-list", "--count", "--all"]), "1\n");
    assert_eq!(env.git(&["--git-dir=server.git", "rev-list", "--count", "--all"]), "1\n");
}

#[test]
fn a_release_lands_on_a_remote_with_a_checkout_and_without() {
    let env = with_server();
    let queue = env.path("queue").to_string_lossy().into_owned();
    let landed = json(&bump(&env, &["--push", "--queue", &queue, "--format", "json"]));
    assert_eq!(landed["outcome"], "landed");
    assert!(
        at_server(&env, "main", "metadata.yaml")
            .contains("prod: { image: registry.example/apis/payments:v2.1.0 }")
    );
    // The branch here had nothing of its own, and follows.
    assert_eq!(env.git(&["rev-parse", "main"]).trim(), landed["commit"].as_str().unwrap());
    let image = "registry.example/apis/payments:v2.2.0";
    let args = ["--remote", "server.git", "--image", image, "--queue", &queue, "--format", "json"];
    let landed = json(&bump(&env, &args));
    assert_eq!((landed["outcome"].as_str(), landed["remote"].as_str().is_some()), (Some("landed"), true));
    assert!(at_server(&env, "main", "releases/prod.yaml").contains(image));
    assert_eq!(env.git(&["--git-dir=server.git", "rev-list", "--count", "main"]), "3\n");
    let back = env.run_with(
        &["rollback", "payments", "--env", "prod", "--remote", "server.git", "--queue", &queue],
        IDENTITY,
    );
    assert!(back.success().contains("v2.2.0 -> registry.example/apis/payments:v2.1.0"));
}

#[test]
fn those_of_a_machine_meet_without_being_told_where() {
    let env = with_server();
    std::fs::create_dir(env.path("clone-tmp")).expect("directories can be made");
    let place = env.path("clone-tmp").to_string_lossy().into_owned();
    let args = ["bump-image", "--remote", "server.git", "--api", "payments", "--env", "prod", "--image", NEW];
    env.run_with(&args, &[IDENTITY, &[("TMPDIR", place.as_str())]].concat()).success();
    let below = |path: &str, start: &str| {
        let entries = std::fs::read_dir(env.path(path)).expect("directories can be listed");
        let names = entries.map(|entry| entry.expect("entries can be read").file_name());
        names.map(|name| name.to_string_lossy().into_owned()).find(|name| name.starts_with(start))
    };
    let own = below("clone-tmp", "onramp-").expect("the user has a directory");
    assert!(below(&format!("clone-tmp/{own}"), "queue-").is_some(), "it was used");
}

#[test]
fn a_rollback_says_what_it_leaves_as_it_is() {
    let env = committed();
    bump(&env, &[]).success();
    let back = || env.run_with(&["rollback", "payments", "--env", "prod"], IDENTITY);
    env.edit("onboarding/payments/metadata.yaml", "LOG_LEVEL: info", "LOG_LEVEL: debug");
    env.run(&["render"]).success();
    env.git(&["commit", "--quiet", "--all", "--message=more words"]);
    let run = back();
    assert_eq!(run.code, 0, "{run}");
    assert!(
        run.stderr.contains("stays: Deployment payments: ") && run.stderr.contains("env[LOG_LEVEL]"),
        "{run}"
    );
    // Where nothing else changed nothing is said.
    bump(&env, &["--image", "registry.example/apis/payments:v2.3.0"]).success();
    let run = back();
    assert!(run.code == 0 && !run.stderr.contains("stays"), "{run}");
}

#[test]
fn a_pull_request_has_one_branch_however_often_it_is_asked_for() {
    let env = with_server();
    let platform = env.read("platform.yaml");
    env.write("platform.yaml", platform.replace("  prod:\n", "  prod:\n    release: pull-request\n"));
    env.git(&["add", "--all"]);
    env.git(&["commit", "--quiet", "--message=by pull request"]);
    env.git(&["push", "--quiet", "origin", "main"]);
    let refused = bump(&env, &["--push"]);
    assert_eq!(refused.code, 1, "{refused}");
    assert!(refused.stderr.contains("--pr-branch"), "{refused}");
    let first = json(&bump(&env, &["--pr-branch", "--format", "json"]));
    assert_eq!(first["outcome"], "pr");
    let branch = first["branch"].as_str().expect("it is named").to_owned();
    assert!(branch.starts_with("onramp/payments-prod-"), "{branch}");
    let again = json(&bump(&env, &["--pr-branch", "--format", "json"]));
    assert_eq!(
        (again["outcome"].as_str(), again["branch"].as_str()),
        (Some("nothing"), Some(branch.as_str()))
    );
    assert!(at_server(&env, &branch, "metadata.yaml").contains(NEW));
    assert!(!at_server(&env, "main", "metadata.yaml").contains(NEW));
}

#[test]
fn a_hook_of_the_server_says_no_in_its_own_words() {
    let env = with_server();
    env.write(
        "server.git/hooks/pre-receive",
        "#!/bin/sh\necho 'releases are closed on Fridays' >&2\nexit 1\n",
    );
    Command::new("chmod").arg("+x").arg(env.path("server.git/hooks/pre-receive")).status().expect("it runs");
    let run = bump(&env, &["--remote", "server.git", "--no-queue", "--timeout", "20s"]);
    assert_eq!(run.code, 3, "{run}");
    assert!(run.stderr.contains("releases are closed on Fridays"), "{run}");
}

#[test]
fn a_request_is_applied_once() {
    let env = committed();
    env.write(
        "requests/r-1.yaml",
        format!(
            "apiVersion: onramp/v1\nreason: refunds\nreleases:\n- {{ api: payments, environment: staging, image: \"{NEW}\" }}\n\
             - {{ api: payments, environment: prod, image: \"{NEW}\" }}\n"
        ),
    );
    env.git(&["add", "--all"]);
    env.git(&["commit", "--quiet", "--message=ask"]);
    let apply = || {
        json(&env.run_with(&["bump-image", "--request", "requests/r-1.yaml", "--format", "json"], IDENTITY))
    };
    let landed = apply();
    assert_eq!(
        (landed["outcome"].as_str(), landed["changes"].as_array().map(Vec::len)),
        (Some("landed"), Some(2))
    );
    let files = env.git(&["diff", "--name-status", "--no-renames", "HEAD~1", "HEAD"]);
    assert!(files.contains("D\trequests/r-1.yaml") && files.contains("A\trequests/done/r-1.yaml"), "{files}");
    env.git(&["checkout", "--quiet", "HEAD~1", "--", "requests/r-1.yaml"]);
    assert_eq!(apply()["outcome"], "nothing");
    env.write(
        "bad.yaml",
        "apiVersion: onramp/v1\nreleases: [{ api: payments, environment: prod, image: x, replicas: 7 }]\n",
    );
    let run = env.run_with(&["bump-image", "--request", "bad.yaml"], IDENTITY);
    assert!(run.code == 2 && run.stderr.contains("replicas"), "{run}");
    // Of two images nobody can say which was meant.
    let before = env.git(&["rev-parse", "HEAD"]);
    env.write(
        "twice.yaml",
        format!(
            "apiVersion: onramp/v1\nreleases:\n- api: payments\n  environment: prod\n  image: {NEW}\n  image: {NEW}-rc.2\n"
        ),
    );
    let run = env.run_with(&["bump-image", "--request", "twice.yaml"], IDENTITY);
    assert!(run.code == 2 && run.stderr.contains("the key `image` is written twice"), "{run}");
    assert_eq!(env.git(&["rev-parse", "HEAD"]), before);
}

/// Runs many at once, and waits for all of them.
fn all_at_once(env: &Env, args: impl Fn(usize) -> Vec<String>, count: usize) -> Vec<Run> {
    let spawn = |at: usize| {
        Command::new(env!("CARGO_BIN_EXE_onramp"))
            .args(args(at))
            .current_dir(env.root())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .envs(IDENTITY.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it runs")
    };
    let children: Vec<_> = (0..count).map(spawn).collect();
    let finish = |child: std::process::Child| {
        let output = child.wait_with_output().expect("it ends");
        Run {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    };
    children.into_iter().map(finish).collect()
}

#[test]
fn many_at_once_all_land_and_the_newest_build_stays() {
    let env = with_server();
    let queue = env.path("queue").to_string_lossy().into_owned();
    let args = |at: usize| {
        // Half of them meet in the queue, the others are as if on machines of their own; no order of arrival.
        let build = (at * 5) % 8 + 1;
        let mut args = vec![
            "bump-image",
            "--remote",
            "server.git",
            "--api",
            "payments",
            "--env",
            "prod",
            "--timeout",
            "240s",
        ];
        if at.is_multiple_of(2) {
            args.extend(["--queue", &queue]);
        } else {
            args.push("--no-queue");
        }
        let mut args: Vec<String> = args.into_iter().map(str::to_owned).collect();
        args.extend(["--build-number".to_owned(), build.to_string()]);
        args.extend(["--image".to_owned(), format!("registry.example/apis/payments:b{build}")]);
        args
    };
    for run in all_at_once(&env, args, 8) {
        assert_eq!(run.code, 0, "{run}");
    }
    let record = at_server(&env, "main", "releases/prod.yaml");
    assert!(record.contains("buildNumber: 8") && record.contains("payments:b8"), "{record}");
    assert!(at_server(&env, "main", "overlays/prod/kustomization.yaml").contains("newTag: b8"));
    env.git(&["--git-dir=server.git", "fsck", "--strict"]);
}

#[cfg(feature = "registry")]
#[test]
fn a_digest_that_is_given_needs_no_registry_and_one_that_cannot_be_had_changes_nothing() {
    let env = committed();
    let pinned = format!("{NEW}@sha256:{}", "0".repeat(64));
    // The registry of the image does not exist.
    bump(&env, &["--resolve-digest", "--image", &pinned]).success();
    assert!(env.git(&["show", "HEAD:onboarding/payments/metadata.yaml"]).contains(&pinned));

    let head = env.git(&["rev-parse", "HEAD"]);
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let host = nobody.expect("a port is free").to_string();
    env.write("request.yaml", format!(
        "apiVersion: onramp/v1\nreleases:\n- {{ api: payments, environment: prod, image: \"{host}/apis/payments:v3.0.0\" }}\n"
    ));
    let run = env.run_with(&["bump-image", "--resolve-digest", "--request", "request.yaml"], IDENTITY);
    assert_eq!(run.code, 3, "{run}");
    assert!(run.stderr.starts_with(&format!("error: `{host}` cannot be asked\n")), "{run}");
    assert_eq!(env.git(&["rev-parse", "HEAD"]), head);
}

#[cfg(not(feature = "registry"))]
#[test]
fn a_binary_without_the_registry_says_so() {
    let run = bump(&committed(), &["--resolve-digest"]);
    assert_eq!(run.code, 2, "{run}");
    assert!(run.stderr.contains("was built without `--resolve-digest`"), "{run}");
}

#[test]
fn an_image_of_an_extra_resource_lands_as_any_other() {
    let env = Env::with_api(
        &METADATA.replace("prod: {}", "prod: { extraResources: [resources/prod/worker.yaml] }"),
    );
    let file = "onboarding/payments/resources/prod/worker.yaml";
    let worker = |image: &str| {
        format!(
            "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {{ name: worker }}\nspec:\n  serviceName: worker\n  \
             selector: {{ matchLabels: {{ app: w }} }}\n  template:\n    metadata: {{ labels: {{ app: w }} }}\n    spec:\n      \
             containers: [{{ name: work, image: {image} }}]\n"
        )
    };
    env.write(file, worker("registry.example/apis/worker:v1.0.0"));
    env.run(&["render"]).success();
    env.git(&["init", "--quiet", "--initial-branch=main"]);
    env.git(&["add", "--all"]);
    env.git(&["commit", "--quiet", "--message=start"]);
    let new = "registry.example/apis/worker:v1.1.0";
    let landed = json(&bump(&env, &["--image", new, "--deployment", "worker", "--format", "json"]));
    assert_eq!(landed["outcome"], "landed", "{landed:#}");
    let [change] = landed["changes"].as_array().map(Vec::as_slice).unwrap_or_default() else {
        panic!("{landed:#}")
    };
    assert_eq!(
        (&change["deployment"], &change["container"], &change["new"]),
        (&"worker".into(), &"work".into(), &new.into())
    );
    assert_eq!(env.read(file), worker(new));
    assert_eq!(
        env.git(&["diff", "--name-only", "HEAD~1", "HEAD"]).lines().collect::<Vec<_>>(),
        ["onboarding/payments/releases/prod.yaml", file]
    );
    assert_eq!(env.git(&["status", "--porcelain"]), "");
    // Without a checkout what is read of the API is there as well.
    env.git(&["clone", "--quiet", "--bare", ".", "server.git"]);
    env.write(".git/info/exclude", "server.git\nqueue*\n");
    let next = "registry.example/apis/worker:v1.2.0";
    let there = json(&bump(&env, &["--image", next, "--remote", "server.git", "--format", "json"]));
    assert_eq!(there["outcome"], "landed", "{there:#}");
    assert_eq!(at_server(&env, "main", "resources/prod/worker.yaml"), worker(next));
}
